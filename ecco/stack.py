"""Stack: blocks that run one after another, how they lay out hidden states, and how they are stubbed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ecco.errors import ProofError
from ecco.forward import first_tensor, replace_first_tensor

# Where the states of a text may stand among those that blocks return: before padding, after a prompt of the model's own,
# after as many states of another stream.
PLACES = ("first", "last", "second")


@dataclass(frozen=True)
class Layout:
    """How blocks lay out the hidden states of a text.

    Attributes:
        axis: which axis counts tokens: 1, or 0 where the batch comes second.
        place: one of `PLACES`.
    """

    axis: int = 1
    place: str = "first"

    def read(self, state: Tensor, batch: int, length: int, name: str) -> Float[Tensor, "batch token d_model"]:
        """What blocks returned, token by token; several streams of a token are one vector.

        Args:
            state: as the blocks returned it.
            batch: how many texts were read.
            length: how many tokens each has.
            name: what the model is called.

        Raises:
            ProofError: if there is not one state for each token.
        """
        states = state.transpose(0, 1) if self.axis == 0 and state.dim() >= 3 else state
        if state.dim() < 3 or states.shape[0] != batch or states.shape[1] < length:
            raise ProofError(
                f"{name}: its blocks return hidden states of shape {tuple(state.shape)} for {length} tokens, not "
                f"({batch}, {length}, d_model); its layers cannot be read token by token."
            )
        start = self._start(states.shape[1], length)
        return states[:, start : start + length].flatten(2)

    def write(self, states: Float[Tensor, "batch token d_model"], total: int, like: Tensor) -> Float[Tensor, "..."]:
        """The opposite of `read`: states as blocks return them, zeros in the places that are not the text's.

        Args:
            states: of the text.
            total: how many states a sequence has in the blocks.
            like: what a block returned for another text.
        """
        length = states.shape[1]
        states = states.unflatten(2, like.shape[2:])
        if total > length:
            start = self._start(total, length)
            whole = states.new_zeros(states.shape[0], total, *states.shape[2:])
            states = torch.cat([whole[:, :start], states, whole[:, start + length :]], dim=1)
        return states.transpose(0, 1) if self.axis == 0 else states

    def _start(self, total: int, length: int) -> int:
        return {"first": 0, "last": total - length, "second": min(length, total - length)}[self.place]


@dataclass(frozen=True)
class Stack:
    """Blocks that run one after another.

    Attributes:
        name: path of the list that holds them, such as `transformer.h`.
        calls: the module of each layer, in the order of the calls; a shared module stands here several times.
        templates: what each call returned during the probe; a replay returns the same structure.
        d_model: width of the hidden states.
        layout: how they lie in what the blocks return.
    """

    name: str
    calls: tuple[nn.Module, ...]
    templates: tuple[Any, ...] = field(repr=False)
    d_model: int
    layout: Layout = Layout()

    def __repr__(self) -> str:
        return f"{self.name}: {self.n_layers} x {type(self.calls[0]).__name__}, d_model={self.d_model}"

    @property
    def n_layers(self) -> int:
        """How many blocks a token passes through."""
        return len(self.calls)

    @property
    def modules(self) -> list[nn.Module]:
        """The blocks without repetition."""
        return list(dict.fromkeys(self.calls))


def template(output: Any) -> Any:
    """What a block returned: its hidden state, and NaN in the place of all other numbers.

    So nothing of the probe can pass into a replay unseen: a block that returns two states (Reformer) is refused.
    """
    state = first_tensor(output)
    return output if state is None else replace_first_tensor(_blank(output), state.detach().clone())


def _blank(value: Any) -> Any:
    if torch.is_tensor(value):
        return torch.full_like(value, float("nan")) if value.is_floating_point() else value
    if isinstance(value, tuple | list):
        items = [_blank(item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _blank(getattr(value, f.name)) for f in fields(value)})
    if isinstance(value, Mapping):
        return type(value)({key: _blank(item) for key, item in value.items()})  # type: ignore[call-arg]
    return value


@contextmanager
def stubbed(stack: Stack, hidden: Float[Tensor, "batch token d_model"]) -> Iterator[None]:
    """Let every block return `hidden`, in the structure that it returned during the probe.

    Hooks on the blocks rest meanwhile: what they did is already in the hidden state.
    """
    turn = iter(range(10**9))
    templates = stack.templates

    def forward(*args: Any, **kwargs: Any) -> Any:
        returned = templates[min(next(turn), len(templates) - 1)]
        like = first_tensor(returned)
        if like is None:
            return replace_first_tensor(returned, hidden)
        total = _length([*args, *kwargs.values()], like, stack.layout.axis) or hidden.shape[1]
        return replace_first_tensor(returned, stack.layout.write(hidden.to(like.device), total, like))

    saved = [(m, m.__dict__.get("forward"), m._forward_hooks, m._forward_pre_hooks) for m in stack.modules]
    try:
        for module in stack.modules:
            module.forward = forward
            module._forward_hooks = OrderedDict()
            module._forward_pre_hooks = OrderedDict()
        yield
    finally:
        for module, own, hooks, pre_hooks in saved:
            if own is None:
                module.__dict__.pop("forward", None)
            else:
                module.forward = own
            module._forward_hooks = hooks
            module._forward_pre_hooks = pre_hooks


def _length(given: list[Any], like: Tensor, axis: int) -> int | None:
    """How many states a block was given, told from the first argument that looks like what it returns."""
    fitting = (v for v in given if torch.is_tensor(v) and v.is_floating_point() and v.shape[2:] == like.shape[2:])
    found = next((v for v in fitting if v.dim() == like.dim()), None)
    return None if found is None else found.shape[axis]
