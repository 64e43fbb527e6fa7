"""How any transformers model is called: once, quietly, and left as it was.

Lowest of the files that know torch. Everything that runs a user's model goes through `undisturbed` and `call`.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import fields, is_dataclass, replace
from typing import Any, Protocol, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, nn
from transformers import PreTrainedModel

from ecco.devices import out_of_memory, spread
from ecco.errors import EccoError, ModelError, ProofError

# How far two computations of the same logits may be apart, relative to the largest of them.
TOLERANCE = {torch.float64: 1e-8, torch.float32: 1e-4, torch.float16: 1e-2, torch.bfloat16: 5e-2}
COARSEST = 5e-2  # of types that are not listed

# How many numbers of every weight tell one model from another.
SAMPLES = 16

# Under this name a view of a model carries what acts in its passes.
ACTS = "_ecco_acts"

M = TypeVar("M", bound=nn.Module)


# A model that is asked has hooks, flags and stubs that a second thread would meet: one question at a time.
_ALONE = threading.RLock()


def tolerance(dtype: torch.dtype, model: nn.Module) -> float:
    """How far two computations of a model may be apart, relative to the largest number.

    Some models give logits in a finer type than they compute with (Mamba). Layers with packed weights may round what
    they read too, to 8 bits, and differently in another company of tokens.
    """
    modules = list(model.modules())
    dtypes = {dtype, *(p.dtype for _, _, p in _weights(modules) if p.is_floating_point())}
    known = max(TOLERANCE.get(one, COARSEST) for one in dtypes)
    return max(known, COARSEST) if any(map(_is_packed, modules)) else known


def fingerprint(model: nn.Module) -> list[tuple[int, int]]:
    """What changes when a weight does: where each lies, and how often it was written to.

    Weights that accelerate brings when they are needed have no place of their own, and are taken to stay as they are.
    """
    modules = list(model.modules())
    weights = [w for _, _, w in _weights(modules)]
    packed = [module for module in modules if module._buffers and _is_packed(module)]
    weights += [b for module in packed for b in module._buffers.values() if b is not None]
    return [(w.data_ptr(), 0 if w.is_inference() else w._version) for w in weights if not w.is_meta]


def _weights(modules: Iterable[nn.Module]) -> Iterator[tuple[nn.Module, str, nn.Parameter]]:
    """The weights of each of these modules itself, which it has under a name; torch's own walks take several times as long."""
    for module in modules:
        for name, weight in module._parameters.items():
            if weight is not None:
                yield module, name, weight


def identity_of(model: nn.Module) -> Float[Tensor, "_"]:
    """Some numbers of every weight, and how many weights of which size there are: they tell one model from another.

    Raises:
        EccoError: if weights are not in memory.
    """
    numbers = []
    for name, weight in sorted(model.named_parameters()):
        if weight.device.type == "meta":
            raise EccoError(
                f"The weights of {name} are not in memory, so what belongs to this model cannot be told; load it whole."
            )
        # Processes that share a model bring a weight together, so that all of them know it whole.
        flat = getattr(weight, "full_tensor", lambda weight=weight: weight)().detach().flatten()
        at = torch.linspace(0, len(flat) - 1, min(SAMPLES, len(flat)), device=flat.device).round().long()
        numbers += [torch.tensor([float(len(flat))]), flat[at].float().cpu()]
    return torch.cat(numbers)


def is_same(model: nn.Module, identity: Float[Tensor, "_"]) -> bool:
    """Whether a model is the one whose `identity_of` this is, perhaps in another precision or on another device."""
    found = identity_of(model)
    return found.shape == identity.shape and torch.allclose(found, identity, rtol=0.02, atol=1e-4)


def packed_modules(model: nn.Module) -> dict[str, nn.Module]:
    """The modules by path whose weights are kept in fewer bits than they compute with (8-bit, 4-bit, …)."""
    return {path: module for path, module in model.named_modules() if _is_packed(module)}


