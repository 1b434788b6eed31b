"""Graph questions about the whole: components, degree, flow, colors, matching, spanning.

Each answer that is a least or a greatest number comes with what bounds it from the other side: a cut, a clique, a
set of nodes whose removal leaves many odd parts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from itertools import combinations
from typing import Any

import networkx as nx

from neurosym.outcome import Evidence, Outcome, Status
from neurosym.solvers.base import Unsupported
from neurosym.solvers.graph_network import (
    INFINITE,
    Arc,
    Finding,
    Network,
    Node,
    NoSingleValue,
    Parts,
    both_ways,
    closed,
    reach,
    shown,
)

MAX_COLORED = 40
MAX_MATCHED = 100
MAX_STEPS = 200_000
"""Steps of the search for a colouring, and of the proof that one colour less is too few."""


def components(net: Network) -> Finding:
    """How many parts there are, whatever the edges' directions."""
    found = list(nx.connected_components(net.nx.to_undirected(as_view=True)))
    parts = Parts(net.nodes)
    for u, v in net.edges:
        parts.join(u, v)
    return Finding(Fraction(len(found)), (shown("evaluation", parts.count == len(found), components=found),))


def degree(net: Network, node: Node) -> Finding:
    """How many edges meet a node, in or out; an edge from a node to itself meets it twice."""
    ends = [end for arc in net.edges for end in arc if end == node]
    return Finding(Fraction(len(ends)), (shown("evaluation", net.nx.degree(node) == len(ends), degree=len(ends)),))


# --- flow -------------------------------------------------------------------------------------------------------


def flow(net: Network, a: Node, b: Node) -> Finding:
    """The greatest flow from `a` to `b`; an undirected edge carries its capacity either way."""
    if a == b:
        raise Unsupported("the flow from a node to itself")
    if any(w < 0 for w in net.edges.values()):
        raise Unsupported("a flow through edges of negative capacity")
    capacity = {(u, v): w for (u, v), w in net.arcs.items() if u != v}
    graph: Any = nx.DiGraph()
    graph.add_nodes_from(net.nodes)
    graph.add_edges_from((u, v, {"capacity": w}) for (u, v), w in capacity.items())
    found, by_tail = nx.maximum_flow(graph, a, b)
    value = int(found)
    carried = {(u, v): f for u, heads in by_tail.items() for v, f in heads.items() if f}
    return Finding(net.amount(value), _flow_evidence(net, capacity, carried, a, b, value))


def _flow_evidence(
    net: Network, capacity: Mapping[Arc, int], carried: Mapping[Arc, int], a: Node, b: Node, value: int
) -> tuple[Evidence, ...]:
    """The flow obeys capacities and conservation, and a cut of the same capacity lets no more through."""
    surplus = dict.fromkeys(net.nodes, 0)
    for (u, v), f in carried.items():
        surplus[u] -= f
        surplus[v] += f
    obeys = all(0 <= f <= capacity.get(arc, 0) for arc, f in carried.items())
    expected = dict.fromkeys(net.nodes, 0) | {a: -value, b: value}
    residual = [arc for arc, c in capacity.items() if carried.get(arc, 0) < c] + [(v, u) for u, v in carried]
    side = reach(residual, a)
    through = sum(c for (u, v), c in capacity.items() if u in side and v not in side)
    flows = [[u, v, net.amount(f)] for (u, v), f in carried.items()]
    return (
        shown("evaluation", obeys and surplus == expected, flow=flows),
        shown("bound", b not in side and through == value, cut=side, capacity=net.amount(through)),
    )


# --- spanning tree ----------------------------------------------------------------------------------------------


def spanning(net: Network) -> Finding:
    """The least weight of a tree that joins all nodes, `oo` where none does."""
    if net.directed:
        raise Unsupported(f"a spanning tree of {net.name}, whose edges have a direction (declare it by graph)")
    tree = {(u, v): net.arcs[u, v] for u, v in nx.minimum_spanning_edges(net.nx, data=False)}
    if len(tree) < len(net.nodes) - 1:
        part = reach(net.arcs, net.nodes[0])
        return Finding(INFINITE, (shown("bound", closed(part, net.arcs) and len(part) < len(net.nodes), part=part),))
    total = sum(tree.values())
    joins = Parts(net.nodes)
    is_tree = all(joins.join(u, v) for u, v in tree) and joins.count == 1
    edges = [[u, v, net.amount(w)] for (u, v), w in tree.items()]
    return Finding(
        net.amount(total),
        (
            shown("evaluation", is_tree and tree.keys() <= net.arcs.keys(), tree=edges, weight=net.amount(total)),
            shown(
                "bound", is_tree and _no_lighter_swap(net, tree), method="every other edge is the heaviest of its cycle"
            ),
        ),
    )


def _no_lighter_swap(net: Network, tree: Mapping[Arc, int]) -> bool:
    """Whether each edge outside the tree weighs at least as much as every tree edge on the cycle that it closes."""
    beside: dict[Node, list[tuple[Node, int]]] = {n: [] for n in net.nodes}
    for (u, v), w in both_ways(tree).items():
        beside[u].append((v, w))
    others: dict[Node, list[tuple[Node, int]]] = {}
    for (u, v), w in net.edges.items():
        if u != v and (u, v) not in tree and (v, u) not in tree:
            others.setdefault(u, []).append((v, w))
    for start, edges in others.items():
        heaviest: dict[Node, float] = {start: -math.inf}  # of the tree's path from the start to each node
        todo = [start]
        for u in todo:
            for v, w in beside[u]:
                if v not in heaviest:
                    heaviest[v] = max(heaviest[u], w)
                    todo.append(v)
        if any(w < heaviest[v] for v, w in edges):
            return False
    return True


