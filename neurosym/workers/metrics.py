"""What a pool has done so far, in numbers."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from neurosym.workers.job import Reply, ReplyKind

_RECENT = 1_000

# What was ended by us, by a limit of ours or by the kernel on our behalf.
_KILLED = frozenset({ReplyKind.TIMEOUT, ReplyKind.OUTPUT, ReplyKind.TAMPERING, ReplyKind.CANCELLED})


@dataclass(frozen=True)
class Metrics:
    """A pool's numbers at one moment.

    queued:    jobs that wait for a child; `running`: jobs that have one; `waiting`: children that wait for a job.
    replies:   how many jobs ended in which way since the pool was made.
    kills:     jobs ended at their deadline, at their output's limit, at a forbidden call, or cancelled.
    retries:   attempts that others ended (an operator, a kernel short of memory) and that were made again.
    recycled:  children that were used up.
    zygotes:   zygotes started; one more for every one that died.
    queue_ms, latency_ms:  of the last thousand jobs, the median and the 99th percentile of the milliseconds before a
               child was free, and until the reply.
    """

    queued: int
    running: int
    waiting: int
    replies: dict[str, int]
    kills: int
    retries: int
    recycled: int
    zygotes: int
    queue_ms: tuple[float, float]
    latency_ms: tuple[float, float]


@dataclass
class Tally:
    """What `Metrics` are made of, counted as it happens."""

    replies: Counter[ReplyKind] = field(default_factory=Counter)
    retries: int = 0
    recycled: int = 0
    zygotes: int = 0
    queued: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))  # seconds
    taken: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))

    def note(self, reply: Reply, queued: float, taken: float) -> None:
        """Count a job that took `taken` seconds, of which it waited `queued`."""
        self.replies[reply.kind] += 1
        self.queued.append(queued)
        self.taken.append(taken)

    def metrics(self, *, queued: int, running: int, waiting: int) -> Metrics:
        """The numbers now."""
        return Metrics(
            queued,
            running,
            waiting,
            {kind.value: count for kind, count in self.replies.items()},
            sum(count for kind, count in self.replies.items() if kind in _KILLED),
            self.retries,
            self.recycled,
            self.zygotes,
            _milliseconds(self.queued),
            _milliseconds(self.taken),
        )


def _milliseconds(seconds: deque[float]) -> tuple[float, float]:
    ordered = sorted(seconds) or [0.0]
    return ordered[len(ordered) // 2] * 1e3, ordered[len(ordered) * 99 // 100] * 1e3
