"""A certificate's model against its program, premise by premise, by the reference evaluator alone."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product

from neurosym.certificates.claims import NoClaim, conjunction, negation, says
from neurosym.certificates.claims import value as value_term
from neurosym.certificates.document import Model
from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.builtins import CONSTANTS
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.printer import show_expr, show_statement
from neurosym.language.read import read_expression
from neurosym.language.symbols import Constant, Element, Function, SortSymbol, Symbols, Unknown
from neurosym.language.values import Undefined, Value, same, term

MAX_CELLS = 400
"""How many cells of closed relations are checked one by one."""


class Wrong(Exception):
    """The model says what cannot be; `str` says what."""


class Evaluation:
    """One model of one program."""

    def __init__(self, program: t.Program, symbols: Symbols, model: Model) -> None:
        """Raises Wrong where the model does not fit the program's declarations."""
        self.program, self.symbols = program, symbols
        self.universe = {
            name: self.elements(name, model.universe.get(name, ()))
            for name, sort in symbols.of(SortSymbol)
            if isinstance(sort, SortSymbol) and sort.elements is None
        }
        inside = {e for elements in self.universe.values() for e in elements}
        inside |= {name for name, _ in symbols.of(Element)}
        self.names = Interpretation(values={e: e for e in inside})
        values: dict[str, Value] = {}
        for name, text in model.values.items():
            symbol = symbols.get(name)
            if not isinstance(symbol, Unknown | Constant):
                raise Wrong(f"{name!r} is no unknown of the program")
            found = self.read(text)
            if found is not None:
                values[name] = found
        for name, _ in symbols.of(Constant):
            if name in inside:
                values.setdefault(name, name)
        tables = {name: self.table(name, rows) for name, rows in model.tables.items()}
        self.interpretation = Interpretation(values, tables, {s: tuple(e) for s, e in self.universe.items()})

    def elements(self, sort: str, names: Sequence[str]) -> frozenset[str]:
        """The elements of an open sort: constants of the program, or names that it does not use."""
        taken = [n for n in names if not isinstance(self.symbols.get(n), Constant | None)]
        if taken:
            raise Wrong(f"{taken[0]!r} is no element of {sort}")
        return frozenset(names)

    def read(self, text: str) -> Value | None:
        """The value that a text stands for, None where it has no exact one. Raises Wrong where it is none."""
        try:
            e = read_expression(text)
        except ProgramError as error:
            raise Wrong(f"{text!r} is no value: {error}") from None
        for node in t.walk(e):
            if isinstance(node, t.Name) and node.id not in self.names.values and node.id not in CONSTANTS:
                raise Wrong(f"{node.id!r} is no element of a sort")
        try:
            return evaluate(e, Symbols(), self.names)
        except Undefined:
            return None

    def table(self, name: str, rows: Sequence[tuple[str, ...]]) -> Mapping[tuple[Value, ...], Value]:
        """A function's rows, each within its domains."""
        function = self.symbols.get(name)
        if not isinstance(function, Function):
            raise Wrong(f"{name!r} is no function of the program")
        found: dict[tuple[Value, ...], Value] = {}
        for row in rows:
            cells = [self.read(text) for text in row]
            if len(cells) != len(function.domains) + 1:
                raise Wrong(f"{name} takes {len(function.domains)} arguments")
            *args, value = (c for c in cells if c is not None)
            if len(args) + 1 != len(cells):
                continue  # an irrational value: the evaluator could not use it
            if not all(self.within(a, d) for a, d in zip(args, function.domains, strict=True)):
                raise Wrong(f"{name} is not defined at {', '.join(row[:-1])}")
            if not same(found.setdefault(tuple(args), value), value):
                raise Wrong(f"{name} has two values at {', '.join(row[:-1])}")
        return found

    # --- verdicts ---------------------------------------------------------------------------------------------

    def verdicts(self) -> Iterator[tuple[int, bool | None]]:
        """Of every statement (from 1) whether the model satisfies it; None where the evaluator cannot tell."""
        for line, statement in enumerate(self.program.statements, start=1):
            for verdict in self.statement(statement):
                yield line, verdict

    def statement(self, s: t.Statement) -> Iterator[bool | None]:
        """What one statement says, of each of its names."""
        model = self.interpretation
        match s:
            case t.Assertion():
                yield self.holds(s.formula)
            case t.Let():
                found = self.value(s.value)
                yield None if found is None else self.typed(found, s.type)
            case t.Var():
                for name in s.names:
                    yield None if name not in model.values else self.typed(model.values[name], s.type)
            case t.Const():
                for name in s.names:
                    yield None if name not in model.values else self.within(model.values[name], s.sort)
            case t.Fun():
                for signature in s.signatures:
                    table = model.tables.get(signature.name)
                    yield None if table is None else all(self.typed(v, s.type) for v in table.values())
            case t.Rel():
                for signature in s.signatures:
                    table = model.tables.get(signature.name)
                    yield None if table is None else all(isinstance(v, bool) for v in table.values())
            case t.Distinct():
                yield self.distinct(s.names)

    def distinct(self, names: Sequence[str]) -> bool | None:
        """Whether names, or the values of one function, are pairwise different."""
        function = self.symbols.get(names[0])
        if not isinstance(function, Function):
            return self.holds(t.Call("distinct", tuple(t.Name(n) for n in names)))
        table = self.interpretation.tables.get(names[0])
        if table is None:
            return None
        values = list(table.values())
        if len({(type(v), v) for v in values}) < len(values):
            return False
        return True if len(table) == self.size(function) else None

    def size(self, function: Function) -> int | None:
        """At how many arguments a function is defined, None where they are infinitely many."""
        size = 1
        for domain in function.domains:
            members = self.symbols.members(domain)
            if isinstance(domain, str) and domain in self.universe:
                members = tuple(self.universe[domain])
            if members is None:
                return None
            size *= len(members)
        return size

    def value(self, e: t.Expr) -> Value | None:
        """The value of a term, None where it has none here."""
        try:
            return evaluate(e, self.symbols, self.interpretation)
        except Undefined:
            return None

    def holds(self, formula: t.Expr) -> bool | None:
        """Whether a formula holds, None where the evaluator cannot tell."""
        value = self.value(formula)
        return value if isinstance(value, bool) else None

    # --- types ------------------------------------------------------------------------------------------------

    def typed(self, value: Value, type_: t.Type | None) -> bool:
        """Whether a value is of a declared type."""
        if type_ is None:
            return True
        word = type_.word if isinstance(type_, t.Unit) else None
        return self.within(value, type_ if isinstance(type_, t.Range) else word)

    def within(self, value: Value, domain: t.Domain | None) -> bool:
        """Whether a value is in a domain, or of a type; None is a compound unit."""
        if domain in self.universe:
            return isinstance(value, str) and value in self.universe[str(domain)]
        if isinstance(domain, t.Range) or isinstance(self.symbols.get(str(domain)), SortSymbol):
            members = self.symbols.members(domain) if domain is not None else None
            if isinstance(members, range):
                return isinstance(value, Fraction) and value.denominator == 1 and int(value) in members
            return members is not None and value in members
        if domain == "bool":
            return isinstance(value, bool)
        if domain == "date":
            return isinstance(value, datetime.date)
        if isinstance(value, Fraction) and domain in ("count", "int"):
            return value.denominator == 1 and (domain == "int" or value >= 0)
        return isinstance(value, Fraction | frozenset | tuple) or domain is None


