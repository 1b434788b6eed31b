"""Logic-LM's Z3-like dialect: enumerations, functions, constraints, and options to be shown valid or satisfiable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.notations import Reading
from neurosym.notations.expressions import join
from neurosym.notations.logiclm_nodes import binder_names, note, parse, parts_of, span, sum_of, words
from neurosym.notations.logiclm_sat_terms import Again, Terms
from neurosym.notations.logiclm_sorts import Declared, Enumeration, Sorts
from neurosym.notations.option_mode import mode_of
from neurosym.notations.parsing import Line, Mends, Parsed, lines, refuse

MAX_ROUNDS = 50
"""How often the sorts may turn out to be others than they seemed."""
_HEADER = re.compile(r"\s*#+\s*(Declarations?|Constraints?|Options?)\b", re.I)
_COMMENT = re.compile(r"\s*(?:#|//|```)")
_OPTION = re.compile(r"^\s*is_|:::\s*\(?[A-Z]\b")
_LABEL = re.compile(r":::\s*\(?([A-Z])\b")
_MODES = {"isvalid": t.OptionMode.MUST, "issat": t.OptionMode.MAY, "isunsat": t.OptionMode.CANNOT}
_EXCEPTIONS = {
    t.OptionMode.MUST: t.OptionMode.EXCEPT,
    t.OptionMode.MAY: t.OptionMode.CANNOT,
    t.OptionMode.CANNOT: t.OptionMode.MAY,
}


@dataclass(frozen=True)
class Statement:
    """A constraint or an option: its formulas, still as they were parsed."""

    line: Line
    formulas: tuple[Parsed, ...]
    note: str | None
    label: str | None = None
    mode: t.OptionMode | None = None


@dataclass
class Source:
    """A program's lines by what they are."""

    sorts: Sorts = field(default_factory=Sorts)
    functions: dict[str, Declared] = field(default_factory=dict)
    constraints: list[Statement] = field(default_factory=list)
    options: list[Statement] = field(default_factory=list)
    question: str | None = None


def read(text: str, question: str | None, options: Sequence[str]) -> Reading:
    """The program that `text` says (see neurosym.notations.read). Raises ProgramError.

    The wrappers say which option is asked for: `is_valid` the one that must hold, `is_sat` the one that may,
    `is_unsat` the one that cannot, `is_exception` the one that is none of these. The question's words say it too; where
    they are clear and the wrappers say otherwise, the words count.
    """
    mends = Mends()
    source = _source(text, mends)
    if not source.options:
        raise refuse("no-options", "the program has no options", None, "# Options, then is_valid(...) ::: (A)")
    mode = _mode(source, question or source.question, mends)
    variables = frozenset(
        name for s in (*source.constraints, *source.options) for f in s.formulas for name in binder_names(f)
    )
    before = list(mends.made)
    for _ in range(MAX_ROUNDS):
        mends.made = list(before)
        try:
            terms = Terms(source.sorts, source.functions, variables, mends)
            statements = tuple(_statements(source, terms, mode))
        except Again:
            continue
        _sort_mends(source.sorts, mends)
        return Reading(t.Program(statements), tuple(mends.made))
    raise refuse("too-many-slips", "too many elements are missing from the enumerations", None)


# --- lines ------------------------------------------------------------------------------------------------------


def _source(text: str, mends: Mends) -> Source:
    """Sort the lines. Raises ProgramError."""
    source = Source()
    section = "declarations"
    for line in lines(text):
        header = _HEADER.match(line.text)
        if header:
            section = header[1].lower().rstrip("s") + "s"
            continue
        if _COMMENT.match(line.text):
            continue
        if line.text.lstrip().lower().startswith("question"):
            source.question = line.text.partition(":::")[2].strip() or None
            continue
        try:
            parsed = parse(line, "logiclm_sat", mends)
        except ProgramError as error:
            if section != "options" or error.diagnostics[0].code != "syntax" or _OPTION.search(line.text):
                raise
            if source.options:
                mends.add("trailing-text", "what follows the options is no part of the program", line.span)
            else:
                mends.add("question", "the question stands in words", line.span, "Question ::: ...")
                source.question = source.question or line.text.partition(":::")[0].strip()
            continue
        _add(source, parsed, line, section, mends)
    return source


def _add(source: Source, parsed: Parsed, line: Line, section: str, mends: Mends) -> None:
    """Put one line where it belongs."""
    nodes, said = parts_of(parsed), parsed.children[-1]
    if not nodes:
        return
    if len(nodes) == 1 and _declare(source, nodes[0], line):
        return
    if section == "options":
        source.options.append(_option(nodes, line, str(said or ""), len(source.options), mends))
    else:
        if len(nodes) > 1:
            mends.add("comma", "several formulas on one line are all meant", line.span, "And(...)")
        source.constraints.append(Statement(line, tuple(nodes), note(said)))


