"""Factorisations of matrices: what they must be whatever the matrix is, and scikit-learn's own where they are its."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.decomposition import NMF, PCA, FastICA

from ecco.factoring import METHODS, Factoring, in_order, nmf, squared_error


def matrix(tokens: int = 30, neurons: int = 200, rank: int | None = None) -> np.ndarray:
    """Random numbers, not negative; of this rank."""
    rng = np.random.default_rng(0)
    if rank is None:
        return rng.exponential(size=(tokens, neurons)).astype(np.float32)
    return (rng.exponential(size=(tokens, rank)) ** 2 @ rng.exponential(size=(rank, neurons)) ** 2).astype(np.float32)


def error(x: np.ndarray, found: Factoring) -> float:
    """What is left, by the plain formula."""
    mean = 0 if found.mean is None else found.mean
    return float(np.linalg.norm(x - mean - found.components.T @ found.weights) / np.linalg.norm(x))


def test_nmf_is_nowhere_negative() -> None:
    found = nmf(matrix(), 5, 0)
    assert (found.components >= 0).all()
    assert (found.weights >= 0).all()
    assert found.components.shape == (5, 30)
    assert found.weights.shape == (5, 200)


@pytest.mark.parametrize("rank", [None, 3, 12])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_nmf_leaves_no_more_than_scikit_learns(rank: int | None, seed: int) -> None:
    x = matrix(60, 300, rank)
    theirs = NMF(6, init="random", max_iter=500, random_state=seed).fit(x)
    ours = error(x, nmf(x, 6, 0))
    assert ours <= theirs.reconstruction_err_ / np.linalg.norm(x) + 1e-3


def test_nmf_finds_the_parts_of_which_a_matrix_was_made() -> None:
    rng = np.random.default_rng(1)
    parts = np.kron(np.eye(4), np.ones((1, 50))) * rng.uniform(0.5, 1, (4, 200))
    amounts = rng.exponential(size=(40, 4)) * (rng.random((40, 4)) < 0.5)
    found = in_order(nmf((amounts @ parts).astype(np.float32), 4, 0), unit=True)
    likeness = found.weights @ (parts / np.linalg.norm(parts, axis=1, keepdims=True)).T
    assert sorted(likeness.argmax(axis=1)) == [0, 1, 2, 3]
    assert (likeness.max(axis=1) > 0.999).all()


@pytest.mark.parametrize("method", METHODS)
def test_more_factors_leave_less(method: str) -> None:
    x = matrix()
    errors = [error(x, METHODS[method](x, n, 0)) for n in (1, 3, 6, 12)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < errors[0] - 0.01


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_factors(method: str) -> None:
    one, two = (METHODS[method](matrix(), 4, 3) for _ in range(2))
    assert np.array_equal(one.components, two.components)
    assert np.array_equal(one.weights, two.weights)


@pytest.mark.parametrize("method", ["nmf", "pca"])
def test_other_order_of_tokens_same_factors(method: str) -> None:
    x = matrix(rank=4) + 0.01 * matrix()
    order = np.random.default_rng(5).permutation(len(x))
    one, two = (in_order(METHODS[method](m, 4, 0), unit=True) for m in (x, x[order]))
    scale = np.abs(one.components).max()
    np.testing.assert_allclose(np.abs(two.components), np.abs(one.components[:, order]), atol=0.01 * scale)


def test_the_matrix_stays_as_it_was() -> None:
    x = matrix()
    kept = x.copy()
    for method in METHODS.values():
        method(x, 3, 0)
    assert np.array_equal(x, kept)


def test_pca_and_kmeans_are_scikit_learns() -> None:
    x = matrix()
    pca, theirs = METHODS["pca"](x, 4, 0), PCA(4, random_state=0).fit(x)
    np.testing.assert_allclose(pca.components.T, theirs.transform(x), atol=1e-4)
    np.testing.assert_allclose(pca.weights, theirs.components_)
    clusters, own = METHODS["kmeans"](x, 4, 0), KMeans(4, random_state=0).fit(x.T)
    assert np.array_equal(clusters.weights.argmax(axis=0), own.labels_)
    assert (clusters.weights.sum(axis=0) == 1).all()
    np.testing.assert_allclose(clusters.components, [x[:, own.labels_ == k].mean(axis=1) for k in range(4)], rtol=1e-4)


def test_ica_is_scikit_learns_but_for_sign_and_order() -> None:
    rng = np.random.default_rng(2)
    x = (rng.laplace(size=(300, 3)) @ rng.normal(size=(3, 40))).astype(np.float64)
    ours = METHODS["ica"](x, 3, 0).components
    theirs = FastICA(3, random_state=0, whiten="unit-variance", max_iter=1000).fit_transform(x).T
    likeness = np.abs(np.corrcoef(ours, theirs)[:3, 3:])
    assert (likeness.max(axis=1) > 0.999).all()
    assert error(x, METHODS["ica"](x, 3, 0)) < 1e-6
    strongest = ours[np.arange(3), np.abs(ours).argmax(axis=1)]
    assert (strongest > 0).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("unit", [True, False])
def test_the_order_and_the_scale_change_nothing(method: str, unit: bool) -> None:
    x = matrix(20, 5000)  # more columns than are reconstructed at a time
    found = METHODS[method](x, 4, 0)
    ordered = in_order(found, unit=unit)
    sizes = np.linalg.norm(ordered.components, axis=1) * np.linalg.norm(ordered.weights, axis=1)
    assert (np.diff(sizes) <= 1e-3 * sizes[0]).all()
    assert error(x, ordered) == pytest.approx(error(x, found), abs=1e-4)
    assert np.sqrt(squared_error(x, ordered)) / np.linalg.norm(x) == pytest.approx(error(x, found), abs=1e-4)
    if unit:
        np.testing.assert_allclose(np.linalg.norm(ordered.weights, axis=1), 1, rtol=1e-4)


def test_a_matrix_of_lower_rank_has_empty_factors_and_no_nonsense() -> None:
    x = np.outer(np.arange(1, 7), np.ones(20)).astype(np.float32)
    found = in_order(nmf(x, 3, 0), unit=True)
    assert np.isfinite(found.components).all()
    assert np.isfinite(found.weights).all()
    assert error(x, found) < 1e-3
