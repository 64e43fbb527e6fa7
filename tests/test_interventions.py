"""An intervention acts in every pass of its run and in no other: what is asked is answered as of the changed model."""

from __future__ import annotations

import copy
import threading
from typing import Any

import numpy as np
import pytest
import torch
from questions import ANEW, OF_PARTS, deviations, every_answer, run_of
from test_stack import lm_of
from transformers import StoppingCriteria
from zoo import tiny_model, word_tokenizer

import ecco
from ecco.errors import ArgumentError, EccoError, ModelError
from ecco.forward import call, undisturbed
from ecco.generation import _eos_ids

TEXT, OTHER = "a5 a17 a3 a80 a41 a9", "a2 a8 a77"

# Plain and gated FFNs, modules that layers share, tokens of all texts in one list, tokens before the batch, a norm before
# the last matrix, both ways of reading, two sides.
CASES = [
    *("causal gpt2", "causal llama", "causal opt", "causal bloom", "causal falcon", "causal gemma2", "causal bitnet"),
    *("causal mpt", "masked bert", "masked albert", "masked modernbert", "text label bert", "states bert"),
    *("seq2seq t5", "seq2seq bart", "seq2seq fsmt"),
]
WRITING = [case for case in CASES if case.startswith(("causal", "seq2seq"))]
SIDES = [(case, side) for case in CASES for side in ((0, 1) if case.startswith("seq2seq") else (0,))]
DEMOS = ["ecco/demo-gpt2", "ecco/demo-bert", "ecco/demo-t5", "ecco/demo-sentiment"]


def made(case: str) -> ecco.LM:
    return ecco.from_pretrained(case, verbose=False) if case in DEMOS else lm_of(case)[0]


def states(out: ecco.OutputSeq) -> dict[str, torch.Tensor]:
    """All hidden states."""
    found = {"encoder": out.encoder_hidden_states, "decoder": out.decoder_hidden_states}
    return {side: hidden for side, hidden in found.items() if hidden is not None}


def read(lm: ecco.LM, text: str = TEXT) -> ecco.OutputSeq:
    return lm(text, continuation="a3 a4 a6") if lm.task in ("causal", "seq2seq") else lm(text)


def name_of(lm: ecco.LM, side: int) -> str:
    return lm._loaded.sides[side]


def vector_of(lm: ecco.LM, side: int, layer: int = 1, strength: float = 1.0) -> ecco.SteeringVector:
    """Random numbers as large as the states are."""
    name = name_of(lm, side)
    like = states(read(lm))[name][0, layer]
    numbers = torch.randn(like.shape[-1], generator=torch.Generator().manual_seed(1)) * like.std()
    return ecco.SteeringVector(strength * numbers, layer, name)


def same(found: ecco.OutputSeq, expected: ecco.OutputSeq) -> None:
    for side, hidden in states(expected).items():
        assert torch.equal(states(found)[side], hidden)


# -- against the model itself --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("case", "side"), SIDES)
def test_a_layer_without_neurons_is_an_ffn_that_reads_zeros(case: str, side: int, untouched) -> None:
    lm = made(case)
    untouched(lm.model)
    plain = read(lm)
    with lm.intervene(ablate={1: "all"}, side=name_of(lm, side)):
        out = read(lm)
    found, name = states(out), name_of(lm, side)
    assert not out.activations[name][0, 1].any()
    (site,) = [s for s in lm._loaded.sites if (s.side, s.layer) == (side, 1)]
    called = [s for s in lm._loaded.sites if s.module is site.module]
    turn = 0

    def zero(_module: Any, args: Any) -> Any:
        nonlocal turn
        turn += 1
        return (torch.zeros_like(args[0]),) if called[turn - 1] is site else None

    seen: list[torch.Tensor] = []
    anatomy = lm.anatomy
    blocks = anatomy.encoder if side == 1 and anatomy.encoder is not None else anatomy.blocks
    handles = [block.register_forward_hook(lambda _m, _a, o: seen.append(_first(o).clone())) for block in blocks.modules]
    handles.append(site.module.register_forward_pre_hook(zero))
    reading = out._runs[0].reading
    with torch.no_grad(), undisturbed(lm.model):
        call(lm.model, reading.inputs())
    for handle in handles:
        handle.remove()
    length = found[name].shape[2]
    expected = torch.stack([blocks.layout.read(state, 1, length, "")[0] for state in seen])
    torch.testing.assert_close(found[name][0], expected, rtol=1e-5, atol=1e-5)
    assert not torch.allclose(found[name], states(plain)[name], atol=1e-3)


