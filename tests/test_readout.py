"""Tail replay reproduces every model's own logits, or the model is refused."""

from __future__ import annotations

import pytest
import torch
from zoo import TASK_OF, tiny_model

import ecco.readout
from ecco.anatomy import find_anatomy
from ecco.capture import read
from ecco.errors import ProofError
from ecco.forward import deviation
from ecco.reading import Reading
from ecco.readout import Readout
from ecco.stack import Stack, stubbed

IDS = torch.tensor([5, 17, 3, 80, 41, 9, 33, 60, 12])
READ = Reading("causal", IDS, len(IDS))

# Tiny configurations of these are not built by tests/zoo.py or do not run: the builder's limit, not a word about the models.
NOT_BUILT = set(
    (
        "blt bros cohere_compass_text dbrx dory dots3_note funnel:state gemma3n gemma3n_text "
        "gemma4_assistant gemma4_unified_assistant layoutlmv2 layoutlmv3 lilt luke mistral4:label musicgen "
        "musicgen_melody nemo_speechlm neomme nystromformer omniasr perceiver qwen4_exp qwen4_exp_text "
        "reformer:masked squeezebert t5:label t5gemma2:label t5gemma:label t5gemma:state vibevoice_asr "
        "voxtral_realtime zamba zamba2"
    ).split()
)

# Refused, and why: a part of the reason that the person is told.
REFUSED = {
    "canine": "cannot read 3 tokens",  # pools characters, which it hashes
    "funnel": "cannot read 3 tokens",  # pools tokens
    "hrm_text": "does not reproduce",  # two recurrent stacks, each of which leads to the next
    "reformer": "does not reproduce",  # reversible layers: a state is two, and the blocks return one of them
}

HEADS = [(kind, t) for kind, task in TASK_OF.items() for t in sorted(task.types)]


def beyond_the_zoo(kind: str, model_type: str) -> bool:
    """Whether the zoo builds no such model."""
    return bool(NOT_BUILT & {model_type, f"{model_type}:{kind.split()[-1].rstrip('s')}"})


@pytest.mark.parametrize(("kind", "model_type"), HEADS, ids=[f"{kind}-{t}".replace(" ", "-") for kind, t in HEADS])
def test_the_last_layer_reads_as_the_models_own_logits(kind: str, model_type: str) -> None:
    if beyond_the_zoo(kind, model_type):
        pytest.skip(f"the zoo builds no {model_type} that runs")
    model = tiny_model(model_type, task=TASK_OF[kind])
    if model_type in REFUSED:
        with pytest.raises(ProofError, match=REFUSED[model_type]):
            _prove(model, kind)
        return
    readout, found = _prove(model, kind)
    rows = [found.reading.row(p) for p in found.positions]
    everything = torch.cat(list(readout.chunks(found.hidden, rows)))
    last = everything.reshape(len(found.hidden), len(rows), -1)[-1]
    assert deviation(last, found.logits) <= 1e-4


def _prove(model: torch.nn.Module, kind: str = "causal") -> tuple[Readout, ecco.capture.Pass]:
    if kind == "seq2seq" and not model.config.is_encoder_decoder:
        kind = "causal"  # a language model with ears
    two_sided = kind == "seq2seq"
    reading = Reading(kind, IDS, 5 if two_sided else len(IDS), (2,) if two_sided else ())
    anatomy = find_anatomy(model, two_sided=two_sided)
    found = read(model, anatomy, reading, reading.explained)
    readout = Readout(model, anatomy, reading)
    readout.prove(found.hidden[-1], [reading.row(p) for p in found.positions], found.logits)
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
    found = read(model, anatomy, READ, READ.explained)
    readout = Readout(model, anatomy, READ)
    with pytest.raises(ProofError, match="differs by"):
        readout.prove(found.hidden[-1].roll(1, 0), range(len(IDS)), found.logits)
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


def test_blocks_that_a_person_patched_stay_patched(untouched) -> None:
    model = tiny_model("gpt2")
    block = model.transformer.h[1]
    real = block.forward
    block.forward = lambda *args, **kwargs: real(*args, **kwargs)
    seen: list[int] = []
    block.register_forward_pre_hook(lambda _m, _a: seen.append(1))
    untouched(model)
    readout, found = _prove(model)
    n_before = len(seen)
    list(readout.chunks(found.hidden, [1, 2]))
    assert len(seen) == n_before, "hooks of stubbed blocks rest"


def test_a_stubbed_block_returns_what_each_call_returned() -> None:
    class Odd(torch.nn.Module):
        def forward(self, hidden: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return hidden, hidden

    class Even(torch.nn.Module):
        def forward(self, hidden: torch.Tensor) -> torch.Tensor:
            return hidden

    state = torch.ones(1, 1, 4)
    odd, even = Odd(), Even()
    stack = Stack("blocks", (odd, even), ((state, state), state), 4)
    with stubbed(stack, 2 * state):
        first, second = odd(state), even(state)
    assert isinstance(first, tuple)
    torch.testing.assert_close(first[0], 2 * state)
    torch.testing.assert_close(second, 2 * state)
    torch.testing.assert_close(even(state), state)


def test_deviation_is_relative_to_the_largest_number() -> None:
    expected = torch.tensor([10.0, -20.0, float("-inf")])
    found = torch.tensor([10.0, -19.0, float("-inf")])
    assert deviation(found, expected) == pytest.approx(0.05)
    assert deviation(torch.tensor([0.5]), torch.tensor([0.25])) == pytest.approx(0.25)
    assert deviation(found[:2], expected) == float("inf")
    assert deviation(torch.tensor([1.0, 2.0, 3.0]), expected) == float("inf")
