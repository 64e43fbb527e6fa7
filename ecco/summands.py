"""What attention and FFN add to the residual stream, found by adding up numbers on the text itself.

They are the outputs of two modules of a block (of a decoder three) that with what the block was given make what it returns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from typing import Any, NamedTuple

from torch import Tensor, nn

from ecco.errors import ProofError
from ecco.ffn import Site
from ecco.forward import call, first_tensor, undisturbed
from ecco.halves import MOST_ATTENTIONS, adds_up, check_unsteered
from ecco.reading import Reading
from ecco.stack import Stack


class Call(NamedTuple):
    """One call of a module in a pass."""

    module: nn.Module
    turn: int


class _Ran(NamedTuple):
    call: Call
    wrote: Tensor | None


# For every layer, the calls whose outputs are its attention's, and those whose outputs are its FFN's.
Summands = dict[str, list[tuple[Call, ...]]]


def find_summands(model: nn.Module, stack: Stack, side: int, sites: Sequence[Site], reading: Reading) -> Summands:
    """Which calls write what the attention and the FFN of every block add, under the keys `attention` and `ffn`.

    Args:
        model: the model.
        stack: the blocks of one side.
        side: which side that is, as `Site.side` counts.
        sites: where the model's neurons are; they tell the FFN from the attention.
        reading: the text.

    Raises:
        EccoError: if a steering vector is added to a block.
        ProofError: if a block is not the sum of its input, its attention and its FFN.
    """
    check_unsteered(model)
    found: Summands = {"attention": [], "ffn": []}

    def split(given: Tensor | None, ran: list[_Ran], output: Tensor | None) -> None:
        layer = len(found["ffn"])
        own = {site.module for site in sites if site.side == side and site.layer == layer}
        parts = None if given is None or output is None else _parts(given, ran, output, own)
        if parts is None:
            raise ProofError(
                f"{type(model).__name__}: layer {layer} does not return its input plus what its attention and its FFN wrote "
                '(it may normalise or scale the sum), so these cannot be restored one by one. sites="block" works.'
            )
        found["attention"].append(parts[0])
        found["ffn"].append(parts[1])

    with undisturbed(model), _watched(stack, split):
        call(model, reading.inputs())
    return found


def _parts(given: Tensor, ran: list[_Ran], output: Tensor, sites: set[nn.Module]) -> tuple[tuple[Call, ...], ...] | None:
    """The calls of the attention and of the FFN, or None if none add up; of several that do, the outermost."""
    ends = [place for place, one in enumerate(ran) if one.call.module in sites]
    if not ends:
        return None
    before = [one for one in reversed(ran[: min(ends)]) if one.wrote is not None]
    after = [one for one in reversed(ran[max(ends) :]) if one.wrote is not None]
    for count in range(1, MOST_ATTENTIONS + 1):
        for attention in combinations(before, count):
            for ffn in after:
                wrote = [one.wrote for one in (*attention, ffn) if one.wrote is not None]
                if adds_up([given, *wrote], output):
                    return tuple(one.call for one in attention), (ffn.call,)
    return None


@contextmanager
def _watched(stack: Stack, done: Any) -> Iterator[None]:
    """After every block, `done` gets what it was given, what ran inside it in the order in which it ended, and its output."""
    turns: Counter[nn.Module] = Counter()
    ran: list[_Ran] = []
    given: list[Tensor | None] = [None]

    def begin(_block: nn.Module, args: Any, kwargs: Any) -> None:
        ran.clear()
        state = first_tensor(args)
        state = first_tensor(kwargs) if state is None else state
        given[0] = None if state is None else state.clone()

    def note(module: nn.Module, _args: Any, output: Any) -> None:
        state = first_tensor(output)
        # A copy, because some models change what a module returned in place (Falcon).
        ran.append(_Ran(Call(module, turns[module]), _like(given[0], None if state is None else state.clone())))
        turns[module] += 1

    def end(_block: nn.Module, _args: Any, output: Any) -> None:
        done(given[0], ran, _like(given[0], first_tensor(output)))

    inside = dict.fromkeys(module for block in stack.modules for module in block.modules())
    handles = [block.register_forward_pre_hook(begin, with_kwargs=True) for block in stack.modules]
    handles += [module.register_forward_hook(note) for module in inside if module not in set(stack.modules)]
    handles += [block.register_forward_hook(end) for block in stack.modules]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _like(given: Tensor | None, state: Tensor | None) -> Tensor | None:
    """A state in the form of what the block was given; None if it is not one vector for each token."""
    if given is None or state is None or state.numel() != given.numel() or state.shape[-1] != given.shape[-1]:
        return None
    return state.reshape(given.shape)
