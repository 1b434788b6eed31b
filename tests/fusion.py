"""Two programs made one, whose outcome follows from theirs; and the case of a seed, changed or fused."""

from __future__ import annotations

from random import Random

from brute_force import Expected
from meaning import Case, case, parsed
from metamorphic import CHANGES, by_names, changed, own_names, total

from neurosym.language import tree as t
from neurosym.language.printer import show
from neurosym.language.values import Value
from neurosym.outcome import Status


def fused(first: Case, second: Case) -> Case | None:
    """Both programs' statements, with names apart, and both questions; None where the two cannot be asked together."""
    parts = []
    for mark, one in (("l", first), ("r", second)):
        table = {name: f"{mark}_{name}" for name in own_names(one.program)}
        parts.append(by_names(one.program, one.expected, table))
    (left, a), (right, b) = parts
    graph = [any(isinstance(s, t.Graph) for s in p.statements) for p, _ in parts]
    if graph[0] != graph[1] or isinstance(right.ask, t.AskOption):
        return None
    body = (*left.statements[:-1], *right.statements[:-1])
    assert isinstance(right.ask, t.Ask)
    if Status.CONTRADICTORY in (a.status, b.status):
        expected = Expected(Status.CONTRADICTORY)
    elif isinstance(left.ask, t.AskOption):
        expected = a
    else:
        expected = _joined(a, b)
    if isinstance(left.ask, t.AskOption):
        # the other question is not asked, so that it may have no value must not be what contradicts
        ask: t.Statement = left.ask
        if not all(total(e) for e in right.ask.targets):
            return None
    else:
        assert isinstance(left.ask, t.Ask)
        ask = t.Ask((*left.ask.targets, *right.ask.targets))
    program = t.Program((*body, ask))
    return Case(f"{first.family}+{second.family}", parsed(show(program)), expected)


def _joined(a: Expected, b: Expected) -> Expected:
    truths: dict[Status, tuple[Value, ...]] = {Status.TRUE: (True,), Status.FALSE: (False,)}
    values = [e.answers if e.status is Status.VALUE else truths.get(e.status) for e in (a, b)]
    if values[0] is None or values[1] is None:
        return Expected(Status.UNDERDETERMINED)
    return Expected(Status.VALUE, (*values[0], *values[1]))


def variant(seed: int) -> Case:
    """The case of a seed, as it is, changed or fused: what a long run solves."""
    rng = Random(~seed)
    found = case(seed)
    if rng.random() < 0.15:
        return fused(found, case(rng.randrange(10**6))) or found
    for change in rng.sample(CHANGES, rng.choice((0, 1, 2, 3))):
        result = changed(change, rng, found.program, found.expected)
        if result is not None:
            found = Case(f"{found.family} {change.__name__}", *result)
    return found
