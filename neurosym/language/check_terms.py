"""What each expression is: its kind, by the names and functions in it, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from neurosym.language import tree as t
from neurosym.language.builtins import BUILTINS, CONSTANTS, Group, Result
from neurosym.language.check_types import TypeChecker
from neurosym.language.symbols import (
    ANY,
    NUMBER,
    TRUTH,
    WHAT,
    Base,
    Constant,
    Defined,
    Element,
    Function,
    GraphSymbol,
    Kind,
    Unknown,
)
from neurosym.language.units import Dimension, conversion, dimension, times, to_the

DAYS = Kind(Base.NUMBER, (("day", 1),))
MONTH: Dimension = (("month", 1),)


class TermChecker(TypeChecker):
    """Expressions, given what is declared so far."""

    def formula(self, e: t.Expr, bound: Mapping[str, Kind] | None = None) -> None:
        """Check what must be a formula."""
        kind = self.expr(e, bound or {})
        if kind.base not in (Base.TRUTH, Base.ANY):
            self.report("kind", f"a formula is expected here, this is {kind}", e, "compare it: ... = ...")

    def number(self, e: t.Expr, bound: Mapping[str, Kind], what: str) -> Kind:
        """The kind of what must be a number; `what` says whose part it is."""
        kind = self.expr(e, bound)
        if kind.base not in (Base.NUMBER, Base.ANY):
            return self.report("kind", f"{what} is a number, this is {kind}", e)
        return kind

    def expr(self, e: t.Expr, bound: Mapping[str, Kind]) -> Kind:
        """The kind of an expression; `bound` gives those of bound variables."""
        match e:
            case t.Number():
                return self.literal(e)
            case t.Truth():
                return TRUTH
            case t.Name():
                return self.name(e, bound)
            case t.Unary(op=t.UnaryOp.NOT):
                self.formula(e.operand, bound)
                return TRUTH
            case t.Unary():
                return self.number(e.operand, bound, "what follows `-`")
            case t.Binary():
                return self.binary(e, bound)
            case t.Compare():
                self.compare(e, bound)
                return TRUTH
            case t.Quantified():
                inner = dict(bound)
                for binder in e.binders:
                    inner |= self.binder(binder)
                self.formula(e.body, inner)
                return TRUTH
            case t.Conditional():
                self.formula(e.condition, bound)
                yes, no = self.expr(e.yes, bound), self.expr(e.no, bound)
                if yes.base is Base.NUMBER and isinstance(e.no, t.Compare):
                    what = "`else` takes all that follows it, and joins a number with a comparison"
                    return self.report("kind", what, e, "bracket what is compared: (if c then a else b) = 5")
                return self.join([(yes, e.yes), (no, e.no)], "else", e)
            case t.Call():
                return self.call(e, bound)
            case t.SetOf() | t.ListOf():
                common = self.join([(self.expr(x, bound), x) for x in e.elements], "a list or set")
                base = Base.SET if isinstance(e, t.SetOf) else Base.LIST
                return Kind(base, common.dimension, scaled=common.scaled)

    def literal(self, e: t.Number) -> Kind:
        """A number with a unit, a share of 1 written as a percentage, or a bare number."""
        if e.unit is not None:
            return Kind(Base.NUMBER, dimension(e.unit))
        return Kind(Base.NUMBER, scaled=((), (e.value,))) if e.percent else NUMBER

    def name(self, e: t.Name, bound: Mapping[str, Kind]) -> Kind:
        """The kind of what a name stands for."""
        if e.id in bound:
            return bound[e.id]
        symbol = self.symbols.get(e.id)
        if isinstance(symbol, Defined | Unknown | Element | Constant):
            return symbol.kind
        if symbol is not None:
            hint = f"write {e.id}(...)" if isinstance(symbol, Function | GraphSymbol) else ""
            return self.report("kind", f"{e.id!r} is {WHAT[type(symbol)]}, not a value", e, hint)
        if e.id in CONSTANTS:
            return NUMBER
        values = [n for n, _ in self.symbols.of(Defined, Unknown, Element, Constant)]
        hint = self.nearest(e.id, [*values, *bound]) or "declare it above by let, var, const or in a sort"
        return self.report("unknown-name", f"{e.id!r} is not declared", e, hint)

    def binder(self, binder: t.Binder) -> dict[str, Kind]:
        """The variables that a binder binds."""
        kind = self.domain(binder.domain, binder)
        return dict.fromkeys(binder.names, kind)

    def binary(self, e: t.Binary, bound: Mapping[str, Kind]) -> Kind:
        """A connective or an operation on numbers and dates."""
        op = e.op
        if op in _CONNECTIVES:
            self.formula(e.left, bound)
            self.formula(e.right, bound)
            return TRUTH
        left, right = self.expr(e.left, bound), self.expr(e.right, bound)
        if Base.DATE in (left.base, right.base):
            return self.date_arithmetic(e, left, right)
        for kind, side in ((left, e.left), (right, e.right)):
            if kind.base not in (Base.NUMBER, Base.ANY):
                return self.report("kind", f"`{op}` computes with numbers, this is {kind}", side)
        match op:
            case t.BinaryOp.ADD | t.BinaryOp.SUB | t.BinaryOp.MOD:
                return self.join([(left, e.left), (right, e.right)], op, e)
            case t.BinaryOp.MUL | t.BinaryOp.DIV:
                if left is NUMBER and right is NUMBER:
                    return NUMBER  # bare numbers take whatever unit the context asks for
                numbers = (self.constant(e.left, bound), self.constant(e.right, bound))
                return self.multiply(left, right, numbers, 1 if op is t.BinaryOp.MUL else -1)
            case _:
                exponent = self.constant(e.right, bound)
                return NUMBER if exponent is None else self.raised(left, exponent)

    def constant(self, e: t.Expr, bound: Mapping[str, Kind]) -> Fraction | None:
        """The value of a bare literal, or of a name that stands for one."""
        if isinstance(e, t.Name) and e.id not in bound:
            symbol = self.symbols.get(e.id)
            e = symbol.value if isinstance(symbol, Defined) and symbol.value is not None else e
        if isinstance(e, t.Binary) and e.op in (t.BinaryOp.MUL, t.BinaryOp.DIV):
            left, right = e.left, e.right
            if isinstance(left, t.Number) and isinstance(right, t.Number) and not (left.unit or right.unit):
                product = e.op is t.BinaryOp.MUL
                return left.value * right.value if product else left.value / right.value if right.value else None
        return e.value if isinstance(e, t.Number) and e.unit is None else None

    def date_arithmetic(self, e: t.Binary, left: Kind, right: Kind) -> Kind:
        """date - date, date + days, date + months."""
        if e.op is t.BinaryOp.SUB and left.base is right.base is Base.DATE:
            return DAYS
        if e.op in (t.BinaryOp.ADD, t.BinaryOp.SUB) and left.base is Base.DATE:
            unit = right.dimension or (right.scaled[0] if right.scaled else ())
            if right.base is Base.NUMBER and conversion(unit, MONTH) is not None:
                self.give(right, MONTH, e.right)
                self.rewrite(e, _months)
            else:
                self.fits(right, DAYS, e.right, "what is added to a date is")
            return left
        return self.report("kind", f"a date takes no `{e.op}` here", e, "date - date, date + days")

    def compare(self, e: t.Compare, bound: Mapping[str, Kind]) -> None:
        """A chain of comparisons, all of one kind."""
        parts = [(self.expr(side, bound), side) for side in (e.first, *(right for _, right in e.rest))]
        kind = self.join(parts, e.rest[0][0], e)
        if kind.base not in (Base.NUMBER, Base.DATE, Base.ANY):
            for op, _ in e.rest:
                if op not in (t.CompareOp.EQ, t.CompareOp.NE):
                    hint = "give each element a number by a fun"
                    self.report("kind", f"`{op}` orders numbers and dates, not {kind}", e, hint)

    def call(self, e: t.Call, bound: Mapping[str, Kind]) -> Kind:
        """A declared function, a graph, or a built-in."""
        symbol = self.symbols.get(e.function)
        if isinstance(symbol, Function | GraphSymbol):
            return self.apply(e, symbol, bound)
        if e.function in BUILTINS:
            return self.builtin(e, bound)
        if symbol is not None:
            return self.report("kind", f"{e.function!r} is {WHAT[type(symbol)]} and takes no arguments", e)
        known = [n for n, _ in self.symbols.of(Function, GraphSymbol)]
        hint = self.nearest(e.function, [*known, *BUILTINS]) or "declare it above by fun or rel"
        return self.report("unknown-function", f"{e.function!r} is not declared", e, hint)

    def apply(self, e: t.Call, symbol: Function | GraphSymbol, bound: Mapping[str, Kind]) -> Kind:
        """A declared function at its arguments."""
        if len(e.args) != len(symbol.domains):
            wanted = len(symbol.domains)
            self.report("arity", f"{e.function!r} takes {wanted} argument{'s' * (wanted != 1)}, not {len(e.args)}", e)
            return symbol.kind
        for arg, domain in zip(e.args, symbol.domains, strict=True):
            if isinstance(arg, t.Binder):
                self.report("binder", f"{e.function!r} takes values, not a bound variable", arg)
            else:
                self.fits(self.expr(arg, bound), self.domain(domain, e), arg, f"an argument of {e.function!r} is")
        return symbol.kind

    def builtin(self, e: t.Call, bound: Mapping[str, Kind]) -> Kind:
        """A built-in at its arguments."""
        builtin = BUILTINS[e.function]
        if len(e.args) < builtin.least or len(e.args) > (builtin.greatest or len(e.args)):
            return self.report("arity", f"{e.function!r} has the wrong number of arguments", e, builtin.about)
        inner = dict(bound)
        for arg in e.args:
            if isinstance(arg, t.Binder):
                if builtin.group is not Group.AGGREGATE and e.function not in ("probability", "average"):
                    return self.report("binder", f"{e.function!r} takes values, not a bound variable", arg)
                inner |= self.binder(arg)
        values = [arg for arg in e.args if not isinstance(arg, t.Binder)]
        if builtin.group is Group.GRAPH:
            return self.graph_question(e, values, bound)
        if builtin.group is Group.AGGREGATE:
            return self.aggregate(e, values, inner)
        if builtin.group is Group.DERIVED:
            return self.derived(e, values, inner)
        kinds = [self.expr(value, bound) for value in values]
        if builtin.group is Group.LOGIC:
            self.join(list(zip(kinds, values, strict=True)), e.function)
            return TRUTH
        if e.function in ("min", "max", "abs", "floor", "ceil", "round", "gcd", "lcm"):
            if len(kinds) == 1 and kinds[0].base in (Base.SET, Base.LIST):
                return _element(kinds[0])
            self.takes(kinds, values, e.function, Base.NUMBER)
            return kinds[0] if e.function == "round" else self.join(list(zip(kinds, values, strict=True)), e.function)
        if e.function == "sqrt":
            self.takes(kinds, values, e.function, Base.NUMBER)
            return self.raised(kinds[0], Fraction(1, 2))
        if builtin.group is Group.ARITHMETIC or e.function == "date":
            self.takes(kinds, values, e.function, Base.NUMBER)
        elif builtin.group is Group.DATE:
            self.takes(kinds[:1], values[:1], e.function, Base.DATE)
            if e.function == "add_months":
                self.fits(kinds[1], Kind(Base.NUMBER, MONTH), values[1], "what is added is")
        elif e.function in ("union", "intersection", "difference"):
            self.takes(kinds, values, e.function, Base.SET)
            return self.join(list(zip(kinds, values, strict=True)), e.function)
        elif e.function == "nth":
            self.takes(kinds[:1], values[:1], e.function, Base.LIST)
            self.takes(kinds[1:], values[1:], e.function, Base.NUMBER)
            return ANY if kinds[0].base is Base.ANY else _element(kinds[0])
        elif e.function in ("size", "member"):
            self.takes(kinds[-1:], values[-1:], e.function, Base.SET, Base.LIST)
            if e.function == "member" and Base.NUMBER is kinds[0].base and kinds[1].dimension is not None:
                self.give(kinds[0], kinds[1].dimension, values[0])
        return _RESULT[builtin.result]

    def derived(self, e: t.Call, values: list[t.Expr], inner: Mapping[str, Kind]) -> Kind:
        """What is defined by other built-ins: convert, probability, average."""
        self.derives = True
        if e.function == "convert":
            return self.convert(e, inner)
        binders = len(e.args) - len(values)
        if any(isinstance(arg, t.Binder) for arg in e.args[binders:]) or not 1 <= len(values) <= 1 + (binders > 0):
            return self.report("arity", f"{e.function!r} has the wrong arguments", e, BUILTINS[e.function].about)
        if e.function == "probability" and not binders:
            return self.report("arity", "'probability' binds what is drawn", e, BUILTINS[e.function].about)
        if len(values) == 2:
            self.formula(values[1], inner)
        if e.function == "probability":
            self.formula(values[0], inner)
            return NUMBER
        if binders:
            return self.number(values[0], inner, "what is averaged")
        kind = self.expr(values[0], inner)
        self.takes([kind], values, e.function, Base.SET, Base.LIST)
        return _element(kind)

    def convert(self, e: t.Call, bound: Mapping[str, Kind]) -> Kind:
        """convert(x, unit): x counted in another unit."""
        value, unit = e.args
        target = None if isinstance(unit, t.Binder) else _unit(unit)
        if isinstance(value, t.Binder) or target is None:
            return self.report("kind", "the second argument of 'convert' is a unit", e, BUILTINS["convert"].about)
        kind = self.number(value, bound, "what is converted")
        source = kind.dimension if kind.scaled is None else kind.scaled[0]
        if source is None:
            return (
                ANY if kind is ANY else self.report("no-unit", "this has no unit", value, "5 [hour], let x: hour = 5")
            )
        factor = conversion(source, target)
        if factor is None:
            return self.clash(source, target, e)
        self.scale(value, factor, target)
        self.rewrite(e, _first)
        return Kind(Base.NUMBER, target)

    def takes(self, kinds: list[Kind], values: list[t.Expr], whose: str, *bases: Base) -> None:
        """Report arguments that are of none of the `bases`."""
        for kind, value in zip(kinds, values, strict=True):
            if kind.base not in (*bases, Base.ANY):
                self.report("kind", f"an argument of {whose!r} is {' or '.join(bases)}, this is {kind}", value)

    def graph_question(self, e: t.Call, values: list[t.Expr], bound: Mapping[str, Kind]) -> Kind:
        """A question to a graph, about its nodes."""
        graph = values[0]
        symbol = self.symbols.get(graph.id) if isinstance(graph, t.Name) else None
        if not isinstance(symbol, GraphSymbol):
            return self.report(
                "kind", f"the first argument of {e.function!r} is a graph's name", e, "graph road(town, town)"
            )
        for node in values[1:]:
            self.fits(self.expr(node, bound), self.domain(symbol.domains[0], e), node, f"a node of {graph.id!r} is")  # type: ignore[union-attr]
        kind = _RESULT[BUILTINS[e.function].result]
        weighted = e.function in ("distance", "flow", "spanning", "tour", "longest") and symbol.type is not None
        return symbol.kind if weighted else kind

    def aggregate(self, e: t.Call, values: list[t.Expr], inner: Mapping[str, Kind]) -> Kind:
        """sum, product, count: over bound variables, or of a list or set."""
        binders = len(e.args) - len(values)
        if len(values) != 1 or isinstance(e.args[-1], t.Binder) or (binders == 0 and e.function == "count"):
            return self.report("arity", f"{e.function!r} has the wrong arguments", e, BUILTINS[e.function].about)
        if e.function == "count":
            self.formula(values[0], inner)
            return NUMBER
        if binders == 0:
            kind = self.expr(values[0], inner)
            if kind.base not in (Base.SET, Base.LIST, Base.ANY):
                self.report(
                    "kind", f"{e.function!r} takes a bound variable, a list or a set", e, BUILTINS[e.function].about
                )
            return _element(kind) if e.function == "sum" else NUMBER
        kind = self.number(values[0], inner, f"what {e.function!r} adds up")
        return kind if e.function == "sum" else NUMBER


def _element(kind: Kind) -> Kind:
    """The kind of a number in a set or list."""
    return Kind(Base.NUMBER, kind.dimension, scaled=kind.scaled)


def _unit(e: t.Expr) -> Dimension | None:
    """The unit that an expression of names spells: `minute`, `mile/hour`, `meter^2`."""
    match e:
        case t.Name():
            return dimension(t.Unit(((e.id, 1),)))
        case t.Binary(op=t.BinaryOp.MUL | t.BinaryOp.DIV):
            left, right = _unit(e.left), _unit(e.right)
            if left is None or right is None:
                return None
            return times(left, to_the(right, 1 if e.op is t.BinaryOp.MUL else -1))
        case t.Binary(op=t.BinaryOp.POW, right=t.Number(value=power)) if power.denominator == 1 and power <= 9:
            base = _unit(e.left)
            return None if base is None else to_the(base, int(power))
    return None


def _first(e: t.Expr) -> t.Expr:
    """What a conversion leaves of `convert(x, unit)`: x, multiplied already."""
    assert isinstance(e, t.Call)
    assert not isinstance(e.args[0], t.Binder)
    return e.args[0]


def _months(e: t.Expr) -> t.Expr:
    """`date + months` as a call."""
    assert isinstance(e, t.Binary)
    months = e.right if e.op is t.BinaryOp.ADD else t.Unary(t.UnaryOp.NEG, e.right)
    return t.Call("add_months", (e.left, months), span=e.span)


_CONNECTIVES = frozenset({t.BinaryOp.AND, t.BinaryOp.OR, t.BinaryOp.XOR, t.BinaryOp.IMPLIES, t.BinaryOp.IFF})
_RESULT = {
    Result.NUMBER: NUMBER,
    Result.TERM: NUMBER,
    Result.TRUTH: TRUTH,
    Result.SET: Kind(Base.SET),
    Result.LIST: Kind(Base.LIST),
    Result.DATE: Kind(Base.DATE),
}
