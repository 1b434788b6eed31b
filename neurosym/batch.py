"""Files of problems or programs: read line by line, written as results come, resumed where they stopped."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from neurosym.errors import InputError


@dataclass(frozen=True)
class Record:
    """One line of input: where it stood (line from 1), its id and its fields, checked."""

    line: int
    id: str
    fields: Mapping[str, Any]

    def key(self, configuration: Mapping[str, Any]) -> str:
        """Identifies this record under this configuration: what a result that is there already must match."""
        said = json.dumps([self.id, dict(self.fields), dict(configuration)], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class BadLine:
    """A line that cannot be used, and why."""

    line: int
    why: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.why}"


def read_records(text: str, *, required: str, optional: Iterable[str]) -> tuple[list[Record], list[BadLine]]:
    """The records of a JSONL text, and the lines that are none.

    Each line is an object with `required`, the optional fields, and an `id` (the line's number where it has none). All
    fields are strings, `options` a list of strings. Other fields are not read: a gold answer cannot leak.
    """
    records: list[Record] = []
    bad: list[BadLine] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = _record(number, line, required, tuple(optional))
        except InputError as error:
            bad.append(BadLine(number, str(error)))
            continue
        if record.id in seen:
            bad.append(BadLine(number, f"the id {record.id!r} is taken by line {seen[record.id]}"))
            continue
        seen[record.id] = number
        records.append(record)
    return records, bad


def _record(number: int, line: str, required: str, optional: tuple[str, ...]) -> Record:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}") from None
    if not isinstance(given, dict):
        raise InputError(f'an object is expected, such as {{"id": "1", "{required}": "..."}}')
    identity = given.get("id", number)
    if isinstance(identity, bool) or not isinstance(identity, str | int):
        raise InputError(f'"id" is a string or an integer, not {identity!r}')
    fields: dict[str, Any] = {}
    for name in (required, *optional):
        value = given.get(name)
        if name == "options":
            if value is not None and not (isinstance(value, list) and all(isinstance(v, str) for v in value)):
                raise InputError('"options" is a list of strings')
        elif value is not None and not isinstance(value, str):
            raise InputError(f'"{name}" is a string, not {type(value).__name__}')
        if value is not None:
            fields[name] = value
    if not fields.get(required, "").strip():
        raise InputError(f'"{required}" is missing or empty')
    return Record(number, str(identity), fields)


def read_stories(text: str, *, name: str) -> list[Record]:
    """Plain text with a blank line between items: records whose field `name` is one item each, ids from 1."""
    records: list[Record] = []
    start, lines = 0, []
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line.strip():
            start = start or number
            lines.append(line.strip())
        elif lines:
            records.append(Record(start, str(len(records) + 1), {name: "\n".join(lines)}))
            start, lines = 0, []
    return records


@dataclass(frozen=True)
class Found:
    """A certificate as it was found, not looked at yet; a text says why it is none, None that a result has none."""

    id: str
    given: Mapping[str, Any] | str | None


def read_certificates(text: str) -> list[Found]:
    """The certificates in a text: one JSON object, or one a line, bare or as `certificate` of a result."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        lines = [(n, line) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
        return [_found(n, line) for n, line in lines]
    return [_found(1, whole)]


def _found(number: int, given: object) -> Found:
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError) as error:
            return Found(str(number), f"line {number}: not JSON: {error}")
    if not isinstance(given, dict):
        return Found(str(number), f"line {number}: a certificate is an object")
    identity = str(given.get("id", number))
    given = given if "claim" in given else given.get("certificate")
    return Found(identity, given if given is None or isinstance(given, dict) else f"line {number}: no certificate")


def read_text(path: str, stdin: TextIO) -> str:
    """The text of a file, or of standard input for "-". Raises InputError where it cannot be read."""
    try:
        return stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text: {error}") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None


class Output:
    """Where results go, a JSON line each: standard output, or a file that a second run takes up again.

    A line in the file with the key of a record is that record's result, and is not made again; a last line that was cut
    off is dropped.
    """

    def __init__(self, path: str | None, stdout: TextIO) -> None:
        """Raises InputError where the file cannot be opened or holds something else than results."""
        self.done: dict[str, dict[str, Any]] = {}
        self._stream = stdout
        self._path = path
        if path is not None:
            try:
                self._take_up(Path(path))
                self._stream = Path(path).open("a", encoding="utf-8")  # noqa: SIM115  (closed by `close`)
            except (OSError, UnicodeDecodeError) as error:
                raise InputError(f"{path} cannot be written: {error}") from None

    def _take_up(self, path: Path) -> None:
        if not path.exists():
            return
        *lines, rest = path.read_text(encoding="utf-8").split("\n")
        for number, line in enumerate(lines, start=1):
            try:
                result = json.loads(line)
                self.done[result["key"]] = result
            except (ValueError, KeyError, TypeError):
                raise InputError(f"{path} line {number} is no result of ours: name another output file") from None
        if rest:
            with path.open("r+b") as file:
                file.truncate(file.seek(0, os.SEEK_END) - len(rest.encode()))

    def write(self, result: Mapping[str, Any]) -> None:
        """Write one result, at once. Raises BrokenPipeError where the reader has gone."""
        self._stream.write(json.dumps(result, ensure_ascii=False) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Close the file, if it is one."""
        if self._path is not None:
            self._stream.close()
