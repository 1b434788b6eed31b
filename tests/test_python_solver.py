"""The Python executor: blocks and programs give exact values or a located error, never an exception of ours."""

from __future__ import annotations

import datetime
import json
import os
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurosym
from neurosym.language.bounds import MAX_DIGITS
from neurosym.language.printer import show_expr
from neurosym.language.values import Value, term
from neurosym.outcome import Outcome, Status
from neurosym.solvers.python import CONVENTIONS, MAX_STDOUT, run_block, run_program
from neurosym.solvers.python_caller import program_outcome
from neurosym.solvers.python_values import MAX_ITEMS, to_json
from neurosym.workers import Job, Limits, Pool, Reply, ReplyKind


def program(code: str) -> Outcome:
    return program_outcome(run_program({"code": code}))


def block(code: str, **names: Value) -> dict[str, Any]:
    payload = {"code": code, "names": {name: to_json(value) for name, value in names.items()}}
    return run_block(json.loads(json.dumps(payload)))


# Blocks


def test_a_block_computes_with_the_names_above_it() -> None:
    result = block("total = price * 3\nhalf = price / n", price=Fraction(12), n=Fraction(-8))
    assert result == {"values": {"total": "36", "half": "-1.5"}, "skipped": {}, "stdout": ""}


def test_rational_names_stay_exact() -> None:
    assert block("whole = third * 3", third=Fraction(1, 3))["values"] == {"whole": "1"}


