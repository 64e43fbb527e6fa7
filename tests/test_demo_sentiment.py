"""The embedded classifier of film reviews: it judges by words that are negated and weighed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ecco
from training.evaluate import total
from training.evaluate_sentiment import EXAMPLES, Judge, unseen_scores

FOLDER = Path(__file__).parents[1] / "ecco" / "demos" / "demo-sentiment"


@pytest.fixture(scope="module")
def judge():
    return Judge(FOLDER)


def test_its_task_and_labels_are_found():
    lm = ecco.from_pretrained("ecco/demo-sentiment", verbose=False)
    assert lm.task == "classification"
    assert lm.model.config.id2label == {0: "negative", 1: "positive"}
    assert lm.predict_token("The film is not bad at all.") is not None


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("The film is bad.", "negative"),
        ("The film is not bad at all.", "positive"),
        ("The film is brilliant.", "positive"),
        ("The film is not brilliant.", "negative"),
        ("The actors are brilliant, but the story is dull.", "negative"),
        ("The story is dull, but the actors are brilliant.", "positive"),
        ("Although the story is dull, the actors are brilliant.", "positive"),
        ("The film is less boring than I feared.", "positive"),
    ],
)
def test_it_weighs_negation_and_contrast(judge, text, label):
    assert judge.labels([text]) == [label]


def test_it_judges_unseen_combinations(judge):
    assert total(unseen_scores(judge, 400).values()).share >= 0.95


def test_the_card_holds_the_scores(judge):
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    for words in ("What it is not", "Unseen combinations", "Paraphrases", "parameters", "python -m training.demo_sentiment"):
        assert words in card
    for text, row in zip(EXAMPLES, judge.probabilities(EXAMPLES), strict=True):
        written = re.search(rf'"{re.escape(text)}" is \w+: positive with probability ([\d.]+)\.', card)
        assert written
        assert float(written[1]) == pytest.approx(float(row[1]), abs=2e-3)
