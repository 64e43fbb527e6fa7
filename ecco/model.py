"""LoadedModel: a model, its tokenizer, its task, and (found when first asked for) its anatomy.

`load` turns whatever a person names into one: an embedded demo, a folder, a hub id, or a model that is already loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging

from ecco.anatomy import Anatomy, find_anatomy
from ecco.devices import input_device, input_embedding
from ecco.errors import LoadError
from ecco.ffn import Site, check_known, find_sites
from ecco.forward import Acts, acted_on, acts_on
from ecco.reading import Reading
from ecco.task import TASKS, Task, task_of
from ecco.tokens import token_text

DEMOS_FOLDER = Path(__file__).parent / "demos"
DEMO_PREFIX = "ecco/"

# By these arguments transformers is told where weights go.
PLACING = ("device_map", "tp_plan", "tp_size", "distributed_config")


@dataclass
class LoadedModel:
    """A model that is ready to be asked.

    Attributes:
        model: the transformers model, in evaluation mode.
        tokenizer: its tokenizer.
        task: what it was trained for.
        name: what the person called it.
        neuron_layers: the layers whose neurons a person wants to see; None for all.
        neuron_dtype: how these neurons are kept; None as the model computes them.
        base: the same without what acts in the passes of `model`; None where nothing does.
    """

    model: PreTrainedModel = field(repr=False)
    tokenizer: PreTrainedTokenizerBase = field(repr=False)
    task: Task
    name: str
    neuron_layers: tuple[int, ...] | None = None
    neuron_dtype: torch.dtype | None = None
    base: LoadedModel | None = field(default=None, repr=False)

    def under(self, acts: Acts) -> LoadedModel:
        """The same model, in whose passes something acts; its parts are those of the model as it is."""
        return replace(self, model=acted_on(self.model, acts), base=self)

    @property
    def acts(self) -> Acts | None:
        """What acts in the passes of the model."""
        return acts_on(self.model)

    @property
    def sides(self) -> dict[int, str]:
        """What the blocks that lead to the logits, and those of an encoder before them, are called."""
        if self.task.kind == "seq2seq" and self.anatomy.encoder is not None:
            return {1: "encoder", 0: "decoder"}
        return {0: "decoder" if self.task.kind in ("causal", "seq2seq") else "encoder"}

    def reading(
        self, ids: Sequence[int], n_input: int, *, token_types: Sequence[int] | None = None, start: int | None = None
    ) -> Reading:
        """A text as the model reads it: input, and what was written after it.

        Args:
            ids: input, then output.
            n_input: how many of them are input.
            token_types: which text of a pair each token belongs to.
            start: what a decoder read before its first token; by default what its configuration says.
        """
        tensor = torch.tensor(ids, device=self.device)
        types = None if token_types is None else torch.tensor(token_types, device=self.device)
        if self.task.kind != "seq2seq":
            return Reading(self.task.kind, tensor, len(ids), token_types=types)
        return Reading("seq2seq", tensor, n_input, (self.start if start is None else start,))

    @property
    def start(self) -> int:
        """What the decoder reads before its first token.

        Raises:
            LoadError: if the configuration does not say it.
        """
        for config in (self.model.generation_config, self.model.config, self.model.config.get_text_config(decoder=True)):
            for name in ("decoder_start_token_id", "bos_token_id"):
                if (found := getattr(config, name, None)) is not None:
                    return int(found)
        raise LoadError(f"{self.name!r} does not say what its decoder starts with; set model.config.decoder_start_token_id.")

    @cached_property
    def adds_tokens(self) -> bool:
        """Whether it writes from more tokens than the text: XLNet and XLM put one in the place of the next."""
        if self.task.kind != "causal":
            return False
        ids = torch.zeros(1, 2, dtype=torch.long, device=self.device)
        try:
            given = self.model.prepare_inputs_for_generation(ids)["input_ids"]  # type: ignore[operator]
        except Exception:  # a model's own code; most need more than ids here, and add none
            return False
        return torch.is_tensor(given) and given.shape[1] > ids.shape[1]

    @property
    def answers(self) -> str:
        """What it answers with: `"tokens"` or `"labels"`."""
        return "tokens" if self.labels is None else "labels"

    @property
    def labels(self) -> list[str] | None:
        """What a classifier answers with; None for models that answer with tokens."""
        if self.task.kind not in ("text label", "token labels"):
            return None
        config: Any = self.model.config
        return [str((config.id2label or {}).get(i, f"LABEL_{i}")) for i in range(config.num_labels)]

    @cached_property
    def anatomy(self) -> Anatomy:
        """Where its parts are.

        Raises:
            ProofError: if its layers cannot be found.
        """
        if self.base is not None:
            return self.base.anatomy
        return find_anatomy(self.model, two_sided=self.task.kind == "seq2seq")

    @cached_property
    def ffns(self) -> tuple[Site, ...]:
        """Where its FFNs are, in the order in which they are computed; whose neurons may be unknown (`check_known`).

        Raises:
            ProofError: if they cannot be found.
        """
        if self.base is not None:
            return self.base.ffns
        return find_sites(self.model, self.anatomy)

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """Where its neurons are, in the order in which they are computed.

        Raises:
            ProofError: if they cannot be found, or each of several processes has an unknown part of them.
        """
        check_known(self.model, self.ffns)
        return self.ffns

    @property
    def device(self) -> torch.device:
        """Where its inputs go."""
        return input_device(self.model)

    @property
    def context_length(self) -> int | None:
        """How many tokens a table of learned positions has places for; None if there is no such table."""
        config: Any = self.model.config.get_text_config(decoder=True)
        limit = getattr(config, "max_position_embeddings", None)
        if not isinstance(limit, int):
            return None
        tokens = input_embedding(self.model)
        tables = [m for m in self.model.modules() if isinstance(m, torch.nn.Embedding) and m is not tokens]
        # Tables after RoBERTa begin behind the padding, tables after BART hold a few places more than they use.
        places = [m.num_embeddings - (m.padding_idx + 1 if m.padding_idx is not None else 0) for m in tables]
        found = [min(limit, n) for n, m in zip(places, tables, strict=True) if limit <= m.num_embeddings <= limit + 4]
        return min(found, default=None)

    def answer(self, answer_id: int, before: Sequence[int] = ()) -> str:
        """The text of a token that the model may write after others, or of a label."""
        labels = self.labels
        return token_text(self.tokenizer, answer_id, before) if labels is None else labels[answer_id]

    @property
    def vocab_size(self) -> int:
        """How many tokens it can write, or labels it can give."""
        if (labels := self.labels) is not None:
            return len(labels)
        head: Any = self.model.get_output_embeddings()
        if isinstance(width := getattr(head, "out_features", None), int):
            return width  # also of packed weights, whose table has another form
        weight = getattr(head, "weight", None)
        return int(self.model.config.get_text_config(decoder=True).vocab_size) if weight is None else len(weight)


def demo_names() -> list[str]:
    """The embedded models."""
    return sorted(f"{DEMO_PREFIX}{p.name}" for p in DEMOS_FOLDER.glob("demo-*") if (p / "config.json").is_file())


def load(
    model: str | Path | PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase | str | None = None,
    *,
    task: str | None = None,
    gpu: bool = True,
    device: str | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    verbose: bool = True,
    **model_kwargs: Any,
) -> LoadedModel:
    """Load a model and its tokenizer. The arguments are those of `ecco.from_pretrained`.

    Raises:
        LoadError: with what was wrong and what to do.
    """
    if isinstance(model, torch.nn.Module):
        return _adopt(model, tokenizer, task, device, dtype, model_kwargs)
    name = str(model)
    where = _locate(name)
    embedded = Path(where).parent == DEMOS_FOLDER
    wanted = _device(device, gpu) if not (placing := _placing(model_kwargs)) else None
    if placing and device is not None:
        raise LoadError(f"device={str(device)!r} and {placing}= both say where the model goes; give one of them.")
    shared = {k: model_kwargs[k] for k in ("revision", "trust_remote_code", "token", "cache_dir") if k in model_kwargs}
    config = _fetch(AutoConfig.from_pretrained, where, name, "configuration", shared)
    architectures = getattr(config, "architectures", None) or [None]
    found = task_of(config, architectures[0], task, name)
    if dtype is None and embedded:
        dtype = torch.float32  # stored in half precision to be small; half precision is slow on CPU
    loaded_tokenizer = _tokenizer(tokenizer, where, name, shared)
    settings = {"config": config, "dtype": dtype if dtype is not None else "auto", **model_kwargs}
    if wanted is not None and (getattr(config, "quantization_config", None) or model_kwargs.get("quantization_config")):
        settings["device_map"], wanted = {"": wanted}, None  # packed weights are made where they stay
    with _progress_bar(verbose and not embedded):
        loaded, report = _fetch(
            found.loader_of(config.model_type).from_pretrained,
            where,
            name,
            "weights",
            {**settings, "output_loading_info": True},
        )
    # States come out before the pooler, which sentence encoders often leave out.
    beside = "pooler." if found.kind == "states" else ()
    if missing := sorted(key for key in report["missing_keys"] if not key.startswith(beside)):
        raise LoadError(
            f"{name!r} holds no weights for {len(missing)} parameters of a {type(loaded).__name__} "
            f"({', '.join(missing[:3])} …); they would be random numbers. Load a model that was trained for this task."
        )
    if wanted is not None:
        loaded = _move(loaded, wanted)
    _check_whole(loaded, name)
    return LoadedModel(loaded.eval(), loaded_tokenizer, found, name)


def _placing(model_kwargs: dict[str, Any]) -> str | None:
    """The argument by which transformers is told where the model goes, if there is one."""
    return next((name for name in PLACING if model_kwargs.get(name) is not None), None)


def _check_whole(model: Any, name: str) -> None:
    """Refuse a model of which this process has some layers only.

    Raises:
        LoadError: with how to split it instead.
    """
    stages = getattr(getattr(model.config, "distributed_config", None), "pp_size", None) or 1
    if stages > 1:
        raise LoadError(
            f"The layers of {name!r} are split over {stages} processes (pp_size={stages}), so none of them sees them all. "
            'Split every layer (tp_plan="auto"), or the layers over the devices of one process (device_map="auto").'
        )


@contextmanager
def _progress_bar(shown: bool) -> Iterator[None]:
    """Show transformers' progress bars or not, and leave the person's setting as it was."""
    enabled = logging.is_progress_bar_enabled()
    if not shown:
        logging.disable_progress_bar()
    try:
        yield
    finally:
        if enabled:
            logging.enable_progress_bar()


def _locate(name: str) -> str:
    """A folder for local paths and demos, the name itself for a hub id."""
    path = Path(name).expanduser()
    if path.is_dir():
        if not (path / "config.json").is_file() and not (path / "adapter_config.json").is_file():
            raise LoadError(
                f"The folder {name!r} holds no config.json, so it is not a transformers model. Give the folder that "
                "model.save_pretrained wrote."
            )
        return str(path)
    if name in demo_names():
        return str(DEMOS_FOLDER / name.removeprefix(DEMO_PREFIX))
    if name.startswith(DEMO_PREFIX + "demo"):
        raise LoadError(f"There is no embedded model {name!r}; there are {_list(demo_names())}.")
    if path.is_absolute() or name.startswith((".", "~")) or name.count("/") > 1:
        raise LoadError(f"There is no folder {name!r}. Give an existing folder, a hub id, or one of {_list(demo_names())}.")
    return name


def _fetch(loader: Any, where: str, name: str, what: str, settings: dict[str, Any]) -> Any:
    """Call one of transformers' loaders and say clearly why it failed."""
    try:
        return loader(where, **settings)
    except (OSError, ValueError, KeyError, ImportError, RuntimeError, SafetensorError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        if Path(where).is_dir():
            raise LoadError(f"The {what} of {name!r} cannot be loaded from its folder: {reason}") from error
        if _offline(error):
            raise LoadError(
                f"The {what} of {name!r} is not on this machine, and the Hugging Face hub could not be reached. "
                f"Without a network use a local folder or an embedded model: {_list(demo_names())}. ({reason})"
            ) from error
        raise LoadError(
            f"The {what} of {name!r} could not be loaded: {reason} If the name is right, it may be private (pass "
            f"token=...) or need trust_remote_code=True. Embedded models: {_list(demo_names())}."
        ) from error


def _offline(error: BaseException | None) -> bool:
    """Whether a failed connection is behind an error."""
    while error is not None:
        module = type(error).__module__.split(".")[0]
        if isinstance(error, ConnectionError | TimeoutError) or module in ("requests", "httpx", "httpcore", "urllib3"):
            return True
        if type(error).__name__ in ("LocalEntryNotFoundError", "OfflineModeIsEnabled"):
            return True
        if "connect to" in str(error) or "offline mode" in str(error).lower():
            return True
        error = error.__cause__ or error.__context__
    return False


def _tokenizer(tokenizer: Any, where: str, name: str, shared: dict[str, Any]) -> PreTrainedTokenizerBase:
    if tokenizer is not None and not isinstance(tokenizer, str):
        return tokenizer
    source = tokenizer or where
    try:
        return AutoTokenizer.from_pretrained(source, **shared)
    except Exception as error:  # transformers raises many kinds here, from OSError to AttributeError
        if _offline(error) and not Path(source).is_dir():
            _fetch(_raise(error), source, name, "tokenizer", {})
        raise LoadError(
            f"No tokenizer was found for {name!r} in {source!r} ({type(error).__name__}). Pass tokenizer=..., a loaded "
            "tokenizer or the name or folder of one."
        ) from error


def _raise(error: Exception) -> Any:
    def loader(*_args: Any, **_settings: Any) -> Any:
        raise OSError(str(error)) from error

    return loader


def _architecture(model: Any) -> str:
    """The name of a loaded model's class, or of the class that it extends; of a wrapper, the one inside."""
    names = [kind.__name__ for kind in type(model).__mro__]
    inside = [type(child).__name__ for child in model.children()]
    return next((name for name in [*names, *inside] if any(task.fits(name) for task in TASKS)), names[0])


def _adopt(model: Any, tokenizer: Any, task: str | None, device: Any, dtype: Any, model_kwargs: dict[str, Any]) -> LoadedModel:
    """Take a model that is already loaded, as it is and where it is."""
    name = getattr(model, "name_or_path", "") or type(model).__name__
    if model_kwargs or dtype is not None:
        given = ", ".join([*model_kwargs, *(["dtype"] if dtype is not None else [])])
        raise LoadError(f"The model is already loaded, so {given} has no effect; pass it to transformers' from_pretrained.")
    if not hasattr(model, "config") or not hasattr(model, "get_input_embeddings"):
        raise LoadError(f"A {type(model).__name__} is not a transformers model (no config, no input embeddings).")
    if tokenizer is None:
        raise LoadError("A loaded model needs its tokenizer: ecco.from_pretrained(model, tokenizer=tokenizer).")
    if isinstance(tokenizer, str):
        tokenizer = _tokenizer(tokenizer, _locate(tokenizer), name, {})
    architecture = _architecture(model)
    found = task_of(model.config, architecture, task, name)
    if found.kind != "states" and not found.fits(architecture) and not hasattr(model.config, "auto_map"):
        raise LoadError(
            f"A {type(model).__name__} has no head for the task {found.name!r}. Load it with its head, such as "
            f"{found.loader.__name__}.from_pretrained."
        )
    _check_whole(model, str(name))
    if device is not None:
        model = _move(model, _device(device, True))
    return LoadedModel(model, tokenizer, found, str(name))


def _device(device: str | torch.device | None, gpu: bool) -> torch.device:
    """The device to use, checked by putting a number there."""
    if device is None:
        if gpu and torch.cuda.is_available():
            return torch.device("cuda")
        if gpu and torch.backends.mps.is_available():
            return torch.device("mps")
        return torch.device("cpu")
    try:
        wanted = torch.device(device)
        torch.zeros(1, device=wanted).tolist()  # the meta device holds no numbers
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).strip().splitlines()[0]
        raise LoadError(
            f"The device {str(device)!r} cannot be used here ({reason}). This machine has: {_list(_devices())}."
        ) from error
    return wanted


def _devices() -> list[str]:
    found = ["cpu"] + [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    return found + (["mps"] if torch.backends.mps.is_available() else [])


def _move(model: Any, device: torch.device) -> Any:
    try:
        return model.to(device)
    except (RuntimeError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise LoadError(f"The model does not go to {str(device)!r}: {reason}") from error


def _list(names: Any) -> str:
    return ", ".join(repr(str(name)) for name in names) or "none"
