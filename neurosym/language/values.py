"""Values of the language and what its operators and functions make of them, exactly, within bounds.

It shares no code with any solver; `evaluate` gives terms their values by it.
"""

from __future__ import annotations

import calendar
import datetime
import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any, TypeAlias, Union

from neurosym.language import tree as t

Value: TypeAlias = Union[Fraction, bool, str, datetime.date, frozenset["Value"], tuple["Value", ...]]  # noqa: UP007
"""A number, a truth value, an element's name, a date, a set or a list."""

MAX_BITS = 14_000
"""Of a numerator or denominator: 4,215 digits, which Python still prints and the reader still reads."""


class Undefined(Exception):
    """The term has no value here: division by zero, an unassigned name, an infinite domain, an irrational root."""


class TooLarge(Undefined):
    """A number or a loop would exceed the bounds."""


def number(value: Value) -> Fraction:
    """`value` as a number. Raises Undefined where it is none."""
    if isinstance(value, Fraction):
        return value
    raise Undefined(f"{value!r} is not a number")


def same(a: Value, b: Value) -> bool:
    """Equality of values; a truth value never equals a number."""
    return type(a) is type(b) and a == b


def compare(a: Value, op: t.CompareOp, b: Value) -> bool:
    """Whether `a op b`. Raises Undefined where an order is asked of other than numbers or dates."""
    if op is t.CompareOp.EQ:
        return same(a, b)
    if op is t.CompareOp.NE:
        return not same(a, b)
    if isinstance(a, datetime.date) and isinstance(b, datetime.date):
        return _ordered(op, Fraction(a.toordinal()), Fraction(b.toordinal()))
    return _ordered(op, number(a), number(b))


def bounded(value: Fraction) -> Fraction:
    """`value`, if it is small enough to go on with. Raises TooLarge."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        raise TooLarge("a number grew too large")
    return value


def _ordered(op: t.CompareOp, a: Fraction, b: Fraction) -> bool:
    match op:
        case t.CompareOp.LT:
            return a < b
        case t.CompareOp.LE:
            return a <= b
        case t.CompareOp.GT:
            return a > b
        case _:
            return a >= b


def arithmetic(op: t.BinaryOp, a: Fraction, b: Fraction) -> Fraction:
    """`a op b` for + - * / mod ^, exactly; mod has the divisor's sign. Raises Undefined or TooLarge."""
    match op:
        case t.BinaryOp.ADD:
            return bounded(a + b)
        case t.BinaryOp.SUB:
            return bounded(a - b)
        case t.BinaryOp.MUL:
            return bounded(a * b)
        case t.BinaryOp.POW:
            return power(a, b)
    if b == 0:
        raise Undefined("division by zero")
    return bounded(a / b if op is t.BinaryOp.DIV else a % b)


def power(base: Fraction, exponent: Fraction) -> Fraction:
    """An exact power; rational exponents only where the root is rational. Raises Undefined or TooLarge."""
    if base == 0 and exponent < 0:
        raise Undefined("division by zero")
    if base == 0 or exponent == 0:
        return Fraction(exponent == 0)
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if exponent.denominator == 1:
        if abs(base) == 1:
            return base if exponent % 2 else Fraction(1)
        if (bits - 1) * abs(exponent) > MAX_BITS:
            raise TooLarge("a power grew too large")
        return bounded(base ** int(exponent))
    if base < 0 or exponent.denominator > 64 or bits * abs(exponent.numerator) > MAX_BITS:
        raise Undefined(f"{base}^({exponent}) is not a rational number")
    raised = base**exponent.numerator
    return Fraction(
        _integer_root(raised.numerator, exponent.denominator), _integer_root(raised.denominator, exponent.denominator)
    )


def _integer_root(n: int, degree: int) -> int:
    root = 1 << -(-n.bit_length() // degree)  # not below the root, and Newton's steps stay so
    while (lower := ((degree - 1) * root + n // root ** (degree - 1)) // degree) < root:
        root = lower
    if root**degree != n:
        raise Undefined(f"the root of degree {degree} of {n} is irrational")
    return root


def date_arithmetic(op: t.BinaryOp, left: datetime.date, right: Value) -> Value:
    """date - date in days, date + days, date - days. Raises Undefined or TooLarge."""
    if op is t.BinaryOp.SUB and isinstance(right, datetime.date):
        return Fraction((left - right).days)
    days = number(right)
    if days.denominator != 1 or op not in (t.BinaryOp.ADD, t.BinaryOp.SUB):
        raise Undefined("a date takes whole days")
    try:
        return left + datetime.timedelta(int(days) if op is t.BinaryOp.ADD else -int(days))
    except OverflowError:
        raise TooLarge("the calendar ends at the year 9999") from None


def _months_later(date: datetime.date, months: Fraction) -> datetime.date:
    """The same day so many months later, or the last of that month where it is shorter."""
    if months.denominator != 1:
        raise Undefined("a date takes whole months")
    year, month = divmod(date.year * 12 + date.month - 1 + int(months), 12)
    if not 1 <= year <= 9999:
        raise TooLarge("the calendar ends at the year 9999")
    return datetime.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1]))


