"""What the checker says of programs before they are solved, and where; and that right programs pass."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import SAMPLES, code, programs

from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.assigned import assigned_names
from neurosym.language.builtins import BUILTINS, Group
from neurosym.language.check import check, checked
from neurosym.language.check_types import MAX_HINTS
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.printer import show
from neurosym.language.read import read, read_fragment
from neurosym.language.symbols import Base, Constant, Defined, Element, Function, GraphSymbol, Symbols, Unknown
from neurosym.language.units import dimension, power_product, show_dimension, singular, times, to_the


def found(text: str) -> list[Diagnostic]:
    """What is wrong with the fragment `text`."""
    return list(check(read_fragment(text + "\n"))[1])


def asked(expression: str, before: str = "") -> list[Diagnostic]:
    return list(check(read(f"{WORLD}{before}ask {expression}\n"))[1])


WORLD = """\
sort bird = {owl, raven}
sort thing
const cow: thing
var n, m: int
var way: miles
var time: hour
var born: date
rel flies(bird), likes(thing, thing)
fun place(bird): 1..5
graph road(bird, bird): miles
graph knows(bird, bird)
python
    anything = 1
end
"""


@pytest.mark.parametrize("text", SAMPLES.values(), ids=SAMPLES)
def test_the_designs_programs_check(text: str) -> None:
    assert check(read(text))[1] == ()
    assert checked(read(text)).table


@pytest.mark.parametrize(
    "expression",
    [
        "n + 1, -n, n^2, n mod 2, way + 3, 3 + way, way/time, way*time - 2, (way/time)*time + way",
        "way/way + n, way^2 + way*way, way + way*20%, way/2 + 5 [mile], sqrt(way*way) + way",
        "flies(owl) and not flies(raven) or n = 1 xor true -> n < 2 <= m <=> false",
        "owl = raven, cow != cow, likes(cow, cow), place(owl) + n, place(owl) = place(raven)",
        "born - born, born + 3, born - 3 + 4 [days], born < date(2024, 3, 5), weekday(born) + year(born)",
        "forall x, y: bird. flies(x) = flies(y), exists k: 1..9, x: thing. likes(x, x) and k = n",
        "sum(k: 1..n_, k) + n, sum({1, 2}) + product([n, m]) + count(x: bird, flies(x))",
        "if n > 1 then way else 0, if true then owl else raven",
        "min(n, m, 3), max({1, 2}), min(way, 2) + way, abs(way) + way, round(way, 2) + way",
        "distinct(n, m, 1), distinct(owl, raven), size([owl, raven]), member(owl, {owl}), union({1}, {2})",
        "distance(road, owl, raven) + way, path(knows, owl, raven), degree(knows, owl) + n, cyclic(road)",
        "sin(pi) + e^n, integrate(n^2, n, 0, oo), solve(n^2 = 4, n), gcd(n, m), date(n, m, 1)",
        "anything + n, anything = owl, anything and true, {anything, owl}, flies(anything)",
        "road(owl, raven) + way, knows(owl, raven) or true, [owl, raven] = [raven, owl]",
        "sum(k: 1..3, l: 1..3, k*l), sum(k: bird, place(k)), product(k: 1..3, way) + n",
    ],
)
def test_what_makes_sense_passes(expression: str) -> None:
    assert asked(expression, "let n_ = 5\n") == []


@pytest.mark.parametrize(
    ("expression", "code", "at"),
    [
        ("n + nn", "unknown-name", "nn"),
        ("n + zebra", "unknown-name", "zebra"),
        ("flys(owl)", "unknown-function", "flys(owl)"),
        ("n + bird", "kind", "bird"),
        ("n + flies", "kind", "flies"),
        ("n(3)", "kind", "n(3)"),
        ("way + time", "unit-clash", "way + time"),
        ("n < way < time", "unit-clash", "n < way < time"),
        ("max(way, time)", "unit-clash", "time"),
        ("way + 5 [hour]", "unit-clash", "way + 5 [hour]"),
        ("way*time + way", "unit-clash", "way*time + way"),
        ("way/time + time/way", "unit-clash", "way/time + time/way"),
        ("way^2 + way", "unit-clash", "way^2 + way"),
        ("way/way + way", "unit-clash", "way/way + way"),
        ("if n = 1 then way else time", "unit-clash", "if n = 1 then way else time"),
        ("distance(road, owl, raven) + time", "unit-clash", "distance(road, owl, raven) + time"),
        ("n and true", "kind", "n"),
        ("not n", "kind", "n"),
        ("-owl", "kind", "owl"),
        ("owl + 1", "kind", "owl"),
        ("owl = 1", "kind", "owl = 1"),
        ("owl = cow", "kind", "owl = cow"),
        ("owl < raven", "kind", "owl < raven"),
        ("true < false", "kind", "true < false"),
        ("if n then 1 else 2", "kind", "n"),
        ("if true then 1 else owl", "kind", "if true then 1 else owl"),
        ("{1, owl}", "kind", "owl"),
        ("[true, 1]", "kind", "1"),
        ("distinct(owl, 1)", "kind", "1"),
        ("forall k: bird. k", "kind", "k"),
        ("forall k: birds. k = owl", "unknown-sort", "k: birds"),
        ("forall k: 1..zebra. k = 1", "range", "1..zebra"),
        ("forall k: 1..n. k = 1", "range", "1..n"),
        ("forall k: 5..4. k = 1", "range", "5..4"),
        ("forall k: 1..9999999. k = 1", "range", "1..9999999"),
        ("flies(owl, raven)", "arity", "flies(owl, raven)"),
        ("flies(cow)", "kind", "cow"),
        ("flies(x: bird)", "binder", "x: bird"),
        ("gcd(n)", "arity", "gcd(n)"),
        ("abs(n, m)", "arity", "abs(n, m)"),
        ("gcd(k: bird, k)", "binder", "k: bird"),
        ("gcd(owl, n)", "kind", "owl"),
        ("max(n, owl)", "kind", "owl"),
        ("sum(k: bird)", "arity", "sum(k: bird)"),
        ("sum(k, k: 1..3)", "arity", "sum(k, k: 1..3)"),
        ("sum(n, m)", "arity", "sum(n, m)"),
        ("sum(n)", "kind", "sum(n)"),
        ("sum(k: bird, k)", "kind", "k"),
        ("count(k: bird, 1)", "kind", "1"),
        ("distance(bird, owl, raven)", "kind", "distance(bird, owl, raven)"),
        ("distance(1, owl, raven)", "kind", "distance(1, owl, raven)"),
        ("distance(road, owl, cow)", "kind", "cow"),
        ("born * 2", "kind", "born * 2"),
        ("3 + born", "kind", "3 + born"),
        ("born + born", "kind", "born"),
        ("born + way", "unit-clash", "way"),
        ("born - way/time", "unit-clash", "way/time"),
        ("weekday(n)", "kind", "n"),
        ("date(owl, 1, 1)", "kind", "owl"),
        ("union({1}, 2)", "kind", "2"),
        ("size(n)", "kind", "n"),
        ("member(n, m)", "kind", "m"),
    ],
)
def test_what_makes_no_sense_is_named_where_it_is(expression: str, code: str, at: str) -> None:
    diagnostics = [d for d in asked(expression) if d.code == code]
    assert diagnostics, asked(expression)
    span = diagnostics[0].span
    assert span is not None
    line = f"ask {expression}"
    assert (span.line, line[span.column - 1 : span.end_column - 1]) == (WORLD.count("\n") + 1, at)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("let x = 1\nlet x = 2", "redeclared"),
        ("let x = 1\nvar x: int", "redeclared"),
        ("var x, x: int", "redeclared"),
        ("sort s = {a, a}", "redeclared"),
        ("sort s = {a}\nlet a = 1", "redeclared"),
        ("sort s\nfun s(int): int", "redeclared"),
        ("rel max(int)", "redeclared"),
        ("graph distance(int, int)", "redeclared"),
        ("let x = 1\npython\n  x = 2\nend", "redeclared"),
        ("option A: true\noption A: false", "redeclared"),
        ("let x = x", "unknown-name"),
        ("let x = y\nlet y = 1", "unknown-name"),
        ("const a: animal", "unknown-sort"),
        ("rel p(animal)", "unknown-sort"),
        ("sort s = 5..1", "range"),
        ("fun f(int): 1..n", "range"),
        ("let n = 1/2\nvar x: 1..n", "range"),
        ("let n = 2.5\nvar x: 1..n", "range"),
        ("let x: bool = 1", "kind"),
        ("let x: date = 5", "kind"),
        ("sort s = {a}\nlet x: s = 1", "kind"),
        ("let a: miles = 1\nlet b: hours = a", "unit-clash"),
        ("maximize true", "kind"),
        ("5", "kind"),
        ("option A: 5", "kind"),
        ("sort s = {a, b}\ngraph g(s)", "graph-arity"),
        ("sort s = {a, b}\ngraph g(s, int)", "graph-arity"),
        ("sort s = {a, b}\ngraph g(s, s): bool", "kind"),
        ("let a = 1\ndistinct a", "distinct"),
        ("fun f(int, int): int\ndistinct f", "distinct"),
        ("fun f(int): int\nlet a = 1\ndistinct f, a", "distinct"),
        ("sort s = {a}\nlet b = 1\ndistinct a, b", "kind"),
        ("distinct a, b", "unknown-name"),
        ("python\n  x = (\nend", "python-syntax"),
    ],
)
def test_statements_that_make_no_sense(text: str, code: str) -> None:
    diagnostics = found(text)
    assert code in [d.code for d in diagnostics]
    assert all(d.span is not None and d.span.line <= text.count("\n") + 1 for d in diagnostics)


@pytest.mark.parametrize(
    "text",
    [
        "let n = 5\nvar x: 1..n\nsort s = 0..n\nfun f(1..n, s): n..9\nfun g(s): s\ndistinct g",
        "sort s = {a, b}\nvar x, y: s\ndistinct x, y, a\ngraph g(s, s)\ndigraph h(s, s): miles\ng(a, b)\nh(a, b) = 2",
        "sort s = 1..3\nrel p(s), q(int, real) closed\np(2)\nq(1, 2.5)\nforall x: s. p(x) -> x < 3",
        "python\n    x = 1\nend\npython\n    x += 1\nend\nlet y = x",
        "let sum = 3\nlet max = 4\nlet total = sum + max + sum(n: 1..3, n)",
        "let e = 3\nlet pi: miles = 4\nlet both = e + pi",
        "let price: dollars = 5\nlet cost: dollar = price\nlet pay: USD = cost + price",
        "let x: count = 5\nlet y: miles = x\nlet z: real = y\nlet a: bool = x > 1\nlet d: date = date(2024, 1, 1)",
        "maximize 5\nminimize 2 + 3\noption A: true\noption B: 1 = 2",
    ],
)
def test_statements_that_make_sense(text: str) -> None:
    assert found(text) == []


def test_options_and_their_question_go_together() -> None:
    assert [d.code for d in found("option A: true")] == []
    assert [d.code for d in check(read("option A: true\nask 1\n"))[1]] == ["options-not-asked"]
    assert [d.code for d in check(read("let x = 1\nask option must\n"))[1]] == ["no-options"]


def test_hints_name_what_is_spelt_much_the_same() -> None:
    def hint(expression: str) -> str:
        return asked(expression)[0].hint

    assert hint("wey + 1") == "did you mean 'way'?"
    assert hint("flise(owl)") == "did you mean 'flies'?"
    assert hint("facorial(3)") == "did you mean 'factorial'?"
    assert hint("forall x: brid. true") == "did you mean 'bird'?"
    assert hint("forall crow: bird. crov = owl") == "did you mean 'crow'?"
    assert hint("zzz").startswith("declare it")
    assert hint("flies") == "write flies(...)"


def test_a_wrong_sort_is_reported_once_and_only_the_first_mistakes_get_hints() -> None:
    assert [d.code for d in found("rel p(animal)\nconst a, b: animal\np(a)\np(b)")] == ["unknown-sort"]
    many = found("let total = 1\n" + "totl = 1\n" * 3 * MAX_HINTS)
    assert len(many) == 3 * MAX_HINTS
    assert [d.hint.startswith("did you") for d in many] == [True] * MAX_HINTS + [False] * 2 * MAX_HINTS


def test_every_mistake_is_reported_in_source_order() -> None:
    with pytest.raises(ProgramError) as caught:
        checked(read("let a = b\nvar c: int\nlet a = d\nask c + f\n"))
    places = [d.span.line for d in caught.value.diagnostics if d.span]
    assert [d.code for d in caught.value.diagnostics] == [
        "unknown-name",
        "unknown-name",
        "redeclared",
        "unknown-name",
    ]
    assert places == sorted(places)
    assert str(caught.value).count("\n") == 3


def test_symbols_say_what_names_stand_for() -> None:
    symbols, _ = check(read_fragment(WORLD + "let n_ = 5\nlet half = n_/2\nsort k = -1..n_\n"))
    kinds = {name: type(symbol) for name, symbol in symbols.table.items()}
    assert kinds["owl"] is Element
    assert kinds["cow"] is Constant
    assert kinds["way"] is Unknown
    assert kinds["flies"] is Function
    assert kinds["road"] is GraphSymbol
    assert kinds["anything"] is Defined
    assert symbols.members("bird") == ("owl", "raven")
    assert symbols.members("thing") is symbols.members("int") is None
    assert symbols.members("k") == range(-1, 6)
    assert symbols.members(t.Range(1, "n_")) == range(1, 6)
    assert symbols.members(t.Range(1, "n")) is None
    assert (symbols.number(3), symbols.number("n_"), symbols.number("half"), symbols.number("no")) == (3, 5, None, None)
    assert str(symbols.get("owl").kind) == "an element of bird"  # type: ignore[union-attr]
    assert symbols.get("way").kind.base is Base.NUMBER  # type: ignore[union-attr]
    flies, place = symbols.get("flies"), symbols.get("place")
    assert isinstance(flies, Function)
    assert isinstance(place, Function)
    assert flies.is_relation
    assert not place.is_relation


def test_every_builtin_checks_its_number_of_arguments() -> None:
    for name, builtin in BUILTINS.items():
        if builtin.greatest is not None:
            too_many = ", ".join(["1"] * (builtin.greatest + 1))
            assert "arity" in [d.code for d in asked(f"{name}({too_many})")], name
        if builtin.least > 1:
            assert "arity" in [d.code for d in asked(f"{name}(1)")], name
        assert builtin.about
    assert {b.group for b in BUILTINS.values()} == set(Group)


@settings(max_examples=150)
@given(programs)
def test_any_tree_can_be_checked_and_its_diagnostics_have_places(program: t.Program) -> None:
    read_program = read(show(program))
    symbols, diagnostics = check(read_program)
    assert isinstance(symbols, Symbols)
    assert all(d.span is not None for d in diagnostics)
    assert [d.code for d in check(program)[1]] == [d.code for d in diagnostics]


@pytest.mark.parametrize(
    ("before", "inner", "after"),
    [
        ("1 < (1 < (", "1", ") < 1) < 1"),
        ("min(1, ", "1", ")"),
        ("distinct(1, ", "1", ")"),
        ("if true then 1 else ", "1", ""),
        ("sum(k: 1..2, ", "1", ")"),
        ("place(", "owl", ")"),
        ("distance(road, owl, ", "owl", ")"),
    ],
)
def test_deep_nesting_is_checked_in_one_pass(before: str, inner: str, after: str) -> None:
    """Twice the work at every level would never end here."""
    diagnostics = asked(before * 45 + inner + after * 45)
    assert len(diagnostics) <= 4 * 45


# --- python blocks ----------------------------------------------------------------------------------------------


def test_names_that_a_block_assigns() -> None:
    assert assigned_names(
        "import os\nx = y = 1\n(a, [b, *c]) = d\nfor i in r:\n    j = 1\nwith f() as g:\n    pass\nz: int = 3\nn += 1\n"
        "if (w := 2):\n    pass\ndef h(p):\n    q = 1\nclass K:\n    r = 1\n_hidden = 1\n[v for v in s]\n"
        "o.attr = 1\nl[0] = 2\n"
    ) == {"x": 2, "y": 2, "a": 3, "b": 3, "c": 3, "i": 4, "j": 5, "g": 6, "z": 8, "n": 9, "w": 10}


def test_a_syntax_error_in_a_block_is_placed_on_its_line() -> None:
    (diagnostic,) = found("let a = 1\npython\n\n    x = 1\n    y = )\nend")
    assert (diagnostic.code, diagnostic.span and diagnostic.span.line) == ("python-syntax", 5)


@given(code)
def test_any_text_may_stand_in_a_block(text: str) -> None:
    try:
        names = assigned_names(text)
    except SyntaxError:
        return
    assert all(isinstance(name, str) and line >= 1 for name, line in names.items())


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "(" * 9000,
        "x = " + "-" * 9000 + "1",
        "x = a" + ".b" * 9000,
        "x = 1" + "+1" * 9000,
        "x = 1" + "**1" * 9000,
        "x = " + "not " * 9000 + "1",
        "x = " + "lambda: " * 3000 + "1",
        "x = " + "9" * 5000,
        "x = '\0'",
        "x = '\ud800'",
        "f" + "()" * 9000,
        "if 1:\n pass\n" + "elif 1:\n pass\n" * 3000,
        "[" * 9000,
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_hostile_blocks_are_refused(text: str) -> None:
    with pytest.raises(SyntaxError) as caught:
        assigned_names(text)
    assert caught.value.msg


def test_a_block_warns_nobody() -> None:
    assert list(assigned_names("x = '\\d'\ny = 1 is 1")) == ["x", "y"]


# --- units ------------------------------------------------------------------------------------------------------

dimensions = st.dictionaries(st.sampled_from("abcd"), st.integers(-3, 3)).map(lambda d: power_product(d.items()))


@given(dimensions, dimensions, dimensions)
def test_dimensions_multiply_as_a_commutative_group(
    a: tuple[tuple[str, int], ...], b: tuple[tuple[str, int], ...], c: tuple[tuple[str, int], ...]
) -> None:
    assert times(a, b) == times(b, a)
    assert times(times(a, b), c) == times(a, times(b, c))
    assert times(a, ()) == a
    assert times(a, to_the(a, -1)) == ()


@given(dimensions, st.integers(-5, 5), st.integers(-5, 5))
def test_powers_of_dimensions(a: tuple[tuple[str, int], ...], m: int, n: int) -> None:
    assert times(to_the(a, m), to_the(a, n)) == to_the(a, m + n)
    assert to_the(to_the(a, m), n) == to_the(a, m * n)


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("clips", "clip"),
        ("Miles", "mile"),
        ("dollars", "dollar"),
        ("USD", "dollar"),
        ("feet", "foot"),
        ("inches", "inch"),
        ("boxes", "box"),
        ("berries", "berry"),
        ("cookies", "cookie"),
        ("people", "person"),
        ("children", "child"),
        ("glasses", "glass"),
        ("bus", "bus"),
        ("dress", "dress"),
        ("tomatoes", "tomato"),
        ("hours", "hour"),
        ("hrs", "hour"),
        ("gas", "gas"),
        ("buses", "bus"),
        ("houses", "house"),
        ("shoes", "shoe"),
    ],
)
def test_plurals_and_singulars_meet(plural: str, one: str) -> None:
    assert singular(plural) == singular(one)
    assert dimension(t.Unit(((plural, 2),))) == dimension(t.Unit(((one, 2),)))


def test_dimensions_in_words() -> None:
    assert show_dimension(()) == "a plain ratio"
    assert show_dimension((("hour", -1), ("mile", 1))) == "mile/hour"
    assert show_dimension((("hour", -2),)) == "1/hour^2"
    assert show_dimension((("a", 2), ("b", 1))) == "a^2*b"
