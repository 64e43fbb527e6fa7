"""Factors over a collection of texts, a few in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from conftest import TEXT
from test_factors import activations, rebuilt
from test_tasks import SOURCE, lm_of

import ecco
from ecco.errors import ArgumentError
from ecco.factoring import Incremental, in_order, nmf, squared_error

TEXTS = [TEXT, "a1 a2 a3", "a80 a41 a9 a9 a8", "a60 a61 a3 a5", "a22"]


def quiet(lm: ecco.LM, texts: Any, n_components: int = 2, **options: Any) -> ecco.NeuronFactors:
    """Without a bar."""
    return lm.run_nmf(texts, n_components, progress=False, **options)


@pytest.mark.parametrize("batch_tokens", [1, 7, 1000])
@pytest.mark.parametrize(("kind", "model_type"), [("causal", "gpt2"), ("masked", "bert"), ("seq2seq", "t5")])
def test_the_error_is_that_of_all_activations(kind: str, model_type: str, batch_tokens: int, untouched: Any) -> None:
    lm = lm_of(kind, model_type)
    untouched(lm.model)
    texts = [SOURCE, "a3 a4", "a60 a61 a2"] if kind == "seq2seq" else TEXTS
    found = quiet(lm, texts, batch_tokens=batch_tokens)
    own = np.maximum(activations(lm(texts), side=1 if kind == "seq2seq" else 0), 0)
    assert found.components.shape == (2, len(own))
    assert found.weights.shape == (2, own.shape[1])
    assert min(found.components.min(), found.weights.min()) >= 0
    assert found.error == pytest.approx(np.linalg.norm(own - rebuilt(found)) / np.linalg.norm(own), abs=1e-4)
    assert [len(tokens) for tokens in found.tokens] == [found.of(n).shape[1] for n in range(len(texts))]
    assert found.clipped == pytest.approx(lm(texts).run_nmf(2, side=found.side).clipped, abs=1e-5)


def test_batches_leave_hardly_more_than_all_at_once(gpt2: ecco.LM) -> None:
    whole = gpt2(TEXTS).run_nmf(3)
    assert quiet(gpt2, TEXTS, 3, batch_tokens=1000).error <= whole.error * 1.001
    errors = [quiet(gpt2, TEXTS, 3, batch_tokens=6, passes=passes).error for passes in (1, 2, 4, 30)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] <= whole.error * 1.03


@pytest.mark.parametrize("seed", range(3))
def test_every_step_lowers_the_error_over_what_was_seen(seed: int) -> None:
    rows = np.random.default_rng(seed).gamma(0.5, size=(60, 40)).astype(np.float32)
    parts = np.split(rows, [10, 25, 45])
    found = Incremental(parts[0], 4, 0)
    components = [found.see(part, None) for part in parts]
    before = np.inf
    for _ in range(4):
        for number, part in enumerate(parts):
            components[number] = found.see(part, components[number])
            error = float(np.linalg.norm(rows - np.concatenate(components, axis=1).T @ found.weights) ** 2)
            assert found.squared_error == pytest.approx(error, rel=1e-3)
            assert error <= before * (1 + 1e-5)
            before = error
    assert before <= squared_error(rows, in_order(nmf(rows, 4, 0), unit=True)) * 1.05


def test_the_same_call_gives_the_same_factors(gpt2: ecco.LM) -> None:
    first, second = (quiet(gpt2, TEXTS, batch_tokens=6) for _ in range(2))
    np.testing.assert_array_equal(first.components, second.components)
    np.testing.assert_array_equal(first.weights, second.weights)


def test_layers_are_chosen(gpt2: ecco.LM) -> None:
    assert quiet(gpt2, TEXTS, from_layer=1, to_layer=2).layers == (1,)


class Stopped(list):
    """Texts that a person stops at some time."""

    def __init__(self, texts: list[str], after: int) -> None:
        super().__init__(texts)
        self.left = after

    def __iter__(self) -> Iterator[str]:
        for text in super().__iter__():
            if not self.left:
                raise KeyboardInterrupt
            self.left -= 1
            yield text


def test_a_stop_after_the_first_pass_gives_what_was_found(gpt2: ecco.LM) -> None:
    found = quiet(gpt2, Stopped(TEXTS, after=len(TEXTS) + 3), batch_tokens=1)
    own = np.maximum(activations(gpt2(TEXTS)), 0)
    assert found.n_iterations == 1
    assert found.error == pytest.approx(np.linalg.norm(own - rebuilt(found)) / np.linalg.norm(own), abs=1e-4)
    with pytest.raises(KeyboardInterrupt):
        quiet(gpt2, Stopped(TEXTS, after=3), batch_tokens=1)


@pytest.mark.parametrize(
    ("texts", "options", "said"),
    [
        ("a1 a2", {}, "must be a list of one or more texts"),
        ([], {}, "must be a list of one or more texts"),
        ([TEXT, ""], {}, "Text 1: "),
        (TEXTS, {"passes": 0}, "passes=0"),
        (TEXTS, {"batch_tokens": 0}, "batch_tokens=0"),
        (["a1 a2"], {"n_components": 3}, "n_components=3 must be 1 to 2"),
        (TEXTS, {"from_layer": 9}, "from_layer=9"),
        (TEXTS, {"side": "encoder"}, "side='encoder'"),
    ],
)
def test_what_makes_no_sense_is_refused(texts: Any, options: dict[str, Any], said: str, gpt2: ecco.LM) -> None:
    with pytest.raises(ArgumentError, match=said):
        quiet(gpt2, texts, **options)
