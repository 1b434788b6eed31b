"""Programs that say the same in the same way have one canonical form; others have another."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.language import tree as t
from neurosym.language.canonical import canonical, key
from neurosym.language.check import check
from neurosym.language.printer import show
from neurosym.language.read import read

PROGRAMS = (
    "let may: clips = 48 / 2  # half\nlet total = 48 + may\nask total * 3\n",
    "var adults, children: count\nadults + children = 20\n5*adults + 3*children = 76\nask adults\n",
    "sort bird = {quail, owl, raven}\nfun place(bird): 1..3\ndistinct place\nplace(owl) = 1\n"
    "place(raven) < place(quail)\noption A: place(quail) = 3\noption B: place(owl) = 2\nask option must\n",
    "sort thing\nconst cow, tiger: thing\nrel blue(thing), visits(thing, thing)\nvisits(cow, tiger)\n"
    "forall x: thing. visits(x, tiger) -> blue(x)\nask blue(cow)\n",
    "sort town = {a, b, c, d}\ngraph road(town, town): miles\nroad(a, b) = 5\nroad(b, c) = 2\nroad(c, d) = 5\n"
    "ask distance(road, a, d)\n",
    "sort node = {n1, n2, n3}\nrel next(node, node)\nnext(n1, n2)\nnext(n2, n3)\nnext(n3, n1)\n"
    "ask exists x: node. next(x, x)\n",
    "let n = 4\nvar x: 1..n\nx^2 - 5*x + 6 = 0 or x = n\nmaximize x + n\nask x\n",
)


def rewritten(text: str, seed: int) -> str:
    """The same program with other names, other notes, its premises in another order, its operands swapped."""
    rng = random.Random(seed)
    program = read(text)
    symbols, _ = check(program)
    premises = [i for i, s in enumerate(program.statements) if isinstance(s, t.Assertion)]
    statements = list(program.statements)
    for i, j in zip(premises, rng.sample(premises, len(premises)), strict=True):
        statements[i] = _swapped(program.statements[j])
    text = show(t.Program(tuple(statements)))
    text = re.sub(r"  # .*", "", text).replace("\n", f"  # note {rng.random()}\n")
    names = [n for n in symbols.table if n not in ("clips", "miles")]
    fresh = dict(zip(names, rng.sample([f"w{k}" for k in range(len(names))], len(names)), strict=True))
    return re.sub(r"[A-Za-z_]\w*(?=[^#\n]*#)", lambda m: fresh.get(m.group(), m.group()), text)


def _swapped(s: t.Statement) -> t.Statement:
    match s:
        case t.Assertion(formula=t.Compare(first=left, rest=((t.CompareOp.EQ, right),))):
            return t.Assertion(t.Compare(right, ((t.CompareOp.EQ, left),)))
        case t.Assertion(formula=t.Binary(op=t.BinaryOp.OR, left=left, right=right)):
            return t.Assertion(t.Binary(t.BinaryOp.OR, right, left))
    return s


@settings(max_examples=60)
@given(st.sampled_from(PROGRAMS), st.integers(0, 10**6))
def test_names_notes_and_the_order_of_premises_do_not_matter(text: str, seed: int) -> None:
    assert canonical(read(rewritten(text, seed))) == canonical(read(text))


@pytest.mark.parametrize("text", PROGRAMS)
def test_the_canonical_form_is_a_program_with_the_same_meaning(text: str) -> None:
    again = canonical(read(text))
    assert check(again)[1] == ()
    assert canonical(again) == again
    assert read(show(again)) == again


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ask 2 + 3*4", "ask 4*3 + 2"),
        ("ask 1 + 2 + 3", "ask 3 + (1 + 2)"),
        ("ask 20%*5", "ask 0.2*5"),
        ("var x: int\nx > 3\nask x", "var y: int\n3 < y\nask y"),
        ("var x: int\n1 < x <= 3\nask x", "var y: int\n3 >= y > 1\nask y"),
        ("var x, y: int\nx = 1\ny = x\nask y", "var b: int\nvar a: int\na = b\n1 = a\nask b"),
        ("var x: int\nx > 1 and x < 3\nask x", "var x: int\nx < 3\nx > 1\nask x"),
        ("let a: miles = 3\nlet b: hours = 4\nask a + b", "let q = 4 [hour]\nlet p = 3\nask q + p"),
        ("ask {1, 2}", "ask {2, 1}"),
        ("ask max(1, 2)", "ask max(2, 1)"),
        ("ask forall x: 1..3. x > 0", "ask forall n: 1..3. n > 0"),
        ("var p, q: bool\nnot not p\np <=> q\nask q", "var p, q: bool\nq <=> p\np\nask q"),
        ("python  # why\n    x = 1 # one\nend\nask x", "python\n    x  =  1\nend\nask x"),
        ("let miles = 2\nvar x: miles\nx = miles\nask x", "let k = 2\nvar x: hours\nx = k\nask x"),
    ],
)
def test_the_same_said_in_the_same_way(one: str, other: str) -> None:
    assert key(read(one)) == key(read(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ask 2 + 3", "ask 2 + 4"),
        ("ask 2 - 3", "ask 3 - 2"),
        ("ask 2*3", "ask 2 + 3"),
        ("ask 2/3", "ask 3/2"),
        ("ask 6", "ask 2*3"),
        ("var x: int\nx > 3\nask x", "var x: int\nx >= 3\nask x"),
        ("var x: int\nx > 3\nask x", "var x: int\nx < 3\nask x"),
        ("var x: int\nx = 3\nask x", "var x: count\nx = 3\nask x"),
        ("var x, y: int\nx < y\ny < 3\nask x", "var x, y: int\nx < y\ny < 3\nask y"),
        ("ask [1, 2]", "ask [2, 1]"),
        ("ask forall x: 1..3. x > 0", "ask exists x: 1..3. x > 0"),
        ("var x: int\nx > 0\nmaximize x\nask x", "var x: int\nx > 0\nminimize x\nask x"),
        ("ask forall x: 1..3. exists y: 1..3. x < y", "ask forall x: 1..3. exists y: 1..3. y < x"),
        ("let b0 = 3\nask count(x: 1..5, x = b0)", "let b0 = 3\nask count(x: 1..5, x = x)"),
        ("option A: 1 = 1\nask option must", "option A: 1 = 1\nask option may"),
        ("python\n    x = 1\nend\nask x", "python\n    x = 2\nend\nask x"),
        (PROGRAMS[5], PROGRAMS[5].replace("next(n3, n1)", "next(n1, n3)")),
        (PROGRAMS[3], PROGRAMS[3].replace("visits(cow, tiger)", "visits(tiger, cow)")),
    ],
)
def test_another_program_has_another_key(one: str, other: str) -> None:
    assert key(read(one)) != key(read(other))


@given(st.integers(0, 99), st.integers(0, 99))
def test_another_number_is_another_program(a: int, b: int) -> None:
    assert (key(read(f"ask {a} + 1")) == key(read(f"ask {b} + 1"))) == (a == b)


@pytest.mark.parametrize("count", [60, 1000])
def test_any_number_of_look_alikes_has_a_canonical_form(count: int) -> None:
    names = [f"x{k}" for k in range(count)]
    text = f"var {', '.join(names)}: count\n" + "".join(f"{n} > 0\n" for n in names) + "ask x0\n"
    form = canonical(read(text))
    assert len(form.statements) == 2 * count + 1
    assert check(form)[1] == ()
