"""The cards of the models that read in both directions: `python -m training.card_encoders FOLDER` asks the model and writes.

The folder is `ecco/demos/demo-bert` or `ecco/demos/demo-sentiment`.
"""

from __future__ import annotations

import argparse
import platform
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoConfig

from training import evaluate_bert, evaluate_sentiment
from training.card import percent, table
from training.evaluate import total
from training.reviews import LABELS

# What the listed failures have in common: written by a person who read them, for the committed models.
KINDS_OF_FAILURES = {
    "demo-bert": """\
Read by kind: where the mask stands early or is no place for an answer in the training text ("is [MASK] far from here?"), the
model most often puts a common word there that suits its neighbours, and leaves the fact aside. Sometimes it names something of
another sort: a language instead of a city, a currency instead of a language. Comparisons ("what London is for ...") are not
understood. Agreement fails after "only one of the boys", "what the teachers said" and for two subjects joined by "and".
""",
    "demo-sentiment": """\
Read by kind: the classifier judges by words that it knows in turns that it knows. It fails where a judgement is told by a
comparison with something outside the film ("at the dentist", "worse evenings"), by an event ("my neighbour asked me to be
quiet"), or by a turn that training did not have ("none of it was", "do not believe those who", "that is the only good thing"),
where two negations cancel ("anybody who did not love it", "not without charm"), and often where words that it does not know
stand between the known ones.
""",
}

HEAD = """---
license: bsd-3-clause
language: en
library_name: transformers
---
"""

ABOUT = {
    "demo-bert": """
# demo-bert

A small BERT that fills masks, to try ecco without a download: `ecco.from_pretrained("ecco/demo-bert")`. It was trained from
random weights on text that a grammar composes about a small world of facts; nothing was copied from a text collection or
another model.

**What it is not.** It knows only this generated world, that of demo-gpt2: some 90 airports and landmarks, 70 countries, 40
famous people, a few lists, and everyday sentences of some 3,000 words. It knows no English beyond that and makes things up
outside it. An airport counts as being in the city it serves, and other facts are simplified too. It was not trained to tell
whether one sentence follows another. Use it to look at how a masked language model works, not to learn about the world.
""",
    "demo-sentiment": """
# demo-sentiment

A small BERT that tells whether a short film review is negative or positive, to try ecco without a download:
`ecco.from_pretrained("ecco/demo-sentiment")`. It was trained from random weights on reviews that a grammar composes, with
negation, litotes, contrast and comparison; nothing was copied from a text collection or another model.

**What it is not.** It knows some 1,000 words and no text but short film reviews in plain English; on anything else its answer
means nothing. Every review in training was negative or positive, none mixed or neutral: of "A, but B" the part behind "but"
decides, of "although A, B" the part that does not follow "although". Irony is unknown to it. Use it to look at how a classifier
works, not to judge texts.
""",
}

MADE = """
## Made by

`python -m training.{module} --steps {steps} --seed {seed}`: {text}, each seen once, {minutes} minutes on one shared CPU core,
text included. {parameters:,} parameters: {config.num_hidden_layers} layers, {config.num_attention_heads} heads, width
{config.hidden_size}, {config.max_position_embeddings} places, {config.vocab_size:,} word pieces, {letters}, half precision.
Versions: torch {torch}, transformers {transformers}, Python {python}.

The text is the same for the same seed. The trainer of the tokenizer breaks ties by chance: the numbers of the word pieces and
some rare ones, and so the weights, differ from run to run. The minutes were taken on a machine that was busy otherwise, pauses
included. Of the weights of all steps, those are kept that were best on unseen text of another seed.
{note}"""

WORDS_ASKED = """In training, the words behind a label were asked for their own sign too, by the same head at their own places.
"""

