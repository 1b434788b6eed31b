"""What a job in a worker costs, beside a fresh interpreter in the same run, and how late a deadline is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from neurosym.workers import Job, Limits, Pool, ReplyKind

TESTS = str(Path(__file__).parents[1])
if TESTS not in sys.path:
    sys.path.insert(0, TESTS)  # the zygote takes our sys.path over, and worker_entries is there

TRIVIAL = Job("json:dumps", {"a": 1}, Limits(seconds=60))


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(preload=["sympy", "z3"], children=2) as pool:
        assert pool.run(TRIVIAL).kind is ReplyKind.DONE
        yield pool


@pytest.mark.benchmark(group="one trivial job, sympy and z3 at hand")
def test_warm_worker(benchmark: BenchmarkFixture, pool: Pool) -> None:
    reply = benchmark(pool.run, TRIVIAL)
    assert reply.value == '{"a": 1}'


@pytest.mark.benchmark(group="one trivial job, sympy and z3 at hand")
def test_fresh_interpreter(benchmark: BenchmarkFixture) -> None:
    command = [sys.executable, "-c", "import sympy, z3"]
    ended = benchmark.pedantic(subprocess.run, (command,), rounds=5)
    assert ended.returncode == 0


def test_overshoot_past_the_deadline(benchmark: BenchmarkFixture, pool: Pool) -> None:
    """A deadline of 0.1 s for one endless call in C: what the caller waits beyond it is in `extra_info`."""
    limits = Limits(seconds=0.1)
    endless = Job("worker_entries:tower", {}, limits)
    late = []

    def killed() -> ReplyKind:
        reply = pool.run(endless)
        late.append(reply.seconds - limits.seconds)
        return reply.kind

    assert benchmark.pedantic(killed, rounds=20) is ReplyKind.TIMEOUT
    benchmark.extra_info["overshoot_ms"] = {"worst": max(late) * 1e3, "median": sorted(late)[10] * 1e3}
