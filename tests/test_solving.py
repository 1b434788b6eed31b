"""From programs to outcomes: routing, second opinions, Python blocks, options, deadlines."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

import neurosym
from neurosym import Outcome, Status
from neurosym.errors import UsageError
from neurosym.language.check import checked
from neurosym.language.read import read
from neurosym.outcome import Evidence
from neurosym.solving import sandbox
from neurosym.solving import solve as solving
from neurosym.solving.combine import combine
from neurosym.solving.options import choose
from neurosym.solving.replies import solver_outcomes
from neurosym.solving.route import route
from neurosym.workers import Job, Layer, Level, Reply, ReplyKind, Report

TICKETS = "var a, b: count\na + b = 20\n5*a + 3*b = 76\nask a\n"


@pytest.mark.parametrize(
    ("program", "solvers"),
    [
        ("let x = 1\nask x\n", ("algebra", "smt")),
        (TICKETS, ("algebra", "smt")),
        ("var x: real\nask diff(x^2, x)\n", ("algebra",)),
        ("sort s = {a, b}\nfun f(s): 1..2\ndistinct f\nf(a) = 1\nask f(b)\n", ("smt",)),
        ("var p: bool\np\nask p\n", ("rules", "smt")),
        ("var x: count\nx <= 5\nmaximize x\nask x\n", ("smt",)),
        ("sort t = {a, b}\ngraph g(t, t): km\ng(a, b) = 3\nask distance(g, a, b)\n", ("graph",)),
        ("sort s = {a}\nvar x: real\nask diff(x^2, x)\n", ()),
    ],
)
def test_a_program_goes_to_the_solvers_that_take_all_it_contains(program: str, solvers: tuple[str, ...]) -> None:
    tree = read(program)
    assert route(tree, checked(tree)) == solvers


def test_a_second_solver_checks_the_first() -> None:
    outcome = neurosym.run(TICKETS)
    assert (outcome.status, outcome.answer) == (Status.VALUE, "8")
    kinds = {e.kind for e in outcome.evidence}
    assert "second_solver" in kinds
    assert all(e.holds for e in outcome.evidence)


def value(answer: str, solver: str) -> Outcome:
    return Outcome(Status.VALUE, answers=(answer,), solver=solver, evidence=(Evidence("model", solver, True),))


def test_two_answers_that_differ_are_a_disagreement_and_equal_values_agree() -> None:
    assert combine(value("1", "a"), value("2", "b")).status is Status.DISAGREEMENT
    assert combine(value("1", "a"), Outcome(Status.CONTRADICTORY, solver="b")).status is Status.DISAGREEMENT
    agreed = combine(value("0.5", "a"), value("1/2", "b"))
    assert agreed.answer == "0.5"
    assert agreed.evidence[1].kind == "second_solver"


def test_what_cannot_be_compared_is_neither_agreement_nor_disagreement() -> None:
    one = value("sqrt(2)", "a")
    assert combine(one, value("2^(1/2)", "b")) == one


@pytest.mark.parametrize("other", [Status.UNSUPPORTED, Status.GAVE_UP, Status.TIMEOUT, Status.FAILURE])
def test_a_solver_that_says_nothing_changes_nothing(other: Status) -> None:
    told = value("1", "a")
    assert combine(told, Outcome(other, solver="b")) == told
    assert combine(Outcome(other, solver="b"), told) == told


# --- several solvers in one job ---------------------------------------------------------------------------------


def test_a_second_opinion_that_is_stopped_takes_nothing_from_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "SECOND_OPINION_SECONDS", 1e-6)
    outcome = neurosym.run(TICKETS)
    assert (outcome.status, outcome.answer, outcome.solver) == (Status.VALUE, "8", "algebra")
    assert "second_solver" not in {e.kind for e in outcome.evidence}
    monkeypatch.undo()
    assert "second_solver" in {e.kind for e in neurosym.run(TICKETS).evidence}


def test_where_the_first_is_stopped_at_its_deadline_the_second_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "_FIRST_SHARE", 1e-9)
    outcome = neurosym.run(TICKETS)
    assert (outcome.status, outcome.answer, outcome.solver) == (Status.VALUE, "8", "smt")
    assert {e.by for e in outcome.evidence} == {"evaluator", "smt"}  # with evidence of its own: it was not brief


class Recorded:
    """A pool that has a reply ready for each job."""

    def __init__(self, *replies: Reply) -> None:
        self.replies, self.jobs = iter(replies), list[Job]()

    def run(self, job: Job) -> Reply:
        self.jobs.append(job)
        return next(self.replies)


def said(answer: str, solver: str, seconds: float = 0.0) -> dict[str, Any]:
    return replace(value(answer, solver), seconds=seconds).to_dict()


@pytest.mark.parametrize("kind", [ReplyKind.TIMEOUT, ReplyKind.MEMORY, ReplyKind.DIED, ReplyKind.LOST])
def test_the_solvers_that_a_job_did_not_come_to_are_asked_in_another(
    kind: ReplyKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = Recorded(Reply(kind, seconds=2.0), Reply(ReplyKind.DONE, said("8", "smt"), seconds=0.5))
    monkeypatch.setattr(solving, "pool", lambda: pool)
    assert neurosym.run(TICKETS, timeout=10.0).answer == "8"
    first, second = pool.jobs
    assert (first.payload["solvers"], second.payload["solvers"]) == (("algebra", "smt"), ("smt",))
    assert not second.payload["brief"]
    assert second.limits.seconds == pytest.approx(8.0, abs=0.5)


@pytest.mark.parametrize("kind", [ReplyKind.TIMEOUT, ReplyKind.MEMORY, ReplyKind.DIED, ReplyKind.LOST])
def test_what_becomes_of_the_second_solver_leaves_the_first_its_outcome(
    kind: ReplyKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = Recorded(Reply(kind, seconds=3.0, earlier=(said("8", "algebra", 1.0),)))
    monkeypatch.setattr(solving, "pool", lambda: pool)
    assert neurosym.run(TICKETS).answer == "8"
    told = solver_outcomes(Reply(kind, seconds=3.0, earlier=(said("8", "algebra", 1.0),)), ("algebra", "smt"))
    assert [(o.solver, o.seconds) for o in told] == [("algebra", 1.0), ("smt", 2.0)]


def test_two_solvers_of_a_job_that_differ_are_a_disagreement(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Recorded(Reply(ReplyKind.DONE, said("9", "smt"), earlier=(said("8", "algebra"),)))
    monkeypatch.setattr(solving, "pool", lambda: pool)
    outcome = neurosym.run(TICKETS)
    assert (outcome.status, outcome.answer) == (Status.DISAGREEMENT, None)
    assert outcome.message == "algebra says value 8 but smt says value 9"


@pytest.mark.parametrize("nonsense", [None, 7, "value", [], {"status": "sure"}, {"status": []}])
def test_what_is_no_outcome_is_our_failure_and_the_other_solver_still_counts(
    nonsense: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for reply in (
        Reply(ReplyKind.DONE, said("8", "smt"), earlier=(nonsense,)),
        Reply(ReplyKind.DONE, nonsense, earlier=(said("8", "algebra"),)),
    ):
        assert [o.status for o in solver_outcomes(reply, ("algebra", "smt"))].count(Status.FAILURE) == 1
        pool = Recorded(reply)
        monkeypatch.setattr(solving, "pool", lambda pool=pool: pool)
        assert neurosym.run(TICKETS).answer == "8"
        pace = pool.jobs[0].pace
        assert pace is not None
        assert pace([], 10.0) == pytest.approx(6.0)
        assert pace([nonsense], 10.0) == 10.0
        assert pace([said("8", "algebra")], 10.0) == solving.SECOND_OPINION_SECONDS


def test_outcomes_survive_json() -> None:
    for program in (TICKETS, "ask x\n", "var x: count\nx < 3\nask x\n", "let a: count = 1/2\nask a\n"):
        outcome = neurosym.run(program)
        assert Outcome.from_dict(outcome.to_dict()) == outcome


# --- Python blocks ----------------------------------------------------------------------------------------------

BLOCK = """let limit = 30
python
    total = sum(n for n in range(1, limit) if n % 7 == 0)
    who = "Ann"
