"""What a solver is: one method from a checked program to an outcome. Solvers run inside worker processes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto
from typing import Protocol

from neurosym.language import tree as t
from neurosym.language.symbols import Symbols
from neurosym.outcome import Outcome, Status


class Content(Flag):
    """What a program contains that decides who can solve it."""

    NUMBERS = auto()
    """Only numbers: definitions, unknowns, equations, inequalities."""
    LOGIC = auto()
    """Sorts, functions, relations, quantifiers, options, goals, unknown truth values."""
    RULES = auto()
    """Facts and rules about relations, and nothing else (see neurosym.language.clauses)."""
    ANALYSIS = auto()
    """Calculus, algebra on terms, transcendental functions."""
    GRAPH = auto()


@dataclass(frozen=True)
class Task:
    """A program that reads and checks, with what its names stand for. It has one ask and no Python block.

    brief:  whether the verdict and the answers suffice: another solver gave evidence for them.
    """

    program: t.Program
    symbols: Symbols
    brief: bool = False


class Solver(Protocol):
    """A decision procedure for a part of the language."""

    def solve(self, task: Task) -> Outcome:
        """What the program comes to, with evidence for it.

        A program outside this solver's part of the language is `unsupported`, with a message that names the construct.
        Runs in a process that is killed at its deadline: it need not watch the clock, but bounds what it builds.
        """


class Unsupported(Exception):
    """A construct that this solver does not take; `str` names it. `outcome` turns it into the outcome."""

    def outcome(self, solver: str) -> Outcome:
        """The outcome `unsupported` of the solver of that name."""
        return Outcome(Status.UNSUPPORTED, message=f"{solver}: {self}", solver=solver)