@pytest.mark.parametrize(
    ("python", "text"),
    [
        ("True", "true"),
        ("7", "7"),
        ("-7", "-7"),
        ("18.0", "18"),
        ("-0.0", "0"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("1e22", "1" + "0" * 22),
        ("__import__('fractions').Fraction(-1, 3)", "-1/3"),
        ("__import__('decimal').Decimal('2.50')", "2.5"),
        ("'owl'", "owl"),
        ("'Dr. Smith'", '"Dr. Smith"'),
        ("'let'", '"let"'),
        ("'18'", '"18"'),
        ("__import__('datetime').date(2024, 3, 5)", "date(2024, 3, 5)"),
        ("__import__('datetime').date(2024, 3, 5) - __import__('datetime').date(2024, 2, 5)", "29"),
        ("__import__('datetime').datetime(2024, 3, 5)", "date(2024, 3, 5)"),
        ("[1, 'a', (2.5, [])]", "[1, a, [2.5, []]]"),
        ("range(2, 8, 3)", "[2, 5]"),
        ("{3, 1, 2}", "{1, 2, 3}"),
        ("frozenset()", "{}"),
        ("__import__('sympy').Rational(1, 2)", "0.5"),
        ("__import__('sympy').Integer(3)", "3"),
        ("__import__('sympy').Float('1.5')", "1.5"),
        ("__import__('sympy').FiniteSet(2, 1)", "{1, 2}"),
        ("__import__('sympy').S.true", "true"),
    ],
)
def test_values_become_text_of_our_language(python: str, text: str) -> None:
    assert block(f"x = {python}")["values"] == {"x": text}


@pytest.mark.parametrize(
    ("python", "why"),
    [
        ("None", "None"),
        ("{}", "of the class dict"),
        ("1j", "of the class complex"),
        ("float('nan')", "no number"),
        ("float('inf')", "no number"),
        ("10 ** 20000", f"more than {MAX_DIGITS} digits"),
        ("__import__('decimal').Decimal('1e999999')", "too large"),
        ("__import__('decimal').Decimal('NaN')", "not finite"),
        ("''", "empty"),
        ("'a\"b'", "quotation mark"),
        ("'\\ud800'", "quotation mark"),
        (f"[0] * {MAX_ITEMS + 1}", f"more than {MAX_ITEMS} values"),
        ("[[[0] * 100] * 100] * 100", f"more than {MAX_ITEMS} values"),
        ("(lambda l: l.append(l) or l)([])", "nested"),
        ("__import__('datetime').datetime(2024, 1, 1, 10)", "not the beginning of a day"),
        ("range(10**100)", f"more than {MAX_ITEMS} values"),
        ("__import__('sympy').Function('f', _sympystr=None)(1)", "of the class f"),
        ("__import__('datetime').timedelta(hours=1)", "no number of days"),
        ("__import__('sympy').sqrt(2)", "of the class Pow"),
        ("len", "of the class builtin_function_or_method"),
    ],
)
def test_what_is_no_value_of_ours_is_left_out_with_the_reason(python: str, why: str) -> None:
    result = block(f"x = {python}\ny = 1")
    assert result["values"] == {"y": "1"}
    assert why in result["skipped"]["x"]


HOSTILE = """
ran = []
class Meta(type):
    @property
    def __name__(cls): ran.append('name'); return 'int'
class Liar(int, metaclass=Meta):
    __class__ = int
    def __getattribute__(self, name): ran.append(name); return object.__getattribute__(self, name)
    def __repr__(self): ran.append('repr'); return '42'
    def __index__(self): ran.append('index'); return 42
    def __eq__(self, other): ran.append('eq'); return True
    def __hash__(self): return 1
    def bit_length(self): ran.append('bits'); return 1
class Text(str):
    def __str__(self): ran.append('str'); return 'owl'
    def __iter__(self): ran.append('iter'); return iter('owl')
class Many(list):
    def __iter__(self): ran.append('iter'); return iter([42])
    def __len__(self): ran.append('len'); return 1
ran.clear()
number, text, many, nested = Liar(1), Text('a'), Many([1]), [Liar(1)]
"""


def test_no_method_of_a_subclass_is_run() -> None:
    result = block(HOSTILE)
    assert result["values"] == {"ran": "[]"}
    assert result["skipped"] == {
        "number": "of the class Liar",
        "text": "of the class Text",
        "many": "of the class Many",
        "nested": "of the class Liar",
    }


def test_a_librarys_object_that_raises_when_it_is_read_is_no_value() -> None:
    code = "import sympy\nclass F(sympy.Function):\n    def _sympystr(self, printer): raise OSError\nx = F(1)\ny = 1"
    assert "raised OSError" in run_program({"code": code.replace("x =", "answer =")})["message"]
    assert block(code)["values"] == {"y": "1"}


def test_a_fraction_with_forged_slots_is_refused() -> None:
    code = "from fractions import Fraction\nx = Fraction(1)\nx._numerator = '42'"
    assert "fraction of other things" in block(code)["skipped"]["x"]


def test_only_assigned_names_come_back_and_only_those_that_were_reached() -> None:
    result = block(
        "import math\ndef f(): return 1\nif False:\n    never = 1\nfor i in range(3):\n    last = i * old",
        old=Fraction(2),
    )
    assert result["values"] == {"i": "2", "last": "4"}


def test_what_a_block_prints_is_kept() -> None:
    assert block("print('half', 1 / 2)\nimport sys\nprint('unseen', file=sys.stderr)")["stdout"] == "half 0.5\n"


def test_an_error_in_a_block_is_located() -> None:
    result = block("x = 1\ny = x / 0")
    assert result["error"] == {"type": "ZeroDivisionError", "message": "division by zero", "line": 2}
    assert program_outcome(result).status is Status.MALFORMED


numbers = st.fractions(max_denominator=10**12) | st.integers().map(Fraction)
names = st.text(st.characters(exclude_characters='"\n', exclude_categories=["Cs"]), min_size=1, max_size=20)
scalars = st.one_of(numbers, st.booleans(), names, st.dates())
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4).map(tuple) | st.frozensets(inner, max_size=4), max_leaves=8
)


@given(values)
def test_values_survive_the_way_into_a_block_and_out_again(value: Value) -> None:
    assert block("out = given", given=value)["values"] == {"out": show_expr(term(value))}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_the_shortest_decimal_that_reads_back(value: float) -> None:
    text = block(f"x = {value!r}")["values"]["x"]
    numerator, _, denominator = text.partition("/")
    assert float(Fraction(numerator) / Fraction(denominator or "1")) == value


