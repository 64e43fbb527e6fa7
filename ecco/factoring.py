"""Few patterns that make up a matrix of activations: the methods, on plain arrays.

All of them write a matrix as `matrix[token, neuron] ~ sum over factors of components[factor, token] * weights[factor, neuron]`,
plus a mean for those that look at deviations from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

# Steps of NMF at most. They end once one of them gains less than this share of the sum of squares.
STEPS, GAIN = 100, 1e-7

# Sweeps over the components of rows, which end once none of them moves more than this share of the largest.
SWEEPS, SETTLED = 50, 1e-4

# How many columns are reconstructed at a time to measure the error.
COLUMNS = 4096


@dataclass(frozen=True)
class Factoring:
    """A matrix as a product of two small ones.

    Attributes:
        components: how much of each factor there is at each token.
        weights: how much of each neuron there is in each factor.
        mean: of every neuron, where a method looks at deviations from it.
        n_iterations: how many it took.
    """

    components: Float[np.ndarray, "factor token"]
    weights: Float[np.ndarray, "factor neuron"]
    mean: Float[np.ndarray, " neuron"] | None
    n_iterations: int


def nmf(matrix: Float[np.ndarray, "token neuron"], n_components: int, seed: int) -> Factoring:
    """Non-negative matrix factorisation by least squares, the objective of scikit-learn's `NMF`.

    scikit-learn gives the start, NNDSVD (Boutsidis and Gallopoulos 2008). Then hierarchical alternating least squares: each
    product with the matrix, the slow part, serves two sweeps over all factors (Gillis and Glineur 2012), and the components
    run ahead in the direction of their last step for as long as that helps (Ang and Gillis 2019).

    Args:
        matrix: nowhere negative.
        n_components: at most the number of tokens and of neurons.
        seed: of the randomised SVD at the start.
    """
    from sklearn.decomposition import non_negative_factorization

    # scikit-learn's own annotations are inferred from its defaults, hence `Any` here and below.
    first: Any = {"n_components": n_components, "init": "nndsvd", "max_iter": 1, "tol": 0, "random_state": seed}
    start, weights, _ = non_negative_factorization(matrix, **first)
    components = np.ascontiguousarray(start.T)
    ahead, momentum, norm, before, step = components.copy(), 0.5, squares([matrix]), np.inf, 0
    for step in range(1, STEPS + 1):  # noqa: B007
        _sweep(weights, ahead @ ahead.T, ahead @ matrix)
        gram, product = weights @ weights.T, weights @ matrix.T
        _sweep(ahead, gram, product)
        squared = norm - 2 * float((ahead * product).sum(dtype=np.float64))
        squared += float(((ahead @ ahead.T) * gram).sum(dtype=np.float64))
        gained, before, move, components = before - squared, squared, ahead - components, ahead
        if 0 <= gained < GAIN * norm:
            break
        momentum = min(1.0, 1.05 * momentum) if gained > 0 else momentum / 2
        ahead = np.maximum(components + momentum * move, 0) if gained > 0 else components.copy()
    return Factoring(components, weights, None, step)


def _sweep(rows: np.ndarray, gram: np.ndarray, product: np.ndarray) -> None:
    """Twice, the best non-negative values of one row after the other, the others as they are; in place."""
    for k in 2 * [k for k in range(len(rows)) if gram[k, k] > 0]:
        rows[k] += (product[k] - gram[k] @ rows) / gram[k, k]
        np.maximum(rows[k], 0, out=rows[k])


class Incremental:
    """NMF of a matrix that is seen a few rows at a time, again and again; of what was seen only two small sums are kept.

    Seeing rows gives the best components for the present weights, then better weights for all components so far. Both steps
    lower the error over all rows seen, as the sums are exact: what a row added to them when it was last seen is taken out.

    Attributes:
        weights: (factor, neuron).
        squares: the sum of squares of all rows seen.
    """

    def __init__(self, first: Float[np.ndarray, "token neuron"], n_components: int, seed: int) -> None:
        self.weights = nmf(first, n_components, seed).weights
        self.squares = 0.0
        self._gram = np.zeros((n_components, n_components), first.dtype)
        self._product = np.zeros_like(self.weights)

    def see(
        self, rows: Float[np.ndarray, "token neuron"], before: Float[np.ndarray, "factor token"] | None
    ) -> Float[np.ndarray, "factor token"]:
        """The components of some rows.

        Args:
            rows: nowhere negative.
            before: what was returned when they were last seen; None for new rows.
        """
        now = self._respond(rows, before)
        if before is None:
            self.squares += squares([rows])
            self._gram += now @ now.T
            self._product += now @ rows
        else:
            self._gram += now @ now.T - before @ before.T
            self._product += (now - before) @ rows
        _sweep(self.weights, self._gram, self._product)
        return now

    def _respond(self, rows: np.ndarray, before: np.ndarray | None) -> Float[np.ndarray, "factor token"]:
        gram, product = self.weights @ self.weights.T, self.weights @ rows.T
        diagonal = np.diag(gram)[:, None]
        found = product / np.where(diagonal > 0, diagonal, 1) if before is None else before.copy()
        for _ in range(SWEEPS):
            last = found.copy()
            _sweep(found, gram, product)
            if np.abs(found - last).max() <= SETTLED * np.abs(found).max():
                break
        return found

    @property
    def squared_error(self) -> float:
        """The sum of squares that the factors leave of all rows seen."""
        fit = np.vdot(self.weights.astype(np.float64), self._product)
        model = np.vdot(self._gram.astype(np.float64), self.weights @ self.weights.T)
        return max(0.0, self.squares - 2 * float(fit) + float(model))


def pca(matrix: Float[np.ndarray, "token neuron"], n_components: int, seed: int) -> Factoring:
    """Principal components: orthogonal patterns that hold most of the variance over tokens."""
    from sklearn.decomposition import PCA

    found: Any = PCA(n_components, random_state=seed)
    scores = found.fit_transform(matrix)
    return Factoring(np.ascontiguousarray(scores.T), found.components_, found.mean_, 1)


def ica(matrix: Float[np.ndarray, "token neuron"], n_components: int, seed: int) -> Factoring:
    """Independent components (FastICA) within the principal ones; the strongest value of each is positive."""
    from sklearn.decomposition import FastICA

    first = pca(matrix, n_components, seed)
    found: Any = FastICA(n_components, random_state=seed, whiten="unit-variance", max_iter=1000)
    sources = found.fit_transform(first.components.T).T
    weights = found.mixing_.T @ first.weights
    assert first.mean is not None
    mean = first.mean + found.mean_ @ first.weights
    signs = np.sign(sources[np.arange(len(sources)), np.abs(sources).argmax(axis=1)])[:, None]
    return Factoring(np.ascontiguousarray(signs * sources), signs * weights, mean, int(found.n_iter_))


def kmeans(matrix: Float[np.ndarray, "token neuron"], n_components: int, seed: int) -> Factoring:
    """Clusters of neurons that fire alike: a neuron is in one factor, with weight 1, and stands for its cluster's mean."""
    from sklearn.cluster import KMeans

    found = KMeans(n_components, random_state=seed).fit(np.ascontiguousarray(matrix.T))
    weights = np.zeros((n_components, matrix.shape[1]), dtype=matrix.dtype)
    weights[found.labels_, np.arange(matrix.shape[1])] = 1
    return Factoring(found.cluster_centers_, weights, None, int(found.n_iter_))


