"""One attempt at one job, from the caller's side: send it, wait for its end, kill it at its deadline."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

from neurosym.workers import wire
from neurosym.workers.job import Job, Reply, ReplyKind
from neurosym.workers.launcher import Forker
from neurosym.workers.link import Link

_LAUNCH_SECONDS = 120.0  # for a zygote to import its modules and fork, on a slow and busy machine
_CHUNK = 1 << 16


class LostAttemptError(Exception):
    """An attempt that says nothing about the job: its child or the zygote was killed by somebody else."""

    def __init__(self, reason: str, *, started: bool, lost: Forker | None = None) -> None:
        super().__init__(reason)
        self.started = started  # there was a child, so the job itself may be to blame
        self.lost = lost  # the zygote, where that died
        self.earlier: tuple[Any, ...] = ()  # the values that the job had given


class Flight:
    """A job on its way, possibly over several attempts; `cancel` and `forget` may come from other threads."""

    def __init__(self, job: Job) -> None:
        """Raises `UsageError` where the payload is not JSON."""
        self.cancelled = False
        self.reuse = job.reuse  # a child that stays will do
        self.sandbox = job.limits.sandbox
        self._job = job
        self._request = wire.encode_request(job)
        self._lock = threading.Lock()  # never hang up on a child that serves somebody else by now
        self._link: Link | None = None

    def cancel(self) -> None:
        """Have the job's child killed, and no new one started."""
        with self._lock:
            self.cancelled = True
            if self._link:
                self._link.hang_up()

    def forget(self) -> None:
        """In a fork of the caller: close our copies of the sockets, the job is not ours."""
        if self._link:
            self._link.forget()

    def attempt(self, link: Link) -> tuple[Reply, bool]:
        """The reply from the child at `link`, and whether it waits for another job; raises `LostAttemptError`."""
        with self._lock:
            self._link = link
            if self.cancelled:
                link.hang_up()
        try:
            exchange = _Exchange(link, self._request, self._job)
            try:
                reply = exchange.reply()
            except LostAttemptError as lost:
                lost.earlier = tuple(exchange.earlier)
                raise
            if exchange.earlier:
                reply = replace(reply, earlier=tuple(exchange.earlier))
            return reply, exchange.stays and not self.cancelled
        finally:
            with self._lock:
                self._link = None


