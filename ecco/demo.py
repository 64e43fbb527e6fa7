"""The main job on an embedded model: `python -m ecco.demo` prints a summary and writes demo.html."""

from __future__ import annotations

import argparse
from pathlib import Path

import ecco

PROMPT = "Heathrow Airport is located in the city of"


def main() -> None:
    """Load, generate, and see why."""
    parser = argparse.ArgumentParser(prog="python -m ecco.demo", description=__doc__)
    parser.add_argument("prompt", nargs="?", default=PROMPT)
    parser.add_argument("--model", default="ecco/demo-gpt2", help="demo name, folder or hub id")
    parser.add_argument("--generate", type=int, default=1, metavar="N", help="how many tokens to write")
    parser.add_argument("--out", type=Path, default=Path("demo.html"), help="the page to write")
    options = parser.parse_args()

    lm = ecco.from_pretrained(options.model, verbose=False)
    print(f"{lm}\n{lm.anatomy}\n")
    out = lm.generate(options.prompt, generate=options.generate)
    print(f"{out}\n")
    results = [out.saliency(), out.rankings(), out.layer_predictions(topk=5)]
    for result in results:
        print(f"{result}\n")
    print(f"Three figures, in one page: {ecco.save_page(options.out, *results, title=options.prompt)}")


if __name__ == "__main__":
    main()
