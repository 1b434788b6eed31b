"""Answers that cannot be what the question asks for."""

import pytest

from neurosym.language.check import check
from neurosym.language.plausible import below_zero, implausible
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


def negative(program: str, problem: str) -> list[str]:
    parsed = read(program)
    symbols, wrong = check(parsed)
    assert not wrong
    return [d.message for d in below_zero(parsed.statements, symbols, problem)]


def test_nothing_is_fewer_than_none() -> None:
    assert negative(LEFT, "A baker eats 12 of 30 rolls a day for 7 days. What is left?") == ["left comes to -54"]


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        (LEFT, "He owes 7 people 12 dollars each and has 30. What is his balance?"),
        ("let x = 2 - 5\nask x\n", "What is 2 - 5?"),
        ("var x: real\nx = -3\nlet y = x - 1\nask y\n", "Which number is it?"),
        ("let left = 30 - 12\nask left\n", "A baker eats 12 of 30 rolls. What is left?"),
    ],
)
def test_some_things_are(program: str, problem: str) -> None:
    assert negative(program, problem) == []


def test_right_programs_have_no_negative_quantities() -> None:
    for family in problem_families()[::5]:
        example = family.generate(4)
        assert negative(example.program, example.problem) == [], family.name
