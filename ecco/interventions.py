"""Interventions: neurons that are switched off, scaled or set, and vectors that are added to what a layer returns.

A run that was made under an intervention keeps it: it is asked about a *view* of the model (`ecco.forward.acted_on`), in
whose every pass the intervention acts, by hooks that are there for that pass alone. The model itself is never changed.

A *neuron* is what the last matrix of an FFN reads, as in `ecco.ffn`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ecco.errors import ArgumentError
from ecco.ffn import Site
from ecco.forward import first_tensor, is_same
from ecco.model import LoadedModel
from ecco.naming import is_list, numbered, whole_number
from ecco.stack import Stack

# What ecco 0.1 multiplied the neurons by that it was to induce.
INDUCED = 10.0
# How many neurons of a layer, or positions, are named where an intervention is described.
MOST_NAMED = 6

Positions = tuple[int, ...] | slice | None
# What is done with each neuron that is named: it is multiplied by a number, or set to it.
Numbers = dict[int, float]


@dataclass(frozen=True, eq=False, repr=False)
class SteeringVector:
    """A vector that is added to what a layer returns; `2.0 * vector` is twice as strong.

    Attributes:
        vector: (d_model,), in the units of the hidden states.
        layer: after which it is added, counted from 0.
        side: `"encoder"` or `"decoder"` of an encoder-decoder; None for the side that leads to the answer.
        identity: numbers sampled from the weights of the model that it was made from; None for a vector of one's own,
            which fits any model of its width.
        about: what it was made from.
    """

    vector: Float[Tensor, "d_model"]
    layer: int
    side: str | None = None
    identity: Float[Tensor, "_"] | None = None
    about: str = ""

    __array_ufunc__ = None  # numpy's numbers leave the product to us

    def __post_init__(self) -> None:
        if not bool(torch.isfinite(self.vector).all()):
            raise ArgumentError("A steering vector must consist of finite numbers.")

    def __mul__(self, strength: float) -> SteeringVector:
        about = f"{_finite(strength, 'strength'):g} × ({self.about})" if self.about else ""
        return SteeringVector(self.vector * float(strength), self.layer, self.side, self.identity, about)

    __rmul__ = __mul__

    def __neg__(self) -> SteeringVector:
        return self * -1.0

    def __repr__(self) -> str:
        side = "" if self.side is None else f" of the {self.side}"
        about = f": {self.about}" if self.about else ""
        return f"SteeringVector(after layer {self.layer}{side}, length {float(self.vector.norm()):.3g}{about})"


@dataclass(frozen=True)
class Step:
    """What is changed at some positions, by (side, layer).

    Attributes:
        factors: what neurons are multiplied by.
        values: what neurons are set to.
        vectors: what is added to the output of the layer.
        positions: the tokens whose states are changed; None for all of them.
    """

    factors: Mapping[tuple[int, int], Numbers]
    values: Mapping[tuple[int, int], Numbers]
    vectors: Mapping[tuple[int, int], list[SteeringVector]]
    positions: Positions = None

    @property
    def exact(self) -> list[Any]:
        """All of it as plain numbers, by which processes tell whether they were asked the same."""
        vectors = [(place, [v.vector.tolist() for v in of]) for place, of in self.vectors.items()]
        return [sorted(self.factors.items()), sorted(self.values.items()), vectors, repr(self.positions)]


@dataclass(frozen=True, repr=False)
class Intervention:
    """What is changed in a model while it reads and writes, step after step.

    Attributes:
        steps: of the blocks `with lm.intervene(…)` that stood around the call, the outer first.
        sides: what its sides are called.
    """

    steps: tuple[Step, ...]
    sides: Mapping[int, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """In words, such as “ablate neurons 3, 17 of layer 2”."""
        return "; ".join(text for step in self.steps for text in self._described(step)) or "nothing"

    def __repr__(self) -> str:
        return f"Intervention({self.text})"

    def _described(self, step: Step) -> Iterator[str]:
        at = "" if step.positions is None else f" at positions {_span(step.positions)}"
        off = {place: [n for n, value in of.items() if value == 0] for place, of in step.values.items()}
        put = {place: {n: x for n, x in of.items() if x != 0} for place, of in step.values.items()}
        for verb, found in (("ablate", off), ("scale", step.factors), ("set", put)):
            for place, numbers in found.items():
                if numbers:
                    yield f"{verb} {_some(numbers)} of {self._place(*place)}{at}"
        for place, vectors in step.vectors.items():
            for vector in vectors:
                yield f"steer after {self._place(*place)} by a vector of length {float(vector.vector.norm()):.3g}{at}"

    def _place(self, side: int, layer: int) -> str:
        return f"layer {layer}" + (f" of the {self.sides[side]}" if len(self.sides) > 1 else "")


def _some(numbers: list[int] | Numbers) -> str:
    """The first neurons, and what is done with them."""
    shown = [f"{n}: {numbers[n]:g}" if isinstance(numbers, dict) else str(n) for n in list(numbers)[:MOST_NAMED]]
    more = f" and {len(numbers) - MOST_NAMED} more" if len(numbers) > MOST_NAMED else ""
    return f"{'neuron' if len(numbers) == 1 else 'neurons'} {', '.join(shown)}{more}"


def _span(positions: tuple[int, ...] | slice) -> str:
    if isinstance(positions, slice):
        return f"{positions.start or 0}:{'' if positions.stop is None else positions.stop}"
    return ", ".join(map(str, positions[:MOST_NAMED])) + (" …" if len(positions) > MOST_NAMED else "")


# -- from what a person names --------------------------------------------------------------------------------------------


def plan(
    loaded: LoadedModel,
    *,
    ablate: Any = None,
    scale: Any = None,
    set_to: Any = None,
    steer: Any = None,
    positions: Any = None,
    side: str | None = None,
) -> Step:
    """What a person wants changed, checked against the model; see `ecco.LM.intervene`.

    Raises:
        ArgumentError: for a layer, neuron, side or position that does not exist, or numbers that make no sense.
        ProofError: if the model's layers or neurons cannot be found.
    """
    number = _side_number(loaded, side)
    factors: dict[tuple[int, int], Numbers] = {}
    values: dict[tuple[int, int], Numbers] = {}
    for name, given, into in (("ablate", ablate, values), ("scale", scale, factors), ("set", set_to, values)):
        for layer, named in _by_layer(loaded, number, given, name).items():
            numbers = _numbers(loaded, number, layer, named, name)
            place = into.setdefault((number, layer), {})
            taken = {**factors.get((number, layer), {}), **values.get((number, layer), {})}
            if twice := sorted(taken.keys() & numbers.keys()):
                raise ArgumentError(f"{name}: neuron {twice[0]} of layer {layer} is named twice; say one thing of it.")
            place |= numbers
    return Step(factors, values, _vectors(loaded, steer, number, side), _positions(positions))


def upstream_step(loaded: LoadedModel, inhibit: Mapping[Any, Any], induce: Mapping[Any, Any]) -> Step:
    """The `neurons_to_inhibit` of ecco 0.1, which are set to 0, and `neurons_to_induce`, which are multiplied by 10."""
    every = {"neurons_to_inhibit": inhibit, "neurons_to_induce": induce}
    for name, given in every.items():
        if not isinstance(given, Mapping):
            raise ArgumentError(f"{name}={given!r} must be a dictionary of lists of neurons by layer, such as {{3: [17, 20]}}.")
    off, on = ({_layer_number(layer): named for layer, named in given.items()} for given in every.values())
    return plan(loaded, ablate=off, scale={layer: dict.fromkeys(_listed(named), INDUCED) for layer, named in on.items()})


def _layer_number(layer: Any) -> Any:
    """Version 0.1 took the numbers of layers as strings."""
    return int(layer) if isinstance(layer, str) and layer.isdigit() else layer


def _listed(named: Any) -> list[Any]:
    return list(named) if is_list(named) else [named]


def _side_number(loaded: LoadedModel, side: str | None) -> int:
    sides = {name: number for number, name in loaded.sides.items()}
    if side is not None and side not in sides:
        raise ArgumentError(f"side={side!r} is no side of this model; it has {', '.join(map(repr, sides))}.")
    return 0 if side is None else sides[side]


def stack_of(loaded: LoadedModel, side: int) -> Stack:
    """The blocks of a side."""
    encoder = loaded.anatomy.encoder
    return encoder if side == 1 and encoder is not None else loaded.anatomy.blocks


def _by_layer(loaded: LoadedModel, side: int, given: Any, name: str) -> dict[int, Any]:
    """What is said of each layer, by its number counted from 0."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ArgumentError(f"{name}={given!r} must be a dictionary by layer, such as {{3: …}}.")
    count = stack_of(loaded, side).n_layers
    found = {numbered(layer, count, "layer", f"the {loaded.sides[side]}")[0]: named for layer, named in given.items()}
    if len(found) < len(given):
        raise ArgumentError(f"{name} names a layer twice, once from the end; name it once.")
    return found


