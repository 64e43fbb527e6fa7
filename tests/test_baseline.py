"""A baseline is what its name says, in every form that a person may give it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from conftest import TEXT
from zoo import TASK_OF, byte_tokenizer, tiny_model, word_tokenizer

import ecco
from ecco.errors import ArgumentError

ANSWER = "a6 a7 a8"
OTHER = "a1 a2 a3 a4 a9 a9 a1 a2 a3"
RAW = {"signed": True, "normalize": False, "n_steps": 60}

# Every form, and the ids that it stands for.
FORMS = {
    "pad": ("pad", [0] * 9),
    "mask": ("mask", [96] * 9),
    "one id": (11, [11] * 9),
    "a text": (OTHER, [5, 6, 7, 8, 13, 13, 5, 6, 7]),
    "ids": ([5, 6, 7, 8, 13, 13, 5, 6, 7], [5, 6, 7, 8, 13, 13, 5, 6, 7]),
    "a tensor of ids": (torch.tensor([5, 6, 7, 8, 13, 13, 5, 6, 7]), [5, 6, 7, 8, 13, 13, 5, 6, 7]),
    "an array of ids": (np.array([5, 6, 7, 8, 13, 13, 5, 6, 7]), [5, 6, 7, 8, 13, 13, 5, 6, 7]),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model_type", ["gpt2", "biogpt"])  # biogpt scales its embeddings
def test_scores_sum_to_the_difference_from_the_text_that_a_baseline_stands_for(form: str, model_type: str) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type).double(), tokenizer=word_tokenizer())
    out, (baseline, other) = lm(TEXT, continuation=ANSWER), FORMS[form]
    found = out.saliency("ig", baseline=baseline, position=[7, 8], **RAW)
    ids = out.token_ids[0]
    with torch.no_grad():
        own, changed = lm.model(input_ids=torch.stack([ids, torch.tensor(other)])).logits
    for row, position in enumerate((7, 8)):
        expected = own[position - 1, ids[position]] - changed[position - 1, ids[position]]
        assert found.scores[row].sum() == pytest.approx(float(expected), rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("model_type", ["t5", "bart"])
def test_tokens_stand_on_both_sides_of_an_encoder_decoder(model_type: str) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type, task=TASK_OF["seq2seq"]).double(), tokenizer=word_tokenizer())
    out = lm("a5 a17 a3", continuation="a6 a7")
    n, ids = len(out.tokens[0]), out.token_ids[0]
    found = out.saliency("ig", baseline=13, position=n - 1, **RAW | {"n_steps": 200})
    start, source = out._runs[0].start or lm._loaded.start, out.n_input_tokens
    target = torch.cat([torch.tensor([start]), ids[source:]])
    with torch.no_grad():
        own = lm.model(input_ids=ids[None, :source], decoder_input_ids=target[None]).logits[0, n - 1 - source]
        elsewhere = torch.full_like(target, 13)
        elsewhere[0] = start
        other = lm.model(input_ids=torch.full((1, source), 13), decoder_input_ids=elsewhere[None]).logits[0, n - 1 - source]
    expected = float(own[ids[n - 1]] - other[ids[n - 1]])
    assert found.scores[0].sum() == pytest.approx(expected, rel=2e-2, abs=1e-3)


@pytest.mark.parametrize("model_type", ["gpt2", "llama", "gemma2", "opt", "gpt_neox", "qwen3", "falcon"])
def test_the_default_baseline_reaches_completeness(model_type: str) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type), tokenizer=word_tokenizer())
    found = lm(TEXT, continuation=ANSWER).saliency("ig", n_steps=100)  # a warning would be an error
    assert float(found.completeness_error.max()) < 0.05


def test_a_prefix_takes_the_beginning_of_a_text() -> None:
    rope = {"rope_type": "dynamic", "factor": 4.0, "rope_theta": 100.0}
    model = tiny_model("llama", max_position_embeddings=10, rope_parameters=rope)
    words = "a1 a13 a76 a5 a37 a29 a56 a8"
    out = ecco.from_pretrained(model, tokenizer=word_tokenizer())(words, continuation=words)
    assert out._runs[0].flow.by_prefix
    given, other = list(range(20, 36)), [*range(20, 32), 50, 51, 52, 53]
    first = out.saliency("ig", baseline=given, position=[12], n_steps=40)
    np.testing.assert_array_equal(first.scores, out.saliency("ig", baseline=other, position=[12], n_steps=40).scores)
    both = out.saliency("ig", baseline=given, position=[12, 15], n_steps=40)
    np.testing.assert_allclose(both.scores[0], first.scores[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("baseline", "message"),
    [
        ([1, 2, 3], "baseline has 3 tokens; the text has 6"),
        ("a1 a2", "as a text it has 2 tokens where the explained text has 6"),
        (97, "from 0 to 96"),
        (-1, "from 0 to 96"),
        (True, "baseline=True is neither"),
        (1.5, "baseline=1.5 is neither"),
        (None, "baseline=None is neither"),
        ([1, 2, 3, 4, 5, "a"], "is neither"),
        (torch.zeros(33), "expected .32,."),
        (torch.full((32,), float("inf")), "not finite"),
    ],
)
def test_what_is_no_baseline_is_refused(gpt2: ecco.LM, baseline, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        gpt2(TEXT).saliency("ig", baseline=baseline)


@pytest.mark.parametrize("name", ["pad", "mask"])
def test_a_token_that_the_tokenizer_does_not_have_is_refused(name: str) -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2", vocab_size=300), tokenizer=byte_tokenizer())
    with pytest.raises(ArgumentError, match=f'baseline="{name}": the tokenizer has no such token'):
        lm("hello").saliency("ig", baseline=name)
