"""What a factor of neurons may mean: the tokens on which it fires, the neurons in it, and the words that it writes toward."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int

from ecco.beliefs import top_of
from ecco.errors import ProofError
from ecco.naming import ids_of
from ecco.rerun import Rerun
from ecco.result import Result, text_table, visible
from ecco.run import Run
from ecco.tail import Tail
from ecco.tokens import Token
from ecco.writing import directions

# How many tokens around an occurrence a text shows, on either side.
AROUND = 5


@dataclass(frozen=True)
class Occurrence:
    """A token that a factor fires on.

    Attributes:
        sequence: the number of its text.
        place: where it stands among the tokens that were read.
        token: the token.
        value: how much of the factor there is.
        before: the tokens before it.
        after: the tokens after it.
    """

    sequence: int
    place: int
    token: Token
    value: float
    before: tuple[Token, ...]
    after: tuple[Token, ...]

    def to_dict(self) -> dict[str, Any]:
        """Its number and its text."""
        texts = {name: "".join(t.text for t in getattr(self, name)) for name in ("before", "after")}
        return {"sequence": self.sequence, "place": self.place, "token": self.token.text, "value": self.value, **texts}


@dataclass(frozen=True)
class Vocabulary:
    """What the neurons of a factor add to the logits, at the token where the factor is strongest.

    Attributes:
        at: that token. The norms of the model keep the statistics that they have there.
        raised: the words whose logits they raise most, and by how much.
        lowered: those whose logits they lower most.
    """

    at: Occurrence
    raised: tuple[tuple[Token, float], ...]
    lowered: tuple[tuple[Token, float], ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        sides = {
            side: [{**token.to_dict(), "value": value} for token, value in getattr(self, side)]
            for side in ("raised", "lowered")
        }
        return {"at": self.at.to_dict(), **sides}


@dataclass(frozen=True, eq=False, repr=False)
class FactorMeaning(Result):
    """One factor of neurons, described.

    Attributes:
        factor: its number.
        name: what a person called it, or None.
        strongest: the tokens on which it fires most.
        members: (member, 2), layer and number of the neurons that are in no other factor as much as in this one, the
            heaviest first. Every factor's weights have length 1.
        member_weights: (member,), their weights.
        mass: the share of the factor's squared weights that its members have.
        overlaps: (factor,), the cosine of its weights and those of every factor; 1 with itself.
        vocabulary: the words that it writes toward, or None.
        refusal: why these cannot be told; None if they can.
    """

    factor: int
    name: str | None
    strongest: tuple[Occurrence, ...]
    members: Int[np.ndarray, "member 2"]
    member_weights: Float[np.ndarray, " member"]
    mass: float
    overlaps: Float[np.ndarray, " factor"]
    vocabulary: Vocabulary | None
    refusal: str | None

    def to_dict(self) -> dict[str, Any]:
        """All fields as plain Python."""
        spoken = {"strongest": [one.to_dict() for one in self.strongest]}
        return super().to_dict() | spoken | {"vocabulary": self.vocabulary and self.vocabulary.to_dict()}

    def to_records(self) -> list[dict[str, Any]]:
        """One row per token on which it fires."""
        return [one.to_dict() for one in self.strongest]

    def to_text(self) -> str:
        """Its tokens with what stands around them, its neurons, and its words."""
        name = f"“{self.name}”, " if self.name else ""
        layers, counts = np.unique(self.members[:, 0], return_counts=True)
        where = ", ".join(f"{count} in layer {layer}" for layer, count in zip(layers, counts, strict=True))
        others = [(k, value) for k, value in enumerate(self.overlaps) if k != self.factor]
        near = max(others, key=lambda pair: abs(pair[1]), default=None)
        lines = [
            f"Factor {self.factor}: {name}{len(self.members):,} neurons of its own, with {self.mass:.0%} of its squared weights"
            + (f" ({where})" if where else ""),
            *([f"nearest: factor {near[0]}, cosine {near[1]:.2f}"] if near else []),
            "fires on:",
            text_table([_line(one) for one in self.strongest], left=0) if self.strongest else "nothing",
        ]
        if self.vocabulary is None:
            return "\n".join([*lines, f"its words cannot be told: {self.refusal}"])
        at = self.vocabulary.at
        lines.append(
            f"adds to the logits after “{visible(at.token.text)}” (place {at.place} of text {at.sequence}), norms frozen:"
        )
        for side in ("raised", "lowered"):
            words = (f"{visible(t.text).strip()} {value:+.2g}" for t, value in getattr(self.vocabulary, side))
            lines.append(f"{side}: {' · '.join(words)}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f'<pre style="font-family:monospace;word-break:normal">{html.escape(self.to_text())}</pre>'


def _line(one: Occurrence) -> list[str]:
    before, after = ("".join(visible(t.text) for t in tokens) for tokens in (one.before[-AROUND:], one.after[:AROUND]))
    return [f"{one.value:.3g}", before, f"[{visible(one.token.text)}]", after]


def occurrences(
    rows: Sequence[Float[np.ndarray, "_"]], tokens: Sequence[Sequence[Token]], count: int
) -> tuple[Occurrence, ...]:
    """The tokens where a factor's absolute value is largest.

    Args:
        rows: of every text, the values of the factor.
        tokens: of every text, the tokens that were read.
        count: how many.
    """
    places = [(s, place) for s, row in enumerate(rows) for place in range(len(row)) if row[place] != 0]
    best = sorted(places, key=lambda at: -abs(rows[at[0]][at[1]]))[:count]
    return tuple(
        Occurrence(s, p, tokens[s][p], float(rows[s][p]), tuple(tokens[s][:p]), tuple(tokens[s][p + 1 :])) for s, p in best
    )


def members(weights: Float[np.ndarray, "factor neuron"], factor: int) -> Int[np.ndarray, " member"]:
    """The neurons whose largest absolute weight is that in this factor, the heaviest first."""
    sizes = np.abs(weights)
    own = np.flatnonzero((sizes.argmax(axis=0) == factor) & (sizes[factor] > 0))
    return own[np.argsort(-sizes[factor, own], kind="stable")]


def vocabulary(run: Run, at: Occurrence, neurons: Mapping[int, Float[np.ndarray, "_"]], count: int) -> Vocabulary:
    """What some neurons add to the logits.

    Args:
        run: the text.
        at: where.
        neurons: by layer, what its neurons are.
        count: how many words on either side.

    Raises:
        ProofError: if the model predicts nothing there, or is no sum of what its neurons write.
    """
    reading, name = run.reading, type(run.loaded.model).__name__
    places = [] if reading.kind in ("text label", "states") else [p for p in reading.explained if reading.row(p) == at.place]
    if not places:
        raise ProofError(f"{name}: it predicts nothing at “{visible(at.token.text)}”, where the factor is strongest.")
    rerun, tail = Rerun(run, places[0]), Tail(run, at.place)
    (wrote,) = directions(rerun, at.place, [{layer: torch.from_numpy(values) for layer, values in neurons.items()}])
    (effects,) = tail.effects(wrote.sum(dim=0)[None], at.place)
    before = ids_of(run.tokens[: places[0]])

    def words(sign: int) -> tuple[tuple[Token, float], ...]:
        best = top_of(sign * effects[None], count)
        pairs = zip(best.indices[0].tolist(), best.values[0].tolist(), strict=True)
        return tuple((Token(run.loaded.answer(i, before), i), sign * value) for i, value in pairs)

    return Vocabulary(at, words(1), words(-1))
