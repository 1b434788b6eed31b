"""Logic-LM's constraint dialect: variables over listed values, constraints, and options of which one follows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from lark import Token, Tree

from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.diagnostic import Span
from neurosym.notations import Reading
from neurosym.notations.expressions import ARITHMETIC, COMPARE, join, negation, number
from neurosym.notations.logiclm_nodes import note, parse, span
from neurosym.notations.option_mode import mode_of
from neurosym.notations.parsing import Line, Mends, Parsed, lines, refuse

VALUES = "value"
"""The sort of values that are words."""
_ALL_DIFFERENT = frozenset({"alldifferentconstraint", "alldifferent", "alldistinct", "distinct"})
_LABEL = re.compile(r"\s*\(?([A-Z])[).:]")
_ARITHMETIC = frozenset({"abs", "min", "max"})


def read(text: str, question: str | None, options: Sequence[str]) -> Reading:
    """The program that `text` says (see neurosym.notations.read). Raises ProgramError.

    Its options ask for the one that follows, unless `question` says otherwise: a value that the constraints only
    allow is no answer to "which is true". Where `options` are given in words, their letters count.
    """
    mends = Mends()
    source = _Source(mends)
    for line in lines(text):
        source.add(line)
    statements = [*source.declarations(), *source.claims, *_labelled(source.options, options, mends)]
    if source.options:
        statements.append(t.AskOption(mode_of(question) or t.OptionMode.MUST))
    elif source.asked:
        statements.append(t.Ask(tuple(source.asked)))
    else:
        raise refuse("no-query", "the program asks nothing", None, "Query: then a line such as A) jar == 1")
    return Reading(t.Program(tuple(statements)), tuple(mends.made))


def _labelled(found: Sequence[t.Option], given: Sequence[str], mends: Mends) -> list[t.Option]:
    """The options with the letters under which their own sentences are given, where all are."""
    letters: dict[str, str] = {}
    for position, text in enumerate(given):
        label = _LABEL.match(text)
        sentence = _plain(text[label.end() :] if label else text)
        letters[sentence] = label[1] if label else chr(ord("A") + position)
    meant = [letters.get(_plain(o.note or "")) for o in found]
    if len(letters) < len(given) or None in meant or len(set(meant)) < len(meant):
        return list(found)
    if any(o.label != letter for o, letter in zip(found, meant, strict=True)):
        at = found[0].span
        mends.add("letters", "the options stand in another order than those given: the given letters count", at)
    return [replace(o, label=letter or o.label) for o, letter in zip(found, meant, strict=True)]


class _Source:
    """The lines read so far, lowered but for the declarations, which depend on how all values are used."""

    def __init__(self, mends: Mends) -> None:
        self.mends = mends
        self.section = ""
        self.meanings: dict[str, int] = {}
        self.variables: dict[str, tuple[tuple[t.Expr, ...], Span, str | None]] = {}
        self.claims: list[t.Statement] = []
        self.options: list[t.Option] = []
        self.asked: list[t.Expr] = []
        self.computed: set[str] = set()
        """The names that are compared by order or computed with."""

    def add(self, line: Line) -> None:
        """Read one line."""
        try:
            parsed = parse(line, "logiclm_csp", self.mends)
        except ProgramError as error:
            if error.diagnostics[0].code != "syntax":
                raise
            if self.section == "Domain":  # says in words what the values mean
                return
            if self.section == "Query" and self.options and not re.match(r"\s*\(?[A-Z]\)", line.text):
                self.mends.add("trailing-text", "what follows the options is no part of the program", line.span)
                return
            raise
        parts: list[Any] = list(parsed.children)
        match parsed.data:
            case "header":
                self.section = str(parts[0]).capitalize()
            case "meaning":
                self.meanings.setdefault(_plain(parts[1]), int(number(parts[0], line.span).value))
            case "variable":
                self.variable(parts, line)
            case "option":
                if len(parts[0]) > 1:
                    raise refuse("syntax", "an option is marked by one letter", span(parts[0], line), "A) jar == 1")
                formula = self.expr(parts[1], line)
                self.options.append(t.Option(str(parts[0]).upper(), formula, span=line.span, note=note(parts[2])))
            case "claim" if self.section == "Query":
                self.asked.append(self.expr(parts[0], line))
            case "claim" if self.section != "Domain":
                self.claim(self.expr(parts[0], line), line, note(parts[1]))

    def variable(self, parts: list[Any], line: Line) -> None:
        """`name [IN] [values]`."""
        name = _name(parts[0])
        if self.section == "Domain":
            self.mends.add("section", f"{name!r} is declared under Domain", line.span, "declare it under Variables")
        values = tuple(self.expr(p, line) for p in parts[1:-1])
        if name in self.variables:
            if self.variables[name][0] != values:
                raise refuse("redeclared", f"{name!r} is already a variable, with other values", line.span)
            self.mends.add("redeclared", f"{name!r} is declared twice alike", line.span)
        self.variables[name] = (values, line.span, note(parts[-1]))

    def claim(self, formula: t.Expr, line: Line, said: str | None) -> None:
        """A constraint; variables that all differ are a statement of their own."""
        if isinstance(formula, t.Call) and formula.function == "distinct" and len(formula.args) > 1:
            names = [a.id for a in formula.args if isinstance(a, t.Name)]
            if len(names) == len(formula.args):
                self.claims.append(t.Distinct(tuple(names), span=line.span, note=said))
                return
        self.claims.append(t.Assertion(formula, span=line.span, note=said))

    # --- declarations -----------------------------------------------------------------------------------------

    def declarations(self) -> list[t.Statement]:
        """The variables, and the sort of their values where these are words."""
        worded = {n: v for n, v in self.variables.items() if any(isinstance(value, t.Name) for value in v[0])}
        words = list(dict.fromkeys(v.id for values, _, _ in worded.values() for v in values if isinstance(v, t.Name)))
        ordered = not self.computed.isdisjoint({*words, *worded})
        found: list[t.Statement] = []
        if ordered:
            lists = {tuple(_text(v) for v in values) for values, _, _ in worded.values()}
            if len(lists) > 1:
                first = next(iter(worded.values()))[1]
                raise refuse("unordered-values", "values that are words have no order here", first, "use numbers")
            self.mends.add(
                "order", "words are compared: they are in the order in which they are listed", None, ", ".join(words)
            )
            found += [t.Let(word, None, t.Number(Fraction(k))) for k, word in enumerate(words, 1)]
        elif words:
            found.append(t.Sort(VALUES, tuple(words)))
        for name, (values, at, said) in self.variables.items():
            type_, listed = self.type(values, words, ordered, at)
            found.append(t.Var((name,), type_, span=at, note=said))
            if listed:
                allowed = t.Call("member", (t.Name(name, span=at), t.SetOf(values, span=at)), span=at)
                found.append(t.Assertion(allowed, span=at))
        return found

    def type(self, values: tuple[t.Expr, ...], words: list[str], ordered: bool, at: Span) -> tuple[t.Type, bool]:
        """The type of a variable with these values, and whether they must be listed besides."""
        named = {v.id for v in values if isinstance(v, t.Name)}
        if named and len(named) == len(values):
            if ordered:
                return t.Range(1, len(words)), False
            return t.Unit(((VALUES, 1),)), len(named) < len(words)
        numbers = {n for v in values if (n := _value(v)) is not None}
        if named or len(numbers) != len(set(values)):
            raise refuse("values", "a variable's values are all numbers or all words", at)
        if any(n.denominator != 1 for n in numbers):
            return t.Unit((("real", 1),)), True
        low, high = int(min(numbers)), int(max(numbers))
        return t.Range(low, high), len(numbers) < high - low + 1

    # --- expressions ------------------------------------------------------------------------------------------

    def expr(self, node: Parsed, line: Line) -> t.Expr:
        """Lower one expression."""
        at = span(node, line)
        parts: list[Any] = list(node.children)
        match node.data:
            case "number":
                return number(parts[0], at)
            case "name":
                return self.name(_name(node), at)
            case "group":
                return self.expr(parts[0], line)
            case "list":
                return t.ListOf(tuple(self.expr(p, line) for p in parts), span=at)
            case "neg_":
                return t.Unary(t.UnaryOp.NEG, self.numeric(self.expr(parts[0], line)), span=at)
            case "not_":
                return t.Unary(t.UnaryOp.NOT, self.expr(parts[0], line), span=at)
            case "conj":
                return t.Binary(t.BinaryOp.AND, self.expr(parts[0], line), self.expr(parts[1], line), span=at)
            case "disj":
                return t.Binary(t.BinaryOp.OR, self.expr(parts[0], line), self.expr(parts[1], line), span=at)
            case "compare":
                return self.compare(parts, line, at)
            case "call":
                return self.call(str(parts[0]), [self.expr(p, line) for p in parts[1:]], at)
        left, right = (self.numeric(self.expr(p, line)) for p in parts)
        return t.Binary(ARITHMETIC[node.data], left, right, span=at)

    def numeric(self, e: t.Expr) -> t.Expr:
        """`e`, whose names stand for numbers."""
        self.computed |= {n.id for n in t.walk(e) if isinstance(n, t.Name)}
        return e

    def name(self, name: str, at: Span) -> t.Expr:
        """A variable, or a value that the domain explains."""
        meant = self.meanings.get(_plain(name))
        if meant is None or name in self.variables:
            return t.Name(name, span=at)
        self.mends.add("meaning", f"{name!r} is no variable; the domain says that it means {meant}", at)
        return t.Number(Fraction(meant), span=at)

    def compare(self, parts: list[Any], line: Line, at: Span) -> t.Expr:
        rest = []
        for op, side in zip(parts[1::2], parts[2::2], strict=True):
            if op.data == "eq_slip":
                self.mends.add("equals", "`=` compares here", span(op, line) if op.children else at, "==")
            chosen = COMPARE[op.data.removesuffix("_slip")]
            rest.append((chosen, self.expr(side, line)))
        compared = t.Compare(self.expr(parts[0], line), tuple(rest), span=at)
        ordered = any(op not in (t.CompareOp.EQ, t.CompareOp.NE) for op, _ in rest)
        return self.numeric(compared) if ordered else compared

    def call(self, name: str, args: list[t.Expr], at: Span) -> t.Expr:
        plain = name.lower().replace("_", "")
        if len(args) == 1 and isinstance(args[0], t.ListOf):
            args = list(args[0].elements)
        if plain in _ALL_DIFFERENT:
            return t.Call("distinct", tuple(args), span=at)
        if plain in _ARITHMETIC:
            return self.numeric(t.Call(plain, tuple(args), span=at))
        if plain in ("and", "or"):
            return join(t.BinaryOp.AND if plain == "and" else t.BinaryOp.OR, args, at)
        if plain == "not" and len(args) == 1:
            return negation(args[0])
        raise refuse("unknown-function", f"{name!r} is no constraint of this notation", at, "AllDifferentConstraint")


def _name(node: Tree[Token]) -> str:
    words = [str(c) for c in node.children]
    return words[0][1:-1] if words[0][:1] in "\"'" else " ".join(words)


def _plain(words: str) -> str:
    return " ".join(re.sub(r"[\s_.-]+", " ", words.lower()).split())


def _text(value: t.Expr) -> str | Fraction | None:
    return value.id if isinstance(value, t.Name) else _value(value)


def _value(e: t.Expr) -> Fraction | None:
    if isinstance(e, t.Number):
        return e.value
    if isinstance(e, t.Unary) and e.op is t.UnaryOp.NEG and isinstance(e.operand, t.Number):
        return -e.operand.value
    return None
