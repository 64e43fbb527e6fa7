"""Hidden states are read token by token, however the blocks lay them out, and are those of transformers."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from conftest import state_of
from zoo import TASK_OF, tiny_model, word_tokenizer

import ecco
from ecco.errors import ProofError
from ecco.forward import undisturbed
from ecco.stack import Layout, template

# How the states of a text lie among those that the blocks return: which axis counts tokens, and where the text stands.
LAYOUTS = {
    "masked longformer": Layout(1, "first"),  # padded to a window
    "text label longformer": Layout(1, "first"),
    "seq2seq led": Layout(1, "first"),
    "seq2seq pegasus_x": Layout(1, "first"),
    "causal cpmant": Layout(1, "last"),  # after a prompt of its own
    "causal prophetnet": Layout(1, "second"),  # after the stream that is read, the first of those that predict
    "seq2seq prophetnet": Layout(1, "second"),
    "seq2seq fsmt": Layout(0, "first"),  # tokens before the batch
    "text label xlnet": Layout(0, "first"),
    "token labels xlnet": Layout(0, "first"),
    "masked flaubert": Layout(1, "first"),  # parts of layers in lists side by side
    "states xlm": Layout(1, "first"),
    "causal deepseek_v4": Layout(1, "first"),  # four streams per token
    "causal hy_v4": Layout(1, "first"),
    "masked big_bird": Layout(1, "first"),  # padded where the text is long
}


def lm_of(case: str) -> tuple[ecco.LM, str]:
    """A tiny model, and its kind of reading."""
    kind, model_type = case.rsplit(" ", 1)
    model = tiny_model(model_type, task=TASK_OF[kind])
    return ecco.from_pretrained(model, tokenizer=word_tokenizer(), task=TASK_OF[kind].name, verbose=False), kind


def read(lm: ecco.LM, kind: str, length: int) -> ecco.OutputSeq:
    """A text of so many tokens, and of an encoder-decoder three more as its target."""
    text = " ".join(f"a{7 * i % 80}" for i in range(length))
    if kind == "text label":
        text = text.rsplit(" ", 1)[0] + " </s>"
    return lm(text, continuation="a3 a4 a5") if kind == "seq2seq" else lm(text)


def logits_of(lm: ecco.LM, out: ecco.OutputSeq, position: int) -> torch.Tensor:
    """The model's own, from a pass over what it has read when it predicts a position."""
    reading = out._runs[0].reading.until(position)
    with undisturbed(lm.model):
        logits = lm.model(**reading.inputs(), use_cache=False).logits
    return logits[0] if logits.dim() == 2 else logits[0, reading.row(position)]