def _first(output: Any) -> torch.Tensor:
    return output if torch.is_tensor(output) else output[0]


def edited(lm: ecco.LM, change: Any) -> ecco.LM:
    """The same model with other weights."""
    other = ecco.from_pretrained(copy.deepcopy(lm.model), tokenizer=lm.tokenizer, task=lm.task, verbose=False)
    with torch.no_grad():
        change(other.model)
    return other


def _cut_gpt2(model: Any) -> None:
    model.transformer.h[1].mlp.c_proj.weight[:16] = 0


def _cut_llama(model: Any) -> None:
    model.model.layers[1].mlp.down_proj.weight[:, :16] = 0


def _cut_bert(model: Any) -> None:
    model.bert.encoder.layer[1].output.dense.weight[:, :16] = 0


def _cut_t5(model: Any) -> None:
    model.decoder.block[1].layer[-1].DenseReluDense.wo.weight[:, :16] = 0


@pytest.mark.filterwarnings("ignore::ecco.CompletenessWarning")
@pytest.mark.parametrize(
    ("case", "cut"),
    [
        ("causal gpt2", _cut_gpt2),
        ("causal llama", _cut_llama),
        ("masked bert", _cut_bert),
        ("seq2seq t5", _cut_t5),
    ],
)
def test_every_answer_is_that_of_a_model_without_these_neurons(case: str, cut: Any, untouched) -> None:
    lm = made(case)
    untouched(lm.model)
    other = edited(lm, cut)
    with lm.intervene(ablate={1: range(16)}):
        out = run_of(lm)
        found = every_answer(lm, out, neurons=False)
    expected = every_answer(other, neurons=False)
    worst = deviations(found, expected)
    assert max(worst.values()) < 1e-4, {name: value for name, value in worst.items() if value >= 1e-4}
    later = every_answer(lm, out, neurons=False, without=ANEW)  # after the block; the model is now as it was
    for name in later:
        if not name.startswith(ANEW):
            np.testing.assert_array_equal(later[name], found[name])
    plain = {"logits": run_of(lm).logits.numpy()}
    assert deviations(plain, {"logits": expected["logits"]})["logits"] > 1e-3


@pytest.mark.filterwarnings("ignore::ecco.CompletenessWarning")
@pytest.mark.parametrize("case", ["causal gpt2", "causal llama"])
def test_every_answer_under_steering_is_that_of_a_model_with_another_bias(case: str) -> None:
    lm = made(case)
    vector = vector_of(lm, 0)

    def shift(model: Any) -> None:
        if case == "causal gpt2":
            model.transformer.h[1].mlp.c_proj.bias += vector.vector
        else:
            model.model.layers[1].mlp.down_proj.bias = torch.nn.Parameter(vector.vector.clone())

    with lm.intervene(steer=vector):
        out = run_of(lm)
        found = every_answer(lm, out, neurons=False, without=OF_PARTS)
    worst = deviations(found, every_answer(edited(lm, shift), neurons=False, without=OF_PARTS))
    assert max(worst.values()) < 1e-4, {name: value for name, value in worst.items() if value >= 1e-4}


