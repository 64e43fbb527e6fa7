"""A text as a model reads it: what goes in, and where the prediction of each position comes out.

Positions count over all tokens that a person sees: of a model with one side the text, of an encoder-decoder the source
and then the target. What a decoder reads before its first token (its *start*) is no token of the text.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from jaxtyping import Int
from torch import Tensor

# What a model gives for a text: the next token (of the text, or of an encoder-decoder's target), the token at each
# place, a label for each token, a label for the text, or hidden states alone.
KINDS = ("causal", "seq2seq", "masked", "token labels", "text label", "states")


@dataclass(frozen=True)
class Reading:
    """One text as one model reads it.

    Attributes:
        kind: one of `KINDS`.
        ids: (position,), on the device of the model's embedding.
        n_source: how many of them an encoder reads; all of them for a model with one side.
        start: what a decoder reads before its first token.
        token_types: (position,), which text of a pair each token belongs to, for models that take it; or None.
    """

    kind: str
    ids: Int[Tensor, "position"]
    n_source: int
    start: tuple[int, ...] = ()
    token_types: Int[Tensor, "position"] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def streams(self) -> dict[str, Int[Tensor, "token"]]:
        """The ids that go into the model, by the names of its arguments; the last one leads to the logits."""
        if self.kind != "seq2seq":
            return {"input_ids": self.ids}
        target = torch.cat([self.ids.new_tensor(self.start), self.ids[self.n_source :]])
        return {"input_ids": self.ids[: self.n_source], "decoder_input_ids": target}

    def inputs(self, batch: int = 1) -> dict[str, Int[Tensor, "batch token"]]:
        """All that goes into the model, several times the same; the ids that lead to the logits come last."""
        beside = {} if self.token_types is None else {"token_type_ids": self.token_types}
        return {name: stream.expand(batch, -1) for name, stream in (beside | self.streams).items()}

    @property
    def columns(self) -> list[int]:
        """Where each position stands among the tokens of all streams, one stream after the other."""
        gap = len(self.start)
        return [p if p < self.n_source else p + gap for p in range(len(self))]

    @property
    def explained(self) -> range:
        """The positions that the model predicts."""
        n = len(self)
        return {
            "causal": range(1, n + 1),
            "seq2seq": range(self.n_source, n + 1),
            "text label": range(n, n + 1),  # of the text as a whole, so to say behind it
        }.get(self.kind, range(n))

    def row(self, position: int) -> int:
        """Where the prediction of a position is read, counted in the stream that leads to the logits."""
        if self.kind == "causal":
            return position - 1
        if self.kind == "seq2seq":
            return position - self.n_source + len(self.start) - 1
        return 0 if self.kind == "text label" else position

    def sees(self, position: int) -> range:
        """The positions that the model has read when it predicts this one."""
        return range(position if self.kind in ("causal", "seq2seq") else len(self))

    def until(self, position: int) -> Reading:
        """What the model has read when it predicts a position, and nothing after it."""
        n = len(self.sees(position))
        return replace(self, ids=self.ids[:n], token_types=None if self.token_types is None else self.token_types[:n])

    @property
    def depends_on_order(self) -> bool:
        """Whether a position is predicted from those before it only, so that text can be written one token at a time."""
        return self.kind in ("causal", "seq2seq")
