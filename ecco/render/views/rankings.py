"""The static view of rankings."""

from __future__ import annotations

from typing import Any

from ecco.render.blocks import (
    MOST_COLUMNS,
    MOST_LAYERS,
    Bars,
    Cell,
    Drawing,
    Grid,
    Strip,
    around,
    ramp,
    short_rank,
    some_layers,
    word_of,
)
from ecco.render.color import magnitude, rank_shade


def draw(payload: dict[str, Any]) -> Drawing:
    """A rank per layer and column."""
    size, columns = payload["vocab_size"], payload["columns"][:MOST_COLUMNS]
    layers, notes = some_layers(payload["layers"], MOST_LAYERS)
    if len(columns) < len(payload["columns"]):
        notes.append(f"the first {len(columns)} of {len(payload['columns'])} columns")
    rows = [
        (
            f"layer {payload['layers'][row]}",
            [
                Cell("–")
                if r is None
                else Cell(short_rank(r), background=magnitude(rank_shade(r, size)), kind="first" if r == 1 else "plain")
                for r in payload["ranks"][row][: len(columns)]
            ],
        )
        for row in layers
    ]
    blocks: list[Strip | Grid | Bars] = []
    if payload["watched"]:
        blocks.append(around(payload))
    else:
        rows.insert(0, ("", [Cell(word_of(c["read"]), kind="soft") for c in columns]))
    rows.append(("", [Cell(word_of(c["token"])) for c in columns]))
    longest = [max(len(word_of(c["token"])), len(word_of(c["read"]))) for c in columns]
    blocks.append(Grid(rows, widths=[min(max(54, 8 * count + 8), 120) for count in longest]))
    return Drawing(blocks, (f"{size:,}", ramp(), "rank 1"), notes)
