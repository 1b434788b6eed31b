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
    Collection,
    Ellipsis,
    Interval,
    Joined,
    Measure,
    Named,
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

_LETTERED = re.compile(rf"[\d)}}/]\s*[{''.join(sorted(units.LETTERS))}]\b")
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
        first = _Lowering(latex="\\" in text, letters=False).answer(parsed.children[0])
    except Unreadable:
        if _WORDS.match(spelt) and not re.search(r"\d", spelt):
            return (words,)
        if not _LETTERED.search(spelt):
            raise
        return (_Lowering(latex="\\" in text, letters=True).answer(parsed.children[0]),)
    if not _LETTERED.search(spelt):
        return (first,)
    try:
        return (first, _Lowering(latex="\\" in text, letters=True).answer(parsed.children[0]))
    except Unreadable:
        return (first,)


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
        given, items = len(items), [one for item in items for one in _signs(item)]
        if len(items) == 1:
            return items[0]
        if "OR" in separators and all(isinstance(i, Named) and isinstance(i.value, Interval) for i in items):
            return _united([i for i in items if isinstance(i, Named)])
        if "AND" in separators and (total := _compound(items)) is not None:
            return total
        shape = Shape.SET if "OR" in separators or len(items) > given else Shape.BARE
        return Collection(shape, _repeated_name(items))

    def items(self, node: Node) -> tuple[Answer, ...]:
        return tuple(one for c in node.children if isinstance(c, Tree) for one in _signs(self.item(c)))

    def item(self, node: Node) -> Answer:
        match node.data:
            case "relation" if len(node.children) > 1:
                return self.relation(node)
            case "ratio" if len(node.children) > 1:
                parts = tuple(self.number(c) for c in node.children)
                clock = re.fullmatch(r"\d?\d(:\d\d){1,2}", ":".join(_shown(c) for c in node.children)) is not None
                return Ratio(parts, clock)
            case "union" if len(node.children) > 1:
                return Joined(tuple(self.item(c) for c in node.children if isinstance(c, Tree)))
            case "juxt" if len(node.children) == 1:
                return self.item(node.children[0])
            case "round":
                inner = self.items(node.children[0])
                return inner[0] if len(inner) == 1 else _pair(Shape.ROUND, inner)
            case "square":
                return _pair(Shape.SQUARE, self.items(node.children[0]))
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
            case "word" if self.spoken(str(node.children[0])):
                return Words(str(node.children[0]))
        return self.measure(node)

    def interval(self, node: Node) -> Answer:
        ends = node.children[0].children
        if len([c for c in ends if isinstance(c, Tree)]) != 2:
            raise Unreadable("an interval has two ends")
        low, high = (self.number(c) for c in ends if isinstance(c, Tree))
        return Interval(_end(low, True), _end(high, False), node.data == "closed_open", node.data == "open_closed")

    def relation(self, node: Node) -> Answer:
        sides, ops = node.children[0::2], [str(op) for op in node.children[1::2]]
        if ops == ["∈"]:
            return Named(self.name(sides[0]), self.item(sides[1]), member=True)
        if "∈" in ops:
            raise Unreadable("it has several relations in one")
        if all(op == "=" for op in ops) and len(ops) > 1:
            raise Unreadable("it is a chain of equations")
        if ops == ["="] and _shaped(sides[1]):
            return Named(self.name(sides[0]), self.item(sides[1]), member=False)
        if len(ops) == 2:
            return self.between([self.number(s) for s in sides], ops)
        if len(ops) > 2:
            raise Unreadable("it has several relations in one")
        left, right = self.measure(sides[0]), self.measure(sides[1])
        if left.unit is not None:
            raise Unreadable("it has a unit on the left")
        return Relation(left.value, _COMPARE[ops[0]], right.value, right.unit)

    def name(self, node: Node) -> t.Expr:
        """The left side of `(x, y) = (1, 2)`, or one variable."""
        answer = self.item(node)
        if isinstance(answer, Collection) and all(isinstance(i, Measure) for i in answer.items):
            return t.ListOf(tuple(i.value for i in answer.items if isinstance(i, Measure)))
        if isinstance(answer, Measure) and is_name(answer.value):
            return answer.value
        raise Unreadable("what is named is no variable")

    def between(self, sides: list[t.Expr], ops: list[str]) -> Answer:
        low, middle, high = sides
        if set(ops) <= {">", "≥"}:
            low, high, ops = high, low, [{">": "<", "≥": "≤"}[op] for op in reversed(ops)]
        if not set(ops) <= {"<", "≤"}:
            raise Unreadable("its relations point different ways")
        if not is_name(middle):
            raise Unreadable("what lies between the bounds is no variable")
        return Named(middle, Interval(_end(low, True), _end(high, False), ops[0] == "≤", ops[1] == "≤"), member=True)

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
                if len(trees) != 1 or node.data == "relation" and len(node.children) > 1:
                    raise Unreadable("a list or relation stands where one number is expected")
                return self.measure(trees[0])
            case "add" | "sub":
                return _sum(node.data, *(self.measure(c) for c in node.children))
            case "mul":
                return _product(*(self.measure(c) for c in node.children if isinstance(c, Tree)))
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
        if below.data != "juxt":
            return _quotient(left, self.measure(below))
        nodes = below.children
        if left.unit is not None and (alone := self.unit_of(nodes)) is not None:  # miles / hour
            return replace(left, unit=units.product(left.unit, units.to_the(alone, -1)))
        value, end = self.factor(nodes, 0)
        unit = self.unit_of(nodes[end:]) if end < len(nodes) else None
        if left.unit is not None or end == len(nodes):
            return _quotient(left, self.measure(below))
        if unit is None:
            raise Unreadable("a slash before a product reads two ways")
        return Measure(t.Binary(t.BinaryOp.DIV, left.value, value), unit)

    def juxtaposed(self, nodes: list[Node]) -> Measure:
        """Factors side by side, each run of them with the unit after it; several such are parts of one quantity."""
        if len(nodes) == 1 and _is_data(nodes[0], "degree"):
            return Measure(self.operand(nodes[0].children[0]), units.UNITS["degree"])
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
        if (unit := units.known(word)) is not None:
            return unit
        other = word in _FUNCTIONS or word in _NAMES or word in _GREEK or _is_symbol(word)
        return units.noun(word) if counted and not other else None

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
            if (_literal(power) or 0) <= 0 or function in _OPAQUE:  # \sin^{-1} is the inverse
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

    def spoken(self, word: str) -> bool:
        """Whether a word that stands alone is no symbol: `no` and `on` are not the product of the same letters."""
        bare = word.rstrip("'")
        named = bare in _NAMES or bare.lower() in _GREEK
        return len(bare) > 1 and not word.startswith("\\") and not named

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


