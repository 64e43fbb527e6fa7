"""Ranks are counts, probabilities are the model's, and the last layer is the model itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from conftest import TEXT

import ecco
from ecco.beliefs import log_total, rank_of
from ecco.errors import ArgumentError, EccoError

MODELS = ["gpt2", "llama"]


@pytest.fixture(params=MODELS)
def lm(request: pytest.FixtureRequest) -> ecco.LM:
    return request.getfixturevalue(request.param)


def test_rankings_equal_sorting_the_vocabulary(lm: ecco.LM, untouched) -> None:
    untouched(lm.model)
    out = lm.generate(TEXT, generate=5)
    found = out.rankings()
    ids = out.token_ids[0]
    assert found.positions == (6, 7, 8, 9, 10)
    assert found.ranks.shape == (3, 5)
    head = _head(lm)
    for layer in range(3):
        with torch.no_grad():
            logits = head(out.decoder_hidden_states[0, layer])
        for column, position in enumerate(found.positions):
            order = logits[position - 1].argsort(descending=True).tolist()
            assert found.ranks[layer, column] == 1 + order.index(int(ids[position]))
            assert found.best_ids[layer, column] == order[0]
            probability = logits[position - 1].softmax(-1)[ids[position]]
            assert found.probabilities[layer, column] == pytest.approx(float(probability), rel=1e-4)


def _head(lm: ecco.LM):
    model = lm.model
    norm = model.transformer.ln_f if hasattr(model, "transformer") else model.model.norm
    return lambda hidden: model.lm_head(norm(hidden))


def test_the_last_layer_of_greedy_text_ranks_first(lm: ecco.LM) -> None:
    found = lm.generate(TEXT, generate=6).rankings()
    assert (found.ranks[-1] == 1).all()
    assert [t.text for t in found.columns] == found.best[-1]


def test_equal_logits_share_the_better_rank() -> None:
    logits = torch.tensor([[2.0, 3.0, 2.0, 1.0]])
    ranks = [int(rank_of(logits, torch.tensor([i]))) for i in range(4)]
    assert ranks == [2, 1, 2, 4]


def test_watched_tokens_are_ranked_at_one_position(lm: ecco.LM) -> None:
    out = lm.generate(TEXT, generate=1)
    watched = out.rankings_watch(watch=["a7", 12, "a7"], position=-1)
    assert watched.watched
    assert [t.id for t in watched.columns] == [11, 12, 11]
    assert watched.positions == (6, 6, 6)
    assert (watched.ranks[:, 0] == watched.ranks[:, 2]).all()
    written = out.rankings_watch([int(out.token_ids[0, -1])])
    np.testing.assert_array_equal(written.ranks, out.rankings().ranks)


def test_the_next_token_after_a_text_can_be_watched(lm: ecco.LM) -> None:
    out = lm(TEXT)
    best = lm.predict_token(TEXT, topk=1)
    watched = out.rankings_watch([int(best.token_ids[0])], position=6)
    assert watched.ranks[-1, 0] == 1
    assert watched.probabilities[-1, 0] == pytest.approx(float(best.probabilities[0]), rel=1e-4)


@pytest.mark.parametrize(
    ("watch", "position", "message"),
    [
        (["a1 a2"], -1, "is not one token of this tokenizer but 2: 'a1' .5., ' a2' .6."),
        ([97], -1, "outside the vocabulary"),
        ([], -1, "must be a list"),
        ("a1", -1, "must be a list"),
        (["a1"], 0, "position=0 is the first token"),
        (["a1"], 99, "outside this run of 7 tokens"),
        (["a1"], -8, "outside this run"),
    ],
)
def test_wrong_watches_say_what_is_wrong(gpt2: ecco.LM, watch, position: int, message: str) -> None:
    out = gpt2.generate(TEXT, generate=1)
    with pytest.raises(ArgumentError, match=message):
        out.rankings_watch(watch, position=position)


def test_layer_predictions_are_the_softmax_of_each_layer(lm: ecco.LM) -> None:
    out = lm.generate(TEXT, generate=2)
    found = out.layer_predictions(position=7, topk=97)
    assert found.token_ids.shape == (3, 97)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1.0, rtol=1e-4)
    assert (np.diff(found.probabilities, axis=1) <= 0).all()
    with torch.no_grad():
        model_says = lm.model(out.token_ids).logits[0, 6].softmax(-1)
    np.testing.assert_allclose(found.probabilities[-1], model_says[found.token_ids[-1]], rtol=1e-3)
    one = out.layer_predictions(position=7, topk=5, layer=-2)
    assert one.layers == (1,)
    np.testing.assert_array_equal(one.token_ids[0], found.token_ids[1, :5])
    assert found.token is not None
    assert found.token.id == int(out.token_ids[0, 7])


@pytest.mark.parametrize(
    ("options", "message"), [({"layer": 3}, "layers 0 to 2"), ({"topk": 0}, "topk=0"), ({"position": 50}, "outside")]
)
def test_wrong_layers_and_numbers_are_refused(gpt2: ecco.LM, options, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        gpt2.generate(TEXT, generate=1).layer_predictions(**options)


def test_predict_token_is_the_models_softmax(lm: ecco.LM) -> None:
    found = lm.predict_token(TEXT, topk=97, temperature=2.0)
    ids = torch.tensor([lm.tokenizer(TEXT)["input_ids"]])
    with torch.no_grad():
        logits = lm.model(ids).logits[0, -1]
    np.testing.assert_allclose(found.probabilities, (logits / 2).softmax(-1)[found.token_ids], rtol=1e-4)
    np.testing.assert_allclose(found.logits, logits[found.token_ids], rtol=1e-4, atol=1e-5)
    assert lm.predict_token(TEXT).token_ids.shape == (50,)


def test_logits_that_are_not_numbers_are_refused() -> None:
    log_total(torch.tensor([[0.0, float("-inf")]]))
    for bad in (float("nan"), float("inf")):
        with pytest.raises(EccoError, match="not finite"):
            log_total(torch.tensor([[0.0, bad]]))


def test_results_read_as_text_and_travel_as_records(gpt2: ecco.LM) -> None:
    out = gpt2.generate(TEXT, generate=2)
    rankings, predictions = out.rankings(), out.layer_predictions(topk=3)
    assert "rank of each written token among 97" in repr(rankings)
    assert len(repr(rankings).splitlines()) == 5
    assert len(rankings.to_records()) == 3 * 2
    assert rankings.to_records()[-1]["rank"] == 1
    assert len(predictions.to_records()) == 9
    assert repr(predictions).count("%") == 9
    assert repr(gpt2.predict_token(TEXT, topk=2)).count("%") == 2


def test_a_word_that_the_tokenizer_does_not_know_is_refused(gpt2: ecco.LM) -> None:
    out = gpt2.generate(TEXT, generate=1)
    with pytest.raises(ArgumentError, match="'London' is unknown to this tokenizer, which reads it as <unk>"):
        out.rankings_watch(["London"])
    assert out.rankings_watch(["<unk>"]).columns[0].id == 3


def test_what_was_read_stands_before_what_is_watched(gpt2: ecco.LM) -> None:
    out = gpt2.generate(TEXT, generate=2)
    watched = out.rankings_watch(["a1"], position=7)
    assert [t.id for t in watched.context] == out.token_ids[0, :7].tolist()
    assert [t.id for t in out.layer_predictions(position=7).context] == out.token_ids[0, :7].tolist()
    assert watched.after == ()
