"""Which states carry the answer? *Causal tracing* (activation patching; Meng et al. 2022, arXiv 2202.05262).

A run is corrupted, so that the model no longer says what it said. Then one state at a time gets back what it was in the
clean run, at one token and after one layer, and the rest of the model goes on from there: where much of the answer
returns, that state carried it. Clean and corrupted run have the same tokens one for one, so nothing is padded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from ecco.attribution.targets import QUANTITY_NAMES, Target
from ecco.corruption import Corruption
from ecco.errors import ArgumentError, ModelError
from ecco.forward import tolerance
from ecco.naming import is_list, whole_number
from ecco.patching import Side, find_sides, prove, record, restorations
from ecco.result import Result, significant, text_table, visible
from ecco.run import Run
from ecco.tokens import Token

SITES = ("block", "attention", "ffn")
SITE_NAMES = {"block": "block", "attention": "attention", "ffn": "FFN"}


@dataclass(frozen=True, eq=False, repr=False)
class Trace(Result):
    """How much of an answer returns when a corrupted run gets back one of its states.

    Attributes:
        restored: (site, layer, column), the explained number with that state restored; NaN where there is no such layer
            (encoder and decoder may differ in depth). With noise the mean over all samples.
        clean: the number in the clean run.
        corrupted: the number in the corrupted run, with nothing restored.
        resolution: differences up to this are rounding.
        sites: what is restored: `block` (the state after a block), `attention` or `ffn` (what it adds to the state).
        tokens: (column,), what the clean run has read; of an encoder-decoder source, then target with its start.
        replaced: (column,), what the corrupted run has read; the same tokens where noise corrupts them.
        is_corrupted: (column,), where the corrupted run differs.
        positions: (column,), in the run; None for the start of a decoder, which is no token of the text.
        n_source: how many columns belong to an encoder, whose layers their rows are; 0 for models with one side.
        position: the position explained.
        token: the token (or label) explained there.
        against: a token whose number is subtracted, or None.
        quantity: `probability` (0..1), `logit` or `logprob` (nats).
        window: how many layers are restored at once, around the one that is named.
        noise: how strong it is, in standard deviations of the embeddings; None where another text corrupts the run.
        n_samples: how many corrupted runs the numbers are means of.
    """

    restored: Float[np.ndarray, "site layer column"]
    clean: float
    corrupted: float
    resolution: float
    sites: tuple[str, ...]
    tokens: tuple[Token, ...]
    replaced: tuple[Token, ...]
    is_corrupted: tuple[bool, ...]
    positions: tuple[int | None, ...]
    n_source: int
    position: int
    token: Token
    against: Token | None
    quantity: str
    window: int
    noise: float | None
    n_samples: int

    @property
    def effect(self) -> Float[np.ndarray, "site layer column"]:
        """By how much the number rises when the state is restored; negative where it falls."""
        return self.restored - self.corrupted

    @property
    def share(self) -> Float[np.ndarray, "site layer column"]:
        """Which part of what the corruption took returns: 0 nothing, 1 all; negative where still more is lost.

        NaN if the corruption changed the number by no more than rounding does, so that there is nothing to return.
        """
        gap = self.clean - self.corrupted
        return self.effect / gap if abs(gap) > self.resolution else np.full_like(self.restored, np.nan)

    @property
    def layers(self) -> tuple[int, ...]:
        """Numbers of the layers, 0 first."""
        return tuple(range(self.restored.shape[1]))

    def _of(self) -> str:
        rather = f" rather than “{self.against.text}”" if self.against else ""
        return f"{QUANTITY_NAMES[self.quantity]} of “{self.token.text}”{rather}"

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `trace`."""
        what = "one state" if self.window == 1 else f"the state of one token in {self.window} layers"
        how = "another text" if self.noise is None else f"noise ({self.noise:g} sd, {self.n_samples} samples)"
        no_share = "The corruption hardly changes what is explained, so no share of it can return."
        return {
            "ecco": 1,
            "view": "trace",
            "title": "Causal trace",
            "subtitle": f"share of the {self._of()} that returns when {what} of a run corrupted by {how} is restored",
            "note": None if abs(self.clean - self.corrupted) > self.resolution else no_share,
            "layers": list(self.layers),
            "columns": [
                {
                    "token": token.to_dict(),
                    "replaced": other.to_dict() if changed and self.noise is None else None,
                    "corrupted": changed,
                    "position": position,
                }
                for token, other, changed, position in zip(
                    self.tokens, self.replaced, self.is_corrupted, self.positions, strict=True
                )
            ],
            "n_source": self.n_source,
            "sites": [SITE_NAMES[site] for site in self.sites],
            "shares": significant(np.round(self.share, 4) + 0.0),
            "clean": significant(np.array(self.clean), 4),
            "corrupted": significant(np.array(self.corrupted), 4),
            "quantity": self.quantity if self.against is None else f"{self.quantity} difference",
            "unit": "share" if self.quantity == "probability" else "raw",
        }

    def to_records(self) -> list[dict[str, Any]]:
        """One row per site, layer and token."""
        share = self.share
        return [
            {
                "site": site,
                "layer": layer,
                "side": "encoder" if c < self.n_source else "decoder" if self.n_source else "",
                "position": self.positions[c],
                "token": token.text,
                "token_id": token.id,
                "corrupted": self.is_corrupted[c],
                "restored": float(self.restored[s, layer, c]),
                "share": float(share[s, layer, c]),
            }
            for s, site in enumerate(self.sites)
            for layer in self.layers
            for c, token in enumerate(self.tokens)
            if not np.isnan(self.restored[s, layer, c])
        ]

    def to_text(self) -> str:
        """Shares of the first site in percent, layers down; corrupted tokens have a star."""
        shown, shares = self.tokens[:16], self.share[0]
        names = [f"{visible(t.text)}{'*' if hit else ''}" for t, hit in zip(shown, self.is_corrupted, strict=False)]
        rows = [
            [str(layer), *("–" if np.isnan(v) else f"{round(100 * v)}%" for v in shares[layer, : len(shown)])]
            for layer in self.layers
        ]
        more = f"\n({len(self.tokens) - 16} more columns)" if len(self.tokens) > 16 else ""
        head = (
            f"Causal trace, {SITE_NAMES[self.sites[0]]}: {self._of()}, clean {self.clean:.4g}, corrupted {self.corrupted:.4g}"
        )
        return f"{head}\n{text_table([['layer', *names], *rows])}{more}"


