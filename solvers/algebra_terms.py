"""Tree → SymPy, by constructors only: exact, guarded, and with the language's real semantics (no complex values)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any, TypeAlias

import sympy as sp

from neurosym.language import tree as t
from neurosym.language.builtins import BUILTINS, Group
from neurosym.language.symbols import Defined, Symbols
from neurosym.language.values import Undefined
from neurosym.solvers import algebra_guard as guard
from neurosym.solvers.algebra_guard import GaveUp
from neurosym.solvers.algebra_real import FUNCTIONS, SETS, arithmetic, real, sign
from neurosym.solvers.base import Unsupported

MAX_ITERATIONS = 5_000
CLOSED_FORM_FROM = 60
"""Sums with more terms than this are first tried in closed form."""

Value: TypeAlias = Any
"""A SymPy number or term (Expr), formula (Boolean), FiniteSet, or Tuple (a list)."""


class Terms:
    """Translates terms where each unknown stands for a symbol, or for a number when a solution is substituted.

    `solve` answers a `solve(...)` met on the way. Raises Undefined where a term has no value (division by zero, the
    root of a negative number), Unsupported for what is not algebra's or too large, GaveUp where SymPy finds no
    closed form.
    """

    def __init__(
        self, symbols: Symbols, values: Mapping[str, sp.Expr], solve: Callable[[t.Call], sp.FiniteSet] | None = None
    ) -> None:
        self.symbols, self.values, self.solve = symbols, values, solve
        self.defined: dict[str, Value] = {}
        self.iterations = 0

    # --- the forms ----------------------------------------------------------------------------------------------

    def term(self, e: t.Expr, bound: Mapping[str, sp.Expr] | None = None) -> Value:
        """The value of any term; `bound` are the variables of enclosing sums."""
        bound = bound or {}
        match e:
            case t.Number():
                return guard.bounded(sp.Rational(e.value.numerator, e.value.denominator))
            case t.Truth():
                return sp.true if e.value else sp.false
            case t.Name():
                return self.name(e.id, bound)
            case t.Unary(op=t.UnaryOp.NOT):
                return negated(self.formula(e.operand, bound))
            case t.Unary():
                return -self.number(e.operand, bound)
            case t.Binary(op=t.BinaryOp.AND | t.BinaryOp.OR | t.BinaryOp.XOR | t.BinaryOp.IMPLIES | t.BinaryOp.IFF):
                return self.connective(e, bound)
            case t.Binary():
                return arithmetic(e.op, self.number(e.left, bound), self.number(e.right, bound))
            case t.Compare():
                return conjunction(relation(self.term(a, bound), op, self.term(b, bound)) for a, op, b in e.pairs())
            case t.Conditional():
                return self.conditional(e, bound)
            case t.Call():
                return self.call(e, bound)
            case t.SetOf():
                return sp.FiniteSet(*(self.number(x, bound) for x in e.elements))
            case t.ListOf():
                return sp.Tuple(*(self.number(x, bound) for x in e.elements))
            case t.Quantified():
                raise Unsupported("quantifiers")

    def number(self, e: t.Expr, bound: Mapping[str, sp.Expr] | None = None) -> sp.Expr:
        """The value of a term that is a number."""
        value = self.term(e, bound)
        if not isinstance(value, sp.Expr):
            raise Unsupported("a term that is no number")
        return value

    def formula(self, e: t.Expr, bound: Mapping[str, sp.Expr] | None = None) -> Any:
        """The value of a formula: true, false, or a condition on the unknowns."""
        value = self.term(e, bound)
        if value not in (sp.true, sp.false) and not isinstance(value, sp.logic.boolalg.Boolean):
            raise Unsupported("truth values that are unknown")
        return value

    def name(self, name: str, bound: Mapping[str, sp.Expr]) -> Value:
        """The value of an unknown, a definition or a constant."""
        if name in bound:
            return bound[name]
        if name in self.values:
            return self.values[name]
        symbol = self.symbols.get(name)
        if isinstance(symbol, Defined):
            if symbol.value is None:
                raise Unsupported(f"{name!r}, which a Python block assigns")
            if name not in self.defined:
                value = self.term(symbol.value)
                guard.size(value)
                self.defined[name] = value
            return self.defined[name]
        if symbol is None and name in _CONSTANTS:
            return _CONSTANTS[name]
        raise Unsupported(f"{name!r}, which is not a number")

    def connective(self, e: t.Binary, bound: Mapping[str, sp.Expr]) -> Any:
        """and, or, xor, ->, <=>."""
        left = self.formula(e.left, bound)
        # As in the evaluator: what an `and`, `or`, `->` need not look at may be undefined.
        if (e.op, left) in ((t.BinaryOp.AND, sp.false), (t.BinaryOp.OR, sp.true)):
            return left
        if (e.op, left) == (t.BinaryOp.IMPLIES, sp.false):
            return sp.true
        right = self.formula(e.right, bound)
        match e.op:
            case t.BinaryOp.AND:
                return conjunction((left, right))
            case t.BinaryOp.OR:
                return disjunction(left, right)
            case t.BinaryOp.IMPLIES:
                return disjunction(negated(left), right)
        same = disjunction(conjunction((left, right)), conjunction((negated(left), negated(right))))
        return same if e.op is t.BinaryOp.IFF else negated(same)

    def conditional(self, e: t.Conditional, bound: Mapping[str, sp.Expr]) -> Value:
        """`if`: one of its branches where the condition is decided."""
        condition = self.formula(e.condition, bound)
        if condition in (sp.true, sp.false):
            return self.term(e.yes if condition == sp.true else e.no, bound)
        yes, no = self.term(e.yes, bound), self.term(e.no, bound)
        if not isinstance(yes, sp.Expr):
            return disjunction(conjunction((condition, yes)), conjunction((negated(condition), no)))
        return sp.Piecewise((yes, condition), (no, True), evaluate=False)

    # --- calls --------------------------------------------------------------------------------------------------

    def call(self, e: t.Call, bound: Mapping[str, sp.Expr]) -> Value:
        """A built-in."""
        builtin = BUILTINS.get(e.function)
        if builtin is None or self.symbols.get(e.function) is not None:
            raise Unsupported(f"the declared function {e.function!r}")
        if builtin.group in (Group.GRAPH, Group.DATE, Group.DERIVED):
            raise Unsupported(f"the {builtin.group} built-in {e.function!r}")
        if e.function == "solve":
            if self.solve is None or bound:
                raise Unsupported("`solve` inside of a sum or of another `solve`")
            return self.solve(e)
        if e.args and isinstance(e.args[0], t.Binder):
            return self.aggregate(e, bound)
        args: list[t.Expr] = [a for a in e.args if not isinstance(a, t.Binder)]
        if e.function in ("integrate", "diff", "limit", "series"):
            return self.calculus(e.function, args, bound)
        values = [self.term(a, bound) for a in args]
        if builtin.group is Group.SET:
            return _sets(e.function, values)
        if e.function == "distinct":
            return conjunction(relation(a, t.CompareOp.NE, b) for i, a in enumerate(values) for b in values[:i])
        if isinstance(values[0], (*SETS, sp.Tuple)):
            values = list(values[0].args)
        if e.function in ("sum", "product"):
            return guard.bounded((sp.Add if e.function == "sum" else sp.Mul)(*values))
        return guard.bounded(real(FUNCTIONS[e.function](*values)))

    def aggregate(self, e: t.Call, bound: Mapping[str, sp.Expr]) -> sp.Expr:
        """sum, product, count over ranges of integers (a sum also over `count`: 0, 1, 2 ...)."""
        body = next(a for a in e.args if not isinstance(a, t.Binder))
        axes = [(n, b.domain) for b in e.args if isinstance(b, t.Binder) for n in b.names]
        if len(axes) == 1 and e.function == "sum" and axes[0][1] == "count":
            return self.closed_sum(body, axes[0][0], sp.Integer(0), sp.oo, bound)
        ranges = []
        for _, domain in axes:
            members = self.symbols.members(domain)
            if not isinstance(members, range):
                raise Unsupported(f"{e.function!r} over {domain}")
            ranges.append(members)
        if len(axes) == 1 and e.function == "sum" and len(ranges[0]) > CLOSED_FORM_FROM:
            try:
                low, high = sp.Integer(ranges[0][0]), sp.Integer(ranges[0][-1])
                return self.closed_sum(body, axes[0][0], low, high, bound)
            except (GaveUp, Unsupported):
                pass  # then term by term
        if math.prod(len(r) for r in ranges) > MAX_ITERATIONS - self.iterations:
            raise Unsupported(f"a {e.function} of more than {MAX_ITERATIONS} terms without a closed form")
        parts: list[sp.Expr] = []
        total = sp.Integer(e.function == "product")
        for values in product(*ranges):
            self.iterations += 1
            inner = {**bound, **{n: sp.Integer(v) for (n, _), v in zip(axes, values, strict=True)}}
            value = self.formula(body, inner) if e.function == "count" else self.number(body, inner)
            if e.function == "count":
                value = sp.Integer(value == sp.true) if value in (sp.true, sp.false) else _indicator(value)
            if not value.is_Rational:
                parts.append(value)
            else:
                total = guard.bounded(total * value if e.function == "product" else total + value)
        return (sp.Mul if e.function == "product" else sp.Add)(total, *parts)

    def closed_sum(self, body: t.Expr, name: str, low: sp.Expr, high: sp.Expr, bound: Mapping[str, sp.Expr]) -> sp.Expr:
        """A sum in closed form. Raises GaveUp where there is none."""
        n = sp.Symbol(name, integer=True, nonnegative=True if low >= 0 else None)
        summand = self.number(body, {**bound, name: n})
        guard.expansion(summand)
        guard.size(summand)
        if high == sp.oo:
            return _closed(sp.summation(summand, (n, low, high)), "the sum")
        if not summand.is_polynomial(n) or self.iterations:
            raise GaveUp("no closed form is tried for this sum")
        return guard.bounded(_closed(sp.summation(summand, (n, low, high)), "the sum"))

    def calculus(self, function: str, args: list[t.Expr], bound: Mapping[str, sp.Expr]) -> sp.Expr:
        """integrate, diff, limit, series."""
        variable = args[1]
        if not isinstance(variable, t.Name) or variable.id not in self.values or variable.id in bound:
            raise Unsupported(f"{function!r} with respect to what is not an unknown (declare it: var x: real)")
        here = [self.number(a, bound) for a in args[2:]]
        outside = self.values[variable.id]
        if function == "integrate" and len(here) == 1:
            raise Unsupported("an integral with one bound: integrate(f, x) or integrate(f, x, from, to)")
        if function == "integrate" and here:
            positive = all(end.is_extended_nonnegative for end in here)
        elif function == "limit":
            positive = here[0] == sp.oo
        else:
            positive = outside.is_Symbol and outside.is_positive
        x = sp.Symbol(variable.id, real=True, positive=True if positive else None)
        inner = Terms(self.symbols, {**self.values, variable.id: x}, self.solve)
        inner.iterations = self.iterations
        body = inner.number(args[0], bound)
        guard.size(body)
        match function:
            case "integrate":
                if not here:
                    result = sp.integrate(body, x)
                else:
                    result = sp.integrate(body, (x, *here))
                    if result.has(sp.oo, sp.nan, sp.zoo):
                        raise GaveUp("the integral does not converge")
            case "diff":
                order = here[0] if here else sp.Integer(1)
                if not (order.is_Integer and 0 <= order <= guard.MAX_DEGREE):
                    raise Unsupported(f"a derivative of order other than 0..{guard.MAX_DEGREE}")
                result = sp.diff(body, x, int(order))
            case "limit":
                result = _limit(body, x, here[0])
            case _:
                order = here[1]
                if not (order.is_Integer and 0 < order <= 20) or not here[0].is_finite:
                    raise Unsupported("a series of order other than 1..20, or not around a number")
                result = sp.series(body, x, here[0], int(order)).removeO()
        result = _closed(result, {"integrate": "the integral", "series": "the series"}.get(function, f"the {function}"))
        guard.size(result)
        return guard.substitute(result, {x: outside})


_CONSTANTS = {"pi": sp.pi, "e": sp.E, "oo": sp.oo}


# --- calculus ---------------------------------------------------------------------------------------------------


def _closed(value: sp.Expr, what: str) -> sp.Expr:
    """`value`, where it is in closed form. Raises GaveUp."""
    if value.has(sp.Integral, sp.Limit, sp.Sum, sp.Derivative, sp.Order, sp.nan, sp.zoo, sp.AccumBounds):
        raise GaveUp(f"SymPy finds no closed form of {what}")
    if what == "the sum" and value.has(sp.oo):
        raise GaveUp("the sum does not converge")
    return value


def _limit(body: sp.Expr, x: sp.Symbol, to: sp.Expr) -> sp.Expr:
    """The two-sided limit; where `body` is not real on one side, the limit of the other."""
    if to.is_infinite:
        return sp.limit(body, x, to)
    right, left = sp.limit(body, x, to, "+"), sp.limit(body, x, to, "-")
    if right == left or left.is_extended_real is False or left.has(sp.I):
        return right
    if right.is_extended_real is False or right.has(sp.I):
        return left
    difference = right - left
    if difference.has(sp.oo, sp.nan) or sp.simplify(difference) != 0:
        raise Undefined("the one-sided limits differ")
    return right


# --- formulas ---------------------------------------------------------------------------------------------------

_RELATIONS = {
    t.CompareOp.EQ: sp.Eq,
    t.CompareOp.NE: sp.Ne,
    t.CompareOp.LT: sp.Lt,
    t.CompareOp.LE: sp.Le,
    t.CompareOp.GT: sp.Gt,
    t.CompareOp.GE: sp.Ge,
}


def relation(a: Value, op: t.CompareOp, b: Value) -> Any:
    """`a op b`: decided where there are no unknowns, else a relational that SymPy does not touch."""
    if isinstance(a, sp.Expr) and isinstance(b, sp.Expr):
        if a.free_symbols or b.free_symbols:
            return _RELATIONS[op](a, b, evaluate=False)
        order = 0 if a == b else sign(a - b)
        return sp.true if _ORDERED[op](order) else sp.false
    if op not in (t.CompareOp.EQ, t.CompareOp.NE):
        raise Unsupported("comparing what are not numbers")
    if isinstance(a, (*SETS, sp.Tuple)) or isinstance(b, (*SETS, sp.Tuple)):
        if a.free_symbols or b.free_symbols:
            raise Unsupported("comparing sets or lists of unknowns")
        same: Any = sp.true if a == b else sp.false
    else:
        same = disjunction(conjunction((a, b)), conjunction((negated(a), negated(b))))
    return same if op is t.CompareOp.EQ else negated(same)


_ORDERED: Mapping[t.CompareOp, Callable[[int], bool]] = {
    t.CompareOp.EQ: lambda s: s == 0,
    t.CompareOp.NE: lambda s: s != 0,
    t.CompareOp.LT: lambda s: s < 0,
    t.CompareOp.LE: lambda s: s <= 0,
    t.CompareOp.GT: lambda s: s > 0,
    t.CompareOp.GE: lambda s: s >= 0,
}


def conjunction(parts: Any) -> Any:
    """All of them, without SymPy's simplifications of what is open."""
    parts = [p for p in parts if p != sp.true]
    if sp.false in parts:
        return sp.false
    return sp.true if not parts else parts[0] if len(parts) == 1 else sp.And(*parts, evaluate=False)


