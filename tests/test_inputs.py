"""Everything a person may give: pairs of texts, encodings, long texts, and what cannot be read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from conftest import TEXT, state_of
from test_tasks import LABELS, MASKED, close, watched
from tokenizers import Tokenizer, processors
from transformers import PreTrainedTokenizerFast
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco
from ecco.forward import names, undisturbed

FIRST, SECOND = "a5 a17 <mask> a3", "a80 a41 </s>"


def pair_tokenizer(**given: Any) -> PreTrainedTokenizerFast:
    """`<s> first </s> second </s>`, with the types of both texts."""
    core = Tokenizer.from_str(word_tokenizer().backend_tokenizer.to_str())
    core.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B:1 </s>:1", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    special = {"eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>", "mask_token": "<mask>", "bos_token": "<s>"}
    inputs = ["input_ids", "token_type_ids", "attention_mask"]
    return PreTrainedTokenizerFast(tokenizer_object=core, **({"model_input_names": inputs} | special | given))


def pair_lm(kind: str, model_type: str, tokenizer: Any = None, **given: Any) -> ecco.LM:
    """A tiny model that reads pairs."""
    model = tiny_model(model_type, task=TASK_OF[kind], **given)
    return ecco.from_pretrained(model, tokenizer=tokenizer or pair_tokenizer(), verbose=False)


# -- pairs of texts ----------------------------------------------------------------------------------------------------

TAKES_TYPES = {"bert": True, "electra": True, "albert": True, "xlnet": True, "gpt2": True, "deberta-v2": True}
TAKES_TYPES |= {"distilbert": False, "modernbert": False, "mpnet": False}
PAIRED = [
    *[("masked", t) for t in ("bert", "electra", "albert", "distilbert", "modernbert")],
    *[("text label", t) for t in ("bert", "xlnet", "gpt2", "deberta-v2", "mpnet")],
    *[("token labels", t) for t in ("bert", "xlnet")],
    *[("states", t) for t in ("bert", "mpnet")],
]


def by_hand(lm: ecco.LM, encoding: Any) -> torch.Tensor:
    """The model's answer to what the tokenizer gives, (row, answer) or (token, d_model)."""
    taken = {name: torch.tensor([encoding[name]]) for name in ("input_ids", "token_type_ids") if names(lm.model, name)}
    with undisturbed(lm.model):
        out = lm.model(**taken)
    return out.last_hidden_state[0] if "logits" not in out else out.logits[0] if out.logits.dim() == 3 else out.logits


@pytest.mark.parametrize(("kind", "model_type"), PAIRED)
def test_a_pair_is_answered_as_the_model_answers_it(kind: str, model_type: str, untouched) -> None:
    lm = pair_lm(kind, model_type, **LABELS)
    untouched(lm.model)
    assert names(lm.model, "token_type_ids") == TAKES_TYPES[model_type]
    encoding = lm.tokenizer(FIRST, SECOND)
    assert any(encoding["token_type_ids"])
    expected = by_hand(lm, encoding)
    out = lm(FIRST, text_pair=SECOND)
    assert out.token_ids[0].tolist() == encoding["input_ids"]
    for same in (out, lm(encoding), lm([TEXT, FIRST], text_pair=["a1", SECOND])[1]):
        if kind == "states":
            torch.testing.assert_close(same.encoder_hidden_states[0, -1], expected)
            continue
        torch.testing.assert_close(same.logits[0], expected, rtol=1e-3, atol=1e-4)
        found = same.rankings()
        rows = {"text label": [0], "masked": [3]}.get(kind, range(1, len(expected) - 1))
        for column, position in enumerate(found.positions):
            row = expected[0 if kind == "text label" else position]
            assert found.ranks[-1, column] == 1 + int((row > row[found.columns[column].id]).sum())
        assert kind == "token labels" or len(found.positions) == len(list(rows))
    if TAKES_TYPES[model_type] and kind != "states":
        alone = by_hand(lm, encoding | {"token_type_ids": [0] * len(encoding["input_ids"])})
        assert model_type == "deberta-v2" or not torch.allclose(alone, expected, atol=1e-3), "the types change nothing"


