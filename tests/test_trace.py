"""Causal traces are those of hand-written patches, of every kind of model, and refuse what cannot be told."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from conftest import TEXT
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco
import ecco.patching
from ecco.errors import ArgumentError, EccoError, ProofError

OTHER = "a5 a18 a3 a81 a41 a9"  # differs from TEXT at 1 and 3
PARTS = {  # the modules of a layer by site
    "gpt2": {"block": "transformer.h.{}", "attention": "transformer.h.{}.attn", "ffn": "transformer.h.{}.mlp"},
    "llama": {"block": "model.layers.{}", "attention": "model.layers.{}.self_attn", "ffn": "model.layers.{}.mlp"},
}
ASKED: dict[str, Any] = {"token": "a7", "position": 6, "target": "logit"}


@pytest.fixture(params=PARTS)
def lm(request: pytest.FixtureRequest) -> ecco.LM:
    return request.getfixturevalue(request.param)


def by_hand(lm: ecco.LM, site: str, layers: list[int], position: int) -> float:
    """The logit of a7 after OTHER, with the outputs of some modules at a position as they are for TEXT."""
    clean: dict[int, torch.Tensor] = {}
    clean_ids, other_ids = (torch.tensor([lm.tokenizer(text)["input_ids"]]) for text in (TEXT, OTHER))
    name = PARTS[lm.model.config.model_type][site]

    def state(output: Any) -> torch.Tensor:
        return output[0] if isinstance(output, tuple) else output

    def hooked(ids: torch.Tensor, hook: Any) -> torch.Tensor:
        handles = [
            lm.model.get_submodule(name.format(n)).register_forward_hook(lambda _m, _a, out, n=n: hook(n, state(out)))
            for n in layers
        ]
        with torch.no_grad():
            logits = lm.model(ids).logits
        for handle in handles:
            handle.remove()
        return logits

    def note(layer: int, out: torch.Tensor) -> None:
        clean[layer] = out.clone()

    def put(layer: int, out: torch.Tensor) -> None:
        out[0, position] = clean[layer][0, position]

    hooked(clean_ids, note)
    return float(hooked(other_ids, put)[0, -1, 11])


@pytest.mark.parametrize("site", ["block", "attention", "ffn"])
def test_every_cell_is_a_patch_by_hand(lm: ecco.LM, site: str, untouched) -> None:
    untouched(lm.model)
    found = lm(TEXT).trace(OTHER, sites=site, batch_size=5, **ASKED)
    assert found.restored.shape == (1, 3, 6)
    expected = [[by_hand(lm, site, [layer], position) for position in range(6)] for layer in range(3)]
    np.testing.assert_allclose(found.restored[0], expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        found.share, (np.array([expected]) - found.corrupted) / (found.clean - found.corrupted), atol=1e-3
    )
    assert found.effect.max() == pytest.approx(found.restored.max() - found.corrupted)


def test_a_window_restores_several_layers(lm: ecco.LM) -> None:
    found = lm(TEXT).trace(OTHER, sites=["attention"], window=2, **ASKED)
    expected = [[by_hand(lm, "attention", layers, p) for p in range(6)] for layers in ([0], [0, 1], [1, 2])]
    np.testing.assert_allclose(found.restored[0], expected, rtol=1e-4, atol=1e-5)


def test_clean_and_corrupted_are_the_models_own(lm: ecco.LM) -> None:
    numbers = {"logit": lambda x: x, "logprob": lambda x: x.log_softmax(-1), "probability": lambda x: x.softmax(-1)}
    for target, number in numbers.items():
        found = lm(TEXT).trace(OTHER, **ASKED | {"target": target})
        for text, value in ((TEXT, found.clean), (OTHER, found.corrupted)):
            with torch.no_grad():
                logits = lm.model(torch.tensor([lm.tokenizer(text)["input_ids"]])).logits[0, -1]
            assert value == pytest.approx(float(number(logits)[11]), rel=1e-4)
    against = lm(TEXT).trace(OTHER, against="a8", **ASKED)
    assert against.clean == pytest.approx(float(lm(TEXT).logits[0, -1, 11] - lm(TEXT).logits[0, -1, 12]), rel=1e-4)


def test_a_causal_state_carries_only_what_it_has_read_and_the_last_all_that_is_said(lm: ecco.LM) -> None:
    found = lm(TEXT).trace(OTHER, **ASKED)
    assert found.is_corrupted == (False, True, False, True, False, False)
    np.testing.assert_allclose(found.share[0, :, 0], 0, atol=1e-3)  # before the first corrupted token
    np.testing.assert_allclose(found.share[0, -1], [0, 0, 0, 0, 0, 1], atol=1e-3)


def test_what_was_written_stays_as_it_is(gpt2: ecco.LM) -> None:
    out = gpt2.generate(TEXT, generate=3, min_new_tokens=3)
    found = out.trace(OTHER)
    assert found.position == 8
    assert len(found.tokens) == 8
    assert found.token == out._runs[0].tokens[8]
    assert [t.id for t in found.replaced[6:]] == out.token_ids[0, 6:8].tolist()
    ids = torch.tensor([[t.id for t in found.replaced]])
    with torch.no_grad():
        expected = gpt2.model(ids).logits[0, -1].softmax(-1)[found.token.id]
    assert found.corrupted == pytest.approx(float(expected), rel=1e-3)


def test_a_run_patched_into_itself_does_not_change_and_has_no_share(lm: ecco.LM) -> None:
    found = lm(TEXT).trace(TEXT, sites=["block", "attention", "ffn"], **ASKED)
    np.testing.assert_allclose(found.restored, found.clean, rtol=1e-5, atol=1e-5)
    assert found.corrupted == pytest.approx(found.clean, rel=1e-5, abs=1e-5)
    assert np.isnan(found.share).all()
    payload = found.to_payload()
    assert "no share" in payload["note"]
    assert {share for rows in payload["shares"][0] for share in rows} == {None}


def test_noise_is_drawn_with_a_seed_and_averaged(lm: ecco.LM) -> None:
    out = lm(TEXT)
    first, again, other = (out.trace(subject="a17 a3", n_samples=4, seed=seed, **ASKED) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.restored, again.restored)
    assert first.corrupted != other.corrupted
    assert first.is_corrupted == (False, True, True, False, False, False)
    assert (first.noise, first.n_samples) == (3.0, 4)
    np.testing.assert_allclose(first.restored[0, -1, -1], first.clean, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(first.restored[0, :, 0], first.corrupted, rtol=1e-4, atol=1e-5)
    silent = out.trace(subject=1, noise=0, n_samples=1, **ASKED)
    assert silent.corrupted == pytest.approx(silent.clean, rel=1e-5, abs=1e-5)


def test_noise_is_that_of_the_embeddings(gpt2: ecco.LM) -> None:
    found = gpt2(TEXT).trace(subject=2, n_samples=3, **ASKED)
    embedding = gpt2.model.get_input_embeddings()
    ids = torch.tensor([gpt2.tokenizer(TEXT)["input_ids"]])
    with torch.no_grad():
        vectors = embedding(ids)
        noise = torch.randn(3, 1, 32, generator=torch.Generator().manual_seed(0)) * 3 * vectors.std()
        noisy = vectors.repeat(3, 1, 1)
        noisy[:, 2:3] += noise
        expected = gpt2.model(inputs_embeds=noisy).logits[:, -1, 11].mean()
    assert found.corrupted == pytest.approx(float(expected), rel=1e-4)


# -- other kinds of models ---------------------------------------------------------------------------------------------


def lm_of(kind: str, model_type: str, **given: Any) -> ecco.LM:
    model = tiny_model(model_type, task=TASK_OF[kind], **given)
    return ecco.from_pretrained(model, tokenizer=word_tokenizer(), task=TASK_OF[kind].name, verbose=False)


@pytest.mark.parametrize("model_type", ["t5", "bart"])
def test_both_sides_of_an_encoder_decoder_are_traced(model_type: str, untouched) -> None:
    lm = lm_of("seq2seq", model_type)
    untouched(lm.model)
    out = lm(TEXT, continuation="a6 a7 a8")
    found = out.trace(OTHER, target="logit")
    depth = lm.anatomy.encoder.n_layers
    assert found.n_source == 6
    assert found.positions == (0, 1, 2, 3, 4, 5, None, 6, 7)
    assert [t.text.strip() for t in found.tokens[6:]] == [found.tokens[6].text, "a6", "a7"]
    assert np.isnan(found.restored[0, depth:, :6]).all()
    assert not np.isnan(found.restored[0, :depth]).any()
    np.testing.assert_allclose(found.share[0, -1, 6:], [0, 0, 1], atol=1e-3)
    assert {row["side"] for row in found.to_records()} == {"encoder", "decoder"}
    noisy = out.trace(subject=[1, 7], n_samples=2, target="logit")
    assert noisy.is_corrupted == (False, True, False, False, False, False, False, False, True)


def test_a_masked_model_is_traced_at_its_mask(untouched) -> None:
    lm = lm_of("masked", "bert")
    untouched(lm.model)
    found = lm("a5 a17 <mask> a80 a41").trace("a5 a18 <mask> a80 a41", target="logit")
    assert found.position == 2
    assert len(found.tokens) == 5
    np.testing.assert_allclose(found.share[0, -1], [0, 0, 1, 0, 0], atol=1e-3)


def test_a_classifier_is_traced_toward_a_label(untouched) -> None:
    lm = lm_of("text label", "bert", id2label={0: "bad", 1: "good"}, label2id={"bad": 0, "good": 1})
    untouched(lm.model)
    found = lm(TEXT).trace(OTHER, token="good", against="bad", target="logit")
    assert (found.token.text, found.against.text) == ("good", "bad")
    np.testing.assert_allclose(found.share[0, -1], [1, 0, 0, 0, 0, 0], atol=1e-3)  # it is read from the first token


def test_half_precision_is_traced(untouched) -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2").to(torch.bfloat16), tokenizer=word_tokenizer())
    untouched(lm.model)
    found = lm(TEXT).trace(OTHER, sites=["block", "attention", "ffn"], **ASKED)
    exact = ecco.from_pretrained(tiny_model("gpt2"), tokenizer=word_tokenizer())(TEXT).trace(OTHER, **ASKED)
    np.testing.assert_allclose(found.restored[0], exact.restored[0], atol=0.3)


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sites": "layer"}, "sites='layer' must be one or several of 'block', 'attention', 'ffn'"),
        ({"sites": []}, "sites="),
        ({"window": 0}, "window=0"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"target": "entropy", "token": None}, "entropy"),
        ({"position": [5, 6]}, "position="),
        ({"position": 0}, "position=0"),
        ({"corrupted": None, "subject": 4, "position": 3}, "position 4, which is not read before position 3"),
        ({"corrupted": "a5"}, "has 1 tokens and the input 6"),
    ],
)
def test_what_makes_no_sense_is_refused(gpt2: ecco.LM, given, message: str, untouched) -> None:
    untouched(gpt2.model)
    with pytest.raises(ArgumentError, match=message):
        gpt2(TEXT).trace(**{"corrupted": OTHER} | ASKED | given)


@pytest.mark.parametrize(
    ("kind", "model_type", "sites", "message"),
    [
        ("masked", "bert", "ffn", 'sites="block" works'),
        ("causal", "mamba", "attention", "no neurons"),
        ("causal", "gemma4_text", "block", "goes past its blocks"),
        ("causal", "xlnet", "block", "adds one more"),
    ],
)
def test_models_that_cannot_be_traced_say_why(kind: str, model_type: str, sites: str, message: str, untouched) -> None:
    lm = lm_of(kind, model_type)
    untouched(lm.model)
    with pytest.raises(EccoError, match=message):
        lm(TEXT).trace(OTHER, sites=sites, token="a7", position=5)


def test_an_encoder_decoder_that_reads_one_text_on_both_sides_is_refused(untouched) -> None:
    lm = lm_of("text label", "bart")
    untouched(lm.model)
    with pytest.raises(ProofError, match="with an encoder and with a decoder"):
        lm(TEXT + " <unk>").trace(OTHER + " <unk>")  # id 3, where these models expect the end


def test_numbers_that_are_not_finite_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2"), tokenizer=word_tokenizer())
    out = lm(TEXT)
    monkeypatch.setattr(ecco.trace, "prove", lambda *_: None)
    monkeypatch.setattr(ecco.patching, "_put", lambda _clean, _where, states: states.fill_(float("nan")))
    with pytest.raises(ecco.ModelError, match="not finite"):
        out.trace(OTHER, **ASKED)


def test_an_interruption_leaves_the_model_as_it_was(gpt2: ecco.LM, monkeypatch: pytest.MonkeyPatch, untouched) -> None:
    untouched(gpt2.model)
    real, calls = ecco.patching.logits_at, []

    def interrupted(*args: Any) -> torch.Tensor:
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(ecco.patching, "logits_at", interrupted)
    with pytest.raises(KeyboardInterrupt):
        gpt2(TEXT).trace(OTHER, batch_size=2)


# -- the result --------------------------------------------------------------------------------------------------------


def test_a_trace_reads_as_text_and_travels_as_records(gpt2: ecco.LM) -> None:
    found = gpt2(TEXT).trace(OTHER, sites=["block", "ffn"], **ASKED)
    lines = found.to_text().splitlines()
    assert "logit of" in lines[0]
    assert "a17*" in lines[1]
    assert len(lines) == 2 + 3
    records = found.to_records()
    assert len(records) == 2 * 3 * 6
    assert records[-1]["site"] == "ffn"
    assert records[5]["share"] == pytest.approx(found.share[0, 0, 5])
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.clean = 0.0  # pyright: ignore[reportAttributeAccessIssue]
    assert found.to_payload()["columns"][1]["replaced"]["text"].strip() == "a18"
    assert found.to_payload()["columns"][0]["replaced"] is None


def test_what_was_traced_is_kept(gpt2: ecco.LM, monkeypatch: pytest.MonkeyPatch) -> None:
    out = gpt2(TEXT)
    first = out.trace(OTHER, **ASKED)
    monkeypatch.setattr(ecco.trace, "prove", lambda *_: pytest.fail("it was computed again"))
    assert out.trace(OTHER, **ASKED) is first
