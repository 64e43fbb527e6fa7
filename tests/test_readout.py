"""Tail replay reproduces every model's own logits, or the model is refused."""

from __future__ import annotations

import pytest
import torch
from zoo import causal_types, tiny_model

import ecco.readout
from ecco.anatomy import find_anatomy
from ecco.capture import read
from ecco.errors import ProofError
from ecco.forward import deviation
from ecco.readout import Readout, stubbed

IDS = torch.tensor([5, 17, 3, 80, 41, 9, 33, 60, 12])

# Tiny configurations of these are not built by tests/zoo.py: the builder's limit, not a word about the models.
NOT_BUILT = set(
    "blt cohere_compass_text dbrx dory dots3_note gemma3n gemma3n_text gemma4_assistant gemma4_unified_assistant musicgen "
    "musicgen_melody qwen4_exp qwen4_exp_text zamba zamba2".split()
)

# Refused, and why: a part of the reason that the person is told.
REFUSED = {
    "cpmant": "not \\(1, 9, d_model\\)",  # prepends prompts of its own
    "deepseek_v4": "not \\(1, 9, d_model\\)",  # several residual streams
    "flaubert": "does not reproduce",  # parallel lists of sublayers, no blocks
    "hrm_text": "does not reproduce",  # two recurrent stacks
    "hy_v4": "not \\(1, 9, d_model\\)",
    "prophetnet": "not \\(1, 9, d_model\\)",  # n-gram streams
    "reformer": "does not reproduce",  # reversible layers
    "xlm": "does not reproduce",
    "xlnet": "not \\(1, 9, d_model\\)",  # time-major
}


def built(model_type: str) -> torch.nn.Module:
    """A tiny model, or a skip for the few types that the zoo does not build."""
    try:
        return tiny_model(model_type)
    except Exception as error:
        if model_type in NOT_BUILT:
            pytest.skip(f"the zoo does not build {model_type}: {type(error).__name__}")
        raise


@pytest.mark.parametrize("model_type", causal_types())
def test_the_last_layer_reads_as_the_models_own_logits(model_type: str) -> None:
    model = built(model_type)
    if model_type in REFUSED:
        with pytest.raises(ProofError, match=REFUSED[model_type]):
            _prove(model)
        return
    if model_type in NOT_BUILT:
        pytest.skip(f"the zoo builds {model_type} but its configuration does not run")
    readout, found = _prove(model)
    everything = torch.cat(list(readout.chunks(found.hidden, range(len(IDS)))))
    last = everything.reshape(len(found.hidden), len(IDS), -1)[-1]
    assert deviation(last, found.logits) <= 1e-4


def _prove(model: torch.nn.Module) -> tuple[Readout, ecco.capture.Pass]:
    anatomy = find_anatomy(model)
    found = read(model, anatomy, IDS, range(len(IDS)))
    readout = Readout(model, anatomy.blocks, IDS)
    readout.prove(found.hidden[-1], found.positions, found.logits)
    return readout, found


def test_an_inner_layer_reads_as_norm_and_head_by_hand() -> None:
    model = tiny_model("gpt2")
    readout, found = _prove(model)
    (rows,) = readout.chunks(found.hidden[:1], [2, 5])
    with torch.no_grad():
        by_hand = model.lm_head(model.transformer.ln_f(found.hidden[0, [2, 5]]))
    torch.testing.assert_close(rows, by_hand)


def test_soft_caps_and_scales_are_the_models_own() -> None:
    model = tiny_model("gemma2", final_logit_softcapping=0.5)
    readout, found = _prove(model)
    logits = torch.cat(list(readout.chunks(found.hidden, range(len(IDS)))))
    assert float(logits.abs().max()) <= 0.5
    with torch.no_grad():
        plain = model.lm_head(model.model.norm(found.hidden[-1]))
    assert float(plain.abs().max()) > 0.5


def test_chunks_do_not_change_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    readout, found = _prove(tiny_model("llama"))
    whole = torch.cat(list(readout.chunks(found.hidden, [0, 3, 4])))
    monkeypatch.setattr(ecco.readout, "CHUNK_BYTES", 4 * 97 * 2)
    pieces = list(readout.chunks(found.hidden, [0, 3, 4]))
    assert [len(p) for p in pieces] == [2, 2, 2, 2, 1]
    torch.testing.assert_close(torch.cat(pieces), whole)


def test_a_readout_that_differs_is_refused() -> None:
    model = tiny_model("gpt2")
    anatomy = find_anatomy(model)
    found = read(model, anatomy, IDS, range(len(IDS)))
    readout = Readout(model, anatomy.blocks, IDS)
    with pytest.raises(ProofError, match="differs by"):
        readout.prove(found.hidden[-1].roll(1, 0), found.positions, found.logits)
    with pytest.raises(RuntimeError, match="prove comes first"):
        next(readout.chunks(found.hidden, [0]))


def test_hooks_on_blocks_count_once(untouched) -> None:
    model = tiny_model("gpt2")
    handle = model.transformer.h[-1].register_forward_hook(lambda _m, _a, out: out + 1.0)
    untouched(model)
    readout, found = _prove(model)
    (rows,) = readout.chunks(found.hidden[-1:], range(len(IDS)))
    torch.testing.assert_close(rows, found.logits)
    assert handle.id in model.transformer.h[-1]._forward_hooks


def test_an_exception_during_a_replay_restores_the_blocks(untouched) -> None:
    model = tiny_model("gpt2")
    anatomy = find_anatomy(model)
    untouched(model)
    with pytest.raises(KeyboardInterrupt), stubbed(anatomy.blocks, torch.zeros(1, 1, 32)):
        raise KeyboardInterrupt
