"""Attention as a person asks for it: layers, heads and kinds by name, numbers as tables, and a figure that fits."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import numpy as np
import pytest
import torch
from conftest import TEXT
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco
import ecco.attention
from ecco.attention import fitted
from ecco.render.page import packed
from ecco.tokens import Token

SOURCE, TARGET = "a5 a17 a3 a80 a41", "a6 a7 a8"


def lm_of(kind: str, model_type: str, **given: Any) -> ecco.LM:
    model = tiny_model(model_type, task=TASK_OF[kind], **given)
    return ecco.from_pretrained(model, tokenizer=word_tokenizer(), verbose=False)


@pytest.fixture(scope="module")
def bart() -> ecco.LM:
    """A tiny random encoder-decoder."""
    return lm_of("seq2seq", "bart")


def unpacked(payload: dict[str, Any], field: str = "weights") -> np.ndarray:
    """Shares of a payload, flat."""
    return (np.frombuffer(base64.b64decode(payload[field]), np.uint8) / 255.0) ** 2


# -- names -------------------------------------------------------------------------------------------------------------


def test_layers_and_heads_are_named_by_number_list_or_from_the_end(llama: ecco.LM) -> None:
    out = llama(TEXT)
    every = out.attention()
    assert every.weights.shape == (3, 4, 6, 6)
    assert (every.layers, every.heads, every.kind) == ((0, 1, 2), (0, 1, 2, 3), "decoder")
    one = out.attention(-1, 2)
    assert (one.layers, one.heads) == ((2,), (2,))
    np.testing.assert_array_equal(one.weights, every.weights[2:, 2:3])
    some = out.attention(layer=[2, 0], head=[-1, 0, 3])
    assert (some.layers, some.heads) == ((2, 0), (3, 0))
    np.testing.assert_array_equal(some.weights, every.weights[[2, 0]][:, [3, 0]])
    np.testing.assert_array_equal(out.attention(np.int64(1), torch.tensor(1)).weights, every.weights[1:2, 1:2])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"layer": 3}, r"layer=3 does not exist; this model has layers 0 to 2\."),
        ({"layer": [0, -4]}, "layer=-4 does not exist"),
        ({"head": 4}, r"head=4 does not exist; this attention has heads 0 to 3\."),
        ({"layer": []}, r"layer=\[\] names no layer"),
        ({"layer": "2"}, "layer='2' must be a whole number"),
        ({"head": True}, "head=True must be a whole number"),
        ({"kind": "cross"}, "kind='cross' is no attention of this model; it has 'decoder'"),
    ],
)
def test_what_does_not_exist_is_refused_by_name(llama: ecco.LM, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(ecco.ArgumentError, match=said):
        llama(TEXT).attention(**asked)


def test_the_numbers_of_a_hybrids_layers_are_those_of_its_blocks() -> None:
    out = lm_of("causal", "jamba")(TEXT)
    found = out.attention()
    assert found.layers == (1, 3)
    np.testing.assert_array_equal(out.attention(3).weights, found.weights[1:])
    np.testing.assert_array_equal(out.attention(-1).weights, found.weights[1:])
    with pytest.raises(ecco.ArgumentError, match="layer=2 has no attention .*in layer 1, 3"):
        out.attention([1, 2])
    assert [r["layer"] for r in found.to_records()[::21]] == [1] * 4 + [3] * 4
    assert found.to_payload()["layers"] == [1, 3]


def test_a_model_without_attention_is_refused_only_when_it_is_asked() -> None:
    lm = lm_of("causal", "mamba")
    out = lm(TEXT)
    assert out.rankings().ranks.shape[0] == 3
    with pytest.raises(ecco.ProofError, match="state spaces and linear attention"):
        out.attention()


def test_one_sequence_is_asked(llama: ecco.LM) -> None:
    with pytest.raises(ecco.ArgumentError, match="holds 2 sequences"):
        llama([TEXT, TEXT]).attention()


# -- kinds -------------------------------------------------------------------------------------------------------------


def test_the_three_attentions_of_an_encoder_decoder_are_kept_apart(bart: ecco.LM) -> None:
    out = bart(SOURCE, continuation=TARGET)
    found = {kind: out.attention(kind=kind) for kind in ("cross", "decoder", "encoder")}
    assert {kind: maps.weights.shape for kind, maps in found.items()} == {
        "cross": (3, 4, 4, 5),
        "decoder": (3, 4, 4, 4),
        "encoder": (2, 4, 5, 5),
    }
    assert out.attention().kind == "cross"
    cross, decoder, encoder = found.values()
    assert [t.text for t in cross.keys] == [t.text for t in encoder.queries] == ["a5", " a17", " a3", " a80", " a41"]
    assert [t.text for t in cross.queries] == [t.text for t in decoder.keys] == ["</s>", "a6", " a7", " a8"]
    assert cross.query_positions == decoder.key_positions == (None, 5, 6, 7)
    assert cross.key_positions == encoder.query_positions == (0, 1, 2, 3, 4)
    assert (cross.n_input, decoder.n_input, encoder.n_input) == (0, 0, 5)
    assert (cross.query, decoder.query, encoder.query) == (1, 1, 0)
    assert cross.to_payload()["title"] == "Cross-attention"
    assert (decoder.to_payload()["causal"], encoder.to_payload()["causal"]) == (True, False)
    with pytest.raises(ecco.ArgumentError, match="it has 'cross', 'decoder', 'encoder'"):
        out.attention(kind="self")
    with pytest.raises(ecco.ArgumentError, match="has layers 0 to 1"):
        out.attention(2, kind="encoder")


def test_a_source_alone_is_attended_by_the_start(bart: ecco.LM) -> None:
    out = bart(SOURCE)
    assert out.attention().weights.shape == (3, 4, 1, 5)
    assert out.attention().query == 0
    assert out.attention(kind="decoder").weights.flatten().tolist() == [1.0] * 12


def test_the_first_query_of_a_figure_is_one_of_interest(gpt2: ecco.LM) -> None:
    assert gpt2.generate(TEXT, generate=3).attention().query == 5
    assert gpt2(TEXT).attention().query == 5
    bert = lm_of("masked", "bert")
    assert bert("a5 a17 <mask> a80").attention().query == 2
    assert bert("</s> a17 a80").attention().query == 1


# -- all of them -------------------------------------------------------------------------------------------------------


def test_attention_values_are_filled_up_with_zeros(llama: ecco.LM) -> None:
    both = llama([TEXT, "a5 a17"])
    values = both.attention_values
    assert values.shape == (2, 3, 4, 6, 6)
    assert torch.isfinite(values).all()
    np.testing.assert_array_equal(values[0], both[0].attention().weights)
    np.testing.assert_array_equal(values[1, :, :, :2, :2], both[1].attention().weights)
    assert not values[1, :, :, 2:].any()
    assert not values[1, :, :, :, 2:].any()


def test_attention_values_of_an_encoder_decoder_come_by_kind(bart: ecco.LM) -> None:
    values = bart(SOURCE, continuation=TARGET).attention_values
    assert {kind: tuple(found.shape) for kind, found in values.items()} == {
        "cross": (1, 3, 4, 4, 5),
        "decoder": (1, 3, 4, 4, 4),
        "encoder": (1, 2, 4, 5, 5),
    }


def test_layers_with_different_numbers_of_heads_are_asked_one_by_one() -> None:
    model = tiny_model("apertus")
    lm = ecco.from_pretrained(model, tokenizer=word_tokenizer(), verbose=False)
    out = lm(TEXT)
    run = out._runs[0]
    found = run.attention("decoder", [0, 1, 2])
    found[1] = found[1][:2]
    run.kept(("attention", "decoder"), dict).update(found)
    with pytest.raises(ecco.ArgumentError, match=r"different numbers of heads \(0: 4, 1: 2, 2: 4\)"):
        out.attention()
    assert out.attention(1).weights.shape[1] == 2


@pytest.mark.parametrize("kind", ["causal", "seq2seq"])
def test_attention_can_be_computed_with_each_run(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model({"causal": "gpt2", "seq2seq": "t5"}[kind], task=TASK_OF[kind])
    lm = ecco.from_pretrained(model, tokenizer=word_tokenizer(), attention=True, verbose=False)
    written, read = lm.generate(TEXT, generate=2), lm([TEXT, "a5 a6"])
    monkeypatch.setattr("ecco.run.attend", lambda *_: pytest.fail("computed when it was asked for"))
    for out in (written, *read):
        for name in ("decoder",) if kind == "causal" else ("cross", "decoder", "encoder"):
            out.attention(kind=name)
    later = ecco.from_pretrained(model, tokenizer=word_tokenizer(), verbose=False)(TEXT)
    with pytest.raises(pytest.fail.Exception, match="computed when"):
        later.attention()


def test_asking_for_attention_of_a_model_that_has_none_is_refused_with_the_run() -> None:
    lm = ecco.from_pretrained(tiny_model("mamba"), tokenizer=word_tokenizer(), attention=True, verbose=False)
    with pytest.raises(ecco.ProofError, match="softmax"):
        lm(TEXT)


def test_new_weights_of_the_model_are_read_anew() -> None:
    lm = lm_of("causal", "gpt2")
    out = lm(TEXT)
    before = out.attention(0).weights
    with torch.no_grad():
        lm.model.transformer.h[0].attn.c_attn.weight.mul_(0.5)
    assert not np.allclose(before, out.attention(0).weights)


# -- forms -------------------------------------------------------------------------------------------------------------


def test_the_table_has_a_row_for_every_pair_that_can_be_seen(llama: ecco.LM, bart: ecco.LM) -> None:
    found = llama(TEXT).attention(1, [0, 3])
    records = found.to_records()
    assert len(records) == 2 * 21
    assert records[-1] == {
        "layer": 1,
        "head": 3,
        "query_position": 5,
        "query": " a9",
        "key_position": 5,
        "key": " a9",
        "weight": float(found.weights[0, 1, 5, 5]),
    }
    assert all(r["key_position"] <= r["query_position"] for r in records)
    assert len(bart(SOURCE, continuation=TARGET).attention(0, 0).to_records()) == 20


def test_the_text_names_what_the_query_attends_to_most(llama: ecco.LM) -> None:
    found = llama(TEXT).attention()
    lines = repr(found).splitlines()
    assert lines[0] == "Attention of “ a9”, the mean of 4 heads"
    mean = found.weights[2, :, 5].mean(0)
    best = int(mean.argmax())
    assert lines[3].split()[:3] == ["2", found.keys[best].text.strip(), f"{mean[best]:.1%}"]
    assert "head 2" in repr(llama(TEXT).attention(0, 2))


def test_what_goes_to_a_sink_is_the_rest() -> None:
    found = lm_of("causal", "gpt_oss")(TEXT).attention()
    np.testing.assert_allclose(found.rest, 1 - found.weights.sum(-1), atol=1e-6)
    assert found.rest.max() > 0.5
    payload = found.to_payload()
    rest = unpacked(payload, "rest").reshape(3, 5, 6)
    np.testing.assert_allclose(rest[:, 1:], found.rest, atol=5e-3)
    np.testing.assert_allclose(rest[:, 0], found.rest.mean(1), atol=5e-3)
    assert lm_of("causal", "llama")(TEXT).attention().to_payload()["rest"] is None


def test_files_hold_every_number(llama: ecco.LM, tmp_path) -> None:
    found = llama(TEXT).attention()
    data = json.loads(found.save(tmp_path / "a.json").read_text())
    np.testing.assert_allclose(data["weights"], found.weights)
    assert data["kind"] == "decoder"
    assert len(found.save(tmp_path / "a.csv").read_text().splitlines()) == 1 + 3 * 4 * 21
    assert "data-ecco=" in found.save(tmp_path / "a.html").read_text()


# -- what fits a figure ------------------------------------------------------------------------------------------------


def test_a_payload_holds_means_and_heads_to_half_a_percent(llama: ecco.LM, bart: ecco.LM) -> None:
    found = llama(TEXT).attention()
    payload = found.to_payload()
    assert payload["columns"] == [None, 0, 1, 2, 3]
    below = np.tri(6, dtype=bool)
    shares = unpacked(payload).reshape(3, 5, 21)
    np.testing.assert_allclose(shares[:, 1:], found.weights[..., below], atol=0.005)
    np.testing.assert_allclose(shares[:, 0], found.weights.mean(1)[..., below], atol=0.005)
    small = found.weights[..., below] < 0.01
    np.testing.assert_allclose(shares[:, 1:][small], found.weights[..., below][small], atol=0.0005)
    cross = bart(SOURCE, continuation=TARGET).attention([0, 2], [1])
    payload = cross.to_payload()
    assert (payload["columns"], payload["causal"], payload["layers"]) == ([1], False, [0, 2])
    np.testing.assert_allclose(unpacked(payload).reshape(2, 1, 4, 5), cross.weights, atol=0.005)


def test_a_decoder_whose_rows_are_not_triangular_is_not_packed_so() -> None:
    found = lm_of("text label", "gpt2")(TEXT).attention()
    assert found.kind == "encoder"
    assert found.to_payload()["causal"]  # GPT-2 looks back only, also as a classifier
    assert not lm_of("text label", "bert")(TEXT).attention().to_payload()["causal"]


def random_weights(layers: int, heads: int, tokens: int, sharp: float = 4.0) -> np.ndarray:
    """Weights of a causal model, sharper or flatter."""
    found = np.tril(np.random.default_rng(0).exponential(size=(layers, heads, tokens, tokens)).astype(np.float32) ** sharp)
    return found / found.sum(-1, keepdims=True)


def maps_of(weights: np.ndarray) -> ecco.AttentionMaps:
    """A result with these weights."""
    layers, heads, n, _ = weights.shape
    tokens = tuple(Token(f" word{i}", i) for i in range(n))
    places = tuple(range(n))
    return ecco.AttentionMaps(
        weights=weights,
        layers=tuple(range(layers)),
        heads=tuple(range(heads)),
        kind="decoder",
        queries=tokens,
        keys=tokens,
        query_positions=places,
        key_positions=places,
        n_input=n,
        query=2,
    )


@pytest.mark.parametrize(
    ("size", "note"),
    [
        ((12, 12, 30), None),
        ((12, 12, 60), r"^weights below [\d.]+% are left out$"),
        ((12, 12, 130), "^(weights below .*; )?of 12 heads only the mean; ask for layer= or head= to see them$"),
        ((1, 1, 1500), r"^weights below [\d.]+% are left out$"),
        ((1, 1, 3000), "the last 750 of 3000 queries$"),
    ],
)
def test_a_figure_of_any_size_fits_and_says_what_it_lacks(size: tuple[int, int, int], note: str | None) -> None:
    found = maps_of(random_weights(*size))
    payload = found.to_payload()
    assert len(packed(payload)) < 225_000
    if note is None:
        assert payload["note"] is None
    else:
        assert payload["note"] is not None
        assert re.search(note, payload["note"])
    assert payload["query"] >= payload["first_query"]


def test_what_is_left_out_is_what_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = random_weights(2, 2, 12)
    monkeypatch.setattr(ecco.attention, "MOST_BYTES", 400)
    drawn, notes = fitted(weights, (0, 1), (0, 1), causal=True)
    assert notes == ["weights below 10% (in means below 1%) are left out"]
    assert drawn["floors"] == [0.01, 0.1, 0.1]
    shares = unpacked(drawn).reshape(2, 3, 78)
    true = weights[..., np.tri(12, dtype=bool)]
    np.testing.assert_allclose(shares[:, 1:], np.where(true < 0.1, 0, true), atol=0.005)
    mean = true.mean(1)
    np.testing.assert_allclose(shares[:, 0], np.where(mean < 0.01, 0, mean), atol=0.005)


def test_layers_are_left_out_evenly_and_the_last_one_never(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = random_weights(9, 2, 10)
    for cells, layers in (
        (9 * 55, list(range(9))),
        (5 * 55, [0, 2, 4, 6, 8]),
        (3 * 55, [0, 4, 8]),
        (2 * 55, [0, 8]),
        (55, [8]),
    ):
        monkeypatch.setattr(ecco.attention, "MOST_CELLS", cells)
        drawn, notes = fitted(weights, tuple(range(9)), (4, 7), causal=True)
        assert drawn["layers"] == layers
        assert drawn["columns"] == [None]
        assert (f"{len(layers)} of 9 layers" in notes) == (len(layers) < 9)
    monkeypatch.setattr(ecco.attention, "MOST_CELLS", 54)
    drawn, notes = fitted(weights, tuple(range(9)), (4, 7), causal=True)
    assert (drawn["layers"], drawn["first_query"]) == ([8], 5)
    assert notes[-1] == "the last 5 of 10 queries"
    rows = weights[8].mean(0)[5:][np.tri(10, dtype=bool)[5:]]
    np.testing.assert_allclose(unpacked(drawn), rows, atol=0.005)


def test_a_single_row_that_does_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ecco.attention, "MOST_CELLS", 3)
    with pytest.raises(ecco.EccoError, match="cannot hold 10 keys"):
        fitted(random_weights(1, 1, 10), (0,), (0,), causal=True)
