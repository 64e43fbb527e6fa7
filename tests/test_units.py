"""Words, sentences and spans: found in any text, and scored as the sum of their tokens."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from conftest import TEXT
from questions import ANYWHERE
from zoo import TASK_OF, byte_tokenizer, tiny_model, word_tokenizer

import ecco
from ecco.attribution.methods import METHODS
from ecco.attribution.units import find_units
from ecco.errors import ArgumentError
from ecco.tokens import Token, display

ANSWER = "a6 a7 a8"
SPANS = [(0, 2), (3, 6), (7, 9)]
UNITS = [range(0, 2), range(2, 3), range(3, 6), range(6, 7), range(7, 9)]

# Methods that take words from the text as wholes do not fold; tests/test_perturbation.py is theirs.
FOLDED = [name for name, method in METHODS.items() if not method.by_unit]


def pieces(texts: list[str], by: str, n_input: int | None = None) -> list[str]:
    """The texts of the units; a token in angle brackets is special."""
    tokens = [Token(text, i, special=text.startswith("<")) for i, text in enumerate(texts)]
    units = find_units(tokens, by, len(tokens) if n_input is None else n_input)
    assert [p for unit in units for p in unit] == list(range(len(tokens)))
    return ["".join(texts[p] for p in unit) for unit in units]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["The", " dog", "s", "."], ["The", " dogs", "."]),
        (["The ", "dog", "s ", "run"], ["The ", "dogs ", "run"]),
        ([" don", "'", "t", " stop", "!", "!"], [" don't", " stop", "!!"]),
        ([" well", "-", "known", " 3", ".", "14", ",", " x"], [" well-known", " 3.14", ",", " x"]),
        (["(", "a", ")", " “", "b", "”"], ["(", "a", ")", " “", "b", "”"]),
        (["<s>", "Hel", "lo", "</s>"], ["<s>", "Hello", "</s>"]),
        (["a", " ", "b"], ["a", " b"]),
        (["a", "\n", "\n", "b"], ["a", "\n\nb"]),
        (["東", "京", "は"], ["東", "京", "は"]),
        (["हि", "न्", "दी", " है"], ["हिन्दी", " है"]),
        (["При", "вет", ",", " мир"], ["Привет", ",", " мир"]),
        (["s.", " T"], ["s.", " T"]),
    ],
)
def test_words(texts: list[str], expected: list[str]) -> None:
    assert pieces(texts, "word") == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["A", " dog", ".", " It", " ran", "!"], ["A dog.", " It ran!"]),
        (["A", ". ", "B", "? ", "C"], ["A. ", "B? ", "C"]),
        (["He", " said", " “", "go", ".", "”", " She", " went"], ["He said “go.”", " She went"]),
        (["3", ".", "14", " is", " pi"], ["3.14 is pi"]),
        (["one", "\n", "two", "\n", "\n", "three"], ["one", "\ntwo", "\n\nthree"]),
        (["東京", "。", "大阪", "！", "京都"], ["東京。", "大阪！", "京都"]),
        (["<s>", "a", ".", " b", "</s>"], ["<s>", "a.", " b", "</s>"]),
    ],
)
def test_sentences(texts: list[str], expected: list[str]) -> None:
    assert pieces(texts, "sentence") == expected


def test_nothing_goes_on_from_input_to_output() -> None:
    assert pieces(["Lon", "don"], "word", 1) == ["Lon", "don"]
    assert pieces(["The city", " of", " London"], "sentence", 2) == ["The city of", " London"]


@pytest.mark.parametrize("by", ["word", "sentence"])
def test_characters_of_several_tokens_stay_whole(by: str) -> None:
    text = "né 日本。😀 x"
    tokens = display(byte_tokenizer(), byte_tokenizer()(text)["input_ids"])
    units = find_units(tokens, by, len(tokens))
    assert all(not tokens[unit.start].part for unit in units)
    assert "".join(tokens[p].text for unit in units for p in unit) == text


@pytest.mark.filterwarnings("ignore::ecco.CompletenessWarning")
@pytest.mark.parametrize("method", [name for name in FOLDED if METHODS[name].signed])
def test_a_unit_scores_the_sum_of_its_tokens_toward_the_sum_of_its_targets(method: str, gpt2: ecco.LM) -> None:
    out = gpt2(TEXT, continuation=ANSWER)
    raw = {"normalize": False, "signed": True, "target": "logprob"}
    tokens = out.saliency(method, **raw)
    units = out.saliency(method, by=SPANS, **raw)
    assert units.positions == (3, 4)
    assert units.seen == (3, 4)
    assert [t.text for t in units.tokens] == ["a5 a17", " a3", " a80 a41 a9", " a6", " a7 a8"]
    assert units.n_input_tokens == 3
    by_unit = np.stack([tokens.scores[:, u.start : u.stop].sum(axis=1) for u in UNITS], axis=1)
    np.testing.assert_allclose(units.scores[0], by_unit[0], atol=1e-4)
    np.testing.assert_allclose(units.scores[1, :4], by_unit[1, :4] + by_unit[2, :4], atol=1e-4)
    assert units.scores[1, 4] == 0  # its own tokens
    np.testing.assert_allclose(units.values, [tokens.values[0], tokens.values[1:].sum()], rtol=1e-5)


def test_shares_of_units_add_up_and_a_unit_is_ignored_as_a_whole(gpt2: ecco.LM) -> None:
    out = gpt2(TEXT, continuation=ANSWER)
    tokens, units = out.saliency(position=6, target="logprob"), out.saliency(position=6, by=SPANS)
    expected = [tokens.scores[0, u.start : u.stop].sum() for u in UNITS]
    np.testing.assert_allclose(units.scores[0], expected, rtol=1e-4, atol=1e-6)
    ignored = out.saliency(position=6, by=SPANS, ignore_tokens=[0, 1, 3])
    assert ignored.scores[0, 0] == 0 != ignored.scores[0, 2]
    np.testing.assert_allclose(ignored.scores[0, 1:], units.scores[0, 1:] / units.scores[0, 1:].sum(), rtol=1e-4)


@pytest.mark.parametrize("model_type", ["gpt2", "llama", "mamba"])
def test_an_answer_is_explained_as_the_sum_of_its_log_probabilities(model_type: str) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type), tokenizer=word_tokenizer())
    out = lm(TEXT, continuation=ANSWER)
    raw = {"normalize": False, "signed": True}
    whole, each = out.saliency(joint=True, **raw), out.saliency(target="logprob", **raw)
    assert (whole.quantity, whole.positions, whole.seen) == ("logprob", (6,), (6,))
    assert whole.explained[0].text == " a6 a7 a8"
    assert whole.values[0] == pytest.approx(each.values.sum(), rel=1e-5)
    np.testing.assert_allclose(whole.scores[0, :6], each.scores[:, :6].sum(axis=0), atol=1e-4)
    assert (whole.scores[0, 6:] == 0).all()
    payload = whole.to_payload()
    assert payload["named"] is None
    assert payload["explained"] == [{"text": " a6 a7 a8", "id": -1}]


@pytest.mark.parametrize("method", ANYWHERE)
@pytest.mark.parametrize("model_type", ["gpt2", "t5"])
def test_a_word_of_several_tokens_is_what_a_text_with_it_explains(method: str, model_type: str, untouched) -> None:
    kind = "seq2seq" if model_type == "t5" else "causal"
    lm = ecco.from_pretrained(tiny_model(model_type, task=TASK_OF[kind]), tokenizer=word_tokenizer())
    untouched(lm.model)
    out = lm(TEXT, continuation=ANSWER)
    asked = {"normalize": False, "n_steps": 200} if method == "integrated_gradients" else {"normalize": False}
    named = out.saliency(method, token="a20 a21", position=7, **asked)
    written = lm(TEXT, continuation="a6 a20 a21").saliency(method, position=[7, 8], joint=True, **asked)
    np.testing.assert_allclose(named.scores[0, :7], written.scores[0, :7], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(named.values, written.values)
    assert named.explained[0].text == " a20 a21"
    assert named.to_payload()["named"]["text"] == " a20 a21"
    assert named.scores.shape == (1, 9)


def test_a_word_of_several_tokens_is_refused_where_nothing_is_written() -> None:
    lm = ecco.from_pretrained(tiny_model("bert", task=TASK_OF["masked"]), tokenizer=word_tokenizer())
    with pytest.raises(ArgumentError, match="not one token of this tokenizer but 2"):
        lm("a5 <mask> a7").saliency(token="a1 a2")


def test_units_of_a_model_that_reads_in_both_directions_are_sources_only() -> None:
    lm = ecco.from_pretrained(tiny_model("bert", task=TASK_OF["masked"]), tokenizer=word_tokenizer())
    out = lm("a5 a6 <mask> a7 <mask>")
    tokens, units = out.saliency(), out.saliency(by=[(0, 2), (3, 4)])
    assert units.positions == (1, 3)
    assert units.quantity == "logit"
    np.testing.assert_allclose(units.scores[:, 0], tokens.scores[:, :2].sum(axis=1), rtol=1e-5)


def test_special_tokens_can_be_left_out(gpt2: ecco.LM) -> None:
    out = gpt2("<s> a5 a6 a7", continuation="a8")
    special = out._runs[0].tokens[0].special
    found = out.saliency(ignore_special=True)
    assert special == (found.scores[0, 0] == 0)
    assert out.saliency().scores[0, 0] > 0


def test_targets_that_need_passes_of_their_own_are_summed_as_others() -> None:
    rope = {"rope_type": "dynamic", "factor": 4.0, "rope_theta": 100.0}
    model = tiny_model("llama", max_position_embeddings=10, rope_parameters=rope)
    words = "a1 a13 a76 a5 a37 a29 a56 a8"
    out = ecco.from_pretrained(model, tokenizer=word_tokenizer())(words, continuation=words)
    assert out._runs[0].flow.by_prefix
    raw = {"normalize": False, "signed": True, "position": [9, 10, 11]}
    whole, each = out.saliency(joint=True, **raw), out.saliency(target="logprob", **raw)
    np.testing.assert_allclose(whole.scores[0, :9], each.scores[:, :9].sum(axis=0), rtol=1e-4, atol=1e-5)
    assert whole.values.shape == (1,)


def test_an_answer_toward_the_vectors_that_go_in_equals_one_pass_by_hand(llama: ecco.LM) -> None:
    out = llama(TEXT, continuation=ANSWER)
    ids = out.token_ids
    leaf = llama.model.get_input_embeddings()(ids).detach().requires_grad_()
    log_p = llama.model(inputs_embeds=leaf).logits[0, 5:8].log_softmax(-1)
    log_p.gather(1, ids[0, 6:, None]).sum().backward()
    expected = (leaf.grad * leaf.detach())[0].sum(-1)
    found = out.saliency(joint=True, signed=True, normalize=False)
    np.testing.assert_allclose(found.scores[0, :6], expected[:6], rtol=1e-3, atol=1e-4)
    assert torch.isfinite(torch.tensor(found.values)).all()


def test_the_figure_is_told_the_words_of_which_all_tokens_or_none_are_explained() -> None:
    demo = ecco.from_pretrained("ecco/demo-gpt2", verbose=False)
    out = demo("Heathrow Airport, which opened in 1946, was crowded", continuation=" throughout Wednesday")
    texts = out.tokens[0]
    first, second = texts.index(" through"), texts.index("out")

    def words(found: ecco.Attribution) -> list[str]:
        return ["".join(texts[start:stop]) for start, stop in found.to_payload()["words"]["spans"]]

    every = ["Heathrow", " 1946", " crowded", " throughout"]
    assert words(out.saliency()) == every
    assert words(out.saliency(position=-1)) == every  # it comes after them all
    assert words(out.saliency(position=[first, second])) == every
    assert words(out.saliency(position=second)) == every[:-1]
    assert "words" not in out.saliency(by="word").to_payload()
    assert "words" not in out.saliency("occlusion", position=-1).to_payload()  # that of a word is no sum
