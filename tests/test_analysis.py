"""Similarities are those of the textbook, keep their invariances at any size, and refuse what cannot be compared."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm, subspace_angles
from scipy.stats import ortho_group

from ecco import analysis
from ecco.analysis import METRICS, FewPositionsWarning, cca, cka, pwcca, svcca
from ecco.errors import ArgumentError

N = 200


def debiased_cka(first: np.ndarray, second: np.ndarray) -> float:
    return cka(first, second, debiased=True)


FUNCTIONS: dict[str, Callable[..., float]] = {
    "cca": cca,
    "svcca": svcca,
    "svcca, few": lambda a, b: svcca(a, b, dims=3),
    "svcca, share": lambda a, b: svcca(a, b, dims=0.9),
    "pwcca": pwcca,
    "cka": cka,
    "cka, debiased": debiased_cka,
}
SYMMETRIC = [name for name in FUNCTIONS if name != "pwcca"]
ROTATED = [name for name in FUNCTIONS if name != "pwcca"]


def related(neurons: int = 6, others: int = 9, n: int = N, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two sides that share three signals, with neurons of different sizes and means."""
    chance = np.random.default_rng(seed)
    shared = chance.normal(size=(3, n))
    first, second = (chance.normal(size=(k, 3)) @ shared + 0.5 * chance.normal(size=(k, n)) for k in (neurons, others))
    return first * np.linspace(0.2, 3, neurons)[:, None] + 5, second - chance.normal(size=(others, 1))


def random_map(size: int, seed: int = 5) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return np.geomspace(0.1, 10, size)[:, None] * (chance.normal(size=(size, size)) + 2 * np.eye(size))


# -- the textbook ------------------------------------------------------------------------------------------------------


def centred(values: np.ndarray) -> np.ndarray:
    return values - values.mean(axis=1, keepdims=True)


