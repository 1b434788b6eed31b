"""First-order logic as Prover9 and NLTK write it.

Prover9's files end each formula with a dot and list them, `formulas(assumptions). ... end_of_list.`, goals last; free
variables are those whose names begin with u to z. Without such lists, a program has one formula a line and a
conclusion as in neurosym.notations.fol.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from neurosym.notations import Reading, fol
from neurosym.notations.formulas import read_formula
from neurosym.notations.lines import Script, looks_variable
from neurosym.notations.parsing import Line, bounded

_LIST = re.compile(r"formulas\s*\(\s*(\w+)\s*\)|end_of_list")
_SETTING = re.compile(r"(set|clear|assign)\s*\([^()]*\)")
_NOTE = re.compile(r"(\"[^\"\n]*\")|%[^\n]*")
_STATEMENT = re.compile(r"(?:[^.\"]|\"[^\"\n]*\"|\"|\.(?!\s|$))+")
_GOALS = frozenset({"goals", "goal"})


def read(text: str, question: str | None, options: Sequence[str]) -> Reading:
    """See neurosym.notations.read."""
    formula = partial(read_formula, grammar="prover9")
    if "formulas" not in text:
        return fol.lines(Script(formula, looks_variable, declared=True), text, "%", question)
    script = Script(formula, lambda name: name[0] in "uvwxyz", declared=True)
    for line in _statements(text):
        if line.section in _GOALS:
            script.ask(line)
        else:
            script.premise(line)
    return script.reading("formulas(goals). F. end_of_list.")


def _statements(text: str) -> Iterator[Line]:
    """The formulas of all lists; Prover9's own settings say nothing."""
    text = _NOTE.sub(lambda found: found[1] or " " * len(found[0]), bounded(text))
    section, row, counted = "", 1, 0
    for found in _STATEMENT.finditer(text):
        said = found[0].strip()
        heading = _LIST.fullmatch(said)
        if heading:
            section = heading[1] or ""
        elif said and not _SETTING.fullmatch(said):
            start = found.start() + len(found[0]) - len(found[0].lstrip())
            row, counted = row + text.count("\n", counted, start), start
            yield Line(said, (row, start - text.rfind("\n", 0, start)), section)
