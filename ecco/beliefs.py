"""What the states of a run say about the vocabulary: ranks, probabilities, entropies, in pieces of bounded memory.

A *logit lens* (nostalgebraist, "interpreting GPT: the logit lens", 2020): the hidden state after a block goes through
what the model itself does after its last block. Here that is the model's own code (`ecco.readout`). Ranks are counted
(1 + how many logits are larger), never found by sorting the vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ecco.errors import EccoError
from ecco.readout import Readout

# Logits this far below the largest of their row have no share of the probability that a number can hold.
DEEPEST = -1e4

# Bytes of logits that are worked on at once: what a processor has at hand.
BLOCK_BYTES = 2 * 2**20


@dataclass(frozen=True)
class Survey:
    """What some states say at some positions.

    Attributes:
        token_ids: (state, position, topk), likely first.
        shares: (state, position, topk), their probabilities, in 0..1.
        ranks: (state, position), of one token per position: 1 is the most likely.
        probabilities: (state, position), of that token, in 0..1.
        surprisals: (state, position), minus the logarithm of it, in nats.
        entropies: (state, position), of the whole distribution, in nats.
        divergences: (state, position), the Kullback-Leibler divergence of the state's distribution from that of the last
            layer, KL(last || state), in nats.
    """

    token_ids: Int[np.ndarray, "state position topk"]
    shares: Float[np.ndarray, "state position topk"]
    ranks: Int[np.ndarray, "state position"]
    probabilities: Float[np.ndarray, "state position"]
    surprisals: Float[np.ndarray, "state position"]
    entropies: Float[np.ndarray, "state position"]
    divergences: Float[np.ndarray, "state position"]


def survey(
    readout: Readout,
    states: Sequence[Float[Tensor, "token d_model"]],
    last: Float[Tensor, "token d_model"],
    rows: Sequence[int],
    token_ids: Sequence[int],
    topk: int,
) -> Survey:
    """All that a lens shows, of several states at several positions.

    Args:
        readout: proved for this run.
        states: hidden states over the whole sequence, such as those after some layers.
        last: the one after the last layer, from which divergences are measured; it may be one of `states`.
        rows: (position,), where each position is read.
        token_ids: (position,), the token that is ranked at each.
        topk: how many of the most likely tokens are named.

    Raises:
        EccoError: if some logits are not finite.
    """
    order = sorted(range(len(states)), key=lambda i: states[i] is not last)  # read once, though it may be asked for too
    parts: list[list[dict[str, Tensor]]] = [[] for _ in states]
    start = 0
    for group in readout.groups(rows):
        ids = torch.tensor(token_ids[start : start + len(group)])
        start += len(group)
        logits = _at(readout, last, group)
        known = (ids.to(logits.device), *_reference(logits))
        for i in order:
            if states[i] is not last:
                logits = _at(readout, states[i], group)
            for block in _blocks(logits):
                own, *expected = (values[block].to(logits.device) for values in known)
                parts[i].append(_measured(logits[block], own, expected, topk))
    joined = {name: torch.stack([torch.cat([part[name] for part in one]) for one in parts]).numpy() for name in parts[0][0]}
    return Survey(**joined)


def _at(readout: Readout, state: Tensor, rows: Sequence[int]) -> Float[Tensor, "row vocab"]:
    pieces = list(readout.chunks(state[None], rows))
    return pieces[0] if len(pieces) == 1 else torch.cat(pieces)


def _blocks(logits: Float[Tensor, "row vocab"]) -> list[slice]:
    """Rows that are worked on together: a graphics card takes all of them at once."""
    size = max(1, BLOCK_BYTES // (4 * logits.shape[-1])) if logits.device.type == "cpu" else len(logits)
    return [slice(start, start + size) for start in range(0, len(logits), size)]


def _below(logits: Tensor) -> tuple[Float[Tensor, "row vocab"], Float[Tensor, "row 1"]]:
    """Logits relative to the largest of their row, and that one."""
    top = logits.amax(dim=-1, keepdim=True).float()
    return (logits.float() - top).clamp_(min=DEEPEST), top


def _reference(logits: Float[Tensor, "row vocab"]) -> tuple[Tensor, Tensor, Tensor]:
    """The probabilities of the last layer, (row, vocab), the mean of logits relative to the largest, and their log-sum-exp."""
    shares = torch.empty_like(logits, dtype=torch.float32)
    means, log_sums = (logits.new_empty(len(logits), dtype=torch.float32) for _ in range(2))
    for block in _blocks(logits):
        below, _ = _below(logits[block])
        shares[block] = torch.softmax(below, dim=-1)
        means[block], log_sums[block] = _dot(shares[block], below), below.exp().sum(dim=-1).log()
    return shares, means, log_sums


def _measured(logits: Tensor, ids: Tensor, expected: list[Tensor], topk: int) -> dict[str, Tensor]:
    """The fields of a survey, of one state at some positions; `expected` is the last layer's `_reference`."""
    shares, means, last_log_sums = expected
    below, top = _below(logits)
    weights = below.exp()
    sums = weights.sum(dim=-1)
    log_sums = sums.log()
    totals = _finite(top[:, 0] + log_sums)
    best = top_of(logits, topk)
    surprisals = (totals - logits.gather(1, ids[:, None])[:, 0].float()).clamp_(min=0)
    found = {
        "token_ids": best.indices,
        "shares": torch.exp(best.values - totals[:, None]),
        "ranks": rank_of(logits, ids),
        "probabilities": torch.exp(-surprisals),
        "surprisals": surprisals,
        "entropies": (log_sums - _dot(weights, below) / sums).clamp_(0, math.log(logits.shape[-1])),
        "divergences": ((means - _dot(shares, below)) + (log_sums - last_log_sums)).clamp_(min=0),
    }
    return {name: values.cpu() for name, values in found.items()}


