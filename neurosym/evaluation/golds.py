"""Problems with their gold answers, from files of several forms."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from neurosym.equality import Verdict, equal
from neurosym.errors import InputError, ProgramError
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.read import read_expression
from neurosym.language.symbols import Symbols
from neurosym.language.values import Undefined
from neurosym.result import Problem

_ROUNDED = 8
"""A gold decimal of so many significant digits was rounded or cut: its last digit may be off by one."""

_DECIMAL = re.compile(r"-?\d*\.\d+")


@dataclass(frozen=True)
class Gold:
    """A problem and what answers it.

    answers:  texts of which any is right; several asked values are right where each of them is among the texts.
    family:   what it is counted under.
    """

    problem: Problem
    answers: tuple[str, ...]
    family: str


def read_golds(text: str, name: str) -> list[Gold]:
    """The lines of a JSONL text: `problem`, `question`?, `options`?, `id`?, `family`?, and `answer` or `answers`.

    `name` is the family of lines that name none. Raises InputError, naming the line.
    """
    golds = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            given = json.loads(line, parse_float=Decimal)
            golds.append(_gold(given, number, name))
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(f"{name}: line {number}: no problem with an answer: {error!r}") from None
    return golds


def _gold(given: Mapping[str, Any], number: int, name: str) -> Gold:
    problem = Problem(
        str(given["problem"]), given.get("question"), tuple(given.get("options", ())), str(given.get("id", number))
    )
    answers: Sequence[Any] = given["answers"] if "answers" in given else [given["answer"]]
    return Gold(problem, tuple(_plain(answer) for answer in answers), str(given.get("family", name)))


def _plain(answer: Any) -> str:
    if isinstance(answer, bool):
        return str(answer).lower()
    return str(answer) if isinstance(answer, str | int) else f"{answer:f}"


def right(answer: str | None, gold: Gold) -> bool:
    """Whether `answer` is one of the gold answers, or lists only such."""
    if answer is None:
        return False
    if any(_same(answer, wanted) for wanted in gold.answers):
        return True
    parts = answer.split(", ")
    return len(parts) > 1 and all(any(_same(part, wanted) for wanted in gold.answers) for part in parts)


def _same(answer: str, wanted: str) -> bool:
    if equal(answer, wanted).verdict is Verdict.EQUAL:
        return True
    wanted = wanted.replace(",", "")
    digits = wanted.lstrip("-").replace(".", "").lstrip("0")
    if not _DECIMAL.fullmatch(wanted) or len(digits) < _ROUNDED:
        return False
    try:
        value = evaluate(read_expression(answer), Symbols(), Interpretation())
    except (ProgramError, Undefined):
        return False
    unit = Fraction(1, 10 ** len(wanted.partition(".")[2]))
    return isinstance(value, Fraction) and abs(value - Fraction(wanted)) <= unit
