"""Measuring: gold answers of every form, shares with intervals, joules, and the command."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosym.engine import Engine
from neurosym.errors import InputError
from neurosym.evaluation.energy import Counter, Meter, cards, packages
from neurosym.evaluation.golds import Gold, read_golds, right
from neurosym.evaluation.report import plot, table
from neurosym.evaluation.scores import Score, Share, calibration_error, difference, risk_coverage, score
from neurosym.result import Problem


def gold(*answers: str) -> Gold:
    return Gold(Problem("How many?"), answers, "f")


@pytest.mark.parametrize(
    ("answer", "golds", "is_right"),
    [
        ("72", ("72",), True),
        ("1/2", ("0.5",), True),
        ("B", ("B",), True),
        ("A", ("B",), False),
        ("12, 5", ("5", "12"), True),
        ("12, 6", ("5", "12"), False),
        ("38, 39", ("38, 39",), True),
        ("38, 40", ("38, 39",), False),
        ("1234567", ("1,234,567",), True),
        ("1234567.8912", ("1,234,567.891",), True),
        ("15/7", ("2.14285714286",), True),
        ("15/7", ("2.14",), False),
        (None, ("1",), False),
    ],
)
def test_what_is_right(answer: str | None, golds: tuple[str, ...], is_right: bool) -> None:
    assert right(answer, gold(*golds)) is is_right


def test_files_of_several_forms() -> None:
    lines = [
        {"id": "a", "problem": "P", "answer": "1,234"},
        {"problem": "Q", "answers": [2.5, 3], "family": "pairs"},
        {"problem": "R", "question": "Which?", "options": ["A) x"], "answer": True},
    ]
    golds = read_golds("\n".join(map(json.dumps, lines)), "file")
    assert [(g.problem.id, g.answers, g.family) for g in golds] == [
        ("a", ("1,234",), "file"),
        ("2", ("2.5", "3"), "pairs"),
        ("3", ("true",), "file"),
    ]
    with pytest.raises(InputError, match="file: line 1: no problem with an answer"):
        read_golds('{"problem": "P"}', "file")


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1)]
)
def test_intervals_are_those_of_wilson(hits: int, of: int, low: float, high: float) -> None:
    found = Share(hits, of).interval
    assert found == pytest.approx((low, high), abs=1e-3)


def scored(name: str, status: str, confidence: float, selected: bool) -> Score:
    return Score(name, "f", selected, selected, True, False, status, confidence, 30, 4, 4, 3, 2, 1, 100, 1.5)


SCORES = [
    scored("a", "solved", 0.25, False),
    scored("b", "verified", 0.95, True),
    scored("c", "unsolved", 0.0, False),
    scored("d", "solved", 0.75, True),
]


def test_the_surest_come_first() -> None:
    assert risk_coverage(SCORES) == [(0.25, 1.0), (0.5, 1.0), (0.75, pytest.approx(2 / 3))]
    assert calibration_error(SCORES) == pytest.approx((0.25 + 0.05 + 0.25) / 3)


def test_the_report() -> None:
    lines = table(SCORES, 4).splitlines()
    assert "| pass@1 (greedy) | 2/4 = 50.0% (15.0% to 85.0%) |" in lines
    assert "| oracle@4 | 4/4 = 100.0% (51.0% to 100.0%) |" in lines
    assert "| right of verified | 1/1 = 100.0% (20.7% to 100.0%) |" in lines
    assert "| majority vote@4 | 0/4 = 0.0% (0.0% to 49.0%) |" in lines
    assert "| selected against the vote | 2 won, 0 lost: +50.0 points (+0.0 to +100.0) |" in lines
    assert "| wrong programs that are caught | 4/8 = 50.0% (21.5% to 78.5%) |" in lines
    assert "| candidates that read | 12/16 = 75.0% (50.5% to 89.8%) |" in lines
    assert plot(SCORES).count(",") == 3


def test_joules_stand_in_the_report_where_they_are_counted() -> None:
    assert "joules" not in table(SCORES, 4)
    counted = [replace(s, joules=joules) for s, joules in zip(SCORES, (10.0, 0.0, None, 5.0), strict=True)]
    assert "| joules a problem (the whole machine), mean | 5.0 |" in table(counted, 4).splitlines()


def test_joules_since_the_last_call() -> None:
    processor, card = iter([95.0, 98.0, 3.0, 3.0]), iter([1000.0, 1010.0, 1030.0, 1030.0])
    meter = Meter([Counter(lambda: next(processor), span=100.0), Counter(lambda: next(card))])
    assert [meter.spent(), meter.spent(), meter.spent()] == [13.0, 25.0, 0.0]  # 98 to 3 is over the top of 100
    assert Meter([]).spent() is None


def test_a_counter_that_fails_ends_the_count() -> None:
    def fails() -> float:
        if readings:
            return readings.pop()
        raise OSError("gone")

    readings = [2.0, 1.0]
    meter = Meter([Counter(fails)])
    assert [meter.spent(), meter.spent(), meter.spent()] == [1.0, None, None]


def test_the_processor_is_counted_by_packages(tmp_path: Path) -> None:
    for zone, joules in {"intel-rapl:0": 5, "intel-rapl:0:0": 3, "intel-rapl:1": 7}.items():
        (tmp_path / zone).mkdir()
        (tmp_path / zone / "energy_uj").write_text(f"{joules}000000\n")
        (tmp_path / zone / "max_energy_range_uj").write_text("262143328850\n")
    (tmp_path / "intel-rapl").mkdir()
    (tmp_path / "intel-rapl:2").mkdir()  # one that cannot be read
    assert [(c.read(), c.span) for c in packages(tmp_path)] == [(5.0, 262143.32885), (7.0, 262143.32885)]


def test_cards_are_counted_that_can_be() -> None:
    def count(number: Any) -> int:
        number._obj.value = 2
        return 0

    def handle(index: Any, card: Any) -> int:
        card._obj.value = 100 + index.value
        return 0

    def energy(card: Any, used: Any) -> int:
        used._obj.value = 4500
        return 0 if card.value == 101 else 3  # the first card does not support it

    driver: Any = SimpleNamespace(
        nvmlInit_v2=lambda: 0,
        nvmlDeviceGetCount_v2=count,
        nvmlDeviceGetHandleByIndex_v2=handle,
        nvmlDeviceGetTotalEnergyConsumption=energy,
    )
    assert [counter.read() for counter in cards(driver)] == [4.5]


def score_of(texts: list[str], folder: Path) -> Score:
    (folder / "r.jsonl").write_text(json.dumps({"key": "1", "candidates": texts}) + "\n")
    asked = Problem("Ann has 3 plums and buys 4. How many plums has she?", id="1")
    engine = Engine(f"recorded:{folder / 'r.jsonl'}", candidates=len(texts), repairs=0)
    return score(engine.solve(asked), Gold(asked, ("7",), "f"))


def test_of_answers_with_as_many_votes_the_first_counts(tmp_path: Path) -> None:
    """Not the one that our checks prefer: the vote is what there would be without them."""
    found = score_of(["ask 3 + 4 + 5\n", "ask 3 + 4\n"], tmp_path)
    assert (found.selected, found.vote) == (True, False)


def test_votes_and_wrong_programs_are_counted(tmp_path: Path) -> None:
    """The engine takes the answer that nothing speaks against; two of four programs give another."""
    found = score_of(["ask 3 + 4\n", "ask 3 + 4 + 5\n", "ask 5 + 7\n", "let x = nonsense(3)\nask x\n"], tmp_path)
    assert (found.first, found.selected, found.oracle, found.vote) == (True, True, True, False)
    assert (found.wrong, found.caught) == (3, 3)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_a_difference_lies_in_its_interval(pairs: list[tuple[bool, bool]]) -> None:
    ones, others = zip(*pairs, strict=True)
    found, turned = difference(ones, others), difference(others, ones)
    low, high = found.interval
    assert low <= sum(found.by_problem) / len(pairs) <= high
    assert (low, high) == pytest.approx((-turned.interval[1], -turned.interval[0]))


def test_the_command_measures_and_goes_on(tmp_path: Path) -> None:
    problems = [
        {"id": "1", "problem": "Ann has 3 and buys 4.", "answer": "7"},
        {"id": "2", "problem": "Q 5", "answer": "6"},
    ]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(p) + "\n" for p in problems))
    recorded = [{"key": p["id"], "candidates": [t]} for p, t in zip(problems, ("ask 3 + 4\n", "ask 5\n"), strict=True)]
    (tmp_path / "r.jsonl").write_text("".join(json.dumps(r) + "\n" for r in recorded))
    command = [sys.executable, "-m", "neurosym", "eval", "p.jsonl", "--model", "recorded:r.jsonl", "-k", "1"]
    command += ["-o", "out.jsonl", "--plot", "plot.svg"]
    first = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "| selected@1 | 1/2 = 50.0%" in first.stdout
    assert (tmp_path / "plot.svg").read_text().startswith("<svg")
    (tmp_path / "r.jsonl").write_text("")  # what was measured is not measured again
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert again.stdout == first.stdout
