"""Python blocks and programs: run in a sandboxed worker child, their values read without running their methods.

`run_block` and `run_program` are entries of a worker; nothing here confines the code, the process does. What a
child says of itself is not to be trusted: `python_caller` checks it. Little is imported here: it would lie in the
memory of every child, which is what a child costs.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import types
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from neurosym.language.assigned import ANSWERS, SOLUTIONS, assigned_names
from neurosym.solvers.python_values import Inconvertible, answer_text, class_name, from_json, value_text

MAX_STDOUT = 65_536
MAX_MESSAGE = 2_000
CONVENTIONS = (
    "a Python program leaves its answer in the variable `answer` or `ans`, returns it from `solution()` or "
    "`solver()`, ends with it as an expression, prints it last, or (printing nothing) leaves it in `result`"
)
_SOURCE = "<program>"
_ASSIGNMENT = re.compile(r"\w+\s*=(?!=)")
_UNHEARD = (("ignore", None, Warning, None, 0),)  # as `warnings.simplefilter("ignore")` puts it


def run_block(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Run the block `code` with `names` (name → value, as `from_json` reads it) bound.

    Gives `values` (assigned name → value as text), `skipped` (assigned name → why it is no value of ours) and
    `stdout`; or `error` (type, message, line) and `stdout`.
    """
    names = {name: from_json(given) for name, given in payload["names"].items()}
    ran = _run(payload["code"], names)
    if ran.error:
        return {"error": ran.error, "stdout": ran.stdout}
    values, skipped = {}, {}
    for name in assigned_names(payload["code"]):
        if name in ran.namespace:  # an assignment may not have been reached
            try:
                values[name] = _told(value_text, ran.namespace[name])
            except Inconvertible as why:
                skipped[name] = str(why)
    return {"values": values, "skipped": skipped, "stdout": ran.stdout}


