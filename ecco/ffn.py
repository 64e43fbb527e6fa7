"""Where the neurons of a model are, found by data flow and proved.

The *neurons* of a feed-forward network (FFN) are what its last matrix reads: `output = W a + b`, where every `a[i]` is a
function of one column of the matrices before it, or of two (gate and up). A *site* is such a last matrix. It is found
in the autograd graph of a pass over a few tokens: from the input of a matrix that writes into the hidden state one walks
back to the matrices before it. The walk must not reach the input of the block, and the gradients must show that each
neuron belongs to one token and to columns of its own, which tells neurons from what attention, convolutions and
recurrences mix.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn
from transformers.pytorch_utils import Conv1D

from ecco.anatomy import PROBE_LENGTH, Anatomy, Stack, probe_inputs
from ecco.errors import ProofError
from ecco.experts import has_experts, n_neurons, watched
from ecco.forward import call, deviation, first_tensor, replace_first_tensor, tolerance, undisturbed
from ecco.processes import Cut, anywhere, column_cut, cut_of, shared

# No walk between two neighbouring matrices is longer than this.
LONGEST_WALK = 400


@dataclass(frozen=True)
class Site:
    """The last matrix of one FFN, or the experts of one layer.

    Attributes:
        side: 0 for the blocks that lead to the logits, 1 for an encoder-decoder's encoder.
        layer: the block that it is in.
        module: reads the neurons; a module that several layers share stands in several sites.
        name: its path.
        kind: `"plain"`, `"gated"` (`a == act(gate) * up`) or `"experts"`.
        n_neurons: of all experts together, one expert after the other.
        cut: how processes that share the model share the neurons (of every expert), or the experts; None if each has them all.
        by_expert: whether it is the experts that they share.
        known: whether it is known which of the neurons each process has; if not, `n_neurons` counts those of this one.
    """

    side: int
    layer: int
    module: nn.Module = field(repr=False)
    name: str
    kind: str
    n_neurons: int
    cut: Cut | None = None
    by_expert: bool = False
    known: bool = True


@dataclass
class _Ran:
    """What one module of a block did."""

    module: nn.Module
    input: Tensor
    output: Tensor
    is_leaf: bool


def find_sites(model: Any, anatomy: Anatomy) -> tuple[Site, ...]:
    """Find the neurons of a model, in the order in which its sites are called.

    Args:
        model: the model.
        anatomy: its parts.

    Raises:
        ProofError: if there are none, or some whose number per token cannot be seen.
    """
    stacks = [anatomy.blocks] if anatomy.encoder is None else [anatomy.blocks, anatomy.encoder]
    probes = [_Probe(model, side, stack) for side, stack in enumerate(stacks)]
    order: list[Site] = []

    def note(module: nn.Module, _chosen: Tensor, _neurons: Tensor) -> None:
        for probe in probes:
            probe.experts(module)

    with undisturbed(model, gradients=True), watched(model, note):
        handles = [handle for probe in probes for handle in probe.hooks(order)]
        try:
            call(model, probe_inputs(model, len(anatomy.embeddings) or 1))
        finally:
            for handle in handles:
                handle.remove()
    if not order:
        raise ProofError(
            f"{type(model).__name__} has no neurons that can be found: no matrix in its blocks writes what single units "
            "computed for a token (a model of state spaces, such as Mamba, has no FFN)."
        )
    return tuple(order)


def check_known(model: nn.Module, sites: Sequence[Site]) -> None:
    """Refuse neurons of which each process that shares a model has a part, if it is not known which.

    Raises:
        ProofError: in every process.
    """
    if anywhere(model, not all(site.known for site in sites)):
        raise ProofError(
            f"{type(model).__name__} is split over several processes, and which neurons of a layer each of them has is not "
            "known. Load it in one process to ask for neurons (device_map= spreads it over several devices)."
        )


class _Probe:
    """Watches the blocks of one stack, one call after the other."""

    def __init__(self, model: nn.Module, side: int, stack: Stack) -> None:
        self.model = model
        self.side = side
        self.stack = stack
        self.paths = {module: name for name, module in model.named_modules()}
        self.shared = shared(model)
        # While experts run, their weights are those of this process alone.
        self.held: dict[nn.Module, tuple[Any, int]] = {m: (m.down_proj, n_neurons(m)) for m in self.paths if has_experts(m)}
        self.layer = -1
        self.ran: list[_Ran] = []
        self.sites: list[Site] = []
        self.inside = False

    def hooks(self, order: list[Site]) -> Iterator[Any]:
        """Hooks on the blocks and on all in them; `order` takes what they find."""
        for block in self.stack.modules:
            yield block.register_forward_pre_hook(self._begin, with_kwargs=True)
            for module in block.modules():
                if module is not block:
                    yield module.register_forward_hook(self._note, with_kwargs=True)
            yield block.register_forward_hook(lambda block, _args, _out: order.extend(self._end(block)))

    def _begin(self, _block: nn.Module, args: Any, kwargs: dict[str, Any]) -> Any:
        self.layer, self.inside, self.ran, self.sites = self.layer + 1, True, [], []
        given = args if first_tensor(args) is not None else kwargs
        if (hidden := first_tensor(given)) is None:
            return None
        # A graph of its own for every block, whose memory is free when the block has ended. The product is no leaf,
        # so that the block may change it in place.
        fresh = replace_first_tensor(given, hidden.detach().requires_grad_() * 1)
        return (fresh, kwargs) if given is args else (args, fresh)

    def _note(self, module: nn.Module, args: Any, kwargs: dict[str, Any], output: Any) -> None:
        read, wrote = first_tensor(args), first_tensor(output)
        read = first_tensor(kwargs) if read is None else read
        if self.inside and read is not None and wrote is not None:
            self.ran.append(_Ran(module, read, wrote, not any(True for _ in module.children())))
            if site := self._site(self.ran[-1]):
                self.sites.append(site)

    def experts(self, module: Any) -> None:
        """Note a layer's experts."""
        if self.inside:
            (weight, n), here, inner = self.held[module], module.down_proj.shape, 1 if module.is_transposed else 2
            axes = [axis for axis, size in enumerate(here) if size != weight.shape[axis]]
            cut = cut_of(weight, axes[0]) if axes in ([0], [inner]) else None
            known = not axes or (cut is not None and len(cut.part) == here[axes[0]])
            self.sites.append(Site(self.side, self.layer, module, self.paths[module], "experts", n, cut, axes == [0], known))

    def _end(self, block: nn.Module) -> list[Site]:
        self.inside = False
        known = {site.module for site in self.sites}
        for module in block.modules():
            if module not in known and _holds_experts(module, self.stack.d_model):
                raise ProofError(
                    f"{type(self.model).__name__}: {self.paths[module]} holds the weights of several experts outside "
                    "transformers' registry of experts, so their neurons cannot be seen."
                )
        return [self._outermost(site) for site in self.sites]

    def _site(self, last: _Ran) -> Site | None:
        """The site that a module is, or None.

        Raises:
            ProofError: if it is one for some tokens only.
        """
        if last.output.shape[-1] != self.stack.d_model or not last.is_leaf or last.input.grad_fn is None:
            return None
        if not _is_matrix(last.module, last.input):
            return None
        for neurons in (last.input, self._before_norm(last.input)):
            if neurons is None or not (before := self._matrices_before(neurons)):
                continue
            columns = _columns(neurons, before)
            if columns is None:
                continue
            if neurons.numel() != PROBE_LENGTH * neurons.shape[-1]:
                raise ProofError(
                    f"{type(self.model).__name__}: {self.paths[last.module]} is not called once for every token and for "
                    "nothing else (but for some tokens only, or for padding too), so it is not known whose neurons it reads."
                )
            kind = "gated" if columns == 2 and _is_gated(self.model, neurons, before) else "plain"
            width, cut, known = last.input.shape[-1], None, True
            if self.shared and width != getattr(last.module, "in_features", None):
                cut = column_cut(last.module, width)
                known, width = cut is not None, cut.size if cut else width
            return Site(self.side, self.layer, last.module, self.paths[last.module], kind, width, cut, known=known)
        return None

    def _before_norm(self, state: Tensor) -> Tensor | None:
        """What stood before a state, if that is what a norm gave (BitNet normalises its neurons)."""
        made_by = next((ran for ran in reversed(self.ran) if ran.is_leaf and _key(ran.output) == _key(state)), None)
        return made_by.input if made_by and made_by.input.shape == state.shape else None

    def _matrices_before(self, state: Tensor) -> list[Tensor]:
        """The outputs of the matrices that a state was computed from; none if the block's input went into it otherwise."""
        outputs = {_key(ran.output): ran for ran in self.ran if ran.is_leaf and ran.output.grad_fn is not None}
        todo, seen, found = [_key(state)], set(), []
        if todo[0] in outputs and _is_matrix(outputs[todo[0]].module, outputs[todo[0]].input):
            return []  # two matrices in a row
        while todo:
            key = todo.pop()
            node = key[0]
            if node is None or key in seen:
                continue
            seen.add(key)
            ran = outputs.get(key)
            if ran is not None and _is_matrix(ran.module, ran.input):
                found.append(ran.output)
                continue
            if not node.next_functions or type(node).__name__ == "AccumulateGrad" or len(seen) > LONGEST_WALK:
                return []
            todo += node.next_functions
        return found

    def _outermost(self, site: Site) -> Site:
        """The same site, as the module that an adapter wrapped around the matrix."""
        if site.kind == "experts":
            return site
        inner = next(ran for ran in self.ran if ran.module is site.module)
        around = [
            ran
            for ran in self.ran
            if not ran.is_leaf and ran.input is inner.input and ran.output.shape == inner.output.shape
            if site.module in set(ran.module.modules()) and _is_affine(ran.module, ran.input)
        ]
        if not around:
            return site
        module = around[-1].module  # a module ends after its parts
        return replace(site, module=module, name=self.paths[module])


