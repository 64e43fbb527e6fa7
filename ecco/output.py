"""OutputSeq: one run of a model, and one line per question about it."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ecco.anatomy import Anatomy
from ecco.attribution.gradient import Problem
from ecco.attribution.methods import METHODS, Vectors, compute, join, method_name
from ecco.attribution.scores import Attribution, check_style, score
from ecco.attribution.targets import Target
from ecco.capture import Pass, read_as_written
from ecco.errors import ArgumentError, EccoError, ProofError
from ecco.forward import tolerance
from ecco.lens import LayerPredictions, Rankings, rank_tokens, top_tokens
from ecco.model import LoadedModel
from ecco.readout import Readout
from ecco.result import visible
from ecco.token_sequence import TokenSequence
from ecco.tokens import Token, display, token_text

# How many positions of a run are used to prove that its readout reproduces the model's logits.
PROOF_POSITIONS = 8


class OutputSeq:
    """One run: what was read, what was written, and what can be asked of it.

    Nothing but the text is computed until it is asked for; then one forward pass over the finished sequence answers
    and is kept. A run over several texts holds several sequences; `out[1]` is the second, and questions are asked
    of one sequence.

    *Positions* count from 0 over input and output, negative ones from the end, and name the token being explained.
    The position just after the last token means the token that would come next.

    Attributes:
        interrupted: whether a person stopped the generation.
    """

    def __init__(
        self,
        loaded: LoadedModel,
        sequences: list[list[int]],
        n_inputs: list[int],
        *,
        interrupted: bool = False,
        traces: Sequence[Sequence[float]] = (),
    ) -> None:
        self._loaded = loaded
        self._sequences = sequences
        self._n_inputs = n_inputs
        self._vectors: dict[Any, Vectors] = {}
        self._items: dict[int, OutputSeq] = {}
        self._weights: Any = None
        self._traces = traces
        self._shown_in_cell: int | None = None
        self.interrupted = interrupted

    # -- the sequences -------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._sequences)

    def __getitem__(self, index: int) -> OutputSeq:
        if not -len(self) <= index < len(self):
            raise IndexError(f"This run holds {len(self)} sequences; there is no number {index}.")
        if len(self) == 1:
            return self
        index %= len(self)
        if index not in self._items:
            self._items[index] = OutputSeq(
                self._loaded,
                [self._sequences[index]],
                [self._n_inputs[index]],
                interrupted=self.interrupted,
                traces=self._traces[index : index + 1],
            )
        return self._items[index]

    def __iter__(self) -> Iterator[OutputSeq]:
        return (self[i] for i in range(len(self)))

    @cached_property
    def _tokens(self) -> list[tuple[Token, ...]]:
        return [tuple(display(self._loaded.tokenizer, ids)) for ids in self._sequences]

    @property
    def tokens(self) -> list[list[str]]:
        """The texts of all tokens of every sequence; joined they are the text."""
        return [[token.text for token in tokens] for tokens in self._tokens]

    @property
    def token_ids(self) -> Int[Tensor, "batch position"]:
        """Ids of input and output; a shorter sequence is filled at its end, see `lengths`."""
        return _padded([torch.tensor(ids) for ids in self._sequences], self._fill)

    @property
    def lengths(self) -> list[int]:
        """How many tokens every sequence has."""
        return [len(ids) for ids in self._sequences]

    @property
    def n_input_tokens(self) -> int | list[int]:
        """How many tokens are input; a list for several sequences."""
        return self._n_inputs[0] if len(self) == 1 else list(self._n_inputs)

    @property
    def output_text(self) -> str | list[str]:
        """What the model wrote; a list for several sequences."""
        texts = ["".join(t.text for t in ts[n:]) for ts, n in zip(self._tokens, self._n_inputs, strict=True)]
        return texts[0] if len(self) == 1 else texts

    @property
    def _fill(self) -> int:
        pad: Any = self._loaded.tokenizer.pad_token_id
        return int(pad if pad is not None else 0)

    # -- what flowed ---------------------------------------------------------------------------------------------------

    @property
    def embedding_states(self) -> Float[Tensor, "batch position d_embedding"]:
        """The output of the model's own embedding module."""
        found = [one._pass.embedding for one in self]
        if any(state is None for state in found):
            raise ProofError(f"{type(self._loaded.model).__name__} does not embed every token exactly once per pass.")
        return _padded([state.cpu() for state in found if state is not None], 0)

    @property
    def decoder_hidden_states(self) -> Float[Tensor, "batch layer position d_model"]:
        """The output of every block, before any norm that follows it; layer 0 is the first block."""
        return _padded([one._pass.hidden.transpose(0, 1).cpu() for one in self], 0).transpose(1, 2)

    @property
    def encoder_hidden_states(self) -> None:
        """None: a causal model has no encoder."""
        return None

    @property
    def logits(self) -> Float[Tensor, "batch position vocab"]:
        """The model's logits at every position of the finished sequences; computed anew at every access."""
        return _padded([one._all_logits() for one in self], 0)

    def _all_logits(self) -> Float[Tensor, "position vocab"]:
        ids = self._ids
        return read_as_written(self._loaded.model, self._loaded.anatomy, ids, range(len(ids)), self._n_inputs[0]).logits.cpu()

    # -- one sequence --------------------------------------------------------------------------------------------------

    def _one(self) -> list[int]:
        if len(self) != 1:
            raise ArgumentError(f"This run holds {len(self)} sequences; ask one of them, such as out[0].")
        return self._sequences[0]

    @property
    def _ids(self) -> Int[Tensor, "position"]:
        return torch.tensor(self._one(), device=self._loaded.device)

    def _fresh(self) -> None:
        """Forget what was computed with other weights than the model has now."""
        weights = [(p.data_ptr(), 0 if p.is_inference() else p._version) for p in self._loaded.model.parameters()]
        if self._weights not in (None, weights):
            self._vectors.clear()
            for name in ("_pass_once", "_readout_once"):
                self.__dict__.pop(name, None)
        self._weights = weights

    @property
    def _pass(self) -> Pass:
        self._fresh()
        return self._pass_once

    @property
    def _readout(self) -> Readout:
        self._fresh()
        return self._readout_once

    @cached_property
    def _pass_once(self) -> Pass:
        ids = self._ids
        last = len(ids) - 1
        proof = sorted({max(0, last - 1), *(round(last * k / (PROOF_POSITIONS - 1)) for k in range(PROOF_POSITIONS))})
        found = read_as_written(self._loaded.model, self._loaded.anatomy, ids, proof, self._n_inputs[0])
        self._check_written(found)
        return found

    def _check_written(self, found: Pass) -> None:
        """Refuse to explain another run than the one that wrote the text.

        Raises:
            EccoError: if the model saw the text otherwise while it wrote it.
        """
        traces = dict(enumerate(self._traces[0], self._n_inputs[0] - 1)) if self._traces else {}
        for row, position in enumerate(found.positions):
            if (written := traces.get(position)) is None:
                continue
            logits = found.logits[row].float()
            now = float(logits.logsumexp(dim=-1))
            if abs(now - written) > 2 * tolerance(found.logits.dtype) * max(1.0, float(logits.abs().max())):
                # No ProofError: attribution does without proved layers, but not without the right run.
                raise EccoError(
                    f"{type(self._loaded.model).__name__}: its logits for position {position + 1} are not those that it had "
                    "while it wrote the text (it may heed padding or count positions otherwise in generate, or its weights "
                    "have changed). Generate texts one at a time, or read the finished text: lm(text, continuation=…)."
                )

    @cached_property
    def _readout_once(self) -> Readout:
        found = self._pass
        readout = Readout(self._loaded.model, self._loaded.anatomy.blocks, found.input_ids)
        readout.prove(found.hidden[-1], found.positions, found.logits)
        return readout

    def _position(self, position: int) -> int:
        """A position as a number from 1 to the number of tokens (the token that would come next)."""
        n = len(self._one())
        position = _whole_number(position, "position")
        found = position + n if position < 0 else position
        if not 0 <= found <= n:
            raise ArgumentError(
                f"position={position} is outside this run of {n} tokens (0 to {n - 1}, or {n} for the next token)."
            )
        if found == 0:
            raise ArgumentError("position=0 is the first token; a causal model reads nothing before it, nothing predicts it.")
        return found

    def _written(self) -> list[int]:
        """The positions explained by default: the output, or all but the first of a text that was only read."""
        n, n_input = len(self._one()), self._n_inputs[0]
        found = list(range(max(1, n_input), n)) or list(range(1, n))
        if not found:
            raise ArgumentError("This run holds a single token, so nothing predicts a token of it.")
        return found

    def _token_id(self, named: int | str) -> int:
        """The id of a token that a person names."""
        if isinstance(named, str):
            ids = list(self._loaded.tokenizer(named, add_special_tokens=False)["input_ids"])
            if len(ids) != 1:
                parts = ", ".join(f"{t.text!r} ({t.id})" for t in display(self._loaded.tokenizer, ids)) or "nothing"
                raise ArgumentError(f"{named!r} is not one token of this tokenizer but {len(ids)}: {parts}. Name one of them.")
            return int(ids[0])
        token_id = _whole_number(named, "token id")
        if not 0 <= token_id < self._loaded.vocab_size:
            raise ArgumentError(f"Token id {token_id} is outside the vocabulary (0 to {self._loaded.vocab_size - 1}).")
        return token_id

    def _named(self, token_id: int, position: int) -> Token:
        """A token as it would read at a position."""
        special = token_id in self._loaded.tokenizer.all_special_ids
        return Token(token_text(self._loaded.tokenizer, token_id, self._one()[:position]), token_id, special)

    # -- questions -----------------------------------------------------------------------------------------------------

    def primary_attributions(
        self,
        attr_method: str = "grad_x_input",
        style: str = "minimal",
        target: str | None = None,
        against: int | str | None = None,
        ignore_tokens: Sequence[int] = (),
        *,
        token: int | str | None = None,
        position: int | Sequence[int] | None = None,
        signed: bool = False,
        normalize: bool = True,
        **options: Any,
    ) -> Attribution:
        """Which tokens led to each written token?

        Args:
            attr_method: `"grad_x_input"`, `"gradient"` or `"integrated_gradients"` (`"ig"`).
            style: of the figure, `"minimal"` (coloured text) or `"detailed"` (a bar and a percentage per token).
            target: what is explained: `"logit"` (default), `"logprob"`, `"probability"` or `"entropy"` at the position.
            against: a token (string or id) whose quantity is subtracted: "London rather than Manchester".
            ignore_tokens: positions of sources that are left out.
            token: explain this token (string or id) instead of the written one; then `position` says where (default: the last).
            position: which position or positions to explain; by default all of the output.
            signed: sum over d_model and keep the sign, instead of the L2 norm.
            normalize: make scores shares; otherwise they are in units of the explained quantity.
            **options: of the method: `n_steps`, `baseline` (integrated gradients).

        Returns:
            scores (target, source).

        Raises:
            ArgumentError: for an unknown method, option, token or position.
        """
        name = method_name(attr_method)
        if signed and not METHODS[name].signed:
            raise ArgumentError(f'{attr_method!r} has no sign per token; use "grad_x_input" or "integrated_gradients".')
        asked = self._target(target or "logit", token, position, against)
        if not _is_list(ignore_tokens):
            raise ArgumentError(f"ignore_tokens={ignore_tokens!r} must be a list of positions.")
        ignored = [self._source(p) for p in ignore_tokens]
        found = self._attribute(name, asked, options)
        tokens = self._tokens[0]
        against_id = asked.against
        return Attribution(
            scores=self._full_width(score(found, asked, signed=signed, normalize=normalize, ignore=ignored)),
            positions=asked.positions,
            values=found.values,
            tokens=tokens,
            explained=tuple(
                tokens[p] if p < len(tokens) and tokens[p].id == i else self._named(i, p)
                for p, i in zip(asked.positions, asked.token_ids, strict=True)
            ),
            n_input_tokens=self._n_inputs[0],
            method=name,
            quantity=asked.quantity,
            against=None if against_id is None else self._named(against_id, asked.positions[0]),
            signed=signed,
            normalized=normalize,
            completeness_error=found.completeness_error,
            style=check_style(style),
        )

    saliency = primary_attributions

    def rankings(self) -> Rankings:
        """At which layer did each written token become number one?

        Returns:
            ranks (layer, column), a column per written token; 1 is the most likely.

        Raises:
            ProofError: if the model's layers cannot be read reliably.
        """
        positions = self._written()
        ids = self._one()
        return self._rankings(positions, [self._tokens[0][p] for p in positions], [ids[p] for p in positions], False)

    def rankings_watch(self, watch: Sequence[int | str], position: int = -1) -> Rankings:
        """How do some tokens, named by a person, compete at one position, layer by layer?

        Args:
            watch: strings or ids; a string must be one token.
            position: the position that they compete for.

        Returns:
            ranks (layer, watched).

        Raises:
            ArgumentError: if a string is not one token (the message says how it splits), or for a wrong position.
            ProofError: if the model's layers cannot be read reliably.
        """
        if not _is_list(watch) or not len(watch):
            raise ArgumentError(f"watch={watch!r} must be a list of one or more tokens (strings or ids).")
        at = self._position(position)
        ids = [self._token_id(named) for named in watch]
        return self._rankings([at] * len(ids), [self._named(i, at) for i in ids], ids, True)

    def _rankings(self, positions: list[int], columns: list[Token], ids: list[int], watched: bool) -> Rankings:
        hidden, tokens = self._pass.hidden, self._tokens[0]
        ranks, probabilities, best = rank_tokens(self._readout, hidden, [p - 1 for p in positions], ids)
        sequence = self._one()
        texts = {i: token_text(self._loaded.tokenizer, int(i), sequence[:1]) for i in np.unique(best)}
        return Rankings(
            ranks=ranks,
            probabilities=probabilities,
            best_ids=best,
            best=[[texts[i] for i in row] for row in best],
            columns=tuple(columns),
            reads=tuple(None if watched else tokens[p - 1] for p in positions),
            positions=tuple(positions),
            layers=tuple(range(len(hidden))),
            vocab_size=self._loaded.vocab_size,
            watched=watched,
            context=tokens[: positions[0]],
        )

    def layer_predictions(self, position: int = -1, topk: int = 10, layer: int | None = None) -> LayerPredictions:
        """What would each layer have said?

        Args:
            position: the position explained; by default the last token.
            topk: how many tokens per layer.
            layer: only this layer (negative from the end); by default all.

        Raises:
            ArgumentError: for a wrong position, layer or number.
            ProofError: if the model's layers cannot be read reliably.
        """
        at = self._position(position)
        if (topk := _whole_number(topk, "topk")) < 1:
            raise ArgumentError(f"topk={topk} must be at least 1.")
        hidden, sequence = self._pass.hidden, self._one()
        layers = list(range(len(hidden)))
        if layer is not None:
            layer = _whole_number(layer, "layer")
            if not -len(layers) <= layer < len(layers):
                raise ArgumentError(f"layer={layer} does not exist; this model has layers 0 to {len(layers) - 1}.")
            layers = [layers[layer]]
        ids, probabilities = top_tokens(self._readout, hidden[layers], at - 1, topk)
        return LayerPredictions(
            token_ids=ids,
            probabilities=probabilities,
            texts=[[token_text(self._loaded.tokenizer, int(i), sequence[:at]) for i in row] for row in ids],
            layers=tuple(layers),
            position=at,
            token=self._tokens[0][at] if at < len(sequence) else None,
            context=self._tokens[0][:at],
        )

    def explorable(self) -> TokenSequence:
        """The tokens as a strip, coloured by the probability that the model gave to each.

        The first token has none, as nothing was read before it.
        """
        n = len(self._one())
        values = np.full(n, np.nan, dtype=np.float32)
        if n > 1:
            ids = self._one()
            _, probabilities, _ = rank_tokens(self._readout, self._pass.hidden[-1:], list(range(n - 1)), ids[1:])
            values[1:] = probabilities[0]
        return dataclasses.replace(
            self._strip(),
            values=values,
            value_name="probability",
            unit="share",
            subtitle="how likely the model held each token after what stands before it",
        )

    def _strip(self) -> TokenSequence:
        """The tokens without colours."""
        self._one()
        what = f"{self._n_inputs[0]} tokens read, {len(self._one()) - self._n_inputs[0]} written"
        if self.interrupted:
            what += " (interrupted)"
        return TokenSequence(self._tokens[0], self._n_inputs[0], subtitle=what)

    # -- attribution ---------------------------------------------------------------------------------------------------

    def _target(
        self, quantity: str, token: int | str | None, position: int | Sequence[int] | None, against: int | str | None
    ) -> Target:
        ids = self._one()
        if position is None:
            positions = self._written() if token is None else [self._position(-1)]
        else:
            asked = list(position) if _is_list(position) else [position]  # type: ignore[arg-type]
            positions = sorted({self._position(p) for p in asked})
        if not positions:
            raise ArgumentError("position=[] names no position.")
        if token is not None and quantity == "entropy":
            raise ArgumentError('The entropy belongs to no token, so it has no token=; use target="logprob".')
        if token is not None:
            explained = [self._token_id(token)] * len(positions)
        elif positions[-1] == len(ids) and quantity != "entropy":
            raise ArgumentError(f"position={len(ids)} is after the text, so token= must say which token is explained there.")
        else:
            explained = [ids[p] if p < len(ids) else 0 for p in positions]
        named = None if against is None else self._token_id(against)
        return Target(quantity, tuple(positions), tuple(explained), named)

    def _source(self, position: int) -> int:
        n = len(self._one())
        position = _whole_number(position, "ignore_tokens: position")
        if not -n <= position < n:
            raise ArgumentError(f"ignore_tokens: position {position} is outside this run of {n} tokens.")
        return position % n

    def _attribute(self, name: str, target: Target, options: dict[str, Any]) -> Vectors:
        key = (name, target, tuple(sorted((k, _identity(v)) for k, v in options.items())))
        self._fresh()
        if key not in self._vectors:
            self._vectors[key] = self._compute(name, target, options)
        return self._vectors[key]

    def _compute(self, name: str, target: Target, options: dict[str, Any]) -> Vectors:
        model = self._loaded.model
        anatomy, readout, by_prefix = self._proved()
        options = dict(options)
        batch_size = options.pop("batch_size", None)

        def solve(part: Target) -> Vectors:
            problem = Problem(
                model=model,
                embedding=anatomy.embedding if anatomy else model.get_input_embeddings(),
                anatomy=anatomy,
                readout=readout,
                input_ids=self._ids[: part.positions[-1]],
                target=part,
                batch_size=batch_size,
            )
            return compute(name, problem, **options)

        return join([solve(part) for part in target.split()]) if by_prefix else solve(target)

    def _proved(self) -> tuple[Anatomy | None, Readout | None, bool]:
        """Anatomy and readout where they can be proved, and whether positions need passes of their own.

        Attribution needs no layers. Where they are not proved it is slower: from the logits, one pass per target.
        """
        try:
            return self._loaded.anatomy, self._readout, self._pass.by_prefix
        except ProofError:
            return None, None, True

    def _full_width(self, scores: np.ndarray) -> np.ndarray:
        """Sources after the last target are not seen: 0."""
        missing = len(self._one()) - scores.shape[1]
        return np.pad(scores, ((0, 0), (0, missing))) if missing > 0 else scores

    # -- showing -------------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        lines = []
        for tokens, n_input in zip(self._tokens, self._n_inputs, strict=True):
            read_text = "".join(visible(t.text) for t in tokens[:n_input])
            written = "".join(visible(t.text) for t in tokens[n_input:])
            lines.append(f"{read_text}|{written}" if written else read_text)
        state = ", interrupted" if self.interrupted else ""
        return f"OutputSeq({len(self)} {'sequence' if len(self) == 1 else 'sequences'}{state})\n" + "\n".join(lines)

    def _repr_html_(self) -> str:
        return "".join(one._strip().to_html() for one in self)

    def _ipython_display_(self) -> None:
        """Show the text, unless this cell showed it while it was written."""
        from IPython import get_ipython
        from IPython.display import display

        shell = get_ipython()
        if shell is not None and self._shown_in_cell == shell.execution_count:
            return
        display({"text/html": self._repr_html_(), "text/plain": repr(self)}, raw=True)


def _identity(option: Any) -> str:
    """Every digit of an option; the repr of a tensor shows four of each, and leaves most of a long one out."""
    if isinstance(option, Tensor):
        return f"{option.dtype} {option.detach().cpu().tolist()}"
    return repr(option)


def _is_list(value: Any) -> bool:
    """Whether something holds several things: a list, a tuple, an array with an axis; no text, no scalar."""
    return hasattr(value, "__iter__") and not isinstance(value, str | bytes | dict) and getattr(value, "ndim", 1) > 0


def _whole_number(value: Any, name: str) -> int:
    """A Python, numpy or torch integer as an int.

    Raises:
        ArgumentError: for anything else, True and False included.
    """
    if not isinstance(value, bool | np.bool_):
        try:
            return operator.index(value)
        except TypeError:
            pass
    raise ArgumentError(f"{name}={value!r} must be a whole number.")


def _padded(tensors: list[Tensor], fill: int) -> Tensor:
    """Tensors stacked along a new first axis, the second filled up at its end."""
    longest = max(len(t) for t in tensors)
    out = tensors[0].new_full((len(tensors), longest, *tensors[0].shape[1:]), fill)
    for row, tensor in zip(out, tensors, strict=True):
        row[: len(tensor)] = tensor
    return out
