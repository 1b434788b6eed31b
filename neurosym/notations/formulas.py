"""One formula of first-order logic, text → tree, in any spelling that a grammar of ours gives it.

Two slips have, often, only one reading, and are mended then: a bracket too few or too many, where every place that
it could stand gives the same tree; and a quantifier whose scope, taken literally, leaves its variable free further
on, as in `∀x P(x) → Q(x)`: the scope then runs as far as it can. Names are kept as written; what they stand for is
settled for the whole program in neurosym.notations.vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any, TypeAlias

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from neurosym.errors import ProgramError
from neurosym.grammars import load
from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic, Span
from neurosym.language.read import MAX_DEPTH

THING = "thing"
"""The sort of everything, until the vocabulary names it."""
DEEPEST = MAX_DEPTH - 10
"""How deep a formula may nest: what it is lowered to must read back within MAX_DEPTH, closed by quantifiers."""
MENDABLE = 300
"""How long a formula may be, in characters, whose bracket is looked for: every place for it is tried."""
MAX_PASSES = 4
"""How often scopes are widened in one formula, each time all that fall short; one is what is seen in practice."""

Place: TypeAlias = tuple[int, int]
"""The line and column (from 1) in the program's text where a formula begins."""


@dataclass(frozen=True)
class Formula:
    """A formula and the slips that were mended in it."""

    tree: t.Expr
    mends: tuple[Diagnostic, ...] = ()


def read_formula(text: str, place: Place = (1, 1), *, grammar: str = "fol") -> Formula:
    """The formula that `text`, which stands at `place`, says in `grammar` ("fol", "prover9", ...).

    Raises ProgramError with one located diagnostic where it does not read.
    """
    return mend_brackets(text, place, lambda said: _scoped(said, grammar, place))


def mend_brackets(text: str, place: Place, read: Callable[[str], Formula]) -> Formula:
    """What `read` makes of `text`, a bracket put in or taken out if that reads in one way only. Raises ProgramError."""
    missing = text.count("(") - text.count(")")
    try:
        return read(text)
    except ProgramError as error:
        if abs(missing) != 1 or len(text) > MENDABLE:
            raise
        readings = {formula.tree: formula for formula in _with_brackets(text, missing, read)}
        if len(readings) != 1:
            raise _ambiguous(error, missing, len(readings)) from None
    (formula,) = readings.values()
    what = "missing" if missing > 0 else "one too many"
    where = Span(place[0], place[1], place[0], place[1] + len(text))
    return Formula(formula.tree, (Diagnostic("mended-bracket", f"a bracket is {what}", where), *formula.mends))


def parse(text: str, grammar: str, place: Place) -> Tree[Token]:
    """The parse of one statement. Raises ProgramError where it does not read or nests too deep."""
    try:
        parsed = _parser(grammar).parse(text)
    except UnexpectedInput as error:
        raise ProgramError([_syntax(error, grammar, text, place)]) from None
    level: list[Tree[Token]] = [parsed]
    for _ in range(DEEPEST):
        level = [c for node in level for c in node.children if isinstance(c, Tree)]
        if not level:
            return parsed
    raise ProgramError([Diagnostic("too-deep", f"formulas nest at most {DEEPEST} deep", span_at(level[0], place))])


def span_at(node: Any, place: Place) -> Span | None:
    """The span of a parsed node in the program's text."""
    at = node.meta if isinstance(node, Tree) else node
    if getattr(at, "line", None) is None:
        return None
    line, column = place
    return Span(
        line + at.line - 1,
        at.column + (column - 1) * (at.line == 1),
        line + at.end_line - 1,
        at.end_column + (column - 1) * (at.end_line == 1),
    )


@cache
def _parser(grammar: str) -> Lark:
    return Lark(load(grammar), parser="lalr", lexer="contextual", maybe_placeholders=False, propagate_positions=True)


