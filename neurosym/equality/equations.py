"""Equations and inequalities as polynomials beside zero: equal up to scaling, different where a point tells."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from neurosym.equality.answers import Interval, Named, Relation
from neurosym.equality.atoms import UNIT, Monomial, Polynomial
from neurosym.equality.normal import Form, Work, form
from neurosym.equality.numeric import POINTS
from neurosym.language import tree as t
from neurosym.language.values import Undefined, bounded, power

_TURNED = {t.CompareOp.LT: t.CompareOp.GT, t.CompareOp.LE: t.CompareOp.GE}


def compare(left: Relation, right: Relation, work: Work) -> tuple[str, str]:
    """The verdict and its reason. Raises Undefined where a side has no normal form."""
    (one, op), (other, other_op) = _beside_zero(left, work), _beside_zero(right, work)
    if not (one.variables and other.variables):
        return "unknown", "a relation without variables holds or does not"
    factor = _ratio(one.above, other.above)
    if factor is not None and _ratio(one.below, other.below) is not None:
        if _domain(left, work) != _domain(right, work):
            return "unknown", "they may be undefined at different points"
        if op is not other_op:
            return "different", "they are different relations of the same terms"
        if op in (t.CompareOp.EQ, t.CompareOp.NE) or factor > 0:
            return "equal", "one is a multiple of the other"
        return "different", "they point in different directions"
    if op is not other_op:
        return "unknown", "they are different relations of different terms"
    if _linear(one) and _linear(other) and not (_domain(left, work) or _domain(right, work)):
        return "different", "they are linear, and neither is a multiple of the other"
    if op is t.CompareOp.EQ and (_witness(one, other, work) or _witness(other, one, work)):
        return "different", "a point solves one of them only"
    return "unknown", "neither is a multiple of the other, which proves nothing of such relations"


def isolated(r: Relation, work: Work) -> Named | None:
    """`2x > 4` as `x in (2, oo)`: an inequality that is linear in one variable and has rational coefficients."""
    f, op = _beside_zero(r, work)
    variables = f.variables
    if len(variables) != 1 or not _linear(f) or _domain(r, work):
        return None
    (name,) = variables
    slope = f.above[_monomial(name)]
    bound = bounded(-f.above.get(UNIT, Fraction(0)) / slope)
    closed = op is t.CompareOp.GE
    end: t.Expr = t.Number(bound) if bound >= 0 else t.Unary(t.UnaryOp.NEG, t.Number(-bound))
    interval = Interval(end, None, closed, False) if slope > 0 else Interval(None, end, False, closed)
    return Named(t.Name(name), interval, member=True)


def _beside_zero(r: Relation, work: Work) -> tuple[Form, t.CompareOp]:
    """What is compared with 0, as = != > or >=."""
    left, right, op = r.left, r.right, r.op
    if op in _TURNED:
        left, right, op = right, left, _TURNED[op]
    return form(t.Binary(t.BinaryOp.SUB, left, right), work), op


def _domain(r: Relation, work: Work) -> frozenset[object]:
    """What it divides by or takes functions of, other than constants: it says where `r` is defined."""
    found: list[Form] = []
    for node in (*t.walk(r.left), *t.walk(r.right)):
        match node:
            case t.Binary(op=t.BinaryOp.DIV):
                found.append(form(node.right, work))
            case t.Binary(op=t.BinaryOp.POW) if (
                not isinstance(node.right, t.Number) or node.right.value.denominator != 1
            ):
                found.append(form(node.left, work))
            case t.Call():
                found.extend(form(a, work) for a in node.args if not isinstance(a, t.Binder))
    return frozenset(f.key for f in found if f.atoms - {("pi",), ("e",)} and any(a[0] != "prime" for a in f.atoms))


def _monomial(name: str) -> Monomial:
    return frozenset({(("variable", name), Fraction(1))})


def _linear(f: Form) -> bool:
    """Of degree 1 in its variables, with rational coefficients."""
    return f.below.keys() == {UNIT} and all(
        m == UNIT or (len(m) == 1 and all(a[0] == "variable" and x == 1 for a, x in m)) for m in f.above
    )


def _ratio(one: Polynomial, other: Polynomial) -> Fraction | None:
    """c with `other = c one`, if there is one."""
    if one.keys() != other.keys() or not one:
        return None
    ratios = {bounded(other[m] / c) for m, c in one.items()}
    return ratios.pop() if len(ratios) == 1 else None


def _witness(one: Form, other: Form, work: Work) -> bool:
    """Whether some rational point solves `one = 0` and not `other = 0`."""
    if any(a[0] != "variable" for f in (one, other) for a in f.atoms) or len(one.below) > 1 or len(other.below) > 1:
        return False
    names = sorted(one.variables | other.variables)
    for name in sorted(one.variables):
        if any(a == ("variable", name) and x != 1 for m in one.above for a, x in m):
            continue
        for shift in range(len(POINTS)):
            at = {n: POINTS[(i + shift) % len(POINTS)] + i // len(POINTS) for i, n in enumerate(names)}
            with_it = {m: c for m, c in one.above.items() if any(a == ("variable", name) for a, _ in m)}
            without = {m: c for m, c in one.above.items() if m not in with_it}
            slope = _value(with_it, {**at, name: Fraction(1)}, work)
            if slope == 0:
                continue
            at[name] = bounded(-_value(without, at, work) / slope)
            try:
                if _value(other.above, at, work) != 0:
                    return True
            except Undefined:
                continue
    return False


def _value(p: Polynomial, at: Mapping[str, Fraction], work: Work) -> Fraction:
    total = Fraction(0)
    for monomial, coefficient in p.items():
        work.spend(10)
        for atom, exponent in monomial:
            coefficient = bounded(coefficient * power(at[str(atom[1])], exponent))
        total = bounded(total + coefficient)
    return total
