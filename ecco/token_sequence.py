"""TokenSequence: the tokens of a run as a coloured strip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from ecco.result import Result, significant, text_table, visible
from ecco.tokens import Token


@dataclass(frozen=True, eq=False, repr=False)
class TokenSequence(Result):
    """Tokens, and perhaps one number for each.

    Attributes:
        tokens: input, then output.
        n_input_tokens: how many are input.
        values: (position,), what colours them; NaN where there is none; None for no colours at all.
        value_name: what the values are.
        unit: `"share"` (0..1, shown as percent) or `"raw"`.
        signed: whether values diverge around 0.
        subtitle: one sentence for the figure.
        two_sided: whether input and output are two texts, source and target.
    """

    tokens: tuple[Token, ...]
    n_input_tokens: int
    values: Float[np.ndarray, "position"] | None = None
    value_name: str | None = None
    unit: str = "raw"
    signed: bool = False
    subtitle: str = ""
    two_sided: bool = False

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `tokens`."""
        return {
            "ecco": 1,
            "view": "tokens",
            "title": "Tokens",
            "subtitle": self.subtitle,
            "note": None,
            "tokens": [t.to_dict() for t in self.tokens],
            "n_input": self.n_input_tokens,
            "two_sided": self.two_sided,
            "values": None if self.values is None else significant(self.values),
            "value_name": self.value_name,
            "unit": self.unit,
            "signed": self.signed,
        }

    def to_records(self) -> list[dict[str, Any]]:
        """One row per token."""
        name = self.value_name or "value"
        return [
            {"position": p, "token": t.text, "token_id": t.id, "side": "input" if p < self.n_input_tokens else "output"}
            | ({} if self.values is None else {name: float(self.values[p])})
            for p, t in enumerate(self.tokens)
        ]

    def to_text(self) -> str:
        """Position, token, id and value."""
        values = [""] * len(self.tokens) if self.values is None else [f"{v:.3g}" for v in self.values]
        rows = [
            [str(p), visible(token.text), str(token.id), value]
            for p, (token, value) in enumerate(zip(self.tokens[:200], values, strict=False))
        ]
        more = f"\n({len(self.tokens) - 200} more tokens)" if len(self.tokens) > 200 else ""
        return (text_table(rows, left=2) if rows else "no tokens") + more
