"""Whether gradients pass through packed weights (8-bit, 4-bit, …) as the forward pass does.

Kernels that were written for inference return numbers without a way back, some silently: the gradient would then flow
past the layer, along the residual stream, and look like an answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from ecco.errors import ProofError
from ecco.forward import first_tensor, packed_modules
from ecco.processes import shared

# How far the way back of a linear layer may be from its forward pass, which may round what it reads to 8 bits.
ERROR = 0.1


@contextmanager
def proved_backward(model: nn.Module) -> Iterator[None]:
    """Prove the way back through every layer with packed weights that runs meanwhile with gradients.

    Raises:
        ProofError: where there is none, or one that does not fit what the layer computes.
    """
    whole = not shared(model)
    handles = [
        module.register_forward_hook(partial(_prove, path, whole), with_kwargs=True)
        for path, module in packed_modules(model).items()
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _prove(path: str, whole: bool, module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
    read, found = first_tensor((*args, *kwargs.values())), first_tensor(output)
    if not torch.is_grad_enabled() or read is None or not read.requires_grad or found is None:
        return
    change = found.detach() - _offset(module)
    size = change.abs().amax()
    direction = change / torch.where(size > 0, size, torch.ones_like(size))  # half precision holds no large numbers
    back = None
    if found.requires_grad:
        (back,) = torch.autograd.grad(found, read, direction.to(found.dtype), retain_graph=True, allow_unused=True)
    linear = whole and hasattr(module, "in_features") and hasattr(module, "out_features")
    if back is not None and not (linear and _misses(direction, change, back, read)):
        return
    raise ProofError(
        f"Gradients do not pass through {path} ({type(module).__name__}) as its numbers do: its packed weights can be run, but "
        "not differentiated here. Load the model without quantization, or with another kind, to attribute; what its "
        "layers believe can be asked all the same."
    )


def _offset(module: nn.Module) -> Tensor | float:
    bias = getattr(module, "bias", None)
    return bias.detach() if isinstance(bias, Tensor) and not hasattr(bias, "device_mesh") else 0.0


def _misses(direction: Tensor, change: Tensor, back: Tensor, read: Tensor) -> bool:
    """Whether the way back is not the transpose of the way there: of a linear map J, d (J x) = (d J) x."""
    there = float((direction.float() * change.float()).sum())
    return abs(float((back.float() * read.detach().float()).sum()) - there) > ERROR * abs(there)
