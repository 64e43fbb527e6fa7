"""The static view of faithfulness."""

from __future__ import annotations

from typing import Any

from ecco.render.blocks import Cell, Drawing, Grid, decimals

FIGURES = {"comprehensiveness": "↑", "sufficiency": "↓", "deletion_area": "↓", "insertion_area": "↑"}


def draw(payload: dict[str, Any]) -> Drawing:
    """The figures of every method; the curves need the live figure."""
    chance = payload["random"]
    rows = [("", [Cell(f"{name.replace('_', ' ')} {better}", kind="soft") for name, better in FIGURES.items()])]
    rows += [(method["label"], [Cell(decimals(method[name])) for name in FIGURES]) for method in payload["methods"]]
    spreads = [Cell(f"{decimals(chance[name]['mean'])} ± {decimals(chance[name]['spread'])}", kind="soft") for name in FIGURES]
    rows.append(("random orders", spreads))
    notes = [f"a token is taken away by putting the {payload['removal']} embedding in its place"]
    return Drawing([Grid(rows, [150] * len(FIGURES), names=150)], None, notes)
