"""Values of our language → Python values, and these → text of our language, exactly, although hostile code made them.

Only objects of exact, known types are looked into: a subclass could run methods of its own in our code.
"""

from __future__ import annotations

import datetime
import math
import re
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.bounds import MAX_CHARACTERS, MAX_DIGITS
from neurosym.language.printer import show_expr
from neurosym.language.values import Value, term

MAX_ITEMS = 10_000
MAX_DEPTH = 20
MAX_BITS = int((MAX_DIGITS - 1) * math.log2(10))  # of a numerator or denominator, which then has the digits
MAX_NAME = 10_000
_SMALL = 10**18

_NUMERAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?\Z", re.ASCII)


class Inconvertible(Exception):
    """The object is no value of our language; `str` says what it is ("of the class dict")."""


# --- our values → Python ----------------------------------------------------------------------------------------


def to_json(value: Value) -> Any:
    """A value of ours as JSON: truth values and elements as they are, others by their kind."""
    if isinstance(value, Fraction):
        return {"number": [f"{value.numerator:x}", f"{value.denominator:x}"]}  # decimals are bounded in Python
    if isinstance(value, datetime.date):
        return {"date": value.isoformat()}
    if isinstance(value, tuple):
        return {"list": [to_json(item) for item in value]}
    if isinstance(value, frozenset):
        return {"set": sorted(map(to_json, value), key=str)}  # whose order tells nothing of the caller's
    return value


def from_json(given: Any, *, hashable: bool = False) -> Any:
    """What `to_json` wrote as a Python value: int where integral, else Fraction; bool, str, date, list, set."""
    match given:
        case {"number": [above, below]}:
            number = Fraction(int(above, 16), int(below, 16))
            return number.numerator if number.denominator == 1 else number
        case {"date": text}:
            return datetime.date.fromisoformat(text)
        case {"list": items}:
            made = [from_json(item, hashable=hashable) for item in items]
            return tuple(made) if hashable else made
        case {"set": items}:
            members = frozenset(from_json(item, hashable=True) for item in items)
            return members if hashable else set(members)
    return given


# --- Python → text ----------------------------------------------------------------------------------------------


def value_text(value: object) -> str:
    """The text of a ground value. Raises Inconvertible."""
    if type(value) is int and -_SMALL < value < _SMALL:  # most answers, in a hundredth of the time
        return str(value)
    text = show_expr(term(_Converter().value(value)))
    if len(text) > MAX_CHARACTERS // 2:
        raise Inconvertible("too long to be written down")
    return text


def answer_text(value: object) -> str:
    """The text of an answer: also of a symbolic one (`sqrt(2)`) or a list of such, and of a number written as text.

    Raises Inconvertible.
    """
    if type(value) in (list, tuple) and any(map(_is_symbolic, _items(value))):
        return f"[{', '.join(map(_scalar_text, _items(value)))}]"
    return _scalar_text(_numeral(value))


def _scalar_text(value: object) -> str:
    return _symbolic(value) if _is_symbolic(value) else value_text(value)


def class_name(value: object) -> str:
    """The name of a value's class, whatever its metaclass says."""
    return str(type.__dict__["__name__"].__get__(type(value)))


def _numeral(value: object) -> object:
    """What a printed number or truth value says; any other value is itself."""
    if type(value) is not str:
        return value
    if value in ("True", "False"):
        return value == "True"
    return Fraction(value) if len(value) <= MAX_DIGITS and _NUMERAL.match(value) else value


class _Converter:
    """Converts one value, counting what it looks at: lists may be huge, or contain themselves."""

    def __init__(self) -> None:
        self.seen = 0

    def value(self, value: Any, depth: int = 0) -> Value:
        self.seen += 1
        if self.seen > MAX_ITEMS or depth > MAX_DEPTH:
            raise Inconvertible(f"a collection of more than {MAX_ITEMS} values, or nested more than {MAX_DEPTH} deep")
        kind = type(value)
        if kind is bool:
            return bool(value)
        if kind in (int, float, Fraction, Decimal):
            return _number(value)
        if kind is str:
            return _name(value)
        if kind is datetime.date:
            return datetime.date(value.year, value.month, value.day)
        if kind is datetime.datetime:
            return _day(value)
        if kind is datetime.timedelta:
            return _days(value)
        if kind in (list, tuple, range):
            return tuple(self.value(v, depth + 1) for v in _items(value))
        if kind in (set, frozenset):
            return frozenset(self.value(v, depth + 1) for v in _items(value))
        plain = _library_scalar(value)
        if plain is None:
            raise _stranger(value)
        return self.value(plain, depth + 1)


