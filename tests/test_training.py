"""The text that the demo model is trained on: repeatable, and free of what is kept for the evaluation."""

from __future__ import annotations

import re
from itertools import islice

import pytest

from training import clauses, scenes
from training.agreement import is_held_out
from training.corpus import RELATIONS, WORDINGS, Writer, cores, held_out, told_elsewhere
from training.grammar import MARK, Grammar, parse, tidy
from training.paraphrases import AGREEMENTS, FACTS
from training.world import bare, facts, listings


@pytest.fixture(scope="module")
def sample() -> list[str]:
    """Many documents."""
    return [text.replace(MARK, "") for text in islice(Writer(3).documents(), 40_000)]


def test_same_seed_same_text():
    one, again, other = (list(islice(Writer(seed).documents(), 200)) for seed in (1, 1, 2))
    assert one == again != other


def test_templates_expand():
    grammar = Grammar({"x": ["[a(n) apple|a(n) pear]"]}, Writer(0).rng)
    assert {grammar.text("{x} , {y}.", {"y": "i"}) for _ in range(20)} == {"An apple, I.", "A pear, I."}
    assert tidy("a(n) \x00animal. so") == "An \x00animal. So"
    with pytest.raises(ValueError, match="unbalanced template"):
        parse("[a|b")


def test_every_wording_of_every_relation_expands():
    writer = Writer(0)
    for form, relations in WORDINGS.items():
        for relation, wordings in relations.items():
            for wording in range(len(wordings)):
                told = writer.told(facts()[relation][0], form, wording)
                assert told.text.count(MARK) == 1, told
                assert not re.search(r"[{}|]|a\(n\)", told.text), told


def test_relations_have_facts_and_wordings():
    assert set(RELATIONS) == set(facts()) == set(clauses.CLAUSES) == set(clauses.QUESTIONS) == set(clauses.LABELS)
    assert set(scenes.REMARKS) < set(RELATIONS)
    assert len({fact.subject for fact in facts()["city"]}) >= 60
    assert len(facts()["capital"]) >= 60
    assert len(listings()["countries of the European Union"]) == 27


def test_held_out_facts_are_not_told_in_training():
    writer, told = Writer(4), 0
    for relation in RELATIONS:
        for _ in range(1500):
            one = writer.fact(relation)
            assert not held_out(relation, one.form, one.wording, one.fact.subject)
            told += 1
    unseen = Writer(4, unseen=True).fact("city")
    assert told
    assert held_out("city", unseen.form, unseen.wording, unseen.fact.subject)


def test_no_held_out_fact_stands_in_the_text(sample):
    # Every variant of every clause, looked for in the text itself, wherever it may come from.
    text, looked_for = "\n".join(sample[:10_000]), 0
    for relation in sorted(set(RELATIONS) - {"kind", "is a", "opposite"}):
        for fact in facts()[relation]:
            places = [match.start() for match in re.finditer(re.escape(fact.subject), text)]
            near = "\n\n".join(text[max(0, place - 120) : place + 120] for place in places)
            for wording in range(len(WORDINGS["clause"][relation])):
                this = (relation, "clause", wording)
                if held_out(*this, fact.subject) and not told_elsewhere(*this):
                    for core in cores(relation, "clause", wording)[0]:
                        told = core.replace("{S}", fact.subject).replace("{=}", fact.answer)
                        if core.count("{") == 2:
                            looked_for += 1
                            assert told not in near, (relation, wording)
    assert looked_for > 1000


def test_held_out_agreement_is_not_told_in_training():
    writer = Writer(5)
    assert not any(writer.agreement().held_out for _ in range(3000))
    assert all(Writer(5, unseen=True).agreement().held_out for _ in range(50))
    assert is_held_out("key", "to", "cabinet") == is_held_out("key", "to", "cabinet")


def test_paraphrases_do_not_occur(sample):
    text = "\n".join(sample).lower()
    for prompt in [prompt for prompt, *_ in FACTS + AGREEMENTS]:
        assert prompt.lower() not in text
        # Nor the wording with another subject: its longest stretch without names.
        longest = max(re.split(r"\b[A-Z][\w']*(?: [A-Z][\w']*)*\b", prompt[1:]), key=len).strip().lower()
        assert len(longest.split()) < 5 or longest not in text, longest


def test_every_word_of_the_paraphrases_occurs(sample):
    known = set(re.findall(r"\w+", "\n".join(sample).lower()))
    assert [word for prompt, *_ in FACTS + AGREEMENTS for word in re.findall(r"\w+", prompt.lower()) if word not in known] == []


def test_paraphrases_ask_for_facts():
    for prompt, relation, subject in FACTS:
        assert subject in {fact.subject for fact in facts()[relation]}
        assert bare(subject).removesuffix(" Airport") in prompt
