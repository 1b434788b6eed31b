"""Plain Python without a fork: pydantic-monty's interpreter, in processes of its own that the sandbox's layers confine.

It is written in Rust, has no way to the system, and starts anew for every program; a process serves many. What it does
not run, or not at once, it leaves to a child of the zygote: here that is no error.
"""

from __future__ import annotations

import atexit
import json
import os
import shlex
import shutil
import sys
import sysconfig
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from neurosym.workers.launcher import search_path
from neurosym.workers.sandbox.level import Level

QUICK = 0.1
"""Seconds that a program may take at most: longer ones are for a child of their own."""
_MEMORY_MB = 64  # of one program
_PROCESS_MB, _PROGRAMS = 1024, 1_000  # of a process, in its life
_WAIT_SECONDS = 1.0  # for a process that is free

_BOOTSTRAP = """\
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from neurosym.workers.sandbox.enclosed import become
from neurosym.workers.sandbox.level import Level
limits = {"memory_mb": int(sys.argv[4]), "cpu_seconds": int(sys.argv[5])}
become(sys.argv[2], sys.argv[6:], Level.named(sys.argv[3]), **limits)
"""


class Monty:
    """Processes of the interpreter, at most one for each CPU, confined to `level`."""

    def __init__(self, level: Level) -> None:
        """Starts the first. Raises `ModuleNotFoundError` where the package is not installed."""
        import pydantic_monty

        self.process = os.getpid()
        self._collector = pydantic_monty.CollectString
        program = Path(sysconfig.get_path("scripts"), "monty")
        limits = [str(_PROCESS_MB), str(round(QUICK * _PROGRAMS))]
        command = [sys.executable, "-P", "-s", "-c", _BOOTSTRAP, json.dumps(search_path()), str(program), str(level)]
        self._folder = tempfile.mkdtemp(prefix="neurosym-")  # a TemporaryDirectory would go with any fork of ours
        script = Path(self._folder, "monty")
        script.write_text(f'#!/bin/sh\nexec {shlex.join(command + limits)} "$@"\n', encoding="utf-8")
        script.chmod(0o700)
        self._pool = pydantic_monty.Monty(
            binary_path=script,
            max_processes=os.cpu_count() or 1,
            checkout_timeout=_WAIT_SECONDS,
            max_checkouts_per_worker=_PROGRAMS,
            feed_duration_limit_grace=QUICK,
        ).__enter__()

    def run(self, source: str, seconds: float, most: int) -> tuple[Any, str] | None:
        """The value of the last expression of `source` and what it printed; None where that is not there in time.

        The value is made of Python's own types, exactly. What is printed has at most so many bytes.
        """
        printed = self._collector(max_bytes=most)
        limits: Any = {"max_feed_duration_secs": seconds, "max_memory": _MEMORY_MB << 20}
        try:
            with self._pool.checkout(limits=limits) as session:
                value = session.feed_run(source, print_callback=printed)
        except Exception:  # whatever it is (an error of the program's, a limit, a crash), a child will say it better
            return None
        return value, printed.output

    def close(self) -> None:
        """End the processes, where they are ours and not those of the process that we were forked from."""
        if self.process == os.getpid():
            self._pool.__exit__(None, None, None)
            shutil.rmtree(self._folder, ignore_errors=True)


def monty(level: Level) -> Monty | None:
    """The interpreter confined to that level; None where there is none, or the level is below `strong`.

    A fork of the process that began to use it has none: the package's own threads are not there.
    """
    found = _monty(level) if level >= Level.STRONG else None
    return found if found and found.process == os.getpid() else None


@cache
def _monty(level: Level) -> Monty | None:
    try:
        found = Monty(level)
    except (ModuleNotFoundError, OSError):
        return None
    atexit.register(found.close)
    return found if found.run("1 + 1", QUICK, 1) == (2, "") else None
