"""What the masked language model knows: `python -m training.evaluate_bert FOLDER` asks it what training never told it so.

An answer of several tokens is asked with as many masks, all filled at once, each with its most likely token; it counts as right
when the whole answer is. The article of an answer is left in the text.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

from training import masking
from training.corpus import RELATIONS, Told, Writer
from training.encoders import MASK, batches
from training.evaluate import SEED, Score, is_answered, name_of, score, total, unseen_told
from training.grammar import MARK
from training.mask_paraphrases import FILLS
from training.paraphrases import AGREEMENTS, FACTS
from training.world import bare, facts

LONDON = f"Heathrow Airport is located in the city of {MASK}."


class Filler:
    """A loaded model that fills masks."""

    def __init__(self, folder: str | Path) -> None:
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self.model: Any = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32).eval()

    @torch.no_grad()
    def probabilities(self, texts: Sequence[str]) -> list[torch.Tensor]:
        """For each text, the probabilities at its masks: (mask, vocabulary)."""
        found = []
        for at in range(0, len(texts), 32):
            encoded = self.tokenizer(list(texts[at : at + 32]), padding=True, return_tensors="pt")
            logits = self.model(encoded["input_ids"], attention_mask=encoded["attention_mask"]).logits
            places = encoded["input_ids"] == self.tokenizer.mask_token_id
            found += [row[place].softmax(-1) for row, place in zip(logits, places, strict=True)]
        return found

    def filled(self, texts: Sequence[str]) -> list[str]:
        """What stands at the masks of each text, as words."""
        return [self.tokenizer.decode(one.argmax(-1)) for one in self.probabilities(texts)]

    def masks(self, answer: str) -> str:
        """As many masks as an answer has tokens."""
        return " ".join([MASK] * len(self.tokenizer.tokenize(answer)))


def asked_of(told: Told, filler: Filler) -> str | None:
    """A fact's text with its answer masked; None if the rest of the text tells the answer or does not name the subject."""
    start, end = masking.answer_of(told)
    plain = told.text.replace(MARK, "")
    # The "s" of a plural belongs to its word: as in training, the whole word is masked.
    before, after = plain[:start], re.sub(r"^\w+", "", plain[end:])
    rest = (before + after).lower()
    if plain[start:end].lower() in rest or name_of(told).lower() not in rest:
        return None
    return before + filler.masks(plain[start : len(plain) - len(after)]) + after


def fact_scores(filler: Filler, count: int = 1500) -> tuple[dict[str, Score], dict[str, Score]]:
    """Unseen combinations of subject and wording, by relation, and by the number of tokens of the answer."""
    possible = ((told, asked_of(told, filler)) for told in unseen_told())
    asked = list(islice(((told, text) for told, text in possible if text), count))
    by_relation: dict[str, list[tuple[bool, str]]] = {relation: [] for relation in RELATIONS}
    by_size: dict[str, list[tuple[bool, str]]] = {"one token": [], "several tokens": []}
    for (told, text), filled in zip(asked, filler.filled([text for _, text in asked]), strict=True):
        result = is_answered(told.fact.relation, told.fact.subject, text, filled), f"{text} | {filled}"
        by_relation[told.fact.relation].append(result)
        by_size["one token" if text.count(MASK) == 1 else "several tokens"].append(result)
    return tuple({name: score(results) for name, results in found.items()} for found in (by_relation, by_size))  # type: ignore[return-value]


def paraphrases(filler: Filler) -> list[tuple[str, str, str]]:
    """The hand-written sentences with masks, their relation and subject."""
    found = []
    answers = {(relation, fact.subject): fact.answer for relation, told in facts().items() for fact in told}
    for prompt, relation, subject in FACTS:
        answer = answers[relation, subject]
        article = "the " if answer != bare(answer) and not prompt.endswith(" the") else ""
        found.append((f"{prompt} {article}{filler.masks(bare(answer))}.", relation, subject))
    return found + [
        (text.replace(MASK, filler.masks(bare(answers[relation, subject]))), relation, subject)
        for text, relation, subject in FILLS
    ]


def paraphrase_score(filler: Filler) -> dict[str, Score]:
    """The hand-written sentences, by where the mask stands."""
    asked = paraphrases(filler)
    results: dict[str, list[tuple[bool, str]]] = {"at the end": [], "elsewhere": []}
    for (text, relation, subject), filled in zip(asked, filler.filled([text for text, _, _ in asked]), strict=True):
        where = "at the end" if text.endswith(f"{MASK}.") else "elsewhere"
        results[where].append((is_answered(relation, subject, text, filled), f"{text} | {filled}"))
    return {where: score(found) for where, found in results.items()}


def preferences(filler: Filler, asked: Sequence[tuple[str, str, str]]) -> Score:
    """Of texts with a mask, whether the first word is likelier there than the second."""
    found = filler.probabilities([text for text, _, _ in asked])
    ids = [filler.tokenizer.convert_tokens_to_ids([right, wrong]) for _, right, wrong in asked]
    return score(
        (bool(one[0, right] > one[0, wrong]), f"{text} | {words[1]}")
        for one, (right, wrong), (text, *words) in zip(found, ids, asked, strict=True)
    )


def agreements(count: int = 800) -> list[tuple[str, str, str]]:
    """Unseen sentences whose verb is masked, with the forms that agree and do not."""
    writer = Writer(SEED, unseen=True)
    found = [writer.agreement() for _ in range(count)]
    return [(f"{a.prefix} {MASK}{re.sub(r'^[^ .!?]+', '', a.after)}", a.right, a.wrong) for a in found]


def report(folder: str | Path) -> dict[str, Any]:
    """All scores of the model in a folder."""
    filler = Filler(folder)
    by_relation, by_size = fact_scores(filler)
    unseen = list(islice(batches(masking.texts(Writer(SEED, unseen=True)), filler.tokenizer, 1280, SEED), 64))
    (heathrow,) = filler.probabilities([LONDON])
    return {
        "facts": by_relation,
        "sizes": by_size,
        "agreement": preferences(filler, agreements()),
        "paraphrases": paraphrase_score(filler),
        "paraphrased agreement": preferences(
            filler, [(f"{text} {MASK} here.", right, wrong) for text, right, wrong in AGREEMENTS]
        ),
        "loss": masking.mean_loss(filler.model, unseen, filler.tokenizer.mask_token_id),
        "parameters": filler.model.num_parameters(),
        "London": float(heathrow[0, filler.tokenizer.convert_tokens_to_ids("London")]),
    }


def shown(found: dict[str, Any]) -> str:
    """A report as text, failures included."""
    lines = [f"parameters {found['parameters']:,}   loss of answers {found['loss']:.4f}   P(London) {found['London']:.3f}"]
    groups = {name: value if isinstance(value, dict) else {"": value} for name, value in found.items()}
    for group, scores in groups.items():
        for name, one in scores.items():
            if isinstance(one, Score):
                lines.append(f"{group} {name}: {one.right}/{one.asked} = {one.share:.1%}")
                lines += [f"      {failure!r}" for failure in one.failures[: 100 if "paraphrase" in group else 6]]
    every = total(found["facts"].values())
    return "\n".join([*lines, f"facts: all: {every.right}/{every.asked} = {every.share:.1%}"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m training.evaluate_bert", description=__doc__)
    parser.add_argument("folder", type=Path)
    print(shown(report(parser.parse_args().folder)))
