"""Words and clauses in two languages: nouns in their cases, verbs in their tenses, and the order of the parts of a clause."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from training import german
from training.german import names
from training.grammar import tidy

PERSONS = ("i", "one", "many")


@dataclass(frozen=True)
class Noun:
    """A noun with its forms; its gender is "m", "f" or "n"."""

    one: str
    many: str
    gender: str
    ein: str
    viele: str
    oblique: str

    def in_case(self, case: str, plural: bool) -> str:
        """The German form in a case."""
        if plural:
            return self.viele + ("n" if case == "dat" and self.viele[-1] not in "ns" else "")
        return self.ein + (self.oblique if case != "nom" else "")


@dataclass(frozen=True)
class Phrase:
    """Who or what: in English, in each German case, and with which form of a verb it goes."""

    english: str
    cases: dict[str, str]
    person: str = "one"

    def __getitem__(self, case: str) -> str:
        return self.cases[case]


@dataclass(frozen=True)
class Verb:
    """A verb with its forms; `apart` is what a German verb leaves behind ("ruft ... an")."""

    base: str
    third: str
    past: str
    infinitive: str
    er: str
    participle: str
    apart: str

    def finite(self, person: str) -> str:
        """The present without what stands apart."""
        if person == "one":
            return self.er
        return self.infinitive if person == "many" else self.infinitive[:-1]


@dataclass(frozen=True)
class Clause:
    """The parts of a clause, in English and in German, each in its own order.

    Attributes:
        subject: who or what.
        says: the English verb with its auxiliaries, as a statement has it.
        asks: the auxiliary and the rest of the verb, as a question has them.
        rest: what follows the English verb.
        finite: the German finite verb.
        middle: what stands between the German finite verb and its end.
        end: infinitive or participle.
        apart: what the finite verb leaves behind.
        time: when, in both languages.
    """

    subject: Phrase
    says: str
    asks: tuple[str, str]
    rest: str
    finite: str
    middle: str
    end: str = ""
    apart: str = ""
    time: tuple[str, str] = ("", "")

    def statement(self) -> tuple[str, str]:
        """Subject first."""
        english = f"{self.subject.english} {self.says} {self.rest} {self.time[0]}"
        return english, f"{self.subject['nom']} {self.finite} {self.time[1]} {self.middle} {self.end} {self.apart}"

    def fronted(self) -> tuple[str, str]:
        """Time first, the German verb second."""
        english = f"{self.time[0]} {self.subject.english} {self.says} {self.rest}"
        return english, f"{self.time[1]} {self.finite} {self.subject['nom']} {self.middle} {self.end} {self.apart}"

    def question(self) -> tuple[str, str]:
        """Verb first."""
        english = f"{self.asks[0]} {self.subject.english} {self.asks[1]} {self.rest} {self.time[0]}"
        return english, f"{self.finite} {self.subject['nom']} {self.time[1]} {self.middle} {self.end} {self.apart}"

    def subordinate(self) -> tuple[str, str]:
        """The German verb last."""
        english = self.statement()[0]
        return english, f"{self.subject['nom']} {self.time[1]} {self.middle} {self.end} {self.apart}{self.finite}"


@cache
def nouns(table: str) -> tuple[Noun, ...]:
    """The nouns of a table."""
    found = []
    for entry in table.replace("\n", " ").split(", "):
        one, many, gender, ein, viele = entry.split()
        found.append(Noun(one, many, gender[0], ein, viele, gender[2:]))
    return tuple(found)


@cache
def verbs(table: str) -> tuple[Verb, ...]:
    """The verbs of a table."""
    found = []
    for entry in table.replace("\n", " ").split(", "):
        english, german_forms = entry.split(" = ")
        base, third, past = (form.replace("_", " ") for form in english.split())
        infinitive, er, participle = german_forms.split()
        apart, _, stem = infinitive.rpartition("|")
        found.append(Verb(base, third, past, stem, er, participle, apart))
    return tuple(found)


@cache
def adjectives(table: str) -> tuple[tuple[str, str, str], ...]:
    """The adjectives of a table: in English, as German says them of something, and without their ending before a noun."""
    found = [entry.split() for entry in table.replace("\n", " ").split(", ")]
    return tuple((entry[0].replace("_", " "), entry[1], entry[-1]) for entry in found)


def phrase(noun: Noun, article: str, adjective: tuple[str, str, str] | None = None, plural: bool = False) -> Phrase:
    """A noun with its article and perhaps an adjective; the article is English ("the", "a(n)", "my", "two", "" …)."""
    gender = "p" if plural else noun.gender
    cases = {}
    numbers = names(german.NUMBERS)
    for case in ("nom", "acc", "dat"):
        at = german.GENDERS.index(gender)
        if article in german.ARTICLES:
            before, kind = german.ARTICLES[article][case].split()[at], "weak"
        elif article in german.STEMS:
            before, kind = german.STEMS[article] + german.EIN[case][at], "mixed"
        else:
            before, kind = numbers.get(article, ""), "strong"
            before += "n" if before == "viele" and case == "dat" else ""
        words = [before, adjective[2] + german.ENDINGS[kind][case].split()[at] if adjective else "", noun.in_case(case, plural)]
        cases[case] = " ".join(word for word in words if word)
    the = {"this": "these", "a(n)": ""}.get(article, article) if plural else article
    english = " ".join(word for word in (the, adjective[0] if adjective else "", noun.many if plural else noun.one) if word)
    return Phrase(english, cases, "many" if plural else "one")


def named(english: str, own: str | None = None) -> Phrase:
    """A name, which is the same in all cases."""
    return Phrase(english, dict.fromkeys(("nom", "acc", "dat"), own or english))


def finished(pair: tuple[str, str], mark: str = ".") -> tuple[str, str]:
    """Both sentences with their capitals and marks."""
    english, own = (" ".join(text.split()) for text in pair)
    own = own.replace(" in dem ", " im ").replace(" von dem ", " vom ")
    return tidy(english + mark).replace("\x00", ""), own[0].upper() + own[1:] + mark


def spoken(verb: Verb, tense: str, person: str, denied: bool) -> tuple[str, tuple[str, str]]:
    """An English verb in a statement, and its two parts in a question (empty where none is asked)."""
    does = "does" if person == "one" else "do"
    none = ("", "")
    if tense == "present":
        if denied:
            return f"{does} not {verb.base}", none
        return verb.third if person == "one" else verb.base, (does, verb.base)
    if tense == "past":
        return (f"did not {verb.base}", none) if denied else (verb.past, ("did", verb.base))
    if tense == "future":
        return (f"will not {verb.base}", none) if denied else (f"will {verb.base}", ("will", verb.base))
    if tense == "want":
        if denied:
            return f"{does} not want to {verb.base}", none
        return f"{'wants' if person == 'one' else 'want'} to {verb.base}", (does, f"want to {verb.base}")
    if denied:
        return f"cannot {verb.base}", none
    return f"{tense} {verb.base}", (tense, verb.base)
