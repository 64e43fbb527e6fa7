"""The film reviews that the classifier is trained on: repeatable, marked, and free of what is kept for the evaluation."""

from __future__ import annotations

import re
from itertools import islice

import pytest

from training import review_wordings as wordings
from training.corpus import held_out
from training.encoders import batches, build_tokenizer
from training.review_paraphrases import REVIEWS
from training.reviews import FIXED, LABELS, PLAIN, Critic, read, signed


@pytest.fixture(scope="module")
def sample():
    return list(islice(Critic(3).reviews(), 5000))


def test_same_seed_same_reviews():
    one, again, other = (list(islice(Critic(seed).reviews(), 100)) for seed in (1, 1, 2))
    assert one == again != other


def test_marks_become_spans():
    review = read("It is \x03not\x02 \x01bad\x02, but \x04fine\x02.", "positive")
    assert review.text == "It is not bad, but fine."
    assert (review.spoken("turn"), review.spoken("word"), review.spoken("other")) == (["not"], ["bad"], ["fine"])
    assert signed("~not~ <{!adj}> *{=noun}*", "+") == "\x03not\x02 \x01{-adj}\x02 \x04{+noun}\x02"


def test_reviews_are_clean_and_balanced(sample):
    assert not [review.text for review in sample if re.search(r"[{}|\x00-\x08~*<>\[\]^_]|a\(n\)|  ", review.text)]
    share = sum(review.label == "positive" for review in sample) / len(sample)
    assert 0.45 < share < 0.55
    assert all(review.spoken("word") for review in sample)


def test_every_wording_expands():
    critic = Critic(0)
    for sign in "+-":
        for templates in critic.families[sign].values():
            for template in templates:
                raw = critic._expanded(template, sign)
                assert "\x01" in raw
                assert not re.search(r"[{}]", raw)
    assert all("{B}" in template or "<" in template for template in wordings.CONTRASTS)


def test_the_word_that_decides_is_of_the_right_sign(sample):
    # Without a turn a deciding word has the sign of its review, so no such word stands in plain reviews of both.
    seen: dict[str, set[str]] = {"positive": set(), "negative": set()}
    for review in sample:
        if not review.spoken("turn"):
            seen[review.label].update(word.lower() for word in review.spoken("word"))
    assert len(seen["positive"]) > 150
    assert not seen["positive"] & seen["negative"]


def test_kept_out_combinations_are_not_told():
    critic, unseen = Critic(4), Critic(4, unseen=True)
    families = critic.families["+"] | critic.families["-"]
    some = {name: next(iter(templates)) for name, templates in families.items() if name not in FIXED}
    words = ["good", "dull", "charm", "bored", "bore", "funny"]
    told = 0
    for name, template in some.items():
        for word in words:
            where = (name, template) if name in PLAIN else (name,)
            kept_out = held_out("review", *where, word)
            assert critic._may_say(name, template, f"\x01{word}\x02") != kept_out
            assert unseen._may_say(name, template, f"\x01{word}\x02") == kept_out
            told += kept_out
    assert told > 5


def test_signs_of_words_reach_the_batch():
    critic = Critic(5)
    texts = list(islice(critic.texts(), 64))
    tokenizer = build_tokenizer([text.plain for text in texts], 1000, lowercase=True)
    turned = judging = 0
    for batch in batches(iter(texts), tokenizer, 512, 0):
        assert ((batch.signs >= 0) == (batch.answers > 0)).all()
        assert batch.labels.max() <= 1
        turned += int(((batch.answers == 1) & (batch.signs != batch.labels.unsqueeze(1))).sum())
        judging += int((batch.answers == 1).sum())
    assert 0 < turned < judging


def test_paraphrases_are_many_and_do_not_occur(sample):
    texts = [text for reviews in REVIEWS.values() for text, _ in reviews]
    assert len(set(texts)) == len(texts) >= 60
    told = "\n".join(review.text for review in sample).lower()
    # "Not bad at all" is a wording of the generator too; it is the sentence that everyone asks.
    assert [text for text in texts if text.lower().rstrip(".") in told] in ([], ["Not bad at all."])
    assert LABELS == ("negative", "positive")
