"""The caller's end of one child: its two sockets, held for one job or, where it stays, for one after another."""

from __future__ import annotations

import os
import select
import signal
import socket
from contextlib import ExitStack, suppress
from typing import NamedTuple

from neurosym.errors import WorkerError
from neurosym.workers import wire
from neurosym.workers.launcher import Forker


class Report(NamedTuple):
    """What the zygote says of a child: `wire.STARTED`, `EXITED` or `NOT_FORKED`, a number, a moment."""

    what: bytes
    number: int
    moment: float


class Link:
    """A child that a zygote was asked for: `task` carries its requests and replies, `status` what became of it."""

    def __init__(self, home: Forker) -> None:
        """Ask for it; raises `WorkerError` where no socket is left, `OSError` where the zygote is gone."""
        self.home = home
        self.child: int | None = None  # its pid among the zygote's processes, once the zygote has told
        self._ended = False  # and it is no more
        self._handle: int | None = None  # its pidfd, which no other process can come to have
        with ExitStack() as closing:
            try:
                self.task, task_theirs = map(closing.enter_context, socket.socketpair())
                self.status, status_theirs = map(closing.enter_context, socket.socketpair())
            except OSError as error:
                raise WorkerError(f"no sockets left for a worker: {error}") from error
            home.fork(task_theirs, status_theirs)
            closing.pop_all()
        task_theirs.close()
        status_theirs.close()
        self.task.setblocking(False)
        self.status.setblocking(False)

    def report(self) -> Report | None:
        """The zygote's next report, None where the zygote is gone; raises `BlockingIOError` where there is none yet."""
        try:
            raw, handles, _, _ = socket.recv_fds(self.status, wire.REPORT.size, 1)
        except BlockingIOError:
            raise
        except OSError:
            return None
        if len(raw) < wire.REPORT.size:
            return None
        report = Report(*wire.REPORT.unpack(raw))
        if report.what == wire.STARTED:
            self.child = report.number
            self.home.note_child()
            for handle in handles:
                os.set_inheritable(handle, False)
                self._handle = handle
        self._ended = report.what != wire.STARTED
        return report

    def is_waiting(self) -> bool:
        """Whether the child, or the one that is to come, still waits for a job: it has said nothing and is not dead."""
        with suppress(BlockingIOError):
            while (report := self.report()) and report.what == wire.STARTED:
                pass
            return False
        poll = select.poll()
        poll.register(self.task, select.POLLIN)
        return not poll.poll(0)

    def kill(self) -> None:
        """Kill the child, also where its zygote has gone or is busy."""
        if self._handle is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def hang_up(self) -> None:
        """Kill the child, if it is still there, and have the zygote kill what it has started."""
        if self._ended:
            return
        self.kill()
        # Not only close: a fork of the caller may hold copies, and the zygote must see the end all the same.
        for end in (self.task, self.status):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Hang up, and let go of the sockets."""
        self.hang_up()
        self.forget()

    def forget(self) -> None:
        """Let go of the sockets alone: in a fork of the caller, whose child it is not."""
        self.task.close()
        self.status.close()
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
