"""What `import neurosym` costs beside a bare interpreter, and how late a deadline is for programs that never end."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from neurosym import Outcome, Status, run

ENDLESS = {
    "tower": "ask 9^9^9^9\n",
    "factorial": "ask factorial(1000000000)\n",
    "polynomial": "var x: real\nx^1000 - x^999 + x^7 = 3\nask x\n",
    "python": "python\n    while True:\n        pass\n    n = 1\nend\nask n\n",
}
SECONDS = 1.0


@pytest.mark.benchmark(group="a new interpreter")
@pytest.mark.parametrize("code", ["pass", "import neurosym", "import neurosym; neurosym.run"])
def test_start(benchmark: BenchmarkFixture, code: str) -> None:
    ended = benchmark.pedantic(subprocess.run, ([sys.executable, "-c", code],), rounds=10, warmup_rounds=1)
    assert ended.returncode == 0


@pytest.mark.benchmark(group="a program that never ends, from a thread; a deadline of 1 s")
@pytest.mark.parametrize("name", ENDLESS)
def test_overshoot_past_the_deadline(benchmark: BenchmarkFixture, name: str) -> None:
    """The longest wait past the deadline is in `extra_info`; where it is below 0, the program was refused at once."""
    assert run("ask 6*7\n").answer == "42"  # the workers are started
    late = []

    def ask() -> Outcome:
        start = time.perf_counter()
        found = _in_thread(ENDLESS[name])
        late.append(time.perf_counter() - start - SECONDS)
        return found

    outcome = benchmark.pedantic(ask, rounds=5)
    assert outcome.status in (Status.TIMEOUT, Status.UNSUPPORTED, Status.GAVE_UP)
    assert run("ask 6*7\n").answer == "42"
    benchmark.extra_info["outcome"] = outcome.status.value
    benchmark.extra_info["overshoot_ms"] = max(late) * 1e3


def _in_thread(program: str) -> Outcome:
    found: list[Outcome] = []
    thread = threading.Thread(target=lambda: found.append(run(program, timeout=SECONDS, allow_python=True)))
    thread.start()
    thread.join()
    return found[0]
