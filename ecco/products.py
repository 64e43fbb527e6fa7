"""See what is multiplied with softmax weights inside the blocks of a model.

Attention is a softmax whose result is multiplied with the values. A mode of torch sees every operation inside a block:
what a softmax gave, its copies and rescaled forms, and the products in which they are the weights of a sum. So nothing
is taken from a model's own report (which many leave empty or misaligned), and what is kept is what was multiplied.

It must be computed step by step for that. `scaled_dot_product_attention` is asked to do so; other kernels (flash, flex)
give way to the model's eager attention for this one pass. Either pass must give the model's own logits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from transformers import PreTrainedConfig

from ecco.anatomy import Stack
from ecco.errors import ProofError
from ecco.forward import deviation, logits_at, tolerance
from ecco.reading import Reading

aten: Any = torch.ops.aten
SOFTMAX = {aten._softmax.default, aten._safe_softmax.default}
PRODUCT = {aten.bmm.default, aten.baddbmm.default}

# Implementations of attention that torch computes step by step when asked to.
STEPWISE = (None, "eager", "sdpa")


@dataclass(frozen=True)
class Product:
    """Softmax weights that were multiplied with something inside a block.

    Attributes:
        shape: (head, row, column) of the weights.
        modules: the modules that were running, the block first.
        weights: what was kept of them, a copy in float32 on the CPU.
        dtype: in which they were multiplied.
    """

    shape: tuple[int, int, int]
    modules: tuple[nn.Module, ...] = field(repr=False)
    weights: Float[Tensor, "head row column"] | None = field(repr=False)
    dtype: torch.dtype


# Which rows of a product are kept, by its layer and its place in the block call; None for none.
Keeps = Callable[[int, int], slice | None]

# The two matrices of a product.
Factors = tuple[Tensor, Tensor]

# What a product is taken to be, by its layer, its place in the block call, its factors and what it is: (head, _, _).
Change = Callable[[int, int, Factors, Tensor], Tensor]

# Autograd's nodes of products, and where each keeps what it multiplied.
NODES = {
    "BmmBackward0": ("_saved_self", "_saved_mat2"),
    "BaddbmmBackward0": ("_saved_batch1", "_saved_batch2"),
}


def watched_pass(
    model: nn.Module, stack: Stack, reading: Reading, rows: Sequence[int], keeps: Keeps, *, prove: bool
) -> tuple[list[list[Product]], list[Product]]:
    """The products of every block call, in a pass over a text; call it inside `undisturbed`.

    The model runs as it is, or with eager attention where that does not show the weights.

    Args:
        model: the model.
        stack: the blocks.
        reading: the text.
        rows: where logits are compared.
        keeps: what is kept.
        prove: whether the logits must be those of the model without a watcher.

    Returns:
        Those of every block call in order, and those outside of these blocks.

    Raises:
        ProofError: if no pass shows weights.
    """
    own = logits_at(model, reading.inputs(), rows) if prove else None
    stepwise = all(implementation in STEPWISE for _, implementation in implementations(model))
    reasons = []
    for eager in (False, True) if stepwise else (True,):
        try:
            with watching(model, stack, keeps, eager=eager) as watcher:
                found = logits_at(model, reading.inputs(), rows)
        except torch.OutOfMemoryError:
            raise
        except (RuntimeError, ValueError, TypeError, IndexError, KeyError, AttributeError, ImportError) as error:
            reasons.append((str(error).strip() or type(error).__name__).splitlines()[0])
            continue
        if own is not None and (difference := deviation(found, own)) > tolerance(own.dtype, model):
            reasons.append(f"the pass that shows its weights gives other logits, by {difference:.2g} of the largest")
        elif watcher.fused:
            reasons.append(f"its weights stay inside one operation ({watcher.fused})")
        elif not any(watcher.calls) and not watcher.outside:
            reasons.append("it multiplies nothing with softmax weights, as is so for state spaces and linear attention")
        else:
            return watcher.calls, watcher.outside
    raise ProofError(f"{type(model).__name__}: its attention cannot be shown: {'; '.join(dict.fromkeys(reasons))}.")


@contextmanager
def watching(model: nn.Module, stack: Stack, keeps: Keeps, *, eager: bool, change: Change | None = None) -> Iterator[Watcher]:
    """Let the products of all block calls be seen, and changed, in what runs inside; call it inside `undisturbed`.

    Args:
        model: the model.
        stack: the blocks.
        keeps: what is kept.
        eager: whether attention is computed in the model's own plain way.
        change: what the model goes on with; by default what it computed.
    """
    watcher = Watcher(keeps, change)
    with eager_attention(model) if eager else nullcontext(), sdpa_kernel(SDPBackend.MATH), watcher.on(stack):
        yield watcher


class Watcher(TorchDispatchMode):
    """Sees every operation.

    Attributes:
        calls: the products of every block call.
        outside: those between and after the blocks.
        fused: an operation that hides its products.
    """

    def __init__(self, keeps: Keeps, change: Change | None = None) -> None:
        super().__init__()
        self.calls: list[list[Product]] = []
        self.outside: list[Product] = []
        self.fused: str | None = None
        self._keeps = keeps
        self._change = change
        self._open: list[nn.Module] = []
        self._softmaxed: dict[int, Tensor] = {}  # by storage; the tensors live on, so that no other takes their place

    @contextmanager
    def on(self, stack: Stack) -> Iterator[None]:
        """Watch, and tell the blocks of this stack from what is outside."""
        with ExitStack() as hooks:
            for module in dict.fromkeys(m for block in stack.modules for m in block.modules()):
                for handle in self._hooks(module):
                    hooks.callback(handle.remove)
            with self:
                yield

    def _hooks(self, module: nn.Module) -> list[Any]:
        def enter(_module: nn.Module, _args: Any) -> None:
            if not self._open:  # a block begins
                self._softmaxed.clear()
                self.calls.append([])
            self._open.append(module)

        def leave(_module: nn.Module, _args: Any, _output: Any) -> None:
            self._open.pop()

        return [module.register_forward_pre_hook(enter), module.register_forward_hook(leave)]

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        if "attention" in func.name():
            self.fused = func.name()
        if func in PRODUCT:
            left, right = args[-2:]
            result = self._multiplied(left, right, result)
        elif func in SOFTMAX or self._is_softmaxed(_tensors([*args, *kwargs.values()]), _tensors([result])):
            for tensor in _tensors([result]):
                self._softmaxed[_storage(tensor)] = tensor
        return result

    def _is_softmaxed(self, given: list[Tensor], made: list[Tensor]) -> bool:
        """Whether softmax weights were copied, cast, padded or rescaled: made of them alone, or as many numbers as they are."""
        sources = [t for t in given if _storage(t) in self._softmaxed]
        return any(len(given) == 1 or all(t.numel() == source.numel() for t in made) for source in sources)

    def _multiplied(self, left: Tensor, right: Tensor, result: Tensor) -> Tensor:
        for weights in (left, right.transpose(1, 2)):
            if _storage(weights) not in self._softmaxed:
                continue
            products = self.calls[-1] if self._open else self.outside
            rows = self._keeps(len(self.calls) - 1, len(products)) if self._open else None
            kept = None if rows is None else weights[:, rows].detach().to("cpu", torch.float32, copy=True)
            batch, row, column = weights.shape
            if self._change and self._open:
                result = self._change(len(self.calls) - 1, len(products), (left, right), result)
            products.append(Product((batch, row, column), tuple(self._open), kept, weights.dtype))
        return result


def _tensors(values: Sequence[Any]) -> list[Tensor]:
    """Those among what an operation was given, or returned: tensors, and lists of them."""
    every = [t for value in values for t in (value if isinstance(value, tuple | list) else (value,))]
    return [t for t in every if isinstance(t, Tensor) and t.is_floating_point()]


def _storage(tensor: Tensor) -> int:
    return tensor.untyped_storage()._cdata


def slopes(
    number: Float[Tensor, ""], inputs: Sequence[Tensor], products: Mapping[Any, Factors]
) -> dict[Any, Float[Tensor, "head _ _"]]:
    """The derivative of a number by what each product was, all other products as they were.

    Args:
        number: computed with gradients.
        inputs: where its graph begins.
        products: by any key, the factors of each as a `Change` got them.
    """
    found: dict[Any, Tensor] = {}

    def note(key: Any) -> Callable[[tuple[Tensor, ...]], tuple[Tensor, ...]]:
        def hook(grads: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            found[key] = grads[0]
            return (torch.zeros_like(grads[0]),)  # the way back ends here: what made this product made others too

        return hook

    todo, seen, handles = [number.grad_fn], set(), []
    while todo:
        node = todo.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if names := NODES.get(node.name()):
            own = [getattr(node, name) for name in names]
            handles += [node.register_prehook(note(key)) for key, factors in products.items() if _are(own, factors)]
        todo += [following for following, _ in node.next_functions]
    try:
        torch.autograd.grad(number, list(inputs), allow_unused=True)
    finally:
        for handle in handles:
            handle.remove()
    return found


def _are(kept: Sequence[Tensor | None], factors: Factors) -> bool:
    """Whether what a node kept are these factors; it keeps one alone if the other needs no gradient."""
    pairs = [(one, other) for one, other in zip(kept, factors, strict=True) if one is not None]
    same = (a.data_ptr() == b.data_ptr() and a.shape == b.shape and a.stride() == b.stride() for a, b in pairs)
    return bool(pairs) and all(same)


def implementations(model: nn.Module) -> list[tuple[PreTrainedConfig, str | None]]:
    """How attention is computed, as every configuration of a model and of its parts says."""
    found: dict[int, PreTrainedConfig] = {}

    def walk(config: Any) -> None:
        if isinstance(config, PreTrainedConfig) and id(config) not in found:
            found[id(config)] = config
            for part in vars(config).values():
                walk(part)

    for module in model.modules():
        walk(getattr(module, "config", None))
    return [(config, config._attn_implementation) for config in found.values()]


@contextmanager
def eager_attention(model: nn.Module) -> Iterator[None]:
    """Let attention be computed in the model's own plain way; after that, every configuration says what it said."""
    before = implementations(model)
    try:
        for config, _ in before:
            config._attn_implementation_internal = "eager"
        yield
    finally:
        for config, implementation in before:
            config._attn_implementation_internal = implementation
