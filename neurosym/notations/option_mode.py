"""Which option a question asks for: the one that must, may or cannot hold, or the exception."""

from __future__ import annotations

import re

from neurosym.language import tree as t

_SUPPOSED = re.compile(
    r"\s*(?:if|when|suppose|assume|once)\b(?:.*,(?=\s*(?:then|which|each|any|what)\b)|[^,]*,)", re.I | re.S
)
_CONDITION = re.compile(r"\bif which (?:one )?of\b", re.I)
"""What would make something true is asked: none of the four modes."""
_EXCEPT = re.compile(r"\bexcept\b", re.I)
_FALSE = re.compile(r"\bfalse\b", re.I)
_NOT = re.compile(r"\bcannot\b|\bcan't\b|\bcan not\b|\bcould not\b|\bimpossible\b|\bNOT\b|\bunacceptable\b")
_MAY = re.compile(r"\bcould\b|\bcan\b|\bmay\b|\bpossible\b|\bacceptable\b|\bpermissible\b|\ballow(?:able|ed)\b", re.I)
_MUST = re.compile(r"\bmust\b|\brequired\b|\bfollows?\b|\bis true\b|\bnecessarily\b", re.I)


def mode_of(question: str | None) -> t.OptionMode | None:
    """Which option a question's words ask for; None where they do not tell."""
    asked = (question or "").replace("\u2019", "'")
    supposed = _SUPPOSED.match(asked)
    if supposed:
        asked = asked[supposed.end() :]
    if _CONDITION.search(asked):
        return None
    may, must = bool(_MAY.search(asked)), bool(_MUST.search(asked))
    excluded = bool(_NOT.search(asked.replace("CANNOT", "cannot"))) or (must and bool(_FALSE.search(asked)))
    if _EXCEPT.search(asked):
        if must == may:
            return None
        return t.OptionMode.EXCEPT if must else t.OptionMode.CANNOT
    if excluded:
        return t.OptionMode.CANNOT
    if may and _FALSE.search(asked):
        return t.OptionMode.EXCEPT
    if must != may:
        return t.OptionMode.MUST if must else t.OptionMode.MAY
    return None
