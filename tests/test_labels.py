"""A classified text's attribution tells every label with its probability."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from conftest import TEXT
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco


@pytest.mark.parametrize("problem_type", [None, "multi_label_classification"])
def test_labels_have_the_probabilities_of_the_model(problem_type: str | None) -> None:
    model = tiny_model("bert", task=TASK_OF["text label"])
    model.config.problem_type = problem_type
    lm = ecco.from_pretrained(model, tokenizer=word_tokenizer())
    out = lm(TEXT)
    found = out.saliency()
    with torch.no_grad():
        logits = lm.model(input_ids=out.token_ids).logits[0]
    expected = logits.sigmoid() if problem_type else logits.softmax(-1)
    np.testing.assert_allclose([p for _, p in found.labels], expected, rtol=1e-4)
    shown = found.to_payload()["labels"]
    assert [label["text"] for label in shown] == [text for text, _ in found.labels]
    assert found.explained[0].text in {label["text"] for label in shown}


def test_other_tasks_have_no_labels(gpt2: ecco.LM) -> None:
    found = gpt2.generate(TEXT, generate=1).saliency()
    assert found.labels == ()
    assert "labels" not in found.to_payload()


def test_a_label_is_read_where_the_model_reads_it() -> None:
    model = tiny_model("biogpt", task=TASK_OF["text label"])  # told which logits to keep, it would take another token's
    model.config.pad_token_id = None
    lm = ecco.from_pretrained(model, tokenizer=word_tokenizer())
    out = lm(TEXT)
    with torch.no_grad():
        expected = lm.model(input_ids=out.token_ids).logits[0]
    np.testing.assert_allclose(out._one().logits()[0], expected, rtol=1e-4)
    found = out.saliency(normalize=False)
    assert found.values[0] == pytest.approx(float(expected.max()), rel=1e-4)
