"""The static view of layer_predictions."""

from __future__ import annotations

from typing import Any

from ecco.render.blocks import MOST_CELLS, MOST_CHOICES, MOST_LAYERS, Drawing, Grid, around, choice, some_layers


def draw(payload: dict[str, Any]) -> Drawing:
    """The likeliest tokens of every layer."""
    count = min(max((len(row) for row in payload["predictions"]), default=1), MOST_CHOICES)
    layers, notes = some_layers(payload["layers"], min(MOST_LAYERS, MOST_CELLS // max(count, 1)))
    last = payload["predictions"][-1] if payload["predictions"] else []
    goal = payload["token"] or (last[0] if last else None)  # the text's token, or the model's own answer
    wanted = goal["id"] if goal else None
    rows = [
        (f"layer {payload['layers'][row]}", [choice(p, wanted) for p in payload["predictions"][row][:count]]) for row in layers
    ]
    return Drawing([around(payload), Grid(rows, [148] * count, form="choices")], None, notes)
