"""The language's meaning on ground terms, in exact arithmetic: what every solver's model and answer is checked against.

It shares no code with any solver, and bounds every number it makes, so that it may run in the caller's process.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from itertools import product
from typing import Any, TypeAlias, Union

from neurosym.language import tree as t
from neurosym.language.builtins import BUILTINS
from neurosym.language.symbols import Element, Symbols

Value: TypeAlias = Union[Fraction, bool, str, datetime.date, frozenset["Value"], tuple["Value", ...]]  # noqa: UP007
"""A number, a truth value, an element's name, a date, a set or a list."""

MAX_BITS = 14_000
"""Of a numerator or denominator: 4,215 digits, which Python still prints and the reader still reads."""
MAX_STEPS = 200_000
"""Nodes evaluated, words of the numbers they gave, elements of the domains run over, variables bound."""


class Undefined(Exception):
    """The term has no value here: division by zero, an unassigned name, an infinite domain, an irrational root."""


class TooLarge(Undefined):
    """A number or a loop would exceed the bounds."""


@dataclass(frozen=True)
class Interpretation:
    """What the names of a program mean in one model.

    values:    names of unknowns and constants (definitions are evaluated from their text unless given here).
    tables:    functions, relations and graphs: name → {argument values → value}. A missing entry of a relation or an
               unweighted graph is False, of anything else undefined.
    universe:  the elements of each open sort.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    tables: Mapping[str, Mapping[tuple[Value, ...], Value]] = field(default_factory=dict)
    universe: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def evaluate(e: t.Expr, symbols: Symbols, model: Interpretation, bound: Mapping[str, Value] | None = None) -> Value:
    """The value of `e`, of a program that checks, in `model`.

    `bound` assigns the variables bound outside of `e`. Raises Undefined (TooLarge where a bound was met).
    """
    return _Evaluator(symbols, model).value(e, bound or {})


class _Evaluator:
    def __init__(self, symbols: Symbols, model: Interpretation) -> None:
        self.symbols, self.model = symbols, model
        self.steps = 0
        self.defined: dict[str, Value | Undefined] = {}
        self.domains: dict[t.Domain, tuple[Value, ...]] = {}

    def spend(self, steps: int) -> None:
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise TooLarge("too many steps")

    def computed(self, value: Fraction) -> Fraction:
        self.spend((value.numerator.bit_length() + value.denominator.bit_length()) // 64)
        return value

    def value(self, e: t.Expr, bound: Mapping[str, Value]) -> Value:
        self.spend(1)
        match e:
            case t.Number():
                return e.value
            case t.Truth():
                return e.value
            case t.Name():
                return self.name(e.id, bound)
            case t.Unary(op=t.UnaryOp.NOT):
                return not self.truth(e.operand, bound)
            case t.Unary():
                return -self.number(e.operand, bound)
            case t.Binary():
                return self.binary(e, bound)
            case t.Compare():
                return self.compare(e, bound)
            case t.Quantified():
                holds = (self.truth(e.body, inner) for inner in self.assignments(e.binders, bound))
                return all(holds) if e.quantifier is t.Quantifier.FORALL else any(holds)
            case t.Conditional():
                return self.value(e.yes if self.truth(e.condition, bound) else e.no, bound)
            case t.Call():
                return self.call(e, bound)
            case t.SetOf():
                return frozenset(self.value(x, bound) for x in e.elements)
            case t.ListOf():
                return tuple(self.value(x, bound) for x in e.elements)

    def name(self, name: str, bound: Mapping[str, Value]) -> Value:
        if name in bound:
            return bound[name]
        if name in self.model.values:
            return self.model.values[name]
        symbol = self.symbols.get(name)
        if isinstance(symbol, Element):
            return name
        if name not in self.defined:
            self.define(name)
        value = self.defined[name]
        if isinstance(value, Undefined):
            raise value
        return value

    def define(self, name: str) -> None:
        """Evaluate a definition after those it builds on: chains of them are longer than Python's stack is deep."""
        todo = [(name, False)]
        while todo:
            name, ready = todo.pop()
            definition: t.Expr | None = getattr(self.symbols.get(name), "value", None)
            if ready and definition is not None:
                try:
                    self.defined[name] = self.value(definition, {})
                except Undefined as reason:  # matters only where the name is used, which `if` may prevent
                    self.defined[name] = reason
            elif name not in self.defined:
                self.defined[name] = Undefined(f"{name} has no value")
                if definition is not None:
                    todo.append((name, True))
                    todo += [(node.id, False) for node in t.walk(definition) if isinstance(node, t.Name)]

    def number(self, e: t.Expr, bound: Mapping[str, Value]) -> Fraction:
        return number(self.value(e, bound))

    def truth(self, e: t.Expr, bound: Mapping[str, Value]) -> bool:
        value = self.value(e, bound)
        if not isinstance(value, bool):
            raise Undefined("a formula is expected")
        return value

    def assignments(self, binders: tuple[t.Binder, ...], bound: Mapping[str, Value]) -> Iterator[Mapping[str, Value]]:
        names = [n for b in binders for n in b.names]
        domains = [self.members(b.domain) for b in binders for _ in b.names]
        for values in product(*domains):
            inner = {**bound, **dict(zip(names, values, strict=True))}
            self.spend(1 + len(inner) // 8)
            yield inner

    def members(self, domain: t.Domain) -> tuple[Value, ...]:
        if isinstance(domain, str) and domain in self.model.universe:
            return self.model.universe[domain]
        if domain not in self.domains:
            members = self.symbols.members(domain)
            if members is None:
                raise Undefined(f"{domain} is not finite")
            self.spend(len(members))
            self.domains[domain] = tuple(Fraction(m) if isinstance(m, int) else m for m in members)
        return self.domains[domain]

    def binary(self, e: t.Binary, bound: Mapping[str, Value]) -> Value:
        match e.op:
            case t.BinaryOp.AND:
                return self.truth(e.left, bound) and self.truth(e.right, bound)
            case t.BinaryOp.OR:
                return self.truth(e.left, bound) or self.truth(e.right, bound)
            case t.BinaryOp.IMPLIES:
                return not self.truth(e.left, bound) or self.truth(e.right, bound)
            case t.BinaryOp.XOR:
                return self.truth(e.left, bound) != self.truth(e.right, bound)
            case t.BinaryOp.IFF:
                return self.truth(e.left, bound) == self.truth(e.right, bound)
        left, right = self.value(e.left, bound), self.value(e.right, bound)
        if isinstance(left, datetime.date):
            return _date_arithmetic(e.op, left, right)
        return self.computed(arithmetic(e.op, number(left), number(right)))

    def compare(self, e: t.Compare, bound: Mapping[str, Value]) -> bool:
        left = self.value(e.first, bound)
        for op, side in e.rest:
            right = self.value(side, bound)
            if not compare(left, op, right):
                return False
            left = right
        return True

    def call(self, e: t.Call, bound: Mapping[str, Value]) -> Value:
        if e.function in self.model.tables:
            args = tuple(self.value(a, bound) for a in e.args if not isinstance(a, t.Binder))
            table = self.model.tables[e.function]
            if args in table:
                return table[args]
            symbol = self.symbols.get(e.function)
            if getattr(symbol, "type", "") is None:
                return False
            raise Undefined(f"{e.function} has no value at {args}")
        if e.function in ("sum", "product", "count") and isinstance(e.args[0], t.Binder):
            return self.aggregate(e, bound)
        builtin = BUILTINS.get(e.function)
        values = [self.value(a, bound) for a in e.args if not isinstance(a, t.Binder)]
        if builtin is None or not builtin.least <= len(values) <= (builtin.greatest or len(values)):
            raise Undefined(f"{e.function} is not evaluated here")
        if e.function in ("sum", "product"):
            return self.total(e.function, map(number, _items(values)))
        value = _builtin(e.function, values)
        return self.computed(value) if isinstance(value, Fraction) else value

    def aggregate(self, e: t.Call, bound: Mapping[str, Value]) -> Fraction:
        binders = tuple(a for a in e.args if isinstance(a, t.Binder))
        body = e.args[-1]
        if isinstance(body, t.Binder) or len(binders) != len(e.args) - 1:
            raise Undefined(f"{e.function} takes binders and one body")
        inner = self.assignments(binders, bound)
        if e.function == "count":
            return Fraction(sum(self.truth(body, b) for b in inner))
        return self.total(e.function, (self.number(body, b) for b in inner))

    def total(self, function: str, items: Iterable[Fraction]) -> Fraction:
        total = Fraction(function == "product")
        for item in items:
            total = self.computed(bounded(total * item if function == "product" else total + item))
        return total


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


def _date_arithmetic(op: t.BinaryOp, left: datetime.date, right: Value) -> Value:
    if op is t.BinaryOp.SUB and isinstance(right, datetime.date):
        return Fraction((left - right).days)
    days = number(right)
    if days.denominator != 1 or op not in (t.BinaryOp.ADD, t.BinaryOp.SUB):
        raise Undefined("a date takes whole days")
    try:
        return left + datetime.timedelta(int(days) if op is t.BinaryOp.ADD else -int(days))
    except OverflowError:
        raise TooLarge("the calendar ends at the year 9999") from None


def _whole(value: Value, least: int = 0, most: int = 1_000_000) -> int:
    n = number(value)
    if n.denominator != 1 or n < least:
        raise Undefined(f"{n} is not an integer of at least {least}")
    if n > most:
        raise TooLarge(f"{n} is too large here")
    return int(n)


def _items(values: Sequence[Value]) -> Iterable[Value]:
    """The elements of the one list or set among `values`, or else `values`."""
    return values[0] if len(values) == 1 and isinstance(values[0], tuple | frozenset) else values


def _builtin(function: str, values: Sequence[Value]) -> Value:
    first = values[0]
    match function:
        case "min" | "max":
            items = [number(v) for v in _items(values)]
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
