"""From what a person asks about one text to an attribution: what is explained, toward what, and by which method."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ecco.attribution.faithfulness import Faithfulness, measure
from ecco.attribution.gradient import Problem, tape_for
from ecco.attribution.methods import METHODS, compute, method_name, option_key
from ecco.attribution.scores import Attribution, check_style, score
from ecco.attribution.targets import Target
from ecco.attribution.units import Units, find_units, joined, unit_of
from ecco.attribution.vectors import Vectors, join
from ecco.capture import Pass
from ecco.devices import input_embedding
from ecco.errors import ArgumentError, EccoError
from ecco.forward import logits_at, undisturbed
from ecco.naming import is_list, whole_number
from ecco.reading import Reading
from ecco.run import Run
from ecco.tokens import Token


@dataclass(frozen=True)
class Asked:
    """What is explained.

    Attributes:
        run: the text that is explained; another than the one that was asked about where a word of several tokens takes the
            place of what was written.
        target: the number or numbers.
        named: whether something else is explained than what the text has there.
    """

    run: Run
    target: Target
    named: bool

    @property
    def seen(self) -> list[int]:
        """(target,), how many tokens each target can see; of several tokens those that all of them see."""
        positions = self.target.positions
        return [len(self.run.reading.sees(positions[rows.start])) for rows in self.target.spans]

    @property
    def explained(self) -> tuple[Token, ...]:
        """(target,), the token that is explained, or several in one."""
        tokens = [self.run.explained(p, i) for p, i in self.target.pairs]
        return tuple(tokens[rows.start] if len(rows) == 1 else self._together(tokens, rows) for rows in self.target.spans)

    def _together(self, tokens: Sequence[Token], rows: range) -> Token:
        positions = self.target.positions
        gaps = ["" if row == rows.start or positions[row] == positions[row - 1] + 1 else " …" for row in rows]
        return Token("".join(gap + tokens[row].text for gap, row in zip(gaps, rows, strict=True)), -1)


def ask(
    run: Run,
    quantity: str | None,
    *,
    token: int | str | None = None,
    position: int | Sequence[int] | None = None,
    against: int | str | None = None,
    units: Units | None = None,
    joint: bool = False,
) -> Asked:
    """What a person wants explained.

    Args:
        run: the text.
        quantity: a key of `ecco.attribution.targets.QUANTITIES`; None takes the log-probability of what may be several
            tokens, and the logit of a token.
        token: a token, label, or a word of several tokens that is explained instead of what the text has there.
        position: where; None: the output, or what the model answers.
        against: a token whose quantity is subtracted.
        units: words, sentences or spans that are explained as a whole, where the model writes; None: tokens.
        joint: whether all is one target.

    Raises:
        ArgumentError: for what does not exist, or cannot be asked of this model.
    """
    names, in_order = run.names, run.reading.depends_on_order
    positions = _positions(run, token, position)
    word = names.word_ids(token) if isinstance(token, str) and in_order else []
    summed = joint or len(word) > 1 or (units is not None and in_order)
    quantity = ("logprob" if summed else "logit") if quantity is None else quantity
    if token is not None and quantity == "entropy":
        raise ArgumentError('The entropy belongs to no token, so it has no token=; use target="logprob".')
    other = None if against is None else names.answer_id(against)
    if len(word) > 1:
        return _word(run, quantity, word, positions, other)
    sizes: list[int] = []
    if units is not None and in_order and token is None:
        positions, sizes = _whole(run, units, positions)
    if joint:
        sizes = [len(positions)]
    answers = _answers(run, quantity, token, positions)
    target = Target(quantity, tuple(positions), tuple(answers), other, tuple(sizes))
    written = run.loaded.labels is None and all(
        p < len(run.ids) and run.explained(p, i).id == run.ids[p] for p, i in target.pairs
    )
    return Asked(run, target, not written)


def _positions(run: Run, token: int | str | None, position: int | Sequence[int] | None) -> list[int]:
    names = run.names
    if position is not None:
        return names.several(position)
    if run.reading.kind == "masked":
        return names.masks()
    return [names.only()] if token is not None or not run.reading.depends_on_order else names.default()


def _word(run: Run, quantity: str, word: list[int], positions: list[int], against: int | None) -> Asked:
    """A word of several tokens, read in the place of what was written."""
    if len(positions) > 1:
        raise ArgumentError(f"A word of {len(word)} tokens is explained at one place; position={positions} names several.")
    (start,) = positions
    read = Run(run.loaded, [*run.ids[:start], *word], min(run.n_input, start), start=run.start)
    place = tuple(range(start, start + len(word)))
    return Asked(read, Target(quantity, place, tuple(word), against, (len(word),)), named=True)


def _whole(run: Run, units: Units, positions: list[int]) -> tuple[list[int], list[int]]:
    """All positions of the units that some lie in, and how many each unit has."""
    n, explained = len(run.ids), run.reading.explained
    wholes = [[p for p in units[u] if p in explained] for u in sorted({unit_of(units, p) for p in positions if p < n})]
    wholes += [[p] for p in positions if p == n]
    return [p for whole in wholes for p in whole], [len(whole) for whole in wholes]


def _answers(run: Run, quantity: str, token: int | str | None, positions: list[int]) -> list[int]:
    """What is explained at each position."""
    if token is not None:
        return [run.names.answer_id(token)] * len(positions)
    n, in_order = len(run.ids), run.reading.depends_on_order
    if positions[-1] == n and in_order and quantity != "entropy":
        raise ArgumentError(f"position={n} is after the text, so token= must say which token is explained there.")
    after = [p for p in positions if p == n and in_order]
    return [*run.answers(positions[: len(positions) - len(after)]), *[0 for _ in after]]


def attribute(
    run: Run,
    method: str,
    *,
    target: str | None = None,
    token: int | str | None = None,
    position: int | Sequence[int] | None = None,
    against: int | str | None = None,
    joint: bool = False,
    by: Any = "token",
    ignore_tokens: Sequence[int] = (),
    ignore_special: bool = False,
    signed: bool = False,
    normalize: bool = True,
    style: str = "minimal",
    options: Mapping[str, Any],
) -> Attribution:
    """See `ecco.output.OutputSeq.primary_attributions`."""
    name = method_name(method)
    signs = [repr(one) for one, row in METHODS.items() if row.signed]
    if signed and not METHODS[name].signed:
        raise ArgumentError(f"{method!r} has no sign per token; methods that have one are {', '.join(signs)}.")
    if not is_list(ignore_tokens):
        raise ArgumentError(f"ignore_tokens={ignore_tokens!r} must be a list of positions.")
    ignored = {run.names.source(p) for p in ignore_tokens}
    ignored |= {p for p, one in enumerate(run.tokens) if one.special and ignore_special}
    units = find_units(run.tokens, by, run.n_input)
    whole = None if isinstance(by, str) and by == "token" else units
    asked = ask(run, target, token=token, position=position, against=against, units=whole, joint=joint)
    what = asked.target
    taken = units if METHODS[name].by_unit else ()
    key = (name, None if asked.run is run else tuple(asked.run.ids), what, taken, option_key(dict(options)))
    found = run.kept(key, lambda: solve(asked, name, taken, options))
    scores, errors = score(found, asked.seen, units, signed=signed, normalize=normalize, ignore=ignored)
    return Attribution(
        scores=scores,
        positions=tuple(unit_of(units, what.positions[rows.start]) for rows in what.spans),
        seen=tuple(unit_of(units, n - 1) + 1 for n in asked.seen),
        values=found.values,
        tokens=joined(run.tokens, units),
        explained=asked.explained,
        n_input_tokens=unit_of(units, run.n_input),
        method=name,
        quantity=what.quantity,
        against=None if what.against is None else run.names.answer(what.against, what.positions[0]),
        signed=signed,
        normalized=normalize,
        completeness_error=found.completeness_error,
        residual=found.residual,
        style=check_style(style),
        two_sided=run.reading.kind == "seq2seq",
        named=asked.named,
        by=by if isinstance(by, str) else "span",
        standard_error=errors,
        remark=found.note,
        spans=tuple((unit.start, unit.stop) for unit in units),
        labels=labels_of(run),
    )


def labels_of(run: Run) -> tuple[tuple[str, float], ...]:
    """The labels of a text and their probabilities; none where tokens are labelled, or the one label is a number."""
    labels, config = run.loaded.labels, run.loaded.model.config
    if run.reading.kind != "text label" or labels is None or len(labels) < 2:
        return ()
    logits = run.kept("labels", lambda: _label_logits(run))
    several = getattr(config, "problem_type", None) == "multi_label_classification"
    return tuple(zip(labels, (logits.sigmoid() if several else logits.softmax(-1)).tolist(), strict=True))


def _label_logits(run: Run) -> Float[Tensor, "label"]:
    """The model's own, also of a model whose layers are not understood."""
    model, reading = run.loaded.model, run.reading
    with undisturbed(model):
        return logits_at(model, reading.inputs(), [reading.row(len(reading))])[0, 0].float()


