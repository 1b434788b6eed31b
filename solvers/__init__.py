"""The symbolic solvers: one file and one line in this table each; other packages add theirs by entry point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import cast

from neurosym.solvers.base import Content, Solver


@dataclass(frozen=True)
class Entry:
    """Where a solver's class is ("module:Class", imported only where it is used: in a worker) and what it takes."""

    where: str
    takes: Content


SOLVERS: Mapping[str, Entry] = {
    "algebra": Entry("neurosym.solvers.algebra:Algebra", Content.NUMBERS | Content.ANALYSIS),
    "rules": Entry("neurosym.solvers.rules:Rules", Content.RULES),
    "smt": Entry("neurosym.solvers.smt:Smt", Content.NUMBERS | Content.LOGIC | Content.RULES),
    "graph": Entry("neurosym.solvers.graph:Graph", Content.GRAPH),
}
"""In this order they are asked."""


@cache
def solvers() -> Mapping[str, Entry]:
    """Our solvers, then those that other packages registered, which are asked about every program."""
    from importlib.metadata import entry_points  # with all of `email`, which no zygote should carry

    everything = ~Content(0)
    plugins = {point.name: Entry(point.value, everything) for point in entry_points(group="neurosym.solvers")}
    return {**SOLVERS, **plugins}


def solver(name: str) -> Solver:
    """A new solver of that name. Raises KeyError where there is none."""
    module, _, attribute = solvers()[name].where.partition(":")
    return cast(Solver, getattr(import_module(module), attribute)())
