"""`rankings()` against the matrix products that it cannot do without, and how much memory it takes."""

from __future__ import annotations

import torch

import ecco.readout
from benchmarks.measure import Claim, interleaved, milliseconds, peak_rise, ratio
from benchmarks.models import gpt2_sized, words


def claims(rounds: int = 7) -> list[Claim]:
    """Ranks of 50 written tokens in 12 layers of a vocabulary of 50,257."""
    lm = gpt2_sized()
    out = lm.generate(words(30), generate=50, min_new_tokens=50)
    states = out.decoder_hidden_states
    assert states is not None
    hidden = states[0][:, 29:79].flatten(0, 1)
    model = lm.model
    out.rankings()  # the pass and the proof are kept with the run

    def floor() -> torch.Tensor:
        with torch.no_grad():
            return model.lm_head(model.transformer.ln_f(hidden))  # pyright: ignore[reportCallIssue, reportAttributeAccessIssue]

    seconds = interleaved({"matrix products": floor, "rankings": lambda: out.rankings()}, rounds)
    return [
        Claim("rankings of 50 tokens, against the matrix products alone", ratio(seconds, "rankings", "matrix products"), 3.0,
              milliseconds(seconds)),
        _memory(lm),
    ]  # fmt: skip


def _memory(lm: ecco.LM) -> Claim:
    """The extra memory of rankings over 400 tokens, relative to its bound of a few chunks."""
    out = lm(words(400))
    _ = out.decoder_hidden_states
    with torch.no_grad():
        out.rankings_watch(["w5"])  # the proof
    rise = peak_rise(lambda: out.rankings())
    whole = 12 * 399 * 50257 * 4
    return Claim(
        "memory of rankings over 400 tokens, in chunks of 64 MiB (all logits at once would be "
        f"{whole / ecco.readout.CHUNK_BYTES:.0f})",
        rise / ecco.readout.CHUNK_BYTES,
        6.0,
        f"{rise / 2**20:.0f} MiB",
    )
