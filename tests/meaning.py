"""Programs over small domains, each from a seed, with the only right outcome: by brute force, or by how it was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from random import Random

from brute_force import (
    NUMBER_BOUND,
    Expected,
    Tables,
    interpretations,
    least_tables,
    meaning,
    monadic,
)
from meaning_graphs import graph_program, graph_tables
from meaning_measures import chances, measures, rule_lines

from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.check import check
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.read import read, read_expression
from neurosym.language.values import Undefined
from neurosym.outcome import Status


@dataclass(frozen=True)
class Case:
    """A program and what it must come to; `family` names its generator."""

    family: str
    program: t.Program
    expected: Expected


parsed = lru_cache(maxsize=1)(read)
"""A program's tree; making it, changing it and solving it ask for the same in turn."""


# --- generated formulas -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Vocabulary:
    """What a family's random formulas are made of."""

    atoms: tuple[str, ...]
    terms: tuple[str, ...] = ()
    binders: tuple[str, ...] = ()
    partial: bool = False
    """Whether terms may have no value: `/` and `mod` by what may be 0."""

    def term(self, rng: Random, depth: int) -> str:
        """A random number."""
        if depth == 0 or rng.random() < 0.3:
            return rng.choice(self.terms)
        a, b = self.term(rng, depth - 1), self.term(rng, depth - 1)
        kind = rng.randrange(9)
        if kind < 5:
            return f"({a} {rng.choice('++-*-')} {b})"
        if kind == 5:
            return f"({a} {rng.choice(('/', 'mod'))} {b if self.partial else rng.randint(2, 3)})"
        if kind == 6:
            return rng.choice((f"abs({a})", f"-({a})", f"({a})^2", f"floor({a} / 2)"))
        if kind == 7:
            return f"{rng.choice(('min', 'max'))}({a}, {b})"
        return f"(if {self.formula(rng, 0)} then {a} else {b})"

    def formula(self, rng: Random, depth: int) -> str:
        """A random formula."""
        if depth == 0 or rng.random() < 0.2:
            if self.terms and (not self.atoms or rng.random() < 0.6):
                relation = rng.choice(("=", "=", "!=", "<", "<=", ">", ">="))
                return f"{self.term(rng, 1)} {relation} {self.term(rng, 1)}"
            return rng.choice(self.atoms)
        a = self.formula(rng, depth - 1)
        kind = rng.randrange(6)
        if kind == 0:
            return f"not ({a})"
        if kind == 1 and self.binders:
            return f"({rng.choice(('forall', 'exists'))} {rng.choice(self.binders)}. {a})"
        return f"({a}) {rng.choice(('and', 'or', 'xor', '->', '->', '<=>'))} ({self.formula(rng, depth - 1)})"


