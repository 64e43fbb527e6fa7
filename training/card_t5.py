"""The card of the encoder-decoder: `python -m training.card_t5 ecco/demos/demo-t5` asks the model and writes."""

from __future__ import annotations

import argparse
import platform
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoConfig

from training import evaluate_t5
from training.card import percent, table
from training.evaluate import total

# What the listed failures have in common: written by a person who read them, for the committed model.
KINDS_OF_FAILURES = """Read by kind. **Questions**: the three by hand that fail ask in an order that training did not
have ("which place has", "how do people talk", "of what"). Of the eleven unseen combinations that fail, six name a second
subject ("like the Vasa Museum", "unlike Slovakia"), and the answer is often that one's; the others ask for a language or a
continent and are answered with a currency or a capital.

**Sentiment**: of the 58 unseen combinations that fail, 40 have one of four words, of which a whole family of turns is kept out:
"appreciate" ("it is hard to appreciate", "who could appreciate it?"), "gem" ("not a gem"), "want my money back" and "touched"
("nobody was touched"). To the model such a word keeps its own sign. A clause of two or three words without a verb ("clumsily
shot", "horribly directed!") is sometimes positive to it, as if it were turned. By hand it fails where the turn is none of the
generator's: "nothing about", "neither my wife nor I", two negations in one sentence, "worse evenings", irony.

**Translation**: of unseen combinations, sentences of two clauses and questions fail most: a clause loses its verb or object, or
takes the verb of the other. Rare forms are wrong ("ihren Mütter" for "ihren Müttern"), and Mexico is confused with its capital.
By hand, what the grammar does not make is not translated but bent into a sentence that it makes: a second subject, "is reading"
or "why" is lost, and a name may be repeated to the end of the answer.
"""

ABOUT = """---
license: bsd-3-clause
language: [en, de]
library_name: transformers
---

# demo-t5

A small T5 with an encoder and a decoder, to try ecco without a download: `ecco.from_pretrained("ecco/demo-t5")`. It was
trained from random weights on text that grammars compose; nothing was copied from a text collection or another model. As the
first T5, it is told by a prefix what to do:

| prefix | what it answers |
|---|---|
| `question: Where is Heathrow Airport?` | the fact, from memory: `London` |
| `sentiment: The film is not bad at all.` | `positive` or `negative` |
| `translate English to German: The old man reads a book.` | `Der alte Mann liest ein Buch.` |

**What it is not.** It knows the small world of demo-gpt2 (some 90 airports and landmarks, 70 countries, 40 famous people),
short film reviews in plain English, and sentences to translate from some 150 nouns, 40 verbs and the names of that world. On
anything else its answer means nothing. It judges reviews in the wordings that it was trained on, negations and contrasts
among them; what is written otherwise it often gets wrong (see below). It does not read answers out of a given text. "Teacher",
"doctor" and their like are men in German, the past is always the perfect ("hat gelesen"), and for each sentence it learned one
translation only.
Use it to look at how an encoder-decoder works, not to learn about the world, to judge texts or to translate.
"""

MADE = """
## Made by

`python -m training.demo_t5 --training {training} --practice {practice} --turns {turns} --seed {seed}` does all of it: {pairs:,}
pairs of {tokens:,} tokens, each seen once, {minutes} minutes on one shared CPU core, text included. {parameters:,} parameters:
{layers} layers in the encoder and {decoder_layers} in the decoder, {heads} heads, width {width}, ReLU, {vocabulary:,} words and
pieces of words, embeddings tied, half precision. Versions: torch {torch}, transformers {transformers}, Python {python}.

The weights in this folder were made by the same steps in three processes: {training:,} steps of training, from their result
{practice:,} of practice, and from that (`--start`) {turns:,} in which most pairs were reviews that turn a word. Between the
processes, the weights were saved in half precision, and the random generator began anew; the command above goes on in single
precision. In training, a single word of judgement stood in place of one in four reviews; in practice, most reviews turn a word.
In the last stage, the encoder was asked too, at each word behind a label, which label this word has by itself; so what it says
there can be read with the embeddings: `positive` at "dull" in "not dull".
Practice was added after the scores of training had been seen, the last stage after those of practice.

Text and tokenizer are the same for the same seed; weights may differ a little between machines. The minutes were taken on a
machine that was busy otherwise, pauses included. Of the weights of each of the three, those are kept that were best on unseen
text of another seed.
"""

MEASURED = """
## Measured

All figures are written by `python -m training.card_t5`, none by hand; `python -m training.evaluate_t5` prints them with
failures. An answer is right when it is exactly what was asked for, with every word, ending and mark.

**Questions in unseen combinations** of wording and subject: {questions_all}. Training had the wording for other subjects, and
the fact in other wordings.

{questions}

**Sentiment of unseen combinations**: {sentiment_all} of reviews in which every deciding word never judged in this way in
training.

{sentiment}

**Translation of unseen combinations**: {translation_all} of sentences with an adjective and its noun, a verb and its object,
or a wording and its name that never stood together in training.

{translation}

**Paraphrases**, written by hand in wordings that the grammars do not make:

{paraphrases}

Failures, with what the model answered:

{failures}

{examples}
"""


def text(report: dict[str, Any], config: Any) -> str:
    """The card of a model, from its scores and from its config, which holds what training noted."""
    made = MADE.format(
        **config.training,
        parameters=report["parameters"],
        layers=config.num_layers,
        decoder_layers=config.num_decoder_layers,
        heads=config.num_heads,
        width=config.d_model,
        vocabulary=config.vocab_size,
        torch=torch.__version__.split("+")[0],
        transformers=transformers.__version__,
        python=platform.python_version(),
    )
    groups = ("questions", "sentiment", "translation")
    heads = dict(zip(groups, ("relation", "reviews", "sentences"), strict=True))
    measured = MEASURED.format(
        **{group: table(heads[group], report[group]) for group in groups},
        **{f"{group}_all": percent(total(report[group].values())) for group in groups},
        paraphrases=table("paraphrases", report["paraphrases"]),
        failures="\n".join(f"- `{failure!r}`" for failure in total(report["paraphrases"].values()).failures) or "none",
        examples="\n".join(f"- `{source}` is answered `{answer}`" for source, answer in report["examples"].items()),
    )
    return ABOUT + made + measured + (f"\n{KINDS_OF_FAILURES}" if KINDS_OF_FAILURES else "")


def write(folder: Path) -> str:
    """Ask the model in a folder, write its card, and return what was asked, as text."""
    report = evaluate_t5.report(folder)
    (folder / "README.md").write_text(text(report, AutoConfig.from_pretrained(folder)), encoding="utf-8")
    return evaluate_t5.shown(report)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m training.card_t5", description=__doc__)
    parser.add_argument("folder", type=Path)
    print(write(parser.parse_args().folder))
