"""The static view of comparison."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecco.render.blocks import (
    MOST_SOURCES,
    MOST_TOKENS,
    Cell,
    Drawing,
    Grid,
    Span,
    Strip,
    filled,
    made_visible,
    short_number,
    spans,
    text_lines,
)
from ecco.render.color import diverging, magnitude


def draw(payload: dict[str, Any]) -> Drawing:
    """The text once for every method, each in its own scale; below, how far they agree."""
    tokens, methods, target = payload["tokens"], payload["methods"], payload["target"]
    color = diverging if payload["signed"] else magnitude
    drawing = Drawing()
    for method in methods:
        scores = filled(method["scores"], payload["seen"])
        extent = max((abs(s) for s in scores if s), default=0.0)

        def span(index: int, scores: list[float | None] = scores, extent: float = extent) -> Iterator[Span]:
            value = scores[index] if index < len(scores) else None
            held = index == target and payload["named"] is None
            kind = "held" if held else "bold" if index >= payload["n_input"] else "plain"
            yield from spans(tokens[index], kind=kind, background=None if value is None else color(value / (extent or 1)))

        lines, cut = text_lines(target, span, payload, most=max(MOST_TOKENS // len(methods), MOST_SOURCES))
        name = f"{method['label']}, up to {short_number(extent, payload['unit'] == 'share', extent)}"
        drawing.blocks += [Strip([[Span(name)]], form="context"), Strip(lines)]
        drawing.notes = cut
    if payload["named"] is not None:
        drawing.notes.append(f"explained: {made_visible(payload['named']['text'])} at position {target}")
    if len(methods) > 1:
        drawing.blocks.append(_agreement(payload))
        drawing.notes.append(f"rank correlation of the scores · how many of the {payload['top']} strongest tokens are the same")
    return drawing


def _agreement(payload: dict[str, Any]) -> Grid:
    labels = [method["label"] for method in payload["methods"]]
    rows = [("", [Cell(label, kind="soft") for label in labels])]
    for row, label in enumerate(labels):
        pairs = zip(payload["agreement"][row], payload["overlap"][row], strict=True)
        cells = [
            Cell("–")
            if column == row or rho is None
            else Cell(f"{rho:.2f} · {same:.0f}/{payload['top']}", background=diverging(rho))
            for column, (rho, same) in enumerate(pairs)
        ]
        rows.append((label, cells))
    return Grid(rows, [150] * len(labels), names=150)
