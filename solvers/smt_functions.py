"""Declared functions and relations: tables over finite domains, uninterpreted over others, least models if closed."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import z3

from neurosym.language import tree as t
from neurosym.language.printer import show_expr
from neurosym.language.symbols import Base, Function
from neurosym.language.values import Value, term
from neurosym.solvers.base import Unsupported
from neurosym.solvers.smt_arithmetic import Arithmetic
from neurosym.solvers.smt_build import Z, function_at, quantified, relation_at
from neurosym.solvers.smt_claims import Claims
from neurosym.solvers.smt_closed import ClosedWorld, Fact
from neurosym.solvers.smt_domains import (
    Domains,
    Many,
    Sym,
    Term,
    conj,
    disj,
    domain_of,
    implies,
    unwrap,
    wrap,
)


class Functions:
    """The functions of one program.

    entries:     (name, arguments) → the unknown at that cell of a table, for the cells that were met.
    symbols:     name → Z3 function, for those over infinite domains.
    facts:       closed facts that were looked up and found true.
    """

    def __init__(
        self, domains: Domains, arithmetic: Arithmetic, closed: ClosedWorld, claims: Claims, dropped: frozenset[int]
    ) -> None:
        self.domains, self.arithmetic, self.closed, self.claims = domains, arithmetic, closed, claims
        self.dropped = dropped
        self.entries: dict[tuple[str, tuple[Value, ...]], Sym] = {}
        self.symbols: dict[str, Z] = {}
        self.facts: set[Fact] = set()
        self.owner: dict[str, int] = {}

    def declare(self, name: str) -> None:
        """Note which statement declares `name`; state the type of its results where it is no table."""
        self.owner[name] = self.claims.index
        function = self.get(name)
        if function.is_relation or self.is_table(function):
            return
        args = [self.domains.unknown(f"{name}!{i}", d) for i, d in enumerate(function.domains)]
        inside = conj(self.domains.within(d, a) for d, a in zip(function.domains, args, strict=True))
        with self.claims.quantifier():
            value = self.apply(name, list(args))
        fits = implies(inside, self.domains.within(self.results(name), value))
        if fits is not True:
            self.claims.say(quantified(True, [a.z for a in args], fits))

    def injective(self, name: str) -> None:
        """State that a function of one argument is injective."""
        (domain,) = self.get(name).domains
        members = self.domains.members(domain)
        if members is not None:
            self.claims.count(len(members))
            self.claims.say(self.domains.distinct(self.apply(name, [m]) for m in map(atom, members)))
            return
        x = self.domains.unknown(f"{name}!x", domain)
        with self.claims.quantifier():
            value = self.domains.z(self.apply(name, [x]))
        inverse = z3.Function(f"{name}!inverse", value.sort(), x.z.sort())  # Z3 finds its way faster than from pairs
        self.claims.say(z3.ForAll(x.z, implies(self.domains.within(domain, x), inverse(value) == x.z)))

    def get(self, name: str) -> Function:
        """The symbol of a declared function or relation."""
        function = self.domains.symbols.get(name)
        assert isinstance(function, Function)
        return function

    def results(self, name: str) -> t.Domain | None:
        """The domain of a function's results; numbers of any kind where its declaration is dropped."""
        function = self.get(name)
        if function.is_relation:
            return "bool"
        loose = self.owner.get(name) in self.dropped and function.kind.base is Base.NUMBER
        return None if loose else domain_of(function.type)

    def is_table(self, function: Function) -> bool:
        """Whether every argument is of a finite domain."""
        return all(self.domains.members(d) is not None for d in function.domains)

    def apply(self, name: str, args: list[Term]) -> Term:
        """A declared function or relation at `args`."""
        function = self.get(name)
        if not self.is_table(function):
            return self.uninterpreted(name, function, args)
        choices = [self.choices(name, a, d) for a, d in zip(args, function.domains, strict=True)]
        cells = list(product(*choices))
        self.claims.count(len(cells))
        here = [conj(self.domains.equal(a, atom(v)) for a, v in zip(args, cell, strict=True)) for cell in cells]
        if function.is_relation:
            met = zip(here, cells, strict=True)
            return wrap(disj(conj((h, unwrap(self.entry(name, c)))) for h, c in met))
        value = self.entry(name, cells[-1])  # cells that are none of the arguments' are excluded by what is required
        for h, cell in zip(reversed(here[:-1]), reversed(cells[:-1]), strict=True):
            value = self.arithmetic.choose(h, self.entry(name, cell), value)
        return value

    def choices(self, name: str, arg: Term, domain: t.Domain) -> tuple[Value, ...]:
        """The members of its domain that an argument may be; beyond it a relation is false, a function has no value."""
        members = self.domains.members(domain) or ()
        is_relation = self.get(name).is_relation
        if isinstance(arg, Many):
            raise Unsupported("a set or list as an argument")
        if isinstance(arg, Sym):
            if not is_relation:
                self.claims.require(self.domains.within(domain, arg), f"{name} has no value beyond its domain")
            return members
        if arg in members:
            return (arg,)
        if is_relation:
            return ()
        self.claims.require(False, f"{name} has no value at {show_expr(term(arg))}")
        return members[:1]

    def entry(self, name: str, args: tuple[Value, ...]) -> Term:
        """One cell of a function's table."""
        if self.get(name).closed:
            holds = args in self.closed.tables[name]
            if holds:
                self.facts.add((name, args))
            return holds
        key = (name, args)
        if key not in self.entries:
            domain = self.results(name)
            label = f"{name}({', '.join(show_expr(term(a)) for a in args)})"
            self.entries[key] = self.domains.unknown(label, domain)
            self.claims.say(self.domains.within(domain, self.entries[key]), index=self.owner[name])
        return self.entries[key]

    def uninterpreted(self, name: str, function: Function, args: list[Term]) -> Term:
        """A function over an infinite domain at `args`."""
        domain = self.results(name)
        if name not in self.symbols:
            self.symbols[name] = z3.Function(name, *map(self.domains.sort, (*function.domains, domain)))
        fits = conj(self.domains.within(d, a) for d, a in zip(function.domains, args, strict=True))
        parts = [self.cast(a, d) for a, d in zip(args, function.domains, strict=True)]
        if function.is_relation:
            return wrap(conj((fits, relation_at(self.symbols[name], parts))))
        self.claims.require(fits, f"{name} has no value beyond its domain")
        return Sym(function_at(self.symbols[name], parts), self.domains.kind(domain))

    def cast(self, arg: Term, domain: t.Domain) -> Z:
        """An argument in the Z3 sort of a function's domain."""
        if self.domains.kind(domain).base is not Base.NUMBER:
            return self.domains.z(arg)
        if self.domains.sort(domain).kind() == z3.Z3_REAL_SORT:
            return self.domains.z(arg, real=True)
        z = self.domains.z(arg)
        return z3.ToInt(z) if z3.is_real(z) else z


def atom(value: Value) -> Term:
    """A member of a finite domain as a term."""
    assert isinstance(value, Fraction | str)
    return value
