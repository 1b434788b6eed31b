"""The typed tree that every notation lowers to and every solver reads.

All nodes are frozen; positions and notes do not take part in equality, so that two texts that say the same are equal.

    Program = statements, the last one an Ask or AskOption
    Statement = Let | Var | Sort | Const | Fun | Rel | Graph | Distinct | Option | Goal | Python | Assertion
              | Ask | AskOption
    Expr = Number | Truth | Name | Unary | Binary | Compare | Quantified | Conditional | Call | SetOf | ListOf
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeAlias, TypeVar, cast

from neurosym.language.diagnostic import Span


@dataclass(frozen=True, kw_only=True)
class Node:
    """Anything with a place in the source; `span` is None for nodes that were computed."""

    span: Span | None = field(default=None, compare=False, repr=False)


# --- types and domains ------------------------------------------------------------------------------------------


N = TypeVar("N", bound=Node)


@dataclass(frozen=True)
class Unit(Node):
    """A product of powers: `mile/hour` is (("mile", 1), ("hour", -1)).

    As a type it may also be one of count, int, real, bool or a declared sort: a single factor of exponent 1.
    Factors are unique, numerator before denominator, sorted by name within each; exponents are not 0.
    """

    factors: tuple[tuple[str, int], ...]

    @property
    def word(self) -> str | None:
        """The one word this unit consists of, or None."""
        return self.factors[0][0] if len(self.factors) == 1 and self.factors[0][1] == 1 else None


@dataclass(frozen=True)
class Range(Node):
    """The integers from `low` to `high`, both included; a bound may be the name of a `let`."""

    low: int | str
    high: int | str


Type: TypeAlias = Unit | Range
Domain: TypeAlias = str | Range
"""What a bound variable or an argument ranges over: the name of a sort (or of count, int, real), or a range."""


@dataclass(frozen=True)
class Binder(Node):
    """`x, y: bird` in a quantifier, or `n: 1..10` as the first argument of sum, product, count."""

    names: tuple[str, ...]
    domain: Domain


@dataclass(frozen=True)
class Signature(Node):
    """`visits(cow, thing)`: a function's name and the domains of its arguments."""

    name: str
    domains: tuple[Domain, ...]


# --- expressions ------------------------------------------------------------------------------------------------


class UnaryOp(StrEnum):
    """Prefix operators, as they are written."""

    NEG = "-"
    NOT = "not"


class BinaryOp(StrEnum):
    """Infix operators other than comparison, as they are written."""

    ADD = "+"
    SUB = "-"
    MUL = "*"
    DIV = "/"
    MOD = "mod"
    POW = "^"
    AND = "and"
    OR = "or"
    XOR = "xor"
    IMPLIES = "->"
    IFF = "<=>"


class CompareOp(StrEnum):
    """Comparisons, as they are written."""

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


class Quantifier(StrEnum):
    """Quantifiers, as they are written."""

    FORALL = "forall"
    EXISTS = "exists"


@dataclass(frozen=True)
class Number(Node):
    """An exact literal: `3.5` is 7/2, `20%` is 1/5 with `percent`, `5 [mile]` carries its unit. Never negative."""

    value: Fraction
    percent: bool = False
    unit: Unit | None = None


@dataclass(frozen=True)
class Truth(Node):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True)
class Name(Node):
    """A constant, an unknown, a defined quantity, a bound variable or an element of a sort."""

    id: str


@dataclass(frozen=True)
class Unary(Node):
    """A prefix operator and its operand."""

    op: UnaryOp
    operand: Expr


@dataclass(frozen=True)
class Binary(Node):
    """An infix operator between two operands."""

    op: BinaryOp
    left: Expr
    right: Expr


@dataclass(frozen=True)
class Compare(Node):
    """A chained comparison `a < b <= c`: the conjunction of its neighbouring pairs."""

    first: Expr
    rest: tuple[tuple[CompareOp, Expr], ...]

    def pairs(self) -> Iterator[tuple[Expr, CompareOp, Expr]]:
        """The neighbouring pairs (left, operator, right)."""
        left = self.first
        for op, right in self.rest:
            yield left, op, right
            left = right


@dataclass(frozen=True)
class Quantified(Node):
    """`forall x: bird, n: 1..5. body`; the body runs as far as it can."""

    quantifier: Quantifier
    binders: tuple[Binder, ...]
    body: Expr


@dataclass(frozen=True)
class Conditional(Node):
    """`if condition then yes else no`, of numbers, elements or formulas."""

    condition: Expr
    yes: Expr
    no: Expr


@dataclass(frozen=True)
class Call(Node):
    """A declared function, relation or graph, or a built-in, applied; binders come first (`sum(n: 1..9, n)`)."""

    function: str
    args: tuple[Expr | Binder, ...]


@dataclass(frozen=True)
class SetOf(Node):
    """`{1, 2}`; order and repetition do not matter to its value, but the tree keeps the order written."""

    elements: tuple[Expr, ...]


@dataclass(frozen=True)
class ListOf(Node):
    """`[a, b, c]`: a sequence, such as the stops of a path."""

    elements: tuple[Expr, ...]


Expr: TypeAlias = Number | Truth | Name | Unary | Binary | Compare | Quantified | Conditional | Call | SetOf | ListOf


# --- statements -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Statement(Node):
    """One line; `note` is the text after its `#`, without the `#`."""

    note: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Let(Statement):
    """`let name: type = value`: a definition."""

    name: str
    type: Type | None
    value: Expr


