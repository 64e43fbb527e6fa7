"""The weights of every architecture are those that it multiplies with its values; what is not understood is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from conftest import state_of
from test_readout import HEADS, beyond_the_zoo
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from zoo import CAUSAL, TASK_OF, tiny_model, word_tokenizer

from ecco.attending import _tells, attend, blocks_of, find_attention, kinds_of, sizes
from ecco.errors import ArgumentError, EccoError, ProofError
from ecco.forward import accepts, deviation, logits_at, undisturbed
from ecco.model import LoadedModel
from ecco.products import eager_attention, implementations, watched_pass
from ecco.run import Run

IDS = [5, 17, 3, 80, 41, 9, 33, 60, 12]
N_SOURCE = 5  # the target has as many, with its start: told apart by their place alone

OUTSIDE = "outside of the blocks"
PIECES = "in pieces, or not to its tokens alone"
NONE = "multiplies nothing with softmax weights"

# Refused, and a part of the reason that the person is told; by type, or by type and kind of attention.
REFUSED = {
    "canine": "cannot read 3 tokens",
    "cpmant": PIECES,  # prepends prompts
    "deepseek_v4": PIECES,  # compressed keys in some layers
    "encoder-decoder cross": "none of its layers has attention of the kind 'cross'",  # the zoo's is built without
    "falcon_mamba": NONE,
    "flaubert": OUTSIDE,
    "fnet": NONE,
    "funnel": "cannot read 3 tokens",
    "hrm_text": OUTSIDE,  # two stacks in turn
    "led encoder": PIECES,  # windows
    "longcat_flash": "attends 2 times",
    "longformer": PIECES,
    "longt5 encoder": PIECES,
    "mamba": NONE,
    "mamba2": NONE,
    "mra": NONE,  # approximates the softmax in pieces
    "pegasus_x encoder": PIECES,
    "prophetnet decoder": PIECES,  # streams of n-grams
    "prophetnet cross": PIECES,
    "reformer": NONE,  # hashes
    "rwkv": NONE,
    "t5gemma2 decoder": PIECES,  # one softmax over target and source
    "t5gemma2 cross": PIECES,
    "xlm": OUTSIDE,
    "xlnet decoder": "adds one more",  # to the text, in the place of the next token
    "xlstm": NONE,
    "yoso": NONE,
}
# Encoder-decoders that are given one text read it on both sides.
REFUSED_HEADS = {
    **{("masked", name): OUTSIDE for name in "bart mbart mvp".split()},
    **{("text label", name): OUTSIDE for name in "bart bigbird_pegasus mbart mt5 mvp plbart umt5".split()},
    **{("states", name): OUTSIDE for name in "bart mbart mvp".split()},
}

# Layers with attention, of the models in which not all have it: the zoo's configurations say so.
SOME_LAYERS = {
    **dict.fromkeys(("bailing_hybrid bamba granitemoehybrid kimi_linear lfm2_moe olmo_hybrid").split(), (1,)),
    **dict.fromkeys(("qwen3_5 qwen3_5_moe qwen3_5_moe_text qwen3_5_text qwen3_next").split(), (1,)),
    "jamba": (1, 3),
    "lara_mini": (1, 2),
    "lfm3": (1, 2),
    "minimax": (0, 2),
    "nemotron_h": (2,),
    "recurrent_gemma": (2,),
}

# Models whose softmax has a sink: their rows sum to less than 1.
SINKS = set("flint gpt_oss hy_v4 inkling2_loop_text inkling2_text mimo_v2_flash openai_privacy_filter".split())

# Change themselves in any forward pass, for good: by scaling weights when they are first evaluated.
SELF_CHANGING = {"rwkv"}

# An encoder that nothing reads: the zoo's decoder is built without cross-attention.
UNREAD = {("encoder-decoder", "encoder")}

# What the model itself reports is something else: unnormalised scores, or nothing (BigBird, of a short text).
REPORTS_OTHERWISE = {"prophetnet", "big_bird"}


def run_of(kind: str, model_type: str, n: int = len(IDS)) -> Run:
    """A text of a tiny model."""
    model = tiny_model(model_type, task=TASK_OF[kind])
    if kind == "seq2seq" and not model.config.is_encoder_decoder:
        kind = "causal"  # a language model with ears
    two_sided = kind == "seq2seq"
    task = TASK_OF[kind] if kind != "causal" else CAUSAL
    return Run(LoadedModel(model, word_tokenizer(), task, model_type), IDS[:n], N_SOURCE if two_sided else n)


@pytest.mark.parametrize(("kind", "model_type"), HEADS, ids=[f"{kind}-{t}".replace(" ", "-") for kind, t in HEADS])
def test_the_weights_are_those_that_the_model_uses(kind: str, model_type: str) -> None:
    if beyond_the_zoo(kind, model_type):
        pytest.skip(f"the zoo builds no {model_type} that runs")
    run = run_of(kind, model_type)
    model = run.loaded.model
    before, said = state_of(model), [implementation for _, implementation in implementations(model)]
    understood = []
    for attention in kinds_of(run.reading):
        names = (model_type, f"{model_type} {attention}")
        if why := REFUSED_HEADS.get((kind, model_type)) or next((REFUSED[n] for n in names if n in REFUSED), None):
            with pytest.raises(EccoError, match=why):
                run.attention(attention, list(run.attention_sites(attention)))
        else:
            run.attention(attention, list(run.attention_sites(attention)))
            understood.append(attention)
        assert [implementation for _, implementation in implementations(model)] == said
        assert model_type in SELF_CHANGING or state_of(model) == before
    for attention in understood:
        check(run, attention, model_type)


def check(run: Run, kind: str, model_type: str) -> None:
    """Shapes, sums and zeros; what the model reports; what happens if they are put in the place of its own."""
    layers = list(run.attention_sites(kind))
    n_layers = blocks_of(run.loaded.anatomy, kind).n_layers
    assert tuple(layers) == SOME_LAYERS.get(model_type, tuple(range(n_layers)))
    weights = run.attention(kind, layers)
    reported = {} if model_type in REPORTS_OTHERWISE else own_report(run, kind)
    for layer, found in weights.items():
        assert found.shape[1:] == sizes(run.reading, kind)[kind]
        assert float(found.min()) >= 0
        sums = found.sum(-1)
        assert float(sums.max()) <= 1 + 1e-4
        assert model_type in SINKS or float(sums.min()) >= 1 - 1e-4
        if kind == "decoder":
            assert not found.triu(1).any()
        if model_type not in REPORTS_OTHERWISE:
            assert reported[layer] is not None
            torch.testing.assert_close(reported[layer][:, -1], found[:, -1], rtol=1e-4, atol=1e-5)
            if not run.reads_by_prefix:
                torch.testing.assert_close(reported[layer], found, rtol=1e-4, atol=1e-5)
    if model_type in SINKS:
        assert min(float(found.sum(-1).min()) for found in weights.values()) < 0.99
    replaced, same, other = exchanged(run, list(weights.values()))
    assert replaced >= len(layers)
    assert same < 1e-4
    assert (other > 1e-3) == ((model_type, kind) not in UNREAD)


def own_report(run: Run, kind: str) -> dict[int, torch.Tensor]:
    """What the model says about its attention if it is asked, by layer: one entry per layer, or one per layer that attends."""
    model, extra = run.loaded.model, {"output_attentions": True}
    extra |= {name: value for name, value in (("use_cache", False), ("return_dict", True)) if accepts(model, name)}
    names = {"cross": ["cross_attentions"], "decoder": ["decoder_attentions", "attentions"]}
    with undisturbed(model), eager_attention(model):
        out: Any = model(**run.reading.inputs(), **extra)
    found = next(a for name in names.get(kind, ["encoder_attentions", "attentions"]) if (a := getattr(out, name, None)))
    layers = list(run.attention_sites(kind))
    n_layers = blocks_of(run.loaded.anatomy, kind).n_layers
    assert len(found) in (len(layers), n_layers)
    numbers = layers if len(found) == len(layers) else range(n_layers)
    return {layer: entry[0] for layer, entry in zip(numbers, found, strict=True) if torch.is_tensor(entry)}


class Exchange(TorchDispatchMode):
    """Puts something in the place of these weights wherever they are multiplied, told by their last query."""

    def __init__(self, weights: list[torch.Tensor], factor: float) -> None:
        super().__init__()
        self.weights, self.factor, self.seen = weights, factor, set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func.name() in ("aten::bmm", "aten::baddbmm"):
            *before, left, right = args
            for number, known in enumerate(self.weights):
                if left.shape == known.shape and torch.allclose(left[:, -1].float(), known[:, -1], rtol=1e-3, atol=1e-6):
                    self.seen.add(number)
                    mine = left.clone()
                    mine[:, -1] = self.factor * known[:, -1]
                    return func(*before, mine if self.factor else torch.zeros_like(left), right, **(kwargs or {}))
        return func(*args, **(kwargs or {}))


def exchanged(run: Run, weights: list[torch.Tensor]) -> tuple[int, float, float]:
    """How many layers were found again, and how far the logits move with the same weights and with none."""
    model, reading = run.loaded.model, run.reading
    rows = [reading.row(reading.explained[-1])]
    moved = []
    with undisturbed(model), sdpa_kernel(SDPBackend.MATH):
        own = logits_at(model, reading.inputs(), rows)
        for factor in (1.0, 0.0):
            mode = Exchange(weights, factor)
            with mode:
                moved.append(deviation(logits_at(model, reading.inputs(), rows), own))
            seen = len(mode.seen) if factor else seen
    return seen, moved[0], moved[1]


# -- what is kept apart ------------------------------------------------------------------------------------------------

TWO_SIDED = ["t5", "bart", "marian", "m2m_100", "pegasus", "mt5", "t5gemma"]


@pytest.mark.parametrize("model_type", TWO_SIDED)
@pytest.mark.parametrize("n", [5, 6, 7, 9, 12])
def test_self_and_cross_attention_are_told_apart_at_any_length(model_type: str, n: int) -> None:
    model = tiny_model(model_type, task=TASK_OF["seq2seq"])
    loaded = LoadedModel(model, word_tokenizer(), TASK_OF["seq2seq"], model_type)
    run = Run(loaded, [*IDS, *IDS][:n], 5)
    with undisturbed(model), eager_attention(model):
        own = model(**run.reading.inputs(), output_attentions=True)
    for kind in ("cross", "decoder", "encoder"):
        reported = own.cross_attentions if kind == "cross" else getattr(own, f"{kind}_attentions")
        for layer, found in run.attention(kind, list(run.attention_sites(kind))).items():
            torch.testing.assert_close(found, reported[layer][0], rtol=1e-4, atol=1e-6)


def test_sizes_of_the_model_are_not_taken_for_numbers_of_tokens() -> None:
    """Blocks of 4 tokens in a text of 4, residual streams mixed 4 by 4 in a text of 4."""
    pegasus = tiny_model("pegasus_x", task=TASK_OF["seq2seq"])
    loaded = LoadedModel(pegasus, word_tokenizer(), TASK_OF["seq2seq"], "pegasus_x")
    for n_source in (4, 5, 12):
        run = Run(loaded, [*IDS, *IDS][: n_source + 4], n_source)
        for layer, site in run.attention_sites("encoder").items():
            assert site.reason, layer
    deepseek = run_of("causal", "deepseek_v4", 4)
    sink = deepseek.attention("decoder", [0])[0]
    assert sink.shape == (4, 4, 4)
    assert not sink.triu(1).any()


def test_layers_that_are_understood_can_be_asked_where_others_are_not() -> None:
    run = run_of("causal", "deepseek_v4")
    with pytest.raises(ProofError, match=r"layer 1 .*Ask for layer=0, 2"):
        run.attention("decoder", [0, 1])
    assert set(run.attention("decoder", [0, 2])) == {0, 2}


def test_a_layer_without_attention_is_named() -> None:
    run = run_of("causal", "jamba")
    with pytest.raises(ArgumentError, match="layer=0 has no attention .*in layer 1, 3"):
        run.attention("decoder", [0])


def test_the_site_of_an_attention_is_in_its_block() -> None:
    run = run_of("causal", "llama")
    for layer, site in run.attention_sites("decoder").items():
        block = run.loaded.model.model.layers[layer]
        assert site.modules[0] is block
        assert site.modules[-1] is block.self_attn


def test_what_goes_to_a_sink_is_what_the_softmax_gave_it() -> None:
    run = run_of("causal", "gpt_oss")
    given = []

    class Softmaxes(TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            out = func(*args, **(kwargs or {}))
            if func.name() == "aten::_softmax" and out.shape[-1] == len(IDS) + 1:
                given.append(out[0, ..., -1].clone())
            return out

    with undisturbed(run.loaded.model), Softmaxes():
        run.loaded.model(**run.reading.inputs())
    for layer, weights in run.attention("decoder", [0, 1, 2]).items():
        torch.testing.assert_close(1 - weights.sum(-1), given[layer], rtol=1e-4, atol=1e-5)


# -- passes ------------------------------------------------------------------------------------------------------------


def test_a_model_that_reads_to_the_right_is_asked_prefix_by_prefix() -> None:
    run = run_of("causal", "bert")
    assert run.reads_by_prefix
    found = run.attention("decoder", [0, 1, 2])
    for q in range(len(IDS)):
        ids = torch.tensor([IDS[: q + 1]])
        with undisturbed(run.loaded.model), eager_attention(run.loaded.model):
            own = run.loaded.model(ids, output_attentions=True).attentions
        for layer in range(3):
            torch.testing.assert_close(found[layer][:, q, : q + 1], own[layer][0, :, -1], rtol=1e-4, atol=1e-6)
            assert not found[layer][:, q, q + 1 :].any()


def test_only_the_layers_asked_for_are_kept_and_none_is_computed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of("causal", "llama")
    first = run.attention("decoder", [2])[2]
    assert list(run.kept(("attention", "decoder"), dict)) == [2]
    run.attention("decoder", [0, 2])
    assert list(run.kept(("attention", "decoder"), dict)) == [2, 0]
    monkeypatch.setattr("ecco.run.attend", lambda *_: pytest.fail("computed again"))
    assert run.attention("decoder", [0, 2])[2] is first


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda w: w * 1.01, "add up to more than 1"),
        (lambda w: w - 0.01, "are negative or not finite"),
        (lambda w: w * float("nan"), "are negative or not finite"),
        (lambda w: w.flip(-1), "are not 0 for tokens that come later"),
    ],
)
def test_what_cannot_be_shares_is_refused(change: Any, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of("causal", "llama")
    run.attention_sites("decoder")

    def pass_with_a_flaw(*args: Any, **settings: Any) -> Any:
        calls, outside = watched_pass(*args, **settings)
        return [
            [replace(p, weights=change(p.weights)) if p.weights is not None else p for p in call] for call in calls
        ], outside

    monkeypatch.setattr("ecco.attending.watched_pass", pass_with_a_flaw)
    with pytest.raises(ProofError, match=f"attention weights of layer 1 {why}"):
        run.attention("decoder", [1])


def test_a_text_that_is_attended_otherwise_than_the_probe_is_refused() -> None:
    run = run_of("causal", "llama")
    loaded = run.loaded
    sites = find_attention(loaded.model, loaded.anatomy, run.reading, "decoder")
    other = {0: replace(sites[0], products=2)}
    with pytest.raises(ProofError, match="does not attend to this text as it did to a short one"):
        attend(loaded.model, loaded.anatomy, run.reading, "decoder", other, [0], [1])


def test_a_matrix_tells_whose_heads_it_reads_by_their_order_alone() -> None:
    bits = torch.tensor([[1, 0, 0, 0], [0, 1, 0, 0], [1, 1, 0, 0]])  # (head, token), the number of each head
    gated = torch.rand(1, 4, 3, 5) + 0.5
    read = gated * bits.T[None, :, :, None]
    assert _tells(read.flatten(2), bits)
    assert not _tells(read[:, :, [1, 0, 2]].flatten(2), bits)  # in another order
    assert not _tells(read.transpose(2, 3).flatten(2), bits)  # their columns in turn
    assert not _tells(read.flatten(2).roll(1, -1), bits)
    assert not _tells(gated.flatten(2), bits)
    assert not _tells(read[:, :, :2].flatten(2), bits)
