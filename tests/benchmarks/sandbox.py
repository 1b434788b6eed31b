"""What a sandboxed check costs: in CPU time, so that other work on the machine counts less, and by the clock.

python tests/benchmarks/sandbox.py [CHECKS]
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from processes import children_of

from neurosym.solving.sandbox import python_limits, python_pool, run_program, sandbox
from neurosym.workers import Job, Limits, Pool, Reply, ReplyKind
from neurosym.workers.monty import monty

PROGRAMS = {
    "bare": "answer = sum(n for n in range(1, 100) if n % 7 == 0)",
    "sympy and z3 warm": "import sympy, z3\nanswer = sympy.Integer(735)",
}


def used(pid: int) -> float:
    """Seconds of CPU time of a process, of its children, and of those that have ended."""
    try:
        ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
    except (FileNotFoundError, ProcessLookupError):  # it had replied, and is gone by now
        return 0.0
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK") + sum(map(used, children_of(pid)))


def check(code: str, seconds: float = 20.0) -> Job:
    """One program with the answer 735."""
    limits = python_limits(seconds, allow_python=True)
    return Job("neurosym.solvers.python:run_program", {"code": code}, limits)


def cost(code: str, checks: int, *, sandboxed: bool) -> float:
    """Milliseconds of CPU for one check: the best of five rounds, the caller's included."""
    job = check(code)
    job = job if sandboxed else Job(job.entry, job.payload, Limits(20.0))
    with Pool(preload=python_pool(code).preload, children=1) as pool:
        return least(lambda: pool.stream([job] * checks)) / checks


def at_once(code: str, checks: int) -> float:
    """The same for a plain program, which takes no child of a zygote."""
    limits = python_limits(20.0, allow_python=True)
    return least(lambda: (run_program(code, limits) for _ in range(checks))) / checks


def least(replies: Callable[[], Iterable[Reply]]) -> float:
    """Milliseconds of CPU until all replies are there, the least of five rounds after a first."""
    rounds = []
    for _ in range(6):
        before = used(os.getpid())
        assert all(reply.kind is ReplyKind.DONE and reply.value["answer"] == "735" for reply in replies())
        rounds.append((used(os.getpid()) - before) * 1e3)
    return min(rounds[1:])


def interpreter() -> float:
    """Milliseconds of CPU for a new interpreter that imports the solvers: the best of five."""
    rounds = []
    for _ in range(5):
        before = used(os.getpid())
        subprocess.run([sys.executable, "-c", "import sympy, z3"], check=True)
        rounds.append((used(os.getpid()) - before) * 1e3)
    return min(rounds)


def latencies(ask: Callable[[], Reply], checks: int) -> list[float]:
    """Milliseconds from asking to the reply, on an idle pool, sorted."""
    found = []
    assert ask().kind is ReplyKind.DONE
    for _ in range(checks):
        time.sleep(0.01)  # idle: the next child has been forked
        start = time.perf_counter()
        ask()
        found.append((time.perf_counter() - start) * 1e3)
    return sorted(found)


def overshoots(checks: int) -> list[float]:
    """Milliseconds past a deadline of 0.1 s until an endless loop's caller has its reply, sorted."""
    pool, found = python_pool(""), []
    for _ in range(checks):
        start = time.perf_counter()
        assert pool.run(check("while True: pass", 0.1)).kind is ReplyKind.TIMEOUT
        found.append((time.perf_counter() - start - 0.1) * 1e3)
    return sorted(found)


def report(name: str, milliseconds: float, took: Sequence[float], more: str = "") -> None:
    """Print what a check costs and how long it takes."""
    print(
        f"{name}: {milliseconds:.2f} ms of CPU a check, {1e3 / milliseconds:.0f} a second and core{more},"
        f" {interpreter() / milliseconds:.0f} times a new interpreter;"
        f" latency p50 {took[len(took) // 2]:.2f} ms, p99 {took[len(took) * 99 // 100]:.2f} ms"
    )


def main() -> None:
    """Print the figures."""
    checks = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print(f"level {sandbox().level}")
    for name, code in PROGRAMS.items():
        unconfined, confined = (cost(code, checks, sandboxed=sandboxed) for sandboxed in (False, True))
        took = latencies(lambda code=code: python_pool(code).run(check(code)), checks)  # type: ignore[misc]
        report(name, confined, took, f" (without the sandbox {unconfined:.2f} ms)")
    if monty(sandbox().level):
        code = PROGRAMS["bare"]
        limits = python_limits(20.0, allow_python=True)
        report("plain, no fork", at_once(code, 10 * checks), latencies(lambda: run_program(code, limits), checks))
    late = overshoots(50)
    print(f"past a deadline of 0.1 s: p50 {late[25]:.2f} ms, p99 {late[-1]:.2f} ms")


if __name__ == "__main__":
    main()
