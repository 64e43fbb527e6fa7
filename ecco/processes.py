"""Several processes that hold a part of one model each (tensor parallel): all must run it together, on the same inputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, distributed, nn
from transformers.pytorch_utils import Conv1D

from ecco.errors import ArgumentError


@dataclass(frozen=True)
class Cut:
    """How processes share an axis: each has one part, and the parts follow each other as the processes do in a mesh.

    All processes must ask for what is whole, in the same order.

    Attributes:
        mesh: of one dimension, the processes.
        size: of the whole axis; parts are as large as `torch.chunk` makes them.
    """

    mesh: Any = field(repr=False)
    size: int

    @property
    def part(self) -> range:
        """The numbers of what this process has."""
        step = -(-self.size // self.mesh.size())
        start = min(self.mesh.get_local_rank() * step, self.size)
        return range(start, min(start + step, self.size))

    def whole(self, part: Float[Tensor, "..."], dim: int) -> Float[Tensor, "..."]:
        """The parts of all processes, one after the other; no gradient passes."""
        shape = list(part.shape)
        shape[dim] = self.size
        own = self.own(whole := part.new_zeros(shape), dim)
        if own.shape != part.shape:
            raise ValueError(f"a part of {tuple(part.shape)} is none of {self.size} along {dim}")
        own.copy_(part.detach())
        return self.summed(whole)

    def own(self, whole: Shaped[Tensor, "..."], dim: int) -> Shaped[Tensor, "..."]:
        """This process' part of what is whole."""
        return whole.narrow(dim, self.part.start, len(self.part))

    def summed(self, numbers: Tensor) -> Tensor:
        """The sum of what all processes have."""
        there = numbers.detach().to(self.mesh.device_type, copy=True).contiguous()
        distributed.all_reduce(there, group=self.mesh.get_group())
        return there.to(numbers.device)

    def alike(self, number: int) -> bool:
        """Whether all processes have the same number."""
        ends = torch.tensor([number, -number], device=self.mesh.device_type)
        distributed.all_reduce(ends, distributed.ReduceOp.MAX, group=self.mesh.get_group())
        return int(ends.sum()) == 0


def cut_of(weight: Any, dim: int) -> Cut | None:
    """How processes share an axis of a weight; None if each has it whole, or the parts are not in a row.

    Args:
        weight: as a module holds it.
        dim: the axis, counted from the end or not.
    """
    mesh = getattr(weight, "device_mesh", None)
    if mesh is None:
        return None
    from torch.distributed.tensor import Shard  # which not every build of torch has

    axis, cutting = dim % weight.dim(), []
    for place, how in enumerate(weight.placements):
        if getattr(how, "dim", None) in (axis, axis - weight.dim()):
            cutting.append(mesh if mesh.ndim == 1 else mesh[mesh.mesh_dim_names[place]])
            if type(how) is not Shard:  # those of several matrices in one, in turn
                return None
    return Cut(cutting[0], weight.shape[axis]) if len(cutting) == 1 else None


def column_cut(module: nn.Module, width: int) -> Cut | None:
    """How processes share the columns of a matrix, of which this one reads so many; None as in `cut_of`."""
    found = cut_of(getattr(module, "weight", None), 0 if isinstance(module, Conv1D) else -1)
    fits = found is not None and width == len(found.part) and found.size == getattr(module, "in_features", found.size)
    return found if fits else None


def shared(model: nn.Module) -> bool:
    """Whether several processes hold a part of the weights each."""
    return any(hasattr(p, "device_mesh") for p in model.parameters())


def leads() -> bool:
    """Whether this process shows what all of them compute: the first one does, or the only one."""
    return not (distributed.is_available() and distributed.is_initialized()) or distributed.get_rank() == 0


def agree(model: nn.Module, asked: Any, what: str) -> None:
    """Refuse to go on if the processes that share a model were asked different things; the parts would not fit.

    Args:
        model: the model; nothing is compared if it is not shared.
        asked: what this process was asked.
        what: what that is, for the message.

    Raises:
        ArgumentError: in every process, if one was asked something else.
    """
    if not shared(model):
        return
    found: list[Any] = [None] * distributed.get_world_size()
    distributed.all_gather_object(found, asked)
    if differing := [rank for rank, other in enumerate(found) if other != found[0]]:
        raise ArgumentError(
            f"{what} of process {differing[0]} differs from that of process 0. Processes that share a model must ask it the "
            "same, in the same order; before sampling call transformers.set_seed with the same number in each."
        )


def anywhere(model: nn.Module, fact: bool) -> bool:
    """Whether something is so in any of the processes that share a model; all must ask."""
    if not shared(model):
        return fact
    found: list[Any] = [None] * distributed.get_world_size()
    distributed.all_gather_object(found, fact)
    return any(found)


def is_one(model: nn.Module, numbers: Tensor | None) -> bool:
    """Whether the processes that share a model have computed the same, and not a part each; all must ask."""
    if not shared(model):
        return True
    found: list[Any] = [None] * distributed.get_world_size()
    distributed.all_gather_object(found, numbers)
    return all(
        one is other
        or (one is not None and other is not None and one.shape == other.shape and torch.allclose(one, other, 1e-3))
        for one, other in pairwise(found)
    )


def random_state(model: nn.Module) -> list[bytes]:
    """The states of the random generators that this process samples with."""
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    states = [torch.get_rng_state()]
    if device.type == "cuda":
        states.append(torch.cuda.get_rng_state(device))
    return [state.numpy().tobytes() for state in states]
