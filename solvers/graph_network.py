"""The graph that a program states, as the answering functions read it, and the form of what they find.

Weights are integers, multiplied by the network's `scale`, so that every algorithm computes exactly.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

import networkx as nx

from neurosym.language.printer import show_expr
from neurosym.language.values import Value, term
from neurosym.outcome import Evidence, Outcome

Node: TypeAlias = Value
Arc: TypeAlias = tuple[Node, Node]

INFINITE = "oo"
"""The value of a least quantity that nothing attains: the distance to where no path leads."""


@dataclass(frozen=True)
class Network:
    """One declared graph.

    edges:  (tail, head) → weight · scale; 1 where the graph has no weights. An undirected edge is there once.
    lines:  the source line that states each edge, where it is known.
    """

    name: str
    nodes: tuple[Node, ...]
    edges: Mapping[Arc, int]
    directed: bool
    scale: int = 1
    lines: Mapping[Arc, int] = field(default_factory=dict)

    @cached_property
    def arcs(self) -> dict[Arc, int]:
        """Every direction in which an edge may be walked, with its weight."""
        return dict(self.edges) if self.directed else both_ways(self.edges)

    @cached_property
    def nx(self) -> Any:
        """The same as a NetworkX graph with the attribute `weight` on its edges."""
        graph: Any = nx.DiGraph() if self.directed else nx.Graph()
        graph.add_nodes_from(self.nodes)
        graph.add_weighted_edges_from((u, v, w) for (u, v), w in self.edges.items())
        return graph

    @cached_property
    def neighbours(self) -> dict[Node, set[Node]]:
        """The other nodes that share an edge with each, whatever its direction."""
        found: dict[Node, set[Node]] = {n: set() for n in self.nodes}
        for u, v in self.edges:
            if u != v:
                found[u].add(v)
                found[v].add(u)
        return found

    def amount(self, weight: int) -> Fraction:
        """A sum of weights in the program's own units."""
        return Fraction(weight, self.scale)

    def length(self, walk: Iterable[Node]) -> int | None:
        """The weight of a walk along its arcs; None where one of them is absent."""
        weights = [self.arcs.get(arc) for arc in pairwise(walk)]
        return None if None in weights else sum(w for w in weights if w is not None)


@dataclass(frozen=True)
class Finding:
    """The value of one graph question and what shows it."""

    value: Value
    evidence: tuple[Evidence, ...]


class NoSingleValue(Exception):
    """The question has no value, or several; carries the outcome that says so."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome.message)


def shown(kind: str, holds: bool, **data: Any) -> Evidence:
    """Evidence of this solver; nodes, weights and walks in `data` become text."""
    return Evidence(kind, "graph", holds, {key: _plain(value) for key, value in data.items()})


def text(value: Value) -> str:
    """A value as text of our language."""
    return show_expr(term(value))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {text(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(v) for v in (value if isinstance(value, list | tuple) else sorted(value, key=repr))]
    return value if isinstance(value, int) else text(value)


def both_ways(edges: Mapping[Arc, int]) -> dict[Arc, int]:
    """The edges and their reversals."""
    return dict(edges) | {(v, u): w for (u, v), w in edges.items()}


def reach(arcs: Iterable[Arc], start: Node) -> set[Node]:
    """The nodes that walks from `start` can come to, itself included."""
    heads: dict[Node, list[Node]] = {}
    for u, v in arcs:
        heads.setdefault(u, []).append(v)
    seen, todo = {start}, [start]
    while todo:
        for node in heads.get(todo.pop(), ()):
            if node not in seen:
                seen.add(node)
                todo.append(node)
    return seen


def closed(found: Collection[Node], arcs: Iterable[Arc]) -> bool:
    """Whether no arc leaves the set."""
    return all(v in found for u, v in arcs if u in found)


class Parts:
    """Disjoint sets that grow together (union-find): the second opinion on what is connected."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.parent = {n: n for n in nodes}
        self.count = len(self.parent)

    def find(self, node: Node) -> Node:
        """The representative of the node's part."""
        while self.parent[node] != node:
            self.parent[node] = self.parent[self.parent[node]]
            node = self.parent[node]
        return node

    def join(self, a: Node, b: Node) -> bool:
        """Make one part of two; False where they are one already."""
        a, b = self.find(a), self.find(b)
        if a == b:
            return False
        self.parent[a] = b
        self.count -= 1
        return True
