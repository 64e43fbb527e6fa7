"""The static view of tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecco.render.blocks import MOST_TOKENS, Drawing, Span, Strip, scale, spans, text_lines
from ecco.render.color import diverging, magnitude


def draw(payload: dict[str, Any]) -> Drawing:
    """The text, every token in the colour of its value."""
    tokens, values = payload["tokens"], payload["values"]
    share, signed = payload["unit"] == "share", payload["signed"]
    known = [abs(v) for v in values or [] if v is not None]
    extent = 1.0 if share else max(known, default=0) or 1.0

    def span(index: int) -> Iterator[Span]:
        value = None if values is None else values[index]
        background = None if value is None else (diverging if signed else magnitude)(value / extent)
        yield from spans(tokens[index], background=background, kind="bold" if index >= payload["n_input"] else "plain")

    lines, cut = text_lines(len(tokens), span, payload, most=MOST_TOKENS)
    return Drawing([Strip(lines)], scale(extent, share, signed) if known else None, cut)