@pytest.mark.parametrize(("kind", "model_type", "position"), [("masked", "bert", 3), ("text label", "xlnet", 10)])
def test_every_question_about_a_pair_reads_its_types(kind: str, model_type: str, position: int) -> None:
    lm = pair_lm(kind, model_type, **LABELS)
    encoding = lm.tokenizer(FIRST, SECOND)
    expected = by_hand(lm, encoding)[0 if kind == "text label" else position]
    out = lm(FIRST, text_pair=SECOND)
    top = out.layer_predictions(topk=3)
    assert top.position == position
    np.testing.assert_allclose(top.probabilities[-1], expected.softmax(-1).topk(3).values, rtol=1e-3)
    predicted = lm.predict_token(FIRST, text_pair=SECOND, topk=3)
    assert predicted.token_ids.tolist() == expected.topk(3).indices.tolist()
    best = int(expected.argmax())
    found = out.saliency(signed=True, normalize=False)
    assert found.explained[0].id == best
    with watched([lm.model.get_input_embeddings()]) as leaves:
        taken = {n: torch.tensor([encoding[n]]) for n in ("input_ids", "token_type_ids")}
        with undisturbed(lm.model, gradients=True):
            logits = lm.model(**taken).logits
    logits = logits[0] if kind == "text label" else logits[0, position]
    (gradient,) = torch.autograd.grad(logits[best], leaves)
    vectors = gradient * leaves[0]
    vectors = vectors[:, 0] if len(vectors) == len(encoding["input_ids"]) else vectors[0]
    close(found.scores[0], vectors.detach())
    assert out.saliency("gradient").scores.shape == found.scores.shape
    assert sorted(out.activations) == ["encoder"]


def test_a_pair_is_one_or_two_lists() -> None:
    lm = pair_lm("text label", "bert", **LABELS)
    both = lm(["a1", "a2"], text_pair=["a3", "a4 a5"])
    assert both.lengths == [5, 6]
    assert [one.tokens[0] for one in both][1] == lm("a2", text_pair="a4 a5").tokens[0]
    for text, pair, message in (
        ("a1", ["a2"], "must be like text: a string, not a list of 1"),
        (["a1", "a2"], "a3", "a list of 2 strings, not a string"),
        (["a1", "a2"], ["a3"], "a list of 2 strings, not a list of 1"),
        ("a1", 3, r"text_pair must be a string or a list of strings, not int \(3\)"),
    ):
        with pytest.raises(ecco.ArgumentError, match=message):
            lm(text, text_pair=pair)
    with pytest.raises(ecco.ArgumentError, match=r"Pairs of texts are given as lm\(text, text_pair=…\)"):
        lm([("a1", "a2"), ("a3", "a4")])
    with pytest.raises(ecco.ArgumentError, match="paired and cut by its tokenizer"):
        lm(lm.tokenizer("a1"), text_pair="a2")


@pytest.mark.parametrize("kind", ["causal", "seq2seq"])
def test_a_model_that_writes_reads_one_text(kind: str) -> None:
    lm = pair_lm(kind, "gpt2" if kind == "causal" else "bart")
    with pytest.raises(ecco.ArgumentError, match="text_pair= is for models that read two texts.*Join them"):
        lm("a1", text_pair="a2")
    with pytest.raises(ecco.ArgumentError, match="marks a second text.*Join them"):
        lm(lm.tokenizer("a1", "a2"))
    assert lm(lm.tokenizer("a1")).lengths == [3]


def test_a_tokenizer_that_marks_more_texts_than_the_model_knows() -> None:
    lm = pair_lm("masked", "roberta", type_vocab_size=1)
    assert lm("a1 <mask>").lengths == [4]
    with pytest.raises(ecco.ArgumentError, match="token_type_ids up to 1, of which .* knows 1"):
        lm("a1 <mask>", text_pair="a2")
    plain = pair_tokenizer(model_input_names=["input_ids", "attention_mask"])
    paired = pair_lm("masked", "roberta", plain, type_vocab_size=1)("a1 <mask>", text_pair="a2")
    assert paired.rankings().positions == (2,)


