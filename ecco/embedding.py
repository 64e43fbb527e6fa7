"""The vectors that a model makes of the ids of a text: recorded, or replaced by others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor, nn

from ecco.forward import first_tensor, replace_first_tensor


@contextmanager
def embedding_output(
    embeddings: Sequence[nn.Module],
    streams: Sequence[Int[Tensor, "_"]],
    replacements: Sequence[Tensor] | None = None,
    *,
    leaves: bool = False,
) -> Iterator[list[list[Tensor]]]:
    """Collect the vectors of a text stream by stream, or put `replacements` in their place.

    A module that embeds several streams (T5) is called for one after the other, the encoder's first. What a module
    embeds beside the text (padding, a prompt of the model's own) stays as it is.

    Args:
        embeddings: the module that embeds each stream.
        streams: the ids of each, (token,).
        replacements: (batch, token, d_embedding) for each, or None.
        leaves: whether the vectors that are seen are leaves, from which the pass goes on, so that gradients lead to them.

    Yields:
        for each stream what was seen of it, usually one tensor (batch, token, d_embedding).
    """
    seen: list[list[Tensor]] = [[] for _ in embeddings]

    def watch(module: nn.Module) -> Any:
        own = [i for i, embedding in enumerate(embeddings) if embedding is module]

        def note(_module: nn.Module, args: Any, kwargs: Any, output: Any) -> Any:
            vectors, ids = first_tensor(output), _ids([*args, *kwargs.values()])
            if vectors is None or vectors.dim() < 3:
                return None
            turn = sorted(own, key=lambda i: len(seen[i]))
            spots = {i: spot for i in turn if ids is not None and (spot := _spot(ids, streams[i])) is not None}
            stream = next((i for i in turn if i in spots), turn[0])
            if stream not in spots and ids is not None and bool((ids == ids.flatten()[0]).all()) and seen[stream]:
                return None  # padding, embedded apart from the text (LED)
            axis, start = spots.get(stream, (1, 0))
            length = len(streams[stream]) if stream in spots else vectors.shape[1]
            by_token = vectors.transpose(0, 1) if axis == 0 else vectors
            if replacements is None:
                seen[stream].append(by_token[:, start : start + length].detach().clone().requires_grad_(leaves))
                if not leaves:
                    return None
                put = seen[stream][-1].clone()  # some models change the vectors in place (CTRL), which a leaf does not allow
            else:
                put = replacements[stream].to(vectors.device)
                seen[stream].append(put)
            if length != by_token.shape[1]:
                put = torch.cat([by_token[:, :start], put, by_token[:, start + length :]], dim=1)
            return replace_first_tensor(output, put.transpose(0, 1) if axis == 0 else put)

        return note

    handles = [m.register_forward_hook(watch(m), with_kwargs=True) for m in dict.fromkeys(embeddings)]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def _ids(given: list[Any]) -> Tensor | None:
    """The ids (batch, token) that an embedding module was given."""
    return next((v for v in given if torch.is_tensor(v) and not v.is_floating_point() and v.dim() == 2), None)


def _spot(ids: Int[Tensor, "_ _"], stream: Int[Tensor, "_"]) -> tuple[int, int] | None:
    """Where in `ids` a text stands: the axis of its tokens, and its first place; None if it does not, or not clearly."""
    stream, n = stream.to(ids.device), len(stream)
    for axis, row in ((1, ids[0]), (0, ids[:, 0])):
        if len(row) < n:
            continue
        starts = (row.unfold(0, n, 1) == stream).all(dim=1).nonzero()[:, 0].tolist()
        if not starts:
            continue
        first = starts[0]
        beside = torch.cat([row[:first], row[first + n :]])
        # Beside the text there may be padding; of anything else a text is told apart only where it stands once.
        if len(starts) == 1 or bool((beside == beside[0]).all()):
            return axis, first
    return None
