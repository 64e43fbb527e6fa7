"""Lists, counting, copying and small sums."""

from __future__ import annotations

import string
from collections.abc import Sequence
from zlib import crc32

from training.grammar import Grammar, pick
from training.world import listings

LISTINGS = listings()
UNION = "countries of the European Union"

FORMS = {"number": 5, "exact": 5, "number from": 2, "dash": 1.5, "star": 1, "comma": 3, "and": 2, "next": 2, "line": 1}
HEADINGS = [
    "The {what} are:", "The {what} are:", "The {what} are", "List of the {what}:", "These are the {what}:",
    "Here are the {what}:", "{What}:", "{someone} knows the {what}:", "{someone} wrote down the {what}:", "Name the {what}.",
    "What are the {what}?", "I know the {what}:", "Do you know the {what}?", "A list of all {what}:", "All {what}:",
    "We learned the {what}:", "The {what}, in order:", "The list of the {what} is:", "Let us name the {what}:",
]
WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()


def list_document(grammar: Grammar) -> str:
    """A list: all of it or a part, numbered or not, in the order that it always has."""
    rng = grammar.rng
    what = UNION if rng.random() < 0.45 else rng.choice(list(LISTINGS))
    names = LISTINGS[what]
    start = 0 if rng.random() < 0.7 else rng.randrange(len(names) - 1)
    stop = len(names) if rng.random() < 0.75 else rng.randint(start + 2, len(names))
    return list_text(grammar, what, names[start:stop], start)


def list_text(grammar: Grammar, what: str, names: Sequence[str], start: int) -> str:
    """A list in one of many forms."""
    rng = grammar.rng
    form = pick(FORMS, rng)
    heading = "The {what} are:" if form == "exact" else rng.choice(HEADINGS)
    heading = grammar.text(heading.replace("{what}", what).replace("{What}", what[0].upper() + what[1:]))
    if form in ("number", "exact"):
        return heading + "".join(f"\n{n}. {name}" for n, name in enumerate(names, 1))
    if form == "number from":
        return heading + "".join(f"\n{n}. {name}" for n, name in enumerate(names, start + 1))
    if form in ("dash", "star"):
        return heading + "".join(f"\n{'-' if form == 'dash' else '*'} {name}" for name in names)
    if form == "comma":
        return f"{heading} {', '.join(names)}."
    if form == "and":
        return f"{heading} {', '.join(names[:-1])} and {names[-1]}."
    if form == "line":
        return "\n".join(names)
    at = rng.randrange(len(names) - 1)
    here, then = names[at], names[at + 1]
    wordings = [f"In the list of the {what}, {here} comes before {then}.", f"After {here} comes {then}.",
                f"{here} is followed by {then}.", f"What comes after {here}? {then}.",
                f"{then} comes after {here}.", f"The one after {here} is {then}.", f"First {here}, then {then}."]
    return rng.choice(wordings)


def count_document(grammar: Grammar) -> str:
    """Numbers that go up or down by steps, or that stay."""
    rng = grammar.rng
    between = rng.choice([", ", ", ", ", ", ", ", " ", ",", "\n", " and ", "; "])
    length = rng.randint(4, 24)
    kind = rng.random()
    if kind < 0.45:
        start = rng.choice([0, 1, 1, 1, 1, 2, 3, rng.randint(1, 60)])
        numbers = [str(start + n) for n in range(length)]
    elif kind < 0.6:
        step = rng.choice([2, 2, 3, 5, 10])
        start = rng.choice([0, step, step, 1, rng.randint(1, 20)])
        numbers = [str(start + step * n) for n in range(min(length, 12))]
    elif kind < 0.7:
        start = rng.randint(5, 30)
        numbers = [str(start - n) for n in range(min(length, start + 1))]
    elif kind < 0.9:
        numbers = [str(rng.choice([1, 1, 1, 2, 3, rng.randint(0, 60)]))] * length
    else:
        start = rng.randint(0, 12)
        numbers = WORDS[start : start + length]
    said, counts = grammar.text("{someone} {said}: "), grammar.text("{someone} counts: ")
    lead = rng.choice([" ", " ", " ", "", "", "Count: ", "Numbers: ", said, counts, "We count: ", "One line: "])
    end = rng.choice(["", "", ".", between.rstrip() if between != " and " else "", "..."])
    return lead + between.join(numbers) + end


