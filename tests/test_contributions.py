"""The parts of a logit sum to it, and each is what the model's own weights say."""

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
from ecco.frozen import FrozenNorms

KINDS = [
    *(
        ("causal", t)
        for t in "bloom cohere deepseek_v3 falcon gpt2 gpt_neox gptj granite jamba llama mixtral olmo2 opt phi".split()
    ),
    ("seq2seq", "t5"),
    ("seq2seq", "mbart"),
    ("text label", "llama"),
]


@pytest.mark.parametrize(("kind", "model_type"), KINDS)
def test_parts_sum_to_the_logit(kind: str, model_type: str, untouched) -> None:
    lm, out = read(kind, model_type)
    untouched(lm.model)
    found = out.contributions()
    logits = out.logits[0]
    run = out._runs[0]
    row = list(run.reading.explained).index(found.position)
    token = found.token.id
    assert found.logit == pytest.approx(float(logits[row, token]), rel=1e-3, abs=1e-4)
    assert found.values.sum() == pytest.approx(found.logit, rel=1e-3, abs=1e-3)
    n_layers = len(run.flow.hidden)
    assert found.kinds == ("embedding", *("attention", "ffn") * n_layers, "bias")
    assert found.ranks[-1] == 1 + int((logits[row] > logits[row, token]).sum())
    other = (token + 1) % logits.shape[-1]
    against = out.contributions(found.position, token, other)
    apart = out.contributions(found.position, other)
    np.testing.assert_allclose(against.values, found.values - apart.values, rtol=1e-3, atol=1e-3)


@torch.no_grad()
def test_parts_are_what_the_weights_say_in_gpt2() -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2").double(), tokenizer=word_tokenizer())
    out = lm.generate(TEXT, generate=1)
    model: Any = lm.model
    run, norm, row = out._runs[0], model.transformer.ln_f, len(out._runs[0].ids) - 2
    state, halves, word = run.flow.hidden[-1, row], run.halves, model.lm_head.weight[run.ids[-1]]
    direction = word * norm.weight / (state.var(correction=0) + norm.eps).sqrt()
    embedding = model.transformer.wte.weight[run.ids[row]] + model.transformer.wpe.weight[row]
    parts = [embedding, *torch.stack([halves.attention[:, row], halves.ffn[:, row]], dim=1).flatten(0, 1)]
    expected = [*(float(direction @ (part - part.mean())) for part in parts), float(word @ norm.bias)]
    np.testing.assert_allclose(out.contributions().values, expected, rtol=1e-6)


@torch.no_grad()
def test_parts_are_what_the_weights_say_in_llama(llama: ecco.LM) -> None:
    out, model = llama.generate(TEXT, generate=1), cast(Any, llama.model)
    run, norm, row = out._runs[0], model.model.norm, len(out._runs[0].ids) - 2
    state, halves = run.flow.hidden[-1, row], run.halves
    direction = model.lm_head.weight[run.ids[-1]] * norm.weight / (state.pow(2).mean() + norm.variance_epsilon).sqrt()
    values = out.contributions().values
    np.testing.assert_allclose(values[1:-1:2], halves.attention[:, row] @ direction, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(values[2:-1:2], halves.ffn[:, row] @ direction, rtol=1e-3, atol=1e-5)
    assert values[-1] == pytest.approx(0, abs=1e-6)  # a Llama has no biases


@pytest.mark.parametrize("model_type", ["gpt2", "llama", "gpt_neox"])
def test_ranks_on_the_way_are_those_of_the_states(model_type: str) -> None:
    _lm, out = read("causal", model_type)
    found = out.contributions()
    rankings = out.rankings_watch([found.token.id], position=found.position)
    np.testing.assert_array_equal(found.ranks[2:-1:2], rankings.ranks[:, 0])
    np.testing.assert_allclose(found.probabilities[2:-1:2], rankings.probabilities[:, 0], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "model_type", "reason"),
    [
        ("seq2seq", "t5gemma", "not linear, even with its norm frozen"),  # it caps its logits
        ("masked", "bert", "no two halves"),
        ("masked", "modernbert", "not linear"),
        ("causal", "mamba", "no neurons"),
    ],
)
def test_models_that_are_no_such_sum_are_refused(kind: str, model_type: str, reason: str, untouched) -> None:
    lm, out = read(kind, model_type)
    untouched(lm.model)
    with pytest.raises(ProofError, match=reason):
        out.contributions()


def test_frozen_statistics_are_those_of_the_first_run() -> None:
    norms = [torch.nn.LayerNorm(6), torch.nn.RMSNorm(6)]
    torch.manual_seed(0)
    x, y = torch.randn(2, 6), torch.randn(2, 6)
    frozen = FrozenNorms()
    with frozen:
        first = [norm(x) for norm in norms]
    torch.testing.assert_close(first, [norm(x) for norm in norms])
    results = []
    for given in (y, torch.zeros_like(y), x + y):
        frozen.again()
        with frozen:
            results.append([norm(given) for norm in norms])
    for of_x, of_y, of_nothing, of_both in zip(first, *results, strict=True):
        torch.testing.assert_close(of_x + of_y, of_both + of_nothing)
    assert frozen.count == 2


def test_wrong_questions_are_refused(gpt2: ecco.LM) -> None:
    out = gpt2(TEXT)
    with pytest.raises(ArgumentError, match="after the text"):
        out.contributions(position=6)
    with pytest.raises(ArgumentError, match="outside this run"):
        out.contributions(position=60)
    with pytest.raises(ArgumentError, match="not one token"):
        out.contributions(token="a1 a2")
    assert out.contributions(position=6, token=" a5").position == 6
    assert "layer 0 attention" in repr(out.contributions())
