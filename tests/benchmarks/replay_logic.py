"""How many programs that other systems' models wrote in logic are read, decided and right, and why the rest is not.

    python tests/benchmarks/replay_logic.py logiclm-rules FILE.jsonl   # lines {id, question, options, program, answer}
    python tests/benchmarks/replay_logic.py logiclm-fol FILE.jsonl
    python tests/benchmarks/replay_logic.py gold FILE.jsonl            # FOLIO's own formulas: read? satisfiable?

Solving is in-process, under the solver's deterministic resource limit: verdicts repeat. Nothing is ever guessed, and an
independence that may be the translation's (neurosym.notations.doubts) is not believed.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from replays import Tally, records

from neurosym.errors import ProgramError
from neurosym.language.check import check
from neurosym.language.printer import show
from neurosym.language.read import read as read_ir
from neurosym.language.sentences import NOT, stems
from neurosym.language.tree import Assertion, Const, Program, Rel
from neurosym.notations import read
from neurosym.notations.formulas import read_formula
from neurosym.notations.vocabulary import spoken
from neurosym.outcome import Outcome, Status
from neurosym.solvers.base import Task
from neurosym.solvers.smt import Smt
from neurosym.solving.doubt import believed
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
    if any(code.startswith("doubtful-") for code in codes):
        return "doubtful independence"
    if outcome.status is Status.MALFORMED:
        return "ambiguity" if codes & AMBIGUOUS else "sort" if codes & SORTS else "notation"
    names = {Status.CONTRADICTORY: "contradiction", Status.UNDERDETERMINED: "ambiguity"}
    return names.get(outcome.status, outcome.status.value)


def replay(items: Iterable[dict[str, Any]], notation: str, wrong: Path | None) -> None:
    """Print every item that is not right, then the counts, every independence believed and only where it can be."""
    tally, written = Tally(notation), Counter[str]()
    doubts: Counter[str] = Counter()
    for item in items:
        tally.counts["programs"] += 1
        try:
            reading = read(item["program"], notation, question=item["question"], options=item["options"])
        except ProgramError as error:
            outcome = malformed(error.diagnostics)
        else:
            tally.counts["read"] += 1
            tally.mends.update({mend.code for mend in reading.mends})
            first = outcome_of(reading.program)
            tally.judge(first, reading.program, check(reading.program)[0])
            outcome = believed(first, reading, item["question"], outcome_of)
            answers = choose(first, item["options"]).answer
            written["decided"] += first.decided
            written["right"] += answers == item["answer"]
            if first.decided and not outcome.decided:
                right = "right" if answers == item["answer"] else "wrong"
                doubts.update({f"{d.code}, {right}" for d in outcome.diagnostics} | {right})
            outcome = choose(outcome, item["options"])
        if outcome.decided:
            tally.decided(item, outcome, outcome.status, reading)
        else:
            tally.failures[failure(outcome)] += 1
            print(f"{item['id']}: {failure(outcome)}: {outcome.message[:300]}")
    tally.report(wrong)
    print(f"doubted {dict(sorted(doubts.items()))}")
    share = f"{written['right'] / tally.counts['programs']:.1%} of all, {written['right'] / written['decided']:.1%}"
    print(f"with every independence believed: {dict(written)}: {share} of decided")


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


def gold_doubted(items: Sequence[dict[str, Any]]) -> None:
    """How many independences of gold formulas, which lost nothing, are doubted all the same: false alarms.

    FOLIO gives no formulas for its conclusions. Those that say one relation of named things are asked: where the words
    of the sentence are those of one relation and of constants, and what it comes to is what its label says.
    """
    stories = {item["story_id"]: item for item in items}
    counts: Counter[str] = Counter()
    for item in items:
        given = zip(stories[item["story_id"]]["premises-FOL"], stories[item["story_id"]]["premises"], strict=False)
        premises = "\n".join(f"{formula} # {' '.join(sentence.split())}" for formula, sentence in given)
        try:
            program = read(f"{premises}\n⊢ {item['premises-FOL'][0]}", "fol").program
            asked = _asked(program, item["conclusion"])
            if asked is None:
                continue
            reading = read(f"{premises}\n⊢ {asked}", "fol")
        except ProgramError:
            continue
        outcome = outcome_of(reading.program)
        if outcome.status is Status.INDEPENDENT and item["label"] == "Unknown":
            found = believed(outcome, reading, item["conclusion"], outcome_of)
            counts["believed" if found.decided else "doubted"] += 1
            if not found.decided:
                print(f"{item['example_id']}: {found.message[:300]}")
    print(f"independent conclusions of gold formulas: {dict(counts)}")


_EMPTY = frozenset(stems("a an the of in on at to for from by with is are was were be has have it that this does did"))


def _asked(program: Program, conclusion: str) -> str | None:
    """The formula of a conclusion that says one relation of named things; None of any other."""
    if re.search(r"\b(?:if|or|and|nor|some|all|every|no|any|there)\b", conclusion, re.I):
        return None
    words = frozenset(stems(NOT.sub(" ", conclusion)))
    named = [n for s in program.statements if isinstance(s, Const) for n in s.names if {*stems(n)} & words]
    things = [n for n in named if words >= {*stems(n)}]
    rest = words - _EMPTY - {w for n in things for w in stems(n)}
    signatures = [g for s in program.statements if isinstance(s, Rel) for g in s.signatures]
    fitting = [g.name for g in signatures if rest and {*stems(spoken(g.name))} - _EMPTY == rest]
    arities = {g.name: len(g.domains) for g in signatures}
    if len(fitting) != 1 or not things or arities[fitting[0]] != len(things):
        return None
    order = stems(conclusion)
    things.sort(key=lambda n: order.index(stems(n)[0]))
    terms = ", ".join(f'"{n}"' for n in things)
    return f"{'¬' if NOT.search(conclusion) else ''}{spoken(fitting[0])}({terms})"


def _in_core(statement: object, outcome: Outcome) -> bool:
    return isinstance(statement, Assertion) and statement.span is not None and statement.span.line in outcome.core


def main() -> None:
    """Read the command line and replay the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notation", choices=["logiclm-rules", "logiclm-fol", "gold"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--wrong", type=Path, help="a file for the wrong answers and their causes")
    given = parser.parse_args()
    items = list(records(given.file))
    if given.notation == "gold":
        gold(items)
        gold_doubted(items)
    else:
        replay(items, given.notation, given.wrong)


if __name__ == "__main__":
    main()
