"""The static view of attribution."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecco.render.blocks import (
    MOST_BOXES,
    MOST_ROWS,
    MOST_SOURCES,
    MOST_TOKENS,
    Cell,
    Drawing,
    Grid,
    Span,
    Strip,
    clipped,
    filled,
    made_visible,
    percent,
    scale,
    short_number,
    spans,
    text_lines,
    word_of,
)
from ecco.render.color import diverging, magnitude


def draw(payload: dict[str, Any]) -> Drawing:
    """The text, every token in the colour of its score; or a matrix."""
    if payload["style"] == "matrix":
        return _matrix(payload)
    tokens = payload["tokens"]
    target = payload["targets"][0] if payload["targets"] else 0
    seen = payload.get("seen", payload["targets"])[0] if payload["targets"] else 0
    scores = filled(payload["scores"][0] if payload["scores"] else [], seen)
    extent = max((abs(s) for s in scores if s is not None), default=0.0)
    detailed, share = payload["style"] == "detailed", payload["unit"] == "share"

    def span(index: int) -> Iterator[Span]:
        token = tokens[index]
        held = index == target and payload["named"] is None
        kind = "held" if held else "bold" if index >= payload["n_input"] else "plain"
        if index >= seen:
            yield from spans(token, kind=kind)
            return
        score = scores[index]
        if score is None:
            yield from spans(token, kind=kind)
            return
        background = (diverging if payload["signed"] else magnitude)(score / (extent or 1))
        number = short_number(score, share, extent) if detailed else None
        yield from spans(token, kind=kind, background=background, number=number)

    lines, cut = text_lines(target, span, payload, most=MOST_BOXES if detailed else MOST_TOKENS)
    drawing = Drawing([Strip(lines, form="boxes" if detailed else "text")], notes=cut)
    if payload["named"] is not None:
        drawing.notes.append(f"explained: {made_visible(payload['named']['text'])} at position {target}")
    elif len(payload["targets"]) > 1:
        drawing.notes.append(f"shown: the first of {len(payload['targets'])} explained tokens")
    labels = [f"{made_visible(label['text'])} {percent(label['probability'] or 0)}" for label in payload.get("labels", [])]
    drawing.notes += [" · ".join(labels)] if labels else []
    if extent:
        drawing.legend = _legend(payload, extent)
    return drawing


def _legend(payload: dict[str, Any], extent: float) -> tuple[str, list[str], str]:
    """The scale; its ends name the tokens that they speak for, where one is explained rather than another."""
    low, colors, high = scale(extent, payload["unit"] == "share", payload["signed"])
    if not payload.get("against") or not payload["signed"]:
        return low, colors, high
    target = payload["targets"][0]
    own = next(iter(payload.get("explained", [])), payload["named"])
    explained = own or (payload["tokens"][target] if target < len(payload["tokens"]) else None)
    several = len(payload["targets"]) > 1 and payload["style"] == "matrix"
    toward = "the explained token" if several else clipped(word_of(explained))
    return f"for {clipped(word_of(payload['against']))} {low}", colors, f"{high} for {toward}"


def _matrix(payload: dict[str, Any]) -> Drawing:
    """Explained tokens downward, the tokens that led to them to the right: the strongest columns, in their order."""
    tokens, targets = payload["tokens"], payload["targets"][:MOST_ROWS]
    every = [filled(row, n) for row, n in zip(payload["scores"], payload.get("seen", payload["targets"]), strict=True)]
    extent, share = max((abs(s) for row in every for s in row if s), default=0.0), payload["unit"] == "share"
    scores = every[: len(targets)]
    width = max(map(len, scores), default=0)
    most = [max((abs(row[s] or 0.0) for row in scores if s < len(row)), default=0.0) for s in range(width)]
    shown = sorted(sorted(range(width), key=lambda s: -most[s])[:MOST_SOURCES])
    color = diverging if payload["signed"] else magnitude

    def cells(row: list[float | None]) -> Iterator[Cell]:
        for s in shown:
            value = row[s] if s < len(row) else None
            yield Cell("", background=None if value is None else color(value / (extent or 1)))
        best = max(range(len(row)), key=lambda s: abs(row[s] or 0.0), default=None)
        yield Cell(f"{word_of(tokens[best])} {short_number(row[best] or 0.0, share, extent)}" if best is not None else "")

    names = payload.get("explained") or [tokens[p] if p < len(tokens) else payload["named"] for p in targets]
    head = [Cell(word_of(tokens[s]), kind="soft" if tokens[s].get("special") else "plain") for s in shown]
    rows = [("", [*head, Cell("strongest", kind="soft")])]
    rows += [(word_of(name), list(cells(row))) for name, row in zip(names, scores, strict=False)]
    notes = ["rows: what is explained", "columns: what led to it"]
    if len(targets) < len(payload["targets"]):
        notes.append(f"the first {len(targets)} of {len(payload['targets'])} rows")
    if len(shown) < width:
        notes.append(f"the strongest {len(shown)} of {width} columns")
    legend = _legend(payload, extent) if extent else None
    return Drawing([Grid(rows, [18] * len(shown), form="matrix", names=100)], legend, notes)
