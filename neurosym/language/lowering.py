"""Programs as solvers read them: units converted, and built-ins that others define put in their terms.

What is checked and what a person is shown stays as it is written; what is computed with is lowered, in this one place,
so that solvers, the evaluator and certificates cannot come to differ about it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any, TypeVar, cast

from neurosym.language import tree as t
from neurosym.language.check import Checker, check
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.symbols import Symbols

N = TypeVar("N", bound=t.Node)


def lowered(program: t.Program) -> t.Program:
    """`program` with the same meaning, without a conversion or a derived built-in; itself where it has none.

    What does not check is left as it is. Lowering what is lowered changes nothing.
    """
    return elaborated(program)[0]


def elaborated(program: t.Program) -> tuple[t.Program, Symbols, tuple[Diagnostic, ...]]:
    """The lowered program, its symbols, and what is wrong with `program` (which is then left as it is)."""
    checker = _checker(program)
    if checker.found or not (checker.rewrites or checker.derives):
        return program, checker.symbols, tuple(checker.found)
    own = t.Program(tuple(_rebuilt(s, lambda _, node: node) for s in program.statements))  # no node stands twice
    checker = _checker(own)

    def change(before: t.Node, node: t.Node) -> t.Node:
        node = _derived(node, checker.symbols) if isinstance(node, t.Call) else node
        for rewrite in checker.rewrites.get(id(before), ()):
            node = rewrite(cast(t.Expr, node))
        return node

    core = t.Program(tuple(_rebuilt(s, change) for s in own.statements))
    return core, *check(core)


def _checker(program: t.Program) -> Checker:
    checker = Checker()
    for statement in program.statements:
        checker.statement(statement)
    return checker


def _rebuilt(node: N, change: Callable[[t.Node, t.Node], t.Node]) -> N:
    """A copy of `node`, in which `change` (of a node, given its copy) has the last word on every node below."""

    def part(value: object) -> object:
        if isinstance(value, t.Node):
            return _rebuilt(value, change)
        return tuple(part(item) for item in value) if isinstance(value, tuple) else value

    changed: dict[str, Any] = {f.name: part(getattr(node, f.name)) for f in fields(node) if f.name != "span"}
    return cast(N, change(node, replace(node, **changed)))


# --- built-ins that others define -------------------------------------------------------------------------------


def _derived(e: t.Call, symbols: Symbols) -> t.Expr:
    """`probability` and `average` by count, sum and size; any other call as it is."""
    if e.function not in ("probability", "average") or symbols.get(e.function) is not None:
        return e
    binders = tuple(a for a in e.args if isinstance(a, t.Binder))
    body, *condition = (a for a in e.args if not isinstance(a, t.Binder))
    if not binders:
        return _ratio(t.Call("sum", (body,)), t.Call("size", (body,)), e)
    given = condition[0] if condition else t.Truth(True)
    cases = t.Call("count", (*binders, given))
    if e.function == "probability":
        event = t.Binary(t.BinaryOp.AND, given, body) if condition else body
        return _ratio(t.Call("count", (*binders, event)), cases, e)
    counted = t.Conditional(given, body, t.Number(Fraction(0))) if condition else body
    return _ratio(t.Call("sum", (*binders, counted)), cases, e)


def _ratio(above: t.Expr, below: t.Expr, at: t.Call) -> t.Expr:
    return t.Binary(t.BinaryOp.DIV, above, below, span=at.span)
