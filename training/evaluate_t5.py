"""How well the encoder-decoder answers: `python -m training.evaluate_t5 ecco/demos/demo-t5` asks it what training never had."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from training.corpus import RELATIONS, told_elsewhere
from training.evaluate import SEED, Score, is_answered, score, total
from training.evaluate_sentiment import KINDS, kind_of
from training.pairs import PREFIXES, Asker
from training.review_paraphrases import REVIEWS
from training.reviews import LABELS, Critic
from training.t5_paraphrases import QUESTIONS, TRANSLATIONS

EXAMPLES = {
    "question: Where is Heathrow Airport?": "London",
    "sentiment: The film is not bad at all.": "positive",
    "translate English to German: Yesterday the old man read a letter.": "Gestern hat der alte Mann einen Brief gelesen.",
}
# The kinds of sentences to translate, and what shows that a German sentence is of one; the first that fits counts.
TRANSLATED = {
    "two clauses": (", dass ", ", weil ", ", aber ", " und "),
    "questions": ("?",),
    "other sentences": ("",),
}


class Answerer:
    """A loaded model that answers greedily."""

    def __init__(self, folder: str | Path) -> None:
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self.model: Any = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32).eval()

    @torch.no_grad()
    def answers(self, sources: Sequence[str], tokens: int = 40) -> list[str]:
        """The answer to each text with its prefix."""
        order = sorted(range(len(sources)), key=lambda at: len(sources[at]))
        found = [""] * len(sources)
        for at in range(0, len(order), 64):
            rows = order[at : at + 64]
            encoded = self.tokenizer([sources[row] for row in rows], padding=True, return_tensors="pt")
            ids = self.model.generate(
                encoded["input_ids"], attention_mask=encoded["attention_mask"], max_new_tokens=tokens, do_sample=False
            )
            for row, text in zip(rows, self.tokenizer.batch_decode(ids, skip_special_tokens=True), strict=True):
                found[row] = text
        return found


def scored(answerer: Answerer, asked: Sequence[tuple[str, str, Sequence[str]]]) -> dict[str, Score]:
    """Texts with their prefix, by a name, each with the answers that are right, exactly so."""
    results: dict[str, list[tuple[bool, str]]] = {}
    for (name, source, right), answer in zip(asked, answerer.answers([source for _, source, _ in asked]), strict=True):
        results.setdefault(name, []).append((answer in right, f"{source} | {answer}"))
    return {name: score(found) for name, found in results.items()}


def sentiment_scores(answerer: Answerer, count: int = 2000) -> dict[str, Score]:
    """Reviews of which every deciding word is kept out of training for its family, by kind."""
    reviews = islice(Critic(SEED, unseen=True).reviews(), count)
    found = scored(answerer, [(kind_of(one), PREFIXES["sentiment"] + one.text, [one.label]) for one in reviews])
    return {name: found[name] for name in KINDS.values() if name in found}


def question_scores(answerer: Answerer, count: int = 1500) -> dict[str, Score]:
    """Unseen combinations of question and subject, by relation."""
    asker, asked, seen = Asker(SEED, unseen=True), [], set()
    for _ in range(10 * count):
        relation = asker.rng.choice(list(RELATIONS))
        text, told = asker.writer.question(relation)
        if len(asked) < count and text not in seen and not told_elsewhere(relation, told.form, told.wording):
            seen.add(text)
            asked.append((told.fact, text))
    results: dict[str, list[tuple[bool, str]]] = {relation: [] for relation in RELATIONS}
    for (fact, text), answer in zip(asked, answerer.answers([PREFIXES["question"] + text for _, text in asked]), strict=True):
        results[fact.relation].append((answer == fact.answer, f"{text} | {answer}"))
    return {relation: score(found) for relation, found in results.items()}


def translation_scores(answerer: Answerer, count: int = 1500) -> dict[str, Score]:
    """Sentences with a combination that is kept out of training, by kind; a translation is right when every word is."""
    asker = Asker(SEED, unseen=True)
    pairs = [asker.pair("translation") for _ in range(count)]
    asked = []
    for pair in pairs:
        kind = next(name for name, signs in TRANSLATED.items() if any(sign in pair.answer for sign in signs))
        asked.append((kind, pair.source, [pair.answer]))
    found = scored(answerer, asked)
    return {kind: found[kind] for kind in TRANSLATED if kind in found}


def paraphrase_scores(answerer: Answerer) -> dict[str, Score]:
    """What is written by hand."""
    reviews = [(text, positive) for kind in REVIEWS.values() for text, positive in kind]
    asked = [("sentiment", PREFIXES["sentiment"] + text, [LABELS[positive]]) for text, positive in reviews]
    asked += [("translation", PREFIXES["translation"] + text, list(right)) for text, right in TRANSLATIONS]
    answers = answerer.answers([PREFIXES["question"] + text for text, *_ in QUESTIONS])
    questions = score(
        (is_answered(relation, subject, text, answer), f"{PREFIXES['question']}{text} | {answer}")
        for (text, relation, subject), answer in zip(QUESTIONS, answers, strict=True)
    )
    return {"question": questions} | scored(answerer, asked)


def report(folder: str | Path) -> dict[str, Any]:
    """All scores of the model in a folder."""
    answerer = Answerer(folder)
    return {
        "questions": question_scores(answerer),
        "sentiment": sentiment_scores(answerer),
        "translation": translation_scores(answerer),
        "paraphrases": paraphrase_scores(answerer),
        "examples": dict(zip(EXAMPLES, answerer.answers(list(EXAMPLES)), strict=True)),
        "parameters": answerer.model.num_parameters(),
    }


def shown(found: dict[str, Any]) -> str:
    """A report as text, failures included."""
    lines = [f"parameters {found['parameters']:,}   {found['examples']}"]
    for group in ("questions", "sentiment", "translation", "paraphrases"):
        for name, one in {**found[group], "all": total(found[group].values())}.items():
            lines.append(f"{group}: {name}: {one.right}/{one.asked} = {one.share:.1%}")
            if name != "all":
                lines += [f"      {failure!r}" for failure in one.failures[: 100 if group == "paraphrases" else 8]]
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m training.evaluate_t5", description=__doc__)
    parser.add_argument("folder", type=Path)
    print(shown(report(parser.parse_args().folder)))
