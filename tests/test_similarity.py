"""Layers are compared at the positions that both sides have read, and refused where these do not mean the same."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
import torch
from conftest import TEXT
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco
from ecco import analysis, similarity_matrix
from ecco.analysis import METRICS, FewPositionsWarning
from ecco.errors import ArgumentError
from ecco.similarity import METRIC_NAMES

OTHER = "a6 a18 a4 a81 a42 a10"
SHORT = {"cka": {}, "cca": {}, "svcca": {"dims": 2}, "pwcca": {}}


def lm_of(kind: str, model_type: str, **given: Any) -> ecco.LM:
    model = tiny_model(model_type, task=TASK_OF[kind], **given)
    return ecco.from_pretrained(model, tokenizer=word_tokenizer(), task=TASK_OF[kind].name, verbose=False)


def columns(states: torch.Tensor) -> list[np.ndarray]:
    """States (layer, token, d_model) as arrays (neurons, positions)."""
    return [state.T.float().numpy() for state in states]


@pytest.mark.parametrize("metric", METRICS)
def test_a_cell_is_the_metric_of_two_layers(gpt2: ecco.LM, metric: str, untouched) -> None:
    untouched(gpt2.model)
    assert set(METRIC_NAMES) == set(METRICS)
    out = gpt2([TEXT, OTHER])
    layers = columns(torch.cat(list(out.decoder_hidden_states), dim=1))
    options = SHORT[metric]
    function = {"cka": lambda a, b: analysis.cka(a, b, debiased=True)}.get(metric, getattr(analysis, metric))
    few = metric in ("cca", "pwcca")
    with pytest.warns(FewPositionsWarning) if few else nullcontext():
        found = similarity_matrix(out, metric=metric, **options)
    with pytest.warns(FewPositionsWarning) if few else nullcontext():
        expected = [[function(a, b, **options) for b in layers] for a in layers]
    np.testing.assert_allclose(found.values, expected, atol=1e-9)
    np.testing.assert_allclose(np.diag(found.values), 1, atol=1e-9)
    assert (found.layers, found.n_positions, found.within) == (((0, 1, 2), (0, 1, 2)), 12, True)
    assert ("12 positions are few" in (found.note or "")) == few


@pytest.mark.parametrize(
    ("kind", "model_type", "side"),
    [
        ("causal", "llama", None),
        ("masked", "bert", None),
        ("text label", "roberta", None),
        ("states", "bert", None),
        ("seq2seq", "t5", None),
        ("seq2seq", "t5", "encoder"),
        ("seq2seq", "bart", "decoder"),
    ],
)
@pytest.mark.parametrize("on", ["hidden_states", "activations"])
def test_every_kind_of_model_is_compared_at_all_its_positions(kind: str, model_type: str, side: str | None, on: str) -> None:
    lm = lm_of(kind, model_type)
    out = lm(TEXT, continuation="a6 a7 a8 a9") if kind in ("seq2seq", "causal") else lm(TEXT)
    found = similarity_matrix(out, on=on, side=side)
    name = side or ("decoder" if kind in ("causal", "seq2seq") else "encoder")
    states = out.activations[name][0] if on == "activations" else getattr(out, f"{name}_hidden_states")[0].mT
    expected = [[analysis.cka(a, b, debiased=True) for b in states] for a in states]
    np.testing.assert_allclose(found.values, expected, atol=1e-9)
    assert found.n_positions == states.shape[-1]
    assert found.on == on


def test_two_texts_are_compared_position_by_position(gpt2: ecco.LM) -> None:
    one, other = gpt2(TEXT), gpt2(OTHER)
    found = similarity_matrix(one, other)
    same = similarity_matrix(one, gpt2(TEXT))
    ours, theirs = (columns(out.decoder_hidden_states[0]) for out in (one, other))
    np.testing.assert_allclose(found.values, [[analysis.cka(a, b, debiased=True) for b in theirs] for a in ours], atol=1e-9)
    np.testing.assert_allclose(same.values, similarity_matrix(one).values, atol=1e-9)
    assert found.names == ("first text", "second text")
    assert not found.within


def test_two_models_are_compared_on_what_both_have_read(gpt2: ecco.LM, llama: ecco.LM) -> None:
    found = similarity_matrix(gpt2(TEXT), llama(TEXT), layers=[-1, 0], names=("small", "other"))
    ours, theirs = (columns(lm(TEXT).decoder_hidden_states[0]) for lm in (gpt2, llama))
    expected = [[analysis.cka(a, b, debiased=True) for b in (theirs[2], theirs[0])] for a in (ours[2], ours[0])]
    np.testing.assert_allclose(found.values, expected, atol=1e-9)
    assert found.layers == ((2, 0), (2, 0))
    payload = found.to_payload()
    assert (payload["row_title"], payload["column_title"]) == ("small, layer", "other, layer")
    assert payload["rows"] == ["2", "0"]


def test_padding_is_no_position(gpt2: ecco.LM) -> None:
    long = TEXT + " a11 a12 a13"
    together = similarity_matrix(gpt2([TEXT, long]))
    each = [columns(gpt2(text).decoder_hidden_states[0]) for text in (TEXT, long)]
    layers = [np.hstack(parts) for parts in zip(*each, strict=True)]
    expected = [[analysis.cka(a, b, debiased=True) for b in layers] for a in layers]
    assert together.n_positions == 15
    np.testing.assert_allclose(together.values, expected, atol=1e-5)


def test_arrays_are_compared_as_layers() -> None:
    chance = np.random.default_rng(0)
    first, second = ([chance.normal(size=(k, 9)) for k in sizes] for sizes in ((3, 4), (5, 2, 3)))
    found = similarity_matrix([values.tolist() for values in first], second, skip_first=True)
    assert found.values.shape == (2, 3)
    assert found.values[1, 2] == pytest.approx(analysis.cka(first[1][:, 1:], second[2][:, 1:], debiased=True), abs=1e-12)
    assert (found.on, found.n_positions, found.names) == ("representations", 8, ("a", "b"))
    np.testing.assert_array_equal(similarity_matrix(np.stack([first[0], first[0] ** 3]), layers=-1).values.shape, (1, 1))


def test_a_run_can_be_compared_with_arrays(gpt2: ecco.LM) -> None:
    out = gpt2(TEXT)
    found = similarity_matrix(out, columns(out.decoder_hidden_states[0])[:1])
    np.testing.assert_allclose(found.values[:, 0], similarity_matrix(out).values[:, 0], atol=1e-9)


def test_plain_cka_is_asked_for_and_told_to_be_high(gpt2: ecco.LM) -> None:
    with pytest.warns(FewPositionsWarning, match="6 positions are few for 32 neurons"):
        found = similarity_matrix(gpt2(TEXT), debiased=False)
    assert "6 positions are few" in found.note
    assert "debiased" not in found.to_payload()["subtitle"]
    assert "debiased linear CKA over 6 positions" in similarity_matrix(gpt2(TEXT)).to_payload()["subtitle"]


def test_a_position_that_decides_all_is_named_and_can_be_left_out(gpt2: ecco.LM) -> None:
    chance = np.random.default_rng(1)
    layers = [chance.normal(size=(4, 12)) for _ in range(3)]
    loud = [values.copy() for values in layers]
    for values in loud[1:]:
        values[:, 0] += 1e3
    found = similarity_matrix(loud, debiased=False)
    assert found.values[1, 2] > 0.99 > 0.5 > found.values[0, 2]
    assert found.note == (
        "In 2 of 3 layers of a position 0 holds most of the variance (up to 92%) and decides CKA; skip_first=True leaves "
        "it out."
    )
    quiet = similarity_matrix(loud, skip_first=True)
    assert quiet.note is None
    np.testing.assert_allclose(quiet.values, similarity_matrix([values[:, 1:] for values in layers]).values, atol=1e-12)
    loud[1][:, 5] += 1e6
    assert "position 5 holds" in similarity_matrix([loud[1]]).note
    assert "skip_first" not in similarity_matrix([loud[1]]).note
    assert similarity_matrix(loud, metric="svcca", dims=2).note is None


def test_a_dominant_token_is_quoted(gpt2: ecco.LM) -> None:
    out = gpt2([TEXT, OTHER])
    hidden = out._runs[1].states().hidden
    before = hidden.clone()
    hidden[2, 0] += 1e4
    try:
        assert "sequence 1, position 0 (“a6”) holds most" in similarity_matrix(out).note
    finally:
        hidden.copy_(before)


def test_the_start_of_a_decoder_is_no_position_but_the_first() -> None:
    out = lm_of("seq2seq", "t5")(TEXT, continuation="a6 a7 a8 a9 a10")
    hidden = out._runs[0].states().hidden
    before = hidden.clone()
    hidden[0, 0] += 1e4
    try:
        assert "1 of 3 layers of t5" in (note := similarity_matrix(out).note).replace("T5ForConditionalGeneration", "t5")
        assert "start (“" in note
        assert "skip_first=True" in note
        hidden[0, 2] += 1e6
        assert "position 7 (“" in similarity_matrix(out).note
    finally:
        hidden.copy_(before)


def test_the_numbers_are_a_table_and_a_text(gpt2: ecco.LM) -> None:
    found = similarity_matrix(gpt2(TEXT), gpt2(OTHER), layers=[0, 2])
    records = found.to_records()
    assert records[1] == {
        "first": "first text",
        "layer": 0,
        "second": "second text",
        "other_layer": 2,
        "cka": float(found.values[0, 1]),
    }
    assert repr(found).splitlines()[0] == (
        "Similarity of layers, first text (down) and second text: debiased linear CKA over 6 positions"
    )
    assert repr(found).splitlines()[1].split() == ["layer", "0", "2"]
    assert found.to_dict()["values"] == found.values.tolist()


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_other_tokens_are_refused_and_shown(gpt2: ecco.LM, llama: ecco.LM) -> None:
    with pytest.raises(ArgumentError, match=r"two models did not read the same tokens. They differ from token 1 on") as told:
        similarity_matrix(gpt2(TEXT), llama("a5 a18 a3 a80 a41 a9"))
    assert "  a: a5| a17| a3" in str(told.value)
    assert "  b: a5| a18| a3" in str(told.value)
    with pytest.raises(ArgumentError, match=r"a has 6 tokens and b 3. They differ from token 3 on"):
        similarity_matrix(gpt2(TEXT), gpt2("a5 a17 a3"))
    with pytest.raises(ArgumentError, match=r"a has 6 tokens and b 5 in sequence 1"):
        similarity_matrix(gpt2([TEXT, TEXT]), gpt2([OTHER, "a5 a17 a3 a80 a41"]))
    with pytest.raises(ArgumentError, match="a holds 2 sequences and b 1"):
        similarity_matrix(gpt2([TEXT, OTHER]), gpt2(TEXT))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"metric": "rsa"}, "metric='rsa' is not one of"),
        ({"on": "logits"}, "on='logits' is not one of 'hidden_states', 'activations'"),
        ({"layers": 3}, "layer=3 does not exist; this model has layers 0 to 2"),
        ({"layers": []}, "names no layer"),
        ({"layers": 5, "on": "activations"}, "layer=5 does not exist"),
        ({"side": "encoder"}, "side='encoder' is no side of this model"),
        ({"dims": 3}, "cka has no option 'dims'"),
        ({"b": "text"}, "b is a str; it must be a run"),
        ({"b": []}, "b is a list; it must be a run"),
        ({"b": np.ones(6)}, r"layer 0 of b has the shape \(\)"),
        ({"b": [np.random.default_rng(0).normal(size=(3, 5))]}, "holds 6 positions and layer 0 of b 5"),
    ],
)
def test_what_makes_no_sense_is_refused(gpt2: ecco.LM, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        similarity_matrix(gpt2(TEXT), **given)


def test_too_short_a_text_is_refused(gpt2: ecco.LM) -> None:
    with pytest.raises(ArgumentError, match="Debiased CKA needs 4 or more positions; layer 0 of .* holds 3"):
        similarity_matrix(gpt2("a5 a17 a3"))
    with pytest.raises(ArgumentError, match="holds 1 position"):
        similarity_matrix(gpt2("a5 a17"), skip_first=True)


def test_layers_without_neurons_are_left_out_or_refused() -> None:
    lm = lm_of("causal", "jamba")
    every = similarity_matrix(lm(TEXT), on="activations").layers[0]
    assert every == lm(TEXT).activation_layers["decoder"]
    lacking = lm_of("causal", "mamba")
    with pytest.raises(ecco.EccoError, match="neurons"):
        similarity_matrix(lacking(TEXT), on="activations")


def test_chosen_layers_are_those_of_the_model() -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2"), tokenizer=word_tokenizer(), activations_layer_nums=[0, 2], verbose=False)
    assert similarity_matrix(lm(TEXT), on="activations").layers[0] == (0, 2)
    assert similarity_matrix(lm(TEXT)).layers[0] == (0, 1, 2)
