"""A program's statements, in order, as premises about unknown numbers; what needs no unknowns is decided on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import sympy as sp

from neurosym.language import tree as t
from neurosym.language.symbols import Base, Symbols, Unknown
from neurosym.language.values import Undefined
from neurosym.solvers import algebra_guard as guard
from neurosym.solvers.algebra_check import Checker
from neurosym.solvers.algebra_guard import GaveUp
from neurosym.solvers.algebra_premises import Premise, bounds
from neurosym.solvers.algebra_terms import Terms, conjunction, relation
from neurosym.solvers.base import Task, Unsupported


class Contradiction(Exception):
    """The premises have no model; `core` are the lines that show it."""

    def __init__(self, message: str, core: Iterable[int]) -> None:
        super().__init__(message)
        self.core = tuple(core)


class Premises:
    """What the statements of a program say of its unknowns.

    `sets` are the definitions that are sets, for the checker, which does not solve equations. Adding a statement raises
    Contradiction where it is false as it stands, Unsupported for what is not algebra's.
    """

    def __init__(self, task: Task, solve: Callable[[t.Call], sp.FiniteSet]) -> None:
        self.symbols = task.symbols
        self.unknowns = _unknowns(task.symbols)
        self.terms = Terms(self.symbols, self.unknowns, solve)
        self.all: list[Premise] = []
        self.sets: dict[str, Any] = {}

    def add(self, s: t.Statement) -> None:
        """Take in the next statement."""
        match s:
            case t.Let():
                self.let(s)
            case t.Assertion():
                self.formula(s, s.formula)
            case t.Distinct():
                self.formula(s, t.Call("distinct", tuple(t.Name(n) for n in s.names)))
            case t.Var():
                self.types(s)
            case t.Sort(elements=t.Range()) | t.Ask():
                pass
            case t.Goal():
                raise Unsupported("`maximize` and `minimize`")
            case _:
                raise Unsupported(f"the statement `{type(s).__name__.lower()}`")

    def let(self, s: t.Let) -> None:
        """A definition: its type is a premise, and so is that it has a value."""
        integer, low, high = bounds(s.type, self.symbols)
        try:
            value = self.terms.name(s.name, {})
        except Undefined as why:
            self.refute(s, f"{s.name} has no value: {why}")
        except GaveUp:
            if integer:
                raise
            return  # a closed form may be found where it is asked for, when more is known of the unknowns
        if isinstance(value, sp.FiniteSet):
            self.sets[s.name] = value
        if not isinstance(value, sp.Expr) or not value.free_symbols:
            if integer and not Checker(self.symbols, self.sets).holds(s):
                self.refute(s, f"{s.name} is not {_described(low, high)}")
            return
        formula, integers = _typed(value, integer, low, high)
        if integer or not value.is_polynomial(*value.free_symbols):  # a division or a root may have no value
            self.all.append(Premise(s, formula, frozenset(value.free_symbols), integers))

    def formula(self, s: t.Statement, formula: t.Expr) -> None:
        """An asserted formula."""
        try:
            value = self.terms.formula(formula)
        except Undefined as why:
            self.refute(s, f"the premise has no value: {why}")
        guard.size(value)
        if mentions := self.mentioned([formula]):
            self.all.append(Premise(s, value, mentions))
        elif value == sp.false:
            self.refute(s, "the premise is false")
        elif not Checker(self.symbols, self.sets).holds(s):
            raise GaveUp("a premise did not pass its check")

    def mentioned(self, targets: Iterable[t.Expr]) -> frozenset[sp.Symbol]:
        """The unknowns that occur in terms and in the definitions they use, also where they cancel."""
        names = {n.id for n in reachable(targets, self.symbols) if isinstance(n, t.Name)}
        return frozenset(x for name, x in self.unknowns.items() if name in names)

    def types(self, s: t.Var) -> None:
        """The types of unknowns."""
        parts, integers = [], frozenset[sp.Symbol]()
        for name in s.names:
            formula, whole = _typed(self.unknowns[name], *bounds(s.type, self.symbols))
            parts.append(formula)
            integers |= whole
        if integers:
            self.all.append(Premise(s, conjunction(parts), integers, integers))

    def refute(self, s: t.Statement, message: str) -> None:
        """Raise Contradiction, once the checker agrees that `s` does not hold."""
        if Checker(self.symbols, self.sets).holds(s):
            raise GaveUp("a contradiction did not pass its check")
        raise Contradiction(message, [line(s)])

    def relevant(self, wanted: Iterable[sp.Symbol], extra: list[Premise] | None = None) -> list[Premise]:
        """The premises (and `extra` ones) that are connected with `wanted` by the unknowns they share.

        The types of several unknowns on one line say something of each alone, and connect nothing.
        """
        premises = self.all + (extra or [])
        reached, chosen = set(wanted), list[Premise]()
        rest = [p for p in premises if not isinstance(p.statement, t.Var)]
        while connected := [p for p in rest if p.mentions & reached]:
            reached = reached.union(*(p.mentions for p in connected))
            rest = [p for p in rest if p not in connected]
            chosen += connected
        types = [_narrowed(p, reached) for p in premises if isinstance(p.statement, t.Var) and p.mentions & reached]
        return types + sorted(chosen, key=premises.index)

    def assumed(self) -> dict[str, sp.Symbol]:
        """The unknowns as symbols that carry what types and premises of the form `x > number` say of them."""
        return {name: _assuming(x, self.all) for name, x in self.unknowns.items()}


def line(s: t.Node) -> int:
    """The 1-based source line; 0 where there is none."""
    return s.span.line if s.span else 0


def reachable(targets: Iterable[t.Expr], symbols: Symbols) -> Iterator[t.Node]:
    """Every node of the targets and of the definitions they use."""
    seen: set[str] = set()
    todo: list[t.Node] = list(targets)
    while todo:
        for node in t.walk(todo.pop()):
            yield node
            value = getattr(symbols.get(node.id), "value", None) if isinstance(node, t.Name) else None
            if isinstance(node, t.Name) and value is not None and node.id not in seen:
                seen.add(node.id)
                todo.append(value)


def _unknowns(symbols: Symbols) -> dict[str, sp.Symbol]:
    found = {}
    for name, unknown in symbols.of(Unknown):
        if isinstance(unknown, Unknown) and unknown.kind.base is not Base.NUMBER:
            raise Unsupported(f"the unknown {name!r}, which is {unknown.kind}")
        found[name] = sp.Symbol(name, real=True)
    return found


def _typed(value: sp.Expr, integer: bool, low: int | None, high: int | None) -> tuple[Any, frozenset[sp.Symbol]]:
    """What a type says of `value`: a formula, and the symbols that are integers."""
    if not integer:
        return sp.true, frozenset()
    parts = []
    if not value.is_Symbol:
        whole = sp.Dummy("k", real=True)
        parts.append(relation(whole, t.CompareOp.EQ, value))
        value = whole
    if low is not None:
        parts.append(relation(value, t.CompareOp.GE, sp.Integer(low)))
    if high is not None:
        parts.append(relation(value, t.CompareOp.LE, sp.Integer(high)))
    return conjunction(parts), frozenset({value})


def _narrowed(types: Premise, reached: set[sp.Symbol]) -> Premise:
    """The part of a line of types that says something of the unknowns in `reached`."""
    parts = types.formula.args if isinstance(types.formula, sp.And) else (types.formula,)
    kept = conjunction(p for p in parts if p.free_symbols <= reached)
    return Premise(types.statement, kept, types.mentions & reached, types.integers & reached)


def _described(low: int | None, high: int | None) -> str:
    if high is not None:
        return f"an integer from {low} to {high}"
    return "an integer" if low is None else f"an integer of at least {low}"


def _assuming(x: sp.Symbol, premises: list[Premise]) -> sp.Symbol:
    facts: dict[str, bool] = {"real": True}
    for p in premises:
        if x in p.integers:
            facts["integer"] = True
        for part in sp.And.make_args(p.formula):
            if not part.is_Relational or part.lhs != x or not part.rhs.is_number:
                continue
            if isinstance(part, sp.Gt | sp.Ge) and part.rhs.is_nonnegative:
                facts["positive" if isinstance(part, sp.Gt) or part.rhs.is_positive else "nonnegative"] = True
            if isinstance(part, sp.Ne) and part.rhs == 0:
                facts["nonzero"] = True
    return sp.Symbol(x.name, **facts)
