"""NeuronFactors: a few groups of neurons that fire together, and where in the text they do."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int

from ecco.errors import ArgumentError, EccoError, ModelError, ProofError
from ecco.factoring import METHODS, NAMES, in_order, squared_error, squares
from ecco.meaning import FactorMeaning, Occurrence, Vocabulary, members, occurrences, vocabulary
from ecco.naming import whole_number
from ecco.render.static import static_html
from ecco.result import Result, text_table, visible
from ecco.run import Run
from ecco.tokens import Token

# How many of a factor's strongest tokens a text table names.
STRONGEST = 6

SILENT = "No neuron fires on this text (all activations are 0 or less), so there are no factors."

# From this share of the squares on, a figure says how much of the activations NMF does not see.
MUCH = 0.1


@dataclass(frozen=True, eq=False, repr=False)
class NeuronFactors(Result):
    """Activations as a sum of a few factors: `components.T @ weights`, plus `mean` where there is one.

    A *position* is a token that the model read. The activations there are its response to that token, and they lead to
    the token written next.

    Attributes:
        components: how much of each factor there is at each position, those of all sequences one after the other. In the
            unit of activations; not negative for `"nmf"`. The largest factor comes first.
        weights: how much of each neuron there is in each factor, the neurons of all layers one after the other. Each row
            has length 1; for `"kmeans"` a neuron is in one factor (1) and in no other (0).
        mean: the mean of every neuron, for methods that look at deviations from it; else None.
        layers: numbers of the layers.
        widths: how many neurons each of them has.
        side: whose neurons they are, `"decoder"` or `"encoder"`.
        method: a key of `ecco.factoring.METHODS`.
        error: what the factors leave of the matrix: the Frobenius norm of the difference over that of the matrix.
        n_iterations: how many steps the method took.
        clipped: the share of the sum of squares that was in negative activations, which NMF takes as 0; 0 for others.
        tokens: of every sequence, the tokens that were read.
        positions: of every sequence, their positions in the run; None for a start that is no token of the text.
        n_input: of every sequence, how many tokens were given and not written.
        names: names that a person gave to factors, by number.
        shown: the sequence that the figure shows.
    """

    components: Float[np.ndarray, "factor position"]
    weights: Float[np.ndarray, "factor neuron"]
    mean: Float[np.ndarray, " neuron"] | None
    layers: tuple[int, ...]
    widths: tuple[int, ...]
    side: str
    method: str
    error: float
    n_iterations: int
    clipped: float
    tokens: tuple[tuple[Token, ...], ...]
    positions: tuple[tuple[int | None, ...], ...]
    n_input: tuple[int, ...]
    names: Mapping[int, str] = dataclasses.field(default_factory=dict)
    shown: int = 0
    _runs: tuple[Run, ...] = ()

    @property
    def addresses(self) -> Int[np.ndarray, "neuron 2"]:
        """The layer of every neuron, and its number there."""
        pairs = [(layer, i) for layer, width in zip(self.layers, self.widths, strict=True) for i in range(width)]
        return np.array(pairs)

    def of(self, sequence: int) -> Float[np.ndarray, "factor position"]:
        """The components of one sequence."""
        sequence = self._sequence(sequence)
        start = sum(len(tokens) for tokens in self.tokens[:sequence])
        return self.components[:, start : start + len(self.tokens[sequence])]

    def explore(self, input_sequence: int = 0, *, names: Mapping[int, str] | None = None) -> NeuronFactors:
        """The same factors, shown over one sequence.

        Args:
            input_sequence: which one, negative from the end.
            names: what factors are called in the figure, by number, such as `{0: "pronouns"}`.

        Raises:
            ArgumentError: for a sequence or factor that does not exist.
        """
        named = {self._factor(factor): str(name) for factor, name in (names or {}).items()}
        return dataclasses.replace(self, shown=self._sequence(input_sequence), names={**self.names, **named})

    def top_tokens(self, factor: int, k: int = 10) -> tuple[Occurrence, ...]:
        """The tokens of all sequences to which a factor responds most, with what stands around them.

        Args:
            factor: its number.
            k: how many.
        """
        factor = self._factor(factor)
        rows = [self.of(sequence)[factor] for sequence in range(len(self.tokens))]
        return occurrences(rows, self.tokens, whole_number(k, "k"))

    @property
    def overlaps(self) -> Float[np.ndarray, "factor factor"]:
        """The cosine of the weights of every two factors, -1..1."""
        lengths = np.linalg.norm(self.weights, axis=1, keepdims=True)
        rows = self.weights / np.where(lengths > 0, lengths, 1)
        return rows @ rows.T

    def vocabulary(self, factor: int, k: int = 10) -> Vocabulary:
        """The words that a factor writes toward, at the token where it is strongest.

        Its neurons, each as much as the factor gives it there, are all that the FFNs add; what they write goes through the
        norms of their blocks and the final one, with the statistics that these have at that token, into the logits.

        Args:
            factor: its number.
            k: how many words on either side.

        Raises:
            ProofError: if the model is no sum of what its neurons write, or these are an encoder's, which writes no words.
        """
        factor = self._factor(factor)
        if not self._runs or not (best := self.top_tokens(factor, 1)):
            raise EccoError(f"factor={factor} fires nowhere in a run that is known, so it writes no words.")
        (at,), ends = best, np.cumsum(self.widths)[:-1]
        if self.side == "encoder" and self._runs[0].reading.kind == "seq2seq":
            raise ProofError("These are neurons of an encoder, and what it writes is read by the decoder and not as words.")
        values = np.split(at.value * self.weights[factor], ends)
        return vocabulary(self._runs[at.sequence], at, dict(zip(self.layers, values, strict=True)), whole_number(k, "k"))

    def describe(self, factor: int, k: int = 10) -> FactorMeaning:
        """What a factor may mean: the tokens on which it fires, its neurons, and the words that it writes toward.

        Args:
            factor: its number.
            k: how many tokens and words.

        Raises:
            ArgumentError: for a factor that does not exist.
        """
        factor, words, refusal = self._factor(factor), None, None
        try:
            words = self.vocabulary(factor, k)
        except EccoError as error:
            refusal = str(error)
        own, squares_of = members(self.weights, factor), self.weights[factor] ** 2
        return FactorMeaning(
            factor=factor,
            name=self.names.get(factor),
            strongest=self.top_tokens(factor, k),
            members=self.addresses[own],
            member_weights=self.weights[factor, own],
            mass=float(squares_of[own].sum() / squares_of.sum()) if squares_of.any() else 0.0,
            overlaps=self.overlaps[factor],
            vocabulary=words,
            refusal=refusal,
        )

    def plot(self, input_sequence: int = 0) -> Any:
        """The figure as a picture without scripts, for a page that allows none."""
        from IPython.display import HTML

        return HTML(static_html(self.explore(input_sequence).to_payload()))

    def _sequence(self, number: int) -> int:
        count, found = len(self.tokens), whole_number(number, "input_sequence")
        if not -count <= found < count:
            raise ArgumentError(f"input_sequence={number} does not exist; there are {count} (0 to {count - 1}).")
        return found % count

    def _factor(self, number: int) -> int:
        count, found = len(self.components), whole_number(number, "factor")
        if not -count <= found < count:
            raise ArgumentError(f"factor={number} does not exist; there are {count} (0 to {count - 1}).")
        return found % count

    # -- showing -------------------------------------------------------------------------------------------------------

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `factors`."""
        tokens, n_input = self.tokens[self.shown], self.n_input[self.shown]
        # A token that was read shows what it set off, a written one what set it off: the position before.
        columns = [*range(n_input), *(max(0, p - 1) for p in range(n_input, len(tokens)))]
        values = self.of(self.shown)[:, columns]
        peaks = np.abs(values).max(axis=1, initial=0)
        shares = values / np.where(peaks > 0, peaks, 1)[:, None]
        signed = bool((values < 0).any())
        codes = np.rint(127 * (shares + 1) if signed else 255 * shares).astype(np.uint8)
        return {
            "ecco": 1,
            "view": "factors",
            "title": "Neuron factors",
            "subtitle": f"groups of neurons that fire together: {self._what()}, by {NAMES[self.method]}",
            "note": "; ".join(self._notes()),
            "tokens": [t.to_dict() for t in tokens],
            "positions": list(self.positions[self.shown]),
            "n_input": n_input,
            "names": [self.names.get(k) for k in range(len(values))],
            "peaks": [float(f"{peak:.3g}") for peak in peaks],
            "signed": signed,
            "values": base64.b64encode(codes.tobytes()).decode("ascii"),
        }

    def _what(self) -> str:
        first, last = self.layers[0], self.layers[-1]
        layers = f"layer {first}" if first == last else f"layers {first}–{last}"
        return f"{len(self.components)} factors of {sum(self.widths):,} neurons in {layers} of the {self.side}"

    def _notes(self) -> list[str]:
        notes = []
        if self.n_input[self.shown] < len(self.tokens[self.shown]):
            notes.append(
                "tokens that were read are coloured by the response to them, those that were written (bold) by the response "
                "that led to them, so the last one read and the first one written share a value"
            )
        if self.clipped > MUCH:
            notes.append(f"negative activations, {self.clipped:.0%} of the sum of squares, are taken as 0")
        if len(self.tokens) > 1:
            notes.append(f"text {self.shown} of {len(self.tokens)} (0 to {len(self.tokens) - 1}) that were factorised together")
        return [*notes, f"the factors leave {self.error:.0%} of the norm"]

    def to_records(self) -> list[dict[str, Any]]:
        """One row per sequence, factor and position; the value is the response to the token."""
        return [
            {
                "sequence": sequence,
                "factor": factor,
                "position": position,
                "token": token.text,
                "value": float(value),
            }
            for sequence, tokens in enumerate(self.tokens)
            for factor, row in enumerate(self.of(sequence))
            for position, token, value in zip(self.positions[sequence], tokens, row, strict=True)
        ]

    def to_text(self) -> str:
        """Every factor and the tokens to which it responds most."""
        rows = [
            [f"factor {k}", *(f"{visible(t.text)} {value:.3g}" for t, value in self._strongest(k))]
            for k in range(len(self.components))
        ]
        return f"Neuron factors: {self._what()}, {NAMES[self.method]}, error {self.error:.1%}\n{text_table(rows, left=9)}"

    def _strongest(self, factor: int) -> list[tuple[Token, float]]:
        every = [token for tokens in self.tokens for token in tokens]
        order = np.argsort(-np.abs(self.components[factor]), kind="stable")[:STRONGEST]
        return [(every[i], float(self.components[factor, i])) for i in order]


