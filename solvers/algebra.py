"""The computer algebra solver: exact arithmetic, equations and calculus by SymPy, every answer checked without it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import sympy as sp

from neurosym.language import tree as t
from neurosym.language.builtins import BUILTINS, Group
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.printer import show_expr
from neurosym.language.symbols import Symbols
from neurosym.language.values import TooLarge, Undefined, term
from neurosym.outcome import Evidence, Outcome, Status
from neurosym.solvers import algebra_guard as guard
from neurosym.solvers.algebra_check import FORMAL, Checker, confirm_term, with_solutions
from neurosym.solvers.algebra_guard import GaveUp
from neurosym.solvers.algebra_premises import Premise
from neurosym.solvers.algebra_program import Contradiction, Premises, line, reachable
from neurosym.solvers.algebra_real import is_zero
from neurosym.solvers.algebra_search import Found, find
from neurosym.solvers.algebra_systems import Branch
from neurosym.solvers.algebra_terms import Terms, negated
from neurosym.solvers.algebra_text import answer, tree
from neurosym.solvers.base import Task, Unsupported

MAX_CORE = 40
"""The greatest number of premises that a contradiction is narrowed down from."""


class Algebra:
    """Lets, unknown numbers and calculus; what it cannot show to be complete it does not claim."""

    def solve(self, task: Task) -> Outcome:
        """The outcome of a program of numbers; `unsupported` names what is not algebra's or too large."""
        try:
            if _mentions_dates(task.program):
                return _evaluated(task)
            return _Run(task).outcome()
        except Contradiction as why:
            lines = list(why.core)
            evidence = Evidence("core", "algebra", True, {"lines": lines})  # raised only once it is checked
            return Outcome(
                Status.CONTRADICTORY, message=str(why), core=why.core, evidence=(evidence,), solver="algebra"
            )
        except Unsupported as why:
            return why.outcome("algebra")
        except GaveUp as why:
            return Outcome(Status.GAVE_UP, message=str(why), solver="algebra")
        # By these SymPy says that it has no method, wherever in solving, integrating or factoring it finds that out.
        # Any other error is ours, and becomes `failure` with its traceback where the worker ends.
        # (Where it puts 0 for an unknown below a `mod`, it raises ZeroDivisionError; elsewhere it has `nan` for that.)
        except (NotImplementedError, ZeroDivisionError, sp.polys.polyerrors.BasePolynomialError) as why:
            return Outcome(Status.GAVE_UP, message=f"SymPy has no method for this: {why}", solver="algebra")
        except RecursionError:  # SymPy's own over terms, deeper than the guard's bound on what is written lets one see
            return Unsupported("expressions that nest too deep").outcome("algebra")


