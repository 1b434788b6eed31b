"""Every example is a test: it reads, checks, prints back, gives what it promises, and depends on its numbers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import neurosym
from neurosym.language import tree as t
from neurosym.language.builtins import BUILTINS, Group
from neurosym.language.check import checked
from neurosym.language.printer import show
from neurosym.language.read import read, read_expression
from neurosym.outcome import DECIDED, Outcome, Status

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
PROGRAMS = sorted(EXAMPLES.glob("*.ns"))
OUTCOMES = sorted((HERE / "data" / "outcomes").glob("*.ns"))
TRUTHS = ("true", "false", "independent")
SOLVED = DECIDED | {Status.UNDERDETERMINED, Status.CONTRADICTORY}
"""A changed program still means something: a crash, a refusal or a timeout would show nothing."""


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


PROBLEMS = {line["id"]: line for line in lines(EXAMPLES / "problems.jsonl")}
REFERENCES = {line["id"]: line for line in lines(EXAMPLES / "programs.jsonl")}
MISTRANSLATIONS = lines(HERE / "data" / "mistranslations.jsonl")
KINDS = ("number", "relation", "unit", "polarity", "dropped-premise", "invented-premise", "wrong-target")


def promise(text: str) -> tuple[str, str | None]:
    """The status and the answer that a program's first line expects: `# expect: value 12`, `# expect: true`."""
    match = re.match(r"# expect: (\w+)(?: (.+))?\n", text)
    assert match, "the first line says what to expect"
    status = match[1]
    return status, status if status in TRUTHS else match[2]


@cache
def solved(text: str) -> Outcome:
    """What a program comes to; several mistranslations share one right program."""
    outcome = neurosym.run(text, allow_python=True)
    assert outcome.status in SOLVED, outcome
    return outcome


def came_to(outcome: Outcome) -> tuple[str, str | None]:
    return outcome.status.value, outcome.answer


def mutated(text: str) -> str:
    """The program after the change of its note `# mutate: 20 -> 21`: the first such place below the notes."""
    match = re.search(r"^# mutate: (.+) -> (.+)\n", text, re.MULTILINE)
    assert match, "a second note says which number matters"
    before, after = match[1], match[2]
    assert before != after
    assert re.sub(r"\d+", "", before) == re.sub(r"\d+", "", after), "only numbers change"
    notes = re.match(r"(#.*\n)*", text)
    assert notes
    body = text[notes.end() :]
    changed = re.sub(rf"(?<!\w)(?<!\d\.){re.escape(before)}(?!\w|\.\d)", lambda _: after, body, count=1)
    assert changed != body, f"{before!r} does not stand below the notes"
    return changed


def reads_checks_prints(text: str) -> t.Program:
    program = read(text)
    checked(program)
    assert read(show(program)) == program
    return program


