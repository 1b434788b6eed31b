"""A bracket too few or too many, mended where that leaves one reading."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from itertools import accumulate
from typing import TypeVar

from neurosym.errors import ProgramError
from neurosym.notations.parsing import refuse

MENDABLE = 300
"""How long a formula may be, in characters, whose bracket is looked for: every place for it is tried."""
_CLOSING = {"(": ")", "[": "]"}
R = TypeVar("R", bound=Hashable)


def balanced(formula: str) -> str | None:
    """`formula` with brackets closed or left out at its end; None where that is not what it lacks.

    In a notation of nested calls, which end together at the end of their line, this is the one reading that leaves
    all that stands before as it is.
    """
    opened: list[str] = []
    for position, character in enumerate(formula):
        if character in _CLOSING:
            opened.append(_CLOSING[character])
        elif character in ")]":
            if opened and opened[-1] == character:
                opened.pop()
            else:
                return None if opened or formula[position:].strip(")]") else formula[:position]
    return f"{formula}{''.join(reversed(opened))}" if opened else None


def anywhere(text: str, read: Callable[[str], R]) -> tuple[R, str | None]:
    """What `read` makes of `text`, a bracket put in or taken out wherever that gives the same; what was mended.

    Raises ProgramError where it does not read, or could be mended in several ways.
    """
    missing = text.count("(") - text.count(")")
    try:
        return read(text), None
    except ProgramError as error:
        if abs(missing) != 1 or len(text) > MENDABLE:
            raise
        readings = {reading: reading for reading in _with_brackets(text, missing, read)}
        slip = "a bracket is missing" if missing > 0 else "a bracket is one too many"
        if not readings:
            raise
        if len(readings) > 1:
            what = f"{slip}, and it can be mended in {len(readings)} ways"
            raise refuse("ambiguous-bracket", what, error.diagnostics[0].span, "balance the brackets") from None
    return next(iter(readings.values())), slip


def _with_brackets(text: str, missing: int, read: Callable[[str], R]) -> Iterator[R]:
    """What the text reads as with one bracket put in, or taken out, wherever it then reads."""
    for k in range(1, len(text) + 1):
        before, after = text[k - 1], text[k : k + 1]
        if missing < 0 and before == ")" != after:
            candidate = text[: k - 1] + text[k:]
        elif missing > 0 and (before == ")" or before.isalnum()) and not after.isalnum() and after not in ("(", ")"):
            candidate = f"{text[:k]}){text[k:]}"
        else:
            continue
        if any(depth < 0 for depth in accumulate((c == "(") - (c == ")") for c in candidate)):
            continue
        try:
            yield read(candidate)
        except ProgramError:
            continue
