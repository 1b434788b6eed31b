"""What an answer's text can say: the typed values that reading yields and comparing takes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias, Union

from neurosym.language import tree as t


class Unreadable(Exception):
    """The text says no one value, or more than is read here; the message says why."""


@dataclass(frozen=True)
class Unit:
    """A product of powers of base units, and how many of it one of this unit is: `2 feet` is 2 × 304.8 millimeter.

    known: it stands in the table of units; else it is a noun of the problem, one spelling of perhaps several.
    text:  how it was written, for messages.
    """

    dimension: tuple[tuple[str, int], ...]
    scale: Fraction
    known: bool
    text: str


@dataclass(frozen=True)
class Measure:
    """A number or a term of variables, with its unit where one is written. `50%` is the number 1/2."""

    value: t.Expr
    unit: Unit | None = None


class Shape(StrEnum):
    """How a collection is written, which decides whether order matters."""

    SET = "a set"
    BARE = "a list"
    """Without brackets, such as the solutions of an equation: a set or a sequence, as the other side has it."""
    ROUND = "a tuple"
    SQUARE = "a list in brackets"


@dataclass(frozen=True)
class Collection:
    """`{1, 2}`, `(1, 2)`, `[1, 2]`, or `1, 2`; a pair in round or square brackets may also be meant as an interval."""

    shape: Shape
    items: tuple[Answer, ...]


@dataclass(frozen=True)
class Interval:
    """The reals between two ends; a missing end is infinite."""

    low: t.Expr | None
    high: t.Expr | None
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True)
class Joined:
    """A union of intervals and sets."""

    parts: tuple[Answer, ...]


@dataclass(frozen=True)
class Relation:
    """One comparison of two terms; `0 < x < 1` is a Named instead."""

    left: t.Expr
    op: t.CompareOp
    right: t.Expr
    unit: Unit | None = None


@dataclass(frozen=True)
class Named:
    """A name and what it is or lies in: `(x, y) = (1, 2)`, `0 < x < 1`, `x in {1, 2}`."""

    name: t.Expr
    value: Answer
    member: bool


@dataclass(frozen=True)
class Ratio:
    """`3:4`; `clock` where it could be a time of day, whose parts do not scale."""

    parts: tuple[t.Expr, ...]
    clock: bool


@dataclass(frozen=True)
class Words:
    """Text that is no mathematics: a name, an option's letter, yes or no."""

    text: str


@dataclass(frozen=True)
class Ellipsis:
    """The `...` of a sequence that goes on: nobody can say how."""


Answer: TypeAlias = Union[  # noqa: UP007
    Measure, Collection, Interval, Joined, Relation, Named, Ratio, Words, Ellipsis
]
