"""NeuroSym: word problems in, checked answers out.

run(program)        solve a program without a model → Outcome
check(program)      what is wrong with a program → diagnostics
Engine().solve(text)  solve a problem in words → Result
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurosym.lazy import exports

if TYPE_CHECKING:
    from neurosym.engine import Engine
    from neurosym.equality import Equality, Verdict, equal
    from neurosym.errors import InputError, MissingExtra, ModelError, NeuroSymError, ProgramError, UsageError
    from neurosym.outcome import Evidence, Outcome, Status
    from neurosym.programs import check, run
    from neurosym.result import Problem, Result, ResultStatus

_HOME = {
    "Engine": "engine",
    "Equality": "equality",
    "Evidence": "outcome",
    "InputError": "errors",
    "MissingExtra": "errors",
    "ModelError": "errors",
    "NeuroSymError": "errors",
    "Outcome": "outcome",
    "Problem": "result",
    "ProgramError": "errors",
    "Result": "result",
    "ResultStatus": "result",
    "Status": "outcome",
    "UsageError": "errors",
    "Verdict": "equality",
    "check": "programs",
    "equal": "equality",
    "run": "programs",
}
"""Public name → its module, imported when the name is first used: `import neurosym` stays cheap."""

__all__ = [
    "Engine",
    "Equality",
    "Evidence",
    "InputError",
    "MissingExtra",
    "ModelError",
    "NeuroSymError",
    "Outcome",
    "Problem",
    "ProgramError",
    "Result",
    "ResultStatus",
    "Status",
    "UsageError",
    "Verdict",
    "check",
    "equal",
    "run",
]

__getattr__, __dir__ = exports(__name__, _HOME)
