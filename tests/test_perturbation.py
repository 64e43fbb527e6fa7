"""Methods that take parts of the text away give what passes by hand, captum and the definitions give."""

from __future__ import annotations

from itertools import combinations
from math import comb, factorial
from typing import Any

import captum.attr
import numpy as np
import pytest
import torch
from captum._utils.models.linear_model import SkLearnRidge
from conftest import TEXT
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco
import ecco.attribution.perturbation as perturbation
from ecco.attribution.methods import METHODS
from ecco.errors import ArgumentError

METHOD_NAMES = [name for name, method in METHODS.items() if method.by_unit]
OCCLUDING = [name for name in METHOD_NAMES if name != "leave_one_out"]
DRAWING = ["shapley", "kernel_shap", "lime"]
EFFICIENT = ["shapley", "kernel_shap"]
RAW = {"signed": True, "normalize": False}
ANSWER = "a6 a7 a8"


def masked_values(lm: ecco.LM, ids: torch.Tensor, position: int, token_id: int, present: np.ndarray) -> np.ndarray:
    """The log-probability of a token after a text of which embeddings are replaced by the mean, one pass each."""
    embedding = lm.model.get_input_embeddings()
    mean = embedding(torch.arange(97)).detach().mean(0)
    values = []
    for row in present:
        mask = torch.tensor(row)[None, :, None]
        handle = embedding.register_forward_hook(lambda _m, _a, out, mask=mask: torch.where(mask, out, mean))
        with torch.no_grad():
            logits = lm.model(input_ids=ids[None, :position]).logits[0, -1]
        handle.remove()
        values.append(float(logits.log_softmax(-1)[token_id]))
    return np.array(values)


def by_definition(value: Any, n: int) -> np.ndarray:
    """Shapley values as the weighted mean over all parts of the text."""
    scores = np.zeros(n)
    for unit in range(n):
        others = [u for u in range(n) if u != unit]
        for size in range(n):
            for chosen in combinations(others, size):
                weight = factorial(size) * factorial(n - size - 1) / factorial(n)
                scores[unit] += weight * (value({*chosen, unit}) - value({*chosen}))
    return scores


@pytest.mark.parametrize("model_type", ["gpt2", "llama", "mamba"])
def test_occlusion_is_the_fall_of_one_pass_per_token(model_type: str, untouched) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type), tokenizer=word_tokenizer())
    untouched(lm.model)
    out = lm(TEXT, continuation=ANSWER)
    ids = out.token_ids[0]
    found = out.saliency("occlusion", target="logprob", **RAW)
    for row, position in enumerate(found.positions):
        present = np.concatenate([np.ones((1, position), bool), ~np.eye(position, dtype=bool)])
        values = masked_values(lm, ids, position, int(ids[position]), present)
        np.testing.assert_allclose(found.scores[row, :position], values[0] - values[1:], atol=1e-4)
        assert (found.scores[row, position:] == 0).all()


@pytest.mark.parametrize("model_type", ["gpt2", "llama"])
def test_leaving_one_out_is_reading_the_text_without_it(model_type: str, untouched) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type), tokenizer=word_tokenizer())
    untouched(lm.model)
    ids = lm(TEXT).token_ids[0]
    found = lm(TEXT).saliency("leave_one_out", target="logprob", **RAW)
    assert found.positions == (1, 2, 3, 4, 5)
    for row, position in enumerate(found.positions):
        with torch.no_grad():
            log_p = [
                float(lm.model(input_ids=read[None]).logits[0, -1].log_softmax(-1)[ids[position]])
                for read in (ids[:position], *(torch.cat([ids[:s], ids[s + 1 : position]]) for s in range(position)))
                if len(read)
            ]
        expected = [log_p[0] - v for v in log_p[1:]] or [0.0]  # the only token stays
        np.testing.assert_allclose(found.scores[row, :position], expected, atol=1e-4)
    assert "cannot be deleted" in found.to_payload()["note"]
    assert lm(TEXT, continuation="a6").saliency("leave_one_out").to_payload()["note"] is None


