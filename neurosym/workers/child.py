"""Jobs in a process of their own: take the limits on, call the function, write the reply, stay or be gone."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import traceback
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from neurosym.workers import limits as job_limits
from neurosym.workers import wire
from neurosym.workers.job import Job, Limits, ReplyKind
from neurosym.workers.sandbox import kernel
from neurosym.workers.sandbox.level import Level, missing

if TYPE_CHECKING:
    from neurosym.workers.sandbox.jail import Jail

TASK = 3  # the one descriptor of ours that a child keeps
_CHUNK = 960  # the most that C hands out without tidying up first; holds many requests
_REHEARSALS = 20  # until Python has specialised the instructions
_FRAMES = -4  # the innermost frames of a traceback

# A child that may be used again is so within these bounds, which keep what libraries hoard small.
_JOBS = 100
_GROWTH_BYTES = 256 << 20

while_waiting: list[Callable[[], object]] = []
"""What a preloaded module has each sandboxed child do before its job comes: the pages that a job writes to as well are
then copied already, which takes half of a small job's time."""

# Ready before memory is short.
_ENVELOPE_BYTES = len(wire.encode_reply(ReplyKind.DONE, "")) - len('""')  # of a reply, around its value
_OUT_OF_MEMORY = wire.encode_reply(ReplyKind.MEMORY, message="the memory limit was reached")


def run_jobs(task: int, zygote: int) -> None:
    """Do jobs of our own on the socket `task` as a fresh fork of the process `zygote`; the caller then exits."""
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    kernel.die_with(zygote)
    job_limits.no_core_dump()
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    keep_only(task)
    most = job_limits.occupied_bytes() + _GROWTH_BYTES
    for left in reversed(range(_JOBS)):
        terms, payload, length = _next_request()
        reply, done = _answer(terms, payload, length, job_limits.occupied_bytes())
        if not (done and terms.reuse and left and job_limits.occupied_bytes() < most):
            _write(reply)
            return
        _write(reply + wire.OVER)


def run_untrusted(task: int, jail: Jail) -> None:
    """Wait, confined, for a job that runs code of others, and do it; the caller then exits."""
    keep_only(task)
    for step in jail.steps:
        step()
    for practise in while_waiting:
        practise()
    terms, payload, length = _next_request()
    if jail.level < terms.least:
        absent = missing(jail.layers, Level(terms.least))
        message = f"the sandbox here is of the level {jail.level}, below {Level(terms.least)}; it lacks {absent}"
        _write(wire.encode_reply(ReplyKind.REFUSED, message=message))
        return
    reply, _ = _answer(terms, payload, length, jail.occupied)
    _write(reply + wire.OVER)


def _next_request(task: int = TASK) -> tuple[wire.Terms, bytearray, int]:
    """The terms of the next request, the beginning of its payload, and the length of that."""
    raw = _filled(bytearray(), wire.LENGTHS.size, task)
    head, length = wire.LENGTHS.unpack_from(raw)
    end = wire.LENGTHS.size + head
    _filled(raw, end, task)
    return wire.decode_terms(raw[wire.LENGTHS.size : end]), raw[end:], length


def _answer(terms: wire.Terms, payload: bytearray, length: int, occupied: int, task: int = TASK) -> tuple[bytes, bool]:
    """The reply to a request whose payload of that length is read within its limits, and whether the job was done."""
    try:
        try:
            job_limits.apply(terms, occupied)
        except job_limits.MissingLimitError as error:
            return wire.encode_reply(ReplyKind.REFUSED, message=f"this system cannot limit Python: {error}"), False
        return _call(terms, wire.decode_payload(_filled(payload, length, task)))
    except MemoryError:
        return _OUT_OF_MEMORY, False


def rehearse() -> None:
    """In the jail, do often what every child will do, short of what would bind us.

    Python fills its caches by it and rewrites the code that runs, which in a child would mean pages to copy.
    """
    reader, writer = os.pipe()
    limits = Limits(1e9, memory_mb=1 << 40, sandbox=True)
    request = wire.encode_request(Job(f"{__name__}:_echo", {"text": "", "number": 1}, limits))
    for _ in range(_REHEARSALS):
        kernel.prctl(kernel.SET_NO_NEW_PRIVS, 1)
        _write(request, writer)
        reply, _ = _answer(*_next_request(reader), 0, reader)
        _write(reply, writer)
        os.read(reader, _CHUNK)
    os.close(reader)
    os.close(writer)


def _echo(payload: Any) -> Any:
    return payload


def keep_only(task: int) -> None:
    """Close everything of the zygote's but that descriptor, from now on the first after the three standard ones."""
    signal.set_wakeup_fd(-1)
    os.dup2(task, TASK, inheritable=False)
    os.closerange(TASK + 1, job_limits.MAX_DESCRIPTORS)


def _call(terms: wire.Terms, payload: Any) -> tuple[bytes, bool]:
    """Call the function that is asked for; what it returns or raises, as a reply, and whether it returned."""
    try:
        name, _, function = terms.entry.partition(":")
        module = sys.modules.get(name) or importlib.import_module(name)
        value = getattr(module, function)(payload)
        if not terms.sandbox and isinstance(value, Generator):
            value = _last(value, terms)
        reply = wire.encode_reply(ReplyKind.DONE, value)
    except MemoryError:
        raise
    except _TooLongError:
        return _too_long(terms), False
    except BaseException as error:
        return wire.encode_reply(ReplyKind.RAISED, message=_describe(error)), False
    if len(reply) > terms.output_bytes + _ENVELOPE_BYTES:
        return _too_long(terms), False
    return reply, True


class _TooLongError(Exception):
    """A value before the last is longer than the limit."""


def _last(values: Generator[Any, None, Any], terms: wire.Terms) -> Any:
    """The last value of a job of our own code that gives several; each before it is sent as soon as it is there."""
    while True:
        try:
            line = wire.encode_earlier(next(values))
        except StopIteration as end:
            return end.value
        if len(line) > terms.output_bytes + len(wire.encode_earlier("")) - len('""'):
            raise _TooLongError
        _write(line)


def _too_long(terms: wire.Terms) -> bytes:
    return wire.encode_reply(ReplyKind.OUTPUT, message=f"the result has more than {terms.output_bytes} bytes")


def _describe(error: BaseException) -> str:
    """The exception's type and text, then the tail of its traceback."""
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:  # a __str__ that raises
        text = type(error).__name__
    half = wire.MESSAGE_CHARS // 2
    tail = "".join(traceback.format_tb(error.__traceback__, limit=_FRAMES))
    return f"{text[:half]}\n{tail[-half:]}".rstrip()


def _filled(raw: bytearray, length: int, task: int) -> bytearray:
    """`raw` with at least `length` bytes, the rest of them read; where the pool has gone, nobody waits for us."""
    while len(raw) < length:  # never more than one request is on its way
        more = os.read(task, max(_CHUNK, min(length - len(raw), 1 << 20)))
        if not more:
            os._exit(1)
        raw += more
    return raw


def _write(reply: bytes, task: int = TASK) -> None:
    while reply:
        reply = reply[os.write(task, reply) :]
