"""Do the scores tell what the model needs? Tokens are taken from the text in the order of their scores.

Source: comprehensiveness and sufficiency are those of ERASER (DeYoung et al. 2020, arXiv 1911.03429), the curves those of
RISE (Petsiuk et al. 2018, arXiv 1806.07421). A token is taken away by replacing its embedding, so that no other token moves.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ecco.attribution.baseline import baseline_of
from ecco.attribution.gradient import Problem, embed, values_at
from ecco.attribution.methods import METHODS
from ecco.attribution.perturbation import finite, in_pieces
from ecco.attribution.scores import Attribution
from ecco.attribution.targets import QUANTITY_NAMES
from ecco.errors import ArgumentError
from ecco.result import Result, significant, text_table, visible
from ecco.tokens import Token

# What is compared by default: methods that run on every model that can be differentiated.
FAITHFULNESS_METHODS = ("grad_x_input", "gradient", "integrated_gradients")

# The shares of tokens over which ERASER averages.
BINS = (0.01, 0.05, 0.1, 0.2, 0.5)
# The shares at which the curves are drawn.
FRACTIONS = tuple(sorted({*BINS, *(round(k / 10, 1) for k in range(11))}))
IN_BINS = [FRACTIONS.index(share) for share in BINS]


@dataclass(frozen=True)
class Curves:
    """The explained number while the tokens of one text go or come, for some orders.

    Attributes:
        deletion: (order, step), after the first tokens of the order were taken away.
        insertion: (order, step), with nothing but the first tokens of the order.
    """

    deletion: Float[np.ndarray, "order step"]
    insertion: Float[np.ndarray, "order step"]


def order_of(scores: Float[np.ndarray, "candidate"]) -> Int[np.ndarray, "candidate"]:
    """From the largest score down; equal ones as they stand in the text."""
    return np.argsort(-scores, kind="stable")


def curves(problem: Problem, orders: Int[np.ndarray, "order candidate"], removal: Any) -> Curves:
    """Take tokens away and put them back in some orders.

    Args:
        problem: one target.
        orders: permutations of the tokens that may go, as places among the tokens of all streams.
        removal: what stands for a token that is gone: a baseline as of integrated gradients.
    """
    counts = [int(np.ceil(share * orders.shape[1] - 1e-9)) for share in FRACTIONS]
    end = embed(problem)
    start = baseline_of(problem, removal, end)
    gone = np.zeros((2, len(orders), len(counts), len(end)), dtype=bool)
    for row, order in enumerate(orders):
        for step, count in enumerate(counts):
            gone[0, row, step, order[:count]] = True
            gone[1, row, step, order[count:]] = True
    masks, which = np.unique(gone.reshape(-1, len(end)), axis=0, return_inverse=True)

    def compute(piece: slice) -> Tensor:
        mask = torch.from_numpy(masks[piece]).to(end.device)[..., None]
        return finite(values_at(problem, torch.where(mask, start, end)))

    values = in_pieces(problem, len(masks), len(end), compute)[:, 0]
    deletion, insertion = values[which.ravel()].reshape(gone.shape[:3])
    return Curves(deletion, insertion)


@dataclass(frozen=True, eq=False, repr=False)
class Faithfulness(Result):
    """How well the scores of several methods tell what the model needs, on one text or on many.

    The *explained number* is in the units of `quantity`. A random order is the floor that a method must beat, and
    numbers are comparable only where tokens are taken away in the same manner (`removal`).

    Attributes:
        methods: (method,), names in the table of methods.
        deletion: (method, target, step), the explained number after the share `fractions[step]` of the tokens with the
            largest scores was taken away; a good method falls early.
        insertion: (method, target, step), with nothing but these tokens; a good method rises early.
        random_deletion: (order, target, step), the same for orders by chance.
        random_insertion: (order, target, step).
        fractions: (step,), shares of the tokens that may be taken away, 0..1.
        agreement: (method, method), Spearman's rank correlation of the scores, averaged over targets, -1..1.
        completeness_error: (method, target), see `Attribution.completeness_error`; NaN for methods that promise none.
        explained: (target,), the tokens or labels that are explained.
        positions: (target,), where they stand.
        texts: (target,), the number of the text that each belongs to.
        n_candidates: (target,), how many tokens could be taken away.
        quantity: what is measured: probability, logit, logprob or entropy.
        removal: what stood for a token that was taken away.
    """

    methods: tuple[str, ...]
    deletion: Float[np.ndarray, "method target step"]
    insertion: Float[np.ndarray, "method target step"]
    random_deletion: Float[np.ndarray, "order target step"]
    random_insertion: Float[np.ndarray, "order target step"]
    fractions: tuple[float, ...]
    agreement: Float[np.ndarray, "method method"]
    completeness_error: Float[np.ndarray, "method target"]
    explained: tuple[Token, ...]
    positions: tuple[int, ...]
    texts: tuple[int, ...]
    n_candidates: tuple[int, ...]
    quantity: str
    removal: str

    @property
    def comprehensiveness(self) -> Float[np.ndarray, "method target"]:
        """By how much the number falls when the top 1, 5, 10, 20 and 50 % of the tokens are gone, on average: high is good."""
        return self._fall(self.deletion)

    @property
    def sufficiency(self) -> Float[np.ndarray, "method target"]:
        """By how much it falls when only these tokens are left: low is good."""
        return self._fall(self.insertion)

    @property
    def random_comprehensiveness(self) -> Float[np.ndarray, "order target"]:
        """That of orders by chance."""
        return self._fall(self.random_deletion)

    @property
    def random_sufficiency(self) -> Float[np.ndarray, "order target"]:
        """That of orders by chance."""
        return self._fall(self.random_insertion)

    @property
    def deletion_area(self) -> Float[np.ndarray, "method target"]:
        """The mean height of the deletion curve: low is good."""
        return _area(self.deletion)

    @property
    def insertion_area(self) -> Float[np.ndarray, "method target"]:
        """The mean height of the insertion curve: high is good."""
        return _area(self.insertion)

    def _fall(self, curve: Float[np.ndarray, "row target step"]) -> Float[np.ndarray, "row target"]:
        return self.deletion[0, :, 0] - curve[:, :, IN_BINS].mean(axis=-1)

    def to_records(self) -> list[dict[str, Any]]:
        """One row per method and target; the random orders, averaged, come last."""
        rows = [
            {**self._target(t), "method": method, **{name: float(column[m, t]) for name, column in self._columns().items()}}
            for m, method in enumerate(self.methods)
            for t in range(len(self.positions))
        ]
        chance = self._chance()
        return rows + [
            {**self._target(t), "method": "random", **{name: float(column[:, t].mean()) for name, column in chance.items()}}
            for t in range(len(self.positions))
        ]

    def _target(self, t: int) -> dict[str, Any]:
        return {"text": self.texts[t], "position": self.positions[t], "token": self.explained[t].text}

    def _columns(self) -> dict[str, np.ndarray]:
        """The figures of every method and target."""
        return {
            "comprehensiveness": self.comprehensiveness,
            "sufficiency": self.sufficiency,
            "deletion_area": self.deletion_area,
            "insertion_area": self.insertion_area,
            "completeness_error": self.completeness_error,
        }

    def _chance(self) -> dict[str, np.ndarray]:
        """The figures of every random order and target."""
        return {
            "comprehensiveness": self.random_comprehensiveness,
            "sufficiency": self.random_sufficiency,
            "deletion_area": _area(self.random_deletion),
            "insertion_area": _area(self.random_insertion),
            "completeness_error": np.full(self.random_deletion.shape[:2], np.nan),
        }

    def to_text(self) -> str:
        """The figures of every method, averaged over targets, and of chance with its spread."""
        head = ["method", "comprehensiveness", "sufficiency", "deletion area", "insertion area", "completeness error"]
        rows = [
            [METHODS[name].label, *(_cell(column[m]) for column in self._columns().values())]
            for m, name in enumerate(self.methods)
        ]
        chance = ["random orders", *(_spread(column) for column in self._chance().values())]
        return f"Faithfulness: {self._subtitle()}\n{text_table([head, *rows, chance])}"

    def _subtitle(self) -> str:
        n_texts = len(set(self.texts))
        of = f"of {len(self.positions)} answers in {n_texts} texts" if n_texts > 1 else self._of_one_text()
        return f"{QUANTITY_NAMES[self.quantity]} {of} while tokens go in the order of their scores"

    def _of_one_text(self) -> str:
        names = [f"“{visible(token.text)}”" for token in self.explained]
        return f"of {' and '.join(names)}" if len(names) <= 2 else f"of {len(names)} tokens"

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `faithfulness`."""
        columns, chance = self._columns(), self._chance()
        return {
            "ecco": 1,
            "view": "faithfulness",
            "title": "Faithfulness",
            "subtitle": self._subtitle(),
            "note": None,
            "quantity": QUANTITY_NAMES[self.quantity],
            "removal": self.removal,
            "fractions": list(self.fractions),
            "methods": [
                {
                    "label": METHODS[name].label,
                    "deletion": significant(self.deletion[m].mean(axis=0)),
                    "insertion": significant(self.insertion[m].mean(axis=0)),
                    **{key: significant(column[m].mean()) for key, column in columns.items()},
                }
                for m, name in enumerate(self.methods)
            ],
            "random": {
                "deletion": _band(self.random_deletion),
                "insertion": _band(self.random_insertion),
                **{key: _band(column) for key, column in chance.items() if key != "completeness_error"},
            },
            "agreement": significant(self.agreement),
            "n_targets": len(self.positions),
        }


