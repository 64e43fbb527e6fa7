"""Colours of the static view. `js/src/parts/color.js` computes the same; both are tested against one table."""

from __future__ import annotations

import math

from ecco.render.assets import palette

Rgb = tuple[float, float, float]

# Text on a cell has at least this contrast (WCAG 2.2, success criterion 1.4.3).
CONTRAST = 4.5

# How far a category's tint goes toward its hue, so that text keeps its own colour on it.
TINT = 0.45


def magnitude(value: float) -> str:
    """0..1 -> hex: one hue of monotone luminance."""
    stops = [_rgb(stop) for stop in palette()["magnitude"]]
    at = min(max(value, 0.0), 1.0) * (len(stops) - 1)
    start = min(int(at), len(stops) - 2)
    return _mix(stops[start], stops[start + 1], at - start)


def diverging(value: float) -> str:
    """-1..1 -> hex: from the page's colour to the accent (toward) or to orange (away)."""
    end = palette()["accent" if value >= 0 else "away"]
    return _mix(_rgb(palette()["paper"]), _rgb(end), min(abs(value), 1.0))


def category(number: int, value: float) -> str:
    """A category's number and -1..1 -> hex: toward its hue, negative values toward grey; ink can be read on all of them."""
    hues = palette()["category"]
    end = hues[number % len(hues)] if value >= 0 else palette()["soft"]
    return _mix(_rgb(palette()["paper"]), _rgb(end), TINT * min(abs(value), 1.0))


def rank_shade(rank: int, vocab_size: int) -> float:
    """A rank as 0..1 on a logarithmic scale, rank 1 as 1."""
    return 1.0 - math.log(rank) / math.log(vocab_size) if vocab_size > 1 else 1.0


def text_on(background: str) -> str:
    """A colour that can be read on this one: ink if it can be."""
    choices = (palette()["ink"], palette()["paper"], "#000000")
    return next((c for c in choices if _contrast(c, background) >= CONTRAST), "#000000")


def _rgb(color: str) -> Rgb:
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue


def _mix(a: Rgb, b: Rgb, t: float) -> str:
    # Halves are rounded up, as JavaScript's Math.round does it.
    return "#" + "".join(f"{math.floor(x + (y - x) * t + 0.5):02x}" for x, y in zip(a, b, strict=True))


def _contrast(a: str, b: str) -> float:
    dark, light = sorted((_luminance(a), _luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _rgb(color))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
