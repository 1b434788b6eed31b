"""What came of programs that other systems' models wrote: the counts, every wrong answer's cause, and a second judge.

The judge is tests/reference.py, which shares no code with the solvers: a verdict that it contradicts is an error of
ours, and so is any verdict from premises in which it finds a contradiction.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from causes import cause

from neurosym.language import tree as t
from neurosym.language.printer import show_statement
from neurosym.language.symbols import Symbols
from neurosym.notations import Reading
from neurosym.outcome import Outcome, Status

sys.path.insert(0, str(Path(__file__).parent.parent))

import reference


@dataclass
class Tally:
    """Counts over one set; `wrong` has a record of every wrong answer."""

    notation: str
    counts: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    mends: Counter[str] = field(default_factory=Counter)
    judged: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    wrong: list[dict[str, Any]] = field(default_factory=list)

    def decided(self, item: dict[str, Any], outcome: Outcome, verdict: str, reading: Reading) -> None:
        """Count an answer, and record it where it is wrong."""
        right = outcome.answer == item["answer"]
        self.counts["decided"] += 1
        self.counts["right"] += right
        self.verdicts[f"{verdict}, {'right' if right else 'wrong'}"] += 1
        if not right:
            self.failures["wrong answer"] += 1
            kind, shown_by = cause(item, self.notation, reading)
            self.causes[kind] += 1
            self.wrong.append(
                {
                    "id": item["id"],
                    "answer": outcome.answer,
                    "gold": item["answer"],
                    "verdict": verdict,
                    "cause": kind,
                    "shown by": shown_by,
                    "rests on": rests_on(outcome, reading),
                }
            )

    def judge(self, outcome: Outcome, program: t.Program, symbols: Symbols) -> None:
        """Compare an outcome with the reference's, which may have none."""
        by_letter = isinstance(program.ask, t.AskOption)
        expected = reference.chosen(program, symbols) if by_letter else reference.entailed(program)
        found = outcome.answer if by_letter and outcome.decided else outcome.status
        if expected is None:
            self.judged["not decided by the reference"] += 1
        elif expected is Status.CONTRADICTORY and outcome.decided:
            self.judged["ANSWERED FROM CONTRADICTORY PREMISES"] += 1
        else:
            self.judged["agree" if found == expected else "DISAGREE"] += 1

    def report(self, wrong: Path | None) -> None:
        """Print everything; the wrong answers into a file where one is given."""
        decided, right = self.counts["decided"], self.counts["right"]
        of_all, of_decided = right / self.counts["programs"], right / max(decided, 1)
        print(f"{dict(self.counts)}: {of_all:.1%} of all, {of_decided:.1%} of decided")
        print(f"verdicts {dict(sorted(self.verdicts.items()))}")
        print(f"failures {dict(self.failures)}\nmends {dict(sorted(self.mends.items()))}")
        print(f"beside the reference {dict(self.judged)}\nwrong answers {dict(self.causes.most_common())}")
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in self.wrong)
        if wrong is not None:
            wrong.write_text(lines, encoding="utf-8")
        else:
            print(lines, end="")


def rests_on(outcome: Outcome, reading: Reading) -> str:
    """What an answer rests on: what was mended, then the premises of its proof, or that there is none."""
    mends = [m.message for m in reading.mends if m.code in ("mended-polarity", "mended-option-mode", "mended-question")]
    lines = {line for e in outcome.evidence for line in e.data.get("lines", ())}
    premises = [show_statement(s) for s in reading.program.statements if _within(s, lines)]
    if outcome.status is Status.INDEPENDENT:
        rest = "no premises decide it: one that is needed is missing, or says less than its sentence"
    elif premises:
        rest = "it follows from " + "; ".join(premises)
    else:
        rest = "it follows from what is declared and asked alone"
    return "; ".join([*mends, rest])


def _within(s: t.Statement, lines: set[int]) -> bool:
    return isinstance(s, t.Assertion | t.Distinct) and s.span is not None and s.span.line in lines


def records(path: Path) -> Iterable[dict[str, Any]]:
    """The lines of a file of JSON objects."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
