"""Which attribution method tells best what a model needs, over many texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ecco.attribution.faithfulness import FAITHFULNESS_METHODS, Faithfulness, joined
from ecco.errors import ArgumentError, EccoError
from ecco.lm import LM
from ecco.output import OutputSeq


def evaluate_attribution(
    lm: LM,
    texts: Sequence[str | tuple[str, str] | OutputSeq],
    methods: Sequence[str] | Mapping[str, Mapping[str, Any]] = FAITHFULNESS_METHODS,
    *,
    generate: int = 1,
    progress: bool = True,
    **options: Any,
) -> Faithfulness:
    """Compare attribution methods over a data set; see `OutputSeq.faithfulness`.

    Args:
        lm: the model.
        texts: each a text, of which the model's own answer is explained (its next token, its label, or what it says at
            the only mask); a text and the answer to be explained; or a run.
        methods: names of attribution methods, or their options by name.
        generate: how many tokens a model that writes adds to a text; the last of them is explained.
        progress: whether to show a bar.
        **options: of `OutputSeq.faithfulness`: `target`, `measured`, `removal`, `n_random`, `seed`, …

    Returns:
        the figures of every answer, `texts` saying which text each belongs to.

    Raises:
        ArgumentError: if there are no texts, or one of them cannot be evaluated (the message says which).
    """
    if isinstance(texts, str) or not len(texts):
        raise ArgumentError(f"texts={texts!r} must be a list of one or more texts.")
    parts = []
    for number, text in enumerate(_bar(texts) if progress else texts):
        try:
            parts.append(_run(lm, text, generate).faithfulness(methods, **options))
        except EccoError as error:
            raise type(error)(f"Text {number}: {error}") from error
    return joined(parts)


def _run(lm: LM, text: str | tuple[str, str] | OutputSeq, generate: int) -> OutputSeq:
    if isinstance(text, OutputSeq):
        return text
    if isinstance(text, tuple):
        return lm(text[0], continuation=text[1])
    return lm.generate(text, generate=generate) if lm.task in ("causal", "seq2seq") else lm(text)


def _bar(texts: Sequence[Any]) -> Iterable[Any]:
    from tqdm.auto import tqdm

    return tqdm(texts, desc="evaluating", unit="text")
