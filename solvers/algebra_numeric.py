"""The language's real numbers in 60 digits: the check of answers that exact rational arithmetic cannot evaluate.

It walks our tree with mpmath and shares nothing with the translation to SymPy, so that the two can err only apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import product
from typing import TypeAlias

import mpmath  # type: ignore[import-untyped]
from mpmath import mpf

from neurosym.language import tree as t
from neurosym.language.symbols import Defined, Symbols
from neurosym.language.values import TooLarge, Undefined

CONTEXT = mpmath.MPContext()
CONTEXT.dps = 60
EXACT = mpf(10) ** -35
"""Two results of plain arithmetic that are nearer than this (relatively) are equal."""
ROUGH = mpf(10) ** -8
"""The same where a limit, a quadrature or a numeric derivative took part."""
MAX_STEPS = 400_000


class NotComputed(Undefined):
    """There may be a value, but not one that is computed here."""


Value: TypeAlias = "mpf | bool | frozenset[mpf] | tuple[mpf, ...]"


class Numeric:
    """The value of terms where the unknowns have the given values; a value is a real number or there is none."""

    def __init__(self, symbols: Symbols, values: Mapping[str, mpf]) -> None:
        self.symbols, self.values = symbols, values
        self.steps = 0
        self.rough = False
        self.defined: dict[str, Value] = {}

    def near(self, a: mpf, b: mpf) -> bool:
        """Whether two results are equal, as far as the digits go."""
        return near(a, b, ROUGH if self.rough else EXACT)

    def number(self, e: t.Expr, bound: Mapping[str, mpf] | None = None) -> mpf:
        """The number that `e` stands for. Raises Undefined where there is none or none can be computed."""
        value = self.value(e, bound or {})
        if isinstance(value, bool | frozenset | tuple):
            raise Undefined("a number is expected")
        return value

    def truth(self, e: t.Expr, bound: Mapping[str, mpf] | None = None) -> bool:
        """Whether the formula `e` holds. Raises Undefined."""
        value = self.value(e, bound or {})
        if not isinstance(value, bool):
            raise Undefined("a formula is expected")
        return value

    def value(self, e: t.Expr, bound: Mapping[str, mpf]) -> Value:
        """The value of any term."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise TooLarge("too many steps")
        match e:
            case t.Number():
                return CONTEXT.mpf(e.value.numerator) / e.value.denominator
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
                return all(self.compare(a, op, b, bound) for a, op, b in e.pairs())
            case t.Conditional():
                return self.value(e.yes if self.truth(e.condition, bound) else e.no, bound)
            case t.Call():
                return self.call(e, bound)
            case t.SetOf():
                return frozenset(self.number(x, bound) for x in e.elements)
            case t.ListOf():
                return tuple(self.number(x, bound) for x in e.elements)
        raise NotComputed(f"{type(e).__name__} is not evaluated here")

    def name(self, name: str, bound: Mapping[str, mpf]) -> Value:
        """The value of an unknown, a definition or a constant."""
        if name in bound:
            return bound[name]
        if name in self.values:
            return self.values[name]
        symbol = self.symbols.get(name)
        if isinstance(symbol, Defined) and symbol.value is not None:
            if name not in self.defined:
                self.defined[name] = self.value(symbol.value, {})
            return self.defined[name]
        if symbol is None and name in ("pi", "e", "oo"):
            return {"pi": +CONTEXT.pi, "e": +CONTEXT.e, "oo": CONTEXT.inf}[name]
        raise NotComputed(f"{name} has no value")

    def binary(self, e: t.Binary, bound: Mapping[str, mpf]) -> Value:
        """A connective or an operation."""
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
        a, b = self.number(e.left, bound), self.number(e.right, bound)
        match e.op:
            case t.BinaryOp.ADD:
                return a + b
            case t.BinaryOp.SUB:
                return a - b
            case t.BinaryOp.MUL:
                return a * b
            case t.BinaryOp.POW:
                return power(a, b)
        if b == 0:
            raise Undefined("division by zero")
        return a / b if e.op is t.BinaryOp.DIV else a - b * _floor(a / b)

    def compare(self, left: t.Expr, op: t.CompareOp, right: t.Expr, bound: Mapping[str, mpf]) -> bool:
        """Comparison; what is nearer than the digits can tell is equal."""
        a, b = self.value(left, bound), self.value(right, bound)
        if isinstance(a, bool | frozenset | tuple) or isinstance(b, bool | frozenset | tuple):
            if op in (t.CompareOp.EQ, t.CompareOp.NE) and isinstance(a, bool) and isinstance(b, bool):
                return (a == b) == (op is t.CompareOp.EQ)
            raise NotComputed("sets and lists are not compared here")
        near = self.near(a, b)
        match op:
            case t.CompareOp.EQ:
                return near
            case t.CompareOp.NE:
                return not near
            case t.CompareOp.LT:
                return not near and bool(a < b)
            case t.CompareOp.LE:
                return near or bool(a < b)
            case t.CompareOp.GT:
                return not near and bool(a > b)
            case t.CompareOp.GE:
                return near or bool(a > b)

    # --- calls --------------------------------------------------------------------------------------------------

    def call(self, e: t.Call, bound: Mapping[str, mpf]) -> Value:
        """A built-in."""
        name, args = e.function, e.args
        values = [a for a in args if not isinstance(a, t.Binder)]
        if name in ("simplify", "factor", "expand"):
            return self.number(values[0], bound)
        if name == "diff":
            order = int(self.number(values[2], bound)) if len(values) == 3 else 1
            at = self.number(values[1], bound)
            self.rough = True
            return _real(CONTEXT.diff(self.along(values[0], values[1], bound), at, order))
        if name == "integrate" and len(values) == 4:
            return self.quadrature(
                self.along(values[0], values[1], bound), *(self.number(v, bound) for v in values[2:])
            )
        if name == "limit":
            self.rough = True
            return limit(self.along(values[0], values[1], bound), self.number(values[2], bound))
        if name in ("sum", "product", "count") and isinstance(args[0], t.Binder):
            return self.aggregate(e, bound)
        found = [self.value(v, bound) for v in values]
        if name == "size" and isinstance(found[0], frozenset | tuple):
            return CONTEXT.mpf(len(found[0]))
        numbers = list(found[0]) if isinstance(found[0], frozenset | tuple) else found
        if any(isinstance(x, bool | frozenset | tuple) for x in numbers):
            raise NotComputed(f"{name} of what are not numbers")
        if name == "distinct":
            return not any(self.near(a, b) for i, a in enumerate(numbers) for b in numbers[:i])
        function = _FUNCTIONS.get(name)
        if function is None:
            raise NotComputed(f"{name} has no number here")
        return _real(function(*numbers))

    def along(self, body: t.Expr, variable: t.Expr, bound: Mapping[str, mpf]) -> Callable[[mpf], mpf]:
        """The function that maps a value of the unknown `variable` to the value of `body`."""
        if not isinstance(variable, t.Name):
            raise NotComputed("a variable is expected")
        name = variable.id

        def function(x: mpf) -> mpf:
            inner = Numeric(self.symbols, {**self.values, name: x})
            inner.steps = self.steps
            value = inner.number(body, {k: v for k, v in bound.items() if k != name})
            self.steps = inner.steps
            return value

        return function

    def quadrature(self, f: Callable[[mpf], mpf], low: mpf, high: mpf) -> mpf:
        """The integral of `f`, by tanh-sinh. Raises NotComputed where the error stays large."""
        self.rough = True
        sign = 1
        if low > high:
            low, high, sign = high, low, -1
        if CONTEXT.isinf(low) and CONTEXT.isinf(high):
            points = [low, -1, 0, 1, high]
        elif CONTEXT.isinf(high):
            points = [low, low + 1, low + 8, high]
        elif CONTEXT.isinf(low):
            points = [low, high - 8, high - 1, high]
        else:
            points = [low, (low + high) / 2, high]
        with CONTEXT.workdps(25):
            value, error = CONTEXT.quad(f, points, error=True)
        if not error <= 1e-9 * max(1, abs(value)):
            raise NotComputed("the quadrature does not converge")
        return sign * _real(value)

    def aggregate(self, e: t.Call, bound: Mapping[str, mpf]) -> mpf:
        """sum, product, count over ranges."""
        binders = [a for a in e.args if isinstance(a, t.Binder)]
        body = next(a for a in e.args if not isinstance(a, t.Binder))
        names = [n for b in binders for n in b.names]
        if e.function == "sum" and [b.domain for b in binders] == ["count"] and len(names) == 1:
            self.rough = True
            return _real(CONTEXT.nsum(lambda n: self.number(body, {**bound, names[0]: n}), [0, CONTEXT.inf]))
        total = CONTEXT.mpf(e.function == "product")
        domains = [self.members(b.domain) for b in binders for _ in b.names]
        for values in product(*domains):
            inner = {**bound, **{n: CONTEXT.mpf(v) for n, v in zip(names, values, strict=True)}}
            if e.function == "count":
                total += self.truth(body, inner)
            elif e.function == "sum":
                total += self.number(body, inner)
            else:
                total *= self.number(body, inner)
        return total

    def members(self, domain: t.Domain) -> range:
        """The integers of a finite domain."""
        members = self.symbols.members(domain)
        if not isinstance(members, range):
            raise NotComputed(f"{domain} is not a range of integers")
        return members


