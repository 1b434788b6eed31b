"""What is wrong with a program before it is solved: names, arities, sorts and units.

Every diagnostic that is reported is an error: a program with none has a meaning. A literal takes the unit of its
context, so only two named quantities can clash. check_terms has the expressions, check_units the units.
"""

from __future__ import annotations

from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.assigned import assigned_names
from neurosym.language.builtins import BUILTINS, is_derived
from neurosym.language.check_terms import TermChecker
from neurosym.language.diagnostic import Diagnostic, Span
from neurosym.language.symbols import (
    ANY,
    TRUTH,
    WHAT,
    Base,
    Constant,
    Defined,
    Element,
    Function,
    GraphSymbol,
    SortSymbol,
    Symbol,
    Symbols,
    Unknown,
)


def check(program: t.Program) -> tuple[Symbols, tuple[Diagnostic, ...]]:
    """The program's symbols and everything that is wrong with it, in source order. Fragments are welcome."""
    checker = Checker()
    for statement in program.statements:
        checker.statement(statement)
    return checker.symbols, tuple(checker.found)


def checked(program: t.Program) -> Symbols:
    """The program's symbols. Raises ProgramError with all its diagnostics where it does not check."""
    symbols, found = check(program)
    if found:
        raise ProgramError(found)
    return symbols


class Checker(TermChecker):
    """Walks the statements in order; a name is known from its declaration on."""

    def __init__(self) -> None:
        super().__init__()
        self.options: dict[str, Span | None] = {}

    def declare(self, name: str, symbol: Symbol, at: t.Node) -> None:
        """Enter a name, unless it is taken."""
        before = self.symbols.get(name)
        if before is not None:
            self.report("redeclared", f"{name!r} is already {WHAT[type(before)]}", at, "choose another name")
        elif isinstance(symbol, Function | GraphSymbol) and name in BUILTINS and not is_derived(name):
            self.report("redeclared", f"{name!r} is a built-in function", at, "choose another name")
        else:
            self.symbols.table[name] = symbol

    # --- statements -------------------------------------------------------------------------------------------

    def statement(self, s: t.Statement) -> None:
        """Check one statement."""
        match s:
            case t.Let():
                kind = self.expr(s.value, {})
                if s.type is None:
                    kind = self.settle(kind, s.value)
                else:
                    kind = self.fits(kind, self.declared(s.type, s), s.value, f"{s.name!r} is declared as")
                self.declare(s.name, Defined(kind, s.value, s.type), s)
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
                self.settle(self.number(s.objective, {}, "what is maximised or minimised"), s.objective)
            case t.Assertion():
                self.formula(s.formula)
            case t.Python():
                self.python(s)
            case t.Ask():
                for target in s.targets:
                    self.settle(self.expr(target, {}), target)
                if self.options:
                    self.report(
                        "options-not-asked", "the program has options but does not ask for one", s, "ask option"
                    )
            case t.AskOption():
                if not self.options:
                    self.report("no-options", "there is no option to choose from", s, "option A: formula")

    def sort(self, s: t.Sort) -> None:
        """A sort and its elements."""
        symbol = SortSymbol(s.elements)
        self.declare(s.name, symbol, s)
        if isinstance(s.elements, t.Range):
            self.range(s.elements, s)
        elif s.elements is not None:
            for element in s.elements:
                self.declare(element, Element(symbol.kind(s.name)), s)

    def signature(self, signature: t.Signature) -> None:
        """The domains of a function."""
        for domain in signature.domains:
            self.domain(domain, signature)

    def graph(self, s: t.Graph) -> None:
        """A graph joins nodes of one sort, by numbers or not."""
        kind = TRUTH if s.type is None else self.declared(s.type, s)
        self.signature(s.signature)
        domains = s.signature.domains
        if len(domains) != 2 or domains[0] != domains[1]:
            self.report("graph-arity", "a graph joins two nodes of one sort", s, "graph road(town, town)")
        if s.type is not None and kind.base not in (Base.NUMBER, Base.ANY):
            self.report("kind", f"an edge's weight is a number, not {kind}", s)
        self.declare(s.signature.name, GraphSymbol(domains, kind, s.type, s.directed), s)

    def distinct(self, s: t.Distinct) -> None:
        """Values of one kind, or one function of one argument."""
        parts = []
        for name in s.names:
            symbol = self.symbols.get(name)
            if isinstance(symbol, Function):
                if len(s.names) > 1 or len(symbol.domains) != 1:
                    self.report("distinct", f"`distinct {name}` takes one function of one argument alone", s)
                return
            value = t.Name(name, span=s.span)
            parts.append((self.expr(value, {}), value))
        if len(s.names) == 1:
            self.report("distinct", "one value alone is always distinct", s, "distinct a, b, or a function")
        self.join(parts, "distinct", s)
        converted = [self.rewrites.pop(id(value), None) for _, value in parts]
        if any(converted):  # names stand here, which cannot be multiplied
            self.report(
                "unit-clash", "`distinct` compares values of one unit", s, "distinct(a, b), which converts them"
            )

    def python(self, s: t.Python) -> None:
        """A block declares what it assigns at its top level."""
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
