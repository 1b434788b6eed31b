"""The meaning of ground terms, against Python's own exact arithmetic; and the bounds that keep it quick."""

from __future__ import annotations

import datetime
import math
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import expressions

from neurosym.language import tree as t
from neurosym.language.bounds import MAX_DIGITS
from neurosym.language.builtins import BUILTINS, Group
from neurosym.language.check import check
from neurosym.language.evaluate import MAX_STEPS, Interpretation, evaluate
from neurosym.language.printer import show_expr
from neurosym.language.read import read, read_expression
from neurosym.language.symbols import Symbols
from neurosym.language.values import MAX_BITS, TooLarge, Undefined, Value, arithmetic, power, term

NOTHING = Interpretation()


def meaning(expression: str, before: str = "", model: Interpretation = NOTHING) -> Value:
    """The value of `expression` after the statements `before`, all of which must check."""
    program = read(f"{before}ask {expression}\n")
    symbols, found = check(program)
    assert not found, found
    assert isinstance(program.ask, t.Ask)
    return evaluate(program.ask.targets[0], symbols, model)


# --- arithmetic -------------------------------------------------------------------------------------------------

OPERATORS: Mapping[t.BinaryOp, Callable[[Fraction, Fraction], Fraction]] = {
    t.BinaryOp.ADD: operator.add,
    t.BinaryOp.SUB: operator.sub,
    t.BinaryOp.MUL: operator.mul,
    t.BinaryOp.DIV: operator.truediv,
    t.BinaryOp.MOD: operator.mod,
}
literals = st.integers(0, 999).map(lambda n: Fraction(n, 10))
arithmetic_trees = st.recursive(
    st.builds(t.Number, literals),
    lambda below: (
        st.builds(t.Binary, st.sampled_from(sorted(OPERATORS)), below, below)
        | st.builds(t.Unary, st.just(t.UnaryOp.NEG), below)
        | st.builds(t.Binary, st.just(t.BinaryOp.POW), below, st.integers(0, 3).map(lambda n: t.Number(Fraction(n))))
    ),
    max_leaves=15,
)


def in_python(e: t.Expr) -> Fraction:
    match e:
        case t.Number():
            return e.value
        case t.Unary():
            return -in_python(e.operand)
        case t.Binary(op=t.BinaryOp.POW):
            return Fraction(in_python(e.left) ** in_python(e.right).numerator)
        case t.Binary():
            return OPERATORS[e.op](in_python(e.left), in_python(e.right))
    raise AssertionError(e)


@settings(max_examples=300)
@given(arithmetic_trees)
def test_arithmetic_is_pythons(e: t.Expr) -> None:
    try:
        expected = in_python(e)
    except ZeroDivisionError:
        with pytest.raises(Undefined):
            evaluate(e, Symbols(), NOTHING)
    else:
        assert evaluate(e, Symbols(), NOTHING) == expected


@given(st.fractions(), st.fractions().filter(bool))
def test_mod_has_the_divisors_sign(a: Fraction, b: Fraction) -> None:
    rest = arithmetic(t.BinaryOp.MOD, a, b)
    assert rest == a - b * math.floor(a / b)
    assert 0 <= rest / b < 1


@given(st.fractions(min_value=0, max_denominator=10**6), st.integers(1, 6))
def test_roots_undo_powers(a: Fraction, degree: int) -> None:
    assert power(a**degree, Fraction(1, degree)) == a


@given(st.integers(2, 10**60), st.integers(2, 6))
def test_a_root_is_exact_or_refused(n: int, degree: int) -> None:
    try:
        root = power(Fraction(n), Fraction(1, degree))
    except Undefined:
        assert not any(k**degree == n for k in range(round(n ** (1 / degree)) - 2, round(n ** (1 / degree)) + 3))
    else:
        assert root**degree == n


