"""The static view of predictions."""

from __future__ import annotations

from typing import Any

from ecco.render.blocks import MOST_PREDICTIONS, Drawing, Grid, around, choice


def draw(payload: dict[str, Any]) -> Drawing:
    """The likeliest tokens."""
    shown = payload["predictions"][:MOST_PREDICTIONS]
    rows = [(str(rank), [choice(p, None)]) for rank, p in enumerate(shown, start=1)]
    left = len(payload["predictions"]) - len(shown)
    notes = [f"the first {len(shown)} of {len(payload['predictions'])} tokens"] if left else []
    return Drawing([around(payload), Grid(rows, [300], form="choices")], None, notes)
