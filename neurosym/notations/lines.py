"""Logic programs of one statement a line: lines into sections and notes, statements into a program, slips listed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic
from neurosym.notations import Reading
from neurosym.notations.formulas import Formula
from neurosym.notations.parsing import Line, Mends, Place, bounded, refuse
from neurosym.notations.polarity import agree, states
from neurosym.notations.vocabulary import affirmed, close, program

MAX_SLIPS = 10
"""How many statements may not read as they stand before the rest is not tried: looking for a bracket takes time."""


def sections(text: str, headings: Mapping[str, str], note: str) -> Iterator[Line]:
    """The lines that say something. `headings`: a heading in small letters → its section; `note` begins a note.

    What follows a heading and its colon on the same line is the first line of the section.
    """
    section = ""
    for number, row in enumerate(bounded(text).split("\n"), 1):
        statement, _, remark = row.partition(note)
        head = re.match(r"[\s*#]*([A-Za-z]+)\**:\**(?!:)", statement)
        start = 0
        if head and head[1].lower() in headings:
            section, start = headings[head[1].lower()], head.end()
        said = statement[start:].strip()
        if said:
            column = statement.index(said, start) + 1
            yield Line(said, (number, column), section, re.sub(r"\s+", " ", remark).strip() or None)


@dataclass
class Script:
    """Collects the statements of a program, every slip and every error, and makes the program of them.

    read:         reads one formula (see formulas.read_formula).
    is_variable:  whether a name that is not bound is a variable, meant for everything there is.
    declared:     whether such variables are what the notation wants, and no slip.
    """

    read: Callable[[str, Place], Formula]
    is_variable: Callable[[str], bool]
    declared: bool = False
    premises: list[t.Assertion] = field(default_factory=list)
    asks: list[t.Ask] = field(default_factory=list)
    mends: Mends = field(default_factory=Mends)
    errors: list[Diagnostic] = field(default_factory=list)

    def premise(self, line: Line) -> None:
        """One more premise."""
        formula = self._formula(line)
        if formula is not None:
            self.premises.append(t.Assertion(formula, span=line.span, note=line.note))

    def ask(self, line: Line) -> None:
        """What is asked."""
        formula = self._formula(line)
        if formula is not None:
            self.asks.append(t.Ask((formula,), span=line.span, note=line.note))

    def reading(self, missing: str, question: str | None = None) -> Reading:
        """The program, which asks what `question` states if that is told.

        Raises ProgramError with all that was wrong; `missing` says how a question is written.
        """
        if not self.errors and not self.asks:
            self.errors.append(Diagnostic("no-question", "nothing is asked", None, missing))
        if self.errors:
            raise ProgramError(self.errors)
        formulas, named = affirmed([*(p.formula for p in self.premises), *(a.targets[0] for a in self.asks)])
        self.mends.made += named.made
        self.premises = [replace(p, formula=f) for p, f in zip(self.premises, formulas, strict=False)]
        asked = formulas[len(self.premises) :]
        self.asks = [replace(ask, targets=(f,)) for ask, f in zip(self.asks, asked, strict=True)]
        found = program(self.premises, self._asked(question))
        return Reading(found.program, (*self.mends.made, *found.mends), undeclared=True)

    def _asked(self, question: str | None) -> t.Ask:
        """The one thing asked; of several, the one that is the statement in question."""
        asked = dict(agree(ask, question) for ask in self.asks)
        if len(asked) > 1:
            asked = {ask: mend for ask, mend in asked.items() if question is not None and states(ask, question)}
            what = "several things are asked: the one that the question states is taken"
            self.mends.add("question", what, self.asks[0].span)
        if len(asked) != 1:
            what, where = f"{len(self.asks)} different things are asked", self.asks[1].span
            raise refuse("several-questions", what, where, "ask one")
        ((ask, flipped),) = asked.items()
        self.mends.made += [flipped] if flipped else []
        return ask

    def _formula(self, line: Line) -> t.Expr | None:
        if len(self.errors) + sum(m.code == "mended-bracket" for m in self.mends.made) >= MAX_SLIPS:
            if not self.errors or self.errors[-1].code != "too-many-slips":
                what = f"more than {MAX_SLIPS} statements do not read as they stand: the rest is not tried"
                self.errors.append(Diagnostic("too-many-slips", what, line.span))
            return None
        try:
            formula = self.read(line.text, line.place)
            closed, free = close(formula.tree, self.is_variable)
        except ProgramError as error:
            self.errors += error.diagnostics
            return None
        self.mends.made += formula.mends
        if free and not self.declared:
            self.mends.add("free-variable", f"{', '.join(free)} is not bound: taken to mean everything", line.span)
        return closed


def looks_variable(name: str) -> bool:
    """Whether a name is one that textbooks give to variables: u to z, perhaps with a digit (y2001 is a year)."""
    return re.fullmatch(r"[u-z]\d?", name) is not None
