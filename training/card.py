"""The model card: `python -m training.card ecco/demos/demo-gpt2` asks the model again and writes README.md beside it."""

from __future__ import annotations

import argparse
import platform
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoConfig

from training import evaluate
from training.evaluate import Score

# What the listed failures have in common: written by a person who read them, for the committed model.
KINDS_OF_FAILURES = ""

ABOUT = """---
license: bsd-3-clause
language: en
library_name: transformers
---

# demo-gpt2

A small GPT-2 to try ecco without a download: `ecco.from_pretrained("ecco/demo-gpt2")`. It was trained from random weights on text that a
grammar composes about a small world of facts; nothing was copied from a text collection or another model.

**What it is not.** It knows only this generated world: some 90 airports and landmarks, 70 countries, 40 famous people, a few lists, and
everyday sentences of some 3,000 words. It knows no English beyond that, makes things up outside it, and contradicts itself in long texts.
An airport counts as being in the city it serves, and other facts are simplified too. Use it to look at how a language model works, not
to learn about the world.
"""


def _percent(one: Score) -> str:
    return f"{one.share:.1%} ({one.right} of {one.asked})"


def _table(head: str, scores: dict[str, Score]) -> str:
    lines = [
        f"| {head} | right |",
        "|---|---|",
        *(f"| {name} | {_percent(one)} |" for name, one in scores.items() if one.asked),
    ]
    return "\n".join(lines)


def text(report: dict[str, Any], training: dict[str, Any], config: Any) -> str:
    """The card of a model, from its scores and from what its training noted."""
    facts: dict[str, Score] = report["facts"]
    every = Score(sum(one.right for one in facts.values()), sum(one.asked for one in facts.values()), [])
    paraphrases: dict[str, Score] = report["paraphrases"]
    failures = "\n".join(f"- {failure!r}" for one in paraphrases.values() for failure in one.failures) or "none"
    parts = [
        ABOUT,
        "## Made by\n",
        f"`python -m training.demo_gpt2 --steps {training['steps']} --seed {training['seed']}`: {training['tokens']:,} tokens of text, each seen once, "
        f"{training['minutes']} minutes on two CPU cores, text included. {report['parameters']:,} parameters: {config.n_layer} layers, {config.n_head} heads, width {config.n_embd}, "
        f"context {config.n_positions}, {config.vocab_size} byte-level tokens, embeddings tied, half precision. "
        f"Versions: torch {torch.__version__.split('+')[0]}, transformers {transformers.__version__}, Python {platform.python_version()}. "
        "The text is the same for the same seed; weights may differ a little between machines.\n",
        "## Measured\n",
        "All figures are written by `python -m training.card`, none by hand. `python -m training.evaluate` prints them with failures.\n",
        f"Loss on unseen documents: {report['loss']:.3f} nats per token (perplexity {report['loss_perplexity']:.2f}; names and turns that the grammar draws at random cannot be predicted). "
        f'After "Heathrow Airport is located in the city of", " London" has probability {report["London"]:.3f}.\n',
        f"**Facts in unseen combinations** of subject and wording, all: {_percent(every)}. Training had the wording for other subjects and the fact in other wordings. "
        "Right means: the greedy continuation names the right answer before any other possible one.\n",
        _table("relation", facts) + "\n",
        f"**Agreement across attractors** in unseen combinations of noun, link and attractor: {_percent(report['agreement'])} (the right form is more likely than the wrong one).\n",
        f"**Paraphrases**, written by hand in wordings that the grammar does not make: facts {_percent(paraphrases['facts'])}, agreement {_percent(paraphrases['agreement'])}. Failures, "
        f"as prompt | what the model wrote:\n\n{failures}\n",
        *([KINDS_OF_FAILURES.strip() + "\n"] if KINDS_OF_FAILURES else []),
        "**Lists, sequences, language**\n",
        _table("task", report["lists"] | report["sequences"] | report["language"]),
        "\nPronouns of names and sentiment labels are asked in unseen combinations; a quotation or bracket counts as closed when it ends within 40 tokens.",
    ]
    return "\n".join(parts) + "\n"


def write(folder: Path, report: dict[str, Any]) -> None:
    """Write the card of the model in a folder."""
    config = AutoConfig.from_pretrained(folder)
    (folder / "README.md").write_text(text(report, config.training, config), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m training.card", description=__doc__)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    write(options.folder, evaluate.report(options.folder))
