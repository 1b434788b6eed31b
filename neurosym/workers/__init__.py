"""Untrusted work runs here: killable child processes with limits on time, memory and output.

A *pool* talks to a *zygote*: a process that has imported the solvers once and forks children, a fresh one for every
job that runs code of others; jobs of our own code may follow each other in one. The caller's own process is never
forked, and whatever a child does (hang, crash, cheat) is a `Reply`, never an exception.

    pool      any thread or asyncio → replies; retries what was killed by others      (the caller's process)
    launcher  starts the zygote and hands it jobs                                     (the caller's process)
    link      the sockets to one child                                                (the caller's process)
    flight    one attempt at one job: sends it, waits, enforces the deadline          (the caller's process)
    zygote    forks the children, kills and reaps them, says how each ended           (the zygote)
    child     a job: limits, call, reply; where it may, the next                      (a child)
    limits    the layers that confine a child                                         (a child)
    wire      what travels between them
"""

from __future__ import annotations

from neurosym.workers.job import Job, Limits, Reply, ReplyKind
from neurosym.workers.pool import Pool, shared_pool

__all__ = ["Job", "Limits", "Pool", "Reply", "ReplyKind", "shared_pool"]
