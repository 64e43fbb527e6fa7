"""The static view of trace."""

from __future__ import annotations

import math
from typing import Any

from ecco.render.assets import palette
from ecco.render.blocks import MOST_COLUMNS, MOST_LAYERS, Cell, Drawing, Grid, percent, ramp, some_layers, word_of
from ecco.render.color import diverging, magnitude


def draw(payload: dict[str, Any]) -> Drawing:
    """The first site, in the columns where most returns."""
    shares, columns, site = payload["shares"][0], payload["columns"], payload["sites"][0]
    layers, notes = some_layers(payload["layers"], MOST_LAYERS)
    known = [s for rows in payload["shares"] for row in rows for s in row if s is not None]
    extent, signed = max(map(abs, known), default=0) or 1.0, any(s < -0.005 for s in known)
    most = [max((abs(row[c] or 0) for row in shares), default=0) for c in range(len(columns))]
    shown = sorted(sorted(range(len(columns)), key=lambda c: -most[c])[:MOST_COLUMNS])
    if len(shown) < len(columns):
        notes.append(f"the {len(shown)} of {len(columns)} columns where most returns")
    if len(payload["sites"]) > 1:
        notes.append(f"restored: {site}")

    def cell(share: float | None) -> Cell:
        if share is None:
            return Cell("–")
        whole = math.floor(100 * share + 0.5)
        return (
            Cell(f"{whole}%", background=(diverging if signed else magnitude)(share / extent))
            if whole
            else Cell("", background=palette()["panel"])
        )

    rows = [(f"layer {payload['layers'][row]}", [cell(shares[row][c]) for c in shown]) for row in layers]
    rows.insert(0, ("", [Cell(word_of(columns[c]["token"])) for c in shown]))
    replaced = [(word_of(columns[c]["replaced"]) or "noise") if columns[c]["corrupted"] else "" for c in shown]
    rows.append(("", [Cell(text, kind="soft") for text in replaced]))
    longest = [max(len(word_of(columns[c]["token"])), len(text)) for c, text in zip(shown, replaced, strict=True)]
    low = percent(-extent) if signed else "0%"
    colors = [diverging(i / 4 - 1) for i in range(9)] if signed else ramp()
    return Drawing([Grid(rows, [min(max(44, 8 * count + 8), 96) for count in longest])], (low, colors, percent(extent)), notes)