def near(a: mpf, b: mpf, tolerance: mpf) -> bool:
    """Whether two numbers are equal up to `tolerance`, relatively where they are above 1."""
    if CONTEXT.isinf(a) or CONTEXT.isinf(b):
        return bool(a == b)
    return bool(abs(a - b) <= tolerance * max(1, abs(a), abs(b)))


def limit(f: Callable[[mpf], mpf], to: mpf) -> mpf:
    """The limit of `f`, estimated from values ever nearer to `to` (from both sides where both exist).

    Raises Undefined where the values do not settle to at least nine digits, or the sides differ.
    """
    if CONTEXT.isinf(to):
        return _settled([f(CONTEXT.sign(to) * CONTEXT.mpf(10) ** k) for k in (6, 12, 24)])
    sides = []
    for sign in (1, -1):
        try:
            sides.append(_settled([f(to + sign * CONTEXT.mpf(10) ** -k) for k in (5, 10, 20)]))
        except Undefined:
            if sign == -1 and not sides:
                raise
    if len(sides) == 2 and not near(sides[0], sides[1], ROUGH):
        raise Undefined("the one-sided limits differ")
    return sides[0]


def _settled(values: list[mpf]) -> mpf:
    first, second, last = values
    if abs(last - second) <= ROUGH * max(1, abs(last)):
        return last
    if (last - second) * (second - first) > 0 and abs(last - second) >= 0.9 * abs(second - first) > 0:
        return CONTEXT.inf if last > 0 else -CONTEXT.inf
    raise NotComputed("the values do not settle to a limit")


