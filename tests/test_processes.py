"""Two processes that share a model give the answers of one; what they must not be asked is refused in both."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from conftest import TEXT
from questions import deviations
from rank import EXPERTS, GIVEN, PLANS, answers, changed, steered
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco
import ecco.attribution.gradient as gradient_module
from ecco.processes import Cut

HERE = Path(__file__).parent
TIMEOUT = 600  # seconds; it takes about 60 where nothing else runs


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which two processes have written down what they were answered."""
    folder = tmp_path_factory.mktemp("shared")
    for name in [*PLANS, "gpt2"]:
        task = TASK_OF["seq2seq" if name.startswith("t5") else "causal"]
        tiny_model(name, task=task, **GIVEN.get(name, {})).save_pretrained(folder / name)
        word_tokenizer().save_pretrained(folder / name)
    loopback = next(name for _, name in socket.if_nameindex() if name.startswith("lo"))
    logs = [open(folder / f"log.{rank}", "w+", encoding="utf-8") for rank in range(2)]  # noqa: SIM115
    running = [
        subprocess.Popen(
            [sys.executable, str(HERE / "rank.py"), str(folder)],
            env=os.environ
            | {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2", "OMP_NUM_THREADS": "1"}
            | {"GLOO_SOCKET_IFNAME": loopback, "PYTHONPATH": os.pathsep.join([str(Path(ecco.__file__).parents[1]), str(HERE)])},
            stdout=logs[rank],
            stderr=subprocess.STDOUT,
        )
        for rank in range(2)
    ]
    try:
        codes = [process.wait(TIMEOUT) for process in running]
    except subprocess.TimeoutExpired:
        codes = ["time is up"]
    finally:
        for process in running:
            process.kill()
            process.wait()
    said = "\n".join(f"process {rank}:\n{(folder / f'log.{rank}').read_text()[-4000:]}" for rank in range(2))
    for log in logs:
        log.close()
    assert codes == [0, 0], f"{codes}\n{said}"
    return folder


@pytest.fixture(scope="module")
def notes(shared: Path) -> list[dict[str, Any]]:
    """What each process noted."""
    return [json.loads((shared / f"notes.{rank}.json").read_text()) for rank in range(2)]


@pytest.mark.filterwarnings("ignore::ecco.CompletenessWarning")
@pytest.mark.parametrize("name", PLANS)
def test_every_answer_is_that_of_one_process(shared: Path, notes: list[dict[str, Any]], name: str) -> None:
    expected = answers(ecco.from_pretrained(shared / name))
    for rank in range(2):
        assert notes[rank][name]["parts"] > 0, "the model is whole in each process, so nothing was tested"
        found = deviations(dict(np.load(shared / f"{name}.{rank}.npz")), expected)
        assert not (wrong := {name: value for name, value in found.items() if value > 1e-4}), wrong
        assert notes[rank][name]["unchanged"]


@pytest.mark.parametrize("name", [name for name in PLANS if name not in EXPERTS])
def test_neurons_of_all_processes_can_be_changed(shared: Path, notes: list[dict[str, Any]], name: str) -> None:
    expected = changed(ecco.from_pretrained(shared / name))
    assert not np.allclose(*expected, rtol=1e-3)
    for note in notes:
        np.testing.assert_allclose(note[name]["changed"], expected, rtol=1e-4)


def test_neurons_of_which_it_is_not_known_who_has_them_are_refused(notes: list[dict[str, Any]]) -> None:
    for note in notes:
        for said in note["neurons"]:
            assert re.match("ProofError: .* is split over several processes, and which neurons .* is not known", said)


def test_neurons_of_experts_to_which_processes_send_tokens_are_refused(notes: list[dict[str, Any]]) -> None:
    for note in notes:
        for said in note["sent"]:
            assert re.match("ProofError: .* send tokens to each other, so whose neurons .* is not known", said)


def test_heads_of_which_it_is_not_known_who_has_them_are_refused(notes: list[dict[str, Any]]) -> None:
    for note in notes:
        for said in note["heads"]:
            assert re.match("ProofError: .* is split over several processes, and which of its heads .* is not known", said)


def test_relevance_that_one_process_refuses_is_refused_in_both(notes: list[dict[str, Any]]) -> None:
    assert re.match("EccoError: 'attnlrp' is refused by another of the processes", notes[0]["one refuses"])
    assert re.match("EccoError: 'attnlrp' has no rule for the operation Add", notes[1]["one refuses"])


def test_what_one_process_alone_is_asked_is_refused_in_both(notes: list[dict[str, Any]]) -> None:
    for note in notes:
        for asked in ("other text", "other text read", "other continuation", "other prediction"):
            assert note[asked].startswith("ArgumentError: The text of process 1 differs from that of process 0"), asked
        assert note["other seed"].startswith("ArgumentError: The random state of process 1 differs")
        assert "transformers.set_seed" in note["other seed"]
    assert notes[0]["same seed"] == notes[1]["same seed"] != ""


def test_steering_is_that_of_one_process_and_the_same_in_both(shared: Path, notes: list[dict[str, Any]]) -> None:
    expected = steered(ecco.from_pretrained(shared / "llama"))
    for note in notes:
        np.testing.assert_allclose(note["steered"], expected, rtol=1e-4)
        assert note["other vector"].startswith("ArgumentError: The intervention of process 1 differs")


def test_only_the_first_process_shows_the_text(notes: list[dict[str, Any]]) -> None:
    assert notes[0]["shown"] > 0
    assert notes[1]["shown"] == 0


def test_what_was_computed_is_kept_until_a_weight_changes(notes: list[dict[str, Any]]) -> None:
    assert [note["kept"] for note in notes] == [[True, False, True]] * 2


def test_gradients_that_wait_for_other_processes_are_taken_one_by_one(notes: list[dict[str, Any]]) -> None:
    assert [note["vmap"] for note in notes] == [0, 0]


def test_a_model_whose_layers_are_spread_over_processes_is_refused(notes: list[dict[str, Any]]) -> None:
    for note in notes:
        assert re.match("LoadError: The layers of .*pp_size=2.*tp_plan", note["stages"])


def test_a_model_without_a_plan_is_refused(notes: list[dict[str, Any]]) -> None:
    assert all("GPT2LMHeadModel" in note["no plan"] and "tp_plan" in note["no plan"] for note in notes)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [1, 5, 47, 48])
