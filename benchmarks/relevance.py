"""Layer-wise relevance propagation against gradient × input, and both against one plain forward pass."""

from __future__ import annotations

from functools import partial

import torch

from benchmarks.measure import Claim, interleaved, milliseconds, ratio
from benchmarks.models import gpt2_sized, words
from ecco.output import OutputSeq


def claims(rounds: int = 5) -> list[Claim]:
    """Scores of 20 written tokens after a prompt of 30."""
    lm = gpt2_sized()
    out = lm.generate(words(30), generate=20, min_new_tokens=20)
    out.saliency()  # the pass and the proof are kept with the run

    def plain() -> torch.Tensor:
        with torch.no_grad():
            return lm.model(input_ids=out.token_ids, logits_to_keep=20).logits

    variants = {"forward pass": plain, **{name: partial(_anew, out, name) for name in ("grad_x_input", "attnlrp", "cp_lrp")}}
    seconds = interleaved(variants, rounds)
    detail = milliseconds(seconds)
    return [
        Claim("AttnLRP of 20 tokens, against gradient × input", ratio(seconds, "attnlrp", "grad_x_input"), 3.0, detail),
        Claim("CP-LRP of 20 tokens, against gradient × input", ratio(seconds, "cp_lrp", "grad_x_input"), 3.0, detail),
        Claim("AttnLRP of 20 tokens, in forward passes", ratio(seconds, "attnlrp", "forward pass"), 60.0, detail),
    ]


def _anew(out: OutputSeq, method: str) -> None:
    """Compute scores that are not kept from before."""
    run = out._runs[0]
    run._kept = {key: value for key, value in run._kept.items() if not (isinstance(key, tuple) and key[0] == method)}
    out.saliency(method)
