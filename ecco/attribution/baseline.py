"""What stands for a text that says nothing: one vector in the place of every token's embedding."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ecco.attribution.gradient import Problem, mean_embedding
from ecco.errors import ArgumentError


def baseline_of(problem: Problem, baseline: str | Tensor | np.ndarray, like: Tensor) -> Float[Tensor, "token d_model"]:
    """The vectors of a baseline, one for every token of all streams."""
    if isinstance(baseline, np.ndarray):
        baseline = torch.from_numpy(baseline)
    if isinstance(baseline, Tensor):
        if not bool(torch.isfinite(baseline).all()):
            raise ArgumentError("The baseline holds numbers that are not finite.")
        if baseline.shape != like.shape[-1:]:
            raise ArgumentError(f"The baseline has shape {tuple(baseline.shape)}; expected ({like.shape[-1]},).")
        return baseline.to(like).expand_as(like)
    if baseline == "zero":
        return torch.zeros_like(like)
    if baseline == "mean":
        streams = zip(problem.embeddings, problem.reading.streams.values(), strict=True)
        means = [_mean(embedding, stream.device).to(like).expand(len(stream), -1) for embedding, stream in streams]
        return torch.cat(means)
    raise ArgumentError(f'baseline={baseline!r} is not "mean", "zero" or a vector (d_model,).')


def _mean(embedding: torch.nn.Module, device: torch.device) -> Tensor:
    weight = getattr(embedding, "weight", None)
    if weight is None:
        raise ArgumentError(f"A {type(embedding).__name__} has no table to take the mean of; pass a vector as baseline=.")
    size: Any = getattr(embedding, "num_embeddings", None)  # the table of packed weights has another form
    return mean_embedding(embedding, len(weight) if size is None else size, device)
