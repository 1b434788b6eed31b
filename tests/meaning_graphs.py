"""Questions to small graphs, answered by trying everything: every walk, cut, colouring, set of edges, round trip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations, pairwise, permutations, product
from random import Random

from neurosym.language import tree as t
from neurosym.language.values import Value

Arcs = Mapping[tuple[str, str], Fraction]
WHOLE = ("components", "colors", "matching", "spanning", "tour", "longest", "cyclic", "connected")
PAIRS = ("distance", "connected", "flow")
FORMULAS = ("cyclic", "connected")


def graph_program(rng: Random) -> str:
    """A graph of three to five nodes, and a question or options about it."""
    nodes = "abcde"[: rng.randint(3, 5)]
    directed, weighted = rng.random() < 0.5, rng.random() < 0.7
    pairs = permutations(nodes, 2) if directed else combinations(nodes, 2)
    edges = [pair for pair in pairs if rng.random() < (0.35 if directed else 0.55)]
    lines = [f"sort s = {{{', '.join(nodes)}}}", f"{'di' * directed}graph g(s, s)" + ": km" * weighted]
    for u, v in edges:
        u, v = (v, u) if not directed and rng.random() < 0.3 else (u, v)
        lines.append(f"g({u}, {v})" + f" = {rng.choice(('0', '1', '2', '3', '4', '1.5'))}" * weighted)

    def number() -> str:
        names = [w for w in WHOLE if w not in FORMULAS and not (directed and w == "spanning")]
        u, v = rng.sample(nodes, 2)
        return rng.choice(
            (f"{rng.choice(names)}(g)", f"{rng.choice(('distance', 'flow'))}(g, {u}, {v})", f"degree(g, {u})")
        )

    def formula() -> str:
        u, v = rng.sample(nodes, 2)
        return rng.choice(
            (
                f"{number()} {rng.choice(('=', '<', '>=', '!='))} {rng.randint(1, 5)}",
                "cyclic(g)",
                "connected(g)",
                f"connected(g, {u}, {v})",
                f"not cyclic(g) or {number()} > 2",
                f"forall n: s. connected(g, {u}, n)",
                f"count(n: s, degree(g, n) > 1) = {rng.randint(1, 4)}",
            )
        )

    if rng.random() < 0.3:
        lines.append(formula())
    if rng.random() < 0.25:
        lines += [f"option {label}: {formula()}" for label in "ABCD"[: rng.randint(2, 4)]]
        lines.append(f"ask option{rng.choice(('', ' must', ' may', ' cannot', ' except'))}")
    else:
        asked = rng.choice(
            (number, number, formula, lambda: f"{number()} + {number()}", lambda: f"{number()}, {formula()}")
        )
        lines.append(f"ask {asked()}")
    return "".join(f"{line}\n" for line in lines)


def graph_tables(program: t.Program) -> dict[str, Mapping[tuple[Value, ...], Value]]:
    """The graph of a generated program and every question's answer, as tables for the evaluator."""
    sort, graph = program.statements[0], program.statements[1]
    assert isinstance(sort, t.Sort)
    assert isinstance(sort.elements, tuple)
    assert isinstance(graph, t.Graph)
    nodes, edges = sort.elements, dict(_edges(program))
    arcs = edges if graph.directed else edges | {(v, u): w for (u, v), w in edges.items()}
    around = edges | {(v, u): w for (u, v), w in edges.items()}
    name = graph.signature.name
    tables: dict[str, dict[tuple[Value, ...], Value]] = {q: {} for q in ("degree", *WHOLE, *PAIRS)}
    tables[name] = {arc: True if graph.type is None else weight for arc, weight in arcs.items()}
    for u in nodes:
        tables["degree"][name, u] = Fraction(sum((u == a) + (u == b) for a, b in edges))
        for v in nodes:
            lengths = [sum((arcs[p] for p in pairwise(walk)), Fraction(0)) for walk in _walks(nodes, arcs, u, v)]
            tables["distance"][name, u, v] = min(lengths) if lengths else "oo"
            tables["connected"][name, u, v] = bool(lengths)
            if u != v:
                tables["flow"][name, u, v] = min(_cuts(nodes, arcs, u, v))
    parts = {frozenset(v for v in nodes if any(_walks(nodes, around, u, v))) for u in nodes}
    longest = [
        sum((arcs[p] for p in pairwise(w)), Fraction(0))
        for u in nodes
        for v in nodes
        for w in _walks(nodes, arcs, u, v)
    ]
    rounds = [(*walk, walk[0]) for walk in permutations(nodes)]
    tours = [sum((arcs[p] for p in pairwise(r)), Fraction(0)) for r in rounds if all(p in arcs for p in pairwise(r))]
    trees = [sum(chosen.values(), Fraction(0)) for chosen in _subsets(edges, len(nodes) - 1) if _joins(nodes, chosen)]
    cycles = (
        walk
        for length in range(2 if graph.directed else 3, len(nodes) + 1)
        for walk in permutations(nodes, length)
        if all(p in arcs for p in pairwise((*walk, walk[0])))
    )
    whole: dict[str, Value] = {
        "components": Fraction(len(parts)),
        "connected": len(parts) == 1,
        "cyclic": any(True for _ in cycles),
        "longest": max(longest),
        "tour": min(tours, default="oo"),
        "spanning": min(trees, default="oo"),
        "colors": Fraction(
            min(
                n
                for n in range(1, len(nodes) + 1)
                for c in product(range(n), repeat=len(nodes))
                if _proper(nodes, edges, c)
            )
        ),
        "matching": Fraction(
            max(k for k in range(len(nodes)) for m in _subsets(edges, k) if len({n for e in m for n in e}) == 2 * k)
        ),
    }
    for question, value in whole.items():
        tables[question][(name,)] = value
    return {**tables}


