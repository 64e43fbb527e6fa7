"""Direct logit attribution: what each part of the model added to the logit of a token.

The state behind the last layer is a sum: the embedding, and what the attention and the FFN of every layer wrote
(`ecco.halves`). What follows it is linear once the scale of the final norm is kept at its value in this run, so the logit is
the sum of what the parts give, and of a remainder that no part gives (biases). Source: Elhage et al. 2021, "A Mathematical
Framework for Transformer Circuits".

That the rest of the model is linear is proved at every call (`ecco.tail`). In the same way what an attention wrote is the
sum of what its heads wrote, and what an FFN wrote the sum of what its neurons did (`ecco.heads`, `ecco.writing`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ecco.beliefs import rank_tokens
from ecco.devices import in_double
from ecco.errors import ProofError
from ecco.heads import split_heads
from ecco.rerun import Rerun, bound, given, same
from ecco.result import Result, context_of, gap_in, significant, text_table, visible
from ecco.run import Run
from ecco.tail import Tail
from ecco.tokens import Token
from ecco.writing import split_neurons, strongest

# What a part is called after its layer, if it has one; `{}` is its number.
NAMES = {
    "embedding": "embedding",
    "attention": "attention",
    "head": "head {}",
    "cross head": "cross head {}",
    "ffn": "FFN",
    "neuron": "neuron {}",
    "bias": "biases",
}

# Which half of a block a head or a neuron is part of.
HALVES = {"head": "attention", "cross head": "attention", "neuron": "ffn"}

# How many heads and neurons a figure shows by themselves.
MOST_SHOWN = 24


@dataclass(frozen=True, eq=False, repr=False)
class Contributions(Result):
    """What each part of the model added to a logit, or to the difference of two.

    Attributes:
        values: (part,), in logits; they sum to `logit`.
        kinds: (part,), `embedding`, `attention`, `ffn`, or `bias` for what belongs to no part. Where heads or neurons were
            asked for, `head`, `cross head` (of a decoder, those that look at the source) and `neuron`, and after them
            `attention` and `ffn` for the rest of each: other neurons, and biases.
        layers: (part,), the layer; -1 for embedding and biases.
        numbers: (part,), of the head or neuron in its layer; -1 for others.
        ranks: (part,), the rank of the token (1 is the most likely) if the model ended after this part; of a head or
            neuron, after the whole attention or FFN, which write at once.
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
    numbers: tuple[int, ...]
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
        split = {(HALVES[kind], layer) for kind, layer in zip(self.kinds, self.layers, strict=True) if kind in HALVES}
        names = []
        for kind, layer, number in zip(self.kinds, self.layers, self.numbers, strict=True):
            rest = ", rest" if (kind, layer) in split else ""
            names.append(("" if layer < 0 else f"layer {layer} ") + NAMES[kind].format(number) + rest)
        return names

    def shown(self) -> Contributions:
        """The same, but the weaker of many heads and neurons added to the rest of their layer, as figure and text show it."""
        small = [k for k, kind in enumerate(self.kinds) if kind in HALVES]
        hidden = sorted(small, key=lambda k: -abs(self.values[k]))[MOST_SHOWN:]
        values, at = (
            self.values.copy(),
            {(kind, layer): k for k, (kind, layer) in enumerate(zip(self.kinds, self.layers, strict=True))},
        )
        for k in hidden:
            values[at[HALVES[self.kinds[k]], self.layers[k]]] += values[k]
        kept = [k for k in range(len(values)) if k not in set(hidden)]
        return replace(
            self,
            values=values[kept],
            ranks=self.ranks[kept],
            probabilities=self.probabilities[kept],
            **{name: tuple(getattr(self, name)[k] for k in kept) for name in ("kinds", "layers", "numbers")},
        )

    def _note(self) -> str | None:
        small = sum(kind in HALVES for kind in self.kinds)
        if not small:
            return None
        shown = f"the {MOST_SHOWN} strongest of {small} are shown" if small > MOST_SHOWN else ""
        return "; ".join(filter(None, [shown, "“rest” is what the others of a layer and its biases added"]))

    def _subtitle(self) -> str:
        what = f"the logit of “{visible(self.token.text)}”"
        if self.against is not None:
            what = f"the logit of “{visible(self.token.text)}” minus that of “{visible(self.against.text)}”"
        return f"what each part added to {what}, final norm frozen"

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `contributions`."""
        shown = self.shown()
        return {
            "ecco": 1,
            "view": "contributions",
            "title": "Contributions",
            "subtitle": self._subtitle(),
            "note": self._note(),
            **context_of(self.context, self.after),
            "token": self.token.to_dict(),
            "against": None if self.against is None else self.against.to_dict(),
            "position": self.position,
            "parts": [
                {"name": name, "value": value, "rank": int(rank), "probability": probability}
                for name, value, rank, probability in zip(
                    shown.names, significant(shown.values, 4), shown.ranks, significant(shown.probabilities), strict=True
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
                "number": None if self.numbers[k] < 0 else self.numbers[k],
                "value": float(self.values[k]),
                "rank": int(self.ranks[k]),
                "probability": float(self.probabilities[k]),
            }
            for k, name in enumerate(self.names)
        ]

    def to_text(self) -> str:
        """A line per part: what it added, the sum so far, and the rank of the token then."""
        shown = self.shown()
        rows = [
            [name, f"{value:+.3f}", f"{total:.3f}", f"{rank:,}"]
            for name, value, total, rank in zip(shown.names, shown.values, np.cumsum(shown.values), shown.ranks, strict=True)
        ]
        where = f"Contributions after “{gap_in(self.context, self.after)}”: {self._subtitle()}"
        return f"{where}\n{text_table([['part', 'adds', 'sum', 'rank'], *rows])}"


class _Part(NamedTuple):
    kind: str
    layer: int
    number: int
    value: float


def contributions(
    run: Run, position: int, token_id: int, against_id: int | None, *, heads: bool, n_neurons: int
) -> Contributions:
    """See `ecco.output.OutputSeq.contributions`."""
    halves, name = run.halves, type(run.loaded.model).__name__
    row, hidden = run.reading.row(position), run.flow.hidden
    slope, bias = Tail(run, row).slope(token_id, against_id)
    stream = torch.cat([halves.inputs[:1], torch.stack([halves.attention, halves.ffn], dim=1).flatten(0, 1)])
    values = given(stream, slope).tolist()
    parts = [
        [_Part("embedding", -1, -1, values[0])],
        *([_Part(("attention", "ffn")[k % 2], k // 2, -1, value)] for k, value in enumerate(values[1:])),
        [_Part("bias", -1, -1, bias)],
    ]
    if heads or n_neurons:
        rerun = Rerun(run, position)
        parts[1:-1:2] = _heads(rerun, slope) if heads else parts[1:-1:2]
        parts[2:-1:2] = _neurons(rerun, slope, n_neurons) if n_neurons else parts[2:-1:2]
    flat = [part for group in parts for part in group]
    ranks, probabilities, _ = rank_tokens(run.readout, in_double(stream).cumsum(dim=0).to(hidden), [row], [token_id])
    (logits,) = run.readout.chunks(hidden[-1:], [row])
    logit = float(in_double(logits[0, token_id]) - (0 if against_id is None else in_double(logits[0, against_id])))
    if not same(bound(run), total := sum(part.value for part in flat), logit, values):
        raise ProofError(
            f"{name}: its parts sum to {total:.4g}, but the logit is {logit:.4g}, so they do not tell what added to it."
        )
    after = [min(k, len(ranks) - 1) for k, group in enumerate(parts) for _ in group]
    return Contributions(
        values=np.array([part.value for part in flat]),
        kinds=tuple(part.kind for part in flat),
        layers=tuple(part.layer for part in flat),
        numbers=tuple(part.number for part in flat),
        ranks=ranks[after, 0],
        probabilities=probabilities[after, 0],
        logit=logit,
        token=run.explained(position, token_id),
        against=None if against_id is None else run.names.answer(against_id, position),
        position=position,
        context=run.tokens[:position],
        after=run.names.following(position),
        vocab_size=logits.shape[-1],
    )


def _heads(rerun: Rerun, slope: Float[Tensor, "token d_model"]) -> list[list[_Part]]:
    """The heads of every layer, and the rest of its attention."""
    names = {"cross": "cross head"}
    return [
        [
            *(_Part(names.get(head.kind, "head"), layer, head.number, head.value) for head in found.heads),
            _Part("attention", layer, -1, found.rest),
        ]
        for layer, found in enumerate(split_heads(rerun, slope))
    ]


def _neurons(rerun: Rerun, slope: Float[Tensor, "token d_model"], count: int) -> list[list[_Part]]:
    """The strongest neurons of all layers, and the rest of every FFN."""
    groups = []
    found = split_neurons(rerun, slope)
    chosen = strongest([one.values for one in found], count)
    for layer, one in enumerate(found):
        own = sorted(neuron for n, neuron in chosen if n == layer)
        shown = [_Part("neuron", layer, neuron, float(one.values[neuron])) for neuron in own]
        rest = float(in_double(one.values).sum()) + one.rest - sum(part.value for part in shown)
        groups.append([*shown, _Part("ffn", layer, -1, rest)])
    return groups
