"""Weights on the disk, in another memory, or spread over both: the same answers, or an error that says what is wrong."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import accelerate
import numpy as np
import pytest
import torch
from conftest import TEXT
from questions import deviations, every_answer
from torch.overrides import TorchFunctionMode
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco
import ecco.forward
from ecco.devices import out_of_memory
from ecco.embedding import embedding_output

KINDS = {"gpt2": "causal", "llama": "causal", "gemma2": "causal", "t5": "seq2seq", "bert": "masked"}
# Where the weights go, and where they are while the model does not run.
HOW = {"spread": {"cpu", "meta"}, "disk": {"meta"}, "cpu": {"cpu"}}

pytestmark = pytest.mark.filterwarnings("ignore::ecco.CompletenessWarning")


def spread(model: torch.nn.Module) -> dict[str, str]:
    """Every second part of a model on the disk, the others on the CPU; parts with the same weight go together."""
    lists = [(name, module) for name, module in model.named_modules() if isinstance(module, torch.nn.ModuleList)]
    blocks = [f"{name}.{i}" for name, module in lists for i in range(len(module))]
    own = [name for name, module in model.named_modules() if any(True for _ in module.parameters(recurse=False))]
    units: dict[str, str] = {}
    for name in own:
        around = [unit for unit in [*blocks, *own] if name == unit or name.startswith(unit + ".")]
        units[min(around, key=len)] = ""
    places: dict[Any, str] = {}
    for i, unit in enumerate(units):
        weights = list(model.get_submodule(unit).parameters())
        units[unit] = next((places[w] for w in weights if w in places), ("disk", "cpu")[i % 2])
        places |= dict.fromkeys(weights, units[unit])
    return units


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """By type of model the folder where it is saved, and the answers of the model in one piece."""
    known: dict[str, tuple[Path, dict[str, np.ndarray]]] = {}

    def find(model_type: str) -> tuple[Path, dict[str, np.ndarray]]:
        if model_type not in known:
            folder = tmp_path_factory.mktemp(model_type)
            tiny_model(model_type, task=TASK_OF[KINDS[model_type]]).save_pretrained(folder)
            word_tokenizer().save_pretrained(folder)
            known[model_type] = folder, every_answer(ecco.from_pretrained(folder))
        return known[model_type]

    return find


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("model_type", KINDS)
def test_what_is_loaded_with_a_device_map_answers_as_the_whole(
    model_type: str, how: str, whole: Any, tmp_path: Path, untouched: Any
) -> None:
    folder, expected = whole(model_type)
    where = spread(tiny_model(model_type, task=TASK_OF[KINDS[model_type]])) if how == "spread" else {"": how}
    lm = ecco.from_pretrained(folder, device_map=where, offload_folder=tmp_path)
    assert {p.device.type for p in lm.model.parameters()} == HOW[how]
    untouched(lm.model)
    found = deviations(every_answer(lm), expected)
    assert max(found.values()) <= 1e-5, found


@pytest.mark.parametrize("model_type", KINDS)
def test_what_a_person_dispatched_answers_as_the_whole(model_type: str, whole: Any, tmp_path: Path, untouched: Any) -> None:
    _, expected = whole(model_type)
    kind = KINDS[model_type]
    model = tiny_model(model_type, task=TASK_OF[kind])
    model = accelerate.dispatch_model(model, spread(model), main_device="cpu", offload_dir=tmp_path)
    lm = ecco.from_pretrained(model, tokenizer=word_tokenizer())
    ids = torch.arange(5, 12)[None]
    inputs = {"input_ids": ids, "decoder_input_ids": ids} if kind == "seq2seq" else {"input_ids": ids}
    with torch.no_grad():
        before = model(**inputs).logits
    untouched(model)
    found = deviations(every_answer(lm), expected)
    assert max(found.values()) <= 1e-5, found
    with torch.no_grad():
        torch.testing.assert_close(model(**inputs).logits, before, rtol=0, atol=0)


def test_what_was_computed_of_offloaded_weights_is_kept(whole: Any, tmp_path: Path) -> None:
    folder, _ = whole("llama")
    lm = ecco.from_pretrained(folder, device_map={"": "disk"}, offload_folder=tmp_path)

    def passes(lm: ecco.LM) -> list[int]:
        """How often the model runs for the first and for the second question."""
        out, seen, counts = lm(TEXT), [], []
        handle = lm.model.get_input_embeddings().register_forward_hook(lambda *_: seen.append(1))
        for _ in range(2):
            out.rankings()
            counts.append(len(seen) - sum(counts))
        handle.remove()
        return counts

    found = passes(lm)
    assert found == passes(ecco.from_pretrained(folder))
    assert found[1] == 1, "the readout runs again, the pass over the text was kept"


def test_two_arguments_that_say_where_the_model_goes(whole: Any) -> None:
    folder, _ = whole("llama")
    for argument in ({"device_map": "auto"}, {"tp_plan": "auto"}):
        with pytest.raises(ecco.LoadError, match=f"device='cpu' and {next(iter(argument))}= both say"):
            ecco.from_pretrained(folder, device="cpu", **argument)


def _questions(lm: ecco.LM) -> list[Any]:
    return [
        lambda: lm.generate(TEXT, generate=2),
        lambda: lm.predict_token(TEXT),
        lambda: lm(TEXT).rankings(),
        lambda: lm(TEXT, continuation="a6").saliency(),
        lambda: lm(TEXT).activations,
        lambda: lm(TEXT).logits,
    ]


@pytest.mark.parametrize("part", ["lm_head", "model.layers.1", "model.embed_tokens", ""])
def test_weights_that_are_not_there_are_not_made_up(part: str, untouched: Any) -> None:
    model = tiny_model("llama")
    model.get_submodule(part).to("meta")
    lm = ecco.from_pretrained(model, tokenizer=word_tokenizer())
    untouched(model)
    for question in _questions(lm):
        with pytest.raises(ecco.EccoError, match=f"{part}.*weight lies on the meta device"):
            question()


def test_parts_that_lie_apart_with_nothing_that_joins_them(untouched: Any) -> None:
    model = tiny_model("llama")
    model.model.norm.to("meta")
    model.model.norm._hf_hook = SimpleNamespace(offload=True)  # as good as another device: the CPU cannot compute with it
    lm = ecco.from_pretrained(model, tokenizer=word_tokenizer())
    untouched(model)
    for question in _questions(lm):
        with pytest.raises(ecco.EccoError, match="weights lie on cpu and meta|expected device meta"):
            question()
    with pytest.raises(ecco.EccoError, match="weights lie on cpu and meta, and it does not run: .*device_map="):
        lm.predict_token(TEXT)


def test_an_error_of_a_model_on_one_device_is_its_own() -> None:
    model = tiny_model("llama")

    def broken(*_args: Any) -> None:
        raise RuntimeError("this model is broken")

    model.lm_head.register_forward_hook(broken)
    with pytest.raises(ecco.EccoError, match="RuntimeError: this model is broken$"):
        ecco.from_pretrained(model, tokenizer=word_tokenizer()).predict_token(TEXT)


def test_an_encoding_that_holds_no_numbers(llama: ecco.LM) -> None:
    encoding = llama.tokenizer([TEXT, TEXT], return_tensors="pt")
    assert llama(encoding.to("cpu")).lengths == [6, 6]
    with pytest.raises(ecco.ArgumentError, match="meta device"):
        llama(encoding.to("meta"))


def test_embeddings_are_replaced_where_the_model_embeds() -> None:
    embedding = torch.nn.Embedding(9, 4, device="meta")
    ids = torch.tensor([[1, 2]])
    with embedding_output([embedding], [ids[0]], [torch.ones(1, 2, 4)]):
        assert embedding(ids).device.type == "meta"


@pytest.mark.parametrize("rows", [[4], [2, 5], [0, 3], [5, 1]])
def test_on_several_devices_rows_are_asked_for_by_number(llama: ecco.LM, rows: list[int], monkeypatch: Any) -> None:
    inputs = {"input_ids": torch.arange(5, 11)[None]}
    expected = llama.model(**inputs).logits[:, rows]
    asked: list[Any] = []
    handle = llama.model.register_forward_pre_hook(lambda _m, _a, kw: asked.append(kw.get("logits_to_keep")), with_kwargs=True)
    monkeypatch.setattr(ecco.forward, "spread", lambda _model: True)
    try:
        with torch.no_grad():
            found = ecco.forward.logits_at(llama.model, inputs, rows)
    finally:
        handle.remove()
    torch.testing.assert_close(found, expected)
    assert asked == [6 - min(rows)]


class _WithoutDouble(TorchFunctionMode):
    """A device without double precision, as Apple's are: numbers are brought to the CPU first, and what follows is there."""

    def __init__(self) -> None:
        super().__init__()
        self.brought: dict[int, torch.Tensor] = {}

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = [one for one in (*args, *(kwargs or {}).values()) if torch.is_tensor(one)]
        there = bool(given) and all(id(one) in self.brought for one in given)
        if func is torch.Tensor.double and not there:
            raise TypeError("Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't support float64.")
        found = func(*args, **(kwargs or {}))
        if func is torch.Tensor.cpu:
            found = found.view(found.shape)  # an object of its own
        if torch.is_tensor(found) and (there or func is torch.Tensor.cpu):
            self.brought[id(found)] = found
        return found


