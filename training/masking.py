"""Texts of the world for a masked language model, what is masked in them, and the loss."""

from __future__ import annotations

import re
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from transformers import BertForMaskedLM

from training.corpus import Told, Writer
from training.encoders import Batch, Text
from training.grammar import MARK, pick
from training.train import ANSWERS
from training.world import bare

PIECES = {
    "fact": 62,
    "agreement": 9,
    "story": 8,
    "opinion": 5,
    "prose": 5,
    "list": 5,
    "quote": 4,
    "count": 1,
    "talk": 1,
}
# How often an answer is masked, and any other token.
ANSWERS_MASKED, OTHERS_MASKED = 0.8, 0.12
# How often a token of every second text is replaced by another, so that a wording which is slightly wrong is understood too.
REPLACED = 0.05


def answer_of(told: Told) -> tuple[int, int]:
    """Where the answer stands in a fact's text without its mark, its article left out."""
    name, answer = bare(told.fact.answer), told.fact.answer
    start = told.text.index(MARK) + len(answer) - len(name)
    return start, start + len(name)


def piece(writer: Writer, name: str) -> Text:
    """One text of a sort of `PIECES`, with its answers."""
    if name == "fact":
        told = writer.fact(pick(writer.relations, writer.rng))
        return Text(told.text.replace(MARK, ""), (answer_of(told),))
    parts = writer.piece(name).split(MARK)
    plain, answers = parts[0], []
    for part in parts[1:]:
        word = re.match(r"\w+", part)
        answers.append((len(plain), len(plain) + (word.end() if word else 0)))
        plain += part
    return Text(plain, tuple(answers))


def texts(writer: Writer) -> Iterator[Text]:
    """Endless texts of one piece or several."""
    rng = writer.rng
    while True:
        sort = rng.random()
        count = 1 if sort < 0.6 else rng.randint(2, 3) if sort < 0.9 else rng.randint(4, 9)
        plain, answers = "", []
        for _ in range(count):
            one = piece(writer, pick(PIECES, rng))
            plain += " " if plain else ""
            answers += [(start + len(plain), end + len(plain)) for start, end in one.answers]
            plain += one.plain
        yield Text(plain, tuple(answers))


def masked(batch: Batch, mask: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """What a model reads instead of a batch's tokens, and how much each token counts that it must tell."""
    ids, answers = batch.ids, batch.answers

    def chance(share: float | torch.Tensor) -> torch.Tensor:
        return torch.rand(ids.shape, generator=generator) < share

    # One draw for all tokens of an answer.
    groups = torch.rand(len(ids), int(answers.max()) + 2, generator=generator) < ANSWERS_MASKED
    asked = (answers > 0) & groups.gather(1, answers.clamp(min=0))
    every_second = (torch.arange(len(ids)) % 2).unsqueeze(1)
    others = (answers == 0) & chance(OTHERS_MASKED)
    shuffled = ids.flatten()[torch.randperm(ids.numel(), generator=generator)].view_as(ids)
    # As BERT does it: of ten tokens to tell, one is seen, and one is replaced.
    hidden = asked | (others & chance(0.8))
    replaced = (others & ~hidden & chance(0.5)) | ((answers == 0) & ~others & chance(REPLACED * every_second))
    read = torch.where(replaced, shuffled, ids).masked_fill(hidden, mask)
    return read, asked * ANSWERS + others * 1.0


def loss_of(model: BertForMaskedLM, batch: Batch, read: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """The mean cross-entropy in nats of the tokens that count, from what is read."""
    places = weights > 0
    with torch.autocast("cpu", torch.bfloat16):
        # The vocabulary is asked at these places only.
        logits = model.cls(model.bert(read, attention_mask=batch.attention).last_hidden_state[places])
    losses = F.cross_entropy(logits.float(), batch.ids[places], reduction="none")
    return (losses * weights[places]).sum() / weights.sum()


@torch.no_grad()
def mean_loss(model: BertForMaskedLM, unseen: list[Batch], mask: int) -> float:
    """The loss on the answers of batches, all of them masked, in nats per token."""
    model.eval()
    losses = []
    for batch in unseen:
        asked = batch.answers > 0
        losses.append(loss_of(model, batch, batch.ids.masked_fill(asked, mask), asked * 1.0).item())
    model.train()
    return sum(losses) / len(losses)
