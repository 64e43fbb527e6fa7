"""The embedded encoder-decoder: it answers by its prefix, and its figures show where the answer comes from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import ecco
from training.evaluate import total
from training.evaluate_t5 import EXAMPLES, Answerer, question_scores, sentiment_scores, translation_scores

FOLDER = Path(__file__).parents[1] / "ecco" / "demos" / "demo-t5"
GERMAN = "translate English to German: Yesterday the old man read a letter."


@pytest.fixture(scope="module")
def lm():
    return ecco.from_pretrained("ecco/demo-t5", verbose=False)


@pytest.fixture(scope="module")
def answerer():
    return Answerer(FOLDER)


@pytest.fixture(scope="module")
def out(lm):
    return lm.generate(GERMAN, generate=20)


def column(out, word):
    """The place of a token among all tokens of a run, special ones included."""
    return next(place for place, token in enumerate(out.tokens[0]) if token.strip() == word)


def test_it_is_small_and_its_task_is_found(lm):
    assert lm.task == "seq2seq"
    assert lm.model.config.feed_forward_proj == "relu"
    folders = [FOLDER.parent / name for name in ("demo-bert", "demo-sentiment", "demo-t5")]
    assert sum(file.stat().st_size for folder in folders for file in folder.iterdir()) <= 16e6


@pytest.mark.parametrize(("source", "answer"), EXAMPLES.items())
def test_it_answers_by_its_prefix(lm, source, answer):
    assert lm.generate(source, generate=20).output_text == answer + lm.tokenizer.eos_token


def test_it_ends_its_answer(out, lm):
    assert out.token_ids[0][-1] == lm.tokenizer.eos_token_id


@pytest.mark.parametrize(
    ("scores", "least"),
    # A little below what the card says of many more.
    [(question_scores, 0.97), (sentiment_scores, 0.94), (translation_scores, 0.92)],
    ids=["questions", "sentiment", "translation"],
)
def test_it_answers_unseen_combinations(answerer, scores, least):
    found = total(scores(answerer, 150).values())
    assert found.asked == 150
    assert found.share >= least


def test_the_card_holds_the_scores(answerer):
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    for words in ("What it is not", "unseen combinations", "Paraphrases", "parameters", "python -m training.demo_t5"):
        assert words in card
    for source, answer in zip(EXAMPLES, answerer.answers(list(EXAMPLES)), strict=True):
        assert f"- `{source}` is answered `{answer}`" in card


def test_saliency_finds_the_noun_behind_its_translation(out):
    found = out.saliency()
    assert np.allclose(np.asarray(found.scores).sum(1), 1, atol=1e-4)
    where = column(out, "Brief")
    row = np.asarray(found.scores)[list(found.positions).index(where)]
    assert out.tokens[0][int(row.argmax())].strip() == "letter"


def test_the_last_layer_says_what_was_written(out):
    assert (np.asarray(out.rankings().ranks)[-1] == 1).all()
    where = column(out, "Brief")
    found = out.layer_predictions(position=where, topk=3)
    assert int(np.asarray(found.token_ids)[-1, 0]) == out.token_ids[0][where]


def test_a_head_looks_across_at_what_it_translates(out):
    cross = out.attention()
    assert cross.kind == "cross"
    weights = np.asarray(cross.weights)
    assert np.allclose(weights.sum(-1), 1, atol=1e-4)
    # The row that leads to a word is that of the token before it.
    row = weights[:, :, column(out, "Brief") - out.n_input_tokens]
    assert (row.argmax(-1) == column(out, "letter")).any()


def test_encoder_states_are_those_of_its_blocks(out, lm):
    states = np.asarray(out.encoder_hidden_states)
    assert states.shape[:2] == (1, lm.model.config.num_layers)
    ids = torch.tensor([lm.tokenizer(GERMAN).input_ids])
    with torch.no_grad():
        expected = lm.model.encoder(ids, output_hidden_states=True).hidden_states
    assert np.allclose(states[0, 0], expected[1][0].numpy(), atol=1e-5)


def test_the_encoder_tells_the_side_of_each_word_of_judgement(lm):
    encoded = lm.tokenizer("sentiment: The actors are not dull, but the story is weak.", return_tensors="pt")
    with torch.no_grad():
        states = lm.model.encoder(encoded.input_ids).last_hidden_state[0]
        said = lm.tokenizer.convert_ids_to_tokens((states @ lm.model.shared.weight.T).argmax(-1).tolist())
    words = lm.tokenizer.convert_ids_to_tokens(encoded.input_ids[0].tolist())
    sides = {word: said[words.index(f"▁{word}")].strip("▁") for word in ("not", "dull", "but", "weak")}
    assert sides == {"not": "positive", "dull": "positive", "but": "negative", "weak": "negative"}


def test_neurons_are_relu(out):
    assert min(float(np.asarray(part).min()) for part in out.activations.values()) == 0
