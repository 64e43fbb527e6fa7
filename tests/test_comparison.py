"""Methods side by side: the numbers of each are its own, and their agreement is that of the definitions."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import TEXT
from scipy.stats import spearmanr
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco
from ecco.errors import ArgumentError

METHODS = ("grad_x_input", "gradient", "integrated_gradients")


@pytest.mark.parametrize(
    ("kind", "model_type"), [("causal", "gpt2"), ("masked", "bert"), ("seq2seq", "t5"), ("text label", "bert")]
)
def test_rows_are_the_scores_of_each_method_and_agreement_is_that_of_scipy(kind: str, model_type: str, untouched) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type, task=TASK_OF[kind]), tokenizer=word_tokenizer(), verbose=False)
    untouched(lm.model)
    text = TEXT.replace("a80", "<mask>") if kind == "masked" else TEXT
    out = lm.generate(text, generate=2, min_new_tokens=2) if kind in ("causal", "seq2seq") else lm(text)
    options = {"grad_x_input": {}, "gradient": {}, "ig": {"n_steps": 100}}
    found = out.compare_attributions(options)
    assert found.methods == METHODS
    for (name, own), row in zip(options.items(), found.scores, strict=True):
        alone = out.saliency(name, position=found.position, **own)
        np.testing.assert_array_equal(row, alone.scores[0])
        assert found.explained == alone.explained[0]
    seen = found.scores[:, : found.seen]
    for one in range(3):
        for other in range(3):
            assert found.agreement[one, other] == pytest.approx(spearmanr(seen[one], seen[other])[0], abs=1e-6)
            top = [set(np.argsort(seen[m])[-3:]) for m in (one, other)]
            assert found.overlap[one, other] == len(top[0] & top[1])


def test_tokens_that_are_left_out_do_not_count(gpt2: ecco.LM) -> None:
    out = gpt2.generate(TEXT, generate=1)
    found = out.compare_attributions(("grad_x_input", "gradient"), ignore_tokens=[0, 1], normalize=False)
    assert (found.scores[:, :2] == 0).all()
    kept = found.scores[:, 2 : found.seen]
    assert found.agreement[0, 1] == pytest.approx(spearmanr(*kept)[0], abs=1e-6)


def test_signed_scores_are_compared_with_their_sign(gpt2: ecco.LM) -> None:
    out = gpt2.generate(TEXT, generate=2)
    found = out.compare_attributions(("gxi", "grad_x_input"), signed=True, against=3, position=-2)
    assert found.methods == ("grad_x_input",)
    assert (found.scores < 0).any()
    assert found.position == len(out.tokens[0]) - 2
    assert "rather than" in found.to_payload()["subtitle"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"methods": []}, "names no attribution method"),
        ({"methods": ["gradent"]}, "gradent"),
        ({"methods": ["gradient"], "signed": True}, "no sign"),
        ({"methods": {"gxi": {}, "gradient": {"target": "logprob"}}}, "'gradient' explains something else than 'grad_x_input'"),
        ({"position": [1, 2]}, "whole number"),
        ({"position": 1, "methods": ["gradient"]}, "an order needs 2"),
        ({"methods": ["gradient"], "n_stepps": 3}, "n_stepps"),
    ],
)
def test_what_cannot_be_compared_is_refused(gpt2: ecco.LM, arguments: dict, message: str) -> None:
    out = gpt2.generate(TEXT, generate=1)
    with pytest.raises(ArgumentError, match=message):
        out.compare_attributions(**arguments)


def test_the_table_and_the_text_hold_the_numbers(gpt2: ecco.LM) -> None:
    found = gpt2.generate(TEXT, generate=1).compare_attributions(METHODS[:2])
    records = found.to_records()
    assert len(records) == 2 * found.seen
    assert [r["score"] for r in records[found.seen :]] == [float(s) for s in found.scores[1, : found.seen]]
    best = int(found.scores[0].argmax())
    assert f"{found.tokens[best].text} {found.scores[0, best]:.1%}" in found.to_text()
    assert f"{found.agreement[0, 1]:.2f}" in found.to_text()
