"""`lm.generate` writes what Hugging Face's `generate` writes, and leaves the model as it was."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest
import torch
from conftest import TEXT
from transformers import (
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    StoppingCriteria,
    StoppingCriteriaList,
    TextStreamer,
    set_seed,
)
from zoo import TASK_OF, byte_tokenizer, tiny_model, word_tokenizer

import ecco
from ecco import generation


def by_hand(lm: ecco.LM, text: str, **settings: Any) -> list[list[int]]:
    """What transformers writes on its own."""
    ids = lm.tokenizer(text, return_tensors="pt").input_ids
    return lm.model.generate(ids, attention_mask=torch.ones_like(ids), pad_token_id=0, **settings).tolist()


@pytest.mark.parametrize("model_type", ["gpt2", "llama", "mamba", "mixtral", "opt", "bloom"])
@pytest.mark.parametrize(
    "settings",
    [
        {"max_new_tokens": 6},
        {"max_new_tokens": 6, "num_beams": 3},
        {"max_new_tokens": 6, "do_sample": True, "temperature": 2.0, "top_k": 30, "top_p": 0.9},
    ],
    ids=["greedy", "beams", "sampling"],
)
def test_the_text_is_that_of_transformers(model_type: str, settings: dict[str, Any], untouched) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type), tokenizer=word_tokenizer())
    untouched(lm.model)
    ours = {"max_new_tokens": "generate", "num_beams": "beam_size"}
    set_seed(7)
    expected = by_hand(lm, TEXT, **settings)
    set_seed(7)
    out = lm.generate(TEXT, **{ours.get(name, name): value for name, value in settings.items()})
    assert out.token_ids.tolist() == expected
    assert out.n_input_tokens == 6


def test_a_batch_writes_what_each_text_writes_alone(gpt2: ecco.LM) -> None:
    texts = [TEXT, "a1", "a8 a9 a10"]
    together = gpt2.generate(texts, generate=5)
    assert len(together) == 3
    assert together.n_input_tokens == [6, 1, 3]
    for one, text in zip(together, texts, strict=True):
        alone = gpt2.generate(text, generate=5)
        assert one.token_ids.tolist() == alone.token_ids.tolist()
        assert one.output_text == alone.output_text
    with pytest.raises(ecco.ArgumentError, match="3 sequences"):
        together.saliency()


def test_several_answers_to_one_text(gpt2: ecco.LM) -> None:
    set_seed(3)
    out = gpt2.generate(TEXT, generate=4, do_sample=True, temperature=3.0, num_return_sequences=3)
    assert len(out) == 3
    assert len(set(out.output_text)) > 1
    assert all(ids[:6] == out.token_ids[0, :6].tolist() for ids in out.token_ids.tolist())


def test_the_length_is_what_was_asked_for(gpt2: ecco.LM) -> None:
    assert gpt2.generate("a1 a2", generate=3).lengths == [5]
    assert gpt2.generate("a1 a2", max_length=3).lengths == [3]
    assert gpt2.generate("a1 a2").lengths == [2 + generation.DEFAULT_NEW_TOKENS]
    config = GenerationConfig(max_new_tokens=4, pad_token_id=0)
    assert gpt2.generate("a1 a2", generation_config=config).lengths == [6]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"generate": 0}, "generate=0"),
        ({"generate": 3, "max_length": 9}, "give one of them"),
        ({"max_length": 2}, "which has 6 tokens"),
        ({"generate": 1, "attribution": ["nonsense"]}, "nonsense"),
        ({"generate": 1, "max_new_tokens": 5}, "max_new_tokens is given twice"),
        ({"beam_size": 2, "num_beams": 3}, "num_beams is given twice"),
        ({"beam_size": 2, "num_return_sequences": 3}, "transformers refuses these settings"),
        ({"generate": 1, "inputs_embeds": torch.zeros(1, 6, 32)}, "inputs_embeds cannot be given"),
    ],
)
def test_lengths_and_methods_that_make_no_sense_are_refused(gpt2: ecco.LM, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ecco.ArgumentError, match=message):
        gpt2.generate(TEXT, **arguments)


@pytest.mark.parametrize("text", ["", [], 3, ["a1", 2], ["a1", ""], [{"content": "a1"}]])
def test_what_is_no_text_is_refused(gpt2: ecco.LM, text: Any) -> None:
    with pytest.raises(ecco.ArgumentError):
        gpt2.generate(text, generate=1)


def test_chat_messages_are_rendered_with_the_template(gpt2: ecco.LM) -> None:
    messages = [{"role": "user", "content": "a1 a2"}, {"role": "assistant", "content": "a3"}]
    with pytest.raises(ecco.ArgumentError, match="chat template"):
        gpt2.generate(messages, generate=1)
    tokenizer = copy.deepcopy(word_tokenizer())
    turn = "{% for m in messages %}a7 {{ m.content }} {% endfor %}"
    tokenizer.chat_template = turn + "{% if add_generation_prompt %}a8{% endif %}"
    lm = ecco.from_pretrained(gpt2.model, tokenizer=tokenizer)
    out = lm.generate(messages, generate=2)
    assert out.token_ids.tolist() == lm.generate("a7 a1 a2 a7 a3 a8", generate=2).token_ids.tolist()
    assert out.n_input_tokens == 6


def test_text_ends_at_the_end_token(gpt2: ecco.LM) -> None:
    first = gpt2.generate(TEXT, generate=1).token_ids[0, -1].item()
    out = gpt2.generate([TEXT, "a1"], generate=5, eos_token_id=first)
    assert out[0].lengths == [7]
    assert out[0].token_ids[0, -1] == first


class _Interrupt(StoppingCriteria):
    """A person who presses Ctrl-C after some tokens."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_kwargs: Any) -> Any:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return torch.zeros(len(input_ids), dtype=torch.bool)


