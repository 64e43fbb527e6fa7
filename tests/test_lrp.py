"""Relevance equals that of formulas written by hand, is conserved where it should be, and is refused where it has no rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from conftest import TEXT, state_of
from torch import Tensor
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco
from ecco.errors import EccoError

ANSWER = "a6 a7 a8"
RAW: dict[str, Any] = {"signed": True, "normalize": False}
METHODS = ("attnlrp", "cp_lrp")

# Without biases, with norms that only divide: relevance of CP-LRP is conserved.
CONSERVING = "llama mistral qwen3 gemma gemma2 gemma3_text olmo2 granite cohere mixtral qwen3_moe deepseek_v3".split()
# Other structures: biases, learned positions, a gate that is not 0 at 0, state spaces.
OTHERS = "gpt2 opt gpt_neox phi falcon mpt gpt_oss mamba bamba jamba recurrent_gemma qwen3_next biogpt xglm".split()
# Operations without a rule.
REFUSED = {"bloom": "GeLUFunction"}


def lm_of(model_type: str, **given: Any) -> ecco.LM:
    return ecco.from_pretrained(tiny_model(model_type, **given).double(), tokenizer=word_tokenizer())


@pytest.mark.parametrize("model_type", CONSERVING)
def test_without_biases_relevance_is_conserved(model_type: str) -> None:
    if model_type in ("mixtral", "qwen3_moe", "deepseek_v3"):  # their kernel for experts knows no float64
        lm = ecco.from_pretrained(tiny_model(model_type), tokenizer=word_tokenizer())
    else:
        lm = lm_of(model_type)
    found = lm(TEXT, continuation=ANSWER).saliency("cp_lrp", **RAW)
    np.testing.assert_allclose(found.scores.sum(axis=1), found.values, atol=1e-5)
    np.testing.assert_allclose(found.residual, 0.0, atol=1e-5)
    assert found.to_payload()["note"] is None


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("model_type", [*CONSERVING, *OTHERS])
def test_what_is_not_conserved_is_the_residual(method: str, model_type: str, untouched) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type), tokenizer=word_tokenizer())
    untouched(lm.model)
    out = lm(TEXT, continuation=ANSWER)
    found = out.saliency(method, **RAW)
    np.testing.assert_allclose(found.values, out.saliency(**RAW).values, rtol=1e-3, atol=1e-4)  # the model's own numbers
    np.testing.assert_allclose(found.scores.sum(axis=1) + found.residual, found.values, atol=1e-4)
    assert (np.abs(found.scores).sum(axis=1) > 0).all()
    if float((np.abs(found.residual) / np.abs(found.values)).max()) > 0.05:
        assert "reaches no token" in found.to_payload()["note"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("model_type", REFUSED)
def test_an_operation_without_a_rule_is_refused_by_name(method: str, model_type: str, untouched) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type), tokenizer=word_tokenizer())
    untouched(lm.model)
    with pytest.raises(EccoError, match=f'no rule for the operation {REFUSED[model_type]}.*use "integrated_gradients"'):
        lm(TEXT, continuation=ANSWER).saliency(method)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("model_type", "task"), [("bert", "masked"), ("bert", "text label"), ("t5", "seq2seq"), ("bart", "seq2seq")]
)
def test_every_task_has_relevance(method: str, model_type: str, task: str, untouched) -> None:
    lm = ecco.from_pretrained(
        tiny_model(model_type, task=TASK_OF[task]),
        tokenizer=word_tokenizer(),
        task=task if task in ("masked", "seq2seq") else "classification",
    )
    untouched(lm.model)
    text = "a5 a17 <mask> a80" if task == "masked" else TEXT
    out = lm(text, continuation="a6 a7") if task == "seq2seq" else lm(text)
    found = out.saliency(method, **RAW)
    np.testing.assert_allclose(found.values, out.saliency(**RAW).values, rtol=1e-3, atol=1e-4)
    assert np.isfinite(found.scores).all()
    assert (np.abs(found.scores).sum(axis=1) > 0).all()


def test_another_model_and_later_gradients_are_as_before() -> None:
    other, own = lm_of("gpt2")(TEXT, continuation=ANSWER), lm_of("gpt2")(TEXT, continuation=ANSWER)
    before = other.saliency(**RAW).scores
    state = state_of(own._loaded.model)
    own.saliency("attnlrp")
    assert state_of(own._loaded.model) == state
    np.testing.assert_array_equal(own.saliency(**RAW).scores, before)


def test_many_targets_equal_one_each() -> None:
    out = lm_of("llama")(TEXT, continuation=ANSWER)
    for method in METHODS:
        whole = out.saliency(method, **RAW)
        for row, position in enumerate(whole.positions):
            np.testing.assert_allclose(out.saliency(method, position=position, **RAW).scores[0], whole.scores[row], atol=1e-6)


# -- by hand -----------------------------------------------------------------------------------------------------------


def through_linear(x: Tensor, weight: Tensor, bias: Tensor | float, arrived: Tensor) -> Tensor:
    """Each input's part of each output; `weight` is (out, in)."""
    return x * ((arrived / (x @ weight.T + bias)) @ weight)


