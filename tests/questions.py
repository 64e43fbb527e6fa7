"""Every question that ecco answers, asked of one model, as arrays by name: what must not depend on where its weights lie."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import torch

import ecco
from ecco.attending import kinds_of
from ecco.attribution.methods import METHODS

TEXT = "a5 a17 a3 a80 a41 a9"
MASKED = "a5 a17 a3 <mask> a41 a9"

# Methods that are refused where activations are no ReLUs; tests/test_guided.py is theirs.
RELU_ONLY = ("guided_backprop", "deconvolution")
ANYWHERE = [name for name in METHODS if name not in RELU_ONLY]

# Methods that must know every operation that relevance passes, and are refused where one is another.
RELEVANCE = ("attnlrp", "cp_lrp")

Question = Callable[[ecco.LM, ecco.OutputSeq], dict[str, Any]]

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
    """All that can be asked about one run, which is made if none is given.

    Args:
        lm: the model.
        out: the run.
        neurons: whether questions about neurons are asked.
        without: names of attribution methods, and of `QUESTIONS`, that are not asked.

    Returns:
        Arrays by name. Of a question that is refused, the class of the error.
    """
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
    for name, question in QUESTIONS.items():
        if name not in without and (neurons or name not in OF_NEURONS):
            answers |= {f"{name} {part}".rstrip(): value for part, value in answer(question, lm, out).items()}
    return {name: np.asarray(a.float() if torch.is_tensor(a) and a.is_floating_point() else a) for name, a in answers.items()}


def answer(question: Question, lm: ecco.LM, out: ecco.OutputSeq) -> dict[str, Any]:
    try:
        return question(lm, out)
    except ecco.EccoError as error:
        return {"": f"refused: {type(error).__name__}"}


def _lens(out: ecco.OutputSeq, **options: Any) -> dict[str, Any]:
    found = out.lens(topk=3, **options)
    numbers = ("ranks", "probabilities", "surprisals", "entropies", "divergences", "shares")
    return {name: getattr(found, name) for name in numbers} | {"ids": found.token_ids}


def _contributions(out: ecco.OutputSeq, **options: Any) -> dict[str, Any]:
    found = out.contributions(against="a7", **options)
    parts = [found.layers, found.numbers]
    return {"values": found.values, "parts": np.array(parts), "ranks": found.ranks, "probabilities": found.probabilities}


def _neurons(out: ecco.OutputSeq) -> dict[str, Any]:
    found = out.neurons(topk=3)
    names = ("layers", "numbers", "activations", "contributions", "raised", "lowered", "raised_by", "lowered_by")
    return {name: getattr(found, name) for name in names} | {"total": np.array(found.total), "logit": np.array(found.logit)}


def _trace(out: ecco.OutputSeq, *sites: str) -> dict[str, Any]:
    other = list(out._runs[0].ids[: out.n_input_tokens])
    other[1] = 9
    found = out.trace(other, sites=sites, target="logit")
    return {"restored": np.nan_to_num(found.restored, nan=-1.0), "ends": np.array([found.clean, found.corrupted])}


def _attention(out: ecco.OutputSeq) -> dict[str, Any]:
    return {kind: out.attention(kind=kind).weights for kind in kinds_of(out._runs[0].reading)}


def _factors(out: ecco.OutputSeq) -> dict[str, Any]:
    """How well factors fit, which are searched for step by step; and the sum of those that need no search."""
    found, exact = out.run_nmf(n_components=2), out.run_nmf(n_components=2, method="pca")
    return {"error": np.array(found.error), "activations": exact.weights.T @ exact.components + exact.mean[:, None]}


def _map(out: ecco.OutputSeq) -> dict[str, Any]:
    named, chosen = out.activation_map(layer=1, neurons=[0, 5, 9]), out.activation_map(topk=6, clusters=2)
    return {"values": named.values, "chosen": chosen.neurons, "clusters": chosen.clusters}


def _similarity(out: ecco.OutputSeq, on: str) -> dict[str, Any]:
    """Of what is read: what tiny models write is often one word three times, whose states do not vary."""
    return {"": ecco.similarity_matrix(out, on=on, side="encoder" if "encoder" in out._loaded.sides.values() else None).values}


def _difference(lm: ecco.LM, out: ecco.OutputSeq) -> dict[str, Any]:
    found = out.difference(lm(TEXT, continuation="a6 a7 a8"))
    return {"log probabilities": np.concatenate(found.log_probabilities, axis=1), "differs": np.concatenate(found.differs)}


def _probe(lm: ecco.LM) -> dict[str, Any]:
    texts = [f"a{i} a{i + 1}" for i in range(4)]
    found = ecco.probe(lm, texts, [0, 1, 1, 0], layers=-1, n_folds=2, progress=False)
    return {"accuracy": found.accuracy, "control": found.control}


# By name, what is asked beside predictions and attributions.
QUESTIONS: dict[str, Question] = {
    "lens": lambda _lm, out: _lens(out),
    "lens of halves": lambda _lm, out: _lens(out, halves=True),
    "contributions": lambda _lm, out: _contributions(out),
    "contributions of heads": lambda _lm, out: _contributions(out, heads=True),
    "contributions of neurons": lambda _lm, out: _contributions(out, neurons=3),
    "neurons": lambda _lm, out: _neurons(out),
    "trace of blocks": lambda _lm, out: _trace(out, "block"),
    "trace of halves": lambda _lm, out: _trace(out, "attention", "ffn"),
    "attention": lambda _lm, out: _attention(out),
    "run_nmf": lambda _lm, out: _factors(out),
    "activation_map": lambda _lm, out: _map(out),
    "similarity of states": lambda _lm, out: _similarity(out, "hidden_states"),
    "similarity of neurons": lambda _lm, out: _similarity(out, "activations"),
    "difference": _difference,
    "probe": lambda lm, _out: _probe(lm),
    "run_nmf of texts": lambda lm, _out: {"error": np.array(lm.run_nmf([TEXT, "a8 a3 a41"], 2, progress=False).error)},
}

# Of them, those that need all neurons of a layer; a block that is the sum of its parts; those whose numbers jump where two
# neurons or tokens are nearly as strong; those that read a text anew.
OF_NEURONS = (
    *("contributions of neurons", "neurons", "run_nmf", "run_nmf of texts", "activation_map", "similarity of neurons"),
)
OF_PARTS = ("lens of halves", *(f"contributions{of}" for of in ("", " of heads", " of neurons")), "neurons", "trace of halves")
JUMPING = ("neurons activations", "neurons contributions", "neurons raised_by", "neurons lowered_by", "probe")
ANEW = ("predict_token", "difference", "probe", "run_nmf of texts")


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
    if expected.dtype.kind in "biU":
        return float((found != expected).sum())
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    return float(np.nanmax(np.abs(found - expected))) / max(float(np.nanmax(np.abs(expected))), 1e-6)
