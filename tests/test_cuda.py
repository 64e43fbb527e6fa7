"""On a GPU: the answers that the same weights give on the CPU."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import TEXT
from model_table import NOT_BUILT, TEXTS, read, stored
from questions import JUMPING, MASKED, QUESTIONS, RELU_ONLY, answer, deviations, every_answer, run_of
from test_devices import KINDS, spread
from test_precision import BOUNDS, in_double
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco

DEVICE = "cuda"

# Where the two halves of what `spread` divides go; the GPU is number 0.
SPLIT = {"gpu and cpu": {"cpu": 0, "disk": "cpu"}, "gpu and disk": {"cpu": 0, "disk": "disk"}}

FEW = {name: QUESTIONS[name] for name in ("lens", "attention")} | {
    "neurons": lambda _lm, out: {f"{n.side} {n.layer}": n.values.cpu() for n in out._runs[0].neurons()},
    # Signed sums are 0 where a norm follows the embeddings.
    "saliency": lambda _lm, out: {"": out.saliency(normalize=False).scores},
}

BUILT = [head for head, line in stored().items() if NOT_BUILT not in line]

pytestmark = pytest.mark.filterwarnings("ignore::ecco.CompletenessWarning")

if not torch.cuda.is_available():
    pytest.skip("no CUDA device", allow_module_level=True)


def tiny(model_type: str) -> Any:
    return tiny_model(model_type, task=TASK_OF[KINDS[model_type]])


def lm_of(model: Any) -> ecco.LM:
    return ecco.from_pretrained(model, tokenizer=word_tokenizer(), verbose=False)


def off(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> dict[str, float]:
    """How far answers are off, without those that jump where two are nearly as strong."""
    return {name: d for name, d in deviations(found, expected).items() if not name.startswith(JUMPING)}


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("model_type", KINDS)
def test_every_answer_is_that_of_the_cpu(model_type: str, attention: str, untouched: Any) -> None:
    model = tiny(model_type)
    if attention == "eager":
        model.set_attn_implementation("eager")
    expected, lm = every_answer(lm_of(model)), lm_of(copy.deepcopy(model).to(DEVICE))
    untouched(lm.model)
    found = every_answer(lm)
    assert lm.device.type == DEVICE
    assert max(off(found, expected).values()) <= 1e-3, off(found, expected)


@pytest.mark.parametrize("dtype", BOUNDS, ids=str)
@pytest.mark.parametrize("model_type", KINDS)
def test_every_answer_is_that_of_double_precision_on_the_cpu(model_type: str, dtype: torch.dtype, untouched: Any) -> None:
    model = tiny(model_type).to(dtype)
    lm, exact = lm_of(copy.deepcopy(model).to(DEVICE)), in_double(model)
    untouched(lm.model)
    out = run_of(lm)
    same = exact(MASKED) if lm.task == "masked" else exact(TEXT, continuation=out.output_text)
    expected = every_answer(exact, same)
    found = {name: d for name, d in off(every_answer(lm, out), expected).items() if expected[name].dtype.kind == "f"}
    assert max(d for name, d in found.items() if "gradient_shap" not in name) <= BOUNDS[dtype], found
    assert max(found.values()) <= 4 * BOUNDS[dtype], found


@pytest.mark.parametrize("how", SPLIT)
@pytest.mark.parametrize("model_type", KINDS)
def test_weights_on_the_gpu_and_elsewhere_give_the_same_answers(
    model_type: str, how: str, tmp_path: Path, untouched: Any
) -> None:
    model = tiny(model_type)
    expected = every_answer(lm_of(model))
    model.save_pretrained(tmp_path / "model")
    word_tokenizer().save_pretrained(tmp_path / "model")
    places = {part: SPLIT[how][place] for part, place in spread(model).items()}
    lm = ecco.from_pretrained(tmp_path / "model", device_map=places, offload_folder=tmp_path)
    assert {p.device.type for p in lm.model.parameters()} == {DEVICE, "meta"}  # what waits elsewhere is not there
    untouched(lm.model)
    found = off(every_answer(lm), expected)
    assert max(found.values()) <= 1e-3, found


@pytest.mark.parametrize("method", RELU_ONLY)
def test_methods_of_relus_give_the_scores_of_the_cpu(method: str) -> None:
    lms = [lm_of(tiny_model("opt")), lm_of(tiny_model("opt").to(DEVICE))]
    expected, found = (lm(TEXT, continuation="a6 a7").saliency(method, normalize=False).scores for lm in lms)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)


def test_what_is_drawn_trained_or_changed_is_that_of_the_cpu(untouched: Any) -> None:
    def answers(lm: ecco.LM) -> dict[str, np.ndarray]:
        traced = lm(TEXT, continuation="a6 a7").trace(subject=[1, 2], n_samples=4)
        lens = ecco.TunedLens.fit(lm, [TEXT, "a8 a3 a41 a7"], steps=3, progress=False)
        vector = ecco.steering_vector(lm, "a5 a9", "a8 a3", layer=1)
        with lm.intervene(ablate={0: [3, 7]}, set={2: {5: 1.0}}, steer=vector):
            out = run_of(lm)
        found = {"tuned": out.lens(lens=lens).probabilities, "scores": out.saliency(normalize=False).scores}
        return found | {"restored": np.nan_to_num(traced.restored), "ids": out.token_ids.numpy()}

    lm = lm_of(tiny("llama").to(DEVICE))
    untouched(lm.model)
    found = off(answers(lm), answers(lm_of(tiny("llama"))))
    assert max(found.values()) <= 1e-3, found


@pytest.mark.parametrize(
    ("method", "options"), [("integrated_gradients", {"n_steps": 1000}), ("kernel_shap", {"n_samples": 4000})]
)
def test_memory_that_runs_out_makes_batches_smaller(method: str, options: dict[str, int], untouched: Any) -> None:
    lm, text = lm_of(tiny("llama").to(DEVICE)), " ".join(f"a{i}" for i in range(60))
    untouched(lm.model)

    def ask(batch_size: int) -> np.ndarray:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        return lm(text, continuation="a6").saliency(method, batch_size=batch_size, normalize=False, **options).scores

    expected, enough = ask(20), torch.cuda.max_memory_reserved()
    ask(4000)
    needed = torch.cuda.max_memory_allocated()
    assert needed > enough + 2**24
    failed = torch.cuda.memory_stats()["num_ooms"]
    torch.cuda.set_per_process_memory_fraction((enough + needed) / 2 / torch.cuda.get_device_properties(0).total_memory)
    try:
        found = ask(4000)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert torch.cuda.memory_stats()["num_ooms"] > failed
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


def few_answers(lm: ecco.LM, out: ecco.OutputSeq) -> dict[str, np.ndarray]:
    """What docs/models.md says of a type, in numbers."""
    found = {f"{name} {part}": value for name, ask in FEW.items() for part, value in answer(ask, lm, out).items()}
    return {name: np.asarray(value) for name, value in found.items()}


@pytest.mark.parametrize(("kind", "model_type"), BUILT, ids=[f"{kind}-{t}".replace(" ", "-") for kind, t in BUILT])
def test_every_type_of_model_answers_as_on_the_cpu(kind: str, model_type: str, untouched: Any) -> None:
    found: dict[str, Any] = {}
    for dtype in (torch.float32, torch.float64):  # some tiny models stretch their numbers until single precision is too coarse
        try:
            lm, out = read(kind, model_type, dtype)
            other = lm_of(copy.deepcopy(lm.model).to(DEVICE))
            untouched(other.model)
            answers = few_answers(other, other(TEXTS[kind], continuation="a6 a7" if lm.task == "seq2seq" else None))
        except ecco.ModelError as error:  # not every product is there in double precision
            found[str(dtype)] = error
            continue
        deviating = off(answers, few_answers(lm, out))
        found[str(dtype)] = {name: d for name, d in deviating.items() if answers[name].dtype.kind in "fU" and not d <= 1e-3}
        if not found[str(dtype)]:
            return
    raise AssertionError(found)
