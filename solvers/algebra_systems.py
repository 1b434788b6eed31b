"""All real solutions of a system of equations, by methods that lose none: or GaveUp, never a part of them.

A branch maps unknowns to terms in the unknowns that stay free; the branches together contain every solution. They may
contain more (denominators are multiplied out, roots squared), so every solution is substituted back by the caller.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any, TypeAlias

import sympy as sp

from neurosym.solvers import algebra_guard as guard
from neurosym.solvers.algebra_guard import GaveUp
from neurosym.solvers.algebra_real import sign

Branch: TypeAlias = dict[sp.Symbol, sp.Expr]

MAX_STEPS = 200
MAX_BEZOUT = 100
MAX_CANDIDATES = 2_000
SCAN = 80
"""Points at which an equation that is no polynomial is looked at for solutions that SymPy missed."""


def branches(
    equations: Iterable[sp.Expr], order: Sequence[sp.Symbol], domains: Mapping[sp.Symbol, Any]
) -> list[Branch]:
    """The solutions of `equations` (each zero), as branches.

    Symbols earlier in `order` are eliminated sooner; `domains` narrows where an unknown is looked for. Raises GaveUp
    where no complete method applies and Unsupported where the system is too large.
    """
    return _Solver(order, domains).solve(list(equations))


class _Solver:
    def __init__(self, order: Sequence[sp.Symbol], domains: Mapping[sp.Symbol, Any]) -> None:
        self.order, self.domains = order, domains
        self.steps = 0

    def solve(self, equations: list[sp.Expr]) -> list[Branch]:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise GaveUp("the system falls into too many cases")
        cleaned = _cleaned(equations)
        if cleaned is None:
            return []
        if not cleaned:
            return [{}]
        unknowns = [s for s in self.order if any(e.has(s) for e in cleaned)]
        for method in (
            _linear,
            self.eliminated,
            self.univariate,
            _zero_dimensional,
            self.factored,
            self.by_coefficient,
        ):
            found = method(cleaned, unknowns)
            if found is not None:
                return found
        return self.transcendental(cleaned, unknowns)

    def substituted(self, equations: Iterable[sp.Expr], x: sp.Symbol, value: sp.Expr) -> list[Branch]:
        rest = [guard.substitute(e, {x: value}) for e in equations]
        return [{**branch, x: guard.substitute(value, branch)} for branch in self.solve(rest)]

    def eliminated(self, equations: list[sp.Expr], unknowns: list[sp.Symbol]) -> list[Branch] | None:
        """`a*x + b = 0` with a number `a` gives x."""
        for x in unknowns:
            for e in equations:
                if not e.has(x):
                    continue
                slope = sp.diff(e, x)
                if slope.is_number and sign(slope) != 0:
                    value = sp.expand(-guard.substitute(e, {x: sp.Integer(0)}) / slope)
                    return self.substituted((o for o in equations if o is not e), x, value)
        return None

    def univariate(self, equations: list[sp.Expr], unknowns: list[sp.Symbol]) -> list[Branch] | None:
        """Polynomials in one unknown: the real roots of their greatest common divisor."""
        for x in unknowns:
            alone = [e for e in equations if e.free_symbols == {x} and rational_poly(e, [x])]
            if not alone:
                continue
            common = sp.Poly(0, x, domain=sp.QQ)
            for e in alone:
                common = sp.gcd(common, sp.Poly(e, x, domain=sp.QQ))
            if common.degree() == 0:
                return []
            roots = real_roots(common)
            others = [e for e in equations if e not in alone]
            tied = any(e.has(x) for e in others)
            if tied and not all(r.is_Rational for r in roots) and all(rational_poly(e, unknowns) for e in others):
                return None  # irrational numbers are kept out of polynomials
            return [b for r in roots for b in self.substituted(others, x, r)]
        return None

    def factored(self, equations: list[sp.Expr], unknowns: list[sp.Symbol]) -> list[Branch] | None:
        """A product is zero where a factor is."""
        for e in equations:
            if rational_poly(e, unknowns):
                factors = [f for f, _ in sp.factor_list(e, *unknowns)[1]]
            else:
                factors = [f.base if f.is_Pow and f.exp.is_Rational else f for f in sp.Mul.make_args(e)]
                factors = [f for f in factors if not f.is_number]
            if factors != [e]:
                rest = [o for o in equations if o is not e]
                return [b for f in factors for b in self.solve([*rest, f])]
        return None

    def by_coefficient(self, equations: list[sp.Expr], unknowns: list[sp.Symbol]) -> list[Branch] | None:
        """`a*x + b = 0` with a term `a`: either a = b = 0, or x = -b/a."""
        for x in unknowns:
            for e in equations:
                if not rational_poly(e, unknowns) or sp.degree(e, x) != 1:
                    continue
                a, b = sp.Poly(e, x).all_coeffs()
                rest = [o for o in equations if o is not e]
                return self.solve([*rest, a, b]) + self.substituted(rest, x, -b / a)
        return None

    def transcendental(self, equations: list[sp.Expr], unknowns: list[sp.Symbol]) -> list[Branch]:
        """One unknown in an equation that is no polynomial: SymPy's `solveset`, looked over by a scan."""
        for e in equations:
            if len(e.free_symbols) != 1:
                continue
            (x,) = e.free_symbols
            domain = self.domains.get(x, sp.S.Reals)
            found = sp.solveset(e, x, domain)
            if not isinstance(found, sp.FiniteSet) and found != sp.S.EmptySet:
                raise GaveUp("an equation with infinitely many solutions, or none that SymPy finds in closed form")
            roots = list(found.args)
            _scan(e, x, roots, domain)
            return [b for r in roots for b in self.substituted((o for o in equations if o is not e), x, r)]
        raise GaveUp("no complete method for this system of equations")


