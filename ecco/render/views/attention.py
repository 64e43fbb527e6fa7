"""The static view of attention."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from ecco.render.assets import palette
from ecco.render.blocks import (
    MOST_CELLS,
    MOST_CHOICES,
    MOST_LAYERS,
    MOST_TOKENS,
    Cell,
    Drawing,
    Grid,
    Span,
    Strip,
    ramp,
    short_share,
    some_layers,
    spans,
    text_lines,
    word_of,
)
from ecco.render.color import magnitude


def draw(payload: dict[str, Any]) -> Drawing:
    """What the first query attends to: in the text, in the last layer and its first column; below it layer by layer."""
    queries, query = payload["queries"], payload["query"]
    keys = payload["keys"] or queries
    before = 0 if payload["keys"] is None else len(keys)
    tokens = [*keys, *queries] if before else queries
    column, last = payload["columns"][0], len(payload["layers"]) - 1
    row = attention_row(payload, last, query)
    top = _attention_top(row, keys)

    def span(index: int) -> Iterator[Span]:
        kind = "held" if index == before + query else "bold" if index >= (before or payload["n_input"]) else "plain"
        background = magnitude(row[index] / top) if index < len(row) else None
        soft = not before and index >= len(row) and kind == "plain"
        yield from spans(tokens[index], background=background, kind="soft" if soft else kind)

    text = {"tokens": tokens, "n_input": before, "two_sided": bool(before)}
    lines, notes = text_lines(before + query, span, text, most=MOST_TOKENS)
    layers, cut = some_layers(payload["layers"], min(MOST_LAYERS, MOST_CELLS // MOST_CHOICES))
    rows = []
    for layer in layers:
        shares = attention_row(payload, layer, query)
        best = sorted(range(len(shares)), key=lambda k: -shares[k])[:MOST_CHOICES]
        cells = [
            Cell(word_of(keys[k]), short_share(shares[k]), palette()["panel"], bar=round(100 * shares[k], 1))
            for k in best
            if shares[k] > 0
        ]
        rows.append((f"layer {payload['layers'][layer]}", cells))
    which = f"mean of {payload['heads']} heads" if column is None else f"head {column}"
    place = payload["query_positions"][query]
    who = f"“{word_of(queries[query])}”" + ("" if place is None else f" at position {place}")
    shown = f"what {who} attends to: in the text, layer {payload['layers'][last]}; below, every layer; {which}"
    legend = (short_share(0), ramp(), short_share(top) + ("+" if max(row, default=0) > top else ""))
    return Drawing([Strip(lines), Grid(rows, [148] * MOST_CHOICES, form="choices")], legend, [shown, *notes, *cut])


def attention_row(payload: dict[str, Any], layer: int, query: int) -> list[float]:
    """The shares of a query in the first column of a layer, as docs/payloads.md packs them."""
    count, first, causal = len(payload["queries"]), payload["first_query"], payload["causal"]
    width = len(payload["keys"] or payload["queries"])
    starts = [(q * (q + 1) - first * (first + 1)) // 2 if causal else (q - first) * width for q in (count, query)]
    start = layer * len(payload["columns"]) * starts[0] + starts[1]
    codes = base64.b64decode(payload["weights"])[start : start + (query + 1 if causal else width)]
    return [(code / 255) ** 2 for code in codes]


def _attention_top(row: list[float], keys: list[dict[str, Any]]) -> float:
    """The right end of the scale: the largest share but of the first token and special ones, at least that of equal parts."""
    others = [share for k, share in enumerate(row) if k and not keys[k].get("special")]
    return max(1 / max(1, len(row)), *others, 0)
