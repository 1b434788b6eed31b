"""Candidates from a file: what a model once proposed, or what a test wants proposed; and the recorder that writes it.

One JSON object a line: `{"key": "p1", "round": 0, "candidates": ["ask 1\\n", {"text": "ask 2\\n", "logprob": -3.5}]}`.
The r-th time a key is asked for, it is given its round r.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurosym.errors import InputError
from neurosym.models.base import Candidate, LineCheck, Model, Request, Training


class RecordedModel:
    """Replays a recording: at most `n` of the candidates it holds for a key and round, none where it holds none."""

    def __init__(self, path: str | Path) -> None:
        """Read the recording. Raises InputError where it cannot be read, naming the line."""
        self._path = Path(path)
        self._candidates = _read(self._path)
        self._rounds: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """`recorded:` and the file's name."""
        return f"recorded:{self._path.name}"

    @property
    def training(self) -> Training | None:
        """None: a recording is not asked anything."""
        return None

    def propose(
        self, requests: Sequence[Request], *, check: LineCheck, seed: int
    ) -> Iterator[tuple[int, tuple[Candidate, ...]]]:
        """See `Model`. Nothing is decoded, so lines are not checked and budget and seed change nothing."""
        for i, request in enumerate(requests):
            with self._lock:
                turn = self._rounds[request.key]
                self._rounds[request.key] += 1
            yield i, self._candidates.get((request.key, turn), ())[: request.n]


@dataclass(frozen=True)
class Recorder:
    """Passes on what another model proposes and appends it to a file, for RecordedModel to replay."""

    model: Model
    path: Path
    rounds: Counter[str]

    @property
    def name(self) -> str:
        """The recorded model's own name."""
        return self.model.name

    @property
    def training(self) -> Training | None:
        """The recorded model's own."""
        return self.model.training

    def propose(
        self, requests: Sequence[Request], *, check: LineCheck, seed: int
    ) -> Iterator[tuple[int, tuple[Candidate, ...]]]:
        """See `Model`."""
        for i, candidates in self.model.propose(requests, check=check, seed=seed):
            key = requests[i].key
            line = {"key": key, "round": self.rounds[key], "candidates": [_plain(c) for c in candidates]}
            self.rounds[key] += 1
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
            yield i, candidates


def record(model: Model, path: str | Path) -> Recorder:
    """The same model, whose candidates are written to the new file `path`. Raises InputError where it cannot be."""
    try:
        Path(path).write_text("", encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot record to {path}: {error.strerror}") from error
    return Recorder(model, Path(path), Counter())


def _read(path: Path) -> dict[tuple[str, int], tuple[Candidate, ...]]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the recording {path}: {error}") from error
    found: dict[tuple[str, int], tuple[Candidate, ...]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            plain = json.loads(line)
            key, turn = plain["key"], plain.get("round", 0)
            candidates = tuple(map(_candidate, plain["candidates"]))
            if not (isinstance(key, str) and isinstance(turn, int)):
                raise TypeError("key must be a text, round a number")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            example = '{"key": "p1", "round": 0, "candidates": ["ask 1\\n"]}'
            raise InputError(f"{path}, line {number}: not of the form {example} ({error})") from error
        if (key, turn) in found:
            raise InputError(f"{path}, line {number}: round {turn} of {key!r} was already given")
        found[key, turn] = candidates
    return found


def _plain(candidate: Candidate) -> dict[str, Any]:
    return {name: value for name, value in vars(candidate).items() if name != "decoded"}


def _candidate(plain: Any) -> Candidate:
    if isinstance(plain, str):
        plain = {"text": plain}
    candidate = Candidate(**{"logprob": None, "tokens": 0, "finish": "end", **plain})
    if not isinstance(candidate.text, str):
        raise TypeError("a candidate's text must be a text")
    return candidate
