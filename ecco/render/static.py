"""The static view: what shows where no script runs, such as an untrusted notebook, an e-mail, a feed.

A view's function turns a payload into *blocks* (strips of tokens, grids of cells); one template draws them with
div, span and inline colours alone, as sanitisers leave nothing else. It is cut to what fits `LIMITS`, and says so.
"""

from __future__ import annotations

import base64
import math
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ecco.errors import EccoError
from ecco.render.assets import palette, template
from ecco.render.color import category, diverging, magnitude, rank_shade, text_on

# More tokens, boxes, layers, columns, alternatives are left to the live figure and to the numbers.
MOST_TOKENS, MOST_BOXES, MOST_LAYERS, MOST_COLUMNS, MOST_CHOICES = 160, 100, 24, 12, 5
MOST_PREDICTIONS = 20
# Lines of factors, and bars in one of them.
MOST_FACTORS, MOST_BARS = 16, 80
# Cells of a grid of predictions; rows and columns of a matrix.
MOST_CELLS = 80
# Characters of a word in a cell.
LONGEST_WORD = 9
MOST_ROWS, MOST_SOURCES = 20, 32


@dataclass(frozen=True)
class Span:
    """A piece of text behind which there may be a colour.

    Attributes:
        text: what is read.
        lead: the white space before it, which takes no colour.
        background: hex, or None.
        kind: `plain`, `soft`, `bold` or `held` (the explained token).
        number: a number under it, or None.
    """

    text: str
    lead: str = ""
    background: str | None = None
    kind: str = "plain"
    number: str | None = None

    @property
    def style(self) -> str:
        """Inline CSS."""
        styles = []
        if self.background:
            styles.append(f"background-color:{self.background};color:{text_on(self.background)};border-radius:3px")
        elif self.kind == "soft":
            styles.append(f"color:{palette()['soft']}")
        if self.kind in ("bold", "held"):
            styles.append("font-weight:bold")
        if self.kind == "held" and self.background:
            styles.append(f"box-shadow:0 2px 0 {palette()['paper']},0 5px 0 {palette()['accent']}")
        elif self.kind == "held":
            styles.append(f"border-bottom:3px solid {palette()['accent']}")
        return ";".join(styles)


@dataclass(frozen=True)
class Cell:
    """A cell of a grid: text at its left or middle, perhaps a number at its right and a bar below."""

    text: str
    number: str | None = None
    background: str | None = None
    kind: str = "plain"
    bar: float | None = None

    @property
    def style(self) -> str:
        """Inline CSS."""
        styles = []
        if self.background:
            styles.append(f"background-color:{self.background};color:{text_on(self.background)}")
        if self.kind == "soft":
            styles.append(f"color:{palette()['soft']}")
        if self.kind == "first":
            styles.append("font-weight:bold")
        if self.kind in ("first", "held"):
            styles.append(f"box-shadow:inset 0 0 0 1.5px {palette()['accent']}")
        return ";".join(styles)


@dataclass(frozen=True)
class Strip:
    """Tokens as lines of text.

    Attributes:
        lines: one for each line of the text.
        form: `text`, `boxes` (each token with its number) or `context` (smaller, above a drawing).
    """

    lines: list[list[Span]]
    form: str = "text"


@dataclass(frozen=True)
class Grid:
    """Rows of cells; every row begins with its name.

    Attributes:
        rows: name and cells.
        widths: of the columns, in pixels.
        form: `ranks` (a number in each cell), `choices` (a token, its probability and a bar) or `matrix` (small cells of
            colour alone under upright names; the last cell holds words).
        names: width of the names, in pixels.
    """

    rows: list[tuple[str, list[Cell]]]
    widths: list[int]
    form: str = "ranks"
    names: int = 48


@dataclass(frozen=True)
class Bars:
    """Rows of small bars over the text.

    Attributes:
        rows: name, colour, and the height of every bar in pixels.
        width: of a bar, in pixels.
    """

    rows: list[tuple[str, str, list[int]]]
    width: int
    form: str = "bars"


