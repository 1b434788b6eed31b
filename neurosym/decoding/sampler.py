"""One token for each row: the likeliest, or one drawn with the row's own random numbers, that its grammar allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import torch

from neurosym.decoding.mask import GrammarState

_BELOW_ONE = 1 - 2**-23


@dataclass(frozen=True)
class Draw:
    """How one row wants its next token: `temperature` None takes the likeliest, else `random` decides."""

    state: GrammarState
    random: Random
    temperature: float | None


def row_random(seed: int, key: str, candidate: int) -> Random:
    """The random numbers of one candidate: they depend on nothing else, so that who shares a batch changes no draw."""
    return Random(f"{seed}\n{candidate}\n{key}")


def draw(logits: torch.Tensor, wishes: Sequence[Draw]) -> list[tuple[int, float] | None]:
    """One token a row of `logits` (float32 [rows, vocab]) and its log-probability; None where no token is allowed.

    The log-probability is the model's own, at temperature 1 and before the mask, as servers report it: among the
    programs that the grammar allows, it orders them as the model does, which the product of masked and
    renormalised steps does not (Park et al. 2024, "Grammar-Aligned Decoding").

    The mask is lazy. A draw from the full distribution is kept where the grammar allows it; only else is the mask
    computed and the token drawn again among the allowed: together that is a draw from the masked distribution.
    """
    tokens = _choose(logits, wishes)
    for row, wish in enumerate(wishes):
        if not wish.state.allows(tokens[row]):
            allowed = wish.state.allowed().to(logits.device)
            masked = logits[row : row + 1].masked_fill(~allowed, -torch.inf)
            tokens[row] = _choose(masked, [wish])[0] if allowed.any() else -1
    chosen = torch.tensor(tokens, device=logits.device).clamp(min=0)
    logprobs = (logits.gather(1, chosen[:, None])[:, 0] - logits.logsumexp(1)).tolist()
    return [None if token < 0 else (token, lp) for token, lp in zip(tokens, logprobs, strict=True)]


def _choose(logits: torch.Tensor, wishes: Sequence[Draw]) -> list[int]:
    """The likeliest token of each row, or by inversion: the first at which the cumulated probability passes u."""
    tokens: list[int] = logits.argmax(1).tolist()
    sampled = [row for row, wish in enumerate(wishes) if wish.temperature is not None]
    if sampled:
        scale = torch.tensor([[wishes[row].temperature] for row in sampled], device=logits.device)
        cumulated = (logits[sampled] / scale).softmax(1).cumsum(1)
        u = torch.tensor([[min(wishes[row].random.random(), _BELOW_ONE)] for row in sampled], device=logits.device)
        drawn = torch.searchsorted(cumulated, u * cumulated[:, -1:], right=True)[:, 0]
        for row, token in zip(sampled, drawn.clamp(max=logits.shape[1] - 1).tolist(), strict=True):
            tokens[row] = token
    return tokens
