"""What the beginning of a program shows: that nothing which begins like this comes to a good end, and from where on."""

from __future__ import annotations

import re
from collections import Counter

from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic

MOST_OF_A_NAME = 8
"""Of 35,000 lessons none has as many as this of one name: `miles`, `miles_2`, ... `miles_8`."""

_DECISIVE = {
    "unknown-name": re.compile(r"[^\W\d]\w*\s*\W?"),
    "ungrounded-number": re.compile(r"\d[\w.]*\s*\W?"),
    "endless-names": re.compile(r"\w+\s+\w+"),
}
"""What no later text changes, from where the finding stands on; a number goes on until something else comes."""


def endless_names(program: t.Program) -> tuple[Diagnostic, ...]:
    """`endless-names` for each quantity or sort whose name counts on as no program does that knows where it goes."""
    found = []
    seen: Counter[str] = Counter()
    for s in program.statements:
        if isinstance(s, t.Let | t.Sort):
            stem = re.sub(r"_\d+$", "", s.name)
            seen[stem] += 1
            if seen[stem] >= MOST_OF_A_NAME:
                what = f"{s.name!r} is the {seen[stem]}th of its name"
                found.append(Diagnostic("endless-names", what, s.span, "come to what is asked"))
    return tuple(found)


def extent(text: str, finding: Diagnostic) -> int | None:
    """How many characters of a program's `text` it takes for this to be found, whatever else had followed them.

    None where that is not known.
    """
    if finding.span is None or finding.code not in _DECISIVE:
        return None
    before = text.splitlines(keepends=True)[: finding.span.line - 1]
    decisive = _DECISIVE[finding.code].match(text, sum(map(len, before)) + finding.span.column - 1)
    return decisive.end() if decisive else None
