"""The halves of a block add up to what it added, and each is what vanishes when its part of the model is switched off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
import torch
from model_table import read
from torch import Tensor, nn

import ecco
from ecco.forward import first_tensor, replace_first_tensor
from ecco.halves import Call, adds_up, find_halves

# Norms before and after, scales (Granite, MiniCPM3), adapters of the residual inside a module (Bloom, T5), two attentions
# (mBART, T5), experts, a layer that mixes tokens without attention (Jamba), states of two axes (OPT).
SERIAL = [
    *(
        ("causal", t)
        for t in "bitnet bloom deepseek_v3 gemma2 gpt2 gpt_oss granite jamba llama minicpm3 mixtral olmo2 opt".split()
    ),
    ("seq2seq", "mbart"),
    ("seq2seq", "t5"),
    ("masked", "modernbert"),
    ("text label", "llama"),
]
PARALLEL = [("causal", t) for t in "cohere falcon gpt_neox gptj phi".split()]
REFUSED = [
    ("causal", "mamba", "no neurons that can be found"),
    ("causal", "nemotron_h", "layer 0 has no FFN whose neurons are known"),
    ("causal", "openai-gpt", "layer 0 does not return its input plus what its attention and its FFN wrote"),
    ("masked", "bert", "it may normalise the sum"),
]


@pytest.mark.parametrize(("kind", "model_type"), SERIAL + PARALLEL)
def test_halves_add_up_to_what_every_block_returned(kind: str, model_type: str, untouched) -> None:
    lm, out = read(kind, model_type)
    untouched(lm.model)
    run = out._runs[0]
    found = run.halves
    assert found.inputs.shape == found.attention.shape == found.ffn.shape == run.flow.hidden.shape
    torch.testing.assert_close(found.inputs + found.attention + found.ffn, run.flow.hidden, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found.inputs[1:], run.flow.hidden[:-1])
    assert (found.middle is None) == ((kind, model_type) in PARALLEL)
    if found.middle is not None:
        torch.testing.assert_close(found.middle, found.inputs + found.attention, rtol=1e-4, atol=1e-5)
    assert float(found.attention.norm(dim=-1).min()) > 1e-3
    assert float(found.ffn.norm(dim=-1).min()) > 1e-3


@pytest.mark.parametrize(("kind", "model_type"), [row for row in SERIAL + PARALLEL if row[1] != "roberta-prelayernorm"])
def test_a_block_without_one_half_returns_the_rest(kind: str, model_type: str) -> None:
    lm, out = read(kind, model_type)
    run, blocks = out._runs[0], lm.anatomy.blocks
    found = run.halves
    split = find_halves(lm.model, lm.anatomy, lm._loaded.sites)[0]

    def state(off: Sequence[Call]) -> Tensor:
        """What the first block returns without some of its parts."""
        states: list[Tensor] = []
        handle = blocks.calls[0].register_forward_hook(lambda _m, _a, output: states.append(first_tensor(output).clone()))
        with silenced(off), torch.no_grad():
            lm.model(**run.reading.inputs())
        handle.remove()
        return blocks.layout.read(states[0], 1, len(found.inputs[0]), model_type)[0]

    attention, ffn = (found.inputs[0] + half[0] for half in (found.attention, found.ffn))
    torch.testing.assert_close(state([split.ffn]), attention, rtol=1e-4, atol=1e-5)
    if found.middle is None:  # the FFN of a parallel block does not see what the attention wrote
        torch.testing.assert_close(state(split.attention), ffn, rtol=1e-4, atol=1e-5)
    else:
        assert not torch.allclose(state(split.attention), ffn, rtol=1e-3, atol=1e-3)


@contextmanager
def silenced(calls: Sequence[Call]) -> Iterator[None]:
    """Modules return zeros."""

    def silence(_module: nn.Module, _args: object, output: object) -> object:
        return replace_first_tensor(output, torch.zeros_like(first_tensor(output)))  # type: ignore[arg-type]

    handles = [call.module.register_forward_hook(silence) for call in calls]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def test_the_halves_of_a_gpt2_are_what_its_parts_return(gpt2: ecco.LM) -> None:
    out = gpt2("a5 a17 a3 a80")
    found = out._runs[0].halves
    seen: dict[str, list[Tensor]] = {"attn": [], "mlp": [], "ln_2": []}
    handles = [
        getattr(block, name).register_forward_hook(
            lambda _m, args, output, name=name: seen[name].append(first_tensor(args if name == "ln_2" else output)[0])
        )
        for block in gpt2.model.transformer.h
        for name in seen
    ]
    with torch.no_grad():
        gpt2.model(out.token_ids)
    for handle in handles:
        handle.remove()
    for name, half in (("attn", found.attention), ("mlp", found.ffn), ("ln_2", found.middle)):
        torch.testing.assert_close(half, torch.stack(seen[name]))


def test_the_factor_of_a_scaled_residual_is_found() -> None:
    lm, _ = read("causal", "granite")
    lm.model.config.residual_multiplier = 0.22
    for block in lm.model.model.layers:
        block.residual_multiplier = 0.22
    for split in find_halves(lm.model, lm.anatomy, lm._loaded.sites):
        assert [call.factor for call in (*split.attention, split.ffn)] == pytest.approx([0.22, 0.22], rel=1e-5)
    plain, _ = read("causal", "llama")
    for split in find_halves(plain.model, plain.anatomy, plain._loaded.sites):
        assert [call.factor for call in (*split.attention, split.ffn)] == [1.0, 1.0]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("model_type", ["llama", "gemma2", "granite"])
def test_halves_are_found_in_half_precision(model_type: str, dtype: torch.dtype) -> None:
    lm, out = read("causal", model_type, dtype)
    found, expected = out._runs[0].halves, read("causal", model_type)[1]._runs[0].halves
    scale = expected.attention.abs().max()
    assert float((found.attention.float() - expected.attention).abs().max() / scale) < 0.1
    assert lm.model.dtype == dtype


@pytest.mark.parametrize(("kind", "model_type", "reason"), REFUSED)
def test_blocks_without_two_halves_are_refused(kind: str, model_type: str, reason: str, untouched) -> None:
    lm, out = read(kind, model_type)
    untouched(lm.model)
    with pytest.raises(ecco.ProofError, match=reason):
        _ = out._runs[0].halves


def test_a_block_that_adds_something_else_in_a_longer_text_is_refused(gpt2: ecco.LM, untouched) -> None:
    untouched(gpt2.model)
    block = gpt2.model.transformer.h[1]
    own = type(block).forward

    def forward(hidden: Tensor, *args: object, **kwargs: object) -> Tensor:
        output = own(block, hidden, *args, **kwargs)
        return output + 0.01 if hidden.shape[1] > 3 else output

    block.forward = forward
    try:
        with pytest.raises(ecco.ProofError, match="of layer 1 wrote does not add up"):
            _ = gpt2("a5 a17 a3 a80")._runs[0].halves
    finally:
        del block.forward


def test_sums_are_exact_to_the_precision_of_their_type() -> None:
    one, other = torch.tensor([1000.0, 1.0]), torch.tensor([0.1, 0.2])
    assert adds_up([one, other], one + other)
    assert not adds_up([one, other], one + other + torch.tensor([0.0, 1e-5]))
    assert not adds_up([one], one + other)
    assert adds_up([one.bfloat16(), other.bfloat16()], one.bfloat16() + other.bfloat16())
