"""Graph questions about ways through a graph: distance, path, connected, cyclic, order, longest, tour.

Each function finds its answer by one method and shows it by another: a shortest path by potentials, an order by
its edges, a tour by a search for a shorter one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
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
    closed,
    reach,
    shown,
    text,
)

MAX_EXHAUSTIVE = 12
"""Nodes up to which tours, and longest paths where there are cycles, are found."""
MAX_VISITS = 200_000
"""Steps of the search that shows a tour or path to be the best; past them the answer stands without that."""


def distance(net: Network, a: Node, b: Node) -> Finding:
    """The length of a shortest path, `oo` where there is none."""
    potentials = _potentials(net, a, b)
    if potentials is None:
        return Finding(INFINITE, (_no_path(net, a, b),))
    path = _tight_path(net, potentials, a, b)
    return Finding(net.amount(potentials[b]), _shortest_evidence(net, potentials, path))


def path(net: Network, a: Node, b: Node) -> Finding:
    """The only shortest path, `[]` where there is none."""
    potentials = _potentials(net, a, b)
    if potentials is None:
        return Finding((), (_no_path(net, a, b),))
    found = _tight_path(net, potentials, a, b)
    for arc in pairwise(found):  # another path must do without one of these arcs
        other = _tight_path(net, potentials, a, b, without=arc)
        if other:
            raise _several(f"path({net.name}, {text(a)}, {text(b)})", found, other)
    evidence = _shortest_evidence(net, potentials, found)
    return Finding(tuple(found), (*evidence, shown("uniqueness", True, path=found)))


def _potentials(net: Network, a: Node, b: Node) -> Mapping[Node, int] | None:
    """The distance from `a` to each node on a walk to `b` (Bellman–Ford); None where `b` is out of reach."""
    useful = _leading_to(net, b)
    if a not in useful:
        return None
    useful &= reach(net.arcs, a)
    arcs = {(u, v): w for (u, v), w in net.arcs.items() if u in useful and v in useful}
    if not net.directed and any(w < 0 for w in arcs.values()):
        raise Unsupported(f"a path in the undirected graph {net.name} with a negative weight")
    graph: Any = nx.DiGraph()
    graph.add_node(a)
    graph.add_weighted_edges_from((u, v, w) for (u, v), w in arcs.items() if u != v)
    loop = next((u for (u, v), w in arcs.items() if u == v and w < 0), None)
    try:
        found = nx.single_source_bellman_ford_path_length(graph, a)
    except nx.NetworkXUnbounded:
        raise _unbounded(net, a, b, _negative_cycle(graph, a)) from None
    if loop is not None:
        raise _unbounded(net, a, b, [loop, loop])
    return {node: int(length) for node, length in found.items()}


def _negative_cycle(graph: Any, a: Node) -> list[Node]:
    """A cycle of negative weight that `a` reaches, where there is one, its first node repeated at the end.

    A node that n rounds of Bellman and Ford's relaxation still improve has one behind it (Cormen et al., "Introduction
    to Algorithms", section 24.1). NetworkX's `find_negative_cycle` may return a cycle of weight 0 instead.
    """
    distance: dict[Node, int] = {a: 0}
    before: dict[Node, Node] = {}
    improved = a
    for _ in range(len(graph)):
        for u, v, w in graph.edges(data="weight"):
            if u in distance and distance[u] + w < distance.get(v, distance[u] + w + 1):
                distance[v], before[v], improved = distance[u] + w, u, v
    for _ in range(len(graph)):
        improved = before[improved]
    cycle = [improved]
    while len(cycle) == 1 or cycle[-1] != improved:
        cycle.append(before[cycle[-1]])
    return cycle[::-1]


def _leading_to(net: Network, b: Node) -> set[Node]:
    return reach(((v, u) for u, v in net.arcs), b)


def _unbounded(net: Network, a: Node, b: Node, cycle: Sequence[Node]) -> NoSingleValue:
    """There is a cycle of negative weight on the way: two walks show that shorter ones go on for ever."""
    there = nx.shortest_path(net.nx, a, cycle[0])
    onward = nx.shortest_path(net.nx, cycle[0], b)
    walks = [[*there, *rounds * list(cycle[1:]), *onward[1:]] for rounds in (1, 2)]
    question = f"distance({net.name}, {text(a)}, {text(b)})"
    lengths = [net.length(w) or 0 for w in walks]
    evidence = shown("witnesses", lengths[1] < lengths[0], cycle=tuple(cycle), walks=walks)
    message = f"{question} is unbounded: going round {text(tuple(cycle))} makes any path shorter"
    witnesses = tuple({question: text(net.amount(length))} for length in lengths)
    return NoSingleValue(
        Outcome(Status.UNDERDETERMINED, message=message, witnesses=witnesses, evidence=(evidence,), solver="graph")
    )


def _several(question: str, one: Sequence[Node], other: Sequence[Node]) -> NoSingleValue:
    witnesses = ({question: text(tuple(one))}, {question: text(tuple(other))})
    message = f"{question} is not unique: {witnesses[0][question]} and {witnesses[1][question]}"
    return NoSingleValue(Outcome(Status.UNDERDETERMINED, message=message, witnesses=witnesses, solver="graph"))


def _tight_path(
    net: Network, potentials: Mapping[Node, int], a: Node, b: Node, without: Arc | None = None
) -> list[Node]:
    """A path along arcs as long as the difference of their potentials, which makes it a shortest; [] for none."""
    heads: dict[Node, list[Node]] = {}
    for (u, v), w in net.arcs.items():
        if u in potentials and potentials.get(v) == potentials[u] + w and (u, v) != without:
            heads.setdefault(u, []).append(v)
    came_from: dict[Node, Node | None] = {a: None}
    todo = [a]
    for u in todo:
        for v in heads.get(u, ()):
            if v not in came_from:
                came_from[v] = u
                todo.append(v)
    if b not in came_from:
        return []
    found: list[Node] = []
    at: Node | None = b
    while at is not None:
        found.append(at)
        at = came_from[at]
    return found[::-1]


def _shortest_evidence(net: Network, potentials: Mapping[Node, int], found: Sequence[Node]) -> tuple[Evidence, ...]:
    """The path adds up, and by the potentials (linear programming's dual) no path is shorter."""
    useful, length = _leading_to(net, found[-1]), net.length(found)
    feasible = all(
        potentials[v] <= potentials[u] + w if v in potentials else v not in useful
        for (u, v), w in net.arcs.items()
        if u in potentials
    )
    tight = potentials[found[0]] == 0 and potentials[found[-1]] == length
    scaled = {n: net.amount(p) for n, p in potentials.items()}
    walk = tuple(found)
    return (
        shown("evaluation", length is not None, path=walk, length=net.amount(length or 0)),
        shown("bound", feasible and tight, potentials=scaled),
    )


def _no_path(net: Network, a: Node, b: Node) -> Evidence:
    found = reach(net.arcs, a)
    return shown("bound", a in found and b not in found and closed(found, net.arcs), reachable=found)


def connected(net: Network, a: Node | None = None, b: Node | None = None) -> Finding:
    """Whether every node is joined to every other, whatever the edges' directions; or whether a path leads a → b."""
    if a is None:
        parts = Parts(net.nodes)
        for u, v in net.edges:
            parts.join(u, v)
        whole = len(reach([*net.edges, *((v, u) for u, v in net.edges)], net.nodes[0])) == len(net.nodes)
        return Finding(whole, (shown("evaluation", whole == (parts.count == 1), components=parts.count),))
    if b is None:
        raise Unsupported("connected of one node; it takes the graph alone, or two nodes")
    if not nx.has_path(net.nx, a, b):
        return Finding(False, (_no_path(net, a, b),))
    found = nx.shortest_path(net.nx, a, b)
    good = found[0] == a and found[-1] == b and net.length(found) is not None
    return Finding(True, (shown("evaluation", good, path=tuple(found)),))


# --- cycles and orders ------------------------------------------------------------------------------------------


def cyclic(net: Network) -> Finding:
    """Whether there is a cycle, which goes along the edges' directions and uses no edge twice."""
    cycle = _cycle(net)
    if cycle is not None:
        edges = {arc if net.directed else frozenset(arc) for arc in pairwise(cycle)}
        good = cycle[0] == cycle[-1] and net.length(cycle) is not None and len(edges) == len(cycle) - 1
        return Finding(True, (shown("evaluation", good, cycle=tuple(cycle)),))
    if net.directed:
        found = list(nx.topological_sort(net.nx))
        return Finding(False, (shown("bound", _respects(net, found), order=tuple(found)),))
    parts = Parts(net.nodes)
    forest = all(parts.join(u, v) for u, v in net.edges)
    return Finding(False, (shown("bound", forest, trees=parts.count),))


def _cycle(net: Network) -> list[Node] | None:
    try:
        arcs = list(nx.find_cycle(net.nx))
    except nx.NetworkXNoCycle:
        return None
    return [arcs[0][0], *(head for _, head in arcs)]


def _respects(net: Network, found: Sequence[Node]) -> bool:
    place = {node: i for i, node in enumerate(found)}
    return sorted(place, key=repr) == sorted(net.nodes, key=repr) and all(place[u] < place[v] for u, v in net.edges)


def order(net: Network) -> Finding:
    """The only order of all nodes in which each edge's tail comes before its head."""
    if not net.directed:
        raise Unsupported(f"order of {net.name}, whose edges have no direction (declare it by digraph)")
    cycle = _cycle(net)
    if cycle is not None:
        core = tuple(sorted({net.lines[arc] for arc in pairwise(cycle) if arc in net.lines}))
        evidence = shown("core", net.length(cycle) is not None, cycle=tuple(cycle))
        message = f"{net.name} has no order: it goes round {text(tuple(cycle))}"
        raise NoSingleValue(
            Outcome(Status.CONTRADICTORY, message=message, core=core, evidence=(evidence,), solver="graph")
        )
    found: list[Node] = list(nx.topological_sort(net.nx))
    for i, pair in enumerate(pairwise(found)):
        if pair not in net.edges:  # nothing says which of two neighbours comes first
            raise _several(f"order({net.name})", found, [*found[:i], pair[1], pair[0], *found[i + 2 :]])
    good = _respects(net, found)
    stated = all(pair in net.edges for pair in pairwise(found))
    return Finding(
        tuple(found), (shown("evaluation", good, order=tuple(found)), shown("uniqueness", stated, order=tuple(found)))
    )


# --- the heaviest path and the lightest round trip --------------------------------------------------------------


def longest(net: Network) -> Finding:
    """The weight of a heaviest path without repeated nodes; a node alone is a path of weight 0."""
    if _cycle(net) is not None:
        return _longest_of_few(net)
    if net.directed:
        found = nx.dag_longest_path(net.nx)
        above: dict[Node, int] = dict.fromkeys(net.nodes, 0)  # the weight of the heaviest path that ends in each
        for u in nx.topological_sort(net.nx):
            for v in net.nx.successors(u):
                above[v] = max(above[v], above[u] + net.arcs[u, v])
        feasible = all(above[u] + w <= above[v] for (u, v), w in net.arcs.items()) and min(above.values()) >= 0
        most = max(above.values())
    else:
        found = _longest_in_forest(net)
        most = _most_in_forest(net)
        feasible = True
    weight = net.length(found) or 0
    evidence = (
        shown("evaluation", net.length(found) is not None and len(set(found)) == len(found), path=tuple(found)),
        shown("bound", feasible and weight == most, most=net.amount(most)),
    )
    return Finding(net.amount(weight), evidence)


def _longest_in_forest(net: Network) -> list[Node]:
    """Walk out from every node; in a forest each walk is the only one to where it ends."""
    best, most = [net.nodes[0]], 0
    for start in net.nodes:
        came_from: dict[Node, Node] = {}
        weight, todo = {start: 0}, [start]
        for u in todo:
            for v in net.neighbours[u]:
                if v not in weight:
                    weight[v] = weight[u] + net.arcs[u, v]
                    came_from[v] = u
                    todo.append(v)
        end = max(todo, key=lambda n: weight[n])
        if weight[end] > most:
            most, best = weight[end], [end]
            while best[-1] != start:
                best.append(came_from[best[-1]])
    return best


def _most_in_forest(net: Network) -> int:
    """The same weight from the leaves upward: at each node the two heaviest branches meet."""
    most, seen = 0, set[Node]()
    for root in net.nodes:
        if root in seen:
            continue
        above: dict[Node, Node | None] = {root: None}
        todo = [root]
        for u in todo:
            fresh = [v for v in net.neighbours[u] if v != above[u]]
            above.update(dict.fromkeys(fresh, u))
            todo += fresh
        seen.update(todo)
        branches: dict[Node, list[int]] = {u: [0, 0] for u in todo}
        for u in reversed(todo):
            two = sorted(branches[u])[-2:]
            most = max(most, sum(two))
            parent = above[u]
            if parent is not None:
                branches[parent].append(two[-1] + net.arcs[u, parent])
    return most


def _longest_of_few(net: Network) -> Finding:
    if len(net.nodes) > MAX_EXHAUSTIVE:
        raise Unsupported(f"longest of a graph with a cycle and more than {MAX_EXHAUSTIVE} nodes")
    lighter = {arc: -w for arc, w in net.arcs.items()}
    best = _best_walk(net.nodes, lighter, closing=False)
    assert best is not None  # a node alone is a path
    weight, found = -best[0], best[1]
    adds_up = net.length(found) == weight and len(set(found)) == len(found)
    evidence = (shown("evaluation", adds_up, path=tuple(found)), *_none_better(net, lighter, -weight, closing=False))
    return Finding(net.amount(weight), evidence)


def tour(net: Network) -> Finding:
    """The length of a shortest round trip that visits every node once, `oo` where there is none."""
    if len(net.nodes) > MAX_EXHAUSTIVE:
        raise Unsupported(f"a tour of more than {MAX_EXHAUSTIVE} nodes")
    best = _best_walk(net.nodes, net.arcs, closing=True)
    bound = _none_better(net, net.arcs, None if best is None else best[0], closing=True)
    if best is None:
        return Finding(INFINITE, bound)
    weight, found = best
    visits_all = sorted(map(repr, found[:-1] or found)) == sorted(map(repr, net.nodes)) and found[0] == found[-1]
    adds_up = visits_all and net.length(found) == weight
    return Finding(net.amount(weight), (shown("evaluation", adds_up, tour=tuple(found)), *bound))


def _best_walk(nodes: Sequence[Node], arcs: Mapping[Arc, int], *, closing: bool) -> tuple[int, list[Node]] | None:
    """The lightest path over some of the nodes, or (closing) round trip over all (Held and Karp 1962)."""
    if len(nodes) == 1:
        return 0, [nodes[0]]
    n = len(nodes)
    weight = [[arcs.get((u, v)) for v in nodes] for u in nodes]
    best: dict[tuple[int, int], tuple[int, int]] = {(1 << i, i): (0, -1) for i in range(1 if closing else n)}
    for visited in range(1, 1 << n):
        for last in range(n):
            if (visited, last) not in best:
                continue
            so_far = best[visited, last][0]
            for to in range(n):
                step = weight[last][to]
                key = (visited | 1 << to, to)
                if step is None or visited >> to & 1:
                    continue
                if key not in best or so_far + step < best[key][0]:
                    best[key] = (so_far + step, last)
    everything = (1 << n) - 1
    ends: list[tuple[int, int, int]] = []  # weight, visited, last
    for (visited, last), (total, _) in best.items():
        home = weight[last][0]
        if not closing:
            ends.append((total, visited, last))
        elif visited == everything and home is not None:
            ends.append((total + home, visited, last))
    if not ends:
        return None
    total, visited, last = min(ends)
    found = [nodes[0]] if closing else []
    while last >= 0:
        found.append(nodes[last])
        visited, last = visited & ~(1 << last), best[visited, last][1]
    return total, found[::-1]


class _OverBudget(Exception):
    pass


def _none_better(net: Network, arcs: Mapping[Arc, int], value: int | None, *, closing: bool) -> tuple[Evidence, ...]:
    """Evidence, by depth-first search with a bound, that no walk is lighter than `value` (None: that there is none).

    Empty where the search would take too long.
    """
    try:
        holds = not _lighter_walk(net.nodes, arcs, value, closing=closing)
    except _OverBudget:
        return ()
    return (shown("bound", holds, method="exhaustive search"),)


def _lighter_walk(nodes: Sequence[Node], arcs: Mapping[Arc, int], value: int | None, *, closing: bool) -> bool:
    """Whether some walk is lighter than `value`. Raises _OverBudget."""
    entering = {v: [w for (x, y), w in arcs.items() if y == v and x != v] for v in nodes}
    if closing and not all(entering.values()):
        return len(nodes) == 1 and value is not None and value > 0
    cheapest = {v: min(ws) if closing else min([0, *ws]) for v, ws in entering.items()}
    visits = 0

    def search(last: Node, start: Node, left: frozenset[Node], cost: int) -> bool:
        nonlocal visits
        visits += 1
        if visits > MAX_VISITS:
            raise _OverBudget
        total = cost + arcs[last, start] if closing and not left and (last, start) in arcs else cost
        if (not closing or (not left and (last, start) in arcs)) and (value is None or total < value):
            return True
        bound = cost + sum(cheapest[v] for v in left) + (cheapest[start] if closing else 0)
        if value is not None and bound >= value:
            return False
        return any(search(v, start, left - {v}, cost + arcs[last, v]) for v in left if (last, v) in arcs)

    everything = frozenset(nodes)
    return any(search(s, s, everything - {s}, 0) for s in (nodes[:1] if closing else nodes))
