"""One program → one outcome: run its blocks, ask the solvers in turn, let the second check the first."""

from __future__ import annotations

import time
from dataclasses import replace

from neurosym.language import tree as t
from neurosym.language.check import check
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.printer import show
from neurosym.outcome import Evidence, Outcome, Status
from neurosym.solving.blocks import ALLOW, lower_blocks
from neurosym.solving.combine import CONCLUSIVE, combine
from neurosym.solving.replies import solver_outcome
from neurosym.solving.route import route
from neurosym.workers import Job, Limits, Pool, shared_pool

SECOND_OPINION_SECONDS = 2.0
"""How long a second solver may take to check an answer that is there already."""
_FIRST_SHARE = 0.6
"""Of the time, where a second solver stands by in case the first does not finish."""


def pool() -> Pool:
    """The process-wide worker pool, with the solvers preloaded."""
    return shared_pool(preload=("neurosym.solving.worker", "neurosym.solvers.python"))


def solve(program: t.Program, *, timeout: float, memory_mb: int = 1024, allow_python: bool = False) -> Outcome:
    """The outcome of `program` within `timeout` seconds of solving; never raises for what the program is."""
    start = time.monotonic()
    outcome = _solve(program, timeout, memory_mb, allow_python)
    return replace(outcome, seconds=time.monotonic() - start)


def _solve(program: t.Program, timeout: float, memory_mb: int, allow_python: bool) -> Outcome:
    symbols, found = check(program)
    if found:
        return malformed(found)
    stdout: str = ""
    evidence: tuple[Evidence, ...] = ()
    deadline = time.monotonic() + timeout
    if any(isinstance(s, t.Python) for s in program.statements):
        if not allow_python:
            return Outcome(Status.UNSUPPORTED, message=ALLOW)
        lowered = lower_blocks(program, symbols, pool(), Limits(timeout, memory_mb, sandbox=True))
        if isinstance(lowered, Outcome):
            return lowered
        program, stdout, evidence = lowered.program, lowered.stdout, lowered.evidence
        symbols, found = check(program)
        if found:
            return replace(malformed(found), stdout=stdout)
    names = route(program, symbols)
    if not names:
        return Outcome(Status.UNSUPPORTED, message="no solver takes both logic and calculus", stdout=stdout)
    outcome = _ask_solvers(program, names, deadline, memory_mb)
    return replace(outcome, stdout=stdout, evidence=evidence + outcome.evidence)


def malformed(diagnostics: tuple[Diagnostic, ...]) -> Outcome:
    """The outcome of a program with these diagnostics."""
    return Outcome(Status.MALFORMED, message="; ".join(str(d) for d in diagnostics), diagnostics=diagnostics)


def _ask_solvers(program: t.Program, names: tuple[str, ...], deadline: float, memory_mb: int) -> Outcome:
    text = show(program)
    so_far: Outcome | None = None
    for position, name in enumerate(names):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        if so_far is not None and so_far.status in CONCLUSIVE:
            seconds = min(left, SECOND_OPINION_SECONDS)
        else:
            seconds = left * _FIRST_SHARE if position + 1 < len(names) else left
        job = Job("neurosym.solving.worker:solve", {"solver": name, "program": text}, Limits(seconds, memory_mb))
        outcome = _relocate(solver_outcome(pool().run(job), name), program)
        so_far = outcome if so_far is None else combine(so_far, outcome)
    return so_far or Outcome(Status.TIMEOUT, message="no time was left to solve the program")


def _relocate(outcome: Outcome, program: t.Program) -> Outcome:
    """Core lines count the statements that the solver was sent; give them as lines of the source."""
    lines = {k + 1: s.span.line if s.span else k + 1 for k, s in enumerate(program.statements)}
    return replace(outcome, core=tuple(lines.get(line, line) for line in outcome.core))
