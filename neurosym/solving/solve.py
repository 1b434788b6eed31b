"""One program → one outcome: run its blocks, ask the solvers in turn, let the second check the first."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from neurosym.language import tree as t
from neurosym.language.check import check
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.printer import show, show_statement
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
    outcome = _ask_solvers(program, names, deadline - time.monotonic(), memory_mb)
    return replace(outcome, stdout=stdout, evidence=evidence + outcome.evidence)


def malformed(diagnostics: tuple[Diagnostic, ...]) -> Outcome:
    """The outcome of a program with these diagnostics."""
    return Outcome(Status.MALFORMED, message="; ".join(str(d) for d in diagnostics), diagnostics=diagnostics)


def _ask_solvers(program: t.Program, names: tuple[str, ...], left: float, memory_mb: int) -> Outcome:
    """What the solvers come to within `left` seconds of their own: waiting for a free worker is not theirs."""
    text, source = _sent(program)
    so_far: Outcome | None = None
    for position, name in enumerate(names):
        if left <= 0:
            break
        if so_far is not None and so_far.status in CONCLUSIVE:
            seconds = min(left, SECOND_OPINION_SECONDS)
        else:
            seconds = left * _FIRST_SHARE if position + 1 < len(names) else left
        payload = {"solver": name, "program": text}
        job = Job("neurosym.solving.worker:solve", payload, Limits(seconds, memory_mb), reuse=True)
        reply = pool().run(job)
        left -= reply.seconds
        outcome = _relocate(solver_outcome(reply, name), source)
        so_far = outcome if so_far is None else combine(so_far, outcome)
    return so_far or Outcome(Status.TIMEOUT, message="no time was left to solve the program")


def _sent(program: t.Program) -> tuple[str, Mapping[int, int]]:
    """The text for the solvers, and which line of the source each of its lines is.

    Solvers name lines in what they say, so every statement stands on its own line of the source where that can be: not
    among statements that a notation's reader added, which have no line.
    """
    lines = [s.span.line if s.span else 0 for s in program.statements]
    if all(before < line for before, line in pairwise((0, *lines))):
        texts = [""] * lines[-1]
        for line, statement in zip(lines, program.statements, strict=True):
            texts[line - 1] = show_statement(statement)
        return "\n".join(texts) + "\n", {}
    return show(program), {k: line or k for k, line in enumerate(lines, start=1)}


def _relocate(outcome: Outcome, source: Mapping[int, int]) -> Outcome:
    """The lines of the core and the evidence as lines of the source."""
    if not source:
        return outcome

    def located(evidence: Evidence) -> Evidence:
        lines = evidence.data.get("lines")
        if not isinstance(lines, list):
            return evidence
        return replace(evidence, data={**evidence.data, "lines": [source.get(line, line) for line in lines]})

    return replace(
        outcome,
        core=tuple(source.get(line, line) for line in outcome.core),
        evidence=tuple(map(located, outcome.evidence)),
    )
