"""From a method's vectors to one score per token, and the result that holds them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from ecco.attribution.methods import METHODS
from ecco.attribution.targets import QUANTITY_NAMES
from ecco.attribution.units import Units, find_units
from ecco.attribution.vectors import Vectors
from ecco.errors import ArgumentError
from ecco.result import Result, significant, text_table, visible
from ecco.tokens import Token

# Labels beside which the figure shows probabilities.
MOST_LABELS = 8
STYLES = ("minimal", "detailed", "matrix")


@dataclass(frozen=True, eq=False, repr=False)
class Attribution(Result):
    """Which tokens led to each explained token.

    Attributes:
        scores: (target, source). By default the L2 norm over d_model, normalised to sum to 1 over what the target can
            see; signed: the sum over d_model, normalised by the sum of absolute values. What a target cannot see is 0.
            A word, sentence or span has the sum of its tokens' scores, so that raw scores and shares of norms add up.
        positions: (target,), where among `tokens` each target stands or begins; the place behind the last one stands for
            the text as a whole, or for the next token.
        seen: (target,), how many of `tokens` each target can see, from the first on: those before it, where the model
            writes. Of the last one it may see a part.
        values: (target,), the explained number, in the units of `quantity`; of several tokens the sum.
        tokens: all tokens of the run, input then output, or the words, sentences or spans that they make: the sources.
        explained: (target,), what is explained: a token, or several in one.
        n_input_tokens: how many of `tokens` are input.
        method: a name in the table of methods.
        quantity: what is explained: logit, logprob, probability or entropy.
        against: the token whose quantity is subtracted, or None.
        signed: whether scores keep their sign.
        normalized: whether they are shares.
        completeness_error: (target,), |sum of signed scores - explained difference| / |explained difference|; None for
            methods that promise no completeness.
        residual: (target,), `values` minus the sum of signed scores, in the units of `quantity`: what biases and positions
            contribute; None for methods that do not distribute the number itself.
        style: how the figure draws it.
        two_sided: whether input and output are two texts, source and target.
        named: whether a person named what is explained, or the model answers it, instead of the text having it there.
        by: what `tokens` are: tokens, words, sentences or spans.
        standard_error: (target, source), of `scores`, for methods that draw by chance; None for others.
        remark: what else the reader must know, or None.
        spans: (source,), the positions (start, stop) in the run that each of `tokens` stands for.
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
    named: bool = False
    by: str = "token"
    standard_error: Float[np.ndarray, "target source"] | None = None
    remark: str | None = None
    spans: tuple[tuple[int, int], ...] = ()
    residual: Float[np.ndarray, "target"] | None = None
    labels: tuple[tuple[str, float], ...] = ()

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `attribution`."""
        named = self.explained[0].to_dict() if self.named else None
        several = [e.text for e in self.explained] != [self.tokens[p].text for p in self.positions if p < len(self.tokens)]
        return {
            "ecco": 1,
            "view": "attribution",
            "title": self._title(),
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
            **({} if self.against is None else {"against": self.against.to_dict()}),
            **({"labels": [{"text": text, "probability": p} for text, p in self._shown_labels()]} if self.labels else {}),
            **({"explained": [token.to_dict() for token in self.explained]} if named or several else {}),
            **({"words": {"spans": words, "subtitle": self._subtitle("word")}} if (words := self._words()) else {}),
        }

    def _words(self) -> list[list[int]]:
        """The words of several tokens (start, stop), of which all or none are explained; none where scores do not add up."""
        if self.by != "token" or METHODS[self.method].by_unit:
            return []
        units = find_units(self.tokens, "word", self.n_input_tokens)
        explained = set(self.positions)
        return [[u.start, u.stop] for u in units if len(u) > 1 and len(explained.intersection(u)) in (0, len(u))]

    def _shown_labels(self) -> list[tuple[str, float]]:
        """The likeliest labels and the explained one, in the model's order."""
        likely = sorted(self.labels, key=lambda label: -label[1])[:MOST_LABELS]
        own = {token.text for token in self.explained}
        return [(text, float(f"{p:.4g}")) for text, p in self.labels if (text, p) in likely or text in own]

    def _title(self) -> str:
        if self.against is None:
            return "Saliency"
        one = f"“{visible(self.explained[0].text).strip()}”" if len(self.explained) == 1 else "these tokens"
        return f"Why {one} rather than “{visible(self.against.text).strip()}”"

    def _subtitle(self, by: str | None = None) -> str:
        quantity = QUANTITY_NAMES[self.quantity]
        if self.against is not None:
            quantity += f" difference against “{self.against.text}”"
        row = METHODS[self.method]
        how = ("signed" if self.signed else "absolute") if row.by_unit else "signed sum" if self.signed else "L2 norm"
        share = f"{'share' if self.normalized else 'score'} of each {by or self.by}"
        return f"{row.label} ({how}) · {share} in the {quantity}"

    def _note(self) -> str | None:
        notes = [self.remark] if self.remark else []
        if self.completeness_error is not None and (worst := float(self.completeness_error.max())) > 0.05:
            notes.append(f"The scores miss the explained difference by up to {worst:.0%}.")
        if self.residual is not None and (share := np.abs(self.residual) / np.maximum(np.abs(self.values), 1e-6)).max() > 0.05:
            notes.append(
                f"Up to {float(share.max()):.0%} of the explained number reaches no token: biases, positions, softmax."
            )
        if self.standard_error is not None:
            worst = self._number(float(self.standard_error.max()))
            notes.append(f"Scores are estimates; their standard errors are {worst} at most.")
        return " ".join(notes) or None

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
    units: Units,
    *,
    signed: bool,
    normalize: bool,
    ignore: Collection[int] = (),
) -> tuple[Float[np.ndarray, "target source"], Float[np.ndarray, "target source"] | None]:
    """One number per target and source, and its standard error.

    Args:
        found: what the method computed.
        seen: (target,), how many tokens each target can see; what is beyond scores 0.
        units: (source,), the tokens of every source; their scores are summed.
        signed: sum over d_model instead of the L2 norm.
        normalize: divide each row by the sum of its absolute values.
        ignore: positions of sources that are left out (score 0); a source of several tokens when all of them are.
    """
    vectors = found.vectors.cpu()
    ignored = [number for number, unit in enumerate(units) if set(unit) <= set(ignore)]

    def folded(by_token: np.ndarray) -> np.ndarray:
        by_token = np.pad(by_token, ((0, 0), (0, max(0, units[-1].stop - by_token.shape[1]))))  # none sees behind the last
        for row, n_seen in enumerate(seen):
            by_token[row, n_seen:] = 0.0
        by_unit = np.add.reduceat(by_token, [unit.start for unit in units], axis=1)
        by_unit[:, ignored] = 0.0
        return by_unit

    scores = folded((vectors.sum(dim=-1) if signed else vectors.norm(dim=-1)).double().numpy())
    errors = None if found.standard_error is None else folded(found.standard_error)
    if normalize:
        total = np.abs(scores).sum(axis=1, keepdims=True)
        scores = np.divide(scores, total, out=np.zeros_like(scores), where=total > 0)
        errors = None if errors is None else np.divide(errors, total, out=np.zeros_like(errors), where=total > 0)
    return scores.astype(np.float32), None if errors is None else errors.astype(np.float32)


def check_style(style: str) -> str:
    """The style, if there is such a one."""
    if style not in STYLES:
        raise ArgumentError(f"style={style!r} is not one of {', '.join(map(repr, STYLES))}.")
    return style
