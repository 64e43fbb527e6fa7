"""What a way back of many targets leaves out changes none of its numbers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
import torch
from conftest import TEXT
from test_tasks import lm_of
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from zoo import tiny_model, word_tokenizer

import ecco
import ecco.attribution.gradient as gradient_module
import ecco.attribution.sparing as sparing
from ecco.attribution.sparing import derivatives_once, without_zero_rows

# Activations in pieces and in one operation, gated and plain, experts, state spaces, two stacks, labels.
KINDS = [
    *(("causal", name) for name in ("gpt2", "llama", "gemma2", "bloom", "opt", "mixtral", "mamba", "falcon_h1")),
    ("seq2seq", "t5"),
    ("masked", "bert"),
    ("text label", "roberta"),
]


def scores(lm: ecco.LM) -> torch.Tensor:
    """Gradient × input of three predictions."""
    out = lm(TEXT, continuation="a6 a7 a8") if lm.task in ("causal", "seq2seq") else lm(TEXT)
    asked: dict[str, Any] = {"position": [1, 2, 4]} if lm.task == "masked" else {}
    return torch.as_tensor(out.saliency(normalize=False, **asked).scores)


@pytest.mark.parametrize(("task", "name"), KINDS)
def test_nothing_changes_and_less_is_computed(task: str, name: str, untouched, monkeypatch: pytest.MonkeyPatch) -> None:
    lm = lm_of(task, name)
    untouched(lm.model)
    monkeypatch.setattr(sparing, "LEAST", 0)
    scores(lm)  # what is proved once per model
    with FlopCounterMode(display=False) as few:
        found = scores(lm)
    monkeypatch.setattr(gradient_module, "derivatives_once", lambda _model: nullcontext())
    monkeypatch.setattr(gradient_module, "without_zero_rows", lambda *_: nullcontext())
    with FlopCounterMode(display=False) as many:
        expected = scores(lm)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5 * float(expected.abs().max()))
    if name != "mamba":  # its way back has other operations than products of matrices
        assert few.get_total_flops() < many.get_total_flops()


@pytest.mark.parametrize("n_zero", [0, 1, 7, 8])
def test_products_without_zero_rows(n_zero: int) -> None:
    a, b = torch.randn(8, 5), torch.randn(5, 3)
    a[torch.randperm(8)[:n_zero]] = 0
    with without_zero_rows(torch.ones(2**10), 2**10):
        found = a @ b
    torch.testing.assert_close(found, a @ b)


def test_numbers_that_are_none_stay() -> None:
    a = torch.zeros(4, 2)
    a[1, 0], a[2, 1] = torch.nan, 1e-45  # the smallest number that single precision has
    with without_zero_rows(torch.ones(2**10), 2**10):
        found = a @ torch.eye(2)
    assert found[1].isnan().any()
    assert found[2, 1] == 1e-45
    assert (found[[0, 3]] == 0).all()


@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_empty_matrices(shape: tuple[int, int]) -> None:
    with without_zero_rows(torch.ones(2**10), 2**10):
        assert torch.equal(torch.ones(shape) @ torch.ones(shape[1], 2), torch.zeros(shape[0], 2))


class Applied(nn.Module):
    """A module without weights that is a function."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def used(module: nn.Module) -> tuple[bool, Tensor, Tensor]:
    """Whether a derivative stands for the way back through a module, the gradient with it, and the one without."""
    leaf = torch.randn(3, 4, requires_grad=True, generator=torch.Generator().manual_seed(0))
    found = []
    for way in (derivatives_once(module), nullcontext()):
        with way:
            result = module(leaf * 1)
        (slope,) = torch.autograd.grad(result.sin().sum(), leaf)
        found.append((type(result.grad_fn).__name__ == "_FunctionBackward", slope))
    assert not found[1][0]
    return found[0][0], found[0][1], found[1][1]


@pytest.mark.parametrize(
    "module",
    [
        nn.GELU(),
        nn.SiLU(),
        nn.ReLU(),
        nn.Tanh(),
        Applied(lambda x: 0.5 * x * (1 + torch.tanh(0.8 * (x + 0.04 * x**3)))),
        Applied(lambda x: x * torch.sigmoid(1.7 * x)),
        Applied(lambda x: torch.relu(x) ** 2),
    ],
)
def test_functions_of_single_numbers_have_one_derivative(module: nn.Module) -> None:
    with_derivative, found, expected = used(module)
    assert with_derivative
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(
    "module",
    [
        nn.Softmax(-1),
        nn.Identity(),
        nn.Dropout(),
        nn.LayerNorm(4, elementwise_affine=False),
        Applied(lambda x: x / x.norm()),
        Applied(lambda x: x / x.var(-1, keepdim=True)),
        Applied(lambda x: x * x.logsumexp(-1, keepdim=True)),
        Applied(lambda x: x * x.mean()),
        Applied(lambda x: x.flip(0).tanh()),
        Applied(lambda x: x * x[:1]),
        Applied(lambda x: x.cumsum(-1)),
        Applied(lambda x: x.tanh()[:, :2]),
        Applied(lambda x: x.tanh_()),
    ],
)
def test_other_functions_keep_their_way_back(module: nn.Module) -> None:
    with_derivative, found, expected = used(module.eval())
    assert not with_derivative
    torch.testing.assert_close(found, expected)


def test_what_a_function_returns_may_be_changed_in_place() -> None:
    module = nn.Tanh()
    leaf = torch.randn(5, requires_grad=True)
    with derivatives_once(module):
        result = module(leaf * 1)
    result.mul_(2)
    (slope,) = torch.autograd.grad(result.sum(), leaf)
    torch.testing.assert_close(slope, 2 * (1 - leaf.tanh() ** 2))


def test_half_precision_is_not_rounded_once_more() -> None:
    module = nn.GELU()
    leaf = torch.randn(5, requires_grad=True, dtype=torch.bfloat16)
    with derivatives_once(module):
        assert type(module(leaf * 1).grad_fn).__name__ == "GeluBackward0"


def test_relevance_sees_the_functions_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    entered = []

    @contextmanager
    def noted(model: nn.Module):
        entered.append(model)
        with derivatives_once(model):
            yield

    monkeypatch.setattr(gradient_module, "derivatives_once", noted)
    out = ecco.from_pretrained(tiny_model("llama"), word_tokenizer(), verbose=False)(TEXT, continuation="a6 a7")
    out.saliency("attnlrp")
    assert not entered
    out.saliency()
    assert entered
