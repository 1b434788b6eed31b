"""Untrusted work runs here: killable child processes with limits on time, memory and output.

A *pool* talks to a *zygote*: a process that has imported the solvers once and forks children, a fresh one for every
job that runs code of others; jobs of our own code may follow each other in one. The caller's own process is never
forked, and whatever a child does (hang, crash, cheat) is a `Reply`, never an exception.

    pool      any thread or asyncio → replies; retries what was killed by others      (the caller's process)
    turns     callers take turns                                                      (the caller's process)
    metrics   what a pool has done so far                                             (the caller's process)
    crew      the pool's processes: started, kept waiting, replaced                   (the caller's process)
    launcher  starts the zygote and its jail, hands them jobs                         (the caller's process)
    link      the sockets to one child                                                (the caller's process)
    flight    one attempt at one job: sends it, waits, enforces the deadline          (the caller's process)
    zygote    forks the children, kills and reaps them, says how each ended           (the zygote, and its jail)
    huge_pages  makes its forks cheap                                                 (the zygote)
    child     a job: limits, call, reply; where it may, the next                      (a child)
    limits    time, memory, files                                                     (a child)
    sandbox/  the layers that confine untrusted Python, and how well they do on this system
    wire      what travels between them
    monty     plain Python without a fork, by pydantic-monty's own processes          (the caller's process)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurosym.lazy import exports

if TYPE_CHECKING:
    from neurosym.workers.job import Job, Limits, Reply, ReplyKind
    from neurosym.workers.metrics import Metrics
    from neurosym.workers.pool import Pool, close_all, shared_pool
    from neurosym.workers.sandbox.level import Layer, Level
    from neurosym.workers.sandbox.report import Report, examine

_HOME = {
    "Job": "job",
    "Layer": "sandbox.level",
    "Level": "sandbox.level",
    "Limits": "job",
    "Metrics": "metrics",
    "Pool": "pool",
    "Reply": "job",
    "ReplyKind": "job",
    "Report": "sandbox.report",
    "close_all": "pool",
    "examine": "sandbox.report",
    "shared_pool": "pool",
}
"""Name → its module, imported when the name is first used: a zygote is to carry nothing of the caller's side."""

__all__ = [
    "Job",
    "Layer",
    "Level",
    "Limits",
    "Metrics",
    "Pool",
    "Reply",
    "ReplyKind",
    "Report",
    "close_all",
    "examine",
    "shared_pool",
]

__getattr__, __dir__ = exports(__name__, _HOME)
