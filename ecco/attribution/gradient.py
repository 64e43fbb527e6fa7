"""Gradients of many targets with respect to the input embeddings, from one forward pass.

Ids go in, and a hook turns the output of the model's own embedding module into the leaf; `one_hot @ weight` would be
wrong for models that scale their embeddings. The way back has two stages. First from each target's number to the
hidden state that it was read from, through the readout, so that only wanted rows meet the vocabulary. Then from
these hidden states to the leaf, many targets at once (`is_grads_batched`). At the text as it is, the pass that proved
the readout is gone back through, if it was recorded (`ecco.capture.Tape`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from ecco.anatomy import Anatomy
from ecco.attribution.packed import proved_backward
from ecco.attribution.sparing import derivatives_once, without_zero_rows
from ecco.attribution.targets import Target
from ecco.capture import Tape, recording
from ecco.devices import out_of_memory
from ecco.embedding import embedding_output
from ecco.errors import EccoError
from ecco.forward import call, keeps_logits, logits_at, undisturbed
from ecco.processes import shared
from ecco.reading import Reading
from ecco.readout import Readout

# Rows (targets x positions x steps) that one pass handles at once on a CPU; beyond these, more at once take longer.
FORWARD_ROWS, BACKWARD_ROWS = 1000, 500
# How many times as many on a GPU, which is idle while it waits for small products; on others than CUDA's not measured.
CUDA, ELSEWHERE = 16, 4


@dataclass(frozen=True)
class Problem:
    """One sequence, and what is to be explained of it.

    Attributes:
        model: the model.
        embeddings: its embedding modules, one per stream of the reading.
        anatomy: its parts; None where its layers could not be found.
        readout: proved for this text; None where it cannot be, then logits are differentiated directly.
        reading: the text.
        target: what is explained.
        batch_size: how many sequences one forward pass may hold; None chooses.
        units: the positions that are taken from the text together, by methods that do so.
        seen: (target,), how many positions may be taken: those before the target, where the model writes.
        special: the positions of special tokens.
        tokenizer: of the model, for baselines that are tokens or texts.
        n_tokens: how many tokens the whole text has, of which the reading may be the beginning; None if it is all.
        embedded: what `embed` would see, where it has been seen; None where it has not.
        tape: of the pass that saw it, with the way back; None if there is none.
    """

    model: nn.Module
    embeddings: tuple[nn.Module, ...]
    anatomy: Anatomy | None
    readout: Readout | None
    reading: Reading
    target: Target
    batch_size: int | None = None
    units: tuple[range, ...] = ()
    seen: tuple[int, ...] = ()
    special: frozenset[int] = frozenset()
    tokenizer: PreTrainedTokenizerBase | None = None
    n_tokens: int | None = None
    embedded: Float[Tensor, "token d_model"] | None = None
    tape: Tape | None = None

    @property
    def rows(self) -> list[int]:
        """Where the predictions of the explained positions are read."""
        return [self.reading.row(p) for p in self.target.positions]

    @property
    def streams(self) -> list[Int[Tensor, "_"]]:
        """The ids of every stream."""
        return list(self.reading.streams.values())

    def split(self, points: Float[Tensor, "step token d_model"]) -> list[Float[Tensor, "step part d_model"]]:
        """Embeddings of all tokens, one stream after the other, as one tensor per stream."""
        # Clones, as some models change the vectors in place (CTRL), which a view does not allow.
        return [part.detach().clone() for part in points.split([len(stream) for stream in self.streams], dim=1)]

    def recorded(self, points: Float[Tensor, "step token d_model"]) -> tuple[Sequence[Tensor], Tensor] | None:
        """Leaves and end of the pass from these embeddings, if it is on the tape."""
        if self.tape is None or self.tape.end is None or self.embedded is None or len(points) != 1:
            return None
        return (self.tape.leaves, self.tape.end) if torch.equal(points[0], self.embedded) else None


@dataclass(frozen=True)
class Gradients:
    """Embeddings and the gradients toward them.

    Attributes:
        vectors: (target, token, d_model), in float32; the tokens of all streams, one after the other.
        values: (step, target), the explained number at every point.
    """

    vectors: Float[Tensor, "target token d_model"]
    values: Float[Tensor, "step target"]


def embed(problem: Problem) -> Float[Tensor, "token d_model"]:
    """The outputs of the embedding modules for the text, one stream after the other.

    Raises:
        EccoError: if the model does not call each exactly once with one vector per token, all of one width.
    """
    if problem.embedded is not None:
        return problem.embedded
    with undisturbed(problem.model), embedding_output(problem.embeddings, problem.streams) as seen:
        spare = {"logits_to_keep": 1} if keeps_logits(problem.model) else {}
        call(problem.model, problem.reading.inputs(), **spare)
    expected = [(1, len(stream)) for stream in problem.streams]
    found = [tuple(state.shape) for states in seen for state in states]
    if [shape[:-1] for shape in found] != expected or len({shape[-1] for shape in found}) != 1:
        raise EccoError(
            f"{type(problem.model).__name__} called its embedding {len(found)} times in one pass, with output shapes "
            f"{found}; gradients toward one vector per token are not defined for it."
        )
    return torch.cat([states[0][0].to(seen[0][0].device) for states in seen])


@runtime_checkable
class Way(Protocol):
    """Another way back than that of gradients, for one pass."""

    def forward(self, model: nn.Module) -> AbstractContextManager[None]:
        """How the model runs forward."""
        ...

    def back(self, end: Tensor) -> AbstractContextManager[None]:
        """What is different on the way back from `end`."""
        ...


def gradients(
    problem: Problem,
    points: Float[Tensor, "step token d_model"],
    weights: Tensor | Sequence[float],
    way: Way | None = None,
) -> Gradients:
    """Weighted sums of gradients over a path of embeddings.

    Args:
        problem: what is explained.
        points: the embeddings at which gradients are taken.
        weights: (step,), the weight of every point in the sum; or (step, token, d_model), of every entry of its gradient.
        way: back from the logits, if not that of gradients.

    Returns:
        for every target the sum over steps of weight * gradient, and its value at every step.
    """
    weights = torch.as_tensor(weights, dtype=torch.float32, device=points.device)
    weights = weights[:, None, None] if weights.dim() == 1 else weights
    most = at_once(problem, points.shape[1])
    size = -(-len(points) // -(-len(points) // most))  # pieces of one size
    total: Tensor | None = None
    values: list[Tensor] = []
    start = 0
    while start < len(points):
        try:
            vectors, value = _gradients(problem, points[start : start + size], weights[start : start + size], way)
        except torch.OutOfMemoryError:
            if size == 1 or shared(problem.model):  # the other processes would go on with the larger piece
                raise
            size = max(1, size // 2)
            continue
        total = vectors if total is None else total + vectors
        values.append(value)
        start += size
    if total is None:
        raise ValueError("no points")
    if not bool(torch.isfinite(total).all()):
        raise EccoError("Some gradients are not finite; load the model with dtype=torch.float32.")
    return Gradients(total, torch.cat(values))


def values_at(problem: Problem, points: Float[Tensor, "step token d_model"]) -> Float[Tensor, "step target"]:
    """The explained number of every target at every point, without gradients."""
    with undisturbed(problem.model), embedding_output(problem.embeddings, problem.streams, problem.split(points)):
        rows = logits_at(problem.model, problem.reading.inputs(len(points)), problem.rows).flatten(0, 1)
    n_rows = len(problem.target.positions)
    which = torch.arange(n_rows, device=rows.device).repeat(len(points))
    return problem.target.sums(problem.target.values(rows, which).reshape(len(points), n_rows))


def _gradients(problem: Problem, points: Tensor, weights: Tensor, way: Way | None) -> tuple[Tensor, Tensor]:
    """One forward pass over a few points, and all ways back."""
    if any(p.is_inference() for p in problem.model.parameters()):
        raise EccoError("The model was loaded inside torch.inference_mode(), so it cannot be differentiated; load it outside.")
    # Another way back holds for what follows the blocks too, so it starts at the logits.
    through_readout = way is None and problem.readout is not None and problem.readout.flat and problem.anatomy is not None
    with undisturbed(problem.model, gradients=True), proved_backward(problem.model):
        leaves, ends = (problem.recorded(points) if through_readout else None) or _pass(problem, points, through_readout, way)
        if through_readout:
            seeds, values = _seeds_through_readout(problem, ends)
            ends = ends[:, torch.tensor(problem.rows, device=ends.device)]
        else:
            seeds, values = _seeds_of_logits(problem, ends)
        spans = problem.target.spans
        size = torch.stack([_size(seeds[:, span.start : span.stop], dim=(0, 1, 2)).flatten() for span in spans])
        of_rows = size.repeat_interleave(torch.tensor([len(span) for span in spans], device=size.device), dim=0)
        with nullcontext() if way is None else way.back(ends):
            vectors = _back(problem, ends, leaves, seeds / of_rows, weights)
    return vectors * size[..., None].to(vectors.device, torch.float32), problem.target.sums(values)


def tape_for(target: Target) -> Tape:
    """Records a pass so that `gradients` of this target can go back through it."""

    @contextmanager
    def way(model: nn.Module) -> Iterator[None]:
        with proved_backward(model), _forward(model, target, None):
            yield

    return Tape(way)


def _forward(model: nn.Module, target: Target, way: Way | None) -> AbstractContextManager[None]:
    """How the model runs forward: another way back needs the graph as it is."""
    if way is not None:
        return way.forward(model)
    return derivatives_once(model) if len(target.spans) > 1 else nullcontext()


def _pass(problem: Problem, points: Tensor, through_readout: bool, way: Way | None) -> tuple[list[Tensor], Tensor]:
    """The leaves of a pass, (step, token, d_model) per stream, and with its graph where it ends.

    That is the last hidden state (step, token, d_model), or the logits of the explained positions (step, row, vocab). Only
    this pass is watched and has its embeddings replaced, not the replays of the readout.
    """
    model, inputs = problem.model, problem.reading.inputs(len(points))
    leaves = [part.requires_grad_() for part in problem.split(points)]
    # Clones, as some models change the vectors in place (CTRL), which a leaf does not allow.
    put = embedding_output(problem.embeddings, problem.streams, [leaf.clone() for leaf in leaves])
    watch = recording(problem.anatomy.blocks) if problem.anatomy else nullcontext([])
    with _forward(model, problem.target, way), put, watch as states:
        logits = logits_at(model, inputs, [0] if through_readout else problem.rows)
    if not all(state.requires_grad for state in states):
        raise EccoError(
            f"{type(model).__name__} runs some of its blocks without gradients, so they do not tell what led to its answer."
        )
    if not through_readout or problem.anatomy is None:
        return leaves, logits
    return leaves, problem.anatomy.blocks.layout.read(states[-1], len(points), len(problem.streams[-1]), type(model).__name__)


def _seeds_through_readout(problem: Problem, hidden: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients of the targets toward the hidden states that they are read from: (step, row, d_model)."""
    target = problem.target
    end = hidden.detach().clone().requires_grad_()
    seeds: list[Tensor] = []
    values: list[Tensor] = []
    start = 0
    for logits in problem.readout.chunks(end, problem.rows, gradients=True):  # type: ignore[union-attr]
        number = torch.arange(start, start + len(logits))
        which = number % len(target.positions)
        start += len(logits)
        top = logits.detach().to(torch.promote_types(logits.dtype, torch.float32)).clone().requires_grad_()
        value = target.values(top, which)
        (slope,) = torch.autograd.grad(value.sum(), top)
        size = _size(slope, dim=(1,))
        # All pieces share where they were taken from `end`.
        (piece,) = torch.autograd.grad(logits, end, (slope / size).to(logits.dtype), retain_graph=True)
        rows = torch.tensor(problem.rows)[which].to(piece.device)
        steps = (number // len(target.positions)).to(piece.device)
        seeds.append(piece[steps, rows] * size.to(piece.device))  # half precision times float32 is float32
        values.append(value.detach().to(end.device))
    shape = (len(hidden), len(target.positions))
    return torch.cat(seeds).reshape(*shape, -1), torch.cat(values).reshape(shape)


def _size(slopes: Tensor, dim: tuple[int, ...]) -> Tensor:
    """The largest slope along some axes, 1 where all are 0.

    Half precision holds no small numbers, such as the slopes of a small probability: divided by this they pass through it.
    """
    size = slopes.abs().amax(dim=dim, keepdim=True)
    return torch.where(size > 0, size, torch.ones_like(size))


def _seeds_of_logits(problem: Problem, logits: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients of the targets toward the logits that they are computed from: (step, row, vocab)."""
    target = problem.target
    end = logits.detach().flatten(0, 1).to(torch.promote_types(logits.dtype, torch.float32)).requires_grad_()
    which = torch.arange(len(target.positions)).repeat(len(logits))
    value = target.values(end, which)
    (seeds,) = torch.autograd.grad(value.sum(), end)
    shape = (len(logits), len(target.positions))
    return seeds.reshape(*shape, -1), value.detach().reshape(shape)


def _back(
    problem: Problem, ends: Tensor, leaves: Sequence[Tensor], seeds: Tensor, weights: Tensor
) -> Float[Tensor, "target token d_model"]:
    """One vector-Jacobian product per target, many at once, and its weighted sum over steps.

    Args:
        problem: what is explained.
        ends: (step, row, width), with their graph.
        leaves: (step, token, d_model) for each stream, of which more may have been read than the problem's text.
        seeds: (step, row, width).
        weights: what the gradients are multiplied with.
    """
    spans = problem.target.spans
    n_targets, rows_each = len(spans), sum(leaf[..., 0].numel() for leaf in leaves)
    size = max(1, BACKWARD_ROWS * _times(leaves[0].device) // rows_each)
    results: list[Tensor] = []
    # Under `vmap` what processes send to each other is not waited for.
    batched = n_targets > 1 and not shared(problem.model)
    start = 0
    while start < n_targets:
        size = size if batched else 1
        chosen = range(start, min(start + size, n_targets))
        directions = torch.zeros(len(chosen), *ends.shape, dtype=ends.dtype, device=ends.device)
        for k, target in enumerate(chosen):
            rows = slice(spans[target].start, spans[target].stop)
            directions[k, :, rows] = seeds[:, rows].to(ends.dtype)
        try:
            with out_of_memory(), without_zero_rows(leaves[0], len(chosen) * rows_each):
                found = torch.autograd.grad(
                    ends,
                    leaves,
                    directions if batched else directions[0],
                    retain_graph=True,
                    is_grads_batched=batched,
                    materialize_grads=True,  # a stream of which nothing is used
                )
        except torch.OutOfMemoryError:
            if size == 1:
                raise
            size = max(1, size // 2)
            continue
        except (RuntimeError, NotImplementedError, AssertionError) as error:
            if not batched:
                raise EccoError(f"The model cannot be differentiated toward its embeddings: {error}") from error
            batched = False  # an operator without a batching rule: one target after the other
            continue
        lengths = [len(ids) for ids in problem.streams]
        parts = [part[..., :n, :].to(weights.device, torch.float32) for part, n in zip(found, lengths, strict=True)]
        piece = torch.cat(parts, dim=-2)
        results.append(((piece if batched else piece[None]) * weights).sum(dim=1))
        start += len(chosen)
    return torch.cat(results)


def at_once(problem: Problem, n_tokens: int) -> int:
    """How many texts of so many tokens one forward pass holds."""
    return problem.batch_size or max(1, FORWARD_ROWS * _times(problem.reading.ids.device) // n_tokens)


def _times(device: torch.device) -> int:
    return {"cpu": 1, "cuda": CUDA}.get(device.type, ELSEWHERE)


def gauss_legendre(n_steps: int) -> tuple[list[float], list[float]]:
    """Points in (0, 1) and weights that sum to 1."""
    points, weights = np.polynomial.legendre.leggauss(n_steps)
    return ((points + 1) / 2).tolist(), (weights / 2).tolist()
