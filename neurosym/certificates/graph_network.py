"""A stated graph and what a certificate says of it, read without any graph library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.read import read_expression
from neurosym.language.symbols import Symbols
from neurosym.language.values import Undefined, Value

INFINITE = "oo"

Node = Value
Arc = tuple[Node, Node]


class Wrong(Exception):
    """Something said of a graph is false; `str` says what."""


class Unknown(Exception):
    """It cannot be told from what the certificate says; `str` says why."""


@dataclass
class Graph:
    """Nodes and edges, an undirected edge once; weights are 1 where there are none."""

    nodes: tuple[Node, ...]
    directed: bool
    weighted: bool
    edges: dict[Arc, Fraction] = field(default_factory=dict)

    @property
    def arcs(self) -> dict[Arc, Fraction]:
        """Each direction in which an edge may be walked."""
        if self.directed:
            return self.edges
        return self.edges | {(v, u): w for (u, v), w in self.edges.items()}

    @property
    def both(self) -> set[Arc]:
        """The edges in both directions, whatever theirs."""
        return set(self.edges) | {(v, u) for u, v in self.edges}

    def length(self, walk: Sequence[Node]) -> Fraction:
        """The weight of a walk. Raises Wrong where it leaves the graph."""
        arcs, total = self.arcs, Fraction(0)
        for arc in pairwise(walk):
            if arc not in arcs:
                raise Wrong(f"there is no edge from {arc[0]} to {arc[1]}")
            total += arcs[arc]
        if not walk or any(n not in self.nodes for n in walk):
            raise Wrong("a walk goes over nodes of the graph")
        return total

    def table(self) -> Mapping[tuple[Value, ...], Value]:
        """The graph as a function of two nodes."""
        return {arc: w if self.weighted else True for arc, w in self.arcs.items()}


def reached(arcs: Iterable[Arc], start: Iterable[Node]) -> set[Node]:
    """The nodes that arcs lead to from any start, those included."""
    heads: dict[Node, list[Node]] = {}
    for u, v in arcs:
        heads.setdefault(u, []).append(v)
    seen = set(start)
    todo = list(seen)
    while todo:
        fresh = set(heads.get(todo.pop(), ())) - seen
        seen |= fresh
        todo += fresh
    return seen


def parts(nodes: Iterable[Node], arcs: Iterable[Arc]) -> list[set[Node]]:
    """The connected parts of a set of nodes along `arcs`, which run both ways."""
    left, found = set(nodes), list[set[Node]]()
    inside = [a for a in arcs if a[0] in left and a[1] in left]
    while left:
        part = reached(inside, [next(iter(left))])
        found.append(part)
        left -= part
    return found


class Data:
    """What a certificate says of one question: text and numbers, read as values."""

    def __init__(self, said: Mapping[str, Any], names: Interpretation) -> None:
        self.said, self.names = said, names

    def __contains__(self, key: str) -> bool:
        return key in self.said

    def value(self, text: object) -> Value:
        """A text or a number as a value. Raises Wrong where it is none."""
        if isinstance(text, int) and not isinstance(text, bool):
            return Fraction(text)
        if not isinstance(text, str):
            raise Wrong("a value is a text or a number")
        if text == INFINITE:
            return INFINITE
        try:
            return evaluate(read_expression(text), Symbols(), self.names)
        except (Undefined, ValueError) as error:
            raise Wrong(f"{text!r} is no value: {error}") from None

    def one(self, key: str) -> Value:
        """The value under a key; here and below Wrong is raised where there is none."""
        if key not in self.said:
            raise Wrong(f"the certificate does not say its {key}")
        return self.value(self.said[key])

    def number(self, key: str) -> Fraction:
        """The value under a key, a number."""
        return number(self.one(key))

    def many(self, key: str) -> list[Value]:
        """A list of values, or the text of one."""
        given = self.said.get(key)
        if given is None:
            raise Wrong(f"the certificate does not say its {key}")
        if isinstance(given, str):
            found = self.value(given)
            return list(found) if isinstance(found, tuple) else [found]
        return [self.value(x) for x in _sequence(given)]

    def rows(self, key: str) -> list[list[Value]]:
        """A list of lists."""
        if key not in self.said:
            raise Wrong(f"the certificate does not say its {key}")
        return [[self.value(x) for x in _sequence(row)] for row in _sequence(self.said[key])]

    def mapping(self, key: str) -> dict[Value, Fraction]:
        """Numbers by node."""
        given = self.said.get(key)
        if not isinstance(given, Mapping):
            raise Wrong(f"the certificate does not say its {key}")
        return {self.value(k): number(self.value(v)) for k, v in given.items()}


def _sequence(given: object) -> Sequence[Any]:
    if not isinstance(given, list):
        raise Wrong("a list is expected")
    return given


def number(value: Value) -> Fraction:
    """A value as a number. Raises Wrong where it is none."""
    if not isinstance(value, Fraction):
        raise Wrong("a number is expected")
    return value


def need(holds: bool, otherwise: str) -> None:
    """Raise Wrong with that reason unless it holds."""
    if not holds:
        raise Wrong(otherwise)
