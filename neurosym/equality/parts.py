"""Small questions about parse nodes and terms, and the arithmetic of quantities: what lowering is made of."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeAlias

from lark import Token, Tree

from neurosym.equality import units
from neurosym.equality.answers import (
    Answer,
    Collection,
    Interval,
    Joined,
    Measure,
    Named,
    Relation,
    Shape,
    Unreadable,
)
from neurosym.language import tree as t

Node: TypeAlias = Any
"""A lark tree or token."""
ENDLESS = t.Name("oo")
GREEK = frozenset(
    str.split(
        "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau"
        " upsilon phi varphi chi psi omega"
    )
)
NAMES = {"pi": "pi", "infty": "oo", "infinity": "oo", "inf": "oo", "oo": "oo", "π": "pi"}
_SAME_NAME = (
    "sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan ln log exp sqrt min max gcd lcm abs floor ceil"
)
FUNCTIONS = {f: f for f in _SAME_NAME.split()} | {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}
OPAQUE = frozenset("fghFGH")
"""Letters that, before a bracket, are functions and not factors."""
TURNED = {">": "<", "≥": "≤", "<": ">", "≤": "≥"}
"""Relations, and what they are with their sides exchanged."""
_ARITHMETIC = {"add": t.BinaryOp.ADD, "sub": t.BinaryOp.SUB}


# --- small questions about nodes and terms ----------------------------------------------------------------------


def is_a(node: Node, data: str) -> bool:
    """Whether a node is a tree of the rule or alias `data`."""
    return isinstance(node, Tree) and node.data == data


def is_symbol(word: str) -> bool:
    """Whether letters in a row are variables that are multiplied, rather than a word."""
    return len(word) <= 2 or (len(word) == 3 and not set(word.lower()) & set("aeiou"))


def leading_number(node: Node) -> bool:
    """Whether a node begins with digits."""
    while is_a(node, "pow") or is_a(node, "factorial") or is_a(node, "sub_script"):
        node = node.children[0]
    return is_a(node, "number") or is_a(node, "percent")


def plain_fraction(node: Node) -> Fraction | None:
    """The value of `\\frac{1}{2}` of two literals."""
    above, below = (plain_group(c) or "" for c in node.children)
    if not (above.isdecimal() and below.isdecimal() and len(above + below) < 20) or int(below) == 0:
        return None
    return Fraction(int(above), int(below))


def plain_group(group: Node) -> str | None:
    """What a pair of braces holds, where that is one number or letters and digits in a row."""
    inner = group.children[0]
    if len(inner.children) != 1 or not is_a(inner.children[0], "juxt"):
        return None
    parts = inner.children[0].children
    if not all(is_a(p, "number") or is_a(p, "word") for p in parts):
        return None
    return " ".join(written(p) for p in parts)


def written(node: Node) -> str:
    """The tokens of a node, without spaces."""
    return str(node) if isinstance(node, Token) else "".join(str(leaf) for leaf in node.scan_values(lambda _: True))


def shaped(node: Node) -> bool:
    """Whether a node is a collection or an interval."""
    while is_a(node, "juxt") and len(node.children) == 1:
        node = node.children[0]
    if not isinstance(node, Tree):
        return False
    if node.data in ("round", "group"):
        return len(node.children[0].children) > 1
    return node.data in ("square", "set", "empty", "open_closed", "closed_open") or (
        node.data == "union" and len(node.children) > 1
    )


def literal(e: t.Expr) -> Fraction | None:
    """The value of a number, signed or not."""
    match e:
        case t.Number():
            return e.value
        case t.Unary(op=t.UnaryOp.NEG, operand=t.Number(value=value)):
            return -value
    return None


def is_name(e: t.Node) -> bool:
    """A variable, or a function whose meaning is not given, as in `f(x)`."""
    return (isinstance(e, t.Name) and e.id not in ("pi", "oo", "e", "i")) or (
        isinstance(e, t.Call) and e.function in OPAQUE
    )


def is_ground(answer: Answer) -> bool:
    """Whether an answer, or all of a collection, is numbers without variables."""
    if isinstance(answer, Collection):
        return all(is_ground(i) for i in answer.items)
    return isinstance(answer, Measure) and not any(is_name(node) for node in t.walk(answer.value))


def interval_end(e: t.Expr, low: bool) -> t.Expr | None:
    """An end of an interval, None where it is infinite on its own side."""
    if not any(node == ENDLESS for node in t.walk(e)):
        return e
    if e == (t.Unary(t.UnaryOp.NEG, ENDLESS) if low else ENDLESS):
        return None
    raise Unreadable("an interval ends beyond infinity")


def pair_or_interval(shape: Shape, items: tuple[Answer, ...]) -> Answer:
    """A collection, or an interval where an infinite end says so."""
    values = [i.value for i in items if isinstance(i, Measure) and i.unit is None]
    if len(items) == 2 == len(values) and any(node == ENDLESS for v in values for node in t.walk(v)):
        closed = shape is Shape.SQUARE
        return Interval(interval_end(values[0], True), interval_end(values[1], False), closed, closed)
    return Collection(shape, items)


def half_line(left: t.Expr, op: str, right: t.Expr) -> Named | None:
    """`x > 2` and `2 < x`: the interval that a variable lies in, where its bound is a constant."""
    if is_name(right):
        left, op, right = right, TURNED[op], left
    if not is_name(left) or any(is_name(node) for node in t.walk(right)):
        return None
    closed = op in "≤≥"
    above = op in ">≥"
    end = (
        Interval(interval_end(right, True), None, closed, False)
        if above
        else Interval(None, interval_end(right, False), False, closed)
    )
    return Named(left, end, member=True)


def united(items: list[Named]) -> Answer:
    """`x < 1 or x > 2` as x in a union."""
    if len({i.name for i in items}) > 1:
        raise Unreadable("its alternatives bound different variables")
    return Named(items[0].name, Joined(tuple(i.value for i in items)), member=True)


def repeated_name(items: list[Answer]) -> tuple[Answer, ...]:
    """`x = 1, 2` says x twice."""
    first, *rest = items
    if (
        isinstance(first, Relation)
        and first.op is t.CompareOp.EQ
        and is_name(first.left)
        and all(isinstance(r, Measure) for r in rest)
    ):
        more = [Relation(first.left, first.op, r.value, r.unit) for r in rest if isinstance(r, Measure)]
        return (first, *more)
    return tuple(items)


def both_signs(answer: Answer) -> tuple[Answer, ...]:
    """Both values of what has ± in it."""
    if isinstance(answer, Measure):
        return tuple(replace(answer, value=v) for v in expanded(answer.value))
    if isinstance(answer, Relation):
        return tuple(replace(answer, right=v) for v in expanded(answer.right))
    return (answer,)


def expanded(e: t.Expr) -> tuple[t.Expr, ...]:
    """The values of a term in which ± may stand."""
    if not any(isinstance(node, t.Call) and node.function in ("pm", "mp") for node in t.walk(e)):
        return (e,)
    return signed(e, "pm"), signed(e, "mp")


def signed(e: t.Expr, plus: str) -> t.Expr:
    """`e` with the sign `plus` read as + and the other one as -."""
    match e:
        case t.Call(function="pm" | "mp", args=(left, right)):
            assert not isinstance(left, t.Binder)
            assert not isinstance(right, t.Binder)
            op = t.BinaryOp.ADD if e.function == plus else t.BinaryOp.SUB
            return t.Binary(op, signed(left, plus), signed(right, plus))
        case t.Binary():
            return replace(e, left=signed(e.left, plus), right=signed(e.right, plus))
        case t.Unary():
            return replace(e, operand=signed(e.operand, plus))
        case t.Call():
            return replace(e, args=tuple(a if isinstance(a, t.Binder) else signed(a, plus) for a in e.args))
    return e


# --- arithmetic of quantities -----------------------------------------------------------------------------------


def times_rational(value: t.Expr, factor: Fraction) -> t.Expr:
    """A term times a number."""
    return value if factor == 1 else t.Binary(t.BinaryOp.MUL, value, t.Number(factor))


def sum_of(op: str, left: Measure, right: Measure) -> Measure:
    """The sum or difference of two quantities of one dimension, in the unit of the first."""
    if left.unit is None and right.unit is None:
        return Measure(t.Binary(_ARITHMETIC[op], left.value, right.value))
    if left.unit is None or right.unit is None or left.unit.dimension != right.unit.dimension:
        raise Unreadable("quantities of different kinds are added")
    return Measure(
        t.Binary(_ARITHMETIC[op], left.value, times_rational(right.value, right.unit.scale / left.unit.scale)),
        left.unit,
    )


def product_of(left: Measure, right: Measure) -> Measure:
    """The product of two quantities."""
    value = t.Binary(t.BinaryOp.MUL, left.value, right.value)
    if left.unit is None or right.unit is None:
        return Measure(value, left.unit or right.unit)
    unit = units.product(left.unit, right.unit)
    return Measure(value, unit) if unit.dimension else Measure(times_rational(value, unit.scale))


def quotient_of(left: Measure, right: Measure) -> Measure:
    """The quotient of two quantities."""
    unit = left.unit
    if right.unit is not None:
        per = units.to_the(right.unit, -1)
        unit = per if unit is None else units.product(unit, per)
    value = t.Binary(t.BinaryOp.DIV, left.value, right.value)
    if unit is not None and not unit.dimension:
        return Measure(times_rational(value, unit.scale))
    return Measure(value, unit)


def compound(parts: list[Any]) -> Measure | None:
    """`3 hours 30 minutes`: amounts of one dimension, each in a smaller unit than the one before."""
    measures = [p for p in parts if isinstance(p, Measure) and p.unit is not None and p.unit.known]
    if len(measures) != len(parts) or any((literal(m.value) or Fraction(0)) < 0 for m in measures):
        return None
    total = measures[0]
    for before, m in pairwise(measures):
        if m.unit is None or before.unit is None or m.unit.dimension != before.unit.dimension:
            return None
        if m.unit.scale >= before.unit.scale:
            return None
        total = sum_of("add", total, m)
    return total


def radians(m: Measure) -> t.Expr:
    """An argument of a function, degrees converted."""
    if m.unit is None:
        return m.value
    if m.unit != units.UNITS["degree"]:
        raise Unreadable(f"a function is applied to {m.unit.text}")
    return t.Binary(t.BinaryOp.MUL, m.value, t.Binary(t.BinaryOp.DIV, t.Name("pi"), t.Number(Fraction(180))))
