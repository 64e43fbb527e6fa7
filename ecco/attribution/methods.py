"""The table of attribution methods.

A method takes a problem and gives, for every target, one vector per token read: (target, token, d_model). How a vector
becomes a score (its L2 norm, or the signed sum of its entries) is `ecco.attribution.scores`' business.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ecco.attribution.baseline import baseline_of
from ecco.attribution.gradient import Problem, embed, gauss_legendre, gradients, values_at
from ecco.attribution.perturbation import leave_one_out, occlusion
from ecco.attribution.shapley import kernel_shap, shapley
from ecco.attribution.surrogate import lime
from ecco.attribution.vectors import Vectors, completeness
from ecco.errors import ArgumentError

# Completeness errors above this share of the explained difference are warned about.
LARGE_ERROR = 0.05


class CompletenessWarning(UserWarning):
    """The scores do not sum to what they should explain."""


@dataclass(frozen=True)
class Method:
    """One row of the table.

    Attributes:
        label: what figures call it.
        compute: the computation.
        signed: whether the signed sum over d_model means something.
        by_unit: whether it takes words, sentences or spans from the text as wholes, instead of folding its tokens' scores.
    """

    label: str
    compute: Callable[..., Vectors]
    signed: bool
    by_unit: bool = False


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
    start = baseline_of(problem, baseline, end)
    alphas, weights = gauss_legendre(int(n_steps))
    way = torch.tensor(alphas, device=end.device, dtype=end.dtype)[:, None, None]
    found = gradients(problem, start + way * (end - start), weights)
    vectors = found.vectors * (end - start).float()
    at_end, at_start = (v.float().cpu().numpy() for v in values_at(problem, torch.stack([end, start])))
    difference = at_end - at_start
    error = completeness(vectors.sum(dim=(1, 2)).cpu().numpy(), difference)
    if (worst := float(error.max())) > LARGE_ERROR:
        warnings.warn(
            f"Integrated gradients miss the explained difference by up to {worst:.0%}; more steps (n_steps={2 * n_steps}) "
            "or another baseline may help.",
            CompletenessWarning,
            stacklevel=2,
        )
    return Vectors(vectors, at_end, error)


METHODS: dict[str, Method] = {
    "grad_x_input": Method("gradient × input", grad_x_input, signed=True),
    "gradient": Method("gradient", gradient, signed=False),
    "integrated_gradients": Method("integrated gradients", integrated_gradients, signed=True),
    "occlusion": Method("occlusion", occlusion, signed=True, by_unit=True),
    "leave_one_out": Method("leave one out", leave_one_out, signed=True, by_unit=True),
    "shapley": Method("Shapley values", shapley, signed=True, by_unit=True),
    "kernel_shap": Method("Kernel SHAP", kernel_shap, signed=True, by_unit=True),
    "lime": Method("LIME", lime, signed=True, by_unit=True),
}

ALIASES = {
    "ig": "integrated_gradients",
    "saliency": "gradient",
    "input_x_gradient": "grad_x_input",
    "gxi": "grad_x_input",
    "feature_ablation": "occlusion",
    "loo": "leave_one_out",
    "shapley_value_sampling": "shapley",
    "shap": "kernel_shap",
}


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
