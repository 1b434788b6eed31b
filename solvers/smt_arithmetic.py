"""Numbers and dates in Z3: exact where ground, by encodings whose every partial operation states its condition."""

from __future__ import annotations

import datetime
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import z3

from neurosym.language import tree as t
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.symbols import NUMBER, TRUTH, Base, Constant, Element, Kind, Symbols
from neurosym.language.values import TooLarge, Undefined, Value, arithmetic, term
from neurosym.solvers.base import Unsupported
from neurosym.solvers.smt_claims import Claims
from neurosym.solvers.smt_domains import (
    Domains,
    Formula,
    Many,
    Sym,
    Term,
    conj,
    disj,
    implies,
    integral,
    neg,
    unwrap,
    whole,
    wrap,
)

MAX_EXPONENT = 64
DATE = Kind(Base.DATE)
_SYMBOLIC = frozenset({"abs", "floor", "ceil", "round", "sqrt", "weekday"})
_COMPARE: dict[t.CompareOp, Callable[[Any, Any], Formula]] = {
    t.CompareOp.LT: operator.lt,
    t.CompareOp.LE: operator.le,
    t.CompareOp.GT: operator.gt,
    t.CompareOp.GE: operator.ge,
}


class Arithmetic:
    """Operations on terms.

    A partial operation requires of `claims` that it has a value; a root is a new unknown, defined there.
    """

    def __init__(self, domains: Domains, claims: Claims) -> None:
        self.domains, self.claims = domains, claims
        self.roots = 0

    def ground(self, compute: Callable[[], Value], otherwise: Value) -> Value:
        """A ground value from the evaluator; where it is undefined, that is required to be otherwise."""
        try:
            return compute()
        except TooLarge as error:
            raise Unsupported(str(error)) from None
        except Undefined as error:
            self.claims.require(False, str(error))
            return otherwise

    # --- operators --------------------------------------------------------------------------------------------

    def negative(self, a: Term) -> Term:
        """-a."""
        return -a if isinstance(a, Fraction) else Sym(-self.number(a).z, NUMBER)

    def number(self, a: Term) -> Sym:
        """A symbolic number. Raises Unsupported for anything else."""
        if isinstance(a, Sym) and a.kind.base in (Base.NUMBER, Base.DATE):
            return a
        raise Unsupported("arithmetic of what is no number")

    def binary(self, op: t.BinaryOp, a: Term, b: Term) -> Term:
        """`a op b` of numbers or dates."""
        if _is_date(a) or _is_date(b):
            return self.dates(op, a, b)
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            if op is t.BinaryOp.POW and b.denominator != 1:
                return self.power(a, b)
            value = self.ground(lambda: arithmetic(op, a, b), Fraction(0))
            assert isinstance(value, Fraction)
            return value
        match op:
            case t.BinaryOp.POW:
                if not isinstance(b, Fraction):
                    raise Unsupported("a power with an unknown exponent")
                return self.power(a, b)
            case t.BinaryOp.MOD:
                return self.modulo(a, b)
            case t.BinaryOp.DIV:
                return self.divide(a, b)
            case t.BinaryOp.MUL if Fraction(0) in (a, b):
                return Fraction(0)
            case t.BinaryOp.MUL if Fraction(1) in (a, b):
                return b if a == Fraction(1) else a
            case t.BinaryOp.ADD if Fraction(0) in (a, b):
                return b if a == Fraction(0) else a
        real = not (whole(a) and whole(b))
        x, y = self.domains.z(a, real), self.domains.z(b, real)
        return Sym(x + y if op is t.BinaryOp.ADD else x - y if op is t.BinaryOp.SUB else x * y, NUMBER)

    def total(self, items: list[Term]) -> Term:
        """The sum of any number of terms."""
        known = sum((x for x in items if isinstance(x, Fraction)), Fraction(0))
        unknown = [self.number(x) for x in items if not isinstance(x, Fraction)]
        if not unknown:
            return known
        real = not (whole(known) and all(whole(x) for x in unknown))
        parts = [self.domains.z(x, real) for x in unknown]
        if known:
            parts.append(self.domains.z(known, real))
        return Sym(z3.Sum(parts) if len(parts) > 1 else parts[0], NUMBER)

    def divide(self, a: Term, b: Term) -> Term:
        """a / b, b ≠ 0."""
        if isinstance(b, Fraction):
            if b == 0:
                self.claims.require(False, "division by zero")
                return Fraction(0)
            return self.binary(t.BinaryOp.MUL, 1 / b, a)
        self.claims.require(neg(self.domains.equal(b, Fraction(0))), "division by zero")
        return Sym(self.domains.z(a, real=True) / self.domains.z(b, real=True), NUMBER)

    def modulo(self, a: Term, b: Term) -> Term:
        """a mod b, with the sign of b ≠ 0; Z3's own remainder is never negative."""
        self.claims.require(neg(self.domains.equal(b, Fraction(0))), "division by zero")
        if b == Fraction(0):
            return Fraction(0)
        if not (whole(a) and whole(b)):
            x, y = self.domains.z(a, real=True), self.domains.z(b, real=True)
            return Sym(x - y * z3.ToReal(z3.ToInt(x / y)), NUMBER)
        x, y = self.domains.z(a), self.domains.z(b)
        rest = x % y
        if isinstance(b, Fraction) and b > 0:
            return Sym(rest, NUMBER)
        return Sym(z3.If(z3.Or(y > 0, rest == 0), rest, rest + y), NUMBER)

    def power(self, a: Term, b: Fraction) -> Term:
        """a to a constant power, as a product or as a root."""
        if abs(b.numerator) > MAX_EXPONENT or b.denominator > MAX_EXPONENT:
            raise Unsupported(f"a power of {b}")
        if b.denominator != 1:
            return self.power(self.root(a, b.denominator), Fraction(b.numerator))
        result: Term = Fraction(1)
        for _ in range(abs(b.numerator)):
            result = self.binary(t.BinaryOp.MUL, result, a)
        return result if b >= 0 else self.divide(Fraction(1), result)

    def root(self, a: Term, degree: int) -> Term:
        """The non-negative root of a ≥ 0, as a new unknown where it is not a ground rational."""
        if isinstance(a, Fraction):
            if a < 0:
                raise Unsupported("a root of a negative number")
            try:
                return arithmetic(t.BinaryOp.POW, a, Fraction(1, degree))
            except TooLarge as error:
                raise Unsupported(str(error)) from None
            except Undefined:
                pass  # irrational: an unknown
        x = self.domains.z(a, real=True)
        self.roots += 1
        root = z3.Real(f"root!{self.roots}", self.domains.ctx)
        self.claims.define(z3.Implies(x >= 0, z3.And(root >= 0, z3.Product([root] * degree) == x)))
        self.claims.require(True if isinstance(a, Fraction) else x >= 0, "a negative number has no real root")
        return Sym(root, NUMBER)

    def dates(self, op: t.BinaryOp, a: Term, b: Term) -> Term:
        """date - date, date + days, date - days."""
        days = self.binary(op, _ordinal(a), _ordinal(b))
        if _is_date(b):
            return days
        last = datetime.date.max.toordinal()
        if isinstance(days, Fraction):
            inside = days.denominator == 1 and 1 <= days <= last
            self.claims.require(inside, "the calendar has whole days, up to the year 9999")
            return datetime.date.fromordinal(int(days)) if inside else datetime.date.min
        assert isinstance(days, Sym)
        fits = conj((integral(days), self.domains.between(1, last, days)))
        self.claims.require(fits, "the calendar has whole days, up to the year 9999")
        return Sym(days.z if z3.is_int(days.z) else z3.ToInt(days.z), DATE)

    def compare(self, op: t.CompareOp, a: Term, b: Term) -> Formula:
        """`a op b`."""
        if op in (t.CompareOp.EQ, t.CompareOp.NE):
            alike = self.domains.equal(a, b)
            return alike if op is t.CompareOp.EQ else neg(alike)
        x, y = _ordinal(a), _ordinal(b)
        if isinstance(x, Fraction) and isinstance(y, Fraction):
            return _COMPARE[op](x, y)
        real = not (whole(x) and whole(y))
        return _COMPARE[op](self.domains.z(x, real), self.domains.z(y, real))

    def choose(self, condition: Formula, a: Term, b: Term) -> Term:
        """a where the condition holds, else b."""
        if isinstance(condition, bool):
            return a if condition else b
        if isinstance(a, Many) and isinstance(b, Many) and a.ordered and b.ordered and len(a.items) == len(b.items):
            chosen = (self.choose(condition, x, y) for x, y in zip(a.items, b.items, strict=True))
            return Many(tuple(chosen), ordered=True)
        kind = a.kind if isinstance(a, Sym) else b.kind if isinstance(b, Sym) else None
        if isinstance(a, bool) or isinstance(b, bool) or kind == TRUTH:
            x, y = unwrap(a), unwrap(b)
            return wrap(conj((implies(condition, x), disj((condition, y)))))
        if kind is None:
            kind = DATE if _is_date(a) else NUMBER if isinstance(a, Fraction) else self.element(a)
        real = not (whole(a) and whole(b))
        return Sym(z3.If(condition, self.domains.z(a, real), self.domains.z(b, real)), kind)

    def element(self, a: Term) -> Kind:
        """The kind of a ground element."""
        symbol = self.domains.symbols.get(a) if isinstance(a, str) else None
        if not isinstance(symbol, Element | Constant):
            raise Unsupported("a choice between sets or lists")
        return symbol.kind

    # --- built-in functions -----------------------------------------------------------------------------------

    def function(self, name: str, args: list[Term]) -> Term:
        """A built-in function of numbers or dates."""
        if name in ("min", "max"):
            items = args[0].items if isinstance(args[0], Many) else args
            self.claims.require(bool(items), f"{name} of nothing")
            best: Term = items[0] if items else Fraction(0)
            for item in items[1:]:
                op = t.CompareOp.LT if name == "min" else t.CompareOp.GT
                best = self.choose(self.compare(op, item, best), item, best)
            return best
        if name == "sqrt":
            return self.root(args[0], 2)
        if not any(isinstance(a, Sym | Many) for a in args):
            call = t.Call(name, tuple(term(a) for a in args if not isinstance(a, Sym | Many)))
            nothing = datetime.date.min if name == "date" else Fraction(0)
            value = self.ground(lambda: evaluate(call, Symbols(), Interpretation()), nothing)
            assert isinstance(value, Fraction | datetime.date)
            return value
        if name not in _SYMBOLIC or isinstance(args[0], Many):
            raise Unsupported(f"{name} of an unknown")
        return self.symbolic(name, args)

    def symbolic(self, name: str, args: list[Term]) -> Term:
        """abs, floor, ceil, round, weekday of a term with unknowns."""
        if name == "weekday":  # day 1, 0001-01-01, was a Monday
            return Sym((self.number(args[0]).z - 1) % 7 + 1, NUMBER)
        a = args[0]
        places = args[1] if len(args) > 1 else Fraction(0)
        if not isinstance(places, Fraction) or places.denominator != 1 or not 0 <= places <= 100:
            raise Unsupported("round to that many places")
        if name != "abs" and whole(a):
            return a
        x = self.domains.z(a)
        if name == "abs":
            return Sym(z3.If(x >= 0, x, -x), NUMBER)
        if name != "round":
            return Sym(z3.ToInt(x) if name == "floor" else -z3.ToInt(-x), NUMBER)
        scale = 10 ** int(places)
        half = z3.RealVal("1/2", self.domains.ctx)
        rounded = z3.If(x >= 0, z3.ToInt(x * scale + half), -z3.ToInt(half - x * scale))
        return self.divide(Sym(rounded, NUMBER), Fraction(scale))


def _is_date(a: Term) -> bool:
    return isinstance(a, datetime.date) or (isinstance(a, Sym) and a.kind.base is Base.DATE)


def _ordinal(a: Term) -> Term:
    """A date as a number; a number as it is."""
    if isinstance(a, datetime.date):
        return Fraction(a.toordinal())
    return Sym(a.z, NUMBER) if _is_date(a) and isinstance(a, Sym) else a
