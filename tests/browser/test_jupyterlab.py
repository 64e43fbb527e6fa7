"""Figures in a real JupyterLab: live, stored, from another machine, dark."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
import pytest
from hostile import HOSTILE
from playwright.sync_api import Browser, Locator, Page, expect

from browser.conftest import CELLS, KERNEL, Stage
from browser.look import HOSTS, colors, focused, items, mounted

OPTIONS = """
--no-browser --ip=127.0.0.1 --port=0 --ServerApp.allow_root=True --ServerApp.terminals_enabled=False
--LabApp.extension_manager=readonly --LabApp.news_url=
""".split()

# No news, no sounds, no dialogs, and a notebook that is saved only when we say so.
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    "@jupyterlab/notebook-extension:tracker": {"kernelShutdown": True},
}

# The cells of the notebook: the second writes a text, the next three ask.
RUN = (*CELLS, "from hostile import hostile_run\nhostile_run().explorable()")
FIGURES = 4
SALIENCY = 1  # index of its figure

# JupyterLab says this of itself.
USUAL = "Disabling terminals plugin"

FIRST_WORDS = (
    "Saliency",
    "gradient × input",
    "a5 a17 a3 a80 a41 a9",
    "Rankings",
    "layer 2",
    "shown: the first of 5 explained tokens",
)


class Lab:
    """A running JupyterLab and the folder that it serves."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.token = folder, secrets.token_hex(16)
        self.files = folder / "files"
        self.files.mkdir()
        places = {"CONFIG": "config", "DATA": "data", "RUNTIME": "runtime"}
        environment = os.environ | KERNEL | {f"JUPYTER_{name}_DIR": str(folder / place) for name, place in places.items()}
        settings = folder / "app_settings"
        settings.mkdir()
        (settings / "overrides.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
        given = [
            f"--ServerApp.root_dir={self.files}",
            f"--IdentityProvider.token={self.token}",
            f"--LabApp.app_settings_dir={settings}",
            f"--LabApp.user_settings_dir={folder / 'user_settings'}",
            f"--LabApp.workspaces_dir={folder / 'workspaces'}",
        ]
        self.log = (folder / "server.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *OPTIONS, *given],
            cwd=folder,
            env=environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        self.url = self._url()

    def _url(self) -> str:
        """Where it answers, once it does."""
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self.process.poll() is None:
            for path in (self.folder / "runtime").glob("jpserver-*.json"):
                try:
                    url = json.loads(path.read_text(encoding="utf-8"))["url"]
                    urlopen(f"{url}api", timeout=5).close()
                    return url
                except (URLError, ValueError):
                    pass
            time.sleep(0.1)
        self.close()
        pytest.fail(f"JupyterLab did not start:\n{(self.folder / 'server.log').read_text(encoding='utf-8')[-2000:]}")

    def close(self) -> None:
        """Stop it and its kernels."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()

    def open(self, stage: Stage, name: str, **options: Any) -> Page:
        """A page with a notebook of the folder."""
        page = stage.page(width=1200, **options)
        page.on("request", lambda request: self._note(stage, request.url))
        page.goto(f"{self.url}lab/tree/{name}?reset&token={self.token}")
        expect(page.locator(".jp-Notebook .jp-Cell").first).to_be_visible(timeout=60_000)
        return page

    def _note(self, stage: Stage, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:")):
            stage.requests.append(url)

    def read(self, name: str) -> nbformat.NotebookNode:
        """A notebook as it is stored."""
        return nbformat.read(self.files / name, as_version=4)

    def write(self, name: str, notebook: nbformat.NotebookNode) -> None:
        """Store a notebook as another machine would have."""
        nbformat.write(notebook, self.files / name)


@pytest.fixture(scope="module")
def lab(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab with a folder and settings of its own."""
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.close()


@pytest.fixture(scope="module")
def live(lab: Lab, chromium: Browser) -> Iterator[Page]:
    """A notebook whose cells were run and that was saved, as a person does it; tests leave it as they found it."""
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    cells = [nbformat.v4.new_code_cell(source) for source in RUN]
    lab.write("live.ipynb", nbformat.v4.new_notebook(cells=cells, metadata=kernel))
    stage = Stage(chromium)
    page = lab.open(stage, "live.ipynb")
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=60_000)
    page.locator(".jp-Notebook .jp-Cell").first.locator(".jp-InputPrompt").click()
    for _ in cells:
        page.keyboard.press("Shift+Enter")
    expect(page.locator(HOSTS).get_by_role("figure")).to_have_count(FIGURES, timeout=120_000)
    page.keyboard.press("Control+s")
    wait_until(page, lambda: figures_in(lab.read("live.ipynb")) == FIGURES)
    yield page
    finish(stage)


@pytest.fixture
def lab_stage(chromium: Browser) -> Iterator[Stage]:
    """A stage for a test that opens a notebook of its own."""
    stage = Stage(chromium)
    yield stage
    finish(stage)


def finish(stage: Stage) -> None:
    """Close the pages of a stage; there must have been nothing but what JupyterLab always does."""
    stage.close()
    assert not stage.requests
    assert not [complaint for complaint in stage.complaints if USUAL not in complaint]


def wait_until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait for what no page shows."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "this never came to hold"
        page.wait_for_timeout(50)


def figures_in(notebook: nbformat.NotebookNode) -> int:
    """How many outputs of a stored notebook are whole figures."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return sum("data-ecco-rt=" in output.get("data", {}).get("text/html", "") for output in outputs)


def cells_of(page: Page) -> Locator:
    """The cells of the notebook on a page."""
    return page.locator(".jp-Notebook .jp-Cell")


def choose_theme(page: Page, name: str) -> None:
    """Choose a theme in the menu."""
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.get_by_role("menu").get_by_text("Theme", exact=True).hover()
    page.get_by_role("menu").get_by_text(name, exact=True).click()


# -- a notebook that was run -------------------------------------------------------------------------------------------


def test_the_figures_of_cells_that_were_run_are_live(live: Page) -> None:
    figure = mounted(live, FIGURES).nth(SALIENCY)
    expect(figure).to_have_accessible_name("Saliency")
    items(figure).nth(6).hover()
    before = colors(figure)
    items(figure).nth(10).hover()
    assert colors(figure) != before


def test_a_text_that_was_written_live_leaves_one_output_with_the_final_figure(live: Page, lab: Lab) -> None:
    expect(cells_of(live).nth(1).locator(".jp-OutputArea-child")).to_have_count(1)
    figure = cells_of(live).nth(1).get_by_role("figure")
    expect(figure).to_contain_text("6 read, 5 written")
    assert items(figure).count() == 11
    (output,) = lab.read("live.ipynb").cells[1].outputs
    assert "data-ecco-rt=" in output.data["text/html"]
    assert "6 read, 5 written" in output.data["text/plain"] or "a41 a9" in output.data["text/plain"]


def test_every_answer_is_stored_with_its_figure_and_its_text(live: Page, lab: Lab) -> None:
    for cell in lab.read("live.ipynb").cells[2 : len(RUN)]:
        (output,) = cell.outputs
        assert "data-ecco-rt=" in output.data["text/html"]
        assert len(output.data["text/plain"]) > 20


def test_keys_pressed_in_a_figure_do_not_reach_the_notebook(live: Page) -> None:
    figure = mounted(live, FIGURES).nth(SALIENCY)
    items(figure).nth(7).click()
    count, place = cells_of(live).count(), f"Cell {SALIENCY + 2}/"
    expect(live.get_by_text(place)).to_be_visible()
    for key in ("b", "a", "x", "ArrowDown", "ArrowUp", "d", "d", "Home", "End", "Enter", "Escape"):
        live.keyboard.press(key)
    expect(items(figure).last).to_be_focused()
    assert cells_of(live).count() == count
    expect(live.get_by_text(place)).to_be_visible()
    expect(live.get_by_text("Mode: Command")).to_be_visible()
    live.keyboard.press("Escape")
    assert focused(live) is None


def test_keys_pressed_beside_a_figure_still_reach_the_notebook(live: Page) -> None:
    count = cells_of(live).count()
    cells_of(live).first.locator(".jp-InputPrompt").click()
    live.keyboard.press("b")
    expect(cells_of(live)).to_have_count(count + 1)
    live.keyboard.press("z")
    expect(cells_of(live)).to_have_count(count)


def test_a_cell_that_runs_again_shows_one_figure(live: Page) -> None:
    cell = cells_of(live).nth(SALIENCY + 1)
    before = cell.locator(HOSTS).get_attribute("data-ecco-id")
    cell.locator(".jp-InputPrompt").click()
    live.keyboard.press("Control+Enter")
    expect(cell.locator(HOSTS)).not_to_have_attribute("data-ecco-id", before or "")
    mounted(live, FIGURES)


def test_a_second_view_of_an_output_is_live(live: Page) -> None:
    cells_of(live).nth(SALIENCY + 1).get_by_role("figure").click(button="right", position={"x": 300, "y": 20})
    live.get_by_role("menu").get_by_text("Create New View for Cell Output").click()
    mounted(live, FIGURES + 1)
    second = live.locator(".jp-LinkedOutputView").get_by_role("figure")
    expect(second).to_have_accessible_name("Saliency")
    items(second).nth(10).hover()
    assert len(set(colors(second))) > 3
    live.locator(".lm-TabBar-tab", has_text="Output View").locator(".lm-TabBar-tabCloseIcon").click()
    mounted(live, FIGURES)


def test_the_dark_theme_is_followed_and_left_again(live: Page) -> None:
    figure = mounted(live, FIGURES).nth(SALIENCY)
    light = colors(figure)
    ink = "figure => getComputedStyle(figure).color"
    shown = figure.evaluate(ink)
    choose_theme(live, "JupyterLab Dark")
    wait_until(live, lambda: figure.evaluate(ink) != shown)
    assert colors(figure) != light
    choose_theme(live, "JupyterLab Light")
    wait_until(live, lambda: figure.evaluate(ink) == shown)
    assert colors(figure) == light


# -- a notebook that was stored ----------------------------------------------------------------------------------------


def test_a_stored_notebook_is_live_when_it_is_opened_again(live: Page, lab: Lab, lab_stage: Stage) -> None:
    mounted(lab.open(lab_stage, "live.ipynb"), FIGURES)


def test_a_notebook_from_another_machine_can_be_read(live: Page, lab: Lab, lab_stage: Stage) -> None:
    notebook = lab.read("live.ipynb")
    notebook.cells.append(nbformat.v4.new_markdown_cell("Mathematics: $z$"))
    lab.write("other.ipynb", notebook)
    page = lab.open(lab_stage, "other.ipynb")
    expect(page.locator("mjx-container")).to_have_count(1)  # the one that is meant, none in a figure
    assert page.locator(HOSTS).count() == 0
    assert not page.evaluate("() => [...document.querySelectorAll('.jp-OutputArea *')].some(element => element.shadowRoot)")
    outputs = page.locator(".jp-OutputArea-output[data-mime-type='text/html']")
    assert outputs.count() == FIGURES
    text = "\n".join(outputs.all_inner_texts())
    for word in (*FIRST_WORDS, *(w for w in HOSTILE if w.isascii() and w.isprintable() and w.strip())):
        assert word in text
    assert "DecompressionStream" not in text
    assert outputs.locator("img, script, table, th").count() == 0
    for output in outputs.all():
        assert output.evaluate("output => output.scrollWidth - output.clientWidth") <= 0
    assert page.evaluate("() => typeof window.stolen") == "undefined"
