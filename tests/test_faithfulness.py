"""Taking tokens away: the curves are what the model says of such texts, and the figures are those of the papers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from conftest import TEXT
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco
from ecco.attribution.faithfulness import FRACTIONS, agreement, order_of
from ecco.errors import ArgumentError

METHODS = ("grad_x_input", "gradient")


def _probability(lm: ecco.LM, ids: torch.Tensor, kept: list[int], baseline: torch.Tensor) -> float:
    """Of the last token, with the baseline in place of all tokens before it but those that are kept."""
    embedding = lm.model.get_input_embeddings()
    vectors = baseline.expand(len(ids) - 1, -1).clone()
    vectors[kept] = embedding(ids[kept])
    with torch.no_grad():
        logits = lm.model(inputs_embeds=vectors[None]).logits[0, -1]
    return float(logits.softmax(-1)[ids[-1]])


def test_curves_are_what_the_model_says_of_texts_without_some_tokens() -> None:
    lm = ecco.from_pretrained(tiny_model("llama").double(), tokenizer=word_tokenizer())
    out = lm.generate(TEXT, generate=1)
    found = out.faithfulness(METHODS, n_random=2)
    ids = out.token_ids[0]
    baseline = lm.model.get_input_embeddings().weight.detach().mean(0)
    for m, method in enumerate(METHODS):
        scores = out.saliency(method, signed=method == "grad_x_input", normalize=False).scores[0]
        order = list(np.argsort(-scores[: len(ids) - 1], kind="stable"))
        for step, share in enumerate(FRACTIONS):
            count = int(np.ceil(round(share * len(order), 6)))
            assert found.deletion[m, 0, step] == pytest.approx(_probability(lm, ids, order[count:], baseline), rel=1e-6)
            assert found.insertion[m, 0, step] == pytest.approx(_probability(lm, ids, order[:count], baseline), rel=1e-6)
    shares = [FRACTIONS.index(share) for share in (0.01, 0.05, 0.1, 0.2, 0.5)]
    whole = found.deletion[:, :, 0]
    np.testing.assert_allclose(found.comprehensiveness, whole - found.deletion[:, :, shares].mean(-1))
    np.testing.assert_allclose(found.sufficiency, whole - found.insertion[:, :, shares].mean(-1))


@pytest.mark.parametrize(
    ("kind", "model_type"), [("causal", "gpt2"), ("masked", "bert"), ("seq2seq", "t5"), ("text label", "bert")]
)
def test_both_curves_join_the_whole_text_and_none_of_it(kind: str, model_type: str, untouched) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type, task=TASK_OF[kind]), tokenizer=word_tokenizer())
    untouched(lm.model)
    text = TEXT.replace("a80", "<mask>") if kind == "masked" else TEXT
    out = lm.generate(text, generate=2, min_new_tokens=2) if kind in ("causal", "seq2seq") else lm(text)
    found = out.faithfulness(METHODS, n_random=3)
    every_deletion = np.concatenate([found.deletion, found.random_deletion])
    every_insertion = np.concatenate([found.insertion, found.random_insertion])
    np.testing.assert_allclose(every_deletion[..., 0], every_insertion[..., -1])
    np.testing.assert_allclose(every_deletion[..., -1], every_insertion[..., 0])
    value = out.saliency(target="probability", position=found.positions[0]).values[0]
    np.testing.assert_allclose(every_deletion[..., 0], value, rtol=1e-4)
    assert np.ptp(every_deletion[:, 0, 3]) > 0, "all orders give the same"


def test_special_tokens_and_the_mask_that_is_explained_stay() -> None:
    lm = ecco.from_pretrained("ecco/demo-bert", verbose=False)
    out = lm("Heathrow Airport is located in the city of [MASK].")
    found = out.faithfulness(METHODS, n_random=1)
    special = sum(token.special for token in out._runs[0].tokens)
    assert found.n_candidates == (len(out.tokens[0]) - special,)


def test_the_best_order_beats_chance_and_the_worst_does_not() -> None:
    lm = ecco.from_pretrained("ecco/demo-gpt2", verbose=False)
    found = lm.generate("Heathrow Airport is located in the city of", generate=1).faithfulness({"ig": {"n_steps": 20}})
    assert found.methods == ("integrated_gradients",)
    assert found.insertion_area[0, 0] > found.random_insertion.mean(axis=(0, 1)) @ np.gradient(FRACTIONS) + 0.2
    assert found.comprehensiveness[0, 0] > found.random_comprehensiveness.mean() + found.random_comprehensiveness.std()
    assert found.completeness_error[0, 0] < 0.05


def test_the_same_seed_gives_the_same_orders(gpt2: ecco.LM) -> None:
    out = gpt2(TEXT, continuation="a6 a7")
    first, same, other = (out.faithfulness(METHODS, n_random=4, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.random_deletion, same.random_deletion)
    assert (first.random_deletion != other.random_deletion).any()


def test_agreement_is_spearmans() -> None:
    from scipy.stats import spearmanr

    scores = np.array([[3.0, 1.0, 2.0, 2.0], [0.1, 0.4, 0.2, 0.9], [1.0, 1.0, 1.0, 1.0]])
    found = agreement(scores)
    assert found[0, 1] == pytest.approx(spearmanr(scores[0], scores[1]).statistic)
    np.testing.assert_allclose(np.diag(found), 1.0)
    np.testing.assert_array_equal(found[2, :2], 0.0)


def test_equal_scores_keep_the_order_of_the_text() -> None:
    assert order_of(np.array([1.0, 2.0, 1.0, 2.0])).tolist() == [1, 3, 0, 2]


def test_a_data_set_is_its_texts_one_after_the_other(gpt2: ecco.LM) -> None:
    texts = [TEXT, (TEXT, "a6 a7"), gpt2.generate(TEXT, generate=2)]
    found = ecco.evaluate_attribution(gpt2, texts, METHODS, progress=False, n_random=2)
    assert found.texts == (0, 1, 2)
    alone = gpt2(TEXT, continuation="a6 a7").faithfulness(METHODS, n_random=2)
    np.testing.assert_allclose(found.deletion[:, 1], alone.deletion[:, 0], rtol=1e-5)
    assert "3 answers in 3 texts" in repr(found)
    frame = found.to_frame()
    assert set(frame.method) == {*METHODS, "random"}
    assert len(frame) == 9


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"methods": []}, "names no attribution method"),
        ({"methods": ["nothing"]}, "no attribution method 'nothing'"),
        ({"n_random": 0}, "n_random=0"),
        ({"position": 1}, "sees 1 token"),
        ({"removal": "nothing"}, "'nothing'"),
        ({"measured": "loss"}, "'loss'"),
    ],
)
def test_wrong_questions_are_refused(gpt2: ecco.LM, options: dict, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        gpt2(TEXT).faithfulness(**options)


def test_a_text_that_cannot_be_evaluated_is_named(gpt2: ecco.LM) -> None:
    with pytest.raises(ArgumentError, match=r"Text 1: .*sees 1 token"):
        ecco.evaluate_attribution(gpt2, [TEXT, "a1"], METHODS, progress=False)
    with pytest.raises(ArgumentError, match="must be a list"):
        ecco.evaluate_attribution(gpt2, TEXT)
