"""Python blocks: run in a sandboxed worker, then replaced in the tree by the values they assigned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.assigned import assigned_names
from neurosym.language.evaluate import Interpretation, Undefined, evaluate, term
from neurosym.language.printer import show_expr
from neurosym.language.read import read_expression
from neurosym.language.symbols import Defined, Symbols
from neurosym.outcome import Evidence, Outcome, Status
from neurosym.solvers.python import program_outcome
from neurosym.solving.replies import failed
from neurosym.workers import Job, Limits, Pool

ALLOW = "programs with Python run only when allowed: allow_python=True, or --allow-python on the command line"


@dataclass(frozen=True)
class Lowered:
    """A program without Python blocks, what the blocks printed, and the evidence that they ran."""

    program: t.Program
    stdout: str
    evidence: tuple[Evidence, ...]


def lower_blocks(program: t.Program, symbols: Symbols, pool: Pool, limits: Limits) -> Lowered | Outcome:
    """`program` with every Python block run and its names replaced by values; an outcome where that fails."""
    known: dict[str, t.Expr] = {}
    texts: list[str] = []
    stdout = ""
    evidence: list[Evidence] = []
    statements: list[t.Statement] = []
    for statement in program.statements:
        if not isinstance(statement, t.Python):
            statements.append(t.substitute(statement, known))
            continue
        names = {name: show_expr(e) for name, e in _ground(statements, symbols).items()}
        names |= {name: show_expr(e) for name, e in known.items()}
        payload = {"code": statement.code, "names": names}
        reply = pool.run(Job("neurosym.solvers.python:run_block", payload, limits))
        failure = failed(reply, "python")
        if failure is not None:
            return failure
        if not isinstance(reply.value, dict):
            return Outcome(Status.TAMPERING, message="the python block replaced its own result", solver="python")
        if "error" in reply.value:
            return program_outcome(_located(reply.value, statement))
        values = _values(reply.value, assigned_names(statement.code))
        if values is None:
            return Outcome(Status.TAMPERING, message="the python block replaced its own result", solver="python")
        known |= values
        texts += [e.id for e in values.values() if isinstance(e, t.Name) and symbols.get(e.id) is None]
        printed = reply.value.get("stdout")
        stdout += printed if isinstance(printed, str) else ""
        shown = {name: show_expr(e) for name, e in values.items()}
        evidence.append(Evidence("execution", "python", True, {"values": shown}))
    if texts:  # strings that a block made are elements of a sort of their own
        statements.insert(0, t.Sort("python text", tuple(dict.fromkeys(texts))))
    return Lowered(t.Program(tuple(statements)), stdout, tuple(evidence))


def _ground(statements: list[t.Statement], symbols: Symbols) -> dict[str, t.Expr]:
    """The values of the definitions that a block may use."""
    found: dict[str, t.Expr] = {}
    for statement in statements:
        if isinstance(statement, t.Let) and isinstance(symbols.get(statement.name), Defined):
            try:
                found[statement.name] = term(evaluate(statement.value, symbols, Interpretation()))
            except Undefined:
                continue
    return found


def _values(result: Mapping[str, Any], assigned: Mapping[str, int]) -> dict[str, t.Expr] | None:
    """The assigned values as terms; None where the child's reply is not what our executor sends."""
    given = result.get("values")
    if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
        return None
    try:
        return {name: _value_term(read_expression(text)) for name, text in given.items() if name in assigned}
    except ProgramError:
        return None


def _value_term(e: t.Expr) -> t.Expr:
    """`e`, if it is a value and not a term that would still be computed. Raises ProgramError."""
    for node in t.walk(e):
        computed = isinstance(node, t.Quantified | t.Compare | t.Conditional | t.Binder)
        if computed or (isinstance(node, t.Call) and node.function != "date"):
            raise ProgramError(())
    return e


def _located(result: Mapping[str, Any], block: t.Python) -> dict[str, Any]:
    """The error with its line counted in the program's text, not in the block's."""
    error = result["error"]
    if isinstance(error, dict) and isinstance(error.get("line"), int) and block.span:
        return {**result, "error": {**error, "line": error["line"] + block.span.line}}
    return dict(result)
