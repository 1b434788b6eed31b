"""A relation that a translation uses and forgot to declare.

Who declares before writing has to know all relations in advance; a small model leaves one out and can then not go on.
"""

from __future__ import annotations

from neurosym.language import tree as t
from neurosym.language.builtins import BUILTINS
from neurosym.language.sentences import stems


def with_relations(program: t.Program, problem: str) -> t.Program:
    """The program with a `rel` before the first use of each relation that it does not declare but the problem names.

    Only where that can mean one thing: there is one sort, all other relations are open or all closed, and what the
    relation is applied to are names. What else is wrong stays wrong: the result is to be checked.
    """
    sorts = [s.name for s in program.statements if isinstance(s, t.Sort)]
    worlds = {s.closed for s in program.statements if isinstance(s, t.Rel)}
    if len(sorts) != 1 or len(worlds) != 1:
        return program
    known = {*BUILTINS, *_declared(program)}
    told = frozenset(stems(problem))
    statements: list[t.Statement] = []
    for statement in program.statements:
        for call in t.walk(statement):
            if isinstance(call, t.Call) and call.function not in known and _is_told(call, told):
                known.add(call.function)
                signature = t.Signature(call.function, (sorts[0],) * len(call.args))
                statements.append(t.Rel((signature,), *worlds, span=statement.span))
        statements.append(statement)
    return t.Program(tuple(statements))


def _declared(program: t.Program) -> set[str]:
    found = set()
    for s in program.statements:
        if isinstance(s, t.Fun | t.Rel):
            found |= {signature.name for signature in s.signatures}
        elif isinstance(s, t.Graph):
            found.add(s.signature.name)
    return found


def _is_told(call: t.Call, told: frozenset[str]) -> bool:
    words = stems(call.function)
    return bool(words and call.args) and told.issuperset(words) and all(isinstance(a, t.Name) for a in call.args)