def sites_of(loaded: LoadedModel, side: int, layer: int) -> list[Site]:
    """The FFNs of a layer whose neurons can be changed."""
    sites = [site for site in loaded.sites if (site.side, site.layer) == (side, layer)]
    if not sites:
        known = sorted({site.layer for site in loaded.sites if site.side == side})
        raise ArgumentError(f"layer {layer} has no neurons; the layers with an FFN are {known}.")
    if any(site.kind == "experts" for site in sites):
        raise ArgumentError(
            f"layer {layer} is a mixture of experts: its neurons are computed and summed in one operation, for the tokens "
            "that a router sends to each, so there is no place to change them. steer= acts on such layers too."
        )
    return sites


def _numbers(loaded: LoadedModel, side: int, layer: int, named: Any, name: str) -> Numbers:
    """A number for each neuron that is named; 0 for those that are ablated."""
    width = sum(site.n_neurons for site in sites_of(loaded, side, layer))
    if name == "ablate":
        named = dict.fromkeys([named] if named == "all" else _listed(named), 0.0)
    if not isinstance(named, Mapping):
        raise ArgumentError(f"{name}={{{layer}: {named!r}}} must say a number for each neuron: {{{layer}: {{17: 2.0}}}}.")
    every, found = named.get("all"), {}
    if "all" in named:
        found = dict.fromkeys(range(width), _finite(every, f"{name} of layer {layer}"))
    for neuron, number in named.items():
        if neuron != "all":
            at = numbered(neuron, width, "neuron", f"layer {layer}")[0]
            found[at] = _finite(number, f"{name} of neuron {neuron}")
    return found


