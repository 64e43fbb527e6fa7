"""Rollout is the product of the weights that a run shows, and is refused where these do not tell how tokens are mixed."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import TEXT
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco


@pytest.mark.parametrize("model_type", ["gpt2", "llama", "gemma2", "bloom"])
def test_layers_are_multiplied(model_type: str, untouched) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type), tokenizer=word_tokenizer())
    untouched(lm.model)
    out = lm(TEXT, continuation="a6 a7")
    found = out.saliency("rollout", normalize=False)
    mixed = np.eye(8)
    for weights in out.attention().weights.mean(axis=1):
        mixed = (weights + np.eye(8)) / 2 @ mixed
    np.testing.assert_allclose(found.scores, mixed[[5, 6]] * (np.arange(8) < np.array([[6], [7]])), atol=1e-5)
    np.testing.assert_allclose(found.values, out.saliency().values, rtol=1e-3)


def test_an_answer_reads_its_source_too() -> None:
    lm = ecco.from_pretrained(tiny_model("t5", task=TASK_OF["seq2seq"]), tokenizer=word_tokenizer())
    out = lm("a5 a17 a3", continuation="a6 a7")
    found = out.saliency("rollout", normalize=False)
    n = out.n_input_tokens
    read = np.eye(n)
    values = out.attention_values
    for weights in values["encoder"][0].mean(dim=1).numpy():
        read = (weights + np.eye(n)) / 2 @ read
    source, own = np.zeros(n), 1.0  # the first answer reads the decoder's start alone
    for cross in values["cross"][0, :, :, 0].mean(dim=1).numpy():
        source, own = (source + cross @ read) / 2, own / 2
    np.testing.assert_allclose(found.scores[0, :n], source, atol=1e-5)
    assert source.sum() + own == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    ("model_type", "task", "reason"),
    [
        ("jamba", "causal", "2 of its 4 layers attend"),
        ("mamba", "causal", "multiplies nothing with softmax weights"),
        ("bert", "text label", "from which token its label is read"),
    ],
)
def test_where_attention_does_not_tell_how_tokens_are_mixed(model_type: str, task: str, reason: str, untouched) -> None:
    given = {"task": "classification"} if task == "text label" else {}
    lm = ecco.from_pretrained(tiny_model(model_type, task=TASK_OF[task]), tokenizer=word_tokenizer(), **given)
    untouched(lm.model)
    with pytest.raises(ecco.EccoError, match=reason):
        lm(TEXT).saliency("rollout")