def _declare(source: Source, node: Parsed, line: Line) -> bool:
    """Read `name = EnumSort([...])`, `name = Function([...] -> [...])`, `name = [...]`; False for anything else."""
    parts: list[Any] = list(node.children)
    if node.data != "compare" or len(parts) != 3 or parts[1].data != "eq_slip" or parts[0].data != "name":
        return False
    name, value, at = words(parts[0]), parts[2], span(node, line)
    if value.data == "list":
        _enumerate(source, name, value, line)
        return True
    if value.data != "call":
        return False
    kind, args = str(value.children[0]), parts_of(value)
    if kind in ("EnumSort", "IntSort", "BoolSort", "DeclareSort"):
        if len(args) != 1 or args[0].data != "list":
            raise refuse("declaration", f"`{kind}` takes a list of elements", at, f"{name} = {kind}([a, b])")
        _enumerate(source, name, args[0], line)
        return True
    if kind != "Function":
        return False
    if len(args) != 1 or args[0].data != "imp" or any(p.data != "list" for p in parts_of(args[0])):
        raise refuse("declaration", "a function has sorts of arguments and of a result", at, "Function([a] -> [b])")
    domains, result = (parts_of(p) for p in parts_of(args[0]))
    if name in source.functions or name in source.sorts.enumerations:
        raise refuse("redeclared", f"{name!r} is declared twice", at)
    if len(result) != 1:
        raise refuse("declaration", "a function has one result", at, "Function([a] -> [b])")
    sums = tuple(sum_of(d, at) for d in domains)
    source.functions[name] = Declared(name, sums, sum_of(result[0], at), at)
    source.sorts.joined |= {s for s in (*sums, source.functions[name].result) if len(s) > 1}
    return True


def _enumerate(source: Source, name: str, listed: Parsed, line: Line) -> None:
    """An enumeration; its elements are what is written between the commas."""
    elements = []
    for child in parts_of(listed):
        at = span(child, line)
        plain = words(child) if child.data in ("name", "phrase", "string") else None
        elements.append(plain or line.text[at.column - 1 : at.end_column - 1].strip())
    if name in source.functions or name in source.sorts.enumerations:
        raise refuse("redeclared", f"{name!r} is declared twice", line.span)
    if not elements:
        raise refuse("declaration", f"{name!r} has no elements", line.span, f"{name} = EnumSort([a, b])")
    source.sorts.enumerations[name] = Enumeration(name, tuple(dict.fromkeys(elements)), span(listed, line))


def _option(nodes: list[Parsed], line: Line, said: str, position: int, mends: Mends) -> Statement:
    """`is_valid(F) ::: (A)`."""
    label = _LABEL.match(said)
    letter = label[1] if label else chr(ord("A") + position)
    if not label:
        mends.add("label", "an option without its letter: they are counted from A", line.span, f"::: ({letter})")
    mode: t.OptionMode | None = None
    exceptions = 0
    while len(nodes) == 1 and nodes[0].data == "call":
        parts: list[Any] = list(nodes[0].children)
        wrapper = str(parts[0]).lower().replace("_", "")
        if not re.fullmatch(r"is[a-z]+", wrapper) or (wrapper in ("isvalid", "issat", "isunsat") and mode is not None):
            break
        if wrapper == "isexception":
            exceptions += 1
        elif wrapper in _MODES:
            mode = _MODES[wrapper]
        else:
            raise refuse("option", f"`{parts[0]}` says nothing of one option alone", line.span, "is_valid, is_sat")
        nodes = parts_of(nodes[0])
    if exceptions % 2:
        mode = _EXCEPTIONS[mode or t.OptionMode.MUST]
    if not nodes:
        raise refuse("option", "an option has a formula", line.span, f"is_valid(...) ::: ({letter})")
    if len(nodes) > 1:
        mends.add("comma", "several formulas in one option are all meant", line.span, "And(...)")
    return Statement(line, tuple(nodes), note(said) if not label else None, letter, mode)


def _mode(source: Source, question: str | None, mends: Mends) -> t.OptionMode:
    """The one mode that the options' wrappers and the question's words give. Raises ProgramError."""
    modes = {o.mode for o in source.options if o.mode is not None}
    asked = mode_of(question)
    if asked is None and len(modes) == 1:
        return modes.pop()
    if asked is None:
        span_ = source.options[0].line.span
        raise refuse("option-mode", "the options are not all of one kind", span_, "is_valid, is_sat or is_unsat")
    if modes - {asked}:
        said = " and ".join(sorted(modes))
        message = f"the options are marked `{said}`, the question asks for the one that is {asked}"
        mends.add("option-mode", message, source.options[0].line.span)
    return asked


# --- lowering ---------------------------------------------------------------------------------------------------


def _statements(source: Source, terms: Terms, mode: t.OptionMode) -> Iterator[t.Statement]:
    """Everything in our language. Raises ProgramError, Again."""
    for function in source.functions.values():  # a sort that is not declared is reported before its uses
        terms.places_of(function)
    body: list[t.Statement] = []
    for constraint in source.constraints:
        for formula in constraint.formulas:
            lowered = terms.formula(formula, constraint.line)
            body.append(t.Assertion(lowered, span=constraint.line.span, note=constraint.note))
    for option in source.options:
        formulas = [terms.formula(f, option.line) for f in option.formulas]
        lowered = join(t.BinaryOp.AND, formulas, option.line.span)
        body.append(t.Option(option.label or "", lowered, span=option.line.span, note=option.note))
    terms.settle_directions()
    yield from terms.settled.statements
    for function in source.functions.values():
        yield from terms.declaration(function)
    yield from body
    yield t.AskOption(mode)


def _sort_mends(sorts: Sorts, mends: Mends) -> None:
    """List what the use of enumerations and functions says beyond their declarations."""
    for name, at in sorts.turned.items():
        mends.add("direction", f"{name!r} is only applied to what it is declared to give: declared the other way", at)
    for name, added in sorts.added.items():
        at = sorts.enumerations[name].span
        for element in added:
            mends.add("element", f"{element!r} is used as an element of {name!r}, which does not list it", at)
    for element in sorted(sorts.ordered):
        names = [n for n, e in sorts.enumerations.items() if element in (*e.elements, *sorts.added.get(n, ()))]
        at = sorts.enumerations[names[0]].span
        mends.add("order", f"elements of {names[0]!r} are compared: they are in the order listed, from 1", at)
