"""What the browser tests show, and how they look at it: by roles, names, text and computed styles."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from hostile import all_results, hostile_run
from playwright.sync_api import Frame, Locator, Page, expect

from ecco.render.assets import palette

HOSTS = "[data-ecco-id]"
PAYLOADS = Path(__file__).parents[1] / "payloads"

# The elements that can be pointed at, and the colours of each and of what is in it.
COLORS = """figure => [...figure.querySelectorAll('[role=option],[role=gridcell]')].map(
    item => [item, ...item.querySelectorAll('*')].map(element => getComputedStyle(element).backgroundColor))"""

# What has the focus, through all shadow roots.
FOCUS = (
    "() => { let e = document.activeElement; while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement; return e; }"
)


@cache
def examples() -> dict[str, dict[str, Any]]:
    """The payloads that the contract gives as examples."""
    return {
        f"{path.stem} {name}": payload
        for path in sorted(PAYLOADS.glob("*.json"))
        for name, payload in json.loads(path.read_text(encoding="utf-8")).items()
    }


@cache
def hostile() -> dict[str, dict[str, Any]]:
    """Every kind of result about the hostile tokens."""
    return {f"hostile {name}": result.to_payload() for name, result in all_results(hostile_run()).items()}


def document(*parts: str, head: str = "") -> str:
    """Fragments as a page."""
    head = f'<meta charset="utf-8"><title>Figures</title>{head}'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>'


def mounted(page: Page | Frame, count: int) -> Locator:
    """The live figures of a page, which must be so many."""
    figures = page.locator(HOSTS).get_by_role("figure")
    expect(figures).to_have_count(count)
    return figures


def not_mounted(page: Page | Frame) -> bool:
    """Whether no host has a shadow root."""
    return page.locator(HOSTS).evaluate_all("hosts => hosts.length > 0 && hosts.every(host => !host.shadowRoot)")


def items(figure: Locator) -> Locator:
    """What can be pointed at in a figure."""
    return figure.locator("[role=option],[role=gridcell]")


def colors(figure: Locator) -> list[str]:
    """The colour of every item of a figure: of the first of its parts that has one."""
    clear = "rgba(0, 0, 0, 0)"
    return [next((c for c in parts if c != clear), clear) for parts in figure.evaluate(COLORS)]


def css(color: str) -> str:
    """A hex colour as computed styles have it; the page's own colour is no background."""
    if color == palette()["paper"]:
        return "rgba(0, 0, 0, 0)"
    return "rgb({}, {}, {})".format(*(int(color[i : i + 2], 16) for i in (1, 3, 5)))


def focused(page: Page) -> str | None:
    """The id of the figure that has the focus."""
    return page.evaluate_handle(FOCUS).evaluate("element => element?.getRootNode().host?.dataset.eccoId ?? null")


def overflow(page: Page) -> int:
    """By how many pixels a page is wider than its window."""
    return page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
