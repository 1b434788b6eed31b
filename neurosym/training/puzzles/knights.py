"""Islands of those who always lie and those who never do; suspects, labels and guesses of which only some are true."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import permutations, product
from random import Random
from typing import Any

from neurosym.training.puzzles.clues import Clue
from neurosym.training.puzzles.text import Said, asked, data, lines, listed, number, sentences, with_options, words
from neurosym.training.wording import identifier, ordinal, word

Kinds = Mapping[str, bool]
"""Of each islander: does he or she tell the truth."""


def _people(random: Random, least: int, most: int) -> dict[str, str]:
    """Names, and the pronoun of each."""
    drawn = random.sample(words("person"), random.randint(least, most))
    return {word(who, ""): word(who, "he") for who in drawn}


# --- islanders -------------------------------------------------------------------------------------------------------


def _claims(
    kind: Mapping[str, Any], speaker: str, people: Mapping[str, str], random: Random, direct: bool
) -> list[Clue[Kinds]]:
    """What a speaker might say of the kinds of all, in the first person or in the third."""
    true, false = kind["true"], kind["false"]
    me = "I" if direct else people[speaker]
    others = random.sample([p for p in people if p != speaker], len(people) - 1)
    a = others[0]
    b = others[1] if len(others) > 1 else speaker

    def one(name: str) -> str:
        return name if kind.get("adjective") else word(name, "a")

    def many(name: str) -> str:
        return name if kind.get("adjective") else word(name, "s")

    def is_(who: str) -> str:
        return {"I": "I am"}.get(who, f"{who} is")

    def both(first: str, second: str) -> str:
        return f"{second} and {first}" if first == "I" else f"{first} and {second}"

    def holds(who: str) -> str:
        return f"{true}({identifier(who)})"

    s, at_a, at_b = holds(speaker), holds(a), holds(b)
    named_b = me if b == speaker else b
    total = "count({p}: {sort}, {true}({p}))".format(p=kind["sort"][0], sort=kind["sort"], true=true)
    k = random.randint(0, len(people))
    us = "of us" if direct else "of them"
    how_many = "none" if k == 0 else f"exactly {number(k, random)}"
    us_two = f"{a} and {_object(named_b, people, direct)}"
    two_of_us = both(named_b, a)
    so_many = one(true) if k == 1 else many(true)
    claims: list[tuple[str, str, Callable[[Kinds], bool]]] = [
        (f"{a} is {one(true)}", at_a, lambda w: w[a]),
        (f"{a} is {one(false)}", f"not {at_a}", lambda w: not w[a]),
        (f"{both(me, a)} are of the same kind", f"({s} <=> {at_a})", lambda w: w[speaker] == w[a]),
        (f"{both(me, a)} are of different kinds", f"{s} xor {at_a}", lambda w: w[speaker] != w[a]),
        (f"at least one of {us_two} is {one(false)}", f"not {at_a} or not {at_b}", lambda w: not (w[a] and w[b])),
        (f"{two_of_us} are both {many(true)}", f"{at_a} and {at_b}", lambda w: w[a] and w[b]),
        (f"{two_of_us} are both {many(false)}", f"not {at_a} and not {at_b}", lambda w: not w[a] and not w[b]),
        (f"{a} is {one(false)} or {is_(named_b)} {one(true)}", f"not {at_a} or {at_b}", lambda w: not w[a] or w[b]),
        (
            f"if {a} is {one(true)}, then {is_(named_b)} {one(false)}",
            f"({at_a} -> not {at_b})", lambda w: not w[a] or not w[b],
        ),
        (f"exactly one of {us_two} is {one(true)}", f"{at_a} xor {at_b}", lambda w: w[a] != w[b]),
        (f"{how_many} {us} {'is' if k == 1 else 'are'} {so_many}", f"{total} = {k}", lambda w: sum(w.values()) == k),
    ]  # fmt: skip
    return [Clue(say, f"{s} <=> {means}", _said_truly(speaker, claim)) for say, means, claim in claims]


def _said_truly(speaker: str, claim: Callable[[Kinds], bool]) -> Callable[[Kinds], bool]:
    """Holds where the speaker is one of those who tell the truth exactly if the claim is true."""
    return lambda world: claim(world) is world[speaker]


def _object(who: str, people: Mapping[str, str], direct: bool) -> str:
    """A speaker as an object: me, her, him; others by name."""
    if direct:
        return "me" if who == "I" else who
    return {"she": "her", "he": "him"}.get(who, who)


def _island(random: Random, *, least: int, most: int, ask: str, plain: bool = False) -> tuple[str, str]:
    """Who is of which kind? Each says something; all of it together leaves one possibility."""
    given = data("knights")
    kind = random.choice(given["kind"])
    while True:
        people = _people(random, least, most)
        worlds = [dict(zip(people, w, strict=True)) for w in product([True, False], repeat=len(people))]
        hidden = random.choice(worlds)
        chosen: list[tuple[str, Clue[Kinds], bool]] = []
        for speaker in random.sample(list(people), len(people)):
            direct = random.random() < 0.6
            claims = _claims(kind, speaker, people, random, direct)[: 4 if plain else None]
            claim = random.choice([c for c in claims if c.holds(hidden)])
            chosen.append((speaker, claim, direct))
        if sum(all(c.holds(w) for _, c, _ in chosen) for w in worlds) == 1:
            break
    said = [_said(speaker, claim.say, direct, random) for speaker, claim, direct in chosen]
    intro = random.choice(kind["intro"]).format(list=listed(list(people), random))
    question, last = _asked_of(kind, hidden, people, ask, random)
    head = [f"sort {kind['sort']} = {{{', '.join(map(identifier, people))}}}", f"rel {kind['true']}({kind['sort']})"]
    return asked(sentences([intro, *said]), question, random), lines(head, (c.means for _, c, _ in chosen), last)


def _said(speaker: str, claim: str, direct: bool, random: Random) -> str:
    form: str = random.choice(data("knights")["say"]["quoted" if direct else "indirect"])
    claim = claim[0].upper() + claim[1:] if direct else claim
    return form.format(s=speaker, q=claim)


def _asked_of(
    kind: Mapping[str, Any], hidden: Kinds, people: Mapping[str, str], ask: str, random: Random
) -> tuple[str, list[str]]:
    true, false, sort = kind["true"], kind["false"], kind["sort"]
    adjective = bool(kind.get("adjective"))
    one_true, one_false = (true, false) if adjective else (word(true, "a"), word(false, "a"))
    many = f"{true} {sort}s" if adjective else word(true, "s")
    who = random.choice(list(people))
    holds = f"{true}({identifier(who)})"
    match ask:
        case "one":
            return random.choice(["Is {} {}?", "Is it true that {} is {}?"]).format(who, one_true), [f"ask {holds}"]
        case "count":
            return f"How many of them are {many}?", [f"ask count({sort[0]}: {sort}, {true}({sort[0]}))"]
        case "set":
            return f"Who are the {many}?", [f"var {sort[0]}: {sort}", f"ask solve({true}({sort[0]}), {sort[0]})"]
    names = random.sample(list(people), 2)
    choices = [
        Said(
            f"{names[0]} is {one_true if x else one_false}, and {names[1]} is {one_true if y else one_false}",
            " and ".join(f"{'' if v else 'not '}{true}({identifier(n)})" for n, v in zip(names, (x, y), strict=True)),
        )
        for x, y in random.sample(list(product([True, False], repeat=2)), 4)
    ]
    question, options = with_options(random.choice(["Which of these is true?", "What must be true?"]), choices)
    return question, [*options, "ask option must"]


# --- culprits, labels, guesses ---------------------------------------------------------------------------------------


def _accusations(
    who: Sequence[str], speaker: str, deed: Mapping[str, str], random: Random
) -> list[tuple[str, str, Callable[[str, Mapping[str, bool]], bool]]]:
    """What a suspect may say, with its truth for a culprit and for who is honest."""
    a, b = random.sample([w for w in who if w != speaker], 2)
    me, at_a, at_b = identifier(speaker), identifier(a), identifier(b)
    return [
        (f"{a} {deed['did']}", f"culprit = {at_a}", lambda c, h: c == a),
        (f"I did not {deed['do']}", f"culprit != {me}", lambda c, h: c != speaker),
        (f"{a} did not {deed['do']}", f"culprit != {at_a}", lambda c, h: c != a),
        (f"it was {a} or {b}", f"culprit = {at_a} or culprit = {at_b}", lambda c, h: c in (a, b)),
        (f"it was neither {a} nor {b}", f"culprit != {at_a} and culprit != {at_b}", lambda c, h: c not in (a, b)),
        (f"{a} is lying", f"not honest({at_a})", lambda c, h: not h[a]),
        (f"{a} tells the truth", f"honest({at_a})", lambda c, h: h[a]),
    ]  # fmt: skip


def _culprit(random: Random, *, culprit_lies: bool) -> tuple[str, str]:
    """Who did it, when so many tell the truth, or when only the culprit lies?"""
    case = data("knights")["case"]
    intro, question, did, do = random.choice(case["deeds"])
    while True:
        who = list(_people(random, 3, 5))
        claims = [(s, *random.choice(_accusations(who, s, {"did": did, "do": do}, random))) for s in who]
        worlds = [
            (c, h)
            for c in who
            for h in (dict(zip(who, v, strict=True)) for v in product([True, False], repeat=len(who)))
            if all(holds(c, h) is h[s] for s, _, _, holds in claims)
        ]
        _, honest = random.choice(worlds) if worlds else ("", {})
        k = sum(honest.values())
        if culprit_lies:
            worlds = [(c, h) for c, h in worlds if all(h[s] is (c != s) for s in who)]
        else:
            worlds = [(c, h) for c, h in worlds if sum(h.values()) == k]
        if 0 < k < len(who) and len({c for c, _ in worlds}) == 1:
            break
    said = [_said(s, say, True, random) for s, say, _, _ in claims]
    if culprit_lies:
        rule, meant = random.choice(case["culprit_lies"]), "forall s: suspect. honest(s) <=> culprit != s"
    else:
        one = {"k": number(k, random), "is": "is" if k == 1 else "are", "tells": "tells" if k == 1 else "tell"}
        rule = random.choice(case["some_true"]).format(**one)
        meant = f"count(s: suspect, honest(s)) = {k}"
    text = sentences([intro.format(list=listed(who, random)), *said, rule])
    head = [f"sort suspect = {{{', '.join(map(identifier, who))}}}", "var culprit: suspect", "rel honest(suspect)"]
    stated = [f"honest({identifier(s)}) <=> {means}" for s, _, means, _ in claims]
    return asked(text, question, random), lines(head, stated, meant, "ask culprit")


def _labels(random: Random) -> tuple[str, str]:
    """In which chest is the prize, when so many labels are true?"""
    given = data("knights")["boxes"]
    while True:
        chests = random.sample(given["colors"], random.randint(3, 4))
        claims = [random.choice(_inscriptions(chests, chest, random)) for chest in chests]
        truths = {prize: sum(holds(prize) for _, _, holds in claims) for prize in chests}
        k = random.choice(list(truths.values()))
        if 0 < k < len(chests) and list(truths.values()).count(k) == 1:
            break
    named = [f"the {chest} chest" for chest in chests]
    read = ['the label of {c} says: "{q}."', 'the label on {c} reads: "{q}."', 'on the label of {c} stands: "{q}."']
    said = [
        random.choice(read).format(c=name, q=say[0].upper() + say[1:])
        for name, (say, _, _) in zip(named, claims, strict=True)
    ]
    intro = random.choice(given["intro"]).format(n=number(len(chests), random), list=listed(named, random))
    rule = random.choice(given["some_true"]).format(k=number(k, random), **{"is": "is" if k == 1 else "are"})
    head = [f"sort chest = {{{', '.join(chests)}}}", "var prize: chest", "rel label(chest)"]
    stated = [f"label({c}) <=> {means}" for c, (_, means, _) in zip(chests, claims, strict=True)]
    text = asked(sentences([intro, *said, rule]), random.choice(given["ask"]), random)
    return text, lines(head, stated, f"count(c: chest, label(c)) = {k}", "ask prize")


def _inscriptions(chests: Sequence[str], own: str, random: Random) -> list[tuple[str, str, Callable[[str], bool]]]:
    a, b = random.sample([c for c in chests if c != own], 2)
    return [
        ("the prize is in this chest", f"prize = {own}", lambda p: p == own),
        ("the prize is not in this chest", f"prize != {own}", lambda p: p != own),
        (f"the prize is in the {a} chest", f"prize = {a}", lambda p: p == a),
        (f"the prize is not in the {a} chest", f"prize != {a}", lambda p: p != a),
        (f"the prize is in the {a} chest or in the {b} one", f"prize = {a} or prize = {b}", lambda p: p in (a, b)),
    ]  # fmt: skip


def _guesses(random: Random) -> tuple[str, str]:
    """Places in a race, from guesses of which one half is right."""
    given = data("knights")["guesses"]
    while True:
        people = list(_people(random, 6, 8))
        runners, friends = people[:4], people[4:]
        runners = runners[: random.randint(3, 4)]
        worlds = [dict(zip(runners, p, strict=True)) for p in permutations(range(1, len(runners) + 1))]
        hidden = random.choice(worlds)
        guesses = []
        for friend in friends:
            right, wrong = random.sample(runners, 2)
            false = random.choice([k for k in hidden.values() if k != hidden[wrong]])
            guesses.append((friend, random.sample([(right, hidden[right]), (wrong, false)], 2)))
        left = [w for w in worlds if all((w[a] == i) != (w[b] == j) for _, ((a, i), (b, j)) in guesses)]
        if len(left) == 1:
            break

    def claim(who: str, place: int) -> str:
        return random.choice([f"{who} came {ordinal(place)}", f"{who} was {ordinal(place)}"])

    said = [random.choice(given["say"]).format(s=s, a=claim(*x), b=claim(*y)) for s, (x, y) in guesses]
    intro = random.choice(given["intro"]).format(n=number(len(runners), random), list=listed(runners, random))
    head = [f"sort runner = {{{', '.join(map(identifier, runners))}}}", f"fun place(runner): 1..{len(runners)}"]
    stated = [
        f"place({identifier(a)}) = {i} xor place({identifier(b)}) = {j}" for _, ((a, i), (b, j)) in guesses
    ]  # fmt: skip
    if random.random() < 0.5:
        question, last = random.choice(given["ask"]), ["var winner: runner", "place(winner) = 1", "ask winner"]
    else:
        who = random.choice(runners)
        question, last = f"In which place did {who} finish?", [f"ask place({identifier(who)})"]
    return asked(sentences([intro, *said]), question, random), lines(head, "distinct place", stated, last)


KNIGHTS: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    "knights_two_plain": partial(_island, least=2, most=3, ask="one", plain=True),
    "knights_is_one": partial(_island, least=3, most=4, ask="one"),
    "knights_how_many": partial(_island, least=3, most=5, ask="count"),
    "knights_who_are": partial(_island, least=3, most=4, ask="set"),
    "knights_options": partial(_island, least=2, most=4, ask="options"),
    "knights_culprit_some_true": partial(_culprit, culprit_lies=False),
    "knights_culprit_lies": partial(_culprit, culprit_lies=True),
    "knights_labelled_chests": _labels,
    "knights_half_true_guesses": _guesses,
}
