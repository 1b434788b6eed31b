"""How many of DRAW's annotated equation systems come out right, each with a certificate that is checked again.

    python tests/benchmarks/draw.py ../shared/data/dev/draw.jsonl    # lines {id, equations, answers}

A system is right where every unknown's value is among the annotated answers and every annotated answer is the value of
an unknown, each piece of evidence holds, and `neurosym recheck` confirms the certificate.

The data prints numbers: a decimal stands for every number that rounds to it, or is cut to it. Answers are compared so:
within one unit of their last printed digit, where they are printed with at least LONG digits, else exactly. In a few
systems the *equations* were printed with fewer digits than they were solved with (0.333 for a third): there the
annotated answers solve the system for some numbers within half a unit of the last digits printed. These are counted
apart, and what is compared is not our answer alone: that the annotated values satisfy each equation, as intervals.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

from neurosym import Outcome, Status, run
from neurosym.certificates import certifiable, certificate, recheck
from neurosym.language import tree as t
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.read import read_expression
from neurosym.language.symbols import Symbols

UNKNOWN = re.compile(r"[a-z]\w*")
LONG = 8
"""An annotated answer of so many significant digits is a rounded or cut decimal: its last digit may be off by one."""
DECIMAL = re.compile(r"\d+\.(\d+)")
Interval: TypeAlias = tuple[Fraction, Fraction]


def program(equations: Sequence[str]) -> str:
    """The system in our language. Its equations are written as ours are; the program asks for every unknown."""
    unknowns = ", ".join(dict.fromkeys(UNKNOWN.findall(" ".join(equations))))
    return "\n".join([f"var {unknowns}: real", *equations, f"ask {unknowns}", ""])


def number(answer: str) -> Fraction:
    """The number that an answer is."""
    value = evaluate(read_expression(answer), Symbols(), Interpretation())
    assert isinstance(value, Fraction)
    return value


def same(value: Fraction, annotated: Decimal) -> bool:
    """Whether the annotation is the value, as far as its digits say."""
    if value == Fraction(annotated):
        return True
    _, digits, exponent = annotated.as_tuple()
    assert isinstance(exponent, int)
    return len(digits) >= LONG and abs(value - Fraction(annotated)) <= Fraction(10) ** exponent


# --- equations as they are printed ------------------------------------------------------------------------------


def as_printed(equations: Sequence[str], outcome: Outcome, annotated: Sequence[Decimal]) -> bool:
    """Whether the annotated answers solve the system, each number anywhere within what rounds to what is printed.

    Each unknown's value is the annotated answer nearest to the one found.
    """
    unknowns = list(dict.fromkeys(UNKNOWN.findall(" ".join(equations))))
    found = [number(answer) for answer in outcome.answers]
    if len(found) != len(unknowns) or not any(DECIMAL.search(e) for e in equations):
        return False
    nearest = [min(annotated, key=lambda a, value=value: abs(Fraction(a) - value)) for value in found]  # type: ignore[misc]
    if set(nearest) != set(annotated):
        return False
    values = {name: printed(str(a)) for name, a in zip(unknowns, nearest, strict=True)}
    for equation in equations:
        left, right = (interval(side, values) for side in equation.split("="))
        if left[1] < right[0] or right[1] < left[0]:
            return False
    return True


def printed(digits: str) -> Interval:
    """All numbers that a decimal may be the print of; a number without a point is exact."""
    value, places = Fraction(digits), DECIMAL.fullmatch(digits.lstrip("-"))
    half = Fraction(1, 2 * 10 ** len(places[1])) if places else Fraction(0)
    return value - half, value + half


def interval(side: str, values: Mapping[str, Interval]) -> Interval:
    """The values that one side of an equation can have."""
    literals: dict[str, Interval] = dict(values)

    def named(found: re.Match[str]) -> str:
        name = f"literal{len(literals)}"
        literals[name] = printed(found[0])
        return name

    return _interval(read_expression(DECIMAL.sub(named, side.strip())), literals)


def _interval(e: t.Expr, values: Mapping[str, Interval]) -> Interval:
    match e:
        case t.Name():
            return values[e.id]
        case t.Number():
            return e.value, e.value
        case t.Unary():
            low, high = _interval(e.operand, values)
            return -high, -low
        case t.Binary():
            (a, b), (c, d) = _interval(e.left, values), _interval(e.right, values)
            match e.op:
                case t.BinaryOp.ADD:
                    return a + c, b + d
                case t.BinaryOp.SUB:
                    return a - d, b - c
                case t.BinaryOp.MUL:
                    corners = (a * c, a * d, b * c, b * d)
                    return min(corners), max(corners)
                case t.BinaryOp.DIV if c > 0 or d < 0:
                    corners = (a / c, a / d, b / c, b / d)
                    return min(corners), max(corners)
    raise ValueError(f"no linear equation: {e}")


# --- verdicts ---------------------------------------------------------------------------------------------------


def verdict(item: dict[str, Any], outcome: Outcome) -> str:
    """ "right", "right as printed", or what is wrong."""
    annotated = item["answers"]
    if outcome.status is not Status.VALUE:
        return f"{outcome.status}: {outcome.message}"
    kinds = {e.kind for e in outcome.evidence}
    missing = {"substitution", "uniqueness"} - kinds
    if missing or not all(e.holds for e in outcome.evidence):
        return f"the evidence is missing or does not hold: {sorted(missing)}"
    values = [number(answer) for answer in outcome.answers]
    among = all(any(same(v, a) for a in annotated) for v in values)
    if among and all(any(same(v, a) for v in values) for a in annotated):
        return "right"
    if as_printed(item["equations"], outcome, annotated):
        return f"right as printed: {outcome.answer} for {', '.join(map(str, annotated))} in {item['equations']}"
    return f"another solution: {outcome.answer}"


def examined(item: dict[str, Any]) -> tuple[str, str, bool]:
    """What came of a system: the verdict, the recheck's verdict, and whether a second solver confirmed it."""
    text = program(item["equations"])
    outcome = run(text)
    again = recheck(certificate(text, outcome)).verdict if certifiable(outcome) else "no certificate"
    return verdict(item, outcome), str(again), any(e.kind == "second_solver" for e in outcome.evidence)


def main(path: Path) -> None:
    """Print every system that is not right, then the counts."""
    lines = path.read_text(encoding="utf-8").splitlines()
    items = [json.loads(line, parse_float=Decimal) for line in lines]
    counts, again, second = Counter[str](), Counter[str](), 0
    with ThreadPoolExecutor() as threads:
        for item, (said, rechecked, confirmed) in zip(items, threads.map(examined, items), strict=True):
            counts[said.partition(":")[0]] += 1
            again[rechecked] += 1
            second += confirmed
            if said != "right" or rechecked != "confirmed":
                print(f"{item['id']}: {said} ({rechecked})")
    print(f"{dict(counts)} of {len(items)}; confirmed by a second solver {second}; rechecked {dict(again)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
