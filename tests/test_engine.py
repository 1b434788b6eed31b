"""The engine: how problems meet the model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from neurosym.engine import Engine
from neurosym.models.base import Candidate, LineCheck, Request
from neurosym.result import Problem


class Doubler:
    """Doubles the number of a problem, where the engine lets such a line pass."""

    name = "doubler"
    training = None

    def __init__(self) -> None:
        self.asked: list[list[Request]] = []

    def propose(
        self, requests: Sequence[Request], *, check: LineCheck, seed: int
    ) -> Iterator[tuple[int, tuple[Candidate, ...]]]:
        self.asked.append(list(requests))
        for index, request in enumerate(requests):
            text = f"ask 2*{re.findall('[0-9]+', request.messages[-1][1])[-1]}\n"
            yield index, (Candidate(text, None, 5, "end"),) if check(request.key, text) else ()


def test_problems_of_one_name_are_checked_each_against_its_own_text() -> None:
    texts = [f"Ann has {n} pens, twice as many as before." for n in (31, 47, 59)]
    model = Doubler()
    engine = Engine(model, candidates=1, repairs=0)
    answers = [r.answer for r in engine.solve_many(Problem(text, id="1") for text in texts)]
    assert answers == ["62", "94", "118"]
    assert [len(requests) for requests in model.asked] == [1, 1, 1]


def test_a_longer_problem_may_have_a_longer_program() -> None:
    model = Doubler()
    engine = Engine(model, candidates=1, repairs=0)
    for text in ("Ann has 31 pens.", "Ann has 31 pens. " * 20):
        engine.solve(text)
    Engine(model, candidates=1, repairs=0, max_tokens=7).solve("Ann has 31 pens.")
    short, long, fixed = (requests[0].budget for requests in model.asked)
    assert 7 == fixed < 100 < short < long
