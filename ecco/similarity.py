"""Similarity: how alike the layers of a model, of two models, or of two texts are."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
import torch
from jaxtyping import Float

from ecco.analysis import FewPositionsWarning, Matrix, compare, matrix
from ecco.errors import ArgumentError
from ecco.factors import side_of
from ecco.heatmap import heatmap
from ecco.naming import is_list, numbered
from ecco.output import OutputSeq
from ecco.result import Result, text_table, visible
from ecco.run import Run
from ecco.tokens import Token

METRIC_NAMES = {
    "cka": "linear CKA",
    "cca": "mean canonical correlation",
    "svcca": "SVCCA",
    "pwcca": "PWCCA",
}
STATES = {"hidden_states": "hidden states", "activations": "neuron activations"}

# A position with more than this share of the variance of a layer decides its CKA.
DOMINANT = 0.5


@dataclass(frozen=True, eq=False, repr=False)
class Similarity(Result):
    """How alike every layer of one side is to every layer of another.

    Attributes:
        values: 1 for the same, 0 for nothing in common; debiased CKA may be a little below 0.
        layers: of both sides, the numbers of the layers; for given arrays their places in the list.
        names: what both sides are called.
        metric: a key of `ecco.analysis.METRICS`.
        options: of the metric.
        on: what was compared, `hidden_states`, `activations`, or `representations` for given arrays.
        n_positions: over how many positions, those of all sequences together.
        within: whether both sides are the same.
        note: what a reader must know, such as a position that decides all; None if there is nothing.
    """

    values: Float[np.ndarray, "layer other"]
    layers: tuple[tuple[int, ...], tuple[int, ...]]
    names: tuple[str, str]
    metric: str
    options: Mapping[str, Any]
    on: str
    n_positions: int
    within: bool
    note: str | None

    def _how(self) -> str:
        debiased = "debiased " if self.options.get("debiased") else ""
        return f"{debiased}{METRIC_NAMES[self.metric]} over {self.n_positions} positions"

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `heatmap`."""
        titles = ["layer", "layer"] if self.within else [f"{name}, layer" for name in self.names]
        whose = f" of {self.names[0]}" if self.within else ""
        return heatmap(
            self.values,
            *([str(layer) for layer in side] for side in self.layers),
            title="Similarity of layers",
            subtitle=f"how alike {STATES.get(self.on, self.on)}{whose} are: {self._how()}",
            value_name=self.metric.upper(),
            low=0.0,
            high=1.0,
            row_title=titles[0],
            column_title=titles[1],
            note=self.note,
        )

    def to_records(self) -> list[dict[str, Any]]:
        """One row per pair of layers."""
        return [
            {"first": self.names[0], "layer": row, "second": self.names[1], "other_layer": column, self.metric: float(value)}
            for row, values in zip(self.layers[0], self.values, strict=True)
            for column, value in zip(self.layers[1], values, strict=True)
        ]

    def to_text(self) -> str:
        """Layers of the first side down, of the second to the right."""
        shown = self.layers[1][:16]
        cells = np.round(self.values, 2) + 0.0  # no "-0.00"
        rows = [[str(n), *(f"{v:.2f}" for v in values[:16])] for n, values in zip(self.layers[0], cells, strict=True)]
        more = f"\n({len(self.layers[1]) - 16} more columns)" if len(self.layers[1]) > 16 else ""
        sides = self.names[0] if self.within else f"{self.names[0]} (down) and {self.names[1]}"
        return f"Similarity of layers, {sides}: {self._how()}\n{text_table([['layer', *map(str, shown)], *rows])}{more}"


@dataclass(frozen=True)
class Side:
    """What stands on one side of a comparison.

    Attributes:
        matrices: of every layer.
        layers: their numbers.
        name: what a person would call it.
        places: every position in words, and whether it is the first of a sequence.
    """

    matrices: list[Matrix]
    layers: tuple[int, ...]
    name: str
    places: list[tuple[str, bool]]


