"""The colours of the static view against the table that JavaScript is tested against too (js/test/color.test.js).

`python tests/test_color.py` writes the table anew after a change of the palette.
"""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path

import pytest

from ecco.render import color
from ecco.render.assets import palette

TABLE = Path(__file__).with_name("colors.json")


def table() -> dict[str, list]:
    """Inputs and what comes out, for the light theme."""
    numbers = random.Random(0)
    shares = [0.0, 0.25, 0.5, 0.75, 1.0, -0.5, 1.5, *(round(numbers.random(), 6) for _ in range(60))]
    signed = [0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, *(round(numbers.uniform(-1, 1), 6) for _ in range(60))]
    ranks = [
        (1, 50257),
        (2, 50257),
        (50257, 50257),
        (1, 1),
        (3, 2),
        *((numbers.randint(1, size), size) for size in (100, 50257, 256000) for _ in range(12)),
    ]
    backgrounds = sorted({color.magnitude(i / 40) for i in range(41)} | {color.diverging(i / 20 - 1) for i in range(41)})
    return {
        "magnitude": [[value, color.magnitude(value)] for value in shares],
        "diverging": [[value, color.diverging(value)] for value in signed],
        "category": [[[number, value], color.category(number, value)] for number in range(8) for value in signed[:24]],
        "rank_shade": [
            [rank, size, color.rank_shade(rank, size), color.magnitude(color.rank_shade(rank, size))] for rank, size in ranks
        ],
        "text_on": [[background, color.text_on(background)] for background in backgrounds],
    }


def test_colours_are_those_of_the_table():
    expected = json.loads(TABLE.read_text(encoding="utf-8"))
    found = table()
    assert found.keys() == expected.keys()
    for name in ("magnitude", "diverging", "category", "text_on"):
        assert found[name] == expected[name]
    for (*place, shade, background), (*same_place, same_shade, same_background) in zip(
        found["rank_shade"], expected["rank_shade"], strict=True
    ):
        assert place == same_place
        assert shade == pytest.approx(same_shade, abs=1e-12)
        assert background == same_background


@pytest.mark.parametrize("value", [i / 100 for i in range(101)])
def test_text_can_be_read_on_every_colour(value):
    for background in (color.magnitude(value), color.diverging(value), color.diverging(-value)):
        assert color._contrast(color.text_on(background), background) >= color.CONTRAST


@pytest.mark.parametrize("number", range(6))
def test_ink_can_be_read_on_the_tint_of_every_category(number):
    for value in (1, 0.5, -1):
        assert color._contrast(palette()["ink"], color.category(number, value)) >= color.CONTRAST


def test_magnitude_grows_darker_without_a_turn():
    shades = [color._luminance(color.magnitude(i / 200)) for i in range(201)]
    assert all(a >= b for a, b in itertools.pairwise(shades))
    assert color.magnitude(0) == palette()["paper"]


if __name__ == "__main__":
    rows = ",\n".join(f'"{name}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]" for name, rows in table().items())
    TABLE.write_text("{\n" + rows + "\n}\n", encoding="utf-8")
