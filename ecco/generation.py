"""Generate text with Hugging Face's own `generate`, and show it while it is written."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from transformers import StoppingCriteria, StoppingCriteriaList, StopStringCriteria

from ecco.devices import input_embedding
from ecco.errors import ArgumentError
from ecco.forward import logits_of
from ecco.inputs import check_length
from ecco.model import LoadedModel
from ecco.naming import whole_number

# Seconds between two updates of the text in a notebook.
LIVE_INTERVAL = 0.1

DEFAULT_NEW_TOKENS = 20


# What `generate` would read instead of the text; the run would then explain other inputs than it was written from.
OWN_INPUTS = {
    *("input_ids", "inputs", "inputs_embeds", "attention_mask", "position_ids", "token_type_ids", "past_key_values"),
    *("decoder_input_ids", "decoder_inputs_embeds", "decoder_attention_mask", "encoder_outputs"),
}


@dataclass(frozen=True)
class Written:
    """One sequence that was written.

    Attributes:
        ids: input, then output, without padding.
        n_input: how many of them are input.
        start: what an encoder-decoder's decoder read first; None for other models.
        trace: the logarithm of the total of the logits (`logsumexp`) behind every written token, as far as it was seen:
            the whole text without beams, else the first token.
    """

    ids: list[int]
    n_input: int
    start: int | None = None
    trace: Sequence[float] = ()


@dataclass(frozen=True)
class Generated:
    """What came out of one call: the sequences of the first text first, and whether the person stopped it."""

    sequences: list[Written]
    interrupted: bool


def merged(own: Mapping[str, tuple[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of `generate` under the names of Hugging Face.

    Args:
        own: what was given under a name of ecco, by that of Hugging Face: (name, value).
        given: what was given under a name of Hugging Face.

    Raises:
        ArgumentError: for what is given twice, contradicts itself, or would replace the text.
    """
    settings = {name: value for name, (_, value) in own.items() if value is not None}
    if twice := sorted(settings.keys() & given.keys()):
        raise ArgumentError(f"{', '.join(twice)} is given twice, once under the name that ecco has for it; give it once.")
    if inputs := sorted(given.keys() & OWN_INPUTS):
        raise ArgumentError(
            f"{', '.join(inputs)} cannot be given: the input is what `text` says; to read ids, call lm(encoding)."
        )
    settings |= given
    called = {
        "max_new_tokens": "generate" if own["max_new_tokens"][1] is not None else "max_new_tokens",
        "num_beams": "beam_size",
    }
    if None not in (settings.get("max_new_tokens"), settings.get("max_length")):
        raise ArgumentError(
            f"{called.get('max_new_tokens', 'max_new_tokens')}= and max_length= both limit the length; give one of them."
        )
    for name in ("max_new_tokens", "max_length", "num_beams", "num_return_sequences"):
        if (value := settings.get(name)) is not None and whole_number(value, shown := called.get(name, name)) < 1:
            advice = "; to read a text without writing, call lm(text)" if name == "max_new_tokens" else ""
            raise ArgumentError(f"{shown}={value} must be at least 1{advice}.")
    return settings


def room_for(loaded: LoadedModel, truncation: bool | int, settings: Mapping[str, Any]) -> tuple[bool | int, int]:
    """How a text is cut so that what is to be written has room after it: `truncation` and `room` of `encode`."""
    if loaded.task.kind != "causal" or truncation is not True:
        return truncation, 0
    said = _lengths(loaded, settings)
    if said["max_new_tokens"] is None and said["max_length"] is not None:
        known = loaded.context_length or said["max_length"]
        return max(1, min(known, said["max_length"]) - 1), 0
    return True, said["max_new_tokens"] or DEFAULT_NEW_TOKENS


class _Watch(StoppingCriteria):
    """Sees the ids after every step and never stops anything."""

    def __init__(self, show: Callable[[Tensor], None] | None) -> None:
        self.ids: Tensor | None = None
        self._show = show
        self._shown = 0.0

    def __call__(self, input_ids: Tensor, scores: Any, **_kwargs: Any) -> Tensor:  # type: ignore[override]
        self.ids = input_ids
        if self._show is not None and time.monotonic() - self._shown >= LIVE_INTERVAL:
            self._show(input_ids)
            self._shown = time.monotonic()
        return torch.zeros(input_ids.shape[0], dtype=torch.bool, device=input_ids.device)


