"""The level of this system: what the layers promise, and what canary attacks found of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from neurosym.errors import SandboxError
from neurosym.workers.job import Job, Limits, Reply, ReplyKind
from neurosym.workers.pool import Pool
from neurosym.workers.sandbox.level import Layer, Level, level_of, missing

_SECONDS = 10.0
_ENTRY = "neurosym.workers.sandbox.canaries:fly"


@dataclass(frozen=True)
class Report:
    """What confines untrusted Python on this system: `layers`, each on only where its canaries were stopped."""

    layers: tuple[Layer, ...]

    @property
    def level(self) -> Level:
        """What the layers add up to."""
        return level_of(self.layers)

    def lacks(self, least: Level) -> str:
        """Why the level `least` is not reached, as a sentence; empty where it is."""
        if self.level >= least:
            return ""
        return f"the sandbox of this system is {self.level}, not {least}: it lacks {missing(self.layers, least)}"

    def require(self, least: Level) -> None:
        """Raise `SandboxError` where the level is below `least`."""
        if why := self.lacks(least):
            raise SandboxError(why)


_found: list[Report] = []


def examine(pool: Pool) -> Report:
    """The report for this system, by attacks in children of `pool`, kept for the process. Raises `WorkerError`."""
    if not _found:  # threads may both find out; a lock could be held in a fork of the caller for ever
        _found.append(attack(pool))
    return _found[0]


def attack(pool: Pool) -> Report:
    """The report of one pool, found anew. Raises `WorkerError`."""
    from neurosym.workers.sandbox.canaries import CANARIES, MEMORY_MB  # brings ctypes, which nobody else here needs

    layers = pool.layers()
    on = {layer.name for layer in layers if layer.on}
    tried = {name: canary for name, canary in CANARIES.items() if canary.layer in on}
    limits = Limits(_SECONDS, memory_mb=MEMORY_MB, sandbox=True, least=Level.NONE)
    # The interpreter itself: a file that is there and that no child needs.
    jobs = [Job(_ENTRY, {"name": name, "path": sys.executable}, limits) for name in tried]
    through = {}
    for (name, canary), reply in zip(tried.items(), pool.run_all(jobs), strict=True):
        if why := _got_through(reply, deadly=canary.deadly):
            through[canary.layer] = f"a canary could {name}: {why}"
    return Report(tuple(_unless(layer, through) for layer in layers))


def _got_through(reply: Reply, *, deadly: bool) -> str:
    """How an attack got through, empty where it did not."""
    stopped = reply.kind in (ReplyKind.TAMPERING, ReplyKind.MEMORY) or (not deadly and reply.value is False)
    return "" if stopped else f"{reply.kind} {reply.message}".strip()


def _unless(layer: Layer, through: Mapping[str, str]) -> Layer:
    return Layer(layer.name, False, through[layer.name]) if layer.name in through else layer
