"""Record what flowed through a model in one teacher-forced pass over a finished sequence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ecco.anatomy import Anatomy
from ecco.embedding import embedding_output
from ecco.errors import ProofError
from ecco.forward import deviation, first_tensor, logits_at, tolerance, undisturbed
from ecco.reading import Reading
from ecco.stack import Stack


@dataclass(frozen=True)
class Pass:
    """What one pass over one text left behind.

    Attributes:
        reading: the text.
        embeddings: (token, d_embedding) for each stream, the output of the model's embedding module; None if it does
            not embed every token exactly once.
        hidden: (layer, token, d_model), the output of every block that leads to the logits, before any norm after it.
        encoder_hidden: (layer, token, d_model), the same of an encoder-decoder's encoder.
        logits: (row, vocab), the model's own, of `positions`.
        positions: whose predictions `logits` are.
        by_prefix: whether every position was read in a pass of its own, because the model's view of a text changes
            with what follows (bidirectional attention) or with its length (some rotary embeddings).
    """

    reading: Reading
    embeddings: list[Float[Tensor, "_ d_embedding"]] | None = field(repr=False)
    hidden: Float[Tensor, "layer token d_model"] = field(repr=False)
    encoder_hidden: Float[Tensor, "_ source d_encoder"] | None = field(repr=False)
    logits: Float[Tensor, "row vocab"] = field(repr=False)
    positions: tuple[int, ...]
    by_prefix: bool = False


@dataclass
class Tape:
    """Records the way back through a pass, from the output of the last block to the embeddings.

    Attributes:
        way: what is different while a model runs to be differentiated.
        leaves: (1, token, d_embedding) for each stream; none before the pass, or if its way back is not understood.
        end: (1, token, d_model), the output of the last block.
    """

    way: Callable[[nn.Module], AbstractContextManager[Any]]
    leaves: tuple[Tensor, ...] = ()
    end: Tensor | None = None

    def wipe(self) -> None:
        """Forget what was recorded."""
        self.leaves, self.end = (), None


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


def read(model: nn.Module, anatomy: Anatomy, reading: Reading, positions: Sequence[int], tape: Tape | None = None) -> Pass:
    """Run one text through the model and keep its hidden states.

    Args:
        model: the model.
        anatomy: its parts.
        reading: the text.
        positions: whose predictions are kept as the model's own logits.
        tape: records the way back, if there is one.

    Raises:
        ProofError: if what flowed does not have one hidden state per layer and token.
    """
    stacks = [anatomy.blocks] if anatomy.encoder is None else [anatomy.encoder, anatomy.blocks]
    rows = [reading.row(p) for p in positions]
    streams = list(reading.streams.values())
    with ExitStack() as around:
        around.enter_context(undisturbed(model, gradients=tape is not None))
        if tape is not None:
            around.enter_context(tape.way(model))
        embedded = around.enter_context(embedding_output(anatomy.embeddings, streams, leaves=tape is not None))
        states = [around.enter_context(recording(stack)) for stack in stacks]
        logits = logits_at(model, reading.inputs(), rows)[0].detach()
    leaves = [seen[0] for seen in embedded if len(seen) == 1 and seen[0].dim() == 3]
    embedded_once = [leaf.shape[1] for leaf in leaves] == [len(stream) for stream in streams]
    if tape is not None and embedded_once and all(state.requires_grad for state in states[-1]):
        tape.leaves = tuple(leaves)
        tape.end = anatomy.blocks.layout.read(states[-1][-1], 1, len(streams[-1]), type(model).__name__)
    hidden = [
        _by_token(stacked([state.detach() for state in seen], stack, model), stack, len(stream), model)
        for seen, stack, stream in zip(states, stacks, streams, strict=True)
    ]
    return Pass(
        reading=reading,
        embeddings=[leaf[0].detach() for leaf in leaves] if embedded_once else None,
        hidden=hidden[-1],
        encoder_hidden=hidden[0] if len(hidden) > 1 else None,
        logits=logits,
        positions=tuple(positions),
    )


def _by_token(states: Tensor, stack: Stack, length: int, model: nn.Module) -> Float[Tensor, "layer token d_model"]:
    return torch.cat([stack.layout.read(state, 1, length, type(model).__name__) for state in states])


def read_as_written(
    model: nn.Module,
    anatomy: Anatomy,
    reading: Reading,
    positions: Sequence[int],
    n_input: int,
    written: Mapping[int, float] = MappingProxyType({}),
    tape: Tape | None = None,
) -> Pass:
    """`read`, guarded: the model must see a text as it saw it while writing.

    The logits after the input alone are compared with those in the finished sequence, by what is known of them or else in
    a pass of their own; of a text that was only read those after its first half, and those before its last token. Where they
    differ, every position is read in a pass over what stood before it: slower, and right.

    Args:
        model: the model.
        anatomy: its parts.
        reading: the text.
        positions: whose predictions are kept as the model's own logits.
        n_input: how many tokens are input.
        written: by position, the `logsumexp` of the logits with which it was written.
        tape: records the way back through the pass over the whole text, if that is how it is read.
    """
    if not reading.depends_on_order:
        return read(model, anatomy, reading, positions, tape)
    compared = _compared(reading, n_input)
    checked = sorted({*positions, *compared})
    found = read(model, anatomy, reading, checked, tape)

    def as_alone(position: int) -> bool:
        own = found.logits[[checked.index(position)]]
        if position in written and is_total(own[0], written[position], model):
            return True
        with undisturbed(model):
            alone = logits_at(model, reading.until(position).inputs(), [reading.row(position)])[0]
        return deviation(own, alone) <= tolerance(alone.dtype, model)

    if all(as_alone(position) for position in sorted(compared)):
        return found
    if tape is not None:
        tape.wipe()
    parts = {p: read(model, anatomy, reading.until(p), [p]) for p in reading.explained}
    logits = torch.cat([parts[p].logits for p in checked])
    hidden = torch.stack([part.hidden[:, -1] for part in parts.values()], dim=1)
    return replace(found, hidden=hidden, logits=logits, by_prefix=True)


def is_total(logits: Float[Tensor, " vocab"], total: float, model: nn.Module) -> bool:
    """Whether these logits have this `logsumexp`, as far as the precision of the model tells."""
    values = logits.float()
    most = 2 * tolerance(logits.dtype, model) * max(1.0, float(values.abs().max()))
    return abs(float(values.logsumexp(dim=-1)) - total) <= most


def depends_on_length(model: nn.Module, reading: Reading, n_input: int) -> bool:
    """Whether the model's view of a text changes with what follows; by logits alone, where its blocks are not understood."""

    def alone(position: int) -> bool:
        row = [reading.row(position)]
        with undisturbed(model):
            found = logits_at(model, reading.until(position).inputs(), row)
            return deviation(logits_at(model, reading.inputs(), row), found) > tolerance(found.dtype, model)

    return reading.depends_on_order and any(alone(position) for position in sorted(_compared(reading, n_input)))


def _compared(reading: Reading, n_input: int) -> set[int]:
    """The positions that are read alone too: the first one written; of what was only read one in the middle, and the last."""
    n, first = len(reading), reading.explained[0]
    return {max(p, first) for p in ((n_input,) if n_input < n else ((n + 1) // 2, n - 1))} - {n}