def generate(
    loaded: LoadedModel,
    inputs: list[list[int]],
    *,
    show: Callable[[list[int]], None] | None = None,
    **settings: Any,
) -> Generated:
    """Run Hugging Face's `generate` on one or several inputs.

    Args:
        loaded: the model.
        inputs: ids without padding.
        show: called now and then with the ids of the first sequence so far; not under beam search.
        **settings: for Hugging Face's `generate`.

    Raises:
        ArgumentError: if the model writes nothing.
        KeyboardInterrupt: if it was stopped before the first token.
    """
    if loaded.task.kind not in ("causal", "seq2seq"):
        raise ArgumentError(
            f"{loaded.name!r} is a {type(loaded.model).__name__}, which reads and does not write. Call lm(text) instead of "
            "lm.generate."
        )
    settings = _with_length(loaded, settings, max(map(len, inputs)))
    pad, stops = _pad_id(loaded, settings), _stop_strings(loaded, settings)
    if stops:
        settings.setdefault("tokenizer", loaded.tokenizer)
    padded, mask = _padded(inputs, pad, left=loaded.task.kind == "causal")
    given = len(padded[0]) if loaded.task.kind == "causal" else 1  # an encoder-decoder returns its start and what it wrote
    beams = int(settings.get("num_beams") or getattr(loaded.model.generation_config, "num_beams", None) or 1)
    live = None if show is None or beams > 1 else lambda ids: show([*inputs[0], *ids[0, given:].tolist()])
    watch = _Watch(live)
    own = list(settings.pop("stopping_criteria", None) or [])
    criteria = StoppingCriteriaList([*own, watch])
    interrupted = False
    totals: list[Tensor] = []

    def trace(_module: Any, _args: Any, output: Any) -> None:
        totals.append(torch.logsumexp(logits_of(output)[:, -1].float(), dim=-1).detach())

    handle = loaded.model.register_forward_hook(trace)
    try:
        with torch.no_grad(), _same_encoder(loaded.model), _followed(loaded, inputs, watch, given):
            out = loaded.model.generate(  # type: ignore[operator]
                input_ids=torch.tensor(padded, device=loaded.device),
                attention_mask=torch.tensor(mask, device=loaded.device),
                pad_token_id=pad,
                stopping_criteria=criteria,
                **settings,
            )
        ids = out if torch.is_tensor(out) else out.sequences
    except (ValueError, TypeError) as error:
        if totals:
            raise
        raise ArgumentError(f"transformers refuses these settings of generate: {error}") from error
    except KeyboardInterrupt:
        if watch.ids is None or watch.ids.shape[1] <= given:
            raise
        ids, interrupted = watch.ids[::beams], True
    finally:
        handle.remove()
    ends = [_eos_ends(loaded, ids, given, settings), _stop_ends(loaded, ids, given, stops)]
    ends += [_pad_ends(ids, given, pad)] if own and len(ids) > 1 else []  # where a criterion stopped a row is not known
    sequences = _unpadded(loaded, ids, inputs, given, ends)
    traces = _traces(sequences, totals, beams, len(inputs))
    return Generated([replace(w, trace=trace) for w, trace in zip(sequences, traces, strict=True)], interrupted)


def _followed(loaded: LoadedModel, inputs: list[list[int]], watch: _Watch, given: int) -> AbstractContextManager[None]:
    """Tell what acts on the model which tokens it reads in each step; `given` tokens stand there before the first."""
    if (acts := loaded.acts) is None:
        return nullcontext()
    width = max(map(len, inputs))
    first = [len(one) - (width if loaded.task.kind == "causal" else 1) for one in inputs]
    return acts.writing(first, width, lambda: given if watch.ids is None else watch.ids.shape[1])


