"""What attention and FFN add is found by adding up; blocks that do not add up are refused."""

from __future__ import annotations

import pytest
import torch
from zoo import TASK_OF, tiny_model

from ecco.anatomy import find_anatomy
from ecco.errors import ProofError
from ecco.ffn import find_sites
from ecco.reading import Reading
from ecco.summands import find_summands

IDS = torch.tensor([5, 17, 3, 80, 41])

# The modules that write the two parts of a block, as transformers names them; of several that do, the outermost.
PARTS = {
    "gpt2": ("attn", "mlp"),
    "llama": ("self_attn", "mlp"),
    "bloom": ("dense", "dense_4h_to_h"),  # its modules add the residual themselves
    "falcon": ("self_attention", "mlp"),  # side by side
    "gemma2": ("post_attention_layernorm", "post_feedforward_layernorm"),
    "mixtral": ("self_attn", "mlp"),
    "opt": ("self_attn", "fc2"),  # whose FFN reads a list of tokens
    "gpt_neox": ("post_attention_dropout", "post_mlp_dropout"),  # side by side; these hand on what they get
}


@pytest.mark.parametrize("model_type", PARTS)
def test_the_parts_of_a_block_are_found(model_type: str, untouched) -> None:
    model = tiny_model(model_type)
    untouched(model)
    anatomy = find_anatomy(model)
    found = find_summands(model, anatomy.blocks, 0, find_sites(model, anatomy), Reading("causal", IDS, len(IDS)))
    names = {module: name for name, module in model.named_modules()}
    for key, expected in zip(("attention", "ffn"), PARTS[model_type], strict=True):
        assert [[names[call.module].rpartition(".")[2] for call in calls] for calls in found[key]] == [[expected]] * 3
        assert [[call.turn for call in calls] for calls in found[key]] == [[0]] * 3


def test_a_decoder_has_two_attentions(untouched) -> None:
    model = tiny_model("t5", task=TASK_OF["seq2seq"])
    untouched(model)
    anatomy = find_anatomy(model, two_sided=True)
    reading, sites = Reading("seq2seq", IDS, 3, (2,)), find_sites(model, anatomy)
    decoder = find_summands(model, anatomy.blocks, 0, sites, reading)
    encoder = find_summands(model, anatomy.encoder, 1, sites, reading)
    assert [len(calls) for calls in decoder["attention"]] == [2] * 3
    assert [len(calls) for calls in encoder["attention"]] == [1] * len(encoder["ffn"])


@pytest.mark.parametrize(("model_type", "kind"), [("bert", "masked"), ("granite", "causal"), ("opt", "causal")])
def test_blocks_that_do_not_add_up_are_refused(model_type: str, kind: str, untouched) -> None:
    """BERT normalises the sum, this Granite scales what it adds, this OPT normalises after adding."""
    given = {"granite": {"residual_multiplier": 0.3}, "opt": {"do_layer_norm_before": False}}.get(model_type, {})
    model = tiny_model(model_type, task=TASK_OF[kind], **given)
    untouched(model)
    anatomy = find_anatomy(model)
    with pytest.raises(ProofError, match=r'layer 0 does not return its input plus .* sites="block" works'):
        find_summands(model, anatomy.blocks, 0, find_sites(model, anatomy), Reading(kind, IDS, len(IDS)))
