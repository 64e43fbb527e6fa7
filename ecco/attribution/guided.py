"""Guided backpropagation and deconvolution: a gradient of which ReLUs let only what is positive pass on the way back.

Both change nothing but ReLUs. In a model whose activation is another function they would be the plain gradient under another
name, so they are refused there. Norms, softmax and products keep their gradients.

Sources: Springenberg et al. 2015, arXiv 1412.6806 (guided backpropagation); Zeiler and Fergus 2013, arXiv 1311.2901
(deconvolution).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from ecco.attribution.lrp import ordered
from ecco.attribution.lrp_rules import kind_of
from ecco.errors import EccoError

# Activation functions other than ReLU, whole or in pieces.
SMOOTH = set("Gelu Silu Mish Hardswish Hardsigmoid Elu Celu Tanh Sigmoid Softplus Erf LeakyRelu Hardtanh".split())


@dataclass(frozen=True)
class Guided:
    """A way back for `ecco.attribution.gradient.gradients`.

    Attributes:
        name: of the method, for messages.
        as_forward: whether a ReLU that was 0 lets nothing pass (guided backpropagation), or only the sign of what arrives
            counts (deconvolution).
    """

    name: str
    as_forward: bool

    def forward(self, model: nn.Module) -> AbstractContextManager[None]:
        """The pass is the model's own."""
        return nullcontext()

    @contextmanager
    def back(self, end: Tensor) -> Iterator[None]:
        """Put the rule on every ReLU between `end` and the leaf of the pass.

        Raises:
            EccoError: if the activation function of the model is not ReLU.
        """
        nodes = [node for node in ordered(end.grad_fn, lambda _node: False) if kind_of(node) in {"Relu", *SMOOTH}]
        others = sorted({kind_of(node) for node in nodes} - {"Relu"})
        if others or not nodes:
            what = f"computes with {', '.join(others)}" if others else "has no ReLU"
            raise EccoError(
                f"{self.name!r} changes how gradients pass ReLUs, but this model {what}, where it would be the plain gradient; "
                'use "gradient", "integrated_gradients" or "attnlrp".'
            )
        handles = [node.register_hook(self._pass) for node in nodes]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _pass(self, passed: Any, arriving: Any) -> Any:
        way = passed if self.as_forward else arriving
        return (None if way[0] is None else way[0].clamp(min=0), *passed[1:])
