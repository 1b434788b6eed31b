"""The computer algebra solver: exact arithmetic, equations and calculus by SymPy, every answer checked without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sympy as sp

from neurosym.language import tree as t
from neurosym.language.builtins import BUILTINS, Group
from neurosym.language.evaluate import Interpretation, TooLarge, Undefined, evaluate, term
from neurosym.language.printer import show_expr
from neurosym.language.symbols import Base, Symbols, Unknown
from neurosym.outcome import Evidence, Outcome, Status
from neurosym.solvers import algebra_guard as guard
from neurosym.solvers.algebra_check import FORMAL, Checker, confirm_term
from neurosym.solvers.algebra_guard import GaveUp
from neurosym.solvers.algebra_premises import Premise, bounds
from neurosym.solvers.algebra_real import is_zero
from neurosym.solvers.algebra_search import Found, find
from neurosym.solvers.algebra_systems import Branch
from neurosym.solvers.algebra_terms import Terms, conjunction, relation
from neurosym.solvers.algebra_text import answer
from neurosym.solvers.base import Task, Unsupported

MAX_CORE = 40
"""The greatest number of premises that a contradiction is narrowed down from."""


class Algebra:
    """Lets, unknown numbers and calculus; what it cannot show to be complete it does not claim."""

    def solve(self, task: Task) -> Outcome:
        """The outcome of a program of numbers; `unsupported` names what is not algebra's or too large."""
        try:
            return _Run(task).outcome()
        except Unsupported as why:
            return why.outcome("algebra")
        except GaveUp as why:
            return Outcome(Status.GAVE_UP, message=str(why), solver="algebra")
        except (NotImplementedError, sp.polys.polyerrors.BasePolynomialError) as why:
            return Outcome(Status.GAVE_UP, message=f"SymPy has no method for this: {why}", solver="algebra")
        except RecursionError:
            return Unsupported("expressions that nest too deep").outcome("algebra")


class _Contradiction(Exception):  # noqa: N818  (control flow within this module)
    def __init__(self, message: str, core: Iterable[int], evidence: tuple[Evidence, ...] = ()) -> None:
        super().__init__(message)
        self.core, self.evidence = tuple(core), evidence


