"""The language's meaning on ground terms, in exact arithmetic: what every solver's model and answer is checked against.

It shares no code with any solver, and bounds every number it makes, so that it may run in the caller's process.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

from neurosym.language import tree as t
from neurosym.language.builtins import BUILTINS
from neurosym.language.symbols import Element, Symbols
from neurosym.language.values import (
    TooLarge,
    Undefined,
    Value,
    apply,
    arithmetic,
    bounded,
    compare,
    date_arithmetic,
    items_of,
    number,
)

MAX_STEPS = 200_000
"""Nodes evaluated, words of the numbers they gave, elements of the domains run over, variables bound."""


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
            case t.Name():  # the frequent ones first: this is the innermost loop of every check by evaluation
                return self.name(e.id, bound)
            case t.Call():
                return self.call(e, bound)
            case t.Binary():
                return self.binary(e, bound)
            case t.Number() | t.Truth():
                return e.value
            case t.Compare():
                return self.compare(e, bound)
            case t.Unary(op=t.UnaryOp.NOT):
                return not self.truth(e.operand, bound)
            case t.Unary():
                return -self.number(e.operand, bound)
            case t.Quantified():
                holds = (self.truth(e.body, inner) for inner in self.assignments(e.binders, bound))
                return all(holds) if e.quantifier is t.Quantifier.FORALL else any(holds)
            case t.Conditional():
                return self.value(e.yes if self.truth(e.condition, bound) else e.no, bound)
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
            return date_arithmetic(e.op, left, right)
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
        if isinstance(e.args[0], t.Binder) and e.function in ("sum", "product", "count", "probability", "average"):
            return self.aggregate(e, bound)
        builtin = BUILTINS.get(e.function)
        values = [self.value(a, bound) for a in e.args if not isinstance(a, t.Binder)]
        if builtin is None or not builtin.least <= len(values) <= (builtin.greatest or len(values)):
            raise Undefined(f"{e.function} is not evaluated here")
        if e.function in ("sum", "product"):
            return self.total(e.function, map(number, items_of(values)))
        value = apply(e.function, values)
        return self.computed(value) if isinstance(value, Fraction) else value

    def aggregate(self, e: t.Call, bound: Mapping[str, Value]) -> Fraction:
        binders = tuple(a for a in e.args if isinstance(a, t.Binder))
        parts = [a for a in e.args[len(binders) :] if not isinstance(a, t.Binder)]
        chance = e.function in ("probability", "average")
        if len(binders) + len(parts) < len(e.args) or len(parts) > 1 + chance:
            raise Undefined(f"{e.function} takes binders and one body")
        inner = self.assignments(binders, bound)
        if len(parts) == 2:
            inner = (b for b in inner if self.truth(parts[1], b))
        if chance:
            return self.mean(e.function, parts[0], inner)
        if e.function == "count":
            return Fraction(sum(self.truth(parts[0], b) for b in inner))
        return self.total(e.function, (self.number(parts[0], b) for b in inner))

    def mean(self, function: str, body: t.Expr, inner: Iterable[Mapping[str, Value]]) -> Fraction:
        """The share of equally likely cases in which a formula holds, or the mean of a number over them."""
        total, cases = Fraction(0), 0
        for b in inner:
            value = Fraction(self.truth(body, b)) if function == "probability" else self.number(body, b)
            total, cases = self.computed(bounded(total + value)), cases + 1
        if not cases:
            raise Undefined("none of the cases is possible")
        return total / cases

    def total(self, function: str, items: Iterable[Fraction]) -> Fraction:
        total = Fraction(function == "product")
        for item in items:
            total = self.computed(bounded(total * item if function == "product" else total + item))
        return total
