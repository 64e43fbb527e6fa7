"""docs/models.md says what is true: every row is made again, with its proofs."""

from __future__ import annotations

import pytest
import transformers
from model_table import CELLS, HEADS, NOT_BUILT, PAGE, Row, row_of, share, stored

STORED = stored()


@pytest.mark.parametrize(("kind", "model_type"), HEADS, ids=[f"{kind}-{t}".replace(" ", "-") for kind, t in HEADS])
def test_the_table_says_what_is_true_of_every_model(kind: str, model_type: str) -> None:
    expected, found = STORED[kind, model_type], row_of(kind, model_type)
    if not found.built:  # the reason may be one of this machine
        assert expected.split(" | ")[1].startswith(NOT_BUILT), "`make models` is due"
        return
    assert str(found) == expected, "`make models` is due"


def test_the_table_has_a_row_for_every_text_model() -> None:
    assert set(STORED) == set(HEADS)
    assert f"transformers {transformers.__version__}." in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(("cell", "least"), [("lens", 0.95), ("neurons", 0.9), ("attention", 0.85), ("saliency", 0.95)])
def test_nearly_all_models_are_proved(cell: str, least: float) -> None:
    rows = [Row(*(part.strip() for part in line.strip("|").split(" | "))) for line in STORED.values()]
    proved, total = share(rows, cell)
    assert cell in CELLS
    assert total > 450
    assert proved / total > least
