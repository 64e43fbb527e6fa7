"""The neurons of a text: what every unit of every FFN computed for every token."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ecco.capture import Pass
from ecco.errors import ArgumentError, ProofError
from ecco.ffn import Site
from ecco.firing import recording
from ecco.forward import deviation, logits_at, tolerance, undisturbed
from ecco.reading import Reading


@dataclass(frozen=True)
class LayerNeurons:
    """The neurons of one layer for one text.

    Attributes:
        side: 0 for the blocks that lead to the logits, 1 for an encoder-decoder's encoder.
        layer: counted from 0 within its side, over all blocks, also those without an FFN.
        values: (neuron, token), what the last matrix of the FFN reads. Several FFNs of one layer stand one after the
            other, in the order in which they run, and so do the experts of one; a neuron of an expert is scaled by the
            router's weight, and 0 where its expert was not chosen.
    """

    side: int
    layer: int
    values: Float[Tensor, "neuron token"] = field(repr=False)

    def to(self, dtype: torch.dtype) -> LayerNeurons:
        """The same in another dtype.

        Raises:
            ArgumentError: if some are too large for it.
        """
        values = self.values.to(dtype)
        if bool((values.isinf() & self.values.isfinite()).any()):
            raise ArgumentError(
                f"activations_dtype={dtype}: neurons of layer {self.layer} are as large as "
                f"{float(self.values.abs().max()):.4g}, and it holds up to {torch.finfo(dtype).max:.4g}. Choose torch.bfloat16."
            )
        return replace(self, values=values)


def read_neurons(model: Any, sites: Sequence[Site], flow: Pass, layers: Collection[tuple[int, int]]) -> list[LayerNeurons]:
    """Read the neurons of some layers of a text that was read before.

    Args:
        model: the model.
        sites: all sites of the model, in the order of their calls.
        flow: what one pass over the text left behind; the logits must come out again.
        layers: pairs (side, layer).

    Returns:
        One for each layer asked that has an FFN, by side and layer.

    Raises:
        ProofError: if the FFNs did not run once per token, or the logits are others.
    """
    wanted = [i for i, site in enumerate(sites) if (site.side, site.layer) in layers]
    found = _read(model, sites, wanted, flow.reading, flow)
    if flow.by_prefix:
        parts = [_read(model, sites, wanted, flow.reading.until(p)) for p in flow.reading.explained]
        own = [i for i in wanted if sites[i].side == 0]  # an encoder reads the same source every time
        found |= {i: torch.stack([part[i][-1] for part in parts]) for i in own}
    grouped: dict[tuple[int, int], list[Tensor]] = {}
    for i in wanted:
        grouped.setdefault((sites[i].side, sites[i].layer), []).append(found[i])
    return [LayerNeurons(side, layer, torch.cat(grouped[side, layer], dim=1).T) for side, layer in sorted(grouped)]


def _read(
    model: Any, sites: Sequence[Site], wanted: Sequence[int], reading: Reading, flow: Pass | None = None
) -> dict[int, Tensor]:
    """One pass; where `flow` is given and has read the text as a whole, its logits must come out again."""
    lengths = [len(stream) for stream in reading.streams.values()][::-1]  # by side: the stream to the logits comes last
    same = flow is not None and not flow.by_prefix
    rows = [reading.row(p) for p in flow.positions] if flow and same else [reading.row(reading.explained[-1])]
    tokens = {i: lengths[sites[i].side] for i in wanted}
    with undisturbed(model), recording(model, sites, tokens) as found:
        logits = logits_at(model, reading.inputs(), rows)[0]
    if flow and same and not deviation(logits, flow.logits) <= tolerance(logits.dtype, model):
        raise ProofError(
            f"{type(model).__name__}: its logits change when its neurons are watched (deviation "
            f"{deviation(logits, flow.logits):.2g}), so the neurons seen may not be its own."
        )
    return found
