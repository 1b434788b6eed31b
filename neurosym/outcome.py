"""What solving a program can come to: one status out of thirteen that are never collapsed into one another.

An answer is text in our own language (`72`, `1/3`, `sqrt(2)`, `owl`, `{2, 3}`), so that it can be read back,
substituted into the program and checked again; `Outcome.to_dict` and `Outcome.from_dict` are exact inverses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from neurosym.language.diagnostic import Diagnostic


class Status(StrEnum):
    """The thirteen outcomes of a program (DESIGN.md, "Outcomes and statuses")."""

    VALUE = "value"
    """Every ask has exactly one value."""
    TRUE = "true"
    """The asked formula follows from the premises."""
    FALSE = "false"
    """The negation of the asked formula follows from the premises."""
    INDEPENDENT = "independent"
    """Neither follows; two witnesses show it."""
    UNDERDETERMINED = "underdetermined"
    """More than one answer is possible (two witnesses), or no option or several fit."""
    CONTRADICTORY = "contradictory"
    """No model satisfies the premises; the core names the lines."""
    DISAGREEMENT = "disagreement"
    """Two solvers gave different answers."""
    MALFORMED = "malformed"
    """The program does not read, does not check, or its Python raised."""
    UNSUPPORTED = "unsupported"
    """The program is well formed, but no solver takes it (or it is over a size limit)."""
    GAVE_UP = "gave_up"
    """The solver said unknown or ran out of its resource or memory limit, or what it found is not believed."""
    TIMEOUT = "timeout"
    """The deadline passed and the worker was killed."""
    TAMPERING = "tampering"
    """The program tried what the sandbox forbids."""
    FAILURE = "failure"
    """Our own failure; never the program's."""


DECIDED = frozenset({Status.VALUE, Status.TRUE, Status.FALSE, Status.INDEPENDENT})
"""The statuses in which the program's question is answered."""


@dataclass(frozen=True)
class Evidence:
    """One reason to believe an outcome.

    `kind` is one of: evaluation, model, uniqueness, core, witnesses, substitution, derivation, bound, second_solver,
    execution, vacuity (a condition is never met), solutions (their number). `by` names who established it, `data`
    holds what is needed to check it again (JSON), and `holds` is the result of the check.
    """

    kind: str
    by: str
    holds: bool
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What solving one program came to.

    answers:     the asked values in order, each as text of our language; () where there is none. For true, false
                 and independent the status itself is the one answer.
    option:      the letter of the chosen option, where options were given.
    witnesses:   assignments (name -> value as text) that show independence or underdetermination.
    core:        1-based source lines of the premises that contradict each other.
    message:     for a person: why there is no answer, or what to know about it.
    notation:    what the program was read as, where it came as text.
    mends:       slips of the program's notation that had only one reading, and how they were mended.
    evidence:    the certificate: what was established and by whom.
    solver:      the solver whose answer this is.
    stdout:      what the program's Python printed.
    sandbox:     where the program's Python ran: the level full, strong, interpreter or none; empty where none ran.
    seconds:     wall time spent solving.
    """

    status: Status
    answers: tuple[str, ...] = ()
    option: str | None = None
    message: str = ""
    witnesses: tuple[Mapping[str, str], ...] = ()
    core: tuple[int, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    notation: str = ""
    mends: tuple[Diagnostic, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    solver: str = ""
    stdout: str = ""
    sandbox: str = ""
    seconds: float = 0.0

    @property
    def decided(self) -> bool:
        """Whether the program's question is answered (value, true, false or independent)."""
        return self.status in DECIDED

    @property
    def shown(self) -> bool:
        """Whether it comes with evidence, all of which holds, for an answer or for a core that contradicts itself."""
        return bool(self.evidence) and all(e.holds for e in self.evidence) and (self.decided or bool(self.core))

    @property
    def answer(self) -> str | None:
        """The answer as one text: the option's letter where there are options, else the asked values."""
        if self.option is not None:
            return self.option
        if self.status in (Status.TRUE, Status.FALSE, Status.INDEPENDENT):
            return self.status.value
        return ", ".join(self.answers) if self.status is Status.VALUE else None

    def with_evidence(self, *evidence: Evidence) -> Outcome:
        """The same outcome with more evidence."""
        return replace(self, evidence=self.evidence + evidence)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping; empty fields are left out, `answer` is added for the reader."""
        plain: dict[str, Any] = {"status": self.status.value, "answer": self.answer}
        for f in fields(self):
            value = getattr(self, f.name)
            if f.name == "status" or not value:
                continue
            plain[f.name] = _ENCODE.get(f.name, lambda v: v)(value)
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Outcome:
        """The inverse of `to_dict`. Raises ValueError or TypeError where `plain` is not such a mapping."""
        known = {f.name for f in fields(cls)}
        given = {k: _DECODE.get(k, lambda v: v)(v) for k, v in plain.items() if k in known}
        return cls(**given)


_ENCODE: Mapping[str, Any] = {
    "answers": list,
    "core": list,
    "witnesses": lambda ws: [dict(w) for w in ws],
    "diagnostics": lambda ds: [d.to_dict() for d in ds],
    "mends": lambda ds: [d.to_dict() for d in ds],
    "evidence": lambda es: [{"kind": e.kind, "by": e.by, "holds": e.holds, "data": dict(e.data)} for e in es],
}
_DECODE: Mapping[str, Any] = {
    "status": Status,
    "answers": tuple,
    "core": tuple,
    "witnesses": tuple,
    "diagnostics": lambda ds: tuple(Diagnostic.from_dict(d) for d in ds),
    "mends": lambda ds: tuple(Diagnostic.from_dict(d) for d in ds),
    "evidence": lambda es: tuple(Evidence(**e) for e in es),
}