def recheck(program: t.Program, symbols: Symbols, model: Model, claims: Sequence[t.Expr]) -> tuple[bool | None, str]:
    """Whether the model satisfies the program and the claims, None where the evaluator cannot tell of all; and why."""
    try:
        evaluation = Evaluation(program, symbols, model)
    except Wrong as why:
        return False, str(why)
    verdicts = list(evaluation.verdicts())
    for line, verdict in verdicts:
        if verdict is False:
            return False, f"line {line} is false in it: {show_statement(program.statements[line - 1])}"
    told = [evaluation.holds(claim) for claim in claims]
    for claim, verdict in zip(claims, told, strict=True):
        if verdict is False:
            return False, f"{show_expr(claim)} is false in it"
    untold = sorted({line for line, verdict in verdicts if verdict is None})
    if untold or None in told:
        return None, f"the evaluator cannot tell of line {untold[0]}" if untold else "the evaluator cannot tell of it"
    return True, f"{len(verdicts)} premises and declarations are true in it" if verdicts else "it is so"


def differ(program: t.Program, symbols: Symbols, models: Sequence[Model]) -> bool | None:
    """Whether what is asked has different values in two models; None where the evaluator cannot tell."""
    ask = program.ask
    if not isinstance(ask, t.Ask) or len(models) < 2:
        return None
    one, two = (Evaluation(program, symbols, m) for m in models[:2])
    for e in ask.targets:
        a, b = one.value(e), two.value(e)
        if a is None or b is None or (isinstance(a, str) and not isinstance(symbols.get(a), Element)):
            return None  # what an element of an open sort is called in one model says nothing of another
        if not same(a, b):
            return True
    return False


def stated(symbols: Symbols, model: Model) -> t.Expr:
    """The model as a formula, as far as it can be said in the program's own words; closed relations are left to it.

    Raises NoClaim where a text is no value.
    """
    known = {name for name, _ in symbols.of(Constant, Element)}

    def named(e: t.Expr) -> bool:
        return all(n.id in known or n.id in CONSTANTS for n in t.walk(e) if isinstance(n, t.Name))

    parts: list[t.Expr] = []
    for name, text in model.values.items():
        if not isinstance(symbols.get(name), Unknown | Constant):
            raise NoClaim(f"{name!r} is no unknown of the program")
        e = value_term(text, symbols)
        if named(e):
            parts.append(says(t.Name(name), e))
    for name, rows in model.tables.items():
        function = symbols.get(name)
        if not isinstance(function, Function):
            raise NoClaim(f"{name!r} is no function of the program")
        for row in rows if not function.closed else ():
            *args, last = (value_term(text, symbols) for text in row)
            if all(map(named, (*args, last))):
                parts.append(says(t.Call(name, tuple(args)), last))
    return conjunction(parts)


def closed_tables(symbols: Symbols, model: Model) -> t.Expr | None:
    """That the closed relations hold where the model says and nowhere else; None for more than MAX_CELLS cells."""
    parts: list[t.Expr] = []
    for name, function in symbols.of(Function):
        if isinstance(function, Function) and function.closed:
            true = {tuple(row[:-1]) for row in model.tables.get(name, ())}
            for args in product(*(_members(symbols, d) for d in function.domains)):
                if len(parts) == MAX_CELLS:
                    return None
                call = t.Call(name, args)
                parts.append(call if tuple(map(show_expr, args)) in true else negation(call))
    return conjunction(parts)


def _members(symbols: Symbols, domain: t.Domain) -> list[t.Expr]:
    members = symbols.members(domain)
    if members is None:
        members = tuple(n for n, s in symbols.of(Constant) if isinstance(s, Constant) and s.kind.sort == domain)
    return [t.Name(m) if isinstance(m, str) else term(Fraction(m)) for m in members]