CHANGES: dict[str, dict[str, Any]] = {
    "ablate": {"ablate": {1: range(16)}},
    "scale": {"scale": {1: dict.fromkeys(range(16), 3.0)}},
    "set": {"set": {1: dict.fromkeys(range(16), 2.0)}},
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("case", ["causal gpt2", "causal llama", "seq2seq t5"])
def test_neurons_that_wrote_a_token_are_as_the_intervention_left_them(case: str, change: str, untouched) -> None:
    lm = made(case)
    untouched(lm.model)
    with lm.intervene(**CHANGES[change]):
        out = run_of(lm)
    neurons = out.activations["decoder"][0]
    found = out.neurons(topk=neurons.shape[0] * neurons.shape[1])
    row = out._runs[0].reading.row(found.position)
    np.testing.assert_allclose(found.activations, neurons[found.layers, found.numbers, row], rtol=1e-4, atol=1e-6)
    changed = (found.layers == 1) & (found.numbers < 16)
    assert changed.sum() == 16
    assert bool(found.contributions[changed].any()) == (change != "ablate")
    split = out.contributions(neurons=len(found.numbers))
    whole = {(split.layers[k], split.numbers[k]): value for k, value in enumerate(split.values) if split.kinds[k] == "neuron"}
    named = zip(found.layers.tolist(), found.numbers.tolist(), strict=True)
    np.testing.assert_allclose([whole[one] for one in named], found.contributions, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("demo", DEMOS)
def test_the_demos_answer_as_of_the_changed_model(demo: str, untouched) -> None:
    lm = made(demo)
    untouched(lm.model)
    text = "The [MASK] is in the house." if lm.task == "masked" else "The house is in the"
    text = text if lm.tokenizer.mask_token is None else text.replace("[MASK]", lm.tokenizer.mask_token)
    ask = (lambda: lm.generate(text, generate=4)) if lm.task in ("causal", "seq2seq") else (lambda: lm(text))
    plain = ask()
    with lm.intervene(ablate={-1: "all"}, scale={0: {"all": 0.5}}):
        out = ask()
        inside = lm.predict_token(text).logits if lm.task == "masked" else None
    layers = list(out.activations.values())[-1][0]  # the decoder comes last
    assert not layers[-1].any()
    assert out.saliency().scores.shape[0] >= 1
    assert not torch.allclose(out.logits[..., :1, :], plain.logits[..., :1, :], atol=1e-3)
    if inside is not None:
        assert not np.allclose(inside, lm.predict_token(text).logits, atol=1e-3)


# -- what changes nothing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("case", "side"), SIDES)
def test_what_is_changed_to_itself_changes_nothing(case: str, side: int) -> None:
    lm = made(case)
    name, plain = name_of(lm, side), read(lm)
    place = 1
    own = plain.activations[name][0, 1, :, place].tolist()
    at = 0 if name == "encoder" or lm.task == "causal" else plain._runs[0].n_input - 1  # a decoder begins with its start
    for change in (
        {"ablate": {}},
        {"ablate": {1: []}},
        {"scale": {1: {"all": 1.0}}},
        {"set": {1: dict(enumerate(own))}, "positions": place + at},
        {"steer": 0.0 * vector_of(lm, side)},
        {"ablate": {1: "all"}, "positions": 1000},
    ):
        with lm.intervene(**change, side=name):
            same(read(lm), plain)


@pytest.mark.parametrize(("case", "side"), SIDES)
def test_chosen_positions_alone_change(case: str, side: int) -> None:
    lm = made(case)
    name, plain = name_of(lm, side), read(lm)
    start = plain._runs[0].n_input - 1 if lm.task == "seq2seq" and side == 0 else 0  # of a decoder's column 0
    for change in ({"ablate": {1: "all"}}, {"steer": vector_of(lm, side)}):
        for asked in (start + 2, slice(start + 2, start + 3), range(start + 2, start + 3)):
            with lm.intervene(**change, positions=asked, side=name):
                changed = (states(read(lm))[name] != states(plain)[name]).any(dim=-1)[0]
            assert not changed[0].any()  # the layer before
            assert changed[1].nonzero().flatten().tolist() == [2]
            if lm.task == "causal" or (side == 0 and lm.task == "seq2seq"):
                assert not changed[:, :2].any()
                assert changed[-1, 2]


# -- writing -------------------------------------------------------------------------------------------------------------


def interventions(lm: ecco.LM) -> dict[str, dict[str, Any]]:
    """All kinds, at all positions and some, which begin in the input and end in what is written."""
    steer = vector_of(lm, 0, strength=0.5)
    found = {"ablate": {"ablate": {1: "all"}}, "scale": {"scale": {0: {"all": 3.0}}}, "steer": {"steer": steer}}
    found["both"] = {"set": {-1: {2: 4.0, -1: -4.0}}, "steer": [steer, -0.5 * steer]}
    at = {f"{name} at some": {**change, "positions": [1, 4, 5, 7, 8]} for name, change in found.items()}
    late = {f"{name} late": {**change, "positions": slice(4, None)} for name, change in found.items()}
    if lm.task == "seq2seq":
        at["encoder"] = {"ablate": {0: "all"}, "side": "encoder"}
        at["encoder at some"] = {"ablate": {0: "all"}, "steer": vector_of(lm, 1), "side": "encoder", "positions": [1, 4]}
    return {**found, **at, **late}


SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "no cache": {"use_cache": False},
    "beams": {"beam_size": 3},
    "several": {"beam_size": 4, "num_return_sequences": 2},
    "sampled": {"do_sample": True, "num_return_sequences": 2},
}


@pytest.mark.parametrize("case", WRITING)
def test_what_is_written_is_what_the_finished_text_says(case: str, untouched) -> None:
    lm = made(case)
    untouched(lm.model)
    plain = lm.generate(TEXT, generate=5, min_new_tokens=5, do_sample=False, beam_size=1)
    texts = []
    for change in interventions(lm).values():
        with lm.intervene(**change):
            out = lm.generate(TEXT, generate=5, min_new_tokens=5, do_sample=False, beam_size=1)
            other = lm(TEXT, continuation=out._runs[0].ids[out._runs[0].n_input :])
        run = out._runs[0]
        logits = out.logits  # the guard of the run compares them with those of the pass that wrote
        rows = [run.reading.explained.index(p) for p in range(run.n_input, len(run.ids))]
        written = np.array(run._trace)
        np.testing.assert_allclose(logits[0, rows].float().logsumexp(-1), written, rtol=1e-4, atol=1e-4)
        best = logits[0, rows].clone()
        best[:, list(_eos_ids(lm._loaded, {}))] = -torch.inf
        assert best.argmax(dim=-1).tolist() == run.ids[run.n_input :]
        same(other, out)
        texts.append(out.output_text)
    assert len({*texts, plain.output_text}) > 3


@pytest.mark.parametrize("case", ["causal gpt2", "causal llama", "causal opt", "seq2seq t5", "seq2seq fsmt"])
@pytest.mark.parametrize("setting", SETTINGS)
def test_a_batch_is_written_as_one_by_one(case: str, setting: str) -> None:
    lm, settings = made(case), SETTINGS[setting]
    every = interventions(lm)
    for change in (every[name] for name in ("both at some", "scale late", "encoder at some") if name in every):
        with lm.intervene(**change):
            torch.manual_seed(0)
            both = lm.generate([TEXT, OTHER], generate=5, min_new_tokens=5, **settings)
            alone = [lm.generate(text, generate=5, min_new_tokens=5, **settings) for text in (TEXT, OTHER)]
        if setting != "sampled":
            assert [one.token_ids.tolist() for one in both] == [one.token_ids.tolist() for out in alone for one in out]
        for one in both:
            assert len(one.logits)  # the guard of the run


def test_positions_are_refused_where_it_is_not_known_what_a_call_reads(gpt2: ecco.LM, untouched) -> None:
    untouched(gpt2.model)
    text = "a5 a17 a5 a17 a5 a17 a5"
    for settings in ({"prompt_lookup_num_tokens": 3}, {"guidance_scale": 2.0}, {"prefill_chunk_size": 2}):
        with gpt2.intervene(ablate={1: "all"}, positions=[1]), pytest.raises(EccoError, match="which positions it reads"):
            gpt2.generate(text, generate=3, **settings)
        with gpt2.intervene(ablate={1: "all"}):
            gpt2.generate(text, generate=3, **settings)


@pytest.mark.parametrize("case", ["causal deepseek_v4", "causal mixtral", "causal mamba"])
def test_layers_of_any_layout_are_steered_while_writing(case: str) -> None:
    lm = made(case)
    for where in (None, [1, 4, 5, 7, 8]):
        with lm.intervene(steer=vector_of(lm, 0), positions=where):
            out = lm.generate(TEXT, generate=5, min_new_tokens=5, do_sample=False)
        logits = out.logits[0, out._runs[0].n_input - 1 :][:5]
        np.testing.assert_allclose(logits.float().logsumexp(-1), out._runs[0]._trace, rtol=1e-4, atol=1e-4)


# -- blocks --------------------------------------------------------------------------------------------------------------


def test_a_run_made_outside_is_answered_without_it_and_one_made_inside_with_it(gpt2: ecco.LM) -> None:
    before = gpt2(TEXT)
    plain = gpt2(TEXT).logits
    with gpt2.intervene(ablate={1: "all"}) as said:
        assert torch.equal(before.logits, plain)
        assert before.intervention is None
        inside = gpt2(TEXT)
    assert inside.intervention is said
    assert repr(inside).startswith("OutputSeq(1 sequence, under Intervention(ablate neurons 0, 1, 2, 3, 4, 5 and 42 more of")
    changed = inside.logits
    assert not torch.allclose(changed, plain, atol=1e-3)
    assert torch.equal(gpt2(TEXT).logits, plain)
    with gpt2.intervene(ablate={1: "all"}):
        assert torch.equal(gpt2(TEXT).logits, changed)


def test_blocks_add_up_and_the_inner_one_has_the_last_word(gpt2: ecco.LM) -> None:
    vector = vector_of(gpt2, 0)
    with gpt2.intervene(scale={1: {3: 2.0}}, steer=vector), gpt2.intervene(scale={1: {3: 3.0}}, steer=vector):
        nested = gpt2(TEXT)
    with gpt2.intervene(scale={1: {3: 6.0}}, steer=2.0 * vector):
        expected = gpt2(TEXT)
    torch.testing.assert_close(states(nested)["decoder"], states(expected)["decoder"])
    with gpt2.intervene(ablate={1: [3]}), gpt2.intervene(set={1: {3: 5.0}}):
        assert bool((gpt2(TEXT).activations["decoder"][0, 1, 3] == 5.0).all())
    with gpt2.intervene(set={1: {3: 5.0}}):
        with gpt2.intervene(ablate={1: [3]}):
            assert not gpt2(TEXT).activations["decoder"][0, 1, 3].any()
        assert bool((gpt2(TEXT).activations["decoder"][0, 1, 3] == 5.0).all())


def test_within_itself_it_acts_once(gpt2: ecco.LM) -> None:
    with gpt2.intervene(steer=vector_of(gpt2, 0), scale={0: {"all": 2.0}}):
        run = gpt2(TEXT)._runs[0]
    model, inputs = run.loaded.model, run.reading.inputs()
    with undisturbed(model):
        once = call(model, inputs).logits
        with undisturbed(model):
            assert torch.equal(call(model, inputs).logits, once)
        assert torch.equal(call(model, inputs).logits, once)


def test_two_models_keep_their_own_interventions(gpt2: ecco.LM, llama: ecco.LM) -> None:
    plain = llama(TEXT).logits
    with gpt2.intervene(ablate={1: "all"}):
        assert torch.equal(llama(TEXT).logits, plain)
        with llama.intervene(ablate={0: [1]}):
            assert gpt2(TEXT).intervention != llama(TEXT).intervention


def test_another_thread_is_outside(gpt2: ecco.LM) -> None:
    plain, found = gpt2(TEXT).logits, []
    with gpt2.intervene(ablate={1: "all"}):
        thread = threading.Thread(target=lambda: found.append(gpt2(TEXT).logits))
        thread.start()
        thread.join()
    assert torch.equal(found[0], plain)


class _Stop(StoppingCriteria):
    """Fails after the first token."""

    def __init__(self, error: type[BaseException]) -> None:
        self.error = error

    def __call__(self, input_ids: Any, scores: Any, **_kwargs: Any) -> Any:
        raise self.error


@pytest.mark.parametrize("case", ["causal gpt2", "masked albert", "seq2seq t5"])
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_leaves_the_model_as_it_was(case: str, error: type[BaseException], untouched) -> None:
    lm = made(case)
    untouched(lm.model)
    plain = states(read(lm))
    change = {"ablate": {1: "all"}, "steer": vector_of(lm, 0), "positions": [2]}
    if lm.task != "masked":
        with pytest.raises((error, ModelError)), lm.intervene(**change):
            lm.generate(TEXT, generate=3, stopping_criteria=[_Stop(error)])
    handle = lm.anatomy.blocks.modules[-1].register_forward_hook(_raise(error))
    with pytest.raises((error, ModelError)), lm.intervene(**change):
        states(read(lm))
    handle.remove()
    for side, hidden in plain.items():
        assert torch.equal(states(read(lm))[side], hidden)


def _raise(error: type[BaseException]) -> Any:
    def fail(*_: Any) -> None:
        raise error

    return fail


def test_an_interrupted_text_is_one_of_the_changed_model(gpt2: ecco.LM, untouched) -> None:
    untouched(gpt2.model)

    class Interrupt(StoppingCriteria):
        def __call__(self, input_ids: Any, scores: Any, **_kwargs: Any) -> Any:
            if input_ids.shape[1] == 8:
                raise KeyboardInterrupt
            return torch.zeros(len(input_ids), dtype=torch.bool)

    with gpt2.intervene(ablate={1: "all"}, positions=slice(2, None)):
        whole = gpt2.generate(TEXT, generate=5, min_new_tokens=5)
        cut = gpt2.generate(TEXT, generate=5, min_new_tokens=5, stopping_criteria=[Interrupt()])
    assert cut.interrupted
    assert cut.token_ids[0].tolist() == whole.token_ids[0, : cut.lengths[0]].tolist()
    torch.testing.assert_close(cut.logits, whole.logits[:, : cut.lengths[0]])


# -- names ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"ablate": {7: "all"}}, "layer=7 does not exist; the decoder has layers 0 to 2"),
        ({"ablate": {"1": [3]}}, "layer='1' must be a whole number"),
        ({"ablate": {1: [48]}}, "neuron=48 does not exist; layer 1 has neurons 0 to 47"),
        ({"ablate": {1: "some"}}, "neuron='some' must be a whole number"),
        ({"ablate": [3]}, "must be a dictionary by layer"),
        ({"ablate": {1: [3], -2: [4]}}, "names a layer twice"),
        ({"ablate": {1: [3]}, "scale": {1: {3: 2.0}}}, "neuron 3 of layer 1 is named twice"),
        ({"scale": {1: 2.0}}, "must say a number for each neuron"),
        ({"scale": {1: {3: float("nan")}}}, "must be finite"),
        ({"set": {1: {3: "much"}}}, "must be a number"),
        ({"ablate": {1: [3]}, "positions": -1}, "counts from the end"),
        ({"ablate": {1: [3]}, "positions": slice(-2, None)}, "slice of positions from 0 on"),
        ({"ablate": {1: [3]}, "positions": 1.5}, "must be a whole number"),
        ({"ablate": {1: [3]}, "side": "encoder"}, "side='encoder' is no side of this model; it has 'decoder'"),
        ({"steer": [1.0]}, "must be a SteeringVector"),
        ({"steer": ecco.SteeringVector(torch.zeros(5), 1)}, "states of .* have 32 numbers"),
        ({"steer": ecco.SteeringVector(torch.zeros(32), 3)}, "layer=3 does not exist"),
    ],
)
def test_what_does_not_exist_is_an_error_before_anything_runs(gpt2: ecco.LM, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message), gpt2.intervene(**asked):
        pytest.fail("the block was entered")


