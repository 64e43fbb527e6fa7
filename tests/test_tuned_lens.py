"""A tuned lens says what the last layer will say better than the logit lens, on texts that it has not seen."""

from __future__ import annotations

import dataclasses
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import TEXT
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco
from ecco.errors import ArgumentError, LoadError
from ecco.tuned_lens import _states, _Training
from training.corpus import Writer

TEXTS = [f"a{i} a{2 * i} a{3 * i % 90} a7 a{i + 9}" for i in range(1, 40)]
QUICK = {"steps": 40, "batch_size": 32, "progress": False}


def test_it_lowers_the_divergence_of_every_layer_but_the_last_on_unseen_texts() -> None:
    lm = ecco.from_pretrained("ecco/demo-gpt2", verbose=False)
    texts = [text[:200] for text in islice(Writer(11).documents(), 60)]
    lens = ecco.TunedLens.fit(lm, texts, steps=40, progress=False)
    assert len(lens.divergence) == lm.anatomy.blocks.n_layers - 1
    assert (lens.divergence < 0.9 * lens.logit_lens).all()
    other = [text[:200] for text in islice(Writer(12, unseen=True).documents(), 8)]
    readout, states = _states(lm, other, 400)
    training = _Training(readout, states, states.dtype)
    plain = training.divergence(states)
    training.weight, training.bias = lens.weight, lens.bias
    assert (training.divergence(states) < plain).all()


@pytest.mark.parametrize(("kind", "model_type"), [("causal", "llama"), ("masked", "bert"), ("seq2seq", "t5")])
def test_divergence_and_slopes_are_those_of_the_model(kind: str, model_type: str, untouched) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type, task=TASK_OF[kind]), tokenizer=word_tokenizer())
    untouched(lm.model)
    readout, states = _states(lm, [TEXT, "a5 a6 a7"], 100)
    training = _Training(readout, states, states.dtype)
    torch.manual_seed(0)
    training.weight += 0.1 * torch.randn_like(training.weight)
    training.bias += 0.1 * torch.randn_like(training.bias)
    run = lm(TEXT)._runs[0]
    rows = [run.reading.row(p) for p in run.reading.explained]
    read = torch.cat(list(run.readout.chunks(run.flow.hidden, rows)))
    n = len(rows)
    torch.testing.assert_close(states[:, :n], run.flow.hidden[:, rows])
    zero = _Training(readout, states, states.dtype)
    final = read[-n:].log_softmax(-1)
    for layer, found in enumerate(zero.divergence(states[:, :n])):
        logp = read[layer * n : (layer + 1) * n].log_softmax(-1)
        assert float(found) == pytest.approx(float((final.exp() * (final - logp)).sum(-1).mean()), rel=1e-3, abs=1e-6)
    for parameter, slope in zip((training.weight, training.bias), training.slopes(states), strict=True):
        step, direction, values = 1e-2, torch.randn_like(parameter), []
        for sign in (1, -1):
            parameter += sign * step * direction
            values.append(training.divergence(states))
            parameter -= sign * step * direction
        expected = (values[0] - values[1]) / (2 * step)
        torch.testing.assert_close((slope * direction).flatten(1).sum(1), expected, rtol=0.02, atol=1e-4)


def test_the_same_seed_gives_the_same_lens(gpt2: ecco.LM, untouched) -> None:
    untouched(gpt2.model)
    first, same = (ecco.TunedLens.fit(gpt2, TEXTS, **QUICK) for _ in range(2))
    torch.testing.assert_close(first.weight, same.weight, rtol=0, atol=0)
    assert (first.divergence <= first.logit_lens).all()


def test_a_saved_lens_is_the_same_and_fits_no_other_model(gpt2: ecco.LM, tmp_path: Path) -> None:
    lens = ecco.TunedLens.fit(gpt2, TEXTS, **QUICK)
    path = lens.save(tmp_path / "lens.safetensors")
    loaded = ecco.TunedLens.load(path, gpt2)
    torch.testing.assert_close(loaded.weight, lens.weight, rtol=0, atol=0)
    assert repr(loaded) == repr(lens)
    for seed, model_type in ((1, "gpt2"), (0, "llama")):
        other = ecco.from_pretrained(tiny_model(model_type, seed), tokenizer=word_tokenizer())
        with pytest.raises(ArgumentError, match="trained on another model"):
            ecco.TunedLens.load(path, other)
    half = ecco.from_pretrained(tiny_model("gpt2").bfloat16(), tokenizer=word_tokenizer())
    assert ecco.TunedLens.load(path, half).weight.dtype == torch.float32
    (tmp_path / "x.safetensors").write_text("no lens", encoding="utf-8")
    with pytest.raises(LoadError, match="no tuned lens"):
        ecco.TunedLens.load(tmp_path / "x.safetensors", gpt2)
    with pytest.raises(ArgumentError, match="saved as .safetensors"):
        lens.save(tmp_path / "lens.bin")


def test_translated_states_of_the_last_layer_stay_as_they_are(gpt2: ecco.LM) -> None:
    lens = ecco.TunedLens.fit(gpt2, TEXTS, **QUICK)
    hidden = gpt2(TEXT)._runs[0].flow.hidden
    layers = list(range(len(hidden)))
    found = lens.translate(hidden, layers)
    torch.testing.assert_close(found[-1], hidden[-1], rtol=0, atol=0)
    torch.testing.assert_close(found[0], hidden[0] + hidden[0] @ lens.weight[0] + lens.bias[0])
    torch.testing.assert_close(lens.translate(hidden[1:2], [1])[0], found[1])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"texts": "one text"}, "must be a list"),
        ({"texts": ["one"]}, "at least 2 texts"),
        ({"texts": TEXTS, "steps": 0}, "steps=0"),
        ({"texts": TEXTS, "held_out": 1.0}, "held_out=1.0"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(gpt2: ecco.LM, given: dict, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        ecco.TunedLens.fit(gpt2, **given)


def test_a_run_is_read_through_it(gpt2: ecco.LM) -> None:
    lens = ecco.TunedLens.fit(gpt2, TEXTS, **QUICK)
    out = gpt2(TEXT)
    plain, tuned = out.lens(), out.lens(lens=lens)
    assert (tuned.probabilities[-1] == plain.probabilities[-1]).all()
    assert (tuned.probabilities[0] != plain.probabilities[0]).all()
    assert tuned.to_payload()["title"] == "Tuned lens"
    nothing = dataclasses.replace(lens, weight=torch.zeros_like(lens.weight), bias=torch.zeros_like(lens.bias))
    np.testing.assert_array_equal(out.lens(lens=nothing).probabilities, plain.probabilities)
    run = out._runs[0]
    state = lens.translate(run.flow.hidden[:1], [0])
    (logits,) = run.readout.chunks(state, [2])
    assert out.lens(position=3, lens=lens).probabilities[0, 0] == pytest.approx(
        float(logits.softmax(-1)[0, run.ids[3]]), rel=1e-4
    )
    with pytest.raises(ArgumentError, match="halves=True goes without lens="):
        out.lens(lens=lens, halves=True)
    other = ecco.from_pretrained(tiny_model("gpt2", 1), tokenizer=word_tokenizer())
    with pytest.raises(ArgumentError, match="trained on another model"):
        other(TEXT).lens(lens=lens)