def _cleaned(equations: list[sp.Expr]) -> list[sp.Expr] | None:
    """Without denominators and what is trivially zero; None where one is a number that is not zero."""
    cleaned: list[sp.Expr] = []
    for e in equations:
        if e.has(sp.zoo, sp.nan):
            return None
        guard.expansion(e)
        guard.size(e)
        if not e.is_polynomial(*e.free_symbols):
            e = sp.numer(sp.together(e))
            guard.expansion(e)
        if e.is_polynomial(*e.free_symbols):
            e = sp.expand(e)
        if not e.free_symbols:
            if sign(e) != 0:
                return None
        elif e not in cleaned:
            cleaned.append(e)
    return cleaned


def rational_poly(e: sp.Expr, unknowns: Sequence[sp.Symbol]) -> bool:
    """Whether `e` is a polynomial with rational coefficients."""
    if not e.is_polynomial(*unknowns):
        return False
    domain = sp.Poly(e, *unknowns).domain
    return bool(domain.is_QQ or domain.is_ZZ)


def is_linear(e: sp.Expr) -> bool:
    """Whether `e` is a polynomial of degree at most 1 with rational coefficients."""
    unknowns = list(e.free_symbols)
    if not unknowns or not e.is_polynomial(*unknowns):
        return not unknowns
    guard.expansion(e)
    poly = sp.Poly(e, *unknowns)
    return bool(poly.total_degree() <= 1 and (poly.domain.is_QQ or poly.domain.is_ZZ))


def _linear(equations: list[sp.Expr], unknowns: list[sp.Symbol]) -> list[Branch] | None:
    if not all(is_linear(e) for e in equations):
        return None
    solved = sp.linsolve(equations, unknowns)
    return [{x: v for x, v in zip(unknowns, values, strict=True) if x != v} for values in solved]


