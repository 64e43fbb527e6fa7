"""The table of attribution methods.

A method takes a problem and gives, for every target, one vector per token read: (target, token, d_model). How a vector
becomes a score (its L2 norm, or the signed sum of its entries) is `ecco.attribution.scores`' business.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ecco.attribution.gradient import Problem, embed, gauss_legendre, gradients, mean_embedding, values_at
from ecco.errors import ArgumentError

# Completeness errors above this share of the explained difference are warned about.
LARGE_ERROR = 0.05


class CompletenessWarning(UserWarning):
    """The scores do not sum to what they should explain."""


@dataclass(frozen=True)
class Vectors:
    """What a method computed.

    Attributes:
        vectors: (target, token, d_model), in float32; the tokens of all streams, one after the other.
        values: (target,), the explained number.
        completeness_error: (target,), how far the signed sum of all scores is from the difference that it should
            explain, relative to that difference; None for methods that promise no completeness.
    """

    vectors: Float[Tensor, "target token d_model"]
    values: Float[np.ndarray, "target"]
    completeness_error: Float[np.ndarray, "target"] | None = None


def join(parts: Sequence[Vectors], spans: Sequence[range]) -> Vectors:
    """The vectors of several rows as those of targets; a row that saw fewer tokens has zeros for the others.

    Args:
        parts: one for each row.
        spans: (target,), the rows that are summed to each target. Its completeness error is the largest of theirs.
    """
    longest = max(part.vectors.shape[1] for part in parts)
    padded = [torch.nn.functional.pad(p.vectors, (0, 0, 0, longest - p.vectors.shape[1])) for p in parts]
    vectors, values = torch.cat(padded), np.concatenate([p.values for p in parts])
    errors = [p.completeness_error for p in parts if p.completeness_error is not None]
    every = np.concatenate(errors) if errors else None
    rows = [slice(span.start, span.stop) for span in spans]
    return Vectors(
        torch.stack([vectors[r].sum(dim=0) for r in rows]),
        np.array([values[r].sum() for r in rows]),
        None if every is None else np.array([every[r].max() for r in rows]),
    )


@dataclass(frozen=True)
class Method:
    """One row of the table.

    Attributes:
        label: what figures call it.
        compute: the computation.
        signed: whether the signed sum over d_model means something.
    """

    label: str
    compute: Callable[..., Vectors]
    signed: bool


def gradient(problem: Problem) -> Vectors:
    """The gradient of the explained number toward each embedding (Simonyan et al. 2013, arXiv 1312.6034)."""
    found = gradients(problem, embed(problem)[None], [1.0])
    return Vectors(found.vectors, found.values[0].float().cpu().numpy())


def grad_x_input(problem: Problem) -> Vectors:
    """Gradient times embedding, entry by entry (Shrikumar et al. 2016, arXiv 1605.01713).

    The signed sum is a first-order estimate of what the token adds against a zero embedding.
    """
    points = embed(problem)
    found = gradients(problem, points[None], [1.0])
    return Vectors(found.vectors * points.float(), found.values[0].float().cpu().numpy())


def integrated_gradients(problem: Problem, n_steps: int = 50, baseline: str | Tensor | np.ndarray = "mean") -> Vectors:
    """The gradient averaged on the straight way from a baseline, times the difference.

    Source: Sundararajan et al. 2017, arXiv 1703.01365.

    Args:
        problem: what is explained.
        n_steps: points of the Gauss-Legendre quadrature.
        baseline: `"mean"` (the mean embedding of the vocabulary), `"zero"`, or a vector (d_model,). From a zero
            embedding models with RMSNorm do not reach completeness: their output jumps right beside it.

    Warns:
        CompletenessWarning: if the scores miss the explained difference by more than 5 %.
    """
    if isinstance(n_steps, bool) or not isinstance(n_steps, int | np.integer) or n_steps < 1:
        raise ArgumentError(f"n_steps={n_steps!r} must be an integer of at least 1.")
    end = embed(problem)
    start = _baseline(problem, baseline, end)
    alphas, weights = gauss_legendre(int(n_steps))
    way = torch.tensor(alphas, device=end.device, dtype=end.dtype)[:, None, None]
    found = gradients(problem, start + way * (end - start), weights)
    vectors = found.vectors * (end - start).float()
    at_end, at_start = (v.float().cpu().numpy() for v in values_at(problem, torch.stack([end, start])))
    difference = at_end - at_start
    missed = np.abs(vectors.sum(dim=(1, 2)).cpu().numpy() - difference)
    error = missed / np.maximum(np.abs(difference), 1e-6)
    if (worst := float(error.max())) > LARGE_ERROR:
        warnings.warn(
            f"Integrated gradients miss the explained difference by up to {worst:.0%}; more steps (n_steps={2 * n_steps}) "
            "or another baseline may help.",
            CompletenessWarning,
            stacklevel=2,
        )
    return Vectors(vectors, at_end, error)


def _baseline(problem: Problem, baseline: str | Tensor | np.ndarray, like: Tensor) -> Float[Tensor, "token d_model"]:
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


METHODS: dict[str, Method] = {
    "grad_x_input": Method("gradient × input", grad_x_input, signed=True),
    "gradient": Method("gradient", gradient, signed=False),
    "integrated_gradients": Method("integrated gradients", integrated_gradients, signed=True),
}

ALIASES = {"ig": "integrated_gradients", "saliency": "gradient", "input_x_gradient": "grad_x_input", "gxi": "grad_x_input"}


def method_name(name: str) -> str:
    """The name in the table, of a name or alias.

    Raises:
        ArgumentError: if there is no such method.
    """
    found = ALIASES.get(name, name)
    if found not in METHODS:
        known = ", ".join(repr(n) for n in [*METHODS, *ALIASES])
        raise ArgumentError(f"There is no attribution method {name!r}; there are {known}.")
    return found


def compute(name: str, problem: Problem, **options: Any) -> Vectors:
    """Run a method.

    Raises:
        ArgumentError: if the method has no such option.
    """
    import inspect

    method = METHODS[method_name(name)]
    known = list(inspect.signature(method.compute).parameters)[1:]
    if unknown := [option for option in options if option not in known]:
        takes = ", ".join(known) or "none"
        raise ArgumentError(f"{name!r} has no option {', '.join(unknown)}; it takes: {takes}.")
    return method.compute(problem, **options)


def option_key(options: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Options as something to look up what was computed with them: every digit of a tensor, whose repr shows four."""

    def digits(option: Any) -> str:
        if isinstance(option, Tensor):
            return f"{option.dtype} {option.detach().cpu().tolist()}"
        return f"{option.dtype} {option.tolist()}" if isinstance(option, np.ndarray) else repr(option)

    return tuple(sorted((name, digits(option)) for name, option in options.items()))