def test_a_wrapper_takes_what_the_model_inside_takes() -> None:
    class Wrapper(torch.nn.Module):
        def __init__(self, model: Any) -> None:
            super().__init__()
            self.base = model

        def forward(self, input_ids: Any = None, **given: Any) -> Any:
            return self.base(input_ids=input_ids, **given)

    bert, distilbert = (tiny_model(t, task=TASK_OF["masked"]) for t in ("bert", "distilbert"))
    assert names(Wrapper(bert), "token_type_ids")
    assert not names(Wrapper(distilbert), "token_type_ids")
    assert names(torch.compile(bert, backend="eager"), "token_type_ids")


# -- long texts --------------------------------------------------------------------------------------------------------


def short_lm(kind: str, **tokenizer: Any) -> ecco.LM:
    """A model with 8 positions."""
    model_type, size = {"causal": ("gpt2", "n_positions")}.get(kind, ("bert", "max_position_embeddings"))
    return pair_lm(kind, model_type, pair_tokenizer(**tokenizer), **{size: 8})


def test_a_long_text_is_cut_where_the_person_says_so() -> None:
    words = [f"a{i}" for i in range(12)]
    lm = short_lm("masked")
    with pytest.raises(ecco.ArgumentError, match=r"14 tokens, 6 more than the 8 positions.*truncation=True"):
        lm(" ".join(words))
    out = lm(" ".join(words), truncation=True)
    assert "".join(out.tokens[0]).split() == ["<s>", *words[:6], "</s>"]
    assert out.n_cut == 6
    assert "6 more tokens cut off" in repr(out)
    assert "6 more cut off" in out._repr_html_()
    assert lm("a1 a2", truncation=True).n_cut == 0
    both = lm(["a1", " ".join(words)], truncation=4)
    assert both.lengths == [3, 4]
    assert both.n_cut == [0, 10]
    pair = lm(" ".join(words), text_pair="a1 a2", truncation=True)
    assert "".join(pair.tokens[0]).split() == ["<s>", *words[:3], "</s>", "a1", "a2", "</s>"]
    left = short_lm("masked", truncation_side="left")
    assert "".join(left(" ".join(words), truncation=True).tokens[0]).split() == ["<s>", *words[6:], "</s>"]
    assert lm.predict_token(" ".join([*words, "<mask>"]), truncation=True, position=2).logits.shape == (50,)


def test_of_a_prompt_the_end_is_kept_and_room_for_what_is_written() -> None:
    words = [f"a{i}" for i in range(12)]
    lm = short_lm("causal")
    side = lm.tokenizer.truncation_side
    out = lm(" ".join(words), truncation=True)
    assert "".join(out.tokens[0]).split() == ["<s>", *words[6:], "</s>"]
    for settings, kept in (({"generate": 2}, 6), ({"max_length": 8}, 7), ({"max_length": 5}, 4), ({"max_new_tokens": 3}, 5)):
        out = lm.generate(" ".join(words), truncation=True, **settings)
        assert out.n_input_tokens == kept
        assert out.n_cut == 14 - kept
        assert out.lengths[0] <= 8
        assert "".join(out.tokens[0]).split()[:kept] == ["<s>", *words[14 - kept :], "</s>"]
    continued = lm(" ".join(words), "a1 a2", truncation=True)
    assert continued.lengths == [8]
    assert continued.n_input_tokens == 6
    assert lm.tokenizer.truncation_side == side
    with pytest.raises(ecco.ArgumentError, match="no room for a text and 20 tokens"):
        lm.generate(" ".join(words), truncation=True)
    with pytest.raises(ecco.ArgumentError, match="does not cut|cannot be cut"):
        lm(" ".join(words), truncation=1)
    assert lm.tokenizer.truncation_side == side


def test_what_is_no_truncation() -> None:
    lm = short_lm("masked")
    for wrong in (0, -3, 2.5, "longest_first"):
        with pytest.raises(ecco.ArgumentError, match="truncation=.* must be True, False or a number"):
            lm("a1", truncation=wrong)
    with pytest.raises(ecco.ArgumentError, match="paired and cut by its tokenizer"):
        lm(lm.tokenizer("a1"), truncation=True)


