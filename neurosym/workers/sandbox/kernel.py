"""The kernel's calls that Python has no function for, by ctypes: each raises `OSError` where the kernel refuses."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress
from typing import Any

_libc = ctypes.CDLL(None, use_errno=True)
_locked = ctypes.PyDLL(None)  # for calls that keep the interpreter's lock
if hasattr(_libc, "prctl"):  # declared, so that a child need not make objects for its arguments
    _libc.prctl.argtypes = (ctypes.c_int, *4 * (ctypes.c_ulong,))

SET_PDEATHSIG = 1
SET_SECCOMP = 22
SET_CHILD_SUBREAPER = 36
SET_NO_NEW_PRIVS = 38

_CAPABILITIES_V3 = 0x20080522


def fork() -> int:
    """As `os.fork`, for a process with one thread, without the hooks that Python's modules run in every child.

    They mend locks that only another thread could hold, and in doing so copy some 200 pages: a third of what a fork and
    its end cost. Random numbers are not seeded anew: all children have those that their zygote would have had next.
    """
    pid: int = _locked.fork()
    return pid if pid >= 0 else os.fork()  # which says why it cannot


def prctl(option: int, value: int, pointer: int = 0) -> None:
    """Change something about this process (prctl(2))."""
    function("prctl", option, value, pointer, 0, 0)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent, the process `parent`, ends."""
    with suppress(OSError):  # without it, the pool kills our group when it sees the zygote gone
        prctl(SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we had asked
        os._exit(1)


def syscall(number: int, *arguments: Any) -> int:
    """A call that the C library has no name for, by its number."""
    return function("syscall", ctypes.c_long(number), *arguments)


def function(name: str, *arguments: Any) -> int:
    """What the C library's function returns; pass integers as ctypes types where they are not C ints."""
    found = getattr(_libc, name, None)
    if found is None:
        raise OSError(f"{sys.platform} has no {name}")
    result: int = found(*arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def drop_capabilities() -> None:
    """Give up every capability for good: what is left of root is a user who owns root's files."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0)
    none = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; two words each
    function("capset", header, none)
