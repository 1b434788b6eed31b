"""Attacks by what a program says: floods, monsters and lies on every channel, to drown or confuse the caller."""

from __future__ import annotations

from attacks.attack import ENDED, Attack
from neurosym.outcome import Status

_MALFORMED = frozenset({Status.MALFORMED, Status.GAVE_UP})
_FOUND = """
import os, socket
def say(raw):
    for number in range(3, 64):
        try:
            os.set_blocking(number, True)
            os.write(number, raw)
        except OSError:
            pass
"""


def _reply(name: str, raw: str) -> Attack:
    """Writes `raw`, an expression for bytes, where our replies go, and leaves."""
    return Attack(name, f"{_FOUND}say({raw})\nos._exit(0)", may_be=ENDED, seconds=2.0)


ATTACKS = (
    Attack("print for ever", "while True:\n    print('flood' * 1000)", may_be=frozenset({Status.TIMEOUT}), seconds=0.2),
    Attack(
        "complain for ever",
        "import sys\nwhile True:\n    print('flood' * 1000, file=sys.stderr)",
        may_be=frozenset({Status.TIMEOUT}),
        seconds=0.2,
    ),
    Attack("print a monster", "print('x' * (1 << 28))", may_be=_MALFORMED),
    Attack("answer with a monster", "answer = 'x' * (1 << 27)", may_be=_MALFORMED),
    Attack("answer with a long list", "answer = list(range(10**6))", may_be=_MALFORMED),
    Attack("answer with a deep list", "answer = []\nfor _ in range(10**5):\n    answer = [answer]", may_be=_MALFORMED),
    Attack("answer with a list of itself", "answer = []\nanswer.append(answer)", may_be=_MALFORMED),
    Attack("answer with a huge number", "answer = 1 << 10**8", may_be=_MALFORMED, seconds=4.0),
    Attack(
        "answer with a huge decimal", "from decimal import Decimal\nanswer = Decimal('1e999999999')", may_be=_MALFORMED
    ),
    Attack("raise with a monster", "raise ValueError('x' * (1 << 27))", may_be=_MALFORMED),
    Attack(
        "raise a long chain",
        """
e = None
for _ in range(10**5):
    new = ValueError()
    new.__cause__ = e
    e = new
raise e
""",
        may_be=_MALFORMED,
    ),
    Attack("raise a class without an end", "raise type('x' * 10**7, (Exception,), {})", may_be=_MALFORMED),
    Attack(
        "flood every descriptor",
        _FOUND + "while True:\n    say(b'x' * 65536)",
        may_be=ENDED,
        seconds=1.0,
    ),
    Attack(
        "close every descriptor and go on",
        """
import os
os.closerange(0, 4096)
while True:
    pass
""",
        may_be=ENDED,
        seconds=0.2,
    ),
    Attack(
        "put other files where replies go",
        """
import os
for n in range(3, 64):
    try:
        os.dup2(0, n)
    except OSError:
        pass
answer = 1
""",
        may_be=ENDED,
    ),
    _reply("reply with something that nests", "b'[' * 100_000"),
    _reply("reply with a huge number", 'b\'{"kind": "done", "message": "", "value": \' + b\'9\' * 500_000 + b\'}\''),
    _reply("reply with what is no text", "bytes(range(128, 256)) * 100"),
    _reply("reply in pieces that never end", 'b\'{"kind": "done", \''),
    _reply("reply with what is no number", 'b\'{"kind": "done", "message": "", "value": {"answer": NaN}}\''),
    _reply("reply that the time was up", 'b\'{"kind": "timeout", "message": "", "value": null}\''),
    _reply(
        "reply with another program's answer",
        'b\'{"kind": "done", "message": "", "value": {"answer": "1\\\\nask 2", "stdout": ""}}\'',
    ),
    _reply(
        "reply with a status of its own",
        'b\'{"kind": "done", "message": "", "value": {"status": "true", "answers": ["1"]}}\'',
    ),
    _reply("reply twice", 'b\'{"kind": "done", "message": "", "value": {"answer": "1", "stdout": ""}}\' * 2'),
)