@pytest.mark.parametrize("case", ["causal mixtral", "causal gpt_oss"])
def test_experts_are_refused_and_their_layers_steered(case: str) -> None:
    lm = made(case)
    with pytest.raises(ArgumentError, match="layer 1 is a mixture of experts"), lm.intervene(ablate={1: [3]}):
        pytest.fail("the block was entered")
    with lm.intervene(steer=vector_of(lm, 0)):
        assert len(lm.generate(TEXT, generate=3).logits)


def test_a_model_without_neurons_is_steered() -> None:
    lm = made("causal mamba")
    with pytest.raises(EccoError, match="has no neurons"), lm.intervene(ablate={1: [3]}):
        pytest.fail("the block was entered")
    with lm.intervene(steer=vector_of(lm, 0), positions=slice(3, None)):
        assert len(lm.generate(TEXT, generate=3).logits)


@pytest.mark.parametrize("settings", [{}, {"positions": [1, 2]}])
def test_neurons_of_ecco_0_1(gpt2: ecco.LM, settings: dict[str, Any]) -> None:
    with gpt2.intervene(ablate={1: [3, 5]}, scale={2: {7: 10.0}}):
        expected = gpt2.generate(TEXT, generate=3)
    found = gpt2.generate(TEXT, generate=3, neurons_to_inhibit={"1": [3, 5]}, neurons_to_induce={2: [7]})
    same(found, expected)
    same(gpt2(TEXT, neurons_to_inhibit={1: [3, 5]}, neurons_to_induce={"2": [7]})[0], _reread(gpt2))
    lm = ecco.from_pretrained(gpt2.model, tokenizer=gpt2.tokenizer, verbose=False)
    lm.neurons_to_inhibit, lm.neurons_to_induce = {"1": [3, 5]}, {"2": [7]}
    same(lm.generate(TEXT, generate=3), expected)
    lm.neurons_to_inhibit, lm.neurons_to_induce = {}, {}
    same(lm(TEXT), gpt2(TEXT))
    with pytest.raises(ArgumentError, match="must be a dictionary of lists"):
        gpt2(TEXT, neurons_to_inhibit=[3])