def _is_packed(module: nn.Module) -> bool:
    weights = [p for p in module._parameters.values() if p is not None and p.dim() > 1 and not hasattr(p, "device_mesh")]
    tables = [*weights, *(b for b in module._buffers.values() if b is not None and b.dim() > 1)]
    if any(type(p) is not nn.Parameter for p in weights):  # torchao, quanto and others: tensors of their own
        return True
    if any(t.dtype.itemsize == 1 and t.dtype is not torch.bool for t in tables):
        return True
    several = any(not t.is_floating_point() for t in tables)  # GPTQ, AWQ: several in one integer
    hidden = callable(getattr(type(module), "weight", None))  # torch.ao
    return (several or hidden) and hasattr(module, "in_features") and hasattr(module, "out_features")


def deviation(found: Tensor, expected: Tensor) -> float:
    """Largest absolute difference, relative to the largest expected value (at least 1); infinite if the shapes differ."""
    if found.shape != expected.shape:
        return float("inf")
    expected = expected.float()
    finite = torch.isfinite(expected)
    if not torch.equal(finite, torch.isfinite(found)) or not bool(finite.any()):
        return float("inf")
    scale = max(1.0, float(expected[finite].abs().max()))
    return float((found.float() - expected)[finite].abs().max()) / scale


class Acts(Protocol):
    """What acts in the passes of a view of a model.

    Attributes:
        steers: whether it adds to what a block returned, so that a block is more than its parts.
        by_position: whether it depends on where in the text a token stands.
    """

    steers: bool
    by_position: bool

    def acting(self) -> AbstractContextManager[None]:
        """While it lasts, it acts; within itself it is no second time."""
        ...

    def writing(self, first: Sequence[int], width: int, total: Callable[[], int]) -> AbstractContextManager[None]:
        """While text is written: see `ecco.changes.Acting.writing`."""
        ...


def acted_on(model: M, acts: Acts) -> M:
    """A view of a model, in whose passes something acts. All parts are shared, and the model itself is as it was."""
    view = object.__new__(type(model))
    vars(view).update(vars(model) | {ACTS: acts})
    return view


def acts_on(model: nn.Module) -> Acts | None:
    """What acts in the passes of a view; None for a model as it is."""
    return vars(model).get(ACTS)


@contextmanager
def undisturbed(model: nn.Module, *, gradients: bool = False) -> Iterator[None]:
    """Run in evaluation mode and without gradients of weights, and leave every flag as it was found.

    With `gradients` autograd is on, so that gradients flow to activations; the weights are frozen, which saves the
    memory that their gradients would need. Threads take turns. What acts on a view of a model acts meanwhile.

    Raises:
        EccoError: if weights are missing, or lie on devices that the model does not move its numbers between.
    """
    with _ALONE, _placed(model, modules := list(model.modules())):
        training = [(module, module.training) for module in modules]
        # By name: accelerate puts new parameters in the place of those that it has offloaded. Those that were made in inference
        # mode cannot be given their flag back; autograd takes no notice of them.
        required = [(m, name) for m, name, weight in _weights(modules) if weight.requires_grad and not weight.is_inference()]
        try:
            for module, was_training in training:
                if was_training:
                    module.training = False
            for module, name in required:
                getattr(module, name).requires_grad_(False)
            acting = nullcontext() if (acts := acts_on(model)) is None else acts.acting()
            own = _same_parts(modules)
            with torch.inference_mode(False), torch.set_grad_enabled(gradients), _fresh_positions(modules), own, acting:
                yield
        finally:
            for module, was_training in training:
                module.training = was_training
            for module, name in required:
                getattr(module, name).requires_grad_(True)


@contextmanager
def _placed(model: nn.Module, modules: Sequence[nn.Module]) -> Iterator[None]:
    """Say what is wrong where weights are not there, or not together."""
    if absent := [(module, name) for module, name, weight in _weights(modules) if weight.is_meta]:
        filled = {inner for module in modules if _fills(module) for inner in module.modules()}
        paths = {module: path for path, module in model.named_modules()}
        for module, name in absent:
            if module not in filled:
                raise EccoError(
                    f"{type(model).__name__}: {f'{paths[module]}.{name}'.lstrip('.')} lies on the meta device, which holds no "
                    "numbers. Load the weights of the model."
                )
    try:
        yield
    except torch.OutOfMemoryError:
        raise
    except (RuntimeError, ModelError) as error:
        if len(devices := sorted({str(p.device) for p in model.parameters()})) < 2:
            raise
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        raise EccoError(
            f"{type(model).__name__}: its weights lie on {' and '.join(devices)}, and it does not run: "
            f"{reason} Move it to one device, or load it with device_map= (or call "
            "accelerate.dispatch_model), which moves what flows between them."
        ) from error