# -- encodings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["pt", "np", None])
def test_what_a_tokenizer_returns_is_read_without_its_padding(form: str | None) -> None:
    lm = pair_lm("masked", "bert")
    alone = lm(MASKED)
    for side in ("left", "right"):
        tokenizer = pair_tokenizer(padding_side=side)
        out = lm(tokenizer([MASKED, "a1"], padding=form is not None, return_tensors=form))
        assert out.lengths == [8, 3]
        assert out[0].token_ids.tolist() == alone.token_ids.tolist()
        np.testing.assert_allclose(out[0].rankings().probabilities, alone.rankings().probabilities, rtol=1e-4)
    assert lm({"input_ids": [5, 6, 7]}).lengths == [3]
    assert lm({"input_ids": [[5, 6, 7], [5]], "special_tokens_mask": [[1, 0, 1], [0]]}).lengths == [3, 1]


def test_an_encoding_is_written_on() -> None:
    lm = pair_lm("causal", "gpt2")
    assert lm.generate(lm.tokenizer(TEXT), generate=3).token_ids.tolist() == lm.generate(TEXT, generate=3).token_ids.tolist()


def test_a_continuation_may_be_ids() -> None:
    lm = pair_lm("causal", "gpt2", word_tokenizer())
    expected = lm(TEXT, "a1 a2").token_ids.tolist()
    for given in ([5, 6], (5, 6), np.array([5, 6]), torch.tensor([5, 6]), torch.tensor([[5, 6]])):
        assert lm(TEXT, given).token_ids.tolist() == expected


# -- what cannot be read -----------------------------------------------------------------------------------------------

BAD_TEXTS: dict[str, tuple[Any, str]] = {
    "empty text": ("", r"The text \(''\) has no tokens.*eos_token"),
    "empty text in a batch": (["a1", ""], r"Text 1 of the list \(''\) has no tokens"),
    "no texts": ([], "not an empty list"),
    "None": (None, r"must be a string.*not NoneType"),
    "a number": (3, r"not int \(3\).*input_ids"),
    "bytes": (b"a1", "bytes, not a string; decode it"),
    "None in a list": (["a1", None], r"only strings.*not NoneType"),
    "ids": ([5, 6], r'not int \(5\)\. Ids are read as an encoding: lm\(\{"input_ids": ids\}\)'),
    "a tensor": (torch.tensor([[5, 6]]), "input_ids"),
    "nested lists": ([["a1", "a2"]], "Pairs of texts"),
    "deeply nested lists": ([[["a1"]]], r"only strings.*not list"),
    "an object": (object(), "not object"),
    "chat without a template": ([{"role": "user", "content": "a1"}], "no chat template"),
    "messages without a role": ([{"content": "a1"}], r"'role'.*not dict"),
    "half a character": ("a1 \ud83d a2", r"holds '\\ud83d' at 3, half of a character"),
    "a long text": (" ".join(["a1"] * 65), "65 tokens, 1 more than the 64 positions"),
    "an encoding without ids": ({"attention_mask": [1]}, r"holds \['attention_mask'\], but no input_ids"),
    "a batch of no texts": ({"input_ids": torch.zeros(0, 3, dtype=torch.long)}, "must be ids of one or several texts"),
    "texts without tokens": ({"input_ids": torch.zeros(2, 0, dtype=torch.long)}, "a text without tokens"),
    "nothing but padding": (
        {"input_ids": [[5, 6], [5, 6]], "attention_mask": [[1, 1], [0, 0]]},
        r"without tokens \(number 1\)",
    ),
    "float ids": ({"input_ids": torch.tensor([[5.0, 6.0]])}, r"whole numbers.*holds float \(5.0\)"),
    "truth values": ({"input_ids": [True, False]}, r"whole numbers.*holds bool"),
    "words": ({"input_ids": ["a1", "a2"]}, r"whole numbers.*holds str"),
    "ids of three axes": ({"input_ids": [[[5]]]}, r"whole numbers.*holds list"),
    "one id": ({"input_ids": 5}, "must be ids of one or several texts, not int"),
    "a list and a number": ({"input_ids": [[5], 6]}, "mixes lists and numbers"),
    "an id too large": ({"input_ids": [5, 97]}, "Token id 97 is outside the 97 tokens .* embeds.*resize_token_embeddings"),
    "a negative id": ({"input_ids": [5, -100]}, "Token id -100 is negative"),
    "a hole in the mask": ({"input_ids": [5, 6, 7], "attention_mask": [1, 0, 1]}, "hides token 1 between others"),
    "a hole after padding": ({"input_ids": [5, 6, 7, 8], "attention_mask": [0, 1, 0, 1]}, "hides token 2 between others"),
    "a hole before padding": ({"input_ids": [5, 6, 7, 8], "attention_mask": [1, 0, 1, 0]}, "hides token 1 between others"),
    "a mask of other numbers": ({"input_ids": [5, 6], "attention_mask": [1, 2]}, "0 and 1 only"),
    "a mask of another shape": ({"input_ids": [[5, 6]], "attention_mask": [[1, 1, 1]]}, r"\(1, 3\) instead of \(1, 2\)"),
    "types of another shape": ({"input_ids": [[5, 6]], "token_type_ids": [[0]]}, r"\(1, 1\) instead of \(1, 2\)"),
    "more than is read": ({"input_ids": [5, 6], "position_ids": [3, 4]}, "holds position_ids, which ecco does not pass on"),
}


