"""Lines that a row shall not write again, as a tree of their beginnings.

Drawing without replacement (Shi, Bieber & Singh 2020, "Incremental sampling without replacement for sequence models"):
a token is as much less likely as what follows it is known to be refused, so that each draw is a new line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Refused:
    """A beginning of lines.

    chance:  the probability of its last token, given those before.
    gone:    how much of the probability of what may follow is that of refused lines, from 0 to 1.
    after:   the beginnings that are a token longer.
    """

    chance: float = 1.0
    gone: float = 0.0
    after: dict[int, Refused] = field(default_factory=dict)

    def add(self, tokens: Sequence[int], chances: Sequence[float]) -> None:
        """Refuse the line that goes on from here with these tokens, drawn with these probabilities."""
        path = [self]
        for token, chance in zip(tokens, chances, strict=True):
            path.append(path[-1].after.setdefault(token, Refused(chance)))
        path[-1].gone = 1.0
        for node in path[-2::-1]:
            node.gone = min(1.0, sum(child.chance * child.gone for child in node.after.values()))

    def find(self, tokens: Sequence[int]) -> Refused | None:
        """The beginning that these tokens lead to, None where no refused line goes on like this."""
        node: Refused | None = self
        for token in tokens:
            node = node.after.get(token) if node else None
        return node
