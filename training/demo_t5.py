"""Make the embedded encoder-decoder: `python -m training.demo_t5` writes the text, trains, evaluates and saves."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig, T5Config, T5ForConditionalGeneration

from training import card_t5, pairs
from training.encoders import save
from training.pairs import Asker
from training.train import names, optimize

STEPS, SEED, OUT = {"training": 8500, "practice": 12000, "turns": 8500}, 17, Path("ecco/demos/demo-t5")
SNAPSHOT = Path("training/runs/demo-t5")
WIDTH, LAYERS, TOKENS = 128, 3, 1024
RATES = {"training": 1e-3, "practice": 1e-3, "turns": 6e-4}
# What is added to the seed for the text of a stage; that of what is unseen is the seed and 1.
FURTHER = {"training": 0, "practice": 2, "turns": 3}
# How large embeddings begin, and by how much queries grow at the cost of keys.
EMBEDDED, BALANCE = 0.08, 2.4


def untrained(tokenizer: Any) -> T5ForConditionalGeneration:
    """A T5 with ReLU and heads of 32 dimensions, as the first T5 had them."""
    # Fresh text at every step leaves nothing to learn by heart, so there is no dropout.
    config: Any = T5Config(
        vocab_size=len(tokenizer),
        d_model=WIDTH,
        d_kv=32,
        d_ff=4 * WIDTH,
        num_layers=LAYERS,
        num_heads=WIDTH // 32,
        relative_attention_max_distance=64,
        dropout_rate=0.0,
        feed_forward_proj="relu",
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    config.decoder_start_token_id = tokenizer.pad_token_id
    model = T5ForConditionalGeneration._from_config(config, attn_implementation="eager")
    model.generation_config = GenerationConfig.from_model_config(config)
    steady(model)
    return model


@torch.no_grad()
def steady(model: T5ForConditionalGeneration) -> None:
    """Scale the weights of an untrained T5 for Adam, which moves all of them by steps of one size.

    They are made for an optimizer whose steps are in proportion to the weights: embeddings so large that Adam is long in
    moving them, queries so small that its first steps make them large, and attention looks at single places before anything
    is known. The logits and what attention compares stay as large as they were.
    """
    model.shared.weight.mul_(EMBEDDED)
    model.decoder.final_layer_norm.weight.div_(EMBEDDED)
    for name, weights in model.named_parameters():
        if name.endswith((".o.weight", ".wo.weight")):
            weights *= 0.2
        elif name.endswith(".q.weight"):
            weights *= BALANCE
        elif name.endswith(".k.weight"):
            weights /= BALANCE


def main() -> None:
    """Write pairs, train, save, evaluate, and write the model card."""
    parser = argparse.ArgumentParser(prog="python -m training.demo_t5", description=__doc__)
    for stage, steps in STEPS.items():
        parser.add_argument(f"--{stage}", type=int, default=steps, help="steps of this stage")
    parser.add_argument("--start", type=Path, help="the folder of a model that is trained and practised, to begin with turns")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=OUT, help="the folder of the model")
    options = parser.parse_args()

    begun, seed = time.time(), options.seed
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    askers = {stage: Asker(seed + further, stage=stage) for stage, further in FURTHER.items()}
    sample = [text for pair in islice(askers["training"].pairs(), 40_000) for text in (pair.source, pair.answer)]
    tokenizer = pairs.build_tokenizer([*sample, *names() * 2])
    unseen = list(islice(pairs.batches(Asker(seed + 1, unseen=True).pairs(), tokenizer, TOKENS, seed), 16))
    model = untrained(tokenizer)
    read, generator = {"pairs": 0, "tokens": 0}, torch.Generator().manual_seed(seed)
    steps = {stage: vars(options)[stage] for stage in STEPS}
    if options.start:
        begun_with: Any = T5ForConditionalGeneration.from_pretrained(options.start, dtype=torch.float32)
        model.load_state_dict(begun_with.state_dict())
        earlier = begun_with.config.training
        read, begun = {name: earlier[name] for name in read}, begun - 60 * earlier["minutes"]
        askers = {"turns": askers["turns"]}
    snapshot, measure = partial(save, model, tokenizer, SNAPSHOT), partial(pairs.mean_loss, model, unseen)
    for stage, asker in askers.items():
        stream = pairs.batches(asker.pairs(), tokenizer, TOKENS, seed)

        def loss_at(_step: int, stream: Iterator[pairs.Batch] = stream) -> torch.Tensor:
            batch = next(stream)
            read["pairs"] += len(batch.ids)
            read["tokens"] += int(batch.attention.sum() + (batch.labels != pairs.IGNORED).sum())
            answers, signs = pairs.losses_of(model, batch, pairs.corrupted(batch, generator))
            return answers + signs

        optimize(model, loss_at, measure, steps=steps[stage], rate=RATES[stage], on_best=snapshot)
    minutes = round((time.time() - begun) / 60, 1)
    # The card is written from this, also later and on its own.
    model.config.training = {**steps, "seed": seed, "minutes": minutes, **read}
    save(model, tokenizer, options.out)
    print(card_t5.write(options.out))


if __name__ == "__main__":
    main()