@dataclass
class Drawing:
    """What the template draws under the title.

    Attributes:
        blocks: from top to bottom.
        legend: (text at the low end, colours, text at the high end), or None.
        notes: what was left out.
    """

    blocks: list[Strip | Grid | Bars] = field(default_factory=list)
    legend: tuple[str, list[str], str] | None = None
    notes: list[str] = field(default_factory=list)


def static_html(payload: dict[str, Any]) -> str:
    """The static view of a payload: one line of ASCII that needs neither script nor style sheet.

    Raises:
        EccoError: for a view that does not exist.
    """
    try:
        draw = VIEWS[payload["view"]]
    except KeyError:
        raise EccoError(f"There is no view {payload['view']!r}; there are {', '.join(VIEWS)}.") from None
    drawing = draw(payload)
    notes = [payload["note"], *drawing.notes]
    html = template("static.html.j2").render(payload=payload, drawing=drawing, notes=[n for n in notes if n], color=palette())
    return one_line(html)


def one_line(html: str) -> str:
    """Line ends become spaces, all but ASCII becomes character references, so that no front end stumbles over them."""
    return " ".join(line.strip() for line in html.splitlines()).strip().encode("ascii", "xmlcharrefreplace").decode()


# -- views -------------------------------------------------------------------------------------------------------------


def _attribution(payload: dict[str, Any]) -> Drawing:
    if payload["style"] == "matrix":
        return _matrix(payload)
    tokens = payload["tokens"]
    target = payload["targets"][0] if payload["targets"] else 0
    seen = payload.get("seen", payload["targets"])[0] if payload["targets"] else 0
    scores = _filled(payload["scores"][0] if payload["scores"] else [], seen)
    extent = max((abs(s) for s in scores if s is not None), default=0.0)
    detailed, share = payload["style"] == "detailed", payload["unit"] == "share"

    def span(index: int) -> Iterator[Span]:
        token = tokens[index]
        held = index == target and payload["named"] is None
        kind = "held" if held else "bold" if index >= payload["n_input"] else "plain"
        if index >= seen:
            yield from _spans(token, kind=kind)
            return
        score = scores[index]
        if score is None:
            yield from _spans(token, kind=kind)
            return
        background = (diverging if payload["signed"] else magnitude)(score / (extent or 1))
        number = _number(score, share, extent) if detailed else None
        yield from _spans(token, kind=kind, background=background, number=number)

    lines, cut = _lines(target, span, payload, most=MOST_BOXES if detailed else MOST_TOKENS)
    drawing = Drawing([Strip(lines, form="boxes" if detailed else "text")], notes=cut)
    if payload["named"] is not None:
        drawing.notes.append(f"explained: {_shown(payload['named']['text'])} at position {target}")
    elif len(payload["targets"]) > 1:
        drawing.notes.append(f"shown: the first of {len(payload['targets'])} explained tokens")
    labels = [f"{_shown(label['text'])} {percent(label['probability'] or 0)}" for label in payload.get("labels", [])]
    drawing.notes += [" · ".join(labels)] if labels else []
    if extent:
        drawing.legend = _legend(extent, share, payload["signed"])
    return drawing


def _matrix(payload: dict[str, Any]) -> Drawing:
    """Explained tokens downward, the tokens that led to them to the right: the strongest columns, in their order."""
    tokens, targets = payload["tokens"], payload["targets"][:MOST_ROWS]
    every = [_filled(row, n) for row, n in zip(payload["scores"], payload.get("seen", payload["targets"]), strict=True)]
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
        yield Cell(f"{_word(tokens[best])} {_number(row[best] or 0.0, share, extent)}" if best is not None else "")

    names = payload.get("explained") or [tokens[p] if p < len(tokens) else payload["named"] for p in targets]
    head = [Cell(_word(tokens[s]), kind="soft" if tokens[s].get("special") else "plain") for s in shown]
    rows = [("", [*head, Cell("strongest", kind="soft")])]
    rows += [(_word(name), list(cells(row))) for name, row in zip(names, scores, strict=False)]
    notes = ["rows: what is explained", "columns: what led to it"]
    if len(targets) < len(payload["targets"]):
        notes.append(f"the first {len(targets)} of {len(payload['targets'])} rows")
    if len(shown) < width:
        notes.append(f"the strongest {len(shown)} of {width} columns")
    legend = _legend(extent, share, payload["signed"]) if extent else None
    return Drawing([Grid(rows, [18] * len(shown), form="matrix", names=100)], legend, notes)


