"""Every question that ecco answers, asked of one model, as arrays by name: what must not depend on where its weights lie."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import torch

import ecco
from ecco.attribution.methods import METHODS

TEXT = "a5 a17 a3 a80 a41 a9"
MASKED = "a5 a17 a3 <mask> a41 a9"

# Methods that are refused where activations are no ReLUs; tests/test_guided.py is theirs.
RELU_ONLY = ("guided_backprop", "deconvolution")
ANYWHERE = [name for name in METHODS if name not in RELU_ONLY]

# Methods that must know every operation that relevance passes, and are refused where one is another.
RELEVANCE = ("attnlrp", "cp_lrp")

# Methods that are refused where several processes share a model.
NOT_SHARED = (*RELEVANCE, "rollout")

# Options that keep methods of many passes short.
FEW = {
    "integrated_gradients": {"n_steps": 8},
    **{key: {"n_samples": 8} for key in ("smoothgrad", "smoothgrad_x_input", "gradient_shap")},
    "shapley": {"n_permutations": 4},
    "kernel_shap": {"n_samples": 64},
    "lime": {"n_samples": 64},
}


def run_of(lm: ecco.LM) -> ecco.OutputSeq:
    """Three words written after a text, or a text read by a model that does not write."""
    if lm.task in ("causal", "seq2seq"):
        return lm.generate(TEXT, generate=3, min_new_tokens=3, do_sample=False)
    return lm(MASKED if lm.task == "masked" else TEXT)


def every_answer(
    lm: ecco.LM, out: ecco.OutputSeq | None = None, *, neurons: bool = True, without: Collection[str] = ()
) -> dict[str, np.ndarray]:
    """All that can be asked about one run, which is made if none is given, but for some attribution methods."""
    out = run_of(lm) if out is None else out
    answers = {"token ids": out.token_ids, "embedding states": out.embedding_states}
    for name in ("encoder_hidden_states", "decoder_hidden_states"):
        if (states := getattr(out, name)) is not None:
            answers[name.replace("_", " ")] = states
    if neurons:
        answers |= {f"{side} activations": values for side, values in out.activations.items()}
    if lm.task != "encoder":
        answers |= {"logits": out.logits, "explorable": out.explorable().values}
        answers |= _predictions(lm, out) | _attributions(out, without)
    return {name: np.asarray(a.float() if torch.is_tensor(a) and a.is_floating_point() else a) for name, a in answers.items()}


def _predictions(lm: ecco.LM, out: ecco.OutputSeq) -> dict[str, Any]:
    found = {"rankings": out.rankings(), "rankings_watch": out.rankings_watch(["a7", "a8", 11], position=-1)}
    layers, one = out.layer_predictions(topk=5), lm.predict_token(MASKED if lm.task == "masked" else TEXT, topk=5)
    return {
        **{f"{name} ranks": result.ranks for name, result in found.items()},
        **{f"{name} probabilities": result.probabilities for name, result in found.items()},
        "layer_predictions ids": layers.token_ids,
        "layer_predictions probabilities": layers.probabilities,
        "predict_token ids": one.token_ids,
        "predict_token logits": one.logits,
    }


def _attributions(out: ecco.OutputSeq, without: Collection[str]) -> dict[str, Any]:
    found = {}
    for name, method in ((name, METHODS[name]) for name in ANYWHERE):
        if name in without or (name == "rollout" and out._loaded.labels is not None):
            continue  # rollout is refused where it is not known from which place a label is read
        for quantity in ("logit", "probability"):  # of one token, and of all that compete with it
            result = out.saliency(name, target=quantity, signed=method.signed, normalize=False, **FEW.get(name, {}))
            found[f"{name} of the {quantity}"] = _with_values(result) if method.by_unit else result.scores
    return found


def _with_values(result: ecco.Attribution) -> np.ndarray:
    """Scores that are differences of explained numbers, beside these: a difference is as exact as what it is taken of."""
    return np.concatenate([result.scores, result.values[:, None]], axis=1)


def deviations(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> dict[str, float]:
    """The largest absolute difference in every answer, relative to its largest number; for whole numbers how many differ."""
    assert found.keys() == expected.keys()
    return {name: _deviation(found[name], expected[name]) for name in expected}


def _deviation(found: np.ndarray, expected: np.ndarray) -> float:
    assert found.shape == expected.shape
    if expected.dtype.kind == "i":
        return float((found != expected).sum())
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    return float(np.nanmax(np.abs(found - expected))) / max(float(np.nanmax(np.abs(expected))), 1e-6)
