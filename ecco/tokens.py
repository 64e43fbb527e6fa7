"""Token ids -> the strings that a reader sees.

The strings come from decoding, never from stripping marks off vocabulary entries: the text of a token is what the decoded text
gains by it. So the texts of a sequence, joined, are the text. A character spread over several tokens stands at
the first of them; the others are *parts* with an empty text of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

REPLACEMENT = "\ufffd"
SURROGATE = re.compile("[\ud800-\udfff]")

# More tokens than this that decode to nothing readable are shown as they are.
LONGEST_UNIT = 64

# Tokens of context from which the gain of a token is told.
CONTEXT = 4


@dataclass(frozen=True)
class Token:
    """One token as the reader sees it.

    Attributes:
        text: what it adds to the text.
        id: its number in the vocabulary.
        special: whether the tokenizer added it (`<|endoftext|>`).
        part: whether it continues a character that began in an earlier token.
    """

    text: str
    id: int
    special: bool = False
    part: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The token as docs/payloads.md describes it."""
        token: dict[str, Any] = {"text": self.text, "id": self.id}
        if self.special:
            token["special"] = True
        if self.part:
            token["part"] = True
        return token


def decode(tokenizer: Any, ids: Sequence[int]) -> str:
    r"""The text of these ids, special tokens included, nothing tidied; half a character (a lone surrogate) as `\udc00`."""
    text = tokenizer.decode(list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False)
    return SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def special_ids(tokenizer: Any) -> set[int]:
    """The tokens that are no text: those with a role, and those that were added as special."""
    added = getattr(tokenizer, "added_tokens_decoder", {})
    return {*tokenizer.all_special_ids, *(i for i, token in added.items() if token.special)}


def display(tokenizer: Any, ids: Sequence[int]) -> list[Token]:
    """The tokens of a sequence."""
    special = special_ids(tokenizer)
    units: list[tuple[int, str]] = []  # where a unit of tokens begins, and its text; it ends where the next begins
    start = 0
    for index, token_id in enumerate(ids):
        text = _gain(tokenizer, _context(units, ids, start), ids[start : index + 1])
        last = index + 1 == len(ids)
        incomplete = not text or text.endswith(REPLACEMENT)  # ByT5 decodes the beginning of a character to nothing
        if incomplete and not last and index - start + 1 < LONGEST_UNIT and int(token_id) not in special:
            continue
        while units and (gone := _gone(tokenizer, _context(units, ids, start), ids[start : index + 1])):
            before, kept = units.pop()
            if REPLACEMENT not in gone and kept.endswith(gone) and kept != gone:
                units.append((before, kept.removesuffix(gone)))  # a mark of what goes on ("to@@ ken@@ s"), now that it does
                break
            start = before  # what follows changes how it reads, so it belongs to it
            text = _gain(tokenizer, _context(units, ids, start), ids[start : index + 1])
        end = _gain(tokenizer, [], [token_id])
        if index > start and end and REPLACEMENT not in end and text.endswith(end):
            # What stood before was no character after all, and this token stands for itself.
            units += [(start, text[: -len(end)]), (index, end)]
        else:
            units.append((start, text))
        start = index + 1
    texts = dict(units)
    return [Token(texts.get(p, ""), int(i), int(i) in special, p not in texts) for p, i in enumerate(ids)]


def _context(units: list[tuple[int, str]], ids: Sequence[int], start: int) -> Sequence[int]:
    """The tokens of the unit before a place, from which the gain of the next one is told."""
    return ids[units[-1][0] : start] if units else []


def _gone(tokenizer: Any, before: Sequence[int], ids: Sequence[int]) -> str:
    """What the text of `before` loses at its end when `ids` follow."""
    head = decode(tokenizer, before)
    return head[_shared(head, decode(tokenizer, [*before, *ids])) :]


def _shared(one: str, other: str) -> int:
    """How many characters two texts have in common from their beginning on."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def token_text(tokenizer: Any, token_id: int, after: Sequence[int] = ()) -> str:
    """What one token would add to a text that ends with `after`; an incomplete character shows as U+FFFD."""
    text = _gain(tokenizer, list(after)[-CONTEXT:], [token_id])
    return text or (REPLACEMENT if len(after) else text)


def _gain(tokenizer: Any, before: Sequence[int], ids: Sequence[int]) -> str:
    """What `ids` add to the text of `before`."""
    if not len(before):
        return decode(tokenizer, ids)
    head = decode(tokenizer, before)
    whole = decode(tokenizer, [*before, *ids])
    # Bytes at the end of `before` may join with the new ones into a character; then only a common beginning counts.
    return whole[_shared(head, whole) :]
