"""Every result gives its numbers away: as arrays, dictionary, table, text, file and figure."""

from __future__ import annotations

import builtins
import csv
import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import TEXT
from hostile import all_results, hostile_run

import ecco
from ecco.result import plain, significant, text_table, visible

KINDS = list(all_results(hostile_run()))


@pytest.fixture(params=KINDS)
def result(request: pytest.FixtureRequest) -> ecco.Result:
    """Each kind of result, about a hostile text."""
    return all_results(hostile_run())[request.param]


def test_results_are_frozen(result: ecco.Result) -> None:
    name = dataclasses.fields(result)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(result, name, None)


def test_a_dictionary_holds_every_field_as_json(result: ecco.Result) -> None:
    data = result.to_dict()
    public = [field for field in dataclasses.fields(result) if not field.name.startswith("_")]
    assert set(data) == {field.name for field in public}
    assert json.loads(result.to_json()) == json.loads(json.dumps(data, allow_nan=False))
    for field in public:
        value = getattr(result, field.name)
        if isinstance(value, np.ndarray):
            assert np.shape(data[field.name]) == value.shape


def test_a_frame_has_one_row_per_number(result: ecco.Result) -> None:
    frame = result.to_frame()
    records = result.to_records()
    assert len(frame) == len(records) > 0
    assert list(frame.columns) == list(records[0])
    if isinstance(result, ecco.Rankings):
        table = frame.pivot_table(index="layer", columns="position", values="rank") if not result.watched else None
        if table is not None:
            np.testing.assert_array_equal(table.to_numpy(), result.ranks)
    if isinstance(result, ecco.LayerPredictions):
        np.testing.assert_allclose(frame.probability.to_numpy().reshape(result.probabilities.shape), result.probabilities)


def test_files_hold_what_the_result_holds(result: ecco.Result, tmp_path: Path) -> None:
    assert json.loads(result.save(tmp_path / "r.json").read_text(encoding="utf-8")) == json.loads(result.to_json())
    assert result.save(str(tmp_path / "r.html")).read_text(encoding="utf-8").startswith("<!doctype html>")
    with result.save(tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == [{k: _cell(v) for k, v in row.items()} for row in result.to_records()]


def _cell(value: Any) -> str:
    """A value as csv writes it and reads it."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow([value, "x"])
    return next(csv.reader(io.StringIO(out.getvalue(), newline="")))[0]


def test_other_suffixes_are_refused_with_those_that_there_are(result: ecco.Result, tmp_path: Path) -> None:
    for name in ("r.png", "r", ".html"):
        with pytest.raises(ecco.ArgumentError, match=r"\.html, \.json, \.csv"):
            result.save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_the_text_form_is_a_table_without_control_characters(result: ecco.Result) -> None:
    text = repr(result)
    assert len(text.splitlines()) > 1
    assert all(char.isprintable() or char == "\n" for char in text)
    assert max(map(len, text.splitlines())) < 500


def test_the_notebook_form_is_the_figure(result: ecco.Result) -> None:
    assert 'data-ecco="' in result._repr_html_()
    assert result.to_html(standalone=True).startswith("<!doctype html>")


def test_a_frame_without_pandas_says_what_to_do(gpt2: ecco.LM, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "pandas":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    found = gpt2(TEXT).rankings()
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ecco.EccoError, match="pip install pandas"):
        found.to_frame()


def test_several_results_share_one_page(tmp_path: Path, gpt2: ecco.LM) -> None:
    out = gpt2(TEXT)
    path = ecco.save_page(tmp_path / "page.html", out.saliency(), out.rankings(), title="Two <figures>")
    text = path.read_text(encoding="utf-8")
    assert text.count("data-ecco-id=") == 2
    assert "<title>Two &lt;figures&gt;</title>" in text


def test_numbers_keep_three_digits_in_a_payload() -> None:
    assert significant(np.array([[0.123456, 1234.5], [np.nan, np.inf]])) == [[0.123, 1230.0], [None, None]]


def test_what_json_cannot_hold_becomes_plain() -> None:
    assert plain({1: (np.float32(0.5), np.nan), "a": np.arange(2)}) == {"1": [0.5, None], "a": [0, 1]}


def test_tables_are_aligned() -> None:
    assert text_table([["a", "1"], ["bb", "22"]]) == "a    1\nbb  22"
    assert visible("a\n\tb\x00") == "a↵→b·"