class _Run:
    """One program's solution."""

    def __init__(self, task: Task) -> None:
        self.program, self.symbols = task.program, task.symbols
        self.unknowns = _unknowns(task)
        self.terms = Terms(self.symbols, self.unknowns, self.solutions)
        self.premises: list[Premise] = []
        self.sets: dict[str, Any] = {}

    def outcome(self) -> Outcome:
        ask = self.program.ask
        if not isinstance(ask, t.Ask):
            raise Unsupported("options")
        try:
            if _mentions_dates(self.program):
                return self.evaluated(ask)
            for statement in self.program.statements:
                self.statement(statement)
            return self.asked(ask)
        except _Contradiction as why:
            evidence = why.evidence or (self.evidence("core", True, lines=list(why.core)),)
            return Outcome(
                Status.CONTRADICTORY, message=str(why), core=why.core, evidence=evidence, solver="algebra"
            )  # fmt: skip

    def evidence(self, kind: str, holds: bool, **data: Any) -> Evidence:
        return Evidence(kind, "algebra", holds, data)

    # --- premises -----------------------------------------------------------------------------------------------

    def statement(self, s: t.Statement) -> None:
        match s:
            case t.Let():
                self.let(s)
            case t.Assertion():
                self.premise(s, s.formula)
            case t.Distinct():
                self.premise(s, t.Call("distinct", tuple(t.Name(n) for n in s.names)))
            case t.Var():
                self.types(s)
            case t.Sort(elements=t.Range()) | t.Ask():
                pass
            case t.Goal():
                raise Unsupported("`maximize` and `minimize`")
            case _:
                raise Unsupported(f"the statement `{type(s).__name__.lower()}`")

    def let(self, s: t.Let) -> None:
        try:
            value = self.terms.name(s.name, {})
        except Undefined as why:
            raise _Contradiction(f"{s.name} has no value: {why}", [_line(s)]) from None
        if isinstance(value, sp.FiniteSet):
            self.sets[s.name] = value
        integer, low, high = bounds(s.type, self.symbols)
        if not isinstance(value, sp.Expr) or not value.free_symbols:
            if integer and not Checker(self.symbols, self.sets).holds(s):
                raise _Contradiction(f"{s.name} is not {_described(low, high)}", [_line(s)])
            return
        formula, integers = _typed(value, integer, low, high)
        if integer or not value.is_polynomial(*value.free_symbols):  # a division or a root may have no value
            self.premises.append(Premise(s, formula, frozenset(value.free_symbols), integers))

    def premise(self, s: t.Statement, formula: t.Expr) -> None:
        try:
            value = self.terms.formula(formula)
        except Undefined as why:
            raise _Contradiction(f"the premise has no value: {why}", [_line(s)]) from None
        guard.size(value)
        if not value.free_symbols:
            if not Checker(self.symbols, self.sets).holds(s):
                raise _Contradiction("the premise is false", [_line(s)])
            if value == sp.false:
                raise GaveUp("a premise did not pass its check")
            return
        self.premises.append(Premise(s, value, frozenset(value.free_symbols)))

    def types(self, s: t.Var) -> None:
        parts, integers = [], frozenset[sp.Symbol]()
        for name in s.names:
            formula, whole = _typed(self.unknowns[name], *bounds(s.type, self.symbols))
            parts.append(formula)
            integers |= whole
        if integers:
            self.premises.append(Premise(s, conjunction(parts), integers, integers))

    def relevant(self, wanted: set[sp.Symbol], premises: list[Premise]) -> list[Premise]:
        """The premises that are connected with `wanted` by the unknowns they share.

        The types of several unknowns on one line say something of each alone, and connect nothing.
        """
        reached, chosen = set(wanted), list[Premise]()
        rest = [p for p in premises if not isinstance(p.statement, t.Var)]
        while connected := [p for p in rest if p.mentions & reached]:
            reached = reached.union(*(p.mentions for p in connected))
            rest = [p for p in rest if p not in connected]
            chosen += connected
        types = [_narrowed(p, reached) for p in premises if isinstance(p.statement, t.Var) and p.mentions & reached]
        return types + sorted(chosen, key=premises.index)

    # --- models -------------------------------------------------------------------------------------------------

    def holds(self, premises: list[Premise], model: Branch) -> bool:
        checker = Checker(self.symbols, {**self.sets, **{x.name: v for x, v in model.items()}})
        return all(checker.holds(p.statement) for p in premises)

    def find(self, premises: list[Premise], wanted: set[sp.Symbol]) -> Found:
        return find(premises, wanted, lambda model: self.holds(premises, model))

    def models(self, wanted: set[sp.Symbol]) -> tuple[Found, list[Premise]]:
        """The models of the premises that bear on `wanted`; the other premises are shown to have one."""
        main = self.relevant(wanted, self.premises)
        found = self.find(main, wanted)
        self.refute(found, main)
        rest = [p for p in self.premises if not isinstance(p.statement, t.Var) and p not in main]
        while rest:
            group = self.relevant(set(rest[0].mentions), self.premises)
            self.refute(self.find(group, set()), group)
            rest = [p for p in rest if p not in group]
        return found, main

    def refute(self, found: Found, premises: list[Premise]) -> None:
        """Raise where the premises have no model, or none is found."""
        if found.models or not premises:
            return
        if not found.complete:
            raise GaveUp(f"no model of the premises is found: {found.reason}")
        core = self.core(premises)
        lines = sorted({p.line for p in core})
        holds = self.contradict(core)
        raise _Contradiction(
            "the premises contradict each other", lines, (self.evidence("core", holds, lines=lines),)
        )  # fmt: skip

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
            value = self.terms.formula(formula)
            guard.size(value)
            extra = [Premise(t.Assertion(formula, span=call.span), value, frozenset(value.free_symbols))]
        found = self.find(self.relevant({x}, self.premises + extra), {x})
        values = [m[x] for m in found.models]
        constant = found.families is not None and all(f.get(x, x).is_number for f in found.families)
        if not found.complete and not constant:
            raise GaveUp(f"the set of solutions is infinite or not known: {found.reason}")
        return sp.FiniteSet(*values)

    # --- answers ------------------------------------------------------------------------------------------------

    def asked(self, ask: t.Ask) -> Outcome:
        try:
            values = [self.terms.term(target) for target in ask.targets]
        except Undefined as why:
            self.models(set())  # the premises alone may be to blame
            raise _Contradiction(f"what is asked has no value: {why}", [_line(ask)]) from None
        for value in values:
            guard.size(value)
        wanted: set[sp.Symbol] = set().union(*(v.free_symbols for v in values))
        found, main = self.models(wanted)
        if wanted and self.formal(ask) and not any(p.formula.has(sp.Eq) for p in main):
            return self.term_outcome(ask, values, wanted, main)
        return self.decide(ask, values, found, main)

    def formal(self, ask: t.Ask) -> bool:
        """Whether computer algebra is asked for, so that the answer may be a term."""
        calls = {n.function for n in _reachable(ask.targets, self.symbols) if isinstance(n, t.Call)}
        return bool(calls & FORMAL)

    def term_outcome(self, ask: t.Ask, values: list[Any], wanted: set[sp.Symbol], main: list[Premise]) -> Outcome:
        """Answers with unknowns in them, which no equation determines."""
        assumed = {x.name: _assuming(x, main) for x in wanted}
        terms = Terms(self.symbols, {**self.unknowns, **assumed}, self.solutions)
        texts, points = [], []
        for target in ask.targets:
            value = terms.term(target)
            if not isinstance(value, sp.Expr):
                raise Unsupported("a formula in unknowns")
            texts.append(answer(value, self.symbols))
            names = sorted({x.name for x in self.terms.number(target).free_symbols | value.free_symbols})
            points.append(confirm_term(target, texts[-1], self.symbols, names, [p.statement for p in main]))
        evidence = self.evidence("evaluation", True, points=points, digits=60)
        return Outcome(Status.VALUE, answers=tuple(texts), evidence=(evidence,), solver="algebra")

    def decide(self, ask: t.Ask, values: list[Any], found: Found, main: list[Premise]) -> Outcome:
        """Compare what is asked over all models."""
        models = found.models or ({},)
        first = self.answers(ask, models[0])
        for model in models[1:]:
            other = self.answers(ask, model)
            if not all(_equal(a, b) for a, b in zip(first, other, strict=True)):
                return self.undecided(ask, [(models[0], first), (model, other)])
        covered = found.complete or (
            found.families is not None and all(_constant(v, f) for f in found.families for v in values)
        )
        if not covered:
            raise GaveUp(f"it is not known whether the answer is the only one: {found.reason}")
        texts = tuple(answer(v, self.symbols) for v in first)
        model = {x.name: v for x, v in models[0].items()}
        checker = Checker(self.symbols, {**self.sets, **model})
        for target, value, text in zip(ask.targets, first, texts, strict=True):
            if isinstance(target, t.Call) and target.function == "solve":
                continue  # each element was substituted into the premises
            checker.confirm(_without_solve(target, value), text)
        evidence = [self.evidence("evaluation", True, exact=checker.exact, answers=list(texts))]
        if model:
            shown = {n: _shown(v, self.symbols) for n, v in model.items()}
            lines = sorted({p.line for p in main})
            evidence += [
                self.evidence("substitution", self.holds(main, models[0]), model=shown, lines=lines),
                self.evidence("uniqueness", covered, models=len(found.models), complete=found.complete),
            ]
        status = Status.VALUE
        if len(first) == 1 and first[0] in (sp.true, sp.false):
            status, texts = (Status.TRUE if first[0] == sp.true else Status.FALSE), ()
        return Outcome(status, answers=texts, evidence=tuple(evidence), solver="algebra")

    def answers(self, ask: t.Ask, model: Branch) -> list[Any]:
        terms = Terms(self.symbols, {**self.unknowns, **{x.name: v for x, v in model.items()}}, self.solutions)
        try:
            return [_tidy(terms.term(target)) for target in ask.targets]
        except Undefined as why:
            raise _Contradiction(f"what is asked has no value: {why}", [_line(ask)]) from None

    def undecided(self, ask: t.Ask, found: list[tuple[Branch, list[Any]]]) -> Outcome:
        """Two models with different answers."""
        witnesses = []
        for model, values in found:
            witness = {x.name: _shown(v, self.symbols) for x, v in sorted(model.items(), key=lambda i: i[0].name)}
            for target, value in zip(ask.targets, values, strict=True):
                witness.setdefault(show_expr(target), _shown(value, self.symbols))
            witnesses.append(witness)
        formula = len(ask.targets) == 1 and found[0][1][0] in (sp.true, sp.false)
        return Outcome(
            Status.INDEPENDENT if formula else Status.UNDERDETERMINED,
            message="" if formula else "what is asked has more than one value",
            witnesses=tuple(witnesses),
            evidence=(self.evidence("witnesses", True),),
            solver="algebra",
        )

    def evaluated(self, ask: t.Ask) -> Outcome:
        """Ground programs about dates: the evaluator's value."""
        if self.unknowns:
            raise Unsupported("dates together with unknowns")
        empty = Interpretation()
        for s in self.program.statements:
            if not isinstance(s, t.Let | t.Assertion | t.Ask):
                raise Unsupported(f"dates together with the statement `{type(s).__name__.lower()}`")
            try:
                if isinstance(s, t.Let):
                    value = evaluate(t.Name(s.name), self.symbols, empty)
                    integer, low, high = bounds(s.type, self.symbols)
                    if integer and not Checker(self.symbols, {}).has_type(value, s.type):
                        raise _Contradiction(f"{s.name} is not {_described(low, high)}", [_line(s)])
                elif isinstance(s, t.Assertion) and evaluate(s.formula, self.symbols, empty) is not True:
                    raise _Contradiction("the premise is false", [_line(s)])
                elif isinstance(s, t.Ask):
                    values = [evaluate(e, self.symbols, empty) for e in s.targets]
            except TooLarge as why:
                raise Unsupported(str(why)) from None
            except Undefined as why:
                raise _Contradiction(f"there is no value: {why}", [_line(s)]) from None
        evidence = (Evidence("evaluation", "evaluator", True),)
        if len(values) == 1 and isinstance(values[0], bool):
            return Outcome(Status.TRUE if values[0] else Status.FALSE, evidence=evidence, solver="algebra")
        texts = tuple(show_expr(term(v)) for v in values)
        return Outcome(Status.VALUE, answers=texts, evidence=evidence, solver="algebra")


