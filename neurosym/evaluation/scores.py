"""From results with gold answers to figures: shares with their intervals, risk against coverage, calibration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from random import Random
from typing import Any

from neurosym.evaluation.golds import Gold, right
from neurosym.result import Result, ResultStatus
from neurosym.search.cluster import Attempt, Cluster, clusters

_Z = 1.959964
"""Of a two-sided 95% interval."""
_BINS = 10
_DRAWS = 2_000
"""Of a bootstrap: its interval is then right to about a tenth of its width."""


@dataclass(frozen=True)
class Score:
    """One problem's result against its gold answer.

    first:     whether the greedy candidate alone is right.
    selected:  whether the answer that the engine gives is.
    oracle:    whether any candidate's is.
    vote:      whether the answer is that most candidates give (self-consistency, Wang et al. 2023); of several with as
               many, the one that came first: what we know besides shall not help it.
    length:    words of the problem.
    programs, finished, readable:  candidates in all; those that ended; those that read.
    wrong, caught:  those that read and are not right; of them, those that a check doubts or no solver decides.
    joules:    what the machine spent since the result before, where it says; a group's stand at its first problem.
    """

    id: str
    family: str
    first: bool
    selected: bool
    oracle: bool
    vote: bool
    status: str
    confidence: float
    length: int
    programs: int
    finished: int
    readable: int
    wrong: int
    caught: int
    tokens: int
    seconds: float
    joules: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping."""
        return asdict(self)


def score(result: Result, gold: Gold, joules: float | None = None) -> Score:
    """The score of one result that took so many joules."""
    answers = [attempt.outcome.answer for attempt in result.attempts]
    most = max(clusters(result.attempts), key=lambda c: (len(c.members), -_first(c, result.attempts)), default=None)
    wrong = [a for a in result.attempts if a.program is not None and not right(a.outcome.answer, gold)]
    return Score(
        id=result.id,
        family=gold.family,
        first=bool(answers) and right(answers[0], gold),
        selected=right(result.answer, gold),
        oracle=any(right(answer, gold) for answer in answers),
        vote=most is not None and right(most.answer, gold),
        status=result.status.value,
        confidence=result.confidence,
        length=len(gold.problem.text.split()),
        programs=len(answers),
        finished=sum(attempt.candidate.finish == "end" for attempt in result.attempts),
        readable=sum(attempt.program is not None for attempt in result.attempts),
        wrong=len(wrong),
        caught=sum(not attempt.clean for attempt in wrong),
        tokens=result.tokens,
        seconds=result.seconds,
        joules=joules,
    )


def _first(cluster: Cluster, attempts: Sequence[Attempt]) -> int:
    """Where its first member stands among the attempts."""
    return min(attempts.index(member) for member in cluster.members)


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    hits: int
    of: int

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of the share (Wilson 1927), from 0 to 1."""
        if not self.of:
            return 0.0, 1.0
        p, n, z = self.hits / self.of, self.of, _Z
        middle, spread = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, (middle - spread) / (1 + z * z / n)), min(1.0, (middle + spread) / (1 + z * z / n))

    def __str__(self) -> str:
        if not self.of:
            return "none"
        low, high = self.interval
        return f"{self.hits}/{self.of} = {self.hits / self.of:.1%} ({low:.1%} to {high:.1%})"


def share(scores: Iterable[bool]) -> Share:
    """How many are true."""
    all_ = list(scores)
    return Share(sum(all_), len(all_))


@dataclass(frozen=True)
class Difference:
    """What one way gets right more than another way does on the same problems: -1, 0 or 1 for each."""

    by_problem: tuple[int, ...]

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of the mean, by a paired bootstrap (Efron and Tibshirani 1993)."""
        random, size = Random(0), len(self.by_problem)
        means = sorted(sum(random.choices(self.by_problem, k=size)) / size for _ in range(_DRAWS))
        return means[_DRAWS // 40], means[-_DRAWS // 40 - 1]

    def __str__(self) -> str:
        low, high = self.interval
        won, lost = self.by_problem.count(1), self.by_problem.count(-1)
        mean = 100 * (won - lost) / len(self.by_problem)
        return f"{won} won, {lost} lost: {mean:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f})"


def difference(ones: Iterable[bool], others: Iterable[bool]) -> Difference:
    """How much more often the ones are true than the others, of the same problems in the same order."""
    return Difference(tuple(int(a) - int(b) for a, b in zip(ones, others, strict=True)))


def by_family(scores: Sequence[Score]) -> Mapping[str, Share]:
    """The share of right answers a family."""
    return _grouped((s.family, s.selected) for s in scores)


def by_length(scores: Sequence[Score]) -> Mapping[str, Share]:
    """The share of right answers for problems of up to 25, 50, 100, 200 and more words."""
    bounds = (25, 50, 100, 200)
    names = [(next((f"up to {b} words" for b in bounds if s.length <= b), "more words"), s.selected) for s in scores]
    order = [*(f"up to {b} words" for b in bounds), "more words"]
    found = _grouped(names)
    return {name: found[name] for name in order if name in found}


def _grouped(pairs: Iterable[tuple[str, bool]]) -> Mapping[str, Share]:
    groups: dict[str, list[bool]] = defaultdict(list)
    for name, hit in pairs:
        groups[name].append(hit)
    return {name: share(hits) for name, hits in sorted(groups.items())}


def by_status(scores: Sequence[Score]) -> Mapping[str, Share]:
    """Of the answers with each status, the share that is right."""
    return {
        status.value: share(s.selected for s in scores if s.status == status.value)
        for status in ResultStatus
        if status is not ResultStatus.UNSOLVED
    }


def risk_coverage(scores: Sequence[Score]) -> list[tuple[float, float]]:
    """(coverage, accuracy among the answered) as answers are taken in the order of status and confidence."""
    order = [status.value for status in ResultStatus]
    answered = [s for s in scores if s.status != ResultStatus.UNSOLVED.value]
    answered.sort(key=lambda s: (order.index(s.status), -s.confidence))
    curve, hits = [], 0
    for taken, s in enumerate(answered, start=1):
        hits += s.selected
        curve.append((taken / len(scores), hits / taken))
    return curve


def calibration_error(scores: Sequence[Score]) -> float | None:
    """The expected calibration error of the confidence over ten bins (Naeini et al. 2015); None without answers."""
    answered = [s for s in scores if s.status != ResultStatus.UNSOLVED.value]
    bins: dict[int, list[Score]] = defaultdict(list)
    for s in answered:
        bins[min(int(s.confidence * _BINS), _BINS - 1)].append(s)
    gaps = (abs(sum(s.selected - s.confidence for s in members)) for members in bins.values())
    return sum(gaps) / len(answered) if answered else None
