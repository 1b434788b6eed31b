"""The processes of a pool: its zygote, the zygote's jail, and the children that wait for a job."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress

from neurosym.errors import WorkerError
from neurosym.workers.flight import Flight, LostAttemptError
from neurosym.workers.launcher import Forker, Jail, ZygoteProcess
from neurosym.workers.link import Link
from neurosym.workers.metrics import Tally
from neurosym.workers.sandbox.level import Layer

_LAUNCHES = 5  # of a zygote or jail that ends before it serves


class Crew:
    """Starts them when they are needed and replaces them when they die; methods may be called from any thread.

    A child of our own code stays for the next such job. A sandboxed child serves one job and was forked before it came:
    for every one that is used up, the next is asked for at once.
    """

    def __init__(self, preload: Sequence[str], children: int, tally: Tally) -> None:
        """Starts nothing yet."""
        self._preload, self._children, self._tally = tuple(preload), children, tally
        self._lock = threading.RLock()  # guards what follows
        self._zygote: ZygoteProcess | None = None
        self._staying: list[Link] = []  # the latest used last
        self._spares: list[Link] = []
        self._failures = 0  # zygotes and jails in a row that ended before they served
        self._closed = False

    def start(self) -> ZygoteProcess:
        """The zygote, started if need be, without waiting for it; raises `WorkerError`."""
        with self._lock:
            if self._closed:
                raise WorkerError("this pool of workers is closed")
            if self._zygote is None:
                self._zygote = ZygoteProcess(self._preload)
                self._tally.zygotes += 1
            return self._zygote

    def jail(self) -> Jail:
        """The zygote of sandboxed children, started if need be; raises `LostAttemptError`, `WorkerError`."""
        with self._lock:
            zygote = self.start()
            try:
                return zygote.jail()
            except OSError as error:
                raise _gone(zygote, error) from error

    def layers(self) -> tuple[Layer, ...]:
        """What confines sandboxed children; waits for the jail to tell. Raises as `jail` does."""
        jail = self.jail()
        try:
            return jail.layers()
        except OSError as error:
            raise _gone(jail, error) from error

    def link(self, flight: Flight) -> Link:
        """A child for the job: one that waits, or a new one; raises `LostAttemptError`, `WorkerError`."""
        waiting = self._spares if flight.sandbox else self._staying if flight.reuse else []
        with self._lock:
            while waiting:
                link = waiting.pop()
                if link.is_waiting():
                    return link
                self.dismiss(link)
        return self._new(self.jail() if flight.sandbox else self.start())

    def keep(self, link: Link) -> None:
        """Let a child stay for the next job of our own code."""
        with self._lock:
            if link.home is self._zygote:
                self._staying.append(link)
                return
        self.dismiss(link)

    def dismiss(self, link: Link) -> None:
        """End a child; one that was sandboxed is replaced ahead of the next job."""
        link.close()
        with self._lock:
            self._tally.recycled += 1
        with suppress(LostAttemptError, WorkerError):  # the next job will see it, and say so
            if isinstance(link.home, Jail) and self._is_ours(link.home) and len(self._spares) < self._children:
                self._stock(self._new(link.home))

    def _stock(self, spare: Link) -> None:
        with self._lock:
            if self._is_ours(spare.home):
                self._spares.append(spare)
                return
        spare.close()

    def _is_ours(self, jail: Forker) -> bool:
        return self._zygote is not None and self._zygote.has(jail)

    def _new(self, home: Forker) -> Link:
        try:
            return Link(home)
        except OSError as error:
            raise _gone(home, error) from error

    def bury(self, home: Forker) -> None:
        """Make room for a new zygote or jail; raises `WorkerError` where a new one would fail as this one did."""
        with self._lock:
            zygote = self._zygote
            if zygote and (home is zygote or zygote.has(home)):
                self._failures = 0 if home.served else self._failures + 1
            give_up = self._failures == _LAUNCHES
            if zygote and zygote.has(home) and not give_up:
                zygote.lose(home)
                self._hang_up(self._spares)
                return
            dead = zygote if give_up else home
            code, last_words = dead.end() if isinstance(dead, ZygoteProcess) else (0, "")
            if dead is zygote:
                self._zygote = None
                self._hang_up(self._staying, self._spares)
            if code > 0 or give_up:
                self._failures = 0
                raise WorkerError(f"the workers' zygote ended with code {code}: {last_words or 'no message'}")

    def waiting(self) -> int:
        """How many children wait for a job."""
        return len(self._staying) + len(self._spares)

    def close(self) -> None:
        """Kill them all, for good."""
        with self._lock:
            self._closed = True
            if self._zygote:
                self._zygote.stop()
                self._zygote = None
            self._hang_up(self._staying, self._spares)

    def hold(self) -> None:
        """Keep still while the caller's process forks."""
        self._lock.acquire()

    def release(self) -> None:
        """Go on in the process that has forked."""
        self._lock.release()

    def forget(self) -> None:
        """In a fork of the caller: let go of the caller's processes and sockets."""
        if self._zygote:
            self._zygote.disown()
        for link in (*self._staying, *self._spares):
            link.forget()

    def _hang_up(self, *waiting: list[Link]) -> None:
        for links in waiting:
            while links:
                links.pop().close()


def _gone(home: Forker, error: OSError) -> LostAttemptError:
    return LostAttemptError(f"the zygote is gone: {error}", started=False, lost=home)
