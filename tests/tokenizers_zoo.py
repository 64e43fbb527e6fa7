"""Small tokenizers of every kind, trained on a few sentences or built from nothing, and texts that are hard to show."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertweetTokenizer,
    ByT5Tokenizer,
    CanineTokenizer,
    CTRLTokenizer,
    EsmTokenizer,
    MarianTokenizer,
    PerceiverTokenizer,
    PreTrainedTokenizerFast,
)
from transformers.models.bert.tokenization_bert_legacy import BertTokenizerLegacy

SENTENCES = [
    "The quick brown fox jumps over the lazy dog, and don't you forget it!",
    "Heathrow Airport is located in the city of London. 1, 2, 3, 4.",
    "def f(x):\n    return x + 1\n\n\tif True:\r\n        pass",
    "Ünïcödé ist schön; él está aquí, où ça?",
    "日本語の文章です。中文也可以。 한국어도 됩니다.",
    "مرحبا بالعالم שלום עולם",
    "  spaces   in    many     places  ",
    "unbelievable tokenization of tokens and tokenizers, unbelievably",
] * 3

HOSTILE = {
    "plain": "The quick brown fox jumps.",
    "punctuation": "Don't stop , he said . It 's ( not ) done !",
    "spaces around": "  two before, three after   ",
    "many spaces": "a          b",
    "tabs and line ends": "a\tb\t\tc\nd\n\ne\r\nf",
    "only spaces": "   ",
    "only a line end": "\n",
    "emoji with joiners": "family 👨\u200d👩\u200d👧 flag 🇩🇪 ok 👍🏽!",
    "combining accents": "e\u0301 and é, a\u0308\u0301",
    "CJK": "日本語 中文 한국어。",
    "right to left": "abc مرحبا שלום def",
    "zero width": "a\u200bb\u200cc\u200dd\ufeffe\u00ad",
    "other spaces": "a\u00a0b\u2009c\u3000d\u2028e",
    "markup": "<html> &amp; </script><b>x</b>",
    "marks of tokenizers": "▁a Ġb ##c d@@ e</w> <0x41> ▁▁ ## Ċ",
    "replacement": "\ufffd one \ufffd\ufffd",
    "special tokens": "a [MASK] b <s> c </s> d [UNK]<pad>",
    "controls": "nul \x00 bell \x07 esc \x1b",
    "outside the BMP": "𝔘𝔫𝔦 𒀀 🂡",
}


def _trained(core: Tokenizer, trainer: Any) -> Tokenizer:
    core.train_from_iterator(SENTENCES, trainer)
    return core


def _fast(core: Tokenizer, **special: str) -> Any:
    return PreTrainedTokenizerFast(tokenizer_object=core, **special)


def byte_level(split: str | None = None, prefix_space: bool = False) -> Any:
    """GPT-2's kind, or with a split of its own tiktoken's (GPT-4, Llama 3, Qwen)."""
    core = Tokenizer(models.BPE())
    level = pre_tokenizers.ByteLevel(add_prefix_space=prefix_space, use_regex=split is None)
    parts = [pre_tokenizers.Split(Regex(split), "isolated")] if split else []
    core.pre_tokenizer = pre_tokenizers.Sequence([*parts, level])
    core.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    core = _trained(core, trainers.BpeTrainer(vocab_size=420, initial_alphabet=alphabet, special_tokens=["<|endoftext|>"]))
    return _fast(core, eos_token="<|endoftext|>")


GPT4 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def llama() -> Any:
    """SentencePiece's BPE with bytes for what it does not know, as converted for Llama 2 and Mistral."""
    core = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    core.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    special = ["<unk>", "<s>", "</s>", *(f"<0x{b:02X}>" for b in range(256))]
    core = _trained(core, trainers.BpeTrainer(vocab_size=520, special_tokens=special))
    state = json.loads(core.to_str())
    state["added_tokens"] = state["added_tokens"][:3]  # bytes are pieces like others
    core = Tokenizer.from_str(json.dumps(state))
    core.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    core.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return _fast(core, unk_token="<unk>", bos_token="<s>", eos_token="</s>")


def unigram(byte_fallback: bool = False) -> Any:
    """SentencePiece's Unigram, as converted for T5, ALBERT and XLM-R."""
    core = Tokenizer(models.Unigram())
    core.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    core.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<pad>", "</s>", "<unk>", *(f"<0x{b:02X}>" for b in range(256) if byte_fallback)]
    core = _trained(core, trainers.UnigramTrainer(vocab_size=500, special_tokens=special, unk_token="<unk>"))
    state = json.loads(core.to_str())
    state["added_tokens"] = state["added_tokens"][:3]
    state["model"]["byte_fallback"] = byte_fallback
    core = Tokenizer.from_str(json.dumps(state))
    core.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()]) if byte_fallback else decoders.Metaspace()
    core.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return _fast(core, unk_token="<unk>", pad_token="<pad>", eos_token="</s>")


def wordpiece(lowercase: bool = False) -> Any:
    """BERT's."""
    core = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    core.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    core.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    core = _trained(core, trainers.WordPieceTrainer(vocab_size=300, special_tokens=special))
    core.decoder = decoders.WordPiece()  # which tidies spaces before punctuation, as BERT's does
    core.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    names = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
    return _fast(core, **names)


