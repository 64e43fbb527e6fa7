"""Probing classifiers: what can be read from the states of each layer with a linear classifier, and what from chance alone.

Source: Alain and Bengio 2016 (arXiv 1610.01644); the control task and selectivity are those of Hewitt and Liang 2019
(arXiv 1909.03368).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from ecco.attribution.units import find_units
from ecco.errors import ArgumentError, EccoError
from ecco.lm import LM
from ecco.naming import is_list, numbered, whole_number
from ecco.result import Result, significant, text_table
from ecco.run import Run

REPRESENTATIONS = {"hidden_states": "hidden states", "activations": "neurons"}
POOLS = ("mean", "first", "last")


@dataclass(frozen=True, eq=False, repr=False)
class Probe(Result):
    """How well linear classifiers tell labels from the states of each layer, on texts that they were not trained on.

    Attributes:
        accuracy: the share of right labels in each fold, 0..1.
        control: the same where every word (or text) has a label drawn by chance, the same wherever it stands: what a classifier
            can tell by knowing words by heart.
        representations: of every row, `"hidden_states"` (what a block returned), `"activations"` (the neurons of its FFN) or
            `"embeddings"` (what goes into the first block).
        layers: of every row; None for embeddings.
        labels: all labels.
        n_examples: how many words, tokens or texts had a label.
        majority: the share of the most frequent label, which is reached by always saying it.
        of: what was labelled: `"text"`, `"word"` or `"token"`.
    """

    accuracy: Float[np.ndarray, "row fold"]
    control: Float[np.ndarray, "row fold"]
    representations: tuple[str, ...]
    layers: tuple[int | None, ...]
    labels: tuple[Any, ...]
    n_examples: int
    majority: float
    of: str

    @property
    def selectivity(self) -> Float[np.ndarray, " row"]:
        """Accuracy less that of the control task, averaged over folds: what is not just known by heart."""
        return self.accuracy.mean(axis=1) - self.control.mean(axis=1)

    def to_records(self) -> list[dict[str, Any]]:
        """One row per representation and layer; means over folds, and the standard deviation of the accuracy."""
        return [
            {
                "representation": name,
                "layer": layer,
                "accuracy": float(self.accuracy[row].mean()),
                "accuracy_std": float(self.accuracy[row].std()),
                "control": float(self.control[row].mean()),
                "selectivity": float(self.selectivity[row]),
            }
            for row, (name, layer) in enumerate(zip(self.representations, self.layers, strict=True))
        ]

    def to_text(self) -> str:
        """Accuracy, control task and selectivity of every layer."""
        rows = [["layer", "representation", "accuracy", "control", "selectivity"]]
        rows += [
            [
                "–" if r["layer"] is None else str(r["layer"]),
                REPRESENTATIONS.get(r["representation"], r["representation"]),
                f"{r['accuracy']:.1%} ± {r['accuracy_std']:.1%}",
                f"{r['control']:.1%}",
                f"{r['selectivity']:+.1%}",
            ]
            for r in self.to_records()
        ]
        return f"Probe: {self._subtitle()}\n{text_table(rows, left=2)}"

    def _subtitle(self) -> str:
        count = f"{len(self.labels)} labels of {self.n_examples:,} {self.of}s"
        return f"a linear classifier per layer for {count}, {self.accuracy.shape[1]}-fold cross-validation"

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `probe`."""
        steps = sorted({-1 if layer is None else layer for layer in self.layers})
        return {
            "ecco": 1,
            "view": "probe",
            "title": "Probe",
            "subtitle": self._subtitle(),
            "note": None,
            "layers": [None if step < 0 else step for step in steps],
            "majority": significant(np.array(self.majority)),
            "series": [
                {
                    "name": REPRESENTATIONS[name],
                    "accuracy": self._along(steps, name, self.accuracy.mean(axis=1)),
                    "spread": self._along(steps, name, self.accuracy.std(axis=1)),
                    "control": self._along(steps, name, self.control.mean(axis=1)),
                }
                for name in dict.fromkeys(name for name in self.representations if name in REPRESENTATIONS)
            ],
        }

    def _along(self, steps: Sequence[int], name: str, values: Float[np.ndarray, " row"]) -> list[float | None]:
        """The values of one representation at each step; hidden states begin with the embeddings."""
        names = {name, "embeddings"} if name == "hidden_states" else {name}
        found = {
            -1 if layer is None else layer: float(f"{values[row]:.4g}")
            for row, (own, layer) in enumerate(zip(self.representations, self.layers, strict=True))
            if own in names
        }
        return [found.get(step) for step in steps]


