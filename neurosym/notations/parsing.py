"""What every notation does with its text: bounds, lines, the parse by a grammar of ours, spans, the list of slips."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from neurosym.errors import ProgramError
from neurosym.grammars import load
from neurosym.language.bounds import MAX_CHARACTERS, MAX_DEPTH
from neurosym.language.diagnostic import Diagnostic, Span
from neurosym.language.lalr import Reader

DEEPEST = MAX_DEPTH - 10
"""How deep a formula may nest: what it is lowered to must read back within MAX_DEPTH, closed by quantifiers."""

Place: TypeAlias = tuple[int, int]
"""The line and column (from 1) in the program's text where a statement begins."""
Parsed: TypeAlias = Tree[Token]


@dataclass(frozen=True)
class Line:
    """One statement as it stands: where it begins, its section ("" before the first heading), its note."""

    text: str
    place: Place
    section: str = ""
    note: str | None = None

    @property
    def span(self) -> Span:
        """The whole statement."""
        line, column = self.place
        rows = self.text.split("\n")
        return Span(line, column, line + len(rows) - 1, len(rows[-1]) + (column if len(rows) == 1 else 1))


@dataclass
class Mends:
    """The slips that had only one reading, each listed once."""

    made: list[Diagnostic] = field(default_factory=list)

    def add(self, code: str, message: str, span: Span | None, hint: str = "") -> None:
        """List one slip; its code is that of the error it would be, after `mended-`."""
        mend = Diagnostic(f"mended-{code}", message, span, hint)
        if mend not in self.made:
            self.made.append(mend)


def refuse(code: str, message: str, span: Span | None, hint: str = "") -> ProgramError:
    """The error that says that a program does not read."""
    return ProgramError([Diagnostic(code, message, span, hint)])


def bounded(text: str) -> str:
    """`text`, if it is not too long to be read. Raises ProgramError."""
    if len(text) > MAX_CHARACTERS:
        raise refuse("too-long", f"a program has at most {MAX_CHARACTERS} characters, this one {len(text)}", None)
    return text


def lines(text: str) -> Iterator[Line]:
    """The lines that are not blank. Raises ProgramError where the text is too long."""
    for number, row in enumerate(bounded(text).split("\n"), 1):
        if row.strip():
            yield Line(row.rstrip(), (number, 1))


# --- parsing ----------------------------------------------------------------------------------------------------


@cache
def parser(grammar: str) -> Lark:
    """Lark's parser of a grammar, which says what is wrong with what `reader` does not read."""
    return Lark(load(grammar), parser="lalr", lexer="contextual", maybe_placeholders=True, propagate_positions=True)


@cache
def reader(grammar: str) -> Reader:
    """The parser of a grammar that is quick."""
    return Reader(parser(grammar))


def parse(text: str, grammar: str, place: Place, deepest: int = DEEPEST) -> Parsed:
    """The parse of one statement. Raises ProgramError where it does not read or nests too deep."""
    parsed = reader(grammar).parse(text)
    if parsed is None:
        try:
            parsed = parser(grammar).parse(text)
        except UnexpectedInput as error:
            raise ProgramError([_syntax(error, grammar, text, place)]) from None
    return shallow(parsed, deepest, place)


def shallow(parsed: Parsed, deepest: int, place: Place) -> Parsed:
    """`parsed`, if it is not too deep to recurse over, which is told without recursion. Raises ProgramError."""
    level: list[Parsed] = [parsed]
    for _ in range(deepest):
        level = [c for node in level for c in node.children if isinstance(c, Tree)]
        if not level:
            return parsed
    raise refuse("too-deep", f"formulas nest at most {deepest} deep", span_at(level[0], place))


def span_at(node: Parsed | Token, place: Place = (1, 1)) -> Span | None:
    """The span of a parsed node in the program's text, where its statement begins at `place`."""
    at: Any = node.meta if isinstance(node, Tree) else node
    if getattr(at, "line", None) is None:  # a token that stands for what is not there
        return None
    line, column = place
    return Span(
        line + at.line - 1,
        at.column + (column - 1) * (at.line == 1),
        line + at.end_line - 1,
        at.end_column + (column - 1) * (at.end_line == 1),
    )


# --- what does not fit --------------------------------------------------------------------------------------------


def _syntax(error: UnexpectedInput, grammar: str, text: str, place: Place) -> Diagnostic:
    """What stood there and what was expected, in the grammar's own signs."""
    line, column = place
    where = None
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        met, expected = "the end", error.expected
    elif isinstance(error, UnexpectedToken):
        met, expected, where = repr(str(error.token)), error.expected, span_at(error.token, place)
    else:
        assert isinstance(error, UnexpectedCharacters)
        met, expected = repr(error.char), error.allowed or set()
        at = error.column + (column - 1) * (error.line == 1)
        where = Span(line + error.line - 1, at, line + error.line - 1, at + 1)
    if where is None:
        end = column + len(text) if "\n" not in text else len(text) - text.rfind("\n")
        where = Span(line + text.count("\n"), end, line + text.count("\n"), end)
    shown = sorted({_sign(grammar, name) for name in expected} - {""})
    return Diagnostic("syntax", f"{met} does not fit here", where, f"expected {' '.join(shown)}" if shown else "")


def _sign(grammar: str, terminal: str) -> str:
    """What stands for a terminal in a message: nothing for the second and further spellings of one sign."""
    if terminal in ("$END", "<END-OF-FILE>"):  # how the parser and its lexer call it
        return "the end"
    pattern = parser(grammar).get_terminal(terminal).pattern
    if pattern.type == "re" and not pattern.flags:
        return terminal.lower()
    return "" if terminal in _synonyms(grammar) else pattern.value


@cache
def _synonyms(grammar: str) -> frozenset[str]:
    """The terminals that a rule for one sign, such as `_and`, lists after its first."""
    rules = [r for r in parser(grammar).rules if len(r.expansion) == 1 and str(r.origin.name).startswith("_")]
    return frozenset(str(r.expansion[0].name) for r in rules if r.order > 0)
