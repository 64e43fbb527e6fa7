"""Generate text with Hugging Face's own `generate`, and show it while it is written."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from transformers import StoppingCriteria, StoppingCriteriaList

from ecco.errors import ArgumentError
from ecco.forward import logits_of
from ecco.model import LoadedModel
from ecco.tokens import decode

# Seconds between two updates of the text in a notebook.
LIVE_INTERVAL = 0.1

DEFAULT_NEW_TOKENS = 20

Chat = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Generated:
    """What came out of one call.

    Attributes:
        sequences: input and output ids of every sequence, without padding.
        n_inputs: how many of each are input.
        interrupted: whether the person stopped it.
        traces: per sequence the logarithm of the total of the logits (`logsumexp`) behind every written token, as far
            as it was seen: the whole text without beams, else the first token.
    """

    sequences: list[list[int]]
    n_inputs: list[int]
    interrupted: bool
    traces: list[list[float]]


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


def encode(loaded: LoadedModel, text: str | Sequence[str] | Chat) -> list[list[int]]:
    """The ids of a text, of several texts, or of a chat rendered with the tokenizer's template.

    Raises:
        ArgumentError: for anything else, an empty text, or a chat without a template.
    """
    if isinstance(text, str):
        return [_encode_one(loaded, text)]
    if not isinstance(text, Sequence) or not text:
        raise ArgumentError(f"text must be a string, a list of strings or a list of chat messages, not {text!r}.")
    if all(isinstance(item, str) for item in text):
        return [_encode_one(loaded, str(item)) for item in text]
    if all(isinstance(item, dict) and "role" in item for item in text):
        if not getattr(loaded.tokenizer, "chat_template", None):
            raise ArgumentError(
                f"The tokenizer of {loaded.name!r} has no chat template, so chat messages cannot be rendered. Pass a string."
            )
        messages: Any = list(text)
        rendered: Any = loaded.tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        return [list(loaded.tokenizer(rendered, add_special_tokens=False)["input_ids"])]
    raise ArgumentError("A list must hold only strings, or only chat messages ({'role': …, 'content': …}).")


def _encode_one(loaded: LoadedModel, text: str) -> list[int]:
    ids = list(loaded.tokenizer(text)["input_ids"])
    if not ids:
        raise ArgumentError(f"The text {text!r} has no tokens; give at least one.")
    return ids


def continued_ids(loaded: LoadedModel, text: Any, ids: list[int], continuation: str) -> list[int]:
    """The ids of a continuation, chosen such that it reads as it was given.

    Tokenizers of the SentencePiece family put a space before what they read on its own: "ing" would become " ing". What
    an encoder-decoder writes is a text of its own.

    Raises:
        ArgumentError: if it has no tokens.
    """
    two_sided = loaded.task.kind == "seq2seq"
    name = "text_target" if two_sided else "text"
    text = text[0] if isinstance(text, list | tuple) else text
    candidates: list[list[int]] = []
    if isinstance(text, str) and not two_sided:
        whole = list(loaded.tokenizer(text + continuation)["input_ids"])
        candidates.append(whole[len(ids) :] if whole[: len(ids)] == ids else [])
    for alone in (continuation, continuation.removeprefix(" ")):
        asked: dict[str, Any] = {name: alone, "add_special_tokens": False}
        candidates.append(list(loaded.tokenizer(**asked)["input_ids"]) if alone else [])
    if not any(candidates):
        raise ArgumentError(f"continuation={continuation!r} has no tokens.")
    ids = [] if two_sided else ids
    before = decode(loaded.tokenizer, ids)
    reads = {decode(loaded.tokenizer, [*ids, *added]): added for added in reversed(candidates) if added}
    # A tokenizer of whole words reads no two words without a space between them.
    for expected in (before + continuation, f"{before} {continuation}"):
        if expected in reads:
            return reads[expected]
    return next(added for added in candidates if added)  # a tokenizer that changes the text, to lower case for instance


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
    pad = _pad_id(loaded, settings)
    padded, mask = _padded(inputs, pad, left=loaded.task.kind == "causal")
    given = len(padded[0]) if loaded.task.kind == "causal" else 1  # an encoder-decoder returns its start and what it wrote
    beams = int(settings.get("num_beams") or getattr(loaded.model.generation_config, "num_beams", None) or 1)
    live = None if show is None or beams > 1 else lambda ids: show([*inputs[0], *ids[0, given:].tolist()])
    watch = _Watch(live)
    criteria = StoppingCriteriaList([*(settings.pop("stopping_criteria", None) or []), watch])
    interrupted = False
    totals: list[Tensor] = []

    def trace(_module: Any, _args: Any, output: Any) -> None:
        totals.append(torch.logsumexp(logits_of(output)[:, -1].float(), dim=-1).detach())

    handle = loaded.model.register_forward_hook(trace)
    try:
        with torch.no_grad(), _same_encoder(loaded.model):
            out = loaded.model.generate(  # type: ignore[operator]
                input_ids=torch.tensor(padded, device=loaded.device),
                attention_mask=torch.tensor(mask, device=loaded.device),
                pad_token_id=pad,
                stopping_criteria=criteria,
                **settings,
            )
        ids = out if torch.is_tensor(out) else out.sequences
    except KeyboardInterrupt:
        if watch.ids is None or watch.ids.shape[1] <= given:
            raise
        ids, interrupted = watch.ids[::beams], True
    finally:
        handle.remove()
    found = _unpadded(loaded, ids, inputs, given, settings, interrupted)
    return replace(found, traces=_traces(found, totals, beams, len(inputs)))


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


def _traces(found: Generated, totals: list[Tensor], beams: int, n_inputs: int) -> list[list[float]]:
    """The totals of every sequence, where one forward pass wrote one token."""
    lengths = [len(ids) - n for ids, n in zip(found.sequences, found.n_inputs, strict=True)]
    rows = len(found.sequences)
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
    loaded: LoadedModel, ids: Tensor, inputs: list[list[int]], given: int, settings: dict[str, Any], interrupted: bool
) -> Generated:
    """Sequences without padding on either side; what follows an end-of-text token is padding."""
    per_input = max(1, len(ids) // len(inputs))
    ends = _eos_ids(loaded, settings)
    sequences, n_inputs = [], []
    for row, all_ids in enumerate(ids.tolist()):
        source = inputs[row // per_input]
        written = all_ids[given:]
        end = next((i + 1 for i, token in enumerate(written) if token in ends), len(written))
        sequences.append([*source, *written[:end]])
        n_inputs.append(len(source))
    return Generated(sequences, n_inputs, interrupted, [])


def _with_length(loaded: LoadedModel, settings: dict[str, Any], n_input: int) -> dict[str, Any]:
    """A number of new tokens where neither the person nor the model's generation config says one.

    Raises:
        ArgumentError: if the text would outgrow the positions of the model.
    """
    config = settings.get("generation_config") or loaded.model.generation_config
    said = {name: settings.get(name) or getattr(config, name, None) for name in ("max_new_tokens", "max_length")}
    check_length(loaded, n_input)
    limit = loaded.context_length if loaded.task.kind == "causal" else None
    room = None if limit is None else limit - n_input
    new = said["max_new_tokens"] or (said["max_length"] - n_input if said["max_length"] else None)
    if new is None:
        return {**settings, "max_new_tokens": DEFAULT_NEW_TOKENS if room is None else min(DEFAULT_NEW_TOKENS, max(room, 1))}
    if room is not None and new > room:
        raise ArgumentError(
            f"{loaded.name!r} has {limit} positions. The text has {n_input} tokens, so at most {room} can be written, "
            f"not {new}."
        )
    return settings


def check_length(loaded: LoadedModel, n_tokens: int) -> None:
    """Refuse a text that has more tokens than the model has positions.

    Raises:
        ArgumentError: with how many there are too many.
    """
    limit = loaded.context_length
    if limit is not None and n_tokens > limit:
        raise ArgumentError(
            f"The text has {n_tokens} tokens, {n_tokens - limit} more than the {limit} positions of {loaded.name!r}. "
            "Shorten it, or let the tokenizer cut it: lm(lm.tokenizer(text, truncation=True, max_length=…))."
        )


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
    known = getattr(loaded.model.get_input_embeddings(), "num_embeddings", loaded.vocab_size)
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
