"""Sequences: texts that ran through a model, and what flowed through it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ecco.acting import intervention_of
from ecco.attending import blocks_of, kinds_of
from ecco.errors import ArgumentError, EccoError, ProofError
from ecco.interventions import Intervention
from ecco.model import LoadedModel
from ecco.naming import numbered, whole_number
from ecco.padding import AttentionValues, joined, padded, stacked
from ecco.result import visible
from ecco.run import Run
from ecco.token_sequence import TokenSequence

Own = TypeVar("Own", bound="Sequences")


class Sequences:
    """The texts of one run and the arrays of what flowed; see `OutputSeq`."""

    def __init__(self, loaded: LoadedModel, runs: list[Run], *, interrupted: bool = False) -> None:
        self._loaded = loaded
        self._runs = runs
        self._shown_in_cell: int | None = None
        self.interrupted = interrupted

    # -- the sequences -------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._runs)

    def __getitem__(self: Own, index: int) -> Own:
        at = whole_number(index, "index")
        if not -len(self) <= at < len(self):
            raise IndexError(f"This run holds {len(self)} sequences; there is no number {at}.")
        if len(self) == 1:
            return self
        return type(self)(self._loaded, [self._runs[at]], interrupted=self.interrupted)  # what was computed stays with the text

    def __iter__(self: Own) -> Iterator[Own]:
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
    def intervention(self) -> Intervention | None:
        """What was changed in the model for this run, and is for all that is asked of it; None if nothing was."""
        return intervention_of(self._loaded)

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
        is the start that it reads before its text. They are in the model's dtype, or in the one that was chosen when it was
        loaded (`activations_dtype`).

        Raises:
            ProofError: if the model's neurons cannot be found.
            ArgumentError: if the chosen dtype cannot hold them.
            EccoError: if layers have different numbers of neurons, so that they do not fit into one array.
        """
        found = [self._by_side(run) for run in self._runs]
        return {side: padded([f[side].cpu().movedim(-1, 0) for f in found], 0).movedim(1, -1) for side in found[0]}

    @property
    def activation_layers(self) -> dict[str, tuple[int, ...]]:
        """Which layers `activations` holds, by side."""
        sides, chosen = self._loaded.sides, self._loaded.neuron_layers
        layers = sorted({(site.side, site.layer) for site in self._loaded.sites if chosen is None or site.layer in chosen})
        return {name: tuple(layer for side, layer in layers if side == number) for number, name in sides.items()}

    def _by_side(self, run: Run) -> dict[str, Float[Tensor, "layer neuron position"]]:
        layers = run.neurons(self._loaded.neuron_layers)
        found = {name: [n for n in layers if n.side == side] for side, name in self._loaded.sides.items()}
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

    def _strip(self) -> TokenSequence:
        """The tokens without colours."""
        run = self._one()
        what = f"{run.n_input} tokens read, {len(run.ids) - run.n_input} written"
        if run.n_cut:
            what += f", {run.n_cut} more cut off"
        if self.interrupted:
            what += " (interrupted)"
        if self.intervention is not None:
            what += f" · {self.intervention.text}"
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
        state += "" if self.intervention is None else f", under {self.intervention}"
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
