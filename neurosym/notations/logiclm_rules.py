"""Logic-LM's dialect of facts and rules, `Kind($x, True) && !Big($x, True) >>> Red($x, False)`, open world.

A last argument True or False says whether the rest holds. A rule means all that its variables may stand for. Where
the query leaves its truth value open, the question's statement says which sign is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from lark import Token, Tree

from neurosym.language import tree as t
from neurosym.notations import Reading
from neurosym.notations.formulas import THING, Formula, mended, unquoted
from neurosym.notations.lines import Script, looks_variable, sections
from neurosym.notations.parsing import Mends, Parsed, Place, parse, refuse, span_at

HEADINGS = {
    "predicates": "predicates",
    "predicate": "predicates",
    "facts": "facts",
    "fact": "facts",
    "rules": "rules",
    "rule": "rules",
    "query": "query",
    "question": "query",
    "answer": "answer",
}
_PRONOUNS = frozenset(
    ("it", "he", "she", "they", "something", "someone", "anything", "anyone", "everything", "everyone")
)
_SIGN = {"yes": True, "no": False, "open": None}


def read(text: str, question: str | None, options: Sequence[str]) -> Reading:
    """See neurosym.notations.read. An `Answer:` that a model adds is its guess, and not read."""
    script = Script(partial(_line, may_be_open=False), looks_variable)
    for line in sections(text, HEADINGS, ":::"):
        if line.section == "query":
            script.read = partial(_line, may_be_open=True)
            script.ask(line)
        elif line.section in ("facts", "rules"):
            script.read = partial(_line, may_be_open=False)
            script.premise(line)
    return script.reading("Query: Kind(Bob, True) ::: Bob is kind.", question)


def _line(text: str, place: Place, *, may_be_open: bool) -> Formula:
    def read_exactly(said: str) -> Formula:
        lowering = _Lowering(place)
        formula = lowering.formula(parse(said, "logiclm_rules", place).children[0])
        if lowering.open and not may_be_open:
            what, where = "a fact or a rule says whether it holds", span_at(lowering.open[0], place)
            raise refuse("open-truth", what, where, "write True or False")
        if lowering.variables:
            if isinstance(formula, t.Binary) and formula.op is t.BinaryOp.AND:
                what = "several things are said of everything at once: a rule that lost its conclusion"
                raise refuse("no-conclusion", what, formula.span, "write A($x) && B($x) >>> C($x)")
            binder = t.Binder(tuple(lowering.variables), THING)
            formula = t.Quantified(t.Quantifier.FORALL, (binder,), formula, span=formula.span)
        return Formula(formula, tuple(lowering.mends.made))

    return mended(text, place, read_exactly)


class _Lowering:
    """One line's parse → tree; collects its variables, its slips, and the truth values left open."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.variables: dict[str, None] = {}
        self.mends = Mends()
        self.open: list[Parsed] = []

    def formula(self, node: Parsed | Token) -> t.Expr:
        assert isinstance(node, Tree)
        parts, span = node.children, span_at(node, self.place)
        match node.data:
            case "group":
                return self.formula(parts[0])
            case "not_":
                return _not(self.formula(parts[0]))
            case "valued" | "valued_not":
                held = self.sign(parts[1]) is not (node.data == "valued_not")
                return self.formula(parts[0]) if held else _not(self.formula(parts[0]))
            case "literal":
                return self.literal(node)
            case "is_" | "is_not":
                what = "a sentence stands for what it says of one thing"
                self.mends.add("sentence", what, span)
                subject = self.term(parts[0])
                if isinstance(subject, t.Name) and subject.id.lower() in _PRONOUNS:
                    what = f"whom {subject.id!r} means is not said by a name or a variable"
                    raise refuse("syntax", what, span, f"{parts[1]}($x, True)")
                atom = t.Call(str(parts[1]), (subject,), span=span)
                return atom if node.data == "is_" else _not(atom)
            case "if_":
                return t.Binary(t.BinaryOp.IMPLIES, self.formula(parts[1]), self.formula(parts[0]), span=span)
        return t.Binary(_BINARY[node.data], self.formula(parts[0]), self.formula(parts[1]), span=span)

    def literal(self, node: Parsed) -> t.Expr:
        name, *arguments = node.children
        assert isinstance(name, Token)
        span, holds = span_at(node, self.place), True
        last = arguments[-1]
        if isinstance(last, Tree) and last.data in _SIGN:
            holds = self.sign(last)
            arguments.pop()
        terms = []
        for argument in arguments:
            if isinstance(argument, Tree) and argument.data == "denied":
                what = "`not` beside an argument denies the whole"
                self.mends.add("negation", what, span_at(argument, self.place))
                holds, argument = not holds, argument.children[0]
            terms.append(self.term(argument))
        atom = t.Call(str(name), tuple(terms), span=span) if terms else t.Name(str(name), span=span)
        return atom if holds else _not(atom)

    def term(self, node: Parsed | Token) -> t.Expr:
        span = span_at(node, self.place)
        if isinstance(node, Token):
            self.variables.setdefault(node[1:])
            return t.Name(node[1:], span=span)
        if node.data in _SIGN:
            what = "True and False stand last"
            raise refuse("syntax", what, span, "Likes(Bob, Anne, True)")
        return t.Name(" ".join(unquoted(word) for word in node.children if isinstance(word, Token)), span=span)

    def sign(self, node: Parsed | Token) -> bool:
        """Whether a truth value is not False; one that is left open is noted."""
        assert isinstance(node, Tree)
        if node.data == "open":
            self.open.append(node)
        return _SIGN[node.data] is not False


def _not(e: t.Expr) -> t.Expr:
    """The negation; twice is not at all."""
    return e.operand if isinstance(e, t.Unary) else t.Unary(t.UnaryOp.NOT, e, span=e.span)


_BINARY = {"imp": t.BinaryOp.IMPLIES, "conj": t.BinaryOp.AND, "disj": t.BinaryOp.OR}
