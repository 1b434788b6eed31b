"""From premises to models: solves each case, gives values to what stays free, and keeps what the premises confirm."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import sympy as sp

from neurosym.language import tree as t
from neurosym.solvers import algebra_guard as guard
from neurosym.solvers.algebra_guard import GaveUp
from neurosym.solvers.algebra_premises import Case, Condition, Premise, cases
from neurosym.solvers.algebra_real import sign
from neurosym.solvers.algebra_systems import Branch, branches, is_linear, rational_poly, real_roots

MAX_POINTS = 5_000
SAMPLES = 400
"""How many points are tried where they cannot all be."""
ENOUGH = 12
"""How many models are kept where there are infinitely many."""


@dataclass(frozen=True)
class Found:
    """Models that the premises confirm.

    `complete`: there are no others. `families`: terms for the unknowns that cover every model (None where no complete
    method solves the equations). `reason`: why it is not complete.
    """

    models: tuple[Branch, ...]
    complete: bool
    families: tuple[Branch, ...] | None
    reason: str = ""


def find(premises: list[Premise], wanted: set[sp.Symbol], holds: Callable[[Branch], bool]) -> Found:
    """The models of `premises`, which assign `wanted` and every unknown that the premises mention.

    `holds` says whether an assignment of numbers satisfies the premises as they are written.
    """
    models: list[Branch] = []
    families: list[Branch] = []
    reason = ""
    solved = True
    mentioned = wanted.union(*(p.mentions for p in premises))
    for case in cases(premises):
        unknowns = case.unknowns | mentioned
        # Integers are eliminated last: what stays free is then an integer where possible, and can be enumerated.
        order = sorted(unknowns, key=lambda s: (s in case.integers, isinstance(s, sp.Dummy), s.name))
        if any(_indivisible(e, case) for e in case.equations):
            continue
        unsolved = ""
        try:
            found = branches(case.equations, order, {s: _domain(s, case) for s in order})
        except GaveUp as why:
            # What cannot be solved may still be few enough to be tried, once the linear equations are solved.
            found = branches([e for e in case.equations if is_linear(e)], order, {})
            solved, unsolved = False, str(why)
        for branch in found:
            families.append(branch)
            points, complete = _points(case, branch, order, bool(unsolved))
            if not complete:
                reason = unsolved or "infinitely many assignments are possible"
            kept = 0
            for point in points:
                model = {x: v for x, v in point.items() if x in mentioned}
                if model not in models and holds(model):
                    models.append(model)
                    kept += 1
                    if not complete and kept >= ENOUGH:
                        break
    return Found(tuple(models), not reason, tuple(families) if solved else None, reason)


def _indivisible(e: sp.Expr, case: Case) -> bool:
    """Whether a linear equation between integers has no solution: 2x + 4y = 7."""
    unknowns = list(e.free_symbols)
    if not unknowns or not set(unknowns) <= case.integers or not is_linear(e):
        return False
    _, whole = sp.Poly(e, *unknowns).clear_denoms(convert=True)
    *slopes, constant = [int(whole.coeff_monomial(m)) for m in (*unknowns, 1)]
    return constant % math.gcd(*slopes) != 0


def _domain(x: sp.Symbol, case: Case) -> Any:
    """The interval that conditions on `x` alone, of the form x >= number, confine it to."""
    low, high = -sp.oo, sp.oo
    for c in case.conditions:
        if c.op is t.CompareOp.NE or c.left.free_symbols != {x} or not c.left.is_polynomial(x):
            continue
        slope = sp.diff(c.left, x)
        if not slope.is_number or sign(slope) == 0:
            continue
        at = -guard.substitute(c.left, {x: sp.Integer(0)}) / slope
        if sign(slope) > 0:
            low = sp.Max(low, at)
        else:
            high = sp.Min(high, at)
    return sp.S.Reals if (low, high) == (-sp.oo, sp.oo) else sp.Interval(low, high)


# --- values for what stays free ---------------------------------------------------------------------------------


def _points(case: Case, branch: Branch, order: list[sp.Symbol], unsolved: bool) -> tuple[Iterator[Branch], bool]:
    """Assignments of numbers to all of `order` that may satisfy the case, and whether these are all.

    `unsolved`: the branch does not solve all equations, so they are conditions too.
    """
    equations = tuple(Condition(e, t.CompareOp.EQ) for e in case.equations) if unsolved else ()
    conditions = [Condition(guard.substitute(c.left, branch), c.op) for c in (*case.conditions, *equations)]
    free = [x for x in order if x not in branch]
    whole = [branch.get(x, x) for x in case.integers]

    def complete_with(values: Branch) -> Branch | None:
        point = {x: values[x] if x in values else guard.substitute(branch[x], values) for x in order}
        numbers = point.values()
        if any(v.has(sp.zoo, sp.nan) for v in numbers) or any(
            v.is_Rational and not v.is_Integer for v in (guard.substitute(w, values) for w in whole)
        ):
            return None
        return point

    if not free:
        choices: Iterator[Branch] = iter([{}])
        complete = True
    elif len(free) == 1 and (line := _on_a_line(free[0], free[0] in case.integers, conditions)):
        choices, complete = ({free[0]: v} for v in line[0]), line[1]
    else:
        choices, complete = _in_a_box(free, case.integers, conditions)
    return (p for p in map(complete_with, choices) if p is not None), complete


def _true_at(conditions: list[Condition], values: Branch) -> bool:
    for c in conditions:
        left = guard.substitute(c.left, values)
        if left.has(sp.zoo, sp.nan):
            return False
        s = sign(left)
        if not _HOLDS[c.op](s):
            return False
    return True


_HOLDS: dict[t.CompareOp, Callable[[int], bool]] = {
    t.CompareOp.EQ: lambda s: s == 0,
    t.CompareOp.NE: lambda s: s != 0,
    t.CompareOp.GT: lambda s: s > 0,
    t.CompareOp.GE: lambda s: s >= 0,
}


def _on_a_line(x: sp.Symbol, integer: bool, conditions: list[Condition]) -> tuple[Iterator[sp.Expr], bool] | None:
    """Values of the one unknown that stays free: between the roots of its conditions their truth does not change.

    None where a condition is no polynomial.
    """
    roots: set[sp.Expr] = set()
    for c in conditions:
        if not c.left.free_symbols:
            continue
        for part in sp.fraction(sp.together(c.left)):
            if not part.has(x):
                continue
            guard.expansion(part)
            if not rational_poly(part, [x]):
                return None
            roots |= set(real_roots(sp.Poly(part, x, domain=sp.QQ)))
    ends = sorted(roots, key=lambda r: sp.N(r, 40))
    low, high = (ends[0], ends[-1]) if ends else (sp.Integer(0), sp.Integer(0))
    below, above = sp.floor(low) - 1, sp.ceiling(high) + 1
    if integer:
        inside = range(int(below) + 1, int(above))
        outside = [
            (below - i if side < 0 else above + i)
            for side in (-1, 1)
            if _true_at(conditions, {x: below if side < 0 else above})
            for i in range(SAMPLES // 2)
        ]
        if not outside and len(inside) <= MAX_POINTS:
            return (v for n in inside if _true_at(conditions, {x: (v := sp.Integer(n))})), True
        nearby = sorted((sp.Integer(n) for n in inside[:SAMPLES]), key=abs)
        outside.sort(key=abs)
        return (v for v in (*nearby, *outside) if _true_at(conditions, {x: v})), False
    isolated = [r for r in ends if _true_at(conditions, {x: r})]
    far = sp.Integer(10)
    gaps = [(below - far, low), *pairwise(ends), (high, above + far)] if ends else [(-1, far)]
    open_cells = [
        v for a, b in gaps if _true_at(conditions, {x: _between(a, b)}) for v in _inside(a, b)
    ]  # fmt: skip
    return iter((*isolated, *open_cells)), not open_cells


def _between(a: sp.Expr, b: sp.Expr) -> sp.Rational:
    """A simple rational strictly between two numbers."""
    whole = sp.floor(a) + 1
    if sign(b - whole) > 0:
        return whole
    denominator = sp.Integer(2) ** int(sp.ceiling(sp.log(2 / (b - a), 2).evalf(20)) + 1)
    return (sp.floor(a * denominator) + 1) / denominator


def _inside(a: sp.Expr, b: sp.Expr) -> list[sp.Rational]:
    middle = _between(a, b)
    return [middle, _between(middle, b), _between(a, middle)]


def _samples(integer: bool, low: sp.Rational | None, high: sp.Rational | None) -> list[sp.Rational]:
    """A few values within bounds, the simplest first."""
    start = low if low is not None else high
    if start is None:
        found = [sp.Integer(n) for n in (0, 1, 2, 3, -1, 4, 5, -2, 6, 10)]
    elif low is None:
        found = [sp.floor(start) - n for n in range(10)]
    else:
        found = [sp.ceiling(start) + n for n in range(12)]
    if not integer:
        found += [x + sp.Rational(1, 2) for x in found[:3]]
        if low is not None and high is not None:
            found += [low, (low + high) / 2, (2 * low + high) / 3, high]
    return [x for x in found if (low is None or x >= low) and (high is None or x <= high)]


def _in_a_box(
    free: list[sp.Symbol], integers: frozenset[sp.Symbol], conditions: list[Condition]
) -> tuple[Iterator[Branch], bool]:
    """Values of several unknowns that stay free, within the bounds that linear conditions give."""
    box = _box(free, integers, conditions)
    if box is None:
        return iter(()), True
    every = [range(int(box[x][0]), int(box[x][1]) + 1) if x in integers and None not in box[x] else None for x in free]
    ranges = [r for r in every if r is not None]
    complete = len(ranges) == len(free) and math.prod(len(r) for r in ranges) <= MAX_POINTS
    if complete:
        tried: Iterable[tuple[sp.Expr, ...]] = product(*([sp.Integer(n) for n in r] for r in ranges))
    else:
        axes = [_samples(x in integers, *box[x]) for x in free]
        most = max(2, int(MAX_POINTS ** (1 / len(axes))))
        places = sorted(product(*(range(min(most, len(a))) for a in axes)), key=sum)[:SAMPLES]
        tried = (tuple(a[i] for a, i in zip(axes, place, strict=True)) for place in places)
    points = (dict(zip(free, values, strict=True)) for values in tried)
    return (p for p in points if _true_at(conditions, p)), complete


def _box(
    free: list[sp.Symbol], integers: frozenset[sp.Symbol], conditions: list[Condition]
) -> dict[sp.Symbol, Any] | None:
    """Bounds of each unknown, propagated through the linear conditions; None where there is no room."""
    rows = []
    for c in conditions:
        if c.op in (t.CompareOp.NE, t.CompareOp.EQ) or not c.left.is_polynomial(*free):
            continue
        guard.expansion(c.left)
        poly = sp.Poly(c.left, *free)
        if poly.total_degree() == 1 and (poly.domain.is_QQ or poly.domain.is_ZZ):
            rows.append({x: poly.coeff_monomial(x) for x in (*free, 1)})
    box: dict[sp.Symbol, Any] = dict.fromkeys(free, (None, None))
    for _ in range(30):
        changed = False
        for row in rows:  # constant + sum of slope * x >= 0
            for x in free:
                if row[x] == 0:
                    continue
                reach = row[1]
                for y in free:
                    end = box[y][1 if row[y] > 0 else 0]
                    if y != x and row[y] != 0:
                        reach = None if reach is None or end is None else reach + row[y] * end
                if reach is None:
                    continue
                low, high = box[x]
                at = -reach / row[x]
                if row[x] > 0 and (low is None or at > low):
                    low = sp.ceiling(at) if x in integers else at
                elif row[x] < 0 and (high is None or at < high):
                    high = sp.floor(at) if x in integers else at
                if (low, high) != box[x]:
                    box[x], changed = (low, high), True
                    if low is not None and high is not None and low > high:
                        return None
        if not changed:
            break
    return box