class _Exchange:
    """What has gone over a link's two sockets in this attempt so far."""

    def __init__(self, link: Link, request: bytes, job: Job) -> None:
        self.stays = False  # whether the child has replied and waits for another job
        self.earlier: list[Any] = []  # the values that came before its reply
        self._job, self._limits, self._reuse = job, job.limits, job.reuse
        self._link, self._task, self._status = link, link.task, link.status
        self._unsent = memoryview(request)
        self._received = bytearray()
        self._room = job.limits.output_bytes + wire.ENVELOPE_BYTES
        self._started = time.monotonic()  # of a child that has waited for us; of a new one, the zygote tells
        self._since = self._started  # its time for the next value
        self._deadline = self._started + _LAUNCH_SECONDS if link.child is None else self._due()
        self._poll = select.poll()
        self._poll.register(self._status, select.POLLIN)
        self._send()
        self._poll.register(self._task, select.POLLIN | select.POLLOUT if self._unsent else select.POLLIN)

    def reply(self) -> Reply:
        """Wait for the child's last word, its end or its deadline, whichever comes first."""
        while True:
            left = self._deadline - time.monotonic()
            ready = dict(self._poll.poll(max(left, 0.0) * 1000))
            if self._task.fileno() in ready:
                if self._unsent:
                    self._send()
                    if not self._unsent:
                        self._poll.modify(self._task, select.POLLIN)
                self._receive()
                if self._take_earlier():
                    left = self._deadline - time.monotonic()
            if len(self._received) > self._room:
                return self._too_long()
            if self._status.fileno() in ready:
                if reply := self._read_report():
                    return reply
            elif left <= 0:  # and no report has come in time
                return self._overdue()
            if self._link.child is not None and self._has_said_all():  # its report may come after its reply
                return self._said()

    def _send(self) -> None:
        """Hand over as much of the request as there is room for."""
        try:
            while self._unsent:
                self._unsent = self._unsent[self._task.send(self._unsent[:_CHUNK]) :]
        except BlockingIOError:
            return
        except OSError:  # the child has gone; the status socket tells how
            self._unsent = self._unsent[:0]

    def _receive(self) -> bool:
        """Take in what the child has written; False where nothing is left."""
        try:
            chunk = self._task.recv(_CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            chunk = b""
        if not chunk:  # closed, which says nothing yet: a hostile child may close it and go on
            with suppress(KeyError):
                self._poll.unregister(self._task)
        self._received += chunk
        return bool(chunk)

    def _take_earlier(self) -> bool:
        """Take note of values before the reply, which only a child of our own code is believed; whether there were."""
        values = wire.take_earlier(self._received) if self._reuse else []
        if values:
            self.earlier += values
            self._since = time.monotonic()
            self._deadline = self._due()
        return bool(values)

    def _due(self) -> float:
        """The moment by which the next value must be here."""
        end = self._started + self._limits.seconds
        pace = self._job.pace
        return end if pace is None else min(end, self._since + pace(self.earlier, end - self._since))

    def _read_report(self) -> Reply | None:
        """Take in one report of the zygote; the reply where it is the last."""
        report = self._link.report()
        if report is None:
            if self._link.child is not None and not self._limits.sandbox:  # a jail's children have no group outside it
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._link.child, signal.SIGKILL)  # with what it has started
            raise LostAttemptError("the zygote died", started=self._link.child is not None, lost=self._link.home)
        what, number, moment = report
        if what == wire.NOT_FORKED:
            raise LostAttemptError(f"no process for a worker: {os.strerror(number)}", started=True)
        if what == wire.STARTED:
            self._started = max(moment, self._started)
            self._since = max(self._started, self._since)
            self._deadline = self._due()
            return None
        return self._ended(number, moment - self._started)

    def _has_said_all(self) -> bool:
        """Whether the child has replied and now stays or, sandboxed, is to be killed.

        To wait for its end as well would take longer than most programs do. One that forges a reply is cut short by
        that, and has no more of it than if it had exited then.
        """
        return (self._reuse or self._limits.sandbox) and self._received.endswith(wire.OVER)

    def _said(self) -> Reply:
        """The reply of a child that has not ended; only one of our own code may stay."""
        seconds = time.monotonic() - self._started
        reply = wire.decode_reply(self._received, seconds)
        self.stays = self._reuse and reply is not None
        return reply or Reply(ReplyKind.DIED, message="the worker's reply is unreadable", seconds=seconds)

    def _ended(self, how: int, seconds: float) -> Reply:
        """The reply of a child that ended with the wait status `how`."""
        while self._receive():
            self._take_earlier()
            if len(self._received) > self._room:
                return self._too_long()
        reply = wire.decode_reply(self._received, seconds)
        if os.WIFEXITED(how):
            if reply and os.WEXITSTATUS(how) == 0:
                return reply
            message = f"the worker exited with code {os.WEXITSTATUS(how)} and without a readable reply"
            return Reply(ReplyKind.DIED, message=message, seconds=seconds)
        number = os.WTERMSIG(how)
        if number == signal.SIGXCPU:
            return self._out_of_time(seconds)
        message = f"the worker was killed by {_signal_name(number)}"
        if number == signal.SIGSYS and self._limits.sandbox:
            return Reply(ReplyKind.TAMPERING, message="the worker made a forbidden system call", seconds=seconds)
        if number != signal.SIGKILL:
            return Reply(ReplyKind.DIED, message=message, seconds=seconds)
        if reply:  # it had said everything
            return reply
        raise LostAttemptError(message, started=True)

    def _overdue(self) -> Reply:
        if self._link.child is None:
            reason = f"no worker was started within {_LAUNCH_SECONDS:g} s"
            raise LostAttemptError(reason, started=False, lost=self._link.home)  # or hangs, which is the same to us
        return self._out_of_time(time.monotonic() - self._started)

    def _out_of_time(self, seconds: float) -> Reply:
        message = f"killed after {self._deadline - self._since:g} s"
        return Reply(ReplyKind.TIMEOUT, message=message, seconds=seconds)

    def _too_long(self) -> Reply:
        message = f"the worker wrote more than {self._limits.output_bytes} bytes"
        return Reply(ReplyKind.OUTPUT, message=message, seconds=time.monotonic() - self._started)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # most real-time signals have no name
        return f"signal {number}"
