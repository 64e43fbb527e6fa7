"""A random model of GPT-2's size: 12 layers, 768 wide, 50,257 tokens."""

from __future__ import annotations

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

import ecco


def gpt2_sized() -> ecco.LM:
    """The model with a tokenizer of one token per word."""
    torch.manual_seed(0)
    model = GPT2LMHeadModel(GPT2Config()).eval()
    core = Tokenizer(models.WordLevel({f"w{i}": i for i in range(50257)}, unk_token="w0"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return ecco.from_pretrained(model, tokenizer=PreTrainedTokenizerFast(tokenizer_object=core, eos_token="w50256"))


def words(count: int) -> str:
    """A text of this many tokens."""
    return " ".join(f"w{(7919 * i) % 50000}" for i in range(count))
