"""Another program in the sandbox's layers: a new interpreter takes them on, all or none, and becomes the program."""

from __future__ import annotations

import os
import platform
import resource
from collections.abc import Sequence
from typing import NoReturn

from neurosym.workers import limits
from neurosym.workers.sandbox import jail, landlock, seccomp
from neurosym.workers.sandbox.level import Level
from neurosym.workers.sandbox.readable import readable

_LINKERS = {"x86_64": "/lib64/ld-linux-x86-64.so.2", "aarch64": "/lib/ld-linux-aarch64.so.1"}
"""What starts a program of the C library that wheels are built for."""
_STANDARD = 3  # descriptors that the program keeps


def become(program: str, arguments: Sequence[str], level: Level, *, memory_mb: int, cpu_seconds: int) -> NoReturn:
    """Become the program, confined to that level, `strong` at least, with these limits for its whole life.

    It keeps the three standard descriptors, and no environment. Raises `OSError` where a layer fails.
    """
    linker = _LINKERS.get(platform.machine(), "")
    paths = readable(program, linker)
    os.closerange(_STANDARD, limits.MAX_DESCRIPTORS)
    if level >= Level.FULL:
        jail.enter_namespaces(paths)
    most = dict(limits.for_untrusted_code()) | {
        resource.RLIMIT_AS: (memory_mb << 20, memory_mb << 20),
        resource.RLIMIT_CPU: (cpu_seconds, cpu_seconds),
    }
    del most[resource.RLIMIT_NPROC]  # which counts threads
    for which, limit in most.items():
        resource.setrlimit(which, limit)
    jail.no_privileges()
    landlock.restrict(paths, runnable=(program, linker))
    os.chdir("/")
    seccomp.install(program=True)
    os.execve(program, [program, *arguments], {})
