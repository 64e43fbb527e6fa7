"""Neurons over tokens: the activations themselves, whichever are chosen, in whatever order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from conftest import TEXT
from test_factors import MODELS, activations
from test_tasks import SOURCE, lm_of

import ecco
from ecco.activation_map import rounded_up
from ecco.errors import ArgumentError, ProofError


@pytest.mark.parametrize(("kind", "model_type", "text"), MODELS)
@pytest.mark.parametrize("clusters", [None, 3])
def test_every_row_is_the_neuron_that_it_names(
    kind: str, model_type: str, text: str, clusters: int | None, untouched: Any
) -> None:
    lm = lm_of(kind, model_type)
    untouched(lm.model)
    out = lm(text, continuation="a6 a7") if kind == "seq2seq" else lm(text)
    found = out.activation_map(topk=12, clusters=clusters)
    own = {(n.layer, i): row.float().numpy() for n in out._runs[0].neurons() if n.side == 0 for i, row in enumerate(n.values)}
    assert len(found.values) == 12
    assert found.n_neurons == len(own)
    for (layer, number), row in zip(found.neurons.tolist(), found.values, strict=True):
        np.testing.assert_array_equal(row, own[layer, number])
    assert found.values.shape[1] == len(found.tokens) == len(found.positions) == activations(out).shape[0]


def test_those_that_vary_most_are_chosen_in_the_order_of_the_model(gpt2: ecco.LM) -> None:
    out = gpt2(TEXT)
    spread = activations(out).std(axis=0)
    width = out.activations["decoder"].shape[2]
    found = out.activation_map(topk=9)
    chosen = [layer * width + number for layer, number in found.neurons.tolist()]
    assert chosen == sorted(np.argsort(-spread)[:9].tolist())
    assert len(out.activation_map(topk=10**6).values) == len(spread)


def test_neurons_are_named_within_a_layer_or_with_it(gpt2: ecco.LM) -> None:
    out = gpt2(TEXT)
    assert out.activation_map(-1, [3, 0]).neurons.tolist() == [[2, 3], [2, 0]]
    assert out.activation_map(neurons=[(1, 3), (0, 2)]).names == ["1:3", "0:2"]
    assert "2 neurons of" in repr(out.activation_map(neurons=[(1, 3), (0, 2)]))
    assert "vary most" in repr(out.activation_map(topk=2))


def test_clusters_hold_what_fires_on_the_same_tokens(gpt2: ecco.LM) -> None:
    found = gpt2(TEXT).activation_map(topk=40, clusters=4)
    assert found.clusters is not None
    assert found.clusters.tolist() == sorted(found.clusters.tolist())
    assert set(found.clusters) == set(range(4))
    unit = found.values / np.linalg.norm(found.values, axis=1, keepdims=True)
    alike = unit @ unit.T
    same = found.clusters[:, None] == found.clusters[None]
    assert alike[same].mean() > alike[~same].mean() + 0.2
    again = gpt2(TEXT).activation_map(topk=40, clusters=4)
    np.testing.assert_array_equal(found.neurons, again.neurons)


def test_sides_of_an_encoder_decoder() -> None:
    out = lm_of("seq2seq", "t5")(SOURCE, continuation="a6 a7")
    encoder, decoder = out.activation_map(side="encoder"), out.activation_map()
    assert (encoder.side, decoder.side) == ("encoder", "decoder")
    assert decoder.positions[0] is None
    assert decoder.n_input == 1
    assert encoder.n_input == len(encoder.tokens)


def test_small_negative_activations_have_the_colour_of_zero_and_large_ones_their_own(gpt2: ecco.LM, llama: ecco.LM) -> None:
    for lm in (gpt2, llama):
        found = lm(TEXT).activation_map()
        payload = found.to_payload()
        signed = -found.values.min() > 0.2 * found.values.max()
        assert payload["low"] == (-payload["high"] if signed else 0.0)
        assert payload["high"] >= np.abs(found.values if signed else np.maximum(found.values, 0)).max()
        assert ("have the colour of 0" in (payload["note"] or "")) == (not signed and bool(found.values.min() < 0))


@pytest.mark.parametrize(("value", "end"), [(7.7951, 7.8), (0.012345, 0.0124), (0.5, 0.5), (123.4, 124.0), (0.0, 0.0)])
def test_the_end_of_a_scale(value: float, end: float) -> None:
    assert rounded_up(value) == pytest.approx(end)


def test_numbers(gpt2: ecco.LM) -> None:
    found = gpt2(TEXT).activation_map(topk=3, clusters=2)
    records = found.to_records()
    assert len(records) == found.values.size
    assert records[0]["activation"] == found.values[0, 0]
    assert records[0]["cluster"] == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"layer": 9}, "layer=9|9"),
        ({"topk": 0}, "topk=0"),
        ({"clusters": 0}, "clusters=0"),
        ({"clusters": 5, "topk": 4}, "clusters=5 must be 1 to 4"),
        ({"neurons": []}, "neurons="),
        ({"neurons": [3]}, "must be a pair"),
        ({"neurons": [10**6], "layer": 0}, "There is no neuron"),
        ({"neurons": [(0, 1, 2)]}, "There is no neuron"),
        ({"side": "encoder"}, "side='encoder'"),
    ],
)
def test_what_does_not_exist_is_refused(given: dict[str, Any], said: str, gpt2: ecco.LM) -> None:
    with pytest.raises(ArgumentError, match=said):
        gpt2(TEXT).activation_map(**given)


def test_a_model_without_neurons_is_refused() -> None:
    with pytest.raises(ProofError):
        lm_of("causal", "mamba")(TEXT).activation_map()
