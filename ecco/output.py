"""OutputSeq: one run of a model over one or several texts, and one line per question about it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ecco.attending import blocks_of, kinds_of
from ecco.attention import AttentionMaps
from ecco.attribution.comparison import Comparison, side_by_side
from ecco.attribution.faithfulness import FAITHFULNESS_METHODS, Faithfulness
from ecco.attribution.methods import method_name
from ecco.attribution.scores import Attribution
from ecco.beliefs import rank_tokens, survey, top_tokens
from ecco.contributions import Contributions, contributions
from ecco.corruption import corruption_of
from ecco.errors import ArgumentError, EccoError, ProofError
from ecco.factors import NeuronFactors, find_factors
from ecco.lens import LayerPredictions, Rankings
from ecco.logit_lens import QUANTITIES, Lens, Translator
from ecco.model import LoadedModel
from ecco.naming import ids_of, is_list, numbered, whole_number
from ecco.padding import AttentionValues, joined, padded, stacked
from ecco.question import ask, attribute, compare
from ecco.result import visible
from ecco.run import Run
from ecco.token_sequence import TokenSequence
from ecco.tokens import Token
from ecco.trace import Trace, trace


class OutputSeq:
    """One run: what was read, what was written, and what can be asked of it.

    Nothing but the text is computed until it is asked for; then one forward pass over the finished sequence answers
    and is kept. A run over several texts holds several sequences; `out[1]` is the second, and questions are asked
    of one sequence.

    *Positions* count from 0 over input and output, negative ones from the end, and name the token being explained.
    The position just after the last token means the token that would come next, or for a classifier the whole text.

    Attributes:
        interrupted: whether a person stopped the generation.
    """

    def __init__(self, loaded: LoadedModel, runs: list[Run], *, interrupted: bool = False) -> None:
        self._loaded = loaded
        self._runs = runs
        self._shown_in_cell: int | None = None
        self.interrupted = interrupted

    # -- the sequences -------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._runs)

    def __getitem__(self, index: int) -> OutputSeq:
        at = whole_number(index, "index")
        if not -len(self) <= at < len(self):
            raise IndexError(f"This run holds {len(self)} sequences; there is no number {at}.")
        if len(self) == 1:
            return self
        return OutputSeq(self._loaded, [self._runs[at]], interrupted=self.interrupted)  # what was computed stays with the text

    def __iter__(self) -> Iterator[OutputSeq]:
        return (self[i] for i in range(len(self)))

    @property
    def tokens(self) -> list[list[str]]:
        """The texts of all tokens of every sequence; joined they are the text."""
        return [[token.text for token in run.tokens] for run in self._runs]

    @property
    def token_ids(self) -> Int[Tensor, "batch position"]:
        """Ids of input and output; a shorter sequence is filled at its end, see `lengths`."""
        return padded([torch.tensor(run.ids) for run in self._runs], self._fill)

    @property
    def lengths(self) -> list[int]:
        """How many tokens every sequence has."""
        return [len(run.ids) for run in self._runs]

    @property
    def n_cut(self) -> int | list[int]:
        """How many tokens of the input truncation left out; a list for several sequences."""
        found = [run.n_cut for run in self._runs]
        return found[0] if len(self) == 1 else found

    @property
    def n_input_tokens(self) -> int | list[int]:
        """How many tokens are input; a list for several sequences."""
        found = [run.n_input for run in self._runs]
        return found[0] if len(self) == 1 else found

    @property
    def output_text(self) -> str | list[str]:
        """What the model wrote; a list for several sequences."""
        texts = ["".join(token.text for token in run.tokens[run.n_input :]) for run in self._runs]
        return texts[0] if len(self) == 1 else texts

    @property
    def _fill(self) -> int:
        pad: Any = self._loaded.tokenizer.pad_token_id
        return int(pad if pad is not None else 0)

    # -- what flowed ---------------------------------------------------------------------------------------------------

    @property
    def embedding_states(self) -> Float[Tensor, "batch token d_embedding"]:
        """The output of the model's own embedding module for the text, or for the source of an encoder-decoder."""
        found = [run.flow.embeddings for run in self._runs]
        if any(states is None for states in found):
            raise ProofError(f"{type(self._loaded.model).__name__} does not embed every token exactly once per pass.")
        return padded([states[0].cpu() for states in found if states is not None], 0)

    @property
    def encoder_hidden_states(self) -> Float[Tensor, "batch layer token d_model"] | None:
        """The output of every block that reads the text in both directions, before any norm that follows it.

        None for causal models. Layer 0 is the first block.

        Raises:
            ProofError: if the layers that were found do not lead to the model's own answer.
        """
        if self._loaded.task.kind == "causal":
            return None
        states = [run.encoder_states() if run.reading.kind == "seq2seq" else run.states().hidden for run in self._runs]
        return stacked([found for found in states if found is not None])

    @property
    def decoder_hidden_states(self) -> Float[Tensor, "batch layer token d_model"] | None:
        """The output of every block that writes, before any norm that follows it; layer 0 is the first block.

        None for models that do not write. A decoder's first token is the start that it reads before its text.

        Raises:
            ProofError: if the layers that were found do not lead to the model's own answer.
        """
        if self._loaded.task.kind not in ("causal", "seq2seq"):
            return None
        return stacked([run.states().hidden for run in self._runs])

    @property
    def activations(self) -> dict[str, Float[Tensor, "batch layer neuron position"]]:
        """The neurons of every FFN: `"decoder"` of what writes, `"encoder"` of what reads in both directions.

        A neuron is a number that the last matrix of an FFN reads: after the activation function, and after the gate
        where there is one. Layers without an FFN have none, and the layers may have been chosen when the model was
        loaded (`activations_layer_nums`): `activation_layers` says which they are. Experts stand one after the other;
        their neurons are scaled by the router's weight, and 0 where an expert was not chosen. A decoder's first token
        is the start that it reads before its text.

        Raises:
            ProofError: if the model's neurons cannot be found.
            EccoError: if layers have different numbers of neurons, so that they do not fit into one array.
        """
        found = [self._by_side(run) for run in self._runs]
        return {side: padded([f[side].cpu().movedim(-1, 0) for f in found], 0).movedim(1, -1) for side in found[0]}

    @property
    def activation_layers(self) -> dict[str, tuple[int, ...]]:
        """Which layers `activations` holds, by side."""
        sides, chosen = self._sides, self._loaded.neuron_layers
        layers = sorted({(site.side, site.layer) for site in self._loaded.sites if chosen is None or site.layer in chosen})
        return {name: tuple(layer for side, layer in layers if side == number) for number, name in sides.items()}

    @property
    def _sides(self) -> dict[int, str]:
        """What the blocks that lead to the logits, and those of an encoder before them, are called."""
        kind = self._loaded.task.kind
        if kind == "seq2seq" and self._loaded.anatomy.encoder is not None:
            return {1: "encoder", 0: "decoder"}
        return {0: "decoder" if kind in ("causal", "seq2seq") else "encoder"}

    def _by_side(self, run: Run) -> dict[str, Float[Tensor, "layer neuron position"]]:
        layers = run.neurons(self._loaded.neuron_layers)
        found = {name: [n for n in layers if n.side == side] for side, name in self._sides.items()}
        for side, neurons in found.items():
            widths = {n.layer: len(n.values) for n in neurons}
            if len(set(widths.values())) > 1:
                raise EccoError(
                    f"The layers of the {side} have different numbers of neurons ({widths}), which is no single array. "
                    "Choose layers of one width: from_pretrained(..., activations_layer_nums=[...])."
                )
        return {side: torch.stack([n.values for n in neurons]) for side, neurons in found.items() if neurons}

    @property
    def attention_values(self) -> AttentionValues | dict[str, AttentionValues]:
        """The attention weights of all layers that attend, as the model multiplies them; see `attention`.

        A dictionary of `"cross"`, `"decoder"` and `"encoder"` for an encoder-decoder. `attention().layers` says which
        layers they are, if not all. Shorter texts are filled up with 0, see `lengths`.

        Raises:
            ProofError: if the weights are not seen or not understood.
        """
        kinds = kinds_of(self._runs[0].reading)
        found = {kind: joined([self._weights(run, kind, None)[1] for run in self._runs]) for kind in kinds}
        return found if len(found) > 1 else next(iter(found.values()))

    @property
    def logits(self) -> Float[Tensor, "batch row vocab"]:
        """The model's logits, computed anew at every access.

        A row per token read (what comes after it), per token of a masked text, or one row of labels.
        """
        return padded([run.logits().cpu() for run in self._runs], 0)

    def _one(self) -> Run:
        if len(self) != 1:
            raise ArgumentError(f"This run holds {len(self)} sequences; ask one of them, such as out[0].")
        return self._runs[0]

    @property
    def _answer_kind(self) -> str:
        return "tokens" if self._loaded.labels is None else "labels"

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
        by: str | Sequence[tuple[int, int]] = "token",
        joint: bool = False,
        ignore_special: bool = False,
        signed: bool = False,
        normalize: bool = True,
        **options: Any,
    ) -> Attribution:
        """Which tokens led to each written token?

        Args:
            attr_method: a name in the table of methods, see docs/attribution.md: `"grad_x_input"`, `"gradient"`,
                `"integrated_gradients"` (`"ig"`), …
            style: of the figure, `"minimal"` (coloured text), `"detailed"` (a bar and a percentage per token) or `"matrix"`
                (a heat map of all that is explained).
            target: what is explained: `"logit"`, `"logprob"`, `"probability"` or `"entropy"` at the position. By default
                the logit; with `by`, `joint` or a word of several tokens the log-probability, as it adds up.
            against: a token (string or id) whose quantity is subtracted: "London rather than Manchester".
            ignore_tokens: positions of sources that are left out; a word, sentence or span when all its tokens are.
            token: explain this token (string or id) instead of the written one; then `position` says where (default: the
                last). A model that writes also explains a word of several tokens, read from there on.
            position: which position or positions to explain; by default all of the output.
            by: what stands together, as source and (where the model writes) as target: `"token"`, `"word"`, `"sentence"`,
                or spans (start, stop) of positions. Of what is written, the sum over its tokens is explained, and
                its own tokens are no sources of it.
            joint: explain the sum over all positions at once: a whole answer or span.
            ignore_special: leave out special tokens as sources.
            signed: sum over d_model and keep the sign, instead of the L2 norm.
            normalize: make scores shares; otherwise they are in units of the explained quantity.
            **options: of the method: `n_steps`, `baseline` (integrated gradients), and `batch_size` of all.

        Returns:
            scores (target, source).

        Raises:
            ArgumentError: for an unknown method, option, token or position.
        """
        return attribute(
            self._one(),
            attr_method,
            target=target,
            token=token,
            position=position,
            against=against,
            joint=joint,
            by=by,
            ignore_tokens=ignore_tokens,
            ignore_special=ignore_special,
            signed=signed,
            normalize=normalize,
            style=style,
            options=options,
        )

    saliency = primary_attributions

    def compare_attributions(
        self,
        methods: Sequence[str] | Mapping[str, Mapping[str, Any]] = FAITHFULNESS_METHODS,
        position: int | None = None,
        **options: Any,
    ) -> Comparison:
        """Do several methods tell the same of one answer?

        Args:
            methods: names of attribution methods, or their options by name.
            position: which answer; by default the last one.
            **options: of `primary_attributions`, for all methods: `target`, `token`, `against`, `ignore_tokens`, `signed`.

        Returns:
            scores (method, source), and the agreement of every two methods.

        Raises:
            ArgumentError: for an unknown method, option, token or position.
        """
        by_name = dict(methods) if isinstance(methods, Mapping) else {name: {} for name in methods}
        if not by_name:
            raise ArgumentError("methods=[] names no attribution method.")
        at = self._one().names.only() if position is None else whole_number(position, "position")
        return side_by_side(
            {
                method_name(name): self.primary_attributions(name, position=at, **{**options, **own})
                for name, own in by_name.items()
            }
        )

    def faithfulness(
        self,
        methods: Sequence[str] | Mapping[str, Mapping[str, Any]] = FAITHFULNESS_METHODS,
        position: int | Sequence[int] | None = None,
        *,
        target: str = "logit",
        measured: str = "probability",
        token: int | str | None = None,
        against: int | str | None = None,
        removal: Any = "mean",
        n_random: int = 20,
        seed: int = 0,
    ) -> Faithfulness:
        """Which method's scores tell best what the model needs, on this very text?

        The tokens are taken away in the order of their scores, and put back, while the answer is measured; see
        `Faithfulness`. Special tokens stay, and so does a mask that is explained.

        Args:
            methods: names of attribution methods, or their options by name.
            position: which answers; by default the last one.
            target: what the methods explain.
            measured: what is measured: `"probability"` (as ERASER does), `"logit"` or `"logprob"`.
            token: the token explained instead of the written one.
            against: a token whose quantity is subtracted.
            removal: what stands for a token that is gone: a baseline as of integrated gradients.
            n_random: how many random orders the methods are compared with.
            seed: of these orders.

        Raises:
            ArgumentError: for an unknown method, position or token, or a text of fewer than two tokens.
        """
        run = self._one()
        return compare(
            run,
            dict(methods) if isinstance(methods, Mapping) else {name: {} for name in methods},
            position=run.names.only() if position is None else position,
            target=target,
            measured=measured,
            token=token,
            against=against,
            removal=removal,
            n_random=n_random,
            seed=seed,
        )

    def rankings(self) -> Rankings:
        """At which layer did each written token become number one?

        For a masked language model: what it says at each mask, or the tokens of a text without masks; for a classifier
        its label.

        Returns:
            ranks (layer, column), a column per token; 1 is the most likely.

        Raises:
            ProofError: if the model's layers cannot be read reliably.
        """
        run = self._one()
        positions = run.names.default()
        ids = run.answers(positions)
        columns = [run.explained(p, i) for p, i in zip(positions, ids, strict=True)]
        return self._rankings(positions, columns, ids, False)

    def rankings_watch(self, watch: Sequence[int | str], position: int | None = None) -> Rankings:
        """How do some tokens or labels, named by a person, compete at one position, layer by layer?

        Args:
            watch: strings or ids; a string must be one token.
            position: the position that they compete for; by default the last token, or the mask.

        Returns:
            ranks (layer, watched).

        Raises:
            ArgumentError: if a string is not one token (the message says how it splits), or for a wrong position.
            ProofError: if the model's layers cannot be read reliably.
        """
        if not is_list(watch) or not len(watch):
            raise ArgumentError(f"watch={watch!r} must be a list of one or more tokens (strings or ids).")
        names = self._one().names
        at = names.only() if position is None else names.position(position)
        ids = [names.answer_id(named) for named in watch]
        return self._rankings([at] * len(ids), [names.answer(i, at) for i in ids], ids, True)

    def _rankings(self, positions: list[int], columns: list[Token], ids: list[int], watched: bool) -> Rankings:
        run = self._one()
        hidden, tokens, reading = run.flow.hidden, run.tokens, run.reading
        ranks, probabilities, best = rank_tokens(run.readout, hidden, [reading.row(p) for p in positions], ids)
        texts = {i: self._loaded.answer(int(i), run.ids[:1]) for i in np.unique(best)}
        return Rankings(
            ranks=ranks,
            probabilities=probabilities,
            best_ids=best,
            best=[[texts[i] for i in row] for row in best],
            columns=tuple(columns),
            reads=(None,) * len(positions) if watched else self._reads(positions),
            positions=tuple(positions),
            layers=tuple(range(len(hidden))),
            vocab_size=run.flow.logits.shape[-1],
            watched=watched,
            context=tokens[: positions[0]],
            after=run.names.following(positions[0]) if watched else (),
            answers=self._answer_kind,
        )

    def layer_predictions(self, position: int | None = None, topk: int = 10, layer: int | None = None) -> LayerPredictions:
        """What would each layer have said?

        Args:
            position: the position explained; by default the last token, or the mask.
            topk: how many tokens per layer.
            layer: only this layer (negative from the end); by default all.

        Raises:
            ArgumentError: for a wrong position, layer or number.
            ProofError: if the model's layers cannot be read reliably.
        """
        run = self._one()
        at = run.names.only() if position is None else run.names.position(position)
        if (topk := whole_number(topk, "topk")) < 1:
            raise ArgumentError(f"topk={topk} must be at least 1.")
        hidden = run.flow.hidden
        layers = numbered(None if layer is None else whole_number(layer, "layer"), len(hidden), "layer", "this model")
        ids, probabilities = top_tokens(run.readout, hidden[layers], run.reading.row(at), topk)
        before = ids_of(run.tokens[:at])
        known = at < len(run.tokens) and not run.names.is_mask(at) and self._loaded.labels is None
        return LayerPredictions(
            token_ids=ids,
            probabilities=probabilities,
            texts=[[self._loaded.answer(int(i), before) for i in row] for row in ids],
            layers=tuple(layers),
            position=at,
            token=run.tokens[at] if known else None,
            context=run.tokens[:at],
            after=run.names.following(at),
            answers=self._answer_kind,
        )

    def contributions(
        self, position: int | None = None, token: int | str | None = None, against: int | str | None = None
    ) -> Contributions:
        """What did each layer's attention and FFN add to the logit of a token?

        The logit is split exactly into embedding, attention and FFN of every layer, and biases, with the scale of the
        final norm at its value in this run.

        Args:
            position: the position explained; by default the last token, or the mask.
            token: the token (string or id) or label; by default the one that stands there, or the model's own answer.
            against: a token whose logit is subtracted: "London rather than Manchester".

        Raises:
            ArgumentError: for a wrong position or token.
            ProofError: if the model is no sum of such parts.
        """
        run = self._one()
        at = run.names.only() if position is None else run.names.position(position)
        if token is None and at == len(run.ids) and run.reading.depends_on_order:
            raise ArgumentError(f"position={at} is after the text, so token= must say which token is explained there.")
        explained = run.answers([at])[0] if token is None else run.names.answer_id(token)
        return contributions(run, at, explained, None if against is None else run.names.answer_id(against))

    def lens(
        self,
        position: int | Sequence[int] | None = None,
        topk: int = 10,
        layer: int | Sequence[int] | None = None,
        *,
        quantity: str = "probability",
        halves: bool = False,
        lens: Translator | None = None,
    ) -> Lens:
        """What does each layer believe, at every position?

        Args:
            position: one or several positions, such as `range(1, 9)`; by default those of `rankings`.
            topk: how many tokens are named per state and position.
            layer: one or several layers (negative from the end); by default all.
            quantity: what colours the figure at first: `"probability"`, `"rank"` or `"surprisal"` of the token that stands
                there, the layer's `"entropy"`, or `"kl"`, its divergence from the last layer.
            halves: look between the attention and the FFN of every block too, where these add up to what it adds.
            lens: what each layer's states are sent through before they are read, such as a `TunedLens`; by default nothing.

        Returns:
            token_ids and shares (state, position, topk); ranks, probabilities, surprisals, entropies and divergences
            (state, position).

        Raises:
            ArgumentError: for a wrong position, layer, number or quantity.
            ProofError: if the model's layers cannot be read reliably, or its blocks have no such halves.
        """
        run = self._one()
        if quantity not in QUANTITIES:
            raise ArgumentError(f"quantity={quantity!r} is not one of {', '.join(map(repr, QUANTITIES))}.")
        if (topk := whole_number(topk, "topk")) < 1:
            raise ArgumentError(f"topk={topk} must be at least 1.")
        positions = run.names.several(position)
        if lens is not None and halves:
            raise ArgumentError("A lens is trained on what blocks return, so halves=True goes without lens=.")
        if lens is not None:
            lens.check(self._loaded.model)
        hidden = run.flow.hidden
        after = list(hidden if lens is None else lens.translate(hidden, range(len(hidden))))
        layers = numbered(layer, len(after), "layer", "this model")
        named = [(n, part) for n in layers for part in (("attention", "block") if halves else ("block",))]
        between = run.middle() if halves else after
        states = [after[n] if part == "block" else between[n] for n, part in named]
        ids, rows = run.answers(positions), [run.reading.row(p) for p in positions]
        found = survey(run.readout, states, after[-1], rows, ids, topk)
        texts = {i: self._loaded.answer(int(i), run.ids[:1]) for i in np.unique(found.token_ids)}
        return Lens(
            **vars(found),
            texts=[[[texts[i] for i in best] for best in row] for row in found.token_ids],
            layers=tuple(n for n, _ in named),
            parts=tuple(part for _, part in named),
            columns=tuple(run.explained(p, i) for p, i in zip(positions, ids, strict=True)),
            reads=self._reads(positions),
            positions=tuple(positions),
            vocab_size=run.flow.logits.shape[-1],
            quantity=quantity,
            answers=self._answer_kind,
            tuned=lens is not None,
        )

    def _reads(self, positions: Sequence[int]) -> tuple[Token | None, ...]:
        """The last token that the model had read when it predicted each position; none where it reads both ways."""
        run = self._one()
        first = run.reading.explained[0] if run.reading.kind == "seq2seq" else 0
        in_order = run.reading.depends_on_order
        return tuple(run.tokens[p - 1] if in_order and p > first else None for p in positions)

    def attention(
        self, layer: int | Sequence[int] | None = None, head: int | Sequence[int] | None = None, *, kind: str | None = None
    ) -> AttentionMaps:
        """How much does each token attend to each other one?

        The numbers are the softmax weights that the model multiplies with the values, seen while it does so. They are
        not how much a token matters for an answer; for that ask `saliency`.

        Args:
            layer: one or several layers (negative from the end); by default all that attend.
            head: one or several heads; by default all.
            kind: of an encoder-decoder, `"cross"` (the target at the source, the default), `"decoder"` (the target at
                itself) or `"encoder"` (the source at itself). Other models have one kind.

        Returns:
            weights (layer, head, query, key).

        Raises:
            ArgumentError: for a layer, head or kind that does not exist.
            ProofError: if the model has no softmax attention, or one that is not understood.
        """
        run = self._one()
        kinds = kinds_of(run.reading)
        kind = kinds[0] if kind is None else kind
        if kind not in kinds:
            raise ArgumentError(f"kind={kind!r} is no attention of this model; it has {', '.join(map(repr, kinds))}.")
        layers, weights = self._weights(run, kind, layer)
        heads = numbered(head, weights.shape[1], "head", "this attention")
        streams = run.streams
        query_positions, queries = streams[0 if kind == "encoder" else -1]
        key_positions, keys = streams[-1 if kind == "decoder" else 0]
        return AttentionMaps(
            weights=weights[:, heads].numpy(),
            layers=tuple(layers),
            heads=tuple(heads),
            kind=kind,
            queries=queries,
            keys=keys,
            query_positions=tuple(query_positions),
            key_positions=tuple(key_positions),
            n_input=sum(p is not None and p < run.n_input for p in query_positions),
            query=run.first_query(kind),
        )

    def run_nmf(
        self,
        n_components: int = 10,
        from_layer: int | None = None,
        to_layer: int | None = None,
        *,
        method: str = "nmf",
        side: str | None = None,
        seed: int = 0,
    ) -> NeuronFactors:
        """Which groups of neurons fire together, and on what?

        The activations of all tokens, of all sequences of this run together, as a sum of a few factors. The same call gives
        the same factors.

        Args:
            n_components: how many factors, at most as many as there are tokens.
            from_layer: the first layer (negative from the end); by default the first of the model, or those that were
                chosen when it was loaded.
            to_layer: the layer after the last one (negative from the end).
            method: `"nmf"`, in which neurons only add up and negative activations are taken as 0; `"pca"`, `"ica"` or
                `"kmeans"` (clusters of neurons) of the activations as they are.
            side: of an encoder-decoder, `"encoder"` or `"decoder"`; by default the one that wrote, if anything was written.
            seed: of what a method draws at random.

        Returns:
            components (factor, position) and weights (factor, neuron).

        Raises:
            ArgumentError: for more factors than tokens, an empty range of layers, an unknown method or side.
            ProofError: if the model's neurons cannot be found.
        """
        return find_factors(self._runs, self._sides, n_components, from_layer, to_layer, method=method, side=side, seed=seed)

    def trace(
        self,
        corrupted: str | Sequence[int] | None = None,
        *,
        noise: float | None = None,
        subject: str | int | Sequence[int] | None = None,
        position: int | None = None,
        token: int | str | None = None,
        against: int | str | None = None,
        target: str = "probability",
        sites: str | Sequence[str] = "block",
        window: int = 1,
        n_samples: int = 10,
        seed: int = 0,
        batch_size: int | None = None,
    ) -> Trace:
        """Which states carry the answer?

        *Causal tracing* (activation patching; Meng et al. 2022, arXiv 2202.05262): in a run with a corrupted input one state
        at a time, of one token after one layer, gets back its value of this run. What then returns of the probability of the
        explained token went through that state.

        Args:
            corrupted: another input (a text, or ids) of exactly as many tokens. What was written after the input stays.
            noise: instead of another input, Gaussian noise on the embeddings of `subject`: how many standard deviations of
                the text's embeddings (default 3, as in the paper).
            subject: the tokens that get noise: a piece of the text that stands there once, or positions.
            position: the position explained; by default the last token, or the mask.
            token: trace this token (string or id) instead of the written one.
            against: a token whose number is subtracted.
            target: the number traced: `"probability"`, `"logprob"` or `"logit"`.
            sites: what is restored, one or several of `"block"` (the state after a block), `"attention"` and `"ffn"` (what
                these add to the state).
            window: how many neighbouring layers are restored at once; the paper takes 10 for attention and FFN.
            n_samples: how many times noise is drawn; the result is the mean.
            seed: of the noise.
            batch_size: how many texts one forward pass holds; by default as many as hold 2,000 tokens.

        Returns:
            restored, effect and share (site, layer, column), a column per token that the model had read.

        Raises:
            ArgumentError: for a corrupted text of another length (the message shows where), or a wrong name or number.
            ProofError: if not all that the answer depends on flows through the blocks, or (attention and FFN) a block is not
                the sum of its input and these two.
        """
        run = self._one()
        at = run.names.only() if position is None else whole_number(position, "position")
        named = None if token is None else run.names.answer_id(token)
        corruption = corruption_of(run, corrupted, noise, subject, n_samples, seed)
        asked = ask(run, target, token=named, position=at, against=against)
        return trace(run, asked.target, corruption, sites, window, batch_size)

    def compute_activations(self) -> None:
        """Compute the neurons of the layers that `activations` holds and keep them.

        Raises:
            ProofError: if the model's neurons cannot be found.
        """
        for run in self._runs:
            run.neurons(self._loaded.neuron_layers)

    def compute_attention(self) -> None:
        """Compute the attention weights of all layers and keep them, so that later questions are answered at once.

        Raises:
            ProofError: if the model has no softmax attention, or one that is not understood.
        """
        for run in self._runs:
            for kind in kinds_of(run.reading):
                run.attention(kind, list(run.attention_sites(kind)))

    def _weights(self, run: Run, kind: str, layer: Any) -> tuple[list[int], Float[Tensor, "layer head query key"]]:
        """The layers asked for, and their weights."""
        count = blocks_of(self._loaded.anatomy, kind).n_layers
        layers = list(run.attention_sites(kind)) if layer is None else numbered(layer, count, "layer", "this model")
        found = run.attention(kind, layers)
        if len({weights.shape for weights in found.values()}) > 1:
            heads = ", ".join(f"{n}: {len(weights)}" for n, weights in found.items())
            raise ArgumentError(f"The layers of this model have different numbers of heads ({heads}); ask for layer= one.")
        return layers, torch.stack(list(found.values()))

    def explorable(self) -> TokenSequence:
        """The tokens as a strip, coloured by the probability that the model gives to each.

        What nothing predicts (the first token of a causal model, the source of an encoder-decoder) has none; a
        classifier gives none at all.
        """
        run = self._one()
        reading = run.reading
        positions = [p for p in reading.explained if p < len(run.ids)]
        if self._loaded.labels is not None or reading.kind == "states":
            return self._strip()
        values = np.full(len(run.ids), np.nan, dtype=np.float32)
        if positions:
            rows, own = [reading.row(p) for p in positions], [run.ids[p] for p in positions]
            _, probabilities, _ = rank_tokens(run.readout, run.flow.hidden[-1:], rows, own)
            values[positions] = probabilities[0]
        after = "after what stands before it" if reading.depends_on_order else "reading all of them, itself too"
        return dataclasses.replace(
            self._strip(),
            values=values,
            value_name="probability",
            unit="share",
            subtitle=f"how likely the model held each token {after}",
        )

    def _strip(self) -> TokenSequence:
        """The tokens without colours."""
        run = self._one()
        what = f"{run.n_input} tokens read, {len(run.ids) - run.n_input} written"
        if run.n_cut:
            what += f", {run.n_cut} more cut off"
        if self.interrupted:
            what += " (interrupted)"
        return TokenSequence(run.tokens, run.n_input, subtitle=what, two_sided=run.reading.kind == "seq2seq")

    # -- showing -------------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        lines = []
        for run in self._runs:
            read_text = "".join(visible(t.text) for t in run.tokens[: run.n_input])
            written = "".join(visible(t.text) for t in run.tokens[run.n_input :])
            cut = f" ({run.n_cut} more tokens cut off)" if run.n_cut else ""
            lines.append((f"{read_text}|{written}" if written else read_text) + cut)
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
