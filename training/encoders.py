"""What the demo models that read in both directions share: a WordPiece tokenizer, batches of texts, and how they are saved."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, PreTrainedModel, PreTrainedTokenizerFast

PAD, UNK, CLS, SEP, MASK = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"
PLACES = 128
# Texts of which batches of about one length are made.
POOL = 4096
ASCII = [chr(n) for n in range(33, 127)]


@dataclass(frozen=True)
class Text:
    """A text.

    Attributes:
        plain: the text itself.
        answers: where in it stands what can be known, (start, end) in characters.
        label: of the whole, for a classifier.
        signs: the label that each answer would have by itself.
    """

    plain: str
    answers: tuple[tuple[int, int], ...] = ()
    label: int = 0
    signs: tuple[int, ...] = ()


@dataclass(frozen=True)
class Batch:
    """Texts of about one length.

    Attributes:
        ids: (text, position), padded on the right.
        attention: (text, position), 1 where a token is, 0 where padding is.
        answers: (text, position), 1, 2, … for the tokens of the first, second, … answer, else 0; -1 for what is no text.
        labels: (text,)
        signs: (text, position), the sign of the answer that a token belongs to, else -1.
    """

    ids: torch.Tensor
    attention: torch.Tensor
    answers: torch.Tensor
    labels: torch.Tensor
    signs: torch.Tensor


def build_tokenizer(texts: Iterable[str], vocab_size: int, *, lowercase: bool) -> PreTrainedTokenizerFast:
    """A WordPiece tokenizer trained on texts; what has no pieces becomes [UNK]."""
    pieces = Tokenizer(models.WordPiece(unk_token=UNK))
    pieces.normalizer = normalizers.BertNormalizer(lowercase=lowercase, strip_accents=lowercase)
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    pieces.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocab_size, special_tokens=[PAD, UNK, CLS, SEP, MASK], initial_alphabet=ASCII, show_progress=False
    )
    pieces.train_from_iterator(texts, trainer)
    ends = [(name, pieces.token_to_id(name)) for name in (CLS, SEP)]
    pieces.post_processor = processors.TemplateProcessing(
        single=f"{CLS} $A {SEP}", pair=f"{CLS} $A {SEP} $B:1 {SEP}:1", special_tokens=ends
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=pieces,
        pad_token=PAD,
        unk_token=UNK,
        cls_token=CLS,
        sep_token=SEP,
        mask_token=MASK,
        model_max_length=PLACES,
    )


def config_of(tokenizer: Any, width: int, layers: int, **settings: Any) -> BertConfig:
    """The config of a BERT with heads of 32 dimensions."""
    # Fresh text at every step leaves nothing to learn by heart, so there is no dropout. The larger initial weights suit
    # the small width.
    return BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=width // 32,
        intermediate_size=4 * width,
        max_position_embeddings=PLACES,
        type_vocab_size=2,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.05,
        pad_token_id=tokenizer.pad_token_id,
        **settings,
    )


@torch.no_grad()
def steady(model: PreTrainedModel) -> None:
    """Let each block of an untrained model add little to what it reads.

    A BERT normalises behind each addition; trained from weights of this size it falls back to the frequencies of words at
    rates of 0.001 and more, unless its blocks begin so.
    """
    for name, weights in model.named_parameters():
        if name.endswith("output.dense.weight"):
            weights *= 0.1


def batches(texts: Iterator[Text], tokenizer: PreTrainedTokenizerFast, tokens: int, seed: int) -> Iterator[Batch]:
    """Endless batches of about so many tokens, each of texts of about one length, in random order."""
    backend: Any = tokenizer.backend_tokenizer
    rng = random.Random(seed)
    while pool := list(islice(texts, POOL)):
        encoded = backend.encode_batch([text.plain for text in pool], add_special_tokens=True)
        rows = sorted(zip(encoded, pool, strict=True), key=lambda row: len(row[0].ids))
        cut, at = [], 0
        while at < len(rows):
            # Rows are sorted, so the last of a batch is its longest.
            size = max(1, tokens // min(PLACES, len(rows[at][0].ids)))
            while size > 1 and size * min(PLACES, len(rows[min(at + size, len(rows)) - 1][0].ids)) > tokens:
                size -= 1
            cut.append(rows[at : at + size])
            at += size
        rng.shuffle(cut)
        yield from (_batch(rows, tokenizer) for rows in cut)


def _batch(rows: list[tuple[Any, Text]], tokenizer: PreTrainedTokenizerFast) -> Batch:
    """Encoded texts as arrays; what is longer than the model has places is cut."""
    width = min(PLACES, max(len(encoded.ids) for encoded, _ in rows))
    ids = np.full((len(rows), width), tokenizer.pad_token_id, dtype=np.int64)
    answers = np.full((len(rows), width), -1, dtype=np.int64)
    signs = answers.copy()
    for row, (encoded, text) in enumerate(rows):
        found = encoded.ids[:width]
        found[-1] = tokenizer.sep_token_id
        ids[row, : len(found)] = found
        answers[row, 1 : len(found) - 1] = 0
        for place in range(1, len(found) - 1):
            start, end = encoded.offsets[place]
            for number, (first, last) in enumerate(text.answers, 1):
                if start < last and end > first:
                    answers[row, place] = number
                    signs[row, place] = text.signs[number - 1] if text.signs else -1
    attention = (ids != tokenizer.pad_token_id).astype(np.int64)
    of = torch.from_numpy
    return Batch(of(ids), of(attention), of(answers), torch.tensor([text.label for _, text in rows]), of(signs))


def save(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Save in half precision, and the tokenizer by the class name that all versions of transformers know."""
    folder.mkdir(parents=True, exist_ok=True)
    copy.deepcopy(model).half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    path = folder / "tokenizer_config.json"
    settings = json.loads(path.read_text())
    settings |= {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}
    path.write_text(json.dumps(settings, indent=2) + "\n")
