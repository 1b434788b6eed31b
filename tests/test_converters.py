"""Published training sets as programs, and the same problems with other numbers."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.language.grounding import ungrounded
from neurosym.language.printer import show
from neurosym.language.quantities import numbers_in
from neurosym.language.read import read
from neurosym.solving.solve import solve
from neurosym.training.converters import CONVERTERS, converted
from neurosym.training.generator import Example
from neurosym.training.variation import varied

ORDER = {
    "id": "o",
    "problem": "Some words first.\n\n"
    "On a branch, there are five birds: a quail, an owl, a raven, a blue jay, and a robin. "
    "The owl is the leftmost. The robin is to the left of the raven. The quail is the rightmost. "
    "The raven is the third from the left.",
    "question": "Which of the following is true?",
    "options": ["A) The quail is the rightmost.", "B) The owl is the second from the right."],
    "answer": "A",
}
THEORY = {
    "id": "t",
    "problem": "The cow is blue. The cow likes the bald eagle. The bald eagle does not see the cow. "
    "If something likes the bald eagle and it is blue then it is kind. All kind, blue things are not cold. "
    "Red people are round.",
    "question": "Based on the above, is the following statement true, false, or unknown? The cow is cold.",
    "options": ["A) True", "B) False", "C) Unknown"],
    "answer": "B",
}


def test_an_order() -> None:
    program = CONVERTERS["logicaldeduction"](ORDER)
    assert program is not None
    assert show(program).splitlines()[3:] == [
        "place(owl) = 1",
        "place(robin) < place(raven)",
        "place(quail) = 5",
        "place(raven) = 3",
        "option A: place(quail) = 5",
        "option B: place(owl) = 5 + 1 - 2",
        "ask option must",
    ]


def test_a_theory() -> None:
    program = CONVERTERS["proofwriter"](THEORY)
    assert program is not None
    assert show(program).splitlines()[3:] == [
        "blue(cow)",
        "likes(cow, bald_eagle)",
        "not sees(bald_eagle, cow)",
        "forall x: thing. likes(x, bald_eagle) and blue(x) -> kind(x)",
        "forall x: thing. kind(x) and blue(x) -> not cold(x)",
        "forall x: thing. red(x) -> round_(x)",  # `round` is a built-in function
        "ask cold(cow)",
    ]


@pytest.mark.parametrize(("name", "record"), [("logicaldeduction", ORDER), ("proofwriter", THEORY)])
def test_only_what_gives_the_gold_answer_is_kept(name: str, record: Mapping[str, Any]) -> None:
    wrong = {**record, "answer": "C"}
    odd = {**record, "problem": "Whatever this may be, it has another form"}
    kept = [example for _, example in converted(name, iter([record, wrong, odd]))]
    assert [example is not None for example in kept] == [True, False, False]


# Arithmetic, by the annotations of a written solution


def story(problem: str, solution: str, answer: str) -> str | None:
    """The program of a record of GSM8K's form."""
    program = CONVERTERS["gsm8k"]({"problem": problem, "solution": solution, "answer": answer})
    return show(program) if program else None


def test_steps_are_named_by_the_clause_before_and_the_words_after() -> None:
    assert story(
        "Ida has 12 plums and Otto has twice as many. They eat 5 of them. How many are left?",
        "Since Ida has 12, Otto has 12*2=<<12*2=24>>24 plums.\nTogether they have 12+24=<<12+24=36>>36 plums.\n"
        "So 36-5=<<36-5=31>>31 remain.\n#### 31",
        "31",
    ) == ("let otto_plums = 12*2\nlet together_plums = 12 + otto_plums\nlet remain = together_plums - 5\nask remain\n")


def test_of_equal_numbers_a_step_not_used_yet_is_meant() -> None:
    """Four boxes of 6 are 24; the 24 of the next step is theirs, although the problem says 24, too."""
    assert (
        story(
            "Of 24 jars, some are in 4 boxes of 6. How many are there with the 24 of last week?",
            "The boxes hold <<4*6=24>>24. With those of last week there are <<24+24=48>>48 jars.",
            "48",
        )
        == "let boxes_hold = 4*6\nlet last_week_jars = boxes_hold + 24\nask last_week_jars\n"
    )


@pytest.mark.parametrize(
    ("solution", "answer"),
    [
        ("He has <<2+3=5>>5 pens. He pays <<2*3=6>>6 dollars.", "6"),  # what are the pens for?
        ("He has <<2+3=5>>5 pens.", "7"),
        ("He has <<2+x=5>>5 pens.", "5"),
        ("He has five pens.", "5"),
    ],
)
def test_a_solution_that_does_not_hang_together_is_left_out(solution: str, answer: str) -> None:
    assert story("He buys 2 pens, then 3.", solution, answer) is None


def test_steps_after_the_answer_are_left_out() -> None:
    found = story("Add 2 and 3.", "The sum is <<2+3=5>>5. To check, <<5-3=2>>2 is what he had.", "5")
    assert found == "let sum = 2 + 3\nask sum\n"


# Other numbers

SHOP = Example(
    "shop-1",
    "shop",
    "In 1995 Eva bought 14 bags of 6 buns at $2.50 a bag, in 3 shops. 25% of the buns were stale. How many were not?",
    "let buns = 14*6\nlet stale = 25/100*buns\nlet fresh = buns - stale\nask fresh\n",
)


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_a_problem_with_other_numbers_is_as_sound(seed: int) -> None:
    other = varied(SHOP, seed)
    assert other is not None
    assert varied(SHOP, seed) == other
    program = read(other.program)
    assert not ungrounded(program, other.problem)
    old, new = ([q.value for q in numbers_in(e.problem)] for e in (SHOP, other))
    changed = [a != b for a, b in zip(old, new, strict=True)]
    assert changed == [False, True, True, False, False, True]  # year, price and shops are not the program's
    assert new[-1] < 1
    answer = Fraction(str(solve(program, timeout=60).answer))
    assert answer.denominator == 1
    assert answer > 0


@pytest.mark.parametrize(
    ("problem", "program"),
    [
        ("Bo has nine pens and loses 2.", "let left = 9 - 2\nask left\n"),  # in words; and 2 may be `twice`
        ("He works 5 days a week for 8 hours.", "let hours = 5*9\nask hours\n"),
        ("At 9:30 bus 40-B leaves.", "let both = 9 + 40\nask both\n"),
        ("A cow eats 3 apples.", "var x: count\nx = 3\nask x\n"),
    ],
)
def test_numbers_that_say_something_else_stay(problem: str, program: str) -> None:
    assert varied(Example("1", "x", problem, program), 0) is None
