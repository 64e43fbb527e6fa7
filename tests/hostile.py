"""Tokens that break what is careless: markup, mathematics, quotes, line ends, controls, bidirectional text, lone bytes."""

from __future__ import annotations

from functools import cache

import numpy as np
import zoo
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

import ecco
from ecco.run import Run

HOSTILE = (
    "</script><img src=x onerror=alert(1)>",
    "<script>window.stolen=1</script>",
    "<img src=x onerror=window.stolen=1>",
    "<!--",
    "]]>",
    "$x$ and $$y$$",
    '"double"',
    "'single'",
    "`tick`",
    "back\\slash",
    "a\nb",
    "\r\n",
    "\u2028",
    "\u2029",
    "\x85",
    "\x00",
    "\x1b[31m",
    "\t",
    "😀",
    "👩‍👩‍👧",
    "é",
    "العربية",
    "\u202egnp.exe",
    "中文",
    "##",
    "Ġ",
    "▁",
    "&amp;",
    "&lt;b&gt;",
    "{{ 7*7 }}",
    "__ECCO_KEY__",
    "javascript:alert(1)",
    "  ",
    "",
)


@cache
def hostile_lm() -> ecco.LM:
    """A tiny random GPT-2 whose vocabulary is hostile; token 0 is an ordinary word."""
    words = ["word", *dict.fromkeys(HOSTILE)]
    words += [f"a{i}" for i in range(zoo.VOCAB - 1 - len(words))]
    core = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="word"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    core.decoder = decoders.Fuse()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<|end|>")
    return ecco.from_pretrained(zoo.tiny_model("gpt2"), tokenizer=tokenizer, verbose=False)


@cache
def hostile_run() -> ecco.OutputSeq:
    """All hostile tokens as one text, the second half of them as if written."""
    lm = hostile_lm()
    ids = list(range(1, 1 + len(dict.fromkeys(HOSTILE))))
    return ecco.OutputSeq(lm._loaded, [Run(lm._loaded, [0, *ids], len(ids) // 2)])


@cache
def all_results(out: ecco.OutputSeq) -> dict[str, ecco.Result]:
    """Every kind of result about one run, in every style."""
    last = len(out.tokens[0])
    return {
        "activation map": out.activation_map(topk=5, clusters=2),
        "attention": out.attention(),
        "attribution minimal": out.saliency(),
        "attribution detailed": out.saliency(style="detailed", normalize=False),
        "attribution signed": out.saliency(signed=True),
        "attribution matrix": out.saliency(style="matrix"),
        "attribution named": out.saliency(token=1, position=last, against=2),
        "comparison": out.compare_attributions(["grad_x_input", "gradient"]),
        "difference": out.difference(under(out)),
        "contributions": out.contributions(),
        "contributions of heads": out.contributions(heads=True, neurons=3),
        "neurons": out.neurons(),
        "faithfulness": out.faithfulness(n_random=2),
        "factors": out.run_nmf(3),
        "factors signed": out.run_nmf(3, method="pca").explore(names={1: "</script>"}),
        "heatmap": ecco.similarity_matrix(out, out, names=(HOSTILE[0], HOSTILE[6])),
        "rankings": out.rankings(),
        "rankings watched": out.rankings_watch([1, 2, 3]),
        "layer_predictions": out.layer_predictions(topk=97),
        "lens": out.lens(),
        "lens halves": out.lens(halves=True, quantity="kl", topk=97),
        "probe": probed(),
        "predictions": ecco.Predictions(**predictions_fields(out)),
        "tokens": out.explorable(),
        "trace noise": out.trace(subject=[0, 1], sites=["block", "attention"], n_samples=2),
        "trace text": out.trace(out.token_ids[0, : out.n_input_tokens].flip(0)),
    }


def probed() -> ecco.Probe:
    """A probe of two representations, one of which some layers lack."""
    rows = [("embeddings", None), ("hidden_states", 0), ("hidden_states", 1), ("activations", 1)]
    accuracy = np.array([[0.25, 0.5], [0.5, 0.75], [1.0, 1.0], [0.75, 1.0]])
    return ecco.Probe(accuracy, accuracy[::-1], *zip(*rows, strict=True), (HOSTILE[0], HOSTILE[1]), 8, 0.5, "word")  # type: ignore[arg-type]


def under(out: ecco.OutputSeq) -> ecco.OutputSeq:
    """Another text after the same input, in a model with one neuron less."""
    run = out._runs[0]
    lm = ecco.LM(run.loaded, verbose=False)
    with lm.intervene(ablate={1: [3]}):
        loaded = lm._now()
    return ecco.OutputSeq(loaded, [Run(loaded, [*run.ids[:-2], run.ids[-1], 1], run.n_input)])


def predictions_fields(out: ecco.OutputSeq) -> dict[str, object]:
    """What `LM.predict_token` says after the run's text, from its ids (a hostile text does not tokenize into itself)."""
    found = out.layer_predictions(position=len(out.tokens[0]), topk=97, layer=-1)
    return {
        "token_ids": found.token_ids[0],
        "probabilities": found.probabilities[0],
        "logits": found.probabilities[0],
        "texts": found.texts[0],
        "context": found.context,
        "temperature": 0.5,
    }
