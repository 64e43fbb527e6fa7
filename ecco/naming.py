"""How a person names positions, tokens and labels of a run, and what is meant."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ecco.errors import ArgumentError
from ecco.model import LoadedModel
from ecco.reading import Reading
from ecco.tokens import Token, display, special_ids

# Why a position is not predicted, by the kind of reading.
UNPREDICTED = {
    "causal": "a causal model reads nothing before it, so nothing predicts it",
    "seq2seq": "it belongs to the source, which an encoder-decoder reads and does not predict",
}


@dataclass(frozen=True)
class Names:
    """Names in one run.

    Attributes:
        loaded: the model.
        reading: the text.
        tokens: its tokens as a reader sees them.
        n_input: how many of them are input.
    """

    loaded: LoadedModel
    reading: Reading
    tokens: tuple[Token, ...]
    n_input: int

    def position(self, position: int) -> int:
        """A position that the model predicts, counted from 0; the number of tokens means the token that would come next."""
        n, explained = len(self.tokens), self.reading.explained
        position = whole_number(position, "position")
        found = position + n if position < 0 else position
        if self.reading.kind == "text label":
            return n
        if self.reading.kind == "states":
            raise ArgumentError(f"{self.loaded.name!r} has no head, so it predicts nothing; ask for its hidden states.")
        if not 0 <= found <= max(explained[-1], n - 1):
            more = f", or {n} for the next token" if self.reading.depends_on_order else ""
            raise ArgumentError(f"position={position} is outside this run of {n} tokens (0 to {n - 1}{more}).")
        if found not in explained:
            which = "the first token; " if found == 0 else ""
            raise ArgumentError(f"position={position} is {which}{UNPREDICTED[self.reading.kind]}.")
        return found

    def several(self, asked: int | Sequence[int] | None) -> list[int]:
        """Some positions that the model predicts, ascending: one, a list of them, or None for `default`."""
        if asked is None:
            return self.default()
        positions = sorted({self.position(p) for p in (asked if is_list(asked) else [asked])})  # type: ignore[union-attr, list-item]
        if not positions:
            raise ArgumentError(f"position={asked!r} names no position.")
        return positions

    def default(self) -> list[int]:
        """The positions explained by default.

        The output, or of a text that was only read all that is predicted; the masks of a masked language model, or all
        its tokens; the tokens that are labelled, or the text as a whole.
        """
        n, explained = len(self.tokens), self.reading.explained
        if self.reading.kind in ("text label", "states"):
            return [self.position(0)]
        if masks := [p for p in explained if self.is_mask(p)]:
            return masks
        if not self.reading.depends_on_order:
            return [p for p, token in enumerate(self.tokens) if not token.special] or list(explained)
        written = [p for p in explained if self.n_input <= p < n]
        found = written or [p for p in explained if p < n]
        if not found:
            raise ArgumentError("This run holds a single token, so nothing predicts a token of it.")
        return found

    def only(self) -> int:
        """The position that a question about one position means by default: the only mask, or the last of `default`.

        Raises:
            ArgumentError: if a masked language model's text has no mask, or several.
        """
        if self.reading.kind != "masked":
            return self.default()[-1]
        masks = self.masks()
        if len(masks) > 1:
            named = ", ".join(map(str, masks))
            raise ArgumentError(f"The text has {len(masks)} masks; say which position= is meant ({named}).")
        return masks[0]

    def masks(self) -> list[int]:
        """The masks of a masked language model's text.

        Raises:
            ArgumentError: if there is none, so that a position must be named.
        """
        positions = self.default()
        if not self.is_mask(positions[0]):
            raise ArgumentError("The text has no mask, so say which position= is explained.")
        return positions

    def is_mask(self, position: int) -> bool:
        """Whether a masked language model's text has a mask there."""
        if self.reading.kind != "masked" or position >= len(self.tokens):
            return False
        return self.tokens[position].id == self.loaded.tokenizer.mask_token_id

    def source(self, position: int) -> int:
        """A token that can be a cause, counted from 0."""
        n, position = len(self.tokens), whole_number(position, "ignore_tokens: position")
        if not -n <= position < n:
            raise ArgumentError(f"ignore_tokens: position {position} is outside this run of {n} tokens.")
        return position % n

    def answer_id(self, named: int | str) -> int:
        """The id of a token or label."""
        labels, size = self.loaded.labels, self.loaded.vocab_size
        if isinstance(named, str) and labels is not None:
            if named not in labels:
                raise ArgumentError(f"{named!r} is no label of this model; it has {', '.join(map(repr, labels))}.")
            return labels.index(named)
        if isinstance(named, str):
            ids = self.word_ids(named)
            if len(ids) != 1:
                parts = ", ".join(f"{t.text!r} ({t.id})" for t in display(self.loaded.tokenizer, ids)) or "nothing"
                raise ArgumentError(f"{named!r} is not one token of this tokenizer but {len(ids)}: {parts}. Name one of them.")
            if ids[0] == self.loaded.tokenizer.unk_token_id and named.strip() != self.loaded.tokenizer.unk_token:
                raise ArgumentError(
                    f"{named!r} is unknown to this tokenizer, which reads it as {self.loaded.tokenizer.unk_token}."
                )
            return int(ids[0])
        answer_id = whole_number(named, "token id" if labels is None else "label")
        if not 0 <= answer_id < size:
            what = ("Token id", "vocabulary") if labels is None else ("Label", "labels")
            raise ArgumentError(f"{what[0]} {answer_id} is outside the {what[1]} (0 to {size - 1}).")
        return answer_id

    def word_ids(self, word: str) -> list[int]:
        """The ids of the tokens that a word is made of."""
        return list(self.loaded.tokenizer(word, add_special_tokens=False)["input_ids"])

    def answer(self, answer_id: int, position: int) -> Token:
        """A token as it would read at a position, or a label."""
        if self.loaded.labels is not None:
            return Token(self.loaded.answer(answer_id), answer_id)
        before = self.tokens[self.reading.n_source if self.reading.kind == "seq2seq" else 0 : position]
        special = answer_id in special_ids(self.loaded.tokenizer)
        return Token(self.loaded.answer(answer_id, [t.id for t in before]), answer_id, special)

    def following(self, position: int) -> tuple[Token, ...]:
        """What a model that reads in both directions has read behind a position."""
        return () if self.reading.depends_on_order else self.tokens[position + 1 :]


