"""Whether two answers say the same: `$5.00` and `5 dollars`, `2\\sqrt2` and `sqrt(8)`, `3.5 hours` and `210 min`.

Nothing is executed or guessed: answers are read by a grammar, and what is neither proved equal nor proved different is
unknown. Costs are bounded by counted steps, without signals, threads or processes, so it runs anywhere a function runs.
"""

from __future__ import annotations

import re
from fractions import Fraction

from neurosym.equality.answers import Answer, Unreadable
from neurosym.equality.compare import compare
from neurosym.equality.normal import Work
from neurosym.equality.read import MAX_CHARACTERS, read
from neurosym.equality.verdict import Equality, Verdict, differ, same, unknown
from neurosym.language.values import Undefined

__all__ = ["MAX_CHARACTERS", "Equality", "Verdict", "equal"]

_PLAIN = re.compile(r"-?\d{1,300}(?:\.\d{1,300})?\Z", re.ASCII)


def equal(left: str, right: str) -> Equality:
    """Whether two answer texts denote the same value: equal, different or unknown, with the reason.

    Symmetric, deterministic, and total: any text is welcome, none raises. Percentages are numbers (50% is 1/2, not 50);
    a number without a unit takes the other side's unit; decimals are exact (0.33 is not 1/3); the pair `(1, 2)` is a
    point or an interval as the other side needs it; terms are equal that are so wherever both are defined.
    """
    one, other = left.strip(), right.strip()
    if not one or not other:
        return unknown("an answer is empty")
    if one == other:
        return same("they are the same text")
    if _PLAIN.match(one) and _PLAIN.match(other):
        return same("the numbers are equal") if Fraction(one) == Fraction(other) else differ("the numbers differ")
    try:
        readings = [(a, b) for a in _read(one) for b in _read(other)]
        return _agreed([compare(a, b, Work()) for a, b in _comparable(readings)])
    except (Unreadable, Undefined) as reason:
        return unknown(str(reason))
    except RecursionError:
        return unknown("the caller's stack has no room left to read it")


def _read(text: str) -> tuple[Answer, ...]:
    try:
        return read(text)
    except Unreadable as reason:
        shown = text if len(text) <= 40 else f"{text[:37]}..."
        raise Unreadable(f"{shown!r} does not read: {reason}") from None


def _comparable(readings: list[tuple[Answer, Answer]]) -> list[tuple[Answer, Answer]]:
    """The pairs of readings that fit each other best: both with a unit, or else of one kind."""
    measured = [(a, b) for a, b in readings if getattr(a, "unit", None) and getattr(b, "unit", None)]
    return measured or [(a, b) for a, b in readings if type(a) is type(b)] or readings


def _agreed(verdicts: list[Equality]) -> Equality:
    """The verdict of all readings, where they agree."""
    if len({v.verdict for v in verdicts}) > 1:
        return unknown("an answer reads two ways, with different verdicts")
    return verdicts[0]
