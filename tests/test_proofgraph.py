"""The proof graph: it names what the answer rests on, has no cycle, and its drawings are well formed."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest

import neurosym
from neurosym.language.read import read
from neurosym.outcome import Outcome, Status
from neurosym.proofgraph import MAX_NODES, ProofGraph, dot, mermaid, proof_graph, svg

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.ns"))
BIRDS = """sort thing
const tux, rex: thing
rel bird(thing), swims(thing), flies(thing)
bird(tux)
flies(rex)
forall x: thing. bird(x) -> swims(x)
ask swims(tux)
"""


def graph(text: str) -> ProofGraph:
    return proof_graph(read(text), neurosym.run(text, allow_python=True))


def needed(text: str) -> list[int | None]:
    return [n.line for n in graph(text).nodes if n.needed and n.line]


def test_a_derivation_names_the_premises_and_leaves_the_others_aside() -> None:
    assert needed(BIRDS) == [4, 6, 7]
    assert [n.text for n in graph(BIRDS).nodes if not n.needed] == ["flies(rex)"]
    assert ("s4", "s7") in graph(BIRDS).edges
    assert graph(BIRDS).nodes[-1].text == "true"


def test_definitions_lead_to_what_uses_them() -> None:
    found = graph("let a = 2\nlet unused = 5\nlet b = a + 1\nask a*b\n")
    assert set(found.edges) == {("s1", "s3"), ("s1", "s4"), ("s3", "s4"), ("s4", "answer")}
    assert [n.id for n in found.nodes if not n.needed] == ["s2"]


def test_a_python_block_and_options_have_their_place() -> None:
    found = graph(
        "let n = 3\npython\n    m = n + 1\nend\nvar x: 1..9\nx = m\noption A: x = 4\noption B: x = 5\nask option\n"
    )
    assert {("s1", "s2"), ("s2", "s4"), ("s5", "s7"), ("s6", "s7"), ("s7", "answer")} <= set(found.edges)


def test_a_core_contradicts() -> None:
    found = graph("var x, y: count\nx > 7\ny = 2\nx < 5\nask y\n")
    assert {u for u, v in found.edges if v == "answer"} == {"s2", "s4", "s5"}
    assert found.nodes[-1].text == "contradictory"


def test_without_a_proof_the_premises_about_what_is_asked_are_needed() -> None:
    program = read("var x, y, z: count\nx = y\ny = 3\nz = 1\nask x\n")
    found = proof_graph(program, Outcome(Status.VALUE, answers=("3",)))
    assert [n.line for n in found.nodes if n.needed] == [2, 3, 5, None]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_every_example_is_drawn(path: Path) -> None:
    found = graph(path.read_text(encoding="utf-8"))
    ids = {n.id for n in found.nodes}
    assert {end for edge in found.edges for end in edge} <= ids
    assert nx.is_directed_acyclic_graph(nx.DiGraph(found.edges))
    drawing = ElementTree.fromstring(svg(found))
    assert len(drawing.findall("{*}rect")) == len(found.nodes)
    assert len(drawing.findall("{*}line")) == len(found.edges)
    assert dot(found).count("[label=") == len(found.nodes)
    assert len(re.findall(r'^    \w+[(\[]+"', mermaid(found), re.MULTILINE)) == len(found.nodes)
    assert mermaid(found).count(" --> ") == len(found.edges)


def test_texts_cannot_leave_their_label() -> None:
    found = graph('sort s = {"<b>\'];x", other}\nconst c: s\nc = other\nask c = "<b>\'];x"\n')
    assert "<b>" not in svg(found)
    assert "<b>" in "".join(ElementTree.fromstring(svg(found)).itertext())
    assert '\\"<b>' in dot(found)
    labels = re.findall(r'"([^"]*)"', mermaid(found))
    assert all(not set(label.replace("<br>", "")) & set("<>[]()\"'") for label in labels)


def test_long_programs_are_cut_to_what_is_needed() -> None:
    text = "".join(f"let x{k} = {k}\n" for k in range(MAX_NODES + 10)) + "ask x3 + x5\n"
    assert [n.id for n in graph(text).nodes] == ["s4", "s6", f"s{MAX_NODES + 11}", "answer"]
