"""How a run is corrupted, so that the model no longer says what it said: by another text, or by noise on some tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ecco.errors import ArgumentError
from ecco.inputs import check_ids, encode
from ecco.naming import is_list, numbered, whole_number
from ecco.reading import Reading
from ecco.result import visible
from ecco.run import Run
from ecco.tokens import Token, display

# Standard deviations of the embeddings, as in the paper.
NOISE = 3.0


@dataclass(frozen=True)
class Corruption:
    """How a run is corrupted.

    Attributes:
        ids: the input that is read instead, as many tokens as the run's; None for noise.
        noise: how strong it is, in standard deviations of the text's embeddings; None for another input.
        positions: the tokens whose embeddings get noise.
        n_samples: how often noise is drawn.
        seed: of the noise.
    """

    ids: tuple[int, ...] | None = None
    noise: float | None = None
    positions: tuple[int, ...] = ()
    n_samples: int = 1
    seed: int = 0

    def run(self, run: Run) -> Run:
        """The run that reads the other input, and what was written after the run's own."""
        if self.ids is None:
            return run
        ids = [*self.ids, *run.ids[run.n_input :]]
        return Run(run.loaded, ids, run.n_input, token_types=run.token_types, start=run.start)

    def columns(self, clean: Reading, corrupted: Reading) -> list[bool]:
        """Which tokens of all streams, one stream after the other, are corrupted."""
        one, other = (torch.cat(list(reading.streams.values())) for reading in (clean, corrupted))
        hit = (one != other).tolist()
        for position in self.positions:
            hit[clean.columns[position]] = True
        return hit

    def draw(self, vectors: Sequence[Float[Tensor, "_ _"]], hit: Sequence[bool]) -> list[Float[Tensor, "_ _ _"]]:
        """Embeddings with noise, (sample, token, width) of every stream."""
        assert self.noise is not None
        scale = self.noise * float(torch.cat([stream.flatten().float() for stream in vectors]).std())
        generator = torch.Generator().manual_seed(self.seed)
        found, start = [], 0
        for stream in vectors:
            places = torch.tensor([c for c in range(len(stream)) if hit[start + c]], dtype=torch.long, device=stream.device)
            start += len(stream)
            noise = scale * torch.randn(self.n_samples, len(places), stream.shape[1], generator=generator)
            points = stream.expand(self.n_samples, -1, -1).clone()
            points[:, places] += noise.to(points)
            found.append(points)
        return found


def corruption_of(run: Run, corrupted: Any, noise: float | None, subject: Any, n_samples: int, seed: int) -> Corruption:
    """What a person means.

    Args:
        run: the clean run.
        corrupted: another input, or None.
        noise: how strong, or None.
        subject: which tokens get noise: a piece of the text, a position, or a list of positions.
        n_samples: how often noise is drawn.
        seed: of the noise.

    Raises:
        ArgumentError: if neither or both kinds are named, or one makes no sense.
    """
    if corrupted is not None:
        if noise is not None or subject is not None:
            raise ArgumentError("corrupted= and noise= (on subject=) are two ways to corrupt a run; name one of them.")
        return Corruption(ids=tuple(_other_input(run, corrupted)))
    if subject is None:
        raise ArgumentError(
            'Say how the run is corrupted: corrupted="…" (another text of as many tokens), or subject="…" (a piece of the '
            "text, or positions, that get noise)."
        )
    strength = NOISE if noise is None else noise
    if isinstance(strength, bool) or not isinstance(strength, int | float) or not 0 <= strength < float("inf"):
        raise ArgumentError(f"noise={noise!r} must be a number from 0 up: standard deviations of the embeddings.")
    if whole_number(n_samples, "n_samples") < 1:
        raise ArgumentError(f"n_samples={n_samples} must be at least 1.")
    return Corruption(None, float(strength), tuple(_subject(run, subject)), n_samples, whole_number(seed, "seed"))


def _other_input(run: Run, corrupted: Any) -> list[int]:
    """The ids of another input, which must be as many."""
    if is_list(corrupted) and len(corrupted) and all(not isinstance(one, str | dict) for one in corrupted):
        ids = [whole_number(one, "corrupted: id") for one in corrupted]
        check_ids(run.loaded, ids)
    else:
        texts = encode(run.loaded, corrupted)
        if len(texts) != 1:
            raise ArgumentError(f"corrupted= is one text, not {len(texts)}.")
        ids = texts[0].ids
    own = run.ids[: run.n_input]
    if len(ids) == len(own):
        return ids
    tokenizer = run.loaded.tokenizer
    start = next((i for i, (a, b) in enumerate(zip(own, ids, strict=False)) if a != b), min(len(own), len(ids)))
    most = min(len(own), len(ids)) - start
    end = next((i for i in range(most) if own[-1 - i] != ids[-1 - i]), most)
    clean, other = display(tokenizer, own), display(tokenizer, ids)
    parts = [_split(tokens[start : len(tokens) - end]) for tokens in (clean, other)]
    raise ArgumentError(
        f"corrupted= has {len(ids)} tokens and the input {len(own)}; with as many, each state has one to stand for. They "
        f"differ from token {start} on: {parts[0]} there, {parts[1]} here.\n  input:     {_split(clean)}\n"
        f"  corrupted: {_split(other)}"
    )


def _split(tokens: Sequence[Token]) -> str:
    """Tokens as a reader sees where each begins."""
    return "|".join(visible(token.text) for token in tokens) or "nothing"


def _subject(run: Run, subject: Any) -> list[int]:
    """The positions of a piece of the text, or those that are named."""
    if not isinstance(subject, str):
        return sorted(numbered(subject, len(run.ids), "position", "this run"))
    text = "".join(token.text for token in run.tokens)
    start, count = text.find(subject), text.count(subject)
    if not subject.strip() or count != 1:
        times = f"{count} times" if count else "not"
        raise ArgumentError(
            f"subject={subject!r} stands {times} in the text; name a piece that stands there once, or positions."
        )
    found, at = [], 0
    for position, token in enumerate(run.tokens):
        inside = at < start + len(subject) and at + len(token.text) > start
        if inside or (token.part and found[-1:] == [position - 1]):
            found.append(position)
        at += len(token.text)
    return found
