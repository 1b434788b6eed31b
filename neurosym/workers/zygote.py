"""The process that forks the children: it has imported the solvers once and runs no untrusted code.

It has one thread, so that forking is safe, and it alone holds the status sockets, so that no child can forge
how it ended. The pool hangs up on a status socket to have that job killed; when the pool is gone, all are.
Sandboxed children come from a fork of it, the jail, which does the same and has given up all but what they need.
"""

from __future__ import annotations

import gc
import importlib
import os
import select
import signal
import socket
import struct
import threading
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from neurosym.workers import child, huge_pages, wire
from neurosym.workers.sandbox import kernel
from neurosym.workers.sandbox.level import CALLS, PRIVILEGES

if TYPE_CHECKING:
    from neurosym.workers.sandbox.jail import Jail


def serve(control: int, preload: Sequence[str]) -> NoReturn:
    """Import the modules in `preload`, then fork as the pool asks on the socket `control` until it goes."""
    for module in preload:
        importlib.import_module(module)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the end is when the pool hangs up: children are killed first
    gc.collect()
    gc.freeze()  # a collection in a child would otherwise copy every page it visits
    huge_pages.collapse(huge_pages.anonymous())
    _Zygote(socket.socket(fileno=control)).loop()


def _serve_confined(control: int) -> NoReturn:
    """Become the jail: take on its layers, tell the pool on the socket `control` which they are, and fork."""
    from neurosym.workers.sandbox import canaries, jail  # noqa: F401 (the canaries are for children)

    with suppress(OSError):
        kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # of its children, too
    child.keep_only(control)
    memory = huge_pages.anonymous()  # while there is a /proc
    ours = jail.build()
    if ours.has(PRIVILEGES):
        child.rehearse()
    socket_ = socket.socket(fileno=child.TASK)
    wire.send_json(socket_, [asdict(layer) for layer in ours.layers])
    gc.freeze()
    huge_pages.collapse(memory)
    _Zygote(socket_, ours).loop()


_PAGE = 4096
_ONE, _TWO = struct.Struct("i"), struct.Struct("2i")  # descriptors that travel along with a message


class _Zygote:
    """What it does for every child is written plainly: what it writes to while a child lives is a page to copy."""

    def __init__(self, control: socket.socket, jail: Jail | None = None) -> None:
        with suppress(OSError):
            kernel.prctl(kernel.SET_CHILD_SUBREAPER, 1)  # what a child leaves behind comes to us, who can kill it
        self._pid = os.getpid()
        self._control, self._jail = control, jail
        self._childless = jail is not None and jail.has(CALLS)  # whether children can have none
        # A module that was preloaded may have started a thread, which the interpreter must then be told is not there.
        self._fork = kernel.fork if threading.active_count() == 1 else os.fork
        self._jails: set[int] = set()  # forked from here
        self._status: dict[int, socket.SocketType] = {}  # by the pid of the child
        self._child: dict[int, int] = {}  # the pid by the descriptor of that socket, while the pool holds the other end
        self._deaths, wake = os.pipe()  # signals are written into it
        self._poll = select.poll()
        for descriptor in (control.fileno(), self._deaths):
            self._poll.register(descriptor, select.POLLIN)
        for end in (self._deaths, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _nothing)

    def loop(self) -> NoReturn:
        """Serve until the pool closes the control socket, then kill every child."""
        control = self._control.fileno()
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor == control:
                    if not self._accept():
                        self._end()
                elif descriptor == self._deaths:
                    os.read(self._deaths, _PAGE)
                else:
                    _kill(self._child[descriptor])
                    self._unwatch(descriptor)
            self._reap()

    def _accept(self) -> bool:
        """Fork a child for the next job, or a jail; False where the pool has gone."""
        data, passed, _, _ = self._control.recvmsg(1, socket.CMSG_SPACE(_TWO.size))
        if not data:
            return False
        received = [descriptor for _, _, raw in passed for (descriptor,) in _ONE.iter_unpack(raw)]
        if data == wire.JAIL:
            self._fork_jail(*received)
            return True
        task, status = received[0], socket.SocketType(socket.AF_UNIX, socket.SOCK_STREAM, 0, received[1])
        status.setblocking(False)
        try:
            pid = self._fork()
        except OSError as error:
            _report(status, wire.NOT_FORKED, error.errno or 0)
            status.close()
        else:
            if pid == 0:
                try:
                    if self._jail:
                        child.run_untrusted(task, self._jail)
                    else:
                        child.run_jobs(task, self._pid)
                    os._exit(0)
                finally:
                    os._exit(1)
            _report_start(status, pid)
            self._status[pid], self._child[received[1]] = status, pid
            self._poll.register(received[1], select.POLLIN)
        os.close(task)
        return True

    def _fork_jail(self, control: int) -> None:
        """Fork a zygote for sandboxed children; where that fails, its end of the socket tells."""
        with suppress(OSError):
            pid = os.fork()
            if pid == 0:
                try:
                    _serve_confined(control)
                except BaseException:
                    traceback.print_exc()
                finally:
                    os._exit(1)
            self._jails.add(pid)
        os.close(control)

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
            self._jails.discard(pid)
            if status := self._status.pop(pid, None):
                if not self._childless:
                    with suppress(ProcessLookupError, PermissionError):
                        os.killpg(pid, signal.SIGKILL)  # its own children
                _report(status, wire.EXITED, how)
                if status.fileno() in self._child:  # not yet hung up
                    self._unwatch(status.fileno())
                status.close()
        if someone_died:
            self._kill_strays()

    def _unwatch(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        del self._child[descriptor]

    def _end(self) -> NoReturn:
        """Kill every child, leave no zombie for others to reap, and skip the interpreter's slow farewell."""
        for pid in (*self._status, *self._jails):
            _kill(pid)
        with suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)
                self._kill_strays()
        os._exit(0)

    def _kill_strays(self) -> None:
        """Kill the orphans that came to us: a child's children that had left its process group."""
        if self._childless:
            return
        try:
            listing = os.open(f"/proc/self/task/{self._pid}/children", os.O_RDONLY)
        except OSError:  # a kernel that does not tell, or not us
            return
        # Each number is followed by a space; one that was cut off is left for the next time.
        for pid in map(int, os.read(listing, _PAGE).rpartition(b" ")[0].split()):
            if pid not in self._status and pid not in self._jails:
                _kill(pid)
        os.close(listing)


def _nothing(number: int, frame: FrameType | None) -> None:
    """What a signal does that is only to wake us up."""


def _kill(pid: int) -> None:
    """Kill our child and its process group; it is not reaped yet, so the number is still its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)  # before it has made a group of its own


def _report_start(status: socket.SocketType, pid: int) -> None:
    """Tell the pool of a new child, and hand it what kills that child and no other."""
    report = wire.REPORT.pack(wire.STARTED, pid, time.monotonic())
    try:
        handle = os.pidfd_open(pid)
    except (AttributeError, OSError):  # a system without
        handle = None
    passed = [] if handle is None else [(socket.SOL_SOCKET, socket.SCM_RIGHTS, _ONE.pack(handle))]
    try:
        status.sendmsg([report], passed)
    except OSError:  # the pool has hung up
        return
    finally:
        if handle is not None:
            os.close(handle)


def _report(status: socket.SocketType, what: bytes, number: int) -> None:
    try:
        status.send(wire.REPORT.pack(what, number, time.monotonic()))
    except OSError:  # the pool has hung up
        return
