"""The caller's end of one child: its two sockets, held for one job or, where it stays, for one after another."""

from __future__ import annotations

import select
import socket
from contextlib import ExitStack, suppress

from neurosym.errors import WorkerError
from neurosym.workers.launcher import ZygoteProcess


class Link:
    """A child that the zygote was asked for: `task` carries its requests and replies, `status` what became of it."""

    def __init__(self, zygote: ZygoteProcess) -> None:
        """Ask for it; raises `WorkerError` where no socket is left, `OSError` where the zygote is gone."""
        self.zygote = zygote
        self.child: int | None = None  # its pid, once the zygote has told
        with ExitStack() as closing:
            try:
                self.task, task_theirs = map(closing.enter_context, socket.socketpair())
                self.status, status_theirs = map(closing.enter_context, socket.socketpair())
            except OSError as error:
                raise WorkerError(f"no sockets left for a worker: {error}") from error
            zygote.fork(task_theirs, status_theirs)
            closing.pop_all()
        task_theirs.close()
        status_theirs.close()
        self.task.setblocking(False)

    def is_quiet(self) -> bool:
        """Whether nothing was said since the last reply: a child that stays does so until it gets a job, or dies."""
        poll = select.poll()
        for end in (self.task, self.status):
            poll.register(end, select.POLLIN)
        return not poll.poll(0)

    def hang_up(self) -> None:
        """Have the zygote kill the child, if it is still there."""
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
