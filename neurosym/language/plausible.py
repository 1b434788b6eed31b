"""Are values such as things have? What is counted comes out whole, and nothing is fewer than none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.read import read_expression
from neurosym.language.sentences import asked
from neurosym.language.symbols import Symbols
from neurosym.language.units import MEASURES, noun
from neurosym.language.values import Undefined

_HOW_MANY = re.compile(
    r"\bhow many (?:(?:more|fewer|less|total|additional|extra|whole|full|other|different|of (?:the|these|those)) )*"
    r"(?P<noun>[a-z]+)",
    re.I,
)
_RATE = re.compile(r"\b(?:average|mean|expected|per|times|typical|typically|approximately|about)\b", re.I)
"""Averages and rates of things counted need not be whole."""

_BELOW_ZERO = re.compile(
    r"(?<!\w)[-−]\s?[.\d]|\b(?:negative|minus|below|slopes?|coordinates?|north|south|east|west|debts?|ow(?:es?|ed|ing)|"
    r"overdr\w+|loss(?:es)?|balance|temperatures?)\b",
    re.I,
)
"""Where a problem speaks of such, what is computed may well be negative."""


_ENDLESS = re.compile(
    r"\d/\d|\b(?:chances?|probab\w+|likely|odds|random\w*|average|mean|expected|ratio|rate|fraction|round\w*|pi|slopes?|degrees?"
    r"|angles?|ohms?|minutes?|hours?|seconds?|speed|thirds?|sixths?|sevenths?|ninths?|twelfths?)\b|Ω",
    re.I,
)
"""Where a problem speaks of such, what is computed may well be a fraction that no decimal ends."""


def odd_quantities(
    statements: Sequence[t.Statement], symbols: Symbols, problem: str, question: str | None = None
) -> tuple[Diagnostic, ...]:
    """`odd-quantity` for each definition among these statements of a checked program whose value things hardly have.

    A value below 0, or with a fraction that no decimal ends, and only where the problem gives no reason for it. None of
    1,500 right programs for GSM8K's problems has such a value, but a fifth of the embedded model's wrong ones do.
    """
    told = f"{problem}\n{question or ''}"
    negative, endless = not _BELOW_ZERO.search(told), not _ENDLESS.search(told)
    found = []
    for s in (s for s in statements if isinstance(s, t.Let)):
        value = _value(t.Name(s.name), symbols) if negative or endless else None
        if value is not None and ((negative and value < 0) or (endless and not _ends(value.denominator))):
            hint = "what things come in is not below 0, nor a third of anything"
            found.append(Diagnostic("odd-quantity", f"{s.name} comes to {value}", s.span, hint))
    return tuple(found)


def _ends(denominator: int) -> bool:
    """Whether a decimal writes such fractions in full: the prime factors are 2 and 5 alone."""
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    return denominator == 1


def _value(expression: t.Expr, symbols: Symbols) -> Fraction | None:
    """The number that it stands for; None where it is none, or depends on an unknown."""
    try:
        value = evaluate(expression, symbols, Interpretation())
    except Undefined:
        return None
    return value if isinstance(value, Fraction) else None


def implausible(answers: Sequence[str], problem: str, question: str | None = None) -> tuple[Diagnostic, ...]:
    """`implausible-answer` where the question asks how many and the one answer, a number, cannot be so many."""
    query = asked(problem, question)
    counted = _HOW_MANY.search(query)
    if counted is None or len(answers) != 1:
        return ()
    try:
        value = _value(read_expression(answers[0]), Symbols())
    except ProgramError:
        return ()
    if value is None:
        return ()
    measured = noun(counted["noun"]) in MEASURES or _RATE.search(query)
    if value >= 0 and (measured or value.denominator == 1):
        return ()
    what = f"the question asks how many {counted['noun']}, the answer is {answers[0]}"
    return (Diagnostic("implausible-answer", what, None, "what is counted is a whole number, at least 0"),)
