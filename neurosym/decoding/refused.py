"""What a row shall not write: programs that failed, lines that were wrong; as a tree of their beginnings.

Drawing without replacement (Shi, Bieber & Singh 2020, "Incremental sampling without replacement for sequence models"):
a token is as much less likely as what follows it is known to be refused, so that each draw is a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from neurosym.proposals import Decoded


@dataclass
class Refused:
    """A beginning of programs.

    chance:  the probability of its last token, given those before.
    gone:    how much of the probability of what may follow is that of refused ones, from 0 to 1.
    after:   the beginnings that are a token longer.
    """

    chance: float = 1.0
    gone: float = 0.0
    after: dict[int, Refused] = field(default_factory=dict)

    def add(self, tokens: Sequence[int], chances: Sequence[float]) -> None:
        """Refuse all that goes on from here with these tokens, which have these probabilities."""
        path = [self]
        for token, chance in zip(tokens, chances, strict=True):
            path.append(path[-1].after.setdefault(token, Refused(chance)))
        path[-1].gone = 1.0
        for node in path[-2::-1]:
            gone = sum(child.chance * child.gone for child in node.after.values())
            node.gone = min(1.0, max(node.gone, gone))

    def find(self, tokens: Sequence[int]) -> Refused | None:
        """The beginning that these tokens lead to, None where nothing that is refused goes on from there."""
        node = self
        for token in tokens:
            if token not in node.after:
                return None
            node = node.after[token]
        return node if node.after else None


def tree(programs: Sequence[Decoded]) -> Refused:
    """The tree that refuses all of these, and what begins with one of them."""
    root = Refused()
    for program in programs:
        if program:
            root.add(*zip(*program, strict=True))
    return root
