"""`lm.generate` against Hugging Face's own `generate` of the same model."""

from __future__ import annotations

import torch

from benchmarks.measure import Claim, interleaved, milliseconds, ratio
from benchmarks.models import gpt2_sized, words


def claims(rounds: int = 7) -> list[Claim]:
    """Generation of 20 tokens, without and with the hidden states afterwards."""
    lm = gpt2_sized()
    text = words(30)
    ids = torch.tensor([lm.tokenizer(text)["input_ids"]])
    settings = {"max_new_tokens": 20, "min_new_tokens": 20, "do_sample": False, "pad_token_id": 0}

    def theirs() -> torch.Tensor:
        with torch.no_grad():
            return lm.model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), **settings)  # pyright: ignore[reportCallIssue]

    def one_pass() -> None:
        with torch.no_grad():
            lm.model(input_ids=theirs_ids, use_cache=False)

    theirs_ids = theirs()
    seconds = interleaved(
        {
            "transformers": theirs,
            "ecco": lambda: lm.generate(text, generate=20, min_new_tokens=20, do_sample=False),
            "transformers + one pass": lambda: (theirs(), one_pass()),
            "ecco + hidden states": lambda: lm.generate(text, generate=20, min_new_tokens=20).decoder_hidden_states,
        },
        rounds,
    )
    detail = milliseconds(seconds)
    return [
        Claim("generate 20 tokens against model.generate", ratio(seconds, "ecco", "transformers"), 1.15, detail),
        Claim(
            "generate 20 tokens and capture, against model.generate and one forward pass",
            ratio(seconds, "ecco + hidden states", "transformers + one pass"),
            1.15,
            detail,
        ),
    ]
