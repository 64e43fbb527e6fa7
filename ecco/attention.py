"""AttentionMaps: how much each token attends to each other one, layer by layer and head by head."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from ecco.errors import EccoError
from ecco.result import Result, text_table, visible
from ecco.tokens import Token

# What each kind of attention is called in a sentence.
WHOSE = {
    "decoder": "each token attends to itself and to those before it",
    "encoder": "each token attends to all tokens",
    "cross": "each target token attends to the source",
}

# What a figure holds at most: cells, and bytes of them after compression.
MOST_CELLS, MOST_BYTES = 3_000_000, 150_000

# Weights below one of these are left out if a figure becomes too large; a mean beside its heads loses less.
FLOORS = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1)
MEAN_FLOOR = 0.01

# A row that sums to less attends to nothing in part, and the figure says so.
WHOLE = 0.995


@dataclass(frozen=True, eq=False, repr=False)
class AttentionMaps(Result):
    """Attention weights of one text.

    Attributes:
        weights: (layer, head, query, key), in 0..1: the shares in which a query token takes the values of key tokens, as
            the model multiplies them. A row sums to 1, or to less where a model attends to nothing in part (`rest`). What
            a query cannot see is exactly 0.
        layers: (layer,), numbers of the layers; those without attention are not among them.
        heads: (head,), numbers of the heads.
        kind: whose tokens look at whose: `decoder` (each at itself and those before it), `encoder` (in both directions)
            or `cross` (those of a target at those of a source).
        queries: the tokens that look.
        keys: the tokens that are looked at.
        query_positions: (query,), their positions in the run; None for a start that is no token of the text.
        key_positions: (key,), the same.
        n_input: how many of the queries were read, not written.
        query: the row that the figure shows first.
    """

    weights: Float[np.ndarray, "layer head query key"]
    layers: tuple[int, ...]
    heads: tuple[int, ...]
    kind: str
    queries: tuple[Token, ...]
    keys: tuple[Token, ...]
    query_positions: tuple[int | None, ...]
    key_positions: tuple[int | None, ...]
    n_input: int
    query: int

    @property
    def rest(self) -> Float[np.ndarray, "layer head query"]:
        """The share of every row that goes to no token (a softmax with a sink), in 0..1; 0 but for rounding otherwise."""
        return np.clip(1 - self.weights.sum(axis=-1), 0, 1)

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `attention`."""
        drawn, notes = fitted(self.weights, self.layers, self.heads, causal=self._is_causal())
        one_text = self.kind != "cross"
        return {
            "ecco": 1,
            "view": "attention",
            "title": self._title(),
            "subtitle": f"how much {WHOSE[self.kind]}, by layer (downward) and head",
            "note": "; ".join(notes) or None,
            "queries": [t.to_dict() for t in self.queries],
            "keys": None if one_text else [t.to_dict() for t in self.keys],
            "query_positions": list(self.query_positions),
            "key_positions": list(self.key_positions),
            "n_input": self.n_input,
            **drawn,
            "query": max(self.query, drawn["first_query"]),
        }

    def _title(self) -> str:
        return "Cross-attention" if self.kind == "cross" else "Attention"

    def _is_causal(self) -> bool:
        return self.kind != "cross" and not np.triu(self.weights, 1).any()

    def to_records(self) -> list[dict[str, Any]]:
        """One row per layer, head, query and key that the query can see."""
        return list(self._records())

    def _records(self) -> Iterator[dict[str, Any]]:
        ahead = self.kind == "decoder"
        for i, layer in enumerate(self.layers):
            for j, head in enumerate(self.heads):
                for q, query in enumerate(self.queries):
                    for k, key in enumerate(self.keys[: q + 1] if ahead else self.keys):
                        yield {
                            "layer": layer,
                            "head": head,
                            "query_position": self.query_positions[q],
                            "query": query.text,
                            "key_position": self.key_positions[k],
                            "key": key.text,
                            "weight": float(self.weights[i, j, q, k]),
                        }

    def to_text(self) -> str:
        """The five tokens that the first query of the figure attends to most, in every layer, as means over heads."""
        mean = self.weights[:, :, self.query].mean(axis=1)
        rows = [
            [str(layer), *(f"{visible(self.keys[k].text)} {row[k]:.1%}" for k in np.argsort(-row, kind="stable")[:5])]
            for layer, row in zip(self.layers, mean, strict=True)
        ]
        whose = f"the head {self.heads[0]}" if len(self.heads) == 1 else f"the mean of {len(self.heads)} heads"
        return f"{self._title()} of “{visible(self.queries[self.query].text)}”, {whose}\n{text_table(rows, left=6)}"


