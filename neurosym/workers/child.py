"""One job in its own process: take the limits on, call the function, write the reply, be gone."""

from __future__ import annotations

import importlib
import json
import os
import signal
import traceback
from contextlib import suppress
from typing import Any

from neurosym.workers import limits as layers
from neurosym.workers import wire
from neurosym.workers.job import Limits, ReplyKind

_TASK = 3  # the one descriptor of ours that the child keeps
_MAX_DESCRIPTORS = 4_096  # more than a zygote ever holds
_FRAMES = -4  # the innermost frames of a traceback

# Ready before memory is short.
_OUT_OF_MEMORY = wire.encode_reply(ReplyKind.MEMORY, message="the memory limit was reached")


def run(task: int, zygote: int) -> None:
    """Do the job on the socket `task` as a fresh fork of the process `zygote`; the caller then exits."""
    _leave_the_zygote(task, zygote)
    head, received = _read_head()
    try:
        limits = Limits(**head["limits"])
        try:
            layers.confine(limits)
        except layers.MissingLayerError as missing:
            reply = wire.encode_reply(ReplyKind.REFUSED, message=f"this system cannot confine Python: {missing}")
        else:
            reply = _call(head["entry"], json.loads(received + _read_rest()), limits)
    except MemoryError:
        reply = _OUT_OF_MEMORY
    _write(reply)


def _leave_the_zygote(task: int, zygote: int) -> None:
    """Keep nothing of the zygote's but its modules; have a session and process group of our own."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    with suppress(OSError):  # without it, the pool kills our group when it sees the zygote gone
        layers.die_with_parent(signal.SIGKILL)
    if os.getppid() != zygote:  # it died before we had asked
        os._exit(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.dup2(task, _TASK, inheritable=False)
    os.closerange(_TASK + 1, _MAX_DESCRIPTORS)


def _call(entry: str, payload: Any, limits: Limits) -> bytes:
    """Call the function that `entry` names; what it returns or raises, as a reply."""
    try:
        module, _, function = entry.partition(":")
        value = getattr(importlib.import_module(module), function)(payload)
        reply = wire.encode_reply(ReplyKind.DONE, value)
    except MemoryError:
        raise
    except BaseException as error:
        return wire.encode_reply(ReplyKind.RAISED, message=_describe(error))
    room = limits.output_bytes + len(wire.encode_reply(ReplyKind.DONE, "")) - len('""')
    if len(reply) > room:
        message = f"the result has more than {limits.output_bytes} bytes"
        return wire.encode_reply(ReplyKind.OUTPUT, message=message)
    return reply


def _describe(error: BaseException) -> str:
    """The exception's type and text, then the tail of its traceback."""
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:  # a __str__ that raises
        text = type(error).__name__
    half = wire.MESSAGE_CHARS // 2
    tail = "".join(traceback.format_tb(error.__traceback__, limit=_FRAMES))
    return f"{text[:half]}\n{tail[-half:]}".rstrip()


def _read_head() -> tuple[dict[str, Any], bytes]:
    """The request's head, and what came with it of the payload."""
    raw = b""
    while len(raw) < wire.HEAD_LENGTH.size or len(raw) < (end := _head_end(raw)):
        more = os.read(_TASK, 65_536)
        if not more:  # the pool has gone before it had asked anything
            os._exit(1)
        raw += more
    return json.loads(raw[wire.HEAD_LENGTH.size : end]), raw[end:]


def _head_end(raw: bytes) -> int:
    length: int = wire.HEAD_LENGTH.unpack_from(raw)[0]
    return wire.HEAD_LENGTH.size + length


def _read_rest() -> bytes:
    parts = []
    while part := os.read(_TASK, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _write(reply: bytes) -> None:
    view = memoryview(reply)
    while view:
        view = view[os.write(_TASK, view) :]
