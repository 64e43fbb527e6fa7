"""From a hidden state to the model's own prediction, by *tail replay*.

Nothing of the model is rebuilt. The `forward` of every block is stubbed so that it returns the hidden state under study,
and the model's own forward runs: whatever follows the blocks (norm, projection, transform, scale, soft cap, bias) is the
model's code. At first use with a run the replay of the last block's output must give the model's logits; otherwise it is
refused.

Two forms: *flat* puts every hidden state into its own sequence of length 1, so that only wanted positions are
projected; *full* replays whole sequences, for the few models whose tail looks at more than one position.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from ecco.anatomy import Stack
from ecco.errors import ProofError
from ecco.forward import call, deviation, first_tensor, logits_of, replace_first_tensor, tolerance, undisturbed

# Bytes of logits that one step of a readout may hold.
CHUNK_BYTES = 64 * 2**20


class Readout:
    """Reads hidden states of one run of one model."""

    def __init__(self, model: nn.Module, stack: Stack, input_ids: Int[Tensor, "position"]) -> None:
        self._model = model
        self._stack = stack
        self._input_ids = input_ids
        self._flat: bool | None = None  # unknown until proved

    @property
    def flat(self) -> bool:
        """Whether every hidden state can be read by itself, which was proved."""
        return bool(self._flat)

    def prove(self, hidden: Float[Tensor, "position d_model"], positions: Sequence[int], logits: Tensor) -> None:
        """Choose the form that reproduces the model's logits from the output of its last block.

        Args:
            hidden: (position, d_model), the output of the last block over the whole sequence.
            positions: where `logits` were read.
            logits: (row, vocab), the model's own.

        Raises:
            ProofError: if neither form does.
        """
        errors: dict[str, str] = {}
        for flat in (True, False):
            self._flat = flat
            try:
                replayed = torch.cat([rows.detach() for rows in self.chunks(hidden[None], positions)])
            except torch.OutOfMemoryError:
                raise
            except (RuntimeError, ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
                errors["flat" if flat else "full"] = f"{type(error).__name__}: {error}"
                continue
            if (difference := deviation(replayed, logits)) <= tolerance(logits.dtype):
                return
            errors["flat" if flat else "full"] = f"differs by {difference:.2g} of the largest logit"
        self._flat = None
        raise ProofError(
            f"{type(self._model).__name__}: replaying what follows its blocks ({self._stack.name}) does not reproduce "
            f"its own logits ({'; '.join(f'{form}: {why}' for form, why in errors.items())}). What its layers "
            "believe cannot be read reliably, so it is not shown."
        )

    def chunks(
        self, hidden: Float[Tensor, "state position d_model"], positions: Sequence[int], *, gradients: bool = False
    ) -> Iterator[Float[Tensor, "row vocab"]]:
        """The logits of `hidden` at `positions`, state by state, in pieces of bounded memory.

        Args:
            hidden: (state, position, d_model): any number of hidden states of this run's sequence, such as its layers.
            positions: which positions to read, for every state.
            gradients: keep the way back from the logits to `hidden`.

        Yields:
            (row, vocab); all pieces joined are (state * position, vocab), the positions of the first state first.
        """
        if self._flat is None:
            raise RuntimeError("Readout.prove comes first")
        device = hidden.device
        rows = hidden[:, torch.tensor(positions, device=device)].flatten(0, 1) if self._flat else hidden
        step = self._step(len(positions))
        for start in range(0, rows.shape[0], step):
            piece = rows[start : start + step]
            with undisturbed(self._model, gradients=gradients):
                logits = self._read(piece, positions)
            yield logits

    def _read(self, piece: Tensor, positions: Sequence[int]) -> Float[Tensor, "row vocab"]:
        if self._flat:
            return self._replay(piece[:, None], self._input_ids[:1].expand(len(piece), 1))[:, 0]
        logits = self._replay(piece, self._input_ids.expand(len(piece), -1))
        return logits[:, torch.tensor(positions, device=logits.device)].flatten(0, 1)

    def _step(self, n_positions: int) -> int:
        config = self._model.config.get_text_config(decoder=True)  # type: ignore[union-attr]
        row = 4 * int(getattr(config, "vocab_size", 2**17))
        if self._flat:
            return max(1, CHUNK_BYTES // row)
        return max(1, CHUNK_BYTES // (row * len(self._input_ids)))

    def _replay(self, hidden: Tensor, input_ids: Tensor) -> Tensor:
        with stubbed(self._stack, hidden):
            return logits_of(call(self._model, input_ids))


@contextmanager
def stubbed(stack: Stack, hidden: Tensor) -> Iterator[None]:
    """Let every block return `hidden`, in the structure that it returned during the probe.

    Hooks on the blocks rest meanwhile: what they did is already in the hidden state.
    """
    turn = iter(range(10**9))
    templates = stack.templates

    def forward(*_args: Any, **_kwargs: Any) -> Any:
        template = templates[min(next(turn), len(templates) - 1)]
        like = first_tensor(template)
        state = hidden if like is None else hidden.to(like.device)
        return replace_first_tensor(template, state)

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
