"""Units: what converts into what, exactly, and that every part that computes takes them the same way."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neurosym
from neurosym.certificates.document import certificate
from neurosym.certificates.recheck import recheck
from neurosym.certificates.verdict import Verdict
from neurosym.explain import explain
from neurosym.language import tree as t
from neurosym.language import unit_table
from neurosym.language.canonical import key
from neurosym.language.check import check
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.lowering import lowered
from neurosym.language.printer import show
from neurosym.language.read import read
from neurosym.language.units import by_hand, conversion, reduced
from neurosym.outcome import Status

TIMES = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
LENGTHS = {w: Fraction(x) for w, x in (("inch", "0.0254"), ("foot", "0.3048"), ("mile", "1609.344"), ("meter", "1"))}


def dim(**powers: int) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(powers.items()))


def value(text: str) -> Fraction:
    """What the last statement asks, by the evaluator on the lowered program."""
    program = read(text)
    assert not check(program)[1], check(program)[1]
    core = lowered(program)
    symbols, found = check(core)
    assert not found, found
    assert isinstance(core.ask, t.Ask)
    result = evaluate(core.ask.targets[0], symbols, Interpretation())
    assert isinstance(result, Fraction)
    return result


# --- the table --------------------------------------------------------------------------------------------------


def test_the_table_is_pints() -> None:
    pytest.importorskip("pint", reason="pint is the source of the table, not needed to use it")
    import unit_table as made  # tests/unit_table.py

    assert "\n".join(made.rows()) == unit_table.FROM_PINT.strip()


@pytest.mark.parametrize(
    ("one", "other", "factor"),
    [
        (dim(hour=1), dim(minute=1), 60),
        (dim(mile=1, hour=-1), dim(meter=1, second=-1), Fraction(1397, 3125)),
        (dim(foot=2), dim(inch=2), 144),
        (dim(acre=1), dim(foot=2), 43560),
        (dim(liter=1), dim(centimeter=3), 1000),
        (dim(mph=1), dim(mile=1, hour=-1), 1),
        (dim(kilowatt=1, hour=1), dim(joule=1), 3_600_000),
        (dim(dollar=1), dim(cent=1), 100),
        (dim(euro=1), dim(cent=1), 100),
        (dim(sterling=1), dim(penny=1), 100),
        (dim(pound=1), dim(ounce=1), 16),
        (dim(pound=1), dim(penny=1), 100),
        (dim(cup=1), dim(ounce=1), 8),
        (dim(century=1), dim(month=1), 1200),
        (dim(percent=1), (), Fraction(1, 100)),
        (dim(percent=1, student=1), dim(student=1), Fraction(1, 100)),
        (dim(clip=1), dim(ball=1), 1),
        (dim(hour=1), dim(mile=1), None),
        (dim(dollar=1), dim(euro=1), None),
        (dim(month=1), dim(day=1), None),
        (dim(celsius=1), dim(fahrenheit=1), None),
        (dim(mile=900), dim(foot=900), None),
    ],
)
def test_conversion(one: tuple[tuple[str, int], ...], other: tuple[tuple[str, int], ...], factor: Fraction) -> None:
    assert conversion(one, other) == factor
    assert conversion(other, one) == (factor and 1 / Fraction(factor))


@pytest.mark.parametrize(
    ("unit", "simple"),
    [
        (dim(mile=1, hour=-1, minute=1), dim(mile=1)),
        (dim(hour=1, minute=-1), ()),
        (dim(kilometer=1, meter=1), dim(kilometer=2)),
        (dim(dollar=1, percent=1), dim(dollar=1)),
        (dim(percent=1), dim(percent=1)),
        (dim(mile=1, hour=-1), dim(hour=-1, mile=1)),
    ],
)
def test_reduced(unit: tuple[tuple[str, int], ...], simple: tuple[tuple[str, int], ...]) -> None:
    assert reduced(unit) == simple


def test_by_hand() -> None:
    assert by_hand([Fraction(60)], Fraction(60))
    assert by_hand([Fraction(24), Fraction(3), Fraction(60)], Fraction(1440))
    assert by_hand([Fraction("1.6")], Fraction("1.609344"))
    assert not by_hand([Fraction(2)], Fraction(60))
    assert not by_hand([], Fraction(1))


# --- programs ---------------------------------------------------------------------------------------------------

SAME = [
    ("let t: hour = 90 [minute]\nask t\n", "1.5"),
    ("let t: hour = 2\nlet s: minute = 30\nask t + s\n", "2.5"),
    ("let t: hour = 2\nlet s: minute = 30\nlet u: minute = t + s\nask u\n", "150"),
    ("let t: hour = 2\nask convert(t, minute)\n", "120"),
    ("ask convert(60 [mile/hour], foot/second)\n", "88"),
    ("let t: hour = 2\nlet s: minute = 30\nask t/s\n", "4"),
    ("let v: mile/hour = 60\nlet s: minute = 30\nlet d: mile = v*s\nask d\n", "30"),
    ("let v: mile/hour = 60\nlet s: minute = 30\nask v*s\n", "30"),
    ("let a: dollar = 3\nlet b: cent = 50\nask a + b\n", "3.5"),
    ("let a: euro = 3\nlet b: cent = 50\nask a + b\n", "3.5"),
    ("let rate: dollar/hour = 12\nlet t: minute = 45\nlet pay: dollar = rate*t\nask pay\n", "9"),
    ("let p: percent = 25\nlet b: dollar = 80\nlet c: dollar = p*b\nask c\n", "20"),
    ("let p: percent = 20%\nlet b: dollar = 80\nask b*p\n", "16"),
    ("let p = 20%\nlet b: dollar = 80\nlet tip: dollar = b*p\nask tip\n", "16"),
    ("let a: boys = 3\nlet g: girls = 9\nlet p: percent = a/(a + g)\nask p\n", "25"),
    ("var t: hour\nt + 30 [minute] = 2\nask t\n", "1.5"),
    ("var t: hour\nvar s: minute\nt = s\ns = 90\nask t\n", "1.5"),
    ("var t: hour\nt > 30 [minute]\nt < 40 [minute]\n60*t = 33\nask convert(t, second)\n", "1980"),
    ("fun long(1..2): foot\nlong(1) = 3 [yard]\nlong(2) = 6 [inch]\nask long(1) + long(2)\n", "9.5"),
    ("sort s = {a, b, c}\ngraph road(s, s): mile\nroad(a, b) = 1609.344 [meter]\nroad(b, c) = 2\n"
     "ask distance(road, a, c)\n", "3"),
    ("let d: date = date(2024, 1, 31)\nask d + 1 [month]\n", "date(2024, 2, 29)"),
    ("let d: date = date(2024, 2, 29)\nask d + 1 [year]\n", "date(2025, 2, 28)"),
    ("let d: date = date(2024, 1, 31)\nask d - 2 [week]\n", "date(2024, 1, 17)"),
    ("let w: week = date(2024, 3, 6) - date(2024, 1, 31)\nask w\n", "5"),
    ("ask max(90 [minute], 1 [hour])\n", "90"),
    ("let a: foot = 5\nlet b: inch = 6\nask if a < b then a else b\n", "0.5"),
    ("let w: meter = 2\nlet h: centimeter = 50\nask w*h\n", "1"),
    ("let side: foot = sqrt(144 [square_inch])\nask side\n", "1"),
    ("let x: second = sum([1 [minute], 30 [second]])\nask x\n", "90"),
    ("let x: second = average([1 [minute], 30 [second]])\nask x\n", "45"),
    ("ask gcd(12 [inch], 2 [foot])\n", "12"),
    ("ask member(60 [minute], {1 [hour], 2 [hour]})\n", "true"),
    ("ask distinct(1 [hour], 60 [minute])\n", "false"),
]  # fmt: skip

BY_HAND = [
    ("let t: hour = 2\nlet m: minute = 60*t\nask m\n", "120"),
    ("let t: hour = 2\nlet in_hour = 60\nlet m: minute = t*in_hour\nask m\n", "120"),
    ("let t: day = 2\nlet m: minute = t*24*60\nask m\n", "2880"),
    ("let v: mile/hour = 60\nlet s: minute = 30\nlet d: mile = v*s/60\nask d\n", "30"),
    ("let a: kilometer = 3\nlet b: minute = 20\nlet v: kilometer/hour = a/(b/60)\nask v\n", "9"),
    ("let d: mile = 10\nlet k: kilometer = 1.6*d\nask k\n", "16"),
    ("let p: percent = 25\nlet b: dollar = 80\nlet c: dollar = p*b/100\nask c\n", "20"),
    ("let a: boys = 3\nlet g: girls = 9\nlet p: percent = a/(a + g)*100\nask p\n", "25"),
]
"""Programs that convert themselves."""

SCALED = [
    ("let t: hour = 2\nlet m: minute = 3*t\nask m\n", "360"),
    ("let d: mile = 10\nlet k: kilometer = 2*d\nask k\n", "32.18688"),
    ("let t: hour = 2\nask 2*t + 30 [minute]\n", "270"),
    ("let t: hour = 2\nask 30 [minute] + t/2\n", "90"),
]
"""Programs in which a bare number is a number."""


@pytest.mark.parametrize(("text", "answer"), [*SAME, *BY_HAND, *SCALED])
def test_programs(text: str, answer: str) -> None:
    outcome = neurosym.run(text)
    assert outcome.answer == answer, outcome
    core = lowered(read(text))
    assert check(core)[1] == ()
    assert lowered(core) == core
    assert lowered(read(show(core))) == core


@pytest.mark.parametrize(("text", "answer"), BY_HAND)
def test_what_is_converted_by_hand_is_left_as_it_is(text: str, answer: str) -> None:
    assert lowered(read(text)) == read(text)


@pytest.mark.parametrize(
    "text",
    [
        "let a: foot = 5\nlet b: hour = 6\nask a + b\n",
        "let a: euro = 3\nlet b: dollar = 50\nask a + b\n",
        "let d: day = 10\nlet m: month = d\nask m\n",
        "let t: hour = 5\nask convert(t, mile)\n",
        "let t: celsius = 5\nlet f: fahrenheit = t\nask f\n",
        "let a: hour = 1\nlet b: minute = 60\ndistinct a, b\nask a\n",
    ],
)
def test_what_has_no_conversion_clashes(text: str) -> None:
    outcome = neurosym.run(text)
    assert outcome.status is Status.MALFORMED
    assert {d.code for d in outcome.diagnostics} == {"unit-clash"}


def test_what_has_no_unit_is_not_converted() -> None:
    assert [d.code for d in neurosym.check("let n = 5\nask convert(n, minute)\n")] == ["no-unit"]
    assert [d.code for d in neurosym.check("let n: hour = 5\nask convert(n, 3)\n")] == ["kind"]


def test_programs_that_differ_by_a_conversion_are_different_translations() -> None:
    hours, minutes = (read(f"let t: {unit} = 90 [minute]\nask t\n") for unit in ("hour", "minute"))
    assert key(hours) != key(minutes)
    assert key(minutes) == key(read("let t = 90\nask t\n"))


@pytest.mark.parametrize("text", [SAME[k][0] for k in (0, 3, 9, 17, 18, 19, 20)])
def test_certificates_with_units_are_confirmed(text: str) -> None:
    assert recheck(certificate(text, neurosym.run(text))).verdict is Verdict.CONFIRMED


def test_python_blocks_see_converted_values() -> None:
    text = "let t: hour = 90 [minute]\npython\n    twice = 2 * t\nend\nask twice\n"
    assert neurosym.run(text, allow_python=True).answer == "3"


def test_the_explanation_shows_what_is_converted() -> None:
    program = read("let t: hour = 90 [minute]\nask t\n")
    assert "t = 90 [minute] = 1.5 hour." in explain(program, neurosym.run(show(program)))


# --- at random --------------------------------------------------------------------------------------------------


@st.composite
def quantities(draw: st.DrawFn, depth: int = 3) -> tuple[str, Fraction]:
    """A term of durations in mixed units, and its value in seconds."""
    if depth == 0 or draw(st.booleans()):
        unit, amount = draw(st.sampled_from(sorted(TIMES))), draw(st.integers(1, 40))
        return f"{amount} [{unit}]", Fraction(amount * TIMES[unit])
    (a, x), (b, y) = draw(quantities(depth - 1)), draw(quantities(depth - 1))
    match draw(st.sampled_from(["+", "-", "max", "if", "ratio"])):
        case "+":
            return f"({a} + {b})", x + y
        case "-":
            return f"({a} - {b})", x - y
        case "max":
            return f"max({a}, {b})", max(x, y)
        case "ratio":
            rate = f"5 [mile/{draw(st.sampled_from(sorted(TIMES)))}]"
            speed = Fraction(5, TIMES[rate[rate.index("/") + 1 : -1]])
            return f"({a}*{rate}/{rate})" if draw(st.booleans()) else f"({a}*{rate}/(1*{rate}))", x * speed / speed
    return f"(if {a} < {b} then {a} else {b})", min(x, y)


@given(quantities(), st.sampled_from(sorted(TIMES)))
def test_durations_are_converted_exactly(term: tuple[str, Fraction], unit: str) -> None:
    text, seconds = term
    assert value(f"let t: {unit} = {text}\nask t\n") == seconds / TIMES[unit]
    assert value(f"ask convert({text}, {unit})\n") == seconds / TIMES[unit]


@given(
    st.fractions(1, 100, max_denominator=20),
    st.fractions(1, 100, max_denominator=20),
    st.sampled_from(sorted(LENGTHS)),
    st.sampled_from(sorted(TIMES)),
    st.sampled_from(sorted(LENGTHS)),
    st.sampled_from(sorted(TIMES)),
)
def test_rates_are_converted_exactly(far: Fraction, long: Fraction, length: str, time: str, to: str, per: str) -> None:
    text = f"let d: {length} = {far}\nlet t: {time} = {long}\nlet v: {to}/{per} = d/t\n"
    expected = far * LENGTHS[length] / (long * TIMES[time]) * TIMES[per] / LENGTHS[to]
    assert value(text + "ask v\n") == expected
    assert value(text + f"let back: {length} = v*t\nask back\n") == far


@settings(max_examples=30)
@given(st.data())
def test_solvers_agree_on_units(data: st.DataObject) -> None:
    (a, x), unit = data.draw(quantities(1)), data.draw(st.sampled_from(sorted(TIMES)))
    outcome = neurosym.run(f"var t: {unit}\nvar s: second\nt = {a}\ns = t\nask s\n")
    assert outcome.status is Status.VALUE
    assert Fraction(outcome.answers[0]) == x
    assert any(e.kind == "second_solver" and e.holds for e in outcome.evidence)
