"""The same problem with other numbers: the model learns what becomes of a number, not which numbers go together.

Only numbers change that the text writes in digits and the program takes over as they are. Half a child, a negative
price and 130% are signs of numbers that a story does not allow: each step's result stays of the kind that it was
(whole or not, positive or not, below one or not).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from math import ceil, floor
from random import Random

from neurosym.language import tree as t
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.grounding import ground
from neurosym.language.quantities import Form, numbers_in
from neurosym.language.read import read
from neurosym.language.symbols import Symbols
from neurosym.language.values import Undefined, Value
from neurosym.training.generator import Example

TRIES = 30
"""Draws of numbers until the results are of the same kinds."""

_IN_TEXT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)( ?%)?")
_IN_PROGRAM = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")
_FIXED = frozenset(map(Fraction, (0, 1, 2, 7, 12, 24, 30, 52, 60, 100, 365, 1000, *range(1900, 2100))))
"""What is seldom a number of the story alone: conversions of units, `twice`, years."""
_IN_A_WEEK = re.compile(
    r" (?:day|night|hour|month|week)s? (?:a|per|each|every|in (?:a|the)|of the) (?:day|week|month|year)"
)
_STEPS = (1000, 500, 100, 50, 10, 5, 1, Fraction(1, 2), Fraction(1, 4), Fraction(1, 20), Fraction(1, 100))


def varied(example: Example, seed: int) -> Example | None:
    """`example`, whose program is a chain of `let`s and an `ask`, with other numbers; None where none are found.

    The same seed gives the same problem.
    """
    program = read(example.program)
    kinds = _kinds(program)
    old = _variable(example)
    if not kinds or not old:
        return None
    complaints = {finding.code for finding in ground(program, example.problem)}
    random = Random(f"{example.id}\n{seed}")
    for _ in range(TRIES):
        new = {value: _other(value, below, random) for value, below in old.items()}
        kept = {value for value in _stated(example.problem) if value not in new}
        if len({*new.values(), *kept}) < len(new) + len(kept) or new.keys() & new.values():
            continue  # two numbers would become one, or one stays
        source = _IN_PROGRAM.sub(partial(_in_program, new), example.program)
        problem = _IN_TEXT.sub(partial(_in_text, new), example.problem)
        changed = read(source)
        if _kinds(changed) == kinds and {finding.code for finding in ground(changed, problem)} <= complaints:
            return replace(example, id=f"{example.id}-{seed}", problem=problem, program=source)
    return None


def _kinds(program: t.Program) -> list[tuple[bool, bool, bool]]:
    """Of each definition, whether it is whole, positive, below one; none where the program is no chain of numbers."""
    values: dict[str, Value] = {}
    for statement in program.statements[:-1]:
        if not isinstance(statement, t.Let):
            return []
        try:
            values[statement.name] = evaluate(statement.value, Symbols(), Interpretation(values=values))
        except Undefined:
            return []
    numbers = [value for value in values.values() if isinstance(value, Fraction)]
    return [(n.denominator == 1, n > 0, n < 1) for n in numbers] if len(numbers) == len(values) else []


def _stated(problem: str) -> set[Fraction]:
    return {q.value * 100 if q.form is Form.PERCENT else q.value for q in numbers_in(problem)}


def _variable(example: Example) -> Mapping[Fraction, Fraction | None]:
    """The numbers that may change, each with what it stays below: those that both sides write in digits only."""
    used = {Fraction(digits) for digits in _IN_PROGRAM.findall(example.program)}
    found: dict[Fraction, Fraction | None] = {}
    fixed = set(_FIXED)
    for q in numbers_in(example.problem):
        written = _IN_TEXT.fullmatch(q.surface)
        around = example.problem[max(q.start - 1, 0) : q.start] + example.problem[q.end : q.end + 1]
        name_or_time = re.search(r"[:/\w-]", around) or _IN_A_WEEK.match(example.problem, q.end)
        if not written or name_or_time or q.form not in (Form.CARDINAL, Form.PERCENT):
            fixed |= {q.value, *q.parts, Fraction(q.value.numerator), Fraction(q.value.denominator)}
            continue
        value = Fraction(written[1].replace(",", ""))
        below = Fraction(100) if q.form is Form.PERCENT else None
        found[value] = found.get(value) or below
    return {value: below for value, below in found.items() if value in used - fixed}


def _other(value: Fraction, below: Fraction | None, random: Random) -> Fraction:
    """Another number between the half and the double of `value`, as round as leaves a choice of four."""
    choices = [value]
    whole = value.denominator == 1
    for step in (Fraction(s) for s in _STEPS if value % Fraction(s) == 0 and (s >= 1 or not whole)):
        low, high = ceil(value / (2 * step)), floor(min(2 * value, below - step if below else 2 * value) / step)
        choices = [n * step for n in range(max(low, 1), high + 1) if n * step not in {value, *_FIXED}]
        if len(choices) >= 4:
            break
    return random.choice(choices or [value])


def _in_program(new: Mapping[Fraction, Fraction], found: re.Match[str]) -> str:
    value = Fraction(found[0])
    return _decimal(new[value]) if value in new else found[0]


def _in_text(new: Mapping[Fraction, Fraction], found: re.Match[str]) -> str:
    """The new number with the decimals that the old one has, at least, and with commas where it has them."""
    old, percent = found[1], found[2] or ""
    value = Fraction(old.replace(",", ""))
    if value not in new:
        return found[0]
    decimals = max(len(part.partition(".")[2]) for part in (old, _decimal(new[value])))
    return f"{float(new[value]):{',' if ',' in old else ''}.{decimals}f}{percent}"


def _decimal(value: Fraction) -> str:
    return f"{float(value):.2f}".rstrip("0").rstrip(".") if value.denominator > 1 else str(value)
