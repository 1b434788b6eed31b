"""Python blocks: run in a sandboxed worker, then replaced in the tree by the values they assigned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.assigned import assigned_names
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.printer import show_expr
from neurosym.language.read import read_expression
from neurosym.language.symbols import WHAT, Constant, Defined, Element, Symbols
from neurosym.language.values import Undefined, term
from neurosym.outcome import Evidence, Outcome, Status
from neurosym.solvers.python import MAX_STDOUT
from neurosym.solvers.python_caller import ground_value, program_outcome
from neurosym.solvers.python_values import to_json
from neurosym.solving.replies import failed
from neurosym.solving.sandbox import refused, run_python
from neurosym.workers import Level, Limits, Reply


@dataclass(frozen=True)
class Lowered:
    """A program without Python blocks, what the blocks printed, the evidence that they ran, and where."""

    program: t.Program
    stdout: str
    evidence: tuple[Evidence, ...]
    sandbox: str = ""


def lower_blocks(program: t.Program, symbols: Symbols, limits: Limits) -> Lowered | Outcome:
    """`program` with every Python block run and its names replaced by values; an outcome where that fails."""
    if outcome := refused(limits.least):
        return outcome
    levels: list[Level] = []

    def run(payload: Mapping[str, Any]) -> Reply:
        reply = run_python("run_block", payload, limits)
        levels.append(reply.level or Level.NONE)
        return reply

    found = _lowered(program, symbols, run)
    return replace(found, sandbox=str(min(levels)))


def _lowered(program: t.Program, symbols: Symbols, run: Callable[[Mapping[str, Any]], Reply]) -> Lowered | Outcome:
    known: dict[str, t.Expr] = {}
    texts: list[str] = []
    stdout = ""
    evidence: list[Evidence] = []
    statements: list[t.Statement] = []
    for statement in program.statements:
        if not isinstance(statement, t.Python):
            statements.append(t.substitute(statement, known))
            continue
        names = {name: to_json(ground_value(e)) for name, e in (_ground(statements, symbols) | known).items()}
        payload = {"code": statement.code, "names": names}
        reply = run(payload)
        failure = failed(reply, "python")
        if failure is not None:
            return failure
        if not isinstance(reply.value, dict):
            return Outcome(Status.TAMPERING, message="the python block replaced its own result", solver="python")
        if "error" in reply.value:
            return program_outcome(_located(reply.value, statement))
        assigned = assigned_names(statement.code)
        values, printed = _values(reply.value, assigned), reply.value.get("stdout")
        if values is None or not isinstance(printed, str) or len(printed) > MAX_STDOUT:
            return Outcome(Status.TAMPERING, message="the python block replaced its own result", solver="python")
        known |= values
        stdout += printed
        made = {name: _texts(e, known, symbols) for name, e in values.items()}
        texts += [text for found in made.values() for text in found]
        fault = _clash(made, symbols) or _missing(assigned.keys() - values.keys(), reply.value, program, statement)
        if fault is not None:
            found = (Diagnostic("python-value", fault, statement.span),)
            return Outcome(Status.MALFORMED, message=fault, diagnostics=found, stdout=stdout, solver="python")
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
    except (ProgramError, Undefined):
        return None


def _texts(value: t.Expr, known: Mapping[str, t.Expr], symbols: Symbols) -> list[str]:
    """The strings in a value that are no elements of the program's own, and so the first to bear their names."""
    names = (node.id for node in t.walk(value) if isinstance(node, t.Name))
    return [name for name in names if name in known or not isinstance(symbols.get(name), Element | Constant)]


def _clash(made: Mapping[str, Sequence[str]], symbols: Symbols) -> str | None:
    """A string that would be read as something else of the program, whose value the block never saw."""
    for name, texts in made.items():
        for text in texts:
            symbol = symbols.get(text)
            if symbol is not None and not (isinstance(symbol, Defined) and symbol.value is None):
                what = WHAT[type(symbol)]
                return f"the text {text!r} in `{name}` is also the name of {what}: give one of them another name"
    return None


def _missing(names: AbstractSet[str], result: Mapping[str, Any], program: t.Program, block: t.Python) -> str | None:
    """A name that the block should have given a value, for the statements behind it, and has not."""
    behind = program.statements[program.statements.index(block) + 1 :]
    used = {node.id for s in behind for node in t.walk(s) if isinstance(node, t.Name)}
    skipped = result.get("skipped")
    for name in sorted(used & names):
        why = skipped.get(name) if isinstance(skipped, dict) else None
        what = f"is {why[:200]}" if isinstance(why, str) else "was never assigned"
        return f"`{name}` has no value that the program could use: it {what}"
    return None


def _value_term(e: t.Expr) -> t.Expr:
    """`e`, if it is a value and not a term that would still be computed. Raises ProgramError or Undefined."""
    for node in t.walk(e):
        computed = isinstance(node, t.Quantified | t.Compare | t.Conditional | t.Binder)
        if computed or (isinstance(node, t.Call) and node.function != "date"):
            raise ProgramError(())
    ground_value(e)
    return e


def _located(result: Mapping[str, Any], block: t.Python) -> dict[str, Any]:
    """The error with its line counted in the program's text, not in the block's."""
    error = result["error"]
    if isinstance(error, dict) and isinstance(error.get("line"), int) and block.span:
        return {**result, "error": {**error, "line": error["line"] + block.span.line}}
    return dict(result)