def compare(
    run: Run,
    methods: Mapping[str, Mapping[str, Any]],
    *,
    measured: str,
    position: int | Sequence[int],
    target: str,
    token: int | str | None,
    against: int | str | None,
    removal: Any,
    n_random: int,
    seed: int,
) -> Faithfulness:
    """See `ecco.output.OutputSeq.faithfulness`."""
    if not methods:
        raise ArgumentError("methods=[] names no attribution method.")
    if whole_number(n_random, "n_random") < 1:
        raise ArgumentError(f"n_random={n_random} must be at least 1.")
    what: dict[str, Any] = {"token": token, "position": position, "against": against}
    found = {
        name: attribute(run, name, target=target, signed=METHODS[name].signed, normalize=False, options=options, **what)
        for name, options in ((method_name(name), options) for name, options in methods.items())
    }
    asked = ask(run, measured, **what)
    problems = [problem_of(asked.run, part) for part in asked.target.split()]
    return measure(found, problems, removal=removal, n_random=int(n_random), seed=seed)


def solve(asked: Asked, method: str, units: Units, options: Mapping[str, Any]) -> Vectors:
    """Run a method; its vectors are those of the positions, (target, position, d_model)."""
    run, target, options = asked.run, asked.target, dict(options)
    batch_size = options.pop("batch_size", None)
    if batch_size is not None and whole_number(batch_size, "batch_size") < 1:
        raise ArgumentError(f"batch_size={batch_size} must be at least 1.")

    def run_method(part: Target, seen: list[int]) -> Vectors:
        problem = problem_of(run, part, batch_size)
        problem = dataclasses.replace(problem, units=units, seen=tuple(seen), special=special, tape=tape)
        found, columns = compute(method, problem, **options), problem.reading.columns
        errors = None if found.standard_error is None else found.standard_error[:, columns]
        return dataclasses.replace(found, vectors=found.vectors[:, columns], standard_error=errors)

    special = frozenset(p for p, token in enumerate(run.tokens) if token.special)
    tape = tape_for(target)
    # Of the text, nothing but its last token may stand behind what is explained.
    if METHODS[method].once and len(run.reading) - len(run.reading.until(target.positions[-1])) <= 1:
        run.record(tape)
    if not run.proved()[2]:
        return run_method(target, asked.seen)
    seen = [n for n, rows in zip(asked.seen, target.spans, strict=True) for _ in rows]
    return join([run_method(part, [n]) for part, n in zip(target.rows(), seen, strict=True)], target.spans)


