"""Payloads to HTML: a figure for a notebook or an article, and a page that stands alone.

A figure is one line of ASCII: a host that carries the payload and the runtime in attributes, inside it the static view,
behind it a small script that replaces the one by the other. No figure asks the network for anything.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import uuid
import warnings
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from ecco.errors import EccoError
from ecco.render.assets import palette, template
from ecco.render.static import one_line, static_html

# Bytes of a figure without the runtime: above the first it warns, above the second it refuses.
SOFT_LIMIT, HARD_LIMIT = 250_000, 5_000_000


def figure_html(payload: dict[str, Any]) -> str:
    """A figure as a fragment of HTML that works anywhere: one line, ASCII, its own runtime with it.

    Raises:
        EccoError: if the figure would be larger than `HARD_LIMIT`.
    """
    views = (payload["view"],)
    return f"{_host(payload, views, with_runtime=True)}<script>{_bootstrap(views)}</script>"


def page_html(payloads: Sequence[dict[str, Any]], title: str) -> str:
    """A whole page with some figures; the runtime lies in it once."""
    views = tuple(sorted({payload["view"] for payload in payloads}))
    hosts = [_host(payload, views, with_runtime=index == 0) for index, payload in enumerate(payloads)]
    return template("page.html.j2").render(
        title=title, figures=hosts, bootstrap=_bootstrap(views), light=palette("light"), dark=palette("dark")
    )


def packed(payload: dict[str, Any]) -> str:
    """The payload as base64 of gzip of JSON."""
    text = json.dumps(payload, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    data = base64.b64encode(gzip.compress(text.encode("ascii"), mtime=0)).decode("ascii")
    if len(data) > HARD_LIMIT:
        raise EccoError(
            f"This figure would hold {len(data) / 1e6:.1f} MB of data, more than {HARD_LIMIT / 1e6:.0f} MB. Choose fewer "
            "positions or layers, or take the numbers with to_dict, to_frame or save."
        )
    if len(data) > SOFT_LIMIT:
        warnings.warn(
            f"This figure holds {len(data) / 1e3:.0f} kB of data; choose fewer positions or layers to keep a notebook small.",
            stacklevel=2,
        )
    return data


def _host(payload: dict[str, Any], views: tuple[str, ...], *, with_runtime: bool) -> str:
    return one_line(
        template("figure.html.j2").render(
            id=uuid.uuid4().hex,
            payload=packed(payload),
            key=_key(views),
            runtime=_packed_runtime(views) if with_runtime else None,
            static=static_html(payload),
        )
    )


def _bundle(name: str) -> str:
    file = files("ecco.render") / "bundle" / name
    if not file.is_file():
        raise EccoError(f"ecco/render/bundle/{name} is missing; in a checkout, `make bundle` builds it.")
    return file.read_text(encoding="ascii")


@cache
def _runtime(views: tuple[str, ...]) -> str:
    """The JavaScript that draws these views."""
    return "(()=>{" + "".join(_bundle(f"{name}.js") for name in ("core", *views)) + "})()"


@cache
def _packed_runtime(views: tuple[str, ...]) -> str:
    """The runtime as base64 of gzip."""
    return base64.b64encode(gzip.compress(_runtime(views).encode("ascii"), 9, mtime=0)).decode("ascii")


@cache
def _key(views: tuple[str, ...]) -> str:
    """Names the version of the runtime, so that several may share a page."""
    return f"__ecco_{hashlib.sha256(_runtime(views).encode('ascii')).hexdigest()[:12]}"


@cache
def _bootstrap(views: tuple[str, ...]) -> str:
    """The small script."""
    return _bundle("bootstrap.js").strip().replace("__ECCO_KEY__", _key(views))
