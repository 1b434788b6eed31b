"""Forward chaining beside Z3 on the rule programs of a replay: who decides, do they agree, how long does each take.

python tests/benchmarks/rules.py DATA/replay/logiclm-proofwriter-gpt-3.5-turbo.jsonl [--every 4]
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path
from statistics import median

from neurosym.errors import ProgramError
from neurosym.language.lowering import elaborated
from neurosym.notations import read
from neurosym.outcome import Outcome, Status
from neurosym.solvers import solver
from neurosym.solvers.base import Content, Task
from neurosym.solving.combine import CONCLUSIVE
from neurosym.solving.route import content


def timed(name: str, task: Task) -> tuple[Outcome, float]:
    """What a solver says, and the CPU seconds it takes."""
    start = time.process_time()
    outcome = solver(name).solve(task)
    return outcome, time.process_time() - start


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("replay", type=Path)
    parser.add_argument("--every", type=int, default=1, help="ask Z3 about every so many programs only")
    given = parser.parse_args()
    told = Counter[str]()
    steps: list[int] = []
    seconds: dict[str, list[float]] = {"rules": [], "smt": []}
    for line in given.replay.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        try:
            reading = read(item["program"], "logiclm-rules", question=item["question"], options=item["options"])
        except ProgramError:
            continue
        program, symbols, found = elaborated(reading.program)
        if found or content(program, symbols) is not Content.RULES:
            continue
        told["programs"] += 1
        task = Task(program, symbols)
        ours, spent = timed("rules", task)
        seconds["rules"].append(spent)
        told["decided by rules"] += ours.status in CONCLUSIVE
        if ours.status in (Status.TRUE, Status.FALSE):
            steps.append(len(next(e.data["steps"] for e in ours.evidence if e.kind == "derivation")))
        if told["programs"] % given.every == 0:
            theirs, spent = timed("smt", task)
            seconds["smt"].append(spent)
            told["asked of both"] += 1
            both = ours.status in CONCLUSIVE and theirs.status in CONCLUSIVE
            told["decided by both"] += both
            told["of which they agree"] += both and ours.status is theirs.status
    for what, count in told.items():
        print(f"{what:22}{count:6}")
    print(f"steps of a derivation: median {median(steps)}, most {max(steps)}")
    for name, each in seconds.items():
        print(f"{name:6} CPU ms a program: median {1000 * median(each):.1f}, most {1000 * max(each):.0f}")


if __name__ == "__main__":
    main()
