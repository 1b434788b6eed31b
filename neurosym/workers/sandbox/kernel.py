"""The kernel's calls that Python has no function for, by ctypes: each raises `OSError` where the kernel refuses."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any

_libc = ctypes.CDLL(None, use_errno=True)

SET_PDEATHSIG = 1
SET_SECCOMP = 22
SET_CHILD_SUBREAPER = 36
SET_NO_NEW_PRIVS = 38

_CAPABILITIES_V3 = 0x20080522


def prctl(option: int, value: int, pointer: int = 0) -> None:
    """Change something about this process (prctl(2))."""
    unused = ctypes.c_ulong(0)
    function("prctl", ctypes.c_int(option), ctypes.c_ulong(value), ctypes.c_ulong(pointer), unused, unused)


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
