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


@dataclass(frozen=True)
class Notation:
    """Where the reader of a notation is (`module:function`), and the signs that tell a text in it from others."""

    where: str
    signs: str = ""


_LOGIC = r"[∀∃∧∨¬→↔⊕⊢∴]"
_ASCII_LOGIC = r"(?m)\|-|<?->|[&|~]|\b(all|exists)\b|^\s*(Premises|Conclusion):"
NOTATIONS: Mapping[str, Notation] = {
    "ir": Notation("neurosym.notations.ir:read"),
    "fol": Notation("neurosym.notations.fol:read", f"{_ASCII_LOGIC}|{_LOGIC}"),
    "prover9": Notation("neurosym.notations.prover9:read", rf"{_ASCII_LOGIC}|formulas\s*\("),
    "logiclm-rules": Notation("neurosym.notations.logiclm_rules:read", r">>>|\$\w|(?i:, *(true|false) *\))"),
    "logiclm-csp": Notation("neurosym.notations.logiclm_csp:read", r"\[IN\]"),
    "logiclm-fol": Notation("neurosym.notations.logiclm_fol:read", rf"{_LOGIC}(?s:.*):::"),
    "logiclm-sat": Notation("neurosym.notations.logiclm_sat:read", r"\b(EnumSort|Function)\(|\bis_\w+\("),
    "smtlib": Notation("neurosym.notations.smtlib:read", r"\((assert|check-sat|(declare|define|set)-)"),
}


@dataclass(frozen=True)
class Reading:
    """What a text says: the program, and each slip in the text that had only one reading, as it was mended.

    undeclared: whether its names were told from their use alone, so that a slip of the pen is a new name.
    """

    program: Program
    mends: tuple[Diagnostic, ...] = ()
    undeclared: bool = False


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
    module, _, function = NOTATIONS[notation].where.partition(":")
    reader = cast(Reader, getattr(import_module(module), function))
    reading = reader(text, question, options)
    if strict and reading.mends:
        raise ProgramError(reading.mends)
    return reading
