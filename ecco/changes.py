"""Change what flows through a model: what a module returned, token by token, before the rest of the model sees it.

Hooks on the modules themselves do it, for as long as a context lasts. A module that a model uses several times is
changed in one of its calls alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ecco.errors import ProofError
from ecco.forward import first_tensor, replace_first_tensor
from ecco.stack import Layout, Stack

# Gets the states that a module returned, (batch, token, width), and may change them in place.
Change = Callable[[Float[Tensor, "batch token width"]], None]


@dataclass(frozen=True)
class Spot:
    """One call of one module in one pass, and where the states of a text lie in what it returns.

    Attributes:
        module: the module.
        turn: how often the pass had called it before.
        layout: of the blocks that it belongs to.
        length: how many tokens the text has there.
    """

    module: nn.Module = field(repr=False)
    turn: int
    layout: Layout
    length: int


def block_spots(stack: Stack, length: int) -> list[Spot]:
    """The blocks of a stack, one spot for each layer.

    Args:
        stack: the blocks.
        length: how many tokens they read.
    """
    turns = [stack.calls[:layer].count(module) for layer, module in enumerate(stack.calls)]
    return [Spot(module, turn, stack.layout, length) for module, turn in zip(stack.calls, turns, strict=True)]


def by_text(state: Tensor, layout: Layout, batch: int, length: int, name: str) -> Float[Tensor, "batch token width"]:
    """A view of what a module of a block read or returned, token by token; see `Layout.read`."""
    if state.dim() == 2:  # the tokens of all texts as one list (the FFN of OPT)
        state = state.unflatten(0, (batch, -1) if layout.axis == 1 else (-1, batch))
    return layout.read(state, batch, length, name)


@contextmanager
def intervening(model: nn.Module, changes: Mapping[Spot, Change], batch: int = 1) -> Iterator[None]:
    """Let changes act on one pass of a model.

    Args:
        model: the model.
        changes: what is done with the states of each spot; the model goes on with what it leaves.
        batch: how many texts the pass reads.

    Raises:
        ProofError: if a spot is not reached, or does not return one state for each token.
    """
    turns: Counter[nn.Module] = Counter()
    waiting = {(spot.module, spot.turn): spot for spot in changes}
    name = type(model).__name__

    def visit(module: nn.Module, _args: Any, output: Any) -> Any:
        spot = waiting.pop((module, turns[module]), None)
        turns[module] += 1
        if spot is None:
            return None
        if (state := first_tensor(output)) is None:
            raise ProofError(f"{name}: a {type(module).__name__} returned no states, so there is nothing to change.")
        # A copy of its own, as what it returned may be needed as it was, and contiguous, so that reading it is a view.
        own = state.clone(memory_format=torch.contiguous_format)
        changes[spot](by_text(own, spot.layout, batch, spot.length, name))
        return replace_first_tensor(output, own)

    handles = [module.register_forward_hook(visit) for module in dict.fromkeys(spot.module for spot in changes)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
    if waiting:
        missed = ", ".join(sorted({type(module).__name__ for module, _ in waiting}))
        raise ProofError(f"{name}: {missed} did not run in this pass as often as in the one before, so it was not changed.")
