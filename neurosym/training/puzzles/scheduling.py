"""Assignments: who works when, sleeps where, is chosen; what must, may or cannot be so, and what if something is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import combinations, permutations, product
from operator import eq, gt, le, lt, ne, not_, or_
from random import Random
from typing import Any

from neurosym.training.puzzles.clues import (
    MODES,
    Clue,
    ahead_by,
    among,
    in_random_order,
    of_one,
    of_two,
    offered,
    sufficient,
    without_needless,
)  # fmt: skip
from neurosym.training.puzzles.text import asked, data, lines, listed, number, sentences, with_options, words
from neurosym.training.wording import identifier, in_words, word

_TERM = re.compile(r"\w+\(\w+\)")

Slots = Mapping[str, int]
"""Each person's slot, counted from 0."""
Chosen = Mapping[str, bool]


@dataclass(frozen=True)
class Plan:
    """People, slots, the rule of how many go where, and all assignments that keep it."""

    theme: Mapping[str, Any]
    people: Sequence[str]
    slots: Sequence[str]
    rule: str
    """`one`: as many slots as people, one each; `each`: `share` in every slot; `most`: at most `share`."""
    share: int
    worlds: Sequence[Slots]
    random: Random

    def the(self, person: str) -> str:
        """A person as the text says it."""
        return f"the {person}" if self.theme.get("the") else person

    def slot(self, k: int) -> str:
        """A slot as the text says it."""
        bare = self.theme.get("ordered") or self.theme.get("bare")
        return self.slots[k] if bare else f"the {self.slots[k]}"

    def term(self, person: str) -> str:
        """The term for a person's slot."""
        return f"{self.theme['fun']}({identifier(person)})"

    def says(self, key: str, a: str, b: str = "", k: int = 0) -> str:
        """A clause about one or two people."""
        said: str = self.random.choice(self.theme[key])
        said = said if "{a}" in said else f"{{a}} {said}"
        return said.format(a=self.the(a), b=self.the(b), s=self.slot(k))


def _plan(random: Random, themes: Sequence[str], rule: str) -> Plan:
    theme = data("scheduling")["theme"][random.choice(themes)]
    most_slots = len(theme["slots"])
    share = 1 if rule == "one" else 2
    n = random.randint(3 if rule == "one" else 2, min(most_slots, 5 if rule == "one" else 3))
    size = {"one": n, "each": 2 * n, "most": random.randint(n + 1, 2 * n)}[rule]
    people = random.sample(theme.get("things") or [word(who, "") for who in words("person")], size)
    slots = theme["slots"][:n] if theme.get("ordered") else random.sample(theme["slots"], n)
    worlds = [
        dict(zip(people, w, strict=True))
        for w in (permutations(range(n)) if rule == "one" else product(range(n), repeat=size))
        if rule == "one" or all(w.count(s) == share if rule == "each" else w.count(s) <= share for s in range(n))
    ]
    return Plan(theme, people, slots, rule, share, worlds, random)


def _head(plan: Plan) -> list[str]:
    """Declarations, and the rule of how many go where. Ordered slots are numbers with names."""
    theme, slots = plan.theme, [identifier(s) for s in plan.slots]
    sort, fun, slot, n = theme["sort"], theme["fun"], theme["slot"], len(slots)
    head = [f"sort {sort} = {{{', '.join(map(identifier, plan.people))}}}"]
    if theme.get("ordered"):
        head += [f"let {s} = {f'{slots[k - 1]} + 1' if k else 1}" for k, s in enumerate(slots)]
        range_ = f"1..{n}"
    else:
        head.append(f"sort {slot} = {{{', '.join(slots)}}}")
        range_ = slot
    head.append(f"fun {fun}({sort}): {range_}")
    if plan.rule == "one":
        return [*head, f"distinct {fun}"]
    op = "=" if plan.rule == "each" else "<="
    p, s = sort[0], "d" if theme.get("ordered") else slot[0]
    s = s if s != p else "s"
    return [*head, f"forall {s}: {range_}. count({p}: {sort}, {fun}({p}) = {s}) {op} {plan.share}"]


