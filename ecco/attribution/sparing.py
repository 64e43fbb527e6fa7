"""What the way back of many targets need not compute, or not once for each of them.

Both savings are found in the numbers and in the graph of the pass at hand; nothing is assumed of the model.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from ecco.attribution.lrp_rules import is_function

# To look at every operation costs more than it spares where products are smaller: rows x width x width.
LEAST = 2**26
# Rows are left out if no more than this part of them is not zero.
MOST_KEPT = 0.95


def without_zero_rows(leaf: Tensor, n_rows: int) -> AbstractContextManager[Any]:
    """While it is entered, `a @ b` of two matrices on the CPU is computed for the rows of `a` that are not zero alone.

    Other devices take longer to be told than to multiply.

    On the way back from a target many rows are: those of tokens that come after it, and in the last block those of all tokens
    but the one that it is read from.

    Args:
        leaf: where the way back leads, (..., d_model).
        n_rows: how many rows the matrices have; they are about as wide as the leaf.
    """
    worth = leaf.device.type == "cpu" and n_rows * leaf.shape[-1] ** 2 >= LEAST
    return _WithoutZeroRows() if worth else nullcontext()


class _WithoutZeroRows(TorchDispatchMode):
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.ops.aten.mm.default and all(type(a) is Tensor and a.device.type == "cpu" for a in args):
            return _product(*args)
        return func(*args, **(kwargs or {}))


def _product(a: Tensor, b: Tensor) -> Tensor:
    if a.numel() == 0:
        return a @ b
    rows = ((a.amin(dim=1) != 0) | (a.amax(dim=1) != 0)).nonzero().flatten()
    if len(rows) > MOST_KEPT * len(a):
        return a @ b
    return a.new_zeros(len(a), b.shape[1]).index_copy_(0, rows, a.index_select(0, rows) @ b)


@contextmanager
def derivatives_once(model: nn.Module) -> Iterator[None]:
    """A pass in which activation functions have their derivatives computed, so that a way back multiplies with them.

    Autograd would compute them anew for every target, and of a function in pieces every piece. Which modules are functions of
    single numbers is read from the graph that they record.
    """
    own = [m for m in model.modules() if next(m.children(), None) is None and next(m.parameters(), None) is None]
    handles = [module.register_forward_hook(_with_derivative) for module in own]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _with_derivative(_module: nn.Module, args: Any, output: Any) -> Any:
    """The output of a function of single numbers, with its derivative; None, which keeps it, of anything else."""
    if len(args) != 1 or not all(type(t) is Tensor and t.grad_fn is not None for t in (*args, output)):
        return None
    given = args[0]
    source = (given.grad_fn, given.output_nr)
    # In half precision the derivative would be rounded once more.
    exact = given.shape == output.shape and given.dtype == output.dtype in (torch.float32, torch.float64)
    if not exact or output.grad_fn is given.grad_fn or not is_function((output.grad_fn, output.output_nr), source):
        return None
    (slope,) = torch.autograd.grad(output, given, torch.ones_like(output))
    return _Function.apply(given, output.detach(), slope)


class _Function(torch.autograd.Function):
    @staticmethod
    def forward(given: Tensor, result: Tensor, slope: Tensor) -> Tensor:
        return result.clone()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(inputs[2])

    @staticmethod
    def backward(ctx: Any, *arriving: Tensor) -> tuple[Tensor, None, None]:
        (slope,) = ctx.saved_tensors
        return arriving[0] * slope, None, None
