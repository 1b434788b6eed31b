"""Program → premises for Z3, one per statement; finite quantifiers are expanded, functions of finite sorts are tables.

A partial operation (division, a root, a function beyond its domain) makes its statement claim that it has a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod

import z3

from neurosym.language import tree as t
from neurosym.language.builtins import BUILTINS, Group
from neurosym.language.symbols import NUMBER, Base, Function, Kind
from neurosym.solvers.base import Task, Unsupported
from neurosym.solvers.smt_arithmetic import Arithmetic
from neurosym.solvers.smt_build import quantified
from neurosym.solvers.smt_claims import Claims
from neurosym.solvers.smt_closed import ClosedWorld, close_world
from neurosym.solvers.smt_domains import (
    Domains,
    Formula,
    Many,
    Sym,
    Term,
    conj,
    disj,
    domain_of,
    iff,
    implies,
    neg,
    unwrap,
    wrap,
)
from neurosym.solvers.smt_functions import Functions, atom

Bound = Mapping[str, Term]


@dataclass(frozen=True)
class Solve:
    """`solve(F, x)`: the values of `variable` for which `condition` holds."""

    condition: Formula
    variable: Sym


class Encoding:
    """What a task says, in Z3. Raises Unsupported.

    `dropped` statements say nothing (a dropped definition leaves its name unknown), so that a core can be minimised.

    premises:   statement index → what it says, `reasons` why it can say nothing true.
    asked:      the ask's targets; `presumed` the condition of an implication that is asked for.
    options:    label → formula; `goals` in order.
    names:      what unknowns, constants and definitions stand for; `functions` likewise.
    """

    def __init__(self, task: Task, dropped: frozenset[int] = frozenset()) -> None:
        self.task, self.symbols, self.dropped = task, task.symbols, dropped
        self.closed: ClosedWorld = close_world(task, dropped)
        self.domains = Domains(task.symbols, self.closed.sorts, shared=task.brief)
        self.claims = Claims()
        self.arithmetic = Arithmetic(self.domains, self.claims)
        self.functions = Functions(self.domains, self.arithmetic, self.closed, self.claims, dropped)
        self.names: dict[str, Term] = {}
        self.asked: list[Term | Solve] = []
        self.presumed: tuple[t.Expr, Formula] | None = None
        self.options: dict[str, Formula] = {}
        self.goals: list[tuple[t.Goal, Term]] = []
        for index, statement in enumerate(task.program.statements):
            self.claims.index = index
            if isinstance(statement, t.Ask):
                self.functions.facts.clear()
            with self.claims.apart() as guards:
                self.statement(statement)
            self.claims.say(*guards)
        self.premises = {i: conj(said) for i, said in self.claims.said.items() if i not in dropped}

    def guarded(self, e: t.Expr) -> Formula:
        """A formula that is false where it has no value."""
        with self.claims.apart() as guards:
            formula = self.formula(e, {})
        return conj((formula, *guards))

    # --- statements -------------------------------------------------------------------------------------------

    def statement(self, s: t.Statement) -> None:
        """Encode one statement."""
        match s:
            case t.Let():
                self.let(s)
            case t.Var(names=names, type=type_):
                for name in names:
                    self.unknown(name, domain_of(type_))
            case t.Const(names=names, sort=sort):
                for name in names:
                    if sort in self.domains.closed:
                        self.names[name] = name
                    else:
                        self.unknown(name, sort)
            case t.Fun() | t.Rel():
                for signature in s.signatures:
                    self.functions.declare(signature.name)
            case t.Distinct():
                self.distinct(s)
            case t.Option():
                self.options[s.label] = self.guarded(s.formula)
            case t.Goal():
                self.goals.append((s, self.term(s.objective, {})))
            case t.Assertion():
                if self.claims.index not in self.closed.rules:
                    self.claims.say(self.formula(s.formula, {}))
            case t.Ask():
                self.asked = [self.target(e) for e in s.targets]
                self.presumed = self.presumption(s)
            case t.Graph():
                raise Unsupported("graph")
            case t.Python():
                raise Unsupported("python")

    def unknown(self, name: str, domain: t.Domain | None) -> None:
        """Declare an unknown and say that it is of its type."""
        if self.claims.index in self.dropped and self.domains.kind(domain) == NUMBER:
            domain = None
        unknown = self.names[name] = self.domains.unknown(name, domain)
        self.claims.say(self.domains.within(domain, unknown))

    def let(self, s: t.Let) -> None:
        """A definition stands for its value, which is of the declared type."""
        symbol = self.symbols.get(s.name)
        kind: Kind = symbol.kind  # type: ignore[union-attr, assignment]
        words = {Base.NUMBER: "real", Base.TRUTH: "bool", Base.DATE: "date", Base.ELEMENT: kind.sort}
        if self.claims.index in self.dropped and kind.base in words:
            free = self.domains.unknown(s.name, words[kind.base])
            if kind.base is Base.ELEMENT:
                self.claims.define(self.domains.within(kind.sort, free))
            self.names[s.name] = free
            return
        value = self.names[s.name] = self.term(s.value, {})
        fits = self.domains.within(domain_of(s.type), value)
        if fits is False:
            self.claims.reasons.setdefault(self.claims.index, f"{s.name} is not of its type")
        self.claims.say(fits)

    def distinct(self, s: t.Distinct) -> None:
        """Different values, or an injective function."""
        if isinstance(self.symbols.get(s.names[0]), Function):
            self.functions.injective(s.names[0])
        else:
            self.claims.say(self.domains.distinct(self.term(t.Name(n), {}) for n in s.names))

    def target(self, e: t.Expr) -> Term | Solve:
        """What is asked."""
        if not isinstance(e, t.Call) or e.function != "solve":
            return self.term(e, {})
        *conditions, variable = (a for a in e.args if not isinstance(a, t.Binder))
        x = self.term(variable, {})
        if not isinstance(variable, t.Name) or not isinstance(x, Sym):
            raise Unsupported("solve for what is no unknown")
        return Solve(conj(self.guarded(c) for c in conditions), x)

    def presumption(self, s: t.Ask) -> tuple[t.Expr, Formula] | None:
        """That something satisfies the condition of the implication that is asked for, None where none is."""
        if len(s.targets) != 1:
            return None
        binders, body = list[t.Binder](), s.targets[0]
        while isinstance(body, t.Quantified) and body.quantifier is t.Quantifier.FORALL:
            binders += body.binders
            body = body.body
        if not isinstance(body, t.Binary) or body.op is not t.BinaryOp.IMPLIES:
            return None
        some = t.Quantified(t.Quantifier.EXISTS, tuple(binders), body.left) if binders else body.left
        facts = set(self.functions.facts)
        formula = self.guarded(some)
        self.functions.facts = facts  # what the condition rests on is no part of the answer's derivation
        return some, formula

    # --- expressions ------------------------------------------------------------------------------------------

    def formula(self, e: t.Expr, bound: Bound) -> Formula:
        """A formula of the language as a formula of Z3."""
        return unwrap(self.term(e, bound))

    def term(self, e: t.Expr, bound: Bound) -> Term:
        """The term of an expression, with the bound variables' terms."""
        match e:
            case t.Number() | t.Truth():
                return e.value
            case t.Name():
                return self.name(e.id, bound)
            case t.Unary(op=t.UnaryOp.NOT):
                return wrap(neg(self.formula(e.operand, bound)))
            case t.Unary():
                return self.arithmetic.negative(self.term(e.operand, bound))
            case t.Binary():
                return self.binary(e, bound)
            case t.Compare():
                parts = [self.term(p, bound) for p in (e.first, *(right for _, right in e.rest))]
                pairs = zip(parts, parts[1:], (op for op, _ in e.rest), strict=False)
                return wrap(conj(self.arithmetic.compare(op, a, b) for a, b, op in pairs))
            case t.Quantified():
                self.claims.count(1)
                names = [(n, b.domain) for b in e.binders for n in b.names]
                return wrap(self.quantified(e.quantifier, names, e.body, bound))
            case t.Conditional():
                condition = self.formula(e.condition, bound)
                if isinstance(condition, bool):
                    return self.term(e.yes if condition else e.no, bound)
                with self.claims.under(condition):
                    yes = self.term(e.yes, bound)
                with self.claims.under(neg(condition)):
                    no = self.term(e.no, bound)
                return self.arithmetic.choose(condition, yes, no)
            case t.Call():
                return self.call(e, bound)
            case t.SetOf() | t.ListOf():
                return Many(tuple(self.term(x, bound) for x in e.elements), isinstance(e, t.ListOf))

    def name(self, name: str, bound: Bound) -> Term:
        """What a name stands for."""
        if name in bound:
            return bound[name]
        if name in self.names:
            return self.names[name]
        if self.symbols.get(name) is None:
            raise Unsupported(f"the constant {name}")
        return name

    def binary(self, e: t.Binary, bound: Bound) -> Term:
        """A connective or an operation on numbers."""
        op = e.op
        if op not in (t.BinaryOp.AND, t.BinaryOp.OR, t.BinaryOp.XOR, t.BinaryOp.IMPLIES, t.BinaryOp.IFF):
            return self.arithmetic.binary(op, self.term(e.left, bound), self.term(e.right, bound))
        left = self.formula(e.left, bound)
        if op in (t.BinaryOp.XOR, t.BinaryOp.IFF):
            right = self.formula(e.right, bound)
            return wrap(iff(left, right) if op is t.BinaryOp.IFF else iff(neg(left), right))
        reached = (
            neg(left) if op is t.BinaryOp.OR else left
        )  # the right side matters only where the left leaves it open
        if reached is False:
            return op is not t.BinaryOp.AND
        with self.claims.under(reached):
            right = self.formula(e.right, bound)
        return wrap(conj((left, right)) if op is t.BinaryOp.AND else implies(reached, right))

    def quantified(
        self, quantifier: t.Quantifier, names: list[tuple[str, t.Domain]], body: t.Expr, bound: Bound
    ) -> Formula:
        """All or some instances of `body`, over the first of `names` and so on."""
        if not names:
            return self.formula(body, bound)
        (name, domain), rest = names[0], names[1:]
        every = quantifier is t.Quantifier.FORALL
        members = self.domains.members(domain)
        if members is not None:
            self.claims.count(len(members))
            met: list[Formula] = []
            for member in members:  # a later instance needs a value only where the earlier ones leave it open
                with self.claims.apart() as guards:
                    instance = self.quantified(quantifier, rest, body, {**bound, name: atom(member)})
                for guard in guards:
                    self.claims.guards.append(implies(conj(met) if every else neg(disj(met)), guard))
                met.append(instance)
                if instance is not every and isinstance(instance, bool):
                    break
            return conj(met) if every else disj(met)
        variable = Sym(z3.FreshConst(self.domains.sort(domain), name), self.domains.kind(domain))
        with self.claims.quantifier() as guards:
            inner = self.quantified(quantifier, rest, body, {**bound, name: variable})
        inside = conj((self.domains.within(domain, variable), *guards))  # ... and where the body has a value
        formula = implies(inside, inner) if every else conj((inside, inner))
        if isinstance(formula, bool):
            return formula
        return quantified(every, [variable.z], formula)

    # --- functions --------------------------------------------------------------------------------------------

    def call(self, e: t.Call, bound: Bound) -> Term:
        """A declared function or a built-in."""
        if isinstance(self.symbols.get(e.function), Function):
            return self.functions.apply(
                e.function, [self.term(a, bound) for a in e.args if not isinstance(a, t.Binder)]
            )
        group = BUILTINS[e.function].group if e.function in BUILTINS else Group.GRAPH
        if group in (Group.ANALYSIS, Group.GRAPH, Group.DERIVED) or e.function == "solve":
            raise Unsupported(f"{e.function}(...)" if e.function != "solve" else "solve(...) inside a term")
        if isinstance(e.args[0], t.Binder):
            return self.aggregate(e, bound)
        args = [self.term(a, bound) for a in e.args if not isinstance(a, t.Binder)]
        if e.function == "distinct":
            return wrap(self.domains.distinct(args))
        if group is Group.SET or group is Group.AGGREGATE:
            return self.of_many(e.function, args)
        return self.arithmetic.function(e.function, args)

    def aggregate(self, e: t.Call, bound: Bound) -> Term:
        """sum, product, count over finite domains."""
        binders = [a for a in e.args if isinstance(a, t.Binder)]
        body = next(a for a in e.args if not isinstance(a, t.Binder))
        names = [n for b in binders for n in b.names]
        domains = [self.domains.members(b.domain) for b in binders for _ in b.names]
        finite = [d for d in domains if d is not None]
        if len(finite) < len(domains):
            raise Unsupported(f"{e.function} over a domain that is not finite")
        self.claims.count(prod(map(len, finite)))
        inner = [{**bound, **dict(zip(names, map(atom, values), strict=True))} for values in product(*finite)]
        if e.function == "count":
            one, none = Fraction(1), Fraction(0)
            return self.arithmetic.total([self.arithmetic.choose(self.formula(body, b), one, none) for b in inner])
        return self.fold(e.function, [self.term(body, b) for b in inner])

    def fold(self, function: str, terms: list[Term]) -> Term:
        """The sum or product of terms."""
        if function == "sum":
            return self.arithmetic.total(terms)
        total: Term = Fraction(1)
        for x in terms:
            total = self.arithmetic.binary(t.BinaryOp.MUL, total, x)
        return total

    def of_many(self, function: str, args: list[Term]) -> Term:
        """Functions of sets and lists."""
        if function == "member" and isinstance(args[1], Many):
            return wrap(self.domains.member(args[0], args[1]))
        if function == "nth" and isinstance(args[0], Many) and not isinstance(args[1], Many):
            return self.element(args[0].items, args[1])
        sets = [a for a in args if isinstance(a, Many)]
        if len(sets) < len(args):
            raise Unsupported(f"{function} of what is no set or list")
        first = sets[0]
        if function == "size" or (function in ("sum", "product") and not first.ordered):
            new = [neg(self.domains.member(x, Many(first.items[:i], True))) for i, x in enumerate(first.items)]
            kept = [True if first.ordered else n for n in new]
            unit = Fraction(function == "product")
            worth = [Fraction(1)] * len(kept) if function == "size" else list(first.items)
            chosen = [self.arithmetic.choose(k, w, unit) for k, w in zip(kept, worth, strict=True)]
            return self.fold("product" if function == "product" else "sum", chosen)
        if function in ("sum", "product"):
            return self.fold(function, list(first.items))
        if function == "union":
            return Many(tuple(x for s in sets for x in s.items), ordered=False)
        return Many(tuple(x for x in first.items if self.keeps(function, x, sets[1:])), ordered=False)

    def element(self, items: tuple[Term, ...], position: Term) -> Term:
        """The element of a list at a position counted from 1."""
        here = [self.domains.equal(position, Fraction(n)) for n in range(1, len(items) + 1)]
        self.claims.require(disj(here), "a list has no element there")
        if not items:
            return Fraction(0)
        chosen = items[-1]
        for met, item in zip(reversed(here[:-1]), reversed(items[:-1]), strict=True):
            chosen = self.arithmetic.choose(met, item, chosen)
        return chosen

    def keeps(self, function: str, x: Term, others: list[Many]) -> bool:
        """Whether an element stays in an intersection or difference."""
        found = [self.domains.member(x, s) for s in others]
        if not all(isinstance(f, bool) for f in found):
            raise Unsupported(f"{function} of unknown elements")
        return all(found) if function == "intersection" else not any(found)
