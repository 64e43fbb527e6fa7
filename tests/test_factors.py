"""Factors of neurons: over every kind of model, of one text or several, and what is refused."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest
import torch
from conftest import TEXT
from test_tasks import MASKED, SOURCE, lm_of
from zoo import tiny_model, word_tokenizer

import ecco
from ecco.factoring import METHODS
from ecco.factors import NeuronFactors
from ecco.render.views.factors import factor_values
from ecco.tokens import Token

MODELS = [
    ("causal", "gpt2", TEXT),
    ("causal", "llama", TEXT),
    ("causal", "mixtral", TEXT),  # experts
    ("causal", "qwen2_moe", TEXT),  # layers of different widths
    ("causal", "nemotron_h", TEXT),  # only some layers have an FFN
    ("masked", "bert", MASKED),
    ("masked", "modernbert", MASKED),
    ("seq2seq", "t5", SOURCE),
    ("seq2seq", "bart", SOURCE),
]


def activations(out: ecco.OutputSeq, side: int = 0) -> np.ndarray:
    """(token, neuron) of all texts, one layer after the other."""
    return np.concatenate(
        [torch.cat([n.values for n in run.neurons() if n.side == side]).T.float().numpy() for run in out._runs]
    )


def rebuilt(found: ecco.NeuronFactors) -> np.ndarray:
    """(token, neuron) as the factors say."""
    return found.components.T @ found.weights + (0 if found.mean is None else found.mean)


@pytest.mark.parametrize(("kind", "model_type", "text"), MODELS)
@pytest.mark.parametrize("method", METHODS)
def test_the_error_is_that_of_the_activations(kind: str, model_type: str, text: str, method: str, untouched: Any) -> None:
    lm = lm_of(kind, model_type)
    untouched(lm.model)
    out = lm(text, continuation="a6 a7") if kind == "seq2seq" else lm(text)
    found = out.run_nmf(3, method=method)
    own = activations(out)
    seen = np.maximum(own, 0) if method == "nmf" else own
    assert found.components.shape == (3, len(own))
    assert found.weights.shape == (3, own.shape[1])
    assert found.error == pytest.approx(np.linalg.norm(seen - rebuilt(found)) / np.linalg.norm(seen), abs=1e-4)
    assert found.clipped == pytest.approx((np.minimum(own, 0) ** 2).sum() / (own**2).sum() if method == "nmf" else 0, abs=1e-5)
    assert found.error < 1
    again = out.run_nmf(3, method=method)
    assert np.array_equal(again.components, found.components)


@pytest.mark.parametrize(("given", "layers"), [
    ({}, (0, 1, 2)),
    ({"from_layer": 1}, (1, 2)),
    ({"to_layer": 1}, (0,)),
    ({"from_layer": 0, "to_layer": 1}, (0,)),
    ({"from_layer": -1}, (2,)),
    ({"from_layer": -3, "to_layer": -1}, (0, 1)),
    ({"from_layer": np.int64(2), "to_layer": 3}, (2,)),
])  # fmt: skip
def test_layers_from_one_up_to_another(given: dict[str, Any], layers: tuple[int, ...], gpt2: ecco.LM) -> None:
    out = gpt2(TEXT)
    found = out.run_nmf(2, **given)
    assert found.layers == layers
    assert found.widths == (48,) * len(layers)
    assert found.addresses.tolist() == [[layer, i] for layer in layers for i in range(48)]
    own = activations(out).reshape(6, 3, 48)[:, layers].reshape(6, -1)
    expected = np.linalg.norm(np.maximum(own, 0) - rebuilt(found)) / np.linalg.norm(np.maximum(own, 0))
    assert found.error == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("given", "said"), [
    ({"from_layer": 3}, r"from_layer=3 .* is empty .* layers 0 to 2"),
    ({"from_layer": 2, "to_layer": 2}, r"from_layer=2 to to_layer=2 is empty .* layers 0 to 2"),
    ({"from_layer": 2, "to_layer": 1}, "is empty"),
    ({"to_layer": 0}, "is empty"),
    ({"from_layer": -4}, r"from_layer=-4 does not exist; this model has layers 0 to 2"),
    ({"to_layer": 4}, r"to_layer=4 does not exist; this model has layers 0 to 2"),
    ({"from_layer": "1"}, "from_layer='1' must be a whole number"),
    ({"n_components": 7}, r"n_components=7 must be 1 to 6: there are 6 tokens"),
    ({"n_components": 0}, r"n_components=0 must be 1 to 6"),
    ({"n_components": 2.0}, "must be a whole number"),
    ({"n_components": 145, "method": "kmeans"}, r"n_components=145 must be 1 to 144: there are 144 neurons"),
    ({"method": "svd"}, r"method='svd' is none of 'nmf', 'pca', 'ica', 'kmeans'"),
    ({"side": "encoder"}, r"side='encoder' is no side of this model; it has 'decoder'"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(given: dict[str, Any], said: str, gpt2: ecco.LM) -> None:
    with pytest.raises(ecco.ArgumentError, match=said):
        gpt2(TEXT).run_nmf(**{"n_components": 2, **given})


def test_layers_without_an_ffn_are_left_out_or_refused() -> None:
    out = lm_of("causal", "nemotron_h")(TEXT)
    assert out.run_nmf(2).layers == (1,)
    assert out.run_nmf(2, from_layer=0, to_layer=3).layers == (1,)
    with pytest.raises(ecco.ArgumentError, match=r"has no neurons; the layers with an FFN are \[1\]"):
        out.run_nmf(2, from_layer=2)


def test_a_model_without_neurons_is_refused() -> None:
    with pytest.raises(ecco.ProofError, match="no neurons"):
        lm_of("causal", "mamba")(TEXT).run_nmf(2)


def test_layers_that_were_chosen_at_loading() -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2"), word_tokenizer(), activations_layer_nums=[0, 2], verbose=False)
    assert lm(TEXT).run_nmf(2).layers == (0, 2)
    assert lm(TEXT).run_nmf(2, from_layer=1).layers == (1, 2)


def test_several_texts_are_factorised_together(gpt2: ecco.LM) -> None:
    texts = [TEXT, "a1 a2 a1 a2", "a7 a8 a9"]
    out = gpt2(texts)
    found = out.run_nmf(5)
    assert found.components.shape == (5, 6 + 4 + 3)
    assert [found.of(i).shape[1] for i in range(3)] == [6, 4, 3]
    assert np.array_equal(np.concatenate([found.of(i) for i in range(3)], axis=1), found.components)
    assert [len(tokens) for tokens in found.tokens] == [6, 4, 3]
    seen = np.maximum(activations(out), 0)
    assert found.error == pytest.approx(np.linalg.norm(seen - rebuilt(found)) / np.linalg.norm(seen), abs=1e-4)
    assert out[1].run_nmf(2).components.shape == (2, 4)


def test_sides_of_an_encoder_decoder() -> None:
    lm = lm_of("seq2seq", "t5")
    out = lm(SOURCE, continuation="a6 a7 a8")
    found = out.run_nmf(2)
    assert (found.side, found.n_input, found.positions) == ("decoder", (1,), ((None, 5, 6, 7),))
    source = out.run_nmf(2, side="encoder")
    assert (source.side, source.n_input, source.positions) == ("encoder", (5,), ((0, 1, 2, 3, 4),))
    assert source.error == pytest.approx(
        np.linalg.norm((x := np.maximum(activations(out, 1), 0)) - rebuilt(source)) / np.linalg.norm(x), abs=1e-4
    )
    assert lm(SOURCE).run_nmf(2).side == "encoder", "nothing was written"


def test_half_precision_is_factorised_in_single() -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2").to(torch.bfloat16), word_tokenizer(), verbose=False)
    found = lm(TEXT).run_nmf(2)
    assert found.components.dtype == np.float32


def test_activations_that_never_rise_above_zero_are_refused() -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2"), word_tokenizer(), verbose=False)
    with torch.no_grad():
        for block in lm.model.transformer.h:
            block.mlp.c_fc.weight.zero_()
            block.mlp.c_fc.bias.fill_(-1.0)
    with pytest.raises(ecco.EccoError, match="No neuron fires"):
        lm(TEXT).run_nmf(2)


def test_activations_that_are_not_finite_are_refused(gpt2: ecco.LM) -> None:
    out = gpt2(TEXT)
    values = out._runs[0].neurons([1])[0].values
    kept = values[0, 0].clone()
    values[0, 0] = float("nan")
    with pytest.raises(ecco.ModelError, match="not finite"):
        out.run_nmf(2)
    values[0, 0] = kept
    out.run_nmf(2)


def test_the_activations_stay_as_they_were(gpt2: ecco.LM) -> None:
    out = gpt2(TEXT)
    before = out.activations["decoder"].clone()
    out.run_nmf(3)
    assert torch.equal(out.activations["decoder"], before)


def test_text_table_and_dictionary(gpt2: ecco.LM) -> None:
    out = gpt2.generate(TEXT, generate=2)
    found = out.run_nmf(2)
    assert "2 factors of 144 neurons in layers 0–2 of the decoder" in repr(found)
    rows = found.to_records()
    assert len(rows) == 2 * 8
    assert rows[9] == {
        "sequence": 0,
        "factor": 1,
        "position": 1,
        "token": found.tokens[0][1].text,
        "value": float(found.components[1, 1]),
    }
    assert json.loads(found.to_json())["widths"] == [48, 48, 48]


# -- the figure --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["nmf", "pca"])
def test_the_figure_shows_responses_to_the_input_and_causes_of_the_output(method: str, gpt2: ecco.LM) -> None:
    found = gpt2.generate(TEXT, generate=3, min_new_tokens=3).run_nmf(2, method=method)
    payload = found.explore().to_payload()
    shown = np.array(factor_values(payload)) * np.array(payload["peaks"])[:, None]
    expected = np.concatenate([found.components[:, :6], found.components[:, 5:8]], axis=1)
    assert (payload["n_input"], len(payload["tokens"]), payload["signed"]) == (6, 9, method == "pca")
    np.testing.assert_allclose(shown, expected, atol=0.01 * np.abs(expected).max())
    assert (shown[:, 5] == shown[:, 6]).all(), "the last one read and the first one written share a value"
    assert "share a value" in payload["note"]


def test_a_target_shows_what_led_to_its_tokens() -> None:
    found = lm_of("seq2seq", "t5")(SOURCE, continuation="a6 a7 a8").run_nmf(2)
    shown = np.array(factor_values(payload := found.to_payload())) * np.array(payload["peaks"])[:, None]
    np.testing.assert_allclose(shown, found.components[:, [0, 0, 1, 2]], atol=0.01 * shown.max())
    assert payload["positions"] == [None, 5, 6, 7]


def test_each_sequence_has_its_figure(gpt2: ecco.LM) -> None:
    found = gpt2([TEXT, "a1 a2 a1 a2"]).run_nmf(2)
    second = found.explore(1, names={1: "verbs"}).to_payload()
    assert second["names"] == [None, "verbs"]
    assert [t["text"] for t in second["tokens"]] == [t.text for t in found.tokens[1]]
    assert second["peaks"] == pytest.approx(found.of(1).max(axis=1), rel=0.01)
    assert found.explore(-1).shown == 1
    assert "share a value" not in second["note"], "nothing was written"
    assert "text 1 of 2" in second["note"]
    for given in ({"input_sequence": 2}, {"input_sequence": -3}, {"names": {2: "x"}}):
        with pytest.raises(ecco.ArgumentError, match="does not exist; there are 2"):
            found.explore(**given)


def test_negative_activations_that_nmf_does_not_see_are_told(llama: ecco.LM) -> None:
    out = llama(TEXT)
    assert f"negative activations, {out.run_nmf(2).clipped:.0%} of the sum of squares" in out.run_nmf(2).to_payload()["note"]
    assert "negative" not in out.run_nmf(2, method="pca").to_payload()["note"]


def test_a_picture_without_scripts(gpt2: ecco.LM) -> None:
    picture = gpt2(TEXT).run_nmf(2).plot()._repr_html_()
    assert "Neuron factors" in picture
    assert "<script" not in picture


def test_a_figure_of_two_thousand_tokens_is_small() -> None:
    assert len(long_factors().to_html(standalone=True)) < 250_000


def long_factors(tokens: int = 2000, factors: int = 10) -> NeuronFactors:
    """Factors of a long text, of random numbers, which hardly compress."""
    rng = np.random.default_rng(0)
    words = tuple(
        Token(f" {base64.b32encode(rng.bytes(4)).decode()[:6].lower()}", int(rng.integers(50_000))) for _ in range(tokens)
    )
    return NeuronFactors(
        components=(rng.exponential(size=(factors, tokens)) ** 3).astype(np.float32),
        weights=np.eye(factors, dtype=np.float32),
        mean=None,
        layers=(0,),
        widths=(factors,),
        side="decoder",
        method="nmf",
        error=0.5,
        n_iterations=1,
        clipped=0.0,
        tokens=(words,),
        positions=(tuple(range(tokens)),),
        n_input=(tokens,),
    )
