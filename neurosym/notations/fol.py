"""First-order logic as FOLIO writes it: one premise a line, and the conclusion on a line that begins with ⊢.

    ∀x (Bird(x) → Flies(x) ⊕ Swims(x))
    Bird(tux) ∧ ¬Flies(tux)
    ⊢ Swims(tux)

`|-`, `∴` and `Conclusion:` begin a conclusion, too; without one, the question is the conclusion. `#` begins a note.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from neurosym.notations import Reading
from neurosym.notations.formulas import read_formula
from neurosym.notations.lines import Script, looks_variable, sections
from neurosym.notations.parsing import Line

HEADINGS = {"premises": "premises", "conclusion": "conclusion"}
_TURNSTILE = re.compile(r"(⊢|\|-|∴)\s*")


def read(text: str, question: str | None, options: Sequence[str]) -> Reading:
    """See neurosym.notations.read."""
    return lines(Script(partial(read_formula, grammar="fol"), looks_variable), text, "#", question)


def lines(script: Script, text: str, note: str, question: str | None) -> Reading:
    """What the lines of `text`, read by `script`, say: premises, and one conclusion. Raises ProgramError."""
    for line in sections(text, HEADINGS, note):
        turnstile = _TURNSTILE.match(line.text)
        if turnstile:
            row, column = line.place
            script.ask(Line(line.text[turnstile.end() :], (row, column + turnstile.end()), note=line.note))
        elif line.section == "conclusion":
            script.ask(line)
        else:
            script.premise(line)
    if question is not None and not script.asks:
        script.ask(Line(question.strip(), (text.count("\n") + 2, 1)))
    return script.reading("write the conclusion on a line of its own: ⊢ F")
