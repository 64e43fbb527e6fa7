"""Weights are seen under every implementation of attention, and the model's own settings are as they were after it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from conftest import TEXT
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import sdpa_mask
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from zoo import tiny_config, tiny_model, word_tokenizer

import ecco
from ecco.products import eager_attention, implementations

# Types of several families, of which some have parts with configurations of their own.
FAMILIES = ["llama", "gpt2", "mistral", "gemma3", "bert", "qwen3_next", "jamba", "falcon", "gpt_neox", "opt"]


def lm_of(model_type: str, **given: Any) -> ecco.LM:
    return ecco.from_pretrained(tiny_model(model_type, **given), tokenizer=word_tokenizer(), verbose=False)


def said(lm: ecco.LM) -> list[str | None]:
    """What every configuration of a model says."""
    return [implementation for _, implementation in implementations(lm.model)]


def hidden(module: Any, query: Any, key: Any, value: Any, attention_mask: Any, *_: Any, **settings: Any) -> Any:
    """Attention in one operation that torch cannot be asked to take apart."""
    groups = query.shape[1] // key.shape[1]
    key, value = (t.repeat_interleave(groups, dim=1) for t in (key, value))
    fused = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    causal = attention_mask is None  # transformers leaves out a mask that only hides what comes later
    out, _ = fused(query, key, value, is_causal=causal, attn_mask=attention_mask, scale=settings.get("scaling"))
    return out.transpose(1, 2).contiguous(), None


def otherwise(module: Any, query: Any, key: Any, value: Any, attention_mask: Any, *_: Any, **settings: Any) -> Any:
    """Attention that eager attention is not: twice as sharp."""
    return hidden(module, 2 * query, key, value, attention_mask, **settings)


@pytest.fixture(params=["hidden", "otherwise"])
def registered(request: pytest.FixtureRequest):
    """An implementation of attention as a person may register one."""
    name = f"ecco_test_{request.param}"
    AttentionInterface.register(name, {"hidden": hidden, "otherwise": otherwise}[request.param])
    AttentionMaskInterface.register(name, sdpa_mask)
    return name


@pytest.mark.parametrize("model_type", FAMILIES)
def test_sdpa_shows_the_weights_of_eager_attention(model_type: str) -> None:
    lm = lm_of(model_type)
    assert "sdpa" in said(lm)
    found = lm(TEXT).attention()
    assert "sdpa" in said(lm)
    lm.model.set_attn_implementation("eager")
    np.testing.assert_allclose(found.weights, lm(TEXT).attention().weights, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("model_type", ["llama", "gemma3", "mistral", "qwen2"])
def test_a_fused_kernel_gives_way_for_one_pass(model_type: str, untouched) -> None:
    lm = lm_of(model_type)
    expected = lm(TEXT).attention().weights
    lm.model.set_attn_implementation("flex_attention")
    untouched(lm.model)
    before = said(lm)
    assert "flex_attention" in before
    np.testing.assert_allclose(lm(TEXT).attention().weights, expected, rtol=1e-4, atol=1e-6)
    assert said(lm) == before


@pytest.mark.parametrize("model_type", ["llama", "qwen2", "gemma3"])
def test_eager_attention_must_give_the_models_own_logits(model_type: str, registered: str) -> None:
    lm = lm_of(model_type)
    expected = lm(TEXT).attention().weights
    lm.model.set_attn_implementation(registered)
    before = said(lm)
    assert registered in before
    if registered.endswith("hidden"):
        np.testing.assert_allclose(lm(TEXT).attention().weights, expected, rtol=1e-4, atol=1e-6)
    else:
        with pytest.raises(ecco.ProofError, match="gives other logits"):
            lm(TEXT).attention()
    assert said(lm) == before


def test_an_operation_that_hides_its_weights_is_refused_where_eager_does_not_help(monkeypatch: pytest.MonkeyPatch) -> None:
    lm = lm_of("llama")
    monkeypatch.setattr("transformers.models.llama.modeling_llama.eager_attention_forward", hidden)
    lm.model.set_attn_implementation("eager")
    with pytest.raises(ecco.ProofError, match=r"stay inside one operation \(aten::_scaled_dot_product_flash"):
        lm(TEXT).attention()


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_everything_is_as_before_after_an_error(error: type[BaseException], monkeypatch: pytest.MonkeyPatch, untouched) -> None:
    lm = lm_of("gemma3")
    lm.model.set_attn_implementation("flex_attention")
    untouched(lm.model)
    before, out = said(lm), lm(TEXT)

    def broken(*_: Any, **__: Any) -> Any:
        raise error("stopped")

    monkeypatch.setattr("transformers.models.gemma3.modeling_gemma3.eager_attention_forward", broken)
    with pytest.raises((ecco.EccoError, KeyboardInterrupt), match="stopped"):
        out.attention()
    assert said(lm) == before


def test_every_configuration_of_a_model_is_switched_and_restored() -> None:
    model = tiny_model("gemma3")
    mixed = ["sdpa", "eager", "flex_attention"]
    configs = [config for config, _ in implementations(model)]
    assert len(configs) == 3
    for config, name in zip(configs, mixed, strict=True):
        config._attn_implementation_internal = name
    with eager_attention(model):
        assert [name for _, name in implementations(model)] == ["eager"] * 3
    assert [name for _, name in implementations(model)] == mixed


def test_the_attention_of_half_precision_is_taken_as_it_is_multiplied() -> None:
    for dtype in (torch.float16, torch.bfloat16):
        lm = lm_of("llama")
        lm.model.to(dtype)
        lm(TEXT).attention()  # sdpa multiplies in float32
        lm.model.set_attn_implementation("eager")
        weights = lm(TEXT).attention().weights
        assert weights.dtype == np.float32
        assert (torch.tensor(weights).to(dtype).float().numpy() == weights).all()
        np.testing.assert_allclose(weights.sum(-1), 1, atol=2e-2)


def test_capturing_needs_no_gradients_and_works_in_inference_mode() -> None:
    lm = lm_of("llama")
    expected = lm(TEXT).attention().weights
    with torch.inference_mode():
        np.testing.assert_allclose(lm(TEXT).attention().weights, expected)


def test_known_types() -> None:
    assert set(FAMILIES) <= set(CONFIG_MAPPING)
    assert tiny_config("gemma3").text_config is not None