@dataclass(frozen=True)
class _Examples:
    """What a classifier sees, before it is told which layer.

    Attributes:
        labels: (example,), the number of each label.
        kinds: (example,), the number of the word or text that it is.
        groups: (example,), the text that each belongs to.
    """

    labels: Int[np.ndarray, " example"]
    kinds: Int[np.ndarray, " example"]
    groups: Int[np.ndarray, " example"]


def probe(
    lm: LM,
    texts: Sequence[Any],
    labels: Sequence[Any],
    on: str | Sequence[str] = "hidden_states",
    layers: int | Sequence[int] | None = None,
    *,
    by: str = "word",
    pool: str = "mean",
    n_folds: int = 5,
    C: float = 1.0,
    seed: int = 0,
    progress: bool = True,
) -> Probe:
    """Train a regularised linear classifier per layer and say how well it does on texts that it did not see.

    Args:
        lm: the model.
        texts: what it reads, one after the other.
        labels: one per text, or a list per text with one per word or token; None for what has no label.
        on: `"hidden_states"`, `"activations"`, or both.
        layers: one or several layers (negative from the end); by default all. Without it also the embeddings are probed.
        by: what the labels in lists are for: `"word"`, whose state is that of its last token, or `"token"`; special tokens but
            masks have none.
        pool: the state of a text, for labels of texts: the `"mean"` over its tokens without special ones, or the `"first"` or
            `"last"` token of all.
        n_folds: of the cross-validation. All words of a text are in the same fold.
        C: inverse strength of the L2 penalty, on standardised features (scikit-learn's `LogisticRegression`).
        seed: of folds and control labels.
        progress: whether to show a bar.

    Returns:
        accuracy and control (row, fold), a row per representation and layer.

    Raises:
        ArgumentError: if labels do not fit the texts, or a label stands in fewer texts than there are folds.
        ProofError: if the model's layers or neurons cannot be read.
    """
    wanted = _names(on)
    if by not in ("word", "token") or pool not in POOLS:
        raise ArgumentError(f'by={by!r} must be "word" or "token", and pool={pool!r} one of {", ".join(map(repr, POOLS))}.')
    if not C > 0 or whole_number(n_folds, "n_folds") < 2:
        raise ArgumentError(f"C={C} must be above 0 and n_folds={n_folds} at least 2.")
    if not is_list(texts) or not is_list(labels) or len(texts) != len(labels) or not len(texts):
        raise ArgumentError("texts and labels must be lists of the same length, one label or list of labels per text.")
    inside = [is_list(label) for label in labels]
    if any(inside) != all(inside):
        raise ArgumentError("Either every text has one label, or every text has a list of labels.")
    of = by if inside[0] else "text"
    reader = _Reader(lm, wanted, layers, of, pool)
    found: list[tuple[Hashable, str, int]] = []
    for number, (text, given) in enumerate(zip(_bar(texts, "reading", progress), labels, strict=True)):
        try:
            found += [(label, kind, number) for label, kind in reader.read(text, given)]
        except EccoError as error:
            raise type(error)(f"Text {number}: {error}") from error
    examples, names = _examples(found, n_folds)
    features = reader.features()
    folds = _folds(examples, n_folds, seed)
    control = _control(examples, seed)
    scores = [_cross_validated(matrix, (examples.labels, control), folds, C) for matrix in _bar(features, "probing", progress)]
    return Probe(
        accuracy=np.array([own for own, _ in scores]),
        control=np.array([chance for _, chance in scores]),
        representations=tuple(name for name, _ in reader.rows),
        layers=tuple(layer for _, layer in reader.rows),
        labels=names,
        n_examples=len(found),
        majority=float(np.bincount(examples.labels).max() / len(found)),
        of=of,
    )


