"""With which weights the tokens of a text attend to each other, layer by layer and head by head.

Which product of a block is its attention is found on a short probe (`find_attention`): the one whose weights have a row for
every token that looks and a column for every token that is looked at. The lengths of the probe are not those of the
text, so that no size of the model can be taken for a number of tokens; the text must then show the same products.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from ecco.anatomy import Anatomy, Stack
from ecco.errors import ArgumentError, ModelError, ProofError
from ecco.forward import first_tensor, logits_at, tolerance, undisturbed
from ecco.processes import Cut, column_cut, is_one, shared
from ecco.products import STEPWISE, Factors, Product, implementations, watched_pass, watching
from ecco.reading import Reading

# Why heads of which each process that shares a model computes a part are not shown, if it is not known which part.
SPLIT = (
    "is split over several processes, and which of its heads each of them computes is not known; load the model in one "
    "process (device_map= spreads it over several devices)"
)

# Lengths of a probe: no sizes that models have.
LENGTHS = (7, 11, 13)


@dataclass(frozen=True)
class AttentionSite:
    """Where a block attends.

    Attributes:
        modules: the modules around the product of weights and values, the block first.
        place: which product of the block it is.
        products: how many products with softmax weights the block has.
        reason: why it is not understood; None if it is.
        cut: how processes that share the model share its heads; None if each computes them all.
    """

    modules: tuple[nn.Module, ...] = field(repr=False)
    place: int
    products: int
    reason: str | None = None
    cut: Cut | None = None


def kinds_of(reading: Reading) -> tuple[str, ...]:
    """The kinds of attention in a model that reads so: whose tokens look at whose; the first is the default."""
    if reading.kind == "seq2seq":
        return ("cross", "decoder", "encoder")
    return ("decoder",) if reading.kind == "causal" else ("encoder",)


def blocks_of(anatomy: Anatomy, kind: str) -> Stack:
    """The blocks in which a kind of attention is."""
    return anatomy.encoder if kind == "encoder" and anatomy.encoder is not None else anatomy.blocks


def sizes(reading: Reading, kind: str) -> dict[str, tuple[int, int]]:
    """(query, key) of every kind of attention in the blocks that have this one."""
    lengths = [len(stream) for stream in reading.streams.values()]
    if kind == "encoder" or len(lengths) == 1:
        return {kind: (lengths[0], lengths[0])}
    return {"decoder": (lengths[1], lengths[1]), "cross": (lengths[1], lengths[0])}


def find_attention(model: nn.Module, anatomy: Anatomy, reading: Reading, kind: str) -> dict[int, AttentionSite]:
    """The layers that have a kind of attention, and where.

    Others mix tokens otherwise (state spaces, convolutions, recurrences).

    Args:
        model: the model.
        anatomy: its parts.
        reading: a text that it will read.
        kind: one of `kinds_of(reading)`.

    Raises:
        ProofError: if there is none.
    """
    probe, stack = _probe(reading), blocks_of(anatomy, kind)
    with undisturbed(model):
        calls, outside = watched_pass(model, stack, probe, [0], lambda *_: slice(None), prove=False)
    if len(calls) != stack.n_layers:
        raise ProofError(f"{type(model).__name__}: {len(calls)} calls of its {stack.n_layers} blocks were seen.")
    shapes = sizes(probe, kind)
    if any(product.shape[1:] in shapes.values() for product in outside):
        raise ProofError(
            f"{type(model).__name__}: it attends outside of the blocks that were found as well ({stack.name}), so the number "
            "of a layer would be misleading."
        )
    found = {layer: site for layer, call in enumerate(calls) if (site := _site(call, shapes, kind)) is not None}
    if not found:
        raise ProofError(f"{type(model).__name__}: none of its layers has attention of the kind {kind!r}.")
    if not shared(model):
        return found
    cuts = head_cuts(model, stack, probe)
    found = {layer: replace(site, cut=cuts.get((layer, site.place))) for layer, site in found.items()}
    whole = {layer: _whole(calls[layer][site.place], site.cut) for layer, site in found.items()}
    split = {layer for layer in found if not is_one(model, whole[layer])}
    return {layer: replace(site, reason=SPLIT) if layer in split else site for layer, site in found.items()}


def _probe(reading: Reading) -> Reading:
    """A text whose streams have other lengths than those of this one, and of each other."""
    lengths = [len(stream) for stream in reading.streams.values()]
    first = next(n for n in LENGTHS if n != lengths[0])
    ids = reading.ids.repeat(sum(LENGTHS))
    if len(lengths) == 1:
        return replace(reading, ids=ids[:first], n_source=first)
    second = next(n for n in LENGTHS if n not in (lengths[1], first))
    return replace(reading, ids=ids[: first + second - len(reading.start)], n_source=first)


def _site(call: list[Product], shapes: dict[str, tuple[int, int]], kind: str) -> AttentionSite | None:
    """Which product of a block call of the probe is the attention; None if it has none."""
    fitting = [p.shape[1:] in shapes.values() for p in call]
    odd = [p for p, fits in zip(call, fitting, strict=True) if not fits and (not any(fitting) or p.shape[1] == shapes[kind][0])]
    if odd:
        columns = odd[0].shape[1:]
        reason = f"attends in pieces, or not to its tokens alone (weights {columns} where {shapes[kind]} tokens are)"
        return AttentionSite(odd[0].modules, 0, len(call), reason)
    own = [place for place, p in enumerate(call) if p.shape[1:] == shapes[kind]]
    # The same weights on two parts of the values are one attention (DiffLlama).
    own = [k for i, k in enumerate(own) if not any(torch.equal(call[k].weights, call[b].weights) for b in own[:i])]  # type: ignore[arg-type]
    if not own:
        return None
    reason = None if len(own) == 1 else f"attends {len(own)} times over the same tokens, which is not one set of weights"
    return AttentionSite(call[own[0]].modules, own[0], len(call), reason)


def head_cuts(model: nn.Module, stack: Stack, probe: Reading) -> dict[tuple[int, int], Cut]:
    """How processes that share a model share the heads of its products with softmax weights.

    Instead of its sum of values every head writes a number of its own, bit by bit, token after token. A matrix whose columns
    the processes share, and which reads these numbers from one head after the other, tells whose heads they are.

    Args:
        model: the model.
        stack: its blocks.
        probe: a text, of which more tokens are read than the number of a head has bits.

    Returns:
        By layer, and place of the product in the call of the block; those of which it is not known are left out.
    """
    found: dict[tuple[int, int], Cut] = {}
    unread: dict[tuple[int, int], Tensor] = {}

    def write(layer: int, place: int, _factors: Factors, result: Tensor) -> Tensor:
        heads, rows, _ = result.shape
        bits = (torch.arange(1, heads + 1)[:, None] >> torch.arange(rows)) % 2
        unread.update({(layer, place): bits})
        return bits[..., None].to(result).expand_as(result).clone()

    def read(module: nn.Module, args: object, kwargs: object) -> None:
        state = first_tensor(args)
        state = first_tensor(kwargs) if state is None else state
        if state is None or (cut := column_cut(module, state.shape[-1])) is None or cut.size % cut.mesh.size():
            return
        told = [place for place, bits in unread.items() if _tells(state, bits)]
        if len(told) == 1:
            found[told[0]] = Cut(cut.mesh, len(unread.pop(told[0])) * cut.mesh.size())

    parts = dict.fromkeys(m for block in stack.modules for m in block.modules())
    stepwise = all(implementation in STEPWISE for _, implementation in implementations(model))
    with undisturbed(model):
        handles = [module.register_forward_pre_hook(read, with_kwargs=True) for module in parts]
        try:
            for eager in (False, True) if stepwise else (True,):
                unread.clear()
                with suppress(ModelError), watching(model, stack, lambda *_: None, eager=eager, change=write):
                    logits_at(model, probe.inputs(), [0])
        finally:
            for handle in handles:
                handle.remove()
    return found


def _tells(state: Float[Tensor, "*_ column"], bits: Int[Tensor, "head row"]) -> bool:
    """Whether what a matrix reads for every token has these bits, head after head."""
    heads, rows = bits.shape
    if state.numel() != rows * state.shape[-1] or state.shape[-1] % heads or heads >= 2**rows:
        return False
    return torch.equal((state.reshape(rows, heads, -1) != 0).all(dim=-1).T.cpu(), bits.bool())


def _whole(product: Product, cut: Cut | None) -> Float[Tensor, "head query key"]:
    """The weights of all heads."""
    assert product.weights is not None
    return product.weights if cut is None else cut.whole(product.weights, 0)


def attend(
    model: nn.Module,
    anatomy: Anatomy,
    reading: Reading,
    kind: str,
    sites: dict[int, AttentionSite],
    layers: Iterable[int],
    positions: Sequence[int],
    *,
    last: bool = False,
) -> dict[int, Float[Tensor, "head query key"]]:
    """Run one text through the model and keep attention weights.

    Args:
        model: the model.
        anatomy: its parts.
        reading: the text.
        kind: one of `kinds_of(reading)`.
        sites: where it attends, as `find_attention` says.
        layers: which layers are kept.
        positions: whose logits must be the model's own.
        last: keep the weights of the last query only.

    Returns:
        The weights of every layer, float32 on the CPU, as they were multiplied with the values.

    Raises:
        ArgumentError: if a layer has no such attention.
        ProofError: if the weights are not seen, or are not those of one token for each other.
    """
    wanted = _understood(model, kind, sites, layers)
    rows = slice(-1 if last else 0, None)

    def keeps(layer: int, place: int) -> slice | None:
        return rows if layer in wanted and wanted[layer].place == place else None

    with undisturbed(model):
        read = [reading.row(p) for p in positions]
        calls, _ = watched_pass(model, blocks_of(anatomy, kind), reading, read, keeps, prove=True)
    found: dict[int, Tensor] = {}
    for layer, site in wanted.items():
        call = calls[layer] if layer < len(calls) else []
        if len(call) != site.products or call[site.place].shape[1:] != sizes(reading, kind)[kind]:
            raise ProofError(
                f"{type(model).__name__}: layer {layer} does not attend to this text as it did to a short one, token by token "
                f"(weights {[p.shape[1:] for p in call]} for {sizes(reading, kind)[kind]} tokens)."
            )
        found[layer] = _checked(model, call[site.place], _whole(call[site.place], site.cut), layer, kind)
    return found


def attend_by_prefix(
    model: nn.Module, anatomy: Anatomy, reading: Reading, kind: str, sites: dict[int, AttentionSite], layers: Sequence[int]
) -> dict[int, Float[Tensor, "head query key"]]:
    """`attend`, every query in a pass over the text up to it, for models whose view changes with what follows."""
    queries, keys = sizes(reading, kind)[kind]
    whole: dict[int, Tensor] = {}
    for p in reading.explained:
        part = attend(model, anatomy, reading.until(p), kind, sites, layers, [p], last=True)
        for layer, row in part.items():
            found = whole.setdefault(layer, row.new_zeros(len(row), queries, keys))
            found[:, reading.row(p), : row.shape[-1]] = row[:, 0]
    return whole


def _understood(
    model: nn.Module, kind: str, sites: dict[int, AttentionSite], layers: Iterable[int]
) -> dict[int, AttentionSite]:
    """The sites of these layers.

    Raises:
        ArgumentError: if a layer has none.
        ProofError: if one is not understood.
    """
    for layer in (layers := list(layers)):
        if layer not in sites:
            raise ArgumentError(
                f"layer={layer} has no attention of the kind {kind!r} in this model; there is some in layer "
                f"{', '.join(map(str, sites))}."
            )
        if (reason := sites[layer].reason) is not None:
            others = ", ".join(str(other) for other, site in sites.items() if site.reason is None)
            more = f" Ask for layer={others}." if others else ""
            raise ProofError(f"{type(model).__name__}: layer {layer} {reason}.{more}")
    return {layer: sites[layer] for layer in layers}


def _checked(
    model: nn.Module, product: Product, weights: Float[Tensor, "head query key"], layer: int, kind: str
) -> Float[Tensor, "head query key"]:
    """The weights, if they are shares of what can be seen.

    Raises:
        ProofError: if they are not.
    """
    error = None
    first = product.shape[1] - weights.shape[1]  # the query of the first row
    if not bool(torch.isfinite(weights).all()) or bool((weights < 0).any()):
        error = "are negative or not finite"
    elif float(weights.sum(dim=-1).max()) > 1 + max(tolerance(product.dtype, model), tolerance(weights.dtype, model)):
        error = "add up to more than 1"
    elif kind == "decoder" and bool(weights.triu(first + 1).any()):
        error = "are not 0 for tokens that come later"
    if error:
        raise ProofError(f"{type(model).__name__}: the attention weights of layer {layer} {error}.")
    return weights
