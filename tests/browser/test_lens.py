"""The lens under a pointer and keys: a cell's words beside it, and the way of one of them through the layers."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from test_logit_lens import random_lens

from browser.conftest import Stage
from browser.look import colors, css, examples, mounted, overflow
from ecco.render.color import magnitude, rank_shade
from ecco.render.page import page_html


def shown(stage: Stage, name: str, **settings: Any) -> tuple[Page, Locator, dict[str, Any]]:
    """An example in a page."""
    payload = examples()[f"lens {name}"]
    page = stage.show(page_html([payload], title="Lens"), **settings)
    return page, mounted(page, 1), payload


def cell(figure: Locator, index: int) -> Locator:
    return figure.locator("[role=gridcell]").nth(index)


def test_the_switch_changes_the_colours_and_nothing_moves(stage: Stage) -> None:
    _, figure, payload = shown(stage, "tower")
    n = len(payload["layers"]) * len(payload["columns"])
    before = figure.bounding_box()
    assert colors(figure)[:n] == [css(magnitude(p)) for row in payload["probability"] for p in row]
    figure.get_by_role("radio", name="rank").click()
    size = payload["vocab_size"]
    assert colors(figure)[:n] == [css(magnitude(rank_shade(r, size))) for row in payload["rank"] for r in row]
    assert figure.bounding_box() == before


def test_keys_reach_the_switch_the_cells_and_the_words(stage: Stage) -> None:
    page, figure, payload = shown(stage, "tower")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(figure.get_by_role("radio", name="rank")).to_have_attribute("aria-checked", "true")
    page.keyboard.press("Tab")
    columns = len(payload["columns"])
    expect(cell(figure, 6 * columns - 1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(cell(figure, 5 * columns - 2)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    word = payload["words"][payload["best"][4][columns - 2][1]]["text"].strip()
    expect(figure.get_by_role("option").nth(1)).to_contain_text(word)
    expect(figure.locator(".line .end").last).to_have_text(word)


def test_two_lines_have_names_that_do_not_meet(stage: Stage) -> None:
    _, figure, payload = shown(stage, "tower")
    columns = len(payload["columns"])
    for index in range(0, 6 * columns, 5):
        cell(figure, index).hover()
        boxes = [name.bounding_box() for name in figure.locator(".line .end").all()]
        svg = figure.locator("svg").bounding_box()
        assert all(box["x"] + box["width"] <= svg["x"] + svg["width"] + 1 for box in boxes)
        if len(boxes) == 2:
            assert abs(boxes[0]["y"] - boxes[1]["y"]) >= 14


@pytest.mark.parametrize("width", [360, 980])
def test_two_hundred_positions_fit_a_figure_and_scroll_in_it(stage: Stage, width: int) -> None:
    html = random_lens(12, 200).to_html(standalone=True)
    assert len(html) < 250_000
    page = stage.show(html, width=width)
    figure = mounted(page, 1)
    assert figure.locator("[role=gridcell]").count() == 2400
    assert overflow(page) <= 0
    expect(figure.locator(".note")).to_contain_text("5 of 10 alternatives")
