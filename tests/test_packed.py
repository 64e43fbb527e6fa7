"""Weights in fewer bits: the answers of the same weights unpacked; no saliency where gradients do not pass through them."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from questions import JUMPING, MASKED, RELEVANCE, TEXT, deviations, every_answer, run_of
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import QuantoConfig
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco
from ecco.attribution.methods import METHODS
from ecco.forward import deviation, packed_modules, tolerance

KINDS = {"llama": "causal", "gemma2": "causal", "t5": "seq2seq", "bert": "masked"}

pytestmark = pytest.mark.filterwarnings("ignore::ecco.CompletenessWarning")


class Int8(nn.Module):
    """A linear layer whose weights are 8-bit integers in a buffer, with a scale for each row."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.in_features, self.out_features = linear.in_features, linear.out_features
        weight = linear.weight.detach()
        self.register_buffer("scale", weight.abs().amax(dim=1, keepdim=True) / 127)
        self.register_buffer("packed", (weight / self.scale).round().to(torch.int8))
        self.bias = linear.bias

    def unpacked(self) -> Tensor:
        return self.packed.float() * self.scale

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.unpacked().to(x.dtype), self.bias)


class FourBits(Int8):
    """Two weights in each byte."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__(linear)
        self.scale = linear.weight.detach().abs().amax(dim=1, keepdim=True) / 7
        whole = (linear.weight.detach() / self.scale).round().to(torch.int16) + 8
        self.packed = (whole[:, ::2] * 16 + whole[:, 1::2]).to(torch.uint8)

    def unpacked(self) -> Tensor:
        pairs = torch.stack([self.packed // 16, self.packed % 16], dim=-1)
        return (pairs.float().flatten(1) - 8) * self.scale


class RoundsWhatItReads(Int8):
    """Each number rounded to 8 bits below the largest of all tokens, with a straight way back, much as LLM.int8() does."""

    def forward(self, x: Tensor) -> Tensor:
        size = x.detach().abs().amax().clamp(min=1e-9) / 127
        return super().forward(x + ((x / size).round() * size - x).detach())


class WithoutWayBack(Int8):
    """A kernel for inference: its result knows nothing of where it came from."""

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x)


class _Own(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, back: Tensor | None) -> Tensor:
        ctx.back = back
        return F.linear(x, weight)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Any:
        return (None if ctx.back is None else grad @ ctx.back), None, None


class NoGradient(Int8):
    """Its result wants gradients and drops them."""

    def forward(self, x: Tensor) -> Tensor:
        return _Own.apply(x, self.unpacked(), None)


class WrongGradient(Int8):
    """The way back forgets the scales."""

    def forward(self, x: Tensor) -> Tensor:
        return _Own.apply(x, self.unpacked(), self.packed.float())


class NoLinear(nn.Module):
    """A whole FFN in one kernel for inference."""

    def __init__(self, mlp: nn.Module) -> None:
        super().__init__()
        self.inner = [mlp]
        self.register_buffer("blocks", torch.zeros(4, 4, dtype=torch.uint8))

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        return self.inner[0](x)


def packed(model: Any, kind: type[Int8], *, head: bool = False) -> Any:
    """The model with packed linear layers; the head is left out as usual, and `wo`, whose type T5 looks at."""
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is nn.Linear and name != "wo" and (head or child is not model.get_output_embeddings()):
                setattr(parent, name, kind(child))
    return model


def unpacked(model: Any, whole: Any) -> Any:
    """A whole model with the weights of a packed one."""
    with torch.no_grad():
        for path, module in packed_modules(model).items():
            weight = module.unpacked() if isinstance(module, Int8) else module.weight.dequantize()
            whole.get_submodule(path).weight.copy_(weight)
    return whole


def answers_of_both(lm: ecco.LM, whole: Any, without: Collection[str] = ()) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a packed model answers, and the same weights unpacked about the same text."""
    plain = ecco.from_pretrained(unpacked(lm.model, whole), tokenizer=word_tokenizer())
    out = run_of(lm)
    same = plain(MASKED) if lm.task == "masked" else plain(TEXT, continuation=out.output_text)
    return every_answer(lm, out, without=without), every_answer(plain, same, without=without)


