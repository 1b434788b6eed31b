"""The checks behind algebra's answers: premises and answers are evaluated again, without SymPy, from their text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy as sp

from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.read import read_expression
from neurosym.language.symbols import Defined, Symbols
from neurosym.language.values import TooLarge, Undefined, Value
from neurosym.solvers.algebra_guard import GaveUp
from neurosym.solvers.algebra_numeric import CONTEXT, EXACT, ROUGH, NotComputed, Numeric, near
from neurosym.solvers.algebra_premises import bounds
from neurosym.solvers.algebra_real import SETS
from neurosym.solvers.algebra_text import fraction
from neurosym.solvers.base import Unsupported

FORMAL = frozenset({"integrate", "diff", "limit", "series", "simplify", "factor", "expand"})
"""Requests whose answer may be a term in the unknowns."""
POINTS = (
    0.7311,
    1.3179,
    2.618,
    0.2113,
    3.7071,
    -0.5773,
    5.3217,
    -1.4142,
    0.0917,
    7.9373,
    11.719,
    -3.3166,
    103.77,
    0.0031,
    1009.3,
)
INTEGERS = (1, 2, 3, 5, 4, 7, 6, 10, 0, 12, 9, 13, 50, 101)
NEEDED = 3
"""At how many points two terms must agree."""

Model = Mapping[str, Any]
"""Name → SymPy number or FiniteSet."""


class Differs(GaveUp):
    """An answer and the asked term were computed, and are not the same."""


class Checker:
    """Evaluates a program's statements and terms in a model: exactly where that is possible, else in 60 digits."""

    def __init__(self, symbols: Symbols, model: Model) -> None:
        self.symbols, self.model = symbols, model
        self.exact, self.rough = True, False

    def evaluate(self, e: t.Expr) -> Any:
        """The value of `e`: a Fraction, truth value or set, or a 60-digit number. Raises Undefined, GaveUp."""
        exact = {name: _exact(v) for name, v in self.model.items()}
        values: dict[str, Value] = {name: v for name, v in exact.items() if v is not None}
        if len(values) == len(exact):
            try:
                return evaluate(e, self.symbols, Interpretation(values))
            except Undefined:
                pass  # an irrational number, calculus, or indeed nothing: the digits decide
        self.exact = False
        numeric = Numeric(self.symbols, {name: _digits(v) for name, v in self.model.items()})
        try:
            value = numeric.value(e, {})
        except (TooLarge, NotComputed, OverflowError) as why:
            raise GaveUp(f"a value could not be checked: {why}") from None
        self.rough |= numeric.rough
        return value

    def holds(self, statement: t.Statement) -> bool:
        """Whether a premise, a typed definition or the types of unknowns are satisfied. Raises GaveUp."""
        try:
            match statement:
                case t.Assertion():
                    return self.evaluate(statement.formula) is True
                case t.Distinct():
                    return self.evaluate(t.Call("distinct", tuple(t.Name(n) for n in statement.names))) is True
                case t.Let():
                    return self.has_type(self.evaluate(t.Name(statement.name)), statement.type)
                case t.Var():
                    names = [n for n in statement.names if n in self.model]
                    return all(self.has_type(self.evaluate(t.Name(n)), statement.type) for n in names)
        except Undefined:
            return False
        return True

    def has_type(self, value: Any, type_: t.Type | None) -> bool:
        """Whether a value is an integer within bounds, where its type says so."""
        integer, low, high = bounds(type_, self.symbols)
        if not integer:
            return True
        whole = value if isinstance(value, Fraction) else CONTEXT.nint(value)
        if isinstance(value, Fraction):
            if value.denominator != 1:
                return False
        elif abs(value - whole) > EXACT * max(1, abs(value)):
            return False
        return (low is None or whole >= low) and (high is None or whole <= high)

    def confirm(self, target: t.Expr, text: str) -> None:
        """Raise Differs where the answer's text and the asked term do not evaluate to the same, GaveUp where they do
        not evaluate."""
        try:
            mine, asked = self.evaluate(_read(text)), self.evaluate(target)
        except Undefined as why:
            raise GaveUp(f"the answer {text} could not be checked: {why}") from None
        if not _same(mine, asked, ROUGH if self.rough else EXACT):
            raise Differs(f"the answer {text} did not pass its check")


def confirm_term(target: t.Expr, text: str, symbols: Symbols, free: list[str], premises: list[t.Statement]) -> int:
    """Compare an answer that is a term with what was asked for, at points that satisfy the premises.

    Returns the number of points. Raises Differs where they differ, GaveUp where too few points could be compared.
    """
    answer, target = _read(text), _resolved(target, symbols)
    agreed = 0
    for point in _points(free, symbols, premises):
        try:
            same = _agree(target, answer, symbols, point)
        except Undefined:
            continue
        if not same:
            raise Differs(f"the answer {text} did not pass its check")
        agreed += 1
        if agreed == NEEDED:
            return agreed
    raise GaveUp(f"the answer {text} could not be checked at enough points")


