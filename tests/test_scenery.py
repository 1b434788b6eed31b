"""Numbers that need not be used, by how they are said; and those that must be, however they are."""

from __future__ import annotations

import pytest

from neurosym.language.quantities import numbers_in
from neurosym.language.scenery import is_scenery


def aside(text: str, number: str) -> bool:
    quantities = numbers_in(text)
    (q,) = (q for q in quantities if q.surface == number)
    return is_scenery(q, text, quantities, set())


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("The barn of 1984 holds some hay.", "1984"),
        ("They met on August 17 and talked.", "17"),
        ("The show begins at 9 pm and ends late.", "9"),
        ("She flew a 747 airplane with guests.", "747"),
        ("On day 2 she counts three times as many.", "2"),
        ("Her uncle, who is 40 years old, bakes.", "40"),
        ("Children (ages 7, 10) enter free.", "10"),
        ("Two days ago it rained.", "Two"),
        ("For the next two hours she rests.", "two"),
        ("How much did he earn in the three days?", "three"),
        ("Who saves at least 100 coins gets a bonus.", "100"),
        ("He has three plots: one plot is wet, another is dry.", "three"),
        ("She took a 2 hour shift.", "2"),
        ("The digits of a 2-digit number add up.", "2"),
        ("The third bird sings.", "third"),
        ("Of the angles, 3 are known: 56.0°, 41.0° and 82.5°.", "3"),
        ('The bits of "110" are not fair.', "110"),
        ("Give it with a maximum of 8 decimals.", "8"),
        ("Write a fraction (e.g. 3/8).", "3/8"),
        ("Roll dice. ('twice W' means rolls of an 8-sided one.)", "8"),
        ("Suppose that\n1. All cats purr.\n2. No dog does.\nDoes it?", "2"),
        ("Compute it, rounding up from the half.", "half"),
        ("Give the ratio rounded to two decimal places.", "two"),
        ("Round your result to 3 significant digits.", "3"),
    ],
)
def test_told_in_passing(text: str, number: str) -> None:
    assert aside(text, number)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("He buys 3 boxes with some eggs each.", "3"),
        ("A ticket costs $8 here.", "8"),
        ("She wins nine rounds and half of the games.", "half"),
        ("Rounded to the dollar, 12 pens cost a lot.", "12"),
        ("She gets 4 more plums than Ann.", "4"),
        ("The tank holds 40 liters.", "40"),
        ("20% of the birds fly away.", "20%"),
        ("He runs 5 times as far.", "5"),
        ("It weighs 7 pounds.", "7"),
        ("They picked 88 apples.", "88"),
        ("Each of 6 hens lays eggs.", "6"),
        ("Of 3 sacks, one weighs 20, 30 or 50 pounds and another 40.", "40"),
        ("Of 2 crates, he fills some with 20, 30 and 50 nuts.", "2"),
    ],
)
def test_to_be_used(text: str, number: str) -> None:
    assert not aside(text, number)
