"""Forward chaining: what it concludes is right, and the steps that it gives lead there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neurosym
from neurosym.certificates.document import certificate, seal
from neurosym.certificates.recheck import recheck
from neurosym.certificates.verdict import Verdict
from neurosym.explain import explain
from neurosym.language import tree as t
from neurosym.language.check import checked
from neurosym.language.clauses import rule_program
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.read import read
from neurosym.outcome import Outcome, Status
from neurosym.solvers.base import Content, Task
from neurosym.solvers.rules import Rules
from neurosym.solving.route import content

HEAD = "sort thing\nconst ann, bob: thing\nrel p(thing), q(thing), r(thing)\n"
CONCLUSIVE = {Status.TRUE, Status.FALSE, Status.INDEPENDENT, Status.CONTRADICTORY}


def solve(text: str) -> Outcome:
    program = read(text)
    return Rules().solve(Task(program, checked(program)))


def steps(outcome: Outcome) -> list[dict[str, Any]]:
    return next(list(e.data["steps"]) for e in outcome.evidence if "steps" in e.data)


# --- by example -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("p(ann)\nforall x: thing. p(x) -> q(x)\nask q(ann)", "true"),
        ("p(ann)\nforall x: thing. p(x) -> q(x)\nask not q(ann)", "false"),
        ("p(ann)\nforall x: thing. p(x) -> q(x)\nask q(bob)", "independent"),
        ("p(ann)\nforall x: thing. p(x) -> not q(x)\nask q(ann)", "false"),
        ("not q(ann)\nforall x: thing. p(x) -> q(x)\nask p(ann)", "false"),
        ("p(ann)\nnot q(ann)\nforall x: thing. p(x) -> q(x)\nask p(ann)", "contradictory"),
        ("forall x: thing. not (p(x) and q(x))\np(bob)\nask q(bob)", "false"),
        ("forall x: thing. p(x) or q(x)\nnot p(bob)\nask q(bob)", "true"),
        ("(exists x: thing. p(x)) -> q(bob)\np(ann)\nask q(bob)", "true"),
        ("forall x: thing. p(x) <=> q(x)\nq(ann)\nask p(ann)", "true"),
        ("forall x: thing. not p(x) -> q(x)\nforall x: thing. p(x) -> q(x)\nask q(ann)", "true"),
    ],
)
def test_conclusions(text: str, status: str) -> None:
    assert solve(HEAD + text + "\n").status == status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("p(a)\nforall x: s. p(x) -> q(x)\nask q(a)", "true"),
        ("p(a)\nforall x: s. p(x) -> q(x)\nask not q(b)", "true"),
        ("p(a)\nforall x: s. not p(x) -> q(x)\nask q(b)", "true"),
        ("p(a)\nforall x: s. not p(x) -> q(x)\nask q(a)", "false"),
        ("forall x: s. not q(x) -> p(x)\nforall x: s. not p(x) -> q(x)\nask q(a)", "unsupported"),
    ],
)
def test_closed_worlds(text: str, status: str) -> None:
    assert solve(f"sort s = {{a, b}}\nrel p(s), q(s) closed\n{text}\n").status == status


@pytest.mark.parametrize(
    "text",
    [
        "sort s = {a}\nfun f(s): 1..2\nf(a) = 1\nask f(a) = 1\n",
        "sort s = {a, b}\nrel p(s)\nforall x: s. x != a -> p(x)\nask p(b)\n",
        "sort s = {a}\nconst c: s\nrel p(s)\np(c)\nask p(a)\n",
        "sort s = {a}\nrel p(s)\np(a)\nask exists x: s. p(x)\n",
        "sort s = {a}\nrel p(s)\np(a)\noption A: p(a)\noption B: not p(a)\nask option\n",
        "rel p(1..5)\np(1)\nask p(9)\n",
        "var x: int\nvar b: bool\nb\nask b\n",
    ],
)
def test_what_is_no_rule_program(text: str) -> None:
    program = read(text)
    assert rule_program(program, checked(program)) is None
    assert content(program, checked(program)) is not Content.RULES


def test_the_steps_are_told_and_both_solvers_agree() -> None:
    text = HEAD + "p(ann)  # Ann is kind.\nforall x: thing. p(x) -> q(x)  # The kind are loved.\nask q(ann)\n"
    outcome = neurosym.run(text)
    assert outcome.status is Status.TRUE
    assert steps(outcome) == [
        {"says": "p(ann)", "from": [], "line": 4},
        {"says": "q(ann)", "from": [0], "line": 5},
    ]
    assert {e.by for e in outcome.evidence} >= {"rules", "smt", "evaluator"}
    told = explain(read(text), outcome)
    assert "p(ann) by line 4 (Ann is kind.)." in told
    assert "So q(ann) by line 5 (The kind are loved.), from step " in told


def test_a_proof_by_contradiction_names_what_is_supposed() -> None:
    text = HEAD + "not q(ann)\nforall x: thing. p(x) -> q(x)\nask p(ann)\n"
    outcome = neurosym.run(text)
    assert [step.get("supposed", False) for step in steps(outcome)] == [True, False, False]
    assert "Suppose p(ann)." in explain(read(text), outcome)


def test_a_contradiction_has_a_least_core() -> None:
    text = HEAD + "p(bob)\np(ann)\nr(ann)\nforall x: thing. p(x) -> q(x)\nnot q(ann)\nask r(bob)\n"
    assert solve(text).core == (5, 7, 8)


# --- at random --------------------------------------------------------------------------------------------------

ATOMS = [f"{relation}({name})" for relation in "pqr" for name in ("ann", "bob")]


@st.composite
def literals(draw: st.DrawFn, argument: Sequence[str], positive: bool = False) -> str:
    atom = f"{draw(st.sampled_from('pqr'))}({draw(st.sampled_from(argument))})"
    return atom if positive or draw(st.booleans()) else f"not {atom}"


@st.composite
def programs(draw: st.DrawFn, horn: bool) -> str:
    """Facts and rules about two things."""
    lines = draw(st.lists(literals(("ann", "bob"), positive=horn), max_size=3))
    for _ in range(draw(st.integers(1, 5))):
        body = " and ".join(draw(st.lists(literals(("x",), positive=horn), min_size=1, max_size=2)))
        lines.append(f"forall x: thing. {body} -> {draw(literals(('x', 'ann'), positive=horn))}")
    return "\n".join([*lines, f"ask {draw(literals(('ann', 'bob')))}"]) + "\n"


def worlds(program: t.Program) -> Iterator[tuple[bool, bool]]:
    """Of every assignment of the atoms: whether the premises hold, and what is asked."""
    symbols = checked(program)
    assert isinstance(program.ask, t.Ask)
    for held in product((True, False), repeat=len(ATOMS)):
        tables: dict[str, Any] = {"p": {}, "q": {}, "r": {}}
        for atom, truth in zip(ATOMS, held, strict=True):
            tables[atom[0]][atom[2:-1],] = truth
        model = Interpretation({"ann": "ann", "bob": "bob"}, tables, {"thing": ("ann", "bob")})
        premises = (s.formula for s in program.statements if isinstance(s, t.Assertion))
        yield (
            all(evaluate(f, symbols, model) is True for f in premises),
            evaluate(program.ask.targets[0], symbols, model) is True,
        )


def expected(program: t.Program) -> Status:
    asked = {asked for possible, asked in worlds(program) if possible}
    return {
        frozenset(): Status.CONTRADICTORY,
        frozenset({True}): Status.TRUE,
        frozenset({False}): Status.FALSE,
        frozenset({True, False}): Status.INDEPENDENT,
    }[frozenset(asked)]


@settings(max_examples=150)
@given(programs(horn=False))
def test_chaining_is_sound(text: str) -> None:
    outcome = solve(HEAD + text)
    assert outcome.status in CONCLUSIVE | {Status.GAVE_UP}
    if outcome.status in CONCLUSIVE:
        assert outcome.status is expected(read(HEAD + text)), outcome
        follow(HEAD + text, outcome)


@settings(max_examples=60)
@given(programs(horn=True))
def test_definite_rules_are_always_decided(text: str) -> None:
    assert solve(HEAD + text).status is expected(read(HEAD + text))


def follow(text: str, outcome: Outcome) -> None:
    """Each step follows from its statement and the steps that it names, in every world."""
    if outcome.status is Status.INDEPENDENT:
        return
    lines, found = text.splitlines(), steps(outcome)
    for step in found:
        if "line" in step:
            premises = [lines[step["line"] - 1], *(found[k]["says"] for k in step["from"])]
            program = read(HEAD + "\n".join(premises) + f"\nask {step['says']}\n")
            assert expected(program) in (Status.TRUE, Status.CONTRADICTORY), step


# --- certificates -----------------------------------------------------------------------------------------------

CERTIFIED = [
    "p(ann)\nforall x: thing. p(x) -> q(x)\nforall x: thing. q(x) and not r(x) -> p(bob)\nnot r(ann)\nask p(bob)\n",
    "not q(ann)\nforall x: thing. p(x) -> q(x)\nask p(ann)\n",
]


@pytest.mark.parametrize("text", CERTIFIED)
def test_each_step_is_rechecked(text: str) -> None:
    document = certificate(HEAD + text, neurosym.run(HEAD + text))
    assert document["evidence"]["steps"]
    result = recheck(document)
    assert result.verdict is Verdict.CONFIRMED
    assert any(item.what.startswith("each step") for item in result.items)


@pytest.mark.parametrize("text", CERTIFIED)
@pytest.mark.parametrize(
    "change",
    [{"says": "r(bob)"}, {"lines": [4]}, {"from": [99]}, {"lines": [], "from": []}, {"says": "p(", "from": []}],
)
def test_a_step_that_does_not_follow_is_refuted(text: str, change: dict[str, Any]) -> None:
    document = certificate(HEAD + text, neurosym.run(HEAD + text))
    last = max(k for k, step in enumerate(document["evidence"]["steps"]) if step["from"])
    document["evidence"]["steps"][last] |= change
    document["seal"] = seal(document)
    assert recheck(document).verdict is Verdict.REFUTED
