"""What the declarations of Logic-LM's Z3-like dialect say: enumerations that may overlap, as sorts of our language.

An element belongs to one sort of ours. So enumerations that share elements, or are joined by `+`, become one sort, and
each of them the part of it that its elements are. Enumerations of integers become ranges; so do those of words whose
elements are compared by `<` or computed with, since the order in which they are listed is the only one they have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from neurosym.language import tree as t
from neurosym.language.diagnostic import Span
from neurosym.notations.expressions import free
from neurosym.notations.parsing import refuse

NUMBER, TRUTH = "number", "truth"
"""Kinds of values, beside the names of sorts."""


@dataclass(frozen=True)
class Enumeration:
    """`name = EnumSort([...])`: its elements as they are written."""

    name: str
    elements: tuple[str, ...]
    span: Span

    @property
    def numbers(self) -> tuple[Fraction, ...] | None:
        """The elements' values where all are numbers."""
        try:
            return tuple(Fraction(e) for e in self.elements)
        except ValueError:
            return None


@dataclass(frozen=True)
class Declared:
    """`name = Function([sorts] -> [sort])`: each sort as a tuple of the enumerations joined by `+`."""

    name: str
    domains: tuple[tuple[str, ...], ...]
    result: tuple[str, ...]
    span: Span


@dataclass(frozen=True)
class Place:
    """Where values come from: a domain of our language, the kind of its values, and which of them are meant.

    `part` is None where all are.
    """

    domain: t.Domain
    kind: str
    part: tuple[t.Expr, ...] | None = None

    @property
    def type(self) -> t.Type:
        """The domain as a function's type."""
        return self.domain if isinstance(self.domain, t.Range) else t.Unit(((self.domain, 1),))

    def holds(self, e: t.Expr) -> t.Expr | None:
        """The formula that says that `e`, a value of the domain, is meant; None where all are."""
        if self.part is None:
            return None
        return t.Call("member", (e, t.SetOf(self.part, span=e.span)), span=e.span)


@dataclass
class Sorts:
    """All enumerations of a program, and what the rest of it asks of them.

    joined:   groups of enumerations that a `+` puts together.
    ordered:  words whose sorts are compared or computed with: any one element of each.
    added:    elements that are used but not listed: enumeration → names.
    turned:   functions that were declared the wrong way round, and where.
    """

    enumerations: dict[str, Enumeration] = field(default_factory=dict)
    joined: set[tuple[str, ...]] = field(default_factory=set)
    ordered: set[str] = field(default_factory=set)
    added: dict[str, list[str]] = field(default_factory=dict)
    turned: dict[str, Span] = field(default_factory=dict)

    def settle(self) -> Settled:
        """The sorts as they are with what is known by now."""
        return Settled(self)


class Settled:
    """Enumerations as sorts: see the module's docstring.

    kinds:     element that is a word → its sort's name; `ordered` are the sorts whose elements are numbers for us.
    places:    enumeration → where its values come from; `sizes` how many elements its sort has.
    """

    def __init__(self, sorts: Sorts) -> None:
        self.sorts = sorts
        self.kinds: dict[str, str] = {}
        self.ordered: set[str] = set()
        self.sizes: dict[str, int] = {}
        self.places: dict[str, Place] = {"int": Place("int", NUMBER), "real": Place("real", NUMBER)}
        self.statements: list[t.Statement] = []
        words: dict[str, list[str]] = {}
        for name, enumeration in sorts.enumerations.items():
            if enumeration.numbers is None:
                words[name] = [*enumeration.elements, *sorts.added.get(name, ())]
            else:
                self.places[name] = _numeric(enumeration, enumeration.numbers)
        for group in _components(words, sorts.joined):
            self._words(group, words)

    def _words(self, group: Sequence[str], words: Mapping[str, Sequence[str]]) -> None:
        """One sort for the enumerations of a group."""
        elements = list(dict.fromkeys(e for name in group for e in words[name]))
        whole = [name for name in group if set(words[name]) == set(elements)]
        sort = free(whole[0] if whole else " or ".join(group), elements)
        span = self.sorts.enumerations[group[0]].span
        ordered = not self.sorts.ordered.isdisjoint(elements)
        self.kinds |= dict.fromkeys(elements, sort)
        if ordered:
            self.ordered.add(sort)
            for position, element in enumerate(elements, 1):
                self.statements.append(t.Let(element, None, t.Number(Fraction(position)), span=span))
        else:
            self.statements.append(t.Sort(sort, tuple(elements), span=span))
        for name in group:
            self.sizes[name] = len(elements)
            part = None if name in whole else tuple(t.Name(e) for e in words[name])
            self.places[name] = Place(t.Range(1, len(elements)) if ordered else sort, sort, part)

    def place(self, names: Sequence[str], span: Span) -> Place:
        """Where the values of a sum of enumerations come from. Raises ProgramError for one that is not declared."""
        for name in names:
            if name not in self.places:
                hint = ", ".join(self.sorts.enumerations) or f"{name} = EnumSort([...])"
                raise refuse("unknown-sort", f"{name!r} is not a declared sort", span, hint)
        if len(names) == 1:
            return self.places[names[0]]
        places = [self.places[name] for name in names]
        first = places[0]
        if any(p.domain != first.domain for p in places) or first.domain in ("int", "real"):
            raise refuse("sorts-joined", "only enumerations of words can be joined by `+`", span)
        parts = dict.fromkeys(e for p in places for e in p.part or ())
        whole = any(p.part is None for p in places) or len(parts) == self.sizes[names[0]]
        return Place(first.domain, first.kind, None if whole else tuple(parts))


def _numeric(enumeration: Enumeration, values: tuple[Fraction, ...]) -> Place:
    """A range, and which of its integers are meant."""
    part = tuple(literal(v, enumeration.span) for v in values)
    if any(v.denominator != 1 for v in values):
        return Place("real", NUMBER, part)
    low, high = int(min(values)), int(max(values))
    return Place(t.Range(low, high), NUMBER, None if len(set(values)) == high - low + 1 else part)


def literal(value: Fraction, span: Span | None) -> t.Expr:
    """A number, which may be negative."""
    positive = t.Number(abs(value), span=span)
    return t.Unary(t.UnaryOp.NEG, positive, span=span) if value < 0 else positive


def _components(words: Mapping[str, Sequence[str]], joined: Iterable[tuple[str, ...]]) -> Iterator[list[str]]:
    """The enumerations, those together that share an element or are joined."""
    links = [{name for name in group if name in words} for group in joined]
    owners: dict[str, set[str]] = {}
    for name, elements in words.items():
        for element in elements:
            owners.setdefault(element, set()).add(name)
    links.extend(owners.values())
    seen: set[str] = set()
    for name in words:
        if name in seen:
            continue
        group, before = {name}, 0
        while before < (before := len(group)):
            for link in links:
                if link & group:
                    group |= link
        seen |= group
        yield [n for n in words if n in group]
