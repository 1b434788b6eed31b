"""Sets of real numbers with rational ends, merged: two are equal where their lists of spans are."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

from neurosym.equality.answers import Answer, Collection, Interval, Joined, Measure, Shape
from neurosym.equality.normal import Work, form
from neurosym.language import tree as t
from neurosym.language.values import Undefined

Span: TypeAlias = tuple[Fraction | None, bool, Fraction | None, bool]
"""Low, whether it belongs, high, whether it belongs."""


def held(answer: Answer, work: Work) -> list[Span]:
    """The numbers that an answer holds, as disjoint spans in order. Raises Undefined where an end is not rational."""
    return _merged(_spans(answer, work))


def _spans(answer: Answer, work: Work) -> list[Span]:
    match answer:
        case Joined():
            return [s for part in answer.parts for s in _spans(part, work)]
        case Interval():
            low, high = (None if end is None else _rational(end, work) for end in (answer.low, answer.high))
            return [(low, answer.low_closed, high, answer.high_closed)]
        case Collection(shape=Shape.ROUND | Shape.SQUARE, items=(Measure(unit=None) as a, Measure(unit=None) as b)):
            closed = answer.shape is Shape.SQUARE
            return _spans(Interval(a.value, b.value, closed, closed), work)
        case Collection(shape=Shape.SET):
            points = [_rational(i.value, work) for i in answer.items if isinstance(i, Measure) and i.unit is None]
            if len(points) == len(answer.items):
                return [(p, True, p, True) for p in points]
    raise Undefined("no set of numbers")


def _rational(e: t.Expr, work: Work) -> Fraction:
    value = form(e, work).constant
    if value is None:
        raise Undefined("it is not rational")
    return value


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Disjoint, in order: equal lists for equal sets."""
    real = [s for s in spans if s[0] is None or s[2] is None or s[0] < s[2] or (s[0] == s[2] and s[1] and s[3])]
    real.sort(key=lambda s: (s[0] is not None, s[0] or 0, not s[1]))
    merged: list[Span] = []
    for low, low_closed, high, high_closed in real:
        if low is None:
            low_closed = False
        if high is None:
            high_closed = False
        if merged:
            start, start_closed, end, end_closed = merged[-1]
            touches = end is None or low is None or low < end or (low == end and (low_closed or end_closed))
            if touches:
                if end is not None and (high is None or (high, high_closed) > (end, end_closed)):
                    merged[-1] = (start, start_closed, high, high_closed)
                continue
        merged.append((low, low_closed, high, high_closed))
    return merged
