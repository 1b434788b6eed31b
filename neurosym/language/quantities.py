"""The numbers that a text states, in digits or in words, with their places: what a program's literals must trace to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

MAX_DIGITS = 40
"""A longer run of digits is a code or an attack, not a quantity."""


class Form(StrEnum):
    """How a number is said, which decides what a program may write for it."""

    CARDINAL = "cardinal"
    PERCENT = "percent"
    FRACTION = "fraction"
    """`3/4`, `two thirds`, `half`, `a quarter`; also mixed ones."""
    FACTOR = "factor"
    """`twice`, `triple`, `dozen`."""
    ORDINAL = "ordinal"
    """`third`, `2nd`: a position, seldom computed with."""
    ARTICLE = "article"
    """`one`, `once`, `single`, and numerals within names (`B12`): grounds a literal, but need not be used."""


@dataclass(frozen=True)
class Quantity:
    """A number in a text: `text[start:end] == surface`. 20% has value 1/5; `two dozen` is 24, of parts 2 and 12."""

    value: Fraction
    start: int
    end: int
    surface: str
    form: Form = Form.CARDINAL
    parts: tuple[Fraction, ...] = ()


_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_UNITS: Mapping[str, int] = {word: n for n, word in enumerate(_SMALL)}
_TENS: Mapping[str, int] = {
    word: 10 * n for n, word in enumerate(str.split("twenty thirty forty fifty sixty seventy eighty ninety"), start=2)
}
_SCALES: Mapping[str, int] = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "dozen": 12,
}
_ORDINALS: Mapping[str, int] = {
    word: n
    for n, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
            "twentieth",
        ],
        start=1,
    )
}
_DENOMINATORS: Mapping[str, int] = {
    **{word: n for word, n in _ORDINALS.items() if n > 2},
    **{word + "s": n for word, n in _ORDINALS.items() if n > 2},
    "half": 2,
    "halves": 2,
    "quarter": 4,
    "quarters": 4,
    "fourth": 4,
    "fourths": 4,
    "hundredth": 100,
    "hundredths": 100,
    "thirtieth": 30,
    "fortieth": 40,
    "fiftieth": 50,
}
_FACTORS: Mapping[str, int] = {
    **dict.fromkeys(("twice", "double", "doubled", "doubles", "doubling", "twofold"), 2),
    **dict.fromkeys(("thrice", "triple", "tripled", "triples", "tripling", "threefold", "treble"), 3),
    **dict.fromkeys(("quadruple", "quadrupled", "quadruples", "fourfold"), 4),
    **dict.fromkeys(("quintuple", "quintupled", "fivefold"), 5),
    "tenfold": 10,
    "dozen": 12,
    "dozens": 12,
}
_IMPLIED: Mapping[str, int] = {
    **dict.fromkeys(("once", "single", "alone", "one", "ones", "only"), 1),
    **dict.fromkeys(("pair", "pairs", "couple", "couples", "both", "twins", "twin", "duo", "biweekly", "either"), 2),
    **dict.fromkeys(("trio", "triplets", "triplet"), 3),
    **dict.fromkeys(("quartet", "quadruplets"), 4),
    **dict.fromkeys(("decade", "decades"), 10),
    **dict.fromkeys(("fortnight", "fortnights"), 14),
    **dict.fromkeys(("gross", "noon", "midnight"), 12),
    **dict.fromkeys(("century", "centuries"), 100),
    **dict.fromkeys(("nothing", "none", "no", "free", "empty"), 0),
}
_VULGAR: Mapping[str, Fraction] = {
    "½": Fraction(1, 2),
    "⅓": Fraction(1, 3),
    "⅔": Fraction(2, 3),
    "¼": Fraction(1, 4),
    "¾": Fraction(3, 4),
    "⅕": Fraction(1, 5),
    "⅛": Fraction(1, 8),
}

_TOKEN = re.compile(
    r"""(?P<digits>(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)
      | (?P<vulgar>[½⅓⅔¼¾⅕⅛])
      | (?P<word>[^\W\d_]+)
      | (?P<sign>[%/])""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int

    @property
    def value(self) -> Fraction:
        return Fraction(self.text.replace(",", ""))


def numbers_in(text: str) -> tuple[Quantity, ...]:
    """Every number stated in `text`, in order of place and never overlapping. Total: any text is welcome."""
    tokens = [_Token(m.lastgroup or "", m.group().lower(), m.start(), m.end()) for m in _TOKEN.finditer(text)]
    return tuple(_Scanner(text, tokens).quantities())


class _Scanner:
    """Reads the longest number at each token; `near` tells whether two tokens belong to one expression."""

    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self.text, self.tokens, self.at = text, tokens, 0

    def quantities(self) -> Iterator[Quantity]:
        while self.at < len(self.tokens):
            begin = self.at
            found = self.number()
            if found is None:
                self.at = begin + 1
                continue
            value, form, parts = found
            start, end = self.tokens[begin].start, self.tokens[self.at - 1].end
            yield Quantity(value, start, end, self.text[start:end], form, parts)

    def peek(self, ahead: int = 0) -> _Token:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else _Token("end", "", len(self.text), len(self.text))

    def gap(self, ahead: int = 0) -> str:
        """What stands between the token `ahead` and the one before it."""
        before = self.at + ahead - 1
        return self.text[self.tokens[before].end : self.peek(ahead).start] if before >= 0 else ""

    def near(self, ahead: int = 0, between: str = " -") -> bool:
        gap = self.gap(ahead)
        return self.peek(ahead).kind != "end" and len(gap) <= 1 and gap in between

    def number(self) -> tuple[Fraction, Form, tuple[Fraction, ...]] | None:
        token = self.peek()
        match token.kind:
            case "digits":
                return self.digits(token)
            case "vulgar":
                self.at += 1
                return _VULGAR[token.text], Form.FRACTION, ()
            case "word":
                return self.words(token)
        return None

    # --- digits -----------------------------------------------------------------------------------------------

    def digits(self, token: _Token) -> tuple[Fraction, Form, tuple[Fraction, ...]] | None:
        if len(token.text) > MAX_DIGITS:
            return None
        in_name = self.at > 0 and self.peek(-1).kind == "word" and self.gap() == "" and self.peek(-1).text != "x"
        value, form = token.value, Form.ARTICLE if in_name else Form.CARDINAL
        self.at += 1
        follower = self.peek()
        if follower.kind == "word" and self.gap() == "" and follower.text in ("st", "nd", "rd", "th"):
            self.at += 1
            return value, Form.ORDINAL, ()
        if self.slash():
            return self.fraction(value)
        if self.near() and follower.kind == "digits" and self.peek(1).text == "/" and self.gap(1) == "":
            return self.mixed(value)
        if follower.kind == "vulgar" and self.near(between=" "):
            self.at += 1
            part = _VULGAR[follower.text]
            return value + part, Form.FRACTION, (value, part)
        return self.scaled(value, form)

    def slash(self) -> bool:
        over = self.peek(1)
        return (
            self.peek().text == "/"
            and over.kind == "digits"
            and self.near(between=" ")
            and self.near(1, between=" ")
            and len(over.text) <= MAX_DIGITS
            and over.value != 0
        )

    def fraction(self, above: Fraction) -> tuple[Fraction, Form, tuple[Fraction, ...]]:
        below = self.peek(1).value
        self.at += 2
        return above / below, Form.FRACTION, (above, below)

    def mixed(self, whole: Fraction) -> tuple[Fraction, Form, tuple[Fraction, ...]]:
        above = self.peek().value if len(self.peek().text) <= MAX_DIGITS else Fraction(0)
        self.at += 1
        if not self.slash():
            self.at -= 1
            return whole, Form.CARDINAL, ()
        part, _, parts = self.fraction(above)
        return whole + part, Form.FRACTION, (whole, part, *parts)

    def scaled(self, value: Fraction, form: Form) -> tuple[Fraction, Form, tuple[Fraction, ...]]:
        """`3 million`, `2 dozen`, `20 percent`, `2 and a half`, `3 quarters`."""
        parts: tuple[Fraction, ...] = ()
        while self.near() and self.peek().text in _SCALES:
            scale = Fraction(_SCALES[self.peek().text])
            value, parts = value * scale, (value, scale)
            self.at += 1
        if self.peek().text == "%" and self.near(between=" "):
            self.at += 1
            return value / 100, Form.PERCENT, ()
        if self.peek().text in ("percent", "pct") and self.near():
            self.at += 1
            return value / 100, Form.PERCENT, ()
        if self.peek().text == "per" and self.peek(1).text == "cent" and self.near() and self.near(1):
            self.at += 2
            return value / 100, Form.PERCENT, ()
        if self.peek().text == "and" and self.near():
            return self.and_part(value, form, parts)
        return value, form, parts

    def and_part(
        self, value: Fraction, form: Form, parts: tuple[Fraction, ...]
    ) -> tuple[Fraction, Form, tuple[Fraction, ...]]:
        """`two and a half`, `one and three quarters`."""
        count, below = self.peek(1).text, _DENOMINATORS.get(self.peek(2).text)
        above = 1 if count in ("a", "an") else _UNITS.get(count)
        if above and below and self.near(1) and self.near(2):
            self.at += 3
            part = Fraction(above, below)
            return value + part, Form.FRACTION, (value, part, Fraction(above), Fraction(below))
        return value, form, parts

    # --- words ------------------------------------------------------------------------------------------------

    def words(self, token: _Token) -> tuple[Fraction, Form, tuple[Fraction, ...]] | None:
        word, follower = token.text, self.peek(1).text
        if word in ("a", "an", "one") and self.near(1) and follower in _DENOMINATORS and not self.position(follower, 2):
            self.at += 2
            return Fraction(1, _DENOMINATORS[follower]), Form.FRACTION, (Fraction(_DENOMINATORS[follower]),)
        if word in ("a", "an") and not (self.near(1) and follower in _SCALES):
            return None
        if word == "half":
            return self.half()
        if word in ("quarter", "quarters"):
            self.at += 1
            return Fraction(1, 4), Form.ARTICLE, (Fraction(4), Fraction(25))  # a coin, a term of the year, a part
        if word in _UNITS or word in _TENS or (word in _SCALES and word != "dozen") or word in ("a", "an"):
            return self.cardinal()
        if word in _FACTORS:
            self.at += 1
            return Fraction(_FACTORS[word]), Form.FACTOR, ()
        if word in _ORDINALS:
            self.at += 1
            return Fraction(_ORDINALS[word]), Form.ORDINAL, ()
        if word in _IMPLIED:
            self.at += 1
            return Fraction(_IMPLIED[word]), Form.ARTICLE, ()
        return None

    def half(self) -> tuple[Fraction, Form, tuple[Fraction, ...]]:
        self.at += 1
        ahead = 1 if self.peek().text in ("a", "an") and self.near() else 0
        if self.peek(ahead).text == "dozen" and self.near(ahead):
            self.at += ahead + 1
            return Fraction(6), Form.FACTOR, (Fraction(1, 2), Fraction(12), Fraction(2))
        return Fraction(1, 2), Form.FRACTION, (Fraction(2),)

    def position(self, word: str, ahead: int) -> bool:
        """Whether `a third ...` is a position (`a third bird`), not a part (`a third of`, `a third as many`)."""
        if word not in _ORDINALS:
            return False
        after = self.peek(ahead)
        return after.kind == "word" and self.near(ahead) and after.text not in _AFTER_PART

    def cardinal(self) -> tuple[Fraction, Form, tuple[Fraction, ...]] | None:
        """`twenty-one`, `a hundred and five`, `two thousand three hundred`, then what `scaled` reads."""
        start, total, group, read = self.at, 0, 0, 0
        first, last = self.peek().text, 10**15
        while self.peek().kind == "word" and (read == 0 or self.near()):
            word = self.peek().text
            if word in ("a", "an") and read == 0:
                group, step = 1, 1
            elif word in _TENS and group % 100 == 0 and last > 10:
                group, step, last = group + _TENS[word], 1, 10
            elif word in _UNITS and (group % 100 == 0 or (group % 10 == 0 and group % 100 >= 20 and _UNITS[word] < 10)):
                if last <= 1:
                    break
                group, step, last = group + _UNITS[word], 1, 1
            elif word == "hundred" and 0 <= group < 100:
                group, step, last = max(group, 1) * 100, 1, 100
            elif word in ("thousand", "million", "billion", "trillion"):
                total, group, step, last = total + max(group, 1) * _SCALES[word], 0, 1, _SCALES[word]
            elif word == "and" and last >= 100 and read and self.smaller(1):
                step = 1
            else:
                break
            self.at, read = self.at + step, read + 1
        value = Fraction(total + group)
        if read == 0:
            self.at = start
            return None
        alone = first in ("one",) and self.at == start + 1
        below = _DENOMINATORS.get(self.peek().text)
        if below and self.near() and value and (self.peek().text.endswith("s") or value == 1):
            self.at += 1
            return value / below, Form.FRACTION, (value, Fraction(below))
        if self.peek().text in _ORDINALS and self.near(between="-") and value % 10 == 0:
            value += _ORDINALS[self.peek().text]
            self.at += 1
            return value, Form.ORDINAL, ()
        return self.scaled(value, Form.ARTICLE if alone else Form.CARDINAL)

    def smaller(self, ahead: int) -> bool:
        word = self.peek(ahead).text
        return self.near(ahead) and (word in _UNITS or word in _TENS)


_AFTER_PART = frozenset(
    [
        "of",
        "as",
        "the",
        "that",
        "his",
        "her",
        "their",
        "its",
        "more",
        "less",
        "fewer",
        "times",
        "an",
        "a",
        "as",
        "what",
        "and",
        "to",
        "is",
        "are",
        "was",
        "were",
        "in",
        "on",
        "off",
    ]
)
