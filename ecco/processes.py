"""Several processes that hold a part of one model each (tensor parallel): all must run it together, on the same inputs."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, distributed, nn

from ecco.errors import ArgumentError


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
