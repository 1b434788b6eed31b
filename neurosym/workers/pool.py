"""The pool: jobs in from any thread or event loop, replies out; it retries what was lost."""

from __future__ import annotations

import atexit
import os
import threading
from collections import deque
from collections.abc import Sequence
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING
from weakref import WeakSet

from neurosym.errors import UsageError, WorkerError
from neurosym.workers.flight import Flight, LostAttemptError
from neurosym.workers.job import Job, Reply, ReplyKind
from neurosym.workers.launcher import ZygoteProcess
from neurosym.workers.link import Link

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

_RETRIES = 2  # of a job whose child was killed: by an operator, by a kernel short of memory, by itself
_LAUNCHES = 5  # of a zygote that is killed before it serves


class Pool:
    """Runs jobs in child processes, at most `children` at once (default: one for each CPU that we may use).

    `preload` names the modules that every child starts with. The first job starts the pool, in about the time
    that those modules take to import; jobs wait meanwhile. In a fork of the caller the same object starts
    processes of its own. Methods may be called from any thread.
    """

    def __init__(self, *, preload: Sequence[str] = (), children: int | None = None) -> None:
        """Raises `UsageError` where `children` is not positive; starts nothing yet."""
        self._preload = tuple(preload)
        self._children = _usable_cpus() if children is None else children
        if self._children < 1:
            raise UsageError(f"a pool needs at least one child, not {self._children}")
        self._closed = False
        self._state = threading.Condition()  # guards what follows
        self._zygote: ZygoteProcess | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._queue: deque[Flight] = deque()
        self._flights: set[Flight] = set()  # at most `children`
        self._waiting: list[Link] = []  # children that stay, at most `children`, the latest used last
        _watch_process()
        with _registry:
            _pools.add(self)

    def start(self) -> None:
        """Start the zygote, without waiting for it; raises `WorkerError` where it cannot start."""
        self._check_open()
        self._serving()

    def run(self, job: Job) -> Reply:
        """The job's reply; blocks until there is one, however many jobs wait before it.

        Raises `WorkerError` where workers cannot be started or the pool is closed, `UsageError` where the
        payload is not JSON; whatever the job itself does is a reply.
        """
        self._check_open()
        return self._run(Flight(job))

    def run_all(self, jobs: Sequence[Job]) -> list[Reply]:
        """The jobs' replies, in the order of the jobs, which run side by side; raises as `run` does."""
        flights = [Flight(job) for job in jobs]
        try:
            return [future.result() for future in self._submit(flights)]
        except BaseException:
            self._cancel(flights)
            raise

    async def run_async(self, job: Job) -> Reply:
        """As `run`, from asyncio; cancelling the task kills the job."""
        import asyncio  # not needed by those who have no event loop

        flight = Flight(job)
        (future,) = self._submit([flight])
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            self._cancel([flight])
            raise

    def close(self) -> None:
        """Kill the zygote and every job, whose replies are then `cancelled`; the pool stays closed."""
        with self._state:
            self._closed = True
            if self._zygote:
                self._zygote.stop()
                self._zygote = None
            self._hang_up()
            if self._threads:
                self._threads.shutdown(wait=False)
            self._state.notify_all()

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def _check_open(self) -> None:
        if self._closed:
            raise WorkerError("this pool of workers is closed")

    def _submit(self, flights: Sequence[Flight]) -> list[Future[Reply]]:
        """Have the jobs run by threads of ours, all of them or (where the pool is closed) none."""
        from concurrent.futures import ThreadPoolExecutor  # brings hooks that would slow the zygote's forks

        with self._state:
            self._check_open()
            if self._threads is None:
                self._threads = ThreadPoolExecutor(self._children, thread_name_prefix="neurosym-worker")
            return [self._threads.submit(self._run, flight) for flight in flights]

    def _serving(self) -> ZygoteProcess | None:
        """The zygote, started if need be; None where the pool is closed."""
        with self._state:
            if self._zygote is None and not self._closed:
                self._zygote = ZygoteProcess(self._preload)
            return self._zygote

    def _run(self, flight: Flight) -> Reply:
        with self._state:
            self._queue.append(flight)  # first come, first served: locks alone let a busy thread overtake for ever
            self._state.wait_for(lambda: self._stopped(flight) or self._may_start(flight))
            self._queue.remove(flight)
            self._flights.add(flight)
            self._state.notify_all()
        try:
            return self._until_reply(flight)
        finally:
            with self._state:
                self._flights.discard(flight)
                self._state.notify_all()

    def _may_start(self, flight: Flight) -> bool:
        return self._queue[0] is flight and len(self._flights) < self._children

    def _stopped(self, flight: Flight) -> bool:
        return self._closed or flight.cancelled

    def _until_reply(self, flight: Flight) -> Reply:
        """Attempt the job until an attempt says something about it."""
        deaths = launches = 0
        while not self._stopped(flight) and (zygote := self._serving()):
            try:
                return self._attempt(flight, zygote)
            except LostAttemptError as lost:
                if self._stopped(flight):
                    break
                launches += not lost.started
                deaths += lost.started
                if lost.zygote_died:
                    self._bury(zygote, give_up=launches == _LAUNCHES)
                if deaths > _RETRIES:
                    return Reply(ReplyKind.DIED, message=f"{lost}, {deaths} times in a row")
        return Reply(ReplyKind.CANCELLED, message="the pool was closed, or nobody waits for the job any more")

    def _attempt(self, flight: Flight, zygote: ZygoteProcess) -> Reply:
        """The job's reply from a child that waits for one, or from a new one; raises as `Flight.attempt` does."""
        link, stays = (self._next_waiting() if flight.reuse else None) or _linked(zygote), False
        try:
            reply, stays = flight.attempt(link)
            return reply
        finally:
            with self._state:
                if stays and link.zygote is self._zygote:
                    self._waiting.append(link)
                else:
                    link.close()

    def _next_waiting(self) -> Link | None:
        with self._state:
            while self._waiting:
                link = self._waiting.pop()
                if link.is_quiet():
                    return link
                link.close()
        return None

    def _hang_up(self) -> None:
        """Let go of the children that wait for a job."""
        while self._waiting:
            self._waiting.pop().close()

    def _bury(self, zygote: ZygoteProcess, *, give_up: bool) -> None:
        """Make room for a new zygote; raises `WorkerError` where a new one would fail as this one did."""
        with self._state:
            code, last_words = zygote.end()
            if self._zygote is zygote:
                self._zygote = None
                self._hang_up()
        if code > 0 or give_up:
            raise WorkerError(f"the workers' zygote ended with code {code}: {last_words or 'no message'}")

    def _cancel(self, flights: Sequence[Flight]) -> None:
        for flight in flights:
            flight.cancel()
        with self._state:
            self._state.notify_all()

    def _forget(self) -> None:
        """In a fork of the caller: let go of the caller's processes, sockets, threads and locks."""
        if self._zygote:
            self._zygote.disown()
        for flight in self._flights:
            flight.forget()
        for link in self._waiting:
            link.forget()
        self._state = threading.Condition()
        self._zygote = self._threads = None
        self._queue = deque()
        self._flights = set()
        self._waiting = []


