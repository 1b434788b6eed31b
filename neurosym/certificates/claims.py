"""A claim about a program as other programs whose outcome says whether it is right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

from neurosym.certificates.document import Step
from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.builtins import BUILTINS, Group
from neurosym.language.read import read_expression
from neurosym.language.symbols import Constant, Defined, Function, GraphSymbol, Symbols, Unknown

_NOT_PREMISES = (t.Ask, t.AskOption, t.Option, t.Goal)
_ELEMENTARY = frozenset({"sin", "cos", "tan", "asin", "acos", "atan", "exp", "log", "ln", "sqrt", "abs", "date"})
_PIECEWISE = frozenset({"floor", "ceil", "min", "max", "factorial", "binomial"})


class NoClaim(Exception):
    """The claim does not fit the program; `str` says why."""


def premises(program: t.Program) -> list[t.Statement]:
    """What a program states, without what it asks, its options and its goals."""
    return [s for s in program.statements if not isinstance(s, _NOT_PREMISES)]


def asking(statements: Iterable[t.Statement], formula: t.Expr) -> t.Program:
    """The program that asks whether `formula` follows."""
    return t.Program((*statements, t.Ask((formula,))))


TRUE = t.Truth(True)


def conjunction(formulas: Sequence[t.Expr]) -> t.Expr:
    """All of the formulas; true where there is none."""
    return reduce(lambda a, b: t.Binary(t.BinaryOp.AND, a, b), formulas) if formulas else TRUE


def negation(formula: t.Expr) -> t.Expr:
    """The formula denied."""
    return t.Unary(t.UnaryOp.NOT, formula)


def compared(left: t.Expr, op: t.CompareOp, right: t.Expr) -> t.Expr:
    """One comparison."""
    return t.Compare(left, ((op, right),))


def says(target: t.Expr, answer: t.Expr) -> t.Expr:
    """That an asked term has this value."""
    if isinstance(answer, t.Truth):
        return target if answer.value else negation(target)
    return compared(target, t.CompareOp.EQ, answer)


def value(text: str, symbols: Symbols, *, terms: bool = False) -> t.Expr:
    """An answer's text as a term. Raises NoClaim where it is not a value but something still to be found out.

    terms:  whether unknowns may stand in it, as in what calculus gives.
    """
    try:
        e = read_expression(text)
    except ProgramError as error:
        raise NoClaim(f"{text!r} is no value: {error}") from None
    for node in t.walk(e):
        match node:
            case t.Number() | t.Truth() | t.SetOf() | t.ListOf() | t.Unary() | t.Binary() | t.Unit():
                good = True
            case t.Name():
                good = terms or not isinstance(symbols.get(node.id), Unknown | Defined | Function | GraphSymbol)
            case t.Call():
                good = node.function in (_ELEMENTARY | _PIECEWISE if terms else _ELEMENTARY)
                good = good and symbols.get(node.function) is None
            case _:
                good = terms and isinstance(node, t.Compare | t.Conditional)
        if not good:
            raise NoClaim(f"{text!r} is no value, but something to be found out itself")
    return e


def answers(program: t.Program, symbols: Symbols, texts: Sequence[str]) -> list[tuple[t.Expr, t.Expr]]:
    """What is asked, each with its answer. Raises NoClaim."""
    ask = program.ask
    if not isinstance(ask, t.Ask) or len(ask.targets) != len(texts):
        raise NoClaim(f"{len(texts)} answers do not fit what is asked")
    terms = analysis(program)
    return [(e, value(text, symbols, terms=terms)) for e, text in zip(ask.targets, texts, strict=True)]


def steps(program: t.Program, derivation: Sequence[Step], claimed: t.Expr) -> t.Expr:
    """That each step of a derivation follows from its statements and the steps it names.

    Raises NoClaim where one names a step that does not come before it, or none and no statement either, unless it
    supposes the contrary of what is `claimed`.
    """
    said: list[t.Expr] = []
    follow: list[t.Expr] = []
    for step in derivation:
        try:
            formula = read_expression(step.says)
        except ProgramError as error:
            raise NoClaim(f"{step.says!r} is no formula: {error}") from None
        if not all(0 <= k < len(said) for k in step.sources):
            raise NoClaim("a step of a derivation names one that does not come before it")
        if not all(0 < k <= len(program.statements) for k in step.lines):
            raise NoClaim(f"there are lines 1 to {len(program.statements)} only")
        stated = [program.statements[k - 1] for k in step.lines]
        if not step.lines and _plainly(negation(claimed)) != _plainly(formula):
            raise NoClaim(f"{step.says!r} is supposed, though it is not the contrary of what is claimed")
        given = [*(s.formula for s in stated if isinstance(s, t.Assertion)), *(said[k] for k in step.sources)]
        if given:
            follow.append(t.Binary(t.BinaryOp.IMPLIES, conjunction(given), formula))
        said.append(formula)
    return conjunction(follow)


def _plainly(formula: t.Expr) -> t.Expr:
    """The formula without double negations in front."""
    while isinstance(formula, t.Unary) and isinstance(formula.operand, t.Unary):
        formula = formula.operand.operand
    return formula


def unknowns(terms: Iterable[t.Expr], symbols: Symbols) -> frozenset[str]:
    """The unknowns that terms depend on, through definitions too."""
    found: set[str] = set()
    seen: set[str] = set()
    todo = list(terms)
    while todo:
        for node in t.walk(todo.pop()):
            if isinstance(node, t.Name) and node.id not in seen:
                seen.add(node.id)
                symbol = symbols.get(node.id)
                if isinstance(symbol, Unknown):
                    found.add(node.id)
                elif isinstance(symbol, Defined) and symbol.value is not None:
                    todo.append(symbol.value)
    return frozenset(found)


def calls(program: t.Program) -> Iterator[t.Call]:
    """Every call in a program."""
    return (n for s in program.statements for n in t.walk(s) if isinstance(n, t.Call))


def analysis(program: t.Program) -> bool:
    """Whether a program needs calculus or algebra on terms."""
    return any(c.function in BUILTINS and BUILTINS[c.function].group is Group.ANALYSIS for c in calls(program))


def ground(symbols: Symbols) -> bool:
    """Whether a program has nothing unknown, so that its terms can be evaluated as they stand."""
    return not any(True for _ in symbols.of(Unknown, Constant, Function, GraphSymbol))


def has_closed(symbols: Symbols) -> bool:
    """Whether some relation is closed: what is left out then says something too."""
    return any(isinstance(s, Function) and s.closed for _, s in symbols.of(Function))


def kept(program: t.Program, lines: Iterable[int], also: Sequence[t.Expr] = ()) -> list[t.Statement]:
    """The statements on some lines (from 1), and all that declare or define what these and `also` mention, in order.

    Raises NoClaim for a line that there is not.
    """
    statements = program.statements
    where = {name: i for i, s in enumerate(statements) for name in t.declared(s)}
    todo = [n - 1 for n in lines]
    if not all(0 <= i < len(statements) for i in todo):
        raise NoClaim(f"there are lines 1 to {len(statements)} only")
    todo += [where[name] for e in also for name in _mentioned(e) if name in where]
    found: set[int] = set()
    while todo:
        i = todo.pop()
        if i not in found:
            found.add(i)
            todo += [where[name] for name in _mentioned(statements[i]) if name in where]
    return [statements[i] for i in sorted(found)]


def _mentioned(node: t.Node) -> Iterator[str]:
    """Every name in a node that may have been declared."""
    for below in t.walk(node):
        match below:
            case t.Name():
                yield below.id
            case t.Call():
                yield below.function
            case t.Distinct():
                yield from below.names
            case t.Range():
                yield from (bound for bound in (below.low, below.high) if isinstance(bound, str))
            case t.Unit():
                yield from (name for name, _ in below.factors)
            case t.Const():
                yield below.sort
            case t.Binder():
                yield from (d for d in (below.domain,) if isinstance(d, str))
            case t.Signature():
                yield from (d for d in below.domains if isinstance(d, str))
            case _:
                continue
