"""The caller's side of Python blocks and programs: what their child is given, and what its reply comes to.

The child ran hostile code: every type in its reply is checked.
"""

from __future__ import annotations

from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.bounds import MAX_CHARACTERS
from neurosym.language.diagnostic import Diagnostic, Span
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.read import read_expression
from neurosym.language.symbols import Symbols
from neurosym.language.values import Value
from neurosym.outcome import Evidence, Outcome, Status
from neurosym.solvers.python import CONVENTIONS, MAX_MESSAGE, MAX_STDOUT


def ground_value(e: t.Expr) -> Value:
    """The value of a term whose names are elements. Raises Undefined where it has none."""
    names: dict[str, Value] = {node.id: node.id for node in t.walk(e) if isinstance(node, t.Name)}
    return evaluate(e, Symbols(), Interpretation(names))


def program_outcome(result: object) -> Outcome:
    """What the value that `run_program` returned in a child comes to; also a block's, where it holds an error."""
    stdout = result.get("stdout", "") if isinstance(result, dict) else None
    if not isinstance(result, dict) or not isinstance(stdout, str) or len(stdout) > MAX_STDOUT:
        return _tampering()
    if "error" in result:
        return _error_outcome(result["error"], stdout)
    answer, message = result.get("answer"), result.get("message", "")
    if not _is_text(message, 2 * MAX_MESSAGE):
        return _tampering()
    if answer is None:
        message = f"there is no answer: {message or CONVENTIONS}"
        return Outcome(Status.MALFORMED, message=message, stdout=stdout, solver="python")
    if not _is_text(answer, MAX_CHARACTERS) or not _reads(answer):
        return _tampering()
    evidence = Evidence("execution", "python", True, {"answer": answer})
    return Outcome(Status.VALUE, (answer,), message=message, stdout=stdout, evidence=(evidence,), solver="python")


def _error_outcome(error: object, stdout: str) -> Outcome:
    match error:
        case {"type": str(kind), "message": str(text), "line": int() | None as line} if not isinstance(line, bool):
            pass
        case _:
            return _tampering()
    if len(kind) > MAX_MESSAGE or len(text) > MAX_MESSAGE:
        return _tampering()
    where = f" on line {line}" if line else ""
    if kind == "MemoryError":
        message = f"python ran out of memory{where}"
        return Outcome(Status.GAVE_UP, message=message, stdout=stdout, solver="python")
    syntax = kind == "SyntaxError"
    message = f"the python does not read{where}" if syntax else f"python raised {kind}{where}"
    message += f": {text}" if text else ""
    span = Span(line, 1, line, 1) if line and line > 0 else None
    diagnostic = Diagnostic("python-syntax" if syntax else "python-raised", message, span)
    return Outcome(Status.MALFORMED, message=message, diagnostics=(diagnostic,), stdout=stdout, solver="python")


def _tampering() -> Outcome:
    return Outcome(Status.TAMPERING, message="the python replaced its own result", solver="python")


def _is_text(value: object, most: int) -> bool:
    return isinstance(value, str) and len(value) <= most


def _reads(answer: str) -> bool:
    try:
        read_expression(answer)
    except ProgramError:
        return False
    return True
