"""First-order and rule notations: what they mean, what is mended, what is refused, and that hostile text ends."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.errors import ProgramError, UsageError
from neurosym.language.check import check
from neurosym.language.printer import show, show_expr
from neurosym.language.read import read as read_ir
from neurosym.language.tree import Program
from neurosym.notations import NOTATIONS, Reading, read
from neurosym.notations.formulas import read_formula
from neurosym.outcome import Outcome
from neurosym.solvers.base import Task
from neurosym.solvers.smt import Smt


def formula(text: str, grammar: str = "fol") -> str:
    return show_expr(read_formula(text, grammar=grammar).tree).replace(": thing", "")


def mends(reading: Reading) -> list[str]:
    return [m.code for m in reading.mends]


def refused(text: str, notation: str, **given: object) -> list[str]:
    with pytest.raises(ProgramError) as caught:
        read(text, notation, **given)  # type: ignore[arg-type]
    assert all(d.message for d in caught.value.diagnostics)
    return [d.code for d in caught.value.diagnostics]


def solve(program: Program) -> Outcome:
    assert read_ir(show(program)) == program
    symbols, found = check(program)
    assert not found
    return Smt().solve(Task(program, symbols))


# --- the table --------------------------------------------------------------------------------------------------


def test_our_own_language_is_a_notation() -> None:
    assert read("ask 1 + 1\n", "ir") == Reading(read_ir("ask 1 + 1\n"))


def test_an_unknown_notation_is_named_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no notation 'prolog'; there are .*fol"):
        read("p.", "prolog")


@pytest.mark.parametrize("notation", ["fol", "prover9", "logiclm-fol", "logiclm-rules"])
def test_every_notation_has_its_module_and_refuses_an_empty_text(notation: str) -> None:
    assert notation in NOTATIONS
    assert refused("", notation) == ["no-question"]


# --- formulas as FOLIO writes them ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("¬P(a) ∧ Q(a)", "not P(a) and Q(a)"),
        ("P(a) ∨ Q(a) ∧ R(a)", "P(a) or Q(a) and R(a)"),
        ("P(a) ⊕ Q(a) ∨ R(a)", "P(a) xor (Q(a) or R(a))"),
        ("P(a) → Q(a) ⊕ R(a)", "P(a) -> Q(a) xor R(a)"),
        ("P(a) → Q(a) → R(a)", "P(a) -> Q(a) -> R(a)"),
        ("P(a) ↔ Q(a) → R(a)", "P(a) <=> Q(a) -> R(a)"),
        ("∀x (P(x) → ∃y (Q(x, y) ∧ ¬∀z R(z)))", "forall x. P(x) -> (exists y. Q(x, y) and not (forall z. R(z)))"),
        ("∀x ∀y P(x, y)", "forall x. forall y. P(x, y)"),
        ("∀x,y [P(x) ∨ P(y)]", "forall x, y. P(x) or P(y)"),
        ("∀x. P(x) → Q(a)", "forall x. P(x) -> Q(a)"),
        ("∀x P(x) → Q(a)", "(forall x. P(x)) -> Q(a)"),
        ("∃x. P(x) ∧ ∀y. R(x, y) → Q(y)", "exists x. P(x) and (forall y. R(x, y) -> Q(y))"),
        ("R(b) ∧ (∃x: P(x) ∧ Q(x)) ∨ S(b)", "R(b) and (exists x. P(x) and Q(x)) or S(b)"),
        ("mother(a) ≠ b", "mother(a) != b"),
        ("¬(a = b)", "not a = b"),
        ("P(a) & !Q(a) | R(a) => S(a)", "P(a) and not Q(a) or R(a) -> S(a)"),
        ("not P(a) and Q(a) <-> R(a) or S(a)", "not P(a) and Q(a) <=> R(a) or S(a)"),
        ("Rated(o'brien, c++) ∧ In(st-gallen, 1984).", 'Rated("o\'brien", "c++") and In("st-gallen", "1984")'),
        ('Sings("La Traviata")', 'Sings("La Traviata")'),
        ("Rain ∧ ¬Cold", "Rain and not Cold"),
        ("Größer(änne, Åse)", '"Größer"("änne", "Åse")'),
    ],
)
def test_a_formula_means_what_its_signs_and_brackets_say(text: str, meaning: str) -> None:
    assert formula(text) == meaning
    assert read_formula(text).mends == ()


def test_spans_point_into_the_text() -> None:
    read_ = read("Bird(tux)\n  Bird(tux) → Swims(tux)   # it does\n⊢ Swims(tux)", "fol")
    *_, bird, rule, ask = read_.program.statements
    assert bird.span is not None
    assert rule.span is not None
    assert ask.span is not None
    assert (rule.span.line, rule.span.column, rule.span.end_column, rule.note) == (2, 3, 25, "it does")
    assert (ask.span.line, ask.span.column) == (3, 3)


# --- formulas as Prover9 and NLTK write them --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("all x (p(x) -> q(x))", "forall x. p(x) -> q(x)"),
        ("all x p(x) -> q(a)", "(forall x. p(x)) -> q(a)"),
        ("all x.all y.(p(x,y) <-> -q(y))", "forall x. forall y. p(x, y) <=> not q(y)"),
        ("exists x y.(p(x) & x != y)", "exists x, y. p(x) and x != y"),
        ("p(a) <- q(a) & r(a)", "q(a) and r(a) -> p(a)"),
        ("some z0.(p(z0) | $F)", "exists z0. p(z0) or false"),
        ("-p & -(q | r)", "not p and not (q or r)"),
    ],
)
def test_prover9_and_nltk(text: str, meaning: str) -> None:
    assert formula(text, "prover9") == meaning


def test_a_prover9_file_lists_assumptions_and_a_goal() -> None:
    text = """