def trace(
    run: Run, target: Target, corruption: Corruption, sites: Any = "block", window: int = 1, batch_size: int | None = None
) -> Trace:
    """Restore every state of a corrupted run, one at a time.

    Args:
        run: the clean run.
        target: what is explained, one position.
        corruption: how the run is corrupted.
        sites: one or several of `SITES`.
        window: how many layers are restored at once: of a window of 10 around layer 12 those from 7 to 16.
        batch_size: how many texts one forward pass holds; None chooses.

    Raises:
        ArgumentError: for a site that does not exist, or a number that makes no sense.
        ProofError: if the states after some layer do not lead to the answer, or (attention and FFN) do not add up.
    """
    names = tuple(dict.fromkeys(sites if is_list(sites) else [sites]))
    if not names or any(name not in SITES for name in names):
        raise ArgumentError(f"sites={sites!r} must be one or several of {', '.join(map(repr, SITES))}.")
    for number, name in ((window, "window"), (batch_size, "batch_size")):
        if number is not None and whole_number(number, name) < 1:
            raise ArgumentError(f"{name}={number} must be at least 1.")
    if target.quantity == "entropy":
        raise ArgumentError('target="entropy" belongs to no token; trace "probability", "logprob" or "logit".')
    key = ("trace", target, corruption, names, window)
    return run.kept(key, lambda: _trace(run, target, corruption, names, window, batch_size))


def _trace(
    run: Run, target: Target, corruption: Corruption, names: tuple[str, ...], window: int, batch_size: int | None
) -> Trace:
    run.states()  # its layers lead to the model's own answer, and it is the run that wrote the text
    (position,), loaded = target.positions, run.loaded
    other, reading = corruption.run(run), run.reading.until(position)
    if behind := [p for p in corruption.positions if p >= len(reading)]:
        raise ArgumentError(f"subject= names position {behind[0]}, which is not read before position {position} is predicted.")
    hit = corruption.columns(reading, other.reading.until(position))
    sides = find_sides(loaded.model, loaded.anatomy, reading, names, lambda: loaded.ffns)
    bench = record(loaded.model, loaded.anatomy, reading, other.reading.until(position), sides, reading.row(position))
    if corruption.noise is not None:
        bench = replace(bench, vectors=corruption.draw(bench.embedded(), hit))
    prove(bench, sides, hit, batch_size)
    cells, jobs = restorations(sides, window, corruption.n_samples)
    values = torch.cat([_values(target, logits) for logits in bench.logits(jobs, batch_size)]).numpy()
    corrupted, values = float(values[: corruption.n_samples].mean()), values[corruption.n_samples :]
    depth, width = max(len(side.blocks) for side in sides), sides[-1].first + sides[-1].length
    restored = np.full((len(names), depth, width), np.nan)
    for cell, samples in zip(cells, values.reshape(len(cells), -1), strict=True):
        restored[cell] = samples.mean()
    clean = float(_values(target, bench.clean))
    positions, tokens, replaced = _columns(run, other, sides)
    return Trace(
        restored=restored,
        clean=clean,
        corrupted=corrupted,
        resolution=_resolution(loaded.model, bench.clean, target, clean, corrupted),
        sites=names,
        tokens=tokens,
        replaced=replaced,
        is_corrupted=tuple(hit),
        positions=positions,
        n_source=sides[-1].first,
        position=position,
        token=run.explained(position, target.token_ids[0]),
        against=None if target.against is None else run.names.answer(target.against, position),
        quantity=target.quantity,
        window=window,
        noise=corruption.noise,
        n_samples=corruption.n_samples,
    )


def _values(target: Target, logits: Float[Tensor, "job vocab"]) -> Float[Tensor, "job"]:
    """The explained number of every job."""
    values = target.values(logits, torch.zeros(len(logits), dtype=torch.long)).cpu().double()
    if not bool(torch.isfinite(values).all()):
        raise ModelError(
            "Some numbers of the corrupted run are not finite, so nothing can be said of them. In half precision a state can "
            "overflow; load the model with dtype=torch.float32."
        )
    return values


def _resolution(model: nn.Module, logits: Tensor, target: Target, clean: float, corrupted: float) -> float:
    """How large a difference of the explained number may be by rounding alone."""
    size = tolerance(logits.dtype, model) * max(1.0, float(logits[logits.isfinite()].abs().max()))
    if target.quantity != "probability":
        return size
    return size * (1.0 if target.against is not None else max(clean, corrupted))


def _columns(
    run: Run, other: Run, sides: Sequence[Side]
) -> tuple[tuple[int | None, ...], tuple[Token, ...], tuple[Token, ...]]:
    """Positions and tokens of all that the clean run has read, and the tokens of the corrupted one."""
    positions, tokens, replaced = [], [], []
    for (places, own), (_, others), side in zip(run.streams, other.streams, sides, strict=True):
        positions += places[: side.length]
        tokens += own[: side.length]
        replaced += others[: side.length]
    return tuple(positions), tuple(tokens), tuple(replaced)
