"""What an answer rests on, as a graph of statements, and that graph as DOT, Mermaid and SVG."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from html import escape
from textwrap import wrap

from neurosym.language import tree as t
from neurosym.language.assigned import assigned_names
from neurosym.language.printer import show_statement
from neurosym.language.sentences import names_of
from neurosym.outcome import Outcome, Status

MAX_NODES = 300
"""Of a longer program, the statements that the proof does not need are left out."""
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_WIDTH = 28
"""Characters in a line of a node."""


@dataclass(frozen=True)
class Node:
    """A statement, or the answer. `line` is its source line, `needed` whether the proof rests on it."""

    id: str
    text: str
    kind: str
    line: int | None = None
    needed: bool = True


@dataclass(frozen=True)
class ProofGraph:
    """Nodes in source order, the answer last; an edge leads from what is used to what uses it. There is no cycle."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]


def proof_graph(program: t.Program, outcome: Outcome) -> ProofGraph:
    """What the outcome of a program rests on.

    Premises are needed where the outcome's derivation or core names their lines; where it has neither, those that speak
    of what is asked, one through another. Definitions are needed by what mentions them.
    """
    statements = dict(enumerate(program.statements, start=1))
    lines = {k: s.span.line if s.span else k for k, s in statements.items()}
    defines = {name: k for k, s in statements.items() for name in _defined(s)}
    uses = {k: {defines[n] for n in _used(s) if n in defines} - {k} for k, s in statements.items()}
    last = len(statements)
    if isinstance(program.ask, t.AskOption):
        uses[last] = {k for k, s in statements.items() if isinstance(s, t.Option)}
    named = _named_lines(outcome)
    roots = {k for k, line in lines.items() if line in named and _is_premise(statements[k])}
    if not named:
        roots = _connected(statements, last)
    needed = _closure(roots | {last}, uses)
    shown = [
        k for k, s in statements.items() if not isinstance(s, _SILENT) and (k in needed or len(statements) <= MAX_NODES)
    ]
    nodes = [
        Node(f"s{k}", show_statement(statements[k]), _KINDS.get(type(statements[k]), "premise"), lines[k], k in needed)
        for k in shown
    ]
    edges = [(f"s{u}", f"s{k}") for k in shown for u in sorted(uses[k]) if u in shown and u != last]
    goal = "answer" if outcome.status is Status.CONTRADICTORY else f"s{last}"
    edges += [(f"s{k}", goal) for k in sorted(roots) if k in shown and k != last and (f"s{k}", goal) not in edges]
    answer = Node("answer", outcome.answer or outcome.status.value, "answer")
    return ProofGraph((*nodes, answer), (*edges, (f"s{last}", "answer")))


_SILENT = (t.Sort, t.Var, t.Const, t.Fun, t.Rel, t.Graph)
"""Declarations, which nothing is concluded from by themselves."""
_KINDS: Mapping[type[t.Statement], str] = {
    t.Let: "definition",
    t.Python: "definition",
    t.Option: "option",
    t.Goal: "goal",
    t.Ask: "question",
    t.AskOption: "question",
}


def _defined(s: t.Statement) -> Iterable[str]:
    if isinstance(s, t.Python):
        return assigned_names(s.code)
    return (s.name,) if isinstance(s, t.Let) else ()


def _used(s: t.Statement) -> Set[str]:
    return set(_IDENTIFIER.findall(s.code)) if isinstance(s, t.Python) else names_of(s)


def _is_premise(s: t.Statement) -> bool:
    return isinstance(s, t.Assertion | t.Distinct | t.Let | t.Goal)


def _named_lines(outcome: Outcome) -> set[int]:
    """The lines that the proof names: the core, or a derivation, or what an answer was put back into."""
    kinds = ("derivation", "substitution")
    found = (e.data.get("lines", ()) for e in outcome.evidence if e.kind in kinds)
    return set(outcome.core) or {line for lines in found for line in lines}


def _connected(statements: Mapping[int, t.Statement], last: int) -> set[int]:
    """The premises that share a name with the question or its options, one through another."""
    reached: set[str] = set().union(*(names_of(s) for s in statements.values() if not _is_premise(s)))
    found: set[int] = set()
    grown = True
    while grown:
        near = {k for k, s in statements.items() if k not in found and _is_premise(s) and names_of(s) & reached}
        near -= {k for k in near if isinstance(statements[k], t.Let)}
        reached |= set().union(*(names_of(statements[k]) for k in near))
        found |= near
        grown = bool(near)
    return found - {last}


