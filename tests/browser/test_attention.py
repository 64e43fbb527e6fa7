"""The attention figure under a pointer and keys: small pictures that show the weights, and a text that follows them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import ecco
from browser.conftest import Stage
from browser.look import colors, css, examples, mounted
from ecco.render.assets import palette
from ecco.render.color import magnitude
from ecco.render.page import page_html
from ecco.render.views.attention import attention_row

# Red, green, blue and opacity at some places of a canvas, each from 0 to 1; read at once, as browsers ask for.
PIXELS = """(canvas, places) => {
    const {width, height} = canvas, {data} = canvas.getContext('2d').getImageData(0, 0, width, height);
    const at = ([x, y]) => 4 * (Math.floor(y * height) * width + Math.floor(x * width));
    return places.map(at).map(i => [...data.slice(i, i + 4)]);
}"""


def shown(stage: Stage, name: str, **settings: Any) -> tuple[Page, Locator, dict[str, Any]]:
    """An example in a page."""
    payload = examples()[f"attention {name}"]
    page = stage.show(page_html([payload], title="Attention"), **settings)
    return page, mounted(page, 1), payload


def cell(figure: Locator, index: int) -> Locator:
    return figure.locator("[role=gridcell]").nth(index)


def word(figure: Locator, index: int) -> Locator:
    return figure.get_by_role("option").nth(index)


def text_colors(figure: Locator, payload: dict[str, Any]) -> list[str]:
    """The colours of the words alone."""
    return colors(figure)[len(payload["layers"]) * len(payload["columns"]) :]


def of_row(row: list[float]) -> list[str]:
    """The colours that a row must have, of a text in which only the first token lies aside."""
    top = max([1 / len(row), *row[1:]])
    return [css(magnitude(min(1, share / top))) for share in row]


def in_column(payload: dict[str, Any], layer: int, column: int, query: int) -> list[float]:
    """A row of any column: that of the first column of a payload in which it is the only one."""
    columns = len(payload["columns"])
    return attention_row(
        payload | {"layers": [0] * columns * len(payload["layers"]), "columns": [0]}, layer * columns + column, query
    )


def test_the_small_pictures_show_the_weights(stage: Stage) -> None:
    for dark in (False, True):
        _, figure, payload = shown(stage, "heathrow", dark=dark)
        n = len(payload["queries"])
        for layer, column, query, key in [(0, 0, 0, 0), (2, 3, 8, 1), (5, 6, 9, 4)]:
            picture = cell(figure, layer * len(payload["columns"]) + column).locator("canvas")
            share = in_column(payload, layer, column, query)[key]
            places = [[(key + 0.5) / n, (query + 0.5) / n], [min(query + 1.5, n - 0.5) / n, (query + 0.5) / n]]
            (*color, opaque), later = picture.evaluate(PIXELS, places)
            assert opaque == 255
            wanted = magnitude(round(255 * share**0.5) / 255)
            assert (color == [int(wanted[i : i + 2], 16) for i in (1, 3, 5)]) == (not dark)
            assert query == n - 1 or later[3] == 0


def test_hovering_a_small_picture_previews_it_and_a_click_holds_it_until_escape(stage: Stage) -> None:
    page, figure, payload = shown(stage, "heathrow")
    columns, query = len(payload["columns"]), payload["query"]
    last = (len(payload["layers"]) - 1, 0)

    def follows(layer: int, column: int, at: int = query) -> None:
        assert text_colors(figure, payload)[: at + 1] == of_row(in_column(payload, layer, column, at))

    follows(*last)
    cell(figure, 1 * columns + 3).hover()
    follows(1, 3)
    expect(figure).to_contain_text("layer 1, head 2")
    page.mouse.move(2, 2)
    follows(*last)
    cell(figure, 3 * columns + 5).click()
    expect(cell(figure, 3 * columns + 5)).to_have_attribute("aria-selected", "true")
    cell(figure, 0).hover()
    follows(3, 5)
    word(figure, 4).hover()
    follows(3, 5, 4)
    page.mouse.move(2, 2)
    page.keyboard.press("Escape")
    expect(cell(figure, 3 * columns + 5)).to_have_attribute("aria-selected", "false")
    page.keyboard.press("Escape")
    follows(*last)


def test_arrows_walk_the_pictures_then_tab_leads_to_the_text(stage: Stage) -> None:
    page, figure, payload = shown(stage, "heathrow")
    columns = len(payload["columns"])
    page.keyboard.press("Tab")
    expect(cell(figure, 5 * columns)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    expect(cell(figure, 4 * columns + 1)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(word(figure, payload["query"])).to_be_focused()
    page.keyboard.press("ArrowLeft")
    at = payload["query"] - 1
    assert text_colors(figure, payload)[: at + 1] == of_row(in_column(payload, 4, 1, at))
    page.keyboard.press("Enter")
    expect(word(figure, at)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Home")
    expect(figure).to_contain_text("“ city” at position 7 → “He” at position 0")
    page.keyboard.press("Escape")
    expect(word(figure, at)).to_have_attribute("aria-selected", "false")


def test_the_source_follows_the_target(stage: Stage) -> None:
    _, figure, payload = shown(stage, "two texts")
    n = len(payload["keys"])
    word(figure, n + 2).hover()
    row = attention_row(payload, len(payload["layers"]) - 1, 2)
    top = max([1 / n, *(share for k, share in enumerate(row) if k and not payload["keys"][k].get("special"))])
    assert text_colors(figure, payload)[:n] == [css(magnitude(min(1, share / top))) for share in row]
    source, target = (word(figure, i).bounding_box() for i in (0, n))
    assert target["y"] > source["y"] + source["height"] / 2


@pytest.mark.parametrize("width", [360, 640, 980])
def test_pictures_and_text_stand_beside_each_other_where_there_is_room(stage: Stage, width: int) -> None:
    _, figure, _ = shown(stage, "heathrow", width=width)
    table, text = (figure.locator(part).bounding_box() for part in (".scroll", ".text"))
    assert (text["x"] >= table["x"] + table["width"]) == (width == 980)
    assert text["x"] + text["width"] <= width


def test_the_scale_says_what_lies_beyond_it(stage: Stage) -> None:
    _, figure, payload = shown(stage, "heathrow")
    columns, query = len(payload["columns"]), payload["query"]
    beyond = next(
        (layer, column)
        for layer in range(len(payload["layers"]))
        for column in range(columns)
        if (row := in_column(payload, layer, column, query))[0] > max([1 / len(row), *row[1:]])
    )
    cell(figure, beyond[0] * columns + beyond[1]).hover()
    expect(figure.locator(".high")).to_contain_text("%+")
    assert text_colors(figure, payload)[0] == css(palette()["magnitude"][-1])


def test_a_hundred_heads_over_a_long_text_are_drawn(stage: Stage) -> None:
    rng = np.random.default_rng(0)
    weights = np.tril(rng.exponential(size=(12, 12, 60, 60)) ** 4)
    weights /= weights.sum(-1, keepdims=True)
    tokens = tuple(ecco.tokens.Token(f" word{i}", i) for i in range(60))
    found = ecco.AttentionMaps(
        weights=weights.astype(np.float32),
        layers=tuple(range(12)),
        heads=tuple(range(12)),
        kind="decoder",
        queries=tokens,
        keys=tokens,
        query_positions=tuple(range(60)),
        key_positions=tuple(range(60)),
        n_input=60,
        query=59,
    )
    html = found.to_html(standalone=True)
    assert len(html) < 250_000
    page = stage.show(html)
    figure = mounted(page, 1)
    expect(figure.locator(".note")).to_be_visible()
    assert figure.locator("[role=gridcell]").count() == 12 * 13
