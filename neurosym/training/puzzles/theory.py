"""Random theories of facts and rules: a chain of rules that leads to a conclusion, and more that leads elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from random import Random

VARIABLES = ("x", "y")


@dataclass(frozen=True)
class Literal:
    """A predicate of things or variables, or its negation."""

    predicate: str
    arguments: tuple[str, ...]
    positive: bool = True

    @property
    def formula(self) -> str:
        """As the language writes it."""
        return f"{'' if self.positive else 'not '}{self.predicate}({', '.join(self.arguments)})"

    @property
    def negation(self) -> Literal:
        """The opposite literal."""
        return replace(self, positive=not self.positive)

    def of(self, things: dict[str, str]) -> Literal:
        """With things for variables."""
        return replace(self, arguments=tuple(things.get(a, a) for a in self.arguments))


@dataclass(frozen=True)
class Rule:
    """If all the conditions hold, so does the conclusion; for whatever the variables stand for."""

    conditions: tuple[Literal, ...]
    conclusion: Literal

    @property
    def literals(self) -> tuple[Literal, ...]:
        """The conditions and the conclusion."""
        return (*self.conditions, self.conclusion)

    @property
    def variables(self) -> tuple[str, ...]:
        """Those that occur, in order."""
        used = {a for literal in self.literals for a in literal.arguments}
        return tuple(v for v in VARIABLES if v in used)

    def formula_over(self, sort: str) -> str:
        """As the language writes it, over a sort."""
        body = f"{' and '.join(c.formula for c in self.conditions)} -> {self.conclusion.formula}"
        return f"forall {', '.join(self.variables)}: {sort}. {body}" if self.variables else body

    def instances(self, things: Sequence[str]) -> Iterator[tuple[tuple[Literal, ...], Literal]]:
        """The rule for each choice of things."""
        for chosen in product(things, repeat=len(self.variables)):
            bound = dict(zip(self.variables, chosen, strict=True))
            yield tuple(c.of(bound) for c in self.conditions), self.conclusion.of(bound)


@dataclass(frozen=True)
class Theory:
    """Facts and rules about things, and a literal at the end of a chain of them."""

    things: tuple[str, ...]
    facts: tuple[Literal, ...]
    rules: tuple[Rule, ...]
    goal: Literal

    @property
    def predicates(self) -> dict[str, int]:
        """Each predicate with its number of arguments."""
        return arities([*self.facts, *(literal for rule in self.rules for literal in rule.literals)])


def arities(literals: Iterable[Literal]) -> dict[str, int]:
    """Each predicate with its number of arguments, in the order in which they are met."""
    return {literal.predicate: len(literal.arguments) for literal in literals}


def things_in(literals: Iterable[Literal]) -> list[str]:
    """The things, not the variables, in the order in which they are met."""
    return list(dict.fromkeys(a for literal in literals for a in literal.arguments if a not in VARIABLES))


def closure(theory: Theory, *, closed: bool = False) -> frozenset[Literal]:
    """All literals that forward chaining derives. In a closed world a condition `not p` holds where p is no fact."""
    known = set(theory.facts)
    ground = [instance for rule in theory.rules for instance in rule.instances(theory.things)]
    growing = True
    while growing:
        growing = False
        for conditions, conclusion in ground:
            if conclusion not in known and all(_holds(c, known, closed) for c in conditions):
                known.add(conclusion)
                growing = True
    return frozenset(known)


def _holds(condition: Literal, known: set[Literal], closed: bool) -> bool:
    return condition in known or (closed and not condition.positive and condition.negation not in known)


def consistent(theory: Theory) -> bool:
    """Whether the world in which only what is derived is true is a model: the theory then has one."""
    true = {literal for literal in closure(theory) if literal.positive}

    def holds(literal: Literal) -> bool:
        return (replace(literal, positive=True) in true) is literal.positive

    ground = [instance for rule in theory.rules for instance in rule.instances(theory.things)]
    return all(map(holds, theory.facts)) and all(holds(c) for cs, c in ground if all(map(holds, cs)))


@dataclass(frozen=True)
class Shape:
    """What a theory may hold: `negative` literals, `own` rules of one thing alone, and how many extras."""

    traits: Sequence[str]
    verbs: Sequence[str] = ()
    things: Sequence[str] = ()
    depth: int = 3
    negative: float = 0.0
    own: float = 0.1
    extra_rules: int = 3
    extra_facts: int = 4
    closed: bool = False
    layered: bool = False
    """Whether conclusions come later among the traits than their conditions."""


def drawn(shape: Shape, random: Random) -> Theory:
    """A consistent theory whose goal follows by about `depth` rules."""
    while True:
        theory = _chain(shape, random)
        for _ in range(shape.extra_facts):
            fact = _literal(shape, random, (random.choice(theory.things),))
            if fact.predicate != theory.goal.predicate:
                theory = _with(theory, shape, facts=(fact,))
        for _ in range(shape.extra_rules):
            theory = _with(theory, shape, rules=(_rule(shape, random, theory.things),))
        if shape.closed or consistent(theory):
            return theory


def _with(theory: Theory, shape: Shape, facts: Iterable[Literal] = (), rules: Iterable[Rule] = ()) -> Theory:
    """The theory with more of it, where it stays consistent (or, in a closed world, without a cycle through `not`)."""
    facts, rules = tuple(facts), tuple(rules)
    if any(f in theory.facts or f.negation in theory.facts for f in facts):
        return theory
    told = {frozenset(arities(rule.literals)) for rule in theory.rules}
    if any(frozenset(arities(rule.literals)) in told for rule in rules):
        return theory
    more = replace(theory, facts=theory.facts + facts, rules=theory.rules + rules)
    if shape.closed:
        concluded = {rule.conclusion.predicate for rule in more.rules}
        denied = {c.predicate for rule in more.rules for c in rule.conditions if not c.positive}
        positive = all(f.positive for f in facts) and all(r.conclusion.positive for r in rules)
        return more if positive and not concluded & denied else theory
    return more if consistent(more) else theory


def _chain(shape: Shape, random: Random) -> Theory:
    """Facts of one thing, and the rules that lead from them to the goal, a predicate a step."""
    things = tuple(shape.things)
    hero = random.choice(things)
    steps = [_literal(shape, random, ("x",), things) for _ in range(shape.depth + 1)]
    while len({s.predicate for s in steps}) < len(steps):
        steps = [_literal(shape, random, ("x",), things) for _ in steps]
    if shape.closed:
        steps = [replace(s, positive=True) for s in steps]
    if shape.layered:
        steps.sort(key=lambda s: shape.traits.index(s.predicate))
    facts, rules = [steps[0].of({"x": hero})], []
    for before, after in pairwise(steps):
        conditions = [before]
        if random.random() < 0.5:
            side = _literal(shape, random, ("x",), things)
            if side.predicate not in {s.predicate for s in steps} and _in_order(shape, side, after):
                conditions.append(side)
                if side.positive or not shape.closed:
                    facts.append(side.of({"x": hero}))
        random.shuffle(conditions)
        rule = Rule(_positive_first(conditions), after)
        if random.random() < shape.own:
            rule = Rule(tuple(c.of({"x": hero}) for c in conditions), after.of({"x": hero}))
        rules.append(rule)
    unique = tuple(dict.fromkeys(f for f in facts if f.negation not in facts))
    return Theory(things, unique, tuple(rules), steps[-1].of({"x": hero}))


def _literal(shape: Shape, random: Random, subjects: Sequence[str], things: Sequence[str] = ()) -> Literal:
    """A trait of a subject, or its relation to a thing."""
    positive = random.random() >= shape.negative
    subject = random.choice(subjects)
    others = [thing for thing in (things or shape.things) if thing != subject]
    if shape.verbs and random.random() < 0.5:
        return Literal(random.choice(shape.verbs), (subject, random.choice(others)), positive)
    return Literal(random.choice(shape.traits), (subject,), positive)


def _rule(shape: Shape, random: Random, things: Sequence[str]) -> Rule:
    """A rule of any kind, that need not lead anywhere."""
    if len(shape.verbs) > 1 and random.random() < 0.2:
        first, second = random.sample(list(shape.verbs), 2)
        return Rule((Literal(first, ("x", "y")),), Literal(second, random.choice([("y", "x"), ("x", "y")])))
    subject = random.choice(things) if random.random() < shape.own else "x"
    conditions: dict[str, Literal] = {}
    for _ in range(random.choice([1, 1, 2, 2, 3])):
        condition = _literal(shape, random, (subject,))
        conditions[condition.predicate] = condition
    conclusion = _literal(shape, random, (subject,))
    while conclusion.predicate in conditions:
        conclusion = _literal(shape, random, (subject,))
    if shape.layered:
        ordered = sorted([*conditions.values(), conclusion], key=lambda c: shape.traits.index(c.predicate))
        return Rule(_positive_first(ordered[:-1]), ordered[-1])
    return Rule(_positive_first(conditions.values()), conclusion)


def _in_order(shape: Shape, condition: Literal, conclusion: Literal) -> bool:
    if not shape.layered:
        return True
    return shape.traits.index(condition.predicate) < shape.traits.index(conclusion.predicate)


def _positive_first(conditions: Iterable[Literal]) -> tuple[Literal, ...]:
    """`cold and not big`: the other way round, `not big and cold` has two readings."""
    return tuple(sorted(conditions, key=lambda c: not c.positive))