def _area(curve: Float[np.ndarray, "row target step"]) -> Float[np.ndarray, "row target"]:
    widths = np.diff(FRACTIONS)
    return ((curve[..., 1:] + curve[..., :-1]) / 2 * widths).sum(axis=-1)


def _band(values: Float[np.ndarray, "order target *step"]) -> dict[str, Any]:
    """Mean and standard deviation over random orders of the average over targets."""
    means = values.mean(axis=1)
    return {"mean": significant(means.mean(axis=0)), "spread": significant(means.std(axis=0))}


def _cell(values: Float[np.ndarray, "target"]) -> str:
    return "–" if np.isnan(values).any() else f"{values.mean():.3f}"


def _spread(values: Float[np.ndarray, "order target"]) -> str:
    return "–" if np.isnan(values).any() else f"{values.mean():.3f} ± {values.mean(axis=1).std():.3f}"


def joined(parts: Sequence[Faithfulness]) -> Faithfulness:
    """Several texts as one: their targets one after the other, each with the number of its text."""
    first = parts[0]
    weights = [len(part.positions) for part in parts]

    def along_targets(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts], axis=1)

    return dataclasses.replace(
        first,
        **{name: along_targets(name) for name in ("deletion", "insertion", "random_deletion", "random_insertion")},
        completeness_error=along_targets("completeness_error"),
        agreement=np.average([part.agreement for part in parts], axis=0, weights=weights),
        explained=tuple(token for part in parts for token in part.explained),
        positions=tuple(position for part in parts for position in part.positions),
        texts=tuple(n for n, part in enumerate(parts) for _ in part.positions),
        n_candidates=tuple(count for part in parts for count in part.n_candidates),
    )


