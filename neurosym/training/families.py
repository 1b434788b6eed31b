"""Problem families as data files: what one says, read and checked once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

from neurosym.errors import InputError, ProgramError
from neurosym.language import tree as t
from neurosym.language.read import read_expression


@dataclass(frozen=True)
class Fact:
    """One fact of a problem, in several wordings, and the statement that it means."""

    say: tuple[str, ...]
    means: str


@dataclass(frozen=True)
class Option:
    """One answer to choose, and the formula that it means."""

    say: str
    means: str


@dataclass(frozen=True)
class Family:
    """Problems that differ in wording, names and numbers only.

    texts:        whole wordings; `{facts}` stands for the facts, in any order.
    program:      the program, with the same placeholders; `{facts}` for what the facts mean, in the same order.
    values:       name → the values it may take.
    words:        name → the words it is drawn from.
    pools:        name → what the data file calls these words; names of one pool get different words.
    computed:     name → the expression that gives it; wordings and program may name it like a value.
    where:        conditions on the values.
    distractors:  sentences that change nothing; at most one is put in before the question.
    """

    name: str
    topic: str
    texts: tuple[str, ...]
    program: str
    values: Mapping[str, tuple[Fraction, ...]] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pools: Mapping[str, str] = field(default_factory=dict)
    computed: Mapping[str, t.Expr] = field(default_factory=dict)
    where: tuple[t.Expr, ...] = ()
    facts: tuple[Fact, ...] = ()
    options: tuple[Option, ...] = ()
    distractors: tuple[str, ...] = ()


def read_families(text: str, topic: str, lists: Mapping[str, Sequence[str]]) -> list[Family]:
    """The families of one data file. `lists` are the lists of words by name.

    Raises InputError that names the family and what is wrong with it.
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{topic}: {error}") from None
    return [_family(entry, topic, lists) for entry in given.get("family", [])]


@cache
def shipped() -> tuple[Family, ...]:
    """All families of the package, in the order of their names."""
    folder = files(__package__).joinpath("families")
    lists = tomllib.loads(folder.joinpath("words.toml").read_text(encoding="utf-8"))
    found: list[Family] = []
    for file in folder.iterdir():
        if file.name.endswith(".toml") and file.name != "words.toml":
            found += read_families(file.read_text(encoding="utf-8"), file.name.removesuffix(".toml"), lists)
    names = [family.name for family in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise InputError(f"two families are called {', '.join(sorted(twice))}")
    return tuple(sorted(found, key=lambda family: family.name))


_KEYS = frozenset(
    {"name", "texts", "program", "values", "words", "computed", "where", "facts", "options", "distractors"}
)


def _family(entry: Mapping[str, Any], topic: str, lists: Mapping[str, Sequence[str]]) -> Family:
    name = str(entry.get("name", "a family without a name"))
    try:
        if unknown := set(entry) - _KEYS:
            raise InputError(f"{', '.join(sorted(unknown))} is not known; there are {', '.join(sorted(_KEYS))}")
        words = {key: _drawn_from(given, lists) for key, given in entry.get("words", {}).items()}
        return Family(
            name=name,
            topic=topic,
            texts=tuple(text.strip() for text in entry["texts"]),
            program=entry["program"].strip() + "\n",
            values={key: tuple(_values(given)) for key, given in entry.get("values", {}).items()},
            words=words,
            pools={key: str(given) for key, given in entry.get("words", {}).items()},
            computed={key: read_expression(given) for key, given in entry.get("computed", {}).items()},
            where=tuple(read_expression(given) for given in entry.get("where", [])),
            facts=tuple(Fact(tuple(fact["say"]), fact["means"]) for fact in entry.get("facts", [])),
            options=tuple(Option(option["say"], option["means"]) for option in entry.get("options", [])),
            distractors=tuple(entry.get("distractors", [])),
        )
    except KeyError as error:
        raise InputError(f"{topic}: {name}: {error} is missing") from None
    except (ValueError, ProgramError, InputError) as error:
        raise InputError(f"{topic}: {name}: {error}") from None


def _drawn_from(given: str | list[str], lists: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    if isinstance(given, str) and given not in lists:
        raise InputError(f"there is no list of words {given!r}; there are {', '.join(lists)}")
    return tuple(lists[given] if isinstance(given, str) else given)


def _values(given: str | list[Any]) -> Iterator[Fraction]:
    """`2..9`, `5..100 by 5`, `0.5..3 by 0.25`, or a list such as [1, "1/2"]."""
    if isinstance(given, list):
        yield from (Fraction(str(value)) for value in given)
        return
    span, _, step = given.partition(" by ")
    first, dots, last = span.partition("..")
    if not dots:
        raise InputError(f"{given!r} are no values: write 2..9, 5..100 by 5 or a list")
    value, by = Fraction(first), Fraction(step or 1)
    while value <= Fraction(last):
        yield value
        value += by
