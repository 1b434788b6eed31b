"""One program → one outcome: run its blocks, ask the solvers in turn, let the second check the first."""

from __future__ import annotations

import time
from dataclasses import replace

from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic, Span
from neurosym.language.lowering import elaborated
from neurosym.language.symbols import Symbols
from neurosym.outcome import Evidence, Outcome, Status
from neurosym.solvers.base import Task
from neurosym.solving.blocks import lower_blocks
from neurosym.solving.combine import CONCLUSIVE, combine
from neurosym.solving.parcel import pack
from neurosym.solving.replies import solver_outcome
from neurosym.solving.route import route
from neurosym.solving.sandbox import python_limits
from neurosym.workers import Job, Limits, Pool, shared_pool

SECOND_OPINION_SECONDS = 2.0
"""How long a second solver may take to check an answer that is there already."""
_FIRST_SHARE = 0.6
"""Of the time, where a second solver stands by in case the first does not finish."""


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
    for position, name in enumerate(names):
        if left <= 0:
            break
        if so_far is not None and so_far.status in CONCLUSIVE:
            seconds = min(left, SECOND_OPINION_SECONDS)
        else:
            seconds = left * _FIRST_SHARE if position + 1 < len(names) else left
        payload = {"solver": name, "task": parcel, "brief": so_far is not None and so_far.shown}
        job = Job("neurosym.solving.worker:solve", payload, Limits(seconds, memory_mb), reuse=True)
        reply = pool().run(job)
        left -= reply.seconds
        outcome = solver_outcome(reply, name)
        so_far = outcome if so_far is None else combine(so_far, outcome)
    return so_far or Outcome(Status.TIMEOUT, message="no time was left to solve the program")


def _located(program: t.Program) -> t.Program:
    """`program` with a line for every statement, as solvers name lines: its number for one that a reader added."""
    placed = (s if s.span else replace(s, span=Span(k, 1, k, 1)) for k, s in enumerate(program.statements, start=1))
    return t.Program(tuple(placed))
