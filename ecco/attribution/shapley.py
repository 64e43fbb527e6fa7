"""Shapley values: what a unit adds on average, over all orders in which the units could come into the text.

They sum to the difference between the text and one of which every unit is replaced by the baseline (efficiency).
"""

from __future__ import annotations

from itertools import permutations
from math import comb, factorial
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from ecco.attribution.gradient import Problem
from ecco.attribution.perturbation import Game, Occluder, Scores, at_least, games
from ecco.attribution.vectors import Vectors, completeness
from ecco.errors import ArgumentError


def shapley(problem: Problem, n_permutations: int = 24, baseline: Any = "mean", seed: int = 0) -> Vectors:
    """Shapley values from orders drawn by chance, each with its reverse; exact where all orders are not more than those.

    Source: Castro et al. 2009, doi 10.1016/j.cor.2008.04.004; Štrumbelj and Kononenko 2014, doi 10.1007/s10115-013-0679-x.

    Args:
        problem: what is explained.
        n_permutations: how many orders; each takes as many passes as there are units, shared by all targets.
        baseline: what stands for a unit that is not there, as of integrated gradients.
        seed: of the orders.
    """
    count, seed = at_least(n_permutations, 4, "n_permutations"), at_least(seed, 0, "seed")
    occluded, found, missed = Occluder(problem, baseline), Scores(problem), {}
    exact = True
    for game in games(problem):
        n = len(game.units)
        every = n <= 10 and factorial(n) <= count
        exact &= every
        orders = np.array(list(permutations(range(n)))) if every else _drawn(n, count, seed)
        place = np.argsort(orders, axis=1)
        present = place[:, None, :] < np.arange(n + 1)[:, None]  # (order, step, unit): what is there after so many steps
        values = occluded(game, present.reshape(-1, n)).reshape(len(orders), n + 1, -1)
        gains = np.take_along_axis(np.diff(values, axis=1), place[:, :, None], axis=1)  # (order, unit, target)
        errors = None if every else _standard_error(gains)
        for t, units in enumerate(game.counts):
            scores = gains[:, :units, t].mean(axis=0)
            found.put(game, t, scores, values[0, -1, t], None if errors is None else errors[:units, t])
            missed[game.targets[t]] = scores.sum(), values[0, -1, t] - values[0, 0, t]
    return found.vectors(completeness_error=_error(missed), standard_error=None if exact else found.errors)


def _drawn(n: int, count: int, seed: int) -> Int[np.ndarray, "order unit"]:
    chance = np.random.default_rng(seed)
    one_way = [chance.permutation(n) for _ in range((count + 1) // 2)]
    return np.array([order for one in one_way for order in (one, one[::-1])])


def _standard_error(gains: Float[np.ndarray, "order unit target"]) -> Float[np.ndarray, "unit target"]:
    """Of the mean; an order and its reverse are one draw."""
    draws = gains.reshape(-1, 2, *gains.shape[1:]).mean(axis=1)
    return draws.std(axis=0, ddof=1) / np.sqrt(len(draws))


def _error(missed: dict[int, tuple[float, float]]) -> Float[np.ndarray, "target"]:
    sums, differences = zip(*(missed[target] for target in sorted(missed)), strict=True)
    return completeness(np.array(sums), np.array(differences))


def kernel_shap(problem: Problem, n_samples: int = 512, baseline: Any = "mean", seed: int = 0) -> Vectors:
    """Shapley values as the weighted linear fit to what the model says of parts of the text; exact if those are all.

    Source: Lundberg and Lee 2017, arXiv 1705.07874; every part is drawn with its complement.

    Args:
        problem: what is explained.
        n_samples: how many parts of the text; each takes one pass, shared by all targets.
        baseline: what stands for a unit that is not there, as of integrated gradients.
        seed: of the parts.

    Raises:
        ArgumentError: if there are fewer different parts than the scores of all units need.
    """
    count, seed = at_least(n_samples, 2, "n_samples"), at_least(seed, 0, "seed")
    occluded, found, missed = Occluder(problem, baseline), Scores(problem), {}
    exact = True
    for game in games(problem):
        n = len(game.units)
        every = n <= 20 and 2**n - 2 <= count
        exact &= every
        parts, weights = _all_parts(n) if every else _drawn_parts(n, count, seed)
        ends = np.array([[False] * n, [True] * n])
        values = occluded(game, np.concatenate([ends, parts]))
        for t, units in enumerate(game.counts):
            scores, errors = _fit(game, parts[:, :units], weights, values[:, t])
            found.put(game, t, scores, values[1, t], None if every else errors)
            missed[game.targets[t]] = scores.sum(), values[1, t] - values[0, t]
    return found.vectors(completeness_error=_error(missed), standard_error=None if exact else found.errors)


def _all_parts(n: int) -> tuple[Bool[np.ndarray, "part unit"], Float[np.ndarray, "part"]]:
    """Every part but none and all, and its weight in the fit; complements stand side by side."""
    numbers = np.array([m for k in range(2 ** (n - 1)) for m in (k, 2**n - 1 - k)][2:], dtype=np.int64)
    parts = (numbers[:, None] >> np.arange(n)) & 1 == 1
    weights = np.array([(n - 1) / (comb(n, int(k)) * k * (n - k)) for k in parts.sum(axis=1)])
    return parts, weights


def _drawn_parts(n: int, count: int, seed: int) -> tuple[Bool[np.ndarray, "part unit"], Float[np.ndarray, "part"]]:
    """Parts that are drawn as often as their weights say, so that each counts the same."""
    chance = np.random.default_rng(seed)
    sizes = np.arange(1, n)
    likely = 1 / (sizes * (n - sizes))
    parts = []
    for size in chance.choice(sizes, size=(count + 1) // 2, p=likely / likely.sum()):
        part = np.isin(np.arange(n), chance.permutation(n)[:size])
        parts += [part, ~part]
    return np.array(parts), np.ones(len(parts))


def _fit(
    game: Game, parts: Bool[np.ndarray, "part unit"], weights: Float[np.ndarray, "part"], values: Float[np.ndarray, "_"]
) -> tuple[Float[np.ndarray, "unit"], Float[np.ndarray, "unit"]]:
    """The scores whose sums over parts fit best, all together exactly, and their standard errors.

    The units that a target does not see score 0 in the fit of all, so leaving them out of it changes nothing.

    Args:
        game: for the error.
        parts: which of the units that the target sees are there.
        weights: of the parts.
        values: of nothing, of all units, and of the parts.
    """
    nothing, everything, of_parts = values[0], values[1], values[2:]
    whole = everything - nothing
    n = parts.shape[1]
    if n == 1:
        return np.array([whole]), np.zeros(1)
    last = parts[:, -1].astype(float)
    design = parts[:, :-1] - last[:, None]
    rest = of_parts - nothing - last * whole
    square = design.T @ (design * weights[:, None])
    if np.linalg.matrix_rank(square) < n - 1:
        raise ArgumentError(
            f"{len(parts)} parts of the text leave the scores of {len(game.units)} units open; take "
            f'n_samples={8 * len(game.units)} or more, or larger units (by="word").'
        )
    inverse = np.linalg.inv(square)
    scores = inverse @ (design.T @ (weights * rest))
    pulls = (design * (weights * (rest - design @ scores))[:, None]).reshape(-1, 2, n - 1).sum(axis=1)
    covariance = inverse @ (pulls.T @ pulls) @ inverse
    errors = np.sqrt(np.clip(np.append(np.diag(covariance), covariance.sum()), 0, None))
    return np.append(scores, whole - scores.sum()), errors
