"""Programs a second and core: our warm workers beside one Python process per program, on the same programs.

    python tests/benchmarks/throughput.py ../shared/data [--each 60] [--fresh 8]

A fresh process is how Logic-LM, SAT-LM and LINC run what their models wrote. Ours here imports the solvers that the
program needs and asks them in turn, as a worker does, so only the process model differs. Both sides keep every core
busy, in turns. The overhead is the wall time of `neurosym.run`, one program at a time, minus what the solvers took.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

from draw import program as draw_program

from neurosym import run
from neurosym.errors import ProgramError
from neurosym.language.check import checked
from neurosym.language.printer import show
from neurosym.language.read import read
from neurosym.language.tree import Python
from neurosym.notations import read as read_notation
from neurosym.solving import solve as solving
from neurosym.solving.route import route
from neurosym.training.converters.gsm8k import convert
from neurosym.workers import Job, Reply

EXAMPLES = Path(__file__).parents[2] / "examples" / "programs.jsonl"
CORES = len(os.sched_getaffinity(0))

FRESH = """\
import sys
from importlib import import_module
from neurosym.language.check import checked
from neurosym.language.read import read
from neurosym.solvers import solver
from neurosym.solvers.base import Task
program = read(sys.argv[1])
task = Task(program, checked(program))
for name in sys.argv[2:]:
    print(solver(name).solve(task).answer)
"""


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file."""
    return map(json.loads, path.read_text(encoding="utf-8").splitlines())


def examples() -> Iterator[str]:
    """Our own examples, but for those with Python: other code runs in a fresh fork anyway."""
    return (item["program"] for item in lines(EXAMPLES))


def chains(data: Path) -> Iterator[str]:
    """GSM8K's training solutions as chains of `let`."""
    for item in lines(data / "train" / "gsm8k.jsonl"):
        if program := convert(item):
            yield show(program)


def systems(data: Path) -> Iterator[str]:
    """DRAW's annotated equations."""
    return (draw_program(item["equations"]) for item in lines(data / "dev" / "draw.jsonl"))


def replayed(data: Path, name: str, notation: str) -> Iterator[str]:
    """What a language model wrote for Logic-LM, as our language says it."""
    for item in lines(data / "replay" / f"logiclm-{name}-gpt-3.5-turbo.jsonl"):
        try:
            reading = read_notation(item["program"], notation, question=item["question"], options=item["options"])
        except ProgramError:
            continue
        yield show(reading.program)


def sets(data: Path) -> Mapping[str, Iterator[str]]:
    """The programs by where they are from."""
    return {
        "examples": examples(),
        "GSM8K chains": chains(data),
        "DRAW systems": systems(data),
        "ProofWriter rules": replayed(data, "proofwriter", "logiclm-rules"),
        "LogicalDeduction puzzles": replayed(data, "logicaldeduction", "logiclm-csp"),
    }


def solvers_of(text: str) -> tuple[str, ...] | None:
    """The solvers that a program goes to; None where it does not check, or has Python in it."""
    try:
        program = read(text)
        symbols = checked(program)
    except ProgramError:
        return None
    return None if any(isinstance(s, Python) for s in program.statements) else route(program, symbols)


def rates(programs: Sequence[str], sample: Sequence[str]) -> tuple[float, float]:
    """Programs a second and core: warm, and the sample in fresh processes; in turns, for the same load."""
    turns = max(1, len(sample) // CORES)
    warm = cold = 0.0
    with ThreadPoolExecutor(CORES) as threads:
        for k in range(turns):
            warm += _seconds(threads, run, programs[k::turns])
            cold += _seconds(threads, fresh, sample[k::turns])
    return len(programs) / warm / CORES, len(sample) / cold / CORES


def _seconds(threads: ThreadPoolExecutor, work: Callable[[str], object], programs: Sequence[str]) -> float:
    start = time.perf_counter()
    list(threads.map(work, programs))
    return time.perf_counter() - start


def fresh(text: str) -> None:
    """One program in an interpreter of its own."""
    command = [sys.executable, "-c", FRESH, text, *(solvers_of(text) or ())]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def overheads(programs: Sequence[str]) -> list[float]:
    """For each program, the milliseconds of a run that were not its solvers', the least of three, sorted."""
    pool = solving.pool()
    ask = pool.run
    taken: list[float] = []

    def recorded(job: Job) -> Reply:
        reply = ask(job)
        taken.extend(outcome["seconds"] for outcome in (*reply.earlier, reply.value))
        return reply

    found = []
    pool.run = recorded  # type: ignore[method-assign]
    for text in programs:
        least = math.inf
        for _ in range(3):
            taken.clear()
            start = time.perf_counter()
            run(text)
            least = min(least, time.perf_counter() - start - sum(taken))
        found.append(least * 1e3)
    pool.run = ask  # type: ignore[method-assign]
    return sorted(found)


def main() -> None:
    """Print a row for every set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--each", type=int, default=60, help="programs of each set")
    parser.add_argument("--fresh", type=int, default=8, help="of which so many, evenly spread, also in fresh processes")
    given = parser.parse_args()
    print(
        "| set | programs | warm /s/core | fresh /s/core | ratio | overhead p50 | p95 |\n|---|---|---|---|---|---|---|"
    )
    for name, texts in sets(given.data).items():
        programs = list(islice((text for text in texts if solvers_of(text)), given.each))
        sample = programs[:: max(1, len(programs) // given.fresh)]
        list(map(run, sample))  # so that every worker is warm
        warm, cold = rates(programs, sample)
        ours = overheads(programs)
        p50, p95 = statistics.median(ours), ours[len(ours) * 95 // 100]
        row = [
            name,
            len(programs),
            f"{warm:.1f}",
            f"{cold:.2f}",
            f"{warm / cold:.0f}",
            f"{p50:.1f} ms",
            f"{p95:.1f} ms",
        ]
        print("|", " | ".join(map(str, row)), "|", flush=True)


if __name__ == "__main__":
    main()