def _intro(plan: Plan) -> list[str]:
    random = plan.random
    forms = {
        "list": listed([plan.the(p) for p in plan.people], random),
        "slots": listed([plan.slot(k) for k in range(len(plan.slots))], random),
        "n": number(len(plan.slots), random) if plan.theme.get("ordered") else in_words(Fraction(len(plan.slots))),
        "last": plan.slots[-1],
    }
    intro: str = random.choice(plan.theme["intro"])
    rule: str = random.choice(plan.theme[plan.rule])
    return [intro.format_map(forms), rule.format(k=number(plan.share, random))]


def _statements(plan: Plan) -> Iterator[Clue[Slots]]:
    """All that can be said of an assignment, true or not."""
    names = [identifier(s) for s in plan.slots]
    ordered = bool(plan.theme.get("ordered"))
    for a in plan.people:
        for k, slot in enumerate(names):
            yield Clue(plan.says("at", a, k=k), f"{plan.term(a)} = {slot}", of_one(a, partial(eq, k)), 0.5)
            yield Clue(plan.says("not_at", a, k=k), f"{plan.term(a)} != {slot}", of_one(a, partial(ne, k)), 0.5)
    for one, other in combinations(plan.people, 2):
        a, b = plan.random.sample([one, other], 2)
        x, y = plan.term(a), plan.term(b)
        if plan.rule != "one":
            yield Clue(plan.says("same", a, b), f"{x} = {y}", of_two(a, b, eq), 1.5)
            yield Clue(plan.says("other", a, b), f"{x} != {y}", of_two(a, b, ne), 1.5)
        if ordered:
            yield Clue(plan.says("less", a, b), f"{x} < {y}", of_two(a, b, lt), 2.0)
            yield Clue(plan.says("more", a, b), f"{x} > {y}", of_two(a, b, gt), 2.0)
            yield Clue(plan.says("next", a, b), f"{x} = {y} + 1", of_two(a, b, partial(ahead_by, 1)), 2.0)


def _conditions(plan: Plan, simple: Sequence[Clue[Slots]]) -> Iterator[Clue[Slots]]:
    """If one thing, then another."""
    for _ in range(12):
        p, q = plan.random.sample(list(simple), 2)
        form: str = plan.random.choice(data("scheduling")["if"]["wordings"])
        if not set(_TERM.findall(p.means)) & set(_TERM.findall(q.means)):
            yield Clue(form.format(p=p.say, q=q.say), f"{p.means} -> {q.means}", _if(p, q), 1.5)


def _if(p: Clue[Slots], q: Clue[Slots]) -> Callable[[Slots], bool]:
    return lambda world: not p.holds(world) or q.holds(world)


def _modal(
    random: Random, *, themes: Sequence[str], rule: str, modes: Sequence[str], suppose: bool = False
) -> tuple[str, str]:
    """What must, may or cannot be so, where the clues leave several assignments."""
    mode, choices, supposed = random.choice(modes), None, None
    while choices is None:
        plan = _plan(random, themes, rule)
        statements = list(_statements(plan))
        hidden = random.choice(plan.worlds)
        true = [s for s in [*statements, *_conditions(plan, statements)] if s.holds(hidden)]
        drawn = in_random_order(true, random)
        clues = drawn[: random.randint(2, 4)]
        worlds = [w for w in plan.worlds if all(c.holds(w) for c in clues)]
        if suppose:
            supposed = next((s for s in drawn if "->" not in s.means and not all(s.holds(w) for w in worlds)), None)
            worlds = [w for w in worlds if supposed and supposed.holds(w)]
        if len(worlds) > 1:
            given = {c.means for c in [*clues, *([supposed] if supposed else [])]}
            choices = offered((s for s in statements if s.means not in given), worlds, mode, random)
    said = [*_intro(plan), *(c.say for c in clues)]
    stated = [*_head(plan), *(c.means for c in clues)]
    if supposed:
        wording = data("scheduling")["if"]
        said.append(random.choice(wording["suppose"]).format(p=supposed.say))
        question = random.choice(wording["which"]).format(mode=wording[mode])
        stated.append(supposed.means)
    else:
        question = random.choice(MODES[mode])
    question, options = with_options(question, choices)
    text = asked(sentences(said), question, random)
    return text, lines(_needed([*stated, *options]), f"ask option {mode}")


