"""Grids of people and what each of them has: houses in a row, floors, ranks; clues that leave one solution."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from random import Random
from typing import Any

from neurosym.training.puzzles.clues import Clue, in_random_order, sufficient, without_needless
from neurosym.training.puzzles.text import Said, asked, data, lines, listed, nth, number, sentences, with_options, words
from neurosym.training.wording import identifier, word

Positions = Mapping[str, int]
"""Each value's position: of people where they are, of other things where their owner is."""


@dataclass(frozen=True)
class Link(Clue[Positions]):
    """A clue about one value, or about two, as the pairs of positions that it allows."""

    values: tuple[str, ...] = ()
    allowed: frozenset[tuple[int, ...]] = frozenset()


@dataclass(frozen=True)
class Grid:
    """People with a value of each kind, and their solution."""

    kinds: Mapping[str, Mapping[str, Any]]
    setting: Mapping[str, Any]
    groups: Mapping[str, Sequence[str]]
    """The people, under "person", and the values of each kind."""
    hidden: Positions
    random: Random

    @property
    def size(self) -> int:
        """How many people."""
        return len(self.groups["person"])

    def kind(self, value: str) -> str:
        """Which kind a value is of."""
        return next(kind for kind, values in self.groups.items() if value in values)

    def person(self, value: str) -> str:
        """The term for whoever has a value."""
        kind = self.kind(value)
        return identifier(value) if kind == "person" else f"{self.kinds[kind]['owner']}({identifier(value)})"

    def place(self, value: str) -> str:
        """The term for where he or she is."""
        return f"{self.setting['place']}({self.person(value)})"

    def subject(self, value: str) -> str:
        """Whoever has a value, as a noun phrase."""
        kind = self.kind(value)
        return value if kind == "person" else self.random.choice(self.kinds[kind]["subject"]).format(v=value)

    def says(self, key: str, a: str, b: str = "", k: int = 0) -> str:
        """A clause about where `a` is."""
        phrase: str = self.random.choice(self.setting[key])
        told = phrase.format(b=self.subject(b) if b else "", k=k, nth=nth(k, self.random) if k else "")
        return f"{self.subject(a)} {told}"

    def has(self, a: str, b: str, key: str = "has") -> str:
        """Whoever has `a` has `b`, or (`has_not`) has it not."""
        said: str = self.random.choice(self.kinds[self.kind(b)][key])
        return f"{self.subject(a)} {said.format(v=b)}"


def _drawn(random: Random, setting: str, sizes: Sequence[int], most_kinds: int) -> Grid:
    given = data("zebra")
    where = given["setting"][setting]
    size = random.choice(sizes)
    people = random.sample([word(who, "") for who in words("person")], size)
    chosen: list[str] = []
    for kind in random.sample(where["kinds"], len(where["kinds"])):
        taken = {given["kind"][k]["owner"] for k in chosen}
        if len(chosen) < random.randint(1 if size > 3 else 2, most_kinds) and given["kind"][kind]["owner"] not in taken:
            chosen.append(kind)
    groups = {"person": people} | {k: random.sample(given["kind"][k]["values"], size) for k in chosen}
    hidden: dict[str, int] = {}
    for kind, values in groups.items():
        places = (
            range(1, size + 1) if kind == "person" and "place" not in where else random.sample(range(1, size + 1), size)
        )
        hidden |= zip(values, places, strict=True)
    return Grid({k: given["kind"][k] for k in chosen}, where, groups, hidden, random)