@pytest.fixture(scope="module")
def lms() -> dict[str, ecco.LM]:
    """A model that writes, one that reads, one with two sides."""
    return {
        "causal": pair_lm("causal", "gpt2", word_tokenizer()),
        "masked": pair_lm("masked", "bert", word_tokenizer()),
        "seq2seq": pair_lm("seq2seq", "bart", word_tokenizer()),
    }


@pytest.mark.parametrize("kind", ["causal", "masked", "seq2seq"])
@pytest.mark.parametrize("case", BAD_TEXTS)
def test_what_cannot_be_read_is_refused_with_what_was_wrong(case: str, kind: str, lms: dict[str, ecco.LM], untouched) -> None:
    lm, (given, message) = lms[kind], BAD_TEXTS[case]
    if case == "more than is read" and not names(lm.model, "position_ids"):
        given = {"input_ids": [5, 6], "inputs_embeds": torch.zeros(1, 2, 32)}
        message = "holds inputs_embeds, which ecco does not pass on"
    untouched(lm.model)
    calls = [lm, lm.generate] if kind != "masked" else [lm]
    for call in calls:
        with pytest.raises(ecco.EccoError, match=message):
            call(given)


BAD_QUESTIONS: dict[str, tuple[str, Any, str]] = {
    "generate=0": ("causal", lambda lm: lm.generate(TEXT, generate=0), "generate=0 must be at least 1.*call lm"),
    "generate=-3": ("causal", lambda lm: lm.generate(TEXT, generate=-3), "generate=-3 must be at least 1"),
    "generate=1.5": ("causal", lambda lm: lm.generate(TEXT, generate=1.5), "generate=1.5 must be a whole number"),
    "max_new_tokens=0": ("causal", lambda lm: lm.generate(TEXT, max_new_tokens=0), "max_new_tokens=0 must be at least 1"),
    "max_length=0": ("causal", lambda lm: lm.generate(TEXT, max_length=0), "max_length=0 must be at least 1"),
    "two lengths": ("causal", lambda lm: lm.generate(TEXT, max_length=9, max_new_tokens=2), "max_new_tokens= and max_length="),
    "a source's max_length=1": ("seq2seq", lambda lm: lm.generate(TEXT, max_length=1), "give at least 2"),
    "a setting that there is not": (
        "causal",
        lambda lm: lm.generate(TEXT, generate=1, colour=3),
        "transformers refuses.*colour",
    ),
    "an empty stop string": ("causal", lambda lm: lm.generate(TEXT, stop_strings=[""]), "stop_strings=.*not empty"),
    "a decoder's own text": ("seq2seq", lambda lm: lm.generate(TEXT, decoder_input_ids=[[2]]), "decoder_input_ids cannot"),
    "no continuation": ("causal", lambda lm: lm(TEXT, ""), "has no tokens"),
    "no ids to go on with": ("causal", lambda lm: lm(TEXT, []), "must be ids of one or several texts"),
    "bytes to go on with": ("causal", lambda lm: lm(TEXT, b"a1"), "must be a string, or the ids of one text"),
    "a continuation outside the vocabulary": ("causal", lambda lm: lm(TEXT, [5, 200]), "Token id 200 is outside the 97"),
    "a negative continuation": ("causal", lambda lm: lm(TEXT, [-1]), "Token id -1 is negative"),
    "a continuation of several": ("causal", lambda lm: lm([TEXT, TEXT], "a1"), "goes with one text, not with 2"),
    "a reader that should write": ("masked", lambda lm: lm.generate(TEXT), "reads and does not write"),
    "a reader with a continuation": ("masked", lambda lm: lm(TEXT, "a1"), "reads only"),
    "no mask": ("masked", lambda lm: lm(TEXT).layer_predictions(), "no mask, so say which position="),
    "two masks": ("masked", lambda lm: lm("<mask> a1 <mask>").layer_predictions(), "2 masks"),
    "a batch that is asked": ("masked", lambda lm: lm([TEXT, MASKED]).rankings(), "2 sequences"),
    "a token that there is not": ("causal", lambda lm: lm(TEXT).rankings_watch(["nonsense"]), "unknown to this tokenizer"),
    "an id that there is not": ("causal", lambda lm: lm(TEXT).rankings_watch([97]), "Token id 97 is outside the vocabulary"),
    "no text to predict": ("causal", lambda lm: lm.predict_token(["a1"]), "must be one string"),
}