def _finite(number: Any, what: str) -> float:
    try:
        found = float(number)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"{what}={number!r} must be a number.") from error
    if not math.isfinite(found):
        raise ArgumentError(f"{what}={number!r} must be finite.")
    return found


def _vectors(loaded: LoadedModel, steer: Any, side: int, named: str | None) -> dict[tuple[int, int], list[SteeringVector]]:
    """Steering vectors by side and layer."""
    found: dict[tuple[int, int], list[SteeringVector]] = {}
    for vector in [] if steer is None else _listed(steer):
        if not isinstance(vector, SteeringVector):
            raise ArgumentError(
                f"steer={type(vector).__name__} must be a SteeringVector: ecco.steering_vector(lm, positive, negative, layer), "
                "or ecco.SteeringVector(vector, layer)."
            )
        own = side if vector.side is None else _side_number(loaded, vector.side)
        if named is not None and own != side:
            raise ArgumentError(f"side={named!r}, but the steering vector belongs to the {vector.side}.")
        stack = stack_of(loaded, own)
        (layer,) = numbered(vector.layer, stack.n_layers, "layer", f"the {loaded.sides[own]}")
        width = math.prod(_width(stack))
        if vector.vector.shape != (width,):
            raise ArgumentError(
                f"The steering vector has the shape {tuple(vector.vector.shape)}; the states of {loaded.name!r} have {width} "
                "numbers."
            )
        if vector.identity is not None and not is_same(loaded.model, vector.identity):
            raise ArgumentError(
                "This steering vector was made from another model: its weights differ, so its directions mean something else "
                f"in {loaded.name!r}. Make one for it: ecco.steering_vector(lm, …)."
            )
        found.setdefault((own, layer), []).append(vector)
    return found


def _width(stack: Stack) -> tuple[int, ...]:
    """The shape of a state of one token."""
    state = first_tensor(stack.templates[-1])
    return (stack.d_model,) if state is None else tuple(state.shape[2:])


def _positions(asked: Any) -> Positions:
    """Which positions are meant. Their end is not known while a text is written, so they count from its start."""
    if asked is None:
        return None
    if isinstance(asked, slice):
        if asked.step not in (None, 1) or any(n is not None and n < 0 for n in (asked.start, asked.stop)):
            raise ArgumentError(f"positions={asked!r} must be a slice of positions from 0 on, without a step.")
        return asked
    found = tuple(sorted({whole_number(p, "positions") for p in _listed(asked)}))
    if found and found[0] < 0:
        raise ArgumentError(
            f"positions: {found[0]} counts from the end, which is not known while a text is written. Positions count from 0 "
            "over input and output; slice(5, None) means all from 5 on."
        )
    return found
