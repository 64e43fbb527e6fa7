"""Direct logit attribution: what each part of the model added to the logit of a token.

The state behind the last layer is a sum: the embedding, and what the attention and the FFN of every layer wrote
(`ecco.halves`). What follows it is linear once the scale of the final norm is kept at its value in this run, so the logit is
the sum of what the parts give, and of a remainder that no part gives (biases). Source: Elhage et al. 2021, "A Mathematical
Framework for Transformer Circuits".

That the rest of the model is linear is proved at every call: with the scales frozen, a state of zeros and a random state
must give what the gradient says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ecco.beliefs import rank_tokens
from ecco.errors import ProofError
from ecco.forward import tolerance, undisturbed
from ecco.frozen import FrozenNorms
from ecco.halves import adds_up
from ecco.result import Result, context_of, gap_in, significant, text_table, visible
from ecco.run import Run
from ecco.tokens import Token

# By how much, relative to the largest part, the parts may miss the logit in float32.
ERROR = 1e-3

KINDS = ("embedding", "attention", "ffn", "bias")
NAMES = {"embedding": "embedding", "attention": "attention", "ffn": "FFN", "bias": "biases"}


@dataclass(frozen=True, eq=False, repr=False)
class Contributions(Result):
    """What each part of the model added to a logit, or to the difference of two.

    Attributes:
        values: (part,), in logits; they sum to `logit`.
        kinds: (part,), `embedding`, `attention`, `ffn`, or `bias` for what belongs to no part.
        layers: (part,), the layer; -1 for embedding and biases.
        ranks: (part,), the rank of the token (1 is the most likely) if the model ended after this part.
        probabilities: (part,), its probability then, 0..1.
        logit: the logit explained; with `against` the difference of two.
        token: the token explained.
        against: the token whose logit is subtracted, or None.
        position: where.
        context: the tokens before it.
        after: the tokens after it, if the model has read them too.
        vocab_size: how many tokens are ranked.
    """

    values: Float[np.ndarray, "part"]
    kinds: tuple[str, ...]
    layers: tuple[int, ...]
    ranks: Int[np.ndarray, "part"]
    probabilities: Float[np.ndarray, "part"]
    logit: float
    token: Token
    against: Token | None
    position: int
    context: tuple[Token, ...]
    after: tuple[Token, ...]
    vocab_size: int

    @property
    def names(self) -> list[str]:
        """What each part is called."""
        return [
            NAMES[kind] if layer < 0 else f"layer {layer} {NAMES[kind]}"
            for kind, layer in zip(self.kinds, self.layers, strict=True)
        ]

    def _subtitle(self) -> str:
        what = f"the logit of “{visible(self.token.text)}”"
        if self.against is not None:
            what = f"the logit of “{visible(self.token.text)}” minus that of “{visible(self.against.text)}”"
        return f"what each part added to {what}, final norm frozen"

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `contributions`."""
        return {
            "ecco": 1,
            "view": "contributions",
            "title": "Contributions",
            "subtitle": self._subtitle(),
            "note": None,
            **context_of(self.context, self.after),
            "token": self.token.to_dict(),
            "against": None if self.against is None else self.against.to_dict(),
            "position": self.position,
            "parts": [
                {"name": name, "value": value, "rank": int(rank), "probability": probability}
                for name, value, rank, probability in zip(
                    self.names, significant(self.values, 4), self.ranks, significant(self.probabilities), strict=True
                )
            ],
            "logit": significant(np.array(self.logit), 4),
            "vocab_size": self.vocab_size,
        }

    def to_records(self) -> list[dict[str, Any]]:
        """One row per part."""
        return [
            {
                "part": name,
                "kind": self.kinds[k],
                "layer": None if self.layers[k] < 0 else self.layers[k],
                "value": float(self.values[k]),
                "rank": int(self.ranks[k]),
                "probability": float(self.probabilities[k]),
            }
            for k, name in enumerate(self.names)
        ]

    def to_text(self) -> str:
        """A line per part: what it added, the sum so far, and the rank of the token then."""
        sums = np.cumsum(self.values)
        rows = [
            [name, f"{value:+.3f}", f"{total:.3f}", f"{rank:,}"]
            for name, value, total, rank in zip(self.names, self.values, sums, self.ranks, strict=True)
        ]
        where = f"Contributions after “{gap_in(self.context, self.after)}”: {self._subtitle()}"
        return f"{where}\n{text_table([['part', 'adds', 'sum', 'rank'], *rows])}"


