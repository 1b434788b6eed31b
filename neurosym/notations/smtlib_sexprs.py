"""SMT-LIB 2, first step: text → S-expressions, within bounds, with parentheses mended where one reading is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from lark import Token, Tree
from lark.exceptions import UnexpectedInput

from neurosym.language.diagnostic import Span
from neurosym.notations.parsing import Mends, bounded, parser, reader, refuse, shallow

MAX_DEPTH = 60
"""Of parentheses; our own language must read again what it is lowered to."""


@dataclass(frozen=True)
class Atom:
    """A symbol or literal; `type` is its terminal in the grammar. Symbols come without their bars."""

    text: str
    type: str
    span: Span


@dataclass(frozen=True)
class List:
    """`( ... )`."""

    items: tuple[SExpr, ...]
    span: Span


SExpr: TypeAlias = Atom | List


COMMANDS = frozenset(
    {"assert", "check-sat", "check-sat-assuming", "declare-const", "declare-datatype", "declare-datatypes"}
    | {"declare-fun", "declare-sort", "define-const", "define-fun", "define-sort", "exit", "get-model", "get-value"}
    | {"pop", "push", "set-info", "set-logic", "set-option"}
)
"""Words that begin a command and nothing else."""


def sexprs(text: str, mends: Mends) -> Iterator[SExpr]:
    """The S-expressions of a script; brackets missing or left over at its end are mended. Raises ProgramError."""
    parsed = reader("smtlib").parse(bounded(text))
    if parsed is None:
        try:
            parsed = parser("smtlib").parse(text)
        except UnexpectedInput as error:
            parsed = _mended(text, error, mends)
    yield from (_sexpr(child) for child in shallow(parsed, MAX_DEPTH + 2, (1, 1)).children)


def _mended(text: str, error: UnexpectedInput, mends: Mends) -> Tree[Token]:
    """The script with parentheses added before each command and at the end, and dropped between commands.

    No command stands inside another, so there is one reading. Raises ProgramError.
    """
    at = Span(max(error.line, 1), max(error.column, 1), max(error.line, 1), max(error.column, 1) + 1)
    pieces: list[str] = []
    slips: list[Token] = []
    depth = copied = 0
    try:
        tokens = list(parser("smtlib").lex(text))
        for token, after in zip(tokens, [*tokens[1:], None], strict=True):
            start = token.start_pos or 0
            command = token.type == "LPAR" and after is not None and str(after) in COMMANDS
            if (depth and command) or (not depth and token.type == "RPAR"):
                slips.append(token)
                pieces += [text[copied:start], ")" * depth]
                copied = start + (token.type == "RPAR")
                depth = int(command)
            else:
                depth += {"LPAR": 1, "RPAR": -1}.get(token.type, 0)
        parsed = parser("smtlib").parse("".join([*pieces, text[copied:], "\n", ")" * depth]))
    except UnexpectedInput:
        raise refuse(
            "syntax", f"this is no SMT-LIB: {text.splitlines()[at.line - 1][at.column - 1 :][:30]!r}", at
        ) from None
    for slip in slips or tokens[-1:]:
        mends.add("brackets", "the parentheses of a command do not match", _span(slip))
    return parsed


def _span(node: Tree[Token] | Token) -> Span:
    at: Any = node.meta if isinstance(node, Tree) else node
    return Span(at.line, at.column, at.end_line, at.end_column)


def _sexpr(node: Tree[Token] | Token) -> SExpr:
    if isinstance(node, Token):
        bars = node.type == "QUOTED"
        return Atom(str(node)[1:-1] if bars else str(node), "SYMBOL" if bars else node.type, _span(node))
    return List(tuple(_sexpr(c) for c in node.children), _span(node))