def whitened(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Correlations and the canonical variates of both sides, through inverse square roots of the covariances."""
    x, y = centred(first), centred(second)
    wx, wy = (np.linalg.inv(np.real(sqrtm(z @ z.T))) for z in (x, y))
    left, correlations, right = np.linalg.svd(wx @ x @ y.T @ wy, full_matrices=False)
    return correlations, left.T @ wx @ x, right @ wy @ y


def gram_hsic(first: np.ndarray, second: np.ndarray) -> float:
    n = first.shape[1]
    centring = np.eye(n) - np.ones((n, n)) / n
    return float(np.trace(first.T @ first @ centring @ second.T @ second @ centring))


def unbiased_hsic(first: np.ndarray, second: np.ndarray) -> float:
    """Song et al. 2012, equation 5, of Gram matrices that are not centred, sum by sum."""
    n = first.shape[1]
    k, m = (values.T @ values * (1 - np.eye(n)) for values in (first, second))
    ones = np.ones(n)
    middle = (ones @ k @ ones) * (ones @ m @ ones) / ((n - 1) * (n - 2))
    return float(np.trace(k @ m) + middle - 2 / (n - 2) * (ones @ k @ m @ ones)) / (n * (n - 3))


@pytest.mark.parametrize("sizes", [(6, 9), (9, 6), (1, 5), (7, 7)])
def test_cca_is_the_mean_cosine_of_the_angles_between_the_spaces(sizes: tuple[int, int]) -> None:
    first, second = related(*sizes)
    expected = np.cos(subspace_angles(centred(first).T, centred(second).T)).mean()
    assert cca(first, second) == pytest.approx(expected, abs=1e-10)


def test_svcca_is_cca_of_the_strongest_directions() -> None:
    first, second = related()
    strongest = []
    for values, keep in ((first, 3), (second, 3)):
        eigenvalues, vectors = np.linalg.eigh(np.cov(values))
        strongest.append(vectors[:, np.argsort(-eigenvalues)[:keep]].T @ values)
    assert svcca(first, second, dims=3) == pytest.approx(whitened(*strongest)[0].mean(), abs=1e-10)
    assert svcca(first, second) == pytest.approx(cca(first, second), abs=1e-12)
    assert abs(svcca(first, second, dims=3) - cca(first, second)) > 0.1


def test_svcca_keeps_the_directions_that_hold_a_share_of_the_variance() -> None:
    first, second = related()
    counts = []
    for values in (first, second):
        held = np.cumsum(np.sort(np.linalg.eigvalsh(np.cov(values)))[::-1])
        counts.append(int(np.argmax(held >= 0.99 * held[-1])) + 1)
    assert counts[0] < 6  # so that something is left out
    kept = [analysis.matrix(values, "") for values in (first, second)]
    parts = [analysis.directions(one, 0).positions[:, :count] for one, count in zip(kept, counts, strict=True)]
    assert svcca(first, second, dims=0.99) == pytest.approx(np.cos(subspace_angles(*parts)).mean(), abs=1e-10)
    assert svcca(first, second, dims=1.0) == pytest.approx(cca(first, second), abs=1e-12)


@pytest.mark.parametrize("sizes", [(6, 9), (9, 6), (7, 7)])
def test_pwcca_weights_correlations_by_what_their_variates_account_for(sizes: tuple[int, int]) -> None:
    first, second = related(*sizes)
    correlations, ours, theirs = whitened(first, second)
    variates, neurons = (ours, centred(first)) if len(first) <= len(second) else (theirs, centred(second))
    weights = np.array([sum(abs(float(variate @ neuron)) for neuron in neurons) for variate in variates])
    assert pwcca(first, second) == pytest.approx(float(weights @ correlations / weights.sum()), abs=1e-10)
    assert abs(pwcca(first, second) - cca(first, second)) > 0.01


@pytest.mark.parametrize("sizes", [(6, 9, N), (9, 6, N), (40, 60, 30), (700, 5, 50)])
def test_cka_is_hsic_of_the_gram_matrices(sizes: tuple[int, int, int]) -> None:
    first, second = related(*sizes)
    for number, hsic in ((quiet(cka), gram_hsic), (debiased_cka, unbiased_hsic)):
        expected = hsic(first, second) / np.sqrt(hsic(first, first) * hsic(second, second))
        assert number(first, second) == pytest.approx(expected, abs=1e-10)


def quiet(function: Callable[..., float]) -> Callable[..., float]:
    """The number without the warning that there are few positions."""

    def silent(*arguments: np.ndarray, **options: object) -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FewPositionsWarning)
            return function(*arguments, **options)

    return silent


# -- identities --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("size", [(6, N), (1, 8), (40, 12), (3, 4)])
def test_everything_is_like_itself(name: str, size: tuple[int, int]) -> None:
    values = related(size[0], 2, size[1])[0]
    assert quiet(FUNCTIONS[name])(values, values) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_numbers_are_between_0_and_1_and_those_of_strangers_are_small(name: str) -> None:
    chance = np.random.default_rng(1)
    close = FUNCTIONS[name](*related())
    far = FUNCTIONS[name](chance.normal(size=(6, N)), chance.normal(size=(9, N)))
    assert -0.01 < far < 0.25
    assert far + 0.2 < close <= 1


@pytest.mark.parametrize("name", SYMMETRIC)
def test_first_and_second_can_be_exchanged(name: str) -> None:
    first, second = related()
    assert FUNCTIONS[name](first, second) == pytest.approx(FUNCTIONS[name](second, first), abs=1e-12)


def test_pwcca_can_be_exchanged_where_one_has_the_lower_rank() -> None:
    assert pwcca(*related(6, 9)) == pytest.approx(pwcca(*related(6, 9)[::-1]), abs=1e-12)
    assert abs(pwcca(*related(7, 7)) - pwcca(*related(7, 7)[::-1])) > 1e-3


@pytest.mark.parametrize("name", FUNCTIONS)
def test_scale_and_mean_of_a_side_do_not_matter(name: str) -> None:
    first, second = related()
    for factor, mean in ((1e-6, 0), (1e200, 0), (-2, 30)):
        assert FUNCTIONS[name](factor * first + mean, second) == pytest.approx(FUNCTIONS[name](first, second), abs=1e-9)


@pytest.mark.parametrize("name", ROTATED)
def test_rotations_do_not_matter(name: str) -> None:
    first, second = related()
    turned = ortho_group.rvs(len(second), random_state=4) @ second
    assert FUNCTIONS[name](first, turned) == pytest.approx(FUNCTIONS[name](first, second), abs=1e-9)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_only_cca_is_the_same_under_every_invertible_map(name: str) -> None:
    first, second = related()
    mapped, before = FUNCTIONS[name](random_map(6) @ first, second), FUNCTIONS[name](first, second)
    if name in ("cca", "svcca"):  # 20 directions are all that there are
        assert mapped == pytest.approx(before, abs=1e-9)
    else:
        assert abs(mapped - before) > 1e-3


def test_pwcca_is_the_same_under_every_invertible_map_of_the_side_that_gives_no_weights() -> None:
    first, second = related()
    assert pwcca(first, random_map(9) @ second) == pytest.approx(pwcca(first, second), abs=1e-9)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_positions_in_another_order_are_the_same(name: str) -> None:
    first, second = related()
    order = np.random.default_rng(5).permutation(N)
    assert FUNCTIONS[name](first[:, order], second[:, order]) == pytest.approx(FUNCTIONS[name](first, second), abs=1e-10)
    assert FUNCTIONS[name](first, second[:, order]) < FUNCTIONS[name](first, second) - 0.1


# -- any size ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FUNCTIONS)
def test_dead_and_constant_neurons_do_not_count(name: str) -> None:
    first, second = related()
    more = np.vstack([first, np.zeros((2, N)), np.full((1, N), 0.1), np.full((1, N), 1e6)])
    assert FUNCTIONS[name](more, second) == pytest.approx(FUNCTIONS[name](first, second), abs=1e-9)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_neuron_that_is_the_sum_of_others_is_no_direction_of_its_own(dtype: type) -> None:
    first, second = related()
    more = np.vstack([first, first[:1] + first[1:2]]).astype(dtype)
    assert cca(more, second) == pytest.approx(cca(first, second), abs=1e-5)


def test_half_precision_and_other_forms_are_read() -> None:
    first, second = (torch.tensor(values, dtype=torch.float32, requires_grad=True) for values in related())
    expected = cca(*related())
    assert cca(first, second) == pytest.approx(expected, abs=1e-5)
    assert cca(first.tolist(), second.detach().numpy()) == pytest.approx(expected, abs=1e-5)
    assert cca(first.bfloat16(), second.half()) == pytest.approx(expected, abs=0.05)
    assert cka((first > 5).int(), second) == pytest.approx(cka((first > 5).numpy(), second), abs=1e-12)


def test_few_positions_are_told() -> None:
    chance = np.random.default_rng(2)
    first, second = chance.normal(size=(64, 20)), chance.normal(size=(80, 20))
    for function, found in ((cka, 0.8), (cca, 1 - 1e-9), (pwcca, 1 - 1e-9), (svcca, 1 - 1e-9)):
        with pytest.warns(FewPositionsWarning, match="20 positions are few"):
            assert function(first, second) > found
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert abs(cka(first, second, debiased=True)) < 0.15
        assert svcca(first, second, dims=4) < 0.8
        cka(first[:20], second[:20])
        cca(first[:9], second[:10])
    with pytest.warns(FewPositionsWarning):
        cca(first[:10], second[:10])


def test_many_at_once_are_what_they_are_one_by_one() -> None:
    chance = np.random.default_rng(6)
    layers = [chance.normal(size=(k, 30)) for k in (4, 50, 7)]
    ready = [analysis.matrix(values, "") for values in layers]
    for metric in METRICS:
        table, few = analysis.compare(metric, ready, ready, {})
        one = quiet(getattr(analysis, metric))
        np.testing.assert_allclose(table, [[one(a, b) for b in layers] for a in layers], atol=1e-12)
        assert few is not None
        np.testing.assert_allclose(analysis.compare(metric, ready[:2], ready, {})[0], table[:2], atol=1e-12)


def test_gram_matrices_are_summed_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = related(90, 80, 40)
    whole = debiased_cka(first, second)
    monkeypatch.setattr(analysis, "PIECE", 7 * 40)
    assert debiased_cka(first, second) == pytest.approx(whole, abs=1e-12)


# -- what is refused ---------------------------------------------------------------------------------------------------

GOOD = np.arange(12.0).reshape(3, 4) ** 2


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.ones((3, 5)) * np.arange(5), "acts1 holds 5 positions and acts2 4"),
        (np.ones((3, 1)), "acts1 holds 1 position; there must be 2 or more"),
        (np.ones((0, 4)), r"acts1 has the shape \(0, 4\)"),
        (np.ones(4), r"acts1 has the shape \(4,\)"),
        (np.ones((2, 3, 4)), r"acts1 has the shape \(2, 3, 4\)"),
        (np.full((3, 4), 0.1), "acts1 is the same at all 4 positions"),
        (np.where(GOOD == 25, np.nan, GOOD), "acts1 holds 1 numbers that are not finite, the first at neuron 1, position 1"),
        (np.where(GOOD == 25, np.inf, GOOD), "not finite"),
        ([["a", "b"]], "acts1 must be an array of real numbers"),
        ([[1, 2], [3]], "acts1 must be an array of real numbers"),
        (GOOD * 1j, "acts1 must be an array of real numbers"),
        (None, "acts1 must be an array of real numbers"),
    ],
)
def test_what_cannot_be_compared_is_refused(name: str, bad: object, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        FUNCTIONS[name](bad, GOOD)
    with pytest.raises(ArgumentError):
        FUNCTIONS[name](GOOD, bad)


@pytest.mark.parametrize("function", [cca, svcca, pwcca])
def test_what_only_rounding_tells_apart_is_refused(function: Callable[..., float]) -> None:
    values = np.full((3, 4), 4.0, dtype=np.float32)
    values[1, 2] = np.nextafter(np.float32(4), np.float32(5))
    with pytest.raises(ArgumentError, match="acts1 varies no more over its positions than the rounding"):
        function(values, GOOD)


@pytest.mark.parametrize("dims", [0, -1, 1.5, 0.0, True])
def test_dims_that_mean_nothing_are_refused(dims: float) -> None:
    with pytest.raises(ArgumentError, match="dims="):
        svcca(GOOD, GOOD, dims=dims)


def test_debiased_cka_is_refused_where_it_is_not_defined() -> None:
    with pytest.raises(ArgumentError, match="needs 4 or more positions; acts1 holds 3"):
        cka(GOOD[:, :3], GOOD[:, :3], debiased=True)
    with pytest.raises(ArgumentError, match="equally far"):
        cka(np.eye(6), np.eye(6), debiased=True)
    with pytest.raises(ArgumentError, match="epsilon="):
        pwcca(GOOD, GOOD, epsilon=1)
    ready = [analysis.matrix(GOOD, "it")]
    with pytest.raises(ArgumentError, match="metric='rsa' is not one of 'cka'"):
        analysis.compare("rsa", ready, ready, {})
    with pytest.raises(ArgumentError, match="cka has no option 'dims'; it has 'debiased'"):
        analysis.compare("cka", ready, ready, {"dims": 3})


@pytest.mark.parametrize("metric", [cka, cca])
@pytest.mark.parametrize(("dtype", "roundings"), [(np.float32, 4), (np.float64, 4), (np.float16, 0.4)])
def test_what_varies_by_rounding_alone_is_refused(metric: Any, dtype: Any, roundings: float) -> None:
    chance = np.random.default_rng(0)
    state = chance.normal(size=(24, 1)) * np.ones((1, 200))
    noise = roundings * np.finfo(dtype).eps * np.abs(state) * chance.uniform(-0.5, 0.5, size=state.shape)
    with pytest.raises(ArgumentError, match="no more over its positions than the rounding"):
        metric((state + noise).astype(dtype), chance.normal(size=(5, 200)))
    assert metric((state + 1e-2 * chance.normal(size=state.shape)).astype(dtype), chance.normal(size=(5, 200))) > 0
