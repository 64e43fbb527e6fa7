"""Layer-wise relevance propagation for transformers, on the graph of one pass.

The forward pass is the model's own, with attention computed step by step. Then the graph that autograd recorded is walked, and
hooks on its nodes change what passes them on the way back (`ecco.attribution.lrp_rules`). Nothing but this one graph is
touched: no module, no function, no other model; its numbers are the model's by construction.

Sources: Achtibat et al. 2024, arXiv 2402.05602 (AttnLRP); Ali et al. 2022, arXiv 2202.07304 (CP-LRP).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode

from ecco.attribution.lrp_rules import (
    CONSTANT,
    ELEMENTWISE,
    LINEAR,
    NORMS,
    PIECEWISE,
    PRODUCTS,
    QUOTIENTS,
    RESULT_ONLY,
    SOFTMAX,
    Port,
    is_function,
    is_sent,
    kind_of,
    norm_way,
    ratio,
)
from ecco.errors import EccoError
from ecco.processes import anywhere, shared
from ecco.products import STEPWISE, eager_attention, implementations

# In place, on a part of a tensor, these leave what they do to numbers linear.
LINEAR_IN_PLACE = set("copy_ zero_ fill_ add_ sub_ masked_fill_ index_add_ index_put_ index_copy_ scatter_ relu_".split())
SCALED = {"Mul", "Div", "Neg", "ToCopy", "Alias"}
MOVED = {"View", "UnsafeView", "ReshapeAlias", "Reshape", "Slice", "Split", "SplitWithSizes", "Clone", "Transpose", *SCALED}

Hook = Callable[[Any, Any], Any]


@dataclass
class Relevance:
    """A way back for `ecco.attribution.gradient.gradients` on which relevance flows.

    Attributes:
        name: of the method, for messages.
        constant_weights: whether attention weights and activated gates are constants (CP-LRP), or relevance passes them
            too (AttnLRP).
    """

    name: str
    constant_weights: bool

    @contextmanager
    def forward(self, model: nn.Module) -> Iterator[None]:
        """Record one forward pass, attention step by step."""
        self._model, self._inputs = model, _Inputs()
        stepwise = all(implementation in STEPWISE for _, implementation in implementations(model))
        with nullcontext() if stepwise else eager_attention(model), sdpa_kernel(SDPBackend.MATH), self._inputs:
            yield

    @contextmanager
    def back(self, end: Tensor) -> Iterator[None]:
        """Put the rules on the way from `end` to the leaf of the pass.

        Raises:
            EccoError: for an operation without a rule, in any of the processes that share the model.
        """
        handles = []
        try:
            for node, hook in self._hooks(end.grad_fn).items():
                handles.append(node.register_hook(_defined(hook) if shared(self._model) else hook))
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _hooks(self, end: Any) -> dict[Any, Hook]:
        hooks, refused = {}, None
        try:
            hooks = _Rules(self, end, self._inputs).hooks
        except EccoError as error:
            refused = error
        if anywhere(self._model, refused is not None):
            raise refused or EccoError(f"{self.name!r} is refused by another of the processes that share this model.")
        return hooks


class _Inputs(TorchDispatchMode):
    """Keeps what functions read of which autograd keeps the result alone, by the storage of the result."""

    def __init__(self) -> None:
        super().__init__()
        self.of: dict[int, tuple[Tensor, Tensor]] = {}
        self.in_place: set[str] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func._schema.name
        before = args[0].detach().clone() if name.rstrip("_") in RESULT_ONLY.values() and name.endswith("_") else None
        result = func(*args, **(kwargs or {}))
        if name.rstrip("_") in RESULT_ONLY.values():
            self.of[result.untyped_storage()._cdata] = (result, args[0] if before is None else before)
        short = name.split("::")[-1]
        if short.endswith("_") and short not in LINEAR_IN_PLACE and torch.is_tensor(args[0]) and _is_part(args[0]):
            self.in_place.add(short)
        return result

    def given(self, node: Any) -> Tensor:
        """What a function read."""
        return self.of[node._saved_result.untyped_storage()._cdata][1]


def _is_part(tensor: Tensor) -> bool:
    return tensor.numel() * tensor.element_size() < tensor.untyped_storage().nbytes()


class _Rules:
    """The hooks for every node on the way from the end of a pass to its leaf.

    Attributes:
        hooks: by node, where what passes is not the gradient.
    """

    def __init__(self, way: Relevance, end: Any, inputs: _Inputs) -> None:
        self._way, self._inputs = way, inputs
        self.hooks: dict[Any, Hook] = {}
        self._carries: dict[Any, bool] = {}
        self._activated: set[Any] = set()  # results of an elementwise function
        for node in ordered(end, self._blocks):
            self._visit(node)
        if not self._carries[end]:
            raise EccoError(f'With {way.name!r} no relevance reaches the tokens of this model; use "integrated_gradients".')

    def _blocks(self, node: Any) -> bool:
        kind = kind_of(node)
        negative = kind == "Pow" and isinstance(node._saved_exponent, int | float) and node._saved_exponent <= 0
        return kind in CONSTANT or negative or (kind in SOFTMAX and self._way.constant_weights)

    def _visit(self, node: Any) -> None:
        """Choose the rule of a node whose inputs have theirs."""
        kind, inputs = kind_of(node), node.next_functions
        carried = [source is not None and self._carries[source] for source, _ in inputs] if not self._blocks(node) else []
        self._carries[node] = any(carried) or kind == "AccumulateGrad"
        if self._blocks(node):
            self.hooks[node] = _nothing
        elif not any(carried) or kind in LINEAR | SOFTMAX or is_sent(node):
            self._check_in_place(kind)
        elif kind in PRODUCTS:
            self._product(node, [i for i in PRODUCTS[kind] if i < len(carried) and carried[i]])  # a plain number is no input
        elif kind in QUOTIENTS:
            if len(inputs) > 1:
                self.hooks[node] = _shares({QUOTIENTS[kind]: 0.0})
        elif kind in NORMS:
            self.hooks[node] = _first(norm_way(node))
        elif kind in ELEMENTWISE and (kind != "Pow" or isinstance(node._saved_exponent, int | float)):
            self.hooks[node] = self._elementwise(node)
        else:
            self._refuse(kind)
        if kind in ELEMENTWISE or kind in PIECEWISE:
            self._activated.add(node)

    def _check_in_place(self, kind: str) -> None:
        if kind == "CopySlices" and self._inputs.in_place:
            self._refuse(", ".join(sorted(self._inputs.in_place)))

    def _refuse(self, what: str) -> None:
        raise EccoError(
            f'{self._way.name!r} has no rule for the operation {what} of this model; use "integrated_gradients" or '
            '"grad_x_input".'
        )

    def _elementwise(self, node: Any) -> Hook:
        given = self._inputs.given(node) if kind_of(node) in RESULT_ONLY else node._saved_self
        factor = ratio(node, given)
        return _first(lambda arriving: arriving * factor)

    def _product(self, node: Any, factors: list[int]) -> None:
        """Two activations share what arrives, unless one of them is a weight of the other."""
        if len(factors) < 2:
            return
        left, right = (node.next_functions[i] for i in factors)
        constant = None
        if kind_of(node) == "Mul":
            constant = self._weight_of_product(node, left, right)
        if constant is None:
            self.hooks[node] = _shares(dict.fromkeys(factors, 0.5))
        else:
            self.hooks[node] = _shares({factors[constant]: 0.0})

    def _weight_of_product(self, node: Any, left: Port, right: Port) -> int | None:
        """Which of two factors is a constant: 0, 1 or None."""
        for constant, (one, other) in ((1, (left, right)), (0, (right, left))):
            if is_function(other, _source(one)):  # x h(x), an activation function in pieces
                self._activated.add(node)
                return constant
        sizes = [_numel(node._saved_self), _numel(node._saved_other)]
        whole = math.prod(node._input_metadata[0].shape)
        if (sizes[0] == whole) != (sizes[1] == whole):  # a number for many, as the router of a mixture gives
            return 0 if sizes[0] < whole else 1
        if self._way.constant_weights:
            gates = [self._is_activated(port) for port in (left, right)]
            if gates[0] != gates[1]:
                return 0 if gates[0] else 1
        return None

    def _is_activated(self, port: Port) -> bool:
        node = port[0]
        while node not in self._activated:
            carrying = [source for source, _ in node.next_functions if source is not None and self._carries.get(source)]
            if kind_of(node) not in MOVED or len(carrying) != 1:
                return False
            node = carrying[0]
        return True


def ordered(end: Any, blocks: Callable[[Any], bool]) -> Iterator[Any]:
    """The nodes of a graph, each after its inputs; what is behind a node that blocks is left out."""
    done: set[Any] = set()
    stack: list[tuple[Any, bool]] = [(end, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            yield node
        elif node not in done:
            done.add(node)
            stack.append((node, True))
            if not blocks(node):
                stack += [(source, False) for source, _ in node.next_functions if source is not None and source not in done]


def _source(port: Port) -> Port:
    """What a number is a multiple of."""
    node, number = port
    while kind_of(node) in SCALED:
        inputs = [one for one in node.next_functions if one[0] is not None]
        if len(inputs) != 1 or (kind_of(node) == "Div" and node.next_functions[0][0] is None):
            break
        node, number = inputs[0]
    return node, number


def _numel(tensor: Tensor | None) -> int:
    return 0 if tensor is None else tensor.numel()


def _nothing(passed: Any, _arriving: Any) -> Any:
    return (None,) * len(passed)


def _shares(shares: dict[int, float]) -> Hook:
    def hook(passed: Any, _arriving: Any) -> Any:
        found = list(passed)
        for i, share in shares.items():
            found[i] = found[i] * share if share and found[i] is not None else None
        return tuple(found)

    return hook


def _defined(hook: Hook) -> Hook:
    """The same, with zeros for what does not pass: what processes send to each other must be there to be sent."""

    def defined(passed: Any, arriving: Any) -> Any:
        found = zip(passed, hook(passed, arriving), strict=True)
        return tuple(torch.zeros_like(was) if now is None and was is not None else now for was, now in found)

    return defined


def _first(way: Callable[[Tensor], Tensor]) -> Hook:
    """A way back to the first input of a node; nothing arrives where all that follows is constant."""
    return lambda passed, arriving: passed if arriving[0] is None else (way(arriving[0]), *passed[1:])
