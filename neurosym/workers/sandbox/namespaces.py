"""The layer of namespaces: no other users, processes, network or devices exist, and of the files only what is given."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Sequence

from neurosym.workers.sandbox import kernel

_USER, _MOUNTS, _NETWORK, _IPC = 0x1000_0000, 0x0002_0000, 0x4000_0000, 0x0800_0000
_NAMES, _PROCESSES, _CGROUPS = 0x0400_0000, 0x2000_0000, 0x0200_0000

_READ_ONLY, _NO_SET_UID, _NO_DEVICES, _NO_PROGRAMS = 1, 2, 4, 8
_BIND, _RECURSIVE, _PRIVATE = 1 << 12, 1 << 14, 1 << 18
_DETACH = 2
_SET_ATTRIBUTES = 442  # mount_setattr, the same on every architecture
_HERE, _ALL_BELOW = -100, 0x8000  # AT_FDCWD, AT_RECURSIVE
_STAGE = "/dev"  # a folder that is there on every system; in our namespace, the new root is built upon it


def enter(readable: Sequence[str]) -> None:
    """Leave the system for namespaces of our own, with these files and folders, read-only, under their own names.

    The next fork is the first process of the new process namespace. Needs one thread and /proc. Raises `OSError`
    where the system does not let us, and may then be left half way: try it in a fork.
    """
    user, group = os.geteuid(), os.getegid()
    flags = _USER | _MOUNTS | _NETWORK | _IPC | _NAMES | _PROCESSES | _CGROUPS
    kernel.function("unshare", ctypes.c_int(flags))
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")
    _mount("none", "/", flags=_RECURSIVE | _PRIVATE)  # nothing of what follows is seen outside
    held = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in readable}  # before the stage hides some
    _mount("tmpfs", _STAGE, "tmpfs", _NO_SET_UID | _NO_DEVICES | _NO_PROGRAMS, "size=1m,mode=755")
    for path, descriptor in held.items():
        source, target = f"/proc/self/fd/{descriptor}", _STAGE + path
        if os.path.isdir(source):
            os.makedirs(target)
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY))
        _mount(source, target, flags=_BIND | _RECURSIVE)
        os.close(descriptor)
    os.chdir(_STAGE)
    kernel.function("pivot_root", b".", b".")  # the old root now lies upon the new one
    kernel.function("umount2", b".", ctypes.c_int(_DETACH))
    os.chdir("/")
    attributes = struct.pack("=QQQQ", _READ_ONLY | _NO_SET_UID | _NO_DEVICES, 0, 0, 0)
    size = ctypes.c_size_t(len(attributes))
    kernel.syscall(_SET_ATTRIBUTES, ctypes.c_int(_HERE), b"/", ctypes.c_uint(_ALL_BELOW), attributes, size)


def _mount(source: str, target: str, kind: str | None = None, flags: int = 0, options: str | None = None) -> None:
    texts = [text.encode() if text is not None else None for text in (source, target, kind, options)]
    try:
        kernel.function("mount", *texts[:3], ctypes.c_ulong(flags), texts[3])
    except OSError as error:
        raise OSError(error.errno, f"{error.strerror} ({target})") from error


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
