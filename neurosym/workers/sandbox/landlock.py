"""The layer of files: Landlock (kernel 5.13 and later) lets a process read what it was given and nothing else."""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Sequence

from neurosym.workers.sandbox import kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION = 1  # the flag that asks for the version
_BENEATH = 1  # the kind of rule: a path and all below it

_RUN_FILE, _READ_FILE, _READ_DIRECTORY = 1 << 0, 1 << 2, 1 << 3
_FILE_RIGHTS = (13, 14, 15, 15, 16)  # how many the kernel knows, by version from 1
_TCP = 0b11  # bind and connect, from version 4
_SCOPES = 0b11  # abstract sockets and signals, from version 6


def version() -> int:
    """The kernel's version of Landlock. Raises `OSError` where it has none or was booted without."""
    return kernel.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))


def restrict(readable: Sequence[str], runnable: Sequence[str] = ()) -> None:
    """Let this process and its children read these files and folders, run those files, and reach nothing else.

    Where the kernel can, that also means no TCP, and no signals or abstract sockets to processes outside. Needs
    no_new_privs. Raises `OSError`.
    """
    known = version()
    rights = (1 << _FILE_RIGHTS[min(known, len(_FILE_RIGHTS)) - 1]) - 1
    attributes = struct.pack("=QQQ", rights, _TCP if known >= 4 else 0, _SCOPES if known >= 6 else 0)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    ruleset = kernel.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for path in readable:
            _allow(ruleset, path, _READ_FILE | _READ_DIRECTORY)
        for path in runnable:
            _allow(ruleset, path, _READ_FILE | _RUN_FILE)
        kernel.syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        rule = struct.pack("=Qi", rights if is_folder else rights & ~_READ_DIRECTORY, descriptor)
        kernel.syscall(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_BENEATH), rule, ctypes.c_uint32(0))
    finally:
        os.close(descriptor)