def _syntax(error: UnexpectedInput, grammar: str, text: str, place: Place) -> Diagnostic:
    """What stood there and what was expected, in the grammar's own signs."""
    line, column = place
    where = None
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        met, expected = "the end", error.expected
    elif isinstance(error, UnexpectedToken):
        met, expected, where = repr(str(error.token)), error.expected, span_at(error.token, place)
    else:
        assert isinstance(error, UnexpectedCharacters)
        met, expected = repr(error.char), error.allowed or set()
        at = error.column + (column - 1) * (error.line == 1)
        where = Span(line + error.line - 1, at, line + error.line - 1, at + 1)
    if where is None:
        end = column + len(text) if "\n" not in text else len(text) - text.rfind("\n")
        where = Span(line + text.count("\n"), end, line + text.count("\n"), end)
    shown = sorted({_sign(grammar, name) for name in expected} - {""})
    return Diagnostic("syntax", f"{met} does not fit here", where, f"expected {' '.join(shown)}" if shown else "")


def _sign(grammar: str, terminal: str) -> str:
    """What stands for a terminal in a message: nothing for the second and further spellings of one sign."""
    if terminal in ("$END", "<END-OF-FILE>"):  # how the parser and its lexer call it
        return "the end"
    pattern = _parser(grammar).get_terminal(terminal).pattern
    if pattern.type == "re" and not pattern.flags:
        return terminal.lower()
    return "" if terminal in _synonyms(grammar) else pattern.value


@cache
def _synonyms(grammar: str) -> frozenset[str]:
    """The terminals that a rule for one sign, such as `_and`, lists after its first."""
    rules = [r for r in _parser(grammar).rules if len(r.expansion) == 1 and str(r.origin.name).startswith("_")]
    return frozenset(str(r.expansion[0].name) for r in rules if r.order > 0)


# --- brackets ---------------------------------------------------------------------------------------------------


def _with_brackets(text: str, missing: int, read: Callable[[str], Formula]) -> Iterator[Formula]:
    """What the text reads as with one bracket put in, or taken out, wherever it then reads."""
    for k in range(1, len(text) + 1):
        before, after = text[k - 1], text[k : k + 1]
        if missing < 0 and before == ")" != after:
            candidate = text[: k - 1] + text[k:]
        elif missing > 0 and (before == ")" or before.isalnum()) and not after.isalnum() and after not in ("(", ")"):
            candidate = f"{text[:k]}){text[k:]}"
        else:
            continue
        if any(depth < 0 for depth in accumulate((c == "(") - (c == ")") for c in candidate)):
            continue
        try:
            yield read(candidate)
        except ProgramError:
            continue


def _ambiguous(error: ProgramError, missing: int, readings: int) -> ProgramError:
    if not readings:
        return error
    what = f"a bracket is {'missing' if missing > 0 else 'one too many'}, and it can be mended in {readings} ways"
    return ProgramError([Diagnostic("ambiguous-bracket", what, error.diagnostics[0].span, "balance the brackets")])


# --- scopes -----------------------------------------------------------------------------------------------------


def _scoped(text: str, grammar: str, place: Place) -> Formula:
    """The formula, each quantifier reaching as far as its variable is used within the brackets around it."""
    mends: list[Diagnostic] = []
    parsed = parse(text, grammar, place)
    for passes in range(MAX_PASSES):
        short = list(_short(parsed.children[0], frozenset()))
        if not short:
            return Formula(_Lowering(place if passes == 0 else None).formula(parsed.children[0]), tuple(mends))
        put_in: dict[int, str] = {}
        for quantifier, end in short:
            begin = _extent(quantifier.children[-1])[0]
            put_in[begin] = "("
            put_in[end] = put_in.get(end, "") + ")"
            if not quantifier.data.startswith("dotted"):
                names = ", ".join(map(str, quantifier.children[:-1]))
                what = f"{names} is used outside its scope, which is taken to run as far as it can"
                where = span_at(quantifier, place) if passes == 0 else None
                mends.append(Diagnostic("mended-scope", what, where))
        text = "".join(put_in.get(k, "") + c for k, c in enumerate(text)) + put_in.get(len(text), "")
        parsed = parse(text, grammar, place)
    what = "how far the quantifiers reach cannot be told"
    raise ProgramError([Diagnostic("scope", what, span_at(parsed, place), "write ∀x (...)")])