def _key(state: Tensor) -> tuple[Any, int]:
    return (state.grad_fn, state.output_nr)


def _holds_experts(module: nn.Module, d_model: int) -> bool:
    if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d):
        return False
    return any(p.dim() == 3 and d_model in p.shape[1:] and min(p.shape[1:]) > 1 for p in module.parameters(recurse=False))


def _is_matrix(module: nn.Module, state: Tensor) -> bool:
    """Whether a leaf maps each token by one matrix, also a quantised one or one of an unknown class."""
    if isinstance(module, nn.Linear | Conv1D):
        return True
    if isinstance(module, nn.Embedding | nn.modules.conv._ConvNd):
        return isinstance(module, nn.Conv1d) and module.kernel_size == (1,)
    weights = [*module.parameters(recurse=False), *module.buffers(recurse=False)]
    return any(w.dim() >= 2 and min(w.shape[-2:]) > 1 for w in weights) and _is_affine(module, state)


def _is_affine(module: nn.Module, state: Tensor) -> bool:
    """Whether `module(a) == W a + b`, tried on random numbers."""
    generator = torch.Generator().manual_seed(0)
    one, two = (torch.randn(state.shape, generator=generator).to(state) for _ in range(2))
    with torch.no_grad(), _without_hooks(module):
        try:
            base, *parts = (first_tensor(module(x)) for x in (torch.zeros_like(state), one, two, one + two))
        except (TypeError, RuntimeError, ValueError, IndexError, AttributeError):
            return False
    if base is None or any(p is None or p.shape[:-1] != state.shape[:-1] for p in parts):
        return False
    a, b, both = (part - base for part in parts if part is not None)
    return deviation(a + b, both) <= tolerance(state.dtype, module)


