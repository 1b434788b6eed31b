"""How well this system can confine a child: the layers that hold, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """What stands between a program and the system, the weakest first."""

    NONE = 0
    """A process that can be killed, and whatever limits the system has."""
    INTERPRETER = 1
    """Limits on memory, time and files; the interpreter refuses the rest, which determined code gets around."""
    STRONG = 2
    """The kernel refuses files and system calls; at most whether a file exists can be learnt."""
    FULL = 3
    """And there are no files, processes, users or networks to learn about."""

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, name: str) -> Level:
        """The level of that name. Raises KeyError."""
        return cls[name.upper()]


@dataclass(frozen=True)
class Layer:
    """One layer on this system: whether it holds and, where it does not, why."""

    name: str
    on: bool
    why: str = ""


LIMITS, PRIVILEGES, FILES, CALLS, NAMESPACES = "limits", "privileges", "landlock", "seccomp", "namespaces"

NEEDED: Mapping[Level, tuple[str, ...]] = {
    Level.INTERPRETER: (LIMITS, PRIVILEGES),
    Level.STRONG: (LIMITS, PRIVILEGES, FILES, CALLS),
    Level.FULL: (LIMITS, PRIVILEGES, FILES, CALLS, NAMESPACES),
}
"""The layers without which it is not that level."""


def level_of(layers: Iterable[Layer]) -> Level:
    """The highest level whose layers all hold."""
    on = {layer.name for layer in layers if layer.on}
    return max((level for level, needed in NEEDED.items() if on.issuperset(needed)), default=Level.NONE)


def missing(layers: Iterable[Layer], least: Level) -> str:
    """Which layers the level `least` lacks and why, as a sentence's part; empty where it lacks none."""
    found = {layer.name: layer for layer in layers}
    absent = [found.get(name, Layer(name, False)) for name in NEEDED.get(least, ())]
    return ", ".join(f"{layer.name} ({layer.why or 'not tried'})" for layer in absent if not layer.on)
