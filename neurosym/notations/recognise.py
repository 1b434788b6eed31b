"""Which notation a text is in, where nobody says: by signs that few have, then by reading it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from neurosym.errors import ProgramError
from neurosym.language.diagnostic import Diagnostic
from neurosym.notations import NOTATIONS, Reading, read
from neurosym.notations.parsing import bounded

AUTO = "auto"
"""In place of a notation's name: it is to be recognised."""


def recognise(
    text: str, *, question: str | None = None, options: Sequence[str] = (), strict: bool = False
) -> tuple[str, Reading]:
    """The name of the notation of `text`, and what that says in it.

    Our own language, where it reads as that. Else each notation whose signs it bears is tried: one that reads it
    without a mend counts before one that needs some, and two that read the same program in it are as good as one.

    question, options, strict:  see neurosym.notations.read.

    Raises ProgramError where no notation reads it, and where several do that disagree, with their names.
    """
    try:
        return "ir", read(text, "ir")
    except ProgramError as error:
        ours = error
    found: dict[str, Reading] = {}
    refusals: dict[str, ProgramError] = {}
    for name in candidates(text):
        try:
            found[name] = read(text, name, question=question, options=options, strict=strict)
        except ProgramError as error:
            refusals[name] = error
    found = {name: reading for name, reading in found.items() if not reading.mends} or found
    if len({reading.program for reading in found.values()}) > 1:
        message = f"it reads as {' and as '.join(found)}, but says something else in each"
        raise ProgramError([Diagnostic("ambiguous-notation", message, None, "name its notation")])
    if found:
        return next(iter(found.items()))
    if not refusals:
        raise ours
    tried = " or ".join(refusals)
    if len(refusals) == 1:
        ours = refusals[tried]
        note = Diagnostic("notation", f"it was taken for {tried}", None, "name its notation, if it is another")
    else:
        note = Diagnostic("notation", f"nor does it read as {tried}", None, "name its notation to be told why")
    raise ProgramError((*ours.diagnostics, note))


def candidates(text: str) -> list[str]:
    """The notations whose signs a text bears. Raises ProgramError where it is too long."""
    text = bounded(text)
    return [name for name, entry in NOTATIONS.items() if entry.signs and re.search(entry.signs, text)]
