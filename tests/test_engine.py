"""The engine: how problems meet the model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from neurosym.engine import Engine
from neurosym.models.base import Candidate, LineCheck, LineVerdict, Request, Training
from neurosym.result import Problem

THEORY = "Ann is red. Ann likes Ben. If someone likes Ben then they are kind. Is the following true: Ann is kind."
WRITTEN = """sort thing
const ann, ben: thing
rel likes(thing, thing)
red(ann)
likes(ann, ben)
forall x: thing. likes(x, ben) -> kind(x)
ask kind(ann)
"""


class Writer:
    """Writes line by line what it is told to, as far as the engine lets it."""

    name = "writer"
    training: Training | None = None

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines(keepends=True)

    def propose(
        self, requests: Sequence[Request], *, check: LineCheck, seed: int
    ) -> Iterator[tuple[int, tuple[Candidate, ...]]]:
        for index, request in enumerate(requests):
            parts = ["".join(self.lines[:n]) for n in range(1, len(self.lines) + 1)]
            passed = [text for text in parts if check(request.key, text).finding != "wrong"]
            yield index, (Candidate(passed[-1], None, 5, "end" if passed == parts else "stuck"),)


class Doubler:
    """Doubles the number of a problem, where the engine lets such a line pass."""

    name = "doubler"
    training: Training | None = None

    def __init__(self) -> None:
        self.asked: list[list[Request]] = []

    def propose(
        self, requests: Sequence[Request], *, check: LineCheck, seed: int
    ) -> Iterator[tuple[int, tuple[Candidate, ...]]]:
        self.asked.append(list(requests))
        for index, request in enumerate(requests):
            text = f"ask 2*{re.findall('[0-9]+', request.messages[-1][1])[-1]}\n"
            yield index, (Candidate(text, None, 5, "end"),) if check(request.key, text) == LineVerdict("sound") else ()


def test_problems_of_one_name_are_checked_each_against_its_own_text() -> None:
    texts = [f"Ann has {n} pens, twice as many as before." for n in (31, 47, 59)]
    model = Doubler()
    engine = Engine(model, candidates=1, repairs=0)
    answers = [r.answer for r in engine.solve_many(Problem(text, id="1") for text in texts)]
    assert answers == ["62", "94", "118"]
    assert [len(requests) for requests in model.asked] == [1, 1, 1]


def test_a_check_says_what_is_unlikely_and_what_is_wrong() -> None:
    found = {}

    class Asker(Doubler):
        def propose(
            self, requests: Sequence[Request], *, check: LineCheck, seed: int
        ) -> Iterator[tuple[int, tuple[Candidate, ...]]]:
            for text in ("let left = 5 - 9\n", "let left = 9 - 5\n", "ask 9 - 5\n", "ask 9 - 8\n"):
                found[text] = check(requests[0].key, text).finding
            return iter(())

    Engine(Asker(), candidates=1, repairs=0).solve("Ann has 9 pens. 5 pens break and 3 pens are lost. What is left?")
    assert list(found.values()) == ["unlikely", "sound", "sound", "wrong"]


@pytest.mark.parametrize("repairs", [None, False, True])
def test_who_was_trained_but_not_to_repair_goes_on_without_what_failed(repairs: bool | None) -> None:
    """Others are told what was wrong. `repairs` None: not trained at all."""
    asked: list[tuple[Request, int]] = []

    class Repeater(Doubler):
        training = None if repairs is None else Training("ir", Path("nowhere"), repairs=repairs)

        def propose(
            self, requests: Sequence[Request], *, check: LineCheck, seed: int
        ) -> Iterator[tuple[int, tuple[Candidate, ...]]]:
            asked.extend((request, seed) for request in requests)
            decoded = ((len(asked), 0.5), (7, 1.0))
            yield 0, (Candidate("ask 9 - 5\n", None, 5, "end", decoded),) * requests[0].n

    result = Engine(Repeater(), candidates=3, repairs=2).solve(
        "Ann has 9 pens. 5 pens break, 3 are lost. What is left?"
    )
    assert [a.round for a in result.attempts] == [0] * 3 + [1] * 2 + [2] * 2
    assert {a.candidate.decoded for a in result.attempts} == {()}, "of no use any more"
    first, *others = (request for request, _ in asked)
    if repairs is False:
        assert [(r.messages, r.first, r.n) for r in others] == [(first.messages, 3, 2), (first.messages, 5, 2)]
        assert [[path[0][0] for path in r.refused] for r in others] == [[1] * 3, [1] * 3 + [2] * 2]
        assert [seed for _, seed in asked] == [0, 0, 0], "draws go on"
    else:
        assert all("does not use '3'" in r.messages[-1][1] and not r.refused and r.first == 0 for r in others)
        assert [seed for _, seed in asked] == [0, 1, 2], "draws are others"


def test_a_longer_problem_may_have_a_longer_program() -> None:
    model = Doubler()
    engine = Engine(model, candidates=1, repairs=0)
    for text in ("Ann has 31 pens.", "Ann has 31 pens. " * 20):
        engine.solve(text)
    Engine(model, candidates=1, repairs=0, max_tokens=7).solve("Ann has 31 pens.")
    short, long, fixed = (requests[0].budget for requests in model.asked)
    assert 7 == fixed < 100 < short < long


def test_a_relation_of_the_problem_that_was_not_declared_is_declared() -> None:
    result = Engine(Writer(WRITTEN), candidates=1, repairs=0).solve(THEORY)
    assert result.answer == "true"
    assert result.attempts[0].candidate.text == WRITTEN
    assert "rel red(thing)\nred(ann)" in result.program
    assert "rel kind(thing)\nforall" in result.program


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("red(ann)", "blue(ann)"),  # the problem does not say it
        ("kind(x)", "kind(x) + 1 = 2"),  # no relation
        ("red(ann)", "red(ann, kind(ben))"),  # applied to no name
        ("sort thing\n", "sort thing\nsort place\n"),  # of which sort?
        ("rel likes(thing, thing)\n", "rel likes(thing, thing)\nrel red(thing) closed\n"),  # open or closed?
    ],
)
def test_what_can_mean_several_things_is_not_declared(old: str, new: str) -> None:
    assert old in WRITTEN
    result = Engine(Writer(WRITTEN.replace(old, new)), candidates=1, repairs=0).solve(THEORY)
    assert result.attempts[0].candidate.finish == "stuck"
