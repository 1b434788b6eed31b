"""The solver of rule programs: forward chaining, so that what follows comes with the steps that led to it.

What was derived, by which statement and from what, is kept for each literal. Chaining alone does not find all that
follows from rules with negations; supposing the opposite finds more; and where an assignment satisfies every statement
neither way, the question is open. What none of these shows is left to the SMT solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

from neurosym.language import tree as t
from neurosym.language.clauses import Atom, Clause, Literal, RuleProgram, rule_program
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.printer import show_expr
from neurosym.language.symbols import Constant, Function, SortSymbol, Symbols
from neurosym.language.values import Undefined, Value
from neurosym.outcome import Evidence, Outcome, Status
from neurosym.solvers.base import Task, Unsupported
from neurosym.solvers.rules_chain import Chain, Conflict, Members, closed_chain, completed, contrapositives

MAX_SHOWN = 200
"""How many atoms a witness shows."""


class Rules:
    """Facts and rules over finite sorts and over the constants of open ones."""

    def solve(self, task: Task) -> Outcome:
        """What the program comes to (see neurosym.solvers.base.Solver)."""
        rules = rule_program(task.program, task.symbols)
        if rules is None:
            return Unsupported("what is no fact and no rule").outcome("rules")
        try:
            return _Question(task, rules).outcome()
        except Unsupported as error:
            return error.outcome("rules")


class _Question:
    """One rule program on its way to its outcome."""

    def __init__(self, task: Task, rules: RuleProgram) -> None:
        self.task, self.rules = task, rules
        self.members = _members(task.program, task.symbols)
        self.closed = any(f.closed for _, f in task.symbols.of(Function) if isinstance(f, Function))

    def outcome(self) -> Outcome:
        if self.closed:
            return self.closed_outcome()
        atom, holds = self.rules.asked
        try:
            known = self.chain(self.rules.clauses)
        except Conflict as conflict:
            return self.contradictory(conflict)
        if (model := self.model(known)) is None:
            return self.gave_up("no assignment was found that satisfies all rules")
        for sign in (True, False):
            status = Status.TRUE if sign is holds else Status.FALSE
            if (atom, sign) in known.reasons:
                return self.concluded(status, model, self.derivation(known, [(atom, sign)]))
        ways = []
        both_ways = self.chain([*self.rules.clauses, *contrapositives(self.rules.clauses)])
        for sign in (True, False):
            try:
                supposed = both_ways.supposing((atom, sign))
            except Conflict as conflict:  # the opposite follows
                status = Status.FALSE if sign is holds else Status.TRUE
                return self.concluded(status, model, self.derivation(conflict.chain, conflict.sides))
            ways.append(self.model(supposed))
        if ways[0] is None or ways[1] is None:
            return self.gave_up("forward chaining does not decide it")
        ways = ways if holds else ways[::-1]
        confirmed = self.evaluated(ways[0], True) and self.evaluated(ways[1], False)
        models = [w for w in ways if w is not None]
        evidence = Evidence("witnesses", "evaluator", confirmed, {"models": [self.record(m) for m in models]})
        witnesses = tuple(self.witness(m) for m in models)
        return self.finished(Outcome(Status.INDEPENDENT, witnesses=witnesses, evidence=(evidence,), solver="rules"))

    def chain(self, clauses: Iterable[Clause]) -> Chain:
        """All that follows step by step. Raises Conflict where a literal and its negation do."""
        return Chain(self.members, clauses)

    def gave_up(self, why: str) -> Outcome:
        return Outcome(Status.GAVE_UP, message=f"rules: {why}", solver="rules")

    def closed_outcome(self) -> Outcome:
        """A closed world has one model: what does not follow is false."""
        known = closed_chain(self.members, self.rules.clauses)
        atom, holds = self.rules.asked
        found = (atom, True) in known.reasons
        model = frozenset(a for a, sign in known.reasons if sign)
        steps = self.derivation(known, [(atom, True)] if found else [])
        if not found:
            data = {**steps.data, "steps": [{"says": _text((atom, False)), "absent": True}]}
            steps = Evidence(steps.kind, steps.by, steps.holds, data)
        return self.concluded(Status.TRUE if found is holds else Status.FALSE, model, steps)

    # --- evidence ---------------------------------------------------------------------------------------------

    def concluded(self, status: Status, model: frozenset[Atom], derivation: Evidence) -> Outcome:
        """The question's answer, with an assignment that satisfies the premises and the steps that lead there."""
        confirmed = self.evaluated(model, status is Status.TRUE)
        evidence = (Evidence("model", "evaluator", confirmed, {"models": [self.record(model)]}), derivation)
        return self.finished(Outcome(status, evidence=evidence, solver="rules"))

    def finished(self, outcome: Outcome) -> Outcome:
        """The outcome, or our own failure where the evaluator contradicts it."""
        if all(e.holds for e in outcome.evidence):
            return outcome
        return Outcome(Status.FAILURE, message="rules: the evaluator does not confirm the assignment", solver="rules")

    def model(self, known: Chain) -> frozenset[Atom] | None:
        """The atoms of an assignment that satisfies every clause and contains what is known."""
        return completed(self.members, self.rules.clauses, known, lambda: self.atoms)

    @cached_property
    def atoms(self) -> list[Atom]:
        """Every atom that there is, in an order that does not depend on how the program is written."""
        return sorted(self.members.atoms(self.task.symbols), key=str)

    def derivation(self, known: Chain, wanted: Iterable[Literal]) -> Evidence:
        """The steps to `wanted`, each with its line and the numbers of the steps it rests on."""
        order = known.steps(wanted)
        number = {literal: k for k, literal in enumerate(order)}
        steps: list[dict[str, Any]] = []
        for literal in order:
            reason = known.reasons[literal]
            step: dict[str, Any] = {"says": _text(literal), "from": sorted(number[s] for s in reason.sources)}
            if reason.clause is None:
                step["supposed"] = True
            else:
                step["line"] = self.line(reason.clause.index)
            if reason.absent:
                step["without"] = [_text(a) for a in reason.absent]
            steps.append(step)
        lines = sorted({step["line"] for step in steps if "line" in step})
        data: dict[str, Any] = {"lines": lines, "steps": steps}
        both = [number[literal] for literal in wanted]
        if len(both) == 2:
            data["clash"] = both
        return Evidence("derivation", "rules", True, data)

    def contradictory(self, conflict: Conflict) -> Outcome:
        """Premises that cannot hold together: a least set of them, and the steps to the clash."""
        used = (conflict.chain.reasons[literal].clause for literal in conflict.chain.steps(conflict.sides))
        core = sorted({clause.index for clause in used if clause is not None})
        for index in list(core):
            fewer = [c for c in self.rules.clauses if c.index in core and c.index != index]
            try:
                self.chain(fewer)
            except Conflict as smaller:
                conflict, core = smaller, [i for i in core if i != index]
        steps = self.derivation(conflict.chain, conflict.sides)
        lines = tuple(self.line(i) for i in core)
        evidence = Evidence("core", "rules", True, {**steps.data, "lines": list(lines)})
        message = "the premises contradict each other"
        return Outcome(Status.CONTRADICTORY, message=message, core=lines, evidence=(evidence,), solver="rules")

    def line(self, index: int) -> int:
        """The source line of a statement."""
        span = self.task.program.statements[index].span
        return span.line if span else index + 1

    def interpretation(self, model: frozenset[Atom]) -> Interpretation:
        """The assignment as the evaluator reads it."""
        symbols = self.task.symbols
        tables: dict[str, dict[tuple[Value, ...], Value]] = {name: {} for name, _ in symbols.of(Function)}
        values: dict[str, Value] = {name: name for name, _ in symbols.of(Constant)}
        for relation, args in self.atoms:
            held = (relation, args) in model
            if relation in tables:
                tables[relation][tuple(Fraction(a) if isinstance(a, int) else a for a in args)] = held
            else:
                values[relation] = held
        return Interpretation(values, tables, self.members.open)

    def evaluated(self, model: frozenset[Atom] | None, asked: bool) -> bool:
        """Whether the reference evaluator finds every premise true in the assignment, and the asked formula `asked`."""
        if model is None:
            return False
        interpretation = self.interpretation(model)
        program = self.task.program
        assert isinstance(program.ask, t.Ask)
        wanted = [(s.formula, True) for s in program.statements if isinstance(s, t.Assertion)]
        try:
            return all(
                evaluate(formula, self.task.symbols, interpretation) is held
                for formula, held in (*wanted, (program.ask.targets[0], asked))
            )
        except Undefined as error:
            raise Unsupported(str(error)) from None

    def record(self, model: frozenset[Atom]) -> Mapping[str, Any]:
        """The assignment as text from which it can be evaluated again: the true rows of each relation."""
        tables: dict[str, list[list[str]]] = {name: [] for name, _ in self.task.symbols.of(Function)}
        values: dict[str, str] = {}
        for relation, args in self.atoms:
            held = (relation, args) in model
            if relation not in tables:
                values[relation] = str(held).lower()
            elif held:
                tables[relation].append([*(show_expr(_term(a)) for a in args), "true"])
        return {"values": values, "tables": tables, "universe": {s: list(e) for s, e in self.members.open.items()}}

    def witness(self, model: frozenset[Atom]) -> Mapping[str, str]:
        """The true atoms, and the one asked for, as text."""
        shown = {_text((self.rules.asked[0], True)): str(self.rules.asked[0] in model).lower()}
        for atom in sorted(model, key=str)[:MAX_SHOWN]:
            shown[_text((atom, True))] = "true"
        return shown


def _members(program: t.Program, symbols: Symbols) -> Members:
    """What variables range over: finite sorts, and for open ones the constants, or one element where there is none."""
    found: dict[str, tuple[str, ...]] = {}
    for name, sort in symbols.of(SortSymbol):
        if isinstance(sort, SortSymbol) and sort.elements is None:
            constants = tuple(n for n, c in symbols.of(Constant) if isinstance(c, Constant) and c.kind.sort == name)
            found[name] = constants or (f"{name}_1",)
    return Members(symbols, found)


def _term(argument: str | int) -> t.Expr:
    return t.Name(argument) if isinstance(argument, str) else t.Number(Fraction(argument))


def _text(literal: Literal) -> str:
    (relation, args), holds = literal
    atom = t.Call(relation, tuple(map(_term, args))) if args else t.Name(relation)
    return show_expr(atom if holds else t.Unary(t.UnaryOp.NOT, atom))
