"""The SMT solver: every rule of the language's logic, on its own and against brute force by the reference evaluator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.language import tree as t
from neurosym.language.check import checked
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.printer import show_expr
from neurosym.language.read import read, read_expression
from neurosym.language.values import Undefined, Value, term
from neurosym.outcome import Outcome, Status
from neurosym.solvers import smt, smt_prover
from neurosym.solvers.base import Task
from neurosym.solvers.smt import Smt
from neurosym.solvers.smt_count import MAX_SOLUTIONS


def task(text: str) -> Task:
    program = read(text)
    return Task(program, checked(program))


def solve(text: str) -> Outcome:
    outcome = Smt().solve(task(text))
    assert outcome.solver == "smt"
    assert all(e.holds for e in outcome.evidence)
    for answer in outcome.answers:
        assert outcome.option or show_expr(read_expression(answer)) == answer
    return outcome


def kinds(outcome: Outcome) -> set[str]:
    return {e.kind for e in outcome.evidence}


# --- values -----------------------------------------------------------------------------------------------------

VALUES = {
    "let": ("let may: clips = 48 / 2\nlet total = 48 + may\nask total", "72"),
    "linear": ("var a, c: count\na + c = 20\n5*a + 3*c = 76\nask a, c", "8, 12"),
    "units are real": ("var price: dollars\n4 * price = 10\nask price", "2.5"),
    "third": ("var x: real\n3*x = 1\nask x", "1/3"),
    "count is not negative": ("var x: count\nx^2 = 9\nask x", "3"),
    "range": ("var x: 2..4\nx != 3\nx > 2\nask x", "4"),
    "range by name": ("let n = 4\nvar x: 1..n\nx > n - 1\nask x", "4"),
    "bool": ("var p, q: bool\np xor q\np\nask p, q", "true, false"),
    "percent": ("var x: dollars\nx - 20% * x = 40\nask x", "50"),
    "conditional": ("var x: real\nlet y = if x = 0 then 0 else 1/x\nx = 0\nask y", "0"),
    "abs": ("var x: int\nabs(x) = 3\nx < 0\nask x", "-3"),
    "floor, ceil": ("var x: real\n2*x = 7\nask floor(x), ceil(x), floor(-x), ceil(-x)", "3, 4, -4, -3"),
    "round": ("var x: real\n2*x = 5\nask round(x), round(-x), round(x / 100, 2)", "3, -3, 0.03"),
    "min, max": ("var x, y: count\nx + y = 5\nx - y = 1\nask min(x, y), max(x, y, 1)", "2, 3"),
    "mod": ("var x: int\n-4 < x\nx < 0\nx mod 3 = 1\nask x", "-2"),
    "mod has the divisor's sign": ("var x: int\nx = 7\nask x mod -3, -x mod 3, x mod 3", "-2, 2, 1"),
    "mod by an unknown": ("var x: -3..3\nx = -3\nask 7 mod x", "-2"),
    "mod of a fraction": ("var x: real\n2*x = 11\nask x mod 2", "1.5"),
    "ground built-ins": ("ask gcd(12, 18), lcm(4, 6), binomial(5, 2), factorial(4)", "6, 12, 10, 24"),
    "negative power": ("var x: real\nx^-2 = 1/4\nx > 0\nask x", "2"),
    "root": ("var x: real\nsqrt(x) = 3\nask x", "9"),
    "rational power": ("var x: real\nx^(1/3) = 2\nask x", "8"),
    "surd": ("var x: real\nx^2 = 2\nx > 0\nask x", "sqrt(2)"),
    "surd of a quadratic": ("var x: real\nx^2 = x + 1\nx < 0\nask x", "0.5 - sqrt(5)/2"),
    "surd scaled": ("var x: real\nx^2 = 12\nx < 0\nask x", "-2*sqrt(3)"),
    "date": ("var d: date\nd - date(2024, 2, 28) = 2\nask d, weekday(d)", "date(2024, 3, 1), 5"),
    "date and days": ("var n: count\ndate(2024, 1, 1) + n = date(2024, 12, 31)\nask n", "365"),
    "sort": ("sort c = {red, blue}\nvar x: c\nx != red\nask x", "blue"),
    "const of a finite sort": ("sort c = {red, blue}\nconst x: c\nx != red\nask x", "blue"),
    "sort of numbers": ("sort day = 1..3\nvar x, y: day\nx < y\ny != 3\nask x, y", "1, 2"),
    "function": (
        "sort p = {a, b}\nfun age(p): count\nage(a) = 2*age(b)\nage(a) + age(b) = 30\nask age(a)",
        "20",
    ),
    "injective": ("sort p = {a, b, c}\nfun f(p): p\ndistinct f\nforall x: p. f(x) != x\nf(a) = b\nask f(f(a))", "c"),
    "two arguments": ("sort p = {a, b}\nfun d(p, p): 0..1\nforall x, y: p. d(x, y) = 0 <=> x = y\nask d(a, b)", "1"),
    "function of an unknown": ("fun f(1..3): 1..3\nforall n: 1..3. f(n) = 4 - n\nvar x: 1..3\nf(x) = 1\nask x", "3"),
    "beyond its domain": ("fun f(1..3): int\nvar x: int\nf(x) = 1\nx > 2\nask x", "3"),
    "sum": ("sort p = {a, b}\nfun w(p): 1..2\nsum(x: p, w(x)) = 4\nask w(a), product(x: p, w(x))", "2, 4"),
    "count": ("sort p = {a, b, c}\nrel red(p)\ncount(x: p, red(x)) = 3\nask count(x: p, not red(x))", "0"),
    "distinct": ("var x, y, z: 1..3\ndistinct x, y, z\nx < y\ny < z\nask y", "2"),
    "distinct(...)": ("var x: 1..3\ndistinct(x, 1, 2)\nask x", "3"),
    "sets": ("var x: 1..3\nmember(x, {2, 5})\nask size({x, 2}), {x, 7, 2}, [x, x]", "1, {2, 7}, [2, 2]"),
    "set operations": ("ask union({1}, {2}), intersection({1, 2}, {2}), difference({1, 2}, {2})", "{1, 2}, {2}, {1}"),
    "function of an open sort": ("sort s\nconst a: s\nfun n(s): count\nforall x: s. n(x) = 3\nask n(a)", "3"),
    "a constant's name": ("sort s\nconst a, b: s\nvar x: s\nx = b\na != b\nask x, a", "b, a"),
    "odd names": ('sort s = {"Dr. Smith", "7 up"}\nvar x: s\nx != "7 up"\nask x', '"Dr. Smith"'),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_the_only_one(name: str) -> None:
    program, answer = VALUES[name]
    outcome = solve(program)
    assert (outcome.status, outcome.answer) == (Status.VALUE, answer)
    assert {"model", "uniqueness"} <= kinds(outcome)


def test_two_values_are_underdetermined_with_two_witnesses() -> None:
    outcome = solve("var x: 1..3\nx > 1\nask x")
    assert outcome.status is Status.UNDERDETERMINED
    assert {w["x"] for w in outcome.witnesses} == {"2", "3"}
    assert kinds(outcome) == {"witnesses", "solutions"}


def test_witnesses_name_cells_of_functions() -> None:
    outcome = solve("sort p = {a}\nfun f(p): 1..2\nask f(a)")
    assert {w["f(a)"] for w in outcome.witnesses} == {"1", "2"}


def test_an_element_of_an_open_sort_needs_a_name() -> None:
    assert solve("sort s\nconst a, b: s\nvar x: s\nx = a or x = b\nask x").status is Status.UNDERDETERMINED
    assert solve("sort s\nconst a: s\nvar x: s\nask x").status is Status.UNDERDETERMINED


def test_an_irrational_root_of_higher_degree_is_not_rounded() -> None:
    outcome = solve("var x: real\nx^3 = 2\nask x")
    assert outcome.status is Status.GAVE_UP
    assert "degree 3" in outcome.message


# --- sets of solutions ------------------------------------------------------------------------------------------

SETS = {
    "var x: real\nask solve(x^2 = 4, x)": "{-2, 2}",
    "var x: count\nask solve(x^2 = 4, x)": "{2}",
    "var x: real\nask solve(x^2 = -1, x)": "{}",
    "var x: real\nask solve(1/x = 0, x)": "{}",
    "var x: 1..9\nx mod 3 = 1\nask solve(x)": "{1, 4, 7}",
    "sort c = {red, blue, green}\nvar x: c\nask solve(x != red, x)": "{blue, green}",
    "var x, y: real\nx + y = 10\nask solve(y = 3, x)": "{7}",
    "var x: real\nask solve(x^2 = x + 1, x)": "{0.5 - sqrt(5)/2, 0.5 + sqrt(5)/2}",
}


@pytest.mark.parametrize("program", SETS)
def test_the_set_of_all_solutions(program: str) -> None:
    outcome = solve(program)
    assert outcome.status is Status.VALUE
    assert outcome.answer == SETS[program]


# --- what follows -----------------------------------------------------------------------------------------------

OPEN = """sort thing
const cow, tiger: thing
rel blue(thing), visits(thing, thing)
visits(cow, tiger)
forall x: thing. visits(x, tiger) -> blue(x)
"""

FORMULAS = {
    OPEN + "ask blue(cow)": Status.TRUE,
    OPEN + "ask not blue(cow)": Status.FALSE,
    OPEN + "ask blue(tiger)": Status.INDEPENDENT,
    OPEN + "ask cow = tiger": Status.INDEPENDENT,
    OPEN + "ask exists x: thing. blue(x)": Status.TRUE,
    OPEN + "ask forall x: thing. blue(x)": Status.INDEPENDENT,
    "sort s = {a, b}\nask a = b": Status.FALSE,
    "sort s = {a, b}\nvar x: s\nask x = a or x = b": Status.TRUE,
    "var x: count\nask x >= 0": Status.TRUE,
    "var x: int\nask x >= 0": Status.INDEPENDENT,
    "ask forall x: real. x^2 >= 0": Status.TRUE,
    "ask forall n: count. n >= 0": Status.TRUE,
    "ask exists n: int. 2*n = 7": Status.FALSE,
    "ask exists x: real. 1/x = 2": Status.TRUE,
    "ask sqrt(2) < 3/2": Status.TRUE,
    "sort s\nconst a, b: s\nfun g(s): s\ndistinct g\ng(a) = g(b)\nask a = b": Status.TRUE,
    "sort s\nrel p(s), k(s, s)\nforall x: s. exists y: s. k(x, y) and p(y)\nask exists x: s. p(x)": Status.TRUE,
    "var p, q: bool\np -> q\nnot q\nask p": Status.FALSE,
    "var p, q: bool\np <=> q\nask p xor q": Status.FALSE,
}


@pytest.mark.parametrize("program", FORMULAS)
def test_what_follows_from_the_premises(program: str) -> None:
    outcome = solve(program)
    assert outcome.status is FORMULAS[program]
    decided = {"model", "derivation"}
    assert kinds(outcome) == ({"witnesses"} if outcome.status is Status.INDEPENDENT else decided)
    assert len(outcome.witnesses) == (2 if outcome.status is Status.INDEPENDENT else 0)


def test_the_derivation_names_the_lines() -> None:
    outcome = solve(OPEN + "blue(tiger)\nask blue(cow)")
    assert [e.data["lines"] for e in outcome.evidence if e.kind == "derivation"] == [[4, 5]]


# --- division by zero -------------------------------------------------------------------------------------------

DIVISIONS = {
    "var x: real\nx/0 = 5\nask x": (2,),
    "var x, y: real\ny = 0\nx/y = 5\nask x": (2, 3),
    "var x: int\nx mod 0 = 5\nask x": (2,),
    "var x: real\nx = 0\nask 1/x": (2, 3),
    "let y = 1/0\nask y": (1,),
    "fun f(1..3): count\nforall n: 1..3. f(n) < f(n + 1)\nask f(1)": (2,),
    "var x: real\nx < 0\nsqrt(x) = x\nask x": (2, 3),
}


@pytest.mark.parametrize("program", DIVISIONS)
def test_nothing_is_true_of_what_has_no_value(program: str) -> None:
    outcome = solve(program)
    assert (outcome.status, outcome.core) == (Status.CONTRADICTORY, DIVISIONS[program])


def test_a_divisor_matters_only_where_it_is_reached() -> None:
    assert solve("var x: real\nx = 0 or 1/x > 0\nx <= 0\nask x").answer == "0"
    assert solve("var x: real\nx = 0\nask x != 0 -> 1/x > 0").status is Status.TRUE


# --- contradictions ---------------------------------------------------------------------------------------------

CORES = {
    "var x: int\nx > 3\nx < 10\nx < 2\nx != 7\nask x": (2, 4),
    "let a = 5\nlet b = 7\nvar x: count\n2*x = a\nask x": (1, 3, 4),
    "var x: count\nx = -1\nask x": (1, 2),
    "let x: count = 7/2\nask x": (1,),
    "let a = 3\nlet x: count = a - 5\nask x": (1, 2),
    "let x: 1..3 = 4\nask x": (1,),
    "sort s = {a, b, c}\nfun f(s): 1..2\ndistinct f\nask f(a)": (2, 3),
    "sort s = {a, b}\nfun f(s): 1..2\nf(a) = 1\nf(b) = 1\ndistinct f\nask f(a)": (3, 4, 5),
    OPEN + "not blue(cow)\nask blue(tiger)": (4, 5, 6),
}


@pytest.mark.parametrize("program", CORES)
def test_a_core_is_minimal_and_shown_twice(program: str) -> None:
    outcome = solve(program)
    assert (outcome.status, outcome.core) == (Status.CONTRADICTORY, CORES[program])
    assert kinds(outcome) == {"core"}
    assert outcome.answer is None


def test_contradictory_premises_prove_nothing() -> None:
    assert solve("var x: int\nx = 1\nx = 2\nask x = 3").status is Status.CONTRADICTORY
    assert solve("var x: int\nx = 1\nx = 2\noption A: x = 3\nask option must").status is Status.CONTRADICTORY
    assert solve("var x: int\nx = 1\nx = 2\nmaximize x\nask x").status is Status.CONTRADICTORY


# --- closed relations -------------------------------------------------------------------------------------------

CLOSED = {
    "rel r(s), q(s) closed\nr(a)\nforall x: s. r(x) -> q(x)\nask q(a)": "true",
    "rel r(s), q(s) closed\nr(a)\nforall x: s. r(x) -> q(x)\nask q(b)": "false",
    "rel r(s), q(s) closed\nr(a)\nforall x: s. not r(x) -> q(x)\nask q(a)": "false",
    "rel r(s), q(s) closed\nr(a)\nforall x: s. q(x) <=> not r(x)\nask q(b)": "true",
    "rel r(s) closed\nr(a) and r(b)\nask count(x: s, r(x)), solve(true = true, y)": "2, {a, b, c}",
    "rel r(s) closed\nr(a)\nr(b)\nr(y)\ny != a\nask y": "b",
    "rel e(s, s), p(s, s) closed\ne(a, b)\ne(b, c)\nforall x, y: s. e(x, y) -> p(x, y)\n"
    "forall x, y: s. (exists z: s. e(x, z) and p(z, y)) -> p(x, y)\nask p(a, c), p(c, a), count(x: s, p(a, x))": (
        "true, false, 2"
    ),
    "rel even(0..6) closed\neven(0)\nforall n: 0..4. even(n) -> even(n + 2)\nask even(4), even(5)": "true, false",
}


@pytest.mark.parametrize("sort", ["sort s = {a, b, c}\n", "sort s\nconst a, b, c: s\n"])
@pytest.mark.parametrize("program", CLOSED)
def test_least_models(sort: str, program: str) -> None:
    outcome = solve(sort + "var y: s\n" + program)
    assert outcome.answer == CLOSED[program]


def test_a_denial_is_a_condition_on_the_least_model() -> None:
    base = "sort s = {a, b}\nrel r(s), q(s) closed\nr(a)\nq(b)\nforall x: s. r(x) -> not q(x)\n"
    assert solve(base + "ask q(a)").status is Status.FALSE
    assert solve(base + "r(b)\nask q(a)").core == (4, 5, 6)


def test_a_closed_relation_is_false_beyond_its_domain() -> None:
    outcome = solve("rel even(0..6) closed\neven(0)\nforall n: 0..6. even(n) -> even(n + 2)\nask even(4)")
    assert (outcome.status, outcome.core) == (Status.CONTRADICTORY, (2, 3))


def test_the_derivation_of_a_closed_fact() -> None:
    outcome = solve("sort s = {a}\nrel r(s), q(s) closed\nr(a)\nforall x: s. r(x) -> q(x)\nask q(a)")
    assert [e.data["lines"] for e in outcome.evidence if e.kind == "derivation"] == [[3, 4]]


# --- options ----------------------------------------------------------------------------------------------------

THREE = "var x: 1..3\nx < 3\noption A: x < 3\noption B: x = 2\noption C: x = 3\n"
OPTIONS = {
    THREE + "ask option must": "A",
    THREE + "ask option cannot": "C",
    "var x: 1..3\nx < 3\noption A: x < 3\noption B: x = 2\noption C: x > 0\nask option except": "B",
    "var x: 1..3\nx < 2\noption A: x = 2\noption B: x = 1\nask option": "B",
    "var x: 1..3\nx < 2\noption A: x = 2\noption B: x = 1\nask option may": "B",
    "var x: 1..3\noption A: 1/(x - x) = 1\noption B: x > 1\nask option": "B",
}


@pytest.mark.parametrize("program", OPTIONS)
def test_exactly_one_option_fits(program: str) -> None:
    outcome = solve(program)
    assert (outcome.status, outcome.option, outcome.answer) == (Status.VALUE, OPTIONS[program], OPTIONS[program])


def test_none_or_several_options_are_underdetermined() -> None:
    several = solve(THREE + "ask option")
    assert (several.status, several.message) == (Status.UNDERDETERMINED, "options A, B are possible")
    none = solve("var x: 1..3\noption A: x = 4\noption B: x = 5\nask option")
    assert (none.status, none.message) == (Status.UNDERDETERMINED, "no option is possible")
    assert solve(THREE + "x = 2\nask option must").status is Status.UNDERDETERMINED


# --- goals ------------------------------------------------------------------------------------------------------

GOALS = {
    "var x, y: count\n3*x + 2*y <= 18\nx >= 1\nmaximize 5*x + 4*y\nask x, y": "2, 6",
    "var x, y: count\nx + y <= 5\nmaximize x + y\nask x + y": "5",
    "var x: real\nx >= 1/3\nminimize x\nask x": "1/3",
    "var x: real\nmaximize x*(10 - x)\nask x": "5",
    "var x: real\nlet y = 5*x^2 - 70*x + 280\nminimize y\nask y": "35",
    "var w, l: real\nw >= 0\nl >= 0\n2*w + l = 100\nmaximize w*l\nask w, l": "25, 50",
    "var x, y: count\nx + y = 10\nmaximize x*y\nask x": "5",
    "var x, y: 0..3\nx + y <= 4\nmaximize x\nmaximize y\nask x, y": "3, 1",
    "var x: 1..3\nmaximize 7\nx = 2\nask x": "2",
}


@pytest.mark.parametrize("program", GOALS)
def test_an_optimum_has_a_proved_bound(program: str) -> None:
    outcome = solve(program)
    assert (outcome.status, outcome.answer) == (Status.VALUE, GOALS[program])
    assert "bound" in kinds(outcome)


def test_goals_without_one_answer() -> None:
    unbounded = solve("var x: count\nmaximize x\nask x")
    assert (unbounded.status, len(unbounded.witnesses)) == (Status.UNDERDETERMINED, 2)
    assert "unbounded" in unbounded.message
    steep = solve("var x: real\nmaximize x^3 - 4*x\nask x")
    assert (steep.status, len(steep.witnesses)) == (Status.UNDERDETERMINED, 2)
    nearly = solve("var x: real\nx < 3\nmaximize x\nask x")
    assert nearly.status is Status.UNDERDETERMINED
    assert "never reaches" in nearly.message
    two = solve("var x, y: count\nx + y <= 5\nmaximize x + y\nask x")
    assert two.status is Status.UNDERDETERMINED
    assert {int(w["x"]) + int(w["y"]) for w in two.witnesses} == {5}
    assert solve("var x, y: count\nx + y <= 5\nmaximize x + y\nask x = 3").status is Status.INDEPENDENT


# --- what is not taken, what is not known -----------------------------------------------------------------------

UNSUPPORTED = {
    "let x = sin(1)\nask x": "sin",
    "var x: real\nask diff(x^2, x)": "diff",
    "ask 2 * pi": "pi",
    "sort s = {a, b}\ngraph g(s, s)\ng(a, b)\nask distance(g, a, b)": "graph",
    "python\n    x = 1\nend\nask x": "python",
    "var x: count\n2^x = 8\nask x": "unknown exponent",
    "ask (-8)^(1/3)": "root of a negative number",
    "var x: count\ngcd(x, 4) = 2\nask x": "gcd",
    "var x, y: real\nask solve(x = y, x)": "other unknowns",
    "sort s\nrel r(s)\nask count(x: s, r(x))": "not finite",
    "forall n: 1..100001. n > 0\nask 1": "100000",
    "sort s = {a, b}\nrel r(s), q(s) closed\nr(a) or q(b)\nask r(a)": "no plain fact",
    "sort s = {a, b}\nrel r(s), q(s) closed\nexists x: s. r(x)\nask r(a)": "no plain fact",
    "sort s = {a, b}\nrel r(s), q(s) closed\nforall x: s. not q(x) -> r(x)\nforall x: s. not r(x) -> q(x)\nask r(a)": (
        "its own negation"
    ),
    "sort s = {a, b}\nrel r(s) closed\nrel o(s)\nforall x: s. o(x) -> r(x)\nask r(a)": "depends on o",
    "rel r(int) closed\nr(1)\nask r(1)": "not finite",
}


@pytest.mark.parametrize("program", UNSUPPORTED)
def test_what_is_not_supported_is_named(program: str) -> None:
    outcome = solve(program)
    assert outcome.status is Status.UNSUPPORTED
    assert UNSUPPORTED[program] in outcome.message


def test_a_set_of_too_many_solutions_is_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smt, "MAX_SOLUTIONS", 20)
    outcome = solve("var x: real\nask solve(x > 3, x)")
    assert (outcome.status, outcome.answers) == (Status.UNSUPPORTED, ())
    assert solve("var x: 1..20\nask size({x}), solve(x)").decided


def test_the_resource_limit_gives_up_and_does_so_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smt_prover, "FIRST_LIMIT", 300_000)
    monkeypatch.setattr(smt_prover, "LIMIT", 300_000)
    pigeons = "fun hole(1..9): 1..8\ndistinct hole\n"
    for ask in ("ask hole(1)", "ask hole(1) = 1", "option A: hole(1) = 1\nask option cannot"):
        first, second = solve(pigeons + ask), solve(pigeons + ask)
        assert first.status is Status.GAVE_UP
        assert first == second


def test_numbers_that_cannot_be_written_are_refused() -> None:
    assert solve("var x: int\nx = 9^4300\nask x * x").status is Status.UNSUPPORTED
    assert solve("ask 2^15000").status is Status.UNSUPPORTED


def test_unknown_is_never_taken_for_no() -> None:
    outcome = solve("fun f(int): count\nforall x: int. f(x) < f(x + 1)\nask f(0) = -1")
    assert outcome.status is Status.GAVE_UP


# --- against brute force ----------------------------------------------------------------------------------------

DECLARATIONS = """sort s = {a, b}
var x: 0..2
var y: 0..1
var p: bool
var z: s
fun f(s): 0..1
rel r(s)
fun h(0..1): 0..1
"""
LEAVES = ["x", "y", "0", "1", "2", "f(a)", "f(z)", "h(0)", "h(x)", "sum(i: s, f(i))", "count(i: s, r(i))"]
TERMS = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "mod"]), inner).map(lambda e: f"({' '.join(e)})"),
        st.tuples(st.sampled_from(["abs", "floor", "-"]), inner).map(lambda e: f"{e[0]}({e[1]})"),
        st.tuples(inner, inner).map(lambda e: f"(if r(z) then {e[0]} else {e[1]})"),
        st.tuples(inner, inner).map(lambda e: f"max({e[0]}, {e[1]})"),
    ),
    max_leaves=4,
)
ATOMS = st.one_of(
    st.sampled_from(["p", "r(a)", "r(z)", "z = a", "distinct(x, y, h(1))", "member(x, {y, 2})"]),
    st.tuples(TERMS, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), TERMS).map(" ".join),
)
FORMULA = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or", "xor", "->", "<=>"]), inner).map(
            lambda e: f"({e[0]}) {e[1]} ({e[2]})"
        ),
        inner.map(lambda e: f"not ({e})"),
        st.tuples(st.sampled_from(["forall", "exists"]), inner).map(lambda e: f"({e[0]} z: s. {e[1]})"),
        st.tuples(st.sampled_from(["forall", "exists"]), inner).map(lambda e: f"({e[0]} x: 0..1. {e[1]})"),
    ),
    max_leaves=5,
)


def interpretations() -> Iterator[Interpretation]:
    digits = [Fraction(n) for n in range(3)]
    bits = digits[:2]
    for x, y, p, z, fa, fb, ra, rb, h0, h1 in product(
        digits, bits, (False, True), "ab", bits, bits, (False, True), (False, True), bits, bits
    ):
        tables: dict[str, dict[tuple[Value, ...], Value]] = {
            "f": {("a",): fa, ("b",): fb},
            "r": {("a",): ra, ("b",): rb},
            "h": {(bits[0],): h0, (bits[1],): h1},
        }
        yield Interpretation({"x": x, "y": y, "p": p, "z": z}, tables)


EVERY = tuple(interpretations())


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("sort s = {a, b, c}\nfun f(s): 1..3\ndistinct f\nf(a) != 1\nask f(b)", "3 in 4 solutions"),
        ("sort s = {a, b, c}\nfun f(s): 1..3\nf(a) < f(b)\nask f(a)", "2 in 9 solutions"),  # f(c) is free
        ("sort s = {a, b, c}\nfun f(s): 1..3\nrel r(s)\nf(a) < f(b)\nask f(a)", "2 in 72 solutions"),
        ("sort s = {a, b, c}\nconst k: s\nk != a\nask k", "2 in 2 solutions"),
        ("var x, y: 0..6\nx + y <= 4\nmaximize x + y\nask x", "5 in 5 solutions"),
        ("var x, y: 0..20\nask x", "at least 2"),
        ("var x: count\nx > 2\nask x", None),
        ("sort thing\nconst k: thing\nvar x: 1..2\nask x", None),
    ],
)
def test_solutions_are_counted_where_they_are_finitely_many(text: str, counted: str | None) -> None:
    outcome = solve(text)
    assert outcome.status is Status.UNDERDETERMINED
    told = outcome.message.partition(": ")[2]
    assert told.startswith(counted) if counted else told == ""


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("sort thing\nrel u(thing), f(thing)\nforall x: thing. not u(x)\nask forall x: thing. u(x) -> f(x)",
         "exists x: thing. u(x)"),
        ("sort s = {a, b}\nrel u(s), f(s)\nforall x: s. not u(x)\nask u(a) -> f(a)", "u(a)"),
        ("var x: int\nx > 3\nask x < 2 -> x = 7", "x < 2"),
        ("sort thing\nrel u(thing), f(thing)\nforall x: thing. u(x) -> f(x)\nask forall x: thing. u(x) -> f(x)", None),
        ("sort s = {a, b}\nrel u(s)\nu(a)\nask forall x: s. not u(x) -> u(a)", None),
    ],
)  # fmt: skip
def test_what_holds_only_because_nothing_is_so_is_reported(text: str, condition: str | None) -> None:
    outcome = solve(text)
    assert outcome.status is Status.TRUE
    assert [e.data["condition"] for e in outcome.evidence if e.kind == "vacuity"] == ([condition] if condition else [])
    assert outcome.message == (f"vacuously true: `{condition}` holds in no case" if condition else "")


@settings(max_examples=40)
@given(st.lists(FORMULA, min_size=1, max_size=4), st.one_of(TERMS, FORMULA))
def test_agrees_with_brute_force(premises: list[str], asked: str) -> None:
    the_task = task(DECLARATIONS + "".join(f"{p}\n" for p in premises) + f"ask {asked}")
    program, symbols = the_task.program, the_task.symbols
    ask = program.ask
    assert isinstance(ask, t.Ask)
    formulas = [s.formula for s in program.statements if isinstance(s, t.Assertion)]
    values: set[Value] = set()
    solutions = 0
    for model in EVERY:
        try:
            if all(evaluate(f, symbols, model) is True for f in formulas):
                values.add(evaluate(ask.targets[0], symbols, model))
                solutions += 1
        except Undefined:
            continue  # a premise or the question has no value there
    outcome = Smt().solve(the_task)
    assert all(e.holds for e in outcome.evidence)
    if not values:
        assert outcome.status is Status.CONTRADICTORY
    elif values <= {True, False} and all(isinstance(v, bool) for v in values):
        wanted = Status.INDEPENDENT if len(values) == 2 else Status.TRUE if True in values else Status.FALSE
        assert outcome.status is wanted
    elif len(values) == 1:
        assert outcome.status is Status.VALUE
        assert outcome.answers == (show_expr(term(values.pop())),)
    else:
        assert outcome.status is Status.UNDERDETERMINED
        assert len(outcome.witnesses) == 2
        (counted,) = (e.data for e in outcome.evidence if e.kind == "solutions")
        if counted["complete"]:
            assert (counted["solutions"], counted["answers"]) == (solutions, len(values))
        else:
            assert MAX_SOLUTIONS < counted["solutions"] <= solutions
            assert counted["answers"] <= len(values)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.integers(-6, 6)), max_size=3),
    st.tuples(st.integers(-3, 3), st.integers(-3, 3)),
)
def test_optima_agree_with_brute_force(bounds: list[tuple[int, int, int]], goal: tuple[int, int]) -> None:
    lines = "".join(f"{a}*x + {b}*y <= {c}\n" for a, b, c in bounds)
    outcome = solve(f"var x, y: 0..4\n{lines}maximize {goal[0]}*x + {goal[1]}*y\nask {goal[0]}*x + {goal[1]}*y")
    points = [(x, y) for x in range(5) for y in range(5) if all(a * x + b * y <= c for a, b, c in bounds)]
    if points:
        assert outcome.answers == (str(max(goal[0] * x + goal[1] * y for x, y in points)),)
    else:
        assert outcome.status is Status.CONTRADICTORY


OPINIONS = [
    "sort s = {a, b}\nfun f(s): 1..2\ndistinct f\nf(a) = 1\nask f(b)\n",
    "sort s\nconst a: s\nrel p(s), q(s)\np(a)\nforall x: s. p(x) -> q(x)\nask q(a)\n",
    "sort s\nconst a: s\nrel p(s), q(s)\np(a)\nask not p(a)\n",
    "sort s\nconst a: s\nrel p(s), q(s)\np(a)\nask q(a)\n",
    "var x: int\nx > 3\nx < 2\nask x\n",
    "var x: int\nx > 3\nask x\n",
    "var x: 1..3\nx > 1\noption A: x = 2\noption B: x > 1\nask option must\n",
    "sort s = {a, b}\nrel p(s, s)\np(a, b)\nforall x, y: s. p(x, y) -> p(y, x)\nask p(b, a)\n",
]


@pytest.mark.parametrize("text", OPINIONS)
def test_a_brief_opinion_is_the_same_without_the_evidence(text: str) -> None:
    full, brief = Smt().solve(task(text)), Smt().solve(replace(task(text), brief=True))
    assert (brief.status, brief.answers, brief.option) == (full.status, full.answers, full.option)
    assert len(brief.evidence) < len(full.evidence)


@settings(max_examples=25)
@given(st.lists(st.sampled_from(OPINIONS), max_size=20))
def test_brief_opinions_share_a_context_and_nothing_else(texts: list[str]) -> None:
    for text in texts:
        full, brief = Smt().solve(task(text)), Smt().solve(replace(task(text), brief=True))
        assert (brief.status, brief.answers) == (full.status, full.answers)
