"""Which neurons wrote a token: their direct parts of its logit, and the words that each of them wrote toward.

A neuron adds its value times a direction to the stream: its column of the last matrix of the FFN, behind whatever norm or
factor follows. What that direction adds to the logits, with the final norm's statistics as they were, is the neuron's
part (Geva et al. 2022, "Transformer Feed-Forward Layers Build Predictions by Promoting Concepts in the Vocabulary Space",
arXiv 2203.14680; Elhage et al. 2021 for the frozen norm).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ecco.beliefs import top_of
from ecco.devices import in_double
from ecco.errors import ProofError
from ecco.naming import ids_of
from ecco.rerun import Rerun, bound, same
from ecco.result import Result, context_of, gap_in, significant, text_table, visible
from ecco.run import Run
from ecco.tail import Tail
from ecco.tokens import Token
from ecco.writing import Writing, directions, split_neurons, strongest

# How many words are named for each neuron on either side, and how many of them a text table has room for.
WORDS, WORDS_IN_TEXT = 8, 4


@dataclass(frozen=True, eq=False, repr=False)
class Neurons(Result):
    """The neurons that added most to a logit, or to the difference of two, or took most from it; the largest first.

    Attributes:
        layers: (neuron,), the layer of each.
        numbers: (neuron,), its number there, as in `OutputSeq.activations`.
        activations: (neuron,), what it was where the prediction is read.
        contributions: (neuron,), what it added to the logit directly, in logits.
        raised: (neuron, word), ids of the tokens whose logits it raised most here, the most first.
        lowered: (neuron, word), ids of those whose logits it lowered most.
        raised_by: (neuron, word), by how much, in logits.
        lowered_by: (neuron, word), the same, negative.
        texts: the text of every token in `raised` and `lowered`, by id.
        total: what all neurons together added.
        n_neurons: how many there are.
        logit: the logit explained; with `against` the difference of two.
        token: the token explained.
        against: the token whose logit is subtracted, or None.
        position: where.
        context: the tokens before it.
        after: the tokens after it, if the model has read them too.
    """

    layers: Int[np.ndarray, " neuron"]
    numbers: Int[np.ndarray, " neuron"]
    activations: Float[np.ndarray, " neuron"]
    contributions: Float[np.ndarray, " neuron"]
    raised: Int[np.ndarray, "neuron word"]
    lowered: Int[np.ndarray, "neuron word"]
    raised_by: Float[np.ndarray, "neuron word"]
    lowered_by: Float[np.ndarray, "neuron word"]
    texts: dict[int, str]
    total: float
    n_neurons: int
    logit: float
    token: Token
    against: Token | None
    position: int
    context: tuple[Token, ...]
    after: tuple[Token, ...]

    def _subtitle(self) -> str:
        what = f"the logit of “{visible(self.token.text)}”"
        if self.against is not None:
            what += f" minus that of “{visible(self.against.text)}”"
        return f"what single neurons added to {what}, final norm frozen, and the words that they raised or lowered most"

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `neurons`."""
        return {
            "ecco": 1,
            "view": "neurons",
            "title": "Neurons",
            "subtitle": self._subtitle(),
            "note": f"the {len(self.numbers)} strongest; all {self.n_neurons:,} neurons together added {self.total:+.4g} "
            f"to the {'difference' if self.against else 'logit'} of {self.logit:.4g}",
            **context_of(self.context, self.after),
            "token": self.token.to_dict(),
            "against": None if self.against is None else self.against.to_dict(),
            "position": self.position,
            "neurons": [
                {
                    "layer": int(layer),
                    "number": int(number),
                    "activation": activation,
                    "value": value,
                    "raised": self._words(self.raised[k], self.raised_by[k]),
                    "lowered": self._words(self.lowered[k], self.lowered_by[k]),
                }
                for k, (layer, number, activation, value) in enumerate(
                    zip(
                        self.layers,
                        self.numbers,
                        significant(self.activations),
                        significant(self.contributions, 4),
                        strict=True,
                    )
                )
            ],
        }

    def _words(self, ids: np.ndarray, values: np.ndarray) -> list[dict[str, Any]]:
        found = zip(ids, significant(values), strict=True)
        return [{"text": self.texts[int(i)], "id": int(i), "value": value} for i, value in found]

    def to_records(self) -> list[dict[str, Any]]:
        """One row per neuron."""
        return [
            {
                "layer": int(self.layers[k]),
                "neuron": int(self.numbers[k]),
                "activation": float(self.activations[k]),
                "contribution": float(self.contributions[k]),
                "raised": " ".join(visible(self.texts[int(i)]).strip() for i in self.raised[k]),
                "lowered": " ".join(visible(self.texts[int(i)]).strip() for i in self.lowered[k]),
            }
            for k in range(len(self.numbers))
        ]

    def to_text(self) -> str:
        """A line per neuron: what it added, and the words that it raised and lowered most."""
        rows = [["layer", "neuron", "is", "adds", "raises", "lowers"]]
        for k, number in enumerate(self.numbers):
            words = (self._listed(ids[k][:WORDS_IN_TEXT]) for ids in (self.raised, self.lowered))
            rows.append(
                [str(self.layers[k]), str(number), f"{self.activations[k]:.3g}", f"{self.contributions[k]:+.3f}", *words]
            )
        return f"Neurons after “{gap_in(self.context, self.after)}”: {self._subtitle()}\n{text_table(rows, left=2)}"

    def _listed(self, ids: Sequence[int] | np.ndarray) -> str:
        return " · ".join(visible(self.texts[int(i)]).strip() for i in ids)


