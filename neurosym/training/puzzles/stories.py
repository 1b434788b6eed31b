"""Conditions of daily life: who has a ticket may enter, unless he is late; what holds of one person in particular."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from random import Random
from typing import Any

from neurosym.training.puzzles.text import asked, data, lines, listed, sentences, words
from neurosym.training.puzzles.theory import Literal, Rule, Shape, Theory, arities, closure, drawn, things_in
from neurosym.training.wording import identifier, in_words, word

_SMALL = frozenset({"a", "an", "the", "is", "was", "has", "to", "in", "at", "of"})
"""Words that the name of a predicate does without."""


@dataclass(frozen=True)
class _Story:
    """A setting, its theory, and how to say what its predicates mean."""

    setting: Mapping[str, Any]
    phrases: Mapping[str, tuple[str, str]]
    """Of each predicate, of one and of several: `has a ticket`, `have a ticket`."""
    names: Mapping[str, str]
    random: Random

    def of_one(self, literal: Literal) -> str:
        """`does not have a ticket`."""
        one, many = self.phrases[literal.predicate]
        return one if literal.positive else _denied(one, many, "does not")

    def of_many(self, literal: Literal) -> str:
        """`do not have a ticket`."""
        _, many = self.phrases[literal.predicate]
        return many if literal.positive else _denied(many, many, "do not")

    def clause(self, literal: Literal) -> str:
        """Of a named one."""
        return f"{self.names[literal.arguments[0]]} {self.of_one(literal)}"

    def rule(self, rule: Rule) -> str:
        """One of the wordings that fit."""
        if not rule.variables:
            conditions = " and ".join(self.clause(c) for c in rule.conditions)
            return f"if {conditions}, then {self.clause(rule.conclusion)}"
        one, plural, random = self.setting["one"], self.setting["plural"], self.random
        *first, last = rule.conditions
        conclusion = rule.conclusion
        if first and not last.positive and random.random() < 0.7:
            conditions = " and ".join(self.of_many(c) for c in first)
            return f"{plural} that {conditions} {self.of_many(conclusion)}, unless they {self.of_many(last.negation)}"
        conditions = " and ".join(self.of_one(c) for c in rule.conditions)
        of_many = " and ".join(self.of_many(c) for c in rule.conditions)
        again = "it" if self.setting.get("thing") else random.choice(["he or she", f"that {one}"])
        forms = [
            f"if {word(one, 'a')} {conditions}, {again} {self.of_one(conclusion)}",
            f"every {one} that {conditions} {self.of_one(conclusion)}",
            f"all {plural} that {of_many} {self.of_many(conclusion)}",
            f"{plural} {self.of_many(conclusion)} if they {of_many}",
        ]
        if len(rule.conditions) == 1:
            forms.append(f"{plural} {of_many} only if they {self.of_many(conclusion)}")
            if not conclusion.positive and last.positive:
                forms.append(f"no {one} that {conditions} {self.of_one(conclusion.negation)}")
        return random.choice(forms)


def _denied(phrase: str, base: str, auxiliary: str) -> str:
    first, _, rest = phrase.partition(" ")
    match first:
        case "is" | "are" | "was" | "were" | "may":
            return f"{first} not {rest}"
        case "arrived":
            return f"did not arrive {rest}"
    return f"{auxiliary} {base}"


def _name(phrase: str) -> str:
    """`has a ticket` is ticket, `is good at mathematics` is good_mathematics, `gets a bonus` is gets_bonus."""
    return identifier(" ".join(w for w in phrase.split() if w not in _SMALL))


def _told(random: Random, *, closed: bool, ask_all: bool = False) -> tuple[str, str]:
    """A question about one of them."""
    setting = random.choice(data("kinds")["story"])
    base, derived = random.sample(setting["base"], 4), random.sample(setting["derived"], 4)
    phrases: dict[str, tuple[str, str]] = {}
    for written in [*base, *derived]:
        one, _, many = written.partition("/")
        phrases[_name(one)] = (one, many)
    if setting.get("thing"):
        names = {identifier(n.removeprefix("the ")): n for n in random.sample(setting["names"], 3)}
    else:
        names = {identifier(word(w, "")): word(w, "") for w in random.sample(words("person"), 3)}
    shape = Shape(
        traits=list(phrases), things=tuple(names), depth=random.choice([1, 2, 2, 3, 3, 4]),
        negative=0.25, own=0.05, extra_rules=random.randint(1, 3), extra_facts=random.randint(1, 4),
        closed=closed, layered=True,
    )  # fmt: skip
    theory = drawn(shape, random)
    story = _Story(setting, phrases, names, random)
    said: list[tuple[str, Literal | Rule]] = [(story.clause(f), f) for f in theory.facts]
    rules: list[tuple[str, Literal | Rule]] = [(story.rule(r), r) for r in theory.rules]
    said = random.choice([said + rules, rules + said])
    if random.random() < 0.3:
        random.shuffle(said)
    query = _asked_about(theory, random, closed)
    told = [say for say, _ in said]
    if closed:
        told.append(random.choice(data("rules")["closed"]["wordings"]))
        question = random.choice(["Is it true that {}?", "True or false: {}?", "Can one say that {}?"])
    else:
        question = random.choice(
            [
                "True, false or unknown: {}?",
                "Is it true, false, or uncertain that {}?",
                "Does it follow that {}, is it ruled out, or is it left open?",
            ]
        )
    literals = [x for _, s in said for x in (s.literals if isinstance(s, Rule) else [s])] + [query]
    sort = setting["one"]
    head = [f"sort {sort}", f"const {', '.join(things_in(literals))}: {sort}"]
    head.append(f"rel {', '.join(f'{p}({sort})' for p in arities(literals))}{' closed' * closed}")
    stated = [s.formula_over(sort) if isinstance(s, Rule) else s.formula for _, s in said]
    problem = asked(sentences(told), question.format(story.clause(query)), random)
    return problem, lines(head, stated, f"ask {query.formula}")


def _asked_about(theory: Theory, random: Random, closed: bool) -> Literal:
    known = closure(theory, closed=closed)
    predicates = list(theory.predicates)
    open_ = [Literal(p, (a,)) for p in predicates for a in theory.things]
    open_ = [q for q in open_ if q not in known and q.negation not in known]
    query = random.choice(open_) if open_ and random.random() < 0.4 else theory.goal
    return query if random.random() < 0.7 else query.negation


def _everyone(random: Random) -> tuple[str, str]:
    """Conditions, and a question about all or some of the few that there are."""
    setting = random.choice([s for s in data("kinds")["story"] if not s.get("thing")])
    written = random.sample(setting["base"], 3)
    phrases = {_name(p.partition("/")[0]): (p.partition("/")[0], p.partition("/")[2]) for p in written}
    people = [word(w, "") for w in random.sample(words("person"), random.randint(3, 5))]
    story = _Story(setting, phrases, {identifier(p): p for p in people}, random)
    facts = [Literal(p, (identifier(w),)) for w in people for p in phrases if random.random() < 0.6]
    facts = facts or [Literal(next(iter(phrases)), (identifier(people[0]),))]
    random.shuffle(facts)
    sort, (a, b) = setting["one"], random.sample(list(phrases), 2)
    x, one, two = sort[0], story.phrases[a], story.phrases[b]
    plural = setting["plural"]
    question, formula = random.choice([
        (f"Is it true that every {sort} that {one[0]} {two[0]}?", f"forall {x}: {sort}. {a}({x}) -> {b}({x})"),
        (f"Is there {word(sort, 'a')} that {one[0]} and {two[0]}?", f"exists {x}: {sort}. {a}({x}) and {b}({x})"),
        (f"How many {plural} {one[1]}?", f"count({x}: {sort}, {a}({x}))"),
        (f"How many {plural} both {one[1]} and {two[1]}?", f"count({x}: {sort}, {a}({x}) and {b}({x}))"),
        (f"How many of the {plural} {one[1]} or {two[1]}, or both?", f"count({x}: {sort}, {a}({x}) or {b}({x}))"),
    ])  # fmt: skip
    said = [
        f"there are {in_words(Fraction(len(people)))} {plural}: {listed(people, random)}",
        *(story.clause(f) for f in facts),
    ]
    said.append(random.choice(["Nothing else of this kind is true of any of them.", "What is not said here is false."]))
    head = [f"sort {sort} = {{{', '.join(map(identifier, people))}}}"]
    head.append(f"rel {', '.join(f'{p}({sort})' for p in phrases)} closed")
    return asked(sentences(said), question, random), lines(head, (f.formula for f in facts), f"ask {formula}")


STORIES: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    "stories_conditions": partial(_told, closed=False),
    "stories_conditions_closed": partial(_told, closed=True),
    "stories_all_of_them": _everyone,
}