@contextmanager
def _same_encoder(model: Any) -> Iterator[None]:
    """Leave the encoder of a model that accelerate has spread as it was: `generate` gives it a hook of its own.

    Source: transformers/generation/utils.py, `_prepare_encoder_decoder_kwargs_for_generation`.
    """
    encoder = model.get_encoder() if hasattr(model, "hf_device_map") and model.config.is_encoder_decoder else None
    if encoder is None:
        yield
        return
    hook = getattr(encoder, "_hf_hook", None)
    kept = {name: vars(encoder)[name] for name in ("forward", "_old_forward", "_hf_hook") if name in vars(encoder)}
    same_device = getattr(hook, "io_same_device", None)
    try:
        yield
    finally:
        for name in ("forward", "_old_forward", "_hf_hook"):
            vars(encoder).pop(name, None)
        vars(encoder).update(kept)
        if hook is not None:
            hook.io_same_device = same_device


def _traces(found: list[Written], totals: list[Tensor], beams: int, n_inputs: int) -> list[list[float]]:
    """The totals of every sequence, where one forward pass wrote one token."""
    lengths = [len(one.ids) - one.n_input for one in found]
    rows = len(found)
    regular = max(lengths) <= len(totals) <= max(lengths) + 1 and len({len(t) for t in totals}) == 1
    if not regular or (beams > 1 and len(totals[0]) % n_inputs):
        return [[] for _ in lengths]
    seen = torch.stack(totals[:1] if beams > 1 else totals).cpu()
    if beams == 1 and seen.shape[1] != rows:
        return [[] for _ in lengths]
    step = seen.shape[1] // n_inputs
    columns = [row // max(1, rows // n_inputs) * step if beams > 1 else row for row in range(rows)]
    return [seen[: n or 1, column].tolist() for n, column in zip(lengths, columns, strict=True)]


def _padded(inputs: list[list[int]], pad: int, *, left: bool) -> tuple[list[list[int]], list[list[int]]]:
    """Inputs filled up to one length, and which of them are tokens.

    On the left where the text goes on at its right end; on the right where an encoder counts positions from the left.
    """
    width = max(map(len, inputs))
    ids, mask = [], []
    for one in inputs:
        fill = width - len(one)
        ids.append([pad] * fill + one if left else one + [pad] * fill)
        mask.append([0] * fill + [1] * len(one) if left else [1] * len(one) + [0] * fill)
    return ids, mask


def _unpadded(
    loaded: LoadedModel, ids: Tensor, inputs: list[list[int]], given: int, ends: list[list[int | None]]
) -> list[Written]:
    """Sequences without padding on either side: what follows the first end of a row is padding."""
    per_input = max(1, len(ids) // len(inputs))
    two_sided = loaded.task.kind == "seq2seq"
    found = []
    for row, all_ids in enumerate(ids.tolist()):
        source = inputs[row // per_input]
        known = [place for e in ends if (place := e[row]) is not None]
        end = min(known, default=len(all_ids))
        found.append(Written([*source, *all_ids[given:end]], len(source), all_ids[0] if two_sided else None))
    return found


# -- where rows of a batch end -------------------------------------------------------------------------------------------
# A row that has ended is filled up while others go on, with a token that may also be written. So every reason to end is
# looked for; each function gives the place behind the last token of every row, or None.


def _pad_ends(ids: Tensor, given: int, pad: int) -> list[int | None]:
    written = [(row != pad).nonzero()[:, 0].tolist() for row in ids[:, given:]]
    return [given + places[-1] + 1 if places else None for places in written]


def _eos_ends(loaded: LoadedModel, ids: Tensor, given: int, settings: dict[str, Any]) -> list[int | None]:
    ends = torch.tensor(sorted(_eos_ids(loaded, settings)), dtype=ids.dtype, device=ids.device)
    hits = torch.isin(ids[:, given:], ends)
    return [given + int(row.nonzero()[0]) + 1 if bool(row.any()) else None for row in hits]


def _stop_ends(loaded: LoadedModel, ids: Tensor, given: int, stops: list[str]) -> list[int | None]:
    found: list[int | None] = [None] * len(ids)
    if not stops:
        return found
    criterion: Any = StopStringCriteria(loaded.tokenizer, stops)
    for length in range(ids.shape[1], given, -1):
        for row in criterion(ids[:, :length], None).nonzero()[:, 0].tolist():
            found[row] = length
    return found


def _stop_strings(loaded: LoadedModel, settings: dict[str, Any]) -> list[str]:
    config = settings.get("generation_config") or loaded.model.generation_config
    stops = settings.get("stop_strings") or getattr(config, "stop_strings", None) or []
    stops = [stops] if isinstance(stops, str) else list(stops)
    if not all(isinstance(stop, str) and stop for stop in stops):
        raise ArgumentError(f"stop_strings={stops!r} must be one or several strings that are not empty.")
    return stops


def _lengths(loaded: LoadedModel, settings: Mapping[str, Any]) -> dict[str, int | None]:
    """What the person says of lengths, or else the model's generation config."""
    config = settings.get("generation_config") or loaded.model.generation_config
    asked = {name: settings.get(name) for name in ("max_new_tokens", "max_length")}
    if any(asked.values()):
        return asked  # the one that is not given is not taken from the config
    return {name: getattr(config, name, None) for name in asked}


def _with_length(loaded: LoadedModel, settings: dict[str, Any], n_input: int) -> dict[str, Any]:
    """A number of new tokens where neither the person nor the model's generation config says one.

    Raises:
        ArgumentError: if the text would outgrow the positions of the model.
    """
    said = _lengths(loaded, settings)
    check_length(loaded, n_input)
    limit = loaded.context_length if loaded.task.kind == "causal" else None
    room = None if limit is None else limit - n_input
    new = said["max_new_tokens"]
    if new is None and said["max_length"] is not None:
        settings = {**settings, "max_new_tokens": None}
        new = said["max_length"] - (n_input if loaded.task.kind == "causal" else 1)  # its start is counted
        if new < 1:
            raise ArgumentError(
                f"max_length={said['max_length']} includes the input, which has {n_input} tokens; use generate= to say how "
                "many new tokens."
                if loaded.task.kind == "causal"
                else f"max_length={said['max_length']} leaves no token after the start of the decoder; give at least 2."
            )
    if new is None:
        return {**settings, "max_new_tokens": DEFAULT_NEW_TOKENS if room is None else min(DEFAULT_NEW_TOKENS, max(room, 1))}
    if room is not None and new > room:
        raise ArgumentError(
            f"{loaded.name!r} has {limit} positions. The text has {n_input} tokens, so at most {room} can be written, "
            f"not {new}."
        )
    return settings


def _eos_ids(loaded: LoadedModel, settings: dict[str, Any]) -> set[int]:
    config = settings.get("generation_config") or loaded.model.generation_config
    eos = settings.get("eos_token_id", getattr(config, "eos_token_id", None))
    if eos is None:
        return set()
    return set(torch.as_tensor(eos).reshape(-1).tolist())


def _pad_id(loaded: LoadedModel, settings: dict[str, Any]) -> int:
    """An id to fill with, one that the model can embed; it is masked."""
    given = settings.pop("pad_token_id", None)
    candidates: tuple[Any, ...] = (
        given,
        loaded.tokenizer.pad_token_id,
        loaded.tokenizer.eos_token_id,
        *_eos_ids(loaded, settings),
    )
    known = getattr(input_embedding(loaded.model), "num_embeddings", loaded.vocab_size)
    return int(next((c for c in candidates if c is not None and 0 <= int(c) < known), 0))


class Live:
    """One notebook output that grows with the text; static HTML only, replaced in the end by what is final."""

    def __init__(self) -> None:
        from IPython import get_ipython
        from IPython.display import display

        self.cell: int | None = getattr(get_ipython(), "execution_count", None)
        self._display = display
        self._handle: Any = None

    def show(self, figure: Any) -> None:
        """Show or replace the output."""
        if self._handle is None:
            self._handle = self._display(figure, display_id=True)
        else:
            self._handle.update(figure)


def in_notebook() -> bool:
    """Whether a notebook front end shows our output; a terminal does not, IPython's included."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and getattr(shell, "kernel", None) is not None
