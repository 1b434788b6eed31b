"""Answer text → typed value: one spelling, one grammar, and the readings that a text has, mostly one."""

from __future__ import annotations

import re
from functools import cache

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from neurosym.equality import units
from neurosym.equality.answers import Answer, Measure, Unreadable, Words
from neurosym.equality.latex import plain
from neurosym.equality.lowering import Lowering
from neurosym.grammars import load

MAX_CHARACTERS = 2_000
MAX_DEPTH = 60

_LETTERED = re.compile(rf"[\d)}}/]\s*[{''.join(sorted(units.LETTERS))}]\b")
_WORDS = re.compile(r"[^\W\d_]['’.\w -]*\Z")


def read(text: str) -> tuple[Answer, ...]:
    """The readings of an answer, mostly one: `5 m` is five metres or a product.

    Raises Unreadable with the reason.
    """
    if len(text) > MAX_CHARACTERS:
        raise Unreadable(f"it has more than {MAX_CHARACTERS} characters")
    spelt = plain(text)
    words = Words(_spoken(text, spelt))
    if not spelt:
        raise Unreadable("it is empty")
    if spelt.lower() in ("true", "false", "yes", "no"):
        return (words,)
    if re.search(r"!\s*!", spelt):
        raise Unreadable("`!!` reads two ways")
    try:
        parsed = _parser().parse(spelt)
    except UnexpectedInput as error:
        if _WORDS.match(spelt):
            return (words,)
        raise Unreadable(f"it does not read as mathematics at character {error.column}") from None
    _bound_depth(parsed)
    try:
        first = Lowering(latex="\\" in text, letters=False).answer(parsed.children[0])
    except Unreadable:
        if _WORDS.match(spelt) and not re.search(r"\d", spelt):
            return (words,)
        if not _LETTERED.search(spelt):
            raise
        return (Lowering(latex="\\" in text, letters=True).answer(parsed.children[0]),)
    if not _LETTERED.search(spelt):
        return (first,)
    try:
        second = Lowering(latex="\\" in text, letters=True).answer(parsed.children[0])
    except Unreadable:
        return (first,)
    mixed = isinstance(first, Measure) and first.unit is not None  # in `60 km/h` one unit tells what the other is
    return (second,) if mixed else (first, second)


def _spoken(text: str, spelt: str) -> str:
    return re.sub(r"\s+", " ", spelt if "\\" in text else text.translate({ord("$"): None})).strip(" .")


@cache
def _parser() -> Lark:
    return Lark(load("answer"), parser="lalr", lexer="contextual", maybe_placeholders=False)


def _bound_depth(parsed: Tree[Token]) -> None:
    """Everything after the parser recurses over the tree, so its depth is bounded here, without recursion.

    Side chains of one operator count by their length, too: they are as deep.
    """
    level: list[Tree[Token]] = [parsed]
    for _ in range(3 * MAX_DEPTH):  # a bracket takes up to three levels
        level = [c for node in level for c in node.children if isinstance(c, Tree)]
        if not level:
            return
    raise Unreadable(f"it nests more than {MAX_DEPTH} deep")
