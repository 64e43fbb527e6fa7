"""Lens: what every layer would have said at every position, and how sure it was."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor, nn

from ecco.errors import EccoError
from ecco.result import Result, significant, text_table, visible
from ecco.tokens import Token

# What the cells of the figure can be coloured by, and what it is called in a sentence.
QUANTITIES = {
    "probability": "the probability of {what}",
    "rank": "the rank of {what}",
    "surprisal": "the surprisal of {what}, in nats",
    "entropy": "the entropy of all that the layer believes, in nats",
    "kl": "how far the layer is from the last one: KL(last ‖ layer), in nats",
}

# Bytes of a figure's data after compression; until it fits, fewer alternatives are named, then fewer positions shown.
MOST_BYTES = 150_000
ALTERNATIVES = (10, 5, 3, 1)


class Translator(Protocol):
    """What states may be sent through before they are read."""

    def translate(
        self, hidden: Float[Tensor, "state token d_model"], layers: Sequence[int]
    ) -> Float[Tensor, "state token d_model"]:
        """States of some layers as the last layer would write them."""
        ...

    def check(self, model: nn.Module) -> None:
        """Refuse a model that it was not made for."""
        ...


@dataclass(frozen=True, eq=False, repr=False)
class Lens(Result):
    """What the stream after every layer says at every position.

    A *state* is the stream after a block, or with `halves` also between its attention and its FFN. All that follows the
    last block (norm, head, scale, soft cap) is the model's own code.

    Attributes:
        token_ids: (state, position, topk), the tokens that the model would write if it ended there, likely first.
        shares: (state, position, topk), their probabilities, in 0..1.
        texts: (state, position, topk), their texts.
        ranks: (state, position), of the token that stands at the position (or would be written there): 1 is the most likely.
        probabilities: (state, position), of that token, in 0..1.
        surprisals: (state, position), minus the logarithm of it, in nats.
        entropies: (state, position), of all that the state believes, in nats: from 0 (sure) to the logarithm of `vocab_size`.
        divergences: (state, position), KL(last layer || state), in nats: 0 where the state says what the last layer says.
        layers: (state,), numbers of the layers, 0 first.
        parts: (state,), `block` after a whole block, `attention` after its attention and before its FFN.
        columns: (position,), the token that stands there, or that the model would write.
        reads: (position,), the last token that the model had read; None where it reads in both directions.
        positions: (position,), the positions explained.
        vocab_size: how many tokens compete.
        quantity: what colours the figure at first, a key of `QUANTITIES`.
        answers: what competes, `tokens` or `labels`.
        tuned: whether a trained lens translated the states before they were read.
    """

    token_ids: Int[np.ndarray, "state position topk"]
    shares: Float[np.ndarray, "state position topk"]
    texts: list[list[list[str]]]
    ranks: Int[np.ndarray, "state position"]
    probabilities: Float[np.ndarray, "state position"]
    surprisals: Float[np.ndarray, "state position"]
    entropies: Float[np.ndarray, "state position"]
    divergences: Float[np.ndarray, "state position"]
    layers: tuple[int, ...]
    parts: tuple[str, ...]
    columns: tuple[Token, ...]
    reads: tuple[Token | None, ...]
    positions: tuple[int, ...]
    vocab_size: int
    quantity: str = "probability"
    answers: str = "tokens"
    tuned: bool = False

    @property
    def _title(self) -> str:
        return "Tuned lens" if self.tuned else "Logit lens"

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `lens`."""
        shown, notes = fitted(self)
        one = "token" if self.answers == "tokens" else "label"
        what = "the token that stands there" if self.answers == "tokens" else "the model’s label"
        halves = " and after the attention in it" if "attention" in self.parts else ""
        return {
            "ecco": 1,
            "view": "lens",
            "title": self._title,
            "subtitle": f"the most likely {one} of {self.vocab_size:,} after every layer{halves}",
            "note": "; ".join(notes) or None,
            "quantity": self.quantity,
            "quantities": {name: said.format(what=what) for name, said in QUANTITIES.items()},
            "layers": list(self.layers),
            "parts": list(self.parts),
            "vocab_size": self.vocab_size,
            **shown,
        }

    def to_records(self) -> list[dict[str, Any]]:
        """One row per state and position."""
        return [
            {
                "layer": layer,
                "part": part,
                "position": position,
                "token": self.columns[c].text,
                "token_id": self.columns[c].id,
                "rank": int(self.ranks[row, c]),
                "probability": float(self.probabilities[row, c]),
                "surprisal": float(self.surprisals[row, c]),
                "entropy": float(self.entropies[row, c]),
                "kl": float(self.divergences[row, c]),
                "best_token": self.texts[row][c][0],
                "best_probability": float(self.shares[row, c, 0]),
            }
            for row, (layer, part) in enumerate(zip(self.layers, self.parts, strict=True))
            for c, position in enumerate(self.positions)
        ]

    def to_text(self) -> str:
        """The most likely token of every state, layers down."""
        shown = self.columns[:12]
        head = ["", *(visible(t.text) for t in shown)]
        names = [f"{n}" if part == "block" else f"{n} attention" for n, part in zip(self.layers, self.parts, strict=True)]
        rows = [[name, *(visible(best[0]) for best in self.texts[i][: len(shown)])] for i, name in enumerate(names)]
        more = f"\n({len(self.columns) - len(shown)} more positions)" if len(self.columns) > len(shown) else ""
        return f"{self._title}: the most likely token after every layer\n{text_table([head, *rows])}{more}"


