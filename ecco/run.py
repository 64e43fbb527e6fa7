"""Run: one text of one model, and what flowed when it was read, computed when first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ecco.activations import LayerNeurons, read_neurons
from ecco.anatomy import Anatomy
from ecco.attending import AttentionSite, attend, attend_by_prefix, find_attention
from ecco.capture import Pass, Tape, depends_on_length, is_total, read_as_written
from ecco.errors import ArgumentError, EccoError, ModelError, ProofError
from ecco.forward import deviation, fingerprint, logits_at, tolerance, undisturbed
from ecco.halves import Halves, Split, find_halves, read_halves
from ecco.model import LoadedModel
from ecco.naming import Names, whole_number
from ecco.processes import anywhere, shared
from ecco.reading import Reading
from ecco.readout import Readout
from ecco.stack import stubbed
from ecco.tokens import Token, display

# How many positions of a run are used to prove that its readout reproduces the model's logits.
PROOF_POSITIONS = 8


class Run:
    """One text that a model has read or written.

    Attributes:
        loaded: the model.
        ids: its tokens, input then output.
        n_input: how many of them are input.
        token_types: which text of a pair each token belongs to, for models that take it.
        start: what an encoder-decoder's decoder read first, where that is not what its configuration says.
        n_cut: how many tokens of the input truncation left out.
    """

    def __init__(
        self,
        loaded: LoadedModel,
        ids: list[int],
        n_input: int,
        trace: Sequence[float] = (),
        *,
        token_types: list[int] | None = None,
        start: int | None = None,
        n_cut: int = 0,
    ) -> None:
        self.loaded = loaded
        self.ids = ids
        self.n_input = n_input
        self.token_types = token_types
        self.start = start
        self.n_cut = n_cut
        self._trace = trace
        self._weights: Any = None
        self._kept: dict[Any, Any] = {}

    # -- the text ------------------------------------------------------------------------------------------------------

    @property
    def reading(self) -> Reading:
        """The text as the model reads it."""
        return self.loaded.reading(self.ids, self.n_input, token_types=self.token_types, start=self.start)

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The text as a person reads it; source and target of an encoder-decoder are two texts."""
        two_sided = self.loaded.task.kind == "seq2seq"
        sides = [self.ids[: self.n_input], self.ids[self.n_input :]] if two_sided else [self.ids]
        return tuple(token for ids in sides for token in display(self.loaded.tokenizer, ids))

    @property
    def streams(self) -> list[tuple[list[int | None], tuple[Token, ...]]]:
        """Positions and tokens of everything that the model reads, the start of a decoder included (it has no position)."""
        n_source, start = self.reading.n_source, self.reading.start
        if self.reading.kind != "seq2seq":
            return [(list(range(len(self.ids))), self.tokens)]
        target: list[int | None] = [None] * len(start)
        return [
            (list(range(n_source)), self.tokens[:n_source]),
            (target + list(range(n_source, len(self.ids))), (*display(self.loaded.tokenizer, start), *self.tokens[n_source:])),
        ]

    @cached_property
    def names(self) -> Names:
        """What a person's names for positions, tokens and labels mean here."""
        return Names(self.loaded, self.reading, self.tokens, self.n_input)

    def afresh(self) -> Run:
        """The same text, of which nothing has been computed yet."""
        return Run(
            self.loaded, self.ids, self.n_input, self._trace, token_types=self.token_types, start=self.start, n_cut=self.n_cut
        )

    # -- what flowed ---------------------------------------------------------------------------------------------------

    def kept(self, key: Any, compute: Any) -> Any:
        """What was computed before under this key, with the weights that the model has now; otherwise computed and kept."""
        self._forget_old_weights()
        if key not in self._kept:
            self._kept[key] = compute()
        return self._kept[key]

    def _forget_old_weights(self) -> None:
        weights = fingerprint(self.loaded.model)
        # Of weights that are gathered for a pass and let go again, one process may find the old place and another not.
        if anywhere(self.loaded.model, self._weights != weights):
            self._kept.clear()
            self._weights = weights

    @property
    def flow(self) -> Pass:
        """One pass over the text.

        Raises:
            EccoError: if it is not the run that wrote the text.
            ProofError: if the states of the model are not one per layer and token.
        """
        return self.kept("flow", self._read)

    def record(self, tape: Tape) -> None:
        """Record the way back through the pass over the text, if that is still to come and can be differentiated."""
        self._forget_old_weights()
        if "flow" in self._kept or shared(self.loaded.model):  # not every process may fail where one does
            return
        try:
            self._kept["flow"] = self._read(tape)
        except (EccoError, torch.OutOfMemoryError):
            tape.wipe()  # the pass without the way back is still to come, and tells what else is wrong

    @property
    def readout(self) -> Readout:
        """Hidden states to predictions, proved for this text.

        Raises:
            ProofError: if the model's layers cannot be read reliably.
        """
        return self.kept("readout", self._prove)

    def states(self) -> Pass:
        """The pass, once its layers are proved to lead to the model's own answer.

        Raises:
            ProofError: if they are not.
        """
        _ = self.readout
        return self.flow

    def proved(self) -> tuple[Anatomy | None, Readout | None, bool]:
        """Anatomy where it is found, readout where it is proved, and whether positions need passes of their own.

        Attribution needs no layers. Where they are not proved it is slower: from the logits, one pass per target.
        """
        return self.kept("proved", self._proved)

    def _proved(self) -> tuple[Anatomy | None, Readout | None, bool]:
        anatomy = None
        try:
            anatomy = self.loaded.anatomy
            return anatomy, self.readout, self.flow.by_prefix
        except ProofError:
            return anatomy, None, self.reading.depends_on_order

    def neurons(self, layers: Sequence[int] | None = None) -> list[LayerNeurons]:
        """The neurons of some layers (of both sides of an encoder-decoder), or of all.

        Raises:
            ArgumentError: for a layer that does not exist or has no FFN, or if the dtype that was chosen cannot hold them.
            ProofError: if the model's neurons cannot be found.
        """
        sites = self.loaded.sites
        every = sorted({(site.side, site.layer) for site in sites})
        numbers = {layer for _, layer in every}
        if layers is not None:
            asked = {whole_number(layer, "layer") for layer in layers}
            if missing := sorted(asked - numbers):
                raise ArgumentError(f"layer {missing[0]} has no neurons; the layers with an FFN are {sorted(numbers)}.")
            every = [(side, layer) for side, layer in every if layer in asked]
        self._forget_old_weights()
        if new := [pair for pair in every if ("neurons", *pair) not in self._kept]:
            found = read_neurons(self.loaded.model, sites, self.flow, new)
            if self.loaded.neuron_dtype is not None:
                found = [neurons.to(self.loaded.neuron_dtype) for neurons in found]
            self._kept |= {("neurons", neurons.side, neurons.layer): neurons for neurons in found}
        return [self._kept[("neurons", *pair)] for pair in every]

    @property
    def splits(self) -> tuple[Split, ...]:
        """Which calls of every block write its two halves.

        Raises:
            ProofError: if a block is not its input plus two halves.
        """
        loaded = self.loaded
        return self.kept("splits", lambda: find_halves(loaded.model, loaded.anatomy, loaded.ffns))

    @property
    def halves(self) -> Halves:
        """What attention and FFN of every block added to the stream of the text, proved to add up.

        Raises:
            EccoError: if this is not the run that wrote the text.
            ProofError: if a block is not its input plus two halves.
        """
        return self.kept("halves", self._read_halves)

    def middle(self) -> Float[Tensor, "layer token d_model"]:
        """The stream between attention and FFN of every block.

        Raises:
            ProofError: if there is none.
        """
        if (found := self.halves.middle) is None:
            raise ProofError(
                f"{type(self.loaded.model).__name__}: attention and FFN of its blocks read the same stream, side by side, so "
                "there is none between them; ask without halves=True."
            )
        return found

    def _read_halves(self) -> Halves:
        return read_halves(self.loaded.model, self.loaded.anatomy, self.splits, self.states())

    def attention_sites(self, kind: str) -> dict[int, AttentionSite]:
        """The layers that attend, and where in them.

        Args:
            kind: one of `ecco.attending.kinds_of(self.reading)`.

        Raises:
            ProofError: if there is no such attention.
        """
        model, anatomy = self.loaded.model, self.loaded.anatomy
        return self.kept(("sites", kind), lambda: find_attention(model, anatomy, self.reading, kind))

    def attention(self, kind: str, layers: Sequence[int]) -> dict[int, Float[Tensor, "head query key"]]:
        """Attention weights, float32 on the CPU; what was computed before is kept, layer by layer.

        Raises:
            ArgumentError: if a layer has no such attention.
            EccoError: if this is not the run that wrote the text.
            ProofError: if the weights are not seen or not understood.
        """
        known = self.kept(("attention", kind), dict)
        if missing := [layer for layer in layers if layer not in known]:
            model, anatomy, sites = self.loaded.model, self.loaded.anatomy, self.attention_sites(kind)
            if kind != "encoder" and self.reads_by_prefix:
                known |= attend_by_prefix(model, anatomy, self.reading, kind, sites, missing)
            else:
                known |= attend(model, anatomy, self.reading, kind, sites, missing, self._proof_positions())
        return {layer: known[layer] for layer in layers}

    @property
    def reads_by_prefix(self) -> bool:
        """Whether every position needs a pass of its own, also for a model whose hidden states are not understood."""
        try:
            return self.flow.by_prefix
        except ProofError:
            return self.kept("by prefix", self._compare_lengths)

    def _compare_lengths(self) -> bool:
        model, reading = self.loaded.model, self.reading
        if depends_on_length(model, reading, self.n_input):
            return True
        positions = self._proof_positions()
        with undisturbed(model):
            logits = logits_at(model, reading.inputs(), [reading.row(p) for p in positions])[0]
        self._check_written(positions, logits)
        return False

    def logits(self) -> Float[Tensor, "row vocab"]:
        """The model's own, for every position that it predicts; computed anew each time."""
        self.names.default()  # refuses models without a head
        self.check_predicts()
        return self._read_as_written(self.reading.explained).logits

    def check_predicts(self) -> None:
        """Refuse a model whose plain pass does not say what comes next.

        Raises:
            EccoError: with what to do.
        """
        if self.loaded.adds_tokens:
            raise EccoError(
                f"{type(self.loaded.model).__name__}: it predicts the next token from a text to which it adds one more, so "
                "what it would write cannot be read from one pass over the text. If it was trained to fill in masks, load it "
                'with task="masked".'
            )

    def _read(self, tape: Tape | None = None) -> Pass:
        self.check_predicts()
        found = self._read_as_written(self._proof_positions(), tape)
        if bool((found.logits.isnan() | (found.logits == float("inf"))).any()):
            raise ModelError(
                f"{type(self.loaded.model).__name__}: some of its logits are not finite, so nothing can be said of them. In "
                "half precision a hidden state can overflow (load the model with dtype=torch.float32); otherwise look for NaN "
                "in its weights."
            )
        self._check_written(found.positions, found.logits)
        return found

    def _read_as_written(self, positions: Sequence[int], tape: Tape | None = None) -> Pass:
        model, anatomy = self.loaded.model, self.loaded.anatomy
        return read_as_written(model, anatomy, self.reading, positions, self.n_input, self._written, tape)

    @property
    def _written(self) -> dict[int, float]:
        """By position, the `logsumexp` of the logits with which it was written."""
        return dict(enumerate(self._trace, self.n_input))

    def _proof_positions(self) -> list[int]:
        explained = self.reading.explained
        last = len(explained) - 1
        proof = {explained[round(last * k / (PROOF_POSITIONS - 1))] for k in range(PROOF_POSITIONS)}
        proof |= {p for p in (len(self.ids) - 1,) if p in explained}  # the last token that was written
        return sorted(proof)

    def _prove(self) -> Readout:
        found = self.flow
        readout = Readout(self.loaded.model, self.loaded.anatomy, found.reading)
        readout.prove(found.hidden[-1], [found.reading.row(p) for p in found.positions], found.logits)
        return readout

    def encoder_states(self) -> Float[Tensor, "layer source d_encoder"] | None:
        """The output of every block of an encoder-decoder's encoder, proved; None for other models.

        Raises:
            ProofError: if the last of them does not lead to the model's own answer.
        """
        return self.kept("encoder states", self._prove_encoder)

    def _prove_encoder(self) -> Float[Tensor, "layer source d_encoder"] | None:
        found, model, stack = self.states(), self.loaded.model, self.loaded.anatomy.encoder
        if stack is None or found.encoder_hidden is None:
            return None
        rows = [found.reading.row(p) for p in found.positions]
        inputs = found.reading.inputs()
        with undisturbed(model):
            expected = logits_at(model, inputs, rows)
            with stubbed(stack, found.encoder_hidden[-1:]):
                replayed = logits_at(model, inputs, rows)
        if (difference := deviation(replayed, expected)) > tolerance(expected.dtype, model):
            raise ProofError(
                f"{type(model).__name__}: what its encoder's last block ({stack.name}) returned does not lead to its own "
                f"logits (they differ by {difference:.2g} of the largest), so its states are not shown."
            )
        return found.encoder_hidden

    def _check_written(self, positions: Sequence[int], found: Float[Tensor, "row vocab"]) -> None:
        """Refuse to explain another run than the one that wrote the text.

        Raises:
            EccoError: if the model saw the text otherwise while it wrote it.
        """
        for row, position in enumerate(positions):
            written = self._written.get(position)
            if written is not None and not is_total(found[row], written, self.loaded.model):
                # No ProofError: attribution does without proved layers, but not without the right run.
                raise EccoError(
                    f"{type(self.loaded.model).__name__}: its logits for position {position} are not those that it had "
                    "while it wrote the text (it may heed padding or count positions otherwise in generate, or its weights "
                    "have changed). Generate texts one at a time, or read the finished text: lm(text, continuation=…)."
                )

    # -- what is explained ---------------------------------------------------------------------------------------------

    def answers(self, positions: Sequence[int]) -> list[int]:
        """What is explained at positions by default: the token of the text, or the model's own answer at a mask or label.

        After the end of a text that is the token that the model would write next.
        """
        asked = [p for p in positions if p >= len(self.ids) or self.names.is_mask(p) or self.loaded.labels is not None]
        if not asked:
            return [self.ids[p] for p in positions]
        with undisturbed(self.loaded.model):
            rows = [self.reading.row(p) for p in asked]
            best = logits_at(self.loaded.model, self.reading.inputs(), rows)[0].argmax(dim=-1).tolist()
        own = dict(zip(asked, best, strict=True))
        return [own[p] if p in own else self.ids[p] for p in positions]

    def first_query(self, kind: str) -> int:
        """The query whose attention is of interest first: what led to the output, a mask, or the first word."""
        if kind == "encoder":
            texts = [t.special for t in self.tokens[: self.reading.n_source]]
            masks = [p for p in range(self.reading.n_source) if self.names.is_mask(p)]
            return masks[0] if masks else texts.index(False) if False in texts else 0
        if self.reading.kind == "seq2seq":
            return min(len(self.reading.start), len(self.streams[-1][1]) - 1)
        return self.n_input - 1 if self.n_input < len(self.ids) else len(self.ids) - 1

    def explained(self, position: int, answer_id: int | None) -> Token:
        """The token of the text where it is what is explained; otherwise the answer that is, or its place if it has none."""
        if answer_id is None:
            place = "next token" if self.reading.depends_on_order else "label"
            return self.tokens[position] if position < len(self.tokens) else Token(place, -1, special=True)
        own = position < len(self.tokens) and self.tokens[position].id == answer_id and self.loaded.labels is None
        return self.tokens[position] if own else self.names.answer(answer_id, position)