def _fills(module: nn.Module) -> bool:
    """Whether accelerate brings the weights of a module, and of those inside, when it runs."""
    hook = getattr(module, "_hf_hook", None)
    return any(getattr(one, "offload", False) for one in getattr(hook, "hooks", [hook]))


@contextmanager
def _fresh_positions(modules: Sequence[nn.Module]) -> Iterator[None]:
    """Rotary embeddings as when the model was made, whatever was read before.

    Those of the dynamic kind keep the frequencies of the longest text so far until a short one comes
    (transformers/modeling_rope_utils.py), so that one text would read differently after another.
    """
    kept: list[tuple[nn.Module, dict[str, Any], dict[str, Any]]] = []
    for module in modules:
        lengths = {n: v for n, v in vars(module).items() if n.endswith("max_seq_len_cached")}
        if not lengths:
            continue
        plain = {
            n: v for n, v in vars(module).items() if n in lengths or n.endswith(("original_inv_freq", "attention_scaling"))
        }
        buffers = {n: b for n, b in module._buffers.items() if n.endswith("inv_freq")}
        kept.append((module, plain, buffers))
        for name in lengths:
            setattr(module, name, module.original_max_seq_len)
        for name, buffer in buffers.items():
            original = getattr(module, f"{name.removesuffix('inv_freq')}original_inv_freq", buffer)
            module._buffers[name] = original.to(buffer.device).clone()  # type: ignore[union-attr]
    try:
        yield
    finally:
        for module, plain, buffers in kept:
            vars(module).update(plain)
            module._buffers.update(buffers)


@contextmanager
def _same_parts(modules: Sequence[nn.Module]) -> Iterator[None]:
    """The kind of attention that the model had: BigBird exchanges its own for good when it reads a short text."""
    kept = [(m, m.attention_type, m._modules.copy()) for m in modules if hasattr(type(m), "set_attention_type")]
    try:
        yield
    finally:
        for module, kind, parts in kept:
            module.attention_type = kind
            module._modules = parts


def accepts(model: nn.Module, name: str) -> bool:
    """Whether the model's `forward` takes an argument of this name."""
    parameters = inspect.signature(model.forward).parameters
    return name in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def names(model: nn.Module, name: str) -> bool:
    """Whether the model's `forward` takes an argument of this name and says so; of a wrapper, the model inside."""
    if name in inspect.signature(model.forward).parameters:
        return True
    inside = next((m for m in model.modules() if isinstance(m, PreTrainedModel)), model)
    return inside is not model and accepts(model, name) and names(inside, name)


def keeps_logits(model: nn.Module) -> bool:
    """Whether the model computes the logits of some tokens alone when it is told which, with `logits_to_keep`.

    A model that classifies a whole text may take the argument too, and then reads its label in the wrong place (BioGPT).
    """
    inside = next((m for m in model.modules() if isinstance(m, PreTrainedModel)), model)
    heads = getattr(inside, "get_output_embeddings", None)
    return names(model, "logits_to_keep") and heads is not None and heads() is not None


def call(model: nn.Module, inputs: Mapping[str, Tensor], **extra: Any) -> Any:
    """One forward pass over whole sequences: no cache, no padding.

    Args:
        model: any transformers model that reads token ids.
        inputs: ids (batch, token) by the names of the model's arguments, on the device of the embedding.
        **extra: passed on as they are.

    Raises:
        ModelError: if the model's own code fails on them.
    """
    for name, value in (("use_cache", False), ("return_dict", True)):
        if name not in extra and accepts(model, name):
            extra[name] = value
    # A compiled model runs as it was written: hooks and stubs would make it compile anew at every call.
    with torch.compiler.set_stance("force_eager"):
        try:
            with out_of_memory():
                return model(**inputs, **extra)
        except (torch.OutOfMemoryError, EccoError):
            raise
        except (RuntimeError, ValueError, TypeError, IndexError, KeyError, AttributeError, AssertionError) as error:
            lengths = " and ".join(str(ids.shape[1]) for name, ids in inputs.items() if name.endswith("input_ids"))
            raise ModelError(
                f"{type(model).__name__} cannot read this text ({lengths} tokens): {type(error).__name__}: {error}"
            ) from error


