"""Attacks below Python: system calls by ctypes, machine code, memory of its own and of others, crashes."""

from __future__ import annotations

from attacks.attack import ENDED, Attack

_LIBC = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
intel = os.uname().machine == 'x86_64'
def won(result):
    return 'pwned' if result >= 0 else ''
"""


def _call(name: str, intel: int, arm: int, arguments: str = "", *, control: bool = False) -> Attack:
    """The system call with these numbers; it got through where it did not fail."""
    comma = ", " if arguments else ""
    code = f"{_LIBC}answer = won(libc.syscall({intel} if intel else {arm}{comma}{arguments}))"
    return Attack(name, code, control=control)


ATTACKS = (
    _call("queue system calls in a ring", 425, 425, "8, ctypes.create_string_buffer(120)"),
    _call("make a user namespace", 272, 97, "0x10000000"),
    _call("make a mount namespace", 272, 97, "0x00020000"),
    _call("clone into new namespaces", 435, 435, "(ctypes.c_uint64 * 8)(0x10020000, 0, 0, 0, 17), 64"),
    _call("change the root", 161, 51, "b'/tmp'"),
    _call("load a program into the kernel", 321, 280, "0, ctypes.create_string_buffer(72), 72"),
    _call("count the processor's events", 298, 241, "(ctypes.c_uint32 * 32)(1, 112, 0), 0, -1, -1, 0"),
    _call("handle one's own page faults", 323, 282, "0"),
    _call("keep a key in the kernel", 248, 217, "b'user', b'ns-stray', b'x', 1, -2", control=True),
    _call("read the kernel's log", 103, 116, "3, ctypes.create_string_buffer(4096), 4096"),
    _call("watch the whole file system", 300, 262, "0, 0"),
    _call("open another process by its number", 434, 434, "scene.victim, 0", control=True),
    _call("compare with another process", 312, 272, "scene.victim, scene.caller, 0, 0, 0", control=True),
    _call("give up a fixed layout of memory", 135, 92, "0x0040000"),
    _call("run code in memory that nobody sees", 319, 279, "b'x', 0", control=True),
    _call("make a queue of messages that stays", 68, 186, "0x4e530001, 0o1600"),
    _call("make semaphores that stay", 64, 190, "0x4e530001, 1, 0o1600"),
    _call("name the machine as it is named", 170, 161, "os.uname().nodename.encode(), len(os.uname().nodename)"),
    Attack(
        "mount a file system",  # of a kind that no kernel has: it would fail only for that, where mounting is allowed
        _LIBC
        + """
libc.mount(b'none', b'/', b'ns-no-such-kind', 0, None)
answer = 'pwned' if ctypes.get_errno() == 19 else ''
""",
    ),
    Attack(
        "become root",
        _LIBC
        + "before = os.geteuid()\nlibc.setresuid(0, 0, 0)\nanswer = 'pwned' if before and not os.geteuid() else ''",
    ),
    Attack(
        "leave a shared segment behind",
        _LIBC + "answer = won(libc.shmget(0x4e530002, 4096, 0o1600))",
    ),
    Attack(
        "read another's memory by a system call",
        _LIBC
        + """
import re
class Span(ctypes.Structure):
    _fields_ = [('base', ctypes.c_void_p), ('length', ctypes.c_size_t)]
answer = ''
for line in open(f'/proc/{scene.victim}/maps'):
    if '[stack]' in line:
        low, high = (int(end, 16) for end in line.split()[0].split('-'))
        room = ctypes.create_string_buffer(high - low)
        here, there = Span(ctypes.addressof(room), high - low), Span(low, high - low)
        libc.process_vm_readv(scene.victim, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
        answer = re.search(scene.shape, room.raw).group().decode()
""",
    ),
    Attack(
        "take a descriptor out of the caller",
        _LIBC
        + """
process = libc.syscall(434, scene.caller, 0)
answer = os.pread(libc.syscall(438, process, scene.held, 0), 99, 0).decode()
""",
    ),
    Attack(
        "reach the caller's mounts",
        _LIBC + "answer = won(libc.setns(os.open(f'/proc/{scene.caller}/ns/mnt', 0), 0))",
    ),
    Attack(
        "fork in machine code",
        """
import ctypes, mmap
code = bytes.fromhex('b8390000000f05c3')  # mov eax, 57; syscall; ret
room = mmap.mmap(-1, 4096, prot=7)
room.write(code)
call = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(room)))
pid = call()
if pid == 0:
    import os
    os._exit(0)
answer = 'pwned' if pid > 0 else ''
""",
    ),
    Attack(
        "fork by the 32-bit interface",
        """
import ctypes, mmap
code = bytes.fromhex('b802000000cd80c3')  # mov eax, 2; int 0x80; ret
room = mmap.mmap(-1, 4096, prot=7)
room.write(code)
call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(room)))
pid = call()
if pid == 0:
    import os
    os._exit(0)
answer = 'pwned' if pid > 0 else ''
""",
    ),
    Attack(
        "fork by the x32 interface",
        _LIBC
        + """
pid = libc.syscall(57 | 0x40000000)
if pid == 0:
    os._exit(0)
answer = 'pwned' if pid > 0 else ''
""",
    ),
    Attack(
        "load a library of its own",
        """
import ctypes, os
path = scene.open_dir + '/own.so'
open(path, 'wb').write(b'\\x7fELF' + bytes(200))
ctypes.CDLL(path)
""",
    ),
    Attack("read a null pointer", "import ctypes\nctypes.string_at(0)", may_be=ENDED),
    Attack(
        "crash the interpreter by bytecode",
        """
def f():
    return 1
f.__code__ = f.__code__.replace(co_consts=(), co_stacksize=0, co_code=bytes([100, 250]) * 8 + f.__code__.co_code)
answer = f()
""",
        may_be=ENDED,
    ),
    Attack(
        "crash the interpreter by freeing what it holds",
        """
import ctypes
for _ in range(10**4):
    ctypes.pythonapi.Py_DecRef(ctypes.py_object(None))
    ctypes.pythonapi.Py_DecRef(ctypes.py_object(int))
answer = 1
""",
    ),
)
