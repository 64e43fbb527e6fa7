"""How relevance passes an operation: the rules of layer-wise relevance propagation, by what autograd calls its nodes.

The way back of a pass is a graph of a few dozen kinds of operations, whatever the model's classes are called. Relevance is the
number times what arrives at it on this way, so a rule says by what a node multiplies what arrives. An operation that no
table names is refused where relevance would pass it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

# Sums, copies, moves and selections: relevance goes where the numbers came from, as gradients do.
LINEAR = set(
    "AccumulateGrad CopySlices Add Sub Rsub Neg Sum Mean Cumsum Clone ToCopy Alias View UnsafeView ReshapeAlias Reshape "
    "AsStrided Expand Repeat Transpose Permute T Unsqueeze Squeeze Select Slice Split SplitWithSizes Unbind Unfold Narrow Cat "
    "Stack Flip Roll Tril Triu ConstantPadNd Index IndexSelect IndexAdd IndexCopy IndexPut Gather Scatter ScatterAdd Where "
    "MaskedFill MaskedScatter Topk Sort Max Min Amax Amin Maximum Minimum Clamp ClampMin ClampMax Relu LeakyRelu Threshold Abs "
    "ViewAsReal ViewAsComplex Real FftR2C FftC2C FftC2R Detach Identity".split()
)
# What processes that share a model send each other: sums over the processes, parts put together, whole numbers cut into parts,
# rows sent to where their expert is, and the marks that FSDP sets. Named in full, for any package may call a function so.
SENT = {
    "torch.distributed.tensor._api._FromTorchTensor",
    "torch.distributed.tensor._api._ToTorchTensor",
    "torch.distributed.tensor._redistribute.Redistribute",
    "torch.distributed.fsdp._fully_shard._fsdp_param_group.RegisterPostBackwardFunction",
    "torch._library.autograd.GeneratedBackwardFor__c10d_functional_all_to_all_single_default",
    "torch._library.autograd.GeneratedBackwardFor__c10d_functional__wrap_tensor_autograd_default",
    "transformers.distributed.parallel_utils._AllReduceForward",
    "transformers.distributed.parallel_utils._AllReduceBackward",
    "transformers.distributed.parallel_utils._WaitTensor",
}
# Products, and which of their inputs are the factors. With one activation among them they are linear.
PRODUCTS = {
    "Mul": (0, 1),
    "Mm": (0, 1),
    "Bmm": (0, 1),
    "Mv": (0, 1),
    "Dot": (0, 1),
    "Addmm": (1, 2),
    "Baddbmm": (1, 2),
    "GroupedMm": (0, 1),
    "Convolution": (0, 1),
}
# Quotients, and which of their inputs is divided by: a constant, as the statistics of a norm are.
QUOTIENTS = {"Div": 1, "LinalgSolveTriangular": 0}
# Statistics of norms, and gates that are not 0 at 0: constants. What they are multiplied with takes all relevance.
STATISTICS = {"Std", "Var", "LinalgVectorNorm", "Norm", "Logsumexp"}
GATES = set("Rsqrt Sqrt Reciprocal Sigmoid Hardsigmoid LogSigmoid Softplus Exp Log Cos".split())
CONSTANT = STATISTICS | GATES
SOFTMAX = {"Softmax", "SafeSoftmax"}

Port = tuple[Any, int]  # a node, and which of its results
Ratio = Callable[[Any, Tensor], Tensor]

# Functions of one number that are 0 at 0, and their values: what arrives is multiplied by f(x) / x.
ELEMENTWISE: dict[str, Ratio] = {
    "Gelu": lambda node, x: F.gelu(x, approximate=node._saved_approximate),
    "Silu": lambda _node, x: F.silu(x),
    "Mish": lambda _node, x: F.mish(x),
    "Hardswish": lambda _node, x: F.hardswish(x),
    "Elu": lambda node, x: _elu(node, x),
    "Erf": lambda _node, x: x.erf(),
    "Pow": lambda node, x: x.pow(node._saved_exponent),
    "Tanh": lambda _node, x: x.tanh(),
    "Expm1": lambda _node, x: x.expm1(),
    "Log1P": lambda _node, x: x.log1p(),
}
# Piecewise linear ones: f(x) / x is the gradient.
PIECEWISE = {"Relu", "LeakyRelu", "Threshold", "Abs"}
# Those of which autograd keeps the result alone, and what computes them.
RESULT_ONLY = {"Tanh": "aten::tanh", "Expm1": "aten::expm1"}
# What a function of single numbers may be composed of.
COMPOSED = {"Mul", "Add", "Sub", "Rsub", "Neg", "Div", "ToCopy", "Alias", "Where", *ELEMENTWISE, *PIECEWISE, *GATES}
# Norms in one operation, and where they keep 1 / the standard deviation.
NORMS = {"NativeLayerNorm": "_saved_result2", "FusedRmsNorm": "_saved_result1"}


def kind_of(node: Any) -> str:
    """The name of an operation, without what autograd adds to it."""
    return re.sub(r"Backward\d*$", "", node.name().split("::")[-1])


def is_sent(node: Any) -> bool:
    """Whether an operation is one of `SENT`."""
    made_by = getattr(type(node), "_forward_cls", None)
    return made_by is not None and f"{made_by.__module__}.{made_by.__qualname__}" in SENT


def is_function(port: Port, source: Port, depth: int = 12) -> bool:
    """Whether a number is a function of `source` alone, entry by entry."""
    if port == source:
        return True
    node = port[0]
    if depth == 0 or kind_of(node) not in COMPOSED:
        return False
    return all(is_function(one, source, depth - 1) for one in node.next_functions if one[0] is not None)


def _elu(node: Any, x: Tensor) -> Tensor:
    alpha, scale, inner = node._saved_alpha, node._saved_scale, node._saved_input_scale
    return scale * torch.where(x > 0, x, alpha * (x * inner).expm1())


def ratio(node: Any, x: Tensor) -> Tensor:
    """f(x) / x, at 0 as right beside it."""
    dtype, wide = x.dtype, x.detach().to(torch.promote_types(x.dtype, torch.float32))
    wide = torch.where(wide == 0, torch.full_like(wide, 1e-6), wide)
    return (ELEMENTWISE[kind_of(node)](node, wide) / wide).to(dtype)


def norm_way(node: Any) -> Callable[[Tensor], Tensor]:
    """The way back through a norm whose standard deviation is a constant."""
    kind = kind_of(node)
    scale, weight = getattr(node, NORMS[kind]), node._saved_weight
    axes = tuple(range(-len(node._saved_normalized_shape), 0))
    centred = kind == "NativeLayerNorm"

    def way(arriving: Tensor) -> Tensor:
        moved = (arriving if weight is None else arriving * weight) * scale
        moved = moved - moved.mean(dim=axes, keepdim=True) if centred else moved
        return moved.to(arriving.dtype)

    return way
