"""from_pretrained: load a model to ask it questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ecco.devices import input_embedding
from ecco.errors import ArgumentError, LoadError
from ecco.lm import LM
from ecco.model import LoadedModel, load
from ecco.naming import is_list, whole_number

# In which neurons can be kept.
NEURON_DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)

# The keys of ecco 0.1's model_config, and its names of tasks.
UPSTREAM_KEYS = ("embedding", "type", "activations", "token_prefix", "partial_token_prefix", "tokenizer_config")
UPSTREAM_TYPES = {"mlm": "masked", "enc-dec": "seq2seq"}


def from_pretrained(
    model: str | Path | PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase | str | None = None,
    *,
    task: str | None = None,
    activations: bool = False,
    attention: bool = False,
    hidden_states: bool = True,
    activations_layer_nums: Sequence[int] | None = None,
    activations_dtype: str | torch.dtype | None = None,
    model_config: Mapping[str, Any] | None = None,
    verbose: bool = True,
    gpu: bool = True,
    device: str | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    **model_kwargs: Any,
) -> LM:
    """Load a model to ask it questions.

    Args:
        model: an embedded demo (`"ecco/demo-gpt2"`), a local folder, a Hugging Face hub id, or a loaded model.
        tokenizer: a tokenizer, or the name or folder of one; by default the model's. A loaded model needs it.
        task: `"causal"`, `"seq2seq"`, `"masked"`, `"classification"` or `"encoder"`; by default read from the model's
            configuration.
        activations: compute the neurons with each run; otherwise when they are first asked for.
        attention: compute attention weights with each run; otherwise when they are first asked for.
        hidden_states: has no effect: hidden states are computed when a question first needs them.
        activations_layer_nums: the layers whose neurons `activations` holds; by default all that have an FFN.
        activations_dtype: `"float16"`, `"bfloat16"`, `"float32"` or `"float64"`, in which neurons are kept and returned; by
            default as the model computes them. What is computed from them, such as factors, starts from what is kept.
        model_config: the dictionary of ecco 0.1. Nothing of it is needed, as parts are found by structure; its
            `embedding` is checked against what was found, its `type` sets the task.
        verbose: show progress while weights are loaded, and in a notebook text while it is generated.
        gpu: use a GPU if there is one and no `device` is named.
        device: where the model goes, such as `"cpu"` or `"cuda:1"`.
        dtype: of the weights; by default as stored (demos: float32).
        **model_kwargs: for transformers: `device_map`, `tp_plan`, `quantization_config`, `revision`, `trust_remote_code`,
            `attn_implementation`, …

    Raises:
        LoadError: if the model or its tokenizer cannot be loaded, with what to do.
    """
    config = _upstream_config(model_config or {})
    settings = {"gpu": gpu, "device": device, "dtype": dtype, "verbose": verbose, **model_kwargs}
    loaded = load(model, tokenizer, task=task or config.get("type"), **settings)
    _check_embedding(loaded, config.get("embedding"))
    if activations_layer_nums is not None:
        loaded.neuron_layers = _layers(loaded, activations_layer_nums)
    loaded.neuron_dtype = None if activations_dtype is None else _dtype(activations_dtype)
    return LM(loaded, verbose=verbose, activations=activations, attention=attention)


def _layers(loaded: LoadedModel, asked: Sequence[int]) -> tuple[int, ...]:
    """The layers whose neurons are wanted, checked."""
    if not is_list(asked) or not len(asked):
        raise ArgumentError(f"activations_layer_nums={asked!r} must be a list of one or more layers.")
    known = sorted({site.layer for site in loaded.sites})
    numbers = sorted({whole_number(layer, "activations_layer_nums") for layer in asked})
    if missing := [n for n in numbers if n not in known]:
        raise ArgumentError(f"activations_layer_nums: layer {missing[0]} has no neurons; the layers with an FFN are {known}.")
    return tuple(numbers)


def _dtype(asked: Any) -> torch.dtype:
    """The dtype in which neurons are wanted, checked."""
    known = {str(dtype).removeprefix("torch."): dtype for dtype in NEURON_DTYPES}
    found = known.get(str(asked).removeprefix("torch."))
    if found is None:
        raise ArgumentError(f"activations_dtype={asked!r} must be one of {', '.join(map(repr, known))}.")
    return found


def _upstream_config(given: Mapping[str, Any]) -> dict[str, Any]:
    """The dictionary of ecco 0.1 in our terms."""
    if unknown := [key for key in given if key not in UPSTREAM_KEYS]:
        raise LoadError(f"model_config has no key {unknown[0]!r}; it has {', '.join(map(repr, UPSTREAM_KEYS))}.")
    kind: Any = given.get("type")
    return {"embedding": given.get("embedding"), "type": UPSTREAM_TYPES.get(kind, kind)}


def _check_embedding(loaded: LoadedModel, named: str | None) -> None:
    """Refuse to go on with another embedding than the person named."""
    if named is None:
        return
    own = input_embedding(loaded.model)
    found = [name for name, module in loaded.model.named_modules(remove_duplicate=False) if module is own]
    if named.removesuffix(".weight") not in found:
        raise LoadError(
            f"model_config names {named!r} as the embedding, but the model embeds tokens with {found[0]!r}. Leave it out."
        )
