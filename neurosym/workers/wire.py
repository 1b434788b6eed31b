"""The bytes between pool, zygote and child, so that both ends of each socket are read side by side.

A request is two lengths, a JSON head (`Terms`, ours) and the JSON payload (not ours). A reply is one JSON
object, and the end of a line where nobody need wait for the child's end; a job of our own code may write lines before
it, each with a value that it has by then. The zygote's reports travel on a socket that no child ever holds.
"""

from __future__ import annotations

import json
import socket
import struct
from typing import Any, NamedTuple, NoReturn

from neurosym.errors import UsageError
from neurosym.workers.job import Job, Reply, ReplyKind

LENGTHS = struct.Struct("!IQ")  # of the head and of the payload, in bytes
OVER = b"\n"  # after a reply, and nowhere in its JSON: the child waits for another job or, sandboxed, to be killed
EARLIER = b"+"  # and JSON, and the end of the line: a value before the reply, which never begins so
REPORT = struct.Struct("!cqd")  # what happened, a number, the moment on the system's monotonic clock

FORK = b"+"  # to a zygote, with the sockets of a child
JAIL = b"j"  # to a zygote, with the control socket of a jail: a zygote of sandboxed children

STARTED = b"s"  # the number is the child's pid, among the zygote's processes; a pidfd travels along
EXITED = b"x"  # the number is the child's wait status
NOT_FORKED = b"f"  # the number is the errno

MESSAGE_CHARS = 4_000  # of an exception's text and traceback
ENVELOPE_BYTES = 12 * MESSAGE_CHARS + 1_000  # a reply without its value: JSON may take twelve for a character

# What a child may say of itself; how it ended otherwise is the zygote's word.
SAID_BY_CHILD = frozenset({ReplyKind.DONE, ReplyKind.RAISED, ReplyKind.MEMORY, ReplyKind.OUTPUT, ReplyKind.REFUSED})


class Terms(NamedTuple):
    """What a child is told of a job before it reads the payload: entry, limits, and whether it may stay."""

    entry: str
    seconds: float
    memory_mb: int
    output_bytes: int
    sandbox: bool
    least: int
    reuse: bool


_TO_JSON = json.JSONEncoder(allow_nan=False).encode
# All in C: every function of Python's that a child calls is pages to copy.
_FROM_JSON = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


def send_json(end: socket.socket, value: Any) -> None:
    """Write a value of ours with its length before it."""
    raw = json.dumps(value).encode()
    end.sendall(LENGTHS.pack(0, len(raw)) + raw)


def receive_json(end: socket.socket) -> Any:
    """The value that `send_json` wrote; raises `OSError` where the other end has gone."""
    _, length = LENGTHS.unpack(_receive(end, LENGTHS.size))
    return json.loads(_receive(end, length))


def _receive(end: socket.socket, length: int) -> bytes:
    raw = b""
    while len(raw) < length:
        more = end.recv(length - len(raw))
        if not more:
            raise ConnectionResetError("the other end has gone")
        raw += more
    return raw


def encode_request(job: Job) -> bytes:
    """The request for a job; raises `UsageError` where its payload is not JSON."""
    head = _TO_JSON(Terms(job.entry, **vars(job.limits), reuse=job.reuse)).encode()
    try:
        payload = _TO_JSON(dict(job.payload)).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"the payload of a job for {job.entry} must be JSON: {error}") from error
    return LENGTHS.pack(len(head), len(payload)) + head + payload


def decode_terms(raw: bytearray) -> Terms:
    """The head of a request."""
    return Terms(*decode_payload(raw))


def decode_payload(raw: bytearray) -> Any:
    """The payload of a request, which `encode_request` wrote."""
    return _FROM_JSON(raw.decode(), 0)[0]


def encode_reply(kind: ReplyKind, value: Any = None, message: str = "") -> bytes:
    """The reply's bytes; raises `TypeError` or `ValueError` where the value is not JSON."""
    return _TO_JSON({"kind": kind, "value": value, "message": message}).encode()


def encode_earlier(value: Any) -> bytes:
    """The line with a value before the last; raises `TypeError` or `ValueError` where it is not JSON."""
    return EARLIER + _TO_JSON(value).encode() + b"\n"


def take_earlier(received: bytearray) -> list[Any]:
    """The values of the complete lines that `received` begins with, taken off it, up to one that is unreadable."""
    values = []
    while received.startswith(EARLIER) and (end := received.find(b"\n")) >= 0:
        try:
            values.append(_FROM_CHILD(received[1:end].decode()))
        except (ValueError, RecursionError):
            break
        del received[: end + 1]
    return values


def decode_reply(raw: bytes | bytearray, seconds: float) -> Reply | None:
    """The reply that a child wrote, or None where it is not exactly one."""
    try:
        said = _FROM_CHILD(raw.decode())
    except (ValueError, RecursionError):
        return None
    match said:
        case {"kind": str(kind), "value": value, "message": str(message)} if kind in SAID_BY_CHILD:
            value = value if kind == ReplyKind.DONE else None
            return Reply(ReplyKind(kind), value, message[:MESSAGE_CHARS], seconds)
    return None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_FROM_CHILD = json.JSONDecoder(parse_constant=_refuse).decode
