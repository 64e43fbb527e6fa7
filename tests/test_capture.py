"""What one pass records is what flowed, also while the model was writing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
import torch
from zoo import causal_types, tiny_model

from ecco import capture
from ecco.anatomy import find_anatomy
from ecco.capture import Tape, read, read_as_written, recording
from ecco.embedding import embedding_output
from ecco.forward import undisturbed
from ecco.reading import Reading

IDS = torch.tensor([5, 17, 3, 80, 41, 9, 33, 60])
READ = Reading("causal", IDS, len(IDS))

# Architectures with a cache whose steps are compared: attention of all kinds, state spaces, convolutions, experts.
CACHED = (
    "gpt2 llama bloom falcon opt gpt_neo gpt_neox gptj codegen mpt phi phi3 qwen2 qwen3 gemma gemma2 gemma3_text "
    "mistral mixtral olmo olmo2 stablelm starcoder2 cohere cohere2 granite mamba mamba2 falcon_mamba bamba jamba "
    "lfm2 qwen3_moe deepseek_v3 gpt_oss glm4 smollm3 exaone4 nemotron biogpt xglm ctrl"
).split()


@pytest.mark.parametrize("model_type", CACHED)
def test_captured_once_equals_captured_step_by_step_with_the_cache(model_type: str) -> None:
    model = tiny_model(model_type)
    anatomy = find_anatomy(model)
    once = read(model, anatomy, READ, READ.explained)
    steps = []
    with torch.no_grad(), recording(anatomy.blocks) as states:
        out = model.generate(IDS[None, :3], max_new_tokens=5, min_new_tokens=5, do_sample=False, use_cache=True)
        first = [s[0] for s in states[: anatomy.blocks.n_layers]]
        steps = states[anatomy.blocks.n_layers :]
    written = Reading("causal", out[0], len(IDS))
    twice = read(model, anatomy, written, written.explained)
    n = anatomy.blocks.n_layers
    torch.testing.assert_close(torch.stack(first), twice.hidden[:, :3], rtol=1e-3, atol=2e-4)
    assert len(steps) == 4 * n
    for step in range(4):
        stepped = torch.stack([s[0, -1] for s in steps[step * n : (step + 1) * n]])
        torch.testing.assert_close(stepped, twice.hidden[:, 3 + step], rtol=1e-3, atol=2e-4)
    assert once.hidden.shape == (n, len(IDS), anatomy.blocks.d_model)


def test_the_cached_list_names_known_types() -> None:
    assert set(CACHED) <= set(causal_types())


def test_states_are_copies_that_later_changes_do_not_reach() -> None:
    model = tiny_model("gpt2")
    anatomy = find_anatomy(model)
    untouched_states = read(model, anatomy, READ, [1]).hidden
    handle = model.transformer.h[1].register_forward_pre_hook(lambda _m, args: args[0].mul_(1.0))
    changing = model.transformer.h[2].register_forward_pre_hook(lambda _m, args: args[0].zero_())
    states = read(model, anatomy, READ, [1]).hidden
    handle.remove()
    changing.remove()
    torch.testing.assert_close(states[1], untouched_states[1])


def test_logits_are_those_of_the_positions_asked_for() -> None:
    model = tiny_model("llama")
    anatomy = find_anatomy(model)
    with torch.no_grad():
        logits = model(IDS[None]).logits[0]
    for positions in ([0, 4], [7], list(range(8)), [6, 2, 4]):
        found = read(model, anatomy, READ, [row + 1 for row in positions]).logits
        torch.testing.assert_close(found, logits[positions])


def test_a_model_that_reads_to_the_right_is_read_prefix_by_prefix() -> None:
    model = tiny_model("bert", is_decoder=False)
    anatomy = find_anatomy(model)
    tape = Tape(lambda _model: nullcontext())
    found = read_as_written(model, anatomy, READ, [4, 6], 4, tape=tape)
    assert found.by_prefix
    assert not tape.leaves  # of the pass over the whole text nothing is used
    assert tape.end is None
    assert found.positions == (4, 6)
    for row, position in enumerate(found.positions):
        with torch.no_grad():
            expected = model(IDS[None, :position]).logits[0, -1]
        torch.testing.assert_close(found.logits[row], expected)
    alone = read(model, anatomy, READ.until(3), [3])
    torch.testing.assert_close(found.hidden[:, 2], alone.hidden[:, 2])


def test_rotary_embeddings_that_follow_the_length_are_read_prefix_by_prefix() -> None:
    rope = {"rope_type": "dynamic", "factor": 4.0, "rope_theta": 100.0}
    model = tiny_model("llama", max_position_embeddings=10, rope_parameters=rope)
    ids = torch.cat([IDS, IDS])
    found = read_as_written(model, find_anatomy(model), Reading("causal", ids, 8), [8, 16], 8)
    assert found.by_prefix
    with torch.no_grad():
        expected = model(ids[None, :8]).logits[0, -1]
    torch.testing.assert_close(found.logits[0], expected, rtol=1e-4, atol=1e-4)


def test_a_causal_model_is_read_in_one_pass() -> None:
    model = tiny_model("llama")
    assert not read_as_written(model, find_anatomy(model), READ, [8], 4).by_prefix


def test_a_recorded_pass_is_the_same_and_leads_back() -> None:
    model = tiny_model("llama")
    anatomy, tape = find_anatomy(model), Tape(lambda _model: nullcontext())
    plain, found = read(model, anatomy, READ, [8]), read(model, anatomy, READ, [8], tape)
    assert tape.end is not None
    torch.testing.assert_close(tape.end.detach()[0], found.hidden[-1])
    (slope,) = torch.autograd.grad(tape.end[0, 3].sum(), tape.leaves)
    assert slope[0, :4].abs().sum(-1).min() > 0
    assert not slope[0, 4:].any()
    assert plain.embeddings is not None
    assert found.embeddings is not None
    for one, other in ((plain.hidden, found.hidden), (plain.logits, found.logits), (plain.embeddings[0], found.embeddings[0])):
        assert not other.requires_grad
        torch.testing.assert_close(one, other)


def test_what_is_known_of_the_writing_saves_the_pass_over_the_input_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[int] = []
    real = capture.logits_at

    def counted(model: torch.nn.Module, inputs: dict, rows: list[int]) -> torch.Tensor:
        passes.append(inputs["input_ids"].shape[1])
        return real(model, inputs, rows)

    monkeypatch.setattr(capture, "logits_at", counted)
    model = tiny_model("llama")
    anatomy = find_anatomy(model)
    with torch.no_grad():
        total = float(model(IDS[None, :4]).logits[0, -1].logsumexp(-1))
    for written, lengths in (({}, [8, 4]), ({4: total}, [8]), ({4: total + 0.1}, [8, 4]), ({5: total}, [8, 4])):
        passes.clear()
        assert not read_as_written(model, anatomy, READ, [8], 4, written).by_prefix
        assert passes == lengths
    looks_right = tiny_model("bert", is_decoder=False)
    with torch.no_grad():
        total = float(looks_right(IDS[None, :4]).logits[0, -1].logsumexp(-1))
    assert read_as_written(looks_right, find_anatomy(looks_right), READ, [6], 4, {4: total}).by_prefix


def test_the_embedding_is_the_modules_own_output() -> None:
    model = tiny_model("gemma")  # scales its embeddings
    anatomy = find_anatomy(model)
    found = read(model, anatomy, READ, [1])
    with torch.no_grad():
        torch.testing.assert_close(found.embeddings[0], anatomy.embedding(IDS))


def test_everything_is_as_before_after_an_interrupt(untouched) -> None:
    model = tiny_model("gpt2").train()
    anatomy = find_anatomy(model)
    untouched(model)

    def interrupted() -> None:
        with undisturbed(model, gradients=True), recording(anatomy.blocks), embedding_output(anatomy.embeddings, [IDS]):
            assert not model.training
            assert not any(p.requires_grad for p in model.parameters())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()


def test_weights_that_accelerate_offloads_stay_trainable(tmp_path) -> None:
    accelerate = pytest.importorskip("accelerate")
    model = accelerate.disk_offload(tiny_model("gpt2"), tmp_path, execution_device=torch.device("cpu"))
    before = {name: p.requires_grad for name, p in model.named_parameters()}
    read(model, find_anatomy(model), READ, [1])
    assert {name: p.requires_grad for name, p in model.named_parameters()} == before


def test_threads_take_turns() -> None:
    model = tiny_model("gpt2").train()
    anatomy = find_anatomy(model)
    texts = [Reading("causal", IDS.roll(k), 8) for k in range(4)]
    expected = [read(model, anatomy, text, range(1, 9)).logits for text in texts]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: read(model, anatomy, text, range(1, 9)).logits, texts * 5))
    for one, right in zip(found, expected * 5, strict=True):
        torch.testing.assert_close(one, right)
    assert all(module.training for module in model.modules())


def test_what_was_read_before_does_not_change_how_a_text_reads() -> None:
    rope = {"rope_type": "dynamic", "factor": 4.0, "rope_theta": 100.0}
    model = tiny_model("llama", max_position_embeddings=10, rope_parameters=rope)
    anatomy, long = find_anatomy(model), Reading("causal", torch.cat([IDS, IDS]), 8)
    twelve = long.until(12)
    first = read(model, anatomy, twelve, [12]).logits
    read(model, anatomy, long, [16])
    torch.testing.assert_close(read(model, anatomy, twelve, [12]).logits, first)
    with torch.no_grad():
        torch.testing.assert_close(model(twelve.ids[None]).logits[0, -1:], first)
        before = model.model.rotary_emb.max_seq_len_cached
        read(model, anatomy, long, [16])
        assert model.model.rotary_emb.max_seq_len_cached == before
