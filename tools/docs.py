"""What `make docs` does beyond Markdown: draws the figures of the gallery and takes in the notebooks.

A line `<!-- figure: name -->` in a page becomes the figure of that name, computed while the docs are built.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files

import ecco

ROOT = Path(__file__).parent.parent
HEATHROW = "Heathrow Airport is located in the city of"
KENNEDY = "Kennedy Airport is located in the city of"
GERMAN = "translate English to German: Yesterday the old man read a letter."
CABINET = "The keys to the cabinet are on the table."
LETTER = "The old man read a letter in the garden yesterday."
REVIEWS = [
    "the film was good but the story was not.",
    "the music was great and the story was beautiful.",
    "the story was not good.",
    "the book was good and the music was bad.",
]
UNION = "The countries of the European Union are:\n1. Austria\n2. Belgium\n3. Bulgaria\n4."


@cache
def _lm() -> ecco.LM:
    return ecco.from_pretrained("ecco/demo-gpt2", verbose=False)


@cache
def _heathrow() -> ecco.OutputSeq:
    return _lm().generate(HEATHROW, generate=1)


@cache
def _union() -> ecco.OutputSeq:
    return _lm().generate(UNION, generate=12)


@cache
def _tower() -> ecco.OutputSeq:
    return _lm().generate("The Eiffel Tower stands in", generate=8)


@cache
def _german() -> ecco.OutputSeq:
    return ecco.from_pretrained("ecco/demo-t5", verbose=False).generate(GERMAN, generate=20)


@cache
def _texts() -> ecco.OutputSeq:
    return _lm()([HEATHROW + " London.", UNION + " Croatia\n5. Cyprus", CABINET, LETTER])


@cache
def _reviews(name: str) -> ecco.OutputSeq:
    return ecco.from_pretrained(name, verbose=False)(REVIEWS)


@cache
def _subjects() -> ecco.Probe:
    """Is the number of the subject known at the noun between it and the verb?"""
    chance = random.Random(0)
    nouns = "key book dog teacher doctor garden king horse bird farmer author table".split()
    texts, labels = [], []
    for _ in range(200):
        subject, other = chance.sample(nouns, 2)
        one, many = chance.choice([("singular", ""), ("plural", "s")]), chance.choice(["", "s"])
        texts.append(f"The {subject}{one[1]} {chance.choice(['near', 'behind', 'beside'])} the {other}{many}")
        labels.append([None] * 4 + [one[0]])
    return ecco.probe(_lm(), texts, labels, on=["hidden_states", "activations"], progress=False)


def _steered() -> ecco.Result:
    plain, vector = _lm().generate(HEATHROW, generate=4), ecco.steering_vector(_lm(), " Paris", " London", layer=2)
    with _lm().intervene(steer=2.0 * vector):
        return plain.difference(_lm().generate(HEATHROW, generate=6))


FIGURES: dict[str, Callable[[], ecco.Result]] = {
    "saliency-heathrow": lambda: _heathrow().saliency(),
    "rankings-heathrow": lambda: _heathrow().rankings(),
    "saliency": lambda: _union().saliency(),
    "saliency-detailed": lambda: _union().saliency(style="detailed"),
    "saliency-matrix": lambda: _union().saliency(style="matrix"),
    "saliency-contrast": lambda: _heathrow().saliency("integrated_gradients", against=" Paris", signed=True),
    "comparison": lambda: _heathrow().compare_attributions(),
    "contributions": lambda: _heathrow().contributions(against=" Manchester"),
    "contributions-heads": lambda: _heathrow().contributions(against=" Manchester", heads=True),
    "neurons": lambda: _heathrow().neurons(),
    "difference": _steered,
    "faithfulness": lambda: _heathrow().faithfulness(),
    "rankings": lambda: _tower().rankings(),
    "rankings-watch": lambda: _lm()("The keys to the cabinet").rankings_watch([" is", " are"], position=5),
    "rankings-race": lambda: _lm()("The keys to the cabinet").rankings_watch([" is", " are", " was", " were"], position=5),
    "lens": lambda: _tower().lens(),
    "lens-heathrow": lambda: _heathrow().lens(position=range(1, 10), halves=True),
    "layer-predictions": lambda: _heathrow().layer_predictions(topk=5),
    "attention-heathrow": lambda: _heathrow().attention(),
    "attention": lambda: _union().attention(layer=[3, 4, 5]),
    "factors": lambda: _union().run_nmf(6),
    "similarity": lambda: ecco.similarity_matrix(_texts()),
    "similarity-models": lambda: ecco.similarity_matrix(_reviews("ecco/demo-bert"), _reviews("ecco/demo-sentiment")),
    "probe": _subjects,
    "activation-map": lambda: _union().activation_map(topk=60, clusters=8),
    "trace-heathrow": lambda: _heathrow().trace(KENNEDY, sites=["block", "attention", "ffn"]),
    "trace-noise": lambda: _heathrow().trace(subject="Heathrow"),
    "attention-cross": lambda: _german().attention(),
    "saliency-t5": lambda: _german().saliency(style="detailed"),
    "explorable": lambda: _lm()(UNION + " Croatia\n5. Cyprus\n6. Paris").explorable(),
    "predict-token": lambda: _lm().predict_token("The capital of Japan is", topk=8),
}


@event_priority(100)  # before the plugin that turns notebooks into pages
def on_files(files: Files, config: Any) -> Files:
    """Take the notebooks in, which live beside the docs."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        files.append(File(f"notebooks/{path.name}", str(ROOT), config.site_dir, config.use_directory_urls))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Draw the figures that a page names."""
    return re.sub(r"<!-- figure: ([\w-]+) -->", lambda match: FIGURES[match[1]]().to_html(), markdown)
