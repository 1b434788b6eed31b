"""Do programs that a language model wrote in Python come to the same in the sandbox as where they were recorded?

    python tests/benchmarks/replay_pot.py ../shared/data/replay/pot-*.jsonl

Lines {question, generated, executed, answer}: Program-of-Thoughts' recorded programs. Each runs in the sandbox and, in
a fork of its own, in a plain interpreter. Programs without a recorded result are set aside. Those of AQuA have none at
all and expect the names of their paper's prelude: they get it, and count by the option that their value is nearest to.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

from neurosym import run
from neurosym.errors import ProgramError
from neurosym.language.read import read_expression
from neurosym.language.values import Undefined
from neurosym.outcome import Outcome
from neurosym.solvers.python_caller import ground_value
from neurosym.solvers.python_values import from_json, to_json
from neurosym.solving.options import split_option

SECONDS = 5.0  # as its own harness gave each
_PRELUDE = """\
import math
import numpy as np
import sympy
from sympy import Symbol, Eq, simplify, solve
from sympy.solvers import solve

def solve_it(equations, variables):
    solutions = solve(equations, variables, dict=True)
    if solutions:
        return solutions[0]
    return {v: None for v in (variables if isinstance(variables, list) else [variables])}
"""
_FINISH = """
if isinstance(ans, sympy.Expr) and ans.is_number:
    ans = float(ans)
"""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:/\d+)?")
_NEAR = 0.01  # of its value, to the option's number: as the recorded answers are rounded

# Runs in a plain interpreter: a program a line in, what its `ans` is out; a fork each, killed by the kernel's clock.
_PLAIN = """\
import contextlib, io, json, os, resource, signal, sys
import math, sympy
with contextlib.suppress(ImportError):
    import numpy
def told(value):
    kind = type(value)
    if kind in (bool, int, str) or value is None:
        return value
    if kind is float:
        return repr(value) if value != value or abs(value) == float('inf') else value
    if kind in (list, tuple):
        return [told(item) for item in value]
    if hasattr(value, 'item') and 'numpy' in kind.__module__:
        return told(value.tolist())
    with contextlib.suppress(TypeError, ValueError):
        return float(value)
    return str(value).replace('**', '^')
for line in sys.stdin:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        signal.alarm(int(sys.argv[1]))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        names = {'__name__': '__main__'}
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                exec(json.loads(line), names)
                reply = {'value': told(names.get('ans'))}
            except BaseException as error:
                reply = {'error': type(error).__name__}
        os.write(writer, json.dumps(reply).encode()[:60000])
        os._exit(0)
    os.close(writer)
    raw = os.read(reader, 65536)
    os.close(reader)
    os.waitpid(pid, 0)
    print(raw.decode() or json.dumps({'error': 'killed at its deadline'}), flush=True)
"""


def plain(programs: Sequence[str]) -> list[dict[str, Any]]:
    """What each program's `ans` is in a plain interpreter, or the error's name."""
    lines = "".join(json.dumps(program) + "\n" for program in programs)
    command = [sys.executable, "-W", "ignore", "-c", _PLAIN, str(int(SECONDS))]
    ended = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in ended.stdout.splitlines()]


def sandboxed(programs: Sequence[str]) -> list[Outcome]:
    """The programs' outcomes."""

    def outcome(program: str) -> Outcome:
        return run(program, notation="python", timeout=SECONDS, allow_python=True)

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:
        return list(threads.map(outcome, programs))


def value_of(outcome: Outcome) -> Any:
    """The answer as a Python value, None where there is none."""
    if outcome.answer is None:
        return None
    try:
        return from_json(to_json(ground_value(read_expression(outcome.answer))))
    except (ProgramError, Undefined):
        return outcome.answer


def same(ours: Any, theirs: Any) -> bool:
    """Whether two values are the same: numbers as floats to the last bits, truth as itself, lists item by item."""
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return str(ours) == str(theirs)
    if isinstance(ours, list | tuple) and isinstance(theirs, list | tuple):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    a, b = _float(ours), _float(theirs)
    if a is None or b is None:
        return ours is not None and str(ours) == str(theirs)
    return abs(a - b) <= 1e-12 * max(abs(a), abs(b))


