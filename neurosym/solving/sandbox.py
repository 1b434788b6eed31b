"""Where a program's Python runs: in a sandbox of the level `strong` at least, or of any where that is allowed."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from neurosym.language.diagnostic import Diagnostic
from neurosym.language.plain_python import Plain, is_sure, plain
from neurosym.outcome import Outcome, Status
from neurosym.solvers.python import MAX_STDOUT, told
from neurosym.workers import Job, Level, Limits, Pool, Reply, ReplyKind, Report, examine, shared_pool
from neurosym.workers.monty import QUICK, Monty, monty

_BARE = ("neurosym.solving.warm",)
_WARM = ("neurosym.solving.warm_numeric",)
_NUMERIC = re.compile(r"\b(sympy|numpy|mpmath|z3|networkx|scipy|pandas)\b")


def python_pool(code: str) -> Pool:
    """The process-wide pool for this Python: its children are small, or have what `code` names imported already."""
    return shared_pool(preload=_WARM if _NUMERIC.search(code) else _BARE)


def sandbox() -> Report:
    """What confines Python on this system, found by attacking it once. Raises `WorkerError`."""
    return examine(python_pool(""))


def least_level(allow_python: bool) -> Level:
    """The level below which a program's Python does not run: `strong`, unless the caller allows any."""
    return Level.NONE if allow_python else Level.STRONG


def python_limits(seconds: float, memory_mb: int = 1024, *, allow_python: bool = False) -> Limits:
    """The limits of a job that runs a program's Python."""
    return Limits(seconds, memory_mb, sandbox=True, least=least_level(allow_python))


def refused(least: Level) -> Outcome | None:
    """The outcome of every program with Python where this system's sandbox is below a level; else None."""
    why = sandbox().lacks(least) if least > Level.NONE else ""
    if not why:
        return None
    message = f"Python does not run here: {why}. `neurosym sandbox` says more; allow_python (--allow-python) runs it so"
    return Outcome(Status.UNSUPPORTED, message=message, diagnostics=(Diagnostic("sandbox-level", message),))


def run_program(code: str, limits: Limits) -> Reply:
    """The reply of `neurosym.solvers.python:run_program`; its `level` is what holds.

    A plain program is first given to an interpreter that needs no child, where there is one, for a part of its time.
    """
    interpreter = monty(sandbox().level)
    program = plain(code) if interpreter else None
    if program and interpreter:
        seconds = min(QUICK, limits.seconds / 2)
        if reply := _at_once(program, interpreter, seconds):
            return reply
        limits = replace(limits, seconds=limits.seconds - seconds)
    return run_python("run_program", {"code": code}, limits)


def run_python(entry: str, payload: Mapping[str, Any], limits: Limits) -> Reply:
    """The reply of a function of `neurosym.solvers.python` to a payload with `code`; its `level` is what holds."""
    pool = python_pool(payload["code"])
    reply = pool.run(Job(f"neurosym.solvers.python:{entry}", payload, limits))
    return replace(reply, level=min(reply.level or Level.NONE, sandbox().level))


def _at_once(program: Plain, interpreter: Monty, seconds: float) -> Reply | None:
    """The reply for a plain program; None where its answer was not found in time, or is none of ours."""
    start = time.monotonic()
    if (ran := interpreter.run(program.source, seconds, MAX_STDOUT)) is None:
        return None
    value, stdout = ran
    if not is_sure(stdout):
        return None
    found = told([] if program.printed else [("the answer", value)], stdout)
    if "answer" not in found:
        return None
    return Reply(ReplyKind.DONE, found, seconds=time.monotonic() - start, level=sandbox().level)