def _tokens(payload: dict[str, Any]) -> Drawing:
    tokens, values = payload["tokens"], payload["values"]
    share, signed = payload["unit"] == "share", payload["signed"]
    known = [abs(v) for v in values or [] if v is not None]
    extent = 1.0 if share else max(known, default=0) or 1.0

    def span(index: int) -> Iterator[Span]:
        value = None if values is None else values[index]
        background = None if value is None else (diverging if signed else magnitude)(value / extent)
        yield from _spans(tokens[index], background=background, kind="bold" if index >= payload["n_input"] else "plain")

    lines, cut = _lines(len(tokens), span, payload, most=MOST_TOKENS)
    return Drawing([Strip(lines)], _legend(extent, share, signed) if known else None, cut)


def _factors(payload: dict[str, Any]) -> Drawing:
    """A line of bars for every factor; the text, every token in the colour of its strongest factor."""
    tokens, values = payload["tokens"], factor_values(payload)
    hues, width = palette()["category"], -(-len(tokens) // MOST_BARS)
    parts = range(0, len(tokens), width)
    rows = [
        (
            payload["names"][k] or f"factor {k}",
            hues[k % len(hues)],
            [math.floor(20 * max(map(abs, row[start : start + width])) + 0.5) for start in parts],
        )
        for k, row in enumerate(values[:MOST_FACTORS])
    ]

    def span(index: int) -> Iterator[Span]:
        kind = "bold" if index >= payload["n_input"] else "plain"
        best = max(range(len(values)), key=lambda k: abs(values[k][index]))
        yield from _spans(tokens[index], background=category(best, values[best][index]), kind=kind)

    lines, notes = _lines(0, span, payload, most=MOST_TOKENS)
    if payload["signed"]:
        notes.append("bars show absolute values, grey tokens are below 0")
    if len(values) > len(hues):
        notes.append(f"colours return after {len(hues)} factors")
    if len(rows) < len(values):
        notes.append(f"the first {len(rows)} of {len(values)} factors")
    bars = Bars(rows, max(2, min(8, 400 // len(parts))))
    return Drawing([bars, Strip(lines)], None, ["every token has the colour of its strongest factor", *notes])


def factor_values(payload: dict[str, Any]) -> list[list[float]]:
    """Every factor at every token as a share of its peak, as docs/payloads.md packs them."""
    codes, n = base64.b64decode(payload["values"]), len(payload["tokens"])
    shares = [code / 127 - 1 if payload["signed"] else code / 255 for code in codes]
    return [shares[start : start + n] for start in range(0, len(shares), n)]


def _rankings(payload: dict[str, Any]) -> Drawing:
    size, columns = payload["vocab_size"], payload["columns"][:MOST_COLUMNS]
    layers, notes = _some_layers(payload["layers"], MOST_LAYERS)
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
        blocks.append(_context(payload))
    else:
        rows.insert(0, ("", [Cell(_word(c["read"]), kind="soft") for c in columns]))
    rows.append(("", [Cell(_word(c["token"])) for c in columns]))
    longest = [max(len(_word(c["token"])), len(_word(c["read"]))) for c in columns]
    blocks.append(Grid(rows, widths=[min(max(54, 8 * count + 8), 120) for count in longest]))
    return Drawing(blocks, (f"{size:,}", _ramp(), "rank 1"), notes)


def _comparison(payload: dict[str, Any]) -> Drawing:
    """The text once for every method, each in its own scale; below, how far they agree."""
    tokens, methods, target = payload["tokens"], payload["methods"], payload["target"]
    color = diverging if payload["signed"] else magnitude
    drawing = Drawing()
    for method in methods:
        scores = _filled(method["scores"], payload["seen"])
        extent = max((abs(s) for s in scores if s), default=0.0)

        def span(index: int, scores: list[float | None] = scores, extent: float = extent) -> Iterator[Span]:
            value = scores[index] if index < len(scores) else None
            held = index == target and payload["named"] is None
            kind = "held" if held else "bold" if index >= payload["n_input"] else "plain"
            yield from _spans(tokens[index], kind=kind, background=None if value is None else color(value / (extent or 1)))

        lines, cut = _lines(target, span, payload, most=max(MOST_TOKENS // len(methods), MOST_SOURCES))
        name = f"{method['label']}, up to {_number(extent, payload['unit'] == 'share', extent)}"
        drawing.blocks += [Strip([[Span(name)]], form="context"), Strip(lines)]
        drawing.notes = cut
    if payload["named"] is not None:
        drawing.notes.append(f"explained: {_shown(payload['named']['text'])} at position {target}")
    if len(methods) > 1:
        drawing.blocks.append(_agreement(payload))
        drawing.notes.append(f"rank correlation of the scores · how many of the {payload['top']} strongest tokens are the same")
    return drawing


def _agreement(payload: dict[str, Any]) -> Grid:
    labels = [method["label"] for method in payload["methods"]]
    rows = [("", [Cell(label, kind="soft") for label in labels])]
    for row, label in enumerate(labels):
        pairs = zip(payload["agreement"][row], payload["overlap"][row], strict=True)
        cells = [
            Cell("–")
            if column == row or rho is None
            else Cell(f"{rho:.2f} · {same:.0f}/{payload['top']}", background=diverging(rho))
            for column, (rho, same) in enumerate(pairs)
        ]
        rows.append((label, cells))
    return Grid(rows, [150] * len(labels), names=150)


def _contributions(payload: dict[str, Any]) -> Drawing:
    """A line per part; the waterfall needs the live figure."""
    parts = payload["parts"][: 2 * MOST_LAYERS]
    notes = [] if len(parts) == len(payload["parts"]) else [f"the first {len(parts)} of {len(payload['parts'])} parts"]
    extent = max((abs(part["value"] or 0.0) for part in parts), default=0.0) or 1.0
    rows = [("", [Cell("adds", kind="soft"), Cell("rank", kind="soft")])]
    for part in parts:
        value, rank = part["value"], part["rank"]
        added = Cell("–") if value is None else Cell(f"{value:+.2f}", background=diverging(value / extent))
        rows.append((part["name"], [added, Cell("–" if rank is None else short_rank(rank))]))
    name = "difference" if payload["against"] else "logit"
    rows.append((name, [Cell(f"{payload['logit'] or 0.0:+.2f}", kind="bold"), Cell("")]))
    return Drawing([_context(payload), Grid(rows, [80, 64], names=118)], _legend(extent, False, True), notes)


def _lens(payload: dict[str, Any]) -> Drawing:
    """The likeliest word of every cell, coloured by the quantity that the figure shows first."""
    size, quantity, columns = payload["vocab_size"], payload["quantity"], payload["columns"][:MOST_COLUMNS]
    layers, notes = _some_layers(payload["layers"], MOST_LAYERS)
    if len(columns) < len(payload["columns"]):
        notes.append(f"the first {len(columns)} of {len(payload['columns'])} positions")

    def cell(row: int, column: int) -> Cell:
        value, word = payload[quantity][row][column], payload["words"][payload["best"][row][column][0]]
        background = None if value is None else magnitude(_lens_shade(quantity, value, size))
        return Cell(
            _clipped(_word(word)), background=background, kind="first" if payload["rank"][row][column] == 1 else "plain"
        )

    names = {"block": "layer {}", "attention": "{} attention"}
    rows = [
        (names[payload["parts"][row]].format(payload["layers"][row]), [cell(row, c) for c in range(len(columns))])
        for row in layers
    ]
    if any(c["read"] for c in columns):
        rows.insert(0, ("", [Cell(_word(c["read"]), kind="soft") for c in columns]))
    rows.append(("", [Cell(_word(c["token"])) for c in columns]))
    ends = {"probability": ("0%", "100%"), "rank": (f"{size:,}", "rank 1")}
    low, high = ends.get(quantity, ("0", f"{math.log(max(2, size)):.1f} nats"))
    notes.insert(0, f"coloured by {payload['quantities'][quantity]}")
    return Drawing([Grid(rows, [82] * len(columns), names=70)], (low, _ramp(), high), notes)


def _lens_shade(quantity: str, value: float, size: int) -> float:
    """How dark a value is; nats end at what the most undecided layer would have."""
    if quantity == "probability":
        return value
    return rank_shade(int(value), size) if quantity == "rank" else min(1.0, value / math.log(max(2, size)))


def _clipped(word: str) -> str:
    return word if len(word) <= LONGEST_WORD else f"{word[: LONGEST_WORD - 1]}…"


FIGURES = {"comprehensiveness": "↑", "sufficiency": "↓", "deletion_area": "↓", "insertion_area": "↑"}


def _faithfulness(payload: dict[str, Any]) -> Drawing:
    """The figures of every method; the curves need the live figure."""
    chance = payload["random"]
    rows = [("", [Cell(f"{name.replace('_', ' ')} {better}", kind="soft") for name, better in FIGURES.items()])]
    rows += [(method["label"], [Cell(_decimals(method[name])) for name in FIGURES]) for method in payload["methods"]]
    spreads = [
        Cell(f"{_decimals(chance[name]['mean'])} ± {_decimals(chance[name]['spread'])}", kind="soft") for name in FIGURES
    ]
    rows.append(("random orders", spreads))
    notes = [f"a token is taken away by putting the {payload['removal']} embedding in its place"]
    return Drawing([Grid(rows, [150] * len(FIGURES), names=150)], None, notes)


def _decimals(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _layer_predictions(payload: dict[str, Any]) -> Drawing:
    count = min(max((len(row) for row in payload["predictions"]), default=1), MOST_CHOICES)
    layers, notes = _some_layers(payload["layers"], min(MOST_LAYERS, MOST_CELLS // max(count, 1)))
    last = payload["predictions"][-1] if payload["predictions"] else []
    goal = payload["token"] or (last[0] if last else None)  # the text's token, or the model's own answer
    wanted = goal["id"] if goal else None
    rows = [
        (f"layer {payload['layers'][row]}", [_choice(p, wanted) for p in payload["predictions"][row][:count]]) for row in layers
    ]
    return Drawing([_context(payload), Grid(rows, [148] * count, form="choices")], None, notes)


def _predictions(payload: dict[str, Any]) -> Drawing:
    shown = payload["predictions"][:MOST_PREDICTIONS]
    rows = [(str(rank), [_choice(p, None)]) for rank, p in enumerate(shown, start=1)]
    left = len(payload["predictions"]) - len(shown)
    notes = [f"the first {len(shown)} of {len(payload['predictions'])} tokens"] if left else []
    return Drawing([_context(payload), Grid(rows, [300], form="choices")], None, notes)


def _attention(payload: dict[str, Any]) -> Drawing:
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
        yield from _spans(tokens[index], background=background, kind="soft" if soft else kind)

    text = {"tokens": tokens, "n_input": before, "two_sided": bool(before)}
    lines, notes = _lines(before + query, span, text, most=MOST_TOKENS)
    layers, cut = _some_layers(payload["layers"], min(MOST_LAYERS, MOST_CELLS // MOST_CHOICES))
    rows = []
    for layer in layers:
        shares = attention_row(payload, layer, query)
        best = sorted(range(len(shares)), key=lambda k: -shares[k])[:MOST_CHOICES]
        cells = [
            Cell(_word(keys[k]), short_share(shares[k]), palette()["panel"], bar=round(100 * shares[k], 1))
            for k in best
            if shares[k] > 0
        ]
        rows.append((f"layer {payload['layers'][layer]}", cells))
    which = f"mean of {payload['heads']} heads" if column is None else f"head {column}"
    place = payload["query_positions"][query]
    who = f"“{_word(queries[query])}”" + ("" if place is None else f" at position {place}")
    shown = f"what {who} attends to: in the text, layer {payload['layers'][last]}; below, every layer; {which}"
    legend = (short_share(0), _ramp(), short_share(top) + ("+" if max(row, default=0) > top else ""))
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


def _trace(payload: dict[str, Any]) -> Drawing:
    """The first site, in the columns where most returns."""
    shares, columns, site = payload["shares"][0], payload["columns"], payload["sites"][0]
    layers, notes = _some_layers(payload["layers"], MOST_LAYERS)
    known = [s for rows in payload["shares"] for row in rows for s in row if s is not None]
    extent, signed = max(map(abs, known), default=0) or 1.0, any(s < -0.005 for s in known)
    most = [max((abs(row[c] or 0) for row in shares), default=0) for c in range(len(columns))]
    shown = sorted(sorted(range(len(columns)), key=lambda c: -most[c])[:MOST_COLUMNS])
    if len(shown) < len(columns):
        notes.append(f"the {len(shown)} of {len(columns)} columns where most returns")
    if len(payload["sites"]) > 1:
        notes.append(f"restored: {site}")

    def cell(share: float | None) -> Cell:
        if share is None:
            return Cell("–")
        whole = math.floor(100 * share + 0.5)
        return (
            Cell(f"{whole}%", background=(diverging if signed else magnitude)(share / extent))
            if whole
            else Cell("", background=palette()["panel"])
        )

    rows = [(f"layer {payload['layers'][row]}", [cell(shares[row][c]) for c in shown]) for row in layers]
    rows.insert(0, ("", [Cell(_word(columns[c]["token"])) for c in shown]))
    replaced = [(_word(columns[c]["replaced"]) or "noise") if columns[c]["corrupted"] else "" for c in shown]
    rows.append(("", [Cell(text, kind="soft") for text in replaced]))
    longest = [max(len(_word(columns[c]["token"])), len(text)) for c, text in zip(shown, replaced, strict=True)]
    low = percent(-extent) if signed else "0%"
    colors = [diverging(i / 4 - 1) for i in range(9)] if signed else _ramp()
    return Drawing([Grid(rows, [min(max(44, 8 * count + 8), 96) for count in longest])], (low, colors, percent(extent)), notes)


VIEWS: dict[str, Callable[[dict[str, Any]], Drawing]] = {
    "attention": _attention,
    "attribution": _attribution,
    "comparison": _comparison,
    "contributions": _contributions,
    "faithfulness": _faithfulness,
    "factors": _factors,
    "rankings": _rankings,
    "layer_predictions": _layer_predictions,
    "lens": _lens,
    "predictions": _predictions,
    "tokens": _tokens,
    "trace": _trace,
}


# -- parts -------------------------------------------------------------------------------------------------------------


def _spans(
    token: dict[str, Any], *, background: str | None = None, kind: str = "plain", number: str | None = None
) -> Iterator[Span]:
    """One token: its white space, its word, its quiet marks."""
    text = token["text"]
    if token.get("part") or not text:
        yield Span("◦", background=background, kind="soft", number=number)
        return
    word = text.lstrip(" ")
    lead = " " * (len(text) - len(word))
    if kind == "bold" and not text.strip():
        kind = "plain"
    if token.get("special") and kind == "plain":
        kind = "soft"
    if not word:
        yield Span("·" * len(lead), background=background, kind="soft", number=number)
        return
    yield Span(
        _shown(word),
        lead=lead,
        background=background,
        kind="soft" if not word.strip() and kind == "plain" else kind,
        number=number,
    )


def _lines(
    held: int, span: Callable[[int], Iterator[Span]], payload: dict[str, Any], *, most: int
) -> tuple[list[list[Span]], list[str]]:
    """Spans broken where the text breaks or a second text begins, around the held token if they are too many."""
    tokens, second = payload["tokens"], payload["n_input"] if payload.get("two_sided") else None
    count = len(tokens)
    start = min(max(0, held - most * 3 // 4), max(0, count - most))
    stop = min(count, start + most)
    lines: list[list[Span]] = [[]]
    for index in range(start, stop):
        lines[-1].extend(span(index))
        if tokens[index]["text"].endswith("\n") or index + 1 == second:
            lines.append([])
    cut = [f"tokens {start} to {stop - 1} of {count}"] if stop - start < count else []
    return [line for line in lines if line], cut


def _context(payload: dict[str, Any]) -> Strip:
    """The text around an explained position, on one line, with a gap in it."""
    before, after = payload["context"] or [], payload.get("after", [])
    dots = [Span("…" if before and before[0]["text"].startswith(" ") else "… ")] if payload.get("context_cut") else []
    gap = Span("\u00a0" * 4, lead="\u00a0", kind="held")
    left, right = ([span for token in tokens for span in _spans(token)] for tokens in (before, after))
    return Strip([[*dots, *left, gap, *right, *([Span(" …")] if payload.get("after_cut") else [])]], form="context")


def _choice(prediction: dict[str, Any], wanted: int | None) -> Cell:
    p = prediction["probability"] or 0.0
    held = wanted is not None and prediction["id"] == wanted
    return Cell(_word(prediction), percent(p), palette()["panel"], "held" if held else "plain", bar=round(100 * p, 1))


def _some_layers(layers: list[int], most: int) -> tuple[list[int], list[str]]:
    """Indices of the layers shown, the last one always among them."""
    count = len(layers)
    if count <= most:
        return list(range(count)), []
    chosen = [round(i * (count - 1) / (most - 1)) for i in range(most)]
    return chosen, [f"{most} of {count} layers"]


def _filled(scores: list[float | None], seen: int) -> list[float | None]:
    """A row of scores up to where its target's view ends: a row may end earlier, what is beyond scores 0."""
    return [*scores[:seen], *[0.0] * (seen - len(scores))]


def _legend(extent: float, share: bool, signed: bool) -> tuple[str, list[str], str]:
    low = _number(-extent if signed else 0.0, share, extent)
    colors = [diverging(i / 4 - 1) for i in range(9)] if signed else _ramp()
    return low, colors, _number(extent, share, extent)


def _ramp() -> list[str]:
    return [magnitude(i / 8) for i in range(9)]


def _number(value: float, share: bool, extent: float) -> str:
    """A score, short: raw ones with as many decimals as the largest (`extent`) needs for three digits."""
    if share:
        return percent(value)
    digits = math.floor(math.log10(extent)) if extent > 0 else 0
    if -3 <= digits < 6:
        return f"{value:.{max(0, 2 - digits)}f}"
    return "0" if abs(value) < extent / 1000 else f"{value:.1e}"


def percent(value: float) -> str:
    """A share with one decimal."""
    return f"{100 * value:.1f}%"


def short_share(share: float) -> str:
    """A share as exact as a byte tells it: 35%, 3.4%, 0.3%."""
    if share == 0:
        return "0%"
    if share >= 0.0995:
        return f"{100 * share:.0f}%"
    return "<0.1%" if share < 0.0005 else f"{100 * share:.1f}%"


def short_rank(rank: int) -> str:
    """A rank in few characters: 8,276, 39k."""
    return f"{rank:,}" if rank < 10_000 else f"{rank / 1000:.0f}k" if rank < 999_500 else f"{rank / 1e6:.1f}M"


def _word(token: dict[str, Any] | None) -> str:
    """A token as the name of a column."""
    return _shown(token["text"].strip(" ")) or "·" if token else ""


def _shown(text: str) -> str:
    """Text with its invisible characters made visible."""
    return "".join(_visible(c) for c in text)


def _visible(char: str) -> str:
    if char == "\n":
        return "↵"
    if char == "\t":
        return "→"
    if char in "\u2028\u2029\x85":
        return "␤"
    if ord(char) < 32:
        return chr(0x2400 + ord(char))
    if char == "\x7f":
        return "␡"
    if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn"):
        return "�" if char not in "\u200c\u200d" else char
    return char
