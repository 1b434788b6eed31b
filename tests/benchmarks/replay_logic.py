"""How many programs that other systems' models wrote in logic are read, decided and right, and why the rest is not.

    python tests/benchmarks/replay_logic.py logiclm-rules FILE.jsonl   # lines {id, question, options, program, answer}
    python tests/benchmarks/replay_logic.py logiclm-fol FILE.jsonl
    python tests/benchmarks/replay_logic.py gold FILE.jsonl            # FOLIO's own formulas: read? satisfiable?

Solving is in-process, under the solver's deterministic resource limit: verdicts repeat. Nothing is ever guessed.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from neurosym.errors import ProgramError
from neurosym.language.check import check
from neurosym.language.printer import show
from neurosym.language.read import read as read_ir
from neurosym.language.tree import Assertion, Program
from neurosym.notations import read
from neurosym.notations.formulas import read_formula
from neurosym.outcome import Outcome, Status
from neurosym.solvers.base import Task
from neurosym.solvers.smt import Smt
from neurosym.solving.options import choose
from neurosym.solving.solve import malformed

AMBIGUOUS = frozenset({"ambiguous-bracket", "free-variable", "several-questions", "scope"})
SORTS = frozenset({"second-order", "kind", "arity", "redeclared"})


def outcome_of(program: Program) -> Outcome:
    """The outcome of a program, which must print and read back as itself."""
    assert read_ir(show(program)) == program
    symbols, found = check(program)
    return malformed(found) if found else Smt().solve(Task(program, symbols))


def failure(outcome: Outcome) -> str:
    """The class of an outcome that decides nothing."""
    codes = {d.code for d in outcome.diagnostics}
    if outcome.status is Status.MALFORMED:
        return "ambiguity" if codes & AMBIGUOUS else "sort" if codes & SORTS else "notation"
    names = {Status.CONTRADICTORY: "contradiction", Status.UNDERDETERMINED: "ambiguity"}
    return names.get(outcome.status, outcome.status.value)


def replay(items: Iterable[dict[str, Any]], notation: str) -> None:
    """Prints every item that is not right, then the counts."""
    counts: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    mends: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    for item in items:
        counts["programs"] += 1
        try:
            reading = read(item["program"], notation, question=item["question"], options=item["options"])
        except ProgramError as error:
            outcome = malformed(error.diagnostics)
        else:
            counts["read"] += 1
            mends.update({mend.code for mend in reading.mends})
            outcome = choose(outcome_of(reading.program), item["options"])
        if not outcome.decided:
            failures[failure(outcome)] += 1
            print(f"{item['id']}: {failure(outcome)}: {outcome.message}")
            continue
        counts["decided"] += 1
        answers[f"{outcome.status}, gold {item['answer']}"] += 1
        if outcome.answer == item["answer"]:
            counts["right"] += 1
        else:
            failures["wrong translation"] += 1
            print(f"{item['id']}: {outcome.answer} ({outcome.status}), gold {item['answer']}")
    share, of_decided = counts["right"] / counts["programs"], counts["right"] / counts["decided"]
    print(f"{dict(counts)}: {share:.1%} of all, {of_decided:.1%} of decided")
    print(f"failures {dict(failures)}\nmends {dict(mends)}\nanswers {dict(sorted(answers.items()))}")


def gold(items: Sequence[dict[str, Any]]) -> None:
    """How many of FOLIO's own formulas read, and whose premises have a model."""
    formulas = Counter(f for item in items for f in item["premises-FOL"])
    unread: Counter[str] = Counter()
    for formula, times in formulas.items():
        try:
            read_formula(formula)
        except ProgramError as error:
            unread[formula] = times
            print(f"unread {formula!r}: {error}")
    different = 1 - len(unread) / len(formulas)
    print(f"read {1 - unread.total() / formulas.total():.2%} of {formulas.total()} formulas, {different:.2%} of those")
    print(f"that differ ({len(formulas)})")
    stories = {item["story_id"]: item["premises-FOL"] for item in items}
    found: Counter[str] = Counter()
    for story, premises in stories.items():
        readable = [p for p in premises if p not in unread]
        try:
            program = read("\n".join([*readable, f"⊢ {readable[0]}"]), "fol").program
        except ProgramError as error:
            found["unread"] += 1
            print(f"story {story}: {error}")
            continue
        outcome = outcome_of(program)
        said = "satisfiable" if outcome.decided else outcome.status.value
        found[said] += 1
        if not outcome.decided:
            core = [show(Program((s,))).strip() for s in program.statements if _in_core(s, outcome)]
            print(f"story {story}: {said}: {core or outcome.message}")
    print(f"premises of {len(stories)} stories: {dict(found)}, {found['satisfiable'] / len(stories):.1%} satisfiable")


def _in_core(statement: object, outcome: Outcome) -> bool:
    return isinstance(statement, Assertion) and statement.span is not None and statement.span.line in outcome.core


def main() -> None:
    """Read the command line and replay the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notation", choices=["logiclm-rules", "logiclm-fol", "gold"])
    parser.add_argument("file", type=Path)
    given = parser.parse_args()
    items = [json.loads(line) for line in given.file.read_text(encoding="utf-8").splitlines()]
    if given.notation == "gold":
        gold(items)
    else:
        replay(items, given.notation)


if __name__ == "__main__":
    main()
