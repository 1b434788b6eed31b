"""The three verdicts, and how they are reached for two terms: exact normal forms, then calculation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from neurosym.equality.normal import Work, difference, ground
from neurosym.equality.numeric import apart
from neurosym.language import tree as t
from neurosym.language.values import TooLarge, Undefined


class Verdict(StrEnum):
    """What is known of two answers."""

    EQUAL = "equal"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Equality:
    """The verdict on two answers, and why. It is neither true nor false: ask `.verdict`."""

    verdict: Verdict
    reason: str

    def __bool__(self) -> NoReturn:
        """Raises TypeError: in `if equal(a, b)` or its negation, *unknown* would pass for one of the other two."""
        raise TypeError(f"an Equality has three verdicts; compare its .verdict, here {self.verdict.value!r}")


def same(reason: str) -> Equality:
    """They are equal, since ..."""
    return Equality(Verdict.EQUAL, reason)


def differ(reason: str) -> Equality:
    """They are different, since ..."""
    return Equality(Verdict.DIFFERENT, reason)


def unknown(reason: str) -> Equality:
    """Nothing is proved, since ..."""
    return Equality(Verdict.UNKNOWN, reason)


def terms(left: t.Expr, right: t.Expr, work: Work) -> Equality:
    """Exact normal forms first; where they do not decide, calculation can show a difference."""
    if isinstance(left, t.Name) and isinstance(right, t.Name) and left != right and left.id.lower() == right.id.lower():
        return unknown("one letter in two cases")
    try:
        one, other = ground(left), ground(right)
        if one is not None and other is not None:
            return same("the numbers are equal") if one == other else differ("the numbers differ")
        rest = difference(left, right, work)
        if not rest.above:
            return same("both have one normal form")
        if rest.exact:
            return differ("their normal forms differ")
    except TooLarge as reason:
        if left == right:
            return same("both are the same term")
        why = str(reason)
    except Undefined as reason:
        return unknown(str(reason))
    else:
        why = "their normal forms differ, which proves nothing of such terms"
    try:
        if apart(left, right, _names(left) | _names(right), work):
            return differ("their values, calculated with error bounds, are apart")
    except TooLarge:
        pass
    return unknown(why)


def _names(e: t.Expr) -> frozenset[str]:
    return frozenset(n.id for n in t.walk(e) if isinstance(n, t.Name)) - {"pi", "e", "i", "oo"}
