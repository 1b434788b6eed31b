"""Text → tree: parses with the grammar that also masks decoding, within bounds that hostile text cannot exceed."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from neurosym.errors import ProgramError
from neurosym.grammars import keywords, load
from neurosym.language import tree as t
from neurosym.language.bounds import MAX_CHARACTERS, MAX_DEPTH, MAX_DIGITS
from neurosym.language.diagnostic import Diagnostic, Span
from neurosym.language.lalr import Reader
from neurosym.language.mistakes import diagnose


def read(text: str) -> t.Program:
    """The program that `text` says: statements and exactly one ask at the end.

    Raises ProgramError with one located diagnostic where it does not read.
    """
    return t.Program(tuple(_statements(_parse(text.rstrip() + "\n", "start"))))


def read_fragment(text: str) -> t.Program:
    """The statements of the beginning of a program, which ends at a line's end. Raises ProgramError."""
    return t.Program(tuple(_statements(_parse(text, "fragment"))))


def read_expression(text: str) -> t.Expr:
    """One expression, such as an answer. Raises ProgramError."""
    statements = _statements(_parse(f"{_LEAD}{text.rstrip()}\n", "start", len(_LEAD)))
    ask = statements[-1]
    if len(statements) != 1 or not isinstance(ask, t.Ask) or len(ask.targets) != 1:
        raise ProgramError([Diagnostic("syntax", f"one expression is expected, not {text!r}")])
    return ask.targets[0]


_LEAD = "ask "
"""What makes a program of an expression; it is no part of the text that spans count in."""


@cache
def _reader() -> Reader:
    return Reader(_parser(), keywords("ir"))


@cache
def _parser() -> Lark:
    """Says what is wrong with what `_reader` does not read."""
    words = keywords("ir")

    def refuse_keywords(token: Token) -> Token:
        return Token.new_borrow_pos("KEYWORD", token.value, token) if token.value in words else token

    return Lark(
        load("ir"),
        parser="lalr",
        lexer="contextual",
        start=["start", "fragment"],
        maybe_placeholders=True,
        propagate_positions=True,
        lexer_callbacks={"NAME": refuse_keywords},
    )


def _parse(text: str, start: str, lead: int = 0) -> Tree[Token]:
    """The parse of `text`, whose first `lead` characters are not counted in columns. Raises ProgramError."""
    if len(text) > MAX_CHARACTERS:
        raise ProgramError(
            [Diagnostic("too-long", f"a program has at most {MAX_CHARACTERS} characters, this one {len(text)}")]
        )
    parsed = _reader().parse(text, start, column=1 - lead)
    if parsed is None:
        try:
            parsed = _parser().parse(text, start=start)
        except UnexpectedInput as error:
            raise ProgramError([diagnose(error, text, _parser(), lead)]) from None
    _bound_depth(parsed)
    return parsed


def _bound_depth(parsed: Tree[Token]) -> None:
    """Everything after the parser recurses over the tree, so its depth is bounded here, without recursion."""
    level: list[Tree[Token]] = [parsed]
    for _ in range(MAX_DEPTH):
        level = [c for node in level for c in node.children if isinstance(c, Tree)]
        if not level:
            return
    raise ProgramError(
        [
            Diagnostic(
                "too-deep",
                f"expressions nest at most {MAX_DEPTH} deep",
                _span(level[0]),
                "name parts of it with `let`",
            )
        ]
    )


def _span(node: Tree[Token] | Token) -> Span | None:
    at: Any = node if isinstance(node, Token) else node.meta
    try:
        return Span(at.line, at.column, at.end_line, at.end_column)
    except AttributeError:  # Lark gives a tree of nothing no place
        return None


# --- statements -------------------------------------------------------------------------------------------------


def _statements(parsed: Tree[Token]) -> list[t.Statement]:
    """Pair each statement with the note that follows it on its line."""
    found: list[t.Statement] = []
    pending: Tree[Token] | None = None
    note: str | None = None

    def flush() -> None:
        nonlocal pending, note
        if pending is not None:
            found.append(_STATEMENTS[pending.data](pending, note))
        pending = note = None

    for child in parsed.children:
        if isinstance(child, Tree):
            flush()
            pending = child
        elif child is not None and pending is not None and child.line == pending.meta.end_line:
            note = child.value[1:].strip() or None  # a note on a line of its own says nothing of any statement
    flush()
    return found


def _name(token: Any) -> str:
    text = str(token)
    return text[1:-1] if text.startswith('"') else text


def _names(children: list[Any]) -> tuple[str, ...]:
    return tuple(_name(c) for c in children)