def through_product(a: Tensor, b: Tensor, arrived: Tensor) -> tuple[Tensor, Tensor]:
    """Each factor's half of every part of a @ b."""
    shared = torch.where(arrived == 0, 0.0, arrived / (a @ b)) / 2
    return a * (shared @ b.mT), b * (a.mT @ shared)


def heads(x: Tensor, n_heads: int) -> Tensor:
    return x.unflatten(-1, (n_heads, -1)).transpose(0, 1)


def attention_relevance(q: Tensor, k: Tensor, v: Tensor, arrived: Tensor, constant: bool) -> tuple[Tensor, Tensor, Tensor]:
    """From the result of causal attention to queries, keys and values, (head, token, width) all."""
    scores = q @ k.mT * q.shape[-1] ** -0.5
    allowed = torch.ones_like(scores).tril().bool()
    weights = scores.masked_fill(~allowed, float("-inf")).softmax(-1)
    if constant:
        return torch.zeros_like(q), torch.zeros_like(k), v * (weights.mT @ (arrived / (weights @ v)))
    of_weights, of_v = through_product(weights, v, arrived)
    of_scores = scores * (of_weights - weights * of_weights.sum(-1, keepdim=True))
    of_q, of_k = through_product(q, k.mT * q.shape[-1] ** -0.5, of_scores.masked_fill(~allowed, 0.0))
    return of_q, of_k.mT, of_v


