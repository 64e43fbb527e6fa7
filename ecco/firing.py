"""The neurons of a model in a pass: seen, and changed.

Where processes that share the model have some of them each, all see the neurons of all, and each takes back its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from ecco.errors import ProofError
from ecco.experts import joined, watched
from ecco.ffn import Site
from ecco.forward import first_tensor, replace_first_tensor

# Gets a site's place, its neurons, and for experts (token, choice) which they belong to; the neurons then are (token,
# choice, neuron of an expert).
Change = Callable[[int, Tensor, Tensor | None], Tensor | None]


@contextmanager
def recording(model: nn.Module, sites: Sequence[Site], wanted: Mapping[int, int]) -> Iterator[dict[int, Tensor]]:
    """Collect the neurons of some sites of a pass over one text.

    Args:
        model: the model.
        sites: all of its sites, in the order of their calls.
        wanted: which of them, by their place in `sites`, and how many tokens each reads.

    Yields:
        (token, neuron) by place in `sites`, complete once the pass has ended.

    Raises:
        ProofError: on leaving, if other FFNs were called than in the probe, or for other tokens.
    """
    found: dict[int, Tensor] = {}

    def note(place: int, neurons: Tensor, chosen: Tensor | None) -> None:
        found[place] = by_token(neurons, chosen, sites[place]).detach()

    with changing(model, sites, wanted, note):
        yield found
    wrong = [sites[place].name for place, n in wanted.items() if place not in found or len(found[place]) != n]
    if wrong:
        raise ProofError(f"{type(model).__name__}: {wrong[0]} does not read one vector of neurons per token of this text.")


@contextmanager
def changing(model: nn.Module, sites: Sequence[Site], wanted: Collection[int], change: Change) -> Iterator[None]:
    """Let the neurons of some sites be seen, and changed, in a pass.

    Args:
        model: the model.
        sites: all of its sites, in the order of their calls.
        wanted: which of them, by their place in `sites`.
        change: gets the place of a site and what it reads, and says what it reads instead; None for the same.

    Raises:
        ProofError: if FFNs are called in another order than in the probe.
    """
    calls = 0

    def next_place(module: nn.Module) -> int:
        nonlocal calls
        place, calls = calls, calls + 1
        if place >= len(sites) or sites[place].module is not module:
            raise ProofError(f"{type(model).__name__} calls its FFNs in another order than before, so layers are mixed up.")
        return place

    def changed(module: nn.Module, neurons: Tensor, chosen: Tensor | None) -> Tensor | None:
        place = next_place(module)
        if place not in wanted:
            return None
        site = sites[place]
        if site.cut is None:
            return change(place, neurons, chosen)
        if site.by_expert:
            return change(place, *joined(model, site.cut, neurons, chosen))
        new = change(place, site.cut.whole(neurons, -1), chosen)
        return None if new is None else site.cut.own(new, -1)

    def before(module: nn.Module, args: Any, kwargs: dict[str, Any]) -> Any:
        given = args if first_tensor(args) is not None else kwargs
        if (state := first_tensor(given)) is None or (new := changed(module, state, None)) is None:
            return None
        replaced = replace_first_tensor(given, new)
        return (replaced, kwargs) if given is args else (args, replaced)

    plain = dict.fromkeys(site.module for site in sites if site.kind != "experts")
    handles = [module.register_forward_pre_hook(before, with_kwargs=True) for module in plain]
    try:
        with watched(model, lambda module, chosen, neurons: changed(module, neurons, chosen)):
            yield
    finally:
        for handle in handles:
            handle.remove()


def by_token(neurons: Tensor, chosen: Tensor | None, site: Site) -> Float[Tensor, "token neuron"]:
    """What `changing` shows of a site, as a copy: every neuron of every token, those of experts that were not chosen as 0."""
    if chosen is not None:
        return spread(chosen, neurons, site.n_neurons)
    return neurons.reshape(-1, neurons.shape[-1]).clone()


def spread(chosen: Tensor, neurons: Tensor, n_neurons: int) -> Tensor:
    """The neurons of the chosen experts among those of all, (token, neuron); the others are 0."""
    n, _, width = neurons.shape
    out = neurons.new_zeros(n, n_neurons // width + 1, width)  # the last row takes what was sent to no expert
    index = chosen.clamp(0, n_neurons // width)[..., None].expand_as(neurons)
    return out.scatter_add_(1, index, neurons)[:, :-1].flatten(1)
