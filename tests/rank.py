"""One of the processes that test_processes.py starts: load models that both share, ask them all there is, write it down.

Usage: rank.py FOLDER, with RANK, LOCAL_RANK and WORLD_SIZE in the environment.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import torch
from conftest import state_of
from questions import TEXT, every_answer
from torch import distributed
from transformers import set_seed
from transformers.distributed import DistributedConfig

import ecco
import ecco.attending
import ecco.ffn
import ecco.lm
from ecco.attribution import lrp

# By name of the folder, what `from_pretrained` is told.
PLANS: dict[str, dict[str, Any]] = {
    "llama": {"tp_plan": "auto"},
    "gemma2": {"distributed_config": DistributedConfig(tp_size=2, tp_plan="auto")},
    "t5gemma": {"tp_plan": "auto"},
    "mixtral": {"tp_plan": "auto"},
    "gpt_oss": {"distributed_config": DistributedConfig(tp_size=2, ep_size=2)},
    "qwen3": {"distributed_config": DistributedConfig(fsdp_size=2)},
}
GIVEN: dict[str, dict[str, Any]] = {"gemma2": {"intermediate_size": 47}}  # one process has more neurons than the other
MOVING = ("qwen3",)  # FSDP moves weights whenever the model runs
EXPERTS = ("mixtral", "gpt_oss")  # whose neurons cannot be changed
SENDING = DistributedConfig(tp_size=2, ep_size=2, ep_implementation="all_to_all")  # of gpt_oss


def main(folder: Path) -> None:
    """Ask, and write `<model>.<rank>.npz` and `notes.<rank>.json`."""
    rank = int(os.environ["RANK"])
    distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2, timeout=timedelta(seconds=60)
    )
    warnings.simplefilter("ignore")
    notes: dict[str, Any] = {}
    for name, plan in PLANS.items():
        lm = ecco.from_pretrained(folder / name, **plan)
        before = state(lm.model, moves=name in MOVING)
        np.savez(folder / f"{name}.{rank}.npz", **answers(lm))
        notes[name] = {
            "parts": sum(hasattr(p, "device_mesh") for p in lm.model.parameters()),
            "unchanged": state(lm.model, moves=name in MOVING) == before,
        }
        if name not in EXPERTS:
            notes[name]["changed"] = changed(lm)
    sending = ecco.from_pretrained(folder / "gpt_oss", distributed_config=SENDING)
    notes["sent"] = [error_of(ask) for ask in asks_neurons(sending)]
    lm = ecco.from_pretrained(folder / "llama", **PLANS["llama"])
    notes["neurons"] = unknown_neurons(lm)
    lm = ecco.from_pretrained(folder / "llama", **PLANS["llama"])
    notes |= {"steered": steered(lm), "other vector": error_of(lambda: steered(lm, 1.0 + rank))}
    notes["one refuses"] = one_refuses(lm, rank)
    notes |= agreement(lm, rank) | {"shown": shown(lm), "kept": kept(lm), "vmap": vmaps(lm)}
    notes["heads"] = unknown_heads(lm)
    stages = DistributedConfig(pp_size=2)
    notes["stages"] = error_of(lambda: ecco.from_pretrained(folder / "llama", distributed_config=stages))
    notes["no plan"] = error_of(lambda: ecco.from_pretrained(folder / "gpt2", tp_plan="auto"))
    (folder / f"notes.{rank}.json").write_text(json.dumps(notes))
    distributed.destroy_process_group()


def answers(lm: ecco.LM) -> dict[str, np.ndarray]:
    """All that is asked; the tiny encoder-decoder would write one token again and again, and no order of them is known."""
    return every_answer(lm, lm(TEXT, continuation="a6 a7 a8") if lm.task == "seq2seq" else None)


def changed(lm: ecco.LM) -> list[list[float]]:
    """What a text was with neurons of both processes as they are, and changed, and its numbers."""
    found = []
    for off, on in (([], {}), ([3, 17, 40], {30: 3.0, 46: -2.0})):
        with lm.intervene(ablate={1: off}, scale={2: on}, set={0: dict.fromkeys(off, 2.0)}):
            found.append(numbers(lm.generate(TEXT, generate=3, min_new_tokens=3, do_sample=False)))
    return found


def numbers(out: ecco.OutputSeq) -> list[float]:
    """A text, and how its logits were."""
    return [*map(float, out.token_ids[0]), *out.logits[0].logsumexp(-1).tolist()]


def asks_neurons(lm: ecco.LM) -> list[Callable[[], Any]]:
    """Questions about neurons."""
    out = read(lm)
    return [lambda: out.activations, lambda: out.run_nmf(2), lambda: out.neurons(topk=3), lambda: lm.run_nmf([TEXT], 2)]


def unknown_neurons(lm: ecco.LM) -> list[str]:
    """What is said where it is not known which neurons each process has."""
    real = ecco.ffn.column_cut
    ecco.ffn.column_cut = lambda *_: None
    try:
        return [error_of(ask) for ask in (*asks_neurons(lm), lambda: changed(lm))]
    finally:
        ecco.ffn.column_cut = real


def unknown_heads(lm: ecco.LM) -> list[str]:
    """What is said where it is not known which heads each process has."""
    real = ecco.attending.head_cuts
    ecco.attending.head_cuts = lambda *_: {}
    try:
        out = read(lm)
        asked = (out.attention, lambda: out.saliency("rollout"), lambda: out.contributions(heads=True))
        return [error_of(ask) for ask in asked]
    finally:
        ecco.attending.head_cuts = real


def one_refuses(lm: ecco.LM, rank: int) -> str:
    """What is said where one process alone meets an operation that it does not know."""
    real = lrp.LINEAR
    lrp.LINEAR = real - {"Add"} if rank == 1 else real
    try:
        return error_of(lambda: read(lm).saliency("attnlrp"))
    finally:
        lrp.LINEAR = real


def read(lm: ecco.LM) -> ecco.OutputSeq:
    return lm(TEXT, continuation="a6 a7")


def state(model: torch.nn.Module, *, moves: bool) -> dict[str, Any]:
    """All that must stay as it is; FSDP itself moves weights whenever the model runs."""
    found = state_of(model)
    if moves:
        found = {k: (*v[:-1], [weight[:4] for weight in v[-1]]) if isinstance(v, tuple) else v for k, v in found.items()}
    return found


def agreement(lm: ecco.LM, rank: int) -> dict[str, Any]:
    """What is said when the processes ask different things, and what both sample with the same seed."""
    texts = ["a5 a6 a7", "a5 a6 a8"]
    found = {
        "other text": error_of(lambda: lm.generate(texts[rank], generate=2)),
        "other text read": error_of(lambda: lm(texts[rank])),
        "other continuation": error_of(lambda: lm(TEXT, continuation=texts[rank])),
        "other prediction": error_of(lambda: lm.predict_token(texts[rank])),
    }
    set_seed(rank)
    found["other seed"] = error_of(lambda: lm.generate(TEXT, generate=4, do_sample=True))
    set_seed(7)
    found["same seed"] = lm.generate(TEXT, generate=4, do_sample=True).output_text
    return found


def steered(lm: ecco.LM, strength: float = 1.0) -> list[float]:
    """What a steered text was, and its numbers."""
    vector = ecco.steering_vector(lm, TEXT, "a1 a2", 1)
    with lm.intervene(steer=strength * vector, positions=slice(2, None)):
        out = lm.generate(TEXT, generate=3, min_new_tokens=3, do_sample=False)
    return numbers(out)


def error_of(ask: Callable[[], Any]) -> str:
    """The message of the error of ecco that is raised."""
    try:
        ask()
    except ecco.EccoError as error:
        return f"{type(error).__name__}: {error}"
    return "no error"


def shown(lm: ecco.LM) -> int:
    """How many figures a notebook would show while a text is written."""
    figures: list[Any] = []

    class Live:
        cell = None

        def show(self, figure: Any) -> None:
            figures.append(figure)

    real = ecco.lm.Live, ecco.lm.in_notebook
    ecco.lm.Live, ecco.lm.in_notebook = Live, lambda: True  # type: ignore[assignment, misc]
    try:
        lm.generate(TEXT, generate=2)
    finally:
        ecco.lm.Live, ecco.lm.in_notebook = real  # type: ignore[misc]
    return len(figures)


def kept(lm: ecco.LM) -> list[bool]:
    """Whether ranks are the same when asked again, and when a weight has changed and changed back."""
    out, weight = lm(TEXT), lm.model.get_submodule("model.layers.1.mlp.up_proj").weight
    first, again = out.layer_predictions().probabilities, out.layer_predictions().probabilities
    with torch.no_grad():
        weight.mul_(2)
        changed = out.layer_predictions().probabilities
        weight.mul_(0.5)
    back = out.layer_predictions().probabilities
    return [bool((first == other).all()) for other in (again, changed, back)]


def vmaps(lm: ecco.LM) -> int:
    """How often many gradients were asked for at once, where what processes send is not waited for."""
    real, batched = torch.autograd.grad, []

    def grad(*args: Any, is_grads_batched: bool = False, **kwargs: Any) -> Any:
        batched.append(is_grads_batched)
        return real(*args, is_grads_batched=is_grads_batched, **kwargs)

    torch.autograd.grad = grad  # type: ignore[assignment]
    try:
        lm(TEXT, continuation="a6 a7 a8").saliency()
    finally:
        torch.autograd.grad = real
    assert batched
    return sum(batched)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
