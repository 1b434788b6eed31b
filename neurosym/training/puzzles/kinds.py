"""What is of which kind, and what follows: chains of kinds, real and invented, that exclude one another or are open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from random import Random

from neurosym.training.puzzles.text import Said, asked, data, lines, sentences
from neurosym.training.wording import identifier, word

SORT = "thing"


@dataclass(frozen=True)
class _Kinds:
    """A chain of kinds from the special to the general, kinds beside it, traits, and names of things."""

    chain: Sequence[str]
    beside: Sequence[str]
    traits: Sequence[str]
    names: Sequence[str]


def _real(random: Random) -> _Kinds:
    tree = random.choice(data("kinds")["tree"])
    chain = sorted(random.sample(range(len(tree["chain"])), random.randint(2, len(tree["chain"]))))
    traits = random.sample(tree["traits"], len(tree["traits"]))
    return _Kinds([tree["chain"][k] for k in chain], tree["beside"], traits, random.sample(tree["names"], 3))


def _invented(random: Random) -> _Kinds:
    given = data("kinds")["invented"]
    made: dict[str, None] = {}
    while len(made) < 9:
        made.setdefault("".join(random.choice(given[part]) for part in ("starts", "middles", "ends")))
    kinds = list(made)
    depth = random.randint(2, 6)
    return _Kinds(kinds[:depth], kinds[depth:], random.sample(given["traits"], 7), random.sample(given["names"], 3))


def _name(kind: str) -> str:
    return identifier(word(kind, ""))


def _says(key: str, random: Random, a: str, b: str = "", c: str = "", t: str = "") -> str:
    form: str = random.choice(data("kinds")["say"][key])
    given = {"a": word(a, ""), "as": word(a, "s"), "one_a": word(a, "a"), "t": t}
    if b:
        given |= {"bs": word(b, "s"), "one_b": word(b, "a")}
    if c:
        given["one_c"] = word(c, "a")
    return form.format_map(given)


def _rule(condition: str, conclusion: str) -> str:
    return f"forall x: {SORT}. {condition} -> {conclusion}"


def _links(kinds: _Kinds, random: Random, *, excluding: bool, open_: Sequence[str]) -> Iterator[Said]:
    """The chain, step by step; traits of its kinds; other kinds, which exclude it or not. Nothing excludes `open_`."""
    chain, traits = kinds.chain, iter(kinds.traits)
    for a, b in pairwise(chain):
        yield Said(_says("every", random, a, b), _rule(f"{_name(a)}(x)", f"{_name(b)}(x)"))
    for kind in random.sample(chain, random.randint(1, min(3, len(chain)))):
        t = next(traits)
        if excluding and random.random() < 0.4:
            yield Said(_says("no_trait", random, kind, t=t), _rule(f"{_name(kind)}(x)", f"not {identifier(t)}(x)"))
        else:
            yield Said(_says("every_trait", random, kind, t=t), _rule(f"{_name(kind)}(x)", f"{identifier(t)}(x)"))
    for other in random.sample(kinds.beside, random.randint(1, 2)):
        if excluding and random.random() < 0.6 and other not in open_:
            kind = random.choice(chain)
            yield Said(_says("no", random, kind, other), _rule(f"{_name(kind)}(x)", f"not {_name(other)}(x)"))
        elif random.random() < 0.5:
            t = next(traits)
            yield Said(_says("every_trait", random, other, t=t), _rule(f"{_name(other)}(x)", f"{identifier(t)}(x)"))
        else:
            general = chain[-1]
            yield Said(_says("every", random, other, general), _rule(f"{_name(other)}(x)", f"{_name(general)}(x)"))


def _disjunction(kinds: _Kinds, b: str, c: str, random: Random, who: str) -> list[Said]:
    """Every a is a b or a c; and b is ruled out for the thing in question."""
    a = kinds.chain[0]
    rule = Said(_says("or", random, a, b, c), _rule(f"{_name(a)}(x)", f"{_name(b)}(x) or {_name(c)}(x)"))
    denied = Said(f"{who} is not {word(b, 'a')}", f"not {_name(b)}({identifier(who)})")
    return [rule, denied]


_QUESTIONS = {
    True: (
        "True, false or unknown: {q}?", "Is it true, false, or uncertain that {q}?",
        "Does it follow that {q}, is it ruled out, or is it left open?", "True, false or undetermined: {q}?",
    ),
    False: ("Is it true that {q}?", "True or false: {q}?", "Does it follow that {q}?"),
}  # fmt: skip
"""Whether there is a third answer."""


def _kinds(
    random: Random,
    *,
    make: Callable[[Random], _Kinds],
    excluding: bool = False,
    either: bool = False,
    three: bool = True,
) -> tuple[str, str]:
    """Is something of a kind, or so?"""
    kinds = make(random)
    who, *others = kinds.names
    start = random.randint(0, max(0, len(kinds.chain) - 2)) if not either else 0
    b, c = random.sample(kinds.beside, 2)
    said = list(_links(kinds, random, excluding=excluding, open_=(b, c) if either else ()))
    said.append(Said(f"{who} is {word(kinds.chain[start], 'a')}", f"{_name(kinds.chain[start])}({identifier(who)})"))
    if either:
        said += _disjunction(kinds, b, c, random, who)
    if random.random() < 0.5:
        other = others[0]
        said.append(
            Said(f"{other} is {word(kinds.beside[-1], 'a')}", f"{_name(kinds.beside[-1])}({identifier(other)})")
        )
    random.shuffle(said)
    text = sentences(s.say for s in said)
    declared = _declared(said)
    asking = [k for k in [*kinds.chain, *kinds.beside] if _name(k) in declared]
    told = [t for t in kinds.traits if identifier(t) in declared]
    if told and random.random() < 0.6:
        about = random.choice(told)
        positive, claim = identifier(about), f"{who} is {{}}{about}"
    else:
        kind = c if either and random.random() < 0.5 else random.choice(asking)
        positive, claim = _name(kind), f"{who} is {{}}{word(kind, 'a')}"
    negated = random.random() < 0.45
    question = random.choice(_QUESTIONS[three]).format(q=claim.format("not " if negated else ""))
    ask = f"ask {'not ' * negated}{positive}({identifier(who)})"
    things = list(dict.fromkeys(n for s in said for n in map(identifier, kinds.names) if f"({n})" in s.means))
    head = [f"sort {SORT}", f"const {', '.join(things)}: {SORT}"]
    head.append(f"rel {', '.join(f'{p}({SORT})' for p in declared)}")
    return asked(text, question, random), lines(head, (s.means for s in said), ask)


def _declared(said: Sequence[Said]) -> list[str]:
    """The predicates, in the order in which the text has them."""
    found: dict[str, None] = {}
    for s in said:
        for part in s.means.replace("(", " ( ").split(" ( ")[:-1]:
            found.setdefault(part.split(" ")[-1])
    return list(found)


KINDS: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    "kinds_invented": partial(_kinds, make=_invented),
    "kinds_invented_excluding": partial(_kinds, make=_invented, excluding=True),
    "kinds_invented_either_or": partial(_kinds, make=_invented, either=True, excluding=True),
    "kinds_real": partial(_kinds, make=_real),
    "kinds_real_excluding": partial(_kinds, make=_real, excluding=True),
}
