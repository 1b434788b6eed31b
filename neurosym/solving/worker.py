"""What runs inside a worker process: one solver on one program, text in, outcome out.

Importing this module solves a small program with every solver of ours, so that a zygote that preloads it hands warm
parsers and caches to its children: half a second that no child then spends.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from neurosym.errors import ProgramError
from neurosym.language.check import checked
from neurosym.language.read import read
from neurosym.outcome import Outcome, Status
from neurosym.solvers import solver
from neurosym.solvers.base import Task


def solve(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The outcome, as a mapping, of `payload["program"]` under the solver named `payload["solver"]`.

    Its `seconds` are the solver's own.
    """
    try:
        task = _task(payload["program"])
    except ProgramError as error:
        return Outcome(Status.MALFORMED, message=str(error), diagnostics=error.diagnostics).to_dict()
    start = time.monotonic()
    try:
        outcome = solver(payload["solver"]).solve(task)
    except RecursionError:
        outcome = Outcome(Status.UNSUPPORTED, message="the program nests too deeply", solver=payload["solver"])
    return replace(outcome, seconds=time.monotonic() - start).to_dict()


@lru_cache(maxsize=1)  # the second solver is asked next, and mostly of the same worker
def _task(text: str) -> Task:
    """The task that a program's text is. Raises ProgramError."""
    program = read(text)
    return Task(program, checked(program))


_WARM = {
    "algebra": "var x, y: count\nx + y = 3\nx - y = 1\nask x, diff(x^2, x)\n",
    "smt": "sort s = {a, b}\nfun f(s): 1..2\ndistinct f\nf(a) = 1\nask f(b)\n",
    "graph": "sort s = {a, b}\ngraph g(s, s): km\ng(a, b) = 3\nask distance(g, a, b)\n",
}
for _name, _program in _WARM.items():
    solve({"solver": _name, "program": _program})
