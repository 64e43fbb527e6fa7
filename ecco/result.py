"""Result: what every answer of ecco can do.

A result is a frozen dataclass of named arrays. Its figure, table, text and files are functions of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ecco.errors import ArgumentError, EccoError
from ecco.render.page import figure_html, page_html
from ecco.tokens import Token

if TYPE_CHECKING:
    import pandas

SUFFIXES = (".html", ".json", ".csv")

# How many tokens of context a figure repeats before the position it explains.
CONTEXT = 40


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """Base of all results; a subclass says what its payload, table and text are."""

    def to_payload(self) -> dict[str, Any]:
        """What the figure needs, as docs/payloads.md describes it."""
        raise EccoError(f"{type(self).__name__} has no figure")

    def to_records(self) -> list[dict[str, Any]]:
        """The numbers as rows of a long table."""
        raise EccoError(f"{type(self).__name__} has no table")

    def to_text(self) -> str:
        """The result as a readable text table."""
        raise EccoError(f"{type(self).__name__} has no text form")

    def to_dict(self) -> dict[str, Any]:
        """All fields as plain Python: arrays become nested lists, what is not finite becomes None."""
        return {f.name: plain(getattr(self, f.name)) for f in fields(self) if not f.name.startswith("_")}

    def to_json(self) -> str:
        """`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), allow_nan=False)

    def to_frame(self) -> pandas.DataFrame:
        """The numbers as a long pandas table, one row per number.

        Raises:
            EccoError: if pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise EccoError("to_frame needs pandas: pip install pandas (or use to_records or to_dict).") from error
        return pandas.DataFrame(self.to_records())

    def to_html(self, standalone: bool = False) -> str:
        """The figure as HTML: a fragment to place in a page, or with `standalone` a whole page."""
        payload = self.to_payload()
        return page_html([payload], title=payload["title"]) if standalone else figure_html(payload)

    def save(self, path: str | Path) -> Path:
        """Write the result to a file; the suffix says how.

        `.html` is one self-contained page with the figure, `.json` all arrays, `.csv` the long table.

        Raises:
            ArgumentError: for another suffix.
        """
        path = Path(path)
        writers = {
            ".html": lambda: self.to_html(standalone=True),
            ".json": self.to_json,
            ".csv": lambda: _csv(self.to_records()),
        }
        if path.suffix not in writers:
            raise ArgumentError(
                f"A {type(self).__name__} is saved as {', '.join(writers)}; not as {path.suffix or str(path)!r}."
            )
        path.write_text(writers[path.suffix](), encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        return self.to_text()


def save_page(path: str | Path, *results: Result, title: str = "ecco") -> Path:
    """Write several figures into one self-contained page; the runtime lies in it once."""
    path = Path(path)
    path.write_text(page_html([result.to_payload() for result in results], title=title), encoding="utf-8")
    return path


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, Token):
        return value.to_dict()
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def significant(values: np.ndarray, digits: int = 3) -> list[Any]:
    """Numbers for a payload, rounded to significant digits; what is not finite becomes None."""
    flat = [None if not np.isfinite(v) else float(f"{v:.{digits}g}") for v in np.asarray(values, dtype=float).ravel()]
    return np.array(flat, dtype=object).reshape(np.shape(values)).tolist()


def context_of(before: Sequence[Token], after: Sequence[Token] = ()) -> dict[str, Any]:
    """The tokens that were read around a position, as a payload shows them."""
    return {
        "context": [t.to_dict() for t in before[-CONTEXT:]],
        "context_cut": len(before) > CONTEXT,
        "after": [t.to_dict() for t in after[:CONTEXT]],
        "after_cut": len(after) > CONTEXT,
    }


def gap_in(before: Sequence[Token], after: Sequence[Token] = ()) -> str:
    """The text around a position on one line, the position itself as a gap."""
    left, right = ("".join(visible(t.text) for t in tokens) for tokens in (before[-12:], after[:12]))
    return f"{left}____{right}" if after else left


def visible(text: str) -> str:
    """A token's text on one line of a terminal."""
    shown = text.replace("\n", "↵").replace("\t", "→")
    return "".join(c if c.isprintable() else "·" for c in shown)


def text_table(rows: list[list[str]], *, left: int = 1) -> str:
    """Rows of strings in aligned columns: the first `left` columns to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = (
        "  ".join(cell.ljust(w) if i < left else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _csv(records: list[dict[str, Any]]) -> str:
    import csv
    import io

    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(records[0]) if records else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue()
