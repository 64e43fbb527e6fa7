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

    def __repr__(self) -> str:
        return f"{self.name}: {self.n_layers} x {type(self.calls[0]).__name__}, d_model={self.d_model}"

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
        embeddings: the modules that turn token ids into vectors, one per stream of ids: the encoder's first.
        embedding_names: their paths.
        blocks: the blocks that lead to the logits.
        encoder: the blocks of an encoder-decoder's encoder; None for other models.
    """

    embeddings: tuple[nn.Module, ...] = field(repr=False)
    embedding_names: tuple[str, ...]
    blocks: Stack
    encoder: Stack | None = None

    @property
    def embedding(self) -> nn.Module:
        """The module that embeds the text that is read."""
        return self.embeddings[0]

    def __repr__(self) -> str:
        encoder = f", encoder={self.encoder}" if self.encoder else ""
        names = ", ".join(dict.fromkeys(self.embedding_names))
        return f"Anatomy(embedding={names}{encoder}, blocks={self.blocks})"


@dataclass
class _Call:
    module: nn.Module
    output: Any
    is_leaf: bool


def find_anatomy(model: Any, *, two_sided: bool = False) -> Anatomy:
    """Find the embeddings and the blocks of a model that reads tokens.

    Args:
        model: the model.
        two_sided: whether it reads a source and a target (an encoder-decoder).

    Raises:
        ProofError: if no list of blocks ran, so that layers have no meaning for this model.
    """
    sides = _sides(model, two_sided)
    inputs = probe_inputs(model, len(sides))
    with undisturbed(model), _watched(model) as calls:
        try:
            call(model, inputs)
        except (RuntimeError, ValueError, TypeError, IndexError) as error:
            reason = str(error).strip().splitlines()[0]
            raise ProofError(
                f"{type(model).__name__}: it cannot read {PROBE_LENGTH} tokens, so its parts are unknown: {reason}"
            ) from error
    stacks = [_stacks(model, side, calls) for side in sides]
    if not all(stacks):
        raise ProofError(
            f"{type(model).__name__}: no list of transformer blocks was found (no ModuleList whose members run and "
            "return hidden states), so questions about layers cannot be answered for it."
        )
    # An encoder-decoder that is given one text embeds it twice, so no single vector stands for a token.
    single = two_sided or sides == [model]
    embeddings = tuple(_embedding(model, side, calls) for side in sides) if single else ()
    paths = {module: name for name, module in model.named_modules()}
    names = tuple(paths.get(embedding, "?") for embedding in embeddings)
    return Anatomy(embeddings, names, stacks[-1][0], stacks[0][0] if len(sides) > 1 else None)


def probe_inputs(model: Any, n_streams: int) -> dict[str, Tensor]:
    """A few tokens, (1, token), for every stream; the end of text last, which some classifiers look for."""
    ids = torch.arange(5, 5 + PROBE_LENGTH, device=input_device(model))[None] % max(1, _vocab_size(model))
    if isinstance(end := getattr(model.config, "eos_token_id", None), int):
        ids[0, -1] = end
    return dict(zip(("input_ids", "decoder_input_ids"), [ids] * n_streams, strict=False))


def _sides(model: Any, two_sided: bool) -> list[nn.Module]:
    """The parts of a model that read a stream of ids each: encoder and decoder, or the model itself.

    Of an encoder-decoder that is given one text only the decoder leads to its answer.
    """
    if not getattr(model.config, "is_encoder_decoder", False):
        return [model]
    sides = [model.get_encoder(), model.get_decoder()]
    if model in sides or sides[0] is sides[1]:
        return [model]
    return sides if two_sided else sides[1:]


def _embedding(model: nn.Module, side: nn.Module, calls: list[_Call]) -> nn.Module:
    """The embedding of a side that ran: its own, the model's, or another module with the same weights.

    Raises:
        ProofError: if there is none.
    """
    ran = list(dict.fromkeys(c.module for c in calls))
    named = [found for part in (side, model) if isinstance(found := _input_embeddings(part), nn.Module)]
    weights = [getattr(module, "weight", None) for module in named]
    tied = [m for m in ran if isinstance(m, nn.Embedding) and any(m.weight is w for w in weights)]
    for module in [*named, *tied]:
        if module in ran:
            return module
    raise ProofError(f"{type(model).__name__}: no embedding module ran on the tokens, so there is no vector per token.")


def _input_embeddings(part: Any) -> Any:
    try:
        return part.get_input_embeddings()
    except (AttributeError, NotImplementedError):
        return None


def _vocab_size(model: Any) -> int:
    config = model.config.get_text_config(decoder=True)
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


def _stacks(model: nn.Module, side: nn.Module, calls: list[_Call]) -> list[Stack]:
    """Candidates for the blocks of a side, outermost only, the heaviest first."""
    found: list[tuple[int, Stack]] = []
    inside = set(side.modules())
    for name, modules in model.named_modules():
        if modules not in inside:
            continue
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
