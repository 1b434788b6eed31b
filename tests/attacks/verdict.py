"""Attacks on the verdict: make the caller believe that `total` is the number that it asks for.

The number is in the program, not in the block: a block that finds it, or makes it equal to what it has, gets through.
"""

from __future__ import annotations

from attacks.attack import Attack

_SEEN = """
def right(x):
    return type(x) is int and 777_000_000_000_000 < x < 778_000_000_000_000
"""


def _forge(name: str, code: str, *, control: bool = True) -> Attack:
    return Attack(name, code, verdict=True, seconds=3.0, control=control)


ATTACKS = (
    _forge("equal everything", "class Any:\n    def __eq__(self, other): return True\ntotal = Any()"),
    _forge(
        "equal everything as a kind of integer",
        """
class Any(int):
    def __eq__(self, other): return True
    __hash__ = int.__hash__
total = Any(1)
""",
    ),
    _forge(
        "equal everything as a kind of text",
        """
class Any(str):
    def __eq__(self, other): return True
    __hash__ = str.__hash__
total = Any('1')
""",
    ),
    _forge(
        "equal everything as a kind of float",
        """
class Any(float):
    def __eq__(self, other): return True
    __hash__ = float.__hash__
total = Any(1)
""",
    ),
    _forge(
        "equal everything as a fraction",
        """
from fractions import Fraction
class Any(Fraction):
    def __eq__(self, other): return True
    __hash__ = None
total = Any(1)
""",
    ),
    _forge(
        "lie about its class",
        """
class Any:
    __class__ = int
    def __eq__(self, other): return True
    def __index__(self): return 1
total = Any()
""",
    ),
    _forge(
        "answer with what answers for the other side",
        """
class Any:
    def __getattr__(self, name): return lambda *a: True
    def __eq__(self, other): return NotImplemented if other is self else True
total = Any()
""",
    ),
    _forge(
        "change how integers of its own compare after they were looked at",
        """
class Any(int):
    seen = 0
    def __eq__(self, other):
        Any.seen += 1
        return True
    def __hash__(self): return 1
    def __reduce__(self): return (int, (1,))
total = Any(1)
""",
    ),
    _forge(
        "find the number among all objects",
        _SEEN
        + """
import gc
total = 0
for thing in gc.get_objects():
    parts = thing.values() if type(thing) is dict else thing if type(thing) in (list, tuple) else ()
    for part in list(parts):
        if right(part):
            total = part
""",
    ),
    _forge(
        "find the number in the frames above",
        _SEEN
        + """
import sys
total, frame = 0, sys._getframe()
while frame:
    for value in [*frame.f_locals.values(), *frame.f_globals.values()]:
        if right(value):
            total = value
    frame = frame.f_back
""",
    ),
    _forge(
        "find the number by a traceback",
        _SEEN
        + """
total = 0
try:
    raise ValueError
except ValueError as error:
    frame = error.__traceback__.tb_frame
    while frame:
        total = next(filter(right, frame.f_locals.values()), total)
        frame = frame.f_back
""",
    ),
    _forge(
        "find the number as text in memory",
        """
import re
total = 0
memory = open('/proc/self/mem', 'rb', 0)
for line in open('/proc/self/maps'):
    span, mode, *_ = line.split()
    low, high = (int(end, 16) for end in span.split('-'))
    if 'rw' in mode and high - low < 1 << 28:
        try:
            memory.seek(low)
            hit = re.search(rb'(?<![0-9])777[0-9]{12}(?![0-9])', memory.read(high - low))
        except (OSError, OverflowError, ValueError):
            continue
        if hit:
            total = int(hit.group())
""",
    ),
    _forge(
        "watch the caller's next steps",
        _SEEN
        + """
import sys
total = 1
class Later:
    def __eq__(self, other): return True
def watch(frame, event, argument):
    for value in frame.f_locals.values():
        if type(value) is dict and 'total' in value:
            value['total'] = Later()
    return watch
sys.setprofile(watch)
sys.settrace(watch)
sys._getframe().f_globals['total'] = Later()
""",
    ),
    _forge(
        "poison the builtins",
        """
import builtins
class Yes:
    def __eq__(self, other): return True
    def __bool__(self): return True
builtins.isinstance = builtins.any = builtins.all = lambda *a: True
builtins.type = builtins.int = builtins.str = builtins.repr = lambda *a: Yes()
total = Yes()
""",
    ),
    _forge(
        "poison our own modules",
        """
import sys
total = 1
for name, module in list(sys.modules.items()):
    if name.startswith('neurosym'):
        for function in ('value_text', 'answer_text', 'show_expr', 'term', 'program_outcome'):
            if hasattr(module, function):
                setattr(module, function, lambda *a: 'total = total')
""",
        control=False,
    ),
    _forge(
        "poison the modules that write replies",
        """
import json
total = 1
said = '{"kind": "done", "message": "", "value": {"values": {"total": "true or true"}, "stdout": ""}}'
json.dumps = lambda *a, **k: said
""",
        control=False,
    ),
    _forge("be the name of the answer", "total = 'expected'", control=False),
    _forge("be a list of the name of the answer", "total = ['expected']", control=False),
    _forge("be what the program is read as", "total = '1) or (1 = 1'", control=False),
    _forge(
        "give values to names that are not its own",
        """
import neurosym.solvers.python as ours
ours.assigned_names = lambda code: {'total': 1, 'expected': 1}
expected = 1 if False else 0
total = 0
""",
        control=False,
    ),
    _forge(
        "change small integers for all",
        """
import ctypes
for small in range(-5, 257):
    ctypes.c_ssize_t.from_address(id(small) + 16 + 8).value = 777
total = 12
""",
        control=False,
    ),
    _forge(
        "be what is no number",
        """
total = float('nan')
class N(float):
    def __eq__(s, o): return True
total = N('nan')
""",
    ),
    _forge(
        "run code where the answer is unpacked",
        """
class Bomb:
    def __reduce__(self):
        import os
        return (os.system, (f'touch {scene.mark}',))
    def __eq__(self, other):
        return True
total = Bomb()
""",
    ),
    _forge(
        "speak for the block and leave",
        """
import os
raw = b'{"kind": "done", "message": "", "value": {"values": {"total": "expected", "expected": "1"}, "stdout": ""}}'
for number in range(3, 64):
    try:
        os.write(number, raw)
    except OSError:
        pass
os._exit(0)
total = 1
""",
        control=False,
    ),
)
