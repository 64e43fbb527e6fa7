"""How well the classifier judges: `python -m training.evaluate_sentiment ecco/demos/demo-sentiment` asks it unseen reviews."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from training.evaluate import SEED, Score, score, total
from training.review_paraphrases import REVIEWS
from training.reviews import LABELS, Critic, Review

# What a review has, and the name of such reviews; the first that fits counts.
KINDS = {"other": "contrast: a word of the other sign stands in it", "turn": "negation, litotes or comparison", "word": "plain"}
EXAMPLES = ("The film is not bad at all.", "The actors are brilliant, but the story is dull.")


class Judge:
    """A loaded classifier."""

    def __init__(self, folder: str | Path) -> None:
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self.model: Any = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()

    @torch.no_grad()
    def probabilities(self, texts: Sequence[str]) -> torch.Tensor:
        """(text, label)."""
        found = []
        for at in range(0, len(texts), 32):
            encoded = self.tokenizer(list(texts[at : at + 32]), padding=True, truncation=True, return_tensors="pt")
            found.append(self.model(encoded["input_ids"], attention_mask=encoded["attention_mask"]).logits.softmax(-1))
        return torch.cat(found)

    def labels(self, texts: Sequence[str]) -> list[str]:
        """The label of each text."""
        return [self.model.config.id2label[int(row.argmax())] for row in self.probabilities(texts)]


def kind_of(review: Review) -> str:
    """What makes a review more or less hard."""
    return next(name for role, name in KINDS.items() if review.spoken(role))


def unseen_scores(judge: Judge, count: int = 4000) -> dict[str, Score]:
    """Reviews of which every deciding word is kept out of training for its family, by kind."""
    reviews = list(islice(Critic(SEED, unseen=True).reviews(), count))
    results: dict[str, list[tuple[bool, str]]] = {name: [] for name in KINDS.values()}
    for review, label in zip(reviews, judge.labels([review.text for review in reviews]), strict=True):
        results[kind_of(review)].append((label == review.label, f"{review.text} | {label}"))
    return {name: score(found) for name, found in results.items()}


def known_words() -> frozenset[str]:
    """The words of many generated reviews."""
    return frozenset(word for review in islice(Critic(SEED).reviews(), 20_000) for word in words_of(review.text))


def words_of(text: str) -> list[str]:
    """The words of a text in small letters."""
    return re.findall(r"[^\W\d_]+", text.lower())


def paraphrase_scores(judge: Judge) -> tuple[dict[str, Score], dict[str, Score]]:
    """The hand-written reviews, by what makes them hard, and by whether generated reviews have all their words."""
    known = known_words()
    by_kind, by_words = {}, {"all words known": [], "some word unknown": []}
    for kind, reviews in REVIEWS.items():
        results = []
        for (text, positive), label in zip(reviews, judge.labels([text for text, _ in reviews]), strict=True):
            results.append((label == LABELS[positive], f"{text} | {label}"))
            by_words["all words known" if known.issuperset(words_of(text)) else "some word unknown"].append(results[-1])
        by_kind[kind] = score(results)
    return by_kind, {name: score(results) for name, results in by_words.items()}


def report(folder: str | Path) -> dict[str, Any]:
    """All scores of the model in a folder."""
    judge = Judge(folder)
    by_kind, by_words = paraphrase_scores(judge)
    rows = judge.probabilities(EXAMPLES)
    return {
        "unseen": unseen_scores(judge),
        "paraphrases": by_kind,
        "paraphrases by words": by_words,
        "examples": {text: float(row[LABELS.index("positive")]) for text, row in zip(EXAMPLES, rows, strict=True)},
        "parameters": judge.model.num_parameters(),
    }


def shown(found: dict[str, Any]) -> str:
    """A report as text, failures included."""
    lines = [f"parameters {found['parameters']:,}   positive: {found['examples']}"]
    for group in ("unseen", "paraphrases", "paraphrases by words"):
        for name, one in {**found[group], "all": total(found[group].values())}.items():
            lines.append(f"{group}: {name}: {one.right}/{one.asked} = {one.share:.1%}")
            if name != "all" and group != "paraphrases by words":
                lines += [f"      {failure!r}" for failure in one.failures[:15]]
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m training.evaluate_sentiment", description=__doc__)
    parser.add_argument("folder", type=Path)
    print(shown(report(parser.parse_args().folder)))
