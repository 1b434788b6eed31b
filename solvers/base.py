"""What a solver is: one method from a checked program to an outcome. Solvers run inside worker processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from neurosym.language import tree as t
from neurosym.language.symbols import Symbols
from neurosym.outcome import Outcome, Status


@dataclass(frozen=True)
class Task:
    """A program that reads and checks, with what its names stand for. It has one ask and no Python block."""

    program: t.Program
    symbols: Symbols


class Solver(Protocol):
    """A decision procedure for a part of the language."""

    def solve(self, task: Task) -> Outcome:
        """What the program comes to, with evidence for it.

        A program outside this solver's part of the language is `unsupported`, with a message that names the construct.
        Runs in a process that is killed at its deadline: it need not watch the clock, but bounds what it builds.
        """


class Unsupported(Exception):  # noqa: N818  (control flow between a solver's parts, never seen outside)
    """A construct that this solver does not take; `str` names it. `outcome` turns it into the outcome."""

    def outcome(self, solver: str) -> Outcome:
        """The outcome `unsupported` of the solver of that name."""
        return Outcome(Status.UNSUPPORTED, message=f"{solver}: {self}", solver=solver)