AGAIN = ["{s} {s} {s}", "{s}\n{s}\n{s}", '{someone} {said}: "{s}" {someone} repeated: "{s}"', "{s} Again: {s}", "{s} Yes: {s}",
         "Copy: {s}\nCopy: {s}", "Once more: {s} Once more: {s}"]
COPIED = "{thing} {animal} {name} {city} {quality} {room} {mood} {small} {job} {tongue} {month}".split()


def copy_document(grammar: Grammar) -> str:
    """Words that are repeated: one word, a pattern, a random series twice, or a sentence once more."""
    rng = grammar.rng
    words = [grammar.raw(rng.choice(COPIED)) for _ in range(rng.randint(2, 12))]
    between = rng.choice([", ", " ", " ", ", ", " and ", "\n", " - "])
    lead = rng.choice(["", " ", "", "Words: ", "Again: ", grammar.text("{someone} {said}: ")])
    kind = rng.random()
    if kind < 0.2:
        return lead + between.join([words[0]] * rng.randint(4, 14))
    if kind < 0.4:
        pattern = words[: rng.randint(2, 4)]
        return lead + between.join(pattern * rng.randint(3, 6))
    if kind < 0.65:
        once = between.join(words)
        return lead + once + rng.choice([". ", "\n", "; ", between, " = ", ". Again: ", "\nOnce more: "]) + once
    if kind < 0.75:
        return "".join(f"{rng.choice(['Say', 'Repeat', 'Write'])}: {word}\n{word}\n" for word in words[:5]).strip()
    sentence = grammar.text("{clause.}")
    return grammar.text(rng.choice(AGAIN), {"s": sentence})


def sum_is_held_out(first: int, second: int) -> bool:
    """Whether a sum is kept out of training, in both orders: one in ten."""
    return crc32(f"sum/{min(first, second)}/{max(first, second)}".encode()) % 10 == 0


def sum_document(grammar: Grammar) -> str:
    """Some small sums, differences and comparisons."""
    rng = grammar.rng
    lines = []
    while len(lines) < rng.randint(1, 5):
        a, b = rng.randint(0, 10), rng.randint(0, 10)
        if sum_is_held_out(a, b):
            continue
        lines.append(rng.choice([
            f"{a} + {b} = {a + b}", f"{a} + {b} = {a + b}", f"{a} plus {b} is {a + b}", f"{a + b} - {b} = {a}",
            f"{a} and {b} make {a + b}", f"{WORDS[a]} plus {WORDS[b]} is {WORDS[a + b]}", f"{a + b} minus {a} is {b}",
            f"what is {a} + {b}? {a + b}",
        ]))
        if a != b:
            small, big = min(a, b), max(a, b)
            lines.append(rng.choice([f"{big} is greater than {small}", f"{small} is smaller than {big}", f"{big} > {small}"]))
    return rng.choice(["\n", ", ", "\n", "; "]).join(lines)


ODD = "é ü ñ ö ä ß ç è ê å ø € £ ° © – — … “ ” ’ « » ¿ ¡ 😀 ❤ 👍 🎉 日 本 中 文 П р и в е т α β γ ا ل".split()


def odd_document(grammar: Grammar) -> str:
    """Signs that plain sentences lack, so that their bytes are not entirely strange."""
    rng = grammar.rng
    signs = [*ODD, *"#$%&*+/<=>@[]^_{}~|\\`;'", *string.digits, *string.ascii_uppercase, *string.ascii_lowercase]
    picked = [rng.choice(signs) for _ in range(rng.randint(3, 20))]
    return grammar.text("{clause.}") + " " + rng.choice(["", " "]).join(picked)