def _needed(stated: Sequence[str]) -> list[str]:
    """Without names for the last slots where nothing speaks of them."""
    kept = list(stated)
    for line in reversed(stated):
        name = line.split(" ")[1] if line.startswith("let ") else None
        if name and not any(name in other.replace("(", " ").split() for other in kept if other != line):
            kept.remove(line)
    return kept


def _solved(random: Random, *, themes: Sequence[str], rule: str) -> tuple[str, str]:
    """Where somebody is, or who is there, where the clues leave one assignment."""
    clues = None
    while clues is None:
        plan = _plan(random, themes, rule)
        hidden = random.choice(plan.worlds)
        statements = list(_statements(plan))
        true = [s for s in [*statements, *_conditions(plan, statements)] if s.holds(hidden)]
        another = among([w for w in plan.worlds if w != hidden])
        clues = sufficient(in_random_order(true, random), another)
    clues = without_needless(clues, another)
    random.shuffle(clues)
    who = random.choice(plan.people)
    if plan.theme.get("ordered"):
        there = hidden[who]
        sort = plan.theme["sort"]
        wanted = f"{identifier(plan.slots[there])}_{sort}"
        alone = [p for p in plan.people if hidden[p] == there] == [who]
        if not alone:
            return _solved(random, themes=themes, rule=rule)
        said = plan.says("at", who, k=there).removeprefix(plan.the(who))
        question = f"Which {sort}{said}?"
        last = [
            f"var {wanted}: {sort}",
            f"{plan.theme['fun']}({wanted}) = {identifier(plan.slots[there])}",
            f"ask {wanted}",
        ]
    else:
        question, last = random.choice(plan.theme["which"]).format(a=plan.the(who)), [f"ask {plan.term(who)}"]
    text = asked(sentences([*_intro(plan), *(c.say for c in clues)]), question, random)
    return text, lines(_needed([*_head(plan), *(c.means for c in clues), *last]))


# --- some of several --------------------------------------------------------------------------------------------------


def _wishes(theme: Mapping[str, Any], things: Sequence[str], random: Random) -> Iterator[Clue[Chosen]]:
    """What can be said of who is chosen."""
    verb = theme.get("verb", "chosen")

    def of(thing: str) -> str:
        return f"{verb}({identifier(thing.removeprefix('the '))})"

    for thing in things:
        yield Clue(f"{thing} is {verb}", of(thing), of_one(thing, bool), 0.3)
        yield Clue(f"{thing} is not {verb}", f"not {of(thing)}", of_one(thing, not_), 0.3)
    for one, other in combinations(things, 2):
        a, b = random.sample([one, other], 2)
        x, y = of(a), of(b)
        yield Clue(
            random.choice([f"if {a} is {verb}, then {b} is {verb}", f"{a} is {verb} only if {b} is {verb}"]),
            f"{x} -> {y}", of_two(a, b, le),
        )  # fmt: skip
        yield Clue(
            random.choice([f"if {a} is {verb}, then {b} is not", f"{a} and {b} are not both {verb}"]),
            f"{x} -> not {y}", of_two(a, b, lambda p, q: not (p and q)),
        )  # fmt: skip
        yield Clue(
            random.choice([f"at least one of {a} and {b} is {verb}", f"{a} or {b} is {verb}, or both are"]),
            f"{x} or {y}", of_two(a, b, or_),
        )  # fmt: skip
        yield Clue(
            random.choice([f"either {a} or {b} is {verb}, but not both", f"exactly one of {a} and {b} is {verb}"]),
            f"{x} xor {y}", of_two(a, b, ne),
        )  # fmt: skip
        yield Clue(f"if {a} is not {verb}, then {b} is {verb}", f"not {x} -> {y}", of_two(a, b, or_), 0.5)