# -- how they are found ------------------------------------------------------------------------------------------------


def find_factors(
    runs: Sequence[Run],
    sides: Mapping[int, str],
    n_components: int,
    from_layer: int | None,
    to_layer: int | None,
    *,
    method: str,
    side: str | None,
    seed: int,
) -> NeuronFactors:
    """Factors of the neurons of some texts together, which are `runs`; see `OutputSeq.run_nmf`.

    `sides` are the names of the sides of this model, by number.
    """
    if method not in METHODS:
        raise ArgumentError(f"method={method!r} is none of {', '.join(map(repr, METHODS))}.")
    number = side_of(runs, sides, side)
    layers = layers_of(runs[0], number, from_layer, to_layer)
    matrix, widths = matrix_of(runs, number, layers)
    check_count(n_components, matrix, method)
    clipped = 0.0
    if method == "nmf":
        before = squares([matrix])
        np.maximum(matrix, 0, out=matrix)
        clipped = 1 - squares([matrix]) / before if before else 0.0
    if not (norm := squares([matrix])):
        raise EccoError(SILENT)
    found = in_order(METHODS[method](matrix, n_components, seed), unit=method != "kmeans")
    return NeuronFactors(
        components=found.components,
        weights=found.weights,
        mean=found.mean,
        layers=tuple(layers),
        widths=widths,
        side=sides[number],
        method=method,
        error=float(np.sqrt(squared_error(matrix, found) / norm)),
        n_iterations=found.n_iterations,
        clipped=clipped,
        **texts_of(runs, number),
    )


