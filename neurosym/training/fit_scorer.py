"""The scorer's weights: logistic regression, by Newton's method, on answers whose rightness is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from neurosym.errors import UsageError
from neurosym.evaluation.golds import Gold, right
from neurosym.grammars import language_id
from neurosym.result import Result
from neurosym.search.cluster import clusters
from neurosym.search.scorer import Scorer, features

RIDGE = 0.3
"""The strength of the prior that weights are near 0, in observations."""
STEPS = 30

Observation = tuple[tuple[float, ...], bool]
"""What the scorer sees of an answer, and whether it is right."""


def observations(result: Result, gold: Gold) -> list[Observation]:
    """One for each different answer that the candidates of a problem give."""
    ranked = clusters(result.attempts)
    return [(features(c, result.attempts, ranked), right(c.answer, gold)) for c in ranked]


def fit_scorer(seen: Sequence[Observation]) -> Scorer:
    """The weights that make the observations most probable, under the prior.

    Newton's method for logistic regression (Bishop 2006, section 4.3.3). Raises UsageError where all are right, or none
    is: nothing can be learned from them.
    """
    import torch

    labels = torch.tensor([float(is_right) for _, is_right in seen], dtype=torch.float64)
    if not len(seen) or labels.min() == labels.max():
        raise UsageError(f"a scorer needs right and wrong answers to learn from, not {len(seen)} of one kind")
    x: Any = torch.tensor([[*row, 1.0] for row, _ in seen], dtype=torch.float64)
    prior = RIDGE * torch.eye(x.shape[1], dtype=torch.float64)
    prior[-1, -1] = 0  # the bias is free
    weights = torch.zeros(x.shape[1], dtype=torch.float64)
    for _ in range(STEPS):
        p = torch.sigmoid(x @ weights)
        gradient = x.T @ (p - labels) + prior @ weights
        curvature = (x.T * (p * (1 - p))) @ x + prior
        weights = weights - torch.linalg.solve(curvature, gradient)
    *found, bias = weights.tolist()
    return Scorer(language_id(), tuple(found), bias)
