"""The trees of `answer.lark` get their meaning here: quantities, functions, intervals; two meanings are refused."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from lark import Token, Tree

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
    Unreadable,
    Words,
)
from neurosym.equality.parts import (
    FUNCTIONS,
    GREEK,
    NAMES,
    OPAQUE,
    TURNED,
    Node,
    both_signs,
    compound,
    half_line,
    interval_end,
    is_a,
    is_ground,
    is_name,
    is_symbol,
    leading_number,
    literal,
    pair_or_interval,
    plain_fraction,
    plain_group,
    product_of,
    quotient_of,
    radians,
    repeated_name,
    shaped,
    sum_of,
    united,
    written,
)
from neurosym.equality.unit_words import is_unit, unit_of
from neurosym.language import tree as t

_COMPARE = {
    "=": t.CompareOp.EQ,
    "≠": t.CompareOp.NE,
    "<": t.CompareOp.LT,
    ">": t.CompareOp.GT,
    "≤": t.CompareOp.LE,
    "≥": t.CompareOp.GE,
}
_HUNDRED = t.Number(Fraction(100))

MAX_DIGITS = 1_000


class Lowering:
    """latex: a pair of braces around one thing groups. letters: `m` after a number is a unit, not a variable."""

    def __init__(self, latex: bool, letters: bool) -> None:
        self._latex, self._letters = latex, letters

    # --- collections and relations -------------------------------------------------------------------------------

    def answer(self, node: Node) -> Answer:
        """The value of a whole `list`."""
        if node.data != "list":
            return self._item(node)
        separators = {c.type for c in node.children if isinstance(c, Token)}
        items = [self._item(c) for c in node.children if isinstance(c, Tree)]
        given, items = len(items), [one for item in items for one in both_signs(item)]
        if len(items) == 1:
            return items[0]
        if "OR" in separators and all(isinstance(i, Named) and isinstance(i.value, Interval) for i in items):
            return united([i for i in items if isinstance(i, Named)])
        if "AND" in separators and (total := compound(items)) is not None:
            return total
        if "OR" in separators and not any(isinstance(i, Relation) or is_ground(i) for i in items):
            raise Unreadable("alternatives of names are no set")
        shape = Shape.SET if "OR" in separators or len(items) > given else Shape.BARE
        return Collection(shape, repeated_name(items))

    def _items(self, node: Node) -> tuple[Answer, ...]:
        return tuple(one for c in node.children if isinstance(c, Tree) for one in both_signs(self._item(c)))

    def _item(self, node: Node) -> Answer:
        match node.data:
            case "relation" if len(node.children) > 1:
                return self._relation(node)
            case "ratio" if len(node.children) > 1:
                parts = tuple(self._number(c) for c in node.children)
                clock = re.fullmatch(r"\d?\d(:\d\d){1,2}", ":".join(written(c) for c in node.children)) is not None
                return Ratio(parts, clock)
            case "union" if len(node.children) > 1:
                return Joined(tuple(self._item(c) for c in node.children if isinstance(c, Tree)))
            case "juxt" if len(node.children) == 1:
                return self._item(node.children[0])
            case "round":
                inner = self._items(node.children[0])
                return inner[0] if len(inner) == 1 else pair_or_interval(Shape.ROUND, inner)
            case "square":
                return pair_or_interval(Shape.SQUARE, self._items(node.children[0]))
            case "open_closed" | "closed_open":
                return self._interval(node)
            case "set":
                return Collection(Shape.SET, self._items(node.children[0]) if node.children else ())
            case "empty":
                return Collection(Shape.SET, ())
            case "group":
                inner = self._items(node.children[0])
                return inner[0] if len(inner) == 1 and self._latex else Collection(Shape.SET, inner)
            case "dots":
                return Ellipsis()
            case "word" if self._spoken(str(node.children[0])):
                return Words(str(node.children[0]))
        return self._measure(node)

    def _interval(self, node: Node) -> Answer:
        ends = node.children[0].children
        if len([c for c in ends if isinstance(c, Tree)]) != 2:
            raise Unreadable("an interval has two ends")
        low, high = (self._number(c) for c in ends if isinstance(c, Tree))
        return Interval(
            interval_end(low, True), interval_end(high, False), node.data == "closed_open", node.data == "open_closed"
        )

    def _relation(self, node: Node) -> Answer:
        sides, ops = node.children[0::2], [str(op) for op in node.children[1::2]]
        if ops == ["∈"]:
            return Named(self._name(sides[0]), self._item(sides[1]), member=True)
        if "∈" in ops:
            raise Unreadable("it has several relations in one")
        if all(op == "=" for op in ops) and len(ops) > 1:
            raise Unreadable("it is a chain of equations")
        if ops == ["="] and shaped(sides[1]):
            return Named(self._name(sides[0]), self._item(sides[1]), member=False)
        if len(ops) == 2:
            return self._between([self._number(s) for s in sides], ops)
        if len(ops) > 2:
            raise Unreadable("it has several relations in one")
        left, right = self._measure(sides[0]), self._measure(sides[1])
        if left.unit is not None:
            raise Unreadable("it has a unit on the left")
        if (
            right.unit is None
            and ops[0] in "<>≤≥"
            and (bound := half_line(left.value, ops[0], right.value)) is not None
        ):
            return bound
        return Relation(left.value, _COMPARE[ops[0]], right.value, right.unit)

    def _name(self, node: Node) -> t.Expr:
        """The left side of `(x, y) = (1, 2)`, or one variable."""
        answer = self._item(node)
        if isinstance(answer, Collection) and all(isinstance(i, Measure) for i in answer.items):
            return t.ListOf(tuple(i.value for i in answer.items if isinstance(i, Measure)))
        if isinstance(answer, Measure) and is_name(answer.value):
            return answer.value
        raise Unreadable("what is named is no variable")

    def _between(self, sides: list[t.Expr], ops: list[str]) -> Answer:
        low, middle, high = sides
        if set(ops) <= {">", "≥"}:
            low, high, ops = high, low, [TURNED[op] for op in reversed(ops)]
        if not set(ops) <= {"<", "≤"}:
            raise Unreadable("its relations point different ways")
        if not is_name(middle):
            raise Unreadable("what lies between the bounds is no variable")
        return Named(
            middle,
            Interval(interval_end(low, True), interval_end(high, False), ops[0] == "≤", ops[1] == "≤"),
            member=True,
        )

    # --- numbers and terms ---------------------------------------------------------------------------------------

    def _number(self, node: Node) -> t.Expr:
        measure = self._measure(node)
        if measure.unit is not None:
            raise Unreadable(f"a unit, {measure.unit.text}, stands where none is expected")
        return measure.value

    def _measure(self, node: Node) -> Measure:
        match node.data:
            case "list" | "relation" | "ratio" | "union" | "round" | "square" | "group":
                trees = [c for c in node.children if isinstance(c, Tree)]
                if len(trees) != 1 or (node.data == "relation" and len(node.children) > 1):
                    raise Unreadable("a list or relation stands where one number is expected")
                return self._measure(trees[0])
            case "add" | "sub":
                return sum_of(node.data, *(self._measure(c) for c in node.children))
            case "mul":
                return product_of(*(self._measure(c) for c in node.children if isinstance(c, Tree)))
            case "div":
                return self._quotient(*node.children)
            case "neg":
                inner = self._measure(node.children[0])
                return replace(inner, value=t.Unary(t.UnaryOp.NEG, inner.value))
            case "pos":
                return self._measure(node.children[0])
            case "pm":
                left, sign, right = node.children
                return Measure(t.Call("pm" if sign == "±" else "mp", (self._number(left), self._number(right))))
            case "prefix_pm":
                sign, right = node.children
                inner = self._measure(right)
                return replace(inner, value=t.Call("pm" if sign == "±" else "mp", (t.Number(Fraction(0)), inner.value)))
            case "juxt":
                return self._juxtaposed(node.children)
        return self._juxtaposed([node])

    def _quotient(self, above: Node, below: Node) -> Measure:
        """`1/2 hour` is half an hour; `1/2x` could be two things."""
        left = self._measure(above)
        if below.data != "juxt":
            return quotient_of(left, self._measure(below))
        nodes = below.children
        if left.unit is not None and (alone := unit_of(nodes, self._letters)) is not None:  # miles / hour
            return replace(left, unit=units.product(left.unit, units.to_the(alone, -1)))
        value, end = self._factor(nodes, 0)
        unit = unit_of(nodes[end:], self._letters) if end < len(nodes) else None
        if left.unit is not None or end == len(nodes):
            return quotient_of(left, self._measure(below))
        if unit is None:
            raise Unreadable("a slash before a product reads two ways")
        return Measure(t.Binary(t.BinaryOp.DIV, left.value, value), unit)

    def _juxtaposed(self, nodes: list[Node]) -> Measure:
        """Factors side by side, each run of them with the unit after it; several such are parts of one quantity."""
        if len(nodes) == 1 and is_a(nodes[0], "degree"):
            return Measure(self._operand(nodes[0].children[0]), units.UNITS["degree"])
        parts: list[Measure] = []
        at = 0
        while at < len(nodes):
            value, at = self._run(nodes, at)
            end = next((n for n in range(len(nodes), at, -1) if unit_of(nodes[at:n], self._letters) is not None), at)
            parts.append(Measure(value, unit_of(nodes[at:end], self._letters) if end > at else None))
            if end == at and at < len(nodes):
                raise Unreadable(f"{written(nodes[at])!r} stands beside what it does not fit")
            at = end
        if len(parts) == 1:
            return parts[0]
        total = compound(parts)
        if total is None:
            raise Unreadable("quantities of different kinds stand side by side")
        return total

    def _run(self, nodes: list[Node], at: int) -> tuple[t.Expr, int]:
        """The product of the factors from `at` up to a unit or the end."""
        value, at = self._factor(nodes, at)
        while at < len(nodes) and not is_unit(nodes[at], at, self._letters):
            node = nodes[at]
            if leading_number(node) or is_a(node, "group"):
                raise Unreadable(f"the number {written(node)} follows another factor")
            if is_a(node, "frac") and is_a(nodes[at - 1], "number"):
                fraction = plain_fraction(node)
                if "." in written(nodes[at - 1]) or fraction is None or fraction >= 1 or at > 1:
                    raise Unreadable("a number before a fraction reads two ways")
                value, at = t.Binary(t.BinaryOp.ADD, value, self._atom(node)), at + 1
                continue
            right, at = self._factor(nodes, at)
            value = t.Binary(t.BinaryOp.MUL, value, right)
        return value, at

    # --- factors -------------------------------------------------------------------------------------------------

    def _factor(self, nodes: list[Node], at: int) -> tuple[t.Expr, int]:
        """One factor from `at`, with its argument where it is a function; and where the next one starts."""
        node = nodes[at]
        exponent: Node | None = None
        if is_a(node, "pow"):
            node, exponent = node.children
        index: Node | None = None
        if is_a(node, "sub_script") and self._function(node.children[0]) == "log":
            node, index = node.children
        function = self._function(node)
        if function is None or at + 1 >= len(nodes):
            if function is not None and function not in OPAQUE:
                raise Unreadable(f"{function} has no argument")
            return self._atom(nodes[at]), at + 1
        if function in OPAQUE and not is_a(nodes[at + 1], "round"):
            return self._atom(nodes[at]), at + 1
        args, at = self._arguments(function, nodes, at + 1)
        if index is not None:
            args = (*args, self._script(index))
        call: t.Expr = t.Call(function, args)
        if exponent is not None:
            power = self._number(exponent)
            if (literal(power) or 0) <= 0 or function in OPAQUE:  # \sin^{-1} is the inverse
                raise Unreadable(f"the exponent of {function} reads two ways")
            call = t.Binary(t.BinaryOp.POW, call, power)
        return call, at

    def _function(self, node: Node) -> str | None:
        if not is_a(node, "word"):
            return None
        word = str(node.children[0]).lstrip("\\")
        return FUNCTIONS.get(word) or (word if word in OPAQUE else None)

    def _arguments(self, function: str, nodes: list[Node], at: int) -> tuple[tuple[t.Expr, ...], int]:
        """What a function applies to: brackets, one factor, or a number and letters as in `sin 2x`."""
        node = nodes[at]
        base = node.children[0] if is_a(node, "pow") else node
        if is_a(base, "round") or is_a(base, "group"):
            if base is not node:
                raise Unreadable(f"the power after {function} reads two ways")
            inner = base.children[0]
            trees = [c for c in inner.children if isinstance(c, Tree)]
            measures = [self._measure(c) for c in trees]
            return tuple(radians(m) for m in measures), at + 1
        if is_a(node, "degree"):
            return (radians(self._measure(node)),), at + 1
        rest = nodes[at:]
        if len(rest) > 1 and function == "sqrt" and is_unit(rest[1], 1, self._letters):
            return (self._atom(node),), at + 1
        if len(rest) > 2 or (
            len(rest) == 2 and not (function != "sqrt" and is_a(rest[0], "number") and is_a(rest[1], "word"))
        ):
            raise Unreadable(f"what {function} applies to reads two ways")
        return (self._number(Tree("juxt", rest)),), len(nodes)

    def _atom(self, node: Node) -> t.Expr:
        match node.data:
            case "number":
                token = str(node.children[0])
                if len(token) > MAX_DIGITS:
                    raise Unreadable(f"a number has more than {MAX_DIGITS} digits")
                return t.Number(Fraction(token))
            case "word":
                return self._variable(str(node.children[0]))
            case "pow":
                base, exponent = node.children
                return t.Binary(t.BinaryOp.POW, self._operand(base), self._number(exponent))
            case "factorial":
                return t.Call("factorial", (self._operand(node.children[0]),))
            case "percent":
                return t.Binary(t.BinaryOp.DIV, self._operand(node.children[0]), _HUNDRED)
            case "sub_script":
                base = self._operand(node.children[0])
                if not isinstance(base, t.Name):
                    raise Unreadable("a subscript stands at what is no variable")
                return t.Name(f"{base.id}_{self._index(node.children[1])}")
            case "frac":
                return t.Binary(t.BinaryOp.DIV, *(self._number(c) for c in node.children))
            case "binom":
                return t.Call("binomial", tuple(self._number(c) for c in node.children))
            case "root":
                index, radicand = (self._number(c) for c in node.children)
                return t.Call("root", (radicand, index))
            case "abs" | "floor" | "ceil":
                return t.Call(node.data, (self._number(node.children[0]),))
            case "dots":
                raise Unreadable("`...` leaves out what only its writer knows")
        if node.data in ("set", "empty", "open_closed", "closed_open", "degree"):
            raise Unreadable("a set, an interval or an angle stands where a number is expected")
        return self._number(node)

    def _spoken(self, word: str) -> bool:
        """Whether a word that stands alone is no symbol: `no` and `on` are not the product of the same letters."""
        bare = word.rstrip("'")
        named = bare in NAMES or bare.lower() in GREEK
        return len(bare) > 1 and not word.startswith("\\") and not named

    def _operand(self, node: Node) -> t.Expr:
        """What a postfix applies to. Raises Unreadable for a function without its argument."""
        if self._function(node) not in (None, *OPAQUE):
            raise Unreadable("a function has no argument")
        return self._atom(node)

    def _index(self, node: Node) -> str:
        """A subscript that is part of a name: letters and digits only, since `x_{1,2}` is not `x_{12}`."""
        inner = node.children[0]
        text = str(inner) if isinstance(inner, Token) else plain_group(inner)
        if text is None:
            raise Unreadable("a subscript is no plain number or name")
        return text

    def _script(self, node: Node) -> t.Expr:
        inner = node.children[0]
        if isinstance(inner, Token):
            return t.Number(Fraction(str(inner))) if inner.type == "NUMBER" else self._variable(str(inner))
        return self._number(inner)

    def _variable(self, word: str) -> t.Expr:
        """A letter, a constant, or a short run of letters that are multiplied."""
        bare = word.lstrip("\\").rstrip("'")
        if bare in NAMES and (word != "inf" or self._latex):
            return t.Name(NAMES[bare])
        if len(bare) == 1 or bare.lower() in GREEK:
            return t.Name(word.lstrip("\\"))
        if word.startswith("\\") or not is_symbol(bare) or word.endswith("'") or units.known(bare):
            raise Unreadable(f"{word!r} is not known here")
        product: t.Expr = t.Name(bare[0])
        for letter in bare[1:]:
            product = t.Binary(t.BinaryOp.MUL, product, t.Name(letter))
        return product
