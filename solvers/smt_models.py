"""Z3 models → values, witnesses and text of our language, and the evaluator's second look at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any

import z3

from neurosym.language import tree as t
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.printer import show_expr
from neurosym.language.symbols import Base, Constant, Function, Unknown
from neurosym.language.values import Undefined, Value, same, term
from neurosym.solvers.smt_build import Z
from neurosym.solvers.smt_domains import Many, Sym, Term, domain_of, sized
from neurosym.solvers.smt_functions import atom
from neurosym.solvers.smt_prover import GaveUp, Model
from neurosym.solvers.smt_terms import Encoding

MAX_CELLS = 200
"""How many cells of a function's table a witness shows."""
MAX_ROWS = 2_000
"""How many rows of a function's table the evidence holds."""
MAX_TABLE = 10_000
MAX_SQUARE = 1_000_000
"""Up to which squares are taken out of a root."""


class Reading:
    """What a Z3 model says about the program's names."""

    def __init__(self, encoding: Encoding, model: Model) -> None:
        self.encoding, self.model = encoding, model
        self.domains, self.symbols = encoding.domains, encoding.symbols

    # --- single terms -----------------------------------------------------------------------------------------

    def settle(self, term_: Term) -> Term:
        """The term's value: ground, or a `Sym` of a Z3 literal that is no value of ours (an irrational number)."""
        if isinstance(term_, Many):
            return Many(tuple(self.settle(x) for x in term_.items), term_.ordered)
        if not isinstance(term_, Sym):
            return term_
        literal = self.model.eval(term_.z)
        value = self.value(literal, term_.kind.sort) if self.is_open(term_) else self.domains.value(literal, term_.kind)
        assert not isinstance(value, frozenset | tuple)
        return Sym(literal, term_.kind) if value is None else value

    def is_open(self, term_: Term) -> bool:
        """Whether a term is an element of an open sort."""
        return isinstance(term_, Sym) and term_.kind.base is Base.ELEMENT and self.domains.is_open(term_.kind.sort)

    def text(self, settled: Term) -> str:
        """A settled term as text of our language. Raises GaveUp for an irrational number beyond square roots."""
        return show_expr(self.expression(settled))

    def expression(self, settled: Term) -> t.Expr:
        """The canonical term of a settled term."""
        if isinstance(settled, Many):
            parts = tuple(self.expression(x) for x in settled.items)
            if settled.ordered:
                return t.ListOf(parts)
            if any(isinstance(x, Sym) for x in settled.items):
                parts = tuple(self.expression(x) for x in sorted(settled.items, key=magnitude))
            elif not any(isinstance(x, Many) for x in settled.items):
                return term(frozenset(x for x in settled.items if not isinstance(x, Sym | Many)))
            return t.SetOf(tuple(dict.fromkeys(parts)))
        if isinstance(settled, Sym):
            return surd(settled.z)
        return term(sized(settled) if isinstance(settled, Fraction) else settled)

    # --- elements of open sorts -------------------------------------------------------------------------------

    @cached_property
    def universe(self) -> dict[str, dict[str, Z]]:
        """The elements of each open sort by name: the first constant that denotes it, else sort_1, sort_2 ..."""
        found: dict[str, dict[str, Z]] = {}
        for sort, z_sort in self.domains.open.items():
            literals: dict[int, Z] = {}
            names: dict[int, str] = {}
            for name, symbol in self.symbols.of(Constant):
                if isinstance(symbol, Constant) and symbol.kind.sort == sort:
                    literal = self.model.eval(self.encoding.names[name].z)  # type: ignore[union-attr]
                    names.setdefault(literal.get_id(), name)
                    literals[literal.get_id()] = literal
            others = list(self.model.z.get_universe(z_sort) or ())
            others += [
                self.model.eval(x.z) for x in self.encoding.names.values() if isinstance(x, Sym) and self.of(x, sort)
            ]
            if not others and not literals:
                others = [self.model.eval(z3.Const("_", z_sort))]
            for literal in others:
                literals.setdefault(literal.get_id(), literal)
            for key in literals:
                names.setdefault(key, self.unused(sort, names))
            found[sort] = {names[key]: literal for key, literal in literals.items()}
        return found

    def of(self, x: Sym, sort: str) -> bool:
        """Whether a term is an element of that sort."""
        return x.kind.base is Base.ELEMENT and x.kind.sort == sort

    def unused(self, sort: str, names: Mapping[int, str]) -> str:
        """A name for an element that no constant denotes."""
        n = 1
        while self.symbols.get(f"{sort}_{n}") is not None or f"{sort}_{n}" in names.values():
            n += 1
        return f"{sort}_{n}"

    def value(self, literal: Z, sort: str) -> str | None:
        """The name of an element of an open sort."""
        return next((n for n, z in self.universe[sort].items() if z.eq(literal)), None)

    # --- the whole model --------------------------------------------------------------------------------------

    @cached_property
    def interpretation(self) -> Interpretation:
        """The model as the evaluator reads it; irrational values and infinite tables are left out."""
        values: dict[str, Value] = {}
        for name, x in self.encoding.names.items():
            if isinstance(self.symbols.get(name), Unknown | Constant) and (value := self.ground(x)) is not None:
                values[name] = value
        tables = {name: self.table(name) for name, _ in self.symbols.of(Function)}
        universe = {s: tuple(names) for s, names in self.universe.items()} | dict(self.domains.closed)
        return Interpretation(values, {n: c for n, c in tables.items() if c is not None}, universe)

    def ground(self, x: Term) -> Value | None:
        """The value of one term, None where the evaluator has none like it."""
        settled = self.settle(x)
        return None if isinstance(settled, Sym | Many) else settled

    def table(self, name: str) -> Mapping[tuple[Value, ...], Value] | None:
        """A function's table, None where it is infinite or too large."""
        function: Any = self.symbols.get(name)
        if function.closed:
            return self.encoding.closed.tables[name]
        axes = [self.axis(d) for d in function.domains]
        size = 1
        for axis in axes:
            size *= MAX_TABLE + 1 if axis is None else len(axis)
        if size > MAX_TABLE:
            return None
        cells: dict[tuple[Value, ...], Value] = {}
        for args in product(*(axis or {} for axis in axes)):
            value = self.cell(name, function, args, axes)
            if value is not None:
                cells[args] = value
        return cells

    def axis(self, domain: t.Domain) -> dict[Value, Z] | None:
        """The members of a domain with their Z3 literals."""
        if self.domains.is_open(domain):
            named: dict[Value, Z] = {}
            named.update(self.universe.get(str(domain), {}))
            return named
        members = self.domains.members(domain)
        return None if members is None else dict.fromkeys(members)

    def cell(self, name: str, function: Function, args: tuple[Value, ...], axes: list[Any]) -> Value | None:
        """A function's value at `args`."""
        symbol = self.encoding.functions.symbols.get(name)
        if symbol is not None:
            literals = [axis[a] for axis, a in zip(axes, args, strict=True)]
            if function.is_relation and all(z is not None for z in literals):
                return self.model.holds(symbol, literals)
            literals = [self.domains.z(atom(a)) if z is None else z for z, a in zip(literals, args, strict=True)]
            domain = "bool" if function.is_relation else domain_of(function.type)
            return self.ground(Sym(symbol(*literals), self.domains.kind(domain)))
        if (name, args) in self.encoding.functions.entries:
            return self.ground(self.encoding.functions.entries[name, args])
        if function.is_relation:
            return False
        return self.default(domain_of(function.type))

    def default(self, domain: t.Domain | None) -> Value | None:
        """Some value of a domain, for cells that the program never mentions."""
        if self.domains.is_open(domain):
            return next(iter(self.universe.get(str(domain), {})), None)
        members = None if domain is None else self.domains.members(domain)
        if members:
            return members[0]
        zeros: dict[Base, Value] = {Base.TRUTH: False, Base.NUMBER: Fraction(0)}
        return zeros.get(self.domains.kind(domain).base)

    def witness(self) -> dict[str, str]:
        """The program's names, and cells like `place(owl)`, with their values as text."""
        shown: dict[str, str] = {}
        for name, x in self.encoding.names.items():
            if isinstance(self.symbols.get(name), Unknown | Constant):
                text = self.safe_text(x)
                if text != name:
                    shown[name] = text
        for name, _ in self.symbols.of(Function):
            for args, value in list((self.interpretation.tables.get(name) or {}).items())[:MAX_CELLS]:
                functions = self.encoding.functions
                if (name, args) in functions.entries or name in functions.symbols or value is True:
                    shown[show_expr(t.Call(name, tuple(term(a) for a in args)))] = show_expr(term(value))
        return shown

    def record(self) -> dict[str, Any]:
        """The model as text from which it can be evaluated again; what has no text, or is too long, is left out.

        `values` of unknowns and constants, `tables` as rows of arguments and value (of relations, the true ones),
        `universe`: the elements of open sorts.
        """
        values: dict[str, str] = {}
        for name, x in self.encoding.names.items():
            if isinstance(self.symbols.get(name), Unknown | Constant):
                with suppress(GaveUp):
                    values[name] = self.text(self.settle(x))
        tables = {}
        for name, table in self.interpretation.tables.items():
            rows = [(*args, value) for args, value in table.items() if value is not False]
            if name in self.symbols.table and len(rows) <= MAX_ROWS:
                tables[name] = [[show_expr(term(v)) for v in row] for row in rows]
        universe = {sort: list(elements) for sort, elements in self.interpretation.universe.items()}
        return {"values": values, "tables": tables, "universe": universe}

    def safe_text(self, x: Term) -> str:
        """A term's value as text, for a witness: an irrational number is described if it cannot be written."""
        settled = self.settle(x)
        try:
            return self.text(settled)
        except GaveUp:
            return f"about {settled.z.as_decimal(6).rstrip('?')}" if isinstance(settled, Sym) else "irrational"

    # --- the second look --------------------------------------------------------------------------------------

    def recheck(self) -> tuple[int, int, list[int]]:
        """How many premises the evaluator finds true, how many it cannot tell, the statements it finds false."""
        held, skipped, wrong = 0, 0, []
        for index, statement in enumerate(self.encoding.task.program.statements):
            for holds in self.claims(index, statement):
                if holds is None:
                    skipped += 1
                elif holds:
                    held += 1
                else:
                    wrong.append(index)
        return held, skipped, wrong

    def claims(self, index: int, s: t.Statement) -> Iterator[bool | None]:
        """What one statement says, in the evaluator's eyes; None where it cannot tell."""
        model = self.interpretation
        if isinstance(s, t.Assertion):
            yield self.holds(s.formula)
        elif isinstance(s, t.Let):
            value = self.evaluated(s.value)
            atomic = isinstance(value, Fraction | bool | str)
            yield None if not atomic else self.domains.within(domain_of(s.type), value) is True  # type: ignore[arg-type]
        elif isinstance(s, t.Var):
            for name in s.names:
                known = model.values.get(name)
                yield None if known is None else self.domains.within(domain_of(s.type), known) is True  # type: ignore[arg-type]
        elif isinstance(s, t.Distinct):
            table = model.tables.get(s.names[0])
            values = list(table.values()) if table is not None else [self.evaluated(t.Name(n)) for n in s.names]
            if any(v is None for v in values):
                yield None
            else:
                yield not any(same(a, b) for i, a in enumerate(values) for b in values[:i])  # type: ignore[arg-type]

    def evaluated(self, e: t.Expr) -> Value | None:
        """The evaluator's value of an expression in this model, None where it has none."""
        try:
            return evaluate(e, self.symbols, self.interpretation)
        except Undefined:
            return None

    def holds(self, e: t.Expr) -> bool | None:
        """Whether a formula holds; None where the evaluator cannot tell."""
        value = self.evaluated(e)
        return value if isinstance(value, bool) else None