def texts_of(runs: Sequence[Run], side: int) -> dict[str, Any]:
    """Some texts, their tokens, positions and numbers of given tokens, as `NeuronFactors` holds them."""
    streams = [run.streams[0 if side == 1 else -1] for run in runs]
    return {
        "tokens": tuple(tokens for _, tokens in streams),
        "positions": tuple(tuple(positions) for positions, _ in streams),
        "n_input": tuple(_given(run, side) for run in runs),
        "_runs": tuple(runs),
    }


def _given(run: Run, side: int) -> int:
    """How many tokens of a side were not written."""
    if run.reading.kind == "seq2seq":
        return run.reading.n_source if side == 1 else len(run.reading.start)
    return run.n_input


def side_of(runs: Sequence[Run], sides: Mapping[int, str], asked: str | None) -> int:
    """The side that a person names; by default the one that wrote, or the encoder where nothing was written.

    Raises:
        ArgumentError: for a side that this model does not have.
    """
    if asked is None:
        return 0 if 1 not in sides or any(run.n_input < len(run.ids) for run in runs) else 1
    found = [number for number, name in sides.items() if name == asked]
    if not found:
        raise ArgumentError(f"side={asked!r} is no side of this model; it has {', '.join(map(repr, sides.values()))}.")
    return found[0]


