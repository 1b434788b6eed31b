"""Facts and rules in words: whoever is cold is tired. Worlds are open or closed, statements true, false or neither."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import permutations
from random import Random
from typing import Any

from neurosym.training.puzzles.text import Said, asked, data, lines, listed, sentences, with_options
from neurosym.training.puzzles.theory import Literal, Rule, Shape, Theory, arities, closure, drawn, things_in
from neurosym.training.wording import identifier, word

SORT = "thing"


@dataclass(frozen=True)
class Speaker:
    """How a cast of things is spoken of. Predicates are third persons (`chases`) or traits (`cold`)."""

    cast: Mapping[str, Any]
    bases: Mapping[str, str]
    """Of each verb: chases → chase."""
    names: Mapping[str, str]
    """Of each thing in the program, what the text calls it."""
    random: Random

    def subject(self, argument: str) -> str:
        """A thing as a noun phrase; the second variable is `the other`."""
        return self.names.get(argument, argument)

    def predicate(self, literal: Literal, *, plural: bool = False) -> str:
        """What is said of the subject: `is not cold`, `chases the dog`."""
        name, verb = literal.predicate.replace("_", " "), self.bases.get(literal.predicate)
        if verb is None:
            return f"{'are' if plural else 'is'} {'' if literal.positive else 'not '}{name}"
        other = self.subject(literal.arguments[1])
        if literal.positive:
            return f"{verb if plural else name} {other}"
        return f"{'do' if plural else 'does'} not {verb} {other}"

    def clause(self, literal: Literal) -> str:
        """A whole clause about a thing."""
        return f"{self.subject(literal.arguments[0])} {self.predicate(literal)}"

    def rule(self, rule: Rule) -> str:
        """One of the wordings that fit."""
        if "y" in rule.variables:
            return self._between_two(rule)
        if not rule.variables:
            return self._own(rule)
        forms = [self._if_conclusion, self._if_conclusion, self._whoever, self._conclusion_if]
        if all(c.positive and c.predicate not in self.bases for c in rule.conditions):
            forms += [self._all, self._all, self._plural]
            if not rule.conclusion.positive and rule.conclusion.predicate not in self.bases:
                forms += [self._no, self._no]
        return self.random.choice(forms)(rule)

    def _pronoun(self, literal: Literal) -> str:
        pronoun = self.cast["pronoun"]
        return f"{pronoun} {self.predicate(literal, plural=pronoun == 'they')}"

    def _conditions(self, rule: Rule) -> str:
        """`is cold and it chases the dog`, or `is cold and big`."""
        first, *more = rule.conditions
        if all(c.predicate not in self.bases for c in rule.conditions) and self.random.random() < 0.6:
            return f"is {listed([self._trait(c) for c in rule.conditions], self.random)}"
        return " and ".join([self.predicate(first), *(self._pronoun(c) for c in more)])

    def _trait(self, literal: Literal) -> str:
        return f"{'' if literal.positive else 'not '}{literal.predicate.replace('_', ' ')}"

    def _if_conclusion(self, rule: Rule) -> str:
        anyone = self.random.choice(self.cast["any"])
        then = self.random.choice([", then ", " then ", ", "])
        opening = self.random.choice(["if", "if", "if", "when", "whenever"])
        then = ", " if opening != "if" else then
        return f"{opening} {anyone} {self._conditions(rule)}{then}{self._pronoun(rule.conclusion)}"

    def _conclusion_if(self, rule: Rule) -> str:
        anyone = word(self.cast["one"], "a")
        conditions = " and ".join(self._pronoun(c) for c in rule.conditions)
        return f"{anyone} {self.predicate(rule.conclusion)} if {conditions}"

    def _whoever(self, rule: Rule) -> str:
        conditions = " and ".join(self.predicate(c) for c in rule.conditions)
        return f"{self.random.choice(self.cast['whoever'])} {conditions} {self.predicate(rule.conclusion)}"

    def _adjectives(self, rule: Rule) -> str:
        return self.random.choice([", ", " and "]).join(self._trait(c) for c in rule.conditions)

    def _all(self, rule: Rule) -> str:
        every = self.random.choice(["all ", "", "all "])
        return f"{every}{self._adjectives(rule)} {self.cast['plural']} {self.predicate(rule.conclusion, plural=True)}"

    def _plural(self, rule: Rule) -> str:
        which = f"{self.cast['plural']} that are {listed([self._trait(c) for c in rule.conditions], self.random)}"
        return f"{which} {self.predicate(rule.conclusion, plural=True)}"

    def _no(self, rule: Rule) -> str:
        conclusion = self.predicate(rule.conclusion.negation, plural=True)
        return f"no {self._adjectives(rule)} {self.cast['plural']} {conclusion}"

    def _own(self, rule: Rule) -> str:
        conditions = " and ".join(self.clause(c) for c in rule.conditions)
        return f"if {conditions}{self.random.choice([', then', ' then'])} {self.clause(rule.conclusion)}"

    def _between_two(self, rule: Rule) -> str:
        noun = self.cast["one"]
        first, second = rule.conditions[0], rule.conclusion
        verb, other = first.predicate, second.predicate
        if second.arguments == ("x", "y"):
            return self.random.choice([
                f"if one {noun} {verb} another, it also {other} that other {noun}",
                f"any {noun} that {verb} another {noun} {other} it, too",
            ])  # fmt: skip
        return self.random.choice([
            f"if one {noun} {verb} another, then the second one {other} the first",
            f"whenever one {noun} {verb} another {noun}, the other one {other} the first in turn",
        ])  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A theory and all that is said of it, in one order."""

    theory: Theory
    speaker: Speaker
    said: tuple[tuple[str, Literal | Rule], ...]
    closed: bool

    @property
    def text(self) -> list[str]:
        """What is said, clause by clause."""
        return [say for say, _ in self.said]

    def program(self, asked: Sequence[Literal], last: Sequence[str], sort: str = SORT, *, finite: bool = False) -> str:
        """The program; names are declared in the order in which the text has them."""
        literals = [x for _, s in self.said for x in (s.literals if isinstance(s, Rule) else [s])] + list(asked)
        things = ", ".join(self.theory.things if finite else things_in(literals))
        declared = [f"sort {sort} = {{{things}}}"] if finite else [f"sort {sort}", f"const {things}: {sort}"]
        relations = ", ".join(f"{p}({', '.join([sort] * n)})" for p, n in arities(literals).items())
        stated = [s.formula_over(sort) if isinstance(s, Rule) else s.formula for _, s in self.said]
        return lines(declared, f"rel {relations}{' closed' if self.closed else ''}", stated, last)


