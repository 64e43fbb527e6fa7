"""The blocks of a text run again, each on the input that it had and with its norms frozen.

What is changed in one block then reaches no other, and what a block writes is linear in the heads of its attention and in
the neurons of its FFN, also where a gate or a norm follows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ecco.devices import in_double
from ecco.forward import first_tensor, replace_first_tensor, tolerance, undisturbed
from ecco.frozen import FrozenNorms
from ecco.halves import Halves, halves_in_pass
from ecco.run import Run

# By how much, relative to the largest of them, parts may miss their sum in float32.
ERROR = 1e-3


class Rerun:
    """The blocks of one text that lead to the logits, ready to be run again.

    Attributes:
        run: the text.
        reading: what is run of it.
        model: the model.
        stack: the blocks.
        plain: what they write when nothing is changed.

    Args:
        run: the text.
        position: the position whose prediction is explained. Where every position was read in a pass of its own, what
            stood before it is run.
    """

    def __init__(self, run: Run, position: int) -> None:
        self.run = run
        self.reading = run.reading.until(position) if run.flow.by_prefix else run.reading
        self._row = self.reading.row(position)
        self.model, self.stack = run.loaded.model, run.loaded.anatomy.blocks
        self._splits, self._frozen = run.splits, FrozenNorms()
        self._inputs: list[Tensor] = []
        self.plain = self.halves()

    def halves(
        self,
        changes: AbstractContextManager[Any] | None = None,
        *,
        gradients: bool = False,
        inputs: list[Tensor] | None = None,
    ) -> Halves:
        """What attention and FFN of every block write, while `changes` are active.

        Args:
            changes: to the pass.
            gradients: keep the way back from what they write.
            inputs: gets the inputs of the blocks, where the way back ends.
        """
        self._frozen.again()
        # What acts on the model acts first, so that `changes` see neurons as it left them.
        with undisturbed(self.model, gradients=gradients), self._frozen, self._pinned(inputs), changes or nullcontext():
            return halves_in_pass(self.model, self.stack, self._splits, self.reading, [self._row], gradients=gradients)[0]

    @contextmanager
    def _pinned(self, inputs: list[Tensor] | None) -> Iterator[None]:
        """Give every block the input that it had in the first run."""
        known, calls = len(self._inputs), 0

        def before(_block: nn.Module, args: Any, kwargs: dict[str, Any]) -> Any:
            nonlocal calls
            place, calls = calls, calls + 1
            given = args if first_tensor(args) is not None else kwargs
            if not known:
                state = first_tensor(given)
                assert state is not None, "a block reads a hidden state"
                self._inputs.append(state.detach().clone())
            # A copy, because some models change it in place (so it is no leaf); a graph of its own for every block.
            copy = self._inputs[place].clone()
            if inputs is not None:
                inputs.append(copy.requires_grad_())
                copy = copy * 1
            pinned = replace_first_tensor(given, copy)
            return (pinned, kwargs) if given is args else (args, pinned)

        handles = [block.register_forward_pre_hook(before, with_kwargs=True) for block in self.stack.modules]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()


def given(states: Float[Tensor, "layer token d_model"], slope: Float[Tensor, "_ d_model"]) -> Float[Tensor, "layer"]:
    """What the states of every layer give to a number that is linear in them; their tokens are the first of the slope's."""
    return (in_double(states) * in_double(slope[: states.shape[1]])).sum(dim=(1, 2))


def same(error: float, found: float, expected: float, parts: Sequence[float] = ()) -> bool:
    """Whether a number is the one expected, up to an error as `bound` gives it; `parts` are what it was added up of."""
    return abs(found - expected) <= error * max(1.0, abs(expected), *map(abs, parts))


def at_random(numbers: Float[Tensor, "*shape"], chance: torch.Generator) -> Float[Tensor, "*shape"]:
    """Random numbers as large as these."""
    size = numbers.detach().float().pow(2).mean().sqrt().to(numbers)
    return torch.randn(numbers.shape, generator=chance).to(numbers) * size


def bound(run: Run) -> float:
    """By how much parts may miss their sum, as a share of the largest."""
    return max(ERROR, tolerance(run.flow.hidden.dtype, run.loaded.model))
