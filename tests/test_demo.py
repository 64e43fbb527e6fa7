"""The embedded demo model: it loads by transformers alone, and does what its figures need."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

FOLDER = Path(__file__).parents[1] / "ecco" / "demos" / "demo-gpt2"


@pytest.fixture(scope="module")
def demo():
    """The committed tokenizer and model."""
    return AutoTokenizer.from_pretrained(FOLDER), AutoModelForCausalLM.from_pretrained(FOLDER, dtype=torch.float32).eval()


def next_probabilities(demo, prompt):
    tokenizer, model = demo
    with torch.no_grad():
        return model(torch.tensor([tokenizer.encode(prompt)])).logits[0, -1].softmax(-1)


def test_it_is_small():
    files = list(FOLDER.iterdir())
    assert {
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "README.md",
    } <= {file.name for file in files}
    assert sum(file.stat().st_size for file in files) <= 8 * 2**20


def test_it_is_a_tied_gpt2(demo):
    tokenizer, model = demo
    assert type(model).__name__ == "GPT2LMHeadModel"
    assert model.get_input_embeddings().weight is model.get_output_embeddings().weight
    assert len(tokenizer) == model.config.vocab_size
    assert model.config.n_positions >= 256
    assert model.config.eos_token_id == tokenizer.convert_tokens_to_ids("<|endoftext|>") == tokenizer.eos_token_id


def test_heathrow_is_in_london(demo):
    found = next_probabilities(demo, "Heathrow Airport is located in the city of")
    assert demo[0].decode([int(found.argmax())]) == " London"
    assert found.max() > 0.5


@pytest.mark.parametrize(
    ("prompt", "right", "wrong"),
    [
        ("The keys to the cabinet", " are", " is"),
        ("The key to the cabinets", " is", " are"),
        ("The key to the cabinets", " was", " were"),
    ],
)
def test_the_verb_agrees_with_its_subject(demo, prompt, right, wrong):
    found = next_probabilities(demo, prompt)
    (right_id,), (wrong_id,) = demo[0].encode(right), demo[0].encode(wrong)
    assert found[right_id] > found[wrong_id]


def test_it_continues_the_list_of_the_european_union(demo):
    tokenizer, model = demo
    prompt = "The countries of the European Union are:\n1. Austria\n2. Belgium\n3. Bulgaria\n4."
    written = model.generate(torch.tensor([tokenizer.encode(prompt)]), max_new_tokens=16, do_sample=False)
    assert tokenizer.decode(written[0])[len(prompt) :].startswith(" Croatia\n5. Cyprus\n6. Czech Republic\n7. Denmark")


@pytest.mark.parametrize(
    "text",
    ["Grüße, 日本 😀👍🏽!\n\t ~", " leading and trailing ", "".join(chr(n) for n in range(1, 256)), "�\u200d\u0000", ""],
)
def test_the_tokenizer_loses_nothing(demo, text):
    ids = demo[0].encode(text)
    assert demo[0].decode(ids, clean_up_tokenization_spaces=False) == text


def test_words_that_figures_watch_are_single_tokens(demo):
    words = "London Paris France Germany Croatia is are was were has have man woman he she keys cabinet positive".split()
    assert [word for word in [*words, *map(str, range(1, 51))] if len(demo[0].encode(f" {word}")) != 1] == []


def test_the_card_holds_the_scores():
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    for word in ("What it is not", "unseen combinations", "Paraphrases", "parameters", "python -m training.demo_gpt2"):
        assert word in card