def _names(on: str | Sequence[str]) -> list[str]:
    names = [on] if isinstance(on, str) else list(on)
    if not names or any(name not in REPRESENTATIONS for name in names):
        raise ArgumentError(f"on={on!r} must be {' or '.join(map(repr, REPRESENTATIONS))}, or a list of both.")
    return list(dict.fromkeys(names))


class _Reader:
    """Reads texts and keeps the states of what has a label."""

    def __init__(self, lm: LM, wanted: Sequence[str], layers: Any, of: str, pool: str) -> None:
        self._lm = lm
        self._wanted = wanted
        self._layers = layers
        self._of = of
        self._pool = pool
        self._parts: list[list[np.ndarray]] = []
        self.rows: list[tuple[str, int | None]] = []

    def read(self, text: Any, given: Any) -> Iterator[tuple[Hashable, str]]:
        """The labels of a text, each with the word (or text) that it is a label of."""
        (run,) = self._lm(text)._runs
        places, labels, kinds = self._places(run, given)
        states = dict(self._states(run))
        self.rows = list(states)
        self._parts.append([np.stack([matrix[place].mean(axis=0) for place in places]) for matrix in states.values()])
        return iter(zip(labels, kinds, strict=True))

    def features(self) -> list[Float[np.ndarray, "example width"]]:
        """A matrix per representation and layer."""
        return [np.concatenate(parts) for parts in zip(*self._parts, strict=True)]

    def _places(self, run: Run, given: Any) -> tuple[list[list[int]], list[Hashable], list[str]]:
        """Which tokens stand for each example."""
        plain = [p for p, token in enumerate(run.tokens) if not token.special or run.names.is_mask(p)]
        if self._of == "text":
            if given is None:
                raise ArgumentError("It has no label; leave it out.")
            chosen = {"mean": plain or [0], "first": [0], "last": [len(run.tokens) - 1]}[self._pool]
            return [chosen], [given], ["".join(token.text for token in run.tokens)]
        units = [unit for unit in find_units(run.tokens, self._of, run.n_input) if unit.start in plain]
        if len(units) != len(given):
            words = ", ".join(repr("".join(run.tokens[p].text for p in unit).strip()) for unit in units[:20])
            raise ArgumentError(f"It has {len(given)} labels for {len(units)} {self._of}s: {words}{', …' * (len(units) > 20)}")
        pairs = [(unit, label) for unit, label in zip(units, given, strict=True) if label is not None]
        if not pairs:
            raise ArgumentError("It has no label; leave it out.")
        kinds = ["".join(run.tokens[p].text for p in unit).strip().lower() for unit, _ in pairs]
        return [[unit[-1]] for unit, _ in pairs], [label for _, label in pairs], kinds

    def _states(self, run: Run) -> Iterator[tuple[tuple[str, int | None], np.ndarray]]:
        """(token, width) for every representation and layer."""
        encoder = run.reading.kind == "seq2seq"
        anatomy = run.loaded.anatomy
        count = (anatomy.encoder if encoder and anatomy.encoder else anatomy.blocks).n_layers
        for name in self._wanted:
            if name == "hidden_states":
                hidden = run.encoder_states() if encoder else run.states().hidden
                if hidden is None:
                    raise ArgumentError("This model has no encoder whose states could be read.")
                if self._layers is None and run.flow.embeddings is not None:
                    yield ("embeddings", None), _array(run.flow.embeddings[0])
                for layer in numbered(self._layers, len(hidden), "layers", "this model"):
                    yield (name, layer), _array(hidden[layer])
            else:
                chosen = None if self._layers is None else numbered(self._layers, count, "layers", "this model")
                for neurons in run.neurons(chosen):
                    if neurons.side == int(encoder):
                        yield (name, neurons.layer), _array(neurons.values.T)


