"""How a worker ended → an outcome; whatever a worker sends back is checked before it is believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from neurosym.outcome import Outcome, Status
from neurosym.workers import Reply, ReplyKind


def failed(reply: Reply, who: str) -> Outcome | None:
    """The outcome of a job that `who` did not finish; None where it did."""
    match reply.kind:
        case ReplyKind.DONE:
            return None
        case ReplyKind.TIMEOUT:
            status, message = Status.TIMEOUT, f"{who} was stopped at its deadline after {reply.seconds:.1f} s"
        case ReplyKind.MEMORY:
            status, message = Status.GAVE_UP, f"{who} ran out of its memory limit"
        case ReplyKind.OUTPUT:
            status, message = Status.GAVE_UP, f"{who} gave more output than its limit"
        case ReplyKind.REFUSED:
            status, message = Status.UNSUPPORTED, f"{who} cannot be isolated on this system: {reply.message}"
        case ReplyKind.TAMPERING:
            status, message = Status.TAMPERING, f"{who} tried a forbidden system call"
        case ReplyKind.DIED if reply.level is not None:  # in a sandbox there is nobody else to end it
            status, message = Status.MALFORMED, f"{who} ended its own process: {reply.message}"
        case _:
            status, message = Status.FAILURE, f"{who} failed: {reply.message}"
    return Outcome(status, message=message, solver=who, seconds=reply.seconds)


def solver_outcome(reply: Reply, who: str) -> Outcome:
    """The outcome that the solver `who` sent, or what its not sending one means."""
    return failed(reply, who) or _sent(reply.value, who)


def solver_outcomes(reply: Reply, names: Sequence[str]) -> list[Outcome]:
    """The outcomes of the solvers of those names, as far as a job that asks them in turn has come with them.

    At least one; where the job was not done, the last is what became of the solver that it had come to.
    """
    found = [_sent(value, who) for value, who in zip(reply.earlier, names, strict=False)]
    own = replace(reply, seconds=max(0.0, reply.seconds - sum(outcome.seconds for outcome in found)))
    return [*found, solver_outcome(own, names[len(found)])]


def _sent(value: Any, who: str) -> Outcome:
    """The outcome that the solver `who` sent, as a mapping."""
    try:
        return Outcome.from_dict(value)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        return Outcome(Status.FAILURE, message=f"{who} sent no outcome: {error!r}", solver=who)
