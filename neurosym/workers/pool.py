"""The pool: jobs in from any thread or event loop, replies out; it retries what was lost."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING
from weakref import WeakSet

from neurosym.errors import UsageError, WorkerError
from neurosym.workers.crew import Crew
from neurosym.workers.flight import Flight, LostAttemptError
from neurosym.workers.job import Job, Reply, ReplyKind
from neurosym.workers.launcher import Jail
from neurosym.workers.metrics import Metrics, Tally
from neurosym.workers.sandbox.level import Layer
from neurosym.workers.turns import Turns

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

_RETRIES = 4  # of a job whose child was killed: by an operator, by a kernel short of memory, by itself


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
        self._threads: ThreadPoolExecutor | None = None
        self._begin()
        _watch_process()
        with _registry:
            _pools.add(self)

    def _begin(self) -> None:
        """Set up what a fork of the caller sets up anew."""
        self._tally = Tally()
        self._crew = Crew(self._preload, self._children, self._tally)
        self._state = threading.Condition()  # guards what follows
        self._backlog: Turns[tuple[Flight, Future[Reply]]] = Turns()  # what our own threads are to run
        self._queue: deque[Flight] = deque()
        self._flights: set[Flight] = set()  # at most `children`

    def start(self) -> None:
        """Start the zygote, without waiting for it; raises `WorkerError` where it cannot start."""
        self._crew.start()

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
            return [future.result() for future in self._submit(object(), flights)]
        except BaseException:
            self._cancel(flights)
            raise

    def stream(self, jobs: Iterable[Job]) -> Iterator[Reply]:
        """The jobs' replies, in their order; takes only as many jobs ahead as keep the children busy.

        Raises as `run` does. Closing the iterator cancels what it had begun.
        """
        caller, ahead = object(), 2 * self._children
        begun: deque[tuple[Flight, Future[Reply]]] = deque()
        coming = iter(jobs)
        try:
            while True:
                for job in islice(coming, ahead - len(begun)):
                    flight = Flight(job)
                    begun.append((flight, self._submit(caller, [flight])[0]))
                if not begun:
                    return
                reply = begun[0][1].result()
                begun.popleft()
                yield reply
        finally:
            self._cancel([flight for flight, _ in begun])

    async def run_async(self, job: Job) -> Reply:
        """As `run`, from asyncio; cancelling the task kills the job."""
        import asyncio  # not needed by those who have no event loop

        flight = Flight(job)
        (future,) = self._submit(asyncio.get_running_loop(), [flight])
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            self._cancel([flight])
            raise

    def layers(self) -> tuple[Layer, ...]:
        """What confines this pool's sandboxed jobs; starts what is needed to tell. Raises `WorkerError`."""
        while True:
            try:
                return self._crew.layers()
            except LostAttemptError as lost:
                self._bury(lost)

    def metrics(self) -> Metrics:
        """The pool's numbers now; those of a fork of the caller begin anew."""
        with self._state:
            queued = len(self._queue) + len(self._backlog)
            return self._tally.metrics(queued=queued, running=len(self._flights), waiting=self._crew.waiting())

    def close(self) -> None:
        """Kill the zygote and every job, whose replies are then `cancelled`; the pool stays closed."""
        with self._state:
            self._closed = True
            self._crew.close()
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
    def preload(self) -> tuple[str, ...]:
        """The modules that every child starts with."""
        return self._preload

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def _check_open(self) -> None:
        if self._closed:
            raise WorkerError("this pool of workers is closed")

    def _submit(self, caller: Hashable, flights: Sequence[Flight]) -> list[Future[Reply]]:
        """Have the jobs run by threads of ours, all of them or (where the pool is closed) none."""
        from concurrent.futures import Future, ThreadPoolExecutor  # brings hooks that would slow the zygote's forks

        futures: list[Future[Reply]] = [Future() for _ in flights]
        with self._state:
            self._check_open()
            if self._threads is None:
                self._threads = ThreadPoolExecutor(self._children, thread_name_prefix="neurosym-worker")
            for flight, future in zip(flights, futures, strict=True):
                self._backlog.put(caller, (flight, future))
                self._threads.submit(self._run_next)
        return futures

    def _run_next(self) -> None:
        """Run the job whose caller's turn it is."""
        with self._state:
            flight, future = self._backlog.take()
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(self._run(flight))
        except BaseException as error:
            future.set_exception(error)

    def _run(self, flight: Flight) -> Reply:
        came = time.monotonic()
        with self._state:
            self._queue.append(flight)  # first come, first served: locks alone let a busy thread overtake for ever
            self._state.wait_for(lambda: self._stopped(flight) or self._may_start(flight))
            self._queue.remove(flight)
            self._flights.add(flight)
            self._state.notify_all()
        began = time.monotonic()
        try:
            reply = self._until_reply(flight)
            with self._state:
                self._tally.note(reply, began - came, time.monotonic() - came)
            return reply
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
        deaths = 0
        while not self._stopped(flight):
            try:
                return self._attempt(flight)
            except LostAttemptError as lost:
                if self._stopped(flight):
                    break
                self._tally.retries += 1
                deaths += lost.started
                self._bury(lost)
                if deaths > _RETRIES:
                    message = f"{lost}, {deaths} times in a row"
                    return Reply(ReplyKind.LOST, message=message, earlier=lost.earlier)
        return Reply(ReplyKind.CANCELLED, message="the pool was closed, or nobody waits for the job any more")

    def _attempt(self, flight: Flight) -> Reply:
        """The job's reply from a child that waits for one, or from a new one; raises as `Flight.attempt` does."""
        link, stays = self._crew.link(flight), False
        try:
            reply, stays = flight.attempt(link)
            return replace(reply, level=link.home.level) if isinstance(link.home, Jail) else reply
        finally:
            if stays:
                self._crew.keep(link)
            else:
                self._crew.dismiss(link)

    def _bury(self, lost: LostAttemptError) -> None:
        """Make room for a new zygote where one was lost; raises `WorkerError` where that would fail again."""
        if lost.lost is not None:
            self._crew.bury(lost.lost)

    def _cancel(self, flights: Sequence[Flight]) -> None:
        for flight in flights:
            flight.cancel()
        with self._state:
            self._state.notify_all()

    def _hold(self) -> None:
        """Keep still while the caller's process forks."""
        self._state.acquire()
        self._crew.hold()

    def _release(self) -> None:
        self._crew.release()
        self._state.release()

    def _forget(self) -> None:
        """In a fork of the caller: let go of the caller's processes, sockets, threads and locks."""
        self._crew.forget()
        for flight in self._flights:
            flight.forget()
        self._threads = None
        self._begin()


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


def close_all() -> None:
    """Close every pool of this process, so that nobody waits for a job any more."""
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
            pool._hold()

    def in_parent(self) -> None:
        for pool in self._held:
            pool._release()
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
    atexit.register(close_all)
    if hasattr(os, "register_at_fork"):
        fork = _Fork()
        os.register_at_fork(before=fork.before, after_in_parent=fork.in_parent, after_in_child=fork.in_child)
