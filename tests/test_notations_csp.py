"""Logic-LM's constraint and Z3-like dialects, SMT-LIB: what they are lowered to, what is mended, what refused."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.check import check
from neurosym.language.printer import show, show_statement
from neurosym.language.read import read as read_ir
from neurosym.notations import read
from neurosym.notations.option_mode import mode_of
from neurosym.outcome import Outcome, Status
from neurosym.solvers.base import Task
from neurosym.solvers.smt import Smt

SHELF = """Domain:
1: lowest
3: highest
Variables:
jar [IN] [1, 2, 3]
bowl [IN] [1, 2, 3]
cup [IN] [1, 2, 3]
Constraints:
jar > bowl ::: The jar is higher than the bowl.
cup == 3 ::: The cup is the highest.
AllDifferentConstraint([jar, bowl, cup]) ::: All stand apart.
Query:
A) jar == 1 ::: The jar is the lowest.
B) bowl == 1 ::: The bowl is the lowest.
C) cup == 1 ::: The cup is the lowest.
"""

ROTA = """# Declarations
cooks = EnumSort([Ada, Ben, Cy])
days = EnumSort([1, 2, 3])
cooks_on = Function([days] -> [cooks])
rests = Function([cooks] -> [bool])

# Constraints
Distinct([d:days], cooks_on(d)) ::: no cook cooks twice
ForAll([c:cooks], Count([d:days], cooks_on(d) == c) == 1) ::: each cooks once
cooks_on(1) == Ada
Not(cooks_on(2) == Cy) ::: Cy is not second

# Options
Question ::: Which one of the following must be true?
is_valid(cooks_on(2) == Ada) ::: (A)
is_valid(cooks_on(3) == Cy) ::: (B)
is_valid(rests(Ada)) ::: (C)
"""


def outcome(text: str, notation: str, question: str | None = None) -> Outcome:
    """What a program comes to; on the way its tree prints and reads back as itself."""
    program = read(text, notation, question=question).program
    assert read_ir(show(program)) == program
    symbols, found = check(program)
    assert not found
    return Smt().solve(Task(program, symbols))


def shown(text: str, notation: str) -> list[str]:
    """The lowered statements as text, without notes."""
    return [show_statement(s).partition("  #")[0] for s in read(text, notation).program.statements]


def mends(text: str, notation: str) -> list[str]:
    """The codes of what was mended; strict mode refuses the same text for the first of them."""
    made = read(text, notation).mends
    if made:
        with pytest.raises(ProgramError) as refused:
            read(text, notation, strict=True)
        assert refused.value.diagnostics == made
    return sorted({m.code for m in made})


def refusal(text: str, notation: str) -> str:
    """The code with which a text is refused, by the reader or by the checker."""
    try:
        program = read(text, notation).program
    except ProgramError as error:
        return error.diagnostics[0].code
    found = check(program)[1]
    assert found
    return found[0].code


# --- constraints over listed values -----------------------------------------------------------------------------


def test_csp_is_lowered_line_by_line() -> None:
    assert shown(SHELF, "logiclm-csp") == [
        "var jar: 1..3",
        "var bowl: 1..3",
        "var cup: 1..3",
        "jar > bowl",
        "cup = 3",
        "distinct jar, bowl, cup",
        "option A: jar = 1",
        "option B: bowl = 1",
        "option C: cup = 1",
        "ask option must",
    ]
    assert mends(SHELF, "logiclm-csp") == []
    assert outcome(SHELF, "logiclm-csp").answer == "B"


def test_csp_spans_point_into_the_foreign_text() -> None:
    program = read(SHELF, "logiclm-csp").program
    assertion = next(s for s in program.statements if isinstance(s, t.Assertion))
    assert assertion.span is not None
    assert assertion.note == "The jar is higher than the bowl."
    assert SHELF.split("\n")[assertion.span.line - 1].startswith("jar > bowl")
    contradiction = outcome(SHELF.replace("cup == 3 :::", "cup == jar :::"), "logiclm-csp")
    assert contradiction.status is Status.CONTRADICTORY
    assert set(contradiction.core) <= {5, 6, 7, 9, 10, 11}


def test_csp_asks_for_the_option_that_the_question_means() -> None:
    loose = SHELF.replace("jar > bowl :::", "jar != bowl :::").replace("C) cup == 1", "C) cup == 2")
    assert outcome(loose, "logiclm-csp").status is Status.UNDERDETERMINED
    question = "Which one of the following cannot be true?"
    assert outcome(loose, "logiclm-csp", question).answer == "C"


def test_csp_takes_words_and_gaps_as_values() -> None:
    text = """Variables:
