"""The process that forks the children: it has imported the solvers once and runs no untrusted code.

It has one thread, so that forking is safe, and it alone holds the status sockets, so that no child can forge
how it ended. The pool hangs up on a status socket to have that job killed; when the pool is gone, all are.
"""

from __future__ import annotations

import gc
import importlib
import os
import selectors
import signal
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from neurosym.workers import child, wire
from neurosym.workers.limits import adopt_orphans


def serve(control: int, preload: Sequence[str]) -> NoReturn:
    """Import the modules in `preload`, then fork as the pool asks on the socket `control` until it goes."""
    for module in preload:
        importlib.import_module(module)
    with suppress(OSError):
        adopt_orphans()  # what a child leaves behind comes to us, who can kill it
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the end is when the pool hangs up: children are killed first
    gc.collect()
    gc.freeze()  # a collection in a child would otherwise copy every page it visits
    _Zygote(socket.socket(fileno=control)).loop()


_PAGE = 4096


class _Zygote:
    def __init__(self, control: socket.socket) -> None:
        self._pid = os.getpid()
        self._control = control
        self._status: dict[int, socket.socket] = {}  # by the pid of the child
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._deaths, wake = socket.socketpair()
        self._selector.register(self._deaths, selectors.EVENT_READ)
        for end in (self._deaths, wake):
            end.setblocking(False)
        self._wake = wake  # kept open: signals are written into it
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def loop(self) -> NoReturn:
        """Serve until the pool closes the control socket, then kill every child."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._control:
                    if not self._accept():
                        self._end()
                elif key.fileobj is self._deaths:
                    self._deaths.recv(4096)
                else:
                    self._selector.unregister(key.fileobj)
                    _kill(key.data)
            self._reap()

    def _accept(self) -> bool:
        """Fork a child for the next job; False where the pool has gone."""
        data, received, _, _ = socket.recv_fds(self._control, 1, 2)
        if not data:
            return False
        for descriptor in received:
            os.set_inheritable(descriptor, False)
        task, status = received[0], socket.socket(fileno=received[1])
        status.setblocking(False)
        try:
            pid = os.fork()
        except OSError as error:
            _report(status, wire.NOT_FORKED, error.errno or 0)
            status.close()
        else:
            if pid == 0:
                try:
                    child.run(task, self._pid)
                    os._exit(0)
                finally:
                    os._exit(1)
            _report(status, wire.STARTED, pid)
            self._status[pid] = status
            self._selector.register(status, selectors.EVENT_READ, pid)
        os.close(task)
        return True

    def _reap(self) -> None:
        """Take note of the children that have died, and of what they left running."""
        someone_died = False
        while True:
            try:
                pid, how = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            someone_died = True
            if status := self._status.pop(pid, None):
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)  # its own children
                _report(status, wire.EXITED, how)
                with suppress(KeyError):  # already hung up
                    self._selector.unregister(status)
                status.close()
        if someone_died:
            self._kill_strays()

    def _end(self) -> NoReturn:
        """Kill every child, leave no zombie for others to reap, and skip the interpreter's slow farewell."""
        for pid in self._status:
            _kill(pid)
        with suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)
                self._kill_strays()
        os._exit(0)

    def _kill_strays(self) -> None:
        """Kill the orphans that came to us: a child's children that had left its process group."""
        try:
            listing = os.open(f"/proc/self/task/{self._pid}/children", os.O_RDONLY)
        except FileNotFoundError:  # a kernel that does not tell
            return
        # Each number is followed by a space; one that was cut off is left for the next time.
        for pid in map(int, os.read(listing, _PAGE).rpartition(b" ")[0].split()):
            if pid not in self._status:
                _kill(pid)
        os.close(listing)


def _kill(pid: int) -> None:
    """Kill our child and its process group; it is not reaped yet, so the number is still its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)  # before it has made a group of its own


def _report(status: socket.socket, what: bytes, number: int) -> None:
    with suppress(OSError):  # the pool has hung up
        status.send(wire.REPORT.pack(what, number, time.monotonic()))
