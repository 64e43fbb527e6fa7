"""What each layer of a run believes: its ranks, its likeliest tokens, its lens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from ecco.beliefs import rank_tokens, survey, top_tokens
from ecco.errors import ArgumentError
from ecco.lens import LayerPredictions, Rankings
from ecco.logit_lens import QUANTITIES, Lens, Translator
from ecco.naming import ids_of, numbered, whole_number
from ecco.run import Run
from ecco.tokens import Token


def rankings_of(run: Run, positions: list[int], columns: list[Token], ids: list[int], *, watched: bool) -> Rankings:
    """The ranks of some tokens, each at its position, after every layer.

    Args:
        run: the text.
        positions: one per column.
        columns: the tokens as they are shown.
        ids: their ids in what the model answers.
        watched: whether a person named them, all at one position.
    """
    hidden = run.flow.hidden
    ranks, probabilities, best = rank_tokens(run.readout, hidden, [run.reading.row(p) for p in positions], ids)
    texts = {i: run.loaded.answer(int(i), run.ids[:1]) for i in np.unique(best)}
    return Rankings(
        ranks=ranks,
        probabilities=probabilities,
        best_ids=best,
        best=[[texts[i] for i in row] for row in best],
        columns=tuple(columns),
        reads=(None,) * len(positions) if watched else _reads(run, positions),
        positions=tuple(positions),
        layers=tuple(range(len(hidden))),
        vocab_size=run.flow.logits.shape[-1],
        watched=watched,
        context=run.tokens[: positions[0]],
        after=run.names.following(positions[0]) if watched else (),
        answers=run.loaded.answers,
    )


def predictions_of(run: Run, at: int, topk: int, layer: int | None) -> LayerPredictions:
    """The likeliest tokens at a position after one layer, or after all of them."""
    topk = _count(topk)
    hidden = run.flow.hidden
    layers = numbered(None if layer is None else whole_number(layer, "layer"), len(hidden), "layer", "this model")
    ids, probabilities = top_tokens(run.readout, hidden[layers], run.reading.row(at), topk)
    before = ids_of(run.tokens[:at])
    known = at < len(run.tokens) and not run.names.is_mask(at) and run.loaded.labels is None
    return LayerPredictions(
        token_ids=ids,
        probabilities=probabilities,
        texts=[[run.loaded.answer(int(i), before) for i in row] for row in ids],
        layers=tuple(layers),
        position=at,
        token=run.tokens[at] if known else None,
        context=run.tokens[:at],
        after=run.names.following(at),
        answers=run.loaded.answers,
    )


def lens_of(
    run: Run, positions: list[int], topk: int, layer: Any, *, quantity: str, halves: bool, lens: Translator | None
) -> Lens:
    """What every layer believes at some positions; see `OutputSeq.lens`."""
    if quantity not in QUANTITIES:
        raise ArgumentError(f"quantity={quantity!r} is not one of {', '.join(map(repr, QUANTITIES))}.")
    topk = _count(topk)
    if lens is not None and halves:
        raise ArgumentError("A lens is trained on what blocks return, so halves=True goes without lens=.")
    if lens is not None:
        lens.check(run.loaded.model)
    hidden = run.flow.hidden
    after = list(hidden if lens is None else lens.translate(hidden, range(len(hidden))))
    layers = numbered(layer, len(after), "layer", "this model")
    named = [(n, part) for n in layers for part in (("attention", "block") if halves else ("block",))]
    between = run.middle() if halves else after
    states = [after[n] if part == "block" else between[n] for n, part in named]
    ids, rows = run.answers(positions), [run.reading.row(p) for p in positions]
    found = survey(run.readout, states, after[-1], rows, ids, topk)
    texts = {i: run.loaded.answer(int(i), run.ids[:1]) for i in np.unique(found.token_ids)}
    return Lens(
        **vars(found),
        texts=[[[texts[i] for i in best] for best in row] for row in found.token_ids],
        layers=tuple(n for n, _ in named),
        parts=tuple(part for _, part in named),
        columns=tuple(run.explained(p, i) for p, i in zip(positions, ids, strict=True)),
        reads=_reads(run, positions),
        positions=tuple(positions),
        vocab_size=run.flow.logits.shape[-1],
        quantity=quantity,
        answers=run.loaded.answers,
        tuned=lens is not None,
    )


def likelihoods_of(run: Run) -> Float[np.ndarray, " position"] | None:
    """How likely the model held each token of the text, NaN where nothing predicts it; None where nothing is predicted."""
    if run.loaded.labels is not None or run.reading.kind == "states":
        return None
    found = np.full(len(run.ids), np.nan, dtype=np.float32)
    positions = [p for p in run.reading.explained if p < len(run.ids)]
    if positions:
        rows, own = [run.reading.row(p) for p in positions], [run.ids[p] for p in positions]
        found[positions] = rank_tokens(run.readout, run.flow.hidden[-1:], rows, own)[1][0]
    return found


def _count(topk: int) -> int:
    if (topk := whole_number(topk, "topk")) < 1:
        raise ArgumentError(f"topk={topk} must be at least 1.")
    return topk


def _reads(run: Run, positions: Sequence[int]) -> tuple[Token | None, ...]:
    """The last token that the model had read when it predicted each position; none where it reads both ways."""
    first = run.reading.explained[0] if run.reading.kind == "seq2seq" else 0
    in_order = run.reading.depends_on_order
    return tuple(run.tokens[p - 1] if in_order and p > first else None for p in positions)
