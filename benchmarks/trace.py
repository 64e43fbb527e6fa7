"""`trace` against the forward passes that it cannot do without."""

from __future__ import annotations

import torch

from benchmarks.measure import Claim, interleaved, milliseconds, ratio
from benchmarks.models import gpt2_sized, words
from ecco.patching import FORWARD_TOKENS

LAYERS, POSITIONS = 12, 30


def claims(rounds: int = 1) -> list[Claim]:
    """The states of 12 layers at 30 positions, each restored in a corrupted text of its own."""
    lm = gpt2_sized()
    other = f"w1 {words(POSITIONS).partition(' ')[2]}"
    ids = torch.tensor([lm.tokenizer(other)["input_ids"]])
    batch = FORWARD_TOKENS // POSITIONS
    sizes = [min(batch, LAYERS * POSITIONS - start) for start in range(0, LAYERS * POSITIONS, batch)]

    def passes() -> None:
        with torch.no_grad():
            for size in sizes:
                lm.model(ids.expand(size, -1), use_cache=False, logits_to_keep=1)

    def trace() -> None:
        lm(words(POSITIONS)).trace(other, token="w5", position=POSITIONS)  # a new run, so that nothing is kept

    seconds = interleaved({"passes": passes, "trace": trace}, rounds)
    what = f"trace of {LAYERS} layers x {POSITIONS} positions, against {LAYERS * POSITIONS} forward passes"
    return [Claim(what, ratio(seconds, "trace", "passes"), 1.3, milliseconds(seconds))]