def contributions(run: Run, position: int, token_id: int, against_id: int | None) -> Contributions:
    """See `ecco.output.OutputSeq.contributions`."""
    halves, name, n_layers = run.halves, type(run.loaded.model).__name__, len(run.flow.hidden)
    row, hidden = run.reading.row(position), run.flow.hidden
    if not all(adds_up([end], start) for end, start in zip(hidden[:-1], halves.inputs[1:], strict=True)):
        raise ProofError(f"{name}: its layers are not given what those before them returned, so no parts add up to a logit.")
    slope, bias = linear_tail(run, row, token_id, against_id)
    parts = torch.cat([halves.inputs[:1], torch.stack([halves.attention, halves.ffn], dim=1).flatten(0, 1)])
    values = [*(parts.double() * slope.double()).sum(dim=(1, 2)).tolist(), bias]
    stream = parts.double().cumsum(dim=0).to(hidden.dtype)
    ranks, probabilities, _ = rank_tokens(run.readout, stream, [row], [token_id])
    (logits,) = run.readout.chunks(hidden[-1:], [row])
    logit = float(_value(logits[0], token_id, against_id))
    if not abs(sum(values) - logit) <= _bound(run) * max(1.0, *map(abs, values)):
        raise ProofError(
            f"{name}: its parts sum to {sum(values):.4g}, but the logit is {logit:.4g}, so they do not tell what added to it."
        )
    return Contributions(
        values=np.array(values),
        kinds=("embedding", *("attention", "ffn") * n_layers, "bias"),
        layers=(-1, *(layer for layer in range(n_layers) for _ in range(2)), -1),
        ranks=np.append(ranks[:, 0], ranks[-1, 0]),
        probabilities=np.append(probabilities[:, 0], probabilities[-1, 0]),
        logit=logit,
        token=run.explained(position, token_id),
        against=None if against_id is None else run.names.answer(against_id, position),
        position=position,
        context=run.tokens[:position],
        after=run.names.following(position),
        vocab_size=logits.shape[-1],
    )


def linear_tail(run: Run, row: int, token_id: int, against_id: int | None) -> tuple[Float[Tensor, "token d_model"], float]:
    """The logit as a linear function of the last states: slopes, and what states of zeros give.

    Raises:
        ProofError: if it is no such function with the scale of its norm frozen.
    """
    state, frozen, model = run.flow.hidden[-1:].detach().clone(), FrozenNorms(), run.loaded.model

    def read(states: Tensor, gradients: bool = False) -> Float[Tensor, ""]:
        frozen.again()
        with frozen:
            (logits,) = run.readout.chunks(states, [row], gradients=gradients)
        return _value(logits[0], token_id, against_id)

    with undisturbed(model, gradients=True):
        leaf = state.clone().requires_grad_()
        explained = read(leaf, gradients=True)
        (slope,) = torch.autograd.grad(explained, leaf)
    bias = float(read(torch.zeros_like(state)))
    chance = torch.Generator().manual_seed(0)
    other = torch.randn(state.shape, generator=chance).to(state) * state.norm(dim=-1, keepdim=True) / state.shape[-1] ** 0.5
    for states, found in ((state, explained.detach()), (other, read(other))):
        each = slope.double() * states.double()
        if not abs(float(found) - float(each.sum()) - bias) <= _bound(run) * max(1.0, float(each.abs().sum()) + abs(bias)):
            raise ProofError(
                f"{type(model).__name__}: what follows its last layer is not linear, even with its norm frozen (it may cap its "
                "logits or transform the state), so a logit is not the sum of what its parts give."
            )
    return slope[0], bias


def _value(logits: Float[Tensor, "vocab"], token_id: int, against_id: int | None) -> Float[Tensor, ""]:
    """The logit explained, or the difference."""
    value = logits[token_id].double()
    return value if against_id is None else value - logits[against_id].double()


def _bound(run: Run) -> float:
    """By how much parts may miss, as a share of their size."""
    return max(ERROR, tolerance(run.flow.hidden.dtype, run.loaded.model))
