"""Orders: things in a row, by age, price, height, rank or time; clues that fix the order, or leave some of it open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, permutations
from operator import eq, gt, lt, ne
from random import Random
from typing import Any

from neurosym.training.puzzles.clues import (
    MODES,
    Clue,
    ahead_by,
    among,
    apart_by,
    in_random_order,
    of_one,
    of_two,
    offered,
    sufficient,
    without_needless,
)  # fmt: skip
from neurosym.training.puzzles.text import Said, asked, data, lines, listed, nth, number, told, with_options, words
from neurosym.training.wording import identifier, word

Places = Mapping[str, int]
"""Each thing's place, 1 for the first, the least or the lowest."""
Ask = Callable[["Order"], tuple[str, list[str]]]
"""A question to an order, and the last lines of its program."""


@dataclass(frozen=True)
class Order:
    """Things of a theme in a hidden order, and how to speak of them."""

    theme: Mapping[str, Any]
    places: Places
    random: Random

    @property
    def things(self) -> tuple[str, ...]:
        """In the order in which they are listed."""
        return tuple(self.places)

    @property
    def names(self) -> list[str]:
        """Their names in the program."""
        return [identifier(thing) for thing in self.things]

    def at(self, thing: str) -> str:
        """The term for a thing's place."""
        return f"place({identifier(thing)})"

    def the(self, thing: str) -> str:
        """The thing as the text calls it."""
        return f"the {thing}" if self.theme["the"] else thing

    def clause(self, key: str, a: str, b: str = "", k: int = 0) -> str:
        """What the theme says of thing `a` under `key`."""
        said: str = self.random.choice(self.theme[key])
        said = said if "{a}" in said else f"{{a}} {said}"
        given = {"a": self.the(a), "b": self.the(b), "k": nth(k, self.random), "g": number(k, self.random)}
        return said.format_map(given)

    def has(self, key: str) -> bool:
        """Whether the theme words such clauses."""
        return bool(self.theme.get(key))

    def at_place(self, thing: str, place: int, *, high: bool = False) -> Said:
        """`thing` has that place, which is told from the small end or from the other."""
        n = len(self.places)
        if place == 1:
            return Said(self.clause("low1", thing), f"{self.at(thing)} = 1")
        if place == n:
            return Said(self.clause("high1", thing), f"{self.at(thing)} = {n}")
        if high:
            return Said(self.clause("high", thing, k=n + 1 - place), f"{self.at(thing)} = {n} + 1 - {n + 1 - place}")
        return Said(self.clause("low", thing, k=place), f"{self.at(thing)} = {place}")

    def pair(self, a: str, b: str) -> Said:
        """Which of the two comes first, in truth."""
        if self.places[a] < self.places[b]:
            return Said(self.clause("less", a, b), f"{self.at(a)} < {self.at(b)}")
        return Said(self.clause("more", a, b), f"{self.at(a)} > {self.at(b)}")


def _drawn(random: Random, themes: Sequence[str], least: int = 3, most: int = 7) -> Order:
    theme = data("ordering")["theme"][random.choice(themes)]
    pool = theme["things"] or [word(who, "") for who in words("person")]
    things = random.sample(pool, random.randint(least, min(most, len(pool))))
    places = random.sample(range(1, len(things) + 1), len(things))
    return Order(theme, dict(zip(things, places, strict=True)), random)


