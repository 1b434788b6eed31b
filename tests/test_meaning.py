"""No solver ever says what is not so: against brute force, and under changes that leave the meaning what it was.

The default run takes the first few hundred seeds. A long one takes as many as it is told, from where it is told, so
that it can be shared out and taken up again; it prints how far it has come. 100,000 cases take a core some 50 minutes:

    NEUROSYM_MEANING_START=0 NEUROSYM_MEANING_CASES=100000 pytest tests/test_meaning.py -m long -s

A wrong verdict names its seed: `python tests/test_meaning.py SEED` shows the program, what it must come to, and what
each solver says.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from types import FrameType

import pytest
from brute_force import Expected, value_of, wrong
from fusion import fused, variant
from meaning import FAMILIES, Case, case, parsed
from metamorphic import CHANGES, Change, changed
from mutations import outcome_of, sources

import neurosym
from neurosym.language.check import check
from neurosym.language.lowering import elaborated
from neurosym.language.printer import show
from neurosym.language.read import read
from neurosym.outcome import DECIDED, Outcome, Status
from neurosym.solvers.base import Task
from neurosym.solving.combine import CONCLUSIVE
from neurosym.solving.route import route
from neurosym.solving.worker import answer

SHORT = 300
CPU_SECONDS = 30.0
"""A case that takes a solver longer is not decided; nothing here shows that it would be decided wrongly."""


class _TooLong(BaseException):
    """Passes through the solvers' own handlers."""


@contextmanager
def _limited() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def outcomes(program_text: str) -> Iterator[Outcome]:
    """What each solver that the program goes to says of it, in this process."""
    program, symbols, _ = elaborated(parsed(program_text))
    task = Task(program, symbols)
    for name in route(program, task.symbols):
        try:
            with _limited():
                yield Outcome.from_dict(answer(name, task))
        except _TooLong:
            yield Outcome(Status.TIMEOUT, solver=name)
        except Exception as error:  # what a worker would report as a failure of ours
            yield Outcome(Status.FAILURE, solver=name, message=repr(error))


def verdicts(found: Case, where: str) -> tuple[Status, ...]:
    """The statuses of all solvers; fails with the program where one of them is wrong."""
    text = show(found.program)
    told = tuple(outcomes(text))
    for outcome in told:
        why = wrong(outcome, found.expected)
        assert why is None, f"{where} ({found.family}): {outcome.solver} says {why}\n{text}"
    return tuple(outcome.status for outcome in told)


# --- against brute force ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", range(len(FAMILIES)), ids=tuple(FAMILIES))
def test_no_solver_contradicts_brute_force(part: int) -> None:
    told: Counter[Status] = Counter()
    for seed in range(part, SHORT // 2, len(FAMILIES)):
        told.update(verdicts(case(seed), f"seed {seed}"))
    decided = sum(told[status] for status in CONCLUSIVE)
    assert decided >= 0.9 * told.total(), told
    assert len(told) >= 2, "a family that always comes to the same shows little"


def test_no_change_of_form_changes_a_verdict() -> None:
    told: Counter[Status] = Counter()
    for seed in range(1000, 1000 + SHORT // 2):
        told.update(verdicts(variant(seed), f"variant {seed}"))
    assert sum(told[status] for status in CONCLUSIVE) >= 0.9 * told.total(), told


@pytest.mark.long
@pytest.mark.timeout(0)
def test_many_cases() -> None:
    start = int(os.environ.get("NEUROSYM_MEANING_START", "0"))
    total = int(os.environ.get("NEUROSYM_MEANING_CASES", "100000"))
    told: Counter[Status] = Counter()
    failures = []
    begun = time.monotonic()
    for done in range(1, total + 1):
        seed = start + done - 1
        try:
            told.update(verdicts(variant(seed), f"variant {seed}"))
        except AssertionError as error:
            failures.append(str(error))
            print(f"\n{error}", file=sys.stderr, flush=True)
        if done % 100 == 0 or done == total:
            rate = done / (time.monotonic() - begun)
            shown = ", ".join(f"{n} {status}" for status, n in told.most_common())
            line = f"{done} of {total} cases from seed {start}: {len(failures)} wrong; {rate:.1f}/s; {shown}"
            print(f"\r{line}", end="", file=sys.stderr, flush=True)
    assert not failures, f"{len(failures)} wrong verdicts, the first: {failures[0]}"


def test_the_whole_way_agrees_with_brute_force() -> None:
    decided = 0
    for seed in range(5000, 5040):
        found = variant(seed)
        outcome = neurosym.run(show(found.program), timeout=30)
        assert wrong(outcome, found.expected) is None, f"variant {seed}: {outcome}\n{show(found.program)}"
        decided += outcome.status in CONCLUSIVE
    assert decided >= 36


# --- the examples, changed --------------------------------------------------------------------------------------


@cache
def known() -> tuple[Case, ...]:
    """The examples whose answer has an exact value, and what they promise or were solved to."""
    texts = {s.id: s.program for s in sources()}
    for path in sorted((Path(__file__).parent.parent / "examples").glob("*.ns")):
        texts[path.stem] = re.sub(r"^#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = []
    for name, text in texts.items():
        if "python\n" in text or (outcome := outcome_of(text)) is None or not outcome.decided:
            continue
        answers = tuple(map(value_of, outcome.answers)) if outcome.option is None else ()
        if not any(isinstance(a, str) and a == shown for a, shown in zip(answers, outcome.answers, strict=False)):
            found.append(Case(name, read(text), Expected(outcome.status, answers, outcome.option)))
    return tuple(found)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_changed_examples_come_to_the_same(change: Change) -> None:
    applied = 0
    for found in known():
        result = changed(change, Random(found.family), found.program, found.expected)
        if result is not None and show(result[0]) != show(found.program):
            applied += 1
            verdicts(Case(found.family, *result), change.__name__)
    assert applied >= 2


def test_two_examples_in_one_program_come_to_both() -> None:
    examples = known()
    rng = Random(0)
    joined = 0
    for _ in range(40):
        both = fused(*rng.sample(examples, 2))
        if both is not None and route(both.program, check(both.program)[0]):
            joined += any(status in DECIDED for status in verdicts(both, "fusion"))
    assert joined >= 15


# --- found by these tests ---------------------------------------------------------------------------------------


def test_a_quantifier_among_several_targets_is_not_taken_for_false() -> None:
    (outcome,) = outcomes("sort s\nrel p(s)\nforall x: s. p(x)\nask 1, forall x: s. p(x)\n")
    assert (outcome.status, outcome.answers) == (Status.VALUE, ("1", "true"))


def test_mod_by_a_possible_zero_is_no_crash_of_algebra() -> None:
    program = "var x, y: 0..2\nx mod y = 1\nask x mod y, y\n"
    algebra, smt = outcomes(program)
    assert (algebra.status, algebra.answers) == (smt.status, smt.answers) == (Status.VALUE, ("1", "2"))


def test_an_if_within_the_condition_of_an_if_is_no_crash_of_algebra() -> None:
    program = "var x: 0..3\nlet w = if (if x - x != x then x else 3) > x - 2 then 1 else 2\nw = 2\nask w\n"
    for outcome in outcomes(program):
        assert outcome.status is Status.CONTRADICTORY


if __name__ == "__main__":
    chosen = variant(int(sys.argv[1]))
    print(show(chosen.program), chosen.expected, sep="")
    for said in outcomes(show(chosen.program)):
        print(said)