MEASURED = {
    "demo-bert": """
## Measured

All figures are written by `python -m training.card_encoders`, none by hand; `python -m training.evaluate_bert` prints them with
failures. An answer of several tokens ("New York") is asked with as many masks, all filled at once; it is right when every token
is. Its article is left in the text. So the number of masks and the article tell a little about the answer.

Loss of masked answers on unseen texts: {loss:.3f} nats per token. In "{sentence}" "London" has probability {london:.3f}.

**Facts in unseen combinations** of subject and wording: {facts}. Training had the wording for other subjects, and the fact
in other wordings. Texts in which the answer stands once more are not asked.

{relations}

{sizes}

**Agreement across attractors** in unseen combinations of noun, link and attractor: {agreement}; the right form of the verb
is more likely than the wrong one at the mask.

**Paraphrases**, written by hand in wordings that the grammar does not make: mask at the end {end}, mask elsewhere {elsewhere},
agreement {agreed}. Failures, with what the model filled in:

{failures}
""",
    "demo-sentiment": """
## Measured

All figures are written by `python -m training.card_encoders`, none by hand; `python -m training.evaluate_sentiment` prints them
with failures. Of each way to judge (a negation of adjectives, a comparison, ...) one word in ten is kept out of training, so
that the model has never seen this word judge in this way.

**Unseen combinations**: {all} of reviews in which every deciding word is such a word.

{unseen}

**Paraphrases**, written by hand in wordings that the generator does not make: {paraphrased}.

{kinds_table}

{words_table}

Failures, with what the model said:

{failures}
""",
}


def _made(module: str, config: Any, parameters: int, text: str, letters: str, note: str = "") -> str:
    return MADE.format(
        module=module,
        config=config,
        parameters=parameters,
        text=text,
        letters=letters,
        note=note,
        steps=config.training["steps"],
        seed=config.training["seed"],
        minutes=config.training["minutes"],
        torch=torch.__version__.split("+")[0],
        transformers=transformers.__version__,
        python=platform.python_version(),
    )


def _failures(scores: dict[str, Any]) -> str:
    return "\n".join(f"- `{failure!r}`" for failure in total(scores.values()).failures) or "none"


def bert(report: dict[str, Any], config: Any) -> str:
    """The card of the masked language model."""
    paraphrases = report["paraphrases"]
    measured = MEASURED["demo-bert"].format(
        loss=report["loss"],
        sentence=evaluate_bert.LONDON,
        london=report["London"],
        facts=percent(total(report["facts"].values())),
        relations=table("relation", report["facts"]),
        sizes=table("answer", report["sizes"]),
        agreement=percent(report["agreement"]),
        end=percent(paraphrases["at the end"]),
        elsewhere=percent(paraphrases["elsewhere"]),
        agreed=percent(report["paraphrased agreement"]),
        failures=_failures(paraphrases | {"agreement": report["paraphrased agreement"]}),
    )
    text = f"{config.training['tokens']:,} tokens of text"
    return _made("demo_bert", config, report["parameters"], text, "capitals kept, embeddings tied") + measured


def sentiment(report: dict[str, Any], config: Any) -> str:
    """The card of the classifier."""
    examples = [
        f'"{text}" is {LABELS[share > 0.5]}: positive with probability {share:.3f}.'
        for text, share in report["examples"].items()
    ]
    measured = MEASURED["demo-sentiment"].format(
        all=percent(total(report["unseen"].values())),
        unseen=table("reviews", report["unseen"]),
        paraphrased=percent(total(report["paraphrases"].values())),
        kinds_table=table("paraphrases", report["paraphrases"]),
        words_table=table("paraphrases", report["paraphrases by words"]),
        failures=_failures(report["paraphrases"]),
    )
    text = f"{config.training['reviews']:,} reviews of {config.training['tokens']:,} tokens"
    made = _made("demo_sentiment", config, report["parameters"], text, "small letters only", WORDS_ASKED)
    return made + measured + "\n" + "\n\n".join(examples) + "\n"


CARDS = {"demo-bert": (evaluate_bert, bert), "demo-sentiment": (evaluate_sentiment, sentiment)}
BY_ARCHITECTURE = {"BertForMaskedLM": "demo-bert", "BertForSequenceClassification": "demo-sentiment"}


def write(folder: Path) -> str:
    """Ask the model in a folder, write its card, and return what was asked, as text."""
    config: Any = AutoConfig.from_pretrained(folder)
    name = BY_ARCHITECTURE[config.architectures[0]]
    module, body = CARDS[name]
    report = module.report(folder)
    kinds = KINDS_OF_FAILURES[name]
    card = HEAD + ABOUT[name] + body(report, config) + (f"\n{kinds}" if kinds else "")
    (folder / "README.md").write_text(card, encoding="utf-8")
    return module.shown(report)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m training.card_encoders", description=__doc__)
    parser.add_argument("folder", type=Path)
    print(write(parser.parse_args().folder))