def _clues(order: Order, weights: Mapping[str, float]) -> Iterator[Clue[Places]]:
    """All that is true of an order and that its theme words."""
    random, places = order.random, order.places

    def clue(said: Said, kind: str, holds: Callable[[Places], bool]) -> Clue[Places]:
        return Clue(said.say, said.means, holds, weights.get(kind, 0.2))

    n = len(places)
    for a, place in places.items():
        yield clue(order.at_place(a, place, high=random.random() < 0.5), "place", of_one(a, partial(eq, place)))
        for key, end in (("not_low1", 1), ("not_high1", n)):
            if place != end:
                said = Said(order.clause(key, a), f"{order.at(a)} != {end}")
                yield clue(said, "not", of_one(a, partial(ne, end)))
    for one, other in combinations(places, 2):
        a, b = random.sample([one, other], 2)
        less = places[a] < places[b]
        yield clue(order.pair(a, b), "pair", of_two(a, b, lt if less else gt))
        apart = abs(places[a] - places[b])
        if apart == 1 and order.has("next_less"):
            key, sign = ("next_less", "-") if less else ("next_more", "+")
            said = Said(order.clause(key, a, b), f"{order.at(a)} = {order.at(b)} {sign} 1")
            yield clue(said, "next", of_two(a, b, partial(ahead_by, places[a] - places[b])))
        if apart == 1 and order.has("beside"):
            said = Said(order.clause("beside", a, b), f"abs({order.at(a)} - {order.at(b)}) = 1")
            yield clue(said, "beside", of_two(a, b, partial(apart_by, 1)))
        if apart > 2 and order.has("gap"):
            said = Said(order.clause("gap", a, b, apart - 1), f"abs({order.at(a)} - {order.at(b)}) - 1 = {apart - 1}")
            yield clue(said, "gap", of_two(a, b, partial(apart_by, apart)))


def _worlds(order: Order) -> list[Places]:
    return [dict(zip(order.places, p, strict=True)) for p in permutations(range(1, len(order.places) + 1))]


def _intro(order: Order) -> str:
    random, things = order.random, list(order.things)
    forms = {
        "n": number(len(things), random),
        "plain": listed(things, random),
        "some": listed([word(thing, "a") for thing in things], random),
        "all": listed([order.the(thing) for thing in things], random),
    }
    text: str = random.choice(order.theme["intro"])
    return text.format_map(forms)


def _head(order: Order) -> list[str]:
    n, sort = len(order.places), order.theme["sort"]
    return [f"sort {sort} = {{{', '.join(order.names)}}}", f"fun place({sort}): 1..{n}", "distinct place"]


_WEIGHTS = {"pair": 3.0, "place": 0.6, "next": 1.0, "beside": 0.8, "gap": 0.6, "not": 0.2}


def _solved(
    random: Random, *, themes: Sequence[str], ask: Sequence[Ask], weights: Mapping[str, float] = _WEIGHTS, most: int = 7
) -> tuple[str, str]:
    """An order that the clues fix, and a question to it."""
    order = _drawn(random, themes, most=most)
    another = among([w for w in _worlds(order) if w != order.places])
    clues = sufficient(in_random_order(_clues(order, weights), random), another) or []
    if random.random() < 0.6:
        clues = without_needless(clues, another)
    random.shuffle(clues)
    question, last = random.choice(ask)(order)
    text = asked(f"{_intro(order)} {told(clues, random)}", question, random)
    return text, lines(_head(order), (clue.means for clue in clues), last)


# --- questions to an order that is fixed ------------------------------------------------------------------------------

_WHICH_TRUE = (
    "Which of the following is true?", "Which statement is correct?", "Which of these statements is right?",
    "What follows?", "Which one of these is true?", "Choose the true statement.",
)  # fmt: skip


def _which_has_place(order: Order) -> tuple[str, list[str]]:
    """Options: each thing at one and the same place."""
    random, place = order.random, order.random.randint(1, len(order.places))
    high = random.random() < 0.5
    said = [order.at_place(thing, place, high=high) for thing in order.things]
    key = said[0].say.removeprefix(order.the(order.things[0]))
    choices = [Said(order.the(t) + key, s.means) for t, s in zip(order.things, said, strict=True)]
    question, options = with_options(random.choice(_WHICH_TRUE), choices)
    return question, [*options, "ask option must"]