@torch.no_grad()
def llama_by_hand(model: Any, ids: Tensor, token: int, constant: bool) -> Tensor:
    """Relevance of every token for a logit of the last position, in a llama of one layer."""
    layer, norm = (
        model.model.layers[0],
        lambda x, m: x / (x.pow(2).mean(-1, keepdim=True) + m.variance_epsilon).sqrt() * m.weight,
    )
    attention, mlp = layer.self_attn, layer.mlp
    n_heads, groups = model.config.num_attention_heads, model.config.num_attention_heads // model.config.num_key_value_heads
    cos, sin = model.model.rotary_emb(torch.zeros(1, dtype=torch.float64), torch.arange(len(ids))[None])
    half = cos.shape[-1] // 2

    def turned(x: Tensor, sign: float = 1.0) -> Tensor:
        return x * cos + sign * torch.cat([-x[..., half:], x[..., :half]], dim=-1) * sin

    start = model.model.embed_tokens(ids)
    normed = norm(start, layer.input_layernorm)
    q, k = (heads(m(normed), n) for m, n in ((attention.q_proj, n_heads), (attention.k_proj, n_heads // groups)))
    v = heads(attention.v_proj(normed), n_heads // groups)
    turned_q, turned_k = turned(q), turned(k)
    all_k, all_v = (x.repeat_interleave(groups, dim=0) for x in (turned_k, v))
    scores = turned_q @ all_k.mT * q.shape[-1] ** -0.5
    weights = scores.masked_fill(torch.ones_like(scores).triu(1).bool(), float("-inf")).softmax(-1)
    mixed = (weights @ all_v).transpose(0, 1).flatten(1)
    middle = start + attention.o_proj(mixed)
    second = norm(middle, layer.post_attention_layernorm)
    gate, up = mlp.gate_proj(second), mlp.up_proj(second)
    neurons = torch.nn.functional.silu(gate) * up
    end = middle + mlp.down_proj(neurons)
    last = norm(end, model.model.norm)

    arrived = torch.zeros_like(end)
    arrived[-1] = last[-1] * model.lm_head.weight[token]  # of the logit; a norm that divides by a constant passes all on
    of_neurons = through_linear(neurons, mlp.down_proj.weight, 0.0, arrived * mlp.down_proj(neurons) / end)
    of_middle = arrived * middle / end
    of_gate, of_up = (torch.zeros_like(of_neurons), of_neurons) if constant else (of_neurons / 2, of_neurons / 2)
    of_middle = of_middle + through_linear(second, mlp.up_proj.weight, 0.0, of_up)
    of_middle = of_middle + through_linear(second, mlp.gate_proj.weight, 0.0, of_gate)
    of_mixed = through_linear(mixed, attention.o_proj.weight, 0.0, of_middle * attention.o_proj(mixed) / middle)
    of_start = of_middle * start / middle
    of_q, of_k, of_v = attention_relevance(turned_q, all_k, all_v, heads(of_mixed, n_heads), constant)
    of_k, of_v = (r.unflatten(0, (-1, groups)).sum(1) for r in (of_k, of_v))
    # A turn is linear, and what turns back is its transpose.
    of_q, of_k = (x * turned(r / y, -1.0) for x, y, r in ((q, turned_q, of_q), (k, turned_k, of_k)))
    for module, relevance in ((attention.q_proj, of_q), (attention.k_proj, of_k), (attention.v_proj, of_v)):
        of_start = of_start + through_linear(normed, module.weight, 0.0, relevance.transpose(0, 1).flatten(1))
    return of_start.sum(-1)


@torch.no_grad()
def gpt2_by_hand(model: Any, ids: Tensor, token: int, constant: bool) -> Tensor:
    """The same in a GPT-2 of one layer; biases and positions take their parts and keep them."""
    block = model.transformer.h[0]

    def norm(x: Tensor, m: Any) -> tuple[Tensor, Any]:
        scale = m.weight / (x.var(-1, unbiased=False, keepdim=True) + m.eps).sqrt()

        def back(arrived: Tensor) -> Tensor:
            centred = arrived / m(x) * scale
            return x * (centred - centred.mean(-1, keepdim=True))

        return m(x), back

    embedded = model.transformer.wte(ids)
    start = embedded + model.transformer.wpe(torch.arange(len(ids)))
    normed, back_first = norm(start, block.ln_1)
    q, k, v = (heads(x, model.config.n_head) for x in block.attn.c_attn(normed).split(model.config.n_embd, dim=-1))
    scores = q @ k.mT * q.shape[-1] ** -0.5
    weights = scores.masked_fill(torch.ones_like(scores).triu(1).bool(), float("-inf")).softmax(-1)
    mixed = (weights @ v).transpose(0, 1).flatten(1)
    middle = start + block.attn.c_proj(mixed)
    second, back_second = norm(middle, block.ln_2)
    before = block.mlp.c_fc(second)
    neurons = block.mlp.act(before)
    end = middle + block.mlp.c_proj(neurons)
    last, back_last = norm(end, model.transformer.ln_f)

    arrived = torch.zeros_like(end)
    arrived[-1] = last[-1] * model.lm_head.weight[token]
    arrived = back_last(arrived)
    of_ffn = arrived * block.mlp.c_proj(neurons) / end
    of_before = through_linear(neurons, block.mlp.c_proj.weight.T, block.mlp.c_proj.bias, of_ffn)  # as it is, through f(x)
    of_middle = arrived * middle / end
    of_middle = of_middle + back_second(through_linear(second, block.mlp.c_fc.weight.T, block.mlp.c_fc.bias, of_before))
    projection = block.attn.c_proj
    of_mixed = through_linear(mixed, projection.weight.T, projection.bias, of_middle * projection(mixed) / middle)
    parts = attention_relevance(q, k, v, heads(of_mixed, model.config.n_head), constant)
    of_parts = torch.cat([r.transpose(0, 1).flatten(1) for r in parts], dim=-1)
    of_normed = through_linear(normed, block.attn.c_attn.weight.T, block.attn.c_attn.bias, of_parts)
    return ((of_middle * start / middle + back_first(of_normed)) * embedded / start).sum(-1)


@pytest.mark.parametrize(("model_type", "by_hand", "given"), [
    ("llama", llama_by_hand, {"num_hidden_layers": 1}),
    ("gpt2", gpt2_by_hand, {"n_layer": 1}),
])  # fmt: skip
@pytest.mark.parametrize("method", METHODS)
def test_relevance_equals_formulas_written_by_hand(model_type: str, by_hand: Any, given: dict, method: str) -> None:
    lm = lm_of(model_type, **given)
    out = lm(TEXT, continuation=ANSWER)
    ids = out.token_ids[0]
    found = out.saliency(method, **RAW)
    for row, position in enumerate(found.positions):
        expected = by_hand(lm.model, ids[:position], int(ids[position]), method == "cp_lrp")
        np.testing.assert_allclose(found.scores[row, :position], expected, atol=1e-5 * float(expected.abs().max()))
