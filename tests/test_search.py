"""What the model is told, which candidates agree, and what is believed."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from neurosym.grammars import language_id
from neurosym.language.check import check
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.grounding import check_translation
from neurosym.language.read import read
from neurosym.models.base import Candidate
from neurosym.outcome import Evidence, Outcome, Status
from neurosym.search.cluster import Attempt, clusters, distinct_trees
from neurosym.search.confidence import judge
from neurosym.search.prompt import LANGUAGE, examples, messages, repair_messages

FINDING = Diagnostic("unused-number", "the program does not use '5'")


def attempt(
    text: str,
    answer: str | None,
    *,
    findings: tuple[Diagnostic, ...] = (),
    holds: bool = True,
    logprob: float | None = None,
    status: Status = Status.VALUE,
) -> Attempt:
    outcome = Outcome(
        status, (answer,) if answer is not None else (), evidence=(Evidence("evaluation", "algebra", holds),)
    )
    return Attempt(Candidate(text, logprob, 5, "end"), read(text), outcome, findings)


@pytest.mark.parametrize(
    ("one", "other", "trees"),
    [
        ("let a = 3*2.25\nlet b = 3*10\nask a + b", "let a = 2.25 + 10\nask a*3", 1),
        ("ask sqrt(20*1 + 132)", "ask sqrt(20 + 132)", 1),
        ("ask 12*3 - 4", "let all = 12*3\nlet left = all - 4\nask left", 1),
        ("ask 2*6", "ask 6 + 6", 2),
        ("ask 12/3", "ask 12 - 8", 2),
        ("ask 3^2", "ask 3*3", 1),
        ("ask 2*3 [mile] + 2*5 [mile]", "ask 2*(3 [mile] + 5 [mile])", 2),
        ("ask 1/(3 - 3)", "ask 3/(3 - 3)", 2),
        ("var x: count\nx + 2 = 5\nask x", "let x = 5 - 2\nask x", 2),
    ],
)
def test_the_laws_of_algebra_corroborate_nothing(one: str, other: str, trees: int) -> None:
    assert distinct_trees([attempt(one, "1"), attempt(other, "1")]) == trees


def test_definitions_that_double_cost_no_time() -> None:
    chain = "".join(f"let x{i + 1} = x{i} + x{i}\n" for i in range(60))
    text = f"let x0 = 2\n{chain}ask x60"
    assert distinct_trees([attempt(text, "1"), attempt(text.replace("= 2", "= 3"), "1")]) == 2


# --- prompt -----------------------------------------------------------------------------------------------------


def test_every_problem_shares_all_of_the_prompt_but_its_last_turn() -> None:
    one = messages("Ann has 3 apples.", "How many?", ("A) 3", "B) 4"))
    other = messages("Bo has 4 pears. How many are that?")
    assert one[:-1] == other[:-1]
    assert one[-1] == ("user", "Ann has 3 apples.\nHow many?\nA) 3\nB) 4")
    assert [role for role, _ in one] == ["system"] + ["user", "assistant"] * (len(one) // 2 - 1) + ["user"]


def test_a_repair_continues_the_conversation() -> None:
    first = messages("Ann has 3 apples.")
    again = repair_messages(first, program_text="ask 4", complaint="line 1, column 5: 4 is not stated")
    assert again[: len(first)] == first
    assert again[-2] == ("assistant", "ask 4\n")
    assert "line 1, column 5: 4 is not stated" in again[-1][1]


def test_the_prompt_names_its_language_and_stays_short() -> None:
    assert language_id("ir") == LANGUAGE
    assert sum(len(content) for _, content in messages("")) < 1900  # about 520 tokens of the embedded model


@pytest.mark.parametrize(
    "example", tomllib.loads(files("neurosym.search").joinpath("examples.toml").read_text())["example"]
)
def test_each_worked_example_reads_checks_and_says_what_its_problem_says(example: dict[str, str]) -> None:
    program = read(example["program"])
    symbols, wrong = check(program)
    assert wrong == ()
    assert check_translation(program, symbols, example["problem"], example.get("question")) == ()
    assert any(content == example["program"] for _, content in examples())


# --- clusters ---------------------------------------------------------------------------------------------------


def test_equal_answers_meet_however_they_are_written() -> None:
    for same in (("1/2", "0.5"), ("{2, 1}", "{1, 2}"), ("{b, a}", "{a, b}"), ("2*3", "6"), ("sqrt(2)", "sqrt( 2 )")):
        (cluster,) = clusters([attempt("ask 1", same[0]), attempt("ask 2", same[1])])
        assert (len(cluster.members), cluster.trees, cluster.share) == (2, 2, 1)
    for different in (("1/2", "1/3"), ("[1, 2]", "[2, 1]"), ("a", "b"), ("true", "1")):
        assert len(clusters([attempt("ask 1", different[0]), attempt("ask 2", different[1])])) == 2


def test_statuses_and_options_are_answers_and_failures_are_none() -> None:
    attempts = [
        attempt("ask 1 = 1", None, status=Status.TRUE),
        attempt("ask 2 = 2", None, status=Status.TRUE),
        attempt("ask 1 = 2", None, status=Status.FALSE),
        attempt("ask 3", None, status=Status.TIMEOUT),
        Attempt(Candidate("ask", None, 1, "length"), None, Outcome(Status.MALFORMED)),
    ]
    assert [(c.answer, len(c.members)) for c in clusters(attempts)] == [("true", 2), ("false", 1)]
    assert clusters(attempts)[0].share == pytest.approx(2 / 3)
    assert clusters([]) == ()


def test_the_best_cluster_is_clean_then_large_then_likely() -> None:
    dirty = [attempt(f"ask {k} + 1", "5", findings=(FINDING,)) for k in range(3)]
    clean = [attempt("ask 6", "6", logprob=-9.0)]
    assert clusters([*dirty, *clean])[0].answer == "6"
    assert clusters([attempt("ask 7", "7", logprob=-1.0), *clean])[0].answer == "7"
    two = [attempt("ask 8", "8", logprob=-20.0), attempt("ask 4*2", "8", logprob=-30.0)]
    (first, _) = clusters([*clean, *two])
    assert (first.answer, first.best) == ("8", two[0])


def test_programs_that_say_the_same_in_the_same_way_are_one_tree() -> None:
    (cluster,) = clusters([attempt("let a = 2\nask a*3", "6"), attempt("let b = 2  # two\nask 3*b", "6")])
    assert (len(cluster.members), cluster.trees) == (2, 1)


# --- what is believed -------------------------------------------------------------------------------------------


def judged(*attempts: Attempt) -> tuple[str, float, str]:
    ranked = clusters(attempts)
    judgement = judge(ranked[0] if ranked else None, attempts)
    assert 0 <= judgement.confidence <= 1
    assert bool(judgement.reasons) is (judgement.status != "verified")
    return judgement.status, judgement.confidence, "; ".join(judgement.reasons)


def test_two_different_translations_that_agree_verify_an_answer() -> None:
    assert judged(attempt("ask 2*3", "6"), attempt("ask 2+2+2", "6"))[0] == "verified"


def test_one_translation_alone_only_solves() -> None:
    status, alone, why = judged(attempt("ask 2*3", "6"))
    assert (status, why) == ("solved", "only one candidate gives this answer without findings")
    status, repeated, why = judged(attempt("ask 2*3", "6"), attempt("ask 3*2", "6"))
    assert status == "solved"
    assert "proposed more than once" in why
    assert alone == repeated < judged(attempt("ask 2*3", "6"), attempt("ask 2+2+2", "6"))[1]


def test_where_a_scorer_judges_its_probability_decides() -> None:
    """Not how many programs agree; but no scorer makes up for a finding or for a certificate that does not hold."""
    alone, pair = [attempt("ask 1 + 2", "3")], [attempt("ask 1 + 2", "3"), attempt("ask 5 - 2", "3")]
    for attempts in (alone, pair):
        (best,) = clusters(attempts)
        assert judge(best, attempts, 0.9).status == "verified"
        doubted = judge(best, attempts, 0.8)
        assert (doubted.status, doubted.confidence) == ("solved", 0.8)
        assert "probability of 80%" in doubted.reasons[0]
    found = [attempt("ask 1 + 2", "3", findings=(FINDING,))]
    assert judge(clusters(found)[0], found, 0.99).status == "solved"
    broken = [attempt("ask 1 + 2", "3", holds=False)]
    assert judge(clusters(broken)[0], broken, 0.99).status == "unsolved"


def test_corroboration_by_a_program_with_findings_does_not_count() -> None:
    status, _, why = judged(attempt("ask 2*3", "6"), attempt("ask 2+2+2", "6", findings=(FINDING,)))
    assert status == "solved"
    assert "only one candidate" in why


def test_findings_are_the_reasons() -> None:
    status, _, why = judged(*(attempt(f"ask {k}", "6", findings=(FINDING,)) for k in range(3)))
    assert status == "solved"
    assert "does not use '5'" in why


def test_a_rival_that_is_as_well_corroborated_prevents_verification() -> None:
    status, _, why = judged(
        attempt("ask 2*3", "6"), attempt("ask 2+2+2", "6"), attempt("ask 4+3", "7"), attempt("ask 9-2", "7")
    )
    assert status == "solved"
    assert "'7'" in why
    assert judged(attempt("ask 2*3", "6"), attempt("ask 2+2+2", "6"), attempt("ask 4+3", "7"))[0] == "verified"


def test_without_a_certificate_that_holds_nothing_is_solved() -> None:
    status, confidence, why = judged(attempt("ask 2*3", "6", holds=False), attempt("ask 5+1", "6", holds=False))
    assert (status, confidence) == ("unsolved", 0)
    assert "2 of 2 programs" in why


def test_unsolved_says_what_became_of_the_candidates() -> None:
    broken = Attempt(Candidate("ask", None, 1, "length"), None, Outcome(Status.MALFORMED))
    assert judged(broken, attempt("ask 1", None, status=Status.TIMEOUT), broken) == (
        "unsolved",
        0,
        "2 of 3 programs do not read or check; 1 of 3 programs ran out of time",
    )
    assert judged()[0] == "unsolved"