# Programs


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("answer = 18.0", "18"),
        ("x = 3\nans = x * 2", "6"),
        ("def solution():\n    return 7", "7"),
        ("def solver():\n    return [1, 2]", "[1, 2]"),
        ("x = 20\nx + 2", "22"),
        ("answer = 1\ndef solution():\n    return 2\n3", "1"),
        ("def solution():\n    return 2\n3", "2"),
        ("print(5)\n6", "6"),
        ("x = 3\nresult = x * 5", "15"),
        ("result = 1\nresult + 1", "2"),
        ("result = 1\nprint(result + 1)", "2"),
        ("answer = 'Dr. Smith'", '"Dr. Smith"'),
        ("answer = '18'", "18"),
        ("answer = True", "true"),
        ("import sympy\nanswer = sympy.sqrt(8) * sympy.pi + sympy.E", "e + 2*sqrt(2)*pi"),
        ("import sympy\nx = sympy.Symbol('x')\nanswer = sympy.solve(x**2 - 2, x)", "[-sqrt(2), sqrt(2)]"),
        ("import sympy\nanswer = sympy.oo", "oo"),
        ("if __name__ == '__main__':\n    answer = 1", "1"),
        ("import __main__\nx = 4\nanswer = __main__.x", "4"),
        ("from dataclasses import dataclass\n@dataclass\nclass A:\n    x: 'int'\nanswer = A(3).x", "3"),
    ],
)
def test_the_conventions_for_an_answer(code: str, answer: str) -> None:
    outcome = program(code)
    assert (outcome.status, outcome.answer, outcome.solver) == (Status.VALUE, answer, "python"), outcome.message
    assert outcome.evidence[0].holds


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("print('working')\nprint(72)", "72"),
        ("print(f'{3.5:.2f}')", "3.5"),
        ("print(1 == 1)", "true"),
        ("print('  the owl ')", '"the owl"'),
        ("def main():\n    print(4)\nif __name__ == '__main__':\n    main()", "4"),
    ],
)
def test_a_program_that_only_prints_answers_with_its_last_line_and_says_so(code: str, answer: str) -> None:
    outcome = program(code)
    assert outcome.answer == answer
    assert "last printed line" in outcome.message
    assert outcome.stdout.endswith("\n")


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("x = 1; x + 4", "5"),
        ("x = 1\rx + 4", "5"),
        ("x = 1\r\nx + 4\r\n", "5"),
        ("x = 1\nx == 1", "true"),
        ("x = 1\nx + 4  # five\n\n", "5"),
        ("x = 1\nx + 4\n# five", "5"),
        ("x = 1\nmax(\nx, 5)", "5"),
        ("x = 1\nmax(\nx := 4,\nx + 1)", "5"),
        ("dict(\nx=5)['x']", "5"),
        ("dict(\nx = 5)['x']", "5"),
        ("'''\nx = 5'''[-1:]", "5"),
        ("if True:\n    x = 1\nx + 4", "5"),
    ],
)
def test_the_last_expression_is_found_however_its_line_looks(code: str, answer: str) -> None:
    assert program(code).answer == answer


@pytest.mark.parametrize("code", ["", "x = 5", "answer = None", "def f():\n    return 1"])
def test_a_program_without_an_answer_is_told_the_conventions(code: str) -> None:
    outcome = program(code)
    assert outcome.status is Status.MALFORMED
    assert CONVENTIONS in outcome.message


def test_an_answer_that_is_no_value_of_ours_says_what_it_is() -> None:
    outcome = program("answer = {'a': 1}")
    assert outcome.status is Status.MALFORMED
    assert "`answer` is of the class dict" in outcome.message


@pytest.mark.parametrize(
    ("code", "kind", "line"),
    [
        ("x = 1\n\ny = x / 0", "ZeroDivisionError", 3),
        ("def f():\n    raise ValueError('no')\nf()", "ValueError", 2),
        ("def solution():\n    return missing", "NameError", 2),
        ("import sys\nsys.exit(3)", "SystemExit", 2),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", 1),
        ("def f(n):\n    return f(n + 1)\nf(0)", "RecursionError", 2),
        ("x = input()", "EOFError", 1),
        ("import json\njson.loads('{')", "JSONDecodeError", 2),
        ("class E(BaseException):\n    def __str__(self): raise SystemExit\nraise E", "E", 3),
        ("class E(Exception):\n    def __str__(self): return 5\nraise E", "E", 3),
    ],
)
def test_whatever_a_program_raises_is_located(code: str, kind: str, line: int) -> None:
    outcome = program(code)
    assert outcome.status is Status.MALFORMED
    assert outcome.message.startswith(f"python raised {kind} on line {line}")
    span = outcome.diagnostics[0].span
    assert span is not None
    assert span.line == line


