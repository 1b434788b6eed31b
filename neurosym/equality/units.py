"""The units that answers come in: names to products of base units, exactly, so that 3.5 hours are 210 minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from neurosym.equality.answers import Unit
from neurosym.language.quantities import numbers_in
from neurosym.language.units import power_product, singular

_TABLE = """
second 1 second = s sec secs
second 60 minute = min mins
second 3600 hour = h hr hrs
second 86400 day
second 604800 week = wk wks
second 1/1000 millisecond = ms
month 1 month
month 12 year = yr yrs
month 120 decade
month 1200 century
mm 1 millimeter = mm millimetre
mm 10 centimeter = cm centimetre
mm 1000 meter = m metre
mm 1000000 kilometer = km kilometre kms
mm 127/5 inch = in
mm 1524/5 foot = ft
mm 4572/5 yard = yd yds
mm 1609344 mile = mi
gram 1 gram = g
gram 1/1000 milligram = mg
gram 1000 kilogram = kg kilo kgs
gram 1000000 tonne
gram 45359237/1600000 ounce = oz
gram 45359237/100000 pound = lb lbs
mm^3 1000 milliliter = ml millilitre
mm^3 1000000 liter = l litre
mm^3 473176473/2000 cup
mm^3 473176473/1000 pint = pt
mm^3 473176473/500 quart = qt
mm^3 473176473/125 gallon = gal
mm^3 473176473/32000 tablespoon = tbsp
mm^3 157725491/32000 teaspoon = tsp
dollar 1 dollar = usd buck
dollar 1/100 cent = penny pennies
dollar 1/20 nickel
dollar 1/10 dime
euro 1 euro = eur
sterling 1 sterling = gbp
sterling 1/100 pence = p
rupee 1 rupee = rs inr
yen 1 yen = jpy
yuan 1 yuan = cny rmb
degree 1 degree = deg °
"""

CURRENCIES: Mapping[str, str] = {
    "$": "dollars", "¢": "cents", "€": "euros", "£": "sterling", "¥": "yen", "₹": "rupees",
}  # fmt: skip
"""Signs of money, and the word that stands for each."""

LETTERS = frozenset("smghlL")
"""Units of one letter, which in `5 m` may also be a variable."""

AMBIGUOUS_PAIRS = frozenset({frozenset({"gram", "mm"}), frozenset({"sterling", "gram"})})
"""Dimensions that one word may name: an ounce of weight or of fluid, a pound of weight or of money."""


def _table() -> dict[str, Unit]:
    units = {}
    for line in _TABLE.strip().splitlines():
        entry, _, spellings = line.partition("=")
        base, scale, name = entry.split()
        word, _, power = base.partition("^")
        unit = Unit(((word, int(power or 1)),), Fraction(scale), True, name)
        for spelling in (name, *spellings.split()):
            units[spelling] = unit
    for name, spelling in (("mph", "mile"), ("kph", "kilometer"), ("kmh", "kilometer")):
        units[name] = replace(product(units[spelling], to_the(units["hour"], -1)), text=name)
    return units


def product(left: Unit, right: Unit) -> Unit:
    """The unit of a product."""
    text = f"{left.text} {right.text}".replace(" 1/", "/")
    return Unit(
        power_product((*left.dimension, *right.dimension)), left.scale * right.scale, left.known and right.known, text
    )


def to_the(unit: Unit, exponent: int) -> Unit:
    """The unit of a power; the exponent is small."""
    dimension = tuple((name, power * exponent) for name, power in unit.dimension) if exponent else ()
    text = f"1/{unit.text}" if exponent == -1 else f"{unit.text}^{exponent}"
    return Unit(dimension, unit.scale**exponent, unit.known, text)


UNITS = _table()
"""Singular or symbol → unit."""

_NOT_NOUNS = frozenset(
    str.split(
        "squared cubed factorial more less fewer over under times each every off rest left plus minus point points out"
        " than per percent about nearly almost approximately around at least most or and not no none choose mod modulo"
        " base power root roots equal equals is are was undefined infinite infinity total half multiplied divided added"
    )
)
"""Words that change the number before them, or say something else of it, and so are no noun that it counts."""


def known(word: str) -> Unit | None:
    """The unit in the table that `word` spells, of more than one letter unless its case fits."""
    if len(word) == 1:
        return UNITS.get(word.lower()) if word in LETTERS or word == "°" else None
    return UNITS.get(word.lower()) or UNITS.get(singular(word))


def noun(word: str) -> Unit | None:
    """The unit that a counted noun is (`72 clips`), or None where the word may change the number: `3 halves`."""
    single = singular(word)
    if len(word) < 3 or {word.lower(), single} & _NOT_NOUNS or single.endswith(("th", "illion")) or numbers_in(single):
        return None
    return Unit(((single, 1),), Fraction(1), False, word)
