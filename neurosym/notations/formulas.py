"""One formula of first-order logic, text → tree, in any spelling that a grammar of ours gives it.

Two slips have, often, only one reading, and are mended then: a bracket too few or too many, where every place that
it could stand gives the same tree; and a quantifier whose scope, taken literally, leaves its variable free further
on, as in `∀x P(x) → Q(x)`: the scope then runs as far as it can. Names are kept as written; what they stand for is
settled for the whole program in neurosym.notations.vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from lark import Token

from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic
from neurosym.notations.brackets import anywhere
from neurosym.notations.parsing import Line, Parsed, Place, parse, refuse, span_at

THING = "thing"
"""The sort of everything, until the vocabulary names it."""
MAX_PASSES = 4
"""How often scopes are widened in one formula, each time all that fall short; one is what is seen in practice."""


@dataclass(frozen=True)
class Formula:
    """A formula and the slips that were mended in it."""

    tree: t.Expr
    mends: tuple[Diagnostic, ...] = field(default=(), compare=False)


def read_formula(text: str, place: Place = (1, 1), *, grammar: str = "fol") -> Formula:
    """The formula that `text`, which stands at `place`, says in `grammar` ("fol", "prover9", ...).

    Raises ProgramError with one located diagnostic where it does not read.
    """
    return mended(text, place, lambda said: _scoped(said, grammar, place))


def mended(text: str, place: Place, read: Callable[[str], Formula]) -> Formula:
    """What `read` makes of `text`, a bracket put in or taken out if that reads in one way only. Raises ProgramError."""
    formula, slip = anywhere(text, read)
    if slip is None:
        return formula
    return Formula(formula.tree, (Diagnostic("mended-bracket", slip, Line(text, place).span), *formula.mends))


# --- scopes -----------------------------------------------------------------------------------------------------


def _scoped(text: str, grammar: str, place: Place) -> Formula:
    """The formula, each quantifier reaching as far as its variable is used within the brackets around it."""
    mends: list[Diagnostic] = []
    parsed = parse(text, grammar, place)
    for passes in range(MAX_PASSES):
        short = list(_short(parsed.children[0], frozenset()))
        if not short:
            return Formula(_Lowering(place if passes == 0 else None).formula(parsed.children[0]), tuple(mends))
        put_in: dict[int, str] = {}
        for quantifier, end in short:
            begin = _extent(quantifier.children[-1])[0]
            put_in[begin] = "("
            put_in[end] = put_in.get(end, "") + ")"
            if not quantifier.data.startswith("dotted"):
                names = ", ".join(map(str, quantifier.children[:-1]))
                what = f"{names} is used outside its scope, which is taken to run as far as it can"
                where = span_at(quantifier, place) if passes == 0 else None
                mends.append(Diagnostic("mended-scope", what, where))
        text = "".join(put_in.get(k, "") + c for k, c in enumerate(text)) + put_in.get(len(text), "")
        parsed = parse(text, grammar, place)
    what = "how far the quantifiers reach cannot be told"
    raise refuse("scope", what, span_at(parsed, place), "write ∀x (...)")


def _short(region: _Node, bound: frozenset[str]) -> Iterator[tuple[Parsed, int]]:
    """The quantifiers of a bracketed region that should reach further, to its end, which comes with each."""
    end, free = _extent(region)[1], _free(region)
    claimed: frozenset[str] = frozenset()  # by those met further left, whose scope then holds the rest
    todo: list[tuple[_Node, frozenset[str]]] = [(region, bound)]
    while todo:
        node, bound = todo.pop()
        if isinstance(node, Token):
            continue
        if node.data == "group":
            yield from _short(node.children[0], bound | claimed)
            continue
        if node.data in _QUANTIFIERS:
            names = frozenset(map(str, node.children[:-1]))
            stop = _extent(node)[1]
            later = any(free.get(name, 0) >= stop for name in names - bound - claimed)
            if stop < end and (later or node.data.startswith("dotted")):
                claimed |= names
                yield node, end
            bound |= names
        todo.extend((child, bound) for child in reversed(node.children))


def _free(region: _Node) -> dict[str, int]:
    """The names that are free in a region, each with the position of its last use there."""
    found: dict[str, int] = {}
    todo: list[tuple[_Node, frozenset[str]]] = [(region, frozenset())]
    while todo:
        node, bound = todo.pop()
        if isinstance(node, Token):
            if node not in bound:
                found[str(node)] = max(found.get(str(node), 0), _extent(node)[0])
            continue
        parts = node.children
        if node.data in _QUANTIFIERS:
            bound, parts = bound.union(map(str, parts[:-1])), parts[-1:]
        elif node.data == "call":
            parts = parts[1:]
        todo.extend((part, bound) for part in parts)
    return found


def _extent(node: _Node) -> tuple[int, int]:
    """Where a parsed node begins and ends in its text."""
    at: Any = node if isinstance(node, Token) else node.meta
    return at.start_pos, at.end_pos


# --- lowering ---------------------------------------------------------------------------------------------------


class _Lowering:
    """Parse → tree; spans only where the text was parsed as it stands."""

    def __init__(self, place: Place | None) -> None:
        self.place = place

    def formula(self, node: _Node) -> t.Expr:
        span = span_at(node, self.place) if self.place else None
        if isinstance(node, Token):
            return t.Name(unquoted(node), span=span)
        parts = node.children
        match node.data:
            case "group":
                return self.formula(parts[0])
            case "not_":
                return t.Unary(t.UnaryOp.NOT, self.formula(parts[0]), span=span)
            case "if_":
                return t.Binary(t.BinaryOp.IMPLIES, self.formula(parts[1]), self.formula(parts[0]), span=span)
            case "eq" | "ne":
                rest = ((t.CompareOp[node.data.upper()], self.formula(parts[1])),)
                return t.Compare(self.formula(parts[0]), rest, span=span)
            case "true" | "false":
                return t.Truth(node.data == "true", span=span)
            case "words":
                return t.Name(" ".join(map(str, parts)), span=span)
            case "call":
                name, *arguments = parts
                assert isinstance(name, Token)
                return t.Call(unquoted(name), tuple(self.formula(a) for a in arguments), span=span)
        if node.data in _QUANTIFIERS:
            binder = t.Binder(tuple(map(str, parts[:-1])), THING)
            return t.Quantified(_QUANTIFIERS[node.data], (binder,), self.formula(parts[-1]), span=span)
        return t.Binary(_BINARY[node.data], self.formula(parts[0]), self.formula(parts[1]), span=span)


def unquoted(token: Token) -> str:
    """A name without its quotes."""
    return str(token)[1:-1] if token.type == "QUOTED" else str(token)


_Node: TypeAlias = Parsed | Token
_QUANTIFIERS = {
    "forall": t.Quantifier.FORALL,
    "dotted_forall": t.Quantifier.FORALL,
    "exists": t.Quantifier.EXISTS,
    "dotted_exists": t.Quantifier.EXISTS,
}
_BINARY = {
    "iff": t.BinaryOp.IFF,
    "imp": t.BinaryOp.IMPLIES,
    "xor": t.BinaryOp.XOR,
    "disj": t.BinaryOp.OR,
    "conj": t.BinaryOp.AND,
}
