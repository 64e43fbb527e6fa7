"""What stands for a text that says nothing: one vector in the place of every token's embedding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from ecco.attribution.gradient import Problem, embed
from ecco.errors import ArgumentError
from ecco.forward import undisturbed

# A name, a text, a token id, the ids of a text, or a vector (d_model,).
Baseline = str | int | Sequence[int] | Tensor | np.ndarray

# Ids that are looked up at once.
CHUNK = 8192


def baseline_of(problem: Problem, baseline: Any, like: Float[Tensor, "token d_model"]) -> Float[Tensor, "token d_model"]:
    """The vectors of a baseline, one for every token of all streams.

    Args:
        problem: what is explained.
        baseline: `"mean"` (the mean embedding of the vocabulary), `"zero"`, `"pad"` or `"mask"` (the embedding of that token),
            the id of a token, a text of as many tokens as the explained one or its ids, or a vector (d_model,). The start
            that a decoder reads before its text stays where tokens are given.
        like: the embeddings of the text, as `ecco.attribution.gradient.embed` gives them.

    Raises:
        ArgumentError: for a token that does not exist, another number of tokens, or a vector that does not fit.
    """
    if isinstance(baseline, Tensor | np.ndarray):
        given = torch.as_tensor(baseline).detach()
        if given.is_floating_point():
            return _vector(given, like)
        baseline = given.tolist()
    if isinstance(baseline, str) and baseline == "zero":
        return torch.zeros_like(like)
    if isinstance(baseline, str) and baseline == "mean":
        streams = zip(problem.embeddings, problem.streams, strict=True)
        return torch.cat([_mean(embedding, ids.device).to(like).expand(len(ids), -1) for embedding, ids in streams])
    reading = problem.reading
    ids = reading.ids.new_tensor(_ids(problem, baseline)[: len(reading)])
    return embed(replace(problem, reading=replace(reading, ids=ids), embedded=None)).to(like)


def drawn(problem: Problem, count: int, like: Tensor, generator: torch.Generator) -> Float[Tensor, "draw token d_model"]:
    """Embeddings of tokens drawn from the vocabulary, each as likely as any other, for every token of all streams."""
    streams = zip(problem.embeddings, problem.streams, strict=True)
    parts = []
    for embedding, stream in streams:
        ids = torch.randint(_size(embedding), (count, len(stream)), generator=generator).to(stream.device)
        with undisturbed(embedding):
            parts.append(embedding(ids).to(like))
    return torch.cat(parts, dim=1)


def _vector(given: Tensor, like: Tensor) -> Tensor:
    if not bool(torch.isfinite(given).all()):
        raise ArgumentError("The baseline holds numbers that are not finite.")
    if given.shape != like.shape[-1:]:
        raise ArgumentError(f"The baseline has shape {tuple(given.shape)}; expected ({like.shape[-1]},).")
    return given.to(like).expand_as(like)


def _ids(problem: Problem, baseline: Any) -> list[int]:
    """The token of every position of the whole text."""
    count = len(problem.reading) if problem.n_tokens is None else problem.n_tokens
    size = min(_size(embedding) for embedding in problem.embeddings)
    if isinstance(baseline, str):
        ids = _text(problem, baseline, count)
    elif isinstance(baseline, Sequence):
        ids = list(baseline)
    else:
        ids = [baseline] * count
    for i in ids:
        if isinstance(i, bool) or not isinstance(i, int | np.integer) or not 0 <= i < size:
            raise ArgumentError(
                f"baseline={baseline!r} is neither a name, a text, a vector nor ids of tokens (integers from 0 to {size - 1})."
            )
    if len(ids) != count:
        raise ArgumentError(f"The baseline has {len(ids)} tokens; the text has {count}.")
    return [int(i) for i in ids]


def _text(problem: Problem, baseline: str, count: int) -> list[int]:
    """The ids of a token by its name, for every position, or those of a text."""
    tokenizer: Any = problem.tokenizer
    if baseline in ("pad", "mask"):
        token = None if tokenizer is None else getattr(tokenizer, f"{baseline}_token_id")
        if token is None:
            raise ArgumentError(f'baseline="{baseline}": the tokenizer has no such token; use "mean", or the id of a token.')
        return [int(token)] * count
    forms = (
        [] if tokenizer is None else [tokenizer(baseline, add_special_tokens=special).input_ids for special in (True, False)]
    )
    fitting = [ids for ids in forms if len(ids) == count]
    if not fitting:
        lengths = " or ".join(str(n) for n in sorted({len(ids) for ids in forms}))
        raise ArgumentError(
            f'baseline={baseline!r} is not "mean", "zero", "pad" or "mask", and as a text it has {lengths or "no"} tokens '
            f"where the explained text has {count}."
        )
    return fitting[0]


def _size(embedding: nn.Module) -> int:
    """How many ids an embedding module knows."""
    weight: Any = getattr(embedding, "weight", None)
    if weight is None:
        raise ArgumentError(f"A {type(embedding).__name__} has no table of tokens; pass a vector as baseline=.")
    size: Any = getattr(embedding, "num_embeddings", None)  # the table of packed weights has another form
    return len(weight) if size is None else size


def _mean(embedding: nn.Module, device: torch.device) -> Float[Tensor, "d_model"]:
    """The mean output of the embedding module over its whole vocabulary."""
    size = _size(embedding)
    parts: list[Int[Tensor, "_"]] = list(torch.arange(size, device=device).split(CHUNK))
    with undisturbed(embedding):
        sums = [embedding(ids[None])[0].float().sum(dim=0) for ids in parts]
    return torch.stack(sums).sum(dim=0) / size