@pytest.mark.parametrize("model_type", KINDS)
def test_a_device_without_double_precision_answers_as_others(model_type: str) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type, task=TASK_OF[KINDS[model_type]]), tokenizer=word_tokenizer())
    expected = every_answer(lm)
    with _WithoutDouble() as device:
        found = every_answer(lm)
    assert device.brought
    assert max(deviations(found, expected).values()) <= 1e-5


class _Scarce(torch.nn.Module):
    """Memory for a few texts at once, and an error as on Apple's devices for more."""

    def __init__(self, inside: torch.nn.Module, most: int) -> None:
        super().__init__()
        self.inside, self.most = inside, most

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        if len(hidden) > self.most:
            raise RuntimeError("MPS backend out of memory (MPS allocated: 9.05 GB, max allowed: 9.07 GB).")
        return self.inside(hidden)


@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion", "kernel_shap"])
def test_memory_that_runs_out_is_known_by_what_the_error_says(method: str) -> None:
    model = tiny_model("gpt2")
    expected = ecco.from_pretrained(model, tokenizer=word_tokenizer())(TEXT, continuation="a6").saliency(method).scores
    model.transformer.h[1].mlp.act = _Scarce(model.transformer.h[1].mlp.act, 3)
    found = ecco.from_pretrained(model, tokenizer=word_tokenizer())(TEXT, continuation="a6").saliency(method).scores
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_other_errors_stay_what_they_are() -> None:
    for error in (RuntimeError("shapes differ"), ValueError("out of memory"), torch.OutOfMemoryError("CUDA out of memory")):
        with pytest.raises(type(error)) as raised, out_of_memory():
            raise error
        assert raised.value is error
