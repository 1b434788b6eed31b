"""Programs without a model: `run` solves one, in any notation; `check` says what is wrong with one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from neurosym import notations
from neurosym.errors import ProgramError, UsageError
from neurosym.language.check import check as check_tree
from neurosym.language.diagnostic import Diagnostic
from neurosym.notations.recognise import AUTO, recognise
from neurosym.outcome import Outcome
from neurosym.solvers.python_caller import program_outcome
from neurosym.solving.doubt import believed
from neurosym.solving.options import choose
from neurosym.solving.replies import failed
from neurosym.solving.sandbox import python_limits, refused, run_program
from neurosym.solving.solve import malformed, solve

NOTATIONS = (AUTO, *notations.NOTATIONS, "python")
"""A Python program is no tree: it is run, not solved, and never recognised."""


def run(
    program: str,
    *,
    notation: str = AUTO,
    question: str | None = None,
    options: Sequence[str] | None = None,
    timeout: float = 10.0,
    mend: bool = True,
    allow_python: bool = False,
) -> Outcome:
    """Solve a program: text in, outcome out; never raises for what the program says.

    program:       its text.
    notation:      what the text is in: "ir" (our language), one of `neurosym.notations`, or "python" (a whole Python
                   program that leaves its answer in `answer` or `ans`, returns it from `solution()` or `solver()`, or
                   ends with it). By default it is recognised, ours first, and the outcome names it.
    question:      the question in words, for notations whose programs do not carry it; ours always do.
    options:       texts such as "B) 12": the outcome's answer is then the letter of the one that says the same.
    timeout:       seconds of solving after which the worker is killed.
    mend:          whether slips with only one reading are mended (and listed in the outcome) or refused; and whether,
                   in notations that declare nothing, independence is believed only where no link seems lost.
    allow_python:  whether Python, ours or a block's, may run even where this system's sandbox is below the level
                   `strong` (`neurosym sandbox` shows it); at that level it always runs.

    Raises UsageError for an unknown notation or a timeout that is not positive.
    """
    if notation not in NOTATIONS:
        raise UsageError(f"there is no notation {notation!r}; there are {', '.join(NOTATIONS)}")
    if not timeout > 0:
        raise UsageError(f"the timeout is a number of seconds above 0, not {timeout!r}")
    options = options or ()
    if notation == "python":
        outcome = _run_python(program, timeout, allow_python=allow_python)
        return choose(replace(outcome, notation=notation), options)
    try:
        name, reading = read(program, notation, question, options, strict=not mend)
    except ProgramError as error:
        return malformed(error.diagnostics)
    solver = partial(solve, timeout=timeout, allow_python=allow_python)
    outcome = solver(reading.program)
    outcome = believed(outcome, reading, question, solver) if mend else outcome
    return choose(replace(outcome, mends=reading.mends, notation=name), options)


def read(
    program: str,
    notation: str = AUTO,
    question: str | None = None,
    options: Sequence[str] = (),
    *,
    strict: bool = False,
) -> tuple[str, notations.Reading]:
    """The notation of a program, and what it says in it; see `run` and neurosym.notations.read.

    Raises ProgramError where it does not read, UsageError for an unknown notation.
    """
    if notation == AUTO:
        return recognise(program, question=question, options=options, strict=strict)
    return notation, notations.read(program, notation, question=question, options=options, strict=strict)


def _run_python(code: str, timeout: float, *, allow_python: bool) -> Outcome:
    limits = python_limits(timeout, allow_python=allow_python)
    if outcome := refused(limits.least):
        return outcome
    start = time.monotonic()
    reply = run_program(code, limits)
    outcome = failed(reply, "python") or program_outcome(reply.value)
    return replace(outcome, sandbox=str(reply.level), seconds=time.monotonic() - start)


def check(program: str, *, notation: str = AUTO) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a program before it is solved; () where nothing is. Raises UsageError."""
    try:
        return check_tree(read(program, notation)[1].program)[1]
    except ProgramError as error:
        return error.diagnostics
