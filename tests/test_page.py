"""A figure is one line of ASCII that needs nothing from anywhere; a page holds the runtime once."""

from __future__ import annotations

import base64
import gzip
import json
import re
import warnings
from importlib.resources import files

import pytest
from hostile import all_results, hostile_run
from test_static import Seen

import ecco
from ecco.render import page
from ecco.render.page import figure_html, packed, page_html
from ecco.render.static import VIEWS

NAMESPACES = ("http://www.w3.org/",)


def unpacked(data: str) -> dict:
    """The payload in an attribute."""
    return json.loads(gzip.decompress(base64.b64decode(data)))


def test_a_figure_is_one_ascii_line_with_its_payload_and_runtime() -> None:
    for name, result in all_results(hostile_run()).items():
        html = result.to_html()
        assert html.isascii(), name
        assert len(html.splitlines()) == 1, name
        pattern = r'<div data-ecco-id="[0-9a-f]{32}" data-ecco-key="(\w+)" data-ecco="([^"]*)" data-ecco-rt="([^"]*)"'
        host = re.match(pattern, html)
        assert host, name
        assert host[1] in html.split("<script>")[1]
        assert unpacked(host[2]) == json.loads(json.dumps(result.to_payload()))
        runtime = gzip.decompress(base64.b64decode(host[3])).decode()
        assert runtime == page._runtime((result.to_payload()["view"],))
        assert html.count("<script>") == html.count("</script>") == 1
        assert len(html) < 250_000, name


def test_hostile_tokens_make_no_element() -> None:
    for name, result in all_results(hostile_run()).items():
        body = result.to_html().split("<script>")[0]
        seen = Seen(body)
        assert set(seen.tags) <= {"div", "span", "code"}, name
        assert not any(attribute.startswith("on") for attribute, _ in seen.attributes), name


def test_two_figures_have_two_ids() -> None:
    result = hostile_run().explorable()
    ids = [re.search(r'data-ecco-id="([^"]*)"', result.to_html())[1] for _ in range(2)]
    assert ids[0] != ids[1]


def test_a_page_stands_alone_and_holds_the_runtime_once() -> None:
    results = list(all_results(hostile_run()).values())
    html = page_html([r.to_payload() for r in results], title="</title><script>alert(1)</script>")
    assert html.startswith("<!doctype html>")
    assert html.count("data-ecco-rt=") == 1
    assert html.count("data-ecco-id=") == len(results)
    assert html.count("<script>") == 1
    assert "</title><script>" not in html
    assert 'lang="en"' in html
    assert 'name="viewport"' in html
    urls = re.findall(r"https?://[^\"'\s)]+", html)
    assert all(url.startswith(NAMESPACES) for url in urls), urls
    assert not re.search(r'\b(src|href)="', html)


def test_the_page_closes_what_it_opens() -> None:
    html = page_html([hostile_run().explorable().to_payload()], title="t").replace("<!doctype html>", "")
    html = re.sub(r"<(meta[^>]*)>", "", html)
    html = re.sub(r"<(style|script)>.*?</\1>", "", html, flags=re.DOTALL)
    assert not Seen(html).open


def test_the_bundle_needs_nothing_and_hides_nothing() -> None:
    for name in ("core", "bootstrap", *VIEWS):
        text = (files("ecco.render") / "bundle" / f"{name}.js").read_text(encoding="utf-8")
        assert text.isascii()
        assert "</script" not in text
        assert "<!--" not in text
        assert all(url.startswith(NAMESPACES) for url in re.findall(r"https?://[^\"'`\s)]+", text))
    assert (files("ecco.render") / "bundle" / "LICENSES.txt").read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("view", VIEWS)
def test_a_figure_carries_a_small_runtime_with_its_own_view_alone(view: str) -> None:
    runtime = page._runtime((view,))
    assert re.findall(r"ecco\.views\.(\w+)=", runtime) == [view]
    assert len(runtime) <= 75_000
    assert len(gzip.compress(runtime.encode("ascii"), 9)) <= 26_000


def test_the_key_names_the_version_of_the_runtime() -> None:
    script = figure_html(hostile_run().explorable().to_payload()).split("<script>")[1]
    assert "__ECCO_KEY__" not in script
    assert re.search(r"__ecco_[0-9a-f]{12}", script)


def test_figures_that_are_large_warn_and_those_that_are_too_large_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    payload = hostile_run().explorable().to_payload()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        packed(payload)
    monkeypatch.setattr(page, "SOFT_LIMIT", 100)
    with pytest.warns(UserWarning, match="kB of data"):
        packed(payload)
    monkeypatch.setattr(page, "HARD_LIMIT", 200)
    with pytest.raises(ecco.EccoError, match="Choose fewer positions"):
        packed(payload)


def test_a_number_that_is_not_finite_never_reaches_a_page() -> None:
    payload = hostile_run().explorable().to_payload() | {"values": [float("nan")]}
    with pytest.raises(ValueError, match="JSON compliant"):
        packed(payload)


def test_the_same_result_packs_to_the_same_bytes() -> None:
    payload = hostile_run().explorable().to_payload()
    assert packed(payload) == packed(payload)


def test_a_missing_bundle_says_how_it_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ecco.EccoError, match="make bundle"):
        page._bundle("nothing.js")
