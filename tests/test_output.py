"""OutputSeq: what a run holds, and that every question is asked of the right tokens."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from conftest import TEXT
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast
from zoo import tiny_model, word_tokenizer

import ecco


@pytest.fixture
def out(gpt2: ecco.LM) -> ecco.OutputSeq:
    """A run of six read and four written tokens."""
    return gpt2.generate(TEXT, generate=4)


def true_logits(lm: ecco.LM, ids: torch.Tensor) -> torch.Tensor:
    """Logits of one sequence, straight from the model."""
    with torch.no_grad():
        return lm.model(input_ids=ids[None]).logits[0]


def test_what_a_run_holds(gpt2: ecco.LM, out: ecco.OutputSeq) -> None:
    assert "".join(out.tokens[0]) == gpt2.tokenizer.decode(out.token_ids[0])
    assert out.output_text == "".join(out.tokens[0][6:])
    assert out.n_input_tokens == 6
    assert out.decoder_hidden_states.shape == (1, 3, 10, 32)
    assert out.embedding_states.shape == (1, 10, 32)
    assert out.encoder_hidden_states is None
    expected = true_logits(gpt2, out.token_ids[0])
    torch.testing.assert_close(out.logits[0], expected, rtol=1e-4, atol=1e-4)


def test_states_of_a_batch_are_those_of_each_text(gpt2: ecco.LM) -> None:
    both = gpt2.generate([TEXT, "a1 a2"], generate=3)
    assert both.decoder_hidden_states.shape == (2, 3, 9, 32)
    for index, length in enumerate(both.lengths):
        alone = gpt2(both.tokens[index] and "".join(both.tokens[index]).strip())
        states = both.decoder_hidden_states[index]
        torch.testing.assert_close(states[:, :length], alone.decoder_hidden_states[0], rtol=1e-4, atol=1e-5)
        assert (states[:, length:] == 0).all()
        torch.testing.assert_close(both.logits[index, :length], true_logits(gpt2, alone.token_ids[0]), rtol=1e-4, atol=1e-4)


def test_rankings_of_the_last_layer_are_those_of_the_model(gpt2: ecco.LM, out: ecco.OutputSeq) -> None:
    found = out.rankings()
    logits = true_logits(gpt2, out.token_ids[0])
    assert found.positions == (6, 7, 8, 9)
    for column, position in enumerate(found.positions):
        row, token = logits[position - 1], int(out.token_ids[0, position])
        assert found.ranks[-1, column] == 1 + int((row > row[token]).sum())
        assert found.probabilities[-1, column] == pytest.approx(float(row.softmax(-1)[token]), rel=1e-4)
        assert found.best_ids[-1, column] == int(row.argmax())
        assert found.columns[column].id == token
        assert found.reads[column].id == int(out.token_ids[0, position - 1])


def test_watched_tokens_compete_at_one_position(gpt2: ecco.LM, out: ecco.OutputSeq) -> None:
    logits = true_logits(gpt2, out.token_ids[0])
    for position, row in ((-1, 8), (3, 2), (10, 9)):
        found = out.rankings_watch(["a1", " a2", 7], position=position)
        ids = [t.id for t in found.columns]
        assert ids == [5, 6, 7]
        expected = [1 + int((logits[row] > logits[row, i]).sum()) for i in ids]
        assert found.ranks[-1].tolist() == expected
        assert found.watched


def test_layer_predictions_of_the_last_layer_are_those_of_the_model(gpt2: ecco.LM, out: ecco.OutputSeq) -> None:
    logits = true_logits(gpt2, out.token_ids[0])
    for position, row in ((-1, 8), (6, 5), (10, 9)):
        found = out.layer_predictions(position=position, topk=4)
        top = logits[row].softmax(-1).topk(4)
        assert found.token_ids[-1].tolist() == top.indices.tolist()
        np.testing.assert_allclose(found.probabilities[-1], top.values, rtol=1e-4)
        assert found.position == row + 1
        assert len(found.context) == row + 1
    assert found.token is None
    one = out.layer_predictions(layer=-2)
    assert one.layers == (1,)
    assert one.token_ids.tolist() == out.layer_predictions().token_ids[1:2].tolist()
    assert out.layer_predictions(topk=1000).token_ids.shape == (3, 97)


def test_explorable_tells_how_likely_each_token_was(gpt2: ecco.LM, out: ecco.OutputSeq) -> None:
    found = out.explorable()
    logits = true_logits(gpt2, out.token_ids[0])
    expected = logits[:-1].softmax(-1)[torch.arange(9), out.token_ids[0, 1:]]
    assert np.isnan(found.values[0])
    np.testing.assert_allclose(found.values[1:], expected, rtol=1e-4)


def test_predict_token_gives_the_model_s_own_probabilities(gpt2: ecco.LM, untouched) -> None:
    untouched(gpt2.model)
    ids = gpt2(TEXT).token_ids[0]
    for temperature in (1.0, 0.5):
        found = gpt2.predict_token(TEXT, topk=5, temperature=temperature)
        top = (true_logits(gpt2, ids)[-1] / temperature).softmax(-1).topk(5)
        assert found.token_ids.tolist() == top.indices.tolist()
        np.testing.assert_allclose(found.probabilities, top.values, rtol=1e-4)
    assert len(gpt2.predict_token(TEXT, topk=500).token_ids) == 97
    with pytest.raises(ecco.ArgumentError, match="topk=0"):
        gpt2.predict_token(TEXT, topk=0)
    with pytest.raises(ecco.ArgumentError, match="temperature=0"):
        gpt2.predict_token(TEXT, temperature=0)


def test_a_given_answer_is_explained_as_if_it_had_been_written(gpt2: ecco.LM) -> None:
    written = gpt2.generate(TEXT, generate=3)
    answer = written.output_text
    given = gpt2(TEXT, continuation=answer)
    assert given.token_ids.tolist() == written.token_ids.tolist()
    assert given.n_input_tokens == 6
    np.testing.assert_allclose(given.saliency().scores, written.saliency().scores, rtol=1e-4, atol=1e-6)
    assert given.rankings().ranks.tolist() == written.rankings().ranks.tolist()


def test_a_text_that_was_only_read_explains_all_its_tokens_but_the_first(gpt2: ecco.LM) -> None:
    out = gpt2(TEXT)
    assert out.output_text == ""
    assert out.rankings().positions == (1, 2, 3, 4, 5)
    encoding = gpt2.tokenizer([TEXT, "a1"], padding=True, return_tensors="pt")
    both = gpt2(encoding)
    assert both.lengths == [6, 1]
    assert both[0].token_ids.tolist() == out.token_ids.tolist()
    with pytest.raises(ecco.ArgumentError, match="single token"):
        both[1].rankings()


def test_saliency_of_a_named_token(gpt2: ecco.LM, out: ecco.OutputSeq) -> None:
    written = out.saliency(position=7, signed=True, normalize=False)
    again = out.saliency(position=7, token=int(out.token_ids[0, 7]), signed=True, normalize=False)
    np.testing.assert_allclose(written.scores, again.scores, rtol=1e-5)
    assert written.to_payload()["named"] is None
    other = out.saliency(token="a1", position=7, signed=True, normalize=False)
    assert other.to_payload()["named"]["id"] == 5
    assert other.values[0] == pytest.approx(float(true_logits(gpt2, out.token_ids[0])[6, 5]), rel=1e-4)
    difference = out.saliency(position=7, against="a1", signed=True, normalize=False)
    np.testing.assert_allclose(difference.scores, written.scores - other.scores, rtol=1e-3, atol=1e-5)
    after = out.saliency(token="a1", position=10)
    assert after.positions == (10,)
    assert after.scores.shape == (1, 10)


def test_ignored_tokens_take_no_share(out: ecco.OutputSeq) -> None:
    found = out.saliency(ignore_tokens=[0, -5])
    assert (found.scores[:, [0, 5]] == 0).all()
    np.testing.assert_allclose(found.scores.sum(1), 1, rtol=1e-5)
    whole = out.saliency().scores
    np.testing.assert_allclose(found.scores[0, 1] / found.scores[0, 2], whole[0, 1] / whole[0, 2], rtol=1e-4)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (lambda o: o.saliency("nonsense"), "nonsense"),
        (lambda o: o.saliency(style="fancy"), "fancy"),
        (lambda o: o.saliency(target="fame"), "fame"),
        (lambda o: o.saliency("gradient", signed=True), "no sign"),
        (lambda o: o.saliency(n_steps=3), "n_steps"),
        (lambda o: o.saliency(position=[]), "no position"),
        (lambda o: o.saliency(position=0), "position=0"),
        (lambda o: o.saliency(position=10), "token= must say"),
        (lambda o: o.saliency(ignore_tokens=[10]), "position 10"),
        (lambda o: o.saliency(against="a1 a2"), "is not one token"),
        (lambda o: o.rankings_watch(["a1 a2"]), r"'a1 a2' is not one token.*'a1' \(5\), ' a2' \(6\)"),
        (lambda o: o.rankings_watch([97]), "outside the vocabulary"),
        (lambda o: o.rankings_watch([]), "one or more tokens"),
        (lambda o: o.rankings_watch("a1"), "one or more tokens"),
        (lambda o: o.rankings_watch(["a1"], position=11), "outside this run of 10 tokens"),
        (lambda o: o.layer_predictions(position=-11), "outside this run"),
        (lambda o: o.layer_predictions(topk=0), "topk=0"),
        (lambda o: o.layer_predictions(layer=3), "layers 0 to 2"),
        (lambda o: o.layer_predictions(layer=True), "layer=True must be a whole number"),
        (lambda o: o.layer_predictions(topk=2.5), "topk=2.5 must be a whole number"),
        (lambda o: o.saliency(position="7"), "position='7' must be a whole number"),
        (lambda o: o.saliency(ignore_tokens=3), "ignore_tokens=3 must be a list"),
        (lambda o: o.saliency(ignore_tokens=[0.5]), "position=0.5 must be a whole number"),
        (lambda o: o.saliency(target="entropy", token="a5"), "belongs to no token"),
        (lambda o: o.rankings_watch([5.9]), "token id=5.9 must be a whole number"),
        (lambda o: o.rankings_watch(np.int64(5)), "one or more tokens"),
    ],
)
def test_questions_that_make_no_sense_are_refused(out: ecco.OutputSeq, question: Any, message: str) -> None:
    with pytest.raises(ecco.ArgumentError, match=message):
        question(out)


@pytest.mark.parametrize("layers", [3, 12])
def test_layers_keep_their_order(layers: int) -> None:
    model = tiny_model("gpt2", n_layer=layers)
    out = ecco.from_pretrained(model, tokenizer=word_tokenizer())(TEXT)
    with torch.no_grad():
        expected = model(input_ids=out.token_ids, output_hidden_states=True).hidden_states
    assert out.decoder_hidden_states.shape[1] == layers
    for layer in range(layers - 1):  # transformers puts the final norm into the last of its hidden states
        torch.testing.assert_close(out.decoder_hidden_states[0, layer], expected[layer + 1][0], rtol=1e-4, atol=1e-5)


def test_questions_are_answered_once(gpt2: ecco.LM, out: ecco.OutputSeq) -> None:
    calls = []
    handle = gpt2.model.register_forward_hook(lambda *_: calls.append(1))
    try:
        out.saliency()
        out.rankings()
        first = len(calls)
        out.saliency(style="detailed", signed=True)
        out.saliency(ignore_tokens=[1])
        assert len(calls) == first
    finally:
        handle.remove()


def test_every_question_leaves_the_model_as_it_was(untouched) -> None:
    lm = ecco.from_pretrained(tiny_model("llama").train(), tokenizer=word_tokenizer())
    untouched(lm.model)
    out = lm.generate(TEXT, generate=2, attribution=["ig"])
    for question in (out.saliency, out.rankings, out.layer_predictions, out.explorable, lambda: out.rankings_watch(["a1"])):
        question()
    assert lm.model.training


def test_an_exception_leaves_the_model_as_it_was(gpt2: ecco.LM, untouched, monkeypatch: pytest.MonkeyPatch) -> None:
    untouched(gpt2.model)
    real = torch.nn.LayerNorm.forward
    left = [0]

    def failing(self, hidden):
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        return real(self, hidden)

    monkeypatch.setattr(torch.nn.LayerNorm, "forward", failing)
    interrupted = 0
    for after in (1, 4, 7, 9, 15):
        out = gpt2(TEXT)
        left[0] = after
        try:
            out.saliency()
            out.rankings()
        except KeyboardInterrupt:
            interrupted += 1
    assert interrupted >= 4


@pytest.mark.parametrize("seven", [np.int64(7), torch.tensor(7)])
def test_numbers_of_numpy_and_torch_are_numbers(out: ecco.OutputSeq, seven: Any) -> None:
    assert out.saliency(position=seven).positions == (7,)
    assert out.saliency(position=[seven]).positions == (7,)
    assert out.layer_predictions(position=seven).position == 7
    assert out.rankings_watch([seven]).columns[0].id == 7
    assert out.saliency(ignore_tokens=[seven]).scores[-1, 7] == 0
    assert out.saliency(position=6, ignore_tokens=range(10)).scores.sum() == 0
    out.saliency(position=seven).to_json()


@pytest.mark.filterwarnings("ignore::ecco.CompletenessWarning")
def test_options_that_print_alike_are_computed_apart(out: ecco.OutputSeq) -> None:
    near, far = torch.full((32,), 0.12341), torch.full((32,), 0.12344)
    assert repr(near) == repr(far)
    first, second = (out.saliency("ig", n_steps=2, baseline=b, normalize=False).scores for b in (near, far))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("continuation", [" b", "c", "cc b", " bc"])
def test_a_continuation_reads_as_it_was_given(continuation: str) -> None:
    core = Tokenizer(models.BPE({"▁a": 0, "▁b": 1, "a": 2, "b": 3, "c": 4, "▁": 5}, [("▁", "a"), ("▁", "b")]))
    core.pre_tokenizer = pre_tokenizers.Metaspace()
    core.decoder = decoders.Metaspace()
    lm = ecco.from_pretrained(tiny_model("llama"), tokenizer=PreTrainedTokenizerFast(tokenizer_object=core))
    out = lm("a b", continuation=continuation)
    assert "".join(out.tokens[0]) == "a b" + continuation
    assert out.n_input_tokens == 2
    assert out.output_text == continuation


def test_weights_that_changed_are_noticed() -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2"), tokenizer=word_tokenizer())
    out = lm(TEXT)
    before = out.saliency().scores
    assert (out.rankings().ranks >= 1).all()
    with torch.no_grad():
        lm.model.transformer.wte.weight.mul_(-1)
    again = lm(TEXT)
    assert out.rankings().ranks.tolist() == again.rankings().ranks.tolist()
    np.testing.assert_allclose(out.saliency().scores, again.saliency().scores, rtol=1e-4)
    assert not np.allclose(out.saliency().scores, before)


def test_the_entropy_behind_the_text_is_that_of_no_token(gpt2: ecco.LM) -> None:
    found = gpt2(TEXT).saliency(target="entropy", position=6)
    assert [(t.text, t.id, t.special) for t in found.explained] == [("next token", -1, True)]
    assert found.to_payload()["named"] == {"text": "next token", "id": -1, "special": True}
    assert "next token" in found.to_html()
    within = gpt2(TEXT).saliency(target="entropy", position=3)
    assert within.explained[0] == gpt2(TEXT).explorable().tokens[3]
    logits = gpt2(TEXT).logits[0, 5]
    assert found.values[0] == pytest.approx(float(torch.distributions.Categorical(logits=logits).entropy()), rel=1e-4)