roof [IN] [red, green, blue]
door [IN] [red, green]
age [IN] [1, 5, 9]
Constraints:
roof != red
roof == door and age > 5
Query:
A) roof == green
B) roof == blue and age == 9
"""
    assert "member(door, {red, green})" in shown(text, "logiclm-csp")
    assert "member(age, {1, 5, 9})" in shown(text, "logiclm-csp")
    assert outcome(text, "logiclm-csp").answer == "A"
    assert refusal(text.replace("roof != red", "roof > red"), "logiclm-csp") == "unordered-values"
    alike = text.replace("[red, green, blue]", "[red, green]").replace("roof != red", "roof > red")
    alike = alike.replace("B) roof == blue", "B) roof == red")
    assert mends(alike, "logiclm-csp") == ["mended-order"]
    assert outcome(alike, "logiclm-csp").answer == "A"


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("cup == 3 :::", "cup = 3 :::", "mended-equals"),
        ("jar, bowl, cup])", "jar, bowl, cup]", "mended-brackets"),
        ("cup == 3 :::", "cup == highest :::", "mended-meaning"),
        ("cup [IN] [1, 2, 3]", "cup [IN] [1, 2, 3]\ncup [IN] [1, 2, 3]", "mended-redeclared"),
        ("Domain:\n", "Domain:\nshelf [IN] [1, 2, 3]\n", "mended-section"),
        ("The cup is the lowest.\n", "The cup is the lowest.\n\nSo it must be (B)!\n", "mended-trailing-text"),
    ],
)
def test_csp_mends_what_has_one_reading(before: str, after: str, code: str) -> None:
    assert before in SHELF
    text = SHELF.replace(before, after)
    assert mends(text, "logiclm-csp") == [code]
    assert outcome(text, "logiclm-csp").answer == "B"


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("jar > bowl :::", "jar > > bowl :::", "syntax"),
        ("cup == 3 :::", "cup == lid :::", "unknown-name"),
        ("jar > bowl :::", "above(jar, bowl) :::", "unknown-function"),
        ("cup [IN] [1, 2, 3]", "cup [IN] [1, 2, 3]\ncup [IN] [1, 2]", "redeclared"),
        ("Query:", "Notes:", "no-query"),
    ],
)
def test_csp_refuses_the_rest(before: str, after: str, code: str) -> None:
    text = SHELF.replace(before, after)
    if code == "no-query":
        text = text.partition("Notes:")[0]
    assert refusal(text, "logiclm-csp") == code


def test_csp_the_letters_of_the_given_options_count() -> None:
    given = ["A) The cup is the lowest.", "B) The jar is the lowest.", "C) The bowl is the lowest."]
    reading = read(SHELF, "logiclm-csp", options=given)
    assert [m.code for m in reading.mends] == ["mended-letters"]
    assert [s.label for s in reading.program.statements if isinstance(s, t.Option)] == ["B", "C", "A"]
    with pytest.raises(ProgramError):
        read(SHELF, "logiclm-csp", options=given, strict=True)
    others = ["A) The tea-cup is the lowest.", *given[1:]]
    assert read(SHELF, "logiclm-csp", options=others) == read(SHELF, "logiclm-csp")


# --- Z3-like declarations ---------------------------------------------------------------------------------------


def test_sat_is_lowered_to_sorts_functions_and_quantifiers() -> None:
    assert shown(ROTA, "logiclm-sat") == [
        "sort cooks = {Ada, Ben, Cy}",
        "fun cooks_on(1..3): cooks",
        "rel rests(cooks)",
        "forall d: 1..3, d_other: 1..3. d != d_other -> cooks_on(d) != cooks_on(d_other)",
        "forall c: cooks. count(d: 1..3, cooks_on(d) = c) = 1",
        "cooks_on(1) = Ada",
        "not cooks_on(2) = Cy",
        "option A: cooks_on(2) = Ada",
        "option B: cooks_on(3) = Cy",
        "option C: rests(Ada)",
        "ask option must",
    ]
    assert mends(ROTA, "logiclm-sat") == []
    assert outcome(ROTA, "logiclm-sat").answer == "B"


def test_sat_enumerations_that_overlap_are_parts_of_one_sort() -> None:
    text = """# Declarations
