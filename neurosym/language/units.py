"""Units as the checker sees them: products of powers of singular words, equal or clashing.

Units are nouns of the problem (`clips`, `mile/hour`). Only measures (hours, dollars, miles) clash: boys and girls may
be added, and so many apples times a price are dollars. Nothing is converted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TypeAlias

from neurosym.language.tree import Unit

Dimension: TypeAlias = tuple[tuple[str, int], ...]
"""(singular noun, exponent) pairs sorted by noun; () is a plain ratio. None, in the checker, fits any context."""

FAMILIES = tuple(
    frozenset(words.split())
    for words in (
        "second minute hour day week month year decade century",
        "dollar cent euro penny",
        "inch foot yard mile meter kilometer centimeter millimeter",
        "gram kilogram ounce pound ton",
        "liter milliliter gallon quart pint cup",
    )
)
"""Nouns that measure the same thing: two of one family never stand for each other without a conversion."""

MEASURES = frozenset().union(*FAMILIES, {"percent", "degree", "watt", "volt", "joule", "acre", "hectare"})
"""The nouns that measure; every other noun counts things, which do not clash with each other."""

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


_POWERS: Mapping[str, int] = {"square": 2, "sq": 2, "cubic": 3}


def dimension(unit: Unit) -> Dimension:
    """The dimension that a written unit names; `square_meters` is meter^2."""
    factors = []
    for noun, exponent in unit.factors:
        head, _, rest = noun.lower().partition("_")
        known = head in _POWERS and bool(rest)
        factors.append((singular(rest if known else noun), exponent * (_POWERS[head] if known else 1)))
    return power_product(factors)


def measured(dim: Dimension) -> Dimension:
    """The part of a dimension that can clash: its measures, without the things counted."""
    return tuple((noun, exponent) for noun, exponent in dim if noun in MEASURES)


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
