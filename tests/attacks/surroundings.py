"""Attacks on what a process can see of others and of its own past: /proc, the environment, inherited descriptors."""

from __future__ import annotations

from attacks.attack import Attack

_SCAN = """
import re
def found(raw):
    hit = re.search(scene.shape, raw)
    return hit.group().decode() if hit else ''
def looked(path):
    try:
        return found(open(path, 'rb').read())
    except OSError:
        return ''
"""

ATTACKS = (
    Attack(
        "read the environment",
        "import os\nanswer = str(dict(os.environ))[:20000]\nprint(answer)",
        control=True,
    ),
    Attack(
        "read the environment that the process began with",
        _SCAN + "answer = looked('/proc/self/environ')",
        control=True,
    ),
    Attack(
        "read the environment that C sees",
        """
import ctypes
get = ctypes.CDLL(None).getenv
get.restype = ctypes.c_char_p
answer = get(b'NEUROSYM_CANARY').decode()
""",
        control=True,
    ),
    Attack("read another's environment", _SCAN + "answer = looked(f'/proc/{scene.victim}/environ')", control=True),
    Attack(
        "read the environments of all processes",
        _SCAN + "import os\nanswer = ''.join(looked(f'/proc/{p}/environ') for p in os.listdir('/proc') if p.isdigit())",
        control=True,
    ),
    Attack(
        "read another's command line",
        _SCAN + "answer = looked(f'/proc/{scene.victim}/cmdline')",
        control=True,
    ),
    Attack(
        "read another's memory through /proc",
        _SCAN
        + """
answer = ''
for line in open(f'/proc/{scene.victim}/maps'):
    if '[stack]' in line:
        low, high = (int(end, 16) for end in line.split()[0].split('-'))
        memory = open(f'/proc/{scene.victim}/mem', 'rb')
        memory.seek(low)
        answer = found(memory.read(high - low))
""",
    ),
    Attack(
        "read a file through another's root",
        _SCAN + "answer = looked(f'/proc/{scene.caller}/root{scene.secret_file}')",
    ),
    Attack(
        "reopen the caller's descriptors",
        _SCAN + "answer = looked(f'/proc/{scene.caller}/fd/{scene.held}')",
    ),
    Attack(
        "list the processes",
        "import os\nanswer = 'pwned' if os.path.exists(f'/proc/{scene.victim}') else ''",
        metadata=True,
        control=True,
    ),
    Attack(
        "read every inherited descriptor",
        _SCAN
        + """
import os
answer = ''
for number in range(3, 1024):
    try:
        os.set_blocking(number, False)
        answer += found(os.pread(number, 4096, 0))
    except OSError:
        pass
""",
        control=True,
    ),
    Attack(
        "set a switch of the kernel to what it is",
        """
path = '/proc/sys/kernel/printk_ratelimit'
value = open(path).read()
open(path, 'w').write(value)
answer = 'pwned'
""",
    ),
    Attack(
        "press the kernel's emergency keys",
        "import os\nos.open('/proc/sysrq-trigger', os.O_WRONLY)\nanswer = 'pwned'",
    ),
    Attack(
        "change a control group",
        """
import os
os.mkdir('/sys/fs/cgroup/ns-stray')
os.rmdir('/sys/fs/cgroup/ns-stray')
answer = 'pwned'
""",
    ),
    Attack(
        "search one's own memory for secrets",
        _SCAN
        + """
answer = ''
memory = open('/proc/self/mem', 'rb', 0)
for line in open('/proc/self/maps'):
    span, mode, *_ = line.split()
    low, high = (int(end, 16) for end in span.split('-'))
    if 'r' in mode and 'w' in mode and high - low < 1 << 28:
        try:
            memory.seek(low)
            answer = answer or found(memory.read(high - low))
        except (OSError, OverflowError, ValueError):
            pass
""",
        control=True,
    ),
)
