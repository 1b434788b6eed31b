"""Where a program's Python runs: in a sandbox of the level `strong` at least, or of any where that is allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from neurosym.language.diagnostic import Diagnostic
from neurosym.outcome import Outcome, Status
from neurosym.workers import Job, Level, Limits, Pool, Reply, Report, examine, shared_pool

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


def run_python(entry: str, payload: Mapping[str, Any], limits: Limits) -> Reply:
    """The reply of a function of `neurosym.solvers.python` to a payload with `code`; its `level` is what holds."""
    pool = python_pool(payload["code"])
    reply = pool.run(Job(f"neurosym.solvers.python:{entry}", payload, limits))
    return replace(reply, level=min(reply.level or Level.NONE, sandbox().level))
