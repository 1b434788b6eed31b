"""Training the scorer: a trained model's answers to problems that it was not trained on, right and wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from neurosym.engine import Engine
from neurosym.errors import InputError
from neurosym.evaluation.golds import Gold
from neurosym.language.read import read
from neurosym.progress import Progress
from neurosym.result import Problem
from neurosym.search.scorer import write_scorer
from neurosym.solving.solve import solve
from neurosym.training.fit_scorer import Observation, fit_scorer, observations
from neurosym.training.problems import problem_families

_FRESH = 10**6
"""No lessons are made of seeds from here on."""


def calibrate(adapter: Path, golds: Sequence[Gold], engine: Engine) -> None:
    """Solve the problems with the adapter's engine, and write the scorer that tells its right answers from wrong.

    What was seen is kept in the folder, a problem a line: an interrupted run goes on there. Raises UsageError where
    the answers are all right or all wrong.
    """
    path = adapter / "scorer-observations.jsonl"
    done = _read(path)
    todo = [gold for gold in golds if gold.problem.id not in done]
    with (
        Progress(len(todo), sys.stderr, "problems for the scorer") as progress,
        path.open("a", encoding="utf-8") as file,
    ):
        for gold, result in zip(todo, engine.solve_many(gold.problem for gold in todo), strict=True):
            done[gold.problem.id] = observations(result, gold)
            file.write(json.dumps([gold.problem.id, done[gold.problem.id]]) + "\n")
            file.flush()
            progress.step(gold.problem.id)
    write_scorer(fit_scorer([seen for found in done.values() for seen in found]), adapter)


def _read(path: Path) -> dict[str, list[Observation]]:
    if not path.exists():
        return {}
    *lines, _ = path.read_text(encoding="utf-8").split("\n")
    try:
        found = dict(json.loads(line) for line in lines)
    except ValueError as error:
        raise InputError(f"{path}: {error}") from None
    return {name: [(tuple(row), bool(is_right)) for row, is_right in seen] for name, seen in found.items()}


def unseen(number: int, seed: int) -> Iterator[Gold]:
    """`number` problems that are no lessons: by turns of the training families, and of those kept for the scorer.

    It so learns how much less is right where its adapter knows no such problem, and how much is where it does.
    """
    random = Random(seed)
    kinds = [[family for family in problem_families() if family.use == use] for use in ("training", "scorer")]
    for turn in range(number):
        example = random.choice(kinds[turn % len(kinds)]).generate(_FRESH + random.randrange(_FRESH))
        answer = solve(read(example.program), timeout=10).answer
        if answer is not None:
            yield Gold(Problem(example.problem, id=example.id), (answer,), example.family)
