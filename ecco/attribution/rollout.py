"""Attention rollout: how much of each token is mixed into the place where the answer is read, for comparison.

Source: Abnar & Zuidema 2020, arXiv 2005.00928.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from ecco.attending import attend, blocks_of, find_attention, kinds_of, sizes
from ecco.attribution.gradient import Problem
from ecco.errors import ProofError


def rolled_out(problem: Problem) -> Float[Tensor, "target token"]:
    """The share of every token at the places where the targets are read.

    In every layer the weights, averaged over heads, are mixed half and half with what stays in its place; the layers are
    multiplied. A decoder mixes in what it reads of the source likewise, after what it reads of itself.

    Raises:
        ProofError: if the attention is not understood, some layers mix tokens otherwise, or it is not known where the answer is
            read.
    """
    if problem.reading.kind == "text label":
        raise ProofError(
            f"{type(problem.model).__name__}: from which token its label is read is not known, so there is no place to roll "
            'attention out from; use "grad_x_input".'
        )
    if problem.anatomy is None:
        raise ProofError(f"{type(problem.model).__name__}: its layers are not found, so its attention cannot be rolled out.")
    kinds = kinds_of(problem.reading)
    weights = {kind: _weights(problem, kind) for kind in kinds}
    if len(kinds) == 1:
        found = torch.eye(sizes(problem.reading, kinds[0])[kinds[0]][0])
        for layer in weights[kinds[0]]:
            found = (layer @ found + found) / 2
        return _read(problem, found)
    source = torch.eye(len(problem.streams[0]))
    for layer in weights["encoder"]:
        source = (layer @ source + source) / 2
    n_target = len(problem.streams[1])
    found = torch.cat([torch.zeros(n_target, len(source)), torch.eye(n_target)], dim=1)
    of_source = torch.cat([source, torch.zeros(len(source), n_target)], dim=1)
    for own, cross in zip(weights["decoder"], weights["cross"], strict=True):
        found = (own @ found + found) / 2
        found = (cross @ of_source + found) / 2
    return _read(problem, found)


def _read(problem: Problem, found: Float[Tensor, "place token"]) -> Float[Tensor, "target token"]:
    """Where the targets are read; of one that is several tokens, the sum."""
    rows = found[torch.tensor(problem.rows)]
    return torch.stack([rows[span.start : span.stop].sum(dim=0) for span in problem.target.spans])


def _weights(problem: Problem, kind: str) -> list[Float[Tensor, "query key"]]:
    """The weights of every layer, averaged over heads; a sink's share goes nowhere, so rows are made to sum to 1."""
    assert problem.anatomy is not None
    places = find_attention(problem.model, problem.anatomy, problem.reading, kind)
    n_layers = blocks_of(problem.anatomy, kind).n_layers
    if len(places) != n_layers:
        raise ProofError(
            f"{type(problem.model).__name__}: only {len(places)} of its {n_layers} layers attend ({kind}); the others mix "
            'tokens otherwise, so attention does not tell how tokens are mixed. Use "grad_x_input".'
        )
    found = attend(problem.model, problem.anatomy, problem.reading, kind, places, places, problem.target.positions)
    means = [found[layer].mean(dim=0) for layer in sorted(found)]
    return [mean / mean.sum(dim=-1, keepdim=True) for mean in means]
