"""How far a long run is: one line on a terminal, redrawn; a plain line a minute in a log, to show that it lives."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TextIO

_EVERY = 60.0
"""Seconds between two plain lines; a run that ends sooner prints none."""


class Progress:
    """Counts what is done of `total`, with a rate and what `note` adds; on a terminal, erased at the end.

    clock:  seconds from any fixed moment; tests pass their own.
    """

    def __init__(self, total: int, stream: TextIO, what: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._total, self._stream, self._what, self._clock = total, stream, what, clock
        self._done = self._before = 0
        self._start = self._printed = clock()
        self._terminal = stream.isatty()

    def __enter__(self) -> Self:
        self._show("")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._terminal:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def taken_up(self, done: int) -> None:
        """So many were done by an earlier run."""
        self._done = self._before = done
        self._show("")

    def step(self, note: str = "") -> None:
        """One more is done."""
        self._done += 1
        self._show(note)

    def _show(self, note: str) -> None:
        now = self._clock()
        if self._terminal:
            self._stream.write(f"\r\x1b[K{self._line(now, note)}")
        elif now - self._printed >= _EVERY:
            self._printed = now
            self._stream.write(f"{self._line(now, note)}\n")
        else:
            return
        self._stream.flush()

    def _line(self, now: float, note: str) -> str:
        seconds, steps = now - self._start, self._done - self._before
        left = f", {seconds / steps * (self._total - self._done):.0f} s left" if steps else ""
        return f"{self._done}/{self._total} {self._what}, {seconds:.0f} s{left} {note}".rstrip()
