"""OutputSeq: one run of a model over one or several texts, and one line per question about it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from ecco.activation_map import ActivationMap, map_neurons
from ecco.attending import kinds_of
from ecco.attention import AttentionMaps
from ecco.attribution.comparison import Comparison, side_by_side
from ecco.attribution.faithfulness import FAITHFULNESS_METHODS, Faithfulness
from ecco.attribution.methods import method_name
from ecco.attribution.scores import Attribution
from ecco.believed import lens_of, likelihoods_of, predictions_of, rankings_of
from ecco.contributions import Contributions, contributions
from ecco.corruption import corruption_of
from ecco.difference import Difference, difference
from ecco.errors import ArgumentError
from ecco.factors import NeuronFactors, find_factors
from ecco.lens import LayerPredictions, Rankings
from ecco.logit_lens import Lens, Translator
from ecco.naming import is_list, numbered, whole_number
from ecco.neurons import Neurons, top_neurons
from ecco.question import ask, attribute, compare
from ecco.sequences import Sequences
from ecco.token_sequence import TokenSequence
from ecco.trace import Trace, trace


class OutputSeq(Sequences):
    """One run: what was read, what was written, and what can be asked of it.

    Nothing but the text is computed until it is asked for; then one forward pass over the finished sequence answers
    and is kept. A run over several texts holds several sequences; `out[1]` is the second, and questions are asked
    of one sequence.

    *Positions* count from 0 over input and output, negative ones from the end, and name the token being explained.
    The position just after the last token means the token that would come next, or for a classifier the whole text.

    Attributes:
        interrupted: whether a person stopped the generation.
    """

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
        return rankings_of(run, positions, columns, ids, watched=False)

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
        run = self._one()
        at = run.names.only() if position is None else run.names.position(position)
        ids = [run.names.answer_id(named) for named in watch]
        return rankings_of(run, [at] * len(ids), [run.names.answer(i, at) for i in ids], ids, watched=True)

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
        return predictions_of(run, at, topk, layer)

    def contributions(
        self,
        position: int | None = None,
        token: int | str | None = None,
        against: int | str | None = None,
        *,
        heads: bool = False,
        neurons: int = 0,
    ) -> Contributions:
        """What did each layer's attention and FFN, or each head and neuron, add to the logit of a token?

        The logit is split exactly into embedding, attention and FFN of every layer, and biases, with the scale of the
        final norm at its value in this run. With heads or neurons, the norms of the blocks keep their statistics too.

        Args:
            position: the position explained; by default the last token, or the mask.
            token: the token (string or id) or label; by default the one that stands there, or the model's own answer.
            against: a token whose logit is subtracted: "London rather than Manchester".
            heads: split what every attention added into its heads. It takes a pass for every head of a layer.
            neurons: how many neurons, the strongest of all layers, are parts of their own.

        Raises:
            ArgumentError: for a wrong position, token or number.
            ProofError: if the model is no sum of such parts.
        """
        run = self._one()
        if (neurons := whole_number(neurons, "neurons")) < 0:
            raise ArgumentError(f"neurons={neurons} must be at least 0.")
        return contributions(run, *self._explained(position, token, against), heads=heads, n_neurons=neurons)

    def neurons(
        self,
        position: int | None = None,
        topk: int = 10,
        token: int | str | None = None,
        against: int | str | None = None,
    ) -> Neurons:
        """Which neurons wrote a token?

        The neurons of all layers, ordered by what each added to the logit directly: its value times its direction in the
        stream, through the final norm with its scale at its value in this run. What later layers made of it is not in it.

        Args:
            position: the position explained; by default the last token, or the mask.
            topk: how many neurons.
            token: the token (string or id) or label; by default the one that stands there, or the model's own answer.
            against: a token whose logit is subtracted: "London rather than Manchester".

        Returns:
            Their layers, numbers, activations and contributions, and the tokens that each raised and lowered most here.

        Raises:
            ArgumentError: for a wrong position, token or number.
            ProofError: if the model is no sum of such parts.
        """
        run = self._one()
        if (topk := whole_number(topk, "topk")) < 1:
            raise ArgumentError(f"topk={topk} must be at least 1.")
        return top_neurons(run, *self._explained(position, token, against), topk)

    def _explained(
        self, position: int | None, token: int | str | None, against: int | str | None
    ) -> tuple[int, int, int | None]:
        """Position, token and the token against it of a question about one logit."""
        run = self._one()
        at = run.names.only() if position is None else run.names.position(position)
        if token is None and at == len(run.ids) and run.reading.depends_on_order:
            raise ArgumentError(f"position={at} is after the text, so token= must say which token is explained there.")
        explained = run.answers([at])[0] if token is None else run.names.answer_id(token)
        return at, explained, None if against is None else run.names.answer_id(against)

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
        return lens_of(run, run.names.several(position), topk, layer, quantity=quantity, halves=halves, lens=lens)

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
        return find_factors(
            self._runs, self._loaded.sides, n_components, from_layer, to_layer, method=method, side=side, seed=seed
        )

    def difference(self, other: OutputSeq) -> Difference:
        """What did another run of the same input write, and how likely does the model of each hold both texts?

            plain = lm.generate(text)
            with lm.intervene(ablate={3: "all"}):
                other = lm.generate(text)
            plain.difference(other)

        Args:
            other: the second run, of the same model, perhaps under an intervention. Changes are from this run to that one.

        Returns:
            for each of both texts the log-probabilities (model, token), and which tokens are not in the other.

        Raises:
            ArgumentError: for runs of different inputs or models, or that wrote nothing.
            ProofError: if the model's layers cannot be read reliably.
        """
        return difference(self._one(), other._one())

    def activation_map(
        self,
        layer: int | Sequence[int] | None = None,
        neurons: Sequence[int | tuple[int, int]] | None = None,
        *,
        topk: int = 100,
        clusters: int | None = None,
        side: str | None = None,
        seed: int = 0,
    ) -> ActivationMap:
        """Which neurons fire on which tokens?

        Args:
            layer: one or several layers (negative from the end); by default all, or those that were chosen at loading.
            neurons: which neurons: numbers within one layer, or pairs (layer, number); by default those that vary most.
            topk: how many of these.
            clusters: order the neurons into so many k-means clusters of neurons that fire on the same tokens.
            side: of an encoder-decoder, `"encoder"` or `"decoder"`; by default the one that wrote, if anything was written.
            seed: of the clusters.

        Returns:
            values (row, position), a row per neuron.

        Raises:
            ArgumentError: for a layer or neuron that does not exist, or more clusters than neurons.
            ProofError: if the model's neurons cannot be found.
        """
        return map_neurons(self._one(), self._loaded.sides, layer, neurons, topk=topk, clusters=clusters, side=side, seed=seed)

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

    def explorable(self) -> TokenSequence:
        """The tokens as a strip, coloured by the probability that the model gives to each.

        What nothing predicts (the first token of a causal model, the source of an encoder-decoder) has none; a
        classifier gives none at all.
        """
        run = self._one()
        likely = likelihoods_of(run)
        if likely is None:
            return self._strip()
        after = "after what stands before it" if run.reading.depends_on_order else "reading all of them, itself too"
        return dataclasses.replace(
            self._strip(),
            values=likely,
            value_name="probability",
            unit="share",
            subtitle=f"how likely the model held each token {after}",
        )
