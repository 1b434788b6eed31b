"""SymPy → tree → text: answers in our own language, so that they can be read back and checked."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from neurosym.language import tree as t
from neurosym.language.printer import show_expr
from neurosym.language.symbols import Symbols
from neurosym.language.values import term
from neurosym.solvers import algebra_guard as guard
from neurosym.solvers.algebra_real import SETS
from neurosym.solvers.base import Unsupported

MAX_DIGITS = 1_000
"""What the reader takes back."""


def answer(value: Any, symbols: Symbols) -> str:
    """The text of a SymPy number, term, formula, set or list. Raises Unsupported where our language has none."""
    if isinstance(value, sp.Expr) and not value.is_Rational:
        value = _familiar(value)
    text = show_expr(tree(value, symbols))
    if len(text) > 20 * MAX_DIGITS:
        raise Unsupported("an answer that is too long to write")
    return text


def tree(value: Any, symbols: Symbols) -> t.Expr:
    """The tree of a SymPy value. Raises Unsupported where our language has none."""
    guard.size(value)
    return _Tree(symbols).of(value)


def fraction(value: sp.Rational) -> Fraction:
    """A SymPy rational as a Fraction."""
    return Fraction(int(value.p), int(value.q))


def _familiar(value: sp.Expr) -> sp.Expr:
    """Hyperbolic and reciprocal functions in the words that the language has."""
    if value.has(sp.functions.elementary.hyperbolic.HyperbolicFunction):
        value = value.rewrite(sp.exp)
    for inverse in (sp.asinh, sp.acosh, sp.atanh, sp.acoth):
        if value.has(inverse):
            value = value.rewrite(sp.log)
    return value.replace(sp.sec, lambda x: 1 / sp.cos(x)).replace(sp.csc, lambda x: 1 / sp.sin(x)).replace(
        sp.cot, lambda x: sp.cos(x) / sp.sin(x)
    )  # fmt: skip


class _Tree:
    def __init__(self, symbols: Symbols) -> None:
        self.symbols = symbols

    def of(self, v: Any) -> t.Expr:
        if v in (sp.true, sp.false):
            return t.Truth(v == sp.true)
        if v.is_Rational:
            return _rational(v)
        if v.is_Symbol:
            return t.Name(v.name)
        if v in (sp.pi, sp.E, sp.oo):
            return self.constant(v)
        if v == -sp.oo:
            return t.Unary(t.UnaryOp.NEG, self.constant(sp.oo))
        if isinstance(v, SETS):
            return t.SetOf(tuple(self.of(x) for x in _sorted(v.args)))
        if isinstance(v, sp.Tuple):
            return t.ListOf(tuple(self.of(x) for x in v.args))
        if v.is_Add:
            return self.sum(v)
        if v.is_Mul:
            return self.product(v)
        if v.is_Pow:
            return self.power(v)
        if isinstance(v, sp.Piecewise):
            return self.piecewise(v)
        if v.is_Relational:
            return t.Compare(self.of(v.lhs), ((_RELATIONS[type(v)], self.of(v.rhs)),))
        if isinstance(v, sp.And | sp.Or):
            op = t.BinaryOp.AND if isinstance(v, sp.And) else t.BinaryOp.OR
            return _joined(op, [self.of(a) for a in sorted(v.args, key=sp.default_sort_key)])
        if isinstance(v, sp.Not):
            return t.Unary(t.UnaryOp.NOT, self.of(v.args[0]))
        if isinstance(v, sp.Mod):
            return t.Binary(t.BinaryOp.MOD, self.of(v.args[0]), self.of(v.args[1]))
        name = _NAMES.get(type(v))
        if name is None:
            raise Unsupported(f"the answer uses {type(v).__name__}, which the language has no text for")
        return t.Call(name, tuple(self.of(a) for a in v.args))

    def constant(self, v: sp.Expr) -> t.Expr:
        name = {sp.pi: "pi", sp.E: "e", sp.oo: "oo"}[v]
        if self.symbols.get(name) is None:
            return t.Name(name)
        if v == sp.E:
            return t.Call("exp", (t.Number(Fraction(1)),))
        raise Unsupported(f"the answer uses {name}, which the program declares otherwise")

    def sum(self, v: sp.Expr) -> t.Expr:
        first, *rest = v.as_ordered_terms()
        total = self.of(first)
        for part in rest:
            minus = part.could_extract_minus_sign() and part.as_coeff_Mul()[0].is_negative
            total = t.Binary(t.BinaryOp.SUB if minus else t.BinaryOp.ADD, total, self.of(-part if minus else part))
        return total

    def product(self, v: sp.Expr) -> t.Expr:
        coefficient, rest = v.as_coeff_Mul()
        if coefficient.is_negative:
            return t.Unary(t.UnaryOp.NEG, self.of(-v)) if not (-v).is_Add else t.Unary(t.UnaryOp.NEG, self.sum(-v))
        above, below = [], []
        for factor in rest.as_ordered_factors():
            if factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative:
                below.append(1 / factor)
            else:
                above.append(factor)
        if coefficient.p != 1 or not above:
            above.insert(0, sp.Integer(coefficient.p))
        if coefficient.q != 1:
            below.insert(0, sp.Integer(coefficient.q))
        numerator = _joined(t.BinaryOp.MUL, [self.of(f) for f in above])
        if not below:
            return numerator
        return t.Binary(t.BinaryOp.DIV, numerator, _joined(t.BinaryOp.MUL, [self.of(f) for f in below]))

    def power(self, v: sp.Expr) -> t.Expr:
        if v.base == sp.E:
            return t.Call("exp", (self.of(v.exp),))
        if v.exp.is_Rational and v.exp.is_negative:
            return t.Binary(t.BinaryOp.DIV, t.Number(Fraction(1)), self.of(1 / v))
        if v.exp == sp.Rational(1, 2):
            return t.Call("sqrt", (self.of(v.base),))
        exponent = _ratio(v.exp) if v.exp.is_Rational else self.of(v.exp)
        return t.Binary(t.BinaryOp.POW, self.of(v.base), exponent)

    def piecewise(self, v: sp.Expr) -> t.Expr:
        *cases, (last, condition) = v.args
        if condition != sp.true:
            raise Unsupported("the answer is defined only in part")
        result = self.of(last)
        for value, when in reversed(cases):
            result = t.Conditional(self.of(when), self.of(value), result)
        return result


def _rational(v: sp.Rational) -> t.Expr:
    for part in (int(v.p), int(v.q)):
        if abs(part) >= 10**MAX_DIGITS:
            raise Unsupported(f"the answer has more than {MAX_DIGITS} digits")
    return term(fraction(v)) if v.q < 10**300 else _ratio(v)


def _ratio(v: sp.Rational) -> t.Expr:
    """`1/3`, `1/2` where a decimal would be read less easily (an exponent) or be too long."""
    above: t.Expr = t.Number(Fraction(abs(int(v.p))))
    if v.p < 0:
        above = t.Unary(t.UnaryOp.NEG, above)
    return above if v.q == 1 else t.Binary(t.BinaryOp.DIV, above, t.Number(Fraction(int(v.q))))


def _joined(op: t.BinaryOp, parts: list[t.Expr]) -> t.Expr:
    result = parts[0]
    for part in parts[1:]:
        result = t.Binary(op, result, part)
    return result


def _sorted(values: Any) -> list[Any]:
    """Numbers by size, then everything else in SymPy's order."""
    if all(v.is_number for v in values):
        return sorted(values, key=lambda v: (sp.N(v, 30), sp.default_sort_key(v)))
    return sorted(values, key=sp.default_sort_key)


_RELATIONS = {
    sp.Eq: t.CompareOp.EQ,
    sp.Ne: t.CompareOp.NE,
    sp.Lt: t.CompareOp.LT,
    sp.Le: t.CompareOp.LE,
    sp.Gt: t.CompareOp.GT,
    sp.Ge: t.CompareOp.GE,
}
_NAMES = {
    sp.Abs: "abs",
    sp.Min: "min",
    sp.Max: "max",
    sp.floor: "floor",
    sp.ceiling: "ceil",
    sp.factorial: "factorial",
    sp.binomial: "binomial",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.tan: "tan",
    sp.asin: "asin",
    sp.acos: "acos",
    sp.atan: "atan",
    sp.exp: "exp",
    sp.log: "log",
}
