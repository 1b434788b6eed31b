"""One program → one outcome: run its blocks, ask the solvers in turn, let the second check the first."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial, reduce
from typing import Any

from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic, Span
from neurosym.language.lowering import elaborated
from neurosym.language.symbols import Symbols
from neurosym.outcome import Evidence, Outcome, Status
from neurosym.solvers.base import Task
from neurosym.solving.blocks import lower_blocks
from neurosym.solving.combine import CONCLUSIVE, combine
from neurosym.solving.parcel import pack
from neurosym.solving.replies import solver_outcomes
from neurosym.solving.route import route
from neurosym.solving.sandbox import python_limits
from neurosym.workers import Job, Limits, Pool, shared_pool

SECOND_OPINION_SECONDS = 2.0
"""How long a second solver may take to check an answer that is there already."""
_FIRST_SHARE = 0.6
"""Of the time, where a second solver stands by in case the first does not finish."""
_CONCLUSIVE = [status.value for status in CONCLUSIVE]


def pool() -> Pool:
    """The process-wide worker pool, with the solvers preloaded."""
    return shared_pool(preload=("neurosym.solving.worker",))


def solve(program: t.Program, *, timeout: float, memory_mb: int = 1024, allow_python: bool = False) -> Outcome:
    """The outcome of `program` within `timeout` seconds of solving; never raises for what the program is."""
    start = time.monotonic()
    outcome = _solve(program, timeout, memory_mb, allow_python)
    return replace(outcome, seconds=time.monotonic() - start)


def _solve(program: t.Program, timeout: float, memory_mb: int, allow_python: bool) -> Outcome:
    program, symbols, found = elaborated(program)
    if found:
        return malformed(found)
    stdout = level = ""
    evidence: tuple[Evidence, ...] = ()
    deadline = time.monotonic() + timeout
    if any(isinstance(s, t.Python) for s in program.statements):
        run = lower_blocks(program, symbols, python_limits(timeout, memory_mb, allow_python=allow_python))
        if isinstance(run, Outcome):
            return run
        program, stdout, evidence, level = run.program, run.stdout, run.evidence, run.sandbox
        program, symbols, found = elaborated(program)
        if found:
            return replace(malformed(found), stdout=stdout, sandbox=level)
    names = route(program, symbols)
    if not names:
        message = "no solver takes both logic and calculus"
        return Outcome(Status.UNSUPPORTED, message=message, stdout=stdout, sandbox=level)
    outcome = _ask_solvers(program, symbols, names, deadline - time.monotonic(), memory_mb)
    return replace(outcome, stdout=stdout, evidence=evidence + outcome.evidence, sandbox=level)


def malformed(diagnostics: tuple[Diagnostic, ...]) -> Outcome:
    """The outcome of a program with these diagnostics."""
    return Outcome(Status.MALFORMED, message="; ".join(str(d) for d in diagnostics), diagnostics=diagnostics)


def _ask_solvers(program: t.Program, symbols: Symbols, names: tuple[str, ...], left: float, memory_mb: int) -> Outcome:
    """What the solvers come to within `left` seconds of their own: waiting for a free worker is not theirs."""
    parcel = pack(Task(_located(program), symbols))
    so_far: Outcome | None = None
    while names and left > 0:  # one job for all, and where it ends before it is done, one for those that are left
        payload = {"solvers": names, "task": parcel, "brief": so_far is not None and so_far.shown}
        pace = partial(_pace, len(names), so_far is not None and so_far.status in CONCLUSIVE)
        job = Job("neurosym.solving.worker:solve", payload, Limits(left, memory_mb), reuse=True, pace=pace)
        reply = pool().run(job)
        left -= reply.seconds
        outcomes = solver_outcomes(reply, names)
        names = names[len(outcomes) :]
        so_far = reduce(combine, outcomes if so_far is None else [so_far, *outcomes])
    return so_far or Outcome(Status.TIMEOUT, message="no time was left to solve the program")


def _pace(solvers: int, concluded: bool, told: Sequence[Any], left: float) -> float:
    """How many of the seconds that are left the next of so many solvers may take, after those that have told."""
    if concluded or any(isinstance(outcome, dict) and outcome.get("status") in _CONCLUSIVE for outcome in told):
        return SECOND_OPINION_SECONDS
    return left * _FIRST_SHARE if len(told) + 1 < solvers else left


def _located(program: t.Program) -> t.Program:
    """`program` with a line for every statement, as solvers name lines: its number for one that a reader added."""
    placed = (s if s.span else replace(s, span=Span(k, 1, k, 1)) for k, s in enumerate(program.statements, start=1))
    return t.Program(tuple(placed))
