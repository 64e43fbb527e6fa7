"""How a run is corrupted: what a person names, what is refused, and noise that is drawn as it is said."""

from __future__ import annotations

import pytest
import torch
from conftest import TEXT

import ecco
from ecco.corruption import Corruption, corruption_of
from ecco.errors import ArgumentError


def named(out: ecco.OutputSeq, corrupted=None, *, noise=None, subject=None, n_samples: int = 3, seed: int = 0) -> Corruption:
    return corruption_of(out._runs[0], corrupted, noise, subject, n_samples, seed)


def test_another_text_stands_in_the_place_of_the_input(gpt2: ecco.LM) -> None:
    out = gpt2(TEXT, continuation="a7 a8")
    found = named(out, "a5 a18 a3 a81 a41 a9")
    assert found.ids == (9, 22, 7, 85, 45, 13)
    assert named(out, [9, 22, 7, 85, 45, 13]) == found
    run = out._runs[0]
    other = found.run(run)
    assert other.ids == [9, 22, 7, 85, 45, 13, *run.ids[6:]]
    assert found.columns(run.reading, other.reading) == [False, True, False, True, False, False, False, False]


@pytest.mark.parametrize(
    ("corrupted", "message"),
    [
        ("a5 a17 a4 a41 a9", r"has 5 tokens and the input 6.*from token 2 on: .*a3\| a80 there, .*a4 here"),
        ("a5 a17 a3 a80 a41 a9 a9", "differ from token 6 on: nothing there, .*a9 here"),
        ("", "no tokens|empty"),
        ([1, 2, 3, 4, 5, 97], "97"),
        (["a1 a2", "a3"], "one text, not 2"),
    ],
)
def test_another_text_of_another_length_is_refused(gpt2: ecco.LM, corrupted, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        named(gpt2(TEXT), corrupted)


def test_the_refusal_shows_both_texts_token_by_token(gpt2: ecco.LM) -> None:
    with pytest.raises(ArgumentError) as refused:
        named(gpt2(TEXT), "a5 a17 a4 a41 a9")
    said = str(refused.value).splitlines()
    assert [line.split(":")[0].strip() for line in said[1:]] == ["input", "corrupted"]
    assert [line.count("|") for line in said[1:]] == [5, 4]


@pytest.mark.parametrize(
    ("subject", "positions"), [("a17 a3", (1, 2)), ("17", (1,)), (3, (3,)), (-1, (5,)), ([4, 0, 4], (0, 4)), ("a5", (0,))]
)
def test_a_subject_is_a_piece_of_the_text_or_positions(gpt2: ecco.LM, subject, positions: tuple[int, ...]) -> None:
    assert named(gpt2(TEXT), subject=subject).positions == positions
    assert named(gpt2(TEXT), subject=subject).noise == 3.0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Say how the run is corrupted"),
        ({"noise": 2.0}, "Say how the run is corrupted"),
        ({"corrupted": TEXT, "noise": 3}, "name one of them"),
        ({"corrupted": TEXT, "subject": 1}, "name one of them"),
        ({"subject": "a8 a9"}, "stands not in the text"),
        ({"subject": "a"}, "stands 6 times"),
        ({"subject": " "}, "subject=' '"),
        ({"subject": 6}, "position=6 does not exist"),
        ({"subject": []}, "names no position"),
        ({"subject": 1, "noise": -1}, "noise=-1"),
        ({"subject": 1, "noise": float("inf")}, "noise=inf"),
        ({"subject": 1, "noise": True}, "noise=True"),
        ({"subject": 1, "n_samples": 0}, "n_samples=0"),
        ({"subject": 1, "seed": 0.5}, "seed=0.5"),
    ],
)
def test_what_makes_no_sense_is_refused(gpt2: ecco.LM, given, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        named(gpt2(TEXT), **given)


def test_noise_has_the_size_that_is_said_on_the_tokens_that_are_named() -> None:
    generator = torch.Generator().manual_seed(1)
    vectors = [0.7 * torch.randn(6, 50, generator=generator) + 2, 0.7 * torch.randn(3, 50, generator=generator) + 2]
    hit = [False, True, False, False, True, False, False, False, True]
    corruption = Corruption(None, 3.0, (), 200, seed=4)
    found = corruption.draw(vectors, hit)
    assert [tuple(part.shape) for part in found] == [(200, 6, 50), (200, 3, 50)]
    noise = torch.cat([part - clean for part, clean in zip(found, vectors, strict=True)], dim=1)
    assert (noise != 0).any(dim=2).any(dim=0).tolist() == hit
    drawn = noise[:, hit]
    assert float(drawn.std()) == pytest.approx(3 * float(torch.cat(vectors).std()), rel=0.02)
    assert abs(float(drawn.mean())) < 0.03
    assert float(noise[:, 1].flatten() @ noise[:, 4].flatten()) / float(noise[:, 1].square().sum()) < 0.05
    again = Corruption(None, 3.0, (), 200, seed=4).draw(vectors, hit)
    other = Corruption(None, 3.0, (), 200, seed=5).draw(vectors, hit)
    assert torch.equal(again[0], found[0])
    assert not torch.equal(other[0], found[0])