# --- programs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_example_reads_checks_and_prints_back(path: Path) -> None:
    reads_checks_prints(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_example_gives_what_it_promises_and_depends_on_its_numbers(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert came_to(solved(text)) == promise(text)
    assert came_to(solved(mutated(text))) != promise(text)


def test_examples_show_every_form_of_the_language() -> None:
    nodes = [n for p in PROGRAMS for s in read(p.read_text(encoding="utf-8")).statements for n in t.walk(s)]
    statements = {type(n) for n in nodes if isinstance(n, t.Statement)}
    assert statements == set(t.Statement.__subclasses__())
    expressions = {type(n) for n in nodes if not isinstance(n, t.Statement)}
    assert expressions >= set(t.Expr.__args__) - {t.Truth}
    assert {n.mode for n in nodes if isinstance(n, t.AskOption)} == set(t.OptionMode)
    assert {n.maximize for n in nodes if isinstance(n, t.Goal)} == {True, False}
    assert {n.directed for n in nodes if isinstance(n, t.Graph)} == {True, False}
    assert {n.closed for n in nodes if isinstance(n, t.Rel)} == {True, False}
    assert {n.quantifier for n in nodes if isinstance(n, t.Quantified)} == set(t.Quantifier)
    used = {BUILTINS[n.function].group for n in nodes if isinstance(n, t.Call) and n.function in BUILTINS}
    assert used == set(Group)


@pytest.mark.parametrize("path", OUTCOMES, ids=lambda p: p.stem)
def test_outcome_program_comes_to_its_status(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert came_to(neurosym.run(text, allow_python=True, timeout=3)) == promise(text)


# --- problems ---------------------------------------------------------------------------------------------------


def test_problems_are_what_the_command_line_takes() -> None:
    assert len(PROBLEMS) == len(lines(EXAMPLES / "problems.jsonl")) >= 44
    for problem in PROBLEMS.values():
        assert problem.keys() <= {"id", "problem", "question", "options", "answer"}
        assert all(isinstance(problem[key], str) and problem[key].strip() for key in ("id", "problem", "answer"))
        assert isinstance(problem.get("question", ""), str)
        letters = [option[0] for option in problem.get("options", ())]
        assert letters == [chr(ord("A") + k) for k in range(len(letters))]
        assert all(option[1:3] == ") " for option in problem.get("options", ()))
        if letters:
            assert problem["answer"] in letters
        elif problem["answer"] not in TRUTHS:
            read_expression(problem["answer"])


def test_problems_and_their_programs_belong_together() -> None:
    assert list(PROBLEMS) == list(REFERENCES)
    assert len({p["problem"] for p in PROBLEMS.values()}) == len(PROBLEMS)
    for id_, reference in REFERENCES.items():
        assert reference.keys() - {"program"} == PROBLEMS[id_].keys() - {"problem", "answer"}
        assert all(reference[key] == PROBLEMS[id_][key] for key in reference.keys() & PROBLEMS[id_].keys())


@pytest.mark.parametrize("id_", REFERENCES)
def test_reference_program_gives_the_problems_answer(id_: str) -> None:
    reference = REFERENCES[id_]
    reads_checks_prints(reference["program"])
    outcome = neurosym.run(reference["program"], options=reference.get("options"), allow_python=True)
    assert outcome.answer == PROBLEMS[id_]["answer"], outcome


# --- mistranslations --------------------------------------------------------------------------------------------


def test_mistranslations_are_many_of_every_kind() -> None:
    assert len({entry["id"] for entry in MISTRANSLATIONS}) == len(MISTRANSLATIONS) >= 72
    assert all(entry.keys() == {"id", "kind", "problem", "right", "wrong", "answer"} for entry in MISTRANSLATIONS)
    for kind in KINDS:
        assert sum(entry["kind"] == kind for entry in MISTRANSLATIONS) >= 8
    assert {entry["kind"] for entry in MISTRANSLATIONS} == set(KINDS)


@pytest.mark.parametrize("entry", MISTRANSLATIONS, ids=lambda e: e["id"])
def test_mistranslation_is_well_formed_and_says_something_else(entry: Mapping[str, str]) -> None:
    right, wrong = reads_checks_prints(entry["right"]), reads_checks_prints(entry["wrong"])
    assert right != wrong
    assert solved(entry["right"]).answer == entry["answer"]
    assert solved(entry["wrong"]).answer != entry["answer"]


# --- scripts ----------------------------------------------------------------------------------------------------


def printed(script: str) -> str:
    command = [sys.executable, str(EXAMPLES / script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_script_solve_programs() -> None:
    lines = printed("solve_programs.py").splitlines()
    assert lines[0] == "adults: 8 (value)"
    assert "with 77: contradictory, lines (2, 3, 4)" in lines
    assert lines[-1].startswith("unit-clash: line 3, column 5")
    assert not any(line.endswith("FAILS") for line in lines)


def test_script_own_model() -> None:
    assert printed("own_model.py").startswith("verified 42\n")


@pytest.mark.model
def test_script_ask_the_model() -> None:
    pytest.importorskip("torch")
    lines = printed("ask_the_model.py").splitlines()
    assert [line.partition(":")[0] for line in lines] == ["pencils", "shirt"]
    assert all(line.split()[1] in ("verified", "solved", "unsolved") for line in lines)


def test_every_script_is_a_test() -> None:
    assert {p.name for p in EXAMPLES.glob("*.py")} == {"solve_programs.py", "own_model.py", "ask_the_model.py"}
