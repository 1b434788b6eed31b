"""First-order formulas → a program: what their names stand for is found from how they are used, then declared.

Everything is of one open sort. A relation, a function and a constant may share a name in logic, and a relation may
be used with two numbers of arguments; in our language a name is declared once, so the later ones are called
`likes/1`, as Prolog would. A name that differs from an earlier one in capitals, spaces, underscores and hyphens alone
is taken for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from neurosym.language import tree as t
from neurosym.language.builtins import BUILTINS
from neurosym.notations import Reading
from neurosym.notations.formulas import THING
from neurosym.notations.parsing import Mends, refuse


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


def program(premises: Sequence[t.Assertion], ask: t.Ask) -> Reading:
    """Declarations, premises and question; the formulas' names come as they were read.

    Raises ProgramError where a bound variable is used as a formula, a relation or a function.
    """
    found: dict[Symbol, t.Node] = {}

    def collect(symbol: Symbol, at: t.Node) -> str:
        found.setdefault(symbol, at)
        return symbol.name

    for formula in (*(p.formula for p in premises), *ask.targets):
        _Walk(collect).formula(formula, frozenset())
    names, mends = _names(found)
    walk = _Walk(lambda symbol, _: names[symbol])
    lowered = [replace(p, formula=walk.formula(p.formula, frozenset())) for p in premises]
    asked = replace(ask, targets=tuple(walk.formula(target, frozenset()) for target in ask.targets))
    return Reading(t.Program((*_declarations(names), *lowered, asked)), tuple(mends.made))


def close(formula: t.Expr, is_variable: Callable[[str], bool]) -> tuple[t.Expr, tuple[str, ...]]:
    """`formula` with its free variables bound by `forall` around it, and their names in order of first use.

    Raises ProgramError where a name is bound in one place and free in another: what was meant cannot be told.
    """
    free: dict[str, t.Node] = {}

    def collect(symbol: Symbol, at: t.Node) -> str:
        if symbol.use is Use.CONSTANT and is_variable(symbol.name):
            free.setdefault(symbol.name, at)
        return symbol.name

    _Walk(collect).formula(formula, frozenset())
    bound = {name for node in t.walk(formula) if isinstance(node, t.Binder) for name in node.names}
    for name in free.keys() & bound:
        what = f"{name!r} is bound in one place and free in another"
        raise refuse("free-variable", what, free[name].span, "bracket the quantifier's scope")
    if not free:
        return formula, ()
    binder = t.Binder(tuple(free), THING)
    return t.Quantified(t.Quantifier.FORALL, (binder,), formula, span=formula.span), tuple(free)


_NEGATIVE = re.compile(r"(?:[Ii]s_?|[Aa]re_?)?[Nn]ot(?:_(?=[^\W_])|(?=[A-Z]))")
"""`NotGreen` and `not_green`; `Notable` and `notice` are words of their own."""


def is_negative(name: str) -> bool:
    """Whether a name says `not` itself."""
    return _NEGATIVE.match(name) is not None


def affirmed(formulas: Iterable[t.Expr]) -> tuple[list[t.Expr], Mends]:
    """Formulas in which a relation that is named as the negation of another, `NotGreen` beside `Green`, is that."""
    formulas, mends = list(formulas), Mends()
    used: dict[Symbol, t.Node] = {}

    def collect(symbol: Symbol, at: t.Node) -> str:
        used.setdefault(symbol, at)
        return symbol.name

    for formula in formulas:
        _Walk(collect).formula(formula, frozenset())
    known = {(_plain(s.name), s.arity): s.name for s in used if s.use is Use.RELATION}
    denied: dict[tuple[str, int], str] = {}
    for symbol, at in used.items():
        prefix = _NEGATIVE.match(symbol.name)
        rest = (_plain(symbol.name[prefix.end() :]), symbol.arity) if prefix else None
        if rest in known and symbol.use is Use.RELATION:
            denied[symbol.name, symbol.arity] = known[rest]
            mends.add("negated-name", f"{symbol.name!r} is taken for `not {known[rest]}`", at.span)
    return [_denying(f, denied) for f in formulas] if denied else formulas, mends


def _denying(e: t.Expr, denied: Mapping[tuple[str, int], str]) -> t.Expr:
    """`e` with the relations in `denied` replaced by the negation of others; twice negated is not at all."""
    match e:
        case t.Call() if (e.function, len(e.args)) in denied:
            return t.Unary(t.UnaryOp.NOT, replace(e, function=denied[e.function, len(e.args)]), span=e.span)
        case t.Unary():
            inner = _denying(e.operand, denied)
            return inner.operand if isinstance(inner, t.Unary) and inner != e.operand else replace(e, operand=inner)
        case t.Binary():
            return replace(e, left=_denying(e.left, denied), right=_denying(e.right, denied))
        case t.Quantified():
            return replace(e, body=_denying(e.body, denied))
    return e


def _names(found: Mapping[Symbol, t.Node]) -> tuple[dict[Symbol, str], Mends]:
    """Each symbol's name in the program, and what was mended to give it one."""
    names: dict[Symbol, str] = {}
    mends = Mends()
    spelt: dict[tuple[str, Use, int], Symbol] = {}
    taken: dict[str, Symbol | None] = {THING: None}
    for symbol, at in found.items():
        same = spelt.setdefault((_plain(symbol.name), symbol.use, symbol.arity), symbol)
        if same is not symbol:
            names[symbol] = names[same]
            what = f"{symbol.name!r} is taken for {same.name!r}"
            mends.add("spelling", what, at.span)
            continue
        before = taken.get(symbol.name)
        if before is not None and before.use is symbol.use is Use.RELATION:
            what = f"{symbol.name!r} takes {before.arity} arguments and {symbol.arity}: these are two relations"
            mends.add("arity", what, at.span)
        called = symbol.name
        if called in taken or (symbol.arity > 0 and called in BUILTINS):
            called = f"{called}/{symbol.arity}"
        while called in taken:
            called += "'"
        names[symbol] = called
        taken[called] = symbol
    return names, mends


