"""What a module returned is changed where it is asked for and nowhere else, and the model is as before."""

from __future__ import annotations

import pytest
import torch
from test_stack import LAYOUTS, lm_of, read
from zoo import TASK_OF, tiny_model

from ecco.anatomy import find_anatomy
from ecco.changes import Spot, block_spots, intervening
from ecco.errors import ProofError
from ecco.forward import logits_at, undisturbed
from ecco.stack import Layout

IDS = torch.tensor([[5, 17, 3, 80], [6, 18, 4, 81]])


@pytest.mark.parametrize("model_type", ["gpt2", "albert", "opt"])  # albert calls one module three times
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_only_the_states_that_are_named_change(model_type: str, layer: int, untouched) -> None:
    model = _model(model_type)
    untouched(model)
    spots = block_spots(find_anatomy(model).blocks, 4)
    before = _states(model, spots, {})
    after = _states(model, spots, {spots[layer]: (1, 2)})
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        same = (old == new).all(dim=-1)
        if number < layer:
            assert bool(same.all())
        assert bool(same[0].all()), "the other text of the batch has changed"
    assert (before[layer] != after[layer]).any(dim=-1).nonzero().tolist() == [[1, 2]]
    assert torch.equal(after[layer][1, 2], torch.ones(32))
    assert not torch.equal(before[-1][1], after[-1][1])


def _model(model_type: str) -> torch.nn.Module:
    return tiny_model(model_type, task=TASK_OF["masked" if model_type == "albert" else "causal"])


def _states(model: torch.nn.Module, spots: list[Spot], ones: dict[Spot, tuple[int, int]]) -> list[torch.Tensor]:
    """The states after every block, with ones in the places that are named."""
    seen: dict[Spot, torch.Tensor] = {}

    def change(spot: Spot):
        def act(states: torch.Tensor) -> None:
            if spot in ones:
                states[ones[spot]] = 1
            seen[spot] = states.clone()

        return act

    with undisturbed(model), intervening(model, {spot: change(spot) for spot in spots}, 2):
        model(input_ids=IDS)
    return [seen[spot] for spot in spots]


@pytest.mark.parametrize("case", LAYOUTS)
def test_what_is_changed_to_itself_changes_nothing(case: str, untouched) -> None:
    lm, kind = lm_of(case)
    untouched(lm.model)
    reading = read(lm, kind, 9)._runs[0].reading
    rows = [reading.row(reading.explained[-1])]
    (*_, stream) = reading.streams.values()
    with undisturbed(lm.model):
        expected = logits_at(lm.model, reading.inputs(2), rows)
    seen = []
    spots = block_spots(lm.anatomy.blocks, len(stream))
    with undisturbed(lm.model), intervening(lm.model, dict.fromkeys(spots, lambda s: seen.append(s.shape[:2])), 2):
        found = logits_at(lm.model, reading.inputs(2), rows)
    assert torch.equal(found, expected)
    assert seen == [(2, len(stream))] * len(spots)
    with undisturbed(lm.model), intervening(lm.model, {spots[-1]: lambda s: s.mul_(-1)}, 2):
        assert not torch.equal(logits_at(lm.model, reading.inputs(2), rows), expected)


@pytest.mark.parametrize("error", [KeyboardInterrupt, torch.OutOfMemoryError, ValueError])
def test_hooks_are_gone_after_an_error(error: type[BaseException], untouched) -> None:
    model = tiny_model("gpt2")
    untouched(model)
    spots = block_spots(find_anatomy(model).blocks, 4)

    def fail(_states: torch.Tensor) -> None:
        raise error

    with pytest.raises(error), undisturbed(model), intervening(model, {spots[1]: fail}, 2):
        model(input_ids=IDS)


def test_a_spot_that_is_not_reached_is_an_error(untouched) -> None:
    model = tiny_model("gpt2")
    untouched(model)
    missing = Spot(model.transformer.h[0], 1, Layout(), 4)  # the block runs once
    with pytest.raises(ProofError, match="GPT2Block did not run"), undisturbed(model), intervening(model, {missing: print}, 2):
        model(input_ids=IDS)


def test_a_module_without_one_state_per_token_is_refused(untouched) -> None:
    model = tiny_model("gpt2")
    untouched(model)
    longer = Spot(model.transformer.h[0], 0, Layout(), 5)
    with pytest.raises(ProofError, match="for 5 tokens"), undisturbed(model), intervening(model, {longer: print}, 2):
        model(input_ids=IDS)
