"""Saliency of 20 written tokens against one forward pass with batched vector-Jacobian products, and against its peers."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from typing import Any

import torch
from captum.attr import (
    InputXGradient,
    LayerGradientXActivation,
    LayerIntegratedGradients,
    LLMGradientAttribution,
    TextTokenInput,
)

import ecco
from benchmarks.measure import Claim, interleaved, milliseconds, ratio
from benchmarks.models import gpt2_sized, words

N_INPUT, N_WRITTEN, N_STEPS = 30, 20, 50
# Of integrated gradients, which captum takes token by token and ecco together: with 2 they are 1.96 to 2.05 times as fast.
N_EXPLAINED = 5


def claims(rounds: int = 3) -> list[Claim]:
    """Gradient × input of all written tokens, and integrated gradients of one and of all."""
    lm = gpt2_sized()
    text = words(N_INPUT)
    written = lm.generate(text, generate=N_WRITTEN, min_new_tokens=N_WRITTEN)
    ids = written.token_ids[0].tolist()
    answer = str(written.output_text)

    def read() -> ecco.OutputSeq:
        """The run as `generate` left it: nothing is computed yet."""
        return ecco.OutputSeq(lm._loaded, [run.afresh() for run in written._runs])

    gxi: dict[str, Callable[[], Any]] = {
        "floor": lambda: _floor(lm, ids),
        "ecco": lambda: read().saliency(),
        "captum": lambda: _captum(lm, text, answer, LayerGradientXActivation),
        "ecco 0.1": lambda: _old_ecco(lm, ids, InputXGradient),
    }
    if importlib.util.find_spec("inseq"):
        gxi["inseq"] = _inseq(lm, text, f"{text}{answer}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seconds = interleaved(gxi, rounds)
        whole = interleaved(
            {
                "ecco": lambda: read().saliency("ig", n_steps=N_STEPS, baseline="zero", position=[*range(-N_EXPLAINED, 0)]),
                "captum": lambda: _captum(lm, text, answer, LayerIntegratedGradients, n_steps=N_STEPS, tokens=N_EXPLAINED),
            },
            1,
        )
    detail = milliseconds(seconds)
    found = [
        Claim(
            "gradient × input of 20 tokens, against one pass and its batched products",
            ratio(seconds, "ecco", "floor"),
            1.2,
            detail,
        ),
        Claim("the same against captum's LLM attribution", ratio(seconds, "ecco", "captum"), 1 / 3, detail),
        Claim(
            "the same against ecco 0.1 (captum on one-hot vectors, token by token)",
            ratio(seconds, "ecco", "ecco 0.1"),
            1 / 4,
            detail,
        ),
    ]
    if "inseq" in seconds:
        found.append(Claim("the same against inseq", ratio(seconds, "ecco", "inseq"), 1 / 3, detail))
    found.append(
        Claim(
            f"integrated gradients of {N_EXPLAINED} tokens, {N_STEPS} steps, against captum's",
            ratio(whole, "ecco", "captum"),
            1 / 2,
            milliseconds(whole),
        )
    )
    return found


def _floor(lm: ecco.LM, ids: list[int]) -> torch.Tensor:
    """One pass with the embeddings as leaf, and the products of all written tokens at once."""
    model: Any = lm.model
    embeddings = model.get_input_embeddings()(torch.tensor([ids[:-1]])).detach().requires_grad_()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    hidden = model.transformer(inputs_embeds=embeddings, use_cache=False).last_hidden_state[0, N_INPUT - 1 :]
    logits = (hidden * model.lm_head.weight[ids[N_INPUT:]]).sum(-1)
    (slopes,) = torch.autograd.grad(logits, embeddings, torch.eye(len(logits)), is_grads_batched=True)
    for parameter in model.parameters():
        parameter.requires_grad_(True)
    return (slopes[:, 0] * embeddings[0].detach()).norm(dim=-1)


def _captum(lm: ecco.LM, text: str, answer: str, kind: Any, *, tokens: int | None = None, **options: Any) -> torch.Tensor:
    """Captum's attribution of a language model; of the last tokens only, if it says how many."""
    layer = lm.model.get_input_embeddings()
    if tokens is not None:
        shown = answer.split()
        text, answer = " ".join([text, *shown[:-tokens]]), " " + " ".join(shown[-tokens:])
    peer = LLMGradientAttribution(kind(lm.model, layer), lm.tokenizer)  # pyright: ignore[reportArgumentType]
    return peer.attribute(TextTokenInput(text, lm.tokenizer), target=answer, **options).token_attr  # pyright: ignore[reportArgumentType, reportReturnType]


def _old_ecco(lm: ecco.LM, ids: list[int], kind: Any) -> list[torch.Tensor]:
    """As ecco 0.1 did it: for every token a pass over one-hot vectors times the table, and a pass back."""
    model: Any = lm.model
    table = model.get_input_embeddings().weight
    found = []
    for place in range(N_INPUT, len(ids)):
        one_hot = torch.nn.functional.one_hot(torch.tensor([ids[:place]]), table.shape[0]).float()
        embeddings = (one_hot @ table).detach()
        peer = kind(lambda vectors: model(inputs_embeds=vectors).logits[:, -1].softmax(-1))
        found.append(peer.attribute(embeddings, target=ids[place]).norm(dim=-1))
    return found


def _inseq(lm: ecco.LM, text: str, whole: str) -> Callable[[], Any]:
    """Inseq's attribution of the same model."""
    import inseq  # pyright: ignore[reportMissingImports]

    peer = inseq.load_model(lm.model, "input_x_gradient", tokenizer=lm.tokenizer)
    return lambda: peer.attribute(text, whole, attributed_fn="logit", show_progress=False)
