"""All, no and some of random kinds; and conditions on numbers that are told of everybody by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations, permutations
from random import Random

from neurosym.training.puzzles.clues import Clue, in_random_order
from neurosym.training.puzzles.text import Said, asked, data, lines, sentences, words
from neurosym.training.wording import identifier, word

World = frozenset[frozenset[str]]
"""Which combinations of kinds occur together in some individual."""


def _quantified(kinds: list[str], sort: str, random: Random) -> Iterator[Clue[World]]:
    """The four statements about each two kinds."""
    for a, b in permutations(kinds, 2):
        x, y = identifier(word(a, "")), identifier(word(b, ""))
        forms = {"a": word(a, ""), "as": word(a, "s"), "one_a": word(a, "a")}
        forms |= {"b": word(b, ""), "bs": word(b, "s"), "one_b": word(b, "a")}
        meant = {
            "all": (f"forall x: {sort}. {x}(x) -> {y}(x)", 2.0),
            "no": (f"forall x: {sort}. {x}(x) -> not {y}(x)", 1.0),
            "some": (f"exists x: {sort}. {x}(x) and {y}(x)", 1.0),
            "not_all": (f"exists x: {sort}. {x}(x) and not {y}(x)", 0.7),
        }
        for key, (means, weight) in meant.items():
            say: str = random.choice(data("quantified")["say"][key])
            yield Clue(say.format_map(forms), means, partial(_holds, key, a, b), weight)


def _holds(key: str, a: str, b: str, world: World) -> bool:
    both, only = any({a, b} <= being for being in world), any(a in being and b not in being for being in world)
    return {"all": not only, "no": not both, "some": both, "not_all": only}[key]


def _premises(random: Random) -> tuple[str, list[str], list[Clue[World]], list[Clue[World]]]:
    """A sort, its kinds, statements about them that are true together, and all others."""
    terms = random.choice(data("quantified")["terms"])
    kinds = random.sample(terms["kinds"], random.randint(3, 5))
    beings = [frozenset(kind for kind in kinds if random.random() < 0.5) for _ in range(random.randint(2, 5))]
    world: World = frozenset(beings)
    statements = list(_quantified(kinds, terms["one"], random))
    chosen: dict[frozenset[str], Clue[World]] = {}  # one statement about two kinds
    for statement in in_random_order([s for s in statements if s.holds(world)], random):
        chosen.setdefault(frozenset(_predicates(statement)), statement)
    premises = list(chosen.values())[: random.randint(2, 4)]
    given = {premise.means for premise in premises}
    return terms["one"], kinds, premises, [s for s in statements if s.means not in given]


def _verdict(premises: Sequence[Clue[World]], claim: Clue[World], kinds: Sequence[str]) -> str:
    """Whether the premises make a claim `true`, `false` or leave it `open`.

    All and no leave out combinations of kinds; some promises an individual of one of the combinations that are left.
    """
    every = [frozenset(chosen) for size in range(len(kinds) + 1) for chosen in combinations(kinds, size)]
    general = [p for p in premises if p.means.startswith("forall")]
    left = [being for being in every if all(p.holds(frozenset({being})) for p in general)]
    promised = [[c for c in left if p.holds(frozenset({c}))] for p in premises if p not in general]
    fits = {being: claim.holds(frozenset({being})) for being in left}
    if claim.means.startswith("forall"):
        if all(fits.values()):
            return "true"
        return "false" if any(not any(fits[c] for c in some) for some in promised) else "open"
    if any(all(fits[c] for c in some) for some in promised):
        return "true"
    return "open" if any(fits.values()) else "false"


def _predicates(statement: Said) -> list[str]:
    parts = statement.means.partition(". ")[2].replace("not ", "").split()
    return [part.partition("(")[0] for part in parts if "(" in part]


def _three_valued(random: Random) -> tuple[str, str]:
    """Is a statement about two kinds true, false or open?"""
    sort, kinds, premises, others = _premises(random)
    told = {p for premise in premises for p in _predicates(premise)}
    claims = [s for s in others if set(_predicates(s)) <= told]
    verdict = random.choice(sorted({_verdict(premises, s, kinds) for s in claims}))
    claim = random.choice([s for s in claims if _verdict(premises, s, kinds) == verdict])
    question = random.choice(data("quantified")["say"]["ask"]).format(q=claim.say)
    declared = list(dict.fromkeys(p for s in [*premises, claim] for p in _predicates(s)))
    text = asked(sentences(p.say for p in premises), question, random)
    head = [f"sort {sort}", f"rel {', '.join(f'{p}({sort})' for p in declared)}"]
    return text, lines(head, (p.means for p in premises), f"ask {claim.means}")


# --- conditions on numbers --------------------------------------------------------------------------------------------


def _measured(random: Random, *, how_many: bool) -> tuple[str, str]:
    """Who meets a condition on two numbers? Everybody's numbers are told."""
    given = random.choice(data("quantified")["measure"])
    sort, (one, _, many) = given["one"], given["result"].partition("/")
    met = identifier(one.removeprefix("is ").replace(" a ", " "))
    (first, first_said), (second, second_said) = given["first"], given["second"]
    firsts, seconds = range(*given["first_range"]), range(*given["second_range"])
    n, m = random.choice(firsts[: len(firsts) // 2]), random.choice(seconds[len(seconds) // 2 :])
    said = [random.choice(given["rule"]).format(n=n, m=m)]
    stated = [f"forall x: {sort}. {met}(x) <=> {first}(x) >= {n} and {second}(x) < {m}"]
    people = [word(w, "") for w in random.sample(words("person"), random.randint(2, 5))]
    for who in people:
        a, b = random.choice(firsts), random.choice(seconds)
        said.append(f"{who} {first_said.format(v=a)} and {second_said.format(v=b)}")
        stated += [f"{first}({identifier(who)}) = {a}", f"{second}({identifier(who)}) = {b}"]
    head = [
        f"sort {sort} = {{{', '.join(map(identifier, people))}}}",
        f"fun {first}({sort}), {second}({sort}): count", f"rel {met}({sort})",
    ]  # fmt: skip
    if how_many:
        question, last = f"How many of them {many}?", f"ask count(x: {sort}, {met}(x))"
    else:
        who = random.choice(people)
        question, last = f"Is it true that {who} {one}?", f"ask {met}({identifier(who)})"
    if random.random() < 0.4:  # the rule comes last
        said, stated = [*said[1:], said[0]], [*stated[1:], stated[0]]
    return asked(sentences(said), question, random), lines(head, stated, last)


QUANTIFIED: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    "quantified_three_valued": _three_valued,
    "measured_who_meets_it": partial(_measured, how_many=False),
    "measured_how_many_meet_it": partial(_measured, how_many=True),
}