def _links(grid: Grid) -> Iterator[Link]:
    """Everything that is true and can be said."""
    hidden, size, random = grid.hidden, grid.size, grid.random
    values = list(hidden)

    def link(say: str, means: str, values: tuple[str, ...], holds: Callable[..., bool], weight: float) -> Link:
        spots = range(1, size + 1)
        pairs = [(p,) for p in spots] if len(values) == 1 else [(p, q) for p in spots for q in spots]
        allowed = frozenset(pair for pair in pairs if holds(*pair))
        return Link(say, means, lambda w: tuple(w[v] for v in values) in allowed, weight, values, allowed)

    for one, other in combinations(values, 2):
        if grid.kind(one) == grid.kind(other):
            continue
        a, b = (one, other) if grid.kind(one) == "person" else random.sample([one, other], 2)
        if hidden[a] == hidden[b]:
            yield link(grid.has(a, b), f"{grid.person(b)} = {grid.person(a)}", (a, b), lambda p, q: p == q, 2.0)
        else:
            said = grid.has(a, b, "has_not")
            yield link(said, f"{grid.person(b)} != {grid.person(a)}", (a, b), lambda p, q: p != q, 0.5)
    if "place" not in grid.setting:
        return
    for a in values:
        k = hidden[a]
        key = {1: "first", size: "last"}.get(k, "at") if random.random() < 0.5 else "at"
        yield link(grid.says(key, a, k=k), f"{grid.place(a)} = {k}", (a,), lambda p, k=k: p == k, 0.6)
        other_place = random.choice([p for p in range(1, size + 1) if p != k])
        said = grid.says("not_at", a, k=other_place)
        yield link(said, f"{grid.place(a)} != {other_place}", (a,), lambda p, k=other_place: p != k, 0.3)
    for one, other in combinations(values, 2):
        a, b = random.sample([one, other], 2)
        step = hidden[a] - hidden[b]
        if step == 0:
            continue
        key, op = ("less", "<") if step < 0 else ("more", ">")
        said = grid.says(key, a, b)
        yield link(said, f"{grid.place(a)} {op} {grid.place(b)}", (a, b), lambda p, q, s=step: (p < q) is (s < 0), 0.8)
        if abs(step) == 1:
            key, sign = ("next_less", "-") if step < 0 else ("next_more", "+")
            said, means = grid.says(key, a, b), f"{grid.place(a)} = {grid.place(b)} {sign} 1"
            yield link(said, means, (a, b), lambda p, q, s=step: p - q == s, 1.2)
            if "beside" in grid.setting:
                said, means = grid.says("beside", a, b), f"abs({grid.place(a)} - {grid.place(b)}) = 1"
                yield link(said, means, (a, b), lambda p, q: abs(p - q) == 1, 1.2)


