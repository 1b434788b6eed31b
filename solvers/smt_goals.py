"""Optima: Z3 proposes one, and that nothing better exists is proved apart from its search."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import z3

from neurosym.language import tree as t
from neurosym.language.printer import show_expr
from neurosym.language.symbols import NUMBER
from neurosym.outcome import Evidence
from neurosym.solvers.base import Unsupported
from neurosym.solvers.smt_build import Z
from neurosym.solvers.smt_domains import Formula, Sym, Term, conj, implies
from neurosym.solvers.smt_models import Reading
from neurosym.solvers.smt_prover import LIMIT, GaveUp, Model, Prover

FAR = (10**6, 10**9)
"""An objective that passes both has no bound that Z3 found."""
NEAR = ("1/1000", "1/1000000")
z3.Z3_toggle_warning_messages(False)  # of optima under quantifiers: whatever Z3 proposes is proved apart


class NoOptimum(Exception):
    """There are always better models: `why`, with two models that show it."""

    def __init__(self, why: str, models: tuple[Model, ...]) -> None:
        super().__init__(why)
        self.why, self.models = why, models


def attain(prover: Prover, goal: t.Goal, objective: Term) -> Evidence:
    """Assume from now on that `objective` is at its optimum; the evidence is the proof of its bound.

    Raises NoOptimum, GaveUp, Unsupported.
    """
    name = show_expr(goal.objective)
    if isinstance(objective, Fraction):
        return _bound(name, Reading(prover.encoding, Model(None)).text(objective))
    if not isinstance(objective, Sym):
        raise Unsupported("an objective that is no number")
    score = objective.z if goal.maximize else -objective.z
    # Z3's optimiser may search products of reals without end, where nlsat decides.
    best = None if _multiplies_reals(score) else _propose(prover, score)
    if best is None:
        best = _by_quantifier(prover, score)
    if prover.find(score > best) is not None:
        best = _by_quantifier(prover, score)
        if prover.find(score > best) is not None:
            raise GaveUp(f"the optimum of {name} was not found")
    if prover.find(score == best) is None:
        gap = prover.encoding.domains.z(Sym(best - score, NUMBER), real=True)
        models = _models(prover, [gap < d for d in NEAR])
        raise NoOptimum(f"{name} comes as close to its bound as one likes, but never reaches it", models)
    prover.assume(score == best)
    reached = prover.find()
    assert reached is not None
    reading = Reading(prover.encoding, reached)
    return _bound(name, reading.text(reading.settle(objective)))


def _bound(objective: str, optimum: str) -> Evidence:
    return Evidence("bound", "smt", True, {"objective": objective, "optimum": optimum})


def _propose(prover: Prover, score: Z) -> Z | None:
    """The least upper bound that Z3's optimiser finds, None where it does not know. Raises NoOptimum."""
    search = z3.Optimize(ctx=prover.encoding.domains.ctx)
    search.set("rlimit", LIMIT)
    search.add([b for b in prover.base if b is not True])
    handle = search.maximize(score)
    if search.check() != z3.sat:
        return None
    infinite, best, _ = search.upper_values(handle)
    if not z3.is_rational_value(infinite) and not z3.is_int_value(infinite):
        return None
    if Fraction(str(infinite)) != 0:
        _unbounded(prover, score)
        return None
    return best


def _unbounded(prover: Prover, score: Z) -> None:
    models = _models(prover, [score > far for far in FAR])
    if len(models) == len(FAR):
        raise NoOptimum("unbounded: there are always better values", models)


def _by_quantifier(prover: Prover, score: Z) -> Z:
    """The optimum of a nonlinear objective: a model that no other model beats (nlsat decides this over the reals)."""
    encoding = prover.encoding
    if encoding.functions.symbols or encoding.domains.open:
        raise GaveUp("the optimum over functions of infinite domains was not found")
    base: Formula = conj(prover.base)
    here = sorted(constants([score, *([] if isinstance(base, bool) else [base])]).items())
    pairs = [(x, z3.FreshConst(x.sort(), "other")) for _, x in here]
    others: Formula = base if isinstance(base, bool) else z3.substitute(base, *pairs)
    beaten = implies(others, z3.substitute(score, *pairs) <= score)
    solver = z3.Solver(ctx=encoding.domains.ctx)
    solver.set("rlimit", LIMIT)
    solver.add(*([] if base is True else [base]), z3.ForAll([other for _, other in pairs], beaten))
    verdict = solver.check()
    if verdict == z3.sat:
        return solver.model().eval(score, model_completion=True)
    if verdict == z3.unsat:
        _unbounded(prover, score)
    raise GaveUp("the optimum was not found")


def _multiplies_reals(expression: Z) -> bool:
    """Whether its unknowns are reals and two of them, or one with itself, are multiplied or divided somewhere."""
    products = (z3.Z3_OP_MUL, z3.Z3_OP_DIV, z3.Z3_OP_POWER)
    nonlinear = any(
        e.decl().kind() in products and sum(not z3.is_rational_value(part) for part in e.children()) > 1
        for e in _parts([expression])
        if z3.is_app(e)
    )
    return nonlinear and all(x.sort() == z3.RealSort(x.ctx) for x in constants([expression]).values())


def constants(expressions: list[Z]) -> dict[str, Z]:
    """The unknowns of Z3 expressions by name."""
    unknown = (e for e in _parts(expressions) if z3.is_const(e) and e.decl().kind() == z3.Z3_OP_UNINTERPRETED)
    return {str(e): e for e in unknown}


def has_quantifier(expression: Z) -> bool:
    """Whether a quantifier is somewhere in a Z3 expression, so that models may not evaluate it."""
    return any(z3.is_quantifier(e) for e in _parts([expression]))


def _parts(expressions: list[Z]) -> Iterator[Z]:
    """The expressions and all that they are made of, each once."""
    todo, seen = list(expressions), set[int]()
    while todo:
        e = todo.pop()
        if e.get_id() not in seen:
            seen.add(e.get_id())
            yield e
            todo.extend(e.children())


def _models(prover: Prover, formulas: list[Formula]) -> tuple[Model, ...]:
    return tuple(m for f in formulas if (m := prover.find(f)) is not None)