def _whole(value: Value, least: int = 0, most: int = 1_000_000) -> int:
    n = number(value)
    if n.denominator != 1 or n < least:
        raise Undefined(f"{n} is not an integer of at least {least}")
    if n > most:
        raise TooLarge(f"{n} is too large here")
    return int(n)


def items_of(values: Sequence[Value]) -> Iterable[Value]:
    """The elements of the one list or set that `values` are, or else `values`."""
    return values[0] if len(values) == 1 and isinstance(values[0], tuple | frozenset) else values


def apply(function: str, values: Sequence[Value]) -> Value:
    """The value of a built-in that takes values alone. Raises Undefined or TooLarge."""
    first = values[0]
    match function:
        case "min" | "max":
            items = [number(v) for v in items_of(values)]
            if not items:
                raise Undefined(f"{function} of nothing")
            return min(items) if function == "min" else max(items)
        case "abs":
            return abs(number(first))
        case "floor":
            return Fraction(math.floor(number(first)))
        case "ceil":
            return Fraction(math.ceil(number(first)))
        case "round":
            return _round(number(first), _whole(values[1], 0, 100) if len(values) > 1 else 0)
        case "sqrt":
            return power(number(first), Fraction(1, 2))
        case "gcd" | "lcm":
            whole = [_whole(v, 0, 1 << 256) for v in values]
            return Fraction(math.gcd(*whole) if function == "gcd" else reduce(_lcm, whole))
        case "factorial":
            return Fraction(math.factorial(_whole(first, 0, 1500)))
        case "binomial":
            return bounded(Fraction(math.comb(_whole(first, 0, 2000), _whole(values[1], 0, 2000))))
        case "permutations":
            return bounded(Fraction(math.perm(_whole(first, 0, 2000), _whole(values[1], 0, 2000))))
        case "distinct":
            return len({(type(v), v) for v in values}) == len(values)
        case "date":
            try:
                return datetime.date(*(_whole(v, 1, 9999) for v in values))
            except ValueError as error:
                raise Undefined(f"no such date: {error}") from None
        case "weekday" | "year" | "month" | "day" if isinstance(first, datetime.date):
            return Fraction(first.isoweekday() if function == "weekday" else getattr(first, function))
        case "add_months" if isinstance(first, datetime.date):
            return _months_later(first, number(values[1]))
        case "nth" if isinstance(first, tuple):
            position = _whole(values[1], 1)
            if position > len(first):
                raise Undefined(f"a list of {len(first)} has no element {position}")
            return first[position - 1]
        case "average":
            parts = [number(v) for v in items_of(values)]
            if not parts:
                raise Undefined("the average of nothing")
            return bounded(reduce(lambda a, b: bounded(a + b), parts) / len(parts))
        case "size" if isinstance(first, tuple | frozenset):
            return Fraction(len(first))
        case "member" if isinstance(values[1], tuple | frozenset):
            return any(same(first, v) for v in values[1])
        case "union" | "intersection" | "difference":
            sets = [v for v in values if isinstance(v, frozenset)]
            if len(sets) == len(values):
                return getattr(frozenset, function)(*sets)  # type: ignore[no-any-return]
    raise Undefined(f"{function} is not evaluated here")


def _lcm(a: int, b: int) -> int:
    return bounded(Fraction(math.lcm(a, b))).numerator


def _round(value: Fraction, places: int) -> Fraction:
    scaled = abs(value) * 10**places
    rounded = bounded(Fraction(math.floor(scaled + Fraction(1, 2)), 10**places))
    return -rounded if value < 0 else rounded


# --- values as terms --------------------------------------------------------------------------------------------


def term(value: Value) -> t.Expr:
    """The canonical term of a value: `-1/3`, `true`, `owl`, `{1, 2}`, `[a, b]`, `date(2024, 3, 5)`."""
    if isinstance(value, bool):
        return t.Truth(value)
    if isinstance(value, Fraction):
        return _number_term(value)
    if isinstance(value, str):
        return t.Name(value)
    if isinstance(value, datetime.date):
        parts = (value.year, value.month, value.day)
        return t.Call("date", tuple(t.Number(Fraction(p)) for p in parts))
    if isinstance(value, tuple):
        return t.ListOf(tuple(term(v) for v in value))
    return t.SetOf(tuple(term(v) for v in sorted(value, key=_order)))


def _order(value: Value) -> tuple[str, Any]:
    if isinstance(value, frozenset):
        return ("set", sorted(_order(v) for v in value))
    return ("list", [_order(v) for v in value]) if isinstance(value, tuple) else (type(value).__name__, value)


def _number_term(value: Fraction) -> t.Expr:
    if value < 0:
        positive = _number_term(-value)
        if isinstance(positive, t.Binary):
            return t.Binary(positive.op, t.Unary(t.UnaryOp.NEG, positive.left), positive.right)
        return t.Unary(t.UnaryOp.NEG, positive)
    if 10**30 % value.denominator == 0:  # it ends within 30 decimals
        return t.Number(value)
    return t.Binary(t.BinaryOp.DIV, t.Number(Fraction(value.numerator)), t.Number(Fraction(value.denominator)))
