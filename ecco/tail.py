"""What follows the last block, with the statistics of its norms frozen: a linear map from the last states to the logits.

That it is linear is proved at every use: with the statistics frozen, a state of zeros and a random state must give what a
linear map gives.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from ecco.devices import in_double
from ecco.errors import ProofError
from ecco.forward import deviation, undisturbed
from ecco.frozen import FrozenNorms
from ecco.halves import adds_up
from ecco.rerun import bound
from ecco.run import Run


class Tail:
    """What follows the last block, at one row of one text.

    Args:
        run: the text.
        row: where logits are read.

    Raises:
        ProofError: if the last state is not the sum of what the blocks add.
    """

    def __init__(self, run: Run, row: int) -> None:
        name, halves = type(run.loaded.model).__name__, run.halves
        if not all(adds_up([end], start) for end, start in zip(run.flow.hidden[:-1], halves.inputs[1:], strict=True)):
            raise ProofError(
                f"{name}: its layers are not given what those before them returned, so no parts add up to a logit."
            )
        # Proved once: with weights that move, it would be proved again while norms are frozen.
        self._run, self._row, self._readout, self._frozen = run, row, run.readout, FrozenNorms()
        self._state = run.flow.hidden[-1:].detach().clone()
        (self.logits,) = self._read(self._state)
        chance = torch.Generator().manual_seed(0)
        size = self._state.norm(dim=-1, keepdim=True) / self._state.shape[-1] ** 0.5
        self._other = torch.randn(self._state.shape, generator=chance).to(self._state) * size
        tried = torch.cat([torch.zeros_like(self._state), self._other, self._state + self._other])
        self._nothing, self._of_other, self._of_both = self._read(tried)

    def _read(self, states: Float[Tensor, "state token d_model"], gradients: bool = False) -> Float[Tensor, "state vocab"]:
        pieces, found = self._readout.chunks(states, [self._row], gradients=gradients), []
        while sum(map(len, found)) < len(states):
            self._frozen.again()
            with self._frozen:
                found.append(next(pieces))
        return torch.cat(found)

    def slope(self, token_id: int, against_id: int | None) -> tuple[Float[Tensor, "token d_model"], float]:
        """The logit of a token, or the difference of two, as a linear function of the last states.

        Returns:
            Its slopes, and what states of zeros give.

        Raises:
            ProofError: if it is no such function.
        """

        def value(logits: Float[Tensor, " vocab"]) -> Float[Tensor, ""]:
            found = in_double(logits[token_id])
            return found if against_id is None else found - in_double(logits[against_id])

        with undisturbed(self._run.loaded.model, gradients=True):
            leaf = self._state.clone().requires_grad_()
            (slope,) = torch.autograd.grad(value(self._read(leaf, gradients=True)[0]), leaf)
        bias = float(value(self._nothing))
        for states, logits in ((self._state, self.logits), (self._other, self._of_other)):
            each = in_double(slope) * in_double(states)
            largest = max(1.0, float(each.abs().sum()) + abs(bias))
            if not abs(float(value(logits)) - float(each.sum()) - bias) <= bound(self._run) * largest:
                raise self._refusal()
        return slope[0], bias

    def effects(self, directions: Float[Tensor, "direction d_model"], at: int) -> Float[Tensor, "direction vocab"]:
        """What directions in the stream, at one token of it, add to the logit of every token.

        Raises:
            ProofError: if the logits are no linear function of the stream.
        """
        if not deviation(self.logits + self._of_other - self._nothing, self._of_both) <= bound(self._run):
            raise self._refusal()
        states = self._state.new_zeros(len(directions), *self._state.shape[1:])
        states[:, at] = directions.to(states)
        return self._read(states) - self._nothing

    def _refusal(self) -> ProofError:
        return ProofError(
            f"{type(self._run.loaded.model).__name__}: what follows its last layer is not linear, even with its norm frozen "
            "(it may cap its logits or transform the state), so a logit is not the sum of what its parts give."
        )