# --- small questions about nodes and terms ----------------------------------------------------------------------


def _is_data(node: Node, data: str) -> bool:
    return isinstance(node, Tree) and node.data == data


def _is_symbol(word: str) -> bool:
    """Whether letters in a row are variables that are multiplied, rather than a word."""
    return len(word) <= 2 or (len(word) == 3 and not set(word.lower()) & set("aeiou"))


def _area(node: Node) -> int | None:
    word = str(node.children[0]) if _is_data(node, "word") else ""
    return 2 if word in ("square", "sq") else 3 if word in ("cubic", "cu") else None


def _leading_number(node: Node) -> bool:
    while _is_data(node, "pow") or _is_data(node, "factorial") or _is_data(node, "sub_script"):
        node = node.children[0]
    return _is_data(node, "number") or _is_data(node, "percent")


def _plain_fraction(node: Node) -> Fraction | None:
    """The value of `\\frac{1}{2}` of two literals."""
    parts = [re.sub(r"\s", "", _shown(c)) for c in node.children]
    if not all(p.isdigit() and len(p) < 10 for p in parts) or int(parts[1]) == 0:
        return None
    return Fraction(int(parts[0]), int(parts[1]))


def _shown(node: Node) -> str:
    return str(node) if isinstance(node, Token) else "".join(str(leaf) for leaf in node.scan_values(lambda _: True))


def _shaped(node: Node) -> bool:
    """Whether a node is a collection or an interval."""
    while _is_data(node, "juxt") and len(node.children) == 1:
        node = node.children[0]
    if not isinstance(node, Tree):
        return False
    if node.data in ("round", "group"):
        return len(node.children[0].children) > 1
    return node.data in ("square", "set", "empty", "open_closed", "closed_open") or (
        node.data == "union" and len(node.children) > 1
    )


def _literal(e: t.Expr) -> Fraction | None:
    match e:
        case t.Number():
            return e.value
        case t.Unary(op=t.UnaryOp.NEG, operand=t.Number(value=value)):
            return -value
    return None


def is_name(e: t.Expr) -> bool:
    """A variable, or a function whose meaning is not given, as in `f(x)`."""
    return (isinstance(e, t.Name) and e.id not in ("pi", "oo", "e", "i")) or (
        isinstance(e, t.Call) and e.function in _OPAQUE
    )


def _end(e: t.Expr, low: bool) -> t.Expr | None:
    """An end of an interval, None where it is infinite on its own side."""
    if not any(node == ENDLESS for node in t.walk(e)):
        return e
    if e == (t.Unary(t.UnaryOp.NEG, ENDLESS) if low else ENDLESS):
        return None
    raise Unreadable("an interval ends beyond infinity")


def _pair(shape: Shape, items: tuple[Answer, ...]) -> Answer:
    """A collection, or an interval where an infinite end says so."""
    values = [i.value for i in items if isinstance(i, Measure) and i.unit is None]
    if len(items) == 2 == len(values) and any(node == ENDLESS for v in values for node in t.walk(v)):
        closed = shape is Shape.SQUARE
        return Interval(_end(values[0], True), _end(values[1], False), closed, closed)
    return Collection(shape, items)


