"""Where the parts of a model lie, and what some devices cannot do, or say otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float
from torch import Tensor, nn


def in_double(numbers: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Numbers in double precision: where they lie, or on the CPU if their device has none (MPS)."""
    try:
        return numbers.double()
    except (TypeError, RuntimeError):
        return numbers.cpu().double()


@contextmanager
def out_of_memory() -> Iterator[None]:
    """An error that says that memory ran out is a `torch.OutOfMemoryError`, also where torch raises another (MPS)."""
    try:
        yield
    except RuntimeError as error:
        if isinstance(error, torch.OutOfMemoryError) or "out of memory" not in str(error):
            raise
        raise torch.OutOfMemoryError(str(error)) from error


def spread(model: nn.Module) -> bool:
    """Whether the weights lie on several devices, so that indices on the first do not fit what lies on the last."""
    return len({p.device for p in model.parameters() if p.device.type != "meta"}) > 1


def input_embedding(model: nn.Module) -> nn.Module | None:
    """The one module that embeds the model's ids, if it names one (CANINE hashes its ids for several)."""
    try:
        found = model.get_input_embeddings()  # type: ignore[operator]
    except NotImplementedError:
        return None
    return found if isinstance(found, nn.Module) else None  # Perceiver names its latents


def input_device(model: nn.Module) -> torch.device:
    """Where token ids must lie, also when accelerate has offloaded the weights."""
    embedding = input_embedding(model)
    for part in (embedding, model):
        if (device := getattr(getattr(part, "_hf_hook", None), "execution_device", None)) is not None:
            return torch.device(device)
    weight = next((model if embedding is None else embedding).parameters(), None)
    if weight is None or weight.device.type == "meta":
        return torch.device("cpu")
    return weight.device