def _reread(lm: ecco.LM) -> ecco.OutputSeq:
    with lm.intervene(ablate={1: [3, 5]}, scale={2: {7: 10.0}}):
        return lm(TEXT)


# -- steering vectors ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("case", "side"), SIDES)
def test_a_steering_vector_is_the_difference_of_states(case: str, side: int) -> None:
    lm = made(case)
    name = name_of(lm, side)
    asked = name if lm.task == "seq2seq" else None
    hidden = {text: states(lm(text))[name][0, -2] for text in (TEXT, OTHER, "a1 a2")}
    for position, pick in (("last", lambda h: h[-1]), ("mean", lambda h: h.mean(0))):
        found = ecco.steering_vector(lm, [TEXT, OTHER], "a1 a2", -2, position=position, side=asked)
        expected = (pick(hidden[TEXT]) + pick(hidden[OTHER])) / 2 - pick(hidden["a1 a2"])
        torch.testing.assert_close(found.vector, expected)
        assert (found.layer, found.side) == (len(states(lm(TEXT))[name][0]) - 2, asked)
    twice = np.float64(2.0) * found
    torch.testing.assert_close(twice.vector, 2 * found.vector)
    with lm.intervene(steer=twice):
        steered = states(read(lm))[name]
    torch.testing.assert_close(steered[0, -2], states(read(lm))[name][0, -2] + 2 * found.vector)


