"""GSM8K's solutions → chains of definitions: `<<48/2=24>>24 clips in May` becomes `let clips_may = 48/2`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from neurosym.errors import ProgramError
from neurosym.grammars import keywords
from neurosym.language import tree as t
from neurosym.language.builtins import CONSTANTS
from neurosym.language.read import read_expression

_ANNOTATION = re.compile(r"<<([^<>=]+)=(?:[^<>]*=)?([^<>=]+)>>[\d.,$%]*([^<.,;\n]*)")
_NUMBER = re.compile(r"\d*\.?\d+")
_FILLER = frozenset(
    re.findall(
        r"\w+",
        "a an the of in on at to for from by with per each every and or is are was were be has have had he she it they"
        " his her their its this that these those there then than as so more less total all if",
    )
)


@dataclass(frozen=True)
class Step:
    """One annotation: its expression and value as written, and the words that follow it."""

    expression: str
    value: Fraction
    words: tuple[str, ...]


def steps(solution: str) -> list[Step]:
    """The annotations of a solution. Raises ValueError where one is no arithmetic."""
    found = []
    for expression, value, after in _ANNOTATION.findall(solution):
        plain = expression.replace(",", "").replace("$", "")
        if not re.fullmatch(r"[\d.+\-*/()% ]+", plain):
            raise ValueError(f"no arithmetic: {expression}")
        words = tuple(w.lower() for w in re.findall(r"[A-Za-z]+", after) if w.lower() not in _FILLER)
        found.append(Step(plain, Fraction(value.replace(",", "").strip(" $%")), words))
    return found


def convert(record: Mapping[str, Any]) -> t.Program | None:
    """The chain of `let`s that the annotations of a record's `solution` say, None where there is none."""
    given = {Fraction(n) for n in _NUMBER.findall(record["problem"].replace(",", ""))}
    names: dict[Fraction, str] = {}
    lets: list[t.Let] = []
    try:
        for step in steps(record["solution"]):
            value = read_expression(_NUMBER.sub(lambda m: _literal(m[0], given, names), step.expression))
            name = _unique("_".join(step.words[:2]) or "result", {s.name for s in lets})
            lets.append(t.Let(name, None, value))
            names[step.value] = name
        target = names[Fraction(str(record["answer"]).replace(",", ""))]
    except (KeyError, ValueError, ZeroDivisionError, ProgramError):
        return None
    return t.Program((*lets, t.Ask((t.Name(target),))))


def _literal(digits: str, given: Iterable[Fraction], names: Mapping[Fraction, str]) -> str:
    """A number as the language writes it, or the name of the step that gave it, unless the problem states it."""
    value = Fraction(digits)
    if value in names and value not in given:
        return names[value]
    whole, _, part = digits.partition(".")
    return f"{int(whole or 0)}.{part}" if part else str(int(whole))


def _unique(name: str, taken: Iterable[str]) -> str:
    """`name`, or with a number at its end, such that it is no keyword, no constant and not taken."""
    name = f"{name}_" if name in keywords() or name in CONSTANTS else name
    return next(n for n in (name, *(f"{name}_{i}" for i in range(2, 999))) if n not in set(taken))