def _edges(program: t.Program) -> Iterator[tuple[tuple[str, str], Fraction]]:
    """The stated edges: `g(a, b) = 3`, or `g(a, b)`."""
    for s in program.statements[2:]:
        if not isinstance(s, t.Assertion):
            continue
        match s.formula:
            case t.Compare(first=e, rest=((t.CompareOp.EQ, t.Number(value=weight)),)):
                pass
            case e:
                weight = Fraction(1)
        if isinstance(e, t.Call) and e.function == "g":
            u, v = e.args
            assert isinstance(u, t.Name)
            assert isinstance(v, t.Name)
            yield (u.id, v.id), weight


def _walks(nodes: tuple[str, ...], arcs: Arcs, u: str, v: str) -> Iterator[tuple[str, ...]]:
    """Every path from u to v without repeated nodes."""
    if u == v:
        yield (u,)
        return
    others = [n for n in nodes if n not in (u, v)]
    for k in range(len(others) + 1):
        for between in permutations(others, k):
            if all(pair in arcs for pair in pairwise((u, *between, v))):
                yield (u, *between, v)


def _cuts(nodes: tuple[str, ...], arcs: Arcs, u: str, v: str) -> Iterator[Fraction]:
    """The capacity of every cut that parts u from v; the least is the greatest flow (Ford and Fulkerson 1956)."""
    others = [n for n in nodes if n not in (u, v)]
    for k in range(len(others) + 1):
        for side in combinations(others, k):
            yield sum((w for (a, b), w in arcs.items() if a in {u, *side} and b not in {u, *side}), Fraction(0))


def _subsets(edges: Arcs, size: int) -> Iterator[dict[tuple[str, str], Fraction]]:
    return (dict(chosen) for chosen in combinations(edges.items(), size))


def _joins(nodes: tuple[str, ...], edges: Arcs) -> bool:
    reached = {nodes[0]}
    for _ in nodes:
        reached |= {n for edge in edges if reached & set(edge) for n in edge}
    return len(reached) == len(nodes)


def _proper(nodes: tuple[str, ...], edges: Arcs, colours: tuple[int, ...]) -> bool:
    of = dict(zip(nodes, colours, strict=True))
    return all(of[u] != of[v] for u, v in edges)
