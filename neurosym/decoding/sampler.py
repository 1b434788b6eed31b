"""One token for each row: the likeliest, or one drawn with the row's own random numbers, that its grammar allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import torch

from neurosym.decoding.mask import GrammarState
from neurosym.decoding.refused import Refused

_BELOW_ONE = 1 - 2**-23
_ALL = 1 - 1e-6
"""Where so much of what may follow is refused, rounding alone may be what is left."""


@dataclass(frozen=True)
class Draw:
    """How one row wants its next token: the likeliest where it is greedy, else `random` decides at the temperature.

    refused: what a draw must be new to, after what the row has; None where nothing is.
    """

    state: GrammarState
    random: Random
    temperature: float
    refused: Refused | None = None
    greedy: bool = False


@dataclass(frozen=True)
class Drawn:
    """A token, its log-probability under the model's own distribution, and the probability of drawing it.

    The latter knows nothing of what is refused, nor of the mask where none was needed.
    """

    token: int
    logprob: float
    chance: float


def row_random(seed: int, key: str, candidate: int) -> Random:
    """The random numbers of one candidate: they depend on nothing else, so that who shares a batch changes no draw."""
    return Random(f"{seed}\n{candidate}\n{key}")


def draw(logits: torch.Tensor, wishes: Sequence[Draw]) -> list[Drawn | None]:
    """One token a row of `logits` (float32 [rows, vocab]); None where no token is allowed.

    The log-probability is the model's own, at temperature 1 and before the mask, as servers report it: among the
    programs that the grammar allows, it orders them as the model does, which the product of masked and
    renormalised steps does not (Park et al. 2024, "Grammar-Aligned Decoding").

    The mask is lazy. A draw from the full distribution is kept where the grammar allows it; only else is the mask
    computed and the token drawn again among the allowed: together that is a draw from the masked distribution.
    """
    choices = _choose(logits, wishes)
    for row, wish in enumerate(wishes):
        if not wish.state.allows(choices[row][0]):
            allowed = wish.state.allowed().to(logits.device)
            left = allowed.clone()
            for token, after in wish.refused.after.items() if wish.refused else ():
                left[token] &= after.gone < _ALL
            if not left.any():
                choices[row] = (-1, 0.0)
                continue
            token, chance = _choose(logits[row : row + 1].masked_fill(~left, -torch.inf), [wish])[0]
            if wish.refused:  # as if nothing had been refused
                scaled = logits[row] / wish.temperature
                chance *= float((scaled[left].logsumexp(0) - scaled[allowed].logsumexp(0)).exp())
            choices[row] = (token, chance)
    chosen = torch.tensor([token for token, _ in choices], device=logits.device).clamp(min=0)
    logprobs = (logits.gather(1, chosen[:, None])[:, 0] - logits.logsumexp(1)).tolist()
    return [None if t < 0 else Drawn(t, lp, chance) for (t, chance), lp in zip(choices, logprobs, strict=True)]


def _choose(logits: torch.Tensor, wishes: Sequence[Draw]) -> list[tuple[int, float]]:
    """The likeliest token of each row, or by inversion: the first at which the cumulated probability passes u.

    With each, the probability that it had before that of what is refused was taken away.
    """
    scale = torch.tensor([[wish.temperature] for wish in wishes], device=logits.device)
    probabilities = (logits / scale).softmax(1)
    chosen = logits.argmax(1, keepdim=True)
    sampled = [row for row, wish in enumerate(wishes) if not wish.greedy]
    if sampled:
        left = probabilities[sampled]  # a copy
        for at, row in enumerate(sampled):
            if refused := wishes[row].refused:
                for token, after in refused.after.items():
                    left[at, token] *= 1 - after.gone if after.gone < _ALL else 0
        cumulated = left.cumsum(1)
        u = torch.tensor([[min(wishes[row].random.random(), _BELOW_ONE)] for row in sampled], device=logits.device)
        drawn = torch.searchsorted(cumulated, u * cumulated[:, -1:], right=True).clamp(max=logits.shape[1] - 1)
        chosen[sampled] = drawn
    chances = probabilities.gather(1, chosen)
    return list(zip(chosen[:, 0].tolist(), chances[:, 0].tolist(), strict=True))