# --- helpers ----------------------------------------------------------------------------------------------------


def _unknowns(task: Task) -> dict[str, sp.Symbol]:
    for name, unknown in task.symbols.of(Unknown):
        if isinstance(unknown, Unknown) and unknown.kind.base is not Base.NUMBER:
            raise Unsupported(f"the unknown {name!r}, which is {unknown.kind}")
    return {name: sp.Symbol(name, real=True) for name, _ in task.symbols.of(Unknown)}


def _mentions_dates(program: t.Program) -> bool:
    for s in program.statements:
        for node in t.walk(s):
            if isinstance(node, t.Call) and node.function in BUILTINS and BUILTINS[node.function].group is Group.DATE:
                return True
    return False


def _reachable(targets: Iterable[t.Expr], symbols: Symbols) -> Iterator[t.Node]:
    """Every node of the targets and of the definitions they use."""
    seen: set[str] = set()
    todo: list[t.Node] = list(targets)
    while todo:
        for node in t.walk(todo.pop()):
            yield node
            value = getattr(symbols.get(node.id), "value", None) if isinstance(node, t.Name) else None
            if isinstance(node, t.Name) and value is not None and node.id not in seen:
                seen.add(node.id)
                todo.append(value)


def _line(s: t.Node) -> int:
    return s.span.line if s.span else 0


