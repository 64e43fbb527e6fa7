"""The static view of probe."""

from __future__ import annotations

from typing import Any

from ecco.render.blocks import Cell, Drawing, Grid, percent
from ecco.render.color import magnitude


def draw(payload: dict[str, Any]) -> Drawing:
    """The figures of every layer; the curves need the live figure."""
    series, majority = payload["series"], payload["majority"]
    rows = [
        ("", [Cell(f"{one['name']}: {name}", kind="soft") for one in series for name in ("accuracy", "control", "selectivity")])
    ]
    for step, layer in enumerate(payload["layers"]):
        cells = [cell for one in series for cell in _cells(one["accuracy"][step], one["control"][step], majority)]
        rows.append(("embeddings" if layer is None else f"layer {layer}", cells))
    notes = [f"always saying the most frequent label is right in {percent(majority)}"]
    return Drawing([Grid(rows, [112] * 3 * len(series), names=84)], None, notes)


def _cells(accuracy: float | None, control: float | None, majority: float) -> list[Cell]:
    if accuracy is None or control is None:
        return [Cell("–")] * 3
    shade = max(0.0, accuracy - majority) / ((1 - majority) or 1)
    return [
        Cell(percent(accuracy), background=magnitude(shade)),
        Cell(percent(control)),
        Cell(f"{100 * (accuracy - control):+.1f}%"),
    ]
