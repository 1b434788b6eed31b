"""Attacks that a layer must stop, harmless where one gets through: the self-test runs each in a child of its own.

They run in a sandboxed child, which says whether it got through; those on system calls must end it.
"""

from __future__ import annotations

import ctypes
import os
import platform
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from neurosym.workers.sandbox import kernel, syscalls
from neurosym.workers.sandbox.level import CALLS, FILES, LIMITS, NAMESPACES, PRIVILEGES

MEMORY_MB = 64
"""What a canary may use."""
_MANY = 1_000


@dataclass(frozen=True)
class Canary:
    """An attack on one layer; `attack` takes a file that no child needs, and says whether it got through."""

    layer: str
    attack: Callable[[str], bool]
    deadly: bool = False  # the layer ends the child


def fly(payload: Mapping[str, Any]) -> bool:
    """Make the attack `name` with the file `path`: whether it got through."""
    try:
        return CANARIES[payload["name"]].attack(payload["path"])
    except (OSError, MemoryError):
        return False


def _hoard(path: str) -> bool:
    return bool(bytearray(4 * MEMORY_MB << 20))


def _hold_files(path: str) -> bool:
    return [os.dup(0) for _ in range(_MANY)] != []


def _rise(path: str) -> bool:
    """Become another user, which only a privilege lets one."""
    os.setresuid(_MANY, _MANY, _MANY)
    return True


def _read(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(1) != b""


def _look_around(path: str) -> bool:
    return os.listdir(os.path.dirname(path)) != []


def _create(path: str) -> bool:
    os.close(os.open("/tmp/neurosym-canary", os.O_CREAT | os.O_WRONLY))
    os.unlink("/tmp/neurosym-canary")
    return True


def _exists(path: str) -> bool:
    return os.path.exists(path)


def _execute(path: str) -> bool:
    with suppress(FileNotFoundError):
        os.execv("/no such program", ["no"])
    return True


def _fork(path: str) -> bool:
    if os.fork() == 0:
        os._exit(0)
    return True


def _connect(path: str) -> bool:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()
    return True


def _signal(path: str) -> bool:
    os.kill(os.getppid(), 0)
    return True


def _calls(name: str, *arguments: int) -> Callable[[str], bool]:
    def attack(path: str) -> bool:
        column, _ = syscalls.ARCHITECTURES[platform.machine()]
        number = dict(syscalls.numbers(syscalls.DEADLY, column))[name]
        with suppress(OSError):  # it was let in, and was made wrongly
            kernel.syscall(number, *map(ctypes.c_long, arguments))
        return True

    return attack


CANARIES: Mapping[str, Canary] = {
    "take more memory": Canary(LIMITS, _hoard),
    "open a thousand files": Canary(LIMITS, _hold_files),
    "become another user": Canary(PRIVILEGES, _rise),
    "read a file": Canary(FILES, _read),
    "list a folder": Canary(FILES, _look_around),
    "create a file": Canary(FILES, _create),
    "run a program": Canary(CALLS, _execute, deadly=True),
    "start a process": Canary(CALLS, _fork, deadly=True),
    "open a socket": Canary(CALLS, _connect, deadly=True),
    "signal a process": Canary(CALLS, _signal, deadly=True),
    "trace a process": Canary(CALLS, _calls("ptrace", 16, 1), deadly=True),  # PTRACE_ATTACH to the first process
    "use io_uring": Canary(CALLS, _calls("io_uring_setup"), deadly=True),
    "make namespaces": Canary(CALLS, _calls("unshare"), deadly=True),
    "mount a file system": Canary(CALLS, _calls("mount"), deadly=True),
    "see that a file exists": Canary(NAMESPACES, _exists),
}
