"""What a pool is asked and what it answers: the frozen data of the workers' interface."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from neurosym.errors import UsageError
from neurosym.workers.sandbox.level import Level


@dataclass(frozen=True)
class Limits:
    """What one job may use; a child that takes more is stopped.

    `seconds` is wall time from the moment the child starts (not while queued), `memory_mb` counts MiB on top
    of what the preloaded modules occupy, `output_bytes` caps the JSON text of the result. `sandbox` adds the
    layers that untrusted Python needs, as many as the system has; where these are below the level `least`, the job
    is refused.
    """

    seconds: float
    memory_mb: int = 1024
    output_bytes: int = 1_000_000
    sandbox: bool = False
    least: Level = Level.STRONG

    def __post_init__(self) -> None:
        """Raise `UsageError` unless every limit is positive and finite."""
        # At once where all is well: every child does this, and a loop over names would be pages to copy.
        if 0 < self.seconds < math.inf and 0 < self.memory_mb < math.inf and 0 < self.output_bytes < math.inf:
            return
        for name in ("seconds", "memory_mb", "output_bytes"):
            value = getattr(self, name)
            if not (0 < value < math.inf):
                raise UsageError(f"a job's limit {name!r} must be positive and finite, not {value!r}")


@dataclass(frozen=True)
class Job:
    """One call of `entry`, "package.module:function", with a JSON payload; the function returns JSON.

    The entry is trusted (it names our own code), the payload is not. `reuse` lets the child serve further such jobs:
    for an entry that runs no code out of its payload and keeps nothing of it. A fork costs more than most solving.

    Such an entry may be a generator: each value that it yields is safe, whatever becomes of the job, once it is sent.
    `pace`, asked at the start and after each, then says how many seconds the next may take: it is given the values so
    far and the seconds that are left of `limits.seconds`, which all have together.
    """

    entry: str
    payload: Mapping[str, Any]
    limits: Limits
    reuse: bool = False
    pace: Callable[[Sequence[Any], float], float] | None = None

    def __post_init__(self) -> None:
        """Raise `UsageError` for a sandboxed job whose child would live on, and for a pace that nothing needs."""
        if self.reuse and self.limits.sandbox:
            raise UsageError("a sandboxed job runs code that is not ours: its child cannot be used again")
        if self.pace and not self.reuse:
            raise UsageError("only a job of our own code, with `reuse`, gives several values that could have a pace")


class ReplyKind(StrEnum):
    """How a job ended."""

    DONE = "done"  # the function returned
    RAISED = "raised"  # the function raised an ordinary exception
    TIMEOUT = "timeout"  # killed at the deadline
    MEMORY = "memory"  # the memory limit was reached
    OUTPUT = "output"  # the result is longer than the limit
    DIED = "died"  # the child ended without a readable reply
    LOST = "lost"  # the child, or its zygote, was killed by others, as often as the job was tried again
    TAMPERING = "tampering"  # killed in the sandbox at a call that only attacks make
    REFUSED = "refused"  # the sandbox of this system is below the level asked for
    CANCELLED = "cancelled"  # the pool was closed, or the caller stopped waiting


@dataclass(frozen=True)
class Reply:
    """How a job ended: `value` is JSON where it is done, `message` says why where it is not.

    `earlier` are the values that the job gave before, whatever became of it then. `seconds` is the wall time from the
    child's start to its end, 0 where none started. `level` is that of the sandbox, None where the job had none.
    """

    kind: ReplyKind
    value: Any = None
    message: str = ""
    seconds: float = 0.0
    level: Level | None = None
    earlier: tuple[Any, ...] = ()
