"""First-order formulas → a program: what their names stand for is found from how they are used, then declared.

Everything is of one open sort. A relation, a function and a constant may share a name in logic, and a relation may
be used with two numbers of arguments; in our language a name is declared once, so the later ones are called
`likes/1`, as Prolog would. A name that differs from an earlier one by its capitals alone is taken for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.builtins import BUILTINS
from neurosym.language.diagnostic import Diagnostic
from neurosym.notations.formulas import THING


class Use(StrEnum):
    """What a name stands for."""

    RELATION = "relation"
    FUNCTION = "function"
    CONSTANT = "constant"
    PROPOSITION = "proposition"


@dataclass(frozen=True)
class Symbol:
    """A name as it is used; propositions and constants take no arguments."""

    name: str
    use: Use
    arity: int = 0

    def __str__(self) -> str:
        return f"{self.name}/{self.arity}"


@dataclass
class Vocabulary:
    """The symbols of a program in order of first use, and the slips met while collecting them."""

    symbols: dict[Symbol, t.Node] = field(default_factory=dict)
    mends: list[Diagnostic] = field(default_factory=list)

    def program(self, premises: Sequence[t.Assertion], ask: t.Ask) -> t.Program:
        """Declarations, premises and question; the formulas' names as they were read."""
        statements: list[t.Assertion | t.Ask] = [*premises, ask]
        for statement in statements:
            for formula in _formulas(statement):
                _Walk(self.meet).formula(formula, frozenset())
        names = self.names()
        lowered = [_renamed(s, names) for s in statements]
        return t.Program((*_declarations(names), *lowered))

    def meet(self, symbol: Symbol, at: t.Node) -> None:
        """One use of a name."""
        self.symbols.setdefault(symbol, at)

    def names(self) -> dict[Symbol, str]:
        """Each symbol's name in the program."""
        spelt: dict[tuple[str, Use, int], Symbol] = {}
        names: dict[Symbol, str] = {}
        taken: dict[str, Symbol] = {}
        for symbol, at in self.symbols.items():
            key = (symbol.name.casefold(), symbol.use, symbol.arity)
            same = spelt.setdefault(key, symbol)
            if same is not symbol:
                names[symbol] = names[same]
                self.mend("mended-capitals", f"{symbol.name!r} is taken for {same.name!r}", at)
                continue
            before = taken.get(symbol.name)
            if before is not None and before.use is symbol.use:
                what = f"{symbol.name!r} is a {symbol.use} of {before.arity} and of {symbol.arity} arguments: of two"
                self.mend("mended-arity", what, at)
            clash = before is not None or (symbol.arity > 0 and symbol.name in BUILTINS)
            names[symbol] = str(symbol) if clash else symbol.name
            taken.setdefault(symbol.name, symbol)
        return names

    def mend(self, code: str, message: str, at: t.Node) -> None:
        """List a slip that had only one reading."""
        self.mends.append(Diagnostic(code, message, at.span))


def close(formula: t.Expr, is_variable: Callable[[str], bool]) -> tuple[t.Expr, tuple[str, ...]]:
    """`formula` with its free variables bound by `forall` around it, and their names in order.

    Raises ProgramError where a name is free in one place and bound in another: which was meant cannot be told.
    """
    free: dict[str, t.Node] = {}

    def meet(symbol: Symbol, at: t.Node) -> None:
        if symbol.use is Use.CONSTANT:
            free.setdefault(symbol.name, at)

    _Walk(meet).formula(formula, frozenset())
    bound = {name for node in t.walk(formula) if isinstance(node, t.Binder) for name in node.names}
    for name in free.keys() & bound:
        what = f"{name!r} is bound in one place and free in another"
        raise ProgramError([Diagnostic("free-variable", what, free[name].span, "bracket the quantifier's scope")])
    names = tuple(name for name in free if is_variable(name))
    if not names:
        return formula, ()
    binder = t.Binder(names, THING)
    return t.Quantified(t.Quantifier.FORALL, (binder,), formula, span=formula.span), names


# --- walking ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Walk:
    """Calls `meet` for every name that is not bound, with what its place says it stands for."""

    meet: Callable[[Symbol, t.Node], object]

    def formula(self, e: t.Expr, bound: frozenset[str]) -> None:
        match e:
            case t.Name():
                self.meet(Symbol(self.unbound(e.id, e, bound), Use.PROPOSITION), e)
            case t.Unary():
                self.formula(e.operand, bound)
            case t.Binary():
                self.formula(e.left, bound)
                self.formula(e.right, bound)
            case t.Quantified():
                self.formula(e.body, bound.union(*(b.names for b in e.binders)))
            case t.Compare():
                for side in (e.first, *(right for _, right in e.rest)):
                    self.term(side, bound)
            case t.Call():
                self.meet(Symbol(self.unbound(e.function, e, bound), Use.RELATION, len(e.args)), e)
                self.arguments(e, bound)

    def term(self, e: t.Expr, bound: frozenset[str]) -> None:
        match e:
            case t.Name():
                if e.id not in bound:
                    self.meet(Symbol(e.id, Use.CONSTANT), e)
            case t.Call():
                self.meet(Symbol(self.unbound(e.function, e, bound), Use.FUNCTION, len(e.args)), e)
                self.arguments(e, bound)

    def arguments(self, call: t.Call, bound: frozenset[str]) -> None:
        for argument in call.args:
            if not isinstance(argument, t.Binder):
                self.term(argument, bound)

    def unbound(self, name: str, at: t.Node, bound: frozenset[str]) -> str:
        if name in bound:
            what = f"{name!r} is a variable here: no formula, relation or function"
            raise ProgramError([Diagnostic("second-order", what, at.span, "first-order logic binds things only")])
        return name


def _formulas(statement: t.Assertion | t.Ask) -> tuple[t.Expr, ...]:
    return (statement.formula,) if isinstance(statement, t.Assertion) else statement.targets


# --- lowering ---------------------------------------------------------------------------------------------------


def _declarations(names: dict[Symbol, str]) -> list[t.Statement]:
    def called(use: Use) -> list[tuple[Symbol, str]]:
        unique = {name: symbol for symbol, name in reversed(names.items()) if symbol.use is use}
        return [(symbol, name) for name, symbol in reversed(unique.items())]

    def signatures(use: Use) -> tuple[t.Signature, ...]:
        return tuple(t.Signature(name, (THING,) * symbol.arity) for symbol, name in called(use))

    found: list[t.Statement] = [t.Sort(THING, None)]
    if constants := called(Use.CONSTANT):
        found.append(t.Const(tuple(name for _, name in constants), THING))
    if relations := signatures(Use.RELATION):
        found.append(t.Rel(relations))
    if functions := signatures(Use.FUNCTION):
        found.append(t.Fun(functions, t.Unit(((THING, 1),))))
    if propositions := called(Use.PROPOSITION):
        found.append(t.Var(tuple(name for _, name in propositions), t.Unit((("bool", 1),))))
    return found
