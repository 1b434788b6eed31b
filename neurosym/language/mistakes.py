"""Syntax errors in words: what stood there, what was expected, and the mistake's name where it is a known one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from neurosym.grammars import data
from neurosym.language.diagnostic import Diagnostic, Span


@dataclass(frozen=True)
class Mistake:
    """A known mistake: its name, what to say of it, programs that make it, and characters that are it anywhere."""

    code: str
    message: str
    hint: str
    examples: tuple[str, ...]
    characters: str = ""


@cache
def known_mistakes() -> tuple[Mistake, ...]:
    """The mistakes that `grammars/ir_mistakes.toml` names by example."""
    table = tomllib.loads(data("ir_mistakes.toml"))
    return tuple(Mistake(**{**m, "examples": tuple(m["examples"])}) for m in table["mistake"])


_Signature = tuple[int, str, bool]


def _signature(error: UnexpectedInput, text: str) -> _Signature:
    """What the parser was in the middle of, what it met, and whether that is glued to what stands before it.

    Equal for equal mistakes in different programs; the glue tells `05` from `0 5`, and `1,000` from `a, b`.
    """
    met = error.token.type if isinstance(error, UnexpectedToken) else "character"
    if isinstance(error, UnexpectedCharacters):
        met = f"character {error.char}"
    state = error.state
    at = error.pos_in_stream or 0
    glued = at > 0 and not text[at - 1].isspace()
    if met == "COMMA":  # `1,000`, and not `a, b`
        glued = text[at - 1].isdigit() and text[at + 1 : at + 4].isdigit()
    return (state if isinstance(state, int) else state.position, met, glued)


@cache
def _signatures(parser: Lark) -> dict[_Signature, Mistake]:
    found: dict[_Signature, Mistake] = {}
    for mistake in known_mistakes():
        for example in mistake.examples:
            try:
                parser.parse(example, start="start")
            except UnexpectedInput as error:
                found.setdefault(_signature(error, example), mistake)
    return found


def diagnose(error: UnexpectedInput, text: str, parser: Lark, lead: int = 0) -> Diagnostic:
    """The diagnostic for a syntax error of `parser` in `text`, whose columns do not count the first `lead`."""
    span = _span(error, text)
    if span.line == 1:
        span = Span(1, span.column - lead, 1, span.end_column - lead)
    mistake = _signatures(parser).get(_signature(error, text))
    if mistake is None and isinstance(error, UnexpectedCharacters):
        mistake = next((m for m in known_mistakes() if error.char in m.characters), None)
    if mistake is not None:
        return Diagnostic(mistake.code, mistake.message, span, mistake.hint)
    return Diagnostic("syntax", f"{_met(error)} cannot stand here", span, _expected(error))


def _span(error: UnexpectedInput, text: str) -> Span:
    if error.line < 1:  # at the end of the text
        lines = text.split("\n")
        return Span(len(lines), len(lines[-1]) + 1, len(lines), len(lines[-1]) + 1)
    token = error.token if isinstance(error, UnexpectedToken) else ""
    width = max(1, len(token.split("\n")[0]))
    return Span(error.line, error.column, error.line, error.column + width)


def _met(error: UnexpectedInput) -> str:
    if isinstance(error, UnexpectedCharacters):
        return f"the character {error.char!r}"
    if isinstance(error, UnexpectedEOF) or not isinstance(error, UnexpectedToken):
        return "the end of the program"
    if error.token.type == "$END":
        return "the end of the program"
    return "the end of the line" if error.token.type == "_NL" else f"{str(error.token)[:40]!r}"


_WORDS = {
    "NAME": "a name",
    "QUOTED": "a name",
    "NUMBER": "a number",
    "INT": "an integer",
    "LABEL": "an option's letter",
    "NOTE": "",
    "_NL": "the end of the line",
    "PYTHON": "a python block",
    "$END": "the end of the program",
}


def _expected(error: UnexpectedInput) -> str:
    terminals: Iterable[str] = ()
    if isinstance(error, UnexpectedToken):
        terminals = error.accepts or error.expected
    elif isinstance(error, UnexpectedCharacters):
        terminals = error.allowed or ()
    names = sorted({_WORDS.get(n, _literal(n)) for n in terminals} - {""})
    return f"expected: {', '.join(names)}" if 0 < len(names) <= 24 else ""


_SIGNS = {
    "EQUAL": "=",
    "COLON": ":",
    "COMMA": ",",
    "LPAR": "(",
    "RPAR": ")",
    "LSQB": "[",
    "RSQB": "]",
    "LBRACE": "{",
    "RBRACE": "}",
    "PLUS": "+",
    "MINUS": "-",
    "STAR": "*",
    "SLASH": "/",
    "CIRCUMFLEX": "^",
    "PERCENT": "%",
    "DOT": ".",
    "LESSTHAN": "<",
    "MORETHAN": ">",
    "BANG": "!",
}


def _literal(terminal: str) -> str:
    """The text of a terminal that Lark named after its literal."""
    return _SIGNS.get(terminal, terminal.lower().strip("_") if not terminal.startswith("__ANON") else "")