def measure(
    found: Mapping[str, Attribution],
    problems: Sequence[Problem],
    *,
    removal: Any,
    n_random: int,
    seed: int,
) -> Faithfulness:
    """Compare the scores of several methods for the same targets.

    Args:
        found: the raw scores of every method, signed where the method has a sign.
        problems: one per target, with what is measured as its target.
        removal: what stands for a token that is gone.
        n_random: how many orders by chance are tried for every target.
        seed: of these orders.

    Raises:
        ArgumentError: if a target sees fewer than two tokens that could be taken away.
    """
    first = next(iter(found.values()))
    chance = np.random.default_rng(seed)
    pieces, agreements, counts = [], [], []
    for t, problem in enumerate(problems):
        candidates = _candidates(first, t, problem)
        scores = np.stack([attribution.scores[t, candidates] for attribution in found.values()])
        columns = np.array([problem.reading.columns[p] for p in candidates])
        orders = [order_of(row) for row in scores] + [chance.permutation(len(candidates)) for _ in range(n_random)]
        pieces.append(curves(problem, columns[np.stack(orders)], removal))
        agreements.append(agreement(scores))
        counts.append(len(candidates))
    deletion, insertion = (np.stack([getattr(p, name) for p in pieces], axis=1) for name in ("deletion", "insertion"))
    n = len(found)
    nothing = np.full(len(problems), np.nan)
    errors = [a.completeness_error for a in found.values()]
    return Faithfulness(
        methods=tuple(found),
        deletion=deletion[:n],
        insertion=insertion[:n],
        random_deletion=deletion[n:],
        random_insertion=insertion[n:],
        fractions=FRACTIONS,
        agreement=np.mean(agreements, axis=0),
        completeness_error=np.stack([nothing if error is None else error for error in errors]),
        explained=first.explained,
        positions=first.positions,
        texts=(0,) * len(problems),
        n_candidates=tuple(counts),
        quantity=problems[0].target.quantity,
        removal=removal if isinstance(removal, str) else "given",
    )


def _candidates(found: Attribution, t: int, problem: Problem) -> list[int]:
    """The positions that may go: what the target sees, without special tokens (a mask is one)."""
    seen = [p for p in range(found.seen[t]) if not found.tokens[p].special]
    own = found.positions[t] if problem.reading.kind == "masked" else None
    candidates = [p for p in seen if p != own]
    if len(candidates) < 2:
        raise ArgumentError(
            f"The answer at position {found.positions[t]} sees {len(candidates)} token{'s' * (not candidates)} that could be "
            "taken away; an order needs at least 2. Choose another position."
        )
    return candidates


def agreement(scores: Float[np.ndarray, "method candidate"]) -> Float[np.ndarray, "method method"]:
    """Spearman's rank correlation of every two rows; 0 for a row whose numbers are all equal, 1 with itself."""
    from scipy.stats import rankdata

    ranks = rankdata(scores, axis=1)
    ranks = ranks - ranks.mean(axis=1, keepdims=True)
    length = np.linalg.norm(ranks, axis=1)
    ranks = np.divide(ranks, length[:, None], out=np.zeros_like(ranks), where=length[:, None] > 0)
    found = ranks @ ranks.T
    np.fill_diagonal(found, 1.0)
    return found
