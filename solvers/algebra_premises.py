"""What a program asserts, as cases: each a set of equations and conditions without `or`, abs, min, mod or roots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp

from neurosym.language import tree as t
from neurosym.language.symbols import SortSymbol, Symbols
from neurosym.solvers.base import Unsupported

MAX_CASES = 64


@dataclass(frozen=True)
class Premise:
    """One line: what it says as a formula of the unknowns, and which of them it says are integers.

    `mentions` are the unknowns whose values decide whether it holds; of a formula they are its symbols.
    """

    statement: t.Statement
    formula: Any
    mentions: frozenset[sp.Symbol]
    integers: frozenset[sp.Symbol] = frozenset()

    @property
    def line(self) -> int:
        """Its 1-based source line; 0 where it has none."""
        return self.statement.span.line if self.statement.span else 0


@dataclass(frozen=True)
class Condition:
    """`left op 0`, where op is one of != > >= (and = where an equation is not solved but tried)."""

    left: sp.Expr
    op: t.CompareOp


@dataclass(frozen=True)
class Case:
    """A conjunction: every equation is an expression that is zero."""

    equations: tuple[sp.Expr, ...] = ()
    conditions: tuple[Condition, ...] = ()
    integers: frozenset[sp.Symbol] = frozenset()

    @property
    def unknowns(self) -> set[sp.Symbol]:
        """All symbols that occur."""
        found: set[sp.Symbol] = set(self.integers)
        for e in (*self.equations, *(c.left for c in self.conditions)):
            found |= e.free_symbols
        return found


def bounds(type_: t.Type | None, symbols: Symbols) -> tuple[bool, int | None, int | None]:
    """What a type says of a number: is it an integer, its least and its greatest value."""
    if isinstance(type_, t.Unit):
        if type_.word in ("count", "int"):
            return True, 0 if type_.word == "count" else None, None
        symbol = symbols.get(type_.word) if type_.word else None
        type_ = symbol.elements if isinstance(symbol, SortSymbol) and isinstance(symbol.elements, t.Range) else None
    if type_ is None:
        return False, None, None
    return True, symbols.number(type_.low), symbols.number(type_.high)


def cases(premises: list[Premise]) -> list[Case]:
    """The cases whose disjunction the premises are. Raises Unsupported above 64 of them."""
    found = [Case(integers=frozenset().union(*(p.integers for p in premises)))]
    for premise in premises:
        found = [c for base in found for c in _joined(base, _literals(premise.formula, True))]
        _limit(found)
    done: list[Case] = []
    while found:
        case = found.pop()
        split = _split(case)
        if split is None:
            done.append(case)
        else:
            found.extend(split)
            _limit(found + done)
    return done


def _limit(found: list[Any]) -> None:
    if len(found) > MAX_CASES:
        raise Unsupported(f"more than {MAX_CASES} cases (abs, min, max, if, or)")


def _joined(base: Case, alternatives: list[list[tuple[t.CompareOp, sp.Expr]]]) -> Iterator[Case]:
    for literals in alternatives:
        equations, conditions = list(base.equations), list(base.conditions)
        for op, left in literals:
            if op is t.CompareOp.EQ:
                equations.append(left)
            else:
                conditions.append(Condition(left, op))
        yield Case(tuple(equations), tuple(conditions), base.integers)


def _literals(formula: Any, positive: bool) -> list[list[tuple[t.CompareOp, sp.Expr]]]:
    """The disjunctive normal form of `formula`, or of its negation: alternatives of (op, left) for `left op 0`."""
    if formula in (sp.true, sp.false):
        return [[]] if (formula == sp.true) is positive else []
    if isinstance(formula, sp.Not):
        return _literals(formula.args[0], not positive)
    if isinstance(formula, sp.And | sp.Or):
        parts = [_literals(a, positive) for a in formula.args]
        if isinstance(formula, sp.Or) is positive:
            return [literals for part in parts for literals in part]
        product: list[list[tuple[t.CompareOp, sp.Expr]]] = [[]]
        for part in parts:
            product = [a + b for a in product for b in part]
            _limit(product)
        return product
    if isinstance(formula, sp.ITE):  # what SymPy makes of an `if` in the condition of another
        condition, yes, no = formula.args
        otherwise = _and(sp.Not(condition, evaluate=False), no)
        return _literals(sp.Or(_and(condition, yes), otherwise, evaluate=False), positive)
    difference = formula.lhs - formula.rhs
    op = _OPS[type(formula)]
    if not positive:
        op = _NEGATED[op]
    if op in (t.CompareOp.LT, t.CompareOp.LE):
        return [[(t.CompareOp.GT if op is t.CompareOp.LT else t.CompareOp.GE, -difference)]]
    return [[(op, difference)]]


_OPS = {
    sp.Eq: t.CompareOp.EQ,
    sp.Ne: t.CompareOp.NE,
    sp.Lt: t.CompareOp.LT,
    sp.Le: t.CompareOp.LE,
    sp.Gt: t.CompareOp.GT,
    sp.Ge: t.CompareOp.GE,
}
_NEGATED = {
    t.CompareOp.EQ: t.CompareOp.NE,
    t.CompareOp.NE: t.CompareOp.EQ,
    t.CompareOp.LT: t.CompareOp.GE,
    t.CompareOp.LE: t.CompareOp.GT,
    t.CompareOp.GT: t.CompareOp.LE,
    t.CompareOp.GE: t.CompareOp.LT,
}


# --- functions that are cases in disguise -----------------------------------------------------------------------


def _split(case: Case) -> list[Case] | None:
    """The cases that one innermost abs, min, max, if, floor, mod or root of `case` stands for; None if it has none."""
    for e in (*case.equations, *(c.left for c in case.conditions)):
        for node in sp.postorder_traversal(e):
            if node.free_symbols:
                branches = _branches(node)
                if branches is not None:
                    return [c for b in branches for c in _replaced(case, node, b)]
    return None


@dataclass(frozen=True)
class _Branch:
    value: sp.Expr
    when: Any
    integers: frozenset[sp.Symbol] = frozenset()


def _ge(a: sp.Expr, b: sp.Expr) -> Any:
    return sp.Ge(a, b, evaluate=False)


def _and(*parts: Any) -> Any:
    return sp.And(*parts, evaluate=False)


def _branches(node: Any) -> list[_Branch] | None:
    if isinstance(node, sp.Abs):
        (u,) = node.args
        return [_Branch(u, _ge(u, 0)), _Branch(-u, sp.Lt(u, 0, evaluate=False))]
    if isinstance(node, sp.Min | sp.Max):
        sign = 1 if isinstance(node, sp.Max) else -1
        return [_Branch(a, _and(*(_ge(sign * a, sign * b) for b in node.args if b is not a))) for a in node.args]
    if isinstance(node, sp.Piecewise):
        found, before = [], sp.true
        for value, when in node.args:
            found.append(_Branch(value, when if before == sp.true else _and(before, when)))
            negation = sp.Not(when, evaluate=False)
            before = negation if before == sp.true else _and(before, negation)
        return found
    if isinstance(node, sp.floor | sp.ceiling):
        (u,) = node.args
        k = sp.Dummy("k", real=True)
        low = sp.Gt(k + 1, u, evaluate=False) if isinstance(node, sp.floor) else sp.Lt(k - 1, u, evaluate=False)
        side = _ge(u, k) if isinstance(node, sp.floor) else _ge(k, u)
        return [_Branch(k, _and(low, side), frozenset({k}))]
    if isinstance(node, sp.Mod) and node.args[1].is_number:
        a, b = node.args
        k = sp.Dummy("k", real=True)
        rest = a - b * k
        sign = 1 if b.is_positive else -1
        below = sp.Lt(sign * rest, sign * b, evaluate=False)
        return [_Branch(rest, _and(_ge(sign * rest, 0), below), frozenset({k}))]
    if node.is_Pow and node.exp.is_Rational and not node.exp.is_Integer:
        root = sp.Dummy("r", real=True)
        equation = sp.Eq(root ** int(node.exp.q), node.base, evaluate=False)
        return [_Branch(root ** int(node.exp.p), _and(equation, _ge(root, 0)))]
    return None


def _replaced(case: Case, node: Any, branch: _Branch) -> list[Case]:
    def new(e: sp.Expr) -> sp.Expr:
        return e.xreplace({node: branch.value})

    base = Case(
        tuple(new(e) for e in case.equations),
        tuple(Condition(new(c.left), c.op) for c in case.conditions),
        case.integers | branch.integers,
    )
    return list(_joined(base, _literals(branch.when, True)))
