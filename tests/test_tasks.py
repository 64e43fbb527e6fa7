"""Every task answers, and its numbers are those of the model: encoder-decoders, masked models, classifiers, encoders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from conftest import TEXT
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco

SOURCE = "a5 a17 a3 a80 a41"
MASKED = "a5 a17 <mask> a80 a41 a9"


def lm_of(kind: str, model_type: str, **given: Any) -> ecco.LM:
    """A tiny random model for a kind of reading."""
    model = tiny_model(model_type, task=TASK_OF[kind], **given)
    return ecco.from_pretrained(model, tokenizer=word_tokenizer(), verbose=False)


# -- encoder-decoders --------------------------------------------------------------------------------------------------

TWO_SIDED = ["t5", "bart", "mbart", "marian", "m2m_100", "pegasus", "mt5", "umt5", "blenderbot-small", "t5gemma"]


@pytest.mark.parametrize("model_type", TWO_SIDED)
@pytest.mark.parametrize("beams", [1, 3])
def test_an_encoder_decoder_writes_what_transformers_writes(model_type: str, beams: int, untouched) -> None:
    lm = lm_of("seq2seq", model_type)
    untouched(lm.model)
    ids = torch.tensor([lm.tokenizer(SOURCE)["input_ids"]])
    expected = lm.model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=5, num_beams=beams, pad_token_id=0)
    out = lm.generate(SOURCE, generate=5, beam_size=beams)
    assert out.token_ids[0, :5].tolist() == ids[0].tolist()
    assert out.token_ids[0, 5:].tolist() == expected[0, 1:].tolist()
    assert out.n_input_tokens == 5
    assert lm.task == "seq2seq"


@pytest.mark.parametrize("model_type", TWO_SIDED)
def test_both_sides_of_an_encoder_decoder(model_type: str, untouched) -> None:
    lm = lm_of("seq2seq", model_type)
    untouched(lm.model)
    out = lm(SOURCE, continuation="a6 a7 a8")
    logits = two_sided_logits(lm, out)
    found = out.rankings()
    assert found.positions == (5, 6, 7)
    for column, position in enumerate(found.positions):
        row, token = logits[position - 5], int(out.token_ids[0, position])
        assert found.ranks[-1, column] == 1 + int((row > row[token]).sum())
        assert found.probabilities[-1, column] == pytest.approx(float(row.softmax(-1)[token]), rel=1e-3)
    top = out.layer_predictions(position=8, topk=3)
    assert top.token_ids[-1].tolist() == logits[3].topk(3).indices.tolist()
    torch.testing.assert_close(out.logits[0], logits, rtol=1e-3, atol=1e-4)
    assert out.encoder_hidden_states.shape[2] == 5
    assert out.decoder_hidden_states.shape[2] == 4


def two_sided_logits(lm: ecco.LM, out: ecco.OutputSeq, length: int | None = None) -> torch.Tensor:
    """Logits of an encoder-decoder, straight from the model."""
    ids = out.token_ids[:, :length]
    start = torch.tensor([[lm._loaded.start]])
    with torch.no_grad():
        return lm.model(input_ids=ids[:, :5], decoder_input_ids=torch.cat([start, ids[:, 5:]], 1)).logits[0]


@pytest.mark.parametrize("model_type", TWO_SIDED)
def test_source_and_earlier_target_share_the_saliency_of_a_target(model_type: str, untouched) -> None:
    lm = lm_of("seq2seq", model_type)
    untouched(lm.model)
    out = lm(SOURCE, continuation="a6 a7 a8")
    found = out.saliency(signed=True, normalize=False)
    assert found.positions == (5, 6, 7)
    for row, position in enumerate(found.positions):
        expected = two_sided_gradient(lm, out, position)
        close(found.scores[row, : len(expected)], expected)
        assert (found.scores[row, len(expected) :] == 0).all()
    shares = out.saliency().scores
    np.testing.assert_allclose(shares.sum(1), 1, rtol=1e-5)
    assert (shares[0, :5] > 0).all()
    assert (shares[0, 5:] == 0).all()


def two_sided_gradient(lm: ecco.LM, out: ecco.OutputSeq, position: int) -> torch.Tensor:
    """Gradient times embedding of every token, for one target alone: (token, d_model)."""
    ids, start = out.token_ids, torch.tensor([[lm._loaded.start]])
    with watched(lm.anatomy.embeddings) as leaves:
        target = torch.cat([start, ids[:, 5:position]], 1)
        logits = lm.model(input_ids=ids[:, :5], decoder_input_ids=target, use_cache=False).logits
    gradients = torch.autograd.grad(logits[0, -1, int(ids[0, position])], leaves)
    source, target = ((gradient * leaf)[0].detach() for gradient, leaf in zip(gradients, leaves, strict=True))
    return torch.cat([source, target[1:]])


@contextmanager
def watched(embeddings: Any) -> Iterator[list[torch.Tensor]]:
    """Turn the outputs of embedding modules into leaves, in the order of the calls."""
    leaves: list[torch.Tensor] = []

    def hook(_module: Any, _args: Any, output: torch.Tensor) -> torch.Tensor:
        leaves.append(output.detach().clone().requires_grad_())
        return leaves[-1]

    handles = [module.register_forward_hook(hook) for module in dict.fromkeys(embeddings)]
    yield leaves
    for handle in handles:
        handle.remove()


def close(scores: np.ndarray, vectors: torch.Tensor) -> None:
    """Signed scores are the sums of these vectors; a sum may be tiny beside what it is a sum of."""
    np.testing.assert_allclose(scores, vectors.sum(-1), rtol=0, atol=2e-3 * float(vectors.norm(dim=-1).max()))


def test_integrated_gradients_of_an_encoder_decoder_add_up() -> None:
    lm = ecco.from_pretrained(tiny_model("bart", task=TASK_OF["seq2seq"]).double(), tokenizer=word_tokenizer())
    out = lm(SOURCE, continuation="a6 a7")
    assert float(out.saliency("ig", n_steps=200).completeness_error.max()) < 0.02


def test_a_batch_of_sources_writes_what_each_writes_alone() -> None:
    for model_type in ("t5", "bart"):
        lm = lm_of("seq2seq", model_type)
        texts = [SOURCE, "a1 a2", "a8 a9 a10"]
        together = lm.generate(texts, generate=4)
        assert together.n_input_tokens == [5, 2, 3]
        for one, text in zip(together, texts, strict=True):
            assert one.token_ids.tolist() == lm.generate(text, generate=4).token_ids.tolist()


def test_the_length_of_an_encoder_decoder_is_that_of_what_it_writes() -> None:
    lm = lm_of("seq2seq", "t5")
    assert lm.generate(SOURCE, max_length=4).lengths == [5 + 3]  # the start is counted too


def test_the_source_is_not_predicted() -> None:
    out = lm_of("seq2seq", "t5")(SOURCE, continuation="a6")
    with pytest.raises(ecco.ArgumentError, match="belongs to the source"):
        out.layer_predictions(position=2)
    values = out.explorable().values
    assert np.isnan(values[:5]).all()
    assert 0 < values[5] < 1


# -- masked language models --------------------------------------------------------------------------------------------

BIDIRECTIONAL = [
    "bert",
    "roberta",
    "distilbert",
    "albert",
    "electra",
    "deberta",
    "deberta-v2",
    "modernbert",
    "mpnet",
    "xlm-roberta",
]


@pytest.mark.parametrize("model_type", BIDIRECTIONAL)
def test_a_masked_model_is_asked_at_its_mask(model_type: str, untouched) -> None:
    lm = lm_of("masked", model_type)
    untouched(lm.model)
    assert lm.task == "masked"
    out = lm(MASKED)
    with torch.no_grad():
        logits = lm.model(input_ids=out.token_ids).logits[0]
    best = int(logits[2].argmax())
    found = out.rankings()
    assert found.positions == (2,)
    assert found.columns[0].id == best
    assert found.ranks[-1, 0] == 1
    watched = out.rankings_watch(["a1", "a2"])
    assert watched.ranks[-1].tolist() == [1 + int((logits[2] > logits[2, i]).sum()) for i in (5, 6)]
    top = out.layer_predictions(topk=4)
    assert top.position == 2
    assert top.token_ids[-1].tolist() == logits[2].topk(4).indices.tolist()
    np.testing.assert_allclose(top.probabilities[-1], logits[2].softmax(-1).topk(4).values, rtol=1e-3)
    assert [t.text for t in top.after] == [" a80", " a41", " a9"]
    filled = lm.predict_token(MASKED, topk=3)
    assert filled.token_ids.tolist() == logits[2].topk(3).indices.tolist()
    torch.testing.assert_close(out.logits[0], logits, rtol=1e-3, atol=1e-4)
    assert out.decoder_hidden_states is None
    assert out.encoder_hidden_states.shape[1:3] == (lm.anatomy.blocks.n_layers, 6)


@pytest.mark.parametrize("model_type", BIDIRECTIONAL)
def test_all_tokens_of_a_masked_text_may_lead_to_the_answer(model_type: str, untouched) -> None:
    lm = lm_of("masked", model_type)
    untouched(lm.model)
    out = lm(MASKED)
    found = out.saliency(signed=True, normalize=False)
    close(found.scores[0], one_sided_gradient(lm, out, lambda logits: logits[0, 2, found.explained[0].id]))
    assert found.seen == (6,)
    assert found.to_payload()["named"]["id"] == found.explained[0].id
    named = out.saliency(token="a7", normalize=False, signed=True)
    close(named.scores[0], one_sided_gradient(lm, out, lambda logits: logits[0, 2, 11]))


def one_sided_gradient(lm: ecco.LM, out: ecco.OutputSeq, number: Any) -> torch.Tensor:
    """Gradient times embedding of every token, for a number made of the logits: (token, d_model)."""
    with watched([lm.model.get_input_embeddings()]) as leaves:
        logits = lm.model(input_ids=out.token_ids).logits
    (gradient,) = torch.autograd.grad(number(logits), leaves)
    return (gradient * leaves[0])[0].detach()


def test_several_masks_are_each_explained() -> None:
    out = lm_of("masked", "bert")("a5 <mask> a3 <mask>")
    assert out.rankings().positions == (1, 3)
    found = out.saliency()
    assert found.positions == (1, 3)
    payload = found.to_payload()
    assert [t["id"] for t in payload["explained"]] == [t.id for t in found.explained]
    with pytest.raises(ecco.ArgumentError, match=r"2 masks.*\(1, 3\)"):
        out.layer_predictions()
    assert out.layer_predictions(position=3).position == 3


def test_a_text_without_a_mask_needs_a_position() -> None:
    lm = lm_of("masked", "bert")
    out = lm(TEXT)
    for question in (out.layer_predictions, out.saliency, lambda: out.rankings_watch(["a1"]), lambda: lm.predict_token(TEXT)):
        with pytest.raises(ecco.ArgumentError, match="position="):
            question()
    assert out.rankings().positions == tuple(range(6))
    found = out.saliency(position=3)
    assert found.explained[0].id == int(out.token_ids[0, 3])
    assert (out.explorable().values > 0).all()


def test_a_mask_may_stand_at_either_end() -> None:
    lm = lm_of("masked", "roberta")
    assert lm("<mask> a3 a4").layer_predictions().position == 0
    assert lm("a3 a4 <mask>").rankings().positions == (2,)


# -- classifiers -------------------------------------------------------------------------------------------------------

CLASSIFIERS = ["bert", "roberta", "distilbert", "deberta-v2", "gpt2", "llama", "albert", "electra"]
LABELS = {"id2label": {0: "bad", 1: "fair", 2: "good"}, "label2id": {"bad": 0, "fair": 1, "good": 2}}


@pytest.mark.parametrize("model_type", CLASSIFIERS)
def test_a_classifier_is_asked_for_its_labels(model_type: str, untouched) -> None:
    lm = lm_of("text label", model_type, **LABELS)
    untouched(lm.model)
    assert lm.task == "classification"
    out = lm(TEXT)
    with torch.no_grad():
        logits = lm.model(input_ids=out.token_ids).logits[0]
    best = int(logits.argmax())
    found = out.layer_predictions()
    np.testing.assert_allclose(found.probabilities[-1], logits.softmax(-1).sort(descending=True).values, rtol=1e-3)
    assert found.texts[-1][0] == ["bad", "fair", "good"][best]
    assert "of the whole text" in found.to_payload()["subtitle"]
    watched = out.rankings_watch(["bad", "good"])
    assert watched.ranks[-1].tolist() == [1 + int((logits > logits[i]).sum()) for i in (0, 2)]
    scores = out.saliency(signed=True, normalize=False)
    assert scores.explained[0].text == ["bad", "fair", "good"][best]
    close(scores.scores[0], one_sided_gradient(lm, out, lambda found: found[0, best]))
    toward = out.saliency(token="bad", against="good", signed=True, normalize=False)
    close(toward.scores[0], one_sided_gradient(lm, out, lambda found: found[0, 0] - found[0, 2]))
    predicted = lm.predict_token(TEXT)
    assert predicted.texts[0] == ["bad", "fair", "good"][best]
    assert predicted.to_payload()["title"] == "Labels"


@pytest.mark.parametrize("model_type", ["bert", "distilbert", "roberta", "gpt2"])
def test_a_tagger_is_asked_token_by_token(model_type: str, untouched) -> None:
    lm = lm_of("token labels", model_type, **LABELS)
    untouched(lm.model)
    out = lm(TEXT)
    with torch.no_grad():
        logits = lm.model(input_ids=out.token_ids).logits[0]
    found = out.rankings()
    assert [t.text for t in found.columns] == [["bad", "fair", "good"][i] for i in logits.argmax(-1).tolist()]
    assert (found.ranks[-1] == 1).all()
    top = out.layer_predictions(position=2)
    np.testing.assert_allclose(top.probabilities[-1], logits[2].softmax(-1).sort(descending=True).values, rtol=1e-3)
    scores = out.saliency(position=2, signed=True, normalize=False)
    close(scores.scores[0], one_sided_gradient(lm, out, lambda found: found[0, 2].max()))


def test_a_tagger_is_told_which_token_to_label() -> None:
    lm = lm_of("token labels", "bert", **LABELS)
    with pytest.raises(ecco.ArgumentError, match="say which position="):
        lm.predict_token(TEXT)
    top = lm(TEXT).layer_predictions(position=2)
    assert lm.predict_token(TEXT, position=2).token_ids.tolist() == top.token_ids[-1].tolist()


def test_an_unknown_label_names_those_that_there_are() -> None:
    out = lm_of("text label", "bert", **LABELS)(TEXT)
    with pytest.raises(ecco.ArgumentError, match="'awful' is no label of this model; it has 'bad', 'fair', 'good'"):
        out.saliency(token="awful")
    with pytest.raises(ecco.ArgumentError, match=r"Label 3 is outside the labels \(0 to 2\)"):
        out.saliency(token=3)


def test_an_encoder_decoder_that_classifies_is_refused_where_one_text_is_embedded_twice() -> None:
    lm = lm_of("text label", "bart", **LABELS)
    out = lm(TEXT + " <unk>")  # id 3, where these models expect the end
    with pytest.raises(ecco.EccoError, match="embedding"):
        out.saliency()


# -- encoders ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model_type", ["bert", "distilbert", "mpnet", "modernbert", "t5"])
def test_an_encoder_gives_its_states_and_says_what_it_lacks(model_type: str, untouched) -> None:
    lm = lm_of("states", model_type)
    untouched(lm.model)
    assert lm.task == "encoder"
    out = lm(TEXT)
    assert out.encoder_hidden_states.shape == (1, lm.anatomy.blocks.n_layers, 6, 32)
    assert out.embedding_states.shape[:2] == (1, 6)
    assert out.explorable().values is None
    for question in (out.saliency, out.rankings, out.layer_predictions, lambda: lm.predict_token(TEXT), lambda: out.logits):
        with pytest.raises(ecco.ArgumentError, match="no head"):
            question()


# -- all that only read ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["masked", "text label", "token labels", "states"])
def test_what_only_reads_does_not_write(kind: str) -> None:
    lm = lm_of(kind, "bert")
    with pytest.raises(ecco.ArgumentError, match="reads and does not write"):
        lm.generate(TEXT, generate=1)
    with pytest.raises(ecco.ArgumentError, match="reads only"):
        lm(TEXT, continuation="a1")


@pytest.mark.parametrize("kind", ["masked", "text label"])
def test_padding_on_either_side_is_no_part_of_the_text(kind: str) -> None:
    lm = lm_of(kind, "bert")
    alone = lm("a5 a17 <mask>")
    for side in ("left", "right"):
        tokenizer = word_tokenizer()
        tokenizer.padding_side = side
        both = lm(tokenizer(["a5 a17 <mask>", MASKED], padding=True, return_tensors="pt"))
        tokenizer.padding_side = "right"
        assert both[0].tokens == alone.tokens
        np.testing.assert_allclose(
            both[0].layer_predictions().probabilities, alone.layer_predictions().probabilities, rtol=1e-4
        )