def test_a_steering_vector_belongs_to_its_model(gpt2: ecco.LM) -> None:
    other = ecco.from_pretrained(tiny_model("gpt2", seed=1), tokenizer=word_tokenizer(), verbose=False)
    vector = ecco.steering_vector(other, TEXT, OTHER, 1)
    assert repr(3.0 * vector).endswith(f"3 × (“{TEXT}” rather than “{OTHER}”))")
    with pytest.raises(ArgumentError, match="made from another model"), gpt2.intervene(steer=vector):
        pytest.fail("the block was entered")
    for wrong in ({"layer": 3}, {"position": "first"}, {"side": "encoder"}, {"positive": []}):
        with pytest.raises(ArgumentError):
            ecco.steering_vector(**{"lm": gpt2, "positive": TEXT, "negative": OTHER, "layer": 1, **wrong})


# -- what is refused -----------------------------------------------------------------------------------------------------


def test_a_steered_block_is_not_split_and_deletion_moves_positions(gpt2: ecco.LM) -> None:
    vector = vector_of(gpt2, 0)
    with gpt2.intervene(steer=vector):
        steered = gpt2.generate(TEXT, generate=2)
        with pytest.raises(EccoError, match="as it is"):
            ecco.steering_vector(gpt2, TEXT, OTHER, 1)
        with pytest.raises(EccoError, match="as it is"):
            ecco.TunedLens.fit(gpt2, [TEXT, OTHER], steps=1, progress=False)
    for ask in (
        steered.contributions,
        lambda: steered.lens(halves=True),
        lambda: steered.trace(OTHER + " a1 a2 a3", sites="ffn"),
    ):
        with pytest.raises(EccoError, match="made with a steering vector"):
            ask()
    with gpt2.intervene(ablate={1: "all"}, positions=[2]):
        out = gpt2.generate(TEXT, generate=2)
    with pytest.raises(EccoError, match="where tokens are deleted"):
        out.saliency("leave_one_out")
    parts = out.contributions()
    assert abs(parts.values.sum() - parts.logit) < 1e-3


def test_tracing_restores_the_states_of_the_changed_run(gpt2: ecco.LM) -> None:
    with gpt2.intervene(ablate={1: "all"}, steer=vector_of(gpt2, 0), positions=slice(1, None)):
        out = gpt2.generate(TEXT, generate=1)
    found = out.trace("a6 a17 a3 a80 a41 a9")
    np.testing.assert_allclose(found.restored[0, -1, -1], found.clean, rtol=1e-4)
