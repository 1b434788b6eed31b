"""Answer text → typed value: the trees of `answer.lark` get their meaning here, and what has two meanings is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from neurosym.equality import units
from neurosym.equality.answers import (
    Answer,
    Bounded,
    Collection,
    Ellipsis,
    Interval,
    Joined,
    Measure,
    Ratio,
    Relation,
    Shape,
    Unit,
    Unreadable,
    Words,
)
from neurosym.equality.latex import plain
from neurosym.grammars import load
from neurosym.language import tree as t

MAX_CHARACTERS = 2_000
MAX_DEPTH = 60
MAX_DIGITS = 1_000
ENDLESS = t.Name("oo")

_LETTERED = re.compile(rf"[\d)}}]\s*(?:\\[a-z]+\{{\s*)?[{''.join(sorted(units.LETTERS))}]\b")
_WORDS = re.compile(r"[^\W\d_]['’.\w -]*\Z")
_PLAIN_LETTERS = re.compile(r"\\[a-z]+|[^\W\d_]+")
_GREEK = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau upsilon"
    " phi varphi chi psi omega".split()
)
_NAMES = {"pi": "pi", "infty": "oo", "infinity": "oo", "inf": "oo", "oo": "oo", "π": "pi"}
_FUNCTIONS = {
    **{f: f for f in "sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan ln log exp sqrt min max gcd lcm".split()},
    **{"asin": "arcsin", "acos": "arccos", "atan": "arctan", "abs": "abs", "floor": "floor", "ceil": "ceil"},
}
_OPAQUE = frozenset("fghFGH")
"""Letters that, before a bracket, are functions and not factors."""
_COMPARE = {
    "=": t.CompareOp.EQ,
    "≠": t.CompareOp.NE,
    "<": t.CompareOp.LT,
    ">": t.CompareOp.GT,
    "≤": t.CompareOp.LE,
    "≥": t.CompareOp.GE,
}
_ARITHMETIC = {"add": t.BinaryOp.ADD, "sub": t.BinaryOp.SUB, "mul": t.BinaryOp.MUL, "div": t.BinaryOp.DIV}
ONE, HUNDRED = t.Number(Fraction(1)), t.Number(Fraction(100))

Node: TypeAlias = Any
"""A lark tree or token."""


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
        first = _Lowering(latex="\\" in text, letters=False).answer(parsed)
    except Unreadable:
        if _WORDS.match(spelt) and not re.search(r"\d", spelt):
            return (words,)
        if not _LETTERED.search(spelt):
            raise
        return (_Lowering(latex="\\" in text, letters=True).answer(parsed),)
    if not _LETTERED.search(spelt):
        return (first,)
    try:
        return (first, _Lowering(latex="\\" in text, letters=True).answer(parsed))
    except Unreadable:
        return (first,)


def _spoken(text: str, spelt: str) -> str:
    return re.sub(r"\s+", " ", spelt if "\\" in text else text.translate({ord("$"): None})).strip(" .").casefold()


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


class _Lowering:
    """latex: a pair of braces around one thing groups. letters: `m` after a number is a unit, not a variable."""

    def __init__(self, latex: bool, letters: bool) -> None:
        self.latex, self.letters = latex, letters

    # --- collections and relations -------------------------------------------------------------------------------

    def answer(self, node: Node) -> Answer:
        """The value of a whole `list`."""
        if node.data != "list":
            return self.item(node)
        separators = {c.type for c in node.children if isinstance(c, Token)}
        items = [self.item(c) for c in node.children if isinstance(c, Tree)]
        items = [one for item in items for one in _signs(item)]
        if len(items) == 1:
            return items[0]
        if all(isinstance(i, Bounded) and isinstance(i.members, Interval) for i in items) and "OR" in separators:
            first = items[0]
            assert isinstance(first, Bounded)
            if any(isinstance(i, Bounded) and i.variable != first.variable for i in items):
                raise Unreadable("its alternatives bound different variables")
            return Bounded(first.variable, Joined(tuple(i.members for i in items if isinstance(i, Bounded))))
        if "AND" in separators and (total := _compound(items)) is not None:
            return total
        return Collection(Shape.BARE, _repeated_name(items))

    def items(self, node: Node) -> tuple[Answer, ...]:
        return tuple(one for c in node.children if isinstance(c, Tree) for one in _signs(self.item(c)))

    def item(self, node: Node) -> Answer:
        match node.data:
            case "relation" if len(node.children) > 1:
                return self.relation(node)
            case "ratio" if len(node.children) > 1:
                parts = tuple(self.number(c) for c in node.children)
                clock = len(parts) in (2, 3) and all(_literal(p) is not None for p in parts)
                return Ratio(parts, clock)
            case "union" if len(node.children) > 1:
                return Joined(tuple(self.item(c) for c in node.children if isinstance(c, Tree)))
            case "juxt" if len(node.children) == 1:
                return self.item(node.children[0])
            case "round":
                inner = self.items(node.children[0])
                return inner[0] if len(inner) == 1 else Collection(Shape.ROUND, inner)
            case "square":
                inner = self.items(node.children[0])
                return inner[0] if len(inner) == 1 and self.latex else Collection(Shape.SQUARE, inner)
            case "open_closed" | "closed_open":
                return self.interval(node)
            case "set":
                return Collection(Shape.SET, self.items(node.children[0]) if node.children else ())
            case "empty":
                return Collection(Shape.SET, ())
            case "group":
                inner = self.items(node.children[0])
                return inner[0] if len(inner) == 1 and self.latex else Collection(Shape.SET, inner)
            case "dots":
                return Ellipsis()
        if node.data in ("prefix_pm", "pm") or _has_signs(node):
            return _Plus(self.measure(node))
        return self.measure(node)

    def interval(self, node: Node) -> Answer:
        ends = node.children[0].children
        if len([c for c in ends if isinstance(c, Tree)]) != 2:
            raise Unreadable("an interval has two ends")
        low, high = (self.number(c) for c in ends if isinstance(c, Tree))
        return Interval(_end(low), _end(high), node.data == "closed_open", node.data == "open_closed")

    def relation(self, node: Node) -> Answer:
        sides, ops = node.children[0::2], [str(op) for op in node.children[1::2]]
        if ops == ["∈"]:
            return Bounded(self.number(sides[0]), self.item(sides[1]))
        if "∈" in ops:
            raise Unreadable("it has several relations in one")
        if all(op == "=" for op in ops) and len(ops) > 1:
            raise Unreadable("it is a chain of equations")
        if ops == ["="] and _shaped(sides[1]):
            return Bounded(self.name(sides[0]), _Named(self.item(sides[1])))
        if len(ops) == 2:
            return self.between([self.number(s) for s in sides], ops)
        if len(ops) > 2:
            raise Unreadable("it has several relations in one")
        left, right = self.measure(sides[0]), self.measure(sides[1])
        if left.unit is not None:
            raise Unreadable("it has a unit on the left")
        relation = Relation(left.value, _COMPARE[ops[0]], right.value, right.unit)
        return _Plus(relation) if _has_signs(node) else relation

    def name(self, node: Node) -> t.Expr:
        """The left side of `(x, y) = (1, 2)`, or one variable."""
        answer = self.item(node)
        if isinstance(answer, Collection) and all(isinstance(i, Measure) for i in answer.items):
            return t.ListOf(tuple(i.value for i in answer.items if isinstance(i, Measure)))
        if isinstance(answer, Measure):
            return answer.value
        raise Unreadable("what is named is no variable")

    def between(self, sides: list[t.Expr], ops: list[str]) -> Answer:
        low, middle, high = sides
        if set(ops) <= {">", "≥"}:
            low, high, ops = high, low, [{">": "<", "≥": "≤"}[op] for op in reversed(ops)]
        if not set(ops) <= {"<", "≤"}:
            raise Unreadable("its relations point different ways")
        return Bounded(middle, Interval(_end(low), _end(high), ops[0] == "≤", ops[1] == "≤"))

    # --- numbers and terms ---------------------------------------------------------------------------------------

    def number(self, node: Node) -> t.Expr:
        measure = self.measure(node)
        if measure.unit is not None:
            raise Unreadable(f"a unit, {measure.unit.text}, stands where none is expected")
        return measure.value

    def measure(self, node: Node) -> Measure:
        match node.data:
            case "list" | "relation" | "ratio" | "union" | "round" | "square" | "group":
                trees = [c for c in node.children if isinstance(c, Tree)]
                if len(trees) != 1:
                    raise Unreadable("a list or relation stands where one number is expected")
                return self.measure(trees[0])
            case "add" | "sub":
                return _sum(node.data, *(self.measure(c) for c in node.children))
            case "mul":
                return _product(*(self.measure(c) for c in node.children))
            case "div":
                return self.quotient(*node.children)
            case "neg":
                inner = self.measure(node.children[0])
                return replace(inner, value=t.Unary(t.UnaryOp.NEG, inner.value))
            case "pos":
                return self.measure(node.children[0])
            case "pm":
                left, sign, right = node.children
                return Measure(t.Call("pm" if sign == "±" else "mp", (self.number(left), self.number(right))))
            case "prefix_pm":
                sign, right = node.children
                inner = self.measure(right)
                return replace(inner, value=t.Call("pm" if sign == "±" else "mp", (t.Number(Fraction(0)), inner.value)))
            case "juxt":
                return self.juxtaposed(node.children)
        return self.juxtaposed([node])

    def quotient(self, above: Node, below: Node) -> Measure:
        """`1/2 hour` is half an hour; `1/2x` could be two things."""
        left = self.measure(above)
        if below.data != "juxt" or len(below.children) == 1:
            alone = self.unit_of(below.children) if below.data == "juxt" else None
            if left.unit is not None and alone is not None:  # miles / hour
                return replace(left, unit=units.product(left.unit, units.to_the(alone, -1)))
            return _quotient(left, self.measure(below))
        unit = self.unit_of(below.children[1:])
        if unit is None:
            raise Unreadable("a slash before a product reads two ways")
        if left.unit is not None:
            return _quotient(left, self.measure(below))
        return Measure(t.Binary(t.BinaryOp.DIV, left.value, self.number(below.children[0])), unit)

    def juxtaposed(self, nodes: list[Node]) -> Measure:
        """Factors side by side, each run of them with the unit after it; several such are parts of one quantity."""
        parts: list[Measure] = []
        at = 0
        while at < len(nodes):
            value, at = self.run(nodes, at)
            end = next((n for n in range(len(nodes), at, -1) if self.unit_of(nodes[at:n]) is not None), at)
            parts.append(Measure(value, self.unit_of(nodes[at:end]) if end > at else None))
            if end == at and at < len(nodes):
                raise Unreadable(f"{_shown(nodes[at])!r} stands beside what it does not fit")
            at = end
        if len(parts) == 1:
            return parts[0]
        total = _compound(parts)
        if total is None:
            raise Unreadable("quantities of different kinds stand side by side")
        return total

    def run(self, nodes: list[Node], at: int) -> tuple[t.Expr, int]:
        """The product of the factors from `at` up to a unit or the end."""
        value, at = self.factor(nodes, at)
        while at < len(nodes) and not self.is_unit(nodes[at], at):
            node = nodes[at]
            if _leading_number(node) or _is_data(node, "percent"):
                raise Unreadable(f"the number {_shown(node)} follows another factor")
            if _is_data(node, "frac") and (fraction := _plain_fraction(node)) is not None and at == 1:
                whole = _literal(value)
                if whole is not None:
                    if not (whole.denominator == 1 and fraction < 1):
                        raise Unreadable("a number before a fraction reads two ways")
                    value, at = t.Binary(t.BinaryOp.ADD, value, self.atom(node)), at + 1
                    continue
            right, at = self.factor(nodes, at)
            value = t.Binary(t.BinaryOp.MUL, value, right)
        return value, at

    def is_unit(self, node: Node, at: int) -> bool:
        return at > 0 and self.unit_of([node]) is not None or (_is_data(node, "word") and _area(node) is not None)

    def unit_of(self, nodes: list[Node]) -> Unit | None:
        """The unit that words in a row name (`square feet`, `miles per hour`, `cm^2`), or None."""
        total: Unit | None = None
        power, sign = 1, 1
        for node in nodes:
            exponent = 1
            if _is_data(node, "pow"):
                base, written = node.children
                value = _literal(self.number(written)) if isinstance(written, Tree) else None
                if value is None or value.denominator != 1 or not 0 < value < 4:
                    return None
                node, exponent = base, int(value)
            if _is_data(node, "degree_sign"):
                return None
            if not _is_data(node, "word"):
                return None
            word = str(node.children[0])
            if (area := _area(node)) is not None and power == 1 and exponent == 1:
                power = area
                continue
            if word == "per" and total is not None:
                sign = -1
                continue
            unit = self.unit(word, counted=len(nodes) == 1 and exponent == 1)
            if unit is None:
                return None
            if power > 1 or exponent > 1 or sign < 0:
                unit = units.to_the(unit, power * exponent * sign)
            if total is None or total.dimension != unit.dimension or total.scale != unit.scale:  # `$5 USD` says it twice
                total = unit if total is None else units.product(total, unit)
            power = sign = 1
        return total if power == 1 and sign == 1 else None

    def unit(self, word: str, counted: bool) -> Unit | None:
        if word.startswith("\\") or (len(word) == 1 and not self.letters):
            return None
        return units.known(word) or (units.noun(word) if counted and not _is_symbol(word) else None)

    # --- factors -------------------------------------------------------------------------------------------------

    def factor(self, nodes: list[Node], at: int) -> tuple[t.Expr, int]:
        """One factor from `at`, with its argument where it is a function; and where the next one starts."""
        node = nodes[at]
        exponent: Node | None = None
        if _is_data(node, "pow"):
            node, exponent = node.children
        index: Node | None = None
        if _is_data(node, "sub_script") and self.function(node.children[0]) == "log":
            node, index = node.children
        function = self.function(node)
        if function is None or at + 1 >= len(nodes):
            if function is not None and function not in _OPAQUE:
                raise Unreadable(f"{function} has no argument")
            return self.atom(nodes[at]), at + 1
        if function in _OPAQUE and not _is_data(nodes[at + 1], "round"):
            return self.atom(nodes[at]), at + 1
        args, at = self.arguments(function, nodes, at + 1)
        if index is not None:
            args = (*args, self.script(index))
        call: t.Expr = t.Call(function, args)
        if exponent is not None:
            power = self.number(exponent)
            if _literal(power) is None or function in _OPAQUE:
                raise Unreadable(f"the exponent of {function} reads two ways")
            call = t.Binary(t.BinaryOp.POW, call, power)
        return call, at

    def function(self, node: Node) -> str | None:
        if not _is_data(node, "word"):
            return None
        word = str(node.children[0]).lstrip("\\")
        return _FUNCTIONS.get(word) or (word if word in _OPAQUE else None)

    def arguments(self, function: str, nodes: list[Node], at: int) -> tuple[tuple[t.Expr, ...], int]:
        """What a function applies to: brackets, one factor, or a number and letters as in `sin 2x`."""
        node = nodes[at]
        base = node.children[0] if _is_data(node, "pow") else node
        if _is_data(base, "round") or _is_data(base, "group"):
            if base is not node:
                raise Unreadable(f"the power after {function} reads two ways")
            inner = base.children[0]
            trees = [c for c in inner.children if isinstance(c, Tree)]
            measures = [self.measure(c) for c in trees]
            return tuple(_radians(m) for m in measures), at + 1
        if _is_data(node, "degree"):
            return (_radians(self.measure(node)),), at + 1
        rest = nodes[at:]
        if len(rest) > 1 and function == "sqrt":
            return (self.atom(node),), at + 1
        if len(rest) > 2 or (len(rest) == 2 and not (_is_data(rest[0], "number") and _is_data(rest[1], "word"))):
            raise Unreadable(f"what {function} applies to reads two ways")
        return (self.number(Tree("juxt", rest)),), len(nodes)

    def atom(self, node: Node) -> t.Expr:
        match node.data:
            case "number":
                token = str(node.children[0])
                if len(token) > MAX_DIGITS:
                    raise Unreadable(f"a number has more than {MAX_DIGITS} digits")
                return t.Number(Fraction(token))
            case "word":
                return self.variable(str(node.children[0]))
            case "pow":
                base, exponent = node.children
                return t.Binary(t.BinaryOp.POW, self.operand(base), self.number(exponent))
            case "factorial":
                return t.Call("factorial", (self.operand(node.children[0]),))
            case "percent":
                return t.Binary(t.BinaryOp.DIV, self.operand(node.children[0]), HUNDRED)
            case "sub_script":
                base = self.operand(node.children[0])
                if not isinstance(base, t.Name):
                    raise Unreadable("a subscript stands at what is no variable")
                return t.Name(f"{base.id}_{_shown(node.children[1])}")
            case "frac":
                return t.Binary(t.BinaryOp.DIV, *(self.number(c) for c in node.children))
            case "binom":
                return t.Call("binomial", tuple(self.number(c) for c in node.children))
            case "root":
                index, radicand = (self.number(c) for c in node.children)
                return t.Call("root", (radicand, index))
            case "abs" | "floor" | "ceil":
                return t.Call(node.data, (self.number(node.children[0]),))
            case "dots":
                raise Unreadable("`...` leaves out what only its writer knows")
        if node.data in ("set", "empty", "open_closed", "closed_open", "degree"):
            raise Unreadable("a set, an interval or an angle stands where a number is expected")
        return self.number(node)

    def operand(self, node: Node) -> t.Expr:
        """What a postfix applies to. Raises Unreadable for a function without its argument."""
        if self.function(node) not in (None, *_OPAQUE):
            raise Unreadable("a function has no argument")
        return self.atom(node)

    def script(self, node: Node) -> t.Expr:
        inner = node.children[0]
        if isinstance(inner, Token):
            return t.Number(Fraction(str(inner))) if inner.type == "NUMBER" else self.variable(str(inner))
        return self.number(inner)

    def variable(self, word: str) -> t.Expr:
        """A letter, a constant, or a short run of letters that are multiplied."""
        bare = word.lstrip("\\").rstrip("'")
        if bare in _NAMES and (word != "inf" or self.latex):
            return t.Name(_NAMES[bare])
        if len(bare) == 1 or bare.lower() in _GREEK:
            return t.Name(word.lstrip("\\"))
        if word.startswith("\\") or not _is_symbol(bare) or word.endswith("'") or units.known(bare):
            raise Unreadable(f"{word!r} is not known here")
        product: t.Expr = t.Name(bare[0])
        for letter in bare[1:]:
            product = t.Binary(t.BinaryOp.MUL, product, t.Name(letter))
        return product