@pytest.mark.parametrize("length", [2, 9, 16, 37])
@pytest.mark.parametrize("case", LAYOUTS)
def test_every_layer_reads_as_the_models_own_answer(case: str, length: int, untouched) -> None:
    lm, kind = lm_of(case)
    untouched(lm.model)
    out = read(lm, kind, length)
    pads = lm.anatomy.encoder if case in ("seq2seq led", "seq2seq pegasus_x") else lm.anatomy.blocks
    assert pads is not None
    assert pads.layout == LAYOUTS[case]
    if kind == "states":
        with torch.no_grad():
            last = lm.model(input_ids=out.token_ids).last_hidden_state
        torch.testing.assert_close(out.encoder_hidden_states[0, -1], last[0])
        return
    found = out.rankings()
    for column, position in list(enumerate(found.positions))[:: max(1, length // 4)]:
        row, token = logits_of(lm, out, position), found.columns[column].id
        assert found.ranks[-1, column] == 1 + int((row > row[token]).sum())
        assert found.probabilities[-1, column] == pytest.approx(float(row.softmax(-1)[token]), rel=1e-3)


@pytest.mark.parametrize("length", [3, 16, 21])
@pytest.mark.parametrize(
    "case",
    [
        "masked longformer",
        "seq2seq led",
        "seq2seq pegasus_x",
        "seq2seq fsmt",
        "masked flaubert",
        "token labels xlnet",
        "seq2seq prophetnet",
    ],
)
def test_the_states_of_a_text_are_those_of_transformers(case: str, length: int) -> None:
    lm, kind = lm_of(case)
    out = read(lm, kind, length)
    with torch.no_grad():
        own = lm.model(**out._runs[0].reading.inputs(), output_hidden_states=True, use_cache=False)
    theirs = own.encoder_hidden_states if kind == "seq2seq" else own.hidden_states
    ours = out.encoder_hidden_states[0]
    assert ours.shape[1] == length
    # The last of theirs may come after a norm; the others are what the blocks returned.
    for layer, state in enumerate(theirs[1:-1]):
        state = state.transpose(0, 1) if state.shape[:2] == (length, 1) else state
        torch.testing.assert_close(ours[layer], state[0, :length], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    "case",
    [
        "masked longformer",
        "token labels xlnet",
        "masked flaubert",
        "causal ctrl",
        "causal gpt_neo",
        "causal gpt_bigcode",
        "causal prophetnet",
    ],
)
def test_saliency_is_the_gradient_toward_the_vectors_that_go_in(case: str) -> None:
    lm, kind = lm_of(case)
    out = read(lm, kind, 9)
    position = 4
    found = out.saliency(position=position, token=1, signed=True, normalize=False)
    reading = out._runs[0].reading.until(position)
    vectors = out.embedding_states[:, : len(reading)].clone().requires_grad_()
    logits = lm.model(inputs_embeds=vectors / scale_of(lm, out, vectors), use_cache=False).logits
    (gradient,) = torch.autograd.grad(logits[0, reading.row(position), 1], vectors)
    expected = (gradient * vectors).sum(-1)[0].detach().numpy()
    assert found.scores[0, : len(reading)] == pytest.approx(expected, rel=1e-2, abs=1e-3 * float(abs(expected).max()))


def scale_of(lm: ecco.LM, out: ecco.OutputSeq, vectors: torch.Tensor) -> float:
    """By how much the model scales the vectors that its embedding gives before it calls them so."""
    with torch.no_grad():
        plain = lm.model.get_input_embeddings()(out.token_ids[:, : vectors.shape[1]])
    return float((vectors.detach() / plain).median())


@pytest.mark.parametrize("case", ["seq2seq led", "seq2seq pegasus_x", "seq2seq fsmt", "seq2seq prophetnet"])
def test_saliency_of_both_sides_is_the_gradient_toward_the_vectors_that_go_in(case: str) -> None:
    lm, kind = lm_of(case)
    for length in (5, 8):
        out = read(lm, kind, length)
        found = out.saliency(position=length + 2, signed=True, normalize=False)
        reading = out._runs[0].reading.until(length + 2)
        leaves: list[torch.Tensor] = []

        def put(_module: Any, args: Any, output: torch.Tensor, own: Any = (reading, leaves)) -> torch.Tensor:
            known = [s for s in own[0].streams.values() if args and args[0].shape == (1, len(s)) and bool((args[0] == s).all())]
            if not known:
                return output
            own[1].append(output.detach().clone().requires_grad_())
            return own[1][-1]

        handles = [m.register_forward_hook(put) for m in dict.fromkeys(lm.anatomy.embeddings)]
        logits = lm.model(**reading.inputs(), use_cache=False).logits
        for handle in handles:
            handle.remove()
        gradients = torch.autograd.grad(logits[0, -1, int(out.token_ids[0, length + 2])], leaves)
        source, target = ((g * leaf).sum(-1)[0].detach() for g, leaf in zip(gradients, leaves, strict=True))
        expected = torch.cat([source, target[1:]]).numpy()
        assert len(expected) == length + 2
        assert found.scores[0, : length + 2] == pytest.approx(expected, rel=1e-2, abs=1e-3 * float(abs(expected).max()))


def test_an_encoder_whose_states_do_not_lead_to_the_logits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    lm, kind = lm_of("seq2seq led")
    out = read(lm, kind, 5)
    flow = out._runs[0].flow
    monkeypatch.setitem(flow.__dict__, "encoder_hidden", flow.encoder_hidden * 1.5)
    with pytest.raises(ProofError, match="encoder's last block .* does not lead to its own logits"):
        _ = out.encoder_hidden_states
    assert out.decoder_hidden_states.shape[2] == 4


def test_nothing_of_the_probe_passes_into_a_replay() -> None:
    state, other = torch.ones(1, 3, 4), torch.ones(1, 3, 4)
    found = template((state, (other, torch.ones(2, dtype=torch.long)), None))
    assert torch.equal(found[0], state)
    assert bool(found[1][0].isnan().all())
    assert found[1][1].tolist() == [1, 1]
    # Reformer's blocks return two states; the classifier reads the first token, which here is that of the probe.
    lm = ecco.from_pretrained(tiny_model("reformer", task=TASK_OF["text label"]), tokenizer=word_tokenizer())
    with pytest.raises(ProofError, match="does not reproduce"):
        lm("a1 a13 a2").layer_predictions()


def test_a_model_that_changes_its_attention_for_a_short_text_has_the_old_one_afterwards(untouched) -> None:
    lm, _ = lm_of("masked big_bird")
    untouched(lm.model)
    ids = (torch.arange(45)[None] % 80) + 4
    before, kept = lm.model(input_ids=ids).logits, state_of(lm.model)
    lm("a5 <mask>").rankings()
    lm("a5 <mask>").saliency()
    assert state_of(lm.model) == kept
    assert torch.equal(lm.model(input_ids=ids).logits, before)


@pytest.mark.parametrize("model_type", ["xlm", "xlnet"])
def test_a_model_that_writes_from_more_than_the_text_is_not_asked_what_comes_next(model_type: str, untouched) -> None:
    lm, _ = lm_of(f"causal {model_type}")
    untouched(lm.model)
    out = lm("a1 a2 a3")
    written = lm.generate("a1 a2 a3", generate=2)
    questions = [out.rankings, out.saliency, out.layer_predictions, lambda: out.logits, written.rankings, written.saliency]
    for question in [*questions, lambda: lm.predict_token("a1 a2")]:
        with pytest.raises(ecco.EccoError, match='adds one more.*task="masked"'):
            question()


def test_a_masked_model_whose_name_ends_like_a_causal_one() -> None:
    model = tiny_model("flaubert", task=TASK_OF["masked"])
    assert type(model).__name__ == "FlaubertWithLMHeadModel"
    assert ecco.from_pretrained(model, tokenizer=word_tokenizer()).task == "masked"
