"""`run_nmf` against scikit-learn's NMF on the same matrix: time, error against several of its seeds, and memory."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning

from benchmarks.measure import Claim, interleaved, milliseconds, peak_rise, ratio
from benchmarks.models import gpt2_sized, words

SEEDS = range(3)


def claims(tokens: int = 500, rounds: int = 1) -> list[Claim]:
    """10 factors of 12 layers of 3,072 neurons; the errors are against the best of scikit-learn's seeds."""
    out = gpt2_sized()(words(tokens))
    matrix = np.ascontiguousarray(np.maximum(out.activations["decoder"][0].flatten(0, 1).T.numpy(), 0))
    norm = float(np.linalg.norm(matrix))
    errors: dict[int, float] = {}

    def theirs(seed: int) -> None:
        settings: Any = {"n_components": 10, "init": "random", "max_iter": 500, "random_state": seed}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            errors[seed] = float(NMF(**settings).fit(matrix).reconstruction_err_) / norm

    found = out.run_nmf(10)
    rise = peak_rise(lambda: out.run_nmf(10)) / matrix.nbytes
    seconds = interleaved({"scikit-learn": lambda: theirs(0), "run_nmf": lambda: out.run_nmf(10)}, rounds)
    for seed in SEEDS[1:]:
        theirs(seed)
    listed = ", ".join(f"{errors[seed]:.5f}" for seed in SEEDS)
    return [
        Claim(f"run_nmf, {matrix.size:,} activations, 10 factors, against NMF(init='random', max_iter=500)",
              ratio(seconds, "run_nmf", "scikit-learn"), 0.5, milliseconds(seconds)),
        Claim(f"its error against the best of {len(SEEDS)} of theirs", found.error / min(errors.values()), 1.0,
              f"{found.error:.5f}; {listed}"),
        Claim("extra memory of run_nmf, in matrices of activations", rise, 2.0, f"{rise * matrix.nbytes / 2**20:.0f} MiB"),
    ]  # fmt: skip