def _items(value: Any) -> Any:
    """The list, tuple, range or set itself, if it is not too long."""
    try:
        too_long = len(value) > MAX_ITEMS
    except OverflowError:  # of a range, whose length may be any integer
        too_long = True
    if too_long:
        raise Inconvertible(f"a collection of more than {MAX_ITEMS} values")
    return value


def _number(value: Any) -> Fraction:
    if type(value) is float:
        if value != value or value in (float("inf"), float("-inf")):
            raise Inconvertible(f"{value}, which is no number")
        exact = Fraction(repr(value))  # the shortest decimal that reads back as this float
    elif type(value) is Decimal:
        if not value.is_finite() or abs(value.adjusted()) > MAX_DIGITS:
            raise Inconvertible("a decimal that is not finite, or too large")
        exact = Fraction(value)
    elif type(value) is Fraction:
        parts = (value.numerator, value.denominator)
        if type(parts[0]) is not int or type(parts[1]) is not int:  # the slots of a fraction can be written to
            raise Inconvertible("a fraction of other things than integers")
        _bound(*parts)
        exact = Fraction(*parts)
    else:
        _bound(value)
        exact = Fraction(value)
    _bound(exact.numerator, exact.denominator)
    try:
        runs = re.findall(r"[0-9.]+", show_expr(term(exact)))
    except ValueError:  # Python itself writes no integer that is too long
        runs = ["0" * (MAX_DIGITS + 1)]
    if max(map(len, runs)) > MAX_DIGITS:
        raise Inconvertible(f"a number of more than {MAX_DIGITS} digits")
    return exact


def _bound(*parts: int) -> None:
    if any(part.bit_length() > MAX_BITS for part in parts):
        raise Inconvertible(f"a number of more than {MAX_DIGITS} digits")


def _name(value: str) -> str:
    if not value or len(value) > MAX_NAME or any(c in '"\n' or "\ud800" <= c <= "\udfff" for c in value):
        raise Inconvertible("text that is empty, too long, or has a quotation mark or a line break")
    return value


def _day(value: datetime.datetime) -> datetime.date:
    if value.tzinfo is not None or value.time() != datetime.time():
        raise Inconvertible("a moment that is not the beginning of a day")
    return value.date()


def _days(value: datetime.timedelta) -> Fraction:
    if value.seconds or value.microseconds:
        raise Inconvertible("a duration that is no number of days")
    return Fraction(value.days)


# --- values of libraries that the program has imported ----------------------------------------------------------


def _library_scalar(value: Any) -> object:
    """A number of numpy's or sympy's as a plain one, an array or finite set as a plain collection; None for others."""
    if _is_of(value, "numpy", "generic"):
        return value.item()
    if _is_of(value, "numpy", "ndarray"):
        return value.tolist() if value.size <= MAX_ITEMS else None
    if _is_of(value, "sympy.core.numbers", "Rational"):
        return Fraction(int(value.p), int(value.q))
    if _is_of(value, "sympy.core.numbers", "Float"):
        return Decimal(str(value))
    if _is_of(value, "sympy.sets.sets", "FiniteSet"):
        return set(value.args)
    sympy = sys.modules.get("sympy")
    if sympy is not None and (value is sympy.true or value is sympy.false):
        return value is sympy.true
    return None


def _is_of(value: object, module: str, base: str) -> bool:
    """Whether a value is of a class below `base` that a library itself defines, not of one that others derive."""
    if module not in sys.modules:
        return False
    names = vars(sys.modules[module])
    return names.get(class_name(value)) is type(value) and issubclass(type(value), names[base])


def _is_symbolic(value: Any) -> bool:
    sympy = sys.modules.get("sympy")
    return sympy is not None and issubclass(type(value), sympy.Basic) and _library_scalar(value) is None


def _symbolic(value: Any) -> str:
    """The text of a sympy expression made of our built-ins. Raises Inconvertible where it has others."""
    from neurosym.language.builtins import BUILTINS  # of no use to children that have no sympy
    from neurosym.language.read import read_expression

    sympy = sys.modules["sympy"]
    if value.has(sympy.I, sympy.nan, sympy.zoo) or any(str(symbol) == "E" for symbol in value.free_symbols):
        raise Inconvertible("an expression that is no real number, or has the symbol E")
    text = re.sub(r"\bE\b", "e", str(value).replace("**", "^"))
    try:
        e = read_expression(text)
    except ProgramError:
        raise _stranger(value) from None
    if any(node.function not in BUILTINS for node in t.walk(e) if isinstance(node, t.Call)):
        raise Inconvertible("an expression with functions that are not ours")
    return show_expr(e)


def _stranger(value: object) -> Inconvertible:
    return Inconvertible("None" if value is None else f"of the class {class_name(value)}")