class _Run:
    """One program's solution."""

    def __init__(self, task: Task) -> None:
        if not isinstance(task.program.ask, t.Ask):
            raise Unsupported("options")
        self.ask = task.program.ask
        self.program, self.symbols = task.program, task.symbols
        self.premises = Premises(task, self.solutions)
        self.unknowns = self.premises.unknowns

    def outcome(self) -> Outcome:
        for statement in self.program.statements:
            self.premises.add(statement)
        if self.calls() & FORMAL:
            values = self.values(Terms(self.symbols, self.premises.assumed(), self.solutions))
            wanted = self.premises.mentioned(self.ask.targets)
            main = self.premises.relevant(wanted)
            terms = all(isinstance(v, sp.Expr) for v in values)
            if terms and wanted and not any(p.formula.has(sp.Eq) for p in main):
                self.models(set(wanted))
                return self.terms_in_unknowns(values, wanted, main)
        values = self.values(self.premises.terms)
        found, main = self.models(self.wanted(values))
        return self.decide(values, found, main)

    def values(self, terms: Terms) -> list[Any]:
        """What is asked, as `terms` translates it."""
        try:
            values = [terms.term(target) for target in self.ask.targets]
        except Undefined as why:
            self.models(set())  # the premises alone may be to blame
            raise self.no_value(why, {}) from None
        for value in values:
            guard.size(value)
        return values

    def no_value(self, why: Undefined, model: Mapping[str, Any]) -> Contradiction:
        """The asked terms have no value in a model of the premises: asking presumes that they do."""
        checker = Checker(self.symbols, {**self.premises.sets, **model})
        try:
            for target in self.ask.targets:
                checker.evaluate(with_solutions(target, self.solved))
        except Undefined:
            return Contradiction(f"what is asked has no value: {why}", [line(self.ask)])
        raise GaveUp("that what is asked has no value did not pass its check")

    # --- models -------------------------------------------------------------------------------------------------

    def holds(self, premises: list[Premise], model: Branch) -> bool:
        checker = Checker(self.symbols, {**self.premises.sets, **{x.name: v for x, v in model.items()}})
        return all(checker.holds(p.statement) for p in premises)

    def find(self, premises: list[Premise], wanted: set[sp.Symbol]) -> Found:
        return find(premises, wanted, lambda model: self.holds(premises, model))

    def models(self, wanted: set[sp.Symbol]) -> tuple[Found, list[Premise]]:
        """The models of the premises that bear on `wanted`; the other premises are shown to have one."""
        main = self.premises.relevant(wanted)
        found = self.find(main, wanted)
        self.refute(found, main)
        done = {p.line for p in main}
        for p in self.premises.all:
            if p.line not in done and not isinstance(p.statement, t.Var):
                group = self.premises.relevant(p.mentions)
                self.refute(self.find(group, set()), group)
                done |= {q.line for q in group}
        return found, main

    def refute(self, found: Found, premises: list[Premise]) -> None:
        """Raise where the premises have no model, or none is found."""
        if found.models or not premises:
            return
        if not found.complete:
            raise GaveUp(f"no model of the premises is found: {found.reason}")
        core = self.core(premises)
        if not self.contradict(core):
            raise GaveUp("a contradiction did not pass its check")
        raise Contradiction("the premises contradict each other", sorted({p.line for p in core}))

    def contradict(self, premises: list[Premise]) -> bool:
        try:
            found = self.find(premises, set())
        except (GaveUp, Unsupported):
            return False
        return found.complete and not found.models

    def core(self, premises: list[Premise]) -> list[Premise]:
        """A part of the premises that still has no model, minimal where they are few."""
        core = list(premises)
        for premise in premises if len(premises) <= MAX_CORE else ():
            without = [p for p in core if p is not premise]
            if self.contradict(without):
                core = without
        return core

    def solutions(self, call: t.Call) -> sp.FiniteSet:
        """The value of `solve(F, x)` or `solve(x)`: what x can be in all models of the premises and F."""
        variable = call.args[-1]
        if not isinstance(variable, t.Name) or variable.id not in self.unknowns:
            raise Unsupported("`solve` for what is not an unknown: solve(F, x) with var x")
        x = self.unknowns[variable.id]
        extra = []
        if len(call.args) == 2:
            formula = call.args[0]
            assert not isinstance(formula, t.Binder)
            value = self.premises.terms.formula(formula)
            guard.size(value)
            extra = [Premise(t.Assertion(formula, span=call.span), value, frozenset(value.free_symbols))]
        found = self.find(self.premises.relevant({x}, extra), {x})
        same = found.families is not None and all(f.get(x, x).is_number for f in found.families)
        if not found.complete and not same:
            raise GaveUp(f"the set of solutions is infinite or not known: {found.reason}")
        return sp.FiniteSet(*(m[x] for m in found.models))

    def solved(self, call: t.Call) -> t.Expr:
        """`solve(...)` as the set that it stands for."""
        return tree(self.solutions(call), self.symbols)

    # --- answers ------------------------------------------------------------------------------------------------

    def calls(self) -> set[str]:
        """The functions that what is asked uses."""
        return {n.function for n in reachable(self.ask.targets, self.symbols) if isinstance(n, t.Call)}

    def wanted(self, values: list[Any]) -> set[sp.Symbol]:
        """The unknowns that what is asked depends on; those that cancel (x - x) too, so that it can be evaluated."""
        free: set[sp.Symbol] = set().union(*(v.free_symbols for v in values))
        return free if self.calls() & (FORMAL | {"solve"}) else free | self.premises.mentioned(self.ask.targets)

    def terms_in_unknowns(self, values: list[Any], wanted: frozenset[sp.Symbol], main: list[Premise]) -> Outcome:
        """Answers with unknowns in them, which no equation determines."""
        texts, points = [], []
        statements = [p.statement for p in main]
        for target, value in zip(self.ask.targets, values, strict=True):
            texts.append(answer(value, self.symbols))
            points.append(confirm_term(target, texts[-1], self.symbols, sorted(x.name for x in wanted), statements))
        evidence = Evidence("evaluation", "algebra", min(points) > 0, {"points": points, "digits": 60})
        return Outcome(Status.VALUE, answers=tuple(texts), evidence=(evidence,), solver="algebra")

    def decide(self, values: list[Any], found: Found, main: list[Premise]) -> Outcome:
        """Compare what is asked over all models."""
        models = found.models or ({},)
        only = found.complete and len(models) == 1
        first = self.answers(models[0], only)
        for model in models[1:]:
            other = self.answers(model, only)
            if not all(_equal(a, b) for a, b in zip(first, other, strict=True)):
                return self.undecided([(models[0], first), (model, other)], main)
        families = found.families
        covered = families is not None and all(_constant(v, f) for f in families for v in values)
        if not (found.complete or covered or self.entailed(values, first, main)):
            raise GaveUp(f"it is not known whether the answer is the only one: {found.reason}")
        texts = tuple(answer(v, self.symbols) for v in first)
        named = {x.name: v for x, v in models[0].items()}
        checker = Checker(self.symbols, {**self.premises.sets, **named})
        for target, text in zip(self.ask.targets, texts, strict=True):
            checker.confirm(with_solutions(target, self.solved), text)
        # `confirm` raises where it does not agree
        evidence = [Evidence("evaluation", "algebra", True, {"exact": checker.exact, "answers": list(texts)})]
        if named:
            substituted = {"models": [_recorded(named, self.symbols)], "lines": sorted({p.line for p in main})}
            counted = {"models": len(found.models), "complete": found.complete}
            evidence += [
                Evidence("substitution", "algebra", self.holds(main, models[0]), substituted),
                Evidence("uniqueness", "algebra", True, counted),
            ]
        status = Status.VALUE
        if len(first) == 1 and first[0] in (sp.true, sp.false):
            status, texts = (Status.TRUE if first[0] == sp.true else Status.FALSE), ()
        return Outcome(status, answers=texts, evidence=tuple(evidence), solver="algebra")

    def answers(self, model: Branch, only: bool) -> list[Any]:
        """What is asked, in one model; where it has no value in the only one, that is a contradiction."""
        named = {x.name: v for x, v in model.items()}
        terms = Terms(self.symbols, {**self.unknowns, **named}, self.solutions)
        try:
            return [_tidy(terms.term(target)) for target in self.ask.targets]
        except Undefined as why:
            if only:
                raise self.no_value(why, named) from None
            raise GaveUp(f"what is asked has no value in some model: {why}") from None

    def entailed(self, values: list[Any], first: list[Any], main: list[Premise]) -> bool:
        """Whether the premises contradict the negation of what was found of the one formula that is asked."""
        if len(first) != 1 or first[0] not in (sp.true, sp.false) or not values[0].free_symbols:
            return False
        (target,), (value,) = self.ask.targets, values
        if first[0] == sp.true:
            target, value = t.Unary(t.UnaryOp.NOT, target), negated(value)
        other = Premise(t.Assertion(target, span=self.ask.span), value, frozenset(value.free_symbols))
        return self.contradict([*main, other])

    def undecided(self, found: list[tuple[Branch, list[Any]]], main: list[Premise]) -> Outcome:
        """Two models with different answers."""
        witnesses = []
        found = sorted(found, key=lambda case: case[1][0] != sp.true)  # where a formula is asked, it holds in the first
        for model, values in found:
            witness = {x.name: _shown(v, self.symbols) for x, v in sorted(model.items(), key=lambda i: i[0].name)}
            for target, value in zip(self.ask.targets, values, strict=True):
                witness.setdefault(show_expr(target), _shown(value, self.symbols))
            witnesses.append(witness)
        formula = len(self.ask.targets) == 1 and found[0][1][0] in (sp.true, sp.false)
        confirmed = all(self.holds(main, model) for model, _ in found)
        models = [_recorded({x.name: v for x, v in model.items()}, self.symbols) for model, _ in found]
        data = {"lines": sorted({p.line for p in main}), "models": models}
        return Outcome(
            Status.INDEPENDENT if formula else Status.UNDERDETERMINED,
            message="" if formula else "what is asked has more than one value",
            witnesses=tuple(witnesses),
            evidence=(Evidence("witnesses", "algebra", confirmed, data),),
            solver="algebra",
        )


