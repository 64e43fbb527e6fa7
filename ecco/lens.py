"""What each layer believed: rankings of tokens, and the tokens that each layer would have written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from ecco.result import Result, context_of, gap_in, significant, text_table, visible
from ecco.tokens import Token


@dataclass(frozen=True, eq=False, repr=False)
class Rankings(Result):
    """At which rank every layer held a token.

    Attributes:
        ranks: (layer, column): 1 is the most likely token of the vocabulary. Equal logits share the better rank.
        probabilities: (layer, column), of that token, in 0..1.
        best_ids: (layer, column), the layer's most likely token.
        best: (layer, column), its text.
        columns: the token of each column.
        reads: the last token that the model had read in each column; None for watched tokens.
        positions: (column,), the position that each column explains.
        layers: (layer,), numbers of the layers, 0 first.
        vocab_size: how many tokens were ranked.
        watched: whether the columns are tokens that a person named, all at one position.
        context: the tokens of the run before the first position.
        after: those after it, if the model has read them too.
        answers: what is ranked, `tokens` or `labels`.
    """

    ranks: Int[np.ndarray, "layer column"]
    probabilities: Float[np.ndarray, "layer column"]
    best_ids: Int[np.ndarray, "layer column"]
    best: list[list[str]]
    columns: tuple[Token, ...]
    reads: tuple[Token | None, ...]
    positions: tuple[int, ...]
    layers: tuple[int, ...]
    vocab_size: int
    watched: bool
    context: tuple[Token, ...]
    after: tuple[Token, ...] = ()
    answers: str = "tokens"

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `rankings`."""
        names = " and ".join(f"“{t.text}”" for t in self.columns[:3]) + (" …" if len(self.columns) > 3 else "")
        each = "each token" if self.answers == "tokens" else "the label"
        each = "each written token" if any(self.reads) else each
        of = f"{names} at position {self.positions[0]}" if self.watched else each
        return {
            "ecco": 1,
            "view": "rankings",
            "title": "Watched rankings" if self.watched else "Rankings",
            "subtitle": f"rank of {of} among {self.vocab_size:,}, after every layer",
            "note": None,
            "layers": list(self.layers),
            "columns": [
                {"read": read.to_dict() if read else None, "token": token.to_dict(), "position": position}
                for read, token, position in zip(self.reads, self.columns, self.positions, strict=True)
            ],
            "ranks": self.ranks.tolist(),
            "probabilities": significant(self.probabilities),
            "best": self.best,
            "vocab_size": self.vocab_size,
            "watched": self.watched,
            **(context_of(self.context, self.after) if self.watched else context_of(())),
        }

    def to_records(self) -> list[dict[str, Any]]:
        """One row per layer and column."""
        return [
            {
                "layer": layer,
                "position": self.positions[c],
                "token": token.text,
                "token_id": token.id,
                "rank": int(self.ranks[row, c]),
                "probability": float(self.probabilities[row, c]),
                "best_token": self.best[row][c],
            }
            for row, layer in enumerate(self.layers)
            for c, token in enumerate(self.columns)
        ]

    def to_text(self) -> str:
        """Ranks, layers down."""
        shown = self.columns[:16]
        head = ["layer", *(visible(t.text) for t in shown)]
        rows = [[str(layer), *(f"{r:,}" for r in self.ranks[i, : len(shown)])] for i, layer in enumerate(self.layers)]
        more = f"\n({len(self.columns) - 16} more columns)" if len(self.columns) > 16 else ""
        return f"{self.to_payload()['title']}: {self.to_payload()['subtitle']}\n{text_table([head, *rows])}{more}"


