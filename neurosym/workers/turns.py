"""Whose turn it is: callers take turns, however much each has asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """A queue that gives one item of each caller in turn, and the items of a caller in their order."""

    def __init__(self) -> None:
        self._callers: dict[Hashable, deque[T]] = {}  # the next one first; none without items

    def put(self, caller: Hashable, item: T) -> None:
        """Queue an item of a caller."""
        self._callers.setdefault(caller, deque()).append(item)

    def take(self) -> T:
        """The next item; raises `StopIteration` where there is none."""
        caller = next(iter(self._callers))
        items = self._callers.pop(caller)
        item = items.popleft()
        if items:
            self._callers[caller] = items  # behind all others
        return item

    def __len__(self) -> int:
        return sum(map(len, self._callers.values()))