@pytest.mark.parametrize("code", ["x = 1\ny = = 2", "(" * 500, "x = 1\0", "x" + "[0" * 150, "return 5", "\ud800"])
def test_what_is_not_python_is_malformed(code: str) -> None:
    outcome = program(code)
    assert outcome.status is Status.MALFORMED
    assert outcome.diagnostics[0].code == "python-syntax"


def test_running_out_of_memory_is_giving_up() -> None:
    assert program("raise MemoryError").status is Status.GAVE_UP


def test_output_is_cut() -> None:
    outcome = program("for i in range(100_000): print('x' * 9)")
    assert len(outcome.stdout) == MAX_STDOUT
    assert outcome.status is Status.MALFORMED  # the last line was not kept, so it is no answer
    assert program("print('x' * 100_000)\nanswer = 1").answer == "1"


def test_bytes_and_odd_characters_are_printed() -> None:
    assert program("import sys\nsys.stdout.buffer.write(b'12\\xff')\nanswer = 1").stdout == "12\ufffd"
    assert program("print('\\ud800', end='')\nanswer = 1").stdout == "\\ud800"
    assert program("import sys\nprint(1)\nsys.stdout.close()\nanswer = 2").answer == "2"


def test_the_caller_keeps_its_streams_and_its_main_module() -> None:
    before = (sys.stdin, sys.stdout, sys.stderr, sys.modules["__main__"])
    program("import sys\nsys.stdin = sys.stdout = None\nraise ValueError")
    assert (sys.stdin, sys.stdout, sys.stderr, sys.modules["__main__"]) == before


@pytest.mark.parametrize(
    "result",
    [
        None,
        "42",
        [],
        {"answer": 42},
        {"answer": ["42"]},
        {"answer": "4 2"},
        {"answer": "1\nask 2"},
        {"answer": "1", "stdout": 5},
        {"answer": "1", "stdout": "x" * (MAX_STDOUT + 1)},
        {"answer": "1", "message": {}},
        {"error": "ZeroDivisionError"},
        {"error": {"type": "E", "message": "", "line": True}},
        {"error": {"type": "E", "message": "", "line": "3"}},
        {"error": {"type": 1, "message": "", "line": 3}},
        {"error": {"type": "E" * 10_000, "message": "", "line": 3}},
    ],
)
def test_a_result_that_our_executor_never_sends_is_tampering(result: object) -> None:
    assert program_outcome(result).status is Status.TAMPERING


# What programs import


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("from math import *\nanswer = comb(5, 2) + gcd(12, 18)", "16"),
        ("from fractions import Fraction as F\nanswer = F(1, 3) + F(1, 6)", "0.5"),
        ("from decimal import Decimal as D\nanswer = D('0.1') + D('0.2')", "0.3"),
        ("from datetime import *\nanswer = datetime(2024, 2, 28) + timedelta(days=2)", "date(2024, 3, 1)"),
        ("from itertools import *\nanswer = sum(1 for p in permutations(range(5)) if p[0] < p[-1])", "60"),
        ("import statistics\nanswer = statistics.median([5, 1, 3])", "3"),
        ("import heapq\nh = [5, 1, 3]\nheapq.heapify(h)\nanswer = heapq.nsmallest(2, h)", "[1, 3]"),
        ("from collections import Counter\nanswer = Counter('banana').most_common(1)[0]", "[a, 3]"),
        ("from functools import *\n@cache\ndef f(n): return n if n < 2 else f(n-1) + f(n-2)\nanswer = f(90)",
         "2880067194370816120"),
        ("import string, re\nanswer = len(re.findall('[aeiou]', string.ascii_lowercase))", "5"),
        ("import calendar\nanswer = calendar.monthrange(2024, 2)[1]", "29"),
        ("from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nanswer = P(3).x", "3"),
        ("import random\nrandom.seed(7)\nanswer = 1 <= random.randint(1, 6) <= 6", "true"),
        ("from sympy import *\nx = symbols('x')\nanswer = solve(x**2 - 5*x + 6, x)", "[2, 3]"),
        ("import sympy as sp\nx = sp.Symbol('x')\nanswer = sp.integrate(x**2, (x, 0, 3))", "9"),
        ("from sympy.ntheory import factorint\nanswer = max(factorint(600851475143))", "6857"),
    ],
)  # fmt: skip
def test_the_libraries_that_programs_use_work_in_the_sandbox(code: str, answer: str) -> None:
    outcome = neurosym.run(code, notation="python", timeout=60, allow_python=True)
    assert outcome.answer == answer, outcome.message


