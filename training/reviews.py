"""Short film reviews with negation and contrast, of which is known which words make them positive or negative.

A clause judges in one of many families: plainly, by a negation ("not bad at all"), by what is missing, by comparison. A
sentence may set a clause of the other sign against it; then that clause decides which the turn of the sentence favours: the
one behind "but", not the one behind "although".

Of each family that reverses a word, one word in ten is kept out of training: the model has seen the word, and the family with
other words, but never this word so reversed. Where a word decides by its own sign, the same holds for each wording.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from training import review_wordings as wordings
from training import review_words as words
from training.corpus import held_out
from training.encoders import Text
from training.grammar import Grammar, pick

LABELS = ("negative", "positive")
# What opens and closes a marked stretch, and its name.
WORD, CLOSE, TURN, OTHER, IDLE = "\x01", "\x02", "\x03", "\x04", "\x00"
ROLES = {WORD: "word", TURN: "turn", OTHER: "other", IDLE: "idle"}
MARKUP = ((r"<(.*?)>", WORD), (r"~(.*?)~", TURN), (r"\*(.*?)\*", OTHER), (r"\^(.*?)\^", IDLE))
# Families that are common, others count 2; one that only one sign has counts 1.
COMMON = {
    "plain": 14,
    "film": 8,
    "noun": 4,
    "trait": 4,
    "loved": 6,
    "felt": 4,
    "does": 4,
    "did": 4,
    "than": 4,
    "not": 7,
    "nothing": 3,
    "not loved": 3,
    "not made": 1,
}
# Families in which a word decides by its own sign.
PLAIN = ("plain", "film", "noun", "trait", "loved", "felt", "does", "did", "advice", "made", "than", "never better")
# Families of a few fixed words, of which none is kept out.
FIXED = ("advice", "+ miss", "+ worth", "- worth", "+ problem")
# Templates that may stand in a larger sentence begin so.
STATEMENT = ("{S} ", "{F} ", "i ", "we ", "there ", "{cinema} ")


@dataclass(frozen=True)
class Span:
    """A stretch of a review, in characters.

    Its role is "word": a word of judgement that decides; "turn": what reverses or weighs it, such as a negation or "but";
    "other": a word of judgement of the other sign, which does not decide, or what reverses one; "idle": such a word where it
    judges nothing ("a terrible war").
    """

    start: int
    end: int
    role: str


@dataclass(frozen=True)
class Review:
    """A review, its label, and the words behind the label."""

    text: str
    label: str
    spans: tuple[Span, ...]

    def spoken(self, role: str) -> list[str]:
        """The stretches of a role, as they stand in the text."""
        return [self.text[span.start : span.end] for span in self.spans if span.role == role]

    @property
    def signs(self) -> tuple[tuple[int, int, str], ...]:
        """The words behind the label, as (start, end) in characters, each with the label that it would have by itself."""
        other = LABELS[1 - LABELS.index(self.label)]
        return tuple(
            (span.start, span.end, other if span.role == "other" else self.label) for span in self.spans if span.role != "idle"
        )


def marked(template: str) -> str:
    """A template with its marks as control characters."""
    for pattern, mark in MARKUP:
        template = re.sub(pattern, lambda match, mark=mark: f"{mark}{match[1]}{CLOSE}", template)
    return template


def demoted(raw: str) -> str:
    """A clause that does not decide."""
    return raw.replace(WORD, OTHER).replace(TURN, OTHER)


def read(text: str, label: str) -> Review:
    """The review of a text with marks."""
    plain, spans, opened = "", [], None
    for char in text:
        if char in ROLES:
            opened = (len(plain), ROLES[char])
        elif char == CLOSE and opened:
            spans.append(Span(opened[0], len(plain), opened[1]))
        else:
            plain += char
    return Review(plain, label, tuple(spans))


def signed(template: str, sign: str) -> str:
    """A template of which the words of its own sign and of the other sign are named."""
    other = "-" if sign == "+" else "+"
    return marked(template).replace("{=", f"{{{sign}").replace("{!", f"{{{other}")


def _listed(table: str) -> list[str]:
    return table.split(", ")


def _rules() -> dict[str, list[str]]:
    """All rules but those that depend on what is judged."""
    rules = {
        name: [marked(template) for template in templates] for name, templates in (wordings.RULES | wordings.EXTRA).items()
    }
    rules |= {name: _listed(table) for name, table in words.NEUTRAL.items()}
    for sign in "+-":
        rules |= {f"{sign}{slot}": _listed(table) for slot, table in words.WORDS[sign].items()}
        pairs = [pair.split() for pair in _listed(words.DEGREES[sign])]
        rules |= {f"{sign}er": [pair[0] for pair in pairs], f"{sign}est": [pair[1] for pair in pairs]}
        for sort, table in words.ADJECTIVES[sign].items():
            general = [] if sort == "any" else _listed(words.ADJECTIVES[sign]["any"])
            rules[f"{sign}{sort} adj"] = general + _listed(table)
    return rules


class Critic:
    """Writes film reviews.

    Args:
        seed: of all choices.
        unseen: write only clauses whose deciding words are kept out of training for their family; else only the others.
    """

    def __init__(self, seed: int, unseen: bool = False) -> None:
        self.rng = random.Random(seed)
        self.unseen = unseen
        self.grammar = Grammar(_rules(), self.rng)
        self.families = {
            sign: wordings.FAMILIES | {f"{sign} {name}": own for name, own in wordings.OWN[sign].items()} for sign in "+-"
        }
        self.weights = {
            sign: {name: 1 if name.startswith(sign) else COMMON.get(name, 2) for name in families}
            for sign, families in self.families.items()
        }

    def reviews(self) -> Iterator[Review]:
        """Endless reviews."""
        while True:
            yield self.review(self.rng.choice("+-"))

    def texts(self) -> Iterator[Text]:
        """Endless reviews as a classifier's training takes them."""
        for review in self.reviews():
            places = tuple((start, end) for start, end, _ in review.signs)
            signs = tuple(LABELS.index(label) for *_, label in review.signs)
            yield Text(review.text, places, LABELS.index(review.label), signs)

    def review(self, sign: str) -> Review:
        """A review of one to three judgements, and perhaps neutral sentences."""
        rng = self.rng
        out = [self._judgement(sign) for _ in range(rng.choice([1, 1, 1, 2, 2, 3]))]
        for _ in range(rng.choice([0, 0, 0, 1, 1, 2])):
            out.insert(rng.randrange(len(out) + 1), self.grammar.raw("{neutral}."))
        out[:-1] = [part if part[-1] in ".!?" else f"{part}." for part in out[:-1]]
        return read(self.grammar.text(" ".join(out)), LABELS[sign == "+"])

    def _judgement(self, sign: str) -> str:
        """A sentence that judges."""
        raw = self._contrast(sign) if self.rng.random() < 0.3 else self._verdict(sign)
        return raw if raw.endswith("?") else raw + self.grammar.raw("{mark}")

    def _verdict(self, sign: str) -> str:
        """A clause or two of the same sign, with what may stand around."""
        template, raw = self._clause(sign)
        if template.startswith(STATEMENT):
            raw = self.grammar.raw("{lead}") + raw + self.grammar.raw("{tail}")
            if self.rng.random() < 0.12:
                raw += f"{self.rng.choice([', and ', ' and ', '; ', ', so '])}{self._clause(sign, STATEMENT)[1]}"
        return raw

    def _clause(self, sign: str, begins: tuple[str, ...] = ("",), aside: bool = False) -> tuple[str, str]:
        """A clause of a sign: its template, and its text with marks; one that stands aside may be of any combination."""
        while True:
            family = pick(self.weights[sign], self.rng)
            template = self.rng.choice(self.families[sign][family])
            if template.startswith(begins):
                raw = self._expanded(template, sign)
                if self._may_say(family, template, raw) or (aside and self.unseen):
                    return template, raw

    def _contrast(self, sign: str) -> str:
        """A sentence with a word or clause of the other sign, which does not decide."""
        other = "-" if sign == "+" else "+"
        while True:
            template = self.rng.choice(wordings.CONTRASTS)
            if any(word in template and sign != wanted for word, wanted in wordings.ONLY.items()):
                continue
            raw = self._expanded(template.replace("{A}", "\x05").replace("{B}", "\x06"), sign)
            if not self._may_say("contrast", template, raw):
                continue
            if "\x05" in raw:
                raw = raw.replace("\x05", demoted(self._clause(other, STATEMENT, aside=True)[1]))
            return raw.replace("\x06", self._clause(sign, STATEMENT)[1]) if "\x06" in raw else raw

    def _may_say(self, family: str, template: str, raw: str) -> bool:
        """Whether this writer may use the deciding words of a text, as a template of a family has them."""
        if family in FIXED:
            return not self.unseen
        found = re.findall(f"{WORD}(.*?){CLOSE}", raw)
        where = (family, template) if family in PLAIN else (family,)
        return all(held_out("review", *where, word) == self.unseen for word in found)

    def _expanded(self, template: str, sign: str) -> str:
        """A template about something that is judged, expanded."""
        rng = self.rng
        sort = rng.choice(["film", "film", *words.SUBJECTS])
        tables = words.SUBJECTS[sort]
        many = bool(tables[1]) and rng.random() < 0.5
        the = rng.choice(["the", "the", "the", "the", "its", "this" if not many else "these"])
        fields = {
            "S": f"{the} {rng.choice(_listed(tables[many]))}",
            "is": rng.choice(
                ["are", "are", "were", "seem", "looked"] if many else ["is", "is", "is", "was", "was", "seems", "looked"]
            ),
            "isnt": rng.choice(["aren't", "weren't"] if many else ["isn't", "wasn't"]),
            "do": "do" if many else "does",
            "lack": "lack" if many else "lacks",
        }
        if re.search(r"\{is\}[^<]*~(not|never|by|in no|far|anything|hardly|neither|nowhere)", template):
            fields["is"] = rng.choice(["are", "were"] if many else ["is", "was"])
        template = signed(template, sign).replace("{+adj}", f"{{+{sort} adj}}").replace("{-adj}", f"{{-{sort} adj}}")
        return self.grammar.raw(template, fields)
