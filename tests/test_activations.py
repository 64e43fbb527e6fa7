"""The neurons that a run holds are those of its text, layer by layer and side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from conftest import TEXT
from test_tasks import MASKED, SOURCE, lm_of
from zoo import tiny_model, word_tokenizer

import ecco


def hooked(modules: list[torch.nn.Module], lm: ecco.LM, **inputs: torch.Tensor) -> torch.Tensor:
    """(layer, neuron, position): what some modules return for a text, straight from the model."""
    seen: list[torch.Tensor] = []
    handles = [m.register_forward_hook(lambda _m, _a, out: seen.append(out[0].T)) for m in modules]
    with torch.no_grad():
        lm.model(**inputs)
    for handle in handles:
        handle.remove()
    return torch.stack(seen)


def test_the_neurons_of_a_gpt2_are_its_activation_functions(gpt2: ecco.LM, untouched) -> None:
    untouched(gpt2.model)
    out = gpt2.generate(TEXT, generate=3)
    found = out.activations
    assert list(found) == ["decoder"]
    assert out.activation_layers == {"decoder": (0, 1, 2)}
    expected = hooked([block.mlp.act for block in gpt2.model.transformer.h], gpt2, input_ids=out.token_ids)
    torch.testing.assert_close(found["decoder"][0], expected)


def test_the_neurons_of_a_bert_are_on_the_side_that_reads() -> None:
    lm = lm_of("masked", "bert")
    out = lm(MASKED)
    layers = [layer.intermediate for layer in lm.model.bert.encoder.layer]
    torch.testing.assert_close(out.activations["encoder"][0], hooked(layers, lm, input_ids=out.token_ids))
    assert list(out.activations) == ["encoder"]


def test_an_encoder_decoder_keeps_its_sides_apart() -> None:
    lm = lm_of("seq2seq", "t5")
    out = lm(SOURCE, continuation="a6 a7 a8")
    start = torch.tensor([[lm._loaded.start]])
    inputs = {"input_ids": out.token_ids[:, :5], "decoder_input_ids": torch.cat([start, out.token_ids[:, 5:]], 1)}
    for side, blocks, length in (("encoder", lm.model.encoder.block, 5), ("decoder", lm.model.decoder.block, 4)):
        acts = [block.layer[-1].DenseReluDense.act for block in blocks]
        assert out.activations[side].shape == (1, 3, 48, length)
        torch.testing.assert_close(out.activations[side][0], hooked(acts, lm, **inputs))


def test_neurons_of_a_batch_are_those_of_each_text(gpt2: ecco.LM) -> None:
    both = gpt2([TEXT, "a1 a2"])
    alone = gpt2("a1 a2").activations["decoder"]
    found = both.activations["decoder"]
    assert found.shape == (2, 3, 48, 6)
    torch.testing.assert_close(found[1, :, :, :2], alone[0])
    assert (found[1, :, :, 2:] == 0).all()


def test_chosen_layers_only() -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2"), word_tokenizer(), activations_layer_nums=[2, 0], verbose=False)
    out = lm(TEXT)
    assert out.activation_layers == {"decoder": (0, 2)}
    every = ecco.from_pretrained(lm.model, word_tokenizer(), verbose=False)(TEXT)
    torch.testing.assert_close(out.activations["decoder"], every.activations["decoder"][:, [0, 2]])
    assert {key[2] for key in out._runs[0]._kept if key[0] == "neurons"} == {0, 2}, "other layers are not kept"


@pytest.mark.parametrize("asked", [torch.float16, "bfloat16", "torch.float64", None])
def test_a_chosen_dtype(asked: Any) -> None:
    dtype = torch.float32 if asked is None else getattr(torch, str(asked).removeprefix("torch."))
    lm = ecco.from_pretrained(tiny_model("gpt2"), word_tokenizer(), activations_dtype=asked, verbose=False)
    out = lm(TEXT)
    exact = ecco.from_pretrained(lm.model, word_tokenizer(), verbose=False)(TEXT)
    found = out.activations["decoder"]
    assert found.dtype == dtype
    assert torch.equal(found, exact.activations["decoder"].to(dtype))
    assert {n.values.dtype for n in out._runs[0].neurons()} == {dtype}, "what is kept takes the memory that was chosen"
    assert lm.model.dtype == torch.float32
    assert torch.equal(out.logits, exact.logits)
    np.testing.assert_allclose(out.run_nmf(2).error, exact.run_nmf(2).error, atol=2e-2)
    same = ecco.similarity_matrix(out, exact, on="activations", metric="cka").values
    np.testing.assert_allclose(same.diagonal(), 1, atol=1e-2)


def test_neurons_too_large_for_the_chosen_dtype_are_refused() -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2"), word_tokenizer(), activations_dtype="float16", verbose=False)
    with torch.no_grad():
        lm.model.transformer.h[1].mlp.c_fc.weight.mul_(1e6)
    with pytest.raises(ecco.ArgumentError, match="activations_dtype=torch.float16: neurons of layer 1 are as large as"):
        _ = lm(TEXT).activations


@pytest.mark.parametrize("asked", ["int8", torch.int64, "half", 16, ""])
def test_a_dtype_that_keeps_no_neurons_is_refused(asked: Any) -> None:
    with pytest.raises(ecco.ArgumentError, match="activations_dtype=.*'bfloat16'"):
        ecco.from_pretrained(tiny_model("gpt2"), word_tokenizer(), activations_dtype=asked, verbose=False)


def test_true_layer_numbers_where_only_some_layers_have_an_ffn() -> None:
    lm = lm_of("causal", "nemotron_h")
    out = lm(TEXT)
    assert out.activation_layers == {"decoder": (1,)}
    assert out.activations["decoder"].shape == (1, 1, 4 * 24 + 24, 6)  # experts, and one that all tokens share


def test_layers_of_different_widths_are_no_array() -> None:
    lm = lm_of("causal", "qwen2_moe")
    out = lm(TEXT)
    with pytest.raises(ecco.EccoError, match="different numbers of neurons"):
        _ = out.activations
    assert len(out._runs[0].neurons()) == 3


@pytest.mark.parametrize("layers", [[3], [-1], ["0"], [], 1, [0.5]])
def test_layers_that_do_not_exist_are_refused(layers: Any) -> None:
    with pytest.raises(ecco.EccoError, match="activations_layer_nums"):
        ecco.from_pretrained(tiny_model("gpt2"), word_tokenizer(), activations_layer_nums=layers, verbose=False)


def test_a_model_without_neurons_says_so_only_when_they_are_asked_for() -> None:
    lm = lm_of("causal", "mamba")
    out = lm.generate(TEXT, generate=2)
    out.rankings()
    with pytest.raises(ecco.ProofError, match="no neurons"):
        _ = out.activations


def test_neurons_can_be_computed_with_every_run() -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2"), word_tokenizer(), activations=True, verbose=False)
    for out in (lm(TEXT), lm.generate(TEXT, generate=2)):
        assert ("neurons", 0, 2) in out._runs[0]._kept


def test_text_that_is_read_prefix_by_prefix_has_the_neurons_of_each_prefix() -> None:
    scaling = {"rope_type": "dynamic", "factor": 2.0, "original_max_position_embeddings": 4, "rope_theta": 10000.0}
    lm = lm_of("causal", "llama", rope_parameters=scaling, max_position_embeddings=4)
    out = lm(TEXT)
    run = out._runs[0]
    assert run.flow.by_prefix
    last = [lm(TEXT[: len("a5 a17 a3 a80 a41")])._runs[0].neurons()[1].values[:, -1]]
    torch.testing.assert_close(run.neurons()[1].values[:, 4], last[0])
    assert run.neurons()[1].values.shape == (48, 6)


def test_a_pass_with_other_logits_is_refused(gpt2: ecco.LM, monkeypatch: pytest.MonkeyPatch) -> None:
    out = gpt2(TEXT)
    flow = out._runs[0].flow
    monkeypatch.setattr(type(out._runs[0]), "flow", property(lambda self: flow))
    flow.logits.add_(1.0)
    with pytest.raises(ecco.ProofError, match="logits change"):
        out._runs[0].neurons()


def test_neurons_are_computed_anew_when_weights_change() -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2"), word_tokenizer(), verbose=False)
    out = lm(TEXT)
    before = out.activations["decoder"]
    with torch.no_grad():
        lm.model.transformer.h[0].mlp.c_fc.bias.add_(1.0)
    assert not torch.equal(before, out.activations["decoder"])