def similarity_matrix(
    a: OutputSeq | Sequence[Any],
    b: OutputSeq | Sequence[Any] | None = None,
    metric: str = "cka",
    *,
    on: str = "hidden_states",
    layers: int | Sequence[int] | None = None,
    side: str | None = None,
    skip_first: bool = False,
    names: tuple[str, str] | None = None,
    **options: Any,
) -> Similarity:
    """How alike is every layer of one side to every layer of another?

    Within a model (`b` left out), between two models that read the same tokens, or between two texts of as many tokens,
    position by position. Several sequences are joined along their positions; padding is never among them.

    Args:
        a: a run of one or several sequences; or a list of arrays (neurons, positions), one for each layer.
        b: the other side, of the same positions; by default `a` itself.
        metric: `"cka"`, `"cca"`, `"svcca"` or `"pwcca"`, see `ecco.analysis`. CKA is debiased here, as texts have few
            positions for many neurons; `debiased=False` is that of Kornblith et al. 2019.
        on: of a run, `"hidden_states"` (the output of every block) or `"activations"` (the neurons of every FFN).
        layers: one or several layers of both sides (negative from the end); by default all.
        side: of an encoder-decoder, `"encoder"` or `"decoder"`; by default the one that wrote, if anything was written.
        skip_first: leave out the first position of every sequence. In many causal models it holds a state of gigantic norm,
            which decides CKA alone; the figure says so where that is the case.
        names: what both sides are called in the figure.
        **options: of the metric: `debiased` (cka), `dims` (svcca), `epsilon` (pwcca).

    Returns:
        values (layer of a, layer of b).

    Raises:
        ArgumentError: for sides whose positions do not mean the same (the message shows where they differ), layers that do
            not exist, and what the metric refuses.

    Warns:
        FewPositionsWarning: where so few positions make a metric high whatever the numbers are.
    """
    if on not in STATES:
        raise ArgumentError(f"on={on!r} is not one of {', '.join(map(repr, STATES))}.")
    if isinstance(a, OutputSeq) and isinstance(b, OutputSeq):
        _check_positions(a, b, side)
    sides = [_side(given, label, on, layers, side, skip_first) for given, label in ((a, "a"), (b, "b")) if given is not None]
    first, second = sides[0], sides[-1]
    options = ({"debiased": True} if metric == "cka" else {}) | options
    values, few = compare(metric, first.matrices, second.matrices, options)
    if few:
        warnings.warn(few, FewPositionsWarning, stacklevel=2)
    notes = [few, *(_dominant(one) for one in sides if metric == "cka")]
    return Similarity(
        values=values,
        layers=(first.layers, second.layers),
        names=names or _names(first, second, a, b),
        metric=metric,
        options=options,
        on=on if isinstance(a, OutputSeq) or isinstance(b, OutputSeq) else "representations",
        n_positions=len(first.places),
        within=b is None,
        note=" ".join(note for note in notes if note) or None,
    )


def _names(first: Side, second: Side, a: Any, b: Any) -> tuple[str, str]:
    if isinstance(a, OutputSeq) and isinstance(b, OutputSeq) and _loaded(a) is _loaded(b):
        return "first text", "second text"
    if b is not None and first.name == second.name:
        return f"first {first.name}", f"second {second.name}"
    return first.name, second.name


# -- what is compared --------------------------------------------------------------------------------------------------


def _side(given: Any, label: str, on: str, layers: Any, side: str | None, skip_first: bool) -> Side:
    """One side, from a run or from arrays."""
    start = int(skip_first)
    if isinstance(given, OutputSeq):
        numbers, states = _states(given, on, layers, side)
        places = [
            (f"{f'sequence {s}, ' if len(given) > 1 else ''}{_place(positions[i], tokens[i])}", i == 0)
            for s, (positions, tokens) in enumerate(_streams(given, side))
            for i in range(start, len(tokens))
        ]
        found = [torch.cat([values[:, start:].cpu() for values in parts], dim=1) for parts in states]
        name = _loaded(given).name
    elif is_list(given) and len(given):
        numbers = numbered(layers, len(given), "layer", label)
        found, name, places = [given[number] for number in numbers], label, []
    else:
        raise ArgumentError(
            f"{label} is a {type(given).__name__}; it must be a run (what lm(text) or lm.generate returns), or a list of "
            "arrays (neurons, positions), one for each layer."
        )
    skip = 0 if places else start
    ready = [matrix(values, f"layer {number} of {name}", skip) for number, values in zip(numbers, found, strict=True)]
    places = places or [(f"position {p + start}", p + start == 0) for p in range(ready[0].values.shape[1])]
    return Side(ready, tuple(numbers), name, places)


def _place(position: int | None, token: Token) -> str:
    return f"{'start' if position is None else f'position {position}'} (“{visible(token.text)}”)"


