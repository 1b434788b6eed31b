"""Typed values → verdict: equal only where it is proved, different only where it is proved, else unknown, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeAlias

from neurosym.equality import equations, units
from neurosym.equality.answers import (
    Answer,
    Collection,
    Ellipsis,
    Interval,
    Joined,
    Measure,
    Named,
    Ratio,
    Relation,
    Shape,
    Unit,
    Words,
)
from neurosym.equality.normal import Work, difference
from neurosym.equality.parts import is_name
from neurosym.equality.reals import held
from neurosym.equality.verdict import Equality, Verdict, differ, same, terms, unknown
from neurosym.language import tree as t
from neurosym.language.values import Undefined

_RANK = {
    kind: n for n, kind in enumerate((Named, Relation, Measure, Joined, Interval, Collection, Ratio, Words, Ellipsis))
}
Compare: TypeAlias = Callable[[Any, Any, Work], Equality]


def compare(left: Answer, right: Answer, work: Work) -> Equality:
    """The verdict on two values; `work` bounds what it costs. Symmetric in its verdict."""
    left, right = (_simple(_solved(side, work), work) for side in (left, right))
    if _RANK[type(left)] > _RANK[type(right)]:
        left, right = right, left
    comparison = _SAME_KIND.get(type(left)) if type(left) is type(right) else _ACROSS.get((type(left), type(right)))
    if comparison is None:
        return unknown(f"{_kind(left)} and {_kind(right)} are not compared")
    return comparison(left, right, work)


def _kind(answer: Answer) -> str:
    return str(answer.shape) if isinstance(answer, Collection) else _KINDS[type(answer)]


_KINDS = {
    Named: "a named value",
    Relation: "a relation",
    Measure: "a number or term",
    Joined: "a union",
    Interval: "an interval",
    Ratio: "a ratio",
    Words: "words",
    Ellipsis: "an ellipsis",
}


# --- terms and measures -----------------------------------------------------------------------------------------


def _measures(left: Measure, right: Measure, work: Work) -> Equality:
    one, other = left.unit, right.unit
    if one is None and other is None:
        return terms(left.value, right.value, work)
    if one is None or other is None:
        return _bare(left, right, work)
    if one.dimension != other.dimension:
        if not (one.known and other.known):
            return unknown(f"{one.text} and {other.text} may or may not be the same")
        if frozenset(name for u in (one, other) for name, _ in u.dimension) & {"month"} or _alike(one, other):
            return unknown(f"{one.text} and {other.text} have no fixed rate")
        return differ(f"{one.text} and {other.text} measure different things")
    return terms(_scaled(left.value, one), _scaled(right.value, other), work)


def _alike(one: Unit, other: Unit) -> bool:
    return frozenset({one.dimension[0][0], other.dimension[0][0]}) in units.AMBIGUOUS_PAIRS


def _scaled(value: t.Expr, unit: Unit) -> t.Expr:
    return value if unit.scale == 1 else t.Binary(t.BinaryOp.MUL, value, t.Number(unit.scale))


def _bare(left: Measure, right: Measure, work: Work) -> Equality:
    """A bare number takes the unit of the other side, as a literal does in our language."""
    unit = left.unit or right.unit
    assert unit is not None
    verdict = terms(left.value, right.value, work)
    if verdict.verdict is Verdict.EQUAL:
        return same(f"the number without a unit is taken in {unit.text}")
    others = [u.scale for u in units.UNITS.values() if unit.known and u.dimension == unit.dimension]
    bare, measured = (left, right) if left.unit is None else (right, left)
    for scale in sorted({unit.scale / s for s in others} - {Fraction(1)}):
        converted = t.Binary(t.BinaryOp.MUL, measured.value, t.Number(scale))
        if terms(bare.value, converted, work).verdict is not Verdict.DIFFERENT:
            return unknown(f"the number without a unit may be meant in another one than {unit.text}")
    return verdict


# --- collections ------------------------------------------------------------------------------------------------


def _collections(left: Collection, right: Collection, work: Work) -> Equality:
    shapes = {left.shape, right.shape}
    ordered = _ordered(left.items, right.items, work)
    if any(isinstance(i, Ellipsis) for i in (*left.items, *right.items)):
        alike = ordered.verdict is Verdict.EQUAL and len(shapes) == 1
        return same("they are written alike") if alike else unknown("`...` leaves out what only its writer knows")
    if Shape.SET not in shapes and ordered.verdict is Verdict.EQUAL:
        if shapes == {Shape.ROUND, Shape.SQUARE} and len(left.items) == 2:
            return differ("as intervals, one is open and one is closed")
        return ordered
    if Shape.SET not in shapes and Shape.BARE not in shapes:
        return ordered
    verdict = _unordered(left.items, right.items, work)
    if verdict.verdict is not Verdict.EQUAL:
        return verdict
    if shapes <= {Shape.SET, Shape.BARE} and (Shape.SET in shapes or (_all_named(left) and _all_named(right))):
        return same("they have the same elements")
    return unknown("they have the same elements, and whether their order matters is not said")


def _all_named(c: Collection) -> bool:
    return all(isinstance(i, Relation | Named) for i in c.items)


def _ordered(left: Sequence[Answer], right: Sequence[Answer], work: Work) -> Equality:
    if len(left) != len(right):
        return differ(f"one has {min(len(left), len(right))} elements, the other {max(len(left), len(right))}")
    doubt: Equality | None = None
    for n, (a, b) in enumerate(zip(left, right, strict=True), start=1):
        v = _item(a, b, work)
        if v.verdict is Verdict.DIFFERENT:
            return differ(f"element {n}: {v.reason}")
        if v.verdict is Verdict.UNKNOWN and doubt is None:
            doubt = v
    return same("their elements are equal, in order") if doubt is None else doubt


def _item(left: Answer, right: Answer, work: Work) -> Equality:
    work.spend(10)
    if isinstance(left, Ellipsis) and isinstance(right, Ellipsis):
        return same("both go on")
    return compare(left, right, work)


def _unordered(left: Sequence[Answer], right: Sequence[Answer], work: Work) -> Equality:
    table = [[_item(a, b, work).verdict for b in right] for a in left]
    rows = [*table, *([row[n] for row in table] for n in range(len(right)))]
    if any(all(v is Verdict.DIFFERENT for v in row) for row in rows):
        return differ("one has an element that the other lacks")
    if all(Verdict.EQUAL in row for row in rows):
        return same("they have the same elements")
    return unknown("not every element is proved equal or different")


def _measure_collection(one: Measure, many: Collection, work: Work) -> Equality:
    if many.shape is not Shape.BARE and all(_item(one, i, work).verdict is Verdict.DIFFERENT for i in many.items):
        return differ(f"one is {many.shape}, and the other is none of its elements")
    return unknown(f"one is {many.shape}, the other is not")


# --- sets of reals ----------------------------------------------------------------------------------------------


def _simple(answer: Answer, work: Work) -> Answer:
    """An interval that holds no number, or one, as a set."""
    if isinstance(answer, Interval) and answer.low is not None and answer.high is not None:
        try:
            length = difference(answer.high, answer.low, work).constant
        except Undefined:
            return answer
        if length is not None and length <= 0:
            only = length == 0 and answer.low_closed and answer.high_closed
            return Collection(Shape.SET, (Measure(answer.low),) if only else ())
    return answer


def _intervals(left: Interval, right: Interval, work: Work) -> Equality:
    verdicts = [_ends(left.low, right.low, work), _ends(left.high, right.high, work)]
    for v in verdicts:
        if v.verdict is not Verdict.EQUAL:
            return v
    for end, other, one in (
        (left.low_closed, right.low_closed, left.low),
        (left.high_closed, right.high_closed, left.high),
    ):
        if one is not None and end != other:
            return differ("an end belongs to one of them only")
    return same("they have the same ends")


def _ends(one: t.Expr | None, other: t.Expr | None, work: Work) -> Equality:
    if one is None and other is None:
        return same("both are unbounded")
    if one is None or other is None:
        return differ("only one of them is bounded")
    return terms(one, other, work)


def _interval_collection(one: Interval, many: Collection, work: Work) -> Equality:
    """A pair in brackets is meant as an interval where the other side is one."""
    if many.shape in (Shape.ROUND, Shape.SQUARE) and len(many.items) == 2:
        ends = [i.value for i in many.items if isinstance(i, Measure) and i.unit is None]
        if len(ends) == 2:
            closed = many.shape is Shape.SQUARE
            return compare(one, Interval(ends[0], ends[1], closed, closed), work)
    if many.shape is Shape.SET:
        return differ("one is a finite set, the other an interval")
    return unknown(f"one is an interval, the other {many.shape}")


def _joined(left: Answer, right: Answer, work: Work) -> Equality:
    """Unions, exactly where every end is rational; else part by part."""
    try:
        one, other = (held(side, work) for side in (left, right))
        return same("they hold the same numbers") if one == other else differ("they hold different numbers")
    except Undefined:
        parts, others = (s.parts if isinstance(s, Joined) else (s,) for s in (left, right))
        verdict = _unordered(parts, others, work)
        return (
            verdict if verdict.verdict is Verdict.EQUAL else unknown("the ends of their intervals are not ordered here")
        )


# --- relations and names ----------------------------------------------------------------------------------------


def _solved(answer: Answer, work: Work) -> Answer:
    """`2x > 4` as x in (2, oo), and `5 = x` as x = 5."""
    if not isinstance(answer, Relation):
        return answer
    if answer.unit is not None:
        return answer
    if answer.op is t.CompareOp.EQ and is_name(answer.right) and not is_name(answer.left):
        return Relation(answer.right, answer.op, answer.left)
    if answer.op in (t.CompareOp.EQ, t.CompareOp.NE):
        return answer
    try:
        return equations.isolated(answer, work) or answer
    except Undefined:
        return answer


def _relations(left: Relation, right: Relation, work: Work) -> Equality:
    named = left.op is right.op is t.CompareOp.EQ and left.left == right.left and is_name(left.left)
    if named and left.left not in (*t.walk(left.right), *t.walk(right.right)):
        return _measures(Measure(left.right, left.unit), Measure(right.right, right.unit), work)
    if left.unit is not None or right.unit is not None:
        return unknown("they relate different things, with units")
    try:
        verdict, reason = equations.compare(left, right, work)
    except Undefined as error:
        return unknown(str(error))
    return Equality(Verdict(verdict), reason)


def _nameds(left: Named, right: Named, work: Work) -> Equality:
    if left.name != right.name or left.member != right.member:
        return unknown("they say something of different names")
    return compare(left.value, right.value, work)


def _named(named: Named, other: Answer, work: Work) -> Equality:
    """`x in (0, 1)` beside `(0, 1)`: the name only says whose value it is."""
    return compare(named.value, other, work)


def _assigned(relation: Relation, other: Measure, work: Work) -> Equality:
    """`x = 5` beside `5`."""
    if (
        relation.op is not t.CompareOp.EQ
        or not is_name(relation.left)
        or relation.left in tuple(t.walk(relation.right))
    ):
        return unknown("one is a relation, the other is not")
    if is_name(relation.right) or relation.left in tuple(t.walk(other.value)):
        return unknown("one is an equation between names, the other is not")
    return _measures(Measure(relation.right, relation.unit), other, work)


def _ratios(left: Ratio, right: Ratio, work: Work) -> Equality:
    if len(left.parts) != len(right.parts):
        return differ("one ratio has more parts")
    literal = [terms(a, b, work).verdict for a, b in zip(left.parts, right.parts, strict=True)]
    if all(v is Verdict.EQUAL for v in literal):
        return same("their parts are equal")
    crossed = [
        terms(t.Binary(t.BinaryOp.MUL, a, d), t.Binary(t.BinaryOp.MUL, b, c), work).verdict
        for (a, c), (b, d) in pairwise(zip(left.parts, right.parts, strict=True))
    ]
    if Verdict.DIFFERENT in crossed:
        return differ("their parts are not in proportion")
    if all(v is Verdict.EQUAL for v in crossed) and not (left.clock and right.clock):
        return same("their parts are in proportion")
    return unknown("they are in proportion, and may be times of day")


_TRUTHS = ({"yes", "no"}, {"true", "false"})


def _words(left: Words, right: Words, work: Work) -> Equality:
    one, other = left.text, right.text
    if one == other or (len(one) > 2 and one.casefold() == other.casefold()):
        return same("they are the same words")
    if any({one.casefold(), other.casefold()} == truth for truth in _TRUTHS):
        return differ("one affirms what the other denies")
    return unknown("different words may name the same thing")


def _never(left: Answer, right: Answer, work: Work) -> Equality:
    return unknown("`...` leaves out what only its writer knows")


_SAME_KIND: dict[type, Compare] = {
    Named: _nameds,
    Relation: _relations,
    Measure: _measures,
    Joined: _joined,
    Interval: _intervals,
    Collection: _collections,
    Ratio: _ratios,
    Words: _words,
    Ellipsis: _never,
}
_ACROSS: dict[tuple[type, type], Compare] = {
    (Named, Interval): _named,
    (Named, Joined): _named,
    (Named, Collection): _named,
    (Relation, Measure): _assigned,
    (Measure, Collection): _measure_collection,
    (Joined, Interval): _joined,
    (Joined, Collection): _joined,
    (Interval, Collection): _interval_collection,
}