def with_solutions(e: t.Expr, solved: Callable[[t.Call], t.Expr]) -> t.Expr:
    """`e` with each `solve(...)` in it replaced by the set that it stands for, for the checker does not solve."""
    if isinstance(e, t.Call):
        if e.function == "solve":
            return solved(e)
        args = tuple(a if isinstance(a, t.Binder) else with_solutions(a, solved) for a in e.args)
        return replace(e, args=args)
    if isinstance(e, t.Binary):
        return replace(e, left=with_solutions(e.left, solved), right=with_solutions(e.right, solved))
    if isinstance(e, t.Unary):
        return replace(e, operand=with_solutions(e.operand, solved))
    if isinstance(e, t.Compare):
        rest = tuple((op, with_solutions(x, solved)) for op, x in e.rest)
        return replace(e, first=with_solutions(e.first, solved), rest=rest)
    return e


def _read(text: str) -> t.Expr:
    try:
        return read_expression(text)
    except ProgramError as why:
        raise Unsupported(f"the answer cannot be read back: {why}") from None


def _points(free: list[str], symbols: Symbols, premises: list[t.Statement]) -> Iterator[dict[str, Any]]:
    for i in range(len(POINTS)):
        point: dict[str, Any] = {}
        for j, name in enumerate(free):
            k = (i + 5 * j) % len(POINTS)
            integer = bounds(getattr(symbols.get(name), "type", None), symbols)[0]
            point[name] = sp.Integer(INTEGERS[k]) if integer else sp.Rational(str(POINTS[k]))
        checker = Checker(symbols, point)
        try:
            if all(checker.holds(p) for p in premises):
                yield {n: _digits(v) for n, v in point.items()}
        except GaveUp:
            continue


def _agree(target: t.Expr, answer: t.Expr, symbols: Symbols, point: dict[str, Any]) -> bool:
    if isinstance(target, t.Call) and symbols.get(target.function) is None and isinstance(target.args[0], t.Expr):
        variable = target.args[1] if len(target.args) > 1 else None
        if target.function == "integrate" and len(target.args) == 2 and isinstance(variable, t.Name):
            found = Numeric(symbols, point)
            slope = CONTEXT.diff(found.along(answer, variable, {}), point[variable.id])
            return near(slope, found.number(target.args[0]), ROUGH)
        if target.function == "series" and isinstance(variable, t.Name):
            return _agrees_near(target, answer, variable, symbols, point)
    left, right = Numeric(symbols, point), Numeric(symbols, point)
    a, b = left.number(target), right.number(answer)
    return near(a, b, ROUGH if left.rough or right.rough else EXACT)


def _agrees_near(target: t.Call, answer: t.Expr, x: t.Name, symbols: Symbols, point: dict[str, Any]) -> bool:
    """Whether f minus its series shrinks as fast as the order says when x nears the centre."""
    f, _, centre, order = target.args
    assert not isinstance(f, t.Binder)
    assert not isinstance(centre, t.Binder)
    assert not isinstance(order, t.Binder)
    here = Numeric(symbols, point)
    middle, n = here.number(centre), here.number(order)
    body, series = here.along(f, x, {}), here.along(answer, x, {})
    for side in (1, -1):
        try:
            wide, close = (
                abs(body(middle + side * h) - series(middle + side * h))
                for h in (CONTEXT.mpf("1e-2"), CONTEXT.mpf("1e-3"))
            )
        except Undefined:
            continue
        return bool(close <= wide * CONTEXT.mpf(10) ** (0.6 - n) or close < CONTEXT.mpf(10) ** -50)
    raise NotComputed("the series has no value nearby")


def _resolved(e: t.Expr, symbols: Symbols) -> t.Expr:
    """What a name that is asked for was defined as."""
    while isinstance(e, t.Name):
        symbol = symbols.get(e.id)
        if not isinstance(symbol, Defined) or symbol.value is None:
            break
        e = symbol.value
    return e


def _exact(v: Any) -> Value | None:
    if isinstance(v, SETS):
        parts = [_exact(x) for x in v.args]
        return None if None in parts else frozenset(p for p in parts if p is not None)
    return fraction(v) if v.is_Rational else None


def _digits(v: Any) -> Any:
    """A SymPy number, or set of numbers, in 60 digits."""
    if isinstance(v, SETS):
        return frozenset(_digits(x) for x in v.args)
    if v.is_Rational:
        return CONTEXT.mpf(int(v.p)) / int(v.q)
    return CONTEXT.mpf(str(sp.N(v, 65)))


def _same(a: Any, b: Any, tolerance: Any) -> bool:
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, frozenset | tuple) or isinstance(b, frozenset | tuple):
        if not isinstance(a, frozenset | tuple) or not isinstance(b, frozenset | tuple) or len(a) != len(b):
            return False
        left, right = (sorted(s, key=_number) if isinstance(s, frozenset) else list(s) for s in (a, b))
        return all(_same(x, y, tolerance) for x, y in zip(left, right, strict=True))
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a == b
    return near(_number(a), _number(b), tolerance)


def _number(v: Any) -> Any:
    return CONTEXT.mpf(v.numerator) / v.denominator if isinstance(v, Fraction) else v
