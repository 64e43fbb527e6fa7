"""The neurons of a model are found and proved, or it is refused; `test_models.py` asks this of every model of the zoo."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from zoo import TASK_OF, tiny_model

from ecco.anatomy import Anatomy, find_anatomy
from ecco.errors import ProofError
from ecco.experts import n_neurons
from ecco.ffn import Site, _columns, find_sites
from ecco.firing import recording
from ecco.forward import call, undisturbed

IDS = torch.tensor([[5, 17, 3, 80, 41, 9]])


def parts(model_type: str, kind: str = "causal", **given: Any) -> tuple[Any, Anatomy]:
    """A tiny model and its anatomy."""
    model = tiny_model(model_type, task=TASK_OF[kind], **given)
    return model, find_anatomy(model, two_sided=kind == "seq2seq" and model.config.is_encoder_decoder)


def run(model: Any, anatomy: Anatomy, sites: tuple[Site, ...]) -> tuple[dict[int, Tensor], dict[int, tuple[Tensor, ...]]]:
    """The neurons of all sites, and what each site's module was given and returned."""
    seen: dict[int, tuple[Tensor, ...]] = {}

    def note(module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        output = output[0] if isinstance(output, tuple) else output  # a quantised matrix returns its scale too
        tensors = [a for a in (*args, *kwargs.values(), output) if torch.is_tensor(a)]
        seen[len(seen)] = tuple(t.clone() for t in tensors)  # Falcon changes them in place

    handles = [m.register_forward_hook(note, with_kwargs=True) for m in dict.fromkeys(site.module for site in sites)]
    names = ["input_ids", "decoder_input_ids"][: len(anatomy.embeddings) or 1]
    with undisturbed(model), recording(model, sites, dict.fromkeys(range(len(sites)), IDS.shape[1])) as found:
        call(model, dict.fromkeys(names, IDS))
    for handle in handles:
        handle.remove()
    return found, seen


def written(site: Site, neurons: Tensor, given: tuple[Tensor, ...]) -> Tensor:
    """What a site writes for its neurons: `W a + b`, with the matrix read out unit by unit, or that of each expert."""
    module: Any = site.module
    if site.kind != "experts":
        # As a matrix sees it: one row per unit, none for the bias. I-BERT's also takes a scale.
        rest = [g for g in given[1:-1] if g.dim() <= 1]
        answer = module(torch.cat([torch.zeros(1, neurons.shape[1]), torch.eye(neurons.shape[1])])[None], *rest)
        first = (answer[0] if isinstance(answer, tuple) else answer).reshape(neurons.shape[1] + 1, -1)
        return neurons @ (first[1:] - first[0]) + first[0]
    by_expert = neurons.view(len(neurons), len(module.down_proj), -1)
    if module.has_post_expert_norm:
        return torch.full((), float("nan"))
    total = torch.einsum("tei,eid->td" if module.is_transposed else "tei,edi->td", by_expert, module.down_proj)
    if not module.has_bias:
        return total
    chosen, weights = given[1], given[2]
    return total + (module.down_proj_bias[chosen] * weights[..., None]).sum(1)


@pytest.mark.parametrize(
    ("kind", "model_type", "matrices"),
    [
        ("causal", "llama", ("mlp.gate_proj", "mlp.up_proj")),
        ("causal", "gemma2", ("mlp.gate_proj", "mlp.up_proj")),
        ("causal", "qwen2", ("mlp.gate_proj", "mlp.up_proj")),
        ("seq2seq", "t5gemma", ("mlp.gate_proj", "mlp.up_proj")),
    ],
)
def test_a_gated_neuron_is_the_activation_of_its_gate_times_up(kind: str, model_type: str, matrices: Any) -> None:
    model, anatomy = parts(model_type, kind)
    sites = find_sites(model, anatomy)
    assert {site.kind for site in sites} == {"gated"}
    outputs: list[Tensor] = []
    block = anatomy.blocks.calls[1]
    for name in matrices:
        block.get_submodule(name).register_forward_hook(lambda _m, _a, out: outputs.append(out[0]))
    found, _ = run(model, anatomy, sites)
    place = next(i for i, site in enumerate(sites) if (site.side, site.layer) == (0, 1))
    gate, up = outputs
    torch.testing.assert_close(found[place], block.mlp.act_fn(gate) * up)


@pytest.mark.parametrize("activation", ["relu", "gelu", "silu"])
def test_without_a_gate_a_neuron_is_plain(activation: str) -> None:
    model, anatomy = parts("gpt2", activation_function=activation)
    assert {site.kind for site in find_sites(model, anatomy)} == {"plain"}


def test_a_shared_block_has_a_site_for_every_call(untouched) -> None:
    model, anatomy = parts("albert", "masked")
    untouched(model)
    sites = find_sites(model, anatomy)
    assert [site.layer for site in sites] == [0, 1, 2]
    assert len({site.module for site in sites}) == 1
    found, _ = run(model, anatomy, sites)
    assert not torch.equal(found[0], found[1])


def test_experts_are_found_and_left_as_they_were(untouched) -> None:
    model, anatomy = parts("mixtral")
    untouched(model)
    before = dict(vars(model.config))
    sites = find_sites(model, anatomy)
    assert {site.kind for site in sites} == {"experts"}
    found, seen = run(model, anatomy, sites)
    chosen = seen[0][1]
    by_expert = found[0].view(IDS.shape[1], model.config.num_local_experts, -1)
    used = by_expert.abs().sum(-1) > 0
    assert used.sum(-1).tolist() == [model.config.num_experts_per_tok] * IDS.shape[1]
    assert all(bool(used[token, expert]) for token, experts in enumerate(chosen.tolist()) for expert in experts)
    assert dict(vars(model.config)) == before


def test_an_exception_leaves_hooks_and_experts_as_they_were(untouched) -> None:
    model, anatomy = parts("mixtral")
    sites = find_sites(model, anatomy)
    untouched(model)
    with pytest.raises(KeyboardInterrupt), recording(model, sites, {0: 6}):
        raise KeyboardInterrupt


def test_an_adapter_around_the_matrix_counts_as_part_of_it() -> None:
    class Adapted(nn.Module):
        def __init__(self, base: nn.Linear) -> None:
            super().__init__()
            self.base_layer, self.down, self.up = base, nn.Linear(base.in_features, 2), nn.Linear(2, base.out_features)

        def forward(self, x: Tensor) -> Tensor:
            return self.base_layer(x) + self.up(self.down(x))

    model, anatomy = parts("llama")
    for block in anatomy.blocks.calls:
        mlp: Any = block.mlp
        mlp.down_proj, mlp.gate_proj = Adapted(mlp.down_proj), Adapted(mlp.gate_proj)
    sites = find_sites(model, anatomy)
    assert [type(site.module) for site in sites] == [Adapted] * 3
    assert {site.kind for site in sites} == {"gated"}
    found, seen = run(model, anatomy, sites)
    with torch.no_grad():
        torch.testing.assert_close(written(sites[2], found[2], seen[2]), seen[2][-1][0], rtol=1e-3, atol=1e-4)


def test_a_matrix_of_an_unknown_class_is_known_by_what_it_does() -> None:
    class Quantised(nn.Module):
        def __init__(self, base: Any) -> None:
            super().__init__()
            self.scale = float(base.weight.detach().abs().max()) / 127
            self.register_buffer("codes", (base.weight.detach().T / self.scale).round().to(torch.int8))

        def forward(self, x: Tensor) -> Tensor:
            return x @ (self.codes.float() * self.scale).T

    model, anatomy = parts("gpt2")
    for block in anatomy.blocks.calls:
        mlp: Any = block.mlp
        mlp.c_fc, mlp.c_proj = Quantised(mlp.c_fc), Quantised(mlp.c_proj)
    sites = find_sites(model, anatomy)
    assert [(site.layer, type(site.module), site.kind) for site in sites] == [(i, Quantised, "plain") for i in range(3)]


def test_units_that_mix_columns_or_tokens_are_no_neurons() -> None:
    before = torch.randn(1, 3, 8, requires_grad=True) * 1
    assert _columns(before.relu() + 1e-3 * before, [before]) == 1
    gate, up = before.chunk(2, -1)
    assert _columns(gate.sigmoid() * up, [before]) == 2
    assert _columns(before.softmax(-1), [before]) is None
    assert _columns(before.cumsum(1), [before]) is None
    assert _columns(before @ torch.randn(8, 8), [before]) is None
    other = torch.randn(1, 3, 8, requires_grad=True)
    assert _columns(before.relu(), [before, other]) is None


def test_a_model_that_calls_other_ffns_than_in_the_probe_is_refused() -> None:
    model, anatomy = parts("gpt2")
    sites = find_sites(model, anatomy)
    skipped = copy.copy(sites[1:])
    with pytest.raises(ProofError, match="another order"):
        run(model, anatomy, skipped + sites[:1])
    with pytest.raises(ProofError, match="one vector of neurons per token"), recording(model, sites, {0: 6}):
        pass


def test_the_number_of_neurons_of_experts_is_read_from_their_weights() -> None:
    model, anatomy = parts("gpt_oss")  # transposed
    (site, *_) = find_sites(model, anatomy)
    assert n_neurons(site.module) == model.config.num_local_experts * model.config.intermediate_size