def _typed(value: sp.Expr, integer: bool, low: int | None, high: int | None) -> tuple[Any, frozenset[sp.Symbol]]:
    """What a type says of `value`: a formula, and the symbols that are integers."""
    if not integer:
        return sp.true, frozenset()
    parts = []
    if not value.is_Symbol:
        whole = sp.Dummy("k", real=True)
        parts.append(relation(whole, t.CompareOp.EQ, value))
        value = whole
    if low is not None:
        parts.append(relation(value, t.CompareOp.GE, sp.Integer(low)))
    if high is not None:
        parts.append(relation(value, t.CompareOp.LE, sp.Integer(high)))
    return conjunction(parts), frozenset({value})


def _narrowed(types: Premise, reached: set[sp.Symbol]) -> Premise:
    """The part of a line of types that says something of the unknowns in `reached`."""
    parts = types.formula.args if isinstance(types.formula, sp.And) else (types.formula,)
    kept = conjunction(p for p in parts if p.free_symbols <= reached)
    return Premise(types.statement, kept, types.mentions & reached, types.integers & reached)


def _described(low: int | None, high: int | None) -> str:
    if high is not None:
        return f"an integer from {low} to {high}"
    return "an integer" if low is None else f"an integer of at least {low}"


def _assuming(x: sp.Symbol, premises: list[Premise]) -> sp.Symbol:
    """The symbol with what types and premises of the form `x > number` say of its sign."""
    facts: dict[str, bool] = {"real": True}
    for p in premises:
        if x in p.integers:
            facts["integer"] = True
        for part in sp.And.make_args(p.formula):
            if part.is_Relational and part.free_symbols == {x} and part.lhs == x and part.rhs.is_number:
                if isinstance(part, sp.Gt | sp.Ge) and part.rhs.is_nonnegative:
                    facts["positive" if isinstance(part, sp.Gt) or part.rhs.is_positive else "nonnegative"] = True
                if isinstance(part, sp.Ne) and part.rhs == 0:
                    facts["nonzero"] = True
    return sp.Symbol(x.name, **facts)


def _tidy(value: Any) -> Any:
    """An irrational number in a simpler form."""
    if isinstance(value, sp.Expr) and value.is_number and (value.has(sp.Add) and not value.is_Rational):
        simpler = sp.simplify(value)
        return simpler if sp.count_ops(simpler) <= sp.count_ops(value) else value
    return value


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, sp.Expr) and isinstance(b, sp.Expr) and a != b:
        return is_zero(a - b)
    return bool(a == b)


def _constant(value: Any, family: Mapping[sp.Symbol, sp.Expr]) -> bool:
    """Whether `value` has no unknowns left in a family of models."""
    if not value.free_symbols:
        return True
    if not isinstance(value, sp.Expr):
        return False
    rest = guard.substitute(value, dict(family))
    guard.expansion(rest)
    return not rest.free_symbols or not sp.expand(sp.cancel(rest)).free_symbols


def _without_solve(target: t.Expr, value: Any) -> t.Expr:
    return target


def _shown(value: Any, symbols: Symbols) -> str:
    """The text of a witness's value; digits where the language has no exact text for it."""
    try:
        return answer(value, symbols)
    except Unsupported:
        return str(sp.N(value, 20))
