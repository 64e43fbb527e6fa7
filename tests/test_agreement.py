"""The numbers of a GPT-2 and of a Llama that are computed here from their weights alone, without a line of transformers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from conftest import TEXT
from torch import Tensor
from torch.nn import functional as F
from zoo import tiny_model, word_tokenizer

import ecco

# Transformers computes the norms of a Llama in float32, whatever its weights are.
CLOSE: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-7}

# What the heads and the neurons of a layer wrote at the last token, (part, d_model), and the biases of both halves.
Layer = tuple[Tensor, Tensor, Tensor, Tensor]


def _attended(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """(head, token, d_head), each token looking at itself and those before it."""
    scores = q @ k.transpose(1, 2) / q.shape[-1] ** 0.5
    future = torch.ones(scores.shape[1:], dtype=torch.bool).triu(1)
    return scores.masked_fill(future, -torch.inf).softmax(dim=-1) @ v


def _by_head(states: Tensor, width: int) -> Tensor:
    """(token, head * width) as (head, token, width)."""
    return states.unflatten(1, (-1, width)).transpose(0, 1)


def gpt2(w: dict[str, Tensor], config: Any, ids: list[int]) -> tuple[list[Layer], list[Tensor]]:
    """The layers of a GPT-2, and the states behind each, (token, d_model)."""
    state = w["transformer.wte.weight"][ids] + w["transformer.wpe.weight"][: len(ids)]
    layers, states = [], []

    def normed(x: Tensor, name: str) -> Tensor:
        return F.layer_norm(x, x.shape[-1:], w[f"{name}.weight"], w[f"{name}.bias"], config.layer_norm_epsilon)

    for n in range(config.n_layer):
        at = f"transformer.h.{n}"
        qkv = normed(state, f"{at}.ln_1") @ w[f"{at}.attn.c_attn.weight"] + w[f"{at}.attn.c_attn.bias"]
        sums = _attended(*(_by_head(part, config.n_embd // config.n_head) for part in qkv.chunk(3, dim=1)))
        heads = torch.einsum("htd,hdm->thm", sums, w[f"{at}.attn.c_proj.weight"].unflatten(0, (config.n_head, -1)))
        state = state + heads.sum(dim=1) + w[f"{at}.attn.c_proj.bias"]
        inner = normed(state, f"{at}.ln_2") @ w[f"{at}.mlp.c_fc.weight"] + w[f"{at}.mlp.c_fc.bias"]
        neurons = F.gelu(inner, approximate="tanh")[..., None] * w[f"{at}.mlp.c_proj.weight"]
        state = state + neurons.sum(dim=1) + w[f"{at}.mlp.c_proj.bias"]
        layers.append((heads[-1], neurons[-1], w[f"{at}.attn.c_proj.bias"], w[f"{at}.mlp.c_proj.bias"]))
        states.append(state)
    return layers, states


def llama(w: dict[str, Tensor], config: Any, ids: list[int]) -> tuple[list[Layer], list[Tensor]]:
    """The same of a Llama."""
    state = w["model.embed_tokens.weight"][ids]
    layers, states, n_heads, width = [], [], config.num_attention_heads, config.head_dim
    rates = config.rope_parameters["rope_theta"] ** (-torch.arange(0, width, 2, dtype=state.dtype) / width)
    angles = torch.arange(len(ids), dtype=state.dtype)[:, None] * rates

    def normed(x: Tensor, name: str) -> Tensor:
        return x / (x.pow(2).mean(dim=-1, keepdim=True) + config.rms_norm_eps).sqrt() * w[f"{name}.weight"]

    def turned(x: Tensor) -> Tensor:
        one, two = x.chunk(2, dim=-1)
        return torch.cat([one * angles.cos() - two * angles.sin(), two * angles.cos() + one * angles.sin()], dim=-1)

    for n in range(config.num_hidden_layers):
        at = f"model.layers.{n}"
        read = normed(state, f"{at}.input_layernorm")
        q, k, v = (_by_head(read @ w[f"{at}.self_attn.{c}_proj.weight"].T, width) for c in "qkv")
        k, v = (part.repeat_interleave(n_heads // len(k), dim=0) for part in (k, v))
        sums = _attended(turned(q), turned(k), v)
        heads = torch.einsum("htd,hdm->thm", sums, w[f"{at}.self_attn.o_proj.weight"].T.unflatten(0, (n_heads, -1)))
        state = state + heads.sum(dim=1)
        gate, up = (normed(state, f"{at}.post_attention_layernorm") @ w[f"{at}.mlp.{c}_proj.weight"].T for c in ("gate", "up"))
        neurons = (F.silu(gate) * up)[..., None] * w[f"{at}.mlp.down_proj.weight"].T
        state = state + neurons.sum(dim=1)
        layers.append((heads[-1], neurons[-1], torch.zeros_like(state[0]), torch.zeros_like(state[0])))
        states.append(state)
    return layers, states


# How each is computed, what its last norm is called, and whether that subtracts the mean.
BY_HAND: dict[str, tuple[Callable[..., tuple[list[Layer], list[Tensor]]], str, bool]] = {
    "gpt2": (gpt2, "transformer.ln_f", True),
    "llama": (llama, "model.norm", False),
}


@torch.no_grad()
@pytest.mark.parametrize("model_type", BY_HAND)
def test_lens_halves_heads_and_neurons_are_what_the_weights_say(model_type: str) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type).double(), tokenizer=word_tokenizer())
    compute, norm, centred = BY_HAND[model_type]
    out, w, config = lm(TEXT), lm.model.state_dict(), lm.model.config
    ids = out._runs[0].ids
    layers, states = compute(w, config, ids)
    np.testing.assert_allclose(out._runs[0].flow.hidden, torch.stack(states), **CLOSE)

    eps = config.layer_norm_epsilon if centred else config.rms_norm_eps

    def scaled(x: Tensor) -> tuple[Tensor, Tensor]:
        """Centred where the norm does so, and by what it is then divided."""
        x = x - x.mean(dim=-1, keepdim=True) if centred else x
        return x, (x.pow(2).mean(dim=-1, keepdim=True) + eps).sqrt()

    last = torch.stack([state[-1] for state in states])
    above, size = scaled(last)
    logits = (above / size * w[f"{norm}.weight"] + w.get(f"{norm}.bias", 0)) @ w["lm_head.weight"].T
    token = 5
    shares = out.layer_predictions(len(ids), topk=logits.shape[-1])
    expected = logits.softmax(dim=-1)
    np.testing.assert_allclose(shares.probabilities, expected.gather(1, torch.tensor(shares.token_ids)), **CLOSE)
    lens = out.lens(len(ids), topk=3)
    np.testing.assert_array_equal(lens.token_ids[:, 0], expected.topk(3).indices)

    def give(parts: Tensor) -> Tensor:
        return scaled(parts)[0] / size[-1] * w[f"{norm}.weight"] @ w["lm_head.weight"][token]

    halves, parts = out.contributions(len(ids), token), out.contributions(len(ids), token, heads=True, neurons=10**6)
    whole = [give(own.sum(dim=0) + bias) for *both, b, c in layers for own, bias in zip(both, (b, c), strict=True)]
    np.testing.assert_allclose(halves.values[1:-1], torch.stack(whole), **CLOSE)
    assert halves.logit == pytest.approx(float(logits[-1, token]), rel=1e-5)
    for kind, place in (("head", 0), ("neuron", 1)):
        found = [value for value, own in zip(parts.values, parts.kinds, strict=True) if own == kind]
        np.testing.assert_allclose(found, torch.cat([give(layer[place]) for layer in layers]), **CLOSE)
    neurons = out.neurons(len(ids), 5, token)
    for layer, number, value in zip(neurons.layers, neurons.numbers, neurons.contributions, strict=True):
        assert value == pytest.approx(float(give(layers[layer][1][number])), rel=1e-4, abs=1e-7)
