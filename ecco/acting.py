"""Interventions in the passes of a model: hooks that change what modules read and return, and know whose states these are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from ecco.changes import by_text
from ecco.errors import EccoError, ProofError
from ecco.forward import first_tensor, replace_first_tensor
from ecco.interventions import Intervention, Numbers, Positions, Step, sites_of, stack_of
from ecco.model import LoadedModel
from ecco.stack import Layout


@dataclass(frozen=True)
class _Edit:
    """A change of what one call of a module reads, or of what it returns."""

    side: int
    layout: Layout
    positions: Positions
    change: Callable[[Tensor], Tensor]


# For one module, the edits of each of its calls in a pass; a module may be called for several layers (ALBERT).
_Calls = dict[nn.Module, list[list[_Edit]]]


@dataclass
class _Writing:
    """Where the rows of a text that is being written stand.

    Attributes:
        first: for each text, the position of what the model read first; below 0 where that is padding.
        width: how long the padded texts are.
        total: how much has been read or is now being read, counted with padding.
        read: how much of it the calls so far have read.
    """

    first: Sequence[int]
    width: int
    total: Callable[[], int]
    read: int = 0


class Acting:
    """An intervention in the passes of one model; see `ecco.forward.Acts`."""

    def __init__(self, loaded: LoadedModel, intervention: Intervention) -> None:
        self.intervention = intervention
        self.steers = any(step.vectors for step in intervention.steps)
        self.by_position = any(step.positions is not None for step in intervention.steps)
        self._model: nn.Module = loaded.model
        self._two_sided = loaded.task.kind == "seq2seq"
        self._before, self._after = _edits(loaded, intervention.steps)
        self._active = False
        self._writing: _Writing | None = None
        self._turns: Counter[nn.Module] = Counter()
        self._reached: set[nn.Module] = set()
        self._shapes: tuple[tuple[int, int] | None, tuple[int, int] | None] = (None, None)
        self._columns = range(0)

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Let it act, on the modules that the model shares with its view."""
        if self._active or not (self._before or self._after):
            yield
            return
        handles: list[Any] = []
        self._active = True
        self._turns.clear()
        try:
            handles.append(self._model.register_forward_pre_hook(self._begin, with_kwargs=True))
            handles += [module.register_forward_pre_hook(self._read, with_kwargs=True) for module in self._before]
            handles += [module.register_forward_hook(self._returned) for module in self._after]
            yield
        finally:
            self._active = False
            for handle in handles:
                handle.remove()

    @contextmanager
    def writing(self, first: Sequence[int], width: int, total: Callable[[], int]) -> Iterator[None]:
        """Say where texts stand that Hugging Face's `generate` writes, padded and step by step.

        Args:
            first: for each text, the position of what leads to the logits: the first column of the padded text, or the
                start of a decoder, which comes before its first token.
            width: how long the padded texts are.
            total: how many columns the model has when it is called.

        Raises:
            ProofError: on leaving, if a module that is to be changed did not run.
        """
        self._writing = _Writing(first, width, total)
        self._reached.clear()
        try:
            with torch.compiler.set_stance("force_eager"):
                yield
        finally:
            self._writing = None
        if missed := [m for m in (*self._before, *self._after) if m not in self._reached]:
            raise ProofError(
                f"{type(self._model).__name__}: a {type(missed[0]).__name__} that is to be changed did not run while it wrote."
            )

    # -- hooks ---------------------------------------------------------------------------------------------------------

    def _begin(self, _model: nn.Module, args: Any, kwargs: dict[str, Any]) -> None:
        """A pass begins: of which tokens?"""
        self._turns.clear()
        given = [kwargs.get("input_ids", args[0] if args else None), kwargs.get("decoder_input_ids")]
        shapes = [(ids.shape[0], ids.shape[1]) if torch.is_tensor(ids) else None for ids in given]
        self._shapes = (shapes[0], shapes[1])
        if self._writing is not None and self.by_position:
            self._columns = self._step(self._writing, shapes[1 if self._two_sided else 0])

    def _step(self, writing: _Writing, shape: tuple[int, int] | None) -> range:
        """Which columns this call reads: all so far, or those that are new since the call before."""
        total, name = writing.total(), type(self._model).__name__
        if shape is not None and shape[0] % len(writing.first) == 0:
            new = shape[1]
            if new == total or writing.read + new == total:
                writing.read = total
                return range(total - new, total)
        raise EccoError(
            f"{name}: it does not read what it writes token after token (assisted decoding, guidance or a prefill in chunks "
            "do so), so which positions it reads is not known. Intervene at all positions, or generate without these settings."
        )

    def _edit(self, module: nn.Module, calls: _Calls, state: Tensor) -> Tensor:
        turn = self._turns[module]
        self._turns[module] += 1
        self._reached.add(module)
        if turn >= len(calls[module]):
            raise ProofError(
                f"{type(self._model).__name__} calls a {type(module).__name__} more often than in the pass in which its layers "
                "were found, so layers are mixed up."
            )
        for edit in calls[module][turn]:
            state = self._changed(edit, state)
        return state

    def _read(self, module: nn.Module, args: Any, kwargs: dict[str, Any]) -> Any:
        given = args if first_tensor(args) is not None else kwargs
        if (state := first_tensor(given)) is None:
            raise ProofError(
                f"{type(self._model).__name__}: a {type(module).__name__} reads no neurons, so none can be changed."
            )
        if (changed := self._edit(module, self._before, state)) is state:
            return None
        fresh = replace_first_tensor(given, changed)
        return (fresh, kwargs) if given is args else (args, fresh)

    def _returned(self, module: nn.Module, _args: Any, output: Any) -> Any:
        if (state := first_tensor(output)) is None:
            raise ProofError(f"{type(self._model).__name__}: a {type(module).__name__} returned no states to change.")
        changed = self._edit(module, self._after, state)
        return None if changed is state else replace_first_tensor(output, changed)

    # -- places --------------------------------------------------------------------------------------------------------

    def _changed(self, edit: _Edit, state: Tensor) -> Tensor:
        if edit.positions is None:
            return edit.change(state)
        places = self._places(edit.side)
        chosen = _among(places, edit.positions)
        if not bool(chosen.any()):
            return state
        where = torch.zeros(*state.shape[:-1], 1)
        batch, length = places.shape
        by_text(where, edit.layout, batch, length, type(self._model).__name__)[:] = chosen[..., None].float()
        return torch.where(where.bool().to(state.device), edit.change(state), state)

    def _places(self, side: int) -> Int[Tensor, "batch token"]:
        """The positions of the states that this pass has on a side; below 0 for what is no token of the text."""
        source, target = self._shapes
        if side == 1:
            n, length = (len(self._writing.first), self._writing.width) if self._writing else source or (0, 0)
            return torch.arange(length).expand(n, -1)
        leading = target if self._two_sided else source
        if leading is None or (self._two_sided and source is None and self._writing is None):
            raise ProofError(f"{type(self._model).__name__} was given no ids, so which positions it reads is not known.")
        if self._writing is not None:
            first = torch.tensor(self._writing.first).repeat_interleave(leading[0] // len(self._writing.first))
            columns = torch.tensor(self._columns)
        else:
            first = torch.full((leading[0],), source[1] - 1 if self._two_sided and source else 0)
            columns = torch.arange(leading[1])
        places = first[:, None] + columns
        return places.where(columns > 0, -1) if self._two_sided else places  # a decoder's start has no position


def _among(places: Int[Tensor, "batch token"], positions: tuple[int, ...] | slice) -> Bool[Tensor, "batch token"]:
    if isinstance(positions, slice):
        found = places >= (positions.start or 0)
        return found if positions.stop is None else found & (places < positions.stop)
    return torch.isin(places, torch.tensor(positions, dtype=places.dtype))


# -- what each call of each module does ----------------------------------------------------------------------------------


def _edits(loaded: LoadedModel, steps: Sequence[Step]) -> tuple[_Calls, _Calls]:
    """The edits before the last matrices of FFNs, and those after blocks."""
    before: _Calls = {}
    after: _Calls = {}
    for step in steps:
        for side, layer in dict.fromkeys([*step.factors, *step.values]):
            stack = stack_of(loaded, side)
            numbers = (step.factors.get((side, layer), {}), step.values.get((side, layer), {}))
            start = 0
            for site in sites_of(loaded, side, layer):
                own = [{n - start: x for n, x in of.items() if 0 <= n - start < site.n_neurons} for of in numbers]
                start += site.n_neurons
                if any(own):
                    called = [other for other in loaded.sites if other.module is site.module]
                    _one_side(loaded, site.module, {other.side for other in called})
                    calls = before.setdefault(site.module, [[] for _ in called])
                    vectors = _vectors_of(own[0], own[1], site.n_neurons)
                    change = partial(_set, *(site.cut.own(vector, 0) if site.cut else vector for vector in vectors))
                    turn = next(i for i, other in enumerate(called) if other is site)
                    calls[turn].append(_Edit(side, stack.layout, step.positions, change))
        for (side, layer), vectors in step.vectors.items():
            stack = stack_of(loaded, side)
            module = stack.calls[layer]
            encoder = loaded.anatomy.encoder
            both = encoder is not None and module in encoder.calls and module in loaded.anatomy.blocks.calls
            _one_side(loaded, module, {0, 1} if both else {side})
            calls = after.setdefault(module, [[] for other in stack.calls if other is module])
            turn = stack.calls[:layer].count(module)
            calls[turn] += [_Edit(side, stack.layout, step.positions, partial(_add, vector.vector)) for vector in vectors]
    return before, after


def _one_side(loaded: LoadedModel, module: nn.Module, sides: set[int]) -> None:
    """Refuse a module that both sides share: while a text is written they run in different passes."""
    if len(sides) > 1:
        raise ProofError(
            f"{type(loaded.model).__name__}: encoder and decoder share a {type(module).__name__}, so it cannot be changed for "
            "one of them."
        )


def _vectors_of(factors: Numbers, values: Numbers, width: int) -> tuple[Tensor, Tensor, Tensor]:
    """For all neurons of a site: factors, whether they are set, and to what."""
    factor, fixed, value = torch.ones(width), torch.zeros(width, dtype=torch.bool), torch.zeros(width)
    for neuron, number in factors.items():
        factor[neuron] = number
    for neuron, number in values.items():
        fixed[neuron], value[neuron] = True, number
    return factor, fixed, value


def _set(factor: Tensor, fixed: Tensor, value: Tensor, state: Float[Tensor, "*_ neuron"]) -> Float[Tensor, "*_ neuron"]:
    device = state.device
    return torch.where(fixed.to(device), value.to(state), state * factor.to(state))


def _add(vector: Tensor, state: Tensor) -> Tensor:
    return state + vector.to(state).reshape(state.shape[2:])


def intervened(loaded: LoadedModel, steps: Sequence[Step]) -> LoadedModel:
    """The model under some more steps; those that act already come first.

    Args:
        loaded: the model, perhaps under an intervention.
        steps: what is changed beside.
    """
    base = loaded.base or loaded
    found = Intervention((*_steps(loaded), *steps), base.sides)
    return base.under(Acting(base, found))


def intervention_of(loaded: LoadedModel) -> Intervention | None:
    """What acts on a model, or None."""
    acts = loaded.acts
    return acts.intervention if isinstance(acts, Acting) else None


def _steps(loaded: LoadedModel) -> tuple[Step, ...]:
    found = intervention_of(loaded)
    return () if found is None else found.steps
