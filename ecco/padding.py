"""Arrays of several texts as one: shorter ones are filled up at their end."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

AttentionValues = Float[Tensor, "batch layer head query key"]


def joined(weights: list[Tensor]) -> AttentionValues:
    """The weights of several texts as one tensor, filled up with 0."""
    queries, keys = (max(w.shape[axis] for w in weights) for axis in (2, 3))
    return torch.stack([nn.functional.pad(w, (0, keys - w.shape[3], 0, queries - w.shape[2])) for w in weights])


def stacked(states: list[Tensor]) -> Float[Tensor, "batch layer token d_model"]:
    """The states of several texts as one tensor, filled up with 0."""
    return padded([hidden.transpose(0, 1).cpu() for hidden in states], 0).transpose(1, 2)


def padded(tensors: list[Tensor], fill: int) -> Tensor:
    """Tensors stacked along a new first axis, the second filled up at its end."""
    longest = max(len(t) for t in tensors)
    out = tensors[0].new_full((len(tensors), longest, *tensors[0].shape[1:]), fill)
    for row, tensor in zip(out, tensors, strict=True):
        row[: len(tensor)] = tensor
    return out
