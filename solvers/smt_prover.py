"""Questions to Z3: is there a model, which premises are needed. Unknown is an exception, never an answer.

Every check runs under a resource limit that counts Z3's own steps, so that its verdict is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import z3

from neurosym.solvers.base import Task, Unsupported
from neurosym.solvers.smt_build import Z, application
from neurosym.solvers.smt_domains import Formula, conj
from neurosym.solvers.smt_terms import Encoding

FIRST_LIMIT = 10_000_000
"""Steps for Z3's incremental core (about 0.6 s) ..."""
LIMIT = 30_000_000
"""... and for its strategies by kind of problem, which the core's unknowns go to (about 2.5 s)."""
QUANTIFIED = 20
"""A step takes Z3 that many times longer where it instantiates quantifiers."""
MAX_UNIVERSE = 4
"""Up to how many elements of an open sort a model is looked for where Z3 finds none by itself."""


class GaveUp(Exception):
    """Z3 said unknown, or an answer has no exact text; `str` says why."""


class Model:
    """One assignment that satisfies what was asked for; `z` is None where there is nothing to assign."""

    def __init__(self, z: Z) -> None:
        self.z = z

    def eval(self, expression: Z) -> Z:
        """The value of a Z3 expression, unconstrained parts completed."""
        return self.z.eval(expression, model_completion=True)

    def holds(self, relation: Z, arguments: Sequence[Z]) -> bool | None:
        """Whether a relation holds of arguments of its sorts, as C says: Z3's Python takes five times as long."""
        context, value = self.z.ctx.ref(), (z3.Ast * 1)()
        if not z3.Z3_model_eval(context, self.z.model, application(relation, arguments), True, value):
            return None
        return {z3.Z3_L_TRUE: True, z3.Z3_L_FALSE: False}.get(z3.Z3_get_bool_value(context, value[0]))

    def truth(self, formula: Formula) -> bool | None:
        """Whether a formula holds here; None where Z3 cannot tell at once (a quantifier)."""
        if isinstance(formula, bool):
            return formula
        value = self.eval(formula)
        return True if z3.is_true(value) else False if z3.is_false(value) else None


class Prover:
    """The premises of one encoding, and what more is assumed."""

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding
        self.base: list[Formula] = [*encoding.claims.definitions, *encoding.premises.values()]
        self.assumed: list[Formula] = []
        self.quantified = encoding.claims.quantified
        self._solver: Z = None

    def assume(self, formula: Formula) -> None:
        """Add a premise for good."""
        self.assumed.append(formula)
        self.base.append(formula)
        self._solver = None

    def find(self, *more: Formula) -> Model | None:
        """A model of the premises and `more`, None where there is none. Raises GaveUp."""
        added = conj(more)
        if added is False or any(b is False for b in self.base):
            return None
        if self.encoding.domains.ground:
            return Model(None)
        if self._solver is None:
            self._solver = self.fresh(z3.SimpleSolver, FIRST_LIMIT)
        self._solver.push()
        self._solver.add([] if added is True else added)
        model = self._model(self._solver, [added])
        self._solver.pop()
        return model

    def each(self, condition: Formula, different: Callable[[Model], Formula]) -> Iterator[Model]:
        """Models of the premises and `condition`, each `different` from those before it. Raises GaveUp."""
        solver = self.fresh(z3.SimpleSolver, FIRST_LIMIT)
        clauses = [condition]
        while clauses[-1] is not False:
            solver.add([] if clauses[-1] is True else clauses[-1])
            model = self._model(solver, clauses)
            if model is None:
                return
            yield model
            clauses.append(different(model))

    def _model(self, solver: Z, added: list[Formula]) -> Model | None:
        """The verdict of a solver that holds the premises and `added`; what it does not know goes to others."""
        verdict = solver.check()
        if verdict == z3.unknown and self.encoding.domains.open:
            small = self._small(added)
            solver, verdict = (small, z3.sat) if small is not None else (solver, verdict)
        if verdict == z3.unknown:
            solver = self.fresh(z3.Solver, LIMIT)
            solver.add([a for a in added if a is not True])
            verdict = solver.check()
        if verdict == z3.unknown:
            raise GaveUp(f"Z3 does not know within its limit ({solver.reason_unknown() or 'unknown'})")
        return Model(solver.model()) if verdict == z3.sat else None

    def _small(self, added: list[Formula]) -> Z | None:
        """A solver that finds a model in which each open sort has few elements, None where there is none so small."""
        for size in range(1, MAX_UNIVERSE + 1):
            solver = self.fresh(z3.SimpleSolver, FIRST_LIMIT)
            solver.add([a for a in added if a is not True])
            for name, sort in self.encoding.domains.open.items():
                x, *elements = (z3.Const(f"{name}!{i}", sort) for i in range(size + 1))
                solver.add(z3.ForAll(x, z3.Or([x == e for e in elements])))
            if solver.check() == z3.sat:
                return solver
        return None

    def fresh(self, make: Callable[..., Z], limit: int) -> Z:
        """A solver that holds the premises."""
        solver = self.empty(make, limit)
        solver.add([b for b in self.base if b is not True])
        return solver

    def empty(self, make: Callable[..., Z], limit: int) -> Z:
        """A solver that holds nothing yet, under its limit."""
        solver = make(ctx=self.encoding.domains.ctx)
        solver.set("rlimit", limit // QUANTIFIED if self.quantified else limit)
        return solver

    def used(self, *more: Formula) -> list[int]:
        """Statements that contradict `more` together; all that say anything where Z3 does not tell."""
        premises = self.encoding.premises
        said = [i for i, p in premises.items() if p is not True]
        false = [i for i in said if premises[i] is False]
        if false or self.encoding.domains.ground:
            return false[:1] or said
        solver = self.empty(z3.Solver, LIMIT)
        for formula in (*self.encoding.claims.definitions, *self.assumed, *more):
            solver.add([] if formula is True else formula)
        marks = {f"#{i}": i for i in said}
        for mark, i in marks.items():
            solver.assert_and_track(premises[i], mark)
        if solver.check() != z3.unsat:
            return said
        return sorted(marks[str(c)] for c in solver.unsat_core())


def inconsistent(task: Task, kept: Sequence[int]) -> bool:
    """Whether the `kept` statements alone have no model, shown from nothing else."""
    everything = range(len(task.program.statements))
    try:
        return Prover(Encoding(task, frozenset(everything) - frozenset(kept))).find() is None
    except (GaveUp, Unsupported):
        return False


def minimise(seed: Sequence[int], bad: Callable[[Sequence[int]], bool]) -> list[int]:
    """A subset of `seed` that is still `bad`, and no longer without any one of its members (after Zeller's ddmin)."""
    core = list(seed)
    chunk = max(1, len(core) // 2)
    while True:
        start = 0
        while start < len(core):
            trial = core[:start] + core[start + chunk :]
            if bad(trial):
                core = trial
            else:
                start += chunk
        if chunk == 1:
            return core
        chunk //= 2
