"""What runs inside a worker process: solvers on one program, a checked tree in, each one's outcome out.

Importing this module solves a small program with every solver of ours, so that a zygote that preloads it hands warm
parsers and caches to its children: half a second that no child then spends.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Generator, Mapping
from dataclasses import replace
from typing import Any

import z3

from neurosym.language.check import checked
from neurosym.language.read import read
from neurosym.outcome import Outcome, Status
from neurosym.solvers import solver
from neurosym.solvers.base import Task
from neurosym.solving.parcel import pack, unpack


def solve(payload: Mapping[str, Any]) -> Generator[dict[str, Any], None, dict[str, Any]]:
    """The outcomes, as mappings, of the task packed in `payload["task"]` under each of `payload["solvers"]` in turn.

    Each is given as soon as it is there, so that what becomes of the next solver cannot take it back. The task is brief
    where `payload["brief"]` says so, and once an outcome comes with evidence.
    """
    task, brief = unpack(payload["task"]), payload["brief"]
    *first, last = payload["solvers"]
    for name in first:
        outcome = _outcome(name, replace(task, brief=brief))
        yield outcome.to_dict()
        brief = brief or outcome.shown
    return answer(last, replace(task, brief=brief))


def answer(name: str, task: Task) -> dict[str, Any]:
    """The outcome of a task under the solver of that name, as a mapping. Its `seconds` are the solver's own."""
    return _outcome(name, task).to_dict()


def _outcome(name: str, task: Task) -> Outcome:
    start = time.monotonic()
    try:
        outcome = solver(name).solve(task)
    except RecursionError:
        outcome = Outcome(Status.UNSUPPORTED, message="the program nests too deeply", solver=name)
    return replace(outcome, seconds=time.monotonic() - start)


def _warm(name: str, text: str) -> None:
    program = read(text)
    answer(name, unpack(pack(Task(program, checked(program)))))


def _make_cheap() -> None:
    """Have C keep what it frees, up to what a worker may use anyway, and Z3's Python skip its checks of our calls.

    Z3's contexts come and go by megabytes; to get their pages anew cost a quarter of an easy program's time.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc has it
    if mallopt is not None:
        mallopt(_M_TRIM_THRESHOLD, 256 << 20)
        mallopt(_M_MMAP_THRESHOLD, 32 << 20)
    z3.z3.Z3_DEBUG = False  # C checks the same again


_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_WARM = {
    "algebra": "var x, y: count\nx + y = 3\nx - y = 1\nask x, diff(x^2, x)\n",
    "smt": "sort s = {a, b}\nfun f(s): 1..2\ndistinct f\nf(a) = 1\nask f(b)\n",
    "graph": "sort s = {a, b}\ngraph g(s, s): km\ng(a, b) = 3\nask distance(g, a, b)\n",
}
_make_cheap()
for _name, _program in _WARM.items():
    _warm(_name, _program)
