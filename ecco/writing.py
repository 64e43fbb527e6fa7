"""What each neuron gave to a number, and what it writes: the last matrix of an FFN, and all that follows it in its block.

With the norms of the block frozen, what an FFN writes is linear in its neurons. This is proved for every layer and
question: neurons of 0, and random ones, must give what the gradient says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from ecco.devices import in_double
from ecco.errors import ProofError
from ecco.ffn import Site
from ecco.firing import by_token, changing
from ecco.forward import undisturbed
from ecco.rerun import Rerun, at_random, bound, given, same


@dataclass(frozen=True)
class Writing:
    """What the neurons of one layer gave to a number.

    Attributes:
        values: (neuron,), numbered as in `ecco.activations.LayerNeurons`; sums over tokens.
        neurons: (token, neuron), what they were.
        rest: what belongs to none of them: biases.
    """

    values: Float[Tensor, " neuron"] = field(repr=False)
    neurons: Float[Tensor, "token neuron"] = field(repr=False)
    rest: float


def split_neurons(rerun: Rerun, slope: Float[Tensor, "_ d_model"]) -> list[Writing]:
    """What every neuron gave to a number that is linear in what the FFN of every layer wrote.

    Args:
        rerun: the text.
        slope: the number's derivative.

    Returns:
        One for each layer.

    Raises:
        ProofError: if what an FFN writes is not linear in its neurons.
    """
    sites, leaves, chosen = rerun.run.loaded.sites, dict[int, Tensor](), dict[int, Tensor | None]()

    def expose(place: int, neurons: Tensor, experts: Tensor | None) -> Tensor:
        leaves[place], chosen[place] = neurons.detach().clone().requires_grad_(), experts
        return leaves[place]

    with undisturbed(rerun.model, gradients=True):
        halves = rerun.halves(_changing(rerun, expose), gradients=True)
        whole = given(halves.ffn, slope)
        # The way back goes through the end of each block, where FSDP brings its weights together again.
        ends = given(halves.outputs, slope).sum()
        found = (
            torch.autograd.grad(ends, list(leaves.values()), allow_unused=True) if ends.requires_grad else [None] * len(leaves)
        )
    slopes = {place: _slope(sites[place], leaf, grad) for (place, leaf), grad in zip(leaves.items(), found, strict=True)}
    chance = torch.Generator().manual_seed(0)
    other = {place: at_random(leaf, chance) for place, leaf in leaves.items()}
    rest = _gives(rerun, lambda place, neurons: torch.zeros_like(neurons), slope)
    mixed = _gives(rerun, lambda place, _: other[place], slope)
    found, error = [], bound(rerun.run)
    for layer, total in enumerate(whole.tolist()):
        own = [place for place in leaves if sites[place].layer == layer]
        values = torch.cat([by_token(leaves[p].detach() * slopes[p], chosen[p], sites[p]).sum(dim=0) for p in own])
        by_chance = [float((in_double(other[p]) * in_double(slopes[p])).sum()) for p in own]
        largest = [float(values.abs().max()), max(float((other[p] * slopes[p]).abs().max()) for p in own)]
        if not (
            same(error, float(in_double(values).sum()) + rest[layer], total, largest)
            and same(error, sum(by_chance) + rest[layer], mixed[layer], largest)
        ):
            raise ProofError(
                f"{type(rerun.model).__name__}: what the FFN of layer {layer} writes is not linear in its neurons, even with "
                "its norms frozen, so it is no sum of what they write."
            )
        neurons = torch.cat([by_token(leaves[p].detach(), chosen[p], sites[p]) for p in own], dim=1)
        found.append(Writing(values, neurons, rest[layer]))
    return found


def _slope(site: Site, neurons: Tensor, grad: Tensor | None) -> Tensor:
    """The derivative by the neurons of all processes that share a site; each knows that by its own."""
    own = torch.zeros_like(neurons) if grad is None else grad
    return own if site.cut is None else site.cut.summed(own)


def strongest(values: Sequence[Float[Tensor, "_"]], count: int) -> list[tuple[int, int]]:
    """Layer and number of the neurons with the largest absolute values of all layers, the largest first."""
    sizes = torch.cat([one.abs().cpu() for one in values])
    layers = torch.cat([torch.full((len(one),), layer) for layer, one in enumerate(values)])
    numbers = torch.cat([torch.arange(len(one)) for one in values])
    best = sizes.topk(min(count, len(sizes))).indices
    return list(zip(layers[best].tolist(), numbers[best].tolist(), strict=True))


def directions(
    rerun: Rerun, at: int, neurons: Sequence[Mapping[int, Float[Tensor, "_"]]]
) -> Float[Tensor, "trial layer d_model"]:
    """What the FFN of every layer adds to its biases at one token, in several trials; two more passes are the proof.

    Args:
        rerun: the text.
        at: which of the tokens that the blocks read.
        neurons: of each trial by layer, what its neurons are at this token; those of other layers are 0. Of experts only
            those that the token was sent to write.

    Raises:
        ProofError: if what an FFN writes is not linear in its neurons.
    """
    sites = rerun.run.loaded.sites

    def wrote(neurons: Mapping[int, Tensor]) -> Float[Tensor, "layer d_model"]:
        def change(place: int, state: Tensor, experts: Tensor | None) -> Tensor:
            site, new = sites[place], state.new_zeros(state.shape)
            if site.layer in neurons:
                start = sum(s.n_neurons for s in sites[:place] if s.side == 0 and s.layer == site.layer)
                own = neurons[site.layer][start : start + site.n_neurons].to(new)
                if experts is None:
                    new.view(-1, site.n_neurons)[at] = own
                else:
                    kinds = own.view(-1, new.shape[-1])
                    known = experts[at] < len(kinds)
                    new[at, known] = kinds[experts[at][known]]
            return new

        return rerun.halves(_changing(rerun, change)).ffn[:, at]

    nothing = wrote({})
    added = torch.stack([wrote(one) for one in neurons]) - nothing
    together: dict[int, Tensor] = {}
    for layer, own in (pair for one in neurons for pair in one.items()):
        together[layer] = own + together.get(layer, torch.zeros_like(own))
    taken = nothing - wrote({layer: -own for layer, own in together.items()})
    if not float((added.sum(dim=0) - taken).abs().max()) <= bound(rerun.run) * float(added.abs().max()):
        raise ProofError(
            f"{type(rerun.model).__name__}: what its FFNs write is not linear in their neurons, even with norms frozen."
        )
    return added


def _changing(rerun: Rerun, change: Callable[[int, Tensor, Tensor | None], Tensor]) -> AbstractContextManager[None]:
    """Change the neurons of the blocks that lead to the logits; those of an encoder stay as they are."""
    sites: Sequence[Site] = rerun.run.loaded.sites
    return changing(rerun.model, sites, [place for place, site in enumerate(sites) if site.side == 0], change)


def _gives(rerun: Rerun, change: Callable[[int, Tensor], Tensor], slope: Tensor) -> list[float]:
    """What the FFN of every layer gives, its neurons changed."""
    halves = rerun.halves(_changing(rerun, lambda place, neurons, _: change(place, neurons)))
    return given(halves.ffn, slope).tolist()
