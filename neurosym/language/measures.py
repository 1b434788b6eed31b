"""What a number of the problem measures: `40 minutes` must not become 40 hours, nor `3 children` 3 adults."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction

from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.quantities import Form, numbers_in
from neurosym.language.symbols import Function, GraphSymbol, Symbols, Unknown
from neurosym.language.units import FAMILIES, noun

_SIGNS: Mapping[str, str] = {"$": "dollar", "¢": "cent", "€": "euro"}
_SPEEDS: Mapping[str, str] = {"mph": "mile", "kph": "kilometer", "kmh": "kilometer"}
_AFTER = re.compile(r"[\s-]*([^\W\d_]+)(?:[ -]([^\W\d_]+))?")
_PLAIN = frozenset({"count", "int", "real", "bool", "date"})


def measured_otherwise(program: t.Program, symbols: Symbols, text: str) -> tuple[Diagnostic, ...]:
    """`unit-cue` for each number that the program gives another measure than the problem does."""
    stated: dict[Fraction, set[str]] = defaultdict(set)
    for q in numbers_in(text):
        if q.form is not Form.PERCENT:
            stated[q.value] |= _nouns(text, q.start, q.end)
    declared = list(_declared(program, symbols))
    everywhere = frozenset().union(*(units for _, units, _ in declared))
    found = []
    for value, units, at in declared:
        said = stated.get(value, set())
        if not said or units & said:
            continue
        measure = next((f for f in FAMILIES if f & said and f & units), None)
        elsewhere = {u for v, nouns in stated.items() if v != value for u in nouns & units}
        if measure or (len(units) == 1 and elsewhere and said & everywhere):
            there = " or ".join(sorted(said & (measure or everywhere)))
            found.append(
                Diagnostic(
                    "unit-cue",
                    f"the problem counts {value} in {there}, the program in {'/'.join(sorted(units))}",
                    at.span,
                    "give it the unit that the problem gives it, and convert",
                )
            )
    return tuple(found)


def _nouns(text: str, start: int, end: int) -> set[str]:
    """The nouns that a number may count: one of the two words after it, or the sign before it."""
    after = _AFTER.match(text, end)
    nouns = {_SPEEDS.get(word, noun(word)) for word in after.groups() if word} if after else set()
    sign = text[start - 1 : start] if start else ""
    return nouns | ({_SIGNS[sign]} if sign in _SIGNS else set())


def _declared(program: t.Program, symbols: Symbols) -> Iterator[tuple[Fraction, frozenset[str], t.Node]]:
    """Each literal to which the program gives a unit: (value, the nouns of the unit, where)."""
    for s in program.statements:
        for node in t.walk(s):
            if isinstance(node, t.Number) and node.unit:
                yield node.value, _words(node.unit), s
            elif isinstance(node, t.Compare):
                for left, _, right in node.pairs():
                    for side, other in ((left, right), (right, left)):
                        type_ = _type_of(side, symbols)
                        if isinstance(other, t.Number) and not other.unit and type_ and _words(type_):
                            yield other.value, _words(type_), s
        match s:
            case t.Let(type=t.Unit() as unit, value=t.Number(unit=None, value=value)) if _words(unit):
                yield value, _words(unit), s


def _type_of(e: t.Expr, symbols: Symbols) -> t.Unit | None:
    name = e.id if isinstance(e, t.Name) else e.function if isinstance(e, t.Call) else ""
    symbol = symbols.get(name)
    type_ = symbol.type if isinstance(symbol, Unknown | Function | GraphSymbol) else None
    return type_ if isinstance(type_, t.Unit) else None


def _words(unit: t.Unit) -> frozenset[str]:
    words = frozenset(noun(word) for word, _ in unit.factors)
    return frozenset() if words & _PLAIN else words
