"""Mixtures of experts: the neurons of experts whose weights are one parameter, seen through transformers' registry.

Since version 5 of transformers the experts of a layer are one module without parts, so no hook stands before its down
projection. Its forward is looked up in a public registry (transformers/integrations/moe.py); `watched` puts one there
that computes the same, expert by expert, and hands over what it saw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F
from transformers.integrations.moe import ALL_EXPERTS_FUNCTIONS

from ecco.errors import ProofError
from ecco.forward import first_tensor, replace_first_tensor
from ecco.processes import Cut

NAME = "ecco"

# Called with the module, its tokens' experts (token, choice) and the neurons of each (token, choice, neuron), which are
# scaled by the router's weight, so that the down projections of all of them sum to the module's output; unscaled where
# a norm stands between the two. What it returns, if anything, is what the down projections read instead.
Note = Callable[[nn.Module, Int[Tensor, "token choice"], Float[Tensor, "token choice neuron"]], Tensor | None]

_note: ContextVar[Note | None] = ContextVar("_note", default=None)


def has_experts(module: nn.Module) -> bool:
    """Whether a module looks its forward up in the registry of experts."""
    return hasattr(module, "_apply_gate") and hasattr(module, "has_gate") and hasattr(module, "down_proj")


def n_neurons(module: Any) -> int:
    """How many neurons all experts of a module have together."""
    experts, *sides = module.down_proj.shape
    return int(experts * sides[0 if module.is_transposed else 1])


def forward(self: Any, hidden: Float[Tensor, "token d_model"], chosen: Tensor, weights: Tensor) -> Tensor:
    """What the experts of a module add to each token, and a note of their neurons.

    Args:
        self: the module that holds the experts.
        hidden: what the experts read.
        chosen: (token, choice), the experts of each token; a number that no expert has stands for none.
        weights: (token, choice), how much each counts.
    """
    out = torch.zeros_like(hidden, dtype=torch.promote_types(hidden.dtype, weights.dtype))
    inner = self.down_proj.shape[1 if self.is_transposed else 2]
    neurons = out.new_zeros(*chosen.shape, inner)
    first = "gate_up_proj" if self.has_gate else "up_proj"
    known = [expert for expert in chosen.unique().tolist() if 0 <= expert < len(self.down_proj)]
    for expert in known:
        token, choice = torch.where(chosen == expert)
        inside = _project(self, first, expert, hidden[token])
        inside = self._apply_gate(inside) if self.has_gate else self.act_fn(inside)
        neurons[token, choice] = (inside if self.has_post_expert_norm else inside * weights[token, choice, None]).to(out.dtype)
    if (note := _note.get()) is not None and (changed := note(self, chosen, neurons.to(hidden.dtype))) is not None:
        neurons = changed
    for expert in known:
        token, choice = torch.where(chosen == expert)
        weight = weights[token, choice, None]
        added = _project(
            self, "down_proj", expert, neurons[token, choice].to(hidden.dtype), None if self.has_post_expert_norm else weight
        )
        if self.has_post_expert_norm:
            added = self.post_expert_norm(added) * weight
        out.index_add_(0, token, added.to(out.dtype))
    return out.to(hidden.dtype)


def _project(experts: Any, name: str, expert: int, states: Tensor, weight: Tensor | None = None) -> Tensor:
    """States through one matrix of an expert; of states that are scaled already, the bias is scaled by `weight`."""
    matrix = getattr(experts, name)[expert]
    bias = getattr(experts, f"{name}_bias")[expert] if experts.has_bias else None
    matrix = matrix.T if experts.is_transposed else matrix
    if weight is None or bias is None:
        return F.linear(states, matrix, bias)
    return F.linear(states, matrix) + bias * weight


def joined(model: nn.Module, cut: Cut, neurons: Tensor, chosen: Any) -> tuple[Tensor, Tensor]:
    """What a `Note` gets, and which experts of all they are, where each of several processes has some of the experts.

    Every process must have seen all tokens, with what was sent to the experts of others as sent to none.

    Raises:
        ProofError: in every process, if they have seen tokens of their own.
    """
    known = (chosen >= 0) & (chosen < len(cut.part))
    if not (cut.alike(chosen.numel()) and cut.alike(neurons.numel()) and bool((cut.summed(known.long()) <= 1).all())):
        raise ProofError(
            f"{type(model).__name__}: the processes that share its experts send tokens to each other, so whose neurons each of "
            'them computes is not known. Load it with ep_implementation="all_reduce", or in one process.'
        )
    numbers = cut.summed((chosen + cut.part.start + 1).where(known, 0))
    return cut.summed(neurons), numbers.where(numbers > 0, cut.size + 1) - 1


def _detached(_module: nn.Module, args: Any) -> Any:
    state = first_tensor(args)
    return None if state is None else replace_first_tensor(args, state.detach())


@contextmanager
def watched(model: nn.Module, note: Note) -> Iterator[None]:
    """Let `note` see the neurons of all experts of a model; the model is left as it was.

    Where processes share the experts, no way back leads from the neurons to what the experts read: where there is one,
    transformers lets each process read some of the tokens (transformers/distributed/expert_parallel.py).
    """
    of_all = [m for m in model.modules() if has_experts(m) and hasattr(m.down_proj, "device_mesh")]
    configs = {id(c): c for m in model.modules() if has_experts(m) and (c := getattr(m, "config", None)) is not None}
    before = {key: config._experts_implementation for key, config in configs.items()}
    ALL_EXPERTS_FUNCTIONS.register(NAME, forward)
    token = _note.set(note)
    handles = [module.register_forward_pre_hook(_detached) for module in of_all]
    try:
        for config in configs.values():
            config._experts_implementation_internal = NAME
        yield
    finally:
        _note.reset(token)
        for handle in handles:
            handle.remove()
        for key, config in configs.items():
            config._experts_implementation_internal = before[key]
