"""`lens()` against the matrix products that it cannot do without, and how much memory it takes."""

from __future__ import annotations

import torch

import ecco.readout
from benchmarks.measure import Claim, interleaved, milliseconds, peak_rise, ratio
from benchmarks.models import gpt2_sized, words

N_POSITIONS = 200


def claims(rounds: int = 5) -> list[Claim]:
    """All numbers of a lens: 200 positions, 12 layers, a vocabulary of 50,257."""
    lm = gpt2_sized()
    out = lm(words(N_POSITIONS + 1))
    states = out.decoder_hidden_states
    assert states is not None
    hidden = states[0][:, :N_POSITIONS].flatten(0, 1)
    model = lm.model
    out.rankings_watch(["w5"])  # the pass and the proof are kept with the run

    def floor() -> None:
        """The norm and the product, in pieces, so that both touch as little memory."""
        with torch.no_grad():
            for piece in hidden.split(N_POSITIONS):
                model.lm_head(model.transformer.ln_f(piece))  # pyright: ignore[reportCallIssue, reportAttributeAccessIssue]

    seconds = interleaved({"matrix products": floor, "lens": lambda: out.lens()}, rounds)
    rise = peak_rise(lambda: out.lens())
    whole = 12 * N_POSITIONS * 50257 * 4 / ecco.readout.CHUNK_BYTES
    return [
        Claim(
            f"lens of {N_POSITIONS} positions, against the matrix products alone",
            ratio(seconds, "lens", "matrix products"),
            1.5,
            milliseconds(seconds),
        ),
        Claim(
            f"memory of a lens of {N_POSITIONS} positions, in chunks of 64 MiB (all logits at once would be {whole:.0f})",
            rise / ecco.readout.CHUNK_BYTES,
            4.0,
            f"{rise / 2**20:.0f} MiB",
        ),
    ]
