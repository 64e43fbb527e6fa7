"""`import ecco` after torch and transformers, and loading the embedded model."""

from __future__ import annotations

import statistics
import subprocess
import sys

from benchmarks.measure import Claim

CODE = """
import time
import torch, transformers
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, StoppingCriteria
a = time.perf_counter()
import ecco
b = time.perf_counter()
ecco.from_pretrained("ecco/demo-gpt2")
c = time.perf_counter()
print(b - a, c - b)
"""


def claims(rounds: int = 5) -> list[Claim]:
    """Seconds, relative to the seconds that are allowed."""
    runs = [subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True) for _ in range(rounds)]
    times = [[float(number) for number in run.stdout.split()[-2:]] for run in runs]
    importing, loading = (statistics.median(column) for column in zip(*times, strict=True))
    return [
        Claim("import ecco, seconds beyond torch and transformers", importing, 0.3, f"{importing:.3f} s"),
        Claim("load ecco/demo-gpt2, seconds after imports", loading, 2.0, f"{loading:.3f} s"),
    ]
