"""Logic-LM's first-order dialect: Predicates, Premises and a Conclusion, each line with a note after `:::`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from neurosym.notations import Reading
from neurosym.notations.formulas import read_formula
from neurosym.notations.lines import Script, looks_variable, sections

HEADINGS = {
    "predicates": "predicates",
    "predicate": "predicates",
    "premises": "premises",
    "premise": "premises",
    "conclusion": "conclusion",
    "conclusions": "conclusion",
}


def read(text: str, question: str | None, options: Sequence[str]) -> Reading:
    """See neurosym.notations.read. The predicates' declarations are not needed: they are seen from their use."""
    script = Script(partial(read_formula, grammar="fol"), looks_variable)
    for line in sections(text, HEADINGS, ":::"):
        if line.section == "conclusion":
            script.ask(line)
        elif line.section == "premises":
            script.premise(line)
    return script.reading("Conclusion: F ::: what it says", question)
