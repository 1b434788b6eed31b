"""Looking at processes from outside, for tests that kill some."""

from __future__ import annotations

from pathlib import Path


def children_of(pid: int) -> list[int]:
    """The child processes of any thread of a process."""
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, children.read_text().split())
        except OSError:  # that thread has gone
            continue
    return found
