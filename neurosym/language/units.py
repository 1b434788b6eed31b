"""Units as the checker sees them: products of powers of singular words, equal or clashing.

Units are nouns of the problem (`clips`, `mile/hour`), so there is no table of known ones; two spellings of one noun
are made equal here, and nothing is converted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TypeAlias

from neurosym.language.tree import Unit

Dimension: TypeAlias = tuple[tuple[str, int], ...]
"""(singular noun, exponent) pairs sorted by noun; () is a plain ratio. None, in the checker, fits any context."""

_IRREGULAR: Mapping[str, str] = {
    "feet": "foot",
    "ft": "foot",
    "inches": "inch",
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "mice": "mouse",
    "geese": "goose",
    "teeth": "tooth",
    "leaves": "leaf",
    "loaves": "loaf",
    "knives": "knife",
    "shelves": "shelf",
    "halves": "half",
    "hr": "hour",
    "hrs": "hour",
    "min": "minute",
    "mins": "minute",
    "sec": "second",
    "secs": "second",
    "usd": "dollar",
    "bucks": "dollar",
    "buses": "bus",
    "cookies": "cookie",
    "movies": "movie",
    "pies": "pie",
    "ties": "tie",
}


@cache
def singular(noun: str) -> str:
    """The singular of an English plural, near enough that both spellings of a problem's noun meet."""
    word = noun.lower()
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes", "toes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 2:
        return word[:-1]
    return word


def dimension(unit: Unit) -> Dimension:
    """The dimension that a written unit names."""
    return power_product((singular(noun), exponent) for noun, exponent in unit.factors)


def power_product(factors: Iterable[tuple[str, int]]) -> Dimension:
    """Multiply powers of nouns together, dropping what cancels."""
    powers: dict[str, int] = {}
    for noun, exponent in factors:
        powers[noun] = powers.get(noun, 0) + exponent
    return tuple(sorted((n, e) for n, e in powers.items() if e))


def times(left: Dimension, right: Dimension) -> Dimension:
    """The dimension of a product."""
    return power_product((*left, *right))


def to_the(base: Dimension, exponent: int) -> Dimension:
    """The dimension of an integer power."""
    return tuple((n, e * exponent) for n, e in base) if exponent else ()


def show_dimension(dim: Dimension) -> str:
    """In words for a message: `mile/hour`, or `a plain ratio`."""
    if not dim:
        return "a plain ratio"
    above = [n if e == 1 else f"{n}^{e}" for n, e in dim if e > 0]
    below = [n if e == -1 else f"{n}^{-e}" for n, e in dim if e < 0]
    return "/".join(["*".join(above) or "1", *below])
