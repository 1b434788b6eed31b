"""What a program must come to, by brute force: every interpretation, evaluated by the language's own evaluator.

Nothing here asks a solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from typing import TypeAlias

from neurosym.language import tree as t
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.read import read_expression
from neurosym.language.symbols import Constant, Function, Symbols, Unknown
from neurosym.language.values import Undefined, Value
from neurosym.outcome import Outcome, Status
from neurosym.solving.combine import CONCLUSIVE

Tables: TypeAlias = dict[str, Mapping[tuple[Value, ...], Value]]
NUMBER_BOUND = 4
"""The unknowns of the types count and int stay within this, by a premise of each program that has them."""


@dataclass(frozen=True)
class Expected:
    """The only right outcome; `answers` of a value, `option` its letter where an option is asked for."""

    status: Status
    answers: tuple[Value, ...] = ()
    option: str | None = None


# --- outcomes ---------------------------------------------------------------------------------------------------


def value_of(text: str) -> Value:
    """An answer's value; elements, and `oo`, are their names. Terms without an exact value stay text."""
    e = read_expression(text)
    names: dict[str, Value] = {node.id: node.id for node in t.walk(e) if isinstance(node, t.Name)}
    try:
        return evaluate(e, Symbols(), Interpretation(values=names))
    except Undefined:
        return text


def wrong(outcome: Outcome, expected: Expected) -> str | None:
    """Why `outcome` is a wrong verdict, None where it is right or says that it does not know."""
    if outcome.status in (Status.FAILURE, Status.MALFORMED, Status.DISAGREEMENT, Status.TAMPERING):
        return f"{outcome.status}: {outcome.message}"
    if outcome.status not in CONCLUSIVE:
        return None
    if not all(e.holds for e in outcome.evidence):
        return f"evidence does not hold: {outcome.evidence}"
    if outcome.status is not expected.status:
        return f"{outcome.status} ({outcome.answer}), not {expected.status} {expected.answers or expected.option or ''}"
    if expected.option is not None or outcome.option is not None:
        return None if outcome.option == expected.option else f"option {outcome.option}, not {expected.option}"
    found = tuple(map(value_of, outcome.answers))
    return None if found == expected.answers else f"{outcome.answers}, not {expected.answers}"


# --- brute force ------------------------------------------------------------------------------------------------


def meaning(program: t.Program, symbols: Symbols, models: Iterable[Interpretation]) -> Expected:
    """What `program` comes to, where its models are among `models`."""
    admitted = [m for m in models if _admits(m, program, symbols)]
    if not admitted:
        return Expected(Status.CONTRADICTORY)
    for goal in program.statements:
        if isinstance(goal, t.Goal):
            scores = [_number(evaluate(goal.objective, symbols, m)) for m in admitted]
            best = max(scores) if goal.maximize else min(scores)
            admitted = [m for m, score in zip(admitted, scores, strict=True) if score == best]
    ask = program.ask
    if isinstance(ask, t.AskOption):
        return _chosen(program, symbols, admitted, ask.mode)
    assert isinstance(ask, t.Ask)
    found = {tuple(_typed(evaluate(e, symbols, m)) for e in ask.targets) for m in admitted}
    values = tuple(value for _, value in next(iter(found)))
    if len(values) == 1 and isinstance(values[0], bool):
        return Expected(Status.INDEPENDENT if len(found) == 2 else Status.TRUE if values[0] else Status.FALSE)
    return Expected(Status.VALUE, values) if len(found) == 1 else Expected(Status.UNDERDETERMINED)


def _typed(value: Value) -> tuple[str, Value]:
    return type(value).__name__, value


def _number(value: Value) -> Fraction:
    assert isinstance(value, Fraction)
    return value


def _admits(model: Interpretation, program: t.Program, symbols: Symbols) -> bool:
    """Whether every statement holds, and what is asked has a value."""
    try:
        for s in program.statements:
            match s:
                case t.Assertion():
                    if evaluate(s.formula, symbols, model) is not True:
                        return False
                case t.Distinct():
                    table = model.tables.get(s.names[0])
                    named = (evaluate(t.Name(n), symbols, model) for n in s.names) if table is None else table.values()
                    values = list(named)
                    if len(set(values)) < len(values):
                        return False
                case t.Let():
                    evaluate(t.Name(s.name), symbols, model)
                case t.Goal():
                    evaluate(s.objective, symbols, model)
                case t.Ask():
                    for e in s.targets:
                        evaluate(e, symbols, model)
    except Undefined:
        return False
    return True


