"""Parts are found in every architecture, in the right order, and models that have none are refused."""

from __future__ import annotations

import pytest
import torch
from zoo import tiny_model

from ecco.anatomy import find_anatomy
from ecco.errors import ProofError
from ecco.forward import call


@pytest.mark.parametrize(
    ("model_type", "blocks"),
    [("gpt2", "transformer.h"), ("llama", "model.layers"), ("bert", "bert.encoder.layer"), ("mamba", "backbone.layers")],
)
def test_blocks_are_found_by_structure(model_type: str, blocks: str, untouched) -> None:
    model = tiny_model(model_type)
    untouched(model)
    anatomy = find_anatomy(model)
    assert anatomy.blocks.name == blocks
    assert anatomy.blocks.n_layers == 3
    assert anatomy.blocks.d_model == 32
    assert anatomy.embedding is model.get_input_embeddings()


def test_twelve_layers_keep_their_order() -> None:
    model = tiny_model("gpt2", n_layer=12)
    anatomy = find_anatomy(model)
    assert list(anatomy.blocks.calls) == list(model.transformer.h)


def test_a_shared_block_counts_once_per_call() -> None:
    model = tiny_model("llama")
    model.model.layers = torch.nn.ModuleList([model.model.layers[0]] * 3)
    anatomy = find_anatomy(model)
    assert anatomy.blocks.n_layers == 3
    assert len(anatomy.blocks.modules) == 1


class _Blockless(torch.nn.Module):
    """A language model without any list of blocks."""

    def __init__(self, config) -> None:
        super().__init__()
        self.config = config
        self.embedding = torch.nn.Embedding(97, 8)
        self.head = torch.nn.Linear(8, 97)

    def get_input_embeddings(self) -> torch.nn.Module:
        return self.embedding

    def forward(self, input_ids: torch.Tensor) -> tuple[torch.Tensor]:
        return (self.head(self.embedding(input_ids)),)


def test_a_model_without_blocks_is_refused_with_its_name() -> None:
    with pytest.raises(ProofError, match="_Blockless: no list of transformer blocks"):
        find_anatomy(_Blockless(tiny_model("gpt2").config))


def test_an_exception_during_the_probe_leaves_no_hooks(untouched) -> None:
    model = tiny_model("gpt2")
    original = model.transformer.ln_f.forward

    def broken(*_args, **_kwargs):
        raise RuntimeError("broken on purpose")

    untouched(model)
    model.transformer.ln_f.forward = broken
    with pytest.raises(ProofError, match="cannot read 3 tokens.*on purpose"):
        find_anatomy(model)
    del model.transformer.ln_f.forward
    assert model.transformer.ln_f.forward == original
    call(model, {"input_ids": torch.tensor([[5, 6]])})


@pytest.mark.parametrize("end", [-1, 97, 50256])
def test_an_end_of_text_outside_the_vocabulary_is_not_read(end: int) -> None:
    model = tiny_model("gpt2")
    model.config.eos_token_id = end
    assert find_anatomy(model).blocks.n_layers == 3
