"""Replays a certificate without the model and without trusting the solver that made it.

Assignments go through the reference evaluator; that nothing else is possible is proved again by another solver where
one applies, else by the same from a program whose names and order are changed; graph answers are checked by their
duals, calculus in digits. Everything runs in workers that are killed at their deadline.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from neurosym.certificates import claims
from neurosym.certificates.claims import NoClaim, asking, negation, premises
from neurosym.certificates.document import Certificate, Model, parse
from neurosym.certificates.models import MAX_CELLS, closed_tables, stated
from neurosym.certificates.verdict import Item, Recheck, Verdict, verdict
from neurosym.errors import ProgramError, UsageError
from neurosym.language import tree as t
from neurosym.language.check import checked
from neurosym.language.lowering import lowered
from neurosym.language.printer import show, show_expr
from neurosym.language.read import read
from neurosym.language.symbols import GraphSymbol, Symbols
from neurosym.outcome import DECIDED, Outcome, Status
from neurosym.programs import run
from neurosym.solving.blocks import lower_blocks
from neurosym.solving.combine import CONCLUSIVE
from neurosym.solving.options import choose
from neurosym.solving.replies import solver_outcome
from neurosym.solving.route import route
from neurosym.solving.sandbox import python_limits
from neurosym.solving.solve import SECOND_OPINION_SECONDS, pool
from neurosym.workers import Job, Limits, ReplyKind

WORKER = "neurosym.certificates.worker"


def recheck(certificate: Mapping[str, Any], *, timeout: float = 10.0, allow_python: bool = False) -> Recheck:
    """Check a certificate again, whoever made it.

    timeout:       seconds that each single check may take.
    allow_python:  whether a program's Python may run again even where this system's sandbox is below the level
                   `strong`; where it does not run, the certificate stays unconfirmed.

    Raises InputError where it is no certificate, LanguageMismatch where it is of another version of the language,
    UsageError for a timeout that is not positive.
    """
    if not timeout > 0:
        raise UsageError(f"the timeout is a number of seconds above 0, not {timeout!r}")
    read_one = parse(certificate)
    items: list[Item] = []
    try:
        for item in _Replay(read_one, timeout, allow_python).items():
            items.append(item)
            if item.verdict is Verdict.REFUTED:
                break
    except (NoClaim, ProgramError) as why:
        items.append(Item("the claim fits the program", Verdict.REFUTED, "its text", str(why)))
    verdicts = {i.verdict for i in items}
    worst = (Verdict.REFUTED, Verdict.UNCONFIRMED, Verdict.CONFIRMED)
    return Recheck(next((v for v in worst if v in verdicts), Verdict.UNCONFIRMED), tuple(items))


class _Replay:
    """One certificate's checks, one after the other."""

    def __init__(self, certificate: Certificate, timeout: float, allow_python: bool) -> None:
        self.given, self.timeout, self.allow_python = certificate, timeout, allow_python

    def items(self) -> Iterator[Item]:
        given = self.given
        if not given.sealed:
            yield Item("the certificate is as it was made", Verdict.REFUTED, "its seal", "something in it was changed")
            return
        if given.options:
            yield self.chosen()
        if given.notation == "python":
            yield self.python()
            return
        program = lowered(read(given.program))
        symbols = checked(program)
        if any(isinstance(s, t.Python) for s in program.statements):
            found = self.lowered(program, symbols)
            if isinstance(found, Item):
                yield found
                return
            program = lowered(found)
            symbols = checked(program)
            yield Item("the Python blocks give these values", Verdict.CONFIRMED, "the sandbox", "")
        self.fits(program)
        if any(True for _ in symbols.of(GraphSymbol)):
            yield self.graph(program, symbols)
        elif given.status is Status.CONTRADICTORY:
            yield from self.contradictory(program)
        else:
            yield from self.concluded(program, symbols)

    def fits(self, program: t.Program) -> None:
        """Raise NoClaim where a claim's fields do not belong to its status."""
        given, by_letter = self.given, isinstance(program.ask, t.AskOption)
        if given.answers and given.status is not Status.VALUE:
            raise NoClaim(f"the status {given.status} comes without answers")
        if by_letter and given.status is Status.VALUE and given.answers not in ((), (given.option,)):
            raise NoClaim("the answer is the option's letter")
        if given.option is not None and not (by_letter or given.options):
            raise NoClaim("the program has no options")
        if by_letter and given.status not in (Status.VALUE, Status.UNDERDETERMINED, Status.CONTRADICTORY):
            raise NoClaim(f"which option fits is not {given.status}")

    # --- options in words, Python -----------------------------------------------------------------------------

    def chosen(self) -> Item:
        """That the option is the one that says what was found."""
        given = self.given
        bare = Outcome(given.status, given.answers)
        if given.option is not None and given.answers == (given.option,):
            bare = replace(bare, option=given.option)
        right = given.status not in DECIDED or choose(bare, given.options).option == given.option
        return Item("the option says what was found", verdict(right), "its text", "")

    def python(self) -> Item:
        """That the Python program gives the answer again."""
        given, what = self.given, "the Python program gives this answer"
        again = run(given.program, notation="python", timeout=self.timeout, allow_python=self.allow_python)
        right = (again.status, again.answers) == (given.status, given.answers) if again.status in CONCLUSIVE else None
        return Item(what, verdict(right), "the sandbox", again.message)

    def lowered(self, program: t.Program, symbols: Symbols) -> t.Program | Item:
        """The program with its blocks replaced by what they compute, if that is what the certificate says."""
        what = "the Python blocks give these values"
        found = lower_blocks(program, symbols, python_limits(self.timeout, allow_python=self.allow_python))
        if isinstance(found, Outcome):
            return Item(what, Verdict.UNCONFIRMED, "the sandbox", found.message)
        if tuple(e.data["values"] for e in found.evidence) != self.given.computed:
            return Item(what, Verdict.REFUTED, "the sandbox", "they give others")
        return read(show(found.program))

    # --- questions to workers ---------------------------------------------------------------------------------

    def job(self, entry: str, payload: Mapping[str, Any]) -> tuple[Any, str]:
        """What a worker's function returns, or None and why it did not."""
        reply = pool().run(Job(f"{WORKER}:{entry}", payload, Limits(self.timeout), reuse=True))
        if reply.kind is ReplyKind.DONE:
            return reply.value, ""
        return None, f"{reply.kind}: {reply.message}" if reply.message else str(reply.kind)

    def judged(self, what: str, by: str, entry: str, payload: Mapping[str, Any]) -> Item:
        """An item from a worker's verdict and reason."""
        value, why = self.job(entry, payload)
        right, reason = value or (None, why)
        return Item(what, verdict(right), by, str(reason))

    def outcome(self, program: t.Program) -> Outcome:
        """What a program comes to under other solvers than the first, or the first where no other concludes."""
        names = sorted(route(program, checked(program)), key=lambda name: name == self.given.solver)
        found = Outcome(Status.UNSUPPORTED, message="no solver takes it")
        for position, name in enumerate(names):
            last = position + 1 == len(names)
            seconds = self.timeout if last else min(self.timeout, SECOND_OPINION_SECONDS)
            payload = {"solver": name, "program": show(program)}
            reply = pool().run(Job(f"{WORKER}:ask", payload, Limits(seconds), reuse=True))
            found = solver_outcome(reply, name)
            if found.status in CONCLUSIVE:
                break
        return replace(found, solver=f"{found.solver or 'nobody'}, names and order changed")

    def comes_to(self, what: str, program: t.Program, *wanted: Status) -> Item:
        """That a derived program has one of the wanted outcomes."""
        outcome = self.outcome(program)
        right = outcome.status in wanted if outcome.status in CONCLUSIVE else None
        why = "" if right else f"it is {outcome.status}" + (f": {outcome.message}" if outcome.message else "")
        return Item(what, verdict(right), outcome.solver, why)

    def possible(self, statements: Sequence[t.Statement], formula: t.Expr) -> tuple[bool | None, str]:
        """Whether premises have a model in which a formula holds, None where that was not found out; and by whom."""
        if claims.has_closed(checked(t.Program(tuple(statements)))):  # a premise more would change what they mean
            found = self.outcome(asking(statements, formula))
            right = found.status in (Status.TRUE, Status.INDEPENDENT)
        else:
            found = self.outcome(asking([*statements, t.Assertion(formula)], claims.TRUE))
            right = found.status is not Status.CONTRADICTORY
        return (right if found.status in CONCLUSIVE else None), found.solver

    # --- graphs -----------------------------------------------------------------------------------------------

    def graph(self, program: t.Program, symbols: Symbols) -> Item:
        """The claim by the graph's duals; where the certificate has none, by the solver again."""
        given = self.given
        payload = {
            "program": show(program),
            "status": given.status.value,
            "answers": list(given.answers),
            "option": given.option,
            "core": list(given.core),
            "graph": given.graph,
        }
        item = self.judged("the answer about the graph", "its duals", "graph", payload)
        if item.verdict is not Verdict.UNCONFIRMED:
            return item
        if given.status is Status.VALUE and given.option is None:
            pairs = claims.answers(program, symbols, given.answers)
            formula = claims.conjunction([claims.says(*pair) for pair in pairs])
            return self.comes_to(item.what, asking(premises(program), formula), Status.TRUE)
        return self.comes_to(item.what, program, given.status)

    # --- contradictions ---------------------------------------------------------------------------------------

    def contradictory(self, program: t.Program) -> Iterator[Item]:
        """The core alone has no model; nor has the whole program, where less may say something else."""
        core = self.given.core
        if not core or claims.has_closed(checked(program)):
            yield self.comes_to("the premises contradict each other", program, Status.CONTRADICTORY)
        if core:
            statements = claims.kept(program, core)
            if any(isinstance(s, t.Option) for s in statements):  # which mean nothing without the others
                statements = list(program.statements)
            elif not isinstance(statements[-1], t.Ask):
                statements = [*(s for s in statements if not isinstance(s, t.AskOption)), t.Ask((claims.TRUE,))]
            what = f"lines {', '.join(map(str, core))} contradict each other"
            yield self.comes_to(what, t.Program(tuple(statements)), Status.CONTRADICTORY)

    # --- everything else --------------------------------------------------------------------------------------

    def concluded(self, program: t.Program, symbols: Symbols) -> Iterator[Item]:
        """Values, truths, options, and that there are several."""
        given, said = self.given, premises(program)
        goals = [s for s in program.statements if isinstance(s, t.Goal)]
        if goals and len(given.optima) != len(goals):
            yield self.comes_to("there is no optimum", program, given.status)
            return
        reached: list[t.Expr] = []
        for goal, text in zip(goals, given.optima, strict=True):
            optimum = claims.value(text, symbols)
            better = t.CompareOp.GT if goal.maximize else t.CompareOp.LT
            beyond = [*said, t.Assertion(claims.compared(goal.objective, better, optimum))]
            what = f"nothing better than {show_expr(goal.objective)} = {text} is possible"
            yield self.comes_to(what, asking(beyond, claims.TRUE), Status.CONTRADICTORY)
            reached.append(claims.compared(goal.objective, t.CompareOp.EQ, optimum))
            said.append(t.Assertion(reached[-1]))
        claimed = self.claimed(program, symbols)
        if claimed and given.status in (Status.VALUE, Status.TRUE, Status.FALSE) and self.evaluates(program, symbols):
            yield self.model("the answer", program, symbols, Model(), claimed)
            return
        yield from self.modelled(program, symbols, [*reached, *claimed])
        if isinstance(program.ask, t.AskOption):
            yield from self.options(program, said)
        elif given.status is Status.UNDERDETERMINED:
            yield self.several(program)
        elif given.status is Status.INDEPENDENT:
            assert isinstance(program.ask, t.Ask)
            if len(given.models) < 2:
                yield self.comes_to("neither it nor its negation follows", program, Status.INDEPENDENT)
        else:
            yield from self.only(program, symbols, said)

    def evaluates(self, program: t.Program, symbols: Symbols) -> bool:
        """Whether the evaluator alone can tell what the program comes to."""
        named = {c.function for c in claims.calls(program)}
        return claims.ground(symbols) and not claims.analysis(program) and not named & {"sqrt", "solve"}

    def claimed(self, program: t.Program, symbols: Symbols) -> list[t.Expr]:
        """What is claimed of what is asked, as formulas that hold in every model. Raises NoClaim."""
        ask, status = program.ask, self.given.status
        if not isinstance(ask, t.Ask) or status is Status.UNDERDETERMINED:
            return []
        if status is Status.VALUE:
            return [claims.says(*pair) for pair in claims.answers(program, symbols, self.given.answers)]
        if len(ask.targets) != 1:
            raise NoClaim(f"{status} is said of one formula, but {len(ask.targets)} terms are asked")
        return [negation(ask.targets[0]) if status is Status.FALSE else ask.targets[0]]

    # --- models -----------------------------------------------------------------------------------------------

    def modelled(self, program: t.Program, symbols: Symbols, formulas: Sequence[t.Expr]) -> Iterator[Item]:
        """Every assignment of the certificate satisfies the premises and what is claimed."""
        two = self.given.status is Status.INDEPENDENT
        calculus = claims.analysis(program)
        for k, model in enumerate(self.given.models):
            held = [*formulas[:-1], negation(formulas[-1])] if two and k == 1 else formulas
            held = [] if calculus else [f for f in held if not _solves(f)]
            yield self.model(f"assignment {k + 1} satisfies the premises", program, symbols, model, held)
        if len(self.given.models) == 0 and self.given.derivation:  # else entailment shows it
            right, by = self.possible(premises(program), claims.TRUE)
            yield Item("the premises can all be true", verdict(right), by, "")

    def model(self, what: str, program: t.Program, symbols: Symbols, model: Model, formulas: Sequence[t.Expr]) -> Item:
        """One assignment, by the evaluator; where it cannot tell of all, by a solver that is told the assignment."""
        bare = show(asking(premises(program), claims.TRUE))
        texts = [show_expr(f) for f in formulas]
        item = self.judged(what, "the evaluator", "model", {"program": bare, "model": asdict(model), "claims": texts})
        if item.verdict is Verdict.CONFIRMED and claims.has_closed(symbols):
            what = f"{what}, closed relations least"
            tables = closed_tables(symbols, model)
            if tables is None:
                return Item(what, Verdict.UNCONFIRMED, "", f"they have more than {MAX_CELLS} cells")
            return self.comes_to(what, asking(premises(program), tables), Status.TRUE)
        if item.verdict is not Verdict.UNCONFIRMED:
            return item
        said = claims.conjunction([stated(symbols, model), *formulas])
        right, by = self.possible(premises(program), said)
        return Item(what, verdict(right), f"the evaluator and {by}", "" if right else item.reason)

    def several(self, program: t.Program) -> Item:
        """Two assignments give what is asked different values."""
        what = "more than one answer is possible"
        models = [asdict(m) for m in self.given.models]
        value, why = self.job("differ", {"program": show(program), "models": models}) if models else (None, "")
        if value is None:
            return self.comes_to(what, program, Status.UNDERDETERMINED)
        return Item(what, verdict(value), "the evaluator", why or "two assignments differ in it")

    # --- that nothing else is possible ------------------------------------------------------------------------

    def only(self, program: t.Program, symbols: Symbols, said: list[t.Statement]) -> Iterator[Item]:
        """The answer follows from the premises, or from the lines that the certificate names."""
        what = "no other answer is possible"
        assert isinstance(program.ask, t.Ask)
        if self.given.status is Status.VALUE:
            pairs = claims.answers(program, symbols, self.given.answers)
            for target, answer in pairs:
                if _solves(target):
                    yield from self.solutions(target, answer, said)
            pairs = [(target, answer) for target, answer in pairs if not _solves(target)]
            if claims.analysis(program):
                payload = {"program": show(program), "answers": list(self.given.answers)}
                item = self.judged("the answer", "60 digits", "digits", payload)
                mentioned = claims.unknowns(program.ask.targets, symbols)
                free = not any(
                    mentioned & claims.unknowns([s.formula], symbols) for s in said if isinstance(s, t.Assertion)
                )
                if item.verdict is Verdict.REFUTED or (item.verdict is Verdict.CONFIRMED and free):
                    yield item
                    return
            formulas = [claims.says(*pair) for pair in pairs]
        else:
            formulas = self.claimed(program, symbols)
        if not formulas:
            return
        if self.given.derivation and not claims.has_closed(symbols):
            said = claims.kept(program, self.given.derivation, formulas)
            what = f"it follows from lines {', '.join(map(str, self.given.derivation))}"
            if any(isinstance(s, t.Ask | t.AskOption | t.Option | t.Goal) for s in said):
                raise NoClaim("a derivation names lines that are no premises")
        yield self.comes_to(what, asking(said, claims.conjunction(formulas)), Status.TRUE)
        if self.given.steps and not claims.has_closed(symbols):
            declared = [s for s in premises(program) if not isinstance(s, t.Assertion)]
            each = claims.steps(program, self.given.steps, claims.conjunction(formulas))
            yield self.comes_to("each step of the derivation follows", asking(declared, each), Status.TRUE)

    def solutions(self, target: t.Expr, answer: t.Expr, said: Sequence[t.Statement]) -> Iterator[Item]:
        """Each element of a set of solutions is one, and there are no others."""
        assert isinstance(target, t.Call)
        if not isinstance(answer, t.SetOf):
            raise NoClaim("the answer to `solve` is a set")
        *condition, unknown = target.args
        assumed = [*said, *(t.Assertion(c) for c in condition if not isinstance(c, t.Binder))]
        assert not isinstance(unknown, t.Binder)
        for element in answer.elements:
            right, by = self.possible(assumed, claims.compared(unknown, t.CompareOp.EQ, element))
            yield Item(f"{show_expr(element)} is a solution", verdict(right), by, "")
        others = claims.conjunction([claims.compared(unknown, t.CompareOp.NE, e) for e in answer.elements])
        right, by = self.possible(assumed, others)
        yield Item("there is no other solution", verdict(None if right is None else not right), by, "")

    def options(self, program: t.Program, said: Sequence[t.Statement]) -> Iterator[Item]:
        """Which options fit, each looked at again."""
        assert isinstance(program.ask, t.AskOption)
        mode = program.ask.mode
        fitting = _FITTING[mode]
        fit = []
        for option in (s for s in program.statements if isinstance(s, t.Option)):
            found = self.outcome(asking(said, option.formula))
            if found.status not in (Status.TRUE, Status.FALSE, Status.INDEPENDENT):
                wrong = False if found.status is Status.CONTRADICTORY else None
                yield Item(
                    f"option {option.label}", verdict(wrong), found.solver, f"it is {found.status}: {found.message}"
                )
                return
            fit += [option.label] if found.status in fitting else []
        right = fit == [self.given.option] if self.given.status is Status.VALUE else len(fit) != 1
        yield Item(f"the options that fit are {', '.join(fit) or 'none'}", verdict(right), found.solver, "")


_FITTING: Mapping[t.OptionMode, tuple[Status, ...]] = {
    t.OptionMode.CONSISTENT: (Status.TRUE, Status.INDEPENDENT),
    t.OptionMode.MAY: (Status.TRUE, Status.INDEPENDENT),
    t.OptionMode.MUST: (Status.TRUE,),
    t.OptionMode.CANNOT: (Status.FALSE,),
    t.OptionMode.EXCEPT: (Status.FALSE, Status.INDEPENDENT),
}
"""What an option that fits is, where it is asked by itself."""


def _solves(e: t.Expr) -> bool:
    """Whether a term is `solve(...)`, or a formula says what it is."""
    if isinstance(e, t.Compare):
        return _solves(e.first)
    return isinstance(e, t.Call) and e.function == "solve"
