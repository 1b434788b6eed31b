"""Children that serve several jobs of our own code, and jobs that give several values."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from processes import children_of, is_running, wait_until

from neurosym.errors import UsageError
from neurosym.workers import Job, Limits, Pool, ReplyKind

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)  # the zygote takes our sys.path over, and worker_entries is here

ENOUGH = Limits(seconds=60)
SANDBOX = Limits(seconds=60, sandbox=True)
BAD_ENDS = [
    ("raise_value_error", ReplyKind.RAISED),
    ("loop", ReplyKind.TIMEOUT),
    ("hog_memory", ReplyKind.MEMORY),
    ("big_result", ReplyKind.OUTPUT),
    ("exit_early", ReplyKind.DIED),
    ("scribble", ReplyKind.DIED),
]
"""What a job may do instead of returning, and what that comes to."""
Pace = Callable[[Sequence[Any], float], float]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="workers need fork")
needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks into /proc")


def job(entry: str, limits: Limits = ENOUGH, *, reuse: bool = False, **payload: Any) -> Job:
    return Job(f"worker_entries:{entry}", payload, limits, reuse)


@pytest.fixture
def single() -> Iterator[Pool]:
    with Pool(preload=["worker_entries"], children=1) as pool:
        yield pool


def child_of(pool: Pool, entry: str = "pid") -> int:
    """The pid of the child that serves a job of our own code."""
    reply = pool.run(job(entry, reuse=True))
    assert reply.kind is ReplyKind.DONE
    return int(reply.value)


def test_a_child_serves_a_hundred_jobs_of_our_own_code(single: Pool) -> None:
    pids = [child_of(single) for _ in range(150)]
    assert pids == [pids[0]] * 100 + [pids[100]] * 50
    assert pids[0] != pids[100]


@pytest.mark.parametrize(("entry", "kind"), BAD_ENDS)
def test_a_child_whose_job_is_not_done_serves_no_other(single: Pool, entry: str, kind: ReplyKind) -> None:
    before = child_of(single)
    limits = Limits(seconds=0.3 if entry == "loop" else 60, memory_mb=64)
    assert single.run(job(entry, limits, reuse=True, text="", size=2_000_000, code=0)).kind is kind
    assert child_of(single) != before


def counting(then: str, limits: Limits = ENOUGH, pace: Pace | None = None, **payload: Any) -> Job:
    """A job that gives 0, 1 and 2, then what `then` comes to."""
    return Job("worker_entries:count", {"below": 3, "then": then, **payload}, limits, reuse=True, pace=pace)


def test_a_job_of_our_own_code_may_give_values_before_the_last(single: Pool) -> None:
    reply = single.run(counting("pid"))
    assert (reply.kind, reply.earlier) == (ReplyKind.DONE, (0, 1, 2))
    assert child_of(single) == reply.value
    assert single.run(job("pid", reuse=True)).earlier == ()


@pytest.mark.parametrize(("then", "kind"), [*BAD_ENDS, ("half_a_line", ReplyKind.DIED), ("die_of", ReplyKind.LOST)])
def test_what_becomes_of_a_job_takes_no_value_back_that_it_gave(single: Pool, then: str, kind: ReplyKind) -> None:
    limits = Limits(seconds=0.5 if then == "loop" else 60, memory_mb=64)
    reply = single.run(counting(then, limits, text="", size=2_000_000, code=0, signal="SIGKILL"))
    assert (reply.kind, reply.value, reply.earlier) == (kind, None, (0, 1, 2))


def test_each_value_has_the_time_that_its_pace_gives_it(single: Pool) -> None:
    asked: list[tuple[list[int], float]] = []

    def pace(values: Sequence[int], left: float) -> float:
        asked.append((list(values), left))
        return 0.2 if len(values) == slow else 60

    slow = 3
    late = single.run(counting("loop", pace=pace))
    assert (late.kind, late.message, late.earlier) == (ReplyKind.TIMEOUT, "killed after 0.2 s", (0, 1, 2))
    values, left = zip(*asked, strict=True)
    assert (values[0], values[-1]) == ([], [0, 1, 2])
    assert sorted(left, reverse=True) == list(left)
    slow = 0
    early = single.run(Job("worker_entries:count", {"below": 0, "then": "loop"}, ENOUGH, reuse=True, pace=pace))
    assert (early.kind, early.message, early.earlier) == (ReplyKind.TIMEOUT, "killed after 0.2 s", ())
    with pytest.raises(UsageError, match="reuse"):
        Job("worker_entries:count", {}, ENOUGH, pace=pace)


def test_all_values_together_have_the_time_of_the_job(single: Pool) -> None:
    reply = single.run(counting("loop", Limits(seconds=0.3), pace=lambda values, left: 60))
    assert (reply.kind, reply.earlier) == (ReplyKind.TIMEOUT, (0, 1, 2))


def test_a_value_before_the_last_is_limited_too(single: Pool) -> None:
    reply = single.run(Job("worker_entries:repeat", {"size": 2_000_000}, ENOUGH, reuse=True))
    assert (reply.kind, reply.earlier) == (ReplyKind.OUTPUT, ())


def test_a_child_that_does_not_stay_gives_one_value(single: Pool) -> None:
    assert single.run(job("count", below=3, then="pid")).kind is ReplyKind.DIED
    assert single.run(job("count", SANDBOX, below=3, then="pid")).earlier == ()


def test_a_child_that_has_grown_serves_no_other(single: Pool) -> None:
    before = child_of(single, "swell")
    assert child_of(single) != before


def test_a_job_that_may_not_share_gets_a_child_of_its_own(single: Pool) -> None:
    shared = child_of(single)
    assert shared not in {single.run(job("pid")).value, single.run(job("pid", SANDBOX)).value}
    assert child_of(single) == shared
    with pytest.raises(UsageError, match="sandboxed"):
        job("pid", SANDBOX, reuse=True)


def test_each_job_of_a_child_has_its_own_cpu_time(single: Pool) -> None:
    """A job that may use two seconds, after one that has used more: both are done, by one child."""
    first = single.run(job("burn", reuse=True, seconds=2.5))
    second = single.run(job("burn", Limits(seconds=1), reuse=True, seconds=0.01))
    assert first.kind is second.kind is ReplyKind.DONE
    assert first.value == second.value


@needs_proc
def test_waiting_children_may_be_killed_or_closed(single: Pool) -> None:
    zygote = single.run(job("whoami", reuse=True)).value["zygote"]
    for _ in range(5):  # more often than a job is retried
        (waiting,) = children_of(zygote)
        os.kill(waiting, signal.SIGKILL)
        wait_until(lambda: not children_of(zygote))
        assert child_of(single) != waiting
    (waiting,) = children_of(zygote)
    single.close()
    assert not is_running(waiting)
