"""The static view: what shows where no script runs, such as an untrusted notebook, an e-mail, a feed.

A view's function turns a payload into *blocks* (strips of tokens, grids of cells); one template draws them with
div, span and inline colours alone, as sanitisers leave nothing else. It is cut to the limits of `blocks`, and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ecco.errors import EccoError
from ecco.render.assets import palette, template
from ecco.render.blocks import Drawing
from ecco.render.views import (
    attention,
    attribution,
    comparison,
    contributions,
    difference,
    factors,
    faithfulness,
    heatmap,
    layer_predictions,
    lens,
    neurons,
    predictions,
    probe,
    rankings,
    tokens,
    trace,
)

VIEWS: dict[str, Callable[[dict[str, Any]], Drawing]] = {
    "attention": attention.draw,
    "attribution": attribution.draw,
    "comparison": comparison.draw,
    "contributions": contributions.draw,
    "difference": difference.draw,
    "faithfulness": faithfulness.draw,
    "factors": factors.draw,
    "heatmap": heatmap.draw,
    "rankings": rankings.draw,
    "layer_predictions": layer_predictions.draw,
    "lens": lens.draw,
    "neurons": neurons.draw,
    "predictions": predictions.draw,
    "probe": probe.draw,
    "tokens": tokens.draw,
    "trace": trace.draw,
}


def static_html(payload: dict[str, Any]) -> str:
    """The static view of a payload: one line of ASCII that needs neither script nor style sheet.

    Raises:
        EccoError: for a view that does not exist.
    """
    try:
        draw = VIEWS[payload["view"]]
    except KeyError:
        raise EccoError(f"There is no view {payload['view']!r}; there are {', '.join(VIEWS)}.") from None
    drawing = draw(payload)
    notes = [payload["note"], *drawing.notes]
    html = template("static.html.j2").render(payload=payload, drawing=drawing, notes=[n for n in notes if n], color=palette())
    return one_line(html)


def one_line(html: str) -> str:
    """Line ends become spaces, all but ASCII becomes character references, so that no front end stumbles over them."""
    return " ".join(line.strip() for line in html.splitlines()).strip().encode("ascii", "xmlcharrefreplace").decode()
