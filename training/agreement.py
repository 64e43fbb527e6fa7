"""Sentences in which a verb agrees with its subject while other nouns stand between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from training.grammar import MARK, Grammar

# singular plural, by what their owners can be
THINGS = """key keys, book books, letter letters, picture pictures, box boxes, door doors, window windows, chair chairs,
table tables, lamp lamps, cabinet cabinets, drawer drawers, bag bags, map maps, ticket tickets, report reports,
photo photos, cup cups, bottle bottles, flower flowers, tree trees, bridge bridges, road roads, house houses,
garden gardens, car cars, boat boats, label labels, toy toys, coat coats, story stories, song songs, clock
clocks, paper papers, list lists, roof roofs, wall walls, ring rings, stone stones, shelf shelves, room rooms,
sign signs, plate plates, computer computers"""
BEINGS = """man men, woman women, boy boys, girl girls, child children, teacher teachers, doctor doctors, nurse nurses,
farmer farmers, driver drivers, author authors, student students, lawyer lawyers, pilot pilots, guard guards,
neighbour neighbours, king kings, singer singers, dog dogs, cat cats, horse horses, bird birds, mouse mice,
friend friends, manager managers, waiter waiters, baker bakers, painter painters, sister sisters, brother
brothers"""

LINKS = "to of in on near behind with beside under from for above inside by next_to in_front_of".split()
PAIRS = [("is", "are"), ("was", "were"), ("has", "have"), ("is", "are"), ("was", "were")]
VERBS = [("looks", "look"), ("seems", "seem"), ("belongs", "belong"), ("needs", "need"),
         ("makes", "make"), ("comes", "come"), ("does", "do"), ("costs", "cost"), ("stays", "stay")]
ACTS = "see like know help follow love visit need call watch admire find remember meet hear".split()
DONE = "seen liked known helped followed loved visited needed called watched admired found remembered met heard".split()
PAST = "saw liked knew helped followed loved visited needed called watched admired found remembered met heard".split()

RULES: dict[str, Sequence[str]] = {
    "rest thing": (
        "new. old. here. lost. broken. open. closed. green. red. heavy. very_old. on_the_floor. in_the_house. "
        "beautiful. cheap. ready. gone. missing. not_here. clean."
    ).split(),
    "rest being": (
        "happy. tired. late. here. at_home. ill. hungry. angry. in_the_garden. very_old. ready. busy. not_here. "
        "kind. proud. young. friendly. asleep. from_London. sorry."
    ).split(),
    "after has": (
        "been_lost. been_found. a_red_mark. two_sides. no_name. a_long_history. been_moved. come_back. disappeared. "
        "a_number. gone. been_here_for_years."
    ).split(),
    "lead": [
        "", "", "", "", "", "", "{someone} {says} that ", "i think [that |]", "{when} ", "{adverb} ", "we know that ",
        "{clause}, and ", "{clause.} ", "it is true that ", "{clause} because ", "but ", "and ", "when ", "if ",
        "they say that ", "perhaps ", "today ", "of course, ",
    ],
}


@dataclass(frozen=True)
class Agreement:
    """A text up to its verb, and the forms that agree and do not agree."""

    prefix: str
    right: str
    wrong: str
    after: str
    held_out: bool

    @property
    def text(self) -> str:
        """The whole sentence."""
        return f"{self.prefix} {MARK}{self.after}"


def nouns(table: str) -> list[tuple[str, str]]:
    """The pairs of singular and plural of a table."""
    pairs = [pair.split() for pair in table.replace("\n", " ").split(",")]
    return [(one, many) for one, many in pairs]


ALL_THINGS = nouns(THINGS)
ALL_BEINGS = nouns(BEINGS)


def is_held_out(*parts: str) -> bool:
    """Whether a combination is kept out of training: one in eight, whatever the seed."""
    return crc32("/".join(parts).encode()) % 8 == 0


def agreement(grammar: Grammar) -> Agreement:
    """A random sentence whose verb agrees across attractors."""
    rng = grammar.rng
    being = rng.random() < 0.4
    head = rng.choice(ALL_BEINGS if being else ALL_THINGS)
    number = rng.randrange(2)
    subject, parts = _subject(grammar, head, number, being)
    forms = rng.choice(PAIRS) if rng.random() < 0.8 else rng.choice(VERBS)
    rest = _rest(grammar, forms[0], being)
    prefix, after = grammar.text(f"{{lead}}{subject} {MARK}{forms[number]} {rest}").split(MARK)
    return Agreement(prefix.rstrip(), forms[number], forms[1 - number], after, is_held_out(head[0], *parts))


def _rest(grammar: Grammar, verb: str, being: bool) -> str:
    """What follows a verb."""
    if verb in ("has",):
        return grammar.raw("{after has}").replace("_", " ")
    own = {
        "belongs": "to {someone}.",
        "needs": "{someone}.",
        "makes": "{someone} happy.",
        "comes": "from {city}.",
        "does": "not move.",
        "costs": "{small} euros.",
        "stays": "here.",
    }
    if verb in own:
        return grammar.raw(own[verb])
    rest = grammar.raw("{rest being}" if being else "{rest thing}").replace("_", " ")
    if grammar.rng.random() < 0.1:
        rest = rest[:-1] + grammar.raw("{end}")
    return rest


def _subject(grammar: Grammar, head: tuple[str, str], number: int, being: bool) -> tuple[str, tuple[str, ...]]:
    """A subject with attractors, and what identifies the combination."""
    rng = grammar.rng
    pointing = ["these" if number else "this", "those" if number else "that"]
    the = rng.choice(["the", "the", "the", "the", "the", "my", "our", "his", "her", *pointing])
    noun = f"{the} {rng.choice(['', '', '', 'old ', 'new ', 'big ', 'little ', 'young ' if being else 'red '])}{head[number]}"
    other, many = rng.choice(ALL_THINGS + ALL_BEINGS), rng.randrange(2)
    between = f"the {other[many]}" if rng.random() < 0.85 else f"the {rng.choice(['old', 'new', 'big', 'small'])} {other[many]}"
    shape = rng.random()
    if shape < 0.08:
        return noun, ("plain", the)
    if shape < 0.5:
        link = rng.choice(LINKS)
        subject = f"{noun} {link.replace('_', ' ')} {between}"
        if rng.random() < 0.2:
            last = rng.choice(ALL_THINGS)
            subject += f" {rng.choice(['of', 'in', 'near', 'behind'])} the {last[rng.randrange(2)]}"
        return subject, (link, other[0])
    act = rng.randrange(len(ACTS))
    person, persons = rng.choice(ALL_BEINGS), rng.randrange(2)
    if shape < 0.68:
        form = PAST[act] if rng.random() < 0.3 else ACTS[act] + ("" if number else "s")
        who = rng.choice(["who", "that"]) if being else "that"
        standing = [("stands", "stand"), ("lies", "lie"), ("was", "were"), ("is", "are")]
        verb = form if being else rng.choice(standing)[number] + " near"
        return f"{noun} {who} {verb} {between}", (verb, other[0])
    if shape < 0.86:
        form = PAST[act] if rng.random() < 0.3 else ACTS[act] + ("" if persons else "s")
        which = rng.choice(["that ", "that ", "which " if not being else "whom ", ""])
        return f"{noun} {which}the {person[persons]} {form}", (ACTS[act], person[0])
    return f"{noun}{rng.choice([' ', ', '])}{DONE[act]} by the {person[persons]}", (DONE[act], person[0])


def other_agreement(grammar: Grammar) -> str:
    """Agreement of other kinds: existence, coordination, one of many, questions."""
    rng = grammar.rng
    (one, many), (b_one, _b_many) = rng.sample(ALL_THINGS, 2)
    (who, whos), (w_one, w_many) = rng.sample(ALL_BEINGS, 2)
    thing_rest, being_rest = grammar.raw("{rest thing}").replace("_", " "), grammar.raw("{rest being}").replace("_", " ")
    is_, are = rng.choice([("is", "are"), ("was", "were")])
    options = [
        f"there {is_} a(n) {one} {{where}}.", f"there {are} {{few}} {many} {{where}}.", f"there {are} many {many} {{where}}.",
        f"there {is_} no {one} {{where}}.", f"the {who} and the {w_one} {are} {being_rest}",
        f"the {one} and the {b_one} {are} {thing_rest}", f"one of the {many} {is_} {thing_rest}",
        f"each of the {whos} {is_} {being_rest}", f"many of the {whos} {are} {being_rest}", f"every {who} {is_} {being_rest}",
        f"all {whos} {are} {being_rest}", f"where {is_} the {one} of the {w_many}?",
        f"where {are} the {many} of the {w_one}?", f"{is_} the {one} {thing_rest[:-1]}?",
        f"{are} the {many} {thing_rest[:-1]}?", f"both the {whos} and the {w_one} {are} {being_rest}",
        f"the {whos} {are} {being_rest}", f"the {who} {is_} {being_rest}", f"here {is_} the {one} for the {w_many}.",
        f"here {are} the {many} for the {w_one}.", f"some {many} {are} {thing_rest}", f"a(n) {one} {is_} {thing_rest}",
        f"which {many} {are} {thing_rest[:-1]}?", f"two {many} {are} {thing_rest}",
        f"{{name}} and {{name}} {are} {being_rest}", f"{{name}} {is_} {being_rest}",
        f"{{name}} and the {whos} {are} {being_rest}", f"a group of {whos} {is_} here.",
    ]
    return grammar.text("{lead}" + rng.choice(options))
