"""One answer explained by several methods, side by side: where do they agree?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from ecco.attribution.faithfulness import agreement
from ecco.attribution.methods import METHODS
from ecco.attribution.scores import Attribution
from ecco.attribution.targets import QUANTITY_NAMES
from ecco.errors import ArgumentError
from ecco.result import Result, significant, text_table, visible
from ecco.tokens import Token

# The overlap of two methods is told of so many of their strongest tokens.
TOP = 3


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Result):
    """What several methods say about one answer.

    Methods have units of their own, so that scores are compared by their order.

    Attributes:
        methods: (method,), names in the table of methods.
        scores: (method, source), as in `Attribution`.
        agreement: (method, method), Spearman's rank correlation of the scores of two methods, -1..1, over the tokens to
            which any method gives a score.
        overlap: (method, method), how many of the three tokens with the largest absolute scores two methods share.
        top: how many tokens `overlap` is told of: three, or all of a shorter text.
        completeness_error: (method,), see `Attribution.completeness_error`; NaN for methods that promise none.
        position: of the answer.
        seen: how many tokens it can see, from the first on.
        explained: the token explained.
        tokens: all tokens of the run, input then output, or the words, sentences or spans that they make.
        n_input_tokens: how many of them are input.
        quantity: what is explained: logit, logprob, probability or entropy.
        against: the token whose quantity is subtracted, or None.
        signed: whether scores keep their sign.
        normalized: whether they are shares.
        two_sided: whether input and output are two texts, source and target.
        named: whether a person named what is explained, or the model answers it, instead of the text having it there.
    """

    methods: tuple[str, ...]
    scores: Float[np.ndarray, "method source"]
    agreement: Float[np.ndarray, "method method"]
    overlap: Float[np.ndarray, "method method"]
    top: int
    completeness_error: Float[np.ndarray, "method"]
    position: int
    seen: int
    explained: Token
    tokens: tuple[Token, ...]
    n_input_tokens: int
    quantity: str
    against: Token | None
    signed: bool
    normalized: bool
    two_sided: bool
    named: bool

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `comparison`."""
        return {
            "ecco": 1,
            "view": "comparison",
            "title": "Methods compared",
            "subtitle": self._subtitle(),
            "note": None,
            "tokens": [t.to_dict() for t in self.tokens],
            "n_input": self.n_input_tokens,
            "two_sided": self.two_sided,
            "target": self.position,
            "seen": self.seen,
            "named": self.explained.to_dict() if self.named else None,
            "signed": self.signed,
            "unit": "share" if self.normalized else "raw",
            "methods": [
                {"label": METHODS[name].label, "scores": significant(row[: self.seen])}
                for name, row in zip(self.methods, self.scores, strict=True)
            ],
            "agreement": significant(self.agreement),
            "overlap": significant(self.overlap),
            "top": self.top,
        }

    def _subtitle(self) -> str:
        quantity = f"{QUANTITY_NAMES[self.quantity]} of “{visible(self.explained.text).strip()}”"
        if self.against is not None:
            quantity += f" rather than “{visible(self.against.text).strip()}”"
        share = "share of each token" if self.normalized else "score of each token"
        return f"{share} in the {quantity} · every row in the scale of its method"

    def to_records(self) -> list[dict[str, Any]]:
        """One row per method and token that the answer can see."""
        return [
            {"method": name, "source_position": s, "source_token": self.tokens[s].text, "score": float(self.scores[m, s])}
            for m, name in enumerate(self.methods)
            for s in range(self.seen)
        ]

    def to_text(self) -> str:
        """The strongest tokens of every method, and its agreement with the others."""
        rows = [["", *[f"{n}." for n in range(1, self.top + 1)], *(f"ρ {name}" for name in self.methods)]]
        for m, name in enumerate(self.methods):
            top = _strongest(self.scores[m, : self.seen], self.top)
            cells = [f"{visible(self.tokens[s].text)} {self._number(self.scores[m, s])}" for s in top]
            rows.append([name, *cells, *(f"{value:.2f}" for value in self.agreement[m])])
        return f"Methods compared: {self._subtitle()}\n{text_table(rows)}"

    def _number(self, score: float) -> str:
        return f"{score:.1%}" if self.normalized else f"{score:.3g}"


def side_by_side(found: Mapping[str, Attribution]) -> Comparison:
    """Several methods' scores of one answer as one result.

    Args:
        found: by name of the method; of one target.

    Raises:
        ArgumentError: if they explain different things, or if fewer than two tokens have a score, so that there is no order.
    """
    first = next(iter(found.values()))
    for name, other in found.items():
        if _what(other) != _what(first):
            raise ArgumentError(f"{name!r} explains something else than {first.method!r}; give both the same options.")
    seen = first.seen[0]
    scores = np.concatenate([attribution.scores for attribution in found.values()])
    among = scores[:, (scores != 0).any(axis=0)]
    if among.shape[1] < 2:
        raise ArgumentError(f"{among.shape[1]} tokens have a score for position {first.positions[0]}; an order needs 2.")
    top = min(TOP, among.shape[1])
    strongest = [set(_strongest(row, top)) for row in among]
    errors = [attribution.completeness_error for attribution in found.values()]
    return Comparison(
        methods=tuple(found),
        scores=scores,
        agreement=agreement(among),
        overlap=np.array([[len(one & other) for other in strongest] for one in strongest], dtype=float),
        top=top,
        completeness_error=np.array([np.nan if error is None else error[0] for error in errors]),
        position=first.positions[0],
        seen=seen,
        explained=first.explained[0],
        tokens=first.tokens,
        n_input_tokens=first.n_input_tokens,
        quantity=first.quantity,
        against=first.against,
        signed=first.signed,
        normalized=first.normalized,
        two_sided=first.two_sided,
        named=first.named,
    )


def _what(found: Attribution) -> tuple[Any, ...]:
    """What is explained, and in which units."""
    explained = tuple(token.id for token in found.explained), None if found.against is None else found.against.id
    return found.positions, *explained, found.quantity, found.signed, found.normalized, found.tokens


def _strongest(scores: Float[np.ndarray, "source"], count: int) -> list[int]:
    """The tokens with the largest absolute scores; of equal ones the earlier."""
    return [int(s) for s in np.argsort(-np.abs(scores), kind="stable")[:count]]