def _choice(random: Random, *, modes: Sequence[str]) -> tuple[str, str]:
    """Some are chosen and some are not: which statement must, may or cannot hold, or who are they?"""
    mode, choices = random.choice(modes), None
    while choices is None:
        theme = random.choice(data("scheduling")["choose"])
        pool = theme["things"] or [word(who, "") for who in words("person")]
        things = random.sample(pool, random.randint(4, 6))
        k = random.randint(2, len(things) - 2)
        worlds: list[Chosen] = [{t: t in some for t in things} for some in combinations(things, k)]
        hidden = random.choice(worlds)
        statements = list(_wishes(theme, things, random))
        drawn = in_random_order([s for s in statements if s.holds(hidden)], random)
        if mode == "all":
            another = among([w for w in worlds if w != hidden])
            clues = without_needless(sufficient(drawn, another) or [], another)
            break
        clues = drawn[: random.randint(2, 4)]
        left = [w for w in worlds if all(c.holds(w) for c in clues)]
        given = {c.means for c in clues}
        choices = (
            offered((s for s in statements if s.means not in given), left, mode, random) if len(left) > 1 else None
        )
    verb, sort = theme.get("verb", "chosen"), theme["sort"]
    if mode == "all":
        question = random.choice(
            [f"Which of them are {verb}?", f"Who is {verb}?" if not theme["things"] else f"What is {verb}?"]
        )
        last = [f"var {sort[0]}: {sort}", f"ask solve({verb}({sort[0]}), {sort[0]})"]
    else:
        question, last = with_options(random.choice(MODES[mode]), choices or [])
        last.append(f"ask option {mode}")
    intro = random.choice(theme["intro"]).format(k=number(k, random), list=listed(things, random))
    names = [identifier(t.removeprefix("the ")) for t in things]
    head = [
        f"sort {sort} = {{{', '.join(names)}}}",
        f"rel {verb}({sort})",
        f"count({sort[0]}: {sort}, {verb}({sort[0]})) = {k}",
    ]
    text = asked(sentences([intro, *(c.say for c in clues)]), question, random)
    return text, lines(head, (c.means for c in clues), last)


_ORDERED = ("weekdays", "months")
_PLAIN = ("rooms", "teams", "chores", "shelves")
_FOUR = ("must", "may", "cannot", "except")
_THREE = ("must", "may", "cannot")

SCHEDULING: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    "schedule_days_one_each": partial(_modal, themes=_ORDERED, rule="one", modes=_FOUR),
    "schedule_days_two_each": partial(_modal, themes=_ORDERED, rule="each", modes=_FOUR),
    "schedule_days_at_most": partial(_modal, themes=_ORDERED, rule="most", modes=_FOUR),
    "schedule_who_works_then": partial(_solved, themes=_ORDERED, rule="one"),
    "assign_one_each": partial(_modal, themes=("rooms", "chores"), rule="one", modes=_FOUR),
    "assign_two_each": partial(_modal, themes=_PLAIN, rule="each", modes=_FOUR),
    "assign_at_most": partial(_modal, themes=_PLAIN, rule="most", modes=_FOUR),
    "assign_where_is": partial(_solved, themes=_PLAIN, rule="each"),
    "assign_suppose": partial(_modal, themes=_PLAIN, rule="most", modes=_THREE, suppose=True),
    "schedule_suppose": partial(_modal, themes=_ORDERED, rule="one", modes=_THREE, suppose=True),
    "choose_modes": partial(_choice, modes=_FOUR),
    "choose_all_of_them": partial(_choice, modes=("all",)),
}
