"""The neurons that wrote a token: what they add is what the weights say, and so are the words that they raise."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
import torch
from conftest import TEXT
from model_table import read
from zoo import tiny_model, word_tokenizer

import ecco
from ecco.errors import ArgumentError, ProofError

TYPES = [
    *(
        ("causal", t)
        for t in "bitnet bloom falcon gemma3_text gpt2 gpt_oss granite jamba llama mixtral olmo2 opt qwen2_moe".split()
    ),
    ("seq2seq", "t5"),
    ("text label", "llama"),
]


@pytest.mark.parametrize(("kind", "model_type"), TYPES)
def test_they_are_the_strongest_of_the_parts(kind: str, model_type: str, untouched: Any) -> None:
    lm, out = read(kind, model_type)
    untouched(lm.model)
    found, parts = out.neurons(topk=6), out.contributions(neurons=6)
    own = {
        (layer, number): value
        for part, layer, number, value in zip(parts.kinds, parts.layers, parts.numbers, parts.values, strict=True)
        if part == "neuron"
    }
    assert set(zip(found.layers, found.numbers, strict=True)) == set(own)
    values = [own[pair] for pair in zip(found.layers, found.numbers, strict=True)]
    np.testing.assert_allclose(found.contributions, values, rtol=1e-4, atol=1e-6)
    assert (np.diff(np.abs(found.contributions)) <= 1e-6).all()
    run = out._runs[0]
    row = -1 if kind == "text label" else list(run.reading.explained).index(found.position)
    row = row if kind != "text label" else len(run.ids) - 1
    neurons = {n.layer: n.values for n in run.neurons() if n.side == 0}
    row = run.reading.row(found.position) if kind == "seq2seq" else row
    seen = [float(neurons[layer][number, row]) for layer, number in zip(found.layers, found.numbers, strict=True)]
    np.testing.assert_allclose(found.activations, seen, rtol=1e-4, atol=1e-6)
    assert found.logit == pytest.approx(parts.logit, rel=1e-5, abs=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("model_type", ["llama", "olmo2"])
def test_words_are_what_the_weights_say(model_type: str) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type).double(), tokenizer=word_tokenizer())
    out, model = lm.generate(TEXT, generate=1), cast(Any, lm.model)
    run, norm, row = out._runs[0], model.model.norm, len(out._runs[0].ids) - 2
    found = out.neurons(topk=40)
    state = run.flow.hidden[-1, row]
    neurons = {n.layer: n.values[:, row].double() for n in run.neurons()}
    assert len(set(found.layers)) > 1
    for k, (layer, number) in enumerate(zip(found.layers, found.numbers, strict=True)):
        block = model.model.layers[layer]
        written = neurons[layer][number] * block.mlp.down_proj.weight[:, number]
        if model_type == "olmo2":
            whole, after = block.mlp.down_proj.weight @ neurons[layer], block.post_feedforward_layernorm
            written = written * after.weight / (whole.pow(2).mean() + after.variance_epsilon).sqrt()
        effects = model.lm_head.weight @ (written * norm.weight / (state.pow(2).mean() + norm.variance_epsilon).sqrt())
        assert found.contributions[k] == pytest.approx(float(effects[run.ids[-1]]), rel=1e-5, abs=1e-9)
        for ids, by, expected in (
            (found.raised[k], found.raised_by[k], effects.topk(8).values),
            (found.lowered[k], found.lowered_by[k], -(-effects).topk(8).values),
        ):
            np.testing.assert_allclose(by, expected, rtol=1e-4, atol=1e-7)
            np.testing.assert_allclose(effects[ids], expected, rtol=1e-4, atol=1e-7)


def test_against_another_token_they_speak_for_the_difference(gpt2: ecco.LM) -> None:
    out = gpt2(TEXT)
    every = [out.neurons(5, 10**6, token) for token in (3, 4)]
    apart = out.neurons(5, 10**6, 3, 4)
    one, other, both = (dict(zip(zip(f.layers, f.numbers, strict=True), f.contributions, strict=True)) for f in (*every, apart))
    keys = list(both)
    np.testing.assert_allclose([both[k] for k in keys], [one[k] - other[k] for k in keys], rtol=1e-3, atol=1e-5)
    assert apart.total == pytest.approx(apart.contributions.sum(), rel=1e-4, abs=1e-5)
    assert len(keys) == apart.n_neurons == sum(len(n.values) for n in out._runs[0].neurons())
    assert apart.against is not None
    assert apart.against.id == 4


def test_it_reads_well(gpt2: ecco.LM) -> None:
    found = gpt2(TEXT).neurons(topk=3)
    lines = repr(found).splitlines()
    assert len(lines) == 5
    assert lines[1].split() == ["layer", "neuron", "is", "adds", "raises", "lowers"]
    record = found.to_records()[0]
    assert record["raised"].split()[0] == found.texts[int(found.raised[0, 0])].strip()
    assert len(found.to_payload()["neurons"]) == 3


def test_words_that_contradict_the_part_are_refused(gpt2: ecco.LM, monkeypatch: pytest.MonkeyPatch) -> None:
    import ecco.neurons as neurons

    right = neurons.directions
    monkeypatch.setattr(neurons, "directions", lambda *args: 3 * right(*args))
    with pytest.raises(ProofError, match="it is not known what it wrote"):
        gpt2(TEXT).neurons()


def test_wrong_questions_are_refused(gpt2: ecco.LM) -> None:
    with pytest.raises(ArgumentError, match="topk=0"):
        gpt2(TEXT).neurons(topk=0)
    with pytest.raises(ProofError, match="no two halves"):
        read("masked", "bert")[1].neurons()
