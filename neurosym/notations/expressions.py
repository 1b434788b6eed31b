"""Pieces of our tree that several notations build: literals, joins, negation, names that are free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from neurosym.language import tree as t
from neurosym.language.bounds import MAX_DIGITS
from neurosym.language.builtins import BUILTINS
from neurosym.language.diagnostic import Span
from neurosym.notations.parsing import refuse

COMPARE = {op.name.lower(): op for op in t.CompareOp}
ARITHMETIC = {op.name.lower(): op for op in t.BinaryOp}
"""Names of grammar rules → operators."""


def number(text: str, at: Span | None) -> t.Number:
    """A literal. Raises ProgramError where it is too long."""
    if len(text) > MAX_DIGITS:
        raise refuse("too-large", f"a number has at most {MAX_DIGITS} digits", at)
    return t.Number(Fraction(text), span=at)


def join(op: t.BinaryOp, parts: Sequence[t.Expr], at: Span | None) -> t.Expr:
    """`parts` joined by `and`, `or` or `+`; long joins are balanced, so that they do not nest deep."""
    if not parts:
        return t.Truth(op is t.BinaryOp.AND, span=at)
    if len(parts) <= 8:
        joined = parts[0]
        for part in parts[1:]:
            joined = t.Binary(op, joined, part, span=at)
        return joined
    middle = len(parts) // 2
    return t.Binary(op, join(op, parts[:middle], at), join(op, parts[middle:], at), span=at)


def negation(e: t.Expr) -> t.Expr:
    """not e."""
    return t.Unary(t.UnaryOp.NOT, e, span=e.span)


def guarded(op: t.Quantifier, guards: Sequence[t.Expr], body: t.Expr) -> t.Expr:
    """A quantifier's body where only the values that fulfil `guards` are meant."""
    if not guards:
        return body
    joiner = t.BinaryOp.AND if op is t.Quantifier.EXISTS else t.BinaryOp.IMPLIES
    return t.Binary(joiner, join(t.BinaryOp.AND, guards, body.span), body, span=body.span)


def free(name: str, taken: Iterable[str] = ()) -> str:
    """`name`, changed where it stands for something else in our language or in `taken`."""
    reserved = {*BUILTINS, "int", "real", "count", "bool", "date", *taken}
    while name in reserved:
        name += "_"
    return name
