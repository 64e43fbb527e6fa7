"""Two runs of one input: both texts in both models, and what is in one only."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from test_stack import lm_of

import ecco
from ecco.difference import _differing
from ecco.errors import ArgumentError

TEXT = "a5 a17 a3 a80 a41 a9"


@pytest.mark.parametrize("case", ["causal gpt2", "causal llama", "seq2seq t5", "seq2seq bart"])
def test_every_text_has_the_log_probabilities_of_both_models(case: str, untouched) -> None:
    lm = lm_of(case)[0]
    untouched(lm.model)
    plain = lm.generate(TEXT, generate=4, min_new_tokens=4, do_sample=False, beam_size=1)
    with lm.intervene(ablate={0: "all"}, scale={1: {"all": 4.0}}):
        other = lm.generate(TEXT, generate=5, min_new_tokens=5, do_sample=False, beam_size=1)
    found = plain.difference(other)
    start = plain._runs[0].n_input
    for out, numbers in zip((plain, other), found.log_probabilities, strict=True):
        ids = out._runs[0].ids[start:]
        with lm.intervene(ablate={0: "all"}, scale={1: {"all": 4.0}}):
            inside = lm(TEXT, continuation=ids)
        for row, read in enumerate((lm(TEXT, continuation=ids), inside)):
            rows = [read._runs[0].reading.explained.index(p) for p in range(start, start + len(ids))]
            expected = read.logits[0, rows].float().log_softmax(-1)[torch.arange(len(ids)), torch.tensor(ids)]
            np.testing.assert_allclose(numbers[row], expected, rtol=1e-4, atol=1e-4)
    assert np.abs(found.changes[0]).max() > 1e-2
    assert found.labels == ("as it is", other.intervention.text)
    back = other.difference(plain)
    np.testing.assert_array_equal(back.changes[1], -found.changes[0])
    frame = found.to_frame()
    assert len(frame) == 9
    np.testing.assert_allclose(frame["change"][:4], found.changes[0])
    assert "Difference after" in repr(found)


def test_a_run_and_itself_differ_in_nothing(gpt2: ecco.LM) -> None:
    out = gpt2.generate(TEXT, generate=4)
    found = out.difference(gpt2.generate(TEXT, generate=4))
    assert not np.concatenate(found.changes).any()
    assert not np.concatenate(found.differs).any()


def test_what_is_in_one_text_only_is_marked() -> None:
    first, second = _differing([1, 2, 3, 4, 5], [1, 9, 3, 4])
    assert first.tolist() == [False, True, False, False, True]
    assert second.tolist() == [False, True, False, False]


def test_runs_that_do_not_compare_are_refused(gpt2: ecco.LM, llama: ecco.LM) -> None:
    out = gpt2.generate(TEXT, generate=2)
    for other, message in (
        (gpt2.generate("a1 a2", generate=2), "different inputs"),
        (llama.generate(TEXT, generate=2), "different models"),
        (gpt2(TEXT), "second run has no text"),
        (gpt2([TEXT, TEXT]), "holds 2 sequences"),
    ):
        with pytest.raises(ArgumentError, match=message):
            out.difference(other)
