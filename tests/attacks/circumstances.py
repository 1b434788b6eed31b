"""Under which circumstances attacks run: as an ordinary user; on a system that gives nobody namespaces."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from pathlib import Path

import neurosym
from neurosym.workers.sandbox import kernel

_MOUNTS, _RECURSIVE, _PRIVATE = 0x0002_0000, 1 << 14, 1 << 18
_DUMPABLE = 4
_UNSHARE = {"x86_64": 272, "aarch64": 97}
_STAGE = "/mnt"  # in mounts of our own, where the layers that open folders are written


def become(user: int) -> None:
    """Go on as an ordinary user without groups. Raises OSError where one could not run Python here."""
    closed = sorted({folder for path in (sys.executable, neurosym.__file__) for folder in _closed(Path(path))})
    if closed:
        kernel.function("unshare", ctypes.c_int(_MOUNTS))
        _mount("none", "/", flags=_RECURSIVE | _PRIVATE)
        _mount("tmpfs", _STAGE, "tmpfs")
    for number, folder in enumerate(closed):
        upper, work = Path(_STAGE, f"upper{number}"), Path(_STAGE, f"work{number}")
        upper.mkdir()
        work.mkdir()
        _mount("overlay", str(folder), "overlay", options=f"lowerdir={folder},upperdir={upper},workdir={work}")
        folder.chmod(0o755)  # of the upper layer: the folder itself stays as it is
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    kernel.prctl(_DUMPABLE, 1)  # changing the user had hidden our own /proc from us


def forbid_namespaces() -> None:
    """Have the kernel refuse namespaces to this process and its children, as Docker's filter does. Raises OSError."""
    number = _UNSHARE[platform.machine()]
    load, refuse, allow = (0x20, 0, 0, 0), (0x06, 0, 0, 0x0005_0000 | errno.EPERM), (0x06, 0, 0, 0x7FFF_0000)
    code = b"".join(struct.pack("=HBBI", *step) for step in (load, (0x15, 0, 1, number), refuse, allow))
    buffer = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer)))
    kernel.prctl(kernel.SET_NO_NEW_PRIVS, 1)
    kernel.prctl(kernel.SET_SECCOMP, 2, ctypes.addressof(program))


def _closed(path: Path) -> list[Path]:
    """The folders above a file, links followed, that only their owner may pass."""
    steps = [*path.parents, *path.resolve().parents, *Path(sys.base_prefix).resolve().parents]
    return [folder for folder in steps if not folder.stat().st_mode & 0o001]


def _mount(source: str, target: str, kind: str = "", *, flags: int = 0, options: str = "") -> None:
    kernel.function("mount", source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())
