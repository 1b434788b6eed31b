"""The caller's end of the zygote: starts it as a new interpreter, hands it jobs, ends it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress

from neurosym.errors import WorkerError

# A new interpreter, told where our modules are: a fork of the caller would copy its locks and its secrets.
_BOOTSTRAP = """\
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from neurosym.workers.zygote import serve
serve(int(sys.argv[2]), json.loads(sys.argv[3]))
"""
# What an interpreter may need to start; nothing else of the environment (keys, tokens) reaches a child.
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ", "TMPDIR")
# The order of sets repeats from run to run; no thread pool in a library makes the fork unsafe.
_FIXED = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

_EXIT_SECONDS = 1.0  # to go by itself before it is killed
_STDERR_CHARS = 2_000


class ZygoteProcess:
    """A zygote that we have started; `preload` names the modules it imports."""

    def __init__(self, preload: Sequence[str]) -> None:
        """Start it, without waiting until it serves; raises `WorkerError` where it cannot start."""
        if os.name != "posix":
            raise WorkerError(f"workers need fork and signals, which {sys.platform} lacks: use Linux, macOS or WSL")
        # Entries that are no place in the file system belong to import hooks.
        path = [os.path.abspath(place) if os.path.exists(place or ".") else place for place in sys.path]
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | _FIXED
        self._ended: tuple[int, str] | None = None
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the zygote)
        self._control, theirs = socket.socketpair()
        # -P and -s as in -I; not its -E, for PYTHONHASHSEED. A session of its own: Ctrl-C is for the caller.
        command = [sys.executable, "-P", "-s", "-c", _BOOTSTRAP]
        arguments = [json.dumps(path), str(theirs.fileno()), json.dumps(list(preload))]
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

    def fork(self, task: socket.socket, status: socket.socket) -> None:
        """Fork a child that serves `task`, reported on `status`; raises `OSError` where the zygote is gone."""
        socket.send_fds(self._control, [b"+"], [task.fileno(), status.fileno()])

    def end(self) -> tuple[int, str]:
        """End the zygote and all its children; its exit code (minus a signal's number), its last words."""
        if self._ended is None:
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
        self._close()
        self._process.returncode = 0  # not our child: nothing to wait for

    def _close(self) -> None:
        self._control.close()
        self._stderr.close()
