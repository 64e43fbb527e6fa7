"""A matrix of numbers as a figure: its payload, whatever the rows and columns are."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from ecco.result import significant
from ecco.tokens import Token

# More numbers than this are packed as bytes.
MOST_NUMBERS = 4096

# The byte that stands for no number, and how many steps the scale of the others has.
MISSING, STEPS = 255, 254


def heatmap(
    values: Float[np.ndarray, "row column"],
    rows: Sequence[str | Token],
    columns: Sequence[str | Token],
    *,
    title: str,
    subtitle: str,
    value_name: str,
    low: float,
    high: float,
    row_title: str = "",
    column_title: str = "",
    unit: str = "raw",
    note: str | None = None,
    positions: Sequence[int | None] | None = None,
    n_input: int | None = None,
) -> dict[str, Any]:
    """See docs/payloads.md, `heatmap`.

    Args:
        values: what is shown; NaN where there is nothing.
        rows: names of the rows, or tokens.
        columns: names of the columns, or tokens.
        title: of the figure.
        subtitle: one sentence: what is shown, units and method.
        value_name: what a value is called beside its number.
        low: the lower end of the colour scale; below 0, colours diverge from 0.
        high: its upper end. Values beyond an end have its colour.
        row_title: what a row is, said before its name ("layer").
        column_title: what a column is.
        unit: `"raw"`, or `"share"` for percent.
        note: what a reader must know.
        positions: of columns that are tokens, their positions in the run.
        n_input: how many of these were read, not written.
    """
    more = {"positions": positions, "n_input": n_input}
    return {
        "ecco": 1,
        "view": "heatmap",
        "title": title,
        "subtitle": subtitle,
        "note": note,
        "rows": [_name(row) for row in rows],
        "columns": [_name(column) for column in columns],
        "row_title": row_title,
        "column_title": column_title,
        "values": significant(values, 4) if values.size <= MOST_NUMBERS else _packed(values, low, high),
        "value_name": value_name,
        "unit": unit,
        "low": low,
        "high": high,
        **{key: value for key, value in more.items() if value is not None},
    }


def _name(one: str | Token) -> Any:
    return one.to_dict() if isinstance(one, Token) else one


def _packed(values: np.ndarray, low: float, high: float) -> str:
    """Every value as a byte, its place on the scale in `STEPS` steps."""
    steps = np.rint(STEPS * np.clip((values - low) / (high - low), 0, 1))
    return base64.b64encode(np.where(np.isfinite(values), steps, MISSING).astype(np.uint8).tobytes()).decode("ascii")
