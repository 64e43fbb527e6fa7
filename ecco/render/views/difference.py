"""The static view of difference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecco.render.blocks import MOST_TOKENS, Drawing, Span, Strip, around, scale, spans, text_lines
from ecco.render.color import diverging


def draw(payload: dict[str, Any]) -> Drawing:
    """The input, and below it what each run wrote, in the colours of its changes; underlined what the other has not."""
    known = [abs(change) for text in payload["texts"] for change in text["changes"] if change is not None]
    extent = max(known, default=0.0) or 1.0
    drawing = Drawing([around(payload)], scale(extent, False, True))
    for text in payload["texts"]:

        def span(index: int, text: dict[str, Any] = text) -> Iterator[Span]:
            change = text["changes"][index]
            background = None if change is None else diverging(change / extent)
            kind = "held" if text["differs"][index] else "plain"
            yield from spans(text["tokens"][index], background=background, kind=kind)

        whole = {"tokens": text["tokens"], "n_input": 0}
        lines, cut = text_lines(0, span, whole, most=MOST_TOKENS)
        drawing.blocks += [Strip([[Span(text["label"])]], form="context"), Strip(lines)]
        drawing.notes += cut
    return drawing
