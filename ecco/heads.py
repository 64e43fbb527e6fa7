"""What each head of a model's attention gave to a number, by the derivative of what it wrote.

A head is one of the sums of values that a block's attention makes, as `ecco.products` sees them. Whatever follows them in the
block (a gate, a norm with its statistics frozen, the output matrix) is the model's own and linear in them. This is proved for
every layer and question: heads of 0, and random ones, must give what the derivative says.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ecco.attending import AttentionSite
from ecco.devices import in_double
from ecco.errors import ModelError, ProofError
from ecco.forward import undisturbed
from ecco.processes import Cut, shared
from ecco.products import Change, Factors, slopes, watching
from ecco.rerun import Rerun, at_random, bound, given, same

# A layer, and which of its products of softmax weights with values.
Place = tuple[int, int]


@dataclass(frozen=True)
class _Attention:
    """One attention of a block.

    Attributes:
        kind: as of a head.
        cut: how processes that share the model share its heads.
    """

    kind: str
    cut: Cut | None


@dataclass(frozen=True)
class Head:
    """What one head gave to a number.

    Attributes:
        kind: whose tokens look at whose, as in `ecco.attending.kinds_of`.
        number: as in `OutputSeq.attention`.
        value: what it gave.
    """

    kind: str
    number: int
    value: float


@dataclass
class Heads:
    """The heads of one layer.

    Attributes:
        heads: by kind and number.
        rest: what belongs to no head: a bias of the output, or all where the layer has no heads.
    """

    rest: float
    heads: list[Head] = field(default_factory=list)


@dataclass(frozen=True)
class _Seen:
    """A pass in which the heads were seen.

    Attributes:
        eager: whether the attention ran in the model's own plain way.
        sums: what the heads were, (head, _, _).
        slopes: the derivative of the number by them.
    """

    eager: bool
    sums: dict[Place, Tensor]
    slopes: dict[Place, Tensor]

    def give(self, sums: dict[Place, Tensor]) -> dict[Place, Float[Tensor, " head"]]:
        """What heads would give that were something else, by the derivative."""
        return {place: (in_double(sums[place]) * in_double(slope)).sum(dim=(1, 2)) for place, slope in self.slopes.items()}


def split_heads(rerun: Rerun, slope: Float[Tensor, "_ d_model"]) -> list[Heads]:
    """What every head gave to a number that is linear in what the attention of every layer wrote.

    Args:
        rerun: the text.
        slope: the number's derivative.

    Returns:
        One for each layer.

    Raises:
        ProofError: if heads cannot be told apart, or what the attention writes is not linear in them.
    """
    places, whole = _places(rerun), given(rerun.plain.attention, slope).tolist()
    seen = _see(rerun, places, whole, slope)
    chance = torch.Generator().manual_seed(0)
    other = {place: at_random(sums, chance) for place, sums in seen.sums.items()}
    nothing = _gives(rerun, places, lambda place, sums: torch.zeros_like(sums), seen.eager, slope)
    mixed = _gives(rerun, places, lambda place, _: other[place], seen.eager, slope)
    values, by_chance = ({place: v.tolist() for place, v in seen.give(sums).items()} for sums in (seen.sums, other))
    found, error = [], bound(rerun.run)
    for layer, total in enumerate(whole):
        own = [place for place in places if place[0] == layer]
        rest = nothing[layer] if own else total
        for each, expected in ((values, total), (by_chance, mixed[layer])):
            parts = [value for place in own for value in each[place]]
            if own and not same(error, sum(parts) + rest, expected, parts):
                raise ProofError(
                    f"{type(rerun.model).__name__}: by their derivatives the heads of layer {layer} add up to "
                    f"{sum(parts) + rest:.4g}, but its attention gave {expected:.4g}, so what it wrote is no sum of what its "
                    "heads write."
                )
        heads = [Head(places[place].kind, number, value) for place in own for number, value in enumerate(values[place])]
        found.append(Heads(rest, heads))
    return found


def _places(rerun: Rerun) -> dict[Place, _Attention]:
    """Every attention of the blocks that lead to the logits, by layer and place.

    Raises:
        ProofError: if there is none, or one is not understood.
    """
    kinds = {"seq2seq": ("decoder", "cross"), "causal": ("decoder",)}.get(rerun.reading.kind, ("encoder",))
    sites: dict[str, dict[int, AttentionSite]] = {kind: rerun.run.attention_sites(kind) for kind in kinds}
    found = {}
    for kind, by_layer in sites.items():
        for layer, site in by_layer.items():
            count = sum(layer in others for others in sites.values())
            if site.reason is not None or site.products != count:
                why = site.reason or f"multiplies softmax weights {site.products} times"
                raise ProofError(f"{type(rerun.model).__name__}: layer {layer} {why}, so its heads cannot be told apart.")
            found[layer, site.place] = _Attention(kind, site.cut)
    return found


def _see(rerun: Rerun, places: dict[Place, _Attention], whole: list[float], slope: Tensor) -> _Seen:
    """The heads, in a pass in which the attention writes the same: as the model runs, or in its own plain way."""
    for eager in (False, True):
        sums: dict[Place, Tensor] = {}
        factors: dict[Place, Factors] = {}
        inputs: list[Tensor] = []

        def note(layer: int, place: int, own: Factors, result: Tensor, sums: dict = sums, factors: dict = factors) -> Tensor:
            sums[layer, place], factors[layer, place] = result.clone(), own
            return result

        try:
            with undisturbed(rerun.model, gradients=True):
                halves = rerun.halves(_changing(rerun, places, note, eager), gradients=True, inputs=inputs)
                again = given(halves.attention, slope)
                number = again.sum()
                if shared(rerun.model):
                    # The way back goes through the end of each block, where FSDP brings its weights together again.
                    number = number + 0 * given(halves.outputs, slope).sum()
                found = slopes(number, inputs, factors)
        except (ModelError, ProofError):
            continue
        known = set(sums) == set(found) == set(places)
        if known and all(same(bound(rerun.run), a, b) for a, b in zip(again.tolist(), whole, strict=True)):
            cuts = {place: attention.cut for place, attention in places.items()}
            return _Seen(
                eager, sums, {place: cut.whole(found[place], 0) if cut else found[place] for place, cut in cuts.items()}
            )
    raise ProofError(f"{type(rerun.model).__name__}: its heads are not seen in a pass in which its attention writes the same.")


def _gives(
    rerun: Rerun, places: dict[Place, _Attention], change: Callable[[Place, Tensor], Tensor], eager: bool, slope: Tensor
) -> list[float]:
    """What the attention of every layer gives, its heads changed."""
    changing = _changing(rerun, places, lambda layer, place, _, result: change((layer, place), result), eager)
    return given(rerun.halves(changing).attention, slope).tolist()


def _changing(rerun: Rerun, places: dict[Place, _Attention], change: Change, eager: bool) -> AbstractContextManager[Any]:
    """`change` gets the heads of all processes that share the model, and what it returns each takes its own of."""

    def of_all(layer: int, place: int, factors: Factors, result: Tensor) -> Tensor:
        cut = places[layer, place].cut if (layer, place) in places else None
        if cut is None:
            return change(layer, place, factors, result)
        return cut.own(change(layer, place, factors, cut.whole(result, 0)), 0).to(result)

    return watching(rerun.model, rerun.stack, lambda *_: None, eager=eager, change=of_all)