def _states(out: OutputSeq, on: str, layers: Any, side: str | None) -> tuple[list[int], list[list[torch.Tensor]]]:
    """The numbers of the layers, and of every layer its states (neuron, position) of every sequence."""
    number, loaded = side_of(out._runs, out._loaded.sides, side), _loaded(out)
    stack = loaded.anatomy.encoder if number == 1 and loaded.anatomy.encoder is not None else loaded.anatomy.blocks
    if on == "hidden_states":
        numbers = numbered(layers, stack.n_layers, "layer", "this model")
        every = [_hidden(run, number) for run in out._runs]
        return numbers, [[hidden[layer].T for hidden in every] for layer in numbers]
    known = sorted({site.layer for site in loaded.sites if site.side == number})
    chosen = [layer for layer in known if loaded.neuron_layers is None or layer in loaded.neuron_layers]
    numbers = chosen if layers is None else numbered(layers, stack.n_layers, "layer", "this model")
    if missing := sorted(set(numbers) - set(known)):
        raise ArgumentError(f"layer {missing[0]} has no neurons; the layers with an FFN are {known}.")
    neurons = [{n.layer: n.values for n in run.neurons(numbers) if n.side == number} for run in out._runs]
    return numbers, [[values[layer] for values in neurons] for layer in numbers]


def _hidden(run: Run, number: int) -> Float[torch.Tensor, "layer token d_model"]:
    """What the blocks of a side returned, proved."""
    found = run.encoder_states() if number == 1 else run.states().hidden
    assert found is not None  # a side that a model has
    return found


def _loaded(out: OutputSeq) -> Any:
    return out._runs[0].loaded


def _streams(out: OutputSeq, side: str | None) -> list[tuple[list[int | None], tuple[Token, ...]]]:
    """Positions and tokens of what the side has read, for every sequence."""
    number = side_of(out._runs, out._loaded.sides, side)
    return [run.streams[0 if number == 1 else -1] for run in out._runs]


def _dominant(side: Side) -> str | None:
    """Which position holds most of the variance of some layers, if one does."""
    found: dict[int, list[float]] = {}
    for one in side.matrices:
        power = (one.values**2).sum(axis=0)
        if (share := float(power.max() / power.sum())) > DOMINANT:
            found.setdefault(int(power.argmax()), []).append(share)
    if not found:
        return None
    at, shares = max(found.items(), key=lambda item: len(item[1]))
    place, is_first = side.places[at]
    return (
        f"In {len(shares)} of {len(side.layers)} layers of {side.name} {place} holds most of the variance (up to "
        f"{max(shares):.0%}) and decides CKA{'; skip_first=True leaves it out' if is_first else ''}."
    )


# -- whether positions mean the same -----------------------------------------------------------------------------------


def _check_positions(a: OutputSeq, b: OutputSeq, side: str | None) -> None:
    """Refuse runs whose positions do not mean the same.

    Raises:
        ArgumentError: if they differ in their numbers of sequences or tokens, or two models read other tokens.
    """
    if len(a) != len(b):
        raise ArgumentError(f"a holds {len(a)} sequences and b {len(b)}; they are compared one with one.")
    for number, ((_, ours), (_, theirs)) in enumerate(zip(_streams(a, side), _streams(b, side), strict=True)):
        words = [[token.text.strip() for token in tokens] for tokens in (ours, theirs)]
        if len(ours) == len(theirs) and (_loaded(a) is _loaded(b) or words[0] == words[1]):
            continue
        at = next(i for i, (one, other) in enumerate(zip_longest(*words)) if one != other)
        why = (
            f"a has {len(ours)} tokens and b {len(theirs)}"
            if len(ours) != len(theirs)
            else "the two models did not read the same tokens"
        )
        raise ArgumentError(
            f"Position by position these runs do not say the same: {why}{f' in sequence {number}' if len(a) > 1 else ''}. They "
            f"differ from token {at} on.\n  a: {_around(ours, at)}\n  b: {_around(theirs, at)}\nTo compare positions that you "
            "chose yourself, pass lists of arrays (neurons, positions), one for each layer."
        )


def _around(tokens: Sequence[Token], at: int) -> str:
    """Some tokens around the place where two texts begin to differ, as a reader sees where each begins."""
    start, stop = max(0, at - 4), at + 8
    shown = "|".join(visible(token.text) for token in tokens[start:stop])
    return f"{'…' if start else ''}{shown}{'…' if stop < len(tokens) else ''}" or "nothing"