def power(a: mpf, b: mpf) -> mpf:
    """A real power; a negative base takes integer exponents only. Raises Undefined or TooLarge."""
    if a == 0:
        if b < 0:
            raise Undefined("division by zero")
        return CONTEXT.mpf(b == 0)
    whole = b == CONTEXT.floor(b)
    if a < 0 and not whole:
        raise Undefined("a root of a negative number")
    if not (CONTEXT.isinf(a) or CONTEXT.isinf(b)):
        log2 = b * CONTEXT.log(abs(a), 2)
        if log2 < -(10**30):
            return CONTEXT.mpf(0)
        if log2 > 10**30:
            raise TooLarge("a power grew too large")
    return _real(CONTEXT.power(a, b))


def _real(value: mpf) -> mpf:
    if isinstance(value, CONTEXT.mpc):
        if abs(value.imag) > EXACT * max(1, abs(value.real)):
            raise Undefined("the value is not real")
        value = value.real
    value = CONTEXT.mpf(value)
    if CONTEXT.isnan(value):
        raise Undefined("there is no value")
    return value


def _floor(x: mpf) -> mpf:
    near = CONTEXT.nint(x)  # 2.999... that is 3 but for rounding
    return near if abs(x - near) < EXACT * max(1, abs(x)) else CONTEXT.floor(x)


def _whole(x: mpf, most: int = 10**9) -> int:
    if CONTEXT.isinf(x) or abs(x - CONTEXT.nint(x)) > EXACT * max(1, abs(x)) or x < 0:
        raise Undefined("a non-negative integer is expected")
    if x > most:
        raise TooLarge("a number is too large here")
    return int(CONTEXT.nint(x))


def _exp(x: mpf) -> mpf:
    return power(CONTEXT.e * 1, x)


def _log(x: mpf, base: mpf | None = None) -> mpf:
    if x <= 0 or (base is not None and (base <= 0 or base == 1)):
        raise Undefined("the logarithm of a number that is not positive")
    return CONTEXT.log(x) if base is None else CONTEXT.log(x) / CONTEXT.log(base)


def _round(x: mpf, places: mpf | None = None) -> mpf:
    scale = CONTEXT.mpf(10) ** (0 if places is None else _whole(places, 100))
    rounded = _floor(abs(x) * scale + 0.5) / scale
    return -rounded if x < 0 else rounded


_FUNCTIONS: Mapping[str, Callable[..., mpf]] = {
    "abs": abs,
    "min": lambda *xs: min(xs),
    "max": lambda *xs: max(xs),
    "sum": lambda *xs: CONTEXT.fsum(xs),
    "product": lambda *xs: CONTEXT.fprod(xs),
    "floor": _floor,
    "ceil": lambda x: -_floor(-x),
    "round": _round,
    "gcd": lambda *xs: math.gcd(*(_whole(x, 1 << 180) for x in xs)),
    "lcm": lambda *xs: math.lcm(*(_whole(x, 1 << 180) for x in xs)),
    "sqrt": lambda x: power(x, CONTEXT.mpf(0.5)),
    "factorial": CONTEXT.factorial,
    "binomial": CONTEXT.binomial,
    "permutations": lambda n, k: CONTEXT.ff(n, k),
    "sin": CONTEXT.sin,
    "cos": CONTEXT.cos,
    "tan": CONTEXT.tan,
    "asin": CONTEXT.asin,
    "acos": CONTEXT.acos,
    "atan": CONTEXT.atan,
    "exp": _exp,
    "log": _log,
    "ln": _log,
}