def _closure(start: Iterable[int], uses: Mapping[int, set[int]]) -> set[int]:
    found, todo = set[int](), list(start)
    while todo:
        k = todo.pop()
        if k not in found:
            found.add(k)
            todo += uses[k]
    return found


# --- formats ----------------------------------------------------------------------------------------------------


def dot(graph: ProofGraph) -> str:
    """The graph in Graphviz's language."""
    shapes = {"question": "ellipse", "answer": "doubleoctagon", "definition": "note"}
    rows = ["digraph proof {", "  rankdir=TB;", '  node [fontname="sans-serif", shape=box];']
    for n in graph.nodes:
        text = "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in _lines(n))
        look = f", shape={shapes[n.kind]}" if n.kind in shapes else ""
        rows.append(f'  {n.id} [label="{text}"{look}{"" if n.needed else ", style=dashed"}];')
    rows += [f"  {u} -> {v};" for u, v in graph.edges]
    return "\n".join([*rows, "}"]) + "\n"


def mermaid(graph: ProofGraph) -> str:
    """The graph as a Mermaid flowchart."""
    rows = ["flowchart TD"]
    for n in graph.nodes:
        text = "<br>".join("".join(c if c.isalnum() or c in " .,:=_-" else f"#{ord(c)};" for c in x) for x in _lines(n))
        opening, closing = {"question": ("([", "])"), "answer": ("[[", "]]")}.get(n.kind, ("[", "]"))
        rows.append(f'    {n.id}{opening}"{text}"{closing}')
    rows += [f"    {u} --> {v}" for u, v in graph.edges]
    aside = [n.id for n in graph.nodes if not n.needed]
    if aside:
        rows += ["    classDef aside stroke-dasharray: 4 4", f"    class {','.join(aside)} aside"]
    return "\n".join(rows) + "\n"


def svg(graph: ProofGraph) -> str:
    """The graph drawn in layers, each node below all that it uses."""
    import networkx as nx

    drawn = nx.DiGraph(graph.edges)
    drawn.add_nodes_from(n.id for n in graph.nodes)
    position = {n.id: i for i, n in enumerate(graph.nodes)}
    layers = [sorted(layer, key=position.__getitem__) for layer in nx.topological_generations(drawn)]
    texts = {n.id: _lines(n) for n in graph.nodes}
    wide, high = _WIDTH * 8, 16 * max(map(len, texts.values())) + 14
    across, down = wide + 24, high + 44
    width = across * max(map(len, layers)) + 24
    place = {
        node: ((width - across * len(layer)) // 2 + across * k + 12, down * depth + 20)
        for depth, layer in enumerate(layers)
        for k, node in enumerate(layer)
    }
    height = down * len(layers)
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        ' font-family="monospace" font-size="13">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0L8 4L0 8z"/></marker></defs>',
    ]
    for u, v in graph.edges:
        (a, b), (c, d) = place[u], place[v]
        line = f'x1="{a + wide // 2}" y1="{b + high}" x2="{c + wide // 2}" y2="{d}"'
        rows.append(f'<line {line} stroke="#667" marker-end="url(#tip)"/>')
    for n in graph.nodes:
        x, y = place[n.id]
        dashes = "" if n.needed else ' stroke-dasharray="4 4"'
        box = f'x="{x}" y="{y}" width="{wide}" height="{high}" rx="6"'
        rows.append(f'<rect {box} fill="{_FILL[n.kind]}" stroke="#334"{dashes}/>')
        rows += [f'<text x="{x + 8}" y="{y + 20 + 16 * k}">{escape(text)}</text>' for k, text in enumerate(texts[n.id])]
    return "\n".join([*rows, "</svg>"]) + "\n"


_FILL = {
    "premise": "#f4f6fb",
    "definition": "#eef8ee",
    "option": "#fff8e6",
    "goal": "#f3ecfa",
    "question": "#e3ecff",
    "answer": "#d9f2d9",
}


FORMATS: Mapping[str, Callable[[ProofGraph], str]] = {".svg": svg, ".dot": dot, ".mmd": mermaid}
"""How a graph is written into a file whose name ends so."""


def _lines(node: Node) -> list[str]:
    """A node's text in short lines, at most four of them."""
    plain = "".join(c if c.isprintable() else " " for c in node.text.partition("  # ")[0])
    said = wrap(plain, _WIDTH) or [""]
    head = [f"line {node.line}:"] if node.line else []
    return head + (said if len(said) <= 4 else [*said[:3], "..."])
