"""Plain mathematics: expressions to evaluate, equations to solve, formulas to put numbers into; their form is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from random import Random

from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.read import read_expression
from neurosym.language.symbols import Symbols
from neurosym.training.puzzles.text import data, lines, listed
from neurosym.training.wording import identifier, word

_SIGNS = ({"*": "*", "/": "/"}, {"*": " × ", "/": " ÷ "}, {"*": " * ", "/": " / "}, {"*": "·", "/": ":"})
"""How a text writes products and quotients."""


def _expression(leaves: Sequence[str], signs: Sequence[str], random: Random) -> str:
    """The leaves in their order under signs, with brackets here and there; a divisor is a single number."""
    text, product = leaves[0], True
    for leaf in leaves[1:]:
        sign = random.choice(signs)
        if sign in "*/" and not product:
            text = f"({text})" if random.random() < 0.5 else text
        text, product = f"{text} {sign} {leaf}", sign in "*/" and product
    return text


def _bracketed(leaves: Sequence[str], signs: Sequence[str], random: Random) -> str:
    """The same, where a part of two or three leaves may stand in brackets of its own."""
    parts: list[str] = []
    rest = list(leaves)
    while rest:
        size = random.choice([2, 3]) if len(rest) > 2 and parts and random.random() < 0.35 else 1
        part, rest = rest[:size], rest[size:]
        parts.append(f"({_expression(part, '+-*', random)})" if len(part) > 1 else part[0])
    divisible = [sign for sign in signs if sign != "/" or not any(part.startswith("(") for part in parts)]
    return _expression(parts, divisible, random)


def _shown(expression: str, random: Random) -> str:
    """As a text writes it."""
    signs = random.choice(_SIGNS)
    for sign, written in signs.items():
        expression = expression.replace(f" {sign} ", written)
    return expression.replace(" ", "") if random.random() < 0.3 else expression


def _asked(kind: str, random: Random, **holes: str) -> str:
    return str(random.choice(data("expressions")[kind])).format(**holes)


def _integers(random: Random, signed: bool) -> tuple[str, str]:
    highest = random.choice([9, 12, 100, 1000])
    numbers = [str(random.randint(2, highest)) for _ in range(random.randint(3, 7))]
    if signed:
        numbers = [f"-{n}" if random.random() < 0.4 else n for n in numbers]
    expression = _bracketed(numbers, random.choice(["+-", "+-*", "+-*/", "++--*"]), random)
    return _asked("value", random, x=_shown(expression, random)), lines(f"ask {expression}")


def _decimals(random: Random, *, precise: bool) -> tuple[str, str]:
    places = random.choice([1, 2, 3])
    count = random.randint(2 if precise else 3, 6)
    leaves = [f"{random.randint(1, 40 * 10**places) / 10**places:.{places}f}" for _ in range(count)]
    expression = _bracketed(leaves, random.choice(["+-", "+-*"]), random)
    shown = _shown(expression, random)
    shown = f"({shown})" if random.random() < 0.2 else shown
    if precise:  # more digits than the result has
        digits = 3 * count + random.randint(0, 3)
        return _asked("precise", random, x=shown, n=str(digits)), lines(f"ask {expression}")
    return _asked("value", random, x=shown), lines(f"ask {expression}")


def _fractions(random: Random) -> tuple[str, str]:
    leaves = [f"{random.randint(1, 9)}/{random.randint(2, 12)}" for _ in range(random.randint(2, 4))]
    expression = f" {random.choice('+-')} ".join(leaves)
    return _asked("value", random, x=expression), lines(f"ask {expression}")


def _steps(random: Random) -> tuple[str, str]:
    """One after the other: take 7, add 5, double the result."""
    said: Mapping[str, Sequence[str]] = data("expressions")["steps"]
    expression = str(random.randint(2, 99))
    text: list[str] = []
    for _ in range(random.randint(2, 6)):
        means = random.choice(list(said))
        n = str(random.randint(2, 12 if means[-1] == "n" and means[-3] in "*/" else 90))
        text.append(random.choice(said[means]).format(n=n))
        expression = f"({expression}) {means.replace('n', n)}"
    begin = expression.lstrip("(").partition(")")[0]
    steps = random.choice([", ".join, ", then ".join, "; ".join])(text)
    return _asked("take", random, n=begin, steps=steps), lines(f"ask {expression}")


def _term(factor: int, name: str) -> str:
    return name if factor == 1 else f"{factor}*{name}"


def _linear(random: Random) -> tuple[str, str]:
    """One unknown, on one side or on both, in brackets now and then."""
    name, x = random.choice("xyzabcnmtuvw"), random.randint(-20, 40)
    a, b = random.randint(2, 15), random.randint(1, 50)
    sign, inner = random.choice("+-"), random.choice("+-")
    match random.choice(["plain", "plain", "turned", "brackets", "both", "sum"]):
        case "plain":
            left = f"{_term(a, name)} {sign} {b}"
        case "turned":
            left = f"{b} {sign} {_term(a, name)}"
        case "brackets":
            left = f"{a}*({name} {inner} {b}) {sign} {random.randint(1, 30)}"
        case "both":
            left = f"{_term(a, name)} {sign} {b}"
        case _:
            left = f"{_term(a, name)} {sign} {_term(random.randint(2, 9) + a, name)} {inner} {b}"
    c = random.randint(1, a - 1) if random.random() < 0.3 and "(" not in left else 0
    rest = _value(left, {name: x}) - c * x
    right = f"{_term(c, name)} {'+' if rest >= 0 else '-'} {abs(rest)}" if c else str(rest)
    equation = f"{left} = {right}"
    text = _asked("one", random, x=_written(equation, random), v=name)
    return text, lines(f"var {name}: real", equation, f"ask {name}")


def _system(random: Random) -> tuple[str, str]:
    names = random.choice(["xy", "ab", "pq", "mn", "uv", "xyz"])
    values = [random.randint(-9, 20) for _ in names]
    while True:
        rows = [[random.choice([-3, -2, -1, 1, 1, 2, 3, 4, 5]) for _ in names] for _ in names]
        if _determinant(rows) != 0:
            break
    equations = []
    for row in rows:
        left = _term(abs(row[0]), names[0]) if row[0] > 0 else f"-{_term(abs(row[0]), names[0])}"
        for factor, name in zip(row[1:], names[1:], strict=True):
            left += f" {'+' if factor > 0 else '-'} {_term(abs(factor), name)}"
        equations.append(f"{left} = {sum(f * v for f, v in zip(row, values, strict=True))}")
    shown = listed([_written(equation, random) for equation in equations], random)
    text = _asked("several", random, x=shown, v=listed(list(names), random))
    return text, lines(f"var {', '.join(names)}: real", equations, f"ask {', '.join(names)}")


def _formula(random: Random) -> tuple[str, str]:
    """Numbers put into a formula."""
    names = random.choice(["x", "xy", "ab", "st", "xyz", "abc"])
    values = {name: random.randint(-6 if random.random() < 0.3 else 1, 15) for name in names}
    leaves = [*names, *(str(random.randint(2, 12)) for _ in range(random.randint(1, 2)))]
    random.shuffle(leaves)
    leaves = [f"{leaf}^2" if leaf in names and random.random() < 0.3 else leaf for leaf in leaves]
    expression = _bracketed(leaves, "+-*", random)
    given = listed([f"{name} = {value}" for name, value in values.items()], random)
    text = _asked("put", random, x=_written(expression, random), v=given)
    return text, lines((f"let {name} = {value}" for name, value in values.items()), f"ask {expression}")


def _polygon(random: Random, *, counted: bool) -> tuple[str, str]:
    """The last angle of a polygon that is named, or whose corners are counted."""
    shapes = data("expressions")["polygons"]
    corners = random.choice(list(shapes))
    n = int(corners)
    mean = (n - 2) * 180 // n
    while True:
        known = [max(10, mean + random.randint(-55, 45)) for _ in range(n - 1)]
        if (n - 2) * 180 - sum(known) >= 2:
            break
    degrees = random.choice(["{}°", "{} degrees", "{}.0°", "{}"])
    given = [degrees.format(angle) for angle in known]
    shown = random.choice([", ".join(given), listed(given, random)])
    wordings = data("expressions")["angles"]["counted" if counted else "all"]
    text = str(random.choice(wordings)).format(shape=shapes[corners], known=shown, n=n, m=n - 1)
    return text, lines(f"let all_angles = ({n} - 2)*180", f"ask all_angles - ({' + '.join(map(str, known))})")


def _legs(random: Random) -> tuple[str, str]:
    given = data("expressions")["legs"]
    legs = {animal: int(n) for n, animals in given.items() if n != "ask" for animal in animals}
    kept = random.sample(list(legs), random.randint(2, 8))
    counts = {animal: random.randint(2, 15) for animal in kept}
    shown = listed([f"{n} {word(animal, 's')}" for animal, n in counts.items()], random)
    names = {animal: identifier(f"legs of {word(animal, 's')}") for animal in kept}
    text = str(random.choice(given["ask"])).format(animals=shown)
    return text, lines(
        (f"let {names[animal]} = {counts[animal]}*{legs[animal]}" for animal in kept),
        f"ask {' + '.join(names.values())}",
    )


def _written(expression: str, random: Random) -> str:
    """As algebra is written: 3x for 3*x as often as not."""
    tight = expression.replace(" * ", "*")
    return re.sub(r"(?<=\d)\*(?=[a-z(])", "", tight) if random.random() < 0.5 else tight


def _value(expression: str, values: Mapping[str, int]) -> int:
    """Of a linear form such as `4*(x - 3) + 2`, whose parts this module has written."""
    exact = {name: Fraction(value) for name, value in values.items()}
    found = evaluate(read_expression(expression), Symbols(), Interpretation(values=exact))
    if not isinstance(found, Fraction):
        raise TypeError(f"{expression} is no number")
    return int(found)


def _determinant(rows: Sequence[Sequence[int]]) -> int:
    if len(rows) == 1:
        return rows[0][0]
    minors = ([[*row[:j], *row[j + 1 :]] for row in rows[1:]] for j in range(len(rows)))
    return sum((-1) ** j * rows[0][j] * _determinant(minor) for j, minor in enumerate(minors))


EXPRESSIONS: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    "expressions_integers": partial(_integers, signed=False),
    "expressions_signed": partial(_integers, signed=True),
    "expressions_decimals": partial(_decimals, precise=False),
    "expressions_decimals_precise": partial(_decimals, precise=True),
    "expressions_fractions": _fractions,
    "expressions_steps": _steps,
    "expressions_equation": _linear,
    "expressions_system": _system,
    "expressions_formula": _formula,
    "expressions_polygon": partial(_polygon, counted=False),
    "expressions_polygon_of_sides": partial(_polygon, counted=True),
    "expressions_legs": _legs,
}
"""Name of the family → the text of a problem and its program."""
