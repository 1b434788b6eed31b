"""Programs and outcomes in plain words."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

import neurosym
from neurosym.cli import main
from neurosym.explain import MAX_QUOTE, MAX_STEPS, explain
from neurosym.language import tree as t
from neurosym.language.read import read
from neurosym.language.sentences import split
from neurosym.language.sources import sources
from neurosym.outcome import Evidence, Outcome, Status


def test_definitions_are_told_with_their_values() -> None:
    program = read("let rolls = 3 * 12  # a dozen is 12\nlet earned: dollars = rolls * 2\nask earned\n")
    told = explain(program, Outcome(Status.VALUE, ("72",), evidence=(Evidence("evaluation", "algebra", True),)))
    assert told.splitlines() == [
        "1. rolls = 3*12 = 36 (a dozen is 12).",
        "2. earned = rolls*2 = 72 dollars.",
        "3. Asked: earned.",
        "4. The answer is 72.",
        "5. Evaluating the program gives it (algebra).",
    ]


def test_what_is_defined_from_an_unknown_is_computed_from_the_answer() -> None:
    told = explain(read("var x: count\nlet double = 2*x\ndouble = 6\nask x\n"), Outcome(Status.VALUE, ("3",)))
    assert "double = 2*x = 6." in told


def test_a_puzzle_is_told_with_its_option() -> None:
    program = read(
        "sort bird = {owl, raven}\nfun place(bird): 1..2\ndistinct place\nplace(owl) = 1\n"
        "option A: place(raven) = 2\nask option must\n"
    )
    told = explain(program, Outcome(Status.VALUE, option="A", evidence=(Evidence("uniqueness", "smt", False),)))
    assert "There are 2 of bird: owl, raven." in told
    assert "The answer is option A." in told
    assert "It is not shown that no other answer is possible (smt)." in told


@pytest.mark.parametrize("status", Status)
def test_every_outcome_has_its_sentence(status: Status) -> None:
    told = explain(read("ask 1 = 2"), Outcome(status, ("false",), message="because of this"))
    verdict = told.splitlines()[1]
    assert verdict.startswith("2. ")
    assert verdict.endswith(".")
    decided = status in (Status.VALUE, Status.TRUE, Status.FALSE, Status.INDEPENDENT)
    assert ("because of this" in verdict) is not decided


def test_verdicts_differ_by_status() -> None:
    verdicts = {explain(read("ask 1 = 2"), Outcome(status)).splitlines()[1] for status in Status}
    assert len(verdicts) == len(Status)


def test_contradictions_name_their_lines_and_witnesses_are_shown() -> None:
    program = read("var x: int\nx > 1\nx < 1\nask x\n")
    assert "contradicts itself in lines 2, 3." in explain(program, Outcome(Status.CONTRADICTORY, core=(2, 3)))
    told = explain(program, Outcome(Status.UNDERDETERMINED, witnesses=({"x": "1"}, {"x": "2"})))
    assert "One case: x = 1." in told
    assert "One case: x = 2." in told


def test_a_long_program_is_cut() -> None:
    program = read("".join(f"let a{k} = {k}\n" for k in range(200)) + "ask a1\n")
    lines = explain(program, Outcome(Status.VALUE, ("1",))).splitlines()
    assert len(lines) == MAX_STEPS + 2
    assert lines[MAX_STEPS].endswith("and 141 more statements.")


# --- quoting ----------------------------------------------------------------------------------------------------

MUSEUM = "30 visitors pay 195 dollars in total to enter a museum. Adults pay 9 dollars and students pay 4 dollars. "
QUEUE = "Five people stand in a queue: Ada, Bill, Cora, Dan and Emil. Cora is first. Dan stands behind Bill. "
QUEUE_PROGRAM = """sort person = {ada, bill, cora, dan, emil}
fun place(person): 1..5
distinct place
place(cora) = 1
place(dan) > place(bill)
option A: place(emil) = 2
option B: place(bill) = 5
ask option cannot
"""
ZOO = "The zoo has 12 apes. It buys 5 bears and 5 eels. "


def quoted(program: str, problem: str, question: str | None = None) -> list[tuple[str, ...]]:
    return list(sources(read(program), problem, question))


def test_steps_quote_the_sentences_they_come_from() -> None:
    program = read("var adults, students: count\nadults + students = 30\n9*adults + 4*students = 195\nask students\n")
    told = explain(program, Outcome(Status.VALUE, ("15",)), MUSEUM + "How many students are there?")
    first, second = (s + "." for s in MUSEUM.strip(" .").split(". "))
    assert told.splitlines()[1:] == [
        f"2. It is given that adults + students = 30, from “{first[:-1]}”.",
        f"3. It is given that 9*adults + 4*students = 195, from “{first[:-1]}” and “{second[:-1]}”.",
        "4. Asked: students, from “How many students are there?”.",
        "5. The answer is 15.",
    ]


def test_a_puzzle_quotes_its_clues_its_options_and_its_question() -> None:
    options = ("A) Emil is second.", "B) Bill is last.")
    told = explain(read(QUEUE_PROGRAM), Outcome(Status.VALUE, option="B"), QUEUE, "Which cannot be?", options)
    for said, source in (
        ("place(cora) = 1", "Cora is first"),
        ("place(dan) > place(bill)", "Dan stands behind Bill"),
        ("Option B says place(bill) = 5", "Bill is last"),
        ("the only option that the premises exclude", "Which cannot be?"),
    ):
        assert f"{said}, from “{source}”." in told


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("let apes = 12\nask apes", ["The zoo has 12 apes."]),
        ("let bears = 5\nask bears", ["It buys 5 bears and 5 eels."]),
        ("let bears = 7\nask bears", []),  # stated nowhere
        ("let apes = 12\nlet all = apes*2\nask all", ["The zoo has 12 apes."]),  # 2 is everyone's number
        ("let bears = 5  # s1\nask bears", ["It buys 5 bears and 5 eels."]),  # what the note cites shares nothing
        ("let n = 5  # s2\nask n", ["It buys 5 bears and 5 eels."]),
        ("let n = 99  # it buys 5 bears\nask n", ["It buys 5 bears and 5 eels."]),
        ("let n = 99  # it buys\nask n", []),  # too few words to repeat a sentence
    ],
)
def test_only_what_is_sure_is_quoted(program: str, expected: list[str]) -> None:
    assert [s for found in quoted(program, ZOO) for s in found] == expected


def test_a_number_of_several_sentences_is_told_by_its_words() -> None:
    problem = "Tom has 5 apples. Ana has 5 apples. Bo has 5 pears and 5 apples."
    assert quoted("let ana_apples = 5\nask ana_apples", problem)[0] == ("Ana has 5 apples.",)
    assert quoted("let bo_pears = 5\nask bo_pears", problem)[0] == ("Bo has 5 pears and 5 apples.",)
    assert quoted("let apples = 5\nask apples", problem)[0] == ()  # three sentences fit


def test_two_sentences_with_the_same_names_are_told_apart_by_nothing() -> None:
    rules = (
        "sort thing\nrel red(thing), round(thing)\nforall x: thing. red(x) -> round(x)\nask exists x: thing. red(x)\n"
    )
    assert quoted(rules, "Red things are round.")[2] == ("Red things are round.",)
    assert quoted(rules, "Red things are round. Round things are red.")[2] == ()


def test_a_contradiction_quotes_its_core_and_a_derivation_its_rules() -> None:
    program = "var boys, girls: count\nboys + girls = 30\nboys = 31\nask girls\n"
    told = explain(read(program), neurosym.run(program), "There are 30 pupils. There are 31 boys.")
    assert "The problem says there: “There are 30 pupils” and “There are 31 boys”." in told
    program = "sort s\nconst rex: s\nrel wug(s), blue(s)\nforall x: s. wug(x) -> blue(x)\nwug(rex)\nask blue(rex)\n"
    told = explain(read(program), neurosym.run(program), "Every wug is blue. Rex is a wug.", "Is Rex blue?")
    assert "blue(rex) by line 4 (“Every wug is blue”)" in told


def test_the_command_line_quotes_the_problem_of_a_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "programs.jsonl"
    file.write_text(json.dumps({"program": "let apes = 12\nask apes\n", "problem": ZOO}), "utf-8")
    assert main(["run", str(file), "--explain"]) == 0
    assert "1. apes = 12, from “The zoo has 12 apes”." in json.loads(capsys.readouterr().out)["explanation"]


def test_a_long_sentence_is_cut() -> None:
    problem = f"There are 17 {'very ' * 100}old trees."
    told = explain(read("let trees = 17\nask trees"), Outcome(Status.VALUE, ("17",)), problem)
    assert len(told.splitlines()[0]) < MAX_QUOTE + 30
    assert "...”." in told


@given(strategies.programs, st.text() | st.sampled_from([MUSEUM, QUEUE, ZOO]), st.none() | st.text())
def test_every_quote_is_of_the_problem(program: t.Program, problem: str, question: str | None) -> None:
    found = sources(program, problem, question)
    assert len(found) == len(program.statements)
    given = " ".join(f"{problem} {question or ''}".split())
    assert all(sentence in given for sentences in found for sentence in sentences)
    assert explain(program, Outcome(Status.GAVE_UP), problem, question)


EXAMPLES = Path(__file__).parent.parent / "examples"
PROBLEMS = {r["id"]: r for r in map(json.loads, (EXAMPLES / "problems.jsonl").read_text("utf-8").splitlines())}
PAIRS = [
    (read(r["program"]), PROBLEMS[r["id"]]["problem"], PROBLEMS[r["id"]].get("question"))
    for r in map(json.loads, (EXAMPLES / "programs.jsonl").read_text("utf-8").splitlines())
    if r["id"] in PROBLEMS
]


@given(st.sampled_from(PAIRS), st.randoms(use_true_random=False))
def test_the_order_of_sentences_changes_no_quote(pair: tuple[t.Program, str, str | None], random: Random) -> None:
    program, problem, question = pair
    sentences = [s.text for s in split(problem)]
    random.shuffle(sentences)
    again = sources(program, " ".join(sentences), question)
    assert [set(q) for q in again] == [set(q) for q in sources(program, problem, question)]


@given(st.sampled_from(PAIRS))
def test_what_is_said_twice_is_quoted_at_most_as_once(pair: tuple[t.Program, str, str | None]) -> None:
    """A second copy of the text makes every match unsure: nothing is quoted but a question that stands apart."""
    program, problem, question = pair
    found = sources(program, f"{problem} Again: {problem}", question)
    assert all(set(q) <= {question} for q in found)


def test_most_statements_of_the_examples_quote_a_sentence() -> None:
    tell = [
        q
        for program, *text in PAIRS
        for s, q in zip(program.statements, sources(program, *text), strict=True)
        if isinstance(s, t.Let | t.Assertion | t.Ask | t.AskOption)
    ]
    assert sum(map(bool, tell)) > 0.8 * len(tell)
