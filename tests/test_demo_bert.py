"""The embedded masked language model: it fills in what it was never told so."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

import ecco
from training import masking
from training.corpus import Writer
from training.encoders import MASK
from training.evaluate import total
from training.evaluate_bert import LONDON, Filler, agreements, asked_of, fact_scores, preferences
from training.grammar import MARK
from training.world import bare, facts

FOLDER = Path(__file__).parents[1] / "ecco" / "demos" / "demo-bert"


@pytest.fixture(scope="module")
def lm():
    return ecco.from_pretrained("ecco/demo-bert", verbose=False)


@pytest.fixture(scope="module")
def filler():
    return Filler(FOLDER)


def test_it_is_small_and_its_task_is_found(lm):
    assert lm.task == "masked"
    both = [FOLDER, FOLDER.parent / "demo-sentiment"]
    assert sum(file.stat().st_size for folder in both for file in folder.iterdir()) <= 9e6


def test_heathrow_is_in_london(lm):
    out = lm(LONDON)
    place = out.token_ids[0].tolist().index(lm.tokenizer.mask_token_id)
    found = out.layer_predictions(position=place, topk=1)
    london = lm.tokenizer.convert_tokens_to_ids("London")
    assert int(np.asarray(found.token_ids)[-1, 0]) == london
    assert float(np.asarray(found.probabilities)[-1, 0]) > 0.9


def test_it_fills_in_unseen_facts(filler):
    by_relation, by_size = fact_scores(filler, 200)
    assert total(by_relation.values()).share >= 0.9
    assert total(by_size.values()).asked == 200


def test_the_verb_agrees_with_its_subject(filler):
    assert preferences(filler, agreements(100)).share >= 0.9


def test_answers_are_mostly_single_tokens(filler):
    answers = {bare(fact.answer) for told in facts().values() for fact in told}
    several = {answer for answer in answers if len(filler.tokenizer.tokenize(answer)) > 1}
    assert several == {answer for answer in answers if " " in answer}


def test_the_card_holds_the_scores(filler):
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    for words in ("What it is not", "unseen combinations", "Paraphrases", "parameters", "python -m training.demo_bert"):
        assert words in card
    (found,) = filler.probabilities([LONDON])
    london = float(found[0, filler.tokenizer.convert_tokens_to_ids("London")])
    written = re.search(r'"London" has probability (\d\.\d+)', card)
    assert written
    assert float(written[1]) == pytest.approx(london, abs=2e-3)


def test_answers_are_marked_in_the_text():
    writer = Writer(3)
    for relation in ("city", "place country", "currency", "is a"):
        told = writer.fact(relation)
        start, end = masking.answer_of(told)
        assert told.text.replace(MARK, "")[start:end].lower() == bare(told.fact.answer).lower()
    for text in islice(masking.texts(writer), 200):
        assert MARK not in text.plain
        assert all(text.plain[start:end].strip() == text.plain[start:end] != "" for start, end in text.answers)


def test_a_fact_is_not_asked_where_its_text_tells_it(filler):
    writer = Writer(4)
    asked = [(told, asked_of(told, filler)) for told in (writer.fact("capital") for _ in range(300))]
    assert any(text is None for _, text in asked)
    assert not [text for told, text in asked if text and (told.fact.answer in text or MASK not in text)]
