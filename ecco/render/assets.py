"""The Jinja templates and the palette: the files beside this code."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def template(name: str) -> Any:
    """A template of `ecco/render/templates`, everything in it escaped unless marked safe."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("ecco.render"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(name)


@cache
def palette(theme: str = "light") -> dict[str, Any]:
    """Named colours and lists of colours, as hex."""
    return json.loads((files("ecco.render") / "palette.json").read_text(encoding="utf-8"))[theme]
