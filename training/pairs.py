"""Texts with what a sequence-to-sequence model shall answer: reviews, questions, sentences to translate; and the loss."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast, T5ForConditionalGeneration

from training.corpus import Writer
from training.encoders import ASCII
from training.grammar import pick
from training.review_words import ADJECTIVES, WORDS
from training.reviews import LABELS, Critic
from training.translation import Translator

PAD, END, UNK = "<pad>", "</s>", "<unk>"
PREFIXES = {"sentiment": "sentiment: ", "translation": "translate English to German: ", "question": "question: "}
# How often each is asked, by stage.
TASKS = {
    "training": {"translation": 44, "sentiment": 34, "question": 22},
    "practice": {"translation": 44, "sentiment": 34, "question": 22},
    "turns": {"translation": 25, "sentiment": 60, "question": 15},
}
# How many times a token counts of what is answered.
WEIGHTS = {"translation": 1.0, "sentiment": 5.0, "question": 3.0}
# How many tokens of every second text are replaced, so that a wording which is slightly wrong is understood too; a translation
# must be told by every word.
REPLACED = {"translation": 0.0, "sentiment": 0.05, "question": 0.05}
# How many of the reviews are a single word of judgement, in training.
WORDS_ONLY = 0.25
# Most of the reviews are not longer, in words: a short one shows as well what decides, in less time.
LONG = 14
IGNORED = -100
POOL = 4096


@dataclass(frozen=True)
class Pair:
    """A text, what to answer, which task it is, and the signs of the words behind a label (see `Review.signs`)."""

    text: str
    answer: str
    task: str
    signs: tuple[tuple[int, int, str], ...] = ()

    @property
    def source(self) -> str:
        """What the encoder reads."""
        return PREFIXES[self.task] + self.text


@dataclass(frozen=True)
class Batch:
    """Some pairs.

    Attributes:
        ids: (text, position), padded on the right.
        attention: (text, position), 1 where a token is, 0 where padding is.
        labels: (text, target), -100 for what is no answer.
        weights: (text,), how many times each token of the answer counts.
        replaced: (text, position), the probability that a token is replaced.
        signs: (text, position), the token of the label that a word of judgement has by itself, else -100.
    """

    ids: torch.Tensor
    attention: torch.Tensor
    labels: torch.Tensor
    weights: torch.Tensor
    replaced: torch.Tensor
    signs: torch.Tensor


class Asker:
    """Asks for sentiment, facts and translations.

    Args:
        seed: of all choices.
        unseen: ask only in combinations that are kept out of training; else only in the others.
        stage: "training"; "practice": ask for all relations alike, for no single words, and mostly for reviews in which a word
            is turned; "turns": the same, mostly reviews, with the signs of the words behind their labels.
    """

    def __init__(self, seed: int, unseen: bool = False, stage: str = "training") -> None:
        self.rng = random.Random(seed)
        self.unseen, self.stage, self.practice = unseen, stage, stage != "training"
        self.writer, self.reviews = Writer(seed, unseen, practice=True), Critic(seed, unseen).reviews()
        self.translations = Translator(seed, unseen).pairs()
        self.words = {
            label: [
                word
                for slots in (
                    ADJECTIVES[sign],
                    {name: WORDS[sign][name] for name in ("noun", "trait", "felt", "loved", "does")},
                )
                for table in slots.values()
                for word in table.split(", ")
            ]
            for label, sign in zip(LABELS, "-+", strict=True)
        }

    def pair(self, task: str) -> Pair:
        """One pair of a task."""
        if task == "translation":
            return Pair(*next(self.translations), task)
        if task == "question":
            relations = self.writer.relations
            text, told = self.writer.question(self.rng.choice(list(relations)) if self.practice else pick(relations, self.rng))
            return Pair(text, told.fact.answer, task)
        if not self.unseen and not self.practice and self.rng.random() < WORDS_ONLY:
            label = self.rng.choice(LABELS)
            return Pair(self.rng.choice(self.words[label]), label, task)
        while True:
            review = next(self.reviews)
            rare = len(review.text.split()) > LONG or (self.practice and not review.spoken("turn") + review.spoken("other"))
            if not rare or self.rng.random() > 0.7:
                return Pair(review.text, review.label, task, review.signs if self.stage == "turns" else ())

    def pairs(self) -> Iterator[Pair]:
        """Endless pairs of all tasks."""
        while True:
            yield self.pair(pick(TASKS[self.stage], self.rng))


def build_tokenizer(texts: Iterable[str], pieces: int = 500) -> PreTrainedTokenizerFast:
    """A unigram tokenizer that knows the words of texts whole, and others by the most frequent pieces of words.

    It is counted, not trained: the trainer of `tokenizers` would find no word that is part of no other.
    """
    splitter = pre_tokenizers.Sequence([pre_tokenizers.Metaspace(), pre_tokenizers.Punctuation()])
    words = Counter(word for text in texts for word, _ in splitter.pre_tokenize_str(text))
    parts = Counter(
        word[start:end]
        for word in words
        for start in range(len(word))
        for end in range(start + 2, min(start + 5, len(word)) + 1)
    )
    # A word in pieces is less likely than any word as a whole.
    scores = dict.fromkeys([*ASCII, *sorted({char for word in words for char in word})], -30.0)
    scores |= {part: math.log(count / parts.total()) - 20 for part, count in ranked(parts)[:pieces]}
    scores |= {word: math.log(count / words.total()) for word, count in ranked(words) if count > 1}
    unigram = Tokenizer(models.Unigram([*((name, 0.0) for name in (PAD, END, UNK)), *scores.items()], unk_id=2))
    unigram.pre_tokenizer = splitter
    unigram.decoder = decoders.Metaspace()
    unigram.add_special_tokens([PAD, END, UNK])
    unigram.post_processor = processors.TemplateProcessing(
        single=f"$A {END}", pair=f"$A {END} $B {END}", special_tokens=[(END, unigram.token_to_id(END))]
    )
    return PreTrainedTokenizerFast(tokenizer_object=unigram, pad_token=PAD, eos_token=END, unk_token=UNK)


def ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    """What is counted, the most frequent first, in an order that no run changes."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def batches(pairs: Iterator[Pair], tokenizer: PreTrainedTokenizerFast, tokens: int, seed: int) -> Iterator[Batch]:
    """Endless batches of about so many tokens, padding included, in random order; each has pairs of all tasks.

    Short pairs of one task stand with short pairs of the others. Batches of one length alone would be of one task alone, and
    what one teaches, the next would undo.
    """
    backend: Any = tokenizer.backend_tokenizer
    rng, labels = random.Random(seed), {label: backend.encode(label).ids[0] for label in LABELS}
    while pool := list(islice(pairs, POOL)):
        sources = backend.encode_batch([pair.source for pair in pool])
        answers = [one.ids for one in backend.encode_batch([pair.answer for pair in pool])]
        lengths = [len(source.ids) + len(answer) for source, answer in zip(sources, answers, strict=True)]
        ranks: dict[int, float] = {}
        for task in PREFIXES:
            own = sorted((at for at, pair in enumerate(pool) if pair.task == task), key=lambda at: lengths[at])
            ranks |= {at: rank / len(own) for rank, at in enumerate(own)}
        cut: list[list[int]] = [[]]
        for at in sorted(ranks, key=ranks.__getitem__):
            group = [*cut[-1], at]
            if cut[-1] and len(group) * max(lengths[one] for one in group) > tokens:
                cut.append([at])
            else:
                cut[-1].append(at)
        rng.shuffle(cut)
        for group in cut:
            yield _batch([pool[i] for i in group], [sources[i] for i in group], [answers[i] for i in group], labels)


