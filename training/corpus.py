"""Documents: what is told, in which proportions, and which combinations are kept out of training."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from zlib import crc32

from training import agreement, clauses, prose, scenes, sequences, wordings
from training.grammar import MARK, Grammar, parse, pick, variants
from training.world import BOYS, GIRLS, WOMEN, Fact, bare, facts

RELATIONS = {
    "city": 30,
    "capital": 17,
    "capital of": 6,
    "city country": 6,
    "place country": 6,
    "kind": 3,
    "language": 10,
    "currency": 6,
    "continent": 6,
    "birth": 9,
    "is a": 2,
    "opposite": 2,
}
FORMS = {"clause": 45, "scene": 22, "question": 21, "label": 12}
PIECES = {
    "fact": 50,
    "agreement": 14,
    "list": 6,
    "count": 4,
    "copy": 5,
    "sum": 2,
    "opinion": 8,
    "story": 5,
    "quote": 5,
    "prose": 4,
    "talk": 1,
    "odd": 0.5,
}

# The same for practice, in which what is learned late has a larger share.
PRACTICE_RELATIONS = {
    "city": 18,
    "capital": 17,
    "capital of": 10,
    "city country": 10,
    "place country": 8,
    "kind": 7,
    "language": 10,
    "currency": 7,
    "continent": 5,
    "birth": 8,
    "is a": 5,
    "opposite": 6,
}
PRACTICE_PIECES = {
    "fact": 40,
    "agreement": 6,
    "list": 7,
    "count": 8,
    "copy": 18,
    "sum": 3,
    "opinion": 3,
    "story": 14,
    "quote": 5,
    "prose": 2,
    "talk": 1,
    "odd": 0.5,
}

# Of which sort a relation's subject is, what stands before its answer in a reply.
SUBJECTS = {
    "city": "place",
    "place country": "place",
    "kind": "place",
    "birth": "person",
    "is a": "thing",
    "opposite": "thing",
    "capital of": "thing",
    "city country": "thing",
}
BEFORE = {
    "city": "in ",
    "place country": "in ",
    "kind": "a(n) ",
    "currency": "the ",
    "continent": "in ",
    "birth": "in ",
    "is a": "a(n) ",
    "capital of": "in ",
    "city country": "in ",
}
REPLIES = [
    "",
    "",
    "",
    "it is ",
    "it is ",
    "i think it is ",
    "well, it is ",
    "that is ",
    "A: ",
    "answer: ",
    "{name}: ",
    "i know that: ",
    "it is {adv}",
    "of course ",
    "i believe it is ",
]

SHES = [
    f"{the} {noun}"
    for the in ("the", "my")
    for noun in ("woman", "girl", "mother", "sister", "aunt", "grandmother", "daughter", "wife", "queen")
]
HES = [
    f"{the} {noun}"
    for the in ("the", "my")
    for noun in ("man", "boy", "father", "brother", "uncle", "grandfather", "son", "husband", "king")
]
PRONOUNS = {
    "she": {"he": "she", "him": "her", "his": "her", "himself": "herself"},
    "he": {"he": "he", "him": "him", "his": "his", "himself": "himself"},
}


@dataclass(frozen=True)
class Told:
    """A fact in one wording: the text, with the answer marked, and which wording it is."""

    fact: Fact
    form: str
    wording: int
    text: str


def held_out(kind: str, *parts: object) -> bool:
    """Whether a combination is kept out of training: one in ten, whatever the seed."""
    return crc32("/".join([kind, *map(str, parts)]).encode()) % 10 == 0


WORDINGS = {"clause": clauses.CLAUSES, "question": clauses.QUESTIONS, "label": clauses.LABELS, "scene": scenes.REMARKS}
SILENT = frozenset(["adv", "in_city", "the_city", "center"])


def _variants(relation: str, form: str, wording: int) -> set[str]:
    """A wording in all variants, the ways to name its subject made one."""
    texts = variants(parse(WORDINGS[form][relation][wording]), SILENT)
    return {re.sub(" +", " ", re.sub(r"\{(S|X|bare)\}", "{S}", text)) for text in texts}


@cache
def cores(relation: str, form: str, wording: int) -> tuple[frozenset[str], frozenset[str]]:
    """What a wording says between its subject and the answer, and between another subject and its answer, in all variants."""
    found: list[set[str]] = [set(), set()]
    for text in _variants(relation, form, wording):
        found[0].add(match[0] if (match := re.search(r"\{S\}.*?\{=\}|\{=\}.*?\{S\}", text, re.S)) else text)
        if match := re.search(r"\{other\}.*?\{its\}|\{its\}.*?\{other\}", text, re.S):
            found[1].add(match[0].replace("{other}", "{S}").replace("{its}", "{=}"))
    return frozenset(found[0]), frozenset(found[1])


@cache
def overlapping(relation: str, form: str, wording: int) -> tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]:
    """The wordings that may say the same of the subject as this one, and those that may say what it says of another subject."""
    main, aside = cores(relation, form, wording)
    others = [
        ((name, other), cores(relation, name, other)[0])
        for name, told in WORDINGS.items()
        for other in range(len(told.get(relation, ())))
    ]
    return tuple(other for other, core in others if core & main), tuple(other for other, core in others if core & aside)


@cache
def told_elsewhere(relation: str, form: str, wording: int) -> bool:
    """Whether another relation has a wording that may say the same: what is so told is no fair question to the model."""
    inverse = {"capital": "capital of", "capital of": "capital", "continent": "capital"}.get(relation)
    others = [(name, other) for name, told in WORDINGS.items() for other in range(len(told.get(inverse or "", ())))]
    found: set[str] = set()
    for name, other in others:
        if relation == "continent":
            matches = [re.search(r"\{S\}.*?\{its_continent\}", text) for text in _variants("capital", name, other)]
            found |= {match[0].replace("its_continent", "=") for match in matches if match}
        else:
            main, aside = cores(inverse or "", name, other)
            found |= {core.replace("{S}", "{_}").replace("{=}", "{S}").replace("{_}", "{=}") for core in main | aside}
    return bool(found & cores(relation, form, wording)[0])


def is_kept_out(relation: str, form: str, wording: int, subject: str, aside: bool = False) -> bool:
    """Whether a wording could tell a subject's fact as a wording does that is kept out of training for it."""
    return any(held_out(relation, *other, subject) for other in overlapping(relation, form, wording)[aside])