def _linked(zygote: ZygoteProcess) -> Link:
    """A new child; raises `LostAttemptError` where the zygote is gone."""
    try:
        return Link(zygote)
    except OSError as error:
        raise LostAttemptError(f"the zygote is gone: {error}", started=False, zygote_died=True) from error


def shared_pool(preload: Sequence[str] = ()) -> Pool:
    """The process-wide pool for these modules, made at the first call (and anew after it was closed)."""
    key = tuple(preload)
    with _registry:
        if key not in _shared or _shared[key].closed:
            _shared[key] = Pool(preload=key)
        return _shared[key]


def _usable_cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_registry = threading.RLock()  # guards the two collections below
_pools: WeakSet[Pool] = WeakSet()
_shared: dict[tuple[str, ...], Pool] = {}


def _close_all() -> None:
    for pool in list(_pools):
        pool.close()


class _Fork:
    """Keeps every pool still while the caller's process forks, so that the copy finds nothing half done."""

    def __init__(self) -> None:
        self._held: list[Pool] = []

    def before(self) -> None:
        _registry.acquire()
        self._held = list(_pools)
        for pool in self._held:
            pool._state.acquire()

    def in_parent(self) -> None:
        for pool in self._held:
            pool._state.release()
        self._held = []
        _registry.release()

    def in_child(self) -> None:
        for pool in self._held:
            pool._forget()
        self._held = []
        _registry.release()  # held by the one thread that is left


@cache
def _watch_process() -> None:
    """Follow the caller's forks and its exit, from the first pool on (a zygote has none, and forks the faster)."""
    atexit.register(_close_all)
    if hasattr(os, "register_at_fork"):
        fork = _Fork()
        os.register_at_fork(before=fork.before, after_in_parent=fork.in_parent, after_in_child=fork.in_child)
