"""Rule programs: facts and rules `p(x) and not q(x) -> r(x)` read off the tree, for reasoning that a person can follow.

A program is one where it says nothing else: no functions, no numbers to compute with, no conclusion with alternatives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from neurosym.language import tree as t
from neurosym.language.symbols import TRUTH, Constant, Element, Function, SortSymbol, Symbols, Unknown

MAX_BODIES = 64
"""How many rules one formula may stand for."""

Argument: TypeAlias = str | int
"""A variable of its clause, a constant or an element, or an integer."""
Atom: TypeAlias = tuple[str, tuple[Argument, ...]]
"""A relation, or an unknown truth value, and its arguments."""
Literal: TypeAlias = tuple[Atom, bool]
"""An atom and whether it holds."""


@dataclass(frozen=True)
class Clause:
    """variables ∧ body → head, from the statement at `index`; a fact has no body."""

    index: int
    variables: Mapping[str, t.Domain]
    body: tuple[Literal, ...]
    head: Literal


@dataclass(frozen=True)
class RuleProgram:
    """A program that is nothing but clauses, and the literal that it asks for."""

    clauses: tuple[Clause, ...]
    asked: Literal


def rule_program(program: t.Program, symbols: Symbols) -> RuleProgram | None:
    """`program` as clauses, None where it says anything else."""
    ask = program.ask
    if not isinstance(ask, t.Ask) or len(ask.targets) != 1 or not all(map(_is_plain, program.statements)):
        return None
    if any(unknown.kind != TRUTH for _, unknown in symbols.of(Unknown) if isinstance(unknown, Unknown)):
        return None
    if not all(_is_open(c.kind.sort, symbols) for _, c in symbols.of(Constant) if isinstance(c, Constant)):
        return None
    reader = _Reader(symbols)
    try:
        asked = reader.literal(ask.targets[0], {})
        clauses = [
            clause
            for index, s in enumerate(program.statements)
            if isinstance(s, t.Assertion)
            for clause in reader.clauses(index, s.formula, {}, ())
        ]
    except _Other:
        return None
    closed = [f.closed for _, f in symbols.of(Function) if isinstance(f, Function)]
    if any(closed) and not (all(closed) and all(clause.head[1] for clause in clauses)):
        return None
    return RuleProgram(tuple(clauses), asked)


def _is_plain(s: t.Statement) -> bool:
    return isinstance(s, t.Sort | t.Const | t.Var | t.Rel | t.Assertion | t.Ask)


def _is_open(sort: str, symbols: Symbols) -> bool:
    symbol = symbols.get(sort)
    return isinstance(symbol, SortSymbol) and symbol.elements is None


class _Other(Exception):
    """The formula is no rule."""


Variables: TypeAlias = Mapping[str, t.Domain]


class _Reader:
    """Formulas as clauses. Raises _Other for one that says more."""

    def __init__(self, symbols: Symbols) -> None:
        self.symbols = symbols

    def clauses(self, index: int, e: t.Expr, variables: Variables, body: tuple[Literal, ...]) -> Iterator[Clause]:
        match e:
            case t.Quantified(quantifier=t.Quantifier.FORALL):
                yield from self.clauses(index, e.body, self.bind(e, variables), body)
            case t.Binary(op=t.BinaryOp.AND):
                yield from self.clauses(index, e.left, variables, body)
                yield from self.clauses(index, e.right, variables, body)
            case t.Binary(op=t.BinaryOp.IMPLIES):
                for more, inner in self.bodies(e.left, variables):
                    yield from self.clauses(index, e.right, inner, (*body, *more))
            case t.Binary(op=t.BinaryOp.IFF):
                for left, right in ((e.left, e.right), (e.right, e.left)):
                    yield from self.clauses(index, t.Binary(t.BinaryOp.IMPLIES, left, right), variables, body)
            case t.Binary(op=t.BinaryOp.OR):
                other = t.Unary(t.UnaryOp.NOT, e.left)
                yield from self.clauses(index, t.Binary(t.BinaryOp.IMPLIES, other, e.right), variables, body)
            case t.Unary(op=t.UnaryOp.NOT, operand=t.Unary(op=t.UnaryOp.NOT, operand=inner_)):
                yield from self.clauses(index, inner_, variables, body)
            case t.Unary(op=t.UnaryOp.NOT, operand=t.Binary() | t.Quantified()):
                for more, inner in self.bodies(e.operand, variables):  # what is denied does not hold together
                    *first, (atom, holds) = (*body, *more)
                    yield Clause(index, inner, tuple(first), (atom, not holds))
            case _:
                yield Clause(index, variables, body, self.literal(e, variables))

    def bodies(self, e: t.Expr, variables: Variables) -> list[tuple[tuple[Literal, ...], Variables]]:
        """The conjunctions of literals that `e` is the disjunction of, each with its variables."""
        match e:
            case t.Binary(op=t.BinaryOp.OR):
                found = [*self.bodies(e.left, variables), *self.bodies(e.right, variables)]
            case t.Binary(op=t.BinaryOp.AND):
                pairs = product(self.bodies(e.left, variables), self.bodies(e.right, variables))
                found = []
                for (left, one), (right, other) in pairs:
                    if (one.keys() - variables.keys()) & (other.keys() - variables.keys()):
                        raise _Other
                    found.append(((*left, *right), {**one, **other}))
            case t.Quantified(quantifier=t.Quantifier.EXISTS):
                found = self.bodies(e.body, self.bind(e, variables))
            case t.Unary(op=t.UnaryOp.NOT, operand=t.Binary(op=t.BinaryOp.OR) as either):
                both = [t.Unary(t.UnaryOp.NOT, side) for side in (either.left, either.right)]
                found = self.bodies(t.Binary(t.BinaryOp.AND, *both), variables)
            case t.Unary(op=t.UnaryOp.NOT, operand=t.Unary(op=t.UnaryOp.NOT, operand=inner)):
                found = self.bodies(inner, variables)
            case _:
                found = [((self.literal(e, variables),), variables)]
        if len(found) > MAX_BODIES:
            raise _Other
        return found

    def bind(self, e: t.Quantified, variables: Variables) -> Variables:
        """`variables` with those of a quantifier; none may hide another or a name of the program."""
        added = {name: b.domain for b in e.binders for name in b.names}
        if added.keys() & variables.keys() or any(self.symbols.get(name) for name in added):
            raise _Other
        return {**variables, **added}

    def literal(self, e: t.Expr, variables: Variables) -> Literal:
        """A relation of variables and constants, an unknown truth value, or either denied."""
        match e:
            case t.Unary(op=t.UnaryOp.NOT):
                atom, holds = self.literal(e.operand, variables)
                return atom, not holds
            case t.Name() if isinstance(self.symbols.get(e.id), Unknown) and e.id not in variables:
                return (e.id, ()), True
            case t.Call():
                relation = self.symbols.get(e.function)
                if isinstance(relation, Function) and relation.is_relation:
                    pairs = zip(e.args, relation.domains, strict=True)
                    return (e.function, tuple(self.argument(a, d, variables) for a, d in pairs)), True
        raise _Other

    def argument(self, e: t.Node, domain: t.Domain, variables: Variables) -> Argument:
        """An argument within its domain, so that no atom is false for being beyond it."""
        if isinstance(e, t.Name):
            if e.id in variables:
                if variables[e.id] == domain:
                    return e.id
            elif isinstance(self.symbols.get(e.id), Constant | Element):
                return e.id
        elif isinstance(e, t.Number) and e.value.denominator == 1 and e.value in (self.symbols.members(domain) or ()):
            return int(e.value)
        raise _Other
