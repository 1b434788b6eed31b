"""Jobs in a process of their own: take the limits on, call the function, write the reply, stay or be gone."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from neurosym.workers import limits as job_limits
from neurosym.workers import wire
from neurosym.workers.job import Limits, ReplyKind
from neurosym.workers.sandbox import kernel
from neurosym.workers.sandbox.level import Level, missing

if TYPE_CHECKING:
    from neurosym.workers.sandbox.jail import Jail

_TASK = 3  # the one descriptor of ours that the child keeps
_FRAMES = -4  # the innermost frames of a traceback

# A child that may be used again is so within these bounds, which keep what libraries hoard small.
_JOBS = 100
_GROWTH_BYTES = 256 << 20

# Ready before memory is short.
_OUT_OF_MEMORY = wire.encode_reply(ReplyKind.MEMORY, message="the memory limit was reached")


def run_jobs(task: int, zygote: int) -> None:
    """Do jobs of our own on the socket `task` as a fresh fork of the process `zygote`; the caller then exits."""
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    _leave_the_zygote(task, zygote, os.open(os.devnull, os.O_RDWR))
    most = job_limits.occupied_bytes() + _GROWTH_BYTES
    for left in reversed(range(_JOBS)):
        head, length = _next_request()
        occupied = job_limits.occupied_bytes()
        reply, done = _answer(head, length, Limits(**head["limits"]), occupied)
        if not (done and head["reuse"] and left and job_limits.occupied_bytes() < most):
            _write(reply)
            return
        _write(reply + wire.STAYS)


def run_untrusted(task: int, zygote: int, jail: Jail) -> None:
    """Wait, confined, for a job that runs code of others, and do it; the caller then exits."""
    _leave_the_zygote(task, zygote, jail.nothing)
    for step in jail.steps:
        step()
    head, length = _next_request()
    limits = Limits(**head["limits"])
    if jail.level < limits.least:
        absent = missing(jail.layers, limits.least)
        message = f"the sandbox here is of the level {jail.level}, below {Level(limits.least)}; it lacks {absent}"
        _write(wire.encode_reply(ReplyKind.REFUSED, message=message))
        return
    reply, _ = _answer(head, length, limits, jail.occupied)
    _write(reply)


def _next_request() -> tuple[dict[str, Any], int]:
    """The head of the next request and the length of its payload, which is still to be read."""
    head_length, length = wire.LENGTHS.unpack(_read(wire.LENGTHS.size))
    return wire.decode_part(_read(head_length)), length


def _answer(head: dict[str, Any], length: int, limits: Limits, occupied: int) -> tuple[bytes, bool]:
    """The reply to a request whose payload of that length is still to be read, and whether the job was done."""
    try:
        try:
            job_limits.apply(limits, occupied)
        except job_limits.MissingLimitError as error:
            return wire.encode_reply(ReplyKind.REFUSED, message=f"this system cannot limit Python: {error}"), False
        return _call(head["entry"], wire.decode_part(_read(length)), limits)
    except MemoryError:
        return _OUT_OF_MEMORY, False


def _leave_the_zygote(task: int, zygote: int, nothing: int) -> None:
    """Keep nothing of the zygote's but its modules; have a session and process group of our own.

    `nothing` is a descriptor of /dev/null.
    """
    os.setsid()
    signal.set_wakeup_fd(-1)
    with suppress(OSError):  # without it, the pool kills our group when it sees the zygote gone
        kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != zygote:  # it died before we had asked
        os._exit(1)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.dup2(task, _TASK, inheritable=False)
    os.closerange(_TASK + 1, job_limits.MAX_DESCRIPTORS)


def _call(entry: str, payload: Any, limits: Limits) -> tuple[bytes, bool]:
    """Call the function that `entry` names; what it returns or raises, as a reply, and whether it returned."""
    try:
        name, _, function = entry.partition(":")
        module = sys.modules.get(name) or importlib.import_module(name)
        value = getattr(module, function)(payload)
        reply = wire.encode_reply(ReplyKind.DONE, value)
    except MemoryError:
        raise
    except BaseException as error:
        return wire.encode_reply(ReplyKind.RAISED, message=_describe(error)), False
    room = limits.output_bytes + len(wire.encode_reply(ReplyKind.DONE, "")) - len('""')
    if len(reply) > room:
        message = f"the result has more than {limits.output_bytes} bytes"
        return wire.encode_reply(ReplyKind.OUTPUT, message=message), False
    return reply, True


def _describe(error: BaseException) -> str:
    """The exception's type and text, then the tail of its traceback."""
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:  # a __str__ that raises
        text = type(error).__name__
    half = wire.MESSAGE_CHARS // 2
    tail = "".join(traceback.format_tb(error.__traceback__, limit=_FRAMES))
    return f"{text[:half]}\n{tail[-half:]}".rstrip()


def _read(length: int) -> bytearray:
    """The next `length` bytes; where the pool has gone, nobody waits for us."""
    raw = bytearray()
    while len(raw) < length:
        more = os.read(_TASK, min(length - len(raw), 1 << 20))
        if not more:
            os._exit(1)
        raw += more
    return raw


def _write(reply: bytes) -> None:
    view = memoryview(reply)
    while view:
        view = view[os.write(_TASK, view) :]
