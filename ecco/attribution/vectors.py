"""What a method of attribution computes: a vector for every target and token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Vectors:
    """What a method computed.

    Attributes:
        vectors: (target, token, d_model), in float32; the tokens of all streams, one after the other. Of methods that give
            one number per token (target, token, 1).
        values: (target,), the explained number.
        completeness_error: (target,), how far the signed sum of all scores is from the difference that it should
            explain, relative to that difference; None for methods that promise no completeness.
        standard_error: (target, token), of the signed scores of methods that draw by chance; None for others.
        note: what the reader must know, or None.
        residual: (target,), the explained number minus the signed sum of all scores, of methods that distribute the number
            itself: what biases and positions contribute. None for others.
    """

    vectors: Float[Tensor, "target token d_model"]
    values: Float[np.ndarray, "target"]
    completeness_error: Float[np.ndarray, "target"] | None = None
    standard_error: Float[np.ndarray, "target token"] | None = None
    note: str | None = None
    residual: Float[np.ndarray, "target"] | None = None


def join(parts: Sequence[Vectors], spans: Sequence[range]) -> Vectors:
    """The vectors of several rows as those of targets; a row that saw fewer tokens has zeros for the others.

    Args:
        parts: one for each row.
        spans: (target,), the rows that are summed to each target. Its completeness error is the largest of theirs.
    """
    longest = max(part.vectors.shape[1] for part in parts)
    vectors = torch.cat([torch.nn.functional.pad(p.vectors, (0, 0, 0, longest - p.vectors.shape[1])) for p in parts])
    values = np.concatenate([p.values for p in parts])
    errors = [p.completeness_error for p in parts if p.completeness_error is not None]
    every = np.concatenate(errors) if errors else None
    residuals = [p.residual for p in parts if p.residual is not None]
    left = np.concatenate(residuals) if residuals else None
    drawn = any(part.standard_error is not None for part in parts)
    squares = np.zeros((len(parts), longest))
    for row, part in enumerate(parts):
        if part.standard_error is not None:
            squares[row, : part.vectors.shape[1]] = part.standard_error[0] ** 2
    rows = [slice(span.start, span.stop) for span in spans]
    return Vectors(
        torch.stack([vectors[r].sum(dim=0) for r in rows]),
        np.array([values[r].sum() for r in rows]),
        None if every is None else np.array([every[r].max() for r in rows]),
        np.stack([np.sqrt(squares[r].sum(axis=0)) for r in rows]) if drawn else None,
        next((p.note for p in parts if p.note), None),
        None if left is None else np.array([left[r].sum() for r in rows]),
    )


def completeness(sums: Float[np.ndarray, "target"], differences: Float[np.ndarray, "target"]) -> Float[np.ndarray, "target"]:
    """How far sums of scores are from the differences that they should explain, relative to these."""
    return np.abs(sums - differences) / np.maximum(np.abs(differences), 1e-6)
