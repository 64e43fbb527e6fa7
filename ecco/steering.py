"""Steering vectors: directions from one kind of text to another, told from the hidden states of examples."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from ecco.errors import ArgumentError, EccoError
from ecco.forward import identity_of
from ecco.interventions import SteeringVector
from ecco.lm import LM
from ecco.naming import is_list, numbered
from ecco.result import visible
from ecco.run import Run

# Which of a text's states are taken.
STATES = ("last", "mean")


def steering_vector(
    lm: LM,
    positive: str | Sequence[str],
    negative: str | Sequence[str],
    layer: int,
    *,
    position: str = "last",
    side: str | None = None,
) -> SteeringVector:
    """The direction from some texts to others after a layer: the difference of their mean hidden states.

    Added to what the layer returns (`lm.intervene(steer=vector)`), it moves what the model writes toward the first texts.
    Texts that differ in one thing alone give the clearest direction.

    Sources: Turner et al. 2023, "Steering Language Models With Activation Engineering", arXiv 2308.10248 (one pair of
    texts); Rimsky et al. 2023, "Steering Llama 2 via Contrastive Activation Addition", arXiv 2312.06681 (the mean over many).

    Args:
        lm: the model.
        positive: a text or several, toward which the vector points.
        negative: a text or several, from which it points away.
        layer: whose output is taken (negative from the end).
        position: which states of a text are taken: that of its `"last"` token, or the `"mean"` over all tokens.
        side: of an encoder-decoder, `"encoder"` or `"decoder"` (default), which has read its start alone, beside the text.

    Returns:
        The vector, (d_model,), in the units of the hidden states.

    Raises:
        ArgumentError: for no text, or a layer, position or side that does not exist.
        EccoError: inside `with lm.intervene(…)`.
        ProofError: if the model's layers cannot be found.
    """
    if position not in STATES:
        raise ArgumentError(f"position={position!r} is not one of {', '.join(map(repr, STATES))}.")
    sides = lm._loaded.sides.values()
    if side is not None and side not in sides:
        raise ArgumentError(f"side={side!r} is no side of this model; it has {', '.join(map(repr, sides))}.")
    positive, negative = _texts(positive, "positive"), _texts(negative, "negative")
    toward, away = (_mean(lm, texts, layer, position, side) for texts in (positive, negative))
    (number,) = numbered(layer, toward[1], "layer", "this model")
    about = f"{_named(positive)} rather than {_named(negative)}"
    return SteeringVector((toward[0] - away[0]).cpu(), number, side, identity_of(lm.model), about)


def _texts(texts: str | Sequence[str], name: str) -> list[str]:
    given = list(texts) if is_list(texts) else [texts]
    found = [text for text in given if isinstance(text, str)]
    if not found or len(found) < len(given):
        raise ArgumentError(f"{name}={texts!r:.80} must be a text or a list of texts.")
    return found


def _mean(lm: LM, texts: list[str], layer: int, position: str, side: str | None) -> tuple[Float[Tensor, "d_model"], int]:
    """The mean state of some texts after a layer, and how many layers there are."""
    states, count = [], 0
    for text in texts:
        hidden = _hidden(lm(text)._one(), side)
        count = len(hidden)
        (number,) = numbered(layer, count, "layer", "this model")
        of_text = hidden[number].float()
        states.append(of_text[-1] if position == "last" else of_text.mean(dim=0))
    return torch.stack(states).mean(dim=0), count


def _hidden(run: Run, side: str | None) -> Float[Tensor, "layer token d_model"]:
    if run.loaded.acts is not None:
        raise EccoError("A steering vector is told from the model as it is; make it outside of `with lm.intervene(…)`.")
    encoder = run.encoder_states() if side == "encoder" and run.reading.kind == "seq2seq" else None
    return run.states().hidden if encoder is None else encoder


def _named(texts: list[str]) -> str:
    first = f"“{visible(texts[0])[:40]}”"
    return first if len(texts) == 1 else f"{first} and {len(texts) - 1} more"
