"""Every example notebook runs, and is stored with what it shows now."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from notebooks import run

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def shown(cell: nbformat.NotebookNode) -> list[tuple[str, ...]]:
    """What kinds of output a cell has, and the words of its text without the numbers, which differ between processors."""
    found = []
    for output in cell.get("outputs", []):
        kinds = sorted(output.get("data", {})) or [output.output_type]
        text = output.get("data", {}).get("text/plain", output.get("text", ""))
        found.append((*kinds, " ".join(re.sub(r"[\d.,%]+", "#", text).split())))
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_shows_what_is_stored(path: Path) -> None:
    stored = nbformat.read(path, as_version=4)
    fresh = run(path)
    figures = 0
    for before, now in zip(stored.cells, fresh.cells, strict=True):
        assert shown(now) == shown(before), f"`make notebooks` is due: {before.source[:60]!r}"
        figures += sum("data-ecco=" in output.get("data", {}).get("text/html", "") for output in now.get("outputs", []))
    assert figures > 0
    assert not [o for cell in stored.cells for o in cell.get("outputs", []) if o.get("name") == "stderr"]
    assert path.stat().st_size < 2_000_000


def test_there_are_notebooks() -> None:
    assert "quickstart" in {path.stem for path in NOTEBOOKS}
