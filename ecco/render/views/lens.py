"""The static view of lens."""

from __future__ import annotations

import math
from typing import Any

from ecco.render.blocks import MOST_COLUMNS, MOST_LAYERS, Cell, Drawing, Grid, clipped, ramp, some_layers, word_of
from ecco.render.color import magnitude, rank_shade


def draw(payload: dict[str, Any]) -> Drawing:
    """The likeliest word of every cell, coloured by the quantity that the figure shows first."""
    size, quantity, columns = payload["vocab_size"], payload["quantity"], payload["columns"][:MOST_COLUMNS]
    layers, notes = some_layers(payload["layers"], MOST_LAYERS)
    if len(columns) < len(payload["columns"]):
        notes.append(f"the first {len(columns)} of {len(payload['columns'])} positions")

    def cell(row: int, column: int) -> Cell:
        value, word = payload[quantity][row][column], payload["words"][payload["best"][row][column][0]]
        background = None if value is None else magnitude(_lens_shade(quantity, value, size))
        return Cell(
            clipped(word_of(word)), background=background, kind="first" if payload["rank"][row][column] == 1 else "plain"
        )

    names = {"block": "layer {}", "attention": "{} attention"}
    rows = [
        (names[payload["parts"][row]].format(payload["layers"][row]), [cell(row, c) for c in range(len(columns))])
        for row in layers
    ]
    if any(c["read"] for c in columns):
        rows.insert(0, ("", [Cell(word_of(c["read"]), kind="soft") for c in columns]))
    rows.append(("", [Cell(word_of(c["token"])) for c in columns]))
    ends = {"probability": ("0%", "100%"), "rank": (f"{size:,}", "rank 1")}
    low, high = ends.get(quantity, ("0", f"{math.log(max(2, size)):.1f} nats"))
    notes.insert(0, f"coloured by {payload['quantities'][quantity]}")
    return Drawing([Grid(rows, [82] * len(columns), names=70)], (low, ramp(), high), notes)


def _lens_shade(quantity: str, value: float, size: int) -> float:
    """How dark a value is; nats end at what the most undecided layer would have."""
    if quantity == "probability":
        return value
    return rank_shade(int(value), size) if quantity == "rank" else min(1.0, value / math.log(max(2, size)))
