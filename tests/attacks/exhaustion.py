"""Attacks on time and memory: take everything, in every form, and never end."""

from __future__ import annotations

from attacks.attack import ENDED, Attack
from neurosym.outcome import Status

_STOPPED = frozenset({Status.TIMEOUT, Status.GAVE_UP, Status.MALFORMED, Status.TAMPERING})
_MUCH = 3 << 30  # three times what a program may take


def _memory(name: str, code: str) -> Attack:
    """Takes memory, and says so where it has got far more than it may."""
    return Attack(name, code.replace("MUCH", str(_MUCH)), may_be=ENDED, seconds=2.0)


def _endless(name: str, code: str) -> Attack:
    return Attack(name, code, may_be=_STOPPED, seconds=0.2)


ATTACKS = (
    _memory("take memory in one piece", "x = bytearray(MUCH)\nanswer = 'pwned'"),
    _memory(
        "take memory in many pieces",
        """
x = []
while len(x) < MUCH >> 20:
    x.append(bytearray(1 << 20))
answer = 'pwned'
""",
    ),
    _memory("take memory as a string", "x = 'a' * MUCH\nanswer = 'pwned'"),
    _memory("take memory as a list", "x = [0] * (MUCH // 8)\nanswer = 'pwned'"),
    _memory(
        "take memory as a doubling list",
        """
x = [0]
while len(x) < MUCH // 8:
    x += x
answer = 'pwned'
""",
    ),
    _memory("take memory by a format", "x = '%03221225472d' % 1\nanswer = 'pwned'"),
    _memory("take memory by numpy", "import numpy\nx = numpy.ones(MUCH // 8)\nanswer = 'pwned'"),
    _memory(
        "take memory by mapping",
        """
import mmap
x = mmap.mmap(-1, MUCH)
for i in range(0, MUCH, 4096):
    x[i] = 1
answer = 'pwned'
""",
    ),
    _memory(
        "take memory as files in memory",
        """
import os
x = os.memfd_create('x')
piece = bytes(1 << 20)
for _ in range(MUCH >> 20):
    os.write(x, piece)
answer = 'pwned'
""",
    ),
    _memory(
        "take memory in pipes",
        """
import fcntl, os
held = 0
try:
    while held < MUCH:
        ends = os.pipe()
        os.set_blocking(ends[1], False)
        fcntl.fcntl(ends[1], 1031, 1 << 20)
        held += os.write(ends[1], bytes(1 << 20))
except OSError:
    pass
if held < 64 << 20:
    raise SystemExit
answer = 'pwned'
""",
    ),
    _memory(
        "unpack a bomb",
        """
import zlib
packed = zlib.compress(bytes(1 << 24))
x = [zlib.decompress(packed) for _ in range(MUCH >> 24)]
answer = 'pwned'
""",
    ),
    _memory(
        "keep what it raises",
        """
def f(n):
    try:
        raise ValueError(bytearray(1 << 24))
    except ValueError as e:
        keep.append(e)
keep = []
while len(keep) < MUCH >> 24:
    f(0)
answer = 'pwned'
""",
    ),
    Attack(
        "catch the end of memory and go on",
        """
x = []
while True:
    try:
        x.append(bytearray(1 << 22))
    except BaseException:
        x.append(None)
""",
        may_be=ENDED,
        seconds=0.5,
    ),
    _endless("loop for ever", "while True:\n    pass"),
    _endless(
        "loop for ever and catch everything",
        """
def f():
    while True:
        try:
            while True:
                pass
        except BaseException:
            f()
f()
""",
    ),
    _endless("count for ever in C", "import itertools\nsum(itertools.repeat(1))"),
    _endless("compare for ever in C", "max(iter(int, 1))"),
    _endless("sleep for a week", "import time\ntime.sleep(604800)"),
    _endless(
        "wait for a lock that it holds",
        """
import threading
lock = threading.Lock()
lock.acquire()
lock.acquire()
""",
    ),
    _endless("read what never comes", "import socket\na, b = socket.socketpair()\na.recv(1)"),
    _endless("raise a tower of powers", "answer = 9**9**9"),
    _endless("multiply huge integers", "x = 3\nwhile True:\n    x *= x"),
    _endless("write a huge integer out", "import sys\nsys.set_int_max_str_digits(0)\nanswer = str(7**20_000_000)"),
    _endless("find a huge factorial", "import math\nanswer = math.factorial(10**8)"),
    _endless(
        "calculate a million digits of many",
        "from decimal import *\ngetcontext().prec = 10**7\nanswer = Decimal(2).sqrt().ln()",
    ),
    _endless(
        "add fractions for ever",
        """
from fractions import Fraction
x = Fraction(1)
for i in range(1, 10**9):
    x += Fraction(1, i)
""",
    ),
    _endless("match a regular expression that explodes", "import re\nre.match('(a+)+$', 'a' * 60 + 'b')"),
    _endless(
        "list all orders of twenty things", "import itertools\nfor x in itertools.permutations(range(20)):\n    pass"
    ),
    _endless(
        "collide in a dictionary", "x = {(i * (2**61 - 1)): i for i in range(10**6)}\nwhile True:\n    x.pop(0, 0)"
    ),
    _endless(
        "expand a huge product",
        "from sympy import *\nx, y, z = symbols('x y z')\nanswer = expand((x + y + z + 1)**400)",
    ),
    _endless(
        "factor a huge number", "import sympy\nanswer = sympy.factorint((10**60 + 7) * (10**61 + 9) * (2**521 - 1))"
    ),
    _endless(
        "recurse in an error's text",
        """
class E(Exception):
    def __str__(self):
        while True:
            pass
raise E
""",
    ),
    _endless(
        "never finish being looked at",
        """
class A(type):
    def __instancecheck__(c, o):
        while True: pass
    def __getattribute__(c, n):
        while True: pass
class B(metaclass=A):
    def __getattribute__(s, n):
        while True: pass
answer = B()
while True:
    str(answer)
""",
    ),
    Attack("recurse in Python", "def f(n):\n    return f(n + 1)\nf(0)", may_be=_STOPPED),
    Attack(
        "recurse until the stack ends",
        """
import sys
sys.setrecursionlimit(10**9)
def f(n):
    return [f(n + 1) for _ in (1,)]
f(0)
""",
        may_be=ENDED,
        seconds=1.0,
    ),
    Attack(
        "nest until the stack of C ends",
        """
x = []
for _ in range(10**6):
    x = [x]
import sys
sys.setrecursionlimit(10**9)
answer = repr(x)
""",
        may_be=ENDED,
        seconds=1.0,
    ),
    Attack("nest brackets for the parser", "answer = eval('(' * 10**5 + ')' * 10**5)", may_be=ENDED),
    Attack("nest operators for the compiler", "answer = compile('-' * 10**6 + '1', '', 'eval')", may_be=ENDED),
    Attack(
        "fold constants in the compiler",
        "answer = eval('(' + '1 << 60) * ('* 500 + '1)' + ' * [0] * 10**10')",
        may_be=ENDED,
    ),
    Attack(
        "load a bomb of pickled references",
        """
import pickle
x = b'(lp0\\n' + b'0'.join(b'(lp%d\\ng%d\\nag%d\\na' % (i, i - 1, i - 1) for i in range(1, 60)) + b'.'
x = pickle.loads(x)
answer = str(x)
""",
        may_be=ENDED,
        seconds=1.0,
    ),
    Attack(
        "load malformed code", "import marshal\nexec(marshal.loads(b'c' + bytes(range(1, 200)) * 20))", may_be=ENDED
    ),
    Attack(
        "load a document of laughs",
        """
import xml.etree.ElementTree as tree
text = '<!DOCTYPE x [<!ENTITY a0 "ha">'
for i in range(1, 40):
    text += f'<!ENTITY a{i} "' + f'&a{i - 1};' * 10 + '">'
answer = len(tree.fromstring(text + ']><x>&a39;</x>').text)
""",
        may_be=ENDED,
        seconds=1.0,
    ),
)
