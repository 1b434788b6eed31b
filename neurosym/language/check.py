"""What is wrong with a program before it is solved: names, arities, sorts and units.

Every diagnostic that is reported is an error: a program with none has a meaning. A literal takes the unit of its
context, so only two named quantities can clash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.assigned import assigned_names
from neurosym.language.builtins import BUILTINS, CONSTANTS, NUMBER_TYPES, Group, Result
from neurosym.language.diagnostic import Diagnostic, Span
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
    SortSymbol,
    Symbol,
    Symbols,
    Unknown,
)
from neurosym.language.units import dimension, measured, show_dimension, times, to_the

MAX_RANGE = 1_000_000
MAX_HINTS = 20


def check(program: t.Program) -> tuple[Symbols, tuple[Diagnostic, ...]]:
    """The program's symbols and everything that is wrong with it, in source order. Fragments are welcome."""
    checker = _Checker()
    for statement in program.statements:
        checker.statement(statement)
    return checker.symbols, tuple(checker.found)


def checked(program: t.Program) -> Symbols:
    """The program's symbols. Raises ProgramError with all its diagnostics where it does not check."""
    symbols, found = check(program)
    if found:
        raise ProgramError(found)
    return symbols


class _Checker:
    """Walks the statements in order; a name is known from its declaration on."""

    def __init__(self) -> None:
        self.symbols = Symbols()
        self.found: list[Diagnostic] = []
        self.options: dict[str, Span | None] = {}
        self.unknown_sorts: set[str] = set()

    def report(self, code: str, message: str, at: t.Node, hint: str = "") -> Kind:
        self.found.append(Diagnostic(code, message, at.span, hint))
        return ANY

    def declare(self, name: str, symbol: Symbol, at: t.Node) -> None:
        before = self.symbols.get(name)
        if before is not None:
            self.report("redeclared", f"{name!r} is already {WHAT[type(before)]}", at, "choose another name")
        elif name in BUILTINS and isinstance(symbol, Function | GraphSymbol):
            self.report("redeclared", f"{name!r} is a built-in function", at, "choose another name")
        else:
            self.symbols.table[name] = symbol

    def nearest(self, name: str, known: list[str]) -> str:
        """A hint at a known name that is spelt much the same; comparing is slow, so only the first mistakes get one."""
        close = get_close_matches(name, known, n=1) if len(self.found) < MAX_HINTS else []
        return f"did you mean {close[0]!r}?" if close else ""

    # --- statements -------------------------------------------------------------------------------------------

    def statement(self, s: t.Statement) -> None:
        match s:
            case t.Let():
                kind = self.expr(s.value, {})
                declared = kind if s.type is None else self.declared(s.type, s)
                self.fits(kind, declared, s.value, f"{s.name!r} is declared as")
                self.declare(s.name, Defined(declared, s.value, s.type), s)
            case t.Var():
                kind = self.declared(s.type, s)
                for name in s.names:
                    self.declare(name, Unknown(kind, s.type), s)
            case t.Sort():
                self.sort(s)
            case t.Const():
                for name in s.names:
                    self.declare(name, Constant(self.domain(s.sort, s)), s)
            case t.Fun():
                kind = self.declared(s.type, s)
                for signature in s.signatures:
                    self.signature(signature)
                    self.declare(signature.name, Function(signature.domains, kind, s.type), signature)
            case t.Rel():
                for signature in s.signatures:
                    self.signature(signature)
                    self.declare(signature.name, Function(signature.domains, TRUTH, None, s.closed), signature)
            case t.Graph():
                self.graph(s)
            case t.Distinct():
                self.distinct(s)
            case t.Option():
                if s.label in self.options:
                    self.report("redeclared", f"there are two options {s.label}", s)
                self.options[s.label] = s.span
                self.formula(s.formula)
            case t.Goal():
                self.number(s.objective, {}, "what is maximised or minimised")
            case t.Assertion():
                self.formula(s.formula)
            case t.Python():
                self.python(s)
            case t.Ask():
                for target in s.targets:
                    self.expr(target, {})
                if self.options:
                    self.report(
                        "options-not-asked", "the program has options but does not ask for one", s, "ask option"
                    )
            case t.AskOption():
                if not self.options:
                    self.report("no-options", "there is no option to choose from", s, "option A: formula")

    def sort(self, s: t.Sort) -> None:
        symbol = SortSymbol(s.elements)
        self.declare(s.name, symbol, s)
        if isinstance(s.elements, t.Range):
            self.range(s.elements, s)
        elif s.elements is not None:
            for element in s.elements:
                self.declare(element, Element(symbol.kind(s.name)), s)

    def signature(self, signature: t.Signature) -> None:
        for domain in signature.domains:
            self.domain(domain, signature)

    def graph(self, s: t.Graph) -> None:
        kind = TRUTH if s.type is None else self.declared(s.type, s)
        self.signature(s.signature)
        domains = s.signature.domains
        if len(domains) != 2 or domains[0] != domains[1]:
            self.report("graph-arity", "a graph joins two nodes of one sort", s, "graph road(town, town)")
        if s.type is not None and kind.base not in (Base.NUMBER, Base.ANY):
            self.report("kind", f"an edge's weight is a number, not {kind}", s)
        self.declare(s.signature.name, GraphSymbol(domains, kind, s.type, s.directed), s)

    def distinct(self, s: t.Distinct) -> None:
        kinds = []
        for name in s.names:
            symbol = self.symbols.get(name)
            if isinstance(symbol, Function):
                if len(s.names) > 1 or len(symbol.domains) != 1:
                    self.report("distinct", f"`distinct {name}` takes one function of one argument alone", s)
                return
            kinds.append(self.expr(t.Name(name, span=s.span), {}))
        if len(s.names) == 1:
            self.report("distinct", "one value alone is always distinct", s, "distinct a, b, or a function")
        for kind in kinds[1:]:
            self.same(kinds[0], kind, s, "distinct")

    def python(self, s: t.Python) -> None:
        try:
            names = assigned_names(s.code)
        except SyntaxError as error:
            line = (s.span.line if s.span else 0) + (error.lineno or 1)
            span = Span(line, 1, line, 1)
            self.found.append(Diagnostic("python-syntax", f"the python block does not read: {error.msg}", span))
            return
        for name in names:
            symbol = self.symbols.get(name)
            if not (isinstance(symbol, Defined) and symbol.value is None):  # a later block may assign it anew
                self.declare(name, Defined(ANY, None), s)

    # --- types ------------------------------------------------------------------------------------------------

    def declared(self, type_: t.Type, at: t.Node) -> Kind:
        """The kind that a written type stands for."""
        if isinstance(type_, t.Range):
            return self.range(type_, at)
        word = type_.word
        if word in NUMBER_TYPES:
            return NUMBER
        if word == "bool":
            return TRUTH
        if word == "date":
            return Kind(Base.DATE)
        symbol = self.symbols.get(word) if word else None
        if word and isinstance(symbol, SortSymbol):
            return symbol.kind(word)
        return Kind(Base.NUMBER, dimension(type_))

    def domain(self, domain: t.Domain, at: t.Node) -> Kind:
        if isinstance(domain, t.Range):
            return self.range(domain, at)
        symbol = self.symbols.get(domain)
        if isinstance(symbol, SortSymbol):
            return symbol.kind(domain)
        if domain in NUMBER_TYPES:
            return NUMBER
        if domain in self.unknown_sorts:  # said once, where it was first met
            return ANY
        self.unknown_sorts.add(domain)
        sorts = [name for name, _ in self.symbols.of(SortSymbol)]
        return self.report(
            "unknown-sort", f"{domain!r} is not a declared sort", at, self.nearest(domain, sorts) or "sort ..."
        )

    def range(self, range_: t.Range, at: t.Node) -> Kind:
        at = range_ if range_.span else at
        ends = []
        for bound in (range_.low, range_.high):
            number = self.symbols.number(bound)
            if number is None:
                return self.report(
                    "range", f"{bound!r} is no integer that is defined above", at, "let n = 5, then 1..n"
                )
            ends.append(number)
        if not 0 <= ends[1] - ends[0] <= MAX_RANGE:
            return self.report("range", "a range goes upward and has at most a million integers", at)
        return NUMBER

    def fits(self, kind: Kind, wanted: Kind, at: t.Node, whose: str) -> None:
        """Report where a value of `kind` cannot stand where `wanted` is."""
        if Base.ANY in (kind.base, wanted.base):
            return
        if kind.base is not wanted.base or kind.sort != wanted.sort:
            self.report("kind", f"{whose} {wanted}, but this is {kind}", at)
        elif _clash(kind, wanted):
            self.clash(kind, wanted, at)

    def same(self, left: Kind, right: Kind, at: t.Node, what: str) -> Kind:
        """The common kind of two operands; reports where they have none."""
        if left.base is Base.ANY:
            return right
        if right.base is Base.ANY:
            return left
        if left.base is not right.base or left.sort != right.sort:
            return self.report("kind", f"`{what}` joins {left} with {right}", at)
        if _clash(left, right):
            return self.clash(left, right, at)
        return right if left.dimension is None else left

    def clash(self, left: Kind, right: Kind, at: t.Node) -> Kind:
        a, b = show_dimension(left.dimension or ()), show_dimension(right.dimension or ())
        return self.report("unit-clash", f"units differ: {a} and {b}", at, "convert one of them first")

    # --- expressions ------------------------------------------------------------------------------------------

    def formula(self, e: t.Expr, bound: Mapping[str, Kind] | None = None) -> None:
        kind = self.expr(e, bound or {})
        if kind.base not in (Base.TRUTH, Base.ANY):
            self.report("kind", f"a formula is expected here, this is {kind}", e, "compare it: ... = ...")

    def number(self, e: t.Expr, bound: Mapping[str, Kind], what: str) -> Kind:
        kind = self.expr(e, bound)
        if kind.base not in (Base.NUMBER, Base.ANY):
            return self.report("kind", f"{what} is a number, this is {kind}", e)
        return kind

    def expr(self, e: t.Expr, bound: Mapping[str, Kind]) -> Kind:
        match e:
            case t.Number():
                return NUMBER if e.unit is None else Kind(Base.NUMBER, dimension(e.unit))
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
                return self.same(self.expr(e.yes, bound), self.expr(e.no, bound), e, "else")
            case t.Call():
                return self.call(e, bound)
            case t.SetOf() | t.ListOf():
                self.all_same((self.expr(x, bound) for x in e.elements), e.elements)
                return Kind(Base.SET if isinstance(e, t.SetOf) else Base.LIST)

    def all_same(self, kinds: Iterable[Kind], parts: Iterable[t.Node], what: str = "a list or set") -> Kind:
        common = ANY
        for kind, part in zip(kinds, parts, strict=True):
            common = self.same(common, kind, part, what)
        return common

    def name(self, e: t.Name, bound: Mapping[str, Kind]) -> Kind:
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
        kind = self.domain(binder.domain, binder)
        return dict.fromkeys(binder.names, kind)

    def binary(self, e: t.Binary, bound: Mapping[str, Kind]) -> Kind:
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
                return self.same(left, right, e, op)
            case t.BinaryOp.MUL | t.BinaryOp.DIV:
                if left.dimension is None or right.dimension is None:
                    return NUMBER  # the literal takes whatever unit the context asks for
                sign = 1 if op is t.BinaryOp.MUL else -1
                return Kind(Base.NUMBER, times(left.dimension, to_the(right.dimension, sign)))
            case _:
                if left.dimension and isinstance(e.right, t.Number) and e.right.value.denominator == 1:
                    return Kind(Base.NUMBER, to_the(left.dimension, min(int(e.right.value), 99)))
                return NUMBER

    def date_arithmetic(self, e: t.Binary, left: Kind, right: Kind) -> Kind:
        days = Kind(Base.NUMBER, (("day", 1),))
        if e.op is t.BinaryOp.SUB and left.base is right.base is Base.DATE:
            return days
        if e.op in (t.BinaryOp.ADD, t.BinaryOp.SUB) and left.base is Base.DATE:
            self.fits(right, days, e.right, "what is added to a date is")
            return left
        return self.report("kind", f"a date takes no `{e.op}` here", e, "date - date, date + days")

    def compare(self, e: t.Compare, bound: Mapping[str, Kind]) -> None:
        left = self.expr(e.first, bound)
        for op, side in e.rest:  # each side once: nested chains would double the work at every level
            right = self.expr(side, bound)
            kind = self.same(left, right, e, op)
            left = right
            ordered = kind.base in (Base.NUMBER, Base.DATE, Base.ANY)
            if op not in (t.CompareOp.EQ, t.CompareOp.NE) and not ordered:
                self.report(
                    "kind", f"`{op}` orders numbers and dates, not {kind}", e, "give each element a number by a fun"
                )

    def call(self, e: t.Call, bound: Mapping[str, Kind]) -> Kind:
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
        builtin = BUILTINS[e.function]
        if len(e.args) < builtin.least or len(e.args) > (builtin.greatest or len(e.args)):
            return self.report("arity", f"{e.function!r} has the wrong number of arguments", e, builtin.about)
        inner = dict(bound)
        for arg in e.args:
            if isinstance(arg, t.Binder):
                if builtin.group is not Group.AGGREGATE:
                    return self.report("binder", f"{e.function!r} takes values, not a bound variable", arg)
                inner |= self.binder(arg)
        values = [arg for arg in e.args if not isinstance(arg, t.Binder)]
        if builtin.group is Group.GRAPH:
            return self.graph_question(e, values, bound)
        if builtin.group is Group.AGGREGATE:
            return self.aggregate(e, values, inner)
        if builtin.group is Group.LOGIC:
            self.all_same((self.expr(value, bound) for value in values), values, e.function)
            return TRUTH
        kinds = [self.expr(value, bound) for value in values]
        if e.function in ("min", "max", "abs", "floor", "ceil", "round"):
            if len(kinds) == 1 and kinds[0].base in (Base.SET, Base.LIST):
                return NUMBER
            self.takes(kinds, values, e.function, Base.NUMBER)
            return kinds[0] if len(kinds) == 1 or e.function == "round" else self.all_same(kinds, values, e.function)
        if builtin.group is Group.ARITHMETIC or e.function == "date":
            self.takes(kinds, values, e.function, Base.NUMBER)
        elif builtin.group is Group.DATE:
            self.takes(kinds, values, e.function, Base.DATE)
        elif e.function in ("union", "intersection", "difference"):
            self.takes(kinds, values, e.function, Base.SET)
        elif e.function in ("size", "member"):
            self.takes(kinds[-1:], values[-1:], e.function, Base.SET, Base.LIST)
        return _RESULT[builtin.result]

    def takes(self, kinds: list[Kind], values: list[t.Expr], whose: str, *bases: Base) -> None:
        for kind, value in zip(kinds, values, strict=True):
            if kind.base not in (*bases, Base.ANY):
                self.report("kind", f"an argument of {whose!r} is {' or '.join(bases)}, this is {kind}", value)

    def graph_question(self, e: t.Call, values: list[t.Expr], bound: Mapping[str, Kind]) -> Kind:
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
            return NUMBER
        kind = self.number(values[0], inner, f"what {e.function!r} adds up")
        return kind if e.function == "sum" else NUMBER


def _clash(left: Kind, right: Kind) -> bool:
    if left.dimension is None or right.dimension is None:
        return False
    return measured(left.dimension) != measured(right.dimension)


_CONNECTIVES = frozenset({t.BinaryOp.AND, t.BinaryOp.OR, t.BinaryOp.XOR, t.BinaryOp.IMPLIES, t.BinaryOp.IFF})
_RESULT = {
    Result.NUMBER: NUMBER,
    Result.TERM: NUMBER,
    Result.TRUTH: TRUTH,
    Result.SET: Kind(Base.SET),
    Result.LIST: Kind(Base.LIST),
    Result.DATE: Kind(Base.DATE),
}
