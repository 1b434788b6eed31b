"""What an attack finds around it (secrets, files, ports, a process), and what it did there."""

from __future__ import annotations

import os
import resource
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from attacks.attack import WON

_MIB = 1 << 20
_ROOM_BYTES = 200 * _MIB  # how much more memory the caller itself may take during one attack
_VICTIM = "import sys\nfor line in sys.stdin:\n    print(line, end='', flush=True)"
_ANSWER_SECONDS = 20.0  # many times what a busy machine takes: a process that is alive answers
_SEGMENT = 0x4E53_0002  # the key of a shared segment that an attack wants to leave behind


class Scene:
    """The surroundings of the attacks of one run; `header` tells a program of them, `harms` tells what it did."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self.secret = f"canary-{secrets.token_hex(8)}"
        self.number = 777_000_000_000_000 + secrets.randbelow(10**12)
        self.stray = f"ns-{secrets.token_hex(4)}"  # what it calls a process that it wants to leave behind
        self.root = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="neurosym-scene-")))
        self.root.chmod(0o755)
        self.secret_file = self._file("secret.txt", self.secret)
        self.link = self.root / "link"
        self.link.symlink_to(self.secret)
        self.open_dir = self.root / "open"
        self.open_dir.mkdir()
        self.open_dir.chmod(0o777)
        self.target = self._file("open/target.txt", "the caller's")
        self.target.chmod(0o666)
        self.tcp = self._listener(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        self.udp = self._listener(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        self.unix = self._listener(socket.AF_UNIX, socket.SOCK_STREAM, str(self.root / "socket"))
        (self.root / "socket").chmod(0o777)
        self.abstract = self._listener(socket.AF_UNIX, socket.SOCK_STREAM, f"\0ns-{secrets.token_hex(4)}")
        self._hold_secret_open()
        self.victim = subprocess.Popen(
            [sys.executable, "-S", "-c", _VICTIM, self.secret],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"TOKEN": self.secret},
        )
        self._open.callback(self._end_victim)
        self._signals: list[int] = []
        for number in (signal.SIGUSR1, signal.SIGIO):
            previous = signal.signal(number, lambda received, _: self._signals.append(received))
            self._open.callback(signal.signal, number, previous)
        os.environ["NEUROSYM_CANARY"] = self.secret
        self._open.callback(os.environ.pop, "NEUROSYM_CANARY", None)
        self._before = self._state()
        self._room = _peak() + _ROOM_BYTES

    def __enter__(self) -> Scene:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def header(self) -> str:
        """Python that binds `scene`; it says where the secrets are, not what."""
        places = {
            "secret_file": str(self.secret_file),
            "link": str(self.link),
            "open_dir": str(self.open_dir),
            "target": str(self.target),
            "mark": str(self.mark),
            "tcp": self.tcp.getsockname()[1],
            "udp": self.udp.getsockname()[1],
            "unix": str(self.root / "socket"),
            "abstract": self.abstract.getsockname().decode("latin-1"),
            "victim": self.victim.pid,
            "caller": os.getpid(),
            "held": self.held.fileno(),
            "shape": rb"canary-[0-9a-f]{16}",
            "stray": self.stray,
        }
        return "class scene:\n" + "".join(f"    {name} = {place!r}\n" for name, place in places.items())

    @property
    def mark(self) -> Path:
        """A file outside the scene's own folder that nobody has a reason to make."""
        return Path(tempfile.gettempdir()) / f"{self.root.name}-mark"

    def harms(self, said: str) -> list[str]:
        """What the attack did whose outcome says `said`; the scene is then as it was, or says that it is not."""
        found = []
        if self.secret in said:
            found.append("it told the secret")
        if WON in said:
            found.append("it says that it got through")
        after = self._state()
        found += [f"it changed {name}" for name, value in after.items() if value != self._before[name]]
        if self._signals:
            found.append(f"it sent the caller the signals {self._signals}")
        for name in ("tcp", "udp", "unix", "abstract"):
            if select.select([getattr(self, name)], [], [], 0)[0]:
                found.append(f"it reached the {name} socket")
                self._drain(getattr(self, name))
        if _peak() > self._room:
            found.append("it filled the caller's memory")
            self._room = _peak() + _ROOM_BYTES
        self._signals.clear()
        self._before = after
        return found

    def _state(self) -> dict[str, object]:
        """What no attack may change."""
        files = {
            str(path): (path.lstat().st_mode, path.lstat().st_mtime, path.read_bytes() if path.is_file() else b"")
            for path in sorted(self.root.rglob("*"))
        }
        alive = self._victim_answers()
        strays = [p.parent.name for p in Path("/proc").glob("[0-9]*/comm") if _read(p).strip() == self.stray]
        return {
            "files": files,
            "what is beside them": self.mark.exists(),
            "shared memory": sorted(name for name in _names("/dev/shm") if "ns-" in name),
            "shared segments": str(_SEGMENT) in _read(Path("/proc/sysvipc/shm")),
            "the other process": alive and (os.getpriority(os.PRIO_PROCESS, self.victim.pid), _limits(self.victim.pid)),
            "the processes": strays,
        }

    def _file(self, name: str, text: str) -> Path:
        path = self.root / name
        path.write_text(text)
        return path

    def _listener(self, family: int, kind: int, address: str | tuple[str, int]) -> socket.socket:
        listener = self._open.enter_context(socket.socket(family, kind))
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen()
        return listener

    def _hold_secret_open(self) -> None:
        """A file without a name, held in a descriptor that every child of ours would inherit."""
        self.held = self._open.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 (the stack closes it)
        self.held.write(self.secret.encode())
        self.held.flush()
        os.set_inheritable(self.held.fileno(), True)

    def _drain(self, listener: socket.socket) -> None:
        if listener.type == socket.SOCK_STREAM:
            listener.accept()[0].close()
        else:
            listener.recv(65_536)

    def _victim_answers(self) -> bool:
        """Whether the other process still does its work: a signal on its way to it comes before its next answer."""
        there, back = self.victim.stdin, self.victim.stdout
        assert there
        assert back
        try:
            os.write(there.fileno(), b"?\n")
        except BrokenPipeError:
            return False
        return bool(select.select([back], [], [], _ANSWER_SECONDS)[0]) and os.read(back.fileno(), 2) == b"?\n"

    def _end_victim(self) -> None:
        self.victim.kill()
        self.victim.communicate()
        self.mark.unlink(missing_ok=True)


def _limits(pid: int) -> str:
    return _read(Path(f"/proc/{pid}/limits"))


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _names(folder: str) -> list[str]:
    return os.listdir(folder) if os.path.isdir(folder) else []


def _peak() -> int:
    """The most memory that this process ever had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
