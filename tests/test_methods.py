"""Methods keep what they promise, for every row of the table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from conftest import TEXT
from questions import ANYWHERE
from zoo import tiny_model, word_tokenizer

import ecco
from ecco.attribution.methods import ALIASES, METHODS, compute
from ecco.errors import ArgumentError

ANSWER = "a6 a7 a8"


@pytest.mark.parametrize("method", ANYWHERE)
@pytest.mark.parametrize("model_type", ["gpt2", "llama"])
def test_shares_sum_to_one_over_what_a_target_sees(method: str, model_type: str, request: pytest.FixtureRequest) -> None:
    out = request.getfixturevalue(model_type)(TEXT, continuation=ANSWER)
    found = out.primary_attributions(method)
    assert found.scores.shape == (3, 9)
    np.testing.assert_allclose(found.scores.sum(axis=1), 1.0, rtol=1e-5)
    assert (found.scores >= 0).all()
    for row, position in enumerate(found.positions):
        assert (found.scores[row, position:] == 0).all()
        assert (found.scores[row, :position] > 0).all()


@pytest.mark.filterwarnings("ignore::ecco.CompletenessWarning")
@pytest.mark.parametrize("target", ["logit", "logprob", "probability", "entropy"])
@pytest.mark.parametrize(
    ("model_type", "smooth"),
    [("gpt2", True), ("llama", True), ("gemma2", True), ("falcon", True), ("qwen3", True), ("mamba", False)],
)
def test_integrated_gradients_sum_to_the_difference_or_say_by_how_much_not(model_type: str, smooth: bool, target: str) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type).double(), tokenizer=word_tokenizer())
    out = lm(TEXT, continuation=ANSWER)
    found = out.saliency("ig", target=target, signed=True, normalize=False, n_steps=200)
    ids = out.token_ids[0]
    baseline = lm.model.get_input_embeddings()(torch.arange(97)).detach().mean(0)
    for row, position in enumerate(found.positions):
        value = _value(lm, ids, position, target)
        difference = value - _value(lm, ids, position, target, baseline)
        missed = abs(float(found.scores[row].sum()) - difference)
        assert found.values[row] == pytest.approx(value, rel=1e-4)
        assert found.completeness_error[row] * abs(difference) == pytest.approx(missed, rel=1e-2, abs=1e-4)
        if smooth:
            assert missed <= 0.02 * abs(difference) + 1e-3


def _value(lm: ecco.LM, ids: torch.Tensor, position: int, target: str, baseline: torch.Tensor | None = None) -> float:
    def hook(_module: torch.nn.Module, _args: Any, output: torch.Tensor) -> torch.Tensor:
        return output if baseline is None else baseline.expand_as(output)

    handle = lm.model.get_input_embeddings().register_forward_hook(hook)
    with torch.no_grad():
        logits = lm.model(input_ids=ids[None, :position]).logits[0, -1]
    handle.remove()
    p = logits.softmax(-1)
    token = int(ids[position])
    return float(
        {"logit": logits[token], "logprob": p[token].log(), "probability": p[token], "entropy": -(p * p.log()).sum()}[target]
    )


def test_a_large_completeness_error_is_said(gpt2: ecco.LM) -> None:
    out = gpt2(TEXT, continuation=ANSWER)
    with pytest.warns(ecco.CompletenessWarning, match="miss the explained difference by up to"):
        found = out.saliency("ig", n_steps=1)
    assert float(found.completeness_error.max()) > 0.05
    assert "miss the explained difference" in found.to_payload()["note"]
    assert out.saliency("ig", n_steps=100).to_payload()["note"] is None


def test_a_contrast_is_the_difference_of_two_targets(gpt2: ecco.LM) -> None:
    out = gpt2.generate(TEXT, generate=1)
    raw = {"signed": True, "normalize": False}
    contrast = out.saliency(against="a40", **raw)
    other = out.saliency(token="a40", **raw)
    np.testing.assert_allclose(contrast.scores, out.saliency(**raw).scores - other.scores, atol=1e-5)
    assert contrast.against.text == " a40"
    assert other.explained[0].text == " a40"
    assert "difference against “ a40”" in repr(contrast)


def test_the_token_after_a_text_can_be_explained(gpt2: ecco.LM) -> None:
    out = gpt2(TEXT)
    best = gpt2.predict_token(TEXT, topk=1)
    after = out.saliency(token=int(best.token_ids[0]), position=6)
    written = gpt2.generate(TEXT, generate=1).saliency()
    np.testing.assert_allclose(after.scores, written.scores[:, :6], rtol=1e-4)
    assert after.to_payload()["named"]["id"] == int(best.token_ids[0])
    with pytest.raises(ArgumentError, match="token= must say"):
        out.saliency(position=6)


def test_a_text_that_is_only_read_explains_each_of_its_tokens(gpt2: ecco.LM) -> None:
    found = gpt2(TEXT).saliency()
    assert found.positions == (1, 2, 3, 4, 5)
    np.testing.assert_allclose(found.scores.sum(axis=1), 1.0, rtol=1e-5)


def test_a_saturated_probability_has_scores_of_zero_and_no_nan() -> None:
    model = tiny_model("gpt2")
    with torch.no_grad():
        model.transformer.ln_f.weight.zero_()
        model.transformer.ln_f.bias.copy_(model.lm_head.weight[7] * 1e4)
    lm = ecco.from_pretrained(model, tokenizer=word_tokenizer())
    found = lm.generate(TEXT, generate=1).saliency(target="probability")
    assert found.values[0] == 1.0
    assert (found.scores == 0).all()


def test_ignored_tokens_leave_what_is_stored_alone(gpt2: ecco.LM) -> None:
    out = gpt2(TEXT, continuation=ANSWER)
    before = out.saliency().scores.copy()
    ignored = out.saliency(ignore_tokens=[0, -4])
    assert (ignored.scores[:, [0, 5]] == 0).all()
    np.testing.assert_allclose(ignored.scores.sum(axis=1), 1.0, rtol=1e-5)
    np.testing.assert_array_equal(out.saliency().scores, before)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"attr_method": "nothing"}, "no attribution method 'nothing'. There are 'grad_x_input'"),
        ({"attr_method": "gradient", "signed": True}, "has no sign"),
        ({"style": "fancy"}, "style='fancy'"),
        ({"target": "loss"}, "target='loss'"),
        ({"target": "entropy", "against": 5}, "belongs to no token"),
        ({"n_steps": 5}, "no option n_steps; it takes: none"),
        ({"attr_method": "ig", "steps": 5}, "no option steps; it takes: n_steps, baseline"),
        ({"attr_method": "ig", "n_steps": 0}, "n_steps=0"),
        ({"attr_method": "ig", "baseline": "nothing"}, "baseline='nothing'"),
        ({"attr_method": "ig", "baseline": torch.zeros(3)}, "expected .32,."),
        ({"ignore_tokens": [9]}, "position 9 is outside"),
        ({"position": []}, "names no position"),
        ({"token": "a1 a2", "target": "probability"}, "not the sum of theirs"),
        ({"token": "a1 a2", "position": [6, 7]}, "explained at one place"),
        ({"token": "a1 a2", "against": "a3"}, "against= names one token"),
        ({"joint": True, "target": "entropy"}, "not the sum of theirs"),
        ({"by": "letter"}, "by='letter'"),
        ({"by": []}, "list of spans"),
        ({"by": [(0, 2), (1, 4)]}, "overlaps"),
        ({"by": [(4, 8)]}, "input and output; split it at 6"),
        ({"by": [(4, 20)]}, "outside this run of 9"),
    ],
)
def test_wrong_questions_are_refused_with_the_reason(gpt2: ecco.LM, options, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        gpt2(TEXT, continuation=ANSWER).primary_attributions(**options)


def test_aliases_lead_to_methods() -> None:
    assert set(ALIASES.values()) <= set(METHODS)


def test_one_computation_serves_all_ways_to_look_at_it(gpt2: ecco.LM, monkeypatch: pytest.MonkeyPatch) -> None:
    computed = []

    def counted(name: str, *args, **options):
        computed.append(name)
        return compute(name, *args, **options)

    monkeypatch.setattr("ecco.question.compute", counted)
    out = gpt2(TEXT, continuation=ANSWER)
    out.saliency()
    out.saliency(signed=True)
    out.primary_attributions("gxi", style="detailed", normalize=False)
    assert computed == ["grad_x_input"]


def test_signed_shares_are_relative_to_the_sum_of_absolute_values(gpt2: ecco.LM) -> None:
    out = gpt2(TEXT, continuation=ANSWER)
    raw = out.saliency(signed=True, normalize=False).scores
    shares = out.saliency(signed=True).scores
    assert (raw < 0).any()
    np.testing.assert_allclose(shares, raw / np.abs(raw).sum(axis=1, keepdims=True), rtol=1e-4)


@pytest.mark.filterwarnings("ignore::ecco.CompletenessWarning")
def test_targets_that_need_passes_of_their_own_say_how_complete_each_is() -> None:
    rope = {"rope_type": "dynamic", "factor": 4.0, "rope_theta": 100.0}
    model = tiny_model("llama", max_position_embeddings=10, rope_parameters=rope)
    words = "a1 a13 a76 a5 a37 a29 a56 a8"
    out = ecco.from_pretrained(model, tokenizer=word_tokenizer())(words, continuation=words)
    assert out._runs[0].flow.by_prefix
    found = out.saliency("ig", n_steps=20, position=[9, 12, 15])
    assert found.completeness_error.shape == (3,)
    alone = out.saliency("ig", n_steps=20, position=12)
    assert found.completeness_error[1] == pytest.approx(alone.completeness_error[0], rel=1e-3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_steps": True}, "n_steps=True"),
        ({"n_steps": 0}, "n_steps=0"),
        ({"baseline": np.zeros(3, np.float32)}, r"shape \(3,\)"),
        ({"baseline": torch.full((32,), float("nan"))}, "not finite"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"batch_size": 1.5}, "batch_size=1.5"),
    ],
)
def test_options_that_make_no_sense_are_refused(gpt2: ecco.LM, options: dict, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        gpt2(TEXT).saliency("ig", **options)


@pytest.mark.parametrize(("smooth", "plain"), [("smoothgrad", "gradient"), ("smoothgrad_x_input", "grad_x_input")])
def test_smoothgrad_is_the_mean_of_gradients_around_the_text(gpt2: ecco.LM, smooth: str, plain: str) -> None:
    out = gpt2(TEXT, continuation=ANSWER)
    still = out.saliency(smooth, noise=0.0, n_samples=3, normalize=False)
    np.testing.assert_allclose(still.scores, out.saliency(plain, normalize=False).scores, rtol=1e-4)
    found = out.saliency(smooth, n_samples=4, noise=0.3, seed=7, position=8, normalize=False)
    ids, table = out.token_ids[0], gpt2.model.get_input_embeddings().weight.detach()
    end = table[ids[:8]]
    drawn = torch.randn(4, 8, 32, generator=torch.Generator().manual_seed(7)) * 0.3 * end.std()
    leaf = (end + drawn).requires_grad_()
    logits = gpt2.model(inputs_embeds=leaf).logits[:, -1, int(ids[8])]
    (slope,) = torch.autograd.grad(logits.mean(), leaf)
    expected = slope.sum(0) * (end if smooth != "smoothgrad" else 1.0)
    np.testing.assert_allclose(found.scores[0, :8], expected.norm(dim=-1), rtol=1e-3)
    assert found.values[0] == pytest.approx(out.saliency(position=8).values[0], rel=1e-4)  # of the text, without noise


@pytest.mark.filterwarnings("ignore::ecco.CompletenessWarning")
def test_gradient_shap_comes_to_integrated_gradients_from_one_baseline(gpt2: ecco.LM) -> None:
    out, raw = gpt2(TEXT, continuation=ANSWER), {"signed": True, "normalize": False}
    expected = out.saliency("ig", n_steps=100, baseline="mask", **raw)
    found = out.saliency("gradient_shap", n_samples=400, baseline="mask", **raw)
    np.testing.assert_allclose(found.scores, expected.scores, atol=0.01 * np.abs(expected.scores).max())
    assert float(found.completeness_error.max()) < 0.02


def test_gradient_shap_says_how_far_its_draws_are_from_the_difference(gpt2: ecco.LM) -> None:
    out, raw = gpt2(TEXT, continuation=ANSWER), {"signed": True, "normalize": False}
    found = out.saliency("gradient_shap", n_samples=5, seed=3, position=8, **raw)
    ids = torch.randint(97, (5, 8), generator=torch.Generator().manual_seed(3))  # the text up to there
    own = out.token_ids[0]
    with torch.no_grad():
        others = gpt2.model(input_ids=ids).logits[:, -1, own[8]].mean()
    difference = float(found.values[0] - others)
    missed = abs(found.scores[0].sum() - difference) / abs(difference)
    assert found.completeness_error[0] == pytest.approx(missed, rel=1e-2)
    assert missed > 0.01
    more = out.saliency("gradient_shap", n_samples=500, position=8, **raw)
    assert more.completeness_error[0] < 0.2


@pytest.mark.parametrize("method", ["smoothgrad", "smoothgrad_x_input", "gradient_shap"])
def test_draws_depend_on_the_seed_alone(gpt2: ecco.LM, method: str) -> None:
    out = gpt2(TEXT, continuation=ANSWER)
    first = out.saliency(method, n_samples=6).scores
    torch.manual_seed(99)
    np.testing.assert_allclose(out.saliency(method, n_samples=6, batch_size=2).scores, first, rtol=1e-4)
    assert np.abs(out.saliency(method, n_samples=6, seed=1).scores - first).max() > 1e-3


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("smoothgrad", {"n_samples": 0}, "n_samples=0"),
        ("smoothgrad", {"noise": -0.1}, "noise=-0.1"),
        ("smoothgrad", {"noise": float("nan")}, "noise=nan"),
        ("smoothgrad_x_input", {"seed": 1.5}, "seed=1.5"),
        ("gradient_shap", {"n_samples": True}, "n_samples=True"),
        ("gradient_shap", {"baseline": "nothing"}, "baseline='nothing'"),
    ],
)
def test_draws_that_make_no_sense_are_refused(gpt2: ecco.LM, method: str, options: dict, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        gpt2(TEXT).saliency(method, **options)


def test_an_array_is_a_baseline_as_a_tensor_is(gpt2: ecco.LM) -> None:
    out, vector = gpt2(TEXT), torch.linspace(-1, 1, 32)
    given = out.saliency("ig", baseline=vector.numpy(), n_steps=np.int64(30))
    np.testing.assert_array_equal(given.scores, out.saliency("ig", baseline=vector, n_steps=30).scores)
