"""The static view: readable where scripts, styles and half of HTML are taken away, and never more than text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hostile import HOSTILE, all_results, hostile_run

import ecco
from ecco.render.blocks import MOST_COLUMNS, MOST_LAYERS, MOST_TOKENS, percent, short_rank
from ecco.render.static import VIEWS, static_html

EXAMPLES = [
    pytest.param(example, id=f"{path.stem}-{name}")
    for path in sorted((Path(__file__).parent / "payloads").glob("*.json"))
    for name, example in json.loads(path.read_text(encoding="utf-8")).items()
]


class Seen(HTMLParser):
    """The elements, attributes and text of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


@pytest.mark.parametrize("payload", EXAMPLES)
def test_only_what_sanitisers_leave_is_used(payload: dict) -> None:
    html = static_html(payload)
    seen = Seen(html)
    assert not seen.open
    assert set(seen.tags) <= {"div", "span", "code"}
    assert {name for name, _ in seen.attributes} <= {"style", "title", "class"}
    styles = " ".join(value for name, value in seen.attributes if name == "style")
    assert not re.search(r"var\(|hsl|url\(|expression", styles)
    assert html.isascii()
    assert len(html.splitlines()) == 1
    assert len(html) < 100_000


@pytest.mark.parametrize("payload", EXAMPLES)
def test_the_title_and_every_number_stand_apart_as_bare_text(payload: dict) -> None:
    text = Seen(static_html(payload)).text
    assert text.strip().startswith(f"{payload['title']} {payload['subtitle']}"[:40])
    assert not re.search(r"\d%\d|%[A-Za-z]", text), "numbers run into what follows"


def test_hostile_tokens_stay_text_in_every_view() -> None:
    views = set()
    for name, result in all_results(hostile_run()).items():
        payload = result.to_payload()
        views.add(payload["view"])
        seen = Seen(static_html(payload))
        assert set(seen.tags) <= {"div", "span", "code"}, name
        assert not any(attribute.startswith("on") for attribute, _ in seen.attributes), name
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e]", seen.text), name
    assert views == set(VIEWS)
    strip = Seen(static_html(hostile_run().explorable().to_payload())).text
    for token in HOSTILE:
        if token.isprintable() and token.strip():
            assert token in strip


def test_the_end_of_a_line_breaks_the_line() -> None:
    tokens = [{"text": "one", "id": 1}, {"text": "\n", "id": 2}, {"text": "two", "id": 3}]
    payload = {"ecco": 1, "view": "tokens", "title": "T", "subtitle": "S", "note": None, "tokens": tokens, "n_input": 3}
    payload |= {"values": None, "value_name": None, "unit": "raw", "signed": False}
    html = static_html(payload)
    assert "↵" in Seen(html).text
    assert html.index("two") - html.index("one") > html[html.index("one") :].index("</div>")


def test_a_target_begins_a_line() -> None:
    examples = json.loads((Path(__file__).parent / "payloads" / "tokens.json").read_text(encoding="utf-8"))
    payload = examples["two sides"]
    text = static_html(payload)
    between = text[text.index("Haus") : text.index(">The")]
    assert "</div>" in between
    assert "</div>" not in static_html(payload | {"two_sided": False})[text.index("Haus") :].split(">The")[0]


def test_much_is_cut_and_says_so() -> None:
    token = {"text": " x", "id": 1}
    n, layers = MOST_TOKENS + 100, MOST_LAYERS + 10
    head = {"ecco": 1, "title": "T", "subtitle": "S", "note": "mind this"}
    long = head | {"view": "tokens", "tokens": [token] * n, "n_input": n, "values": [0.5] * n, "unit": "share"}
    text = Seen(static_html(long | {"signed": False, "value_name": "p"})).text
    assert f"of {n}" in text
    assert "mind this" in text
    columns = [{"read": None, "token": token, "position": 1}] * (MOST_COLUMNS + 5)
    grid = [[1] * len(columns)] * layers
    wide = head | {"view": "rankings", "layers": list(range(layers)), "columns": columns, "ranks": grid, "vocab_size": 97}
    text = Seen(static_html(wide | {"probabilities": grid, "best": grid, "watched": False, "context": None})).text
    assert f"{MOST_LAYERS} of {layers} layers" in text
    assert f"the first {MOST_COLUMNS} of {len(columns)} columns" in text
    assert f"layer {layers - 1}" in text


def test_a_view_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ecco.EccoError, match="no view 'nonsense'"):
        static_html({"view": "nonsense"})


@pytest.mark.parametrize(
    ("rank", "text"), [(1, "1"), (9_999, "9,999"), (10_000, "10k"), (38_732, "39k"), (999_999, "1.0M"), (2_500_000, "2.5M")]
)
def test_ranks_are_short(rank: int, text: str) -> None:
    assert short_rank(rank) == text


def test_percentages_have_one_decimal() -> None:
    assert [percent(value) for value in (0.0, 0.00049, 0.0005001, 0.5, 1.0)] == ["0.0%", "0.0%", "0.1%", "50.0%", "100.0%"]


@pytest.mark.parametrize("style", ["detailed", "matrix"])
def test_the_ends_of_a_contrast_name_both_tokens(style: str) -> None:
    examples = json.loads((Path(__file__).parent / "payloads" / "attribution.json").read_text(encoding="utf-8"))
    payload = examples["contrast"] | {"style": style}
    text = Seen(static_html(payload)).text
    against, explained = payload["against"]["text"].strip(), payload["tokens"][payload["targets"][0]]["text"].strip()
    assert f"for {against} -" in text
    assert f"% for {explained}" in text
    assert f"for {against}" not in Seen(static_html(payload | {"signed": False})).text
