"""What an attack is: hostile Python, and how we would see that it got through."""

from __future__ import annotations

from dataclasses import dataclass

from neurosym.outcome import Status

WON = "pwned"
"""What an attack leaves in `answer`, or prints, where it has done what it wanted."""

ENDED = frozenset({Status.TIMEOUT, Status.GAVE_UP, Status.MALFORMED, Status.TAMPERING})
"""How a program may end that wants to take everything: not with a value."""


@dataclass(frozen=True)
class Attack:
    """One class of attack.

    name:      what it tries.
    code:      Python. `scene` holds what it is told of its surroundings (see `scene.Scene`); `answer` is what it got.
    verdict:   it is the block of a program that asks whether `total` is a number it does not know: TRUE is forged.
    may_be:    the statuses that it may come to; None: any. It is stopped only if it comes to one of them.
    seconds:   its deadline.
    metadata:  what it learns is about a file, not what is in it: whether there is one, how large, where a link points.
               Below the level `full` it may.
    control:   it does no lasting harm and gets through, as any user, where nothing protects: it is run so, too, to
               show that the detectors see it.
    """

    name: str
    code: str
    verdict: bool = False
    may_be: frozenset[Status] | None = None
    seconds: float = 10.0
    metadata: bool = False
    control: bool = False
