"""The processes and callers of sandboxed jobs: what dies is replaced, nobody waits for ever, it is all counted."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from processes import children_of, state, wait_until

from neurosym.workers import Job, Level, Limits, Pool, Reply, ReplyKind, close_all
from neurosym.workers.turns import Turns

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)  # the zygote takes our sys.path over, and worker_entries is here

ENOUGH = Limits(seconds=60, sandbox=True, least=Level.NONE)
SHORT = Limits(seconds=0.3, sandbox=True, least=Level.NONE)

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


def job(entry: str, limits: Limits = ENOUGH, **payload: Any) -> Job:
    return Job(f"worker_entries:{entry}", payload, limits)


def descendants(pid: int) -> list[int]:
    """The processes below a process, parents first."""
    found = children_of(pid)
    for child in found:
        found += children_of(child)
    return found


def zygotes() -> list[int]:
    return [pid for pid in children_of(os.getpid()) if b"neurosym.workers.zygote" in command_of(pid)]


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:  # gone by itself
        return


def family(pool: Pool) -> list[int]:
    """The zygote, its jail (with namespaces, also their first process), and one child that waits."""
    size = 4 if all(layer.on for layer in pool.layers()) else 3
    found: list[int] = []
    since = time.monotonic()

    def complete() -> bool:
        nonlocal since
        found[:] = [pid for zygote in zygotes() for pid in (zygote, *descendants(zygote))]
        if len(found) != size and time.monotonic() > since + 1:
            # One that was killed may have served a last job before it was gone: the next job brings its successor.
            pool.run(job("square", id=0, n=0))
            since = time.monotonic()
        return len(found) == size and state(found[-1]) == "S"  # not one that has just been killed

    wait_until(complete)
    return found


@pytest.fixture
def pool() -> Iterator[Pool]:
    close_all()  # the pools that other tests left open have zygotes, too
    wait_until(lambda: not zygotes())
    with Pool(preload=["worker_entries"], children=2) as pool:
        yield pool


def test_children_wait_before_their_job_comes(pool: Pool) -> None:
    for number in range(6):
        assert pool.run(job("square", id=number, n=number)).value == {"id": number, "square": number**2}
        wait_until(lambda: pool.metrics().waiting == 1)
    metrics = pool.metrics()
    assert (metrics.replies, metrics.recycled, metrics.retries, metrics.zygotes) == ({"done": 6}, 6, 0, 1)


def test_a_child_of_others_code_that_claims_to_stay_is_killed(pool: Pool) -> None:
    """Whoever has written a reply has had its job: it does not go on, and no other job comes to it."""
    for _ in range(3):
        reply = pool.run(job("say_and_loop"))
        assert (reply.kind, reply.value) == (ReplyKind.DONE, 42)
    assert family(pool)  # in which there is one child, and that one waits
    assert pool.run(job("square", id=0, n=2)).value == {"id": 0, "square": 4}
    assert pool.metrics().retries == 0


def test_children_that_wait_may_be_killed(pool: Pool) -> None:
    for number in range(5):  # more often than a job is retried
        assert pool.run(job("square", id=number, n=number)).kind is ReplyKind.DONE
        waiting = family(pool)[-1]
        kill(waiting)
        wait_until(lambda gone=waiting: not Path(f"/proc/{gone}").exists())  # type: ignore[misc]
    assert pool.metrics().retries == 0


@pytest.mark.parametrize("rank", [0, 1, -2])
def test_a_killed_zygote_jail_or_first_process_is_replaced(pool: Pool, rank: int) -> None:
    assert pool.run(job("square", id=1, n=1)).kind is ReplyKind.DONE
    for number in range(3):
        kill(family(pool)[rank])
        assert pool.run(job("square", id=number, n=2)).value == {"id": number, "square": 4}


def test_a_deadline_kills_also_where_the_zygote_is_busy(pool: Pool) -> None:
    """The child dies of the pool's own signal: its zygote is stopped."""
    assert pool.run(job("square", id=1, n=1)).kind is ReplyKind.DONE
    everybody = family(pool)
    replies: list[Reply] = []
    thread = threading.Thread(target=lambda: replies.append(pool.run(job("loop", SHORT))))
    thread.start()
    wait_until(lambda: pool.metrics().running == 1)
    for pid in everybody[:-1]:
        os.kill(pid, signal.SIGSTOP)
    thread.join()
    wait_until(lambda: state(everybody[-1]) in "ZX")
    for pid in everybody[:-1]:
        os.kill(pid, signal.SIGCONT)
    assert replies[0].kind is ReplyKind.TIMEOUT
    assert pool.run(job("square", id=1, n=1)).kind is ReplyKind.DONE


