"""The order of the parts is a law: each may import from those below it, never up, never sideways."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from jaxtyping import TypeCheckError

import ecco
from ecco.beliefs import log_total

PACKAGE = Path(ecco.__file__).parent

# From top to bottom. What stands on one line does not know its neighbours, except a package its own files.
ORDER = [
    ["demo"],
    ["loading", "evaluation", "tuned_lens", "similarity", "probing", "steering"],
    ["lm"],
    ["collection"],
    ["output"],
    ["trace", "neurons", "activation_map"],
    ["question", "contributions", "factors", "difference", "believed", "sequences"],
    ["meaning"],
    ["heads", "writing", "tail"],
    ["corruption", "patching", "rerun"],
    ["attribution", "attention", "lens", "logit_lens", "generation", "run"],
    ["summands"],
    ["activations", "halves"],
    ["acting"],
    ["interventions"],
    ["changes"],
    ["capture", "attending", "beliefs", "inputs", "naming", "token_sequence"],
    ["readout", "model", "products", "firing"],
    ["ffn"],
    ["anatomy", "embedding", "task", "experts"],
    ["stack"],
    ["forward", "reading", "heatmap"],
    ["result"],
    ["processes", "devices", "tokens", "render", "padding", "frozen", "factoring", "analysis"],
    ["errors", "_version"],
]
LEVEL = {part: level for level, parts in enumerate(ORDER) for part in parts}
FILES = sorted(p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py")


def part_of(module: str) -> str:
    """The part that a module such as `ecco.render.page` belongs to."""
    return module.split(".")[1]


def imported(path: Path) -> list[str]:
    """Every module of ecco that a file imports, wherever it does so."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            found.append(node.module or "")
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return [name for name in found if name.split(".")[0] == "ecco"]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down_only(path: Path) -> None:
    own = path.relative_to(PACKAGE).with_suffix("").parts[0]
    assert own in LEVEL, f"{own} stands in no line of the order"
    for name in imported(path):
        if name == "ecco":
            assert own == "demo", f"{path.name} imports from the package's own __init__"
            continue
        other = part_of(name)
        assert other == own or LEVEL[other] > LEVEL[own], f"{own} must not import {name}"


def test_the_order_names_only_what_exists() -> None:
    assert set(LEVEL) == {p.relative_to(PACKAGE).with_suffix("").parts[0] for p in FILES}


def test_importing_ecco_pulls_in_no_heavy_friend() -> None:
    heavy = ["matplotlib", "sklearn", "pandas", "captum", "IPython"]
    code = f"import sys, ecco; print([name for name in {heavy} if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_public_names_are_what_all_says() -> None:
    public = {name for name in vars(ecco) if not name.startswith("_") and not isinstance(getattr(ecco, name), type(sys))}
    assert public == set(ecco.__all__) - {"__version__", "analysis"}


def test_shapes_are_checked_in_tests() -> None:
    with pytest.raises(TypeCheckError):
        log_total(torch.zeros(3))
