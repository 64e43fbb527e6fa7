"""A random model of GPT-2's size: 12 layers, 768 wide, 50,257 tokens."""

from __future__ import annotations

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

import ecco

VOCAB = 50257


def gpt2_sized() -> ecco.LM:
    """The model with a tokenizer of one token per word."""
    torch.manual_seed(0)
    model = GPT2LMHeadModel(GPT2Config()).eval()
    return ecco.from_pretrained(model, tokenizer=tokenizer(VOCAB))


def tokenizer(size: int) -> PreTrainedTokenizerFast:
    """One token per word."""
    core = Tokenizer(models.WordLevel({f"w{i}": i for i in range(size)}, unk_token="w0"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=core, eos_token=f"w{size - 1}")


def words(count: int, size: int = 50000) -> str:
    """A text of this many tokens."""
    return " ".join(f"w{(7919 * i) % size}" for i in range(count))