def _chosen(program: t.Program, symbols: Symbols, models: list[Interpretation], mode: t.OptionMode) -> Expected:
    fitting = []
    for s in program.statements:
        if isinstance(s, t.Option):
            truths = {_holds(s.formula, symbols, m) for m in models}
            fits = {
                t.OptionMode.CONSISTENT: True in truths,
                t.OptionMode.MAY: True in truths,
                t.OptionMode.MUST: truths == {True},
                t.OptionMode.CANNOT: truths == {False},
                t.OptionMode.EXCEPT: False in truths,
            }
            fitting += [s.label] if fits[mode] else []
    return Expected(Status.VALUE, (), fitting[0]) if len(fitting) == 1 else Expected(Status.UNDERDETERMINED)


def _holds(formula: t.Expr, symbols: Symbols, model: Interpretation) -> bool:
    """A formula without a value does not hold."""
    try:
        return evaluate(formula, symbols, model) is True
    except Undefined:
        return False


def _members(type_: t.Type | str | None, symbols: Symbols) -> tuple[Value, ...]:
    """What a type or domain ranges over; count and int as far as the programs here let them."""
    if isinstance(type_, t.Unit):
        type_ = type_.word
    if type_ in (None, "bool"):
        return (False, True)
    if type_ in ("count", "int"):
        low = 0 if type_ == "count" else -NUMBER_BOUND
        return tuple(Fraction(n) for n in range(low, NUMBER_BOUND + 1))
    assert type_ is not None
    members = symbols.members(type_)
    assert members is not None
    return tuple(Fraction(m) if isinstance(m, int) else m for m in members)


def interpretations(symbols: Symbols, fixed: Tables) -> Iterator[Interpretation]:
    """Every interpretation of a program whose domains are all finite; `fixed` are tables that are known."""
    names: list[str] = []
    ranges: list[Sequence[Value]] = []
    for name, symbol in symbols.of(Unknown, Constant):
        assert isinstance(symbol, Unknown | Constant)
        names.append(name)
        ranges.append(_members(symbol.type if isinstance(symbol, Unknown) else symbol.kind.sort, symbols))
    cells: list[tuple[str, tuple[Value, ...]]] = []
    for name, function in symbols.of(Function):
        if name not in fixed and isinstance(function, Function):
            for args in product(*(_members(d, symbols) for d in function.domains)):
                cells.append((name, args))
                ranges.append(_members(function.type, symbols))
    functions = {name for name, _ in cells}
    for values in product(*ranges):
        tables: dict[str, dict[tuple[Value, ...], Value]] = {name: {} for name in functions}
        for (name, args), value in zip(cells, values[len(names) :], strict=True):
            tables[name][args] = value
        yield Interpretation(dict(zip(names, values[: len(names)], strict=True)), {**fixed, **tables})


def monadic(symbols: Symbols) -> Iterator[Interpretation]:
    """Interpretations of an open sort under relations of one argument and no equality.

    Such formulas tell elements apart by their relations alone, so one element of each sort that there may be is
    enough (Löwenheim 1915): every nonempty set of kinds, with every place for the constants.
    """
    relations = [name for name, _ in symbols.of(Function)]
    constants = [(name, s.kind.sort) for name, s in symbols.of(Constant) if isinstance(s, Constant)]
    kinds = list(product((False, True), repeat=len(relations)))
    for size in range(1, len(kinds) + 1):
        for present in combinations(range(len(kinds)), size):
            universe = tuple(f"e{k}" for k in present)
            tables: Tables = {
                relation: {(f"e{k}",): kinds[k][at] for k in present} for at, relation in enumerate(relations)
            }
            for places in product(universe, repeat=len(constants)):
                values: dict[str, Value] = {c: p for (c, _), p in zip(constants, places, strict=True)}
                yield Interpretation(values, tables, {constants[0][1]: universe})


def least_tables(symbols: Symbols, rules: Mapping[str, Sequence[t.Expr]]) -> Tables:
    """The least table of each closed relation, in the order given: what all tables that obey its rules share."""
    tables: Tables = {}
    for relation, formulas in rules.items():
        symbol = symbols.get(relation)
        assert isinstance(symbol, Function)
        cells = list(product(*(_members(d, symbols) for d in symbol.domains)))
        least: set[tuple[Value, ...]] = set(cells)
        for truths in product((False, True), repeat=len(cells)):
            table: dict[tuple[Value, ...], Value] = dict(zip(cells, truths, strict=True))
            model = Interpretation(tables={**tables, relation: table})
            if all(evaluate(f, symbols, model) is True for f in formulas):
                least &= {c for c in cells if table[c]}
        tables[relation] = {c: c in least for c in cells}
    return tables
