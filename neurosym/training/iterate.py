"""Lessons from what a model writes itself: programs that solvers confirm, failures to repair, and verdicts.

Expert iteration: Anthony et al. 2017; "STaR" (Zelikman et al. 2022). What failed becomes a lesson in repairing where
another candidate of the same problem is right, or where the right program is known. Verdicts on its own programs make
the model a judge of them ("Training verifiers to solve math word problems", Cobbe et al. 2021).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from neurosym.engine import Engine
from neurosym.evaluation.golds import Gold, right
from neurosym.language.canonical import key
from neurosym.language.printer import show
from neurosym.language.read import read
from neurosym.result import Problem
from neurosym.search.cluster import Attempt, to_repair
from neurosym.search.prompt import task
from neurosym.solving.solve import solve
from neurosym.training.generator import Example
from neurosym.training.lessons import Lesson, repair, translation, verdict

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


def reviewed(engine: Engine, examples: Sequence[Example], verdicts: int) -> Iterator[tuple[Example, list[Lesson]]]:
    """Each example, as it is done, with lessons from sampling programs for it with the engine's model.

    One is to repair a program that something is wrong with, if there is one: that which the engine would ask to be
    repaired if no other were sound, since that alone is too rare to learn from. The others judge programs that read, at
    most `verdicts` different right and as many wrong ones. Raises what `Engine.solve_many` raises.
    """
    results = engine.solve_many(Problem(example.problem, id=example.id) for example in examples)
    for example, result in zip(examples, results, strict=True):
        failed = to_repair([attempt for attempt in result.attempts if attempt.complaint])
        if failed and failed.program is not None and key(failed.program) == key(read(example.program)):
            failed = None  # right, and doubted without reason
        found = [repair(example, failed.candidate.text, failed.complaint)] if failed else []
        yield example, [*found, *(_verdicts(example, result.attempts, verdicts) if verdicts else ())]


def _verdicts(example: Example, attempts: Sequence[Attempt], most: int) -> Iterator[Lesson]:
    answer = solve(read(example.program), timeout=10).answer
    gold = Gold(Problem(example.problem), () if answer is None else (answer,), example.family)
    texts = {a.candidate.text: right(a.outcome.answer, gold) for a in attempts if a.program is not None}
    for wanted in (True, False):
        chosen = islice((text for text, is_right in texts.items() if is_right is wanted), most)
        yield from (verdict(example.problem, text, right=wanted) for text in chosen)


def _right(attempts: Sequence[Attempt], gold: Gold) -> list[str]:
    """The different programs, canonically printed, that give the gold answer and that no check doubts."""
    found: dict[object, str] = {}
    for attempt in attempts:
        if attempt.program is not None and attempt.clean and right(attempt.outcome.answer, gold):
            found.setdefault(key(attempt.program), show(attempt.program))
    return list(found.values())
