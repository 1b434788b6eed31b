"""How puzzles are put into words: lists, sentences, questions and lettered options."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from neurosym.training.wording import in_words, ordinal, word

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


@dataclass(frozen=True)
class Said:
    """A statement, or an answer to choose: a clause without its full stop, and the formula it means."""

    say: str
    means: str


class Noun(str):
    """A word of the wordings, with its forms: {thing}, {thing:s}, {thing:a}."""

    def __format__(self, form: str) -> str:
        return word(self, form)


@cache
def data(name: str) -> Mapping[str, Any]:
    """The wordings and vocabularies of `name`.toml beside this module."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


@cache
def words(name: str) -> tuple[str, ...]:
    """A list of the families' words.toml, as written: `Ann/she`, `box/boxes`."""
    text = files("neurosym.training").joinpath("families", "words.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)[name])


def listed(items: Sequence[str], random: Random, last: str = "and") -> str:
    """`a, b and c`; as often with a comma before the last."""
    if len(items) < 3:
        return f" {last} ".join(items)
    return f"{', '.join(items[:-1])}{random.choice([',', ''])} {last} {items[-1]}"


def number(value: int, random: Random) -> str:
    """Five, or 5."""
    return random.choice([in_words(Fraction(value)), str(value)])


def nth(value: int, random: Random) -> str:
    """Second, now and then 2nd."""
    return ordinal(value) if random.random() < 0.85 else f"{value}{_ENDINGS.get(value, 'th')}"


def sentences(clauses: Iterable[str]) -> str:
    """Each clause as a sentence."""
    return " ".join(clause if re.search(r"[.?!:][\"”]?$", clause) else f"{clause}." for clause in clauses)


def told(statements: Sequence[Said], random: Random) -> str:
    """A sentence for each statement; in one text of three, some sentences hold two."""
    joint = random.choice([0.0, 0.0, 0.3])
    said: list[str] = []
    single = False
    for statement in statements:
        if single and random.random() < joint:
            said[-1] += f"{random.choice([', and', ', while', ';'])} {statement.say}"
            single = False
        else:
            said.append(statement.say)
            single = True
    return sentences(said)


def lines(*parts: str | Iterable[str]) -> str:
    """The lines of a program."""
    flat = [line for part in parts for line in ([part] if isinstance(part, str) else part)]
    return "".join(f"{line}\n" for line in flat)


def block(*code: str | Iterable[str], ask: str) -> str:
    """A program that is a Python block of these lines, and what is asked of it."""
    return lines("python", (f"    {line}" for line in lines(*code).splitlines()), "end", f"ask {ask}")


def with_options(question: str, choices: Sequence[Said]) -> tuple[str, list[str]]:
    """The question with its options, a line each; and the program's lines that say what they mean."""
    shown = [f"\n{letter}) {c.say[0].upper()}{c.say[1:]}" for letter, c in zip(LETTERS, choices, strict=False)]
    meant = [f"option {letter}: {c.means}" for letter, c in zip(LETTERS, choices, strict=False)]
    stop = "." if all(len(c.say.split()) > 3 for c in choices) else ""
    return question + stop.join([*shown, ""]), meant


def asked(text: str, question: str, random: Random) -> str:
    """A problem and its question, which stands on a line of its own as often as not."""
    return f"{text}{random.choice([' ', chr(10)])}{question}"
