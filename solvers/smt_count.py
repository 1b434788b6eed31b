"""How many solutions a finite problem has: all of them, one after the other, up to a bound."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import z3

from neurosym.language.symbols import TRUTH, Constant, Function, Unknown
from neurosym.outcome import Evidence
from neurosym.solvers.smt_build import Z
from neurosym.solvers.smt_domains import Formula, Many, Sym, Term, domain_of
from neurosym.solvers.smt_models import Reading
from neurosym.solvers.smt_prover import GaveUp, Model, Prover

MAX_SOLUTIONS = 100
MAX_WORK = 4_000
"""Solutions times unknowns: well below a second."""


@dataclass(frozen=True)
class Count:
    """How many assignments satisfy the premises, and how many answers they give; at least so many if not `complete`."""

    solutions: int
    answers: int
    complete: bool

    def __str__(self) -> str:
        least = "" if self.complete else "at least "
        return f"{least}{self.answers} in {least}{self.solutions} solution{'s' * (self.solutions != 1)}"

    def evidence(self) -> Evidence:
        """The count as evidence."""
        data = {"solutions": self.solutions, "answers": self.answers, "complete": self.complete}
        return Evidence("solutions", "smt", True, data)


def count(prover: Prover, asked: list[Term]) -> Count | None:
    """The number of solutions and of answers, None where the problem is not finite."""
    cells = _cells(prover)
    if cells is None or not cells[0] or any(isinstance(x, Many) for x in asked):
        return None
    unknowns, free = cells
    found, answers = 0, set[tuple[str, ...]]()
    most = min(MAX_SOLUTIONS, MAX_WORK // len(unknowns))
    if most < 2:
        return None

    def another(model: Model) -> Formula:
        reading = Reading(prover.encoding, model)
        answers.add(tuple(reading.text(reading.settle(x)) for x in asked))
        return z3.Or([x != model.eval(x) for x in unknowns])

    complete = True
    try:
        for _ in prover.each(True, another):
            found += 1
            if found > most:
                complete = False
                break
    except GaveUp:
        complete = False
    return Count(found * free, len(answers), complete) if found else None


def _cells(prover: Prover) -> tuple[list[Z], int] | None:
    """The unknowns that are to be told apart, and how many values those that are never mentioned have together."""
    encoding = prover.encoding
    domains, functions = encoding.domains, encoding.functions
    if domains.open or functions.symbols:
        return None
    unknowns, free = list[Z](), 1
    for name, unknown in encoding.symbols.of(Unknown):
        assert isinstance(unknown, Unknown)
        x = encoding.names[name]
        if unknown.kind != TRUTH and domains.members(domain_of(unknown.type) or "real") is None:
            return None
        if isinstance(x, Sym):
            unknowns.append(x.z)
    unknowns += [x.z for name, _ in encoding.symbols.of(Constant) if isinstance(x := encoding.names[name], Sym)]
    for name, function in encoding.symbols.of(Function):
        assert isinstance(function, Function)
        if function.closed:
            continue
        values = None if function.is_relation else domains.members(domain_of(function.type) or "real")
        axes = [domains.members(d) for d in function.domains]
        if (values is None and function.kind != TRUTH) or any(axis is None for axis in axes):
            return None
        met = [x.z for (f, _), x in functions.entries.items() if f == name]
        unknowns += met
        unmet = prod(len(axis or ()) for axis in axes) - len(met)
        if unmet > MAX_SOLUTIONS:
            return None
        free *= (2 if values is None else len(values)) ** unmet
    return unknowns, free
