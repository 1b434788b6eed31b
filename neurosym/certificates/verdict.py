"""How a recheck came out: its verdict, and each thing that was checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a check comes to."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    """Something that the certificate says is false."""
    UNCONFIRMED = "unconfirmed"
    """Neither: out of time, out of means, or not allowed."""


@dataclass(frozen=True)
class Item:
    """One thing that was checked, by whom, and how it came out."""

    what: str
    verdict: Verdict
    by: str
    reason: str

    def __str__(self) -> str:
        return f"{self.what}: {self.verdict} by {self.by}" + (f" ({self.reason})" if self.reason else "")


@dataclass(frozen=True)
class Recheck:
    """`confirmed` where every item is, `refuted` where one is; `items` in the order checked."""

    verdict: Verdict
    items: tuple[Item, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """The items as sentences; of a certificate that is not confirmed, those that speak against it."""
        return tuple(str(i) for i in self.items if i.verdict is self.verdict)


def verdict(right: bool | None) -> Verdict:
    """The verdict that a truth value is; None where it was not found out."""
    return Verdict.UNCONFIRMED if right is None else Verdict.CONFIRMED if right else Verdict.REFUTED
