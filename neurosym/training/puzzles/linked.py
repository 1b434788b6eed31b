"""Quantities told by one another, from one or two that are given: who by whom, how, and in which order is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from random import Random
from typing import Any

from neurosym.training import wording
from neurosym.training.puzzles.text import Noun, data, lines, sentences, words
from neurosym.training.wording import identifier, in_words

_LARGEST = 2000
_PARTS = [
    Fraction(2, 3),
    Fraction(3, 4),
    Fraction(2, 5),
    Fraction(3, 5),
    Fraction(1, 2),
    Fraction(1, 3),
    Fraction(1, 4),
]


@dataclass(frozen=True)
class _Member:
    """One of those who have something: its value, the term that a program writes for it, and what tells it.

    line:  its definition; "" where its value is given.
    """

    noun: Noun
    value: int
    term: str
    say: str
    line: str = ""


@dataclass(frozen=True)
class _Step:
    """How a value comes from others: what it is, the right side of its definition, and the numbers that are told."""

    value: Fraction
    means: str
    numbers: Mapping[str, Fraction]


def _step(relation: str, y: int, z: int, random: Random) -> _Step:
    """One of the relations to y, or to y and z; its value need not be whole, or positive."""
    n, k, f = random.randint(2, max(3, 2 * y // 3)), random.randint(2, 5), random.choice(_PARTS)
    p = Fraction(random.choice([10, 20, 25, 30, 40, 50, 60, 75, 80]))
    match relation:
        case "more":
            return _Step(Fraction(y + n), "{y} + {n}", {"n": Fraction(n)})
        case "less":
            return _Step(Fraction(y - n), "{y} - {n}", {"n": Fraction(n)})
        case "times":
            return _Step(Fraction(k * y), "{k}*{y}", {"k": Fraction(k)})
        case "part":
            return _Step(f * y, "{f}*{y}", {"f": f})
        case "times_and_more":
            return _Step(Fraction(k * y + n), "{k}*{y} + {n}", {"k": Fraction(k), "n": Fraction(n)})
        case "times_and_less":
            return _Step(Fraction(k * y - n), "{k}*{y} - {n}", {"k": Fraction(k), "n": Fraction(n)})
        case "part_and_more":
            return _Step(f * y + n, "{f}*{y} + {n}", {"f": f, "n": Fraction(n)})
        case "percent_more":
            return _Step(y + p / 100 * y, "{y} + {p}%*{y}", {"p": p})
        case "percent_less":
            return _Step(y - p / 100 * y, "{y} - {p}%*{y}", {"p": p})
        case "both":
            return _Step(Fraction(y + z), "{y} + {z}", {})
        case "both_and_more":
            return _Step(Fraction(y + z + n), "{y} + {z} + {n}", {"n": Fraction(n)})
        case "both_and_less":
            return _Step(Fraction(y + z - n), "{y} + {z} - {n}", {"n": Fraction(n)})
        case "times_both":
            return _Step(Fraction(k * (y + z)), "{k}*({y} + {z})", {"k": Fraction(k)})
        case "gap":
            return _Step(Fraction(y - z), "{y} - {z}", {})
    raise KeyError(relation)


def _said(name: str, value: Fraction, unit: str, random: Random) -> str:
    """A number as it is told: {n} with its unit, {k} as `twice`, {f} as `two thirds of`, {p} as it is."""
    match name:
        case "k":
            return wording.number(value, "times", random)
        case "f":
            part = in_words(value)
            return part.replace("one ", random.choice(["a ", "one "])) if value.numerator == 1 else part
        case "p":
            return str(value)
    small = value < 13 and "$" not in unit and random.random() < 0.4
    return unit.format(number=in_words(value) if small else wording.number(value, "", random))


def _given(scene: Mapping[str, Any], noun: Noun, shared: Mapping[str, Noun], random: Random) -> _Member:
    value = random.randrange(scene["low"], scene["high"])
    said = _said("n", Fraction(value), scene["unit"], random)
    return _Member(noun, value, str(value), random.choice(scene["is"]).format_map({**shared, "x": noun, "n": said}))


def _derived(
    scene: Mapping[str, Any], noun: Noun, known: Sequence[_Member], shared: Mapping[str, Noun], random: Random
) -> _Member:
    """One that is told by one or two of `known`."""
    while True:
        relation = random.choice([r for r in scene["say"] if len(known) > 1 or "{z}" not in scene["say"][r][0]])
        y, z = random.sample(known, 2) if len(known) > 1 else (known[0], known[0])
        if random.random() < 0.6 and known[-1] is not z:  # mostly by the one before
            y = known[-1]
        step = _step(relation, y.value, z.value, random)
        if step.value.denominator == 1 and scene["low"] <= step.value < _LARGEST:
            break
    name = identifier(scene["variable"].format_map({**shared, "x": noun}))
    numbers = {n: _said(n, v, scene["unit"], random) for n, v in step.numbers.items()}
    say = random.choice(scene["say"][relation])
    told = say.format_map({**shared, "x": noun, "y": y.noun, "z": z.noun, **numbers})
    means = step.means.format(y=y.term, z=z.term, **step.numbers)
    return _Member(noun, int(step.value), name, told, f"let {name} = {means}")


def _needed(members: Sequence[_Member], asked: Sequence[_Member]) -> bool:
    """Whether all that is told leads to what is asked."""
    used = {m.term for m in asked}.union(*(re.findall(r"\w+", m.line.partition("= ")[2]) for m in members))
    return all(m.term in used for m in members)


def _problem(scene: Mapping[str, Any], random: Random) -> tuple[str, str]:
    """A problem of `scene` and its program."""
    while True:
        count = random.choice([2, 3, 3, 3, 4, 4, 5])
        shared = {name: Noun(random.choice(_list(choices))) for name, choices in scene["shared"].items()}
        nouns = [Noun(w) for w in random.sample(_list(scene["members"]), count)]
        members: list[_Member] = []
        for noun in nouns:
            if not members or (len(members) == 1 and count > 2 and random.random() < 0.25):
                members.append(_given(scene, noun, shared, random))
            else:
                members.append(_derived(scene, noun, members, shared, random))
        kind = random.choice(list(scene["ask"]))
        last, other = members[-1], random.choice(members[:-1])
        asked = {"one": [last], "difference": [last, other]}.get(kind, members)
        if kind == "difference" and last.value <= other.value:
            continue
        numbers = {m.term for m in members if not m.line}
        if _needed(members, asked) and len({m.value for m in members}) == count and len(numbers) < 3:
            break
    question, end = _end(scene, kind, asked, shared, random)
    program = lines([m.line for m in members if m.line], end)
    return _text([m.say for m in members], question, random), program


def _list(choices: str | Sequence[str]) -> Sequence[str]:
    return words(choices) if isinstance(choices, str) else choices


def _end(
    scene: Mapping[str, Any], kind: str, asked: Sequence[_Member], shared: Mapping[str, Noun], random: Random
) -> tuple[str, list[str]]:
    """The question, and the last lines of the program."""
    nouns = {"x": asked[0].noun, "y": asked[-1].noun}
    terms = [m.term for m in asked]
    random_n = random.randint(2, 9)
    every = " + ".join(terms)
    means, name = {
        "one": (terms[0], ""),
        "total": (every, "total"),
        "difference": (f"{terms[0]} - {terms[-1]}", "difference"),
        "average": (f"({every})/{len(asked)}", "average"),
        "times": (every, "total"),
        "minus": (every, "total"),
    }[kind]
    question = random.choice(scene["ask"][kind])
    said = question.format_map({**shared, **nouns, "n": str(random_n), "members": _count(len(asked))})
    if kind == "one":
        return said, [f"ask {means}"]
    after = {"times": ("result", f"{name}*{random_n}"), "minus": ("rest", f"{name} - {random_n}")}.get(kind)
    last = [f"let {after[0]} = {after[1]}"] if after else []
    return said, [f"let {name} = {means}", *last, f"ask {after[0] if after else name}"]


def _count(members: int) -> str:
    return f"all {in_words(Fraction(members))}" if members > 2 else "both"


def _text(told: Sequence[str], question: str, random: Random) -> str:
    """The facts in some order, some of them joined, before the question or as its condition."""
    told = list(told)
    match random.random():
        case r if r < 0.15:
            told.reverse()
        case r if r < 0.4:
            random.shuffle(told)
    if random.random() < 0.4 and len(told) > 1:
        at = random.randrange(len(told) - 1)
        told[at : at + 2] = [f"{told[at]}{random.choice([', and ', ', while ', ', but '])}{told[at + 1]}"]
    if random.random() < 0.2 and question.endswith("?") and ". " not in question:
        *first, last = told
        joined = f"{', '.join(first)}, and {last}" if first else last
        return f"{question[:-1]} if {joined}?"
    return f"{sentences(told)} {question}"


LINKED: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    f"linked_{scene['name']}": partial(_problem, scene) for scene in data("linked")["scene"]
}