def _short(region: _Node, bound: frozenset[str]) -> Iterator[tuple[Tree[Token], int]]:
    """The quantifiers of a bracketed region that should reach further, to its end, which comes with each."""
    end, free = _extent(region)[1], _free(region)
    claimed: frozenset[str] = frozenset()  # by those met further left, whose scope then holds the rest
    todo: list[tuple[_Node, frozenset[str]]] = [(region, bound)]
    while todo:
        node, bound = todo.pop()
        if isinstance(node, Token):
            continue
        if node.data == "group":
            yield from _short(node.children[0], bound | claimed)
            continue
        if node.data in _QUANTIFIERS:
            names = frozenset(map(str, node.children[:-1]))
            stop = _extent(node)[1]
            later = any(free.get(name, 0) >= stop for name in names - bound - claimed)
            if stop < end and (later or node.data.startswith("dotted")):
                claimed |= names
                yield node, end
            bound |= names
        todo.extend((child, bound) for child in reversed(node.children))


def _free(region: _Node) -> dict[str, int]:
    """The names that are free in a region, each with the position of its last use there."""
    found: dict[str, int] = {}
    todo: list[tuple[_Node, frozenset[str]]] = [(region, frozenset())]
    while todo:
        node, bound = todo.pop()
        if isinstance(node, Token):
            if node not in bound:
                found[str(node)] = max(found.get(str(node), 0), _extent(node)[0])
            continue
        parts = node.children
        if node.data in _QUANTIFIERS:
            bound, parts = bound.union(map(str, parts[:-1])), parts[-1:]
        elif node.data == "call":
            parts = parts[1:]
        todo.extend((part, bound) for part in parts)
    return found


def _extent(node: _Node) -> tuple[int, int]:
    """Where a parsed node begins and ends in its text."""
    at: Any = node if isinstance(node, Token) else node.meta
    return at.start_pos, at.end_pos


# --- lowering ---------------------------------------------------------------------------------------------------


class _Lowering:
    """Parse → tree; spans only where the text was parsed as it stands."""

    def __init__(self, place: Place | None) -> None:
        self.place = place

    def formula(self, node: _Node) -> t.Expr:
        span = span_at(node, self.place) if self.place else None
        if isinstance(node, Token):
            return t.Name(unquoted(node), span=span)
        parts = node.children
        match node.data:
            case "group":
                return self.formula(parts[0])
            case "not_":
                return t.Unary(t.UnaryOp.NOT, self.formula(parts[0]), span=span)
            case "if_":
                return t.Binary(t.BinaryOp.IMPLIES, self.formula(parts[1]), self.formula(parts[0]), span=span)
            case "eq" | "ne":
                rest = ((t.CompareOp[node.data.upper()], self.formula(parts[1])),)
                return t.Compare(self.formula(parts[0]), rest, span=span)
            case "true" | "false":
                return t.Truth(node.data == "true", span=span)
            case "words":
                return t.Name(" ".join(map(str, parts)), span=span)
            case "call":
                name, *arguments = parts
                assert isinstance(name, Token)
                return t.Call(unquoted(name), tuple(self.formula(a) for a in arguments), span=span)
        if node.data in _QUANTIFIERS:
            binder = t.Binder(tuple(map(str, parts[:-1])), THING)
            return t.Quantified(_QUANTIFIERS[node.data], (binder,), self.formula(parts[-1]), span=span)
        return t.Binary(_BINARY[node.data], self.formula(parts[0]), self.formula(parts[1]), span=span)


def unquoted(token: Token) -> str:
    """A name without its quotes."""
    return str(token)[1:-1] if token.type == "QUOTED" else str(token)


_Node: TypeAlias = Tree[Token] | Token
_QUANTIFIERS = {
    "forall": t.Quantifier.FORALL,
    "dotted_forall": t.Quantifier.FORALL,
    "exists": t.Quantifier.EXISTS,
    "dotted_exists": t.Quantifier.EXISTS,
}
_BINARY = {
    "iff": t.BinaryOp.IFF,
    "imp": t.BinaryOp.IMPLIES,
    "xor": t.BinaryOp.XOR,
    "disj": t.BinaryOp.OR,
    "conj": t.BinaryOp.AND,
}
