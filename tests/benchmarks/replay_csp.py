"""How many constraint and Z3-like programs that other systems' models wrote are read, decided and right, and why not.

    python tests/benchmarks/replay_csp.py logiclm-csp FILE.jsonl   # lines {id, question, options, program, answer}
    python tests/benchmarks/replay_csp.py logiclm-sat FILE.jsonl
    python tests/benchmarks/replay_csp.py logiclm-csp FILE.jsonl --without mended-letters   # as if this were not mended

Solving is in-process, under the solver's deterministic resource limit: verdicts repeat. Nothing is ever guessed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from replays import Tally, records

from neurosym.errors import ProgramError
from neurosym.language.check import check
from neurosym.language.printer import show
from neurosym.language.read import read as read_ir
from neurosym.notations import read
from neurosym.outcome import Outcome, Status
from neurosym.solvers.base import Task
from neurosym.solvers.smt import Smt
from neurosym.solving.combine import CONCLUSIVE
from neurosym.solving.solve import malformed

SORTS = frozenset({"kind", "arity", "redeclared", "unknown-sort", "unordered-values", "values", "binder"})
AMBIGUOUS = frozenset({"unknown-name", "unknown-function", "option-mode"})
"""What is not declared could stand for anything."""


def failure(outcome: Outcome) -> str:
    """The class of an outcome that decides nothing."""
    if outcome.status is Status.MALFORMED:
        code = outcome.diagnostics[0].code
        return "sort" if code in SORTS else "ambiguity" if code in AMBIGUOUS else "notation"
    names = {Status.CONTRADICTORY: "contradiction", Status.UNDERDETERMINED: "underdetermined"}
    return names.get(outcome.status, outcome.status.value)


def replay(items: Iterable[dict[str, Any]], notation: str, without: frozenset[str], wrong: Path | None) -> None:
    """Print every item that is not right, then the counts."""
    tally = Tally(notation)
    reading = 0.0
    for item in items:
        tally.counts["programs"] += 1
        start = time.process_time()
        try:
            found = read(item["program"], notation, question=item["question"], options=item["options"])
        except ProgramError as error:
            outcome = malformed(error.diagnostics)
        else:
            reading += time.process_time() - start
            tally.counts["read"] += 1
            made = {mend.code for mend in found.mends}
            if made & without:
                tally.failures["not mended"] += 1
                continue
            assert read_ir(show(found.program)) == found.program
            symbols, errors = check(found.program)
            tally.counts["checked"] += not errors
            outcome = malformed(errors) if errors else Smt().solve(Task(found.program, symbols))
            right = outcome.answer == item["answer"]
            tally.mends.update(f"{code}, {'right' if right else outcome.status}" for code in made)
            if outcome.status in CONCLUSIVE:
                tally.judge(outcome, found.program, symbols)
        if outcome.decided:
            tally.decided(item, outcome, "an option", found)
        else:
            tally.failures[failure(outcome)] += 1
            print(f"{item['id']}: {failure(outcome)}: {outcome.message[:200]}")
    tally.report(wrong)
    print(f"reading {1000 * reading / max(tally.counts['read'], 1):.1f} ms of processor time a program")


def main() -> None:
    """Read the command line and replay the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notation", choices=["logiclm-csp", "logiclm-sat"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--without", nargs="*", default=[], help="codes of mends whose programs count as refused")
    parser.add_argument("--wrong", type=Path, help="a file for the wrong answers and their causes")
    given = parser.parse_args()
    replay(records(given.file), given.notation, frozenset(given.without), given.wrong)


if __name__ == "__main__":
    main()
