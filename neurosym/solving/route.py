"""Which solvers a program goes to, by what it contains: the first answers, the second checks it."""

from __future__ import annotations

from neurosym.language import tree as t
from neurosym.language.builtins import BUILTINS, Group
from neurosym.language.clauses import rule_program
from neurosym.language.symbols import TRUTH, GraphSymbol, SortSymbol, Symbols, Unknown
from neurosym.solvers import solvers
from neurosym.solvers.base import Content

_LOGIC_STATEMENTS = (t.Sort, t.Const, t.Fun, t.Rel, t.Distinct, t.Option, t.Goal, t.AskOption)


def content(program: t.Program, symbols: Symbols) -> Content:
    """What `program` contains; NUMBERS or RULES alone where it contains nothing else."""
    if any(True for _ in symbols.of(GraphSymbol)):
        return Content.GRAPH
    if rule_program(program, symbols) is not None:
        return Content.RULES
    found = Content(0)
    if any(isinstance(s, Unknown) and _is_logical(s, symbols) for _, s in symbols.of(Unknown)):
        found |= Content.LOGIC
    for statement in program.statements:
        if isinstance(statement, _LOGIC_STATEMENTS):
            found |= Content.LOGIC
        for node in t.walk(statement):
            if isinstance(node, t.Quantified):
                found |= Content.LOGIC
            elif isinstance(node, t.Call) and _group(node) is Group.ANALYSIS:
                found |= Content.ANALYSIS
    return found or Content.NUMBERS


def _group(call: t.Call) -> Group | None:
    return BUILTINS[call.function].group if call.function in BUILTINS else None


def _is_logical(unknown: Unknown, symbols: Symbols) -> bool:
    word = unknown.type.word if isinstance(unknown.type, t.Unit) else None
    return unknown.kind == TRUTH or (word is not None and isinstance(symbols.get(word), SortSymbol))


def route(program: t.Program, symbols: Symbols) -> tuple[str, ...]:
    """The names of the solvers to ask, in order: those that take everything the program contains."""
    found = content(program, symbols)
    return tuple(name for name, entry in solvers().items() if found & entry.takes == found)
