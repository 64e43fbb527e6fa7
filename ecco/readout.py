"""From a hidden state to the model's own prediction, by *tail replay*.

Nothing of the model is rebuilt. The `forward` of every block is stubbed so that it returns the hidden state under study,
and the model's own forward runs: whatever follows the blocks (norm, projection, transform, scale, soft cap, bias) is the
model's code. At first use with a run the replay of the last block's output must give the model's logits; otherwise it is
refused.

Two forms: *flat* puts every hidden state into its own sequence of length 1, so that only wanted positions are
projected; *full* replays whole sequences, for the few models whose tail looks at more than one position.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from transformers.modeling_outputs import BaseModelOutput

from ecco.anatomy import Anatomy
from ecco.errors import ModelError, ProofError
from ecco.forward import call, deviation, first_tensor, logits_of, tolerance, undisturbed
from ecco.reading import Reading
from ecco.stack import stubbed

# Bytes of logits that one step of a readout may hold.
CHUNK_BYTES = 64 * 2**20


class Readout:
    """Reads hidden states of one run of one model."""

    def __init__(self, model: nn.Module, anatomy: Anatomy, reading: Reading) -> None:
        self._model = model
        self._anatomy = anatomy
        self._stack = anatomy.blocks
        self._reading = reading
        self._flat: bool | None = None  # unknown until proved
        self._width = 1

    @property
    def flat(self) -> bool:
        """Whether every hidden state can be read by itself, which was proved."""
        return bool(self._flat)

    def prove(self, hidden: Float[Tensor, "token d_model"], rows: Sequence[int], logits: Tensor) -> None:
        """Choose the form that reproduces the model's logits from the output of its last block.

        Args:
            hidden: (token, d_model), the output of the last block over the whole sequence.
            rows: where `logits` were read.
            logits: (row, vocab), the model's own.

        Raises:
            ProofError: if neither form does.
        """
        errors: dict[str, str] = {}
        self._width = logits.shape[-1]
        for flat in (True, False):
            self._flat = flat
            try:
                replayed = torch.cat([piece.detach() for piece in self.chunks(hidden[None], rows)])
            except torch.OutOfMemoryError:
                raise
            except (ModelError, RuntimeError, ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
                errors["flat" if flat else "full"] = f"{type(error).__name__}: {error}"
                continue
            if (difference := deviation(replayed, logits)) <= tolerance(logits.dtype, self._model):
                return
            errors["flat" if flat else "full"] = f"differs by {difference:.2g} of the largest logit"
        self._flat = None
        raise ProofError(
            f"{type(self._model).__name__}: replaying what follows its blocks ({self._stack.name}) does not reproduce "
            f"its own logits ({'; '.join(f'{form}: {why}' for form, why in errors.items())}). What its layers "
            "believe cannot be read reliably, so it is not shown."
        )

    def chunks(
        self, hidden: Float[Tensor, "state token d_model"], rows: Sequence[int], *, gradients: bool = False
    ) -> Iterator[Float[Tensor, "row vocab"]]:
        """The logits of `hidden` at `rows`, state by state, in pieces of bounded memory.

        Args:
            hidden: (state, token, d_model): any number of hidden states of this run's sequence, such as its layers.
            rows: which tokens to read, for every state (`Reading.row` of a position).
            gradients: keep the way back from the logits to `hidden`.

        Yields:
            (row, vocab); all pieces joined are (state * row, vocab), the rows of the first state first.
        """
        if self._flat is None:
            raise RuntimeError("Readout.prove comes first")
        device = hidden.device
        states = hidden[:, torch.tensor(rows, device=device)].flatten(0, 1) if self._flat else hidden
        step = self._step()
        for start in range(0, states.shape[0], step):
            piece = states[start : start + step]
            with undisturbed(self._model, gradients=gradients):
                logits = self._read(piece, rows)
            yield logits

    def groups(self, rows: Sequence[int]) -> Iterator[Sequence[int]]:
        """Rows in groups, each of which `chunks` reads in one piece for one state."""
        size = self._step() if self._flat else len(rows)
        return (rows[start : start + size] for start in range(0, len(rows), size))

    def _read(self, piece: Tensor, rows: Sequence[int]) -> Float[Tensor, "row vocab"]:
        if self._flat:
            return self._replay(piece[:, None], self._short_inputs(len(piece)))[:, 0]
        logits = self._replay(piece, self._reading.inputs(len(piece)))
        return logits[:, torch.tensor(rows, device=logits.device)].flatten(0, 1)

    def _short_inputs(self, batch: int) -> dict[str, Any]:
        """Sequences of one token each; what the blocks would read of an encoder does not matter, as they are stubbed."""
        inputs: dict[str, Any] = {name: ids[:, :1] for name, ids in self._reading.inputs(batch).items()}
        if self._anatomy.encoder is not None:
            source = inputs.pop("input_ids")
            state = first_tensor(self._anatomy.encoder.templates[-1])
            nothing = torch.zeros(batch, 1, self._anatomy.encoder.d_model, dtype=state.dtype, device=source.device)  # type: ignore[union-attr]
            inputs["encoder_outputs"] = BaseModelOutput(last_hidden_state=nothing)
        return inputs

    def _step(self) -> int:
        row = 4 * self._width
        if self._flat:
            return max(1, CHUNK_BYTES // row)
        *_, last = self._reading.streams.values()
        return max(1, CHUNK_BYTES // (row * len(last)))

    def _replay(self, hidden: Tensor, inputs: dict[str, Any]) -> Tensor:
        with stubbed(self._stack, hidden):
            return logits_of(call(self._model, inputs))