boys = EnumSort([Al, Bo])
girls = EnumSort([Cam, Dee])
heads = Function([boys + girls] -> [girls])
# Constraints
ForAll([b:boys], Exists([g:girls], heads(b) == g))
heads(Al) == Cam
Count([x:boys + girls], heads(x) == Cam) == 1
# Options
is_valid(heads(Bo) == Dee) ::: (A)
is_valid(heads(Bo) in [Cam, Al]) ::: (B)
is_valid(heads(Bo) in boys) ::: (C)
"""
    lowered = shown(text, "logiclm-sat")
    assert lowered[0] == 'sort "boys or girls" = {Al, Bo, Cam, Dee}'
    assert 'forall x1: "boys or girls". member(heads(x1), {Cam, Dee})' in lowered
    assert outcome(text, "logiclm-sat").answer == "A"


MODES = [
    ("is_valid", "is_valid", t.OptionMode.MUST),
    ("is_valid", "is_sat", t.OptionMode.MAY),
    ("is_valid", "is_unsat", t.OptionMode.CANNOT),
    ("is_valid(", "is_exception(is_valid(", t.OptionMode.EXCEPT),
    ("is_valid(", "is_exception(is_sat(", t.OptionMode.CANNOT),
]


@pytest.mark.parametrize(("before", "after", "mode"), MODES)
def test_sat_wrappers_give_the_mode_where_the_question_does_not(before: str, after: str, mode: t.OptionMode) -> None:
    head, _, tail = ROTA.partition("Question ::: Which one of the following must be true?\n")
    options = tail.replace(before, after)
    if after.count("(") == 2:
        options = options.replace(" :::", ") :::")
    ask = read(head + options, "logiclm-sat").program.ask
    assert isinstance(ask, t.AskOption)
    assert ask.mode is mode


def test_sat_where_wrappers_and_question_differ_the_question_counts() -> None:
    text = ROTA.replace("is_valid", "is_sat")
    assert mends(text, "logiclm-sat") == ["mended-option-mode"]
    assert outcome(text, "logiclm-sat").answer == "B"


@pytest.mark.parametrize(
    ("question", "mode"),
    [
        ("Which one of the following must be true?", t.OptionMode.MUST),
        ("If Ada cannot cook, then which one of the following could be true?", t.OptionMode.MAY),
        ("Each of the following could be true EXCEPT:", t.OptionMode.CANNOT),
        ("Each of the following must be true EXCEPT:", t.OptionMode.EXCEPT),
        ("Which one of the following CANNOT be true?", t.OptionMode.CANNOT),
        ("Which one of the following must be false?", t.OptionMode.CANNOT),
        ("Which one of the following could be false?", t.OptionMode.EXCEPT),
        ("How many cooks are there?", None),
        ("The rota is fully determined if which one of the following is true?", None),
    ],
)
def test_the_words_of_a_question_give_the_mode(question: str, mode: t.OptionMode | None) -> None:
    assert mode_of(question) is mode


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("cooks_on(1) == Ada", "cooks_on(1) = Ada", "mended-equals"),
        ("cooks_on(1) == Ada", "And(cooks_on(1) == Ada", "mended-brackets"),
        ("cooks_on(1) == Ada", "cooks_on(1) == Ada)", "mended-brackets"),
        ("cooks_on(1) == Ada", "cooks_on(1) == Ada, rests(Ada) == 0", "mended-comma"),
        ("[c:cooks]", "[c:cook]", "mended-sort-name"),
        ("Function([days] -> [cooks])", "Function([cooks] -> [days])", "mended-direction"),
        ("is_valid(rests(Ada)) ::: (C)", "is_valid(rests(Ada))", "mended-label"),
        ("::: (C)\n", "::: (C)\nHence (B) is the answer!\n", "mended-trailing-text"),
        ("cooks_on(1) == Ada", "cooks_on(1) == Ada\nNot(rests(Zoe)) ::: Zoe is not listed", "mended-element"),
    ],
)
def test_sat_mends_what_has_one_reading(before: str, after: str, code: str) -> None:
    assert before in ROTA
    text = ROTA.replace(before, after)
    assert code in mends(text, "logiclm-sat")
    if code != "mended-element":  # one cook more leaves a day open
        assert outcome(text, "logiclm-sat").answer == "B"


ORDERED = """# Declarations
days = EnumSort([Mon, Tue, Wed])
jobs = EnumSort([bake, sweep, wash])
done = Function([jobs] -> [days])
# Constraints
Distinct([j:jobs], done(j))
done(bake) < done(sweep) ::: compared: days are in the order listed
done(wash) == done(bake) + 1
# Options
is_valid(done(wash) == Tue) ::: (A)
is_valid(done(wash) == Wed) ::: (B)
"""


def test_sat_words_that_are_compared_are_ordered() -> None:
    assert mends(ORDERED, "logiclm-sat") == ["mended-order"]
    assert "let Tue = 2" in shown(ORDERED, "logiclm-sat")
    assert outcome(ORDERED, "logiclm-sat").answer == "A"


def test_sat_ordered_words_still_keep_to_their_sort() -> None:
    assert refusal(ORDERED.replace("done(wash) == done(bake) + 1", "done(wash) == bake"), "logiclm-sat") == "kind"
    assert refusal(ORDERED.replace("done(wash) == done(bake) + 1", "done(Mon) == Tue"), "logiclm-sat") == "kind"


def test_sat_variables_may_share_their_sort_and_connectives_stand_between() -> None:
    differ = "ForAll([d, e:days], Implies(d != e, cooks_on(d) != cooks_on(e)))"
    text = ROTA.replace("Distinct([d:days], cooks_on(d))", differ)
    text = text.replace("Not(cooks_on(2) == Cy)", "cooks_on(2) != Cy And cooks_on(1) != Cy")
    assert "forall d: 1..3, e: 1..3. d != e -> cooks_on(d) != cooks_on(e)" in shown(text, "logiclm-sat")
    assert mends(text, "logiclm-sat") == []
    assert outcome(text, "logiclm-sat").answer == "B"


def test_sat_what_is_computed_stays_within_the_domain() -> None:
    text = ROTA.replace(
        "Not(cooks_on(2) == Cy)", "ForAll([d:days], Implies(cooks_on(d) == Ada, cooks_on(d + 1) == Ben))"
    )
    assert mends(text, "logiclm-sat") == ["mended-range"]
    assert outcome(text, "logiclm-sat").answer == "B"


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("cooks_on(1) == Ada", "cooks_on(1) < < Ada", "syntax"),
        ("cooks_on(1) == Ada", "Or()", "arity"),
        ("is_valid(rests(Ada)) :::", "is_valid(rests Ada]) :::", "syntax"),
        ("cooks_on(1) == Ada", "next_to(Ada, Ben)", "unknown-function"),
        ("cooks_on(1) == Ada", "order(Ada) == 1", "unknown-function"),
        ("cooks_on(1) == Ada", "rests(c)", "unknown-name"),  # bound elsewhere: a variable that is free here
        ("cooks_on(1) == Ada", "rests(1)", "kind"),
        ("cooks_on(1) == Ada", "cooks_on(Ada) == 1", "kind"),  # both ways
        ("cooks_on(1) == Ada", "rests(Ada) < rests(Ben)", "kind"),
        ("cooks_on(1) == Ada", "rests(Ada, Ben)", "arity"),
        ("[c:cooks]", "[c:maids]", "unknown-sort"),
        ("is_valid(rests(Ada)) :::", "is_max(rests(Ada)) :::", "option"),
        ("cooks_on(1) == Ada", "cooks_on(days[1]) == Ada", "syntax"),
    ],
)
def test_sat_refuses_the_rest(before: str, after: str, code: str) -> None:
    assert refusal(ROTA.replace(before, after), "logiclm-sat") == code


def test_names_that_mean_something_else_here_are_changed() -> None:
    text = ROTA.replace("cooks_on", "order")
    assert "order_(1) = Ada" in shown(text, "logiclm-sat")
    assert outcome(text, "logiclm-sat").answer == "B"


# --- SMT-LIB ----------------------------------------------------------------------------------------------------

SCRIPTS = [
    ("(declare-const x Int)(assert (= (* 3 x) 21))(check-sat)(get-value (x))", "7"),
    (
        "(declare-fun x () Int)(declare-fun y () Int)(assert (= (+ x y 1) 11 (- (* 2 x) y 0)))(get-value ((+ x y)))",
        "10",
    ),
    ("(declare-const p Bool)(declare-const q Bool)(assert (and p (=> p p q)))(check-sat)(get-value (q))", "true"),
    ("(declare-const x Int)(assert (> x 3))(check-sat)", "true"),
    ("(set-logic QF_LRA)(declare-const x Real)(assert (= (/ x 3) 1.5))(check-sat)(get-value (x))(exit)", "4.5"),
    ("(declare-const x Int)(assert (and (> x 3) (= (div x (- 2)) (- 3)) (= (mod (- x) 4) 2)))(get-value (x))", "6"),
    ("(declare-datatypes ((C 0)) (((r) (g) (b))))(declare-const c C)(assert (distinct c r g))(get-value (c))", "b"),
    ("(declare-datatype C ((r) (g)))(declare-const c C)(assert (not ((_ is r) c)))(get-value (c))", "g"),
    (
        "(define-fun twice ((k Int)) Int (+ k k))(declare-const x Int)(assert (= (twice (twice x)) 12))(get-value (x))",
        "3",
    ),
    ("(declare-const x Int)(assert (let ((y (+ x 1)) (x 5)) (= y x)))(get-value (x))", "4"),
    ("(declare-const |the x| Int)(assert (! (= |the x| 2) :named two))(get-value (|the x|))", "2"),
    ("(declare-const x Int)(push 1)(assert (= x 1))(pop 1)(assert (= x 2))(check-sat)(get-value (x))", "2"),
    ("(declare-const x Int)(assert (<= x 9))(maximize (* 2 x))(check-sat)(get-value (x))", "9"),
    ("(declare-const p Bool)(assert (forall ((b Bool)) (or b p)))(get-value (p))", "true"),
    ("(declare-const x Int)(assert (= x (ite (> 2 1) (abs (- 4)) 0)))(get-value (x)) ; a comment", "4"),
]


@pytest.mark.parametrize(("script", "answer"), SCRIPTS)
def test_smtlib_scripts(script: str, answer: str) -> None:
    assert mends(script, "smtlib") in ([], ["mended-check-sat"])
    assert outcome(script, "smtlib").answer == answer


UNSAT = """(declare-sort Person 0)
(declare-const ann Person)
(declare-fun trusts (Person Person) Bool)
(assert (forall ((x Person)) (=> (trusts x ann) (exists ((y Person)) (trusts y x)))))
(assert (trusts ann ann))
(assert (not (exists ((z Person)) (trusts z ann))))
(check-sat)
"""


def test_smtlib_unsat_is_contradictory_with_its_core() -> None:
    found = outcome(UNSAT, "smtlib")
    assert found.status is Status.CONTRADICTORY
    assert set(found.core) >= {5, 6}
    assert 4 not in found.core


def test_smtlib_quantified_variables_capture_nothing() -> None:
    script = """(declare-fun f (Int) Int)(declare-const x Int)
    (assert (let ((y (f x))) (exists ((x Int)) (and (> x 3) (= (f x) y)))))(check-sat)"""
    lowered = shown(script, "smtlib")
    assert lowered[2] == "exists x_: int. x_ > 3 and f(x_) = f(x)"
    macro = "(define-fun up ((k Int)) Bool (exists ((m Int)) (> m k)))(declare-const m Int)(assert (up m))(check-sat)"
    assert shown(macro, "smtlib")[1] in ("exists m_: int. m_ > m", "exists m__: int. m__ > m")


@pytest.mark.parametrize(
    "script",
    [
        "(declare-const x Int) (assert (= x 2) (get-value (x))",
        "(declare-const x Int) (assert (= x 2))) (get-value (x))",
        "(declare-const x Int) (assert (= x 2)) (get-value (x)",
    ],
)
def test_smtlib_parentheses_are_mended_where_a_command_begins(script: str) -> None:
    assert mends(script, "smtlib") == ["mended-brackets"]
    assert outcome(script, "smtlib").answer == "2"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("(declare-const x Int)(assert (= y 2))(check-sat)", "unknown-name"),
        ("(declare-const x Int)(assert (foo x))(check-sat)", "unknown-function"),
        ("(declare-const x (_ BitVec 8))(check-sat)", "unknown-sort"),
        ("(declare-const x Int)(assert (+ x 1))(check-sat)", "kind"),
        ("(declare-const x Int)(check-sat)(assert (= x 1))(check-sat)", "several-questions"),
        ("(declare-const x Int)(declare-const x Int)(check-sat)", "redeclared"),
        ("(declare-fun f (Bool) Int)(check-sat)", "unsupported"),
        ("(declare-datatypes ((L 0)) (((nil) (cons (head Int)))))(check-sat)", "unsupported"),
        ("(simplify 1)", "unknown-command"),
        ("{}", "syntax"),
        ('(declare-const |a"b| Int)(check-sat)', "unsupported"),
    ],
)
def test_smtlib_refuses_the_rest(script: str, code: str) -> None:
    assert refusal(script, "smtlib") == code


# --- hostile input ----------------------------------------------------------------------------------------------

BOMB = "(declare-const a Int)(assert " + "".join(
    f"(let ((a{k} (+ a{k - 1 if k else ''} a{k - 1 if k else ''}))) " for k in range(25)
)


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        ("x" * 200_000, "logiclm-csp"),
        ("x" * 200_000, "logiclm-sat"),
        ("(" * 90_000, "smtlib"),
        ("(" * 99_000, "logiclm-sat"),
        (SHELF.replace("cup == 3", "cup == " + "(" * 5_000 + "3" + ")" * 5_000), "logiclm-csp"),
        (ROTA.replace("rests(Ada)", "Not(" * 3_000 + "rests(Ada)" + ")" * 3_000), "logiclm-sat"),
        (SHELF.replace("cup == 3", "cup == " + "9" * 20_000), "logiclm-csp"),
        (BOMB + "(= a24 1)" + ")" * 26 + "(check-sat)", "smtlib"),
        ("(assert " + "(not " * 5_000 + "true" + ")" * 5_000 + ")(check-sat)", "smtlib"),
    ],
)
def test_what_is_too_large_or_too_deep_is_refused(text: str, notation: str) -> None:
    assert refusal(text, notation) in {"too-long", "too-deep", "too-large", "syntax"}


def test_long_joins_do_not_nest_deep() -> None:
    many = ", ".join(f"cooks_on({k % 3 + 1}) != Cy" for k in range(500))
    program = read(ROTA.replace("cooks_on(1) == Ada", f"Or(cooks_on(1) == Ada, {many})"), "logiclm-sat").program
    assert read_ir(show(program)) == program


SEEDS = {"logiclm-csp": SHELF, "logiclm-sat": ROTA, "smtlib": UNSAT}


@settings(max_examples=150)
@given(st.sampled_from(sorted(SEEDS)), st.data())
def test_any_text_reads_or_is_refused_with_reasons(notation: str, data: st.DataObject) -> None:
    """Cut and spliced programs: a tree that prints and reads back, or diagnostics; never anything else."""
    seed = SEEDS[notation]
    start = data.draw(st.integers(0, len(seed)))
    end = data.draw(st.integers(start, min(len(seed), start + 40)))
    middle = data.draw(st.text(alphabet="()[]:=<>,.+-*/#|'\"!& abcABC123\n", max_size=12))
    try:
        reading = read(seed[:start] + middle + seed[end:], notation)
    except ProgramError as error:
        found = error.diagnostics
    else:
        found = check(reading.program)[1]
        if not found:
            assert read_ir(show(reading.program)) == reading.program
    assert all(d.code and d.message for d in found)


@given(st.permutations(["jar", "bowl", "cup"]), st.integers(1, 3))
def test_csp_agrees_with_the_same_program_in_our_language(names: list[str], value: int) -> None:
    first, second, third = names
    text = "Variables:\n" + "".join(f"{n} [IN] [1, 2, 3]\n" for n in names)
    text += f"Constraints:\n{first} == {value}\n{second} < {third}\nAllDifferentConstraint([jar, bowl, cup])\nQuery:\n"
    text += "".join(f"{letter}) {second} == {k}\n" for letter, k in zip("ABC", (1, 2, 3), strict=True))
    expected = "ABC"[min({1, 2, 3} - {value}) - 1]
    assert outcome(text, "logiclm-csp").answer == expected


def test_exact_numbers_survive() -> None:
    assertion = read("(declare-const x Real)(assert (= x 0.1))(check-sat)", "smtlib").program.statements[1]
    assert any(isinstance(n, t.Number) and n.value == Fraction(1, 10) for n in t.walk(assertion))
