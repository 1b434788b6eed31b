"""From results with gold answers to figures: shares with their intervals, risk against coverage, calibration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

from neurosym.evaluation.golds import Gold, right
from neurosym.result import Result, ResultStatus

_Z = 1.959964
"""Of a two-sided 95% interval."""
_BINS = 10


@dataclass(frozen=True)
class Score:
    """One problem's result against its gold answer.

    first:     whether the greedy candidate alone is right.
    selected:  whether the answer that the engine gives is.
    oracle:    whether any candidate's is.
    length:    words of the problem.
    programs, finished, readable:  candidates in all; those that ended; those that read.
    joules:    what the machine spent since the result before, where it says; a group's stand at its first problem.
    """

    id: str
    family: str
    first: bool
    selected: bool
    oracle: bool
    status: str
    confidence: float
    length: int
    programs: int
    finished: int
    readable: int
    tokens: int
    seconds: float
    joules: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping."""
        return asdict(self)


def score(result: Result, gold: Gold, joules: float | None = None) -> Score:
    """The score of one result that took so many joules."""
    answers = [attempt.outcome.answer for attempt in result.attempts]
    return Score(
        id=result.id,
        family=gold.family,
        first=bool(answers) and right(answers[0], gold),
        selected=right(result.answer, gold),
        oracle=any(right(answer, gold) for answer in answers),
        status=result.status.value,
        confidence=result.confidence,
        length=len(gold.problem.text.split()),
        programs=len(answers),
        finished=sum(attempt.candidate.finish == "end" for attempt in result.attempts),
        readable=sum(attempt.program is not None for attempt in result.attempts),
        tokens=result.tokens,
        seconds=result.seconds,
        joules=joules,
    )


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