def tell(
    random: Random,
    *,
    cast: str,
    verbs: int = 0,
    negative: float = 0.0,
    closed: bool = False,
    depths: Sequence[int] = (0, 1, 1, 2, 2, 3, 3, 4, 5),
) -> Told:
    """A theory about a cast, in words."""
    given = data("rules")
    whom = given["cast"][cast]
    called = random.sample(whom["names"], random.randint(2, 4))
    names = {identifier(name): f"the {name}" if whom["the"] else name for name in called}
    forms = [form.split("/") for form in random.sample(given["verbs"].get(cast, []), verbs)]
    shape = Shape(
        traits=[identifier(t) for t in random.sample(given["traits"][cast], random.randint(7, 9))],
        verbs=[third for third, _ in forms],
        things=tuple(names),
        depth=random.choice(depths),
        negative=negative,
        extra_rules=random.randint(1, 5),
        extra_facts=random.randint(2, 7),
        closed=closed,
    )
    theory = drawn(shape, random)
    speaker = Speaker(whom, dict(forms), names, random)
    return Told(theory, speaker, _ordered(theory, speaker, random), closed)


def _ordered(theory: Theory, speaker: Speaker, random: Random) -> tuple[tuple[str, Literal | Rule], ...]:
    """Facts by thing and then rules; rules first; or all mixed."""
    facts: list[tuple[str, Literal | Rule]] = [(speaker.clause(f), f) for f in theory.facts]
    rules: list[tuple[str, Literal | Rule]] = [(speaker.rule(r), r) for r in theory.rules]
    random.shuffle(rules)
    match random.randrange(4):
        case 0 | 1:
            return (*sorted(facts, key=lambda f: f[0]), *rules)
        case 2:
            return (*rules, *random.sample(facts, len(facts)))
    mixed = facts + rules
    random.shuffle(mixed)
    return tuple(mixed)


def _query(told: Told, random: Random) -> Literal:
    """The goal or its opposite, something derived, or something that may be open."""
    theory = told.theory
    known = closure(theory, closed=told.closed)
    things, predicates = theory.things, theory.predicates
    literals = [Literal(p, (a,)) for p, n in predicates.items() if n == 1 for a in things]
    literals += [Literal(p, pair) for p, n in predicates.items() if n == 2 for pair in permutations(things, 2)]
    open_ = [q for q in literals if q not in known and q.negation not in known]
    chosen = random.random()
    query = theory.goal if chosen < 0.55 or not open_ else random.choice(open_)
    if chosen > 0.9:
        query = random.choice(sorted(known, key=lambda q: q.formula))
    return query if random.random() < 0.6 else query.negation


