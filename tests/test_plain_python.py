"""Plain Python without a fork: what it is, that both interpreters mean the same by it, what confines the quick one."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from processes import children_of

from neurosym import Outcome, run
from neurosym.language.plain_python import is_sure, plain
from neurosym.solving.sandbox import run_program, sandbox
from neurosym.workers import Level, Limits, Reply, ReplyKind
from neurosym.workers import monty as workers_monty
from neurosym.workers.launcher import search_path
from neurosym.workers.monty import QUICK, Monty, monty

PLAIN = [
    "answer = sum(n for n in range(1, 100) if n % 7 == 0)",
    "def solution():\n    'How many?'\n    a = 3\n    return a / 2\n",
    "def f(n):\n    return n * f(n - 1) if n > 1 else 1\nf(20)",
    "x = 3\nprint(x * 2)",
    "xs = [3, 1, 2]\nif len(xs) > 2:\n    ans = sorted(xs)\nelse:\n    ans = 0\n",
    "import math\nans = math.floor(math.sqrt(10)) ** 2",
    "total, n = 0.1, 0\nwhile total < 1:\n    total += 0.2\n    n += 1\nprint(f'{n} rounds, {total}')\nanswer = total",
    "answer = 'yes' if 3 in [1, 2, 3] else 'no'",
    "best = None\nfor x, y in zip([1, 2], [3, 4]):\n    if best is None or x * y > best:\n        best = x * y\nbest",
    "print(1.5)\nprint('a b')",
]
NOT_PLAIN = [
    "answer = round(2.5)",
    "answer = {1, 2}",
    "answer = {1.0: 2}",
    "answer = f'{1 / 3:.2f}'",
    "answer = '%.2f' % 2.5",
    "answer = f'{2375899906842623.0 / 3}'",
    "answer = float('nan')",
    "answer = 1e999 - 1e999",
    "answer = int('12')",
    "answer = len('é')",
    "answer = (lambda: 1)()",
    "import os\nanswer = 1",
    "from math import inf\nanswer = inf",
    "answer = ().__class__",
    "answer = open('x')",
    "len = abs\nanswer = len(-1)",
    "class A:\n    pass\nanswer = 1",
    "try:\n    answer = 1\nexcept ValueError:\n    answer = 2",
    "answer = max([1, 2], key=abs)",
    "answer = 1 is 1",
    "answer = (",
    "x = 1",
]


@pytest.mark.parametrize("code", PLAIN)
def test_is_plain(code: str) -> None:
    assert plain(code)


@pytest.mark.parametrize("code", NOT_PLAIN)
def test_is_not_plain(code: str) -> None:
    assert plain(code) is None


@given(st.text())
def test_any_text_is_plain_or_not(code: str) -> None:
    plain(code)


@pytest.fixture(scope="module")
def interpreter() -> Iterator[Monty]:
    pytest.importorskip("pydantic_monty")
    level = sandbox().level
    if level < Level.STRONG:
        pytest.skip(f"this system's sandbox is {level}")
    found = Monty(level)
    yield found
    found.close()


# What both interpreters make of a program


def outcome(code: str, **how: Any) -> Outcome:
    return run(code, notation="python", timeout=10, **how)


@pytest.mark.parametrize(
    "code",
    [
        *PLAIN,
        "answer = 1 / 0",
        "answer = None\nprint(4)",
        "answer = 10 ** 5000",
        "if 1 > 2:\n    answer = 1\n",
        "answer = []",
    ],
)
def test_outcomes_are_the_same_with_and_without(code: str, interpreter: Monty, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = outcome(code)
    monkeypatch.setattr("neurosym.solving.sandbox.monty", lambda level: None)
    slow = outcome(code)
    told = [(o.status, o.answers, o.message, o.stdout, o.sandbox, o.evidence, o.diagnostics) for o in (quick, slow)]
    assert told[0] == told[1]


def test_numbers_that_interpreters_print_differently_are_left_to_a_child(interpreter: Monty) -> None:
    code = "a = 2375899906842623.0 / 3\nprint(a + a)"
    assert plain(code)
    assert outcome(code).stdout == "1583933271228415.2\n"


def test_plain_programs_need_no_child(interpreter: Monty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neurosym.solving.sandbox.run_python", None)
    assert [outcome(code).answer for code in PLAIN[:2]] == ["735", "1.5"]


numbers = st.one_of(
    st.integers(-20, 20),
    st.integers(-(10**25), 10**25),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.1, 0.5, -0.0, 2.5, 1e16, 1e22, 2**53 + 1, 2.675, 1e308]),
    st.booleans(),
)


def combined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "//", "%", "<", "==", "<=", "!=", "and", "or"])
    lists = st.lists(parts, min_size=1, max_size=4).map(lambda items: f"[{', '.join(items)}]")
    return st.one_of(
        st.builds("({} {} {})".format, parts, operators, parts),
        st.builds("({} ** {})".format, parts, st.integers(-3, 5)),
        st.builds("(-{})".format, parts),
        st.builds("({} if {} else {})".format, parts, parts, parts),
        st.builds("{}({})".format, st.sampled_from(["abs", "int", "float"]), parts),
        st.builds(
            "{}({})".format, st.sampled_from(["min", "max", "sum", "len", "sorted", "any", "all", "tuple"]), lists
        ),
        st.builds("math.{}({})".format, st.sampled_from(["floor", "ceil", "sqrt", "factorial"]), parts),
        st.builds("[x * {} for x in {} if x >= {}]".format, parts, lists, parts),
        st.builds("({} in {})".format, parts, lists),
        st.builds("{}[{}]".format, lists, st.integers(-2, 3)),
    )


expressions = st.recursive(numbers.map(repr), combined, max_leaves=8)


@settings(max_examples=400)
@given(first=expressions, second=expressions, step=expressions)
def test_what_the_quick_interpreter_tells_is_what_python_says(
    first: str, second: str, step: str, interpreter: Monty
) -> None:
    code = (
        f"import math\na = {first}\nb = {second}\nfor i in range(3):\n    a = a + {step}\n    print(a, f'{{b}}')\n"
        "answer = [a, b]\n"
    )
    program = plain(code)
    if program is None:  # `sum`, on a Python whose sums are others
        return
    ran = interpreter.run(program.source, QUICK, 10_000)
    if ran is not None:
        names: dict[str, Any] = {}
        with redirect_stdout(io.StringIO()) as printed:
            exec(code, names)  # arithmetic of ours
        assert repr(ran[0]) == repr(names["answer"])
        assert ran[1] == printed.getvalue() or not is_sure(ran[1])


# What confines it


ATTACKS = {
    "read a file": "open({path!r}).read(1)",
    "write a file": "open({file!r}, 'w').write('x')",
    "see the environment": "assert os.environ['PATH']",
    "run a program": "os.execv('/bin/echo', ['echo', 'through'])",
    "start a process": "os.fork()",
    "open a socket": "socket.socket()",
    "signal others": "os.kill(os.getppid(), 0)",
    "take memory": "mmap.mmap(-1, 3 << 30)",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_program_that_is_enclosed_cannot(name: str, interpreter: Monty, tmp_path: Path) -> None:
    """The interpreter's place is taken by one that has ways to the system: Python, which gets through alone."""
    attack = ATTACKS[name].format(path=__file__, file=str(tmp_path / "written"))
    python = os.path.realpath(sys.executable)
    code = (
        "import mmap, os, socket, threading\n"
        "thread = threading.Thread(target=lambda: print('a thread', flush=True))\nthread.start()\nthread.join()\n"
        f"try:\n    {attack}\nexcept BaseException:\n    print('stopped')\nelse:\n    print('through')\n"
    )
    level = str(sandbox().level)
    command = [sys.executable, "-c", workers_monty._BOOTSTRAP, json.dumps(search_path()), python, level, "1024", "10"]
    enclosed, free = (
        subprocess.run([*how, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60).stdout
        for how in (command, [python])
    )
    assert enclosed.startswith("a thread")
    assert "through" not in enclosed
    assert "through" in free


@pytest.mark.parametrize(("seconds", "left"), [(1.0, 1.0 - QUICK), (0.1, 0.05)])
def test_a_plain_program_that_takes_long_keeps_its_deadline(
    seconds: float, left: float, interpreter: Monty, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Limits] = []

    def run_python(entry: str, payload: Mapping[str, Any], limits: Limits) -> Reply:
        given.append(limits)
        return Reply(ReplyKind.TIMEOUT)

    monkeypatch.setattr("neurosym.solving.sandbox.run_python", run_python)
    run_program("while True:\n    pass\nanswer = 1", Limits(seconds, sandbox=True))
    assert given[0].seconds == pytest.approx(left)


def test_a_fork_has_none_of_its_own(interpreter: Monty) -> None:
    assert monty(sandbox().level) is not None
    pid = os.fork()
    if pid == 0:
        os._exit(0 if monty(sandbox().level) is None and outcome(PLAIN[0]).answer == "735" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert outcome(PLAIN[0]).answer == "735"


def test_what_is_killed_is_replaced(interpreter: Monty) -> None:
    assert interpreter.run("1 + 1", QUICK, 10) == (2, "")
    for _ in range(3):
        assert interpreter.run("while True: pass", QUICK, 10) is None
        assert interpreter.run("x = [0]\nwhile True: x = x + x", QUICK, 10) is None
        assert interpreter.run("print('x' * 1000)", QUICK, 10) is None
    assert interpreter.run("1 + 1", QUICK, 10) == (2, "")


def test_kills_lose_no_program(interpreter: Monty) -> None:
    """Threads run plain programs while the interpreter's processes are killed, one after another."""
    answers: dict[int, list[str]] = defaultdict(list)
    numbers, killed = iter(range(2000)), 0

    def work() -> None:
        for number in numbers:
            reply = run_program(f"answer = {number} + sum(range(3))", Limits(20.0, sandbox=True))
            answers[number].append(reply.value["answer"])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for pid in (p for child in children_of(os.getpid()) for p in (child, *children_of(child))):
            with suppress(OSError):  # it has gone
                if Path(f"/proc/{pid}/comm").read_text() == "monty\n" and len(answers) > 100 * killed:
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
        time.sleep(0.01)
    assert killed >= 3
    assert answers == {number: [f"{number + 3}"] for number in range(2000)}


def test_there_is_none_below_strong_or_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    assert monty(Level.INTERPRETER) is None
    monkeypatch.setitem(sys.modules, "pydantic_monty", None)
    workers_monty._monty.cache_clear()
    assert monty(Level.STRONG) is None
    workers_monty._monty.cache_clear()
    assert outcome(PLAIN[0]).answer == "735"
