"""How alike two representations are: CKA and the CCA family, on plain arrays (neurons, positions).

Two layers that saw the same positions are compared by how their neurons vary over these positions, whatever their numbers
of neurons. Every row is centred first. The definitions are those of

- Raghu et al. 2017, "SVCCA: Singular Vector Canonical Correlation Analysis for Deep Learning Dynamics and Interpretability",
- Morcos et al. 2018, "Insights on representational similarity in neural networks with canonical correlation" (PWCCA),
- Kornblith et al. 2019, "Similarity of Neural Network Representations Revisited" (linear CKA),
- Nguyen et al. 2021, "Do Wide and Deep Networks Learn the Same Things?" (debiased CKA: the unbiased HSIC of Song et al. 2012).

All is computed in double precision.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float

from ecco.errors import ArgumentError

# Directions that hold less than this share of the variance of the strongest one are no directions but noise.
EPSILON = 1e-10

# In full precision what so many roundings make is no variation: a few follow one another from token to the same token. In
# half precision one rounding of the largest neurons may be more than all variation of the others.
ROUNDINGS, FULL = 16, 1e-6

# How many numbers of a Gram matrix are held at a time, for each layer.
PIECE = 2**18

Table = Float[np.ndarray, "first second"]
Compared = tuple[Table, str | None]


class FewPositionsWarning(UserWarning):
    """So few positions that a similarity is high whatever the numbers are."""


@dataclass(frozen=True)
class Matrix:
    """One representation, ready to be compared.

    Attributes:
        values: every row centred, and all scaled so that the largest absolute value is 1.
        name: what it is called in an error.
        noise: how large a direction of it may be that is no more than the rounding of the numbers as they came.
        roundings: so many times as large all of it may be, and be no more than rounding.
    """

    values: Float[np.ndarray, "neuron position"]
    name: str
    noise: float
    roundings: int

    def check_varies(self) -> None:
        """Refuse what varies by rounding alone.

        Raises:
            ArgumentError: if it does.
        """
        if float(np.linalg.norm(self.values)) <= self.roundings * self.noise:
            raise ArgumentError(
                f"{self.name} varies no more over its positions than the rounding of its numbers, so there is nothing to "
                "compare."
            )


@dataclass(frozen=True)
class Directions:
    """A centred matrix as `neurons @ positions.T`, its directions orthogonal and the strongest first.

    Attributes:
        neurons: how strong each direction is in every neuron.
        positions: each direction over the positions, of length 1.
    """

    neurons: Float[np.ndarray, "neuron direction"]
    positions: Float[np.ndarray, "position direction"]


def cca(acts1: Any, acts2: Any) -> float:
    """The mean canonical correlation, 0 to 1: Raghu et al. 2017 without their first step.

    There are as many correlations as the smaller of the two has directions (its rank, so neurons that never change and
    neurons that are sums of others do not count). It is the same under every invertible linear map of either side.

    Args:
        acts1: (neurons, positions), an array or a tensor.
        acts2: (neurons, positions), of the same positions; it may have another number of neurons.

    Raises:
        ArgumentError: for arrays that are no such pair, that are not finite, or that do not vary.

    Warns:
        FewPositionsWarning: where the ranks add up to the number of positions or more: then some correlations are 1 anyway.
    """
    return _one("cca", acts1, acts2)


def svcca(acts1: Any, acts2: Any, dims: float = 20) -> float:
    """The mean canonical correlation of the strongest directions, 0 to 1 (Raghu et al. 2017).

    It is the same under rotation and scaling of either side, but not under every linear map.

    Args:
        acts1: (neurons, positions), an array or a tensor.
        acts2: (neurons, positions), of the same positions.
        dims: how many directions of each side are kept, at most as many as there are; a float up to 1.0 means those that
            together hold that share of the variance (the paper takes 0.99).

    Raises:
        ArgumentError: as `cca`, or for a `dims` that keeps nothing.

    Warns:
        FewPositionsWarning: as `cca`, for the directions that are kept.
    """
    return _one("svcca", acts1, acts2, dims=dims)


def pwcca(acts1: Any, acts2: Any, epsilon: float = EPSILON) -> float:
    """Canonical correlations, weighted by how much each accounts for, 0 to 1 (Morcos et al. 2018).

    The weight of a correlation is the sum over neurons of the absolute product of the neuron and its canonical variate, on
    the side of lower rank; if the ranks are equal, on the first. So it is not symmetric then, and it is the same under
    every invertible linear map of the other side, but not of this one.

    Args:
        acts1: (neurons, positions), an array or a tensor.
        acts2: (neurons, positions), of the same positions.
        epsilon: directions that hold less than this share of the variance of the strongest one are left out.

    Raises:
        ArgumentError: as `cca`.

    Warns:
        FewPositionsWarning: as `cca`.
    """
    return _one("pwcca", acts1, acts2, epsilon=epsilon)


def cka(acts1: Any, acts2: Any, debiased: bool = False) -> float:
    """Linear centred kernel alignment, 0 to 1 (Kornblith et al. 2019).

    How alike the similarities between positions are. It is the same under rotation and scaling of either side, but not
    under every linear map: directions count by their variance.

    Args:
        acts1: (neurons, positions), an array or a tensor.
        acts2: (neurons, positions), of the same positions.
        debiased: use the unbiased estimator of HSIC. The plain one is high for few positions and many neurons even where the
            two have nothing in common; this one is then around 0, and may be negative. It needs at least 4 positions.

    Raises:
        ArgumentError: as `cca`.

    Warns:
        FewPositionsWarning: where plain CKA is asked for more neurons than positions.
    """
    return _one("cka", acts1, acts2, debiased=debiased)


def _one(metric: str, acts1: Any, acts2: Any, **options: Any) -> float:
    found, few = compare(metric, [matrix(acts1, "acts1")], [matrix(acts2, "acts2")], options)
    if few:
        warnings.warn(few, FewPositionsWarning, stacklevel=3)
    return float(found[0, 0])


# -- many at once ------------------------------------------------------------------------------------------------------


def matrix(values: Any, name: str, skip: int = 0) -> Matrix:
    """Numbers (neurons, positions) as they are compared.

    Args:
        values: an array, a tensor on any device, or nested lists.
        name: what they are called in an error.
        skip: how many positions are left out at the beginning.

    Raises:
        ArgumentError: if they are no such numbers, there are fewer than 2 positions, or nothing varies over them.
    """
    found, precision = _numbers(values, name)
    if found.ndim != 2 or not found.size:
        raise ArgumentError(f"{name} has the shape {tuple(found.shape)}; it must be (neurons, positions), neither of them 0.")
    found = found[:, skip:]
    if found.shape[1] < 2:
        raise ArgumentError(f"{name} holds {found.shape[1]} position; there must be 2 or more, as variation is compared.")
    if len(bad := np.argwhere(~np.isfinite(found))):
        raise ArgumentError(
            f"{name} holds {len(bad)} numbers that are not finite, the first at neuron {bad[0][0]}, position {bad[0][1]}."
        )
    found = found / (np.abs(found).max() or 1.0)
    moves = (found.max(axis=1) > found.min(axis=1))[:, None]
    centred = np.where(moves, found - found.mean(axis=1, keepdims=True), 0.0)
    if not (largest := np.abs(centred).max()):
        raise ArgumentError(f"{name} is the same at all {found.shape[1]} positions, so there is no variation to compare.")
    noise = precision / 2 * float(np.linalg.norm(found * moves)) / largest
    return Matrix(centred / largest, name, noise, ROUNDINGS if precision < FULL else 1)


def _numbers(values: Any, name: str) -> tuple[np.ndarray, float]:
    """In double precision, and the precision that they came in."""
    if torch.is_tensor(values) and values.is_floating_point():
        return values.detach().cpu().double().numpy(), torch.finfo(values.dtype).eps
    try:
        found = np.asarray(values.detach().cpu() if torch.is_tensor(values) else values)
        precision = np.finfo(found.dtype if found.dtype.kind == "f" else np.float64).eps
        if found.dtype.kind not in "fiub":
            raise ValueError(f"its numbers are {found.dtype}")
        return found.astype(np.float64), float(precision)
    except (ValueError, TypeError) as error:
        raise ArgumentError(f"{name} must be an array of real numbers (neurons, positions): {error}.") from error


def compare(metric: str, first: Sequence[Matrix], second: Sequence[Matrix], options: Mapping[str, Any]) -> Compared:
    """Every matrix of one list with every one of another.

    Args:
        metric: a key of `METRICS`.
        first: one side.
        second: the other side; the same list for one side within itself.
        options: of the metric.

    Returns:
        a number for each pair, and what must be said of them all if there are too few positions.

    Raises:
        ArgumentError: for an unknown metric or option, or sides with different numbers of positions.
    """
    if metric not in METRICS:
        raise ArgumentError(f"metric={metric!r} is not one of {', '.join(map(repr, METRICS))}.")
    known = [name for name in inspect.signature(METRICS[metric]).parameters if name not in ("first", "second")]
    if unknown := [name for name in options if name not in known]:
        raise ArgumentError(f"{metric} has no option {unknown[0]!r}; it has {', '.join(map(repr, known)) or 'none'}.")
    for one in (*first, *second):
        if one.values.shape[1] != first[0].values.shape[1]:
            raise ArgumentError(
                f"{first[0].name} holds {first[0].values.shape[1]} positions and {one.name} {one.values.shape[1]}; similarity "
                "compares position by position, so both must have seen the same ones."
            )
    return METRICS[metric](first, second, **options)


def _mean_correlation(first: Sequence[Matrix], second: Sequence[Matrix]) -> Compared:
    return _correlate(first, second, lambda one: directions(one, EPSILON), _mean)


def _mean_of_strongest(first: Sequence[Matrix], second: Sequence[Matrix], dims: float = 20) -> Compared:
    share = isinstance(dims, float) and 0 < dims <= 1
    if isinstance(dims, bool) or (not share and (dims != int(dims) or dims < 1)):
        raise ArgumentError(f"dims={dims!r} must be a number of directions (1 or more), or a share of the variance (0 to 1.0).")

    def strongest(one: Matrix) -> Directions:
        found = directions(one, EPSILON)
        held = np.cumsum((found.neurons**2).sum(axis=0))
        keep = int(np.searchsorted(held, dims * held[-1] * (1 - 1e-12))) + 1 if share else int(dims)
        return Directions(found.neurons[:, :keep], found.positions[:, :keep])

    return _correlate(first, second, strongest, _mean)


def _weighted_mean(first: Sequence[Matrix], second: Sequence[Matrix], epsilon: float = EPSILON) -> Compared:
    if not 0 <= epsilon < 1:
        raise ArgumentError(f"epsilon={epsilon!r} must be a share, 0 to 1.")
    return _correlate(first, second, lambda one: directions(one, epsilon), _weighted)


def _alignment(first: Sequence[Matrix], second: Sequence[Matrix], debiased: bool = False) -> Compared:
    n_neurons, n_positions = max(len(one.values) for one in (*first, *second)), first[0].values.shape[1]
    if debiased and n_positions < 4:
        raise ArgumentError(f"Debiased CKA needs 4 or more positions; {first[0].name} holds {n_positions}.")
    own = [np.array([_square(one, debiased) for one in side]) for side in (first, second)]
    few = (
        f"{n_positions} positions are few for {n_neurons} neurons: plain CKA is high then even for representations that have "
        "nothing in common. Compare more text, or ask for debiased=True."
    )
    table = np.minimum(_inner(first, second, debiased) / np.sqrt(np.outer(*own)), 1.0)
    return table, None if debiased or n_neurons <= n_positions else few


METRICS: dict[str, Callable[..., Compared]] = {
    "cka": _alignment,
    "cca": _mean_correlation,
    "svcca": _mean_of_strongest,
    "pwcca": _weighted_mean,
}


# -- canonical correlations --------------------------------------------------------------------------------------------


def directions(one: Matrix, epsilon: float) -> Directions:
    """The directions of a matrix that are more than its rounding, and hold more than a share `epsilon` of the strongest."""
    one.check_varies()
    left, sizes, right = np.linalg.svd(one.values, full_matrices=False)
    own = np.finfo(np.float64).eps * max(one.values.shape)
    keep = sizes > max(one.noise, sizes[0] * max(own, epsilon**0.5))
    keep[0] = True  # all of it is more than rounding, so the strongest direction is
    return Directions(left[:, keep] * sizes[keep], right[keep].T)


def _correlate(
    first: Sequence[Matrix],
    second: Sequence[Matrix],
    reduce: Callable[[Matrix], Directions],
    number: Callable[[Directions, Directions], float],
) -> Compared:
    """A number for each pair, of the directions that `reduce` keeps."""
    rows = [reduce(one) for one in first]
    columns = rows if second is first else [reduce(one) for one in second]
    n_positions = first[0].values.shape[1]
    ranks = [max(found.positions.shape[1] for found in side) for side in (rows, columns)]
    few = (
        f"{n_positions} positions are few for {ranks[0]} and {ranks[1]} directions: some canonical correlations are 1 then, "
        "whatever the numbers are. Compare more text, or use svcca with fewer dims, or debiased cka."
    )
    table = np.array([[number(row, column) for column in columns] for row in rows])
    return table, few if sum(ranks) > n_positions - 1 else None


def _mean(one: Directions, other: Directions) -> float:
    correlations = np.linalg.svd(one.positions.T @ other.positions, compute_uv=False)
    return float(np.minimum(correlations, 1).mean())


def _weighted(one: Directions, other: Directions) -> float:
    left, correlations, right = np.linalg.svd(one.positions.T @ other.positions, full_matrices=False)
    smaller = one.positions.shape[1] <= other.positions.shape[1]
    weights = np.abs(one.neurons @ left if smaller else other.neurons @ right.T).sum(axis=0)
    return float(np.minimum(correlations, 1) @ weights / weights.sum())


# -- kernels -----------------------------------------------------------------------------------------------------------


def _square(one: Matrix, debiased: bool) -> float:
    """What a Gram matrix has in common with itself."""
    one.check_varies()
    found = float(_inner([one], [one], debiased)[0, 0])
    if not found > 1e-13 * float((one.values**2).sum()) ** 2:
        raise ArgumentError(f"{one.name}: all its positions are equally far from each other, so debiased CKA is not defined.")
    return found


def _inner(first: Sequence[Matrix], second: Sequence[Matrix], debiased: bool) -> Table:
    """How much the Gram matrices of each pair have in common: HSIC but for a factor that cancels."""
    rows = [one.values for one in first]
    columns = rows if second is first else [one.values for one in second]
    found, n = _products(rows, columns), rows[0].shape[1]
    if not debiased:
        return found
    # Song et al. 2012, eq. 5. Of a centred Gram matrix without its diagonal k a row sums to -k.
    ours, theirs = (np.stack([np.einsum("ij,ij->j", values, values) for values in side]) for side in (rows, columns))
    totals = np.outer(ours.sum(axis=1), theirs.sum(axis=1))
    return found - n / (n - 2) * (ours @ theirs.T) + totals / ((n - 1) * (n - 2))


def _products(rows: Sequence[np.ndarray], columns: Sequence[np.ndarray]) -> Table:
    """The squared Frobenius norm of x @ y.T for every pair: by neurons or by positions, whichever are fewer."""
    n, ours, theirs = rows[0].shape[1], sum(map(len, rows)), sum(map(len, columns))
    if ours * theirs <= n * (ours + theirs):
        return np.array([[np.linalg.norm(x @ y.T) ** 2 for y in columns] for x in rows])
    found, step = np.zeros((len(rows), len(columns))), max(1, PIECE // n)
    for start in range(0, n, step):
        part = slice(start, start + step)
        left, right = ([(x[:, part].T @ x).ravel() for x in side] for side in (rows, columns))
        found += np.stack(left) @ np.stack(right).T
    return found