def _zero_dimensional(equations: list[sp.Expr], unknowns: list[sp.Symbol]) -> list[Branch] | None:
    """Finitely many solutions: each unknown is a root of its elimination polynomial; all combinations are tried."""
    if not all(rational_poly(e, unknowns) for e in equations):
        return None
    if len(equations) < len(unknowns):
        return None
    degrees = sorted((sp.Poly(e, *unknowns).total_degree() for e in equations), reverse=True)
    if len(unknowns) > 6 or math.prod(degrees[: len(unknowns)]) > MAX_BEZOUT:
        raise GaveUp("a system of polynomials of too high a degree")
    basis = sp.groebner(equations, *unknowns, order="grevlex")
    if basis.exprs == [1]:
        return []
    if not basis.is_zero_dimensional:
        return None
    roots = []
    for x in unknowns:
        others = [y for y in unknowns if y != x]
        last = sp.groebner(basis.exprs, *others, x, order="grevlex").fglm("lex").exprs[-1]
        roots.append(real_roots(sp.Poly(last, x, domain=sp.QQ)))
    if math.prod(len(r) for r in roots) > MAX_CANDIDATES:
        raise GaveUp("a system of polynomials with too many solutions")
    found = []
    for values in product(*roots):
        branch = dict(zip(unknowns, values, strict=True))
        numbers = [sp.N(v, 60) for v in values]
        if all(_vanishes(sp.Poly(e, *unknowns), numbers) for e in equations):
            found.append(branch)
    return found


def _vanishes(poly: sp.Poly, numbers: list[sp.Float]) -> bool:
    """Whether the terms cancel to 30 of their 60 digits."""
    terms = [
        sp.Float(c, 60) * sp.prod(n**k for n, k in zip(numbers, powers, strict=True)) for powers, c in poly.terms()
    ]
    return bool(abs(sum(terms)) <= sp.Float("1e-30", 60) * sum(abs(x) for x in terms))


def real_roots(poly: sp.Poly) -> list[sp.Expr]:
    """The different real roots of a polynomial with rational coefficients, ascending, exact."""
    if poly.degree() > guard.MAX_DEGREE:
        raise GaveUp(f"a polynomial of degree {poly.degree()}")
    roots: list[sp.Expr] = sp.real_roots(poly, multiple=True)
    return list(dict.fromkeys(roots))


def _scan(e: sp.Expr, x: sp.Symbol, roots: list[sp.Expr], domain: Any) -> None:
    """Raise GaveUp where `e` changes its sign somewhere without a known root: SymPy has lost a solution."""
    low, high = -40.0, 40.0
    if isinstance(domain, sp.Interval):
        low = float(domain.start) if domain.start.is_finite else min(low, float(domain.end) - 40)
        high = float(domain.end) if domain.end.is_finite else max(high, float(domain.start) + 40)
    known = [float(r) for r in roots if r.is_real]
    before: tuple[float, float] | None = None
    for i in range(SCAN + 1):
        at = low + (high - low) * (i + 0.137) / (SCAN + 1)
        value = _float(e, x, at)
        if value is None:
            before = None
            continue
        if before is not None and before[1] * value < 0 and not any(before[0] <= r <= at for r in known):
            _confirm(e, x, before[0], at)
        before = (at, value)


def _confirm(e: sp.Expr, x: sp.Symbol, a: float, b: float) -> None:
    """Bisect a change of sign: at a solution the values go to zero, at a pole they do not."""
    left = _float(e, x, a)
    start = abs(left or 0.0)
    for _ in range(40):
        middle = (a + b) / 2
        value = _float(e, x, middle)
        if value is None or left is None:
            return
        a, b, left = (middle, b, value) if left * value > 0 else (a, middle, left)
        if abs(value) < 1e-6 * min(1.0, start):
            raise GaveUp("SymPy's solutions of an equation are not all of them")


def _float(e: sp.Expr, x: sp.Symbol, at: float) -> float | None:
    value = e.evalf(15, subs={x: at})
    return float(value) if value.is_Float or value.is_Integer else None