def test_a_stream_takes_no_more_jobs_than_keep_the_children_busy(pool: Pool) -> None:
    taken = 0

    def jobs() -> Iterator[Job]:
        nonlocal taken
        for number in range(40):
            taken += 1
            yield job("square", id=number, n=number)

    replies = pool.stream(jobs())
    for number in range(20):
        assert next(replies).value == {"id": number, "square": number**2}
        assert taken <= number + 2 * 2
    replies.close()  # type: ignore[attr-defined]
    wait_until(lambda: pool.metrics().running == 0)
    assert taken < 30


def test_callers_take_turns() -> None:
    turns: Turns[str] = Turns()
    for caller, items in (("a", "1234"), ("b", "12"), ("c", "1")):
        for item in items:
            turns.put(caller, caller + item)
    assert len(turns) == 7
    assert [turns.take() for _ in range(7)] == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]


def test_one_caller_with_many_jobs_does_not_keep_others_waiting(pool: Pool) -> None:
    """A hundred jobs are queued from one event loop; one of another comes after few of them, not after all."""
    done: list[str] = []

    def ask(name: str, count: int) -> None:
        async def one(number: int) -> None:
            assert (await pool.run_async(job("square", id=number, n=1))).kind is ReplyKind.DONE
            done.append(name)

        async def everything() -> None:
            await asyncio.gather(*map(one, range(count)))

        asyncio.run(everything())

    greedy = threading.Thread(target=ask, args=("greedy", 100))
    greedy.start()
    wait_until(lambda: pool.metrics().queued > 50)
    before = len(done)
    ask("modest", 1)
    assert done.index("modest") - before < 20
    greedy.join()
    assert len(done) == 101


def test_metrics_count_what_happened(pool: Pool) -> None:
    jobs = [job("square", id=1, n=1), job("loop", SHORT), job("raise_value_error", text="x"), job("exit_early", code=1)]
    pool.run_all(jobs)
    metrics = pool.metrics()
    assert metrics.replies == {"done": 1, "timeout": 1, "raised": 1, "died": 1}
    assert (metrics.kills, metrics.queued, metrics.running) == (1, 0, 0)
    assert 0 <= metrics.queue_ms[0] <= metrics.latency_ms[0] <= metrics.latency_ms[1]
    assert metrics.latency_ms[1] >= 300


def test_a_fork_of_the_caller_has_a_sandbox_of_its_own() -> None:
    """As a forked trainer uses it, with children of the parent's waiting."""
    script = """
import os, sys
sys.path.insert(0, sys.argv[1])
from neurosym.workers import Job, Level, Limits, shared_pool
pool = shared_pool(["worker_entries"])
def ask(number):
    limits = Limits(60, sandbox=True, least=Level.NONE)
    return pool.run(Job("worker_entries:square", {"id": number, "n": number}, limits)).value["square"]
def sockets():
    links = [os.path.join("/proc/self/fd", fd) for fd in os.listdir("/proc/self/fd")]
    return sum(os.readlink(link).startswith("socket") for link in links if os.path.islink(link))
found = [ask(2)]
pid = os.fork()
if pid == 0:
    assert sockets() == 0, sockets()
    code = 0 if [ask(n) for n in range(3)] == [0, 1, 4] else 1
    pool.close()
    os._exit(code)
found.append(os.waitpid(pid, 0)[1])
found.append(ask(3))
print(found)
"""
    ended = subprocess.run([sys.executable, "-c", script, HERE], capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr) == ("[4, 0, 9]\n", "")