def _type(node: Any) -> t.Type:
    return _range(node) if isinstance(node, Tree) and node.data == "range" else _unit(node)


def _optional_type(node: Any) -> t.Type | None:
    return None if node is None else _type(node)


def _unit(node: Any) -> t.Unit:
    powers: dict[str, int] = {}

    def collect(part: Any, sign: int) -> None:
        if isinstance(part, Token):
            powers[_name(part)] = powers.get(_name(part), 0) + sign
        elif part.data == "unit_power":
            base, exponent = part.children
            powers[_name(base)] = powers.get(_name(base), 0) + sign * _small_int(exponent)
        else:
            collect(part.children[0], sign)
            if len(part.children) == 2:
                collect(part.children[1], -sign if part.data == "unit_per" else sign)

    collect(node, 1)
    ordered = sorted(((n, e) for n, e in powers.items() if e), key=lambda f: (f[1] < 0, f[0]))
    if not ordered or ordered[0][1] < 0:
        raise ProgramError([Diagnostic("unit", "a unit needs something left in its numerator", _span(node))])
    return t.Unit(tuple(ordered), span=_span(node))


def _small_int(token: Any) -> int:
    if len(token) > 2:
        raise ProgramError([Diagnostic("too-large", "an exponent of a unit has at most 2 digits", _span(token))])
    return int(token)


def _domain(node: Any) -> t.Domain:
    return _range(node) if isinstance(node, Tree) else _name(node)


def _range(node: Tree[Token]) -> t.Range:
    low, high = (_bound(b) for b in node.children)
    return t.Range(low, high, span=_span(node))


def _bound(node: Any) -> int | str:
    token = node.children[0]
    if token.type != "INT":
        return _name(token)
    value = int(_digits(token))
    return -value if node.data == "negative" else value


def _signature(node: Tree[Token]) -> t.Signature:
    name, *domains = node.children
    return t.Signature(_name(name), tuple(_domain(d) for d in domains), span=_span(node))


def _signatures(children: list[Any]) -> tuple[t.Signature, ...]:
    return tuple(_signature(c) for c in children)


def _let(node: Tree[Token], note: str | None) -> t.Statement:
    name, type_, value = node.children
    return t.Let(_name(name), _optional_type(type_), _expr(value), span=_span(node), note=note)


def _var(node: Tree[Token], note: str | None) -> t.Statement:
    *names, type_ = node.children
    return t.Var(_names(names), _type(type_), span=_span(node), note=note)


def _sort(node: Tree[Token], note: str | None) -> t.Statement:
    name, *rest = node.children
    given = [c for c in rest if c is not None]
    elements: tuple[str, ...] | t.Range | None
    if not given:
        elements = None
    elif isinstance(given[0], Tree):
        elements = _range(given[0])
    else:
        elements = _names(given)
    return t.Sort(_name(name), elements, span=_span(node), note=note)


def _const(node: Tree[Token], note: str | None) -> t.Statement:
    *names, sort = node.children
    return t.Const(_names(names), _name(sort), span=_span(node), note=note)


def _fun(node: Tree[Token], note: str | None) -> t.Statement:
    *signatures, type_ = node.children
    return t.Fun(_signatures(signatures), _type(type_), span=_span(node), note=note)


def _rel(node: Tree[Token], note: str | None) -> t.Statement:
    return t.Rel(_signatures(node.children), node.data == "closed_rel", span=_span(node), note=note)


def _graph(node: Tree[Token], note: str | None) -> t.Statement:
    signature, type_ = node.children
    assert isinstance(signature, Tree)
    return t.Graph(_signature(signature), _optional_type(type_), node.data == "digraph", span=_span(node), note=note)


def _distinct(node: Tree[Token], note: str | None) -> t.Statement:
    return t.Distinct(_names(node.children), span=_span(node), note=note)


def _option(node: Tree[Token], note: str | None) -> t.Statement:
    label, formula = node.children
    return t.Option(str(label), _expr(formula), span=_span(node), note=note)


def _goal(node: Tree[Token], note: str | None) -> t.Statement:
    inner = node.children[0] if node.data == "goal" else node
    assert isinstance(inner, Tree)
    return t.Goal(inner.data == "maximize", _expr(inner.children[0]), span=_span(node), note=note)


def _python(node: Tree[Token], note: str | None) -> t.Statement:
    head, *lines = str(node.children[0]).split("\n")[:-1]
    head_note = head.partition("#")[2].strip() or None
    code = textwrap.dedent("\n".join(line.rstrip() for line in lines)).rstrip("\n")
    return t.Python(code, span=_span(node), note=head_note or note)


