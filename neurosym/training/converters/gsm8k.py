"""GSM8K's solutions → chains of definitions: `Ann sold 48/2 = <<48/2=24>>24 clips` becomes `let ann_sold_clips = 48/2`.

The names are all that is left of a solution's words, and so of its reasoning: they come from the clause before the
expression as well as from the words after the value.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from neurosym.errors import ProgramError
from neurosym.grammars import keywords
from neurosym.language import tree as t
from neurosym.language.builtins import CONSTANTS
from neurosym.language.read import read_expression

_ANNOTATION = re.compile(r"<<([^<>=]+)=(?:[^<>]*=)?([^<>=]+)>>\$?(?:\d+(?:,\d{3})*)?(?:\.\d+)?%?([^<.,;\n]*)")
_NUMBER = re.compile(r"\d*\.?\d+")
_CLAUSE = re.compile(r"[.,:;](?!\d)|\b(?:so|that|which|because|since|then)\b", re.I)
_WORD = re.compile(r"[A-Za-z]{2,}")
_FILLER = frozenset(
    re.findall(
        r"\w+",
        "a an the of in on at to for from by with per each every and or if is are was were be been has have had do"
        " does did he she it they we you his her their its our your him them this that these those there then than"
        " as so more less all also now will would can could must need needs means first next finally therefore thus"
        " find get number times gets who not but when where while after since because out up down into consists"
        " equal equals amount",
    )
)


@dataclass(frozen=True)
class Step:
    """One annotation: its expression and value as written, and the words that say what it is."""

    expression: str
    value: Fraction
    words: tuple[str, ...]


def steps(solution: str) -> list[Step]:
    """The annotations of a solution. Raises ValueError where one is no arithmetic."""
    found = []
    for line in solution.splitlines():
        begin = 0
        for annotation in _ANNOTATION.finditer(line):
            expression, value, after = annotation.groups()
            plain = expression.replace(",", "").replace("$", "")
            if not re.fullmatch(r"[\d.+\-*/()% ]+", plain):
                raise ValueError(f"no arithmetic: {expression}")
            words = dict.fromkeys((*_subject(line[begin : annotation.start()]), *_words(after)[:2]))
            found.append(Step(plain, Fraction(value.replace(",", "").strip(" $%")), tuple(words)))
            begin = annotation.end()
    return found


def _subject(before: str) -> Sequence[str]:
    """The last two words, at most, of the last clause that says anything before its first number."""
    clauses = (_words(re.split(r"[\d$=(]", clause, maxsplit=1)[0]) for clause in reversed(_CLAUSE.split(before)))
    return next((words[-2:] for words in clauses if words), ())


def _words(text: str) -> Sequence[str]:
    return [word for word in map(str.lower, _WORD.findall(text)) if word not in _FILLER]


def convert(record: Mapping[str, Any]) -> t.Program | None:
    """The chain of `let`s that the annotations of a record's `solution` say, None where there is none.

    None also where a definition before the last is not used: then some number meant another one than it seemed to.
    """
    given = {Fraction(n) for n in _NUMBER.findall(record["problem"].replace(",", ""))}
    lets: list[_Let] = []
    try:
        for step in steps(record["solution"]):
            value = read_expression(_NUMBER.sub(lambda m: _literal(m[0], given, lets), step.expression))
            name = _unique("_".join(step.words) or "result", {let.name for let in lets})
            lets.append(_Let(name, step.value, value))
        answer = Fraction(str(record["answer"]).replace(",", ""))
    except (ValueError, ZeroDivisionError, ProgramError):
        return None
    while lets and lets[-1].value != answer:  # steps after the answer check it, or say it in words
        lets.pop()
    if not lets or not all(let.used for let in lets[:-1]):
        return None
    return t.Program((*(t.Let(let.name, None, let.means) for let in lets), t.Ask((t.Name(lets[-1].name),))))


@dataclass
class _Let:
    name: str
    value: Fraction
    means: t.Expr
    used: bool = False


def _literal(digits: str, given: Collection[Fraction], lets: Iterable[_Let]) -> str:
    """A number as the language writes it, or the name of the step that gave it.

    A solution uses each of its steps, mostly soon: of several numbers of one value, the earliest step is meant that is
    not used yet, then the one that the problem states, then the latest step.
    """
    value = Fraction(digits)
    equal = [let for let in lets if let.value == value]
    meant = next((let for let in equal if not let.used), equal[-1] if equal and value not in given else None)
    if meant is not None:
        meant.used = True
        return meant.name
    whole, _, part = digits.partition(".")
    return f"{int(whole or 0)}.{part}" if part else str(int(whole))


def _unique(name: str, taken: Iterable[str]) -> str:
    """`name`, or with a number at its end, such that it is no keyword, no constant and not taken."""
    name = f"{name}_" if name in keywords() or name in CONSTANTS else name
    return next(n for n in (name, *(f"{name}_{i}" for i in range(2, 999))) if n not in set(taken))