def test_numpy_works_in_the_sandbox() -> None:
    pytest.importorskip("numpy")
    code = "import numpy as np\nanswer = np.round(np.linalg.solve(np.array([[2, 1], [1, 3]]), np.array([3, 5])), 6)"
    assert neurosym.run(code, notation="python", timeout=60, allow_python=True).answer == "[0.8, 1.4]"
    assert neurosym.run("import numpy\nnumpy.arange(4).sum()", notation="python", allow_python=True).answer == "6"


# Blocks in programs


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (["alice = 5", "bob = 3", "best = 'alice' if alice > bob else 'bob'", "@ask best"], "alice"),
        (["names = ['a b', 'c']", "@ask names"], '["a b", c]'),
        (["first = 'x'", "second = first", "@ask second"], "x"),
        (["text = ''", "n = 3", "@ask n"], "3"),
    ],
)
def test_strings_of_a_block_are_values(lines: list[str], answer: str) -> None:
    outcome = neurosym.run(_with_block(lines), allow_python=True)
    assert outcome.answer == answer, outcome.message


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["total = 'expected'", "@let expected = 13", "@ask total = expected"], "also the name of a defined quantity"),
        (["@let expected = 13", "total = ['expected']", "@ask total = [expected]"], "also the name of a defined"),
        (["@var n: count", "total = 'n'", "@n = 3", "@ask total = n"], "also the name of an unknown"),
        (["text = ''", "@ask text"], "`text` has no value that the program could use: it is text that is empty"),
        (["if False:", "    n = 3", "@ask n"], "it was never assigned"),
    ],
)
def test_what_a_block_gives_is_not_taken_for_something_else(lines: list[str], said: str) -> None:
    outcome = neurosym.run(_with_block(lines), allow_python=True)
    assert outcome.status is Status.MALFORMED
    assert said in outcome.message


@pytest.mark.parametrize("forged", ["1/0", "9^9^9^9", "date(2024, 13, 45)", "-true"])
def test_a_block_whose_value_is_none_is_found_out_before_the_next_is_given_it(forged: str) -> None:
    patch = f"import neurosym.solvers.python as ours; ours.value_text = lambda value: {forged!r}"
    outcome = neurosym.run(_with_block([patch, "x = 1", "@let z = 1", "y = x + z", "@ask y"]), allow_python=True)
    assert outcome.status is Status.TAMPERING, outcome.message


def test_a_number_of_too_many_digits_for_python_to_write_reaches_the_next_block() -> None:
    patch = "import neurosym.solvers.python as ours; ours.value_text = lambda value: '0.' + '3' * 4298 + '%'"
    outcome = neurosym.run(_with_block([patch, "x = 1", "@let z = 1", "y = int(x) + z", "@ask y"]), allow_python=True)
    assert outcome.answer == "1", outcome.message


def _with_block(lines: list[str]) -> str:
    """A program of ours: lines with @ stand as they are, the Python between them is a block."""
    text, inside = "", False
    for line in lines:
        if inside != (not line.startswith("@")):
            text += "end\n" if inside else "python\n"
            inside = not inside
        text += f"    {line}\n" if inside else f"{line[1:]}\n"
    return text


# In a real worker


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(preload=["neurosym.solvers.python"], children=2) as pool:
        yield pool


def sandboxed(pool: Pool, code: str, seconds: float = 60) -> Reply:
    limits = Limits(seconds=seconds, memory_mb=256, sandbox=True)
    return pool.run(Job("neurosym.solvers.python:run_program", {"code": code}, limits))


needs_workers = pytest.mark.skipif(os.name != "posix", reason="workers need fork")


@needs_workers
def test_programs_and_blocks_run_in_a_sandboxed_worker(pool: Pool) -> None:
    assert program_outcome(sandboxed(pool, "answer = sum(range(101))").value).answer == "5050"
    payload = {"code": "y = x + 1", "names": {"x": {"number": ["1", "2"]}}}
    reply = pool.run(Job("neurosym.solvers.python:run_block", payload, Limits(seconds=60, sandbox=True)))
    assert reply.value["values"] == {"y": "1.5"}


