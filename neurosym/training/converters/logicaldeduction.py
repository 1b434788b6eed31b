"""BIG-bench's ordering puzzles → places in a row, by a grammar of their clues."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark
from lark.exceptions import UnexpectedInput

from neurosym.language import tree as t
from neurosym.language.read import read

_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7}
_LAST = {"rightmost", "right", "newest", "most expensive"}
_OBJECTS = re.compile(
    r"there (?:are|were) \w+ (?P<kind>\w+): (?P<list>[^.]*)\.|sells \w+ (?P<kinds>\w+): (?P<sold>[^.]*)\."
)


def convert(record: Mapping[str, Any]) -> t.Program | None:
    """The program of a record, a clue a line in its order; None where it is not of the known form."""
    text = record["problem"].rpartition("\n")[2]
    intro = _OBJECTS.search(text)
    if intro is None:
        return None
    kind = (intro["kind"] or intro["kinds"]).removesuffix("s")
    objects = [name_of(part) for part in re.split(r",? and |, ", intro["list"] or intro["sold"])]
    clues = [clue.strip() for clue in re.findall(r"[^.]+\.", text[intro.end() :])]
    try:
        facts = [formula_of(clue, objects) for clue in clues]
        options = [(o[0], formula_of(o[3:].strip(), objects)) for o in record["options"]]
    except (UnexpectedInput, KeyError):
        return None
    lines = [
        f"sort {kind} = {{{', '.join(objects)}}}",
        f"fun place({kind}): 1..{len(objects)}",
        "distinct place",
        *facts,
        *(f"option {label}: {formula}" for label, formula in options),
        "ask option must",
    ]
    return read("\n".join(lines))


@cache
def _parser() -> Lark:
    return Lark(files(__package__).joinpath("logicaldeduction.lark").read_text(encoding="utf-8"), parser="lalr")


def name_of(np: str) -> str:
    """`a station wagon`, `the green book` → the words that tell it apart."""
    words = np.lower().split()
    words = words[1:] if words[0] in ("a", "an", "the") else words
    words = words[:-1] if words[-1] == "book" and len(words) > 1 else words
    return "_".join(words)


def formula_of(clue: str, objects: list[str]) -> str:
    """What a clue says of places 1 (leftmost, oldest, first, cheapest) to n. Raises UnexpectedInput, KeyError."""
    parsed: Any = _parser().parse(clue.lower())
    np, claim = parsed.children
    place, n = f"place({_object(np, objects)})", len(objects)
    parts = claim.children
    match claim.data:
        case "beside":
            return f"{place} {'<' if parts[0].data == 'less' else '>'} place({_object(parts[1], objects)})"
        case "end":
            return f"{place} = {n if parts[0] in _LAST else 1}"
        case "from_end" if parts[1] in _LAST:
            return f"{place} = {n} + 1 - {_ORDINALS[parts[0]]}"
        case "from_end" | "from_start":
            return f"{place} = {_ORDINALS[parts[0]]}"
        case "last":
            return f"{place} = {n}"
        case _:
            return f"{place} = {n} + 1 - {_ORDINALS[parts[0]]}"


def _object(np: Any, objects: list[str]) -> str:
    name = name_of(" ".join(str(word) for word in (getattr(np, "children", [np])) if word))
    if name not in objects:
        raise KeyError(name)
    return name
