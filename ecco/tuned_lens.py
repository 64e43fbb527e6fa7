"""A tuned lens: one affine translator per layer, trained to say what the last layer will say.

The logit lens reads a layer as if it wrote in the basis of the last one. A tuned lens (Belrose et al. 2023, "Eliciting
Latent Predictions from Transformers with the Tuned Lens", arXiv 2303.08112) first learns how the basis changes: to the state
h of a layer it adds W h + b, such that the Kullback-Leibler divergence KL(last layer || this layer) is small.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from ecco.errors import ArgumentError, EccoError, LoadError, ProofError
from ecco.forward import identity_of, is_same
from ecco.lm import LM
from ecco.naming import whole_number
from ecco.readout import Readout
from ecco.result import text_table

# Rounds without a lower divergence on the held-out texts after which training ends, and steps of a round.
PATIENCE, ROUND = 5, 20
# What counts as a gain, and how many tokens are judged at once.
GAIN, PIECE = 0.002, 256


@dataclass(frozen=True, eq=False, repr=False)
class TunedLens:
    """Translators of one model's layers.

    Attributes:
        weight: (layer, d_model, d_model), of every layer but the last: a state h becomes h + h @ weight + bias.
        bias: (layer, d_model).
        identity: numbers sampled from the model's weights, which tell it from another.
        divergence: (layer,), mean KL(last layer || tuned lens) in nats on the held-out texts.
        logit_lens: (layer,), the same of the logit lens.
    """

    weight: Float[Tensor, "layer d_model d_model"]
    bias: Float[Tensor, "layer d_model"]
    identity: Float[Tensor, "_"]
    divergence: Float[Tensor, "layer"]
    logit_lens: Float[Tensor, "layer"]

    @classmethod
    def fit(
        cls,
        lm: LM,
        texts: Sequence[str],
        *,
        steps: int = 500,
        learning_rate: float = 3e-3,
        batch_size: int = 128,
        held_out: float = 0.1,
        max_tokens: int = 20_000,
        seed: int = 0,
        progress: bool = True,
    ) -> TunedLens:
        """Train translators on what the model itself says about some texts; the model is not changed.

        Args:
            lm: the model.
            texts: what it reads; a few hundred sentences for a small model, more for a large one.
            steps: of Adam at most; training ends before when the held-out texts gain no more.
            learning_rate: at the start; it falls to 0 along a cosine.
            batch_size: tokens per step, each read at every layer.
            held_out: the share of the texts that training does not see; by them it is judged when to stop, and a layer
                that does not gain keeps the logit lens.
            max_tokens: the states of so many tokens are kept in memory.
            seed: of the choice of texts and tokens.
            progress: whether to show a bar.

        Raises:
            ArgumentError: for fewer than two texts or numbers that make no sense.
            EccoError: inside `with lm.intervene(…)`.
            ProofError: if the model's layers cannot be read one by one.
        """
        _check(texts, steps=steps, batch_size=batch_size, max_tokens=max_tokens, held_out=held_out)
        chance = torch.Generator().manual_seed(seed)
        shuffled = [texts[int(i)] for i in torch.randperm(len(texts), generator=chance)]
        n_held = min(max(1, round(held_out * len(texts))), len(texts) - 1)
        identity = identity_of(lm.model)
        readout, held = _states(lm, shuffled[:n_held], max(1, max_tokens // 10))
        _, seen = _states(lm, shuffled[n_held:], max_tokens)
        training = _Training(readout, seen.float(), seen.dtype)
        found = _train(training, seen.float(), held.float(), steps, learning_rate, batch_size, chance, progress)
        weight, bias, divergence, logit_lens = (tensor.cpu() for tensor in found)
        return cls(weight, bias, identity, divergence, logit_lens)

    def translate(
        self, hidden: Float[Tensor, "state token d_model"], layers: Sequence[int]
    ) -> Float[Tensor, "state token d_model"]:
        """States of some layers as the last layer would write them; those of the last layer stay as they are."""
        translated = [
            state + (state.float() @ self.weight[layer].to(state.device) + self.bias[layer].to(state.device)).to(state.dtype)
            if layer < len(self.weight)
            else state
            for state, layer in zip(hidden, layers, strict=True)
        ]
        return torch.stack(translated)

    def check(self, model: nn.Module) -> None:
        """Refuse another model than the one that the lens was trained on.

        Raises:
            ArgumentError: if its weights are others.
        """
        if not is_same(model, self.identity):
            raise ArgumentError(
                f"This tuned lens was trained on another model than this {type(model).__name__}: their weights differ. "
                "Train one for it: TunedLens.fit(lm, texts)."
            )

    def save(self, path: str | Path) -> Path:
        """Write the lens to a `.safetensors` file."""
        path = Path(path)
        if path.suffix != ".safetensors":
            raise ArgumentError(f"A tuned lens is saved as .safetensors; not as {path.suffix or str(path)!r}.")
        save_file({name: getattr(self, name).contiguous() for name in FIELDS}, path, metadata={"ecco": "tuned lens 1"})
        return path

    @classmethod
    def load(cls, path: str | Path, lm: LM) -> TunedLens:
        """Read a lens that was saved.

        Args:
            path: the file.
            lm: the model that it was trained on.

        Raises:
            LoadError: if the file is no tuned lens.
            ArgumentError: if it was trained on another model.
        """
        try:
            with safe_open(path, framework="pt") as file:
                found = cls(**{name: file.get_tensor(name) for name in FIELDS})
        except (OSError, SafetensorError) as error:
            raise LoadError(f"{str(path)!r} is no tuned lens that ecco saved: {error}") from error
        found.check(lm.model)
        return found

    def __repr__(self) -> str:
        rows = [[str(n), f"{a:.3f}", f"{b:.3f}"] for n, (a, b) in enumerate(zip(self.logit_lens, self.divergence, strict=True))]
        table = text_table([["layer", "logit lens", "tuned lens"], *rows])
        return f"Tuned lens: mean KL to the last layer on held-out texts, in nats\n{table}"


FIELDS = ("weight", "bias", "identity", "divergence", "logit_lens")


def _check(texts: Sequence[str], *, held_out: float, **counts: int) -> None:
    if isinstance(texts, str) or len(texts) < 2:
        raise ArgumentError(f"texts={texts!r:.80} must be a list of at least 2 texts, of which some are held out.")
    for name, count in counts.items():
        if whole_number(count, name) < 1:
            raise ArgumentError(f"{name}={count} must be at least 1.")
    if not 0 < held_out < 1:
        raise ArgumentError(f"held_out={held_out} must be a share between 0 and 1.")


def _states(lm: LM, texts: Sequence[str], most: int) -> tuple[Readout, Float[Tensor, "layer token d_model"]]:
    """The states of all layers for the tokens of some texts, and how they are read."""
    found, count = [], 0
    readout: Readout | None = None
    for text in texts:
        run = lm(text)._one()
        if run.loaded.acts is not None:
            raise EccoError("A tuned lens is trained on the model as it is; train it outside of `with lm.intervene(…)`.")
        readout = run.readout
        if not readout.flat:
            raise ProofError(
                f"{type(lm.model).__name__}: what follows its layers reads several tokens at once, so no lens is trained."
            )
        rows = [run.reading.row(p) for p in run.reading.explained]
        found.append(run.flow.hidden[:, rows])
        count += len(rows)
        if count >= most:
            break
    if readout is None:
        raise ValueError("no texts")
    return readout, torch.cat(found, dim=1)[:, :most]


class _Training:
    """Translators of all layers, trained side by side; a layer's loss does not depend on another's."""

    def __init__(self, readout: Readout, like: Float[Tensor, "layer token d_model"], dtype: torch.dtype) -> None:
        self._readout, self._dtype = readout, dtype
        n_layers, d_model = len(like) - 1, like.shape[-1]
        self.weight = torch.zeros(n_layers, d_model, d_model, device=like.device)
        self.bias = torch.zeros(n_layers, d_model, device=like.device)

    def divergence(self, states: Float[Tensor, "layer token d_model"]) -> Float[Tensor, "layer-1"]:
        """Mean KL of every layer but the last, in nats."""
        total = torch.zeros(len(self.weight), device=states.device)
        for piece in states.split(PIECE, dim=1):
            total += self._losses(piece)[0]
        return total / states.shape[1]

    def slopes(self, states: Float[Tensor, "layer token d_model"]) -> tuple[Tensor, Tensor]:
        """The gradients of the mean KL toward weight and bias."""
        _, slope = self._losses(states, gradients=True)
        slope /= states.shape[1]
        return states[:-1].transpose(1, 2) @ slope, slope.sum(dim=1)

    def _losses(self, states: Float[Tensor, "layer token d_model"], *, gradients: bool = False) -> tuple[Tensor, Tensor]:
        """The KL of every layer, summed over tokens, and its gradient toward every translated state."""
        n_tokens = states.shape[1]
        final = torch.cat([piece.float().log_softmax(-1) for piece in self._read(states[-1:])])
        end = (states[:-1] + states[:-1] @ self.weight + self.bias[:, None]).detach().requires_grad_(gradients)
        slope, losses, start = torch.zeros_like(end), [], 0
        for logits in self._read(end, gradients):
            rows = torch.arange(start, start + len(logits), device=logits.device) % n_tokens
            start += len(logits)
            goal = final[rows]
            with torch.set_grad_enabled(gradients):
                loss = (goal.exp() * (goal - logits.float().log_softmax(-1))).sum(dim=-1)
            if gradients:
                slope += torch.autograd.grad(loss.sum(), end, retain_graph=True)[0]
            losses.append(loss.detach())
        return torch.cat(losses).reshape(len(end), n_tokens).sum(dim=1), slope

    def _read(self, states: Tensor, gradients: bool = False) -> Iterator[Float[Tensor, "row vocab"]]:
        return self._readout.chunks(states.to(self._dtype), range(states.shape[1]), gradients=gradients)


def _train(
    training: _Training,
    seen: Float[Tensor, "layer token d_model"],
    held: Float[Tensor, "layer unseen d_model"],
    steps: int,
    learning_rate: float,
    batch_size: int,
    chance: torch.Generator,
    progress: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The best weight and bias of every layer, their divergence on the held-out states, and that of the logit lens."""
    parameters = [training.weight, training.bias]
    optimizer = torch.optim.Adam(parameters, lr=learning_rate)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    plain = training.divergence(held)
    best, kept, waited = plain.clone(), [p.clone() for p in parameters], 0
    for step in _bar(steps, progress):
        chosen = torch.randint(seen.shape[1], (batch_size,), generator=chance).to(seen.device)
        for parameter, slope in zip(parameters, training.slopes(seen[:, chosen]), strict=True):
            parameter.grad = slope
        optimizer.step()
        decay.step()
        if (step + 1) % ROUND and step + 1 < steps:
            continue
        now = training.divergence(held)
        better = now < best
        waited = 0 if bool((now < best * (1 - GAIN)).any()) else waited + 1
        best = torch.where(better, now, best)
        for keep, parameter in zip(kept, parameters, strict=True):
            keep[better] = parameter[better]
        if waited == PATIENCE:
            break
    return kept[0], kept[1], best, plain


def _bar(steps: int, progress: bool) -> Iterable[int]:
    from tqdm.auto import tqdm

    return tqdm(range(steps), desc="tuned lens", unit="step", disable=not progress)