@needs_workers
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("while True: pass", ReplyKind.TIMEOUT),
        ("class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E", ReplyKind.TIMEOUT),
        ("import os\nos._exit(0)", ReplyKind.DIED),
    ],
)
def test_what_never_comes_back_is_the_workers_to_report(pool: Pool, code: str, kind: ReplyKind) -> None:
    assert sandboxed(pool, code, seconds=0.5).kind is kind


@needs_workers
def test_a_program_that_takes_all_memory_gives_up(pool: Pool) -> None:
    reply = sandboxed(pool, "x = []\nwhile True:\n    x.append(bytearray(1 << 20))")
    if reply.kind is not ReplyKind.MEMORY:
        assert program_outcome(reply.value).status is Status.GAVE_UP


@needs_workers
@pytest.mark.parametrize(
    "patch",
    [
        "import neurosym.solvers.python as p\np.answer_text = lambda value: 42",
        "import neurosym.solvers.python as p\np.answer_text = lambda value: '1\\nask 2'",
        "import neurosym.solvers.python as p\np._raised = lambda *a: 'fine'\n1 / 0",
    ],
)
def test_a_program_that_patches_our_code_is_found_out_by_the_caller(pool: Pool, patch: str) -> None:
    reply = sandboxed(pool, f"{patch}\nanswer = 1")
    assert program_outcome(reply.value).status is Status.TAMPERING


# Of the kinds on which SymPy is known to hang, and Z3 to overshoot its own timeout.
ENDLESS = (
    "sympy.Integer(9)**9**9**9 % 7",
    "sympy.expand((x + y + 1)**3000)",
    "sympy.factorial(10**9)",
    "sympy.factorial(sympy.factorial(20))",
    "sympy.binomial(10**9, 5 * 10**8)",
    "sympy.primorial(10**9)",
    "sympy.fibonacci(10**11)",
    "sympy.bernoulli(10**7)",
    "sympy.nextprime(10**30000)",
    "sympy.factorint((10**40 + 121) * (10**45 + 9) * (10**50 + 151))",
    "sympy.divisors(sympy.primorial(60))",
    "sympy.N(sympy.pi, 10**9)",
    "sympy.integrate(sympy.sqrt(sympy.tan(x)) * sympy.exp(sympy.sin(x**3)) / (1 + x**5)**2, x)",
    "sympy.integrate(sympy.log(sympy.sin(x) + x**2)**3 * sympy.exp(-x**3), (x, 0, sympy.oo))",
    "sympy.simplify(sum(sympy.sin(k * x)**k / (sympy.cos(x)**k + k) for k in range(1, 60)))",
    "sympy.factor(x**20000 - 1)",
    "sympy.summation(sympy.sqrt(k) * sympy.sin(k**2) / sympy.factorial(k), (k, 1, 10**8)).evalf(2000)",
    "sympy.groebner([x**9 * y**7 - z, y**9 * z**8 - x, z**9 * x**8 - y + x * y], x, y, z)",
    "sympy.Matrix(40, 40, lambda i, j: x**i + y**j + i * j).det()",
    "sympy.series(sympy.exp(sympy.sin(x)) ** sympy.cos(x), x, 0, 400)",
    # Z3 may give up on one search before the deadline
    "(lambda a, b, c: [z3.solve(a > 0, b > 0, a**5 + b**5 == c**5) for _ in iter(int, 1)])(*z3.Ints('a b c'))",
)


@needs_workers
@pytest.mark.parametrize("code", ENDLESS)
def test_what_libraries_never_finish_ends_at_the_deadline(code: str) -> None:
    program = f"import sympy, z3\nx, y, z, k = sympy.symbols('x y z k')\nanswer = {code}"
    outcome = neurosym.run(program, notation="python", timeout=0.25, allow_python=True)
    assert outcome.status in (Status.TIMEOUT, Status.GAVE_UP), outcome.message
    assert neurosym.run("import sympy\nsympy.Integer(2) + 3", notation="python", timeout=60).answer == "5"


def test_dates_are_exact_types() -> None:
    code = "import datetime\nclass D(datetime.date): pass\nx = D(2024, 1, 1)\ny = datetime.date.max"
    result = block(code)
    assert result["values"] == {"y": show_expr(term(datetime.date.max))}
    assert result["skipped"] == {"x": "of the class D"}
