"""Lines of Logic-LM's constraint and Z3-like dialects: parsed within bounds, and what their parsed nodes say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lark import Token, Tree

from neurosym.errors import ProgramError
from neurosym.language.diagnostic import Span
from neurosym.notations import parsing
from neurosym.notations.brackets import balanced
from neurosym.notations.parsing import Line, Mends, Parsed, refuse, span_at

DEEPEST = 40
"""How deep an expression may nest: what it is lowered to is read again within the depth of our own language."""


def parse(line: Line, grammar: str, mends: Mends) -> Parsed:
    """The tree of one line; brackets missing or left over at its end are mended. Raises ProgramError."""
    try:
        return parsing.parse(line.text, grammar, line.place, DEEPEST)
    except ProgramError as error:
        formula, mark, note = line.text.partition(":::")
        mended = balanced(formula.rstrip()) if error.diagnostics[0].code == "syntax" else None
        if mended is None:
            raise
        try:
            parsed = parsing.parse(f"{mended} {mark}{note}", grammar, line.place, DEEPEST)
        except ProgramError:
            raise error from None
    mends.add("brackets", "the brackets do not match", line.span, f"read as {mended.strip()[:200]}")
    return parsed


def span(node: Parsed | Token, line: Line) -> Span:
    """Where `node` stands in the program; the whole line where it cannot be told."""
    at = span_at(node, line.place)
    return at if at is not None and at.end_column <= len(line.text) + 1 else line.span


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


def binder_names(below: Parsed) -> Iterator[str]:
    """The variables that are bound anywhere in a line: `x` and `y` by `x:sort` or `[x, y:sort]`."""
    for node in below.iter_subtrees():
        listed = parts_of(node) if node.data == "list" else [node]
        if listed and listed[-1].data == "binder":
            yield from (str(b.children[0]) for b in listed)


def note(token: object) -> str | None:
    """The text of a `::: note`."""
    return str(token)[3:].strip() or None if isinstance(token, Token) else None
