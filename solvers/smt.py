"""The SMT solver: decides what follows from a program's premises, with Z3, and shows why.

Premises are first shown satisfiable; a value is an answer only if no model gives another. smt_terms builds the
formulas, smt_prover asks Z3, smt_models reads its models back and has the evaluator check them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import z3

from neurosym.language import tree as t
from neurosym.language.printer import name as show_name
from neurosym.language.printer import show_expr
from neurosym.language.symbols import Base, Constant
from neurosym.outcome import Evidence, Outcome, Status
from neurosym.solvers.base import Task, Unsupported
from neurosym.solvers.smt_count import count
from neurosym.solvers.smt_domains import Formula, Many, Sym, Term, disj, neg, unwrap
from neurosym.solvers.smt_goals import NoOptimum, attain, constants, has_quantifier
from neurosym.solvers.smt_models import Reading
from neurosym.solvers.smt_prover import GaveUp, Model, Prover, inconsistent, minimise
from neurosym.solvers.smt_terms import Encoding, Solve

MAX_SOLUTIONS = 1_000
"""How many elements a set of solutions may have."""


class Smt:
    """Logic, finite domains, linear and polynomial arithmetic, optimisation, options."""

    def solve(self, task: Task) -> Outcome:
        """What the program comes to (see neurosym.solvers.base.Solver)."""
        try:
            outcome = _Question(task).outcome()
        except Unsupported as error:
            return error.outcome("smt")
        except GaveUp as error:
            outcome = Outcome(Status.GAVE_UP, message=f"smt: {error}")
        return replace(outcome, solver="smt")


class _Question:
    """One task on its way to its outcome."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.encoding = Encoding(task)
        self.prover = Prover(self.encoding)
        self.evidence: tuple[Evidence, ...] = ()

    def outcome(self) -> Outcome:
        model = self.prover.find()
        if model is None:
            return self.contradictory()
        try:
            for goal, objective in self.encoding.goals:
                self.evidence += (attain(self.prover, goal, objective),)
        except NoOptimum as error:
            return self.underdetermined(error.why, error.models)
        if self.encoding.goals:
            model = self.prover.find()
            assert model is not None
        ask = self.task.program.ask
        if isinstance(ask, t.AskOption):
            return self.options(model, ask.mode)
        asked = self.encoding.asked
        first = asked[0]
        if len(asked) == 1 and not isinstance(first, Solve) and _is_formula(first):
            return self.entailment(model, unwrap(first))
        return self.values(model)

    # --- evidence ---------------------------------------------------------------------------------------------

    def rechecked(self, kind: str, *models: Model, claims: Sequence[tuple[t.Expr, bool]] = ()) -> Iterator[Evidence]:
        """The evaluator's verdict on models: every premise true, every claim (formula, truth) as said."""
        if self.task.brief:
            return
        held = skipped = 0
        wrong: set[int] = set()
        records = []
        for at, model in enumerate(models):
            reading = Reading(self.encoding, model)
            a, b, c = reading.recheck()
            held, skipped, wrong = held + a, skipped + b, wrong | set(c)
            wrong |= {i for i, p in self.encoding.premises.items() if model.truth(p) is False}
            if claims:
                formula, truth = claims[at]
                found = reading.holds(formula)
                wrong |= {len(self.task.program.statements) - 1} if found is (not truth) else set()
            records.append(reading.record())
        data = {"premises": held, "not_evaluated": skipped, "models": records}
        if wrong:
            data["false_lines"] = self.lines(wrong)
        yield Evidence(kind, "evaluator" if held or not skipped else "z3", not wrong, data)

    def lines(self, indices: Iterable[int]) -> list[int]:
        """The source lines of statements."""
        spans = ((i, self.task.program.statements[i].span) for i in sorted(indices))
        return [span.line if span else i + 1 for i, span in spans]

    def finish(self, status: Status, *evidence: Evidence, **given: object) -> Outcome:
        """An outcome with its evidence; our own failure where the evaluator contradicts Z3."""
        found = (*evidence, *self.evidence)
        wrong = [e for e in found if not e.holds]
        if wrong:
            lines = wrong[0].data.get("false_lines")
            message = f"smt: the evaluator does not confirm the {wrong[0].kind} on lines {lines}"
            return Outcome(Status.FAILURE, message=message, evidence=found)
        return Outcome(status, evidence=found, **given)  # type: ignore[arg-type]

    def witnessed(self, *models: Model) -> tuple[Mapping[str, str], ...]:
        return () if self.task.brief else tuple(Reading(self.encoding, m).witness() for m in models)

    def underdetermined(self, message: str, models: Sequence[Model]) -> Outcome:
        evidence = self.rechecked("witnesses", *models)
        return self.finish(Status.UNDERDETERMINED, *evidence, message=message, witnesses=self.witnessed(*models))

    def several(self, asked: list[Term], models: Sequence[Model]) -> Outcome:
        """More than one answer; how many, where the problem is finite."""
        message, counted = "more than one answer is possible", count(self.prover, asked)
        if counted is not None:
            message, self.evidence = f"{message}: {counted}", (*self.evidence, counted.evidence())
        return self.underdetermined(message, models)

    # --- contradictory premises -------------------------------------------------------------------------------

    def contradictory(self) -> Outcome:
        """The premises have no model: a minimal core of them, shown again in a context of its own."""
        if self.task.brief:
            return Outcome(Status.CONTRADICTORY)
        seed = list(range(len(self.task.program.statements)))  # closed relations are not traced by Z3
        if not self.encoding.closed.tables:
            seed = self.with_declarations(self.prover.used())
        if not inconsistent(self.task, seed):
            raise GaveUp("a contradiction was found, but not a second time")
        core = minimise(seed, lambda kept: inconsistent(self.task, kept))
        lines = tuple(self.lines(core))
        why = [self.encoding.claims.reasons[i] for i in core if i in self.encoding.claims.reasons]
        message = "the premises contradict each other" + (f": {why[0]}" if why else "")
        evidence = Evidence("core", "smt", inconsistent(self.task, core), {"lines": list(lines)})
        return Outcome(Status.CONTRADICTORY, message=message, core=lines, evidence=(evidence,))

    def with_declarations(self, indices: Iterable[int]) -> list[int]:
        """Statements, and those that define or type the names in them, one through another."""
        statements = self.task.program.statements
        where = {name: i for i, s in enumerate(statements) for name in _declared(s)}
        found, todo = set[int](), list(indices)
        while todo:
            index = todo.pop()
            if index not in found:
                found.add(index)
                todo.extend(where[n] for n in _mentioned(statements[index]) if n in where)
        return sorted(found)

    # --- formulas ---------------------------------------------------------------------------------------------

    def entailment(self, model: Model, formula: Formula) -> Outcome:
        """true, false or independent."""
        here = model.truth(formula)
        holding = model if here is True else self.prover.find(formula)
        failing = model if here is False else self.prover.find(neg(formula))
        ask = self.task.program.ask
        assert isinstance(ask, t.Ask)
        if holding is not None and failing is not None:
            claims = ((ask.targets[0], True), (ask.targets[0], False))
            evidence = self.rechecked("witnesses", holding, failing, claims=claims)
            return self.finish(Status.INDEPENDENT, *evidence, witnesses=self.witnessed(holding, failing))
        follows = failing is None
        one = holding or failing
        assert one is not None
        message = self.vacuity() if follows else ""
        return self.finish(
            Status.TRUE if follows else Status.FALSE,
            *self.rechecked("model", one, claims=((ask.targets[0], follows),)),
            *self.derivation(neg(formula) if follows else formula),
            message=message,
        )

    def vacuity(self) -> str:
        """Why what follows says nothing, "" where it does: an implication whose condition holds in no model."""
        if self.encoding.presumed is None:
            return ""
        condition, formula = self.encoding.presumed
        try:
            if self.prover.find(formula) is not None:
                return ""
        except GaveUp:
            return ""
        self.evidence += (Evidence("vacuity", "smt", True, {"condition": show_expr(condition)}),)
        return f"vacuously true: `{show_expr(condition)}` holds in no case"

    def derivation(self, refuted: Formula) -> Iterator[Evidence]:
        """The premises that exclude `refuted`."""
        if self.task.brief:
            return
        used = set() if refuted is False else set(self.prover.used(refuted))
        used |= self.encoding.closed.support(self.encoding.functions.facts)
        yield Evidence("derivation", "smt", True, {"lines": self.lines(used)})

    # --- values -----------------------------------------------------------------------------------------------

    def values(self, model: Model) -> Outcome:
        """The asked values, if no model gives others."""
        terms = [self.readable(x) for x in self.encoding.asked if not isinstance(x, Solve)]
        if self.prover.assumed:  # what stands for a term has its value in new models only
            model = self.prover.find() or model
        settled, reading = [], Reading(self.encoding, model)
        for x in terms:
            if isinstance(x, Many) and any(reading.is_open(item) for item in x.items):
                raise Unsupported("a set or list of elements of an open sort")
            value = self.named(model, x) if reading.is_open(x) else reading.settle(x)
            if value is None:
                return self.several(terms, self.unnamed(model, x))
            settled.append(value)
        pairs = list(zip(terms, settled, strict=True))
        other = self.prover.find(disj(neg(self.encoding.domains.equal(a, b)) for a, b in pairs))
        if other is not None:
            return self.several(terms, (model, other))
        texts = iter(self.text(reading, value) for value in settled)
        answers = tuple(self.solutions(x) if isinstance(x, Solve) else next(texts) for x in self.encoding.asked)
        unique = Evidence("uniqueness", "smt", True, {"answers": list(answers)})
        return self.finish(Status.VALUE, *self.rechecked("model", model), unique, answers=answers)

    def readable(self, asked: Term) -> Term:
        """A term that models evaluate: where it holds a quantifier that Z3 keeps, a constant that stands for it."""
        if isinstance(asked, Many):
            return replace(asked, items=tuple(map(self.readable, asked.items)))
        if not isinstance(asked, Sym) or not self.encoding.claims.quantified or not has_quantifier(asked.z):
            return asked
        constant = z3.FreshConst(asked.z.sort(), "asked")
        self.prover.assume(constant == asked.z)
        return Sym(constant, asked.kind)

    def text(self, reading: Reading, settled: Term) -> str:
        """A settled term, or a constant of an open sort, as text."""
        if isinstance(settled, Sym) and reading.is_open(settled):
            return show_name(settled.z.decl().name())
        return reading.text(settled)

    def named(self, model: Model, asked: Term) -> Term | None:
        """The constant of an open sort that the asked term must be, None where there is none."""
        for constant in self.constants(asked):
            alike = self.encoding.domains.equal(asked, constant)
            if model.truth(alike) and self.prover.find(neg(alike)) is None:
                return constant
        return None

    def constants(self, asked: Term) -> list[Sym]:
        """The constants of an element's sort."""
        found = []
        for name, symbol in self.task.symbols.of(Constant):
            x = self.encoding.names.get(name)
            if isinstance(symbol, Constant) and isinstance(asked, Sym) and symbol.kind == asked.kind:
                assert isinstance(x, Sym)
                found.append(x)
        return found

    def unnamed(self, model: Model, asked: Term) -> list[Model]:
        """Two models that give an element of an open sort differently, as far as constants tell."""
        alike = [self.encoding.domains.equal(asked, c) for c in self.constants(asked)]
        other = self.prover.find(disj(a if model.truth(a) is not True else neg(a) for a in alike))
        return [model] if other is None else [model, other]

    # --- all solutions ----------------------------------------------------------------------------------------

    def solutions(self, asked: Solve) -> str:
        """The set of all values of an unknown, by excluding each that was found."""
        self.settled_by(asked)
        found: dict[str, Term] = {}

        def another(model: Model) -> Formula:
            reading = Reading(self.encoding, model)
            if reading.is_open(asked.variable):
                raise Unsupported("the solutions in an open sort")
            value = reading.settle(asked.variable)
            found[reading.text(value)] = value
            return neg(self.encoding.domains.equal(asked.variable, value))

        for _ in self.prover.each(asked.condition, another):
            if len(found) == MAX_SOLUTIONS:
                raise Unsupported(f"a set of more than {MAX_SOLUTIONS} solutions")
        return Reading(self.encoding, Model(None)).text(Many(tuple(found.values()), ordered=False))

    def settled_by(self, asked: Solve) -> None:
        """Make sure that the unknown's value alone decides the condition. Raises Unsupported."""
        if asked.condition is True:
            return
        unknowns = constants([b for b in (*self.prover.base, asked.condition) if not isinstance(b, bool)])
        others = [z for z in unknowns.values() if not z.eq(asked.variable.z)]
        mentioned = constants([] if isinstance(asked.condition, bool) else [asked.condition])
        if not any(z.eq(o) for z in mentioned.values() for o in others) and not self.encoding.functions.symbols:
            return
        pairs = [(z, z3.FreshConst(z.sort(), "other")) for z in others]
        copies = [b if isinstance(b, bool) else z3.substitute(b, *pairs) for b in self.prover.base]
        elsewhere = z3.substitute(asked.condition, *pairs)
        if self.encoding.functions.symbols or self.prover.find(asked.condition, *copies, neg(elsewhere)) is not None:
            raise Unsupported("solve(F, x) where F depends on other unknowns than x")

    # --- options ----------------------------------------------------------------------------------------------

    def options(self, model: Model, mode: t.OptionMode) -> Outcome:
        """The letter of the only option that fits the mode."""
        fitting: dict[str, Model | None] = {}
        for label, formula in self.encoding.options.items():
            here = model.truth(formula)
            if mode in (t.OptionMode.MUST, t.OptionMode.EXCEPT):
                shown = model if here is False else self.prover.find(neg(formula))
                fits = (shown is None) == (mode is t.OptionMode.MUST)
            else:
                shown = model if here is True else self.prover.find(formula)
                fits = (shown is None) == (mode is t.OptionMode.CANNOT)
            if fits:
                fitting[label] = shown
        wanted = _WANTED[mode]
        if len(fitting) != 1:
            several = f"options {', '.join(fitting)} {wanted[1]}" if fitting else f"no option {wanted[0]}"
            models = [m for m in fitting.values() if m is not None][:2] or [model]
            return self.underdetermined(several, models)
        ((label, shown),) = fitting.items()
        formulas = {s.label: s.formula for s in self.task.program.statements if isinstance(s, t.Option)}
        claims = () if shown is None else ((formulas[label], mode is not t.OptionMode.EXCEPT),)
        return self.finish(
            Status.VALUE,
            *self.rechecked("model", shown or model, claims=claims),
            Evidence("uniqueness", "smt", True, {"options": list(self.encoding.options), "only": label}),
            option=label,
            answers=(label,),
        )


_WANTED = {
    t.OptionMode.CONSISTENT: ("is possible", "are possible"),
    t.OptionMode.MAY: ("is possible", "are possible"),
    t.OptionMode.MUST: ("follows", "all follow"),
    t.OptionMode.CANNOT: ("is impossible", "are impossible"),
    t.OptionMode.EXCEPT: ("fails to follow", "all fail to follow"),
}


def _declared(s: t.Statement) -> tuple[str, ...]:
    """The names that a statement defines or gives a type."""
    match s:
        case t.Let():
            return (s.name,)
        case t.Var() | t.Const():
            return s.names
        case t.Fun():
            return tuple(signature.name for signature in s.signatures)
    return ()


def _mentioned(s: t.Statement) -> Iterator[str]:
    """The names that a statement uses."""
    if isinstance(s, t.Distinct):
        yield from s.names
    for node in t.walk(s):
        if isinstance(node, t.Name):
            yield node.id
        elif isinstance(node, t.Call):
            yield node.function


def _is_formula(asked: Term) -> bool:
    return isinstance(asked, bool) or (isinstance(asked, Sym) and asked.kind.base is Base.TRUTH)
