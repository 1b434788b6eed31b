"""Programs in other systems' notations: each is read by a grammar of ours and lowered to our one tree.

A notation is one module with `read(text, question, options) -> Reading` and one line in NOTATIONS; it is
imported when it is first used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from neurosym.errors import ProgramError, UsageError
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.tree import Program

NOTATIONS: Mapping[str, str] = {
    "ir": "neurosym.notations.ir:read",
    "fol": "neurosym.notations.fol:read",
    "prover9": "neurosym.notations.prover9:read",
    "logiclm-rules": "neurosym.notations.logiclm_rules:read",
    "logiclm-csp": "neurosym.notations.logiclm_csp:read",
    "logiclm-fol": "neurosym.notations.logiclm_fol:read",
    "logiclm-sat": "neurosym.notations.logiclm_sat:read",
    "smtlib": "neurosym.notations.smtlib:read",
}
"""Notation → its reader, as `module:function`."""


@dataclass(frozen=True)
class Reading:
    """What a text says: the program, and each slip in the text that had only one reading, as it was mended."""

    program: Program
    mends: tuple[Diagnostic, ...] = ()


class Reader(Protocol):
    """What the module of a notation offers. Raises ProgramError where the text does not read; lists what it mends."""

    def __call__(self, text: str, question: str | None, options: Sequence[str]) -> Reading:
        """See `read`."""


def read(
    text: str, notation: str, *, question: str | None = None, options: Sequence[str] = (), strict: bool = False
) -> Reading:
    """The program that `text` says in `notation`; its spans point into `text`.

    question, options:  for notations whose programs do not carry them.
    strict:             refuse what would otherwise be mended.

    Raises UsageError for an unknown notation, ProgramError with located diagnostics where the text does not read.
    """
    if notation not in NOTATIONS:
        raise UsageError(f"there is no notation {notation!r}; there are {', '.join(NOTATIONS)}")
    module, _, function = NOTATIONS[notation].partition(":")
    reader = cast(Reader, getattr(import_module(module), function))
    reading = reader(text, question, options)
    if strict and reading.mends:
        raise ProgramError(reading.mends)
    return reading
