"""Probability, averages and dates: lowering says the same as the evaluator, and every solver as brute force."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neurosym
from neurosym.language import tree as t
from neurosym.language.check import check
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.lowering import lowered
from neurosym.language.read import read
from neurosym.language.values import Undefined
from neurosym.outcome import Status


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("ask probability(a: 1..6, b: 1..6, a + b = 7)", "1/6"),
        ("ask probability(a: 1..6, b: 1..6, a + b = 8, a != b)", "2/15"),
        ("ask probability(a: 1..6, b: 1..6, c: 1..6, max(a, b, c) = 6)", "91/216"),
        ("ask average(a: 1..6, b: 1..6, max(a, b))", "161/36"),
        ("ask average(a: 1..6, a, a > 3)", "5"),
        ("sort ball = {r1, r2, b1}\nrel red(ball)\nred(r1)\nred(r2)\nnot red(b1)\n"
         "ask probability(x: ball, y: ball, red(x) and red(y), x != y)", "1/3"),
        ("sort coin = {head, tail}\n"
         "ask probability(a: coin, b: coin, a = head and b = head, a = head or b = head)", "1/3"),
        ("var n: 1..20\nprobability(k: 1..20, k <= n) = 0.25\nask n", "5"),
        ("fun average(1..2): real\naverage(1) = 3\naverage(2) = 4\nask average(2)", "4"),
        ("ask nth([4, 5, 6], 2)", "5"),
        ("sort s = {a, b}\nfun place(s): 1..3\nplace(a) = 3\nask nth([4, 5, 6], place(a))", "6"),
        ("ask add_months(date(2024, 1, 31), 1)", "date(2024, 2, 29)"),
    ],
)  # fmt: skip
def test_answers(text: str, answer: str) -> None:
    outcome = neurosym.run(text + "\n")
    assert outcome.answer == answer, outcome


def test_what_is_impossible_has_no_probability() -> None:
    outcome = neurosym.run("ask probability(a: 1..6, a = 1, a > 6)\n")
    assert outcome.status is Status.CONTRADICTORY


@pytest.mark.parametrize("text", ["probability(1 = 1, 2 = 2)", "probability(a: 1..6, a)", "average(1)", "nth(3, 1)"])
def test_wrong_uses_are_told(text: str) -> None:
    assert neurosym.check(f"ask {text}\n")


EVENTS = st.sampled_from(["a + b = 5", "a < b", "a = b", "a*b mod 2 = 0", "max(a, b) = 3", "a != 4 or b = 1"])


@settings(max_examples=60)
@given(st.integers(2, 5), st.integers(2, 5), EVENTS, EVENTS, st.sampled_from(["probability", "average"]))
def test_the_evaluator_and_the_lowered_program_agree(m: int, n: int, event: str, given_: str, function: str) -> None:
    body = event if function == "probability" else "a + 2*b"
    program = read(f"ask {function}(a: 1..{m}, b: 1..{n}, {body}, {given_})\n")
    core = lowered(program)
    assert not any(isinstance(x, t.Call) and x.function == function for s in core.statements for x in t.walk(s))
    results: list[object] = []
    for one in (program, core):
        symbols, found = check(one)
        assert not found
        assert isinstance(one.ask, t.Ask)
        try:
            results.append(evaluate(one.ask.targets[0], symbols, Interpretation()))
        except Undefined:
            results.append(None)
    assert results[0] == results[1]


@settings(max_examples=10)
@given(st.integers(2, 4), st.integers(1, 3), st.integers(0, 1))
def test_draws_agree_with_brute_force(red: int, blue: int, repeated: int) -> None:
    names = [f"r{k}" for k in range(red)] + [f"b{k}" for k in range(blue)]
    draws = list(product(names, repeat=2) if repeated else permutations(names, 2))
    share = Fraction(sum(x[0] == y[0] == "r" for x, y in draws), len(draws))
    facts = "\n".join(f"red({n})" if n[0] == "r" else f"not red({n})" for n in names)
    condition = "" if repeated else ", x != y"
    text = f"sort ball = {{{', '.join(names)}}}\nrel red(ball)\n{facts}\n"
    outcome = neurosym.run(f"{text}ask probability(x: ball, y: ball, red(x) and red(y){condition})\n")
    assert Fraction(outcome.answers[0].replace(" ", "")) == share


# --- piecewise --------------------------------------------------------------------------------------------------


@settings(max_examples=12)
@given(st.integers(-9, 9), st.integers(-5, 5), st.integers(-3, 3), st.integers(1, 3))
def test_piecewise_definitions_mean_the_same_everywhere(x: int, cut: int, slope: int, step: int) -> None:
    """Evaluated, and solved for by both solvers."""
    tariff = f"if x < {cut} then {slope}*x else {step}*x + 1"
    value = slope * x if x < cut else step * x + 1
    outcome = neurosym.run(f"var x: int\nx = {x}\nlet y = {tariff}\nask y\n")
    assert outcome.answer == str(value)
    assert any(e.kind == "second_solver" and e.holds for e in outcome.evidence)
    back = neurosym.run(f"var x: -9..9\n({tariff}) = {value}\nask solve(x)\n")
    found = [k for k in range(-9, 10) if (slope * k if k < cut else step * k + 1) == value]
    assert back.answer == "{" + ", ".join(map(str, found)) + "}"
