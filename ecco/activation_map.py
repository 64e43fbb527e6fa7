"""ActivationMap: which neurons fire on which tokens, one by one or ordered by what they fire on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from ecco.errors import ArgumentError
from ecco.factors import layers_of, matrix_of, side_of
from ecco.heatmap import heatmap
from ecco.naming import is_list, numbered, whole_number
from ecco.result import Result, text_table, visible
from ecco.run import Run
from ecco.tokens import Token

# From this share of the largest value on, negative activations have colours of their own.
MUCH = 0.2

# Rows and columns of a text table.
MOST_ROWS, MOST_COLUMNS = 20, 12


@dataclass(frozen=True, eq=False, repr=False)
class ActivationMap(Result):
    """Neurons over the tokens that the model read.

    Attributes:
        values: the activations; the response to the token that was read there.
        neurons: of every row, the layer and the number of the neuron there.
        clusters: of every row, the cluster of neurons that fire on the same tokens; None if none were asked for.
        tokens: the tokens that were read.
        positions: their positions in the run; None for a start that is no token of the text.
        n_input: how many of them were given and not written.
        n_neurons: among how many neurons these were chosen.
        named: whether a person named the neurons; else they are those that vary most.
        side: whose neurons they are, `"decoder"` or `"encoder"`.
    """

    values: Float[np.ndarray, "row position"]
    neurons: Int[np.ndarray, "row 2"]
    clusters: Int[np.ndarray, " row"] | None
    tokens: tuple[Token, ...]
    positions: tuple[int | None, ...]
    n_input: int
    n_neurons: int
    named: bool
    side: str

    @property
    def names(self) -> list[str]:
        """Layer and number of every neuron, such as `3:17`."""
        return [f"{layer}:{number}" for layer, number in self.neurons]

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `heatmap`."""
        least, most = float(self.values.min()), float(self.values.max())
        signed = -least > MUCH * most
        extent = rounded_up(max(-least, most) if signed else most)
        notes = ["neurons that fire on the same tokens stand together, in clusters"] if self.clusters is not None else []
        notes += [f"activations below 0 (down to {least:.2g}) have the colour of 0"] if least < 0 and not signed else []
        return heatmap(
            self.values,
            self._rows(),
            self.tokens,
            title="Activations",
            subtitle=self._what(),
            value_name="activation",
            low=-extent if signed else 0.0,
            high=extent or 1.0,
            row_title="layer:neuron" if self.clusters is None else "cluster · layer:neuron",
            column_title="",
            note="; ".join(notes) or None,
            positions=self.positions,
            n_input=self.n_input,
        )

    def _rows(self) -> list[str]:
        if self.clusters is None:
            return self.names
        return [f"{cluster} · {name}" for cluster, name in zip(self.clusters, self.names, strict=True)]

    def _what(self) -> str:
        count = len(self.values)
        which = f"{count} neurons" if self.named or count == self.n_neurons else f"the {count} neurons that vary most"
        return f"{which} of {self.n_neurons:,} in the {self.side}"

    def to_records(self) -> list[dict[str, Any]]:
        """One row per neuron and position."""
        clusters = [None] * len(self.values) if self.clusters is None else [int(c) for c in self.clusters]
        return [
            {
                "layer": int(layer),
                "neuron": int(number),
                "cluster": cluster,
                "position": position,
                "token": token.text,
                "activation": float(value),
            }
            for (layer, number), cluster, row in zip(self.neurons, clusters, self.values, strict=True)
            for position, token, value in zip(self.positions, self.tokens, row, strict=True)
        ]

    def to_text(self) -> str:
        """The first neurons and the tokens on which each fires most."""
        rows = []
        for name, row in zip(self._rows()[:MOST_ROWS], self.values, strict=False):
            best = np.argsort(-row, kind="stable")[:5]
            rows.append([name, *(f"{visible(self.tokens[i].text)} {row[i]:.3g}" for i in best)])
        more = f"\n({len(self.values) - MOST_ROWS} more)" if len(self.values) > MOST_ROWS else ""
        return f"Activations of {self._what()}\n{text_table(rows)}{more}"


def rounded_up(value: float) -> float:
    """The next number of three digits, as an end of a scale."""
    step = 10.0 ** (math.floor(math.log10(value)) - 2) if value > 0 else 1.0
    return float(f"{math.ceil(value / step) * step:.4g}")


