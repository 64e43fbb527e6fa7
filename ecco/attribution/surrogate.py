"""LIME: a linear model that says what the model says of parts of the text, fitted best near the whole text."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from ecco.attribution.gradient import Problem
from ecco.attribution.perturbation import Occluder, Scores, at_least, games
from ecco.attribution.vectors import Vectors
from ecco.errors import ArgumentError


def lime(
    problem: Problem,
    n_samples: int = 512,
    baseline: Any = "mean",
    kernel_width: float = 0.25,
    ridge: float = 1.0,
    seed: int = 0,
) -> Vectors:
    """The weights of a ridge regression on which units are there, over parts of the text.

    Source: Ribeiro et al. 2016, arXiv 1602.04938. How many units a part has is drawn evenly, then which. A part with the
    share s of the units weighs exp(-(1 - sqrt(s))^2 / kernel_width^2). All parts, weighed so, where they are not more
    than `n_samples`.

    Args:
        problem: what is explained.
        n_samples: how many parts of the text; each takes one pass, shared by all targets.
        baseline: what stands for a unit that is not there, as of integrated gradients.
        kernel_width: how far from the whole text a part still counts, in cosine distance.
        ridge: the penalty on squared weights, against `n_samples` samples.
        seed: of the parts.
    """
    count, seed = at_least(n_samples, 2, "n_samples"), at_least(seed, 0, "seed")
    for name, value in (("kernel_width", kernel_width), ("ridge", ridge)):
        if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 < value < float("inf"):
            raise ArgumentError(f"{name}={value!r} must be a number above 0.")
    occluded, found = Occluder(problem, baseline), Scores(problem)
    exact = True
    for game in games(problem):
        n = len(game.units)
        every = n <= 20 and 2**n <= count
        exact &= every
        parts, often = _all_parts(n, count) if every else _drawn_parts(n, count, seed)
        values = occluded(game, parts)
        for t, units in enumerate(game.counts):
            mine = parts[:, :units]
            distance = 1 - np.sqrt(mine.mean(axis=1))
            weights = often * np.exp(-((distance / kernel_width) ** 2))
            scores, errors = _fit(mine, weights, values[:, t], float(ridge))
            found.put(game, t, scores, values[0, t], None if every else errors)
    return found.vectors(standard_error=None if exact else found.errors)


def _all_parts(n: int, count: int) -> tuple[Bool[np.ndarray, "part unit"], Float[np.ndarray, "part"]]:
    """Every part, the whole text first, and how often `count` draws meet it on average."""
    numbers = np.arange(2**n)[::-1]
    parts = (numbers[:, None] >> np.arange(n)) & 1 == 1
    return parts, np.array([count / ((n + 1) * comb(n, int(k))) for k in parts.sum(axis=1)])


def _drawn_parts(n: int, count: int, seed: int) -> tuple[Bool[np.ndarray, "part unit"], Float[np.ndarray, "part"]]:
    """The whole text and parts by chance.

    Units that are there with a probability that is itself drawn evenly: then the number of them is even, also among the
    first few, which are all that an earlier target sees.
    """
    chance = np.random.default_rng(seed)
    parts = chance.random((count, n)) < chance.random((count, 1))
    parts[0] = True
    return parts, np.ones(count)


def _fit(
    parts: Bool[np.ndarray, "part unit"], weights: Float[np.ndarray, "part"], values: Float[np.ndarray, "part"], ridge: float
) -> tuple[Float[np.ndarray, "unit"], Float[np.ndarray, "unit"]]:
    """The slopes of a ridge regression with an intercept, and their standard errors."""
    share = weights / weights.sum()
    design = parts - share @ parts
    rest = values - share @ values
    inverse = np.linalg.inv(design.T @ (design * weights[:, None]) + ridge * np.eye(parts.shape[1]))
    scores = inverse @ (design.T @ (weights * rest))
    pulls = design * (weights * (rest - design @ scores))[:, None]
    covariance = inverse @ (pulls.T @ pulls) @ inverse
    return scores, np.sqrt(np.diag(covariance))
