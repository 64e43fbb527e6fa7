"""Loading: what works, and an error that helps where it does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import TEXT
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    BertConfig,
    BertForMaskedLM,
    BertModel,
    GPT2Model,
    ViTConfig,
    ViTModel,
)
from transformers.utils import logging
from zoo import tiny_model, word_tokenizer

import ecco
from ecco.model import demo_names
from ecco.task import task_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A saved tiny model with its tokenizer."""
    tiny_model("llama").save_pretrained(tmp_path)
    word_tokenizer().save_pretrained(tmp_path)
    return tmp_path


def test_a_folder_loads_as_transformers_loads_it(folder: Path) -> None:
    lm = ecco.from_pretrained(str(folder))
    assert lm.task == "causal"
    assert lm.device == torch.device("cpu")
    assert not lm.model.training
    expected = AutoModelForCausalLM.from_pretrained(folder)
    assert all(torch.equal(a, b) for a, b in zip(lm.model.parameters(), expected.parameters(), strict=True))
    assert ecco.from_pretrained(folder).generate(TEXT, generate=3).output_text == lm.generate(TEXT, generate=3).output_text


@pytest.mark.parametrize("dtype", [torch.bfloat16, "bfloat16", torch.float16])
def test_the_type_of_the_weights(folder: Path, dtype: Any) -> None:
    wanted = dtype if isinstance(dtype, torch.dtype) else getattr(torch, dtype)
    lm = ecco.from_pretrained(folder, dtype=dtype)
    assert lm.model.dtype == wanted
    out = lm.generate(TEXT, generate=3)
    assert out.rankings().ranks[-1].tolist() == [1, 1, 1]


def test_settings_reach_transformers(folder: Path) -> None:
    lm = ecco.from_pretrained(folder, attn_implementation="eager")
    assert lm.model.config._attn_implementation == "eager"


def test_a_loaded_model_is_taken_as_it_is(untouched) -> None:
    model = tiny_model("gpt2").train()
    untouched(model)
    lm = ecco.from_pretrained(model, tokenizer=word_tokenizer())
    assert lm.model is model
    assert model.training
    lm(TEXT)
    lm.predict_token(TEXT)


def test_without_a_network_the_error_names_what_is_at_hand() -> None:
    with pytest.raises(ecco.LoadError, match="hub could not be reached") as caught:
        ecco.from_pretrained("someone/some-model")
    assert all(name in str(caught.value) for name in demo_names())


@pytest.mark.parametrize("name", ["/no/such/folder", "./nothing", "a/b/c", "~/nothing-here"])
def test_a_missing_folder(name: str) -> None:
    with pytest.raises(ecco.LoadError, match="There is no folder"):
        ecco.from_pretrained(name)


def test_an_unknown_demo() -> None:
    with pytest.raises(ecco.LoadError, match="no embedded model"):
        ecco.from_pretrained("ecco/demo-nothing")


@pytest.mark.parametrize("name", ["ecco/demo-mine", "ecco/demos/demo-gpt2", "ecco/demo-gpt2"])
def test_a_folder_that_is_named_like_a_demo(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    # A folder wins, and its weights stay as they are: only those of an embedded model are widened.
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float16)
    model.save_pretrained(tmp_path / name)
    word_tokenizer().save_pretrained(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    lm = ecco.from_pretrained(name)
    assert lm.model.dtype == torch.float16
    assert all(torch.equal(a, b) for a, b in zip(lm.model.parameters(), model.parameters(), strict=True))


def test_an_embedded_model_is_widened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert ecco.from_pretrained("ecco/demo-bert", verbose=False).model.dtype == torch.float32


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(ecco.LoadError, match="config.json"):
        ecco.from_pretrained(tmp_path)


def test_a_folder_without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(ecco.LoadError, match="weights .* cannot be loaded from its folder"):
        ecco.from_pretrained(folder)


def test_a_folder_with_broken_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"these are no weights")
    with pytest.raises(ecco.LoadError, match="weights"):
        ecco.from_pretrained(folder)


def test_a_folder_without_a_tokenizer(folder: Path) -> None:
    for file in folder.glob("token*"):
        file.unlink()
    with pytest.raises(ecco.LoadError, match="No tokenizer .* Pass tokenizer="):
        ecco.from_pretrained(folder)
    assert ecco.from_pretrained(folder, tokenizer=word_tokenizer()).generate("a1", generate=1).lengths == [2]


def test_an_unknown_model_type(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "from-the-future"}))
    with pytest.raises(ecco.LoadError, match="from-the-future"):
        ecco.from_pretrained(folder)


def _saved(tmp_path: Path, model: Any) -> Path:
    model.save_pretrained(tmp_path)
    word_tokenizer().save_pretrained(tmp_path)
    return tmp_path


def test_a_model_that_is_not_for_text(tmp_path: Path) -> None:
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    small = ViTConfig(**sizes, image_size=8, patch_size=4)
    with pytest.raises(ecco.LoadError, match="ViTModel.*not a text model"):
        ecco.from_pretrained(_saved(tmp_path, ViTModel(small)))


