"""Make the embedded masked language model: `python -m training.demo_bert` writes the text, trains, evaluates and saves."""

from __future__ import annotations

import argparse
import time
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from transformers import BertForMaskedLM

from training import card_encoders, masking
from training.corpus import Writer
from training.encoders import batches, build_tokenizer, config_of, save, steady
from training.train import names, optimize

STEPS, SEED, OUT = 9000, 11, Path("ecco/demos/demo-bert")
SNAPSHOT = Path("training/runs/demo-bert")
WIDTH, LAYERS, TOKENS, RATE, VOCABULARY = 160, 6, 1280, 1e-3, 4096


def main() -> None:
    """Write text, train, save, evaluate, and write the model card."""
    parser = argparse.ArgumentParser(prog="python -m training.demo_bert", description=__doc__)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=OUT, help="the folder of the model")
    parser.add_argument("--rate", type=float, default=RATE)
    options = parser.parse_args()

    begun, seed = time.time(), options.seed
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    writer = Writer(seed, practice=True)
    sample = [text.plain for text in islice(masking.texts(writer), 60_000)]
    tokenizer = build_tokenizer([*sample, *names() * 50], VOCABULARY, lowercase=False)
    mask: Any = tokenizer.mask_token_id
    unseen = list(islice(batches(masking.texts(Writer(seed + 1, unseen=True, practice=True)), tokenizer, TOKENS, seed), 24))
    model = BertForMaskedLM._from_config(config_of(tokenizer, WIDTH, LAYERS), attn_implementation="eager")
    steady(model)
    source, generator = batches(masking.texts(writer), tokenizer, TOKENS, seed), torch.Generator().manual_seed(seed)
    tokens = 0

    def loss_at(_step: int) -> torch.Tensor:
        nonlocal tokens
        batch = next(source)
        tokens += int(batch.attention.sum())
        return masking.loss_of(model, batch, *masking.masked(batch, mask, generator))

    measure = partial(masking.mean_loss, model, unseen, mask)
    snapshot = partial(save, model, tokenizer, SNAPSHOT)
    optimize(model, loss_at, measure, steps=options.steps, rate=options.rate, on_best=snapshot)
    minutes = round((time.time() - begun) / 60, 1)
    # The card is written from this, also later and on its own.
    model.config.training = {"steps": options.steps, "seed": seed, "tokens": tokens, "minutes": minutes}
    save(model, tokenizer, options.out)
    print(card_encoders.write(options.out))


if __name__ == "__main__":
    main()
