"""The static view of neurons."""

from __future__ import annotations

from typing import Any

from ecco.render.blocks import MOST_LAYERS, Cell, Drawing, Grid, around, scale, word_of
from ecco.render.color import diverging

# How many words of a neuron there is room for on either side.
WORDS = 3


def draw(payload: dict[str, Any]) -> Drawing:
    """A line per neuron: what it added, and the words that it raised and lowered most."""
    neurons = payload["neurons"][:MOST_LAYERS]
    notes = (
        [] if len(neurons) == len(payload["neurons"]) else [f"the first {len(neurons)} of {len(payload['neurons'])} neurons"]
    )
    extent = max((abs(neuron["value"] or 0.0) for neuron in neurons), default=0.0) or 1.0
    rows = [("", [Cell(name, kind="soft") for name in ("adds", "raises", "lowers")])]
    for neuron in neurons:
        value = neuron["value"]
        added = Cell("–") if value is None else Cell(f"{value:+.2f}", background=diverging(value / extent))
        words = [Cell(" · ".join(word_of(word) for word in neuron[side][:WORDS])) for side in ("raised", "lowered")]
        rows.append((f"layer {neuron['layer']} neuron {neuron['number']}", [added, *words]))
    return Drawing([around(payload), Grid(rows, [64, 230, 230], names=124)], scale(extent, False, True), notes)
