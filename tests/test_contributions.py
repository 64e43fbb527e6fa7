"""The parts of a logit sum to it, and each is what the model's own weights say."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
import torch
from conftest import TEXT
from model_table import read
from zoo import tiny_model, word_tokenizer

import ecco
from ecco.contributions import MOST_SHOWN
from ecco.errors import ArgumentError, ProofError
from ecco.frozen import FrozenNorms

KINDS = [
    *(
        ("causal", t)
        for t in "bloom cohere deepseek_v3 falcon gpt2 gpt_neox gptj granite jamba llama mixtral olmo2 opt phi".split()
    ),
    ("seq2seq", "t5"),
    ("seq2seq", "mbart"),
    ("text label", "llama"),
]


@pytest.mark.parametrize(("kind", "model_type"), KINDS)
def test_parts_sum_to_the_logit(kind: str, model_type: str, untouched) -> None:
    lm, out = read(kind, model_type)
    untouched(lm.model)
    found = out.contributions()
    logits = out.logits[0]
    run = out._runs[0]
    row = list(run.reading.explained).index(found.position)
    token = found.token.id
    assert found.logit == pytest.approx(float(logits[row, token]), rel=1e-3, abs=1e-4)
    assert found.values.sum() == pytest.approx(found.logit, rel=1e-3, abs=1e-3)
    n_layers = len(run.flow.hidden)
    assert found.kinds == ("embedding", *("attention", "ffn") * n_layers, "bias")
    assert found.ranks[-1] == 1 + int((logits[row] > logits[row, token]).sum())
    other = (token + 1) % logits.shape[-1]
    against = out.contributions(found.position, token, other)
    apart = out.contributions(found.position, other)
    np.testing.assert_allclose(against.values, found.values - apart.values, rtol=1e-3, atol=1e-3)


SPLIT = [*KINDS, *(("causal", t) for t in "bitnet gemma3_text gpt_neo gpt_oss qwen2_moe qwen3_next".split())]


@pytest.mark.parametrize(("kind", "model_type"), SPLIT)
def test_heads_and_neurons_sum_to_their_halves(kind: str, model_type: str, untouched) -> None:
    lm, out = read(kind, model_type)
    untouched(lm.model)
    whole, parts = out.contributions(), out.contributions(heads=True, neurons=10**6)
    assert parts.logit == whole.logit
    assert parts.values.sum() == pytest.approx(whole.logit, rel=1e-3, abs=1e-3)
    owner = {"head": "attention", "cross head": "attention", "neuron": "ffn"}
    sums: dict[tuple[str, int], float] = {}
    for part, layer, value, rank in zip(parts.kinds, parts.layers, parts.values, parts.ranks, strict=True):
        half = owner.get(part, part), layer
        sums[half] = sums.get(half, 0) + value
        assert rank == whole.ranks[[*zip(whole.kinds, whole.layers, strict=True)].index(half)]
    np.testing.assert_allclose(list(sums.values()), whole.values, rtol=1e-3, atol=1e-3)
    assert list(sums) == [*zip(whole.kinds, whole.layers, strict=True)]
    widths = {layer: len(n.values) for n in out._runs[0].neurons() for layer in [n.layer] if n.side == 0}
    counted = [layer for part, layer in zip(parts.kinds, parts.layers, strict=True) if part == "neuron"]
    assert {layer: counted.count(layer) for layer in widths} == widths
    few = out.contributions(neurons=3)
    kept = [k for k, part in enumerate(few.kinds) if part == "neuron"]
    every = np.abs([v for v, part in zip(parts.values, parts.kinds, strict=True) if part == "neuron"])
    np.testing.assert_allclose(np.sort(np.abs(few.values[kept])), np.sort(every)[-3:], rtol=1e-4, atol=1e-7)
    assert few.values.sum() == pytest.approx(whole.logit, rel=1e-3, abs=1e-3)


def _seen(model: Any, modules: list[Any], run: Any) -> list[torch.Tensor]:
    """What some modules read, (token, width) each, by plain hooks."""
    seen: list[torch.Tensor] = []
    handles = [m.register_forward_pre_hook(lambda _m, args: seen.append(args[0][0].clone())) for m in modules]
    model(**run.reading.inputs())
    for handle in handles:
        handle.remove()
    return seen


def _values(found: ecco.Contributions, kind: str) -> np.ndarray:
    """(layer, head or neuron)."""
    own = [v for v, k in zip(found.values, found.kinds, strict=True) if k == kind]
    return np.array(own).reshape(max(found.layers) + 1, -1)


@torch.no_grad()
def test_heads_and_neurons_are_what_the_weights_say_in_gpt2() -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2").double(), tokenizer=word_tokenizer())
    out, model = lm.generate(TEXT, generate=1), cast(Any, lm.model)
    run, norm, row = out._runs[0], model.transformer.ln_f, len(out._runs[0].ids) - 2
    state = run.flow.hidden[-1, row]
    direction = model.lm_head.weight[run.ids[-1]] * norm.weight / (state.var(correction=0) + norm.eps).sqrt()
    direction = direction - direction.mean()
    found, blocks, n_heads = out.contributions(heads=True, neurons=10**6), model.transformer.h, model.config.n_head
    for kind, matrices, groups in (
        ("head", [b.attn.c_proj for b in blocks], n_heads),
        ("neuron", [b.mlp.c_proj for b in blocks], blocks[0].mlp.c_proj.nx),
    ):
        each = [
            given[row] * (matrix.weight @ direction)
            for given, matrix in zip(_seen(model, matrices, run), matrices, strict=True)
        ]
        np.testing.assert_allclose(_values(found, kind), torch.stack(each).unflatten(1, (groups, -1)).sum(dim=2), rtol=1e-6)
    rest = [v for v, k in zip(found.values, found.kinds, strict=True) if k in ("attention", "ffn")]
    biases = [direction @ matrix.bias for block in blocks for matrix in (block.attn.c_proj, block.mlp.c_proj)]
    np.testing.assert_allclose(rest, biases, rtol=1e-6, atol=1e-9)


@torch.no_grad()
@pytest.mark.parametrize("model_type", ["llama", "olmo2"])
def test_heads_and_neurons_are_what_the_weights_say_behind_rms_norms(model_type: str) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type).double(), tokenizer=word_tokenizer())
    out, model = lm.generate(TEXT, generate=1), cast(Any, lm.model)
    run, norm, row = out._runs[0], model.model.norm, len(out._runs[0].ids) - 2
    state = run.flow.hidden[-1, row]
    direction = model.lm_head.weight[run.ids[-1]] * norm.weight / (state.pow(2).mean() + norm.variance_epsilon).sqrt()
    found, blocks = out.contributions(heads=True, neurons=10**6), model.model.layers
    for kind, matrices, after in (
        ("head", [b.self_attn.o_proj for b in blocks], "post_attention_layernorm"),
        ("neuron", [b.mlp.down_proj for b in blocks], "post_feedforward_layernorm"),
    ):
        groups = model.config.num_attention_heads if kind == "head" else matrices[0].in_features
        each = []
        for given, matrix, block in zip(_seen(model, matrices, run), matrices, blocks, strict=True):
            wrote, own = matrix(given[row]), direction
            if model_type == "olmo2":  # a norm stands between the matrix and the stream
                scale = getattr(block, after)
                own = direction * scale.weight / (wrote.pow(2).mean() + scale.variance_epsilon).sqrt()
            each.append((given[row] * (own @ matrix.weight)).unflatten(0, (groups, -1)).sum(dim=1))
        np.testing.assert_allclose(_values(found, kind), torch.stack(each), rtol=1e-5, atol=1e-9)


def test_a_figure_shows_the_strongest_and_the_rest_of_each_layer(gpt2: ecco.LM) -> None:
    found = gpt2(TEXT).contributions(neurons=60)
    shown = found.shown()
    assert found.kinds.count("neuron") == 60
    assert shown.kinds.count("neuron") == MOST_SHOWN
    np.testing.assert_allclose(shown.values.sum(), found.values.sum())
    own = np.array([kind == "neuron" for kind in found.kinds])
    least = np.abs(shown.values[[kind == "neuron" for kind in shown.kinds]]).min()
    assert (np.abs(found.values[own]) >= least).sum() == MOST_SHOWN
    assert len(found.to_payload()["parts"]) == len(shown.values)
    assert found.to_payload()["note"].startswith("the 24 strongest of 60")
    record = found.to_records()[found.kinds.index("neuron")]
    assert record["part"] == f"layer {record['layer']} neuron {record['number']}"
    assert any(name.endswith("FFN, rest") for name in shown.names)


# Which pass lies: the one with heads of 0, or the one with random heads.
@pytest.mark.parametrize("run", [2, 3])
def test_heads_that_do_not_add_up_are_refused(gpt2: ecco.LM, monkeypatch: pytest.MonkeyPatch, run: int) -> None:
    import ecco.heads as heads

    whole = heads.given
    calls = iter(range(100))
    monkeypatch.setattr(heads, "given", lambda *args: whole(*args) * (1.5 if next(calls) == run else 1))
    with pytest.raises(ProofError, match="heads of layer 0 add up to"):
        gpt2(TEXT).contributions(heads=True)


@torch.no_grad()
def test_parts_are_what_the_weights_say_in_gpt2() -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2").double(), tokenizer=word_tokenizer())
    out = lm.generate(TEXT, generate=1)
    model: Any = lm.model
    run, norm, row = out._runs[0], model.transformer.ln_f, len(out._runs[0].ids) - 2
    state, halves, word = run.flow.hidden[-1, row], run.halves, model.lm_head.weight[run.ids[-1]]
    direction = word * norm.weight / (state.var(correction=0) + norm.eps).sqrt()
    embedding = model.transformer.wte.weight[run.ids[row]] + model.transformer.wpe.weight[row]
    parts = [embedding, *torch.stack([halves.attention[:, row], halves.ffn[:, row]], dim=1).flatten(0, 1)]
    expected = [*(float(direction @ (part - part.mean())) for part in parts), float(word @ norm.bias)]
    np.testing.assert_allclose(out.contributions().values, expected, rtol=1e-6)


@torch.no_grad()
def test_parts_are_what_the_weights_say_in_llama(llama: ecco.LM) -> None:
    out, model = llama.generate(TEXT, generate=1), cast(Any, llama.model)
    run, norm, row = out._runs[0], model.model.norm, len(out._runs[0].ids) - 2
    state, halves = run.flow.hidden[-1, row], run.halves
    direction = model.lm_head.weight[run.ids[-1]] * norm.weight / (state.pow(2).mean() + norm.variance_epsilon).sqrt()
    values = out.contributions().values
    np.testing.assert_allclose(values[1:-1:2], halves.attention[:, row] @ direction, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(values[2:-1:2], halves.ffn[:, row] @ direction, rtol=1e-3, atol=1e-5)
    assert values[-1] == pytest.approx(0, abs=1e-6)  # a Llama has no biases


@pytest.mark.parametrize("model_type", ["gpt2", "llama", "gpt_neox"])
def test_ranks_on_the_way_are_those_of_the_states(model_type: str) -> None:
    _lm, out = read("causal", model_type)
    found = out.contributions()
    rankings = out.rankings_watch([found.token.id], position=found.position)
    np.testing.assert_array_equal(found.ranks[2:-1:2], rankings.ranks[:, 0])
    np.testing.assert_allclose(found.probabilities[2:-1:2], rankings.probabilities[:, 0], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "model_type", "reason"),
    [
        ("seq2seq", "t5gemma", "not linear, even with its norm frozen"),  # it caps its logits
        ("masked", "bert", "no two halves"),
        ("masked", "modernbert", "not linear"),
        ("causal", "mamba", "no neurons"),
    ],
)
def test_models_that_are_no_such_sum_are_refused(kind: str, model_type: str, reason: str, untouched) -> None:
    lm, out = read(kind, model_type)
    untouched(lm.model)
    with pytest.raises(ProofError, match=reason):
        out.contributions()


def test_frozen_statistics_are_those_of_the_first_run() -> None:
    norms = [torch.nn.LayerNorm(6), torch.nn.RMSNorm(6)]
    torch.manual_seed(0)
    x, y = torch.randn(2, 6), torch.randn(2, 6)
    frozen = FrozenNorms()
    with frozen:
        first = [norm(x) for norm in norms]
    torch.testing.assert_close(first, [norm(x) for norm in norms])
    results = []
    for given in (y, torch.zeros_like(y), x + y):
        frozen.again()
        with frozen:
            results.append([norm(given) for norm in norms])
    for of_x, of_y, of_nothing, of_both in zip(first, *results, strict=True):
        torch.testing.assert_close(of_x + of_y, of_both + of_nothing)
    assert frozen.count == 2


def test_wrong_questions_are_refused(gpt2: ecco.LM) -> None:
    out = gpt2(TEXT)
    with pytest.raises(ArgumentError, match="after the text"):
        out.contributions(position=6)
    with pytest.raises(ArgumentError, match="outside this run"):
        out.contributions(position=60)
    with pytest.raises(ArgumentError, match="not one token"):
        out.contributions(token="a1 a2")
    with pytest.raises(ArgumentError, match="neurons=-1"):
        out.contributions(neurons=-1)
    with pytest.raises(ArgumentError, match="whole number"):
        out.contributions(neurons=True)
    assert out.contributions(position=6, token=" a5").position == 6
    assert "layer 0 attention" in repr(out.contributions())
