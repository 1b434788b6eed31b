"""The reference that replays are judged by agrees with plain enumeration, and with solvers on what it decides."""

from __future__ import annotations

from itertools import product

import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from neurosym.language.check import check
from neurosym.language.read import read as read_ir
from neurosym.notations import read
from neurosym.outcome import Status

literals = st.integers(1, 5).flatmap(lambda atom: st.sampled_from((atom, -atom)))


@given(st.lists(st.lists(literals, max_size=3).map(tuple), max_size=14))
def test_satisfiable_is_what_enumeration_says(clauses: list[tuple[int, ...]]) -> None:
    worlds = product((False, True), repeat=5)
    expected = any(all(any(w[abs(x) - 1] is (x > 0) for x in clause) for clause in clauses) for w in worlds)
    assert reference.satisfiable(clauses, 5) is expected


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("∀x (P(x) → Q(x))\nP(a)\n⊢ Q(a)", Status.TRUE),
        ("∀x (P(x) → ¬Q(x))\nP(a)\n⊢ Q(a)", Status.FALSE),
        ("∃x P(x)\n⊢ P(a)", Status.INDEPENDENT),
        ("P(a) ⊕ Q(a)\nP(a)\n⊢ ¬Q(a)", Status.TRUE),
        ("P(a)\n¬P(a)\n⊢ Q(a)", Status.CONTRADICTORY),
        ("a = b\nR(a, c)\n⊢ R(b, c)", Status.TRUE),
        ("∀x ∀y (R(x, y) ↔ R(y, x))\nR(a, b)\n⊢ R(b, a)", Status.TRUE),
        ("∀x ∃y R(x, y)\n⊢ ∃x R(x, x)", None),  # a Skolem function: not of its kind
    ],
)
def test_entailed(text: str, status: Status | None) -> None:
    assert reference.entailed(read(text, "fol").program) is status


SHELF = """sort bird = {quail, owl, raven}
fun place(bird): 1..3
distinct place
place(owl) < place(raven)
option A: place(quail) = 1
option B: place(owl) = 1
option C: place(owl) = 3
ask option """


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("cannot", "C"), ("may", Status.UNDERDETERMINED), ("must", Status.UNDERDETERMINED), ("", Status.UNDERDETERMINED)],
)
def test_chosen(mode: str, expected: str | Status) -> None:
    program = read_ir(f"{SHELF}{mode}".rstrip() + "\n")
    assert reference.chosen(program, check(program)[0]) == expected
    settled = read_ir(f"place(quail) = 1\n{SHELF}must\n".replace("place(quail) = 1\nsort", "sort", 1))
    assert reference.chosen(settled, check(settled)[0]) == Status.UNDERDETERMINED


def test_contradictory_and_infinite_programs() -> None:
    program = read_ir(SHELF.replace("option A", "place(owl) = 3\noption A") + "must\n")
    assert reference.chosen(program, check(program)[0]) is Status.CONTRADICTORY
    program = read_ir("var n: int\noption A: n = 1\noption B: n = 2\nask option may\n")
    assert reference.chosen(program, check(program)[0]) is None
