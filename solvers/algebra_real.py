"""Real numbers in SymPy: each operation of the language with its domain, guarded before it is carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from neurosym.language import tree as t
from neurosym.language.values import Undefined
from neurosym.solvers import algebra_guard as guard
from neurosym.solvers.algebra_guard import GaveUp
from neurosym.solvers.base import Unsupported

SETS = (sp.FiniteSet, type(sp.S.EmptySet))
"""What a set of numbers is in SymPy."""


def sign(d: sp.Expr) -> int:
    """-1, 0 or 1: the sign of a real number without unknowns. Raises GaveUp where it cannot be established."""
    if d.is_Rational:
        return int(d.p > 0) - int(d.p < 0)
    if d.is_infinite:
        return 1 if d.is_extended_positive else -1
    approximate = sp.N(d, 30)
    if approximate.is_Float and approximate._prec > 1 and approximate != 0:
        return 1 if approximate > 0 else -1
    if d.equals(0):
        return 0
    raise GaveUp("it cannot be established whether two irrational numbers are equal")


def is_zero(d: sp.Expr) -> bool:
    """Whether `d` is zero; a term with unknowns is not, unless it is zero as it stands."""
    return bool(d == 0) if d.free_symbols or d.is_Rational else sign(d) == 0


def real(value: Any) -> Any:
    """`value`, where it is a real number or a term. Raises Undefined."""
    if isinstance(value, sp.Expr):
        if value.has(sp.zoo, sp.nan):
            raise Undefined("there is no value here")
        if not value.is_Rational and not value.free_symbols and value.is_extended_real is False:
            raise Undefined("the value is not a real number")
    return value


def arithmetic(op: t.BinaryOp, a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """`a op b` for + - * / mod ^."""
    match op:
        case t.BinaryOp.ADD:
            value = a + b
        case t.BinaryOp.SUB:
            value = a - b
        case t.BinaryOp.MUL:
            value = a * b
        case t.BinaryOp.POW:
            return power(a, b)
        case _:
            if is_zero(b):
                raise Undefined("division by zero")
            value = a / b if op is t.BinaryOp.DIV else sp.Mod(a, b)
    return guard.bounded(value if value.is_Rational else real(value))


def power(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """A real power."""
    if b.is_number and a.is_number:
        if is_zero(a) and sign(b) < 0:
            raise Undefined("division by zero")
        if not b.is_integer and sign(a) < 0:
            raise Undefined("a root of a negative number is not a real number")
    guard.power(a, b)
    return guard.bounded(real(sp.Pow(a, b)))


def _log(x: sp.Expr, base: sp.Expr | None = None) -> sp.Expr:
    if x.is_number and sign(x) <= 0:
        raise Undefined("the logarithm of a number that is not positive")
    if base is None:
        return sp.log(x)
    if base.is_number and (sign(base) <= 0 or base == 1):
        raise Undefined("the base of a logarithm is positive and not 1")
    return sp.log(x, base)


def _exp(x: sp.Expr) -> sp.Expr:
    guard.power(sp.E, x)
    return sp.exp(x)


def _inverse(function: Callable[[sp.Expr], sp.Expr]) -> Callable[[sp.Expr], sp.Expr]:
    def inverse(x: sp.Expr) -> sp.Expr:
        if x.is_number and sign(abs(x) - 1) > 0:
            raise Undefined("the sine or cosine of no real angle")
        return function(x)

    return inverse


def _round(x: sp.Expr, places: sp.Expr = sp.Integer(0)) -> sp.Expr:  # noqa: B008  (immutable)
    if not (places.is_Integer and 0 <= places <= 100):
        raise Unsupported("rounding to other than 0 to 100 decimals")
    scale = sp.Integer(10) ** places
    up = sp.floor(x * scale + sp.Rational(1, 2)) / scale
    down = -sp.floor(-x * scale + sp.Rational(1, 2)) / scale
    if x.is_number:
        return up if sign(x) >= 0 else down
    return sp.Piecewise((up, sp.Ge(x, 0, evaluate=False)), (down, True), evaluate=False)


def _whole(x: sp.Expr, what: str) -> sp.Expr:
    if not x.is_number:
        raise Unsupported(f"{what} of unknowns")
    if not x.is_Integer or x < 0:
        raise Undefined(f"{what} takes non-negative integers")
    return x


def _factorial(x: sp.Expr) -> sp.Expr:
    if x.is_number:
        guard.factorial(_whole(x, "factorial"))
    return sp.factorial(x)


def _choices(ordered: bool) -> Callable[[sp.Expr, sp.Expr], sp.Expr]:
    what = "permutations" if ordered else "binomial"

    def choices(n: sp.Expr, k: sp.Expr) -> sp.Expr:
        if k.is_Integer and 0 <= k <= 20 and not n.is_number:
            falling = sp.Mul(*(n - i for i in range(int(k))))
            return falling if ordered else falling / sp.factorial(k)
        n, k = _whole(n, what), _whole(k, what)
        guard.binomial(n, k if ordered else min(k, abs(n - k)))
        if k > n:
            return sp.Integer(0)
        return sp.ff(n, k) if ordered else sp.binomial(n, k)

    return choices


def _expanded(x: sp.Expr) -> sp.Expr:
    guard.expansion(x)
    return sp.expand(x)


def _factored(x: sp.Expr) -> sp.Expr:
    guard.expansion(x)
    return sp.factor(x)


def _simplified(x: sp.Expr) -> sp.Expr:
    guard.expansion(x)
    return sp.simplify(x)


FUNCTIONS: Mapping[str, Callable[..., sp.Expr]] = {
    "abs": sp.Abs,
    "min": sp.Min,
    "max": sp.Max,
    "floor": sp.floor,
    "ceil": sp.ceiling,
    "round": _round,
    "gcd": lambda *xs: sp.igcd(*(_whole(x, "gcd") for x in xs)) * sp.Integer(1),
    "lcm": lambda *xs: sp.ilcm(*(_whole(x, "lcm") for x in xs)) * sp.Integer(1),
    "sqrt": lambda x: power(x, sp.Rational(1, 2)),
    "factorial": _factorial,
    "binomial": _choices(ordered=False),
    "permutations": _choices(ordered=True),
    "sin": sp.sin,
    "cos": sp.cos,
    "tan": sp.tan,
    "asin": _inverse(sp.asin),
    "acos": _inverse(sp.acos),
    "atan": sp.atan,
    "exp": _exp,
    "log": _log,
    "ln": _log,
    "simplify": _simplified,
    "factor": _factored,
    "expand": _expanded,
}
