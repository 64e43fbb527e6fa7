"""What a static view is made of: strips of tokens, grids of cells, rows of bars; and how words and numbers are written."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ecco.render.assets import palette
from ecco.render.color import diverging, magnitude, text_on

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


def spans(
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
        made_visible(word),
        lead=lead,
        background=background,
        kind="soft" if not word.strip() and kind == "plain" else kind,
        number=number,
    )


def text_lines(
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


def around(payload: dict[str, Any]) -> Strip:
    """The text around an explained position, on one line, with a gap in it."""
    before, after = payload["context"] or [], payload.get("after", [])
    dots = [Span("…" if before and before[0]["text"].startswith(" ") else "… ")] if payload.get("context_cut") else []
    gap = Span("\u00a0" * 4, lead="\u00a0", kind="held")
    left, right = ([span for token in tokens for span in spans(token)] for tokens in (before, after))
    return Strip([[*dots, *left, gap, *right, *([Span(" …")] if payload.get("after_cut") else [])]], form="context")


def choice(prediction: dict[str, Any], wanted: int | None) -> Cell:
    """A token with its probability and a bar of it."""
    p = prediction["probability"] or 0.0
    held = wanted is not None and prediction["id"] == wanted
    return Cell(word_of(prediction), percent(p), palette()["panel"], "held" if held else "plain", bar=round(100 * p, 1))


def some_layers(layers: list[int], most: int) -> tuple[list[int], list[str]]:
    """Indices of the layers shown, the last one always among them."""
    count = len(layers)
    if count <= most:
        return list(range(count)), []
    chosen = [round(i * (count - 1) / (most - 1)) for i in range(most)]
    return chosen, [f"{most} of {count} layers"]


def filled(scores: list[float | None], seen: int) -> list[float | None]:
    """A row of scores up to where its target's view ends: a row may end earlier, what is beyond scores 0."""
    return [*scores[:seen], *[0.0] * (seen - len(scores))]


def scale(extent: float, share: bool, signed: bool) -> tuple[str, list[str], str]:
    """The legend of a colour scale up to `extent`."""
    low = short_number(-extent if signed else 0.0, share, extent)
    colors = [diverging(i / 4 - 1) for i in range(9)] if signed else ramp()
    return low, colors, short_number(extent, share, extent)


def ramp() -> list[str]:
    """The colours of a legend that begins at 0."""
    return [magnitude(i / 8) for i in range(9)]


def short_number(value: float, share: bool, extent: float) -> str:
    """A score, short: raw ones with as many decimals as the largest (`extent`) needs for three digits."""
    if share:
        return percent(value)
    digits = math.floor(math.log10(extent)) if extent > 0 else 0
    if -3 <= digits < 6:
        return f"{round(value, max(0, 2 - digits)) + 0.0:.{max(0, 2 - digits)}f}"  # no "-0.00"
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


def word_of(token: dict[str, Any] | None) -> str:
    """A token as the name of a column."""
    return made_visible(token["text"].strip(" ")) or "·" if token else ""


def made_visible(text: str) -> str:
    """Text with its invisible characters made visible."""
    return "".join(visible_character(c) for c in text)


def visible_character(char: str) -> str:
    """A character, or what stands for it if it cannot be seen."""
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


def clipped(word: str) -> str:
    """A word that fits into a cell."""
    return word if len(word) <= LONGEST_WORD else f"{word[: LONGEST_WORD - 1]}…"


def decimals(value: float | None) -> str:
    """A figure with three decimals."""
    return "–" if value is None else f"{value:.3f}"
