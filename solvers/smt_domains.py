"""What names range over in Z3: sorts, members and type constraints; ground values stay values until Z3 needs them.

A term is a value of the evaluator where it is ground, a `Sym` where it depends on unknowns, a `Many` for a set or list.
Elements of finite sorts are their positions, dates their ordinals; open sorts are uninterpreted.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from itertools import combinations
from typing import Any, TypeAlias, Union

import z3

from neurosym.language import tree as t
from neurosym.language.symbols import NUMBER, TRUTH, Base, Kind, SortSymbol, Symbols
from neurosym.language.values import Value, same
from neurosym.solvers.base import Unsupported
from neurosym.solvers.smt_build import Z, both, denied, either

Formula: TypeAlias = Any
"""A bool where it is ground, else a Z3 expression."""
MAX_BITS, MAX_DIGITS = 14_000, 4_200
"""Python refuses to write, and to read, integers of more than 4,300 digits."""


@dataclass(frozen=True)
class Sym:
    """A term that depends on unknowns: its Z3 expression and what it stands for."""

    z: Z
    kind: Kind


@dataclass(frozen=True)
class Many:
    """A list or, not `ordered`, a set, of terms."""

    items: tuple[Term, ...]
    ordered: bool


Term: TypeAlias = Union[Fraction, bool, str, datetime.date, Sym, Many]  # noqa: UP007


def conj(items: Iterable[Formula]) -> Formula:
    """The conjunction, ground where it can be."""
    kept = []
    for item in items:
        if item is False:
            return False
        if item is not True:
            kept.append(item)
    return both(kept) if len(kept) > 1 else kept[0] if kept else True


def disj(items: Iterable[Formula]) -> Formula:
    """The disjunction, ground where it can be."""
    kept = []
    for item in items:
        if item is True:
            return True
        if item is not False:
            kept.append(item)
    return either(kept) if len(kept) > 1 else kept[0] if kept else False


def neg(a: Formula) -> Formula:
    """The negation."""
    return not a if isinstance(a, bool) else denied(a)


def implies(a: Formula, b: Formula) -> Formula:
    """a → b."""
    return disj((neg(a), b))


def iff(a: Formula, b: Formula) -> Formula:
    """Both or neither."""
    if isinstance(a, bool):
        return b if a else neg(b)
    if isinstance(b, bool):
        return a if b else neg(a)
    return a == b


def domain_of(type_: t.Type | None) -> t.Domain | None:
    """The domain that a type names; None for the real numbers, with a unit or without."""
    return type_ if isinstance(type_, t.Range) else type_.word if type_ else None


class Domains:
    """The sorts of one program in one Z3 context, which is made when first needed.

    closed:  the open sorts whose only elements are their constants (see smt_closed).
    shared:  whether the context is one that all such programs of the process share, where a model may depend on what
             came before: verdicts do not.
    """

    def __init__(self, symbols: Symbols, closed: Mapping[str, tuple[str, ...]], *, shared: bool = False) -> None:
        self.symbols, self.closed, self.shared = symbols, closed, shared
        self.open: dict[str, Z] = {}
        self._members: dict[t.Domain, tuple[Value, ...] | None] = {}
        self._kinds: dict[t.Domain | None, Kind] = {}
        self._sorts: dict[t.Domain | None, Z] = {}

    @cached_property
    def ctx(self) -> z3.Context:
        """The program's Z3 context."""
        return _shared_context() if self.shared else z3.Context()

    @property
    def ground(self) -> bool:
        """Whether nothing has needed Z3 so far."""
        return "ctx" not in self.__dict__

    def members(self, domain: t.Domain) -> tuple[Value, ...] | None:
        """What a finite domain ranges over, None for an infinite one."""
        if domain not in self._members:
            found: Any = self.closed.get(domain) if isinstance(domain, str) else None
            if found is None:
                found = self.symbols.members(domain)
            self._members[domain] = (
                None if found is None else tuple(Fraction(m) if isinstance(m, int) else m for m in found)
            )
        return self._members[domain]

    def is_open(self, domain: t.Domain | None) -> bool:
        """Whether `domain` is a sort whose elements are not known."""
        if domain in self.open:
            return True
        if not isinstance(domain, str) or domain in self.closed:
            return False
        symbol = self.symbols.get(domain)
        return isinstance(symbol, SortSymbol) and symbol.elements is None

    def kind(self, domain: t.Domain | None) -> Kind:
        """What the values of a domain are."""
        if domain not in self._kinds:
            self._kinds[domain] = self._kind(domain)
        return self._kinds[domain]

    def _kind(self, domain: t.Domain | None) -> Kind:
        if isinstance(domain, str):
            symbol = self.symbols.get(domain)
            if isinstance(symbol, SortSymbol):
                return symbol.kind(domain)
            if domain in ("bool", "date"):
                return TRUTH if domain == "bool" else Kind(Base.DATE)
        return NUMBER

    def sort(self, domain: t.Domain | None) -> Z:
        """The Z3 sort of a domain."""
        if domain not in self._sorts:
            self._sorts[domain] = self._sort(domain)
        return self._sorts[domain]

    def _sort(self, domain: t.Domain | None) -> Z:
        if self.is_open(domain):
            assert isinstance(domain, str)
            self.open[domain] = z3.DeclareSort(domain, self.ctx)
            return self.open[domain]
        kind = self.kind(domain)
        if kind.base is Base.TRUTH:
            return z3.BoolSort(self.ctx)
        if kind.base is Base.NUMBER and domain not in ("count", "int") and not self._is_range(domain):
            return z3.RealSort(self.ctx)
        return z3.IntSort(self.ctx)

    def _is_range(self, domain: t.Domain | None) -> bool:
        return domain is not None and self.kind(domain).base is Base.NUMBER and self.members(domain) is not None

    def unknown(self, label: str, domain: t.Domain | None) -> Sym:
        """A new unknown of a domain; that it is `within` the domain is for the caller to state."""
        return Sym(z3.Const(label, self.sort(domain)), self.kind(domain))

    def z(self, term: Term, real: bool = False) -> Z:
        """The Z3 expression of a term."""
        if isinstance(term, Sym):
            return z3.ToReal(term.z) if real and z3.is_int(term.z) else term.z
        if isinstance(term, bool):
            return z3.BoolVal(term, self.ctx)
        if isinstance(term, str):
            return z3.IntVal(self.position(term), self.ctx)
        if isinstance(term, datetime.date):
            return z3.IntVal(term.toordinal(), self.ctx)
        if isinstance(term, Fraction):
            sized(term)
            whole = term.denominator == 1 and not real
            return z3.IntVal(term.numerator, self.ctx) if whole else z3.RealVal(str(term), self.ctx)
        raise Unsupported("a set or list where one value is expected")

    def position(self, element: str) -> int:
        """An element's position in its finite sort."""
        symbol: Any = self.symbols.get(element)
        members = self.members(symbol.kind.sort)
        assert members is not None
        return members.index(element)

    def within(self, domain: t.Domain | None, term: Term) -> Formula:
        """That `term` is in `domain`."""
        if domain is None or isinstance(term, Many | bool | str | datetime.date) or self.is_open(domain):
            return True
        if domain == "date":
            return self.between(1, datetime.date.max.toordinal(), term)
        members = self.members(domain)
        if self.kind(domain).base is Base.ELEMENT:
            assert members is not None
            return self.between(0, len(members) - 1, term)
        if members is not None:
            if not members:
                return False
            first, last = members[0], members[-1]
            assert isinstance(first, Fraction)
            assert isinstance(last, Fraction)
            return conj((integral(term), self.between(int(first), int(last), term)))
        if domain in ("count", "int"):
            return conj((integral(term), self.between(0, None, term) if domain == "count" else True))
        return True

    def between(self, low: int, high: int | None, term: Fraction | Sym) -> Formula:
        """low ≤ term ≤ high."""
        if isinstance(term, Fraction):
            return low <= term and (high is None or term <= high)
        return conj((term.z >= low, True if high is None else term.z <= high))

    def equal(self, a: Term, b: Term) -> Formula:
        """That two terms are the same value."""
        if isinstance(a, Many) and isinstance(b, Many):
            if a.ordered or b.ordered:
                alike = a.ordered == b.ordered and len(a.items) == len(b.items)
                return alike and conj(self.equal(x, y) for x, y in zip(a.items, b.items, strict=True))
            return conj((self.contains(a, b), self.contains(b, a)))
        if isinstance(a, Many) or isinstance(b, Many):
            return False
        if not isinstance(a, Sym) and not isinstance(b, Sym):
            return same(a, b)
        kinds = {x.kind.base for x in (a, b) if isinstance(x, Sym)}
        if Base.TRUTH in kinds:
            return iff(unwrap(a), unwrap(b))
        if Base.NUMBER in kinds:
            real = not (whole(a) and whole(b))
            return self.z(a, real) == self.z(b, real)
        return self.z(a) == self.z(b)

    def member(self, x: Term, many: Many) -> Formula:
        """That `x` is an element of a set or list."""
        return disj(self.equal(x, item) for item in many.items)

    def contains(self, inner: Many, outer: Many) -> Formula:
        """That each element of `inner` is one of `outer`."""
        return conj(self.member(x, outer) for x in inner.items)

    def distinct(self, terms: Iterable[Term]) -> Formula:
        """That the terms are pairwise different."""
        items = tuple(terms)
        ground = [x for x in items if not isinstance(x, Sym | Many)]
        if any(same(a, b) for a, b in combinations(ground, 2)):
            return False
        if any(isinstance(x, Many) for x in items):
            return conj(neg(self.equal(a, b)) for a, b in combinations(items, 2))
        if len(ground) == len(items):
            return True
        real = not all(whole(x) for x in items)
        return z3.Distinct([self.z(x, real) for x in items]) if len(items) > 1 else True

    def value(self, z: Z, kind: Kind) -> Value | None:
        """The value that a Z3 literal stands for; None for an irrational number or an element of an open sort."""
        if kind.base is Base.TRUTH:
            return bool(z3.is_true(z))
        if kind.base is Base.ELEMENT:
            members = None if self.is_open(kind.sort) else self.members(kind.sort)
            return None if members is None else members[z.as_long()]
        if (z3.is_int_value(z) or z3.is_rational_value(z)) and len(z.as_string()) > MAX_DIGITS:
            raise Unsupported("a number of more than 4,000 digits")
        if z3.is_int_value(z):
            return datetime.date.fromordinal(z.as_long()) if kind.base is Base.DATE else Fraction(z.as_long())
        return Fraction(z.numerator_as_long(), z.denominator_as_long()) if z3.is_rational_value(z) else None


@cache
def _shared_context() -> z3.Context:
    """To make a context, and to free it, takes as long as an easy program's search."""
    return z3.Context()


def sized(number: Fraction) -> Fraction:
    """`number`, if it can be written. Raises Unsupported."""
    if max(number.numerator.bit_length(), number.denominator.bit_length()) > MAX_BITS:
        raise Unsupported("a number of more than 4,000 digits")
    return number


def whole(term: Term) -> bool:
    """Whether a term is certain to be an integer, by its type."""
    return term.denominator == 1 if isinstance(term, Fraction) else not (isinstance(term, Sym) and z3.is_real(term.z))


def integral(term: Fraction | Sym) -> Formula:
    """That a number is an integer."""
    return True if whole(term) else False if isinstance(term, Fraction) else z3.IsInt(term.z)


def wrap(formula: Formula) -> Term:
    """A formula as a term."""
    return formula if isinstance(formula, bool) else Sym(formula, TRUTH)


def unwrap(term: Term) -> Formula:
    """A term as a formula. Raises Unsupported where it is none."""
    if isinstance(term, bool):
        return term
    if isinstance(term, Sym) and term.kind.base is Base.TRUTH:
        return term.z
    raise Unsupported("a value where a formula is expected")
