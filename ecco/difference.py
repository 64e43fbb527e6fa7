"""Difference: what two models (one of them under an intervention, say) wrote after one text, and how likely each holds both."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float

from ecco.acting import intervention_of
from ecco.errors import ArgumentError
from ecco.model import LoadedModel
from ecco.result import Result, context_of, significant, text_table, visible
from ecco.run import Run
from ecco.tokens import Token

# What a model under no intervention is called.
PLAIN = "as it is"


@dataclass(frozen=True, eq=False, repr=False)
class Difference(Result):
    """What two runs of one input wrote, each judged by the models of both.

    Attributes:
        labels: what acted on the model of the first run, and on that of the second.
        context: the input of both.
        texts: for each run the tokens that it wrote.
        log_probabilities: for each run's text (model, token), the logarithm of the probability that the model of the first
            and of the second run gives to each token after what stands before it.
        differs: for each run's text (token,), whether the token is not in the other text, when the two are laid side by side
            such that as much as possible is the same.
        position: of the first token written.
    """

    labels: tuple[str, str]
    context: tuple[Token, ...]
    texts: tuple[tuple[Token, ...], tuple[Token, ...]]
    log_probabilities: tuple[Float[np.ndarray, "2 _"], Float[np.ndarray, "2 _"]]
    differs: tuple[Bool[np.ndarray, "_"], Bool[np.ndarray, "_"]]
    position: int

    @property
    def changes(self) -> tuple[Float[np.ndarray, "_"], Float[np.ndarray, "_"]]:
        """For each run's text, log-probability in the second model minus that in the first, in nats."""
        first, second = (found[1] - found[0] for found in self.log_probabilities)
        return first, second

    def to_payload(self) -> dict[str, Any]:
        """See docs/payloads.md, `difference`."""
        return {
            "ecco": 1,
            "view": "difference",
            "title": "Difference",
            "subtitle": "how the log-probability of each token changes from one run to the other · underlined: in one only",
            "note": None,
            **context_of(self.context),
            "position": self.position,
            "texts": [
                {
                    "label": label,
                    "tokens": [t.to_dict() for t in tokens],
                    "changes": significant(changes),
                    "log_probabilities": significant(found, 4),
                    "differs": [int(d) for d in differs],
                }
                for label, tokens, changes, found, differs in zip(
                    self.labels, self.texts, self.changes, self.log_probabilities, self.differs, strict=True
                )
            ],
        }

    def to_records(self) -> list[dict[str, Any]]:
        """One row per token of both texts."""
        return [
            {
                "written": label,
                "position": self.position + n,
                "token": token.text,
                "token_id": token.id,
                "differs": bool(differs[n]),
                "first_log_probability": float(found[0, n]),
                "second_log_probability": float(found[1, n]),
                "change": float(found[1, n] - found[0, n]),
            }
            for label, tokens, found, differs in zip(self.labels, self.texts, self.log_probabilities, self.differs, strict=True)
            for n, token in enumerate(tokens)
        ]

    def to_text(self) -> str:
        """Both texts, a line per token; what is in one text only has a star."""
        blocks = []
        for label, tokens, found, differs in zip(self.labels, self.texts, self.log_probabilities, self.differs, strict=True):
            rows = [
                [visible(t.text) + (" *" if d else ""), f"{first:.2f}", f"{second:.2f}", f"{second - first:+.2f}"]
                for t, d, first, second in zip(tokens, differs, *found, strict=True)
            ]
            blocks.append(f"{label}\n{text_table([['token', 'first', 'second', 'change'], *rows])}")
        read = "".join(visible(t.text) for t in self.context[-12:])
        return f"Difference after “{read}”, in log-probability\n" + "\n".join(blocks)


def difference(one: Run, other: Run) -> Difference:
    """See `ecco.output.OutputSeq.difference`.

    Args:
        one: the first run.
        other: the second, of the same model (perhaps under another intervention) and the same input.
    """
    if _base(one.loaded).model is not _base(other.loaded).model:
        raise ArgumentError("The two runs are of different models; their tokens and numbers do not compare.")
    if one.ids[: one.n_input] != other.ids[: other.n_input] or one.n_input != other.n_input:
        raise ArgumentError("The two runs have different inputs; give both the same text, so that what they wrote compares.")
    for which, run in (("first", one), ("second", other)):
        if not run.reading.depends_on_order or run.n_input == len(run.ids):
            raise ArgumentError(
                f"The {which} run has no text after its input; ask runs of lm.generate(text), or of lm(text, continuation=…)."
            )
    runs = (one, other)
    found = [np.stack([_log_probabilities(_under(run, model.loaded)) for model in runs]) for run in runs]
    differs = _differing(*([t.id for t in run.tokens[run.n_input :]] for run in runs))
    return Difference(
        labels=(_label(one.loaded), _label(other.loaded)),
        context=one.tokens[: one.n_input],
        texts=(one.tokens[one.n_input :], other.tokens[other.n_input :]),
        log_probabilities=(found[0], found[1]),
        differs=differs,
        position=one.n_input,
    )


def _base(loaded: LoadedModel) -> LoadedModel:
    return loaded.base or loaded


def _label(loaded: LoadedModel) -> str:
    found = intervention_of(loaded)
    return PLAIN if found is None else found.text


def _under(run: Run, loaded: LoadedModel) -> Run:
    """The same text, read by another model."""
    if run.loaded is loaded:
        return run
    return Run(loaded, run.ids, run.n_input, start=run.start)


def _log_probabilities(run: Run) -> Float[np.ndarray, "token"]:
    """Of every token that was written."""
    positions = range(run.n_input, len(run.ids))
    states, rows = run.states().hidden[-1:], [run.reading.row(p) for p in positions]
    found, start = [], 0
    for logits in run.readout.chunks(states, rows):
        ids = torch.tensor(run.ids[run.n_input + start :][: len(logits)], device=logits.device)
        found.append(logits.float().log_softmax(dim=-1).gather(1, ids[:, None])[:, 0].cpu())
        start += len(logits)
    return torch.cat(found).numpy()


def _differing(first: list[int], second: list[int]) -> tuple[Bool[np.ndarray, "_"], Bool[np.ndarray, "_"]]:
    """Which tokens of two texts are not in the other one, laid side by side."""
    marks = (np.ones(len(first), dtype=bool), np.ones(len(second), dtype=bool))
    for a, b, size in SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks():
        marks[0][a : a + size] = False
        marks[1][b : b + size] = False
    return marks
