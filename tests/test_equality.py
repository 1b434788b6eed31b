"""Answers compared: what is equal, what is different, what cannot be told; and that nothing hangs or is guessed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.equality import MAX_CHARACTERS, Verdict, equal

EQUAL = [
    # numbers in every spelling
    ("7e4", "70000"),
    ("7×10^4", r"7 \times 10^{4}"),
    ("2 1/2", "2.5"),
    (r"2\frac{1}{2}", "5/2"),
    ("2½", "2.50"),
    ("seventy-two", "72"),
    ("two and a half", "2.5"),
    ("negative five", "−5"),
    ("−5", "-5"),
    ("1,234,567", "1234567"),
    (r"$\boxed{28}$ pct", r"28\%"),
    ("$14{,}916$", "14916"),
    ("50%", "1/2"),
    (r"28\%", "28 percent"),
    ("1.5 million", "1,500,000"),
    ("a dozen", "12"),
    (r"\boxed{\dfrac{3}{4}}", "0.75"),
    # units, money, times
    ("$5.00", "5 dollars"),
    ("$5", "500 cents"),
    ("5 dollars and 25 cents", "$5.25"),
    ("3 hours 30 minutes", "3.5 hours"),
    ("3 hours 30 minutes", "210 minutes"),
    ("1/2 hour", "30 min"),
    ("5 ft 6 in", "66 inches"),
    ("5 m", "500 cm"),
    (r"5\text{ cm}^2", "500 square millimeters"),
    ("60 mph", "60 miles per hour"),
    ("60 km/h", "1 kilometer per minute"),
    (r"30^\circ", "30 degrees"),
    ("72 clips", "72"),
    # sets, sequences, intervals
    ("{1, 2}", r"\{2, 1, 1\}"),
    ("(1, 1/2)", "(1.0, 50%)"),
    (r"\left(0, 1\right)", "0 < x < 1"),
    (r"(-\infty, 1) \cup (2, \infty)", "x < 1 or x > 2"),
    ("[0, 2]", r"[0, 1] \cup [1, 2]"),
    ("[0, 1)", r"x \in [0, 1)"),
    (r"\pm 5", "-5 or 5"),
    (r"x = \pm\sqrt{2}", r"\{-\sqrt 2, \sqrt 2\}"),
    ("x = 1, y = 2", "y = 2, x = 1"),
    ("3:4", "6:8"),
    # equations and terms
    ("3x - y + 13 = 0", "y = 3x + 13"),
    ("x = 4", "4"),
    ("2x > 4", "x > 2"),
    (r"\frac{1}{\sqrt{2}}", r"\frac{\sqrt2}{2}"),
    (r"\sqrt{2}\sqrt{3}", r"\sqrt{6}"),
    (r"\sqrt[3]{-8}", "-2"),
    ("(x+1)^2", "x^2 + 2x + 1"),
    (r"\frac{1}{x} + \frac{1}{y}", r"\frac{x+y}{xy}"),
    ("x(x+1)", "x² + x"),
    (r"e^x e^{y}", "e^{x+y}"),
    (r"\ln 12", r"2\ln 2 + \ln 3"),
    (r"\log_2 8", "3"),
    (r"\sin 30^\circ", "1/2"),
    ("(1+i)^2", "2i"),
    ("f(x+1)", "f(1+x)"),
    ("9^{9^{9^9}}", "9^(9^(9^9))"),
    ("√4 cm", "2 cm"),
    ("2 * 9^(9^9)", "9^(9^9) + 9^{9^9}"),
    (r"\text{Evelyn}", "evelyn"),
]
DIFFERENT = [
    ("50", "50%"),
    ("1/2004!", "1/2006!"),
    (r"$\frac{1}{2004!}$", r"$\frac{1}{2006!}$"),
    ("3*x-1*y+13=0", "3x+4y+14=0"),
    ("0.33", "1/3"),
    (r"$\boxed{28}$ percent", "28"),
    (r"\pi", "3.14159265358979"),
    (r"e^{\pi\sqrt{163}}", "262537412640768744"),
    (r"\sqrt{2} + \sqrt{3}", r"\sqrt{5}"),
    ("(x+1)^2", "x^2 + 1"),
    ("(x+1)^100", "(x+1)^99"),
    ("xy = 1", "xy = 2"),
    ("x = 5", "y = 5"),
    ("(1, 2)", "(2, 1)"),
    ("{1, 2}", "{1, 3}"),
    ("[0, 1)", "(0, 1)"),
    ("[0, 1]", "(0, 1)"),
    (r"(0, 1) \cup (1, 2)", "(0, 2)"),
    ("100 dollars", "100 euros"),
    ("5 hours", "5 meters"),
    ("3 hours 30 minutes", "3.3 hours"),
    ("72 clips", "71"),
    ("A", "B"),
    ("yes", "no"),
]
UNKNOWN = [
    ("1,2,...,n", "1,3,...,2n-1"),
    ("0.333...", "1/3"),
    ("$5", "500"),
    ("1/2x", "x/2"),
    ("5m", "5"),
    ("3 halves", "3"),
    ("5 squared", "5"),
    ("5 out of 6", "5"),
    ("1, 2", "2, 1"),
    ("(1, abs(x))", r"(1, \sqrt{x^2})"),
    ("12:30", "6:15"),
    ("no", "on"),
    ("one two", "2"),
    ("2 3", "6"),
    (r"(3)4", "12"),
    ("x2", "2x"),
    ("x_{1,2}", "x_{12}"),
    ("3–5", "-2"),
    ("1/0", "2/0"),
    ("x^2/x = 0", "x = 0"),
    (r"\sqrt{x^2}", "abs(x)"),
    ("(-8)^(1/3)", "-2"),
    ("New York", "NYC"),
    ("", "0"),
    ("The answer is 5, or so", "5"),
    (r"\boxed{1} and \boxed{2}", "1"),
    ("1 year", "365 days"),
    ("A and B", "A or B"),
    (r"\sqrt23", r"\sqrt{23}"),
    ("10:00 AM", "10:00 PM"),
    ("~5", "5"),
    ("√4x", "2x"),
    ("sin^{-1} x", "1/sin(x)"),
]


def verdicts(left: str, right: str) -> set[Verdict]:
    return {equal(left, right).verdict, equal(right, left).verdict}


@pytest.mark.parametrize(("left", "right"), EQUAL)
def test_equal(left: str, right: str) -> None:
    assert verdicts(left, right) == {Verdict.EQUAL}, equal(left, right).reason


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_different(left: str, right: str) -> None:
    assert verdicts(left, right) == {Verdict.DIFFERENT}, equal(left, right).reason


@pytest.mark.parametrize(("left", "right"), UNKNOWN)
def test_unknown_has_a_reason(left: str, right: str) -> None:
    assert verdicts(left, right) == {Verdict.UNKNOWN}, equal(left, right).reason
    assert equal(left, right).reason


def test_a_verdict_is_no_truth_value() -> None:
    for pair in (("1", "1"), ("1", "2"), ("1", "?")):
        with pytest.raises(TypeError, match="three verdicts"):
            bool(equal(*pair))


# --- hostile texts ----------------------------------------------------------------------------------------------

HOSTILE = [
    "9^{9^{9^9}}",
    "(10^8)!",
    "((10^8)!)!",
    r"\dfrac{5^{\left(5^{\left(5^{\left(5^5\right)}\right)} - 4\right)} - 5}{16}",
    "2^{2^{2^{2^{2^{2^2}}}}}",
    "(x+y+z+w+v)^{50}",
    "(" * 900 + "1" + ")" * 900,
    "-" * 1900 + "1",
    "+".join(["x"] * 900),
    "{" + ",".join(f"x^{n}" for n in range(300)) + "}",
    "{" + ",".join(rf"\sin({n})" for n in range(200)) + "}",
    "9" * 1999,
    "1e999999999",
    "1." + "0" * 1900 + "1",
    r"\frac" * 300,
    r"\sqrt{" * 300,
    "1/(" * 300,
    "|" * 1000,
    "^" * 1000,
    "x_" * 600,
    r"\boxed{" * 300 + "1" + "}" * 300,
    "sin(" * 200 + "1" + ")" * 200,
    "1 " * 999,
    "one " * 400,
    "\x00\ud800",
    "__import__('os').system('true')",
    "(x^97+1)(x^89+1)(x^83+1)(x^79+1)(x^73+1)(x^71+1)(x^67+1)(x^61+1)(x^59+1)(x^53+1)",
    r"\binom{10^9}{5 \cdot 10^8}",
    r"\sqrt{10^{300}+1}",
    "gcd(10^900+1, 10^899+7)",
    "e^{e^{e^{e^{e}}}}",
    "sin(10^{1000})",
    "{1,1-3-10鼓励不停);5个_GENERAL2全校。 _HEADERS1 Orchestra}",
    "a" * 1999,
    "1," * 900 + "1",
    "5 " + "square " * 300 + "feet",
]


@pytest.mark.timeout(30)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_end_in_a_worker_thread(text: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        for other in ("1", text + "+1", text.replace("1", "2")):
            verdict = pool.submit(equal, text, other).result()
            assert verdict.verdict is not Verdict.EQUAL or text.strip() == other.strip()
        assert pool.submit(equal, text, text).result().verdict is Verdict.EQUAL


def test_too_long_a_text_is_unknown() -> None:
    assert "characters" in equal("1+" * MAX_CHARACTERS + "1", "1").reason


@given(st.text(max_size=40), st.text(max_size=40))
@settings(max_examples=150)
def test_any_text_is_welcome(left: str, right: str) -> None:
    assert equal(left, right).verdict is equal(right, left).verdict


PIECES = [*"0123456789xyn.,;:+-*/^_(){}[]|!%$<=> ", "\\frac", "\\sqrt", " and ", " m", " cm"]


@given(st.lists(st.sampled_from(PIECES)))
@settings(max_examples=300)
def test_any_mathematical_scrawl_is_welcome(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert equal(text, "x + 1").verdict is equal("x + 1", text).verdict


# --- values in every format -------------------------------------------------------------------------------------


@st.composite
def formats(draw: st.DrawFn, value: Fraction) -> str:
    """One of the ways to write a rational number."""
    sign, size = ("-" if value < 0 else ""), abs(value)
    above, below = size.numerator, size.denominator
    ways = [
        f"{sign}{above}/{below}",
        rf"{sign}\frac{{{above}}}{{{below}}}",
        rf"$\boxed{{{sign}\dfrac{{{above}}}{{{below}}}}}$",
        rf"\left({sign}{above}\right) / {below}",
        f"−{above}/{below}" if sign else f"+{above}/{below}",
        f"{sign}{Fraction(above * 100, below)}%" if (size * 100).denominator == 1 else f"{sign}{above} / {below}",
    ]
    whole, part = divmod(size, 1)
    if whole and part:
        ways += [
            f"{sign}{whole} {part}",
            rf"{sign}{whole}\frac{{{part.numerator}}}{{{part.denominator}}}",
        ]
    if 10**6 % below == 0:
        decimal = f"{int(size * 10**6) // 10**6}.{int(size * 10**6) % 10**6:06d}"
        ways += [sign + decimal, f"{sign}{int(size * 10**6)}e-6", rf"{sign}{int(size * 10**6)} \times 10^{{-6}}"]
    if below == 1:
        ways += [f"{sign}{above}", f"{sign}{above:,}", f"{sign}{above}.0", f"${sign}{above}$", f"x = {sign}{above}"]
    return draw(st.sampled_from(ways))


rationals = st.one_of(
    st.integers(-9999999, 9999999).map(Fraction),
    st.builds(Fraction, st.integers(-9999, 9999), st.sampled_from([2, 3, 4, 7, 8, 20, 97, 1000])),
)


@given(st.data(), rationals)
@settings(max_examples=200)
def test_formats_of_one_value_are_equal(data: st.DataObject, value: Fraction) -> None:
    left, right = data.draw(formats(value)), data.draw(formats(value))
    assert verdicts(left, right) == {Verdict.EQUAL}, (left, right, equal(left, right))


@given(st.data(), rationals, rationals)
@settings(max_examples=200)
def test_different_values_are_different(data: st.DataObject, one: Fraction, other: Fraction) -> None:
    left, right = data.draw(formats(one)), data.draw(formats(other))
    expected = Verdict.EQUAL if one == other else Verdict.DIFFERENT
    assert verdicts(left, right) == {expected}, (left, right, equal(left, right))


@st.composite
def terms(draw: st.DrawFn, depth: int = 3) -> tuple[str, str]:
    """A polynomial in x and y, as we write it and as Python computes it."""
    if depth == 0 or draw(st.booleans()):
        leaf = draw(st.sampled_from(["x", "y", "1", "2", "3"]))
        return leaf, leaf
    (a, p), (b, q) = draw(terms(depth=depth - 1)), draw(terms(depth=depth - 1))
    op = draw(st.sampled_from(["+", "-", "*", "^", r"\cdot", ""]))
    if op == "^":
        return f"({a})^{{2}}", f"({p})**2"
    return f"({a}){op} ({b})", f"({p}){op if op in tuple('+-*') else '*'}({q})"


def _values(python: str) -> list[int]:
    points = [(5, 7), (-11, 13), (101, -17), (1000, 999), (12345, 67890)]
    return [eval(python, {"__builtins__": {}}, {"x": x, "y": y}) for x, y in points]


@given(terms(), terms())
@settings(max_examples=200)
def test_polynomials_agree_with_their_values(one: tuple[str, str], other: tuple[str, str]) -> None:
    verdict = equal(one[0], other[0]).verdict
    if _values(one[1]) != _values(other[1]):
        assert verdict is Verdict.DIFFERENT
    else:
        assert verdict is Verdict.EQUAL


@given(st.integers(0, 10**6), st.sampled_from(["hours", "minutes", "s", "days", "weeks"]))
@settings(max_examples=60)
def test_durations_convert(n: int, unit: str) -> None:
    seconds = n * {"hours": 3600, "minutes": 60, "s": 1, "days": 86400, "weeks": 604800}[unit]
    assert verdicts(f"{n} {unit}", f"{seconds} seconds") == {Verdict.EQUAL}
    assert verdicts(f"{n} {unit}", f"{seconds + 1} seconds") == {Verdict.DIFFERENT}
    assert verdicts(f"{seconds // 3600} hours {seconds % 3600 // 60} minutes {seconds % 60} s", f"{n} {unit}") == {
        Verdict.EQUAL
    }