set(auto).  % settings say nothing
formulas(assumptions).
  otter(x) -> swims(x).          % x is a variable: its name begins with u to z
  otter(olga) &
    lazy(olga).
end_of_list.
formulas(goals).
  exists y (swims(y) & lazy(y)).
end_of_list.
"""
    reading = read(text, "prover9")
    assert reading.mends == ()
    rule, fact = reading.program.statements[3:5]
    assert rule.span is not None
    assert fact.span is not None
    assert (rule.span.line, fact.span.line, fact.span.end_line) == (4, 5, 6)
    assert solve(reading.program).answer == "true"


def test_nltk_lines_take_a_conclusion() -> None:
    text = "all x.(otter(x) -> swims(x))\notter(olga)\n|- -swims(olga)"
    assert solve(read(text, "prover9").program).answer == "false"


# --- programs in first-order logic ------------------------------------------------------------------------------


def test_premises_decide_the_conclusion() -> None:
    premises = "∀x (Otter(x) → Swims(x) ⊕ Flies(x))\nOtter(olga) ∧ ¬Flies(olga)\n"
    assert solve(read(premises + "⊢ Swims(olga)", "fol").program).answer == "true"
    assert solve(read(premises + "Conclusion: ∃x Flies(x) ∧ Otter(x)", "fol").program).answer == "independent"
    assert solve(read(premises, "fol", question="Flies(olga)").program).answer == "false"


def test_propositions_functions_and_equality_are_declared_from_their_use() -> None:
    reading = read("Rain → boss(anna) = anna\nRain\n⊢ boss(boss(anna)) = anna", "fol")
    assert show(reading.program).splitlines()[:4] == [
        "sort thing",
        "const anna: thing",
        "fun boss(thing): thing",
        "var Rain: bool",
    ]
    assert solve(reading.program).answer == "true"


def test_one_name_for_a_relation_a_function_and_a_constant_stays_three_symbols() -> None:
    reading = read("thing(sum) ∧ sum(thing) ∧ P(sum(sum))\n⊢ sum(sum)", "fol")
    assert reading.mends == ()
    assert solve(reading.program).answer == "independent"


def test_contradictory_premises_decide_nothing() -> None:
    outcome = solve(read("P(a)\n¬P(a)\n⊢ Q(a)", "fol").program)
    assert (outcome.status.value, outcome.core) == ("contradictory", (1, 2))


@pytest.mark.parametrize(
    ("text", "code", "meaning"),
    [
        ("∀x (P(x) → Q(x)", "mended-bracket", "forall x: thing. P(x) -> Q(x)"),
        ("P(a) ∧ Q(b))", "mended-bracket", "P(a) and Q(b)"),
        ("∀x P(x) → Q(x)", "mended-scope", "forall x: thing. P(x) -> Q(x)"),
        ("R(a) ∧ ∃x P(x) ∧ Q(x)", "mended-scope", "R(a) and (exists x: thing. P(x) and Q(x))"),
        ("P(x) → Q(x)", "mended-free-variable", "forall x: thing. P(x) -> Q(x)"),
        ("P(a) ∧ P(a, b)", "mended-arity", 'P(a) and "P/2"(a, b)'),
        ("P(bald eagle) ∧ Q(baldEagle)", "mended-spelling", 'P("bald eagle") and Q("bald eagle")'),
    ],
)
def test_a_slip_with_one_reading_is_mended_and_listed_and_strictly_refused(text: str, code: str, meaning: str) -> None:
    program = f"{text}\n⊢ P(a)"
    reading = read(program, "fol")
    assert mends(reading) == [code]
    assert show(reading.program).splitlines()[-2] == meaning
    assert reading.mends[0].span is not None
    assert reading.mends[0].span.line == 1
    assert refused(program, "fol", strict=True) == [code]
    solve(reading.program)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("(P(a) ∨ Q(a) ∧ (R(a) ∨ S(a))", "ambiguous-bracket"),
        ("(P(a) ∨ Q(a)) ∧ R(a)) → S(a)", "ambiguous-bracket"),
        ("P(a) Q(a)", "syntax"),
        ("P(a) ∧", "syntax"),
        ("P(y) > 9", "syntax"),
        ("(∃x P(x)) ∧ Q(x)", "free-variable"),
        ("∀x x(a)", "second-order"),
        ("∀x x", "second-order"),
    ],
)
def test_what_has_no_reading_or_several_is_refused(text: str, code: str) -> None:
    assert refused(f"{text}\n⊢ P(a)", "fol") == [code]


def test_a_syntax_error_says_where_and_what_fits() -> None:
    with pytest.raises(ProgramError) as caught:
        read("P(a)\nP(b) Q(b)\n⊢ P(a)", "fol")
    (found,) = caught.value.diagnostics
    assert found.span is not None
    assert (found.span.line, found.span.column) == (2, 6)
    assert "∧" in found.hint
    assert "&" not in found.hint


def test_every_bad_line_is_reported() -> None:
    assert refused("P(\nQ(a)\nR ∧\n⊢ Q(a)", "fol") == ["syntax", "syntax"]


def test_two_conclusions_are_one_too_many() -> None:
    assert refused("⊢ P(a)\n⊢ Q(a)", "fol") == ["several-questions"]


# --- Logic-LM's first-order dialect -----------------------------------------------------------------------------

OTTERS = """Predicates:
Otter(x) ::: x is an otter.
Swims(x) ::: x swims.
Premises:
∀x (Otter(x) → Swims(x)) ::: All otters swim.
Otter(olga) ::: Olga is an otter.
Conclusion:
"""


def test_logiclm_fol() -> None:
    reading = read(OTTERS + "Swims(olga) ::: Olga swims.", "logiclm-fol")
    assert reading.mends == ()
    assert [s.note for s in reading.program.statements[-2:]] == ["Olga is an otter.", "Olga swims."]
    assert solve(reading.program).answer == "true"


PREAMBLE = "Based on the above information, is the following statement true, false, or uncertain? "


@pytest.mark.parametrize(
    ("asked", "question", "answer", "mended"),
    [
        ("¬Swims(olga) ::: Olga does not swim.", "Olga swims.", "true", True),
        ("¬Swims(olga) ::: Olga does not swim.", "Olga does not swim.", "false", False),
        ("Swims(olga) ::: Olga swims.", "Olga does not swim.", "false", True),
        ("¬∀x Swims(x) ::: Not all swim.", "All swim.", "independent", True),
        ("¬∀x Swims(x) ::: Some stay ashore.", "All swim.", "independent", False),
        ("¬Swims(otto) ::: Otto stays ashore.", "Olga swims.", "independent", False),
    ],
)
def test_the_sign_of_the_statement_in_question_is_asked(asked: str, question: str, answer: str, mended: bool) -> None:
    reading = read(OTTERS + asked, "logiclm-fol", question=PREAMBLE + question)
    assert mends(reading) == ["mended-polarity"] * mended
    assert solve(reading.program).answer == answer


def test_of_several_conclusions_the_one_in_question_is_asked() -> None:
    asked = "Otter(olga) ::: Olga is an otter.\n¬Swims(olga) ::: Olga does not swim."
    reading = read(OTTERS + asked, "logiclm-fol", question=PREAMBLE + "Olga swims.")
    assert mends(reading) == ["mended-question", "mended-polarity"]
    assert solve(reading.program).answer == "true"
    assert refused(OTTERS + asked, "logiclm-fol") == ["several-questions"]


# --- Logic-LM's rules -------------------------------------------------------------------------------------------

MILL = """Predicates:
Wet($x, bool) ::: Is x wet?
Feeds($x, $y) ::: Does x feed y?
Facts:
Wet(Old Mill, True) ::: The old mill is wet.
Feeds(brook, Old Mill) ::: The brook feeds the old mill.
Dry(heath, True)
Rules:
Wet($x, True) && Feeds($y, $x) >>> Wet($y, True) ::: What feeds a wet thing is wet.
Dry($x, True) >>> !Wet($x, True)
Grinds($x, False) <<< Dry($x, True)
Query:
"""


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("Wet(brook, True) ::: The brook is wet.", "true"),
        ("Wet(brook, False)", "false"),
        ("Not(Wet(brook, True))", "false"),
        ("Not(Wet(brook), False)", "true"),
        ("Wet(brook) = False", "false"),
        ("¬Wet(heath, True)", "true"),
        ("Grinds(heath, true).", "false"),
        ("Wet(pond, True)", "independent"),
    ],
)
def test_logiclm_rules(query: str, answer: str) -> None:
    reading = read(MILL + query, "logiclm-rules")
    assert reading.mends == ()
    assert solve(reading.program).answer == answer


def test_a_truth_value_left_open_is_told_by_the_question() -> None:
    reading = read(MILL + "Wet(heath, Unknown)", "logiclm-rules", question=PREAMBLE + "The heath is not wet.")
    assert solve(reading.program).answer == "true"
    assert refused(MILL.replace("heath, True", "heath, bool") + "Wet(brook, ?)", "logiclm-rules") == ["open-truth"]


@pytest.mark.parametrize(
    ("rule", "code", "meaning"),
    [
        ("Wet($x, True) >>> Feeds($x, not heath)", "mended-negation", "Wet(x) -> not Feeds(x, heath)"),
        ("Wet($x, True >>> Grinds($x, True)", "mended-bracket", "Wet(x) -> Grinds(x)"),
        ("heath is dry >>> brook is not wet", "mended-sentence", "Dry(heath) -> not Wet(brook)"),
        ("Wet(oldMill, True)", "mended-spelling", 'Wet("Old Mill")'),
    ],
)
def test_slips_in_rules(rule: str, code: str, meaning: str) -> None:
    program = MILL.replace("Rules:", f"Rules:\n{rule}") + "Wet(brook, True)"
    reading = read(program, "logiclm-rules")
    assert code in mends(reading)
    assert meaning in show(reading.program).replace("forall x: thing. ", "").splitlines()
    assert code in refused(program, "logiclm-rules", strict=True)


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("Wet($x, True) && Dry($x, True)", "no-conclusion"),
        ("something is wet >>> Dry(heath, True)", "syntax"),
        ("If it rains, all is wet.", "syntax"),
        ("Feeds(True, heath)", "syntax"),
    ],
)
def test_rules_that_say_nothing_definite_are_refused_and_never_dropped(rule: str, code: str) -> None:
    assert refused(MILL.replace("Rules:", f"Rules:\n{rule}") + "Wet(brook, True)", "logiclm-rules") == [code]


# --- any formula, any text --------------------------------------------------------------------------------------

TERMS = st.recursive(st.sampled_from(["a", "b", "x"]), lambda t: t.map("f({})".format), max_leaves=2)
ATOMS = st.one_of(
    TERMS.map("P({})".format),
    st.tuples(TERMS, TERMS).map(lambda p: f"R({p[0]}, {p[1]})"),
    st.tuples(TERMS, TERMS).map(lambda p: f"{p[0]} = {p[1]}"),
    st.just("Q"),
)
FORMULAS = st.recursive(
    ATOMS,
    lambda f: st.one_of(
        f.map("¬({})".format),
        f.map("∀x ({})".format),
        f.map("∃y {}".format),
        st.tuples(f, st.sampled_from("∧∨⊕→↔"), f).map(lambda p: f"({p[0]}) {p[1]} ({p[2]})"),
        st.tuples(f, st.sampled_from("∧∨⊕→↔"), f).map(" ".join),
    ),
    max_leaves=8,
)


@given(FORMULAS)
@settings(max_examples=150)
def test_every_formula_lowers_to_a_program_that_checks_prints_and_reads_back(text: str) -> None:
    try:
        program = read(f"⊢ {text}", "fol").program
    except ProgramError as error:
        codes = {d.code for d in error.diagnostics}
    else:
        assert read_ir(show(program)) == program
        codes = {d.code for d in check(program)[1]}
    assert codes <= {"free-variable"}


@given(
    st.text('∀∃xyPa(),¬∧→=.:&|-<>!$ \n#⊢"TrueFals', max_size=60),
    st.sampled_from(["fol", "prover9", "logiclm-fol", "logiclm-rules"]),
)
@settings(max_examples=300)
def test_any_text_is_read_or_refused(text: str, notation: str) -> None:
    try:
        program = read(text, notation).program
    except ProgramError:
        return
    assert read_ir(show(program)) == program


@pytest.mark.parametrize(
    "text",
    [
        "(" * 50_000,
        "¬" * 50_000 + "P(a)",
        "(" * 200 + "P(a)" + ")" * 200,
        " ∧ ".join(["P(a)"] * 5_000),
        "∀x " * 5_000 + "P(x)",
        "P(" + "f(" * 2_000 + "a" + ")" * 2_002,
        "\n".join(["(" + "P(a) ∧ " * 50 + "P(a)"] * 200),
        "P(a)\n" * 40_000,
    ],
    ids=["brackets", "negations", "nested", "conjuncts", "quantifiers", "terms", "slips", "long"],
)
@pytest.mark.parametrize("notation", ["fol", "prover9", "logiclm-rules"])
def test_hostile_text_is_refused(text: str, notation: str) -> None:
    with pytest.raises(ProgramError):
        read(f"Conclusion: {text}" if notation != "logiclm-rules" else f"Query: {text}", notation)


def test_many_scopes_are_widened_at_once() -> None:
    text = " ∧ ".join(["(∃x P(x) ∧ Q(x) ∧ (∃y P(y) ∧ Q(y)))"] * 60)
    found = read_formula(text)
    assert len(found.mends) == 120
    assert show_expr(found.tree).count("(exists y: thing. P(y) and Q(y))") == 60