def test_an_interruption_keeps_what_was_written(gpt2: ecco.LM, untouched) -> None:
    untouched(gpt2.model)
    whole = gpt2.generate(TEXT, generate=8)
    out = gpt2.generate(TEXT, generate=8, stopping_criteria=StoppingCriteriaList([_Interrupt(3)]))
    assert out.interrupted
    assert not whole.interrupted
    assert out.token_ids[0].tolist() == whole.token_ids[0, : out.lengths[0]].tolist()
    assert 6 + 3 <= out.lengths[0] <= 6 + 4
    assert "interrupted" in repr(out)
    assert out.saliency().scores.shape[1] == out.lengths[0]


def test_an_interruption_before_the_first_token_is_passed_on(gpt2: ecco.LM, untouched) -> None:
    untouched(gpt2.model)

    class Immediately(LogitsProcessor):
        def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gpt2.generate(TEXT, generate=8, logits_processor=LogitsProcessorList([Immediately()]))


def test_a_failure_leaves_the_model_as_it_was(untouched) -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2").train(), tokenizer=word_tokenizer())
    untouched(lm.model)

    class Broken(LogitsProcessor):
        def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
            assert not lm.model.training
            raise RuntimeError("broken on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        lm.generate(TEXT, generate=8, logits_processor=LogitsProcessorList([Broken()]))
    assert lm.model.training


def test_text_is_shown_while_it_grows_and_at_its_end(gpt2: ecco.LM, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    class Recorder:
        cell = 5

        def show(self, figure: Any) -> None:
            seen.append(figure)

    monkeypatch.setattr("ecco.lm.in_notebook", lambda: True)
    monkeypatch.setattr("ecco.lm.Live", Recorder)
    monkeypatch.setattr(generation, "LIVE_INTERVAL", 0.0)
    out = gpt2.generate(TEXT, generate=4)
    growing, final = seen[:-1], seen[-1]
    assert len(growing) >= 3
    assert all("<script" not in figure._repr_html_() for figure in growing)
    assert len(growing[0]._repr_html_()) < len(growing[-1]._repr_html_())
    assert "data-ecco-rt" in final._repr_html_()
    assert repr(final) == repr(out)
    seen.clear()
    assert gpt2.generate(TEXT, generate=4, verbose=False).lengths == [10]
    assert not seen


def test_what_is_shown_says_that_an_error_stopped_it(gpt2: ecco.LM, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    class Recorder:
        cell = 5

        def show(self, figure: Any) -> None:
            seen.append(figure._repr_html_())

    class Broken(LogitsProcessor):
        def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
            if input_ids.shape[1] > 8:
                raise RuntimeError("broken on purpose")
            return scores

    monkeypatch.setattr("ecco.lm.in_notebook", lambda: True)
    monkeypatch.setattr("ecco.lm.Live", Recorder)
    monkeypatch.setattr(generation, "LIVE_INTERVAL", 0.0)
    with pytest.raises(RuntimeError, match="on purpose"):
        gpt2.generate(TEXT, generate=6, logits_processor=LogitsProcessorList([Broken()]))
    assert "stopped by an error" in seen[-1]
    assert all("stopped" not in html for html in seen[:-1])


def test_updates_are_spaced_in_time(gpt2: ecco.LM, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    def clock() -> float:
        now[0] += generation.LIVE_INTERVAL / 4
        return now[0]

    shown: list[list[int]] = []
    monkeypatch.setattr(time, "monotonic", clock)
    generation.generate(gpt2._loaded, [[3, 4, 5]], show=shown.append, max_new_tokens=12)
    assert 2 <= len(shown) <= 6
    assert all(ids[:3] == [3, 4, 5] for ids in shown)


def test_a_terminal_shows_nothing(gpt2: ecco.LM, capsys: pytest.CaptureFixture[str]) -> None:
    assert not generation.in_notebook()
    gpt2.generate(TEXT, generate=3, verbose=True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("model_type", "texts"), [("rwkv", [TEXT, "a1"]), ("roberta", ["a1 a2", "a1 a2"])])
def test_a_text_that_was_written_under_other_conditions_is_not_explained(model_type: str, texts: list[str]) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type), tokenizer=word_tokenizer())
    out = lm.generate(texts, generate=3)[1]
    for question in (out.rankings, out.saliency):
        with pytest.raises(ecco.EccoError, match="not those that it had while"):
            question()
    lm(texts[1], continuation="a3").rankings()


@pytest.mark.parametrize("settings", [{}, {"beam_size": 3}, {"beam_size": 2, "num_return_sequences": 2}, {"use_cache": False}])
def test_what_was_seen_while_writing_is_what_is_read(gpt2: ecco.LM, settings: dict[str, Any]) -> None:
    out = gpt2.generate([TEXT, "a1"], generate=4, **settings)
    for one in out:
        assert len(one._runs[0]._trace) == (1 if "beam_size" in settings else one.lengths[0] - one.n_input_tokens)
        one.rankings()


def test_text_that_outgrows_the_positions_is_refused_with_numbers() -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2", n_positions=8), tokenizer=word_tokenizer())
    assert lm.generate(TEXT).lengths == [8]
    assert lm.generate(TEXT, generate=2).lengths == [8]
    with pytest.raises(ecco.ArgumentError, match="8 positions. The text has 6 tokens, so at most 2 can be written, not 3"):
        lm.generate(TEXT, generate=3)
    for question in (lm, lm.predict_token, lm.generate):
        with pytest.raises(ecco.ArgumentError, match="has 12 tokens, 4 more than the 8 positions"):
            question(f"{TEXT} {TEXT}")


@pytest.mark.parametrize("model_type", ["llama", "bloom", "mamba"])
def test_models_without_a_table_of_positions_read_any_length(model_type: str) -> None:
    lm = ecco.from_pretrained(tiny_model(model_type), tokenizer=word_tokenizer())
    assert lm._loaded.context_length is None


def test_an_interruption_while_attributions_are_computed_keeps_the_text(
    gpt2: ecco.LM, monkeypatch: pytest.MonkeyPatch, untouched
) -> None:
    untouched(gpt2.model)

    def pressed(*_args: Any, **_options: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("ecco.question.compute", pressed)
    out = gpt2.generate(TEXT, generate=3, attribution="ig")
    assert out.interrupted
    assert out.lengths == [9]


def test_padding_on_the_left_is_not_read() -> None:
    lm = ecco.from_pretrained(tiny_model("llama", seed=3), tokenizer=word_tokenizer())
    seen: list[torch.Tensor] = []
    handle = lm.model.register_forward_hook(lambda _m, _a, output: seen.append(output.logits[:, -1].clone()))
    lm.generate([TEXT, "a1 a2"], generate=1)
    lm.generate("a1 a2", generate=1)
    handle.remove()
    torch.testing.assert_close(seen[0][1], seen[1][0], rtol=1e-4, atol=1e-4)


def test_a_shorter_text_of_a_batch_ends_at_its_end_token() -> None:
    lm = ecco.from_pretrained(tiny_model("llama"), tokenizer=word_tokenizer())
    texts = [TEXT, "a1 a2", "a40", "a30 a31"]
    whole = lm.generate(texts, generate=6)
    end = int(whole[1].token_ids[0, 2])
    out = lm.generate(texts, generate=6, eos_token_id=end)
    assert out[1].lengths == [3]
    for one, before in zip(out, whole, strict=True):
        written = before.token_ids[0, before.n_input_tokens :].tolist()
        expected = written[: written.index(end) + 1] if end in written else written
        assert one.token_ids[0, one.n_input_tokens :].tolist() == expected


@pytest.mark.parametrize("beams", [1, 3])
def test_text_ends_at_a_stop_string_as_in_transformers(beams: int) -> None:
    tokenizer = byte_tokenizer()
    lm = ecco.from_pretrained(tiny_model("llama", vocab_size=257, pad_token_id=0), tokenizer=tokenizer)
    plain = tokenizer("abcdefghij", add_special_tokens=False)["input_ids"]
    settings = {"suppress_tokens": sorted(set(range(257)) - set(plain)), "num_beams": beams}
    texts = ["abc", "jih", "d", "ghi"]
    whole = lm.generate(texts, generate=8, **settings)
    stop = max(whole.output_text, key=lambda text: len(set(text)))[2:4]
    out = lm.generate(texts, generate=8, stop_strings=stop, **settings)
    assert any(len(one.output_text) < 8 for one in out), "nothing ended early"
    for one, text in zip(out, texts, strict=True):
        # Of several rows transformers fills up those that have ended; a text alone is not filled up.
        alone = by_hand(lm, text, max_new_tokens=8, stop_strings=stop, tokenizer=tokenizer, **settings)
        assert one.token_ids.tolist() == alone
        assert len(one.output_text) == 8 or one.output_text.endswith(stop)
        assert len(one._runs[0]._trace) == (1 if beams > 1 else len(one.output_text))
        one.rankings()


def test_rows_that_a_persons_criterion_ends_are_not_filled_up() -> None:
    lm = ecco.from_pretrained(tiny_model("llama"), tokenizer=word_tokenizer())

    class Third(StoppingCriteria):
        """Ends the second row after one token, the others after three."""

        def __call__(self, input_ids: torch.Tensor, scores: Any, **_kwargs: Any) -> Any:
            ended = torch.full((len(input_ids),), input_ids.shape[1] >= 9)
            ended[1] = True
            return ended

    out = lm.generate([TEXT, "a1 a2", "a40"], generate=6, stopping_criteria=StoppingCriteriaList([Third()]))
    assert [one.lengths[0] - one.n_input_tokens for one in out] == [3, 1, 3]


def test_several_answers_end_where_each_ends(gpt2: ecco.LM) -> None:
    set_seed(3)
    whole = gpt2.generate([TEXT, "a1"], generate=5, do_sample=True, temperature=3.0, num_return_sequences=3)
    assert whole.n_input_tokens == [6, 6, 6, 1, 1, 1]
    end = int(whole[1].token_ids[0, 7])
    set_seed(3)
    out = gpt2.generate([TEXT, "a1"], generate=5, do_sample=True, temperature=3.0, num_return_sequences=3, eos_token_id=end)
    assert len(out) == 6
    assert out[1].lengths[0] <= 8
    assert out[1].token_ids[0, -1] == end
    for one in out:
        written = one.token_ids[0, one.n_input_tokens :].tolist()
        assert end not in written[:-1]
        assert len(written) == 5 or written[-1] == end
        one.rankings()


@pytest.mark.parametrize("beams", [1, 2])
def test_a_dictionary_instead_of_ids_makes_no_difference(gpt2: ecco.LM, beams: int) -> None:
    asked = {"return_dict_in_generate": True, "output_scores": True, "output_hidden_states": True}
    out = gpt2.generate(TEXT, generate=4, beam_size=beams, **asked)
    assert out.token_ids.tolist() == gpt2.generate(TEXT, generate=4, beam_size=beams).token_ids.tolist()
    out.rankings()


def test_a_streamer_is_given_what_is_written(gpt2: ecco.LM, capsys: pytest.CaptureFixture[str]) -> None:
    out = gpt2.generate(TEXT, generate=4, streamer=TextStreamer(gpt2.tokenizer, skip_prompt=True))
    assert capsys.readouterr().out.split() == out.output_text.split()
    with pytest.raises(ecco.ArgumentError, match=r"transformers refuses.*streamer"):
        gpt2.generate(TEXT, generate=4, beam_size=2, streamer=TextStreamer(gpt2.tokenizer))


def test_a_length_that_a_person_gives_beats_that_of_the_config() -> None:
    lm = ecco.from_pretrained(tiny_model("gpt2"), tokenizer=word_tokenizer())
    lm.model.generation_config.max_new_tokens = 9
    assert lm.generate(TEXT).lengths == [15]
    assert lm.generate(TEXT, max_length=8).lengths == [8]
    assert lm.generate(TEXT, generate=3).lengths == [9]
    lm.model.generation_config.max_new_tokens, lm.model.generation_config.max_length = None, 7
    assert lm.generate(TEXT).lengths == [7]
    assert lm.generate(TEXT, generate=3).lengths == [9]


def test_a_decoder_that_is_told_what_to_start_with_is_read_so() -> None:
    lm = ecco.from_pretrained(tiny_model("mbart", task=TASK_OF["seq2seq"]), tokenizer=word_tokenizer())
    other = lm.generate(TEXT, generate=4, decoder_start_token_id=50)
    found = other.rankings()
    assert (found.ranks[-1] == 1).all()
    with torch.no_grad():
        ids, target = other.token_ids[:, :6], torch.cat([torch.tensor([[50]]), other.token_ids[:, 6:]], 1)
        logits = lm.model(input_ids=ids, decoder_input_ids=target).logits[0]
    torch.testing.assert_close(other.logits[0], logits, rtol=1e-3, atol=1e-4)
    assert not torch.allclose(lm(TEXT, other.token_ids[0, 6:]).logits[0], logits, atol=1e-2)


def test_a_pad_token_that_the_model_cannot_embed_is_not_used() -> None:
    tokenizer = word_tokenizer().__class__(tokenizer_object=word_tokenizer().backend_tokenizer, eos_token="</s>")
    tokenizer.add_special_tokens({"pad_token": "<new>"})
    lm = ecco.from_pretrained(tiny_model("gpt2"), tokenizer=tokenizer)
    assert tokenizer.pad_token_id == 97
    assert lm.generate([TEXT, "a1"], generate=2)[1].lengths == [3]


def test_a_compiled_model_answers_as_it_was_written(gpt2: ecco.LM) -> None:
    expected = gpt2(TEXT).rankings()
    compiled = ecco.from_pretrained(torch.compile(tiny_model("gpt2"), backend="eager"), tokenizer=word_tokenizer())
    assert compiled.task == "causal"
    assert compiled(TEXT).rankings().ranks.tolist() == expected.ranks.tolist()
