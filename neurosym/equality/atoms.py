"""Monomials: products of rational powers of atoms, and what becomes a number in them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TypeAlias

from neurosym.language.values import bounded, power

_TRIAL = 5_000
"""Bases are divided by the numbers up to this one; what is left below its square is prime."""

Atom: TypeAlias = tuple[object, ...]
Monomial: TypeAlias = frozenset[tuple[Atom, Fraction]]
Polynomial: TypeAlias = Mapping[Monomial, Fraction]
UNIT: Monomial = frozenset()


def joined(powers: Iterable[tuple[Atom, Fraction]]) -> tuple[Fraction, Monomial]:
    """A product of powers of atoms: a factor, and the monomial left; whole powers of primes are numbers, i^2 is -1."""
    exponents: dict[Atom, Fraction] = {}
    for atom, exponent in powers:
        exponents[atom] = exponents.get(atom, Fraction(0)) + exponent
    factor = Fraction(1)
    for atom, exponent in exponents.items():
        if atom[0] in ("prime", "number"):
            base = atom[1]
            assert isinstance(base, int)
            factor = bounded(factor * power(Fraction(base), Fraction(math.floor(exponent))))
            exponents[atom] = exponent % 1
        elif atom == ("i",):
            factor *= -1 if exponent % 4 >= 2 else 1
            exponents[atom] = exponent % 2
    return factor, frozenset((a, x) for a, x in exponents.items() if x)


def content(p: Polynomial) -> Fraction:
    """The positive rational that leaves coprime integers."""
    above = math.gcd(*(c.numerator for c in p.values()))
    below = math.lcm(*(c.denominator for c in p.values()))
    return bounded(Fraction(above, below))


def factors(n: int) -> list[tuple[Atom, int]]:
    """The prime factors of a positive integer as atoms, with multiplicity; a large rest is not called prime."""
    found: list[tuple[Atom, int]] = []
    divisor = 2
    while divisor < _TRIAL and divisor * divisor <= n:
        times = 0
        while n % divisor == 0:
            n, times = n // divisor, times + 1
        if times:
            found.append((("prime", divisor), times))
        divisor += 1 if divisor == 2 else 2
    if n > 1:
        found.append((("prime", n) if n < _TRIAL * _TRIAL else ("number", n), 1))
    return found
