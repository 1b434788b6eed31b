"""The limits of the system on a child: what a job may use, and what code of others may not do at all.

A limit raises `OSError` or `ValueError` where the system cannot apply it. Jobs on our own trees then run without it
(they only need a process that can be killed); sandboxed jobs are refused.
"""

from __future__ import annotations

import math
import resource
import sys
import time
from contextlib import suppress

from neurosym.workers.wire import Terms

MAX_DESCRIPTORS = 4_096  # more than a zygote ever holds
_SANDBOX_OPEN_FILES = 32
_MIB = 1024 * 1024


class MissingLimitError(Exception):
    """The system cannot apply a limit that a sandboxed job needs."""


def apply(limits: Terms, occupied: int) -> None:
    """Limit this process to one job, in a sandbox for good; `occupied` is what `memory` counts from, in bytes.

    Raises `MissingLimitError` for a sandboxed job.
    """
    for limit in EVERY_JOB:
        try:
            limit(limits, occupied)
        except (OSError, ValueError) as error:
            if limits.sandbox:
                raise MissingLimitError(f"{limit.__name__}: {error}") from error


def for_untrusted_code() -> list[tuple[int, tuple[int, int]]]:
    """What code of others may not do, whatever its job: write to files, start processes, hold many files open.

    As arguments of `resource.setrlimit`. The kernel lets root start processes all the same.
    """
    most = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_NOFILE: _SANDBOX_OPEN_FILES,  # room for importing modules
    }
    return [(which, _lowered(which, soft)) for which, soft in most.items()]


def no_core_dump() -> None:
    """Write no core file when this process crashes, where the system can be told so."""
    with suppress(OSError, ValueError):
        _lower(resource.RLIMIT_CORE, 0)


def memory(limits: Terms, occupied: int) -> None:
    """Cap the address space at what the preloaded modules occupy and the job's allowance."""
    most = occupied + limits.memory_mb * _MIB
    if limits.sandbox:
        _lower(resource.RLIMIT_AS, most)
    else:
        _renew(resource.RLIMIT_AS, most)


def cpu_time(limits: Terms, occupied: int) -> None:
    """A backstop past the deadline, where nobody has killed the child: SIGXCPU, in a sandbox then SIGKILL."""
    seconds = math.ceil(time.process_time() + limits.seconds) + 1
    if limits.sandbox:
        _lower(resource.RLIMIT_CPU, seconds, seconds + 1)
    else:
        _renew(resource.RLIMIT_CPU, seconds)


EVERY_JOB = (memory, cpu_time)


def _lower(which: int, soft: int, hard: int | None = None) -> None:
    """Set a limit, never above the present hard one (raising it would be refused)."""
    resource.setrlimit(which, _lowered(which, soft, hard))


def _lowered(which: int, soft: int, hard: int | None = None) -> tuple[int, int]:
    ceiling = resource.getrlimit(which)[1]
    hard = soft if hard is None else hard
    return (soft, hard) if ceiling == resource.RLIM_INFINITY else (min(soft, ceiling), min(hard, ceiling))


def _renew(which: int, soft: int) -> None:
    """Set a limit that the next job of the same child sets anew: one of our own code, which leaves limits alone."""
    ceiling = resource.getrlimit(which)[1]
    resource.setrlimit(which, (soft if ceiling == resource.RLIM_INFINITY else min(soft, ceiling), ceiling))


def occupied_bytes() -> int:
    """The size of our address space now."""
    try:
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[0]) * resource.getpagesize()
    except FileNotFoundError:  # elsewhere the peak of resident memory is the nearest that is told, in KiB or bytes
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak * (1 if sys.platform == "darwin" else 1024)
