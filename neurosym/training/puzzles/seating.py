"""Who sits where: around a table, where only the order in the circle counts, and on two sides that face each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations, permutations, product
from operator import eq
from random import Random

from neurosym.training.puzzles.clues import (
    Clue,
    among,
    in_random_order,
    of_one,
    of_two,
    sufficient,
    without_needless,
)  # fmt: skip
from neurosym.training.puzzles.text import asked, data, lines, listed, number, sentences, words
from neurosym.training.wording import identifier, word

Seats = Mapping[str, int]
Spot = tuple[str, int]
Sides = Mapping[str, Spot]


def _guests(random: Random, sizes: Sequence[int]) -> list[str]:
    return random.sample([word(who, "") for who in words("person")], random.choice(sizes))


# --- a round table ----------------------------------------------------------------------------------------------------

_STEPS: Mapping[str, Callable[[int, int], bool]] = {
    "next": lambda step, n: step == 1,
    "before": lambda step, n: step == n - 1,
    "two_on": lambda step, n: step == 2,
    "beside": lambda step, n: step in (1, n - 1),
    "not_beside": lambda step, n: step not in (1, n - 1),
    "opposite": lambda step, n: 2 * step == n,
    "not_opposite": lambda step, n: 2 * step != n,
}
"""What is said of {a} and {b}, and for how many places clockwise from {b} to {a} it is true."""


def _turned(fits: Callable[[int, int], bool], n: int, p: int, q: int) -> bool:
    """Whether a step fits that leads from seat q clockwise to seat p."""
    return fits((p - q) % n, n)


def _meant(key: str, a: str, b: str, n: int) -> str:
    """The formula of a wording of _STEPS."""
    to_a, to_b = f"(seat({a}) - seat({b})) mod {n}", f"(seat({b}) - seat({a})) mod {n}"
    return {
        "next": f"{to_a} = 1",
        "before": f"{to_b} = 1",
        "two_on": f"{to_a} = 2",
        "beside": f"{to_a} = 1 or {to_b} = 1",
        "not_beside": f"{to_a} != 1 and {to_b} != 1",
        "opposite": f"{to_a} = {n} / 2",
        "not_opposite": f"{to_a} != {n} / 2",
    }[key]


def _round_clues(seats: Seats, random: Random) -> Iterator[Clue[Seats]]:
    given, n = data("seating")["round"], len(seats)
    for pair in combinations(seats, 2):
        a, b = random.sample(pair, 2)
        for key, fits in _STEPS.items():
            if fits((seats[a] - seats[b]) % n, n) and (n % 2 == 0 or "opposite" not in key) and n > 3:
                say = f"{a} {random.choice(given[key]).format(b=b)}"
                weight = {"next": 1.2, "before": 1.2, "beside": 1.5, "opposite": 2.0}.get(key, 0.4)
                yield Clue(
                    say, _meant(key, identifier(a), identifier(b), n),
                    of_two(a, b, partial(_turned, fits, n)), weight,
                )  # fmt: skip


def _round(random: Random) -> tuple[str, str]:
    """Neighbours and opposites at a round table."""
    given = data("seating")["round"]
    guests = _guests(random, [4, 5, 5, 6, 6])
    n = len(guests)
    worlds: list[Seats] = [{guests[0]: 0, **dict(zip(guests[1:], p, strict=True))} for p in permutations(range(1, n))]
    seats = random.choice(worlds)
    a, b = random.sample(guests, 2)
    names = [identifier(guest) for guest in guests]
    if random.random() < 0.35:
        question, last = random.choice(given["is"]).format(a=a, b=b), _meant("beside", identifier(a), identifier(b), n)
        beside = of_two(a, b, partial(_turned, _STEPS["beside"], n))
        differs = [w for w in worlds if beside(w) != beside(seats)]
        end = [f"ask {last}"]
    else:
        key, question = random.choice(
            [*given["who"], ["opposite", given["who_opposite"]]] if n % 2 == 0 else given["who"]
        )
        question = question.format(b=b)

        def who(w: Seats) -> str:
            return next(g for g in guests if g != b and _STEPS[key]((w[g] - w[b]) % n, n))

        differs = [w for w in worlds if who(w) != who(seats)]
        end = ["var guest_asked: guest", _meant(key, "guest_asked", identifier(b), n), "ask guest_asked"]
    another = among(differs)
    clues = sufficient(in_random_order(_round_clues(seats, random), random), another) or []
    if random.random() < 0.7:
        clues = without_needless(clues, another)
    random.shuffle(clues)
    intro = random.choice(given["intro"]).format(n=number(n, random), list=listed(guests, random))
    head = [f"sort guest = {{{', '.join(names)}}}", f"fun seat(guest): 1..{n}", "distinct seat"]
    text = asked(sentences([intro, *(c.say for c in clues)]), question, random)
    return text, lines(head, (c.means for c in clues), end)


# --- two sides that face each other -----------------------------------------------------------------------------------


def _side_clues(sides: Sides, random: Random) -> Iterator[Clue[Sides]]:
    given = data("seating")["sides"]
    for a, (side, chair) in sides.items():
        x = identifier(a)
        said = [
            (side, f"side({x}) = {side}", of_one(a, partial(_on_side, side)), 0.5),
            ("chair", f"chair({x}) = {chair}", of_one(a, partial(_on_chair, chair)), 0.5),
            ("seat", f"side({x}) = {side} and chair({x}) = {chair}", of_one(a, partial(eq, (side, chair))), 0.3),
        ]
        for key, means, holds, weight in said:
            yield Clue(f"{a} {random.choice(given[key]).format(c=chair, side=side)}", means, holds, weight)
    for pair in combinations(sides, 2):
        a, b = random.sample(pair, 2)
        x, y = identifier(a), identifier(b)
        same, apart = sides[a][0] == sides[b][0], abs(sides[a][1] - sides[b][1])
        sided = f"side({x}) {'=' if same else '!='} side({y})"
        keys = ["same" if same else "other"]
        if same and apart == 1:
            keys.append("beside")
        if not same and apart == 0:
            keys.append("opposite")
        for key in keys:
            means, test, weight = _RELATIONS[key]
            say = f"{a} {random.choice(given[key]).format(b=b)}"
            yield Clue(say, sided + means.format(x=x, y=y), of_two(a, b, test), weight)


def _on_side(side: str, spot: Spot) -> bool:
    return spot[0] == side


def _on_chair(chair: int, spot: Spot) -> bool:
    return spot[1] == chair


_RELATIONS: Mapping[str, tuple[str, Callable[[Spot, Spot], bool], float]] = {
    "same": ("", lambda p, q: p[0] == q[0], 0.5),
    "other": ("", lambda p, q: p[0] != q[0], 0.5),
    "beside": (" and abs(chair({x}) - chair({y})) = 1", lambda p, q: p[0] == q[0] and abs(p[1] - q[1]) == 1, 2.0),
    "opposite": (" and chair({x}) = chair({y})", lambda p, q: p[0] != q[0] and p[1] == q[1], 2.0),
}
"""What is said of two guests: its formula beside that of their sides, when it holds, and how often it is said."""


def _two_sides(random: Random) -> tuple[str, str]:
    """Who faces whom at a table with two sides?"""
    given = data("seating")["sides"]
    guests = _guests(random, [4, 6])
    k = len(guests) // 2
    spots = list(product(["window", "door"], range(1, k + 1)))
    worlds: list[Sides] = [dict(zip(guests, p, strict=True)) for p in permutations(spots)]
    sides = random.choice(worlds)
    a, b = random.sample(guests, 2)

    def facing(w: Sides) -> str:
        return next(g for g in guests if g != b and w[g][1] == w[b][1])

    if random.random() < 0.35:
        differs = [w for w in worlds if w[a][0] != sides[a][0]]
        question, end = given["is"].format(a=a), [f"ask side({identifier(a)}) = window"]
    else:
        differs = [w for w in worlds if facing(w) != facing(sides)]
        y = identifier(b)
        found = f"side(guest_asked) != side({y}) and chair(guest_asked) = chair({y})"
        question, end = given["who"].format(b=b), ["var guest_asked: guest", found, "ask guest_asked"]
    another = among(differs)
    clues = sufficient(in_random_order(_side_clues(sides, random), random), another) or []
    if random.random() < 0.7:
        clues = without_needless(clues, another)
    random.shuffle(clues)
    intro = random.choice(given["intro"]).format(k=k, list=listed(guests, random))
    head = [
        f"sort guest = {{{', '.join(map(identifier, guests))}}}", "sort table_side = {window, door}",
        "fun side(guest): table_side", f"fun chair(guest): 1..{k}",
        "forall g, h: guest. side(g) = side(h) and chair(g) = chair(h) -> g = h",
    ]  # fmt: skip
    text = asked(sentences([intro, *(c.say for c in clues)]), question, random)
    return text, lines(head, (c.means for c in clues), end)


SEATING: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    "seating_round_table": _round,
    "seating_two_sides": _two_sides,
}
