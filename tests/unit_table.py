"""Makes the table of units of neurosym/language/unit_table.py from pint's registry.

python tests/unit_table.py
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pint

WORDS = """
    second millisecond microsecond nanosecond minute hour day week fortnight
    meter kilometer decimeter centimeter millimeter micrometer nanometer inch foot yard mile nautical_mile light_year
    gram kilogram milligram microgram metric_ton ounce pound ton carat
    liter deciliter centiliter milliliter gallon quart pint cup fluid_ounce tablespoon teaspoon bushel hectare
    newton kilonewton joule kilojoule megajoule calorie kilocalorie watt_hour kilowatt_hour
    watt milliwatt kilowatt megawatt gigawatt horsepower pascal kilopascal psi
    ampere milliampere volt millivolt kilovolt ohm kiloohm coulomb farad
    hertz kilohertz megahertz gigahertz mph kph
    byte kilobyte megabyte gigabyte terabyte kilobit megabit gigabit percent
"""
"""Names that mean nothing but a measure: a `bar` of chocolate or a `stone` would clash where it should be counted."""


def rows() -> Iterator[str]:
    """One line a unit: `name factor product-of-base-units`."""
    registry: Any = pint.UnitRegistry(non_int_type=Fraction)
    for word in WORDS.split():
        base = registry.Quantity(Fraction(1), word).to_root_units()
        powers = sorted((exponent < 0, name, int(exponent)) for name, exponent in base.units._units.items())
        shown = "1" + "".join(
            ("/" if below else "*") + (name if abs(exponent) == 1 else f"{name}^{abs(exponent)}")
            for below, name, exponent in powers
        )
        yield f"{word} {Fraction(base.magnitude)} {shown.removeprefix('1*')}"


if __name__ == "__main__":
    print("\n".join(rows()))