@dataclass(frozen=True)
class Var(Statement):
    """`var x, y: type`: unknowns."""

    names: tuple[str, ...]
    type: Type


@dataclass(frozen=True)
class Sort(Statement):
    """`sort bird = {owl, raven}`, `sort day = 1..5`, or an open `sort thing` (elements is None)."""

    name: str
    elements: tuple[str, ...] | Range | None


@dataclass(frozen=True)
class Const(Statement):
    """`const cow, tiger: thing`: named elements of a sort; distinct only if it is said."""

    names: tuple[str, ...]
    sort: str


@dataclass(frozen=True)
class Fun(Statement):
    """`fun place(bird): 1..5`: total functions."""

    signatures: tuple[Signature, ...]
    type: Type


@dataclass(frozen=True)
class Rel(Statement):
    """`rel likes(thing, thing)`; `closed` means that what does not follow is false."""

    signatures: tuple[Signature, ...]
    closed: bool = False


@dataclass(frozen=True)
class Graph(Statement):
    """`graph road(town, town): miles` or `digraph ...`; edges that are not stated are absent."""

    signature: Signature
    type: Type | None
    directed: bool


@dataclass(frozen=True)
class Distinct(Statement):
    """`distinct place` (an injective function) or `distinct a, b, c` (pairwise different)."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Option(Statement):
    """`option A: formula`."""

    label: str
    formula: Expr


@dataclass(frozen=True)
class Goal(Statement):
    """`maximize expr` or `minimize expr`."""

    maximize: bool
    objective: Expr


@dataclass(frozen=True)
class Python(Statement):
    """A Python block, dedented; names assigned at its top level are declared by it."""

    code: str


@dataclass(frozen=True)
class Assertion(Statement):
    """A bare formula: it holds."""

    formula: Expr


@dataclass(frozen=True)
class Ask(Statement):
    """What is asked: terms or formulas."""

    targets: tuple[Expr, ...]


class OptionMode(StrEnum):
    """Which option is asked for."""

    CONSISTENT = ""
    """The only one that the premises allow."""
    MUST = "must"
    """The only one that follows from the premises."""
    MAY = "may"
    """The only one that the premises allow."""
    CANNOT = "cannot"
    """The only one that the premises exclude."""
    EXCEPT = "except"
    """The only one that does not follow, all others do."""


@dataclass(frozen=True)
class AskOption(Statement):
    """`ask option [must|may|cannot|except]`."""

    mode: OptionMode = OptionMode.CONSISTENT


@dataclass(frozen=True)
class Program:
    """A program ends with its one ask; a fragment (what decoding has so far) may have none."""

    statements: tuple[Statement, ...]

    @property
    def ask(self) -> Ask | AskOption | None:
        """The question, None in a fragment."""
        last = self.statements[-1] if self.statements else None
        return last if isinstance(last, Ask | AskOption) else None


# --- walking ----------------------------------------------------------------------------------------------------


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below `node`, in source order."""
    for f in fields(node):
        value = getattr(node, f.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple) and f.name != "span":
            for item in value:
                if isinstance(item, Node):
                    yield item
                elif isinstance(item, tuple):  # Compare.rest
                    yield from (part for part in item if isinstance(part, Node))


def substitute(node: N, values: Mapping[str, Expr]) -> N:
    """`node` with the free names in `values` replaced; bound variables hide names, and capture none of those put in."""
    if not values:
        return node
    if isinstance(node, Name):
        return cast(N, values.get(node.id, node))
    binders: tuple[Binder, ...] = ()
    if isinstance(node, Binder):  # `values` has a bound name only where its scope, below, renames it
        return cast(N, replace(node, names=tuple(getattr(values.get(n), "id", n) for n in node.names)))
    if isinstance(node, Quantified):
        binders = node.binders
    elif isinstance(node, Call):
        binders = tuple(arg for arg in node.args if isinstance(arg, Binder))
    hidden = {name for binder in binders for name in binder.names}
    inner: Mapping[str, Expr] = {name: e for name, e in values.items() if name not in hidden} if hidden else values
    if hidden:
        used = {below.id for below in walk(node) if isinstance(below, Name)}
        brought = {below.id for name in used & inner.keys() for below in walk(inner[name]) if isinstance(below, Name)}
        inner = {**inner, **{name: Name(_fresh(name, used | brought | hidden)) for name in hidden & brought}}

    def part(value: object) -> object:
        if isinstance(value, Node):
            return substitute(value, inner)
        return tuple(part(item) for item in value) if isinstance(value, tuple) else value

    changed: dict[str, Any] = {f.name: part(getattr(node, f.name)) for f in fields(node) if f.name != "span"}
    return replace(node, **changed)


def _fresh(name: str, taken: Set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def conjuncts(formula: Expr) -> Iterator[Expr]:
    """What a formula says as several: the operands of its outermost `and`s, in order."""
    if isinstance(formula, Binary) and formula.op is BinaryOp.AND:
        yield from conjuncts(formula.left)
        yield from conjuncts(formula.right)
    else:
        yield formula


def declared(statement: Statement) -> tuple[str, ...]:
    """The names that a statement defines or declares, a sort's elements after the sort; none for a Python block."""
    match statement:
        case Let():
            return (statement.name,)
        case Var() | Const():
            return statement.names
        case Sort(elements=tuple(elements)):
            return (statement.name, *elements)
        case Sort():
            return (statement.name,)
        case Fun() | Rel():
            return tuple(signature.name for signature in statement.signatures)
        case Graph():
            return (statement.signature.name,)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """`node` and every node below it, parents first."""
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(reversed(tuple(children(top))))
