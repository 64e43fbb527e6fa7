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
from training.evaluate import Score, total

# What the listed failures have in common: written by a person who read them, for the committed model.
KINDS_OF_FAILURES = """\
Read by kind: most often the last word before the answer is one that no answer follows in the training text ("only", "any",
"namely", "outside", "he wanted the"), and the model goes on with an everyday word or ends the sentence. Sometimes it names
something of another sort, such as the continent instead of the language. Comparisons ("what London is for ...") and an earlier
state ("used to have another capital") are not understood. Agreement fails for plural subjects after "where" and "why" and
before a past perfect: then "was" wins.
"""

ABOUT = """---
license: bsd-3-clause
language: en
library_name: transformers
---

# demo-gpt2

A small GPT-2 to try ecco without a download: `ecco.from_pretrained("ecco/demo-gpt2")`. It was trained from random weights
on text that a grammar composes about a small world of facts; nothing was copied from a text collection or another model.

**What it is not.** It knows only this generated world: some 90 airports and landmarks, 70 countries, 40 famous people, a
few lists, and everyday sentences of some 3,000 words. It knows no English beyond that, makes things up outside it, and
contradicts itself in long texts. An airport counts as being in the city it serves, and other facts are simplified too. Use
it to look at how a language model works, not to learn about the world.
"""

MADE = """## Made by

`python -m training.demo_gpt2 --steps {steps} --seed {seed}`: {tokens:,} tokens of text, each seen once, {minutes} minutes
on two shared CPU cores, text included. {parameters:,} parameters: {layers} layers, {heads} heads, width {width}, context
{context}, {vocabulary:,} byte-level tokens, embeddings tied, half precision. Versions: torch {torch}, transformers
{transformers}, Python {python}. The text is the same for the same seed; weights may differ a little between machines.
"""

MEASURED = """## Measured

All figures are written by `python -m training.card`, none by hand; `python -m training.evaluate` prints them with failures.

Loss on unseen documents: {loss:.3f} nats per token, perplexity {perplexity:.2f} (names and turns that the grammar draws at
random cannot be predicted). After "Heathrow Airport is located in the city of", " London" has probability {london:.3f}.

**Facts in unseen combinations** of subject and wording: {facts}. Training had the wording for other subjects, and the fact
in other wordings. Right means: the greedy continuation names the right answer before any other possible one.

{relations}

**Agreement across attractors** in unseen combinations of noun, link and attractor: {agreement}; the right form of the verb
is more likely than the wrong one.

**Paraphrases**, written by hand in wordings that the grammar does not make: facts {paraphrases}, agreement {agreed}.
Failures, as prompt and what the model wrote:

{failures}

{kinds}
**Lists, sequences, language**

{tasks}

Lists are asked as training tells them, whole ones exactly to the end. Sums, pronouns of names and labels of sentiment are
asked in unseen combinations; series of words and numbers are new. A quotation or bracket counts as closed when it ends
within 40 tokens.
"""


def percent(one: Score) -> str:
    """A share, and what it is a share of."""
    return f"{one.share:.1%} ({one.right} of {one.asked})"


def table(head: str, scores: dict[str, Score]) -> str:
    """Scores with their names, where something was asked."""
    rows = [f"| {name} | {percent(one)} |" for name, one in scores.items() if one.asked]
    return "\n".join([f"| {head} | right |", "|---|---|", *rows])


def text(report: dict[str, Any], config: Any) -> str:
    """The card of a model, from its scores and from its config, which holds what training noted."""
    facts: dict[str, Score] = report["facts"]
    paraphrases: dict[str, Score] = report["paraphrases"]
    made = MADE.format(
        **config.training,
        parameters=report["parameters"],
        layers=config.n_layer,
        heads=config.n_head,
        width=config.n_embd,
        context=config.n_positions,
        vocabulary=config.vocab_size,
        torch=torch.__version__.split("+")[0],
        transformers=transformers.__version__,
        python=platform.python_version(),
    )
    measured = MEASURED.format(
        loss=report["loss"],
        perplexity=report["perplexity"],
        london=report["London"],
        facts=percent(total(facts.values())),
        relations=table("relation", facts),
        agreement=percent(report["agreement"]),
        paraphrases=percent(paraphrases["facts"]),
        agreed=percent(paraphrases["agreement"]),
        failures="\n".join(f"- `{failure!r}`" for one in paraphrases.values() for failure in one.failures) or "none",
        kinds=KINDS_OF_FAILURES,
        tasks=table("task", report["lists"] | report["sequences"] | report["language"]),
    )
    return f"{ABOUT}\n{made}\n{measured}"


def write(folder: Path, report: dict[str, Any]) -> None:
    """Write the card of the model in a folder."""
    config = AutoConfig.from_pretrained(folder)
    (folder / "README.md").write_text(text(report, config), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m training.card", description=__doc__)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    write(options.folder, evaluate.report(options.folder))
