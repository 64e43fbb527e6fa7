"""A matrix as a figure: numbers as they are while there are few, as bytes on the scale where there are many."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from ecco.heatmap import MOST_NUMBERS, heatmap
from ecco.render.color import diverging, magnitude
from ecco.render.static import static_html
from ecco.render.views.heatmap import matrix_of
from ecco.tokens import Token


def made(values: np.ndarray, **more: Any) -> dict[str, Any]:
    names = [[str(i) for i in range(count)] for count in values.shape]
    given = {"title": "T", "subtitle": "S", "value_name": "value", "low": 0.0, "high": 1.0}
    return heatmap(values, *names, **given | more)


def test_few_numbers_are_kept_and_what_is_missing_is_null() -> None:
    payload = made(np.array([[0.123456, np.nan], [np.inf, -3]]))
    assert payload["values"] == [[0.1235, None], [None, -3.0]]
    assert matrix_of(payload) == payload["values"]
    assert not {"positions", "n_input"} & set(payload)


def test_many_numbers_are_bytes_on_the_scale() -> None:
    values = np.random.default_rng(0).uniform(-2, 3, size=(MOST_NUMBERS // 64 + 1, 64))
    values[0, :3] = [np.nan, -9, 9]
    payload = made(values, low=-2.0, high=3.0)
    found = np.array(matrix_of(payload), dtype=float)
    assert isinstance(payload["values"], str)
    assert found.shape == values.shape
    assert np.isnan(found[0, 0])
    assert (found[0, 1], found[0, 2]) == (-2, 3)
    np.testing.assert_allclose(found[1:], values[1:], atol=5 / 254 / 2 + 1e-9)


def test_columns_may_be_tokens() -> None:
    token = Token(" a", 5)
    payload = heatmap(
        np.zeros((1, 1)), ["x"], [token], title="T", subtitle="S", value_name="v", low=0, high=1, positions=[None], n_input=0
    )
    assert (payload["columns"], payload["positions"], payload["n_input"]) == ([token.to_dict()], [None], 0)


@pytest.mark.parametrize(("low", "color"), [(0.0, magnitude), (-1.0, diverging)])
def test_the_static_view_colours_and_writes_every_cell(low: float, color: Any) -> None:
    html = static_html(made(np.array([[0.25, -0.5], [1.0, np.nan]]), low=low, row_title="layer"))
    assert [text for text in ("0.25", "-0.50", "1.00") if f">{text}<" in html] == ["0.25", "-0.50", "1.00"]
    assert color(0.25) in html
    assert color(1.0) in html
    assert (diverging(-0.5) in html) == (low < 0)
    assert "&#8595; layer" in html


def test_the_static_view_of_many_is_a_choice_and_says_so() -> None:
    html = static_html(made(np.full((100, 50), 0.5)))
    assert "32 of 100 rows" in html
    assert "32 of 50 columns" in html
    assert html.count(f"height:18px;flex-shrink:0;background-color:{magnitude(0.5)}") == 32 * 32
    assert re.search(r">99<", html)
    assert len(html) < 200_000
    numbered = static_html(made(np.full((30, 12), 0.5)))
    assert "24 of 30 rows" in numbered
    assert "columns" not in numbered
