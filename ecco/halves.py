"""What attention and FFN each add to the residual stream, block by block, proved to add up.

In most transformers a block returns what it was given plus what its attention wrote plus what its FFN wrote. Which
tensors these are is found on a few tokens: of all that the modules of a block returned, those that with the block's input
add up to its output, perhaps scaled by a number (Granite). What was written before the FFN's neurons were read is the
attention's part (of a decoder its two attentions'; of a block without attention, what mixes tokens there instead). Blocks
that normalise the sum (BERT), or whose parts cannot be told apart, are refused. On the text the same tensors must add up
again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ecco.anatomy import Anatomy, Stack, probe_inputs
from ecco.capture import Pass
from ecco.devices import in_double
from ecco.errors import EccoError, ProofError
from ecco.ffn import Site
from ecco.forward import acts_on, call, deviation, first_tensor, logits_at, tolerance, undisturbed
from ecco.reading import Reading

# A sum is computed in a few steps, each of which rounds: this many times the precision of the numbers.
ROUNDING = 8

# More attentions than these (of a decoder: at itself, at the source) no block has.
MOST_ATTENTIONS = 2


@dataclass(frozen=True)
class Call:
    """One call of one module within one call of a block.

    Attributes:
        module: the module.
        turn: how often the block had called it before.
        factor: what the block multiplies with the module's output before it adds it.
    """

    module: nn.Module = field(repr=False)
    turn: int
    factor: float = 1.0


@dataclass(frozen=True)
class Split:
    """Which calls of a block write its two halves.

    Attributes:
        attention: their outputs are the attention's part.
        ffn: its output is the FFN's.
        reader: reads the stream between the two; None where both read the same (parallel blocks).
    """

    attention: tuple[Call, ...]
    ffn: Call
    reader: Call | None


@dataclass(frozen=True)
class Halves:
    """What every block added to the stream of one text.

    Attributes:
        inputs: (layer, token, d_model), what each block was given.
        attention: (layer, token, d_model), what its attention added.
        ffn: (layer, token, d_model), what its FFN added.
        middle: (layer, token, d_model), the stream between the two, which the FFN reads; None if there is none, because
            in some layer both halves read the same stream.
        outputs: (layer, token, d_model), what each block returned: `inputs + attention + ffn`.
    """

    inputs: Float[Tensor, "layer token d_model"] = field(repr=False)
    attention: Float[Tensor, "layer token d_model"] = field(repr=False)
    ffn: Float[Tensor, "layer token d_model"] = field(repr=False)
    middle: Float[Tensor, "layer token d_model"] | None = field(repr=False)
    outputs: Float[Tensor, "layer token d_model"] = field(repr=False)


@dataclass
class _Ran:
    """What one call within a block read and wrote; None for what was not kept."""

    module: nn.Module
    turn: int
    read: Tensor | None
    wrote: Tensor | None


@dataclass
class _Block:
    """One call of a block; `calls` in the order in which they ended."""

    input: Tensor
    output: Tensor | None = None
    calls: list[_Ran] = field(default_factory=list)

    def find(self, wanted: Call) -> _Ran | None:
        return next((ran for ran in self.calls if ran.module is wanted.module and ran.turn == wanted.turn), None)


# -- which calls -------------------------------------------------------------------------------------------------------


def check_unsteered(model: nn.Module) -> None:
    """Refuse to split blocks to whose output something is added.

    Raises:
        EccoError: with what to do.
    """
    if (acts := acts_on(model)) is not None and acts.steers:
        raise EccoError(
            f"This run was made with a steering vector, which is added to what a block of {type(model).__name__} returns, so "
            "the block is not the sum of its input, attention and FFN. Ask a run without steer=."
        )


def find_halves(model: nn.Module, anatomy: Anatomy, sites: Sequence[Site]) -> tuple[Split, ...]:
    """Find the halves of every block that leads to the logits.

    Args:
        model: the model.
        anatomy: its parts.
        sites: where its neurons are.

    Raises:
        EccoError: if a steering vector is added to a block.
        ProofError: if a block is not the sum of its input and two halves.
    """
    check_unsteered(model)
    with undisturbed(model), _watched(anatomy.blocks, lambda *_: True) as blocks:
        call(model, probe_inputs(model, len(anatomy.embeddings) or 1))
    found = []
    for layer, block in enumerate(blocks):
        own = {site.module for site in sites if site.side == 0 and site.layer == layer}
        split = _split(block, own) if own else "has no FFN whose neurons are known"
        if isinstance(split, str):
            raise ProofError(f"{type(model).__name__}: layer {layer} {split}, so it has no two halves to tell apart.")
        found.append(split)
    return tuple(found)


def _split(block: _Block, sites: set[nn.Module]) -> Split | str:
    """The halves of a block, or why there are none."""
    assert block.output is not None
    output = block.output
    ends = [place for place, ran in enumerate(block.calls) if ran.module in sites]
    before = _candidates(block.calls[: min(ends, default=0)], output)
    after = _candidates(block.calls[max(ends, default=0) :], output)
    delta = (output - block.input).flatten().cpu().double()
    for count in range(1, MOST_ATTENTIONS + 1):
        trials = [(*some, one) for some, one in product(combinations(before, count), after)]
        fits = [(fit, trial) for trial in trials if (fit := _fit([wrote for _, wrote in trial], delta)) is not None]
        if not fits:
            continue
        (factors, _), trial = min(fits, key=lambda pair: pair[0][1])
        *first, ffn = (factor * wrote for factor, (_, wrote) in zip(factors, trial, strict=True))
        attention = torch.stack(first).sum(dim=0)
        if adds_up([block.input, attention, ffn], output):
            calls = [Call(ran.module, ran.turn, factor) for factor, (ran, _) in zip(factors, trial, strict=True)]
            return Split(tuple(calls[:-1]), calls[-1], _reader(block, attention))
    return "does not return its input plus what its attention and its FFN wrote (it may normalise the sum)"


def _candidates(calls: Sequence[_Ran], output: Tensor) -> list[tuple[_Ran, Tensor]]:
    """The calls that wrote a vector for every token, and what they wrote, in the form of `output`; nothing twice."""
    found: list[tuple[_Ran, Tensor]] = []
    for ran in calls:
        wrote = _as(ran.wrote, output)
        if wrote is not None and not any(torch.equal(wrote, other) for _, other in found):
            found.append((ran, wrote))
    return found


def _as(state: Tensor | None, like: Tensor) -> Tensor | None:
    """A state in the form and on the device of another; None if it is not one vector for every token."""
    if state is None or state.numel() != like.numel() or state.shape[-1] != like.shape[-1]:
        return None
    return state.reshape(like.shape).to(like.device)


def _fit(parts: Sequence[Tensor], total: Tensor) -> tuple[list[float], float] | None:
    """Positive factors with which the parts come closest to a total, and how far they stay away."""
    columns = torch.stack([part.flatten().cpu().double() for part in parts], dim=1)
    factors, failed = torch.linalg.solve_ex(columns.T @ columns, columns.T @ total)
    if int(failed) or not bool((factors > 0).all()):
        return None
    rounding = ROUNDING * max(torch.finfo(part.dtype).eps for part in parts)
    factors = torch.where((factors - 1).abs() <= rounding, 1.0, factors)
    return factors.tolist(), float((columns @ factors - total).norm())


def _reader(block: _Block, attention: Tensor) -> Call | None:
    """The call that reads the stream after the attention."""
    for ran in block.calls:
        read = _as(ran.read, attention)
        if read is not None and adds_up([block.input, attention], read):
            return Call(ran.module, ran.turn)
    return None


def adds_up(parts: Sequence[Tensor], total: Tensor) -> bool:
    """Whether parts sum to a total, number by number, as exactly as their type lets them."""
    exact = [in_double(part) for part in parts]
    bound = ROUNDING * torch.finfo(total.dtype).eps * torch.stack([part.abs() for part in exact]).sum(dim=0)
    return bool(((torch.stack(exact).sum(dim=0) - in_double(total)).abs() <= bound).all())


# -- of a text ---------------------------------------------------------------------------------------------------------


def read_halves(model: nn.Module, anatomy: Anatomy, splits: Sequence[Split], flow: Pass) -> Halves:
    """What every block added to the stream of a text that was read before.

    Args:
        model: the model.
        anatomy: its parts.
        splits: as `find_halves` gives them.
        flow: what one pass over the text left behind; the same must come out again.

    Raises:
        ProofError: if the halves of a block do not add up, or the pass is another one.
    """
    if not flow.by_prefix:
        return _read(model, anatomy.blocks, splits, flow, flow.reading)
    parts = [_read(model, anatomy.blocks, splits, flow, flow.reading.until(p)) for p in flow.reading.explained]

    def last(name: str) -> Any:
        found = [getattr(part, name) for part in parts]
        return None if found[0] is None else torch.stack([states[:, -1] for states in found], dim=1)

    return Halves(last("inputs"), last("attention"), last("ffn"), last("middle"), last("outputs"))


def _read(model: nn.Module, stack: Stack, splits: Sequence[Split], flow: Pass, reading: Reading) -> Halves:
    whole = reading is flow.reading
    rows = [reading.row(p) for p in (flow.positions if whole else reading.explained[-1:])]
    found, logits = halves_in_pass(model, stack, splits, reading, rows)
    if whole and not deviation(logits, flow.logits) <= tolerance(logits.dtype, model):
        name = type(model).__name__
        raise ProofError(f"{name}: its logits change when its blocks are watched, so their halves may not be its own.")
    return found


def halves_in_pass(
    model: nn.Module,
    stack: Stack,
    splits: Sequence[Split],
    reading: Reading,
    rows: Sequence[int],
    *,
    gradients: bool = False,
) -> tuple[Halves, Float[Tensor, "row vocab"]]:
    """What every block adds in one pass, whatever changes what flows in it; and the logits at some rows.

    Args:
        model: the model.
        stack: the blocks that lead to the logits.
        splits: as `find_halves` gives them.
        reading: the text.
        rows: where logits are read.
        gradients: keep the way back from the halves.

    Raises:
        ProofError: if the halves of a block do not add up.
    """
    calls = [{(c.module, c.turn) for c in (*s.attention, s.ffn, s.reader) if c} for s in splits]
    name = type(model).__name__
    with (
        undisturbed(model, gradients=gradients),
        _watched(stack, lambda layer, *key: layer < len(calls) and key in calls[layer]) as blocks,
    ):
        logits = logits_at(model, reading.inputs(), rows)[0]
        *_, stream = reading.streams.values()
        found = [_checked(name, layer, block, split) for layer, (block, split) in enumerate(zip(blocks, splits, strict=True))]

        def stacked(kind: str) -> Any:
            states = [halves[kind] for halves in found if kind in halves]
            by_token = [stack.layout.read(state, 1, len(stream), name)[0].to(states[-1].device) for state in states]
            return torch.stack(by_token) if len(states) == len(splits) else None

        names = ("inputs", "attention", "ffn", "middle", "outputs")
        return Halves(*(stacked(name) for name in names)), logits


def _checked(name: str, layer: int, block: _Block, split: Split) -> dict[str, Tensor]:
    """Input, halves and (if there is one) middle of a block."""
    assert block.output is not None
    seen = [(one, block.find(one)) for one in (*split.attention, split.ffn)]
    wrote = [one.factor * state for one, ran in seen if (state := _as(ran.wrote if ran else None, block.output)) is not None]
    reader = block.find(split.reader) if split.reader else None
    given, middle = _as(block.input, block.output), _as(reader.read if reader else None, block.output)
    if given is not None and len(wrote) == len(seen) and (middle is None) == (split.reader is None):
        attention, ffn = torch.stack(wrote[:-1]).sum(dim=0), wrote[-1]
        if adds_up([given, attention, ffn], block.output) and (middle is None or adds_up([given, attention], middle)):
            found = {"inputs": given, "attention": attention, "ffn": ffn, "outputs": block.output}
            return found if middle is None else found | {"middle": middle}
    raise ProofError(
        f"{name}: in this text, what the attention and the FFN of layer {layer} wrote does not add up to what the layer added, "
        "as it did on a short one."
    )


# -- watching ----------------------------------------------------------------------------------------------------------


@contextmanager
def _watched(stack: Stack, keeps: Callable[..., bool]) -> Iterator[list[_Block]]:
    """Note what blocks were given and returned, and of the calls in them those that `keeps(layer, module, turn)` wants.

    All are copies, because some models change what a module returned in place afterwards (Falcon).
    """
    blocks: list[_Block] = []
    open_calls: list[Tensor | None] = []
    turns: dict[nn.Module, int] = {}
    inside = False

    def begin(_block: nn.Module, args: Any, kwargs: Any) -> None:
        nonlocal inside
        given = _given(args, kwargs)
        assert given is not None, "a block reads a hidden state"
        blocks.append(_Block(given.clone()))
        turns.clear()
        inside = True

    def end(_block: nn.Module, _args: Any, output: Any) -> None:
        nonlocal inside
        inside, state = False, first_tensor(output)
        blocks[-1].output = None if state is None else state.clone()

    def enter(module: nn.Module, args: Any, kwargs: Any) -> None:
        given = _given(args, kwargs) if inside and keeps(len(blocks) - 1, module, turns.get(module, 0)) else None
        open_calls.append(None if given is None else given.clone())

    def leave(module: nn.Module, _args: Any, output: Any) -> None:
        read = open_calls.pop()
        if not inside:
            return
        turn = turns.get(module, 0)
        turns[module] = turn + 1
        if keeps(len(blocks) - 1, module, turn):
            wrote = first_tensor(output)
            blocks[-1].calls.append(_Ran(module, turn, read, None if wrote is None else wrote.clone()))

    own = set(stack.modules)
    parts = dict.fromkeys(m for block in stack.modules for m in block.modules() if m not in own)
    handles = [b.register_forward_pre_hook(begin, with_kwargs=True) for b in own]
    handles += [b.register_forward_hook(end) for b in own]
    handles += [m.register_forward_pre_hook(enter, with_kwargs=True) for m in parts]
    handles += [m.register_forward_hook(leave) for m in parts]
    try:
        yield blocks
    finally:
        for handle in handles:
            handle.remove()


def _given(args: Any, kwargs: Any) -> Tensor | None:
    given = first_tensor(args)
    return first_tensor(kwargs) if given is None else given
