"""What is wrong with a program, and where: the same record serves a person, an editor and the repairing model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


class Span(NamedTuple):
    """A stretch of source text; lines and columns are 1-based, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Diagnostic:
    """One thing that is wrong.

    `code` is a stable kebab-case name (`unknown-name`, `unit-clash`, `ungrounded-number`), `message` says what is
    wrong, `hint` what would be right. `span` is None where the whole program is meant.
    """

    code: str
    message: str
    span: Span | None = None
    hint: str = ""

    def __str__(self) -> str:
        where = f"line {self.span.line}, column {self.span.column}: " if self.span else ""
        return f"{where}{self.message}" + (f" ({self.hint})" if self.hint else "")

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping, the inverse of `from_dict`."""
        plain: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.hint:
            plain["hint"] = self.hint
        if self.span:
            s = self.span
            plain |= {"line": s.line, "column": s.column, "end_line": s.end_line, "end_column": s.end_column}
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Diagnostic:
        """The inverse of `to_dict`."""
        span = None
        if "line" in plain:
            span = Span(plain["line"], plain["column"], plain["end_line"], plain["end_column"])
        return cls(plain["code"], plain["message"], span, plain.get("hint", ""))
