"""Where the parts of a model are, found by structure and never by name.

A forward pass over three tokens, watched by hooks, shows which modules run. The *blocks* are the children of the outermost
`ModuleList` whose members were called, are more than leaves, and return hidden states; of several, the one with the most
parameters. Calls are counted, not modules, because a model may use one block many times (ALBERT).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from ecco.errors import ProofError
from ecco.forward import call, first_tensor, input_device, undisturbed

PROBE_LENGTH = 3


@dataclass(frozen=True)
class Stack:
    """Blocks that run one after another.

    Attributes:
        name: path of the list that holds them, such as `transformer.h`.
        calls: the module of each layer, in the order of the calls; a shared module stands here several times.
        templates: what each call returned during the probe; a replay returns the same structure.
        d_model: width of the hidden states.
    """

    name: str
    calls: tuple[nn.Module, ...]
    templates: tuple[Any, ...] = field(repr=False)
    d_model: int

    @property
    def n_layers(self) -> int:
        """How many blocks a token passes through."""
        return len(self.calls)

    @property
    def modules(self) -> list[nn.Module]:
        """The blocks without repetition."""
        return list(dict.fromkeys(self.calls))


@dataclass(frozen=True)
class Anatomy:
    """The parts of one model.

    Attributes:
        embedding: the module that turns token ids into vectors.
        embedding_name: its path.
        blocks: the blocks that lead to the logits.
    """

    embedding: nn.Module = field(repr=False)
    embedding_name: str
    blocks: Stack

    def __repr__(self) -> str:
        block = type(self.blocks.calls[0]).__name__
        return (
            f"Anatomy(embedding={self.embedding_name!r}, blocks={self.blocks.name!r}: "
            f"{self.blocks.n_layers} x {block}, d_model={self.blocks.d_model})"
        )


@dataclass
class _Call:
    module: nn.Module
    output: Any
    is_leaf: bool


def find_anatomy(model: nn.Module) -> Anatomy:
    """Find the embedding and the blocks of a causal language model.

    Raises:
        ProofError: if no list of blocks ran, so that layers have no meaning for this model.
    """
    paths = {module: name for name, module in model.named_modules()}
    embedding = model.get_input_embeddings()  # type: ignore[operator]
    ids = torch.arange(5, 5 + PROBE_LENGTH, device=input_device(model))[None] % max(1, _vocab_size(model))
    with undisturbed(model), _watched(model) as calls:
        call(model, ids)
    stacks = _stacks(model, calls)
    if not stacks:
        raise ProofError(
            f"{type(model).__name__}: no list of transformer blocks was found (no ModuleList whose members run and "
            "return hidden states), so questions about layers cannot be answered for it."
        )
    return Anatomy(embedding, paths.get(embedding, "?"), stacks[0])


def _vocab_size(model: nn.Module) -> int:
    config = model.config.get_text_config(decoder=True)  # type: ignore[union-attr]
    return int(getattr(config, "vocab_size", 1))


@contextmanager
def _watched(model: nn.Module) -> Iterator[list[_Call]]:
    calls: list[_Call] = []

    def note(module: nn.Module, _args: Any, output: Any) -> None:
        calls.append(_Call(module, output, not any(True for _ in module.children())))

    handles = [module.register_forward_hook(note) for module in dict.fromkeys(model.modules())]
    try:
        yield calls
    finally:
        for handle in handles:
            handle.remove()


def _stacks(model: nn.Module, calls: list[_Call]) -> list[Stack]:
    """Candidates for the blocks, outermost only, the heaviest first."""
    found: list[tuple[int, Stack]] = []
    for name, modules in model.named_modules():
        if not isinstance(modules, nn.ModuleList) or any(name.startswith(s.name + ".") for _, s in found):
            continue
        members = set(modules)
        own = [c for c in calls if c.module in members]
        hidden = [first_tensor(c.output) for c in own]
        if not own or all(c.is_leaf for c in own) or any(h is None or h.dim() < 3 for h in hidden):
            continue
        templates = tuple(_detached(c.output) for c in own)
        d_model = hidden[-1].shape[-1]  # type: ignore[union-attr]
        stack = Stack(name, tuple(c.module for c in own), templates, d_model)
        found.append((sum(p.numel() for p in modules.parameters()), stack))
    return [stack for _, stack in sorted(found, key=lambda pair: -pair[0])]


def _detached(value: Any) -> Any:
    """What a block returned, free of autograd and of caches that would be carried along."""
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return tuple(_detached(item) for item in value)
    return value
