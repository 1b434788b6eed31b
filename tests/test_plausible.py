"""Answers that cannot be what the question asks for."""

import pytest

from neurosym.language.check import check
from neurosym.language.plausible import implausible, odd_quantities
from neurosym.language.read import read
from neurosym.training.problems import problem_families

LEFT = "let eaten = 7*12\nlet left = 30 - eaten\nask left\n"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many jars does she fill?", "23/14"),
        ("How many more pages are left?", "-3"),
        ("How many of the marbles are red?", "2.5"),
        ("How many hours did he work?", "-2"),
    ],
)
def test_so_many_there_cannot_be(question: str, answer: str) -> None:
    (found,) = implausible((answer,), f"Nora has 14 jars. {question}")
    assert found.code == "implausible-answer"
    assert answer in found.message


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many jars does she fill?", "23"),
        ("How many hours did he work?", "7/2"),
        ("How many goals does she score on average?", "5/2"),
        ("How many times as old is he?", "3/2"),
        ("What is the difference?", "-4"),
        ("How many ways are there?", "x + 1"),
        ("How many are there?", "{1, 2}"),
    ],
)
def test_so_many_there_can_be(question: str, answer: str) -> None:
    assert implausible((answer,), f"Nora has 14 jars. {question}") == ()


def test_several_answers_are_not_judged() -> None:
    assert implausible(("1/2", "-1"), "How many apples and how many pears are there?") == ()


def odd(program: str, problem: str) -> list[str]:
    parsed = read(program)
    symbols, wrong = check(parsed)
    assert not wrong
    return [d.message for d in odd_quantities(parsed.statements, symbols, problem)]


def test_nothing_is_fewer_than_none_and_little_comes_in_sevenths() -> None:
    assert odd(LEFT, "A baker eats 12 of 30 rolls a day for 7 days. What is left?") == ["left comes to -54"]
    assert odd("let each = 30/7\nask each\n", "7 children share 30 plums. What does each get?") == [
        "each comes to 30/7"
    ]


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        (LEFT, "He owes 7 people 12 dollars each and has 30. What is his balance?"),
        ("let x = 2 - 5\nask x\n", "What is 2 - 5?"),
        ("var x: real\nx = -3\nlet y = x - 1\nask y\n", "Which number is it?"),
        ("let each = 30/8\nask each\n", "8 children share 30 plums. What does each get?"),
        ("let chance = 2/7\nask chance\n", "2 of 7 balls are red. What is the chance of a red one?"),
        ("let left = 30 - 12\nask left\n", "A baker eats 12 of 30 rolls. What is left?"),
    ],
)
def test_some_things_are(program: str, problem: str) -> None:
    assert odd(program, problem) == []


def test_right_programs_hardly_have_odd_quantities() -> None:
    families = problem_families()
    doubted = [f.name for f in families if (e := f.generate(4)) and odd(e.program, e.problem)]
    assert len(doubted) < len(families) / 200, doubted
