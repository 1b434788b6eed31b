"""Answers that cannot be what the question asks for."""

import pytest

from neurosym.language.plausible import implausible


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
