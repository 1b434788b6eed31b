"""What each statement says while a program is encoded, and what it needs for its terms to have values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from neurosym.solvers.base import Unsupported
from neurosym.solvers.smt_domains import Formula, implies

MAX_INSTANCES = 100_000
"""Bounds what quantifiers, aggregates and tables are expanded to."""


class Claims:
    """The formulas said so far, by statement; `index` is the statement being encoded.

    said:         statement index → formulas.
    reasons:      why a statement can say nothing true.
    definitions:  of new unknowns, such as roots: they hold whatever is said.
    guards:       under which conditions the terms met in the current scope have values.
    depth:        how many quantifiers over infinite domains are open; `quantified` whether there were any.
    """

    def __init__(self) -> None:
        self.said: dict[int, list[Formula]] = {}
        self.reasons: dict[int, str] = {}
        self.definitions: list[Formula] = []
        self.guards: list[Formula] = []
        self.index = self.depth = self.instances = 0
        self.quantified = False

    def say(self, *formulas: Formula, index: int | None = None) -> None:
        """Add to what a statement says, the current one if not told."""
        self.said.setdefault(self.index if index is None else index, []).extend(formulas)

    def require(self, condition: Formula, why: str) -> None:
        """State that the term at hand has a value."""
        if condition is not True:
            self.guards.append(condition)
            if condition is False:
                self.reasons.setdefault(self.index, why)

    def define(self, formula: Formula) -> None:
        """Add the definition of a new unknown. Raises Unsupported below a quantifier that Z3 keeps."""
        if self.depth:
            raise Unsupported("a root below a quantifier over an infinite domain")
        self.definitions.append(formula)

    @contextmanager
    def apart(self) -> Iterator[list[Formula]]:
        """Collect what is required within, instead of adding it to the scope around."""
        outer, self.guards = self.guards, []
        yield self.guards
        self.guards = outer

    @contextmanager
    def under(self, condition: Formula) -> Iterator[None]:
        """What is required within matters only where `condition` holds."""
        with self.apart() as inner:
            yield
        self.guards.extend(implies(condition, g) for g in inner)

    @contextmanager
    def quantifier(self) -> Iterator[list[Formula]]:
        """The body of a quantifier that Z3 keeps: collect what is required there."""
        self.quantified = True
        self.depth += 1
        with self.apart() as guards:
            yield guards
        self.depth -= 1

    def count(self, instances: int) -> None:
        """Count what was expanded. Raises Unsupported above the bound."""
        self.instances += instances
        if self.instances > MAX_INSTANCES:
            raise Unsupported(f"quantifiers over more than {MAX_INSTANCES} instances")
