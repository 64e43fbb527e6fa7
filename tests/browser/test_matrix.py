"""The matrix of scores under a pointer: every cell in its colour, what was not seen without one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import ecco
from browser.conftest import Stage
from browser.look import css, examples, mounted, overflow
from ecco.attribution.scores import Attribution
from ecco.render.color import diverging, magnitude
from ecco.render.page import page_html
from ecco.tokens import Token

# The colour in the middle of cells of a canvas, which are places from 0 to 1; null where nothing is drawn.
PIXELS = """(canvas, places) => {
    const {width, height} = canvas, {data} = canvas.getContext('2d').getImageData(0, 0, width, height);
    const at = ([x, y]) => 4 * (Math.floor(y * height) * width + Math.floor(x * width));
    return places.map(at).map(i => data[i + 3] ? `rgb(${data[i]}, ${data[i + 1]}, ${data[i + 2]})` : null);
}"""


def shown(stage: Stage, name: str, **settings: Any) -> tuple[Page, Locator, dict[str, Any]]:
    payload = examples()[f"attribution {name}"]
    page = stage.show(page_html([payload], title="Matrix"), **settings)
    return page, mounted(page, 1), payload


def middle(figure: Locator, row: int, column: int) -> tuple[float, float]:
    """The middle of a cell in pixels, told from the names at the edges."""
    field = figure.locator(".field").bounding_box()
    side, above = (figure.locator(f"{edge} .edge").nth(i).bounding_box() for edge, i in ((".side", row), (".top", column)))
    return above["x"] + above["width"] / 2 - field["x"], side["y"] + side["height"] / 2 - field["y"]


def drawn(figure: Locator, places: list[tuple[int, int]]) -> list[str | None]:
    """The colours of cells (row, column)."""
    field = figure.locator(".field").bounding_box()
    at = [middle(figure, *place) for place in places]
    return figure.locator("canvas").evaluate(PIXELS, [[x / field["width"], y / field["height"]] for x, y in at])


@pytest.mark.parametrize("name", ["matrix", "matrix of two texts"])
def test_every_cell_has_the_colour_of_its_score_and_what_is_not_seen_none(stage: Stage, name: str) -> None:
    _, figure, payload = shown(stage, name)
    extent = max(abs(score) for row in payload["scores"] for score in row)
    scale = diverging if payload["signed"] else magnitude
    width = max(payload["seen"])
    places = [(row, column) for row in range(len(payload["targets"])) for column in range(width)]
    found = dict(zip(places, drawn(figure, places), strict=True))
    assert len(set(found.values())) > 5
    for (row, column), color in found.items():
        if column >= payload["seen"][row]:
            assert color is None
            continue
        value = payload["scores"][row][column] / extent
        wanted = scale(round(255 * abs(value)) / 255 * (1 if value >= 0 else -1))
        assert color == ("rgb(255, 255, 255)" if wanted == "#ffffff" else css(wanted)), (row, column)


def test_the_pointer_reads_a_cell_a_click_holds_it_and_escape_releases_it(stage: Stage) -> None:
    page, figure, payload = shown(stage, "matrix of two texts")
    field = figure.locator(".field")

    def to(row: int, column: int) -> dict[str, float]:
        return dict(zip("xy", middle(figure, row, column), strict=True))

    def says(row: int, column: int) -> str:
        explained, source = (payload["tokens"][p]["text"] for p in (payload["targets"][row], column))
        return f"“{explained}” at position {payload['targets'][row]} ← “{source}” at position {column} · "

    last = payload["seen"][2] - 1
    field.hover(position=to(2, last))
    expect(figure).to_contain_text(says(2, last) + f"{payload['scores'][2][last] * 100:.4g}%")
    field.click(position=to(1, 3))
    expect(figure.get_by_role("gridcell")).to_have_attribute("aria-selected", "true")
    field.hover(position=to(0, 0))
    expect(figure).to_contain_text(says(1, 3))
    page.keyboard.press("Escape")
    expect(figure).to_contain_text(says(0, 0))
    field.hover(position=to(0, last))
    expect(figure).to_contain_text("does not see")
    page.mouse.move(2, 2)
    page.keyboard.press("Escape")
    expect(figure).to_contain_text("largest")


@pytest.mark.parametrize(("rows", "columns"), [(20, 50), (100, 300)])
def test_large_matrices_are_drawn_whole(stage: Stage, rows: int, columns: int) -> None:
    html = long_attribution(rows, columns).to_html(standalone=True)
    assert len(html) < 250_000
    page = stage.show(html)
    figure = mounted(page, 1)
    box, field = (figure.locator(part).bounding_box() for part in (".scroll", ".field"))
    assert field["x"] + field["width"] <= box["x"] + box["width"]
    assert field["y"] + field["height"] <= box["y"] + box["height"]
    assert overflow(page) <= 0
    edges = [figure.locator(f"{edge} .edge:not(.thin)").all() for edge in (".side", ".top")]
    for axis, names in zip(("y", "x"), edges, strict=True):
        middles = [name.bounding_box() for name in names]
        starts = [m[axis] for m in middles]
        assert min(np.diff(starts)) >= 12, "names lie on each other"


def long_attribution(rows: int, columns: int) -> Attribution:
    """Random scores of a text of so many tokens, the last of them explained."""
    positions = tuple(range(columns - rows + 1, columns + 1))
    scores = np.random.default_rng(0).exponential(size=(rows, columns)) ** 3
    for row, position in enumerate(positions):
        scores[row, position:] = 0
    tokens = tuple(Token(f" word{i}", i) for i in range(columns + 1))
    return ecco.Attribution(
        scores=(scores / scores.sum(axis=1, keepdims=True)).astype(np.float32),
        positions=positions,
        seen=positions,
        values=np.zeros(rows, dtype=np.float32),
        tokens=tokens,
        explained=tokens[-rows:],
        n_input_tokens=columns - rows + 1,
        method="grad_x_input",
        quantity="logit",
        against=None,
        signed=False,
        normalized=True,
        completeness_error=None,
        style="matrix",
    )
