"""What written types and domains stand for, and whether a value fits them."""

from __future__ import annotations

from difflib import get_close_matches

from neurosym.language import tree as t
from neurosym.language.builtins import NUMBER_TYPES
from neurosym.language.check_units import UnitChecker
from neurosym.language.symbols import ANY, NUMBER, TRUTH, Base, Kind, SortSymbol, Symbols
from neurosym.language.units import dimension

MAX_RANGE = 1_000_000
MAX_HINTS = 20


class TypeChecker(UnitChecker):
    """Types, given what is declared so far."""

    def __init__(self) -> None:
        super().__init__()
        self.symbols = Symbols()
        self.elements: dict[str, Kind] = {}  # of the sorts that were met: each argument asks for its own
        self.unknown_sorts: set[str] = set()

    def nearest(self, name: str, known: list[str]) -> str:
        """A hint at a known name that is spelt much the same; comparing is slow, so only the first mistakes get one."""
        close = get_close_matches(name, known, n=1) if len(self.found) < MAX_HINTS else []
        return f"did you mean {close[0]!r}?" if close else ""

    def declared(self, type_: t.Type, at: t.Node) -> Kind:
        """The kind that a written type stands for."""
        if isinstance(type_, t.Range):
            return self.range(type_, at)
        word = type_.word
        if word in NUMBER_TYPES:
            return NUMBER
        if word == "bool":
            return TRUTH
        if word == "date":
            return Kind(Base.DATE)
        symbol = self.symbols.get(word) if word else None
        if word and isinstance(symbol, SortSymbol):
            return symbol.kind(word)
        return Kind(Base.NUMBER, dimension(type_))

    def domain(self, domain: t.Domain, at: t.Node) -> Kind:
        """The kind of what a domain ranges over."""
        if isinstance(domain, t.Range):
            return self.range(domain, at)
        if domain in self.elements:
            return self.elements[domain]
        symbol = self.symbols.get(domain)
        if isinstance(symbol, SortSymbol):
            return self.elements.setdefault(domain, symbol.kind(domain))
        if domain in NUMBER_TYPES:
            return NUMBER
        if domain in self.unknown_sorts:  # said once, where it was first met
            return ANY
        self.unknown_sorts.add(domain)
        sorts = [name for name, _ in self.symbols.of(SortSymbol)]
        return self.report(
            "unknown-sort", f"{domain!r} is not a declared sort", at, self.nearest(domain, sorts) or "sort ..."
        )

    def range(self, range_: t.Range, at: t.Node) -> Kind:
        """Numbers; reports bounds that are no integers or too far apart."""
        at = range_ if range_.span else at
        ends = []
        for bound in (range_.low, range_.high):
            number = self.symbols.number(bound)
            if number is None:
                return self.report(
                    "range", f"{bound!r} is no integer that is defined above", at, "let n = 5, then 1..n"
                )
            ends.append(number)
        if not 0 <= ends[1] - ends[0] <= MAX_RANGE:
            return self.report("range", "a range goes upward and has at most a million integers", at)
        return NUMBER

    def fits(self, kind: Kind, wanted: Kind, at: t.Node, whose: str) -> Kind:
        """A value of `kind` where `wanted` is, converted to its unit; reports where it cannot stand there."""
        if Base.ANY in (kind.base, wanted.base):
            return wanted
        if kind.base is not wanted.base or kind.sort != wanted.sort:
            self.report("kind", f"{whose} {wanted}, but this is {kind}", at)
        elif wanted.dimension is None:
            self.settle(kind, at)
        else:
            self.give(kind, wanted.dimension, at)
        return wanted
