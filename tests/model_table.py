"""What ecco can say about every text model of the installed transformers: `make models` writes it to docs/models.md.

Every cell is the outcome of a proof on a tiny random model, against numbers that come straight from the model.
`test_models.py` makes the table again, row by row.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, fields
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from torch import Tensor, nn
from zoo import TASK_OF, VOCAB, build, tiny_config, word_tokenizer

import ecco
from ecco.attending import blocks_of, kinds_of
from ecco.ffn import Site
from ecco.forward import call, deviation, first_tensor, replace_first_tensor, undisturbed
from ecco.run import Run

PAGE = Path(__file__).parent.parent / "docs" / "models.md"
TEXTS = dict.fromkeys(TASK_OF, "a5 a17 a3 a80 a41 a9") | {"masked": "a5 a17 <mask> a80 a41 a9", "seq2seq": "a5 a17 a3 a80 a41"}
HEADS = [(kind, t) for kind, task in TASK_OF.items() for t in sorted(task.types)]
NAMES = {
    "causal": "Causal language models",
    "seq2seq": "Encoder–decoders",
    "masked": "Masked language models",
    "text label": "Classifiers of texts",
    "token labels": "Classifiers of tokens",
    "states": "Encoders",
}
YES, NOT_BUILT, NO_HEAD = "yes", "not built", "no head"


@dataclass(frozen=True)
class Row:
    """What works for one type of model with one head; a cell that does not begin with "yes" says why not.

    Attributes:
        type: the model type of transformers.
        lens: the last layer reads as the model's own logits.
        neurons: what they are, and in how many of the layers; what they write is what the FFN writes.
        attention: the weights were seen as the model multiplies them, and in how many of the layers.
        saliency: gradient times input is that of a plain backward pass.
    """

    type: str
    lens: str
    neurons: str
    attention: str
    saliency: str

    def __str__(self) -> str:
        return "| " + " | ".join(getattr(self, f.name) for f in fields(self)) + " |"

    @property
    def built(self) -> bool:
        """Whether the zoo builds such a model, and it reads a text."""
        return not self.lens.startswith(NOT_BUILT)


def row_of(kind: str, model_type: str) -> Row:
    """Prove what can be proved about one type of model."""
    try:
        lm, out = read(kind, model_type)
    except Exception as error:  # whatever a configuration with small sizes runs into
        return Row(model_type, f"{NOT_BUILT}: {_short(error)}", "", "", "")
    return Row(model_type, *(_cell(check, lm, out) for check in (_lens, _neurons, _attention, _saliency)))


def read(kind: str, model_type: str, dtype: torch.dtype = torch.float32) -> tuple[ecco.LM, ecco.OutputSeq]:
    """A tiny random model, and what it read; a plain pass first, which shows whether the model runs at all."""
    model = build(tiny_config(model_type), task=TASK_OF[kind]).to(dtype)
    two_sided = kind == "seq2seq" and model.config.is_encoder_decoder
    ids = torch.tensor([word_tokenizer()(TEXTS[kind])["input_ids"]])
    with torch.no_grad():
        call(model, dict.fromkeys(["input_ids", "decoder_input_ids"][: 1 + two_sided], ids))
    lm = ecco.from_pretrained(model, word_tokenizer(), verbose=False)
    return lm, lm(TEXTS[kind], continuation="a6 a7" if lm.task == "seq2seq" else None)


def _cell(check: Callable[[ecco.LM, ecco.OutputSeq], str], lm: ecco.LM, out: ecco.OutputSeq) -> str:
    try:
        return check(lm, out)
    except ecco.EccoError as error:
        return _short(error)


def _short(error: Exception) -> str:
    """The beginning of what is said, without the name of the class before it."""
    text = " ".join(str(error).split()) or type(error).__name__
    text = text.split(": ", 1)[1] if isinstance(error, ecco.EccoError) and ": " in text else text
    for end in (". ", "; ", " ("):
        text = text.split(end)[0]
    return text.replace("|", "/").rstrip(".")[:100].strip()


# -- the proofs --------------------------------------------------------------------------------------------------------


def _lens(lm: ecco.LM, out: ecco.OutputSeq) -> str:
    run = out._runs[0]
    readout, reading = run.readout, run.reading
    found = torch.cat(list(readout.chunks(run.flow.hidden[-1:], [reading.row(p) for p in reading.explained])))
    with torch.no_grad():
        expected = torch.stack([_logits(lm, reading.until(p).inputs())[reading.row(p)] for p in reading.explained])
    _check(deviation(found, expected) <= 1e-4, "the last layer is not the model's answer")
    return YES


def _neurons(lm: ecco.LM, out: ecco.OutputSeq) -> str:
    sites, anatomy, run = lm._loaded.sites, lm.anatomy, out._runs[0]
    layers = {(site.side, site.layer) for site in sites}
    found = {(n.side, n.layer): n.values.T for n in run.neurons()}
    _check(set(found) == layers, "layers are missing")
    start = dict.fromkeys(layers, 0)
    tokens = slice(-1 if run.flow.by_prefix else 0, None)  # one pass has read the last prefix only
    for site, (given, output) in zip(sites, what_sites_do(lm.model, sites, run.reading.inputs()), strict=True):
        layer = site.side, site.layer
        own = found[layer][tokens, start[layer] : start[layer] + site.n_neurons]
        start[layer] += site.n_neurons
        again = written(site, own, given)
        _check(again is None or deviation(again, output[tokens]) <= 1e-4, f"{site.name} writes something else")
    kinds = ", ".join(sorted({site.kind for site in sites}))
    n_layers = anatomy.blocks.n_layers + (anatomy.encoder.n_layers if anatomy.encoder else 0)
    return f"{YES}, {kinds}" + (f", {len(layers)} of {n_layers} layers" if len(layers) < n_layers else "")


def what_sites_do(model: Any, sites: tuple[Site, ...], inputs: dict[str, Tensor]) -> list[tuple[list[Tensor], Tensor]]:
    """What each site's module is given and returns in one pass."""
    seen: list[tuple[list[Tensor], Tensor]] = []

    def note(_module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        given = [a.clone() for a in (*args, *kwargs.values()) if torch.is_tensor(a)]
        wrote = first_tensor(output)
        assert wrote is not None
        seen.append((given, wrote.flatten(0, -2).clone()))  # Falcon changes it in place

    handles = [m.register_forward_hook(note, with_kwargs=True) for m in dict.fromkeys(site.module for site in sites)]
    with undisturbed(model):
        call(model, inputs)
    for handle in handles:
        handle.remove()
    return seen


@torch.no_grad()
def written(site: Site, neurons: Tensor, given: list[Tensor]) -> Tensor | None:
    """What a site writes for its neurons: `W a + b`, the matrix read out unit by unit, or that of each expert.

    None for experts behind a norm of their own, whose outputs are no such sum.
    """
    module: Any = site.module
    if site.kind != "experts":
        units = torch.cat([torch.zeros(1, neurons.shape[1]), torch.eye(neurons.shape[1])])
        rest = [g for g in given[1:] if g.dim() <= 1]  # I-BERT's matrices also take a scale
        bias, *matrix = first_tensor(module(units[None], *rest))[0]  # type: ignore[index]
        return neurons @ (torch.stack(matrix) - bias) + bias
    if module.has_post_expert_norm:
        return None
    by_expert = neurons.unflatten(1, (len(module.down_proj), -1))
    total = torch.einsum("tei,eid->td" if module.is_transposed else "tei,edi->td", by_expert, module.down_proj)
    _, chosen, weights = given
    return total + (module.down_proj_bias[chosen] * weights[..., None]).sum(1) if module.has_bias else total


def _attention(lm: ecco.LM, out: ecco.OutputSeq) -> str:
    run = out._runs[0]
    found: dict[str, str] = {}
    for kind in kinds_of(run.reading):
        try:
            weights = run.attention(kind, list(run.attention_sites(kind)))
        except ecco.EccoError as error:
            found[kind] = _short(error)
            continue
        rows = [w.sum(-1) for w in weights.values()]
        _check(all(bool((w >= 0).all()) for w in weights.values()), "negative weights")
        _check(all(bool((r <= 1.001).all()) for r in rows), "rows sum to more than 1")
        n = blocks_of(lm.anatomy, kind).n_layers
        found[kind] = YES + (f", {len(weights)} of {n} layers" if len(weights) < n else "")
    same = len(set(found.values())) == 1
    if same or not any(text.startswith(YES) for text in found.values()):
        return next(iter(found.values()))
    seen = [kind for kind, text in found.items() if text.startswith(YES)]
    return f"{YES}, {', '.join(seen)} only"


def _saliency(lm: ecco.LM, out: ecco.OutputSeq) -> str:
    run = out._runs[0]
    if run.reading.kind == "states":
        return NO_HEAD
    if not _same_saliency(lm, out):
        # Some tiny models stretch their numbers until single precision is too coarse; double shows what is right.
        kind = next(kind for kind, task in TASK_OF.items() if task == lm._loaded.task)
        _check(_same_saliency(*read(kind, lm.model.config.model_type, torch.float64)), "gradients differ")
    return YES


def _same_saliency(lm: ecco.LM, out: ecco.OutputSeq) -> bool:
    run = out._runs[0]
    position = {"causal": len(run.ids) - 1, "token labels": 2}.get(run.reading.kind)
    found = out.saliency(signed=True, normalize=False, position=position)
    expected = _plain_gradient(lm, run, found.positions[-1], int(found.explained[-1].id))
    return np.allclose(found.scores[-1], expected, rtol=1e-2, atol=1e-3 * max(1.0, float(np.abs(expected).max())))


def _plain_gradient(lm: ecco.LM, run: Run, position: int, answer: int) -> np.ndarray:
    """The gradient toward a factor of 1 before the vector of every id, which is gradient times input, in one plain pass.

    The ids of the text differ, so that every id stands for one token, however a model lays its tokens out.
    """
    reading = run.reading.until(position)
    factors = torch.ones(VOCAB, requires_grad=True)

    def scale(_module: Any, args: Any, kwargs: Any, output: Any) -> Any:
        vectors = first_tensor(output)
        ids = next(a for a in (*args, *kwargs.values()) if torch.is_tensor(a) and not a.is_floating_point())
        assert vectors is not None
        return replace_first_tensor(output, vectors * factors[ids][..., None].to(vectors))

    with ExitStack() as stack:
        for module in dict.fromkeys(_embeddings(lm)):
            stack.callback(module.register_forward_hook(scale, with_kwargs=True).remove)
        logits = _logits(lm, reading.inputs())
    (by_id,) = torch.autograd.grad(logits[reading.row(position), answer], factors)
    assert len(set(run.ids)) == len(run.ids)
    own = by_id[reading.ids].numpy()
    return np.pad(own, (0, len(run.ids) - len(own)))


def _embeddings(lm: ecco.LM) -> tuple[Any, ...]:
    try:
        return lm.anatomy.embeddings
    except ecco.ProofError:
        return (lm.model.get_input_embeddings(),)


def _logits(lm: ecco.LM, inputs: dict[str, Tensor]) -> Tensor:
    output: Any = call(lm.model, inputs)
    for name in ("logits", "prediction_logits", "last_hidden_state"):
        if torch.is_tensor(logits := getattr(output, name, None)):
            return logits[0] if logits.dim() == 3 else logits
    return output[0][0]


def _check(holds: bool, what: str) -> None:
    if not holds:
        raise AssertionError(f"a wrong number: {what}")


# -- the page ----------------------------------------------------------------------------------------------------------

INTRODUCTION = """# Models

ecco knows no model by name. It finds the parts of a model by structure and data flow, and proves at first use that what it
reads from them gives the model's own output. What cannot be proved is refused, with the reason.

This table says what that gives for every text model of transformers {version}. Every cell is the outcome of a proof on a
tiny model of that type whose weights, norms, biases and scales are random, so that whatever is left out shows. It is
written by `make models`; a test makes every row again. No real checkpoint was run.

- **lens**: the state after the last layer, sent through what follows the layers, gives the model's own logits (to 10⁻⁴ of
  the largest). Rankings, layer predictions, hidden states and the colours of the text stand on it.
- **neurons**: the last matrix of every feed-forward network was found, and `W a + b` for the neurons `a` is what it writes.
  *gated*: `a` is the activation of a gate times another column. *experts*: a mixture, seen through transformers' registry
  of experts.
- **attention**: the weights were seen as the model multiplies them with its values, and the pass gave the model's own
  logits. State spaces and other ways to mix tokens have none; windows and pieces are refused.
- **saliency**: gradient × input equals that of a plain backward pass through the model (to 1 %).
- *not built*: the tiny configuration is not one that runs. This is a limit of the test, and says nothing about the model.
"""


def page(rows: list[tuple[str, Row]]) -> str:
    """The page of the docs."""
    parts = [INTRODUCTION.format(version=transformers.__version__), _table(["", "types", "built", *CELLS], _summary(rows))]
    for kind, name in NAMES.items():
        lines = [str(row) for k, row in rows if k == kind]
        parts.append(f"## {name}\n\n" + _table([f.name for f in fields(Row)], lines))
    return "\n\n".join(parts) + "\n"


CELLS = [f.name for f in fields(Row)][1:]


def share(rows: list[Row], cell: str) -> tuple[int, int]:
    """How many of those that were built have a cell proved, and how many could have."""
    found = [getattr(row, cell) for row in rows if row.built]
    return sum(text.startswith(YES) for text in found), sum(text != NO_HEAD for text in found)


def _summary(rows: list[tuple[str, Row]]) -> list[str]:
    lines = []
    for kind, name in [*NAMES.items(), (None, "**all**")]:
        own = [row for k, row in rows if kind in (k, None)]
        cells = [f"{n} of {total}" if total else "–" for n, total in (share(own, cell) for cell in CELLS)]
        lines.append("| " + " | ".join([name, str(len(own)), str(sum(row.built for row in own)), *cells]) + " |")
    return lines


def _table(titles: list[str], lines: list[str]) -> str:
    return "\n".join(["| " + " | ".join(titles) + " |", "|" + " --- |" * len(titles), *lines])


def stored() -> dict[tuple[str, str], str]:
    """The lines of the page, by kind and type."""
    found, kind = {}, ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            kind = next(k for k, name in NAMES.items() if name == line[3:])
        elif kind and line.startswith("| ") and not line.startswith(("| type |", "| ---")):
            found[kind, line.split(" | ")[0][2:]] = line
    return found


def _work(head: tuple[str, str]) -> tuple[str, Row]:
    torch.set_num_threads(1)
    return head[0], row_of(*head)


def main() -> None:
    """Make the page."""
    with Pool(2) as pool:
        rows = list(pool.imap(_work, HEADS, chunksize=4))
    (Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE).write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
