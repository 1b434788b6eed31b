"""SMT-LIB 2 → our tree: commands. Read by our own grammar; Z3's reader never sees the text.

What is asked: `(get-value (t ...))` asks for these terms, which must then be unique. A script with only `(check-sat)`
asks `true`: the outcome is *true* where the assertions are satisfiable (sat) and *contradictory*, with the lines of an
unsatisfiable core, where they are not (unsat). A script asks one question; a second `(check-sat)` is refused.

Division and functions are partial in our language: an assertion that divides claims that the divisor is not 0, where
SMT-LIB lets `x / 0` be anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from neurosym.language import tree as t
from neurosym.language.diagnostic import Span
from neurosym.notations import Reading
from neurosym.notations.parsing import Mends, refuse
from neurosym.notations.smtlib_sexprs import Atom, List, SExpr, sexprs
from neurosym.notations.smtlib_terms import Macro, Scope, Terms

_IGNORED = frozenset(
    {"set-logic", "set-option", "set-info", "echo", "get-model", "get-info", "get-option", "get-proof"}
    | {"get-assertions", "get-unsat-core", "get-assignment", "get-unsat-assumptions"}
)


def read(text: str, question: str | None, options: Sequence[str]) -> Reading:
    """The program that `text` says (see neurosym.notations.read). Raises ProgramError."""
    mends = Mends()
    script = _Script(mends)
    for command in sexprs(text, mends):
        script.command(command)
        if script.ended:
            break
    return Reading(script.program(), tuple(mends.made))


class _Script:
    """The commands read so far."""

    def __init__(self, mends: Mends) -> None:
        self.mends = mends
        self.terms = Terms(mends)
        self.statements: list[t.Statement] = []
        self.levels: list[int] = []
        self.asked: tuple[t.Expr, ...] = ()
        self.question: Span | None = None
        self.checked = self.ended = False

    def program(self) -> t.Program:
        """All statements and the question."""
        if not self.checked:
            self.mends.add("check-sat", "the script asks nothing", None, "end it with (check-sat)")
        targets = self.asked or (t.Truth(True, span=self.question),)
        return t.Program((*self.terms.declarations, *self.statements, t.Ask(targets, span=self.question)))

    def command(self, command: SExpr) -> None:
        """Read one command. Raises ProgramError."""
        if not isinstance(command, List) or not command.items or not isinstance(command.items[0], Atom):
            if self.checked:
                self.mends.add("trailing-text", "what follows the question is no command", command.span)
                self.ended = True
                return
            raise refuse("syntax", "a script consists of commands in parentheses", command.span, "(assert ...)")
        name, args = command.items[0].text, command.items[1:]
        if name in _IGNORED:
            return
        handler = _COMMANDS.get(name)
        if handler is None:
            raise refuse("unknown-command", f"`{name}` is no command that is known here", command.span)
        if self.checked and name not in ("get-value", "eval", "exit", "pop", "push", "reset"):
            raise refuse("several-questions", "the script goes on after its question", command.span, "one (check-sat)")
        handler(self, args, command)

    # --- declarations -----------------------------------------------------------------------------------------

    def declare_sort(self, args: Sequence[SExpr], at: List) -> None:
        name = self.terms.symbol(args, 0, at)
        if len(args) > 1 and self.terms.symbol(args, 1, at) != "0":
            raise refuse("unsupported", "sorts with parameters", at.span)
        self.terms.declare_sort(name, None, at.span)

    def define_sort(self, args: Sequence[SExpr], at: List) -> None:
        if len(args) != 3 or not isinstance(args[1], List) or args[1].items:
            raise refuse("unsupported", "sorts with parameters", at.span)
        self.terms.aliases[self.terms.symbol(args, 0, at)] = self.terms.sort(args[2])

    def declare_datatypes(self, args: Sequence[SExpr], at: List) -> None:
        if len(args) != 2 or not all(isinstance(a, List) for a in args):
            raise refuse("syntax", "datatypes have names and constructors", at.span)
        names, bodies = (a.items for a in args if isinstance(a, List))
        if not names and bodies and all(isinstance(b, List) and len(b.items) > 1 for b in bodies):
            for body in bodies:  # as written before version 2.6: () ((Color red green))
                assert isinstance(body, List)
                self.enumerate(self.terms.symbol(body.items, 0, at), body.items[1:], at)
            return
        if len(names) != len(bodies):
            raise refuse("syntax", "each datatype has its list of constructors", at.span)
        for name, body in zip(names, bodies, strict=True):
            head = name.items[0] if isinstance(name, List) and name.items else name
            self.enumerate(self.terms.symbol((head,), 0, at), body.items if isinstance(body, List) else (), at)

    def declare_datatype(self, args: Sequence[SExpr], at: List) -> None:
        if len(args) != 2 or not isinstance(args[1], List):
            raise refuse("syntax", "a datatype has a name and constructors", at.span)
        self.enumerate(self.terms.symbol(args, 0, at), args[1].items, at)

    def enumerate(self, name: str, constructors: Sequence[SExpr], at: List) -> None:
        """An enumeration: constructors without fields."""
        elements = []
        for constructor in constructors:
            if isinstance(constructor, List):
                if len(constructor.items) != 1:
                    raise refuse("unsupported", "datatypes whose constructors have fields", constructor.span)
                constructor = constructor.items[0]
            elements.append(self.terms.symbol((constructor,), 0, at))
        if not elements:
            raise refuse("syntax", f"{name!r} has no constructors", at.span)
        self.terms.declare_sort(name, tuple(elements), at.span)

    def declare_const(self, args: Sequence[SExpr], at: List) -> None:
        if len(args) != 2:
            raise refuse("syntax", "a constant has a name and a sort", at.span, "(declare-const x Int)")
        self.terms.declare(self.terms.symbol(args, 0, at), (), args[1], at.span)

    def declare_fun(self, args: Sequence[SExpr], at: List) -> None:
        if len(args) != 3 or not isinstance(args[1], List):
            hint = "(declare-fun f (Int) Int)"
            raise refuse("syntax", "a function has a name, sorts of arguments and a sort of results", at.span, hint)
        self.terms.declare(self.terms.symbol(args, 0, at), args[1].items, args[2], at.span)

    def define_fun(self, args: Sequence[SExpr], at: List) -> None:
        if len(args) != 4 or not isinstance(args[1], List):
            hint = "(define-fun f ((x Int)) Int (+ x 1))"
            raise refuse("syntax", "a definition has a name, parameters, a sort and a body", at.span, hint)
        name = self.terms.symbol(args, 0, at)
        parameters = self.terms.binders(args[1])
        scope = Scope({p: None for p, _ in parameters})
        body = self.terms.term(args[3], scope)
        self.terms.define(name, Macro(tuple(p for p, _ in parameters), body), at.span)

    def define_const(self, args: Sequence[SExpr], at: List) -> None:
        if len(args) != 3:
            raise refuse("syntax", "a definition has a name, a sort and a value", at.span)
        self.terms.define(self.terms.symbol(args, 0, at), Macro((), self.terms.term(args[2], Scope())), at.span)

    # --- assertions and questions -----------------------------------------------------------------------------

    def claim(self, args: Sequence[SExpr], at: List) -> None:
        if len(args) != 1:
            raise refuse("syntax", "`assert` takes one formula", at.span, "(assert (and ...))")
        formula = self.terms.bounded(self.terms.term(args[0], Scope()), at.span)
        self.statements.append(t.Assertion(formula, span=at.span, note=self.terms.label(args[0])))

    def goal(self, maximize: bool, args: Sequence[SExpr], at: List) -> None:
        if not args:
            raise refuse("syntax", "there is nothing to optimise", at.span)
        objective = self.terms.bounded(self.terms.term(args[0], Scope()), at.span)
        self.statements.append(t.Goal(maximize, objective, span=at.span))

    def check_sat(self, args: Sequence[SExpr], at: List) -> None:
        for assumed in args[0].items if args and isinstance(args[0], List) else ():
            self.claim((assumed,), at)
        self.checked, self.question = True, at.span

    def get_value(self, args: Sequence[SExpr], at: List) -> None:
        terms = args[0].items if len(args) == 1 and isinstance(args[0], List) else args
        if not terms:
            raise refuse("syntax", "`get-value` takes a list of terms", at.span, "(get-value (x))")
        self.ask(terms, at)

    def ask(self, terms: Sequence[SExpr], at: List) -> None:
        self.asked += tuple(self.terms.bounded(self.terms.term(x, Scope()), at.span) for x in terms)
        self.checked, self.question = True, at.span

    def push(self, args: Sequence[SExpr], at: List) -> None:
        self.levels += [len(self.statements)] * self.count(args, at)

    def pop(self, args: Sequence[SExpr], at: List) -> None:
        if self.checked:
            self.ended = True
            return
        for _ in range(self.count(args, at)):
            if not self.levels:
                raise refuse("syntax", "there is nothing left to pop", at.span)
            del self.statements[self.levels.pop() :]

    def count(self, args: Sequence[SExpr], at: List) -> int:
        text = self.terms.symbol(args, 0, at) if args else "1"
        if not text.isdecimal() or len(text) > 2:
            raise refuse("syntax", "levels are counted by a small number", at.span, "(push 1)")
        return int(text)

    def end(self, args: Sequence[SExpr], at: List) -> None:
        self.ended = True


_COMMANDS: Mapping[str, Callable[[_Script, Sequence[SExpr], List], None]] = {
    "declare-sort": _Script.declare_sort,
    "define-sort": _Script.define_sort,
    "declare-datatypes": _Script.declare_datatypes,
    "declare-datatype": _Script.declare_datatype,
    "declare-const": _Script.declare_const,
    "declare-fun": _Script.declare_fun,
    "define-fun": _Script.define_fun,
    "define-const": _Script.define_const,
    "assert": _Script.claim,
    "minimize": lambda script, args, at: script.goal(False, args, at),
    "maximize": lambda script, args, at: script.goal(True, args, at),
    "check-sat": _Script.check_sat,
    "check-sat-assuming": _Script.check_sat,
    "get-value": _Script.get_value,
    "eval": _Script.ask,
    "push": _Script.push,
    "pop": _Script.pop,
    "exit": _Script.end,
    "reset": _Script.end,
}
