"""A soak: many programs, two in five of them hostile, by every way to call a pool, while its processes are killed."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import signal
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from processes import children_of

from neurosym.outcome import Status
from neurosym.solvers.python_caller import program_outcome
from neurosym.workers import Job, Limits, Pool, Reply, ReplyKind

PRELOAD = ("neurosym.solvers.python", "statistics", "fractions", "datetime")
CHILDREN = 4
_LIMITS = Limits(seconds=30, memory_mb=128, output_bytes=100_000, sandbox=True)
_SHORT = Limits(seconds=0.1, memory_mb=128, output_bytes=100_000, sandbox=True)
_WAIT_SECONDS = 60.0  # until processes that were told to end have

BENIGN: tuple[Callable[[int], tuple[str, str]], ...] = (
    lambda n: (f"answer = [{n}, sum(i * i for i in range({n % 97}))]", f"{sum(i * i for i in range(n % 97))}"),
    lambda n: (f"from fractions import Fraction\nprint('half')\nanswer = [{n}, Fraction({n}, 1) * 2]", f"{2 * n}"),
    lambda n: (f"import statistics\ndef solution():\n    return [{n}, statistics.mean([1, {n} * 2 - 1])]", f"{n}"),
    lambda n: (f"import datetime\nd = datetime.timedelta(days={n})\n[{n}, d + d]", f"{2 * n}"),
)
"""A harmless program for a number, and the second half of its answer; the first is the number."""

HOSTILE: tuple[tuple[str, Limits], ...] = (
    ("while True:\n    pass", _SHORT),
    (
        "while True:\n    try:\n        print('flood')\n    except BaseException:\n        pass",
        _SHORT,
    ),
    ("x = []\nwhile True:\n    x.append(bytearray(1 << 22))", _LIMITS),
    ("import os\nos._exit(0)", _LIMITS),
    ("import os\nos.fork()", _LIMITS),
    ("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)", _LIMITS),
    ("import ctypes\nctypes.string_at(0)", _LIMITS),
    ("open('/etc/passwd').read()", _LIMITS),
    ("answer = list(range(10**5))", _LIMITS),
    ("print('x' * 10**6)\nraise SystemExit", _LIMITS),
    ("import sys\nsys.setrecursionlimit(10**9)\ndef f(n): return f(n + 1)\nf(0)", _SHORT),
    ("import os\nos.closerange(0, 256)", _LIMITS),
    (
        'import os\nsay = b\'{"kind": "done", "message": "", "value": {"answer": "[1, 1]", "stdout": ""}}\'\n'
        "for n in range(3, 64):\n    try:\n        os.write(n, say * 2)\n    except OSError:\n        pass\n",
        _LIMITS,
    ),
    ("import builtins, sys\nbuiltins.sum = builtins.len = None\nsys.modules.clear()", _LIMITS),
)
"""Programs that want more than to compute, with their limits."""


@dataclass(frozen=True)
class Report:
    """What became of the tasks, and of us.

    right:      harmless programs with the right answer; `wrong` has the numbers of the others, and what they came to.
    missing, repeated:  tasks without a reply, and with several.
    hostile:    what the hostile programs came to.
    kills:      what was killed: workers, jails, zygotes.
    memory:     how many bytes more than after the first tenth this process has; `descriptors`, `processes` likewise.
    """

    tasks: int
    right: int
    wrong: tuple[tuple[int, str], ...]
    missing: int
    repeated: int
    hostile: Counter[str]
    kills: Counter[str]
    memory: int
    descriptors: int
    processes: int
    seconds: float


def soak(tasks: int, *, seed: int, every: int = 40) -> Report:
    """Run that many tasks; after about `every` replies a process of the pool is killed."""
    start = time.perf_counter()
    with Pool(preload=PRELOAD, children=CHILDREN) as pool:
        others = set(children_of(os.getpid()))
        warm = _Run(pool, max(tasks // 10, 50), seed, every, others)
        warm.finish()
        before = _held(others)
        run = _Run(pool, tasks - warm.tasks, seed + 1, every, others)
        run.finish()
        after = _held(others)
    runs = (warm, run)
    return Report(
        tasks=sum(r.tasks for r in runs),
        right=sum(r.right for r in runs),
        wrong=tuple(w for r in runs for w in r.wrong),
        missing=sum(r.tasks - len(r.replies) for r in runs),
        repeated=sum(len(found) > 1 for r in runs for found in r.replies.values()),
        hostile=sum((r.hostile for r in runs), Counter()),
        kills=sum((r.kills for r in runs), Counter()),
        memory=after[0] - before[0],
        descriptors=after[1] - before[1],
        processes=after[2] - before[2],
        seconds=time.perf_counter() - start,
    )


class _Run:
    """Tasks 1 to `tasks`: a third of them by threads, a third by a stream, a third by an event loop."""

    def __init__(self, pool: Pool, tasks: int, seed: int, every: int, others: set[int]) -> None:
        self.tasks, self.replies = tasks, defaultdict[int, list[str]](list)
        self.right, self.wrong = 0, list[tuple[int, str]]()
        self.hostile, self.kills = Counter[str](), Counter[str]()
        self._pool, self._others, self._every = pool, others, every
        self._random = random.Random(seed)
        self._is_hostile = [self._random.random() < 0.4 for _ in range(tasks + 1)]
        self._lock = threading.Lock()
        self._until_kill = every

    def finish(self) -> None:
        numbers = range(1, self.tasks + 1)
        shared = iter(numbers[0::3])
        callers = [threading.Thread(target=self._by_calls, args=(shared,)) for _ in range(CHILDREN)]
        callers.append(threading.Thread(target=self._by_stream, args=(numbers[1::3],)))
        callers.append(threading.Thread(target=lambda: asyncio.run(self._by_loop(numbers[2::3]))))
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()

    def _by_calls(self, numbers: Iterator[int]) -> None:
        while True:
            with self._lock:
                number = next(numbers, None)
            if number is None:
                return
            self._note(number, self._pool.run(self._job(number)))

    def _by_stream(self, numbers: Sequence[int]) -> None:
        for number, reply in zip(numbers, self._pool.stream(map(self._job, numbers)), strict=True):
            self._note(number, reply)

    async def _by_loop(self, numbers: Sequence[int]) -> None:
        room = asyncio.Semaphore(CHILDREN)

        async def ask(number: int) -> None:
            async with room:
                self._note(number, await self._pool.run_async(self._job(number)))

        await asyncio.gather(*map(ask, numbers))

    def _job(self, number: int) -> Job:
        if self._is_hostile[number]:
            code, limits = HOSTILE[number % len(HOSTILE)]
        else:
            code, limits = BENIGN[number % len(BENIGN)](number)[0], _LIMITS
        return Job("neurosym.solvers.python:run_program", {"code": code}, limits)

    def _note(self, number: int, reply: Reply) -> None:
        said = reply.kind.value
        if reply.kind is ReplyKind.DONE:
            outcome = program_outcome(reply.value)
            said = outcome.answer or outcome.status.value if outcome.status is Status.VALUE else outcome.status.value
        with self._lock:
            self.replies[number].append(said)
            if self._is_hostile[number]:
                self.hostile[said if reply.kind is not ReplyKind.DONE or not said.startswith("[") else "value"] += 1
            elif said == f"[{number}, {BENIGN[number % len(BENIGN)](number)[1]}]":
                self.right += 1
            else:
                self.wrong.append((number, f"{said}: {reply.message}"))
            self._until_kill -= 1
            if self._until_kill <= 0:
                self._until_kill = self._random.randint(self._every // 2, 3 * self._every // 2)
                self._kill()

    def _kill(self) -> None:
        """Kill a process of the pool: mostly one without children, sometimes one of those that fork the others."""
        zygotes = [pid for pid in children_of(os.getpid()) if pid not in self._others]
        below = _family(zygotes) - set(zygotes)
        jails = {pid for pid in below if children_of(pid)}
        what, among = self._random.choice([("worker", below - jails)] * 6 + [("jail", jails), ("zygote", set(zygotes))])
        if among:
            with suppress(ProcessLookupError):
                os.kill(self._random.choice(sorted(among)), signal.SIGKILL)
                self.kills[what] += 1


def _held(others: set[int]) -> tuple[int, int, int]:
    """This process's memory, its descriptors, and the processes below it, once those that end have ended."""
    gc.collect()
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        count = len(_family([pid for pid in children_of(os.getpid()) if pid not in others]))
        if count <= 3 + CHILDREN or time.monotonic() > deadline:  # those that fork, and a spare child for each place
            break
        os.sched_yield()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE"), len(os.listdir("/proc/self/fd")), count


def _family(roots: Sequence[int]) -> set[int]:
    """These processes and all below them."""
    found, todo = set[int](), list(roots)
    while todo:
        pid = todo.pop()
        found.add(pid)
        todo += children_of(pid)
    return found
