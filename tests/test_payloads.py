"""The contract between Python and JavaScript: real results have the form of the examples in tests/payloads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import TEXT
from hostile import all_results, hostile_run

import ecco
from ecco.render.static import VIEWS

PAYLOADS = Path(__file__).parent / "payloads"
DOCS = Path(__file__).parent.parent / "docs" / "payloads.md"
EXAMPLES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(PAYLOADS.glob("*.json"))}

Form = set[str]


def form(value: Any, path: str = "") -> Form:
    """The fields and types of a payload as lines such as `tokens[].id number`."""
    if isinstance(value, dict):
        return {path} | {line for key, item in value.items() for line in form(item, f"{path}.{key}" if path else key)}
    if isinstance(value, list):
        return {f"{path}[]"} | {line for item in value for line in form(item, f"{path}[]")}
    kind = "null" if value is None else {bool: "bool", str: "string", int: "number", float: "number"}[type(value)]
    return {f"{path} {kind}"}


def fields(lines: Form) -> set[str]:
    """The paths alone."""
    return {line.split(" ")[0] for line in lines}


OPTIONAL = {"tokens[].special", "tokens[].part", "context[].special", "context[].part", "columns[].token.special"}


@pytest.mark.parametrize("run", ["plain", "hostile"])
def test_real_results_have_the_form_of_the_examples(run: str, gpt2: ecco.LM) -> None:
    out = hostile_run() if run == "hostile" else gpt2.generate(TEXT, generate=3)
    for name, result in all_results(out).items():
        payload = json.loads(json.dumps(result.to_payload(), allow_nan=False))
        allowed: Form = set().union(*(form(example) for example in EXAMPLES[payload["view"]].values()))
        found = form(payload)
        extra = {line for line in found - allowed if line.split(" ")[0] not in OPTIONAL}
        extra = {
            line
            for line in extra
            if not any(line.startswith(f"{p}.") for p in ("named", "against", "explained[]", "columns[].read", "after[]"))
        }
        assert extra <= {"note string", "note null"}, name
        missing = set.intersection(*(fields(form(e)) for e in EXAMPLES[payload["view"]].values())) - fields(found)
        assert not missing, name


def test_every_view_has_examples_and_a_section() -> None:
    assert set(EXAMPLES) == set(VIEWS)
    text = DOCS.read_text(encoding="utf-8")
    for view, examples in EXAMPLES.items():
        assert f"## `{view}`" in text
        assert all(example["view"] == view for example in examples.values())
        section = text[text.index(f"## `{view}`") :]
        for example in examples.values():
            for key in set(example) - {"ecco", "view", "title", "subtitle", "note", "columns", "predictions"}:
                assert f"`{key}" in section or f"`{key}`" in text, f"docs/payloads.md does not explain {view}.{key}"


def test_joined_tokens_are_the_text(gpt2: ecco.LM) -> None:
    out = gpt2.generate(TEXT, generate=3)
    payload = out.saliency().to_payload()
    assert "".join(token["text"] for token in payload["tokens"]) == "".join(out.tokens[0])
    assert len(payload["scores"]) == len(payload["targets"]) == 3
    assert [len(row) for row in payload["scores"]] == payload["targets"]


def test_numbers_that_are_missing_are_null() -> None:
    payload = hostile_run().explorable().to_payload()
    assert payload["values"][0] is None
    assert all(0 <= value <= 1 for value in payload["values"][1:])


def test_a_contrast_names_both_tokens(gpt2: ecco.LM) -> None:
    out = gpt2.generate(TEXT, generate=1)
    payload = out.saliency(against="a80").to_payload()
    assert payload["against"]["text"].strip() == "a80"
    assert payload["title"] == f"Why “{out.tokens[0][-1].strip()}” rather than “a80”"
    assert "against" not in out.saliency().to_payload()