def _three_valued(random: Random, **how: Any) -> tuple[str, str]:
    """True, false or unknown."""
    told = tell(random, **how)
    query = _query(told, random)
    forms = data("rules")["question"]
    text = sentences(told.text)
    claim = told.speaker.clause(query)
    if random.random() < 0.5:
        problem = f"{text}{random.choice([' ', chr(10)])}{random.choice(forms['three']).format(q=claim)}"
    else:
        problem = f"{text}\n{random.choice(forms['three_lines']).format(q=claim[0].upper() + claim[1:])}"
    if random.random() < 0.4:
        third = random.choice(["Unknown", "Uncertain", "Cannot be determined"])
        problem += f"\nA) True\nB) False\nC) {third}"
    return problem, told.program([query], [f"ask {query.formula}"])


def _closed_world(random: Random, **how: Any) -> tuple[str, str]:
    """Yes or no, where what does not follow is false."""
    told = tell(random, closed=True, **how)
    query = _query(told, random)
    text = told.text
    text.insert(random.choice([0, len(text)]), random.choice(data("rules")["closed"]["wordings"]))
    question = random.choice(data("rules")["question"]["two"]).format(q=told.speaker.clause(query))
    problem = asked(sentences(text), question, random)
    return problem, told.program([query], [f"ask {query.formula}"])


def _who_in_closed_world(random: Random, *, cast: str, how_many: bool) -> tuple[str, str]:
    """How many things, or which ones, have a trait."""
    sort = data("rules")["cast"][cast]["one"]
    told = tell(random, cast=cast, closed=True)
    trait = told.theory.goal.predicate
    text = told.text
    text.insert(0, f"there are {listed(list(told.speaker.names.values()), random)}, and no others")
    text.append(random.choice(data("rules")["closed"]["wordings"]))
    if how_many:
        question = f"How many {data('rules')['cast'][cast]['plural']} are {trait.replace('_', ' ')}?"
        last = [f"ask count(x: {sort}, {trait}(x))"]
    else:
        question = f"Which {data('rules')['cast'][cast]['plural']} are {trait.replace('_', ' ')}?"
        last = [f"var x: {sort}", f"ask solve({trait}(x), x)"]
    return asked(sentences(text), question, random), told.program([], last, sort, finite=True)


def _which_follows(random: Random, **how: Any) -> tuple[str, str]:
    """One of several statements follows."""
    while True:
        told = tell(random, depths=(1, 2, 3, 4), **how)
        known = closure(told.theory)
        goals = [told.theory.goal, *(q for q in known if q not in told.theory.facts)]
        right = random.choice(sorted(goals, key=lambda q: q.formula))
        open_ = [Literal(p, (a,)) for p, n in told.theory.predicates.items() if n == 1 for a in told.theory.things]
        wrong = {q for q in open_ if q not in known} | {q.negation for q in known}
        if len(wrong) >= 3:
            break
    offered = [right, *random.sample(sorted(wrong, key=lambda q: q.formula), 3)]
    random.shuffle(offered)
    choices = [Said(told.speaker.clause(q), q.formula) for q in offered]
    question, options = with_options(
        random.choice(["Which of these follows?", "Which of the following must be true?", "What follows from this?"]),
        choices,
    )
    return asked(sentences(told.text), question, random), told.program(offered, [*options, "ask option must"])


RULES: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    "rules_people_traits": partial(_three_valued, cast="people"),
    "rules_people_traits_negated": partial(_three_valued, cast="people", negative=0.25),
    "rules_things_traits_negated": partial(_three_valued, cast="things", negative=0.3),
    "rules_animals_relations": partial(_three_valued, cast="animals", verbs=3),
    "rules_animals_relations_negated": partial(_three_valued, cast="animals", verbs=3, negative=0.25),
    "rules_people_relations": partial(_three_valued, cast="people", verbs=3, negative=0.1),
    "rules_robots_closed": partial(_closed_world, cast="robots", verbs=2),
    "rules_people_closed": partial(_closed_world, cast="people", negative=0.2),
    "rules_animals_how_many": partial(_who_in_closed_world, cast="animals", how_many=True),
    "rules_robots_which_ones": partial(_who_in_closed_world, cast="robots", how_many=False),
    "rules_which_follows": partial(_which_follows, cast="people", negative=0.2),
    "rules_things_which_follows": partial(_which_follows, cast="things", negative=0.1),
}
