"""All problem families under one roof: those of the data files and the puzzles."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Literal

from neurosym.training import generator, puzzles
from neurosym.training.families import shipped
from neurosym.training.generator import Example

Use = Literal["training", "scorer", "held out"]
"""To train a model; to train its scorer, which has to tell what is right where the model has seen nothing like it; or
only to measure both."""

_USES: dict[int, Use] = {0: "held out", 1: "scorer"}
"""By the last digit of a hash: a tenth each."""


@dataclass(frozen=True)
class ProblemFamily:
    """A family by name: `generate(seed)` gives one of its problems."""

    name: str
    topic: str
    generate: Callable[[int], Example]

    @property
    def use(self) -> Use:
        """What its problems are for, chosen by the hash of its name."""
        return _USES.get(hashlib.sha256(self.name.encode()).digest()[0] % 10, "training")


@cache
def problem_families() -> tuple[ProblemFamily, ...]:
    """All families, in the order of their names. Raises InputError where a data file is at fault."""
    from_data = [ProblemFamily(f.name, f.topic, partial(generator.generate, f)) for f in shipped()]
    procedural = [ProblemFamily(name, "puzzles", partial(puzzles.generate, name)) for name in puzzles.PUZZLES]
    return tuple(sorted([*from_data, *procedural], key=lambda family: family.name))
