"""How often the known cause of an answer ranks first, for every attribution method, on the embedded models.

The generated texts that the models learned have causes that are known: of a fact the name that it is about, of a verb's form
the noun that it agrees with (and not the one beside it), of a review's label the words of judgement. Only answers that the
model gives right count, in combinations that training held out. A *random* word is the floor.

`python -m benchmarks.known_causes [--count N] [--write]`; `--write` puts the table into docs/attribution.md.
"""

from __future__ import annotations

import argparse
import random
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

import ecco
from ecco.attribution.methods import METHODS
from ecco.errors import EccoError
from training.agreement import ALL_THINGS, LINKS
from training.evaluate import name_of, unseen_facts
from training.reviews import Critic

PAGE = Path(__file__).parent.parent / "docs" / "attribution.md"
MARKS = ("<!-- known causes: written by python -m benchmarks.known_causes -->", "<!-- end of known causes -->")
SEED = 7
# Fewer steps and samples than by default, as there are many texts; each is enough for the order of a few words.
OPTIONS: dict[str, dict[str, Any]] = {
    "integrated_gradients": {"n_steps": 20},
    "smoothgrad": {"n_samples": 20},
    "smoothgrad_x_input": {"n_samples": 20},
    "gradient_shap": {"n_samples": 20},
    "shapley": {"n_permutations": 8},
    "lime": {"n_samples": 128},
}


@dataclass(frozen=True)
class Case:
    """An answer with a known cause.

    Attributes:
        out: the run.
        question: what is explained, as arguments of `primary_attributions`.
        causes: (start, stop) in characters of the text, the known cause or causes.
    """

    out: ecco.OutputSeq
    question: dict[str, Any]
    causes: tuple[tuple[int, int], ...]


def fact_cases(lm: ecco.LM) -> Iterator[Case]:
    """The name in a sentence about it, where the model's next token begins the answer."""
    for told, prompt in unseen_facts(10_000):
        place = prompt.lower().rfind(name_of(told).lower())
        out = lm.generate(prompt, generate=1, verbose=False)
        written = str(out.output_text)
        if place >= 0 and written.strip() and (" " + told.fact.answer).startswith(written):
            yield Case(out, {}, ((place, place + len(name_of(told))),))


def agreement_cases(lm: ecco.LM) -> Iterator[Case]:
    """The head noun of a subject, beside a noun of the other number; the form that agrees against the one that does not."""
    rng = random.Random(SEED)
    while True:
        head, other, number = rng.choice(ALL_THINGS), rng.choice(ALL_THINGS), rng.randrange(2)
        text = f"The {head[number]} {rng.choice(LINKS).replace('_', ' ')} the {other[1 - number]}"
        right, wrong = (" are", " is") if number else (" is", " are")
        found = lm.predict_token(text, topk=500)
        ids = found.token_ids.tolist()
        forms = [lm.tokenizer(form, add_special_tokens=False)["input_ids"][0] for form in (right, wrong)]
        order = [ids.index(form) if form in ids else len(ids) for form in forms]
        if order[0] < order[1]:
            yield Case(lm(text, continuation=right), {"against": wrong}, ((4, 4 + len(head[number])),))


def review_cases(lm: ecco.LM) -> Iterator[Case]:
    """The words of judgement of a review, and what reverses them, where the model gives its label."""
    for review in Critic(SEED, unseen=True).reviews():
        causes = tuple((span.start, span.end) for span in review.spans if span.role in ("word", "turn"))
        if causes and lm.predict_token(review.text, topk=1).texts[0] == review.label:
            yield Case(lm(review.text), {}, causes)


CASES: dict[str, tuple[str, Callable[[ecco.LM], Iterator[Case]]]] = {
    "fact: the name": ("ecco/demo-gpt2", fact_cases),
    "agreement: the head noun": ("ecco/demo-gpt2", agreement_cases),
    "review: the judgement": ("ecco/demo-sentiment", review_cases),
}


def words_of(found: ecco.Attribution) -> list[tuple[int, int, int]]:
    """Every word that a target may have as its cause: its number and its characters."""
    words, offset = [], 0
    for number, token in enumerate(found.tokens[: found.seen[0]]):
        if not token.special:
            start = offset + len(token.text) - len(token.text.lstrip())
            if re.search(r"\w", token.text):
                words.append((number, start, offset + len(token.text)))
            offset += len(token.text)
    return words


def hits(case: Case, method: str, *, signed: bool) -> bool:
    """Whether the word with the largest score is a cause, or a part of one."""
    found = case.out.primary_attributions(
        method, by="word", signed=signed, normalize=False, **case.question, **OPTIONS.get(method, {})
    )
    words = words_of(found)
    _, start, stop = words[int(np.argmax([found.scores[0, number] for number, _, _ in words]))]
    return any(start < end and first < stop for first, end in case.causes)


def chance(case: Case) -> float:
    """The share of words that are causes."""
    words = words_of(case.out.primary_attributions("gradient", by="word", **case.question))
    return float(np.mean([any(start < end and first < stop for first, end in case.causes) for _, start, stop in words]))


def table(count: int) -> list[list[str]]:
    """A row per method, a column per kind of case: the share of cases whose cause ranks first."""
    models = {name: ecco.from_pretrained(name, verbose=False) for name in {model for model, _ in CASES.values()}}
    cases = {kind: list(islice(find(models[model]), count)) for kind, (model, find) in CASES.items()}
    rows = [["method", *(f"{kind} ({len(found)})" for kind, found in cases.items())]]
    for name, method in METHODS.items():
        for signed in [True] if method.by_unit else [False, True] if method.signed else [False]:
            how = "" if method.by_unit or not method.signed else ", signed sum" if signed else ", L2 norm"
            rows.append([f"{method.label}{how}", *(share(found, name, signed) for found in cases.values())])
    rows.append(["a random word", *(f"{np.mean([chance(case) for case in found]):.0%}" for found in cases.values())])
    return rows


def share(cases: list[Case], method: str, signed: bool) -> str:
    """How often the cause ranks first, or that the method is refused."""
    try:
        return f"{np.mean([hits(case, method, signed=signed) for case in cases]):.0%}"
    except EccoError:
        return "refused"


def markdown(rows: list[list[str]]) -> str:
    """The rows as a table."""
    head, *body = ("| " + " | ".join(row) + " |" for row in rows)
    return "\n".join([head, "|" + " --- |" * len(rows[0]), *body])


def main() -> None:
    """Print the table, or write it to the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.known_causes", description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore", ecco.CompletenessWarning)
    found = markdown(table(given.count))
    if not given.write:
        print(found)
        return
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(MARKS[0])
    PAGE.write_text(f"{before}{MARKS[0]}\n{found}\n{MARKS[1]}{rest.split(MARKS[1])[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
