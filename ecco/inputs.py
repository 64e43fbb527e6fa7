"""What a person gives, as the ids that a model reads: texts, pairs of texts, chats, encodings, continuations.

What cannot be read is refused here, before a model runs: on some devices a wrong id stops the whole process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from transformers import BatchEncoding

from ecco.devices import input_embedding
from ecco.errors import ArgumentError
from ecco.forward import names
from ecco.model import LoadedModel
from ecco.tokens import decode

Chat = Sequence[dict[str, Any]]

# What a tokenizer may return beside what is read; a loss is not computed.
BESIDE = {"input_ids", "attention_mask", "token_type_ids", "labels"}


@dataclass(frozen=True)
class Encoded:
    """One text as ids.

    Attributes:
        ids: without padding.
        token_types: which text of a pair each belongs to, as the tokenizer says; None where the model takes none.
        n_cut: how many tokens truncation left out.
    """

    ids: list[int]
    token_types: list[int] | None = None
    n_cut: int = 0


# -- texts -------------------------------------------------------------------------------------------------------------


def encode(
    loaded: LoadedModel,
    text: str | Sequence[str] | Chat,
    text_pair: str | Sequence[str] | None = None,
    truncation: bool | int = False,
    *,
    room: int = 0,
) -> list[Encoded]:
    """The ids of a text, of several texts, of pairs of texts, or of a chat rendered with the tokenizer's template.

    Args:
        loaded: the model.
        text: one or several texts, or the messages of a chat.
        text_pair: the second text of each pair.
        truncation: True cuts a text to what the model can read, a number to so many tokens.
        room: how many tokens of what the model can read are kept free for what follows the text.

    Raises:
        ArgumentError: for anything else, a text without tokens, or a chat without a template.
    """
    texts = _texts(loaded, text)
    pairs: list[str | None] = [None] * len(texts) if text_pair is None else _pairs(loaded, text, texts, text_pair)
    limit = _limit(loaded, truncation, room)
    special = isinstance(text, str) or isinstance(text[0], str)  # a chat template writes them itself
    several = len(texts) > 1
    return [
        _encode_one(loaded, one, pair, limit, special, f"text {number} of the list" if several else "the text")
        for number, (one, pair) in enumerate(zip(texts, pairs, strict=True))
    ]


def _texts(loaded: LoadedModel, text: Any) -> list[str]:
    if isinstance(text, str):
        return [text]
    if isinstance(text, bytes | bytearray):
        raise ArgumentError(f"text is {type(text).__name__}, not a string; decode it first, such as text.decode('utf-8').")
    if not isinstance(text, Sequence) or not len(text):
        what = "an empty list" if isinstance(text, Sequence) else _kind(text)
        raise ArgumentError(f"text must be a string, a list of strings or a list of chat messages, not {what}.{_advice(text)}")
    if all(isinstance(item, str) for item in text):
        return list(text)
    if all(isinstance(item, Mapping) and "role" in item for item in text):
        return [_rendered(loaded, list(text))]
    wrong = next(item for item in text if not isinstance(item, str))
    raise ArgumentError(
        f"A list must hold only strings, or only chat messages ({{'role': …, 'content': …}}), not {_kind(wrong)}."
        f"{_advice(text)}"
    )


def _kind(value: Any) -> str:
    shown = repr(value)
    return f"{type(value).__name__} ({shown if len(shown) <= 40 else shown[:40] + ' …'})"


def _advice(text: Any) -> str:
    """What the person may have meant."""
    first = text[0] if isinstance(text, Sequence) and len(text) else text
    if torch.is_tensor(text) or isinstance(first, int):
        return ' Ids are read as an encoding: lm({"input_ids": ids}).'
    if isinstance(first, list | tuple) and all(isinstance(item, str) for item in first):
        return " Pairs of texts are given as lm(text, text_pair=…), both of them lists for a batch."
    return ""


def _rendered(loaded: LoadedModel, messages: list[Any]) -> str:
    if not getattr(loaded.tokenizer, "chat_template", None):
        raise ArgumentError(
            f"The tokenizer of {loaded.name!r} has no chat template, so chat messages cannot be rendered. Pass a string."
        )
    rendered: Any = loaded.tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    return rendered


def _pairs(loaded: LoadedModel, text: Any, texts: list[str], text_pair: Any) -> list[str | None]:
    """The second texts, one for each of the first."""
    if loaded.task.kind in ("causal", "seq2seq"):
        raise ArgumentError(
            f"text_pair= is for models that read two texts at once; a {type(loaded.model).__name__} writes, and reads one. "
            "Join them into one text, such as text + '\\n' + text_pair."
        )
    given: Any = [text_pair] if isinstance(text_pair, str) else text_pair
    if not isinstance(given, Sequence) or isinstance(given, bytes) or not all(isinstance(item, str) for item in given):
        raise ArgumentError(f"text_pair must be a string or a list of strings, not {_kind(text_pair)}.")
    if isinstance(text, str) != isinstance(text_pair, str) or len(given) != len(texts):
        raise ArgumentError(
            f"text_pair= must be like text: {'a string' if isinstance(text, str) else f'a list of {len(texts)} strings'}, not "
            f"{'a string' if isinstance(text_pair, str) else f'a list of {len(given)}'}."
        )
    return list(given)


def _encode_one(loaded: LoadedModel, text: str, pair: str | None, limit: int | None, special: bool, what: str) -> Encoded:
    for one in (text, pair or ""):
        if lone := next((c for c in one if "\ud800" <= c <= "\udfff"), None):
            raise ArgumentError(
                f"{what.capitalize()} holds {lone!r} at {one.index(lone)}, half of a character (a lone surrogate), which no "
                "tokenizer reads. Take it out, such as text.encode('utf-8', 'replace').decode()."
            )
    settings: dict[str, Any] = {"add_special_tokens": special}
    if pair is not None:
        settings["text_pair"] = pair
    found = loaded.tokenizer(text, **settings)
    ids = list(found["input_ids"])
    n_whole = len(ids)
    if not ids:
        raise ArgumentError(
            f"{what.capitalize()} ({text!r}) has no tokens; give at least one. A model that writes can begin with a special "
            "token, such as lm.tokenizer.eos_token."
        )
    if limit is not None and n_whole > limit:
        with _cutting(loaded):
            try:
                found = loaded.tokenizer(text, **settings, truncation=True, max_length=limit)
            except Exception as error:  # tokenizers raise many kinds where special tokens leave no room
                raise ArgumentError(f"{what.capitalize()} cannot be cut to {limit} tokens: {error}") from error
        ids = list(found["input_ids"])
        if not 0 < len(ids) <= limit:
            raise ArgumentError(f"{what.capitalize()} has {n_whole} tokens, which its tokenizer does not cut to {limit}.")
    check_ids(loaded, ids)
    return Encoded(ids, _token_types(loaded, found.get("token_type_ids"), ids), n_whole - len(ids))


# -- truncation --------------------------------------------------------------------------------------------------------


def _limit(loaded: LoadedModel, truncation: Any, room: int) -> int | None:
    """How many tokens a text may have, if it is to be cut; None for any number."""
    if truncation is False or truncation is None:
        return None
    if truncation is not True:
        if not isinstance(truncation, int) or truncation < 1:
            raise ArgumentError(f"truncation={truncation!r} must be True, False or a number of tokens of at least 1.")
        return truncation
    known = [loaded.context_length, loaded.tokenizer.model_max_length]
    limit = min((n for n in known if n is not None and n < 10**9), default=None)
    if limit is None:
        return None  # a model that reads any length
    if limit <= room:
        raise ArgumentError(f"{loaded.name!r} reads {limit} tokens, so there is no room for a text and {room} tokens after it.")
    return limit - room


@contextmanager
def _cutting(loaded: LoadedModel) -> Iterator[None]:
    """The tokenizer, set to keep the end of a text that a causal model goes on with; else as it is."""
    tokenizer: Any = loaded.tokenizer
    side = tokenizer.truncation_side
    if loaded.task.kind == "causal":
        tokenizer.truncation_side = "left"
    try:
        yield
    finally:
        tokenizer.truncation_side = side


def check_length(loaded: LoadedModel, n_tokens: int) -> None:
    """Refuse a text that has more tokens than the model has positions.

    Raises:
        ArgumentError: with how many there are too many.
    """
    limit = loaded.context_length
    if limit is not None and n_tokens > limit:
        raise ArgumentError(
            f"The text has {n_tokens} tokens, {n_tokens - limit} more than the {limit} positions of {loaded.name!r}. "
            "Shorten it, or let it be cut: truncation=True."
        )


# -- encodings ---------------------------------------------------------------------------------------------------------


def is_encoding(value: Any) -> bool:
    """Whether something is what a tokenizer returns."""
    return isinstance(value, Mapping | BatchEncoding)


def from_encoding(loaded: LoadedModel, encoding: Mapping[str, Any]) -> list[Encoded]:
    """The texts of what a tokenizer returned, without padding.

    Raises:
        ArgumentError: for anything but ids of one or several texts, or where the encoding says more than is read.
    """
    if "input_ids" not in encoding:
        raise ArgumentError(f"The encoding holds {sorted(encoding)}, but no input_ids.")
    if more := [name for name in encoding if name not in BESIDE and names(loaded.model, name)]:
        raise ArgumentError(
            f"The encoding holds {', '.join(more)}, which ecco does not pass on to the model, so its answer would be another. "
            "Leave it out" + (", and give what it should write as continuation=." if "decoder_input_ids" in more else ".")
        )
    rows = _rows(encoding["input_ids"], "input_ids")
    masks = _like(rows, encoding.get("attention_mask"), "attention_mask")
    types = _like(rows, encoding.get("token_type_ids"), "token_type_ids")
    kept = [_kept(mask, number) for number, mask in enumerate(masks)] if masks else [slice(None)] * len(rows)
    texts = []
    for number, (row, part) in enumerate(zip(rows, kept, strict=True)):
        ids = row[part]
        if not ids:
            raise ArgumentError(f"The encoding holds a text without tokens (number {number}).")
        check_ids(loaded, ids)
        texts.append(Encoded(ids, _token_types(loaded, types[number][part] if types else None, ids)))
    return texts


def _rows(values: Any, name: str) -> list[list[int]]:
    """Ids as one list per text.

    Raises:
        ArgumentError: unless they are whole numbers, (token,) or (batch, token).
    """
    if torch.is_tensor(values) and values.device.type == "meta":
        raise ArgumentError(f"The encoding's {name} lies on the meta device, which holds no numbers.")
    plain = _plain(values)
    if not isinstance(plain, list | tuple) or not plain:
        raise ArgumentError(f"The encoding's {name} must be ids of one or several texts, not {_kind(plain)}.")
    rows = [list(row) if isinstance(row, list | tuple) else _plain(row) for row in plain]
    rows = rows if any(isinstance(row, list) for row in rows) else [rows]
    for row in rows:
        if not isinstance(row, list):
            raise ArgumentError(f"The encoding's {name} mixes lists and numbers.")
        wrong = [v for v in row if not isinstance(v, int) or isinstance(v, bool)]
        if wrong and name == "attention_mask":
            wrong = [v for v in wrong if v not in (0, 1)]
        if wrong:
            raise ArgumentError(
                f"The encoding's {name} must be whole numbers, (token,) or (batch, token); it holds {_kind(wrong[0])}."
            )
    return [[int(v) for v in row] for row in rows]  # type: ignore[union-attr]


def _plain(row: Any) -> Any:
    return row.tolist() if hasattr(row, "tolist") else row


def _like(rows: list[list[int]], values: Any, name: str) -> list[list[int]] | None:
    """What an encoding says of each id, checked against the ids."""
    if values is None:
        return None
    found = _rows(values, name)
    if [len(row) for row in found] != [len(row) for row in rows]:
        raise ArgumentError(
            f"The encoding's {name} has another shape than its input_ids: {_shape(found)} instead of {_shape(rows)}."
        )
    return found


def _shape(rows: list[list[int]]) -> str:
    lengths = {len(row) for row in rows}
    return f"({len(rows)}, {lengths.pop()})" if len(lengths) == 1 else f"{len(rows)} rows of {min(lengths)} to {max(lengths)}"


def _kept(mask: list[int], number: int) -> slice:
    """The part of a text that is not padding, which may stand on either side of it.

    Raises:
        ArgumentError: if tokens inside the text are masked.
    """
    ones = [i for i, value in enumerate(mask) if value]
    if any(value not in (0, 1) for value in mask):
        raise ArgumentError(f"The attention_mask of text {number} must hold 0 and 1 only.")
    start, stop = (ones[0], ones[-1] + 1) if ones else (0, 0)
    if len(ones) != stop - start:
        hole = next(i for i in range(start, stop) if not mask[i])
        raise ArgumentError(
            f"The attention_mask of text {number} hides token {hole} between others; only padding before and after a text can "
            "be left out. Take the token out of input_ids, or let the model read it."
        )
    return slice(start, stop)


# -- ids ---------------------------------------------------------------------------------------------------------------


def check_ids(loaded: LoadedModel, ids: Sequence[int]) -> None:
    """Refuse ids that the model cannot embed.

    Raises:
        ArgumentError: with the id, and what it stands for.
    """
    known = getattr(input_embedding(loaded.model), "num_embeddings", None)
    if lowest := min((i for i in ids if i < 0), default=None):
        raise ArgumentError(f"Token id {lowest} is negative. Labels mark what is left out so; give the ids of the text.")
    if known is not None and (wrong := next((i for i in ids if i >= known), None)) is not None:
        token = loaded.tokenizer.convert_ids_to_tokens(wrong) if wrong < len(loaded.tokenizer) else None
        what = f"Token id {wrong}" + (f" ({token!r})" if token is not None else "")
        raise ArgumentError(
            f"{what} is outside the {known} tokens that {loaded.name!r} embeds. The tokenizer belongs to another model, or "
            "got new tokens that the model has not (model.resize_token_embeddings)."
        )


def _token_types(loaded: LoadedModel, types: Any, ids: list[int]) -> list[int] | None:
    """Token types that the model takes, checked; None where it takes none.

    Raises:
        ArgumentError: if it knows fewer, or reads one text.
    """
    if types is None:
        return None
    types = [int(t) for t in types]
    if loaded.task.kind in ("causal", "seq2seq"):
        if any(types):
            raise ArgumentError(
                f"The encoding marks a second text (token_type_ids); a {type(loaded.model).__name__} writes, and reads one. "
                "Join them into one text."
            )
        return None
    if not names(loaded.model, "token_type_ids"):
        return None
    known = getattr(loaded.model.config, "type_vocab_size", None)
    if known and max(types) >= known:
        raise ArgumentError(
            f"The tokenizer marks texts with token_type_ids up to {max(types)}, of which {loaded.name!r} knows {known} "
            "(0 and up). It belongs to another model; leave them out of the encoding."
        )
    if len(types) != len(ids):
        raise ArgumentError(f"There are {len(types)} token_type_ids for {len(ids)} tokens.")
    return types


# -- continuations -----------------------------------------------------------------------------------------------------


def continued_ids(loaded: LoadedModel, text: Any, ids: list[int], continuation: str | Sequence[int]) -> list[int]:
    """The ids of a continuation, chosen such that it reads as it was given.

    Tokenizers of the SentencePiece family put a space before what they read on its own: "ing" would become " ing". What
    an encoder-decoder writes is a text of its own.

    Args:
        loaded: the model.
        text: what was read before, as the person gave it.
        ids: its ids.
        continuation: a text, or its ids.

    Raises:
        ArgumentError: if it has no tokens.
    """
    if isinstance(continuation, str):
        found = _continued_text(loaded, text, ids, continuation)
    else:
        rows = _rows(continuation, "input_ids of continuation=") if not isinstance(continuation, bytes) else []
        if len(rows) != 1:
            raise ArgumentError(f"continuation={continuation!r} must be a string, or the ids of one text.")
        (found,) = rows
    if not found:
        raise ArgumentError(f"continuation={continuation!r} has no tokens.")
    check_ids(loaded, found)
    return found


def _continued_text(loaded: LoadedModel, text: Any, ids: list[int], continuation: str) -> list[int]:
    two_sided = loaded.task.kind == "seq2seq"
    name = "text_target" if two_sided else "text"
    text = text[0] if isinstance(text, list | tuple) else text
    candidates: list[list[int]] = []
    if isinstance(text, str) and not two_sided:
        whole = list(loaded.tokenizer(text + continuation)["input_ids"])
        candidates.append(whole[len(ids) :] if whole[: len(ids)] == ids else [])
    for alone in (continuation, continuation.removeprefix(" ")):
        asked: dict[str, Any] = {name: alone, "add_special_tokens": False}
        candidates.append(list(loaded.tokenizer(**asked)["input_ids"]) if alone else [])
    if not any(candidates):
        return []
    ids = [] if two_sided else ids
    before = decode(loaded.tokenizer, ids)
    reads = {decode(loaded.tokenizer, [*ids, *added]): added for added in reversed(candidates) if added}
    # A tokenizer of whole words reads no two words without a space between them.
    for expected in (before + continuation, f"{before} {continuation}"):
        if expected in reads:
            return reads[expected]
    return next(added for added in candidates if added)  # a tokenizer that changes the text, to lower case for instance
