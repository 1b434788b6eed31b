"""What a certificate says of graph questions, checked by its duals, or where it has none by a search of our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from neurosym.certificates.graph_network import (
    INFINITE,
    Data,
    Graph,
    Node,
    Unknown,
    need,
    number,
    parts,
    reached,
)
from neurosym.language.values import Value

MAX_VISITS = 200_000
"""Steps of a search that shows that nothing is better."""


def distance(g: Graph, args: Sequence[Node], value: Value, data: Data) -> None:
    """The walk is as long as said, and by the potentials none is shorter; or none leaves what is reached."""
    a, b = args
    if value in (INFINITE, ()):
        _unreachable(g, a, b, data)
        return
    walk = data.many("path")
    need(walk[0] == a and walk[-1] == b, "the path has other ends")
    length = g.length(walk)
    need(length == data.number("length"), "the path is not as long as said")
    need(isinstance(value, tuple) or value == length, "the distance is not the length of the path")
    _shortest(g, a, b, length, data.mapping("potentials"))


def _shortest(g: Graph, a: Node, b: Node, length: Fraction, potentials: Mapping[Value, Fraction]) -> None:
    """No arc that may be of use is shorter than its potentials differ (the dual of the shortest path)."""
    useful = reached(((v, u) for u, v in g.arcs), [b])
    need(
        potentials.get(a) == 0 and potentials.get(b) == length, "the potentials of the ends do not differ by the length"
    )
    for (u, v), w in g.arcs.items():
        if u in potentials and v in useful:
            need(v in potentials and potentials[v] <= potentials[u] + w, f"the potentials forbid the edge {u} to {v}")


def _unreachable(g: Graph, a: Node, b: Node, data: Data) -> None:
    found = set(data.many("reachable"))
    need(a in found and b not in found, "what is reached does not part the two nodes")
    need(all(v in found for u, v in g.arcs if u in found), "more can be reached than is said")


def path(g: Graph, args: Sequence[Node], value: Value, data: Data) -> None:
    """A shortest path, and none as short goes without one of its arcs."""
    distance(g, args, value, data)
    if value == ():
        return
    need(value == tuple(data.many("path")), "the path is another than the one shown")
    p = data.mapping("potentials")
    tight = {(u, v) for (u, v), w in g.arcs.items() if u in p and p.get(v) == p[u] + w}
    assert isinstance(value, tuple)
    for arc in pairwise(value):
        need(args[1] not in reached(tight - {arc}, [args[0]]), f"another path is as short without {arc[0]} to {arc[1]}")


def connected(g: Graph, args: Sequence[Node], value: Value, data: Data) -> None:
    """A path, or a closed set without the end; of the whole graph, its parts."""
    if len(args) < 2:
        count = len(parts(g.nodes, g.both))
        need((count == 1) is value and data.number("components") == count, f"it has {count} parts")
    elif value is True:
        walk = data.many("path")
        g.length(walk)
        need(walk[0] == args[0] and walk[-1] == args[1], "the path has other ends")
    else:
        _unreachable(g, args[0], args[1], data)


def components(g: Graph, args: Sequence[Node], value: Value, data: Data) -> None:
    """The parts, counted."""
    found = parts(g.nodes, g.both)
    need(value == len(found), f"it has {len(found)} parts")
    said = [frozenset(row) for row in data.rows("components")]
    need(len(said) == len(found) and set(said) == set(map(frozenset, found)), "the parts are others")


def degree(g: Graph, args: Sequence[Node], value: Value, data: Data) -> None:
    """The ends of edges, counted."""
    ends = sum((u == args[0]) + (v == args[0]) for u, v in g.edges)
    need(value == ends == data.number("degree"), f"{ends} edges meet it")


def flow(g: Graph, args: Sequence[Node], value: Value, data: Data) -> None:
    """The flow obeys capacity and conservation, and a cut lets no more through."""
    a, b = args
    capacity = {arc: w for arc, w in g.arcs.items() if arc[0] != arc[1]}
    surplus = dict.fromkeys(g.nodes, Fraction(0))
    for row in data.rows("flow"):
        u, v, carried = row[0], row[1], number(row[2])
        need(0 <= carried <= capacity.get((u, v), 0), f"more flows from {u} to {v} than can")
        surplus[u] -= carried
        surplus[v] += carried
    need(len({tuple(r[:2]) for r in data.rows("flow")}) == len(data.rows("flow")), "an edge flows twice")
    need(surplus.pop(b) == value and surplus.pop(a) == -number(value), "the flow at the ends is not the value")
    need(not any(surplus.values()), "some flow is lost on the way")
    side = set(data.many("cut"))
    through = sum((c for (u, v), c in capacity.items() if u in side and v not in side), Fraction(0))
    need(a in side and b not in side, "the cut does not part the two nodes")
    need(min(capacity.values(), default=Fraction(0)) >= 0, "a capacity is negative")
    need(through == value == data.number("capacity"), "the cut lets another amount through")


def spanning(g: Graph, args: Sequence[Node], value: Value, data: Data) -> None:
    """A tree, in which no edge outside it would save anything; or a part with no way out."""
    need(not g.directed, "the edges have a direction")
    if value == INFINITE:
        part = set(data.many("part"))
        need(0 < len(part & set(g.nodes)) < len(g.nodes), "the part is all or nothing")
        need(all((u in part) == (v in part) for u, v in g.edges), "an edge leaves the part")
        return
    tree = {(u, v): number(w) for u, v, w in (row for row in data.rows("tree") if len(row) == 3)}
    need(all(g.arcs.get(arc) == w for arc, w in tree.items()), "the tree has an edge that the graph has not")
    need(sum(tree.values()) == value == data.number("weight"), "the tree has another weight")
    joined = {frozenset(arc) for arc in tree}
    beside = {**tree, **{(v, u): w for (u, v), w in tree.items()}}
    spans = len(reached(beside, g.nodes[:1])) == len(g.nodes)
    need(spans and len(joined) == len(tree) == len(g.nodes) - 1, "it is no tree of all nodes")
    for (u, v), w in g.edges.items():
        lighter = [arc for arc, x in beside.items() if x <= w]
        need(u == v or v in reached(lighter, [u]), f"the edge {u} to {v} would make the tree lighter")


def matching(g: Graph, args: Sequence[Node], value: Value, data: Data) -> None:
    """Pairs that share no node, and a barrier that leaves too many odd parts for more (Tutte and Berge)."""
    pairs = data.rows("pairs")
    need(len(pairs) == value, "it has another number of pairs")
    need(all(len(p) == 2 and (p[0], p[1]) in g.both and p[0] != p[1] for p in pairs), "a pair is no edge")
    need(len({n for p in pairs for n in p}) == 2 * len(pairs), "a node is in two pairs")
    barrier = set(data.many("barrier")) & set(g.nodes)
    odd = sum(len(part) % 2 for part in parts(set(g.nodes) - barrier, g.both))
    need((len(g.nodes) + len(barrier) - odd) // 2 == value, "the barrier allows more pairs")


def colors(g: Graph, args: Sequence[Node], value: Value, data: Data) -> None:
    """A colouring, and a clique or a search that shows that one colour less is too few."""
    if value == INFINITE:
        loop = data.many("loop")
        need(len(loop) == 2 and loop[0] == loop[1] and tuple(loop) in g.edges, "no node is joined to itself")
        return
    coloring = data.mapping("coloring")
    need(set(coloring) == set(g.nodes), "not every node has a colour")
    need(all(coloring[u] != coloring[v] for u, v in g.edges), "an edge joins nodes of one colour")
    need(len(set(coloring.values())) == value, "it uses another number of colours")
    if "clique" in data:
        clique = data.many("clique")
        need(len(set(clique)) == len(clique) == value, "the clique has another size")
        need(all(u == v or (u, v) in g.both for u in clique for v in clique), "the clique is not joined")
    else:
        need(not _colorable(g, int(number(value)) - 1), "fewer colours are enough")


def _colorable(g: Graph, few: int) -> bool:
    """Whether so many colours are enough, by trying, each node after those with most neighbours."""
    near: dict[Node, set[Node]] = {n: {v for u, v in g.both if u == n} for n in g.nodes}
    order_ = sorted(g.nodes, key=lambda n: -len(near[n]))
    chosen: dict[Node, int] = {}
    budget = _Budget()

    def extend(k: int) -> bool:
        budget.take()
        if k == len(order_):
            return True
        taken = {chosen[m] for m in near[order_[k]] if m in chosen}
        for color in range(min(few, max(chosen.values(), default=-1) + 2)):
            if color not in taken:
                chosen[order_[k]] = color
                if extend(k + 1):
                    return True
                del chosen[order_[k]]
        return False

    return extend(0)


class _Budget:
    def __init__(self) -> None:
        self.left = MAX_VISITS

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Unknown(f"that nothing is better was not shown within {MAX_VISITS} steps")


def cyclic(g: Graph, args: Sequence[Node], value: Value, data: Data) -> None:
    """A cycle, or an order that none can have; an undirected graph without any has as many edges as a forest."""
    if value is True:
        _is_cycle(g, data.many("cycle"))
    elif g.directed:
        _is_order(g, data.many("order"))
    else:
        trees = len(parts(g.nodes, g.both))
        need(len(g.edges) == len(g.nodes) - trees and data.number("trees") == trees, "it is no forest")


def _is_cycle(g: Graph, cycle: Sequence[Node]) -> None:
    g.length(cycle)
    used = [arc if g.directed else frozenset(arc) for arc in pairwise(cycle)]
    need(len(cycle) > 1 and cycle[0] == cycle[-1] and len(set(used)) == len(used), "it is no cycle")


def _is_order(g: Graph, found: Sequence[Node]) -> None:
    place = {n: i for i, n in enumerate(found)}
    need(len(found) == len(place) and set(place) == set(g.nodes), "the order does not have every node once")
    need(all(place[u] < place[v] for u, v in g.edges), "the order turns an edge round")


def order(g: Graph, args: Sequence[Node], value: Value, data: Data) -> None:
    """An order in which an edge leads from each node to the next, so that it is the only one."""
    need(g.directed and isinstance(value, tuple), "an order is a list of the nodes of a digraph")
    assert isinstance(value, tuple)
    _is_order(g, value)
    need(data.many("order") == list(value), "the order is another than the one shown")
    need(all(arc in g.edges for arc in pairwise(value)), "two neighbours may change places")


def longest(g: Graph, args: Sequence[Node], value: Value, data: Data) -> None:
    """A path as heavy as said, and a search that finds none heavier."""
    walk = data.many("path")
    need(len(set(walk)) == len(walk) and g.length(walk) == value, "the path has another weight")
    need("most" not in data or data.number("most") == value, "the bound is not the value")
    if g.directed and not _has_cycle(g):
        need(_longest_ending(g) == value, "there is a heavier path")
    else:
        need(not _heavier(g, number(value)), "there is a heavier path")


def _has_cycle(g: Graph) -> bool:
    return any(u in reached(g.edges, [v]) for u, v in g.edges)


def _longest_ending(g: Graph) -> Fraction:
    """The weight of the heaviest path of a digraph without cycles: relaxed until nothing changes."""
    above = dict.fromkeys(g.nodes, Fraction(0))
    changed = True
    while changed:
        changed = False
        for (u, v), w in g.edges.items():
            if above[u] + w > above[v]:
                above[v], changed = above[u] + w, True
    return max(above.values())


def _heavier(g: Graph, most: Fraction) -> bool:
    """Whether some path without repeated nodes is heavier, by trying all."""
    heads = _heads(g)
    budget = _Budget()

    def search(last: Node, left: frozenset[Node], weight: Fraction) -> bool:
        budget.take()
        return weight > most or any(search(v, left - {v}, weight + w) for v, w in heads[last] if v in left)

    return any(search(s, frozenset(g.nodes) - {s}, Fraction(0)) for s in g.nodes)


def _heads(g: Graph) -> dict[Node, list[tuple[Node, Fraction]]]:
    found: dict[Node, list[tuple[Node, Fraction]]] = {n: [] for n in g.nodes}
    for (u, v), w in g.arcs.items():
        found[u].append((v, w))
    return found


def tour(g: Graph, args: Sequence[Node], value: Value, data: Data) -> None:
    """A round trip as long as said, and a search that finds none shorter."""
    if value != INFINITE:
        walk = data.many("tour")
        every = sorted(map(repr, walk[:-1] or walk)) == sorted(map(repr, g.nodes))
        need(every and walk[0] == walk[-1] and g.length(walk) == value, "the round trip is another")
    heads = _heads(g)
    least = {n: min((w for (_, v), w in g.arcs.items() if v == n), default=Fraction(0)) for n in g.nodes}
    budget = _Budget()
    start = g.nodes[0]

    def shorter(last: Node, left: frozenset[Node], length: Fraction) -> bool:
        budget.take()
        if value != INFINITE and length + sum(least[v] for v in left) + least[start] >= number(value):
            return False
        if not left:
            home = g.arcs.get((last, start))
            return home is not None and (value == INFINITE or length + home < number(value))
        return any(shorter(v, left - {v}, length + w) for v, w in heads[last] if v in left)

    if len(g.nodes) > 1:
        need(not shorter(start, frozenset(g.nodes) - {start}, Fraction(0)), "there is a shorter round trip")
    else:
        need(value == 0, "a round trip of one node has the length 0")


CHECKERS: Mapping[str, Callable[[Graph, Sequence[Node], Value, Data], None]] = {
    f.__name__: f
    for f in (
        distance,
        path,
        connected,
        components,
        degree,
        flow,
        colors,
        matching,
        spanning,
        tour,
        cyclic,
        order,
        longest,
    )
}
"""Graph question → what checks its answer; raises Wrong or Unknown."""