def _which_is_true(order: Order) -> tuple[str, list[str]]:
    """Options of several kinds, one of them true."""
    random = order.random
    true = [order.pair(*random.sample(order.things, 2))]
    true += [order.at_place(t, p, high=random.random() < 0.5) for t, p in order.places.items()]
    liar = Order(order.theme, dict(zip(order.things, _moved(order), strict=True)), random)
    false = [liar.at_place(t, p, high=random.random() < 0.5) for t, p in liar.places.items() if order.places[t] != p]
    for a, b in random.sample(list(combinations(order.things, 2)), 3):
        if (order.places[a] < order.places[b]) != (liar.places[a] < liar.places[b]):
            false.append(liar.pair(a, b))
    choices = [random.choice(true), *random.sample(false, min(len(false), random.randint(2, 4)))]
    question, options = with_options(random.choice(_WHICH_TRUE), random.sample(choices, len(choices)))
    return question, [*options, "ask option must"]


def _moved(order: Order) -> list[int]:
    places = list(order.places.values())
    return [place % len(places) + 1 for place in places] if order.random.random() < 0.5 else places[::-1]


def _who(order: Order) -> tuple[str, list[str]]:
    """The thing at a place, named."""
    random, sort = order.random, order.theme["sort"]
    thing = random.choice(order.things)
    said = order.at_place(thing, order.places[thing], high=random.random() < 0.5)
    predicate = said.say.removeprefix(order.the(thing)).strip()
    whose = random.choice([f"Which {sort}", "Who"] if order.theme.get("person") else [f"Which {sort}"])
    if order.theme.get("are"):
        predicate, whose = predicate, f"Which {sort}s"
    wanted = f"{sort}_asked"
    meant = said.means.replace(identifier(thing), wanted, 1)
    return f"{whose} {predicate}?", [f"var {wanted}: {sort}", meant, f"ask {wanted}"]


def _place_of(order: Order) -> tuple[str, list[str]]:
    """The place of a thing, as a number."""
    thing = order.random.choice(order.things)
    text: str = order.random.choice(order.theme["place"])
    return text.format(a=order.the(thing)), [f"ask {order.at(thing)}"]


def _is_it(order: Order) -> tuple[str, list[str]]:
    """Whether something is so: yes or no."""
    a, b = order.random.sample(order.things, 2)
    claimed = order if order.random.random() < 0.5 else Order(order.theme, _reversed(order), order.random)
    said = claimed.pair(a, b) if order.random.random() < 0.7 else claimed.at_place(a, claimed.places[a])
    how = order.random.choice(["Is it true that {}?", "Can one conclude that {}?", "Is it right to say that {}?"])
    return how.format(said.say), [f"ask {said.means}"]


def _reversed(order: Order) -> Places:
    return {thing: len(order.places) + 1 - place for thing, place in order.places.items()}


def _how_many_between(order: Order) -> tuple[str, list[str]]:
    """How many stand between two things that are not neighbours."""
    a, b = order.random.sample(order.things, 2)
    wanted = order.random.choice(["How many are there between {} and {}?", "How many come between {} and {}?"])
    return wanted.format(order.the(a), order.the(b)), [f"ask abs({order.at(a)} - {order.at(b)}) - 1"]


# --- orders that are left open ---------------------------------------------------------------------------------------


def _open(random: Random, themes: Sequence[str], count: int) -> tuple[Order, list[Clue[Places]], list[Places]]:
    """An order with some true clues, and the orders that they leave: at least two."""
    while True:
        order = _drawn(random, themes, least=4, most=6)
        clues = in_random_order(_clues(order, _WEIGHTS), random)[:count]
        worlds = [w for w in _worlds(order) if all(clue.holds(w) for clue in clues)]
        if len(worlds) > 1:
            return order, clues, worlds


def _unfixed_comparison(random: Random, *, themes: Sequence[str]) -> tuple[str, str]:
    """True, false, or not to be known."""
    order, clues, worlds = _open(random, themes, random.randint(2, 4))
    pairs = list(permutations(order.things, 2))
    kinds: dict[bool | None, list[tuple[str, str]]] = {True: [], False: [], None: []}
    for a, b in pairs:
        truths = {w[a] < w[b] for w in worlds}
        kinds[truths.pop() if len(truths) == 1 else None].append((a, b))
    a, b = random.choice(random.choice([kind for kind in kinds.values() if kind]))
    key, op = random.choice([("less", "<"), ("more", ">")])
    question = random.choice([
        "True, false or unknown: {}?", "Is it true, is it false, or can one not tell that {}?",
        "Does it follow, is it ruled out, or is it left open that {}?",
    ]).format(order.clause(key, a, b))  # fmt: skip
    text = asked(f"{_intro(order)} {told(clues, random)}", question, random)
    return text, lines(_head(order), (c.means for c in clues), f"ask {order.at(a)} {op} {order.at(b)}")