MEANINGS = [
    ("1/3 + 1/6", "0.5"),
    ("20% * 50", "10"),
    ("-2^2", "-4"),
    ("2^-2", "0.25"),
    ("8^(1/3)", "2"),
    ("(4/9)^(3/2)", "8/27"),
    ("0^0", "1"),
    ("0^(1/2)", "0"),
    ("0^99999999999", "0"),
    ("(-1)^99999999999", "-1"),
    ("1^(10^999)", "1"),
    ("-7 mod 3", "2"),
    ("7 mod -3", "-2"),
    ("7.5 mod 2", "1.5"),
    ("3.5 [mile/hour] * 2 [hour]", "7"),
    ("1 < 2 <= 2 != 3", "true"),
    ("1 < 2 > 2", "false"),
    ("1 = 1 xor 2 = 2", "false"),
    ("true -> false", "false"),
    ("false -> 1/0 = 1", "true"),
    ("true or 1/0 = 1", "true"),
    ("false <=> false", "true"),
    ("not true", "false"),
    ("if 1 = 1 then 2 else 1/0", "2"),
    ("1 > 2 > 1/0", "false"),
    ("{1, 2, 1} = {2, 1}", "true"),
    ("[1, 2] = [2, 1]", "false"),
    ("{[1, 2], [1]}", "{[1], [1, 2]}"),
    ("abs(-3)", "3"),
    ("min(3, 1/2, 2)", "0.5"),
    ("max({3, 5})", "5"),
    ("min([4, 2])", "2"),
    ("floor(-1.5)", "-2"),
    ("ceil(-1.5)", "-1"),
    ("round(2.5)", "3"),
    ("round(-2.5)", "-3"),
    ("round(3.14159, 2)", "3.14"),
    ("gcd(12, 18, 8)", "2"),
    ("lcm(4, 6)", "12"),
    ("sqrt(49/4)", "3.5"),
    ("sqrt(0)", "0"),
    ("factorial(5)", "120"),
    ("binomial(5, 2)", "10"),
    ("permutations(5, 2)", "20"),
    ("sum([1, 2, 3])", "6"),
    ("product({2, 3})", "6"),
    ("sum({})", "0"),
    ("sum(n: 1..10, n^2)", "385"),
    ("sum(n: 1..3, m: 1..3, n*m)", "36"),
    ("product(n: 1..5, n)", "120"),
    ("product(n: 3..3, n)", "3"),
    ("count(n: 1..20, n mod 3 = 0)", "6"),
    ("distinct(1, 2, 3)", "true"),
    ("distinct(1, 2, 2/2)", "false"),
    ("date(2024, 2, 28) + 2", "date(2024, 3, 1)"),
    ("date(2024, 3, 5) - date(2024, 1, 1)", "64"),
    ("date(2024, 3, 1) - 1 = date(2024, 2, 29)", "true"),
    ("date(2024, 1, 1) < date(2024, 1, 2)", "true"),
    ("weekday(date(2024, 3, 5))", "2"),
    ("add_months(date(2024, 1, 31), 1)", "date(2024, 2, 29)"),
    ("add_months(date(2024, 3, 31), -13)", "date(2023, 2, 28)"),
    ("probability(a: 1..6, b: 1..6, a + b = 7)", "1/6"),
    ("probability(a: 1..6, b: 1..6, a + b = 8, a != b)", "2/15"),
    ("average(a: 1..6, a)", "3.5"),
    ("average(a: 1..6, a, a mod 2 = 0)", "4"),
    ("average([1, 2, 2])", "5/3"),
    ("average({1, 2, 2})", "1.5"),
    ("nth([3, 1, 2], 2)", "1"),
    ("year(date(2024, 3, 5))", "2024"),
    ("month(date(2024, 3, 5))", "3"),
    ("day(date(2024, 3, 5))", "5"),
    ("size({1, 2, 1})", "2"),
    ("size([1, 2, 1])", "3"),
    ("member(1, {1, 2})", "true"),
    ("member(3, [1, 2])", "false"),
    ("union({1}, {2}, {1})", "{1, 2}"),
    ("intersection({1, 2}, {2, 3})", "{2}"),
    ("difference({1, 2}, {2, 3})", "{1}"),
    ("forall n: 1..5. exists m: 1..5. n + m = 6", "true"),
    ("exists n: 1..5. forall m: 1..5. n >= m", "true"),
    ("forall n, m: 1..3. n != m", "false"),
]


@pytest.mark.parametrize(("expression", "expected"), MEANINGS)
def test_meaning(expression: str, expected: str) -> None:
    assert show_expr(term(meaning(expression))) == expected


def test_every_exact_builtin_has_its_meaning_above() -> None:
    """Calculus, graphs and solving are left to solvers."""
    trees = [read_expression(text) for text, _ in MEANINGS]
    called = {node.function for tree in trees for node in t.walk(tree) if isinstance(node, t.Call)}
    exact = {n for n, b in BUILTINS.items() if b.group not in (Group.ANALYSIS, Group.GRAPH)} - {"solve", "convert"}
    assert exact <= called