def layers_of(run: Run, side: int, start: int | None, stop: int | None) -> list[int]:
    """The layers with an FFN from `start` up to, not including, `stop`; those that were chosen at loading if neither is said.

    Raises:
        ArgumentError: for an empty range, or one beyond the model's layers.
    """
    anatomy, chosen = run.loaded.anatomy, run.loaded.neuron_layers
    stack = anatomy.encoder if side == 1 and anatomy.encoder is not None else anatomy.blocks
    known = sorted({site.layer for site in run.loaded.sites if site.side == side})
    if start is None and stop is None:
        return [layer for layer in known if chosen is None or layer in chosen]
    count = stack.n_layers
    first, last = (
        default if value is None else _edge(value, name, count)
        for value, name, default in ((start, "from_layer", 0), (stop, "to_layer", count))
    )
    found = [layer for layer in known if first <= layer < last]
    if first >= last or not found:
        why = "is empty (to_layer is not included)" if first >= last else f"has no neurons; the layers with an FFN are {known}"
        raise ArgumentError(f"The range from_layer={start} to to_layer={stop} {why}. This model has layers 0 to {count - 1}.")
    return found


def _edge(value: int, name: str, count: int) -> int:
    found = whole_number(value, name)
    if not -count <= found <= count:
        raise ArgumentError(f"{name}={value} does not exist; this model has layers 0 to {count - 1}.")
    return found + count if found < 0 else found


def check_count(asked: int, matrix: np.ndarray, method: str) -> None:
    """Refuse more factors than there are tokens or neurons."""
    n_tokens, n_neurons = matrix.shape
    what, most = ("neurons", n_neurons) if method == "kmeans" or n_neurons < n_tokens else ("tokens", n_tokens)
    if not 1 <= whole_number(asked, "n_components") <= most:
        raise ArgumentError(f"n_components={asked} must be 1 to {most}: there are {most} {what}.")


def matrix_of(
    runs: Sequence[Run], side: int, layers: Sequence[int]
) -> tuple[Float[np.ndarray, "token neuron"], tuple[int, ...]]:
    """The neurons of some texts, layer after layer, in at least single precision, and how many each layer has."""
    found = [[neurons.values for neurons in run.neurons(layers) if neurons.side == side] for run in runs]
    widths = tuple(len(values) for values in found[0])
    n_tokens = sum(values[0].shape[1] for values in found)
    out = torch.empty(n_tokens, sum(widths), dtype=torch.promote_types(found[0][0].dtype, torch.float32))
    row, finite = 0, True
    for of_run in found:
        column, n = 0, of_run[0].shape[1]
        for values in of_run:
            finite = finite and bool(torch.isfinite(values).all())  # of all at once it would take as much memory again
            out[row : row + n, column : column + len(values)] = values.T
            column += len(values)
        row += n
    if not finite:
        raise ModelError("Some activations are not finite, so they have no factors. Load the model with dtype=torch.float32.")
    return out.numpy(), widths
