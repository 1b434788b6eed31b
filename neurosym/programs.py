"""Programs without a model: `run` solves one, in any notation; `check` says what is wrong with one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from neurosym import notations
from neurosym.errors import ProgramError, UsageError
from neurosym.language.check import check as check_tree
from neurosym.language.diagnostic import Diagnostic
from neurosym.outcome import Outcome, Status
from neurosym.solvers.python import program_outcome
from neurosym.solving.blocks import ALLOW
from neurosym.solving.options import choose
from neurosym.solving.replies import failed
from neurosym.solving.solve import malformed, pool, solve
from neurosym.workers import Job, Limits

NOTATIONS = (*notations.NOTATIONS, "python")
"""A Python program is no tree: it is run, not solved."""


def run(
    program: str,
    *,
    notation: str = "ir",
    question: str | None = None,
    options: Sequence[str] | None = None,
    timeout: float = 10.0,
    mend: bool = True,
    allow_python: bool = False,
) -> Outcome:
    """Solve a program: text in, outcome out; never raises for what the program says.

    program:       its text, in `notation`: "ir" (our language), one of `neurosym.notations`, or "python" (a whole
                   Python program that leaves its answer in `answer` or `ans`, returns it from `solution()` or
                   `solver()`, or ends with it).
    question:      the question in words, for notations whose programs do not carry it; ours always do.
    options:       texts such as "B) 12": the outcome's answer is then the letter of the one that says the same.
    timeout:       seconds of solving after which the worker is killed.
    mend:          whether slips with only one reading are mended (and listed in the outcome) or refused.
    allow_python:  whether Python, ours or a block's, may run.

    Raises UsageError for an unknown notation or a timeout that is not positive.
    """
    if notation not in NOTATIONS:
        raise UsageError(f"there is no notation {notation!r}; there are {', '.join(NOTATIONS)}")
    if not timeout > 0:
        raise UsageError(f"the timeout is a number of seconds above 0, not {timeout!r}")
    options = options or ()
    if notation == "python":
        outcome = _run_python(program, timeout) if allow_python else Outcome(Status.UNSUPPORTED, message=ALLOW)
        return choose(outcome, options)
    try:
        reading = notations.read(program, notation, question=question, options=options, strict=not mend)
    except ProgramError as error:
        return malformed(error.diagnostics)
    outcome = solve(reading.program, timeout=timeout, allow_python=allow_python)
    return choose(replace(outcome, mends=reading.mends), options)


def _run_python(code: str, timeout: float) -> Outcome:
    start = time.monotonic()
    job = Job("neurosym.solvers.python:run_program", {"code": code}, Limits(timeout, sandbox=True))
    reply = pool().run(job)
    outcome = failed(reply, "python") or program_outcome(reply.value)
    return replace(outcome, seconds=time.monotonic() - start)


def check(program: str, *, notation: str = "ir") -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a program before it is solved; () where nothing is. Raises UsageError."""
    try:
        return check_tree(notations.read(program, notation).program)[1]
    except ProgramError as error:
        return error.diagnostics
