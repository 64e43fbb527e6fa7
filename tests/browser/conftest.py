"""A headless Chromium, and a stage on which HTML is shown and every request and complaint of the page is noted."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import nbformat
import pytest
from nbclient import NotebookClient
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync"
).split()
ADDRESS = "http://ecco.test/"
ROOT = Path(__file__).parents[2]

expect.set_options(timeout=15_000)


def pytest_itemcollected(item: pytest.Item) -> None:
    """All tests of this folder need a browser."""
    item.add_marker(pytest.mark.browser)


def absent(reason: str) -> NoReturn:
    """Skip a test that lacks what it needs; fail it where that must be there."""
    if os.environ.get("ECCO_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


# The browser's event loop would stand in the way of other tests that start one: it ends with this folder.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        absent(f"The browser tests need {' or '.join(NAMES)} on PATH: `apt-get install chromium`.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    path = ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js"
    if not path.is_file():
        absent("The accessibility tests need axe-core: `npm ci` in js/.")
    return path.read_text(encoding="utf-8")


# Where a kernel finds the library and the tiny models.
KERNEL = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}

CELLS = (
    "import zoo\nimport ecco\nlm = ecco.from_pretrained(zoo.tiny_model('gpt2'), tokenizer=zoo.word_tokenizer())",
    "out = lm.generate('a5 a17 a3 a80 a41 a9', generate=5, do_sample=False)",
    "out.saliency()",
    "out.rankings()",
)


@pytest.fixture(scope="package")
def executed() -> nbformat.NotebookNode:
    """A notebook that was run without a browser."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    return NotebookClient(notebook, timeout=300, kernel_name="python3").execute(env=os.environ | KERNEL)


@dataclass
class Stage:
    """Shows HTML in pages of their own.

    Attributes:
        requests: addresses that a page asked for beyond its own; none of them was answered.
        complaints: errors and warnings of the pages.
    """

    browser: Browser
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def show(
        self, html: str, *, width: int = 980, dark: bool = False, moving: bool = False, init: str = "", **options: Any
    ) -> Page:
        """A page with this HTML.

        Args:
            html: the whole document.
            width: of the window, in pixels.
            dark: whether the reader prefers dark pages.
            moving: whether the reader wants transitions; without them colours can be read at once.
            init: a script that runs before those of the page.
            **options: for Playwright's `new_context`.
        """
        page = self.page(width=width, dark=dark, moving=moving, **options)
        if init:
            page.add_init_script(init)
        page.context.route("**/*", lambda route: self._answer(route, html))
        page.goto(ADDRESS)
        return page

    def page(self, *, width: int = 980, dark: bool = False, moving: bool = False, **options: Any) -> Page:
        """An empty page whose complaints are noted."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            reduced_motion="no-preference" if moving else "reduce",
            **options,
        )
        self.contexts.append(context)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        return context.new_page()

    def complaint(self, page: Page) -> str:
        """Wait for a complaint that is expected, and take it from the list."""
        deadline = time.monotonic() + 15
        while not self.complaints and time.monotonic() < deadline:
            page.evaluate("() => new Promise(requestAnimationFrame)")
        assert self.complaints, "the page did not complain"
        return self.complaints.pop(0)

    def close(self) -> None:
        """Close all pages once they have said what they had to say."""
        for context in self.contexts:
            for page in context.pages:
                page.title()
            context.close()
        self.contexts.clear()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            self.complaints.append(message.text)

    def _answer(self, route: Route, html: str) -> None:
        request: Request = route.request
        if request.url == ADDRESS:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        else:
            self.requests.append(request.url)
            route.abort()


@pytest.fixture
def stage(chromium: Browser) -> Iterator[Stage]:
    """A stage; a test fails if a page asked for anything, or complained of what the test did not take from the list."""
    stage = Stage(chromium)
    yield stage
    stage.close()
    assert not stage.requests
    assert not stage.complaints
