"""SMT-LIB 2 → our tree: declarations, sorts and terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from neurosym.language import tree as t
from neurosym.language.diagnostic import Span
from neurosym.notations.expressions import free, join, number
from neurosym.notations.parsing import Mends, refuse
from neurosym.notations.smtlib_sexprs import MAX_DEPTH, Atom, List, SExpr

MAX_NODES = 20_000
"""Of one assertion: `let` and `define-fun` stand for their values, which could grow without bound."""


@dataclass(frozen=True)
class Macro:
    """A definition: its parameters and its body in our language."""

    parameters: tuple[str, ...]
    body: t.Expr


@dataclass(frozen=True)
class Scope:
    """What is bound around a term: `let` names with their values, quantified names with their new names."""

    names: Mapping[str, t.Expr | None] = field(default_factory=dict)
    """None: the name stands for itself."""

    def __or__(self, more: Mapping[str, t.Expr | None]) -> Scope:
        return Scope({**self.names, **more})


_NARY = {"and": t.BinaryOp.AND, "or": t.BinaryOp.OR, "+": t.BinaryOp.ADD, "*": t.BinaryOp.MUL}
_LEFT = {"-": t.BinaryOp.SUB, "/": t.BinaryOp.DIV, "xor": t.BinaryOp.XOR}
_COMPARE = {"=": "=", "==": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_WORDS = {"Int": "int", "Real": "real", "Bool": "bool"}


class Terms:
    """What is declared so far, and how terms are lowered with it. Raises ProgramError."""

    def __init__(self, mends: Mends) -> None:
        self.mends = mends
        self.declarations: list[t.Statement] = []
        self.aliases: dict[str, str] = dict(_WORDS)
        self.names: dict[str, str] = {}
        """Declared name → its name in our language."""
        self.functions: dict[str, tuple[str, ...]] = {}
        self.macros: dict[str, Macro] = {}
        self.nodes = 0

    # --- declarations -----------------------------------------------------------------------------------------

    def symbol(self, args: Sequence[SExpr], index: int, at: List) -> str:
        """The symbol or numeral at a place. Raises ProgramError."""
        if index >= len(args):
            raise refuse("syntax", "something is missing here", at.span)
        found = args[index]
        if not isinstance(found, Atom) or found.type not in ("SYMBOL", "NUMERAL"):
            raise refuse("syntax", "a name is expected", found.span)
        if '"' in found.text or "\n" in found.text or not found.text:
            raise refuse("unsupported", "names with quotes or line breaks", found.span)
        return found.text

    def new(self, name: str, at: Span) -> str:
        """Note a declared name, under one that is free in our language."""
        if name in self.names or name in self.macros:
            raise refuse("redeclared", f"{name!r} is declared twice", at)
        self.names[name] = free(name, self.names.values())
        return self.names[name]

    def declare_sort(self, name: str, elements: tuple[str, ...] | None, at: Span) -> None:
        """An open sort, or an enumeration."""
        if name in self.aliases:
            raise refuse("redeclared", f"the sort {name!r} is declared twice", at)
        self.aliases[name] = free(name, (*self.names.values(), *self.aliases.values()))
        new = None if elements is None else tuple(self.new(e, at) for e in elements)
        self.declarations.append(t.Sort(self.aliases[name], new, span=at))

    def sort(self, s: SExpr) -> str:
        """A sort's name in our language."""
        if isinstance(s, Atom) and s.text in self.aliases:
            return self.aliases[s.text]
        what = s.text if isinstance(s, Atom) else "a sort with parameters"
        raise refuse("unknown-sort", f"{what!r} is not known here", s.span, ", ".join(self.aliases))

    def declare(self, name: str, domains: Sequence[SExpr], result: SExpr, at: Span) -> None:
        """A constant or function."""
        sorts, type_ = [self.sort(d) for d in domains], self.sort(result)
        if "bool" in sorts:
            raise refuse("unsupported", "functions of truth values", at)
        new = self.new(name, at)
        signature = t.Signature(new, tuple(sorts), span=at)
        if sorts:
            self.functions[name] = tuple(sorts)
            fun = t.Fun((signature,), t.Unit(((type_, 1),)), span=at)
            self.declarations.append(t.Rel((signature,), span=at) if type_ == "bool" else fun)
        elif type_ in _WORDS.values():
            self.declarations.append(t.Var((new,), t.Unit(((type_, 1),)), span=at))
        else:
            self.declarations.append(t.Const((new,), type_, span=at))

    def define(self, name: str, macro: Macro, at: Span) -> None:
        """A definition, which stands for its body wherever it is used."""
        if name in self.names or name in self.macros:
            raise refuse("redeclared", f"{name!r} is declared twice", at)
        self.macros[name] = macro

    def binders(self, s: SExpr) -> list[tuple[str, str]]:
        """`((x Int) (y S))`: names and sorts."""
        found = []
        for pair in s.items if isinstance(s, List) else ():
            if not isinstance(pair, List) or len(pair.items) != 2:
                raise refuse("syntax", "a variable has a name and a sort", pair.span, "((x Int))")
            found.append((self.symbol(pair.items, 0, pair), self.sort(pair.items[1])))
        return found

    def label(self, s: SExpr) -> str | None:
        """The name that an assertion is given by `(! F :named name)`."""
        if isinstance(s, List) and s.items and isinstance(s.items[0], Atom) and s.items[0].text == "!":
            texts = [x.text if isinstance(x, Atom) else "" for x in s.items]
            return texts[texts.index(":named") + 1] if ":named" in texts[:-1] else None
        return None

    def bounded(self, e: t.Expr, at: Span) -> t.Expr:
        """`e`, if our own language can read it again. Raises ProgramError."""
        level: list[t.Node] = [e]
        for _ in range(MAX_DEPTH + 10):
            level = [c for node in level for c in t.children(node)]
            if len(level) > MAX_NODES:
                break
            if not level:
                return e
        raise refuse("too-deep", f"with its definitions, this nests more than {MAX_DEPTH} deep", at)

    # --- terms ------------------------------------------------------------------------------------------------

    def term(self, s: SExpr, scope: Scope) -> t.Expr:
        """Lower one term."""
        if isinstance(s, Atom):
            return self.atom(s, scope)
        if not s.items:
            raise refuse("syntax", "a term is expected between the parentheses", s.span)
        head, args = s.items[0], s.items[1:]
        if isinstance(head, List):
            return self.qualified(head, args, s, scope)
        match head.text:
            case "let":
                return self.let(args, s, scope)
            case "forall" | "exists":
                return self.quantified(t.Quantifier(head.text), args, s, scope)
            case "!" if args:
                return self.term(args[0], scope)
            case "as" if len(args) == 2:
                return self.term(args[0], scope)
        return self.apply(head, [self.term(a, scope) for a in args], s)

    def atom(self, s: Atom, scope: Scope) -> t.Expr:
        """Lower a literal or a name."""
        if s.type in ("NUMERAL", "DECIMAL"):
            return number(s.text, s.span)
        if s.type != "SYMBOL":
            raise refuse("unsupported", f"{s.text[:40]} is neither a number nor a name", s.span)
        if s.text in scope.names:
            value = scope.names[s.text]
            return t.Name(s.text, span=s.span) if value is None else self.counted(value, s.span)
        if s.text in ("true", "false"):
            return t.Truth(s.text == "true", span=s.span)
        if s.text in self.macros and not self.macros[s.text].parameters:
            return self.counted(self.macros[s.text].body, s.span)
        return t.Name(self.names.get(s.text, s.text), span=s.span)

    def counted(self, e: t.Expr, at: Span) -> t.Expr:
        """`e`, put in for a name once more. Raises ProgramError where all this becomes too large."""
        self.nodes += sum(1 for _ in t.walk(e))
        if self.nodes > MAX_NODES:
            raise refuse("too-large", "what the names stand for becomes too large", at, "declare a constant for it")
        return e

    def let(self, args: Sequence[SExpr], s: List, scope: Scope) -> t.Expr:
        """`(let ((x e) ...) body)`: all at once."""
        if len(args) != 2 or not isinstance(args[0], List):
            raise refuse("syntax", "`let` has definitions and a body", s.span, "(let ((x 1)) x)")
        values: dict[str, t.Expr | None] = {}
        for pair in args[0].items:
            if not isinstance(pair, List) or len(pair.items) != 2:
                raise refuse("syntax", "a definition has a name and a value", pair.span)
            values[self.symbol(pair.items, 0, pair)] = self.term(pair.items[1], scope)
        return self.term(args[1], scope | values)

    def quantified(self, quantifier: t.Quantifier, args: Sequence[SExpr], s: List, scope: Scope) -> t.Expr:
        """A quantifier; its variables get names that nothing else has, and those of sort Bool are expanded."""
        if len(args) != 2:
            raise refuse("syntax", f"`{quantifier}` has variables and a body", s.span, f"({quantifier} ((x Int)) ...)")
        found = self.binders(args[0])
        taken = {*self.names.values(), *scope.names, *(n.id for e in scope.names.values() if e for n in _named(e))}
        new: dict[str, t.Expr | None] = {}
        binders = []
        truths = [name for name, sort in found if sort == "bool"]
        for name, sort in found:
            if sort != "bool":
                fresh = free(name, taken)
                taken.add(fresh)
                new[name] = t.Name(fresh, span=s.span)
                binders.append(t.Binder((fresh,), sort, span=s.span))
        if len(truths) > 4:
            raise refuse("unsupported", "quantifiers over more than four truth values", s.span)
        bodies = []
        for k in range(2 ** len(truths)):
            values = {name: t.Truth(bool(k >> i & 1), span=s.span) for i, name in enumerate(truths)}
            bodies.append(self.term(args[1], scope | new | values))
        op = t.BinaryOp.AND if quantifier is t.Quantifier.FORALL else t.BinaryOp.OR
        body = join(op, bodies, s.span)
        return t.Quantified(quantifier, tuple(binders), body, span=s.span) if binders else body

    def qualified(self, head: List, args: Sequence[SExpr], s: List, scope: Scope) -> t.Expr:
        """`((_ is red) x)`, `((as f S) x)`."""
        texts = [x.text if isinstance(x, Atom) else "" for x in head.items]
        if texts[:2] == ["_", "is"] and len(texts) == 3 and len(args) == 1:
            return t.Compare(
                self.term(args[0], scope), ((t.CompareOp.EQ, self.term(head.items[2], scope)),), span=s.span
            )
        if texts[:2] == ["_", "divisible"] and len(texts) == 3 and len(args) == 1:
            remainder = t.Binary(
                t.BinaryOp.MOD, self.term(args[0], scope), self.term(head.items[2], scope), span=s.span
            )
            return t.Compare(remainder, ((t.CompareOp.EQ, t.Number(Fraction(0))),), span=s.span)
        if texts[:1] == ["as"] and len(texts) == 3 and isinstance(head.items[1], Atom):
            return self.apply(head.items[1], [self.term(a, scope) for a in args], s)
        raise refuse("unsupported", "indexed functions", head.span)

    def apply(self, head: Atom, args: list[t.Expr], s: List) -> t.Expr:
        """A function at arguments."""
        name, at = head.text, s.span
        if name in self.functions:
            return t.Call(self.names[name], tuple(args), span=at)
        if name in self.macros:
            macro = self.macros[name]
            if len(args) != len(macro.parameters):
                raise refuse("arity", f"{name!r} takes {len(macro.parameters)} arguments, not {len(args)}", at)
            given = dict(zip(macro.parameters, args, strict=True))
            return self.counted(t.substitute(macro.body, given), at)
        if not args:
            raise refuse("syntax", f"`{name}` needs arguments", at)
        if name in _COMPARE and len(args) > 1:
            if name == "==":
                self.mends.add("equals", "`==` is not SMT-LIB", head.span, "=")
            op = t.CompareOp(_COMPARE[name])
            return t.Compare(args[0], tuple((op, x) for x in args[1:]), span=at)
        if name in _NARY:
            return join(_NARY[name], args, at)
        if name == "-" and len(args) == 1:
            return t.Unary(t.UnaryOp.NEG, args[0], span=at)
        if name in _LEFT and len(args) > 1:
            value = args[0]
            for x in args[1:]:
                value = t.Binary(_LEFT[name], value, x, span=at)
            return value
        if name == "=>" and len(args) > 1:
            value = args[-1]
            for x in reversed(args[:-1]):
                value = t.Binary(t.BinaryOp.IMPLIES, x, value, span=at)
            return value
        return self.builtin(name, args, head, at)

    def builtin(self, name: str, args: list[t.Expr], head: Atom, at: Span) -> t.Expr:
        """The functions of the core and of arithmetic that are not chained."""
        match name, len(args):
            case "not", 1:
                return t.Unary(t.UnaryOp.NOT, args[0], span=at)
            case "distinct", n if n > 1:
                return t.Call("distinct", tuple(args), span=at)
            case "ite", 3:
                return t.Conditional(*args, span=at)
            case "abs", 1:
                return t.Call("abs", tuple(args), span=at)
            case "to_real", 1:
                return args[0]
            case "to_int", 1:
                return t.Call("floor", tuple(args), span=at)
            case "is_int", 1:
                return t.Compare(args[0], ((t.CompareOp.EQ, t.Call("floor", tuple(args), span=at)),), span=at)
            case "mod", 2:
                divisor = args[1] if isinstance(args[1], t.Number) else t.Call("abs", (args[1],), span=at)
                return t.Binary(t.BinaryOp.MOD, args[0], divisor, span=at)
            case "div", 2:
                return _euclidean(args[0], args[1], at)
        if name.startswith("is-") and name[3:] in self.names and len(args) == 1:
            return t.Compare(args[0], ((t.CompareOp.EQ, t.Name(self.names[name[3:]], span=head.span)),), span=at)
        raise refuse("unknown-function", f"{name!r} is not declared", head.span, f"(declare-fun {name} (...) ...)")


def _euclidean(a: t.Expr, b: t.Expr, at: Span) -> t.Expr:
    """The quotient whose remainder is not negative: a = b q + r, 0 ≤ r < |b|."""
    if isinstance(b, t.Number):
        return t.Call("floor", (t.Binary(t.BinaryOp.DIV, a, b, span=at),), span=at)
    if isinstance(b, t.Unary) and b.op is t.UnaryOp.NEG:
        return t.Unary(t.UnaryOp.NEG, _euclidean(a, b.operand, at), span=at)
    positive = t.Compare(b, ((t.CompareOp.GT, t.Number(Fraction(0))),), span=at)
    down, up = (t.Call(f, (t.Binary(t.BinaryOp.DIV, a, b, span=at),), span=at) for f in ("floor", "ceil"))
    return t.Conditional(positive, down, up, span=at)


def _named(e: t.Expr) -> Iterator[t.Name]:
    return (n for n in t.walk(e) if isinstance(n, t.Name))
