"""What a sandboxed check costs: in CPU time, so that other work on the machine counts less, and by the clock.

python tests/benchmarks/sandbox.py [--checks 200] [--programs ../shared/data/replay/pot-*.jsonl]

With `--programs` (lines with Python in `generated`), also what 2,000 of these cost as they come: some plain, most
small, some with SymPy, each by the way that `neurosym.run` chooses for it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from processes import children_of

from neurosym.language.plain_python import plain
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


def as_they_come(files: Sequence[Path], most: int = 2000) -> tuple[float, float, int]:
    """Milliseconds of CPU a program of the files, evenly chosen; the share that needs no child; and how many."""
    codes = [json.loads(line)["generated"] for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    codes = codes[:: max(1, len(codes) // most)][:most]
    limits = python_limits(5.0, allow_python=True)
    for code in codes[:20]:
        run_program(code, limits)
    before = used(os.getpid())
    replies = [run_program(code, limits) for code in codes]
    spent = (used(os.getpid()) - before) * 1e3
    assert all(reply.kind is not ReplyKind.REFUSED for reply in replies)
    return spent / len(codes), sum(plain(code) is not None for code in codes) / len(codes), len(codes)


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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checks", type=int, default=200)
    parser.add_argument("--programs", type=Path, nargs="+", default=[])
    given = parser.parse_args()
    checks = given.checks
    print(f"level {sandbox().level}")
    for name, code in PROGRAMS.items():
        unconfined, confined = (cost(code, checks, sandboxed=sandboxed) for sandboxed in (False, True))
        took = latencies(lambda code=code: python_pool(code).run(check(code)), checks)  # type: ignore[misc]
        report(name, confined, took, f" (without the sandbox {unconfined:.2f} ms)")
    if monty(sandbox().level):
        code = PROGRAMS["bare"]
        limits = python_limits(20.0, allow_python=True)
        report("plain, no fork", at_once(code, 10 * checks), latencies(lambda: run_program(code, limits), checks))
    if given.programs:
        milliseconds, share, number = as_they_come(given.programs)
        print(
            f"{number} programs as they come, {share:.0%} of them plain: {milliseconds:.2f} ms of CPU each,"
            f" {1e3 / milliseconds:.0f} a second and core, {interpreter() / milliseconds:.0f} times a new interpreter"
        )
    late = overshoots(50)
    print(f"past a deadline of 0.1 s: p50 {late[25]:.2f} ms, p99 {late[-1]:.2f} ms")


if __name__ == "__main__":
    main()
