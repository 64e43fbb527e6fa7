"""Make the embedded demo model: `python -m training.demo_gpt2` writes the text, trains, evaluates and saves."""

from __future__ import annotations

import argparse
import copy
import json
import time
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from training import card, evaluate
from training.corpus import Writer
from training.grammar import MARK
from training.train import END, build_tokenizer, pack, train

STEPS, SEED, OUT = 5000, 7, Path("ecco/demos/demo-gpt2")
SNAPSHOT = Path("training/runs/demo-gpt2")
# Practice takes this share of the steps again.
PRACTICE = 0.3
BATCH, LENGTH, RATE, VOCABULARY = 16, 128, 2e-3, 4096


def new_model(tokenizer: PreTrainedTokenizerFast) -> GPT2LMHeadModel:
    """An untrained model of six layers."""
    end: Any = tokenizer.convert_tokens_to_ids(END)
    # Fresh text at every step leaves nothing to learn by heart, so there is no dropout.
    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=2 * LENGTH,
        n_embd=192,
        n_layer=6,
        n_head=6,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        activation_function="gelu_pytorch_tanh",
        # The usual 0.02 is for widths of about a thousand; here attention would take long to find anything.
        initializer_range=0.05,
        bos_token_id=end,
        eos_token_id=end,
    )
    # On a CPU, plain attention is faster than the fused kernel at this size.
    return GPT2LMHeadModel._from_config(config, attn_implementation="eager")


def save(model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Save in half precision, and the tokenizer by the class name that all versions of transformers know."""
    folder.mkdir(parents=True, exist_ok=True)
    copy.deepcopy(model).half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    path = folder / "tokenizer_config.json"
    settings = json.loads(path.read_text())
    settings |= {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}
    path.write_text(json.dumps(settings, indent=2) + "\n")


def rows_of(writer: Writer, tokenizer: PreTrainedTokenizerFast, steps: int) -> dict[str, np.ndarray]:
    """The rows that so many steps of training take."""
    long_steps = steps // 4
    short = pack(writer.documents(), tokenizer, (steps - long_steps) * BATCH, LENGTH)
    return {"short": short, "long": pack(writer.documents(), tokenizer, long_steps * BATCH // 2, 2 * LENGTH)}


def main() -> None:
    """Write text, train, save, evaluate, and write the model card."""
    parser = argparse.ArgumentParser(prog="python -m training.demo_gpt2", description=__doc__)
    parser.add_argument("--steps", type=int, default=STEPS, help="of training; practice comes after them")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=OUT, help="the folder of the model")
    options = parser.parse_args()

    begun, seed, tokens = time.time(), options.seed, 0
    torch.set_num_threads(2)
    torch.manual_seed(seed)
    writer = Writer(seed)
    tokenizer = build_tokenizer((text.replace(MARK, "") for text in islice(writer.documents(), 60_000)), VOCABULARY)
    unseen = pack(Writer(seed + 1, unseen=True).documents(), tokenizer, 128, LENGTH)
    model = new_model(tokenizer)
    snapshot = partial(save, model, tokenizer, SNAPSHOT)
    practice = Writer(seed + 2, practice=True)
    for source, steps, rate in ((writer, options.steps, RATE), (practice, int(options.steps * PRACTICE), RATE / 2)):
        rows = rows_of(source, tokenizer, steps)
        tokens += rows["short"].size + rows["long"].size
        train(model, **rows, unseen=unseen, steps=steps, batch=BATCH, rate=rate, seed=seed, on_best=snapshot)
    minutes = round((time.time() - begun) / 60, 1)
    # The card is written from this, also later and on its own.
    model.config.training = {"steps": options.steps, "seed": seed, "tokens": tokens, "minutes": minutes}
    save(model, tokenizer, options.out)
    report = evaluate.report(options.out)
    card.write(options.out, report)
    print(evaluate.shown(report))


if __name__ == "__main__":
    main()