def _dot(a: Float[Tensor, "row vocab"], b: Float[Tensor, "row vocab"]) -> Float[Tensor, "row"]:
    """Sums of products, row by row, without a tensor of the products."""
    return torch.bmm(a[:, None], b[:, :, None])[:, 0, 0]


def rank_tokens(
    readout: Readout, hidden: Float[Tensor, "layer position d_model"], rows: Sequence[int], token_ids: Sequence[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rank and probability of one token per row, and the best token, after every layer.

    Args:
        readout: proved for this run.
        hidden: (layer, position, d_model).
        rows: (column,), the positions whose hidden states are read.
        token_ids: (column,), the token to rank at each.

    Returns:
        ranks, probabilities and best ids, each (layer, column).
    """
    positions = list(dict.fromkeys(rows))
    per_row: dict[int, list[int]] = {p: [] for p in positions}
    for column, row in enumerate(rows):
        per_row[row].append(column)
    ranks, probabilities, best = (np.zeros((len(hidden), len(rows)), dtype) for dtype in (np.int64, np.float32, np.int64))
    start = 0
    for logits in readout.chunks(hidden, positions):
        pairs = [  # (row of this chunk, layer, column)
            (k, (start + k) // len(positions), column)
            for k in range(len(logits))
            for column in per_row[positions[(start + k) % len(positions)]]
        ]
        start += len(logits)
        at = torch.tensor([k for k, _, _ in pairs], device=logits.device)
        ids = torch.tensor([token_ids[c] for _, _, c in pairs], device=logits.device)
        where = ([layer for _, layer, _ in pairs], [column for _, _, column in pairs])
        # Every row once as a view where each has one token, as in rankings(); a copy only where several share a row.
        whole = logits if len(at) == len(logits) else logits[at]
        ranks[where] = rank_of(whole, ids).cpu().numpy()
        probabilities[where] = torch.exp(logits[at, ids].float() - log_total(logits)[at]).cpu().numpy()
        best[where] = logits.argmax(dim=-1)[at].cpu().numpy()
    return ranks, probabilities, best


def rank_of(logits: Float[Tensor, "row vocab"], ids: Int[Tensor, "row"]) -> Int[Tensor, "row"]:
    """The rank of one token in every row; equal logits share the better one."""
    return 1 + (logits > logits.gather(1, ids[:, None])).sum(dim=-1)


def top_of(logits: Float[Tensor, "row vocab"], topk: int) -> torch.return_types.topk:
    """The largest logits of every row."""
    return logits.float().topk(min(topk, logits.shape[-1]), dim=-1)


def top_tokens(
    readout: Readout, hidden: Float[Tensor, "layer position d_model"], row: int, topk: int
) -> tuple[np.ndarray, np.ndarray]:
    """The most likely tokens at one position after every layer: ids and probabilities, each (layer, topk)."""
    ids, probabilities = [], []
    for logits in readout.chunks(hidden, [row]):
        top = top_of(logits, topk)
        ids.append(top.indices.cpu())
        probabilities.append(torch.exp(top.values - log_total(logits)[:, None]).cpu())
    return torch.cat(ids).numpy(), torch.cat(probabilities).numpy()


def log_total(logits: Float[Tensor, "row vocab"]) -> Float[Tensor, "row"]:
    """The logarithm of the sum of the exponentials, in float32.

    Raises:
        EccoError: if a row holds NaN or +inf, so that neither ranks nor probabilities mean anything.
    """
    return _finite(torch.logsumexp(logits.float(), dim=-1))


def _finite(total: Float[Tensor, "row"]) -> Float[Tensor, "row"]:
    if not bool(torch.isfinite(total).all()):
        raise EccoError(
            "Some logits are not finite, so they cannot be ranked. In half precision a hidden state can overflow; "
            "load the model with dtype=torch.float32."
        )
    return total
