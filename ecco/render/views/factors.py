"""The static view of factors."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from typing import Any

from ecco.render.assets import palette
from ecco.render.blocks import MOST_BARS, MOST_FACTORS, MOST_TOKENS, Bars, Drawing, Span, Strip, spans, text_lines
from ecco.render.color import category


def draw(payload: dict[str, Any]) -> Drawing:
    """A line of bars for every factor; the text, every token in the colour of its strongest factor."""
    tokens, values = payload["tokens"], factor_values(payload)
    hues, width = palette()["category"], -(-len(tokens) // MOST_BARS)
    parts = range(0, len(tokens), width)
    rows = [
        (
            payload["names"][k] or f"factor {k}",
            hues[k % len(hues)],
            [math.floor(20 * max(map(abs, row[start : start + width])) + 0.5) for start in parts],
        )
        for k, row in enumerate(values[:MOST_FACTORS])
    ]

    def span(index: int) -> Iterator[Span]:
        kind = "bold" if index >= payload["n_input"] else "plain"
        best = max(range(len(values)), key=lambda k: abs(values[k][index]))
        yield from spans(tokens[index], background=category(best, values[best][index]), kind=kind)

    lines, notes = text_lines(0, span, payload, most=MOST_TOKENS)
    if payload["signed"]:
        notes.append("bars show absolute values, grey tokens are below 0")
    if len(values) > len(hues):
        notes.append(f"colours return after {len(hues)} factors")
    if len(rows) < len(values):
        notes.append(f"the first {len(rows)} of {len(values)} factors")
    bars = Bars(rows, max(2, min(8, 400 // len(parts))))
    return Drawing([bars, Strip(lines)], None, ["every token has the colour of its strongest factor", *notes])


def factor_values(payload: dict[str, Any]) -> list[list[float]]:
    """Every factor at every token as a share of its peak, as docs/payloads.md packs them."""
    codes, n = base64.b64decode(payload["values"]), len(payload["tokens"])
    shares = [code / 127 - 1 if payload["signed"] else code / 255 for code in codes]
    return [shares[start : start + n] for start in range(0, len(shares), n)]
