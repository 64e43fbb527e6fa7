"""A function with its normalisations frozen: what is left of a norm when its statistics are those of one input.

With mean square and variance kept as they were, LayerNorm and RMSNorm are linear (LayerNorm still subtracts the mean), so
what a sum of vectors gives is the sum of what each gives. This is the convention of direct logit attribution (Elhage et al.
2021, "A Mathematical Framework for Transformer Circuits"), and the rule for norms in relevance propagation (Ali et al. 2022,
arXiv 2202.07304).

The statistics are found where torch computes them, whatever module does so: a fused layer norm or RMS norm, a reciprocal
square root, or a square root.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

F = torch.nn.functional


class FrozenNorms(TorchFunctionMode):
    """While active, statistics of norms are constants: those computed first, in the order in which they are asked for.

    The first run under it notes the statistics; after `again()` a run with another input gets the same ones.
    """

    def __init__(self) -> None:
        super().__init__()
        self._known: list[Tensor] = []
        self._next = 0

    @property
    def count(self) -> int:
        """How many statistics were noted."""
        return len(self._known)

    def again(self) -> None:
        """Begin another run with the statistics of the first."""
        self._next = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        rule = RULES.get(func)
        return func(*args, **kwargs) if rule is None else rule(self, *args, **kwargs)

    def constant(self, compute: Callable[[], Tensor]) -> Tensor:
        """The next statistic."""
        if self._next == len(self._known):
            with torch.no_grad():
                self._known.append(compute().detach())
        self._next += 1
        return self._known[self._next - 1]


def _layer_norm(
    mode: FrozenNorms,
    x: Tensor,
    normalized_shape: Any,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    *_: Any,
) -> Tensor:
    axes = tuple(range(-len(tuple(normalized_shape)), 0))
    x32 = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
    scale = mode.constant(lambda: (x32.var(dim=axes, correction=0, keepdim=True) + eps).rsqrt())
    normed = ((x32 - x32.mean(dim=axes, keepdim=True)) * scale).to(x.dtype)
    normed = normed if weight is None else normed * weight
    return normed if bias is None else normed + bias


def _rms_norm(
    mode: FrozenNorms, x: Tensor, normalized_shape: Any, weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    axes = tuple(range(-len(tuple(normalized_shape)), 0))
    x32 = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
    tiny = torch.finfo(x.dtype).eps if eps is None else eps
    scale = mode.constant(lambda: (x32.pow(2).mean(dim=axes, keepdim=True) + tiny).rsqrt())
    normed = (x32 * scale).to(x.dtype)
    return normed if weight is None else normed * weight


def _statistic(func: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda mode, x, *args, **kwargs: mode.constant(lambda: func(x, *args, **kwargs))


def _power(func: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def rule(mode: FrozenNorms, x: Any, exponent: Any, **kwargs: Any) -> Tensor:
        is_root = isinstance(exponent, float) and abs(exponent) == 0.5
        return mode.constant(lambda: func(x, exponent, **kwargs)) if is_root else func(x, exponent, **kwargs)

    return rule


RULES: dict[Any, Callable[..., Tensor]] = {
    F.layer_norm: _layer_norm,
    torch.layer_norm: _layer_norm,
    F.rms_norm: _rms_norm,
    torch.rms_norm: _rms_norm,
    **{func: _statistic(func) for func in (torch.rsqrt, Tensor.rsqrt, torch.sqrt, Tensor.sqrt)},
    **{func: _power(func) for func in (torch.pow, Tensor.pow, Tensor.__pow__)},
}
