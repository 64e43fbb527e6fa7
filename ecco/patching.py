"""Give a corrupted run back some of its clean states, many runs at once, and read the logits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ecco.anatomy import Anatomy
from ecco.changes import Change, Spot, block_spots, intervening
from ecco.embedding import embedding_output
from ecco.errors import EccoError, ProofError
from ecco.ffn import Site
from ecco.forward import deviation, logits_at, tolerance, undisturbed
from ecco.processes import shared
from ecco.reading import Reading
from ecco.summands import find_summands

# Tokens (texts x length) that one forward pass holds at once.
FORWARD_TOKENS = 2000


@dataclass(frozen=True)
class Side:
    """The blocks that read one stream, and where in them states are restored.

    Attributes:
        first: the column of the stream's first token, counted over all streams.
        length: how many tokens it has.
        blocks: (layer,), the state after each block.
        sites: (site, layer), the spots that are restored together.
    """

    first: int
    length: int
    blocks: list[Spot]
    sites: list[list[tuple[Spot, ...]]]

    def whole(self, layer: int) -> list[tuple[Spot, int]]:
        """All states after one block."""
        return [(self.blocks[layer], token) for token in range(self.length)]


@dataclass(frozen=True)
class Job:
    """One corrupted run: what it gets back, and which sample of the noise it has."""

    restored: Sequence[tuple[Spot, int]]
    sample: int = 0


@dataclass(frozen=True)
class Bench:
    """A clean run and its corrupted one.

    Attributes:
        model: the model.
        embeddings: its embedding modules, one per stream.
        reading: the corrupted text.
        row: where the explained position is predicted.
        states: (token, width) of every spot, in the clean run.
        clean: (1, vocab), the logits of the clean run.
        seen: for each stream what its embedding returned in the clean run.
        vectors: for each stream the embeddings of the corrupted run, (sample, token, width); None for those of its text.
    """

    model: nn.Module
    embeddings: tuple[nn.Module, ...]
    reading: Reading
    row: int
    states: dict[Spot, Float[Tensor, "_ _"]]
    clean: Float[Tensor, "1 vocab"]
    seen: list[list[Tensor]]
    vectors: list[Float[Tensor, "sample _ _"]] | None = None

    def embedded(self) -> list[Float[Tensor, "_ _"]]:
        """The embeddings of the clean run.

        Raises:
            EccoError: if the model does not embed every token exactly once.
        """
        lengths = [len(stream) for stream in self.reading.streams.values()]
        if [[tuple(v.shape[:-1]) for v in stream] for stream in self.seen] != [[(1, length)] for length in lengths]:
            raise EccoError(
                f"{type(self.model).__name__} does not embed every token exactly once per pass, so noise has no place to go. "
                "Corrupt the run with another text: corrupted=…"
            )
        return [stream[0][0] for stream in self.seen]

    def logits(self, jobs: Sequence[Job], batch_size: int | None = None) -> Iterator[Float[Tensor, "job vocab"]]:
        """The logits of all jobs, in pieces that shrink where memory runs out."""
        size = batch_size or max(1, FORWARD_TOKENS // max(len(stream) for stream in self.reading.streams.values()))
        start = 0
        while start < len(jobs):
            try:
                logits = self._run(jobs[start : start + size])
            except torch.OutOfMemoryError:
                if size == 1 or shared(self.model):  # the other processes would go on with the larger piece
                    raise
                size = max(1, size // 2)
                continue
            yield logits
            start += size

    def _run(self, jobs: Sequence[Job]) -> Float[Tensor, "job vocab"]:
        places: dict[Spot, list[tuple[int, int]]] = {}
        for number, job in enumerate(jobs):
            for spot, token in job.restored:
                places.setdefault(spot, []).append((number, token))
        changes: dict[Spot, Change] = {spot: partial(_put, self.states[spot], where) for spot, where in places.items()}
        noisy = None if self.vectors is None else [stream[[job.sample for job in jobs]] for stream in self.vectors]
        streams = list(self.reading.streams.values())
        put = nullcontext() if noisy is None else embedding_output(self.embeddings, streams, noisy)
        with undisturbed(self.model), put, intervening(self.model, changes, len(jobs)):
            return logits_at(self.model, self.reading.inputs(len(jobs)), [self.row])[:, 0]


def _put(clean: Float[Tensor, "token width"], where: list[tuple[int, int]], states: Tensor) -> None:
    rows, tokens = (torch.tensor(numbers, device=states.device) for numbers in zip(*where, strict=True))
    states[rows, tokens] = clean.to(states.device)[tokens]


def find_sides(
    model: nn.Module, anatomy: Anatomy, reading: Reading, sites: Sequence[str], neurons: Callable[[], Sequence[Site]]
) -> list[Side]:
    """Where states can be restored, side by side as the streams of a reading.

    Args:
        model: the model.
        anatomy: its parts.
        reading: the clean text.
        sites: `block`, `attention`, `ffn`.
        neurons: gives the sites of the model's neurons; asked only if attention or FFN are.

    Raises:
        ProofError: if the attention or the FFN of a block is not known.
    """
    if not anatomy.embeddings:
        raise ProofError(
            f"{type(model).__name__} reads one text with an encoder and with a decoder, so no single state stands for a token."
        )
    sides: list[Side] = []
    stacks = [anatomy.blocks] if anatomy.encoder is None else [anatomy.encoder, anatomy.blocks]
    for stream, stack in zip(reading.streams.values(), stacks, strict=True):
        length, blocks = len(stream), block_spots(stack, len(stream))
        found: dict[str, list[tuple[Spot, ...]]] = {"block": [(spot,) for spot in blocks]}
        if set(sites) - {"block"}:
            summands = find_summands(model, stack, int(stack is anatomy.encoder), neurons(), reading)
            for name, layers in summands.items():
                found[name] = [tuple(Spot(*call, stack.layout, length) for call in calls) for calls in layers]
        sides.append(Side(sum(side.length for side in sides), length, blocks, [found[name] for name in sites]))
    return sides


def record(model: nn.Module, anatomy: Anatomy, clean: Reading, corrupted: Reading, sides: Sequence[Side], row: int) -> Bench:
    """Run the clean text once and keep its states.

    Args:
        model: the model.
        anatomy: its parts.
        clean: the text, up to what the model has read when it predicts the explained position.
        corrupted: the corrupted text, of the same form.
        sides: where states are restored.
        row: where the explained position is predicted.
    """
    states: dict[Spot, Tensor] = {}
    spots = {spot for side in sides for layers in (side.blocks, *_flat(side.sites)) for spot in layers}

    def keep(spot: Spot, found: Tensor) -> None:
        states[spot] = found[0].clone()

    with ExitStack() as hooks:
        hooks.enter_context(undisturbed(model))
        seen = hooks.enter_context(embedding_output(anatomy.embeddings, list(clean.streams.values())))
        hooks.enter_context(intervening(model, {spot: partial(keep, spot) for spot in spots}))
        logits = logits_at(model, clean.inputs(), [row])[0]
    return Bench(model, anatomy.embeddings, corrupted, row, states, logits, seen)


def _flat(sites: list[list[tuple[Spot, ...]]]) -> Iterator[tuple[Spot, ...]]:
    for layers in sites:
        yield from layers


def prove(bench: Bench, sides: Sequence[Side], hit: Sequence[bool], batch_size: int | None = None) -> None:
    """Check that a corrupted run that gets back all states after a block is the clean run, block by block.

    Of an encoder-decoder whose source is corrupted the encoder's last states are restored with those of the decoder, but
    for the last block of all, after which nothing of the source is read.

    Raises:
        ProofError: if it is not: something goes past that block.
    """
    jobs, layers = [], []
    for number, side in enumerate(sides):
        if any(hit[side.first + side.length :]):
            continue  # what is corrupted in the target, an encoder does not hold
        before = [state for other in sides[:number] for state in other.whole(-1)]
        for layer in range(len(side.blocks)):
            jobs.append(Job([*before, *side.whole(layer)]))
            layers.append(layer)
    jobs.append(Job(sides[-1].whole(-1)))
    layers.append(len(sides[-1].blocks) - 1)
    logits = torch.cat(list(bench.logits(jobs, batch_size)))
    for layer, one in zip(layers, logits, strict=True):
        difference = deviation(one[None], bench.clean)
        if not difference <= tolerance(bench.clean.dtype, bench.model):
            raise ProofError(
                f"{type(bench.model).__name__}: with all states after layer {layer} restored, a corrupted run is not the clean "
                f"one (the logits differ by {difference:.2g} of the largest). Something goes past its blocks, so what a "
                "single state carries cannot be told."
            )


def restorations(sides: Sequence[Side], window: int, n_samples: int) -> tuple[list[tuple[int, int, int]], list[Job]]:
    """All cells (site, layer, column), and their jobs: those that get nothing back, then those of the cells in order."""
    cells, jobs = [], [Job((), sample) for sample in range(n_samples)]
    for side in sides:
        for site, layers in enumerate(side.sites):
            for layer in range(len(layers)):
                first = layer - window // 2
                spots = [spot for row in layers[max(0, first) : first + window] for spot in row]
                for token in range(side.length):
                    cells.append((site, layer, side.first + token))
                    jobs += [Job([(spot, token) for spot in spots], sample) for sample in range(n_samples)]
    return cells, jobs
