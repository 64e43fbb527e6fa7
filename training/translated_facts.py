"""Facts of the world in English and German: where places, cities and countries are, what is spoken, who was born where."""

from __future__ import annotations

import random
from functools import cache

from training import german
from training.german import names
from training.phrases import Phrase, finished
from training.world import CITIES, COUNTRIES, PEOPLE, PLACES, rows

# By what they are about: English and German. Of a place {P}, {N} and {A} are its German name as who and as whom; {C} is a city,
# {D} its German name; of a country {L}, {who}, {where}, {whose} and {whither} are the German forms; {W} is somebody.
WORDINGS = {
    "place": [
        ("{P} is in {C}", "{N} {ist} in {D}"),
        ("{P} is located in {C}", "{N} {befindet} sich in {D}"),
        ("in {C} you can visit {P}", "in {D} kann man {A} besuchen"),
        ("you can see {P} in {C}", "man kann {A} in {D} sehen"),
        ("{W} visited {P} in {C}", "{W} hat {A} in {D} besucht"),
        ("{W} knows that {P} is in {C}", "{W} weiß, dass {N} in {D} {ist}"),
        ("{W} says that {P} is not in {c}", "{W} sagt, dass {N} nicht in {d} {ist}"),
        ("is {P} in {c}?", "{ist} {N} in {d}?"),
        ("where is {P}?", "wo {ist} {N}?"),
        ("{W} wants to see {P}", "{W} will {A} sehen"),
        ("yesterday {W} drew {P}", "gestern hat {W} {A} gezeichnet"),
    ],
    "capital": [
        ("{C} is the capital of {L}", "{D} ist die Hauptstadt {whose}"),
        ("the capital of {L} is {C}", "die Hauptstadt {whose} ist {D}"),
        ("what is the capital of {L}?", "was ist die Hauptstadt {whose}?"),
        ("is {c} the capital of {L}?", "ist {d} die Hauptstadt {whose}?"),
        ("{W} knows that {C} is the capital of {L}", "{W} weiß, dass {D} die Hauptstadt {whose} ist"),
    ],
    "city": [
        ("{C} is a city in {L}", "{D} ist eine Stadt {where}"),
        ("{C} lies in {L}", "{D} liegt {where}"),
        ("{W} says that {C} is in {L}", "{W} sagt, dass {D} {where} ist"),
    ],
    "language": [
        ("in {L} people speak {T}", "{where} spricht man {S}"),
        ("they speak {T} in {L}", "man spricht {where} {S}"),
        ("{W} wants to learn {T}", "{W} will {S} lernen"),
        ("{W} speaks {T}", "{W} spricht {S}"),
        ("does {W} speak {T}?", "spricht {W} {S}?"),
    ],
    "birth": [
        ("{P} was born in {C}", "{N} wurde in {D} geboren"),
        ("where was {P} born?", "wo wurde {N} geboren?"),
        ("was {P} born in {c}?", "wurde {N} in {d} geboren?"),
        ("{W} thinks that {P} was born in {c}", "{W} denkt, dass {N} in {d} geboren wurde"),
    ],
    "continent": [
        ("{L} lies in {K}", "{who} {liegt} in {E}"),
        ("{L} is a country in {K}", "{who} {ist} ein Land in {E}"),
    ],
    "travel": [
        ("{W} flew to {L}", "{W} ist {whither} geflogen"),
        ("{W} wants to travel to {L}", "{W} will {whither} reisen"),
        ("{W} lives in {L}", "{W} wohnt {where}"),
        ("yesterday {W} flew to {L}", "gestern ist {W} {whither} geflogen"),
    ],
    "city travel": [
        ("{W} flew to {C}", "{W} ist nach {D} geflogen"),
        ("{W} comes from {C}", "{W} kommt aus {D}"),
        ("{W} lives in {C}", "{W} wohnt in {D}"),
        ("{W} does not live in {C}", "{W} wohnt nicht in {D}"),
        ("{W} flew from {c} to {C}", "{W} ist von {d} nach {D} geflogen"),
        ("tomorrow {W} will travel to {C}", "morgen wird {W} nach {D} reisen"),
    ],
}
SHARES = {"place": 10, "capital": 5, "city": 3, "language": 4, "birth": 4, "continent": 2, "travel": 4, "city travel": 8}


