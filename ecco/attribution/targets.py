"""What is explained: one number per explained position, a function of the model's logits there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import accumulate

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ecco.errors import ArgumentError

Rows = Float[Tensor, "row vocab"]


def _logit(logits: Rows, ids: Int[Tensor, "row"]) -> Float[Tensor, "row"]:
    return logits.gather(1, ids[:, None])[:, 0]


def _logprob(logits: Rows, ids: Int[Tensor, "row"]) -> Float[Tensor, "row"]:
    return _logit(logits, ids) - logits.logsumexp(dim=-1)


def _probability(logits: Rows, ids: Int[Tensor, "row"]) -> Float[Tensor, "row"]:
    return _logprob(logits, ids).exp()


def _entropy(logits: Rows, _ids: Int[Tensor, "row"]) -> Float[Tensor, "row"]:
    log_p = logits.log_softmax(dim=-1)
    return -(log_p.exp() * log_p.nan_to_num(neginf=0.0)).sum(dim=-1)


# Name -> what it computes from logits and token ids. Units: logits and nats; a probability lies in 0..1.
QUANTITIES: dict[str, Callable[[Rows, Int[Tensor, "row"]], Float[Tensor, "row"]]] = {
    "logit": _logit,
    "logprob": _logprob,
    "probability": _probability,
    "entropy": _entropy,
}

# What several tokens have together is the sum over them.
SUMMED = ("logit", "logprob")

QUANTITY_NAMES = {"logit": "logit", "logprob": "log-probability", "probability": "probability", "entropy": "entropy"}


@dataclass(frozen=True)
class Target:
    """What is explained: a number at every position asked for, or the sum of the numbers at several of them.

    Attributes:
        quantity: a key of `QUANTITIES`.
        positions: (row,), the positions explained, ascending.
        token_ids: (row,), the token explained at each.
        against: a token whose quantity is subtracted ("London rather than Manchester"), or None.
        sizes: (target,), how many rows that follow one another are summed to each target; empty: each row is one.
    """

    quantity: str
    positions: tuple[int, ...]
    token_ids: tuple[int, ...]
    against: int | None = None
    sizes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.quantity not in QUANTITIES:
            raise ArgumentError(f"target={self.quantity!r} is not one of {', '.join(map(repr, QUANTITIES))}.")
        if any(size > 1 for size in self.sizes) and self.quantity not in SUMMED:
            raise ArgumentError(
                f'The {QUANTITY_NAMES[self.quantity]} of several tokens is not the sum of theirs; use target="logprob", whose '
                "sum is the log-probability of them all."
            )
        if any(size > 1 for size in self.sizes) and self.against is not None:
            raise ArgumentError("against= names one token, so it goes with a target of one token, not of several.")
        if self.quantity == "entropy" and self.against is not None:
            raise ArgumentError('The entropy belongs to no token, so it has no against=; use target="logit".')

    @property
    def spans(self) -> list[range]:
        """The rows of each target."""
        stops = list(accumulate(self.sizes or [1] * len(self.positions)))
        return [range(start, stop) for start, stop in zip([0, *stops], stops, strict=False)]

    def sums(self, values: Float[Tensor, "step row"]) -> Float[Tensor, "step target"]:
        """The numbers of the rows of each target together."""
        return torch.stack([values[:, span.start : span.stop].sum(dim=1) for span in self.spans], dim=1)

    @property
    def pairs(self) -> list[tuple[int, int | None]]:
        """Every position and the token explained there; the entropy belongs to none."""
        ids = [None if self.quantity == "entropy" else i for i in self.token_ids]
        return list(zip(self.positions, ids, strict=True))

    def split(self) -> list[Target]:
        """Every target alone."""
        return [self._part(rows, (len(rows),) if self.sizes else ()) for rows in self.spans]

    def rows(self) -> list[Target]:
        """Every row as a target of its own."""
        return [self._part(range(row, row + 1)) for row in range(len(self.positions))]

    def _part(self, rows: range, sizes: tuple[int, ...] = ()) -> Target:
        chosen = slice(rows.start, rows.stop)
        return replace(self, positions=self.positions[chosen], token_ids=self.token_ids[chosen], sizes=sizes)

    def values(self, logits: Rows, which: Int[Tensor, "row"]) -> Float[Tensor, "row"]:
        """The explained number of each row.

        Args:
            logits: (row, vocab).
            which: (row,), the number of the position that each row belongs to.
        """
        logits = logits.float() if logits.dtype in (torch.float16, torch.bfloat16) else logits
        measure = QUANTITIES[self.quantity]
        ids = torch.tensor(self.token_ids, device=logits.device)[which.to(logits.device)]
        value = measure(logits, ids)
        return value if self.against is None else value - measure(logits, torch.full_like(ids, self.against))
