"""The last layer of the lens is the model, and every number of it follows from the model's own softmax."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from conftest import TEXT
from model_table import read
from test_halves import PARALLEL, SERIAL

import ecco
import ecco.beliefs
import ecco.readout
from ecco.beliefs import survey
from ecco.logit_lens import QUANTITIES, fitted
from ecco.readout import Readout
from ecco.render.page import packed
from ecco.tokens import Token

# Every kind of reading, and models whose tail, layout or view of a text is a special one.
MODELS = [
    *(("causal", t) for t in "gpt2 llama gemma2 granite falcon opt bloom mamba jamba roberta-prelayernorm".split()),
    *(("seq2seq", t) for t in "t5 bart mbart".split()),
    *(("masked", t) for t in "bert modernbert albert".split()),
    *(("text label", t) for t in "bert gpt2".split()),
    ("token labels", "bert"),
]


@pytest.mark.parametrize(("kind", "model_type"), MODELS)
def test_the_last_layer_is_the_model(kind: str, model_type: str, untouched) -> None:
    lm, out = read(kind, model_type)
    untouched(lm.model)
    reading = out._runs[0].reading
    found = out.lens(position=list(reading.explained))
    assert found.positions == tuple(reading.explained)
    with torch.no_grad():
        logits = torch.stack([_own(lm, reading.until(p))[reading.row(p)] for p in reading.explained]).float()
    shares = logits.softmax(-1)
    own = torch.tensor([t.id for t in found.columns])[:, None]
    np.testing.assert_allclose(found.probabilities[-1], shares.gather(1, own)[:, 0], rtol=1e-3, atol=1e-6)
    np.testing.assert_array_equal(found.ranks[-1], 1 + (logits > logits.gather(1, own)).sum(-1))
    np.testing.assert_allclose(found.surprisals[-1], -shares.gather(1, own)[:, 0].log(), rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(found.entropies[-1], -torch.special.xlogy(shares, shares).sum(-1), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(found.shares[-1], shares.sort(descending=True).values[:, :10], rtol=1e-3, atol=1e-6)
    assert (found.divergences[-1] == 0).all()
    assert found.token_ids.shape == (len(lm.anatomy.blocks.calls), len(found.positions), min(10, logits.shape[-1]))


def _own(lm: ecco.LM, reading: Any) -> torch.Tensor:
    logits = lm.model(**reading.inputs()).logits
    return logits if logits.dim() == 2 else logits[0]


@pytest.mark.parametrize(("kind", "model_type"), MODELS)
def test_every_number_follows_from_the_distribution_of_its_layer(kind: str, model_type: str) -> None:
    lm, out = read(kind, model_type)
    run = out._runs[0]
    found = out.lens(topk=lm._loaded.vocab_size)
    size = found.vocab_size
    order = found.token_ids.argsort(-1)
    shares = np.take_along_axis(found.shares, order, -1).astype(np.float64)  # by token id
    np.testing.assert_allclose(shares.sum(-1), 1, rtol=1e-4)
    assert (np.diff(found.shares, axis=-1) <= 0).all()
    assert found.entropies.min() >= 0
    assert found.entropies.max() <= np.log(size) + 1e-6
    entropies = -(shares * np.log(np.maximum(shares, 1e-300))).sum(-1)
    np.testing.assert_allclose(found.entropies, entropies, rtol=1e-3, atol=1e-4)
    last = shares[-1]
    divergences = (last * (np.log(np.maximum(last, 1e-300)) - np.log(np.maximum(shares, 1e-300)))).sum(-1)
    np.testing.assert_allclose(found.divergences, divergences, rtol=1e-3, atol=1e-4)
    own = np.array([t.id for t in found.columns])
    assert own.tolist() == run.answers(found.positions)
    np.testing.assert_allclose(found.probabilities, shares[:, range(len(own)), own], rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(found.surprisals, -np.log(found.probabilities), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("kind", "model_type"), MODELS)
def test_rankings_and_layer_predictions_say_the_same(kind: str, model_type: str) -> None:
    _, out = read(kind, model_type)
    found, ranked = out.lens(topk=3), out.rankings()
    assert (found.columns, found.positions, found.reads) == (ranked.columns, ranked.positions, ranked.reads)
    np.testing.assert_array_equal(found.ranks, ranked.ranks)
    np.testing.assert_allclose(found.probabilities, ranked.probabilities, rtol=1e-5)
    np.testing.assert_array_equal(found.token_ids[..., 0], ranked.best_ids)
    assert [[best[0] for best in row] for row in found.texts] == ranked.best
    one = out.layer_predictions(position=found.positions[-1], topk=3)
    np.testing.assert_array_equal(found.token_ids[:, -1], one.token_ids)
    np.testing.assert_allclose(found.shares[:, -1], one.probabilities, rtol=1e-5)


# -- between attention and FFN -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "model_type"), SERIAL)
def test_the_stream_between_the_halves_is_read_as_if_the_last_ffn_had_not_been(kind: str, model_type: str) -> None:
    _, out = read(kind, model_type)
    found, whole = out.lens(halves=True), out.lens()
    n = len(whole.layers)
    assert found.layers == tuple(layer for layer in range(n) for _ in range(2))
    assert found.parts == ("attention", "block") * n
    for name in ("token_ids", "ranks", "divergences"):
        np.testing.assert_allclose(getattr(found, name)[1::2], getattr(whole, name), rtol=1e-5, atol=1e-6)
    run = out._runs[0]
    middle = run.flow.hidden[-1] - run.halves.ffn[-1]
    rows = [run.reading.row(p) for p in found.positions]
    by_hand = torch.cat(list(run.readout.chunks(middle[None], rows)))
    np.testing.assert_allclose(found.shares[-2], by_hand.softmax(-1).sort(descending=True).values[:, :10], rtol=2e-3, atol=1e-5)


@pytest.mark.parametrize(("kind", "model_type"), PARALLEL)
def test_parallel_blocks_have_nothing_between_their_halves(kind: str, model_type: str) -> None:
    _, out = read(kind, model_type)
    with pytest.raises(ecco.ProofError, match="read the same stream, side by side"):
        out.lens(halves=True)
    assert out.lens().parts == ("block",) * 3


def test_blocks_that_normalise_the_sum_have_no_halves() -> None:
    _, out = read("masked", "bert")
    with pytest.raises(ecco.ProofError, match="normalise the sum"):
        out.lens(halves=True)


# -- what is asked -----------------------------------------------------------------------------------------------------


def test_positions_and_layers_are_named_as_everywhere(gpt2: ecco.LM) -> None:
    out = gpt2.generate(TEXT, generate=2)
    every = out.lens(position=range(1, 8))
    assert every.token_ids.shape == (3, 7, 10)
    one = out.lens(position=-1, layer=-1, topk=4)
    assert (one.positions, one.layers, one.token_ids.shape) == ((7,), (2,), (1, 1, 4))
    np.testing.assert_array_equal(one.token_ids[0, 0], every.token_ids[2, 6, :4])
    some = out.lens(position=[7, 3], layer=[2, 0])
    assert (some.positions, some.layers) == ((3, 7), (2, 0))
    np.testing.assert_array_equal(some.ranks, every.ranks[[2, 0]][:, [2, 6]])
    assert out.lens().positions == (6, 7)


@pytest.mark.parametrize("kind", ["causal", "seq2seq"])
def test_after_its_end_a_text_has_the_token_that_would_be_written(kind: str) -> None:
    _, out = read(kind, {"causal": "gpt2", "seq2seq": "t5"}[kind])
    n = len(out.tokens[0])
    found = out.lens(position=n)
    best = out.layer_predictions(position=n, topk=1, layer=-1)
    assert found.columns[0].id == best.token_ids[0, 0]
    assert found.ranks[-1, 0] == 1
    assert found.reads[0] is not None
    assert found.reads[0].text == out.tokens[0][-1]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"position": []}, r"position=\[\] names no position"),
        ({"position": 0}, "position=0 is the first token"),
        ({"position": range(9)}, "position=0 is the first token"),
        ({"position": 99}, "outside this run"),
        ({"topk": 0}, "topk=0 must be at least 1"),
        ({"layer": 3}, "layer=3 does not exist"),
        ({"quantity": "logit"}, "quantity='logit' is not one of 'probability', 'rank', 'surprisal', 'entropy', 'kl'"),
    ],
)
def test_wrong_questions_say_what_is_wrong(gpt2: ecco.LM, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(ecco.ArgumentError, match=said):
        gpt2.generate(TEXT, generate=2).lens(**asked)


# -- pieces ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("flat", [True, False])
def test_pieces_do_not_change_the_numbers(gpt2: ecco.LM, rows: int, flat: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    out = gpt2(TEXT)
    whole = out.lens()
    monkeypatch.setattr(ecco.readout, "CHUNK_BYTES", 4 * 97 * rows)
    monkeypatch.setattr(ecco.beliefs, "BLOCK_BYTES", 4 * 97)
    monkeypatch.setattr(out._runs[0].readout, "_flat", flat)
    pieces = out.lens()
    for name in ("token_ids", "ranks"):
        np.testing.assert_array_equal(getattr(pieces, name), getattr(whole, name))
    for name in ("shares", "probabilities", "surprisals", "entropies", "divergences"):
        np.testing.assert_allclose(getattr(pieces, name), getattr(whole, name), rtol=1e-4, atol=1e-6)


class Written(Readout):
    """A readout that gives logits as they are."""

    def __init__(self) -> None:
        pass

    def groups(self, rows):
        return iter([rows])

    def chunks(self, hidden, rows, **_):
        yield hidden[0, list(rows)]


def test_tokens_that_cannot_be_written_have_no_share() -> None:
    logits = torch.tensor([[0.0, 1.0, float("-inf"), float("-inf")]])
    found = survey(Written(), [logits + 3, logits], logits, [0], [1], 4)
    shares = torch.tensor([0.0, 1.0]).softmax(0)
    np.testing.assert_allclose(found.entropies[:, 0], [float(-(shares * shares.log()).sum())] * 2, rtol=1e-6)
    np.testing.assert_allclose(found.divergences, 0, atol=1e-6)
    np.testing.assert_allclose(found.shares[0, 0], [float(shares[1]), float(shares[0]), 0, 0], rtol=1e-6)
    with pytest.raises(ecco.EccoError, match="not finite"):
        survey(Written(), [logits * float("nan")], logits, [0], [1], 4)


# -- forms -------------------------------------------------------------------------------------------------------------


def test_results_read_as_text_and_travel_as_records(gpt2: ecco.LM, tmp_path) -> None:
    found = gpt2.generate(TEXT, generate=2).lens(halves=True)
    lines = repr(found).splitlines()
    assert lines[0] == "Logit lens: the most likely token after every layer"
    assert len(lines) == 8
    assert lines[2].split()[:2] == ["0", "attention"]
    records = found.to_records()
    assert len(records) == 12
    assert records[-1]["best_token"] == records[-1]["token"] == found.columns[-1].text
    assert (records[-1]["kl"], records[-1]["rank"], records[-1]["part"]) == (0, 1, "block")
    data = json.loads(found.save(tmp_path / "a.json").read_text())
    np.testing.assert_allclose(data["entropies"], found.entropies)
    assert len(found.save(tmp_path / "a.csv").read_text().splitlines()) == 13


def random_lens(n_layers: int, n_positions: int, topk: int = 10) -> ecco.Lens:
    """Numbers of a model that knows nothing, which compress worst."""
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 50257, (n_layers, n_positions, topk))
    shares = -np.sort(-rng.uniform(0, 0.1, ids.shape).astype(np.float32))
    numbers = {
        name: rng.uniform(0, 10, ids.shape[:2]).astype(np.float32) for name in ("surprisals", "entropies", "divergences")
    }
    return ecco.Lens(
        token_ids=ids,
        shares=shares,
        texts=[[[f" word{i}" for i in best] for best in row] for row in ids],
        ranks=rng.integers(1, 50257, ids.shape[:2]),
        probabilities=rng.uniform(0, 1, ids.shape[:2]).astype(np.float32),
        layers=tuple(range(n_layers)),
        parts=("block",) * n_layers,
        columns=tuple(Token(f" word{i}", i) for i in range(n_positions)),
        reads=tuple(Token(f" word{i - 1}", i - 1) for i in range(n_positions)),
        positions=tuple(range(n_positions)),
        vocab_size=50257,
        **numbers,
    )


@pytest.mark.parametrize(
    ("size", "note"),
    [
        ((12, 30), None),
        ((12, 200), "5 of 10 alternatives in each cell"),
        ((12, 1000), "3 of 10 alternatives in each cell; the last 250 of 1000 positions"),
        ((96, 60), "1 of 10 alternatives in each cell"),
    ],
)
def test_a_figure_of_any_size_fits_and_says_what_it_lacks(size: tuple[int, int], note: str | None) -> None:
    payload = random_lens(*size).to_payload()
    assert payload["note"] == note
    assert len(packed(payload)) < 225_000


def test_a_figure_holds_every_word_once_and_what_a_cell_says_where_it_stands() -> None:
    found = random_lens(3, 5)
    shown, notes = fitted(found)
    assert not notes
    assert [w["id"] for w in shown["words"]] == sorted(set(found.token_ids.ravel().tolist()))
    best = np.array(shown["best"])
    assert [[[shown["words"][w]["text"] for w in cell] for cell in row] for row in best] == found.texts
    np.testing.assert_allclose(np.array(shown["shares"], dtype=float), found.shares, rtol=5e-3)
    for name, field in zip(QUANTITIES, ("probabilities", "ranks", "surprisals", "entropies", "divergences"), strict=True):
        np.testing.assert_allclose(np.array(shown[name], dtype=float), getattr(found, field), rtol=5e-3)
