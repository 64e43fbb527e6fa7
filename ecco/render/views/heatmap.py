"""The static view of heatmap."""

from __future__ import annotations

import base64
from typing import Any

from ecco.render.blocks import (
    MOST_COLUMNS,
    MOST_SOURCES,
    Cell,
    Drawing,
    Grid,
    made_visible,
    ramp,
    short_number,
    word_of,
)
from ecco.render.color import diverging, magnitude

# Rows with numbers in them that are shown at most.
MOST_NUMBERED = 24


def draw(payload: dict[str, Any]) -> Drawing:
    """Few columns with their numbers, or many as colours alone; of more rows and columns than fit some, evenly apart."""
    values, unit, low, high = matrix_of(payload), payload["unit"], payload["low"], payload["high"]
    extent, narrow = max(abs(low), abs(high)), len(payload["columns"]) <= MOST_COLUMNS
    rows = _some(len(values), MOST_NUMBERED if narrow else MOST_SOURCES)
    columns = _some(len(payload["columns"]), MOST_COLUMNS if narrow else MOST_SOURCES)

    def cell(value: float | None) -> Cell:
        if value is None:
            return Cell("")
        color = diverging(value / extent) if low < 0 else magnitude((value - low) / (high - low))
        return Cell(short_number(value, unit == "share", extent) if narrow else "", background=color)

    last = [] if narrow else [Cell("")]
    grid = [("", [*(Cell(_name(payload["columns"][c])) for c in columns), *last])]
    grid += [(_name(payload["rows"][r]), [*(cell(values[r][c]) for c in columns), *last]) for r in rows]
    notes = [f"{arrow} {payload[key]}" for arrow, key in (("↓", "row_title"), ("→", "column_title")) if payload[key]]
    for shown, count, what in ((rows, len(values), "rows"), (columns, len(payload["columns"]), "columns")):
        notes += [f"{len(shown)} of {count} {what}"] if len(shown) < count else []
    colors = [diverging(i / 4 - 1) for i in range(9)] if low < 0 else ramp()
    ends = [short_number(end, unit == "share", extent) for end in (low, high)]
    names = min(8 * max((len(name) for name, _ in grid), default=0) + 16, 100)
    form, width = ("ranks", 48) if narrow else ("matrix", 18)
    return Drawing([Grid(grid, [width] * len(columns), form=form, names=names)], (ends[0], colors, ends[1]), notes)


def matrix_of(payload: dict[str, Any]) -> list[list[float | None]]:
    """The numbers, unpacked; None where there is none."""
    values, width, low, high = payload["values"], len(payload["columns"]), payload["low"], payload["high"]
    if not isinstance(values, str):
        return values
    codes = base64.b64decode(values)
    found = [None if code == 255 else low + code / 254 * (high - low) for code in codes]
    return [found[start : start + width] for start in range(0, len(found), width)]


def _some(count: int, most: int) -> list[int]:
    """Numbers below a count, evenly apart, the first and the last among them."""
    return list(range(count)) if count <= most else [round(i * (count - 1) / (most - 1)) for i in range(most)]


def _name(one: Any) -> str:
    return made_visible(one) if isinstance(one, str) else word_of(one)