def magnitude(settled: Term) -> Fraction:
    """What to order a set's elements by: a number's value, closely enough to tell it from the others."""
    if isinstance(settled, Fraction):
        return settled
    irrational = isinstance(settled, Sym) and z3.is_algebraic_value(settled.z)
    return Fraction(str(settled.z.approx(50))) if isinstance(settled, Sym) and irrational else Fraction(0)


def surd(literal: Z) -> t.Expr:
    """A quadratic irrational exactly, as `p + q*sqrt(d)`. Raises GaveUp for any other literal."""
    if not z3.is_algebraic_value(literal):
        raise GaveUp(f"the value {literal} has no text in our language")
    coefficients = [int(Fraction(str(c))) for c in literal.poly()]
    if len(coefficients) != 3:
        raise GaveUp(f"an answer is an irrational root of degree {len(coefficients) - 1}, which has no exact text here")
    c, b, a = coefficients
    outside, inside, divisor = 1, b * b - 4 * a * c, 2
    while divisor * divisor <= min(inside, MAX_SQUARE):
        while inside % (divisor * divisor) == 0:
            inside //= divisor * divisor
            outside *= divisor
        divisor += 1
    p = Fraction(-b, 2 * a)
    q = Fraction(outside, 2 * abs(a)) * (1 if literal.index() == 2 else -1)  # roots are counted from the least
    root: t.Expr = t.Call("sqrt", (t.Number(Fraction(inside)),))
    scale = abs(q)
    if scale.numerator != 1:
        root = t.Binary(t.BinaryOp.MUL, t.Number(Fraction(scale.numerator)), root)
    if scale.denominator != 1:
        root = t.Binary(t.BinaryOp.DIV, root, t.Number(Fraction(scale.denominator)))
    if p == 0:
        return root if q > 0 else _negated(root)
    return t.Binary(t.BinaryOp.ADD if q > 0 else t.BinaryOp.SUB, term(p), root)


def _negated(e: t.Expr) -> t.Expr:
    """-e, written as it reads back: `-2*sqrt(3)` is (-2)*sqrt(3)."""
    if isinstance(e, t.Binary):
        return t.Binary(e.op, _negated(e.left), e.right)
    return t.Unary(t.UnaryOp.NEG, e)
