"""Words, sentences and spans of a text: which tokens stand together as one source or one target.

They are told from the texts of the tokens alone, for any tokenizer: a unit ends where one token ends and a word (or a
sentence) does too. A token that holds the end of one word and the beginning of the next joins the two.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ecco.errors import ArgumentError
from ecco.naming import is_list, whole_number
from ecco.tokens import Token

Units = tuple[range, ...]

ENDS = (".", "!", "?", "…", "。", "！", "？", "।", "؟")
ENDS_ALONE = ("。", "！", "？")  # no space follows them
CLOSERS = "\"'”’»)]}」』）"
JOINERS = {"'", "’", "-", "‐", "·"}  # inside a word
SEPARATORS = {".", ","}  # inside a number

# Scripts that put no space between words: their tokens stay apart.
UNSPACED = ((0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3134F))


def find_units(tokens: Sequence[Token], by: Any, n_input: int) -> Units:
    """Which tokens stand together: ranges of positions that follow one another and hold every token once.

    A special token stands alone, and what was read is kept apart from what was written. Spaces belong to the word or
    sentence that follows them. In scripts without spaces (Chinese, Japanese) words are not told and tokens stay apart.

    Args:
        tokens: of the whole text.
        by: `"token"`, `"word"`, `"sentence"`, or spans (start, stop) of positions; a token in no span stands alone.
        n_input: how many of the tokens were read.

    Raises:
        ArgumentError: for anything else, spans that overlap, and a span that holds both input and output.
    """
    if isinstance(by, str):
        if by == "token":
            return tuple(range(p, p + 1) for p in range(len(tokens)))
        if by not in DECISIONS:
            raise ArgumentError(f'by={by!r} is not "token", "word", "sentence" or a list of spans (start, stop).')
        pieces = list(_stretches(tokens, n_input))
        return tuple(unit for piece in pieces for unit in _parts(tokens, piece, DECISIONS[by]))
    return _given(by, len(tokens), n_input)


def _given(spans: Any, n_tokens: int, n_input: int) -> Units:
    pairs = [list(span) if is_list(span) else [] for span in spans] if is_list(spans) else []
    if not pairs or any(len(pair) != 2 for pair in pairs):
        raise ArgumentError(f"by={spans!r} must be a list of spans (start, stop), such as [(0, 4), (4, 9)].")
    found = sorted((whole_number(start, "start"), whole_number(stop, "stop")) for start, stop in pairs)
    units: list[range] = []
    for start, stop in found:
        done = units[-1].stop if units else 0
        if not 0 <= start < stop <= n_tokens:
            raise ArgumentError(f"The span ({start}, {stop}) is empty or outside this run of {n_tokens} tokens.")
        if start < done:
            raise ArgumentError(f"The span ({start}, {stop}) overlaps the one before it, which ends at {done}.")
        if start < n_input < stop:
            raise ArgumentError(f"The span ({start}, {stop}) holds input and output; split it at {n_input}.")
        units += [range(p, p + 1) for p in range(done, start)]
        units.append(range(start, stop))
    return (*units, *(range(p, p + 1) for p in range(units[-1].stop, n_tokens)))


def _stretches(tokens: Sequence[Token], n_input: int) -> Iterator[range]:
    """Runs of tokens that are all text, or one special token; none goes on from input to output."""
    start = 0
    for p in range(1, len(tokens) + 1):
        if p == len(tokens) or p == n_input or tokens[p].special or tokens[p - 1].special:
            yield range(start, p)
            start = p


def _parts(tokens: Sequence[Token], piece: range, ends: Callable[[str, str, str], bool]) -> Iterator[range]:
    """The words or sentences of a stretch."""
    text = "".join(tokens[p].text for p in piece)
    start, offset, last = piece.start, 0, 0  # the first token of the unit, where the present one begins, where the unit does
    for p in piece:
        before = text[:offset].rstrip()
        after = text[offset:].lstrip()
        space = text[len(before) : len(text) - len(after)]
        # Of several ends of tokens in one run of spaces the first counts.
        if p > start and not tokens[p].part and before and after and last < len(before) and ends(before, space, after):
            yield range(start, p)
            start, last = p, offset
        offset += len(tokens[p].text)
    if len(piece):
        yield range(start, piece.stop)


def _word_ends(before: str, space: str, after: str) -> bool:
    if space:
        return True
    one, other = before[-1], after[0]
    kinds = _kind(one), _kind(other)
    if kinds == ("word", "word"):
        return False
    if unicodedata.category(other).startswith("M"):
        return False  # a mark on the letter before it
    if "unspaced" in kinds:
        return True
    if kinds == ("sign", "sign"):
        return False
    # An apostrophe or hyphen between letters, a point between digits.
    sign, inner = (other, (before[-1:], after[1:2])) if kinds[1] == "sign" else (one, (before[-2:-1], after[:1]))
    if sign in JOINERS:
        return not all(c and _kind(c) == "word" for c in inner)
    return not (sign in SEPARATORS and all(c.isdigit() for c in inner))


def _kind(char: str) -> str:
    if any(first <= ord(char) <= last for first, last in UNSPACED):
        return "unspaced"
    return "word" if unicodedata.category(char)[0] in "LNM" or char in "_\u200c\u200d" else "sign"


def _sentence_ends(before: str, space: str, _after: str) -> bool:
    if "\n" in space:
        return True
    bare = before.rstrip(CLOSERS)
    return bare.endswith(ENDS) if space else bare.endswith(ENDS_ALONE)


# What ends where one token ends, told from the text before, the space there, and the text after.
DECISIONS: dict[str, Callable[[str, str, str], bool]] = {"word": _word_ends, "sentence": _sentence_ends}


def joined(tokens: Sequence[Token], units: Units) -> tuple[Token, ...]:
    """Every unit as one token; one of several tokens has no id of its own (-1)."""
    return tuple(tokens[u.start] if len(u) == 1 else Token("".join(tokens[p].text for p in u), -1) for u in units)


def unit_of(units: Units, position: int) -> int:
    """Which unit a position lies in; behind the last token the number of units."""
    return next((number for number, unit in enumerate(units) if position < unit.stop), len(units))
