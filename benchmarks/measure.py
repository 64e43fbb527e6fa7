"""Interleaved timing: every variant once per round, so that a busy machine slows all of them alike."""

from __future__ import annotations

import gc
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Claim:
    """A ratio and its target.

    Attributes:
        what: the claim in words.
        ratio: measured; the median over rounds of the ratio within each round.
        target: the ratio should be at most this.
        detail: the times behind it.
    """

    what: str
    ratio: float
    target: float
    detail: str

    def __str__(self) -> str:
        verdict = "ok" if self.ratio <= self.target else "MISSED"
        return f"{verdict:7} {self.ratio:6.2f} (target {self.target:g})  {self.what}  [{self.detail}]"


def interleaved(variants: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of every variant in every round, after one warm-up each."""
    for run in variants.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, run in variants.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def ratio(seconds: dict[str, list[float]], name: str, floor: str) -> float:
    """The median over rounds of one variant's time relative to the floor's."""
    return statistics.median(a / b for a, b in zip(seconds[name], seconds[floor], strict=True))


def milliseconds(seconds: dict[str, list[float]]) -> str:
    """The medians in words."""
    return ", ".join(f"{name} {1000 * statistics.median(times):.1f} ms" for name, times in seconds.items())


def peak_rise(run: Callable[[], object]) -> float:
    """The bytes by which the memory of this process grows at most while something runs."""
    gc.collect()
    start, peak, done = _resident(), [0.0], threading.Event()

    def watch() -> None:
        while not done.is_set():
            peak[0] = max(peak[0], _resident())
            time.sleep(0.002)

    thread = threading.Thread(target=watch)
    thread.start()
    run()
    done.set()
    thread.join()
    return max(0.0, peak[0] - start)


def _resident() -> float:
    """Bytes of this process in memory (Linux)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096.0
