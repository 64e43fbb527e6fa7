"""Record what flowed through a model in one teacher-forced pass over a finished sequence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from ecco.anatomy import Anatomy, Stack
from ecco.errors import ProofError
from ecco.forward import deviation, first_tensor, logits_at, replace_first_tensor, tolerance, undisturbed


@dataclass(frozen=True)
class Pass:
    """What one pass over one sequence left behind.

    Attributes:
        input_ids: (position,).
        embedding: (position, d_embedding), the output of the model's embedding module; None if it was not asked for.
        hidden: (layer, position, d_model), the output of every block, before any norm that follows it.
        logits: (row, vocab), the model's own, of `positions`.
        positions: the positions at which `logits` were read.
        by_prefix: whether every position was read in a pass of its own, because the model's view of a text changes
            with what follows (bidirectional attention) or with its length (some rotary embeddings).
    """

    input_ids: Int[Tensor, "position"]
    embedding: Float[Tensor, "position d_embedding"] | None = field(repr=False)
    hidden: Float[Tensor, "layer position d_model"] = field(repr=False)
    logits: Float[Tensor, "row vocab"] = field(repr=False)
    positions: tuple[int, ...]
    by_prefix: bool = False


@contextmanager
def recording(stack: Stack) -> Iterator[list[Tensor]]:
    """Collect a copy of the hidden state after every block call, in order.

    A copy, because some models change a block's output in place afterwards (Falcon).
    """
    states: list[Tensor] = []

    def note(_module: nn.Module, _args: Any, output: Any) -> None:
        hidden = first_tensor(output)
        if hidden is not None:
            states.append(hidden.clone())

    handles = [module.register_forward_hook(note) for module in stack.modules]
    try:
        yield states
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def embedding_output(embedding: nn.Module, replacement: Tensor | None = None) -> Iterator[list[Tensor]]:
    """Collect the output of the embedding module, or put `replacement` in its place."""
    seen: list[Tensor] = []

    def note(_module: nn.Module, _args: Any, output: Any) -> Any:
        if replacement is None:
            seen.append(first_tensor(output).detach().clone())  # type: ignore[union-attr]
            return None
        seen.append(replacement)
        return replace_first_tensor(output, replacement)

    handle = embedding.register_forward_hook(note)
    try:
        yield seen
    finally:
        handle.remove()


def stacked(states: Sequence[Tensor], stack: Stack, model: nn.Module) -> Float[Tensor, "layer ... d_model"]:
    """The hidden states of all layers as one tensor, on the device of the last.

    Raises:
        ProofError: if the number or form of the states is not that of the probe.
    """
    if len(states) != stack.n_layers:
        raise ProofError(
            f"{type(model).__name__}: {len(states)} block calls were seen where the probe saw {stack.n_layers}; "
            "the number of layers depends on the text, so layers cannot be compared."
        )
    if len({state.shape for state in states}) != 1:
        raise ProofError(
            f"{type(model).__name__}: blocks return hidden states of different shapes "
            f"({sorted({tuple(s.shape) for s in states})}), so layers cannot be compared."
        )
    return torch.stack([state.to(states[-1].device) for state in states])


def read(model: nn.Module, anatomy: Anatomy, input_ids: Int[Tensor, "position"], positions: Sequence[int]) -> Pass:
    """Run one sequence through the model and keep its hidden states.

    Args:
        model: the model.
        anatomy: its parts.
        input_ids: (position,), without padding.
        positions: where the model's own logits are kept, counted from 0.

    Raises:
        ProofError: if what flowed does not have one hidden state per layer and position.
    """
    with undisturbed(model), recording(anatomy.blocks) as states, embedding_output(anatomy.embedding) as embedded:
        logits = logits_at(model, input_ids[None], positions)[0]
    hidden = stacked(states, anatomy.blocks, model)
    if hidden.dim() != 4 or hidden.shape[1:3] != (1, len(input_ids)):
        raise ProofError(
            f"{type(model).__name__}: its blocks return hidden states of shape {tuple(hidden.shape[1:])} for "
            f"{len(input_ids)} tokens, not (1, {len(input_ids)}, d_model); its layers cannot be read token by token."
        )
    embedding = embedded[0][0] if len(embedded) == 1 and embedded[0].dim() == 3 else None
    return Pass(input_ids, embedding, hidden[:, 0], logits, tuple(positions))


def read_as_written(
    model: nn.Module, anatomy: Anatomy, input_ids: Int[Tensor, "position"], positions: Sequence[int], n_input: int
) -> Pass:
    """`read`, guarded: the model must see a text as it saw it while writing.

    The logits after the input alone are compared with those in the finished sequence. Where they differ, every
    position is read in a pass over what stood before it: slower, and right.

    Args:
        model: the model.
        anatomy: its parts.
        input_ids: (position,).
        positions: where the model's own logits are kept.
        n_input: how many tokens are input.
    """
    length = n_input if n_input < len(input_ids) else (len(input_ids) + 1) // 2
    checked = sorted({*positions, length - 1})
    found = read(model, anatomy, input_ids, checked)
    if length == len(input_ids):
        return found
    with undisturbed(model):
        alone = logits_at(model, input_ids[None, :length], [length - 1])[0]
    if deviation(found.logits[[checked.index(length - 1)]], alone) <= tolerance(alone.dtype):
        return found
    parts = [read(model, anatomy, input_ids[: p + 1], [p]) for p in range(len(input_ids))]
    logits = torch.cat([parts[p].logits for p in checked])
    hidden = torch.stack([part.hidden[:, -1] for part in parts], dim=1)
    return Pass(input_ids, found.embedding, hidden, logits, tuple(checked), by_prefix=True)
