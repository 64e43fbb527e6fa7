"""Probes: equal to scikit-learn by hand, on every kind of model, fair in what they see, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from test_tasks import lm_of

import ecco
from ecco.errors import ArgumentError, ProofError
from ecco.probing import _control, _Examples

CHANCE = np.random.default_rng(0)
WORDS = [f"a{n}" for n in range(1, 13)]
TEXTS = [" ".join(CHANCE.choice(WORDS, size=5)) for _ in range(24)]
PARITY = [["even" if int(word[1:]) % 2 == 0 else "odd" for word in text.split()] for text in TEXTS]
# What a causal model must remember: the parity of the word before.
BEFORE = [[None, *row[:-1]] for row in PARITY]
OF_TEXTS = [row[0] for row in PARITY]


def quiet(lm: ecco.LM, texts: Any = TEXTS, labels: Any = PARITY, *args: Any, **options: Any) -> ecco.Probe:
    """Without a bar."""
    return ecco.probe(lm, texts, labels, *args, **{"n_folds": 3, "progress": False, **options})


def states(lm: ecco.LM, layer: int) -> list[np.ndarray]:
    """Of every text what a block returned, (token, d_model), without special tokens."""
    outs = [lm(text) for text in TEXTS]
    return [
        np.stack(
            [s.numpy() for s, t in zip(out._runs[0].flow.hidden[layer], out._runs[0].tokens, strict=True) if not t.special]
        )
        for out in outs
    ]


@pytest.mark.parametrize("labels", [BEFORE, OF_TEXTS], ids=["words", "texts"])
def test_accuracy_is_scikit_learns_by_hand(labels: list[Any], gpt2: ecco.LM) -> None:
    found = quiet(gpt2, TEXTS, labels, seed=5, C=0.3)
    assert found.representations == ("embeddings", *["hidden_states"] * (len(found.layers) - 1))
    for row, layer in enumerate(found.layers):
        if layer is None:
            continue
        own = states(gpt2, layer)
        if labels is OF_TEXTS:
            matrix, target, groups = np.stack([s.mean(axis=0) for s in own]), np.array(labels), np.arange(len(TEXTS))
        else:
            kept = [(s[n], label, g) for g, s in enumerate(own) for n, label in enumerate(labels[g]) if label is not None]
            matrix, target, groups = (np.array([k[i] for k in kept]) for i in range(3))
        folds = StratifiedGroupKFold(3, shuffle=True, random_state=5).split(matrix, target, groups)
        for fold, (train, test) in enumerate(folds):
            assert not set(groups[train]) & set(groups[test])
            model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=1000)).fit(matrix[train], target[train])
            # One example may lie on the border, where rounding decides.
            assert abs(model.score(matrix[test], target[test]) - found.accuracy[row, fold]) <= 1.01 / len(test)


def test_embeddings_know_the_word_and_not_the_one_before(gpt2: ecco.LM) -> None:
    own, before = quiet(gpt2), quiet(gpt2, TEXTS, BEFORE)
    assert own.accuracy[0].mean() == 1.0
    assert own.control[0].mean() == 1.0  # by heart
    assert before.accuracy[0].mean() < 0.8
    assert before.n_examples == sum(label is not None for row in BEFORE for label in row)


@pytest.mark.parametrize(
    ("kind", "model_type"),
    [("causal", "llama"), ("masked", "bert"), ("seq2seq", "t5"), ("text label", "bert"), ("states", "bert")],
)
def test_every_kind_of_model_is_probed(kind: str, model_type: str, untouched: Any) -> None:
    lm = lm_of(kind, model_type)
    untouched(lm.model)
    found = quiet(lm, on=["hidden_states", "activations"])
    n_layers = len({layer for layer in found.layers if layer is not None})
    assert found.representations == ("embeddings", *["hidden_states"] * n_layers, *["activations"] * n_layers)
    assert found.accuracy[0].mean() == 1.0
    assert ((found.accuracy >= 0) & (found.accuracy <= 1)).all()


def test_layers_and_pools_are_chosen(gpt2: ecco.LM) -> None:
    assert quiet(gpt2, layers=[0, -1]).layers == (0, 2)
    assert quiet(gpt2, layers=1, on="activations").representations == ("activations",)
    scores = {pool: quiet(gpt2, TEXTS, OF_TEXTS, pool=pool).accuracy for pool in ("mean", "first", "last")}
    assert scores["first"][0].mean() > max(scores["mean"][0].mean(), scores["last"][0].mean())


def test_the_control_task_gives_a_word_the_same_label_everywhere() -> None:
    labels, kinds = CHANCE.integers(0, 3, 300), CHANCE.integers(0, 40, 300)
    drawn = _control(_Examples(labels, kinds, np.arange(300)), 0)
    assert all(len(set(drawn[kinds == kind])) == 1 for kind in set(kinds))
    assert set(drawn) <= set(labels)
    assert len(set(_control(_Examples(labels, np.minimum(kinds, 1), np.arange(300)), 0))) == 2


def test_where_all_examples_are_one_word_each_has_a_control_label_of_its_own() -> None:
    lm = lm_of("masked", "bert")
    mask = lm.tokenizer.mask_token
    texts = [f"{text} {mask}" for text in TEXTS]
    labels = [[None] * 5 + [row[0]] for row in PARITY]
    assert quiet(lm, texts, labels).control.mean() < 1.0


def test_the_same_call_gives_the_same_numbers(gpt2: ecco.LM) -> None:
    first, second = quiet(gpt2, TEXTS, BEFORE), quiet(gpt2, TEXTS, BEFORE)
    np.testing.assert_array_equal(first.accuracy, second.accuracy)
    np.testing.assert_array_equal(first.control, second.control)


def test_numbers_and_text(gpt2: ecco.LM) -> None:
    found = quiet(gpt2, TEXTS, BEFORE, on=["hidden_states", "activations"])
    records = found.to_records()
    assert len(records) == len(found.layers)
    assert records[1]["selectivity"] == pytest.approx(records[1]["accuracy"] - records[1]["control"])
    assert "selectivity" in repr(found)
    payload = json.loads(json.dumps(found.to_payload(), allow_nan=False))
    assert payload["layers"][0] is None
    assert payload["series"][0]["accuracy"][0] == pytest.approx(found.accuracy[0].mean(), abs=1e-4)
    assert payload["series"][1]["accuracy"][0] is None
    assert payload["series"][1]["control"][1] == pytest.approx(found.control[len(payload["layers"])].mean(), abs=1e-4)


@pytest.mark.parametrize(
    ("texts", "labels", "options", "said"),
    [
        (TEXTS, PARITY[:-1], {}, "lists of the same length"),
        ("a1", ["x"], {}, "lists of the same length"),
        ([], [], {}, "lists of the same length"),
        (TEXTS, [PARITY[0], *OF_TEXTS[1:]], {}, "Either every text has one label"),
        (TEXTS, [PARITY[0][:-1], *PARITY[1:]], {}, "Text 0: It has 4 labels for 5 words: 'a"),
        (TEXTS, [[None] * 5, *PARITY[1:]], {}, "Text 0: It has no label"),
        (TEXTS, [None, *OF_TEXTS[1:]], {}, "Text 0: It has no label"),
        (TEXTS, ["x"] * 24, {}, "There is one label"),
        (TEXTS, ["x", *["y"] * 23], {}, "Label 'x' stands in 1 text, which does not fill 3 folds"),
        (TEXTS, PARITY, {"on": "logits"}, "on='logits'"),
        (TEXTS, PARITY, {"layers": 9}, "layers"),
        (TEXTS, PARITY, {"by": "sentence"}, "by='sentence'"),
        (TEXTS, OF_TEXTS, {"pool": "max"}, "pool='max'"),
        (TEXTS, PARITY, {"C": 0}, "C=0"),
        (TEXTS, PARITY, {"n_folds": 1}, "n_folds=1"),
    ],
)
def test_what_makes_no_sense_is_refused(texts: Any, labels: Any, options: dict[str, Any], said: str, gpt2: ecco.LM) -> None:
    with pytest.raises(ArgumentError, match=said):
        quiet(gpt2, texts, labels, **options)


def test_a_model_without_neurons_is_refused() -> None:
    with pytest.raises(ProofError):
        quiet(lm_of("causal", "mamba"), on="activations")
