"""Guided backpropagation and deconvolution equal captum's where activations are ReLU modules, and are refused elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from captum.attr import Deconvolution, GuidedBackprop
from conftest import TEXT
from torch import nn
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco
from ecco.errors import ArgumentError, EccoError


class OfEmbeddings(nn.Module):
    """A model as captum wants it: vectors in, the logits of what comes next out."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        """(batch, vocab)."""
        return self.model(inputs_embeds=vectors).logits[:, -1]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(("method", "peer"), [("guided_backprop", GuidedBackprop), ("deconvolution", Deconvolution)])
def test_on_relus_they_equal_captums(method: str, peer: Any, untouched: Any) -> None:
    lm = ecco.from_pretrained(tiny_model("opt"), tokenizer=word_tokenizer())
    untouched(lm.model)
    out = lm.generate(TEXT, generate=1)
    ids = out.token_ids[0]
    found = out.saliency(method, normalize=False)
    vectors = lm.model.get_input_embeddings()(ids[None, :-1]).detach().requires_grad_()
    copy = tiny_model("opt")
    expected = peer(OfEmbeddings(copy)).attribute(vectors, target=int(ids[-1]))[0].norm(dim=-1)
    torch.testing.assert_close(torch.tensor(found.scores[0, :-1]), expected.detach(), rtol=1e-4, atol=1e-6)
    plain = out.saliency("gradient", normalize=False).scores[0, :-1]
    assert (abs(plain - found.scores[0, :-1]) > 1e-3 * plain).any()


@pytest.mark.parametrize("method", ["guided_backprop", "deconvolution"])
def test_of_several_targets_each_is_as_alone(method: str) -> None:
    lm = ecco.from_pretrained(tiny_model("t5", task=TASK_OF["seq2seq"]), tokenizer=word_tokenizer())
    out = lm.generate(TEXT, generate=3, min_new_tokens=3)
    together = out.saliency(method, normalize=False)
    for row, position in enumerate(together.positions):
        alone = out.saliency(method, normalize=False, position=position)
        torch.testing.assert_close(torch.tensor(together.scores[row]), torch.tensor(alone.scores[0]), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("method", ["guided_backprop", "deconv"])
@pytest.mark.parametrize(("model_type", "function"), [("gpt2", "Tanh"), ("llama", "Silu"), ("gpt_neox", "Gelu")])
def test_other_activations_are_refused_by_name(method: str, model_type: str, function: str, untouched: Any) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type), tokenizer=word_tokenizer())
    untouched(lm.model)
    with pytest.raises(EccoError, match=f"this model computes with {function}"):
        lm.generate(TEXT, generate=1).saliency(method)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("deeplift", "DeepLIFT has no rule"),
        ("dl", "integrated_gradients"),
        ("DeepLift-SHAP", "gradient_shap"),
        ("guided_gradcam", "feature maps of a convolution"),
        ("integrated_gradient", "Did you mean 'integrated_gradients'"),
        ("grad_x_imput", "Did you mean 'grad_x_input'"),
    ],
)
def test_what_is_no_method_is_refused_with_what_to_use(gpt2: ecco.LM, name: str, reason: str) -> None:
    with pytest.raises(ArgumentError, match=reason):
        gpt2(TEXT).saliency(name)
