"""What a model was trained for, read from its configuration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoModelForTextEncoding,
    AutoModelForTokenClassification,
)
from transformers.models.auto import modeling_auto as auto

from ecco.errors import LoadError


@dataclass(frozen=True)
class Task:
    """A kind of model that ecco knows how to ask.

    Attributes:
        name: what a person calls it.
        kind: how its texts are read, see `ecco.reading.KINDS`.
        loader: the class of transformers that loads a model with the head for it.
        ends: how names of architectures end that were trained for it.
        types: model types of transformers that have such a head, and the architectures of each.
    """

    name: str
    kind: str
    loader: Any
    ends: tuple[str, ...]
    types: dict[str, str | tuple[str, ...]]

    def fits(self, architecture: str) -> bool:
        """Whether a model of this architecture was trained for it."""
        return architecture in _flat(self.types.values()) or architecture.endswith(self.ends)

    def loader_of(self, model_type: str) -> Any:
        """The class of transformers that loads a model of this type."""
        known = self.kind != "states" or model_type in auto.MODEL_FOR_TEXT_ENCODING_MAPPING_NAMES
        return self.loader if known else AutoModel


def _types(name: str) -> dict[str, Any]:
    return dict(getattr(auto, name))


def _flat(architectures: Iterable[str | tuple[str, ...]]) -> set[str]:
    return {name for found in architectures for name in ([found] if isinstance(found, str) else found)}


def _encoders() -> dict[str, Any]:
    """Bare models that read in both directions: those for text encoding, and those under the masked language models."""
    base = _types("MODEL_MAPPING_NAMES")
    under = {t: base[t] for t in _types("MODEL_FOR_MASKED_LM_MAPPING_NAMES") if t in base}
    return under | _types("MODEL_FOR_TEXT_ENCODING_MAPPING_NAMES")


# The first that fits an architecture counts.
TASKS = (
    Task("causal", "causal", AutoModelForCausalLM, ("ForCausalLM", "LMHeadModel"), _types("MODEL_FOR_CAUSAL_LM_MAPPING_NAMES")),
    Task(
        "seq2seq",
        "seq2seq",
        AutoModelForSeq2SeqLM,
        ("ForConditionalGeneration", "ForSeq2SeqLM"),
        _types("MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES"),
    ),
    Task(
        "masked", "masked", AutoModelForMaskedLM, ("ForMaskedLM", "ForPreTraining"), _types("MODEL_FOR_MASKED_LM_MAPPING_NAMES")
    ),
    Task(
        "classification",
        "text label",
        AutoModelForSequenceClassification,
        ("ForSequenceClassification",),
        _types("MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES"),
    ),
    Task(
        "classification",
        "token labels",
        AutoModelForTokenClassification,
        ("ForTokenClassification",),
        _types("MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES"),
    ),
    Task("encoder", "states", AutoModelForTextEncoding, (), _encoders()),
)
TASK_NAMES = tuple(dict.fromkeys(task.name for task in TASKS))


def task_of(config: Any, architecture: str | None, asked: str | None, name: str) -> Task:
    """The task of a model.

    Args:
        config: its configuration.
        architecture: the name of its class; None if its configuration names none.
        asked: the task that a person asked for, or None.
        name: what the person calls the model.

    Raises:
        LoadError: if it is no text model, or has no head for the task asked for.
    """
    model_type = getattr(config, "model_type", "?")
    what = architecture or f"model of type {model_type!r}"
    if asked is not None and asked not in TASK_NAMES:
        raise LoadError(f"task={asked!r} is not one of {', '.join(map(repr, TASK_NAMES))}.")
    fitting = [task for task in TASKS if architecture is not None and task.fits(architecture)]
    fitting.sort(key=lambda task: architecture not in _flat(task.types.values()))  # a list says more than the end of a name
    two_sided = getattr(config, "is_encoder_decoder", False)
    if fitting and fitting[0].name == "seq2seq" and not two_sided:
        # Models for pictures or speech call themselves so; their text part is causal.
        fitting = [TASKS[0] if model_type in TASKS[0].types else replace(fitting[0], name="causal", kind="causal")]
    if asked is not None:
        fitting = [t for t in fitting if t.name == asked] or [t for t in TASKS if t.name == asked]
    elif not fitting and architecture is None:
        fitting = [task for task in TASKS if model_type in task.types]
    if not fitting:
        raise LoadError(
            f"{name!r} is a {what}: not a text model that ecco knows how to ask. If it is one, say what it was trained for: "
            f"task= one of {', '.join(map(repr, TASK_NAMES))}."
        )
    task = fitting[0]
    if task.kind == "masked" and two_sided:
        raise LoadError(f'{name!r} is a {what}, an encoder-decoder: it writes what it fills in. Use task="seq2seq".')
    custom = hasattr(config, "auto_map") or (architecture is not None and task.fits(architecture))
    if model_type not in task.types and not custom:
        raise LoadError(f"{name!r} is a {what}; transformers has no model of type {model_type!r} for the task {task.name!r}.")
    return task
