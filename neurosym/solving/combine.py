"""Several solvers' outcomes of one program → one: a second opinion becomes evidence, a conflict an outcome."""

from __future__ import annotations

from dataclasses import replace

from neurosym.errors import ProgramError
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.read import read_expression
from neurosym.language.symbols import Symbols
from neurosym.language.values import Undefined
from neurosym.outcome import DECIDED, Evidence, Outcome, Status

CONCLUSIVE = DECIDED | {Status.UNDERDETERMINED, Status.CONTRADICTORY}
"""The statuses that say something of the program, not of the solver."""


def combine(first: Outcome, second: Outcome) -> Outcome:
    """What two solvers' outcomes of the same program come to together."""
    if first.status not in CONCLUSIVE or second.status not in CONCLUSIVE:
        if second.status in CONCLUSIVE or (first.status is Status.UNSUPPORTED and second.status is not first.status):
            return second
        return first
    agree = first.status is second.status and same_answers(first.answers, second.answers)
    if agree:
        core = first.core or second.core
        counted = any(e.kind == "solutions" for e in second.evidence)
        message = second.message if counted else first.message or second.message
        return replace(first, core=core, message=message).with_evidence(
            Evidence("second_solver", second.solver, True, {"answers": list(second.answers)}), *second.evidence
        )
    if agree is None:
        return first
    told = " but ".join(f"{o.solver} says {o.status}" + (f" {o.answer}" if o.answer else "") for o in (first, second))
    return Outcome(Status.DISAGREEMENT, message=told, evidence=first.evidence + second.evidence)


def same_answers(left: tuple[str, ...], right: tuple[str, ...]) -> bool | None:
    """Whether two solvers' answers are equal values; None where exact arithmetic cannot tell (irrational terms)."""
    if left == right:
        return True
    if len(left) != len(right):
        return False
    verdicts = [a == b or same_value(a, b) for a, b in zip(left, right, strict=True)]
    if False in verdicts:
        return False
    return None if None in verdicts else True


def same_value(left: str, right: str) -> bool | None:
    """Whether two ground terms are equal; None where one has no exact value."""
    try:
        a, b = (evaluate(read_expression(text), Symbols(), Interpretation()) for text in (left, right))
    except (Undefined, ProgramError):
        return None
    return type(a) is type(b) and a == b