def test_a_model_is_loaded_with_the_head_that_it_was_trained_with(tmp_path: Path) -> None:
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "vocab_size": 97}
    folder = _saved(tmp_path, BertForMaskedLM(BertConfig(**sizes)))
    word_tokenizer().save_pretrained(folder)
    assert type(ecco.from_pretrained(folder).model) is BertForMaskedLM
    encoder = ecco.from_pretrained(folder, task="encoder")
    assert type(encoder.model) is BertModel
    assert encoder.task == "encoder"
    with pytest.raises(ecco.LoadError, match="holds no weights for .* classifier"):
        ecco.from_pretrained(folder, task="classification")
    with pytest.raises(ecco.LoadError, match="task='poetry' is not one of 'causal'"):
        ecco.from_pretrained(folder, task="poetry")


def test_a_loaded_model_without_a_head() -> None:
    model = tiny_model("gpt2")
    with pytest.raises(ecco.LoadError, match="'GPT2Model' is a GPT2Model: not a text model"):
        ecco.from_pretrained(GPT2Model(model.config), tokenizer=word_tokenizer())
    with pytest.raises(ecco.LoadError, match="GPT2Model has no head for the task 'causal'.*AutoModelForCausalLM"):
        ecco.from_pretrained(GPT2Model(model.config), tokenizer=word_tokenizer(), task="causal")


@pytest.mark.parametrize("device", ["cuda:7", "nonsense", "meta"])
def test_an_unknown_device(folder: Path, device: str) -> None:
    with pytest.raises(ecco.LoadError, match=f"device '{device}'.*This machine has: 'cpu'"):
        ecco.from_pretrained(folder, device=device)


def test_what_has_no_effect_is_refused() -> None:
    with pytest.raises(ecco.LoadError, match="revision, dtype has no effect"):
        ecco.from_pretrained(tiny_model("gpt2"), tokenizer=word_tokenizer(), dtype=torch.float16, revision="main")


def test_a_loaded_model_needs_its_tokenizer() -> None:
    with pytest.raises(ecco.LoadError, match="needs its tokenizer"):
        ecco.from_pretrained(tiny_model("gpt2"))
    with pytest.raises(ecco.LoadError, match="not a transformers model"):
        ecco.from_pretrained(torch.nn.Linear(2, 2), tokenizer=word_tokenizer())  # type: ignore[arg-type]


def test_the_configuration_of_upstream_is_checked_against_what_was_found() -> None:
    model, tokenizer = tiny_model("gpt2"), word_tokenizer()
    upstream = {"embedding": "transformer.wte.weight", "type": "causal", "activations": [r"mlp\.c_proj"], "token_prefix": "Ġ"}
    assert ecco.from_pretrained(model, tokenizer=tokenizer, model_config=upstream).task == "causal"
    with pytest.raises(ecco.LoadError, match="transformer.wpe.weight"):
        ecco.from_pretrained(model, tokenizer=tokenizer, model_config=upstream | {"embedding": "transformer.wpe.weight"})
    with pytest.raises(ecco.LoadError, match="'colour'"):
        ecco.from_pretrained(model, tokenizer=tokenizer, model_config={"colour": "blue"})


def test_the_config_says_the_task() -> None:
    config = AutoConfig.for_model("gpt2")
    assert task_of(config, None, None, "x").name == "causal"
    assert task_of(config, "GPT2LMHeadModel", None, "x").name == "causal"
    assert task_of(config, "GPT2ForSequenceClassification", None, "x").kind == "text label"
    assert task_of(config, "GPT2ForTokenClassification", None, "x").kind == "token labels"
    assert task_of(config, "GPT2ForTokenClassification", "causal", "x").name == "causal"
    bart = AutoConfig.for_model("bart")
    assert task_of(bart, "BartForConditionalGeneration", None, "x").name == "seq2seq"
    with pytest.raises(ecco.LoadError, match="encoder-decoder.*seq2seq"):
        task_of(bart, "BartForConditionalGeneration", "masked", "x")
    assert task_of(AutoConfig.for_model("bert"), "BertModel", None, "x").name == "encoder"


@pytest.mark.parametrize("enabled", [True, False])
def test_progress_bars_are_quiet_when_asked_and_as_before_afterwards(folder: Path, enabled: bool, capfd: Any) -> None:
    before = logging.is_progress_bar_enabled()
    try:
        (logging.enable_progress_bar if enabled else logging.disable_progress_bar)()
        ecco.from_pretrained(folder, verbose=False)
        assert logging.is_progress_bar_enabled() is enabled
        assert "Loading weights" not in capfd.readouterr().err
        ecco.from_pretrained(folder, verbose=True)
        assert ("Loading weights" in capfd.readouterr().err) is enabled
    finally:
        (logging.enable_progress_bar if before else logging.disable_progress_bar)()
