"""The texts of tokens, joined, are the text, whatever the tokenizer."""

from __future__ import annotations

import random

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast
from zoo import byte_tokenizer, word_tokenizer

from ecco.tokens import Token, decode, display, token_text

HOSTILE = [
    "plain text",
    "  two leading spaces, trailing  ",
    "line\nbreak\ttab\r\n",
    "</script><img src=x onerror=alert(1)>",
    "quotes \" and ' and `",
    "$x$ and $$y$$",
    "separator \u2028 and \u2029 and \u0085",
    "emoji 😀 family 👨\u200d👩\u200d👧 flag 🇩🇪",
    "é combining e\u0301, 中文, العربية, ไทย",
    "## Ġ ▁ @@ </w>",
    "nul \x00 and bell \x07",
    "replacement \ufffd itself \ufffd\ufffd\ufffd\ufffd\ufffd end",
]


def _ids(tokenizer, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_joined_are_the_text_for_single_bytes(text: str) -> None:
    tokenizer = byte_tokenizer()
    tokens = display(tokenizer, _ids(tokenizer, text))
    assert "".join(t.text for t in tokens) == text
    assert [t.id for t in tokens] == _ids(tokenizer, text)


def test_a_character_of_four_bytes_is_one_text_and_three_parts() -> None:
    tokenizer = byte_tokenizer()
    tokens = display(tokenizer, _ids(tokenizer, "a😀b"))
    assert [t.text for t in tokens] == ["a", "😀", "", "", "", "b"]
    assert [t.part for t in tokens] == [False, False, True, True, True, False]


def test_a_fragment_that_never_becomes_a_character_is_shown_once() -> None:
    tokenizer = byte_tokenizer()
    ids = _ids(tokenizer, "😀")[:2]
    tokens = display(tokenizer, [*ids, *_ids(tokenizer, "ab")])
    assert "".join(t.text for t in tokens).replace("\ufffd", "") == "ab"
    assert [t.text for t in tokens[-1:]] == ["b"]
    alone = display(tokenizer, ids)
    assert set("".join(t.text for t in alone)) == {"\ufffd"}


def test_special_tokens_are_marked_and_keep_their_name() -> None:
    tokenizer = byte_tokenizer()
    ids = [*_ids(tokenizer, "hi"), tokenizer.eos_token_id]
    assert display(tokenizer, ids)[-1] == Token("<|endoftext|>", tokenizer.eos_token_id, special=True)


def test_leading_spaces_of_sentencepiece_are_kept() -> None:
    core = Tokenizer(models.BPE({"▁a": 0, "▁b": 1, "c": 2, "▁": 3}, []))
    core.pre_tokenizer = pre_tokenizers.Metaspace()
    core.decoder = decoders.Metaspace()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core)
    assert [t.text for t in display(tokenizer, [0, 1, 2, 1])] == ["a", " b", "c", " b"]
    assert token_text(tokenizer, 1, after=[0]) == " b"


def test_wordpieces_join_without_their_marks() -> None:
    vocab = {"[UNK]": 0, "un": 1, "##believ": 2, "##able": 3, "##": 4, "story": 5}
    core = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]"))
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    core.decoder = decoders.WordPiece(cleanup=False)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core)
    assert [t.text for t in display(tokenizer, [1, 2, 3, 5])] == ["un", "believ", "able", " story"]
    assert token_text(tokenizer, 3, after=[1]) == "able"


def test_an_empty_sequence_has_no_tokens() -> None:
    assert display(word_tokenizer(), []) == []


def test_the_payload_form_says_only_what_is_so() -> None:
    assert Token(" a", 3).to_dict() == {"text": " a", "id": 3}
    assert Token("", 4, part=True).to_dict() == {"text": "", "id": 4, "part": True}
    assert Token("</s>", 2, special=True).to_dict() == {"text": "</s>", "id": 2, "special": True}


def test_byte_fallback_joins_into_the_decoded_text() -> None:
    """Bytes that make no character change how those before them read, so they are shown as one unit."""
    pieces = {f"<0x{byte:02X}>": byte for byte in range(256)} | {"▁a": 256, "b": 257, "é": 258}
    core = Tokenizer(models.BPE(pieces, [], byte_fallback=True, unk_token=None))
    core.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, clean_up_tokenization_spaces=False)
    numbers = random.Random(0)
    for _ in range(300):
        ids = [numbers.choice([0x59, 0xBE, 0x54, 0xF0, 0x9F, 0x98, 0x80, 256, 257, 258]) for _ in range(numbers.randint(1, 9))]
        shown = display(tokenizer, ids)
        assert "".join(token.text for token in shown) == decode(tokenizer, ids)
        assert [token.id for token in shown] == ids
