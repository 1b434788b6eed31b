"""ProofWriter's theories and questions → rules over an open sort, by a grammar of their controlled English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark
from lark.exceptions import UnexpectedInput

from neurosym.grammars import keywords
from neurosym.language import tree as t
from neurosym.language.builtins import BUILTINS
from neurosym.language.read import read

_VARIABLE = "x"


def convert(record: Mapping[str, Any]) -> t.Program | None:
    """The program of a record: what it states, in its order, and its question; None where it has another form."""
    claim = record["question"].rpartition("?")[2]
    try:
        stated = _parser().parse(record["problem"].lower()).children
        asked = _parser().parse(claim.lower()).children
    except UnexpectedInput:
        return None
    writer = _Writer()
    lines = [writer.sentence(s) for s in stated]
    ask = writer.sentence(asked[0])
    things = ", ".join(writer.things)
    relations = ", ".join(f"{r}({', '.join(['thing'] * n)})" for r, n in writer.relations.items())
    return read("\n".join([f"sort thing\nconst {things}: thing\nrel {relations}", *lines, f"ask {ask}"]))


@cache
def _parser() -> Lark:
    return Lark(files(__package__).joinpath("proofwriter.lark").read_text(encoding="utf-8"), parser="lalr")


class _Writer:
    """Sentences as formulas; the things and relations met so far, in their order."""

    def __init__(self) -> None:
        self.things: dict[str, None] = {}
        self.relations: dict[str, int] = {}

    def sentence(self, sentence: Any) -> str:
        parts = sentence.children
        if sentence.data == "fact":
            return self.clause(parts[0], "")
        if sentence.data == "rule":
            subject = self.thing(parts[0].children[0])
            *conditions, conclusion = [self.clause(part, subject) for part in parts]
        else:
            *kinds, predicate = [p for p in parts if p is not None]
            subject = _VARIABLE
            conditions = [self.holds(str(kind), [subject]) for kind in kinds]
            conclusion = self.predicate(predicate, subject)
        rule = f"{' and '.join(conditions)} -> {conclusion}"
        return f"forall {_VARIABLE}: thing. {rule}" if re.search(rf"\b{_VARIABLE}\b", rule) else rule

    def clause(self, clause: Any, subject: str) -> str:
        parts = clause.children
        if clause.data == "more":
            return self.predicate(parts[0], subject)
        first = self.thing(parts[0])
        if clause.data == "is_":
            return self.predicate(parts[1], first)
        said = self.holds(_infinitive(parts[1]), [first, self.thing(parts[2])])
        return said if clause.data == "does" else f"not {said}"

    def predicate(self, predicate: Any, subject: str) -> str:
        said = self.holds(str(predicate.children[0]), [subject])
        return said if predicate.data == "adjective" else f"not {said}"

    def holds(self, relation: str, arguments: list[str]) -> str:
        relation = f"{relation}_" if relation in keywords() or relation in BUILTINS else relation
        self.relations.setdefault(relation, len(arguments))
        return f"{relation}({', '.join(arguments)})"

    def thing(self, np: Any) -> str:
        if np.data == "anyone":
            return _VARIABLE
        name = "_".join(np.children)
        self.things.setdefault(name)
        return name


def _infinitive(verb: str) -> str:
    return str(verb) if verb.endswith("s") else f"{verb}s"