Method = Callable[[np.ndarray, int, int], Factoring]
METHODS: dict[str, Method] = {"nmf": nmf, "pca": pca, "ica": ica, "kmeans": kmeans}

# What each method is called in a sentence.
NAMES = {
    "nmf": "non-negative matrix factorisation",
    "pca": "principal components",
    "ica": "independent components",
    "kmeans": "k-means clusters of neurons",
}


def in_order(found: Factoring, *, unit: bool) -> Factoring:
    """The same factors, the largest first; with `unit` the weights of each have length 1 and its components the size."""
    lengths = np.linalg.norm(found.weights, axis=1)
    sizes = np.linalg.norm(found.components, axis=1) * lengths
    order = np.argsort(-sizes, kind="stable")
    scale = np.where(lengths > 0, lengths, 1)[order, None] if unit else 1
    components, weights = found.components[order] * scale, found.weights[order] / scale
    return Factoring(components.astype(np.float32), weights.astype(np.float32), found.mean, found.n_iterations)


def squared_error(matrix: Float[np.ndarray, "token neuron"], found: Factoring) -> float:
    """The sum of squares that the factors leave, some columns at a time."""
    total = 0.0
    for start in range(0, matrix.shape[1], COLUMNS):
        part = slice(start, start + COLUMNS)
        left = found.components.T @ found.weights[:, part]
        if found.mean is not None:
            left += found.mean[part]
        left -= matrix[:, part]
        total += float(np.einsum("ij,ij->", left, left, dtype=np.float64))
    return total


def squares(matrices: Iterable[np.ndarray]) -> float:
    """The sum of squares of some matrices."""
    return sum(float(np.einsum("ij,ij->", m, m, dtype=np.float64)) for m in matrices)
