"""Problems from families: values, words, wording and order drawn from a seed; the answer computed by our solvers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from neurosym.errors import InputError
from neurosym.language import tree as t
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.printer import show
from neurosym.language.read import read
from neurosym.language.symbols import Symbols
from neurosym.language.values import Undefined
from neurosym.training.families import Family
from neurosym.training.wording import capitalised, digits, identifier, number, word

TRIES = 20_000
"""Draws of values until the family's conditions hold: of some families one in five hundred does."""

_HOLE = re.compile(r"\{(\w+)(?::([\w']+))?\}")
_QUESTION = re.compile(r"[^.?!]*\?\s*\Z|(?:Find|Determine|Calculate|Compute|How|What)\b[^.?!]*[.?]\s*\Z")


@dataclass(frozen=True)
class Example:
    """A problem with the program that says it. `problem` includes the options, a line each; `program` is canonical."""

    id: str
    family: str
    problem: str
    program: str


def generate(family: Family, seed: int) -> Example:
    """One problem of `family`: the same seed, the same problem. Raises InputError where the family is at fault."""
    random = Random(f"{family.name}\n{seed}")
    try:
        values = _draw(family, random)
        words = _pick(family, random)
        facts = [(random.choice(fact.say), fact.means) for fact in family.facts]
        random.shuffle(facts)
        text = random.choice(family.texts)
        if family.distractors and random.random() < 0.3:
            text = _put_in(text, random.choice(family.distractors))
        text = text.replace("{facts}", " ".join(say for say, _ in facts))
        program = family.program.replace("{facts}", "\n".join(means for _, means in facts))
        options = list(family.options)
        random.shuffle(options)
        labels = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        text += "".join(f"\n{label}) {option.say}" for label, option in zip(labels, options, strict=False))
        lines = "".join(f"option {label}: {option.means}\n" for label, option in zip(labels, options, strict=False))
        program = program.replace("{options}\n", lines)
        problem = capitalised(_fill(text, values, words, random))
        source = _HOLE.sub(lambda m: _in_program(m, values, words), program)
        return Example(f"{family.name}-{seed}", family.name, problem, show(read(source)))
    except KeyError as error:
        raise InputError(f"{family.topic}: {family.name}: {error.args[0]}") from None


def _draw(family: Family, random: Random) -> Mapping[str, Fraction]:
    for _ in range(TRIES):
        values = {name: random.choice(choices) for name, choices in family.values.items()}
        try:
            for name, formula in family.computed.items():
                found = _evaluate(formula, values)
                if not isinstance(found, Fraction):
                    raise InputError(f"{family.topic}: {family.name}: {name} is no number")
                values[name] = found
            if all(_evaluate(formula, values) is True for formula in family.where):
                return values
        except Undefined:
            continue
    raise InputError(f"{family.topic}: {family.name}: no values found that satisfy its conditions")


def _evaluate(formula: t.Expr, values: Mapping[str, Fraction]) -> object:
    return evaluate(formula, Symbols(), Interpretation(values=values))


def _pick(family: Family, random: Random) -> Mapping[str, str]:
    """A word for each name; those drawn from one list are all different."""
    chosen: dict[str, str] = {}
    for pool in sorted(set(family.pools.values())):
        names = [name for name in family.words if family.pools[name] == pool]
        chosen |= zip(names, random.sample(family.words[names[0]], len(names)), strict=True)
    return chosen


def _put_in(text: str, sentence: str) -> str:
    """The sentence before the question, where the question comes last; else at the beginning."""
    question = _QUESTION.search(text)
    at = question.start() if question else 0
    return f"{text[:at].rstrip()} {sentence} {text[at:].lstrip()}".strip()


def _fill(text: str, values: Mapping[str, Fraction], words: Mapping[str, str], random: Random) -> str:
    def replace(hole: re.Match[str]) -> str:
        name, form = hole[1], hole[2] or ""
        if name in values:
            return number(values[name], form, random)
        if name in words:
            return word(words[name], form)
        raise KeyError(f"{hole[0]} is neither a value nor a word")

    return _HOLE.sub(replace, text)


def _in_program(hole: re.Match[str], values: Mapping[str, Fraction], words: Mapping[str, str]) -> str:
    name, form = hole[1], hole[2] or ""
    if name in values:
        return digits(values[name])
    if name in words:
        return identifier(word(words[name], form))
    return hole[0]  # a set with one element
