"""Piecewise terms: tariffs, tiers and brackets, computed and solved through, with certificates that are rechecked."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neurosym
from neurosym.certificates import Verdict, certificate, recheck
from neurosym.language.check import checked
from neurosym.language.read import read
from neurosym.outcome import Outcome, Status
from neurosym.solvers.algebra import Algebra
from neurosym.solvers.base import Task
from neurosym.solvers.smt import Smt

HIRE = "let price = if hours <= 3 then 5 else 5 + 2*(hours - 3)\n"
TAX = "let tax: dollars = if pay <= 1000 then 0 else if pay <= 5000 then 10%*(pay - 1000) else 400 + 20%*(pay - 5000)\n"
CASES = [
    ("let hours = 7\n" + HIRE + "ask price\n", "13"),
    ("let hours = 2\n" + HIRE + "ask price\n", "5"),
    ("var hours: count\n" + HIRE + "price = 13\nask hours\n", "7"),
    ("var hours: real\nhours >= 0\n" + HIRE + "price = 6\nask hours\n", "3.5"),
    ("var hours: count\n(if hours <= 3 then 5 else 5 + 2*(hours - 3)) = 13\nask hours\n", "7"),
    ("var hours: count\n5 + 2*max(0, hours - 3) = 13\nask hours\n", "7"),
    ("var pay: dollars\npay >= 0\n" + TAX + "tax = 250\nask pay\n", "3500"),
    ("var pay: dollars\npay >= 0\n" + TAX + "tax = 900\nask pay\n", "7500"),
    ("var h: hour\nh >= 0\n(if h <= 3 then 5 else 5 + 2 [dollars/hour]*(h - 3)) = 13\nask h\n", "7"),
    ("var x: real\n(if x < 0 then -x else 2*x) = 6\nask solve(x)\n", "{-6, 3}"),
    ("var x: real\nx > 0\n(if x < 2 then x^2 else 3*x - 2) = 9/4\nask x\n", "1.5"),
    ("var n: 0..20\nlet gain = if n <= 10 then 6*n else 60 - 3*(n - 10)\nmaximize gain\nask n, gain\n", "10, 60"),
    ("var minutes: count\n3 + 2*ceil((minutes - 30)/15) = 9\nmaximize minutes\nask minutes\n", "75"),
    ("let units = 130\nask sum(n: 1..units, if n <= 100 then 2 else 3)\n", "290"),
    ("sort guest = {ann, bo}\nfun age(guest): 0..99\nage(ann) = 12\nage(bo) = 30\n"
     "ask sum(g: guest, if age(g) < 18 then 4 else 9)\n", "13"),
]  # fmt: skip


def confirmed(program: str, outcome: Outcome) -> bool:
    return recheck(certificate(program, outcome)).verdict is Verdict.CONFIRMED


@pytest.mark.parametrize(("program", "answer"), CASES)
def test_a_piecewise_term_is_computed_and_solved_through(program: str, answer: str) -> None:
    outcome = neurosym.run(program)
    assert (outcome.status, outcome.answer) == (Status.VALUE, answer)
    assert all(e.holds for e in outcome.evidence)
    assert confirmed(program, outcome)


@pytest.mark.parametrize(
    ("price", "status"),
    [(5, Status.UNDERDETERMINED), (6, Status.CONTRADICTORY), (4, Status.CONTRADICTORY), (7, Status.VALUE)],
)
def test_a_flat_part_leaves_it_open_and_a_gap_excludes_it(price: int, status: Status) -> None:
    program = f"var hours: count\n{HIRE}price = {price}\nask hours\n"
    outcome = neurosym.run(program)
    assert outcome.status is status
    assert confirmed(program, outcome)


def test_a_comparison_swallowed_by_else_is_named() -> None:
    outcome = neurosym.run("var hours: count\nif hours <= 3 then 5 else 2*hours = 14\nask hours\n")
    assert outcome.status is Status.MALFORMED
    assert "(if c then a else b) = 5" in str(outcome.diagnostics[0])


steps = st.tuples(st.integers(1, 9), st.integers(1, 9))


@settings(max_examples=10)
@given(st.integers(0, 9), st.lists(steps, min_size=1, max_size=3), st.integers(0, 40))
def test_a_rising_tariff_is_inverted_by_both_solvers(fee: int, tiers: list[tuple[int, int]], used: int) -> None:
    """Tiers of a width and a rate, written by if/else and by max: what was paid tells how much was used."""
    starts = [sum(width for width, _ in tiers[:k]) for k in range(len(tiers))]
    rates = [rate for _, rate in tiers]
    paid = [Fraction(fee)]
    for unit in range(used):
        paid.append(paid[-1] + next(r for s, r in reversed(list(zip(starts, rates, strict=True))) if unit >= s))
    parts, reached = [], fee
    for k, (width, rate) in enumerate(tiers):
        parts.append(f"{reached} + {rate}*(n - {starts[k]})")
        reached += width * rate
    nested = parts[-1]
    for part, start in zip(reversed(parts[:-1]), reversed(starts[1:]), strict=True):
        nested = f"if n <= {start} then {part} else ({nested})"
    rises = [b - a for a, b in zip([0, *rates], rates, strict=False)]
    summed = " + ".join([str(fee), *(f"({d})*max(0, n - {s})" for d, s in zip(rises, starts, strict=True))])
    for term in (nested, summed):
        program = read(f"var n: count\nlet price = {term}\nprice = {paid[-1]}\nask n\n")
        task = Task(program, checked(program))
        for solver in (Algebra(), Smt()):
            outcome = solver.solve(task)
            assert (outcome.status, outcome.answer) == (Status.VALUE, str(used)), term
