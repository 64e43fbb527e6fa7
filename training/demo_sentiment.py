"""Make the embedded classifier of film reviews: `python -m training.demo_sentiment` writes the text, trains and saves."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from transformers import BertForSequenceClassification

from training import card_encoders
from training.encoders import Batch, batches, build_tokenizer, config_of, save
from training.reviews import LABELS, Critic
from training.train import optimize

STEPS, SEED, OUT = 5000, 13, Path("ecco/demos/demo-sentiment")
# How many of the words that judge nothing are replaced, in every second review.
REPLACED = 0.15
SNAPSHOT = Path("training/runs/demo-sentiment")
WIDTH, LAYERS, TOKENS, RATE, VOCABULARY = 128, 4, 1024, 7e-4, 2048


def loss_of(model: BertForSequenceClassification, batch: Batch) -> torch.Tensor:
    """The mean cross-entropy of labels, in nats."""
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(batch.ids, attention_mask=batch.attention).logits
    return F.cross_entropy(logits.float(), batch.labels)


def loss_of_words(model: Any, batch: Batch) -> torch.Tensor:
    """The same, and that of the words behind the labels, each asked for its own sign as [CLS] is for the label.

    From [CLS] alone, training is long in finding that "not" reverses what follows.
    """
    with torch.autocast("cpu", torch.bfloat16):
        states = model.bert(batch.ids, attention_mask=batch.attention).last_hidden_state
        places = batch.signs >= 0
        # The pooler takes the first position of a sequence.
        logits = model.classifier(model.bert.pooler(torch.cat([states[:, 0], states[places]]).unsqueeze(1))).float()
    label, words = logits[: len(states)], logits[len(states) :]
    return F.cross_entropy(label, batch.labels) + F.cross_entropy(words, batch.signs[places])


def corrupted(batch: Batch, generator: torch.Generator) -> Batch:
    """A batch in which, in every second review, some words that judge nothing are replaced by other such words.

    The words behind the label must then be understood in a wording that is never quite one of the generator.
    """
    neutral = (batch.answers == 0).flatten()
    words = batch.ids.flatten()[neutral]
    shuffled = batch.ids.flatten().clone()
    shuffled[neutral] = words[torch.randperm(len(words), generator=generator)]
    share = REPLACED * (torch.arange(len(batch.ids)) % 2).unsqueeze(1)
    replaced = (batch.answers == 0) & (torch.rand(batch.ids.shape, generator=generator) < share)
    return replace(batch, ids=torch.where(replaced, shuffled.view_as(batch.ids), batch.ids))


@torch.no_grad()
def mean_loss(model: BertForSequenceClassification, unseen: list[Batch]) -> float:
    """The loss on batches, in nats per review."""
    model.eval()
    losses = [loss_of(model, batch).item() * len(batch.ids) for batch in unseen]
    model.train()
    return sum(losses) / sum(len(batch.ids) for batch in unseen)


def main() -> None:
    """Write reviews, train, save, evaluate, and write the model card."""
    parser = argparse.ArgumentParser(prog="python -m training.demo_sentiment", description=__doc__)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=OUT, help="the folder of the model")
    options = parser.parse_args()

    begun, seed = time.time(), options.seed
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    critic = Critic(seed)
    tokenizer = build_tokenizer([text.plain for text in islice(critic.texts(), 20_000)], VOCABULARY, lowercase=True)
    unseen = list(islice(batches(Critic(seed + 1, unseen=True).texts(), tokenizer, TOKENS, seed), 24))
    config = config_of(
        tokenizer, WIDTH, LAYERS, id2label=dict(enumerate(LABELS)), label2id={name: i for i, name in enumerate(LABELS)}
    )
    model = BertForSequenceClassification._from_config(config, attn_implementation="eager")
    source = batches(critic.texts(), tokenizer, TOKENS, seed)
    read, generator = {"reviews": 0, "tokens": 0}, torch.Generator().manual_seed(seed)

    def loss_at(_step: int) -> torch.Tensor:
        batch = next(source)
        read["reviews"] += len(batch.ids)
        read["tokens"] += int(batch.attention.sum())
        return loss_of_words(model, corrupted(batch, generator))

    snapshot = partial(save, model, tokenizer, SNAPSHOT)
    optimize(model, loss_at, partial(mean_loss, model, unseen), steps=options.steps, rate=RATE, on_best=snapshot)
    minutes = round((time.time() - begun) / 60, 1)
    # The card is written from this, also later and on its own.
    model.config.training = {"steps": options.steps, "seed": seed, "minutes": minutes, **read}
    save(model, tokenizer, options.out)
    print(card_encoders.write(options.out))


if __name__ == "__main__":
    main()
