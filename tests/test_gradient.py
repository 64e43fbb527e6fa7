"""Gradients toward the embeddings equal those found in other ways."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from captum.attr import InputXGradient, IntegratedGradients
from conftest import TEXT
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco
import ecco.attribution.gradient as gradient_module
from ecco.attribution.gradient import embed
from ecco.capture import Tape
from ecco.question import ask, problem_of
from ecco.run import Run

# Architectures with scaled embeddings, soft caps, RMSNorm, experts, state spaces, parallel blocks, alibi, learned positions.
TYPES = (
    "gpt2 llama gemma gemma2 opt bloom gpt_neox falcon mamba bamba mixtral qwen3_moe xglm cohere granite phi mpt biogpt "
    "gptj olmo2 recurrent_gemma bert bart deepseek_v3 gpt_oss"
).split()


def _lm(model_type: str) -> ecco.LM:
    return ecco.from_pretrained(tiny_model(model_type), tokenizer=word_tokenizer())


def by_hand(lm: ecco.LM, ids: torch.Tensor, position: int, token_id: int, vectors: torch.Tensor | None = None) -> torch.Tensor:
    """Gradient of one logit toward the embeddings of the prefix, one pass per target, nothing shared."""
    embedding = lm.model.get_input_embeddings()
    leaf: list[torch.Tensor] = []

    def hook(_module, _args, output):
        start = output if vectors is None else vectors
        leaf.append(start.detach().clone().requires_grad_())
        return leaf[-1]

    handle = embedding.register_forward_hook(hook)
    try:
        logits = lm.model(input_ids=ids[None, :position], use_cache=False).logits[0, -1]
    finally:
        handle.remove()
    (found,) = torch.autograd.grad(logits[token_id], leaf[0])
    return (found * leaf[0]).detach()[0]


@pytest.mark.parametrize("model_type", TYPES)
def test_all_targets_at_once_equal_one_pass_each(model_type: str, untouched) -> None:
    lm = _lm(model_type)
    untouched(lm.model)
    out = lm(TEXT, continuation="a6 a7 a8")
    ids = out.token_ids[0]
    found = out.saliency(normalize=False, signed=True)
    norms = out.saliency(normalize=False)
    assert found.positions == (6, 7, 8)
    for row, position in enumerate(found.positions):
        expected = by_hand(lm, ids, position, int(ids[position]))
        scale = float(expected.abs().sum(-1).max())
        np.testing.assert_allclose(found.scores[row, :position], expected.sum(-1), atol=2e-3 * scale)
        np.testing.assert_allclose(norms.scores[row, :position], expected.norm(dim=-1), atol=2e-3 * scale)
        assert (found.scores[row, position:] == 0).all()


@pytest.mark.parametrize(
    ("model_type", "task"),
    [("gpt2", "causal"), ("gemma", "causal"), ("t5", "seq2seq"), ("albert", "masked"), ("bert", "text label")],
)
def test_embeddings_are_those_that_the_pass_of_the_text_saw(model_type: str, task: str) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type, task=TASK_OF[task]), tokenizer=word_tokenizer())
    run = (lm(TEXT, continuation="a6 a7") if task == "seq2seq" else lm(TEXT))._one()
    position = run.names.default()[-1]
    asked = ask(run, "logit", position=position)
    problem = problem_of(run, asked.target)
    assert problem.embedded is not None
    torch.testing.assert_close(problem.embedded, embed(replace(problem, embedded=None)), rtol=0, atol=0)


def _outcome(lm: ecco.LM, task: str, *, read_before: bool, method: str = "grad_x_input") -> tuple[np.ndarray, list[int]]:
    """Scores, and how many tokens each pass from the embeddings to the logits read."""
    out = lm(TEXT, continuation="a6 a7 a8") if task in ("causal", "seq2seq") else lm(TEXT)
    passes: list[int] = []
    *_, last = lm._loaded.anatomy.blocks.modules
    embedded: list[int] = []
    handles = [
        lm._loaded.anatomy.embedding.register_forward_hook(lambda _m, _a, vectors: embedded.append(vectors.shape[1])),
        last.register_forward_hook(lambda *_: passes.append(embedded[-1])),
    ]
    try:
        if read_before:
            out._one().states()
            passes.clear()
        scores = out.saliency(method, normalize=False, position=None if task != "masked" else 2).scores
    finally:
        for handle in handles:
            handle.remove()
    return scores, passes


RECORDED = [(t, "causal") for t in ("gpt2", "llama", "gemma", "falcon", "mamba", "mixtral", "ctrl", "opt", "phi")]
RECORDED += [("t5", "seq2seq"), ("bart", "seq2seq"), ("bert", "masked"), ("bert", "text label")]


@pytest.mark.parametrize("method", ["grad_x_input", "gradient"])
@pytest.mark.parametrize(("model_type", "task"), RECORDED)
def test_the_pass_over_the_text_is_recorded_for_its_gradients(model_type: str, task: str, method: str, untouched) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type, task=TASK_OF[task]), tokenizer=word_tokenizer())
    _ = lm(TEXT).tokens, lm._loaded.anatomy
    untouched(lm.model)
    before, again = _outcome(lm, task, read_before=True, method=method)
    recorded, once = _outcome(lm, task, read_before=False, method=method)
    np.testing.assert_allclose(recorded, before, rtol=1e-4, atol=1e-6 * np.abs(before).max())
    # What the text was read for before takes no pass more; only what was written before is read alone too.
    assert len(once) == len(again) + (task in ("causal", "seq2seq"))


def test_a_pass_is_not_recorded_for_the_beginning_of_a_text(gpt2: ecco.LM, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = gpt2(TEXT).saliency(position=3).scores
    tapes: list[object] = []
    monkeypatch.setattr(Run, "record", lambda _self, tape: tapes.append(tape))
    np.testing.assert_allclose(gpt2(TEXT).saliency(position=3).scores, expected, rtol=1e-4)
    assert not tapes
    gpt2(TEXT).saliency(position=5)
    assert len(tapes) == 1


def test_a_pass_that_cannot_be_recorded_is_read_as_ever(gpt2: ecco.LM, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = gpt2(TEXT, continuation="a6 a7").saliency().scores
    failed: list[int] = []

    def scarce(_target: object) -> Tape:
        def way(_model: torch.nn.Module):
            failed.append(1)
            raise torch.OutOfMemoryError

        return Tape(way)

    monkeypatch.setattr("ecco.question.tape_for", scarce)
    np.testing.assert_allclose(gpt2(TEXT, continuation="a6 a7").saliency().scores, expected, rtol=1e-4)
    assert failed == [1]


@pytest.mark.filterwarnings("ignore::ecco.CompletenessWarning")  # 20 steps suffice to compare
def test_scores_equal_captums(llama: ecco.LM) -> None:
    out = llama.generate(TEXT, generate=1)
    ids = out.token_ids[0]
    embedding = llama.model.get_input_embeddings()

    def logit(vectors: torch.Tensor) -> torch.Tensor:
        return llama.model(inputs_embeds=vectors).logits[:, -1, int(ids[6])]

    with torch.no_grad():
        vectors = embedding(ids[None, :6])
    expected = InputXGradient(logit).attribute(vectors.clone().requires_grad_())[0].sum(-1)
    found = out.saliency(signed=True, normalize=False)
    np.testing.assert_allclose(found.scores[0, :6], expected.detach(), rtol=1e-3, atol=1e-5)
    baseline = embedding.weight.detach().mean(0).expand_as(vectors)
    path = IntegratedGradients(logit).attribute(vectors, baselines=baseline, n_steps=20, method="gausslegendre")
    found = out.saliency("ig", signed=True, normalize=False, n_steps=20)
    np.testing.assert_allclose(found.scores[0, :6], path[0].sum(-1).detach(), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("model_type", ["gpt2", "biogpt"])  # biogpt scales its embeddings
def test_a_gradient_equals_finite_differences(model_type: str) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type).double(), tokenizer=word_tokenizer())
    out = lm.generate(TEXT, generate=1)
    ids = out.token_ids[0]
    found = out.saliency(signed=True, normalize=False, target="logprob")
    with torch.no_grad():
        start = lm.model.get_input_embeddings()(ids[None, :6])
    step = 1e-5
    for source in (0, 3, 5):
        values = []
        for sign in (1, -1):
            moved = start.clone()
            moved[0, source] *= 1 + sign * step
            handle = lm.model.get_input_embeddings().register_forward_hook(lambda _m, _a, _o, moved=moved: moved)
            with torch.no_grad():
                logits = lm.model(input_ids=ids[None, :6]).logits[0, -1]
            handle.remove()
            values.append(float(logits.log_softmax(-1)[ids[6]]))
        assert found.scores[0, source] == pytest.approx((values[0] - values[1]) / (2 * step), rel=1e-4, abs=1e-6)


def test_pieces_and_fallbacks_give_the_same_numbers(gpt2: ecco.LM, monkeypatch: pytest.MonkeyPatch) -> None:
    text, answer = TEXT, "a6 a7 a8 a9 a10"
    whole = gpt2(text, continuation=answer).saliency(normalize=False).scores
    monkeypatch.setattr(gradient_module, "BACKWARD_ROWS", 1)
    np.testing.assert_allclose(gpt2(text, continuation=answer).saliency(normalize=False).scores, whole, rtol=1e-4)
    monkeypatch.undo()
    real = torch.autograd.grad

    def unbatched(*args, is_grads_batched: bool = False, **kwargs):
        if is_grads_batched:
            raise RuntimeError("no batching rule")
        return real(*args, **kwargs)

    monkeypatch.setattr(torch.autograd, "grad", unbatched)
    np.testing.assert_allclose(gpt2(text, continuation=answer).saliency(normalize=False).scores, whole, rtol=1e-4)


@pytest.mark.filterwarnings("ignore::ecco.CompletenessWarning")
@pytest.mark.parametrize(("method", "options"), [("grad_x_input", {}), ("ig", {"n_steps": 4})])
def test_logits_in_several_pieces_give_the_same_numbers(
    gpt2: ecco.LM, method: str, options: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = gpt2(TEXT, continuation="a6 a7").saliency(method, **options).scores
    monkeypatch.setattr("ecco.readout.CHUNK_BYTES", 1)
    np.testing.assert_allclose(gpt2(TEXT, continuation="a6 a7").saliency(method, **options).scores, expected, rtol=1e-4)


def test_memory_that_runs_out_makes_batches_smaller(gpt2: ecco.LM, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = gpt2(TEXT, continuation="a6 a7").saliency("ig", n_steps=8, normalize=False).scores
    real, sizes = gradient_module._gradients, []

    def scarce(problem, points, weights, way):
        sizes.append(len(points))
        if len(points) > 3:
            raise torch.OutOfMemoryError
        return real(problem, points, weights, way)

    monkeypatch.setattr(gradient_module, "_gradients", scarce)
    found = gpt2(TEXT, continuation="a6 a7").saliency("ig", n_steps=8, normalize=False)
    assert sizes == [8, 4, 2, 2, 2, 2]
    np.testing.assert_allclose(found.scores, whole, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("model_type", "reason"),
    [("reformer", "blocks without gradients"), ("hrm_text", "blocks without gradients"), ("xlnet", "adds one more")],
)
def test_a_model_without_gradients_toward_its_tokens_is_refused(model_type: str, reason: str, untouched) -> None:
    lm = _lm(model_type)
    untouched(lm.model)
    with pytest.raises(ecco.EccoError, match=reason):
        lm(TEXT, continuation="a6").saliency()


@pytest.mark.parametrize("model_type", ["gpt2", "llama"])
def test_half_precision_explains_a_small_probability(model_type: str) -> None:
    exact, half = _lm(model_type), ecco.from_pretrained(tiny_model(model_type).half(), tokenizer=word_tokenizer())
    unlikely = int(exact.predict_token(TEXT, topk=97).token_ids[-1])
    asked = {"token": unlikely, "position": 6, "target": "probability"}
    expected = exact(TEXT).saliency(**asked)
    assert expected.values[0] < 1e-3
    np.testing.assert_allclose(half(TEXT).saliency(**asked).scores, expected.scores, atol=5e-3)


class _Prompted(torch.nn.Module):
    """A model behind a learned prompt of its own, as prompt tuning makes it."""

    def __init__(self, base: torch.nn.Module) -> None:
        super().__init__()
        self.base, self.config = base, base.config
        self.prompt = torch.nn.Parameter(torch.ones(1, 4, 32))

    def get_input_embeddings(self) -> torch.nn.Module:
        return self.base.get_input_embeddings()

    def get_output_embeddings(self) -> torch.nn.Module:
        return self.base.get_output_embeddings()

    def forward(self, input_ids: torch.Tensor) -> object:
        vectors = self.get_input_embeddings()(input_ids)
        return self.base(inputs_embeds=torch.cat([self.prompt.expand(len(vectors), -1, -1), vectors], dim=1))


def test_logits_that_belong_to_other_positions_are_refused() -> None:
    lm = ecco.from_pretrained(_Prompted(tiny_model("gpt2")), tokenizer=word_tokenizer())
    for question in (lambda: lm.predict_token(TEXT), lambda: lm(TEXT).saliency(), lambda: lm(TEXT).rankings()):
        with pytest.raises(ecco.ProofError, match="positions|one hidden state|not .1, 6"):
            question()


def test_weights_made_in_inference_mode_are_read_and_not_differentiated(gpt2: ecco.LM) -> None:
    with torch.inference_mode():
        model = tiny_model("gpt2")
    lm = ecco.from_pretrained(model, tokenizer=word_tokenizer())
    with pytest.raises(ecco.EccoError, match=r"loaded inside torch.inference_mode\(\)"):
        lm(TEXT, continuation="a6").saliency()
    expected = gpt2(TEXT, continuation="a6").lens().probabilities
    np.testing.assert_allclose(lm(TEXT, continuation="a6").lens().probabilities, expected, atol=1e-6)
    assert all(weight.requires_grad for weight in model.parameters())