def _assertion(node: Tree[Token], note: str | None) -> t.Statement:
    return t.Assertion(_expr(node.children[0]), span=_span(node), note=note)


def _ask(node: Tree[Token], note: str | None) -> t.Statement:
    return t.Ask(tuple(_expr(c) for c in node.children), span=_span(node), note=note)


def _ask_option(node: Tree[Token], note: str | None) -> t.Statement:
    mode = node.children[0]
    chosen = t.OptionMode(mode.data.rstrip("_")) if isinstance(mode, Tree) else t.OptionMode.CONSISTENT
    return t.AskOption(chosen, span=_span(node), note=note)


_STATEMENTS: dict[str, Callable[[Tree[Token], str | None], t.Statement]] = {
    "let": _let,
    "var": _var,
    "sort": _sort,
    "const": _const,
    "fun": _fun,
    "rel": _rel,
    "closed_rel": _rel,
    "graph": _graph,
    "digraph": _graph,
    "distinct": _distinct,
    "option": _option,
    "goal": _goal,
    "maximize": _goal,
    "minimize": _goal,
    "python": _python,
    "formula": _assertion,
    "ask": _ask,
    "ask_option": _ask_option,
}


# --- expressions ------------------------------------------------------------------------------------------------

_BINARY = {
    "iff": t.BinaryOp.IFF,
    "imp": t.BinaryOp.IMPLIES,
    "disj": t.BinaryOp.OR,
    "xor": t.BinaryOp.XOR,
    "conj": t.BinaryOp.AND,
    "add": t.BinaryOp.ADD,
    "sub": t.BinaryOp.SUB,
    "mul": t.BinaryOp.MUL,
    "div": t.BinaryOp.DIV,
    "mod": t.BinaryOp.MOD,
    "pow": t.BinaryOp.POW,
}
_COMPARE = {op.name.lower(): op for op in t.CompareOp}


def _expr(node: Any) -> t.Expr:
    if isinstance(node, Token):
        return t.Name(_name(node), span=_span(node))
    span, data, parts = _span(node), node.data, node.children
    if data in _BINARY:
        return t.Binary(_BINARY[data], _expr(parts[0]), _expr(parts[1]), span=span)
    match data:
        case "number" | "percent" | "quantity":
            return _number(node)
        case "call":
            return t.Call(_name(parts[0]), _arguments(parts[1:]), span=span)
        case "distinct":
            return t.Call("distinct", _arguments(parts), span=span)
        case "compare":
            rest = tuple((_COMPARE[op.data], _expr(right)) for op, right in zip(parts[1::2], parts[2::2], strict=True))
            return t.Compare(_expr(parts[0]), rest, span=span)
        case "neg_":
            return t.Unary(t.UnaryOp.NEG, _expr(parts[0]), span=span)
        case "not_":
            return t.Unary(t.UnaryOp.NOT, _expr(parts[0]), span=span)
        case "forall" | "exists":
            *binders, body = parts
            return t.Quantified(t.Quantifier(data), tuple(_binder(b) for b in binders), _expr(body), span=span)
        case "ite":
            condition, yes, no = (_expr(p) for p in parts)
            return t.Conditional(condition, yes, no, span=span)
        case "set":
            return t.SetOf(tuple(_expr(p) for p in parts if p is not None), span=span)
        case "list":
            return t.ListOf(tuple(_expr(p) for p in parts if p is not None), span=span)
        case "true" | "false":
            return t.Truth(data == "true", span=span)
    raise AssertionError(f"the grammar has a rule that the reader does not know: {data}")


def _digits(token: Token) -> str:
    if len(token) > MAX_DIGITS:
        raise ProgramError(
            [Diagnostic("too-large", f"a number has at most {MAX_DIGITS} digits", _span(token), "write a power")]
        )
    return str(token)


def _number(node: Tree[Token]) -> t.Number:
    token = node.children[0]
    assert isinstance(token, Token)
    value = Fraction(_digits(token))
    if node.data == "percent":
        return t.Number(value / 100, percent=True, span=_span(node))
    unit = _unit(node.children[1]) if node.data == "quantity" else None
    return t.Number(value, unit=unit, span=_span(node))


def _binder(node: Tree[Token]) -> t.Binder:
    *names, domain = node.children
    return t.Binder(_names(names), _domain(domain), span=_span(node))


def _arguments(nodes: list[Any]) -> tuple[t.Expr | t.Binder, ...]:
    return tuple(_binder(n) if isinstance(n, Tree) and n.data == "each" else _expr(n) for n in nodes)