def _united(items: list[Named]) -> Answer:
    if len({i.name for i in items}) > 1:
        raise Unreadable("its alternatives bound different variables")
    return Named(items[0].name, Joined(tuple(i.value for i in items)), member=True)


def _repeated_name(items: list[Answer]) -> tuple[Answer, ...]:
    """`x = 1, 2` says x twice."""
    first, *rest = items
    if (
        isinstance(first, Relation)
        and first.op is t.CompareOp.EQ
        and is_name(first.left)
        and all(isinstance(r, Measure) for r in rest)
    ):
        more = [Relation(first.left, first.op, r.value, r.unit) for r in rest if isinstance(r, Measure)]
        return (first, *more)
    return tuple(items)


def _signs(answer: Answer) -> tuple[Answer, ...]:
    """Both values of what has ± in it."""
    if isinstance(answer, Measure):
        return tuple(replace(answer, value=v) for v in _both(answer.value))
    if isinstance(answer, Relation):
        return tuple(replace(answer, right=v) for v in _both(answer.right))
    return (answer,)


def _both(e: t.Expr) -> tuple[t.Expr, ...]:
    if not any(isinstance(node, t.Call) and node.function in ("pm", "mp") for node in t.walk(e)):
        return (e,)
    return _signed(e, "pm"), _signed(e, "mp")


def _signed(e: t.Expr, plus: str) -> t.Expr:
    """`e` with the sign `plus` read as + and the other one as -."""
    match e:
        case t.Call(function="pm" | "mp", args=(left, right)):
            assert not isinstance(left, t.Binder) and not isinstance(right, t.Binder)
            op = t.BinaryOp.ADD if e.function == plus else t.BinaryOp.SUB
            return t.Binary(op, _signed(left, plus), _signed(right, plus))
        case t.Binary():
            return replace(e, left=_signed(e.left, plus), right=_signed(e.right, plus))
        case t.Unary():
            return replace(e, operand=_signed(e.operand, plus))
        case t.Call():
            return replace(e, args=tuple(a if isinstance(a, t.Binder) else _signed(a, plus) for a in e.args))
    return e


# --- arithmetic of quantities -----------------------------------------------------------------------------------


def _scaled(value: t.Expr, factor: Fraction) -> t.Expr:
    return value if factor == 1 else t.Binary(t.BinaryOp.MUL, value, t.Number(factor))


def _sum(op: str, left: Measure, right: Measure) -> Measure:
    if left.unit is None and right.unit is None:
        return Measure(t.Binary(_ARITHMETIC[op], left.value, right.value))
    if left.unit is None or right.unit is None or left.unit.dimension != right.unit.dimension:
        raise Unreadable("quantities of different kinds are added")
    return Measure(
        t.Binary(_ARITHMETIC[op], left.value, _scaled(right.value, right.unit.scale / left.unit.scale)), left.unit
    )


def _product(left: Measure, right: Measure) -> Measure:
    value = t.Binary(t.BinaryOp.MUL, left.value, right.value)
    if left.unit is None or right.unit is None:
        return Measure(value, left.unit or right.unit)
    unit = units.product(left.unit, right.unit)
    return Measure(value, unit) if unit.dimension else Measure(_scaled(value, unit.scale))


def _quotient(left: Measure, right: Measure) -> Measure:
    unit = left.unit
    if right.unit is not None:
        per = units.to_the(right.unit, -1)
        unit = per if unit is None else units.product(unit, per)
    value = t.Binary(t.BinaryOp.DIV, left.value, right.value)
    if unit is not None and not unit.dimension:
        return Measure(_scaled(value, unit.scale))
    return Measure(value, unit)


def _compound(parts: list[Any]) -> Measure | None:
    """`3 hours 30 minutes`: amounts of one dimension, each in a smaller unit than the one before."""
    measures = [p for p in parts if isinstance(p, Measure) and p.unit is not None and p.unit.known]
    if len(measures) != len(parts) or any((_literal(m.value) or Fraction(0)) < 0 for m in measures):
        return None
    total = measures[0]
    for before, m in zip(measures, measures[1:], strict=False):
        if m.unit is None or before.unit is None or m.unit.dimension != before.unit.dimension:
            return None
        if m.unit.scale >= before.unit.scale:
            return None
        total = _sum("add", total, m)
    return total


def _radians(m: Measure) -> t.Expr:
    if m.unit is None:
        return m.value
    if m.unit != units.UNITS["degree"]:
        raise Unreadable(f"a function is applied to {m.unit.text}")
    return t.Binary(t.BinaryOp.MUL, m.value, t.Binary(t.BinaryOp.DIV, t.Name("pi"), t.Number(Fraction(180))))
