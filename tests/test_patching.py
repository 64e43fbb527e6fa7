"""Everything restored is the clean run, nothing restored the corrupted one; what a block does not hold is refused."""

from __future__ import annotations

import pytest
import torch
from conftest import FAST
from test_readout import HEADS, beyond_the_zoo
from zoo import TASK_OF, tiny_model

import ecco.patching
from ecco.anatomy import find_anatomy
from ecco.errors import EccoError, ProofError
from ecco.ffn import find_sites
from ecco.forward import deviation, logits_at, undisturbed
from ecco.patching import Bench, Job, Side, find_sides, prove, record, restorations
from ecco.reading import Reading

CLEAN = torch.tensor([5, 17, 3, 80, 41, 9, 33, 60])
OTHER = torch.tensor([5, 18, 3, 80, 42, 9, 33, 60])
N_SOURCE = 5

# Refused: encoder-decoders that read one text on both sides.
TWICE = [("masked", "bart"), ("text label", "bart")]
KINDS = [
    (kind, t) for kind, t in HEADS if t in FAST and kind != "states" and not beyond_the_zoo(kind, t) and (kind, t) not in TWICE
]


def bench_of(kind: str, model_type: str, sites: tuple[str, ...] = ("block",), **given) -> tuple[Bench, list[Side], list[bool]]:
    model = tiny_model(model_type, task=TASK_OF[kind], **given)
    two_sided = kind == "seq2seq"
    anatomy = find_anatomy(model, two_sided=two_sided)
    clean, other = (
        Reading(kind, ids, N_SOURCE if two_sided else len(ids), (2,) if two_sided else ()) for ids in (CLEAN, OTHER)
    )
    sides = find_sides(model, anatomy, clean, sites, lambda: find_sites(model, anatomy))
    hit = (torch.cat(list(clean.streams.values())) != torch.cat(list(other.streams.values()))).tolist()
    return record(model, anatomy, clean, other, sides, clean.row(clean.explained[-1])), sides, hit


def logits_of(bench: Bench, ids: torch.Tensor) -> torch.Tensor:
    """The model's own, from a plain pass."""
    reading = bench.reading
    plain = Reading(reading.kind, ids, reading.n_source, reading.start)
    with undisturbed(bench.model):
        return logits_at(bench.model, plain.inputs(), [bench.row])[0]


@pytest.mark.parametrize(("kind", "model_type"), KINDS, ids=[f"{kind}-{t}".replace(" ", "-") for kind, t in KINDS])
def test_everything_restored_is_the_clean_run_and_nothing_the_corrupted_one(kind: str, model_type: str, untouched) -> None:
    bench, sides, hit = bench_of(kind, model_type)
    untouched(bench.model)
    clean, corrupted = logits_of(bench, CLEAN), logits_of(bench, OTHER)
    assert deviation(corrupted, clean) > 1e-3
    assert deviation(bench.clean, clean) <= 1e-6
    first = sides[0]
    everything = [Job(first.whole(layer)) for layer in range(len(first.blocks))] + [Job(sides[-1].whole(-1))]
    nothing, *found = torch.cat(list(bench.logits([Job(()), *everything])))
    assert deviation(nothing[None], corrupted) <= 1e-5
    for logits in found:
        assert deviation(logits[None], clean) <= 1e-5
    prove(bench, sides, hit)


@pytest.mark.parametrize(("kind", "model_type"), TWICE)
def test_a_model_that_reads_one_text_on_both_sides_is_refused(kind: str, model_type: str) -> None:
    with pytest.raises(ProofError, match="with an encoder and with a decoder"):
        bench_of(kind, model_type)


@pytest.mark.parametrize("model_type", ["gpt2", "llama", "t5"])
@pytest.mark.parametrize("site", ["block", "attention", "ffn"])
def test_a_run_that_gets_its_own_states_back_does_not_change(model_type: str, site: str) -> None:
    bench, sides, _ = bench_of("seq2seq" if model_type == "t5" else "causal", model_type, (site,))
    corrupted = logits_of(bench, OTHER)
    model, reading = bench.model, bench.reading
    own = record(model, find_anatomy(model, two_sided=model_type == "t5"), reading, reading, sides, bench.row)
    _, jobs = restorations(sides, 1, 1)
    one_by_one = torch.cat([next(iter(own.logits([job]))) for job in jobs])
    assert torch.equal(one_by_one, corrupted.expand_as(one_by_one))  # bit for bit, where no other text is in the batch
    together = torch.cat(list(own.logits(jobs)))
    assert deviation(together, corrupted.expand_as(together)) <= 1e-5


@pytest.mark.parametrize("model_type", ["prophetnet", "cpmant", "gemma4_text"])
def test_what_goes_past_the_blocks_is_refused(model_type: str, untouched) -> None:
    """A second stream, a prompt that has read the text, embeddings that go into every layer."""
    bench, sides, hit = bench_of("causal", model_type)
    untouched(bench.model)
    with pytest.raises(ProofError, match="layer 0 restored, a corrupted run is not the clean one"):
        prove(bench, sides, hit)


def test_windows_lie_around_their_layer() -> None:
    _, sides, _ = bench_of("causal", "gpt2", n_layer=6)
    found = {}
    for window in (1, 2, 3, 10):
        cells, jobs = restorations(sides, window, 1)
        layers = {spot: layer for layer, spot in enumerate(sides[0].blocks)}
        found[window] = [[layers[spot] for spot, _ in job.restored] for job in jobs[1:]][:: sides[0].length]
        assert len(cells) == len(jobs) - 1
    assert found[1] == [[0], [1], [2], [3], [4], [5]]
    assert found[2] == [[0], [0, 1], [1, 2], [2, 3], [3, 4], [4, 5]]
    assert found[3] == [[0, 1], [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [4, 5]]
    assert found[10][0] == [0, 1, 2, 3, 4]
    assert found[10][5] == [0, 1, 2, 3, 4, 5]


def test_memory_that_runs_out_makes_batches_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, sides, _ = bench_of("causal", "gpt2")
    _, jobs = restorations(sides, 1, 1)
    whole = torch.cat(list(bench.logits(jobs[:9])))
    real, sizes = Bench._run, []

    def scarce(self: Bench, jobs: list[Job]) -> torch.Tensor:
        sizes.append(len(jobs))
        if len(jobs) > 3:
            raise torch.OutOfMemoryError
        return real(self, jobs)

    monkeypatch.setattr(Bench, "_run", scarce)
    found = torch.cat(list(bench.logits(jobs[:9], 8)))
    assert sizes == [8, 4, 2, 2, 2, 2, 1]
    torch.testing.assert_close(found, whole)
    monkeypatch.setattr(Bench, "_run", lambda *_: (_ for _ in ()).throw(torch.OutOfMemoryError))
    with pytest.raises(torch.OutOfMemoryError):
        list(bench.logits(jobs, 4))


@pytest.mark.parametrize("error", [KeyboardInterrupt, torch.OutOfMemoryError, RuntimeError])
def test_the_model_is_as_before_when_a_run_fails(
    error: type[BaseException], monkeypatch: pytest.MonkeyPatch, untouched
) -> None:
    bench, _, _ = bench_of("causal", "gpt2")
    untouched(bench.model)

    def fail(*_args: object) -> None:
        raise error

    monkeypatch.setattr(ecco.patching, "_put", fail)
    with pytest.raises((error, EccoError)):
        list(bench.logits([Job([(next(iter(bench.states)), 0)])], 1))
