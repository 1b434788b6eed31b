"""A line on the terminal that says how far a long run is; nothing where standard error is no terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self, TextIO


class Progress:
    """Counts what is done of `total`, with a rate and what `note` adds; erased at the end."""

    def __init__(self, total: int, stream: TextIO, what: str) -> None:
        self._total, self._stream, self._what = total, stream, what
        self._done = self._before = 0
        self._start = time.monotonic()
        self._shown = stream.isatty()

    def __enter__(self) -> Self:
        self._draw("")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def taken_up(self, done: int) -> None:
        """So many were done by an earlier run."""
        self._done = self._before = done
        self._draw("")

    def step(self, note: str = "") -> None:
        """One more is done."""
        self._done += 1
        self._draw(note)

    def _draw(self, note: str) -> None:
        if not self._shown:
            return
        seconds = time.monotonic() - self._start
        now = self._done - self._before
        left = f", {seconds / now * (self._total - self._done):.0f} s left" if now else ""
        self._stream.write(f"\r\x1b[K{self._done}/{self._total} {self._what}, {seconds:.0f} s{left} {note}")
        self._stream.flush()
