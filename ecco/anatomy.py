"""Where the parts of a model are, found by structure and never by name.

A forward pass over three tokens, watched by hooks, shows which modules run. The *blocks* are the children of the outermost
`ModuleList` whose members were called, are more than leaves, and return hidden states; of several, the one with the most
parameters. Calls are counted, not modules, because a model may use one block many times (ALBERT).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn

from ecco.devices import input_device
from ecco.errors import ModelError, ProofError
from ecco.forward import call, deviation, first_tensor, logits_of, tolerance, undisturbed
from ecco.stack import PLACES, Layout, Stack, stubbed, template

PROBE_LENGTH = 3


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
            output = call(model, inputs)
        except ModelError as error:
            reason = str(error.__cause__).strip().splitlines()[0]
            raise ProofError(
                f"{type(model).__name__}: it cannot read {PROBE_LENGTH} tokens, so its parts are unknown: {reason}"
            ) from error
    stacks = [_stacks(model, side, calls) for side in sides]
    if not all(stacks):
        raise ProofError(
            f"{type(model).__name__}: no list of transformer blocks was found (no ModuleList whose members run and "
            "return hidden states), so questions about layers cannot be answered for it."
        )
    chosen = [_laid_out(model, inputs, found[0], output) for found in stacks]
    # An encoder-decoder that is given one text embeds it twice, so no single vector stands for a token.
    single = two_sided or sides == [model]
    embeddings = tuple(_embedding(model, side, calls) for side in sides) if single else ()
    paths = {module: name for name, module in model.named_modules()}
    names = tuple(paths.get(embedding, "?") for embedding in embeddings)
    return Anatomy(embeddings, names, chosen[-1], chosen[0] if len(sides) > 1 else None)


def _laid_out(model: nn.Module, inputs: dict[str, Tensor], stack: Stack, output: Any) -> Stack:
    """A stack with the layout of its states; where they are more than tokens, the one that reproduces the logits."""
    last: Any = first_tensor(stack.templates[-1])
    axis = 0 if last.shape[:2] == (PROBE_LENGTH, 1) else 1
    stack = replace(stack, layout=Layout(axis))
    if last.shape[axis] <= PROBE_LENGTH:
        return stack
    expected = logits_of(output)
    for place in PLACES:
        found = replace(stack, layout=Layout(axis, place))
        state = found.layout.read(last, 1, PROBE_LENGTH, type(model).__name__)
        with undisturbed(model), stubbed(found, state):
            replayed = logits_of(call(model, inputs))
        if deviation(replayed, expected) <= tolerance(expected.dtype, model):
            return found
    return stack  # the proof of a run will say so


def probe_inputs(model: Any, n_streams: int) -> dict[str, Tensor]:
    """A few tokens, (1, token), for every stream; the end of text last, which some classifiers look for."""
    size = max(1, _vocab_size(model))
    ids = torch.arange(5, 5 + PROBE_LENGTH, device=input_device(model))[None] % size
    # One outside the vocabulary, as configurations have that were made by hand, would stop a GPU for good.
    if isinstance(end := getattr(model.config, "eos_token_id", None), int) and 0 <= end < size:
        ids[0, -1] = end
    return dict(zip(("input_ids", "decoder_input_ids"), [ids] * n_streams, strict=False))


def _sides(model: Any, two_sided: bool) -> list[nn.Module]:
    """The parts of a model that read a stream of ids each: encoder and decoder, or the model itself.

    Of an encoder-decoder that is given one text only the decoder leads to its answer.
    """
    if not getattr(model.config, "is_encoder_decoder", False):
        return [model]
    sides = [model.get_encoder(), model.get_decoder()]
    if model in sides or sides[0] in set(sides[1].modules()):
        return [model]
    return sides if two_sided else sides[1:]


def _embedding(model: nn.Module, side: nn.Module, calls: list[_Call]) -> nn.Module:
    """The embedding of a side that ran: its own, the model's, or another module with the same weights.

    Raises:
        ProofError: if there is none.
    """
    ran = list(dict.fromkeys(c.module for c in calls))
    own = [_asked(side, "get_input_embeddings"), _asked(model, "get_input_embeddings")]
    output = _asked(model, "get_output_embeddings")  # FSMT's decoder embeds with it
    named = [m for m in [*own, output if isinstance(output, nn.Embedding) else None] if isinstance(m, nn.Module)]
    weights = [getattr(module, "weight", None) for module in named]
    tied = [m for m in ran if isinstance(m, nn.Embedding) and any(m.weight is w for w in weights)]
    found = [module for module in [*named, *tied] if module in ran]
    inside = set(side.modules())
    if found:
        return min(found, key=lambda module: module not in inside)  # the first inside, if there is one
    raise ProofError(f"{type(model).__name__}: no embedding module ran on the tokens, so there is no vector per token.")


def _asked(part: Any, method: str) -> Any:
    try:
        return getattr(part, method)()
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
        found.append((sum(p.numel() for p in modules.parameters()), _stack(name, own)))
    heaviest_first = [stack for _, stack in sorted(found, key=lambda pair: -pair[0])]
    ends = _layer_ends(model, heaviest_first[0].name.rpartition(".")[0], calls) if heaviest_first else None
    return [ends, *heaviest_first] if ends else heaviest_first


def _layer_ends(model: nn.Module, owner: str, calls: list[_Call]) -> Stack | None:
    """The last part of every layer, of a model that keeps the parts of its layers in lists side by side (XLM)."""
    lists = [(n, m) for n, m in model.get_submodule(owner).named_children() if isinstance(m, nn.ModuleList)]
    list_of = {member: name for name, members in lists for member in members}
    own = [c for c in calls if c.module in list_of and (h := first_tensor(c.output)) is not None and h.dim() >= 3]
    order = [list_of[c.module] for c in own]
    in_turn = list(dict.fromkeys(order))
    if len(in_turn) < 2 or order != in_turn * (len(order) // len(in_turn)):
        return None
    ends = own[len(in_turn) - 1 :: len(in_turn)]
    if len(ends) < 2:
        return None
    return _stack(f"{owner}.{in_turn[-1]}".lstrip("."), ends)


def _stack(name: str, calls: list[_Call]) -> Stack:
    templates = tuple(template(c.output) for c in calls)
    last: Any = first_tensor(templates[-1])
    return Stack(name, tuple(c.module for c in calls), templates, last.shape[-1])
