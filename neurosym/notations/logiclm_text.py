"""What Logic-LM's line-by-line dialects share: lines, the mending of brackets, spans, and operators of our tree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from neurosym.errors import ProgramError
from neurosym.grammars import load
from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic, Span
from neurosym.language.read import MAX_CHARACTERS, MAX_DIGITS

MAX_DEPTH = 40
"""Of a foreign expression: what it is lowered to is read again within the depth of our own language."""
Parsed: TypeAlias = Tree[Token]


@dataclass(frozen=True)
class Line:
    """One line of a program, with its number from 1."""

    number: int
    text: str

    @property
    def span(self) -> Span:
        """The whole line."""
        return Span(self.number, 1, self.number, len(self.text) + 1)


@dataclass
class Mends:
    """The slips that had only one reading; `strict` refuses the first instead."""

    strict: bool
    made: list[Diagnostic] = field(default_factory=list)

    def add(self, code: str, message: str, span: Span | None, hint: str = "") -> None:
        """List one slip once. Raises ProgramError in strict mode."""
        mend = Diagnostic(f"mended-{code}", message, span, hint)
        if self.strict:
            raise ProgramError([Diagnostic(code, message, span, hint)])
        if mend not in self.made:
            self.made.append(mend)


def refuse(code: str, message: str, span: Span | None, hint: str = "") -> ProgramError:
    """The error that says that a program does not read."""
    return ProgramError([Diagnostic(code, message, span, hint)])


def lines(text: str) -> Iterator[Line]:
    """The lines that are not blank. Raises ProgramError where the text is too long."""
    if len(text) > MAX_CHARACTERS:
        message = f"a program has at most {MAX_CHARACTERS} characters, this one {len(text)}"
        raise refuse("too-long", message, None)
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield Line(number, line.rstrip())


@cache
def _parser(grammar: str) -> Lark:
    return Lark(
        load(grammar),
        parser="lalr",
        lexer="contextual",
        start="line",
        maybe_placeholders=True,
        propagate_positions=True,
    )


def parse(line: Line, grammar: str, mends: Mends) -> Parsed:
    """The tree of one line; brackets missing or left over at its end are mended. Raises ProgramError."""
    try:
        parsed = _parser(grammar).parse(line.text)
    except UnexpectedInput as error:
        mended = _balance(line.text)
        try:
            if mended is None:
                raise error
            parsed = _parser(grammar).parse(mended)
        except UnexpectedInput:
            raise _unread(line, error) from None
        mends.add("brackets", "the brackets do not match", line.span, f"read as {mended.strip()[:200]}")
    _bound_depth(parsed, line)
    return parsed


def _unread(line: Line, error: UnexpectedInput) -> ProgramError:
    column = error.column if isinstance(error.column, int) and error.column > 0 else len(line.text)
    rest = line.text[column - 1 : column + 29]
    at = Span(line.number, column, line.number, column + 1)
    return refuse("syntax", f"the line does not read at {rest!r}" if rest else "the line ends too early", at)


_CLOSING = {"(": ")", "[": "]"}


def _balance(text: str) -> str | None:
    """`text` with closing brackets added or dropped at the end of its formula; None where that is not what it lacks."""
    formula, mark, note = text.partition(":::")
    formula = formula.rstrip()
    opened: list[str] = []
    for position, character in enumerate(formula):
        if character in _CLOSING:
            opened.append(_CLOSING[character])
        elif character in ")]":
            if opened and opened[-1] == character:
                opened.pop()
            elif opened or formula[position:].strip(")]"):
                return None
            else:
                return f"{formula[:position]} {mark}{note}"
    return f"{formula}{''.join(reversed(opened))} {mark}{note}" if opened else None


def _bound_depth(parsed: Parsed, line: Line) -> None:
    """What follows recurses over the tree, so its depth is bounded here, without recursion."""
    level: list[Parsed] = [parsed]
    for _ in range(MAX_DEPTH):
        level = [c for node in level for c in node.children if isinstance(c, Tree)]
        if not level:
            return
    raise refuse("too-deep", f"expressions nest at most {MAX_DEPTH} deep", line.span)


def span(node: Parsed | Token, line: Line) -> Span:
    """Where `node` stands in the program; the whole line where it cannot be told."""
    at = node.meta if isinstance(node, Tree) else node
    column, end = getattr(at, "column", None), getattr(at, "end_column", None)
    if not isinstance(column, int) or not isinstance(end, int) or end > len(line.text) + 1:
        return line.span
    return Span(line.number, column, line.number, end)


def parts_of(node: Parsed) -> list[Parsed]:
    """The rules below a node; its tokens, and what is optional and absent, are left out."""
    return [c for c in node.children if isinstance(c, Tree)]


def words(node: Parsed) -> str:
    """The text of a name, of words that make one name, or of a string."""
    text = " ".join(str(c) for c in node.children)
    return text[1:-1].strip() if node.data == "string" else text


def sum_of(node: Parsed, at: Span) -> tuple[str, ...]:
    """`a + b + c`: names of sorts. Raises ProgramError."""
    if node.data in ("name", "phrase", "string"):
        return (words(node),)
    parts: list[Any] = list(node.children)
    if node.data == "group":
        return sum_of(parts[0], at)
    if node.data == "add":
        return (*sum_of(parts[0], at), *sum_of(parts[1], at))
    raise refuse("unknown-sort", "a sort is a name, or names joined by `+`", at)


def binder_names(node: Parsed) -> Iterator[str]:
    """The variables that are bound anywhere in a line."""
    return (str(below.children[0]) for below in node.find_data("binder"))


def note(token: object) -> str | None:
    """The text of a `::: note`."""
    return str(token)[3:].strip() or None if isinstance(token, Token) else None


# --- expressions ------------------------------------------------------------------------------------------------

COMPARE = {op.name.lower(): op for op in t.CompareOp}
ARITHMETIC = {op.name.lower(): op for op in t.BinaryOp}
"""Names of grammar rules → operators."""


def number(text: str, at: Span) -> t.Number:
    """A literal. Raises ProgramError where it is too long."""
    if len(text) > MAX_DIGITS:
        raise refuse("too-large", f"a number has at most {MAX_DIGITS} digits", at)
    return t.Number(Fraction(text), span=at)


def join(op: t.BinaryOp, parts: Sequence[t.Expr], at: Span | None) -> t.Expr:
    """`parts` joined by `and`, `or` or `+`; long joins are balanced, so that they do not nest deep."""
    if not parts:
        return t.Truth(op is t.BinaryOp.AND, span=at)
    if len(parts) <= 8:
        joined = parts[0]
        for part in parts[1:]:
            joined = t.Binary(op, joined, part, span=at)
        return joined
    middle = len(parts) // 2
    return t.Binary(op, join(op, parts[:middle], at), join(op, parts[middle:], at), span=at)


def conjuncts(e: t.Expr) -> Iterator[t.Expr]:
    """The formulas that `e` joins by `and`."""
    todo = [e]
    while todo:
        top = todo.pop()
        if isinstance(top, t.Binary) and top.op is t.BinaryOp.AND:
            todo += [top.right, top.left]
        else:
            yield top


def negation(e: t.Expr) -> t.Expr:
    """not e."""
    return t.Unary(t.UnaryOp.NOT, e, span=e.span)


# --- the question -----------------------------------------------------------------------------------------------

_SUPPOSED = re.compile(
    r"\s*(?:if|when|suppose|assume|once)\b(?:.*,(?=\s*(?:then|which|each|any|what)\b)|[^,]*,)", re.I | re.S
)
_EXCEPT = re.compile(r"\bexcept\b", re.I)
_FALSE = re.compile(r"\bfalse\b", re.I)
_NOT = re.compile(r"\bcannot\b|\bcan't\b|\bcan not\b|\bcould not\b|\bimpossible\b|\bNOT\b|\bunacceptable\b")
_MAY = re.compile(r"\bcould\b|\bcan\b|\bmay\b|\bpossible\b|\bacceptable\b|\bpermissible\b|\ballow(?:able|ed)\b", re.I)
_MUST = re.compile(r"\bmust\b|\brequired\b|\bfollows?\b|\bis true\b|\bnecessarily\b", re.I)


def mode_of(question: str | None) -> t.OptionMode | None:
    """Which option a question's words ask for; None where they do not tell."""
    asked = (question or "").replace("\u2019", "'")
    supposed = _SUPPOSED.match(asked)
    if supposed:
        asked = asked[supposed.end() :]
    may, must = bool(_MAY.search(asked)), bool(_MUST.search(asked))
    excluded = bool(_NOT.search(asked.replace("CANNOT", "cannot"))) or (must and bool(_FALSE.search(asked)))
    if _EXCEPT.search(asked):
        if must == may:
            return None
        return t.OptionMode.EXCEPT if must else t.OptionMode.CANNOT
    if excluded:
        return t.OptionMode.CANNOT
    if may and _FALSE.search(asked):
        return t.OptionMode.EXCEPT
    if must != may:
        return t.OptionMode.MUST if must else t.OptionMode.MAY
    return None