def _batch(pairs: list[Pair], sources: list[Any], answers: list[list[int]], tokens: dict[str, int]) -> Batch:
    ids = torch.zeros(len(pairs), max(len(source.ids) for source in sources), dtype=torch.long)
    labels = torch.full((len(pairs), max(map(len, answers))), IGNORED)
    attention, replaced, signs = torch.zeros_like(ids), torch.zeros(ids.shape), torch.full_like(ids, IGNORED)
    for row, (pair, source, answer) in enumerate(zip(pairs, sources, answers, strict=True)):
        length = len(source.ids)
        ids[row, :length] = torch.tensor(source.ids)
        attention[row, :length] = 1
        labels[row, : len(answer)] = torch.tensor(answer)
        begun = len(PREFIXES[pair.task])
        for start, end, label in pair.signs:
            inside = [first < begun + end and last > begun + start for first, last in source.offsets]
            signs[row, :length][torch.tensor(inside)] = tokens[label]
        # Neither the prefix nor the end.
        replaced[row, 2 : length - 1] = REPLACED[pair.task] * (row % 2)
    # What a label hangs on stays.
    replaced[signs != IGNORED] = 0.0
    return Batch(ids, attention, labels, torch.tensor([WEIGHTS[pair.task] for pair in pairs]), replaced, signs)


def corrupted(batch: Batch, generator: torch.Generator) -> torch.Tensor:
    """The ids of a batch, some of them replaced by other tokens of it."""
    known = batch.attention.bool()
    words = batch.ids[known]
    shuffled = batch.ids.clone()
    shuffled[known] = words[torch.randperm(len(words), generator=generator)]
    return torch.where(torch.rand(batch.ids.shape, generator=generator) < batch.replaced, shuffled, batch.ids)


def losses_of(model: T5ForConditionalGeneration, batch: Batch, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Two mean cross-entropies in nats, from what is read: of the tokens of answers, as often as they count, and of signs.

    Signs are asked of the encoder, at each word behind a label, and told in the embeddings of labels. From answers alone,
    training is long in finding that "not" reverses what follows.
    """
    with torch.autocast("cpu", torch.bfloat16):
        before = model.prepare_decoder_input_ids_from_labels(labels=batch.labels)
        out = model(input_ids=ids, attention_mask=batch.attention, decoder_input_ids=before, use_cache=False)
        places = batch.signs != IGNORED
        words = F.linear(out.encoder_last_hidden_state[places], model.shared.weight)
    losses = F.cross_entropy(out.logits.float().flatten(0, 1), batch.labels.flatten(), ignore_index=IGNORED, reduction="none")
    weights = (batch.labels != IGNORED) * batch.weights.unsqueeze(1)
    answers = (losses * weights.flatten()).sum() / weights.sum()
    signs = F.cross_entropy(words.float(), batch.signs[places], reduction="sum") / places.sum().clamp(min=1)
    return answers, signs


@torch.no_grad()
def mean_loss(model: T5ForConditionalGeneration, unseen: list[Batch]) -> float:
    """The loss on batches, in nats per token."""
    model.eval()
    losses = [losses_of(model, batch, batch.ids)[0].item() for batch in unseen]
    model.train()
    return sum(losses) / len(losses)
