"""The symbolic solvers: one file and one line in this table each; other packages add theirs by entry point."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import cast

from neurosym.solvers.base import Solver

SOLVERS: Mapping[str, str] = {
    "algebra": "neurosym.solvers.algebra:Algebra",
    "smt": "neurosym.solvers.smt:Smt",
    "graph": "neurosym.solvers.graph:Graph",
}
"""Name → where the class is. A class is imported only where it is used: in a worker."""


def solver(name: str) -> Solver:
    """A new solver of that name. Raises KeyError where there is none."""
    found = SOLVERS.get(name)
    if found is None:
        plugins = {point.name: point.value for point in entry_points(group="neurosym.solvers")}
        found = plugins[name]
    module, _, attribute = found.partition(":")
    return cast(Solver, getattr(import_module(module), attribute)())
