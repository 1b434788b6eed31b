"""Numbers and words as English writes them: one value, many forms."""

from __future__ import annotations

import calendar
import re
from fractions import Fraction
from random import Random

_ONES = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
]
_TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_PARTS = {2: "half", 4: "quarter"}


def number(value: Fraction, form: str, random: Random) -> str:
    """`value` in one of the forms a family may ask for.

    "": digits, with commas from a thousand on as often as not; "plain": digits without commas, as in a year; "words":
    three hundred five, half, two thirds; "either": digits or words; "money": $2.50; "ordinal": third; "times": twice,
    three times; "minutes": 05, as in 9:05; "month": March for 3; "weekday": Monday for 1. Raises KeyError for another.
    """
    match form:
        case "":
            return digits(value, commas=random.random() < 0.5)
        case "words":
            return in_words(value)
        case "either":
            return number(value, random.choice(["", "", "words"]), random)
        case "money":
            return f"${value}" if value.denominator == 1 else f"${float(value):.2f}"
        case "ordinal":
            return ordinal(int(value))
        case "times":
            return "twice" if value == 2 else f"{number(value, 'either', random)} times"
        case "plain":
            return digits(value)
        case "minutes":
            return f"{int(value):02}"
        case "month":
            return calendar.month_name[int(value)]
        case "weekday":
            return calendar.day_name[int(value) - 1]
    raise KeyError(f"a number has no form {form!r}")


def digits(value: Fraction, *, commas: bool = False) -> str:
    """45, 1,200, 2.5, or 2/3 where no decimal says it."""
    if value.denominator == 1:
        return f"{int(value):,}" if commas else str(value)
    decimal = f"{float(value):.4f}".rstrip("0")
    return decimal if Fraction(decimal) == value else str(value)


def in_words(value: Fraction) -> str:
    """Seventeen, one thousand two hundred five, half, three quarters."""
    if value.denominator == 1:
        return _integer(int(value))
    above, below = value.numerator, value.denominator
    if value > 1:
        return f"{_integer(above // below)} and {in_words(Fraction(above % below, below))}"
    part = _PARTS.get(below) or ordinal(below)
    if above == 1:
        return part if below == 2 else f"one {part}"
    return f"{_integer(above)} {part}s"


def ordinal(value: int) -> str:
    """First, second, twenty-first."""
    head, last = re.fullmatch(r"(.*?)(\w+)", _integer(value)).groups()  # type: ignore[union-attr]
    return head + (_ORDINALS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else f"{last}th"))


def _integer(value: int) -> str:
    if value < 0:
        return f"minus {_integer(-value)}"
    for size, name in ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred")):
        if value >= size:
            rest = f" {_integer(value % size)}" if value % size else ""
            return f"{_integer(value // size)} {name}{rest}"
    if value < 20:
        return _ONES[value]
    return _TENS[value // 10] + (f"-{_ONES[value % 10]}" if value % 10 else "")


_PRONOUNS = {
    "he": {"she": "she", "he": "he"},
    "him": {"she": "her", "he": "him"},
    "his": {"she": "her", "he": "his"},
    "himself": {"she": "herself", "he": "himself"},
}


def word(written: str, form: str) -> str:
    """A word of a list in one of its forms. `written` is "box/boxes", "Ann/she" or a plain word.

    "": as it is; "s": plural; "a": with its article; "'s": of a person; "he", "him", "his", "himself": the person's
    pronoun. Raises KeyError for another.
    """
    plain, _, other = written.partition("/")
    if form in _PRONOUNS:
        return _PRONOUNS[form][other]
    if form == "s":
        return other or _plural(plain)
    if form == "a":
        return f"{'an' if plain[0] in 'aeiouAEIOU' else 'a'} {plain}"
    if form:
        raise KeyError(f"a word has no form {form!r}")
    return plain


def _plural(noun: str) -> str:
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def identifier(text: str) -> str:
    """A word as a name of the language: `toy car` is `toy_car`."""
    return re.sub(r"\W+", "_", text.lower()).strip("_")


_SENTENCE = re.compile(r"(?:^|(?<=[.?!]\s)|(?<=[.?!][\"”]\s))([a-z])")


def capitalised(text: str) -> str:
    """The text, each of its sentences with a capital."""
    return _SENTENCE.sub(lambda m: m[1].upper(), text)