def _float(value: Any) -> float | None:
    if isinstance(value, int | float | Fraction):
        return float(value)
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None


def cause(outcome: Outcome, ours: Any, theirs: Any) -> str:
    """Why the sandbox's result is not the recorded one."""
    if outcome.answer is None:
        message = outcome.message.split(": ", 2)
        return f"{outcome.status}: {': '.join(message[:2])[:100]}"
    return f"another value: {ours!r}, recorded {theirs!r}"[:120]


def replay(items: Sequence[Mapping[str, Any]]) -> None:
    """Print the counts for programs with recorded results, and each program that comes to something else."""
    kept = [item for item in items if item["executed"] is not None]
    programs = [_text(item["generated"]) for item in kept]
    theirs = plain(programs)
    start = time.perf_counter()
    outcomes = sandboxed(programs)
    seconds = time.perf_counter() - start
    counts = Counter(programs=len(items), set_aside=len(items) - len(kept))
    causes: Counter[str] = Counter()
    for item, native, outcome in zip(kept, theirs, outcomes, strict=True):
        value, recorded = value_of(outcome), item["executed"]
        counts["sandbox = recorded"] += same(value, recorded)
        if "error" in native or not same(native["value"], recorded):
            counts["CPython now differs"] += 1
            continue
        counts["CPython = recorded"] += 1
        if same(value, recorded):
            counts["of these, sandbox too"] += 1
        else:
            causes[cause(outcome, value, recorded)] += 1
    share = counts["of these, sandbox too"] / counts["CPython = recorded"]
    print(
        f"{dict(counts)}: {share:.2%} of what CPython runs to the recorded result; {len(kept) / seconds:.0f} programs/s"
    )
    for why, times in causes.most_common():
        print(f"    {times} {why}")


def replay_options(items: Sequence[Mapping[str, Any]]) -> None:
    """Print the counts for AQuA's programs: of those whose value in CPython names the gold option, how many do here."""
    programs = [_PRELUDE + _text(item["generated"]) + _FINISH for item in items]
    theirs = plain(programs)
    outcomes = sandboxed(programs)
    counts = Counter(programs=len(items))
    causes: Counter[str] = Counter()
    for item, native, outcome in zip(items, theirs, outcomes, strict=True):
        expected, value = native.get("value"), value_of(outcome)
        if expected is None:
            continue
        counts["a value in CPython"] += 1
        if same(value, expected):
            counts["of these, sandbox the same"] += 1
        else:
            causes[cause(outcome, value, expected)] += 1
        if nearest(item["options"], expected) == item["answer"]:
            counts["gold in CPython"] += 1
            counts["gold in the sandbox too"] += nearest(item["options"], value) == item["answer"]
    share = counts["gold in the sandbox too"] / counts["gold in CPython"]
    print(f"{dict(counts)}: {share:.2%} of what CPython runs to the gold option")
    for why, times in causes.most_common():
        print(f"    {times} {why}")


def nearest(options: Sequence[str], value: Any) -> str | None:
    """The letter of the option whose number is nearest to the value; None where none is near."""
    number = _float(value)
    if number is None:
        return None
    distances = {}
    for k, text in enumerate(options):
        letter, said = split_option(text, k)
        found = _NUMBER.search(said.replace(",", ""))
        if found:
            distances[letter] = abs(float(Fraction(found[0])) - number)
    best = min(distances, key=distances.__getitem__, default=None)
    return best if best is not None and distances[best] <= _NEAR * abs(number) else None


def _text(generated: str | list[str]) -> str:
    return generated if isinstance(generated, str) else generated[0]


def main() -> None:
    """Read the command line and replay the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    for file in parser.parse_args().files:
        items = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        print(file.name)
        (replay if "executed" in items[0] else replay_options)(items)


if __name__ == "__main__":
    main()
