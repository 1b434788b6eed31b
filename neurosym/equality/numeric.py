"""Proof by calculation that two terms differ: enclosures of their values at fixed points, in interval arithmetic.

Rounding never counts against equality: terms differ where their enclosures are apart, and nothing else follows.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from fractions import Fraction
from importlib import import_module
from typing import Any

from neurosym.equality.normal import Work
from neurosym.language import tree as t
from neurosym.language.values import TooLarge, Undefined

BITS = (120, 500)
"""Precisions tried in turn."""
POINTS = tuple(Fraction(a, b) for a, b in ((7, 3), (-5, 7), (11, 13), (17, 5), (-19, 8)))
"""What variables are set to, each variable to its own."""
_HUGE = 1 << 24
"""Exponents beyond this one (of 2) are not calculated with."""

_own = threading.local()


def apart(left: t.Expr, right: t.Expr, names: frozenset[str], work: Work) -> bool:
    """Whether the terms are proved different, at some point for the variables `names`."""
    ordered = sorted(names)
    for shift in range(len(POINTS) if ordered else 1):
        at = {name: POINTS[(i + shift) % len(POINTS)] + i // len(POINTS) for i, name in enumerate(ordered)}
        for bits in BITS:
            try:
                one, other = _Enclosure(bits, at, work).of(left), _Enclosure(bits, at, work).of(right)
            # mpmath has no exception of its own for a term that has no enclosure: off a function's domain it raises
            # ValueError, dividing by 0 or growing too large ArithmeticError, for what its intervals lack
            # NotImplementedError. From none of them anything follows at this point.
            except (Undefined, ValueError, ArithmeticError, NotImplementedError):
                break
            if one.b < other.a or other.b < one.a:
                return True
    return False


def _ctx() -> Any:
    """An interval context of this thread's own: precision is its state."""
    if not hasattr(_own, "context"):
        _own.context = import_module("mpmath.ctx_iv").MPIntervalContext()
    return _own.context


class _Enclosure:
    def __init__(self, bits: int, at: Mapping[str, Fraction], work: Work) -> None:
        self.context, self.at, self.work = _ctx(), at, work
        self.context.prec = bits

    def rational(self, value: Fraction) -> Any:
        return self.context.mpf(value.numerator) / value.denominator

    def of(self, e: t.Expr) -> Any:
        self.work.spend(30)
        match e:
            case t.Number():
                return self.rational(e.value)
            case t.Name(id="pi"):
                return +self.context.pi
            case t.Name(id="e"):
                return self.context.exp(1)
            case t.Name() if e.id in self.at:
                return self.rational(self.at[e.id])
            case t.Unary(op=t.UnaryOp.NEG):
                return -self.of(e.operand)
            case t.Binary(op=t.BinaryOp.POW):
                return self.power(self.of(e.left), self.of(e.right), e.right)
            case t.Binary():
                left, right = self.of(e.left), self.of(e.right)
                match e.op:
                    case t.BinaryOp.ADD:
                        return left + right
                    case t.BinaryOp.SUB:
                        return left - right
                    case t.BinaryOp.MUL:
                        return left * right
                    case t.BinaryOp.DIV:
                        if 0 in right:
                            raise Undefined("it divides by zero")
                        return left / right
            case t.Call():
                return self.call(e.function, [self.of(a) for a in e.args if not isinstance(a, t.Binder)])
        raise Undefined("it is not calculated here")

    def small(self, value: Any) -> Any:
        """`value`, where its magnitude keeps what follows cheap."""
        if not (value.a > -_HUGE and value.b < _HUGE):
            raise TooLarge("a number grew too large")
        return value

    def power(self, base: Any, exponent: Any, written: t.Expr) -> Any:
        if isinstance(written, t.Unary) and isinstance(written.operand, t.Number):
            return 1 / self.power(base, -exponent, written.operand)
        if isinstance(written, t.Number) and written.value.denominator == 1 and written.value < 10_000:
            return base ** int(written.value)
        return self.context.exp(self.small(self.small(exponent) * self.logarithm(base)))

    def logarithm(self, value: Any) -> Any:
        if not value.a > 0:
            raise Undefined("a logarithm or a root of what may not be positive")
        return self.context.log(value)

    def call(self, function: str, args: list[Any]) -> Any:
        match function, args:
            case "sqrt", [value]:
                return self.context.sqrt(value)
            case "root", [value, index]:
                return self.context.exp(self.logarithm(value) / index)
            case "exp", [value]:
                return self.context.exp(self.small(value))
            case "ln", [value]:
                return self.logarithm(value)
            case "log", [value, base]:
                return self.logarithm(value) / self.logarithm(base)
            case (("sin" | "cos" | "tan"), [value]):
                sine, cosine = self.context.sin(self.small(value)), self.context.cos(value)
                return sine if function == "sin" else cosine if function == "cos" else sine / cosine
            case "abs", [value]:
                return abs(value)
            case "factorial", [value] if value.a >= 0 and value.b < 10**12:
                return self.context.gamma(value + 1)
        raise Undefined(f"{function} is not calculated here")