class Writer:
    """Writes documents.

    Args:
        seed: of all choices.
        unseen: write only combinations that are kept out of training, where a combination is told; else only the others.
        practice: write in the proportions of practice.
    """

    def __init__(self, seed: int, unseen: bool = False, practice: bool = False) -> None:
        self.rng = random.Random(seed)
        self.pieces = PRACTICE_PIECES if practice else PIECES
        self.relations = PRACTICE_RELATIONS if practice else RELATIONS
        self.unseen = unseen
        rules = wordings.RULES | clauses.RULES | prose.RULES | prose.OPINION | agreement.RULES | scenes.RULES
        self.grammar = Grammar(rules, self.rng)
        self.facts = facts()

    def documents(self) -> Iterator[str]:
        """Endless documents, answers marked."""
        while True:
            count = 1 if self.rng.random() < 0.5 else self.rng.randint(2, 7)
            main = pick(self.pieces, self.rng)
            joint = self.rng.choice([" ", " ", " ", "\n"])
            names = [main if self.rng.random() < 0.6 else pick(self.pieces, self.rng) for _ in range(count)]
            yield joint.join(self.piece(name) for name in names)

    def piece(self, name: str) -> str:
        """One text of a sort of `PIECES`; the answer of a fact or of an agreement is marked."""
        if name == "fact":
            return self.fact(pick(self.relations, self.rng)).text
        if name == "agreement":
            return self.agreement().text if self.rng.random() < 0.8 else agreement.other_agreement(self.grammar)
        if name == "opinion":
            return self.opinion()[0]
        if name == "story":
            return self.story()
        writers = {
            "list": sequences.list_document,
            "count": sequences.count_document,
            "copy": sequences.copy_document,
            "sum": sequences.sum_document,
            "odd": sequences.odd_document,
        }
        if name in writers:
            return writers[name](self.grammar)
        return self.grammar.text({"quote": "{quote}", "prose": "{clause.}", "talk": "{hello}"}[name])

    def agreement(self) -> agreement.Agreement:
        """A sentence whose verb agrees across attractors."""
        while True:
            found = agreement.agreement(self.grammar)
            if found.held_out == self.unseen:
                return found

    def fact(self, relation: str, forms: Mapping[str, float] = FORMS) -> Told:
        """A fact of a relation, in a wording that this writer may use for it."""
        while True:
            fact = self.rng.choice(self.facts[relation])
            form = pick(forms, self.rng)
            if relation not in WORDINGS[form]:
                continue
            wording = self.rng.randrange(len(WORDINGS[form][relation]))
            kept_out = (
                held_out(relation, form, wording, fact.subject)
                if self.unseen
                else is_kept_out(relation, form, wording, fact.subject)
            )
            if kept_out == self.unseen:
                return self.told(fact, form, wording)

    def told(self, fact: Fact, form: str, wording: int) -> Told:
        """A fact in a certain wording, the rest of the sentence chosen freely."""
        fields = self._fields(fact, form, wording)
        template = WORDINGS[form][fact.relation][wording]
        if form == "clause":
            template = ("{intro}" if self.rng.random() < 0.4 else "") + template + "{end}"
        elif form == "scene":
            sort = SUBJECTS.get(fact.relation, "country")
            scene, joint = self.rng.choice(scenes.SCENES[sort]), self.rng.choice(scenes.JOINTS)
            template = ("{intro}" if self.rng.random() < 0.2 else "") + scene + joint + template + "{end}"
        elif form == "question":
            template = self._question(fact.relation, template)
        else:
            template += self.rng.choice(["", "", ".", "\n", ";"])
        return Told(fact, form, wording, self.grammar.text(template, fields))

    def question(self, relation: str) -> tuple[str, Told]:
        """A question without its reply, in a wording that this writer may use for it, and the fact that it asks for."""
        told = self.fact(relation, {"question": 1})
        template = WORDINGS["question"][relation][told.wording]
        mark = "." if template.startswith("name ") else "?"
        return self.grammar.text(template + mark, self._fields(told.fact, "question", told.wording)), told

    def _question(self, relation: str, question: str) -> str:
        """The template of a question and its answer."""
        before = BEFORE.get(relation, "")
        mark = "." if question.startswith("name ") else "{end?}"
        if question.startswith("is "):
            reply = self.rng.choice(["no, it is ", "no, ", "it is not, it is ", "no: it is "]) + before
        elif before and self.rng.random() < 0.6:
            reply = self.rng.choice(REPLIES) + before
        else:
            reply = "{reply}"
        if self.rng.random() < 0.1:
            return '{ask}"' + question + '?" [{someone} asked|asked {someone}]. "' + reply + '{=}," {someone} [said|answered].'
        return (
            "{ask}"
            + question
            + mark
            + self.rng.choice([" ", " ", "\n"])
            + reply
            + "{=}"
            + self.rng.choice([".", ".", "", "!", "{end}"])
        )

    def _fields(self, fact: Fact, form: str, wording: int) -> dict[str, str]:
        """What the templates of a fact may name."""
        rng = self.rng
        name = self._variant(fact.subject)
        other, wrong = self._different(fact), self._different(fact)
        while is_kept_out(fact.relation, form, wording, other.subject, aside=True):
            other = self._different(fact)
        sort = SUBJECTS.get(fact.relation, "country")
        about = fact.fields
        found = {
            "X": name,
            "bare": bare(name),
            "=": MARK + fact.answer,
            "other": self._variant(other.subject),
            "its": other.answer,
            "wrong": wrong.answer,
            "K": about.get("kind", "place"),
            "people_adj": about.get("people", ""),
            "its_continent": about.get("continent", ""),
            "p_his": "her" if name in WOMEN else "his",
            "p_he": "she" if name in WOMEN else "he",
            "S": rng.choice(wordings.MODIFIED[sort]),
        }
        if fact.relation == "kind":
            # The kind is what is asked for.
            found |= {"S": rng.choice(["{X}", "{X}", "{X}, [like|unlike] {other},"]), "K": "place"}
        elif sort in wordings.ABOUT:
            found["about"] = rng.choice(wordings.ABOUT[sort])
        return found

    def _variant(self, name: str) -> str:
        """A name as it may be written."""
        if name.endswith(" Airport"):
            return self.rng.choice([name, name, name, name.replace("Airport", "airport"), name.removesuffix(" Airport")])
        return name

    def _different(self, fact: Fact) -> Fact:
        """Another fact of the relation with another answer."""
        while True:
            other = self.rng.choice(self.facts[fact.relation])
            if other.answer != fact.answer:
                return other

    def person(self) -> dict[str, str]:
        """The fields of a person in a story."""
        while True:
            who = self._anyone()
            # Not every person has a wording that is kept out of training.
            if any(held_out("story", wording, who["N"]) == self.unseen for wording in range(len(prose.RULES["told"]))):
                return who

    def _anyone(self) -> dict[str, str]:
        rng = self.rng
        gender = rng.choice(["she", "he"])
        sort = rng.random()
        if sort < 0.6:
            name = rng.choice(GIRLS if gender == "she" else BOYS)
        elif sort < 0.85:
            name = rng.choice(SHES if gender == "she" else HES)
        else:
            name = self.grammar.raw("the {job}")
            gender = {"the king": "he", "the queen": "she"}.get(name, gender)
        return {"N": name, "O": self.grammar.raw("{someone}")} | PRONOUNS[gender]

    def story(self) -> str:
        """One to four sentences about a person."""
        who, out = self.person(), []
        while not out or self.rng.random() < 0.4:
            out.append(self.told_of(who)[1])
            if self.rng.random() < 0.2:
                out.append(self.grammar.text("{clause.}"))
        return " ".join(out)

    def told_of(self, who: dict[str, str]) -> tuple[int, str]:
        """A sentence about a person, in a wording that this writer may use for that person, and which one."""
        while True:
            wording = self.rng.randrange(len(prose.RULES["told"]))
            if held_out("story", wording, who["N"]) == self.unseen:
                return wording, self.grammar.text(prose.RULES["told"][wording], who)

    def opinion(self) -> tuple[str, str]:
        """A text that judges something, and its sign: positive or negative."""
        rng = self.rng
        good = rng.random() < 0.5
        own, opposite = (prose.GOOD, prose.BAD) if good else (prose.BAD, prose.GOOD)
        while True:
            judged, word = rng.choice(prose.JUDGED), rng.choice(own)
            if held_out("opinion", judged, word) == self.unseen:
                break
        sign = "positive" if good else "negative"
        act, ending = ("{good act}", "{good end}") if good else ("{bad act}", "{bad end}")
        fields = {
            "J": judged,
            "A": word,
            "J2": rng.choice(prose.JUDGED),
            "B": rng.choice(own),
            "A2": rng.choice(own),
            "Z": rng.choice(opposite),
            "L": MARK + sign,
            "act": act,
            "ending": ending,
        }
        return self.grammar.text("{review}", fields), sign