def test_a_unit_is_left_out_as_a_whole_and_from_both_sides() -> None:
    lm = ecco.from_pretrained(tiny_model("t5", task=TASK_OF["seq2seq"]), tokenizer=word_tokenizer())
    out = lm(TEXT, continuation="a6 a7 a8")
    ids, target = out.token_ids[0, :6], out.token_ids[0, 6:]
    found = out.saliency("leave_one_out", position=8, by=[(1, 4), (6, 8)], **RAW)
    assert found.seen == (5,)

    def value(source: list[int], written: list[int]) -> float:
        start = torch.tensor([[lm.model.generation_config.decoder_start_token_id, *written]])
        with torch.no_grad():
            logits = lm.model(input_ids=torch.tensor([source]), decoder_input_ids=start).logits[0, -1]
        return float(logits.log_softmax(-1)[target[2]])

    s, w = ids.tolist(), target[:2].tolist()
    texts = [(s[1:], w), (s[:1] + s[4:], w), (s[:4] + s[5:], w), (s[:5], w), (s, [])]
    np.testing.assert_allclose(found.scores[0, :5], [value(s, w) - value(*text) for text in texts], atol=1e-4)


def test_what_is_explained_and_special_tokens_are_not_left_out() -> None:
    lm = ecco.from_pretrained(tiny_model("bert", task=TASK_OF["masked"]), tokenizer=word_tokenizer())
    out = lm("a4 a5 <mask> a7 </s>")
    found = out.saliency("loo", **RAW)
    special = [p for p, token in enumerate(out._runs[0].tokens) if token.special]
    assert special == [2, 4]
    assert (found.scores[0, special] == 0).all()
    assert (found.scores[0, [0, 1, 3]] != 0).all()
    assert "cannot be deleted" in found.to_payload()["note"]


@pytest.mark.parametrize("method", EFFICIENT)
@pytest.mark.parametrize("n", [1, 4, 5])
def test_all_orders_give_shapley_values_by_their_definition(method: str, n: int, gpt2: ecco.LM) -> None:
    words = " ".join(TEXT.split()[:n])
    out = gpt2(words, continuation="a6")
    ids = out.token_ids[0]

    def value(chosen: set[int]) -> float:
        return float(masked_values(gpt2, ids, n, int(ids[n]), np.array([[u in chosen for u in range(n)]]))[0])

    found = out.saliency(method, target="logprob", **({"n_permutations": 120} if method == "shapley" else {}), **RAW)
    np.testing.assert_allclose(found.scores[0, :n], by_definition(value, n), atol=1e-5)
    assert found.standard_error is None


@pytest.mark.parametrize("method", EFFICIENT)
@pytest.mark.parametrize(
    "options", [{}, {"joint": True}, {"by": [(0, 3), (6, 8)]}, {"position": [7, 8], "target": "probability"}]
)
def test_shapley_values_sum_to_the_difference_to_the_baseline(method: str, options: dict, llama: ecco.LM) -> None:
    few = {"n_permutations": 4} if method == "shapley" else {"n_samples": 40}
    found = llama(TEXT, continuation=ANSWER).saliency(method, **few, **options, **RAW)
    assert found.completeness_error.shape == (len(found.positions),)
    assert float(found.completeness_error.max()) < 1e-5
    none = np.zeros((1, 6), bool)
    if not options:
        ids = llama(TEXT, continuation=ANSWER).token_ids[0]
        at_baseline = masked_values(llama, ids, 6, int(ids[6]), none)
        logprob = llama(TEXT, continuation=ANSWER).saliency(method, target="logprob", **few, **RAW)
        assert logprob.scores[0].sum() == pytest.approx(float(logprob.values[0] - at_baseline[0]), rel=1e-3)


