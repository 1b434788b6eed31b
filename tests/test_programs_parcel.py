"""What a worker unpacks is the task that was packed: the tree, its places and notes, what the names stand for."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from strategies import programs

import neurosym
from neurosym.language import tree as t
from neurosym.language.bounds import MAX_DEPTH, MAX_DIGITS
from neurosym.language.check import check
from neurosym.language.read import read
from neurosym.solvers.base import Task
from neurosym.solving.parcel import pack, unpack


def sent(program: t.Program) -> Task:
    return unpack(pack(Task(program, check(program)[0])))


@settings(max_examples=60)
@given(programs)
def test_a_task_arrives_as_it_was_sent(program: t.Program) -> None:
    assert sent(program) == Task(program, check(program)[0])


def test_places_and_notes_arrive() -> None:
    program = read("\nlet a = 2  # two\nask a + 1\n")
    arrived = sent(program).program
    assert [(s.span, s.note) for s in arrived.statements] == [(s.span, s.note) for s in program.statements]
    ask = arrived.ask
    assert isinstance(ask, t.Ask)
    assert ask.targets[0].span is not None


def test_what_is_just_within_the_bounds_arrives() -> None:
    deep = read(f"ask {'-' * (MAX_DEPTH - 10)}1\n")
    assert sent(deep).program == deep
    long = read(f"ask {'9' * MAX_DIGITS}%\n")
    assert sent(long).program == long
    third = t.Program((t.Ask((t.Number(Fraction(1, 3)),)),))  # which has no text
    assert sent(third).program == third


def test_a_core_names_lines_of_the_source() -> None:
    outcome = neurosym.run("\n\nvar x: int\n\nx > 3\n\nx < 2  # less\nask x\n")
    assert outcome.core == (5, 7)
