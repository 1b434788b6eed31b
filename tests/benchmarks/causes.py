"""Why a wrong answer is wrong, as far as can be told: which statement does not say what its sentence says.

Two sets are written in a controlled English. There every sentence beside a statement is read again, by the grammar with
which training examples are converted, and compared with its statement; and what the sentences come to is worked out
without our solvers. Where that is the label, the translation is the cause. Answers of the others were read by a person;
`read_by_hand.toml` says what was found. Only for counting: nothing here is used when programs are solved.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

from lark.exceptions import UnexpectedInput

from neurosym.language import tree as t
from neurosym.language.check import check
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.printer import show_statement
from neurosym.language.read import read_expression
from neurosym.language.sentences import stems
from neurosym.language.symbols import Symbols
from neurosym.notations import Reading
from neurosym.outcome import Outcome, Status
from neurosym.solving.options import choose
from neurosym.training.converters import logicaldeduction, proofwriter

sys.path.insert(0, str(Path(__file__).parent.parent))

import reference

PREMISE = "wrong translation"
ASKED = "wrong translation of what is asked"
FORWARD = "it follows, though not by forward steps, which are all that the label counts"
NOT_GIVEN = "the sentences do not give the label: one is missing or changed, or the label is doubtful"
UNTOLD = "cannot be told: a sentence is not in the set's controlled English"


@dataclass(frozen=True)
class _Found:
    """A program beside its sentences.

    differ:    the statements that say something else than their sentences, with these.
    unread:    sentences that the set's grammar does not read.
    entailed:  the answer that the sentences give, None where some were not read.
    forward:   the same, with rules applied from what they need to what they give alone.
    """

    differ: list[tuple[t.Statement, str]]
    unread: list[str]
    entailed: str | None = None
    forward: str | None = None


def cause(item: Mapping[str, Any], notation: str, reading: Reading) -> tuple[str, tuple[str, ...]]:
    """The class of a wrong answer's cause, and what shows it: statements and their sentences, or a person's words."""
    if by_hand := _read_by_hand().get(item["id"]):
        return by_hand["class"], (by_hand["why"],)
    if notation not in _BESIDE:
        return "not read yet", ()
    found = _BESIDE[notation](item, reading.program)
    if found.unread:
        return UNTOLD, tuple(found.unread)
    if found.entailed == item["answer"]:
        kind = PREMISE if any(isinstance(s, t.Assertion) for s, _ in found.differ) else ASKED
        return kind, tuple(f"{show_statement(replace(s, note=None))} for {text!r}" for s, text in found.differ)
    return (FORWARD if found.forward == item["answer"] else NOT_GIVEN), ()


@cache
def _read_by_hand() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(Path(__file__).with_name("read_by_hand.toml").read_text(encoding="utf-8"))


# --- orders -----------------------------------------------------------------------------------------------------------


def _orders(item: Mapping[str, Any], program: t.Program) -> _Found:
    """The constraints and options that are met by other places than their sentences are, and what these come to.

    A program may count from either end: it is taken to count as fewer of its constraints differ.
    """
    variables = [n for s in program.statements if isinstance(s, t.Var) for n in s.names]
    names = {logicaldeduction.name_of(v.replace("_", " ").lower()): v for v in variables}
    texts = {text[0]: text[3:].strip() for text in item["options"]}
    unread: list[str] = []
    read: list[tuple[int, str, t.Expr]] = []
    for k, s in enumerate(program.statements):
        text = texts[s.label] if isinstance(s, t.Option) else s.note or ""
        if not isinstance(s, t.Assertion | t.Option) or not text:
            continue
        try:
            read.append((k, text, _again(_spelled(text, names), names)))
        except (UnexpectedInput, KeyError):
            unread.append(text)

    def said(back: bool) -> tuple[list[tuple[t.Statement, str]], t.Program]:
        """What differs, and the program as its sentences have it."""
        size = t.Number(Fraction(len(variables) + 1))
        ends = {v: t.Binary(t.BinaryOp.SUB, size, t.Name(v)) for v in variables if back}
        statements = list(program.statements)
        differ: list[tuple[t.Statement, str]] = []
        for k, text, again in read:
            s = program.statements[k]
            assert isinstance(s, t.Assertion | t.Option)
            meant = t.substitute(again, ends)
            if _differ(s.formula, meant, variables):
                differ.append((s, text))
            statements[k] = replace(s, formula=meant)
        return differ, t.Program(tuple(statements))

    def constraints(found: tuple[list[tuple[t.Statement, str]], t.Program]) -> int:
        return sum(isinstance(s, t.Assertion) for s, _ in found[0])

    differ, meant = min(said(back=False), said(back=True), key=constraints)
    return _Found(differ, unread, None if unread else reference.chosen(meant, check(meant)[0]))


def _spelled(text: str, names: Mapping[str, str]) -> str:
    """The text with names as the program spells them: the set's own puzzles have `motorcyle` for `motorcycle`."""
    return re.sub(r"\w{5,}", lambda word: next(iter(get_close_matches(word[0].lower(), names, 1, 0.93)), word[0]), text)