def problem_of(run: Run, target: Target, batch_size: int | None = None) -> Problem:
    """A target of a text as methods take it.

    Raises:
        EccoError: if no vector stands for a token.
    """
    model = run.loaded.model
    anatomy, readout, by_prefix = run.proved()
    # Without an anatomy: whether the model embeds every token with this module is checked when it is called.
    one = input_embedding(model)
    embeddings = anatomy.embeddings if anatomy else (one,) * len(run.reading.streams) if one else ()
    if not embeddings:
        raise EccoError(f"{type(model).__name__} has no one embedding for its tokens, so no vector stands for a token.")
    reading = run.reading.until(target.positions[-1])
    return Problem(
        model=model,
        embeddings=embeddings,
        anatomy=anatomy,
        readout=readout,
        reading=reading,
        target=target,
        batch_size=batch_size,
        tokenizer=run.loaded.tokenizer,
        n_tokens=len(run.ids),
        embedded=None if readout is None or by_prefix else _seen_embeddings(run.flow, reading),
    )


def _seen_embeddings(flow: Pass, reading: Reading) -> Float[Tensor, "token d_model"] | None:
    """The vectors of the beginning of a text, one stream after the other, as a pass over all of it saw them."""
    if flow.embeddings is None or len({part.shape[-1] for part in flow.embeddings}) != 1:
        return None
    parts = zip(flow.embeddings, reading.streams.values(), strict=True)
    return torch.cat([part[: len(ids)].to(flow.embeddings[0].device) for part, ids in parts])