def fitted(lens: Lens) -> tuple[dict[str, Any], list[str]]:
    """What a figure holds of a lens, as much as fits it, and what was left out."""
    n_positions, topk = lens.token_ids.shape[1:]
    for alternatives, first in _plans(n_positions, topk):
        shown = _shown(lens, alternatives, first)
        text = json.dumps(shown, ensure_ascii=True, separators=(",", ":"))
        if len(gzip.compress(text.encode("ascii"), 6)) <= MOST_BYTES:
            notes = [f"{alternatives} of {topk} alternatives in each cell"] if alternatives < topk else []
            return shown, notes + ([f"the last {n_positions - first} of {n_positions} positions"] if first else [])
    raise EccoError("A figure cannot hold the states of one position; take the numbers with to_dict or save.")


def _plans(n_positions: int, topk: int) -> Iterator[tuple[int, int]]:
    """What a figure may hold, the richest first: how many alternatives, from which position on."""
    fewer = [k for k in ALTERNATIVES if k < topk]
    yield from ((k, 0) for k in (topk, *fewer))
    kept = n_positions
    while kept > 1:
        kept //= 2
        yield min(topk, ALTERNATIVES[-2]), n_positions - kept


def _shown(lens: Lens, alternatives: int, first: int) -> dict[str, Any]:
    """The data of a figure: every token's text once, and where it stands."""
    ids = lens.token_ids[:, first:, :alternatives]
    unique, where = np.unique(ids, return_inverse=True)
    names = np.array(lens.texts, dtype=object)[:, first:, :alternatives]
    texts = dict(zip(ids.ravel().tolist(), names.ravel().tolist(), strict=True))
    return {
        "columns": [
            {"read": read.to_dict() if read else None, "token": token.to_dict(), "position": position}
            for read, token, position in list(zip(lens.reads, lens.columns, lens.positions, strict=True))[first:]
        ],
        "words": [{"text": texts[int(i)], "id": int(i)} for i in unique],
        "best": where.reshape(ids.shape).tolist(),
        "shares": significant(lens.shares[:, first:, :alternatives]),
        "probability": significant(lens.probabilities[:, first:]),
        "rank": lens.ranks[:, first:].tolist(),
        "surprisal": significant(lens.surprisals[:, first:]),
        "entropy": significant(lens.entropies[:, first:]),
        "kl": significant(lens.divergences[:, first:]),
    }