def _again(sentence: str, names: Mapping[str, str]) -> t.Expr:
    formula = logicaldeduction.formula_of(sentence, list(names))
    return read_expression(re.sub(r"place\((\w+)\)", lambda place: f'"{names[place[1]]}"', formula))


def _differ(said: t.Expr, meant: t.Expr, variables: list[str]) -> bool:
    used = [v for v in variables if any(isinstance(n, t.Name) and n.id == v for e in (said, meant) for n in t.walk(e))]
    for places in product(range(1, len(variables) + 1), repeat=len(used)):
        if len(set(places)) == len(places):
            model = Interpretation(values=dict(zip(used, map(Fraction, places), strict=True)))
            if evaluate(said, Symbols(), model) is not evaluate(meant, Symbols(), model):
                return True
    return False


# --- rules ------------------------------------------------------------------------------------------------------------


_NAMED = "Anne is kind."
"""What stands before each sentence: a theory names something at least."""


def _rules(item: Mapping[str, Any], program: t.Program) -> _Found:
    """The facts, rules and question that are not what their sentences say, order aside, and what these come to."""
    differ: list[tuple[t.Statement, str]] = []
    unread: list[str] = []
    stated: list[str] = []
    claim = item["question"].rpartition("?")[2].strip()
    for s in program.statements:
        if isinstance(s, t.Assertion):
            formula, sentence = s.formula, s.note or _sentence(s.formula)
        elif isinstance(s, t.Ask):
            formula, sentence = s.targets[0], claim
        else:
            continue
        text = sentence if sentence.endswith(".") else f"{sentence}."
        again = proofwriter.convert({"problem": f"{_NAMED} {text}", "question": f"? {_NAMED}"})
        if again is None:
            unread.append(sentence)
            continue
        _, meant = (a.formula for a in again.statements if isinstance(a, t.Assertion))
        if _form(formula) != _form(meant):
            differ.append((s, sentence))
        if isinstance(s, t.Assertion):
            stated.append(text)
    whole = None if unread else proofwriter.convert({"problem": " ".join(stated), "question": item["question"]})
    if whole is None:
        return _Found(differ, unread)
    verdicts = (reference.entailed(whole) or Status.GAVE_UP, _forward(whole))
    entailed, forward = (choose(Outcome(verdict), item["options"]).answer for verdict in verdicts)
    return _Found(differ, unread, entailed, forward)


def _sentence(fact: t.Expr) -> str:
    """The sentence of a program that gives a fact in words alone: `Erin is round.`"""
    affirmed, relation, (thing, *others) = _literal(fact, {})
    return " ".join((thing, "is" if affirmed else "is not", relation, *others))


_Literal: TypeAlias = tuple[bool, str, tuple[str, ...]]
"""Whether it is affirmed; the relation; the things."""


def _forward(program: t.Program) -> Status:
    """What the question comes to by forward steps: what a rule needs is known, so what it gives is.

    That is how ProofWriter's labels were made (Tafjord et al. 2021): nothing is inferred from what does not hold.
    """
    things = [n for s in program.statements if isinstance(s, t.Const) for n in s.names]
    rules: list[tuple[frozenset[_Literal], _Literal]] = []
    for s in program.statements:
        if isinstance(s, t.Assertion):
            e = s.formula
            body, names = (e.body, [n for b in e.binders for n in b.names]) if isinstance(e, t.Quantified) else (e, [])
            for chosen in product(things, repeat=len(names)):
                of = dict(zip(names, chosen, strict=True))
                needs = t.conjuncts(body.left) if isinstance(body, t.Binary) else ()
                gives = body.right if isinstance(body, t.Binary) else body
                rules.append((frozenset(_literal(n, of) for n in needs), _literal(gives, of)))
    known: set[_Literal] = set()
    while new := {gives for needs, gives in rules if needs <= known} - known:
        known |= new
    assert isinstance(program.ask, t.Ask)
    affirmed, relation, about = _literal(program.ask.targets[0], {})
    if (affirmed, relation, about) in known:
        return Status.TRUE
    return Status.FALSE if (not affirmed, relation, about) in known else Status.INDEPENDENT


def _literal(e: t.Expr, of: Mapping[str, str]) -> _Literal:
    """A relation of things, or its negation, with the variables replaced."""
    affirmed = not isinstance(e, t.Unary)
    call = e.operand if isinstance(e, t.Unary) else e
    assert isinstance(call, t.Call)
    return affirmed, call.function, tuple(of.get(a.id, a.id) for a in call.args if isinstance(a, t.Name))


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


_BESIDE: Mapping[str, Callable[[Mapping[str, Any], t.Program], _Found]] = {
    "logiclm-csp": _orders,
    "logiclm-rules": _rules,
}
