"""What the demo model knows: `python -m training.evaluate ecco/demos/demo-gpt2` asks it what training never told it so.

A fact counts as known when the answer is the first of all possible answers that the greedy continuation names, whatever words
stand before it.
"""

from __future__ import annotations

import argparse
import math
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from training import prose, sequences
from training.corpus import FORMS, RELATIONS, WORDINGS, Told, Writer, held_out, told_elsewhere
from training.grammar import MARK
from training.paraphrases import AGREEMENTS, FACTS
from training.train import mean_loss, pack
from training.world import bare, facts

SEED = 99


class Reader:
    """A loaded model that continues texts greedily and weighs alternatives."""

    def __init__(self, folder: str | Path) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        self.end = self.tokenizer.eos_token_id

    @torch.no_grad()
    def logits(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        """Logits of rows of tokens, padded on the right, where no earlier position looks."""
        width = max(map(len, rows))
        ids = torch.tensor([[*row, *[self.end] * (width - len(row))] for row in rows])
        return self.model(ids).logits

    @torch.no_grad()
    def continuations(self, prompts: Sequence[str], tokens: int) -> list[str]:
        """The greedy continuation of each prompt, up to the end of the text."""
        by_length: dict[int, list[tuple[int, list[int]]]] = {}
        for place, prompt in enumerate(prompts):
            ids = self.tokenizer.encode(prompt)[-(256 - tokens) :]
            by_length.setdefault(len(ids), []).append((place, ids))
        written = [""] * len(prompts)
        for group in by_length.values():
            ids = torch.tensor([row for _, row in group])
            found = self.model.generate(
                ids, attention_mask=torch.ones_like(ids), max_new_tokens=tokens, do_sample=False, pad_token_id=self.end
            )
            for (place, row), after in zip(group, found.tolist(), strict=True):
                after = after[len(row) :]
                written[place] = self.tokenizer.decode(after[: after.index(self.end)] if self.end in after else after)
        return written

    def preferences(self, triples: Sequence[tuple[str, str, str]]) -> list[bool]:
        """For each prompt and two continuations: whether the first is more likely than the second."""
        found = []
        for at in range(0, len(triples), 32):
            part = triples[at : at + 32]
            rows = [self.tokenizer.encode(prompt + form) for prompt, *forms in part for form in forms]
            scores = self.logits(rows).log_softmax(-1)
            starts = [len(self.tokenizer.encode(prompt)) for prompt, *forms in part for _ in forms]
            totals = [
                sum(float(scores[i, place - 1, row[place]]) for place in range(start, len(row)))
                for i, (row, start) in enumerate(zip(rows, starts, strict=True))
            ]
            found += [right > wrong for right, wrong in zip(totals[::2], totals[1::2], strict=True)]
        return found


@dataclass
class Score:
    """How many of how many, and what went wrong."""

    right: int
    asked: int
    failures: list[str]

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return self.right / max(1, self.asked)


def score(results: Iterable[tuple[bool, str]]) -> Score:
    """The score of results, each with what is shown when it is a failure."""
    listed = list(results)
    return Score(sum(good for good, _ in listed), len(listed), [shown for good, shown in listed if not good])


def total(scores: Iterable[Score]) -> Score:
    """Several scores as one."""
    listed = list(scores)
    return Score(
        sum(one.right for one in listed), sum(one.asked for one in listed), [shown for one in listed for shown in one.failures]
    )


@cache
def possible(relation: str) -> tuple[str, ...]:
    """All answers of a relation that could be named, without articles."""
    return tuple(sorted({bare(fact.answer) for fact in facts()[relation]}))


def first_named(text: str, names: Iterable[str]) -> str | None:
    """The name that a text names first, in singular or plural; of names that begin at the same place, the longest."""
    found = [(match.start(), -len(name), name) for name in names if (match := re.search(rf"\b{re.escape(name)}s?(?!\w)", text))]
    return min(found)[2] if found else None


def is_answered(relation: str, subject: str, prompt: str, continuation: str) -> bool:
    """Whether a continuation names a right answer first.

    Where a prompt asks for neither a city nor a country, both are answers to "where".
    """
    accepted = {relation}
    if relation in ("city", "place country") and not re.search("cit(y|ies)|countr", prompt):
        accepted = {"city", "place country"}
    answers = {bare(fact.answer) for name in accepted for fact in facts()[name] if bare(fact.subject) == bare(subject)}
    return first_named(continuation, {answer for name in accepted for answer in possible(name)}) in answers


def unseen_told() -> Iterator[Told]:
    """Facts in wordings that training had for other subjects only, in random order."""
    writer = Writer(SEED, unseen=True)
    combinations = [
        (fact, form, wording)
        for relation in RELATIONS
        for fact in writer.facts[relation]
        for form in FORMS
        if form != "label"
        for wording in range(len(WORDINGS[form].get(relation, ())))
        if held_out(relation, form, wording, fact.subject) and not told_elsewhere(relation, form, wording)
    ]
    random.Random(SEED).shuffle(combinations)
    return (writer.told(*combination) for combination in combinations)


def name_of(told: Told) -> str:
    """The subject of a fact as its text must at least name it."""
    return bare(told.fact.subject).removesuffix(" Airport")


def unseen_facts(count: int) -> list[tuple[Told, str]]:
    """Facts that training did not tell so, each with the text up to the answer."""
    asked: list[tuple[Told, str]] = []
    for told in unseen_told():
        prompt = told.text.split(MARK)[0].rstrip(" ")
        # A wording that gives the answer before the subject asks nothing.
        if name_of(told).lower() in prompt.lower() and told.fact.answer not in prompt:
            asked.append((told, prompt))
        if len(asked) == count:
            break
    return asked


def fact_scores(reader: Reader, count: int = 1500) -> dict[str, Score]:
    """Unseen combinations of subject and wording, by relation."""
    asked = unseen_facts(count)
    answers = reader.continuations([prompt for _, prompt in asked], 12)
    by_relation: dict[str, list[tuple[bool, str]]] = {relation: [] for relation in RELATIONS}
    for (told, prompt), answer in zip(asked, answers, strict=True):
        good = is_answered(told.fact.relation, told.fact.subject, prompt, answer)
        by_relation[told.fact.relation].append((good, f"{prompt} |{answer}"))
    return {relation: score(results) for relation, results in by_relation.items()}


def agreement_score(reader: Reader, count: int = 800) -> Score:
    """Unseen combinations of subject, link and attractor."""
    writer = Writer(SEED, unseen=True)
    asked = [writer.agreement() for _ in range(count)]
    results = reader.preferences([(a.prefix, f" {a.right}", f" {a.wrong}") for a in asked])
    return score((good, f"{a.prefix} | {a.wrong}") for good, a in zip(results, asked, strict=True))


def paraphrase_scores(reader: Reader) -> dict[str, Score]:
    """The hand-written sentences."""
    answers = reader.continuations([prompt for prompt, _, _ in FACTS], 12)
    told = score(
        (is_answered(relation, subject, prompt, answer), f"{prompt} |{answer}")
        for (prompt, relation, subject), answer in zip(FACTS, answers, strict=True)
    )
    results = reader.preferences([(prompt, f" {right}", f" {wrong}") for prompt, right, wrong in AGREEMENTS])
    agreed = score((good, f"{prompt} | {wrong}") for good, (prompt, _, wrong) in zip(results, AGREEMENTS, strict=True))
    return {"facts": told, "agreement": agreed}


def _continued(reader: Reader, pairs: Sequence[tuple[str, str]], tokens: int) -> Score:
    """Prompts, and what their continuation must begin with."""
    written = reader.continuations([prompt for prompt, _ in pairs], tokens)
    return score((text.startswith(wanted), f"{prompt} |{text}") for (prompt, wanted), text in zip(pairs, written, strict=True))


def list_scores(reader: Reader) -> dict[str, Score]:
    """Whole lists from their first item, and the next item of the European Union's list from any place."""
    pairs = []
    for what, names in sequences.LISTINGS.items():
        lines = [f"\n{n}. {name}" for n, name in enumerate(names, 1)]
        pairs.append((f"The {what} are:{lines[0]}", "".join(lines[1:])))
    union = sequences.LISTINGS[sequences.UNION]
    anywhere = []
    for at in range(len(union) - 3):
        lines = [f"\n{n}. {name}" for n, name in enumerate(union[at : at + 4], 1)]
        anywhere.append((f"The {sequences.UNION} are:{''.join(lines[:2])}", "".join(lines[2:])))
    return {"whole lists": _continued(reader, pairs, 200), "European Union from any member": _continued(reader, anywhere, 16)}


def sequence_scores(reader: Reader) -> dict[str, Score]:
    """Counting, repeating, copying, and sums that training did not have."""
    rng = random.Random(SEED)
    grammar = Writer(SEED).grammar
    up = [
        (" " + ", ".join(str(start + n) for n in range(4)) + ",", "".join(f" {start + n}," for n in range(4, 8)))
        for start in range(40)
    ]
    same = [(" " + f"{n}, " * 3 + f"{n},", f" {n}," * 4) for n in range(40)]
    words = [grammar.raw(rng.choice(["{thing}", "{animal}", "{name}"])) for _ in range(40)]
    repeat = [(f"{word} {word} {word} {word}", f" {word} {word} {word}") for word in words]
    copy = []
    for _ in range(40):
        series = [grammar.raw(rng.choice(["{thing}", "{animal}", "{name}", "{city}"])) for _ in range(8)]
        copy.append((" " + " ".join(series) + ". " + " ".join(series[:2]), "".join(f" {word}" for word in series[2:])))
    sums = [(f"{a} + {b} =", f" {a + b}") for a in range(11) for b in range(11) if sequences.sum_is_held_out(a, b)]
    return {
        "counting on": _continued(reader, up, 10),
        "same number": _continued(reader, same, 10),
        "same word": _continued(reader, repeat, 6),
        "eight words again": _continued(reader, copy, 14),
        "unseen sums up to 10 + 10": _continued(reader, sums, 2),
    }


def language_scores(reader: Reader) -> dict[str, Score]:
    """Pronouns, sentiment, and signs that must be closed."""
    writer = Writer(SEED, unseen=True)
    pronouns, signs = [], []
    while len(pronouns) < 300:
        who = writer.person()
        text = writer.told_of(who)[1]
        match = re.search(rf" ({'|'.join(sorted(set(who.values()) - {who['N'], who['O']}))})\b", text)
        if match and who["N"].lower() in text[: match.start()].lower() and not who["N"].startswith("the "):
            other = {
                "she": "he",
                "he": "she",
                "her": "his",
                "his": "her",
                "him": "her",
                "herself": "himself",
                "himself": "herself",
            }[match[1]]
            pronouns.append((text[: match.start()], match[0], f" {other}"))
    while len(signs) < 300:
        text, sign = writer.opinion()
        if MARK in text:
            signs.append((text.split(MARK)[0].rstrip(" "), f" {sign}", " negative" if sign == "positive" else " positive"))
    subjects = [writer.grammar.text("{someone}") for _ in range(60)]
    quotes = [f'{who} {verb}, "I' for who, verb in zip(subjects, [*prose.RULES["said"]] * 6, strict=True)]
    brackets = [f"The {thing} (the" for thing in prose.RULES["thing"]]
    closed = [text.find('"') > 0 for text in reader.continuations(quotes, 40)]
    ended = [text.find(")") > 0 for text in reader.continuations(brackets, 40)]
    return {
        "pronoun of a name": score(zip(reader.preferences(pronouns), map(str, pronouns), strict=True)),
        "sentiment": score(zip(reader.preferences(signs), map(str, signs), strict=True)),
        "quotation closed": score(zip(closed, quotes, strict=True)),
        "bracket closed": score(zip(ended, brackets, strict=True)),
    }


def report(folder: str | Path) -> dict[str, Any]:
    """All scores of the model in a folder."""
    torch.set_num_threads(2)
    reader = Reader(folder)
    unseen = pack(Writer(SEED, unseen=True).documents(), reader.tokenizer, 128, 128)
    heathrow = torch.softmax(reader.logits([reader.tokenizer.encode("Heathrow Airport is located in the city of")])[0, -1], -1)
    return {
        "facts": fact_scores(reader),
        "agreement": agreement_score(reader),
        "paraphrases": paraphrase_scores(reader),
        "lists": list_scores(reader),
        "sequences": sequence_scores(reader),
        "language": language_scores(reader),
        "loss": (loss := mean_loss(reader.model, unseen)),
        "perplexity": math.exp(loss),
        "parameters": reader.model.num_parameters(),
        "London": float(heathrow[reader.tokenizer.encode(" London")[0]]),
    }


def shown(found: dict[str, Any]) -> str:
    """A report as text, failures included."""
    lines = [f"parameters {found['parameters']:,}   unseen loss {found['loss']:.4f}   P( London) {found['London']:.3f}"]
    groups = [
        ("facts", found["facts"]),
        ("agreement", {"unseen": found["agreement"]}),
        *((name, found[name]) for name in ("paraphrases", "lists", "sequences", "language")),
    ]
    for group, scores in groups:
        for name, one in scores.items():
            lines.append(f"{group}: {name}: {one.right}/{one.asked} = {one.share:.1%}")
            lines += [f"      {failure!r}" for failure in one.failures[: 100 if group == "paraphrases" else 6]]
    right, asked = sum(one.right for one in found["facts"].values()), sum(one.asked for one in found["facts"].values())
    return "\n".join([*lines, f"facts: all: {right}/{asked} = {right / asked:.1%}"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__)
    parser.add_argument("folder", type=Path)
    print(shown(report(parser.parse_args().folder)))
