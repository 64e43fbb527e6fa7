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
from jaxtyping import Float
from torch import Tensor

from ecco.attribution.baseline import Baseline, baseline_of, drawn
from ecco.attribution.gradient import Problem, at_once, embed, gauss_legendre, gradients, values_at
from ecco.attribution.guided import Guided
from ecco.attribution.lrp import Relevance
from ecco.attribution.perturbation import leave_one_out, occlusion
from ecco.attribution.rollout import rolled_out
from ecco.attribution.shapley import kernel_shap, shapley
from ecco.attribution.surrogate import lime
from ecco.attribution.vectors import Vectors, completeness
from ecco.errors import ArgumentError, ProofError
from ecco.forward import deviation, tolerance

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
        once: whether it takes gradients at the text as it is, so that the pass over the text can be recorded for them.
    """

    label: str
    compute: Callable[..., Vectors]
    signed: bool
    by_unit: bool = False
    once: bool = False


def gradient(problem: Problem) -> Vectors:
    """The gradient of the explained number toward each embedding (Simonyan et al. 2013, arXiv 1312.6034)."""
    found = gradients(problem, embed(problem)[None], [1.0])
    return Vectors(found.vectors, _numbers(found.values[0]))


def grad_x_input(problem: Problem) -> Vectors:
    """Gradient times embedding, entry by entry (Shrikumar et al. 2016, arXiv 1605.01713).

    The signed sum is a first-order estimate of what the token adds against a zero embedding.
    """
    points = embed(problem)
    found = gradients(problem, points[None], [1.0])
    return Vectors(found.vectors * points.float(), _numbers(found.values[0]))


def integrated_gradients(problem: Problem, n_steps: int = 50, baseline: Baseline = "mean") -> Vectors:
    """The gradient averaged on the straight way from a baseline, times the difference.

    Source: Sundararajan et al. 2017, arXiv 1703.01365.

    Args:
        problem: what is explained.
        n_steps: points of the Gauss-Legendre quadrature.
        baseline: `"mean"` (the mean embedding of the vocabulary), `"zero"`, `"pad"`, `"mask"`, the id of a token, a text of
            as many tokens or its ids, or a vector (d_model,). From a zero embedding (`"pad"` may be one) models with
            RMSNorm do not reach completeness: their output jumps right beside it. From the mean they do.

    Warns:
        CompletenessWarning: if the scores miss the explained difference by more than 5 %.
    """
    alphas, weights = gauss_legendre(_count(n_steps, "n_steps"))
    end = embed(problem)
    start = baseline_of(problem, baseline, end)
    way = torch.tensor(alphas, device=end.device, dtype=end.dtype)[:, None, None]
    found = gradients(problem, start + way * (end - start), weights)
    vectors = found.vectors * (end - start).float()
    at_end, at_start = map(_numbers, values_at(problem, torch.stack([end, start])))
    error = completeness(_sums(vectors), at_end - at_start)
    if (worst := float(error.max())) > LARGE_ERROR:
        warnings.warn(
            f"Integrated gradients miss the explained difference by up to {worst:.0%}; more steps (n_steps={2 * n_steps}) "
            "or another baseline may help.",
            CompletenessWarning,
            stacklevel=2,
        )
    return Vectors(vectors, at_end, error)


def smoothgrad(problem: Problem, n_samples: int = 50, noise: float = 0.15, seed: int = 0) -> Vectors:
    """The gradient averaged over noisy copies of the embeddings.

    Source: Smilkov et al. 2017, arXiv 1706.03825.

    Args:
        problem: what is explained.
        n_samples: how many copies.
        noise: the standard deviation of the Gaussian noise, relative to that of the numbers in the text's embeddings.
        seed: of the noise.
    """
    found, _, values = _smoothed(problem, n_samples, noise, seed)
    return Vectors(found, values)


def smoothgrad_x_input(problem: Problem, n_samples: int = 50, noise: float = 0.15, seed: int = 0) -> Vectors:
    """`smoothgrad` times embedding, entry by entry; its options are the same."""
    found, end, values = _smoothed(problem, n_samples, noise, seed)
    return Vectors(found * end.float(), values)


def attnlrp(problem: Problem) -> Vectors:
    """Layer-wise relevance propagation through attention too.

    Source: Achtibat et al. 2024, arXiv 2402.05602. Norms divide by a constant, f(x) passes on what it has of x (f(x) / x),
    the factors of a product share, a softmax passes its gradient, and a router's weights are constants.

    Raises:
        EccoError: for an operation without a rule.
    """
    return _relevance(problem, Relevance("attnlrp", constant_weights=False))


def cp_lrp(problem: Problem) -> Vectors:
    """Layer-wise relevance propagation with constant attention weights and gates.

    Source: Ali et al. 2022, arXiv 2202.07304. It conserves relevance: what the scores do not sum to is the residual of biases
    and positions.

    Raises:
        EccoError: for an operation without a rule.
    """
    return _relevance(problem, Relevance("cp_lrp", constant_weights=True))


def guided_backprop(problem: Problem) -> Vectors:
    """The gradient of which ReLUs let only what is positive pass, where they were not 0.

    Source: Springenberg et al. 2015, arXiv 1412.6806.

    Raises:
        EccoError: if the model's activation function is not ReLU.
    """
    return _guided(problem, Guided("guided_backprop", as_forward=True))


def deconvolution(problem: Problem) -> Vectors:
    """The gradient of which ReLUs let only what is positive pass, whatever they were.

    Source: Zeiler and Fergus 2013, arXiv 1311.2901.

    Raises:
        EccoError: if the model's activation function is not ReLU.
    """
    return _guided(problem, Guided("deconvolution", as_forward=False))


def _guided(problem: Problem, way: Guided) -> Vectors:
    found = gradients(problem, embed(problem)[None], [1.0], way)
    return Vectors(found.vectors, _numbers(found.values[0]))


def _relevance(problem: Problem, way: Relevance) -> Vectors:
    points = embed(problem)
    own = values_at(problem, points[None])
    found = gradients(problem, points[None], [1.0], way)
    if (difference := deviation(found.values, own)) > tolerance(own.dtype, problem.model):
        raise ProofError(
            f"{type(problem.model).__name__}: attention step by step gives another answer than its own, by {difference:.2g}, "
            'so no relevance is shown; use "integrated_gradients".'
        )
    vectors, values = found.vectors * points.float(), _numbers(own[0])
    return Vectors(vectors, values, residual=values - _sums(vectors))


def rollout(problem: Problem) -> Vectors:
    """Attention rolled out over layers, for comparison: unsigned, and the same whatever is explained at a place.

    Source: Abnar & Zuidema 2020, arXiv 2005.00928. A token has one number, its share, instead of a vector.

    Raises:
        ProofError: see `ecco.attribution.rollout.rolled_out`.
    """
    return Vectors(rolled_out(problem)[..., None], _numbers(values_at(problem, embed(problem)[None])[0]))


def _smoothed(problem: Problem, n_samples: int, noise: float, seed: int) -> tuple[Tensor, Tensor, np.ndarray]:
    count = _count(n_samples, "n_samples")
    if not isinstance(noise, int | float | np.number) or isinstance(noise, bool) or not 0 <= noise < float("inf"):
        raise ArgumentError(f"noise={noise!r} must be a number of at least 0.")
    end = embed(problem)
    drawn = torch.randn(count, *end.shape, generator=_generator(seed)).to(end.device)
    points = end + (drawn * (float(noise) * end.float().std())).to(end.dtype)
    found = gradients(problem, points, [1 / count] * count)
    return found.vectors, end, _numbers(values_at(problem, end[None])[0])


def gradient_shap(problem: Problem, n_samples: int = 50, baseline: Baseline = "vocabulary", seed: int = 0) -> Vectors:
    """Expected gradients: the gradient at random places on the ways from random baselines, times the difference.

    Sources: Lundberg & Lee 2017, arXiv 1705.07874; Erion et al. 2021, arXiv 1906.10670.

    The scores sum to the difference from the baselines on average over draws; what they miss with these draws is the
    completeness error, an estimate that shrinks with the root of `n_samples`.

    Args:
        problem: what is explained.
        n_samples: how many places, each on the way from another baseline.
        baseline: `"vocabulary"` (every token's place is taken by one drawn from the vocabulary), or as of
            `integrated_gradients`.
        seed: of the draws.
    """
    count, generator = _count(n_samples, "n_samples"), _generator(seed)
    end = embed(problem)
    if isinstance(baseline, str) and baseline == "vocabulary":
        starts = drawn(problem, count, end, generator)
    else:
        starts = baseline_of(problem, baseline, end)[None].expand(count, -1, -1)
    # One place in each of as many equal parts of the way: the same on average, with less spread.
    places = (torch.arange(count) + torch.rand(count, generator=generator)) / count
    points = starts + places.to(end)[:, None, None] * (end - starts)
    found = gradients(problem, points, (end - starts).float() / count)
    values = torch.cat([values_at(problem, part) for part in torch.cat([end[None], starts]).split(at_once(problem, len(end)))])
    at_end, at_starts = _numbers(values[0]), _numbers(values[1:].mean(dim=0))
    return Vectors(found.vectors, at_end, completeness(_sums(found.vectors), at_end - at_starts))


def _sums(vectors: Tensor) -> Float[np.ndarray, "target"]:
    return vectors.sum(dim=(1, 2)).cpu().numpy()


def _numbers(values: Tensor) -> Float[np.ndarray, "target"]:
    return values.float().cpu().numpy()


def _count(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ArgumentError(f"{name}={value!r} must be an integer of at least 1.")
    return int(value)


def _generator(seed: Any) -> torch.Generator:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise ArgumentError(f"seed={seed!r} must be an integer.")
    return torch.Generator().manual_seed(int(seed))  # on the CPU, so that every device draws the same


METHODS: dict[str, Method] = {
    "grad_x_input": Method("gradient × input", grad_x_input, signed=True, once=True),
    "gradient": Method("gradient", gradient, signed=False, once=True),
    "integrated_gradients": Method("integrated gradients", integrated_gradients, signed=True),
    "smoothgrad": Method("SmoothGrad", smoothgrad, signed=False),
    "smoothgrad_x_input": Method("SmoothGrad × input", smoothgrad_x_input, signed=True),
    "gradient_shap": Method("gradient SHAP", gradient_shap, signed=True),
    "attnlrp": Method("AttnLRP", attnlrp, signed=True),
    "cp_lrp": Method("CP-LRP", cp_lrp, signed=True),
    "guided_backprop": Method("guided backpropagation", guided_backprop, signed=False),
    "deconvolution": Method("deconvolution", deconvolution, signed=False),
    "rollout": Method("attention rollout", rollout, signed=False),
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
    "expected_gradients": "gradient_shap",
    "lrp": "attnlrp",
    "layer_relevance_propagation": "attnlrp",
    "deconv": "deconvolution",
    "guided_backpropagation": "guided_backprop",
    "feature_ablation": "occlusion",
    "loo": "leave_one_out",
    "shapley_value_sampling": "shapley",
    "shap": "kernel_shap",
}


# Methods that people know by name and that do not mean on these models what their names say.
NO_METHODS = {
    "deeplift": "DeepLIFT has no rule for products of activations, softmax and norms, of which a transformer is made; tools "
    'that offer it give gradient × (input - baseline). Use "integrated_gradients", which is complete, or "attnlrp"',
    "guided_gradcam": "Guided Grad-CAM weighs the feature maps of a convolution, which a transformer does not have. Use "
    '"grad_x_input" or "attnlrp"',
}
NO_METHODS |= {"deeplift_shap": NO_METHODS["deeplift"].replace("integrated_gradients", "gradient_shap")}
OTHER_NAMES = {"dl": "deeplift", "deep_lift": "deeplift", "dls": "deeplift_shap", "deep_lift_shap": "deeplift_shap"}


def method_name(name: str) -> str:
    """The name in the table, of a name or alias.

    Raises:
        ArgumentError: if there is no such method, with the nearest name; or if it means nothing on transformers, with why.
    """
    found = ALIASES.get(name, name)
    if found in METHODS:
        return found
    if (plain := str(name).lower().replace("-", "_")) in {*NO_METHODS, *OTHER_NAMES}:
        raise ArgumentError(f"There is no {name!r}: {NO_METHODS[OTHER_NAMES.get(plain, plain)]}.")
    import difflib

    near = difflib.get_close_matches(plain, [*METHODS, *ALIASES], n=1)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    known = ", ".join(repr(n) for n in METHODS)
    raise ArgumentError(f"There is no attribution method {name!r}.{meant} There are {known}.")


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
