"""Family relations: from who is whose mother, son or sister to who is whose aunt, cousin or grandfather."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from random import Random

from neurosym.training.puzzles.text import Said, asked, data, lines, sentences, with_options, words
from neurosym.training.wording import identifier, word

_SIBLINGS = (
    "forall x, y: person. sibling(x, y) -> sibling(y, x)",
    "forall x, y, p: person. sibling(x, y) and parent(p, x) -> parent(p, y)",
    "forall x, y, p: person. parent(p, x) and parent(p, y) and x != y -> sibling(x, y)",
)
"""What everyone knows of brothers and sisters: it is mutual, and they have the same parents."""


def _people(random: Random, count: int) -> dict[str, int]:
    """Names, with 0 for a woman and 1 for a man."""
    drawn = random.sample(words("person"), count)
    return {word(who, ""): int(who.endswith("/he")) for who in drawn}


def _step(kind: str, a: str, b: str, sex: Mapping[str, int], random: Random) -> Said:
    """That `a` is the parent, child or sibling of `b`."""
    if kind == "child":
        return _step("parent", b, a, sex, random)
    given = data("kinship")
    forms = {
        f"{who}_{part}": given["words"][part][sex[name]]
        for who, name in (("x", a), ("y", b))
        for part in given["words"]
    }
    say: str = random.choice(given["steps"][kind])
    return Said(say.format(x=a, y=b, **forms), f"{kind}({identifier(a)}, {identifier(b)})")


def _tree(random: Random) -> tuple[dict[str, int], list[Said], str, Sequence[str]]:
    """People, what is said of them, and what the first is to the last of the chain that leads from one to the other."""
    given = data("kinship")
    way = random.choice(given["way"])
    steps = way["steps"]
    sex = _people(random, len(steps) + 1 + random.randint(0, 2))
    chain, more = list(sex)[: len(steps) + 1], list(sex)[len(steps) + 1 :]
    said = [_step(s, a, b, sex, random) for s, a, b in zip(steps, chain, chain[1:], strict=False)]
    for other in more:  # children of theirs, who change nothing
        said.append(_step("parent", random.choice(chain), other, sex, random))
    random.shuffle(said)
    return sex, said, way["kin"], chain


def _program(said: Sequence[Said], last: Sequence[str]) -> str:
    people = list(dict.fromkeys(n for s in said for n in s.means.partition("(")[2].rstrip(")").split(", ")))
    head = [f"sort person = {{{', '.join(people)}}}", "rel parent(person, person), sibling(person, person) closed"]
    return lines(head, _SIBLINGS, (s.means for s in said), last)


def _related(random: Random, *, options: bool) -> tuple[str, str]:
    """What is one person to another?"""
    given = data("kinship")["kin"]
    sex, said, kin, chain = _tree(random)
    a, b = chain[0], chain[-1]
    names = {"a": identifier(a), "b": identifier(b)}
    text = sentences(s.say for s in said)
    if options:
        offered = [kin, *random.sample([k for k in given if k != kin], random.randint(2, 4))]
        random.shuffle(offered)
        choices = [Said(f"{b}'s {given[k][sex[a]]}", given[k][2].format_map(names)) for k in offered]
        question = random.choice([f"How is {a} related to {b}?", f"What is {a} to {b}?", f"{a} is"])
        question, meant = with_options(question, choices)
        return asked(text, question, random), _program(said, [*meant, "ask option"])
    claimed = kin if random.random() < 0.5 else random.choice([k for k in given if k != kin])
    called = given[claimed][sex[a]]
    question = random.choice(
        [f"Is {a} {b}'s {called}?", f"Is {a} the {called} of {b}?", f"True or false: {a} is {b}'s {called}?"]
    )
    return asked(text, question, random), _program(said, [f"ask {given[claimed][2].format_map(names)}"])


def _how_many(random: Random) -> tuple[str, str]:
    """How many grandchildren, nieces and nephews or cousins somebody has."""
    children = random.randint(2, 3)
    grandchildren = [random.randint(0, 3) for _ in range(children)]
    sex = _people(random, 1 + children + sum(grandchildren))
    names = iter(sex)
    root = next(names)
    facts = []
    middle, youngest = [next(names) for _ in range(children)], []
    for child in middle:
        facts.append(_step("parent", root, child, sex, random))
    for child, count in zip(middle, grandchildren, strict=True):
        for _ in range(count):
            youngest.append(next(names))
            facts.append(_step("parent", child, youngest[-1], sex, random))
    random.shuffle(facts)
    asks = [
        (
            f"How many grandchildren does {root} have?",
            f"exists p: person. parent({identifier(root)}, p) and parent(p, x)",
        ),
        (f"How many children does {root} have?", f"parent({identifier(root)}, x)"),
    ]
    one = random.choice(middle)
    asks.append(
        (
            f"How many nieces and nephews does {one} have?",
            f"exists p: person. sibling({identifier(one)}, p) and parent(p, x)",
        )
    )
    if youngest:
        who = random.choice(youngest)
        asks.append((
            f"How many cousins does {who} have?",
            f"exists p, q: person. parent(p, {identifier(who)}) and sibling(p, q) and parent(q, x)",
        ))  # fmt: skip
    question, formula = random.choice(asks)
    return asked(sentences(f.say for f in facts), question, random), _program(
        facts, [f"ask count(x: person, {formula})"]
    )


KINSHIP: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    "kinship_how_related": partial(_related, options=True),
    "kinship_yes_or_no": partial(_related, options=False),
    "kinship_how_many": _how_many,
}
