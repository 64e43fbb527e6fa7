"""From a method's vectors to one score per token, and the result that holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from ecco.attribution.methods import METHODS, Vectors
from ecco.attribution.targets import QUANTITY_NAMES
from ecco.errors import ArgumentError
from ecco.result import Result, significant, text_table, visible
from ecco.tokens import Token

STYLES = ("minimal", "detailed")


@dataclass(frozen=True, eq=False, repr=False)
class Attribution(Result):
    """Which tokens led to each explained token.

    Attributes:
        scores: (target, source). By default the L2 norm over d_model, normalised to sum to 1 over what the target can
            see; signed: the sum over d_model, normalised by the sum of absolute values. What a target cannot see is 0.
        positions: (target,), the explained positions; the one behind the last token stands for the text as a whole.
        seen: (target,), how many tokens each target can see, from the first on.
        values: (target,), the explained number, in the units of `quantity`.
        tokens: all tokens of the run, input then output: the sources.
        explained: (target,), the token explained at each position.
        n_input_tokens: how many of the tokens are input.
        method: a name in the table of methods.
        quantity: what is explained: logit, logprob, probability or entropy.
        against: the token whose quantity is subtracted, or None.
        signed: whether scores keep their sign.
        normalized: whether they are shares.
        completeness_error: (target,), |sum of signed scores - explained difference| / |explained difference|; None for
            methods that promise no completeness.
        style: how the figure draws it.
        two_sided: whether input and output are two texts, source and target.
    """

    scores: Float[np.ndarray, "target source"]
    positions: tuple[int, ...]
    seen: tuple[int, ...]
    values: Float[np.ndarray, "target"]
    tokens: tuple[Token, ...]
    explained: tuple[Token, ...]
    n_input_tokens: int
    method: str
    quantity: str
    against: Token | None
    signed: bool
    normalized: bool
    completeness_error: Float[np.ndarray, "target"] | None
    style: str
    two_sided: bool = False

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `attribution`."""
        written = all(
            p < len(self.tokens) and e.id == self.tokens[p].id for e, p in zip(self.explained, self.positions, strict=True)
        )
        named = None if written else self.explained[0].to_dict()
        return {
            "ecco": 1,
            "view": "attribution",
            "title": "Saliency",
            "subtitle": self._subtitle(),
            "note": self._note(),
            "style": self.style,
            "tokens": [t.to_dict() for t in self.tokens],
            "n_input": self.n_input_tokens,
            "two_sided": self.two_sided,
            "targets": list(self.positions),
            "scores": [significant(row[:n]) for row, n in zip(self.scores, self.seen, strict=True)],
            "signed": self.signed,
            "unit": "share" if self.normalized else "raw",
            "method": METHODS[self.method].label,
            "seen": list(self.seen),
            "named": named,
            **({"explained": [token.to_dict() for token in self.explained]} if named else {}),
        }

    def _subtitle(self) -> str:
        quantity = QUANTITY_NAMES[self.quantity]
        if self.against is not None:
            quantity += f" difference against “{self.against.text}”"
        how = "signed sum" if self.signed else "L2 norm"
        share = "share of each token" if self.normalized else "score of each token"
        return f"{METHODS[self.method].label} ({how}) · {share} in the {quantity}"

    def _note(self) -> str | None:
        if self.completeness_error is None or float(self.completeness_error.max()) <= 0.05:
            return None
        return f"The scores miss the explained difference by up to {float(self.completeness_error.max()):.0%}."

    def to_records(self) -> list[dict[str, Any]]:
        """One row per target and source that it can see."""
        return [
            {
                "target_position": p,
                "target_token": self.explained[t].text,
                "source_position": s,
                "source_token": self.tokens[s].text,
                "score": float(self.scores[t, s]),
            }
            for t, p in enumerate(self.positions)
            for s in range(self.seen[t])
        ]

    def to_text(self) -> str:
        """For up to 8 targets the five tokens with the largest scores."""
        rows = []
        for t, token in enumerate(self.explained[:8]):
            top = np.argsort(-np.abs(self.scores[t]), kind="stable")[:5]
            cells = [f"{visible(self.tokens[s].text)} {self._number(self.scores[t, s])}" for s in top if self.scores[t, s]]
            rows.append([visible(token.text), "<-", *cells, *[""] * (5 - len(cells))])
        more = f"\n({len(self.explained) - 8} more targets)" if len(self.explained) > 8 else ""
        return f"Saliency: {self._subtitle()}\n{text_table(rows, left=9)}{more}"

    def _number(self, score: float) -> str:
        return f"{score:.1%}" if self.normalized else f"{score:.3g}"


def score(
    found: Vectors,
    seen: Sequence[int],
    *,
    signed: bool,
    normalize: bool,
    ignore: Sequence[int] = (),
) -> Float[np.ndarray, "target source"]:
    """One number per target and source.

    Args:
        found: what the method computed.
        seen: (target,), how many tokens each target can see; what is beyond scores 0.
        signed: sum over d_model instead of the L2 norm.
        normalize: divide each row by the sum of its absolute values.
        ignore: positions of sources that are left out (score 0).
    """
    vectors = found.vectors.cpu()
    scores = (vectors.sum(dim=-1) if signed else vectors.norm(dim=-1)).double().numpy()
    for row, n_seen in enumerate(seen):
        scores[row, n_seen:] = 0.0
    scores[:, [p for p in ignore if p < scores.shape[1]]] = 0.0  # beyond it nothing is seen anyway
    if normalize:
        total = np.abs(scores).sum(axis=1, keepdims=True)
        scores = np.divide(scores, total, out=np.zeros_like(scores), where=total > 0)
    return scores.astype(np.float32)


def check_style(style: str) -> str:
    """The style, if there is such a one."""
    if style not in STYLES:
        raise ArgumentError(f"style={style!r} is not one of {', '.join(map(repr, STYLES))}.")
    return style
