"""What a factor may mean: its tokens, its neurons, and the words that the weights say it writes toward."""

from __future__ import annotations

import json
import re
from typing import Any, cast

import numpy as np
import pytest
import torch
from conftest import TEXT
from test_tasks import MASKED, SOURCE, lm_of
from zoo import tiny_model, word_tokenizer

import ecco
from ecco.errors import ArgumentError, ProofError
from ecco.factoring import METHODS


@pytest.mark.parametrize("method", METHODS)
def test_tokens_neurons_and_overlaps_are_those_of_the_arrays(method: str, gpt2: ecco.LM) -> None:
    out = gpt2([TEXT, "a4 a5 a6"])
    found = out.run_nmf(3, method=method)
    seen = [n for k in range(3) for n in map(tuple, found.describe(k).members.tolist())]
    assert len(seen) == len(set(seen)) == int((found.weights != 0).any(axis=0).sum())
    numbers = {tuple(pair): i for i, pair in enumerate(found.addresses.tolist())}
    for factor in range(3):
        told = found.describe(factor, 4)
        row = found.components[factor]
        np.testing.assert_allclose([abs(one.value) for one in told.strongest], np.sort(np.abs(row))[::-1][:4], rtol=1e-6)
        for one in told.strongest:
            assert found.of(one.sequence)[factor, one.place] == one.value
            assert [*one.before, one.token, *one.after] == list(found.tokens[one.sequence])
        own = [numbers[pair] for pair in map(tuple, told.members.tolist())]
        np.testing.assert_array_equal(told.member_weights, found.weights[factor, own])
        assert (np.abs(found.weights[factor, own]) >= np.abs(found.weights[:, own]).max(axis=0)).all()
        assert told.mass == pytest.approx(float((found.weights[factor, own] ** 2).sum() / (found.weights[factor] ** 2).sum()))
        assert told.overlaps[factor] == pytest.approx(1)
        assert f"[{told.strongest[0].token.text.strip()}]" in repr(told).replace("[ ", "[")


@torch.no_grad()
@pytest.mark.parametrize("model_type", ["llama", "olmo2"])
def test_its_words_are_what_the_weights_say(model_type: str) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type).double(), tokenizer=word_tokenizer())
    out, model = lm(TEXT), cast(Any, lm.model)
    found = out.run_nmf(2, from_layer=1)
    words = found.vocabulary(1, 5)  # before anything else was asked of this run
    run, row = out._runs[0], words.at.place
    assert words.at.value == np.abs(found.components[1]).max()
    parts = np.split(words.at.value * found.weights[1], np.cumsum(found.widths)[:-1])
    state, norm, written = run.flow.hidden[-1, row], model.model.norm, 0
    for layer, part in zip(found.layers, parts, strict=True):
        block = model.model.layers[layer]
        wrote = block.mlp.down_proj.weight @ torch.from_numpy(part).double()
        if model_type == "olmo2":
            neurons = {n.layer: n.values[:, row].double() for n in run.neurons()}[layer]
            after = block.post_feedforward_layernorm
            wrote *= after.weight / ((block.mlp.down_proj.weight @ neurons).pow(2).mean() + after.variance_epsilon).sqrt()
        written = written + wrote
    effects = model.lm_head.weight @ (written * norm.weight / (state.pow(2).mean() + norm.variance_epsilon).sqrt())
    for side, expected in ((words.raised, effects.topk(5).values), (words.lowered, -(-effects).topk(5).values)):
        np.testing.assert_allclose([value for _, value in side], expected, rtol=1e-4, atol=1e-7)
        np.testing.assert_allclose([float(effects[token.id]) for token, _ in side], expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("model_type", ["mixtral", "qwen2_moe", "falcon", "jamba"])
def test_other_models_tell_words_too(model_type: str, untouched: Any) -> None:
    lm = lm_of("causal", model_type)
    untouched(lm.model)
    told = lm(TEXT).run_nmf(2).describe(0)
    assert told.refusal is None
    assert told.vocabulary is not None
    assert "raised: " in repr(told)
    assert json.loads(told.to_json())["vocabulary"]["at"]["token"] == told.strongest[0].token.text
    assert re.match(r"<pre style=.*monospace.*>Factor 0: ", told._repr_html_())


def test_factors_of_a_collection_tell_words_of_their_strongest_text(gpt2: ecco.LM) -> None:
    texts = [TEXT, "a4 a5 a6 a7"]
    found = gpt2.run_nmf(texts, 2, progress=False)
    words = found.vocabulary(0, 3)
    alone = gpt2(texts[words.at.sequence])._runs[0]
    assert found._runs[words.at.sequence].ids == alone.ids
    assert words.at.value == np.abs(found.components[0]).max()
    assert len(words.raised) == 3


def test_where_words_cannot_be_told_it_says_why() -> None:
    bert = lm_of("masked", "bert")(MASKED).run_nmf(2)
    assert "no two halves" in (bert.describe(0).refusal or "")
    assert "cannot be told" in repr(bert.describe(0))
    t5 = lm_of("seq2seq", "t5")(SOURCE, continuation="a6 a7")
    with pytest.raises(ProofError, match="of an encoder"):
        t5.run_nmf(2, side="encoder").vocabulary(0)
    assert t5.run_nmf(2, side="decoder").describe(0).vocabulary is not None


def test_wrong_factors_are_refused(gpt2: ecco.LM) -> None:
    with pytest.raises(ArgumentError, match="factor=7"):
        gpt2(TEXT).run_nmf(2).describe(7)
