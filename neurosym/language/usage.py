"""What a program declares and never uses: a definition that feeds no question is a sentence misread or half read."""

from __future__ import annotations

import re

from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.sentences import names_of

_IDENTIFIER = re.compile(r"[^\W\d]\w*")


def unused_definitions(program: t.Program) -> tuple[Diagnostic, ...]:
    """`unused-definition` for each `let` that feeds no ask, premise, option or goal, and each unused `var`."""
    lets = {s.name: s for s in program.statements if isinstance(s, t.Let)}
    reached: set[str] = set()
    for s in program.statements:
        if not isinstance(s, t.Let):
            reached |= names_of(s) | _bounds(s)
        if isinstance(s, t.Python):
            reached |= set(_IDENTIFIER.findall(s.code))
    todo = [n for n in reached if n in lets]
    while todo:
        needed = (names_of(lets[todo.pop()]) & lets.keys()) - reached
        reached |= needed
        todo.extend(needed)
    anywhere = reached.union(*(names_of(s) for s in lets.values())) if lets else reached
    found = []
    for s in program.statements:
        if isinstance(s, t.Let) and s.name not in reached:
            found.append(_unused(s.name, s, "nothing that is asked depends on it"))
        elif isinstance(s, t.Var):
            found += [_unused(name, s, "no statement mentions it") for name in s.names if name not in anywhere]
    return tuple(found)


def _bounds(statement: t.Statement) -> set[str]:
    """The names of `let` that bound the ranges of a declaration."""
    ranges = (node for node in t.walk(statement) if isinstance(node, t.Range))
    return {bound for r in ranges for bound in (r.low, r.high) if isinstance(bound, str)}


def _unused(name: str, at: t.Statement, why: str) -> Diagnostic:
    return Diagnostic("unused-definition", f"{name!r} is never used: {why}", at.span, "use it, or leave it out")