# -- what fits a figure ------------------------------------------------------------------------------------------------


def fitted(
    weights: Float[np.ndarray, "layer head query key"], layers: tuple[int, ...], heads: tuple[int, ...], *, causal: bool
) -> tuple[dict[str, Any], list[str]]:
    """The weights of a figure as text, as many as fit it, and what was left out.

    Left out, until it fits: small weights; else all heads but their mean; else some layers; else the first queries.

    Args:
        weights: in 0..1.
        layers: numbers of the layers.
        heads: numbers of the heads.
        causal: whether no query looks at later keys, so that rows end at the query.
    """
    n_layers, n_heads, n_queries, n_keys = weights.shape
    for whole, chosen, first in _plans(n_layers, n_heads, n_queries):
        cells = sum(q + 1 for q in range(first, n_queries)) if causal else (n_queries - first) * n_keys
        columns = ([None] if n_heads > 1 else []) + (list(heads) if whole else [])
        if cells * len(chosen) * len(columns) > MOST_CELLS:
            continue
        maps = _maps(weights[chosen], whole)[:, :, first:]
        rest = np.clip(1 - maps.sum(axis=-1), 0, 1)
        flat = maps[..., np.tri(n_queries, n_keys, dtype=bool)[first:]] if causal else maps.reshape(*maps.shape[:2], -1)
        for floor in FLOORS:
            floors = [min(floor, MEAN_FLOOR) if head is None and len(columns) > 1 else floor for head in columns]
            packed = _packed(np.where(flat < np.array(floors)[:, None], 0, flat))
            if len(gzip.compress(packed.encode(), 6)) <= MOST_BYTES:
                break
        else:
            continue
        means = f" (in means below {100 * floors[0]:g}%)" if floors[0] < floor else ""
        notes = [f"weights below {100 * floor:g}%{means} are left out"] if floor else []
        if not whole and n_heads > 1:
            notes.append(f"of {n_heads} heads only the mean; ask for layer= or head= to see them")
        if len(chosen) < n_layers:
            notes.append(f"{len(chosen)} of {n_layers} layers")
        if first:
            notes.append(f"the last {n_queries - first} of {n_queries} queries")
        return {
            "layers": [layers[i] for i in chosen],
            "columns": columns,
            "heads": n_heads,
            "causal": causal,
            "first_query": first,
            "floors": floors,
            "weights": packed,
            "rest": _packed(rest) if rest.max(initial=0) > 1 - WHOLE else None,
        }, notes
    raise EccoError(f"A figure cannot hold {n_keys} keys; take the numbers with to_dict or save.")


def _plans(n_layers: int, n_heads: int, n_queries: int) -> Iterator[tuple[bool, list[int], int]]:
    """What a figure may hold, the richest first: whether heads one by one, which layers, from which query on."""
    every = list(range(n_layers))
    yield True, every, 0
    alone = n_heads == 1
    if not alone:
        yield False, every, 0
    count = n_layers
    while count > 1:
        count = (count + 1) // 2 if count > 2 else 1
        yield alone, [n_layers - 1 - round(i * (n_layers - 1) / max(1, count - 1)) for i in reversed(range(count))], 0
    kept = n_queries
    while kept > 1:
        kept //= 2
        yield alone, every[-1:], n_queries - kept


def _maps(weights: np.ndarray, whole: bool) -> np.ndarray:
    """The mean over heads, and the heads: (layer, column, query, key)."""
    if weights.shape[1] == 1:
        return weights
    mean = weights.mean(axis=1, keepdims=True, dtype=np.float64)
    return np.concatenate([mean, weights], axis=1) if whole else mean


def _packed(shares: np.ndarray) -> str:
    """Shares as base64 of bytes: 255 times the square root, which is exact to half a percent and finer near 0."""
    codes = np.rint(255 * np.sqrt(np.clip(shares, 0, 1))).astype(np.uint8)
    return base64.b64encode(codes.tobytes()).decode("ascii")
