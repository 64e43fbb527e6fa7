"""Lens, direct logit attribution, heads and neurons against TransformerLens, where it is installed.

The same random GPT-2 and Llama are loaded into both. TransformerLens up to version 3 runs its own implementation of them
(`HookedTransformer`), from version 4 on the model itself behind its own hooks (`TransformerBridge`); what is read from the
cached activations is its own computation in both.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import torch
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, PreTrainedModel

import ecco
from benchmarks.measure import Claim
from benchmarks.models import tokenizer, words

TARGET = 1e-4
N_TOKENS, VOCAB = 12, 200
ENDS: dict[str, Any] = {"bos_token_id": 0, "eos_token_id": VOCAB - 1}

CONFIGS: dict[str, Any] = {
    "gpt2": (GPT2LMHeadModel, GPT2Config(n_layer=3, n_head=4, n_embd=48, n_positions=64, vocab_size=VOCAB, **ENDS)),
    "llama": (
        LlamaForCausalLM,
        LlamaConfig(
            num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2, hidden_size=48, intermediate_size=96,
            max_position_embeddings=64, vocab_size=VOCAB, tie_word_embeddings=False, **ENDS,
        ),
    ),
}  # fmt: skip


def claims() -> Iterator[Claim]:
    """The largest difference of every kind of number, relative to the largest of them."""
    try:
        peer = importlib.import_module("transformer_lens")
    except ImportError as error:
        print(f"skipped: transformer_lens cannot be imported ({error})")
        return
    for name, (kind, config) in CONFIGS.items():
        model = random_model(kind, config)
        own, theirs = of_ecco(model), of_transformer_lens(peer, name, model)
        for what, expected in theirs.items():
            found = own[what]
            error = float(np.abs(found - expected).max() / np.abs(expected).max()) if found.shape == expected.shape else np.inf
            yield Claim(f"{name}: {what} against TransformerLens {version(peer)}", error, TARGET, f"{expected.size:,} numbers")


def version(peer: Any) -> str:
    """Which of the two ways it runs a model."""
    return "HookedTransformer" if "HookedTransformer" in vars(peer) else "TransformerBridge"


def random_model(kind: Any, config: Any) -> PreTrainedModel:
    """A model whose norms and biases are random too."""
    torch.manual_seed(0)
    model = kind(config).eval()
    for weight in model.parameters():
        weight.data = torch.randn_like(weight) * 0.3 + (weight.data if weight.dim() == 1 else 0)
    return model


def of_ecco(model: PreTrainedModel) -> dict[str, np.ndarray]:
    """Our numbers: logits of the token after the last, layer by layer, and what the parts of the model added to one."""
    lm = ecco.from_pretrained(model, tokenizer=tokenizer(VOCAB), verbose=False)
    out = lm(words(N_TOKENS, VOCAB))
    n_layers = len(cast(torch.Tensor, out.decoder_hidden_states)[0])
    token = int(out.logits[0, -1].argmax())
    lens = [out.layer_predictions(N_TOKENS, topk=VOCAB, layer=layer) for layer in range(n_layers)]
    logs = np.zeros((n_layers, VOCAB))
    for layer, found in enumerate(lens):
        logs[layer, found.token_ids[0]] = np.log(found.probabilities[0].astype(float))
    halves, parts = out.contributions(N_TOKENS, token), out.contributions(N_TOKENS, token, heads=True, neurons=10**6)

    def of(kind: str) -> np.ndarray:
        return np.array([v for v, own in zip(parts.values, parts.kinds, strict=True) if own == kind])

    return {"lens": logs, "attention and FFN": halves.values[1:-1], "heads": of("head"), "neurons": of("neuron")}


def of_transformer_lens(peer: Any, name: str, model: PreTrainedModel) -> dict[str, np.ndarray]:
    """The same from its cached activations, without folding or centring of weights."""
    hooked = LOADERS[version(peer)](peer, name, model)
    hooked.cfg.use_attn_result = True
    ids = tokenizer(VOCAB)(words(N_TOKENS, VOCAB), return_tensors="pt")["input_ids"]
    with torch.no_grad():
        logits, cache = hooked.run_with_cache(ids)
        # Its frozen norm centres and scales; it takes the gain to be folded into the matrix.
        slope = hooked.ln_final.w * hooked.unembed.W_U[:, int(logits[0, -1].argmax())]
        states = cache.accumulated_resid(apply_ln=False, pos_slice=-1)[1:, 0]
        lens = torch.stack([hooked.unembed(hooked.ln_final(state[None, None]))[0, 0] for state in states]).log_softmax(dim=-1)
        final = cache.apply_ln_to_stack
        halves = torch.cat(
            [cache[f"blocks.{n}.hook_{half}_out"][:, -1] for n in range(len(states)) for half in ("attn", "mlp")]
        )
        parts = {
            "attention and FFN": final(halves[:, None], pos_slice=-1),
            "heads": final(cache.stack_head_results(pos_slice=-1), pos_slice=-1),
            "neurons": final(cache.stack_neuron_results(layer=-1, pos_slice=-1), pos_slice=-1),
        }
        found = {"lens": lens, **{what: stack[:, 0] @ slope for what, stack in parts.items()}}
    return {what: values.numpy() for what, values in found.items()}


def hooked_transformer(peer: Any, name: str, model: PreTrainedModel) -> Any:
    """The weights in its own implementation."""
    config: Any = model.config
    given = {
        "n_layers": config.num_hidden_layers, "n_heads": config.num_attention_heads, "d_model": config.hidden_size,
        "d_head": config.hidden_size // config.num_attention_heads, "n_ctx": config.max_position_embeddings,
        "d_vocab": VOCAB, "device": "cpu", "default_prepend_bos": False,
    }  # fmt: skip
    if name == "gpt2":
        given |= {"act_fn": "gelu_new", "d_mlp": 4 * config.hidden_size, "eps": config.layer_norm_epsilon}
        given |= {"normalization_type": "LN", "original_architecture": "GPT2LMHeadModel"}
    else:
        given |= {"act_fn": "silu", "d_mlp": config.intermediate_size, "eps": config.rms_norm_eps, "gated_mlp": True}
        given |= {"normalization_type": "RMS", "original_architecture": "LlamaForCausalLM", "final_rms": True}
        given |= {"positional_embedding_type": "rotary", "rotary_adjacent_pairs": False, "rotary_dim": given["d_head"]}
        given |= {"n_key_value_heads": config.num_key_value_heads, "rotary_base": 10000}
    found = peer.HookedTransformerConfig(**given)
    convert = getattr(importlib.import_module("transformer_lens.loading_from_pretrained"), f"convert_{name}_weights")
    hooked = peer.HookedTransformer(found)
    hooked.load_state_dict(hooked.fill_missing_keys(convert(model, found)), strict=False)
    return hooked.eval()


def bridge(peer: Any, name: str, model: PreTrainedModel) -> Any:
    """The model behind its hooks."""
    found = peer.TransformerBridge.boot_transformers(name, hf_model=model, tokenizer=tokenizer(VOCAB))
    found.enable_compatibility_mode(disable_warnings=True, no_processing=True)
    return found


LOADERS = {"HookedTransformer": hooked_transformer, "TransformerBridge": bridge}
