"""The caller's end of the zygote and of its jail: starts them, hands them jobs, ends them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress

from neurosym.errors import WorkerError
from neurosym.workers import wire
from neurosym.workers.sandbox.level import Layer, Level, level_of

# A new interpreter, told where our modules are: a fork of the caller would copy its locks and its secrets.
_BOOTSTRAP = """\
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from neurosym.workers.zygote import serve
serve(int(sys.argv[2]), json.loads(sys.argv[3]))
"""
# What an interpreter may need to start; nothing else of the environment (keys, tokens) reaches a child.
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ", "TMPDIR")
# The order of sets repeats from run to run; no thread pool in a library makes the fork unsafe; no child looks up the
# functions of libraries anew.
_FIXED = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "LD_BIND_NOW": "1"}

_EXIT_SECONDS = 1.0  # to go by itself before it is killed
_STDERR_CHARS = 2_000


def search_path() -> list[str]:
    """Where a new interpreter finds our modules: `sys.path`, from any working directory."""
    # Entries that are no place in the file system belong to import hooks.
    return [os.path.abspath(place) if os.path.exists(place or ".") else place for place in sys.path]


class Forker:
    """A process that forks children for us, at the other end of a control socket."""

    _control: socket.socket
    served = False

    def note_child(self) -> None:
        """A child was forked: whatever ends the process from now on, it was able to serve."""
        self.served = True

    def fork(self, task: socket.socket, status: socket.socket) -> None:
        """Fork a child that serves `task`, reported on `status`; raises `OSError` where the process is gone."""
        socket.send_fds(self._control, [wire.FORK], [task.fileno(), status.fileno()])


class Jail(Forker):
    """The zygote of sandboxed children, forked from a zygote: closing the control socket ends it."""

    def __init__(self, zygote: ZygoteProcess) -> None:
        """Ask for it, without waiting until it serves; raises `OSError` where the zygote is gone."""
        self._zygote = zygote
        self._control, theirs = socket.socketpair()
        self._layers: tuple[Layer, ...] | None = None
        self._level: Level | None = None
        self._lock = threading.Lock()
        try:
            socket.send_fds(zygote._control, [wire.JAIL], [theirs.fileno()])
        except OSError:
            self.close()
            raise
        finally:
            theirs.close()

    def note_child(self) -> None:
        """A child was forked: it is able to serve, and so is its zygote."""
        self.served = self._zygote.served = True

    def layers(self) -> tuple[Layer, ...]:
        """Which layers hold there; waits until it serves. Raises `OSError` where it has gone."""
        with self._lock:
            if self._layers is None:
                self._layers = tuple(Layer(**layer) for layer in wire.receive_json(self._control))
                self._level = level_of(self._layers)
            return self._layers

    @property
    def level(self) -> Level | None:
        """What its layers add up to; None where it has gone before it told."""
        if self._level is None:
            with suppress(OSError):
                self.layers()
        return self._level

    def close(self) -> None:
        """End it and its children."""
        with suppress(OSError):  # not only close: a fork of the caller may hold a copy
            self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()

    def forget(self) -> None:
        """Let go of it in a fork of the caller."""
        self._control.close()


class ZygoteProcess(Forker):
    """A zygote that we have started; `preload` names the modules it imports."""

    def __init__(self, preload: Sequence[str]) -> None:
        """Start it, without waiting until it serves; raises `WorkerError` where it cannot start."""
        if os.name != "posix":
            raise WorkerError(f"workers need fork and signals, which {sys.platform} lacks: use Linux, macOS or WSL")
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | _FIXED
        self._ended: tuple[int, str] | None = None
        self._jail: Jail | None = None
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the zygote)
        self._control, theirs = socket.socketpair()
        # -P and -s as in -I; not its -E, for PYTHONHASHSEED. A session of its own: Ctrl-C is for the caller.
        command = [sys.executable, "-P", "-s", "-c", _BOOTSTRAP]
        arguments = [json.dumps(search_path()), str(theirs.fileno()), json.dumps(list(preload))]
        try:
            self._process = subprocess.Popen(
                command + arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._stderr,
                pass_fds=[theirs.fileno()],
                cwd="/",
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            self._close()
            raise WorkerError(f"cannot start {sys.executable!r} for the workers: {error}") from error
        finally:
            theirs.close()

    def jail(self) -> Jail:
        """Its jail, started at the first call and after a `lose`; raises `OSError` where the zygote is gone."""
        if self._jail is None:
            self._jail = Jail(self)
        return self._jail

    def has(self, jail: Forker) -> bool:
        """Whether that is its jail now."""
        return self._jail is jail

    def lose(self, jail: Forker) -> None:
        """Let go of its jail, which has ended, or should."""
        if self._jail and self._jail is jail:
            self._jail.close()
            self._jail = None

    def end(self) -> tuple[int, str]:
        """End the zygote and all its children; its exit code (minus a signal's number), its last words."""
        if self._ended is None:
            if self._jail:
                self._jail.close()
            with suppress(OSError):
                self._control.shutdown(socket.SHUT_RDWR)
            try:
                code = self._process.wait(_EXIT_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                code = self._process.wait()
            self._stderr.seek(0)
            self._ended = code, self._stderr.read().decode(errors="replace")[-_STDERR_CHARS:].strip()
            self._close()
        return self._ended

    def stop(self) -> None:
        """End it, also while it still imports its modules (only once it serves does it ignore SIGTERM)."""
        self._process.terminate()
        self.end()

    def disown(self) -> None:
        """Let go of it in a fork of the caller: close our copies, leave the process to its parent."""
        if self._jail:
            self._jail.forget()
        self._close()
        self._process.returncode = 0  # not our child: nothing to wait for

    def _close(self) -> None:
        self._control.close()
        self._stderr.close()
