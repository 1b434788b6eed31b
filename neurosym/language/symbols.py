"""What a program's names stand for: the table that checking builds and solvers read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from neurosym.language import tree as t
from neurosym.language.units import Dimension


class Base(StrEnum):
    """The ground kinds of values."""

    NUMBER = "a number"
    TRUTH = "a formula"
    ELEMENT = "an element"
    SET = "a set"
    LIST = "a list"
    DATE = "a date"
    ANY = "anything"
    """Not known before running: what a Python block assigned, or a name that is in error already."""


@dataclass(frozen=True)
class Kind:
    """What an expression evaluates to. `dimension` None fits every unit; `sort` names an element's sort.

    scaled:  where `dimension` is None: the dimension that a product has if the bare numbers in it have none, and those
             numbers; `60*t` is hours, unless its context says that 60 is minutes an hour.
    """

    base: Base
    dimension: Dimension | None = None
    sort: str = ""
    scaled: tuple[Dimension, tuple[Fraction, ...]] | None = None

    def __str__(self) -> str:
        return f"an element of {self.sort}" if self.base is Base.ELEMENT else self.base.value


NUMBER = Kind(Base.NUMBER)
TRUTH = Kind(Base.TRUTH)
ANY = Kind(Base.ANY)


@dataclass(frozen=True)
class Defined:
    """A `let`, or a name that a Python block assigns (value is None)."""

    kind: Kind
    value: t.Expr | None
    type: t.Type | None = None


@dataclass(frozen=True)
class Unknown:
    """A `var`."""

    kind: Kind
    type: t.Type


@dataclass(frozen=True)
class SortSymbol:
    """A sort: its elements' names, a range of integers, or open (None)."""

    elements: tuple[str, ...] | t.Range | None

    def kind(self, name: str) -> Kind:
        """The kind of its elements; a range's are numbers."""
        return NUMBER if isinstance(self.elements, t.Range) else Kind(Base.ELEMENT, sort=name)


@dataclass(frozen=True)
class Element:
    """An element of a finite sort; `distinct` from the other elements by declaration."""

    kind: Kind


@dataclass(frozen=True)
class Constant:
    """A `const`: some element of a sort, not necessarily different from the others."""

    kind: Kind


@dataclass(frozen=True)
class Function:
    """A `fun` or `rel` (kind is TRUTH)."""

    domains: tuple[t.Domain, ...]
    kind: Kind
    type: t.Type | None
    closed: bool = False

    @property
    def is_relation(self) -> bool:
        """Whether it is a `rel`."""
        return self.type is None


@dataclass(frozen=True)
class GraphSymbol:
    """A `graph` or `digraph`; `type` None means edges carry no weight."""

    domains: tuple[t.Domain, ...]
    kind: Kind
    type: t.Type | None
    directed: bool


Symbol: TypeAlias = Defined | Unknown | SortSymbol | Element | Constant | Function | GraphSymbol

WHAT: dict[type[Symbol], str] = {
    Defined: "a defined quantity",
    Unknown: "an unknown",
    SortSymbol: "a sort",
    Element: "an element of a sort",
    Constant: "a constant",
    Function: "a function",
    GraphSymbol: "a graph",
}
"""For messages."""


@dataclass
class Symbols:
    """Declared names in order of declaration."""

    table: dict[str, Symbol] = field(default_factory=dict)

    def get(self, name: str) -> Symbol | None:
        """What `name` was declared as, or None."""
        return self.table.get(name)

    def of(self, *types: type[Symbol]) -> Iterator[tuple[str, Symbol]]:
        """The declared names of the given types, in order."""
        return ((n, s) for n, s in self.table.items() if isinstance(s, types))

    def number(self, bound: int | str) -> int | None:
        """The integer that a range's bound stands for; None where its `let` is no integer literal."""
        if isinstance(bound, int):
            return bound
        symbol = self.table.get(bound)
        value = symbol.value if isinstance(symbol, Defined) else None
        if isinstance(value, t.Number) and value.value.denominator == 1:
            return value.value.numerator
        return None

    def members(self, domain: t.Domain) -> tuple[str, ...] | range | None:
        """What a finite domain ranges over, in order: names or integers; None for an infinite one."""
        if isinstance(domain, str):
            symbol = self.table.get(domain)
            if not isinstance(symbol, SortSymbol):
                return None
            if not isinstance(symbol.elements, t.Range):
                return symbol.elements
            domain = symbol.elements
        low, high = self.number(domain.low), self.number(domain.high)
        return None if low is None or high is None else range(low, high + 1)
