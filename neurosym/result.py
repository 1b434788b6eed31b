"""What goes into the engine and what comes out: a problem, and its answer with everything that speaks for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from neurosym.search.cluster import Attempt


@dataclass(frozen=True)
class Problem:
    """A problem in words. `question` and `options` where they stand apart from the text; `id` names it in files."""

    text: str
    question: str | None = None
    options: tuple[str, ...] = ()
    id: str = ""


class ResultStatus(StrEnum):
    """How far an answer is established (DESIGN.md, "Outcomes and statuses")."""

    VERIFIED = "verified"
    """Every check passes, the certificate holds, and independent translations agree."""
    SOLVED = "solved"
    """The certificate holds for the program; that the program says what the problem says is not corroborated."""
    UNSOLVED = "unsolved"
    """No candidate survived."""


@dataclass(frozen=True)
class Result:
    """The answer to one problem, or the reasons why there is none.

    answer:       text as in `Outcome.answer`, None where unsolved.
    confidence:   in [0, 1]; the scorer's probability that the answer is right, where the model has a scorer; else a
                  share of agreeing candidates, not a calibrated probability.
    reasons:      why the status is not higher; empty where verified.
    program:      the chosen program's canonical text, "" where no candidate reads.
    attempts:     every candidate, in the order tried: the chosen one is `chosen`.
    explanation:  the solution in plain words.
    tokens:       tokens decoded over all attempts; `seconds`: wall time spent on the problem, shared time divided.
    """

    id: str
    answer: str | None
    status: ResultStatus
    confidence: float
    reasons: tuple[str, ...]
    program: str
    chosen: Attempt | None
    explanation: str
    attempts: tuple[Attempt, ...]
    tokens: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping: one line of the command line's output."""
        return {
            "id": self.id,
            "answer": self.answer,
            "status": self.status.value,
            "confidence": round(self.confidence, 4),
            "reasons": list(self.reasons),
            "program": self.program,
            "outcome": self.chosen.outcome.to_dict() if self.chosen else None,
            "explanation": self.explanation,
            "attempts": [_trace(a) for a in self.attempts],
            "tokens": self.tokens,
            "seconds": round(self.seconds, 3),
        }


def _trace(attempt: Attempt) -> dict[str, Any]:
    outcome = attempt.outcome
    return {
        "round": attempt.round,
        "text": attempt.candidate.text,
        "finish": attempt.candidate.finish,
        "tokens": attempt.candidate.tokens,
        "logprob": attempt.candidate.logprob,
        "status": outcome.status.value,
        "answer": outcome.answer,
        "message": outcome.message,
        "findings": [finding.to_dict() for finding in attempt.findings],
        "seconds": round(attempt.seconds, 3),
        "verdict": None if attempt.verdict is None else round(attempt.verdict, 3),
    }
