"""Programs and outcomes in plain words."""

from __future__ import annotations

import pytest

from neurosym.explain import MAX_STEPS, explain
from neurosym.language.read import read
from neurosym.outcome import Evidence, Outcome, Status


def test_definitions_are_told_with_their_values() -> None:
    program = read("let rolls = 3 * 12  # a dozen is 12\nlet earned: dollars = rolls * 2\nask earned\n")
    told = explain(program, Outcome(Status.VALUE, ("72",), evidence=(Evidence("evaluation", "algebra", True),)))
    assert told.splitlines() == [
        "1. rolls = 3*12 = 36 (a dozen is 12).",
        "2. earned = rolls*2 = 72 dollars.",
        "3. Asked: earned.",
        "4. The answer is 72.",
        "5. Evaluating the program gives it (algebra).",
    ]


def test_what_is_defined_from_an_unknown_is_computed_from_the_answer() -> None:
    told = explain(read("var x: count\nlet double = 2*x\ndouble = 6\nask x\n"), Outcome(Status.VALUE, ("3",)))
    assert "double = 2*x = 6." in told


def test_a_puzzle_is_told_with_its_option() -> None:
    program = read(
        "sort bird = {owl, raven}\nfun place(bird): 1..2\ndistinct place\nplace(owl) = 1\n"
        "option A: place(raven) = 2\nask option must\n"
    )
    told = explain(program, Outcome(Status.VALUE, option="A", evidence=(Evidence("uniqueness", "smt", False),)))
    assert "There are 2 of bird: owl, raven." in told
    assert "The answer is option A." in told
    assert "It is not shown that no other answer is possible (smt)." in told


@pytest.mark.parametrize("status", Status)
def test_every_outcome_has_its_sentence(status: Status) -> None:
    told = explain(read("ask 1 = 2"), Outcome(status, ("false",), message="because of this"))
    verdict = told.splitlines()[1]
    assert verdict.startswith("2. ")
    assert verdict.endswith(".")
    decided = status in (Status.VALUE, Status.TRUE, Status.FALSE, Status.INDEPENDENT)
    assert ("because of this" in verdict) is not decided


def test_verdicts_differ_by_status() -> None:
    verdicts = {explain(read("ask 1 = 2"), Outcome(status)).splitlines()[1] for status in Status}
    assert len(verdicts) == len(Status)


def test_contradictions_name_their_lines_and_witnesses_are_shown() -> None:
    program = read("var x: int\nx > 1\nx < 1\nask x\n")
    assert "contradicts itself in lines 2, 3." in explain(program, Outcome(Status.CONTRADICTORY, core=(2, 3)))
    told = explain(program, Outcome(Status.UNDERDETERMINED, witnesses=({"x": "1"}, {"x": "2"})))
    assert "One case: x = 1." in told
    assert "One case: x = 2." in told


def test_a_long_program_is_cut() -> None:
    program = read("".join(f"let a{k} = {k}\n" for k in range(200)) + "ask a1\n")
    lines = explain(program, Outcome(Status.VALUE, ("1",))).splitlines()
    assert len(lines) == MAX_STEPS + 2
    assert lines[MAX_STEPS].endswith("and 141 more statements.")
