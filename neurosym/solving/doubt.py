"""Whether to believe that something does not follow, from a program in a notation that declares nothing."""

from __future__ import annotations

from collections.abc import Callable

from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic
from neurosym.notations import Reading
from neurosym.notations.doubts import findings, rivals
from neurosym.outcome import DECIDED, Outcome, Status


def believed(
    outcome: Outcome, reading: Reading, question: str | None, solve: Callable[[t.Program], Outcome]
) -> Outcome:
    """`outcome`, unless it is independence that another reading, or the sentences, leave in doubt.

    It is given up then: the program reads and checks, but what its text means cannot be told from it. The diagnostics
    say why, the witnesses stay, and `independent` is what the program comes to as it is written.

    solve: what a rival reading comes to; asked at most three times, and only where nothing else speaks against it.
    """
    if outcome.status is not Status.INDEPENDENT or not reading.undeclared:
        return outcome
    doubts = findings(reading.program, question) or tuple(_overruled(reading.program, solve))
    if not doubts:
        return outcome
    told = "; ".join(map(str, doubts))
    message = f"as it is written, neither what is asked nor its negation follows, but that is in doubt: {told}"
    return Outcome(
        Status.GAVE_UP,
        message=message,
        diagnostics=doubts,
        witnesses=outcome.witnesses,
        solver=outcome.solver,
        seconds=outcome.seconds,
    )


def _overruled(program: t.Program, solve: Callable[[t.Program], Outcome]) -> list[Diagnostic]:
    """The first rival reading that decides what is asked; a contradictory one is no reading."""
    for diagnostic, rival in rivals(program):
        found = solve(rival)
        if found.status in DECIDED - {Status.INDEPENDENT}:
            what = f"{diagnostic.message}, what is asked would be {found.status}"
            return [Diagnostic(diagnostic.code, what, diagnostic.span, "say which")]
    return []