@pytest.mark.parametrize(
    "expression",
    [
        "1/0",
        "1 mod 0",
        "0^-1",
        "2^(1/2)",
        "(-8)^(1/3)",
        "sqrt(-4)",
        "sqrt(2)",
        "2^(1/1000)",
        "factorial(-1)",
        "factorial(1/2)",
        "gcd(1/2, 2)",
        "min([])",
        "date(2024, 2, 30)",
        "date(2024, 3, 5) + 1/2",
        "sin(1)",
        "pi",
        "x",
        "sum(n: int, n)",
        "solve(x = 1, x)",
        "f(1)",
    ],
)
def test_what_has_no_value_is_undefined(expression: str) -> None:
    with pytest.raises(Undefined) as caught:
        meaning(expression, "var x: int\nfun f(int): int\n")
    assert not isinstance(caught.value, TooLarge)
    assert str(caught.value)


# --- names, functions, relations, sorts -------------------------------------------------------------------------

WORLD = """\
sort bird = {owl, raven}
sort thing
const cow: thing
var n: int
let twice = 2*n
let thrice = twice + n
rel flies(bird), likes(thing, thing)
fun place(bird): 1..5
graph road(bird, bird): miles
graph knows(bird, bird)
"""
MODEL = Interpretation(
    values={"n": Fraction(7), "cow": "thing0"},
    tables={
        "flies": {("owl",): True},
        "place": {("owl",): Fraction(1), ("raven",): Fraction(2)},
        "likes": {("thing0", "thing1"): True},
        "road": {("owl", "raven"): Fraction(5)},
        "knows": {("owl", "raven"): True},
    },
    universe={"thing": ("thing0", "thing1")},
)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("n", Fraction(7)),
        ("thrice", Fraction(21)),
        ("owl", "owl"),
        ("owl = owl and owl != raven", True),
        ("flies(owl) and not flies(raven)", True),
        ("place(owl) < place(raven)", True),
        ("forall x: bird. place(x) <= 2", True),
        ("exists x: thing. likes(cow, x)", True),
        ("forall x: thing. likes(cow, x)", False),
        ("count(x: thing, y: thing, likes(x, y))", Fraction(1)),
        ("sum(x: bird, place(x))", Fraction(3)),
        ("road(owl, raven)", Fraction(5)),
        ("knows(owl, raven) and not knows(raven, owl)", True),
        ("exists n: 1..3. n = 3", True),
        ("if flies(raven) then owl else raven", "raven"),
        ("{place(owl), place(raven)}", frozenset({Fraction(1), Fraction(2)})),
        ("[owl, raven]", ("owl", "raven")),
    ],
)
def test_meaning_in_a_model(expression: str, expected: Value) -> None:
    assert meaning(expression, WORLD, MODEL) == expected


def test_what_a_table_does_not_give_is_false_of_relations_and_undefined_of_functions() -> None:
    assert meaning("flies(raven)", WORLD, MODEL) is False
    for expression in ("place(owl)", "road(raven, owl)", "forall x: thing. true"):
        with pytest.raises(Undefined):
            meaning(expression, WORLD, Interpretation(tables={"place": {}, "road": {}}))


def test_a_definition_counts_only_where_it_is_used() -> None:
    before = "let zero = 0\nlet bad = 1/zero\nlet choice = if zero = 0 then 5 else bad\n"
    assert meaning("choice", before) == 5
    assert meaning("bad + 1", before, Interpretation(values={"bad": Fraction(2)})) == 3
    for expression in ("bad", "bad + choice", "choice - bad"):
        with pytest.raises(Undefined, match="division by zero"):
            meaning(expression, before)


def test_definitions_may_build_on_each_other_for_thousands_of_lines() -> None:
    chain = "let a0 = 1\n" + "".join(f"let a{i} = a{i - 1} + 1\n" for i in range(1, 1400))
    assert meaning("a1399", chain) == 1400


def test_bound_variables_from_outside() -> None:
    assert evaluate(read_expression("x + 1"), Symbols(), NOTHING, {"x": Fraction(2)}) == 3


