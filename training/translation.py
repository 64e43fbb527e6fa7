"""English sentences with their German translation, both written at once from one choice of words.

A clause is composed of a subject, a verb in a tense, and what goes with it; German sets its parts in another order: the finite
verb is the second part of a statement ("Gestern hat der Mann den Brief gelesen"), the first of a question, the last behind
"dass" and "weil". Other sentences tell facts of the world. For every English sentence there is one translation.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from training import german, translated_facts
from training.corpus import held_out
from training.german import names
from training.phrases import PERSONS, Clause, Noun, Phrase, Verb, adjectives, finished, named, nouns, phrase, spoken, verbs
from training.world import BOYS, GIRLS

NAMES = [*GIRLS, *BOYS]
# The other pronouns are written like these, or mean several persons in German.
PRONOUNS = {"i": ("ich", "i"), "he": ("er", "one"), "she": ("sie", "one"), "we": ("wir", "many"), "they": ("sie", "many")}
# The forms with ich, with one, and with several.
BE = {"present": ("bin", "ist", "sind"), "past": ("war", "war", "waren")}
HAVE = ("habe", "hat", "haben")
MODALS = {
    "future": ("werde", "wird", "werden"),
    "can": ("kann", "kann", "können"),
    "must": ("muss", "muss", "müssen"),
    "want": ("will", "will", "wollen"),
}
TENSES = {"present": 6, "past": 8, "future": 3, "can": 2, "must": 2, "want": 2}
SIDES = (("on", "auf"), ("under", "unter"), ("behind", "hinter"), ("next to", "neben"), ("in front of", "vor"))
STANDING = ("table", "chair", "box", "bag", "car", "tree", "house", "piano", "stone", "lamp")
# What nobody can, must or wants to do.
STATES = ("know", "need", "love")
SAYING = {
    "says": ("sage", "sagt", "sagen"),
    "knows": ("weiß", "weiß", "wissen"),
    "thinks": ("denke", "denkt", "denken"),
    "believes": ("glaube", "glaubt", "glauben"),
}


class Translator:
    """Writes sentences with their translation.

    Args:
        seed: of all choices.
        unseen: write only sentences with a combination that is kept out of training; else only sentences without any.

    A combination is an adjective with its noun, a verb with its object, a wording with the name that it is about. One in ten
    is kept out.
    """

    def __init__(self, seed: int, unseen: bool = False) -> None:
        self.rng = random.Random(seed)
        self.unseen = unseen
        self.told: list[tuple[str, ...]] = []

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Endless sentences, English and German."""
        while True:
            self.told = []
            pair = self.fact() if self.rng.random() < 0.3 else self.sentence()
            if any(held_out("translation", *parts) for parts in self.told) == self.unseen:
                yield pair

    def fact(self) -> tuple[str, str]:
        """A sentence about a fact, and what it is about."""
        pair, told = translated_facts.fact(self.rng, self.rng.choice(NAMES))
        self.told.append(told)
        return pair

    def sentence(self) -> tuple[str, str]:
        """A sentence of one clause or two."""
        rng, sort = self.rng, self.rng.random()
        clause = self.clause()
        if sort < 0.14:
            saying = rng.choice(list(SAYING))
            who = self.subject(simple=True)
            verb = saying if who.person == "one" else saying.removesuffix("s")
            english, own = clause.subordinate()
            finite = SAYING[saying][PERSONS.index(who.person)]
            return finished((f"{who.english} {verb} that {english}", f"{who['nom']} {finite}, dass {own}"))
        if sort < 0.24:
            first, second = self.copula(simple=True), clause.subordinate()
            (english, own), because = first.statement(), second
            return finished((f"{english} because {because[0]}", f"{own.rstrip()}, weil {because[1]}"))
        if sort < 0.32:
            (english, own), (other, its) = self.clause(short=True).statement(), clause.statement()
            joint = rng.choice([(" and ", " und "), (", but ", ", aber ")])
            return finished((f"{english.strip()}{joint[0]}{other}", f"{own.strip()}{joint[1]}{its}"))
        if sort < 0.44 and clause.asks[0]:
            return finished(clause.question(), "?")
        if sort < 0.66 and clause.time[0]:
            return finished(clause.fronted())
        return finished(clause.statement())

    def clause(self, short: bool = False) -> Clause:
        """A clause."""
        return self.copula(short) if self.rng.random() < 0.22 else self.action(short)

    def copula(self, simple: bool = False) -> Clause:
        """What something is like, or where it is."""
        rng = self.rng
        being = rng.random() < 0.5
        sort = rng.random()
        articles = ["the", "this", "my", "his", "her", "our"]
        if being:
            subject = self.subject(simple) if rng.random() < 0.8 else self.noun_phrase(german.ANIMALS, german.MOODS, articles)
        else:
            subject = self.noun_phrase(german.THINGS, german.LOOKS, articles)
        tense = rng.choice(["present", "past"])
        forms = {"i": ("am", "was"), "one": ("is", "was"), "many": ("are", "were")}
        verb = forms[subject.person][tense == "past"]
        denied = rng.random() < 0.2
        finite = BE[tense][PERSONS.index(subject.person)]
        if sort < 0.25 and not simple:
            english, own, _ = rng.choice(adjectives(german.PEOPLE_COMPARED if being else german.COMPARED))
            table = german.BEINGS if being else german.THINGS
            other = self.noun_phrase(table, None, ["the", "this", "my"])
            rest, middle = f"{english} than {other.english}", f"{own} als {other['nom']}"
        elif sort < 0.5 and not simple:
            rest, middle = self.place()
        else:
            english, own, _ = rng.choice(adjectives(german.MOODS if being else german.LOOKS))
            rest, middle = english, own
        return Clause(
            subject,
            f"{verb} not" if denied else verb,
            ("", "") if denied else (verb, ""),
            rest,
            finite,
            f"nicht {middle}" if denied else middle,
        )

    def action(self, short: bool = False) -> Clause:
        """Who does what to whom, where or when."""
        rng = self.rng
        subject = self.subject(simple=short)
        sort = rng.choices(list(german.VERBS), [8, 5, 4, 6, 2, 4])[0]
        verb = rng.choice(verbs(german.VERBS[sort]))
        tense = rng.choices(list(TENSES), list(TENSES.values()))[0]
        denied = rng.random() < 0.18 and tense != "must"
        if verb.base in STATES and tense not in ("present", "past"):
            tense = "present"
        if verb.base == verb.past and tense in ("present", "past") and subject.person != "one":
            # "They read it" may be now or then.
            tense = "future"
        rest, middle = self._objects(sort, verb, denied)
        time = ("", "")
        if not denied and not short and sort != "given" and rng.random() < 0.2:
            place = self.place()
            rest, middle = f"{rest} {place[0]}", f"{middle} {place[1]}"
        elif not short and rng.random() < 0.45:
            when = {"past": "past", "future": "future"}.get(tense, "present")
            time = rng.choice(list(names(german.TIMES[when]).items()))
        says, asks = spoken(verb, tense, subject.person, denied)
        at = PERSONS.index(subject.person)
        if tense == "present":
            return Clause(subject, says, asks, rest, verb.finite(subject.person), middle, apart=verb.apart, time=time)
        if tense == "past":
            return Clause(subject, says, asks, rest, HAVE[at], middle, f"{verb.participle} ", time=time)
        return Clause(subject, says, asks, rest, MODALS[tense][at], middle, f"{verb.apart}{verb.infinitive} ", time=time)

    def _objects(self, sort: str, verb: Verb, denied: bool) -> tuple[str, str]:
        """What goes with a verb, and the German negation."""
        rng = self.rng
        tables = {"thing": german.THINGS, "text": german.TEXTS, "food": german.FOOD, "given": german.THINGS}
        if sort in tables:
            table = german.ANIMALS if sort == "thing" and rng.random() < 0.15 else tables[sort]
            noun, plural = rng.choice(nouns(table)), rng.random() < 0.2
            looks = german.LOOKS if sort in ("thing", "given") and rng.random() < 0.45 else None
        else:
            noun, plural = rng.choice(nouns(rng.choice([german.BEINGS, german.RELATIVES]))), rng.random() < 0.2
            looks = german.MOODS if rng.random() < 0.25 else None
        related = noun in nouns(german.RELATIVES)
        owned = ["my", "his", "her", "our"]
        several = [*names(german.NUMBERS)] if plural else ["a(n)"] * 4
        articles = owned if related else ["the", "the", "the", "this", *owned, *several]
        article = rng.choice(articles)
        if denied and article in names(german.NUMBERS):
            article = "the"
        no = denied and article == "a(n)"
        self.told.append((verb.base, noun.one))
        adjective = self._adjective(noun, looks)
        thing = phrase(noun, article, adjective, plural)
        own = phrase(noun, "no", adjective, plural) if no else thing
        case = "dat" if sort == "helped" else "acc"
        english, german_text = thing.english, own[case]
        if sort == "given":
            who = self.receiver()
            english, german_text = f"{who.english} {english}", f"{who['dat']} {german_text}"
        # "No" negates a noun with "a", "nicht" stands behind what is known.
        if denied and not no:
            german_text += " nicht"
        return english, german_text

    def receiver(self) -> Phrase:
        """To whom something is given."""
        rng = self.rng
        if rng.random() < 0.3:
            return named(rng.choice(NAMES))
        noun = rng.choice(nouns(rng.choice([german.BEINGS, german.RELATIVES])))
        owned = noun in nouns(german.RELATIVES)
        return phrase(noun, rng.choice(["my", "his", "her", "our"] if owned else ["the", "the", "a(n)", "this"]))

    def place(self) -> tuple[str, str]:
        """Where."""
        rng = self.rng
        if rng.random() < 0.65:
            noun = rng.choice(nouns(german.ROOMS))
            adjective = self._adjective(noun, german.LOOKS if rng.random() < 0.25 else None)
            there = phrase(noun, rng.choice(["the", "the", "the", "my", "our", "this", "a(n)"]), adjective)
            return f"in {there.english}", f"in {there['dat']}"
        (where, own), noun = rng.choice(SIDES), rng.choice([noun for noun in nouns(german.THINGS) if noun.one in STANDING])
        there = phrase(noun, rng.choice(["the", "the", "my", "this", "a(n)"]))
        self.told.append((where, noun.one))
        return f"{where} {there.english}", f"{own} {there['dat']}"

    def subject(self, simple: bool = False) -> Phrase:
        """Who does something."""
        rng, sort = self.rng, self.rng.random()
        if sort < 0.2:
            return named(rng.choice(NAMES))
        if sort < 0.38:
            english = rng.choice(list(PRONOUNS))
            own, person = PRONOUNS[english]
            return Phrase(english, {"nom": own}, person)
        if sort < 0.55:
            return self.noun_phrase(german.RELATIVES, None, ["my", "his", "her", "our"])
        articles = ["the", "the", "the", "this", "a(n)"]
        return self.noun_phrase(german.BEINGS, None if simple else german.MOODS, articles, plurals=0.25)

    def noun_phrase(self, table: str, looks: str | None, articles: Sequence[str], plurals: float = 0.1) -> Phrase:
        """A noun of a table, perhaps with an adjective and in the plural."""
        rng = self.rng
        noun, plural, article = rng.choice(nouns(table)), rng.random() < plurals, rng.choice(articles)
        if plural and article == "a(n)":
            article = rng.choice([*names(german.NUMBERS)])
        return phrase(noun, article, self._adjective(noun, looks if rng.random() < 0.35 else None), plural)

    def _adjective(self, noun: Noun, table: str | None) -> tuple[str, str, str] | None:
        if table is None:
            return None
        found = self.rng.choice(adjectives(table))
        self.told.append((found[0], noun.one))
        return found
