"""What some devices cannot do, or say otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float
from torch import Tensor


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