def run_program(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Run the whole program `code` and find its answer by `CONVENTIONS`, tried in that order.

    Gives `answer` (text of our language; absent where there is none), `message` (what to know about it) and
    `stdout`; or `error` (type, message, line) and `stdout`.
    """
    ran = _run(payload["code"], {}, call=SOLUTIONS)
    if ran.error:
        return {"error": ran.error, "stdout": ran.stdout}
    return told(ran.candidates, ran.stdout, truncated=ran.truncated)


def told(candidates: Sequence[tuple[str, object]], stdout: str, *, truncated: bool = False) -> dict[str, Any]:
    """What `run_program` gives for a program that ran: `candidates` say where its answer may be, the first is best."""
    lines = stdout.strip().splitlines()
    message = ""
    if candidates:
        where, value = candidates[0]
    elif lines and not truncated:
        where, value = "the last printed line", lines[-1].strip()
        message = "the answer is the last printed line"
    else:
        return {"stdout": stdout}
    try:
        return {"answer": _told(answer_text, value), "message": message, "stdout": stdout}
    except Inconvertible as why:
        return {"message": f"{where} is {why}", "stdout": stdout}


def _told(text: Callable[[object], str], value: object) -> str:
    """The text of a value. Raises Inconvertible, whatever a library's object with methods of the program's raises."""
    try:
        return text(value)
    except (Inconvertible, MemoryError):
        raise
    except Exception as error:
        raise Inconvertible(f"of the class {class_name(value)}, and raised {class_name(error)} when asked") from None


@dataclass
class _Ran:
    """What a run left: its module's names, what may be its answer (first is best), its output, or its error."""

    namespace: dict[str, Any]
    candidates: list[tuple[str, Any]] = field(default_factory=list)
    error: dict[str, Any] | None = None
    stdout: str = ""
    truncated: bool = False


def _run(code: str, names: Mapping[str, Any], call: tuple[str, ...] = ()) -> _Ran:
    """Run `code` as the module `__main__`, and of the functions named in `call` the first that it defines."""
    module = types.ModuleType("__main__")
    module.__dict__.update(names)
    ran = _Ran(module.__dict__)
    streams = _prepared.pop() if _prepared else _Streams()
    before = sys.modules["__main__"], sys.stdin, sys.stdout, sys.stderr, warnings.filters
    # The code finds itself as `__main__`, its output caught, its input empty, its warnings unheard. Plain assignments:
    # every function of Python's that a child calls is some pages to copy.
    sys.modules["__main__"], warnings.filters = module, [*_UNHEARD]
    sys.stdin, sys.stdout, sys.stderr = streams.stdin, streams.stdout, streams.stderr
    try:
        try:
            body, last = _compile(code)
        except BaseException as error:  # the parser raises more than SyntaxError: ValueError, RecursionError, ...
            ran.error = _syntax_error(error)
            return ran
        try:
            # The one place where a program's Python runs. It may be hostile, and these builtins refuse nothing: what
            # makes them safe here is the process, a child for this program alone that took the sandbox's layers on
            # before it was handed the text, holds no secret, and whose word nobody takes for the answer's rightness.
            exec(body, module.__dict__)
            value = eval(last, module.__dict__) if last else None
            ran.candidates = _candidates(module.__dict__, call, value)
            if not ran.candidates and not streams.printed.kept and module.__dict__.get("result") is not None:
                ran.candidates = [("`result`", module.__dict__["result"])]
        except BaseException as error:
            ran.error = _raised(error, sys.exc_info()[2])
            module.__dict__.clear()  # where memory has run out, this gives some back
    finally:
        sys.modules["__main__"], sys.stdin, sys.stdout, sys.stderr, warnings.filters = before
    ran.stdout, ran.truncated = streams.printed.text, streams.printed.truncated
    return ran


def _compile(code: str) -> tuple[types.CodeType, types.CodeType | None]:
    """The program, and apart from it the expression or assignment it ends with, if it does."""
    text = code.rstrip()
    head, _, line = text.rpartition("\n")
    if line and not line[0].isspace() and ";" not in line and "\r" not in line:
        # Where both parts are Python by themselves, that line is the last statement: nothing is open before it, and
        # nothing indents it. No tree is made then, which takes several times as long.
        with suppress(SyntaxError):
            mode = "exec" if _ASSIGNMENT.match(line) else "eval"
            return compile(head, _SOURCE, "exec"), compile("\n" * text.count("\n") + line, _SOURCE, mode)
    tree = ast.parse(code, _SOURCE)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    body = compile(tree, _SOURCE, "exec")
    return body, compile(ast.Expression(last.value), _SOURCE, "eval") if isinstance(last, ast.Expr) else None


def _candidates(namespace: Mapping[str, Any], call: tuple[str, ...], last: Any) -> list[tuple[str, Any]]:
    for name in ANSWERS:
        value = namespace.get(name)
        if value is not None and type(value) is not types.FunctionType:
            return [(f"`{name}`", value)]
    for name in call:
        function = namespace.get(name)
        if type(function) is types.FunctionType:
            return [(f"`{name}()`", function())]
    return [] if last is None else [("the last expression", last)]


class _Capped(io.RawIOBase):
    """Keeps the first bytes written, and whether there were more."""

    def __init__(self, most: int) -> None:
        self.kept = bytearray()
        self.most, self.truncated = most, False

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        view = memoryview(data)
        room = self.most - len(self.kept)
        self.kept += view[:room]
        self.truncated = self.truncated or len(view) > room
        return len(view)

    @property
    def text(self) -> str:
        return self.kept.decode("utf-8", "replace")


class _Streams:
    """An empty input, an output that is caught, one that is not."""

    def __init__(self) -> None:
        self.printed = _Capped(MAX_STDOUT)
        self.stdin, self.stdout, self.stderr = io.StringIO(), _text_file(self.printed), _text_file(_Capped(0))


_prepared: list[_Streams] = []


def prepare() -> None:
    """In a zygote: what the next two runs in any child need and what does not depend on the program."""
    _prepared[:] = _Streams(), _Streams()


def practise() -> None:
    """In a child: run a program of our own before the one that comes."""
    run_program({"code": "answer = 1"})


def _text_file(raw: io.RawIOBase) -> io.TextIOWrapper:
    buffer: Any = raw  # typeshed asks for a file's name, TextIOWrapper does not
    return io.TextIOWrapper(buffer, "utf-8", "backslashreplace", write_through=True)


def _syntax_error(error: BaseException) -> dict[str, Any]:
    if isinstance(error, SyntaxError):
        return {"type": "SyntaxError", "message": str(error.msg)[:MAX_MESSAGE], "line": error.lineno}
    return {"type": "SyntaxError", "message": str(error)[:MAX_MESSAGE] or "the program is too deep", "line": None}


def _raised(error: BaseException, trace: types.TracebackType | None) -> dict[str, Any]:
    """The error's type, text, and the line of the program that was running."""
    line = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _SOURCE:
            line = trace.tb_lineno
        trace = trace.tb_next
    message = ""
    with suppress(BaseException):  # a __str__ of the program's own may raise
        message = str.__str__(str(error))[:MAX_MESSAGE]
    kind = "MemoryError" if type(error) is MemoryError else class_name(error)
    return {"type": kind, "message": message, "line": line}
