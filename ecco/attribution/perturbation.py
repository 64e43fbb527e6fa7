"""What changes when a part of the text is taken away: occlusion, leave one out, and what Shapley values and LIME share.

A *unit* (a token, word, sentence or span) is taken away as a whole, and its score stands at the first of its tokens.
Where the model writes, a target's units are those before it, and all targets share the passes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ecco.attribution.baseline import baseline_of
from ecco.attribution.gradient import Problem, at_once, embed, values_at
from ecco.attribution.vectors import Vectors
from ecco.errors import ArgumentError, EccoError
from ecco.forward import acts_on, logits_at, undisturbed
from ecco.naming import whole_number
from ecco.processes import shared
from ecco.reading import Reading

Values = Float[np.ndarray, "coalition target"]


@dataclass(frozen=True)
class Game:
    """Targets for which the same units can be taken away in the same passes.

    Attributes:
        units: (unit,), the positions of each.
        targets: which targets of the problem.
        counts: (target,), how many of the units, from the first on, each target sees; the others do not matter to it.
    """

    units: tuple[range, ...]
    targets: tuple[int, ...]
    counts: tuple[int, ...]


def games(problem: Problem, *, one_by_one: bool = False) -> list[Game]:
    """The targets, grouped.

    A target of several tokens reads its own tokens, which may not be taken away while it is measured, so that it has
    passes of its own; unless units go one by one, of which only those before it count. So has a target within a unit.
    """
    all_units = problem.units or tuple(range(p, p + 1) for p in range(len(problem.reading)))
    seen = problem.seen or tuple(problem.reading.sees(p).stop for p in problem.target.positions)
    together: list[tuple[int, int]] = []
    found: list[Game] = []
    for t, (rows, n_seen) in enumerate(zip(problem.target.spans, seen, strict=True)):
        units = tuple(range(u.start, min(u.stop, n_seen)) for u in all_units if u.start < n_seen)
        whole = units == all_units[: len(units)]
        if whole and (one_by_one or len(rows) == 1 or not problem.reading.depends_on_order):
            together.append((t, len(units)))
        else:
            found.append(Game(units, (t,), (len(units),)))
    if together:
        targets, counts = zip(*together, strict=True)
        found.append(Game(all_units[: max(counts)], targets, counts))
    return found


class Occluder:
    """The explained numbers of a text of which some units are replaced by a baseline."""

    def __init__(self, problem: Problem, baseline: Any) -> None:
        self._problem = problem
        self._end = embed(problem)
        self._start = baseline_of(problem, baseline, self._end)

    def __call__(self, game: Game, present: Bool[np.ndarray, "coalition unit"]) -> Values:
        """The number of every target of a game, in double precision; equal coalitions are computed once."""
        own, which = np.unique(present, axis=0, return_inverse=True)
        columns = self._problem.reading.columns
        of_unit = [[columns[p] for p in unit] for unit in game.units]
        stays = np.ones((len(own), len(self._end)), dtype=bool)
        for number, unit in enumerate(of_unit):
            stays[:, unit] = own[:, number, None]

        def compute(piece: slice) -> Tensor:
            mask = torch.from_numpy(stays[piece]).to(self._end.device)[..., None]
            return finite(values_at(self._problem, torch.where(mask, self._end, self._start)))

        values = in_pieces(self._problem, len(own), len(self._end), compute)
        return values[which.ravel()][:, list(game.targets)]


def in_pieces(problem: Problem, count: int, n_tokens: int, compute: Callable[[slice], Tensor]) -> Float[np.ndarray, "_ _"]:
    """What is computed for many texts, as many at once as memory holds."""
    size = min(count, at_once(problem, n_tokens))
    found, start = [], 0
    while start < count:
        try:
            found.append(compute(slice(start, start + size)).cpu().double().numpy())
        except torch.OutOfMemoryError:
            if size == 1 or shared(problem.model):  # the other processes would go on with the larger piece
                raise
            size = max(1, size // 2)
            continue
        start += size
    return np.concatenate(found)


def finite(values: Tensor) -> Tensor:
    """The same numbers, if all are finite.

    Raises:
        EccoError: if one is not.
    """
    if not bool(torch.isfinite(values).all()):
        raise EccoError("Some answers to a part of the text are not finite; load the model with dtype=torch.float32.")
    return values


class Scores:
    """Scores of units as vectors of tokens: (target, token, 1)."""

    def __init__(self, problem: Problem) -> None:
        self._columns = problem.reading.columns
        shape = (len(problem.target.spans), sum(len(stream) for stream in problem.streams))
        self.scores, self.errors = np.zeros(shape), np.zeros(shape)
        self.values = np.zeros(shape[0])

    def put(self, game: Game, t: int, scores: np.ndarray, value: float, errors: np.ndarray | None = None) -> None:
        """Keep the scores of a target of a game, (unit,), and their standard errors."""
        target, places = game.targets[t], [self._columns[unit.start] for unit in game.units[: game.counts[t]]]
        self.scores[target, places] = scores
        self.values[target] = value
        if errors is not None:
            self.errors[target, places] = errors

    def vectors(self, **more: Any) -> Vectors:
        """All as a method gives it."""
        return Vectors(torch.from_numpy(self.scores).float()[..., None], self.values.astype(np.float32), **more)


def occlusion(problem: Problem, baseline: Any = "mean") -> Vectors:
    """By how much the explained number falls when a unit's embeddings are replaced by a baseline.

    Source: Zeiler and Fergus 2013, arXiv 1311.2901.

    Args:
        problem: what is explained.
        baseline: what stands for a unit, as of integrated gradients.
    """
    occluded, found = Occluder(problem, baseline), Scores(problem)
    for game in games(problem, one_by_one=True):
        n = len(game.units)
        values = occluded(game, np.concatenate([np.ones((1, n), dtype=bool), ~np.eye(n, dtype=bool)]))
        for t, count in enumerate(game.counts):
            found.put(game, t, values[0, t] - values[1 : count + 1, t], values[0, t])
    return found.vectors()


def leave_one_out(problem: Problem) -> Vectors:
    """By how much the explained number falls when a unit's tokens are deleted, so that the text closes up.

    Source: erasure, Li et al. 2016, arXiv 1612.08220.

    What cannot be deleted scores 0, and a note says so: special tokens, the place that a masked or labelled token is read
    at, and what would leave nothing to read.
    """
    if (acts := acts_on(problem.model)) is not None and acts.by_position:
        raise EccoError(
            "This run was made under an intervention at chosen positions, and where tokens are deleted those after them move, "
            'so it would act on others. Ask another method, such as "occlusion".'
        )
    found, kept = Scores(problem), False
    rows = problem.target.spans
    whole = _deleted_values(problem, [(problem.reading, range(0))])[0]
    for game in games(problem, one_by_one=True):
        loose = [n for n, unit in enumerate(game.units) if not problem.special.intersection(unit)]
        cases = {n: (_without(problem.reading, game.units[n]), game.units[n]) for n in loose}
        values = dict(zip(cases, _deleted_values(problem, list(cases.values())), strict=True))
        for t, (target, count) in enumerate(zip(game.targets, game.counts, strict=True)):
            span = slice(rows[target].start, rows[target].stop)
            own = float(whole[span].sum())
            scores = np.array([own - values[n][span].sum() if n in values else np.nan for n in range(count)])
            kept |= bool(np.isnan(scores).any())
            found.put(game, t, np.nan_to_num(scores), own)
    return found.vectors(note="What cannot be deleted scores 0." if kept else None)


def _without(reading: Reading, gone: range) -> Reading:
    left = torch.tensor([p for p in range(len(reading)) if p not in gone], device=reading.ids.device, dtype=torch.long)
    types = None if reading.token_types is None else reading.token_types[left]
    n_source = reading.n_source - sum(p < reading.n_source for p in gone)
    return replace(reading, ids=reading.ids[left], n_source=n_source, token_types=types)


def _deleted_values(problem: Problem, cases: list[tuple[Reading, range]]) -> list[Float[np.ndarray, "row"]]:
    """The explained number of every row in texts of which a range is deleted; NaN where it is not defined."""
    values = [np.full(len(problem.target.positions), np.nan) for _ in cases]
    by_shape: dict[tuple[int, ...], list[int]] = {}
    for number, (reading, _) in enumerate(cases):
        by_shape.setdefault(tuple(len(stream) for stream in reading.streams.values()), []).append(number)
    for shape, numbers in by_shape.items():
        if min(shape) == 0:
            continue
        places = {number: _places(problem, *cases[number]) for number in numbers}
        asked = sorted({row for found in places.values() for row in found.values()})
        if not asked:
            continue

        def compute(piece: slice, numbers=numbers, places=places, asked=asked) -> Tensor:
            chosen = [cases[number][0].inputs() for number in numbers[piece]]
            inputs = {name: torch.cat([one[name] for one in chosen]) for name in chosen[0]}
            with undisturbed(problem.model):
                logits = logits_at(problem.model, inputs, asked)
            picks = [(i, asked.index(row), which) for i, n in enumerate(numbers[piece]) for which, row in places[n].items()]
            out = torch.full((len(chosen), len(problem.target.positions)), torch.nan, dtype=torch.float64)
            text, row, which = (torch.tensor(column, dtype=torch.long) for column in zip(*picks, strict=True))
            found = problem.target.values(logits[text.to(logits.device), row.to(logits.device)], which)
            out[text, which] = finite(found).cpu().double()
            return out

        for number, row in zip(numbers, in_pieces(problem, len(numbers), sum(shape), compute), strict=True):
            values[number] = row
    return values


def _places(problem: Problem, reading: Reading, gone: range) -> dict[int, int]:
    """Where in a text of which a range is deleted the explained positions are read, by their number."""
    places = {}
    for number, position in enumerate(problem.target.positions):
        row = reading.row(position - sum(p < position for p in gone))
        if position not in gone and row >= 0:
            places[number] = row
    return places


def at_least(value: Any, least: int, name: str) -> int:
    """A whole number of some size.

    Raises:
        ArgumentError: if it is none.
    """
    if (number := whole_number(value, name)) < least:
        raise ArgumentError(f"{name}={value!r} must be an integer of at least {least}.")
    return number