def _lines(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def _premises(rng: Random, words: Vocabulary, most: int, depth: int = 2) -> list[str]:
    return [words.formula(rng, rng.randint(0, depth)) for _ in range(rng.randint(1, most))]


def _ask(rng: Random, words: Vocabulary, elements: Sequence[str] = ()) -> str:
    """A random question: one or two targets, formulas or terms."""
    kinds: list[Callable[[], str]] = [lambda: words.formula(rng, rng.randint(0, 2))]
    if words.terms:
        kinds.append(lambda: words.term(rng, rng.randint(0, 2)))
    if elements:
        kinds.append(lambda: rng.choice(elements))
    return "ask " + ", ".join(rng.choice(kinds)() for _ in range(rng.choice((1, 1, 1, 2))))


# --- families ---------------------------------------------------------------------------------------------------

_FINITE = """sort s = {a, b}
const z: s
var x: 0..2
var p: bool
fun f(s): 0..1
fun g(s): s
rel r(s)
"""
_FINITE_WORDS = Vocabulary(
    atoms=("p", "r(a)", "r(z)", "r(g(b))", "z = a", "g(z) = b", "distinct(x, f(a), 2)", "member(x, {f(b), 2})"),
    terms=(
        *["x", "0", "1", "2", "f(a)", "f(z)", "f(g(z))"],
        "sum(i: s, f(i))",
        "count(i: s, r(i))",
        "probability(i: s, r(i))",
        "average(i: s, f(i), r(i))",
        "nth([x, f(b), 2], x + 1)",
    ),
    binders=("z: s", "x: 0..1"),
    partial=True,
)


def _by_enumeration(text: str, fixed: Tables | None = None) -> Expected:
    program = parsed(text)
    symbols, found = check(program)
    assert found == (), (text, found)
    return meaning(program, symbols, interpretations(symbols, fixed or {}))


def finite(rng: Random) -> tuple[str, Expected]:
    """Logic over a finite sort, with functions, a relation, and terms that may have no value."""
    distinct = rng.choice(("", "", "distinct f\n", "distinct g\n"))
    text = _FINITE + distinct + _lines(*_premises(rng, _FINITE_WORDS, 3), _ask(rng, _FINITE_WORDS, ("z", "g(a)")))
    return text, _by_enumeration(text)


def options(rng: Random) -> tuple[str, Expected]:
    """The same, with a question about options in any mode."""
    letters = [
        f"option {label}: {_FINITE_WORDS.formula(rng, rng.randint(0, 1))}" for label in "ABCDE"[: rng.randint(2, 5)]
    ]
    mode = rng.choice(("", " must", " may", " cannot", " except"))
    text = _FINITE + _lines(*_premises(rng, _FINITE_WORDS, 4, 1), *letters, f"ask option{mode}")
    return text, _by_enumeration(text)


def places(rng: Random) -> tuple[str, Expected]:
    """Things in a row, as the puzzles have them."""
    names = ["ann", "bo", "cy", "di"][: rng.randint(3, 4)]
    text = _lines(f"sort s = {{{', '.join(names)}}}", f"fun at(s): 1..{len(names)}", "distinct at")

    def clue() -> str:
        i, j = rng.sample(names, 2)
        n = rng.randint(1, len(names))
        return rng.choice(
            (
                f"at({i}) = {n}",
                f"at({i}) != {n}",
                f"at({i}) < at({j})",
                f"at({i}) = at({j}) + 1",
                f"abs(at({i}) - at({j})) = 1",
                f"at({i}) = 1 or at({j}) = {n}",
                f"at({i}) > 1 -> at({j}) = {n}",
            )
        )

    text += _lines(*(clue() for _ in range(rng.randint(1, 4))))
    if rng.random() < 0.5:
        asked = [f"at({rng.choice(names)})", clue(), f"count(i: s, at(i) < at({rng.choice(names)}))"]
        text += f"ask {rng.choice(asked)}\n"
    else:
        mode = rng.choice(("", " must", " may", " cannot", " except"))
        text += _lines(*(f"option {label}: {clue()}" for label in "ABCDE"[: rng.randint(2, 5)]), f"ask option{mode}")
    return text, _by_enumeration(text)


_UNARY = Vocabulary(
    atoms=(
        "p(c)",
        "q(c)",
        "p(d)",
        "(forall x: thing. p(x) -> q(x))",
        "(exists x: thing. p(x) and not q(x))",
        "(exists x: thing. q(x))",
        "(forall x: thing. p(x) xor q(x))",
        "(forall x: thing. (exists y: thing. p(y)) -> q(x))",
    )
)


def open_world(rng: Random) -> tuple[str, Expected]:
    """An open sort of any size, with relations of one argument."""
    asked = _ask(rng, _UNARY)
    if rng.random() < 0.2:
        asked += f", if {_UNARY.formula(rng, 1)} then 1 else 2"
    text = "sort thing\nconst c, d: thing\nrel p(thing), q(thing)\n" + _lines(*_premises(rng, _UNARY, 3), asked)
    program = parsed(text)
    symbols, found = check(program)
    assert found == ()
    return text, meaning(program, symbols, monadic(symbols))


_HEADS = ("r(a)", "r(b)", "e(a, b)", "e(b, c)", "e(c, a)", "e(b, b)", "r(c)")
_BASE_RULES = (*_HEADS, "forall x: s. r(x) -> e(x, a)", "forall x, y: s. r(x) and r(y) -> e(x, y)")
_EDGE_RULES = (
    "forall x, y: s. e(x, y) -> e(y, x)",
    "forall x, y: s. (exists w: s. e(x, w) and e(w, y)) -> e(x, y)",
    "forall x: s. e(x, x) -> e(x, b)",
)
_TOP_RULES = (
    "forall x: s. not r(x) -> q(x)",
    "forall x: s. e(x, x) -> q(x)",
    "forall x: s. r(x) and not e(x, a) -> q(x)",
    "forall x: s. q(x) -> q(a)",
    "q(b)",
    "forall x: s. (forall y: s. e(x, y)) -> q(x)",
)
_CLOSED = Vocabulary(
    atoms=("q(a)", "q(b)", "r(c)", "e(a, c)", "e(c, b)", "q(z)"),
    terms=("count(x: s, q(x))", "count(x: s, e(x, a))", "1", "2"),
    binders=("z: s",),
)


def closed_world(rng: Random) -> tuple[str, Expected]:
    """Facts and rules: what does not follow is false."""
    rules: dict[str, list[str]] = {"r": [], "e": [], "q": []}
    chosen = rng.sample(_BASE_RULES, rng.randint(1, 4)) + rng.sample(_EDGE_RULES, rng.randint(0, 2))
    chosen += rng.sample(_TOP_RULES, rng.randint(0, 3))
    for rule in chosen:
        rules[rule.rpartition("-> ")[2][0]].append(rule)
    conditions = rng.sample(("not r(a)", "not e(a, b)", "forall x: s. r(x) -> not q(x)"), rng.choice((0, 0, 1)))
    rng.shuffle(chosen)
    asked = (
        _ask(rng, _CLOSED).replace("q(z)", "q(a)") if rng.random() < 0.5 else f"ask {rng.choice(_CLOSED.atoms[:-1])}"
    )
    text = "sort s = {a, b, c}\nrel r(s), e(s, s), q(s) closed\n" + _lines(*chosen, *conditions, asked)
    symbols = check(parsed(text))[0]
    known = least_tables(symbols, {name: [read_expression(f) for f in formulas] for name, formulas in rules.items()})
    return text, _by_enumeration(text, known)


def numbers(rng: Random) -> tuple[str, Expected]:
    """Bounded integers: what algebra and smt both take."""
    types = rng.choice(("0..3", "-2..2", "count", "int")), rng.choice(("0..2", "count"))
    declared, terms = [], ["1", "2", "3", "x", "x"]
    for name, type_ in zip("xy"[: rng.randint(1, 2)], types, strict=False):
        declared.append(f"var {name}: {type_}")
        if type_ in ("count", "int"):
            declared.append(
                f"{name} <= {NUMBER_BOUND}" if type_ == "count" else f"-{NUMBER_BOUND} <= {name} <= {NUMBER_BOUND}"
            )
        terms += [name, name]
    words = Vocabulary((), tuple(terms), partial=rng.random() < 0.2)
    define = []
    if rng.random() < 0.3:
        define = [f"let w = {words.term(rng, 1)}"]
        words = Vocabulary((), (*terms, "w"), partial=words.partial)
    text = _lines(*declared, *define, *_premises(rng, words, 3, rng.randint(0, 1)), _ask(rng, words))
    return text, _by_enumeration(text)


def goals(rng: Random) -> tuple[str, Expected]:
    """Optima over bounded integers, one goal after another."""
    text = "var x, y: 0..4\n"
    for _ in range(rng.randint(0, 3)):
        a, b, c = rng.randint(-3, 3), rng.randint(-3, 3), rng.randint(-4, 9)
        text += f"{a}*x + {b}*y {rng.choice(('<=', '>=', '<', '=', '!='))} {c}\n"
    objectives = ("x", "y - x", "2*x + 3*y", "x*y", "abs(x - 2)", "x^2 - 3*y", "max(x, y)", "7")
    for objective in rng.sample(objectives, rng.randint(1, 2)):
        text += f"{rng.choice(('maximize', 'minimize'))} {objective}\n"
    text += f"ask {rng.choice(('x, y', 'x', 'x + y', 'x*y', 'x = y', 'x > 1', '2*x + 3*y'))}\n"
    return text, _by_enumeration(text)


def linear(rng: Random) -> tuple[str, Expected]:
    """Linear equations over the reals, by elimination."""
    names = "xyz"[: rng.randint(1, 3)]

    def row() -> list[Fraction]:
        return [Fraction(rng.randint(-3, 3), rng.choice((1, 1, 1, 2))) for _ in (*names, 0)]

    rows = [row() for _ in range(rng.choice((1, 2, 2, 3)))]
    if len(rows) > 1 and rng.random() < 0.5:
        k = rng.randint(-2, 3)
        rows[-1] = [k * a + b for a, b in zip(rows[0], rows[-2], strict=True)]  # dependent, or 0 = 0
        rows[-1][-1] += rng.choice((0, 0, 1))
    asked = row()
    texts = [f"{_sum(r[:-1], names)} = {_fraction(r[-1])}" for r in rows]
    text = _lines(f"var {', '.join(names)}: real", *texts, f"ask {_sum(asked[:-1], names)} + {_fraction(asked[-1])}")
    return text, _eliminated(rows, asked)


def _fraction(q: Fraction) -> str:
    return f"({q.numerator}/{q.denominator})" if q.denominator > 1 else f"({q.numerator})"


def _sum(coefficients: Sequence[Fraction], names: str) -> str:
    return " + ".join(f"{_fraction(c)}*{n}" for c, n in zip(coefficients, names, strict=True))


def _eliminated(rows: list[list[Fraction]], asked: list[Fraction]) -> Expected:
    """What `asked` (coefficients, constant) comes to under `rows` (coefficients, right side)."""
    target = [*asked[:-1], -asked[-1]]
    left = [list(r) for r in rows]
    for column in range(len(asked) - 1):
        pivot = next((r for r in left if r[column] and not any(r[:column])), None)
        if pivot is None:
            continue
        left = [r for r in left if r is not pivot]
        for other in (*left, target):
            factor = other[column] / pivot[column]
            other[:] = [o - factor * p for o, p in zip(other, pivot, strict=True)]
    if any(r[-1] for r in left):
        return Expected(Status.CONTRADICTORY)
    return Expected(Status.UNDERDETERMINED) if any(target[:-1]) else Expected(Status.VALUE, (-target[-1],))


def roots(rng: Random) -> tuple[str, Expected]:
    """A polynomial with known rational roots, some of them excluded."""
    found = [Fraction(rng.randint(-4, 4), rng.choice((1, 1, 2))) for _ in range(rng.randint(1, 3))]
    zero, coefficients = Fraction(0), [Fraction(1)]
    for root in found:  # multiply by (x - root)
        coefficients = [a - root * b for a, b in zip([*coefficients, zero], [zero, *coefficients], strict=True)]
    degree = len(found)
    equation = " + ".join(f"{_fraction(c)}*x^{degree - k}" for k, c in enumerate(coefficients))
    low, relation = rng.randint(-4, 4), rng.choice((">", ">=", "<", "!="))
    excluded = rng.random() < 0.6
    text = _lines("var x: real", f"{equation} = 0", *([f"x {relation} {low}"] if excluded else []))
    keep = {">": lambda x: x > low, ">=": lambda x: x >= low, "<": lambda x: x < low, "!=": lambda x: x != low}
    left = frozenset(x for x in found if not excluded or keep[relation](x))
    if not left:
        return text + "ask x\n", Expected(Status.CONTRADICTORY)
    if rng.random() < 0.3:
        return text + "ask solve(x)\n", Expected(Status.VALUE, (left,))
    if rng.random() < 0.3:
        truths = {x > 0 for x in left}
        status = Status.INDEPENDENT if len(truths) == 2 else Status.TRUE if True in truths else Status.FALSE
        return text + "ask x > 0\n", Expected(status)
    squares = {x * x for x in left}
    many = Expected(Status.UNDERDETERMINED)
    if rng.random() < 0.3:
        return text + "ask x^2\n", Expected(Status.VALUE, tuple(squares)) if len(squares) == 1 else many
    return text + "ask x\n", Expected(Status.VALUE, tuple(left)) if len(left) == 1 else many


def graphs(rng: Random) -> tuple[str, Expected]:
    """Questions to a small graph, by trying every path, cut, colouring, tour."""
    while True:
        text = graph_program(rng)
        program = parsed(text)
        symbols, found = check(program)
        assert found == (), (text, found)
        tables = graph_tables(program)
        model = Interpretation({"g": "g", "oo": "oo"}, tables)
        try:
            values = [evaluate(e, symbols, model) for s in program.statements[2:] for e in _parts(s)]
        except Undefined:  # arithmetic with oo, an order where there is none or several
            continue
        return text, meaning(program, symbols, [model]) if values else Expected(Status.VALUE)


def rules(rng: Random) -> tuple[str, Expected]:
    """Facts and rules, negations included, by every assignment."""
    text = "sort s = {a, b}\nrel p(s), q(s), r(s)\n" + _lines(*rule_lines(rng))
    return text, _by_enumeration(text)


def _parts(s: t.Statement) -> tuple[t.Expr, ...]:
    return s.targets if isinstance(s, t.Ask) else (s.formula,) if isinstance(s, t.Assertion | t.Option) else ()


FAMILIES: Mapping[str, Callable[[Random], tuple[str, Expected]]] = {
    f.__name__: f
    for f in (
        *(finite, options, places, open_world, closed_world, numbers, goals),
        *(linear, roots, graphs, measures, chances, rules),
    )
}


def case(seed: int) -> Case:
    """The case of a seed; consecutive seeds go through the families in turn."""
    rng = Random(seed)
    family = tuple(FAMILIES)[seed % len(FAMILIES)]
    text, expected = FAMILIES[family](rng)
    try:
        return Case(family, parsed(text), expected)
    except ProgramError as error:
        raise AssertionError(f"{family} made a program that does not read: {text}") from error