def end_of_word() -> Any:
    """OpenAI's first GPT, CLIP and XLM: a mark behind the last piece of a word."""
    core = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    core.normalizer = normalizers.BertNormalizer(lowercase=True)
    core.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    core.decoder = decoders.BPEDecoder(suffix="</w>")
    core = _trained(core, trainers.BpeTrainer(vocab_size=300, special_tokens=["<unk>"], end_of_word_suffix="</w>"))
    return _fast(core, unk_token="<unk>")


def words() -> Any:
    """Whole words, with spaces between them that no token holds."""
    core = Tokenizer(models.WordLevel(unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    core = _trained(core, trainers.WordLevelTrainer(special_tokens=["<unk>", "<s>"]))
    return _fast(core, unk_token="<unk>", bos_token="<s>")


def added() -> Any:
    """GPT-2's kind with tokens added later, some of which eat the space before or behind them."""
    tokenizer = byte_level()
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", AddedToken("<mask>", lstrip=True)]})
    tokenizer.add_tokens(["newword", AddedToken("hello", rstrip=True)])
    return tokenizer


@cache
def _sentencepiece(kind: str) -> bytes:
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.Train(
        sentence_iterator=iter(SENTENCES), model_writer=out, vocab_size=120, model_type=kind, minloglevel=2, pad_id=3
    )
    return out.getvalue()


def _in_folder(files: dict[str, str | bytes], make: Callable[[Path], Any]) -> Any:
    with tempfile.TemporaryDirectory() as name:
        for file, content in files.items():
            (Path(name) / file).write_bytes(content.encode() if isinstance(content, str) else content)
        return make(Path(name))


def marian() -> Any:
    """A slow tokenizer around SentencePiece itself."""
    pieces = sentencepiece.SentencePieceProcessor(model_proto=_sentencepiece("unigram"))
    vocab = {"</s>": 0, "<unk>": 1, "<pad>": 2}
    for i in range(pieces.get_piece_size()):
        vocab.setdefault(pieces.id_to_piece(i), len(vocab))
    files: dict[str, str | bytes] = {"m.spm": _sentencepiece("unigram"), "vocab.json": json.dumps(vocab)}
    return _in_folder(files, lambda f: MarianTokenizer(str(f / "m.spm"), str(f / "m.spm"), str(f / "vocab.json")))


def ctrl() -> Any:
    """A slow tokenizer that marks pieces which are followed by others: `un@@ believ@@ able`."""
    letters = sorted({c for s in SENTENCES for c in s if not c.isspace()})
    vocab = ["<unk>", *letters, *(f"{c}@@" for c in letters), "th@@", "the", "fo@@", "fox", "brow@@"]
    merges = "#version: 0.2\nt h\nth e</w>\nf o\nfo x</w>\nb r\nbr o\nbro w\n"
    files: dict[str, str | bytes] = {"vocab.json": json.dumps({v: i for i, v in enumerate(vocab)}), "merges.txt": merges}
    return _in_folder(files, lambda f: CTRLTokenizer(str(f / "vocab.json"), str(f / "merges.txt")))


def bertweet() -> Any:
    """Another with `@@`, of issue reports that its words could not be shown."""
    letters = sorted({c for s in SENTENCES for c in s if not c.isspace()})
    vocab = [*letters, *(f"{c}@@" for c in letters), "to@@", "ken@@", "ization"]
    files: dict[str, str | bytes] = {
        "vocab.txt": "".join(f"{v} 1\n" for v in vocab),
        "bpe.codes": "t o 9\nk e 9\nke n 9\ni z 9\niz a 9\niza t 9\nizat i 9\nizati o 9\nizatio n</w> 9\n",
    }
    return _in_folder(files, lambda f: BertweetTokenizer(str(f / "vocab.txt"), str(f / "bpe.codes")))


def esm() -> Any:
    """One letter per token, of proteins."""
    vocab = "\n".join(["<cls>", "<pad>", "<eos>", "<unk>", *"LAGVSERTIDPKQNFYMHWCXBUZO.-", "<mask>"])
    return _in_folder({"vocab.txt": vocab}, lambda f: EsmTokenizer(str(f / "vocab.txt")))


def bert_legacy() -> Any:
    """BERT's in Python."""
    vocab = sorted(wordpiece().get_vocab().items(), key=lambda item: item[1])
    return _in_folder({"vocab.txt": "\n".join(v for v, _ in vocab)}, lambda f: BertTokenizerLegacy(str(f / "vocab.txt")))


KINDS: dict[str, Callable[[], Any]] = {
    "byte-level": byte_level,
    "byte-level with a space before": lambda: byte_level(prefix_space=True),
    "tiktoken": lambda: byte_level(split=GPT4),
    "byte-level with added tokens": added,
    "SentencePiece BPE with bytes": llama,
    "Unigram with Metaspace": unigram,
    "Unigram with bytes": lambda: unigram(byte_fallback=True),
    "WordPiece": wordpiece,
    "WordPiece in lower case": lambda: wordpiece(lowercase=True),
    "end of word": end_of_word,
    "words": words,
    "slow: ByT5": ByT5Tokenizer,
    "slow: CANINE": CanineTokenizer,
    "slow: Perceiver": PerceiverTokenizer,
    "slow: Marian": marian,
    "slow: CTRL": ctrl,
    "slow: BERTweet": bertweet,
    "slow: ESM": esm,
    "slow: BERT": bert_legacy,
}

# What these tokenizers decode is the text that they read, character by character.
LOSSLESS = {"byte-level", "tiktoken", "slow: ByT5", "slow: CANINE", "slow: Perceiver"}


@cache
def tokenizer_of(kind: str) -> Any:
    """One of `KINDS`."""
    return KINDS[kind]()