class _Search:
    """Solutions of the clues, other than the hidden one: backtracking with forward checking, fewest positions first."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.group = {v: values for values in grid.groups.values() for v in values}

    def another(self, links: Sequence[Clue[Positions]]) -> Positions | None:
        """A solution other than the hidden one."""
        spots = frozenset(range(1, self.grid.size + 1))
        fixed = "place" not in self.grid.setting
        domains = {
            v: frozenset({p}) if fixed and v in self.grid.groups["person"] else spots
            for v, p in self.grid.hidden.items()
        }
        binary: dict[str, list[Link]] = {v: [] for v in domains}
        for link in links:
            assert isinstance(link, Link)
            for v in link.values:
                binary[v].append(link)
            if len(link.values) == 1:
                v = link.values[0]
                domains[v] &= {p for (p,) in link.allowed}
        return next((s for s in self._solutions(domains, {}, binary) if s != self.grid.hidden), None)

    def _solutions(
        self, domains: Mapping[str, frozenset[int]], found: Mapping[str, int], binary: Mapping[str, Sequence[Link]]
    ) -> Iterator[Positions]:
        if len(found) == len(self.grid.hidden):
            yield found
            return
        value = min((v for v in domains if v not in found), key=lambda v: len(domains[v]))
        for p in sorted(domains[value], key=lambda p: p == self.grid.hidden[value]):  # the hidden solution comes last
            left = self._narrowed(domains, value, p, binary[value])
            if all(left.values()):
                yield from self._solutions(left, {**found, value: p}, binary)

    def _narrowed(
        self, domains: Mapping[str, frozenset[int]], value: str, p: int, links: Sequence[Link]
    ) -> dict[str, frozenset[int]]:
        left = dict(domains)
        left[value] = frozenset({p})
        for other in self.group[value]:
            if other != value:
                left[other] -= {p}
        for link in links:
            if len(link.values) == 2:
                at = link.values.index(value)
                other = link.values[1 - at]
                left[other] &= {pair[1 - at] for pair in link.allowed if pair[at] == p}
        return left


def _puzzle(
    random: Random, *, settings: Sequence[str], sizes: Sequence[int], most_kinds: int, options: bool = False
) -> tuple[str, str]:
    """A grid, its clues, and a question to its solution."""
    grid = _drawn(random, random.choice(settings), sizes, most_kinds)
    another = _Search(grid).another
    clues = sufficient(in_random_order(_links(grid), random), another) or []
    if random.random() < 0.7:
        clues = without_needless(clues, another)
    random.shuffle(clues)
    intro: str = random.choice(grid.setting["intro"])
    people = listed(list(grid.groups["person"]), random)
    text = [intro.format(n=number(grid.size, random), size=grid.size, list=people)]
    for kind, given in grid.kinds.items():
        told: str = given["told"]
        text.append(told.format(values=listed(grid.groups[kind], random)))
    question, last = (_options if options else _question)(grid)
    stated = [clue.means for clue in clues]
    return asked(sentences([*text, *(clue.say for clue in clues)]), question, random), lines(_head(grid), stated, last)


def _head(grid: Grid) -> list[str]:
    sorts = [f"sort {kind} = {{{', '.join(map(identifier, values))}}}" for kind, values in grid.groups.items()]
    owners = {given["owner"]: kind for kind, given in grid.kinds.items()}
    functions = [f"fun {owner}({kind}): person" for owner, kind in owners.items()]
    if "place" in grid.setting:
        functions.append(f"fun {grid.setting['place']}(person): 1..{grid.size}")
        return [*sorts, *functions, *(f"distinct {f}" for f in [*owners, grid.setting["place"]])]
    return [*sorts, *functions, *(f"distinct {f}" for f in owners)]


def _question(grid: Grid) -> tuple[str, list[str]]:
    """Who has a value, which value somebody has, or where somebody is."""
    random = grid.random
    kind = random.choice(list(grid.kinds))
    given, value = grid.kinds[kind], random.choice(grid.groups[kind])
    way = random.choice(["who", "which", "where"] if "place" in grid.setting else ["who", "which"])
    if way == "who":
        return given["who"].format(v=value), [f"ask {grid.person(value)}"]
    others = [v for v in grid.hidden if grid.kind(v) != kind]
    about = random.choice(others) if random.random() < 0.3 else random.choice(grid.groups["person"])
    if way == "where":
        return grid.setting["where"].format(a=grid.subject(about)), [f"ask {grid.place(about)}"]
    wanted = f"{kind}_asked"
    found = f"{given['owner']}({wanted}) = {grid.person(about)}"
    return given["which"].format(a=grid.subject(about)), [f"var {wanted}: {kind}", found, f"ask {wanted}"]


def _options(grid: Grid) -> tuple[str, list[str]]:
    """Which of several statements is true?"""
    random = grid.random
    pairs = [(a, b) for a, b in combinations(grid.hidden, 2) if grid.kind(a) != grid.kind(b)]
    right = [pair for pair in pairs if grid.hidden[pair[0]] == grid.hidden[pair[1]]]
    wrong = [pair for pair in pairs if grid.hidden[pair[0]] != grid.hidden[pair[1]]]
    chosen = [random.choice(right), *random.sample(wrong, min(len(wrong), random.randint(2, 4)))]
    random.shuffle(chosen)
    choices = [Said(grid.has(a, b), f"{grid.person(b)} = {grid.person(a)}") for a, b in chosen]
    question, options = with_options(random.choice(["Which of these is true?", "Which statement is correct?"]), choices)
    return question, [*options, "ask option must"]


_PLACES = ("street", "tower", "race", "visits")

ZEBRA: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    "zebra_street_small": partial(_puzzle, settings=["street"], sizes=[3, 3, 4], most_kinds=2),
    "zebra_street": partial(_puzzle, settings=["street"], sizes=[4, 5], most_kinds=4),
    "zebra_street_large": partial(_puzzle, settings=["street"], sizes=[5, 6], most_kinds=6),
    "zebra_tower": partial(_puzzle, settings=["tower"], sizes=[3, 4, 5], most_kinds=3),
    "zebra_in_time": partial(_puzzle, settings=["race", "visits"], sizes=[3, 4, 5], most_kinds=3),
    "zebra_friends": partial(_puzzle, settings=["friends"], sizes=[3, 3, 4, 5], most_kinds=3),
    "zebra_options": partial(_puzzle, settings=[*_PLACES, "friends"], sizes=[3, 4], most_kinds=2, options=True),
}
