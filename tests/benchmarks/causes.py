"""Why a wrong answer is wrong, as far as can be told: which statement does not say what its sentence says.

Two sets are written in a controlled English. There every sentence beside a statement is read again, by the grammar with
which training examples are converted, and compared with its statement. Answers of the others were read by a person;
`read_by_hand.toml` says what was found. Only for counting: nothing here is used when programs are solved.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

from lark.exceptions import UnexpectedInput

from neurosym.language import tree as t
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.printer import show_statement
from neurosym.language.read import read_expression
from neurosym.language.sentences import stems
from neurosym.language.symbols import Symbols
from neurosym.notations import Reading
from neurosym.training.converters import logicaldeduction, proofwriter

PREMISE = "wrong translation"
ASKED = "wrong translation of what is asked"
LOST_OR_LABEL = "a sentence is missing, or the label is doubtful"
UNTOLD = "cannot be told: a sentence is not in the set's controlled English"


_Found: TypeAlias = tuple[list[tuple[t.Statement, str]], list[str]]
"""Statements that differ from their sentences, with these; and sentences that the set's grammar does not read."""


def cause(item: Mapping[str, Any], notation: str, reading: Reading) -> tuple[str, tuple[str, ...]]:
    """The class of a wrong answer's cause, and what shows it: statements and their sentences, or a person's words."""
    if notation not in _DIFFER:
        by_hand = _read_by_hand().get(item["id"])
        return (by_hand["class"], (by_hand["why"],)) if by_hand else ("not read yet", ())
    found, unread = _DIFFER[notation](item, reading.program)
    if not found:
        return (UNTOLD, tuple(unread)) if unread else (LOST_OR_LABEL, ())
    kind = PREMISE if any(isinstance(s, t.Assertion) for s, _ in found) else ASKED
    return kind, tuple(f"{show_statement(replace(s, note=None))} for {sentence!r}" for s, sentence in found)


@cache
def _read_by_hand() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(Path(__file__).with_name("read_by_hand.toml").read_text(encoding="utf-8"))


# --- orders -----------------------------------------------------------------------------------------------------------


def _orders(item: Mapping[str, Any], program: t.Program) -> _Found:
    """The constraints and options that are met by other places than their sentences are, and the sentences not read.

    A program may count from either end: it is taken to count as fewer of its constraints differ.
    """
    variables = [n for s in program.statements if isinstance(s, t.Var) for n in s.names]
    names = {logicaldeduction.name_of(v.replace("_", " ").lower()): v for v in variables}
    texts = {text[0]: text[3:].strip() for text in item["options"]}
    unread: list[str] = []
    pairs = []
    for s in program.statements:
        text = texts[s.label] if isinstance(s, t.Option) else s.note or ""
        if not isinstance(s, t.Assertion | t.Option) or not text:
            continue
        try:
            pairs.append((s, text, _again(text, names)))
        except (UnexpectedInput, KeyError):
            unread.append(text)

    def differing(back: bool) -> list[tuple[t.Statement, str]]:
        return [(s, text) for s, text, again in pairs if _differ(s.formula, again, variables, back)]

    def constraints(back: bool) -> int:
        return sum(isinstance(s, t.Assertion) for s, _ in differing(back))

    return differing(back=constraints(True) < constraints(False)), unread


def _again(sentence: str, names: Mapping[str, str]) -> t.Expr:
    formula = logicaldeduction.formula_of(sentence, list(names))
    return read_expression(re.sub(r"place\((\w+)\)", lambda place: f'"{names[place[1]]}"', formula))


def _differ(said: t.Expr, again: t.Expr, variables: list[str], back: bool) -> bool:
    used = [v for v in variables if any(isinstance(n, t.Name) and n.id == v for e in (said, again) for n in t.walk(e))]
    size = len(variables)
    for places in product(range(1, size + 1), repeat=len(used)):
        if len(set(places)) < len(places):
            continue
        here = dict(zip(used, map(Fraction, places), strict=True))
        there = {v: size + 1 - p for v, p in here.items()} if back else here
        one = evaluate(said, Symbols(), Interpretation(values={**here}))
        if one is not evaluate(again, Symbols(), Interpretation(values={**there})):
            return True
    return False


# --- rules ------------------------------------------------------------------------------------------------------------


_NAMED = "Anne is kind."
"""What stands before each sentence: a theory names something at least."""


def _rules(item: Mapping[str, Any], program: t.Program) -> _Found:
    """The facts, rules and question that are not what their sentences say, order aside; and those that are not read."""
    found: list[tuple[t.Statement, str]] = []
    unread: list[str] = []
    for s in program.statements:
        if isinstance(s, t.Assertion) and s.note:
            formula, sentence = s.formula, s.note
        elif isinstance(s, t.Ask):
            formula, sentence = s.targets[0], item["question"].rpartition("?")[2].strip()
        else:
            continue
        text = sentence if sentence.endswith(".") else f"{sentence}."
        again = proofwriter.convert({"problem": f"{_NAMED} {text}", "question": f"? {_NAMED}"})
        if again is None:
            unread.append(sentence)
            continue
        _, meant = (a.formula for a in again.statements if isinstance(a, t.Assertion))
        if _form(formula) != _form(meant):
            found.append((s, sentence))
    return found, unread


def _form(e: t.Expr) -> object:
    """A formula of rules without the order of its conjuncts, its variable's name and the inflection of its names."""
    match e:
        case t.Quantified():
            return _form(t.substitute(e.body, {n: t.Name("x") for b in e.binders for n in b.names}))
        case t.Binary(op=t.BinaryOp.AND):
            return frozenset(_form(part) for part in t.conjuncts(e))
        case t.Binary():
            return e.op, _form(e.left), _form(e.right)
        case t.Unary():
            return e.op, _form(e.operand)
        case t.Call():
            return _word(e.function), tuple(_form(a) for a in e.args if not isinstance(a, t.Binder))
        case t.Name():
            return _word(e.id)
    return e


def _word(name: str) -> tuple[str, ...]:
    return tuple(word.casefold() for word in stems(name) if word.casefold() != "the")


_DIFFER: Mapping[str, Callable[[Mapping[str, Any], t.Program], _Found]] = {
    "logiclm-csp": _orders,
    "logiclm-rules": _rules,
}