@cache
def places() -> dict[str, Phrase]:
    """All places of the world."""
    found, table = {}, names(german.PLACES)
    for name, *_ in rows(PLACES):
        airport = name.removesuffix(" Airport")
        own = table[name] if airport == name else f"der Flughafen {names(german.AIRPORTS).get(airport, airport)}"
        whom = own.replace("der Rote ", "der Roten ").replace("der ", "den ", 1) if own.startswith("der ") else own
        cases = {"nom": own.rstrip("*"), "acc": whom.rstrip("*")}
        found[name] = Phrase(name, cases, "many" if own.endswith("*") else "one")
    return found


@cache
def countries() -> dict[str, dict[str, str]]:
    """The German forms of all countries of the world: who, where, whose, whither."""
    found = {
        name: {"who": own, "where": f"in {own}", "whose": f"von {own}", "whither": f"nach {own}"}
        for name, own in names(german.COUNTRIES).items()
    }
    for name, *forms in rows(german.WITH_ARTICLE):
        found[name] = dict(zip(("who", "where", "whose", "whither"), forms, strict=True))
    return found


def _forms(several: bool) -> dict[str, str]:
    one, many = ("ist", "liegt", "befindet"), ("sind", "liegen", "befinden")
    return dict(zip(one, many if several else one, strict=True))


def _of_country(name: str) -> dict[str, str]:
    forms = countries()[name]
    return {"L": name, **forms, **_forms(forms["who"].startswith("die ") and forms["where"].startswith("in den "))}


def _city(name: str) -> dict[str, str]:
    return {"C": name, "D": names(german.CITIES)[name]}


def _subject(sort: str, rng: random.Random) -> tuple[str, dict[str, str]]:
    """What a sentence is about, by name, and its fields."""
    if sort == "place":
        name, _, city, _ = rng.choice(rows(PLACES))
        place = places()[name]
        return name, {"P": name, "N": place["nom"], "A": place["acc"], **_forms(place.person == "many"), **_city(city)}
    if sort == "birth":
        name, _, city = rng.choice(rows(PEOPLE))
        return name, {"P": name, "N": names(german.PEOPLE).get(name, name), **_city(city)}
    if sort == "city":
        name, country = rng.choice(rows(CITIES))
        return name, _city(name) | _of_country(country)
    if sort == "city travel":
        name = rng.choice(list(names(german.CITIES)))
        return name, _city(name)
    while True:
        name, capital, language, _, continent, _ = rng.choice(rows(COUNTRIES))
        asked = {"capital": capital, "language": language, "continent": continent}.get(sort, "")
        if asked != "-":
            break
    found = _of_country(name)
    if sort == "capital":
        return name, found | _city(capital)
    if sort == "language":
        return name, found | {"T": language, "S": names(german.LANGUAGES)[language]}
    return name, found | ({"K": continent, "E": names(german.CONTINENTS)[continent]} if sort == "continent" else {})


def fact(rng: random.Random, who: str) -> tuple[tuple[str, str], tuple[str, ...]]:
    """A sentence in English and German, and which wording it has and what it is about."""
    sort = rng.choices(list(SHARES), list(SHARES.values()))[0]
    name, fields = _subject(sort, rng)
    wording = rng.randrange(len(WORDINGS[sort]))
    other = _city(rng.choice(list(names(german.CITIES))))
    fields |= {"W": who, "c": other["C"], "d": other["D"]}
    english, own = (text.format(**fields) for text in WORDINGS[sort][wording])
    asks = english.endswith("?")
    return finished((english.rstrip("?"), own.rstrip("?")), "?" if asks else "."), (sort, str(wording), name)