# --- matching ---------------------------------------------------------------------------------------------------


def matching(net: Network) -> Finding:
    """The greatest number of edges that share no node, whatever their directions."""
    if len(net.nodes) > MAX_MATCHED:
        raise Unsupported(f"a matching among more than {MAX_MATCHED} nodes")
    graph: Any = nx.Graph()
    graph.add_nodes_from(net.nodes)
    graph.add_edges_from((u, v) for u, v in net.edges if u != v)
    found = nx.max_weight_matching(graph, maxcardinality=True, weight=None)
    ends = [end for arc in found for end in arc]
    good = len(set(ends)) == len(ends) and all(v in net.neighbours[u] for u, v in found)
    barrier = _barrier(graph, len(found))
    odd = sum(len(part) % 2 for part in nx.connected_components(graph.subgraph(set(net.nodes) - barrier)))
    most = (
        len(net.nodes) + len(barrier) - odd
    ) // 2  # the Tutte–Berge formula: each odd part needs a node of the barrier
    pairs = sorted(found, key=repr)
    return Finding(
        Fraction(len(found)),
        (shown("evaluation", good, pairs=pairs), shown("bound", most == len(found), barrier=barrier)),
    )


def _barrier(graph: Any, size: int) -> set[Node]:
    """The nodes beside, but not among, those that some greatest matching misses (Gallai and Edmonds)."""
    missed = {
        node
        for node in graph
        if len(nx.max_weight_matching(graph.subgraph(set(graph) - {node}), maxcardinality=True, weight=None)) == size
    }
    return {v for u in missed for v in graph[u]} - missed


# --- colouring --------------------------------------------------------------------------------------------------


def colors(net: Network) -> Finding:
    """The least number of colours with which no edge joins nodes of one colour, `oo` where a node joins itself."""
    loop = next((u for u, v in net.edges if u == v), None)
    if loop is not None:
        return Finding(INFINITE, (shown("bound", True, loop=[loop, loop]),))
    if len(net.nodes) > MAX_COLORED:
        raise Unsupported(f"colouring more than {MAX_COLORED} nodes")
    clique = _clique(net)
    number = len(clique)
    while (coloring := _coloring(net, number)) is None:
        number += 1
    proper = set(coloring) == set(net.nodes) and all(coloring[u] != coloring[v] for u, v in net.edges)
    used = len(set(coloring.values()))
    evidence = shown("evaluation", proper and used <= number, coloring=coloring)
    if number == len(clique):
        joined = all(v in net.neighbours[u] for u, v in combinations(clique, 2))
        bound = shown("bound", joined, clique=clique)
    else:
        bound = shown("bound", not _colorable(net, number - 1), method="exhaustive search")
    return Finding(Fraction(number), (evidence, bound))


def _clique(net: Network) -> list[Node]:
    """Nodes that are all joined: the largest of those grown greedily from each node."""
    best: list[Node] = []
    for start in net.nodes:
        clique, candidates = [start], net.neighbours[start]
        while candidates:
            common = candidates
            node = max(sorted(candidates, key=repr), key=lambda n: len(net.neighbours[n] & common))
            clique.append(node)
            candidates = candidates & net.neighbours[node]
        best = max(best, clique, key=len)
    return best


class _Steps:
    """Counts down; raises the outcome `gave_up` when a search has taken too long."""

    def __init__(self) -> None:
        self.left = MAX_STEPS

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            message = f"graph: the least number of colours was not found within {MAX_STEPS} steps"
            raise NoSingleValue(Outcome(Status.GAVE_UP, message=message, solver="graph"))


def _coloring(net: Network, number: int) -> dict[Node, int] | None:
    """A colouring with so many colours, the most constrained node first (DSATUR, Brélaz 1979)."""
    steps, chosen = _Steps(), dict[Node, int]()

    def extend() -> bool:
        steps.take()
        rest = [n for n in net.nodes if n not in chosen]
        if not rest:
            return True
        taken = {n: {chosen[m] for m in net.neighbours[n] if m in chosen} for n in rest}
        node = max(rest, key=lambda n: (len(taken[n]), len(net.neighbours[n])))
        fresh = len(set(chosen.values()))  # colours are alike, so the first unused one stands for all
        for color in range(min(fresh + 1, number)):
            if color not in taken[node]:
                chosen[node] = color
                if extend():
                    return True
                del chosen[node]
        return False

    return chosen if extend() else None


def _colorable(net: Network, number: int) -> bool:
    """The same question by taking away maximal independent sets, one for each colour."""
    steps = _Steps()

    @cache
    def possible(rest: frozenset[Node], colors_left: int) -> bool:
        if not rest or not colors_left:
            return not rest
        node = max(rest, key=lambda n: (len(net.neighbours[n] & rest), repr(n)))
        return any(possible(rest - alike, colors_left - 1) for alike in _independent(rest, node))

    def _independent(rest: frozenset[Node], node: Node) -> list[frozenset[Node]]:
        """The maximal independent subsets of `rest` that contain `node`."""
        found: list[frozenset[Node]] = []

        def grow(inside: frozenset[Node], open_: frozenset[Node], done: frozenset[Node]) -> None:
            steps.take()
            if not open_:
                if not done:
                    found.append(inside)
                return
            pivot = min(open_ | done, key=lambda n: (len(open_ & net.neighbours[n]), repr(n)))
            for n in sorted(open_ & (net.neighbours[pivot] | {pivot}), key=repr):
                apart = net.neighbours[n] | {n}
                grow(inside | {n}, open_ - apart, done - apart)
                open_, done = open_ - {n}, done | {n}

        grow(frozenset({node}), rest - net.neighbours[node] - {node}, frozenset())
        return found

    return possible(frozenset(net.nodes), number)