@contextmanager
def _without_hooks(module: nn.Module) -> Iterator[None]:
    """The probe's own hooks rest, and those of a person with them."""
    kept = [(m, m._forward_hooks, m._forward_pre_hooks) for m in module.modules()]
    try:
        for m, _, _ in kept:
            m._forward_hooks, m._forward_pre_hooks = type(m._forward_hooks)(), type(m._forward_pre_hooks)()
        yield
    finally:
        for m, after, before in kept:
            m._forward_hooks, m._forward_pre_hooks = after, before


def _columns(neurons: Tensor, before: Sequence[Tensor]) -> int | None:
    """How many columns of the matrices before them each neuron depends on; None if neurons or tokens share some."""
    width = neurons.shape[-1]
    rows = neurons.numel() // width
    order = torch.randperm(width, generator=torch.Generator().manual_seed(0)).to(neurons.device)
    touched = []
    for half in (order[: width // 2], order[width // 2 :]):
        asked = neurons.new_zeros(rows, width)
        asked[-1, half] = 1
        grads = torch.autograd.grad(neurons, before, asked.view_as(neurons), retain_graph=True, allow_unused=True)
        if any(g is None for g in grads):
            return None
        flat = [g.reshape(-1, g.shape[-1]) != 0 for g in grads if g is not None]
        if any(len(g) != rows or bool(g[:-1].any()) for g in flat):
            return None
        touched.append(torch.cat([g[-1] for g in flat]))
    one, other = touched
    alone = not bool((one & other).any())
    return (2 if int((one | other).sum()) > width else 1) if alone and bool(one.any()) and bool(other.any()) else None


def _is_gated(model: nn.Module, neurons: Tensor, before: Sequence[Tensor]) -> bool:
    """Whether each neuron is a function of one column times another: by Euler, `up * d a / d up == a`."""
    grads = torch.autograd.grad(neurons, before, torch.ones_like(neurons), retain_graph=True)
    bound = tolerance(neurons.dtype, model)
    for state, grad in zip(before, grads, strict=True):
        products = (state * grad).detach().reshape(-1, state.shape[-1])
        width = neurons.shape[-1]
        halves = [products] if products.shape[-1] == width else [*products.chunk(2, -1), products[:, ::2], products[:, 1::2]]
        if any(deviation(half, neurons.detach().reshape(-1, width)) <= bound for half in halves):
            return True
    return False