def is_list(value: Any) -> bool:
    """Whether something holds several things: a list, a tuple, an array with an axis; no text, no scalar."""
    return hasattr(value, "__iter__") and not isinstance(value, str | bytes | dict) and getattr(value, "ndim", 1) > 0


def numbered(asked: Any, count: int, name: str, whose: str) -> list[int]:
    """Which of several things, numbered from 0, a person names: by a number (negative from the end), a list, or None for all.

    Args:
        asked: what the person named.
        count: how many there are.
        name: what one of them is called.
        whose: who has them, for the error.

    Raises:
        ArgumentError: if one does not exist, or none is named.
    """
    if asked is None:
        return list(range(count))
    found = [whole_number(value, name) for value in (asked if is_list(asked) else [asked])]
    if not found:
        raise ArgumentError(f"{name}={asked!r} names no {name}.")
    if bad := [value for value in found if not -count <= value < count]:
        raise ArgumentError(f"{name}={bad[0]} does not exist; {whose} has {name}s 0 to {count - 1}.")
    return list(dict.fromkeys(value % count for value in found))


def whole_number(value: Any, name: str) -> int:
    """A Python, numpy or torch integer as an int.

    Raises:
        ArgumentError: for anything else, True and False included.
    """
    if not isinstance(value, bool | np.bool_):
        try:
            return operator.index(value)
        except TypeError:
            pass
    raise ArgumentError(f"{name}={value!r} must be a whole number.")


def ids_of(tokens: Sequence[Token]) -> list[int]:
    """The ids of tokens."""
    return [token.id for token in tokens]