def disjunction(left: Any, right: Any) -> Any:
    """One or the other."""
    return negated(conjunction((negated(left), negated(right))))


def negated(formula: Any) -> Any:
    """Its negation."""
    if formula in (sp.true, sp.false):
        return sp.false if formula == sp.true else sp.true
    return formula.args[0] if isinstance(formula, sp.Not) else sp.Not(formula, evaluate=False)


def _indicator(condition: Any) -> sp.Expr:
    return sp.Piecewise((1, condition), (0, True), evaluate=False)


def _sets(function: str, values: list[Value]) -> Value:
    if any(v.free_symbols for v in values):
        raise Unsupported(f"{function!r} of unknowns")
    match function:
        case "nth":
            items, position = values[0].args, values[1]
            if not (position.is_Integer and 1 <= position <= len(items)):
                raise Undefined(f"a list of {len(items)} has no element {position}")
            return items[int(position) - 1]
        case "size":
            return sp.Integer(len(values[0].args))
        case "member":
            return sp.true if any(sign(values[0] - x) == 0 for x in values[1].args) else sp.false
        case "union":
            return sp.FiniteSet(*(x for v in values for x in v.args))
        case "intersection":
            return sp.FiniteSet(*(x for x in values[0].args if all(x in v.args for v in values[1:])))
        case "difference":
            return sp.FiniteSet(*(x for x in values[0].args if x not in values[1].args))
    raise Unsupported(f"the built-in {function!r}")
