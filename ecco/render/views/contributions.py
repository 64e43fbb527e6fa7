"""The static view of contributions."""

from __future__ import annotations

from typing import Any

from ecco.render.blocks import MOST_LAYERS, Cell, Drawing, Grid, around, scale, short_rank
from ecco.render.color import diverging


def draw(payload: dict[str, Any]) -> Drawing:
    """A line per part; the waterfall needs the live figure."""
    parts = payload["parts"][: 2 * MOST_LAYERS]
    notes = [] if len(parts) == len(payload["parts"]) else [f"the first {len(parts)} of {len(payload['parts'])} parts"]
    extent = max((abs(part["value"] or 0.0) for part in parts), default=0.0) or 1.0
    rows = [("", [Cell("adds", kind="soft"), Cell("rank", kind="soft")])]
    for part in parts:
        value, rank = part["value"], part["rank"]
        added = Cell("–") if value is None else Cell(f"{value:+.2f}", background=diverging(value / extent))
        rows.append((part["name"], [added, Cell("–" if rank is None else short_rank(rank))]))
    name = "difference" if payload["against"] else "logit"
    rows.append((name, [Cell(f"{payload['logit'] or 0.0:+.2f}", kind="bold"), Cell("")]))
    return Drawing([around(payload), Grid(rows, [80, 64], names=126)], scale(extent, False, True), notes)
