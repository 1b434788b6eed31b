"""Clues to a hidden solution, as few as leave no other: every puzzle that is to be solved is made with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Generic, TypeVar

from neurosym.training.puzzles.text import Said

World = TypeVar("World")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Clue(Said, Generic[World]):
    """A statement, and the worlds it holds in. Clues of greater weight are given more often."""

    holds: Callable[[World], bool]
    weight: float = 1.0


def of_one(name: str, test: Callable[[Value], bool]) -> Callable[[Mapping[str, Value]], bool]:
    """Holds in a world that maps `name` to a value that passes the test."""
    return lambda world: test(world[name])


def of_two(a: str, b: str, test: Callable[[Value, Value], bool]) -> Callable[[Mapping[str, Value]], bool]:
    """Holds in a world where the values of `a` and `b` pass the test."""
    return lambda world: test(world[a], world[b])


def ahead_by(steps: int, p: int, q: int) -> bool:
    """Whether the first number is greater than the second by so much."""
    return p - q == steps


def apart_by(steps: int, p: int, q: int) -> bool:
    """Whether two numbers differ by so much."""
    return abs(p - q) == steps


def in_random_order(clues: Iterable[Clue[World]], random: Random) -> list[Clue[World]]:
    """All clues; one of double weight stands first twice as often."""
    return sorted(clues, key=lambda clue: -(random.random() ** (1 / clue.weight)))


def sufficient(
    clues: Sequence[Clue[World]], another: Callable[[Sequence[Clue[World]]], World | None]
) -> list[Clue[World]] | None:
    """The first clues that leave only the hidden solution; None where all together leave another.

    another: a solution other than the hidden one that is consistent with the clues it is given, if there is one. A clue
    is taken only where it refutes a solution that is left (the loop of counterexample-guided synthesis).
    """
    chosen: list[Clue[World]] = []
    while (rival := another(chosen)) is not None:
        refuting = next((clue for clue in clues if not clue.holds(rival)), None)
        if refuting is None:
            return None
        chosen.append(refuting)
    return chosen


def without_needless(
    clues: Sequence[Clue[World]], another: Callable[[Sequence[Clue[World]]], World | None]
) -> list[Clue[World]]:
    """The clues of a sufficient list but those that follow from the others."""
    kept = list(clues)
    for clue in clues:
        rest = [other for other in kept if other is not clue]
        if another(rest) is None:
            kept = rest
    return kept


def among(rivals: Sequence[World]) -> Callable[[Sequence[Clue[World]]], World | None]:
    """`another` by looking through all rivals of the hidden solution."""

    def another(clues: Sequence[Clue[World]]) -> World | None:
        return next((w for w in rivals if all(clue.holds(w) for clue in clues)), None)

    return another


MODES: Mapping[str, Sequence[str]] = {
    "must": ("Which of these must be true?", "Which one of the following has to be true?", "What must be the case?"),
    "may": ("Which of these could be true?", "Which one of the following is possible?", "Which statement may be true?"),
    "cannot": ("Which of these cannot be true?", "Which one of the following is impossible?"),
    "except": (
        "Each of these must be true EXCEPT:", "All of the following must be true, except which one?",
        "Which of these is not necessarily true?",
    ),
}  # fmt: skip
"""How one asks for the only option that holds in all worlds, in some, in none, or not in all."""


def offered(
    statements: Iterable[Clue[World]], worlds: Sequence[World], mode: str, random: Random
) -> list[Clue[World]] | None:
    """Three to five statements of which one is the answer in `mode`; None where there are not enough."""
    kinds: dict[str, list[Clue[World]]] = {"must": [], "may": [], "cannot": []}
    for statement in statements:
        truths = {statement.holds(world) for world in worlds}
        kinds["may" if len(truths) == 2 else "must" if truths.pop() else "cannot"].append(statement)
    right, wrong = {
        "must": (kinds["must"], kinds["may"] + kinds["cannot"]),
        "may": (kinds["may"] + kinds["must"], kinds["cannot"]),
        "cannot": (kinds["cannot"], kinds["may"] + kinds["must"]),
        "except": (kinds["may"] + kinds["cannot"], kinds["must"]),
    }[mode]
    others = random.randint(2, 4)
    if not right or len(wrong) < others:
        return None
    choices = [random.choice(right), *random.sample(wrong, others)]
    return random.sample(choices, len(choices))