@pytest.mark.parametrize("method", DRAWING)
def test_estimates_are_near_what_all_parts_give_by_the_error_that_they_state(method: str, llama: ecco.LM) -> None:
    out = llama(TEXT, continuation="a6")
    name, enough = ("n_permutations", 720) if method == "shapley" else ("n_samples", 64)
    wide = {"kernel_width": 1.0, "ridge": 1e-3} if method == "lime" else {}
    exact, drawn = (out.saliency(method, **{name: count}, **wide, **RAW) for count in (enough, 48))
    assert exact.standard_error is None
    off = np.abs(drawn.scores - exact.scores)[0, :6]
    assert (off > 0).all()
    assert (off <= 4 * drawn.standard_error[0, :6]).all(), (off, drawn.standard_error)
    assert "standard errors" in drawn.to_payload()["note"]
    shares = out.saliency(method, signed=True, **{name: 48}, **wide)
    ratio = shares.standard_error[0, :6] / drawn.standard_error[0, :6]
    np.testing.assert_allclose(ratio, 1 / np.abs(drawn.scores).sum(), rtol=1e-3)


@pytest.mark.parametrize("method", DRAWING)
def test_a_seed_gives_the_same_scores_and_another_others(method: str) -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2"), tokenizer=word_tokenizer())
    few = {"n_permutations": 4} if method == "shapley" else {"n_samples": 40}
    first, again, other = (lm(TEXT, continuation=ANSWER).saliency(method, seed=s, **few).scores for s in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_an_earlier_target_gets_what_it_gets_alone(gpt2: ecco.LM) -> None:
    out = gpt2(TEXT, continuation=ANSWER)
    every = {"shapley": {"n_permutations": 40320}, "kernel_shap": {"n_samples": 256}}
    for method in ("occlusion", "leave_one_out", "kernel_shap"):
        found, alone = (out.saliency(method, position=p, **every.get(method, {}), **RAW) for p in ([6, 8], [6]))
        np.testing.assert_allclose(found.scores[0], alone.scores[0], atol=1e-4)


@pytest.mark.parametrize("method", METHOD_NAMES)
def test_memory_that_runs_out_makes_batches_smaller(method: str, gpt2: ecco.LM, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = gpt2(TEXT, continuation=ANSWER).saliency(method, **RAW).scores
    real, sizes = perturbation.logits_at if method == "leave_one_out" else perturbation.values_at, []

    def scarce(first: Any, second: Any, *more: Any) -> Any:
        count = len(second["input_ids"]) if isinstance(second, dict) else len(second)
        sizes.append(count)
        if count > 3:
            raise torch.OutOfMemoryError
        return real(first, second, *more)

    monkeypatch.setattr(perturbation, real.__name__, scarce)
    found = gpt2(TEXT, continuation=ANSWER).saliency(method, **RAW).scores
    assert max(sizes) > 3 >= min(sizes)
    np.testing.assert_allclose(found, whole, atol=1e-4)


@pytest.mark.parametrize("method", METHOD_NAMES)
def test_a_model_without_gradients_can_be_taken_apart(method: str, untouched) -> None:
    lm = ecco.from_pretrained(tiny_model("hrm_text"), tokenizer=word_tokenizer())
    untouched(lm.model)
    found = lm(TEXT, continuation="a6").saliency(method, **RAW)
    assert (found.scores[0, :6] != 0).all()


@pytest.mark.parametrize("method", METHOD_NAMES)
def test_targets_that_need_passes_of_their_own_have_their_own_units(method: str) -> None:
    rope = {"rope_type": "dynamic", "factor": 4.0, "rope_theta": 100.0}
    model = tiny_model("llama", max_position_embeddings=10, rope_parameters=rope)
    words = "a1 a13 a76 a5 a37 a29 a56 a8"
    out = ecco.from_pretrained(model, tokenizer=word_tokenizer())(words, continuation=words)
    assert out._runs[0].flow.by_prefix
    found = out.saliency(method, by=[(0, 4), (4, 8), (10, 12)], position=[10, 11], **RAW)
    assert found.scores.shape == (1, 2 + 2 + 1 + 4)
    assert (found.scores[0, :4] != 0).all()
    assert (found.scores[0, 4:] == 0).all()


# -- captum --------------------------------------------------------------------------------------------------------------


def _captum(lm: ecco.LM, words: str, units: list[int]) -> Any:
    """A question that captum answers: a function of vectors, the vectors, and its arguments."""
    ids = lm(words, continuation="a6").token_ids[0]
    n = len(ids) - 1
    embedding = lm.model.get_input_embeddings()
    with torch.no_grad():
        vectors = embedding(ids[None, :n])
        mean = embedding(torch.arange(97)).mean(0).expand_as(vectors)

    def log_p(vectors: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return lm.model(inputs_embeds=vectors).logits[:, -1].log_softmax(-1)[:, int(ids[n])]

    return (
        log_p,
        vectors,
        {"baselines": mean, "feature_mask": torch.tensor(units)[None, :, None].expand_as(vectors).contiguous()},
    )


UNITS, SPANS = [0, 0, 1, 2, 2, 3], [(0, 2), (2, 3), (3, 5), (5, 6)]


def _folded(found: torch.Tensor) -> np.ndarray:
    return found[0].numpy() if found.dim() == 2 else found[0, :, 0].numpy()[[start for start, _ in SPANS]]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("method", OCCLUDING)
def test_scores_equal_captums(method: str, llama: ecco.LM) -> None:
    function, vectors, given = _captum(llama, TEXT, UNITS)
    found = llama(TEXT, continuation="a6").saliency(method, target="logprob", by=SPANS, **RAW).scores[0, :4]
    n = len(SPANS)
    if method == "occlusion":
        expected = captum.attr.FeatureAblation(function).attribute(vectors, **given)
    elif method in EFFICIENT:
        expected = captum.attr.ShapleyValues(function).attribute(vectors, **given)
    else:
        expected = _captums_lime(function).attribute(vectors, n_samples=2**n, **given)
    np.testing.assert_allclose(found, _folded(expected), rtol=1e-3, atol=1e-4)


def _captums_lime(function: Any) -> Any:
    """Captum's LIME over all parts of a text of four units, each as often as 512 draws of ours would meet it."""
    parts = iter([[float(m >> u & 1) for u in range(4)] for m in range(16)])

    def similarity(_original: Any, _perturbed: Any, part: torch.Tensor, **_kwargs: Any) -> torch.Tensor:
        k = int(part.sum())
        return torch.tensor([512 / (5 * comb(4, k)) * np.exp(-(((1 - (k / 4) ** 0.5) / 0.25) ** 2))])

    return captum.attr.LimeBase(
        function,
        SkLearnRidge(alpha=1.0),
        similarity,
        lambda *_args, **_kwargs: torch.tensor([next(parts)]),
        perturb_interpretable_space=True,
        from_interp_rep_transform=_put_back,
        to_interp_rep_transform=None,
    )


def _put_back(part: torch.Tensor, original: torch.Tensor, **given: Any) -> torch.Tensor:
    there = part[0].bool()[given["feature_mask"]]
    return torch.where(there, original, given["baselines"])


@pytest.mark.filterwarnings("ignore")
def test_kernel_shap_is_near_captums(llama: ecco.LM) -> None:
    function, vectors, given = _captum(llama, TEXT, UNITS)
    torch.manual_seed(0)
    expected = _folded(captum.attr.KernelShap(function).attribute(vectors, n_samples=3000, **given))
    found = llama(TEXT, continuation="a6").saliency("kernel_shap", target="logprob", by=SPANS, **RAW).scores[0, :4]
    np.testing.assert_allclose(found, expected, atol=0.1 * float(np.abs(expected).max()))


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("shapley", {"n_permutations": 1}, "n_permutations=1"),
        ("shapley", {"seed": -1}, "seed=-1"),
        ("kernel_shap", {"n_samples": 4}, "open; take n_samples="),
        ("kernel_shap", {"n_samples": 2.5}, "n_samples=2.5"),
        ("lime", {"kernel_width": 0}, "kernel_width=0"),
        ("lime", {"ridge": float("nan")}, "ridge=nan"),
        ("occlusion", {"baseline": "nothing"}, "baseline='nothing'"),
        ("leave_one_out", {"baseline": "mean"}, "no option baseline; it takes: none"),
    ],
)
def test_options_that_make_no_sense_are_refused(gpt2: ecco.LM, method: str, options: dict, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        gpt2(TEXT, continuation="a6").saliency(method, **options)
