"""Puzzles whose structure itself is drawn: orders, rules, grids, expressions. Each family takes a random source.

A hidden solution comes first, then clues that leave no other. Wordings and vocabularies are data, beside this file. The
problems are the same `Example` as those of the data families.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from neurosym.language.printer import show
from neurosym.language.read import read
from neurosym.training.generator import Example
from neurosym.training.puzzles.chances import CHANCES
from neurosym.training.puzzles.devices import DEVICES
from neurosym.training.puzzles.expressions import EXPRESSIONS
from neurosym.training.puzzles.formulas import FORMULAS
from neurosym.training.puzzles.grids import GRIDS
from neurosym.training.puzzles.kinds import KINDS
from neurosym.training.puzzles.kinship import KINSHIP
from neurosym.training.puzzles.knights import KNIGHTS
from neurosym.training.puzzles.linked import LINKED
from neurosym.training.puzzles.ordering import ORDERING
from neurosym.training.puzzles.paired import PAIRED
from neurosym.training.puzzles.quantified import QUANTIFIED
from neurosym.training.puzzles.rules import RULES
from neurosym.training.puzzles.scheduling import SCHEDULING
from neurosym.training.puzzles.seating import SEATING
from neurosym.training.puzzles.stories import STORIES
from neurosym.training.puzzles.strings import STRINGS
from neurosym.training.puzzles.unfolding import UNFOLDING
from neurosym.training.puzzles.zebra import ZEBRA
from neurosym.training.wording import capitalised

__all__ = ["PUZZLES", "generate"]

PUZZLES: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    **CHANCES, **DEVICES, **EXPRESSIONS, **FORMULAS, **GRIDS, **KINDS, **KINSHIP, **KNIGHTS, **LINKED, **ORDERING,
    **PAIRED, **QUANTIFIED, **RULES, **SCHEDULING, **SEATING, **STORIES, **STRINGS, **UNFOLDING,
    **ZEBRA,
}  # fmt: skip
"""Name of the family → what makes the text of a problem and its program."""


def generate(name: str, seed: int) -> Example:
    """One problem of the puzzle family `name`: the same seed, the same problem. Raises KeyError for an unknown name."""
    problem, program = PUZZLES[name](Random(f"{name}\n{seed}"))
    return Example(f"{name}-{seed}", name, capitalised(problem), show(read(program)))
