"""Bounds on what SymPy is asked to build: towers, huge factorials and degree bombs are refused before they are made."""

from __future__ import annotations

import math

import sympy as sp

from neurosym.solvers.base import Unsupported

MAX_BITS = 14_000
"""Python writes integers of up to 4300 digits, and SymPy writes some on its way."""
MAX_EXPONENT = 10_000
MAX_LOG2 = 1_000_000
MAX_ROOT_BITS = 512
MAX_FACTORIAL = 1_500
MAX_NODES = 2_000
MAX_DEPTH = 120
MAX_TERMS = 2_000
MAX_DEGREE = 100


class GaveUp(Exception):
    """SymPy found no closed form, or a method that is known to be complete does not apply; `str` says which."""


def bits(value: sp.Rational) -> int:
    """The size of an exact number: the bit length of the longer of numerator and denominator."""
    return max(int(value.p).bit_length(), int(value.q).bit_length())


def bounded(value: sp.Expr) -> sp.Expr:
    """`value`, where it is small enough to compute with. Raises Unsupported."""
    if value.is_Rational and bits(value) > MAX_BITS:
        raise Unsupported(f"a number would exceed {MAX_BITS} bits")
    return value


def power(base: sp.Expr, exponent: sp.Expr) -> None:
    """Raise Unsupported where `base ^ exponent` would be too large to write out."""
    if base in (0, 1, -1):
        return
    if base.is_Rational and exponent.is_Rational:
        if bits(base) * abs(exponent.p) > MAX_BITS * (1 if exponent.q == 1 else exponent.q):
            raise Unsupported(f"a power would exceed {MAX_BITS} bits")
        if exponent.q != 1 and (bits(base) > MAX_ROOT_BITS or exponent.q > 1_000 or abs(exponent.p) > MAX_EXPONENT):
            raise Unsupported(f"a root of a number of more than {MAX_ROOT_BITS} bits")
    elif base.is_number and exponent.is_number:
        log2 = abs(sp.N(exponent, 15) * sp.log(abs(sp.N(base, 15)), 2).evalf(15))
        if not log2 < MAX_LOG2:
            raise Unsupported("a power that is too large")
    elif exponent.is_Rational and (abs(exponent.p) > MAX_EXPONENT or exponent.q > 1_000):
        raise Unsupported(f"an exponent above {MAX_EXPONENT}")


def factorial(n: sp.Expr) -> None:
    """Raise Unsupported where `n!` would be too large."""
    if n.is_number and n > MAX_FACTORIAL:
        raise Unsupported(f"the factorial of a number above {MAX_FACTORIAL}")


def binomial(n: sp.Expr, k: sp.Expr) -> None:
    """Raise Unsupported where `n choose k` (or the ordered choices) of two integers would be too large."""
    if int(k) * int(n).bit_length() > MAX_BITS:
        raise Unsupported(f"a number of choices would exceed {MAX_BITS} bits")


def size(expr: sp.Basic) -> None:
    """Raise Unsupported where `expr`, written out as a tree, is too large or too deep.

    SymPy shares equal parts but most of its algorithms walk the tree; the measure itself shares.
    """
    known: dict[sp.Basic, tuple[int, int]] = {}
    stack = [(expr, False)]
    while stack:
        node, ready = stack.pop()
        if node in known:
            continue
        if not ready:
            stack.append((node, True))
            stack.extend((arg, False) for arg in node.args)
            continue
        below = [known[arg] for arg in node.args]
        known[node] = (1 + sum(n for n, _ in below), 1 + max((d for _, d in below), default=0))
    nodes, depth = known[expr]
    if nodes > MAX_NODES or depth > MAX_DEPTH:
        raise Unsupported(f"an expression of {nodes} parts, {depth} deep (at most {MAX_NODES} and {MAX_DEPTH})")


def expansion(expr: sp.Expr) -> None:
    """Raise Unsupported where multiplying `expr` out would give too many terms or too high a degree."""
    terms, degree = _expanded(expr)
    if terms > MAX_TERMS:
        raise Unsupported(f"a polynomial of more than {MAX_TERMS} terms")
    if degree > MAX_DEGREE:
        raise Unsupported(f"a polynomial of degree {degree} (at most {MAX_DEGREE})")


def _expanded(expr: sp.Expr) -> tuple[int, int]:
    """Upper bounds on the number of terms and the total degree of `expr` multiplied out."""
    if not expr.free_symbols and not expr.is_Pow and not expr.is_Add and not expr.is_Mul:
        return 1, 0
    if expr.is_Add or expr.is_Mul:
        parts = [_expanded(arg) for arg in expr.args]
        if expr.is_Add:
            return sum(n for n, _ in parts), max(d for _, d in parts)
        return math.prod(n for n, _ in parts), sum(d for _, d in parts)
    if expr.is_Pow and expr.exp.is_Integer:
        terms, degree = _expanded(expr.base)
        n = abs(int(expr.exp))
        return (1 if terms == 1 else math.comb(terms + min(n, 200) - 1, terms - 1)), degree * n
    return 1, 1


def substitute(expr: sp.Basic, values: dict[sp.Symbol, sp.Expr]) -> sp.Basic:
    """`expr` with symbols replaced at once, powers and factorials guarded; nan for `mod` by 0. Raises Unsupported."""
    if not expr.free_symbols & values.keys():
        return expr
    if expr.is_Symbol:
        return values[expr]
    args = [substitute(arg, values) for arg in expr.args]
    if expr.is_Pow:
        power(*args)
    elif isinstance(expr, sp.factorial):
        factorial(args[0])
    elif isinstance(expr, sp.Mod) and args[1].is_zero:
        return sp.nan  # where SymPy raises
    return bounded(expr.func(*args))