def map_neurons(
    run: Run,
    sides: Mapping[int, str],
    layer: int | Sequence[int] | None,
    neurons: Sequence[Any] | None,
    *,
    topk: int,
    clusters: int | None,
    side: str | None,
    seed: int,
) -> ActivationMap:
    """The activations of some neurons of a text; see `OutputSeq.activation_map`."""
    number = side_of([run], sides, side)
    layers = _layers(run, number, layer)
    matrix, widths = matrix_of([run], number, layers)
    addresses = np.array([(name, i) for name, width in zip(layers, widths, strict=True) for i in range(width)])
    chosen = _most_varied(matrix, topk) if neurons is None else _named(neurons, addresses, layers)
    values = np.ascontiguousarray(matrix[:, chosen].T)
    found: np.ndarray | None = None
    if clusters is not None:
        found, order = _clusters(values, clusters, seed)
        values, chosen = values[order], chosen[order]
    positions, tokens = run.streams[0 if number == 1 else -1]
    return ActivationMap(
        values=values,
        neurons=addresses[chosen],
        clusters=found,
        tokens=tokens,
        positions=tuple(positions),
        n_input=sum(p is not None and p < run.n_input for p in positions) + positions.count(None),
        n_neurons=len(addresses),
        named=neurons is not None,
        side=sides[number],
    )


def _layers(run: Run, side: int, asked: int | Sequence[int] | None) -> list[int]:
    known = layers_of(run, side, None, None)
    if asked is None:
        return known
    anatomy = run.loaded.anatomy
    stack = anatomy.encoder if side == 1 and anatomy.encoder is not None else anatomy.blocks
    found = numbered(asked, stack.n_layers, "layer", "this model")
    every = sorted({site.layer for site in run.loaded.sites if site.side == side})
    if missing := [layer for layer in found if layer not in every]:
        raise ArgumentError(f"layer {missing[0]} has no neurons; the layers with an FFN are {every}.")
    return found


def _most_varied(matrix: Float[np.ndarray, "token neuron"], topk: int) -> Int[np.ndarray, " row"]:
    """The neurons whose activations differ most from token to token, in the order of the model."""
    if whole_number(topk, "topk") < 1:
        raise ArgumentError(f"topk={topk} must be at least 1.")
    return np.sort(np.argsort(-matrix.std(axis=0), kind="stable")[:topk])


def _named(neurons: Sequence[Any], addresses: np.ndarray, layers: Sequence[int]) -> Int[np.ndarray, " row"]:
    """The neurons that a person names: numbers within the only layer, or pairs (layer, number)."""
    if not is_list(neurons) or not len(neurons):
        raise ArgumentError(f"neurons={neurons!r} must be a list of numbers, or of pairs (layer, number).")
    if len(layers) > 1 and not all(is_list(one) for one in neurons):
        raise ArgumentError(f"neurons={neurons!r}: with layers {list(layers)} each must be a pair (layer, number).")
    pairs = [tuple(one) if is_list(one) else (layers[0], one) for one in neurons]
    place = {(int(layer), int(number)): row for row, (layer, number) in enumerate(addresses)}
    for pair in pairs:
        if len(pair) != 2 or tuple(whole_number(n, "neurons") for n in pair) not in place:
            count = {layer: int((addresses[:, 0] == layer).sum()) for layer in layers}
            raise ArgumentError(f"There is no neuron {pair}; the layers asked for have {count} neurons, counted from 0.")
    return np.array([place[int(layer), int(number)] for layer, number in pairs])


def _clusters(
    values: Float[np.ndarray, "row position"], count: int, seed: int
) -> tuple[Int[np.ndarray, " row"], Int[np.ndarray, " row"]]:
    """K-means of what neurons fire on, whatever their size; numbered, and ordered, by where they fire first.

    Returns:
        the cluster of every row in the new order, and that order.
    """
    from sklearn.cluster import KMeans

    if not 1 <= whole_number(count, "clusters") <= len(values):
        raise ArgumentError(f"clusters={count} must be 1 to {len(values)}, the number of neurons.")
    length = np.linalg.norm(values, axis=1, keepdims=True)
    settings: Any = {"n_clusters": count, "random_state": seed, "n_init": 4}  # its annotations are inferred from its defaults
    found = KMeans(**settings).fit(values / np.where(length > 0, length, 1))
    first = np.argsort(found.cluster_centers_.argmax(axis=1), kind="stable")
    rank = np.empty(count, dtype=int)
    rank[first] = np.arange(count)
    labels = rank[found.labels_]
    order = np.argsort(labels, kind="stable")
    return labels[order], order