end
let double = 2*total
ask double
"""


def test_python_runs_where_the_sandbox_is_strong_and_elsewhere_only_when_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weak = [Layer("limits", True), Layer("privileges", True), Layer("landlock", False, "no such call")]
    monkeypatch.setattr(sandbox, "sandbox", lambda: Report(tuple(weak)))
    for outcome in (neurosym.run(BLOCK), neurosym.run("answer = 1", notation="python")):
        assert outcome.status is Status.UNSUPPORTED
        assert "landlock (no such call)" in outcome.message
        assert outcome.diagnostics[0].code == "sandbox-level"
    allowed = neurosym.run(BLOCK, allow_python=True)
    assert (allowed.answer, allowed.sandbox) == ("140", "interpreter")
    monkeypatch.undo()
    if sandbox.sandbox().level >= Level.STRONG:
        outcome = neurosym.run(BLOCK)
        assert (outcome.answer, outcome.sandbox) == ("140", str(sandbox.sandbox().level))


def test_values_flow_into_a_block_and_out_of_it() -> None:
    outcome = neurosym.run(BLOCK, allow_python=True)
    assert (outcome.status, outcome.answer) == (Status.VALUE, "140")
    assert neurosym.run(BLOCK.replace("ask double", "ask who"), allow_python=True).answer == "Ann"


def test_a_later_block_sees_and_may_reassign_what_an_earlier_one_made() -> None:
    program = "python\n    n = 2\nend\nlet a = n\npython\n    n = n + 1\nend\nask a, n\n"
    assert neurosym.run(program, allow_python=True).answer == "2, 3"


def test_an_error_in_a_block_is_located_in_the_program() -> None:
    outcome = neurosym.run("let a = 0\npython\n    x = 1\n    y = 1 // a\nend\nask y\n", allow_python=True)
    assert outcome.status is Status.MALFORMED
    assert outcome.diagnostics[0].span is not None
    assert outcome.diagnostics[0].span.line == 4
    assert "ZeroDivisionError" in outcome.message


def test_what_a_block_prints_is_kept() -> None:
    program = "python\n    x = 5\n    print('hello')\nend\nask x\n"
    assert neurosym.run(program, allow_python=True).stdout == "hello\n"


def test_a_block_cannot_smuggle_a_term_past_its_values() -> None:
    program = "python\n    import os, signal\n    x = 1\n    os.kill(os.getpid(), signal.SIGSYS)\nend\nask x\n"
    assert neurosym.run(program, allow_python=True).status is Status.TAMPERING


def test_a_whole_python_program() -> None:
    outcome = neurosym.run("def solution():\n    return 6 * 7\n", notation="python", allow_python=True)
    assert (outcome.status, outcome.answer) == (Status.VALUE, "42")


# --- options ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "options", "letter"),
    [
        (value("5", "a"), ["A) 4", "B) 5", "C) 6"], "B"),
        (value("1/2", "a"), ["(A) 0.25", "(B) 0.5"], "B"),
        (value("1200", "a"), ["A. $1,200", "B. $1,300"], "A"),
        (value("12", "a"), ["10 apples", "12 apples"], "B"),
        (value("owl", "a"), ["A) Owl", "B) raven"], "A"),
        (Outcome(Status.TRUE), ["A) True", "B) False", "C) Unknown"], "A"),
        (Outcome(Status.INDEPENDENT), ["A) True", "B) False", "C) Uncertain"], "C"),
        (Outcome(Status.VALUE, answers=("C",), option="C"), ["A) x", "B) y", "C) z"], "C"),
    ],
)
def test_the_option_that_says_the_same_is_chosen(outcome: Outcome, options: list[str], letter: str) -> None:
    assert choose(outcome, options).answer == letter


def test_no_option_or_several_leave_the_answer_and_say_so() -> None:
    none = choose(value("7", "a"), ["A) 4", "B) 5"])
    assert none.option is None
    assert "no option says 7" in none.message
    several = choose(value("5", "a"), ["A) 5", "B) 5.0"])
    assert several.option is None
    assert "A, B all say 5" in several.message


# --- hostile programs, from worker threads ----------------------------------------------------------------------

HOSTILE = [
    ("let x = 9^9^9^9\nask x\n", "ir"),
    ("ask factorial(10^9)\n", "ir"),
    ("var x: real\nx^1000 - x^999 + x^7 = 3\nask x\n", "ir"),
    ("while True: pass", "python"),
]


def test_hostile_programs_end_by_their_deadline_and_the_next_is_solved() -> None:
    def attempt(job: tuple[str, str]) -> Outcome:
        assert threading.current_thread() is not threading.main_thread()
        return neurosym.run(job[0], notation=job[1], timeout=1.5, allow_python=True)

    with ThreadPoolExecutor(2) as executor:
        for outcome in executor.map(attempt, HOSTILE):
            assert outcome.status in (Status.TIMEOUT, Status.UNSUPPORTED)
        assert executor.submit(attempt, (TICKETS, "ir")).result().answer == "8"


def test_wrong_arguments_are_usage_errors() -> None:
    with pytest.raises(UsageError, match="notation 'latin'"):
        neurosym.run("ask 1", notation="latin")
    with pytest.raises(UsageError, match="timeout"):
        neurosym.run("ask 1", timeout=0)


def test_lines_that_solvers_name_are_lines_of_the_source() -> None:
    head = "# a note\n\nsort s = {a, b}\n# another\ngraph g(s, s): km\n"
    program = head + "g(a, b) = 3\n\ng(a, b) = 4\nask distance(g, a, b)\n"
    outcome = neurosym.run(program)
    assert outcome.status is Status.CONTRADICTORY
    assert outcome.core == (6, 8)
    assert "lines 6 and 8" in outcome.message
    foreign = neurosym.run("p(a)\n\n-p(a)\n⊢ p(b)\n", notation="prover9")
    assert foreign.core == (1, 3)
