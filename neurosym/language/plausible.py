"""Is an answer of the kind that is asked for? What is counted comes out whole, and nothing is fewer than none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from neurosym.errors import ProgramError
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


def implausible(answers: Sequence[str], problem: str, question: str | None = None) -> tuple[Diagnostic, ...]:
    """`implausible-answer` where the question asks how many and the one answer, a number, cannot be so many."""
    query = asked(problem, question)
    counted = _HOW_MANY.search(query)
    if counted is None or len(answers) != 1:
        return ()
    try:
        value = evaluate(read_expression(answers[0]), Symbols(), Interpretation())
    except (ProgramError, Undefined):
        return ()
    if not isinstance(value, Fraction):
        return ()
    measured = noun(counted["noun"]) in MEASURES or _RATE.search(query)
    if value >= 0 and (measured or value.denominator == 1):
        return ()
    what = f"the question asks how many {counted['noun']}, the answer is {answers[0]}"
    return (Diagnostic("implausible-answer", what, None, "what is counted is a whole number, at least 0"),)
