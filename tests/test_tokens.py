"""The texts of tokens, joined, are the text, whatever the tokenizer."""

from __future__ import annotations

import random

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from tokenizers_zoo import HOSTILE as TEXTS
from tokenizers_zoo import KINDS, LOSSLESS, tokenizer_of
from transformers import PreTrainedTokenizerFast
from zoo import byte_tokenizer, word_tokenizer

from ecco.tokens import Token, decode, display, special_ids, token_text

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


@pytest.mark.parametrize("kind", KINDS)
def test_texts_joined_are_what_the_tokenizer_decodes(kind: str) -> None:
    tokenizer = tokenizer_of(kind)
    for name, text in TEXTS.items():
        for special in (False, True):
            ids = list(tokenizer(text, add_special_tokens=special)["input_ids"])
            shown = display(tokenizer, ids)
            joined = "".join(token.text for token in shown)
            assert joined == decode(tokenizer, ids), name
            assert [token.id for token in shown] == ids
            assert all(token.text == "" for token in shown if token.part), name
            assert [t.id for t in shown if t.special] == [i for i in ids if i in special_ids(tokenizer)], name
            if kind in LOSSLESS and not special and name != "special tokens":
                assert joined == text


@pytest.mark.parametrize("kind", sorted(LOSSLESS))
def test_what_is_shown_of_the_beginning_of_a_text_is_the_beginning(kind: str) -> None:
    """As a text grows while it is written, what is shown is never something else."""
    tokenizer = tokenizer_of(kind)
    text = TEXTS["emoji with joiners"] + TEXTS["CJK"]
    ids = _ids(tokenizer, text)
    for end in range(1, len(ids)):
        joined = "".join(token.text for token in display(tokenizer, ids[:end]))
        assert text.startswith(joined.rstrip("\ufffd")), end


# Texts, and of how many tokens some characters of them are made.
UNITS = {
    "byte-level": ("a 🇩🇪 b\u200dc", {"🇩": 4, "\u200d": 3, "b": 1}),
    "tiktoken": ("a 👍🏽 e\u0301", {"👍": 4, "🏽": 4, "\u0301": 2, "a": 1}),
    "SentencePiece BPE with bytes": ("a 👩\u00ad", {"👩": 4, "\u00ad": 2}),
    "Unigram with bytes": ("a 𒀀", {"𒀀": 4}),
    "slow: ByT5": ("a中é𝔘", {"a": 1, "中": 3, "é": 2, "𝔘": 4}),
    "slow: Perceiver": ("a日🂡", {"a": 1, "日": 3, "🂡": 4}),
    "slow: CANINE": ("a👨日", {"a": 1, "👨": 1, "日": 1}),
}


@pytest.mark.parametrize("kind", UNITS)
def test_a_character_is_one_unit_with_its_parts_marked(kind: str) -> None:
    text, expected = UNITS[kind]
    shown = display(tokenizer_of(kind), _ids(tokenizer_of(kind), text))
    sizes: dict[str, int] = {}
    for token in shown:
        unit = token.text if not token.part else list(sizes)[-1]
        sizes[unit] = sizes.get(unit, 0) + 1
    assert expected.items() <= sizes.items()


def test_pieces_that_say_that_a_word_goes_on_are_shown_without_the_mark() -> None:
    tokenizer = tokenizer_of("slow: BERTweet")
    ids = _ids(tokenizer, "a tokenization of to")
    assert tokenizer.convert_ids_to_tokens(ids)[1:4] == ["to@@", "ken@@", "ization"]
    shown = display(tokenizer, ids)
    assert [t.text for t in shown][:4] == ["a", " to", "ken", "ization"]
    assert not any(t.part for t in shown)
    fox = display(tokenizer_of("slow: CTRL"), _ids(tokenizer_of("slow: CTRL"), "the brown fox"))
    assert [t.text for t in fox] == ["the", " brow", "n", " fox"]
    unfinished = display(tokenizer, ids[:3])
    assert [t.text for t in unfinished] == ["a", " to", "ken@@"]


def test_tokens_that_were_added_as_special_are_marked_whatever_they_do_to_the_spaces_beside_them() -> None:
    tokenizer = tokenizer_of("byte-level with added tokens")
    shown = display(tokenizer, _ids(tokenizer, "a <mask> b<|im_start|>c newword hello  d"))
    assert [t.text for t in shown if t.special] == ["<mask>", "<|im_start|>"]
    assert not next(t for t in shown if t.text == "newword").special


def test_half_a_character_is_written_out() -> None:
    tokenizer = tokenizer_of("slow: CANINE")
    shown = display(tokenizer, [0x61, 0xD83D, 0xDE00, 0x62])
    assert [t.text for t in shown] == ["a", "\\ud83d", "\\ude00", "b"]
    assert "".join(t.text for t in shown).encode("utf-8")


def test_a_byte_that_is_no_character_yet_is_shown_as_such() -> None:
    tokenizer = tokenizer_of("slow: ByT5")
    one, rest, after = _ids(tokenizer, "é")[0], _ids(tokenizer, "é")[1:], _ids(tokenizer, "abc")
    assert token_text(tokenizer, one, after=after) == "\ufffd"
    assert token_text(tokenizer, after[0], after=after) == "a"
    assert [t.text for t in display(tokenizer, [*after, one, *rest])] == ["a", "b", "c", "é", ""]
    assert [t.text for t in display(tokenizer, [one, *after])][-3:] == ["a", "b", "c"]