# --- bounds -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "expression",
    [
        "9^9^9^9",
        "2^-99999999",
        "factorial(1000000000)",
        "factorial(2000)",
        "binomial(100000, 50000)",
        "permutations(2000, 2000)",
        "(2^9000)*(2^9000)",
        "round(2^13900 + 1/3, 100)",
        "lcm(" + ", ".join(f"2^255 + {n}" for n in range(1, 200, 2)) + ")",
        "gcd(2^300, 2)",
        "(1/(2^9000 - 1)) mod (1/(2^9000 + 1))",
        "sum([" + ", ".join(f"1/(2^{4000 + n} + 1)" for n in range(200)) + "])",
        "date(9999, 12, 31) + 1",
        "date(9999, 12, 31) + 10^40",
        "sum(n: 1..1000000, n)",
        "sum(n: 1..1000, m: 1..1000, n*m)",
        "forall n: 1..1000. exists m: 1..1000000. m = 1",
        "sum(n: 1..100000, sqrt((2^6000 + 1)^2))",
        "sum(n: 1..100000, (2^6000 + 1)*(2^6000 + 3))",
        "product(n: 1..100000, 2)",
        "sum(" + ", ".join(f"x{n}: 1..1000000" for n in range(50)) + ", 1)",
        "sum(n: 1..2, " * 90 + "1" + ")" * 90,
        "forall " + ", ".join(f"x{n}" for n in range(4000)) + ": 1..2. exists y: 1..2. x1 = x2",
    ],
    ids=lambda text: text[:30],
)
def test_bounds(expression: str) -> None:
    with pytest.raises(TooLarge):
        meaning(expression)


def test_large_but_bounded() -> None:
    assert meaning("factorial(1500)") == math.factorial(1500)
    assert meaning(f"2^{MAX_BITS - 1}") == 2 ** (MAX_BITS - 1)
    assert meaning(f"sum(n: 1..{MAX_STEPS // 4}, n)") == sum(range(1, MAX_STEPS // 4 + 1))
    assert meaning("distinct(" + ", ".join(map(str, range(5000))) + ")") is True


# --- values as terms --------------------------------------------------------------------------------------------

flat = st.one_of(
    st.fractions(),
    st.booleans(),
    st.sampled_from(["owl", "Dr. Smith", "if"]),
    st.dates(),
    st.integers(0, MAX_BITS).map(lambda n: Fraction(2**n - 1)),
    st.integers(1, MAX_BITS - 1).map(lambda n: Fraction(-1, 2**n)),
)
values: st.SearchStrategy[Value] = st.recursive(
    flat, lambda below: st.frozensets(below, max_size=4) | st.lists(below, max_size=4).map(tuple), max_leaves=8
)


@settings(max_examples=300)
@given(values)
def test_every_value_has_a_term_that_reads_and_means_it(value: Value) -> None:
    text = show_expr(term(value))
    names: dict[str, Value] = {name: name for name in ("owl", "Dr. Smith", "if")}
    assert evaluate(read_expression(text), Symbols(), Interpretation(values=names)) == value
    assert show_expr(term(evaluate(read_expression(text), Symbols(), Interpretation(values=names)))) == text


def test_terms_of_numbers() -> None:
    def shown(n: Fraction) -> str:
        return show_expr(term(n))

    assert [shown(Fraction(n)) for n in ("5", "-5", "1/2", "-1/3", "0", "7/3", "1/1024")] == [
        "5",
        "-5",
        "0.5",
        "-1/3",
        "0",
        "7/3",
        "0.0009765625",
    ]
    assert len(shown(Fraction(2**MAX_BITS - 1))) < MAX_DIGITS
    assert shown(Fraction(1, 2**40)) == f"1/{2**40}"


def test_sets_are_written_in_one_order() -> None:
    inner = [frozenset({a, b}) for a in ("x", "y", "z") for b in ("v", "w")]
    assert show_expr(term(frozenset(inner))) == show_expr(term(frozenset(reversed(inner))))
    assert show_expr(term(frozenset({Fraction(10), Fraction(9), Fraction(-1)}))) == "{-1, 9, 10}"
    assert show_expr(term(frozenset(inner))).startswith("{{v, x}, {v, y}, {v, z}, {w, x}")
    assert show_expr(term(datetime.date(2024, 3, 5))) == "date(2024, 3, 5)"


# --- anything ---------------------------------------------------------------------------------------------------


@settings(max_examples=300)
@given(expressions)
def test_evaluating_anything_gives_a_value_or_says_why_not(e: t.Expr) -> None:
    symbols, _ = check(read(WORLD + "ask 1\n"))
    try:
        value = evaluate(e, symbols, MODEL)
    except Undefined:
        return
    assert show_expr(term(value))


def test_what_is_defined_by_itself_is_undefined() -> None:
    symbols, found = check(read("let x = x + 1\nlet y = z\nlet z = y\nask 1\n"))
    assert found
    for name in "xyz":
        with pytest.raises(Undefined):
            evaluate(t.Name(name), symbols, NOTHING)
