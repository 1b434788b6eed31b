"""Two unknown quantities and two things told of them: which two, about what, in which words and order is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from random import Random
from typing import Any

from neurosym.training import wording
from neurosym.training.puzzles.text import Noun, data, lines, words
from neurosym.training.wording import identifier

_TRIES = 500


@dataclass(frozen=True)
class _Told:
    """What is told of x and y: `equation` holds of them, which is `x_times * x + y_times * y = total`."""

    relation: str
    numbers: Mapping[str, int]
    equation: str
    x_times: Fraction
    y_times: Fraction
    total: Fraction

    @property
    def swapped(self) -> _Told:
        """The same, told of y and x."""
        return _Told(self.relation, self.numbers, self.equation, self.y_times, self.x_times, self.total)


def _told(relation: str, equation: str, x: Fraction | int, y: Fraction | int, c: int, **numbers: int) -> _Told | None:
    """None where a number is not positive, and nothing would be told by it."""
    if min([1, *numbers.values()]) < 1:
        return None
    return _Told(relation, numbers, equation, Fraction(x), Fraction(y), Fraction(c))


def _sum(x: int, y: int, random: Random) -> _Told | None:
    return _told("sum", "{x} + {y} = {n}", 1, 1, x + y, n=x + y)


def _more(x: int, y: int, random: Random) -> _Told | None:
    return _told("more", "{x} = {y} + {n}", 1, -1, x - y, n=x - y)


def _less(x: int, y: int, random: Random) -> _Told | None:
    return _told("less", "{x} = {y} - {n}", 1, -1, x - y, n=y - x)


def _times(x: int, y: int, random: Random) -> _Told | None:
    return _told("times", "{x} = {k}*{y}", 1, -(x // y), 0, k=x // y) if x % y == 0 and x > y else None


def _part(x: int, y: int, random: Random) -> _Told | None:
    return _told("part", "{x} = {y}/{k}", y // x, -1, 0, k=y // x) if y % x == 0 and y > x else None


def _times_and_more(x: int, y: int, random: Random) -> _Told | None:
    k = random.randint(2, 5)
    n = x - k * y
    return _told("times_and_more", "{x} = {k}*{y} + {n}", 1, -k, n, k=k, n=n) if n <= x // 2 else None


def _times_and_less(x: int, y: int, random: Random) -> _Told | None:
    k = random.randint(2, 5)
    n = k * y - x
    return _told("times_and_less", "{x} = {k}*{y} - {n}", 1, -k, -n, k=k, n=n) if n <= x + 5 else None


def _weighted(x: int, y: int, random: Random) -> _Told | None:
    i, j = random.sample(range(2, 10), 2)
    return _told("weighted", "{i}*{x} + {j}*{y} = {n}", i, j, i * x + j * y, i=i, j=j, n=i * x + j * y)


def _weighted_more(x: int, y: int, random: Random) -> _Told | None:
    i, j = random.sample(range(2, 8), 2)
    return _told("weighted_more", "{i}*{x} = {j}*{y} + {n}", i, -j, i * x - j * y, i=i, j=j, n=i * x - j * y)


def _weighted_equal(x: int, y: int, random: Random) -> _Told | None:
    i, j = Fraction(y, x).as_integer_ratio()
    told = 1 < i < 30 and 1 < j < 30 and i != j
    return _told("weighted_equal", "{i}*{x} = {j}*{y}", i, -j, 0, i=i, j=j) if told else None


def _ratio(x: int, y: int, random: Random) -> _Told | None:
    i, j = Fraction(x, y).as_integer_ratio()
    return _told("ratio", "{j}*{x} = {i}*{y}", j, -i, 0, i=i, j=j) if max(i, j) < 12 and i != j else None


def _parts(x: int, y: int, random: Random) -> _Told | None:
    divisors = [[k for k in range(2, 11) if v % k == 0] for v in (x, y)]
    if not all(divisors):
        return None
    i, j = map(random.choice, divisors)
    n = x // i + y // j
    return _told("parts", "{x}/{i} + {y}/{j} = {n}", Fraction(1, i), Fraction(1, j), n, i=i, j=j, n=n)


def _sum_and_difference(x: int, y: int, random: Random) -> _Told | None:
    told = x > y and (x + y) % (x - y) == 0 and x + y < 10 * (x - y)
    k = (x + y) // (x - y) if told else 0
    return _told("sum_and_difference", "{x} + {y} = {k}*({x} - {y})", 1 - k, 1 + k, 0, k=k) if k > 1 else None


def _shifted(relation: str, sign: int, x: int, y: int, random: Random) -> _Told | None:
    """Later or before, one is a multiple of the other."""
    shifts = [d for d in range(1, 30) if y + sign * d > 0 and 1 < (x + sign * d) / (y + sign * d) in (2, 3, 4, 5)]
    if not shifts:
        return None
    n = random.choice(shifts)
    k, op = (x + sign * n) // (y + sign * n), "+" if sign > 0 else "-"
    equation = f"{{x}} {op} {{n}} = {{k}}*({{y}} {op} {{n}})"
    return _told(relation, equation, 1, -k, sign * n * (k - 1), k=k, n=n)


def _given(x: int, y: int, random: Random) -> _Told | None:
    """If y gave n to x, x would have a multiple of what y has left."""
    gifts = [n for n in range(1, min(y, 60)) if (x + n) % (y - n) == 0 and 1 < (x + n) // (y - n) < 6]
    if not gifts:
        return None
    n = random.choice(gifts)
    k = (x + n) // (y - n)
    return _told("given", "{x} + {n} = {k}*({y} - {n})", 1, k, -n * (k + 1) + 2 * n * k, k=k, n=n)


def _levelled(x: int, y: int, random: Random) -> _Told | None:
    """If x gave n to y, both would have as much."""
    told = x > y and (x - y) % 2 == 0
    n = (x - y) // 2
    return _told("levelled", "{x} - {n} = {y} + {n}", 1, -1, 2 * n, n=n) if told else None


def _legs(x: int, y: int, random: Random, *, weights: Sequence[int]) -> _Told | None:
    """What each kind has is known: legs, cents."""
    i, j = weights
    return _told("legs", f"{i}*{{x}} + {j}*{{y}} = {{n}}", i, j, i * x + j * y, n=i * x + j * y)


def _around(x: int, y: int, random: Random) -> _Told | None:
    return _told("around", "2*({x} + {y}) = {n}", 1, 1, x + y, n=2 * (x + y))


_RELATIONS: Mapping[str, Callable[[int, int, Random], _Told | None]] = {
    "sum": _sum, "more": _more, "less": _less, "times": _times, "part": _part, "times_and_more": _times_and_more,
    "times_and_less": _times_and_less, "weighted": _weighted, "weighted_more": _weighted_more,
    "weighted_equal": _weighted_equal, "ratio": _ratio, "parts": _parts, "sum_and_difference": _sum_and_difference,
    "later": partial(_shifted, "later", 1), "before": partial(_shifted, "before", -1), "given": _given,
    "levelled": _levelled, "around": _around,
}  # fmt: skip


def _pair(scene: Mapping[str, Any], random: Random) -> tuple[int, int, list[tuple[_Told, bool]]]:
    """Two values, and two things told that leave no others; with each, whether it is told of y and x."""
    wordings = _wordings(scene)
    for _ in range(_TRIES):
        x, y = (random.randrange(scene["low"], scene["high"], scene.get("step", 1)) for _ in range(2))
        if x == y or (scene.get("ordered") and x < y):
            continue
        found: list[tuple[_Told, bool]] = []
        for relation in random.sample(list(wordings), len(wordings)):
            turned = relation != "legs" and not scene.get("ordered") and random.random() < 0.5
            kind = partial(_legs, weights=scene["weights"]) if relation == "legs" else _RELATIONS[relation]
            told = kind(*((y, x) if turned else (x, y)), random)
            if told is None:
                continue
            told = told.swapped if turned else told
            if not found or found[0][0].x_times * told.y_times != found[0][0].y_times * told.x_times:
                found.append((told, turned))
            if len(found) == 2:
                return x, y, found
    raise AssertionError(f"{scene['name']}: no two things to tell")


def _wordings(scene: Mapping[str, Any]) -> Mapping[str, list[str]]:
    """Of each relation that the scene knows: its own, and those for any two quantities."""
    generic, own = data("paired")["generic"], scene["say"]
    return {
        r: [*own.get(r, []), *(generic[r] if r in scene["generic"] else [])]
        for r in {**own, **dict.fromkeys(scene["generic"])}
    }


def _numbers(told: _Told, unit: str, random: Random) -> dict[str, str]:
    """How its numbers are said: {n} with its unit, {k} as `twice`, {kth} as `half`, {i} and {j} as they are."""
    said = {}
    for name, value in told.numbers.items():
        if name == "n":
            plain = wording.number(Fraction(value), "", random)
            small = value < 13 and "$" not in unit and random.random() < 0.4
            said["n"] = unit.format(wording.in_words(Fraction(value)) if small else plain)
            said["plain"] = plain
        else:
            said[name] = wording.number(Fraction(value), "either", random)
            said[f"{name}_digits"] = str(value)
            part = wording.in_words(Fraction(1, value)) if value > 1 else ""
            said[f"{name}th"] = part.replace("one ", random.choice(["a ", "one "]))
    if "k" in told.numbers:
        said["i_k"], said["k"] = said["k"], wording.number(Fraction(told.numbers["k"]), "times", random)
    return said


def _problem(scene: Mapping[str, Any], random: Random) -> tuple[str, str]:
    """A problem of `scene` and its program."""
    drawn = _drawn_words(scene["words"], scene.get("pairs", ()), random)
    turned = {**drawn, "p": drawn["q"], "q": drawn["p"]}
    phrases = [_filled(scene["phrase"], w) for w in (drawn, turned)]
    names = [identifier(_filled(scene["variable"], w)) for w in (drawn, turned)]
    x, y, told = _pair(scene, random)
    clauses, equations = [], []
    for fact, around in random.sample(told, 2):
        w, (a, b), (one, other) = (turned, phrases[::-1], names[::-1]) if around else (drawn, phrases, names)
        numbers = _numbers(fact, _filled(scene["unit"], drawn, number="{}"), random)
        clauses.append(_filled(random.choice(_wordings(scene)[fact.relation]), w, A=a, B=b, **numbers))
        equations.append(fact.equation.format(x=one, y=other, **fact.numbers))
    asked, question = _question(scene, (x, y), {fact.relation for fact, _ in told}, random)
    question = _filled(question, drawn, A=phrases[0], B=phrases[1])
    opening = _filled(random.choice(scene["opening"]), drawn)
    head = f"var {', '.join(names)}: {scene['sort']}"
    program = lines(head, equations, f"ask {asked.format(x=names[0], y=names[1])}")
    return _text(opening, clauses, question, random), program


def _drawn_words(
    lists: Mapping[str, str | Sequence[str]], pairs: Sequence[Sequence[str]], random: Random
) -> dict[str, Noun]:
    """A word for each name, all different."""
    p, q = random.choice(pairs) if pairs else ("", "")
    drawn = {"p": Noun(p), "q": Noun(q)} if pairs else {}
    for name, choices in lists.items():
        written = words(choices) if isinstance(choices, str) else choices
        drawn[name] = Noun(random.choice([w for w in written if w not in drawn.values()]))
    return drawn


def _filled(template: str, drawn: Mapping[str, Noun], **more: str) -> str:
    return template.format_map({**drawn, **more})


def _question(scene: Mapping[str, Any], values: tuple[int, int], told: set[str], random: Random) -> tuple[str, str]:
    """The terms asked for, of {x} and {y}, and the question."""
    choices = ["one", "one", "other", "both", "both"]
    if "sum" in scene["ask"] and not told & {"sum", "around"}:
        choices.append("sum")
    if "difference" in scene["ask"] and values[0] > values[1] and not told & {"more", "less"}:
        choices.append("difference")
    kind = random.choice(choices)
    terms = {"one": "{x}", "other": "{y}", "both": "{x}, {y}", "sum": "{x} + {y}", "difference": "{x} - {y}"}
    question = random.choice(scene["ask"]["one" if kind == "other" else kind])
    if kind == "other":
        question = question.replace("{A}", "{B}").replace("{p", "{q")
    return terms[kind], question


def _text(opening: str, clauses: list[str], question: str, random: Random) -> str:
    """The facts as sentences or as one, before the question or within it."""
    first, second = clauses
    plain = question.endswith("?") and not first.startswith("if ") and " if " not in second
    joined = f"{first}{random.choice([', and ', ', while '])}{second}"
    match random.choice(["two", "two", "joined", "if", "asked first", "given"]):
        case "two":
            return f"{opening} {first}. {second}. {question}".strip()
        case "joined":
            return f"{opening} {joined}. {question}".strip()
        case "if" if plain:
            return f"{opening} If {joined}, {question[0].lower()}{question[1:]}".strip()
        case "asked first" if plain:
            return f"{opening} {question[:-1]}, if {joined}?".strip()
        case _:
            return f"{opening} {first}; {second}. {question}".strip()


PAIRED: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    f"paired_{scene['name']}": partial(_problem, scene) for scene in data("paired")["scene"]
}
