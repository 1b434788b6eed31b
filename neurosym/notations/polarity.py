"""Whether a program asks what the question states, or its negation: a slip of models that turns right into wrong.

The statement in question is known in words. A program asks its negation where the note beside the formula asked has
the same words and one `not` more or less, or where an atom asked is all in the statement and only its sign is not.
"""

from __future__ import annotations

import re
from dataclasses import replace

from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic

_PREAMBLE = re.compile(r".*\b(?:true|false|uncertain|unknown)\s*\?\s*(?=\S)", re.S | re.I)
_NEGATION = re.compile(r"\b(?:not|no|never)\b|n't\b|n’t\b|\bcannot\b", re.I)
_AUXILIARY = frozenset({"do", "does", "did", "is", "are", "was", "were", "will", "can", "the", "a", "an"})
_STEM = 4
"""Letters that tell a word from others, whatever its ending: play, plays, played."""


def agree(ask: t.Ask, question: str | None) -> tuple[t.Ask, Diagnostic | None]:
    """`ask` with the sign that the question's statement has, and the mend where that is another.

    A question that gives no ground to tell leaves `ask` as it is.
    """
    (formula,) = ask.targets
    negated = isinstance(formula, t.Unary)
    if question is None or negated == _is_negative(statement(question)) or not states(ask, question):
        return ask, None
    flipped = formula.operand if isinstance(formula, t.Unary) else t.Unary(t.UnaryOp.NOT, formula, span=formula.span)
    what = "the program asks the negation of the statement in question: the statement is asked"
    return replace(ask, targets=(flipped,)), Diagnostic("mended-polarity", what, ask.span)


def states(ask: t.Ask, question: str) -> bool:
    """Whether `ask` is the statement in question or its negation, as far as words tell."""
    said = statement(question)
    (formula,) = ask.targets
    return _same_words(ask.note, said, isinstance(formula, t.Unary)) or _all_in(formula, said)


def statement(question: str) -> str:
    """What a question asks the truth of, without the words that say so."""
    return _PREAMBLE.sub("", question, count=1)


def _is_negative(text: str) -> bool:
    return len(_NEGATION.findall(text)) % 2 == 1


def _words(text: str) -> set[str]:
    """The words that carry meaning, cut to their stems; a name in capitals inside is several words."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", _NEGATION.sub(" ", text))
    words = re.findall(r"[^\W_]+", spaced.lower())
    return {w[:_STEM] for w in words if w not in _AUXILIARY}


def _same_words(note: str | None, said: str, negated: bool) -> bool:
    return note is not None and _is_negative(note) == negated and _words(note) == _words(said)


def _all_in(formula: t.Expr, said: str) -> bool:
    """Whether a formula is an atom or its negation, of names that all occur in the statement."""
    atom = formula.operand if isinstance(formula, t.Unary) else formula
    if not isinstance(atom, t.Call) or not all(isinstance(arg, t.Name) for arg in atom.args):
        return False
    names = [atom.function, *(arg.id for arg in atom.args if isinstance(arg, t.Name))]
    return not _is_negative(atom.function) and set().union(*map(_words, names)) <= _words(said)
