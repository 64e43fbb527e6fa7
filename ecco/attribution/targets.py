"""What is explained: one number per explained position, a function of the model's logits there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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

QUANTITY_NAMES = {"logit": "logit", "logprob": "log-probability", "probability": "probability", "entropy": "entropy"}


@dataclass(frozen=True)
class Target:
    """What is explained at every position asked for.

    Attributes:
        quantity: a key of `QUANTITIES`.
        positions: (target,), the positions explained, ascending.
        token_ids: (target,), the token explained at each.
        against: a token whose quantity is subtracted ("London rather than Manchester"), or None.
    """

    quantity: str
    positions: tuple[int, ...]
    token_ids: tuple[int, ...]
    against: int | None = None

    def __post_init__(self) -> None:
        if self.quantity not in QUANTITIES:
            raise ArgumentError(f"target={self.quantity!r} is not one of {', '.join(map(repr, QUANTITIES))}.")
        if self.quantity == "entropy" and self.against is not None:
            raise ArgumentError('The entropy belongs to no token, so it has no against=; use target="logit".')

    @property
    def pairs(self) -> list[tuple[int, int | None]]:
        """Every position and the token explained there; the entropy belongs to none."""
        ids = [None if self.quantity == "entropy" else i for i in self.token_ids]
        return list(zip(self.positions, ids, strict=True))

    def split(self) -> list[Target]:
        """The same, one position each."""
        pairs = zip(self.positions, self.token_ids, strict=True)
        return [Target(self.quantity, (position,), (token_id,), self.against) for position, token_id in pairs]

    def values(self, logits: Rows, which: Int[Tensor, "row"]) -> Float[Tensor, "row"]:
        """The explained number of each row.

        Args:
            logits: (row, vocab).
            which: (row,), the index of the target that each row belongs to.
        """
        logits = logits.float() if logits.dtype in (torch.float16, torch.bfloat16) else logits
        measure = QUANTITIES[self.quantity]
        ids = torch.tensor(self.token_ids, device=logits.device)[which.to(logits.device)]
        value = measure(logits, ids)
        return value if self.against is None else value - measure(logits, torch.full_like(ids, self.against))
