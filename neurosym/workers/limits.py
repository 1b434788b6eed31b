"""The layers that confine a child: a new one is a function here and its name in one of the two tuples.

A layer takes the job's limits and raises `OSError` or `ValueError` where the system cannot apply it. Jobs on
our own trees then run without it (they only need a process that can be killed); sandboxed jobs are refused.
"""

from __future__ import annotations

import ctypes
import math
import os
import resource
import sys
import time

from neurosym.workers.job import Limits

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38

_SANDBOX_OPEN_FILES = 32
_MIB = 1024 * 1024
_libc = ctypes.CDLL(None, use_errno=True)


class MissingLayerError(Exception):
    """The system cannot apply a layer that a sandboxed job needs."""


def confine(limits: Limits) -> None:
    """Apply a job's layers to this process, a sandbox for good; raises `MissingLayerError` for a sandboxed job."""
    for layer in EVERY_JOB + (SANDBOX if limits.sandbox else ()):
        try:
            layer(limits)
        except (OSError, ValueError) as error:
            if limits.sandbox:
                raise MissingLayerError(f"{layer.__name__}: {error}") from error


def die_with_parent(signal: int) -> None:
    """Ask the kernel to send us `signal` when our parent dies; raises `OSError` where it cannot."""
    _prctl(_PR_SET_PDEATHSIG, signal)


def adopt_orphans() -> None:
    """Make orphans among our descendants our own children; raises `OSError` where the kernel cannot."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def no_core_dump(limits: Limits) -> None:
    """Write no core file when the child crashes."""
    _lower(resource.RLIMIT_CORE, 0)


def memory(limits: Limits) -> None:
    """Cap the address space at what the preloaded modules occupy and the job's allowance."""
    most = occupied_bytes() + limits.memory_mb * _MIB
    if limits.sandbox:
        _lower(resource.RLIMIT_AS, most)
    else:
        _renew(resource.RLIMIT_AS, most)


def cpu_time(limits: Limits) -> None:
    """A backstop past the deadline, where nobody has killed the child: SIGXCPU, in a sandbox then SIGKILL."""
    seconds = math.ceil(time.process_time() + limits.seconds) + 1
    if limits.sandbox:
        _lower(resource.RLIMIT_CPU, seconds, seconds + 1)
    else:
        _renew(resource.RLIMIT_CPU, seconds)


def empty_environment(limits: Limits) -> None:
    """Show no environment variable of ours."""
    os.environ.clear()


def root_directory(limits: Limits) -> None:
    """Start in a directory that says nothing of us."""
    os.chdir("/")


def no_new_privileges(limits: Limits) -> None:
    """No set-uid program can raise what the child may do (and seccomp filters need it)."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def no_file_writes(limits: Limits) -> None:
    """A write to any file fails (creating an empty one does not)."""
    _lower(resource.RLIMIT_FSIZE, 0)


def no_processes(limits: Limits) -> None:
    """No new process or thread; the kernel lets root pass."""
    _lower(resource.RLIMIT_NPROC, 0)


def few_open_files(limits: Limits) -> None:
    """Room for importing modules, not for exhausting the system's table."""
    _lower(resource.RLIMIT_NOFILE, _SANDBOX_OPEN_FILES)


EVERY_JOB = (no_core_dump, memory, cpu_time)
SANDBOX = (
    empty_environment,
    root_directory,
    no_new_privileges,
    no_file_writes,
    no_processes,
    few_open_files,
)


def _lower(which: int, soft: int, hard: int | None = None) -> None:
    """Set a limit, never above the present hard one (raising it would be refused)."""
    ceiling = resource.getrlimit(which)[1]
    wanted = (soft, soft if hard is None else hard)
    if ceiling != resource.RLIM_INFINITY:
        wanted = (min(wanted[0], ceiling), min(wanted[1], ceiling))
    resource.setrlimit(which, wanted)


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


def _prctl(option: int, value: int) -> None:
    if not hasattr(_libc, "prctl"):
        raise OSError(f"{sys.platform} has no prctl")
    unused = ctypes.c_ulong(0)
    if _libc.prctl(ctypes.c_int(option), ctypes.c_ulong(value), unused, unused, unused) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"prctl {option}: {os.strerror(code)}")