# --- dates ------------------------------------------------------------------------------------------------------


def _mentions_dates(program: t.Program) -> bool:
    calls = (n for s in program.statements for n in t.walk(s) if isinstance(n, t.Call))
    return any(c.function in BUILTINS and BUILTINS[c.function].group is Group.DATE for c in calls)


def _evaluated(task: Task) -> Outcome:
    """Programs about dates that have no unknowns: the evaluator's value."""
    values: list[Any] = []
    for s in task.program.statements:
        if not isinstance(s, t.Let | t.Assertion | t.Ask):
            raise Unsupported(f"dates together with the statement `{type(s).__name__.lower()}`")
        targets = s.targets if isinstance(s, t.Ask) else (t.Name(s.name) if isinstance(s, t.Let) else s.formula,)
        try:
            values = [evaluate(e, task.symbols, Interpretation()) for e in targets]
        except TooLarge as why:
            raise Unsupported(str(why)) from None
        except Undefined as why:
            raise Contradiction(f"there is no value: {why}", [line(s)]) from None
        if not isinstance(s, t.Ask) and not Checker(task.symbols, {}).holds(s):
            raise Contradiction("this does not hold", [line(s)])
    evidence = (Evidence("evaluation", "evaluator", True),)
    if len(values) == 1 and isinstance(values[0], bool):
        return Outcome(Status.TRUE if values[0] else Status.FALSE, evidence=evidence, solver="algebra")
    texts = tuple(show_expr(term(v)) for v in values)
    return Outcome(Status.VALUE, answers=texts, evidence=evidence, solver="algebra")


