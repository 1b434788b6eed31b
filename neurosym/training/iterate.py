"""Lessons from what a model writes itself: programs that solvers confirm, and failures with the program that is right.

Expert iteration: Anthony et al. 2017; "STaR" (Zelikman et al. 2022). What failed becomes a lesson in repairing where
another candidate of the same problem is right, or where the right program is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from neurosym.engine import Engine
from neurosym.evaluation.golds import Gold, right
from neurosym.language.canonical import key
from neurosym.language.printer import show
from neurosym.language.read import read
from neurosym.result import Problem
from neurosym.search.cluster import Attempt, to_repair
from neurosym.search.prompt import task
from neurosym.training.generator import Example
from neurosym.training.lessons import Lesson, repair, translation

MOST = 4
"""Different right programs that one problem may teach: easy problems have many, and shall not crowd out the others."""


def confirmed(engine: Engine, golds: Sequence[Gold]) -> Iterator[tuple[Gold, list[Lesson]]]:
    """Each problem, as it is done, with the lessons from sampling programs for it with the engine's model.

    Raises what `Engine.solve_many` raises.
    """
    results = engine.solve_many(gold.problem for gold in golds)
    for gold, result in zip(golds, results, strict=True):
        asked = task(gold.problem.text, gold.problem.question, gold.problem.options)
        programs = _right(result.attempts, gold)
        examples = [Example(gold.problem.id, gold.family, asked, program) for program in programs[:MOST]]
        found = [translation(example, f"{gold.family}: confirmed") for example in examples]
        failed = next((a for a in result.attempts if a.complaint and not right(a.outcome.answer, gold)), None)
        if examples and failed:
            found.append(repair(examples[0], failed.candidate.text, failed.complaint))
        yield gold, found


def failures(engine: Engine, examples: Sequence[Example]) -> Iterator[tuple[Example, Lesson | None]]:
    """Each example, as it is done, with the lesson to repair a program that something is wrong with, if there is one.

    It is the one that the engine would ask to be repaired if no other were sound: that alone is too rare to learn from.
    Raises what `Engine.solve_many` raises.
    """
    results = engine.solve_many(Problem(example.problem, id=example.id) for example in examples)
    for example, result in zip(examples, results, strict=True):
        failed = to_repair([attempt for attempt in result.attempts if attempt.complaint])
        if failed and failed.program is not None and key(failed.program) == key(read(example.program)):
            failed = None  # right, and doubted without reason
        yield example, repair(example, failed.candidate.text, failed.complaint) if failed else None


def _right(attempts: Sequence[Attempt], gold: Gold) -> list[str]:
    """The different programs, canonically printed, that give the gold answer and that no check doubts."""
    found: dict[object, str] = {}
    for attempt in attempts:
        if attempt.program is not None and attempt.clean and right(attempt.outcome.answer, gold):
            found.setdefault(key(attempt.program), show(attempt.program))
    return list(found.values())