@pytest.mark.parametrize("model_type", KINDS)
def test_what_transformers_quantizes_answers_as_the_same_weights_unpacked(
    model_type: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(ecco.model, "_move")  # packed weights are made where they stay
    whole = tiny_model(model_type, task=TASK_OF[KINDS[model_type]])
    whole.save_pretrained(tmp_path)
    word_tokenizer().save_pretrained(tmp_path)
    lm = ecco.from_pretrained(tmp_path, quantization_config=QuantoConfig(weights="int8"))
    assert len(packed_modules(lm.model)) > 10
    for name in RELEVANCE:
        with pytest.raises(ecco.EccoError, match="no rule for the operation WeightQBytesLinearFunction"):
            run_of(lm).saliency(name)
    found = deviations(*answers_of_both(lm, whole, RELEVANCE))
    assert max(found.values()) <= 1e-4, found


@pytest.mark.parametrize("kind", [Int8, FourBits])
@pytest.mark.parametrize("model_type", KINDS)
def test_packed_weights_answer_as_the_same_unpacked(model_type: str, kind: type[Int8], untouched: Any) -> None:
    whole = tiny_model(model_type, task=TASK_OF[KINDS[model_type]])
    lm = ecco.from_pretrained(packed(copy.deepcopy(whole), kind), tokenizer=word_tokenizer())
    untouched(lm.model)
    found = deviations(*answers_of_both(lm, whole))
    assert max(found.values()) <= 1e-4, found


@pytest.mark.parametrize("model_type", ["llama", "t5", "bert"])
def test_a_layer_that_rounds_what_it_reads(model_type: str) -> None:
    whole = tiny_model(model_type, task=TASK_OF[KINDS[model_type]])
    lm = ecco.from_pretrained(packed(copy.deepcopy(whole), RoundsWhatItReads), tokenizer=word_tokenizer())
    found, expected = answers_of_both(lm, whole)
    off = {name: d for name, d in deviations(found, expected).items() if expected[name].dtype.kind == "f"}
    off = {name: d for name, d in off.items() if not name.startswith(JUMPING)}
    # 8 draws far from the text, where a norm is steep, differ more.
    assert 1e-4 < max(off.values()) <= 1.0, off
    assert max(d for name, d in off.items() if "gradient_shap" not in name) <= 0.3, off


@pytest.mark.parametrize("kind", [WithoutWayBack, NoGradient, WrongGradient])
@pytest.mark.parametrize("where", ["model.layers.1.mlp.up_proj", "model.layers.0.self_attn.v_proj", "lm_head"])
def test_saliency_is_refused_where_gradients_do_not_pass(kind: type[Int8], where: str, untouched: Any) -> None:
    model = tiny_model("llama")
    name, _, leaf = where.rpartition(".")
    setattr(model.get_submodule(name), leaf, kind(model.get_submodule(where)))
    lm = ecco.from_pretrained(model, tokenizer=word_tokenizer())
    untouched(model)
    out = lm.generate(TEXT, generate=2)
    assert out.rankings().ranks[-1].tolist() == [1, 1]
    for name, method in METHODS.items():
        if method.by_unit or name == "rollout":  # asks for answers alone
            assert np.isfinite(out.saliency(name).scores).all()
            continue
        with pytest.raises(ecco.ProofError, match=rf"do not pass through {where} \({kind.__name__}\)"):
            out.saliency(name)
    lm.predict_token(TEXT)


def test_a_packed_module_that_is_no_linear_layer(untouched: Any) -> None:
    model = tiny_model("llama")
    model.model.layers[1].mlp = NoLinear(model.model.layers[1].mlp)
    untouched(model)
    out = ecco.from_pretrained(model, tokenizer=word_tokenizer())(TEXT, continuation="a6 a7")
    out.rankings()
    with pytest.raises(ecco.ProofError, match=r"model.layers.1.mlp \(NoLinear\)"):
        out.saliency()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_dynamic_quantization_of_torch(untouched: Any) -> None:
    model = torch.ao.quantization.quantize_dynamic(tiny_model("llama"), {nn.Linear}, dtype=torch.qint8)
    assert len(packed_modules(model)) == 22, "seven in each of three layers, and the head"
    lm = ecco.from_pretrained(model, tokenizer=word_tokenizer())
    untouched(model)
    out = lm.generate(TEXT, generate=3, min_new_tokens=3)
    assert out.rankings().ranks[-1].tolist() == [1, 1, 1]
    assert out.rankings_watch([0, 96]).vocab_size == 97
    assert lm.predict_token(TEXT, topk=1).token_ids[0] == out.token_ids[0, 6]
    with torch.no_grad():
        assert deviation(out.logits[0], model(out.token_ids).logits[0]) <= 0.1, "numbers are rounded in the company of others"
    with pytest.raises(ecco.ProofError, match=r"do not pass through model.layers.0.self_attn.q_proj \(Linear\)"):
        out.saliency()


def test_a_packed_head_has_as_many_rows_as_the_vocabulary() -> None:
    lm = ecco.from_pretrained(packed(tiny_model("llama"), FourBits, head=True), tokenizer=word_tokenizer())
    assert lm(TEXT).rankings_watch([96]).vocab_size == 97
    with pytest.raises(ecco.ArgumentError, match="97"):
        lm(TEXT).rankings_watch([97])


def test_what_was_computed_is_forgotten_when_packed_weights_change() -> None:
    model = packed(tiny_model("llama"), Int8)
    out = ecco.from_pretrained(model, tokenizer=word_tokenizer())(TEXT)
    before = out.layer_predictions().probabilities
    model.model.layers[1].mlp.up_proj.packed.zero_()
    assert abs(out.layer_predictions().probabilities - before).max() > 1e-3


def test_only_packed_weights_are_judged_more_leniently() -> None:
    model = tiny_model("gpt2")
    assert not packed_modules(model)
    assert tolerance(torch.float32, model) == 1e-4
    assert tolerance(torch.float32, packed(tiny_model("llama"), Int8)) == 5e-2
    assert tolerance(torch.float32, tiny_model("llama").half()) == 1e-2


def test_a_plain_model_is_not_differentiated_twice(llama: ecco.LM, monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked = torch.autograd.grad, []
    monkeypatch.setattr(torch.autograd, "grad", lambda *a, **k: asked.append(1) or real(*a, **k))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        llama(TEXT, continuation="a6").saliency()
    assert len(asked) == 3, "the target, the readout, the way to the embeddings"
