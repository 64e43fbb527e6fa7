"""Run all benchmarks, or those named: `python -m benchmarks rankings`."""

from __future__ import annotations

import importlib
import os
import sys

NAMES = ("importing", "generate", "rankings", "lens", "saliency", "relevance", "factors", "trace", "agreement")


def main() -> None:
    """Print every claim with its ratio; the exit status says whether one missed its target."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    missed = 0
    for name in sys.argv[1:] or NAMES:
        for claim in importlib.import_module(f"benchmarks.{name}").claims():
            print(claim, flush=True)
            missed += claim.ratio > claim.target
    sys.exit(missed > 0)


if __name__ == "__main__":
    main()
