"""The tokenizer, the rows of tokens, and the training loop."""

from __future__ import annotations

import math
import re
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedModel, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from training import world
from training.grammar import MARK

END = "<|endoftext|>"
# How many times the first token of an answer counts.
ANSWERS = 5.0


def names() -> list[str]:
    """Answers, members of lists and numbers: they become tokens of their own however rare a sample of text has them."""
    answers = [fact.answer for facts in world.facts().values() for fact in facts]
    members = [name for names in world.listings().values() for name in names]
    return answers + members + [str(n) for n in range(61)]


def build_tokenizer(texts: Iterable[str], vocab_size: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer that knows all bytes, trained on texts and on the names of the world."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size, special_tokens=[END], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    bpe.train_from_iterator([*texts, *[f" {name}" for name in names()] * 50], trainer)
    return PreTrainedTokenizerFast(tokenizer_object=bpe, bos_token=END, eos_token=END, unk_token=END, model_max_length=256)


def pack(documents: Iterator[str], tokenizer: PreTrainedTokenizerBase, rows: int, length: int) -> np.ndarray:
    """Rows of tokens: each begins with the start of a document, holds as many as fit, and cuts the last.

    A row does not begin with the end-of-text token, as a prompt does not either. Tokens that begin a marked answer are
    negative: see `loss_of`.
    """
    end = tokenizer.convert_tokens_to_ids(END)
    backend: Any = tokenizer.backend_tokenizer
    packed = np.zeros((rows, length), dtype=np.int16)
    row, at = 0, 0
    while True:
        marked = list(islice(documents, 2000))
        plain = [document.replace(MARK, "") for document in marked]
        encoded = backend.encode_batch(plain, add_special_tokens=False)
        for document, text in zip(encoded, marked, strict=True):
            ids = [*document.ids, end]
            for number, match in enumerate(re.finditer(MARK, text)):
                place = bisect_right(document.offsets, (match.start() - number, math.inf)) - 1
                ids[place] = -ids[place]
            ids = ids[: length - at]
            packed[row, at : at + len(ids)] = ids
            at += len(ids)
            if at == length:
                row, at = row + 1, 0
                if row == rows:
                    return packed


def corrupt(ids: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Input tokens of which, in every second row, one in twenty is replaced by another token of the batch.

    The model must then write the right continuation of a wording that is never quite one of the grammar.
    """
    shuffled = ids.flatten()[torch.randperm(ids.numel(), generator=generator)].view_as(ids)
    share = 0.05 * (torch.arange(len(ids)) % 2).unsqueeze(1)
    return torch.where(torch.rand(ids.shape, generator=generator) < share, shuffled, ids)


def loss_of(model: PreTrainedModel, ids: torch.Tensor, inputs: torch.Tensor, answers: float = 1.0) -> torch.Tensor:
    """The mean cross-entropy of next tokens, in nats.

    Args:
        model: what predicts.
        ids: rows as `pack` makes them.
        inputs: what the model reads instead of them.
        answers: how many times a token counts that begins an answer, where most of a text is not to be known.
    """
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(inputs[:, :-1]).logits
    wanted = ids[:, 1:].flatten()
    losses = F.cross_entropy(logits.float().flatten(0, 1), wanted.abs(), reduction="none")
    weights = torch.where(wanted < 0, answers, 1.0)
    return (losses * weights).sum() / weights.sum()


@torch.no_grad()
def mean_loss(model: PreTrainedModel, rows: np.ndarray) -> float:
    """The loss on rows, in nats per token."""
    model.eval()
    parts = [torch.from_numpy(part.astype(np.int64)) for part in np.array_split(rows, max(1, len(rows) // 32))]
    losses = [loss_of(model, ids, ids.abs()).item() for ids in parts]
    model.train()
    return sum(losses) / len(losses)


def optimizer_of(model: PreTrainedModel, rate: float) -> torch.optim.AdamW:
    """AdamW that decays matrices, but neither biases nor norms."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), fused=True)


class Threads:
    """One thread or two, whichever is faster now: measured again and again, as other programs may come and go."""

    def __init__(self, period: int = 60, trial: int = 4) -> None:
        self.period, self.trial = period, trial
        self.seconds = [0.0, 0.0]

    def before(self, step: int) -> None:
        """Set the number of threads for a step."""
        at, self.begun = step % self.period, time.perf_counter()
        if at == 0:
            self.seconds = [0.0, 0.0]
        trying = at // self.trial
        torch.set_num_threads(1 + (trying if trying < 2 else int(self.seconds[1] < self.seconds[0])))

    def after(self, step: int) -> None:
        """Note how long a step took."""
        trying = step % self.period // self.trial
        if trying < 2:
            self.seconds[trying] += time.perf_counter() - self.begun


def optimize(
    model: PreTrainedModel,
    loss_at: Callable[[int], torch.Tensor],
    measure: Callable[[], float],
    *,
    steps: int,
    rate: float,
    on_best: Callable[[], None] = lambda: None,
    threads: Threads | None = None,
) -> float:
    """Train in place; the weights that are best by a measure are kept. Returns what was measured of them.

    Args:
        model: what is trained.
        loss_at: the loss at a step, from which gradients flow.
        measure: the loss on unseen text, in nats.
        steps: in all; the learning rate warms up and then falls to zero along a cosine.
        rate: the highest learning rate.
        on_best: called whenever the weights are the best so far.
        threads: chooses the number of threads; None leaves it as it is.
    """
    optimizer = optimizer_of(model, rate)
    warm_up, every = min(300, steps // 5), max(1, steps // 20)
    best, kept, begun = math.inf, {}, time.time()
    model.train()
    for step in range(steps):
        if threads:
            threads.before(step)
        for group in optimizer.param_groups:
            group["lr"] = rate * min((step + 1) / warm_up, 0.5 * (1 + math.cos(math.pi * step / steps)))
        loss = loss_at(step)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if threads:
            threads.after(step)
        if (step + 1) % every == 0 or step + 1 == steps:
            found = measure()
            print(
                f"step {step + 1}/{steps}  loss {loss.item():.3f}  unseen {found:.4f}  {(time.time() - begun) / 60:.1f} min",
                flush=True,
            )
            if found < best:
                best, kept = found, {name: value.clone() for name, value in model.state_dict().items()}
                on_best()
    model.load_state_dict(kept)
    return best


def train(
    model: PreTrainedModel,
    short: np.ndarray,
    long: np.ndarray,
    unseen: np.ndarray,
    *,
    steps: int,
    batch: int,
    rate: float,
    seed: int,
    on_best: Callable[[], None] = lambda: None,
) -> float:
    """Train a model on next tokens, see `optimize`.

    Args:
        model: trained in place.
        short: rows that three of four steps take, `batch` at a time.
        long: rows twice as long, of which the other steps take half as many.
        unseen: rows to choose the weights by.
        steps: in all.
        batch: short rows in a step.
        rate: the highest learning rate.
        seed: of the replaced input tokens.
        on_best: called whenever the weights are the best so far.
    """
    generator = torch.Generator().manual_seed(seed)
    at = {"short": 0, "long": 0}

    def loss_at(step: int) -> torch.Tensor:
        sort, rows, size = ("long", long, batch // 2) if step % 4 == 3 else ("short", short, batch)
        ids = torch.from_numpy(rows[at[sort] : at[sort] + size].astype(np.int64))
        at[sort] += size
        return loss_of(model, ids, corrupt(ids.abs(), generator), answers=ANSWERS)

    measure = partial(mean_loss, model, unseen)
    return optimize(model, loss_at, measure, steps=steps, rate=rate, on_best=on_best, threads=Threads())