# --- helpers ----------------------------------------------------------------------------------------------------


def _tidy(value: Any) -> Any:
    """An irrational number in a simpler form."""
    if isinstance(value, sp.Expr) and value.is_number and value.has(sp.Add) and not value.is_Rational:
        simpler = sp.simplify(value)
        return simpler if sp.count_ops(simpler) <= sp.count_ops(value) else value
    return value


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, sp.Expr) and isinstance(b, sp.Expr) and a != b:
        return is_zero(a - b)
    return bool(a == b)


def _constant(value: Any, family: Branch) -> bool:
    """Whether `value` has no unknowns left in a family of models."""
    if not value.free_symbols:
        return True
    if not isinstance(value, sp.Expr):
        return False
    rest = guard.substitute(value, family)
    guard.expansion(rest)
    return not rest.free_symbols or not sp.expand(sp.cancel(rest)).free_symbols


def _recorded(model: Mapping[str, Any], symbols: Symbols) -> dict[str, dict[str, str]]:
    """A model's values as text from which they can be checked again: those that have an exact one."""
    values: dict[str, str] = {}
    for name, value in model.items():
        with suppress(Unsupported):
            values[name] = answer(value, symbols)
    return {"values": values}


def _shown(value: Any, symbols: Symbols) -> str:
    """The text of a witness's value; digits where the language has no exact text for it."""
    try:
        return answer(value, symbols)
    except Unsupported:
        return str(sp.N(value, 20))
