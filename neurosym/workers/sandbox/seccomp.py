"""The layer of system calls: a filter that lets a child compute and kills it where it tries to reach out.

The filter (classic BPF, seccomp(2)) finds the call's number by binary search: the kernel runs it for every call that
it cannot decide beforehand, and once for every number when a child takes it on.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from collections.abc import Mapping
from functools import cache

from neurosym.workers.sandbox import kernel, syscalls

Instruction = tuple[int, int, int, int]  # code, jump where true, jump where false, operand
Code = tuple[Instruction, ...]

_FILTER = 2  # the mode of PR_SET_SECCOMP
_INSTRUCTION = struct.Struct("=HBBI")
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_X32 = 0x4000_0000  # set in the numbers of x86_64's second table of calls

_ALLOW = 0x7FFF_0000
_KILL = 0x8000_0000  # the whole process
_UNKNOWN, _FORBIDDEN = (0x0005_0000 | code for code in (errno.ENOSYS, errno.EPERM))
_NO_THREAD = 0x0005_0000 | errno.EAGAIN

_THREAD = 0x0001_0000  # CLONE_THREAD
_UNIX = 1
_FCNTL = (0, 1, 2, 3, 4, 1030)  # duplicate, get and set flags; not whom to signal about a descriptor
_IOCTL = (0x5401, 0x5413, 0x5421, 0x541B, 0x5450, 0x5451)  # is it a terminal, how wide, (non)blocking, close at exec
_PRCTL = (15, 16, 0x53564D41)  # the thread's name; names for memory


def install(*, program: bool = False) -> None:
    """Confine this process for good, to what Python needs or, for another `program`, to becoming that and its threads.

    Which program that may be, the layer of files says. Raises `OSError` where the kernel has no filters, or none for
    this machine.
    """
    kernel.prctl(kernel.SET_SECCOMP, _FILTER, ctypes.addressof(assembled(program)))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


@cache
def assembled(program: bool) -> ctypes.Structure:
    """The filter as the kernel takes it; takes and raises what `install` does."""
    machine = platform.machine()
    if machine not in syscalls.ARCHITECTURES or sys.maxsize < 2**32:
        known = " and ".join(syscalls.ARCHITECTURES)
        raise OSError(errno.ENOSYS, f"no filter is written for this interpreter on {machine}, only for 64 bit {known}")
    column, architecture = syscalls.ARCHITECTURES[machine]
    code = b"".join(_INSTRUCTION.pack(*instruction) for instruction in _filter(column, architecture, program))
    return _Program(len(code) // _INSTRUCTION.size, code)


def _filter(column: int, architecture: int, program: bool) -> Code:
    """The filter for the architecture in that column of the tables."""
    leaves: dict[int, Code] = {}
    for table, action in ((syscalls.ALLOWED, _ALLOW), (syscalls.DENIED, _FORBIDDEN), (syscalls.DEADLY, _KILL)):
        leaves |= {number: _answer(action) for _, number in syscalls.numbers(table, column)}
    leaves |= {number: _CHECKS[name] for name, number in syscalls.numbers(syscalls.CHECKED, column)}
    if program:
        number_of = dict(syscalls.numbers(f"{syscalls.DEADLY},{syscalls.CHECKED}", column))
        leaves |= {number_of["execve"]: _answer(_ALLOW), number_of["clone"]: _threads(_ALLOW)}
    ranges: list[tuple[int, Code]] = []  # where it starts, and the code for every number up to the next
    for start in sorted({0, *leaves, *(number + 1 for number in leaves)}):
        code = leaves.get(start, _answer(_UNKNOWN))
        if not ranges or ranges[-1][1] != code:
            ranges.append((start, code))
    ranges.append((_X32, _answer(_KILL)))
    return (
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        *_answer(_KILL),
        (_LOAD, 0, 0, _NUMBER),
        *_search(ranges),
    )


def _search(ranges: list[tuple[int, Code]]) -> Code:
    """Code that goes to the range in which the loaded number is."""
    if len(ranges) == 1:
        return ranges[0][1]
    middle = len(ranges) // 2
    below, above = _search(ranges[:middle]), _search(ranges[middle:])
    return ((_AT_LEAST, len(below), 0, ranges[middle][0]), *below, *above)


def _answer(action: int) -> Code:
    return ((_RETURN, 0, 0, action),)


def _by_argument(position: int, actions: Mapping[int, int], otherwise: int) -> Code:
    """Code that decides by the lower half of an argument (all of those here are C ints)."""
    code: Code = ((_LOAD, 0, 0, _ARGUMENTS + 8 * position),)
    for value, action in actions.items():
        code += ((_EQUAL, 0, 1, value), *_answer(action))
    return code + _answer(otherwise)


def _threads(action: int) -> Code:
    """Code that answers so where `clone` is to make a thread; where a process, it is an attack."""
    return ((_LOAD, 0, 0, _ARGUMENTS), (_ANY_BIT, 0, 1, _THREAD), *_answer(action), *_answer(_KILL))


_CHECKS: Mapping[str, Code] = {
    # A thread is refused as where there are too many. clone3 hides in memory what it is to make.
    "clone": _threads(_NO_THREAD),
    "clone3": _answer(_UNKNOWN),
    # The C library asks a local daemon about users and hosts; nobody else needs a socket.
    "socket": _by_argument(0, {_UNIX: _FORBIDDEN}, _KILL),
    "prlimit64": _by_argument(0, {0: _ALLOW}, _KILL),  # of others: a way to hurt what runs as the same user
    "fcntl": _by_argument(1, dict.fromkeys(_FCNTL, _ALLOW), _FORBIDDEN),
    "ioctl": _by_argument(1, dict.fromkeys(_IOCTL, _ALLOW), _FORBIDDEN),
    "prctl": _by_argument(0, dict.fromkeys(_PRCTL, _ALLOW), _FORBIDDEN),
}