def _modal(random: Random, *, themes: Sequence[str], mode: str) -> tuple[str, str]:
    """One of five statements must, may or cannot be true, or is the exception, where the order is not fixed."""
    choices = None
    while choices is None:
        order, clues, worlds = _open(random, themes, random.randint(2, 4))
        given = {clue.means for clue in clues}
        choices = offered((s for s in _statements(order) if s.means not in given), worlds, mode, random)
    question, options = with_options(random.choice(MODES[mode]), choices)
    text = asked(f"{_intro(order)} {told(clues, random)}", question, random)
    return text, lines(_head(order), (c.means for c in clues), options, f"ask option {mode}")


def _statements(order: Order) -> Iterator[Clue[Places]]:
    """Statements about an order, true or not."""
    for a, b in permutations(order.things, 2):
        before = f"{order.at(a)} < {order.at(b)}"
        yield Clue(order.clause("less", a, b), before, of_two(a, b, lt))
    for a in order.things:
        for k in range(1, len(order.places) + 1):
            said = order.at_place(a, k, high=order.random.random() < 0.5)
            yield Clue(said.say, said.means, of_one(a, partial(eq, k)))


_ROWS = ("shelf", "sill", "perch", "parade", "train")
_AGES = ("siblings", "antiques", "coins")
_PRICES = ("market", "gadgets")
_RANKS = ("run", "regatta", "exam")
_SIZES = ("heights", "parcels", "rivers", "cities")
_LEVELS = ("tower", "stack")
_TIMES = ("talks", "queue", "diary")
_ALL = _ROWS + _AGES + _PRICES + _RANKS + _SIZES + _LEVELS + _TIMES
_PLACED = ("shelf", "sill", "perch", "parade", "run", "regatta", "tower", "stack", "talks", "queue", "diary", "train")
_SPACED = ("shelf", "sill", "perch", "run", "tower", "stack", "talks", "queue", "train")
_EXACT = {"pair": 0.5, "place": 0.1, "next": 3.0, "beside": 3.0, "gap": 4.0, "not": 0.3}
_CHOICE = (_which_has_place, _which_has_place, _which_is_true)

ORDERING: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    "order_row_options": partial(_solved, themes=_ROWS, ask=_CHOICE),
    "order_age_options": partial(_solved, themes=_AGES, ask=_CHOICE),
    "order_price_options": partial(_solved, themes=_PRICES, ask=_CHOICE),
    "order_rank_options": partial(_solved, themes=_RANKS, ask=_CHOICE),
    "order_size_options": partial(_solved, themes=_SIZES, ask=_CHOICE),
    "order_level_options": partial(_solved, themes=_LEVELS, ask=_CHOICE),
    "order_time_options": partial(_solved, themes=_TIMES, ask=_CHOICE),
    "order_who_is_there": partial(_solved, themes=_ALL, ask=(_who,)),
    "order_which_place": partial(_solved, themes=_PLACED, ask=(_place_of,)),
    "order_yes_or_no": partial(_solved, themes=_ALL, ask=(_is_it,)),
    "order_how_many_between": partial(_solved, themes=_SPACED, ask=(_how_many_between,)),
    "order_exact_distances": partial(_solved, themes=_SPACED, ask=(_who, _which_is_true, _place_of), weights=_EXACT),
    "order_left_open": partial(_unfixed_comparison, themes=_ALL),
    "order_must": partial(_modal, themes=_ALL, mode="must"),
    "order_may": partial(_modal, themes=_ALL, mode="may"),
    "order_cannot": partial(_modal, themes=_ALL, mode="cannot"),
    "order_except": partial(_modal, themes=_ALL, mode="except"),
}
