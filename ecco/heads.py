"""What each head of a model's attention gave to a number: the attention run with one head at a time.

A head is one of the sums of values that a block's attention makes, as `ecco.products` sees them. The others are set to 0
before the model goes on, so whatever follows them in the block (a gate, a norm with its statistics frozen, the output
matrix) is the model's own. That heads one at a time add up to what all of them wrote is proved for every layer.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from ecco.attending import AttentionSite
from ecco.errors import ModelError, ProofError
from ecco.products import Change, watching
from ecco.rerun import Rerun, given, same

# A layer, and which of its products of softmax weights with values.
Place = tuple[int, int]


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


def split_heads(rerun: Rerun, slope: Float[Tensor, "_ d_model"]) -> list[Heads]:
    """What every head gave to a number that is linear in what the attention of every layer wrote.

    Args:
        rerun: the text.
        slope: the number's derivative.

    Returns:
        One for each layer.

    Raises:
        ProofError: if heads cannot be told apart, or do not add up.
    """
    name, places = type(rerun.model).__name__, _places(rerun)
    whole = given(rerun.plain.attention, slope).tolist()
    eager, sums = _how_to_see(rerun, places, whole, slope)

    def gave(kind: str, head: int | None) -> list[float]:
        def only(layer: int, place: int, result: Tensor) -> Tensor:
            kept, known = torch.zeros_like(result), sums[layer, place]
            if head is not None and places[layer, place] == kind and head < len(known):
                kept[head] = known[head]  # what it was; a decoder's look at the source depends on its other attention
            return kept

        return _run(rerun, only, eager, slope)

    nothing = gave("", None)
    layers = {layer for layer, _ in places}
    found = [Heads(nothing[layer] if layer in layers else total) for layer, total in enumerate(whole)]
    for kind in dict.fromkeys(places.values()):
        own = {layer: len(sums[layer, place]) for (layer, place), k in places.items() if k == kind}
        for head in range(max(own.values())):
            alone = gave(kind, head)
            for layer, count in own.items():
                if head < count:
                    found[layer].heads.append(Head(kind, head, alone[layer] - nothing[layer]))
    for layer, (one, total) in enumerate(zip(found, whole, strict=True)):
        values = [head.value for head in one.heads]
        if not same(rerun.run, sum(values) + one.rest, total, values):
            raise ProofError(
                f"{name}: the heads of layer {layer} one at a time add up to {sum(values) + one.rest:.4g}, but its attention "
                f"gave {total:.4g}, so what it wrote is no sum of what its heads write."
            )
    return found


def _places(rerun: Rerun) -> dict[Place, str]:
    """Layer and place of every attention of the blocks that lead to the logits, and its kind.

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
            found[layer, site.place] = kind
    return found


def _how_to_see(rerun: Rerun, places: dict[Place, str], whole: list[float], slope: Tensor) -> tuple[bool, dict[Place, Tensor]]:
    """Whether the attention must run in the model's own plain way to be seen; and what its heads are, (head, _, _)."""
    for eager in (False, True):
        seen: dict[Place, Tensor] = {}

        def note(layer: int, place: int, result: Tensor, seen: dict[Place, Tensor] = seen) -> Tensor:
            seen[layer, place] = result.clone()
            return result

        try:
            again = _run(rerun, note, eager, slope)
        except (ModelError, ProofError):
            continue
        if set(seen) == set(places) and all(same(rerun.run, a, b) for a, b in zip(again, whole, strict=True)):
            return eager, seen
    raise ProofError(f"{type(rerun.model).__name__}: its heads are not seen in a pass in which its attention writes the same.")


def _run(rerun: Rerun, change: Change, eager: bool, slope: Tensor) -> list[float]:
    """What the attention of every layer gives, its heads changed."""
    seeing = watching(rerun.model, rerun.stack, lambda *_: None, eager=eager, change=change)
    return given(rerun.halves(seeing).attention, slope).tolist()
