"""Half, single and double precision: the answers are those of the same weights in double precision, within roundings."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from questions import JUMPING, MASKED, TEXT, deviations, every_answer, run_of
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco

KINDS = {"gpt2": "causal", "llama": "causal", "gemma2": "causal", "t5": "seq2seq", "bert": "masked"}

# How far an answer may be off: a few thousand roundings, which gradients and entropies of a random model enlarge.
BOUNDS = {torch.bfloat16: 0.25, torch.float16: 0.03, torch.float32: 1e-4}

pytestmark = pytest.mark.filterwarnings("ignore::ecco.CompletenessWarning")


def in_double(model: Any) -> ecco.LM:
    """The same weights in double precision."""
    return ecco.from_pretrained(copy.deepcopy(model).double(), tokenizer=word_tokenizer())


@pytest.mark.parametrize("dtype", BOUNDS, ids=str)
@pytest.mark.parametrize("model_type", KINDS)
def test_every_answer_is_that_of_double_precision(model_type: str, dtype: torch.dtype, untouched: Any) -> None:
    kind = KINDS[model_type]
    lm = ecco.from_pretrained(tiny_model(model_type, task=TASK_OF[kind]).to(dtype), tokenizer=word_tokenizer())
    untouched(lm.model)
    out, exact = run_of(lm), in_double(lm.model)
    same = exact(MASKED) if kind == "masked" else exact(TEXT, continuation=out.output_text)
    found, expected = every_answer(lm, out), every_answer(exact, same)
    assert all(a.dtype.kind != "f" or np.isfinite(a).all() or name == "explorable" for name, a in found.items())
    off = {
        name: d
        for name, d in deviations(found, expected).items()
        if expected[name].dtype.kind == "f" and not name.startswith(JUMPING)
    }
    assert max(d for name, d in off.items() if "gradient_shap" not in name) <= BOUNDS[dtype], off
    assert max(off.values()) <= 4 * BOUNDS[dtype], off  # 8 draws far from the text, where a norm is steep, differ more
    assert (found["token ids"] == expected["token ids"]).all()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_a_model_that_computes_more_coarsely_than_its_logits_are_kept(dtype: torch.dtype) -> None:
    model = tiny_model("mamba").to(dtype)
    lm = ecco.from_pretrained(model, tokenizer=word_tokenizer())
    out = lm.generate(TEXT, generate=3, min_new_tokens=3)
    assert out.logits.dtype == torch.float32 != model.dtype
    assert out.rankings().ranks[-1].tolist() == [1, 1, 1]
