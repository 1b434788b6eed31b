"""How many of DRAW's annotated equation systems come out right, each with the evidence for it.

    python tests/benchmarks/draw.py ../shared/data/dev/draw.jsonl    # lines {id, equations, answers}

A system is right where every unknown's value is among the annotated answers, every annotated answer is the value of an
unknown, and each piece of evidence holds. A long decimal of the annotation is compared to its last digit.
In a few systems the *equations* are printed with fewer digits than they were solved with (0.333 for 0.33333...): those
are counted apart, as right with the digits restored.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from neurosym import Outcome, Status, run
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.read import read_expression
from neurosym.language.symbols import Symbols

UNKNOWN = re.compile(r"[a-z]\w*")
LONG = 8
"""An annotated answer of so many significant digits is a rounded or cut decimal: its last digit may be off by one."""
CUT = re.compile(r"0\.333(?!\d)")


def program(equations: Sequence[str]) -> str:
    """The system in our language. Its equations are written as ours are; the program asks for every unknown."""
    unknowns = ", ".join(dict.fromkeys(UNKNOWN.findall(" ".join(equations))))
    return "\n".join([f"var {unknowns}: real", *equations, f"ask {unknowns}", ""])


def number(answer: str) -> Fraction:
    """The number that an answer is."""
    value = evaluate(read_expression(answer), Symbols(), Interpretation())
    assert isinstance(value, Fraction)
    return value


def restored(equations: Sequence[str]) -> Iterator[list[str]]:
    """The equations with ever more digits of a third; none where they have no such number."""
    if any(CUT.search(e) for e in equations):
        for digits in range(4, 13):
            yield [CUT.sub("0." + "3" * digits, e) for e in equations]


def same(value: Fraction, annotated: Decimal) -> bool:
    """Whether the annotation is the value, as far as its digits say."""
    if value == Fraction(annotated):
        return True
    _, digits, exponent = annotated.as_tuple()
    assert isinstance(exponent, int)
    return len(digits) >= LONG and abs(value - Fraction(annotated)) <= Fraction(10) ** exponent


def verdict(outcome: Outcome, annotated: Sequence[Decimal]) -> str:
    """ "right", or what is wrong."""
    if outcome.status is not Status.VALUE:
        return f"{outcome.status}: {outcome.message}"
    values = [number(answer) for answer in outcome.answers]
    if not all(any(same(v, a) for a in annotated) for v in values):
        return f"a value is not among the answers: {outcome.answer}"
    if not all(any(same(v, a) for v in values) for a in annotated):
        return f"an answer is not in the solution: {outcome.answer}"
    kinds = {e.kind for e in outcome.evidence}
    missing = {"substitution", "uniqueness"} - kinds
    if missing or not all(e.holds for e in outcome.evidence):
        return f"the evidence is missing or does not hold: {sorted(missing)}"
    return "right" if "second_solver" in kinds else "right by one solver"


def verdicts(items: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Each item's id with what came of it, in order."""
    with ThreadPoolExecutor() as threads:
        outcomes = threads.map(lambda item: run(program(item["equations"])), items)
        for item, outcome in zip(items, outcomes, strict=True):
            said = verdict(outcome, item["answers"])
            for equations in restored(item["equations"]) if said != "right" else ():
                if verdict(run(program(equations)), item["answers"]) == "right":
                    said = f"right with the digits restored: {equations} give {item['answers']}"
                    break
            yield item["id"], said


def main(path: Path) -> None:
    """Print every system that is not right, then the counts."""
    lines = path.read_text(encoding="utf-8").splitlines()
    items = [json.loads(line, parse_float=Decimal) for line in lines]
    counts: Counter[str] = Counter()
    for name, said in verdicts(items):
        counts[said.partition(":")[0]] += 1
        if said != "right":
            print(f"{name}: {said}")
    print(f"{dict(counts)} of {len(items)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