def _array(states: Any) -> Float[np.ndarray, "token width"]:
    return states.float().cpu().numpy()


def _examples(found: list[tuple[Hashable, str, int]], n_folds: int) -> tuple[_Examples, tuple[Any, ...]]:
    names = sorted({label for label, _, _ in found}, key=str)
    if len(names) < 2:
        raise ArgumentError(f"There is one label ({names[0]!r}), which needs no classifier; give at least two.")
    texts_of = Counter(label for label, _ in {(label, number) for label, _, number in found})
    if (rare := min(names, key=lambda name: texts_of[name])) is not None and texts_of[rare] < n_folds:
        raise ArgumentError(
            f"Label {rare!r} stands in {texts_of[rare]} text{'s' * (texts_of[rare] > 1)}, which does not fill {n_folds} folds. "
            "Give more texts, leave that label out (None), or take fewer folds: n_folds=…"
        )
    kinds = {kind: number for number, kind in enumerate(dict.fromkeys(kind for _, kind, _ in found))}
    # Where all are one word, such as the masks of many texts, each is a kind of its own.
    known = [kinds[kind] for _, kind, _ in found] if len(kinds) > 1 else list(range(len(found)))
    number_of = {name: number for number, name in enumerate(names)}
    return (
        _Examples(
            np.array([number_of[label] for label, _, _ in found]),
            np.array(known),
            np.array([number for _, _, number in found]),
        ),
        tuple(names),
    )


def _folds(examples: _Examples, n_folds: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Training and test examples; the texts of one are not those of the other."""
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(examples.labels)), examples.labels, examples.groups))


def _control(examples: _Examples, seed: int) -> Int[np.ndarray, " example"]:
    """A label for every word (or text), drawn as often as each is."""
    chance = np.random.default_rng(seed)
    drawn = chance.choice(examples.labels, size=int(examples.kinds.max()) + 1)
    if len(set(drawn.tolist())) < 2:  # few words: at least two labels, or there is nothing to learn
        drawn[0] = next(label for label in np.unique(examples.labels) if label != drawn[0])
    return drawn[examples.kinds]


def _cross_validated(
    matrix: Float[np.ndarray, "example width"],
    targets: tuple[Int[np.ndarray, " example"], ...],
    folds: Sequence[tuple[np.ndarray, np.ndarray]],
    C: float,
) -> list[list[float]]:
    """For every target the share of right labels in every fold."""
    from sklearn.linear_model import LogisticRegression

    scores: list[list[float]] = [[] for _ in targets]
    for train, test in folds:
        seen, unseen = _standardised(matrix[train], matrix[test])
        for own, target in zip(scores, targets, strict=True):
            if len(np.unique(target[train])) < 2:
                own.append(float((target[test] == target[train][0]).mean()))
                continue
            found = LogisticRegression(C=C, max_iter=1000).fit(seen, target[train])
            own.append(float((found.predict(unseen) == target[test]).mean()))
    return scores


def _standardised(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both with the mean and spread of the first; wide ones rotated into the space of the training rows.

    The weights that an L2 penalty leaves lie in that space, so the rotation changes no answer and saves most of the time.
    """
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread[spread == 0] = 1
    train, test = (train - mean) / spread, (test - mean) / spread
    if train.shape[1] <= train.shape[0]:
        return train, test
    _, _, directions = np.linalg.svd(train, full_matrices=False)
    return train @ directions.T, test @ directions.T


def _bar(items: Sequence[Any], what: str, progress: bool) -> Any:
    from tqdm.auto import tqdm

    return tqdm(items, desc=what, disable=not progress)