@pytest.mark.parametrize("case", BAD_QUESTIONS)
def test_what_makes_no_sense_is_refused_with_what_was_wrong(case: str, lms: dict[str, ecco.LM], untouched) -> None:
    kind, question, message = BAD_QUESTIONS[case]
    untouched(lms[kind].model)
    with pytest.raises(ecco.EccoError, match=message):
        question(lms[kind])


def test_a_tokenizer_of_another_model() -> None:
    tokenizer = pair_tokenizer()
    tokenizer.add_tokens(["new"])
    lm = pair_lm("causal", "gpt2", tokenizer)
    for call in (lm, lambda text: lm.generate(text, generate=1), lm.predict_token):
        with pytest.raises(ecco.ArgumentError, match=r"Token id 97 \('new'\) is outside the 97 tokens that .* embeds"):
            call("a1 new")
    assert lm("a1 a2").lengths == [4]


@pytest.mark.parametrize("kind", ["causal", "masked", "text label", "seq2seq"])
def test_a_model_that_gives_nan_says_so(kind: str, untouched) -> None:
    lm = pair_lm(kind, "bart" if kind == "seq2seq" else "gpt2" if kind == "causal" else "bert", word_tokenizer(), **LABELS)
    with torch.no_grad():
        list(lm.model.parameters())[-1].fill_(float("nan"))
    untouched(lm.model)
    out = lm(MASKED) if kind != "seq2seq" else lm(TEXT, "a1 a2")
    asked = [out.rankings, out.saliency, out.layer_predictions, out.explorable, lambda: out.saliency("ig")]
    for question in asked if kind != "text label" else asked[:3]:
        with pytest.raises(ecco.ModelError, match="logits are not finite.*float32.*NaN"):
            question()
    with pytest.raises(ecco.EccoError, match="not finite"):
        lm.predict_token(MASKED)


def test_a_model_that_fails_on_a_text_says_on_which(untouched) -> None:
    lm = pair_lm("text label", "bart", word_tokenizer(), **LABELS)  # looks for an end of text, id 3
    untouched(lm.model)
    before = state_of(lm.model)
    with pytest.raises(ecco.ModelError, match=r"cannot read this text \(6 tokens\): ValueError: .*<eos>") as caught:
        lm(TEXT).rankings()
    assert isinstance(caught.value.__cause__, ValueError)
    assert state_of(lm.model) == before