def spoken(name: str) -> str:
    """The name that a text gave to what a program calls `likes/1` or `likes'`."""
    return re.sub(r"/\d+$", "", name.rstrip("'")) or name


def _plain(name: str) -> str:
    """A name as it sounds: `bald eagle`, `BaldEagle` and `bald_eagle` are one."""
    return re.sub(r"[\s_-]", "", name).casefold() or name


def _declarations(names: Mapping[Symbol, str]) -> Iterator[t.Statement]:
    called: dict[Use, dict[str, int]] = {use: {} for use in Use}
    for symbol, name in names.items():
        called[symbol.use].setdefault(name, symbol.arity)

    def signatures(use: Use) -> tuple[t.Signature, ...]:
        return tuple(t.Signature(name, (THING,) * arity) for name, arity in called[use].items())

    yield t.Sort(THING, None)
    if called[Use.CONSTANT]:
        yield t.Const(tuple(called[Use.CONSTANT]), THING)
    if called[Use.FUNCTION]:
        yield t.Fun(signatures(Use.FUNCTION), t.Unit(((THING, 1),)))
    if called[Use.RELATION]:
        yield t.Rel(signatures(Use.RELATION))
    if called[Use.PROPOSITION]:
        yield t.Var(tuple(called[Use.PROPOSITION]), t.Unit((("bool", 1),)))


@dataclass(frozen=True)
class _Walk:
    """Formulas with every name that is not bound replaced by what `name` gives for the symbol it stands for."""

    name: Callable[[Symbol, t.Node], str]

    def formula(self, e: t.Expr, bound: frozenset[str]) -> t.Expr:
        match e:
            case t.Name():
                return replace(e, id=self.name(Symbol(_unbound(e.id, e, bound), Use.PROPOSITION), e))
            case t.Unary():
                return replace(e, operand=self.formula(e.operand, bound))
            case t.Binary():
                return replace(e, left=self.formula(e.left, bound), right=self.formula(e.right, bound))
            case t.Quantified():
                return replace(e, body=self.formula(e.body, bound.union(*(b.names for b in e.binders))))
            case t.Compare():
                rest = tuple((op, self.term(right, bound)) for op, right in e.rest)
                return replace(e, first=self.term(e.first, bound), rest=rest)
            case t.Call():
                return self.call(e, Use.RELATION, bound)
        return e

    def term(self, e: t.Expr | t.Binder, bound: frozenset[str]) -> t.Expr:
        if isinstance(e, t.Call):
            return self.call(e, Use.FUNCTION, bound)
        assert isinstance(e, t.Name)  # all that the grammars allow
        return e if e.id in bound else replace(e, id=self.name(Symbol(e.id, Use.CONSTANT), e))

    def call(self, e: t.Call, use: Use, bound: frozenset[str]) -> t.Call:
        symbol = Symbol(_unbound(e.function, e, bound), use, len(e.args))
        return replace(e, function=self.name(symbol, e), args=tuple(self.term(a, bound) for a in e.args))


def _unbound(name: str, at: t.Node, bound: frozenset[str]) -> str:
    if name in bound:
        what = f"{name!r} is a variable here: no formula, relation or function"
        raise refuse("second-order", what, at.span, "first-order logic binds things only")
    return name
