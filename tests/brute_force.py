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
from neurosym.language.symbols import Constant, Defined, Function, Symbols, Unknown
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
    admitted = _admitted(program, symbols, list(models))
    if not admitted:
        return Expected(Status.CONTRADICTORY)
    for goal in program.statements:
        if isinstance(goal, t.Goal):
            scores = [_number(value) for value in _values(goal.objective, symbols, admitted)]
            best = max(scores) if goal.maximize else min(scores)
            admitted = [m for m, score in zip(admitted, scores, strict=True) if score == best]
    ask = program.ask
    if isinstance(ask, t.AskOption):
        return _chosen(program, symbols, admitted, ask.mode)
    assert isinstance(ask, t.Ask)
    rows = zip(*(_values(e, symbols, admitted) for e in ask.targets), strict=True)
    found = {tuple((type(value).__name__, value) for value in row) for row in rows}
    values = tuple(value for _, value in next(iter(found)) if value is not None)
    if len(values) == 1 and isinstance(values[0], bool):
        return Expected(Status.INDEPENDENT if len(found) == 2 else Status.TRUE if values[0] else Status.FALSE)
    return Expected(Status.VALUE, values) if len(found) == 1 else Expected(Status.UNDERDETERMINED)


def _values(e: t.Expr, symbols: Symbols, models: Sequence[Interpretation]) -> list[Value | None]:
    """The value of `e` in each model; None where it has none.

    Models that agree on every name in `e` share one evaluation. They are told apart by the identity of what they give
    the names, which all lives as long as `models`.
    """
    if not models:
        return []
    names = _names(e, symbols)
    plain = [n for n in names if n in models[0].values]
    tables = [n for n in names if n in models[0].tables]
    known: dict[tuple[int, ...], Value | None] = {}
    found = []
    for m in models:
        key = (*(id(m.values[n]) for n in plain), *(id(m.tables[n]) for n in tables), *map(id, m.universe.values()))
        if key not in known:
            try:
                known[key] = evaluate(e, symbols, m)
            except Undefined:
                known[key] = None
        found.append(known[key])
    return found


def _names(e: t.Expr, symbols: Symbols) -> set[str]:
    """Every name in `e`, and in the definitions that it builds on."""
    names: set[str] = set()
    left = [e]
    while left:
        for node in t.walk(left.pop()):
            name = node.id if isinstance(node, t.Name) else node.function if isinstance(node, t.Call) else None
            if name is not None and name not in names:
                names.add(name)
                symbol = symbols.get(name)
                if isinstance(symbol, Defined) and symbol.value is not None:
                    left.append(symbol.value)
    return names


def _number(value: Value | None) -> Fraction:
    assert isinstance(value, Fraction)
    return value


def _admitted(program: t.Program, symbols: Symbols, models: list[Interpretation]) -> list[Interpretation]:
    """The models in which every statement holds, and what is asked has a value."""
    for s in program.statements:
        match s:
            case t.Assertion():
                truths = _values(s.formula, symbols, models)
                models = [m for m, truth in zip(models, truths, strict=True) if truth is True]
            case t.Distinct():
                models = [m for m in models if _different(s, symbols, m)]
            case t.Let():
                models = _with_value(t.Name(s.name), symbols, models)
            case t.Goal():
                models = _with_value(s.objective, symbols, models)
            case t.Ask():
                for e in s.targets:
                    models = _with_value(e, symbols, models)
    return models


def _with_value(e: t.Expr, symbols: Symbols, models: list[Interpretation]) -> list[Interpretation]:
    return [m for m, value in zip(models, _values(e, symbols, models), strict=True) if value is not None]


def _different(s: t.Distinct, symbols: Symbols, model: Interpretation) -> bool:
    table = model.tables.get(s.names[0])
    values = [evaluate(t.Name(n), symbols, model) for n in s.names] if table is None else list(table.values())
    return len(set(values)) == len(values)


def _chosen(program: t.Program, symbols: Symbols, models: list[Interpretation], mode: t.OptionMode) -> Expected:
    fitting = []
    for s in program.statements:
        if isinstance(s, t.Option):
            truths = {truth is True for truth in _values(s.formula, symbols, models)}  # without a value: does not hold
            fits = {
                t.OptionMode.CONSISTENT: True in truths,
                t.OptionMode.MAY: True in truths,
                t.OptionMode.MUST: truths == {True},
                t.OptionMode.CANNOT: truths == {False},
                t.OptionMode.EXCEPT: False in truths,
            }
            fitting += [s.label] if fits[mode] else []
    return Expected(Status.VALUE, (), fitting[0]) if len(fitting) == 1 else Expected(Status.UNDERDETERMINED)


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
    values: dict[str, Sequence[Value]] = {}
    for name, symbol in symbols.of(Unknown, Constant):
        assert isinstance(symbol, Unknown | Constant)
        values[name] = _members(symbol.type if isinstance(symbol, Unknown) else symbol.kind.sort, symbols)
    tables: dict[str, Sequence[Mapping[tuple[Value, ...], Value]]] = {name: (table,) for name, table in fixed.items()}
    for name, function in symbols.of(Function):
        if name not in fixed and isinstance(function, Function):
            cells = list(product(*(_members(d, symbols) for d in function.domains)))
            results = product(_members(function.type, symbols), repeat=len(cells))
            tables[name] = [dict(zip(cells, row, strict=True)) for row in results]
    every_table = [dict(zip(tables, chosen, strict=True)) for chosen in product(*tables.values())]
    for chosen in product(*values.values()):
        given = dict(zip(values, chosen, strict=True))
        for chosen_tables in every_table:
            yield Interpretation(given, chosen_tables)


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
        shortest_first = sorted(formulas, key=lambda f: sum(1 for _ in t.walk(f)))  # most tables fail a fact
        least: set[tuple[Value, ...]] = set(cells)
        for truths in product((False, True), repeat=len(cells)):
            table: dict[tuple[Value, ...], Value] = dict(zip(cells, truths, strict=True))
            model = Interpretation(tables={**tables, relation: table})
            if all(evaluate(f, symbols, model) is True for f in shortest_first):
                least &= {c for c in cells if table[c]}
        tables[relation] = {c: c in least for c in cells}
    return tables