def logits_of(output: Any) -> Tensor:
    """The logits in a model's output, (batch, row, vocab); a label for the whole text is one row.

    Of a model without a head its last hidden states, (batch, token, d_model).

    Raises:
        TypeError: if there are none.
    """
    for name in ("logits", "prediction_logits", "last_hidden_state"):
        if torch.is_tensor(logits := getattr(output, name, None)):
            return logits[:, None] if logits.dim() == 2 else logits
    if isinstance(output, tuple) and output and torch.is_tensor(output[0]):
        return output[0]
    raise TypeError(f"{type(output).__name__} holds no logits")


def logits_at(model: nn.Module, inputs: Mapping[str, Tensor], rows: Sequence[int]) -> Tensor:
    """The logits at some rows of a forward pass, (batch, row, vocab); only these are computed where the model can.

    Raises:
        ProofError: if there is not one row of logits per token, or one row for the whole text.
    """
    *_, last = inputs.values()
    n_tokens, first, wanted = last.shape[1], min(rows, default=0), torch.tensor(rows, device=last.device)
    spare: dict[str, Any] = {}
    if len(rows) != n_tokens and keeps_logits(model):
        # Indices must lie where the last layer does; a number of rows fits everywhere.
        spare = {"logits_to_keep": n_tokens - first if spread(model) else wanted}
    logits = logits_of(call(model, inputs, **spare))
    if spare and spread(model) and logits.shape[1] == n_tokens - first:
        return logits[:, (wanted - first).to(logits.device)]
    if spare and logits.shape[1] == len(rows):
        return logits
    if logits.shape[1] != n_tokens and not (logits.shape[1] == 1 and list(rows) == [0]):
        raise ProofError(
            f"{type(model).__name__} returns logits for {logits.shape[1]} positions where it read {n_tokens} tokens "
            "(it may put a prompt of its own before the text), so which logits belong to which token is not known."
        )
    return logits[:, wanted.to(logits.device)]


def first_tensor(value: Any) -> Tensor | None:
    """The first floating tensor in what a module returned: its hidden state."""
    if torch.is_tensor(value):
        return value if value.is_floating_point() else None
    if isinstance(value, Mapping):
        value = tuple(value.values())
    elif is_dataclass(value) and not isinstance(value, type):
        value = tuple(getattr(value, field.name) for field in fields(value))
    if isinstance(value, tuple | list):
        return next((found for item in value if (found := first_tensor(item)) is not None), None)
    return None


def replace_first_tensor(value: Any, tensor: Tensor) -> Any:
    """The same structure as `value`, its first floating tensor exchanged for `tensor`."""
    if torch.is_tensor(value):
        return tensor
    if isinstance(value, tuple | list):
        items = _replace_first(list(value), tensor)
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*items)
        return type(value)(items)
    if is_dataclass(value) and not isinstance(value, type):
        found = [field.name for field in fields(value)]
        items = _replace_first([getattr(value, name) for name in found], tensor)
        return replace(value, **dict(zip(found, items, strict=True)))
    if isinstance(value, Mapping):
        items = _replace_first(list(value.values()), tensor)
        return type(value)(zip(value, items, strict=True))  # type: ignore[call-arg]
    raise TypeError(f"{type(value).__name__} holds no tensor")


def _replace_first(items: list[Any], tensor: Tensor) -> list[Any]:
    for index, item in enumerate(items):
        if first_tensor(item) is not None:
            items[index] = replace_first_tensor(item, tensor)
            return items
    raise TypeError("no floating tensor to replace")
