"""Attacks by way of processes: start programs, fork, breed threads, signal and trace others, outlive the deadline."""

from __future__ import annotations

from attacks.attack import ENDED, Attack
from neurosym.outcome import Status

ATTACKS = (
    Attack("run a shell command", "import os\nos.system(f'touch {scene.mark}')", control=True),
    Attack(
        "run a program",
        "import subprocess\nanswer = subprocess.run(['cat', scene.secret_file], capture_output=True).stdout.decode()",
        control=True,
    ),
    Attack(
        "spawn a program",
        """
import os
where = '/bin/touch' if os.path.exists('/bin/touch') else '/usr/bin/touch'
os.waitpid(os.posix_spawn(where, ['touch', scene.mark], {}), 0)
""",
        control=True,
    ),
    Attack(
        "become another program",
        "import os\nos.execv('/bin/sh', ['sh', '-c', f'touch {scene.mark}'])",
        control=True,
    ),
    Attack(
        "become a program that has no file",
        """
import os
program = os.memfd_create('x', 0)
os.write(program, b'#!/bin/sh\\ntouch ' + scene.mark.encode() + b'\\n')
os.execve(program, ['x'], {})
""",
        control=True,
    ),
    Attack(
        "have a library run a program",
        """
import ctypes.util
ctypes.util._findLib_gcc('c')
import os
os.popen(f'touch {scene.mark}').read()
""",
        control=True,
    ),
    Attack(
        "fork",
        """
import os
if os.fork() == 0:
    os._exit(0)
answer = 'pwned'
""",
        control=True,
    ),
    Attack(
        "fork by a system call of its own",
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
pid = libc.syscall(57 if os.uname().machine == 'x86_64' else 220, 17, 0, 0, 0, 0)
if pid == 0:
    os._exit(0)
answer = 'pwned' if pid > 0 else ''
""",
        control=True,
    ),
    Attack(
        "have multiprocessing start a process",
        """
import multiprocessing
process = multiprocessing.get_context('fork').Process(target=int)
process.start()
process.join()
answer = 'pwned'
""",
        control=True,
    ),
    Attack(
        "fork without end",
        """
import os, time
children = 0
while children < 50:  # as good as without end, and bearable where nothing stops it
    if os.fork() == 0:
        time.sleep(2)
        os._exit(0)
    children += 1
answer = 'pwned'
""",
        seconds=1.0,
    ),
    Attack(
        "leave a daemon behind",
        """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open('/proc/self/comm', 'w').write(scene.stray)
        time.sleep(2)
    os._exit(0)
time.sleep(0.1)
""",
        control=True,
    ),
    Attack(
        "start a thousand threads",
        """
import threading, time
count = 0
try:
    while count < 1000:
        threading.Thread(target=time.sleep, args=(3,), daemon=True).start()
        count += 1
except RuntimeError:
    pass
answer = 'pwned' if count > 100 else ''
""",
        seconds=3.0,
    ),
    Attack(
        "stop another process",
        "import os, signal\nos.kill(scene.victim, signal.SIGTERM)",
        control=True,
    ),
    Attack(
        "signal the caller",
        "import os, signal\nos.kill(scene.caller, signal.SIGUSR1)",
        control=True,
    ),
    Attack(
        "signal the caller through a file",
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
descriptor = libc.syscall(434, scene.caller, 0)
if descriptor >= 0:
    libc.syscall(424, descriptor, 10, None, 0)
""",
        control=True,
    ),
    Attack(
        "have input and output signal the caller",
        """
import fcntl, os, socket
ours, other = socket.socketpair()
fcntl.fcntl(ours, fcntl.F_SETOWN, scene.caller)
fcntl.fcntl(ours, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
other.send(b'x')
""",
        control=True,
    ),
    Attack(
        "signal everything at once",  # with the signal that only asks whether one could
        "import os\nos.kill(-1, 0)\nanswer = 'pwned'",
        control=True,
    ),
    Attack(
        "kill the process that made it",
        """
import os, signal
try:
    if os.getppid() > 1:
        os.kill(os.getppid(), signal.SIGKILL)
        answer = 'pwned'
except OSError:
    pass
""",
    ),
    Attack(
        "slow another process down",
        "import os\nos.setpriority(os.PRIO_PROCESS, scene.victim, 19)",
        control=True,
    ),
    Attack(
        "take another's limits away",
        """
import resource
resource.prlimit(scene.victim, resource.RLIMIT_NOFILE, (3, 3))
""",
        control=True,
    ),
    Attack(
        "raise its own limits",
        """
import resource
low, high = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
answer = 'pwned'
""",
        control=True,
    ),
    Attack(
        "outlive every signal it can catch",
        """
import signal
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    pass
""",
        may_be=frozenset({Status.TIMEOUT}),
        seconds=0.2,
    ),
    Attack(
        "leave the group that is killed",
        """
import os
for leave in (os.setsid, lambda: os.setpgid(0, 0)):
    try:
        leave()
    except OSError:
        pass
while True:
    pass
""",
        may_be=frozenset({Status.TIMEOUT, Status.TAMPERING}),
        seconds=0.2,
    ),
    Attack(
        "stop itself instead of ending",
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
        may_be=ENDED,
        seconds=0.2,
    ),
    Attack("die of a signal that is not its fault", "import os\nos.kill(os.getpid(), 9)", may_be=ENDED),
    Attack("leave without a word", "import os\nos._exit(0)", may_be=ENDED),
    Attack("abort", "import os\nos.abort()", may_be=ENDED),
    Attack(
        "go on after its end",
        """
import atexit, threading, weakref
def spoil():
    open(scene.mark, 'w').close()
    while True:
        pass
atexit.register(spoil)
class Last:
    def __del__(self):
        spoil()
kept = Last()
weakref.finalize(kept, spoil)
threading._register_atexit(spoil)
answer = 1
""",
        seconds=1.0,
    ),
    Attack(
        "trace another process",
        """
import ctypes
if ctypes.CDLL(None, use_errno=True).ptrace(0x4206, scene.victim, None, None) == 0:
    answer = 'pwned'
""",
        control=True,
    ),
)
