"""The learned scorer: how probable it is that an answer is right, from what its programs and their outcomes look like.

A logistic regression on a few numbers, trained on the model's own right and wrong answers to training problems; its
probabilities are calibrated as far as those problems are like the ones it meets.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import exp, log
from pathlib import Path

from neurosym.errors import LanguageMismatch, ModelError
from neurosym.grammars import language_id
from neurosym.language import tree as t
from neurosym.search.cluster import Attempt, Cluster, clusters

FILE = "scorer.json"
"""The scorer's name in the folder of an adapter."""

FEATURES = (
    "share of the candidates",
    "share of the answers",
    "different programs",
    "members without findings",
    "first by vote",
    "margin over the next answer",
    "likeliest member",
    "logic",
    "best verdict",
)
"""Few, since few problems teach them: with twice as many it chose worse than the vote (CONTRIBUTING.md)."""


def features(cluster: Cluster, attempts: Sequence[Attempt], ranked: Sequence[Cluster]) -> tuple[float, ...]:
    """What the scorer sees of an answer: one number for each of FEATURES, all between about -3 and 3."""
    members = cluster.members
    others = max((len(c.members) for c in ranked if c is not cluster), default=0)
    return (
        len(members) / len(attempts),
        cluster.share,
        log(cluster.trees),
        sum(a.clean for a in members) / len(members),
        float(cluster is ranked[0]),
        (len(members) - others) / len(attempts),
        max(-3.0, max(_logprob(a) for a in members) / 5),
        float(_is_logic(cluster.best)),
        max(-3.0, min(3.0, max(a.verdict or 0.0 for a in members) / 2)),  # even odds where the model does not judge
    )


def _logprob(attempt: Attempt) -> float:
    """-1 a token where the model does not tell."""
    candidate = attempt.candidate
    return -float(candidate.tokens) if candidate.logprob is None else candidate.logprob


def _is_logic(attempt: Attempt) -> bool:
    """Such a translation copies sentences; a chain of definitions has to understand them."""
    return bool(attempt.program and any(isinstance(s, _LOGIC) for s in attempt.program.statements))


_LOGIC = (t.Sort, t.Rel, t.Fun)


@dataclass(frozen=True)
class Scorer:
    """A linear function of the features, through a logistic curve.

    language:  the id of the language that the candidates it was trained on were written in.
    """

    language: str
    weights: tuple[float, ...]
    bias: float

    def probability(self, seen: Sequence[float]) -> float:
        """That the answer with these features is right, from 0 to 1."""
        return sigmoid(self.bias + sum(w * x for w, x in zip(self.weights, seen, strict=True)))

    def rank(self, attempts: Sequence[Attempt]) -> list[tuple[Cluster, float]]:
        """The answers given, the most probable first, each with its probability."""
        ranked = clusters(attempts)
        scored = [(cluster, self.probability(features(cluster, attempts, ranked))) for cluster in ranked]
        return sorted(scored, key=lambda pair: -pair[1])


def sigmoid(x: float) -> float:
    """1 / (1 + e^-x), without overflow."""
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


def read_scorer(folder: Path) -> Scorer | None:
    """The scorer in an adapter's folder, None where there is none.

    Raises ModelError where it cannot be read, LanguageMismatch where it was trained for another language.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        weights = tuple(float(given["weights"][name]) for name in FEATURES)
        scorer = Scorer(str(given["language"]), weights, float(given["bias"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the scorer {path} cannot be read: {error!r}") from None
    if scorer.language != language_id():
        raise LanguageMismatch(f"the scorer {path} is for {scorer.language}, this is {language_id()}: train it again")
    return scorer


def write_scorer(scorer: Scorer, folder: Path) -> None:
    """Write it where `read_scorer` finds it, each weight by its feature's name."""
    named = {**asdict(scorer), "weights": dict(zip(FEATURES, scorer.weights, strict=True))}
    (folder / FILE).write_text(json.dumps(named, indent=1) + "\n", encoding="utf-8")
