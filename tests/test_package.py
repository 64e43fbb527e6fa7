"""What is built and installed: everything that ecco needs, and nothing that needs Node."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from ecco.render.static import VIEWS

ROOT = Path(__file__).parent.parent
NEEDED = (
    "ecco/py.typed",
    "ecco/render/palette.json",
    "ecco/render/templates/static.html.j2",
    "ecco/render/bundle/core.js",
    *(f"ecco/render/bundle/{view}.js" for view in VIEWS),
    "ecco/render/bundle/bootstrap.js",
    "ecco/render/bundle/LICENSES.txt",
    "ecco/demos/demo-gpt2/config.json",
    "ecco/demos/demo-gpt2/model.safetensors",
    "ecco/demos/demo-gpt2/tokenizer.json",
    "ecco/demos/demo-gpt2/README.md",
    "ecco/demos/demo-bert/model.safetensors",
    "ecco/demos/demo-bert/tokenizer.json",
    "ecco/demos/demo-sentiment/model.safetensors",
    "ecco/demos/demo-sentiment/tokenizer.json",
    "ecco/demos/demo-t5/model.safetensors",
    "ecco/demos/demo-t5/tokenizer.json",
    "ecco/demos/demo-t5/generation_config.json",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution and the wheel made from it, of the files that git knows or would add."""
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    clean, out = tmp_path_factory.mktemp("clean"), tmp_path_factory.mktemp("dist")
    for name in files:
        if (source := ROOT / name).is_file() and name.startswith(("ecco/", "pyproject", "setup.py", "README", "LICENSE")):
            (clean / name).parent.mkdir(parents=True, exist_ok=True)
            (clean / name).write_bytes(source.read_bytes())
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(clean)]
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": "/nowhere"})
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return out


def test_the_wheel_holds_all_that_is_needed(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert not set(NEEDED) - set(names)
    assert not [name for name in names if not name.startswith(("ecco/", "ecco-"))]
    assert wheel.stat().st_size < 20_000_000


def test_the_source_distribution_holds_all_that_is_needed(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    assert not {*NEEDED, "LICENSE", "README.md", "pyproject.toml"} - names


def test_the_wheel_carries_its_licences(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    licences = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/licenses/" in name]
    assert {Path(name).name for name in licences} == {"LICENSE", "LICENSES.txt"}
