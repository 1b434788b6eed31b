"""reasoning-gym's data sets by name: our language can say those that are measured, the others are refused."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest

import neurosym
from neurosym.cli import main
from neurosym.errors import MissingExtra, UsageError
from neurosym.evaluation.golds import right
from neurosym.evaluation.gym import families, gym_golds, left_out

installed = pytest.mark.skipif(
    importlib.util.find_spec("reasoning_gym") is None,
    reason="reasoning-gym is not installed: pip install 'neurosym[gym]'",
)
PROGRAMS = Path(__file__).with_name("gym")


def test_each_measured_data_set_has_a_program_written_by_hand() -> None:
    assert {file.stem for file in PROGRAMS.iterdir()} == set(families())


@installed
@pytest.mark.parametrize("name", families())
def test_our_language_says_it(name: str) -> None:
    program = (PROGRAMS / f"{name}.ns").read_text(encoding="utf-8")
    said = re.match(r"# problem (\d+)\n", program)
    assert said, "the first line says which problem it is"
    *_, gold = gym_golds(name, int(said[1]) + 1)
    outcome = neurosym.run(program, notation="ir", allow_python=True, timeout=60)
    assert right(outcome.answer, gold), f"{outcome.answer} is not {gold.answers}: {outcome.message}"
    assert ("\npython\n" in program) is families()[name].get("python", False)


@installed
def test_every_data_set_is_measured_or_left_out_for_a_reason() -> None:
    gym_golds("coin_flip", 1)  # imports it without the warnings of its dependencies
    from reasoning_gym.factory import DATASETS

    assert sorted([*families(), *left_out()]) == sorted(DATASETS)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("jugs", "many answers are right"),
        ("gsm_symbolic", "it holds test items of GSM8K"),
        ("gcd", "it takes one operation"),
        ("towers", r"it has no such data set; there are acre, basic_arithmetic"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_the_reason(name: str, reason: str) -> None:
    with pytest.raises(UsageError, match=f"reasoning-gym:{name} is not measured: {reason}"):
        gym_golds(name, 1)


def test_the_extra_is_named_where_the_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "reasoning_gym", None)
    with pytest.raises(MissingExtra, match=r"reasoning_gym.*neurosym\[gym\]"):
        gym_golds("coin_flip", 1)


@installed
def test_problems_are_the_same_however_many_are_asked_for() -> None:
    assert gym_golds("acre", 2) == gym_golds("acre", 5)[:2]
    assert [gold.problem.id for gold in gym_golds("dice", 2)] == ["dice-0", "dice-1"]


@installed
@pytest.mark.parametrize(
    ("name", "problem", "answers", "others"),
    [
        ("syllogism", "follows", ("true",), ("false", "independent")),
        ("syllogism", "does not", ("false", "independent"), ("true",)),
        ("knights_knaves", "", ("true, false", "[saint, sinner]"), ("false, true", "true", "true, true")),
        ("mini_sudoku", "", ("2, 4, 3, 1, 1, 3, 4, 2, 3, 2, 1, 4, 4, 1, 2, 3",), ("2, 4, 3, 1", "1, 2, 3, 4")),
        ("circuit_logic", "", ("0", "false"), ("1", "true")),
    ],
)
def test_how_answers_read(name: str, problem: str, answers: tuple[str, ...], others: tuple[str, ...]) -> None:
    golds = gym_golds(name, 20)
    gold = next(gold for gold in golds if not problem or ("true" in gold.answers) is (problem == "follows"))
    assert all(right(answer, gold) for answer in answers)
    assert not any(right(answer, gold) for answer in others)


@installed
def test_the_command_measures_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    programs = {"simple_geometry-0": "ask (5 - 2) * 180 - 310\n", "simple_geometry-1": "ask 180\n"}
    recorded = tmp_path / "recorded.jsonl"
    recorded.write_text(
        "".join(json.dumps({"key": key, "candidates": [text]}) + "\n" for key, text in programs.items())
    )
    command = ["eval", "reasoning-gym:simple_geometry", "--limit", "2", "-k", "1", "--model", f"recorded:{recorded}"]
    assert main(command) == 0
    assert "| selected@1: simple_geometry | 1/2 = 50.0%" in capsys.readouterr().out