def top_neurons(run: Run, position: int, token_id: int, against_id: int | None, topk: int) -> Neurons:
    """See `ecco.output.OutputSeq.neurons`."""
    tail = Tail(run, run.reading.row(position))
    slope, _ = tail.slope(token_id, against_id)
    rerun = Rerun(run, position)
    read = slope.abs().sum(dim=1).nonzero()[:, 0].tolist()
    if len(read) != 1:
        raise ProofError(
            f"{type(run.loaded.model).__name__}: its answer is read from {len(read)} tokens, not from one where a neuron has "
            "one value. Ask contributions(neurons=…), which sums over tokens."
        )
    found, at = split_neurons(rerun, slope), read[0]
    chosen = strongest([one.values for one in found], topk)
    activations = [float(found[layer].neurons[at, number]) for layer, number in chosen]
    effects = tail.effects(_written(rerun, at, found, chosen), at)
    own = effects[:, token_id] - (0 if against_id is None else effects[:, against_id])
    error = bound(run)
    for (layer, number), effect in zip(chosen, own.tolist(), strict=True):
        value = float(found[layer].values[number])
        if not same(error, effect, value):
            raise ProofError(
                f"{type(run.loaded.model).__name__}: neuron {number} of layer {layer} gave {value:.4g} to the logit, but what "
                f"it wrote gives {effect:.4g}, so it is not known what it wrote."
            )
    raised, lowered = top_of(effects, WORDS), top_of(-effects, WORDS)
    before = ids_of(run.tokens[:position])
    ids = {int(i) for i in torch.cat([raised.indices, lowered.indices]).flatten()}
    logit = float(in_double(tail.logits[token_id]) - (0 if against_id is None else in_double(tail.logits[against_id])))
    return Neurons(
        layers=np.array([layer for layer, _ in chosen]),
        numbers=np.array([number for _, number in chosen]),
        activations=np.array(activations),
        contributions=np.array([float(found[layer].values[number]) for layer, number in chosen]),
        raised=raised.indices.cpu().numpy(),
        lowered=lowered.indices.cpu().numpy(),
        raised_by=raised.values.cpu().numpy(),
        lowered_by=-lowered.values.cpu().numpy(),
        texts={i: run.loaded.answer(i, before) for i in sorted(ids)},
        total=sum(float(in_double(one.values).sum()) for one in found),
        n_neurons=sum(len(one.values) for one in found),
        logit=logit,
        token=run.explained(position, token_id),
        against=None if against_id is None else run.names.answer(against_id, position),
        position=position,
        context=run.tokens[:position],
        after=run.names.following(position),
    )


def _written(rerun: Rerun, at: int, found: list[Writing], chosen: list[tuple[int, int]]) -> Float[Tensor, "chosen d_model"]:
    """What each of some neurons wrote; a trial for as many as one layer has."""
    trials: list[dict[int, Tensor]] = []
    places = []
    for layer, number in chosen:
        trial = sum(before == layer for before, _ in chosen[: len(places)])
        if trial == len(trials):
            trials.append({})
        own = found[layer].neurons[at]
        trials[trial][layer] = torch.zeros_like(own)
        trials[trial][layer][number] = own[number]
        places.append((trial, layer))
    wrote = directions(rerun, at, trials)
    return torch.stack([wrote[place] for place in places])