def test_parts_are_cut_as_torch_cuts_them(size: int, count: int) -> None:
    whole = torch.arange(size)
    meshes = [SimpleNamespace(size=lambda: count, get_local_rank=lambda rank=rank: rank) for rank in range(count)]
    parts = [Cut(mesh, size).own(whole, 0) for mesh in meshes]
    chunks = [*whole.chunk(count), *[whole[:0]] * count][:count]
    assert [part.tolist() for part in parts] == [chunk.tolist() for chunk in chunks]


def test_one_process_leads_itself_and_agrees_with_itself(llama: ecco.LM) -> None:
    assert ecco.processes.leads()
    assert not ecco.processes.shared(llama.model)
    ecco.processes.agree(llama.model, object(), "Anything")


def test_memory_that_runs_out_in_one_process_ends_the_question(llama: ecco.LM, monkeypatch: pytest.MonkeyPatch) -> None:
    real = gradient_module._gradients

    def scarce(problem: Any, points: torch.Tensor, weights: Any, way: Any) -> Any:
        if len(points) > 3:
            raise torch.OutOfMemoryError
        return real(problem, points, weights, way)

    monkeypatch.setattr(gradient_module, "_gradients", scarce)
    monkeypatch.setattr(gradient_module, "shared", lambda _model: True)
    with pytest.raises(torch.OutOfMemoryError):
        llama(TEXT, continuation="a6").saliency("ig", n_steps=8)
