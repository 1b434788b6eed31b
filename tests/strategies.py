"""Hypothesis strategies for trees and texts of the language, and the programs of the design as examples."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from fractions import Fraction
from typing import TypeVar

from hypothesis import strategies as st

from neurosym.grammars import LABELS, keywords
from neurosym.language import tree as t

SAMPLES = {
    "let": """\
let clips_may: clips = 48 / 2                  # half as many clips in May
let clips_total = 48 + clips_may
ask clips_total
""",
    "var": """\
var adults, children: count                    # unknowns
adults + children = 20
5 * adults + 3 * children = 76
ask adults
""",
    "option": """\
sort bird = {quail, owl, raven, falcon, robin} # finite sorts
fun place(bird): 1..5
distinct place
place(owl) = 1
place(robin) < place(raven)
option A: place(quail) = 5
option B: place(owl) = 5
ask option must
""",
    "logic": """\
sort thing                                     # an open sort
const cow, tiger: thing
rel blue(thing), visits(thing, thing)          # open world
visits(cow, tiger)
forall x: thing. visits(x, tiger) -> blue(x)
ask blue(cow)
""",
    "analysis": """\
var x: real
ask integrate(x^2 * exp(-x), x, 0, oo)
""",
    "goal": """\
var x, y: count
3*x + 2*y <= 18
maximize 5*x + 4*y
ask x, y
""",
    "python": """\
python                                         # for what is easier computed than declared
    total = sum(n for n in range(1, 1000) if n % 7 == 0 and '3' in str(n))
end
ask total
""",
    "graph": """\
sort town = {a, b, c, d}
graph road(town, town): miles                  # undirected
road(a, b) = 5
ask distance(road, a, c)
""",
    "closed": """\
sort person = {ann, "Dr. Smith"}
rel likes(person, person) closed
digraph above(person, person)
minimize count(x: person, likes(x, "Dr. Smith"))
likes(ann, "Dr. Smith") <=> not (exists x, y: person. above(x, y) xor x = y)
ask count(x: person, exists y: person. likes(x, y))
""",
    "units": """\
