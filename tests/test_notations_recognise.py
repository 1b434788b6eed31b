"""Which notation a text is in, where nobody says: recognised by what only one reads, refused where two disagree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from strategies import SAMPLES, programs

from neurosym import check, run
from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.printer import show
from neurosym.notations import NOTATIONS, read
from neurosym.notations.recognise import recognise
from neurosym.outcome import Status

TEXTS = {
    "fol": "∀x (Bird(x) → Flies(x))\nBird(tux)\n⊢ Flies(tux)\n",
    "prover9": "formulas(assumptions).\nall x (bird(x) -> flies(x)).\nbird(tux).\nend_of_list.\n"
    "formulas(goals).\nflies(tux).\nend_of_list.\n",
    "logiclm-rules": "Facts:\nKind(Bob, True)\nRules:\nKind($x, True) >>> Nice($x, True)\nQuery:\nNice(Bob, True)\n",
    "logiclm-csp": "Domain:\n1: first\n2: last\nVariables:\na [IN] [1, 2]\nb [IN] [1, 2]\nConstraints:\na < b\n"
    "Query:\nA) a == 1\nB) b == 1\n",
    "logiclm-fol": "Premises:\nBird(x) → Flies(x) ::: Birds fly.\nBird(tux) ::: Tux is one.\n"
    "Conclusion:\nFlies(tux) ::: Tux flies.\n",
    "logiclm-sat": "# Declarations\ncooks = EnumSort([Ada, Ben])\nrests = Function([cooks] -> [bool])\n# Constraints\n"
    "rests(Ada)\n# Options\nQuestion ::: Which holds?\nis_valid(rests(Ada)) ::: (A)\nis_valid(rests(Ben)) ::: (B)\n",
    "smtlib": "; a script\n(set-logic QF_LIA)\n(declare-const x Int)\n(assert (> x 3))\n(check-sat)\n",
}


@pytest.mark.parametrize("name", [name for name in NOTATIONS if name != "ir"])
def test_every_notation_is_recognised(name: str) -> None:
    found, reading = recognise(TEXTS[name])
    assert found == name
    assert reading.program == read(TEXTS[name], name).program
    assert check(TEXTS[name]) == ()


@settings(max_examples=50)
@given(programs)
def test_our_own_language_comes_first(program: t.Program) -> None:
    assert recognise(show(program))[0] == "ir"


def test_the_outcome_names_the_notation() -> None:
    assert run(TEXTS["fol"]).notation == "fol"
    assert run(TEXTS["fol"], notation="fol").notation == "fol"
    assert run(SAMPLES["let"]).notation == "ir"


def test_two_notations_that_agree_are_as_good_as_one() -> None:
    text = "Bird(tux) -> Flies(tux)\nBird(tux)\n|- Flies(tux)\n"
    assert read(text, "fol").program == read(text, "prover9").program
    assert recognise(text)[1].program == read(text, "fol").program


def test_notations_that_disagree_are_named() -> None:
    text = "forall x. P(x) -> Q(b)\nP(b)\n|- Q(b)\n"
    with pytest.raises(ProgramError) as caught:
        recognise(text)
    (found,) = caught.value.diagnostics
    assert found.code == "ambiguous-notation"
    outcome = run(text)
    assert outcome.status is Status.MALFORMED
    assert "fol and as prover9" in outcome.message


def test_a_reading_without_mends_counts_before_one_with_some() -> None:
    text = "all x P(x) -> Q(b)\nP(b)\n|- Q(b)\n"
    assert recognise(text)[0] == "prover9"


def test_what_bears_no_sign_is_refused_as_ours() -> None:
    with pytest.raises(ProgramError) as ours:
        read("let x = 1,000\nask x\n", "ir")
    with pytest.raises(ProgramError) as found:
        recognise("let x = 1,000\nask x\n")
    assert found.value.diagnostics == ours.value.diagnostics


def test_what_bears_one_sign_is_refused_in_that_notation() -> None:
    text = "(declare-const x Int)\n(assert (frob x))\n(check-sat)\n"
    with pytest.raises(ProgramError) as there:
        read(text, "smtlib")
    with pytest.raises(ProgramError) as found:
        recognise(text)
    *found_there, note = found.value.diagnostics
    assert tuple(found_there) == there.value.diagnostics
    assert "smtlib" in note.message


def test_a_slip_in_our_language_is_not_taken_for_logic() -> None:
    text = "sort thing\nconst a: thing\nrel p(thing), q(thing)\nforall x: thing. p(x) <-> q(x)\np(a)\nask q(a)\n"
    with pytest.raises(ProgramError) as found:
        recognise(text)
    first, note = found.value.diagnostics
    assert first.span is not None
    assert first.span.line == 4
    assert "fol" in note.message


def test_strictly_a_mend_is_refused() -> None:
    text = "∀x (Bird(x) → Flies(x)\nBird(tux)\n⊢ Flies(tux)\n"
    assert recognise(text)[1].mends
    with pytest.raises(ProgramError):
        recognise(text, strict=True)
