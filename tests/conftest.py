"""Shared fixtures: tiny random models, and a snapshot of everything that ecco must leave as it was."""

from __future__ import annotations

import os
from typing import Any

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import shapes

shapes.install()

import torch
from zoo import tiny_model, word_tokenizer

import ecco

torch.set_num_threads(1)

TEXT = "a5 a17 a3 a80 a41 a9"


# A type for every kind of structure; `--fast` takes no others from the zoo.
FAST = set(
    "albert bart bert bloom bitnet deberta-v2 deepseek_v3 electra falcon gemma2 gpt2 gpt_oss jamba llama mamba mixtral "
    "modernbert mpt opt qwen3_next roberta t5 xlnet".split()
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--fast`, for `make test-fast`."""
    parser.addoption("--fast", action="store_true", help="of the zoo only a type for every kind of structure; no browser")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what `--fast` leaves out; pytest reports how many."""
    if not config.getoption("--fast"):
        return
    slow = [item for item in items if _is_slow(item)]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in set(slow)]


def _is_slow(item: pytest.Item) -> bool:
    model_type = getattr(item, "callspec", None) and item.callspec.params.get("model_type")  # type: ignore[attr-defined]
    slow_folder = {"browser", "test_notebooks.py"} & {*item.path.parts}
    return bool(slow_folder) or (model_type is not None and model_type not in FAST)


def pytest_configure(config: pytest.Config) -> None:
    """Warnings of our own are errors, wherever they are said to come from."""
    config.addinivalue_line("filterwarnings", "error::ecco.CompletenessWarning")
    config.addinivalue_line("filterwarnings", "error::ecco.analysis.FewPositionsWarning")


def state_of(model: torch.nn.Module) -> dict[str, Any]:
    """Everything about a model that a call must not change."""
    return {
        name: (
            module.training,
            list(module._forward_hooks),
            list(module._forward_pre_hooks),
            module.__dict__.get("forward"),
            module.__dict__.get("_hf_hook"),
            [(n, p.requires_grad, p.grad is None, *_place(p)) for n, p in module.named_parameters(recurse=False)],
        )
        for name, module in model.named_modules()
    } | {
        "attention": getattr(model.config, "_attn_implementation", None),
        "experts": getattr(model.config, "_experts_implementation", None),
        "grad": torch.is_grad_enabled(),
    }


def _place(weight: torch.nn.Parameter) -> tuple[Any, ...]:
    """Where a weight lies and how often it was written to; accelerate renews what stands for an offloaded one at each run."""
    return (weight.device,) if weight.device.type == "meta" else (weight.device, weight.data_ptr(), weight._version)


@pytest.fixture
def untouched():
    """Call it with a model; at the end of the test the model must be as it was then."""
    seen: list[tuple[torch.nn.Module, dict[str, Any]]] = []
    yield lambda model: seen.append((model, state_of(model)))
    assert seen, "the test named no model"
    for model, before in seen:
        assert state_of(model) == before


@pytest.fixture(scope="session")
def gpt2() -> ecco.LM:
    """A tiny random GPT-2 with one token per word."""
    return ecco.from_pretrained(tiny_model("gpt2"), tokenizer=word_tokenizer())


@pytest.fixture(scope="session")
def llama() -> ecco.LM:
    """A tiny random Llama with one token per word."""
    return ecco.from_pretrained(tiny_model("llama"), tokenizer=word_tokenizer())
