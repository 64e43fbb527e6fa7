"""Factors of the neurons over a collection of texts, which need not fit into memory together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ecco.errors import ArgumentError, EccoError
from ecco.factoring import Factoring, Incremental, in_order, squares
from ecco.factors import SILENT, NeuronFactors, check_count, layers_of, matrix_of, side_of, texts_of
from ecco.naming import is_list, whole_number
from ecco.output import OutputSeq
from ecco.run import Run


def factorise(
    read: Callable[[Any], OutputSeq],
    texts: Sequence[Any],
    n_components: int,
    from_layer: int | None,
    to_layer: int | None,
    *,
    side: str | None,
    seed: int,
    passes: int,
    batch_tokens: int,
    progress: bool,
) -> NeuronFactors:
    """Factors of all texts together, a batch of them in memory at a time; see `LM.run_nmf`."""
    if not is_list(texts) or not len(texts):
        raise ArgumentError(f"texts={texts!r} must be a list of one or more texts.")
    for name, value in (("passes", passes), ("batch_tokens", batch_tokens)):
        if whole_number(value, name) < 1:
            raise ArgumentError(f"{name}={value} must be at least 1.")
    collection = _Collection(read, texts, max(batch_tokens, n_components), from_layer, to_layer, side)
    for number in range(passes):
        try:
            collection.go_through(n_components, seed, _bar(texts, number, passes) if progress else texts)
        except KeyboardInterrupt:
            if not number:
                raise  # later passes only make better what is there
            break
    return collection.factors()


class _Collection:
    """Texts, and what is known of their factors so far."""

    def __init__(
        self,
        read: Callable[[Any], OutputSeq],
        texts: Sequence[Any],
        batch_tokens: int,
        from_layer: int | None,
        to_layer: int | None,
        side: str | None,
    ) -> None:
        self._read = read
        self._batch_tokens = batch_tokens
        first = self._text(0, texts[0])
        self._side = side_of(first._runs, first._loaded.sides, side)
        self._side_name = first._loaded.sides[self._side]
        self._layers = layers_of(first._runs[0], self._side, from_layer, to_layer)
        self._widths: tuple[int, ...] = ()
        self._found: Incremental | None = None
        self._components: list[np.ndarray] = []
        self._texts: dict[str, Any] = {"tokens": (), "positions": (), "n_input": (), "_runs": ()}
        self._squares = 0.0
        self._steps = 0

    def go_through(self, n_components: int, seed: int, texts: Iterable[Any]) -> None:
        """See every text once more."""
        known = bool(self._components)
        for number, runs in enumerate(self._batches(texts)):
            matrix, self._widths = matrix_of(runs, self._side, self._layers)
            if not known:
                self._squares += squares([matrix])
                more = texts_of([run.afresh() for run in runs], self._side)
                self._texts = {name: value + more[name] for name, value in self._texts.items()}
            np.maximum(matrix, 0, out=matrix)
            if self._found is None:
                check_count(n_components, matrix, "nmf")
                self._found = Incremental(matrix, n_components, seed)
            if known:
                self._components[number] = self._found.see(matrix, self._components[number])
            else:
                self._components.append(self._found.see(matrix, None))
        self._steps += 1

    def factors(self) -> NeuronFactors:
        """What was found."""
        assert self._found is not None
        if not self._found.squares:
            raise EccoError(SILENT)
        ordered = in_order(
            Factoring(np.concatenate(self._components, axis=1), self._found.weights, None, self._steps), unit=True
        )
        return NeuronFactors(
            components=ordered.components,
            weights=ordered.weights,
            mean=None,
            layers=tuple(self._layers),
            widths=self._widths,
            side=self._side_name,
            method="nmf",
            error=float(np.sqrt(self._found.squared_error / self._found.squares)),
            n_iterations=self._steps,
            clipped=1 - self._found.squares / self._squares if self._squares else 0.0,
            **self._texts,
        )

    def _batches(self, texts: Iterable[Any]) -> Iterator[list[Run]]:
        """Runs of a few texts that together have enough tokens; the same ones at every pass."""
        runs: list[Run] = []
        for number, text in enumerate(texts):
            runs += self._text(number, text)._runs
            if sum(len(run.ids) for run in runs) >= self._batch_tokens:
                yield runs
                runs = []
        if runs:
            yield runs

    def _text(self, number: int, text: Any) -> OutputSeq:
        try:
            return self._read(text)
        except EccoError as error:
            raise type(error)(f"Text {number}: {error}") from error


def _bar(texts: Sequence[Any], number: int, passes: int) -> Iterable[Any]:
    from tqdm.auto import tqdm

    return tqdm(texts, desc=f"factors, pass {number + 1} of {passes}", unit="text")
