"""LM: a model that can be run and asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ecco.acting import intervened, intervention_of
from ecco.anatomy import Anatomy
from ecco.attribution.methods import method_name
from ecco.beliefs import log_total
from ecco.collection import factorise
from ecco.errors import ArgumentError
from ecco.factors import NeuronFactors
from ecco.forward import logits_at, undisturbed
from ecco.generation import Live, generate, in_notebook, merged, room_for
from ecco.inputs import Chat, Encoded, check_length, continued_ids, encode, from_encoding, is_encoding
from ecco.interventions import Intervention, SteeringVector, plan, upstream_step
from ecco.lens import Predictions
from ecco.model import LoadedModel
from ecco.naming import whole_number
from ecco.output import OutputSeq
from ecco.processes import agree, leads, random_state
from ecco.render.static import static_html
from ecco.run import Run
from ecco.token_sequence import TokenSequence
from ecco.tokens import display

# The models under the blocks `with lm.intervene(…)` around this place of the program, by the `id` of their LM. Other
# threads have their own.
_INTERVENED: ContextVar[Mapping[int, LoadedModel]] = ContextVar("ecco_intervened", default=MappingProxyType({}))


class LM:
    """A language model that explains itself.

    Attributes:
        verbose: whether text is shown in a notebook while it is generated.
        activations: whether the neurons are computed with each run.
        attention: whether attention weights are computed with each run.
        neurons_to_inhibit: as in ecco 0.1, lists of neurons by layer that are 0 in every run; `intervene` says more.
        neurons_to_induce: as in ecco 0.1, lists of neurons by layer that are multiplied by 10 in every run.
    """

    def __init__(
        self, loaded: LoadedModel, *, verbose: bool = True, activations: bool = False, attention: bool = False
    ) -> None:
        self._loaded = loaded
        self.verbose = verbose
        self.activations = activations
        self.attention = attention
        self.neurons_to_inhibit: Mapping[Any, Any] = {}
        self.neurons_to_induce: Mapping[Any, Any] = {}

    @property
    def model(self) -> PreTrainedModel:
        """The transformers model."""
        return self._loaded.model

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """Its tokenizer."""
        return self._loaded.tokenizer

    @property
    def device(self) -> torch.device:
        """Where its inputs go."""
        return self._loaded.device

    @property
    def task(self) -> str:
        """What it was trained for."""
        return self._loaded.task.name

    @property
    def anatomy(self) -> Anatomy:
        """Where its parts are; found when first asked for."""
        return self._loaded.anatomy

    @contextmanager
    def intervene(
        self,
        *,
        ablate: Mapping[int, Any] | None = None,
        scale: Mapping[int, Mapping[Any, float]] | None = None,
        set: Mapping[int, Mapping[Any, float]] | None = None,
        steer: SteeringVector | Sequence[SteeringVector] | None = None,
        positions: int | Sequence[int] | slice | None = None,
        side: str | None = None,
    ) -> Iterator[Intervention]:
        """Change what flows through the model in all runs that are made inside a `with` block.

            with lm.intervene(ablate={3: [17, 20]}, steer=2.0 * vector):
                out = lm.generate("The house is")

        Neurons are those that `out.activations` shows: what the last matrix of a layer's FFN reads. Such a run stays one of
        the changed model: whatever is asked of it, also after the block, is answered with the intervention at work. Runs
        that were made outside are answered without it, also inside the block, and so is a call of `lm.model` itself.
        Blocks within blocks add up; of one neuron the inner block has the last word.

        Args:
            ablate: neurons that are set to 0, by layer: a number, a list of numbers or `"all"`.
            scale: by layer, what neurons are multiplied by: `{3: {17: 2.0}}`, or `{3: {"all": 0.5}}`.
            set: by layer, what neurons are set to.
            steer: a steering vector or several, each added to what its layer returns; see `ecco.steering_vector`.
            positions: the tokens at which all this is done, counted from 0 over input and output: a number, a list, a range,
                or `slice(5, None)` for all from 5 on; by default all, the start of a decoder among them. In several texts
                each counts its own.
            side: of an encoder-decoder, where the layers of neurons are: `"decoder"` (default) or `"encoder"`.

        Yields:
            what is done, to read.

        Raises:
            ArgumentError: for a layer, neuron or position that does not exist; before anything runs.
            ProofError: if the model's layers or neurons cannot be found.
        """
        step = plan(self._loaded, ablate=ablate, scale=scale, set_to=set, steer=steer, positions=positions, side=side)
        loaded = intervened(_INTERVENED.get().get(id(self), self._loaded), [step])
        agree(self.model, step.exact, "The intervention")
        found = intervention_of(loaded)
        assert found is not None
        token = _INTERVENED.set({**_INTERVENED.get(), id(self): loaded})
        try:
            yield found
        finally:
            _INTERVENED.reset(token)

    def _now(self, inhibit: Mapping[Any, Any] | None = None, induce: Mapping[Any, Any] | None = None) -> LoadedModel:
        """The model as the next run finds it."""
        loaded = _INTERVENED.get().get(id(self), self._loaded)
        inhibit = self.neurons_to_inhibit if inhibit is None else inhibit
        induce = self.neurons_to_induce if induce is None else induce
        if not inhibit and not induce:
            return loaded
        agree(self.model, (repr(inhibit), repr(induce)), "The neurons to inhibit and to induce")
        return intervened(loaded, [upstream_step(self._loaded, inhibit, induce)])

    def generate(
        self,
        text: str | Sequence[str] | Chat | Mapping[str, Any],
        generate: int | None = None,
        max_length: int | None = None,
        do_sample: bool | None = None,
        temperature: float | None = None,
        top_k: int | None = None,
        top_p: float | None = None,
        beam_size: int | None = None,
        attribution: str | Sequence[str] = (),
        *,
        truncation: bool | int = False,
        neurons_to_inhibit: Mapping[Any, Any] | None = None,
        neurons_to_induce: Mapping[Any, Any] | None = None,
        verbose: bool | None = None,
        **generate_kwargs: Any,
    ) -> OutputSeq:
        """Let the model write on.

        Hugging Face's `generate` does it, with its own defaults and at its own speed. A seed is set with
        `transformers.set_seed`. Ctrl-C stops it and returns what was written so far.

        Args:
            text: a string, a list of strings, a list of chat messages (rendered with the chat template), or what the
                tokenizer returned for any of them.
            generate: how many new tokens at most (default 20, or what the model's generation config says).
            max_length: how many tokens at most; the input is included, but for an encoder-decoder.
            do_sample: sample instead of taking the most likely token.
            temperature: of sampling.
            top_k: sample among the k most likely tokens.
            top_p: sample among the most likely tokens that together have this probability.
            beam_size: beam search with so many beams.
            attribution: methods to compute right away; otherwise they are computed when asked for.
            truncation: cut a text that is too long: True to what the model can read beside what it is to write, a number
                to so many tokens. Of a text that a causal model goes on with the end is kept, of a source what the
                tokenizer's `truncation_side` says; `n_cut` of the result says how many tokens were left out.
            neurons_to_inhibit: lists of neurons by layer that are set to 0 in this run; by default those of the LM.
            neurons_to_induce: lists of neurons by layer that are multiplied by 10.
            verbose: show the text in a notebook while it is written; by default as the LM says.
            **generate_kwargs: for Hugging Face's `generate`: `num_return_sequences`, `stop_strings`, `streamer`, …

        Raises:
            ArgumentError: for a text that cannot be read, or a number that makes no sense.
        """
        methods = [method_name(name) for name in ([attribution] if isinstance(attribution, str) else attribution)]
        own = {
            "max_new_tokens": ("generate", generate),
            "max_length": ("max_length", max_length),
            "do_sample": ("do_sample", do_sample),
            "temperature": ("temperature", temperature),
            "top_k": ("top_k", top_k),
            "top_p": ("top_p", top_p),
            "num_beams": ("beam_size", beam_size),
        }
        settings = merged(own, generate_kwargs)
        inputs = self._encoded(text, None, truncation, settings)
        loaded = self._now(neurons_to_inhibit, neurons_to_induce)
        out = self._generate(loaded, inputs, self.verbose if verbose is None else verbose, settings)
        try:
            self._capture(out)
            for one in out:
                for method in methods:
                    one.primary_attributions(method)
        except KeyboardInterrupt:
            out.interrupted = True  # the text is there; what is missing is computed when it is asked for
        return out

    def _encoded(
        self, text: Any, text_pair: Any, truncation: bool | int, settings: Mapping[str, Any] | None = None
    ) -> list[Encoded]:
        """A text, or what a tokenizer returned, as ids; `settings` say how much is to be written after it."""
        if is_encoding(text):
            if text_pair is not None or truncation is not False:
                raise ArgumentError(
                    "An encoding is paired and cut by its tokenizer: tokenizer(text, text_pair, truncation=True)."
                )
            return from_encoding(self._loaded, text)
        truncation, room = room_for(self._loaded, truncation, settings) if settings is not None else (truncation, 0)
        return encode(self._loaded, text, text_pair, truncation, room=room)

    def _generate(self, loaded: LoadedModel, inputs: list[Encoded], verbose: bool, settings: dict[str, Any]) -> OutputSeq:
        live = Live() if verbose and in_notebook() and leads() else None
        n_input, seen = len(inputs[0].ids), inputs[0].ids
        agree(self.model, [one.ids for one in inputs], "The text")
        config = settings.get("generation_config") or getattr(self.model, "generation_config", None)
        if settings.get("do_sample", getattr(config, "do_sample", False)):
            agree(self.model, random_state(self.model), "The random state")

        def show(ids: list[int], subtitle: str = "writing …") -> None:
            nonlocal seen
            seen = ids
            if live is not None:
                live.show(_Growing(TokenSequence(tuple(display(self.tokenizer, ids)), n_input, subtitle=subtitle)))

        try:
            with undisturbed(loaded.model):
                found = generate(loaded, [one.ids for one in inputs], show=show if live else None, **settings)
        except BaseException:
            if len(seen) > n_input:
                show(seen, "stopped by an error")  # what is shown should not look as if it went on
            raise
        agree(self.model, [one.ids for one in found.sequences], "The text written")
        of_each = [one for one in inputs for _ in range(len(found.sequences) // len(inputs))]
        runs = [
            Run(loaded, w.ids, len(one.ids), w.trace, start=w.start, n_cut=one.n_cut)
            for w, one in zip(found.sequences, of_each, strict=True)
        ]
        out = OutputSeq(loaded, runs, interrupted=found.interrupted)
        if live is not None:
            live.show(_Finished(out))
            out._shown_in_cell = live.cell
        return out

    def __call__(
        self,
        text: str | Sequence[str] | Chat | Mapping[str, Any],
        continuation: str | Sequence[int] | None = None,
        *,
        text_pair: str | Sequence[str] | None = None,
        truncation: bool | int = False,
        neurons_to_inhibit: Mapping[Any, Any] | None = None,
        neurons_to_induce: Mapping[Any, Any] | None = None,
    ) -> OutputSeq:
        """Read a text without writing.

        Args:
            text: a string, a list of strings, chat messages, or what the tokenizer returned for them.
            continuation: read this (a string, or ids) as if the model had written it after the text, so that any answer
                can be explained.
            text_pair: the second text of a pair, such as a hypothesis after a premise or a passage after a question; a
                list for a list of texts. For models that read, not for those that write.
            truncation: cut a text that is too long: True to what the model can read, a number to so many tokens. Of what
                a causal model reads the end is kept, of other texts what the tokenizer's `truncation_side` says; `n_cut`
                of the result says how many tokens were left out.
            neurons_to_inhibit: lists of neurons by layer that are set to 0 in this run; by default those of the LM.
            neurons_to_induce: lists of neurons by layer that are multiplied by 10.

        Raises:
            ArgumentError: for what cannot be read, and why.
        """
        loaded = self._now(neurons_to_inhibit, neurons_to_induce)
        kind = loaded.task.kind
        writes = kind in ("causal", "seq2seq")
        if continuation is not None and not writes:
            raise ArgumentError(f"continuation= is for models that write; a {type(self.model).__name__} reads only.")
        inputs = self._encoded(text, text_pair, truncation)
        added: list[int] = []
        if continuation is not None:
            if len(inputs) != 1:
                raise ArgumentError(f"continuation= goes with one text, not with {len(inputs)}.")
            added = continued_ids(self._loaded, text, inputs[0].ids, continuation)
            if truncation is True and kind == "causal":
                inputs = encode(self._loaded, text, None, True, room=len(added))  # type: ignore[arg-type]
        agree(self.model, [*((one.ids, one.token_types) for one in inputs), added], "The text")
        for one in inputs:
            check_length(self._loaded, len(one.ids) + (len(added) if kind == "causal" else 0))
        runs = [Run(loaded, [*one.ids, *added], len(one.ids), token_types=one.token_types, n_cut=one.n_cut) for one in inputs]
        out = OutputSeq(loaded, runs)
        self._capture(out)
        return out

    def _capture(self, out: OutputSeq) -> None:
        """Compute what the person wants with every run."""
        if self.activations:
            out.compute_activations()
        if self.attention:
            out.compute_attention()

    def run_nmf(
        self,
        texts: Sequence[str | Chat | Mapping[str, Any]],
        n_components: int = 10,
        from_layer: int | None = None,
        to_layer: int | None = None,
        *,
        side: str | None = None,
        seed: int = 0,
        passes: int = 3,
        batch_tokens: int = 4000,
        progress: bool = True,
    ) -> NeuronFactors:
        """Which groups of neurons fire together over a collection of texts?

        The activations of `batch_tokens` tokens are in memory at a time. Every pass reads all texts again and lowers the
        error; Ctrl-C after the first one returns what was found. `OutputSeq.run_nmf` factorises texts that fit into memory.

        Args:
            texts: what the model reads, one after the other.
            n_components: how many factors.
            from_layer: the first layer (negative from the end).
            to_layer: the layer after the last one.
            side: of an encoder-decoder, `"encoder"` or `"decoder"`; by default the encoder.
            seed: of the start.
            passes: how often every text is read.
            batch_tokens: how many tokens' activations are in memory at a time.
            progress: whether to show a bar.

        Returns:
            components (factor, position) of all texts, one after the other, and weights (factor, neuron).

        Raises:
            ArgumentError: for a text that cannot be read (the message says which), more factors than tokens in a batch, or
                an empty range of layers.
            ProofError: if the model's neurons cannot be found.
        """
        return factorise(
            self, texts, n_components, from_layer, to_layer,
            side=side, seed=seed, passes=passes, batch_tokens=batch_tokens, progress=progress,
        )  # fmt: skip

    def predict_token(
        self,
        text: str,
        topk: int = 50,
        temperature: float = 1.0,
        *,
        position: int | None = None,
        text_pair: str | None = None,
        truncation: bool | int = False,
    ) -> Predictions:
        """The most likely tokens after a text, or at the mask of a masked language model; the labels of a classifier.

        Args:
            text: what the model reads.
            topk: how many tokens.
            temperature: what the logits are divided by before the softmax.
            position: which position to predict, if there are several masks or none.
            text_pair: the second text of a pair.
            truncation: cut a text that is too long, as in `lm(text, truncation=…)`.
        """
        if whole_number(topk, "topk") < 1 or not temperature > 0:
            raise ArgumentError(f"topk={topk} must be at least 1 and temperature={temperature} above 0.")
        if not isinstance(text, str):
            raise ArgumentError(f"text={text!r} must be one string.")
        (one,) = encode(self._loaded, text, text_pair, truncation)
        ids = one.ids
        agree(self.model, [ids, one.token_types], "The text")
        check_length(self._loaded, len(ids))
        run = Run(self._now(), ids, len(ids), token_types=one.token_types)
        run.check_predicts()
        position = self._predicted(run, position)
        with undisturbed(run.loaded.model):
            logits = logits_at(run.loaded.model, run.reading.inputs(), [run.reading.row(position)])[0].float()
        top = logits[0].topk(min(topk, logits.shape[-1]))
        probabilities = torch.exp(top.values / temperature - log_total(logits / temperature))
        return Predictions(
            token_ids=top.indices.cpu().numpy(),
            probabilities=probabilities.cpu().numpy(),
            logits=top.values.cpu().numpy(),
            texts=[self._loaded.answer(int(i), ids[:position]) for i in top.indices],
            context=run.tokens[:position],
            after=run.names.following(position),
            temperature=temperature,
            answers=self._loaded.answers,
        )

    def _predicted(self, run: Run, position: int | None) -> int:
        """The position to predict: the one named, the end of the text, or the only mask."""
        if position is not None:
            return run.names.position(position)
        if run.reading.kind == "token labels":
            raise ArgumentError("Every token has a label of its own; say which position= is meant.")
        return len(run.ids) if run.reading.depends_on_order else run.names.only()

    def __repr__(self) -> str:
        kind = type(self.model).__name__
        millions = sum(p.numel() for p in self.model.parameters()) / 1e6
        return f"LM({self._loaded.name!r}: {kind}, {self.task}, {millions:.1f} M parameters, {self.device})"


class _Finished:
    """The finished text as figures."""

    def __init__(self, out: OutputSeq) -> None:
        self._out = out

    def _repr_html_(self) -> str:
        return self._out._repr_html_()

    def __repr__(self) -> str:
        return repr(self._out)


class _Growing:
    """The text so far: a static view, without a runtime, replaced many times."""

    def __init__(self, sequence: TokenSequence) -> None:
        self._sequence = sequence

    def _repr_html_(self) -> str:
        return static_html(self._sequence.to_payload())

    def __repr__(self) -> str:
        return "".join(t.text for t in self._sequence.tokens)