@dataclass(frozen=True, eq=False, repr=False)
class LayerPredictions(Result):
    """What each layer would have said at one position.

    Attributes:
        token_ids: (layer, topk), from likely to unlikely.
        probabilities: (layer, topk), in 0..1.
        texts: (layer, topk), the texts of the tokens.
        layers: (layer,), numbers of the layers.
        position: the position explained.
        token: the token that the text has there; None just after its end, at a mask, and where labels are given.
        context: the tokens before it.
        after: the tokens after it, if the model has read them too.
        answers: what the model answers with, `tokens` or `labels`.
    """

    token_ids: Int[np.ndarray, "layer topk"]
    probabilities: Float[np.ndarray, "layer topk"]
    texts: list[list[str]]
    layers: tuple[int, ...]
    position: int
    token: Token | None
    context: tuple[Token, ...]
    after: tuple[Token, ...] = ()
    answers: str = "tokens"

    def _where(self) -> str:
        return f"at position {self.position}" if self.answers == "tokens" or self.after else "of the whole text"

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `layer_predictions`."""
        return {
            "ecco": 1,
            "view": "layer_predictions",
            "title": "Layer predictions",
            "subtitle": f"what each layer would have said {self._where()}, with its probability",
            "note": None,
            **context_of(self.context, self.after),
            "position": self.position,
            "token": self.token.to_dict() if self.token else None,
            "layers": list(self.layers),
            "predictions": [
                [{"text": text, "id": int(i), "probability": p} for text, i, p in zip(texts, ids, significant(ps), strict=True)]
                for texts, ids, ps in zip(self.texts, self.token_ids, self.probabilities, strict=True)
            ],
        }

    def to_records(self) -> list[dict[str, Any]]:
        """One row per layer and rank."""
        return [
            {
                "layer": layer,
                "rank": k + 1,
                "token": self.texts[row][k],
                "token_id": int(self.token_ids[row, k]),
                "probability": float(self.probabilities[row, k]),
            }
            for row, layer in enumerate(self.layers)
            for k in range(self.token_ids.shape[1])
        ]

    def to_text(self) -> str:
        """The five most likely tokens of every layer."""
        rows = [
            [str(layer), *(f"{visible(t)} {p:.1%}" for t, p in zip(self.texts[i][:5], self.probabilities[i], strict=False))]
            for i, layer in enumerate(self.layers)
        ]
        where = f"{'in' if self.after else 'after'} “{gap_in(self.context, self.after)}”"
        return f"Layer predictions {where}\n{text_table(rows, left=6)}"


@dataclass(frozen=True, eq=False, repr=False)
class Predictions(Result):
    """The most likely tokens at one position.

    Attributes:
        token_ids: (topk,), likely first.
        probabilities: (topk,), in 0..1, after the temperature.
        logits: (topk,), before it.
        texts: (topk,), the texts of the tokens.
        context: the tokens before the position.
        after: the tokens after it, if the model has read them too.
        temperature: what the logits were divided by.
        answers: what the model answers with, `tokens` or `labels`.
    """

    token_ids: Int[np.ndarray, "topk"]
    probabilities: Float[np.ndarray, "topk"]
    logits: Float[np.ndarray, "topk"]
    texts: list[str]
    context: tuple[Token, ...]
    temperature: float
    after: tuple[Token, ...] = ()
    answers: str = "tokens"

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `predictions`."""
        at = "" if self.temperature == 1 else f", at temperature {self.temperature:g}"
        title = "Labels" if self.answers == "labels" else "Missing token" if self.after else "Next token"
        where = "in this place" if self.after else "after this text" if self.answers == "tokens" else "of this text"
        return {
            "ecco": 1,
            "view": "predictions",
            "title": title,
            "subtitle": f"the {len(self.texts)} most likely {self.answers} {where}{at}",
            "note": None,
            **context_of(self.context, self.after),
            "predictions": [
                {"text": t, "id": int(i), "probability": p}
                for t, i, p in zip(self.texts, self.token_ids, significant(self.probabilities), strict=True)
            ],
        }

    def to_records(self) -> list[dict[str, Any]]:
        """One row per token."""
        return [
            {
                "rank": k + 1,
                "token": text,
                "token_id": int(self.token_ids[k]),
                "probability": float(self.probabilities[k]),
                "logit": float(self.logits[k]),
            }
            for k, text in enumerate(self.texts)
        ]

    def to_text(self) -> str:
        """Token and probability, likely first."""
        rows = [[visible(t), f"{p:.1%}"] for t, p in zip(self.texts, self.probabilities, strict=True)]
        where = f"{'in' if self.after else 'after'} “{gap_in(self.context, self.after)}”"
        return f"{self.to_payload()['title']} {where}\n{text_table(rows)}"
