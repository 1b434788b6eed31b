"""Where the kernel cannot refuse, the interpreter does: an audit hook that ends the child at what only attacks do.

A fence, not a wall: native code and enough ingenuity get around it, which is why its level is below `strong`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from os.path import realpath
from typing import Any

_DEADLY = frozenset(
    """os.exec os.fork os.forkpty os.kill os.killpg os.posix_spawn os.spawn os.system pty.spawn signal.pthread_kill
    socket.__new__ socket.bind socket.connect socket.gethostbyname socket.getaddrinfo socket.sendto subprocess.Popen
    ctypes.dlsym""".split()  # noqa: SIM905
)
_CHANGING = frozenset(
    """os.chflags os.chmod os.chown os.link os.mkdir os.remove os.rename os.rmdir os.setxattr os.symlink os.truncate
    os.utime""".split()  # noqa: SIM905
)
_LISTING = frozenset({"os.listdir", "os.scandir"})
_READING = os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY


def install(readable: Sequence[str] | None, *, calls: bool) -> None:
    """Have this interpreter refuse for good: where `readable` is not None, other files; with `calls`, other processes.

    What the kernel refuses needs no guard.
    """
    deadly = _DEADLY if calls else frozenset()
    places = tuple(f"{place}/" for place in readable or ())

    def is_hidden(path: object) -> bool:
        named = isinstance(path, str | bytes)
        return named and not f"{realpath(os.fsdecode(path))}/".startswith(places)  # type: ignore[arg-type]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in deadly or (calls and event == "ctypes.dlopen" and arguments[0]):  # importing ctypes opens no name
            signal.signal(signal.SIGSYS, signal.SIG_DFL)
            signal.raise_signal(signal.SIGSYS)  # as the kernel ends a child at a forbidden call
        if readable is None:
            return
        writes = event == "open" and bool(arguments[2] & ~_READING)
        reads = event == "open" or event in _LISTING
        if writes or event in _CHANGING or (reads and is_hidden(arguments[0])):
            raise PermissionError(f"this program may not use the file {arguments[0]!r}")

    sys.addaudithook(hook)
