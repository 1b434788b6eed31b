"""Programs with units and chances, and what they come to, by arithmetic of their own; programs that are rules."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from random import Random

from brute_force import Expected

from neurosym.outcome import Status

TIMES = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
EVENTS: tuple[tuple[str, Callable[[int, int], bool]], ...] = (
    ("a + b = 5", lambda a, b: a + b == 5),
    ("a < b", lambda a, b: a < b),
    ("a*b mod 2 = 0", lambda a, b: a * b % 2 == 0),
    ("max(a, b) <= 2", lambda a, b: max(a, b) <= 2),
    ("not (a = 1 or b = 2)", lambda a, b: not (a == 1 or b == 2)),
)


def duration(rng: Random) -> tuple[str, list[str], Fraction]:
    """Unknown durations in different units: declarations, premises, and the value of what is asked (`s`)."""
    one, two, three, four = (rng.choice(tuple(TIMES)) for _ in range(4))
    far, more, times = rng.randint(1, 30), rng.randint(1, 30), rng.randint(2, 3)
    first = Fraction(far * TIMES[three] - more * TIMES[four], TIMES[one])  # t, in units of `one`
    second = times * first * TIMES[one] / TIMES[two]
    lines = [f"t + {more} [{four}] = {far} [{three}]", rng.choice((f"s = {times}*t", f"s - {times - 1}*t = t"))]
    return f"var t: {one}\nvar s: {two}\n", lines, second


def chance(rng: Random) -> tuple[str, Fraction | None]:
    """A probability or an average of two dice, given something or not; None where that is impossible."""
    m, n = rng.randint(2, 5), rng.randint(2, 5)
    (event, holds), (condition, given) = rng.choice(EVENTS), rng.choice(EVENTS)
    conditional = rng.random() < 0.5
    cases = [(a, b) for a, b in product(range(1, m + 1), range(1, n + 1)) if not conditional or given(a, b)]
    binders, behind = f"a: 1..{m}, b: 1..{n}", f", {condition}" if conditional else ""
    if rng.random() < 0.3:
        worth = [Fraction(2 * a - b) for a, b in cases]
        return f"average({binders}, 2*a - b{behind})", sum(worth, Fraction(0)) / len(cases) if cases else None
    share = Fraction(sum(holds(a, b) for a, b in cases), len(cases)) if cases else None
    return f"probability({binders}, {event}{behind})", share


def measures(rng: Random) -> tuple[str, Expected]:
    """Durations in several units."""
    declared, lines, value = duration(rng)
    said = declared + "".join(f"{line}\n" for line in lines)
    if rng.random() < 0.2:
        return f"{said}s > {abs(value) + 1} [{declared.split()[-1]}]\nask t\n", Expected(Status.CONTRADICTORY)
    if rng.random() < 0.2:
        return f"{said}ask s >= t - t\n", Expected(Status.TRUE if value >= 0 else Status.FALSE)
    return f"{said}ask s\n", Expected(Status.VALUE, (value,))


def chances(rng: Random) -> tuple[str, Expected]:
    """Probabilities and averages, by counting cases."""
    term, value = chance(rng)
    if value is None:
        return f"ask {term}\n", Expected(Status.CONTRADICTORY)
    if rng.random() < 0.3:
        return f"let x = {term}\nask x > 1/2\n", Expected(Status.TRUE if value > Fraction(1, 2) else Status.FALSE)
    return f"ask {term}\n", Expected(Status.VALUE, (value,))


def rule_lines(rng: Random) -> list[str]:
    """Facts and rules over two elements of a finite sort, and a question."""

    def literal(*arguments: str) -> str:
        return rng.choice(("", "", "not ")) + f"{rng.choice('pqr')}({rng.choice(arguments)})"

    lines = [literal("a", "b") for _ in range(rng.randint(0, 3))]
    for _ in range(rng.randint(1, 5)):
        body = " and ".join(literal("x") for _ in range(rng.randint(1, 2)))
        lines.append(f"forall x: s. {body} -> {literal('x', 'x', 'a')}")
    return [*lines, f"ask {literal('a', 'b')}"]
