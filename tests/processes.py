"""Looking at processes from outside, for tests that kill some."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path


def children_of(pid: int) -> list[int]:
    """The child processes of any thread of a process."""
    found: list[int] = []
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:  # the process has gone
        return found
    for thread in threads:
        try:
            found += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
        except OSError:  # that thread has gone
            continue
    return found


def wait_until(condition: Callable[[], bool]) -> None:
    """Look again and again; an assertion fails where it takes longer than a minute."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        os.sched_yield()


def state(pid: int) -> str:
    """The letter that the kernel has for what a process does; X where there is none any more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    return state(pid) not in "ZX"