let speed: mile/hour = 3.5 [mile/hour]
let time = 2 [hour]
let way: miles = speed * time * 20%
let start = date(2024, 3, 5)
let n = 5
ask way, start + 3, if n mod 2 = 1 then gcd(n, 10) else sum(k: 1..n, k^2), {1, 2}, [1, 2]
""",
}
"""One program for every statement form, as the design writes it; all of them check."""


# --- words and numbers ------------------------------------------------------------------------------------------

plain_names = st.sampled_from(["a", "b", "owl", "x1", "_", "total_cost", "A", "e", "sum", "notx", "endx", "E"])
quoted_names = st.sampled_from(sorted(keywords() | LABELS)) | st.text(
    st.characters(exclude_characters='"\n'), min_size=1, max_size=6
)
names = plain_names | plain_names | quoted_names
"""Names as the tree holds them, without quotes: keywords, spaces and any other character included."""

notes = st.none() | st.text(st.characters(exclude_characters="\n"), max_size=12).map(lambda s: s.strip() or None)


T = TypeVar("T")


def several(one: st.SearchStrategy[T], least: int = 1, most: int = 3) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(one, min_size=least, max_size=most).map(tuple)


decimals = st.builds(lambda n, places: Fraction(n, 10**places), st.integers(0, 10**9), st.integers(0, 4))
"""Non-negative numbers that the language has a literal for."""


@st.composite
def units(draw: st.DrawFn) -> t.Unit:
    nouns = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    exponents = [draw(st.integers(1, 12)), *(draw(st.integers(-12, 12).filter(bool)) for _ in nouns[1:])]
    return t.Unit(tuple(sorted(zip(nouns, exponents, strict=True), key=lambda f: (f[1] < 0, f[0]))))


bounds = st.integers(-(10**20), 10**20) | names
ranges = st.builds(t.Range, bounds, bounds)
types = units() | ranges
domains = names | ranges
binders = st.builds(t.Binder, several(names), domains)
signatures = st.builds(t.Signature, names, several(domains))
numbers = (
    st.builds(t.Number, decimals)
    | st.builds(t.Number, decimals.map(lambda n: n / 100), st.just(True))
    | st.builds(t.Number, decimals, st.just(False), units())
)


# --- expressions and statements ---------------------------------------------------------------------------------


def _compound(below: st.SearchStrategy[t.Expr]) -> st.SearchStrategy[t.Expr]:
    each = st.builds(t.Binder, several(names, most=1), domains)
    arguments: st.SearchStrategy[t.Expr | t.Binder] = below | below | each
    return st.one_of(
        st.builds(t.Unary, st.sampled_from(t.UnaryOp), below),
        st.builds(t.Binary, st.sampled_from(t.BinaryOp), below, below),
        st.builds(t.Binary, st.sampled_from(t.BinaryOp), below, below),
        st.builds(t.Compare, below, several(st.tuples(st.sampled_from(t.CompareOp), below))),
        st.builds(t.Quantified, st.sampled_from(t.Quantifier), several(binders, most=2), below),
        st.builds(t.Conditional, below, below, below),
        st.builds(t.Call, names | st.sampled_from(["distinct", "count", "max"]), several(arguments)),
        st.builds(t.SetOf, several(below, least=0)),
        st.builds(t.ListOf, several(below, least=0)),
    )


expressions: st.SearchStrategy[t.Expr] = st.recursive(
    numbers | st.builds(t.Name, names) | st.builds(t.Truth, st.booleans()), _compound, max_leaves=12
)
"""Any expression, whether it has a meaning or not."""


def _dedented(lines: Sequence[str]) -> str:
    return textwrap.dedent("\n".join(line.rstrip() for line in lines)).rstrip("\n")


code_lines = st.sampled_from(["x = 1", "for i in y:", "    x += 1", "\tpass", "", "end", "# note", "é = '''", "  ("])
code = st.lists(code_lines | st.text(st.characters(exclude_characters="\n"), max_size=8), max_size=6).map(_dedented)

statements: st.SearchStrategy[t.Statement] = st.one_of(
    st.builds(t.Let, names, st.none() | types, expressions, note=notes),
    st.builds(t.Var, several(names), types, note=notes),
    st.builds(t.Sort, names, st.none() | ranges | several(names), note=notes),
    st.builds(t.Const, several(names), names, note=notes),
    st.builds(t.Fun, several(signatures, most=2), types, note=notes),
    st.builds(t.Rel, several(signatures, most=2), st.booleans(), note=notes),
    st.builds(t.Graph, signatures, st.none() | types, st.booleans(), note=notes),
    st.builds(t.Distinct, several(names), note=notes),
    st.builds(t.Option, st.sampled_from("ABCDEZ"), expressions, note=notes),
    st.builds(t.Goal, st.booleans(), expressions, note=notes),
    st.builds(t.Python, code, note=notes),
    st.builds(t.Assertion, expressions, note=notes),
)
asks: st.SearchStrategy[t.Statement] = st.builds(t.Ask, several(expressions), note=notes) | st.builds(
    t.AskOption, st.sampled_from(t.OptionMode), note=notes
)
programs = st.builds(lambda body, ask: t.Program((*body, ask)), st.lists(statements, max_size=5), asks)
"""Any program that has a text, whether it checks or not."""


# --- texts ------------------------------------------------------------------------------------------------------

PIECES = sorted(
    {*keywords(), *LABELS, *SAMPLES.values()}
    | {" ", "\n", "\t", "\r", "    ", "a", "x", "0", "10", "01", "1.5", ".", "..", ",", ":", "1,000", "==", "**"}
    | {"=", "!=", "<", "<=", "<=>", "->", "+", "-", "*", "/", "^", "(", ")", "[", "]", "{", "}", "%", "$", "×", "!"}
    | {'"', '"a b"', "#", "# n", "é", "'", "\0", "\x0c", "\x85", "\u2028", "\ufeff", "😀", "ask x\n", "python\n x\nend"}
)


@st.composite
def mutants(draw: st.DrawFn) -> str:
    """A sample with up to four stretches of it replaced by pieces of the language or by anything."""
    text = draw(st.sampled_from(sorted(SAMPLES.values())))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.sampled_from([0, 0, 1, 2, 5, 20]))
        text = text[:at] + draw(st.sampled_from(PIECES) | st.text(max_size=3)) + text[at + cut :]
    return text


texts = st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | mutants()
"""Anything that may come in: noise, pieces of the language in any order, programs with mistakes."""
