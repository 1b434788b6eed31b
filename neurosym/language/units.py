"""Units as the checker sees them: products of powers of singular words, equal, convertible or clashing.

Units are nouns of the problem (`clips`, `mile/hour`). Only measures (hours, dollars, miles) convert and clash: boys and
girls may be added, and so many apples times a price are dollars.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache, lru_cache
from itertools import combinations, product
from math import prod
from typing import TypeAlias

from neurosym.language.tree import Unit
from neurosym.language.unit_table import FROM_PINT, OURS, READINGS

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
"""Nouns that measure much the same thing, with an exact conversion or (months to days) without."""

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


_SPELLINGS: Mapping[str, str] = {
    spelling: word
    for line in """
        second s | hour h | meter metre m | kilometer kilometre km | centimeter centimetre cm
        millimeter millimetre mm | mile mi | yard yd
        gram g gramme | kilogram kg kilo | milligram mg | pound lb | ounce oz | metric_ton tonne
        liter litre l | milliliter millilitre ml | deciliter dl | centiliter cl | gallon gal | quart qt
        tablespoon tbsp | teaspoon tsp | fluid_ounce fl_oz | kilowatt_hour kwh | kilowatt kw | kilobyte kb
        megabyte mb | gigabyte gb | terabyte tb | kph kmh | penny pence | sterling gbp | euro eur
        percent percentage
    """.replace("\n", " | ").split("|")
    for word, *spellings in (line.split() or [""],)
    for spelling in spellings
}


def noun(word: str) -> str:
    """One spelling for each measure's name: singular, spelt out, American."""
    word = singular(word)
    return _SPELLINGS.get(word, word)


_POWERS: Mapping[str, int] = {"square": 2, "sq": 2, "cubic": 3}


@lru_cache(maxsize=1024)
def dimension(unit: Unit) -> Dimension:
    """The dimension that a written unit names; `square_meters` is meter^2."""
    factors = []
    for word, exponent in unit.factors:
        head, _, rest = word.lower().partition("_")
        known = head in _POWERS and bool(rest)
        factors.append((noun(rest if known else word), exponent * (_POWERS[head] if known else 1)))
    return power_product(factors)


def unit_of(dim: Dimension) -> Unit | None:
    """The unit that a dimension is written as, None where there is no way to write it (`1/hour`)."""
    above, below = ([(n, e) for n, e in dim if (e > 0) is up] for up in (True, False))
    return Unit((*above, *below)) if above else None


def measured(dim: Dimension) -> Dimension:
    """The part of a dimension that can clash: its measures, without the things counted."""
    return tuple((word, exponent) for word, exponent in dim if word in MEASURES)


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


# --- conversion -------------------------------------------------------------------------------------------------

MAX_EXPONENT = 12
"""Of a unit that is converted."""
NEAR = Fraction(1, 10)
"""How far from the exact factor a number may be that converts by hand: 1.6 km a mile, or the problem's own rate."""
MAX_NUMBERS = 6


def _table(*texts: str) -> Mapping[str, tuple[tuple[Fraction, Dimension], ...]]:
    """Each measure's readings, the usual one first: how many of which base units it is."""
    found: dict[str, tuple[tuple[Fraction, Dimension], ...]] = {}
    for line in "".join(texts).split("\n"):
        if line:
            word, factor, base = line.split()
            above, *below = base.split("/")
            signed = [(power, 1) for power in above.split("*") if power != "1"] + [(power, -1) for power in below]
            powers = ((name, sign * int(n or 1)) for power, sign in signed for name, _, n in [power.partition("^")])
            found[word] = (*found.get(word, ()), (Fraction(factor), power_product(powers)))
    return found


_READINGS = _table(FROM_PINT, OURS, READINGS)
MEASURES = frozenset(_READINGS)
"""The nouns that measure; every other noun counts things, which do not clash with each other."""


@lru_cache(maxsize=1024)
def conversion(source: Dimension, target: Dimension) -> Fraction | None:
    """How many of `target` one of `source` is, None where they measure different things. What is counted is ignored."""
    source, target = measured(source), measured(target)
    if source == target:
        return Fraction(1)
    if any(abs(e) > MAX_EXPONENT for _, e in (*source, *target)):
        return None
    words = list(dict.fromkeys(word for word, _ in (*source, *target)))
    for readings in product(*(_READINGS[word] for word in words)):
        read = dict(zip(words, readings, strict=True))
        bases = [power_product((n, k * e) for w, e in dim for n, k in read[w][1]) for dim in (source, target)]
        if bases[0] == bases[1]:
            one, other = (prod((read[w][0] ** e for w, e in dim), start=Fraction(1)) for dim in (source, target))
            return one / other
    return None


@lru_cache(maxsize=1024)
def reduced(dim: Dimension) -> Dimension:
    """One unit for each thing measured: `mile*minute/hour` is `mile`; a percentage of something is some of it."""
    kept = dict(dim)
    groups: dict[Dimension, list[str]] = {}
    for word, _ in measured(dim):
        groups.setdefault(_READINGS[word][0][1], []).append(word)
    for base, words in groups.items():
        if len(words) > 1 or (base == () and len(dim) > 1):
            largest = max(words, key=lambda word: _READINGS[word][0][0])
            total = sum(kept.pop(word) for word in words)
            if base:
                kept[largest] = total
    return power_product(kept.items())


def by_hand(numbers: Iterable[Fraction], factor: Fraction) -> bool:
    """Whether bare numbers that multiply a quantity, or some of them, are a conversion by `factor` or nearly so."""
    chosen = list(numbers)[:MAX_NUMBERS]
    subsets = (s for size in range(1, len(chosen) + 1) for s in combinations(chosen, size))
    return any(abs(prod(s, start=Fraction(1)) / factor - 1) <= NEAR for s in subsets)
